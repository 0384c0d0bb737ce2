import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openMongoStore } from '../../collector/store/mongo/mongo-store.ts';
import { MONGO_TABLES, openMongoSource, openMongoTarget } from '../../collector/store/mongo/transfer.ts';
import { openSqliteStore } from '../../collector/store/sqlite/sqlite-store.ts';
import { openSqliteSource, openSqliteTarget, SQLITE_TABLES } from '../../collector/store/sqlite/transfer.ts';
import type { Store } from '../../collector/store/store.ts';
import { NEVER_ASKED } from '../../collector/store/stored.ts';
import { openArchive, writeArchive } from '../../collector/store/transfer/archive.ts';
import { type Source, TABLE_NAMES, type Target } from '../../collector/store/transfer/tables.ts';
import { transfer } from '../../collector/store/transfer/transfer.ts';
import { DAY, MINUTE } from '../../shared/base/durations.ts';
import { findMongod, ReplicaSet } from '../support/mongod.ts';
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

const program = await findMongod();
const set = program === null ? null : await ReplicaSet.start(program);
const log = { warn() {} };
const T0 = 1_700_000_000_000;
const EVER = Number.MAX_SAFE_INTEGER;
const DEVICES = ['a', 'b', 'c', 'd'];
const RETENTION = {
  rawMs: 2 * DAY,
  quarterMs: 30 * DAY,
  dailyMs: 400 * DAY,
  eventsMs: 90 * DAY,
  historyMs: 90 * DAY,
  auditMs: 90 * DAY,
};

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'trayline-transfer-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}
let databases = 0;
function database(): string {
  databases += 1;
  return set?.url(`transfer-${process.pid}-${databases}`) ?? '';
}

/** Something in every table, with whatever is told apart by order only. */
async function fill(store: Store): Promise<void> {
  for (const id of DEVICES) await store.addDevice(newDevice(id));
  await store.setRevoked('b', T0);
  await store.noteConnection('d', {
    identity: identityOf('d'),
    agent: { version: '0.1.0', arch: 'x64', runtime: 'test' },
    clockSkewMs: 1.5,
    at: T0 + 3,
  });
  const record = { 'os.name': { source: 'agent', value: 'x', observedAt: 1, receivedAt: 2 } } as const;
  for (let n = 0; n < 5; n += 1) {
    const at = T0 + n * DAY;
    await store.commit(
      ['a', 'b'].map(device => ({
        ...{ device, stream: STREAM, after: n, acked: n + 1, receivedAt: at },
        findings: [
          n === 0
            ? { at, replace: true, changed: { disk: findingOf(1), battery: findingOf(2) }, kept: [] }
            : { at, replace: n === 2, changed: { disk: findingOf(n + 3) }, kept: n === 2 ? ['disk'] : [] },
        ],
        fresh: { disk: at + 5 },
        ...(n === 0 ? { record } : {}),
        score: scoreOf(n, at),
        dayScore: { day: new Date(at).toISOString().slice(0, 10), value: n },
        samples: [
          {
            stream: STREAM,
            seq: n + 1,
            rows: [sampleOf(at, n + 0.5), sampleOf(at, n), sampleOf(at + MINUTE, null, 3), sampleOf(5, n)],
          },
        ],
        events: [
          { at, by: 'device' as const, kind: 'boot', data: {} },
          { at, by: 'device' as const, kind: 'wake', data: { sleptMs: n } },
        ],
      })),
    );
  }
  const words = { person: 'kim', text: 'Kein Ton\n– seit gestern', about: null };
  for (const [device, id] of [...['b', 'a'].map(one => ['a', one.repeat(24)]), ['d', 'c'.repeat(24)]]) {
    if (device === undefined || id === undefined) continue;
    const change = { kind: 'asked' as const, id, at: 1, ...words };
    await store.takeHelp(device, [{ change, at: T0, receivedAt: T0 + 1 }], { open: 9, perDay: 9 });
  }
  await store.moveHelp('a', 'b'.repeat(24), {
    state: 'closed',
    at: T0 + 2,
    by: 'Anna',
    answer: 'Neu starten',
  });
  const token = { label: 'x', createdAt: 1, createdBy: 'anna', expiresAt: null, revokedAt: null };
  for (const id of ['t2', 't1']) {
    await store.addEnrolmentToken({ ...token, id, maxUses: 3, uses: 0, secretHash: `hash-${id}` });
    await store.addApiToken({ ...token, id, role: 'viewer', lastUsed: null, secretHash: `hash-${id}` });
    const waiting = { id, publicKey: `key-${id}`, identity: identityOf(id), fingerprint: 'f', address: '' };
    await store.noteWaiting({ ...waiting, firstSeen: 1, lastSeen: 1, rejected: false });
  }
  await store.addPerson(personOf('Anna'));
  await store.addSession({ idHash: 's', user: 'Anna', csrf: 'c', createdAt: 1, expiresAt: T0 * 2 });
  const change = { hash: '00000000000000aa', changedAt: 1, changedBy: 'anna' };
  await store.setAgentSettings(
    { settings: { values: {}, subjects: null, osSupport: null }, ...change },
    null,
  );
  for (const account of ['paris', 'berlin']) {
    const key = { connector: 'intune', account };
    const about = { label: 'Berlin “Ost”', settings: { 'a.b': ['$x', null] }, savedAt: 1, savedBy: 'anna' };
    await store.addAccount({ ...key, ...about, demo: false, standing: NEVER_ASKED });
    const observed = ['r2', 'r1'].map(vendorId => ({
      receivedAt: T0,
      observation: {
        ...{ ...key, source: 'intune' as const, vendorId, kind: 'computer' as const },
        identifiers: {
          ...{ serial: 'PF1ABCDE', uuid: null, entraDeviceId: null, udid: null, falconAid: null },
          ...{ macs: [], hostname: 'LT-1' },
        },
        fields: {},
        observedAt: T0,
      },
    }));
    await store.keepObservations(key, { observed, gone: [] });
    const pin = { kind: 'join' as const, one: `intune/${account}/r1`, other: 'agent/d1' };
    await store.addPin({ id: account, pin, at: 1, by: 'anna' });
  }
  await store.setPrecedence({ order: { 'os.name': ['intune', 'agent'] }, ...change }, null);
  for (let n = 0; n < 4; n += 1) await store.addAudit(auditOf(T0 + n * 60 * DAY, 'a'));
  await store.setNote('note', 'kept');
  await store.expire(T0 + 5 * DAY, RETENTION);
}

