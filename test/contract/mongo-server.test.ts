import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mongoose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openMongoStore } from '../../collector/store/mongo/mongo-store.ts';
import { modelsOf } from '../../collector/store/mongo/schema.ts';
import type { Store } from '../../collector/store/store.ts';
import { DAY, MINUTE } from '../../shared/base/durations.ts';
import { isProblem, type Problem } from '../../shared/problem/problem.ts';
import { eventually } from '../support/eventually.ts';
import { findMongod, Mongod, ReplicaSet } from '../support/mongod.ts';
import { pretendMongod } from '../support/old-mongod.ts';
import {
  auditOf,
  findingOf,
  identityOf,
  newDevice,
  personOf,
  STREAM,
  sampleOf,
  scoreOf,
} from '../support/store-facts.ts';
import { temporaryFolder } from '../support/teardown.ts';

const program = await findMongod();
const T0 = 20_000 * DAY;

async function refusal(url: string, patienceMs = 1500): Promise<Problem> {
  try {
    const store = await openMongoStore({ url, patienceMs });
    await store.close();
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error('the store was opened');
}

/** Everything the error would show when it is logged with its causes. */
function shown(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return `${error.stack ?? ''} ${JSON.stringify(error)} ${shown(error.cause)}`;
}

describe('MongoDB store: what it does not open', () => {
  test('nothing that answers', async () => {
    const problem = await refusal('mongodb://trayline:hunter22@127.0.0.1:1/fleet', 300);
    expect(problem.code).toBe('store-unavailable');
    expect(shown(problem)).not.toContain('hunter22');
  });

  test.each([
    'mongodb://',
    'mongodb://trayline:hunter22@/fleet',
    'mongodb://trayline:hunter22@a,b/fleet?nonsense=1',
  ])('an address that is none: %s', async url => {
    const problem = await refusal(url, 300);
    expect([problem.code, problem.fields]).toEqual(['settings-invalid', ['TRAYLINE_STORE']]);
    expect(shown(problem)).not.toContain('hunter22');
  });

  test.each([
    ['5.0.31', 13],
    ['3.6.23', 6],
  ])('a server that is too old: %s', async (version, wire) => {
    const port = await pretendMongod(version, wire);
    const problem = await refusal(`mongodb://127.0.0.1:${port}/fleet?directConnection=true`);
    expect(problem.code).toBe('store-unsuitable');
    expect(problem.detail).toContain('too old');
  });
});

describe.skipIf(program === null)('MongoDB store: its server', () => {
  const start = (args: readonly string[] = []) => Mongod.start(program ?? '', args);

  test('is refused when it is no replica set, with the way to make it one', async () => {
    const server = await start();
    const problem = await refusal(`mongodb://127.0.0.1:${server.port}/fleet`);
    expect(problem.code).toBe('store-unsuitable');
    expect(problem.detail).toContain('rs.initiate()');
  });

  test('is told apart by what it does not permit: signing in, or writing', async () => {
    const keyFile = join(temporaryFolder('key'), 'key');
    writeFileSync(keyFile, randomBytes(96).toString('base64'), { mode: 0o600 });
    const set = await ReplicaSet.start(program ?? '', 1, ['--keyFile', keyFile]);
    const [server] = set.members;
    await server?.command({ createUser: 'root', pwd: 'root-secret', roles: ['root'] });
    const as = (user: string, secret: string): string =>
      set.url('fleet').replace('mongodb://', `mongodb://${user}:${secret}@`).concat('&authSource=admin');
    const root = await createConnection(as('root', 'root-secret')).asPromise();
    onTestFinished(() => root.close());
    const { db } = root.useDb('admin');
    const rights = [
      { role: 'readWrite', db: 'fleet' },
      { role: 'dbAdmin', db: 'fleet' },
    ];
    await db?.command({ createUser: 'reader', pwd: 'hunter22', roles: [{ role: 'read', db: 'fleet' }] });
    await db?.command({ createUser: 'trayline', pwd: 'hunter22', roles: rights });

    const wrong = await refusal(as('trayline', 'hunter23'));
    expect([wrong.code, wrong.detail]).toEqual(['store-denied', 'the database refused user or password']);
    const reader = await refusal(as('reader', 'hunter22'));
    expect(reader.code).toBe('store-denied');
    expect(reader.detail).toContain('readWrite and dbAdmin');
    for (const problem of [wrong, reader]) expect(shown(problem)).not.toMatch(/hunter2\d/);

    const store = await openMongoStore({ url: as('trayline', 'hunter22') });
    onTestFinished(() => store.close());
    expect(store.description).not.toContain('hunter');
    await store.addDevice(newDevice('a'));
    expect(await store.storageBytes()).toBeGreaterThan(0);
    await store.expire(T0, retention(DAY));
    await store.close();
    const again = await openMongoStore({ url: as('trayline', 'hunter22') });
    onTestFinished(() => again.close());
    expect((await again.getDevice('a'))?.id).toBe('a');
  });

  test('is refused when a newer version wrote the database, which is left as it was', async () => {
    const set = await ReplicaSet.start(program ?? '');
    await (await openMongoStore({ url: set.url('fleet') })).close();
    const [server] = set.members;
    const layout = { q: { _id: 'layout' }, u: { $set: { value: '4000' } } };
    await server?.command({ update: 'meta', updates: [layout] }, 'fleet');
    expect((await refusal(set.url('fleet'))).code).toBe('store-newer');
    expect((await refusal(set.url('fleet'))).code).toBe('store-newer');
  });

  test('opens an empty database for several collectors at once, and all have one id', async () => {
    const set = await ReplicaSet.start(program ?? '');
    const stores = await Promise.all([1, 2, 3].map(() => openMongoStore({ url: set.url('fleet') })));
    for (const store of stores) onTestFinished(() => store.close());
    const ids = await Promise.all(stores.map(store => store.collectorId()));
    expect(new Set(ids).size).toBe(1);
    const entries = await Promise.all(stores.map((store, n) => store.addAudit(auditOf(n))));
    expect(entries.map(({ n }) => n).sort()).toEqual([1, 2, 3]);
    expect(await stores[0]?.verifyAudit()).toBeNull();
  });

  test('lets two collectors commit the same device: one is faster, the other is refused whole', async () => {
    const set = await ReplicaSet.start(program ?? '');
    const [one, other] = (await Promise.all([1, 2].map(() => openMongoStore({ url: set.url('fleet') })))) as [
      Store,
      Store,
    ];
    for (const store of [one, other]) onTestFinished(() => store.close());
    await one.addDevice(newDevice('a'));
    const commit = (after: number, value: number) => ({
      ...{ device: 'a', stream: STREAM, after, acked: after + 1, receivedAt: T0 + after },
      findings: [{ at: T0 + after, replace: false, changed: { disk: findingOf(value) }, kept: [] }],
      samples: [{ seq: after + 1, rows: [sampleOf(T0 + after * MINUTE, after)] }],
    });
    let refusals = 0;
    for (let round = 0; round < 30; round += 1) {
      const results = await Promise.all([one.commit([commit(round, 1)]), other.commit([commit(round, 2)])]);
      refusals += results.filter(({ refused }) => refused.includes('a')).length;
    }
    expect(refusals).toBe(30);
    const { rows } = await one.getSeries('a', 0, 2 * T0, 1000);
    expect(rows.map(row => row[1])).toEqual(Array.from({ length: 30 }, (_, n) => n));
    expect((await other.getHistory('a', 0, 2 * T0, 1000)).length).toBe(30);
    expect((await other.getDevice('a'))?.acked).toBe(30);
    expect(await one.getFindings('a')).toEqual(await other.getFindings('a'));
  });

  test('ends a transaction that a collector left open when it was killed, also after the others have started', async () => {
    const set = await ReplicaSet.start(program ?? '');
    const store = await openMongoStore({ url: set.url('fleet') });
    onTestFinished(() => store.close());
    await store.addDevice(newDevice('a'));
    const commit = (after: number) => ({
      ...{ device: 'a', stream: STREAM, after, acked: after + 1, receivedAt: T0 + after },
      samples: [{ seq: after + 1, rows: [sampleOf(T0 + after * MINUTE, after)] }],
    });
    await store.commit([commit(0)]);

    // What a killed collector leaves behind: its session written down, the device's state locked, nobody who goes on.
    const killed = await createConnection(set.url('fleet')).asPromise();
    onTestFinished(() => killed.close());
    const session = killed.getClient().startSession();
    session.startTransaction();
    await killed.db?.collection('transactions').insertOne({
      _id: session.id?.id.toString('hex') as never,
      since: new Date(),
    });
    const { matchedCount } = (await killed.db
      ?.collection('states')
      .updateOne({ _id: 'a' as never }, { $set: { day: 'never' } }, { session })) ?? { matchedCount: 0 };
    expect(matchedCount).toBe(1);

    expect(await store.commit([commit(1)])).toEqual({ refused: [] });
    await expect(session.commitTransaction()).rejects.toThrow();
    expect((await store.getDevice('a'))?.acked).toBe(2);
  });

  test('says so when messages of other collectors were missed, and goes on with the next', async () => {
    const set = await ReplicaSet.start(program ?? '');
    const [server] = set.members as [Mongod];
    const [teller, listener] = await Promise.all(
      ['teller', 'listener'].map(appName => openMongoStore({ url: set.url('fleet'), appName })),
    );
    if (teller === undefined || listener === undefined) throw new Error('not opened');
    for (const store of [teller, listener]) onTestFinished(() => store.close());
    const one = await teller.cluster.join({ leaseMs: DAY, facts: {} });
    const other = await listener.cluster.join({ leaseMs: DAY, facts: {} });
    const heard: string[] = [];
    await other.listen({ message: ({ text }) => heard.push(text), lost: () => heard.push('lost') });
    await one.publish(['first']);
    await eventually(() => heard.length === 1, { what: 'the first' });
    // As when the server's log no longer reaches back to where the listener was: ChangeStreamHistoryLost.
    await server.command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['getMore'], errorCode: 286, appName: 'listener' },
    });
    await eventually(() => heard.includes('lost'), { what: 'it is said to be lost', state: () => heard });
    await one.publish(['second']);
    await eventually(() => heard.at(-1) === 'second', { what: 'the next', state: () => heard });
    expect(heard).toEqual(['first', 'lost', 'second']);
    await server.command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['getMore'], closeConnection: true, appName: 'listener' },
    });
    await one.publish(['third']);
    await eventually(() => heard.at(-1) === 'third', { what: 'after a cut', state: () => heard });
    expect(heard).toEqual(['first', 'lost', 'second', 'third']);
  });

  test('has the indexes that are declared, and reads no collection from end to end for any question', async () => {
    const set = await ReplicaSet.start(program ?? '');
    const [server] = set.members as [Mongod];
    const store = await openMongoStore({ url: set.url('fleet') });
    onTestFinished(() => store.close());
    // Room for everything: in the megabyte it has otherwise, what came first is pushed out.
    await server.command({ create: 'system.profile', capped: true, size: 16 * 1024 * 1024 }, 'fleet');
    await server.command({ profile: 2 }, 'fleet');
    await useEverything(store);
    await server.command({ profile: 0 }, 'fleet');

    const connection = await createConnection(set.url('fleet'), {
      autoCreate: false,
      autoIndex: false,
    }).asPromise();
    onTestFinished(() => connection.close());
    for (const model of Object.values(modelsOf(connection))) {
      expect([model.modelName, await model.diffIndexes()]).toEqual([
        model.modelName,
        { toDrop: [], toCreate: [] },
      ]);
    }
    const profile = connection.db?.collection('system.profile');
    const planned = (await profile?.find({ planSummary: { $exists: true } }).toArray()) ?? [];
    expect(planned.length).toBeGreaterThan(100);
    const scans = planned
      .filter(({ planSummary, ns }) => /COLLSCAN/.test(String(planSummary)) && ns !== 'fleet.system.profile')
      .map(({ ns, op, command }) => `${ns} ${op} ${JSON.stringify(command).slice(0, 300)}`);
    expect([...new Set(scans)]).toEqual([]);
    // The same asked of the planner: the questions of the console on one device.
    const seen = new Set(planned.map(({ ns }) => String(ns)));
    for (const name of [
      'history',
      'events',
      'states',
      'records',
      'devices',
      'sessions',
      'people',
      'audit',
      'help',
    ]) {
      expect(seen).toContain(`fleet.${name}`);
    }
    expect([...seen].some(ns => ns.includes('samples'))).toBe(true);
    const explained = new Map<string, unknown>();
    for (const { command, ns } of planned) {
      const { find, filter, sort, aggregate, pipeline } = command ?? {};
      const asked =
        find === undefined
          ? aggregate === undefined
            ? null
            : { aggregate, pipeline, cursor: {} }
          : { find, filter, ...(sort === undefined ? {} : { sort }) };
      const shape = JSON.stringify([ns, filter ?? pipeline, sort]).replace(/"(?!\$)[^"]*"|\d+/g, '?');
      if (asked === null || explained.has(shape)) continue;
      const plan = await server
        .command({ explain: asked, verbosity: 'queryPlanner' }, 'fleet')
        .catch(() => null);
      explained.set(shape, plan);
      expect(JSON.stringify(plan), JSON.stringify(asked)).not.toContain('COLLSCAN');
    }
    expect(explained.size).toBeGreaterThan(20);
  });
});

