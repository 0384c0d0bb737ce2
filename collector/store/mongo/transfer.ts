import type { mongo } from 'mongoose';
import { DAY } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { StoreLog } from '../stored.ts';
import {
  type Piece,
  type Row,
  type Source,
  TABLES,
  TABLES_OF_ALL,
  type Table,
  type Target,
  type Value,
} from '../transfer/tables.ts';
import { connect, type Mongo } from './connect.ts';
import type {
  DayScoreDoc,
  DeviceDoc,
  EventDoc,
  HelpDoc,
  HistoryDoc,
  LateDoc,
  MetaDoc,
  Metrics,
  RecordDoc,
  RollDoc,
  SampleDoc,
  StateDoc,
  StrayDoc,
} from './documents.ts';
import { METRIC_KEYS } from './metrics.ts';
import { bare, type Models, migrate, modelsOf, UNFINISHED } from './schema.ts';

/** Documents in one insert. */
const INSERT = 2000;
/** Readings that came by a transfer: no agent names its stream like this, so their numbers never meet an agent's. */
const STREAM = 'transferred';
/** Names in `meta` that are this database's own business. */
const OWN_META = new Set(['layout', 'probe', UNFINISHED]);
const CHAIN_ENDS = new Set(['audit-base', 'audit-head']);
/** As in samples.ts: outside of these a time-series collection does not find its readings again. */
const EARLIEST = 7 * DAY;
const LATEST = 2 ** 31 * 1000;

type Doc = Record<string, unknown>;

/**
 * Tables whose documents differ from our rows in names only: where each column is (`_id.c` looks inside), what orders them,
 * and what a new document has besides.
 */
interface Plain {
  readonly model: keyof Models;
  readonly fields: readonly string[];
  readonly sort: Readonly<Record<string, 1>>;
  readonly besides?: (place: number) => Doc;
}
const PLAIN: Partial<Record<Table, Plain>> = {
  notes: { model: 'notes', fields: ['_id', 'value'], sort: { _id: 1 } },
  enrolmentTokens: {
    model: 'enrolmentTokens',
    fields: ['_id', ...TABLES.enrolmentTokens.columns.slice(1)],
    sort: { o: 1 },
    besides: o => ({ o }),
  },
  waiting: {
    model: 'waiting',
    fields: ['_id', ...TABLES.waiting.columns.slice(1)],
    sort: { o: 1 },
    besides: o => ({ o }),
  },
  people: { model: 'people', fields: ['_id', ...TABLES.people.columns.slice(1)], sort: { _id: 1 } },
  sessions: { model: 'sessions', fields: ['_id', ...TABLES.sessions.columns.slice(1)], sort: { _id: 1 } },
  apiTokens: {
    model: 'apiTokens',
    fields: ['_id', ...TABLES.apiTokens.columns.slice(1)],
    sort: { o: 1 },
    besides: o => ({ o }),
  },
  agentSettings: {
    model: 'agentSettings',
    fields: TABLES.agentSettings.columns,
    sort: { _id: 1 },
    besides: () => ({ _id: 'all' }),
  },
  accounts: {
    model: 'accounts',
    fields: ['_id.c', '_id.a', ...TABLES.accounts.columns.slice(2)],
    sort: { _id: 1 },
    besides: () => ({ writes: 0 }),
  },
  observations: {
    model: 'observations',
    fields: ['_id.c', '_id.a', '_id.id', ...TABLES.observations.columns.slice(3)],
    sort: { _id: 1 },
  },
  pins: { model: 'pins', fields: ['_id', 'pin', 'at', 'by'], sort: { o: 1 }, besides: o => ({ o }) },
  precedence: {
    model: 'precedence',
    fields: TABLES.precedence.columns,
    sort: { _id: 1 },
    besides: () => ({ _id: 'all' }),
  },
  audit: { model: 'audit', fields: ['_id', ...TABLES.audit.columns.slice(1)], sort: { _id: 1 } },
};

