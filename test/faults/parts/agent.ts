import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSegment } from '../../../agent/core/outbox/record.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import { agentCore, readingText } from '../../support/agent-core.ts';
import { type AgentProcess, startAgentProcess } from '../../support/agent-process.ts';
import { CLOCK_JUMPS, enter, jumpAbout } from '../../support/clock-jumps.ts';
import { ConsolePage } from '../../support/console-page.ts';
import { eventually, sleepFor } from '../../support/eventually.ts';
import { MovedClock } from '../../support/moved-clock.ts';
import { Relay } from '../../support/relay.ts';
import { type Compared, sumOf, type ToCompare } from '../../support/streaming.ts';
import { startTap, type Tap } from '../../support/tap.ts';
import { closeAtEnd, temporaryFolder } from '../../support/teardown.ts';
import { type Fault, type Outcome, openSite, type Site, settle, stream, times } from '../scene.ts';

/** One real agent behind a tap, watched by a page so that it reads every second. */
class Watched {
  readonly tap: Tap;
  readonly dataDir = temporaryFolder('agent');
  readonly #name: string;
  readonly #token: string;
  #process: AgentProcess;
  deviceId = '';

  private constructor(name: string, token: string, tap: Tap) {
    this.#name = name;
    this.#token = token;
    this.tap = tap;
    this.#process = this.#launch();
  }

  static async start(site: Site, name: string, url: string): Promise<Watched> {
    const agent = new Watched(name, site.token, await startTap(url));
    const row = await eventually(
      async () => (await site.collector.admin.devices(name)).find(({ presence }) => presence === 'live'),
      { what: `${name} live`, withinMs: 60_000, state: () => agent.#process.log().slice(-3000) },
    );
    agent.deviceId = row.id;
    const page = await ConsolePage.opened(site.collector.url, site.collector.admin.session);
    const watch = (): void => page.send({ type: 'watch', device: row.id });
    watch();
    const again = setInterval(watch, 20 * SECOND);
    closeAtEnd(() => clearInterval(again));
    return agent;
  }

  #launch(): AgentProcess {
    return startAgentProcess({
      collector: this.tap.url,
      token: this.#token,
      name: this.#name,
      dataDir: this.dataDir,
      settings: { sampleSeconds: 15 },
    });
  }

  /** The highest number acknowledged to it. */
  get acked(): number {
    return Math.max(0, ...this.tap.acked.values());
  }

  /** The highest number it has sent, and that went on to the collector or to what is in between. */
  get sent(): number {
    return Math.max(0, ...[...this.tap.sent.keys()].map(numberOf));
  }

  /** Waits for `count` frames on the wire that were not there before. */
  async reports(count: number): Promise<void> {
    const before = this.tap.sent.size;
    await eventually(() => this.tap.sent.size >= before + count, {
      what: `${count} reports of ${this.#name}`,
      withinMs: 60_000,
      state: () => this.#process.log().slice(-3000),
    });
  }

  async acknowledged(beyond: number): Promise<void> {
    await eventually(() => this.acked > beyond, {
      what: `acknowledgements of ${this.#name} beyond ${beyond}`,
      withinMs: 120_000,
      state: () => this.#process.log().slice(-3000),
    });
  }

  kill9(): Promise<void> {
    return this.#process.kill9();
  }

  restart(): void {
    this.#process = this.#launch();
  }

  async stop(): Promise<void> {
    const status = await this.#process.stop();
    if (status !== 0) throw new Error(`${this.#name} ended with ${status}`);
  }

  /**
   * The readings it has sent up to the number that the database holds (what came after it was never acknowledged and waits
   * in its outbox), those of frames named in `without` left out.
   */
  compared(storedUpTo: number, stored: readonly string[], without = new Set<number>()): ToCompare {
    const rows = (upTo: number): string[] =>
      [...this.tap.sent].flatMap(([key, frame]) =>
        numberOf(key) <= upTo && !without.has(numberOf(key)) && frame.type === 'samples'
          ? frame.rows.map(([at, ...values]) => readingText(at, values))
          : [],
      );
    // An acknowledged reading counts as sent whatever the database says of the number.
    const sent = rows(Math.max(storedUpTo, this.acked));
    return { sent, acked: rows(this.acked).length, stored };
  }
}

const numberOf = (key: string): number => Number(key.split('/')[1]);

/** A stream that began anew would make its numbers mean something else. */
function oneStream({ tap }: Watched): void {
  const streams = new Set([...tap.sent.keys()].map(key => key.split('/')[0]));
  if (streams.size !== 1) throw new Error(`the agent began ${streams.size} streams`);
  if (tap.reused.length > 0) throw new Error(`numbers given twice: ${tap.reused.join(', ')}`);
}

