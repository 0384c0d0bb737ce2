import type { SessionSurroundings } from '../../../collector/connect/connector.ts';
import type { Clock } from '../../../shared/base/clock.ts';

/** Time in which nobody waits: a pause is over at once, has passed all the same, and is written down. */
export class SwiftTime implements Clock {
  readonly pauses: number[] = [];
  #skipped = 0;

  now(): number {
    return Date.now() + this.#skipped;
  }

  monotonic(): number {
    return performance.now() + this.#skipped;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  }

  skip(ms: number): void {
    this.#skipped += ms;
  }

  readonly pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    this.pauses.push(ms);
    this.skip(ms);
    // Let others run, as a real pause does.
    await new Promise(resolve => setImmediate(resolve));
  };

  /** What a session stands on. `random` is the middle, so that waits are the same in every run. */
  get surroundings(): SessionSurroundings & Required<Pick<SessionSurroundings, 'pause'>> {
    return { clock: this, pause: this.pause, random: () => 0.5 };
  }
}