/** Models by which table of ours they are part of; null: not carried over. */
export const MONGO_TABLES: Readonly<Record<keyof Models, Table | null>> = {
  meta: 'meta',
  notes: 'notes',
  devices: 'devices',
  states: 'states',
  records: 'records',
  history: 'history',
  events: 'events',
  dayScores: 'dayScores',
  samples: 'samples',
  strays: 'samples',
  quarters: 'quarters',
  days: 'days',
  lateQuarters: 'lateQuarters',
  lateDays: 'lateDays',
  enrolmentTokens: 'enrolmentTokens',
  waiting: 'waiting',
  // Sessions of the server; they end with the collector that made them.
  transactions: null,
  // Who runs, what is told and what is done at this moment.
  instances: null,
  bus: null,
  jobs: null,
  people: 'people',
  sessions: 'sessions',
  apiTokens: 'apiTokens',
  agentSettings: 'agentSettings',
  accounts: 'accounts',
  observations: 'observations',
  pins: 'pins',
  precedence: 'precedence',
  help: 'help',
  audit: 'audit',
};

function flatValue(value: unknown): Value {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new Problem('store-unavailable', `a stored field holds ${typeof value}`);
}

function fieldOf(doc: Doc, path: string): Value {
  let value: unknown = doc;
  for (const part of path.split('.')) {
    value = typeof value === 'object' && value !== null ? Reflect.get(value, part) : undefined;
  }
  return flatValue(value);
}

function docOf({ fields, besides }: Plain, row: Row, place: number): Doc {
  const doc: Doc = { ...besides?.(place) };
  const id: Doc = {};
  for (const [i, path] of fields.entries()) {
    if (path.startsWith('_id.')) id[path.slice(4)] = row[i];
    else doc[path] = row[i];
  }
  return Object.keys(id).length > 0 ? { _id: id, ...doc } : doc;
}

const metricsOf = (values: readonly Value[]): Metrics => {
  const metrics: Metrics = {};
  for (const [i, key] of METRIC_KEYS.entries()) {
    const value = values[i];
    if (typeof value === 'number') metrics[key] = value;
  }
  return metrics;
};
const metricValues = (doc: Metrics): Value[] => METRIC_KEYS.map(key => doc[key] ?? null);

/** A device's range of compound keys. */
const keysOf = (d: string) => ({ $gte: { d }, $lt: { d: `${d}\u0000` } });

class Pieces {
  readonly #db: mongo.Db;
  readonly #models: Models;

  constructor({ db }: Mongo, models: Models) {
    this.#db = db;
    this.#models = models;
  }

  collection<D extends mongo.Document>(model: keyof Models): mongo.Collection<D> {
    return this.#db.collection<D>(this.#models[model].collection.name);
  }

