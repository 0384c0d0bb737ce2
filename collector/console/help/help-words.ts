import type { HelpRequest } from '../../../shared/api/schemas.ts';
import type { HelpState } from '../../../shared/device/help.ts';
import { reasonSentence } from '../../../shared/text/sentence.ts';
import { LOCALE } from '../parts/locale.ts';

export const STATE_WORDS: Readonly<Record<HelpState, string>> = {
  open: 'Open',
  seen: 'Seen',
  answered: 'Answered',
  closed: 'Closed',
  withdrawn: 'Withdrawn',
};

/** States of requests that are not over, in the order they go through them. */
export const OPEN_STATES = ['open', 'seen', 'answered'] as const;
export type OpenState = (typeof OPEN_STATES)[number];

/** Is there nothing left to be done about it? */
export function isOver({ state }: HelpRequest): boolean {
  return state === 'closed' || state === 'withdrawn';
}

/** What the line shows: one of its states (null: all), and a word that must be in it somewhere. */
export interface HelpFilter {
  readonly state: OpenState | null;
  readonly search: string;
}

/** The filter as the address bar has it; what it cannot mean is left out. */
export function filterOf(params: Pick<URLSearchParams, 'get'>): HelpFilter {
  const state = OPEN_STATES.find(one => one === params.get('state')) ?? null;
  return { state, search: params.get('q') ?? '' };
}

/** Requests that a filter leaves, in their order. */
export function filtered(requests: readonly HelpRequest[], { state, search }: HelpFilter): HelpRequest[] {
  const wanted = search.trim().toLowerCase();
  return requests.filter(
    one =>
      (state === null || one.state === state) &&
      (wanted === '' || wordsOf(one).some(words => words.toLowerCase().includes(wanted))),
  );
}

function wordsOf({ text, person, deviceName, device, about, answer }: HelpRequest): string[] {
  return [
    text,
    person ?? '',
    deviceName ?? device,
    about === null ? '' : aboutWords(about),
    answer?.text ?? '',
  ];
}

/** The problem in the words the person read, in the language of this page. */
export function aboutWords({ what }: NonNullable<HelpRequest['about']>): string {
  return reasonSentence(LOCALE, what);
}
