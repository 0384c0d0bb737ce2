import { z } from 'zod';
import { LIMITS } from '../protocol/limits.ts';

/*
 * What a person at a device asks IT for. A request is made on the device, which gives it its id; from then on every copy of it,
 * however often it is sent, is the same one.
 */

/** How far a request has come. `closed` and `withdrawn` are the end of it. */
export const HELP_STATES = ['open', 'seen', 'answered', 'closed', 'withdrawn'] as const;
export const helpState = z.enum(HELP_STATES);
export type HelpState = z.infer<typeof helpState>;

/** States in which it waits for IT: only so many of a device may, and it can be taken back. */
export const HELP_WAITING: readonly HelpState[] = ['open', 'seen'];

/** From which states a request may come into each one. An answer may be put right, so `answered` follows on itself. */
export const HELP_MOVES: Readonly<Record<HelpState, readonly HelpState[]>> = {
  open: [],
  seen: ['open'],
  answered: ['open', 'seen', 'answered'],
  closed: ['open', 'seen', 'answered'],
  withdrawn: HELP_WAITING,
};

/** Is there nothing left to be done about it? */
export function isHelpOver(state: HelpState): boolean {
  return state === 'closed' || state === 'withdrawn';
}

/** 24 random hex digits, made on the device. */
export const helpId = z.string().regex(/^[0-9a-f]{24}$/);

/** Printable words, line breaks among them. A lone surrogate is no character and is lost on the way through UTF-8. */
const written = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|\n)*$/u, 'must be printable text');

/** What the person wrote. */
export const helpText = written(LIMITS.helpTextChars);
/** What IT answered. */
export const helpAnswerText = written(LIMITS.helpAnswerChars);

/** A sentence as it travels: a key of shared/text and what to put into it. */
const saying = z.object({
  key: z.string().max(80),
  params: z.record(z.string().max(40), z.union([z.string().max(300), z.number()])),
});

/** The problem a request is about: its id on the device, and the words the person read. */
export const helpAbout = z.object({ problem: z.string().min(1).max(80), what: saying });
export type HelpAbout = z.infer<typeof helpAbout>;

/** What a person at the device did. Times are milliseconds since 1970 by the device's clock. */
export const helpChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('asked'),
    id: helpId,
    at: z.number().int().nonnegative(),
    /** Name of the account that asked; null: it could not be told. */
    person: z.string().max(128).nullable(),
    text: helpText,
    about: helpAbout.nullable(),
  }),
  z.object({ kind: z.literal('withdrawn'), id: helpId, at: z.number().int().nonnegative() }),
]);
export type HelpChange = z.infer<typeof helpChange>;

/** How the collector has a request. Times are milliseconds since 1970 by the collector's clock. */
export const helpStanding = z.object({
  id: helpId,
  /** `refused`: not taken, see `code`; `unknown`: it has never reached this collector, or is no longer kept there. */
  state: z.enum([...HELP_STATES, 'refused', 'unknown']),
  at: z.number().int().nonnegative(),
  /** Who brought it into this state, where somebody of IT did. */
  by: z.string().max(128).nullable(),
  /** The latest answer, also once it is closed. */
  answer: z
    .object({
      text: z.string().max(LIMITS.helpAnswerChars),
      by: z.string().max(128),
      at: z.number().int().nonnegative(),
    })
    .nullable(),
  /** Of shared/problem: why it was not taken. */
  code: z.string().max(64).optional(),
});
export type HelpStanding = z.infer<typeof helpStanding>;
