import { type Agent, createAgent } from '../../agent/core/agent.ts';
import { type Log, silentLog } from '../../agent/core/host.ts';
import { memoryEnrolment } from '../../agent/core/identity/enrolment.ts';
import type { DeviceKey } from '../../agent/core/identity/key.ts';
import type { SocketFactory } from '../../agent/core/link/socket.ts';
import { memoryOutbox } from '../../agent/core/outbox/memory.ts';
import { canonicalJson } from '../../agent/core/scan/run.ts';
import { createSettings } from '../../agent/core/settings/settings.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { SECOND } from '../../shared/base/durations.ts';
import type { ScanId } from '../../shared/device/facts.ts';
import { storyScanner } from './findings.ts';
import { type MachineClock, machineClock } from './machine-clock.ts';
import { machineNetwork } from './machine-network.ts';
import type { Session } from './rhythm.ts';
import { agentOf } from './seed.ts';
import type { Story } from './story.ts';

/** A simulated machine: the real agent core over a story, on a clock that sleeps and a network that drops. */
export interface Machine {
  /** Brings the machine to what its story says of this moment: runs, sleeps, is off, has no network. Called every second. */
  step(): void;
  stop(): Promise<void>;
}

export interface MachineOptions {
  readonly story: Story;
  readonly key: DeviceKey;
  /** WebSocket address of the collector's device socket. */
  readonly address: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly socketFactory: SocketFactory;
  readonly log?: Log;
}

/** Answers that change by the minute in a story, and that are looked at as soon as they do instead of at the next round. */
const WATCHED: readonly ScanId[] = ['fw.enabled', 'disk.encryption'];
/** A program that starts with the system is up after this long. */
const START_MS = 12 * SECOND;

export function machineOf(options: MachineOptions): Machine {
  const { story, key, address, clock, random, socketFactory, log = silentLog } = options;
  const { device, rhythm } = story;
  const enrolment = memoryEnrolment(key);
  const outbox = memoryOutbox({ maxBytes: 2 * 1024 * 1024, maxFrames: 2000 });
  let running: {
    readonly agent: Agent;
    readonly clock: MachineClock;
    readonly network: ReturnType<typeof machineNetwork>;
  } | null = null;
  let session: Session | null = null;
  let asleep = false;
  let watched = '';
  let stopped = false;

  function settings(): ReturnType<typeof createSettings> {
    const made = createSettings();
    // Machines whose story moves by the minute report more often than others.
    const often = device.plot === 'disk-filling-now' || device.plot === 'memory-short';
    made.apply('file', { admission: true, ...(often ? { sampleSeconds: 15 } : {}) });
    return made;
  }

  function boot(): void {
    const own = machineClock(clock);
    const network = machineNetwork(socketFactory);
    const agent = createAgent({
      host: { agent: agentOf(device), uptimeMs: () => clock.now() - rhythm.bootAt(clock.now()) },
      scanner: storyScanner(story, own),
      identityOf: () => Promise.resolve(device.identity),
      enrolment,
      settings: settings(),
      address,
      clock: own,
      random,
      socketFactory: network.connect,
      outbox,
      log,
    });
    running = { agent, clock: own, network };
    asleep = false;
    void agent.start();
  }

  /** Power gone: nobody says goodbye, and what waited in the outbox is still there at the next start. */
  function crash(): void {
    running?.network.carry(false);
    running?.clock.end();
    running = null;
  }

  async function shutDown(): Promise<void> {
    const gone = running;
    if (gone === null) return;
    if (asleep) {
      crash();
      return;
    }
    running = null;
    await gone.agent.stop('stopping');
    gone.clock.end();
  }

  function leave(): void {
    if (session === null || running === null) return;
    const end = rhythm.endOf(session);
    if (end === 'sleep') {
      asleep = true;
      running.network.sleep(true);
      running.clock.sleep();
    } else if (end === 'crash') crash();
    else if (end === 'shutdown') void shutDown();
  }

  function enter(next: Session, now: number): void {
    const restarted = next.begin === 'boot' || next.begin === 'boot-after-crash';
    if (running !== null && asleep && !restarted) {
      asleep = false;
      running.network.sleep(false);
      running.clock.wake();
      return;
    }
    if (running !== null && restarted) crash();
    // At the very beginning of the demo everything has long been running.
    if (running === null && (!restarted || now - next.from >= START_MS)) boot();
  }

  function lookAgain(now: number): void {
    const answers = canonicalJson(WATCHED.map(id => story.outcome(id, now)));
    if (watched !== '' && answers !== watched && running?.agent.status.current.link.state === 'live') {
      void running.agent.recheck(WATCHED);
    }
    watched = answers;
  }

  return {
    step() {
      if (stopped) return;
      const now = clock.now();
      const next = rhythm.at(now);
      if (session !== null && next?.from !== session.from && next?.begin !== 'on') leave();
      if (next !== null && (running === null || asleep || next.from !== session?.from)) enter(next, now);
      session = next;
      if (running === null || asleep) return;
      running.network.carry(!rhythm.linkDrops(now, now + 1).some(({ from, to }) => from <= now && now < to));
      lookAgain(now);
    },
    async stop() {
      stopped = true;
      await shutDown();
    },
  };
}
