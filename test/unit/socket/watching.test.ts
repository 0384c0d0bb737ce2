import { expect, onTestFinished, test } from 'vitest';
import { type Viewer, Watching } from '../../../collector/socket/watching.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type { Watch } from '../../../shared/protocol/to-device.ts';

function scene() {
  const clock = { now: 1_800_000_000_000, monotonic: 0 };
  const sent: { device: string; watch: Watch }[] = [];
  const told: { device: string; viewers: readonly Viewer[] }[] = [];
  const watching = new Watching({
    now: () => clock.now,
    monotonic: () => clock.monotonic,
    send: (device, watch) => sent.push({ device, watch }),
    tellOthers: (device, viewers) => told.push({ device, viewers }),
  });
  onTestFinished(() => watching.stop());
  return { clock, sent, told, watching };
}

test('a device is told of viewers here and at other collectors, each person once', () => {
  const { clock, sent, told, watching } = scene();
  const anna = { name: 'Anna' };
  watching.start('a', anna);
  watching.elsewhere('other', 'a', [
    { name: 'Ben', since: 5 },
    { name: 'Anna', since: 3 },
  ]);
  expect(sent.at(-1)?.watch).toMatchObject({
    forMs: LIMITS.watchMs,
    viewers: [
      { name: 'Anna', since: 3 },
      { name: 'Ben', since: 5 },
    ],
  });
  expect(told).toEqual([{ device: 'a', viewers: [{ name: 'Anna', since: clock.now }] }]);
  watching.end('a', anna);
  expect(told.at(-1)).toEqual({ device: 'a', viewers: [] });
  expect([watching.isWatched('a'), watching.isWatchedElsewhere('a')]).toEqual([false, true]);
  expect(sent.at(-1)?.watch.viewers.map(({ name }) => name)).toEqual(['Ben', 'Anna']);
});

test('a watch elsewhere ends when it is said to, when it is not said again, and with its collector', () => {
  const { clock, sent, watching } = scene();
  const ben = [{ name: 'Ben', since: 5 }];
  watching.elsewhere('other', 'a', ben);
  watching.elsewhere('other', 'a', []);
  expect(sent.at(-1)?.watch).toMatchObject({ forMs: 0, viewers: [] });
  expect(watching.isWatchedElsewhere('a')).toBe(false);

  watching.elsewhere('other', 'a', ben);
  clock.monotonic += LIMITS.watchMs - 1;
  expect(watching.isWatchedElsewhere('a')).toBe(true);
  clock.monotonic += 2;
  expect(watching.isWatchedElsewhere('a')).toBe(false);
  watching.renew();
  expect(sent.at(-1)?.watch.viewers).toEqual([]);

  watching.elsewhere('other', 'a', ben);
  watching.elsewhere('third', 'a', [{ name: 'Cem', since: 6 }]);
  watching.ended('other');
  expect(watching.viewersOf('a').map(({ name }) => name)).toEqual(['Cem']);
});
