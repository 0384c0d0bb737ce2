import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DAY } from '../../../shared/base/durations.ts';
import type { Store } from '../store.ts';
import type { StoreLog } from '../stored.ts';
import { agentSettingsOf } from './agent-settings.ts';
import { auditOf } from './audit.ts';
import { clusterOf } from './cluster.ts';
import { commitsOf } from './commits.ts';
import { connect, type Mongo, PATIENCE_MS } from './connect.ts';
import { connectorsOf } from './connectors.ts';
import { devicesOf } from './devices.ts';
import type { DayScoreDoc, MetaDoc } from './documents.ts';
import { enrolmentOf } from './enrolment.ts';
import { eventsOf } from './events.ts';
import { helpOf } from './help.ts';
import { historyOf } from './history.ts';
import { peopleOf } from './people.ts';
import { isTaken } from './problems.ts';
import { samplesOf } from './samples.ts';
import { bare, type Models, migrate, modelsOf } from './schema.ts';
import { statesOf } from './states.ts';
import { Turns } from './turns.ts';

export interface MongoStoreOptions {
  /** `mongodb://…/database` or `mongodb+srv://…/database`; the database is `trayline` when it names none. */
  readonly url: string;
  readonly log?: StoreLog;
  /** How long to look for the database at the start and for a new primary later; milliseconds. */
  readonly patienceMs?: number;
  /** Name in the database's own logs and statistics. */
  readonly appName?: string;
}

/**
 * Opens the store in a MongoDB replica set or sharded cluster, makes its collections and indexes where they are missing.
 * @throws Problem `settings-invalid`, `store-unavailable` when it cannot be reached, `store-denied` when it does not let us
 *   in, `store-unsuitable` when it is too old or no replica set, `store-newer` when a later version wrote the database.
 */
export async function openMongoStore(options: MongoStoreOptions): Promise<Store> {
  const { url, log = { warn() {} }, patienceMs, appName } = options;
  const mongo = await connect({
    url,
    log,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(appName === undefined ? {} : { appName }),
  });
  try {
    return await mongo.run(() => assemble(mongo, patienceMs ?? PATIENCE_MS));
  } catch (error) {
    await mongo.close();
    throw error;
  }
}

async function assemble(mongo: Mongo, patienceMs: number): Promise<Store> {
  const { db, run, again } = mongo;
  const models = modelsOf(mongo.connection);
  await again(() => migrate(models));
  await again(() => mongo.endLeftTransactions());
  const turns = new Turns();
  const states = statesOf(mongo, models);
  const devices = devicesOf(mongo, models, turns);
  const history = historyOf(mongo, models);
  const events = eventsOf(mongo, models, states);
  const samples = await samplesOf(mongo, models, {
    ...{ states, turns, devices: devices.ids },
    others: () => pause(cluster.settlingMs, undefined, { signal: closed.signal }).catch(() => undefined),
  });
  const cluster = clusterOf(mongo, models, { refresh: samples.refresh, patienceMs });
  const closed = new AbortController();
  const commits = commitsOf(mongo, models, { states, history, samples, events, turns });
  const { expire: expireHelp, ...help } = helpOf(mongo, models, states);
  const people = peopleOf(mongo, models);
  const audit = auditOf(mongo, models);
  const id = await again(() => collectorId(models));

  /** One piece of housekeeping at a time: they count on what the other has finished. */
  let housework: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = housework.then(work, work);
    housework = mine.catch(() => undefined);
    return mine;
  }

  async function expireTimeline(before: {
    readonly events: number;
    readonly history: number;
    readonly dayScores: string;
  }): Promise<number> {
    const { deletedCount } = await again(() =>
      bare<DayScoreDoc>(db, models.dayScores).deleteMany({ _id: { $lt: { day: before.dayScores, d: '' } } }),
    );
    let deleted = deletedCount;
    for await (const part of devices.ids()) {
      deleted += await events.expire(part, before.events);
      deleted += await history.expire(part, before.history);
    }
    return deleted;
  }

  return {
    description: mongo.description,
    cluster,

    collectorId: () => run(async () => id),
    getNote: name =>
      run(async () => (await again(() => models.notes.findById(name).lean<MetaDoc>()))?.value ?? null),
    setNote: (name, value) =>
      run(async () => {
        await again(() => models.notes.updateOne({ _id: name }, { $set: { value } }, { upsert: true }));
      }),

    loadDevices: devices.loadDevices,
    getDevice: devices.getDevice,
    getDevices: devices.getDevices,
    getDeviceByKey: devices.getDeviceByKey,
    setRevoked: devices.setRevoked,
    noteConnection: devices.noteConnection,
    getFindings: history.getFindings,
    getHistory: history.getHistory,
    getMoment: history.getMoment,
    ...commits,
    addEvents: events.addEvents,
    getEvents: events.getEvents,
    getSeries: samples.getSeries,
    ...enrolmentOf(mongo, models, devices),
    addPerson: people.addPerson,
    getPerson: people.getPerson,
    listPeople: people.listPeople,
    changePerson: people.changePerson,
    addSession: people.addSession,
    getSession: people.getSession,
    endSession: people.endSession,
    endSessionsOf: people.endSessionsOf,
    addApiToken: people.addApiToken,
    listApiTokens: people.listApiTokens,
    useApiToken: people.useApiToken,
    revokeApiToken: people.revokeApiToken,
    ...agentSettingsOf(mongo, models),
    ...connectorsOf(mongo, models),
    ...help,
    addAudit: audit.addAudit,
    listAudit: audit.listAudit,
    verifyAudit: audit.verifyAudit,

    rollUp: now => inTurn(() => samples.rollUp(now)),

    expire: (now, retention) =>
      run(() =>
        inTurn(async () => {
          const deleted = [
            await samples.expire(now, {
              raw: now - retention.rawMs,
              quarters: now - retention.quarterMs,
              days: now - retention.dailyMs,
            }),
            await expireTimeline({
              events: now - retention.eventsMs,
              history: now - retention.historyMs,
              dayScores: new Date(Math.max(0, now - retention.dailyMs - DAY)).toISOString().slice(0, 10),
            }),
            await expireHelp(now - retention.eventsMs),
            await people.expireSessions(now),
            await audit.expire(now - retention.auditMs),
          ];
          return { deleted: deleted.reduce((sum, count) => sum + count, 0) };
        }),
      ),

    storageBytes: () =>
      run(async () => {
        const stats = await again(() => db.command({ dbStats: 1 }));
        return Number(stats.totalSize ?? Number(stats.storageSize) + Number(stats.indexSize));
      }),

    checkWritable: () =>
      run(async () => {
        // A majority must confirm: a primary that has lost the others still takes writes, and takes them back later.
        await bare<MetaDoc>(db, models.meta).updateOne(
          { _id: 'probe' },
          { $set: { value: randomUUID() } },
          { upsert: true, writeConcern: { w: 'majority', wtimeoutMS: 5000 } },
        );
      }),

    async close() {
      closed.abort();
      await cluster.close();
      await mongo.close();
    },
  };
}

/** Made at the first start; of two collectors that start at once, one makes it. */
async function collectorId(models: Models): Promise<string> {
  const _id = 'collector-id';
  try {
    await models.meta.updateOne({ _id }, { $setOnInsert: { value: randomUUID() } }, { upsert: true });
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
  const found = await models.meta.findById(_id).lean<MetaDoc>();
  return found?.value ?? '';
}
