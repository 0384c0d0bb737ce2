import { beforeEach, describe, expect, it } from 'vitest';
import {
  FakeWorkspaceOne,
  listedLaptop,
  TENANT_CODE,
  UEM_ADMIN,
  UEM_CLIENT,
  uemError,
  uemEvent,
  uemTime,
  uuidOf,
} from '../../../build/demo/vendors/fake-workspace-one.ts';
import { tokenAddress } from '../../../collector/connect/workspace-one/api.ts';
import { workspaceOne } from '../../../collector/connect/workspace-one/connector.ts';
import { Seen } from '../../../collector/connect/workspace-one/notice.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeWorkspaceOne;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeWorkspaceOne.start();
  time = new SwiftTime();
  fake.now = () => time.now();
});

const open = (changes: Record<string, unknown> = {}) =>
  workspaceOne.open({ id: 'main', settings: { ...fake.settings, ...changes } }, time.surroundings);
const quick = (changes: Record<string, unknown> = {}) => open({ readDetails: false, ...changes });

const SEARCH = '/devices/search';
const isSearch = ({ path }: { path: string }) => path.endsWith(SEARCH);

function laptops(count: number): void {
  for (let id = 1; id <= count; id += 1) fake.add(id);
}

describe('Workspace ONE', () => {
  it.each(['1', '2', '3'])('is read page by page by search version %s', async searchVersion => {
    laptops(5);
    fake.pageMost = 2;
    const { report, observations } = await collect(quick({ searchVersion }));
    expect(report).toMatchObject({ covers: 'all', observed: 5, skipped: 0, problem: null });
    expect(observations.map(({ vendorId }) => vendorId)).toEqual(['1', '2', '3', '4', '5']);
    expect(observations[0]?.fields['compliance.compliant']?.value).toBe(true);
    expect(observations[0]?.fields['os.platform']?.value).toBe('windows');
    const searches = fake.vendor.to(SEARCH);
    expect(searches.map(({ query }) => query.get('page'))).toEqual(['0', '1', '2']);
    expect(searches[0]?.query.get(searchVersion === '3' ? 'page_size' : 'pagesize')).toBe('500');
    expect(searches[0]?.headers.accept).toBe(`application/json;version=${searchVersion}`);
  });

  it('has its key and its token on every request', async () => {
    laptops(1);
    await collect(open());
    const asked = fake.vendor.asked.filter(({ path }) => path.startsWith('/api'));
    expect(asked.length).toBe(2);
    for (const { headers } of asked) {
      expect([headers['aw-tenant-code'], headers.authorization]).toEqual([
        TENANT_CODE,
        `Bearer ${fake.tokens[0]}`,
      ]);
    }
    const [token] = fake.vendor.to('/connect/token');
    expect(token?.headers['aw-tenant-code']).toBeUndefined();
  });

  it('reads details by GUID and version 3', async () => {
    laptops(2);
    const run = await collect(open());
    expect(run.of('2').fields['battery.percent']?.value).toBe(80);
    const [details] = fake.vendor.to(`/devices/${uuidOf(1)}`);
    expect(details?.headers.accept).toBe('application/json;version=3');
  });

  it('whose server has no details (404, a web page) is told as the search has it', async () => {
    fake.add(1, {}, null);
    const run = await collect(open());
    expect(run.report).toMatchObject({ covers: 'all', observed: 1 });
    expect(run.of('1').fields['battery.percent']?.value).toBeNull();
  });

  it('without devices answers 204, and is empty and whole', async () => {
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 0, checkpoint: null });
  });

  it('that has nothing after a page that its count goes beyond is not the whole', async () => {
    fake.vendor.fault({
      when: isSearch,
      does: { json: { Devices: [listedLaptop(1)], Page: 0, PageSize: 1, Total: 2 } },
    });
    fake.vendor.fault({ when: isSearch, does: { status: 204 } });
    expect((await collect(quick())).report).toMatchObject({
      covers: 'partial',
      observed: 1,
      checkpoint: null,
    });
  });

  it('read from a checkpoint gives those that were seen since, asked for by a time with its zone', async () => {
    laptops(4);
    const session = quick();
    const { report } = await collect(session);
    fake.add(3, { LastSeen: uemTime(time.now()), ComplianceStatus: 'NonCompliant' });
    const next = await collect(session, report.checkpoint);
    expect(next.report).toMatchObject({ covers: 'changes', gone: 0 });
    expect(next.of('3').fields['compliance.compliant']?.value).toBe(false);
    expect(next.observations.map(({ vendorId }) => vendorId)).not.toContain('1');
    expect(fake.vendor.to(SEARCH).at(-1)?.query.get('seensince')).toBe('2026-01-10T03:45:00Z');
  });

  it('keeps its checkpoint when nobody was seen', async () => {
    const since = { seenUntil: Date.UTC(2026, 0, 1) };
    expect((await collect(open(), since)).report).toMatchObject({ covers: 'changes', checkpoint: since });
  });

  it('does not set its checkpoint beyond the beginning of the run', async () => {
    const startedAt = time.now();
    fake.add(1, { LastSeen: uemTime(startedAt + 3_600_000) });
    const { report } = await collect(quick());
    expect((report.checkpoint as { seenUntil: number }).seenUntil).toBeLessThan(startedAt + 60_000);
  });

  it('skips a record without an id and takes nothing for gone', async () => {
    const Devices = [listedLaptop(1), { SerialNumber: 'x' }, null];
    fake.vendor.fault({ when: isSearch, does: { json: { Devices, Total: 3 } } });
    expect((await collect(quick())).report).toMatchObject({ covers: 'partial', observed: 1, skipped: 2 });
  });

  it.each([
    ['something else than a list', { json: { hello: 'world' } }],
    ['a web page', { headers: { 'Content-Type': 'text/html' }, text: '<html><title>Sign in</title></html>' }],
    ['a list that is none', { json: { Devices: 'many', Total: 2 } }],
  ])('that answers with %s is not understood', async (_, does) => {
    fake.vendor.fault({ when: isSearch, does });
    expect((await collect(open())).report.problem?.code).toBe('vendor-answer');
  });

  it('whose quota is used up tells when it is new', async () => {
    laptops(1);
    fake.quota = 0;
    const { problem } = (await collect(open())).report;
    expect(problem?.code).toBe('vendor-throttled');
    expect(problem?.retryAfterMs).toBeGreaterThan(3_500_000);
    expect(problem?.retryAfterMs).toBeLessThanOrEqual(3_601_000);
    expect(fake.vendor.to(SEARCH).length).toBe(1);
  });

  it('whose quota is soon new is waited for', async () => {
    laptops(1);
    fake.vendor.fault({
      when: isSearch,
      does: () => ({
        status: 429,
        headers: { 'X-RateLimit-Reset': String(Math.ceil(time.now() / 1000) + 30) },
      }),
    });
    expect((await collect(quick())).report).toMatchObject({ covers: 'all', observed: 1 });
    expect(Math.max(...time.pauses)).toBeGreaterThan(25_000);
  });

  it('does not wait for a quota that is not used up, though each answer tells its end', async () => {
    laptops(3);
    fake.pageMost = 1;
    await collect(quick());
    expect(time.pauses).toEqual([]);
  });

  it('gets a new token in the middle when the old one lives a minute', async () => {
    laptops(6);
    fake.pageMost = 2;
    fake.tokenLivesSeconds = 60;
    let told = 0;
    for await (const step of quick().observe(null)) {
      if (step.kind === 'observation' && ++told % 2 === 0) time.skip(50_000);
    }
    expect(told).toBe(6);
    expect(fake.tokens.length).toBeGreaterThan(1);
    expect(fake.vendor.to(SEARCH).length).toBe(3);
  });

  it('gets one new token when the vendor revokes the old', async () => {
    laptops(1);
    const session = quick();
    await collect(session);
    fake.revokeTokens();
    expect((await collect(session)).report).toMatchObject({ covers: 'all', observed: 1 });
    expect(fake.tokens.length).toBe(2);
  });

  it('reads one device again by either id, or says that it is gone', async () => {
    laptops(1);
    const session = open();
    for (const id of ['1', uuidOf(1)]) {
      expect(await session.observeOne(id)).toMatchObject({
        kind: 'observation',
        observation: { vendorId: '1' },
      });
    }
    expect(await session.observeOne('99')).toEqual({ kind: 'gone', vendorId: '99' });
  });
});

