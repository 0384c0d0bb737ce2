import { agentAddress } from '../support/collector.ts';
import { command, say } from '../support/commands.ts';
import { identityOf, identityText, PreparedSnapshots, platformOf } from '../support/frames.ts';
import { RawDevice, rawIdentity } from '../support/raw-device.ts';
import { latencyOf } from '../support/stats.ts';

interface Sender {
  readonly index: number;
  device: RawDevice | null;
  seq: number;
  acked: number;
  live: boolean;
  /** When each frame not yet acknowledged was sent, or was due (monotonic ms); a ring of the window's size. */
  readonly sentAt: Float64Array;
}

interface IngestTask {
  readonly url: string;
  readonly others?: readonly string[] | undefined;
  readonly token: string;
  readonly connections: number;
  readonly window: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/**
 * Full snapshots as fast as they are acknowledged: every connection keeps `window` frames in flight (closed loop). Then, on
 * command, at a given rate: frames fall due evenly and a frame's latency counts from when it was due, so that a server that
 * stalls is charged for those that had to wait behind it.
 */
export async function runIngest(task: IngestTask): Promise<void> {
  const { url, others = [], token, connections, window, warmUpMs, measureMs } = task;
  const addresses = [url, ...others].map(agentAddress);
  const frames = new PreparedSnapshots(Date.now());
  const senders: Sender[] = [];
  let live = 0;
  let closed = 0;
  let acks = 0;
  let saturating = false;
  let measuring = false;
  let latencies: number[] = [];
  const idle: Sender[] = [];

  const identities = Array.from({ length: connections }, (_, index) => identityText(index));
  const platforms = Array.from({ length: connections }, (_, index) => platformOf(index));
  const send = (sender: Sender, due: number): void => {
    const { index } = sender;
    sender.seq += 1;
    sender.sentAt[sender.seq % window] = due;
    sender.device?.send(
      frames.text(
        identities[index] ?? '',
        platforms[index] ?? 'windows',
        sender.seq,
        sender.seq + index,
        Date.now(),
      ),
    );
  };

  const onAck = (sender: Sender, seq: number): void => {
    const now = performance.now();
    // One acknowledgement stands for every frame up to its number.
    for (let n = sender.acked + 1; n <= seq; n += 1) {
      acks += 1;
      if (measuring) latencies.push(now - (sender.sentAt[n % window] ?? now));
      if (saturating) send(sender, performance.now());
      else idle.push(sender);
    }
    sender.acked = seq;
  };

  for (let index = 0; index < connections; index += 1) {
    const sender: Sender = {
      index,
      device: null,
      seq: 0,
      acked: 0,
      live: false,
      sentAt: new Float64Array(window),
    };
    senders.push(sender);
    await new Promise<void>((resolve, reject) => {
      const address = addresses[index % addresses.length] ?? url;
      sender.device = new RawDevice(address, rawIdentity(identityOf(index)), token, 1, {
        welcomed: () => {
          sender.live = true;
          live += 1;
          resolve();
        },
        acked: seq => onAck(sender, seq),
        other: text => process.stderr.write(`device ${index}: ${text.slice(0, 300)}\n`),
        closed: (code, detail) => {
          closed += 1;
          reject(new Error(`device ${index} was closed: ${code} ${detail}`));
        },
      });
    });
  }
  say({ ready: live, frameBytes: frames.averageBytes() });

  const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
  const settle = async (): Promise<void> => {
    const deadline = performance.now() + 10_000;
    while (senders.some(({ seq, acked }) => acked < seq) && performance.now() < deadline) await pause(20);
  };
  const cpu = (): number => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };

  /** Counts and times for a while. */
  const measure = async (ms: number): Promise<object> => {
    latencies = [];
    measuring = true;
    const acksBefore = acks;
    const cpuBefore = cpu();
    const from = performance.now();
    say({ measuring: true });
    await pause(ms);
    const seconds = (performance.now() - from) / 1000;
    measuring = false;
    return {
      perS: (acks - acksBefore) / seconds,
      ...latencyOf(latencies),
      samples: latencies.length,
      clientCpuShare: (cpu() - cpuBefore) / seconds,
      closed,
    };
  };

  await command('saturate');
  saturating = true;
  for (const sender of senders) for (let n = 0; n < window; n += 1) send(sender, performance.now());
  await pause(warmUpMs);
  say({ saturated: await measure(measureMs) });
  saturating = false;
  await settle();

  for (;;) {
    const next = await command('next');
    const perS = Number(next.perS ?? 0);
    if (perS === 0) break;
    idle.length = 0;
    for (const sender of senders) for (let n = 0; n < window; n += 1) idle.push(sender);
    const started = performance.now();
    let given = 0;
    let taken = 0;
    /** Most frames that were due while every connection's window was full. */
    let behind = 0;
    const pace = setInterval(() => {
      const now = performance.now();
      given = ((now - started) * perS) / 1000;
      while (taken < Math.floor(given)) {
        const sender = idle.shift();
        if (sender === undefined) {
          behind = Math.max(behind, Math.floor(given) - taken);
          return;
        }
        send(sender, started + (taken * 1000) / perS);
        taken += 1;
      }
    }, 1);
    await pause(Math.min(3000, warmUpMs));
    const result = await measure(Number(next.ms ?? 10_000));
    clearInterval(pace);
    await settle();
    say({ paced: { ...result, offeredPerS: perS, behind } });
  }
  await settle();
  say({ total: senders.reduce((sum, { acked }) => sum + acked, 0) });
  for (const { device } of senders) device?.end();
}
