/** A stretch of time in which nothing is known. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export interface Reading {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds to the next reading, as it was meant. */
  readonly stepMs: number;
  readonly values: readonly (number | null)[];
}

/** Readings a second apart arrive with some jitter; only more than this is missing time. */
const SLACK_MS = 3500;

/**
 * Columns to draw from, with an empty reading put into every gap so that no curve bridges it, and the gaps themselves
 * within `from` to `to`. A gap is more than two steps without a reading.
 */
export function toColumns(
  readings: readonly Reading[],
  width: number,
  from: number,
  to: number,
): { at: number[]; columns: (number | null)[][]; gaps: Gap[] } {
  const at: number[] = [];
  const columns: (number | null)[][] = Array.from({ length: width }, () => []);
  const gaps: Gap[] = [];
  let known = from;
  let allowed = 0;
  const put = (when: number, values: readonly (number | null)[]) => {
    at.push(when);
    columns.forEach((column, index) => {
      column.push(values[index] ?? null);
    });
  };
  const first = readings.findIndex(reading => reading.at >= from);
  for (const reading of readings.slice(Math.max(0, (first === -1 ? readings.length : first) - 1))) {
    if (reading.at > to) continue;
    if (reading.at < from) {
      // The curve enters from the left edge: the last reading before it belongs to what is seen, if it still counted.
      if (from - reading.at > Math.max(SLACK_MS, reading.stepMs * 2)) continue;
      put(reading.at, reading.values);
      known = reading.at;
      allowed = reading.stepMs;
      continue;
    }
    const limit = Math.max(allowed, reading.stepMs) * 2;
    if (reading.at - known > Math.max(SLACK_MS, limit)) {
      gaps.push({ from: Math.max(from, known), to: reading.at, reason: 'unknown' });
      if (at.length > 0) put(known + 1, []);
    }
    put(reading.at, reading.values);
    known = reading.at;
    allowed = reading.stepMs;
  }
  if (to - known > Math.max(SLACK_MS, allowed * 2))
    gaps.push({ from: Math.max(from, known), to, reason: 'unknown' });
  return { at, columns, gaps };
}

/** Gives each gap the reason of the known one it overlaps most. */
export function withReasons(gaps: readonly Gap[], known: readonly Gap[]): Gap[] {
  return gaps.map(gap => {
    let best: Gap | null = null;
    let most = 0;
    for (const one of known) {
      const overlap = Math.min(gap.to, one.to) - Math.max(gap.from, one.from);
      if (overlap > most) {
        best = one;
        most = overlap;
      }
    }
    return best === null ? gap : { ...gap, reason: best.reason };
  });
}

/**
 * The readings that say something about these columns. A metric may be read less often than the others (a battery, once a
 * minute), so what is left counts for a minute each: only more than that is missing.
 */
export function told(readings: readonly Reading[], columns: readonly number[]): readonly Reading[] {
  const some = readings.filter(reading => columns.some(index => (reading.values[index] ?? null) !== null));
  if (some.length === readings.length) return readings;
  return some.map(reading => ({ ...reading, stepMs: Math.max(reading.stepMs, 60_000) }));
}
