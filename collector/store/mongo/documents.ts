/*
 * What the collections hold. Text that came from a device or a person (findings, records, identities, event data, audit) is
 * kept as JSON text: BSON would refuse what JSON allows (a NUL in a key, a lone surrogate, deep nesting), and one odd value
 * must not hold up the commit of two hundred devices. Nothing is searched for inside them, and JSON.stringify is several
 * times faster than laying out BSON in JavaScript.
 */
import type { mongo } from 'mongoose';

export interface MetaDoc {
  _id: string;
  value: string;
}

export interface DeviceDoc {
  _id: string;
  publicKey: string;
  enrolledAt: number;
  enrolledBy: string;
  revokedAt: number | null;
  demo: boolean;
  identity: string;
  agent: string | null;
  clockSkewMs: number | null;
  /** When it last connected; it may have sent nothing since. */
  connectedAt: number | null;
}

/** Where a device stands: all that a commit must know and change. */
export interface StateDoc {
  _id: string;
  /** Commits so far: the guard. A commit is applied only to the version it was prepared for. */
  v: number;
  stream: string;
  acked: number;
  seen: number;
  /** true: the merged record was kept back. */
  behind?: boolean;
  /** Number of the newest history entry and of the newest whole one; 0: none. */
  n: number;
  keyframe: number;
  keyframeAt: number;
  /** Hash and times of each check, as `checks.ts` writes them. */
  checks: string;
  score?: string;
  /** Raised by every claim (see `cluster.ts`); a commit that was made under another number is refused. */
  claim?: number;
  /** The instance of the newest claim, until it ends. */
  holder?: string;
  /** The device is connected there. */
  up?: true;
  /** Raised by every write of the merged record outside of a commit, so that it meets every claim. */
  r?: number;
  /** Newest day score. Those of earlier days are in `day_scores`: so a day's score is written with the state, not beside it. */
  day?: string;
  dayScore?: number | null;
}

export interface RecordDoc {
  _id: string;
  record: string;
}

export interface HistoryDoc {
  /** `n` counts a device's entries from 1, in order of arrival. */
  _id: { d: string; n: number };
  at: number;
  whole?: true;
  removed?: string[];
  findings: string;
  score?: string;
}

export interface EventDoc {
  /** `o` orders events of one moment by arrival; `r` tells collectors apart. */
  _id: { d: string; at: number; o: number; r: number };
  device: boolean;
  kind: string;
  data?: string;
}

/** The eight series of a reading; missing is "could not tell". */
export interface Metrics {
  m0?: number;
  m1?: number;
  m2?: number;
  m3?: number;
  m4?: number;
  m5?: number;
  m6?: number;
  m7?: number;
}

/** Which frame brought a reading: a frame sent twice is known by it. */
export interface Origin {
  s: string;
  q: number;
  /** Place in the frame. */
  i: number;
  /** Version of the state that the commit made: order of arrival. */
  v: number;
}

/** A reading in the time-series collection. `m.p` is the number of its UTC day: whole days are deleted by it. */
export interface SampleDoc extends Metrics, Origin {
  t: Date;
  m: { d: string; p: number };
}

/** A reading of a time that the time-series collection does not hold: expired there already, or beyond its range. */
export interface StrayDoc extends Metrics {
  _id: { d: string; at: number; s: string; q: number; i: number };
  v: number;
}

/** Averages over `n` readings, from `at` on. */
export interface RollDoc extends Metrics {
  _id: { d: string; at: number };
  n: number;
}

/** A quarter or a day that must be averaged again; `c` changes whenever it is marked anew. */
export interface LateDoc {
  _id: { d: string; at: number };
  c: number;
}

export interface DayScoreDoc {
  _id: { day: string; d: string };
  value: number | null;
}

export interface EnrolmentTokenDoc {
  _id: string;
  secretHash: string;
  label: string;
  createdAt: number;
  createdBy: string;
  expiresAt: number | null;
  maxUses: number | null;
  uses: number;
  revokedAt: number | null;
  /** Order of adding, where times are equal. */
  o: number;
}

export interface WaitingDoc {
  /** The public key. */
  _id: string;
  id: string;
  identity: string;
  fingerprint: string;
  firstSeen: number;
  lastSeen: number;
  address: string;
  rejected: boolean;
  o: number;
}

export interface PersonDoc {
  /** The user name in lower case. */
  _id: string;
  user: string;
  name: string;
  role: string;
  createdAt: number;
  lastSignIn: number | null;
  disabled: boolean;
  lockedUntil: number | null;
  passwordHash: string;
  mustChangePassword: boolean;
  failures: number;
}

export interface SessionDoc {
  /** sha256 of the cookie's secret. */
  _id: string;
  person: string;
  csrf: string;
  createdAt: number;
  expiresAt: number;
}

export interface ApiTokenDoc {
  _id: string;
  secretHash: string;
  label: string;
  role: string;
  createdAt: number;
  createdBy: string;
  expiresAt: number | null;
  lastUsed: number | null;
  revokedAt: number | null;
  o: number;
}

export interface AuditDoc {
  /** Position in the chain, from 1. */
  _id: number;
  at: number;
  actor: string;
  action: string;
  subject: string | null;
  data: string;
  previous: string;
  hash: string;
}

export interface AgentSettingsDoc {
  _id: string;
  settings: string;
  hash: string;
  changedAt: number;
  changedBy: string;
}

/** Settings and standing as JSON: a vendor's setting or checkpoint may have any name and depth. */
export interface AccountDoc {
  _id: { c: string; a: string };
  label: string;
  settings: string;
  savedAt: number;
  savedBy: string;
  demo: boolean;
  standing: string;
  /** Raised with every keeping of observations, so that it cannot pass by the account's removal. */
  writes: number;
}

export interface ObservationDoc {
  _id: { c: string; a: string; id: string };
  receivedAt: number;
  observation: string;
}

export interface PinDoc {
  _id: string;
  pin: string;
  at: number;
  by: string;
  /** Order of arrival. */
  o: number;
}

export interface PrecedenceDoc {
  _id: string;
  order: string;
  hash: string;
  changedAt: number;
  changedBy: string;
}

/** What is asked and came of it as JSON: people write any characters. */
export interface HelpDoc {
  _id: { d: string; id: string };
  receivedAt: number;
  state: string;
  over: boolean;
  changedAt: number;
  content: string;
}

/** A session that runs transactions; see `connect.ts`. */
export interface TransactionDoc {
  _id: string;
  since: Date;
}

/** One start of a collector. `until` is by the database's clock; `over` once another instance has found it past. */
export interface InstanceDoc {
  _id: string;
  until: Date;
  leaseMs: number;
  facts: string;
  over?: true;
}

/** What an instance told the others, or one of them. Followed by change streams; the documents themselves are soon gone. */
export interface BusDoc {
  _id: mongo.ObjectId;
  at: Date;
  from: string;
  to?: string;
  texts: string[];
}

/** A job that one instance at a time does. Times by the database's clock. */
export interface JobDoc {
  _id: string;
  holder: string;
  /** Which run it is. */
  run: string;
  startedAt: Date;
  /** Before this it is under way. */
  runningUntil: Date;
  /** When it is due again, for whoever did it last and for everybody else. */
  ownDueAt: Date;
  dueAt: Date;
}
