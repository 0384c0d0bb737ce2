import { z } from 'zod';
import type { Clock } from '../../shared/base/clock.ts';
import type { Source } from '../../shared/device/device.ts';
import { accountId, type Observation } from '../../shared/device/observation.ts';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import { type Exchange, Http, type HttpOptions, pauseBy } from './http.ts';
import { Secrets } from './scrub.ts';
import { type SettingInfo, secretKeys, settingsInfo } from './setting.ts';

/** A right the vendor must grant, by the vendor's own name for it. */
export interface Scope {
  readonly name: string;
  /** What it is for, in a sentence an administrator reads before granting it. */
  readonly why: string;
  /** Reading needs it, or only the operations do. */
  readonly neededTo: 'observe' | 'act';
}

/** One line of what `check()` found. */
export interface CheckLine {
  /** A scope's name, or what else was tried ("Sign in", "Version"). */
  readonly what: string;
  /** `unknown`: it could not be told without changing something. */
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** The vendor's own words or a version, clean of secrets. */
  readonly detail?: string;
  readonly problem?: Problem;
}

/** How a run of `observe` proceeds. The order matters. */
export type ObserveStep<Checkpoint = unknown> =
  /** One record as it is now. */
  | {
      readonly kind: 'observation';
      readonly observation: Omit<Observation, 'connector' | 'source' | 'account'>;
    }
  /** The vendor says that this record is no more. */
  | { readonly kind: 'gone'; readonly vendorId: string }
  /** A record that could not be read; the others go on. Without an id nothing can be taken for gone in this run. */
  | { readonly kind: 'skipped'; readonly vendorId: string | null; readonly why: string }
  /** The vendor no longer knows our checkpoint: what follows is everything. */
  | { readonly kind: 'restart'; readonly why: string }
  /** Everything up to here is told: a run that breaks off later may start here. */
  | { readonly kind: 'checkpoint'; readonly checkpoint: Checkpoint }
  /**
   * The end. `all`: every record the vendor has was told in this run, so what did not come is gone. `changes`: only what
   * has changed; `partial`: the listing came up short of what it should have been, so nothing is gone, and the checkpoint
   * is where this run started.
   */
  | {
      readonly kind: 'complete';
      readonly covers: 'all' | 'changes' | 'partial';
      readonly checkpoint: Checkpoint | null;
    };

/** How an operation went, as far as the vendor tells. */
export type ActOutcome =
  /** Taken; the device has not answered yet. `tracking` is what `follow` asks with. */
  | {
      readonly outcome: 'accepted';
      readonly tracking?: string;
      readonly reference?: string;
      readonly detail?: string;
    }
  /** `reference`: what the vendor calls the result, for people (a ticket's number). */
  | { readonly outcome: 'done'; readonly reference?: string; readonly detail?: string }
  /** The vendor said no; nothing has happened. */
  | { readonly outcome: 'refused'; readonly problem: Problem }
  /** It may or may not have been taken (no answer, an error on the way). Never to be repeated blindly. */
  | { readonly outcome: 'unknown'; readonly problem: Problem };

/** What has become of an accepted operation. */
export type FollowOutcome = 'pending' | 'done' | 'failed' | 'cancelled' | 'unknown';

/** A named thing a connector can have done through its vendor, to one device or (tickets) about one. */
export interface Operation<Client> {
  readonly title: string;
  /** What happens, in a sentence for whoever approves it. */
  readonly what: string;
  /** The device loses data or its management, or cannot be used without help afterwards. */
  readonly isDestructive: boolean;
  /** Name of the scope it needs. */
  readonly scope: string;
  /** It is not about a record the vendor already has (a new ticket): `target` is then empty. */
  readonly hasNoTarget?: true;
  readonly parameters: z.ZodType;
  readonly run: (client: Client, target: string, parameters: unknown) => Promise<ActOutcome>;
}

/** Defines an operation; its `run` gets parameters that its schema has accepted. */
export function defineOperation<Client, P extends z.ZodType>(
  about: Omit<Operation<Client>, 'parameters' | 'run'> & {
    readonly parameters: P;
    readonly run: (client: Client, target: string, parameters: z.output<P>) => Promise<ActOutcome>;
  },
): Operation<Client> {
  return {
    ...about,
    run: (client, target, parameters) => {
      const parsed = about.parameters.safeParse(parameters);
      if (!parsed.success) throw invalid('parameters', parsed.error);
      return about.run(client, target, parsed.data);
    },
  };
}

/** One line of an answer to an inquiry: plain values under names of ours. Times are milliseconds since 1970. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** An answer to an inquiry; `whole` is false where the vendor's listing ended before its own count. */
export interface Inquired {
  readonly rows: readonly Row[];
  readonly whole: boolean;
}

