import { fullJitter } from '../../shared/base/backoff.ts';
import { SECOND } from '../../shared/base/durations.ts';

/** Answers worth asking again: too fast, and errors of the moment. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

/** A number that is a time (rather than a delay): seconds or milliseconds since 1970, told apart by magnitude. */
const EPOCH_SECONDS = 1_000_000_000;
const EPOCH_MILLISECONDS = 100_000_000_000;

/**
 * How long a vendor asks to wait, in milliseconds from now, never negative; null when it does not say. Read in this order:
 *
 * - `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3);
 * - `X-RateLimit-RetryAfter`: absolute, epoch seconds or milliseconds (CrowdStrike);
 * - `X-RateLimit-Reset`: absolute, epoch seconds (Workspace ONE, ServiceNow) or ISO time (Atlassian), or a delay in seconds;
 *   only with 429 or when nothing remains, because some send the end of the day's quota with every answer.
 *
 * Absolute times are the vendor's clock: where the answer has a `Date`, the distance to that is taken, so that our own
 * clock may be wrong.
 */
export function waitAsked(
  { status, headers }: { status: number; headers: Headers },
  now: number,
): number | null {
  const theirNow = httpDate(headers.get('date')) ?? now;
  const isUsedUp = status === 429 || headers.get('x-ratelimit-remaining')?.trim() === '0';
  const names = ['retry-after', 'x-ratelimit-retryafter', ...(isUsedUp ? ['x-ratelimit-reset'] : [])];
  for (const name of names) {
    const wait = readWait(headers.get(name), theirNow);
    if (wait !== null) return wait;
  }
  return null;
}

function readWait(text: string | null, now: number): number | null {
  if (text === null) return null;
  const trimmed = text.trim();
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) {
    const value = Number(trimmed);
    if (value >= EPOCH_MILLISECONDS) return Math.max(0, value - now);
    if (value >= EPOCH_SECONDS) return Math.max(0, value * SECOND - now);
    return Math.max(0, value * SECOND);
  }
  const at = httpDate(trimmed);
  return at === null ? null : Math.max(0, at - now);
}

function httpDate(text: string | null): number | null {
  if (text === null || !/\d{4}/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

/** Shortest wait after a refusal: a vendor that says 0 still wants less. */
const FLOOR_MS = 500;
/** Longest wait of our own making. */
const CAP_MS = 60 * SECOND;

/**
 * Milliseconds to wait before retry number `retry` (0 = the first): what the vendor asks plus up to a second, so that
 * several of our requests do not come back at the same instant; without a word from it exponential backoff with jitter.
 */
export function waitBefore(retry: number, asked: number | null, random: () => number): number {
  if (asked !== null) return Math.max(FLOOR_MS, asked) + Math.floor(random() * SECOND);
  return fullJitter(retry, random, { baseMs: 2 * SECOND, capMs: CAP_MS, floorMs: FLOOR_MS });
}
