import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Problem } from '../../../shared/problem/problem.ts';
import {
  type Piece,
  type Row,
  type Source,
  TABLES,
  TABLES_OF_ALL,
  TABLES_OF_DEVICE,
  type Table,
  type Target,
  type Value,
} from '../transfer/tables.ts';
import { lockFolder, prepareFile, prepareFolder } from './folder.ts';
import { storeProblem } from './problems.ts';
import { migrate } from './schema.ts';

const FILE = 'trayline.sqlite';
/** A copy that is not finished lies under another name, so that no collector opens it. */
const UNFINISHED = 'unfinished.sqlite';

const M = 'm0, m1, m2, m3, m4, m5, m6, m7';
/** Tables that are the same but for their names: SQLite's, and its columns in the order of ours. */
interface Plain {
  readonly table: string;
  readonly columns: string;
  readonly order: string;
}
const PLAIN: Partial<Record<Table, Plain>> = {
  meta: { table: 'meta', columns: 'name, value', order: 'name' },
  notes: { table: 'notes', columns: 'name, value', order: 'name' },
  enrolmentTokens: {
    table: 'enrolment_tokens',
    columns: 'id, secret_hash, label, created_at, created_by, expires_at, max_uses, uses, revoked_at',
    order: 'n',
  },
  waiting: {
    table: 'waiting',
    columns: 'public_key, id, identity, fingerprint, first_seen, last_seen, address, rejected',
    order: 'rowid',
  },
  people: {
    table: 'people',
    columns:
      'user_key, user, name, role, created_at, last_sign_in, disabled, locked_until, password_hash, must_change_password, failures',
    order: 'user_key',
  },
  sessions: {
    table: 'sessions',
    columns: 'id_hash, user_key, csrf, created_at, expires_at',
    order: 'id_hash',
  },
  apiTokens: {
    table: 'api_tokens',
    columns: 'id, secret_hash, label, role, created_at, created_by, expires_at, last_used, revoked_at',
    order: 'n',
  },
  agentSettings: { table: 'agent_settings', columns: 'settings, hash, changed_at, changed_by', order: 'one' },
  accounts: {
    table: 'accounts',
    columns: 'connector, account, label, settings, saved_at, saved_by, demo, standing',
    order: 'connector, account',
  },
  observations: {
    table: 'observations',
    columns: 'connector, account, vendor_id, received_at, observation',
    order: 'connector, account, vendor_id',
  },
  pins: { table: 'pins', columns: 'id, pin, at, by', order: 'n' },
  precedence: { table: 'precedence', columns: 'field_order, hash, changed_at, changed_by', order: 'one' },
  audit: {
    table: 'audit',
    columns: 'n, at, actor, action, subject, data, previous, hash',
    order: 'n',
  },
  records: { table: 'records', columns: 'record', order: 'device' },
  dayScores: { table: 'day_scores', columns: 'day, value', order: 'day' },
  events: { table: 'events', columns: 'at, by_device, kind, data', order: 'at, i' },
  samples: { table: 'samples', columns: `at, ${M}`, order: 'at, i' },
  quarters: { table: 'quarters', columns: `at, n, ${M}`, order: 'at' },
  days: { table: 'days', columns: `at, n, ${M}`, order: 'at' },
  lateQuarters: { table: 'late_quarters', columns: 'at', order: 'at' },
  lateDays: { table: 'late_days', columns: 'at', order: 'at' },
  help: { table: 'help', columns: 'id, received_at, state, over, changed_at, content', order: 'id' },
};

/** SQLite tables by which table of ours they are part of; null: not carried over. */
export const SQLITE_TABLES: Readonly<Record<string, Table | null>> = {
  ...Object.fromEntries(Object.entries(PLAIN).map(([ours, { table }]) => [table, ours as Table])),
  devices: 'devices',
  streams: 'states',
  checks: 'states',
  scores: 'states',
  history: 'history',
  // Filler that the write check puts in and takes out.
  probe: null,
};

/** Truth is kept as 0 and 1. */
const TRUTHS = new Set([
  'demo',
  'rejected',
  'disabled',
  'mustChangePassword',
  'behind',
  'whole',
  'byDevice',
  'over',
]);

function fromSqlite(table: Table, row: Record<string, unknown>): Row {
  const values = Object.values(row);
  return TABLES[table].columns.map((column, i): Value => {
    const value = values[i];
    if (TRUTHS.has(column)) return value === 1;
    if (value === null || typeof value === 'string' || typeof value === 'number') return value;
    throw new Problem('store-unavailable', `column ${column} of ${table} holds ${typeof value}`);
  });
}

const toSqlite = (row: Row): SQLInputValue[] =>
  row.map(value => (typeof value === 'boolean' ? (value ? 1 : 0) : value));

