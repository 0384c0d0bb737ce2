import { beforeEach, describe, expect, it } from 'vitest';
import { FakeJira, JIRA_ACCOUNT, jiraError } from '../../../build/demo/vendors/fake-jira.ts';
import { jiraServiceManagement } from '../../../collector/connect/jira-service-management/connector.ts';
import {
  hasKey,
  outcomeOfRequest,
  requestRow,
  summaryWith,
} from '../../../collector/connect/jira-service-management/convert.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeJira;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeJira.start();
  time = new SwiftTime();
});

const open = (settings: Record<string, unknown> = {}) =>
  jiraServiceManagement.open({ id: 'main', settings: { ...fake.settings, ...settings } }, time.surroundings);
const TICKET = { key: 'device-7.disk-full', title: 'Disk almost full', description: 'C: has 2 GB left.' };
const create = (session = open(), parameters: object = TICKET) =>
  session.act({ operation: 'create', target: '', parameters });
const isPost = { when: ({ method }: { method: string }) => method === 'POST' };

describe('a Jira request', () => {
  it('is made once with our key, and asked for again it is the same', async () => {
    const made = { outcome: 'accepted', tracking: 'HELP-1', reference: 'HELP-1' };
    expect(await create()).toEqual(made);
    expect(await create()).toEqual({ ...made, detail: 'was there already' });
    expect(fake.requests).toMatchObject([
      {
        requestFieldValues: [{ value: 'Disk almost full [device-7.disk-full]' }, { fieldId: 'description' }],
      },
    ]);
  });

  it('is found among others that share words with its key, also on a later page', async () => {
    fake.pageMost = 2;
    for (const key of [
      'device-7.disk-full.2',
      'device-77.disk-full',
      'device-7.disk',
      'a-device-7.disk-full',
    ])
      await create(open(), { ...TICKET, key });
    expect(fake.requests.length).toBe(4);
    expect(await create()).toMatchObject({ reference: 'HELP-5' });
    expect(await create()).toMatchObject({ reference: 'HELP-5', detail: 'was there already' });
  });

  it('is not made again while the search does not know it yet', async () => {
    fake.lags = true;
    const session = open();
    await create(session);
    expect(await create(session)).toMatchObject({ reference: 'HELP-1', detail: 'was there already' });
    expect(fake.requests.length).toBe(1);
  });

  it('asked for many times at once is made once', async () => {
    const session = open();
    await Promise.all([create(session), create(session), create(session)]);
    expect(fake.requests.length).toBe(1);
  });

  it('whose answer was lost is not made again before the search can know it', async () => {
    fake.vendor.fault({ ...isPost, does: jiraError(500, 'Internal Server Error.') });
    const session = open();
    expect(await create(session)).toMatchObject({ outcome: 'unknown' });
    expect(await create(session)).toMatchObject({ outcome: 'unknown' });
    expect(fake.vendor.asked.filter(isPost.when).length).toBe(1);
    time.skip(10 * 60_000);
    expect(await create(session)).toMatchObject({ outcome: 'accepted' });
  });

  it('is refused in Jira’s own words, of the desk and of the platform below it', async () => {
    fake.vendor.fault({ ...isPost, does: jiraError(400, 'Your request could not be created.') });
    const outcome = await create();
    expect(outcome).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-refused' } });
    expect('problem' in outcome && outcome.problem.detail).toContain('could not be created');
    fake.vendor.fault({
      ...isPost,
      does: { status: 400, json: { errorMessages: [], errors: { customfield_1: 'is required' } } },
    });
    const other = await create();
    expect('problem' in other && other.problem.detail).toContain('customfield_1: is required');
  });

  it('waits until a time told in ISO when it is too fast, and is then made', async () => {
    const until = new Date(time.now() + 30_000).toISOString();
    fake.vendor.fault({
      ...isPost,
      does: {
        ...jiraError(429, 'Rate limit exceeded'),
        headers: { 'X-RateLimit-Reset': until, 'RateLimit-Reason': 'jira-burst-based' },
      },
    });
    expect(await create()).toMatchObject({ outcome: 'accepted' });
    expect(Math.max(...time.pauses)).toBeGreaterThan(20_000);
    expect(fake.requests.length).toBe(1);
  });

  it('is made for somebody when that is said', async () => {
    await create(open(), { ...TICKET, onBehalfOf: 'person@example.com' });
    expect(fake.vendor.asked.find(isPost.when)?.json).toMatchObject({
      serviceDeskId: '10',
      requestTypeId: '25',
      raiseOnBehalfOf: 'person@example.com',
    });
  });

  it('has no key that would mean something to the search', async () => {
    await expect(create(open(), { ...TICKET, key: '"x" OR *' })).rejects.toMatchObject({
      code: 'request-invalid',
    });
  });

  it('is followed to its end, and read back', async () => {
    const session = open();
    await create(session);
    for (const [statusCategory, told] of [
      ['NEW', 'pending'],
      ['INDETERMINATE', 'pending'],
      ['DONE', 'done'],
      ['UNDEFINED', 'unknown'],
      ['PARKED', 'unknown'],
    ]) {
      Object.assign(fake.requests[0] ?? {}, { currentStatus: { status: 'Some', statusCategory } });
      expect(await session.follow('', 'HELP-1')).toBe(told);
    }
    const { rows } = await session.inquire({ inquiry: 'ticket', target: 'HELP-1' });
    expect(rows).toEqual([
      expect.objectContaining({
        number: 'HELP-1',
        key: TICKET.key,
        openedAt: Date.UTC(2026, 0, 10, 7, 42),
        url: `${fake.vendor.url}/browse/HELP-1`,
      }),
    ]);
    expect((await session.inquire({ inquiry: 'ticket', target: 'HELP-9' })).rows).toEqual([]);
    expect(await session.follow('', 'HELP-9')).toBe('unknown');
    expect(await session.follow('', '../myself')).toBe('unknown');
  });

  it('gets comments for agents, and for the customer when that is said', async () => {
    const session = open();
    await create(session);
    const comment = (target: string, parameters: object) =>
      session.act({ operation: 'comment', target, parameters });
    expect(await comment('HELP-1', { text: 'Freed 5 GB.' })).toEqual({ outcome: 'done' });
    await comment('HELP-1', { text: 'All well.', isPublic: true });
    expect(fake.comments).toEqual([
      { key: 'HELP-1', body: 'Freed 5 GB.', public: false },
      { key: 'HELP-1', body: 'All well.', public: true },
    ]);
    expect(await comment('HELP-9', { text: 'x' })).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-not-found' },
    });
    expect(await comment('../x', { text: 'x' })).toMatchObject({ outcome: 'refused' });
    fake.vendor.fault({ ...isPost, does: 'hang-up' });
    expect(await comment('HELP-1', { text: 'x' })).toMatchObject({ outcome: 'unknown' });
    expect(fake.comments.length).toBe(2);
  });
});

