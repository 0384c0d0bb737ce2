/**
 * Time as a dependency. `now` is the wall clock and may jump in either direction; `monotonic` never goes back and is the
 * only one that durations and deadlines are measured with. Implementations live at the edges (agent host, collector).
 */
export interface Clock {
  /** Milliseconds since 1970-01-01 UTC by the wall clock. */
  now(): number;
  /** Milliseconds since an arbitrary origin; never decreases. */
  monotonic(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels it and may be called twice. */
  after(delayMs: number, run: () => void): () => void;
}
