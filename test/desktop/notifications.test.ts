import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { DeskProblem } from '../../agent/desktop/contract.ts';
import { SCENES } from '../../agent/desktop/scenes.ts';
import { DAY, HOUR } from '../../shared/base/durations.ts';
import { eventually } from '../support/eventually.ts';
import { closeAtEnd, temporaryFolder } from '../support/teardown.ts';
import { NO_ELECTRON, TrayApp } from './support/app.ts';
import { NotificationArea } from './support/notifications.ts';
import { type ScriptedDesk, scriptedDesk } from './support/scripted-desk.ts';

/*
 * What pops up on the person's screen, as the desktop's notification service is asked for it, and what a click does. That
 * nothing came is seen by what comes next: notifications have an order.
 */

const [FIREWALL, DRIVE] = ['firewall-off', 'drive-warning'].map(id =>
  SCENES.many.problems.find(problem => problem.id === id),
);

describe.skipIf(NO_ELECTRON !== undefined || process.platform !== 'linux')('a notification', () => {
  if (FIREWALL === undefined || DRIVE === undefined) throw new Error('the scene has other problems');
  let area: NotificationArea;
  let desk: ScriptedDesk;
  let app: TrayApp;
  let count = 0;

  beforeAll(async () => {
    area = await NotificationArea.open();
    desk = await scriptedDesk(temporaryFolder('desk'));
    closeAtEnd(() => desk.stop());
    app = await TrayApp.launch({ desk: desk.folder });
    await untilTooltip(/All is well/);
    // Whatever hour the test runs at.
    await fromPage(page => page.evaluate(() => window.trayline?.notifications.set({ quietHours: null })));
  });
  beforeEach(async () => {
    await show();
    await eventually(() => area.standing.size === 0, { what: 'no notification left' });
    count = area.shown.length;
    area.most = 0;
  });

  const untilTooltip = async (has: RegExp): Promise<void> => {
    await eventually(async () => has.test(await (await app.tray()).tooltip()), {
      what: `a tooltip like ${has}`,
      withinMs: 60_000,
    });
  };
  /** Has the desk tell these problems, and waits until the app has taken it in. */
  const show = async (...problems: DeskProblem[]): Promise<void> => {
    const state = problems.length === 0 ? 'well' : 'attention';
    const ids = problems.map(({ id }) => id);
    desk.show(
      { ...SCENES.well.home, at: Date.now(), state, next: problems[0] ?? null, problems: ids },
      problems,
    );
    await untilTooltip(
      problems.length === 0
        ? /All is well/
        : new RegExp(`${problems.length} ${problems.length === 1 ? 'thing needs' : 'things need'} you`),
    );
  };
  const fromPage = async (work: (page: Page) => Promise<unknown>): Promise<void> => {
    const page = await app.open();
    await work(page);
    await app.escape(page);
  };
  const next = async (what: string) => {
    const popup = await area.next(count, what);
    count += 1;
    return popup;
  };
  const coming = (problem: DeskProblem, inMs: number): DeskProblem => ({
    ...problem,
    state: 'will-block',
    by: Date.now() + inMs,
  });

  test('tells of a problem once, in the person’s words', async () => {
    await show(FIREWALL);
    expect(await next('the problem')).toMatchObject({
      app: 'Trayline',
      title: 'Your device needs you',
      body: 'Firewall is off',
      actions: ['default'],
      urgency: 1,
    });
    // Told again by the desk, as after every round of checks, and then another: only that is news.
    await show({ ...FIREWALL, since: Date.now() });
    await show(FIREWALL, DRIVE);
    expect((await next('the other problem')).body).toContain('NVMe SSD 512');
  });

  test('is one for several problems', async () => {
    await show(FIREWALL, DRIVE);
    const popup = await next('both problems');
    expect(popup.body).toBe('Firewall is off\n2 things need you');
    await show();
    await show(DRIVE);
    expect((await next('one of them again')).body).not.toContain('2 things');
  });

  test('comes at each stage of a problem, and takes the place of the one before', async () => {
    await show(FIREWALL);
    await next('that it is there');
    await show(coming(FIREWALL, 2 * DAY));
    expect((await next('that it will block')).title).toMatch(/^Only until \S+/);
    await show(coming(FIREWALL, 5 * HOUR));
    expect((await next('the last day')).title).toMatch(/^Last day: until \S+/);
    await show({ ...FIREWALL, state: 'blocked' });
    expect(await next('that it blocks')).toMatchObject({ title: 'Access is blocked', urgency: 2 });
    expect({ most: area.most, standing: area.standing.size }).toEqual({ most: 1, standing: 1 });
  });

  test('opens the window on its problem when it is clicked', async () => {
    await show(DRIVE);
    await next('the first');
    await show(DRIVE, FIREWALL);
    const opened = app.electron.waitForEvent('window');
    area.click(await next('the second'));
    const page = await opened;
    await page.getByRole('button', { name: /Firewall is off/, expanded: true }).waitFor();
    expect(await page.evaluate(async () => await window.trayline?.app.view())).toEqual({
      ok: true,
      value: { page: 'problems', problem: 'firewall-off' },
    });
    await app.escape(page);
  });

  test('goes when its problem is gone, and comes again when that returns', async () => {
    await show(FIREWALL);
    const { id } = await next('the problem');
    expect(area.standing.has(id)).toBe(true);
    await show();
    await eventually(() => !area.standing.has(id), { what: 'the notification withdrawn' });
    await show(FIREWALL);
    expect((await next('the problem again')).body).toBe('Firewall is off');
  });

  test('waits for the end of quiet hours', async () => {
    const clock = (inMs: number): string => new Date(Date.now() + inMs).toTimeString().slice(0, 5);
    const quiet = async (quietHours: { from: string; to: string } | null): Promise<void> => {
      await fromPage(page =>
        page.evaluate(hours => window.trayline?.notifications.set({ quietHours: hours }), quietHours),
      );
    };
    await quiet({ from: clock(-HOUR), to: clock(HOUR) });
    await show(FIREWALL);
    expect(area.shown).toHaveLength(count);
    await quiet(null);
    expect((await next('what the quiet hours held back')).body).toBe('Firewall is off');
  });

  test('waits while all are paused from the menu', async () => {
    const choose = async (label: RegExp): Promise<void> => {
      const tray = await app.tray();
      const entry = await eventually(async () => (await tray.menu()).find(one => label.test(one.label)), {
        what: `a menu with ${label}`,
        withinMs: 60_000,
      });
      await tray.choose(entry.label);
    };
    await choose(/^Pause for one hour$/);
    await show(FIREWALL);
    expect(area.shown).toHaveLength(count);
    await choose(/^Resume/);
    expect((await next('what the pause held back')).body).toBe('Firewall is off');
  });

  test('leaves out a problem that was put off, and no other', async () => {
    await show(FIREWALL);
    await next('the problem');
    await fromPage(page =>
      page.evaluate(
        async until => await window.trayline?.notifications.snooze({ problem: 'firewall-off', until }),
        Date.now() + HOUR,
      ),
    );
    await show({ ...FIREWALL, state: 'blocked' });
    await show({ ...FIREWALL, state: 'blocked' }, DRIVE);
    expect((await next('the other one')).body).toContain('NVMe SSD 512');
    await fromPage(page =>
      page.evaluate(
        async () => await window.trayline?.notifications.snooze({ problem: 'firewall-off', until: null }),
      ),
    );
    expect((await next('the one that was put off')).title).toBe('Access is blocked');
  });

  test('is not told a second time by an app that was started anew', async () => {
    await show(FIREWALL);
    await next('the problem');
    await app.stop();
    app = await TrayApp.launch({ desk: desk.folder, home: app.home });
    await untilTooltip(/1 thing needs you/);
    await show(FIREWALL, DRIVE);
    expect((await next('the other problem')).body).toContain('NVMe SSD 512');
  });
});
