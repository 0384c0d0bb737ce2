import { isIPv6 } from 'node:net';
import type { Clock } from '../../shared/base/clock.ts';
import { MINUTE, SECOND } from '../../shared/base/durations.ts';

/** Wrong passwords that cost nothing but the answer. */
const FREE_FAILURES = 5;
const FIRST_WAIT = 5 * SECOND;
const LONGEST_WAIT = 15 * MINUTE;
/** A key with no failure for this long starts anew. */
export const FORGET_AFTER = 30 * MINUTE;
/** Keys remembered; the one untouched longest goes first. Each takes about 200 bytes. */
const KEYS = 20_000;

/** Wait after the n-th failure: none for the first four, then 5 s, 10 s, 20 s ... 15 min. */
export function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(20, failures - FREE_FAILURES));
}

interface Entry {
  failures: number;
  lastAt: number;
  lockedUntil: number;
}

export interface Lockout {
  /**
   * Counts an attempt before its password is checked, so that many attempts at once do not slip through together. `wait`
   * is how long (ms) to refuse it without looking; 0: go on.
   */
  begin(key: string): { readonly wait: number; readonly failures: number };
  /** The attempt was right: forgets the key. */
  clear(key: string): void;
  /** The attempt was right: takes back only its own count. */
  undo(key: string): void;
}

/** Delays that grow with every wrong attempt, by key (a user, an address). Time is the wall clock, as stored locks are. */
export function createLockout(clock: Pick<Clock, 'now'>): Lockout {
  const entries = new Map<string, Entry>();
  return {
    begin(key) {
      const now = clock.now();
      const known = entries.get(key);
      entries.delete(key);
      const entry =
        known === undefined || now - known.lastAt > FORGET_AFTER
          ? { failures: 0, lastAt: now, lockedUntil: 0 }
          : known;
      entries.set(key, entry);
      if (entries.size > KEYS) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
      if (entry.lockedUntil > now) return { wait: entry.lockedUntil - now, failures: entry.failures };
      entry.failures += 1;
      entry.lastAt = now;
      entry.lockedUntil = now + waitAfter(entry.failures);
      return { wait: 0, failures: entry.failures };
    },
    clear(key) {
      entries.delete(key);
    },
    undo(key) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entry.failures -= 1;
      entry.lockedUntil = 0;
    },
  };
}

/** One key per network a single customer is given: an IPv4 address, an IPv6 /64. */
export function addressKey(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const [head = '', tail = ''] = bare.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros: string[] = bare.includes('::')
    ? Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
    : [];
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':');
}
