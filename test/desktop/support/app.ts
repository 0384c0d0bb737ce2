import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import type { Bridge } from '../../../agent/desktop/contract.ts';
import { ROOT } from '../../support/child.ts';
import { eventually } from '../../support/eventually.ts';
import { closeAtEnd, temporaryFolder } from '../../support/teardown.ts';
import { TrayItem } from './bus.ts';
import { appEnvironment } from './environment.ts';

declare global {
  interface Window {
    readonly trayline?: Bridge;
  }
}

/** Why there is no Electron here; undefined: there is one. */
export const NO_ELECTRON = process.env.TRAYLINE_TEST_NO_ELECTRON;

export interface LaunchOptions {
  /** Folder of the service's socket. */
  readonly desk: string;
  /** Home folder of the person; left out: a new one. */
  readonly home?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The Electron to run; left out: the one found for the tests. */
  readonly program?: string;
}

/** The app as it runs on a desktop, seen from outside. */
export class TrayApp {
  readonly electron: ElectronApplication;
  readonly home: string;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];

  private constructor(electron: ElectronApplication, home: string) {
    this.electron = electron;
    this.home = home;
    this.#child = electron.process();
    const keep = (part: Buffer): void => void this.#log.push(part.toString());
    this.#child.stderr?.on('data', keep);
    this.#child.stdout?.on('data', keep);
  }

  /** Launches the built app; ended at the end of the test file at the latest. */
  static async launch({
    desk,
    home = temporaryFolder('home'),
    args = [],
    env = {},
    program = process.env.TRAYLINE_TEST_ELECTRON ?? '',
  }: LaunchOptions): Promise<TrayApp> {
    const electron = await _electron.launch({
      executablePath: program,
      // As root Chromium's sandbox cannot be set up; the argument is the harness's, never the product's.
      args: ['--no-sandbox', '--disable-gpu', join(ROOT, 'dist', 'desktop'), ...args],
      env: appEnvironment(desk, home, env),
      timeout: 60_000,
    });
    const app = new TrayApp(electron, home);
    closeAtEnd(() => app.stop());
    return app;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  log(): string {
    return this.#log.join('');
  }

  async tray(): Promise<TrayItem> {
    return await TrayItem.of(this.pid);
  }

  /** Every window there is right now. */
  async windows(): Promise<number> {
    return await this.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
  }

  /** Clicks the icon and waits for the page. */
  async open(): Promise<Page> {
    const tray = await this.tray();
    if ((await this.windows()) > 0) throw new Error('a window is open already');
    const opened = this.electron.waitForEvent('window', { timeout: 30_000 });
    await tray.click();
    return await shown(await opened);
  }

  /** The page of a window that opens by itself. */
  async page(): Promise<Page> {
    return await shown(await this.electron.firstWindow({ timeout: 30_000 }));
  }

  /** Closes the page as a person does, and waits until no window is left. */
  async escape(page: Page): Promise<void> {
    // The page may be gone before the key is up again.
    await page.keyboard.press('Escape').catch(() => undefined);
    await this.atRest();
  }

  /** Waits until no window is left. */
  async atRest(): Promise<void> {
    await eventually(async () => (await this.windows()) === 0, { what: 'no window left' });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    await this.electron.close().catch(() => undefined);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

async function shown(page: Page): Promise<Page> {
  await page.waitForLoadState('load');
  await page.waitForFunction(() => (document.querySelector('#root')?.childElementCount ?? 0) > 0);
  return page;
}
