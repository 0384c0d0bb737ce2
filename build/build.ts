/** `npm run build`: the bundles in dist/. */
import { build } from 'vite';
import { buildAgent } from './vite.agent.ts';
import { buildCollector } from './vite.collector.ts';
import { consoleConfig } from './vite.console.ts';

/** Builds the console into dist/console; rejects with vite's error when it does not compile. */
export async function buildConsole(): Promise<void> {
  await build(consoleConfig());
}

/** Everything that runs: console, collector, agent service. */
export async function buildAll(): Promise<void> {
  await buildConsole();
  await buildCollector();
  await buildAgent();
}

if (import.meta.main) {
  await buildAll();
}
