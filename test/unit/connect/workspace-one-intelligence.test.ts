import { beforeEach, describe, expect, it } from 'vitest';
import {
  FakeIntelligence,
  intelligenceError,
  reportedLaptop,
  SERVICE_ACCOUNT,
} from '../../../build/demo/vendors/fake-intelligence.ts';
import { workspaceOneIntelligence as connector } from '../../../collector/connect/workspace-one-intelligence/connector.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeIntelligence;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeIntelligence.start();
  time = new SwiftTime();
  fake.now = () => time.now();
});

const open = (changes: Record<string, unknown> = {}) =>
  connector.open({ id: 'main', settings: { ...fake.settings, ...changes } }, time.surroundings);

function laptops(count: number): void {
  for (let id = 1; id <= count; id += 1) fake.devices.push(reportedLaptop(id));
}

describe('Workspace ONE Intelligence', () => {
  it('is read out of a report of what the organisation has, page after page', async () => {
    laptops(2050);
    const { report, observations } = await collect(open());
    expect(report).toMatchObject({
      covers: 'all',
      observed: 2050,
      problem: null,
      checkpoint: { reportId: 'report-1' },
    });
    expect(observations[0]).toMatchObject({
      connector: 'workspace-one-intelligence',
      source: 'workspace-one',
    });
    expect(new Set(fake.reports.get('report-1'))).toEqual(fake.attributes);
    expect(fake.vendor.to('/preview').map(({ json }) => json)).toEqual(
      [0, 1000, 2000].map(offset => ({ offset, page_size: 1000 })),
    );
  });

  it('makes one report and not one more each time', async () => {
    laptops(1);
    const session = open();
    await collect(session);
    const { report } = await collect(session);
    await collect(open(), report.checkpoint);
    expect([...fake.reports.keys()]).toEqual(['report-1']);
  });

  it('makes its report anew when it was deleted', async () => {
    laptops(1);
    const session = open();
    const { report } = await collect(session);
    fake.reports.delete('report-1');
    const next = await collect(session, report.checkpoint);
    expect(next.restarts.length).toBe(1);
    expect(next.report).toMatchObject({ covers: 'all', observed: 1 });
  });

  it('does not replace a report that the administrator chose', async () => {
    const { report } = await collect(open({ reportId: 'mine' }));
    expect([report.covers, report.problem?.code]).toEqual(['broken', 'vendor-not-found']);
    expect(fake.reports.size).toBe(0);
  });

  it('without devices is empty and whole', async () => {
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 0 });
  });

  it('that counts more than it gives is not the whole', async () => {
    laptops(1);
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/preview'),
      does: { json: { data: { total_count: 3, results: [reportedLaptop(1)] } } },
    });
    expect((await collect(open())).report).toMatchObject({ covers: 'partial', observed: 1 });
  });

  it('skips a row that names no device and takes nothing for gone', async () => {
    fake.devices.push(reportedLaptop(1), reportedLaptop(2, { device_id: null }));
    expect((await collect(open())).report).toMatchObject({ covers: 'partial', observed: 1, skipped: 1 });
  });

  it('tells what its row says, and speaks of nothing that is no column', async () => {
    fake.devices.push(reportedLaptop(7, { device_battery_percent: null }));
    const told = (await collect(open())).of('7');
    expect(told).toMatchObject({ kind: 'computer', observedAt: Date.UTC(2026, 0, 10, 7) });
    expect(told.fields).toEqual({
      'identity.hostname': { value: 'person7 Book 5' },
      'hardware.serial': { value: 'WS1-7' },
      'os.platform': { value: 'windows', raw: 'WinRT' },
      'battery.percent': { value: null, reason: 'not-told' },
      'management.managed': { value: true, raw: 'Enrolled' },
      'management.state': { value: 'managed', raw: 'Enrolled' },
      'management.lastSyncAt': { value: Date.UTC(2026, 0, 10, 7) },
    });
  });

  it('takes the first of two columns that has a value', async () => {
    fake.attributes.add('airwatch.device._device_hostname');
    fake.devices.push(
      reportedLaptop(1, { _device_hostname: 'LT-1' }),
      reportedLaptop(2, { _device_hostname: '' }),
    );
    const run = await collect(open());
    expect(['1', '2'].map(id => run.of(id).fields['identity.hostname']?.value)).toEqual([
      'LT-1',
      'person2 Book 5',
    ]);
  });

  it('gets one new token when the vendor revokes the old, and renews one of a minute in time', async () => {
    laptops(1);
    const session = open();
    await collect(session);
    fake.revokeTokens();
    fake.tokenLivesSeconds = 60;
    expect((await collect(session)).report.problem).toBeNull();
    time.skip(50_000);
    await collect(session);
    expect(fake.tokens.length).toBe(3);
    expect(fake.vendor.asked.filter(({ path }) => path.endsWith('/preview')).length).toBe(4);
  });

  it('with an error names the property that was wrong', async () => {
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/preview'),
      does: intelligenceError(400, 2003, 'Too large.', 'page_size'),
    });
    expect((await collect(open())).report.problem?.detail).toContain('2003: Too large. (page_size)');
  });
});