describe('signing in', () => {
  it('goes to the token service of the region', () => {
    expect(tokenAddress({ region: 'emea', tokenUrl: undefined })).toBe(
      'https://emea.uemauth.workspaceone.com/connect/token',
    );
    expect(tokenAddress({ region: 'other', tokenUrl: 'https://uem.example.com/oauth/token' })).toBe(
      'https://uem.example.com/oauth/token',
    );
  });

  it('by an administrator’s name asks for no token', async () => {
    laptops(1);
    const { report } = await collect(quick({ signIn: 'basic', ...UEM_ADMIN }));
    expect(report).toMatchObject({ covers: 'all', observed: 1 });
    expect(fake.tokens).toEqual([]);
  });

  it.each([
    ['client secret', { clientSecret: 'Wrong_uem/secret+1' }],
    ['API key', { tenantCode: 'WrongTenantCode/key=1' }],
    ['password', { signIn: 'basic', ...UEM_ADMIN, password: 'Wrong uem pass&1' }],
  ])('with the wrong %s is told without it', async (_, changes) => {
    const [line] = await open(changes).check();
    expect(line).toMatchObject({
      what: 'Sign-in',
      outcome: 'failed',
      problem: { code: 'vendor-credentials' },
    });
    const written = JSON.stringify(line) + String(line?.problem);
    for (const secret of [
      'Wrong_uem/secret+1',
      'WrongTenantCode/key=1',
      'Wrong uem pass&1',
      UEM_CLIENT.clientSecret,
    ]) {
      expect(written).not.toContain(secret);
    }
  });

  it('with the wrong API key has the vendor’s number for it', async () => {
    const [line] = await open({ tenantCode: 'WrongTenantCode/key=1' }).check();
    expect(line?.detail).toContain('1013');
  });

  it('without the right to read names it', async () => {
    fake.vendor.fault({ when: isSearch, does: uemError(403, 6002, 'Access denied.') });
    expect((await open().check()).slice(0, 2)).toMatchObject([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'REST API Devices Read', outcome: 'failed', problem: { code: 'vendor-permission' } },
    ]);
  });

  it('cannot be saved without what it needs', () => {
    const { clientSecret: _, ...rest } = fake.settings;
    expect(() => workspaceOne.checkSettings(rest)).toThrow(/clientSecret/);
    expect(() => workspaceOne.checkSettings({ ...fake.settings, tokenUrl: undefined })).toThrow(/tokenUrl/);
    expect(() => workspaceOne.checkSettings({ ...fake.settings, noticeUser: 'uem' })).toThrow(
      /noticePassword/,
    );
    expect(workspaceOne.secrets).toEqual(['tenantCode', 'clientSecret', 'password', 'noticePassword']);
  });
});

