import type { ApiToken, EnrolmentToken, Person, Role, WaitingDevice } from '../../shared/api/schemas.ts';
import type { AuditEntry, NewAuditEntry } from '../../shared/audit/entry.ts';
import type { AgentSettings } from '../../shared/device/agent-settings.ts';
import type { MergedRecord } from '../../shared/device/device.ts';
import type { Findings } from '../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import type { SampleRow } from '../../shared/protocol/samples.ts';
import type { Score } from '../../shared/score/score.ts';
import type { Cluster } from './cluster.ts';
import type { ConnectorStore } from './connectors.ts';
import type { HelpStore } from './help.ts';

/*
 * Everything the collector keeps, in domain words. Each promise stands in its comment and is proved for every
 * implementation by test/contract/store.contract.ts. All times are milliseconds since 1970 by the collector's clock unless
 * they say otherwise. Every method rejects with Problem `store-unavailable` when the disk or the database fails; nothing
 * is half done then.
 */

/** A device as it stands. */
export interface StoredDevice {
  readonly id: string;
  /** Raw Ed25519 public key, base64url: unique among devices. */
  readonly publicKey: string;
  readonly enrolledAt: number;
  /** Label of the enrolment token, or the person who admitted it. */
  readonly enrolledBy: string;
  readonly revokedAt: number | null;
  /** Seeded or simulated, and shown as such. */
  readonly demo: boolean;
  readonly identity: DeviceIdentity;
  readonly agent: { readonly version: string; readonly arch: string; readonly runtime: string } | null;
  readonly clockSkewMs: number | null;
  /** The device's current outbox and the highest sequence number of it that is stored. */
  readonly stream: string | null;
  readonly acked: number;
  readonly lastSeen: number | null;
  readonly record: MergedRecord;
  /** The record lags behind the findings: whoever kept it back was stopped before writing it, so it must be merged anew. */
  readonly recordBehind: boolean;
  readonly score: Score | null;
  /** Hash of each finding held, by check id. */
  readonly hashes: Readonly<Record<string, string>>;
  /** When each check last ran (device clock), where that is newer than the finding's own `at`. */
  readonly fresh: Readonly<Record<string, number>>;
}

export interface NewDevice {
  readonly id: string;
  readonly publicKey: string;
  readonly enrolledAt: number;
  readonly enrolledBy: string;
  readonly demo: boolean;
  readonly identity: DeviceIdentity;
}

/** What one device's accepted frames change, all or nothing, together with the sequence number that proves it. */
export interface DeviceCommit {
  readonly device: string;
  /** The number of the claim under which it was taken in; the commit is refused when there is a newer one. */
  readonly claim?: number;
  readonly stream: string;
  /** Highest number stored before this commit; must equal what the store holds, or the commit is refused. */
  readonly after: number;
  /** Highest number stored by this commit. */
  readonly acked: number;
  readonly receivedAt: number;
  /** Changes of findings, one step per frame that brought any, in order: a backlog keeps its past. */
  readonly findings?: readonly FindingsStep[];
  readonly fresh?: Readonly<Record<string, number>>;
  readonly identity?: DeviceIdentity;
  readonly record?: MergedRecord;
  /** true: something in the merged record has changed and is kept back (see `keepRecords`). */
  readonly recordBehind?: boolean;
  readonly score?: Score;
  /**
   * The score worth remembering for this UTC day (`2026-11-22`), when it moved. Together with `score` it also puts the
   * score into the device's history.
   */
  readonly dayScore?: { readonly day: string; readonly value: number | null };
  readonly samples?: readonly { readonly seq: number; readonly rows: readonly SampleRow[] }[];
  readonly events?: readonly StoredEvent[];
}

/** What one frame changed. */
export interface FindingsStep {
  /** When the device wrote it, on the collector's clock. */
  readonly at: number;
  /** A full snapshot: checks that are neither in `changed` nor in `kept` are dropped. */
  readonly replace: boolean;
  readonly changed: Findings;
  readonly kept: readonly string[];
}

