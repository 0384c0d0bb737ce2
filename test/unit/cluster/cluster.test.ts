import { describe, expect, test } from 'vitest';
import { HOUR } from '../../../shared/base/durations.ts';
import { eventually } from '../../support/eventually.ts';
import { newDevice, STREAM } from '../../support/store-facts.ts';
import { type Collector, NOW, scene } from './scene.ts';

async function pair(...ids: string[]) {
  const { store, collector } = await scene(...ids);
  const one = await collector();
  const other = await collector();
  await eventually(() => one.cluster.hasOthers && other.cluster.hasOthers, {
    what: 'they know of each other',
  });
  return { store, collector, one, other };
}

function presenceAt(collector: Collector, id: string): string {
  return collector.device(id).row.presence;
}

describe('rows', () => {
  test('of a device are shown by all, whoever it is connected to', async () => {
    const { one, other } = await pair('a');
    const device = await one.connect('a');
    await eventually(() => presenceAt(other, 'a') === 'live', { what: 'the other shows it as live' });
    expect(other.changed).toEqual([]);
    device.row = { ...device.row, cpuPercent: 42 };
    one.cluster.rowChanged(device, true);
    await eventually(() => other.device('a').row.cpuPercent === 42, { what: 'its newest reading' });
    expect(other.changed).toEqual(['a']);
    expect(other.rows.at(-1)?.cpuPercent).toBe(42);

    device.connected = false;
    one.cluster.left(device);
    one.hot.show(device);
    one.cluster.rowChanged(device);
    await eventually(() => presenceAt(other, 'a') === 'stale', { what: 'it has left' });
  });

  test('told late by whoever had the device before change nothing', async () => {
    const { one, other } = await pair('a');
    const device = await one.connect('a');
    const before = device.claim;
    await eventually(() => other.device('a').elsewhere !== null, { what: 'the other knows where it is' });
    await other.connect('a');
    await eventually(() => one.superseded.includes('a'), { what: 'the old connection is to go' });
    expect([device.claim, device.elsewhere?.claim]).toEqual([null, other.device('a').claim]);
    // As if it did not know yet.
    device.claim = before;
    one.cluster.rowChanged(device);
    one.cluster.stale('settings');
    await eventually(() => other.stale.includes('settings'), { what: 'what was told after it' });
    expect(other.device('a').elsewhere).toBeNull();
    expect(other.superseded).toEqual([]);
  });

  test('that this version cannot read are read from the store, and take no other along', async () => {
    const { one, other } = await pair('a', 'b');
    const a = await one.connect('a');
    const b = await one.connect('b');
    await eventually(() => presenceAt(other, 'b') === 'live', { what: 'both' });
    other.reloaded.length = 0;
    Reflect.set(a, 'row', { ...a.row, state: 'a word of a later version' });
    b.row = { ...b.row, cpuPercent: 7 };
    one.cluster.rowChanged(a);
    one.cluster.rowChanged(b);
    await eventually(() => other.device('b').row.cpuPercent === 7, { what: 'the readable one' });
    expect(other.reloaded).toEqual(['a']);
  });

  test('of a device that was let in elsewhere bring the device along', async () => {
    const { store, one, other } = await pair();
    await store.addDevice(newDevice('new'));
    await one.hot.load('new');
    await one.connect('new');
    await eventually(() => other.hot.get('new')?.row.presence === 'live', { what: 'the new one' });
  });

  test('are told whole to a collector that starts later', async () => {
    const { collector, one } = await pair('a');
    const device = await one.connect('a');
    device.row = { ...device.row, cpuPercent: 12 };
    const third = await collector();
    await eventually(() => third.device('a').row.cpuPercent === 12, { what: 'what is in no store' });
    expect(third.device('a').row.presence).toBe('live');
  });

  test('of a collector that has ended are shown as not connected', async () => {
    const { one, other } = await pair('a', 'b');
    await one.connect('a');
    await other.connect('b');
    await eventually(() => presenceAt(other, 'a') === 'live', { what: 'it is live' });
    await one.cluster.stop();
    await one.cluster.leave();
    await eventually(() => presenceAt(other, 'a') === 'stale', { what: 'it has gone with its collector' });
    expect(other.ended).toHaveLength(1);
    expect(presenceAt(other, 'b')).toBe('live');
    expect(other.cluster.hasOthers).toBe(false);
  });
});

