import { beforeEach, describe, expect, it } from 'vitest';
import { FakeServiceNow, NOW_USER, nowError } from '../../../build/demo/vendors/fake-servicenow.ts';
import { serviceNow } from '../../../collector/connect/servicenow/connector.ts';
import { outcomeOfTicket, plain, ticketRow } from '../../../collector/connect/servicenow/convert.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeServiceNow;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeServiceNow.start();
  time = new SwiftTime();
});

const open = (settings: Record<string, unknown> = {}) =>
  serviceNow.open({ id: 'main', settings: { ...fake.settings, ...settings } }, time.surroundings);
const TICKET = { key: 'device-7.disk-full', title: 'Disk almost full', description: 'C: has 2 GB left.' };
const create = (session = open(), parameters: object = TICKET) =>
  session.act({ operation: 'create', target: '', parameters });
const ID = '1'.padStart(32, '0');
const isPost = { when: ({ method }: { method: string }) => method === 'POST' };

describe('a ServiceNow ticket', () => {
  it('is made once with our key, and asked for again it is the same', async () => {
    const made = { outcome: 'accepted', tracking: ID, reference: 'INC0000001' };
    expect(await create()).toEqual(made);
    // Another session remembers nothing and has to find it.
    expect(await create()).toEqual({ ...made, detail: 'was there already' });
    expect(fake.records).toMatchObject([
      { correlation_id: TICKET.key, short_description: TICKET.title, urgency: '3', impact: '3' },
    ]);
  });

  it('asked for many times at once is made once', async () => {
    const session = open();
    const outcomes = await Promise.all([create(session), create(session), create(session)]);
    expect(new Set(outcomes.map(outcome => JSON.stringify(outcome))).size).toBe(1);
    expect(fake.records.length).toBe(1);
  });

  it('of another key is another', async () => {
    await create();
    expect(await create(open(), { ...TICKET, key: 'device-8.disk-full' })).toMatchObject({
      reference: 'INC0000002',
    });
  });

  it('is not made where the instance cannot find by key and gives everything instead', async () => {
    await create();
    fake.columns.delete('correlation_id');
    const outcome = await create(open(), { ...TICKET, key: 'device-9.battery' });
    expect(outcome).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-answer' } });
    expect(fake.records.length).toBe(1);
  });

  it('whose key the instance did not keep says so', async () => {
    fake.columns.delete('correlation_id');
    expect(await create()).toMatchObject({
      outcome: 'accepted',
      detail: 'the instance did not keep the key (correlation_id)',
    });
  });

  it('whose answer was lost is looked for, and found it is taken for made', async () => {
    fake.vendor.fault({
      ...isPost,
      does: ({ json }) => {
        fake.records.push({ ...(json as object), sys_id: ID, number: 'INC0000001' });
        return 'hang-up';
      },
    });
    expect(await create()).toMatchObject({ outcome: 'accepted', reference: 'INC0000001' });
    expect(fake.vendor.asked.filter(isPost.when).length).toBe(1);
  });

  it('whose answer was lost and that is not found is unknown, and not made again before that can be told', async () => {
    fake.vendor.fault({ ...isPost, does: 'hang-up' });
    const session = open();
    expect(await create(session)).toMatchObject({ outcome: 'unknown' });
    expect(await create(session)).toMatchObject({ outcome: 'unknown' });
    expect(fake.vendor.asked.filter(isPost.when).length).toBe(1);
    time.skip(120_000);
    expect(await create(session)).toMatchObject({ outcome: 'accepted' });
    expect(fake.records.length).toBe(1);
  });

  it('that could not be looked for is not made', async () => {
    fake.vendor.fault({ times: 9, when: ({ method }) => method === 'GET', does: 'hang-up' });
    expect(await create()).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-unreachable' } });
    expect(fake.records).toEqual([]);
  });

  it('without the right to make one is refused in the instance’s words', async () => {
    fake.canWrite = false;
    const outcome = await create();
    expect(outcome).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-permission' } });
    expect('problem' in outcome && outcome.problem.detail).toContain('ACL Exception');
  });

  it.each(['a^active=true', 'x y', '', 'ab', '^'])(
    'has no key %j, which would change the query',
    async key => {
      await expect(create(open(), { ...TICKET, key })).rejects.toMatchObject({ code: 'request-invalid' });
      expect(fake.vendor.asked).toEqual([]);
    },
  );

  it('that a query found none of, said with 404 as older releases do, is made', async () => {
    fake.vendor.fault({ does: nowError(404, 'No Record found', 'Record doesn’t exist or ACL restricts') });
    expect(await create()).toMatchObject({ outcome: 'accepted' });
  });

  it('is not made when the looking was cut off, which is said inside a 200', async () => {
    fake.vendor.fault({
      does: {
        json: {
          result: [],
          error: { message: 'Transaction cancelled', detail: 'maximum execution time exceeded' },
          status: 'failure',
        },
      },
    });
    expect(await create()).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-failed' } });
    expect(fake.records).toEqual([]);
  });

  it('of an instance that sleeps and answers with a web page is not made', async () => {
    fake.vendor.fault({
      does: { headers: { 'Content-Type': 'text/html' }, text: '<html><title>Instance Hibernating page' },
    });
    const outcome = await create();
    expect(outcome).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-answer' } });
    expect('problem' in outcome && outcome.problem.detail).toContain('Hibernating');
  });

  it('waits until the hour’s rule ends, told as a time, and is then made', async () => {
    const until = Math.ceil((time.now() + 30_000) / 1000);
    fake.vendor.fault({
      ...isPost,
      does: {
        ...nowError(429, 'Rate limit exceeded', 'inbound REST'),
        headers: { 'X-RateLimit-Reset': String(until), 'X-RateLimit-Rule': 'rule-1' },
      },
    });
    expect(await create()).toMatchObject({ outcome: 'accepted' });
    expect(Math.max(...time.pauses)).toBeGreaterThan(20_000);
    expect(fake.records.length).toBe(1);
  });

  it('is followed to its end, and read back by id and by number', async () => {
    const session = open();
    await create(session);
    expect(await session.follow('', ID)).toBe('pending');
    Object.assign(fake.records[0] ?? {}, { state: '6', resolved_at: '2026-01-11 08:00:00' });
    expect(await session.follow('', ID)).toBe('done');
    const read = {
      whole: true,
      rows: [expect.objectContaining({ number: 'INC0000001', state: 'resolved' })],
    };
    expect(await session.inquire({ inquiry: 'ticket', target: ID })).toEqual(read);
    expect(await session.inquire({ inquiry: 'ticket', target: 'INC0000001' })).toEqual(read);
    expect((await session.inquire({ inquiry: 'ticket', target: 'INC0000009' })).rows).toEqual([]);
    expect(await session.follow('', '9'.repeat(32))).toBe('unknown');
    expect(await session.follow('', 'INC1^active=true')).toBe('unknown');
  });

  it('gets work notes, and comments its caller sees', async () => {
    const session = open();
    await create(session);
    const comment = (target: string, parameters: object) =>
      session.act({ operation: 'comment', target, parameters });
    expect(await comment(ID, { text: 'Freed 5 GB.' })).toEqual({ outcome: 'done' });
    expect(await comment('INC0000001', { text: 'All well.', isPublic: true })).toEqual({ outcome: 'done' });
    expect(fake.records).toMatchObject([{ work_notes: 'Freed 5 GB.', comments: 'All well.' }]);
    expect(await comment('INC0000099', { text: 'x' })).toMatchObject({ outcome: 'refused' });
    expect(await comment('../sys_user', { text: 'x' })).toMatchObject({ outcome: 'refused' });
  });

  it('whose comment got no answer may have it, and does not get it twice', async () => {
    const session = open();
    await create(session);
    fake.vendor.fault({ when: ({ method }) => method === 'PATCH', does: 'hang-up' });
    expect(await session.act({ operation: 'comment', target: ID, parameters: { text: 'x' } })).toMatchObject({
      outcome: 'unknown',
    });
    expect(fake.vendor.asked.filter(({ method }) => method === 'PATCH').length).toBe(1);
  });
});

