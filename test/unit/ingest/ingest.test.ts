import { describe, expect, test } from 'vitest';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import type { SequencedFrame } from '../../../shared/protocol/from-device.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { healthyFindings, identity, okFinding } from '../../support/records.ts';
import { NOW, STREAM, scene, sessionOf } from './scene.ts';

const OTHER_STREAM = 'fedcba9876543210';

const samples = (seq: number, n: number = seq): SequencedFrame => ({
  type: 'samples',
  seq,
  at: NOW,
  rows: [[NOW + seq, 5, 40, 1e11, n, 0, 0, 0, null]],
});
const snapshot = (seq: number, findings: Findings): SequencedFrame => ({
  type: 'snapshot',
  seq,
  at: NOW,
  identity: identity(),
  findings,
});
const delta = (seq: number, findings: Findings): SequencedFrame => ({
  type: 'delta',
  seq,
  at: NOW,
  findings,
});
const firewall = (enabled: boolean, hash: string): Finding =>
  okFinding({ enabled, product: null, profiles: null, blockAll: null, stealth: null }, { at: NOW, hash });

const A = 'a'.repeat(16);
const B = 'b'.repeat(16);
const C = 'c'.repeat(16);

describe('the order of frames', () => {
  test('frames in order are stored and acknowledged with the highest number', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    for (const seq of [1, 2, 3]) expect(ingest.accept(session, samples(seq))).toBe('queued');
    expect(session.acks).toEqual([]);
    await ingest.drain();
    expect(session.acks.at(-1)).toBe(3);
    expect(device.acked).toBe(3);
    expect((await store.getDevice(device.id))?.acked).toBe(3);
    expect((await store.getSeries(device.id, NOW, NOW + 10, 10)).rows.map(row => row[4])).toEqual([1, 2, 3]);
  });

  test('a frame that waits to be stored is not taken twice, and is not acknowledged before it is stored', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, samples(1));
    expect(ingest.accept(session, samples(1, 666))).toBe('duplicate');
    expect(session.acks).toEqual([]);
    await ingest.drain();
    expect(session.acks).toEqual([1]);
    expect((await store.getSeries(device.id, NOW, NOW + 10, 10)).rows.map(row => row[4])).toEqual([1]);
  });

  test('a stored frame that comes again is acknowledged again and changes nothing', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    for (const seq of [1, 2]) ingest.accept(session, samples(seq));
    await ingest.drain();
    session.acks.length = 0;
    expect(ingest.accept(session, samples(1, 666))).toBe('duplicate');
    expect(session.acks).toEqual([2]);
    await ingest.drain();
    expect((await store.getSeries(device.id, NOW, NOW + 10, 10)).rows.map(row => row[4])).toEqual([1, 2]);
  });

  test('a frame after a missing one is a gap and is not taken; the missing one closes it', async () => {
    const { ingest, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, samples(1));
    expect(ingest.accept(session, samples(3))).toBe('gap');
    expect(device.received).toBe(1);
    expect(ingest.accept(session, samples(2))).toBe('queued');
    expect(ingest.accept(session, samples(3))).toBe('queued');
    await ingest.drain();
    expect(session.acks.at(-1)).toBe(3);
  });

  test('numbers told as skipped are no gap, as long as they reach down to what is held', async () => {
    const { ingest, device: add } = await scene();
    const { session } = await add();
    ingest.accept(session, samples(1));
    expect(ingest.accept(session, { ...samples(10), skipped: 7 })).toBe('gap');
    expect(ingest.accept(session, { ...samples(10), skipped: 8 })).toBe('queued');
    expect(ingest.accept(session, { ...samples(300), skipped: 400 })).toBe('queued');
    await ingest.drain();
    expect(session.acks.at(-1)).toBe(300);
  });

  test('a frame that could not be read uses up its number in turn, and only in turn', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    expect(ingest.acceptRefused(session, 2, 'frame-malformed')).toBe('gap');
    expect(ingest.acceptRefused(session, 1, 'frame-malformed')).toBe('queued');
    expect(ingest.acceptRefused(session, 1, 'frame-malformed')).toBe('duplicate');
    ingest.accept(session, samples(2));
    await ingest.drain();
    expect(session.acks.at(-1)).toBe(2);
    const events = await store.getEvents(device.id, 0, NOW * 2, 10);
    expect(events.map(({ kind, by, data }) => ({ kind, by, data }))).toEqual([
      { kind: 'frame-refused', by: 'collector', data: { code: 'frame-malformed', seq: 1 } },
    ]);
  });
});

