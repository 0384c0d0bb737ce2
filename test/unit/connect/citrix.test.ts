import { beforeEach, describe, expect, it } from 'vitest';
import {
  ADMINISTRATOR,
  actionError,
  CUSTOMER,
  detailedTablet,
  FakeCitrix,
  listedTablet,
} from '../../../build/demo/vendors/fake-citrix.ts';
import type { Asked } from '../../../build/demo/vendors/fake-vendor.ts';
import { citrixEndpointManagement as citrix } from '../../../collector/connect/citrix/connector.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeCitrix;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeCitrix.start();
  time = new SwiftTime();
  fake.now = () => time.now();
});

const open = (changes: Record<string, unknown> = {}, settings = fake.ownSettings) =>
  citrix.open({ id: 'main', settings: { ...settings, ...changes } }, time.surroundings);
const cloud = (changes: Record<string, unknown> = {}) => open(changes, fake.cloudSettings);

const FILTER = '/devices/filter';
const isFilter = ({ path }: Asked) => path.endsWith('/filter');
/** The listing itself, not the one of what is marked. */
const isList = (asked: Asked) => isFilter(asked) && !asked.text.includes('filterIds');

function tablets(count: number, idOf: (number: number) => unknown = number => number): void {
  for (let number = 1; number <= count; number += 1) {
    fake.add(listedTablet(idOf(number)), detailedTablet(idOf(number)));
  }
}