describe('an operation', () => {
  const act = (operation: string, parameters: unknown = {}, target = '1') =>
    open().act({ operation, target, parameters });

  beforeEach(() => {
    laptops(1);
  });

  it.each(['Lock', 'SyncDevice', 'DeviceWipe', 'SyncWorkflows', 'RotateFileVaultKey'])(
    '%s is queued by number and by GUID',
    async operation => {
      expect(await act(operation)).toMatchObject({ outcome: 'accepted' });
      expect(await act(operation, {}, uuidOf(1))).toMatchObject({ outcome: 'accepted' });
      expect(fake.commands.map(({ id, command }) => [id, command])).toEqual([
        ['1', operation],
        [uuidOf(1), operation],
      ]);
    },
  );

  it.each([
    'Lock',
    'ClearPasscode',
    'EnterpriseWipe',
    'DeviceWipe',
    'EnterpriseReset',
    'CustomMdmCommand',
    'removeProfile',
    'assignScript',
  ])('%s is destructive', name => {
    expect(workspaceOne.operations[name]?.isDestructive).toBe(true);
  });

  it('that is held by the wipe threshold is taken, and says so', async () => {
    fake.wipeThreshold = 0;
    const outcome = await act('EnterpriseWipe');
    expect(outcome).toMatchObject({ outcome: 'accepted' });
    expect('detail' in outcome && outcome.detail).toMatch(/held back.*threshold/);
  });

  it('that is refused with another 403 is refused', async () => {
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/commands'),
      does: uemError(403, 6002, 'Denied.'),
    });
    expect(await act('DeviceWipe')).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-permission' },
    });
  });

  it('for a device that does not exist is refused', async () => {
    expect(await act('Lock', {}, '99')).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-not-found' },
    });
  });

  it('that got no answer may have happened and is not sent again', async () => {
    fake.vendor.fault({ when: ({ path }) => path.endsWith('/commands'), does: 'hang-up' });
    expect((await act('DeviceWipe')).outcome).toBe('unknown');
    expect(fake.vendor.to('/commands').length).toBe(1);
  });

  it('CustomMdmCommand carries its XML', async () => {
    await act('CustomMdmCommand', { CommandXml: '<dict/>' });
    expect(fake.commands[0]?.body).toEqual({ CommandXml: '<dict/>' });
  });

  it('sendPush goes the way of the platform', async () => {
    fake.add(2, { Platform: 'AppleOsX' });
    await act('sendPush', { message: 'Please restart' });
    await act('sendPush', { message: 'Please restart' }, '2');
    await act('sendPush', { message: 'Please restart', via: 'Gcm' });
    expect(fake.posted.map(({ path, body }) => [path, body])).toEqual(
      ['Wns', 'Apns', 'Gcm'].map(MessageType => [
        '/mdm/devices/messages/push',
        { MessageBody: 'Please restart', Application: 'AirWatch', MessageType },
      ]),
    );
    expect(fake.posted[0]?.query).toEqual({ searchby: 'DeviceId', id: '1' });
  });

  it('sendPush to a platform without a known way is refused before anything is sent', async () => {
    fake.add(3, { Platform: 'ZEBRA_PRINTER' });
    expect((await act('sendPush', { message: 'Hello' }, '3')).outcome).toBe('refused');
    expect(fake.posted).toEqual([]);
  });

  it('sendEmail goes to the address it is given', async () => {
    await act('sendEmail', { to: 'person@example.com', subject: 'Your laptop', message: 'Hello' });
    expect(fake.posted[0]).toMatchObject({
      path: '/mdm/devices/messages/email',
      body: {
        ToAddress: 'person@example.com',
        Subject: 'Your laptop',
        MessageBody: 'Hello',
        IsHtmlBody: false,
      },
    });
  });

  it('installs and removes a profile by the device’s number, and follows it', async () => {
    const session = open();
    const outcome = await session.act({
      operation: 'installProfile',
      target: uuidOf(1),
      parameters: { profileId: 12 },
    });
    expect(fake.posted[0]).toMatchObject({ path: '/mdm/profiles/12/install', body: { DeviceId: 1 } });
    const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    const is = (Status: unknown) => fake.profiles.set(1, [{ Id: { Value: 12 }, Name: 'WLAN', Status }]);
    expect(await session.follow('1', tracking)).toBe('pending');
    for (const [status, told] of [
      ['PendingInstall', 'pending'],
      ['ConfirmedInstall', 'done'],
      ['Corrupted', 'failed'],
      [3, 'unknown'],
    ] as const) {
      is(status);
      expect([status, await session.follow('1', tracking)]).toEqual([status, told]);
    }
    const removal = await session.act({
      operation: 'removeProfile',
      target: '1',
      parameters: { profileId: 12 },
    });
    const removed = 'tracking' in removal ? (removal.tracking ?? '') : '';
    is('PendingRemoval');
    expect(await session.follow('1', removed)).toBe('pending');
    fake.profiles.delete(1);
    expect(await session.follow('1', removed)).toBe('done');
  });

  it('sets custom attributes and tags', async () => {
    const attributes = [{ applicationGroup: 'trayline', name: 'risk', value: 'high' }];
    expect(await act('setCustomAttributes', { attributes })).toEqual({ outcome: 'done' });
    expect(await act('addTag', { tagId: 7 })).toEqual({ outcome: 'done' });
    expect(fake.posted.map(({ path, body }) => [path, body])).toEqual([
      ['/mdm/devices/1/customattributes', { CustomAttributes: attributes }],
      ['/mdm/tags/7/adddevices', { BulkValues: { Value: ['1'] } }],
    ]);
  });

  it('of which nothing was taken is refused, although the answer is 200', async () => {
    const Faults = { Fault: [{ ErrorCode: 404, ItemValue: '1', Message: 'Device 1 is not in this group' }] };
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/adddevices'),
      does: { json: { TotalItems: 1, AcceptedItems: 0, FailedItems: 1, Faults } },
    });
    const outcome = await act('addTag', { tagId: 7 });
    expect(outcome).toMatchObject({ outcome: 'refused' });
    expect('problem' in outcome && outcome.problem.detail).toContain('not in this group');
  });

  it('of which part was taken is neither done nor refused', async () => {
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/customattributes'),
      does: { json: { TotalItems: 2, AcceptedItems: 1, FailedItems: 1, Faults: null } },
    });
    const attribute = { applicationGroup: 'trayline', name: 'risk', value: 'high' };
    expect((await act('setCustomAttributes', { attributes: [attribute, attribute] })).outcome).toBe(
      'unknown',
    );
  });

  it('assigns a script to smart groups and gives the number of the assignment', async () => {
    const parameters = {
      scriptUuid: 'aaaaaaaa-0000-4000-8000-000000000001',
      name: 'Clean up',
      organizationGroupUuid: 'aaaaaaaa-0000-4000-8000-000000000002',
      smartGroupUuids: ['aaaaaaaa-0000-4000-8000-000000000003'],
      events: ['RUN_IMMEDIATELY'],
    };
    expect(await open().act({ operation: 'assignScript', target: '', parameters })).toEqual({
      outcome: 'done',
      reference: '99999999-0000-4000-8000-000000000001',
    });
    expect(fake.posted[0]?.body).toMatchObject({
      memberships: [{ smart_group_uuid: 'aaaaaaaa-0000-4000-8000-000000000003' }],
      script_deployment: { trigger_type: 'EVENT', trigger_events: ['RUN_IMMEDIATELY'] },
    });
    await expect(
      open().act({ operation: 'assignScript', target: '', parameters: { ...parameters, events: [] } }),
    ).rejects.toMatchObject({ code: 'request-invalid' });
  });

  it('can be followed as far as the device’s record tells', async () => {
    const session = open();
    const follow = async (operation: string) => {
      const outcome = await session.act({ operation, target: '1', parameters: {} });
      return 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    };
    const [sync, wipe, lock] = [await follow('SyncDevice'), await follow('DeviceWipe'), await follow('Lock')];
    expect(await session.follow('1', sync)).toBe('pending');
    expect(await session.follow('1', wipe)).toBe('pending');
    expect(await session.follow('1', lock)).toBe('unknown');
    fake.add(1, { LastSeen: uemTime(time.now() + 60_000), EnrollmentStatus: 'Unenrolled' });
    expect(await session.follow('1', sync)).toBe('done');
    expect(await session.follow('1', wipe)).toBe('done');
    fake.devices.delete(1);
    expect(await session.follow('1', wipe)).toBe('done');
    expect(await session.follow('1', lock)).toBe('unknown');
    expect(await session.follow('1', 'nonsense')).toBe('unknown');
  });
});

