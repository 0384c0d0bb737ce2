import { readFacts } from '../../../agent/core/scan/facts/read.ts';
import { bytes } from '../scan/support.ts';

export const TODAY = '2026-11-22';

/** What an output says when it is recorded under that name. */
export function read(name: string, output: string | Uint8Array): ReturnType<typeof readFacts> {
  return readFacts(name, typeof output === 'string' ? bytes(output) : output, { today: TODAY });
}

export const utf16le = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'));
export const utf16be = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le').swap16());
/** As redirected by a program that writes no byte order mark. */
export const utf16leUnmarked = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf16le'));
export const utf8Marked = (text: string): Uint8Array => bytes(`\ufeff${text}`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Allowed difference by the name of a number: percentages half a point, temperatures a tenth, everything else none. */
function tolerance(key: string): number {
  return /percent/i.test(key) ? 0.5 : /temperature/i.test(key) ? 0.1 : 0;
}

function counterpart(list: readonly unknown[], expected: unknown, at: number): unknown {
  if (!isObject(expected)) return list[at];
  for (const name of ['id', 'mount', 'name', 'label']) {
    if (typeof expected[name] === 'string')
      return list.find(one => isObject(one) && one[name] === expected[name]);
  }
  return list[at];
}

/** Paths at which what was read differs from what must be there; a missing key counts as null. */
export function differences(actual: unknown, expected: unknown, key = ''): string[] {
  if (expected === null) return actual === null || actual === undefined ? [] : [`${key}: not null`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${key}: no list`];
    if (expected.length === 0) return actual.length === 0 ? [] : [`${key}: not empty`];
    return expected.flatMap((one, at) => differences(counterpart(actual, one, at), one, `${key}[${at}]`));
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return [`${key}: no object`];
    return Object.entries(expected).flatMap(([name, one]) =>
      differences(actual[name], one, `${key}.${name}`),
    );
  }
  if (typeof expected === 'number') {
    const near = typeof actual === 'number' && Math.abs(actual - expected) <= tolerance(key);
    return near ? [] : [`${key}: ${String(actual)} instead of ${expected}`];
  }
  return actual === expected ? [] : [`${key}: ${String(actual)} instead of ${String(expected)}`];
}
