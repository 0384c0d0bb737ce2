import type { Clock } from '../../../../shared/base/clock.ts';

/** A clock that stands still until it is moved. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers: { at: number; order: number; run: () => void }[] = [];
  #order = 0;

  constructor(now = Date.UTC(2026, 10, 22)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, run: () => void): () => void {
    this.#order += 1;
    const timer = { at: this.#monotonic + Math.max(0, delayMs), order: this.#order, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer);
    };
  }

  get waiting(): number {
    return this.#timers.length;
  }

  /** Milliseconds until the next timer; null when none waits. */
  get next(): number | null {
    const times = this.#timers.map(({ at }) => at);
    return times.length === 0 ? null : Math.min(...times) - this.#monotonic;
  }

  /** Lets time pass, running what falls due in order. */
  advance(ms: number): void {
    const until = this.#monotonic + ms;
    for (;;) {
      const [first] = this.#timers
        .filter(({ at }) => at <= until)
        .sort((a, b) => a.at - b.at || a.order - b.order);
      if (first === undefined) break;
      this.#timers = this.#timers.filter(timer => timer !== first);
      this.#now += first.at - this.#monotonic;
      this.#monotonic = first.at;
      first.run();
    }
    this.#now += until - this.#monotonic;
    this.#monotonic = until;
  }

  /** Sleep on a system whose monotonic clock stands still meanwhile, or somebody setting the clock. */
  jumpWall(ms: number): void {
    this.#now += ms;
  }
}
