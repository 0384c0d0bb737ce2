import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createConnection } from 'mongoose';
import { openMongoStore } from '../../collector/store/mongo/mongo-store.ts';
import type { Store } from '../../collector/store/store.ts';
import { readingText } from './agent-core.ts';
import { readStored } from './stored.ts';
import { closeAtEnd } from './teardown.ts';

/** Longer than anything that is written here. */
const EVER = Number.MAX_SAFE_INTEGER;
const ROWS = 20_000_000;

/** Done to one reading, to see that the counting sees it: taken away, or stored a second time. */
export type Spoiling = 'lose' | 'double';

/** What a database holds, asked of the database and not of the collector that wrote it. */
export interface Kept {
  /** Number up to which a device's frames are stored; null: the device is not there. */
  acked(device: string): Promise<number | null>;
  /** Every reading of a device as text (`readingText`). */
  readings(device: string): Promise<string[]>;
  /** Events of a device: kind and data. */
  events(
    device: string,
  ): Promise<readonly { readonly kind: string; readonly data: Readonly<Record<string, unknown>> }[]>;
  /** Spoils one reading of a device in the database itself. */
  spoil(how: Spoiling, device: string): Promise<void>;
}

/** The file of a data folder. The collector must be over. */
export function keptInFolder(dataDir: string): Kept {
  const stored = readStored(dataDir);
  if (stored.integrity !== 'ok') throw new Error(`the database is damaged: ${stored.integrity}`);
  return {
    acked: async device => stored.devices.find(({ id }) => id === device)?.acked ?? null,
    readings: async device => stored.readings(device).map(({ at, values }) => readingText(at, values)),
    events: async device => stored.events(device),
    async spoil(how, device) {
      const database = new DatabaseSync(join(dataDir, 'trayline.sqlite'));
      try {
        const one = 'device = (SELECT n FROM devices WHERE id = ?)';
        const first = `(device, at, i) = (SELECT device, at, i FROM samples WHERE ${one} LIMIT 1)`;
        const { changes } = database
          .prepare(
            how === 'lose'
              ? `DELETE FROM samples WHERE ${first}`
              : `INSERT INTO samples SELECT device, at, (SELECT max(i) + 1 FROM samples),
                   m0, m1, m2, m3, m4, m5, m6, m7 FROM samples WHERE ${first}`,
          )
          .run(device);
        if (Number(changes) !== 1) throw new Error(`${changes} readings were spoilt instead of one`);
      } finally {
        database.close();
      }
    },
  };
}

/** A store of its own beside the collector's, to look at what is kept in a MongoDB database. */
export async function lookInto(url: string): Promise<Store> {
  const store = await openMongoStore({ url, appName: 'trayline-test' });
  closeAtEnd(() => store.close());
  return store;
}

export async function keptInMongo(url: string): Promise<Kept> {
  const store = await lookInto(url);
  return {
    acked: async device => (await store.getDevice(device))?.acked ?? null,
    async readings(device) {
      const { rows } = await store.getSeries(device, 0, EVER, ROWS);
      return rows.map(([at, ...values]) => readingText(at, values));
    },
    events: device => store.getEvents(device, 0, EVER, ROWS),
    async spoil(how, device) {
      const connection = await createConnection(url, { autoCreate: false, autoIndex: false }).asPromise();
      try {
        const samples = connection.collection('samples');
        const own = { 'm.d': device };
        const all = await samples.find(own, { projection: { _id: 0 } }).toArray();
        const [first, ...others] = all;
        if (first === undefined) throw new Error('there is no reading to spoil');
        // A time-series collection of before 7.0 deletes by `m` only: all of the device's, and the others come back.
        if (how === 'lose') {
          await samples.deleteMany(own);
          if (others.length > 0) await samples.insertMany(others);
        } else {
          // As a reading of its own: the same place of the same frame would count once.
          await samples.insertOne({ ...first, i: Math.max(...all.map(({ i }) => Number(i))) + 1 });
        }
      } finally {
        await connection.close();
      }
    },
  };
}

/** The running number that a test device's reading carries (see TestDevice.sample). */
export function numberIn(reading: string): string {
  const values: unknown = JSON.parse(reading);
  return Array.isArray(values) ? String(values[4]) : '';
}