  async rawExpired(): Promise<number> {
    const found = await bare<MetaDoc>(this.#db, this.#models.meta).findOne({ _id: 'raw-expired-to' });
    return Math.max(EARLIEST, Number(found?.value ?? 0));
  }

  async *read(): AsyncIterable<Piece> {
    const all: Partial<Record<Table, Row[]>> = {};
    for (const table of TABLES_OF_ALL) {
      const plain = PLAIN[table];
      if (plain === undefined) continue;
      const docs = await this.collection(plain.model).find({}).sort(plain.sort).toArray();
      all[table] = docs.map(doc => plain.fields.map(path => fieldOf(doc, path)));
    }
    const metas = await this.collection<MetaDoc>('meta').find({}).sort({ _id: 1 }).toArray();
    all.meta = metas
      .filter(({ _id }) => !OWN_META.has(_id))
      .map(({ _id, value }) => [_id, CHAIN_ENDS.has(_id) ? linkText(value) : value]);
    yield { device: null, tables: all };

    const devices = this.collection<DeviceDoc>('devices').find({}).sort({ _id: 1 });
    for await (const device of devices) yield await this.#device(device);
  }

  async #device(doc: DeviceDoc): Promise<Piece> {
    const d = doc._id;
    const held = await this.collection<StateDoc>('states').findOne({ _id: d });
    // Only claimed: it has never sent anything.
    const state = held?.v === 0 ? null : held;
    const record = await this.collection<RecordDoc>('records').findOne({ _id: d });
    const history = await this.#range<HistoryDoc>('history', d);
    const events = await this.#range<EventDoc>('events', d);
    // Day scores are keyed by day; the device's are found beside one another by nothing. There are few days.
    const scores = await this.collection<DayScoreDoc>('dayScores').find({ '_id.d': d }).toArray();
    const byDay = new Map(scores.map(({ _id, value }) => [_id.day, value]));
    if (state?.day !== undefined && state.day !== null) byDay.set(state.day, state.dayScore ?? null);
    const { connectedAt } = doc;
    const seen = state?.seen ?? null;
    const lastSeen =
      connectedAt === null || seen === null ? (connectedAt ?? seen) : Math.max(connectedAt, seen);
    const keyframe = history.findIndex(({ _id }) => _id.n === state?.keyframe) + 1;
    return {
      device: d,
      tables: {
        devices: [
          [
            ...[
              doc.publicKey,
              doc.enrolledAt,
              doc.enrolledBy,
              doc.revokedAt,
              doc.demo,
              doc.identity,
              doc.agent,
            ],
            ...[doc.clockSkewMs, lastSeen],
          ],
        ],
        states:
          state === null
            ? []
            : [
                [
                  ...[
                    state.stream,
                    state.acked,
                    state.behind ?? false,
                    keyframe,
                    state.keyframeAt,
                    state.checks,
                  ],
                  state.score ?? null,
                ],
              ],
        records: record === null ? [] : [[record.record]],
        dayScores: [...byDay].toSorted(([a], [b]) => (a < b ? -1 : 1)),
        history: history.map(({ at, whole, removed, findings, score }) => [
          ...[at, whole ?? false, removed === undefined ? null : JSON.stringify(removed), findings],
          score ?? null,
        ]),
        events: events.map(({ _id, device, kind, data }) => [_id.at, device, kind, data ?? null]),
        samples: await this.#samples(d, state),
        quarters: (await this.#range<RollDoc>('quarters', d)).map(roll => [
          ...[roll._id.at, roll.n],
          ...metricValues(roll),
        ]),
        days: (await this.#range<RollDoc>('days', d)).map(roll => [
          ...[roll._id.at, roll.n],
          ...metricValues(roll),
        ]),
        lateQuarters: (await this.#range<LateDoc>('lateQuarters', d)).map(({ _id }) => [_id.at]),
        lateDays: (await this.#range<LateDoc>('lateDays', d)).map(({ _id }) => [_id.at]),
        help: (await this.#range<HelpDoc>('help', d)).map(
          ({ _id, receivedAt, state, over, changedAt, content }) => [
            ...[_id.id, receivedAt, state, over, changedAt, content],
          ],
        ),
      },
    };
  }

