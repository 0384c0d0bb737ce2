import type { Battery } from '../../../../shared/device/facts.ts';
import { type Answer, unanswered } from '../answer.ts';
import { combineBatteries, knownCycles, type SingleBattery, share } from './battery.ts';
import { shortText, wholeNumber } from './keys.ts';
import { flagIn, numberIn, type Row, textIn } from './rows.ts';

/** Win32_Battery: whose battery runs how; 65535-like run times and 71582788 minutes mean "on mains, no estimate". */
interface Live {
  readonly percent: number | null;
  readonly onAc: boolean | null;
  readonly state: SingleBattery['state'];
  readonly minutes: number | null;
}

function liveState(row: Row): Live {
  const status = numberIn(row, 'BatteryStatus');
  const percent = numberIn(row, 'EstimatedChargeRemaining');
  const minutes = numberIn(row, 'EstimatedRunTime');
  const discharging = status === 1 || status === 4 || status === 5;
  const charging = status !== null && status >= 6 && status <= 9;
  return {
    percent: percent !== null && percent >= 0 && percent <= 100 ? percent : null,
    onAc: discharging ? false : status === 2 || status === 3 || charging ? true : null,
    // 2 only says that mains are connected: whether it charges is not told.
    state: discharging
      ? 'discharging'
      : charging
        ? 'charging'
        : status === 3
          ? 'full'
          : status === 2
            ? 'idle'
            : 'unknown',
    minutes: discharging && minutes !== null && minutes > 0 && minutes < 6000 ? minutes : null,
  };
}

export interface ReportedBattery {
  readonly id: string;
  readonly designCapacity: number | null;
  readonly fullChargeCapacity: number | null;
  readonly cycleCount: number | null;
}

function positive(value: number | null): number | null {
  return value === null || value <= 0 ? null : value;
}

/**
 * `<Batteries>` of `powercfg /batteryreport /xml` (schema http://schemas.microsoft.com/battery/2012), whole or cut out: one
 * entry per battery, in mWh; null when there is no such element.
 */
export function parseBatteryReport(xml: string): ReportedBattery[] | null {
  const section = /<Batteries\b[^>]*?(?:\/>|>([\s\S]*?)<\/Batteries>)/.exec(xml);
  if (section === null) return null;
  return [...(section[1] ?? '').matchAll(/<Battery\b[^>]*>([\s\S]*?)<\/Battery>/g)].map(
    ([, inner = ''], at) => {
      const value = (name: string): string | undefined =>
        new RegExp(`<${name}>([^<]*)</${name}>`).exec(inner)?.[1];
      return {
        id: shortText(value('Id')) ?? `battery ${at + 1}`,
        designCapacity: positive(wholeNumber(value('DesignCapacity'))),
        fullChargeCapacity: positive(wholeNumber(value('FullChargeCapacity'))),
        cycleCount: knownCycles(wholeNumber(value('CycleCount'))),
      };
    },
  );
}

/**
 * Puts together what Windows keeps in three places: root/wmi (capacities and state by instance), Win32_Battery (percent, run
 * time) and the battery report (capacities and cycles). `null` sources were not told. No battery anywhere is `not-present`;
 * when nothing could be asked, nothing is known.
 */
export function windowsBattery(
  instances: readonly Row[] | null,
  states: readonly Row[] | null,
  report: readonly ReportedBattery[] | null,
): Answer<Battery> {
  const wmi = instances ?? [];
  const live = (states ?? []).map(liveState);
  const reported = report ?? [];
  const count = Math.max(wmi.length, live.length, reported.length);
  if (count === 0) {
    if (instances === null && states === null && report === null)
      return unanswered('command-failed', 'battery');
    // root/wmi answers nothing on machines whose driver does not fill it; only the other two can say "none".
    return states === null && report === null
      ? unanswered('no-output', 'battery')
      : unanswered('not-present');
  }
  const batteries: SingleBattery[] = [];
  for (let at = 0; at < Math.min(count, 8); at += 1) {
    const row: Row = wmi[at] ?? {};
    const now = live[at];
    const told = reported[at];
    const designCapacity = told?.designCapacity ?? positive(numberIn(row, 'Design'));
    const fullChargeCapacity = told?.fullChargeCapacity ?? positive(numberIn(row, 'Full'));
    const charging = flagIn(row, 'Charging');
    const discharging = flagIn(row, 'Discharging');
    batteries.push({
      id: told?.id ?? textIn(row, 'Id') ?? `battery ${at + 1}`,
      state:
        charging === true ? 'charging' : discharging === true ? 'discharging' : (now?.state ?? 'unknown'),
      percent: now?.percent ?? share(numberIn(row, 'Remaining'), fullChargeCapacity),
      unit: 'mWh',
      designCapacity,
      fullChargeCapacity,
      healthPercent: share(fullChargeCapacity, designCapacity),
      cycleCount: told?.cycleCount ?? knownCycles(numberIn(row, 'Cycles')),
      condition: null,
      minutesRemaining: now?.minutes ?? null,
    });
  }
  const online = wmi.map(row => flagIn(row, 'Online'));
  const onAc = online.includes(true)
    ? true
    : online.includes(false)
      ? false
      : (live.find(one => one.onAc !== null)?.onAc ?? null);
  return { ok: true, value: combineBatteries(batteries, onAc) };
}
