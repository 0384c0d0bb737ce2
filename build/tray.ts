/**
 * `npm run tray`: the tray app from a checkout, on top of this machine's agent. Where `npm start` (or the demo) runs, its
 * agent is used; otherwise one is started for the collector that `--collector URL` names.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { socketPath, systemOf } from '../agent/desktop/places.ts';
import { type Child, startChild } from './child.ts';
import { electron } from './electron-runtime.ts';
import { buildIfStale } from './fresh.ts';
import { AGENT_FLAGS } from './node-flags.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const HELP = `npm run tray -- [options]
  --collector URL  collector of an agent started here (default http://127.0.0.1:8620, where npm start listens)
  --desk DIR       use the service whose socket is there
`;

const { values } = parseArgs({
  options: { collector: { type: 'string' }, desk: { type: 'string' }, help: { type: 'boolean' } },
  strict: true,
});

function say(text: string): void {
  process.stderr.write(`Trayline: ${text}\n`);
}

function answers(desk: string): Promise<boolean> {
  const path = socketPath(systemOf(process.platform), desk);
  if (process.platform !== 'win32' && !existsSync(path)) return Promise.resolve(false);
  return new Promise(resolve => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function main(): Promise<number> {
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const found = electron();
  if ('missing' in found) {
    say(found.missing);
    return 1;
  }
  const display = process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY;
  if (process.platform === 'linux' && (display === undefined || display === '')) {
    say('there is no display to show a tray on: run it in a desktop session (DISPLAY is not set)');
    return 1;
  }
  say(`${found.version} (${found.path})`);
  await buildIfStale(what => say(`${what} …`));
  const candidates =
    values.desk === undefined
      ? [join(root, 'data', 'agent', 'desk'), join(root, 'data', 'demo', 'agent', 'desk')]
      : [values.desk];
  let desk: string | null = null;
  for (const one of candidates) if (desk === null && (await answers(one))) desk = one;
  let agent: Child | null = null;
  if (desk === null) {
    if (values.desk !== undefined) {
      say(`no service answers in ${values.desk}`);
      return 1;
    }
    const data = join(root, 'data', 'agent');
    const collector = values.collector ?? 'http://127.0.0.1:8620';
    say(`starting an agent for ${collector}; admit it in the console if it waits`);
    agent = startChild(
      'agent',
      [
        ...[...AGENT_FLAGS, join(root, 'dist/agent/service.js'), '--collector', collector, '--admission'],
        ...['--data', data, '--json-log'],
      ],
      { cwd: root, logFile: join(root, 'data', 'agent.log'), env: {} },
    );
    desk = join(data, 'desk');
  }
  const app = spawn(
    found.path,
    // Chromium's sandbox cannot be set up by root; nobody else needs this.
    [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), join(root, 'dist', 'desktop')],
    { stdio: 'inherit', env: { ...process.env, HOME: process.env.HOME ?? homedir(), TRAYLINE_DESK: desk } },
  );
  const stop = (): void => void app.kill('SIGTERM');
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const code = await new Promise<number>(resolve => {
    app.once('error', () => resolve(1));
    app.once('exit', ended => resolve(ended ?? 0));
  });
  await agent?.stop();
  return code;
}

process.exitCode = await main();
