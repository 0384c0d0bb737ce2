import { expect, test } from 'vitest';
import { startCollector } from '../support/collector-process.ts';
import { type Kept, keptInFolder, keptInMongo, numberIn } from '../support/kept.ts';
import { findMongod, ReplicaSet } from '../support/mongod.ts';
import { type Compared, sumOf } from '../support/streaming.ts';
import { TestDevice } from '../support/test-device.ts';

const program = await findMongod();
const READINGS = 5;

/** A device whose readings are all stored, by a collector that is over; and how the faults' counting sees them. */
async function counted(
  store: string | null,
): Promise<{ device: string; kept: Kept; count(): Promise<Compared> }> {
  const collector = await startCollector({ env: store === null ? {} : { TRAYLINE_STORE: store } });
  const { secret: token } = await collector.admin.enrolmentToken();
  const device = new TestDevice({ url: collector.url, token });
  await device.connect();
  for (let n = 0; n < READINGS; n += 1) device.sample();
  await device.delivered();
  await device.leave();
  await collector.stop();
  const kept = store === null ? keptInFolder(collector.dataDir) : await keptInMongo(store);
  return {
    device: device.id,
    kept,
    count: async () =>
      sumOf([
        {
          sent: device.written.map(String),
          acked: device.ackedReadings,
          stored: (await kept.readings(device.id)).map(numberIn),
        },
      ]),
  };
}

const whole = { sent: READINGS, acked: READINGS, stored: READINGS, lost: 0, doubled: 0, invented: 0 };

async function proves(store: string | null): Promise<void> {
  const { device, kept, count } = await counted(store);
  expect(await count()).toEqual(whole);
  await kept.spoil('lose', device);
  expect(await count()).toEqual({ ...whole, stored: READINGS - 1, lost: 1 });
  await kept.spoil('double', device);
  expect(await count()).toEqual({ ...whole, lost: 1, doubled: 1 });
}

test('a reading taken out of SQLite counts as lost, one stored a second time as doubled, and no other', () =>
  proves(null));

test.skipIf(program === null)(
  'a reading taken out of MongoDB counts as lost, one stored a second time as doubled, and no other',
  async () => proves((await ReplicaSet.start(program ?? '')).url('counted')),
);