describe('Citrix Endpoint Management', () => {
  it('is read page by page to its end, numbers as texts', async () => {
    tablets(205);
    const { report } = await collect(open({ readDetails: false }));
    expect(report).toMatchObject({ covers: 'all', observed: 205, skipped: 0, problem: null });
    const pages = fake.vendor.asked.filter(isList).map(({ json }) => json);
    expect(pages).toMatchObject([
      { start: '0', limit: '100', enableCount: 'true' },
      { start: '100', limit: '100' },
      { start: '200', limit: '100' },
    ]);
  });

  it('with numbers for ids and with GUIDs is told as texts', async () => {
    tablets(1);
    tablets(1, () => '5f3e2d1c-0000-4000-8000-000000000001');
    const { observations } = await collect(open());
    expect(observations.map(({ vendorId }) => vendorId)).toEqual([
      '1',
      '5f3e2d1c-0000-4000-8000-000000000001',
    ]);
  });

  it('tells who is out of compliance by the filter for it', async () => {
    tablets(3);
    fake.marked.add('2');
    const run = await collect(open());
    expect([1, 2, 3].map(id => run.of(String(id)).fields['compliance.compliant']?.value)).toEqual([
      true,
      false,
      true,
    ]);
    const [asked] = fake.vendor.asked.filter(asked => asked.text.includes('filterIds'));
    expect(asked?.json).toMatchObject({ filterIds: "['device.status.out.of.compliance']" });
  });

  it('that filters by something else than it was asked marks nobody', async () => {
    tablets(2);
    fake.vendor.fault({
      when: ({ text }) => text.includes('filterIds'),
      does: {
        json: {
          status: 0,
          currentFilter: { selectedFilters: [] },
          filteredDevicesDataList: [listedTablet(1), listedTablet(2)],
          matchedRecords: 2,
        },
      },
    });
    const run = await collect(open());
    expect(run.report.observed).toBe(2);
    expect(run.of('1').fields['compliance.compliant']).toEqual({ value: null, reason: 'not-asked' });
  });

  it('that does not know the filter is read all the same', async () => {
    tablets(1);
    fake.vendor.fault({
      when: ({ text }) => text.includes('filterIds'),
      does: { json: { status: 1104, message: 'Invalid filter.' } },
    });
    const run = await collect(open());
    expect(run.report).toMatchObject({ covers: 'all', observed: 1 });
    expect(run.of('1').fields['compliance.compliant']?.value).toBeNull();
  });

  it('of an older server is read by the older address, found out once', async () => {
    tablets(2);
    fake.hasNewFilter = false;
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 2 });
    expect(fake.vendor.to(FILTER).length).toBe(1);
  });

  it('without devices is empty and whole, also with 204', async () => {
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 0 });
    fake.vendor.fault({ times: 2, when: isFilter, does: { status: 204 } });
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 0 });
  });

  it('that counts more than it gives is not the whole', async () => {
    fake.vendor.fault({
      when: isList,
      does: { json: { status: 0, filteredDevicesDataList: [listedTablet(1)], matchedRecords: 3 } },
    });
    fake.vendor.fault({
      when: isList,
      does: { json: { status: 0, filteredDevicesDataList: [], matchedRecords: 3 } },
    });
    expect((await collect(open({ readDetails: false }))).report).toMatchObject({
      covers: 'partial',
      observed: 1,
    });
  });

  it('whose pages overlap by one is told without repeats', async () => {
    const page = (ids: number[]) => ({
      json: { status: 0, filteredDevicesDataList: ids.map(id => listedTablet(id)), matchedRecords: 3 },
    });
    fake.vendor.fault({ when: isList, does: page([1, 2]) });
    fake.vendor.fault({ when: isList, does: page([2, 3]) });
    const { report, observations } = await collect(open({ readDetails: false }));
    expect(observations.map(({ vendorId }) => vendorId)).toEqual(['1', '2', '3']);
    expect(report.covers).toBe('all');
  });

  it('skips a record without an id and takes nothing for gone', async () => {
    fake.vendor.fault({
      when: isList,
      does: {
        json: {
          status: '0',
          filteredDevicesDataList: [listedTablet(1), { deviceName: 'x' }, null],
          matchedRecords: 3,
        },
      },
    });
    expect((await collect(open({ readDetails: false }))).report).toMatchObject({
      covers: 'partial',
      observed: 1,
      skipped: 2,
    });
  });

  it('tells a device whose details are refused as the list has it', async () => {
    tablets(2);
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/device/1'),
      does: { json: { status: -1, message: 'Device is being removed' } },
    });
    const run = await collect(open());
    expect(run.report).toMatchObject({ covers: 'all', observed: 2 });
    expect(run.of('1').fields['management.enrolledAt']?.reason).toBe('not-asked');
  });

  it('with a failure inside a 200 is broken, in the vendor’s words', async () => {
    fake.vendor.fault({ when: isList, does: { json: { status: -1, message: 'Database is away' } } });
    const { report } = await collect(open());
    expect([report.covers, report.problem?.code]).toEqual(['broken', 'vendor-refused']);
    expect(report.problem?.detail).toContain('-1: Database is away');
  });

  it('with a web page inside a 200 is not understood', async () => {
    const page = { headers: { 'Content-Type': 'text/html' }, text: '<html><title>Gateway sign-on</title>' };
    fake.vendor.fault({ when: isList, does: page });
    const { problem } = (await collect(open())).report;
    expect(problem?.code).toBe('vendor-answer');
    expect(problem?.detail).toContain('Gateway sign-on');
  });

  it('reads one device again, or says that it is gone', async () => {
    tablets(1);
    fake.marked.add('1');
    const session = open();
    const step = await session.observeOne('1');
    expect(step).toMatchObject({
      kind: 'observation',
      observation: { connector: 'citrix-endpoint-management', source: 'citrix', vendorId: '1' },
    });
    expect(step.kind === 'observation' && step.observation.fields['compliance.compliant']?.value).toBe(false);
    expect(await session.observeOne('99')).toEqual({ kind: 'gone', vendorId: '99' });
  });

  it('takes an empty answer about one device for no word on whether it is gone', async () => {
    fake.vendor.fault({ when: ({ path }) => path.endsWith('/device/1'), does: { status: 200 } });
    await expect(open().observeOne('1')).rejects.toMatchObject({ code: 'vendor-answer' });
  });
});