describe('a check of Jira', () => {
  it('in order tells what can be told without making a request', async () => {
    expect(await open().check()).toEqual([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'read:servicedesk-request', outcome: 'ok' },
      { what: 'Request type', outcome: 'ok' },
      {
        what: 'write:servicedesk-request',
        outcome: 'unknown',
        detail: 'can only be told by making a request',
      },
    ]);
    expect(fake.requests).toEqual([]);
  });

  it('with an access token and no email is fine too', async () => {
    expect((await open({ email: '' }).check())[0]).toEqual({ what: 'Sign-in', outcome: 'ok' });
  });

  it('says which field the form requires that we cannot fill', async () => {
    fake.required.push('customfield_10001');
    expect((await open().check())[2]).toMatchObject({
      outcome: 'failed',
      detail: 'the form also requires: Field customfield_10001',
    });
  });

  it('with the wrong token, refused by a web page, is one of credentials, without the token', async () => {
    const lines = await open({ apiToken: 'wrong-token-of-jira' }).check();
    expect(lines[0]).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
    for (const secret of ['wrong-token-of-jira', JIRA_ACCOUNT.apiToken])
      expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('of a service desk that is not there says so', async () => {
    expect((await open({ serviceDeskId: '11' }).check())[1]).toMatchObject({
      what: 'Request type',
      outcome: 'failed',
    });
  });
});

describe('a request’s record', () => {
  const base = { issueId: 5, issueKey: 'HELP-5' };

  it('may have a number for an id, a date without a colon in its zone, and a link to elsewhere', () => {
    const row = requestRow(
      {
        ...base,
        createdDate: { iso8601: '2015-10-08T14:42:00+0700' },
        _links: { web: 'https://evil.example/HELP-5', agent: 7 },
      },
      () => false,
    );
    expect(row).toMatchObject({ id: '5', openedAt: Date.UTC(2015, 9, 8, 7, 42), url: null, state: null });
  });

  it('of nothing but its names is unknown', () => {
    expect(outcomeOfRequest(base)).toBe('unknown');
    expect(hasKey(base, 'abc')).toBe(false);
  });

  it('keeps its key however long its title is', () => {
    const summary = summaryWith('x'.repeat(400), 'abc-1');
    expect(summary.length).toBe(255);
    expect(summary.endsWith(' [abc-1]')).toBe(true);
  });
});
