/*
 * A collector's store in a process of its own, to be killed in the middle of its work: `<module with open()> <folder>`.
 * Commits for three devices at a time and prints the number of each commit that has been acknowledged.
 */
import type { Store } from '../../collector/store/store.ts';
import { findingOf, newDevice, STREAM } from './store-facts.ts';

const [module, folder] = process.argv.slice(2);
if (module === undefined || folder === undefined) throw new Error('usage: <module> <folder>');
const { open }: { open: (folder: string) => Promise<Store> } = await import(module);
const store = await open(folder);
const devices = ['a', 'b', 'c'];
for (const id of devices) await store.addDevice(newDevice(id));

for (let round = 1; ; round += 1) {
  await store.commit(
    devices.map(device => ({
      device,
      stream: STREAM,
      after: round - 1,
      acked: round,
      receivedAt: round,
      findings: [
        {
          at: round,
          replace: round % 5 === 0,
          changed: { counter: findingOf(round), padding: findingOf(round, 'x'.repeat(3000)) },
          kept: [],
        },
      ],
      samples: [{ seq: round, rows: [[round, round, null, null, null, null, null, null, null]] }],
      events: [{ at: round, by: 'device', kind: 'boot', data: { round } }],
    })),
  );
  process.stdout.write(`${round}\n`);
}
