import { type Agent, createAgent } from '../../agent/core/agent.ts';
import { silentLog } from '../../agent/core/host.ts';
import { memoryEnrolment } from '../../agent/core/identity/enrolment.ts';
import { deviceAddress } from '../../agent/core/link/address.ts';
import { webSocket } from '../../agent/core/link/web-socket.ts';
import { memoryOutbox } from '../../agent/core/outbox/memory.ts';
import type { NewFrame, Outbox } from '../../agent/core/outbox/outbox.ts';
import type { Scanner } from '../../agent/core/scan/scan.ts';
import { createSettings } from '../../agent/core/settings/settings.ts';
import { systemClock } from '../../agent/service/clock.ts';
import type { Clock } from '../../shared/base/clock.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import type { DeviceEvent } from '../../shared/protocol/from-device.ts';
import type { SampleRow } from '../../shared/protocol/samples.ts';
import { GIB, okFinding } from './records.ts';
import { closeAtEnd } from './teardown.ts';
import { newIdentity } from './test-device.ts';

export interface AgentCoreOptions {
  readonly url: string;
  readonly token: string;
  readonly clock?: Clock;
  readonly identity?: DeviceIdentity;
  /** Milliseconds since the system started; left out: the monotonic clock, as on a machine that never sleeps. */
  readonly uptimeMs?: () => number | null;
  /** Numbers in [0, 1) for its waiting times; left out: any. */
  readonly random?: () => number;
}

export interface AgentCore {
  readonly agent: Agent;
  /** Everything the agent put into its outbox. */
  readonly rows: SampleRow[];
  readonly events: DeviceEvent[];
  readonly outbox: Outbox;
  /** Takes one reading of which no two are the same. */
  sample(): Promise<void>;
}

/**
 * The agent's real core in the test's own process, over a real socket, with checks that answer at once: the load it finds
 * is a running number, so that every reading can be told from every other.
 */
export function agentCore(options: AgentCoreOptions): AgentCore {
  const { url, token, clock = systemClock, random = Math.random } = options;
  const uptimeMs = options.uptimeMs ?? (() => clock.monotonic());
  const identity = options.identity ?? newIdentity();
  const settings = createSettings();
  settings.apply('command', { collector: url, token });
  const rows: SampleRow[] = [];
  const events: DeviceEvent[] = [];
  const kept = memoryOutbox();
  const outbox: Outbox = Object.create(kept, {
    append: {
      value: (frame: NewFrame): number => {
        if (frame.type === 'samples') rows.push(...frame.rows);
        if (frame.type === 'events') events.push(...frame.events);
        return kept.append(frame);
      },
    },
  });
  let n = 0;
  const scanner: Scanner = {
    scans: [{ id: 'perf', cost: 'cheap' }],
    async run() {
      n += 1;
      const at = Math.round(clock.now());
      const perf = okFinding(
        {
          cpuPercent: 5,
          memoryTotalBytes: 16 * GIB,
          memoryUsedBytes: 8 * GIB,
          netRxBytesPerS: n,
          netTxBytesPerS: 0,
          diskReadBytesPerS: 0,
          diskWriteBytesPerS: 0,
        },
        { at },
      );
      return { perf };
    },
  };
  const agent = createAgent({
    host: { agent: { version: '0.1.0', arch: 'x64', runtime: 'test' }, uptimeMs },
    scanner,
    identityOf: async () => identity,
    enrolment: memoryEnrolment(),
    settings,
    address: deviceAddress(url),
    clock,
    random,
    socketFactory: webSocket,
    outbox,
    log: silentLog,
  });
  closeAtEnd(() => agent.stop('stopping'));
  return {
    agent,
    rows,
    events,
    outbox,
    async sample() {
      await agent.recheck(['perf']);
    },
  };
}

/** A reading as text, to compare what was written with what is stored. */
export function readingText(at: number, values: readonly (number | null)[]): string {
  return JSON.stringify([at, ...values]);
}