/** What the store tells of all this through its own interface. */
async function told(store: Store): Promise<unknown> {
  const devices = [];
  for await (const part of store.loadDevices()) devices.push(...part);
  const each = await Promise.all(
    devices
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map(async device => ({
        device,
        findings: await store.getFindings(device.id),
        history: await store.getHistory(device.id, 0, EVER, 100),
        moment: await store.getMoment(device.id, T0 + 2.5 * DAY),
        series: await store.getSeries(device.id, T0 + 3 * DAY, T0 + 6 * DAY, 1000),
        whole: await store.getSeries(device.id, 0, T0 + 6 * DAY, 1000),
        events: await store.getEvents(device.id, 0, EVER, 100),
      })),
  );
  const days = Array.from({ length: 6 }, (_, n) => new Date(T0 + n * DAY).toISOString().slice(0, 10));
  const scores = [...(await store.getDayScores(days))].map(([id, of]) => [id, [...of].toSorted()]);
  return {
    id: await store.collectorId(),
    each,
    scores: scores.toSorted(),
    tokens: await store.listEnrolmentTokens(),
    apiTokens: await store.listApiTokens(),
    waiting: await store.listWaiting(),
    people: await store.listPeople(),
    session: await store.getSession('s', 5),
    settings: await store.getAgentSettings(),
    accounts: await store.listAccounts(),
    observations: await store.getObservations(
      ['r1', 'r2'].map(vendorId => ({ connector: 'intune', account: 'berlin', vendorId })),
    ),
    pins: await store.listPins(),
    precedence: await store.getPrecedence(),
    audit: await store.listAudit({ limit: 100 }),
    audited: await store.verifyAudit(),
    note: await store.getNote('note'),
  };
}

interface Side {
  readonly place: string;
  store(): Promise<Store>;
  source(): Promise<Source>;
  target(from: { collectorId: string }): Promise<Target>;
}
const KINDS: Readonly<Record<string, () => Promise<Side>>> = {
  async SQLite() {
    const place = await folder();
    return {
      place,
      store: () => openSqliteStore({ folder: place }),
      source: async () => openSqliteSource(place, { alone: true }),
      target: async from => openSqliteTarget(place, from),
    };
  },
  async MongoDB() {
    const place = database();
    return {
      place,
      store: () => openMongoStore({ url: place }),
      source: () => openMongoSource({ url: place, log }),
      target: from => openMongoTarget({ url: place, log }, from),
    };
  },
};

