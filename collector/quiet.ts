import { HOUR } from '../shared/base/durations.ts';

/** One line an hour for each thing that keeps happening. */
const QUIET_MS = HOUR;
/** Different things remembered; beyond it the oldest are forgotten, so a flood of new ones costs no memory. */
const REMEMBERED = 10_000;

/** Tells the first time of a thing from its repetitions. */
export class Quiet {
  readonly #monotonic: () => number;
  readonly #seen = new Map<string, number>();

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** true once an hour for each `what`. */
  first(what: string): boolean {
    const now = this.#monotonic();
    const last = this.#seen.get(what);
    if (last !== undefined && now - last < QUIET_MS) return false;
    this.#seen.delete(what);
    this.#seen.set(what, now);
    if (this.#seen.size > REMEMBERED) {
      const [oldest] = this.#seen.keys();
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return true;
  }
}