/** Something the vendor can be asked beside its device records: what is installed, what it distributes. Changes nothing. */
export interface Inquiry<Client> {
  readonly title: string;
  readonly what: string;
  /** About one device or ticket (`target` is its id at the vendor) or about the whole account (`target` is empty). */
  readonly about: 'device' | 'ticket' | 'account';
  readonly run: (client: Client, target: string) => Promise<Inquired>;
}

/** A call the vendor makes to us (event notification), as whoever listens for it got it. */
export interface Notice {
  readonly method: string;
  /** The header of this name; null when there is none. */
  readonly authorization: string | null;
  /** Decoded, not parsed. */
  readonly body: string;
}

/** How to answer a notice, and which devices to read anew (`Session.observeOne`): what a notice says itself is not believed. */
export interface NoticeOutcome {
  readonly status: 200 | 400 | 401 | 405;
  readonly headers: Readonly<Record<string, string>>;
  readonly vendorIds: readonly string[];
}

/** What reading one device again gives. */
export type OneStep = Extract<ObserveStep, { kind: 'observation' | 'gone' | 'skipped' }>;

/** What a connector stands on; one per open account. */
export interface ConnectorIo {
  readonly clock: Clock;
  /** HTTP for this account alone: its rate, its hosts, its secrets. */
  readonly http: (options: HttpOptions) => Http;
  /** Tokens and other secrets that turn up on the way are added here. */
  readonly secrets: Secrets;
  /** Aborted when the account is let go. */
  readonly signal: AbortSignal;
}

/** How a connector's observations are to be used. */
export interface ObserveInfo {
  /** Whose word they are in a merged record. */
  readonly source: Source;
  /** What a run from a checkpoint cannot see, so that people know why full runs go on; null: there are only full runs. */
  readonly incremental: { readonly blindTo: string | null } | null;
  /** How often to look, milliseconds; `changesMs` only with `incremental`. */
  readonly cadence: { readonly fullMs: number; readonly changesMs?: number };
}

export interface ObserveSpec<Client, Checkpoint> extends ObserveInfo {
  readonly checkpoint: z.ZodType<Checkpoint>;
  /** Everything, or what changed since a checkpoint of an earlier run of the same account. */
  readonly run: (client: Client, since: Checkpoint | null) => AsyncIterable<ObserveStep<Checkpoint>>;
  /** One device anew; where the vendor can be asked for one. */
  readonly one?: (client: Client, vendorId: string) => Promise<OneStep>;
}

export interface ConnectorSpec<S extends z.ZodObject, Client, Checkpoint> {
  /** Also in addresses and on the command line: `intune`. */
  readonly id: string;
  readonly title: string;
  /** What it brings, in a sentence. */
  readonly summary: string;
  /** Every property made by a helper of setting.ts, so that it has a title. */
  readonly settings: S;
  readonly accounts: { readonly max: number };
  readonly scopes: readonly Scope[];
  /** How devices are read; left out by a connector that only has things done (tickets). */
  readonly observes?: ObserveSpec<Client, Checkpoint>;
  /** Makes what the other functions work with. No request yet. */
  readonly open: (settings: z.output<S>, io: ConnectorIo) => Client;
  /**
   * Tries sign-in and each scope that can be tried without changing anything. What fails is a line, not a throw.
   */
  readonly check: (client: Client) => Promise<CheckLine[]>;
  readonly operations: Readonly<Record<string, Operation<Client>>>;
  /** What has become of an accepted operation; where the vendor can tell. */
  readonly follow?: (client: Client, target: string, tracking: string) => Promise<FollowOutcome>;
  readonly inquiries?: Readonly<Record<string, Inquiry<Client>>>;
  /** Reads a call the vendor made to us; where it makes any. Asks nobody. */
  readonly notice?: (client: Client, notice: Notice) => NoticeOutcome;
}

/** An open account: its token, its pace and its place in line live as long as this does. */
export interface Session {
  readonly connector: string;
  readonly account: string;
  check(): Promise<CheckLine[]>;
  /**
   * Runs to `complete` or throws a Problem; what was told before a throw stands, and the run can be taken up at the last
   * `checkpoint`. A checkpoint that does not fit (written by another version) is as good as none.
   *
   * @throws Problem `not-found` when the connector reads no devices
   */
  observe(since: unknown): AsyncIterable<SessionStep>;
  /**
   * @throws Problem `not-found` (no such operation), `request-invalid` (parameters)
   */
  act(ask: { operation: string; target: string; parameters: unknown }): Promise<ActOutcome>;
  follow(target: string, tracking: string): Promise<FollowOutcome>;
  /**
   * One device as it is now.
   *
   * @throws Problem `not-found` when the connector cannot ask for one device
   */
  observeOne(vendorId: string): Promise<OneSessionStep>;
  /** @throws Problem `not-found` (no such inquiry), `request-invalid` (no target) */
  inquire(ask: { inquiry: string; target: string }): Promise<Inquired>;
  /** @throws Problem `not-found` when this vendor makes no calls to us */
  notice(notice: Notice): NoticeOutcome;
  /** Ends everything that is under way. */
  close(): void;
}

