import { describe, expect, test } from 'vitest';
import type { DeskProblem, Home, NotificationSettings } from '../../../agent/desktop/contract.ts';
import { mayOpen, viewOfLink } from '../../../agent/desktop/main/links.ts';
import {
  afterTelling,
  dueNow,
  isQuiet,
  stageOf,
  tomorrowMorning,
} from '../../../agent/desktop/main/notify.ts';
import { pageFile } from '../../../agent/desktop/main/page-files.ts';
import { placeWindow } from '../../../agent/desktop/main/place-window.ts';
import { type TrayInput, trayFace, trayMenu } from '../../../agent/desktop/main/tray-menu.ts';
import { SCENE_NOW, SCENES } from '../../../agent/desktop/scenes.ts';

const DAY = 86_400_000;
const notifications: NotificationSettings = {
  on: true,
  quietHours: null,
  snoozedUntil: null,
  snoozedProblems: {},
};
const input = (home: Home | null, rest: Partial<TrayInput> = {}): TrayInput => ({
  home,
  notifications,
  locale: 'en',
  now: SCENE_NOW,
  mayQuit: false,
  ...rest,
});
const problem = (rest: Partial<DeskProblem> = {}): DeskProblem => ({
  ...(SCENES.attention.problems[0] as DeskProblem),
  ...rest,
});

describe('the icon', () => {
  test('shows each state as its own, with the number of problems', () => {
    const faces = (['well', 'attention', 'will-block', 'blocked', 'unknown'] as const).map(name => {
      const { face, count } = trayFace(input(SCENES[name].home));
      return [face, count];
    });
    expect(faces).toEqual([
      ['well', 0],
      ['attention', 3],
      ['will-block', 2],
      ['blocked', 1],
      ['unknown', 0],
    ]);
  });

  test('keeps a problem in sight while the connection is lost, and says offline when nothing else is', () => {
    expect(trayFace(input(SCENES.offline.home)).face).toBe('attention');
    expect(trayFace(input(SCENES.waiting.home)).face).toBe('offline');
    expect(trayFace(input(null))).toEqual({
      face: 'offline',
      count: 0,
      tooltip: 'Trayline: Trayline’s service is not running',
    });
  });
});

describe('the menu', () => {
  test('says state and viewers first, then what can be done', () => {
    const labels = trayMenu(input(SCENES.watched.home)).map(item => ('label' in item ? item.label : '-'));
    expect(labels).toEqual([
      'All is well',
      expect.stringMatching(/^Sam Ortiz is looking at this device, since \d\d:\d\d$/),
      '-',
      'Open Trayline',
      'Check now',
      'Ask about this device',
      'What is collected',
      'Notifications',
    ]);
  });

  test('offers to quit only where that is allowed', () => {
    const has = (mayQuit: boolean) =>
      trayMenu(input(SCENES.well.home, { mayQuit })).some(
        item => item.kind === 'action' && item.id === 'quit',
      );
    expect([has(true), has(false)]).toEqual([true, false]);
  });

  test('does not offer a check while one runs, nor anything to ask of a service that is away', () => {
    const check = trayMenu(input(SCENES.checking.home)).find(
      item => item.kind === 'action' && item.id === 'check',
    );
    expect(check).toMatchObject({ enabled: false, label: 'Checking …' });
    const away = trayMenu(input(null)).flatMap(item => (item.kind === 'action' ? [item.id] : []));
    expect(away).toEqual(['open']);
  });

  test('is the same in shape in every language', () => {
    const kinds = (locale: TrayInput['locale']) =>
      trayMenu(input(SCENES['will-block'].home, { locale })).map(({ kind }) => kind);
    expect(kinds('de')).toEqual(kinds('en'));
    expect(kinds('fr')).toEqual(kinds('en'));
    expect(kinds('es')).toEqual(kinds('en'));
  });
});

