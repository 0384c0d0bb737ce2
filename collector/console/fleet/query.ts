import type { FleetRow } from '../../../shared/api/schemas.ts';

/** A row with the text it is searched in, made once. */
export interface Entry {
  readonly id: string;
  row: FleetRow;
  /** Name, person, model and id in lower case. */
  hay: string;
  /** Where it stands in the list it was last put into, and which list that was: cheaper than a map of 100,000. */
  position: number;
  list: number;
}

export function entryOf(row: FleetRow): Entry {
  return { id: row.id, row, hay: hayOf(row), position: -1, list: -1 };
}

export function hayOf(row: FleetRow): string {
  return `${row.name}\n${row.person ?? ''}\n${row.model ?? ''}\n${row.id}`.toLowerCase();
}

/** A filter ready to run. Parts with errors are left out of it and told in words. */
export interface Query {
  readonly text: string;
  readonly empty: boolean;
  readonly errors: readonly string[];
  /** `now`: milliseconds since 1970, for ages. */
  matches(entry: Entry, now: number): boolean;
}

type Test = (entry: Entry, now: number) => boolean | null;

const DAY_S = 86_400;
const MIB = 1024 ** 2;
const BYTES: Readonly<Record<string, number>> = {
  mb: MIB,
  mib: MIB,
  m: MIB,
  gb: 1024 * MIB,
  gib: 1024 * MIB,
  g: 1024 * MIB,
  tb: MIB * MIB,
  tib: MIB * MIB,
  t: MIB * MIB,
};
const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  m: 60,
  h: 3600,
  d: DAY_S,
  day: DAY_S,
  days: DAY_S,
  w: 7 * DAY_S,
};

interface NumberField {
  /** Value, or null when it could not be told. The unit is lower case and may be empty. */
  read(row: FleetRow, unit: string, now: number): number | null;
  /** Factor of a unit; undefined: not a unit of this field. */
  unit(unit: string): number | undefined;
  readonly example: string;
}

const plain = (unit: string) => (unit === '' ? 1 : undefined);
const percent = (unit: string) => (unit === '' || unit === '%' ? 1 : undefined);

const NUMBERS: Readonly<Record<string, NumberField>> = {
  score: { read: row => row.score, unit: plain, example: 'score<60' },
  disk: {
    read: (row, unit) => (unit === '' || unit === '%' ? row.diskFreePercent : row.diskFreeBytes),
    unit: unit => percent(unit) ?? BYTES[unit],
    example: 'disk<10% or disk<20gb',
  },
  battery: { read: row => row.batteryPercent, unit: percent, example: 'battery<80%' },
  health: { read: row => row.batteryHealthPercent, unit: percent, example: 'health<70%' },
  cpu: { read: row => row.cpuPercent, unit: percent, example: 'cpu>90%' },
  memory: { read: row => row.memoryUsedPercent, unit: percent, example: 'memory>85%' },
  uptime: {
    read: row => row.uptimeSeconds,
    unit: unit => (unit === '' ? DAY_S : SECONDS[unit]),
    example: 'uptime>14d',
  },
  seen: {
    read: (row, _unit, now) => (row.lastSeen === null ? null : Math.max(0, (now - row.lastSeen) / 1000)),
    unit: unit => (unit === '' ? 60 : SECONDS[unit]),
    example: 'seen>2h',
  },
};

interface WordField {
  /** True, false, or null when it could not be told. */
  test(row: FleetRow, word: string): boolean | null;
  /** Is it not known? Answers `field:unknown`. */
  unknown(row: FleetRow): boolean;
  /** The only words allowed; left out: any text. */
  readonly words?: readonly string[];
}

const has = (text: string | null, word: string) => (text === null ? null : text.toLowerCase().includes(word));
const yesNo = (read: (row: FleetRow) => boolean | null): WordField => ({
  test: (row, word) => {
    const value = read(row);
    return value === null ? null : value === (word === 'yes' || word === 'on');
  },
  unknown: row => read(row) === null,
  words: ['yes', 'no', 'on', 'off'],
});

const PLATFORM: Readonly<Record<FleetRow['platform'], true>> = { windows: true, macos: true, linux: true };
const STATES = ['well', 'attention', 'will-block', 'blocked', 'unknown'] as const;
const PRESENCE = ['live', 'stale', 'silent'] as const;

const WORDS: Readonly<Record<string, WordField>> = {
  os: {
    test: (row, word) =>
      word in PLATFORM ? row.platform === word : (has(row.os, word) ?? has(row.osVersion, word)),
    unknown: row => row.os === null,
  },
  version: { test: (row, word) => has(row.osVersion, word), unknown: row => row.osVersion === null },
  person: { test: (row, word) => has(row.person, word), unknown: row => row.person === null },
  name: { test: (row, word) => has(row.name, word), unknown: () => false },
  model: { test: (row, word) => has(row.model, word), unknown: row => row.model === null },
  why: { test: (row, word) => has(row.why?.key ?? null, word), unknown: row => row.why === null },
  state: { test: (row, word) => row.state === word, unknown: row => row.state === 'unknown', words: STATES },
  is: { test: (row, word) => row.presence === word, unknown: () => false, words: PRESENCE },
  encryption: {
    test: (row, word) => (row.encryption === null ? null : row.encryption === word),
    unknown: row => row.encryption === null || row.encryption === 'unknown',
    words: ['on', 'off', 'suspended', 'encrypting', 'decrypting'],
  },
  firewall: yesNo(row => row.firewall),
  restart: yesNo(row => row.rebootPending),
  supported: yesNo(row => row.osSupported),
  duplicate: yesNo(row => row.duplicate),
  demo: yesNo(row => row.demo),
  contradictions: {
    test: ({ contradictions = [] }, word) =>
      word === 'yes' || word === 'no'
        ? contradictions.length > 0 === (word === 'yes')
        : contradictions.some(({ rule, weight }) => weight === word || rule.includes(word)),
    unknown: () => false,
  },
  agent: yesNo(row => row.noAgent !== true),
};

