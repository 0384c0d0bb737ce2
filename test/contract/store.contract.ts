import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { StoredAccount, StoredObservation, StoredPin } from '../../collector/store/connectors.ts';
import type {
  DeviceCommit,
  FindingsStep,
  Retention,
  Store,
  StoredAgentSettings,
  StoredApiToken,
  StoredDevice,
  StoredEnrolmentToken,
  StoredWaiting,
} from '../../collector/store/store.ts';
import { NEVER_ASKED } from '../../collector/store/stored.ts';
import { DAY, HOUR, MINUTE } from '../../shared/base/durations.ts';
import type { Findings } from '../../shared/device/finding.ts';
import { OS_SUPPORT } from '../../shared/device/os-support-table.ts';
import { NO_SUBJECTS } from '../../shared/device/subjects.ts';
import {
  auditOf,
  findingOf,
  identityOf,
  newDevice,
  OTHER_STREAM,
  personOf,
  STREAM,
  sampleOf,
  scoreOf,
} from '../support/store-facts.ts';

/** What the suite cannot do through the store's own interface. */
export interface StoreMeans<S extends Store> {
  /** URL of a module that exports `open(folder)`, for a process of its own. */
  readonly module: string;
  /** Makes further growth fail as a full disk does, and ends it. */
  fill(store: S): void | Promise<void>;
  relieve(store: S): void | Promise<void>;
  /** On a closed store: changes the data of the audit entry with this number. */
  spoilAudit(folder: string, n: number): void | Promise<void>;
  /** On a closed store: removes the newest audit entry. */
  cutAudit(folder: string): void | Promise<void>;
  /** On a closed store: makes the stored record, or the identity, of a device unreadable. */
  spoilDevice(folder: string, id: string, what: 'record' | 'identity'): void | Promise<void>;
}

const KEEP_ALL: Retention = {
  rawMs: 10_000 * DAY,
  quarterMs: 10_000 * DAY,
  dailyMs: 10_000 * DAY,
  eventsMs: 10_000 * DAY,
  historyMs: 10_000 * DAY,
  auditMs: 10_000 * DAY,
};
/** A day's start, far enough from 0 for every retention. */
const T0 = 20_000 * DAY;