async function using<T>(opened: Promise<Store>, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await opened;
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function filled(kind: string): Promise<{ side: Side; before: unknown }> {
  const side = await (KINDS[kind] ?? KINDS.SQLite!)();
  const before = await using(side.store(), async store => {
    await fill(store);
    return told(store);
  });
  return { side, before };
}

async function copy(source: Source, target: Target) {
  try {
    return await transfer(source, target);
  } finally {
    await target.close();
    await source.close();
  }
}

/** A target that dies while it writes a device. */
function dying(target: Target, device: string): Target {
  return {
    ...target,
    doneUpTo: target.doneUpTo,
    pieces: () => target.pieces(),
    async write(piece) {
      if (piece.device === device) throw new Error('killed');
      await target.write(piece);
    },
  };
}

const pairs =
  set === null
    ? [['SQLite', 'SQLite']]
    : [
        ['SQLite', 'MongoDB'],
        ['MongoDB', 'SQLite'],
      ];

describe.each(pairs)('from %s to %s', (from, to) => {
  test('everything is there, and the store tells the same of it', async () => {
    const { side, before } = await filled(from ?? '');
    const other = await KINDS[to ?? '']!();
    const source = await side.source();
    const tally = await copy(source, await other.target(source));
    // Late marks last until the next roll-up only; `fill` ends with one.
    const empty = TABLE_NAMES.filter(name => tally[name].rows === 0);
    expect(empty).toEqual(['lateQuarters', 'lateDays']);
    expect(await using(other.store(), told)).toEqual(before);
  });

  test('an unfinished copy is opened by no collector, goes on where it stopped, and is another one nobody takes', async () => {
    const { side, before } = await filled(from ?? '');
    const other = await KINDS[to ?? '']!();
    const first = await side.source();
    await expect(copy(first, dying(await other.target(first), 'c'))).rejects.toThrow('killed');
    await expect(other.target({ collectorId: 'another' })).rejects.toMatchObject({ code: 'conflict' });
    if (to === 'MongoDB') await expect(other.store()).rejects.toMatchObject({ code: 'store-unsuitable' });

    const again = await side.source();
    const target = await other.target(again);
    expect(target.doneUpTo).toBe('b');
    await copy(again, target);
    expect(await using(other.store(), told)).toEqual(before);
  });

  test('a target that holds something is refused and left as it is', async () => {
    const { side } = await filled(from ?? '');
    const other = await filled(to ?? '');
    const source = await side.source();
    await expect(other.side.target(source)).rejects.toMatchObject({ code: 'conflict' });
    await source.close();
    expect(await using(other.side.store(), told)).toEqual(other.before);
  });

  test('a backup restores into the other database, and a damaged one is refused', async () => {
    const { side, before } = await filled(from ?? '');
    const path = join(await folder(), 'backup.gz');
    const source = await side.source();
    await writeArchive(source, path);
    await source.close();
    const other = await KINDS[to ?? '']!();
    const archive = await openArchive(path);
    await copy(archive, await other.target(archive));
    expect(await using(other.store(), told)).toEqual(before);

    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 40));
    await expect(openArchive(path)).rejects.toMatchObject({ code: 'conflict' });
  });
});

test('a row that changed on the way is noticed, and the copy stays unfinished', async () => {
  const { side } = await filled('SQLite');
  const other = await KINDS.SQLite!();
  const source = await side.source();
  const target = await other.target(source);
  const changing: Target = {
    ...target,
    pieces: () => target.pieces(),
    write: piece =>
      target.write({ ...piece, tables: { ...piece.tables, events: piece.tables.events?.slice(1) ?? [] } }),
  };
  await expect(copy(source, changing)).rejects.toMatchObject({ code: 'conflict' });
});

describe('no table is forgotten', () => {
  test('every SQLite table is part of a table that is carried over, or left behind on purpose', async () => {
    const place = await folder();
    await (await openSqliteStore({ folder: place })).close();
    const db = new DatabaseSync(join(place, 'trayline.sqlite'), { readOnly: true });
    const found = db
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .all()
      .map(({ name }) => String(name));
    db.close();
    expect(Object.keys(SQLITE_TABLES).toSorted()).toEqual(found.toSorted());
    expect(new Set(Object.values(SQLITE_TABLES).filter(name => name !== null))).toEqual(new Set(TABLE_NAMES));
  });

  test('every MongoDB collection is part of a table that is carried over, or left behind on purpose', () => {
    // That every model is named is the compiler's part: MONGO_TABLES is a record of all of them.
    const named = Object.values(MONGO_TABLES).filter(name => name !== null);
    expect(new Set(named)).toEqual(new Set(TABLE_NAMES));
  });
});
