import type { Clock } from '../../shared/base/clock.ts';
import { HOUR, MINUTE } from '../../shared/base/durations.ts';
import { accountId, type Observation } from '../../shared/device/observation.ts';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import type { Connector, Notice, NoticeOutcome, Session } from '../connect/connector.ts';
import { isCheckFine, type RunReport, runAccount, vanished } from '../connect/run.ts';
import { Secrets } from '../connect/scrub.ts';
import { enteredOver, type SecretBox, sealSettings, unsealSettings } from '../connect/secrets.ts';
import { type AccountHealth, afterProblem, afterSuccess, needsPerson } from '../connect/states.ts';
import type { Scheduler } from '../job/scheduler.ts';
import type { Log } from '../log.ts';
import type {
  AccountCheckLine,
  AccountKey,
  AccountRun,
  AccountStanding,
  StoredAccount,
  StoredObservation,
} from '../store/connectors.ts';
import type { Store } from '../store/store.ts';
import { NEVER_ASKED } from '../store/stored.ts';
import type { Records } from './records.ts';

/** Observations stored in one go. */
const TOGETHER = 200;
/** A connector that reads no devices is tested this often, so that its state is not a guess. */
const CHECK_MS = HOUR;
/** What only a person can mend is tried this often all the same; more would lock some vendors' accounts. */
const HOPELESS_MS = HOUR;
/** Devices a vendor has asked us to read again, waiting; beyond it the next run of changes must do. */
const NOTICES_MAX = 1000;
/** First look after a start: accounts come one after the other, not all at once. */
const SPREAD_MS = MINUTE / 4;

export interface AccountsOptions {
  readonly store: Store;
  readonly box: SecretBox;
  readonly connectors: readonly Connector[];
  readonly records: Records;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Does it at one collector at a time, once per period or when somebody wants it; false: not here. */
  readonly once: (
    name: string,
    everyMs: number,
    run: () => Promise<void>,
    how: { readonly now: boolean },
  ) => Promise<boolean>;
  /** Accounts or their standing have changed here; the other collectors do not know yet. */
  readonly tellOthers: () => void;
}

/** What a person enters. */
export interface EnteredAccount {
  readonly label: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly by: string;
}

/** An account as it stands this moment. */
export interface AccountNow {
  readonly stored: StoredAccount;
  /** Set while a run is under way. */
  readonly running: { readonly since: number; readonly observed: number } | null;
  /** Its settings cannot be opened or are not enough for this version. */
  readonly unusable: Problem | null;
}

interface Entry {
  readonly connector: Connector;
  stored: StoredAccount;
  session: Session | null;
  unusable: Problem | null;
  /** Everything secret this account has or was given; never shown, taken out of what is written. */
  readonly secrets: Secrets;
  running: { readonly since: number; observed: number } | null;
  /** Nobody asks before this, by our clock. */
  notBefore: number;
  /** Everything is to be read next, whatever the cadence says. */
  isFullWanted: boolean;
  /** A person waits for the next run: whoever ran it last, and when. */
  isWanted: boolean;
  /** Records that did not come in a complete run, and of which a second one must say the same. */
  doubted: ReadonlySet<string>;
  throttledTimes: number;
  throttledAt: number | null;
  /** Vendor ids to read anew because the vendor called, in order. */
  readonly noticed: Set<string>;
  reading: Promise<void> | null;
  /** Its session was closed by us: what fails now says nothing about the account. */
  isLeft: boolean;
}

/**
 * Accounts of connectors: kept with sealed secrets, asked in turn by the scheduler, their observations handed to `records`.
 * A run's failure is remembered with the account and shown, never thrown.
 */
export class Accounts {
  readonly #options: AccountsOptions;
  readonly #entries = new Map<string, Entry>();
  #isStopped = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  /** Reads the accounts. @throws Problem `store-unavailable` */
  async load(): Promise<void> {
    for (const stored of await this.#options.store.listAccounts()) {
      const connector = this.#options.connectors.find(({ id }) => id === stored.connector);
      // An account of a connector that this version does not have is kept and left alone.
      if (connector !== undefined) this.#enter(connector, stored);
    }
  }

