import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { COLLECTOR_FLAGS } from '../../../build/node-flags.ts';
import { enrolmentToken, freePort, startCollector } from '../support/collector.ts';
import {
  type CoreUse,
  cpuSeconds,
  SERVER_CORE,
  type Started,
  start,
  told,
  watchCore,
} from '../support/process.ts';
import { field, load, type Scene } from '../support/scene.ts';
import { median, round } from '../support/stats.ts';

/** Connections, each with this many frames in flight. */
const CONNECTIONS = 256;
const WINDOW = 1;

/** The rate the published latencies are measured at, where the machine carries it... */
const STATED_PER_S = 8000;
/** ...and otherwise this share of what it carries: a queue in front of a server that is full has no latency worth the name. */
const RATED_SHARE = 0.7;

/** NaN travels as null: nothing was acknowledged. */
const ms = z
  .number()
  .nullable()
  .transform(value => value ?? Number.NaN);
const measured = z.object({
  perS: z.number(),
  p50Ms: ms,
  p95Ms: ms,
  p99Ms: ms,
  samples: z.number(),
  closed: z.number(),
  clientCpuShare: z.number(),
});
const paced = measured.extend({ offeredPerS: z.number(), behind: z.number() });
type Paced = z.infer<typeof paced>;

export interface Run {
  readonly perS: number;
  readonly saturated: z.infer<typeof measured>;
  readonly core: CoreUse;
  /** Processor time of the server's whole process for one frame, microseconds: hardly changed by what else runs. */
  readonly usPerFrame: number;
  /** The same of each process that was asked for. */
  readonly usPerFrameOf: readonly number[];
  readonly paced: readonly Paced[];
  readonly total: number;
  readonly frameBytes: number;
}