describe('a connection that begins', () => {
  test('goes on where its stream ended', async () => {
    const { ingest, device: add } = await scene();
    const { device, session } = await add();
    for (const seq of [1, 2]) ingest.accept(session, samples(seq));
    await ingest.begin(device, STREAM);
    expect(device.acked).toBe(2);
    const again = sessionOf(device);
    expect(ingest.accept(again, samples(3))).toBe('queued');
    await ingest.drain();
    expect(again.acks).toEqual([3]);
  });

  test('with a new stream starts at 1 again, and the readings of both are kept', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    for (const seq of [1, 2, 3]) ingest.accept(session, samples(seq));
    await ingest.begin(device, OTHER_STREAM);
    expect(device.acked).toBe(0);
    const again = sessionOf(device);
    expect(ingest.accept(again, samples(1, 101))).toBe('queued');
    await ingest.drain();
    expect(again.acks).toEqual([1]);
    expect(await store.getDevice(device.id)).toMatchObject({ stream: OTHER_STREAM, acked: 1 });
    const rows = (await store.getSeries(device.id, NOW, NOW + 10, 10)).rows.map(row => row[4]);
    expect(rows.toSorted((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 101]);
  });

  test('waits for what the one before had brought, so that its number is final', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, samples(1));
    await ingest.begin(device, STREAM);
    expect(session.acks).toEqual([1]);
    expect((await store.getDevice(device.id))?.acked).toBe(1);
  });
});

describe('several frames of one device in one commit', () => {
  test('are one transaction', async () => {
    const { ingest, commits, news, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, snapshot(1, healthyFindings(NOW)));
    ingest.accept(session, delta(2, { 'fw.enabled': firewall(false, A) }));
    ingest.accept(session, samples(3));
    await ingest.drain();
    expect(commits).toEqual([3]);
    expect(session.acks).toEqual([3]);
    expect(news).toHaveLength(1);
    expect(device.row.firewall).toBe(false);
  });

  test('the last word on a check wins, in memory, in the store and in what the next welcome says', async () => {
    const { ingest, store, device: add, afresh } = await scene();
    const { device, session } = await add();
    ingest.accept(session, delta(1, { 'fw.enabled': firewall(false, A) }));
    ingest.accept(session, delta(2, { 'fw.enabled': firewall(true, B) }));
    await ingest.drain();
    expect(device.hashes).toEqual({ 'fw.enabled': B });
    expect((await store.getFindings(device.id))['fw.enabled']).toMatchObject({ hash: B });
    expect((await afresh()).get(device.id)?.hashes).toEqual(device.hashes);
  });

  test('a snapshot after a delta keeps what it repeats and drops what it does not hold', async () => {
    const { ingest, store, device: add, afresh } = await scene();
    const { device, session } = await add();
    const { battery, uptime } = healthyFindings(NOW);
    if (battery === undefined || uptime === undefined) throw new Error('no findings');
    ingest.accept(session, snapshot(1, { battery, uptime, 'fw.enabled': firewall(true, A) }));
    await ingest.drain();
    // In one commit: a change, then a snapshot that repeats it, keeps one held before and leaves one out.
    ingest.accept(session, delta(2, { 'fw.enabled': firewall(false, B) }));
    ingest.accept(session, snapshot(3, { battery, 'fw.enabled': firewall(false, B) }));
    await ingest.drain();
    expect(device.hashes).toEqual({ battery: battery.hash, 'fw.enabled': B });
    const held = await store.getFindings(device.id);
    expect(Object.keys(held).toSorted()).toEqual(['battery', 'fw.enabled']);
    expect(held['fw.enabled']).toMatchObject({ hash: B, value: { enabled: false } });
    expect(held.battery).toMatchObject({ hash: battery.hash });
    expect((await afresh()).get(device.id)?.hashes).toEqual(device.hashes);
  });

  test('a delta after a snapshot changes the snapshot', async () => {
    const { ingest, store, device: add, afresh } = await scene();
    const { device, session } = await add();
    ingest.accept(session, snapshot(1, { 'fw.enabled': firewall(true, A) }));
    ingest.accept(
      session,
      delta(2, { 'fw.enabled': firewall(false, B), 'company.own': okFinding(1, { hash: C }) }),
    );
    await ingest.drain();
    expect(device.hashes).toEqual({ 'fw.enabled': B, 'company.own': C });
    expect((await store.getFindings(device.id))['fw.enabled']).toMatchObject({ value: { enabled: false } });
    expect((await afresh()).get(device.id)?.hashes).toEqual(device.hashes);
  });

  test('two snapshots leave what the second says', async () => {
    const { ingest, store, device: add, afresh } = await scene();
    const { device, session } = await add();
    ingest.accept(
      session,
      snapshot(1, { 'fw.enabled': firewall(true, A), 'company.own': okFinding(1, { hash: C }) }),
    );
    ingest.accept(session, snapshot(2, { 'fw.enabled': firewall(true, A) }));
    await ingest.drain();
    expect(device.hashes).toEqual({ 'fw.enabled': A });
    expect(Object.keys(await store.getFindings(device.id))).toEqual(['fw.enabled']);
    expect((await afresh()).get(device.id)?.hashes).toEqual(device.hashes);
  });

  test('the last word wins also when the device has set its clock back in between', async () => {
    const { ingest, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, delta(1, { 'fw.enabled': { ...firewall(true, A), at: NOW } }));
    ingest.accept(session, delta(2, { 'fw.enabled': { ...firewall(false, B), at: NOW - 3_600_000 } }));
    await ingest.drain();
    expect(device.row.firewall).toBe(false);
  });

  test('the last word wins also when the collector has set its own clock back in between', async () => {
    const { ingest, clock, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, delta(1, { 'fw.enabled': firewall(true, A) }));
    await ingest.drain();
    clock.now -= 3_600_000;
    ingest.accept(session, delta(2, { 'fw.enabled': firewall(false, B) }));
    await ingest.drain();
    expect(device.row.firewall).toBe(false);
  });

  test('a check that says the same again keeps its value and gets a new age by `fresh`', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, snapshot(1, { 'fw.enabled': firewall(true, A) }));
    await ingest.drain();
    ingest.accept(session, {
      type: 'samples',
      seq: 2,
      at: NOW,
      rows: [],
      fresh: { 'fw.enabled': NOW + 5000 },
    });
    await ingest.drain();
    expect((await store.getFindings(device.id))['fw.enabled']).toMatchObject({ hash: A, at: NOW + 5000 });
  });
});

