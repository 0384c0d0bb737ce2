import { createConnection, type mongo } from 'mongoose';
import { mongod } from '../../../build/runtime/mongod.ts';
import { readDeviceRow, readNews } from '../../../collector/cluster/news.ts';
import { openMongoStore } from '../../../collector/store/mongo/mongo-store.ts';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import { DAY } from '../../../shared/base/durations.ts';
import { startMongod } from '../support/mongod.ts';
import { cpuSeconds } from '../support/process.ts';
import type { Scene } from '../support/scene.ts';
import { median, round } from '../support/stats.ts';
import { type MemoryFigures, memory } from './memory.ts';
import { type StorageFigures, storage, tellDay } from './storage.ts';

/** Connected agents that memory is measured with. */
const AGENTS = 10_000;

/**
 * A transaction costs MongoDB more than a row, so what a device-day costs there depends on how many devices report at the same
 * moment. A fleet that needs it has hundreds on their way: a tenth of a day of many devices, not a day of few.
 */
const AT_ONCE = 500;
const PART_MINUTES = 144;
const DAYS = (AT_ONCE * PART_MINUTES) / 1440;

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
  /** Of that, what each one needs to be told of the devices that are connected elsewhere. */
  readonly hearingShare: number;
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
  readonly rowUs: number;
  readonly needs: readonly Need[];
}

/** Bytes on disk (documents as the engine keeps them, and indexes), and of the documents themselves. */
async function storedBytes(db: mongo.Db): Promise<{ disk: number; documents: number }> {
  await db.admin().command({ fsync: 1 });
  const { storageSize, indexSize, dataSize } = await db.stats();
  return { disk: Number(storageSize) + Number(indexSize), documents: Number(dataSize) };
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
    let before = { disk: 0, documents: 0 };
    let cpu = 0;
    const cost = await tellDay(scene, {
      folder: data,
      ...{ store: url, devices: AT_ONCE, minutes: PART_MINUTES },
      before: async () => {
        before = await storedBytes(db);
        cpu = cpuSeconds(server.pid) ?? Number.NaN;
      },
    });
    const databaseMs = round((1000 * ((cpuSeconds(server.pid) ?? Number.NaN) - cpu)) / DAYS, 1);
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
    const perDay = (after.disk - before.disk) / DAYS;
    scene.note(`on ${found.version}: ${databaseMs} ms of its processor by device-day`);
    return {
      ...cost,
      bytesPerDeviceDay: round(perDay),
      // Files do not shrink when documents go, their room is used again: so by the share of documents that stay.
      bytesKeptPerDeviceDay: round(
        (perDay * (later.documents - before.documents)) / (after.documents - before.documents),
      ),
      databaseMs,
      memory: await memory(scene, { agents: AGENTS, store: server.url('memory') }),
    };
  } finally {
    await server.stop();
    scene.drop(folder);
    scene.drop(data);
  }
}

/** Rows that are laid together when others are told of them, as many as one message holds. */
const ROWS = 500;

/** What it costs a collector to be told a row of a device that is connected elsewhere, microseconds of processor time. */
function hearingUs(): number {
  const now = Date.now();
  const row: FleetRow = {
    ...{ name: 'FIN-LT-0231', person: 'A. Kovacs', platform: 'windows', os: 'Windows 11 24H2' },
    ...{
      osVersion: '10.0.26100.4946',
      osSupported: true,
      osSupportEnd: '2027-10-12',
      model: 'Latitude 7440',
    },
    ...{ state: 'attention', why: { key: 'score.disk-full.low', params: { percent: 8 } }, score: 82.5 },
    ...{ week: [80, 81.5, 82, 83, 84.5, 85, 82.5], presence: 'live', lastSeen: now, diskFreeBytes: 4.2e10 },
    ...{ diskFreePercent: 8.4, batteryPercent: 81, batteryHealthPercent: 92, batteryPresent: true },
    ...{
      cpuPercent: 12.5,
      memoryUsedPercent: 55.5,
      uptimeSeconds: 123_456,
      encryption: 'on',
      firewall: true,
    },
    ...{ rebootPending: false, duplicate: false, demo: false, id: 'd_0' },
  };
  const text = JSON.stringify({
    is: 'rows',
    rows: Array.from({ length: ROWS }, (_, n) => ({
      ...{ id: `d_${n}`, claim: 3, isUp: true, isChanged: true },
      row: { ...row, id: `d_${n}` },
    })),
  });
  const times: number[] = [];
  for (let n = 0; n < 60; n += 1) {
    const from = process.cpuUsage();
    const news = readNews(text);
    const read = news?.is === 'rows' ? news.rows.map(readDeviceRow) : [];
    const { user, system } = process.cpuUsage(from);
    if (read.filter(one => one?.row != null).length !== ROWS) throw new Error('a row was not understood');
    times.push((user + system) / ROWS);
  }
  // The first ones were compiled.
  return round(median(times.slice(30)), 1);
}

/** What a fleet needs on MongoDB, out of what a day of one device costs. */
function needOf(devices: number, cost: StoreCost, rowUs: number): Need {
  const perS = (PEAK * devices) / (DAY / 1000);
  const cores = (ms: number): number => (perS * (ms / 1000)) / SHARE_OF_CORE;
  const collectorCores = cores(cost.collectorMs);
  // Every collector is told of all devices, so that part does not become less with more of them.
  const hearing = cores((cost.frames * rowUs) / 1000);
  if (hearing >= 1) throw new Error(`${devices} devices are more than one collector can hear of`);
  const collectors = Math.max(2, Math.ceil(collectorCores / (1 - hearing)), Math.ceil(devices / CONNECTIONS));
  const connected = devices / collectors;
  const storedBytes =
    devices * (RAW_DAYS * cost.bytesPerDeviceDay + (KEPT_DAYS - RAW_DAYS) * cost.bytesKeptPerDeviceDay);
  const databaseCores = cores(cost.databaseMs);
  return {
    devices,
    framesPerS: round(perS * cost.frames),
    mbitPerS: round((perS * cost.wireBytes * 8) / 1e6, 1),
    collectorCores: round(collectorCores + collectors * hearing, 1),
    hearingShare: round(hearing, 2),
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
  const rowUs = hearingUs();
  scene.note(`${rowUs} µs to be told a row of a device that is connected elsewhere`);
  const needs = FLEETS.map(devices => needOf(devices, mongodb, rowUs));
  for (const need of needs) {
    scene.note(
      `${need.devices} devices: ${need.framesPerS} frames/s and ${need.mbitPerS} Mbit/s in the busiest hour; ${need.collectors} collectors (${need.collectorCores} cores) of ${need.collectorMiB} MiB; mongod ${need.databaseCores} cores and ${need.storedGb} GB in ${need.shards} shard(s) of ${MEMBERS} members; back within ${need.returnS} s after all collectors were gone`,
    );
  }
  return { sqlite, mongodb, rowUs, needs };
}
