import { DAY, HOUR, MINUTE } from '../base/durations.ts';
import { type Finding, type Findings, isTrulyAbsent } from '../device/finding.ts';
import { normaliseMac } from '../device/identity.ts';
import { costOf } from './checks.ts';
import type { Condition, Rule } from './condition.ts';
import { type EvaluationReason, type Fact, type FactValue, NEVER, type Reading } from './fact.ts';
import { findFact } from './fact-list.ts';
import { millisecondsOf, OPERATORS_OF, valueProblem } from './operator.ts';
import { compareVersions } from './version.ts';

/** Kleene's three values (S. C. Kleene, Introduction to Metamathematics, 1952, section 64). Could not tell is never no, nor yes. */
export type Result = 'pass' | 'fail' | 'unknown';

/** What a result rests on. */
export interface Evidence {
  readonly fact: string;
  readonly check: string;
  /** Status of the finding; null when the device has sent none. */
  readonly status: Finding['status'] | null;
  /** What was compared; null when there was nothing to compare. `age` and `left` are milliseconds since 1970. */
  readonly value: FactValue | null;
  /** When the check ran, by the device's clock; null when the device has sent no finding. */
  readonly at: number | null;
}

export interface ConditionResult {
  readonly is: 'condition';
  readonly result: Result;
  /** Why it could not be told; only with `unknown`. */
  readonly reason?: EvaluationReason;
  readonly evidence: Evidence;
}

/** A rule's result with the results of its parts, so that a person can be shown what decided. */
export type RuleResult =
  | ConditionResult
  | {
      readonly is: 'all' | 'any' | 'not';
      readonly result: Result;
      readonly parts: readonly RuleResult[];
    };

export interface EvaluateOptions {
  /** By the clock that stamped the findings, which is the device's: add its skew to the collector's own. */
  readonly now: number;
  /** Milliseconds after which a check's finding no longer counts. */
  readonly maxAgeMs?: (check: string) => number;
}

/**
 * How old evidence may be by what its check costs: a few periods of the check, so that one missed round or a lunch with the lid closed does
 * not make a device unknown. Cheap checks run every minute, posture every half hour (Citrix Device Posture's period), heavy ones daily, and
 * these wait while the battery is low.
 */
export const MAX_EVIDENCE_AGE = { cheap: HOUR, posture: 3 * HOUR, heavy: 3 * DAY } as const;

/** The age by cost; a check that is cheap on one system and dear on another gets the longer one. */
export function defaultMaxAge(check: string): number {
  const cost = costOf(check);
  return cost === null ? MAX_EVIDENCE_AGE.posture : MAX_EVIDENCE_AGE[cost];
}

/** Clocks differ; what is further in the future than this was stamped by a wrong one. */
const CLOCK_TOLERANCE = 5 * MINUTE;

/** One condition against a device's findings. Never throws; a condition this version does not understand is unknown. */
export function evaluateCondition(
  condition: Condition,
  findings: Findings,
  options: EvaluateOptions,
): ConditionResult {
  const found = understood(condition);
  const check = found?.fact.check ?? '';
  const finding = check !== '' && Object.hasOwn(findings, check) ? findings[check] : undefined;
  const evidence: Evidence = {
    fact: condition.fact,
    check,
    status: finding?.status ?? null,
    value: null,
    at: finding?.at ?? null,
  };
  const unknown = (reason: EvaluationReason, value: FactValue | null = null): ConditionResult => ({
    is: 'condition',
    result: 'unknown',
    reason,
    evidence: { ...evidence, value },
  });
  if (found === null) return unknown('rule-unknown');
  if (finding === undefined) return unknown('not-asked');
  const age = options.now - finding.at;
  if (age > (options.maxAgeMs ?? defaultMaxAge)(check)) return unknown('too-old');
  if (age < -CLOCK_TOLERANCE) return unknown('clock-wrong');

  const reading = read(found.fact, found.subject, finding);
  if (reading.is === 'unknown') return unknown(reading.reason);
  const met = judge(found.fact, condition, reading, options.now);
  const value = reading.is === 'value' ? shown(reading.value) : null;
  return typeof met === 'boolean'
    ? { is: 'condition', result: met ? 'pass' : 'fail', evidence: { ...evidence, value } }
    : unknown(met, value);
}

