import type { Clock } from '../../shared/base/clock.ts';

/** The longest wait Node's timers can do; longer ones would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's clocks. Waiting keeps the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(LONGEST_MS, Math.max(0, delayMs)));
    return () => clearTimeout(timer);
  },
};
