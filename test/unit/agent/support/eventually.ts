/** Waits until `look` gives something other than undefined, null or false; fails with the last state after `withinMs`. */
export async function eventually<Value>(
  look: () => Value | undefined | null | false,
  { withinMs = 10_000, state = () => '' }: { withinMs?: number; state?: () => string } = {},
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = look();
    if (value !== undefined && value !== null && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms; last state: ${state()}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
