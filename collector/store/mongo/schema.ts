import { type Connection, type Model, type mongo, Schema, type SchemaDefinition } from 'mongoose';
import { Problem } from '../../../shared/problem/problem.ts';
import type {
  AccountDoc,
  AgentSettingsDoc,
  ApiTokenDoc,
  AuditDoc,
  BusDoc,
  DayScoreDoc,
  DeviceDoc,
  EnrolmentTokenDoc,
  EventDoc,
  HelpDoc,
  HistoryDoc,
  InstanceDoc,
  JobDoc,
  LateDoc,
  MetaDoc,
  ObservationDoc,
  PersonDoc,
  PinDoc,
  PrecedenceDoc,
  RecordDoc,
  RollDoc,
  SampleDoc,
  SessionDoc,
  StateDoc,
  StrayDoc,
  TransactionDoc,
  WaitingDoc,
} from './documents.ts';

/*
 * Collections and indexes, all of them. Keys do the work of indexes where they can: `_id` of history, events, averages and day
 * scores begins with the device (or the day), so that one range of `_id` answers the question and an insert touches one index.
 * Nothing is queried without an index; test/contract/mongo-plans.test.ts asks the server for the plan of every query.
 *
 * Documents that change at different paces lie in different collections, as SQLite's tables do: `states` is touched by every
 * commit and carries what a commit must know, `records` holds the large merged record, `devices` what an administrator sees.
 */

const text = { type: String, required: true } as const;
const count = { type: Number, required: true } as const;
const moment = { type: Number, default: null } as const;
const flag = { type: Boolean, required: true } as const;
const metrics = Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`m${n}`, Number]));
/** A key of several parts, in this order: it is compared as a whole. */
const key = (...parts: readonly string[]) => ({
  type: new Schema(Object.fromEntries(parts.map(part => [part, PARTS[part] ?? count])), { _id: false }),
  required: true,
});
const PARTS: Readonly<Record<string, typeof text>> = {
  d: text,
  day: text,
  s: text,
  c: text,
  a: text,
  id: text,
};

function schema(
  collection: string,
  shape: SchemaDefinition,
  timeseries?: mongo.TimeSeriesCollectionOptions,
): Schema {
  return new Schema(shape, {
    collection,
    versionKey: false,
    id: false,
    strict: 'throw',
    minimize: false,
    ...(timeseries === undefined ? {} : { timeseries }),
  });
}

/** How long messages lie about after everybody has been told: change streams read the server's log, not the collection. */
const BUS_S = 120;

