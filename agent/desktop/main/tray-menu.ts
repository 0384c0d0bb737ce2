import { DAY } from '../../../shared/base/durations.ts';
import type { DeviceState } from '../../../shared/device/device.ts';
import { type Locale, sentence } from '../../../shared/text/sentence.ts';
import type { Home, NotificationSettings } from '../contract.ts';

/** What the icon shows: the five states, and that nothing can be known because nobody answers. */
export type Face = DeviceState | 'offline';

/** Everything the tray shows, decided from what is known; nothing here touches Electron. */
export interface TrayInput {
  /** null: the service has not answered, or not any more. */
  readonly home: Home | null;
  readonly notifications: NotificationSettings;
  readonly locale: Locale;
  readonly now: number;
  readonly mayQuit: boolean;
}

export interface TrayFace {
  readonly face: Face;
  /** Number beside the icon; 0 shows none. */
  readonly count: number;
  readonly tooltip: string;
}

export type MenuAction =
  | 'open'
  | 'check'
  | 'ask'
  | 'privacy'
  | 'snooze-hour'
  | 'snooze-morning'
  | 'snooze-off'
  | 'quit';

export type MenuItem =
  | { readonly kind: 'line' }
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'action'; readonly id: MenuAction; readonly label: string; readonly enabled: boolean }
  | { readonly kind: 'problem'; readonly problem: string; readonly label: string }
  | { readonly kind: 'menu'; readonly label: string; readonly items: readonly MenuItem[] };

/** Icon, number and tooltip. A problem outranks a lost connection: it is still there. */
export function trayFace({ home, locale, now }: TrayInput): TrayFace {
  if (home === null)
    return { face: 'offline', count: 0, tooltip: tip(sentence(locale, 'tray.state.no-service')) };
  const words = stateWords(home, locale, now);
  const calm = home.state === 'well' || home.state === 'unknown';
  if (calm && home.connection.state === 'offline') {
    return { face: 'offline', count: 0, tooltip: tip(sentence(locale, 'tray.state.offline')) };
  }
  const looking = home.viewers.map(({ name, since }) =>
    sentence(locale, 'tray.viewer', { name, when: moment(since, locale, now) }),
  );
  return {
    face: home.state,
    count: calm ? 0 : home.problems.length,
    tooltip: tip([words, ...looking].join('\n')),
  };
}

/** The menu, from top to bottom. */
export function trayMenu(input: TrayInput): MenuItem[] {
  const { home, notifications, locale, now, mayQuit } = input;
  const items: MenuItem[] = [];
  if (home === null) items.push({ kind: 'text', label: sentence(locale, 'tray.state.no-service') });
  else {
    items.push({ kind: 'text', label: stateWords(home, locale, now) });
    if (home.connection.state === 'offline') {
      items.push({ kind: 'text', label: sentence(locale, 'tray.state.offline') });
    }
    for (const { name, since } of home.viewers) {
      const when = moment(since, locale, now);
      items.push({ kind: 'text', label: sentence(locale, 'tray.viewer', { name, when }) });
    }
  }
  items.push({ kind: 'line' }, action('open', sentence(locale, 'tray.open')));
  if (home !== null) {
    const checking = home.run !== null && home.run.endedAt === null;
    items.push(
      action('check', sentence(locale, checking ? 'tray.checking' : 'tray.check'), !checking),
      action('ask', sentence(locale, 'tray.ask')),
      action('privacy', sentence(locale, 'tray.privacy')),
    );
  }
  const paused = notifications.snoozedUntil !== null && notifications.snoozedUntil > now;
  items.push({
    kind: 'menu',
    label: sentence(locale, 'tray.snooze'),
    items: paused
      ? [
          action(
            'snooze-off',
            sentence(locale, 'tray.snooze.off', {
              when: moment(notifications.snoozedUntil ?? now, locale, now),
            }),
          ),
        ]
      : [
          action('snooze-hour', sentence(locale, 'tray.snooze.hour')),
          action('snooze-morning', sentence(locale, 'tray.snooze.morning')),
        ],
  });
  if (mayQuit) items.push({ kind: 'line' }, action('quit', sentence(locale, 'tray.quit')));
  return items;
}

/** The state in words, with the moment where one is set. */
export function stateWords(home: Home, locale: Locale, now: number): string {
  const count = home.problems.length;
  switch (home.state) {
    case 'well':
      return sentence(locale, 'tray.state.well');
    case 'attention':
      // The score alone may say so; then there is no number to tell.
      return count === 0
        ? sentence(locale, 'state.attention')
        : sentence(locale, 'tray.state.attention', { count });
    case 'will-block': {
      const deadline = home.verdict.known ? home.verdict.deadline : null;
      return deadline === null
        ? sentence(locale, 'tray.state.will-block-undated')
        : sentence(locale, 'tray.state.will-block', { when: moment(deadline, locale, now) });
    }
    case 'blocked':
      return sentence(locale, 'tray.state.blocked');
    case 'unknown':
      return sentence(locale, 'tray.state.unknown');
  }
}

/** A moment as a person says it: the time today, day and time within a week, the date otherwise. */
export function moment(at: number, locale: Locale, now: number): string {
  const tag = locale === 'en' ? 'en-GB' : locale;
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  if (sameDay) return new Date(at).toLocaleTimeString(tag, time);
  const near = Math.abs(at - now) < 6 * DAY;
  const day: Intl.DateTimeFormatOptions = near ? { weekday: 'long' } : { day: 'numeric', month: 'short' };
  return new Date(at).toLocaleString(tag, { ...day, ...time });
}

function action(id: MenuAction, label: string, enabled = true): MenuItem {
  return { kind: 'action', id, label, enabled };
}

function tip(words: string): string {
  return `Trayline: ${words}`;
}
