/** Work that several callers wait for and that is given up only when none of them is left. */
export interface Shared<Result> {
  /** The work itself; awaiting it does not keep it alive. */
  readonly result: Promise<Result>;
  /** Everybody who waited has left; what comes of it now is nobody's answer. */
  readonly abandoned: boolean;
  /** Resolves with the work's result, or with `null` as soon as this caller's signal fires. */
  join(signal: AbortSignal): Promise<Result | null>;
}

/** Starts `work` at once. `work` must not reject and should end soon after its signal fires. */
export function share<Result>(work: (signal: AbortSignal) => Promise<Result>): Shared<Result> {
  const controller = new AbortController();
  const result = work(controller.signal);
  let waiting = 0;
  return {
    result,
    get abandoned() {
      return controller.signal.aborted;
    },
    async join(signal) {
      waiting += 1;
      return await new Promise<Result | null>(resolve => {
        const leave = (): void => {
          waiting -= 1;
          if (waiting === 0) controller.abort();
          resolve(null);
        };
        if (signal.aborted) {
          leave();
          return;
        }
        signal.addEventListener('abort', leave, { once: true });
        void result.then(value => {
          signal.removeEventListener('abort', leave);
          resolve(value);
        });
      });
    },
  };
}
