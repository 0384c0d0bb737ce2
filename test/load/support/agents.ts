import { type Enrolment, memoryEnrolment } from '../../../agent/core/identity/enrolment.ts';
import { createLink, type Link, type LinkState } from '../../../agent/core/link/link.ts';
import { webSocket } from '../../../agent/core/link/web-socket.ts';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import type { Outbox } from '../../../agent/core/outbox/outbox.ts';
import type { Clock } from '../../../shared/base/clock.ts';
import type { Welcome } from '../../../shared/protocol/to-device.ts';
import { findingsOf, identityOf, platformOf } from './frames.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** A device made of the product's own link, memory outbox and key; only its scans are made up. */
export interface Agent {
  readonly index: number;
  readonly enrolment: Enrolment;
  readonly outbox: Outbox;
  readonly link: Link;
  live: boolean;
  /** Highest number acknowledged in this stream. */
  acked: number;
}

export interface AgentEvents {
  /** Every welcome, the first and those after a reconnect. */
  welcomed?(agent: Agent, welcome: Welcome): void;
  state?(agent: Agent, state: LinkState): void;
  acked?(agent: Agent, seq: number): void;
}

export interface AgentOptions {
  readonly address: string;
  readonly token: string;
  readonly events: AgentEvents;
}

/** Makes a device that sends its whole state once it is let in, as an agent with an empty collector does. */
export function makeAgent(index: number, { address, token, events }: AgentOptions): Agent {
  const enrolment = memoryEnrolment();
  const outbox = memoryOutbox();
  const identity = identityOf(index);
  const link = createLink({
    address,
    clock,
    random: Math.random,
    connect: webSocket,
    enrolment,
    outbox,
    describe: () => ({ agent: { version: '0.1.0', arch: 'x64', runtime: 'load test' }, identity }),
    admission: () => ({ token, admission: false }),
    events: {
      state(state) {
        agent.live = state.at === 'live';
        events.state?.(agent, state);
      },
      welcomed(welcome) {
        if (Object.keys(welcome.have).length === 0 && outbox.pendingState().length === 0) sendState(agent);
        agent.acked = Math.max(agent.acked, welcome.acked);
        events.welcomed?.(agent, welcome);
      },
      acked(seq) {
        agent.acked = seq;
        events.acked?.(agent, seq);
      },
      snapshotWanted: () => sendState(agent),
      settings: () => undefined,
      scanRequested: () => undefined,
      watched: () => undefined,
      problem: problem => process.stderr.write(`agent ${index}: ${problem.code} ${problem.detail ?? ''}\n`),
      renewed: () => process.stderr.write(`agent ${index}: key renewed\n`),
    },
  });
  const agent: Agent = { index, enrolment, outbox, link, live: false, acked: 0 };
  return agent;
}

/** Appends the whole state of a device. */
export function sendState(agent: Agent): void {
  const at = Date.now();
  agent.outbox.append({
    type: 'snapshot',
    at,
    identity: identityOf(agent.index),
    findings: findingsOf(platformOf(agent.index), agent.index % 48, at),
  });
}
