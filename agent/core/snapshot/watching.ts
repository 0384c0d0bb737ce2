import type { Clock } from '../../../shared/base/clock.ts';
import type { Watch } from '../../../shared/protocol/to-device.ts';

export interface Viewer {
  readonly name: string;
  /** Milliseconds since 1970, collector's clock. */
  readonly since: number;
}

export interface WatchingOptions {
  readonly clock: Clock;
  /** Takes and writes one reading. */
  readonly look: () => Promise<void>;
  readonly changed: (viewers: readonly Viewer[]) => void;
}

export interface Watching {
  watch(watch: Watch): void;
  end(): void;
}

/** The high rate while somebody looks: one reading after the other, never two at once, until nobody does or time is up. */
export function createWatching({ clock, look, changed }: WatchingOptions): Watching {
  let viewers: readonly Viewer[] = [];
  let everyMs = 1000;
  let until = 0;
  let cancel: (() => void) | null = null;
  let looking = false;

  function set(next: readonly Viewer[]): void {
    if (JSON.stringify(next) === JSON.stringify(viewers)) return;
    viewers = next;
    changed(viewers);
  }

  function end(): void {
    cancel?.();
    cancel = null;
    set([]);
  }

  async function turn(): Promise<void> {
    if (looking) return;
    if (viewers.length === 0) return;
    if (clock.monotonic() >= until) {
      end();
      return;
    }
    looking = true;
    const started = clock.monotonic();
    try {
      await look();
    } finally {
      looking = false;
    }
    if (viewers.length === 0) return;
    const rest = Math.max(0, everyMs - (clock.monotonic() - started));
    cancel = clock.after(Math.min(rest, Math.max(0, until - clock.monotonic())), () => void turn());
  }

  return {
    watch(watch) {
      if (watch.viewers.length === 0 || watch.forMs === 0) {
        end();
        return;
      }
      everyMs = watch.everyMs;
      until = clock.monotonic() + watch.forMs;
      const idle = viewers.length === 0;
      set(watch.viewers.map(({ name, since }) => ({ name, since })));
      if (idle) void turn();
    },
    end,
  };
}
