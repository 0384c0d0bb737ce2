import type { Clock } from '../../../shared/base/clock.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import type { ScanCost, Scanner } from '../scan/scan.ts';
import { asSlowed, createBudget, type Slowed } from './budget.ts';
import { type Cadence, due, firstCadence, type Periods, untilDue } from './cadence.ts';

export interface RoundsOptions {
  readonly scanner: Scanner;
  readonly clock: Clock;
  readonly random: () => number;
  /** Asked before every round, so that a changed setting counts from the next one on. */
  readonly periods: () => Periods;
  readonly lowBattery: () => boolean;
  /** Called with what came together; a check that hangs does not hold up what the others of its round found. */
  readonly found: (findings: Findings) => void;
  /** After a planned round, with the costs it ran; after five seconds at the latest, whatever still runs. */
  readonly ended: (costs: readonly ScanCost[]) => void;
  /** What all checks together may take of a processor in an hour, milliseconds; left out: as much as they like. */
  readonly budgetMs?: () => number;
  /** Other checks than before run less often than planned. */
  readonly slowed?: (slowed: Slowed) => void;
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
/** Answers that come within this are handed over together. */
const TOGETHER_MS = SECOND;
/** A round counts as ended after this, whatever hangs. */
const LONGEST_MS = 5 * SECOND;

/** Runs the checks by their cadence, each cost in its own round; a check that still runs is not started again. */
export function createRounds(options: RoundsOptions): Rounds {
  const { scanner, clock, random, periods, lowBattery, found, ended } = options;
  const stopping = new AbortController();
  let cadence: Cadence = firstCadence(clock.monotonic(), random);
  let cancel: (() => void) | null = null;
  const { budgetMs = () => Number.POSITIVE_INFINITY, slowed = () => {} } = options;
  /** Checks of planned rounds that have not answered. */
  const running = new Set<string>();
  const budget = createBudget();

  async function run(
    ids: readonly string[],
    answered?: (id: string, finding: Finding) => void,
  ): Promise<Findings> {
    if (ids.length === 0) return {};
    let waiting: Findings = {};
    const handedOver = new Set<string>();
    let cancelFlush: (() => void) | null = null;
    const flush = (): void => {
      cancelFlush?.();
      cancelFlush = null;
      if (Object.keys(waiting).length === 0) return;
      const together = waiting;
      waiting = {};
      for (const id in together) handedOver.add(id);
      if (!stopping.signal.aborted) found(together);
    };
    const all = await scanner.run(ids, stopping.signal, (id, finding) => {
      waiting[id] = asSlowed(finding, budget.slowed.get(id));
      answered?.(id, finding);
      cancelFlush ??= clock.after(TOGETHER_MS, flush);
    });
    // A scanner need not tell one by one.
    for (const [id, finding] of Object.entries(all)) {
      if (!handedOver.has(id)) waiting[id] = asSlowed(finding, budget.slowed.get(id));
    }
    flush();
    return stopping.signal.aborted ? {} : all;
  }

  async function round(cost: ScanCost): Promise<void> {
    const ids = scanner.scans
      .filter(scan => scan.cost === cost && !running.has(scan.id) && budget.isTurn(scan.id))
      .map(({ id }) => id);
    if (ids.length === 0) return;
    for (const id of ids) running.add(id);
    let told = false;
    const tell = (): void => {
      cancelTell();
      if (!told && !stopping.signal.aborted) ended([cost]);
      told = true;
    };
    const cancelTell = clock.after(LONGEST_MS, tell);
    try {
      await run(ids, id => running.delete(id));
    } finally {
      for (const id of ids) running.delete(id);
    }
    tell();
    for (const id of ids) {
      const ms = scanner.costOf?.(id) ?? null;
      if (ms !== null) budget.ran(id, cost, ms);
    }
    if (!stopping.signal.aborted && budget.review(periods(), budgetMs())) slowed(budget.slowed);
  }

  function plan(): void {
    if (stopping.signal.aborted) return;
    cancel?.();
    const now = clock.monotonic();
    const ready = due(cadence, now, { periods: periods(), random, lowBattery: lowBattery() });
    cadence = ready.next;
    for (const cost of ready.costs) void round(cost);
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
