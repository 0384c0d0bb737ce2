import { beforeEach, describe, expect, it } from 'vitest';
import {
  directoryLaptop,
  FakeMicrosoft,
  graphError,
  graphTime,
  managedLaptop,
  TENANT,
} from '../../../build/demo/vendors/fake-microsoft.ts';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import type { Connector } from '../../../collector/connect/connector.ts';
import { entra, intune } from '../../../collector/connect/microsoft/connector.ts';
import { runAccounts } from '../../../collector/connect/run.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeMicrosoft;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeMicrosoft.start();
  time = new SwiftTime();
  fake.now = () => time.now();
});

const open = (connector: Connector, settings: Record<string, unknown> = {}) =>
  connector.open({ id: 'main', settings: { ...fake.settings, ...settings } }, time.surroundings);

function laptops(count: number): void {
  for (let i = 1; i <= count; i += 1) {
    const managed = managedLaptop(i);
    const directory = directoryLaptop(i);
    fake.managedDevices.set(String(managed.id), managed);
    fake.devices.set(String(directory.id), directory);
  }
}

const LIST = '/deviceManagement/managedDevices';

describe('Intune', () => {
  it('is read page by page to its end', async () => {
    laptops(5);
    const { report, observations } = await collect(open(intune));
    expect(report).toMatchObject({ covers: 'all', observed: 5, skipped: 0, problem: null });
    expect(observations.map(({ identifiers }) => identifiers.serial)).toEqual([
      'SER-1',
      'SER-2',
      'SER-3',
      'SER-4',
      'SER-5',
    ]);
    expect(fake.vendor.to(LIST).length).toBe(3);
  });

  it('without devices is empty and whole', async () => {
    expect((await collect(open(intune))).report).toMatchObject({
      covers: 'all',
      observed: 0,
      checkpoint: null,
    });
  });

  it('that answers 204 is empty too', async () => {
    fake.vendor.fault({ when: ({ path }) => path.endsWith(LIST), does: { status: 204 } });
    expect((await collect(open(intune))).report).toMatchObject({ covers: 'all', observed: 0 });
  });

  it('read from a checkpoint gives those that synced since, and nothing is gone', async () => {
    laptops(4);
    const session = open(intune);
    const first = await collect(session);
    const changed = managedLaptop(3, {
      lastSyncDateTime: graphTime(time.now()),
      complianceState: 'noncompliant',
    });
    fake.managedDevices.set(String(changed.id), changed);
    fake.managedDevices.delete(String(managedLaptop(1).id));
    const next = await collect(session, first.report.checkpoint);
    expect(next.report).toMatchObject({ covers: 'changes', gone: 0 });
    expect(next.of(changed.id).fields['compliance.compliant']?.value).toBe(false);
    expect(next.observations.map(({ vendorId }) => vendorId)).not.toContain(managedLaptop(2).id);
  });

  it('does not set its checkpoint beyond the beginning of the run', async () => {
    laptops(1);
    const startedAt = time.now();
    const later = managedLaptop(9, { lastSyncDateTime: graphTime(startedAt + 3_600_000) });
    fake.managedDevices.set(String(later.id), later);
    const { report } = await collect(open(intune));
    expect((report.checkpoint as { syncedUntil: number }).syncedUntil).toBeLessThan(startedAt + 60_000);
  });

  it('keeps its checkpoint when nothing has synced', async () => {
    const since = { syncedUntil: Date.UTC(2026, 0, 1) };
    expect((await collect(open(intune), since)).report.checkpoint).toEqual(since);
  });

  it('asks for its filter as Graph reads it, with a time of the vendor’s', async () => {
    await collect(open(intune), { syncedUntil: Date.UTC(2026, 0, 10, 12) });
    const filter = fake.vendor.to(LIST)[0]?.query.get('$filter');
    expect(filter).toBe('lastSyncDateTime gt 2026-01-10T11:45:00.000Z');
  });

  it('that ends a page short of its own count is not the whole', async () => {
    laptops(3);
    const value = [...fake.managedDevices.values()].slice(0, 2);
    fake.vendor.fault({
      when: ({ path }) => path.endsWith(LIST),
      does: { json: { '@odata.count': 3, value } },
    });
    const { report } = await collect(open(intune));
    // The next run starts from the beginning again, or what was cut off would not be read for long.
    expect(report).toMatchObject({ covers: 'partial', observed: 2, checkpoint: null });
  });

  it('whose next page is at another host is not followed there', async () => {
    const elsewhere = await FakeVendor.start(() => ({ json: { value: [] } }));
    fake.vendor.fault({
      when: ({ path }) => path.endsWith(LIST),
      does: {
        json: { value: [managedLaptop(1)], '@odata.nextLink': `${elsewhere.url}/v1.0${LIST}?$skiptoken=2` },
      },
    });
    const { report } = await collect(open(intune));
    expect([report.covers, report.problem?.code, report.observed]).toEqual(['broken', 'vendor-redirect', 1]);
    expect(elsewhere.asked).toEqual([]);
  });

  it('skips a record without an id, keeps the others, and takes nothing for gone', async () => {
    fake.vendor.fault({
      when: ({ path }) => path.endsWith(LIST),
      does: { json: { value: [managedLaptop(1), { deviceName: 'nameless' }, null, managedLaptop(2)] } },
    });
    expect((await collect(open(intune))).report).toMatchObject({
      covers: 'partial',
      observed: 2,
      skipped: 2,
    });
  });

  it('that says something else than a list is not understood', async () => {
    fake.vendor.fault({ when: ({ path }) => path.endsWith(LIST), does: { json: { hello: 'world' } } });
    expect((await collect(open(intune))).report.problem?.code).toBe('vendor-answer');
  });

  it('goes on after 429 without Retry-After', async () => {
    laptops(3);
    fake.vendor.fault({
      times: 2,
      when: ({ path }) => path.endsWith(LIST),
      does: graphError(429, 'TooManyRequests', 'Slow down'),
    });
    expect((await collect(open(intune))).report).toMatchObject({ covers: 'all', observed: 3 });
    expect(time.pauses.length).toBeGreaterThan(0);
  });

  it('tells the wait when it is too long to wait for', async () => {
    const limited = { ...graphError(429, 'TooManyRequests', 'Slow down'), headers: { 'Retry-After': '900' } };
    fake.vendor.fault({ when: ({ path }) => path.endsWith(LIST), does: limited });
    const { problem } = (await collect(open(intune))).report;
    expect([problem?.code, problem?.retryAfterMs]).toEqual(['vendor-throttled', 900_000]);
  });

  it('gets a new token in the middle when the old one lives a minute', async () => {
    laptops(6);
    fake.tokenLivesSeconds = 60;
    const session = open(intune);
    let pages = 0;
    for await (const step of session.observe(null)) {
      if (step.kind !== 'observation') continue;
      pages += 1;
      if (pages % 2 === 0) time.skip(50_000);
    }
    expect(fake.tokens.length).toBeGreaterThan(1);
    // It was renewed in time: no request was refused.
    expect(fake.vendor.to(LIST).length).toBe(3);
  });

  it('gets one new token when the vendor revokes the old', async () => {
    laptops(2);
    const session = open(intune);
    await collect(session);
    fake.revokeTokens();
    expect((await collect(session)).report).toMatchObject({ covers: 'all', observed: 2 });
    expect(fake.tokens.length).toBe(2);
  });

  it('asks for one token when much is asked at once', async () => {
    laptops(1);
    const session = open(intune);
    await Promise.all([session.check(), collect(session), collect(session)]);
    expect(fake.tokens.length).toBe(1);
  });
});

