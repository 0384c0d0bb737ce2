import { createConnection } from 'mongoose';
import { mongod } from '../../../build/runtime/mongod.ts';
import { enrolmentToken, freePort, type RunningCollector, startCollector } from '../support/collector.ts';
import { type DatabaseServer, startMongod } from '../support/mongod.ts';
import { until } from '../support/process.ts';
import { load, type Scene } from '../support/scene.ts';
import { round } from '../support/stats.ts';
import { run } from './ingest.ts';

export interface CollectorsFigures {
  readonly collectors: number;
  /** Snapshots stored, merged and scored in a second, by all of them together. */
  readonly perS: number;
  /** From sending to acknowledgement, at that rate. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of all collectors, and of mongod, for one snapshot, microseconds. */
  readonly usPerSnapshot: number;
  readonly mongodUs: number;
}

const COUNTS = [1, 2, 3] as const;

/** Sum of a counter of `/metrics` over these collectors. */
async function counted(running: readonly RunningCollector[], name: string): Promise<number> {
  let sum = 0;
  for (const { url } of running) {
    const text = await (await fetch(`${url}/metrics`)).text();
    for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))) {
      sum += Number(value);
    }
  }
  return sum;
}

async function measure(scene: Scene, server: DatabaseServer, count: number): Promise<CollectorsFigures> {
  const store = server.url(`collectors-${count}`);
  const running: RunningCollector[] = [];
  for (let n = 0; n < count; n += 1) {
    running.push(
      await startCollector({
        ...{ folder: scene.folder('collector'), port: await freePort(), log: scene.log, store, core: null },
        ...{ connectsPerS: 2000, nodeFlags: scene.nodeFlags },
      }),
    );
  }
  const [first, ...others] = running;
  if (first === undefined) throw new Error('no collector');
  const token = await enrolmentToken(first);
  let seen = 0;
  const looking = setInterval(() => {
    void counted(running, 'trayline_collectors').then(sum => {
      seen = sum;
    });
  }, 200);
  try {
    await until(() => seen === count * count, 30_000, 'all know of each other');
  } finally {
    clearInterval(looking);
  }
  const pids = running.map(({ process }) => process.pid);
  const spread = { others: others.map(({ url }) => url), pids: [...pids, server.pid] };
  const result = await run(scene, first.process, first.url, token, spread, () => []);
  const figures: CollectorsFigures = {
    collectors: count,
    perS: round(result.perS),
    p50Ms: result.saturated.p50Ms,
    p99Ms: result.saturated.p99Ms,
    usPerSnapshot: round(result.usPerFrameOf.slice(0, count).reduce((sum, us) => sum + us, 0)),
    mongodUs: round(result.usPerFrameOf[count] ?? Number.NaN),
  };
  const lag = await counted(running, 'trayline_bus_lag_seconds_sum');
  const messages = await counted(running, 'trayline_bus_lag_seconds_count');
  for (const { process } of running) await process.stop();
  const connection = await createConnection(store).asPromise();
  const stored = await connection.db?.collection('history').countDocuments({ findings: { $ne: '{}' } });
  await connection.close();
  scene.note(
    `${count} collectors: ${figures.perS}/s, ${stored} history entries for ${result.total} acknowledged snapshots; ${messages} messages, on average ${round((1000 * lag) / Math.max(1, messages))} ms under way; load ${load()}`,
  );
  return figures;
}

/** One, two and three collectors on one MongoDB, all of them, mongod and the client on the same two cores. */
export async function collectors(scene: Scene): Promise<readonly CollectorsFigures[]> {
  const found = await mongod();
  if ('missing' in found) throw new Error(found.missing);
  const folder = scene.folder('mongod');
  const server = await startMongod(found.path, folder, scene.log);
  try {
    const figures: CollectorsFigures[] = [];
    for (const count of COUNTS) figures.push(await measure(scene, server, count));
    return figures;
  } finally {
    await server.stop();
    scene.drop(folder);
  }
}
