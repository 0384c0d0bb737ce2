import type { AccountStanding } from './connectors.ts';

/* What every store does with what it wrote earlier. */

/** How an account stands of which nothing is known: nobody has asked it yet. */
export const NEVER_ASKED: AccountStanding = {
  workedAt: null,
  lastProblem: null,
  checkpoint: null,
  fullAt: null,
  lastRun: null,
  lastCheck: null,
  throttled: null,
};

/** Keys that ask to be admitted; anybody can make one, so their number is bounded. */
export const WAITING_MAX = 10_000;

/** User names are compared without case. */
export const userKey = (user: string): string => user.toLowerCase();

/** What the store tells its owner about; fixed sentences with fields, never values from a device. */
export interface StoreLog {
  warn(message: string, fields: Readonly<Record<string, string | number | null>>): void;
}

/**
 * Reads JSON that this store wrote itself. Its shape was checked on the way in, so that a start with thousands of devices
 * does not check it again; what a damaged disk or a careless hand left behind is no object any more, is told to the log
 * and counts as missing.
 */
export function readJson<T extends object>(
  json: string,
  log: StoreLog,
  where: { readonly table: string; readonly key: string | number },
): T | null {
  try {
    const value: T | null = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below, without the text: it may name a person.
  }
  log.warn('stored value cannot be read and counts as missing', { table: where.table, key: where.key });
  return null;
}