describe('Entra ID', () => {
  it('is read whole, then only what changed, with what was removed', async () => {
    laptops(5);
    const session = open(entra);
    const first = await collect(session);
    expect(first.report).toMatchObject({ covers: 'all', observed: 5, gone: 0 });
    const [one, two] = [String(directoryLaptop(1).id), String(directoryLaptop(2).id)];
    fake.changeDevice(one, { isCompliant: false });
    fake.removeDevice(two);
    const next = await collect(session, first.report.checkpoint);
    expect(next.report).toMatchObject({ covers: 'changes', observed: 1, gone: 1 });
    expect(next.gone).toEqual([two]);
    // The change named one property only; the observation is whole all the same.
    expect(next.of(one).identifiers.hostname).toBe('LT-1');
    expect(next.of(one).fields['compliance.compliant']?.value).toBe(false);
    expect((await collect(session, next.report.checkpoint)).report).toMatchObject({
      covers: 'changes',
      observed: 0,
    });
  });

  it('takes a device that is gone before it could be read anew for gone', async () => {
    laptops(1);
    const session = open(entra);
    const { report } = await collect(session);
    const id = String(directoryLaptop(1).id);
    fake.changeDevice(id, { isCompliant: false });
    fake.devices.delete(id);
    expect((await collect(session, report.checkpoint)).gone).toEqual([id]);
  });

  it('reads everything anew when the directory has forgotten our place (410)', async () => {
    laptops(3);
    const session = open(entra);
    const { report } = await collect(session);
    fake.forgetDeltas();
    const next = await collect(session, report.checkpoint);
    expect(next.restarts.length).toBe(1);
    expect(next.report).toMatchObject({ covers: 'all', observed: 3, problem: null });
  });

  it('does so too when it says that with 400', async () => {
    laptops(1);
    const session = open(entra);
    const { report } = await collect(session);
    fake.vendor.fault({
      when: ({ query }) => query.has('$deltatoken'),
      does: graphError(400, 'syncStateNotFound', 'The sync state generation is not found.'),
    });
    expect((await collect(session, report.checkpoint)).report).toMatchObject({ covers: 'all', observed: 1 });
  });

  it('does not take another 400 for that', async () => {
    laptops(1);
    const session = open(entra);
    const { report } = await collect(session);
    fake.vendor.fault({
      when: ({ query }) => query.has('$deltatoken'),
      does: graphError(400, 'BadRequest', 'Something else.'),
    });
    const next = await collect(session, report.checkpoint);
    expect(next.report).toMatchObject({ covers: 'broken', checkpoint: report.checkpoint });
    expect(next.report.problem?.code).toBe('vendor-refused');
  });

  it('that breaks off without a link for the next time is not the whole', async () => {
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('delta()'),
      does: { json: { value: [directoryLaptop(1)] } },
    });
    expect((await collect(open(entra))).report).toMatchObject({ covers: 'partial', checkpoint: null });
  });

  it('sends its token to no stored link of another host', async () => {
    laptops(1);
    const elsewhere = await FakeVendor.start(() => ({ json: { value: [] } }));
    const { report } = await collect(open(entra), {
      deltaLink: `${elsewhere.url}/v1.0/devices/delta()?$deltatoken=x`,
    });
    expect(report).toMatchObject({ covers: 'all', observed: 1 });
    expect(elsewhere.asked).toEqual([]);
  });
});

