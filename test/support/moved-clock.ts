import type { Clock } from '../../shared/base/clock.ts';

interface Timer {
  readonly due: number;
  readonly run: () => void;
}

/**
 * A device's clock that the test moves: it runs with the machine's, `skip` lets time pass at once (timers that fall due run
 * in order, each at its own time), `jump` moves the wall clock only, as a person or a time server does.
 */
export class MovedClock implements Clock {
  #skipped = 0;
  #jumped = 0;
  readonly #started = { wall: Date.now(), monotonic: performance.now() };
  readonly #timers = new Map<Timer, NodeJS.Timeout>();
  /** While skipping: the time it is. */
  #held: number | null = null;

  monotonic(): number {
    return this.#held ?? performance.now() + this.#skipped;
  }

  now(): number {
    return this.#started.wall + (this.monotonic() - this.#started.monotonic) + this.#jumped;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { due: this.monotonic() + Math.max(0, delayMs), run };
    const handle = setTimeout(() => this.#fire(timer), Math.max(0, delayMs));
    this.#timers.set(timer, handle);
    return () => this.#forget(timer);
  }

  #forget(timer: Timer): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.delete(timer);
  }

  #fire(timer: Timer): void {
    if (!this.#timers.has(timer)) return;
    this.#forget(timer);
    timer.run();
  }

  jump(ms: number): void {
    this.#jumped += ms;
  }

  skip(ms: number): void {
    const until = this.monotonic() + ms;
    for (;;) {
      const next = [...this.#timers.keys()]
        .filter(({ due }) => due <= until)
        .sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#held = Math.max(this.monotonic(), next.due);
      this.#fire(next);
    }
    this.#held = null;
    this.#skipped += Math.max(0, until - this.monotonic());
    // What still waits is due sooner by what was skipped.
    for (const timer of [...this.#timers.keys()]) {
      clearTimeout(this.#timers.get(timer));
      this.#timers.set(
        timer,
        setTimeout(() => this.#fire(timer), Math.max(0, timer.due - this.monotonic())),
      );
    }
  }

  /** Nothing runs any more. */
  stop(): void {
    for (const timer of [...this.#timers.keys()]) this.#forget(timer);
  }
}
