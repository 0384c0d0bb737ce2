import { openMongoStore } from '../../collector/store/mongo/mongo-store.ts';
import type { Store } from '../../collector/store/store.ts';
import { readingText } from './agent-core.ts';
import { readStored } from './stored.ts';
import { closeAtEnd } from './teardown.ts';

/** Longer than anything that is written here. */
const EVER = Number.MAX_SAFE_INTEGER;
const ROWS = 20_000_000;

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
}

/** The file of a data folder. The collector must be over. */
export function keptInFolder(dataDir: string): Kept {
  const stored = readStored(dataDir);
  if (stored.integrity !== 'ok') throw new Error(`the database is damaged: ${stored.integrity}`);
  return {
    acked: async device => stored.devices.find(({ id }) => id === device)?.acked ?? null,
    readings: async device => stored.readings(device).map(({ at, values }) => readingText(at, values)),
    events: async device => stored.events(device),
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
  };
}

/** The running number that a test device's reading carries (see TestDevice.sample). */
export function numberIn(reading: string): string {
  const values: unknown = JSON.parse(reading);
  return Array.isArray(values) ? String(values[4]) : '';
}