describe('a notification', () => {
  test('comes once for each stage of a problem', () => {
    const now = SCENE_NOW;
    const soon = problem({ state: 'will-block', by: now + 2 * DAY });
    let told = {};
    const stages: (string | null)[] = [];
    for (const [one, at] of [
      [problem(), now],
      [problem(), now + 60_000],
      [soon, now + 120_000],
      [soon, now + 180_000],
      [soon, now + 1.5 * DAY],
      [problem({ state: 'blocked', by: now + 2 * DAY }), now + 3 * DAY],
    ] as const) {
      const due = dueNow([one], notifications, told, at);
      stages.push(due?.stage ?? null);
      told = afterTelling(told, due, [one.id]);
    }
    expect(stages).toEqual(['new', null, 'soon', null, 'today', 'blocked']);
  });

  test('is one for several problems, and leads to the most pressing', () => {
    const all = [problem(), problem({ id: 'other', state: 'blocked' })];
    const due = dueNow(all, notifications, {}, SCENE_NOW);
    expect(due).toMatchObject({ problem: { id: 'other' }, stage: 'blocked' });
    expect(
      dueNow(
        all,
        notifications,
        afterTelling(
          {},
          due,
          all.map(({ id }) => id),
        ),
        SCENE_NOW,
      ),
    ).toBeNull();
  });

  test('waits for the end of quiet hours and pauses, and is not lost by them', () => {
    const quiet = { ...notifications, quietHours: { from: '00:00', to: '23:59' } };
    expect(dueNow([problem()], quiet, {}, new Date(2026, 10, 24, 12).getTime())).toBeNull();
    const paused = { ...notifications, snoozedUntil: SCENE_NOW + 1000 };
    expect(dueNow([problem()], paused, {}, SCENE_NOW)).toBeNull();
    expect(dueNow([problem()], paused, {}, SCENE_NOW + 1000)).not.toBeNull();
    const later = { ...notifications, snoozedProblems: { 'firewall-off': SCENE_NOW + 1000 } };
    expect(dueNow([problem()], later, {}, SCENE_NOW)).toBeNull();
    expect(dueNow([problem()], { ...notifications, on: false }, {}, SCENE_NOW)).toBeNull();
  });

  test('comes again when a problem that was solved returns', () => {
    const told = afterTelling({ 'firewall-off': ['new'] }, null, []);
    expect(told).toEqual({});
  });

  test('knows quiet hours over midnight', () => {
    const at = (hour: number) =>
      isQuiet({ from: '19:00', to: '07:00' }, new Date(2026, 10, 24, hour).getTime());
    expect([18, 19, 23, 0, 6, 7, 12].map(at)).toEqual([false, true, true, true, true, false, false]);
  });

  test('has stages by what is left until the deadline', () => {
    const by = SCENE_NOW + 10 * DAY;
    const at = (left: number) => stageOf(problem({ state: 'will-block', by }), by - left * DAY);
    expect([5, 3, 1.1, 1, 0.1].map(at)).toEqual(['new', 'soon', 'soon', 'today', 'today']);
  });

  test('is paused until seven in the morning', () => {
    const until = new Date(tomorrowMorning(new Date(2026, 11, 31, 22).getTime()));
    expect([until.getFullYear(), until.getMonth(), until.getDate(), until.getHours()]).toEqual([
      2027, 0, 1, 7,
    ]);
  });
});

describe('the window', () => {
  const size = { width: 400, height: 640 };
  test('opens at the icon, inside the work area, on the bar’s side', () => {
    const work = { x: 0, y: 0, width: 1920, height: 1040 };
    const icon = { x: 1880, y: 1050, width: 16, height: 16 };
    expect(placeWindow(size, icon, { x: 0, y: 0 }, work)).toEqual({ x: 1512, y: 392, ...size });
  });
  test('opens under a bar at the top', () => {
    const work = { x: 0, y: 25, width: 1440, height: 875 };
    const icon = { x: 1000, y: 0, width: 24, height: 24 };
    expect(placeWindow(size, icon, { x: 0, y: 0 }, work)).toEqual({ x: 812, y: 33, ...size });
  });
  test('takes the pointer where the icon’s place is not known, and a small screen as it is', () => {
    const work = { x: 0, y: 0, width: 380, height: 500 };
    expect(placeWindow(size, null, { x: 300, y: 490 }, work)).toEqual({
      x: 8,
      y: 8,
      width: 364,
      height: 484,
    });
  });
});

describe('a link', () => {
  test('shows a page or a problem and nothing else', () => {
    expect(
      [
        'trayline://privacy',
        'trayline://problems/firewall-off',
        'trayline://problems/../../x',
        'trayline://device/restart',
        'https://privacy',
        'trayline:',
        'not a link',
      ].map(viewOfLink),
    ).toEqual([
      { page: 'privacy' },
      { page: 'problems', problem: 'firewall-off' },
      { page: 'problems', problem: 'x' },
      null,
      null,
      null,
      null,
    ]);
  });

  test('may lead to the collector’s own pages once it is known', () => {
    expect(mayOpen('https://trayline.example.com/devices', 'https://trayline.example.com')).toBe(true);
    expect(mayOpen('https://trayline.example.com:8443/', 'https://trayline.example.com')).toBe(false);
    expect(mayOpen('https://trayline.example.com/', '')).toBe(false);
  });
});

test('the page’s files are served by plain names only', () => {
  const status = (address: string) => pageFile(import.meta.dirname, address).status;
  expect(
    [
      'trayline-page://app/../tray.test.ts',
      'trayline-page://app/%2e%2e/package.json',
      'trayline-page://app/.hidden.js',
      'trayline-page://app/a//b.js',
      'trayline-page://other/index.html',
      'trayline-page://app/nothing.js',
    ].map(status),
  ).toEqual([404, 404, 404, 404, 404, 404]);
});
