/**
 * Waiting time before connection attempt `attempt` (0 = the first retry), in milliseconds.
 *
 * Capped exponential growth with jitter over the whole interval *after* the cap ("full jitter"): uniform in
 * [0, min(cap, base * 2^attempt)]. Jitter before the cap would leave every long-disconnected agent retrying on the same
 * beat, which is what turns a restart into a storm. `floorMs` keeps the very first retry from being immediate.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function fullJitter(
  attempt: number,
  random: () => number,
  {
    baseMs = 1000,
    capMs = 60_000,
    floorMs = 100,
  }: { baseMs?: number; capMs?: number; floorMs?: number } = {},
): number {
  const exponent = Math.min(Math.max(0, Math.floor(attempt)), 30);
  const ceiling = Math.min(capMs, baseMs * 2 ** exponent);
  return Math.max(floorMs, Math.floor(random() * ceiling));
}

/** Spreads a period by ±`share` (0.2 = ±20 %), so that agents started together drift apart. */
export function jittered(periodMs: number, random: () => number, share = 0.2): number {
  return Math.max(1, Math.round(periodMs * (1 - share + 2 * share * random())));
}