const SCHEMAS = {
  meta: schema('meta', { _id: text, value: text }),
  notes: schema('notes', { _id: text, value: { type: String } }),

  devices: schema('devices', {
    _id: text,
    publicKey: text,
    enrolledAt: count,
    enrolledBy: { type: String },
    revokedAt: moment,
    demo: flag,
    identity: text,
    agent: { type: String, default: null },
    clockSkewMs: moment,
    connectedAt: moment,
  }).index({ publicKey: 1 }, { unique: true }),
  states: schema('states', {
    _id: text,
    v: count,
    stream: text,
    acked: count,
    seen: count,
    behind: Boolean,
    n: count,
    keyframe: count,
    keyframeAt: count,
    checks: { type: String },
    score: String,
    claim: Number,
    holder: String,
    up: Boolean,
    r: Number,
    day: String,
    dayScore: Number,
  })
    .index({ day: 1 })
    // Only claims touch it; a commit leaves the holder as it is.
    .index({ holder: 1 }, { sparse: true }),
  records: schema('records', { _id: text, record: text }),

  history: schema('history', {
    _id: key('d', 'n'),
    at: count,
    whole: Boolean,
    removed: { type: [String], default: undefined },
    findings: text,
    score: String,
  })
    // The rare whole states only: places to start reading from.
    .index({ '_id.d': 1, at: 1, '_id.n': 1 }, { partialFilterExpression: { whole: true } }),
  events: schema('events', {
    _id: key('d', 'at', 'o', 'r'),
    device: flag,
    kind: text,
    data: String,
  }),
  dayScores: schema('day_scores', { _id: key('day', 'd'), value: moment }),

  samples: schema(
    'samples',
    { t: Date, m: key('d', 'p'), s: text, q: count, i: count, v: count, ...metrics },
    // At one reading a minute a bucket of a device and day takes several hundred.
    { timeField: 't', metaField: 'm', granularity: 'minutes' },
  ).index({ 'm.p': 1, 'm.d': 1, t: 1 }),
  strays: schema('strays', {
    _id: key('d', 'at', 's', 'q', 'i'),
    v: count,
    ...metrics,
  }),
  quarters: schema('quarters', { _id: key('d', 'at'), n: count, ...metrics }),
  days: schema('days', { _id: key('d', 'at'), n: count, ...metrics }),
  lateQuarters: schema('late_quarters', { _id: key('d', 'at'), c: count }),
  lateDays: schema('late_days', { _id: key('d', 'at'), c: count }),

  enrolmentTokens: schema('enrolment_tokens', {
    _id: text,
    secretHash: text,
    label: { type: String },
    createdAt: count,
    createdBy: { type: String },
    expiresAt: moment,
    maxUses: moment,
    uses: count,
    revokedAt: moment,
    o: count,
  })
    .index({ secretHash: 1 }, { unique: true })
    .index({ createdAt: -1, o: -1 }),
  waiting: schema('waiting', {
    _id: text,
    id: text,
    identity: text,
    fingerprint: { type: String },
    firstSeen: count,
    lastSeen: count,
    address: { type: String },
    rejected: flag,
    o: count,
  })
    .index({ id: 1 }, { unique: true })
    .index({ lastSeen: 1, o: 1 })
    .index({ rejected: 1, firstSeen: 1, o: 1 }),

  instances: schema('instances', {
    _id: text,
    until: { type: Date, required: true },
    leaseMs: count,
    facts: { type: String },
    over: Boolean,
  }),
  bus: schema('bus', {
    _id: { type: Schema.Types.ObjectId, required: true },
    at: { type: Date, required: true },
    from: text,
    to: String,
    texts: { type: [String], required: true },
  }).index({ at: 1 }, { expireAfterSeconds: BUS_S }),
  jobs: schema('jobs', {
    _id: text,
    holder: { type: String },
    run: { type: String },
    startedAt: { type: Date, required: true },
    runningUntil: { type: Date, required: true },
    ownDueAt: { type: Date, required: true },
    dueAt: { type: Date, required: true },
  }),

  // A collector that lives writes its sessions down again every 20 minutes, and the server forgets idle ones after 30.
  transactions: schema('transactions', { _id: text, since: { type: Date, required: true } }).index(
    { since: 1 },
    { expireAfterSeconds: 7200 },
  ),

  people: schema('people', {
    _id: text,
    user: text,
    name: { type: String },
    role: text,
    createdAt: count,
    lastSignIn: moment,
    disabled: flag,
    lockedUntil: moment,
    passwordHash: text,
    mustChangePassword: flag,
    failures: count,
  }),
  sessions: schema('sessions', {
    _id: text,
    person: text,
    csrf: text,
    createdAt: count,
    expiresAt: count,
  })
    .index({ person: 1 })
    .index({ expiresAt: 1 }),
  apiTokens: schema('api_tokens', {
    _id: text,
    secretHash: text,
    label: { type: String },
    role: text,
    createdAt: count,
    createdBy: { type: String },
    expiresAt: moment,
    lastUsed: moment,
    revokedAt: moment,
    o: count,
  })
    .index({ secretHash: 1 }, { unique: true })
    .index({ createdAt: -1, o: -1 }),

  agentSettings: schema('agent_settings', {
    _id: text,
    settings: text,
    hash: text,
    changedAt: count,
    changedBy: { type: String },
  }),

  accounts: schema('accounts', {
    _id: key('c', 'a'),
    label: { type: String },
    settings: text,
    savedAt: count,
    savedBy: { type: String },
    demo: flag,
    standing: text,
    writes: count,
  }),
  observations: schema('observations', {
    _id: key('c', 'a', 'id'),
    receivedAt: count,
    observation: text,
  }),
  pins: schema('pins', {
    _id: text,
    pin: text,
    at: count,
    by: { type: String },
    o: count,
  }).index({ o: 1 }),
  precedence: schema('precedence', {
    _id: text,
    order: text,
    hash: text,
    changedAt: count,
    changedBy: { type: String },
  }),

  help: schema('help', {
    _id: key('d', 'id'),
    receivedAt: count,
    state: text,
    over: flag,
    changedAt: count,
    content: text,
  })
    // The line of the whole fleet; with the state in it, those that wait are counted without looking at any.
    .index({ over: 1, receivedAt: 1, _id: 1 })
    .index({ over: 1, state: 1 }),

  audit: schema('audit', {
    _id: { type: Number, required: true },
    at: count,
    actor: text,
    action: text,
    subject: { type: String, default: null },
    data: text,
    previous: text,
    hash: text,
  }).index({ subject: 1, _id: 1 }),
} as const;