/** Something that happened to a device, on the collector's clock. */
export interface StoredEvent {
  readonly at: number;
  /** `device`: told by the agent; `collector`: seen by us. */
  readonly by: 'device' | 'collector';
  readonly kind: string;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** Findings as they changed at one moment. */
export interface HistoryEntry {
  readonly at: number;
  /** Whole state rather than changes: reading can start here, and `removed` is empty. */
  readonly full: boolean;
  readonly findings: Findings;
  readonly removed: readonly string[];
  readonly score: Score | null;
}

/** A series at one resolution. Rows are ascending by time; each is `SampleRow`-shaped with averages when rolled up. */
export interface Series {
  readonly stepMs: number;
  readonly rows: readonly SampleRow[];
}

export interface StoredPerson extends Person {
  /** scrypt hash in PHC-like text; never leaves the server. */
  readonly passwordHash: string;
  readonly mustChangePassword: boolean;
  /** Consecutive wrong passwords. */
  readonly failures: number;
}

export interface StoredSession {
  /** sha256 of the cookie's secret, hex. */
  readonly idHash: string;
  readonly user: string;
  readonly csrf: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface StoredApiToken extends ApiToken {
  /** sha256 of the secret, hex. */
  readonly secretHash: string;
}

export interface StoredEnrolmentToken extends EnrolmentToken {
  readonly secretHash: string;
}

export interface StoredWaiting extends WaitingDevice {
  readonly publicKey: string;
  readonly rejected: boolean;
}

/** What an administrator tells all agents, with who did it when. */
export interface StoredAgentSettings {
  readonly settings: AgentSettings;
  /** Names exactly this content (16 hex digits). */
  readonly hash: string;
  readonly changedAt: number;
  /** User name, or id of the API token. */
  readonly changedBy: string;
}

/** How long each kind of data is kept, milliseconds. */
export interface Retention {
  /** One-minute (and one-second, while watched) readings. */
  readonly rawMs: number;
  /** Fifteen-minute averages. */
  readonly quarterMs: number;
  /** Daily averages. */
  readonly dailyMs: number;
  /** Events, and requests to IT that are over; those that are not stay. */
  readonly eventsMs: number;
  readonly historyMs: number;
  readonly auditMs: number;
}

/** Why an enrolment token lets nobody in. */
export type TokenRefusal = 'token-unknown' | 'token-expired' | 'token-used-up' | 'token-revoked';

export interface Store extends ConnectorStore, HelpStore {
  /** For people: `SQLite 3.53.4 at …`, without secrets. */
  readonly description: string;

  /** Who else works on this database, and who may do what there. */
  readonly cluster: Cluster;

  /** This collector installation's id, made at the first start and the same ever after. */
  collectorId(): Promise<string>;
  /** A small value kept by name; null when never set. */
  getNote(name: string): Promise<string | null>;
  setNote(name: string, value: string): Promise<void>;

  // Devices
  /** Every device, in no promised order, in parts so that a large fleet does not stand in memory twice. */
  loadDevices(): AsyncIterable<readonly StoredDevice[]>;
  getDevice(id: string): Promise<StoredDevice | null>;
  /** Those of them that are there, in no promised order. */
  getDevices(ids: readonly string[]): Promise<readonly StoredDevice[]>;
  getDeviceByKey(publicKey: string): Promise<StoredDevice | null>;
  /** Findings held now, with `fresh` times already applied to `at`; empty for an unknown device. */
  getFindings(id: string): Promise<Findings>;
  /** Adds a device; rejects with `conflict` when the id or the key is taken. */
  addDevice(device: NewDevice): Promise<void>;
  setRevoked(id: string, at: number | null): Promise<void>;
  /** What the device said of itself when it connected. */
  noteConnection(
    id: string,
    change: {
      readonly identity: DeviceIdentity;
      readonly agent: NonNullable<StoredDevice['agent']>;
      readonly clockSkewMs: number | null;
      readonly at: number;
    },
  ): Promise<void>;

  /**
   * Stores the accepted frames of many devices in one transaction. Resolves when it is on disk: after that no crash of the
   * process or the machine takes it back. A device whose `after` is not what the store holds for that stream is left out
   * whole and named in `refused` (another collector was faster or has claimed it, or its stream changed); the others are stored. A commit
   * with a new stream starts at `after` 0. Commits take effect in the order of the calls; several of one device in one call
   * too. A device that is not in the store, or whose `acked` is below `after`, is refused as well. When the promise rejects
   * because the disk did not confirm, the commit may still turn out to be stored: the device's `acked` tells.
   */
  commit(commits: readonly DeviceCommit[]): Promise<{ readonly refused: readonly string[] }>;
  /**
   * Writes merged records that commits kept back. They follow from the findings, so they may lag behind a little. Records of
   * unknown devices, and of those that were claimed anew since `claim`, are left out and named.
   */
  keepRecords(
    records: readonly { readonly device: string; readonly record: MergedRecord; readonly claim?: number }[],
  ): Promise<{ readonly refused: readonly string[] }>;
  /** Adds collector-seen events (link up, link down, viewed). */
  addEvents(events: readonly { readonly device: string; readonly event: StoredEvent }[]): Promise<void>;

