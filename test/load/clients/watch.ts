import WebSocket from 'ws';
import { z } from 'zod';
import { CONSOLE_PATH, CONSOLE_SUBPROTOCOL } from '../../../shared/protocol/version.ts';
import { makeAgent } from '../support/agents.ts';
import { agentAddress, signIn } from '../support/collector.ts';
import { command, say } from '../support/commands.ts';
import { identityOf, sampleOf } from '../support/frames.ts';
import { sleep, until } from '../support/process.ts';
import { latencyOf, seeded } from '../support/stats.ts';
import { bringUp } from './idle.ts';

interface WatchTask {
  readonly url: string;
  readonly token: string;
  readonly devices: number;
  readonly perS: number;
  readonly measureMs: number;
  readonly user: string;
  readonly password: string;
}

const news = z.discriminatedUnion('type', [
  z.object({ type: z.literal('fleet'), done: z.boolean() }),
  z.object({
    type: z.literal('changes'),
    rows: z.array(z.object({ name: z.string(), cpuPercent: z.number().nullable() })),
  }),
]);

/** One reading on its way to the pages. */
interface OnItsWay {
  readonly cpuPercent: number;
  readonly sentAt: number;
  /** Sent while measuring. */
  readonly counts: boolean;
}

/**
 * Devices and console pages in one process, so that one monotonic clock times the way from the one to the other. A device's
 * reading is recognised on the page by its value of `cpuPercent`, which is another one each time.
 */
export async function runWatch(task: WatchTask): Promise<void> {
  const random = seeded(11);
  const options = { address: agentAddress(task.url), token: task.token, events: {} };
  const agents = Array.from({ length: task.devices }, (_, index) => makeAgent(index, options));
  await bringUp(agents);
  const placeOf = new Map(agents.map(({ index }) => [identityOf(index).hostname, index]));
  const lastSent: OnItsWay[] = [];
  let latencies: number[] = [];
  let measuring = false;
  /** Rows of the last frames by text: every page is sent the same one, and is timed before it is read. */
  const read = new Map<string, { place: number; cpuPercent: number | null }[]>();
  const pages: WebSocket[] = [];
  say({ up: agents.length });

  const rowsOf = (text: string): { place: number; cpuPercent: number | null }[] => {
    let rows = read.get(text);
    if (rows === undefined) {
      const parsed = news.safeParse(JSON.parse(text));
      rows =
        parsed.data?.type === 'changes'
          ? parsed.data.rows.map(({ name, cpuPercent }) => ({ place: placeOf.get(name) ?? -1, cpuPercent }))
          : [];
      read.set(text, rows);
      for (const old of read.keys()) {
        if (read.size <= 64) break;
        read.delete(old);
      }
    }
    return rows;
  };

  const openPage = async (): Promise<void> => {
    const session = await signIn(task.url, task.user, task.password);
    const ws = new WebSocket(`${task.url.replace(/^http/, 'ws')}${CONSOLE_PATH}`, CONSOLE_SUBPROTOCOL, {
      headers: { cookie: session.cookie, origin: task.url },
      perMessageDeflate: false,
    });
    pages.push(ws);
    /** Readings this page has been timed for: a row comes again with the next change of the same device. */
    const seen = new Float64Array(task.devices);
    await new Promise<void>((resolve, reject) => {
      ws.on('error', reject);
      ws.on('close', (code, reason) => reject(new Error(`page closed: ${code} ${reason.toString()}`)));
      ws.on('open', () => {
        ws.send(JSON.stringify({ type: 'open', csrf: session.csrf }));
        ws.send(JSON.stringify({ type: 'fleet', on: true }));
      });
      ws.on('message', (data: Buffer) => {
        const now = performance.now();
        const text = data.toString('utf8');
        if (text.startsWith('{"type":"fleet"')) {
          if (text.includes('"done":true')) resolve();
          return;
        }
        if (!text.startsWith('{"type":"changes"')) return;
        for (const { place, cpuPercent } of rowsOf(text)) {
          const sent = lastSent[place];
          if (sent === undefined || sent.cpuPercent !== cpuPercent || seen[place] === sent.sentAt) continue;
          seen[place] = sent.sentAt;
          if (sent.counts) latencies.push(now - sent.sentAt);
        }
      });
    });
  };

  for (;;) {
    const next = await command('pages');
    const wanted = Number(next.count ?? 0);
    if (wanted === 0) break;
    while (pages.length < wanted) await openPage();
    latencies = [];
    const started = performance.now();
    let turn = 0;
    let sentMeasured = 0;
    const flow = setInterval(() => {
      const due = Math.floor(((performance.now() - started) * task.perS) / 1000);
      for (; turn < due; turn += 1) {
        const place = turn % agents.length;
        const agent = agents[place];
        if (agent === undefined) continue;
        const at = Date.now();
        // Tenths of a percent, another one each time round.
        const cpuPercent = ((Math.floor(turn / agents.length) + wanted) % 997) / 10;
        const sentAt = performance.now();
        lastSent[place] = { cpuPercent, sentAt, counts: measuring };
        agent.outbox.append({ type: 'samples', at, rows: [sampleOf(at, random, cpuPercent)] });
        agent.link.pump();
        if (measuring) sentMeasured += 1;
      }
    }, 1);
    await sleep(3000);
    measuring = true;
    const from = performance.now();
    const cpuFrom = process.cpuUsage();
    await sleep(task.measureMs);
    measuring = false;
    const seconds = (performance.now() - from) / 1000;
    const cpu = process.cpuUsage(cpuFrom);
    clearInterval(flow);
    await until(() => agents.every(({ outbox }) => outbox.frames === 0), 10_000, 'readings acknowledged');
    // Pages are told right after the acknowledgements leave.
    await sleep(300);
    say({
      watched: {
        consoles: wanted,
        ...latencyOf(latencies),
        sentPerS: sentMeasured / seconds,
        seenShare: latencies.length / (sentMeasured * wanted),
        clientCpuShare: (cpu.user + cpu.system) / 1e6 / seconds,
      },
    });
  }
}