describe('signing in', () => {
  it.each(['trust', 'oauth2'])('to the cloud goes by %s, then by the server', async cloudSignIn => {
    tablets(1);
    expect((await collect(cloud({ cloudSignIn }))).report).toMatchObject({ covers: 'all', observed: 1 });
    const [first, second] = fake.vendor.asked;
    const prefix = cloudSignIn === 'oauth2' ? '/cctrustoauth2' : '';
    expect(first?.path).toBe(`${prefix}/${CUSTOMER.customerId}/tokens/clients`);
    expect(second?.path).toBe('/xenmobile/api/v1/authentication/login/cloud');
    expect(second?.json).toMatchObject({ bearerToken: fake.tokens[0] });
  });

  it('to a server of one’s own goes by name and password, and the session is a header of its own', async () => {
    await collect(open());
    const [login, next] = fake.vendor.asked;
    expect(login?.json).toEqual(ADMINISTRATOR);
    expect(next?.headers.auth_token).toBe(fake.tokens[0]);
    expect(next?.headers.authorization).toBeUndefined();
  });

  it('happens again when the session has ended, which is a 403 with a web page', async () => {
    tablets(1);
    const session = open();
    await collect(session);
    fake.endSessions();
    expect((await collect(session)).report).toMatchObject({ covers: 'all', observed: 1 });
    expect(fake.sessionCount).toBe(2);
  });

  it('happens before a session of ten minutes is over, and only once however much waits', async () => {
    tablets(3);
    const session = open();
    await collect(session);
    time.skip(9.5 * 60_000);
    await Promise.all([collect(session), session.check()]);
    expect(fake.sessionCount).toBe(2);
  });

  it('gets one new cloud token when the server no longer takes the old', async () => {
    const session = cloud();
    await collect(session);
    fake.endSessions();
    fake.revokeCloudTokens();
    expect((await collect(session)).report.problem).toBeNull();
    expect(fake.vendor.to('/tokens/clients').length).toBe(2);
  });

  it('survives a cloud token of a minute', async () => {
    tablets(4);
    fake.cloudTokenLivesSeconds = 60;
    fake.sessionLivesMs = 45_000;
    const session = cloud({ readDetails: false });
    await collect(session);
    time.skip(50_000);
    expect((await collect(session)).report).toMatchObject({ covers: 'all', observed: 4 });
    expect(fake.vendor.to('/tokens/clients').length).toBe(2);
  });

  it('that stays refused is a missing right, after one new session', async () => {
    fake.vendor.fault({ times: 99, when: isFilter, does: { status: 403, text: 'Forbidden' } });
    const { report } = await collect(open());
    expect(report.problem?.code).toBe('vendor-permission');
    expect(fake.sessionCount).toBe(2);
  });

  it.each([
    ['password', () => open({ password: 'Wrong pass/word&more' })],
    ['secure client', () => cloud({ clientSecret: 'Wrong+cloud/secret==' })],
  ])('with the wrong %s is told without it', async (_, session) => {
    const [line] = await session().check();
    expect(line).toMatchObject({
      what: 'Sign-in',
      outcome: 'failed',
      problem: { code: 'vendor-credentials' },
    });
    for (const secret of ['Wrong pass/word&more', 'Wrong+cloud/secret==']) {
      expect(JSON.stringify(line) + String(line?.problem)).not.toContain(secret);
    }
  });

  it('refused inside a 200 is wrong credentials too', async () => {
    fake.vendor.fault({ does: { json: { status: 1001, message: 'Invalid user' } } });
    const [line] = await open().check();
    expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
  });

  it('cannot be saved without what its deployment needs', () => {
    const { password: _, ...own } = fake.ownSettings;
    expect(() => citrix.checkSettings(own)).toThrow(/password/);
    const { customerId: __, ...there } = fake.cloudSettings;
    expect(() => citrix.checkSettings(there)).toThrow(/customerId/);
    expect(citrix.secrets).toEqual(['clientSecret', 'password']);
  });

  it('checks what reading shows and does not try what would change something', async () => {
    expect((await open().check()).map(({ what, outcome }) => [what, outcome])).toEqual([
      ['Sign-in', 'ok'],
      ['PUBLIC_API_ACCESS', 'ok'],
      ['Devices', 'unknown'],
      ['App', 'unknown'],
      ['Delivery Group', 'unknown'],
    ]);
    expect(fake.actions).toEqual([]);
  });
});

