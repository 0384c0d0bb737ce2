/**
 * Faults under load: `npm run faults` prints a table, `-- --json` one line, `-- --only NAME` runs one of them, `-- --store
 * sqlite|mongodb` on one database, `-- --long` the full counts (many hours). Ends with status 1 when anything was lost or
 * doubled, or when a fault could not be judged. README.md says what each figure means.
 */
import { Console } from 'node:console';
import { parseArgs } from 'node:util';
import { findMongod, ReplicaSet } from '../support/mongod.ts';
import { closeEverything } from '../support/teardown.ts';
import { damageOutbox, jumpClock, killAgents } from './parts/agent.ts';
import { cutNetwork, freezeCollector, killCollector } from './parts/collector.ts';
import { killPrimary, stepDown } from './parts/database.ts';
import { fuzz } from './parts/fuzz.ts';
import type { Fault, Outcome, StoreName } from './scene.ts';

const FAULTS: readonly Fault[] = [
  killCollector,
  killAgents,
  freezeCollector,
  cutNetwork,
  damageOutbox,
  jumpClock,
  fuzz,
  killPrimary,
  stepDown,
];
const STORES: readonly StoreName[] = ['sqlite', 'mongodb'];

// Standard output is the result; everything else that is said goes to standard error.
globalThis.console = new Console(process.stderr, process.stderr);

interface Row extends Outcome {
  readonly fault: string;
  readonly store: StoreName;
}

async function main(): Promise<number> {
  const { values: given } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      only: { type: 'string' },
      store: { type: 'string' },
    },
  });
  const names = given.only?.split(',').map(name => name.trim());
  const unknown = names?.filter(name => !FAULTS.some(fault => fault.name === name)) ?? [];
  const stores = STORES.filter(store => given.store === undefined || given.store === store);
  if (unknown.length > 0 || stores.length === 0) {
    console.error(
      `faults: --only one of ${FAULTS.map(({ name }) => name).join(', ')}; --store ${STORES.join(' or ')}`,
    );
    return 2;
  }
  const faults = FAULTS.filter(({ name }) => names === undefined || names.includes(name));
  const program = stores.includes('mongodb') ? await findMongod() : null;
  if (program === null && given.store === 'mongodb') return 2;

  const rows: Row[] = [];
  let failed = false;
  const sets = new Map<number, ReplicaSet>();
  for (const store of stores) {
    if (store === 'mongodb' && program === null) continue;
    for (const fault of faults) {
      if (fault.store !== undefined && fault.store !== store) continue;
      const tell = (what: string): void => console.error(`${fault.name} ${store}: ${what}`);
      try {
        const members = fault.members ?? 1;
        const servers =
          store === 'sqlite' || program === null
            ? null
            : (sets.get(members) ?? (await ReplicaSet.start(program, members)));
        if (servers !== null) sets.set(members, servers);
        const from = performance.now();
        const outcome = await fault.run({ store, long: given.long, servers, tell });
        tell(`${((performance.now() - from) / 1000).toFixed(1)} s`);
        if (outcome.invented > 0) {
          failed = true;
          tell(`${outcome.invented} readings are stored that nobody sent`);
        }
        rows.push({ fault: fault.name, store, ...outcome });
      } catch (error) {
        failed = true;
        tell(`could not be judged: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  process.stdout.write(given.json ? `${json(rows)}\n` : table(rows));
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
    ['fault', 'store', 'sent', 'acked', 'stored', 'lost', 'doubled', 'recovered'],
    ...rows.map(({ fault, store, sent, acked, stored, lost, doubled, recoverMs }) => [
      ...[fault, store],
      ...[sent, acked, stored, lost, doubled].map(String),
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

let status = 1;
try {
  status = await main();
} finally {
  await closeEverything();
}
// Sockets of devices that were told to leave may still be closing.
process.exit(status);
