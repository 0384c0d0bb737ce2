import type { Counters } from './proc.ts';

/** What counts up since start, read at one moment. */
export interface Reading {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly cpu: { readonly busy: number; readonly total: number } | null;
  /** Bytes received and sent, by interface. */
  readonly net: ReadonlyMap<string, Counters> | null;
  /** Bytes read and written, by disk. */
  readonly disk: ReadonlyMap<string, Counters> | null;
}

export interface Rates {
  readonly cpuPercent: number | null;
  readonly netRxBytesPerS: number | null;
  readonly netTxBytesPerS: number | null;
  readonly diskReadBytesPerS: number | null;
  readonly diskWriteBytesPerS: number | null;
}

export const NO_RATES: Rates = {
  cpuPercent: null,
  netRxBytesPerS: null,
  netTxBytesPerS: null,
  diskReadBytesPerS: null,
  diskWriteBytesPerS: null,
};

/** Growth over everything that was there both times; null when nothing was, or a counter went back (reset, wrapped). */
function growth(
  before: ReadonlyMap<string, Counters> | null,
  after: ReadonlyMap<string, Counters> | null,
): Counters | null {
  if (before === null || after === null) return null;
  let first = 0;
  let second = 0;
  let seen = 0;
  for (const [name, now] of after) {
    const then = before.get(name);
    if (then === undefined) continue;
    if (now.first < then.first || now.second < then.second) return null;
    first += now.first - then.first;
    second += now.second - then.second;
    seen += 1;
  }
  return seen === 0 ? null : { first, second };
}

/** Rates per second between two readings; null wherever they cannot be told, never 0 for it. */
export function ratesBetween(before: Reading, after: Reading): Rates {
  const seconds = (after.at - before.at) / 1000;
  if (!(seconds > 0)) return NO_RATES;
  const perSecond = (value: number | undefined): number | null =>
    value === undefined ? null : Math.round(value / seconds);
  const total = after.cpu === null || before.cpu === null ? 0 : after.cpu.total - before.cpu.total;
  const busy = after.cpu === null || before.cpu === null ? 0 : after.cpu.busy - before.cpu.busy;
  const net = growth(before.net, after.net);
  const disk = growth(before.disk, after.disk);
  return {
    // Idle time of a core may be counted late by the kernel, so that "busy" can shrink: no reading rather than a negative one.
    cpuPercent: total > 0 && busy >= 0 ? Math.min(100, Math.round((1000 * busy) / total) / 10) : null,
    netRxBytesPerS: perSecond(net?.first),
    netTxBytesPerS: perSecond(net?.second),
    diskReadBytesPerS: perSecond(disk?.first),
    diskWriteBytesPerS: perSecond(disk?.second),
  };
}