describe('an operation', () => {
  const act = (operation: string, parameters: unknown = {}, target = '1') =>
    open().act({ operation, target, parameters });

  beforeEach(() => {
    tablets(1);
  });

  it.each(['refresh', 'unlock', 'selwipe', 'wipe', 'lock', 'appLock', 'appWipe', 'locate', 'ring', 'revoke'])(
    '%s goes to the one device, by its number',
    async operation => {
      expect(await act(operation)).toMatchObject({ outcome: 'accepted' });
      expect(fake.actions).toEqual([{ path: operation, ids: [1], query: {} }]);
    },
  );

  it.each(['selwipe', 'wipe', 'lock', 'unlock', 'appWipe', 'appLock', 'revoke'])(
    '%s is destructive',
    name => {
      expect(citrix.operations[name]?.isDestructive).toBe(true);
    },
  );

  it('for a GUID sends the text', async () => {
    const id = '5f3e2d1c-0000-4000-8000-000000000001';
    tablets(1, () => id);
    await act('refresh', {}, id);
    expect(fake.actions[0]?.ids).toEqual([id]);
  });

  it('has its parameters in the query, encoded', async () => {
    await act('lock', { newPinCode: '123456', lockMessage: 'Call 1+1 & wait' });
    await act('wipe', { pinCode: '1234', erasedMemoryCard: true });
    expect(fake.actions.map(({ query }) => query)).toEqual([
      { newPinCode: '123456', lockMessage: 'Call 1+1 & wait' },
      { pinCode: '1234', erasedMemoryCard: 'true' },
    ]);
  });

  it('that fails inside a 200 is refused, in the vendor’s words', async () => {
    const outcome = await act('selwipe', {}, '99');
    expect(outcome).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-refused' } });
    expect('problem' in outcome && outcome.problem.detail).toContain("Unable to selwipe devices '99'");
    expect(fake.actions).toEqual([]);
  });

  it.each([
    ['without a body', { status: 200 }],
    ['with a web page', { headers: { 'Content-Type': 'text/html' }, text: '<html><title>Hm</title>' }],
    ['without a status', { json: { message: 'Hello' } }],
    ['with 500', { status: 500 }],
  ])('answered %s may have happened', async (_, does) => {
    fake.vendor.fault({ when: ({ path }) => path.endsWith('/wipe'), does });
    expect((await act('wipe')).outcome).toBe('unknown');
    expect(fake.vendor.to('/wipe').length).toBe(1);
  });

  it('that got no answer may have happened and is not sent again', async () => {
    fake.vendor.fault({ when: ({ path }) => path.endsWith('/wipe'), does: 'hang-up' });
    expect((await act('wipe')).outcome).toBe('unknown');
    expect(fake.vendor.to('/wipe').length).toBe(1);
  });

  it('in an ended session is sent again in a new one', async () => {
    const session = open();
    await session.check();
    fake.endSessions();
    expect(await session.act({ operation: 'lock', target: '1', parameters: {} })).toMatchObject({
      outcome: 'accepted',
    });
    expect(fake.actions.length).toBe(1);
  });

  it('notify sends the message to the agent alone, with the family of the device', async () => {
    expect(await act('notify', { message: 'Please restart' })).toEqual({ outcome: 'accepted' });
    expect(fake.notified).toEqual([
      {
        to: [{ deviceId: 1, osFamily: 'iOS' }],
        agentMessage: 'Please restart',
        smtp: 'false',
        sms: 'false',
        agent: 'true',
        templateId: '-1',
      },
    ]);
  });

  it('notify of which nothing was sent is refused, although the status is 0', async () => {
    const notificationRequests = { smtpNotifRequestId: -1, apnsAgentNotifRequestId: -1 };
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/notify'),
      does: { json: { status: 0, notificationRequests } },
    });
    expect(await act('notify', { message: 'Hello' })).toMatchObject({ outcome: 'refused' });
  });

  it('notify to nobody is refused before anything is sent', async () => {
    expect(await act('notify', { message: 'Hello' }, '99')).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-not-found' },
    });
    expect(fake.notified).toEqual([]);
  });

  it('updateApplication changes what is named and keeps the rest', async () => {
    const app = {
      id: 4,
      name: 'Word',
      description: 'old',
      categories: ['Default'],
      roles: ['AllUsers'],
      schedule: null,
    };
    fake.applications.set(4, app);
    const outcome = await open().act({
      operation: 'updateApplication',
      target: '',
      parameters: { applicationId: 4, description: 'new' },
    });
    expect(outcome).toEqual({ outcome: 'done', reference: '4' });
    expect(fake.applications.get(4)).toEqual({ ...app, description: 'new' });
  });

  it('updateApplicationPlatform changes one platform', async () => {
    fake.applications.set(4, { id: 4, name: 'Word' });
    const parameters = { applicationId: '4', platform: 'iphone', removeWithMdm: true };
    expect(
      await open().act({ operation: 'updateApplicationPlatform', target: '', parameters }),
    ).toMatchObject({
      outcome: 'done',
    });
    expect(fake.applications.get(4)).toMatchObject({ iphone: { removeWithMdm: true } });
  });

  it('updateApplication of one that does not exist is refused', async () => {
    const parameters = { applicationId: 9, name: 'x' };
    expect(await open().act({ operation: 'updateApplication', target: '', parameters })).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-not-found' },
    });
  });

  it('can be followed as far as the server tells', async () => {
    const session = open();
    const follow = async (operation: string) => {
      const outcome = await session.act({ operation, target: '1', parameters: {} });
      return session.follow('1', 'tracking' in outcome ? (outcome.tracking ?? '') : '');
    };
    expect(await follow('lock')).toBe('pending');
    fake.add(listedTablet(1), detailedTablet(1, { appLock: true, lastAuthDate: time.now() + 60_000 }));
    expect(await session.follow('1', `lock@${time.now()}`)).toBe('unknown');
    expect(await follow('appLock')).toBe('done');
    expect(await follow('refresh')).toBe('done');
    expect(await follow('appWipe')).toBe('pending');
    fake.details.delete('1');
    expect(await session.follow('1', `wipe@${time.now()}`)).toBe('done');
    expect(await session.follow('1', 'nonsense')).toBe('unknown');
  });

  it('never shows the session it was sent with', async () => {
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/wipe'),
      does: asked => actionError(`Session ${String(asked.headers.auth_token)} may not wipe`, ['1']),
    });
    const outcome = await act('wipe');
    expect(outcome.outcome).toBe('refused');
    for (const token of fake.tokens)
      expect('problem' in outcome && outcome.problem.detail).not.toContain(token);
  });
});

