/** What is waited for and how long; `what` stands in the failure. */
export interface Waiting {
  readonly what: string;
  /** A deadline for a broken product, not a measurement: generous, because machines that run tests are busy. */
  readonly withinMs?: number;
  /** How things stand, for the failure. */
  readonly state?: () => unknown;
}

const EVERY_MS = 20;

export function sleepFor(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/**
 * Asks again and again until `check` gives a value that is neither undefined, null nor false, and gives that value. A
 * `check` that throws counts as not yet. Fails with what was waited for and the last state seen.
 */
export async function eventually<Value>(
  check: () => Value | undefined | null | false | Promise<Value | undefined | null | false>,
  { what, withinMs = 15_000, state }: Waiting,
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  let last: unknown = 'never asked';
  for (;;) {
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const seen = state === undefined ? last : state();
      throw new Error(`${what}: not within ${withinMs} ms; last state: ${tell(seen)}`);
    }
    await sleepFor(EVERY_MS);
  }
}

function tell(state: unknown): string {
  if (state instanceof Error) return state.message;
  return typeof state === 'string' ? state : (JSON.stringify(state)?.slice(0, 4000) ?? String(state));
}

/** The value of a promise, or a failure that says what did not come. */
export async function within<Value>(
  promise: Promise<Value>,
  { what, withinMs = 15_000, state }: Waiting,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const seen = state === undefined ? '' : `; state: ${tell(state())}`;
      reject(new Error(`${what}: not within ${withinMs} ms${seen}`));
    }, withinMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