describe('a check', () => {
  it('of an account in order is fine, and what only an action shows is not known', async () => {
    expect(await open(intune).check()).toEqual([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'DeviceManagementManagedDevices.Read.All', outcome: 'ok' },
      {
        what: 'DeviceManagementManagedDevices.PrivilegedOperations.All',
        outcome: 'unknown',
        detail: 'can only be told by sending an action',
      },
    ]);
    expect(await open(entra).check()).toEqual([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'Device.Read.All', outcome: 'ok' },
    ]);
    expect(fake.actions).toEqual([]);
  });

  it('with a permission missing names it, with the vendor’s words', async () => {
    fake.granted.delete('Device.Read.All');
    const [, line] = await open(entra).check();
    expect(line).toMatchObject({
      what: 'Device.Read.All',
      outcome: 'failed',
      problem: { code: 'vendor-permission' },
    });
    expect(line?.detail).toContain('Application is not authorized');
  });

  it.each([
    ['secret', { clientSecret: 'Wrong~secret/with+odd=signs' }, 'AADSTS7000215'],
    ['app', { clientId: '00000000-7777-8888-9999-aaaaaaaaaaaa' }, 'AADSTS700016'],
    ['tenant', { tenantId: 'nowhere.example' }, 'AADSTS90002'],
  ])('with the wrong %s says so in the vendor’s words, without the secret', async (_, settings, words) => {
    const [line] = await open(intune, settings).check();
    expect(line).toMatchObject({
      what: 'Sign-in',
      outcome: 'failed',
      problem: { code: 'vendor-credentials' },
    });
    expect(line?.detail).toContain(words);
    for (const secret of ['Wrong~secret/with+odd=signs', TENANT.clientSecret]) {
      expect(JSON.stringify(line) + String(line?.problem)).not.toContain(secret);
    }
  });

  it('of a sign-in page in between says that it is one', async () => {
    fake.vendor.fault({
      times: 5,
      does: { headers: { 'Content-Type': 'text/html' }, text: '<html><title>Proxy login' },
    });
    const [line] = await open(intune).check();
    expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-answer' } });
    expect(line?.detail).toContain('Proxy login');
  });

  it('of a vendor that is led elsewhere sends no secret there', async () => {
    const elsewhere = await FakeVendor.start(() => ({ json: {} }));
    fake.vendor.fault({ times: 5, does: { status: 308, headers: { Location: `${elsewhere.url}/token` } } });
    const [line] = await open(intune).check();
    expect(line?.problem?.code).toBe('vendor-redirect');
    expect(elsewhere.asked).toEqual([]);
  });
});