describe('a claim', () => {
  test('reads the device anew when others have written it, and only then', async () => {
    const { store, one, other } = await pair('a');
    const device = await one.connect('a');
    await store.commit([
      {
        ...{ device: 'a', claim: device.claim ?? -1, stream: STREAM, after: 0, acked: 3, receivedAt: NOW },
        findings: [{ at: NOW, replace: true, changed: {}, kept: [] }],
      },
    ]);
    device.stream = STREAM;
    device.acked = 3;
    expect(other.device('a').acked).toBe(0);
    expect(await other.cluster.claim(other.device('a'))).toBe(true);
    expect(other.device('a').acked).toBe(3);
    expect(await other.cluster.claim(other.device('a'))).toBe(false);
  });

  test('that somebody else has overtaken is none', async () => {
    const { one } = await pair('a');
    const device = one.device('a');
    device.newest = 1000;
    await expect(one.cluster.claim(device)).rejects.toMatchObject({ code: 'conflict' });
    expect(device.claim).toBeNull();
  });

  test('is given for devices that are connected nowhere, never for those of others', async () => {
    const { one, other } = await pair('mine', 'theirs', 'free');
    await one.connect('mine');
    await other.connect('theirs');
    await eventually(() => one.device('theirs').elsewhere !== null, { what: 'it is known to be elsewhere' });
    const all = ['mine', 'theirs', 'free'].map(id => one.device(id));
    expect((await one.cluster.writable(all)).map(({ id }) => id).sort()).toEqual(['free', 'mine']);
    // Not known yet to be connected there, it is the store that says so.
    const { elsewhere } = one.device('theirs');
    one.device('theirs').elsewhere = null;
    expect((await one.cluster.writable(all)).map(({ id }) => id).sort()).toEqual(['free', 'mine']);
    one.device('theirs').elsewhere = elsewhere;
    expect(other.device('theirs').claim).not.toBeNull();
  });
});

describe('a frame for a device', () => {
  test('is given wherever it is connected, and whoever asks learns whether it was', async () => {
    const { one, other } = await pair('a');
    const frame = { type: 'request-scan', id: 'r' } as const;
    expect(await one.cluster.give('a', frame)).toBe(false);
    await other.connect('a');
    await eventually(() => one.device('a').elsewhere !== null, { what: 'it is known to be elsewhere' });
    expect(await one.cluster.give('a', frame)).toBe(true);
    expect(other.given).toEqual([{ device: 'a', frame }]);
    other.connected.delete('a');
    expect(await one.cluster.give('a', frame)).toBe(false);
  });
});

