import { type Agent, makeAgent } from '../support/agents.ts';
import { agentAddress } from '../support/collector.ts';
import { command, say } from '../support/commands.ts';
import { sleep, until } from '../support/process.ts';

/** Connections begun each second while setting up. */
const CONNECTS_PER_S = 600;

/** Starts many agents at a pace and waits until each has its first snapshot acknowledged. */
export async function bringUp(agents: readonly Agent[]): Promise<void> {
  const started = performance.now();
  for (const [place, agent] of agents.entries()) {
    const due = started + (place * 1000) / CONNECTS_PER_S;
    if (due - performance.now() > 5) await sleep(due - performance.now());
    agent.link.start();
  }
  await until(() => agents.every(({ live, acked }) => live && acked > 0), 280_000, 'agents up');
}

/** Agents that have told everything and then say nothing. */
export async function runIdle(task: { url: string; token: string; agents: number }): Promise<void> {
  const options = { address: agentAddress(task.url), token: task.token, events: {} };
  const agents = Array.from({ length: task.agents }, (_, index) => makeAgent(index, options));
  await bringUp(agents);
  say({ up: agents.length });
  await command('end');
  say({ stillUp: agents.filter(({ live }) => live).length });
}
