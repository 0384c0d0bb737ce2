import { z } from 'zod';
import { ADMIN_PASSWORD, enrolmentToken, freePort, startCollector } from '../support/collector.ts';
import { told, watchCore } from '../support/process.ts';
import { field, load, type Scene } from '../support/scene.ts';
import { round } from '../support/stats.ts';

const DEVICES = 1000;
const PER_S = 1000;
const MEASURE_MS = 20_000;

export interface WatchFigures {
  readonly consoles: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const answer = z.object({
  consoles: z.number(),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  sentPerS: z.number(),
  seenShare: z.number(),
  clientCpuShare: z.number(),
});

/** From a device's send to the arrival of its row at the pages, at 1,000 messages a second. */
export async function watch(scene: Scene, consoles: readonly number[]): Promise<WatchFigures[]> {
  const folder = scene.folder('watch');
  const collector = await startCollector({
    folder,
    port: await freePort(),
    log: scene.log,
    connectsPerS: 2000,
    nodeFlags: scene.nodeFlags,
  });
  const token = await enrolmentToken(collector);
  const client = scene.client({
    part: 'watch',
    url: collector.url,
    token,
    devices: DEVICES,
    perS: PER_S,
    measureMs: MEASURE_MS / scene.divide,
    user: 'admin',
    password: ADMIN_PASSWORD,
  });
  await client.line(field('up', z.number()), 90_000);
  const figures: WatchFigures[] = [];
  for (const count of consoles) {
    const use = watchCore(collector.process.pid);
    client.tell({ do: 'pages', count });
    const result = await client.line(line => {
      const found = field('watched', answer)(line);
      return found?.consoles === count ? found : null;
    }, 120_000);
    scene.note(
      `${count} console${count === 1 ? '' : 's'}: ${round(result.sentPerS)} messages/s, ${round(100 * result.seenShare, 2)} % of them seen by each page, p95 ${result.p95Ms} ms, ${told(use())}, client core ${round(100 * result.clientCpuShare)} %, load ${load()}`,
    );
    figures.push({ consoles: count, p50Ms: result.p50Ms, p99Ms: result.p99Ms });
  }
  client.tell({ do: 'pages', count: 0 });
  await client.ended;
  await collector.process.stop();
  scene.drop(folder);
  return figures;
}
