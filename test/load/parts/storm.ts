import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { enrolmentToken, freePort, programOf, startCollector } from '../support/collector.ts';
import { sleep } from '../support/process.ts';
import { field, load, type Scene } from '../support/scene.ts';
import { round } from '../support/stats.ts';

/** The collector is away this long before it is started again. */
const DOWN_MS = 1000;
/** Each agent reports this often, so that every one has something on its way when the collector dies. */
const EVERY_MS = 5000;
/** Longer than the link's own time after which a connection counts as proven. */
const STEADY_MS = 12_000;
const LIMIT_MS = 90_000;

export interface StormFigures {
  readonly agents: number;
  /** Share of the agents welcomed again within 20 seconds of the kill. */
  readonly upShare: number;
  /** From the kill to the welcome of the agent that makes 99 %; null when it never came to that. */
  readonly t99Ms: number | null;
  readonly peakToMean: number;
  readonly lost: number;
  readonly doubled: number;
}

const answer = z.object({
  upAt20s: z.number(),
  upAtEnd: z.number(),
  t99Ms: z.number().nullable(),
  firstMs: z.number(),
  lastMs: z.number(),
  peak: z.number(),
  mean: z.number(),
  refusals: z.number(),
  acked: z.number(),
  unacked: z.number(),
});

const expectedFile = z.array(z.object({ publicKey: z.string(), readings: z.array(z.number()) }));

/** Compares what was acknowledged with what is in the store's file. */
function compare(folder: string, file: string): { lost: number; doubled: number; extra: number } {
  const expected = expectedFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const db = new DatabaseSync(join(folder, 'trayline.sqlite'), { readOnly: true });
  const select = db.prepare(
    'SELECT s.at AS at, count(*) AS n FROM samples s JOIN devices d ON d.n = s.device WHERE d.public_key = ? GROUP BY s.at',
  );
  let lost = 0;
  let doubled = 0;
  let extra = 0;
  for (const { publicKey, readings } of expected) {
    const stored = new Map(select.all(publicKey).map(row => [Number(row.at), Number(row.n)]));
    for (const at of readings) {
      const times = stored.get(at) ?? 0;
      if (times === 0) lost += 1;
      if (times > 1) doubled += times - 1;
      stored.delete(at);
    }
    extra += stored.size;
  }
  db.close();
  return { lost, doubled, extra };
}

/** One storm: the collector is killed while agents report, comes back, and everybody with it. */
export async function storm(scene: Scene, agents: number): Promise<StormFigures> {
  const folder = scene.folder('storm');
  const port = await freePort();
  const { script, form } = await programOf('collector');
  const first = await startCollector({ folder, port, log: scene.log, script, connectsPerS: 5000 });
  const token = await enrolmentToken(first);
  const expected = join(folder, 'expected.json');
  const client = scene.client({
    part: 'storm',
    url: first.url,
    token,
    agents,
    everyMs: EVERY_MS,
    steadyMs: STEADY_MS,
    limitMs: LIMIT_MS,
    expected,
  });
  const steady = await client.line(field('steady', z.number()), 180_000);
  const killedAt = performance.now();
  client.tell({ do: 'killing' });
  await first.process.kill();
  await sleep(DOWN_MS);
  // As shipped: its own pace of letting agents in.
  const second = await startCollector({
    folder,
    port,
    log: scene.log,
    script,
    nodeFlags: scene.nodeFlags,
  });
  const readyMs = performance.now() - killedAt;
  const result = await client.line(field('storm', answer), LIMIT_MS + 90_000);
  client.tell({ do: 'end' });
  await client.ended;
  await second.process.stop();
  const { lost, doubled, extra } = compare(folder, expected);
  scene.drop(folder);
  scene.note(
    `${agents} agents (${steady} connected before the kill): collector, as ${form}, listens ${round(readyMs)} ms after the kill, first welcome at ${result.firstMs} ms, last at ${result.lastMs} ms, ${round(100 * result.upAtEnd, 2)} % up in the end; peak ${result.peak} and mean ${round(result.mean, 1)} welcomes in 100 ms; ${result.refusals} attempts ended with a wait`,
  );
  scene.note(
    `  ${result.acked} readings acknowledged, ${result.unacked} frames never were, ${extra} stored beyond the acknowledged; load ${load()}`,
  );
  return {
    agents,
    upShare: round(result.upAt20s, 4),
    t99Ms: result.t99Ms,
    peakToMean: round(result.peak / result.mean, 2),
    lost,
    doubled,
  };
}
