/**
 * How many programs start at once. Each start waits for a slot; a program keeps its slot until it ends, but no longer than
 * `holdMs`: one that hangs gives its place on, so that it delays no other by more than that.
 */
export interface Slots {
  /** Resolves with the function that gives the slot back, or with null when `signal` fired first. */
  take(signal?: AbortSignal): Promise<(() => void) | null>;
}

export function createSlots(most: number, holdMs: number): Slots {
  let free = most;
  const waiting: (() => void)[] = [];

  function occupy(): () => void {
    free -= 1;
    let held = true;
    const give = (): void => {
      if (!held) return;
      held = false;
      clearTimeout(timer);
      free += 1;
      waiting.shift()?.();
    };
    const timer = setTimeout(give, holdMs);
    timer.unref();
    return give;
  }

  return {
    async take(signal) {
      if (free > 0 && waiting.length === 0) return occupy();
      return await new Promise(resolve => {
        const mine = (): void => {
          signal?.removeEventListener('abort', leave);
          resolve(occupy());
        };
        const leave = (): void => {
          const at = waiting.indexOf(mine);
          if (at >= 0) waiting.splice(at, 1);
          resolve(null);
        };
        waiting.push(mine);
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
  };
}
