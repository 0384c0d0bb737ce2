import { decode, lines } from '../decode.ts';

/** Reading values out of text the way people write them: grouped digits, comma decimals, dates of several cultures. */

/** Half of the bytes are zero, on the even or the odd side: UTF-16 without a byte order mark. */
function unmarkedUtf16(bytes: Uint8Array): 'le' | 'be' | null {
  if (bytes.length < 4) return null;
  let even = 0;
  let odd = 0;
  const size = Math.min(bytes.length, 512) & ~1;
  for (let at = 0; at < size; at += 2) {
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  if (odd > size * 0.35 && even === 0) return 'le';
  return even > size * 0.35 && odd === 0 ? 'be' : null;
}

/** Bytes as text, in every encoding a recorded output may have; a half character at the end is dropped. */
export function textOf(bytes: Uint8Array): string {
  const marked =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff) || bytes[0] === 0xef;
  const order = marked ? null : unmarkedUtf16(bytes);
  if (order === null) return decode(bytes).replace(/^\ufeff/, '');
  return new TextDecoder(order === 'le' ? 'utf-16le' : 'utf-16be').decode(
    bytes.subarray(0, bytes.length & ~1),
  );
}

export { lines };

/** `16,777,216`, `52.500`, `1 234`: a whole number with or without groups of three; null for anything else. */
export function grouped(text: string | null | undefined): number | null {
  const trimmed = text?.trim() ?? '';
  if (/^\d{1,15}$/.test(trimmed)) return Number(trimmed);
  if (!/^\d{1,3}(?:([.,'’ \u00a0\u202f])\d{3})(?:\1\d{3})*$/.test(trimmed)) return null;
  const number = Number(trimmed.replace(/\D/g, ''));
  return Number.isSafeInteger(number) ? number : null;
}

/** `47,3708` or `47.3708`: at most one separator, which is the decimal one; null for anything else. */
export function decimal(text: string | null | undefined): number | null {
  const trimmed = text?.trim() ?? '';
  return /^[+-]?\d{1,15}(?:[.,]\d{1,15})?$/.test(trimmed) ? Number(trimmed.replace(',', '.')) : null;
}

/** A share in percent with two decimals, at most 100. */
export function percentOf(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || whole <= 0 || part < 0) return null;
  return Math.min(100, Math.round((10_000 * part) / whole) / 100);
}

/** A percentage in any spelling (`96 %`, `93%`, `88,2222%`, `0.0 %`), or null when it is none or beyond 0 to 100. */
export function percentIn(text: string | null | undefined): number | null {
  const number = decimal(text?.replace(/\s*%\s*$/, ''));
  return number !== null && number >= 0 && number <= 100 ? number : null;
}

export function yesNo(text: string | null | undefined): boolean | null {
  const word = text?.trim().toLowerCase().replace(/\.$/, '');
  if (word === 'yes' || word === 'true') return true;
  return word === 'no' || word === 'false' ? false : null;
}

/** Moment in UTC, with milliseconds only where there are any. */
export function utc(ms: number | null): string | null {
  if (ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return null;
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A calendar date and a time of day that exist, as `2024-07-25T16:09:55` (or the date alone), else null. */
function calendar(
  [year, month, day]: readonly [number, number, number],
  time: readonly [number, number, number] | null,
): string | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1970 || year > 2200 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    return null;
  const front = `${year}-${two(month)}-${two(day)}`;
  if (time === null) return front;
  const [hours, minutes, seconds] = time;
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  return `${front}T${two(hours)}:${two(minutes)}:${two(seconds)}`;
}

/** Which of day and month comes first in `7/8/2024`; null when nothing in the output tells. */
export type DateOrder = 'month-first' | 'day-first' | null;

/** Looks through a whole output for a date that only makes sense one way; contradicting dates tell nothing. */
export function dateOrder(text: string): DateOrder {
  let order: DateOrder = null;
  for (const [, a = '', b = ''] of text.matchAll(/(?<![\d/.])(\d{1,2})\/(\d{1,2})\/\d{4}(?!\d)/g)) {
    const here: DateOrder = Number(a) > 12 ? 'day-first' : Number(b) > 12 ? 'month-first' : null;
    if (here === null) continue;
    if (order !== null && order !== here) return null;
    order = here;
  }
  return order;
}

/**
 * A date of some culture as local time without zone. `7/30/2013 3:01:45 AM`, `30.07.2013 03:01:45`, `2013-07-30 03:01:45`;
 * slashes are read only where day and month cannot be confused or the rest of the output tells (`order`).
 */
export function localTime(text: string | null | undefined, order: DateOrder): string | null {
  const match =
    /^(\d{1,4})([./-])\s?(\d{1,2})\2\s?(\d{1,4})(?:[\sT,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?(?:\s?([ap])\.?\s?m\.?)?)?$/i.exec(
      text?.replace(/[\u200e\u200f\u202f\u00a0]/g, ' ').trim() ?? '',
    );
  if (match === null) return null;
  const [, a = '', sign = '', b = '', c = '', hour, minute, second, half] = match;
  let date: readonly [number, number, number];
  if (a.length === 4 && c.length <= 2) date = [Number(a), Number(b), Number(c)];
  else if (c.length !== 4 || a.length > 2) return null;
  else if (sign !== '/') date = [Number(c), Number(b), Number(a)];
  else {
    const way: DateOrder = Number(a) > 12 ? 'day-first' : Number(b) > 12 ? 'month-first' : order;
    if (way === null && a !== b) return null;
    date = way === 'day-first' ? [Number(c), Number(b), Number(a)] : [Number(c), Number(a), Number(b)];
  }
  if (hour === undefined || minute === undefined) return calendar(date, null);
  let hours = Number(hour);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return null;
    hours = (hours % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  }
  return calendar(date, [hours, Number(minute), Number(second ?? 0)]);
}

/** `2020-07-12 22:57:53.000 UTC`, `2023-05-03 07:28:42 +0000`, `2022-12-09T14:28:52Z`: a moment with its zone, in UTC. */
export function zonedTime(text: string | null | undefined): string | null {
  const match =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?)\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})$/.exec(
      text?.trim() ?? '',
    );
  if (match === null) return null;
  const [, date = '', time = '', zone = ''] = match;
  const offset = /^[ZUG]/.test(zone) ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  return utc(Date.parse(`${date}T${time.slice(0, 12)}${offset}`));
}

/** CIM_DATETIME `20201017183012.500000+120` (offset in minutes), in UTC. */
export function cimTime(text: string | null | undefined): string | null {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})\.(\d{3})\d{3}([+-]\d{3})$/.exec(
    text?.trim() ?? '',
  );
  if (match === null) return null;
  const [, year, month, day, hours, minutes, seconds, , offset] = match;
  const local = calendar(
    [Number(year), Number(month), Number(day)],
    [Number(hours), Number(minutes), Number(seconds)],
  );
  return local === null ? null : utc(Date.parse(`${local}Z`) - Number(offset) * 60_000);
}

/** `name: value` lines as a list; the first `: ` (or `:` at the end) parts them. Indentation is kept for the sections. */
export interface Field {
  readonly indent: number;
  readonly key: string;
  readonly value: string;
}

export function fields(text: string): Field[] {
  return lines(text).flatMap(line => {
    const match = /^(\s*)([^\s:][^:]*?)\s*:(?:\s+(.*))?$/.exec(line);
    if (match === null) return [];
    const [, space = '', key = '', value = ''] = match;
    return [{ indent: space.replace(/\t/g, '        ').length, key, value: value.trim() }];
  });
}

/** The value of a key that stands exactly once with a value; twice with different values is "not told". */
export function only(list: readonly Field[], key: string): string | null {
  let found: string | null = null;
  for (const one of list) {
    if (one.key !== key) continue;
    if (found !== null && found !== one.value) return null;
    found = one.value;
  }
  return found === '' ? null : found;
}
