import { expect, test } from 'vitest';
import { z } from 'zod';
import { startChild } from '../support/child.ts';
import { within } from '../support/eventually.ts';
import { SmallDisk } from '../support/small-disk.ts';

const rows = z.array(
  z.strictObject({
    fault: z.string(),
    store: z.enum(['sqlite', 'mongodb']),
    sent: z.number(),
    acked: z.number(),
    stored: z.number(),
    lost: z.number(),
    doubled: z.number(),
    recoverMs: z.number(),
  }),
);

/** Runs the program of the faults; gives status and standard output. */
async function faults(...args: string[]): Promise<{ code: number | null; out: string; told: string }> {
  const child = startChild({ script: 'test/faults/faults.ts', args });
  const { code } = await within(child.exited, {
    what: 'the end of the faults',
    withinMs: 170_000,
    state: () => child.log().slice(-4000),
  });
  return { code, out: child.out(), told: child.log() };
}

test('a frozen collector and moved clocks lose and double nothing, told in one line of JSON', async () => {
  const { code, out, told } = await faults(
    ...['--json', '--store', 'sqlite', '--only', 'freeze-collector,jump-clock,jump-collector-clock'],
  );
  expect(code, told).toBe(0);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  const found = rows.parse(JSON.parse(out));
  expect(found.map(({ fault, store }) => [fault, store])).toEqual([
    ['freeze-collector', 'sqlite'],
    ['jump-clock', 'sqlite'],
    ['jump-collector-clock', 'sqlite'],
  ]);
  for (const { sent, acked, stored, lost, doubled } of found) {
    expect(sent).toBeGreaterThan(50);
    expect({ acked, stored, lost, doubled }).toEqual({ acked: sent, stored: sent, lost: 0, doubled: 0 });
  }
});

const noDisk = await SmallDisk.missing();
if (noDisk !== null) console.warn(`left out: ${noDisk}`);

test.skipIf(noDisk !== null)(
  'a disk that fills and one that turns read-only lose and double nothing',
  async () => {
    const { code, out, told } = await faults(
      ...['--json', '--store', 'sqlite', '--only', 'disk-full,disk-read-only'],
    );
    expect(code, told).toBe(0);
    const found = rows.parse(JSON.parse(out));
    expect(found.map(({ fault, lost, doubled }) => ({ fault, lost, doubled }))).toEqual([
      { fault: 'disk-full', lost: 0, doubled: 0 },
      { fault: 'disk-read-only', lost: 0, doubled: 0 },
    ]);
    for (const { sent, acked, stored } of found) expect([acked, stored]).toEqual([sent, sent]);
  },
);

test('a reading taken out of the database before it is counted ends the run with status 1 and lost 1', async () => {
  const { code, out, told } = await faults(
    ...['--json', '--store', 'sqlite', '--only', 'freeze-collector', '--spoil', 'lose'],
  );
  const [found] = rows.parse(JSON.parse(out));
  expect(found, told).toMatchObject({ lost: 1, doubled: 0, stored: (found?.sent ?? 0) - 1 });
  expect(code).toBe(1);
});

test('a fault that does not exist ends with status 2 and the names of those that do', async () => {
  const { code, out, told } = await faults('--only', 'earthquake');
  expect([code, out]).toEqual([2, '']);
  expect(told).toContain('kill-collector');
});
