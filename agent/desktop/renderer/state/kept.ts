import { z } from 'zod';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { answer } from '../../contract.ts';

const KEY = 'trayline-ask';

/** The conversation: closing the window must not lose a half-written question. */
const draft = z.object({
  question: z.string().max(500),
  /** A request to IT that is being written, and the problem it is about; null: none is. */
  help: z.object({ text: z.string().max(LIMITS.helpTextChars), problem: z.string().nullable() }).nullable(),
  turns: z
    .array(
      z.object({
        at: z.number(),
        question: z.string(),
        /** null: not answered yet, or it failed. */
        answer: answer.nullable(),
        /** Why it failed. */
        code: z.string().nullable(),
      }),
    )
    .max(20),
});
export type Draft = z.infer<typeof draft>;

const EMPTY: Draft = { question: '', help: null, turns: [] };

/** What the window before this one left. The storage lasts as long as the app runs. */
export function keptDraft(): Draft {
  try {
    const kept = draft.parse(JSON.parse(localStorage.getItem(KEY) ?? 'null'));
    // Whoever closed the window while an answer was on its way gets to ask again.
    return {
      ...kept,
      turns: kept.turns.map(turn =>
        turn.answer === null && turn.code === null ? { ...turn, code: 'internal' } : turn,
      ),
    };
  } catch {
    return EMPTY;
  }
}

export function keepDraft(value: Draft): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs the draft when the window closes, nothing else.
  }
}
