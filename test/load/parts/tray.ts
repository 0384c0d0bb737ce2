import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import { silentLog } from '../../../agent/core/host.ts';
import type { Handlers, Home } from '../../../agent/desktop/contract.ts';
import { SCENES } from '../../../agent/desktop/scenes.ts';
import type { Person, Tell } from '../../../agent/service/desk/desk.ts';
import { openLocalSocket } from '../../../agent/service/local-socket.ts';
import { AGENT_FLAGS } from '../../../build/node-flags.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { TrayItem } from '../../desktop/support/bus.ts';
import { appEnvironment } from '../../desktop/support/environment.ts';
import openSession from '../../desktop/support/session.ts';
import { enrolmentToken, freePort, programOf, startCollector } from '../support/collector.ts';
import { CLIENT_CORE, cpuSeconds, residentKiB, sleep, start } from '../support/process.ts';
import type { Scene } from '../support/scene.ts';
import { median, round } from '../support/stats.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ROUNDS = 5;
const SETTLE_MS = 20_000;
const REST_MS = 60_000;
const APP = join(ROOT, 'dist', 'desktop');
const ARGS = ['--no-sandbox', '--disable-gpu'];

export interface TrayFigures {
  /** From the start of the process to its icon on the bus, ms: median of the rounds. */
  readonly iconMs: number;
  /** From a click on the icon to the page's first content, ms. */
  readonly contentMs: number;
  /** From the service telling a problem to a changed icon on the bus, ms. */
  readonly badgeMs: number;
  /** At rest, without a window: all processes of the app, shared memory counted once (PSS). */
  readonly pssMiB: number;
  readonly rssMiB: number;
  readonly processes: number;
  /** Of one core, 0 to 1. */
  readonly cpuShare: number;
  /** The service beside it. */
  readonly serviceRssMiB: number;
  readonly serviceCpuShare: number;
}

/** The tray app on a desktop of its own: how soon it is there, and what it costs while nobody looks. */
export async function tray(scene: Scene): Promise<TrayFigures> {
  const closeSession = await openSession();
  try {
    const binary = process.env.TRAYLINE_TEST_ELECTRON;
    if (binary === undefined) throw new Error('no Electron: see above');
    const quick = await withScriptedDesk(scene, binary);
    const rest = await atRest(scene, binary);
    return { ...quick, ...rest };
  } finally {
    await closeSession();
  }
}

/** Times, on a desk that answers at once and changes when it is told to. */
async function withScriptedDesk(
  scene: Scene,
  binary: string,
): Promise<Pick<TrayFigures, 'iconMs' | 'contentMs' | 'badgeMs'>> {
  const folder = scene.folder('desk');
  let home: Home = SCENES.well.home;
  const tells = new Set<Tell>();
  const no = (): never => {
    throw new Problem('not-found', 'not on this desk');
  };
  const handlers: Handlers<'service' | 'inner', Person> = {
    home: { get: () => home },
    problems: { list: () => [] },
    checks: { run: no },
    assistant: { ask: no },
    requests: { list: () => [] },
    privacy: { get: () => SCENES.well.privacy },
    about: { get: () => SCENES.well.about },
    device: { plan: no, run: no, declined: no },
  };
  const socket = await openLocalSocket({
    desk: {
      handlers,
      attach: (_person, tell) => {
        tells.add(tell);
        return () => tells.delete(tell);
      },
      close: () => undefined,
    },
    path: join(folder, 'agent.sock'),
    everybody: false,
    version: 'bench',
    log: silentLog,
  });
  const icons: number[] = [];
  const contents: number[] = [];
  const badges: number[] = [];
  try {
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      const env = appEnvironment(folder, scene.folder('home'));
      const from = performance.now();
      const child = spawn(binary, [...ARGS, APP], { env, stdio: 'ignore' });
      await TrayItem.of(child.pid ?? 0);
      icons.push(performance.now() - from);
      await ended(child);
    }
    const app = await _electron.launch({
      executablePath: binary,
      args: [...ARGS, APP],
      env: appEnvironment(folder, scene.folder('home')),
    });
    const item = await TrayItem.of(app.process().pid ?? 0);
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      const opened = app.waitForEvent('window');
      const from = performance.now();
      await item.click();
      const page = await opened;
      await page.waitForFunction(() => (document.querySelector('#root')?.childElementCount ?? 0) > 0);
      contents.push(performance.now() - from);
      await page.keyboard.press('Escape').catch(() => undefined);
      while (app.windows().length > 0) await sleep(20);
    }
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      home = turn % 2 === 0 ? SCENES.attention.home : SCENES.well.home;
      const before = await item.picture();
      const from = performance.now();
      for (const tell of tells) tell('home.changed', home);
      while ((await item.picture()) === before) {
        if (performance.now() - from > 10_000) throw new Error('the icon did not change');
      }
      badges.push(performance.now() - from);
    }
    await app.close();
  } finally {
    await socket.stop();
  }
  return { iconMs: round(median(icons)), contentMs: round(median(contents)), badgeMs: round(median(badges)) };
}

/** Memory and processor time without a window, beside a real service with a real collector. */
async function atRest(
  scene: Scene,
  binary: string,
): Promise<Omit<TrayFigures, 'iconMs' | 'contentMs' | 'badgeMs'>> {
  const folder = scene.folder('tray-collector');
  const data = scene.folder('tray-agent');
  const collector = await startCollector({ folder, port: await freePort(), log: scene.log });
  const tokenFile = join(data, 'token');
  writeFileSync(tokenFile, await enrolmentToken(collector), { mode: 0o600 });
  const { script, form } = await programOf('agent');
  const service = start({
    script,
    nodeFlags: form === 'bundle' ? AGENT_FLAGS : [],
    args: ['--collector', collector.url, '--token-file', tokenFile, '--data', data],
    core: CLIENT_CORE,
    log: scene.log,
  });
  const child = spawn(binary, [...ARGS, APP], {
    env: appEnvironment(join(data, 'desk'), scene.folder('home')),
    stdio: 'ignore',
  });
  try {
    await TrayItem.of(child.pid ?? 0);
    await sleep(SETTLE_MS);
    const pids = treeOf(child.pid ?? 0);
    const cpu = (): number => pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0);
    const [appFrom, serviceFrom, from] = [cpu(), cpuSeconds(service.pid) ?? 0, performance.now()];
    await sleep(REST_MS / scene.divide);
    const seconds = (performance.now() - from) / 1000;
    const sum = (of: (pid: number) => number): number => pids.reduce((total, pid) => total + of(pid), 0);
    return {
      pssMiB: round(sum(pssKiB) / 1024, 1),
      rssMiB: round(sum(pid => residentKiB(pid) ?? 0) / 1024, 1),
      processes: pids.length,
      cpuShare: round((cpu() - appFrom) / seconds, 5),
      serviceRssMiB: round((residentKiB(service.pid) ?? 0) / 1024, 1),
      serviceCpuShare: round(((cpuSeconds(service.pid) ?? 0) - serviceFrom) / seconds, 5),
    };
  } finally {
    await ended(child);
    await service.stop();
    await collector.process.stop();
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise(resolve => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

/** A process and everything below it. */
function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // Gone meanwhile.
    }
  }
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** Proportional set size: a page shared by n processes counts 1/n for each. */
function pssKiB(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
