import { expect, test } from 'vitest';
import { startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { compareStored, WHOLE } from '../support/stored.ts';
import { TestDevice } from '../support/test-device.ts';

const DEVICES = 500;

test('a fleet that comes back at once after a kill is let in by slots, and nothing is lost or doubled', async () => {
  const collector = await startCollector();
  const { secret: token } = await collector.admin.enrolmentToken();
  const devices = Array.from({ length: DEVICES }, () => new TestDevice({ url: collector.url, token }));
  for (const device of devices) {
    device.sample();
    device.stay();
  }
  await eventually(() => devices.every(({ unacked, welcomes }) => welcomes > 0 && unacked === 0), {
    what: 'the whole fleet enrolled and its first readings stored',
    withinMs: 60_000,
    state: () => devices.filter(({ welcomes }) => welcomes === 0).length,
  });
  const slotsBefore = devices.map(({ slots }) => slots.length);

  // In the middle of a wave of reports.
  for (const device of devices) for (let i = 0; i < 3; i += 1) device.sample();
  await collector.kill9();
  const welcomesBefore = devices.map(({ welcomes }) => welcomes);
  await collector.restart();

  await eventually(() => devices.every(({ welcomes }, i) => welcomes > (welcomesBefore[i] ?? 0)), {
    what: 'the whole fleet back',
    withinMs: 60_000,
    state: () => devices.filter(({ welcomes }, i) => welcomes <= (welcomesBefore[i] ?? 0)).length,
  });
  await eventually(() => devices.every(({ unacked }) => unacked === 0), {
    what: 'everything delivered',
    withinMs: 60_000,
    state: () => devices.filter(({ unacked }) => unacked > 0).length,
  });
  // More than one second's worth came at once: somebody must have been given a later slot, and each came in it.
  expect(devices.filter(({ slots }, i) => slots.length > (slotsBefore[i] ?? 0)).length).toBeGreaterThan(0);
  const status = (await collector.admin.get('/api/v1/collector')) as {
    devices: { live: number; total: number };
  };
  expect(status.devices).toMatchObject({ live: DEVICES, total: DEVICES });

  await Promise.all(devices.map(device => device.leave()));
  await collector.stop();
  const stored = collector.stored();
  expect(stored.integrity).toBe('ok');
  expect(stored.devices).toHaveLength(DEVICES);
  for (const device of devices) {
    const readings = stored.readings(device.id).map(({ values }) => String(values[3]));
    expect(compareStored(device.written.map(String), readings)).toEqual(WHOLE);
  }
});
