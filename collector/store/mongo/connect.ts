import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, createConnection, mongo } from 'mongoose';
import { MINUTE } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { StoreLog } from '../stored.ts';
import type { TransactionDoc } from './documents.ts';
import { isConflict, isPassing, storeProblem } from './problems.ts';

/** The oldest that the contract was proved on. */
const OLDEST = [6, 0] as const;

/**
 * How long work waits for a database that is changing its primary. An election begins after 10 s without a heartbeat
 * (`electionTimeoutMillis`) and is over within two more.
 */
export const PATIENCE_MS = 20_000;

/** Transactions and writes at once; each holds a connection, and beyond a few they only wait for one another. */
const POOL = 16;

/** Longest a write waits for the majority before it counts as failed: a primary that lost it steps down after 10 s. */
const MAJORITY_MS = 15_000;

/** A transaction takes milliseconds; whoever waits this long for one waits for a collector that is gone. */
const CONFLICT_MS = 1000;

/** So long after the last time, at least, the transactions of the others are ended again. */
const END_AGAIN_MS = 3000;

/** A session is written down again after this long; `schema.ts` forgets it after some times that. */
const WRITTEN_AGAIN_MS = 20 * MINUTE;

/** The database, when the address names none. */
const DATABASE = 'trayline';
const NAMES_DATABASE = /^[a-z+]+:\/\/[^/]+\/[^?]/;

export type Session = mongo.ClientSession;

/** The database as the parts of the store see it. */
export interface Mongo {
  readonly log: StoreLog;
  readonly connection: Connection;
  readonly db: mongo.Db;
  /** `MongoDB 6.0.5 at host:27017/name`, without user and password. */
  readonly description: string;
  /** Runs what one method of the store does: refused when closed, waited for by `close`, failures as Problems. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Does work again, while the database changes its primary. It must be such that twice is as good as once. */
  again<T>(work: () => Promise<T>): Promise<T>;
  /** All or nothing, confirmed by a majority. `work` may run several times; what it decides it must decide anew. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
  /**
   * Ends the transactions of all other collectors: those that killed ones left open, and with them what is under way elsewhere,
   * which is begun anew there. Once at the start, whenever a collector is found gone, and when a lock stays.
   */
  endLeftTransactions(): Promise<void>;
  /** A write outside of transactions has waited for long: does the same, unless that was done only just now. */
  unblock(): Promise<void>;
  close(): Promise<void>;
}

export interface ConnectOptions {
  /** `mongodb://…/database` or `mongodb+srv://…/database`. */
  readonly url: string;
  readonly log: StoreLog;
  /** Name in the database's own logs and statistics. */
  readonly appName?: string;
  /** How long to look for the database at the start, and for a new primary later. */
  readonly patienceMs?: number;
}

/**
 * Connects and makes sure that the server can keep the store's promises.
 * @throws Problem `store-unavailable` when it cannot be reached, `store-denied` when it does not let us in,
 *   `store-unsuitable` when it is too old or no replica set, `settings-invalid` when the address is none.
 */
export async function connect(options: ConnectOptions): Promise<Mongo> {
  const { url, log, appName = 'trayline-collector', patienceMs = PATIENCE_MS } = options;
  let connection: Connection;
  try {
    connection = createConnection(url, {
      appName,
      ...(NAMES_DATABASE.test(url) ? {} : { dbName: DATABASE }),
      autoCreate: false,
      autoIndex: false,
      bufferCommands: false,
      maxPoolSize: POOL,
      serverSelectionTimeoutMS: patienceMs,
      connectTimeoutMS: 10_000,
      // Reads see only what cannot be rolled back any more, and writes are told done only then.
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      writeConcern: { w: 'majority', wtimeoutMS: MAJORITY_MS },
      retryWrites: true,
      retryReads: true,
      // 64-bit integers come back as numbers, as they went in: all of ours are below 2^53.
      promoteLongs: true,
    });
    // Without a listener an error of the connection would end the process; each piece of work meets it itself.
    connection.on('error', () => undefined);
  } catch (error) {
    throw new Problem('settings-invalid', 'TRAYLINE_STORE is no MongoDB address', {
      cause: withoutAddress(error),
      fields: ['TRAYLINE_STORE'],
    });
  }
  try {
    await connection.asPromise();
    const { db } = connection;
    if (db === undefined) throw new Problem('store-unavailable', 'the database is not connected');
    const version = await suitableVersion(db);
    return assemble(connection, db, { log, patienceMs, version });
  } catch (error) {
    await connection.close(true).catch(() => undefined);
    // Two packages of the driver have each a class of this name.
    if (error instanceof Error && error.name === 'MongoParseError') {
      throw new Problem('settings-invalid', 'TRAYLINE_STORE is no MongoDB address', {
        cause: withoutAddress(error),
        fields: ['TRAYLINE_STORE'],
      });
    }
    throw storeProblem(error);
  }
}

/** SECURITY: the parser's words may repeat the address, and that holds the password. */
function withoutAddress(error: unknown): Error {
  return new Error(error instanceof Error ? error.name : 'unknown');
}

async function suitableVersion(db: mongo.Db): Promise<string> {
  const build = await db.command({ buildInfo: 1 });
  const version = String(build.version);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new Problem(
      'store-unsuitable',
      `MongoDB ${version} is too old; ${OLDEST.join('.')} or later is needed`,
    );
  }
  const hello = await db.command({ hello: 1 });
  if (hello.setName === undefined && hello.msg !== 'isdbgrid') {
    throw new Problem(
      'store-unsuitable',
      'this MongoDB is a single server; transactions need a replica set (one member will do: start it with --replSet and run rs.initiate())',
    );
  }
  return version;
}

