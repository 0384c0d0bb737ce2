import type { z } from 'zod';
import type { FindingReason } from '../device/finding.ts';

/*
 * A fact is one thing a rule can name: `disk.free.systemFreePercent`. It belongs to one check and is read from that check's value by a
 * pure function. The facts themselves are in facts/, one list per area.
 */

/** What a fact's value is, which decides the operators that fit it (operator.ts). */
export const FACT_KINDS = [
  /** Is the thing there? Known as soon as the check answers, or says truly that it is not there. */
  'presence',
  'boolean',
  /** One of a few words, all listed in `words`. */
  'word',
  'text',
  'number',
  /** Dotted numbers, compared by number. */
  'version',
  /** A moment of the past, of which a rule asks how long ago it was, in `unit`. */
  'age',
  /** A moment to come, of which a rule asks how long it still is, in `unit`. */
  'left',
  /** Several texts. */
  'set',
  /** Several network addresses, compared after normalisation. */
  'macs',
] as const;
export type FactKind = (typeof FACT_KINDS)[number];

/** What a number counts, or what an age is told in. */
export type FactUnit =
  | 'percent'
  | 'bytes'
  | 'gigabytes'
  | 'degrees Celsius'
  | 'seconds'
  | 'minutes'
  | 'hours'
  | 'days'
  | 'count'
  | 'points';

/** Beyond a check's own reasons, why a rule could not be told. */
export const EVALUATION_REASONS = [
  /** The device has sent nothing for this check. */
  'not-asked',
  /** The check answered and leaves this part of the answer open. */
  'not-told',
  /** A list of which not every entry could be told, and what was found does not settle the rule. */
  'incomplete',
  /** The evidence is older than allowed. */
  'too-old',
  /** The evidence is from the future, so a clock is wrong and no age can be told. */
  'clock-wrong',
  /** Two values that have no order, such as an Apple build and a Windows build. */
  'not-comparable',
  /** The rule names a fact or an operator this version does not know. */
  'rule-unknown',
] as const;
export type EvaluationReason = FindingReason | (typeof EVALUATION_REASONS)[number];

/** `age` and `left` are milliseconds since 1970; a set may be known only in part. */
export type FactValue = boolean | number | string | readonly string[];

/**
 * What a check's answer says of one fact. `absent` is knowledge: the thing is not there. `partial`: of a set, there may be more entries; of an
 * age, it may have happened later.
 */
export type Reading =
  | { readonly is: 'value'; readonly value: FactValue; readonly partial?: true }
  | { readonly is: 'absent' }
  | { readonly is: 'unknown'; readonly reason: EvaluationReason };

export interface Fact {
  /** `disk.free.systemFreePercent`; `<subject>` stands for the id an administrator gave: `file.<subject>.exists`. */
  readonly id: string;
  /** Id of the check it is read from. */
  readonly check: string;
  readonly kind: FactKind;
  /** Of a number, an age or what is left; null for the other kinds. */
  readonly unit: FactUnit | null;
  /** Every value of a `word`; null for the other kinds. */
  readonly words: readonly string[] | null;
  /** What it says, for the person who writes a rule. */
  readonly meaning: string;
  /**
   * Reads the fact from the value of an `ok` finding. `subject` is the administrator's id where the fact has one. Never throws: a value that
   * does not fit the check's schema is unknown.
   */
  read(value: unknown, subject: string | null): Reading;
}

export const UNTOLD: Reading = { is: 'unknown', reason: 'not-told' };
export const ABSENT: Reading = { is: 'absent' };

/** A number for what never happened: more days ago than any number of days. */
export const NEVER = Number.POSITIVE_INFINITY;

/** A moment of which only the earliest possibility is told: it was then or later. */
export function notBefore(moment: number): Reading {
  return { is: 'value', value: moment, partial: true };
}

