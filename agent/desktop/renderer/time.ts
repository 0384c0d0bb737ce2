import type { Locale } from '../../../shared/text/sentence.ts';

let ahead = 0;

/** Milliseconds since 1970, by the device's clock or the scene's. */
export function now(): number {
  return Date.now() + ahead;
}

/** Lets the page's clock go on from `at`. */
export function setNow(at: number): void {
  ahead = at - Date.now();
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const tag = (locale: Locale): string => (locale === 'en' ? 'en-GB' : locale);

/** `2 days ago`, `in 40 seconds`, `now`. */
export function ago(locale: Locale, at: number, from: number): string {
  const format = new Intl.RelativeTimeFormat(tag(locale), { numeric: 'auto' });
  const span = at - from;
  const size = Math.abs(span);
  if (span < SECOND && size < 5 * SECOND) return format.format(0, 'second');
  if (size < MINUTE) return format.format(Math.round(span / SECOND), 'second');
  if (size < HOUR) return format.format(Math.round(span / MINUTE), 'minute');
  if (size < DAY) return format.format(Math.round(span / HOUR), 'hour');
  return format.format(Math.round(span / DAY), 'day');
}

/** `10:42`, by the local clock. */
export function clockTime(locale: Locale, at: number): string {
  return new Intl.DateTimeFormat(tag(locale), { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** `10:42` of today, otherwise `Thursday 26 Nov, 14:00`: a date that cannot be taken for another. */
export function moment(locale: Locale, at: number, from: number): string {
  if (new Date(at).toDateString() === new Date(from).toDateString()) return clockTime(locale, at);
  const day = new Intl.DateTimeFormat(tag(locale), {
    weekday: Math.abs(at - from) < 7 * DAY ? 'long' : 'short',
    day: 'numeric',
    month: 'short',
    ...(new Date(at).getFullYear() === new Date(from).getFullYear() ? {} : { year: 'numeric' }),
  }).format(at);
  return `${day}, ${clockTime(locale, at)}`;
}

/** `30 minutes`, `24 hours`. */
export function span(locale: Locale, count: number, unit: 'second' | 'minute' | 'hour'): string {
  return new Intl.NumberFormat(tag(locale), { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}

/** `48 kB` */
export function size(locale: Locale, bytes: number): string {
  const unit = bytes < 1_000_000 ? 'kilobyte' : 'megabyte';
  const value = bytes / (unit === 'kilobyte' ? 1000 : 1_000_000);
  return new Intl.NumberFormat(tag(locale), {
    style: 'unit',
    unit,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}

/** `41`, `92.4` in the reader's notation; at most one decimal. */
export function number(locale: Locale, value: number): string {
  return new Intl.NumberFormat(tag(locale), { maximumFractionDigits: 1 }).format(value);
}
