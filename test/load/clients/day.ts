import { MINUTE } from '../../../shared/base/durations.ts';
import { type Agent, makeAgent, sendState } from '../support/agents.ts';
import { agentAddress } from '../support/collector.ts';
import { command, say } from '../support/commands.ts';
import { findingsOf, platformOf, sampleOf } from '../support/frames.ts';
import { until } from '../support/process.ts';
import { seeded } from '../support/stats.ts';
import { bringUp } from './idle.ts';

/** One change of findings an hour. */
const DELTA_EVERY = 60;

/** Checks that change in an hour of work, in turn: what is free, the battery, a restart that waits. */
const CHANGING = [['disk.free'], ['battery'], ['disk.free', 'battery'], ['battery', 'uptime']];

/** Checks an agent runs again with the same answer and reports as fresh, every quarter of an hour. */
const AGAIN = ['fw.enabled', 'reboot.pending', 'uptime', 'net.mac', 'processes', 'perf'];

/**
 * A day of each device, one frame after the other as fast as they are acknowledged: a snapshot, a one-minute reading 1,440
 * times, 24 changes of findings, a boot, a sleep, a wake and a stop. The device's times run over the day that ends now.
 */
export async function runDay(task: {
  url: string;
  token: string;
  devices: number;
  minutes: number;
}): Promise<void> {
  const dayEnd = Date.now();
  const dayStart = dayEnd - task.minutes * MINUTE;
  const random = seeded(5);
  const frames: (() => boolean)[] = [];
  const options = {
    address: agentAddress(task.url),
    token: task.token,
    events: { acked: (agent: Agent) => void frames[agent.index]?.() },
  };
  const agents = Array.from({ length: task.devices }, (_, index) => makeAgent(index, options));
  await bringUp(agents);
  say({ up: agents.length });
  await command('day');

  let done = 0;
  let sent = 0;
  for (const agent of agents) {
    const { index } = agent;
    const platform = platformOf(index);
    let minute = -1;
    const waiting: (() => void)[] = [];
    const append = (frame: Parameters<Agent['outbox']['append']>[0]): void => {
      waiting.push(() => agent.outbox.append(frame));
    };
    const event = (at: number, kind: 'agent-started' | 'boot' | 'sleep' | 'wake' | 'agent-stopping'): void =>
      append({ type: 'events', at, events: [{ at, kind, data: {} }] });
    const plan = (): void => {
      minute += 1;
      if (minute > task.minutes) return;
      const at = dayStart + minute * MINUTE;
      if (minute === task.minutes) {
        event(at, 'agent-stopping');
        return;
      }
      if (minute === 0) {
        event(at, 'boot');
        event(at, 'agent-started');
        waiting.push(() => sendState(agent));
      }
      if (minute === Math.floor(task.minutes / 2)) event(at, 'sleep');
      if (minute === Math.floor(task.minutes / 2) + 1) event(at, 'wake');
      if (minute % DELTA_EVERY === 30) {
        const all = findingsOf(platform, (index + minute) % 48, at);
        const turn = CHANGING[Math.floor(minute / DELTA_EVERY) % CHANGING.length] ?? [];
        const findings = Object.fromEntries(Object.entries(all).filter(([scan]) => turn.includes(scan)));
        append({ type: 'delta', at, findings });
      }
      const fresh = Object.fromEntries(AGAIN.map(scan => [scan, at]));
      append({
        type: 'samples',
        at,
        rows: [sampleOf(at, random)],
        ...(minute % 15 === 0 ? { fresh } : {}),
      });
    };
    frames[index] = () => {
      while (waiting.length === 0 && minute <= task.minutes) plan();
      const next = waiting.shift();
      if (next === undefined) {
        frames[index] = () => false;
        done += 1;
        return false;
      }
      next();
      sent += 1;
      agent.link.pump();
      return true;
    };
  }
  const started = performance.now();
  for (const { index } of agents) frames[index]?.();
  await until(() => done === agents.length, 180_000, 'the day told');
  say({ day: { frames: sent, seconds: (performance.now() - started) / 1000 } });
  await command('end');
}
