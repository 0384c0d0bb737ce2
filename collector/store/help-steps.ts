import { HELP_MOVES } from '../../shared/device/help.ts';
import type { HelpMove, HelpNews, HelpStep, StoredHelp } from './help.ts';

/* How requests change, alike in every store. */

/** Steps that are kept: an answer may be put right any number of times. The first one always stays. */
const STEPS = 50;

/** Everything of a request but what it is found by. */
export type HelpContent = Pick<StoredHelp, 'person' | 'text' | 'about' | 'askedAt' | 'steps' | 'answer'>;

/** A request as a device has just told it; null for a withdrawal. */
export function newHelp(device: string, { change, at, receivedAt }: HelpNews): StoredHelp | null {
  if (change.kind !== 'asked') return null;
  const { id, person, text, about } = change;
  return {
    device,
    id,
    person,
    text,
    about,
    askedAt: at,
    receivedAt,
    state: 'open',
    changedAt: receivedAt,
    steps: [{ state: 'open', at, by: null }],
    answer: null,
  };
}

/** The request one step further; null when that may not follow on its state. */
export function movedHelp(
  help: StoredHelp,
  step: HelpStep & { readonly answer?: HelpMove['answer']; readonly noticedAt?: number },
): StoredHelp | null {
  const { state, at, by, answer, noticedAt = at } = step;
  if (!HELP_MOVES[state].includes(help.state)) return null;
  const [first, ...rest] = [...help.steps, { state, at, by }];
  return {
    ...help,
    state,
    changedAt: noticedAt,
    steps: first === undefined ? [] : [first, ...rest.slice(1 - STEPS)],
    answer: answer === undefined || by === null ? help.answer : { text: answer, by, at },
  };
}

/** What is kept as one text. */
export function contentOf({ person, text, about, askedAt, steps, answer }: StoredHelp): HelpContent {
  return { person, text, about, askedAt, steps, answer };
}
