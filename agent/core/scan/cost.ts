import { readFileSync } from 'node:fs';

/** What one program took of the machine. */
export interface ProgramCost {
  /** From its start to its end. */
  readonly wallMs: number;
  /** Processor time of it and of the children it waited for; null where the system does not tell it apart. */
  readonly cpuMs: number | null;
}

/** Linux counts processor time for programs in hundredths of a second (USER_HZ, proc_pid_stat(5)). */
const TICK_MS = 10;

/**
 * Processor milliseconds of all ended children of this process so far; null where the system does not tell (only Linux does
 * without a native module: fields 16 and 17 of /proc/self/stat, cutime and cstime).
 */
export function childrenCpuMs(): number | null {
  if (process.platform !== 'linux') return null;
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // The name in parentheses may hold blanks; field 3 follows its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[13]) + Number(fields[14]);
    return Number.isFinite(ticks) ? ticks * TICK_MS : null;
  } catch {
    return null;
  }
}

interface Ended {
  cpuMs: number | null;
  settled: boolean;
}

/**
 * Tells the processor time of one child from that of another by what the sum grew by when it ended. Two that ended before
 * the sum could be read cannot be told apart, and then neither is told anything. Rounding is carried on, so that many short
 * programs add up to what they took.
 */
export function createChildMeter(read: () => number | null = childrenCpuMs): {
  /** Before a child starts. */
  starts(): void;
  /** A child's end was noticed; the function gives its processor time, at the latest when its output is complete. */
  ended(): () => number | null;
} {
  let last: number | null = null;
  let waiting: Ended[] = [];

  function settle(): void {
    if (waiting.length === 0) return;
    const now = read();
    const [only, ...others] = waiting;
    if (only !== undefined && others.length === 0 && now !== null && last !== null) {
      only.cpuMs = Math.max(0, now - last);
    }
    for (const one of waiting) one.settled = true;
    waiting = [];
    last = now;
  }

  return {
    starts() {
      last ??= read();
    },
    ended() {
      const mine: Ended = { cpuMs: null, settled: false };
      waiting.push(mine);
      // Ends noticed in the same turn of the event loop were reaped together.
      setImmediate(settle);
      return () => {
        if (!mine.settled) settle();
        return mine.cpuMs;
      };
    },
  };
}
