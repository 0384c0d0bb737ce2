import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AGENT_FLAGS } from '../../../build/node-flags.ts';
import { enrolmentToken, freePort, programOf, startCollector } from '../support/collector.ts';
import { CLIENT_CORE, cpuSeconds, residentKiB, sleep, start, until } from '../support/process.ts';
import type { Scene } from '../support/scene.ts';
import { median, round } from '../support/stats.ts';

const IDLE_MS = 120_000;
const SETTLE_MS = 15_000;
const EVERY_MS = 2000;

export interface AgentFigures {
  readonly rssMiB: number;
  /** Of one core, 0 to 1, its scan programs included. */
  readonly cpuShare: number;
}

const statusFile = z.object({
  link: z.object({ state: z.string() }),
  outbox: z.object({ frames: z.number() }),
});

function isLive(folder: string): boolean {
  try {
    const status = statusFile.parse(JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8')));
    return status.link.state === 'live';
  } catch {
    return false;
  }
}

/** Memory and processor time of one real agent, connected and left alone for two minutes. */
export async function agent(scene: Scene): Promise<AgentFigures> {
  const folder = scene.folder('agent-collector');
  const data = scene.folder('agent');
  const collector = await startCollector({ folder, port: await freePort(), log: scene.log });
  const tokenFile = join(data, 'token');
  writeFileSync(tokenFile, await enrolmentToken(collector), { mode: 0o600 });
  const { script, form } = await programOf('agent');
  const service = start({
    script,
    nodeFlags: form === 'bundle' ? AGENT_FLAGS : [],
    args: ['--collector', collector.url, '--token-file', tokenFile, '--data', data],
    core: CLIENT_CORE,
    log: scene.log,
  });
  await until(() => isLive(data), 60_000, 'the agent connected');
  await sleep(SETTLE_MS);
  const cpuFrom = cpuSeconds(service.pid);
  const from = performance.now();
  const readings: number[] = [];
  while (performance.now() - from < IDLE_MS / scene.divide) {
    const now = residentKiB(service.pid);
    if (now !== null) readings.push(now);
    await sleep(EVERY_MS);
  }
  const cpuTo = cpuSeconds(service.pid);
  const seconds = (performance.now() - from) / 1000;
  if (cpuFrom === null || cpuTo === null || readings.length === 0) {
    throw new Error('the agent ended, or /proc cannot be read on this system');
  }
  const live = isLive(data);
  await service.stop();
  await collector.process.stop();
  scene.drop(folder);
  scene.drop(data);
  if (!live) throw new Error('the agent lost its connection while it was measured');
  scene.note(
    `agent as ${form}: ${readings.length} readings over ${round(seconds)} s, ${round(Math.min(...readings) / 1024, 1)} to ${round(Math.max(...readings) / 1024, 1)} MiB, ${round((cpuTo - cpuFrom) * 1000)} ms of processor time`,
  );
  return {
    rssMiB: round(median(readings) / 1024, 1),
    cpuShare: round((cpuTo - cpuFrom) / seconds, 5),
  };
}
