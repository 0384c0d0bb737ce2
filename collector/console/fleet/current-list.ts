/** The order the reader last saw the fleet in: `[` and `]` on a device walk along it. */
import type { Entry } from './query.ts';

let current: readonly Entry[] = [];

export function rememberList(entries: readonly Entry[]): void {
  current = entries;
}

/** The neighbours of a device in that list; null at its ends or when it is not in it. */
export function neighbours(id: string): {
  before: string | null;
  after: string | null;
  at: number;
  of: number;
} {
  const at = current.findIndex(entry => entry.id === id);
  if (at === -1) return { before: null, after: null, at: -1, of: current.length };
  return { before: current[at - 1]?.id ?? null, after: current[at + 1]?.id ?? null, at, of: current.length };
}
