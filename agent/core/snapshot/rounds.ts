import type { Clock } from '../../../shared/base/clock.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import type { ScanCost, Scanner } from '../scan/scan.ts';
import { type Cadence, due, firstCadence, type Periods, untilDue } from './cadence.ts';

export interface RoundsOptions {
  readonly scanner: Scanner;
  readonly clock: Clock;
  readonly random: () => number;
  /** Asked before every round, so that a changed setting counts from the next one on. */
  readonly periods: () => Periods;
  readonly lowBattery: () => boolean;
  readonly found: (findings: Findings) => void;
  /** After a planned round, with the costs it ran. */
  readonly ended: (costs: readonly ScanCost[]) => void;
}

export interface Rounds {
  start(): void;
  /** Runs the named checks now, beside the plan, and hands over what they found. */
  run(ids: readonly string[], answered?: (id: string, finding: Finding) => void): Promise<Findings>;
  /** Looks at the plan again: periods changed, or the system slept. */
  review(): void;
  stop(): void;
}

/** However short a period is, planned rounds are at least this far apart. */
const LEAST_MS = SECOND;

/** Runs the checks by their cadence, each cost in its own round; a round that still runs is not started again. */
export function createRounds(options: RoundsOptions): Rounds {
  const { scanner, clock, random, periods, lowBattery, found, ended } = options;
  const stopping = new AbortController();
  let cadence: Cadence = firstCadence(clock.monotonic(), random);
  let cancel: (() => void) | null = null;
  const running = new Set<ScanCost>();

  async function run(
    ids: readonly string[],
    answered?: (id: string, finding: Finding) => void,
  ): Promise<Findings> {
    if (ids.length === 0) return {};
    const findings = await scanner.run(ids, stopping.signal, answered);
    if (stopping.signal.aborted) return {};
    found(findings);
    return findings;
  }

  async function round(cost: ScanCost): Promise<void> {
    running.add(cost);
    try {
      await run(scanner.scans.filter(scan => scan.cost === cost).map(({ id }) => id));
    } finally {
      running.delete(cost);
    }
    if (!stopping.signal.aborted) ended([cost]);
  }

  function plan(): void {
    if (stopping.signal.aborted) return;
    cancel?.();
    const now = clock.monotonic();
    const ready = due(cadence, now, { periods: periods(), random, lowBattery: lowBattery() });
    cadence = ready.next;
    for (const cost of ready.costs) if (!running.has(cost)) void round(cost);
    cancel = clock.after(Math.max(LEAST_MS / 20, untilDue(cadence, now, lowBattery())), plan);
  }

  return {
    start() {
      cadence = firstCadence(clock.monotonic(), random);
      plan();
    },
    run,
    review() {
      const now = clock.monotonic();
      const longest = periods();
      // A period that became shorter must not wait for the end of the longer one.
      const at = (cost: ScanCost): number => Math.min(cadence[cost], now + longest[cost] * 1.2);
      cadence = { cheap: at('cheap'), posture: at('posture'), heavy: at('heavy') };
      plan();
    },
    stop() {
      stopping.abort();
      cancel?.();
    },
  };
}
