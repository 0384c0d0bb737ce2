import { DAY } from '../../../shared/base/durations.ts';
import type { DeskProblem, NotificationSettings } from '../contract.ts';

/** How far a problem has come; each is told once. */
export const STAGES = ['new', 'soon', 'today', 'blocked'] as const;
export type Stage = (typeof STAGES)[number];

/** Stages already told, by problem. */
export type ToldStages = Readonly<Record<string, readonly Stage[]>>;

export interface Due {
  /** The most pressing one: what the notification speaks of and where a click leads. */
  readonly problem: DeskProblem;
  readonly stage: Stage;
  /** All that this one notification stands for. */
  readonly covers: readonly { readonly problem: string; readonly stage: Stage }[];
}

/** The stage a problem is at. */
export function stageOf(problem: DeskProblem, now: number): Stage {
  if (problem.state === 'blocked') return 'blocked';
  if (problem.state === 'will-block' && problem.by !== null) {
    if (problem.by - now <= DAY) return 'today';
    if (problem.by - now <= 3 * DAY) return 'soon';
  }
  return 'new';
}

/**
 * What to tell now, if anything: one notification for everything that has reached a stage nobody was told of. Nothing while
 * notifications are off, paused or it is a quiet hour; that comes up again afterwards.
 */
export function dueNow(
  problems: readonly DeskProblem[],
  settings: NotificationSettings,
  told: ToldStages,
  now: number,
): Due | null {
  if (!settings.on || (settings.snoozedUntil ?? 0) > now || isQuiet(settings.quietHours, now)) return null;
  const reached = problems
    .filter(({ id }) => (settings.snoozedProblems[id] ?? 0) <= now)
    .map(problem => ({ problem, stage: stageOf(problem, now) }))
    .filter(({ problem, stage }) => {
      const before = told[problem.id] ?? [];
      // A later stage says more than an earlier one; having told it, the earlier is no news.
      return !before.some(one => STAGES.indexOf(one) >= STAGES.indexOf(stage));
    })
    .sort((a, b) => STAGES.indexOf(b.stage) - STAGES.indexOf(a.stage));
  const first = reached[0];
  if (first === undefined) return null;
  return {
    ...first,
    covers: reached.map(({ problem, stage }) => ({ problem: problem.id, stage })),
  };
}

/** What was told, with `due` added and problems that are gone forgotten, so that one that returns is told again. */
export function afterTelling(told: ToldStages, due: Due | null, open: readonly string[]): ToldStages {
  const next: Record<string, readonly Stage[]> = {};
  for (const id of open) {
    const stages = told[id] ?? [];
    const added = due?.covers.filter(({ problem }) => problem === id).map(({ stage }) => stage) ?? [];
    if (stages.length + added.length > 0) next[id] = [...stages, ...added];
  }
  return next;
}

/** Is it a quiet hour, by the local clock? `from` is quiet, `to` is not. */
export function isQuiet(hours: NotificationSettings['quietHours'], now: number): boolean {
  if (hours === null) return false;
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  const from = minutesOf(hours.from);
  const to = minutesOf(hours.to);
  if (from === to) return false;
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minutesOf(clock: string): number {
  const [hour = '0', minute = '0'] = clock.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** Seven in the morning of the next day, local time. */
export function tomorrowMorning(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1, 7).getTime();
}