describe('a job', () => {
  test('is done by one of all, once in its period, also when it fails', async () => {
    const { one, other } = await pair();
    let runs = 0;
    const run = async (): Promise<void> => {
      runs += 1;
      throw new Error('no luck');
    };
    const results = await Promise.allSettled([
      one.cluster.once('sweep', HOUR, run),
      other.cluster.once('sweep', HOUR, run),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await other.cluster.once('sweep', HOUR, run)).toBe(false);
    expect(runs).toBe(1);
    await expect(one.cluster.once('sweep', HOUR, run, { now: true })).rejects.toThrow('no luck');
    expect(runs).toBe(2);
  });
});

describe('a lease', () => {
  test('that is out by our own clock lets nothing be acknowledged until the store has said more', async () => {
    const { collector } = await scene('a');
    const one = await collector({ leaseMs: 60_000 });
    await one.connect('a');
    expect(one.cluster.holds()).toBe(true);
    one.clock.ahead = 61_000;
    expect(one.cluster.holds()).toBe(false);
    expect(one.cut).toEqual([]);
  });

  test('that runs out is noticed by the others', async () => {
    const { collector } = await scene('a');
    const silent = await collector({ leaseMs: 300 });
    await silent.connect('a');
    await silent.cluster.stop();
    const watcher = await collector({ leaseMs: 300 });
    await eventually(() => watcher.ended.length > 0, { what: 'it is missed' });
    expect(watcher.device('a').elsewhere).toBeNull();
    expect(watcher.cut).toEqual([]);
  });

  test('that was ended by another makes a new instance, which holds nothing and reads everything again', async () => {
    const { store, collector } = await scene('a');
    const one = await collector({ leaseMs: 600 });
    const device = await one.connect('a');
    const { claim } = device;
    expect(claim).not.toBeNull();
    await one.members[0]?.leave();
    await eventually(() => one.again.reads === 1 && one.cluster.holds(), { what: 'it has begun anew' });
    expect([one.cut, one.members.length, device.claim]).toEqual([['ended'], 2, null]);
    const commit = { device: 'a', stream: STREAM, after: 0, acked: 1, receivedAt: NOW };
    expect(await store.commit([{ ...commit, claim: claim ?? -1 }])).toEqual({ refused: ['a'] });
    await one.connect('a');
    expect(await store.commit([{ ...commit, claim: device.claim ?? -1 }])).toEqual({ refused: [] });
    const other = await collector();
    expect(other.device('a').row.presence).toBe('live');
  });

  test('that could not be renewed for its whole length is cut, and held again when the store is back', async () => {
    const { collector } = await scene('a');
    const one = await collector({ leaseMs: 600 });
    const device = await one.connect('a');
    one.trouble.isAway = true;
    await eventually(() => one.cut.length > 0, { what: 'its devices are sent away' });
    expect([one.cut, one.cluster.holds()]).toEqual([['unreachable'], false]);
    one.trouble.isAway = false;
    await eventually(() => one.again.backs === 1, { what: 'it is back' });
    expect([one.cluster.holds(), one.members.length, device.claim === null]).toEqual([true, 1, false]);
  });
});

test('a lease that could not be renewed and was ended meanwhile leaves nothing claimed', async () => {
  const { collector } = await scene('a');
  const one = await collector({ leaseMs: 600 });
  const device = await one.connect('a');
  one.trouble.isAway = true;
  await eventually(() => one.cut.length > 0, { what: 'its devices are sent away' });
  await one.members[0]?.leave();
  one.trouble.isAway = false;
  await eventually(() => one.again.reads === 1, { what: 'everything is read again' });
  expect([one.cut, one.again.backs, device.claim, one.cluster.holds()]).toEqual([
    ['unreachable'],
    0,
    null,
    true,
  ]);
});

test('what people decide, revoke and are told elsewhere is heard', async () => {
  const { one, other } = await pair('a');
  one.cluster.stale('settings');
  one.cluster.stale('accounts');
  one.cluster.stale('settings');
  one.cluster.reload('a');
  one.cluster.help('a');
  one.cluster.observed({ connector: 'intune', account: 'berlin' }, ['1', '2'], ['3']);
  one.cluster.observed({ connector: 'intune', account: 'berlin' }, ['3'], ['2']);
  one.cluster.watch('a', [{ name: 'Anna', since: 5 }]);
  one.cluster.live({ device: 'a', rows: [], processes: null, receivedAt: NOW });
  await eventually(() => other.observed.length > 0 && other.live.length > 0, { what: 'all of it' });
  expect(other.stale).toEqual(['settings', 'accounts']);
  expect(other.reloaded).toEqual(['a', 'help of a']);
  expect(other.observed).toEqual([{ observed: ['1', '3'], gone: ['2'] }]);
  expect(other.watched.at(-1)).toMatchObject({ device: 'a', viewers: [{ name: 'Anna', since: 5 }] });
  expect(one.problems).toEqual([]);
});

test('alone, nothing is told and nothing is kept to be told', async () => {
  const { collector } = await scene('a');
  const one = await collector();
  const device = await one.connect('a');
  one.cluster.rowChanged(device, true);
  one.cluster.stale('settings');
  const late = await collector();
  await eventually(() => late.device('a').row.presence === 'live', {
    what: 'it is told when somebody comes',
  });
  expect(late.stale).toEqual([]);
});
