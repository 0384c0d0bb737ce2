import { writeFileSync } from 'node:fs';
import { makeAgent } from '../support/agents.ts';
import { agentAddress } from '../support/collector.ts';
import { command, say } from '../support/commands.ts';
import { sampleOf } from '../support/frames.ts';
import { sleep, until } from '../support/process.ts';
import { seeded } from '../support/stats.ts';
import { bringUp } from './idle.ts';

/** Grain of the connect rate. */
const BIN_MS = 100;

interface StormTask {
  readonly url: string;
  readonly token: string;
  readonly agents: number;
  /** Every agent sends a reading this often. */
  readonly everyMs: number;
  readonly steadyMs: number;
  readonly limitMs: number;
  /** File for what must be in the store afterwards. */
  readonly expected: string;
}

/** What the store must hold of one device: the times of its acknowledged readings. */
export interface Expected {
  readonly publicKey: string;
  readonly readings: readonly number[];
}

/**
 * A fleet that goes on reporting while its collector is killed and comes back. The agents are the product's own link: they
 * notice, back off, take the slots they are given and resend what was not acknowledged.
 */
export async function runStorm(task: StormTask): Promise<void> {
  const random = seeded(7);
  let back = false;
  const welcomes: number[] = [];
  let refusals = 0;
  const options = {
    address: agentAddress(task.url),
    token: task.token,
    events: {
      welcomed: () => {
        if (back) welcomes.push(performance.now());
      },
      state: (_agent: unknown, state: { readonly at: string }) => {
        if (back && state.at === 'offline') refusals += 1;
      },
    },
  };
  const agents = Array.from({ length: task.agents }, (_, index) => makeAgent(index, options));
  await bringUp(agents);

  /** By agent: time of the reading that each sequence number carries. */
  const readings = agents.map(() => new Map<number, number>());
  let sending = true;
  let turn = 0;
  const started = performance.now();
  const flow = setInterval(() => {
    const due = Math.floor(((performance.now() - started) * agents.length) / task.everyMs);
    for (; sending && turn < due; turn += 1) {
      const place = turn % agents.length;
      const agent = agents[place];
      if (agent === undefined) continue;
      const at = Date.now();
      readings[place]?.set(agent.outbox.append({ type: 'samples', at, rows: [sampleOf(at, random)] }), at);
      agent.link.pump();
    }
  }, 10);

  await sleep(task.steadyMs);
  const upBefore = agents.filter(({ live }) => live).length;
  say({ steady: upBefore });

  await command('killing');
  const killedAt = performance.now();
  // Sockets of a killed process end at once on the same machine.
  await until(() => agents.every(({ live }) => !live), 10_000, 'agents noticed');
  back = true;
  const enough = Math.ceil(0.99 * agents.length);
  const deadline = killedAt + task.limitMs;
  while (welcomes.length < agents.length && performance.now() < deadline) await sleep(20);
  const ofWelcomes = welcomes.toSorted((a, b) => a - b);
  const first = ofWelcomes[0] ?? killedAt;
  const last = ofWelcomes.at(-1) ?? killedAt;
  const bins = new Map<number, number>();
  for (const at of ofWelcomes) {
    const bin = Math.floor((at - first) / BIN_MS);
    bins.set(bin, (bins.get(bin) ?? 0) + 1);
  }
  const mean = ofWelcomes.length / Math.max(1, Math.floor((last - first) / BIN_MS) + 1);
  const upAt = (ms: number): number => ofWelcomes.filter(at => at - killedAt <= ms).length / agents.length;
  const t99 = ofWelcomes[enough - 1];

  sending = false;
  clearInterval(flow);
  const quiet = (): boolean => agents.every(({ outbox }) => outbox.frames === 0);
  await until(quiet, 60_000, 'everything acknowledged').catch(() => undefined);
  const expected: Expected[] = agents.map((agent, place) => ({
    publicKey: agent.enrolment.publicKey,
    readings: [...(readings[place] ?? [])].filter(([seq]) => seq <= agent.acked).map(([, at]) => at),
  }));
  writeFileSync(task.expected, JSON.stringify(expected));
  say({
    storm: {
      upAt20s: upAt(20_000),
      upAtEnd: welcomes.length / agents.length,
      t99Ms: t99 === undefined ? null : Math.round(t99 - killedAt),
      firstMs: Math.round(first - killedAt),
      lastMs: Math.round(last - killedAt),
      peak: Math.max(0, ...bins.values()),
      mean,
      refusals,
      acked: expected.reduce((sum, one) => sum + one.readings.length, 0),
      unacked: agents.reduce((sum, { outbox }) => sum + outbox.frames, 0),
    },
  });
  await command('end');
}
