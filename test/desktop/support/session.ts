import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { electron, electronSurroundings } from '../../../build/electron-runtime.ts';
import { builtDesktop } from '../../support/built.ts';

/*
 * What a desktop test needs around it, once for all of them: the built app, an Electron, and a desktop session of its own (a
 * display, a session bus, a window manager, a panel with a tray) that touches nothing of the caller's.
 */

/** The first line a program writes to `stream`. */
function firstLine(child: ChildProcess, what: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.once('error', reject);
    child.once('exit', code => reject(new Error(`${what} ended with ${code} before it was ready`)));
  });
}

export default async function setup(): Promise<() => Promise<void>> {
  const found = electron();
  const missing = 'missing' in found ? found.missing : electronSurroundings();
  if (missing !== null || 'missing' in found) {
    if (process.env.CI !== undefined) throw new Error(`desktop tests: ${missing}`);
    process.env.TRAYLINE_TEST_NO_ELECTRON = missing ?? 'no Electron';
    console.warn(`desktop tests left out: ${missing}`);
    return () => Promise.resolve();
  }
  console.log(`desktop tests: ${found.version} (${found.path})`);
  process.env.TRAYLINE_TEST_ELECTRON = found.path;
  await builtDesktop();
  if (process.platform !== 'linux') return () => Promise.resolve();

  const home = mkdtempSync(join(tmpdir(), 'trayline-session-'));
  const running: ChildProcess[] = [];
  const start = (command: string, args: readonly string[], env: Record<string, string>): ChildProcess => {
    const child = spawn(command, args, {
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8', ...env },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    running.push(child);
    return child;
  };
  const stop = async (): Promise<void> => {
    for (const child of running.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(deadline);
    }
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    // `-displayfd` takes a display nobody has; `-noreset` keeps it while the last window closes.
    const display = `:${await firstLine(
      start('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x800x24', '-nolisten', 'tcp', '-noreset'], {}),
      'Xvfb',
    )}`;
    const bus = await firstLine(
      start('dbus-daemon', ['--session', '--nofork', '--print-address'], { DISPLAY: display }),
      'dbus-daemon',
    );
    const env = { DISPLAY: display, DBUS_SESSION_BUS_ADDRESS: bus, XDG_CONFIG_HOME: join(home, 'config') };
    start('openbox', [], env);
    start('xfce4-panel', ['--disable-wm-check'], env);
    // An icon made before there is a tray falls back to an older kind of icon for good.
    const tray = start(
      'gdbus',
      ['wait', '--session', '--timeout', '60', 'org.kde.StatusNotifierWatcher'],
      env,
    );
    const came = await new Promise<number | null>(resolve => tray.once('exit', code => resolve(code)));
    if (came !== 0) throw new Error('the panel shows no tray');
    process.env.TRAYLINE_TEST_DISPLAY = display;
    process.env.TRAYLINE_TEST_BUS = bus;
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
