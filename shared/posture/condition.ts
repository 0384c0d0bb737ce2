import { z } from 'zod';
import { Problem } from '../problem/problem.ts';
import type { Fact } from './fact.ts';
import { findFact } from './fact-list.ts';
import { MAX_ENTRIES, OPERATORS, OPERATORS_OF, valueProblem } from './operator.ts';

const range = <End extends z.ZodType>(end: End) => z.strictObject({ from: end, to: end });

/**
 * One condition: a fact, an operator, and what to compare with. The schema accepts only operators that fit the fact's kind and values that fit
 * the operator; the message says which would.
 */
export const condition = z
  .strictObject({
    /** `disk.free.systemFreePercent`, `file.vpn-client.exists`. */
    fact: z.string().min(1).max(128),
    operator: z.enum(OPERATORS),
    /** Left out with `exists` and `notExists`. Numbers, ages and time left are in the fact's unit. */
    value: z
      .union(
        [
          z.boolean(),
          z.number(),
          z.string(),
          z.array(z.string()).max(MAX_ENTRIES),
          range(z.number()),
          range(z.string()),
        ],
        { error: 'must be true or false, a number, a text, a list of texts, or a range with from and to' },
      )
      .optional(),
  })
  .superRefine((one, context) => {
    const refuse = (path: 'fact' | 'operator' | 'value', message: string): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    const found = findFact(one.fact);
    if (found === null) {
      refuse('fact', 'there is no fact of this name');
      return;
    }
    const { fact } = found;
    const fitting = OPERATORS_OF[fact.kind];
    if (!fitting.includes(one.operator)) {
      refuse('operator', `does not fit ${fact.id}, which is ${kindWords(fact)}; use ${fitting.join(', ')}`);
      return;
    }
    const wrong = valueProblem(fact, one.operator, one.value);
    if (wrong !== null) refuse('value', `${fact.id} ${one.operator} ${wrong}`);
  });
export type Condition = z.infer<typeof condition>;

/** A rule: one condition, or several joined. */
export type Rule =
  | Condition
  | { readonly all: readonly Rule[] }
  | { readonly any: readonly Rule[] }
  | { readonly not: Rule };

/** More than a person can read, and little enough to be judged for a whole fleet. */
export const RULE_LIMITS = { depth: 8, parts: 256 } as const;

const partList = (parts: () => z.ZodType<Rule>) => z.array(z.lazy(parts)).min(1).max(RULE_LIMITS.parts);

/** The schema of a rule whose depth has been checked; a hostile depth must not reach a recursive schema. */
const anyRule: z.ZodType<Rule> = z.union([
  condition,
  z.strictObject({ all: partList(() => anyRule) }),
  z.strictObject({ any: partList(() => anyRule) }),
  z.strictObject({ not: z.lazy(() => anyRule) }),
]);

/** What one level of a rule holds, whatever else it is. */
function partsOf(raw: unknown): readonly unknown[] {
  if (typeof raw !== 'object' || raw === null) return [];
  if ('all' in raw && Array.isArray(raw.all)) return raw.all;
  if ('any' in raw && Array.isArray(raw.any)) return raw.any;
  return 'not' in raw ? [raw.not] : [];
}

/** Deeper or larger than the limits? Walks level by level, so that no depth can exhaust the stack. */
function tooLarge(raw: unknown): string | null {
  let level: readonly unknown[] = [raw];
  let parts = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > RULE_LIMITS.depth) return `nested more than ${RULE_LIMITS.depth} deep`;
    parts += level.length;
    if (parts > RULE_LIMITS.parts) return `more than ${RULE_LIMITS.parts} parts`;
    level = level.flatMap(partsOf);
  }
  return null;
}

function kindWords(fact: Fact): string {
  if (fact.words !== null) return `one of the words ${fact.words.join(', ')}`;
  switch (fact.kind) {
    case 'presence':
      return 'there or not there';
    case 'boolean':
      return 'true or false';
    case 'word':
    case 'text':
      return 'a text';
    case 'number':
      return `a number (${fact.unit})`;
    case 'version':
      return 'a version';
    case 'age':
      return `an age in ${fact.unit}`;
    case 'left':
      return `time left in ${fact.unit}`;
    case 'set':
      return 'a list of texts';
    case 'macs':
      return 'a list of network addresses';
  }
}

/** Where in a rule something is wrong: `all.0.operator`. */
interface Wrong {
  readonly path: string;
  readonly message: string;
}

/** Names the innermost wrong part, where the union of shapes alone would only say that none of them fits. */
function wrongParts(raw: unknown, path: readonly (string | number)[]): Wrong[] {
  const join = (more: readonly PropertyKey[]): string => [...path, ...more].map(String).join('.');
  if (typeof raw === 'object' && raw !== null) {
    const keys = Object.keys(raw);
    const joined = keys.length === 1 ? keys[0] : undefined;
    if (joined === 'all' || joined === 'any') {
      const parts = partsOf(raw);
      if (parts.length === 0) return [{ path: join([joined]), message: 'needs a list of at least one rule' }];
      return parts.flatMap((part, i) => wrongParts(part, [...path, joined, i]));
    }
    if (joined === 'not' && 'not' in raw) return wrongParts(raw.not, [...path, 'not']);
  }
  const parsed = condition.safeParse(raw);
  if (parsed.success) return [];
  return parsed.error.issues.map(issue => ({ path: join(issue.path), message: issue.message }));
}

/**
 * A rule as it may be stored and judged.
 *
 * @throws Problem `request-invalid` whose `fields` are the places that are wrong and whose detail says what would be right
 */
export function readRule(raw: unknown): Rule {
  const size = tooLarge(raw);
  if (size !== null) throw new Problem('request-invalid', `the rule is ${size}`, { fields: ['rule'] });
  const parsed = anyRule.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw refusal(wrongParts(raw, []), 'rule');
}

/**
 * One condition, as readRule reads it.
 *
 * @throws Problem `request-invalid`
 */
export function readCondition(raw: unknown): Condition {
  const parsed = condition.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw refusal(wrongParts(raw, []), 'condition');
}

/** As many wrong places as a person mends at once. */
const MOST_TOLD = 5;

function refusal(wrong: readonly Wrong[], whole: string): Problem {
  const told = wrong.slice(0, MOST_TOLD);
  return new Problem(
    'request-invalid',
    told.length === 0
      ? `the ${whole} has no shape we know`
      : told.map(({ path, message }) => `${path === '' ? whole : path}: ${message}`).join('; '),
    { fields: [...new Set(told.map(({ path }) => (path === '' ? whole : path)))] },
  );
}