  /** Starts asking. */
  start(): void {
    for (const entry of this.#entries.values()) this.#plan(entry, SPREAD_MS * this.#options.random());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const entry of this.#entries.values()) {
      entry.isLeft = true;
      entry.session?.close();
    }
    await Promise.all([...this.#entries.values()].flatMap(({ reading }) => reading ?? []));
  }

  /** Every connector there is, in the order people see them. */
  get connectors(): readonly Connector[] {
    return this.#options.connectors;
  }

  of(connector: string): AccountNow[] {
    return [...this.#entries.values()].filter(entry => entry.connector.id === connector);
  }

  find(key: AccountKey): AccountNow | null {
    return this.#entries.get(nameOf(key)) ?? null;
  }

  isDemo(key: AccountKey): boolean {
    return this.find(key)?.stored.demo ?? false;
  }

  /** @throws Problem `not-found` */
  connector(id: string): Connector {
    const found = this.#options.connectors.find(connector => connector.id === id);
    if (found === undefined) throw new Problem('not-found', 'there is no such connector');
    return found;
  }

  /**
   * Adds an account and starts asking it.
   * @throws Problem `request-invalid` naming wrong settings, `conflict` when the name is taken or there are as many as there
   *   may be, `not-found` for an unknown connector
   */
  async add(key: AccountKey, { label, settings, by }: EnteredAccount): Promise<AccountNow> {
    const { store, clock } = this.#options;
    const connector = this.connector(key.connector);
    if (!accountId.safeParse(key.account).success) {
      throw new Problem('request-invalid', 'account: small letters, digits and hyphens only', {
        fields: ['account'],
      });
    }
    if (this.of(key.connector).length >= connector.accounts.max) {
      throw new Problem('conflict', `${connector.id} takes at most ${connector.accounts.max} accounts`);
    }
    const stored: StoredAccount = {
      ...key,
      label,
      settings: this.#sealed(connector, key.account, withoutEmpty(settings)),
      savedAt: clock.now(),
      savedBy: by,
      demo: false,
      standing: NEVER_ASKED,
    };
    await store.addAccount(stored);
    const entry = this.#enter(connector, stored);
    entry.isWanted = true;
    this.#plan(entry, 0);
    this.#options.tellOthers();
    return entry;
  }

  /**
   * Changes an account; a secret that is left out stays, unless an address changes. It starts from the beginning.
   * @throws Problem `not-found`, `request-invalid`, `conflict` when it was saved anew since `replaces`
   */
  async change(key: AccountKey, entered: EnteredAccount, replaces: number): Promise<AccountNow> {
    const { store, clock } = this.#options;
    const entry = this.#entry(key);
    const { connector } = entry;
    const before = entry.stored;
    let known: Record<string, unknown> = {};
    try {
      known = this.#unsealed(connector, before);
    } catch {
      // What cannot be opened must be entered anew; the settings' own check says what is missing.
    }
    const settings = enteredOver(connector, known, withoutEmpty(entered.settings));
    const stored: StoredAccount = {
      ...before,
      label: entered.label,
      settings: this.#sealed(connector, key.account, settings),
      savedAt: Math.max(clock.now(), before.savedAt + 1),
      savedBy: entered.by,
      // What was read with other settings proves nothing about these, and their checkpoint may be another tenant's.
      standing: { ...before.standing, checkpoint: null, lastProblem: null, lastCheck: null, throttled: null },
    };
    if (!(await store.replaceAccount(stored, replaces))) {
      throw new Problem('conflict', 'somebody else has changed or removed it meanwhile');
    }
    await this.#leave(entry);
    const next = this.#enter(connector, stored);
    next.isWanted = true;
    this.#plan(next, 0);
    this.#options.tellOthers();
    return next;
  }

  /** Removes an account with everything it has told. @throws Problem `not-found`, `store-unavailable` */
  async remove(key: AccountKey): Promise<void> {
    const entry = this.#entry(key);
    await this.#leave(entry);
    this.#entries.delete(nameOf(key));
    await this.#options.store.removeAccount(key);
    await this.#options.records.forget(key);
    this.#options.tellOthers();
  }

  /** Accounts or what is remembered of them have changed at another collector. @throws Problem `store-unavailable` */
  async changedElsewhere(): Promise<void> {
    const stored = new Map((await this.#options.store.listAccounts()).map(one => [nameOf(one), one]));
    for (const [name, entry] of [...this.#entries]) {
      const now = stored.get(name);
      if (now?.savedAt === entry.stored.savedAt) {
        // What is remembered of a run under way here is written at its end.
        if (entry.running === null) entry.stored = now;
        continue;
      }
      await this.#leave(entry);
      this.#entries.delete(name);
      if (now === undefined) await this.#options.records.forget(entry.stored);
    }
    for (const [name, now] of stored) {
      const connector = this.#options.connectors.find(({ id }) => id === now.connector);
      if (connector === undefined || this.#entries.has(name) || this.#isStopped) continue;
      this.#plan(this.#enter(connector, now), SPREAD_MS * this.#options.random());
    }
  }

  /** Tries sign-in and rights now. What fails is a line. @throws Problem `not-found`, `secret-unreadable`, `request-invalid` */
  async test(key: AccountKey): Promise<readonly AccountCheckLine[]> {
    const entry = this.#entry(key);
    if (entry.session === null) {
      throw entry.unusable ?? new Problem('internal', 'the account is not open');
    }
    const lines = await this.#check(entry, entry.session);
    // What hung on it can go on.
    if (this.#entries.get(nameOf(key)) === entry) this.#mended(entry);
    return lines;
  }

  /** Asks now instead of later; false when it is under way already. @throws Problem `not-found` */
  runNow(key: AccountKey, everything: boolean): boolean {
    const entry = this.#entry(key);
    entry.notBefore = 0;
    entry.isWanted = true;
    if (everything) entry.isFullWanted = true;
    return this.#options.scheduler.hurry(jobOf(entry.stored));
  }

  /** A vendor's call. What it names is read again, once each. @throws Problem `not-found` */
  notice(key: AccountKey, notice: Notice): NoticeOutcome {
    const entry = this.#entry(key);
    if (!entry.connector.takesNotices || entry.session === null) {
      throw new Problem('not-found', 'this account takes no calls');
    }
    const outcome = entry.session.notice(notice);
    for (const vendorId of outcome.vendorIds) {
      if (entry.noticed.size >= NOTICES_MAX) break;
      entry.noticed.add(vendorId);
    }
    if (entry.noticed.size > 0) {
      entry.reading ??= this.#readNoticed(entry, entry.session).finally(() => {
        entry.reading = null;
      });
    }
    return outcome;
  }

  #entry(key: AccountKey): Entry {
    const entry = this.#entries.get(nameOf(key));
    if (entry === undefined) throw new Problem('not-found', 'there is no such account');
    return entry;
  }

  #sealed(
    connector: Connector,
    account: string,
    settings: Readonly<Record<string, unknown>>,
  ): Record<string, unknown> {
    return sealSettings(this.#options.box, connector, account, connector.checkSettings(settings));
  }

  #unsealed(connector: Connector, { account, settings }: StoredAccount): Record<string, unknown> {
    return unsealSettings(this.#options.box, connector, account, settings);
  }

  #enter(connector: Connector, stored: StoredAccount): Entry {
    const { clock, random } = this.#options;
    const secrets = new Secrets();
    const entry: Entry = {
      connector,
      stored,
      session: null,
      unusable: null,
      secrets,
      running: null,
      notBefore: 0,
      isFullWanted: false,
      isWanted: false,
      doubted: new Set(),
      throttledTimes: 0,
      throttledAt: null,
      noticed: new Set(),
      reading: null,
      isLeft: false,
    };
    try {
      entry.session = connector.open(
        { id: stored.account, settings: this.#unsealed(connector, stored) },
        {
          clock,
          random,
          secrets,
          onExchange: ({ status }) => {
            if (status !== 429) return;
            entry.throttledTimes += 1;
            entry.throttledAt = clock.now();
          },
        },
      );
    } catch (error) {
      entry.unusable = toProblem(error);
    }
    this.#entries.set(nameOf(stored), entry);
    return entry;
  }

  /** Ends what is under way with the account's present settings. */
  async #leave(entry: Entry): Promise<void> {
    entry.isLeft = true;
    entry.session?.close();
    await this.#options.scheduler.cancel(jobOf(entry.stored));
    await entry.reading;
  }

  #plan(entry: Entry, firstMs: number): void {
    const { scheduler } = this.#options;
    const { observes } = entry.connector;
    const everyMs = observes === null ? CHECK_MS : (observes.cadence.changesMs ?? observes.cadence.fullMs);
    const name = jobOf(entry.stored);
    scheduler.start([{ name, everyMs, firstMs, run: () => this.#lookOnce(entry, everyMs) }]);
  }

  /** What the scheduler calls; only our own failures (the store) are thrown. */
  async #lookOnce(entry: Entry, everyMs: number): Promise<void> {
    const { clock, once, store } = this.#options;
    if (entry.session === null || this.#isStopped || clock.now() < entry.notBefore) return;
    const now = entry.isWanted;
    entry.isWanted = false;
    await once(
      jobOf(entry.stored),
      everyMs,
      async () => {
        // Another collector may have been the last to ask, and knows from where to go on.
        const name = nameOf(entry.stored);
        const stored = (await store.listAccounts()).find(one => nameOf(one) === name);
        if (stored?.savedAt !== entry.stored.savedAt) return;
        entry.stored = stored;
        await this.#look(entry);
      },
      { now },
    );
  }

  async #look(entry: Entry): Promise<void> {
    const { clock, log } = this.#options;
    if (entry.session === null) return;
    if (entry.connector.observes === null) {
      await this.#check(entry, entry.session);
      return;
    }
    const { connector, account } = entry.stored;
    entry.running = { since: clock.now(), observed: 0 };
    try {
      const report = await this.#run(entry, entry.session, entry.running);
      const { covers, observed, gone, skipped, problem } = report;
      if (entry.isLeft) return;
      const fields = { connector, account, covers, observed, gone, skipped };
      if (problem === null) log.info(fields, 'account read');
      else log.warn({ ...fields, code: problem.code }, 'account could not be read to the end');
    } finally {
      entry.running = null;
    }
  }

  async #run(entry: Entry, session: Session, running: { observed: number }): Promise<RunReport> {
    const { clock, records } = this.#options;
    const { stored } = entry;
    const startedAt = clock.now();
    const asked = this.#whatToAsk(entry, startedAt);
    entry.throttledTimes = 0;
    const seen = new Set<string>();
    let observed: StoredObservation[] = [];
    let gone: string[] = [];
    let isOver = false;
    const flush = async (): Promise<void> => {
      if (observed.length === 0 && gone.length === 0) return;
      const told = { observed, gone };
      observed = [];
      gone = [];
      if (!(await records.take(stored, told))) isOver = true;
    };
    const report = await runAccount(session, asked === 'all' ? null : stored.standing.checkpoint, {
      observation: async observation => {
        seen.add(observation.vendorId);
        gone = gone.filter(id => id !== observation.vendorId);
        observed.push({ observation, receivedAt: clock.now() });
        running.observed += 1;
        if (observed.length >= TOGETHER) await flush();
      },
      gone: async vendorId => {
        observed = observed.filter(one => one.observation.vendorId !== vendorId);
        gone.push(vendorId);
        if (gone.length >= TOGETHER) await flush();
      },
      // What the checkpoint stands for must be on disk before the checkpoint is.
      checkpoint: flush,
      restart: () => seen.clear(),
    });
    await flush();
    if (isOver || entry.isLeft) return report;
    const doubted = await this.#takeForGone(entry, seen, report);
    await this.#noteRun(entry, { asked, startedAt, doubted, report });
    return report;
  }

  #whatToAsk({ connector, stored, isFullWanted }: Entry, now: number): 'all' | 'changes' {
    const { observes } = connector;
    const { fullAt, checkpoint } = stored.standing;
    if (observes === null || observes.incremental === null) return 'all';
    if (isFullWanted || checkpoint === null || fullAt === null) return 'all';
    // Changes that see everything need no full run beside them.
    if (observes.incremental.blindTo === null) return 'changes';
    return now - fullAt >= observes.cadence.fullMs ? 'all' : 'changes';
  }

  /** Removes what a complete run has shown to be gone; gives how many records are doubted and kept. */
  async #takeForGone(entry: Entry, seen: ReadonlySet<string>, report: RunReport): Promise<number> {
    if (report.covers !== 'all') return entry.doubted.size;
    const { records } = this.#options;
    const { ids, isSuspicious } = vanished(records.known(entry.stored), seen, report);
    const gone = isSuspicious ? ids.filter(id => entry.doubted.has(id)) : ids;
    entry.doubted = isSuspicious ? new Set(ids.filter(id => !gone.includes(id))) : new Set();
    if (gone.length > 0) await records.take(entry.stored, { observed: [], gone });
    return entry.doubted.size;
  }

  async #noteRun(
    entry: Entry,
    {
      asked,
      startedAt,
      doubted,
      report,
    }: {
      asked: 'all' | 'changes';
      startedAt: number;
      doubted: number;
      report: RunReport;
    },
  ): Promise<void> {
    const { clock } = this.#options;
    const { standing } = entry.stored;
    const endedAt = clock.now();
    const { covers, observed, gone, skipped, problem, checkpoint } = report;
    const lastRun: AccountRun = { startedAt, endedAt, asked, covers, observed, gone, skipped, doubted };
    if (covers === 'all') entry.isFullWanted = false;
    await this.#note(entry, {
      ...standing,
      ...this.#health(entry, problem, endedAt),
      checkpoint,
      fullAt: covers === 'all' ? endedAt : standing.fullAt,
      lastRun,
      throttled: throttledBy(entry),
    });
  }

  async #check(entry: Entry, session: Session): Promise<readonly AccountCheckLine[]> {
    const { clock } = this.#options;
    let found: Awaited<ReturnType<Session['check']>>;
    try {
      found = await session.check();
    } catch (error) {
      found = [{ what: 'Test', outcome: 'failed', problem: toProblem(error) }];
    }
    const at = clock.now();
    const lines = found.map(({ what, outcome, detail, problem }) => {
      const words = detail ?? problem?.detail ?? null;
      return {
        what,
        outcome,
        detail: words === null ? null : entry.secrets.clean(words),
        code: problem?.code ?? null,
      };
    });
    const failed = found.find(({ outcome, problem }) => outcome === 'failed' && problem !== undefined);
    const problem = isCheckFine(found)
      ? null
      : (failed?.problem ??
        new Problem('vendor-refused', lines.find(line => line.detail !== null)?.detail ?? ''));
    await this.#note(entry, {
      ...entry.stored.standing,
      ...this.#health(entry, problem, at),
      lastCheck: { at, lines },
    });
    return lines;
  }

  /** Health after a success (null) or a problem, and when to ask again at the earliest. */
  #health(
    entry: Entry,
    problem: Problem | null,
    at: number,
  ): Pick<AccountStanding, 'workedAt' | 'lastProblem'> {
    const { savedAt, standing } = entry.stored;
    const health: AccountHealth = { savedAt, workedAt: standing.workedAt, lastProblem: standing.lastProblem };
    if (problem === null) {
      entry.notBefore = 0;
      const { workedAt, lastProblem } = afterSuccess(health, at);
      return { workedAt, lastProblem };
    }
    entry.notBefore = at + (needsPerson(problem.code) ? HOPELESS_MS : (problem.retryAfterMs ?? 0));
    const { workedAt, lastProblem } = afterProblem(health, problem, at);
    return {
      workedAt,
      lastProblem:
        lastProblem === null ? null : { ...lastProblem, detail: entry.secrets.clean(lastProblem.detail) },
    };
  }

  async #note(entry: Entry, standing: AccountStanding): Promise<void> {
    if (entry.isLeft) return;
    const isKept = await this.#options.store.noteStanding(entry.stored, standing);
    if (!isKept) return;
    entry.stored = { ...entry.stored, standing };
    this.#options.tellOthers();
  }

  /** After a test that went well, the run that had failed need not wait. */
  #mended(entry: Entry): void {
    const { lastRun, lastProblem } = entry.stored.standing;
    if (lastProblem === null && (lastRun === null || lastRun.covers === 'broken')) {
      entry.isWanted = true;
      this.#options.scheduler.hurry(jobOf(entry.stored));
    }
  }

  async #readNoticed(entry: Entry, session: Session): Promise<void> {
    const { clock, records, log } = this.#options;
    for (const vendorId of entry.noticed) {
      if (this.#isStopped || entry.isLeft) return;
      entry.noticed.delete(vendorId);
      try {
        const step = await session.observeOne(vendorId);
        const observed = step.kind === 'observation' ? [stamped(step.observation, clock.now())] : [];
        const gone = step.kind === 'gone' ? [step.vendorId] : [];
        if (step.kind !== 'skipped') await records.take(entry.stored, { observed, gone });
      } catch (error) {
        const { code } = toProblem(error);
        const { connector, account } = entry.stored;
        log.info({ connector, account, code }, 'a device that changed could not be read; the next run will');
      }
    }
  }
}

function throttledBy({ throttledAt, throttledTimes: times, stored }: Entry): AccountStanding['throttled'] {
  const { throttled } = stored.standing;
  const at = throttledAt ?? throttled?.at ?? null;
  return at === null ? null : { at, times };
}

function stamped(observation: Observation, receivedAt: number): StoredObservation {
  return { observation, receivedAt };
}

/** A field that was left empty was not entered: its default counts. */
function withoutEmpty(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== '' && value !== null));
}

function nameOf({ connector, account }: AccountKey): string {
  return `${connector}/${account}`;
}

function jobOf(key: AccountKey): string {
  return `look at ${nameOf(key)}`;
}
