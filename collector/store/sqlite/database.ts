import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { Problem } from '../../../shared/problem/problem.ts';
import { startCheckpoints } from './checkpoints.ts';
import { storeProblem } from './problems.ts';
import type { StoreLog } from './row.ts';
import { migrate } from './schema.ts';

/*
 * Durable commits that do not stop the event loop.
 *
 * "In WAL mode when synchronous is NORMAL (1), the WAL file is synchronized before each checkpoint and the database file is
 * synchronized after each completed checkpoint and the WAL file header is synchronized when a WAL file begins to be reused
 * after a checkpoint, but no sync operations occur during most transactions. With synchronous=FULL in WAL mode, an
 * additional sync operation of the WAL file happens after each transaction commit. The extra WAL sync following each
 * transaction helps ensure that transactions are durable across a power loss." (https://www.sqlite.org/pragma.html#pragma_synchronous)
 *
 * That extra sync is all that FULL adds, and it is what we do ourselves: the connection runs at NORMAL, COMMIT writes the
 * frames into the WAL, and one fdatasync of the WAL file on the thread pool follows before the promise of the write
 * resolves. Writes that arrive while it runs share the next one. A write that a checkpoint has moved into the database
 * file in between was synchronised by the checkpoint.
 *
 * The sync needs a descriptor of its own for `trayline.sqlite-wal`. Holding one is safe: the danger of a second descriptor
 * is that closing it drops the process's POSIX advisory locks on that file (https://www.sqlite.org/howtocorrupt.html, 2.2),
 * and SQLite takes its locks on the database file and on `-shm`, never on `-wal`
 * (https://www.sqlite.org/walformat.html#wal_locks). fsync works on the file, not on what one descriptor wrote. On macOS
 * libuv turns it into F_FULLFSYNC, on Windows into FlushFileBuffers. The WAL file stays the same file while a connection is
 * open: it is deleted only when the last one closes. Where it cannot be opened, the connection runs at synchronous=FULL
 * and every COMMIT waits for the disk itself.
 */

const syncData = promisify(fdatasync);

/** How long another program that looks into the file may hold us up, milliseconds. */
const BUSY_MS = 1000;

export interface Database {
  readonly log: StoreLog;
  prepare(sql: string): StatementSync;
  /** Runs a query; failures reject with `store-unavailable`. */
  read<T>(query: () => T): Promise<T>;
  /**
   * Runs changes in one transaction, in the order of the calls, and resolves when they are on disk. A throw takes them all
   * back. What reads see before that may still be lost in a power cut, but nobody was told of it.
   */
  write<T>(change: () => T): Promise<T>;
  /** Called after a transaction was taken back: what was remembered of it is wrong. */
  onRollback(forget: () => void): void;
  /** Largest size of the database file in bytes; null: as large as the disk. */
  limitBytes(bytes: number | null): void;
  close(): Promise<void>;
}

