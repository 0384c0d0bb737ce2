import { HOUR, SECOND } from '../../shared/base/durations.ts';
import type { AgentCore } from './agent-core.ts';
import type { CollectorProcess } from './collector-process.ts';
import { eventually } from './eventually.ts';
import type { MovedClock } from './moved-clock.ts';

/** Hours by which somebody moves the device's clock, one after the other; never more than the retention of readings. */
export const CLOCK_JUMPS = [5 * HOUR, -9 * HOUR, 2 * HOUR, -HOUR, 7 * HOUR, -3 * HOUR];

/** Starts an agent and waits until it is live. */
export async function enter(core: AgentCore): Promise<void> {
  await core.agent.start();
  await eventually(() => core.agent.status.current.link.state === 'live', {
    what: 'the agent live',
    withinMs: 30_000,
    state: () => core.agent.status.current,
  });
}

/**
 * Moves the device's clock about, with readings before and after every jump; after every second one the collector is killed
 * and comes back. Gives the longest time until everything was delivered, milliseconds.
 */
export async function jumpAbout(
  core: AgentCore,
  clock: MovedClock,
  collector: CollectorProcess,
): Promise<number> {
  let longest = 0;
  const delivered = async (what: string): Promise<void> => {
    const from = performance.now();
    await eventually(() => core.outbox.frames === 0, {
      what,
      withinMs: 60_000,
      state: () => core.agent.status.current,
    });
    longest = Math.max(longest, performance.now() - from);
  };
  for (const [i, jump] of CLOCK_JUMPS.entries()) {
    for (let n = 0; n < 5; n += 1) await core.sample();
    clock.jump(jump);
    for (let n = 0; n < 5; n += 1) await core.sample();
    // The agent looks at its clocks every half minute.
    clock.skip(31 * SECOND);
    await delivered(`everything after jump ${i}`);
    if (i % 2 === 0) continue;
    // The connection breaks, and the device comes back with its clock where it is now.
    await collector.kill9();
    for (let n = 0; n < 3; n += 1) await core.sample();
    await collector.restart();
    clock.skip(10 * SECOND);
    await delivered(`everything after restart ${i}`);
  }
  return longest;
}
