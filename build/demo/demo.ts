import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../collector/store/store.ts';
import { type Child, startChild } from '../child.ts';
import { DEMO_SEED } from './demo-seed.ts';
import { namesOf } from './fleet.ts';
import { openKeys } from './keys.ts';
import { type DemoPerson, seedDemo } from './seed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Note in the store: the seed of the company in it. */
const NOTE = 'demo-company';

export interface Demo {
  /** People added with their passwords; none when the company was there already. */
  readonly people: readonly DemoPerson[];
  /** Starts the machines as a child process that streams to the collector at `url`. */
  startFleet(url: string, logFile: string): Child;
}

/**
 * Puts the company into the store, unless it is there from the last time. `data` is the demo's own folder; the machines'
 * keys are kept in it.
 */
export async function startDemo(
  store: Store,
  { data, now = Date.now() }: { data: string; now?: number },
): Promise<Demo> {
  const keysFile = join(data, 'machine-keys.json');
  const keys = openKeys(keysFile, namesOf(DEMO_SEED));
  const known = (await store.getNote(NOTE)) === String(DEMO_SEED);
  const people = known ? [] : (await seedDemo(store, { now, seed: DEMO_SEED, keys })).people;
  if (!known) await store.setNote(NOTE, String(DEMO_SEED));
  return {
    people,
    startFleet: (url, logFile) =>
      startChild(
        'fleet',
        [
          join(root, 'build/demo/fleet-process.ts'),
          ...['--url', url, '--keys', keysFile, '--seed', String(DEMO_SEED), '--anchor', String(now)],
        ],
        { cwd: root, logFile, env: {} },
      ),
  };
}