describe('an operation', () => {
  const target = String(managedLaptop(1).id);
  const act = (operation: string, parameters: unknown = {}) =>
    open(intune).act({ operation, target, parameters });

  beforeEach(() => {
    laptops(1);
  });

  it('is taken, and its progress can be followed to its end', async () => {
    const session = open(intune);
    const outcome = await session.act({ operation: 'rebootNow', target, parameters: {} });
    expect(outcome).toMatchObject({ outcome: 'accepted' });
    const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    expect(await session.follow(target, tracking)).toBe('pending');
    const at = graphTime(time.now());
    const results = (actionState: string) => [{ actionName: 'rebootNow', actionState, startDateTime: at }];
    for (const [state, told] of [
      ['active', 'pending'],
      ['done', 'done'],
      ['failed', 'failed'],
      ['notSupported', 'failed'],
      ['canceled', 'cancelled'],
      ['teleported', 'unknown'],
    ] as const) {
      fake.managedDevices.set(target, managedLaptop(1, { deviceActionResults: results(state) }));
      expect(await session.follow(target, tracking)).toBe(told);
    }
  });

  it('of long ago is not taken for this one', async () => {
    const deviceActionResults = [
      { actionName: 'rebootNow', actionState: 'done', startDateTime: '2026-01-01T00:00:00Z' },
    ];
    fake.managedDevices.set(target, managedLaptop(1, { deviceActionResults }));
    expect(await open(intune).follow(target, `rebootNow@${time.now()}`)).toBe('pending');
  });

  it('that is a sync is done when the device has synced', async () => {
    const session = open(intune);
    const tracking = `syncDevice@${Date.UTC(2026, 0, 20)}`;
    expect(await session.follow(target, tracking)).toBe('pending');
    fake.managedDevices.set(target, managedLaptop(1, { lastSyncDateTime: '2026-01-20T00:00:01Z' }));
    expect(await session.follow(target, tracking)).toBe('done');
  });

  it('that wipes goes by Intune’s name for it, and is done when the record is gone', async () => {
    const session = open(intune);
    const outcome = await session.act({ operation: 'wipe', target, parameters: { keepUserData: false } });
    const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    expect(fake.actions).toEqual([
      { device: target, name: 'wipe', body: { keepEnrollmentData: false, keepUserData: false } },
    ]);
    expect(await session.follow(target, tracking)).toBe('pending');
    fake.managedDevices.delete(target);
    expect(await session.follow(target, tracking)).toBe('done');
  });

  it('without parameters is sent without a body', async () => {
    await act('syncDevice');
    expect(fake.actions).toEqual([{ device: target, name: 'syncDevice', body: undefined }]);
  });

  it('with parameters that do not fit is not sent', async () => {
    await expect(act('wipe', { macOsUnlockCode: '12' })).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(act('rebootNow', { force: true })).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(act('toString')).rejects.toMatchObject({ code: 'not-found' });
    expect(fake.actions).toEqual([]);
  });

  it('that is not permitted or not possible is refused', async () => {
    fake.granted.delete('DeviceManagementManagedDevices.PrivilegedOperations.All');
    expect(await act('rebootNow')).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-permission' },
    });
  });

  it('without an answer may have been taken, and is not sent again', async () => {
    const isAction = { when: ({ path }: { path: string }) => path.endsWith('/rebootNow') };
    fake.vendor.fault({ ...isAction, does: 'hang-up' });
    fake.vendor.fault({ ...isAction, does: graphError(503, 'ServiceUnavailable', 'Try later') });
    expect(await act('rebootNow')).toMatchObject({ outcome: 'unknown' });
    expect(await act('rebootNow')).toMatchObject({ outcome: 'unknown' });
    expect(fake.vendor.to('/rebootNow').length).toBe(2);
  });

  it('that was turned away because of too many is sent again', async () => {
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/rebootNow'),
      does: graphError(429, 'TooManyRequests', 'Slow down'),
    });
    expect(await act('rebootNow')).toMatchObject({ outcome: 'accepted' });
    expect(fake.actions.length).toBe(1);
  });

  it('addresses no other path, whatever the target is called', async () => {
    const outcome = await open(intune).act({
      operation: 'syncDevice',
      target: '../../users/x',
      parameters: {},
    });
    expect(outcome).toMatchObject({ outcome: 'refused' });
    expect(fake.vendor.asked.at(-1)?.path).not.toContain('/v1.0/users');
  });
});

