import { basename } from 'node:path';
import { openMongoStore } from '../../collector/store/mongo/mongo-store.ts';
import type { Store } from '../../collector/store/store.ts';

/** Where the replica set of the tests is: also read by the processes they start. */
export const ADDRESS = 'MONGO_STORE_TEST_ADDRESS';

/** A database named as the folder, on the replica set of the tests. */
export function addressOf(folder: string): string {
  const address = process.env[ADDRESS];
  if (address === undefined) throw new Error(`${ADDRESS} is not set`);
  return address.replace('/?', `/${databaseOf(folder)}?`);
}

export function databaseOf(folder: string): string {
  return basename(folder);
}

export function open(folder: string): Promise<Store> {
  return openMongoStore({ url: addressOf(folder), appName: databaseOf(folder), patienceMs: 3000 });
}