describe('findings that do not fit', () => {
  test('are kept as failed and told; the others of the frame are stored; the number is used up', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(
      session,
      delta(1, { 'fw.enabled': firewall(true, A), uptime: okFinding({ seconds: -4 }, { hash: B }) }),
    );
    await ingest.drain();
    expect(session.refused).toHaveLength(1);
    expect(session.refused[0]).toMatchObject({ code: 'finding-invalid', seq: 1 });
    expect(session.refused[0]?.detail).not.toContain('-4');
    const held = await store.getFindings(device.id);
    expect(held.uptime).toMatchObject({ status: 'failed', reason: 'invalid-value', hash: B });
    expect(held['fw.enabled']).toMatchObject({ status: 'ok' });
    expect(session.acks).toEqual([1]);
  });

  test('keep which part of the agent answered and what it took, and drop what we do not know', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    const told = { ...firewall(true, A), part: 'service', cpuMs: 12.5, slowed: 4, mood: 'fine' } as const;
    ingest.accept(session, delta(1, { 'fw.enabled': told }));
    await ingest.drain();
    const { mood: _mood, ...kept } = told;
    expect((await store.getFindings(device.id))['fw.enabled']).toEqual(kept);
  });

  test('take back the value that was known: unknown, not as it last was', async () => {
    const { ingest, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, delta(1, { 'fw.enabled': firewall(true, A) }));
    await ingest.drain();
    expect(device.row.firewall).toBe(true);
    ingest.accept(session, delta(2, { 'fw.enabled': okFinding({ enabled: 'perhaps' }, { hash: B }) }));
    await ingest.drain();
    expect(device.row.firewall).toBeNull();
  });
});

describe('more checks than a device may have', () => {
  const many = (from: number, count: number): Findings =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [`company.n${from + i}`, okFinding(i, { at: NOW, hash: A })]),
    );

  test('in one frame are left out and told once', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, snapshot(1, many(0, LIMITS.findings + 500)));
    await ingest.drain();
    expect(Object.keys(device.hashes)).toHaveLength(LIMITS.findings);
    expect(Object.keys(await store.getFindings(device.id))).toHaveLength(LIMITS.findings);
    expect(session.refused).toHaveLength(1);
  });

  test('do not gather over many frames; what is held can still change, and a snapshot makes room', async () => {
    const { ingest, device: add } = await scene();
    const { device, session } = await add();
    for (let seq = 1; seq <= 10; seq += 1) ingest.accept(session, delta(seq, many(seq * 100, 100)));
    await ingest.drain();
    expect(Object.keys(device.hashes)).toHaveLength(LIMITS.findings);
    expect(session.acks.at(-1)).toBe(10);
    ingest.accept(session, delta(11, { 'company.n100': okFinding('new', { hash: B }) }));
    await ingest.drain();
    expect(device.hashes['company.n100']).toBe(B);
    ingest.accept(session, snapshot(12, many(5000, 20)));
    await ingest.drain();
    expect(Object.keys(device.hashes)).toHaveLength(20);
  });
});

