import { DAY, HOUR, MINUTE, SECOND } from '../../shared/base/durations.ts';
import type { Retention, Store } from '../store/store.ts';
import type { Job } from './scheduler.ts';

/** What the jobs work on. */
export interface JobTargets {
  readonly store: Store;
  readonly retention: Retention;
  readonly now: () => number;
  /** Does it at one collector once per period, however many there are on the database. */
  readonly once: (name: string, everyMs: number, run: () => Promise<void>) => Promise<unknown>;
  /** Looks through the connected devices for those not heard of lately. */
  readonly checkPresence: () => void;
  /** Remembers that the collector is alive, so that a gap after a crash can be told from silence of the devices. */
  readonly noteAlive: () => Promise<void>;
  /** Reads the days' scores again after midnight. */
  readonly turnDay: () => Promise<void>;
  /** Writes the merged records that were kept back. */
  readonly keepRecords: () => Promise<void>;
  /** Gives memory back, if nothing much is going on. */
  readonly collectGarbage: () => void;
  readonly measureStorage: () => Promise<void>;
  /** Says of what has become too old that it is. */
  readonly settleRecords: () => Promise<void>;
  /** The same, devices that are connected to no collector too. */
  readonly settleFree: () => Promise<void>;
}

/** ALL background jobs, on one page; beside them there is one for each account of another system (`sync/accounts.ts`). */
export function jobs(targets: JobTargets): Job[] {
  const { store, retention, now } = targets;
  /** Of all collectors on a database one does it; the others are every collector's own. */
  const shared = (name: string, everyMs: number, run: () => Promise<unknown>): Job => ({
    name,
    everyMs,
    async run() {
      await targets.once(name, everyMs, async () => {
        await run();
      });
    },
  });
  return [
    // Twice as fine as the shortest age a face tells apart.
    { name: 'check presence', everyMs: 5 * SECOND, run: async () => targets.checkPresence() },
    { name: 'note that the collector is alive', everyMs: 20 * SECOND, firstMs: 0, run: targets.noteAlive },
    { name: 'keep merged records', everyMs: 15 * SECOND, run: targets.keepRecords },
    { name: 'give memory back', everyMs: 8 * SECOND, run: async () => targets.collectGarbage() },
    { name: 'measure storage', everyMs: MINUTE, firstMs: 0, run: targets.measureStorage },
    shared('roll up samples', 15 * MINUTE, () => store.rollUp(now())),
    shared('expire what is past its retention', HOUR, () => store.expire(now(), retention)),
    { name: 'let what is too old go', everyMs: HOUR, run: targets.settleRecords },
    shared('let what is too old go, also where nothing is connected', HOUR, targets.settleFree),
    { name: 'turn the day', everyMs: DAY / 24, run: targets.turnDay },
  ];
}
