import { spawn } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type AgentProcess, startAgentProcess } from '../support/agent-process.ts';
import { ROOT } from '../support/child.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { ConsolePage } from '../support/console-page.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/teardown.ts';
import { NO_ELECTRON, TrayApp } from './support/app.ts';
import { appEnvironment } from './support/environment.ts';
import { SecondPerson } from './support/second-person.ts';

/*
 * The app on a desktop: a real collector, this machine's real service, a real Electron, and a tray whose icon and menu are
 * read and clicked over the session bus.
 */

describe.skipIf(NO_ELECTRON !== undefined)('the tray app', () => {
  let collector: CollectorProcess;
  let agent: AgentProcess;
  let desk: string;
  let app: TrayApp;
  let secret: string;

  beforeAll(async () => {
    collector = await startCollector();
    ({ secret } = await collector.admin.enrolmentToken({}));
    // A desk for everybody on this machine, as an installed service has it.
    desk = temporaryFolder('desk');
    await chmod(desk, 0o755);
    agent = startAgentProcess({ collector: collector.url, token: secret, name: 'this-machine', desk });
    app = await TrayApp.launch({ desk });
    await mkdir(join(ROOT, 'dist', 'screenshots'), { recursive: true });
  });

  const labels = async (): Promise<string[]> => (await (await app.tray()).menu()).map(({ label }) => label);
  const homeOf = async (page: Page) => {
    const reply = await page.evaluate(async () => await window.trayline?.home.get());
    return reply?.ok === true ? reply.value : null;
  };
  const untilMenu = async (has: (labels: string[]) => boolean, what: string): Promise<string[]> =>
    await eventually(
      async () => {
        const now = await labels();
        return has(now) ? now : null;
      },
      { what: `menu: ${what}`, withinMs: 60_000 },
    );

  test('starts without a window, with an icon and a menu', async () => {
    const menu = await untilMenu(all => all.includes('Check now'), 'of a connected app');
    expect(menu).toEqual(expect.arrayContaining(['Open Trayline', 'Ask about this device', 'Quit']));
    expect(await app.windows()).toBe(0);
  });

  test('shows the score and state that the collector has', async () => {
    const page = await app.open();
    const home = await eventually(
      async () => {
        const now = await homeOf(page);
        return now?.score.known === true ? now : null;
      },
      { what: 'a score', withinMs: 60_000 },
    );
    const row = (await collector.admin.devices()).find(({ name }) => name === 'this-machine');
    expect(home.device.name).toBe('this-machine');
    expect(home.connection.state).toBe('live');
    expect(home.verdict).toEqual({ known: false, why: 'no-policy-yet' });
    expect(home.score.known ? home.score.value : null).toBeCloseTo(row?.score ?? -1, 0);
    await page.screenshot({ path: join(ROOT, 'dist', 'screenshots', 'tray-home.png') });
    await app.escape(page);
  });

  test('has no page process while no window is open', async () => {
    await app.atRest();
    await eventually(
      async () => {
        const kinds = await app.electron.evaluate(({ app: own }) =>
          own.getAppMetrics().map(({ type }) => type),
        );
        return kinds.includes('Browser') && !kinds.includes('Tab');
      },
      { what: 'no page process' },
    );
  });

  test('opens where the menu says', async () => {
    const tray = await app.tray();
    const opened = app.electron.waitForEvent('window');
    await tray.choose('Ask about this device');
    const page = await opened;
    await page.waitForFunction(() => window.trayline !== undefined);
    expect(await page.evaluate(async () => await window.trayline?.app.view())).toEqual({
      ok: true,
      value: { page: 'ask' },
    });
    await app.escape(page);
  });

  test('runs the checks from the menu and tells how far they are', async () => {
    const page = await app.open();
    await page.evaluate(() => {
      const told: unknown[] = [];
      Reflect.set(window, 'told', told);
      window.trayline?.checks.onProgress(run => told.push(run));
    });
    await (await app.tray()).choose('Check now');
    const told = await eventually(
      async () => {
        const all = await page.evaluate(
          () =>
            Reflect.get(window, 'told') as { done: number; of: number; endedAt: number | null; by: string }[],
        );
        return all.at(-1)?.endedAt == null ? null : all;
      },
      { what: 'the end of the run', withinMs: 120_000 },
    );
    expect(told.length).toBeGreaterThan(2);
    expect(told.at(-1)).toMatchObject({ by: 'you', done: told.at(-1)?.of });
    await app.escape(page);
  });

  test('says with icon and words how many things need the person', async () => {
    const page = await app.open();
    const home = await homeOf(page);
    await app.escape(page);
    const count = home?.problems.length ?? 0;
    const words =
      count > 0
        ? `${count} ${count === 1 ? 'thing needs' : 'things need'} you`
        : /All is well|Needs attention|Not known/;
    expect(await (await app.tray()).tooltip()).toMatch(words);
  });

  test('tells who looks, since when, and remembers it', async () => {
    const device = (await collector.admin.devices()).find(({ name }) => name === 'this-machine');
    const viewer = await ConsolePage.opened(collector.url, collector.admin.session);
    viewer.send({ type: 'watch', device: device?.id ?? '' });
    const menu = await untilMenu(
      all => all.some(label => /is looking at this device, since/.test(label)),
      'a viewer',
    );
    const looking = /is looking at this device, since \d\d:\d\d/;
    expect(menu.join('\n')).toMatch(looking);
    expect(await (await app.tray()).tooltip()).toMatch(looking);
    const page = await app.open();
    await page.getByText(looking).waitFor();
    await page.screenshot({ path: join(ROOT, 'dist', 'screenshots', 'tray-electron-watched.png') });
    viewer.send({ type: 'unwatch', device: device?.id ?? '' });
    await page.getByText(looking).waitFor({ state: 'detached' });
    await untilMenu(all => !all.some(label => /is looking/.test(label)), 'no viewer');
    expect(await (await app.tray()).tooltip()).not.toMatch(looking);
    const views = await page.evaluate(async () => await window.trayline?.privacy.get());
    expect(views?.ok === true ? views.value.views[0]?.until : null).toEqual(expect.any(Number));
    await app.escape(page);
    viewer.ws.close();
  });

  test('changes the device only with consent given outside the page', async () => {
    const page = await app.open();
    await app.electron.evaluate(({ dialog }) => {
      const asked: unknown[] = [];
      Reflect.set(globalThis, 'asked', asked);
      Reflect.set(dialog, 'showMessageBox', (options: unknown) => {
        asked.push(options);
        return Promise.resolve({ response: 1, checkboxChecked: false });
      });
    });
    const outcome = await page.evaluate(async () => await window.trayline?.device.act({ action: 'restart' }));
    expect(outcome).toEqual({ ok: true, value: { state: 'declined' } });
    const asked = await app.electron.evaluate(() => Reflect.get(globalThis, 'asked') as { detail: string }[]);
    expect(asked.map(({ detail }) => detail)).toEqual([expect.stringContaining('restarts in one minute')]);
    const told = await page.evaluate(async () => await window.trayline?.privacy.get());
    expect(told?.ok === true ? told.value.journal[0]?.what.key : null).toBe('journal.declined');
    await app.escape(page);
  });

  test('speaks the chosen language in the menu too', async () => {
    const page = await app.open();
    await page.evaluate(async () => await window.trayline?.language.set({ locale: 'de' }));
    await untilMenu(all => all.includes('Jetzt prüfen'), 'in German');
    await page.getByRole('button', { name: 'Jetzt prüfen' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de');
    await page.evaluate(async () => await window.trayline?.language.set({ locale: 'en' }));
    await untilMenu(all => all.includes('Check now'), 'in English');
    await app.escape(page);
  });

  test('pauses notifications from the menu and takes it back', async () => {
    await (await app.tray()).choose('Pause for one hour');
    const menu = await untilMenu(all => all.some(label => label.startsWith('Resume')), 'paused');
    expect(menu).not.toContain('Pause for one hour');
    await (await app.tray()).choose(menu.find(label => label.startsWith('Resume')) ?? '');
    await untilMenu(all => all.includes('Pause for one hour'), 'not paused');
  });

  test('brings the running app forward when it is started again with a link', async () => {
    const opened = app.electron.waitForEvent('window', { timeout: 60_000 });
    const second = spawn(
      process.env.TRAYLINE_TEST_ELECTRON ?? '',
      ['--no-sandbox', '--disable-gpu', join(ROOT, 'dist', 'desktop'), 'trayline://privacy'],
      { env: appEnvironment(desk, app.home), stdio: 'ignore' },
    );
    const ended = new Promise<number | null>(resolve => second.once('exit', code => resolve(code)));
    const page = await opened;
    expect(await ended).toBe(0);
    await page.waitForFunction(() => window.trayline !== undefined);
    expect(await page.evaluate(async () => await window.trayline?.app.view())).toEqual({
      ok: true,
      value: { page: 'privacy' },
    });
    expect(await app.windows()).toBe(1);
    await app.escape(page);
  });

  test('says that it is not connected, and that it is again', async () => {
    const before = await (await app.tray()).picture();
    await collector.stop();
    await untilMenu(all => all.includes('Not connected'), 'offline');
    await collector.restart();
    await untilMenu(all => !all.includes('Not connected'), 'connected again');
    await eventually(async () => (await (await app.tray()).picture()) === before, {
      what: 'the icon as before',
      withinMs: 60_000,
    });
  });

  test('says that the service is away, refuses with a code, and finds it again', async () => {
    const page = await app.open();
    await agent.stop();
    await untilMenu(all => all.includes('Trayline’s service is not running'), 'without a service');
    expect(await page.evaluate(async () => await window.trayline?.home.get())).toMatchObject({
      ok: false,
      code: 'service-unreachable',
    });
    const again = { collector: collector.url, dataDir: agent.dataDir };
    agent = startAgentProcess({ ...again, name: 'this-machine', desk });
    await untilMenu(all => all.includes('Check now'), 'with the service');
    expect(await homeOf(page)).toMatchObject({ device: { name: 'this-machine' } });
    await app.escape(page);
  });

  test('shows a second person the same device, and of the first one nothing', async ({ skip }) => {
    if (process.getuid?.() !== 0) skip('only root can start an app for another account');
    const other = await SecondPerson.signIn(desk);
    const page = await other.app.page();
    await page.getByText('this-machine').waitFor();
    const own = await app.open();
    const journalOf = async (of: Page): Promise<string> => {
      const told = await of.evaluate(async () => await window.trayline?.privacy.get());
      return told?.ok === true ? JSON.stringify(told.value.journal) : '';
    };
    expect(await journalOf(own)).toContain('journal.declined');
    const theirs = await journalOf(page);
    expect(theirs).toContain('journal.started');
    expect(theirs).not.toContain('journal.declined');
    // What one of them asks for the other sees as somebody else's.
    const by = async (of: Page): Promise<string | null> => (await homeOf(of))?.run?.by ?? null;
    await own.evaluate(async () => await window.trayline?.checks.run({ checks: ['uptime'] }));
    expect([await by(own), await by(page)]).toEqual(['you', 'another']);
    await app.escape(own);
    await other.app.stop();
  });

  test('ends when it is told to from its menu', async () => {
    const child = app.electron.process();
    const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
    await (await app.tray()).choose('Quit').catch(() => undefined);
    expect(await ended).toBe(0);
  });

  test('opens where a link says when it is started with one', async () => {
    app = await TrayApp.launch({ desk, args: ['trayline://problems/firewall-off'] });
    const page = await app.page();
    expect(await page.evaluate(async () => await window.trayline?.app.view())).toEqual({
      ok: true,
      value: { page: 'problems', problem: 'firewall-off' },
    });
    await page.getByRole('heading', { level: 1, name: 'Problems' }).waitFor();
  });
});
