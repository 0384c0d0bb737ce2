import type { FieldKey, Source } from '../../shared/device/device.ts';
import type { Pin } from '../../shared/device/match.ts';
import type { Observation } from '../../shared/device/observation.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';

/* What the collector keeps of other systems: accounts, what they said, and what people decided about it. */

/** How one run of an account went. */
export interface AccountRun {
  readonly startedAt: number;
  readonly endedAt: number;
  /** What was asked for: everything, or what changed since the checkpoint. */
  readonly asked: 'all' | 'changes';
  readonly covers: 'all' | 'changes' | 'partial' | 'broken';
  readonly observed: number;
  readonly gone: number;
  readonly skipped: number;
  /** Records that did not come although everything was told, and are kept until a second such run agrees. */
  readonly doubted: number;
}

/** One line of the last test of an account. */
export interface AccountCheckLine {
  readonly what: string;
  readonly outcome: 'ok' | 'failed' | 'unknown';
  /** The vendor's own words, clean of secrets. */
  readonly detail: string | null;
  readonly code: ProblemCode | null;
}

/** What is remembered of an account beside its settings. Times by our clock. */
export interface AccountStanding {
  /** When it last worked with any settings: a check without a failed line, or a run that ended. */
  readonly workedAt: number | null;
  readonly lastProblem: {
    readonly code: ProblemCode;
    /** The vendor's own words, clean of secrets. */
    readonly detail: string;
    readonly at: number;
    /** Since when it has been so without a success in between. */
    readonly since: number;
  } | null;
  /** Where the next run may start, in the connector's own form; null: from the beginning. */
  readonly checkpoint: unknown;
  /** When a run last told everything. */
  readonly fullAt: number | null;
  readonly lastRun: AccountRun | null;
  readonly lastCheck: { readonly at: number; readonly lines: readonly AccountCheckLine[] } | null;
  /** When the vendor last asked us to wait, and how often it did so in the last run. */
  readonly throttled: { readonly at: number; readonly times: number } | null;
}

/** An account of a connector: a tenant, a server, a customer id. */
export interface StoredAccount {
  readonly connector: string;
  readonly account: string;
  /** What people call it. */
  readonly label: string;
  /** As the connector's settings are named; every secret sealed. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly savedAt: number;
  /** User name, or id of the API token. */
  readonly savedBy: string;
  /** Asks a made-up vendor, and is shown as such. */
  readonly demo: boolean;
  readonly standing: AccountStanding;
}

export interface AccountKey {
  readonly connector: string;
  readonly account: string;
}

export interface ObservationKey extends AccountKey {
  readonly vendorId: string;
}

export interface StoredObservation {
  readonly observation: Observation;
  /** When we read it. */
  readonly receivedAt: number;
}

/** What a person has decided about two records or agents. */
export interface StoredPin {
  readonly id: string;
  readonly pin: Pin;
  readonly at: number;
  readonly by: string;
}

/** What people have said about one field; what is left out goes by the default. */
export interface FieldPrecedence {
  /** Whom to believe, most trusted first. */
  readonly order?: readonly Source[];
  /** After how long a value is too old to go by, ms; null: never. */
  readonly maxAgeMs?: number | null;
}

/** By field, where people have said so. A list alone is an order: that is how it was kept before an age could be said. */
export type PrecedenceOrder = Readonly<Partial<Record<FieldKey, readonly Source[] | FieldPrecedence>>>;

export interface StoredPrecedence {
  readonly order: PrecedenceOrder;
  /** Names exactly this content (16 hex digits). */
  readonly hash: string;
  readonly changedAt: number;
  readonly changedBy: string;
}

/** The part of the store that is about other systems; see store.ts for what holds for every method. */
export interface ConnectorStore {
  /** Ordered by connector, then account. */
  listAccounts(): Promise<readonly StoredAccount[]>;
  /** Rejects with `conflict` when the connector has an account of this name. */
  addAccount(account: StoredAccount): Promise<void>;
  /**
   * Puts this in the place of the account that was saved at `replaces`; false, and nothing changed, when it is gone or was
   * saved anew meanwhile.
   */
  replaceAccount(account: StoredAccount, replaces: number): Promise<boolean>;
  /**
   * Remembers how the account stands that was saved at `savedAt`; false, and nothing changed, when it is gone or was saved
   * anew: what happened with other settings says nothing about these.
   */
  noteStanding(
    account: AccountKey & { readonly savedAt: number },
    standing: AccountStanding,
  ): Promise<boolean>;
  /** With everything it observed, both or neither; false when there is none. */
  removeAccount(account: AccountKey): Promise<boolean>;

  /**
   * Keeps observations of one account, each in the place of an earlier one with its vendor id, and removes those that are
   * gone; all or nothing. Observations of another account are none of its own and are left out. false, and nothing changed,
   * when there is no such account (any more).
   */
  keepObservations(
    account: AccountKey,
    change: { readonly observed: readonly StoredObservation[]; readonly gone: readonly string[] },
  ): Promise<boolean>;
  /** Every observation, in no promised order, in parts. What can no longer be read is left out. */
  loadObservations(): AsyncIterable<readonly StoredObservation[]>;
  /** Those of the named that there are, in the order named. */
  getObservations(keys: readonly ObservationKey[]): Promise<readonly StoredObservation[]>;

  /** Oldest first. */
  listPins(): Promise<readonly StoredPin[]>;
  /** Rejects with `conflict` when the id is taken. */
  addPin(pin: StoredPin): Promise<void>;
  /** false when there is none of this id. */
  removePin(id: string): Promise<boolean>;

  /** null when nobody has ever said anything. */
  getPrecedence(): Promise<StoredPrecedence | null>;
  /** Puts this in the place of the one with hash `replaces` (null: of none); false, and nothing changed, when another stands there. */
  setPrecedence(precedence: StoredPrecedence, replaces: string | null): Promise<boolean>;
}