export type SessionStep =
  | Exclude<ObserveStep, { kind: 'observation' }>
  | { readonly kind: 'observation'; readonly observation: Observation };

export type OneSessionStep = Extract<SessionStep, { kind: 'observation' | 'gone' | 'skipped' }>;

export interface InquiryInfo {
  readonly title: string;
  readonly what: string;
  readonly about: 'device' | 'ticket' | 'account';
}

export interface OperationInfo {
  readonly title: string;
  readonly what: string;
  readonly isDestructive: boolean;
  readonly scope: string;
  readonly hasNoTarget?: true;
  /** JSON Schema (2020-12). */
  readonly parameters: unknown;
}

/** A connector as the rest of the collector knows it: its own types are behind it. */
export interface Connector {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly accounts: { readonly max: number };
  readonly scopes: readonly Scope[];
  /** null: it reads no devices. */
  readonly observes: ObserveInfo | null;
  readonly settings: readonly SettingInfo[];
  readonly operations: Readonly<Record<string, OperationInfo>>;
  readonly inquiries: Readonly<Record<string, InquiryInfo>>;
  /** The vendor can be told to call us (`Session.notice`). */
  readonly takesNotices: boolean;
  /** Names of settings that are secret: stored sealed, never given back. */
  readonly secrets: readonly string[];
  /**
   * Settings a person has entered as they may be kept, defaults filled in. A setting that does not exist is wrong: it is a
   * mistyped one, and going on without it could send a secret to the default address.
   *
   * @throws Problem `request-invalid` naming the wrong settings, never their values
   */
  checkSettings(settings: unknown): Record<string, unknown>;
  /**
   * Opens an account; settings of an older version that no longer exist are left out.
   *
   * @throws Problem `request-invalid`
   */
  open(account: AccountInput, around: SessionSurroundings): Session;
}

export interface AccountInput {
  readonly id: string;
  readonly settings: unknown;
}

export interface SessionSurroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly onExchange?: (exchange: Exchange) => void;
  /** How to wait; by the clock unless a test says otherwise. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Gets every token the account is given, so that whoever writes can keep them out. */
  readonly secrets?: Secrets;
}

