import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/base/clock.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import type { ScanId } from '../../../shared/device/facts.ts';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import type { Log } from '../host.ts';
import type { Probe } from '../scan/probe.ts';
import type { Acted, ActionId, DeviceAction } from './action.ts';
import { ACTIONS } from './catalogue.ts';
import type { Ledger } from './ledger.ts';

/** What became of an action. */
export type ActionOutcome =
  | Exclude<Acted, { state: 'failed' }>
  /** Its check says that there is nothing to do; nothing was changed. */
  | { readonly state: 'already-so' }
  /** It was done, and its check still finds the problem. */
  | { readonly state: 'did-not-help' }
  /** Its check cannot tell how things are: before, so that nothing was changed; or after. */
  | { readonly state: 'unsure-before' | 'unsure-after' }
  /** `not-recorded`: it could not be written down before it began, so it did not begin. */
  | { readonly state: 'failed'; readonly reason: 'timeout' | 'command-failed' | 'not-recorded' };

export interface ActionsOptions {
  readonly probe: Pick<Probe, 'command' | 'facts'>;
  readonly platform: Platform;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Runs these checks now; what they find is reported like any other answer. */
  readonly recheck: (ids: readonly string[]) => Promise<Findings>;
  readonly log: Log;
}

export interface Actions {
  /** May it be offered? Not where it is known that we have not the rights for it. */
  offered(id: ActionId): boolean;
  /**
   * Does it, for the person who agreed (`by`: their account's id): asks its check, acts, asks again; written to the ledger
   * before and after. One at a time, in the order they were asked for.
   */
  run(id: ActionId, by: string): Promise<ActionOutcome>;
}

/** How long after the change its check is asked: services take a moment to come up. */
const LOOKS_MS = [0, 2 * SECOND, 5 * SECOND] as const;

/** The one way in which the agent changes its device. */
export function createActions(options: ActionsOptions): Actions {
  const { probe, platform, ledger, clock, recheck, log } = options;
  let last: Promise<unknown> = Promise.resolve();

  const now = (): number => Math.max(0, Math.round(clock.now()));
  const wait = (ms: number): Promise<void> => new Promise(resolve => void clock.after(ms, resolve));

  /** The check's answer, begun at `since` or later: a look that had begun before does not count. */
  async function look(check: ScanId, since: number): Promise<Finding | undefined> {
    const finding = (await recheck([check]))[check];
    if (finding === undefined || finding.at >= since) return finding;
    return (await recheck([check]))[check];
  }

  /** Is it still wanted after the change? null: the check does not say. */
  async function stillWanted({ check, wanted }: NonNullable<DeviceAction['by']>): Promise<boolean | null> {
    const since = now();
    let answer: boolean | null = null;
    for (const ms of LOOKS_MS) {
      if (ms > 0) await wait(ms);
      answer = wanted(await look(check, since));
      if (answer === false) return false;
    }
    return answer;
  }

  async function perform(action: DeviceAction): Promise<Acted | { state: 'did-not-help' | 'unsure-after' }> {
    const acted = await action.act({ probe, platform });
    const { by } = action;
    if (by === null || acted.state === 'not-possible' || acted.state === 'not-allowed') return acted;
    // A program that failed or was stopped may have done it all the same.
    const still = await stillWanted(by);
    if (still === false) return { state: 'done' };
    if (acted.state === 'failed') return acted;
    return { state: still === null ? 'unsure-after' : 'did-not-help' };
  }

  async function run(id: ActionId, by: string): Promise<ActionOutcome> {
    const action = ACTIONS[id];
    const before = action.by === null ? undefined : await look(action.by.check, now());
    const entry = {
      id: randomUUID(),
      action: id,
      by,
      at: now(),
      before: before?.status === 'ok' ? before.value : null,
      endedAt: null,
      outcome: null,
      detail: null,
    } as const;
    const wanted = action.by === null ? true : action.by.wanted(before);
    try {
      ledger.write(entry);
    } catch {
      log.error('a change of the device was not begun: it cannot be written down', { action: id });
      return { state: 'failed', reason: 'not-recorded' };
    }
    const outcome =
      wanted === true
        ? await perform(action)
        : ({ state: wanted === false ? 'already-so' : 'unsure-before' } as const);
    log.info('a change of the device was asked for', { action: id, outcome: outcome.state });
    try {
      const detail = outcome.state === 'failed' ? outcome.detail : null;
      ledger.write({ ...entry, endedAt: now(), outcome: outcome.state, detail });
    } catch {
      log.error('what became of a change of the device cannot be written down', { action: id });
    }
    return outcome.state === 'failed' ? { state: 'failed', reason: outcome.reason } : outcome;
  }

  return {
    offered: id => !ACTIONS[id].needsRoot || probe.facts().root !== false,
    run(id, by) {
      const turn = last.then(() => run(id, by));
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
