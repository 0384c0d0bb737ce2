import { beforeEach, describe, expect, it } from 'vitest';
import { FakeJamf, JAMF_CLIENT, jamfError, jamfMac, jamfPad } from '../../../build/demo/vendors/fake-jamf.ts';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { readVersion } from '../../../collector/connect/jamf/api.ts';
import { jamf } from '../../../collector/connect/jamf/connector.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeJamf;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeJamf.start();
  time = new SwiftTime();
  fake.now = () => time.now();
});

const open = (settings: Record<string, unknown> = {}) =>
  jamf.open({ id: 'main', settings: { ...fake.settings, ...settings } }, time.surroundings);

function fleet(macs: number, pads = 0): void {
  for (let i = 1; i <= macs; i += 1) fake.computers.push(jamfMac(i));
  for (let i = 1; i <= pads; i += 1) fake.mobiles.push(jamfPad(i));
}

const lists = () =>
  fake.vendor.asked.filter(
    ({ path, query }) => path.endsWith('/computers-inventory') && query.get('page-size') !== '1',
  );

describe('Jamf Pro', () => {
  it('is read whole: computers and mobile devices, which share their numbers', async () => {
    fleet(3, 2);
    const { report, observations } = await collect(open());
    expect(report).toMatchObject({ covers: 'all', observed: 5, skipped: 0, problem: null });
    expect(observations.map(({ vendorId }) => vendorId)).toEqual([
      'computer-1',
      'computer-2',
      'computer-3',
      'mobile-1',
      'mobile-2',
    ]);
  });

  it('that gives smaller pages than asked for is read to its end all the same', async () => {
    fleet(7);
    fake.pageMost = 3;
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 7 });
    expect(lists().map(({ query }) => query.get('page'))).toEqual(['0', '1', '2']);
  });

  it('is asked for the sections that are read, by id', async () => {
    await collect(open());
    const [first] = lists();
    expect(first?.query.getAll('section')).toContain('DISK_ENCRYPTION');
    expect(first?.query.get('sort')).toBe('id:asc');
  });

  it('without devices is empty and whole', async () => {
    const { report } = await collect(open());
    expect(report).toMatchObject({ covers: 'all', observed: 0, checkpoint: null });
  });

  it.each([
    ['11.30.0-t1784000000', ['v1', 'v3', 'v4'], 'v4'],
    ['11.29.2', ['v1', 'v3'], 'v3'],
    ['11.23.0', ['v1', 'v3'], 'v3'],
    ['10.42.1-t1667311080', ['v1'], 'v1'],
    // A version that says nothing, or promises what is not there.
    ['next', ['v1', 'v3'], 'v3'],
    [null, ['v1'], 'v1'],
    ['11.40.0', ['v1', 'v3'], 'v3'],
    ['11.7.1', ['v4'], 'v4'],
  ])('of version %s with the inventories %j is read by %s', async (version, inventories, used) => {
    fleet(1);
    fake.version = version;
    fake.inventories = inventories;
    const { report, of } = await collect(open());
    expect(report).toMatchObject({ covers: 'all', observed: 1, problem: null });
    expect(lists().map(({ path }) => path)).toEqual([`/api/${used}/computers-inventory`]);
    expect(of('computer-1').fields['management.lastSyncAt']?.value).toBe(
      Date.UTC(2026, 0, 10, 1, 30, 0, 123),
    );
  });

  it('without any inventory we know says so, and is asked again the next time', async () => {
    fake.inventories = [];
    const session = open();
    expect((await collect(session)).report.problem?.code).toBe('vendor-not-found');
    fake.inventories = ['v4'];
    expect((await collect(session)).report).toMatchObject({ covers: 'all', problem: null });
  });

  it('that is updated and drops the inventory in use is looked at anew', async () => {
    fleet(1);
    fake.version = '11.25.0';
    fake.inventories = ['v1', 'v3'];
    const session = open();
    await collect(session);
    fake.version = '12.30.0';
    fake.inventories = ['v4'];
    expect((await collect(session)).report.covers).toBe('broken');
    expect((await collect(session)).report).toMatchObject({ covers: 'all', observed: 1 });
  });

  it('that does not let its version be seen is read all the same', async () => {
    fleet(1);
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('jamf-pro-version'),
      does: jamfError(403, 'INVALID_PRIVILEGE', 'no'),
    });
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 1 });
  });

  it('read from a checkpoint gives what spoke to it since, and takes nothing for gone', async () => {
    fleet(3, 2);
    const session = open();
    const first = await collect(session);
    fake.computers[1] = jamfMac(2, { general: { lastContact: new Date(time.now()).toISOString() } });
    fake.mobiles[0] = jamfPad(1, {
      general: { lastInventoryUpdateDate: new Date(time.now()).toISOString() },
    });
    fake.computers.shift();
    const next = await collect(session, first.report.checkpoint);
    expect(next.report).toMatchObject({ covers: 'changes', gone: 0 });
    const ids = next.observations.map(({ vendorId }) => vendorId);
    expect(ids).toContain('computer-2');
    expect(ids).toContain('mobile-1');
    expect(ids).not.toContain('computer-1');
  });

  it('filters by the last contact’s name in its version', async () => {
    const since = { computersUntil: Date.UTC(2026, 0, 10, 12), mobilesUntil: Date.UTC(2026, 0, 10, 12) };
    await collect(open(), since);
    fake.inventories = ['v1'];
    await collect(open(), since);
    expect(lists().map(({ query }) => query.get('filter'))).toEqual([
      'general.lastContact=gt=2026-01-10T11:50:00.000Z',
      'general.lastContactTime=gt=2026-01-10T11:50:00.000Z',
    ]);
    expect(fake.vendor.to('/mobile-devices/detail')[0]?.query.get('filter')).toBe(
      'lastInventoryUpdateDate=gt=2026-01-10T11:50:00.000Z',
    );
  });

  it('does not set its checkpoint beyond the beginning of the run', async () => {
    const startedAt = time.now();
    fake.computers.push(
      jamfMac(1, { general: { lastContact: new Date(startedAt + 3_600_000).toISOString() } }),
    );
    const { report } = await collect(open());
    expect((report.checkpoint as { computersUntil: number }).computersUntil).toBeLessThan(startedAt + 60_000);
  });

  it('keeps its checkpoint when nothing has spoken', async () => {
    const since = { computersUntil: Date.UTC(2026, 0, 1), mobilesUntil: Date.UTC(2026, 0, 2) };
    expect((await collect(open(), since)).report.checkpoint).toEqual(since);
  });

  it('reads only what it is set to read, so that the other privilege is not needed', async () => {
    fleet(1, 1);
    fake.granted.delete('Read Mobile Devices');
    expect((await collect(open({ reads: 'computers' }))).report).toMatchObject({
      covers: 'all',
      observed: 1,
    });
    fake.granted.add('Read Mobile Devices').delete('Read Computers');
    expect((await collect(open({ reads: 'mobile devices' }))).report).toMatchObject({
      covers: 'all',
      observed: 1,
    });
    expect((await collect(open())).report.problem?.code).toBe('vendor-permission');
  });

  it('that ends short of its own count is not the whole, and the next run starts where this one did', async () => {
    const page = (...results: unknown[]) => ({ json: { totalCount: 3, results } });
    fake.vendor.fault({ when: ({ query }) => query.has('sort'), does: page(jamfMac(1), jamfMac(2)) });
    fake.vendor.fault({ when: ({ query }) => query.has('sort'), does: page() });
    expect((await collect(open())).report).toMatchObject({
      covers: 'partial',
      observed: 2,
      checkpoint: null,
    });
  });

  it('from which a record is deleted while it is read has lost none of the others', async () => {
    fleet(4);
    fake.pageMost = 2;
    fake.vendor.fault({
      when: ({ query }) => query.has('sort') && query.get('page') === '0',
      does: () => {
        const results = fake.computers.slice(0, 2);
        fake.computers.shift();
        return { json: { totalCount: 4, results } };
      },
    });
    const { report } = await collect(open());
    // The third moved to a page that had been read.
    expect(report).toMatchObject({ covers: 'partial', observed: 3 });
  });

  it('skips a record without an id, keeps the others, and takes nothing for gone', async () => {
    fake.computers.push(jamfMac(1), { general: { name: 'nameless' }, hardware: {} }, jamfMac(2));
    expect((await collect(open())).report).toMatchObject({ covers: 'partial', observed: 2, skipped: 1 });
  });

  it('takes ids that are numbers', async () => {
    fake.computers.push({ ...jamfMac(1), id: 1 });
    expect((await collect(open())).observations[0]?.vendorId).toBe('computer-1');
  });

  it('that says something else than a list is not understood', async () => {
    fake.vendor.fault({
      when: ({ path, query }) => path.endsWith('/computers-inventory') && query.has('sort'),
      does: { json: { hello: 'world' } },
    });
    expect((await collect(open())).report.problem?.code).toBe('vendor-answer');
  });

  it('goes on after 429 without a word about waiting, and after 503', async () => {
    fleet(1);
    fake.vendor.fault({
      when: ({ query }) => query.has('sort'),
      does: jamfError(429, 'TOO_MANY', 'Slow down'),
    });
    fake.vendor.fault({ when: ({ query }) => query.has('sort'), does: { status: 503, text: '<html>' } });
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 1 });
    expect(time.pauses.length).toBeGreaterThan(0);
  });

  it('is never asked for more than five things at once', async () => {
    fleet(1, 1);
    const session = open();
    await Promise.all(Array.from({ length: 12 }, () => collect(session)));
    expect(fake.vendor.mostAtOnce).toBeLessThanOrEqual(5);
    expect(fake.tokens.length).toBe(1);
  });

  it('gets back the cookie that keeps us on one node of its cluster', async () => {
    fleet(1);
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('jamf-pro-version'),
      does: {
        json: { version: '11.30.0' },
        headers: { 'Set-Cookie': 'jpro-ingress=node-2; Path=/; Secure' },
      },
    });
    await collect(open());
    expect(lists()[0]?.headers.cookie).toBe('jpro-ingress=node-2');
  });

  it('reads one device anew, and says that it is gone when it is', async () => {
    fleet(2, 2);
    const session = open();
    for (const [vendorId, hostname] of [
      ['computer-2', 'MAC-2'],
      ['mobile-2', 'PAD-2'],
    ] as const) {
      expect(await session.observeOne(vendorId)).toMatchObject({
        kind: 'observation',
        observation: { vendorId, identifiers: { hostname }, account: 'main' },
      });
    }
    for (const vendorId of ['computer-9', 'mobile-9', 'toaster-1'])
      expect(await session.observeOne(vendorId)).toEqual({ kind: 'gone', vendorId });
  });

  it('renews a token that lives a minute before it ends', async () => {
    fleet(6);
    fake.pageMost = 2;
    fake.tokenLivesSeconds = 59;
    const session = open();
    let seen = 0;
    for await (const step of session.observe(null)) {
      if (step.kind === 'observation' && ++seen % 2 === 0) time.skip(50_000);
    }
    expect(fake.tokens.length).toBeGreaterThan(1);
    expect(lists().length).toBe(3);
  });

  it('gets one new token when the old one is refused', async () => {
    fleet(1);
    const session = open();
    await collect(session);
    fake.revokeTokens();
    expect((await collect(session)).report).toMatchObject({ covers: 'all' });
    expect(fake.tokens.length).toBe(2);
  });

  it('gives its token at the other path where it does not know the first', async () => {
    fake.tokenPaths = ['/api/v1/oauth/token'];
    expect((await collect(open())).report).toMatchObject({ covers: 'all' });
    const fixed = await collect(open({ tokenPath: '/api/oauth/token' }));
    expect(fixed.report.problem?.code).toBe('vendor-not-found');
  });
});

