import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../../shared/problem/problem.ts';
import { sqliteCode } from './problems.ts';

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;

/** Makes the folder, readable by nobody else (on Windows its access list is inherited), and checks that it takes files. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Problem('data-folder-unwritable', 'the data folder cannot be made or written', {
      cause: error,
    });
  }
}

/** Makes the file, if it is not there, before SQLite does: SQLite would give it the mode the umask allows. */
export function prepareFile(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (error) {
    throw new Problem('data-folder-unwritable', 'a file of the data folder cannot be made or written', {
      cause: error,
    });
  }
}

/**
 * Keeps a second collector out of the folder for as long as this process lives; gives the function that lets go.
 *
 * The lock is an open exclusive transaction on a small database of its own: SQLite's file locks belong to the process and
 * vanish with it, also on SIGKILL, which a pid file does not. Nothing else in this process may open and close that file:
 * closing any descriptor of a file drops the process's POSIX locks on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock.sqlite');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    // Nothing is ever written, so there is nothing to take back: no journal file beside it.
    lock.exec('PRAGMA journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    chmodSync(path, 0o600);
  } catch (error) {
    lock?.close();
    const code = sqliteCode(error);
    if (code === SQLITE_BUSY || code === SQLITE_LOCKED) {
      throw new Problem('data-folder-in-use', 'another collector holds this data folder', { cause: error });
    }
    throw new Problem('data-folder-unwritable', 'the lock of the data folder cannot be made', {
      cause: error,
    });
  }
  const held = lock;
  return () => held.close();
}