/** As evidence travels: what never happened has no number that JSON could carry. */
function shown(value: FactValue): FactValue {
  return value === NEVER ? 'never' : value;
}

type Understood = NonNullable<ReturnType<typeof findFact>>;

/** What conditions name, remembered: one is judged for every device of a fleet. null: this version does not understand it. */
const UNDERSTOOD = new WeakMap<Condition, Understood | null>();

function understood(condition: Condition): Understood | null {
  const before = UNDERSTOOD.get(condition);
  if (before !== undefined) return before;
  const found = findFact(condition.fact);
  const fits =
    found !== null &&
    OPERATORS_OF[found.fact.kind].includes(condition.operator) &&
    valueProblem(found.fact, condition.operator, condition.value) === null;
  const told = fits ? found : null;
  UNDERSTOOD.set(condition, told);
  return told;
}

/**
 * What a finding says of a fact. Only a finding that is `absent` because the thing is not there is knowledge; one that is `absent` because
 * nothing was asked for, `unsupported` or `failed` could not tell.
 */
function read(fact: Fact, subject: string | null, finding: Finding): Reading {
  if (finding.status === 'ok') return fact.read(finding.value, subject);
  return isTrulyAbsent(finding) ? { is: 'absent' } : { is: 'unknown', reason: finding.reason };
}

/** Met or not met, or the reason why that cannot be told. */
type Met = boolean | EvaluationReason;

function opposite(met: Met): Met {
  return typeof met === 'boolean' ? !met : met;
}

/**
 * Does the reading meet the condition?
 *
 * Of a thing that is not there only `exists` and `notExists` can be told. Every comparison is unknown, so that `!=` stays the opposite of
 * `==`: a device without a battery has neither a good nor a bad one. A rule that such devices shall pass says so:
 * `any(battery.exists notExists, battery.healthPercent >= 60)`.
 */
function judge(
  fact: Fact,
  { operator, value }: Condition,
  reading: Exclude<Reading, { is: 'unknown' }>,
  now: number,
): Met {
  if (operator === 'exists') return reading.is === 'value';
  if (operator === 'notExists') return reading.is === 'absent';
  if (reading.is === 'absent') return 'not-present';
  const { value: known, partial = false } = reading;
  const ordered = (meets: (order: number) => boolean): Met => {
    const order = orderOf(fact, known, value);
    return order === null ? 'not-comparable' : meets(order);
  };
  switch (operator) {
    case '==':
      return equal(fact, known, value);
    case '!=':
      return opposite(equal(fact, known, value));
    case '<':
      return ordered(order => order < 0);
    case '<=':
      return ordered(order => order <= 0);
    case '>':
      return ordered(order => order > 0);
    case '>=':
      return ordered(order => order >= 0);
    case 'range':
      return within(fact, known, value);
    case 'anyOf':
      return found(wantedOf(fact, value).some(isAmong(fact, known)), partial);
    case 'allOf':
      return found(wantedOf(fact, value).every(isAmong(fact, known)), partial);
    case 'noneOf':
      return opposite(found(wantedOf(fact, value).some(isAmong(fact, known)), partial));
    case 'contains':
      return found(isWithin(fact, known, value), partial);
    case 'notContains':
      return opposite(found(isWithin(fact, known, value), partial));
    case 'age<=':
      return happenedWithin(fact, { moment: Number(known), orLater: partial }, Number(value), now);
    case 'age>':
      return opposite(happenedWithin(fact, { moment: Number(known), orLater: partial }, Number(value), now));
    case 'left>=':
      return isLeft(fact, Number(known), Number(value), now);
    case 'left<':
      return opposite(isLeft(fact, Number(known), Number(value), now));
  }
}

/** How the fact's value stands to another: below 0 before it, above 0 after it, null when they have no order. */
function orderOf(fact: Fact, known: FactValue, other: unknown): number | null {
  if (fact.kind === 'version') return compareVersions(String(known), String(other));
  const difference = Number(known) - Number(other);
  return Number.isNaN(difference) ? null : Math.sign(difference);
}