/** A mongoose model for each collection: schema, validation and casting, for what is written now and then. */
export interface Models {
  readonly meta: Model<MetaDoc>;
  readonly notes: Model<MetaDoc>;
  readonly devices: Model<DeviceDoc>;
  readonly states: Model<StateDoc>;
  readonly records: Model<RecordDoc>;
  readonly history: Model<HistoryDoc>;
  readonly events: Model<EventDoc>;
  readonly dayScores: Model<DayScoreDoc>;
  readonly samples: Model<SampleDoc>;
  readonly strays: Model<StrayDoc>;
  readonly quarters: Model<RollDoc>;
  readonly days: Model<RollDoc>;
  readonly lateQuarters: Model<LateDoc>;
  readonly lateDays: Model<LateDoc>;
  readonly enrolmentTokens: Model<EnrolmentTokenDoc>;
  readonly waiting: Model<WaitingDoc>;
  readonly instances: Model<InstanceDoc>;
  readonly bus: Model<BusDoc>;
  readonly jobs: Model<JobDoc>;
  readonly transactions: Model<TransactionDoc>;
  readonly people: Model<PersonDoc>;
  readonly sessions: Model<SessionDoc>;
  readonly apiTokens: Model<ApiTokenDoc>;
  readonly agentSettings: Model<AgentSettingsDoc>;
  readonly accounts: Model<AccountDoc>;
  readonly observations: Model<ObservationDoc>;
  readonly pins: Model<PinDoc>;
  readonly precedence: Model<PrecedenceDoc>;
  readonly help: Model<HelpDoc>;
  readonly audit: Model<AuditDoc>;
}

