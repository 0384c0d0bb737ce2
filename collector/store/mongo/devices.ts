import type { MergedRecord } from '../../../shared/device/device.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { readChecks } from '../checks.ts';
import type { Store, StoredDevice } from '../store.ts';
import { readJson } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { DeviceDoc, RecordDoc, StateDoc } from './documents.ts';
import { bare, type Models } from './schema.ts';
import { type Turns, together } from './turns.ts';

/** Devices in one part of `loadDevices`: a few megabytes of JSON. */
const LOAD_CHUNK = 500;
/** Greetings written in one go, when a fleet comes back at once. */
const GREETINGS = 500;

type DeviceMethods =
  | 'loadDevices'
  | 'getDevice'
  | 'getDevices'
  | 'getDeviceByKey'
  | 'setRevoked'
  | 'noteConnection';

export interface Devices extends Pick<Store, DeviceMethods> {
  find(id: string): Promise<StoredDevice | null>;
  /** Ids of all devices, in parts. */
  ids(): AsyncIterable<readonly string[]>;
}

export function devicesOf({ db, log, run, again }: Mongo, models: Models, turns: Turns): Devices {
  const collection = bare<DeviceDoc>(db, models.devices);
  const states = bare<StateDoc>(db, models.states);
  const records = bare<RecordDoc>(db, models.records);

  /** Those whose identity cannot be read are left out: there is nothing left to show. Other damaged parts are empty. */
  async function complete(docs: readonly DeviceDoc[]): Promise<StoredDevice[]> {
    const _id = { $in: docs.map(doc => doc._id) };
    const [stateDocs, recordDocs] = await Promise.all([
      again(() => states.find({ _id }).toArray()),
      again(() => records.find({ _id }).toArray()),
    ]);
    // A state that was only claimed says nothing of the device.
    const stateOf = new Map(stateDocs.filter(({ v }) => v > 0).map(doc => [doc._id, doc]));
    const recordOf = new Map(recordDocs.map(doc => [doc._id, doc.record]));
    return docs
      .map(doc => deviceOf(doc, stateOf.get(doc._id), recordOf.get(doc._id)))
      .filter(device => device !== null);
  }

  function deviceOf(
    doc: DeviceDoc,
    state: StateDoc | undefined,
    record: string | undefined,
  ): StoredDevice | null {
    const id = doc._id;
    const identity = readJson<DeviceIdentity>(doc.identity, log, { table: 'devices', key: id });
    if (identity === null) return null;
    const part = <T extends object>(json: string | null | undefined, table: string): T | null =>
      json === null || json === undefined ? null : readJson<T>(json, log, { table, key: id });
    const hashes: Record<string, string> = {};
    const fresh: Record<string, number> = {};
    for (const [check, { hash, fresh: again }] of readChecks(state?.checks ?? '', log, id)) {
      hashes[check] = hash;
      if (again !== null) fresh[check] = again;
    }
    const { connectedAt } = doc;
    const seen = state?.seen ?? null;
    return {
      id,
      publicKey: doc.publicKey,
      enrolledAt: doc.enrolledAt,
      enrolledBy: doc.enrolledBy,
      revokedAt: doc.revokedAt,
      demo: doc.demo,
      identity,
      agent: part<NonNullable<StoredDevice['agent']>>(doc.agent, 'devices'),
      clockSkewMs: doc.clockSkewMs,
      stream: state?.stream ?? null,
      acked: state?.acked ?? 0,
      lastSeen: connectedAt === null || seen === null ? (connectedAt ?? seen) : Math.max(connectedAt, seen),
      record: part<MergedRecord>(record, 'records') ?? {},
      recordBehind: state?.behind ?? false,
      score: part<NonNullable<StoredDevice['score']>>(state?.score, 'states'),
      hashes,
      fresh,
    };
  }

  async function one(filter: { _id: string } | { publicKey: string }): Promise<StoredDevice | null> {
    const doc = await again(() => collection.findOne(filter));
    return doc === null ? null : ((await complete([doc]))[0] ?? null);
  }

  async function* parts(projection: object): AsyncIterable<DeviceDoc[]> {
    let after = '';
    for (;;) {
      const docs = await again(() =>
        collection
          .find({ _id: { $gt: after } }, { projection })
          .sort({ _id: 1 })
          .limit(LOAD_CHUNK)
          .toArray(),
      );
      const last = docs.at(-1);
      if (last === undefined) return;
      yield docs;
      after = last._id;
    }
  }

  const greet = together(GREETINGS, async (greetings: readonly Parameters<Store['noteConnection']>[]) => {
    // A commit may bring a newer identity: in turn with the device's commits.
    await turns.take(
      greetings.map(([id]) => id),
      () =>
        again(() =>
          collection.bulkWrite(
            greetings.map(([id, { identity, agent, clockSkewMs, at }]) => ({
              updateOne: {
                filter: { _id: id },
                update: {
                  $set: {
                    identity: JSON.stringify(identity),
                    agent: JSON.stringify(agent),
                    clockSkewMs,
                    connectedAt: at,
                  },
                },
              },
            })),
          ),
        ),
    );
    return greetings.map(() => undefined);
  });

  return {
    find: id => one({ _id: id }),

    async *ids() {
      for await (const docs of parts({ _id: 1 })) yield docs.map(({ _id }) => _id);
    },

    async *loadDevices() {
      const all = parts({})[Symbol.asyncIterator]();
      for (;;) {
        const devices = await run(async () => {
          const docs = await all.next();
          return docs.done === true ? null : complete(docs.value);
        });
        if (devices === null) return;
        yield devices;
      }
    },

    getDevice: id => run(() => one({ _id: id })),
    getDevices: ids =>
      run(async () =>
        ids.length === 0
          ? []
          : complete(await again(() => collection.find({ _id: { $in: [...ids] } }).toArray())),
      ),
    getDeviceByKey: publicKey => run(() => one({ publicKey })),

    setRevoked(id, at) {
      return run(async () => {
        await again(() => models.devices.updateOne({ _id: id }, { $set: { revokedAt: at } }));
      });
    },

    noteConnection: (id, change) => run(() => greet([id, change])),
  };
}
