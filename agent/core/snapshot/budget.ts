import { createHash } from 'node:crypto';
import { HOUR } from '../../../shared/base/durations.ts';
import type { Finding } from '../../../shared/device/finding.ts';
import type { ScanCost } from '../scan/scan.ts';
import type { Periods } from './cadence.ts';

/** How much less often than planned a check may run at most: one of 30 minutes then twice a day. */
const MOST_FACTOR = 32;
/** Costs of as many runs are remembered; the middle one counts, so that one run on a busy machine changes nothing. */
const REMEMBERED = 5;
/** A check goes back to its pace when that leaves a fifth of the budget free, else it would go to and fro. */
const ROOM = 0.8;

/** Every n-th planned round, by check; those that are not in it run in each. */
export type Slowed = ReadonlyMap<string, number>;

/** The middle one of the latest runs' costs; of two in the middle the lower. */
function middle(costs: readonly number[]): number {
  return costs.toSorted((a, b) => a - b)[(costs.length - 1) >> 1] ?? 0;
}

/**
 * Which checks must run less often, and by how much, so that all together stay within `budgetMs` an hour: the dearest is
 * halved, again and again. `perHour` is what each takes at its planned pace.
 */
export function slowedFor(perHour: ReadonlyMap<string, number>, before: Slowed, budgetMs: number): Slowed {
  const factors = new Map<string, number>();
  for (const id of perHour.keys()) factors.set(id, before.get(id) ?? 1);
  const share = (id: string): number => (perHour.get(id) ?? 0) / (factors.get(id) ?? 1);
  const total = (): number => [...factors.keys()].reduce((sum, id) => sum + share(id), 0);

  while (total() > budgetMs) {
    const dearest = [...factors.keys()]
      .filter(id => (factors.get(id) ?? 1) < MOST_FACTOR)
      .sort((a, b) => share(b) - share(a))[0];
    if (dearest === undefined || share(dearest) === 0) break;
    factors.set(dearest, (factors.get(dearest) ?? 1) * 2);
  }
  for (const id of [...factors.keys()].sort((a, b) => share(a) - share(b))) {
    for (let factor = factors.get(id) ?? 1; factor > 1; factor /= 2) {
      // One step back doubles its share.
      if (total() + share(id) > budgetMs * ROOM) break;
      factors.set(id, factor / 2);
    }
  }
  return new Map([...factors].filter(([, factor]) => factor > 1));
}

export interface Budget {
  /** A planned run took this long of a processor. */
  ran(id: string, cost: ScanCost, ms: number): void;
  /** Weighs all checks anew. true: which are slowed has changed. */
  review(periods: Periods, budgetMs: number): boolean;
  readonly slowed: Slowed;
  /** Is it this check's turn in this planned round? */
  isTurn(id: string): boolean;
}

/** Remembers what checks cost and whose turn it is. */
export function createBudget(): Budget {
  const costs = new Map<string, { cost: ScanCost; latest: number[] }>();
  const skipped = new Map<string, number>();
  let slowed: Slowed = new Map();
  return {
    ran(id, cost, ms) {
      const latest = [...(costs.get(id)?.latest ?? []), ms].slice(-REMEMBERED);
      costs.set(id, { cost, latest });
    },
    review(periods, budgetMs) {
      const perHour = new Map(
        [...costs].map(([id, { cost, latest }]) => [id, (middle(latest) * HOUR) / periods[cost]]),
      );
      const next = slowedFor(perHour, slowed, budgetMs);
      const changed =
        next.size !== slowed.size || [...next].some(([id, factor]) => slowed.get(id) !== factor);
      slowed = next;
      return changed;
    },
    get slowed() {
      return slowed;
    },
    isTurn(id) {
      const missed = skipped.get(id) ?? Number.POSITIVE_INFINITY;
      const turn = missed + 1 >= (slowed.get(id) ?? 1);
      skipped.set(id, turn ? 0 : missed + 1);
      return turn;
    },
  };
}

/** The finding as it is told while its check is slowed: the collector hears when that begins and when it ends. */
export function asSlowed(finding: Finding, factor: number | undefined): Finding {
  if (factor === undefined) return finding;
  const hash = createHash('sha256').update(`${finding.hash} slowed ${factor}`).digest('hex').slice(0, 16);
  return { ...finding, slowed: factor, hash };
}
