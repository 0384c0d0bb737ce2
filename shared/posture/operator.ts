import { normaliseMac } from '../device/identity.ts';
import type { Fact, FactKind, FactUnit } from './fact.ts';
import { compareVersions, isVersion } from './version.ts';

/**
 * How a rule compares. Names and meaning follow the products such rules are taken over from: Citrix Device Posture (==, !=, <, <=, >, >=,
 * any of, none of), NetScaler's classic expressions (==, !=, <, <=, >, >=, CONTAINS, NOTCONTAINS, EXISTS, NOTEXISTS; anyof, allof and noneof
 * for lists), Intune (minimum and maximum version as major.minor.build.revision, ranges of valid builds).
 */
export const OPERATORS = [
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'range',
  'contains',
  'notContains',
  'exists',
  'notExists',
  'anyOf',
  'allOf',
  'noneOf',
  'age<=',
  'age>',
  'left>=',
  'left<',
] as const;
export type Operator = (typeof OPERATORS)[number];

const ORDERED = ['==', '!=', '<', '<=', '>', '>=', 'range'] as const;
const THERE = ['exists', 'notExists'] as const;

/**
 * The operators that fit each kind of fact. `exists` and `notExists` (NetScaler's EXISTS and NOTEXISTS) ask whether the thing the fact belongs
 * to is there at all and say nothing of its value. Lists, words and yes-or-no do not have them: an empty list exists, and a rule that asks for
 * an antivirus must not be met by it.
 */
export const OPERATORS_OF: Readonly<Record<FactKind, readonly Operator[]>> = {
  presence: THERE,
  boolean: ['==', '!='],
  word: ['==', '!=', 'anyOf', 'noneOf'],
  text: ['==', '!=', 'contains', 'notContains', 'anyOf', 'noneOf', ...THERE],
  number: [...ORDERED, ...THERE],
  version: [...ORDERED, ...THERE],
  age: ['age<=', 'age>', ...THERE],
  left: ['left>=', 'left<', ...THERE],
  set: ['anyOf', 'allOf', 'noneOf', 'contains', 'notContains'],
  macs: ['anyOf', 'noneOf'],
};

/** What each operator asks, as the catalogue prints it. */
export const OPERATOR_MEANINGS: Readonly<Record<Operator, string>> = {
  '==': 'Equal. Texts are compared without regard to case and blanks around them; versions by number, where parts left out count as 0.',
  '!=': 'Not equal.',
  '<': 'Less than; of a version: older than.',
  '<=': 'At most.',
  '>': 'More than; of a version: newer than.',
  '>=': 'At least.',
  range: 'Between two values, both included.',
  contains: 'The text, or one entry of the list, has this in it (NetScaler: CONTAINS).',
  notContains: 'Neither the text nor any entry of the list has this in it (NetScaler: NOTCONTAINS).',
  exists: 'It is there (NetScaler: EXISTS).',
  notExists: 'It is truly not there; that it could not be told is not enough (NetScaler: NOTEXISTS).',
  anyOf: 'The text, or one entry of the list, is one of these (NetScaler: anyof).',
  allOf: 'All of these are in the list (NetScaler: allof).',
  noneOf: 'Neither the text nor any entry of the list is one of these (NetScaler: noneof).',
  'age<=': 'Happened at most so long ago.',
  'age>': 'Happened longer ago.',
  'left>=': 'At least so much time is left.',
  'left<': 'Less time is left, or none.',
};

/** Milliseconds of a unit of time; null for what is no time. */
export function millisecondsOf(unit: FactUnit | null): number | null {
  switch (unit) {
    case 'seconds':
      return 1000;
    case 'minutes':
      return 60_000;
    case 'hours':
      return 3_600_000;
    case 'days':
      return 86_400_000;
    case 'percent':
    case 'bytes':
    case 'gigabytes':
    case 'degrees Celsius':
    case 'count':
    case 'points':
    case null:
      return null;
  }
}

/** Entries of one rule: as many as a company has docking stations and laptops in one list, and still a small frame. */
export const MAX_ENTRIES = 1000;
const MAX_TEXT = 256;

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT;
}

function isRange(value: unknown): value is { from: unknown; to: unknown } {
  return typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'from,to';
}

const A_TEXT = `a text of 1 to ${MAX_TEXT} characters`;

function numberProblem(value: unknown, fact: Fact): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'needs a number';
  if (fact.unit === 'percent' && (value < 0 || value > 100)) return 'needs a percentage from 0 to 100';
  return null;
}

function versionProblem(value: unknown): string | null {
  return isText(value) && isVersion(value)
    ? null
    : 'needs a version that begins with a number, such as 24.11.1';
}

function entryProblem(value: unknown, fact: Fact): string | null {
  if (fact.kind === 'macs') {
    return isText(value) && normaliseMac(value) !== null
      ? null
      : 'needs network addresses of six bytes, such as 8c:04:ba:12:34:56';
  }
  if (!isText(value)) return `needs ${A_TEXT}`;
  if (fact.words !== null && !fact.words.includes(value)) return `needs one of: ${fact.words.join(', ')}`;
  return null;
}

function rangeProblem(value: unknown, fact: Fact): string | null {
  if (!isRange(value)) return 'needs a range with from and to';
  const { from, to } = value;
  if (fact.kind === 'number') {
    const wrong = numberProblem(from, fact) ?? numberProblem(to, fact);
    if (wrong !== null) return wrong;
    return Number(from) <= Number(to) ? null : 'needs a range whose from is not above its to';
  }
  const wrong = versionProblem(from) ?? versionProblem(to);
  if (wrong !== null) return wrong;
  const order = compareVersions(String(from), String(to));
  return order === -1 || order === 0 ? null : 'needs a range whose from is not above its to';
}

/**
 * What is wrong with a rule's value for this fact and operator, as the rest of a sentence; null when nothing is. The operator must already
 * be one of the fact's kind.
 */
export function valueProblem(fact: Fact, operator: Operator, value: unknown): string | null {
  switch (operator) {
    case 'exists':
    case 'notExists':
      return value === undefined ? null : 'takes no value';
    case 'anyOf':
    case 'allOf':
    case 'noneOf': {
      if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ENTRIES) {
        return `needs a list of 1 to ${MAX_ENTRIES} entries`;
      }
      for (const entry of value) {
        const wrong = entryProblem(entry, fact);
        if (wrong !== null) return wrong;
      }
      return null;
    }
    case 'contains':
    case 'notContains':
      return isText(value) ? null : `needs ${A_TEXT}`;
    case 'range':
      return rangeProblem(value, fact);
    case 'age<=':
    case 'age>':
    case 'left>=':
    case 'left<':
      return typeof value === 'number' && Number.isFinite(value) && value >= 0
        ? null
        : `needs a number of ${fact.unit ?? 'days'}, 0 or more`;
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      if (fact.kind === 'boolean') return typeof value === 'boolean' ? null : 'needs true or false';
      if (fact.kind === 'number') return numberProblem(value, fact);
      if (fact.kind === 'version') return versionProblem(value);
      return entryProblem(value, fact);
  }
}