describe('five accounts', () => {
  it('are read side by side, and the one that fails is the only one', async () => {
    const fakes = await Promise.all(
      [1, 2, 3, 4, 5].map(number =>
        FakeMicrosoft.start({
          ...TENANT,
          tenantId: `tenant${number}.example`,
          clientSecret: `secret-of-tenant-${number}`,
        }),
      ),
    );
    for (const [i, tenant] of fakes.entries()) {
      const record = managedLaptop(i + 1);
      tenant.managedDevices.set(String(record.id), record);
    }
    const sessions = fakes.map((tenant, i) =>
      intune.open(
        {
          id: `account-${i + 1}`,
          settings: { ...tenant.settings, ...(i === 2 ? { clientSecret: 'expired-secret' } : {}) },
        },
        time.surroundings,
      ),
    );
    const serials: (string | null)[] = [];
    const reports = await runAccounts(
      sessions.map(session => ({
        session,
        since: null,
        take: {
          observation: ({ identifiers }) => {
            serials.push(identifiers.serial);
          },
        },
      })),
    );
    expect(reports.map(({ account, covers, problem }) => [account, covers, problem?.code ?? null])).toEqual([
      ['account-1', 'all', null],
      ['account-2', 'all', null],
      ['account-3', 'broken', 'vendor-credentials'],
      ['account-4', 'all', null],
      ['account-5', 'all', null],
    ]);
    expect(serials.sort()).toEqual(['SER-1', 'SER-2', 'SER-4', 'SER-5']);
  });

  it('are the most there may be', () => {
    expect([intune.accounts.max, entra.accounts.max]).toEqual([5, 5]);
  });
});