describe('a check of ServiceNow', () => {
  it.each(['user and password', 'client credentials'])('by %s is fine', async signIn => {
    expect(await open({ signIn }).check()).toEqual([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'sn_incident_read', outcome: 'ok' },
      { what: 'sn_incident_write', outcome: 'unknown', detail: 'can only be told by making a ticket' },
    ]);
    expect(fake.records).toEqual([]);
  });

  it.each(['user and password', 'client credentials'])('by %s with a wrong secret says so', async signIn => {
    const lines = await open({ signIn, secret: 'wrong-secret-of-now' }).check();
    expect(lines[0]).toMatchObject({
      what: 'Sign-in',
      outcome: 'failed',
      problem: { code: 'vendor-credentials' },
    });
    for (const secret of ['wrong-secret-of-now', NOW_USER.secret])
      expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('names the role that is missing', async () => {
    fake.canRead = false;
    expect((await open().check())[1]).toMatchObject({ what: 'sn_incident_read', outcome: 'failed' });
  });

  it('reads no devices', () => {
    expect(serviceNow.observes).toBeNull();
  });
});

describe('a ServiceNow record', () => {
  it.each([
    [{ link: 'https://x', value: 'abc' }, 'abc'],
    ['', null],
    ['5', '5'],
    [null, null],
    [{ display_value: 'x' }, null],
    [true, 'true'],
  ])('has %j as %j', (value, told) => {
    expect(plain(value)).toBe(told);
  });

  it.each([
    [{ state: '1' }, 'pending'],
    [{ state: '3' }, 'pending'],
    [{ state: '7', active: 'true' }, 'done'],
    [{ state: '8' }, 'cancelled'],
    [{ state: '42', active: 'true' }, 'pending'],
    [{ state: '42', active: 'false' }, 'done'],
    [{}, 'unknown'],
  ])('that says %j is %s', (record, outcome) => {
    expect(outcomeOfTicket(record)).toBe(outcome);
  });

  it('has times without a zone, which are UTC, and fillers, which are none', () => {
    const row = ticketRow(
      { sys_id: 'x', state: '42', opened_at: '2026-01-10 10:59:39', closed_at: '1970-01-01 00:00:00' },
      'https://now.example',
    );
    expect(row).toMatchObject({
      openedAt: Date.UTC(2026, 0, 10, 10, 59, 39),
      resolvedAt: null,
      state: null,
      vendorState: '42',
    });
  });
});