describe('a commit that fails', () => {
  /** Needs room in the database whatever it holds already. */
  const large = (hash: string): Findings => ({ 'company.own': okFinding('x'.repeat(60_000), { hash }) });

  test('acknowledges nothing, ends the connection and forgets what memory had taken over', async () => {
    const { ingest, store, failures, news, device: add } = await scene();
    const { device, session } = await add();
    ingest.accept(session, delta(1, { 'fw.enabled': firewall(true, A) }));
    await ingest.drain();
    news.length = 0;

    store.limitBytes(0);
    ingest.accept(session, delta(2, { 'fw.enabled': firewall(false, B), ...large(C) }));
    await ingest.drain();
    expect(failures.map(({ code }) => code)).toEqual(['store-unavailable']);
    expect(session.failed.map(({ code }) => code)).toEqual(['store-unavailable']);
    expect(session.acks).toEqual([1]);
    expect(news).toEqual([]);
    expect(device.hashes).toEqual({ 'fw.enabled': A });
    expect(device.row.firewall).toBe(true);
    expect(device.acked).toBe(1);

    store.limitBytes(null);
    await ingest.begin(device, STREAM);
    const again = sessionOf(device);
    expect(ingest.accept(again, delta(2, { 'fw.enabled': firewall(false, B), ...large(C) }))).toBe('queued');
    await ingest.drain();
    expect(again.acks).toEqual([2]);
    expect(device.row.firewall).toBe(false);
    expect((await store.getDevice(device.id))?.acked).toBe(2);
  });

  test('takes what came meanwhile with it: a later frame is not stored without the one before', async () => {
    const { ingest, store, device: add } = await scene();
    const { device, session } = await add();
    store.limitBytes(0);
    ingest.accept(session, delta(1, large(A)));
    const done = ingest.drain();
    // The device goes on sending while the commit is on its way.
    await new Promise(resolve => setImmediate(resolve));
    ingest.accept(session, samples(2));
    await done;
    store.limitBytes(null);
    await ingest.drain();
    expect(session.acks).toEqual([]);
    expect((await store.getDevice(device.id))?.acked).toBe(0);
    expect((await store.getSeries(device.id, NOW, NOW + 10, 10)).rows).toEqual([]);

    await ingest.begin(device, STREAM);
    const again = sessionOf(device);
    expect(ingest.accept(again, delta(1, large(A)))).toBe('queued');
    expect(ingest.accept(again, samples(2))).toBe('queued');
    await ingest.drain();
    expect(again.acks).toEqual([2]);
  });

  test('and a store that cannot be read either keep the device out until it can', async () => {
    const { ingest, store, broken, device: add } = await scene();
    const { device, session } = await add();
    store.limitBytes(0);
    broken.reads = true;
    ingest.accept(session, delta(1, large(A)));
    await ingest.drain();
    expect(session.failed).toHaveLength(1);
    await expect(ingest.begin(device, STREAM)).rejects.toMatchObject({ code: 'store-unavailable' });

    store.limitBytes(null);
    broken.reads = false;
    await ingest.begin(device, STREAM);
    // What could not be stored is not claimed to be held.
    expect(device.hashes).toEqual({});
  });

  test('for one stream that another collector has carried on leaves the others of the commit stored', async () => {
    const { ingest, store, device: add } = await scene();
    const { device: one, session } = await add('d_one');
    const { device: two, session: other } = await add('d_two');
    await store.commit([{ device: one.id, stream: STREAM, after: 0, acked: 5, receivedAt: NOW }]);
    ingest.accept(session, samples(1));
    ingest.accept(other, samples(1));
    await ingest.drain();
    expect(session.acks).toEqual([]);
    expect(session.failed.map(({ code }) => code)).toEqual(['conflict']);
    expect(one.acked).toBe(5);
    expect(other.acks).toEqual([1]);
    expect(other.failed).toEqual([]);
    expect(two.acked).toBe(1);
  });
});

describe('what a restart finds', () => {
  test('the merged state follows from the findings, even when its record was not written any more', async () => {
    const { ingest, device: add, afresh } = await scene();
    const { device, session } = await add();
    ingest.accept(session, snapshot(1, healthyFindings(NOW)));
    await ingest.drain();
    ingest.accept(session, delta(2, { 'fw.enabled': firewall(false, B) }));
    await ingest.drain();
    expect(device.row.firewall).toBe(false);
    // Killed here: nothing else is written.
    expect((await afresh()).get(device.id)?.row.firewall).toBe(false);
  });
});
