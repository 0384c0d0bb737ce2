import { z } from 'zod';
import {
  agentAddress,
  enrolmentToken,
  freePort,
  launchCollector,
  programOf,
  startCollector,
  whenReady,
} from '../support/collector.ts';
import { identityOf, PreparedSnapshots, platformOf } from '../support/frames.ts';
import { sleep } from '../support/process.ts';
import { RawDevice, type RawIdentity, rawIdentity } from '../support/raw-device.ts';
import { field, type Scene } from '../support/scene.ts';
import { median, round } from '../support/stats.ts';

const DEVICES = 3000;
const RUNS = 5;
/** A device asks this often whether the collector is back. */
const ASK_MS = 10;

export interface RestartFigures {
  readonly ms: number;
}

/** Connects (again and again until it is let in), sends one snapshot and resolves when it is acknowledged. */
async function firstAck(address: string, me: RawIdentity, seq: number, token: string | null): Promise<void> {
  const frames = new PreparedSnapshots(Date.now());
  const index = DEVICES;
  for (;;) {
    const done = await new Promise<boolean>(resolve => {
      const device = new RawDevice(address, me, token, seq, {
        welcomed: () =>
          device.send(frames.text(JSON.stringify(me.identity), platformOf(index), seq, seq, Date.now())),
        acked: acked => {
          if (acked < seq) return;
          device.end();
          resolve(true);
        },
        other: () => undefined,
        closed: () => resolve(false),
      });
    });
    if (done) return;
    await sleep(ASK_MS);
  }
}

/** From the start of the collector's process, on a folder with 3,000 devices, to the first acknowledged frame. */
export async function restart(scene: Scene): Promise<RestartFigures> {
  const folder = scene.folder('restart');
  const port = await freePort();
  const { script, form } = await programOf('collector');
  const launch = { folder, port, log: scene.log, script };
  const first = await startCollector({ ...launch, connectsPerS: 5000 });
  const token = await enrolmentToken(first);
  const address = agentAddress(first.url);
  const client = scene.client({ part: 'idle', url: first.url, token, agents: DEVICES });
  await client.line(field('up', z.number()), 150_000);
  client.tell({ do: 'end' });
  await client.line(field('stillUp', z.number()), 10_000);
  await client.ended;
  const me = rawIdentity(identityOf(DEVICES));
  await firstAck(address, me, 1, token);
  await first.process.kill();

  const times: number[] = [];
  const ready: number[] = [];
  const runs = Math.ceil(RUNS / scene.divide);
  for (let i = 0; i < runs; i += 1) {
    const from = performance.now();
    const process = launchCollector({ ...launch, nodeFlags: scene.nodeFlags });
    const listens = whenReady(process).then(() => ready.push(performance.now() - from));
    await firstAck(address, me, 2 + i, null);
    times.push(performance.now() - from);
    await listens;
    if (i < runs - 1) await process.kill();
    else await process.stop();
    await sleep(200);
  }
  scene.drop(folder);
  scene.note(
    `collector as ${form}, after SIGKILL, ${DEVICES + 1} devices: ready line after ${ready.map(ms => round(ms)).join(', ')} ms, first acknowledgement after ${times.map(ms => round(ms)).join(', ')} ms`,
  );
  return { ms: round(median(times)) };
}