  // Reading the past
  /**
   * Readings with device time in [from, to], at the finest resolution that gives at most `maxRows` and that is left for the
   * whole range. An averaged row stands at the start of its step; steps that begin before `from` are left out.
   */
  getSeries(device: string, from: number, to: number, maxRows: number): Promise<Series>;
  /** Events with collector time in [from, to], ascending, at most `limit` (the newest ones). */
  getEvents(device: string, from: number, to: number, limit: number): Promise<readonly StoredEvent[]>;
  /** History entries in [from, to], ascending, at most `limit` (the newest ones). */
  getHistory(device: string, from: number, to: number, limit: number): Promise<readonly HistoryEntry[]>;
  /**
   * Findings and score as they were at `at`; null before the first. The score is the last one that came with findings or
   * with a `dayScore`.
   */
  getMoment(
    device: string,
    at: number,
  ): Promise<{ readonly findings: Findings; readonly score: Score | null } | null>;
  /** Scores of the named UTC days by device, for the fleet's small curves; days without one are left out. */
  getDayScores(
    days: readonly string[],
    /** Left out: all of them. */
    devices?: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, number | null>>>;

  // Enrolment
  addEnrolmentToken(token: StoredEnrolmentToken): Promise<void>;
  /** Newest first. */
  listEnrolmentTokens(): Promise<readonly EnrolmentToken[]>;
  /** false when there is no such token or it was revoked before. */
  revokeEnrolmentToken(id: string, at: number): Promise<boolean>;
  /** Takes one use of the token and adds the device, both or neither. */
  enrolWithToken(
    secretHash: string,
    device: NewDevice,
    at: number,
  ): Promise<
    { readonly ok: true; readonly label: string } | { readonly ok: false; readonly why: TokenRefusal }
  >;
  /**
   * Remembers that this key asks to be admitted; keeps the first `id` and `firstSeen`, refreshes the rest; once rejected
   * stays rejected. Bounded: at most 10,000, the one not seen for longest is dropped.
   */
  noteWaiting(waiting: StoredWaiting): Promise<void>;
  getWaitingByKey(publicKey: string): Promise<StoredWaiting | null>;
  /** Not rejected, oldest first. */
  listWaiting(): Promise<readonly StoredWaiting[]>;
  /** Turns a waiting key into a device; null when it is not waiting (any more) or was rejected. */
  admit(
    id: string,
    device: Pick<NewDevice, 'id' | 'enrolledAt' | 'enrolledBy'>,
  ): Promise<StoredDevice | null>;
  /** false when it is not waiting. A rejected key stays known, so that it is told so instead of waiting again. */
  reject(id: string): Promise<boolean>;

  // People
  /** Adds a person; rejects with `conflict` when the user name is taken (compared without case). */
  addPerson(person: StoredPerson): Promise<void>;
  getPerson(user: string): Promise<StoredPerson | null>;
  listPeople(): Promise<readonly StoredPerson[]>;
  /** Changes the named properties; false when there is no such person. */
  changePerson(user: string, change: Partial<Omit<StoredPerson, 'user' | 'createdAt'>>): Promise<boolean>;
  /** Adds a session, or replaces the one with this `idHash`: so its expiry moves. */
  addSession(session: StoredSession): Promise<void>;
  /** With its person; null when unknown, expired at `now`, or the person is disabled. */
  getSession(idHash: string, now: number): Promise<{ session: StoredSession; person: StoredPerson } | null>;
  endSession(idHash: string): Promise<void>;
  /** Ends every session of a person but the named one. */
  endSessionsOf(user: string, exceptIdHash: string | null): Promise<void>;
  addApiToken(token: StoredApiToken): Promise<void>;
  listApiTokens(): Promise<readonly ApiToken[]>;
  /** null when unknown, revoked, or expired at `now`. */
  useApiToken(secretHash: string, now: number): Promise<{ id: string; label: string; role: Role } | null>;
  revokeApiToken(id: string, at: number): Promise<boolean>;

  // What agents are told
  /** null when nobody has ever set anything. */
  getAgentSettings(): Promise<StoredAgentSettings | null>;
  /**
   * Puts these in the place of those with hash `replaces` (null: of none). false, and nothing changed, when others stand
   * there now: of two administrators who change the same, one is told so.
   */
  setAgentSettings(settings: StoredAgentSettings, replaces: string | null): Promise<boolean>;

  // Audit
  /** Appends to the hash chain and returns the chained entry. Appends are serialised: no two share a predecessor. */
  addAudit(entry: NewAuditEntry): Promise<AuditEntry>;
  /** Newest first, below `before` when given. */
  listAudit(query: { before?: number; limit: number; subject?: string }): Promise<readonly AuditEntry[]>;
  /** Recomputes the chain: null when whole, else the number of the first entry that does not fit. */
  verifyAudit(): Promise<number | null>;

  // Housekeeping
  /**
   * Builds quarter-hour and daily averages for everything complete before `now` (device time), and again for readings that
   * came late; may be called again at any time. Gives how many rows were written.
   */
  rollUp(now: number): Promise<{ readonly quarters: number; readonly days: number }>;
  /**
   * Deletes what is older than its retention; expired sessions too. Rolls up first, so that no reading goes uncounted. The
   * audit chain keeps its newest entries linked; of the history, the whole state that the oldest kept moment starts from
   * and what is current stay.
   */
  expire(now: number, retention: Retention): Promise<{ readonly deleted: number }>;
  /** Bytes on disk. */
  storageBytes(): Promise<number>;
  /** Throws `store-unavailable` when a write would not be stored. */
  checkWritable(): Promise<void>;
  /** Idempotent; waits for the commit under way. */
  close(): Promise<void>;
}
