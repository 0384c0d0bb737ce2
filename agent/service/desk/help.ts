import { helpProgress, isWaiting } from '../../core/help/help-book.ts';
import type { KeptHelp } from '../../core/help/help-file.ts';
import type { DeskHelp, Saying } from '../../desktop/contract.ts';

/** A request as the person who made it is shown it. `ownClock`: a moment by the collector's clock as this device shows it. */
export function deskHelpOf(kept: KeptHelp, ownClock: (at: number) => number): DeskHelp {
  const { id, at, text, about, standing, withdrawnAt, held } = kept;
  const state = helpProgress(kept);
  const isOwnDoing = state === 'waiting' || (state === 'withdrawn' && standing?.state !== 'withdrawn');
  const answer = standing?.answer ?? null;
  return {
    id,
    at,
    text,
    about: about === null ? null : { key: about.what.key, params: { ...about.what.params } },
    state,
    changedAt: isOwnDoing || standing === null ? (withdrawnAt ?? at) : ownClock(standing.at),
    by: isOwnDoing || standing === null ? null : standing.by,
    answer: answer === null ? null : { ...answer, at: ownClock(answer.at) },
    code: standing?.code ?? held,
    open: isWaiting(kept),
  };
}

/** What is worth a line in the log of the person who asked, between two states of the book. */
export function helpNews(
  before: readonly KeptHelp[],
  after: readonly KeptHelp[],
): { readonly what: Saying; readonly about: Saying | null; readonly person: string }[] {
  const old = new Map(before.map(one => [one.id, one]));
  return after.flatMap(one => {
    const was = old.get(one.id);
    const state = helpProgress(one);
    if (was !== undefined && helpProgress(was) === state) return [];
    const key = was === undefined ? 'asked' : state;
    const line = LINES[key];
    if (line === undefined) return [];
    const by = one.standing?.by ?? null;
    const what = { key: by === null ? line : `${line}-by`, params: by === null ? {} : { name: by } };
    return [{ what, about: one.about?.what ?? null, person: one.person.key }];
  });
}

/** By the state a request has come into; others are told on its own page only. */
const LINES: Readonly<Record<string, string>> = {
  asked: 'journal.help-asked',
  withdrawn: 'journal.help-withdrawn',
  answered: 'journal.help-answered',
  closed: 'journal.help-closed',
};