describe('a check of Jamf Pro', () => {
  it('in order tells the version, and what only an action shows is not known', async () => {
    expect(await open().check()).toEqual([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'Read Computers', outcome: 'ok', detail: 'inventory v4 of Jamf Pro 11.30.0-t1784000000' },
      { what: 'Read Mobile Devices', outcome: 'ok' },
      { what: 'View MDM command information in Jamf Pro API', outcome: 'ok' },
      {
        what: 'Send Command to Renew MDM Profile',
        outcome: 'unknown',
        detail: 'can only be told by renewing a profile',
      },
    ]);
    expect(fake.commands).toEqual([]);
  });

  it('names each privilege that is missing, and one that only commands need does not fail it', async () => {
    fake.granted.delete('Read Mobile Devices');
    fake.granted.delete('View MDM command information in Jamf Pro API');
    const lines = await open().check();
    expect(lines.find(({ what }) => what === 'Read Mobile Devices')).toMatchObject({
      outcome: 'failed',
      problem: { code: 'vendor-permission' },
    });
    expect(lines.find(({ what }) => what.startsWith('View MDM'))).toMatchObject({ outcome: 'unknown' });
  });

  it('with the wrong secret says so without it', async () => {
    const lines = await open({ clientSecret: 'wrong-secret-of-jamf' }).check();
    expect(lines[0]).toMatchObject({
      what: 'Sign-in',
      outcome: 'failed',
      problem: { code: 'vendor-credentials' },
    });
    expect(JSON.stringify(lines)).not.toContain('wrong-secret-of-jamf');
    expect(JSON.stringify(lines)).not.toContain(JAMF_CLIENT.clientSecret);
  });

  it('of a server that leads elsewhere sends no secret there', async () => {
    const elsewhere = await FakeVendor.start(() => ({ json: {} }));
    fake.vendor.fault({ times: 9, does: { status: 307, headers: { Location: `${elsewhere.url}/api` } } });
    const [line] = await open().check();
    expect(line?.problem?.code).toBe('vendor-redirect');
    expect(elsewhere.asked).toEqual([]);
  });
});

