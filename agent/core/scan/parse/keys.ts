import { lines } from '../decode.ts';

/**
 * `KEY=value` lines as /etc/os-release and the kernel's uevent files have them: comments and blanks left out, one pair of
 * quotes around the value removed (os-release(5)), the last of equal keys wins.
 */
export function parseAssignments(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of lines(text)) {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
    if (match === null) continue;
    const [, key = '', raw = ''] = match;
    const quoted = /^(["'])(.*)\1$/.exec(raw.trim());
    values.set(key, quoted === null ? raw.trim() : (quoted[2] ?? '').replace(/\\(["'$`\\])/g, '$1'));
  }
  return values;
}

/** A whole number without sign, or null: never NaN, never a guess from a prefix. */
export function wholeNumber(text: string | null | undefined): number | null {
  if (text === null || text === undefined || !/^\s*\d{1,15}\s*$/.test(text)) return null;
  return Number(text);
}

/** Text cut to what a finding may carry, null when nothing is left. */
export function shortText(text: string | null | undefined, max = 200): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed.slice(0, max);
}

/** Number by number: `12.9` before `12.11`; a part that is missing counts as 0. */
export function compareVersions(one: string, other: string): number {
  const a = one.match(/\d+/g) ?? [];
  const b = other.match(/\d+/g) ?? [];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = Number(a[at] ?? 0) - Number(b[at] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
