/** `npm run build`: the bundles in dist/. */
import { build } from 'vite';
import { buildAgent } from './vite.agent.ts';
import { buildCollector } from './vite.collector.ts';
import { consoleConfig } from './vite.console.ts';
import { buildDesktop } from './vite.desktop.ts';

/** Builds the console into dist/console; rejects with vite's error when it does not compile. */
export async function buildConsole(): Promise<void> {
  // Vite takes the React it bundles from this; a test runner has set it to `test`, which means the slow one with warnings.
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build(consoleConfig());
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}

/** Everything that runs: console, collector, agent service, tray app. */
export async function buildAll(): Promise<void> {
  await buildConsole();
  await buildCollector();
  await buildAgent();
  await buildDesktop();
}

if (import.meta.main) {
  await buildAll();
}