function retention(ms: number) {
  return { rawMs: ms, quarterMs: ms, dailyMs: ms, eventsMs: ms, historyMs: ms, auditMs: ms };
}

/** Every method at least once, with something to find. */
async function useEverything(store: Store): Promise<void> {
  const ids = Array.from({ length: 20 }, (_, n) => `device-${n}`);
  await Promise.all(ids.map(id => store.addDevice(newDevice(id))));
  const token = { label: 'x', createdAt: 1, createdBy: 'anna', expiresAt: null, revokedAt: null };
  await store.addEnrolmentToken({ ...token, id: 't', maxUses: null, uses: 0, secretHash: 'h' });
  await store.enrolWithToken('h', newDevice('by-token'), 5);
  const waiting = { id: 'w', publicKey: 'k', identity: identityOf('k'), fingerprint: 'f' };
  await store.noteWaiting({ ...waiting, firstSeen: 1, lastSeen: 1, address: '192.0.2.1', rejected: false });
  await store.getWaitingByKey('k');
  await store.listWaiting();
  await store.admit('w', { id: 'admitted', enrolledAt: 1, enrolledBy: 'anna' });
  await store.reject('w');
  await store.listEnrolmentTokens();
  await store.revokeEnrolmentToken('t', 6);
  const record = { 'os.name': { source: 'agent', value: 'x', observedAt: 1, receivedAt: 2 } } as const;
  for (let n = 0; n < 6; n += 1) {
    const at = T0 + (n * DAY) / 2;
    await store.commit(
      ids.map(device => ({
        ...{
          device,
          stream: STREAM,
          after: n,
          acked: n + 1,
          receivedAt: at,
          record,
          identity: identityOf(device),
        },
        findings: [{ at, replace: n % 3 === 0, changed: { disk: findingOf(n) }, kept: [] }],
        score: scoreOf(n),
        dayScore: { day: new Date(at).toISOString().slice(0, 10), value: n },
        samples: [{ seq: n + 1, rows: [sampleOf(at, n), sampleOf(1000 + n, n)] }],
        events: [{ at, by: 'device' as const, kind: 'boot', data: {} }],
      })),
    );
  }
  await store.keepRecords(ids.map(device => ({ device, record })));
  await store.addEvents([
    { device: 'device-1', event: { at: T0, by: 'collector', kind: 'viewed', data: {} } },
  ]);
  const agent = { version: '1', arch: 'x64', runtime: 'node' };
  await store.noteConnection('device-1', { identity: identityOf('x'), agent, clockSkewMs: 0, at: T0 });
  await store.setRevoked('device-2', 5);
  const end = T0 + 3 * DAY;
  for await (const part of store.loadDevices()) expect(part.length).toBeGreaterThan(0);
  await store.getDevice('device-1');
  await store.getDeviceByKey('key-of-device-1');
  await store.getFindings('device-1');
  await store.getHistory('device-1', T0, end, 10);
  await store.getEvents('device-1', T0, end, 10);
  await store.getMoment('device-1', T0 + DAY);
  await store.getDayScores(['2024-10-04', '2024-10-05']);
  for (const most of [1000, 5, 2, 1]) await store.getSeries('device-1', T0, end, most);
  await store.rollUp(end);
  for (const most of [1000, 5, 2, 1]) await store.getSeries('device-1', T0, end, most);
  await store.addPerson(personOf('anna'));
  await store.getPerson('anna');
  await store.listPeople();
  await store.changePerson('anna', { failures: 1 });
  await store.addSession({ idHash: 's', user: 'anna', csrf: 'c', createdAt: 1, expiresAt: T0 });
  await store.getSession('s', 5);
  await store.endSessionsOf('anna', 's');
  await store.endSession('s');
  const api = {
    id: 'p',
    label: 'x',
    role: 'viewer' as const,
    createdAt: 1,
    createdBy: 'anna',
    expiresAt: null,
  };
  await store.addApiToken({ ...api, lastUsed: null, revokedAt: null, secretHash: 'q' });
  await store.listApiTokens();
  await store.useApiToken('q', 5);
  await store.revokeApiToken('p', 6);
  for (let n = 0; n < 3; n += 1) await store.addAudit(auditOf(T0 + n * DAY, 'device-1'));
  await store.listAudit({ limit: 5 });
  await store.listAudit({ limit: 5, subject: 'device-1', before: 3 });
  await store.verifyAudit();
  await store.setNote('a', 'b');
  await store.getNote('a');
  await store.getAgentSettings();
  await useCluster(store);
  const bounds = { open: 9, perDay: 9 };
  for (const id of ['a', 'b'].map(one => one.repeat(24))) {
    const change = { kind: 'asked' as const, id, at: 1, person: null, text: 'Help', about: null };
    await store.takeHelp('device-1', [{ change, at: T0, receivedAt: T0 }], bounds);
  }
  const withdrawal = { kind: 'withdrawn' as const, id: 'b'.repeat(24), at: 2 };
  await store.takeHelp('device-1', [{ change: withdrawal, at: T0, receivedAt: T0 }], bounds);
  await store.moveHelp('device-1', 'a'.repeat(24), { state: 'seen', at: T0, by: 'Anna' });
  await store.getHelp('device-1', 'a'.repeat(24));
  await store.listHelpOf('device-1', 5);
  await store.countHelp();
  for (const over of [true, false]) {
    const [first] = await store.listHelp({ over, limit: 5 });
    if (first !== undefined) await store.listHelp({ over, limit: 5, after: first });
  }
  await store.expire(end, retention(DAY));
  await store.checkWritable();
}

async function useCluster(store: Store): Promise<void> {
  const member = await store.cluster.join({ leaseMs: DAY, facts: {} });
  await member.renew({});
  const { number } = await member.claim('device-1');
  await member.links();
  await member.release('device-1', number);
  await member.claimFree(['device-1', 'device-2']);
  await member.publish(['x']);
  const job = await member.claimJob('sweep', { everyMs: DAY, forMs: DAY });
  await job?.extend();
  await job?.done();
  await store.getDevices(['device-1', 'device-2']);
  await store.getDayScores(['2024-10-04'], ['device-1']);
  await member.leave();
}