/** Reads everything within one read transaction: one moment, also beside a collector that goes on. */
async function* pieces(db: DatabaseSync): AsyncIterable<Piece> {
  db.exec('BEGIN');
  try {
    const read = (table: Table, sql: string, ...values: SQLInputValue[]): Row[] =>
      db
        .prepare(sql)
        .all(...values)
        .map(row => fromSqlite(table, row));
    const plain = (table: Table, n?: number): Row[] => {
      const told = PLAIN[table];
      if (told === undefined) return [];
      const where = n === undefined ? '' : 'WHERE device = ?';
      const sql = `SELECT ${told.columns} FROM ${told.table} ${where} ORDER BY ${told.order}`;
      return n === undefined ? read(table, sql) : read(table, sql, n);
    };
    yield { device: null, tables: Object.fromEntries(TABLES_OF_ALL.map(table => [table, plain(table)])) };

    const devices = db.prepare('SELECT n, id FROM devices ORDER BY id').all();
    const entry = db.prepare(
      'SELECT id, previous, at, whole, removed, findings, score FROM history WHERE id = ?',
    );
    for (const device of devices) {
      const n = Number(device.n);
      const tables: Partial<Record<Table, Row[]>> = Object.fromEntries(
        TABLES_OF_DEVICE.map(table => [table, plain(table, n)]),
      );
      tables.devices = read(
        'devices',
        `SELECT public_key, enrolled_at, enrolled_by, revoked_at, demo, identity, agent, clock_skew_ms, s.last_seen
         FROM devices d JOIN streams s ON s.device = d.n WHERE d.n = ?`,
        n,
      );
      const [standing] = db
        .prepare(
          `SELECT s.stream, s.acked, s.record_behind, c.keyframe, c.newest, c.keyframe_at, c.checks, v.score
           FROM streams s LEFT JOIN checks c ON c.device = s.device LEFT JOIN scores v ON v.device = s.device
           WHERE s.device = ?`,
        )
        .all(n);
      const chain: { id: number; row: Row }[] = [];
      for (let id = standing?.newest ?? null; id !== null; ) {
        const found = entry.get(id);
        if (found === undefined) break;
        const { id: own, previous, ...rest } = found;
        chain.push({ id: Number(own), row: fromSqlite('history', rest) });
        id = previous ?? null;
      }
      chain.reverse();
      tables.history = chain.map(({ row }) => row);
      // A device that has sent nothing has no state.
      tables.states =
        standing === undefined || standing.stream === null
          ? []
          : [
              fromSqlite('states', {
                stream: standing.stream,
                acked: standing.acked,
                behind: standing.record_behind,
                keyframe: chain.findIndex(({ id }) => id === standing.keyframe) + 1,
                keyframeAt: standing.keyframe_at ?? 0,
                checks: standing.checks ?? '',
                score: standing.score,
              }),
            ];
      yield { device: String(device.id), tables };
    }
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
  }
}

const collectorIdOf = (db: DatabaseSync): string =>
  String(db.prepare("SELECT value FROM meta WHERE name = 'collector-id'").get()?.value ?? '');

/**
 * Everything in a data folder, to copy it. `alone`: no collector may use the folder meanwhile.
 * @throws Problem `not-found`, `data-folder-in-use`, `store-newer`, `store-unavailable`.
 */
