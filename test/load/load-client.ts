/**
 * The process that plays the devices (and the console pages): `node test/load/load-client.ts '{"part": ..., ...}'`. Started by
 * the parts of bench.ts, which tell it what to do next on standard input and read its answers from standard output.
 */
import { z } from 'zod';
import { runDay } from './clients/day.ts';
import { runIdle } from './clients/idle.ts';
import { runIngest } from './clients/ingest.ts';
import { runStorm } from './clients/storm.ts';
import { runWatch } from './clients/watch.ts';
import { say } from './support/commands.ts';

const base = { url: z.string(), token: z.string() };
const task = z.discriminatedUnion('part', [
  z.object({
    part: z.literal('ingest'),
    ...base,
    /** Further collectors on the same database; the connections go round. */
    others: z.array(z.string()).optional(),
    connections: z.number().int(),
    window: z.number().int().min(1).max(64),
    warmUpMs: z.number(),
    measureMs: z.number(),
  }),
  z.object({ part: z.literal('idle'), ...base, agents: z.number().int() }),
  z.object({
    part: z.literal('storm'),
    ...base,
    agents: z.number().int(),
    everyMs: z.number(),
    steadyMs: z.number(),
    limitMs: z.number(),
    expected: z.string(),
  }),
  z.object({
    part: z.literal('watch'),
    ...base,
    devices: z.number().int(),
    perS: z.number(),
    measureMs: z.number(),
    user: z.string(),
    password: z.string(),
  }),
  z.object({ part: z.literal('day'), ...base, devices: z.number().int(), minutes: z.number().int() }),
]);
export type Task = z.infer<typeof task>;

async function run(): Promise<void> {
  const given = task.parse(JSON.parse(process.argv[2] ?? '{}'));
  switch (given.part) {
    case 'ingest':
      return runIngest(given);
    case 'idle':
      return runIdle(given);
    case 'storm':
      return runStorm(given);
    case 'watch':
      return runWatch(given);
    case 'day':
      return runDay(given);
  }
}

run().then(
  () => process.exit(0),
  (error: unknown) => {
    say({ failed: error instanceof Error ? error.message : String(error) });
    process.stderr.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    process.exit(1);
  },
);
