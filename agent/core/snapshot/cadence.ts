import { jittered } from '../../../shared/base/backoff.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import type { ScanCost } from '../scan/scan.ts';

/** How long between two runs of the checks of one cost, milliseconds. */
export type Periods = Readonly<Record<ScanCost, number>>;

/** When the checks of each cost run next, on the monotonic clock. */
export type Cadence = Readonly<Record<ScanCost, number>>;

export const COSTS = ['cheap', 'posture', 'heavy'] as const satisfies readonly ScanCost[];

/**
 * First runs: what is cheap at once, posture within a second, so that the first report leaves within about two; heavy
 * checks spread over the next half minute, away from the rush of signing in.
 */
export function firstCadence(now: number, random: () => number): Cadence {
  return {
    cheap: now,
    posture: now + Math.floor(random() * SECOND),
    heavy: now + 3 * SECOND + Math.floor(random() * 27 * SECOND),
  };
}

/** Which costs are due, and the cadence after running them. Heavy checks wait, still due, while the battery is low. */
export function due(
  cadence: Cadence,
  now: number,
  { periods, random, lowBattery }: { periods: Periods; random: () => number; lowBattery: boolean },
): { costs: ScanCost[]; next: Cadence } {
  const costs = COSTS.filter(cost => cadence[cost] <= now && !(cost === 'heavy' && lowBattery));
  const next = { ...cadence };
  for (const cost of costs) next[cost] = now + jittered(periods[cost], random);
  return { costs, next };
}

/** Milliseconds until something is due; a heavy check held back by the battery is looked at with the cheap ones. */
export function untilDue(cadence: Cadence, now: number, lowBattery: boolean): number {
  const times = COSTS.filter(cost => !(cost === 'heavy' && lowBattery)).map(cost => cadence[cost]);
  return Math.max(0, Math.min(...times) - now);
}
