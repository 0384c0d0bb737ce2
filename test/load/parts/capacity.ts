import { createConnection, type mongo } from 'mongoose';
import { mongod } from '../../../build/runtime/mongod.ts';
import { openMongoStore } from '../../../collector/store/mongo/mongo-store.ts';
import { DAY } from '../../../shared/base/durations.ts';
import { startMongod } from '../support/mongod.ts';
import { cpuSeconds } from '../support/process.ts';
import type { Scene } from '../support/scene.ts';
import { round } from '../support/stats.ts';
import { type MemoryFigures, memory } from './memory.ts';
import { DEVICES, type StorageFigures, storage, tellDay } from './storage.ts';

/** Connected agents that memory is measured with. */
const AGENTS = 10_000;

/** What is planned with, of what a machine has. A core at half its time still answers within milliseconds. */
const SHARE_OF_CORE = 0.5;
/** A fleet works in the same hours: the busiest hour has so many times the average of the day. */
const PEAK = 2;
/** Connections planned for one collector; what its memory and the return of its devices after a fall allow. */
const CONNECTIONS = 25_000;
/** Connections that one collector lets in within a second, as shipped. */
const CONNECTS_PER_S = 500;
/** Days the one-minute readings and everything else are kept, as shipped (the longest of it counts for all of it). */
const RAW_DAYS = 2;
const KEPT_DAYS = 90;
/** Data on one shard, and copies of it. */
const SHARD_BYTES = 2e12;
const MEMBERS = 3;

const FLEETS = [10_000, 100_000, 1_000_000];

export interface StoreCost extends StorageFigures {
  /** Processor time of mongod; 0 with the embedded store, which runs in the collector. */
  readonly databaseMs: number;
  readonly memory: MemoryFigures;
}

export interface Need {
  readonly devices: number;
  /** Frames a second in the busiest hour, and what they carry. */
  readonly framesPerS: number;
  readonly mbitPerS: number;
  /** Cores of all collectors at `SHARE_OF_CORE`. */
  readonly collectorCores: number;
  readonly collectors: number;
  readonly collectorMiB: number;
  /** Cores of all primaries together, and shards that hold the data. */
  readonly databaseCores: number;
  readonly shards: number;
  /** On one member of each shard. */
  readonly storedGb: number;
  /** Until everybody is back after all collectors were gone. */
  readonly returnS: number;
}

export interface CapacityFigures {
  readonly sqlite: StoreCost;
  readonly mongodb: StoreCost;
  readonly needs: readonly Need[];
}

/** Bytes on disk: documents as the engine keeps them, and indexes. */
async function storedBytes(db: mongo.Db): Promise<number> {
  await db.admin().command({ fsync: 1 });
  const { storageSize, indexSize } = await db.stats();
  return Number(storageSize) + Number(indexSize);
}

async function onMongo(scene: Scene): Promise<StoreCost> {
  const found = await mongod();
  if ('missing' in found) throw new Error(found.missing);
  const folder = scene.folder('mongod');
  const data = scene.folder('capacity');
  const server = await startMongod(found.path, folder, scene.log);
  try {
    const url = server.url('day');
    const connection = await createConnection(url).asPromise();
    const { db } = connection;
    if (db === undefined) throw new Error('no database');
    let before = 0;
    let cpu = 0;
    const cost = await tellDay(scene, {
      folder: data,
      store: url,
      before: async () => {
        before = await storedBytes(db);
        cpu = cpuSeconds(server.pid) ?? Number.NaN;
      },
    });
    const databaseMs = round((1000 * ((cpuSeconds(server.pid) ?? Number.NaN) - cpu)) / DEVICES, 1);
    const store = await openMongoStore({ url });
    const now = Date.now() + 2 * DAY;
    await store.rollUp(now);
    const after = await storedBytes(db);
    await store.expire(now + DAY, {
      ...{ rawMs: RAW_DAYS * DAY, quarterMs: 30 * DAY, dailyMs: 400 * DAY, eventsMs: 90 * DAY },
      ...{ historyMs: 90 * DAY, auditMs: 730 * DAY },
    });
    const later = await storedBytes(db);
    await store.close();
    await connection.close();
    scene.note(`on ${found.version}: ${databaseMs} ms of its processor by device-day`);
    return {
      ...cost,
      bytesPerDeviceDay: round((after - before) / DEVICES),
      bytesKeptPerDeviceDay: round((later - before) / DEVICES),
      databaseMs,
      memory: await memory(scene, { agents: AGENTS, store: server.url('memory') }),
    };
  } finally {
    await server.stop();
    scene.drop(folder);
    scene.drop(data);
  }
}

/** What a fleet needs on MongoDB, out of what a day of one device costs. */
function needOf(devices: number, cost: StoreCost): Need {
  const perS = (PEAK * devices) / (DAY / 1000);
  const cores = (ms: number): number => (perS * (ms / 1000)) / SHARE_OF_CORE;
  const collectorCores = cores(cost.collectorMs);
  const collectors = Math.max(2, Math.ceil(collectorCores), Math.ceil(devices / CONNECTIONS));
  const connected = devices / collectors;
  const storedBytes =
    devices * (RAW_DAYS * cost.bytesPerDeviceDay + (KEPT_DAYS - RAW_DAYS) * cost.bytesKeptPerDeviceDay);
  const databaseCores = cores(cost.databaseMs);
  return {
    devices,
    framesPerS: round(perS * cost.frames),
    mbitPerS: round((perS * cost.wireBytes * 8) / 1e6, 1),
    collectorCores: round(collectorCores, 1),
    collectors,
    collectorMiB: round(
      cost.memory.freshMiB +
        ((devices - connected) * cost.memory.perKnownKiB + connected * cost.memory.perAgentKiB) / 1024,
    ),
    databaseCores: round(databaseCores, 1),
    shards: Math.max(1, Math.ceil(databaseCores / 8), Math.ceil(storedBytes / SHARD_BYTES)),
    storedGb: round(storedBytes / 1e9),
    returnS: round(devices / (collectors * CONNECTS_PER_S)),
  };
}

/** What a device-day and a connection cost on each store, and what fleets of three sizes need by that. */
export async function capacity(scene: Scene): Promise<CapacityFigures> {
  const embedded = await storage(scene);
  const sqlite = { ...embedded, databaseMs: 0, memory: await memory(scene, { agents: AGENTS }) };
  const mongodb = await onMongo(scene);
  const needs = FLEETS.map(devices => needOf(devices, mongodb));
  for (const need of needs) {
    scene.note(
      `${need.devices} devices: ${need.framesPerS} frames/s and ${need.mbitPerS} Mbit/s in the busiest hour; ${need.collectors} collectors (${need.collectorCores} cores) of ${need.collectorMiB} MiB; mongod ${need.databaseCores} cores and ${need.storedGb} GB in ${need.shards} shard(s) of ${MEMBERS} members; back within ${need.returnS} s after all collectors were gone`,
    );
  }
  return { sqlite, mongodb, needs };
}
