import type { Clock } from '../../shared/base/clock.ts';

/** The clock of a machine that can be put to sleep. */
export interface MachineClock extends Clock {
  /** From now on nothing runs and the monotonic clock stands still, as on a suspended system; the wall clock goes on. */
  sleep(): void;
  /** Goes on where it stopped: waiting times have as much left as they had. */
  wake(): void;
  /** Everything that waits is forgotten, for good. */
  end(): void;
}

interface Waiting {
  /** By this machine's monotonic clock. */
  readonly due: number;
  readonly run: () => void;
  cancel: (() => void) | null;
}

export function machineClock(clock: Clock): MachineClock {
  const waiting = new Set<Waiting>();
  /** Monotonic time spent asleep so far. */
  let slept = 0;
  let asleepSince: number | null = null;
  let ended = false;

  const monotonic = (): number => (asleepSince ?? clock.monotonic()) - slept;

  function arm(one: Waiting): void {
    one.cancel = clock.after(Math.max(0, one.due - monotonic()), () => {
      waiting.delete(one);
      one.run();
    });
  }

  return {
    now: () => clock.now(),
    monotonic,
    after(delayMs, run) {
      const one: Waiting = { due: monotonic() + delayMs, run, cancel: null };
      if (ended) return () => undefined;
      waiting.add(one);
      if (asleepSince === null) arm(one);
      return () => {
        waiting.delete(one);
        one.cancel?.();
      };
    },
    sleep() {
      if (asleepSince !== null) return;
      asleepSince = clock.monotonic();
      for (const one of waiting) one.cancel?.();
    },
    wake() {
      if (asleepSince === null) return;
      slept += clock.monotonic() - asleepSince;
      asleepSince = null;
      for (const one of [...waiting]) arm(one);
    },
    end() {
      ended = true;
      for (const one of waiting) one.cancel?.();
      waiting.clear();
    },
  };
}
