import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { _electron } from 'playwright-core';
import { SCENES } from '../../../agent/desktop/scenes.ts';
import { AGENT_FLAGS } from '../../../build/node-flags.ts';
import { TrayItem } from '../../desktop/support/bus.ts';
import { appEnvironment } from '../../desktop/support/environment.ts';
import { scriptedDesk } from '../../desktop/support/scripted-desk.ts';
import openSession from '../../desktop/support/session.ts';
import { enrolmentToken, freePort, programOf, startCollector } from '../support/collector.ts';
import {
  CLIENT_CORE,
  cpuSeconds,
  pinSelf,
  residentKiB,
  sleep,
  start,
  unpinSelf,
} from '../support/process.ts';
import type { Scene } from '../support/scene.ts';
import { median, round } from '../support/stats.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ROUNDS = 5;
const SETTLE_MS = 20_000;
const REST_MS = 60_000;
/** Between two clicks, so that the one before is over. */
const BETWEEN_MS = 500;
const APP = join(ROOT, 'dist', 'desktop');
const ARGS = ['--no-sandbox', '--disable-gpu'];

export interface TrayFigures {
  /** From the start of the process to its icon on the bus, ms: median of the rounds. */
  readonly iconMs: number;
  /** From a click on the icon to Home of a real service on the screen, ms: median of the rounds after the first. */
  readonly contentMs: number;
  /** The same for the first click after the start. */
  readonly firstClickMs: number;
  /** From a click to the window on the screen, ms. */
  readonly windowMs: number;
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
  /** What the window loads, gzipped, kB. */
  readonly pageKb: number;
}

/** The tray app on a desktop of its own: how soon it is there, and what it costs while nobody looks. */
export async function tray(scene: Scene): Promise<TrayFigures> {
  // A desktop app has several processes that work side by side, and a person's computer has cores for them.
  unpinSelf();
  const closeSession = await openSession();
  try {
    const binary = process.env.TRAYLINE_TEST_ELECTRON;
    if (binary === undefined) throw new Error('no Electron: see above');
    const quick = await withScriptedDesk(scene, binary);
    const real = await withRealService(scene, binary);
    return { ...quick, ...real, pageKb: pageKb() };
  } finally {
    await closeSession();
    pinSelf();
  }
}

/** Times, on a desk that answers at once and changes when it is told to. */
async function withScriptedDesk(
  scene: Scene,
  binary: string,
): Promise<Pick<TrayFigures, 'iconMs' | 'badgeMs'>> {
  const desk = await scriptedDesk(scene.folder('desk'));
  const icons: number[] = [];
  const badges: number[] = [];
  let child: ChildProcess | null = null;
  try {
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      if (child !== null) await ended(child);
      const from = performance.now();
      child = startApp(scene, binary, desk.folder);
      await TrayItem.of(child.pid ?? 0);
      icons.push(performance.now() - from);
    }
    const item = await TrayItem.of(child?.pid ?? 0);
    // It has its icon before it has heard from the desk.
    while (!/All is well/.test(await item.tooltip())) await sleep(20);
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      const { home, problems } = turn % 2 === 0 ? SCENES.attention : SCENES.well;
      const before = await item.picture();
      const from = performance.now();
      desk.show(home, problems);
      while ((await item.picture()) === before) {
        if (performance.now() - from > 10_000) throw new Error('the icon did not change');
      }
      badges.push(performance.now() - from);
    }
  } finally {
    if (child !== null) await ended(child);
    await desk.stop();
  }
  return { iconMs: round(median(icons)), badgeMs: round(median(badges)) };
}

/** Beside a real service with a real collector: memory and processor time without a window, then how soon Home is there. */
async function withRealService(
  scene: Scene,
  binary: string,
): Promise<Omit<TrayFigures, 'iconMs' | 'badgeMs' | 'pageKb'>> {
  const folder = scene.folder('tray-collector');
  const data = scene.folder('tray-agent');
  const desk = join(data, 'desk');
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
  try {
    const rest = await atRest(scene, startApp(scene, binary, desk), service.pid);
    return { ...rest, ...(await clicks(scene, binary, desk)) };
  } finally {
    await service.stop();
    await collector.process.stop();
  }
}