describe('an MDM command', () => {
  beforeEach(() => {
    fleet(2, 2);
  });

  it('goes to the management id of the computer, and can be followed to its end', async () => {
    const session = open();
    const outcome = await session.act({ operation: 'RESTART_DEVICE', target: 'computer-2', parameters: {} });
    expect(outcome).toMatchObject({ outcome: 'accepted' });
    expect(fake.commands).toMatchObject([
      { managementId: 'bbbbbbbb-0000-4000-8000-000000000002', data: { commandType: 'RESTART_DEVICE' } },
    ]);
    const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    for (const [state, told] of [
      ['PENDING', 'pending'],
      ['NOT_NOW', 'pending'],
      ['ACKNOWLEDGED', 'done'],
      ['ERROR', 'failed'],
      ['LOST_IN_SPACE', 'unknown'],
    ] as const) {
      for (const command of fake.commands) command.state = state;
      expect(await session.follow('computer-2', tracking)).toBe(told);
    }
    fake.commands.length = 0;
    expect(await session.follow('computer-2', tracking)).toBe('unknown');
  });

  it('goes to the tablet of that number, not to the computer', async () => {
    await open().act({
      operation: 'ENABLE_LOST_MODE',
      target: 'mobile-2',
      parameters: { lostModeMessage: 'Please call' },
    });
    expect(fake.commands).toMatchObject([
      {
        managementId: 'dddddddd-0000-4000-8000-000000000002',
        data: { commandType: 'ENABLE_LOST_MODE', lostModeMessage: 'Please call' },
      },
    ]);
  });

  it('whose answer is the entry itself instead of a list is taken too', async () => {
    fake.vendor.fault({
      when: ({ method, path }) => method === 'POST' && path.endsWith('/mdm/commands'),
      does: { status: 201, json: { id: 'cmd-1', href: '/x' } },
    });
    expect(await open().act({ operation: 'LOG_OUT_USER', target: 'mobile-1', parameters: {} })).toEqual({
      outcome: 'accepted',
      tracking: 'cmd-1',
    });
  });

  it.each(['computer-99', 'mobile-99', 'computer-1/../2', '7', 'mobile-1;uuid==x'])(
    'for %s, which is no device, is refused and not sent',
    async target => {
      expect(await open().act({ operation: 'DEVICE_LOCK', target, parameters: {} })).toMatchObject({
        outcome: 'refused',
        problem: { code: 'vendor-not-found' },
      });
      expect(fake.commands).toEqual([]);
    },
  );

  it('for a device that is not managed is refused', async () => {
    fake.computers[0] = jamfMac(1, { general: { managementId: null } });
    expect(
      await open().act({ operation: 'RESTART_DEVICE', target: 'computer-1', parameters: {} }),
    ).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-refused' } });
  });

  it('that could not even be looked up has not happened', async () => {
    fake.vendor.fault({
      times: 9,
      when: ({ path }) => path.endsWith('/computers-inventory/1'),
      does: 'hang-up',
    });
    expect(
      await open().act({ operation: 'RESTART_DEVICE', target: 'computer-1', parameters: {} }),
    ).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-unreachable' } });
  });

  it('without an answer may have been taken, and is not sent again', async () => {
    const isCommand = {
      when: ({ method, path }: { method: string; path: string }) =>
        method === 'POST' && path.endsWith('/mdm/commands'),
    };
    fake.vendor.fault({ ...isCommand, does: 'hang-up' });
    fake.vendor.fault({ ...isCommand, does: jamfError(500, 'INTERNAL', 'unable to queue command') });
    const act = () => open().act({ operation: 'ERASE_DEVICE', target: 'computer-1', parameters: {} });
    expect(await act()).toMatchObject({ outcome: 'unknown' });
    expect(await act()).toMatchObject({ outcome: 'unknown' });
    expect(fake.vendor.asked.filter(isCommand.when).length).toBe(2);
  });

  it('with a PIN that is none is not sent', async () => {
    await expect(
      open().act({ operation: 'DEVICE_LOCK', target: 'computer-1', parameters: { pin: '12' } }),
    ).rejects.toMatchObject({ code: 'request-invalid' });
  });

  it('renews a profile by UDID, and a UDID the server passes over is a refusal inside the 202', async () => {
    const session = open();
    const renew = (target: string) => session.act({ operation: 'renew-profile', target, parameters: {} });
    expect(await renew('computer-1')).toEqual({ outcome: 'accepted' });
    expect(fake.renewed).toEqual(['AAAAAAAA-0000-4000-8000-000000000001']);
    expect(await renew('mobile-1')).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-refused' },
    });
  });

  it('is not followed by something that would change the filter', async () => {
    expect(await open().follow('computer-1', 'x,uuid==y')).toBe('unknown');
    expect(fake.vendor.to('/mdm/commands')).toEqual([]);
  });
});

describe('a version of Jamf Pro', () => {
  it.each([
    ['10.42.1-t1667311080', [10, 42]],
    ['11.30', [11, 30]],
    ['next', null],
    [null, null],
  ])('%s is %j', (text, version) => {
    expect(readVersion(text)).toEqual(version);
  });
});
