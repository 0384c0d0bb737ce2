import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DAY } from '../../../shared/base/durations.ts';
import { localCluster } from '../alone.ts';
import type { Store } from '../store.ts';
import { agentSettingsOf } from './agent-settings.ts';
import { auditOf } from './audit.ts';
import { commitsOf } from './commits.ts';
import { connectorsOf } from './connectors.ts';
import { type Database, openDatabase } from './database.ts';
import { devicesOf } from './devices.ts';
import { enrolmentOf } from './enrolment.ts';
import { eventsOf } from './events.ts';
import { expireTimeline } from './expire.ts';
import { findingsOf } from './findings.ts';
import { lockFolder, prepareFile, prepareFolder } from './folder.ts';
import { helpOf } from './help.ts';
import { peopleOf } from './people.ts';
import { type StoreLog, text } from './row.ts';
import { samplesOf } from './samples.ts';

export type { StoreLog } from './row.ts';

export interface SqliteStoreOptions {
  /** Made when it is not there. One collector at a time may hold it. */
  readonly folder: string;
  /** Milliseconds since 1970; stamps the write check. */
  readonly clock?: () => number;
  readonly log?: StoreLog;
}

export interface SqliteStore extends Store {
  /** Keeps the database file from growing beyond this; null: as large as the disk. Writes that need more are refused. */
  limitBytes(bytes: number | null): void;
}

const FILE = 'trayline.sqlite';

/**
 * Opens the embedded store in a folder of its own.
 * @throws Problem `data-folder-unwritable`, `data-folder-in-use`, `store-newer`, or `store-unavailable` when the file is
 *   damaged or the disk fails.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { clock = Date.now, log = { warn() {} } } = options;
  const folder = resolve(options.folder);
  prepareFolder(folder);
  const unlock = lockFolder(folder);
  try {
    const path = join(folder, FILE);
    prepareFile(path);
    const db = openDatabase(path, log);
    try {
      return await assemble(db, { folder, path, clock, unlock });
    } catch (error) {
      await db.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

async function assemble(
  db: Database,
  { folder, path, clock, unlock }: { folder: string; path: string; clock: () => number; unlock: () => void },
): Promise<SqliteStore> {
  const devices = devicesOf(db);
  const findings = findingsOf(db, devices);
  const samples = samplesOf(db, devices);
  const events = eventsOf(db, devices);
  const { keep: _findings, ...readFindings } = findings;
  const cluster = localCluster({
    placeOf: device => db.read(() => devices.know(device)),
    check: () => db.read(() => undefined),
  });
  const commits = commitsOf(db, { devices, findings, samples, events, claims: cluster });
  const people = peopleOf(db);
  const audit = auditOf(db);
  const timeline = expireTimeline(db);
  const { expire: expireHelp, ...help } = helpOf(db, devices);

  const selectNote = db.prepare('SELECT value FROM notes WHERE name = ?');
  const putNote = db.prepare('REPLACE INTO notes (name, value) VALUES (?, ?)');
  const selectMeta = db.prepare('SELECT value FROM meta WHERE name = ?');
  const keepMeta = db.prepare('INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)');
  const insertProbe = db.prepare('INSERT INTO probe (n, filler) VALUES (?, zeroblob(16384))');
  const deleteProbe = db.prepare('DELETE FROM probe');

  const id = await db.write(() => {
    keepMeta.run('collector-id', randomUUID());
    const row = selectMeta.get('collector-id');
    return row === undefined ? '' : text(row, 'value');
  });

  /** One piece of housekeeping at a time: they count on what the other has finished. */
  let housework: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = housework.then(work, work);
    housework = mine.catch(() => undefined);
    return mine;
  }

  let closing: Promise<void> | null = null;
  return {
    description: `SQLite ${process.versions.sqlite ?? ''} at ${path}`,

    cluster,

    collectorId: () => db.read(() => id),
    getNote: name =>
      db.read(() => {
        const row = selectNote.get(name);
        return row === undefined ? null : text(row, 'value');
      }),
    setNote: (name, value) =>
      db.write(() => {
        putNote.run(name, value);
      }),

    loadDevices: devices.loadDevices,
    getDevice: devices.getDevice,
    getDevices: devices.getDevices,
    getDeviceByKey: devices.getDeviceByKey,
    addDevice: devices.addDevice,
    setRevoked: devices.setRevoked,
    noteConnection: devices.noteConnection,
    ...readFindings,
    ...commits,
    addEvents: events.addEvents,
    getEvents: events.getEvents,
    getSeries: samples.getSeries,
    ...enrolmentOf(db, devices),
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
    ...agentSettingsOf(db),
    ...connectorsOf(db),
    ...help,
    addAudit: audit.addAudit,
    listAudit: audit.listAudit,
    verifyAudit: audit.verifyAudit,

    rollUp: now => inTurn(() => samples.rollUp(now)),

    expire: (now, retention) =>
      inTurn(async () => {
        const deleted = [
          await samples.expire(now, {
            raw: now - retention.rawMs,
            quarters: now - retention.quarterMs,
            days: now - retention.dailyMs,
          }),
          await timeline.expire({
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

    async storageBytes() {
      const files = [FILE, `${FILE}-wal`, `${FILE}-shm`, 'lock.sqlite'];
      const sizes = await Promise.all(
        files.map(file =>
          stat(join(folder, file)).then(
            found => found.size,
            () => 0,
          ),
        ),
      );
      return sizes.reduce((sum, size) => sum + size, 0);
    },

    async checkWritable() {
      // Large enough to need pages of its own, so that a full disk shows itself here and not at the next snapshot.
      await db.write(() => {
        insertProbe.run(clock());
      });
      await db.write(() => {
        deleteProbe.run();
      });
    },

    limitBytes: db.limitBytes,

    close() {
      closing ??= db.close().finally(unlock);
      return closing;
    },
  };
}