/** Turns a definition into what the collector uses; see README.md for how to write one. */
export function defineConnector<S extends z.ZodObject, Client, Checkpoint>(
  spec: ConnectorSpec<S, Client, Checkpoint>,
): Connector {
  const { id, title, summary, accounts, scopes, observes } = spec;
  const secretSettings = secretKeys(spec.settings);
  const parseSettings = (settings: unknown): z.output<S> => {
    const parsed = spec.settings.safeParse(settings);
    if (!parsed.success) throw invalid('settings', parsed.error);
    return parsed.data;
  };
  return {
    id,
    title,
    summary,
    accounts,
    scopes,
    observes:
      observes === undefined
        ? null
        : { source: observes.source, incremental: observes.incremental, cadence: observes.cadence },
    settings: settingsInfo(spec.settings),
    secrets: secretSettings,
    operations: Object.fromEntries(
      Object.entries(spec.operations).map(([name, { run: _, parameters, ...info }]) => [
        name,
        { ...info, parameters: z.toJSONSchema(parameters, { io: 'input' }) },
      ]),
    ),
    inquiries: Object.fromEntries(
      Object.entries(spec.inquiries ?? {}).map(([name, { run: _, ...info }]) => [name, info]),
    ),
    takesNotices: spec.notice !== undefined,
    checkSettings(settings) {
      const parsed = parseSettings(settings);
      const known = Object.keys(spec.settings.shape);
      const unknown = Object.keys(Object(settings)).filter(key => !known.includes(key));
      if (unknown.length > 0) {
        throw new Problem('request-invalid', `no such setting: ${unknown.join(', ')}`, { fields: unknown });
      }
      return parsed;
    },
    open(account, { clock, random, onExchange, pause = pauseBy(clock), secrets = new Secrets() }) {
      if (!accountId.safeParse(account.id).success) {
        throw new Problem('request-invalid', 'account: small letters, digits and hyphens only', {
          fields: ['account'],
        });
      }
      const settings = parseSettings(account.settings);
      for (const key of secretSettings) {
        const value: unknown = Reflect.get(settings, key);
        if (typeof value === 'string') secrets.add(value);
      }
      const over = new AbortController();
      const { signal } = over;
      const client = spec.open(settings, {
        clock,
        secrets,
        signal,
        http: options =>
          new Http(options, {
            clock,
            random,
            pause,
            secrets,
            signal,
            ...(onExchange === undefined ? {} : { onExchange }),
          }),
      });
      return {
        connector: id,
        account: account.id,
        check: () => spec.check(client),
        async *observe(since) {
          if (observes === undefined) throw new Problem('not-found', `${id} reads no devices`);
          const stamp = { connector: id, source: observes.source, account: account.id };
          const known = since === null ? null : (observes.checkpoint.safeParse(since).data ?? null);
          for await (const step of observes.run(client, known)) {
            yield step.kind === 'observation'
              ? { kind: 'observation', observation: { ...stamp, ...step.observation } }
              : step;
          }
        },
        act: async ({ operation, target, parameters }) => {
          const found = Object.hasOwn(spec.operations, operation) ? spec.operations[operation] : undefined;
          if (found === undefined) throw new Problem('not-found', `${id} has no operation of this name`);
          if (found.hasNoTarget !== true && target === '')
            throw new Problem('request-invalid', 'target: is missing');
          return found.run(client, target, parameters);
        },
        follow: async (target, tracking) => (await spec.follow?.(client, target, tracking)) ?? 'unknown',
        observeOne: async vendorId => {
          if (observes?.one === undefined) throw new Problem('not-found', `${id} cannot read one device`);
          const step = await observes.one(client, vendorId);
          if (step.kind !== 'observation') return step;
          const stamp = { connector: id, source: observes.source, account: account.id };
          return { kind: 'observation', observation: { ...stamp, ...step.observation } };
        },
        inquire: async ({ inquiry, target }) => {
          const all = spec.inquiries ?? {};
          const found = Object.hasOwn(all, inquiry) ? all[inquiry] : undefined;
          if (found === undefined) throw new Problem('not-found', `${id} has no inquiry of this name`);
          if (found.about !== 'account' && target === '')
            throw new Problem('request-invalid', 'target: is missing');
          return found.run(client, target);
        },
        notice: notice => {
          if (spec.notice === undefined) throw new Problem('not-found', `${id} takes no calls`);
          return spec.notice(client, notice);
        },
        close: () => over.abort(new Problem('collector-stopping', `${id} was closed`)),
      };
    },
  };
}

/** Names what is wrong and how, never the value. */
function invalid(what: string, { issues }: z.ZodError): Problem {
  const fields = [...new Set(issues.map(issue => issue.path.join('.') || what))];
  const told = issues.map(issue => `${issue.path.join('.') || what}: ${issue.message}`);
  return new Problem('request-invalid', told.join('; '), { fields });
}

/**
 * The outcome of an operation's request. Only an answer that says no is `refused`; an error on the way or of the vendor's
 * own leaves it open whether the device will be told.
 */
export async function outcomeOf(request: () => Promise<ActOutcome>): Promise<ActOutcome> {
  try {
    return await request();
  } catch (error) {
    const problem = toProblem(error);
    const isOpen =
      problem.code === 'vendor-unreachable' ||
      problem.code === 'vendor-failed' ||
      problem.code === 'vendor-answer';
    if (problem.code === 'internal') throw error;
    return isOpen ? { outcome: 'unknown', problem } : { outcome: 'refused', problem };
  }
}

/**
 * As `outcomeOf`, for an operation that must look something up before its request: what fails in `prepare` has changed
 * nothing, whatever it was, and is `refused`.
 */
export async function outcomeAfter<Prepared>(
  prepare: () => Promise<Prepared>,
  request: (prepared: Prepared) => Promise<ActOutcome>,
): Promise<ActOutcome> {
  let prepared: Prepared;
  try {
    prepared = await prepare();
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code === 'internal') throw error;
    return { outcome: 'refused', problem };
  }
  return outcomeOf(() => request(prepared));
}

/** A line of a check that says no, in the vendor's words. */
export function failed(what: string, error: unknown): CheckLine {
  const problem = toProblem(error);
  return { what, outcome: 'failed', detail: problem.detail, problem };
}

/** Tries something that changes nothing; what it gives is the line's detail, what it throws makes it fail. */
export async function tried(what: string, attempt: () => Promise<string | null>): Promise<CheckLine> {
  try {
    const detail = await attempt();
    return { what, outcome: 'ok', ...(detail === null ? {} : { detail }) };
  } catch (error) {
    return failed(what, error);
  }
}

/** Reads a listing as far as its first entry: whether it may be read at all. */
export async function readFirst(listing: AsyncIterable<unknown>): Promise<null> {
  for await (const _ of listing) break;
  return null;
}
