import type { Clock } from '../../shared/base/clock.ts';

/** How hard one account of a vendor may be asked. Each connector says why it is what it is. */
export interface RateRules {
  /** Requests under way at once. */
  readonly concurrent: number;
  /** At most so many requests started within any such span. */
  readonly windows?: readonly { readonly requests: number; readonly withinMs: number }[];
}

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/**
 * Lets requests of one account through at the pace its rules and the vendor's own words allow; in order of arrival.
 * A wait that the vendor asks for holds everybody back, not only the request that was told.
 */
export class Gate {
  readonly #rules: RateRules;
  readonly #clock: Clock;
  readonly #pause: Pause;
  /** Monotonic start times within the longest window, ascending. */
  readonly #started: number[] = [];
  #running = 0;
  #closedUntil = 0;
  readonly #waiting: (() => void)[] = [];
  /** The end of the line: whoever comes next waits for it. */
  #turn: Promise<void> = Promise.resolve();

  constructor(rules: RateRules, { clock, pause }: { clock: Clock; pause: Pause }) {
    this.#rules = rules;
    this.#clock = clock;
    this.#pause = pause;
  }

  /** Nobody passes for so long. */
  closeFor(ms: number): void {
    this.#closedUntil = Math.max(this.#closedUntil, this.#clock.monotonic() + ms);
  }

  /** Runs `work` when it is its turn. */
  async pass<Value>(work: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    const before = this.#turn;
    let done: () => void = () => {};
    this.#turn = new Promise(resolve => {
      done = resolve;
    });
    try {
      await before;
      await this.#room(signal);
      this.#running += 1;
    } finally {
      done();
    }
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #room(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#running >= this.#rules.concurrent) {
        await new Promise<void>(resolve => {
          this.#waiting.push(resolve);
        });
        continue;
      }
      const wait = this.#untilFree();
      if (wait <= 0) break;
      await this.#pause(wait, signal);
    }
    this.#started.push(this.#clock.monotonic());
  }

  #untilFree(): number {
    const now = this.#clock.monotonic();
    const windows = this.#rules.windows ?? [];
    const longest = Math.max(0, ...windows.map(window => window.withinMs));
    while (this.#started.length > 0 && (this.#started[0] ?? 0) <= now - longest) this.#started.shift();
    let wait = this.#closedUntil - now;
    for (const { requests, withinMs } of windows) {
      // The start that must have left the window before one more fits in.
      const blocking = this.#started.at(-requests);
      if (blocking !== undefined) wait = Math.max(wait, blocking + withinMs - now);
    }
    return wait;
  }
}