/** The promises of store.ts, one case or more for each, on any implementation. */
export function storeContract<S extends Store>(
  name: string,
  open: (folder: string) => Promise<S>,
  means: StoreMeans<S>,
): void {
  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'trayline-store-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** A store in a folder of its own, closed after the test; `reopen` closes it and opens the folder again. */
  async function fresh(...ids: string[]) {
    const folder = await newFolder();
    let store = await open(folder);
    onTestFinished(() => store.close());
    for (const id of ids) await store.addDevice(newDevice(id));
    return {
      folder,
      get store() {
        return store;
      },
      async reopen(): Promise<S> {
        await store.close();
        store = await open(folder);
        return store;
      },
    };
  }

  function commitOf(
    device: string,
    after: number,
    { step, samples: readings, ...rest }: Partial<DeviceCommit> & { step?: Omit<FindingsStep, 'at'> } = {},
  ): DeviceCommit {
    const receivedAt = rest.receivedAt ?? T0 + after;
    const findings = step === undefined ? {} : { findings: [{ ...step, at: receivedAt }] };
    // Readings come in a frame of their own number: the first of the commit.
    const kept =
      readings === undefined ? {} : { samples: readings.map(({ rows }) => ({ seq: after + 1, rows })) };
    return { device, stream: STREAM, after, acked: after + 1, receivedAt, ...findings, ...kept, ...rest };
  }

  /** One step; its time is that of the commit it goes into (see `commitOf`). */
  function changes(changed: Findings): { step: Omit<FindingsStep, 'at'> } {
    return { step: { replace: false, changed, kept: [] } };
  }

  function snapshot(changed: Findings, kept: string[] = []): { step: Omit<FindingsStep, 'at'> } {
    return { step: { replace: true, changed, kept } };
  }

  /** Readings of one frame; its number is given by the commit it goes into (see `commitOf`). */
  function samples(...rows: ReturnType<typeof sampleOf>[]): Pick<DeviceCommit, 'samples'> {
    return { samples: [{ seq: 1, rows }] };
  }

  async function all(store: Store): Promise<StoredDevice[]> {
    const devices: StoredDevice[] = [];
    for await (const part of store.loadDevices()) devices.push(...part);
    return devices.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  describe(`${name}: opening and closing`, () => {
    test('keeps its collector id and its notes across a restart', async () => {
      const scene = await fresh();
      const id = await scene.store.collectorId();
      expect(id.length).toBeGreaterThan(8);
      expect(await scene.store.getNote('greeting')).toBeNull();
      await scene.store.setNote('greeting', 'first');
      await scene.store.setNote('greeting', 'second');
      const again = await scene.reopen();
      expect([await again.collectorId(), await again.getNote('greeting')]).toEqual([id, 'second']);
    });

    test('describes itself and tells its size', async () => {
      const { store } = await fresh();
      expect(store.description).toMatch(/\S+ \d+\.\d+.* at /);
      expect(await store.storageBytes()).toBeGreaterThan(0);
    });

    test('closes twice as well as once and refuses work afterwards', async () => {
      const { store } = await fresh('a');
      const underWay = store.commit([commitOf('a', 0)]);
      await Promise.all([store.close(), store.close()]);
      expect(await underWay).toEqual({ refused: [] });
      await store.close();
      await expect(store.getDevice('a')).rejects.toMatchObject({ code: 'store-unavailable' });
      await expect(store.setNote('a', 'b')).rejects.toMatchObject({ code: 'store-unavailable' });
      await expect(store.checkWritable()).rejects.toMatchObject({ code: 'store-unavailable' });
    });
  });

  describe(`${name}: devices`, () => {
    test('gives back an added device by id, by key and in the list, also after a restart', async () => {
      const scene = await fresh('a', 'b');
      const expected: StoredDevice = {
        ...newDevice('a'),
        revokedAt: null,
        agent: null,
        clockSkewMs: null,
        stream: null,
        acked: 0,
        lastSeen: null,
        record: {},
        score: null,
        recordBehind: false,
        hashes: {},
        fresh: {},
      };
      for (const restarted of [false, true]) {
        const store = restarted ? await scene.reopen() : scene.store;
        expect(await store.getDevice('a')).toEqual(expected);
        expect(await store.getDeviceByKey('key-of-a')).toEqual(expected);
        expect((await all(store)).map(device => device.id)).toEqual(['a', 'b']);
        expect(await store.getDevice('nobody')).toBeNull();
        expect(await store.getDeviceByKey('nothing')).toBeNull();
      }
    });

    test('refuses a second device with the same id or the same key', async () => {
      const { store } = await fresh('a');
      const sameId = { ...newDevice('a'), publicKey: 'another' };
      const sameKey = { ...newDevice('z'), publicKey: 'key-of-a' };
      await expect(store.addDevice(sameId)).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.addDevice(sameKey)).rejects.toMatchObject({ code: 'conflict' });
      expect((await all(store)).length).toBe(1);
      expect(await store.getDevice('z')).toBeNull();
    });

    test('loads more devices than fit into one part, each once', async () => {
      const { store } = await fresh();
      const ids = Array.from({ length: 1203 }, (_, n) => `device-${String(n).padStart(4, '0')}`);
      await Promise.all(ids.map(id => store.addDevice(newDevice(id))));
      let parts = 0;
      for await (const part of store.loadDevices()) parts += part.length > 0 ? 1 : 0;
      expect(parts).toBeGreaterThan(1);
      expect((await all(store)).map(device => device.id)).toEqual(ids);
    });

    test('remembers a revocation and takes it back', async () => {
      const scene = await fresh('a');
      await scene.store.setRevoked('a', 77);
      expect((await (await scene.reopen()).getDevice('a'))?.revokedAt).toBe(77);
      await scene.store.setRevoked('a', null);
      expect((await (await scene.reopen()).getDevice('a'))?.revokedAt).toBeNull();
    });

    test('remembers what a device said when it connected', async () => {
      const scene = await fresh('a');
      const agent = { version: '1.2.3', arch: 'arm64', runtime: 'node 24' };
      await scene.store.noteConnection('a', {
        identity: identityOf('renamed'),
        agent,
        clockSkewMs: -12.5,
        at: 4321,
      });
      const device = await (await scene.reopen()).getDevice('a');
      expect(device).toMatchObject({
        identity: { hostname: 'renamed' },
        agent,
        clockSkewMs: -12.5,
        lastSeen: 4321,
      });
    });

    test('does not let one unreadable record or device sink the others', async () => {
      const scene = await fresh('a', 'b', 'c');
      const record = {
        'os.name': { source: 'agent', value: 'Windows 11', observedAt: 1, receivedAt: 2 },
      } as const;
      await scene.store.commit(['a', 'b', 'c'].map(id => commitOf(id, 0, { record })));
      await scene.store.close();
      await means.spoilDevice(scene.folder, 'a', 'record');
      await means.spoilDevice(scene.folder, 'b', 'identity');
      const store = await scene.reopen();
      expect((await all(store)).map(({ id, record }) => [id, record])).toEqual([
        ['a', {}],
        ['c', record],
      ]);
      expect(await store.getDevice('b')).toBeNull();
    });
  });

  describe(`${name}: what agents are told`, () => {
    function told(hash: string, sampleSeconds: number): StoredAgentSettings {
      return {
        settings: {
          values: { sampleSeconds },
          subjects: { ...NO_SUBJECTS, files: [{ id: 'a', path: '/opt/a b/ä' }] },
          osSupport: OS_SUPPORT,
        },
        hash,
        changedAt: T0,
        changedBy: 'admin',
      };
    }

    test('is nothing at first, then what was set last, also after a restart', async () => {
      const scene = await fresh();
      expect(await scene.store.getAgentSettings()).toBeNull();
      const first = told('00000000000000aa', 30);
      expect(await scene.store.setAgentSettings(first, null)).toBe(true);
      expect(await scene.store.getAgentSettings()).toEqual(first);
      const second: StoredAgentSettings = {
        ...told('00000000000000bb', 40),
        settings: { values: {}, subjects: null, osSupport: null },
      };
      expect(await scene.store.setAgentSettings(second, first.hash)).toBe(true);
      expect(await (await scene.reopen()).getAgentSettings()).toEqual(second);
    });

    test('is not overwritten by somebody who has not seen it', async () => {
      const { store } = await fresh();
      const first = told('00000000000000aa', 30);
      expect(await store.setAgentSettings(first, '00000000000000bb')).toBe(false);
      expect(await store.getAgentSettings()).toBeNull();
      await store.setAgentSettings(first, null);
      const others = [told('00000000000000bb', 40), told('00000000000000cc', 50)];
      expect(await store.setAgentSettings(told('00000000000000dd', 60), null)).toBe(false);
      const done = await Promise.all(others.map(one => store.setAgentSettings(one, first.hash)));
      expect(done.toSorted()).toEqual([false, true]);
      expect(await store.getAgentSettings()).toEqual(others[done.indexOf(true)]);
    });
  });

  describe(`${name}: accounts of connectors`, () => {
    const BERLIN: StoredAccount = {
      connector: 'intune',
      account: 'berlin',
      label: 'Berlin “Ost”',
      settings: { tenantId: 'berlin.example', clientSecret: 'tls1.sealed', nested: { 'a.b': ['$x', null] } },
      savedAt: T0,
      savedBy: 'ines',
      demo: false,
      standing: NEVER_ASKED,
    };
    const PARIS: StoredAccount = { ...BERLIN, account: 'paris', label: 'Paris', demo: true };

    test('keeps each account whole and in order, across a restart, and only one of a name', async () => {
      const scene = await fresh();
      expect(await scene.store.listAccounts()).toEqual([]);
      const entra: StoredAccount = { ...PARIS, connector: 'entra' };
      for (const account of [PARIS, BERLIN, entra]) await scene.store.addAccount(account);
      await expect(scene.store.addAccount({ ...BERLIN, label: 'again' })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await (await scene.reopen()).listAccounts()).toEqual([entra, BERLIN, PARIS]);
    });

    test('replaces an account only as it was last saved, and takes no standing of other settings', async () => {
      const { store } = await fresh();
      await store.addAccount(BERLIN);
      const standing = { ...NEVER_ASKED, workedAt: T0 + 5, checkpoint: { link: 'x', at: [1, 'y'] } };
      expect(await store.noteStanding(BERLIN, standing)).toBe(true);
      const saved: StoredAccount = {
        ...BERLIN,
        label: 'Berlin',
        savedAt: T0 + 9,
        settings: { tenantId: 'other' },
      };
      expect(await store.replaceAccount(saved, T0 + 1)).toBe(false);
      expect(await store.listAccounts()).toEqual([{ ...BERLIN, standing }]);
      expect(await store.replaceAccount(saved, T0)).toBe(true);
      expect(await store.noteStanding(BERLIN, standing)).toBe(false);
      expect(await store.noteStanding({ ...PARIS, savedAt: T0 }, standing)).toBe(false);
      expect(await store.listAccounts()).toEqual([saved]);
    });

    test('keeps the latest observation of each record of an account, and those of others apart', async () => {
      const scene = await fresh();
      const { store } = scene;
      await store.addAccount(BERLIN);
      await store.addAccount(PARIS);
      const first = observed('berlin', 'r1', { receivedAt: T0 });
      const again = observed('berlin', 'r1', { receivedAt: T0 + 7, hostname: 'NEW-NAME' });
      const second = observed('berlin', 'r2', { receivedAt: T0 });
      const abroad = observed('paris', 'r1', { receivedAt: T0 });
      expect(await store.keepObservations(BERLIN, { observed: [first, second, abroad], gone: [] })).toBe(
        true,
      );
      expect(await store.keepObservations(PARIS, { observed: [abroad], gone: [] })).toBe(true);
      expect(await store.keepObservations(BERLIN, { observed: [again], gone: ['r2', 'never-there'] })).toBe(
        true,
      );
      const reopened = await scene.reopen();
      expect((await observations(reopened)).toSorted(byAccount)).toEqual([again, abroad]);
      const keys = [abroad, second, again].map(({ observation }) => observation);
      expect(await reopened.getObservations(keys)).toEqual([abroad, again]);
      expect(await reopened.getObservations([])).toEqual([]);
    });

    test('gives thousands of observations in parts, each once', async () => {
      const { store } = await fresh();
      await store.addAccount(BERLIN);
      const many = Array.from({ length: 1234 }, (_, i) =>
        observed('berlin', `r${i}`, { receivedAt: T0 + i }),
      );
      await store.keepObservations(BERLIN, { observed: many, gone: [] });
      const ids = (await observations(store)).map(({ observation }) => observation.vendorId);
      expect([ids.length, new Set(ids).size]).toEqual([1234, 1234]);
    });

    test('removes an account with what it observed, and keeps nothing of one that is not there', async () => {
      const { store } = await fresh();
      await store.addAccount(BERLIN);
      await store.addAccount(PARIS);
      const ours = observed('berlin', 'r1', { receivedAt: T0 });
      const abroad = observed('paris', 'r1', { receivedAt: T0 });
      await store.keepObservations(BERLIN, { observed: [ours], gone: [] });
      await store.keepObservations(PARIS, { observed: [abroad], gone: [] });
      expect(await store.removeAccount(BERLIN)).toBe(true);
      expect(await store.removeAccount(BERLIN)).toBe(false);
      expect(await store.keepObservations(BERLIN, { observed: [ours], gone: [] })).toBe(false);
      expect(await observations(store)).toEqual([abroad]);
      expect((await store.listAccounts()).map(({ account }) => account)).toEqual(['paris']);
    });

    test('keeps decisions oldest first until they are taken back', async () => {
      const scene = await fresh();
      const pin = (id: string, kind: StoredPin['pin']['kind']): StoredPin => ({
        id,
        pin: { kind, one: 'intune/berlin/r1', other: 'agent/d1' },
        at: T0,
        by: 'ines',
      });
      for (const one of [pin('z', 'split'), pin('a', 'join')]) await scene.store.addPin(one);
      await expect(scene.store.addPin(pin('a', 'split'))).rejects.toMatchObject({ code: 'conflict' });
      expect(await (await scene.reopen()).listPins()).toEqual([pin('z', 'split'), pin('a', 'join')]);
      expect(await scene.store.removePin('z')).toBe(true);
      expect(await scene.store.removePin('z')).toBe(false);
      expect(await scene.store.listPins()).toEqual([pin('a', 'join')]);
    });

    test('keeps whom to believe, and of two who change the same tells one so', async () => {
      const scene = await fresh();
      expect(await scene.store.getPrecedence()).toBeNull();
      const first = {
        order: { 'identity.person': ['entra', 'agent'] },
        hash: '00000000000000aa',
        changedAt: T0,
        changedBy: 'ines',
      } as const;
      expect(await scene.store.setPrecedence(first, '00000000000000bb')).toBe(false);
      expect(await scene.store.setPrecedence(first, null)).toBe(true);
      expect(await scene.store.setPrecedence(first, null)).toBe(false);
      expect(await (await scene.reopen()).getPrecedence()).toEqual(first);
      const others = ['00000000000000cc', '00000000000000dd'].map(hash => ({ ...first, hash, order: {} }));
      const done = await Promise.all(others.map(one => scene.store.setPrecedence(one, first.hash)));
      expect(done.toSorted()).toEqual([false, true]);
      expect(await scene.store.getPrecedence()).toEqual(others[done.indexOf(true)]);
    });

    function observed(
      account: string,
      vendorId: string,
      { receivedAt, hostname = 'LT-1' }: { receivedAt: number; hostname?: string },
    ): StoredObservation {
      return {
        receivedAt,
        observation: {
          connector: 'intune',
          source: 'intune',
          account,
          vendorId,
          kind: 'computer',
          identifiers: {
            serial: 'PF1ABCDE',
            uuid: null,
            entraDeviceId: null,
            udid: null,
            falconAid: null,
            macs: [],
            hostname,
          },
          fields: {
            'compliance.compliant': { value: true, observedAt: T0 - 5 },
            'encryption.system': { value: null, reason: 'vendor-unknown', raw: '$odd.word' },
          },
          observedAt: T0 - 5,
        },
      };
    }

    async function observations(store: Store): Promise<StoredObservation[]> {
      const found: StoredObservation[] = [];
      for await (const part of store.loadObservations()) found.push(...part);
      return found;
    }

    function byAccount(one: StoredObservation, other: StoredObservation): number {
      return one.observation.account < other.observation.account ? -1 : 1;
    }
  });

  describe(`${name}: commits`, () => {
    test('stores everything a commit brings, and it is there after a restart', async () => {
      const scene = await fresh('a');
      const record = {
        'os.name': { source: 'agent', value: 'Windows 11', observedAt: 1, receivedAt: 2 },
      } as const;
      const event = { at: T0 + 5, by: 'device', kind: 'boot', data: { reason: 'update', n: 1 } } as const;
      const result = await scene.store.commit([
        commitOf('a', 0, {
          acked: 7,
          receivedAt: T0,
          ...snapshot({ disk: findingOf(1), battery: findingOf(2) }),
          fresh: { disk: 50 },
          identity: identityOf('other'),
          record,
          score: scoreOf(81.25, 9),
          dayScore: { day: '2026-11-22', value: 81.25 },
          ...samples(sampleOf(T0, 12.5, 50.25)),
          events: [event],
        }),
      ]);
      expect(result).toEqual({ refused: [] });
      for (const restarted of [false, true]) {
        const store = restarted ? await scene.reopen() : scene.store;
        expect(await store.getDevice('a')).toMatchObject({
          identity: identityOf('other'),
          stream: STREAM,
          acked: 7,
          lastSeen: T0,
          record,
          score: scoreOf(81.25, 9),
          hashes: { disk: findingOf(1).hash, battery: findingOf(2).hash },
          fresh: { disk: 50 },
        });
        expect(await store.getFindings('a')).toEqual({
          disk: { ...findingOf(1), at: 50 },
          battery: findingOf(2),
        });
        expect((await store.getSeries('a', 0, 2 * T0, 100)).rows).toEqual([sampleOf(T0, 12.5, 50.25)]);
        expect(await store.getEvents('a', 0, 2 * T0, 100)).toEqual([event]);
        expect((await store.getMoment('a', T0))?.score).toEqual(scoreOf(81.25, 9));
        expect(await store.getDayScores(['2026-11-21', '2026-11-22'])).toEqual(
          new Map([['a', new Map([['2026-11-22', 81.25]])]]),
        );
      }
    });

    test('leaves out a device whose `after` is not what is held, and stores the others', async () => {
      const { store } = await fresh('a', 'b');
      await store.commit([commitOf('a', 0)]);
      const wrong = { ...changes({ disk: findingOf(9) }), ...samples(sampleOf(1, 1)) };
      for (const after of [0, 2, 9]) {
        const { refused } = await store.commit([
          commitOf('a', after, wrong),
          commitOf('b', after === 0 ? 0 : 1, { acked: 1 }),
        ]);
        expect(refused).toEqual(['a']);
      }
      expect(await store.getDevice('a')).toMatchObject({ acked: 1, hashes: {} });
      expect(await store.getDevice('b')).toMatchObject({ acked: 1 });
      expect((await store.getSeries('a', 0, T0, 10)).rows).toEqual([]);
    });

    test('refuses a device that it does not know and a number that goes back', async () => {
      const { store } = await fresh('a');
      expect(await store.commit([commitOf('nobody', 0)])).toEqual({ refused: ['nobody'] });
      await store.commit([commitOf('a', 0, { acked: 5 })]);
      expect(await store.commit([commitOf('a', 5, { acked: 4 })])).toEqual({ refused: ['a'] });
      expect((await store.getDevice('a'))?.acked).toBe(5);
    });

    test('begins a new stream at 0 and knows the old one no more', async () => {
      const { store } = await fresh('a');
      await store.commit([commitOf('a', 0, { acked: 40, ...changes({ disk: findingOf(1) }) })]);
      const later = commitOf('a', 40, { stream: OTHER_STREAM });
      expect(await store.commit([later])).toEqual({ refused: ['a'] });
      const begun = commitOf('a', 0, { stream: OTHER_STREAM, acked: 3 });
      expect(await store.commit([begun])).toEqual({ refused: [] });
      expect(await store.getDevice('a')).toMatchObject({ stream: OTHER_STREAM, acked: 3 });
      expect(await store.commit([commitOf('a', 40)])).toEqual({ refused: ['a'] });
      expect(Object.keys(await store.getFindings('a'))).toEqual(['disk']);
    });

    test('applies two commits of one device in one call one after the other', async () => {
      const { store } = await fresh('a');
      const { refused } = await store.commit([
        commitOf('a', 0, { ...changes({ disk: findingOf(1) }), ...samples(sampleOf(1, 1)) }),
        commitOf('a', 1, { ...changes({ disk: findingOf(2) }), ...samples(sampleOf(2, 2)) }),
      ]);
      expect(refused).toEqual([]);
      expect((await store.getDevice('a'))?.acked).toBe(2);
      expect(await store.getFindings('a')).toEqual({ disk: findingOf(2) });
      expect((await store.getSeries('a', 0, 9, 9)).rows.map(row => row[1])).toEqual([1, 2]);
    });

    test('lets commits that are not waited for take effect in the order of the calls', async () => {
      const scene = await fresh('a');
      const results = await Promise.all(
        Array.from({ length: 300 }, (_, n) =>
          scene.store.commit([
            commitOf('a', n, changes({ disk: findingOf(n), [`c${n % 7}`]: findingOf(n) })),
          ]),
        ),
      );
      expect(results.every(({ refused }) => refused.length === 0)).toBe(true);
      const store = await scene.reopen();
      expect((await store.getDevice('a'))?.acked).toBe(300);
      expect((await store.getFindings('a')).disk).toEqual(findingOf(299));
      expect((await store.getHistory('a', 0, 2 * T0, 1000)).length).toBe(300);
    });

    test('a commit with no devices changes nothing', async () => {
      const { store } = await fresh('a');
      expect(await store.commit([])).toEqual({ refused: [] });
    });

    test('keeps acknowledged commits whole and once when the process is killed', async () => {
      const folder = await newFolder();
      const child = spawn(
        process.execPath,
        [fileURLToPath(new URL('../support/store-commit-process.ts', import.meta.url)), means.module, folder],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const ended = new Promise(resolve => child.once('exit', resolve));
      let acknowledged = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged === 400) child.kill('SIGKILL');
      }
      await ended;
      expect(acknowledged).toBeGreaterThanOrEqual(400);
      const store = await open(folder);
      onTestFinished(() => store.close());
      const counters = (await all(store)).map(device => device.acked);
      // One transaction for all three: they stand at the same number, whichever was the last to get through.
      expect(new Set(counters).size).toBe(1);
      const reached = counters[0] ?? 0;
      expect(reached).toBeGreaterThanOrEqual(acknowledged);
      const numbers = Array.from({ length: reached }, (_, n) => n + 1);
      for (const id of ['a', 'b', 'c']) {
        expect((await store.getSeries(id, 0, T0, 1e6)).rows.map(row => row[1])).toEqual(numbers);
        expect((await store.getEvents(id, 0, T0, 1e6)).map(event => event.data.round)).toEqual(numbers);
        expect((await store.getHistory(id, 0, T0, 1e6)).map(entry => entry.at)).toEqual(numbers);
        expect((await store.getFindings(id)).counter).toEqual(findingOf(reached));
      }
      expect(await store.commit(['a', 'b', 'c'].map(id => commitOf(id, reached)))).toEqual({ refused: [] });
    });
  });

  describe(`${name}: findings`, () => {
    test('changes lie over what is held; a snapshot drops what it neither brings nor keeps', async () => {
      const scene = await fresh('a');
      const { store } = scene;
      await store.commit([commitOf('a', 0, changes({ a: findingOf(1), b: findingOf(2), c: findingOf(3) }))]);
      await store.commit([commitOf('a', 1, changes({ b: findingOf(4) }))]);
      expect(await store.getFindings('a')).toEqual({ a: findingOf(1), b: findingOf(4), c: findingOf(3) });
      await store.commit([commitOf('a', 2, snapshot({ d: findingOf(5) }, ['b', 'never-held']))]);
      for (const restarted of [false, true]) {
        const held = restarted ? await scene.reopen() : store;
        expect(await held.getFindings('a')).toEqual({ b: findingOf(4), d: findingOf(5) });
        expect((await held.getDevice('a'))?.hashes).toEqual({ b: findingOf(4).hash, d: findingOf(5).hash });
      }
      await scene.store.commit([commitOf('a', 3, snapshot({}))]);
      expect(await scene.store.getFindings('a')).toEqual({});
      expect((await scene.store.getDevice('a'))?.hashes).toEqual({});
    });

    test('is empty for a device that is not there or has sent nothing', async () => {
      const { store } = await fresh('a');
      expect([await store.getFindings('a'), await store.getFindings('nobody')]).toEqual([{}, {}]);
    });

    test('a newer run with the same answer makes the finding younger, until a newer finding comes', async () => {
      const { store } = await fresh('a');
      await store.commit([commitOf('a', 0, changes({ disk: findingOf(100), os: findingOf(100) }))]);
      await store.commit([commitOf('a', 1, { fresh: { disk: 200, os: 50, unknown: 300 } })]);
      expect((await store.getDevice('a'))?.fresh).toEqual({ disk: 200 });
      expect(await store.getFindings('a')).toEqual({
        disk: { ...findingOf(100), at: 200 },
        os: findingOf(100),
      });
      await store.commit([commitOf('a', 2, changes({ disk: findingOf(300) }))]);
      expect((await store.getDevice('a'))?.fresh).toEqual({});
      expect((await store.getFindings('a')).disk).toEqual(findingOf(300));
    });

    test('keeps a check that is named like something every object has', async () => {
      const scene = await fresh('a');
      await scene.store.commit([commitOf('a', 0, changes({ disk: findingOf(1) }))]);
      await scene.store.commit([commitOf('a', 1, { fresh: { constructor: 7 } })]);
      expect((await scene.store.getDevice('a'))?.hashes).toEqual({ disk: findingOf(1).hash });
      await scene.store.commit([commitOf('a', 2, changes({ constructor: findingOf(2) }))]);
      const store = await scene.reopen();
      expect(await store.getFindings('a')).toEqual({ disk: findingOf(1), constructor: findingOf(2) });
    });

    test('tells findings and score as they were at any moment', async () => {
      const scene = await fresh('a');
      const { store } = scene;
      await store.commit([
        commitOf('a', 0, {
          receivedAt: T0,
          ...snapshot({ a: findingOf(1), b: findingOf(2) }),
          score: scoreOf(90),
        }),
      ]);
      await store.commit([commitOf('a', 1, { receivedAt: T0 + 10, ...changes({ a: findingOf(3) }) })]);
      await store.commit([
        commitOf('a', 2, {
          receivedAt: T0 + 20,
          score: scoreOf(70),
          dayScore: { day: '2024-10-04', value: 70 },
        }),
      ]);
      await store.commit([commitOf('a', 3, { receivedAt: T0 + 30, ...snapshot({}, ['b']) })]);
      const moments: unknown[] = [];
      const reopened = await scene.reopen();
      for (const at of [T0 - 1, T0, T0 + 10, T0 + 15, T0 + 20, T0 + 40]) {
        moments.push(await reopened.getMoment('a', at));
      }
      expect(moments).toEqual([
        null,
        { findings: { a: findingOf(1), b: findingOf(2) }, score: scoreOf(90) },
        { findings: { a: findingOf(3), b: findingOf(2) }, score: scoreOf(90) },
        { findings: { a: findingOf(3), b: findingOf(2) }, score: scoreOf(90) },
        { findings: { a: findingOf(3), b: findingOf(2) }, score: scoreOf(70) },
        { findings: { b: findingOf(2) }, score: scoreOf(70) },
      ]);
      expect(await reopened.getMoment('nobody', T0)).toBeNull();
    });

    test('lists history in order, the newest ones when there are too many', async () => {
      const { store } = await fresh('a');
      await store.commit([commitOf('a', 0, { receivedAt: T0, ...snapshot({ a: findingOf(1) }) })]);
      await store.commit([commitOf('a', 1, { receivedAt: T0 + 1, ...snapshot({ b: findingOf(2) }, ['x']) })]);
      await store.commit([commitOf('a', 2, { receivedAt: T0 + 2, fresh: { b: 99 } })]);
      await store.commit([
        commitOf('a', 3, { receivedAt: T0 + 3, ...changes({ b: findingOf(3) }), score: scoreOf(5) }),
      ]);
      const first = { at: T0, full: true, findings: { a: findingOf(1) }, removed: [], score: null };
      const second = { at: T0 + 1, full: false, findings: { b: findingOf(2) }, removed: ['a'], score: null };
      const third = {
        at: T0 + 3,
        full: false,
        findings: { b: findingOf(3) },
        removed: [],
        score: scoreOf(5),
      };
      expect(await store.getHistory('a', T0, T0 + 9, 9)).toEqual([first, second, third]);
      expect(await store.getHistory('a', T0, T0 + 9, 2)).toEqual([second, third]);
      expect(await store.getHistory('a', T0 + 1, T0 + 2, 9)).toEqual([second]);
    });

    test('keeps every step of a backlog at its own time', async () => {
      const { store } = await fresh('a');
      const step = (at: number, changed: Findings, replace = false): FindingsStep => ({
        at,
        replace,
        changed,
        kept: [],
      });
      const backlog = [
        step(T0 + 1, { disk: findingOf(1), battery: findingOf(1) }, true),
        step(T0 + 2, { disk: findingOf(2) }),
        step(T0 + 3, { disk: findingOf(3) }),
      ];
      await store.commit([
        commitOf('a', 0, { acked: 3, receivedAt: T0 + 9, findings: backlog, score: scoreOf(40) }),
      ]);
      const disk = async (at: number) => (await store.getMoment('a', at))?.findings.disk;
      expect([await disk(T0), await disk(T0 + 1), await disk(T0 + 2), await disk(T0 + 8)]).toEqual([
        undefined,
        findingOf(1),
        findingOf(2),
        findingOf(3),
      ]);
      expect(await store.getFindings('a')).toEqual({ disk: findingOf(3), battery: findingOf(1) });
      expect((await store.getHistory('a', T0, T0 + 9, 9)).map(entry => [entry.at, entry.score])).toEqual([
        [T0 + 1, null],
        [T0 + 2, null],
        [T0 + 3, scoreOf(40)],
      ]);
    });

    test('remembers that a record was kept back until it is written', async () => {
      const scene = await fresh('a', 'b');
      const record = { 'os.name': { source: 'agent', value: 'x', observedAt: 1, receivedAt: 2 } } as const;
      const behind = async () => (await all(scene.store)).map(device => device.recordBehind);
      await scene.store.commit([commitOf('a', 0, { record }), commitOf('b', 0, { recordBehind: true })]);
      expect(await behind()).toEqual([false, true]);
      await scene.store.commit([commitOf('a', 1, { recordBehind: true }), commitOf('b', 1, { fresh: {} })]);
      expect(await behind()).toEqual([true, true]);
      await scene.reopen();
      expect(await behind()).toEqual([true, true]);
      await scene.store.keepRecords([
        { device: 'a', record },
        { device: 'nobody', record },
      ]);
      await scene.store.commit([commitOf('b', 2, { record })]);
      await scene.reopen();
      expect(await behind()).toEqual([false, false]);
      expect((await scene.store.getDevice('a'))?.record).toEqual(record);
    });

    test('starts a whole state of its own after a day of changes', async () => {
      const { store } = await fresh('a');
      await store.commit([
        commitOf('a', 0, { receivedAt: T0, ...snapshot({ a: findingOf(1), b: findingOf(1) }) }),
      ]);
      for (let n = 1; n <= 60; n += 1) {
        await store.commit([
          commitOf('a', n, { receivedAt: T0 + n * HOUR, ...changes({ a: findingOf(n + 1) }) }),
        ]);
      }
      const entries = await store.getHistory('a', T0, T0 + 60 * HOUR, 100);
      const whole = entries.filter(entry => entry.full);
      expect(whole.length).toBeGreaterThanOrEqual(3);
      for (const entry of whole) expect(Object.keys(entry.findings).sort()).toEqual(['a', 'b']);
      expect((await store.getMoment('a', T0 + 55 * HOUR))?.findings).toEqual({
        a: findingOf(56),
        b: findingOf(1),
      });
    });

    test('any sequence of commits gives what a simple model gives, also after a restart', async () => {
      const scene = await fresh();
      const check = fc.constantFrom<string[]>('disk', 'os', 'battery', 'fw');
      const command = fc.record({
        kind: fc.constantFrom('changes', 'snapshot', 'fresh', 'samples', 'stream', 'wrong'),
        checks: fc.uniqueArray(check, { maxLength: 4 }),
        kept: fc.uniqueArray(check, { maxLength: 4 }),
        step: fc.integer({ min: 1, max: 9 * HOUR }),
        together: fc.boolean(),
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 40 }), async commands => {
          run += 1;
          const device = `device-${run}`;
          await scene.store.addDevice(newDevice(device));
          let held: Findings = {};
          let fresher: Record<string, number> = {};
          let stream = STREAM;
          let acked = 0;
          let at = T0;
          let n = 0;
          const rows: ReturnType<typeof sampleOf>[] = [];
          const moments: [at: number, hashes: Record<string, string>][] = [];
          const batch: DeviceCommit[] = [];
          const hashesOf = (findings: Findings) =>
            Object.fromEntries(Object.entries(findings).map(([id, { hash }]) => [id, hash]));
          let expectRefused = false;
          const flush = async () => {
            const { refused } = await scene.store.commit(batch.splice(0));
            expect(refused).toEqual(expectRefused ? [device] : []);
            expectRefused = false;
          };
          for (const { kind, checks, kept, step, together } of commands) {
            at += step;
            n += 1;
            const changed = Object.fromEntries(checks.map(id => [id, findingOf(at + n)]));
            if (kind === 'wrong') {
              batch.push(
                commitOf(device, acked + 3, {
                  stream,
                  acked: acked + 4,
                  receivedAt: at,
                  ...snapshot(changed),
                }),
              );
              expectRefused = true;
            } else {
              if (kind === 'stream') {
                stream = n.toString(16).padStart(16, '0');
                acked = 0;
              }
              const again = Object.fromEntries(checks.map(id => [id, at + n]));
              const row = sampleOf(Math.floor(at / HOUR), n);
              batch.push(
                commitOf(device, acked, {
                  stream,
                  receivedAt: at,
                  ...(kind === 'changes' ? changes(changed) : {}),
                  ...(kind === 'snapshot' ? snapshot(changed, kept) : {}),
                  ...(kind === 'fresh' ? { fresh: again } : {}),
                  ...(kind === 'samples' ? samples(row, row) : {}),
                }),
              );
              acked += 1;
              if (kind === 'samples') rows.push(row, row);
              if (kind === 'snapshot') {
                held = Object.fromEntries(Object.entries(held).filter(([id]) => kept.includes(id)));
              }
              if (kind === 'changes' || kind === 'snapshot') held = { ...held, ...changed };
              if (kind === 'fresh') fresher = { ...fresher, ...again };
              fresher = Object.fromEntries(
                Object.entries(fresher).filter(([id, time]) => held[id] !== undefined && time > held[id].at),
              );
              if (kind === 'changes' || kind === 'snapshot') moments.push([at, hashesOf(held)]);
            }
            if (!together) await flush();
          }
          await flush();
          const verify = async (store: Store) => {
            const now = Object.fromEntries(
              Object.entries(held).map(([id, finding]) => [
                id,
                { ...finding, at: fresher[id] ?? finding.at },
              ]),
            );
            expect(await store.getFindings(device)).toEqual(now);
            const stored = await store.getDevice(device);
            expect(stored?.hashes).toEqual(hashesOf(held));
            expect(stored?.fresh).toEqual(fresher);
            expect(stored?.acked).toBe(acked);
            expect((await store.getSeries(device, 0, 2 * T0, 1000)).rows).toEqual(rows);
            // Before the first finding there is no moment; an empty state before it counts as none too.
            for (const [moment, hashes] of moments) {
              expect(hashesOf((await store.getMoment(device, moment))?.findings ?? {})).toEqual(hashes);
            }
          };
          await verify(scene.store);
          if (run % 10 === 0) await verify(await scene.reopen());
        }),
        { numRuns: 60 },
      );
    });
  });

  describe(`${name}: readings and events`, () => {
    test('keeps two readings of the same moment, in order of arrival', async () => {
      const scene = await fresh('a');
      await scene.store.commit([commitOf('a', 0, samples(sampleOf(5, 1), sampleOf(5, 2)))]);
      await scene.store.commit([commitOf('a', 0, { stream: OTHER_STREAM, ...samples(sampleOf(5, 3)) })]);
      expect((await (await scene.reopen()).getSeries('a', 0, 9, 9)).rows.map(row => row[1])).toEqual([
        1, 2, 3,
      ]);
    });

    test('gives only readings in the range, both ends included', async () => {
      const { store } = await fresh('a', 'b');
      await store.commit([
        commitOf('a', 0, samples(...[1, 2, 3, 4, 5].map(at => sampleOf(at, at)))),
        commitOf('b', 0, samples(sampleOf(3, 99))),
      ]);
      expect((await store.getSeries('a', 2, 4, 100)).rows.map(row => row[0])).toEqual([2, 3, 4]);
      expect((await store.getSeries('nobody', 2, 4, 100)).rows).toEqual([]);
    });

    test('comes down to the finest resolution that is not too long', async () => {
      const { store } = await fresh('a');
      const minutes = Array.from({ length: 3 * 24 * 60 }, (_, n) => sampleOf(T0 + n * MINUTE, n % 10));
      for (let n = 0; n < 12; n += 1) {
        await store.commit([commitOf('a', n, samples(...minutes.slice(n * 360, (n + 1) * 360)))]);
      }
      const end = T0 + 3 * DAY;
      const seen: [number, number][] = [];
      for (const rolled of [false, true]) {
        if (rolled) await store.rollUp(end);
        seen.length = 0;
        for (const most of [10_000, 1000, 300, 100, 20, 3, 2]) {
          const { stepMs, rows } = await store.getSeries('a', T0, end - 1, most);
          expect(rows.length).toBeLessThanOrEqual(most);
          expect(rows.map(row => row[0])).toEqual(
            Array.from(
              { length: rows.length },
              (_, n) => T0 - (T0 % stepMs) + n * stepMs + (T0 % stepMs === 0 ? 0 : stepMs),
            ),
          );
          seen.push([stepMs, rows.length]);
        }
        expect(seen.slice(0, 6)).toEqual([
          [MINUTE, 4320],
          [5 * MINUTE, 864],
          [15 * MINUTE, 288],
          [HOUR, 72],
          [6 * HOUR, 12],
          [DAY, 3],
        ]);
      }
      const [day] = (await store.getSeries('a', T0, end - 1, 3)).rows;
      expect(day?.[1]).toBeCloseTo(4.5, 10);
    });

    test('averages only what could be told', async () => {
      const { store } = await fresh('a');
      await store.commit([
        commitOf(
          'a',
          0,
          samples(sampleOf(T0, 10), sampleOf(T0 + MINUTE, null), sampleOf(T0 + 2 * MINUTE, 20)),
        ),
      ]);
      await store.rollUp(T0 + DAY);
      const rows = (await store.getSeries('a', T0, T0 + DAY, 2)).rows;
      expect(rows).toEqual([[T0, 15, null, 123_456_789_012, 0, 0, 0, 0, null]]);
    });

    test('rolls up what is complete, once, however often it is called', async () => {
      const scene = await fresh('a');
      const rows = Array.from({ length: 26 * 60 }, (_, n) => sampleOf(T0 + n * MINUTE, n));
      for (let n = 0; n < 3; n += 1) {
        await scene.store.commit([commitOf('a', n, samples(...rows.slice(n * 520, (n + 1) * 520)))]);
      }
      const now = T0 + 26 * HOUR - 1;
      expect(await scene.store.rollUp(now)).toEqual({ quarters: 103, days: 1 });
      const before = await scene.store.getSeries('a', T0, now, 200);
      expect(await scene.store.rollUp(now)).toEqual({ quarters: 0, days: 0 });
      expect(await scene.store.rollUp(now - DAY)).toEqual({ quarters: 0, days: 0 });
      const store = await scene.reopen();
      expect(await store.rollUp(now)).toEqual({ quarters: 0, days: 0 });
      expect(await store.getSeries('a', T0, now, 200)).toEqual(before);
      expect(before.rows.length).toBe(104);
      expect(before.rows[0]?.[1]).toBe(7);
    });

    test('counts readings that arrive after their quarter was rolled up, also when the raw ones are gone', async () => {
      const { store } = await fresh('a');
      const now = T0 + 3 * DAY;
      await store.commit([commitOf('a', 0, samples(sampleOf(T0, 10), sampleOf(T0 + 2 * DAY, 50)))]);
      await store.rollUp(now);
      await store.commit([commitOf('a', 1, samples(sampleOf(T0 + MINUTE, 20)))]);
      await store.rollUp(now);
      expect((await store.getSeries('a', T0, now, 2)).rows.map(row => row[1])).toEqual([15, 50]);
      await store.expire(now, { ...KEEP_ALL, rawMs: DAY, quarterMs: DAY });
      await store.commit([commitOf('a', 2, samples(sampleOf(T0 + 2 * MINUTE, 60)))]);
      for (let n = 0; n < 2; n += 1) {
        await store.rollUp(now);
        expect((await store.getSeries('a', T0, now, 2)).rows.map(row => row[1])).toEqual([30, 50]);
      }
    });

    test('answers for an expired time with the averages that are left', async () => {
      const { store } = await fresh('a');
      const rows = Array.from({ length: 48 }, (_, n) => sampleOf(T0 + n * HOUR, n));
      await store.commit([commitOf('a', 0, samples(...rows))]);
      const now = T0 + 2 * DAY;
      const { deleted } = await store.expire(now, { ...KEEP_ALL, rawMs: DAY });
      expect(deleted).toBe(24);
      expect((await store.getSeries('a', T0, now, 1000)).stepMs).toBe(15 * MINUTE);
      expect((await store.getSeries('a', T0, now, 1000)).rows.length).toBe(48);
      expect((await store.getSeries('a', T0 + DAY, now, 1000)).stepMs).toBe(MINUTE);
      await store.expire(now, { ...KEEP_ALL, rawMs: DAY, quarterMs: DAY });
      expect(await store.getSeries('a', T0, now, 1000)).toMatchObject({
        stepMs: DAY,
        rows: [{ 1: 11.5 }, { 1: 35.5 }],
      });
    });

    test('gives events in order with equal times, the newest ones when there are too many', async () => {
      const scene = await fresh('a', 'b');
      const event = (at: number, kind: string) => ({ at, by: 'collector', kind, data: {} }) as const;
      await scene.store.addEvents([
        { device: 'a', event: event(2, 'link-up') },
        { device: 'a', event: event(2, 'viewed') },
        { device: 'b', event: event(2, 'other') },
        { device: 'nobody', event: event(2, 'lost') },
        { device: 'a', event: event(1, 'earlier') },
      ]);
      const store = await scene.reopen();
      const kinds = async (from: number, to: number, limit: number) =>
        (await store.getEvents('a', from, to, limit)).map(({ kind }) => kind);
      expect(await kinds(0, 9, 9)).toEqual(['earlier', 'link-up', 'viewed']);
      expect(await kinds(0, 9, 2)).toEqual(['link-up', 'viewed']);
      expect(await kinds(2, 2, 9)).toEqual(['link-up', 'viewed']);
      expect(await kinds(3, 9, 9)).toEqual([]);
    });

    test('keeps the last score of a day, and that there was none', async () => {
      const { store } = await fresh('a', 'b');
      const dayScore = (value: number | null) => ({ dayScore: { day: '2026-11-22', value } });
      await store.commit([commitOf('a', 0, dayScore(50)), commitOf('b', 0, dayScore(null))]);
      await store.commit([commitOf('a', 1, dayScore(60))]);
      expect(await store.getDayScores(['2026-11-22', '2026-11-23'])).toEqual(
        new Map<string, Map<string, number | null>>([
          ['a', new Map<string, number | null>([['2026-11-22', 60]])],
          ['b', new Map<string, number | null>([['2026-11-22', null]])],
        ]),
      );
      await store.commit([commitOf('a', 2, { dayScore: { day: '2026-11-23', value: 70 } })]);
      expect(await store.getDayScores(['2026-11-22', '2026-11-23'], ['a', 'nobody'])).toEqual(
        new Map([
          [
            'a',
            new Map([
              ['2026-11-22', 60],
              ['2026-11-23', 70],
            ]),
          ],
        ]),
      );
    });
  });

  describe(`${name}: enrolment`, () => {
    const token = (rest: Partial<StoredEnrolmentToken> = {}): StoredEnrolmentToken => ({
      id: 't1',
      label: 'Pilot',
      createdAt: 1,
      createdBy: 'anna',
      expiresAt: null,
      maxUses: null,
      uses: 0,
      revokedAt: null,
      secretHash: 'hash-1',
      ...rest,
    });
    const waiting = (key: string, rest: Partial<StoredWaiting> = {}): StoredWaiting => ({
      id: `w-${key}`,
      publicKey: key,
      identity: identityOf(key),
      fingerprint: 'abcdefgh…12345678',
      firstSeen: 10,
      lastSeen: 10,
      address: '192.0.2.1',
      rejected: false,
      ...rest,
    });

    test('takes one use of a token for each device, and no more than there are', async () => {
      const scene = await fresh();
      await scene.store.addEnrolmentToken(token({ maxUses: 2 }));
      expect(await scene.store.enrolWithToken('hash-1', newDevice('a'), 5)).toEqual({
        ok: true,
        label: 'Pilot',
      });
      await expect(scene.store.enrolWithToken('hash-1', newDevice('a'), 5)).rejects.toMatchObject({
        code: 'conflict',
      });
      const store = await scene.reopen();
      expect((await store.listEnrolmentTokens()).map(({ uses }) => uses)).toEqual([1]);
      expect(await store.enrolWithToken('hash-1', newDevice('b'), 5)).toMatchObject({ ok: true });
      expect(await store.enrolWithToken('hash-1', newDevice('c'), 5)).toEqual({
        ok: false,
        why: 'token-used-up',
      });
      expect((await all(store)).map(device => device.id)).toEqual(['a', 'b']);
    });

    test('tells why a token lets nobody in', async () => {
      const { store } = await fresh();
      await store.addEnrolmentToken(token({ expiresAt: 100 }));
      expect(await store.enrolWithToken('wrong', newDevice('a'), 5)).toEqual({
        ok: false,
        why: 'token-unknown',
      });
      expect(await store.enrolWithToken('hash-1', newDevice('a'), 100)).toEqual({
        ok: false,
        why: 'token-expired',
      });
      expect(await store.revokeEnrolmentToken('t1', 50)).toBe(true);
      expect(await store.revokeEnrolmentToken('t1', 60)).toBe(false);
      expect(await store.revokeEnrolmentToken('t9', 60)).toBe(false);
      expect(await store.enrolWithToken('hash-1', newDevice('a'), 60)).toEqual({
        ok: false,
        why: 'token-revoked',
      });
      expect(await store.getDevice('a')).toBeNull();
    });

    test('lists tokens newest first and without their secrets', async () => {
      const scene = await fresh();
      await scene.store.addEnrolmentToken(token());
      await scene.store.addEnrolmentToken(
        token({ id: 't2', secretHash: 'hash-2', createdAt: 9, expiresAt: 99 }),
      );
      const listed = await (await scene.reopen()).listEnrolmentTokens();
      expect(listed.map(({ id, expiresAt }) => [id, expiresAt])).toEqual([
        ['t2', 99],
        ['t1', null],
      ]);
      expect(JSON.stringify(listed)).not.toContain('hash');
    });

    test('remembers who waits: the first time stays, the rest is refreshed', async () => {
      const scene = await fresh();
      await scene.store.noteWaiting(waiting('k'));
      await scene.store.noteWaiting(
        waiting('k', {
          id: 'w-other',
          firstSeen: 50,
          lastSeen: 50,
          address: '192.0.2.9',
          identity: identityOf('new'),
        }),
      );
      const store = await scene.reopen();
      const expected = waiting('k', { lastSeen: 50, address: '192.0.2.9', identity: identityOf('new') });
      expect(await store.getWaitingByKey('k')).toEqual(expected);
      expect(await store.listWaiting()).toEqual([expected]);
      expect(await store.getWaitingByKey('other')).toBeNull();
    });

    test('admits a waiting key once', async () => {
      const scene = await fresh();
      await scene.store.noteWaiting(waiting('k'));
      const admission = { id: 'a', enrolledAt: 60, enrolledBy: 'anna' };
      const device = await scene.store.admit('w-k', admission);
      expect(device).toMatchObject({ ...admission, publicKey: 'k', identity: identityOf('k'), demo: false });
      const store = await scene.reopen();
      expect(await store.getDevice('a')).toEqual(device);
      expect(await store.admit('w-k', { ...admission, id: 'b' })).toBeNull();
      expect([await store.listWaiting(), await store.getWaitingByKey('k')]).toEqual([[], null]);
    });

    test('a rejected key stays known, waits no more and is not admitted', async () => {
      const scene = await fresh();
      await scene.store.noteWaiting(waiting('k'));
      expect(await scene.store.reject('w-k')).toBe(true);
      expect(await scene.store.reject('w-k')).toBe(false);
      expect(await scene.store.reject('w-none')).toBe(false);
      await scene.store.noteWaiting(waiting('k', { lastSeen: 99 }));
      const store = await scene.reopen();
      expect(await store.getWaitingByKey('k')).toMatchObject({ rejected: true, lastSeen: 99 });
      expect(await store.listWaiting()).toEqual([]);
      expect(await store.admit('w-k', { id: 'a', enrolledAt: 1, enrolledBy: 'anna' })).toBeNull();
    });

    test('a key that is enrolled another way waits no more', async () => {
      const { store } = await fresh();
      await store.noteWaiting(waiting('key-of-a'));
      await store.addDevice(newDevice('a'));
      expect(await store.listWaiting()).toEqual([]);
    });

    test('lists the waiting oldest first and bounds their number', async () => {
      const { store } = await fresh();
      const count = 10_003;
      await Promise.all(
        Array.from({ length: count }, (_, n) =>
          store.noteWaiting(waiting(`k${n}`, { firstSeen: count - n, lastSeen: n === 0 ? count : n })),
        ),
      );
      const listed = await store.listWaiting();
      expect(listed.length).toBe(10_000);
      const firsts = listed.map(({ firstSeen }) => firstSeen);
      expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
      const gone = await Promise.all(['k0', 'k1', 'k2', 'k3', 'k4'].map(key => store.getWaitingByKey(key)));
      expect(gone.map(found => found === null)).toEqual([false, true, true, true, false]);
    });
  });

  describe(`${name}: people`, () => {
    test('knows a person by name without case, also after a restart', async () => {
      const scene = await fresh();
      await scene.store.addPerson(personOf('Anna'));
      await expect(scene.store.addPerson(personOf('ANNA'))).rejects.toMatchObject({ code: 'conflict' });
      const store = await scene.reopen();
      expect(await store.getPerson('anna')).toEqual(personOf('Anna'));
      expect(await store.listPeople()).toEqual([personOf('Anna')]);
      expect(await store.getPerson('bert')).toBeNull();
    });

    test('changes the named properties and leaves the others', async () => {
      const scene = await fresh();
      await scene.store.addPerson(personOf('anna'));
      const change = { failures: 3, lockedUntil: 99, role: 'admin', mustChangePassword: false } as const;
      expect(await scene.store.changePerson('ANNA', change)).toBe(true);
      expect(await scene.store.changePerson('bert', change)).toBe(false);
      expect(await (await scene.reopen()).getPerson('anna')).toEqual({ ...personOf('anna'), ...change });
      await scene.store.changePerson('anna', { lockedUntil: null });
      expect((await scene.store.getPerson('anna'))?.lockedUntil).toBeNull();
    });

    test('gives a session with its person until it expires, ends, or the person is disabled', async () => {
      const scene = await fresh();
      await scene.store.addPerson(personOf('Anna'));
      const session = (idHash: string) => ({ idHash, user: 'Anna', csrf: 'c', createdAt: 1, expiresAt: 100 });
      for (const id of ['s1', 's2', 's3']) await scene.store.addSession(session(id));
      const store = await scene.reopen();
      expect(await store.getSession('s1', 99)).toEqual({ session: session('s1'), person: personOf('Anna') });
      expect([await store.getSession('s1', 100), await store.getSession('s9', 1)]).toEqual([null, null]);
      await store.endSession('s1');
      await store.endSession('s1');
      expect(await store.getSession('s1', 1)).toBeNull();
      await store.endSessionsOf('anna', 's3');
      expect([await store.getSession('s2', 1), (await store.getSession('s3', 1))?.session.idHash]).toEqual([
        null,
        's3',
      ]);
      await store.changePerson('anna', { disabled: true });
      expect(await store.getSession('s3', 1)).toBeNull();
      await store.changePerson('anna', { disabled: false });
      await store.endSessionsOf('anna', null);
      expect(await store.getSession('s3', 1)).toBeNull();
    });

    test('lets an API token in until it expires or is revoked, and notes its use', async () => {
      const scene = await fresh();
      const token = (id: string, expiresAt: number | null): StoredApiToken => ({
        id,
        label: `label ${id}`,
        role: 'viewer',
        createdAt: Number(id),
        createdBy: 'anna',
        expiresAt,
        lastUsed: null,
        revokedAt: null,
        secretHash: `hash-${id}`,
      });
      await scene.store.addApiToken(token('1', null));
      await scene.store.addApiToken(token('2', 100));
      const store = await scene.reopen();
      expect(await store.useApiToken('hash-1', 50)).toEqual({ id: '1', label: 'label 1', role: 'viewer' });
      expect(await store.useApiToken('hash-2', 99)).toMatchObject({ id: '2' });
      expect(await store.useApiToken('hash-2', 100)).toBeNull();
      expect(await store.useApiToken('hash-9', 1)).toBeNull();
      expect(await store.revokeApiToken('1', 60)).toBe(true);
      expect(await store.revokeApiToken('1', 61)).toBe(false);
      expect(await store.useApiToken('hash-1', 70)).toBeNull();
      const listed = await store.listApiTokens();
      expect(listed.map(({ id, lastUsed, revokedAt }) => [id, lastUsed, revokedAt])).toEqual([
        ['2', 99, null],
        ['1', 50, 60],
      ]);
      expect(JSON.stringify(listed)).not.toContain('hash');
    });
  });

  describe(`${name}: audit`, () => {
    test('chains entries that are added at the same time and keeps the chain across a restart', async () => {
      const scene = await fresh();
      const added = await Promise.all(
        Array.from({ length: 30 }, (_, n) => scene.store.addAudit(auditOf(n, `d${n % 2}`))),
      );
      expect(added[0]).toMatchObject({ n: 1, previous: '0'.repeat(64), at: 0, subject: 'd0' });
      for (const [index, entry] of added.entries()) {
        if (index > 0) expect([entry.n, entry.previous]).toEqual([index + 1, added[index - 1]!.hash]);
      }
      const store = await scene.reopen();
      const next = await store.addAudit(auditOf(99));
      expect([next.n, next.previous]).toEqual([31, added[29]!.hash]);
      expect(await store.verifyAudit()).toBeNull();
      expect(await store.listAudit({ limit: 2 })).toEqual([next, added[29]]);
      expect((await store.listAudit({ before: 3, limit: 9 })).map(({ n }) => n)).toEqual([2, 1]);
      expect((await store.listAudit({ subject: 'd1', limit: 2 })).map(({ n }) => n)).toEqual([30, 28]);
    });

    test('finds the entry that was changed', async () => {
      const scene = await fresh();
      for (let n = 1; n <= 9; n += 1) await scene.store.addAudit(auditOf(n));
      await scene.store.close();
      await means.spoilAudit(scene.folder, 4);
      expect(await (await scene.reopen()).verifyAudit()).toBe(4);
    });

    test('finds that the newest entry was taken away, also after others were added', async () => {
      const scene = await fresh();
      for (let n = 1; n <= 3; n += 1) await scene.store.addAudit(auditOf(n));
      await scene.store.close();
      await means.cutAudit(scene.folder);
      const store = await scene.reopen();
      expect(await store.verifyAudit()).toBe(3);
      await store.addAudit(auditOf(4));
      expect(await store.verifyAudit()).toBe(3);
    });

    test('verifies a chain of more entries than are read at once', async () => {
      const { store } = await fresh();
      await Promise.all(Array.from({ length: 1201 }, (_, n) => store.addAudit(auditOf(n))));
      expect(await store.verifyAudit()).toBeNull();
    });

    test('expires the oldest entries, keeps the rest linked, and never all', async () => {
      const scene = await fresh();
      for (let n = 0; n < 5; n += 1) await scene.store.addAudit(auditOf(T0 + n * DAY));
      expect(await scene.store.expire(T0 + 5 * DAY, { ...KEEP_ALL, auditMs: 3 * DAY })).toEqual({
        deleted: 2,
      });
      const store = await scene.reopen();
      expect((await store.listAudit({ limit: 9 })).map(({ n }) => n)).toEqual([5, 4, 3]);
      expect(await store.verifyAudit()).toBeNull();
      await store.expire(T0 + 99 * DAY, { ...KEEP_ALL, auditMs: DAY });
      expect((await store.listAudit({ limit: 9 })).map(({ n }) => n)).toEqual([5]);
      expect((await store.addAudit(auditOf(T0 + 99 * DAY))).n).toBe(6);
      expect(await store.verifyAudit()).toBeNull();
    });
  });

  describe(`${name}: housekeeping`, () => {
    test('deletes what is older than its retention and nothing else', async () => {
      const scene = await fresh('a', 'b');
      const { store } = scene;
      const now = T0 + 10 * DAY;
      for (let day = 0; day < 10; day += 1) {
        const at = T0 + day * DAY;
        await store.commit([
          commitOf('a', day, {
            receivedAt: at,
            ...changes({ disk: findingOf(day), [`day${day}`]: findingOf(day) }),
            ...samples(sampleOf(at, day)),
            events: [{ at, by: 'device', kind: 'boot', data: {} }],
            dayScore: { day: new Date(at).toISOString().slice(0, 10), value: day },
          }),
        ]);
      }
      const findings = await store.getFindings('a');
      const moment = await store.getMoment('a', now - 3 * DAY);
      await store.expire(now, {
        ...KEEP_ALL,
        rawMs: 2 * DAY,
        eventsMs: 4 * DAY,
        historyMs: 3 * DAY,
        quarterMs: 2 * DAY,
        dailyMs: 6 * DAY,
      });
      const after = await scene.reopen();
      expect((await after.getEvents('a', 0, now, 99)).map(({ at }) => (at - T0) / DAY)).toEqual([6, 7, 8, 9]);
      expect(await after.getFindings('a')).toEqual(findings);
      expect(await after.getMoment('a', now - 3 * DAY)).toEqual(moment);
      expect(await after.getMoment('a', now - 6 * DAY)).toBeNull();
      const first = (await after.getHistory('a', 0, now, 99))[0];
      // Whole states stand at every second day here; the oldest moment asked for, day 7, starts from the one before.
      expect([first?.full, (first!.at - T0) / DAY]).toEqual([true, 6]);
      const days = Array.from({ length: 10 }, (_, day) =>
        new Date(T0 + day * DAY).toISOString().slice(0, 10),
      );
      expect([...(await after.getDayScores(days)).get('a')!.values()]).toEqual([3, 4, 5, 6, 7, 8, 9]);
      expect((await after.getSeries('a', T0 + 8 * DAY, now, 99)).rows.map(row => row[1])).toEqual([8, 9]);
      expect((await after.getSeries('a', T0, now, 99)).rows.map(row => row[1])).toEqual([4, 5, 6, 7, 8, 9]);
      expect(await after.expire(now, { ...KEEP_ALL, rawMs: 2 * DAY, quarterMs: 2 * DAY })).toEqual({
        deleted: 0,
      });
    });

    test('keeps the findings of a device that has been away for longer than its history is kept', async () => {
      const { store } = await fresh('a');
      await store.commit([commitOf('a', 0, { receivedAt: T0, ...snapshot({ disk: findingOf(1) }) })]);
      await store.commit([commitOf('a', 1, { receivedAt: T0 + 1, ...changes({ os: findingOf(2) }) })]);
      await store.expire(T0 + 400 * DAY, { ...KEEP_ALL, historyMs: 90 * DAY });
      expect(await store.getFindings('a')).toEqual({ disk: findingOf(1), os: findingOf(2) });
      expect((await store.getMoment('a', T0 + 400 * DAY))?.findings).toEqual(await store.getFindings('a'));
    });

    test('ends expired sessions', async () => {
      const { store } = await fresh();
      await store.addPerson(personOf('anna'));
      await store.addSession({ idHash: 's', user: 'anna', csrf: 'c', createdAt: 1, expiresAt: T0 });
      expect(await store.expire(T0 + 1, KEEP_ALL)).toEqual({ deleted: 1 });
    });

    test('lets commits through while it works', async () => {
      const { store } = await fresh('a');
      const rows = Array.from({ length: 500 }, (_, n) => sampleOf(T0 + n * MINUTE, n));
      await store.commit([commitOf('a', 0, samples(...rows))]);
      const now = T0 + DAY;
      const work = [store.rollUp(now), store.expire(now, KEEP_ALL), store.rollUp(now)];
      for (let n = 1; n < 50; n += 1)
        await store.commit([commitOf('a', n, samples(sampleOf(T0 + 7 * MINUTE, n)))]);
      await Promise.all(work);
      await store.rollUp(now);
      const raw = (await store.getSeries('a', T0, T0 + 15 * MINUTE - 1, 1000)).rows.map(row => row[1] ?? 0);
      expect(raw.length).toBe(15 + 49);
      const [quarter] = (await store.getSeries('a', T0, T0 + 30 * MINUTE - 1, 3)).rows;
      expect(quarter?.[1]).toBeCloseTo(raw.reduce((sum, value) => sum + value, 0) / raw.length, 9);
    });

    test('takes back a write that the full disk refuses, and works again when there is room', async () => {
      const scene = await fresh('a', 'b');
      const { store } = scene;
      await store.checkWritable();
      await store.commit([commitOf('a', 0, changes({ disk: findingOf(1) }))]);
      await means.fill(store);
      const large = (after: number) => [
        commitOf('a', after, { ...changes({ disk: findingOf(2) }), ...samples(sampleOf(1, 1)) }),
        commitOf('b', 0, snapshot({ huge: findingOf(3, 'x'.repeat(200_000)) })),
      ];
      await expect(store.commit(large(1))).rejects.toMatchObject({ code: 'store-unavailable' });
      await expect(store.setNote('large', 'x'.repeat(200_000))).rejects.toMatchObject({
        code: 'store-unavailable',
      });
      await expect(
        (async () => {
          // Pages that were freed before may serve a few checks.
          for (let n = 0; n < 50; n += 1) {
            await store.checkWritable();
            await store.setNote(`filler ${n}`, 'x'.repeat(2000));
          }
        })(),
      ).rejects.toMatchObject({ code: 'store-unavailable' });
      expect(await store.getDevice('a')).toMatchObject({ acked: 1 });
      expect(await store.getFindings('a')).toEqual({ disk: findingOf(1) });
      expect((await store.getSeries('a', 0, 9, 9)).rows).toEqual([]);
      expect(await store.getDevice('b')).toMatchObject({ acked: 0, stream: null });
      await means.relieve(store);
      await store.checkWritable();
      expect(await store.commit(large(1))).toEqual({ refused: [] });
      const after = await scene.reopen();
      expect(await after.getDevice('a')).toMatchObject({ acked: 2 });
      expect((await after.getSeries('a', 0, 9, 9)).rows.length).toBe(1);
      expect(await after.getFindings('b')).toEqual({ huge: findingOf(3, 'x'.repeat(200_000)) });
    });
  });
}
