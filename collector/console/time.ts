/**
 * The page's clock: the collector's time, so that an age is right on a machine whose own clock is not. Invented scenes
 * put a fixed start here, so that their pictures do not change from day to day.
 */
let ahead = 0;
let source: () => number = () => Date.now();

/** Milliseconds since 1970 by the collector's clock, as well as this page knows it. */
export function now(): number {
  return source() + ahead;
}

/** The collector has just said what time it is. */
export function setCollectorTime(at: number): void {
  ahead = at - source();
}

export function setTimeSource(read: () => number): void {
  source = read;
  ahead = 0;
}