describe('an inquiry', () => {
  const ask = (inquiry: string, target = '') => open().inquire({ inquiry, target });

  beforeEach(() => {
    laptops(1);
    fake.pageMost = 2;
  });

  it('about a device goes by its GUID where the vendor wants that', async () => {
    const app = (name: string) => ({ name, bundle_id: `com.example.${name}`, installed_version: '1' });
    fake.applications.set(uuidOf(1), ['a', 'b', 'c'].map(app));
    fake.workflows.set(uuidOf(1), [
      { workflow_uuid: 'w-1', name: 'Onboard', status: 'Completed', steps: [] },
    ]);
    const apps = await ask('deviceApplications', '1');
    expect([apps.whole, apps.rows.map(({ name }) => name)]).toEqual([true, ['a', 'b', 'c']]);
    expect((await ask('deviceWorkflows', '1')).rows).toMatchObject([{ name: 'Onboard', outcome: 'done' }]);
  });

  it.each(['deviceApplications', 'deviceProfiles', 'deviceWorkflows'])(
    '%s about a device with none (204) is empty',
    async inquiry => {
      expect(await ask(inquiry, '1')).toEqual({ rows: [], whole: true });
    },
  );

  it('lists applications, and the scripts of the highest group', async () => {
    fake.catalogue.push({ Id: { Value: 5 }, ApplicationName: 'Hub', InstalledDeviceCount: 3 });
    fake.scripts.push({ script_uuid: 's-1', name: 'Clean up', platform: 'WIN_RT' });
    expect((await ask('applications')).rows).toMatchObject([{ id: '5', name: 'Hub', installedDevices: 3 }]);
    expect((await ask('scripts')).rows).toMatchObject([{ uuid: 's-1', name: 'Clean up' }]);
  });

  it('about a device that does not exist says so', async () => {
    await expect(ask('deviceApplications', '99')).rejects.toMatchObject({ code: 'vendor-not-found' });
  });
});