  async #range<D extends mongo.Document>(model: keyof Models, d: string): Promise<mongo.WithId<D>[]> {
    const filter: object = { _id: keysOf(d) };
    return this.collection<D>(model).find(filter).sort({ _id: 1 }).toArray();
  }

  /** Readings that count, each once, in the order the store gives them; see samples.ts for the rules. */
  async #samples(d: string, state: StateDoc | null): Promise<Row[]> {
    const found = await this.collection<SampleDoc>('samples')
      .find({
        'm.p': { $gte: 0, $lte: Math.floor(LATEST / DAY) },
        'm.d': d,
        $nor: [{ s: state?.stream ?? '', q: { $gt: state?.acked ?? 0 } }],
      })
      .sort({ t: 1, v: 1, q: 1, i: 1 })
      .toArray();
    const seen = new Set<string>();
    const rows: { at: number; v: number; row: Row }[] = [];
    for (const doc of found) {
      const origin = `${doc.s} ${doc.q} ${doc.i}`;
      if (seen.has(origin)) continue;
      seen.add(origin);
      const at = doc.t.getTime();
      rows.push({ at, v: doc.v, row: [at, ...metricValues(doc)] });
    }
    for (const doc of await this.#range<StrayDoc>('strays', d)) {
      rows.push({ at: doc._id.at, v: doc.v, row: [doc._id.at, ...metricValues(doc)] });
    }
    rows.sort((a, b) => a.at - b.at || a.v - b.v);
    return rows.map(({ row }) => row);
  }

  async #put(model: keyof Models, docs: readonly object[]): Promise<void> {
    const collection = this.collection(model);
    for (let at = 0; at < docs.length; at += INSERT) {
      await collection.insertMany(docs.slice(at, at + INSERT) as mongo.Document[], { ordered: false });
    }
  }

  async write(piece: Piece): Promise<void> {
    if (piece.device === null) await this.#writeAll(piece);
    else await this.#writeDevice(piece.device, piece);
  }

  async #writeAll({ tables }: Piece): Promise<void> {
    for (const table of TABLES_OF_ALL) {
      const plain = PLAIN[table];
      if (plain === undefined) continue;
      await this.collection(plain.model).deleteMany({});
      await this.#put(
        plain.model,
        (tables[table] ?? []).map((row, place) => docOf(plain, row, place + 1)),
      );
    }
    const meta = this.collection<MetaDoc>('meta');
    await meta.deleteMany({ _id: { $nin: [...OWN_META] } });
    await this.#put(
      'meta',
      (tables.meta ?? []).map(([name, value]) => ({
        _id: name,
        value: CHAIN_ENDS.has(String(name)) ? linkJson(String(value)) : value,
      })),
    );
  }

  async #writeDevice(d: string, { tables }: Piece): Promise<void> {
    const rowsOf = (table: Table): readonly Row[] => tables[table] ?? [];
    await this.#wipe(d);
    const history = rowsOf('history');
    await this.#put(
      'history',
      history.map(([at, whole, removed, findings, score], place) => ({
        _id: { d, n: place + 1 },
        at,
        ...(whole === true ? { whole } : {}),
        ...(typeof removed === 'string' ? { removed: JSON.parse(removed) } : {}),
        findings,
        ...(score === null ? {} : { score }),
      })),
    );
    await this.#put(
      'events',
      rowsOf('events').map(([at, device, kind, data], place) => ({
        _id: { d, at, o: place + 1, r: 0 },
        device,
        kind,
        ...(data === null ? {} : { data }),
      })),
    );
    await this.#put(
      'records',
      rowsOf('records').map(([record]) => ({ _id: d, record })),
    );
    const scores = [...rowsOf('dayScores')];
    const [state] = rowsOf('states');
    // The newest day's score is part of the state.
    const newest = state === undefined ? undefined : scores.pop();
    await this.#put(
      'dayScores',
      scores.map(([day, value]) => ({ _id: { day, d }, value })),
    );
    const gone = await this.rawExpired();
    const samples = rowsOf('samples').map(([at, ...values], place) => ({
      at: Number(at),
      q: place + 1,
      metrics: metricsOf(values),
    }));
    const isStray = ({ at }: { at: number }): boolean => at < gone || at >= LATEST;
    await this.#put(
      'samples',
      samples
        .filter(one => !isStray(one))
        .map(({ at, q, metrics }) => ({
          t: new Date(at),
          m: { d, p: Math.floor(at / DAY) },
          ...{ s: STREAM, q, i: 0, v: 0 },
          ...metrics,
        })),
    );
    await this.#put(
      'strays',
      samples.filter(isStray).map(({ at, q, metrics }) => ({
        _id: { d, at, s: STREAM, q, i: 0 },
        v: 0,
        ...metrics,
      })),
    );
    for (const table of ['quarters', 'days'] as const) {
      await this.#put(
        table,
        rowsOf(table).map(([at, n, ...values]) => ({ _id: { d, at }, n, ...metricsOf(values) })),
      );
    }
    for (const table of ['lateQuarters', 'lateDays'] as const) {
      await this.#put(
        table,
        rowsOf(table).map(([at], place) => ({ _id: { d, at }, c: place + 1 })),
      );
    }
    await this.#put(
      'help',
      rowsOf('help').map(([id, receivedAt, state, over, changedAt, content]) => ({
        _id: { d, id },
        ...{ receivedAt, state, over, changedAt, content },
      })),
    );
    const [device] = rowsOf('devices');
    if (device === undefined) throw new Problem('store-unavailable', 'a device without its row');
    const [publicKey, enrolledAt, enrolledBy, revokedAt, demo, identity, agent, clockSkewMs, lastSeen] =
      device;
    if (state !== undefined) {
      const [stream, acked, behind, keyframe, keyframeAt, checks, score] = state;
      await this.#put('states', [
        {
          _id: d,
          v: 1,
          ...{ stream, acked, seen: lastSeen ?? 0, behind, n: history.length, keyframe, keyframeAt, checks },
          ...(score === null ? {} : { score }),
          ...(newest === undefined ? {} : { day: newest[0], dayScore: newest[1] }),
        },
      ]);
    }
    await this.#put('devices', [
      {
        _id: d,
        ...{ publicKey, enrolledAt, enrolledBy, revokedAt, demo, identity, agent, clockSkewMs },
        connectedAt: lastSeen,
      },
    ]);
  }

  /** What an unfinished write of a device has left. */
  async #wipe(d: string): Promise<void> {
    for (const model of ['devices', 'states', 'records'] as const) {
      await this.collection<{ _id: string }>(model).deleteOne({ _id: d });
    }
    const own: object = { _id: keysOf(d) };
    for (const model of [
      ...(['history', 'events', 'strays', 'quarters', 'days', 'lateQuarters', 'lateDays', 'help'] as const),
    ]) {
      await this.collection(model).deleteMany(own);
    }
    const scores: object = { '_id.d': d };
    await this.collection('dayScores').deleteMany(scores);
    const samples: object = { 'm.d': d };
    await this.collection('samples').deleteMany(samples);
  }
}

