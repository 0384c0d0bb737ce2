/**
 * Faults under load: `npm run faults` prints a table, `-- --json` one line, `-- --only NAME` runs one of them, `-- --store
 * sqlite|mongodb` on one database, `-- --long` the full counts (many hours), `-- --minutes N` no longer than that for each.
 * Ends with status 1 when anything was lost or doubled, or when a fault could not be judged. README.md says what each figure
 * means.
 */
import { Console } from 'node:console';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { seeded } from '../load/support/stats.ts';
import { ROOT } from '../support/child.ts';
import type { Spoiling } from '../support/kept.ts';
import { findMongod, ReplicaSet } from '../support/mongod.ts';
import { closeEverything } from '../support/teardown.ts';
import { damageOutbox, jumpClock, killAgents } from './parts/agent.ts';
import {
  cutDatabase,
  cutNetwork,
  freezeCollector,
  frozen,
  jumpCollectorClock,
  killCollector,
} from './parts/collector.ts';
import { killPrimary, stepDown } from './parts/database.ts';
import { breakDisk, fillDisk } from './parts/disk.ts';
import { fuzz } from './parts/fuzz.ts';
import { budgetOf, type Fault, type Outcome, type StoreName } from './scene.ts';

const FAULTS: readonly Fault[] = [
  killCollector,
  killAgents,
  freezeCollector,
  frozen,
  cutNetwork,
  cutDatabase,
  damageOutbox,
  jumpClock,
  jumpCollectorClock,
  fillDisk,
  breakDisk,
  fuzz,
  killPrimary,
  stepDown,
];
const STORES: readonly StoreName[] = ['sqlite', 'mongodb'];
/** Faults under way at once in a short run: most of their time they wait for something to come back. */
const AT_ONCE = 3;

// Standard output is the result; everything else that is said goes to standard error.
globalThis.console = new Console(process.stderr, process.stderr);

interface Row extends Outcome {
  readonly fault: string;
  readonly store: StoreName;
}

interface Given {
  readonly json: boolean;
  readonly long: boolean;
  readonly faults: readonly Fault[];
  readonly stores: readonly StoreName[];
  readonly atOnce: number;
  readonly seed: number;
  readonly minutes: number | null;
  readonly spoiling: Spoiling | null;
}

const number = z.string().regex(/^\d+$/).transform(Number).optional();

/** Null: something is wrong with the arguments, which is told. */
function given(): Given | null {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      only: { type: 'string' },
      store: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      'at-once': { type: 'string' },
      spoil: { type: 'string' },
    },
  });
  const names = values.only?.split(',').map(name => name.trim());
  const stores = STORES.filter(store => values.store === undefined || values.store === store);
  const parsed = z
    .object({ seed: number, minutes: number, atOnce: number, spoil: z.enum(['lose', 'double']).optional() })
    .safeParse({ ...values, atOnce: values['at-once'] }).data;
  if (
    parsed === undefined ||
    stores.length === 0 ||
    names?.some(name => !FAULTS.some(it => it.name === name))
  ) {
    console.error(
      `faults: --only one of ${FAULTS.map(({ name }) => name).join(', ')}; --store ${STORES.join(' or ')}; ` +
        '--seed, --minutes, --at-once with a number; --spoil lose or double',
    );
    return null;
  }
  const { json, long } = values;
  return {
    json,
    long,
    faults: FAULTS.filter(({ name }) => names === undefined || names.includes(name)),
    stores,
    // Alone, a long run's times mean something.
    atOnce: Math.max(1, parsed.atOnce ?? (long ? 1 : AT_ONCE)),
    seed: parsed.seed ?? Math.floor(Math.random() * 2 ** 31),
    minutes: parsed.minutes ?? null,
    spoiling: parsed.spoil ?? null,
  };
}

/** Nothing new is begun. */
let ending = false;