export interface IngestFigures {
  readonly floorPerS: number;
  readonly productPerS: number;
  readonly ratio: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface IngestOptions {
  readonly connections?: number;
  readonly window?: number;
  readonly rounds?: number;
  /** Further collectors on the same database. */
  readonly others?: readonly string[];
  /** Processes whose processor time is wanted for each frame, while all is full; left out: the server's. */
  readonly pids?: readonly number[];
}

/** Saturation of one server, then the paced rates `rates` names from what it reached. */
export async function run(
  scene: Scene,
  server: Started,
  url: string,
  token: string,
  options: IngestOptions,
  rates: (perS: number) => readonly number[],
): Promise<Run> {
  const client = scene.client({
    part: 'ingest',
    url,
    ...(options.others === undefined ? {} : { others: [...options.others] }),
    token,
    connections: options.connections ?? CONNECTIONS,
    window: options.window ?? WINDOW,
    warmUpMs: 5000 / scene.divide,
    measureMs: 15_000 / scene.divide,
  });
  const { frameBytes } = await client.line(
    line => ('ready' in line ? z.object({ frameBytes: z.number() }).parse(line) : null),
    60_000,
  );
  client.tell({ do: 'saturate' });
  await client.line(line => ('measuring' in line ? line : null), 60_000);
  const use = watchCore(server.pid);
  const pids = options.pids ?? [server.pid];
  const from = performance.now();
  const before = pids.map(pid => cpuSeconds(pid) ?? Number.NaN);
  const saturated = await client.line(field('saturated', measured), 60_000);
  const core = use();
  const frames = (saturated.perS * (performance.now() - from)) / 1000;
  const usPerFrameOf = pids.map((pid, n) => {
    const used = (cpuSeconds(pid) ?? Number.NaN) - (before[n] ?? Number.NaN);
    return (1e6 * used) / frames;
  });
  if (saturated.samples === 0)
    throw new Error(`nothing was acknowledged (${saturated.closed} connections closed); see ${scene.log}`);
  const results: Paced[] = [];
  for (const perS of rates(saturated.perS)) {
    client.tell({ do: 'next', perS, ms: 10_000 / scene.divide });
    results.push(
      await client.line(line => {
        const found = field('paced', paced)(line);
        return found !== null && found.offeredPerS === perS && !results.some(one => one.offeredPerS === perS)
          ? found
          : null;
      }, 60_000),
    );
  }
  client.tell({ do: 'next', perS: 0 });
  const total = await client.line(field('total', z.number()), 30_000);
  await client.ended;
  const usPerFrame = (1e6 * core.own) / saturated.perS;
  return {
    perS: saturated.perS,
    saturated,
    core,
    usPerFrame,
    usPerFrameOf,
    paced: results,
    total,
    frameBytes,
  };
}

function startFloor(scene: Scene, folder: string, sink: boolean): Started {
  return start({
    script: join(import.meta.dirname, '..', 'floor.ts'),
    args: sink ? [folder, '--sink'] : [folder],
    nodeFlags: COLLECTOR_FLAGS,
    core: SERVER_CORE,
    log: scene.log,
  });
}

async function floorRun(scene: Scene, sink: boolean, options: IngestOptions): Promise<Run> {
  const folder = scene.folder(sink ? 'sink' : 'floor');
  const floor = startFloor(scene, folder, sink);
  const url = await floor.line(field('url', z.string()), 20_000);
  const result = await run(scene, floor, url, 'no token needed', options, () => []);
  await floor.stop();
  scene.drop(folder);
  return result;
}

async function productRun(
  scene: Scene,
  options: IngestOptions,
  rates: (perS: number) => readonly number[],
): Promise<{ run: Run; stored: number }> {
  const folder = scene.folder('collector');
  const collector = await startCollector({
    folder,
    port: await freePort(),
    log: scene.log,
    connectsPerS: 2000,
    nodeFlags: scene.nodeFlags,
  });
  const token = await enrolmentToken(collector);
  const result = await run(scene, collector.process, collector.url, token, options, rates);
  await collector.process.stop();
  const db = new DatabaseSync(join(folder, 'trayline.sqlite'), { readOnly: true });
  const stored = Number(db.prepare('SELECT count(*) AS n FROM history').get()?.n ?? 0);
  db.close();
  scene.drop(folder);
  return { run: result, stored };
}

/** The floor and the product in turn, three times each; the figures are medians of the rounds. */
export async function ingest(scene: Scene, options: IngestOptions = {}): Promise<IngestFigures> {
  const rounds = options.rounds ?? 3;
  const share = (value: number): string => `${Math.round(value * 100)} %`;
  const sink = await floorRun(scene, true, options);
  scene.note(
    `client alone (server acknowledges unread): ${round(sink.perS)}/s, client core ${share(sink.saturated.clientCpuShare)}; frame ${sink.frameBytes} bytes`,
  );
  const pairs: { floor: Run; product: Run }[] = [];
  const stated: Paced[] = [];
  for (let i = 0; i < rounds; i += 1) {
    const floor = await floorRun(scene, false, options);
    const last = i === rounds - 1;
    const { run: product, stored } = await productRun(scene, options, perS =>
      last
        ? [...new Set([RATED_SHARE, 0.95].map(part => Math.round(Math.min(STATED_PER_S, part * perS))))]
        : [],
    );
    pairs.push({ floor, product });
    stated.push(...product.paced);
    scene.note(
      `round ${i + 1}: floor ${round(floor.perS)}/s (${told(floor.core)}), product ${round(product.perS)}/s (${told(product.core)}, client core ${share(product.saturated.clientCpuShare)}), ratio ${round(product.perS / floor.perS, 2)}; processor time for a frame ${round(floor.usPerFrame)} and ${round(product.usPerFrame)} µs, ratio ${round(floor.usPerFrame / product.usPerFrame, 2)}; load ${load()}`,
    );
    scene.note(
      `  product at saturation: p50 ${product.saturated.p50Ms} p95 ${product.saturated.p95Ms} p99 ${product.saturated.p99Ms} ms; ${stored} history entries in the store for ${product.total} acknowledged snapshots`,
    );
  }
  for (const one of stated) {
    scene.note(
      `product at ${one.offeredPerS}/s (${share(one.perS / one.offeredPerS)} of it carried, at most ${one.behind} waiting for a free window): p50 ${one.p50Ms} p95 ${one.p95Ms} p99 ${one.p99Ms} ms, client core ${share(one.clientCpuShare)}`,
    );
  }
  const [published] = stated;
  if (published === undefined) throw new Error('no latency was measured');
  return {
    floorPerS: round(median(pairs.map(({ floor }) => floor.perS))),
    productPerS: round(median(pairs.map(({ product }) => product.perS))),
    ratio: round(median(pairs.map(({ floor, product }) => product.perS / floor.perS)), 3),
    p50Ms: published.p50Ms,
    p95Ms: published.p95Ms,
    p99Ms: published.p99Ms,
  };
}
