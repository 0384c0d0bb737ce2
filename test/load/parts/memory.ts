import { z } from 'zod';
import { enrolmentToken, freePort, startCollector } from '../support/collector.ts';
import { residentKiB, sleep } from '../support/process.ts';
import { field, type Scene } from '../support/scene.ts';
import { median, round } from '../support/stats.ts';

/** As many as the published figure is for; `--agents` says another number. */
export const AGENTS = 3000;
const SETTLE_MS = 15_000;
const READINGS = 11;

export interface MemoryFigures {
  readonly agents: number;
  readonly perAgentKiB: number;
  /** By device that the collector knows and that is not connected to it: after a restart on the same store. */
  readonly perKnownKiB: number;
  /** Of a collector without devices. */
  readonly freshMiB: number;
}

/** Resident memory: median of readings half a second apart. */
async function resident(pid: number): Promise<number> {
  const readings: number[] = [];
  for (let i = 0; i < READINGS; i += 1) {
    const now = residentKiB(pid);
    if (now === null) throw new Error('resident memory cannot be read on this system');
    readings.push(now);
    await sleep(500);
  }
  return median(readings);
}

/** V8 heap and memory outside of it as the collector itself reports them, MiB. */
async function heapOf(url: string): Promise<{ used: number; total: number; external: number }> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string): number =>
    Number(new RegExp(`^trayline_nodejs_${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024 ** 2;
  return {
    used: value('heap_size_used_bytes'),
    total: value('heap_size_total_bytes'),
    external: value('external_memory_bytes'),
  };
}

/** Resident memory of the collector with so many idle agents less that of a fresh one, by agent. */
export async function memory(
  scene: Scene,
  { agents, store }: { agents: number; store?: string },
): Promise<MemoryFigures> {
  const folder = scene.folder('memory');
  const launch = {
    ...{ folder, log: scene.log, connectsPerS: 2000, nodeFlags: scene.nodeFlags },
    ...(store === undefined ? {} : { store }),
  };
  const collector = await startCollector({ ...launch, port: await freePort() });
  const { pid } = collector.process;
  const token = await enrolmentToken(collector);
  await sleep(5000 / scene.divide);
  const before = await resident(pid);
  const heapBefore = await heapOf(collector.url);
  const client = scene.client({ part: 'idle', url: collector.url, token, agents });
  await client.line(field('up', z.number()), 300_000);
  await sleep(SETTLE_MS);
  const after = await resident(pid);
  const heapAfter = await heapOf(collector.url);
  client.tell({ do: 'end' });
  const stillUp = await client.line(field('stillUp', z.number()), 10_000);
  if (stillUp !== agents) throw new Error(`only ${stillUp} of ${agents} agents were still connected`);
  await client.ended;
  await collector.process.stop();
  const again = await startCollector({ ...launch, port: await freePort() });
  await sleep(5000 / scene.divide);
  const known = await resident(again.process.pid);
  await again.process.stop();
  scene.drop(folder);
  const mib = (kib: number): number => round(kib / 1024, 1);
  scene.note(
    `resident ${mib(before)} MiB fresh, ${mib(after)} MiB with ${agents} agents; V8 heap in use ${round(heapBefore.used, 1)} → ${round(heapAfter.used, 1)} MiB of ${round(heapBefore.total, 1)} → ${round(heapAfter.total, 1)}, external ${round(heapBefore.external, 1)} → ${round(heapAfter.external, 1)} MiB`,
  );
  const each = (kib: number): number => round((kib - before) / agents, 1);
  return { agents, perAgentKiB: each(after), perKnownKiB: each(known), freshMiB: mib(before) };
}