function equal(fact: Fact, known: FactValue, value: Condition['value']): Met {
  if (fact.kind === 'boolean') return known === value;
  if (fact.kind === 'number' || fact.kind === 'version') {
    const order = orderOf(fact, known, value);
    return order === null ? 'not-comparable' : order === 0;
  }
  return wantedOf(fact, value).some(isAmong(fact, known));
}

/** One end may settle it even where the other has no order. */
function within(fact: Fact, known: FactValue, value: Condition['value']): Met {
  if (typeof value !== 'object' || !('from' in value)) return 'rule-unknown';
  const low = orderOf(fact, known, value.from);
  const high = orderOf(fact, known, value.to);
  if ((low !== null && low < 0) || (high !== null && high > 0)) return false;
  return low === null || high === null ? 'not-comparable' : true;
}

/** Windows names, products and issuers differ in case from machine to machine and mean the same. */
function plain(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}

/** A text as it is compared: addresses without regard to how they are written. */
function normal(fact: Fact, text: string): string {
  return (fact.kind === 'macs' ? normaliseMac(text) : null) ?? plain(text);
}

function wantedOf(fact: Fact, value: Condition['value']): string[] {
  const listed = Array.isArray(value) ? value : [String(value)];
  return listed.map(one => normal(fact, one));
}

/** What the device has: the entries of a list, or a text as the only entry. */
function entriesOf(fact: Fact, known: FactValue): string[] {
  const listed = typeof known === 'object' ? known : [String(known)];
  return listed.map(one => normal(fact, one));
}

function isAmong(fact: Fact, known: FactValue): (wanted: string) => boolean {
  const entries = new Set(entriesOf(fact, known));
  return wanted => entries.has(wanted);
}

function isWithin(fact: Fact, known: FactValue, value: Condition['value']): boolean {
  const part = normal(fact, String(value));
  return entriesOf(fact, known).some(entry => entry.includes(part));
}

/** In a list known in part, what was found is found, and what was not found may yet be there. */
function found(yes: boolean, partial: boolean): Met {
  return yes || !partial ? yes : 'incomplete';
}

function happenedWithin(
  fact: Fact,
  { moment, orLater }: { moment: number; orLater: boolean },
  amount: number,
  now: number,
): Met {
  const unit = millisecondsOf(fact.unit);
  if (unit === null) return 'rule-unknown';
  const age = now - moment;
  if (age < -CLOCK_TOLERANCE) return 'clock-wrong';
  return age <= amount * unit ? true : orLater ? 'incomplete' : false;
}

function isLeft(fact: Fact, moment: number, amount: number, now: number): Met {
  const unit = millisecondsOf(fact.unit);
  return unit === null ? 'rule-unknown' : moment - now >= amount * unit;
}

/** One fails: fail; else one unknown: unknown; else pass. */
export function allOf(results: readonly Result[]): Result {
  if (results.includes('fail')) return 'fail';
  return results.includes('unknown') ? 'unknown' : 'pass';
}

/** One passes: pass; else one unknown: unknown; else fail. */
export function anyOf(results: readonly Result[]): Result {
  if (results.includes('pass')) return 'pass';
  return results.includes('unknown') ? 'unknown' : 'fail';
}

/** The opposite; of unknown it is unknown. */
export function not(result: Result): Result {
  return result === 'unknown' ? 'unknown' : result === 'pass' ? 'fail' : 'pass';
}

/** A rule against a device's findings, by Kleene's strong logic. */
export function evaluateRule(rule: Rule, findings: Findings, options: EvaluateOptions): RuleResult {
  if ('fact' in rule) return evaluateCondition(rule, findings, options);
  if ('not' in rule) {
    const part = evaluateRule(rule.not, findings, options);
    return { is: 'not', result: not(part.result), parts: [part] };
  }
  const is = 'all' in rule ? 'all' : 'any';
  const parts = ('all' in rule ? rule.all : rule.any).map(part => evaluateRule(part, findings, options));
  const results = parts.map(part => part.result);
  return { is, result: is === 'all' ? allOf(results) : anyOf(results), parts };
}

/** The conditions that could not be told, for a sentence about what is missing. */
export function unknownsOf(result: RuleResult): ConditionResult[] {
  if (result.is === 'condition') return result.result === 'unknown' ? [result] : [];
  return result.parts.flatMap(unknownsOf);
}
