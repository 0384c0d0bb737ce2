import type { Clock } from '../../../shared/base/clock.ts';
import { SECOND } from '../../../shared/base/durations.ts';

export interface PulseReading {
  readonly wall: number;
  readonly monotonic: number;
  /** Since the system started, sleep included; null where it cannot be told. */
  readonly uptime: number | null;
}

export interface Gap {
  /** The system slept (or this process was held) for about this long; 0 when it did not. */
  readonly sleptMs: number;
  /** Somebody moved the wall clock by this much; 0 when nobody did. */
  readonly jumpMs: number;
}

/** Differences below this are the scheduling of a busy machine. */
const SLEEP_MS = 10 * SECOND;
const JUMP_MS = 5 * SECOND;

/**
 * What happened between two readings that should be `expectedMs` apart. Whether the monotonic clock runs during sleep
 * differs by system (Linux: no; Windows and macOS: yes, then the timer is late), so both signs are looked at. With the
 * uptime known a moved wall clock is told from sleep; without it a wall clock that ran ahead counts as sleep.
 */
export function gapBetween(before: PulseReading, after: PulseReading, expectedMs: number): Gap {
  const monotonic = after.monotonic - before.monotonic;
  const wall = after.wall - before.wall;
  const uptime = before.uptime === null || after.uptime === null ? null : after.uptime - before.uptime;
  const passed = Math.max(monotonic, uptime ?? monotonic);
  const late = passed - expectedMs;
  const drift = wall - passed;
  if (uptime === null && drift > SLEEP_MS) return { sleptMs: drift, jumpMs: 0 };
  return {
    sleptMs: late > SLEEP_MS ? late : 0,
    jumpMs: Math.abs(drift) > JUMP_MS ? drift : 0,
  };
}

export interface PulseOptions {
  readonly clock: Clock;
  readonly uptimeMs: () => number | null;
  readonly everyMs?: number;
  readonly noticed: (gap: Gap) => void;
}

/** Looks at the clocks every half minute and says when they do not agree. The returned function ends it. */
export function startPulse({ clock, uptimeMs, everyMs = 30 * SECOND, noticed }: PulseOptions): () => void {
  const read = (): PulseReading => ({ wall: clock.now(), monotonic: clock.monotonic(), uptime: uptimeMs() });
  let before = read();
  let cancel = clock.after(everyMs, beat);
  function beat(): void {
    const after = read();
    const gap = gapBetween(before, after, everyMs);
    before = after;
    cancel = clock.after(everyMs, beat);
    if (gap.sleptMs !== 0 || gap.jumpMs !== 0) noticed(gap);
  }
  return () => cancel();
}
