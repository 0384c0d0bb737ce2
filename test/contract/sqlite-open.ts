import { openSqliteStore, type SqliteStore } from '../../collector/store/sqlite/sqlite-store.ts';

export function open(folder: string): Promise<SqliteStore> {
  return openSqliteStore({ folder });
}
