/**
 * The demo's machines as a process of their own, so that their load does not sit in the collector's:
 *
 *     node build/demo/fleet-process.ts --url http://127.0.0.1:8620 --keys FILE [--seed N] [--count N] [--anchor MS]
 *
 * Prints one JSON line `{"machines": 60}` on standard output when all are started. Ends with SIGINT or SIGTERM.
 */
import { parseArgs } from 'node:util';
import { toProblem } from '../../shared/problem/problem.ts';
import { companyOf } from './company.ts';
import { DEMO_SEED } from './demo-seed.ts';
import { namesOf, startDemoFleet } from './fleet.ts';
import { openKeys } from './keys.ts';

/** Longest that goodbyes may take. */
const STOP_MS = 5000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    strict: true,
    options: {
      url: { type: 'string' },
      keys: { type: 'string' },
      seed: { type: 'string', default: String(DEMO_SEED) },
      count: { type: 'string', default: '60' },
      anchor: { type: 'string' },
    },
  });
  const { url, keys: keysFile } = values;
  if (url === undefined || keysFile === undefined) throw new Error('--url and --keys are needed');
  const seed = number('seed', values.seed);
  const count = number('count', values.count);
  const anchor = values.anchor === undefined ? Date.now() : number('anchor', values.anchor);
  const keys = openKeys(keysFile, namesOf(seed, count));

  let ended = false;
  const starting = startDemoFleet({ url, keys, seed, count, anchor });
  const stop = (): void => {
    if (ended) return;
    ended = true;
    const deadline = setTimeout(() => process.exit(1), STOP_MS);
    void starting
      .then(fleet => fleet.stop())
      .then(() => {
        clearTimeout(deadline);
        process.exit(0);
      });
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await starting;
  process.stdout.write(`${JSON.stringify({ machines: companyOf(seed, count).fleet.length })}\n`);
}

function number(name: string, text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new Error(`--${name} must be a whole number`);
  return Number(text);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `The demo's machines could not start: ${toProblem(error).detail} ${error instanceof Error ? error.message : ''}\n`,
  );
  process.exitCode = 1;
});