describe('a notice', () => {
  const CALLER = { noticeUser: 'uem', noticePassword: 'Fake:notice pass' };
  const basic = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const RIGHT = basic(CALLER.noticeUser, CALLER.noticePassword);
  const event = (changes: Record<string, unknown> = {}) => JSON.stringify(uemEvent(1, changes));
  const session = (changes: Record<string, unknown> = CALLER) => open(changes);
  const post = (body: string, authorization: string | null = RIGHT) => ({
    method: 'POST',
    authorization,
    body,
  });

  it('names the device to read again, and what it says itself is not believed', async () => {
    laptops(1);
    const receiver = session();
    const { status, vendorIds } = receiver.notice(post(event({ ComplianceStatus: 'NonCompliant' })));
    expect([status, vendorIds]).toEqual([200, ['1']]);
    const step = await receiver.observeOne(vendorIds[0] ?? '');
    expect(step.kind === 'observation' && step.observation.fields['compliance.compliant']?.value).toBe(true);
  });

  it('that comes again is answered and read once', () => {
    const receiver = session();
    expect(receiver.notice(post(event())).vendorIds).toEqual(['1']);
    expect(receiver.notice(post(event()))).toMatchObject({ status: 200, vendorIds: [] });
  });

  it('of the same kind a ten-millionth of a second later is another', () => {
    const receiver = session();
    receiver.notice(post(event()));
    expect(receiver.notice(post(event({ EventTime: '2026-01-10T09:13:59.5720126Z' }))).vendorIds).toEqual([
      '1',
    ]);
    expect(receiver.notice(post(event({ DeviceId: 2 }))).vendorIds).toEqual(['2']);
  });

  it('without a number goes by the GUID, and without either reads nothing', () => {
    const receiver = session();
    expect(receiver.notice(post(event({ DeviceId: 0 }))).vendorIds).toEqual([uuidOf(1)]);
    const nobody = { DeviceId: null, DeviceUUID: '00000000-0000-0000-0000-000000000000' };
    expect(receiver.notice(post(event(nobody)))).toMatchObject({ status: 200, vendorIds: [] });
  });

  it.each([
    ['no credentials', null],
    ['a wrong password', basic('uem', 'Fake:notice')],
    ['a wrong name', basic('emu', 'Fake:notice pass')],
    ['something else', 'Bearer abc'],
    ['no Base64', 'Basic ???'],
  ])('with %s is refused before it is looked at', (_, authorization) => {
    const receiver = session();
    expect(receiver.notice(post(event(), authorization))).toMatchObject({ status: 401, vendorIds: [] });
    // It has left no trace: the right one is taken.
    expect(receiver.notice(post(event())).vendorIds).toEqual(['1']);
  });

  it('is refused whatever it brings when none are set up', () => {
    const receiver = session({});
    expect(receiver.notice(post(event(), basic('', ''))).status).toBe(401);
    expect(receiver.notice(post(event(), RIGHT)).status).toBe(401);
  });

  it('by GET tests the connection, with the credentials only', () => {
    const receiver = session();
    expect(receiver.notice({ method: 'GET', authorization: RIGHT, body: '' })).toMatchObject({ status: 200 });
    const refused = receiver.notice({ method: 'GET', authorization: null, body: '' });
    expect(refused.status).toBe(401);
    expect(refused.headers['WWW-Authenticate']).toContain('Basic');
    expect(receiver.notice({ method: 'PUT', authorization: RIGHT, body: '' }).status).toBe(405);
  });

  it.each(['', 'nonsense', '[]', '{"EventId":1}', '"text"', '{"EventType":7}'])('%s is none', body => {
    expect(session().notice(post(body)).status).toBe(400);
  });

  it('is remembered, but not for ever', () => {
    const seen = new Seen();
    expect([seen.take('first'), seen.take('first')]).toEqual([true, false]);
    for (let number = 0; number < 10_000; number += 1) seen.take(`event ${number}`);
    expect([seen.take('event 9999'), seen.take('first')]).toEqual([false, true]);
  });
});
