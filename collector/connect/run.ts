import { type Observation, observation as observationSchema } from '../../shared/device/observation.ts';
import { type Problem, toProblem } from '../../shared/problem/problem.ts';
import type { CheckLine, Session } from './connector.ts';

/** What is done with a run's news; each is awaited before the next, so a slow store slows the reading down. */
export interface Taker {
  readonly observation: (observation: Observation) => void | Promise<void>;
  readonly gone?: (vendorId: string) => void | Promise<void>;
  readonly checkpoint?: (checkpoint: unknown) => void | Promise<void>;
  readonly skipped?: (vendorId: string | null, why: string) => void | Promise<void>;
  /** The checkpoint was not accepted: what follows is everything. */
  readonly restart?: (why: string) => void | Promise<void>;
}

/** How one account's run went. */
export interface RunReport {
  readonly connector: string;
  readonly account: string;
  /**
   * `all`: what did not come is gone (see `mayMissing`); `changes`, `partial`: nothing can be said about what did not come;
   * `broken`: it ended with `problem`, what came before stands.
   */
  readonly covers: 'all' | 'changes' | 'partial' | 'broken';
  readonly observed: number;
  readonly gone: number;
  readonly skipped: number;
  /** Records that are there but could not be read: never to be taken for gone. */
  readonly skippedIds: readonly string[];
  /** Where the next run may start; null: from the beginning. */
  readonly checkpoint: unknown;
  readonly problem: Problem | null;
}

/**
 * Runs one account's observation to its end and never throws for what the vendor does: a failure is in the report. A record
 * that does not fit the shape of an observation is skipped, not passed on. Errors of the taker are thrown.
 *
 * A run only `covers` all when the connector ended with that word, no record without an id was skipped, and no id came that
 * could not be kept: absence is only believed when the whole was seen.
 */
export async function runAccount(session: Session, since: unknown, take: Taker): Promise<RunReport> {
  const skippedIds: string[] = [];
  const count = { observed: 0, gone: 0, skipped: 0 };
  let isNamelessSkipped = false;
  let checkpoint = since;
  const skip = async (vendorId: string | null, why: string): Promise<void> => {
    count.skipped += 1;
    if (vendorId === null) isNamelessSkipped = true;
    else skippedIds.push(vendorId);
    await take.skipped?.(vendorId, why);
  };
  const report = (covers: RunReport['covers'], problem: Problem | null): RunReport => ({
    connector: session.connector,
    account: session.account,
    covers: covers === 'all' && isNamelessSkipped ? 'partial' : covers,
    ...count,
    skippedIds,
    checkpoint,
    problem,
  });
  const steps = session.observe(since)[Symbol.asyncIterator]();
  try {
    for (;;) {
      // Only the vendor's side is caught: what the taker throws is ours and must be heard.
      const next = await steps.next().catch((error: unknown) => ({ failed: toProblem(error) }));
      if ('failed' in next) return report('broken', next.failed);
      if (next.done === true) {
        return report(
          'broken',
          toProblem(new Error('the connector ended without saying that it was through')),
        );
      }
      const step = next.value;
      switch (step.kind) {
        case 'observation': {
          const parsed = observationSchema.safeParse(step.observation);
          if (parsed.success) {
            count.observed += 1;
            await take.observation(parsed.data);
          } else {
            await skip(step.observation.vendorId || null, parsed.error.issues[0]?.path.join('.') ?? 'shape');
          }
          break;
        }
        case 'gone':
          count.gone += 1;
          await take.gone?.(step.vendorId);
          break;
        case 'skipped':
          await skip(step.vendorId, step.why);
          break;
        case 'restart':
          checkpoint = null;
          await take.restart?.(step.why);
          break;
        case 'checkpoint':
          checkpoint = step.checkpoint;
          await take.checkpoint?.(checkpoint);
          break;
        case 'complete':
          checkpoint = step.checkpoint;
          await take.checkpoint?.(checkpoint);
          return report(step.covers, null);
      }
    }
  } finally {
    await steps.return?.();
  }
}

/**
 * The accounts of a connector side by side; one that fails, hangs or is throttled does not hold up the others. One report
 * per account, in the order given.
 */
export function runAccounts(
  accounts: readonly { readonly session: Session; readonly since: unknown; readonly take: Taker }[],
): Promise<RunReport[]> {
  return Promise.all(accounts.map(({ session, since, take }) => runAccount(session, since, take)));
}

/** From this many on, half of all vanishing at once is more likely a vendor's mistake than a company's. */
const SUSPICIOUS_FROM = 10;

/**
 * Which known records a run shows to be gone: those that did not come although it covered all. `isSuspicious`: so many at
 * once (a scope that was narrowed, a filter on the vendor's side) that a second complete run should agree before anything
 * is done about it.
 */
export function vanished(
  known: Iterable<string>,
  seen: ReadonlySet<string>,
  report: Pick<RunReport, 'covers' | 'skippedIds'>,
): { readonly ids: readonly string[]; readonly isSuspicious: boolean } {
  if (report.covers !== 'all') return { ids: [], isSuspicious: false };
  const skipped = new Set(report.skippedIds);
  const all = [...known];
  const ids = all.filter(id => !seen.has(id) && !skipped.has(id));
  return { ids, isSuspicious: ids.length >= SUSPICIOUS_FROM && ids.length * 2 >= all.length };
}

/** Is everything that reading needs in order? Unknown lines do not spoil it. */
export function isCheckFine(lines: readonly CheckLine[]): boolean {
  return lines.length > 0 && lines.every(line => line.outcome !== 'failed');
}
