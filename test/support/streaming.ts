import { type AgentCore, agentCore, readingText } from './agent-core.ts';
import { eventually, sleepFor } from './eventually.ts';
import { type Kept, numberIn } from './kept.ts';
import { okFinding } from './records.ts';
import { compareStored } from './stored.ts';
import { TestDevice } from './test-device.ts';

/** Devices and a whole agent core that write without a pause until told to stop. */
export interface Streaming {
  readonly devices: readonly TestDevice[];
  readonly core: AgentCore;
  /** Waits until every device has been acknowledged something that it wrote after this call; gives how long that took. */
  resumed(what: string, state?: () => unknown): Promise<number>;
  /** Writes no more and waits until everything written is acknowledged. */
  stop(withinMs?: number): Promise<void>;
  /** What became of everything written. Ask when the streams have stopped. */
  compare(kept: Kept): Promise<Compared>;
}

/** Readings: how many were written, acknowledged to their writer, found in the database, and what is wrong with these. */
export interface Compared {
  readonly sent: number;
  readonly acked: number;
  readonly stored: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
}

export interface ToCompare {
  readonly sent: readonly string[];
  readonly acked: number;
  readonly stored: readonly string[];
}

/** Lays what several devices sent beside what is stored of each. */
export function sumOf(all: readonly ToCompare[]): Compared {
  const sum = { sent: 0, acked: 0, stored: 0, lost: 0, doubled: 0, invented: 0 };
  for (const { sent, acked, stored } of all) {
    const { lost, doubled, invented } = compareStored(sent, stored);
    sum.sent += sent.length;
    sum.acked += acked;
    sum.stored += stored.length;
    sum.lost += lost.length;
    sum.doubled += doubled.length;
    sum.invented += invented.length;
  }
  return sum;
}

/** Nothing lost, nothing doubled, nothing invented, and everything acknowledged to whoever wrote it. */
export function isWhole({ sent, acked, stored, lost, doubled, invented }: Compared): boolean {
  return lost + doubled + invented === 0 && acked === sent && stored === sent;
}

export interface StreamingOptions {
  readonly url: string;
  readonly token: string;
  readonly devices: number;
  /** Milliseconds between two readings of a device. */
  readonly everyMs?: number;
  /** Every so many readings a finding changes too; left out: never. */
  readonly changeEvery?: number;
}

/** Lets devices enrol and stream; resolves when all are in. */
export async function startStreaming(options: StreamingOptions): Promise<Streaming> {
  const { url, token, everyMs = 25, changeEvery } = options;
  const devices = Array.from({ length: options.devices }, () => new TestDevice({ url, token }));
  for (const device of devices) device.stay();
  // Whose connections break every second waits longer and longer, up to a minute; here a tenth of it, as nobody counts that.
  const core = agentCore({ url, token, random: () => Math.random() / 10 });
  await core.agent.start();
  await eventually(() => devices.every(device => device.welcomes > 0) && core.agent.status.current.lastAck, {
    what: 'everybody in',
    withinMs: 60_000,
  });
  let going = true;
  /** Readings of the agent's core that are acknowledged, once it has stopped: stopping is an event that waits in its outbox. */
  let coreAcked = 0;
  const streams = [
    ...devices.map(async device => {
      for (let n = 0; going; n += 1) {
        device.sample();
        if (changeEvery !== undefined && n % changeEvery === 0) changeFinding(device, n);
        await sleepFor(everyMs);
      }
    }),
    (async () => {
      while (going) {
        await core.sample();
        await sleepFor((everyMs * 3) / 5);
      }
    })(),
  ];
  // A failure is met by whoever stops the streams; until then it must not end the process.
  for (const stream of streams) stream.catch(() => undefined);

  return {
    devices,
    core,

    async resumed(what, state) {
      const from = performance.now();
      const reached = devices.map(device => Math.max(device.acked, device.nextSeq - 1));
      await eventually(() => devices.every((device, i) => device.acked > (reached[i] ?? 0)), {
        what: `acknowledgements after ${what}`,
        withinMs: 120_000,
        ...(state === undefined ? {} : { state }),
      });
      return performance.now() - from;
    },

    async stop(withinMs = 120_000) {
      going = false;
      await Promise.all(streams);
      for (const device of devices) await device.delivered(withinMs);
      await eventually(() => core.outbox.frames === 0, {
        what: 'the agent has delivered everything',
        withinMs,
        state: () => core.agent.status.current,
      });
      coreAcked = core.rows.length;
    },

    async compare(kept) {
      const all = await Promise.all([
        ...devices.map(async device => ({
          sent: device.written.map(String),
          acked: device.ackedReadings,
          stored: (await kept.readings(device.id)).map(numberIn),
        })),
        (async () => ({
          sent: core.rows.map(([at, ...values]) => readingText(at, values)),
          acked: coreAcked,
          stored: await kept.readings(core.agent.status.current.device.deviceId ?? ''),
        }))(),
      ]);
      return sumOf(all);
    },
  };
}

function changeFinding(device: TestDevice, n: number): void {
  const at = Date.now();
  const uptime = okFinding({ seconds: n, bootedAt: at, fastStartup: null }, { at, hash: hashOf(n) });
  device.write({ type: 'delta', at, findings: { uptime } });
}

export function hashOf(n: number): string {
  return n.toString(16).padStart(16, '0');
}