export function openSqliteSource(folder: string, { alone }: { readonly alone: boolean }): Source {
  const path = join(folder, FILE);
  if (!existsSync(path)) throw new Problem('not-found', 'there is no database in this folder');
  const unlock = alone ? lockFolder(folder) : () => undefined;
  try {
    const db = new DatabaseSync(path, { timeout: 5000 });
    try {
      migrate(db);
      return {
        collectorId: collectorIdOf(db),
        pieces: () => pieces(db),
        async close() {
          db.close();
          unlock();
        },
      };
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw storeProblem(error);
  }
}

/**
 * A data folder to copy into: one without a database, or with the unfinished copy of this very collector.
 * @throws Problem `conflict` when it holds something else, `data-folder-in-use`, `data-folder-unwritable`.
 */
export function openSqliteTarget(folder: string, from: { readonly collectorId: string }): Target {
  prepareFolder(folder);
  const unlock = lockFolder(folder);
  try {
    const final = join(folder, FILE);
    if (existsSync(final) && statSync(final).size > 0) {
      throw new Problem('conflict', 'the target folder holds a database already');
    }
    const path = join(folder, UNFINISHED);
    prepareFile(path);
    const db = new DatabaseSync(path, { timeout: 1000 });
    try {
      db.exec('PRAGMA synchronous = FULL');
      migrate(db);
      db.exec(
        'CREATE TABLE IF NOT EXISTS transfer (source TEXT NOT NULL, done TEXT, begun INTEGER NOT NULL)',
      );
      const found = db.prepare('SELECT source, done, begun FROM transfer').get();
      if (found === undefined) db.prepare('INSERT INTO transfer VALUES (?, NULL, 0)').run(from.collectorId);
      else if (found.source !== from.collectorId) {
        throw new Problem('conflict', 'the target folder holds the unfinished copy of another collector');
      }
      const doneUpTo =
        found === undefined || found.begun === 0
          ? undefined
          : found.done === null
            ? null
            : String(found.done);
      return targetOn(db, { path, final, doneUpTo, unlock });
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw storeProblem(error);
  }
}

function targetOn(
  db: DatabaseSync,
  about: {
    readonly path: string;
    readonly final: string;
    readonly doneUpTo: string | null | undefined;
    readonly unlock: () => void;
  },
): Target {
  let finished = false;
  return {
    doneUpTo: about.doneUpTo,
    // A piece and the note that it is there are one transaction: none is ever there in part.
    async write(piece) {
      db.exec('BEGIN IMMEDIATE');
      try {
        writePiece(db, piece);
        db.prepare('UPDATE transfer SET done = ?, begun = 1').run(piece.device);
        db.exec('COMMIT');
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw storeProblem(error);
      }
    },
    pieces: () => pieces(db),
    async finish() {
      db.exec('DROP TABLE transfer');
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
      finished = true;
      renameSync(about.path, about.final);
    },
    async close() {
      if (!finished) db.close();
      about.unlock();
    },
  };
}

function writePiece(db: DatabaseSync, { device, tables }: Piece): void {
  const rowsOf = (table: Table): readonly Row[] => tables[table] ?? [];
  const marks = (count: number): string => Array.from({ length: count }, () => '?').join(', ');
  if (device === null) {
    for (const table of TABLES_OF_ALL) {
      const told = PLAIN[table];
      if (told === undefined) continue;
      const one = table === 'agentSettings' || table === 'precedence';
      const columns = one ? `one, ${told.columns}` : told.columns;
      const count = TABLES[table].columns.length + (one ? 1 : 0);
      db.exec(`DELETE FROM ${told.table}`);
      const insert = db.prepare(`INSERT INTO ${told.table} (${columns}) VALUES (${marks(count)})`);
      for (const row of rowsOf(table)) insert.run(...(one ? [1, ...toSqlite(row)] : toSqlite(row)));
    }
    return;
  }
  const [about] = rowsOf('devices');
  if (about === undefined) throw new Problem('store-unavailable', 'a device without its row');
  const lastSeen = about.at(-1) ?? null;
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO devices (id, public_key, enrolled_at, enrolled_by, revoked_at, demo, identity, agent, clock_skew_ms)
       VALUES (${marks(9)})`,
    )
    .run(device, ...toSqlite(about.slice(0, -1)));
  const n = Number(lastInsertRowid);
  const ids: number[] = [];
  const entry = db.prepare(
    `INSERT INTO history (device, at, whole, removed, findings, score, previous) VALUES (${marks(7)})`,
  );
  for (const row of rowsOf('history')) {
    ids.push(Number(entry.run(n, ...toSqlite(row), ids.at(-1) ?? null).lastInsertRowid));
  }
  const [state] = rowsOf('states');
  const [stream = null, acked = 0, behind = false, keyframe = 0, keyframeAt = 0, checks = '', score = null] =
    state === undefined ? [] : toSqlite(state);
  db.prepare(
    `INSERT INTO streams (device, stream, acked, last_seen, record_behind) VALUES (${marks(5)})`,
  ).run(n, stream, acked, typeof lastSeen === 'boolean' ? null : lastSeen, behind === 1 ? 1 : 0);
  const place = Number(keyframe);
  if (place > 0) {
    db.prepare(
      `INSERT INTO checks (device, keyframe, newest, keyframe_at, changes, checks) VALUES (${marks(6)})`,
    ).run(n, ids[place - 1] ?? 0, ids.at(-1) ?? 0, keyframeAt, ids.length - place, checks);
  }
  if (score !== null) db.prepare('INSERT INTO scores (device, score) VALUES (?, ?)').run(n, score);
  for (const table of TABLES_OF_DEVICE) {
    const told = PLAIN[table];
    if (told === undefined) continue;
    // Rows of one moment are told apart by their place among them.
    const placed = table === 'events' || table === 'samples';
    const columns = `device, ${placed ? 'i, ' : ''}${told.columns}`;
    const count = TABLES[table].columns.length + (placed ? 2 : 1);
    const insert = db.prepare(`INSERT INTO ${told.table} (${columns}) VALUES (${marks(count)})`);
    let before: Value | undefined;
    let i = 0;
    for (const row of rowsOf(table)) {
      i = row[0] === before ? i + 1 : 0;
      before = row[0];
      insert.run(n, ...(placed ? [i] : []), ...toSqlite(row));
    }
  }
}