function assemble(
  connection: Connection,
  db: mongo.Db,
  { log, patienceMs, version }: { log: StoreLog; patienceMs: number; version: string },
): Mongo {
  const client = connection.getClient();
  const hosts = client.options.srvHost ?? client.options.hosts.map(String).join(',');
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | null = null;

  /*
   * A killed process leaves its transaction open on the server, with its documents locked, for a minute
   * (transactionLifetimeLimitSeconds): its devices would be refused as long. A user may end its own sessions at any time, so
   * those that run transactions are few, used again and again, and written down for whoever notices. Should they belong to a
   * collector that lives, it only has to begin that transaction once more.
   */
  const sessionsMade = db.collection<TransactionDoc>('transactions');
  const free: Session[] = [];
  /** Every session of ours, and when it was written down. */
  const mine = new Map<string, number>();
  let endedAt = Number.NEGATIVE_INFINITY;
  let endAgain: NodeJS.Timeout | null = null;

  async function writeDown(session: Session): Promise<void> {
    const id = idOf(session);
    const now = Date.now();
    if (now - (mine.get(id) ?? Number.NEGATIVE_INFINITY) < WRITTEN_AGAIN_MS) return;
    await sessionsMade.updateOne({ _id: id }, { $set: { since: new Date(now) } }, { upsert: true });
    mine.set(id, now);
  }

  async function takeSession(): Promise<Session> {
    const session = free.pop() ?? client.startSession();
    try {
      await writeDown(session);
    } catch (error) {
      mine.delete(idOf(session));
      await session.endSession();
      throw error;
    }
    return session;
  }

  async function endLeftTransactions(): Promise<void> {
    endedAt = performance.now();
    const all = await sessionsMade.find({}, { projection: { _id: 1 } }).toArray();
    const left = all.filter(({ _id }) => !mine.has(_id));
    if (left.length === 0) return;
    await db.command({ killSessions: left.map(({ _id }) => ({ id: mongo.UUID.createFromHexString(_id) })) });
    // What a killed process had on its way to a busy server may arrive, and lock again, after that.
    if (endAgain !== null || closing !== null) return;
    endAgain = setTimeout(() => {
      endAgain = null;
      // Should it fail, whoever meets a lock that stays asks for it.
      endLeftTransactions().catch(() => undefined);
    }, END_AGAIN_MS);
    endAgain.unref();
  }

  /** Another transaction holds what ours has to write. One that does so for long has nobody behind it any more. */
  async function meetConflict(since: number): Promise<void> {
    const now = performance.now();
    if (now - since < CONFLICT_MS || now - endedAt < END_AGAIN_MS) return;
    log.warn('a transaction is blocked; those of collectors that may be gone are ended', {});
    await endLeftTransactions();
  }

  async function commit(session: Session, deadline: number): Promise<void> {
    for (;;) {
      try {
        await session.commitTransaction();
        return;
      } catch (error) {
        // The answer was lost, not the commit: asking again tells, also on a new primary.
        const unknown =
          error instanceof mongo.MongoError && error.hasErrorLabel('UnknownTransactionCommitResult');
        if (!unknown || performance.now() > deadline) throw error;
        await pause(50);
      }
    }
  }

  async function untilDone<T>(once: (deadline: number) => Promise<T>): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (let waitMs = 5; ; waitMs = Math.min(2 * waitMs, 250)) {
      try {
        return await once(deadline);
      } catch (error) {
        if (!isPassing(error) || performance.now() > deadline) throw error;
        await pause(waitMs * (0.5 + Math.random()));
      }
    }
  }

  return {
    log,
    connection,
    db,
    description: `MongoDB ${version} at ${hosts}/${db.databaseName}`,

    async run(work) {
      if (closing !== null) throw new Problem('store-unavailable', 'the store is closed');
      const mine = work();
      underWay.add(mine);
      try {
        return await mine;
      } catch (error) {
        throw storeProblem(error);
      } finally {
        underWay.delete(mine);
      }
    },

    again: work => untilDone(work),

    endLeftTransactions,

    async unblock() {
      if (performance.now() - endedAt >= END_AGAIN_MS) await endLeftTransactions();
    },

    transaction(work) {
      const began = performance.now();
      return untilDone(async deadline => {
        const session = await takeSession();
        try {
          session.startTransaction({
            readConcern: { level: 'snapshot' },
            writeConcern: { w: 'majority', wtimeoutMS: MAJORITY_MS },
          });
          const result = await work(session);
          await commit(session, deadline);
          return result;
        } catch (error) {
          if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
          if (isConflict(error)) await meetConflict(began).catch(() => undefined);
          throw error;
        } finally {
          free.push(session);
        }
      });
    },

    close() {
      closing ??= (async () => {
        if (endAgain !== null) clearTimeout(endAgain);
        await Promise.allSettled(underWay);
        await sessionsMade.deleteMany({ _id: { $in: [...mine.keys()] } }).catch(() => undefined);
        await Promise.allSettled(free.map(session => session.endSession()));
        await connection.close();
      })();
      return closing;
    },
  };
}

function idOf(session: Session): string {
  return session.id?.id.toString('hex') ?? '';
}
