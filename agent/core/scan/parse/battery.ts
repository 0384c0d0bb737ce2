import type { Battery } from '../../../../shared/device/facts.ts';
import { parseAssignments, shortText, wholeNumber } from './keys.ts';

export type SingleBattery = Battery['batteries'][number];

/** A share in percent, capped at 100 (new batteries often hold more than they were designed for), or null. */
export function share(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || whole <= 0) return null;
  return Math.min(100, Math.round((1000 * part) / whole) / 10);
}

/**
 * Cycle counts of 0 are what many batteries say instead of "not counted". A battery that has already lost capacity cannot be
 * at 0, and for a new one the number tells nothing either, so 0 is always unknown.
 */
export function knownCycles(count: number | null): number | null {
  return count === null || count === 0 ? null : count;
}

function sum(values: readonly (number | null)[]): number | null {
  let total = 0;
  for (const value of values) {
    if (value === null) return null;
    total += value;
  }
  return total;
}

/**
 * Several batteries as one: capacities are added (never averaged percentages), the worst is named beside. With different
 * units, or a capacity that is not known, the total is unknown while the worst of the known ones still stands.
 */
export function combineBatteries(batteries: readonly SingleBattery[], onAc: boolean | null): Battery {
  const units = new Set(batteries.map(one => one.unit));
  const comparable = batteries.length > 0 && units.size === 1;
  const design = comparable ? sum(batteries.map(one => one.designCapacity)) : null;
  const full = comparable ? sum(batteries.map(one => one.fullChargeCapacity)) : null;
  const health = batteries.flatMap(one => (one.healthPercent === null ? [] : [one.healthPercent]));
  const charge = comparable
    ? sum(
        batteries.map(one =>
          one.percent === null || one.fullChargeCapacity === null
            ? null
            : one.percent * one.fullChargeCapacity,
        ),
      )
    : null;
  const only = batteries.length === 1 ? batteries[0] : undefined;
  return {
    onAc,
    percent:
      only !== undefined
        ? only.percent
        : charge === null || full === null || full === 0
          ? null
          : Math.round(charge / full),
    healthPercent: only === undefined ? share(full, design) : only.healthPercent,
    worstHealthPercent: health.length === 0 ? null : Math.min(...health),
    batteries: [...batteries].slice(0, 8),
  };
}

const LINUX_STATES: Record<string, SingleBattery['state']> = {
  Charging: 'charging',
  Discharging: 'discharging',
  Full: 'full',
  'Not charging': 'idle',
};

/** One power supply of the Linux kernel. */
export type PowerSupply =
  | { readonly kind: 'battery'; readonly battery: SingleBattery }
  | { readonly kind: 'mains'; readonly online: boolean | null }
  | { readonly kind: 'other' };

/**
 * /sys/class/power_supply/NAME/uevent (Documentation/ABI/testing/sysfs-class-power). Capacities come in µWh (ENERGY_*) or
 * µAh (CHARGE_*); `SCOPE=Device` marks the battery of a mouse or headset.
 */
export function parsePowerSupply(name: string, uevent: string): PowerSupply {
  const values = parseAssignments(uevent);
  const value = (key: string): string | undefined => values.get(`POWER_SUPPLY_${key}`);
  const type = value('TYPE');
  if (type === 'Mains' || type === 'USB' || type === 'Wireless') {
    const online = value('ONLINE');
    return { kind: 'mains', online: online === undefined ? null : online !== '0' };
  }
  if (type !== 'Battery' || value('SCOPE') === 'Device' || value('PRESENT') === '0') return { kind: 'other' };

  const energy = value('ENERGY_FULL') !== undefined || value('ENERGY_FULL_DESIGN') !== undefined;
  const kind = energy ? 'ENERGY' : 'CHARGE';
  const thousands = (key: string): number | null => {
    const micro = wholeNumber(value(key));
    return micro === null || micro === 0 ? null : Math.round(micro / 1000);
  };
  const designCapacity = thousands(`${kind}_FULL_DESIGN`);
  const fullChargeCapacity = thousands(`${kind}_FULL`);
  const now = wholeNumber(value(`${kind}_NOW`));
  const rate = wholeNumber(value(energy ? 'POWER_NOW' : 'CURRENT_NOW'));
  const state = LINUX_STATES[value('STATUS') ?? ''] ?? 'unknown';
  const capacity = wholeNumber(value('CAPACITY'));
  return {
    kind: 'battery',
    battery: {
      id: shortText(value('NAME')) ?? shortText(name) ?? 'battery',
      state,
      percent:
        capacity !== null && capacity <= 100
          ? capacity
          : share(now === null ? null : now / 1000, fullChargeCapacity),
      unit: energy ? 'mWh' : 'mAh',
      designCapacity,
      fullChargeCapacity,
      healthPercent: share(fullChargeCapacity, designCapacity),
      cycleCount: knownCycles(wholeNumber(value('CYCLE_COUNT'))),
      condition: shortText(value('HEALTH')),
      minutesRemaining:
        state === 'discharging' && now !== null && rate !== null && rate > 0
          ? Math.round((60 * now) / rate)
          : null,
    },
  };
}
