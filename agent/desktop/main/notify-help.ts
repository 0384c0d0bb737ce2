import type { DeskHelp, NotificationSettings } from '../contract.ts';
import { isQuiet } from './notify.ts';

export interface AnswerDue {
  /** The newest answer: what the notification speaks of and where a click leads. */
  readonly request: DeskHelp & { readonly answer: NonNullable<DeskHelp['answer']> };
  /** Requests this one notification stands for. */
  readonly covers: readonly string[];
}

/**
 * The answer of IT to tell of now, if any: one notification for all that the person was not told of, each request once. Nothing
 * while notifications are off, paused or it is a quiet hour; that comes up again afterwards.
 */
export function answerDue(
  help: readonly DeskHelp[],
  settings: NotificationSettings,
  told: readonly string[],
  now: number,
): AnswerDue | null {
  if (!settings.on || (settings.snoozedUntil ?? 0) > now || isQuiet(settings.quietHours, now)) return null;
  const fresh = help
    .flatMap(one => (one.answer === null || told.includes(one.id) ? [] : [{ ...one, answer: one.answer }]))
    .sort((a, b) => b.answer.at - a.answer.at);
  const [request] = fresh;
  return request === undefined ? null : { request, covers: fresh.map(({ id }) => id) };
}

/** What was told, with `due` added and requests that are kept no longer forgotten. */
export function afterAnswer(
  told: readonly string[],
  due: AnswerDue | null,
  help: readonly DeskHelp[],
): readonly string[] {
  const all = new Set([...told, ...(due?.covers ?? [])]);
  return help.map(({ id }) => id).filter(id => all.has(id));
}
