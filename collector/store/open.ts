import { openSqliteStore } from './sqlite/sqlite-store.ts';
import type { Store } from './store.ts';
import type { StoreLog } from './stored.ts';

/** Which store, as the settings say. */
export interface StoreChoice {
  /** MongoDB's address; undefined: the embedded store in `dataDir`. */
  readonly store: string | undefined;
  readonly dataDir: string;
}

/**
 * Opens the store that the settings name. mongoose is loaded only when it is the one: it costs a start half a second and
 * eighty megabytes.
 */
export async function openStore(choice: StoreChoice, log: StoreLog): Promise<Store> {
  if (choice.store === undefined) return openSqliteStore({ folder: choice.dataDir, log });
  const { openMongoStore } = await import('./mongo/mongo-store.ts');
  return openMongoStore({ url: choice.store, log });
}