async function atRest(
  scene: Scene,
  child: ChildProcess,
  service: number,
): Promise<
  Pick<TrayFigures, 'pssMiB' | 'rssMiB' | 'processes' | 'cpuShare' | 'serviceRssMiB' | 'serviceCpuShare'>
> {
  try {
    await TrayItem.of(child.pid ?? 0);
    await sleep(SETTLE_MS);
    const pids = treeOf(child.pid ?? 0);
    const cpu = (): number => pids.reduce((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0);
    const [appFrom, serviceFrom, from] = [cpu(), cpuSeconds(service) ?? 0, performance.now()];
    await sleep(REST_MS / scene.divide);
    const seconds = (performance.now() - from) / 1000;
    const sum = (of: (pid: number) => number): number => pids.reduce((total, pid) => total + of(pid), 0);
    return {
      pssMiB: round(sum(pssKiB) / 1024, 1),
      rssMiB: round(sum(pid => residentKiB(pid) ?? 0) / 1024, 1),
      processes: pids.length,
      cpuShare: round((cpu() - appFrom) / seconds, 5),
      serviceRssMiB: round((residentKiB(service) ?? 0) / 1024, 1),
      serviceCpuShare: round(((cpuSeconds(service) ?? 0) - serviceFrom) / seconds, 5),
    };
  } finally {
    await ended(child);
  }
}

/** Clicks on the icon until Home, as this service knows it, can be seen: painted, in a window that is on the screen. */
async function clicks(
  scene: Scene,
  binary: string,
  desk: string,
): Promise<Pick<TrayFigures, 'contentMs' | 'firstClickMs' | 'windowMs'>> {
  const app = await _electron.launch({
    executablePath: binary,
    args: [...ARGS, APP],
    env: appEnvironment(desk, scene.folder('home')),
  });
  try {
    const item = await TrayItem.of(app.process().pid ?? 0);
    while (!/All is well|need|Needs|Not known/.test(await item.tooltip())) await sleep(20);
    await app.evaluate(({ app: own }) => {
      own.on('browser-window-created', (_event, window) => {
        window.once('show', () => Reflect.set(globalThis, 'shownAt', Date.now()));
      });
    });
    const contents: number[] = [];
    const windows: number[] = [];
    for (let turn = 0; turn < ROUNDS + 1; turn += 1) {
      const opened = app.waitForEvent('window');
      const from = Date.now();
      await item.click();
      const page = await opened;
      await page.waitForFunction(() => document.querySelector('main .hero h1') !== null);
      const painted = await page.evaluate(
        async () =>
          await new Promise<number>(resolve => {
            // What was painted last and largest is the page itself; the observer is told of what was before it, too.
            const observer = new PerformanceObserver(list => {
              const last = list.getEntries().at(-1);
              if (last !== undefined) resolve(performance.timeOrigin + last.startTime);
            });
            requestAnimationFrame(() =>
              requestAnimationFrame(() =>
                observer.observe({ type: 'largest-contentful-paint', buffered: true }),
              ),
            );
          }),
      );
      const shown = await app.evaluate(() => Number(Reflect.get(globalThis, 'shownAt')));
      contents.push(Math.max(painted, shown) - from);
      windows.push(shown - from);
      await page.keyboard.press('Escape').catch(() => undefined);
      while (app.windows().length > 0) await sleep(20);
      await sleep(BETWEEN_MS);
    }
    const [first = 0, ...later] = contents;
    return {
      contentMs: round(median(later)),
      firstClickMs: round(first),
      windowMs: round(median(windows.slice(1))),
    };
  } finally {
    await app.close();
  }
}

function startApp(scene: Scene, binary: string, desk: string): ChildProcess {
  return spawn(binary, [...ARGS, APP], {
    env: appEnvironment(desk, scene.folder('home')),
    stdio: 'ignore',
  });
}

/** What the window loads, as gzip makes it (level 9): the page's files without the scenes, which only a browser loads. */
function pageKb(): number {
  const page = join(APP, 'page');
  const bytes = readdirSync(page, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(html|js|css)$/.test(name) && !/scene-[^/]*$/.test(name))
    .reduce((sum, name) => sum + gzipSync(readFileSync(join(page, name)), { level: 9 }).length, 0);
  return round(bytes / 1000, 1);
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