/** Other names people use for a field. */
const ALSO: Readonly<Record<string, string>> = {
  device: 'name',
  host: 'name',
  user: 'person',
  platform: 'os',
  reboot: 'restart',
  free: 'disk',
  mem: 'memory',
  ram: 'memory',
  presence: 'is',
  wear: 'health',
  up: 'uptime',
  age: 'seen',
  contradicted: 'contradictions',
  fw: 'firewall',
};

const QUERY_FIELDS: readonly string[] = [...Object.keys(NUMBERS), ...Object.keys(WORDS)];

/**
 * Reads a filter. Parts stand side by side and all must match: `field:word`, `field<number` (also `>`, `<=`, `>=`, `=`),
 * a bare state or presence (`stale`, `blocked`), or any text, searched in name, person and model. `-` before a part turns
 * it round, `"…"` keeps blanks, `field:unknown` finds what could not be told. A part about something unknown matches
 * neither way round.
 */
export function parseQuery(text: string): Query {
  const tests: Test[] = [];
  const errors: string[] = [];
  for (const part of split(text)) {
    const negated = part.startsWith('-') && part.length > 1;
    const read = readPart(negated ? part.slice(1) : part);
    if (typeof read === 'string') {
      errors.push(read);
      continue;
    }
    tests.push(
      negated
        ? (entry, now) => {
            const result = read(entry, now);
            return result === null ? null : !result;
          }
        : read,
    );
  }
  return {
    text,
    empty: tests.length === 0,
    errors,
    matches: (entry, now) => {
      for (const test of tests) if (test(entry, now) !== true) return false;
      return true;
    },
  };
}

function readPart(part: string): Test | string {
  const match = /^([a-z]+)(<=|>=|:|=|<|>)(.*)$/i.exec(part);
  if (!match) {
    const word = part.replaceAll('"', '').toLowerCase();
    if (STATES.some(state => state === word)) return entry => entry.row.state === word;
    if (PRESENCE.some(presence => presence === word)) return entry => entry.row.presence === word;
    return entry => entry.hay.includes(word);
  }
  const [, rawField = '', operator = ':', rawValue = ''] = match;
  const field = ALSO[rawField.toLowerCase()] ?? rawField.toLowerCase();
  const value = rawValue.replaceAll('"', '').toLowerCase();
  const number = NUMBERS[field];
  if (number) return readNumber(number, field, operator, value);
  const word = WORDS[field];
  if (!word) {
    return `There is no field “${rawField}”. Fields: ${QUERY_FIELDS.join(', ')}. To search for the text itself, put it in quotes.`;
  }
  if (operator !== ':' && operator !== '=')
    return `“${field}” is a word, not a number: write ${field}:… instead.`;
  if (value === '') return `After “${field}:” comes what to look for.`;
  if (value === 'unknown') return entry => word.unknown(entry.row);
  if (word.words && !word.words.includes(value)) {
    return `“${field}” can be ${word.words.join(', ')} or unknown, not “${value}”.`;
  }
  return entry => word.test(entry.row, value);
}

function readNumber(field: NumberField, name: string, operator: string, value: string): Test | string {
  if ((operator === ':' || operator === '=') && value === 'unknown') {
    return (entry, now) => field.read(entry.row, '', now) === null;
  }
  const match = /^(-?\d+(?:[.,]\d+)?)\s*([a-z%]*)$/.exec(value);
  if (!match) return `After “${name}${operator}” comes a number, for example ${field.example}.`;
  const unit = match[2] ?? '';
  const factor = field.unit(unit);
  if (factor === undefined) return `“${name}” has no unit “${unit}”. For example: ${field.example}.`;
  const wanted = Number((match[1] ?? '').replace(',', '.')) * factor;
  return (entry, now) => {
    const found = field.read(entry.row, unit, now);
    return found === null ? null : compare(found, operator, wanted);
  };
}

function compare(found: number, operator: string, wanted: number): boolean {
  if (operator === '<') return found < wanted;
  if (operator === '>') return found > wanted;
  if (operator === '<=') return found <= wanted;
  if (operator === '>=') return found >= wanted;
  return Math.round(found) === Math.round(wanted);
}

/** Splits at blanks outside quotes. */
function split(text: string): string[] {
  return text.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];
}

/** The filter with every part on `field` taken out and, unless null, `parts` put at its end. */
export function withField(text: string, field: string, parts: string | null): string {
  const kept = split(text).filter(part => !new RegExp(`^-?${field}(<=|>=|:|=|<|>)`, 'i').test(part));
  return [...kept, ...(parts === null ? [] : [parts])].join(' ');
}

/** Is this exact part in the filter? */
export function hasPart(text: string, part: string): boolean {
  return split(text).includes(part);
}

/** The score range the filter asks for, where it does: lowest included, highest excluded. */
export function scoreRange(text: string): { from: number; to: number } | null {
  let from = 0;
  let to = 100;
  let found = false;
  for (const part of split(text)) {
    const match = /^score(>=|<)(\d+)$/i.exec(part);
    if (!match) continue;
    found = true;
    if (match[1] === '<') to = Number(match[2]);
    else from = Number(match[2]);
  }
  return found ? { from, to } : null;
}