export function modelsOf(connection: Connection): Models {
  return {
    meta: connection.model<MetaDoc>('meta', SCHEMAS.meta),
    notes: connection.model<MetaDoc>('notes', SCHEMAS.notes),
    devices: connection.model<DeviceDoc>('devices', SCHEMAS.devices),
    states: connection.model<StateDoc>('states', SCHEMAS.states),
    records: connection.model<RecordDoc>('records', SCHEMAS.records),
    history: connection.model<HistoryDoc>('history', SCHEMAS.history),
    events: connection.model<EventDoc>('events', SCHEMAS.events),
    dayScores: connection.model<DayScoreDoc>('dayScores', SCHEMAS.dayScores),
    samples: connection.model<SampleDoc>('samples', SCHEMAS.samples),
    strays: connection.model<StrayDoc>('strays', SCHEMAS.strays),
    quarters: connection.model<RollDoc>('quarters', SCHEMAS.quarters),
    days: connection.model<RollDoc>('days', SCHEMAS.days),
    lateQuarters: connection.model<LateDoc>('lateQuarters', SCHEMAS.lateQuarters),
    lateDays: connection.model<LateDoc>('lateDays', SCHEMAS.lateDays),
    enrolmentTokens: connection.model<EnrolmentTokenDoc>('enrolmentTokens', SCHEMAS.enrolmentTokens),
    waiting: connection.model<WaitingDoc>('waiting', SCHEMAS.waiting),
    instances: connection.model<InstanceDoc>('instances', SCHEMAS.instances),
    bus: connection.model<BusDoc>('bus', SCHEMAS.bus),
    jobs: connection.model<JobDoc>('jobs', SCHEMAS.jobs),
    transactions: connection.model<TransactionDoc>('transactions', SCHEMAS.transactions),
    people: connection.model<PersonDoc>('people', SCHEMAS.people),
    sessions: connection.model<SessionDoc>('sessions', SCHEMAS.sessions),
    apiTokens: connection.model<ApiTokenDoc>('apiTokens', SCHEMAS.apiTokens),
    agentSettings: connection.model<AgentSettingsDoc>('agentSettings', SCHEMAS.agentSettings),
    accounts: connection.model<AccountDoc>('accounts', SCHEMAS.accounts),
    observations: connection.model<ObservationDoc>('observations', SCHEMAS.observations),
    pins: connection.model<PinDoc>('pins', SCHEMAS.pins),
    precedence: connection.model<PrecedenceDoc>('precedence', SCHEMAS.precedence),
    help: connection.model<HelpDoc>('help', SCHEMAS.help),
    audit: connection.model<AuditDoc>('audit', SCHEMAS.audit),
  };
}

/**
 * The driver's collection below a model, for the hot path: casting and hydrating by mongoose costs the client two to three times
 * what the write itself does.
 */
export function bare<Doc extends mongo.Document>(db: mongo.Db, model: Model<Doc>): mongo.Collection<Doc> {
  return db.collection<Doc>(model.collection.name);
}

/** Layouts in order. Each must be able to run twice: two collectors may start at once, one may be stopped in the middle. */
const MIGRATIONS: readonly ((models: Models) => Promise<void>)[] = [
  async models => {
    for (const model of Object.values(models)) {
      await model.createCollection();
      await model.createIndexes();
    }
  },
  async ({ accounts, observations, pins, precedence }) => {
    for (const model of [accounts, observations, pins, precedence]) {
      await model.createCollection();
      await model.createIndexes();
    }
  },
  async ({ help }) => {
    await help.createCollection();
    await help.createIndexes();
  },
  async ({ instances, bus, jobs, states }) => {
    for (const model of [instances, bus, jobs, states]) {
      await model.createCollection();
      await model.createIndexes();
    }
  },
];

const LAYOUT = 'layout';
/** Name in `meta` while a copy of another database is being written; see transfer.ts. */
export const UNFINISHED = 'unfinished-transfer';

/**
 * Brings the database to this version's layout; one that holds an unfinished copy only for whoever goes on with that.
 * @throws Problem `store-unsuitable` for an unfinished copy.
 * @throws Problem `store-newer` when a later version wrote it: guessing at an unknown layout could damage it.
 */
export async function migrate(
  models: Models,
  { unfinished = false }: { readonly unfinished?: boolean } = {},
): Promise<void> {
  if (!unfinished && (await models.meta.exists({ _id: UNFINISHED })) !== null) {
    throw new Problem(
      'store-unsuitable',
      'the database holds an unfinished copy; run the same transfer again',
    );
  }
  const found = await models.meta.findById(LAYOUT).lean<MetaDoc>();
  const version = found === null ? 0 : Number(found.value);
  if (version > MIGRATIONS.length) {
    throw new Problem(
      'store-newer',
      `the database has layout ${version}, this version knows up to ${MIGRATIONS.length}`,
    );
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    await step(models);
    await models.meta.updateOne(
      { _id: LAYOUT },
      { $set: { value: String(index + 1) } },
      { upsert: true, writeConcern: { w: 'majority' } },
    );
  }
}
