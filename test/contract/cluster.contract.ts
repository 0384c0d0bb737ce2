import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { BusMessage, Member } from '../../collector/store/cluster.ts';
import type { DeviceCommit, Store } from '../../collector/store/store.ts';
import { DAY, HOUR } from '../../shared/base/durations.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { newDevice, STREAM } from '../support/store-facts.ts';

const T0 = 20_000 * DAY;
const LONG = HOUR;
/** Long enough for a busy machine to renew within half of it. */
const SHORT = 2500;

/** The promises of cluster.ts. `openOther` is another process's store on the same database, or the same one. */
export function clusterContract(
  name: string,
  open: (folder: string) => Promise<Store>,
  openOther: (folder: string, store: Store) => Promise<Store>,
): void {
  async function scene(...ids: string[]) {
    const folder = await mkdtemp(join(tmpdir(), 'trayline-cluster-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const here = await open(folder);
    onTestFinished(() => here.close());
    const there = await openOther(folder, here);
    onTestFinished(() => there.close());
    for (const id of ids) await here.addDevice(newDevice(id));
    return { here, there };
  }

  async function members(...ids: string[]) {
    const { here, there } = await scene(...ids);
    const one = await here.cluster.join({ leaseMs: LONG, facts: { name: 'one' } });
    const other = await there.cluster.join({ leaseMs: LONG, facts: { name: 'other' } });
    return { here, there, one, other };
  }

  function commitOf(device: string, after: number, claim: number): DeviceCommit {
    return { device, claim, stream: STREAM, after, acked: after + 1, receivedAt: T0 + after };
  }

  async function heardBy(member: Member): Promise<BusMessage[]> {
    const heard: BusMessage[] = [];
    const listening = await member.listen({ message: message => heard.push(message), lost: () => undefined });
    onTestFinished(() => listening.stop());
    return heard;
  }

  /** Renews until another instance is found to have ended. */
  function untilEnded(member: Member, id: string): Promise<unknown> {
    return eventually(async () => (await member.renew({}))?.ended.includes(id), {
      what: 'the other instance is found to have ended',
      withinMs: 30_000,
    });
  }

  describe(`${name}: instances`, () => {
    test('know of each other with what each says of itself, until one leaves', async () => {
      const { one, other } = await members();
      const seen = await one.renew({ name: 'one', devices: 3 });
      expect(seen?.ended).toEqual([]);
      expect(new Map(seen?.instances.map(({ id, facts }) => [id, facts]))).toEqual(
        new Map([
          [one.id, { name: 'one', devices: 3 }],
          [other.id, { name: 'other' }],
        ]),
      );
      await one.leave();
      await one.leave();
      expect((await other.renew({}))?.instances.map(({ id }) => id)).toEqual([other.id]);
      expect(await one.renew({})).toBeNull();
    });

    test('that do not renew are ended by another, and are told so when they come back', async () => {
      const { here, there } = await scene('a');
      const one = await here.cluster.join({ leaseMs: LONG, facts: {} });
      const silent = await there.cluster.join({ leaseMs: SHORT, facts: {} });
      const { number } = await silent.claim('a');
      expect(await one.links()).toEqual([{ device: 'a', instance: silent.id, claim: number }]);
      await untilEnded(one, silent.id);
      expect(await silent.renew({})).toBeNull();
      expect(await one.links()).toEqual([]);
      // Woken, it cannot write what it held, though nobody has claimed the device since.
      expect(await there.commit([commitOf('a', 0, number)])).toEqual({ refused: ['a'] });
      const again = await there.cluster.join({ leaseMs: LONG, facts: {} });
      expect(again.id).not.toBe(silent.id);
      expect((await one.renew({}))?.instances.map(({ id }) => id).sort()).toEqual([one.id, again.id].sort());
    });

    test('that renew in time are not ended', async () => {
      const { here, there } = await scene();
      const one = await here.cluster.join({ leaseMs: SHORT, facts: {} });
      const other = await there.cluster.join({ leaseMs: SHORT, facts: {} });
      const until = performance.now() + 1.5 * SHORT;
      while (performance.now() < until) {
        expect((await one.renew({}))?.ended).toEqual([]);
        expect((await other.renew({}))?.ended).toEqual([]);
        await sleepFor(SHORT / 10);
      }
    });
  });

  describe(`${name}: claims`, () => {
    test('rise, and only the newest may write', async () => {
      const { here, there, one, other } = await members('a', 'b');
      const first = await one.claim('a');
      expect(first).toMatchObject({ stream: null, acked: 0 });
      expect(await here.commit([commitOf('a', 0, first.number)])).toEqual({ refused: [] });
      const second = await other.claim('a');
      expect(second.number).toBeGreaterThan(first.number);
      expect(second).toMatchObject({ stream: STREAM, acked: 1 });
      const b = await one.claim('b');
      // Of one call, what is still one's own is stored.
      expect(await here.commit([commitOf('a', 1, first.number), commitOf('b', 0, b.number)])).toEqual({
        refused: ['a'],
      });
      expect(await there.commit([commitOf('a', 1, second.number)])).toEqual({ refused: [] });
      expect([(await here.getDevice('a'))?.acked, (await here.getDevice('b'))?.acked]).toEqual([2, 1]);
    });

    test('made by two at the same time give each its own number', async () => {
      const { one, other } = await members('a');
      for (let round = 0; round < 20; round += 1) {
        const both = await Promise.all([one.claim('a'), other.claim('a')]);
        const [a, b] = both.map(({ number }) => number);
        expect(a, `round ${round}`).not.toBe(b);
        const [link] = await one.links();
        expect(link).toMatchObject({
          instance: (a ?? 0) > (b ?? 0) ? one.id : other.id,
          claim: Math.max(a ?? 0, b ?? 0),
        });
      }
    });

    test('guard the merged record as well', async () => {
      const { here, there, one, other } = await members('a');
      const record = (value: string) => ({
        'os.name': { source: 'agent', value, observedAt: 1, receivedAt: 2 } as const,
      });
      const first = await one.claim('a');
      await here.commit([{ ...commitOf('a', 0, first.number), recordBehind: true }]);
      const second = await other.claim('a');
      expect(await here.keepRecords([{ device: 'a', record: record('old'), claim: first.number }])).toEqual({
        refused: ['a'],
      });
      expect(await there.getDevice('a')).toMatchObject({ record: {}, recordBehind: true });
      expect(await there.keepRecords([{ device: 'a', record: record('new'), claim: second.number }])).toEqual(
        { refused: [] },
      );
      expect(await here.getDevice('a')).toMatchObject({ record: record('new'), recordBehind: false });
    });

    test('leave a device that has never sent anything as it is', async () => {
      const { here, one } = await members('a');
      const before = await here.getDevice('a');
      await one.claim('a');
      expect(await here.getDevice('a')).toEqual(before);
      expect(await here.getDevices(['a', 'nobody', 'a'])).toEqual([before]);
    });

    test('of many devices at once are all given', async () => {
      const ids = Array.from({ length: 40 }, (_, n) => `device-${n}`);
      const { one, other } = await members(...ids);
      await Promise.all(ids.map(id => one.claim(id)));
      const links = await other.links();
      expect(new Set(links.map(({ device }) => device))).toEqual(new Set(ids));
      await Promise.all(links.map(({ device, claim }) => one.release(device, claim)));
      expect(await other.links()).toEqual([]);
    });

    test('that are released may still write, and nobody sees the device as connected', async () => {
      const { here, one, other } = await members('a');
      const { number } = await one.claim('a');
      await one.release('a', number);
      expect(await other.links()).toEqual([]);
      expect(await here.commit([commitOf('a', 0, number)])).toEqual({ refused: [] });
    });

    test('that are released late take nothing from whoever has the device now', async () => {
      const { one, other } = await members('a');
      const { number } = await one.claim('a');
      const newer = await other.claim('a');
      await one.release('a', number);
      expect(await one.links()).toEqual([{ device: 'a', instance: other.id, claim: newer.number }]);
    });

    test('to write once are given for devices that are connected nowhere', async () => {
      const { there, one, other } = await members('a', 'b', 'c');
      await one.claim('a');
      const b = await one.claim('b');
      await one.release('b', b.number);
      const taken = await other.claimFree(['a', 'b', 'c']);
      expect([...taken.keys()].sort()).toEqual(['b', 'c']);
      expect((await other.links()).map(({ device }) => device)).toEqual(['a']);
      const claim = taken.get('b')?.number ?? -1;
      expect(claim).toBeGreaterThan(b.number);
      expect(await there.commit([commitOf('b', 0, b.number)])).toEqual({ refused: ['b'] });
      expect(await there.keepRecords([{ device: 'b', record: {}, claim }])).toEqual({ refused: [] });
    });
  });

  describe(`${name}: bus`, () => {
    test('brings what others publish, in order, and not what one says oneself', async () => {
      const { one, other } = await members();
      await one.publish(['before anybody listens']);
      const heard = await heardBy(other);
      const own = await heardBy(one);
      await one.publish(['a', 'b']);
      for (let n = 0; n < 20; n += 1) await one.publish([String(n)]);
      await eventually(() => heard.length >= 22, { what: 'all messages', state: () => heard });
      expect(heard.map(({ text }) => text)).toEqual([
        'a',
        'b',
        ...Array.from({ length: 20 }, (_, n) => String(n)),
      ]);
      expect(new Set(heard.map(({ from }) => from))).toEqual(new Set([one.id]));
      expect(own).toEqual([]);
    });

    test('brings what is meant for one instance to that one only', async () => {
      const { here, one, other } = await members();
      const third = await here.cluster.join({ leaseMs: LONG, facts: {} });
      const [atOther, atThird] = [await heardBy(other), await heardBy(third)];
      await one.publish(['for the third'], third.id);
      await one.publish(['for all']);
      await eventually(() => atOther.length > 0 && atThird.length > 1, { what: 'the messages' });
      expect(atThird.map(({ text }) => text)).toEqual(['for the third', 'for all']);
      expect(atOther.map(({ text }) => text)).toEqual(['for all']);
    });

    test('brings nothing to whoever has stopped listening', async () => {
      const { here, one, other } = await members();
      const heard: BusMessage[] = [];
      const listening = await other.listen({ message: m => heard.push(m), lost: () => undefined });
      await listening.stop();
      const third = await heardBy(await here.cluster.join({ leaseMs: LONG, facts: {} }));
      await one.publish(['x']);
      await eventually(() => third.length === 1, { what: 'somebody else has heard it' });
      expect(heard).toEqual([]);
    });
  });

  describe(`${name}: jobs`, () => {
    const terms = { everyMs: LONG, forMs: LONG };

    test('are done by one of those that come at the same time, and not again within the period', async () => {
      const { one, other } = await members();
      const both = await Promise.all([one.claimJob('sweep', terms), other.claimJob('sweep', terms)]);
      const [claim] = both.filter(got => got !== null);
      expect(both.filter(got => got !== null)).toHaveLength(1);
      await claim?.done();
      expect(await one.claimJob('sweep', terms)).toBeNull();
      expect(await other.claimJob('sweep', terms)).toBeNull();
      expect(await other.claimJob('another', terms)).not.toBeNull();
    });

    test('are done now when somebody wants it, but never twice at a time', async () => {
      const { one, other } = await members();
      const first = await one.claimJob('sweep', terms);
      expect(await other.claimJob('sweep', { ...terms, now: true })).toBeNull();
      await first?.done();
      expect(await other.claimJob('sweep', { ...terms, now: true })).not.toBeNull();
    });

    test('are done by another when whoever began has died in the middle', async () => {
      const { one, other } = await members();
      const dead = await one.claimJob('sweep', { everyMs: LONG, forMs: 100 });
      const claim = await eventually(() => other.claimJob('sweep', terms), { what: 'the job is free' });
      expect(await dead?.extend()).toBe(false);
      await dead?.done();
      expect(await claim.extend()).toBe(true);
      expect(await one.claimJob('sweep', terms)).toBeNull();
    });

    test('stay with whoever did them last as long as that one comes for them', async () => {
      const { one, other } = await members();
      const everyMs = 400;
      for (let n = 0; n < 3; n += 1) {
        const claim = await eventually(() => one.claimJob('sweep', { everyMs, forMs: LONG }), {
          what: 'the job is due',
        });
        await claim.done();
        // Due again for the one, not yet for the other.
        expect(await other.claimJob('sweep', { everyMs, forMs: LONG })).toBeNull();
      }
      const taken = await eventually(() => other.claimJob('sweep', { everyMs, forMs: LONG }), {
        what: 'the other takes it over',
      });
      expect(taken).not.toBeNull();
    });
  });

  test(`${name}: a closed store refuses all of it`, async () => {
    const { here, one } = await members('a');
    await here.close();
    for (const work of [
      () => one.renew({}),
      () => one.claim('a'),
      () => one.publish(['x']),
      () => one.claimJob('sweep', { everyMs: 1, forMs: 1 }),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'store-unavailable' });
    }
  });
}
