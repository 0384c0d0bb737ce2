import { join } from 'node:path';
import { Problem } from '../../../shared/problem/problem.ts';

/**
 * Makes this process the only one that uses a data folder, until the returned function is called or the process ends in
 * any way: an operating system lock, taken through SQLite because Node has no file lock of its own (fcntl on POSIX,
 * LockFileEx on Windows), so nothing stale is left behind and no process id is compared.
 *
 * @throws Problem `service-already-running`, `data-folder-unwritable`.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const { DatabaseSync } = await import('node:sqlite');
  try {
    const database = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
    try {
      database.exec('PRAGMA journal_mode = MEMORY; PRAGMA cache_size = 1; BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      throw error;
    }
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      database.close();
    };
  } catch (error) {
    const locked = error instanceof Error && /locked|busy/i.test(error.message);
    if (locked) {
      throw new Problem('service-already-running', 'another process uses this data folder', { cause: error });
    }
    throw new Problem('data-folder-unwritable', 'the data folder cannot be locked', { cause: error });
  }
}