describe('an inquiry', () => {
  it('lists what a device has installed', async () => {
    tablets(1);
    expect(await open().inquire({ inquiry: 'software', target: '1' })).toEqual({
      whole: true,
      rows: [
        {
          name: 'Hub',
          version: '1.2',
          publisher: null,
          package: 'com.example.hub',
          sizeBytes: 1000,
          installedAt: null,
          allowed: null,
        },
      ],
    });
  });

  it('lists applications of all pages, although the count beside them is 0', async () => {
    for (let id = 1; id <= 120; id += 1) fake.applications.set(id, { id, name: `App ${id}` });
    const { rows, whole } = await open().inquire({ inquiry: 'applications', target: '' });
    expect([rows.length, whole]).toEqual([120, true]);
  });

  it('lists delivery groups that have no id', async () => {
    fake.deliveryGroups.push({ id: null, name: 'Sales' }, { id: null, name: 'Support' });
    const { rows } = await open().inquire({ inquiry: 'deliveryGroups', target: '' });
    expect(rows.map(({ name }) => name)).toEqual(['Sales', 'Support']);
  });

  it('that does not exist, or is about no device, is refused', async () => {
    await expect(open().inquire({ inquiry: 'weather', target: '1' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(open().inquire({ inquiry: 'software', target: '' })).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });
});
