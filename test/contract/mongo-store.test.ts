import { describe, expect, onTestFinished } from 'vitest';
import type { Store } from '../../collector/store/store.ts';
import { findMongod, type Mongod, ReplicaSet } from '../support/mongod.ts';
import { clusterContract } from './cluster.contract.ts';
import { helpContract } from './help.contract.ts';
import { ADDRESS, databaseOf, open } from './mongo-open.ts';
import { storeContract } from './store.contract.ts';

const program = await findMongod();

/** Commands that write, for the failure that a full disk gives. */
const WRITES = ['insert', 'update', 'delete', 'findAndModify', 'commitTransaction'];
const OUT_OF_DISK_SPACE = 14_031;

describe.skipIf(program === null)('on a real mongod', async () => {
  if (program === null) return;
  const set = await ReplicaSet.start(program);
  const [server] = set.members as [Mongod];
  process.env[ADDRESS] = set.url('');

  const names = new WeakMap<Store, string>();
  const dropped = new Set<string>();
  async function openHere(folder: string): Promise<Store> {
    const name = databaseOf(folder);
    if (!dropped.has(name)) {
      dropped.add(name);
      onTestFinished(async () => {
        await server.command({ dropDatabase: 1 }, name);
      });
    }
    const store = await open(folder);
    names.set(store, name);
    return store;
  }

  async function failWrites(store: Store, mode: 'alwaysOn' | 'off'): Promise<void> {
    await server.command({
      configureFailPoint: 'failCommand',
      mode,
      data: { failCommands: WRITES, errorCode: OUT_OF_DISK_SPACE, appName: names.get(store) },
    });
  }

  async function change(folder: string, collection: string, q: object, u: object): Promise<void> {
    const result = await server.command({ update: collection, updates: [{ q, u }] }, databaseOf(folder));
    expect(result).toMatchObject({ n: 1 });
  }

  helpContract('MongoDB store', openHere);
  clusterContract('MongoDB store', openHere, folder => open(folder));

  storeContract('MongoDB store', openHere, {
    module: new URL('./mongo-open.ts', import.meta.url).href,
    fill: store => failWrites(store, 'alwaysOn'),
    relieve: store => failWrites(store, 'off'),
    spoilAudit: (folder, n) => change(folder, 'audit', { _id: n }, { $set: { data: '{"reason":"none"}' } }),
    async cutAudit(folder) {
      const newest = await server.command(
        { findAndModify: 'audit', query: {}, sort: { _id: -1 }, remove: true },
        databaseOf(folder),
      );
      expect(newest.value).not.toBeNull();
    },
    spoilDevice: (folder, id, what) =>
      what === 'identity'
        ? change(folder, 'devices', { _id: id }, { $set: { identity: '{' } })
        : change(folder, 'records', { _id: id }, { $set: { record: '{"os' } }),
  });
});