/** Entries that are known, and whether there are others that are not. */
export function partialSet(known: readonly string[], partial: boolean): Reading {
  return partial ? { is: 'value', value: known, partial: true } : { is: 'value', value: known };
}

/** One fact as written down: null means that the answer leaves it open. */
type Definition<Value> = { readonly meaning: string } & (
  | { readonly kind: 'presence'; readonly read: (value: Value) => true | Reading }
  | { readonly kind: 'boolean'; readonly read: (value: Value) => boolean | null | Reading }
  | { readonly kind: 'text' | 'version'; readonly read: (value: Value) => string | null | Reading }
  | {
      readonly kind: 'word';
      readonly words: readonly string[];
      readonly read: (value: Value) => string | null | Reading;
    }
  | {
      readonly kind: 'number' | 'age' | 'left';
      readonly unit: FactUnit;
      readonly read: (value: Value) => number | null | Reading;
    }
  | { readonly kind: 'set' | 'macs'; readonly read: (value: Value) => readonly string[] | null | Reading }
);

function isReading(raw: FactValue | Reading): raw is Reading {
  return typeof raw === 'object' && 'is' in raw;
}

function readingOf(raw: FactValue | null | Reading): Reading {
  if (raw === null) return UNTOLD;
  return isReading(raw) ? raw : { is: 'value', value: raw };
}

/**
 * A value as its check's schema understands it, or null. A rule set asks one finding for many facts, so what was read of a value is
 * remembered as long as the value itself lives.
 */
function reader<Value>(schema: z.ZodType<Value>): (value: unknown) => Value | null {
  const known = new WeakMap<object, { readonly value: Value | null }>();
  return raw => {
    if (typeof raw !== 'object' || raw === null) return null;
    const before = known.get(raw);
    if (before !== undefined) return before.value;
    const parsed = schema.safeParse(raw);
    const value = parsed.success ? parsed.data : null;
    known.set(raw, { value });
    return value;
  };
}

/** The part of an answer a fact is read from, or why there is none. */
type Found<Value> = { readonly is: 'found'; readonly part: Value } | Reading;

function fact<Value>(
  check: string,
  id: string,
  definition: Definition<Value>,
  find: (value: unknown, subject: string | null) => Found<Value>,
): Fact {
  return {
    id,
    check,
    kind: definition.kind,
    unit: 'unit' in definition ? definition.unit : null,
    words: 'words' in definition ? definition.words : null,
    meaning: definition.meaning,
    read(value, subject) {
      const found = find(value, subject);
      return found.is === 'found' ? readingOf(definition.read(found.part)) : found;
    },
  };
}

function foundOr<Value>(part: Value | null | undefined, reason: EvaluationReason): Found<Value> {
  return part === null || part === undefined ? { is: 'unknown', reason } : { is: 'found', part };
}

/** The facts of one check. */
export function factsOf<Value>(
  check: string,
  schema: z.ZodType<Value>,
  definitions: Readonly<Record<string, Definition<Value>>>,
): Fact[] {
  const read = reader(schema);
  return Object.entries(definitions).map(([name, definition]) =>
    fact(check, `${check}.${name}`, definition, value => foundOr(read(value), 'parse-error')),
  );
}

/** The facts of a check that answers one row for each thing an administrator asks about (device/subjects.ts). */
export function subjectFactsOf<Value, Row extends { readonly id: string }>(
  check: string,
  schema: z.ZodType<Value>,
  rows: (value: Value) => readonly Row[],
  definitions: Readonly<Record<string, Definition<Row>>>,
): Fact[] {
  const read = reader(schema);
  return Object.entries(definitions).map(([name, definition]) =>
    fact(check, `${check}.<subject>.${name}`, definition, (value, subject) => {
      const whole = read(value);
      if (whole === null) return { is: 'unknown', reason: 'parse-error' };
      return foundOr(
        rows(whole).find(row => row.id === subject),
        'not-asked',
      );
    }),
  );
}