export const killAgents: Fault = {
  name: 'kill-agents',
  what: 'agents killed (kill -9) again and again while others stream, started again at once',
  async run(scene) {
    const site = await openSite(scene);
    const streaming = await stream(site, { devices: 3 });
    const names = scene.long ? ['a1', 'a2', 'a3', 'a4'] : ['a1', 'a2'];
    let rounds = 0;
    const agents = await Promise.all(
      names.map(name => Watched.start(site, `fault-${name}`, site.collector.url)),
    );
    let recoverMs = 0;
    for (rounds of times(scene, { long: 1000 / agents.length, short: 3 })) {
      await Promise.all(
        agents.map(async agent => {
          await agent.reports(2);
          await sleepFor(scene.random() * 600);
          await agent.kill9();
          const from = performance.now();
          const { acked } = agent;
          agent.restart();
          await agent.acknowledged(acked);
          recoverMs = Math.max(recoverMs, performance.now() - from);
        }),
      );
      if (rounds % 20 === 0) scene.tell(`${rounds * agents.length} kills`);
    }
    await Promise.all(agents.map(agent => agent.reports(2)));
    for (const agent of agents) await agent.stop();
    for (const code of ['too-fast', 'sequence-gap']) {
      if ((await site.collector.problems(code)) > 0) throw new Error(`agents were told ${code}`);
    }
    const neighbours = await settle(site, streaming, { times: rounds * agents.length, recoverMs });
    const kept = await site.kept(streaming.devices[0]?.id ?? '');
    const each: ToCompare[] = [];
    for (const agent of agents) {
      oneStream(agent);
      const { deviceId } = agent;
      each.push(agent.compared((await kept.acked(deviceId)) ?? 0, await kept.readings(deviceId)));
    }
    return add(neighbours, sumOf(each));
  },
};

function add(one: Outcome, other: Compared): Outcome {
  return {
    ...one,
    sent: one.sent + other.sent,
    acked: one.acked + other.acked,
    stored: one.stored + other.stored,
    lost: one.lost + other.lost,
    doubled: one.doubled + other.doubled,
    invented: one.invented + other.invented,
  };
}

/** Destroys records above a number in the newest outbox file: one in the middle, and half of the last. Gives their numbers. */
function damage(dataDir: string, above: number): Set<number> {
  const folder = join(dataDir, 'outbox');
  const name = readdirSync(folder)
    .filter(file => file.endsWith('.log'))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error('the outbox has no file');
  const path = join(folder, name);
  const file = readFileSync(path);
  const waiting = readSegment(file).records.filter(({ seq, length }) => seq > above && length > 0);
  const last = waiting.at(-1);
  // A whole one stays between them: next to a torn end a hole is part of that, and nothing that would be told.
  const middle = waiting[Math.floor((waiting.length - 2) / 2)];
  if (middle === undefined || last === undefined || waiting.length < 3) {
    throw new Error('the outbox holds too little');
  }
  file.fill(0xa5, middle.offset + 4, middle.offset + 24);
  writeFileSync(path, file.subarray(0, last.offset + Math.floor(last.length / 2)));
  return new Set([middle.seq, last.seq]);
}

export const damageOutbox: Fault = {
  name: 'damage-outbox',
  what: 'agent killed, its newest outbox file damaged in the middle and torn at the end, started again',
  async run(scene) {
    const site = await openSite(scene);
    const relay = await Relay.start(site.collector.port);
    const agent = await Watched.start(site, 'fault-damaged', relay.url);
    const destroyed = new Set<number>();
    let recoverMs = 0;
    let damages = 0;
    for (damages of times(scene, { long: 50, short: 1 })) {
      await agent.reports(2);
      relay.cut();
      // From here on nothing arrives. What was sent before may be stored although no acknowledgement has come.
      const above = agent.sent;
      await agent.reports(4);
      await agent.kill9();
      const { acked } = agent;
      for (const seq of damage(agent.dataDir, above)) destroyed.add(seq);
      const from = performance.now();
      await relay.mend();
      agent.restart();
      await agent.acknowledged(Math.max(acked, ...destroyed));
      recoverMs = Math.max(recoverMs, performance.now() - from);
    }
    await agent.reports(2);
    await agent.stop();
    const kept = await site.kept(agent.deviceId);
    oneStream(agent);
    const told = (await kept.events(agent.deviceId)).filter(({ kind }) => kind === 'outbox-damaged');
    if (told.length !== damages) throw new Error(`damaged ${damages} times, told ${told.length} times`);
    const storedUpTo = (await kept.acked(agent.deviceId)) ?? 0;
    const stored = await kept.readings(agent.deviceId);
    const compared = sumOf([agent.compared(storedUpTo, stored, destroyed)]);
    return { ...compared, times: damages, recoverMs: Math.round(recoverMs) };
  },
};

export const jumpClock: Fault = {
  name: 'jump-clock',
  what: "device's clock moved by hours back and forth, collector killed in between",
  async run(scene) {
    const site = await openSite(scene);
    const clock = new MovedClock();
    closeAtEnd(() => clock.stop());
    const core = agentCore({ url: site.collector.url, token: site.token, clock });
    let recoverMs = 0;
    let rounds = 0;
    await enter(core);
    for (rounds of times(scene, { long: 50, short: 1 })) {
      recoverMs = Math.max(recoverMs, await jumpAbout(core, clock, site.collector));
    }
    const acked = core.rows.length - core.outbox.frames;
    await core.agent.stop('stopping');
    const device = core.agent.status.current.device.deviceId ?? '';
    const kept = await site.kept(device);
    const jumps = (await kept.events(device)).filter(({ kind }) => kind === 'clock-jump').length;
    if (jumps !== rounds * CLOCK_JUMPS.length) {
      throw new Error(`the clock jumped ${rounds * CLOCK_JUMPS.length} times, told were ${jumps}`);
    }
    const compared = sumOf([
      {
        sent: core.rows.map(([at, ...values]) => readingText(at, values)),
        acked,
        stored: await kept.readings(device),
      },
    ]);
    return { ...compared, times: jumps, recoverMs: Math.round(recoverMs) };
  },
};
