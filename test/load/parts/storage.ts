import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { openSqliteStore } from '../../../collector/store/sqlite/sqlite-store.ts';
import { DAY } from '../../../shared/base/durations.ts';
import { enrolmentToken, freePort, startCollector } from '../support/collector.ts';
import { cpuSeconds } from '../support/process.ts';
import { field, type Scene } from '../support/scene.ts';
import { round } from '../support/stats.ts';

export const DEVICES = 50;
const MINUTES = 1440;

export interface StorageFigures extends DayCost {
  readonly bytesPerDeviceDay: number;
  /** What stays of it once the one-minute readings have expired. */
  readonly bytesKeptPerDeviceDay: number;
}

/** Bytes of the pages in use, the log's included. */
function usedBytes(folder: string): number {
  const db = new DatabaseSync(join(folder, 'trayline.sqlite'), { readOnly: true });
  const value = (pragma: string): number =>
    Number(Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  const bytes = (value('page_count') - value('freelist_count')) * value('page_size');
  db.close();
  return bytes;
}

/** Bytes by table, the largest first, where SQLite was built with dbstat. */
function byTable(folder: string): string {
  const db = new DatabaseSync(join(folder, 'trayline.sqlite'), { readOnly: true });
  try {
    const rows = db
      .prepare('SELECT name, sum(pgsize) AS bytes FROM dbstat GROUP BY name ORDER BY bytes DESC LIMIT 6')
      .all();
    return rows.map(row => `${String(row.name)} ${round(Number(row.bytes) / DEVICES / 1024, 1)}`).join(', ');
  } catch {
    return 'not known (SQLite without dbstat)';
  } finally {
    db.close();
  }
}

/** What a day of one device costs, by its end. */
export interface DayCost {
  readonly frames: number;
  /** What the device's side handed to the kernel: WebSocket frames, without TLS, TCP and IP. */
  readonly wireBytes: number;
  /** Processor time of the collector, greeting and first state included; milliseconds. */
  readonly collectorMs: number;
}

/**
 * Starts a collector, tells it a day of 50 devices as fast as it acknowledges, stops it. `before`: when all are let in. With
 * `minutes` it is a part of a day of (more) devices, and the cost is multiplied up to the day.
 */
export async function tellDay(
  scene: Scene,
  {
    folder,
    store,
    devices = DEVICES,
    minutes = MINUTES,
    before,
  }: {
    folder: string;
    store?: string;
    devices?: number;
    minutes?: number;
    before: () => void | Promise<void>;
  },
): Promise<DayCost> {
  const collector = await startCollector({
    folder,
    port: await freePort(),
    log: scene.log,
    connectsPerS: 2000,
    nodeFlags: scene.nodeFlags,
    ...(store === undefined ? {} : { store }),
  });
  const { pid } = collector.process;
  const token = await enrolmentToken(collector);
  const client = scene.client({ part: 'day', url: collector.url, token, devices, minutes });
  await client.line(field('up', z.number()), 60_000);
  await before();
  const cpu = cpuSeconds(pid) ?? Number.NaN;
  const written = writtenBytes(client.pid);
  client.tell({ do: 'day' });
  const day = await client.line(field('day', z.object({ frames: z.number(), seconds: z.number() })), 200_000);
  const days = (devices * minutes) / MINUTES;
  const cost: DayCost = {
    frames: round(day.frames / days),
    wireBytes: round((writtenBytes(client.pid) - written) / days),
    collectorMs: round((1000 * ((cpuSeconds(pid) ?? Number.NaN) - cpu)) / days, 1),
  };
  client.tell({ do: 'end' });
  await client.ended;
  await collector.process.stop();
  scene.note(
    `${day.frames} frames of ${days} device-days (${devices} devices) told in ${round(day.seconds, 1)} s; by device ${cost.wireBytes} bytes and ${cost.collectorMs} ms of the collector's processor`,
  );
  return cost;
}

/** Bytes this process has handed to the kernel so far; NaN where that is not told. */
function writtenBytes(pid: number): number {
  try {
    return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
  } catch {
    return Number.NaN;
  }
}

/** A day of 50 devices told at once, rolled up; growth of the database by device. */
export async function storage(scene: Scene): Promise<StorageFigures> {
  const folder = scene.folder('storage');
  let before = 0;
  const cost = await tellDay(scene, {
    folder,
    before: () => {
      before = usedBytes(folder);
    },
  });
  const store = await openSqliteStore({ folder });
  // Two days on, so that both calendar days the readings lie in are complete.
  const now = Date.now() + 2 * DAY;
  const rolled = await store.rollUp(now);
  const after = usedBytes(folder);
  const tables = byTable(folder);
  const keep = { quarterMs: 30 * DAY, dailyMs: 400 * DAY, eventsMs: 90 * DAY, historyMs: 90 * DAY };
  await store.expire(now + DAY, { rawMs: 2 * DAY, auditMs: 730 * DAY, ...keep });
  const later = usedBytes(folder);
  await store.close();
  scene.drop(folder);
  const kib = (bytes: number): number => round(bytes / DEVICES / 1024, 1);
  scene.note(
    `rolled up into ${rolled.quarters} quarter-hours and ${rolled.days} days; ${kib(before)} KiB by device before, ${kib(after)} after, ${kib(later)} once the one-minute readings have expired (so ${kib(later - before)} KiB a day stay)`,
  );
  scene.note(`  KiB by device and table: ${tables}`);
  return {
    ...cost,
    bytesPerDeviceDay: round((after - before) / DEVICES),
    bytesKeptPerDeviceDay: round((later - before) / DEVICES),
  };
}