describe('a check', () => {
  it('signs in and reads the attributes', async () => {
    expect(await open().check()).toEqual([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'Reports', outcome: 'ok', detail: '7 attributes of devices' },
    ]);
    expect(fake.reports.size).toBe(0);
  });

  it('with the wrong secret says so without it', async () => {
    const [line] = await open({ clientSecret: 'Wrong:intel/secret+1' }).check();
    expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
    const written = JSON.stringify(line) + String(line?.problem);
    for (const secret of ['Wrong:intel/secret+1', SERVICE_ACCOUNT.clientSecret])
      expect(written).not.toContain(secret);
  });
});

describe('a report for download', () => {
  const CSV = '\uFEFFDevice ID,Friendly Name\r\n1,"Book, ""old"""\r\n2,"two\nlines"\r\n';

  it('is run, followed to its end, and fetched without our token', async () => {
    const session = open();
    const outcome = await session.act({ operation: 'runReport', target: '', parameters: {} });
    expect(outcome).toMatchObject({ outcome: 'accepted', reference: 'report-1' });
    const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    expect(await session.follow('', tracking)).toBe('pending');
    const [entry] = fake.downloads.get('report-1') ?? [];
    for (const [status, told] of [
      ['FAILED', 'failed'],
      ['SOMETHING_NEW', 'pending'],
      ['COMPLETED', 'done'],
    ] as const) {
      fake.downloads.set('report-1', [{ ...entry, status }]);
      expect(await session.follow('', tracking)).toBe(told);
    }
    fake.files.set(String(entry?.id), CSV);
    expect(await session.inquire({ inquiry: 'download', target: '' })).toEqual({
      whole: true,
      rows: [
        { 'Device ID': '1', 'Friendly Name': 'Book, "old"' },
        { 'Device ID': '2', 'Friendly Name': 'two\nlines' },
      ],
    });
    expect(fake.storage.asked.length).toBe(1);
    expect(fake.storage.asked[0]?.headers.authorization).toBeUndefined();
  });

  it('of an earlier run does not count for this one', async () => {
    const session = open();
    const outcome = await session.act({ operation: 'runReport', target: '', parameters: {} });
    const early = new Date(time.now() - 3_600_000).toISOString();
    fake.downloads.set('report-1', [{ id: 'old', status: 'COMPLETED', start_time: early }]);
    expect(await session.follow('', 'tracking' in outcome ? (outcome.tracking ?? '') : '')).toBe('pending');
  });

  it('takes the newest that is finished', async () => {
    fake.reports.set('mine', []);
    const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
    fake.downloads.set('mine', [
      { id: 'b', status: 'COMPLETED', start_time: at(2) },
      { id: 'a', status: 'COMPLETED', start_time: at(1) },
      { id: 'c', status: 'STARTED', start_time: at(3) },
    ]);
    fake.files.set('b', '{"x":1}\n{"x":2}\n');
    const { rows } = await open({ reportId: 'mine' }).inquire({ inquiry: 'download', target: '' });
    expect(rows).toEqual([{ x: 1 }, { x: 2 }]);
  });

  it('at an address that is not the vendor’s is not fetched', async () => {
    fake.reports.set('mine', []);
    fake.downloads.set('mine', [{ id: 'a', status: 'COMPLETED' }]);
    fake.files.set('a', CSV);
    const session = open({ reportId: 'mine', downloadHosts: [] });
    await expect(session.inquire({ inquiry: 'download', target: '' })).rejects.toMatchObject({
      code: 'vendor-redirect',
    });
    expect(fake.storage.asked).toEqual([]);
  });

  it('that was cut off is not read', async () => {
    fake.reports.set('mine', []);
    fake.downloads.set('mine', [{ id: 'a', status: 'COMPLETED' }]);
    fake.files.set('a', 'Device ID,Name\n1,"Bo');
    await expect(
      open({ reportId: 'mine' }).inquire({ inquiry: 'download', target: '' }),
    ).rejects.toMatchObject({
      code: 'vendor-answer',
    });
  });

  it('that was never run says so', async () => {
    await expect(open().inquire({ inquiry: 'download', target: '' })).rejects.toMatchObject({
      code: 'vendor-not-found',
    });
  });
});

describe('an inquiry for the report', () => {
  it('gives its rows as they are', async () => {
    laptops(3);
    const { rows, whole } = await open().inquire({ inquiry: 'report', target: '' });
    expect([rows.length, whole]).toEqual([3, true]);
    expect(rows[0]?.['airwatch.device.device_serial_number']).toBe('WS1-1');
  });
});
