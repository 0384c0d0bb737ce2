import type { Store } from './store.ts';
import type { StoreLog } from './stored.ts';

/** Which store, as the settings say. */
export interface StoreChoice {
  /** MongoDB's address; undefined: the embedded store in `dataDir`. */
  readonly store: string | undefined;
  readonly dataDir: string;
}

/**
 * Opens the store that the settings name. What the other one needs is not even loaded: mongoose costs a start half a second
 * and eighty megabytes.
 */
export async function openStore(choice: StoreChoice, log: StoreLog): Promise<Store> {
  if (choice.store !== undefined) {
    const { openMongoStore } = await import('./mongo/mongo-store.ts');
    return openMongoStore({ url: choice.store, log });
  }
  const { openSqliteStore } = await import('./sqlite/sqlite-store.ts');
  return openSqliteStore({ folder: choice.dataDir, log });
}