async function main(): Promise<number> {
  const options = given();
  if (options === null) return 2;
  const { faults, stores, seed, long, minutes, spoiling } = options;
  const program = stores.includes('mongodb') ? await findMongod() : null;
  if (program === null && !stores.includes('sqlite')) return 2;
  console.error(`seed ${seed}`);
  // Programs are started some hundred times; half of that is reading their sources. A long run starts them as they are.
  if (!long) process.env.NODE_COMPILE_CACHE ??= join(ROOT, 'dist', 'compiled');

  const mongod = (): string => {
    if (program === null) throw new Error('this fault needs MongoDB');
    return program;
  };
  const sets = new Map<number, Promise<ReplicaSet>>();
  const servers = (members: 1 | 3): Promise<ReplicaSet> => {
    const set = sets.get(members) ?? ReplicaSet.start(mongod(), members);
    sets.set(members, set);
    return set;
  };
  const rows: Row[] = [];
  let failed = false;

  async function bringAbout(fault: Fault, store: StoreName): Promise<void> {
    const tell = (what: string): void => console.error(`${fault.name} ${store}: ${what}`);
    const missing = (await fault.missing?.()) ?? null;
    if (missing !== null) {
      tell(`left out: ${missing}`);
      return;
    }
    const own = createHash('sha256').update(`${seed} ${fault.name} ${store}`).digest().readUInt32BE();
    const scene = {
      ...{ store, long, spoiling, mongod, servers, tell },
      budgetMs: budgetOf({ long, minutes }),
      random: seeded(own),
      seed: own % 2 ** 31,
    };
    const from = performance.now();
    try {
      const outcome = await fault.run(scene);
      const seconds = ((performance.now() - from) / 1000).toFixed(1);
      tell(`${outcome.times} times, lost ${outcome.lost}, doubled ${outcome.doubled}, ${seconds} s`);
      if (outcome.invented > 0) {
        failed = true;
        tell(`${outcome.invented} readings are stored that nobody sent`);
      }
      rows.push({ fault: fault.name, store, ...outcome });
    } catch (error) {
      failed = true;
      if (ending) return;
      tell(`could not be judged: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const all = stores.flatMap(store =>
    store === 'mongodb' && program === null
      ? []
      : faults.filter(fault => (fault.store ?? store) === store).map(fault => ({ fault, store })),
  );
  // Those that break the shared servers run one after the other, and first: their elections take longest.
  const lanes = [
    all.filter(({ fault }) => fault.breaksServers),
    ...all.filter(({ fault }) => !fault.breaksServers).map(one => [one]),
  ];
  const waiting = lanes.values();
  await Promise.all(
    Array.from({ length: options.atOnce }, async () => {
      for (const lane of waiting) {
        for (const { fault, store } of lane) if (!ending) await bringAbout(fault, store);
      }
    }),
  );
  const place = ({ fault, store }: Row): number =>
    all.findIndex(one => one.fault.name === fault && one.store === store);
  rows.sort((a, b) => place(a) - place(b));
  process.stdout.write(options.json ? `${json(rows)}\n` : table(rows));
  return failed || rows.length === 0 || rows.some(({ lost, doubled }) => lost + doubled > 0) ? 1 : 0;
}

function json(rows: readonly Row[]): string {
  return JSON.stringify(
    rows.map(({ fault, store, sent, acked, stored, lost, doubled, recoverMs }) => ({
      ...{ fault, store, sent, acked, stored, lost, doubled, recoverMs },
    })),
  );
}

function table(rows: readonly Row[]): string {
  const lines = [
    ['fault', 'store', 'times', 'sent', 'acked', 'stored', 'lost', 'doubled', 'recovered'],
    ...rows.map(({ fault, store, times, sent, acked, stored, lost, doubled, recoverMs }) => [
      ...[fault, store],
      ...[times, sent, acked, stored, lost, doubled].map(String),
      `${(recoverMs / 1000).toFixed(1)} s`,
    ]),
  ];
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map(line => (line[i] ?? '').length)));
  const text = lines.map(line =>
    line
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return `${text.join('\n')}\n`;
}

// Ended by hand it leaves nothing behind either: no process, no mounted disk, no folder.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    ending = true;
    void closeEverything().finally(() => process.exit(1));
  });
}
let status = 1;
try {
  status = await main();
} finally {
  await closeEverything();
}
// Sockets of devices that were told to leave may still be closing.
process.exit(status);