/** The ends of the audit chain are `[n, hash]` here and `n hash` elsewhere. */
function linkText(json: string): string {
  const [n, hash] = JSON.parse(json) as [number, string];
  return `${n} ${hash}`;
}
function linkJson(text: string): string {
  const [n = '0', hash = ''] = text.split(' ');
  return JSON.stringify([Number(n), hash]);
}

interface Options {
  readonly url: string;
  readonly log: StoreLog;
}

/**
 * Everything in a database, to copy it. Collectors must not write it meanwhile; that they did is noticed when the copy is
 * compared.
 * @throws Problem as `openMongoStore`; `not-found` when no collector has ever used the database.
 */
export async function openMongoSource({ url, log }: Options): Promise<Source> {
  const mongo = await connect({ url, log, appName: 'trayline-transfer' });
  try {
    const models = modelsOf(mongo.connection);
    const found = await bare<MetaDoc>(mongo.db, models.meta).findOne({ _id: 'collector-id' });
    if (found === null) throw new Problem('not-found', 'no collector has used this database');
    await migrate(models);
    const all = new Pieces(mongo, models);
    return { collectorId: found.value, pieces: () => all.read(), close: () => mongo.close() };
  } catch (error) {
    await mongo.close();
    throw error;
  }
}

/**
 * A database to copy into: an empty one, or one with the unfinished copy of this very collector.
 * @throws Problem as `openMongoStore`; `conflict` when it holds something else.
 */
export async function openMongoTarget(
  { url, log }: Options,
  from: { readonly collectorId: string },
): Promise<Target> {
  const mongo = await connect({ url, log, appName: 'trayline-transfer' });
  try {
    const models = modelsOf(mongo.connection);
    const meta = bare<MetaDoc>(mongo.db, models.meta);
    const found = await meta.findOne({ _id: UNFINISHED });
    const note =
      found === null ? null : (JSON.parse(found.value) as { source: string; done?: string | null });
    if (note === null) {
      const held = await mongo.db.listCollections({}, { nameOnly: true }).toArray();
      for (const { name } of held) {
        if (name.startsWith('system.')) continue;
        if ((await mongo.db.collection(name).findOne({})) !== null) {
          throw new Problem('conflict', 'the target database is not empty');
        }
      }
    } else if (note.source !== from.collectorId) {
      throw new Problem('conflict', 'the target database holds the unfinished copy of another collector');
    }
    const keep = (done?: string | null): Promise<unknown> =>
      meta.updateOne(
        { _id: UNFINISHED },
        {
          $set: {
            value: JSON.stringify({ source: from.collectorId, ...(done === undefined ? {} : { done }) }),
          },
        },
        { upsert: true },
      );
    // First of all: from here on no collector opens it.
    if (note === null) await keep();
    await migrate(models, { unfinished: true });
    const all = new Pieces(mongo, models);
    return {
      doneUpTo: note?.done,
      async write(piece) {
        await mongo.again(() => all.write(piece));
        await keep(piece.device);
      },
      pieces: () => all.read(),
      async finish() {
        await meta.deleteOne({ _id: UNFINISHED });
      },
      close: () => mongo.close(),
    };
  } catch (error) {
    await mongo.close();
    throw error;
  }
}