/** Opens (or makes) the database file; the caller holds the folder's lock. */
export function openDatabase(path: string, log: StoreLog): Database {
  const connection = new DatabaseSync(path, { timeout: BUSY_MS });
  const wal = `${path}-wal`;
  let descriptor: number | null = null;
  try {
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec('PRAGMA synchronous = NORMAL');
    // Checkpoints sync by themselves; on macOS an ordinary fsync leaves the data in the drive's cache.
    if (process.platform === 'darwin') connection.exec('PRAGMA checkpoint_fullfsync = 1');
    connection.exec('PRAGMA cache_size = -65536');
    connection.exec('PRAGMA temp_store = MEMORY');
    // After a burst the log shrinks to this again instead of keeping its largest size for ever.
    connection.exec(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
    migrate(connection);
    try {
      descriptor = openSync(wal, 'r+');
      syncFolder(dirname(path));
    } catch (error) {
      connection.exec('PRAGMA synchronous = FULL');
      log.warn('write-ahead log cannot be opened, every commit waits for the disk', {
        code: storeProblem(error).code,
      });
    }
  } catch (error) {
    if (descriptor !== null) closeSync(descriptor);
    connection.close();
    throw storeProblem(error);
  }

  const begin = connection.prepare('BEGIN IMMEDIATE');
  const commit = connection.prepare('COMMIT');
  const forgetters: (() => void)[] = [];
  let closing: Promise<void> | null = null;
  let closed = false;
  /** A sync failed: what the kernel still holds of the log is not to be trusted until a checkpoint has rewritten it. */
  let doubtful = false;

  const gate = makeGate();
  const checkpoints = startCheckpoints(path, connection, gate, log);
  const synced = descriptor === null ? () => Promise.resolve() : sharedSync(descriptor);

  function transaction<T>(change: () => T): T {
    if (doubtful) {
      // After a failed fsync the kernel may call the lost pages clean, so that trying again proves nothing. A complete
      // checkpoint writes every page of the log once more, into the database file, and syncs that.
      const row = connection.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      if (row?.busy !== 0) throw new Problem('store-unavailable', 'the write-ahead log could not be synced');
      doubtful = false;
    }
    begin.run();
    try {
      const result = change();
      commit.run();
      return result;
    } catch (error) {
      // SQLite has already taken some back by itself (disk full, I/O error): https://www.sqlite.org/lang_transaction.html
      if (connection.isTransaction) connection.exec('ROLLBACK');
      for (const forget of forgetters) forget();
      throw error;
    }
  }

  function refuseClosed(): void {
    if (closed || closing !== null) throw new Problem('store-unavailable', 'the store is closed');
  }

  return {
    log,
    prepare: sql => connection.prepare(sql),

    async read(query) {
      try {
        refuseClosed();
        return query();
      } catch (error) {
        throw storeProblem(error);
      }
    },

    async write(change) {
      try {
        refuseClosed();
        const result = await gate.pass(() => transaction(change));
        try {
          await synced();
        } catch (error) {
          doubtful = true;
          throw error;
        }
        checkpoints.look();
        return result;
      } catch (error) {
        throw storeProblem(error);
      }
    },

    onRollback(forget) {
      forgetters.push(forget);
    },

    limitBytes(bytes) {
      const row = connection.prepare('PRAGMA page_size').get();
      const pageSize = Number(row?.page_size ?? 4096);
      // 2^32 - 2 pages is SQLite's own limit (https://www.sqlite.org/limits.html).
      const pages = bytes === null ? 4294967294 : Math.max(1, Math.floor(bytes / pageSize));
      connection.exec(`PRAGMA max_page_count = ${pages}`);
    },

    close() {
      closing ??= (async () => {
        await checkpoints.stop();
        await gate.idle();
        await synced().catch(() => undefined);
        closed = true;
        if (descriptor !== null) closeSync(descriptor);
        try {
          connection.close();
        } catch (error) {
          throw storeProblem(error);
        }
      })();
      return closing;
    },
  };
}

/** A new file's name is on disk only when its folder is (not on Windows, which does not open folders). */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** One sync at a time; those who ask while one runs share the next, because the running one may not have seen their frames. */
function sharedSync(descriptor: number): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  function start(): Promise<void> {
    const mine = syncData(descriptor).finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  }
  return () => {
    if (running === null) return start();
    // When the running one fails, so does the next: the kernel may have called its frames clean as well.
    next ??= running
      .finally(() => {
        next = null;
      })
      .then(start);
    return next;
  };
}

/** Lets work through in order, or keeps it in order while it is shut. */
export interface Gate {
  pass<T>(work: () => T): Promise<T>;
  shut(): void;
  open(): void;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
}

function makeGate(): Gate {
  let isShut = false;
  let waiting: (() => void)[] = [];
  return {
    async pass(work) {
      if (!isShut) return work();
      return new Promise((resolve, reject) => {
        waiting.push(() => {
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        });
      });
    },
    shut() {
      isShut = true;
    },
    open() {
      isShut = false;
      const released = waiting;
      waiting = [];
      for (const go of released) go();
    },
    idle() {
      return new Promise(resolve => setImmediate(resolve));
    },
  };
}
