import { beforeEach, describe, expect, it } from 'vitest';
import {
  aidOf,
  FALCON_CLIENT,
  FakeFalcon,
  falconAssessment,
  falconError,
  falconHost,
} from '../../../build/demo/vendors/fake-falcon.ts';
import { FALCON_REGIONS } from '../../../collector/connect/crowdstrike/api.ts';
import { crowdstrike, defineCrowdstrike } from '../../../collector/connect/crowdstrike/connector.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

let fake: FakeFalcon;
let time: SwiftTime;

beforeEach(async () => {
  fake = await FakeFalcon.start();
  time = new SwiftTime();
  fake.now = () => time.now();
});

const open = (settings: Record<string, unknown> = {}, connector = crowdstrike) =>
  connector.open({ id: 'main', settings: { ...fake.settings, ...settings } }, time.surroundings);

function fleet(count: number, on = fake): void {
  for (let i = 1; i <= count; i += 1) {
    on.hosts.set(aidOf(i), falconHost(i));
    on.assessments.set(aidOf(i), falconAssessment(i));
    on.states.set(aidOf(i), 'online');
  }
}

const COMBINED = '/devices/combined/devices/v1';
const to = (path: string) => ({ when: (asked: { path: string }) => asked.path === path });

describe('Falcon', () => {
  it('is read page by page, with assessments and sensor states beside', async () => {
    fleet(5);
    fake.pageMost = 2;
    const { report, of } = await collect(open());
    expect(report).toMatchObject({ covers: 'all', observed: 5, skipped: 0, problem: null });
    expect(fake.vendor.to(COMBINED).length).toBe(3);
    expect(of(aidOf(4)).fields).toMatchObject({
      'edr.ztaScore': { value: 75 },
      'edr.online': { value: true },
    });
  });

  it('whose cloud has no combined listing is read by scroll to its end', async () => {
    fleet(5);
    fake.pageMost = 2;
    fake.hasCombined = false;
    const { report, observations } = await collect(open());
    expect(report).toMatchObject({ covers: 'all', observed: 5, problem: null });
    expect(observations.map(({ vendorId }) => vendorId)).toEqual([1, 2, 3, 4, 5].map(aidOf));
    // The last page of a scroll has nothing, counts nothing, and says that this was it.
    expect(fake.vendor.to('/devices-scroll/v1').length).toBe(4);
  });

  it('whose scroll breaks off is not the whole', async () => {
    fleet(4);
    fake.pageMost = 2;
    fake.hasCombined = false;
    fake.vendor.fault({
      when: ({ path, query }) => path.endsWith('/devices-scroll/v1') && query.has('offset'),
      does: { json: { meta: { pagination: { total: 0, offset: '' } }, errors: [], resources: [] } },
    });
    expect((await collect(open())).report).toMatchObject({
      covers: 'partial',
      observed: 2,
      checkpoint: null,
    });
  });

  it('without hosts is empty and whole, though its lists are null', async () => {
    fake.vendor.fault({
      ...to(COMBINED),
      does: { json: { meta: { pagination: null }, errors: null, resources: null } },
    });
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 0, problem: null });
  });

  it('asks after no more ids than fit into an address', async () => {
    fleet(250);
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 250 });
    const asked = fake.vendor.to('/zero-trust-assessment/entities/assessments/v1');
    expect(asked.map(({ query }) => query.getAll('ids').length).sort()).toEqual([100, 100, 50]);
  });

  it('has hosts without an assessment and without a known sensor among the others', async () => {
    fleet(2);
    fake.assessments.delete(aidOf(1));
    fake.states.delete(aidOf(1));
    const { report, of } = await collect(open());
    expect(report).toMatchObject({ covers: 'all', observed: 2, problem: null });
    expect(of(aidOf(1)).fields['edr.ztaScore']).toEqual({ value: null, reason: 'not-told' });
    expect(of(aidOf(2)).fields['edr.ztaScore']?.value).toBe(75);
  });

  it('is not asked for what is switched off, so that the right for it is not needed', async () => {
    fleet(1);
    fake.granted.delete('zero-trust-assessment:read');
    expect((await collect(open())).report).toMatchObject({
      covers: 'broken',
      problem: { code: 'vendor-permission' },
    });
    const session = open({ zeroTrust: false, onlineState: false });
    expect((await collect(session)).report).toMatchObject({ covers: 'all', observed: 1 });
    expect(await session.check()).not.toContainEqual(expect.objectContaining({ outcome: 'failed' }));
  });

  it.each([
    [401, 'vendor-credentials'],
    [403, 'vendor-permission'],
    [400, 'vendor-refused'],
    [429, 'vendor-throttled'],
    [500, 'vendor-failed'],
  ])('that says error %i inside a 200 has not answered: %s', async (code, problem) => {
    fake.vendor.fault({ times: 9, ...to(COMBINED), does: falconError(200, code, 'no') });
    const { report } = await collect(open());
    expect([report.covers, report.problem?.code]).toEqual(['broken', problem]);
  });

  it('that says something else than a list is not understood', async () => {
    fake.vendor.fault({ ...to(COMBINED), does: { json: { hello: 'world' } } });
    expect((await collect(open())).report.problem?.code).toBe('vendor-answer');
  });

  it.each(['seconds', 'milliseconds'])(
    'that asks to wait until a time in %s is asked again then',
    async unit => {
      fleet(1);
      const until = Math.ceil((time.now() + 20_000) / 1000) * 1000;
      fake.vendor.fault({
        ...to(COMBINED),
        does: {
          ...falconError(429, 429, 'API rate limit exceeded.'),
          headers: {
            'X-RateLimit-RetryAfter': String(unit === 'seconds' ? until / 1000 : until),
            'X-RateLimit-Limit': '6000',
            'X-RateLimit-Remaining': '0',
          },
        },
      });
      expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 1 });
      const waited = time.pauses.reduce((sum, ms) => sum + ms, 0);
      expect(waited).toBeGreaterThan(15_000);
      expect(waited).toBeLessThan(25_000);
    },
  );

  it('that says 429 and nothing about waiting is asked again', async () => {
    fleet(1);
    fake.vendor.fault({ ...to(COMBINED), does: falconError(429, 429, 'API rate limit exceeded.') });
    expect((await collect(open())).report).toMatchObject({ covers: 'all', observed: 1 });
    expect(time.pauses.length).toBeGreaterThan(0);
  });

  it('read from a checkpoint gives hosts seen since, and takes none for gone', async () => {
    fleet(3);
    const session = open();
    const first = await collect(session);
    fake.hosts.set(
      aidOf(2),
      falconHost(2, { last_seen: new Date(time.now()).toISOString(), status: 'contained' }),
    );
    fake.hosts.delete(aidOf(1));
    const next = await collect(session, first.report.checkpoint);
    expect(next.report).toMatchObject({ covers: 'changes', gone: 0 });
    expect(next.of(aidOf(2)).fields['edr.containment']?.value).toBe('contained');
  });

  it('filters by a time of the vendor’s, and keeps its checkpoint when nothing was seen', async () => {
    const since = { seenUntil: Date.UTC(2026, 0, 10, 12), region: null };
    expect((await collect(open(), since)).report.checkpoint).toEqual(since);
    expect(fake.vendor.to(COMBINED)[0]?.query.get('filter')).toBe("last_seen:>'2026-01-10T11:50:00.000Z'");
  });

  it('skips a record without an id, keeps the others, and takes nothing for gone', async () => {
    const resources = [falconHost(1), { hostname: 'nameless' }, null];
    fake.vendor.fault({
      ...to(COMBINED),
      does: { json: { meta: { pagination: { total: 3, next: '' } }, errors: null, resources } },
    });
    expect((await collect(open())).report).toMatchObject({ covers: 'partial', observed: 1, skipped: 2 });
  });

  it('gets one new token when the old one is revoked, and one for many at once', async () => {
    fleet(1);
    const session = open();
    await Promise.all([collect(session), collect(session), session.check()]);
    expect(fake.tokens.length).toBe(1);
    fake.revokeTokens();
    expect((await collect(session)).report).toMatchObject({ covers: 'all' });
    expect(fake.tokens.length).toBe(2);
  });

  it('is asked on behalf of a member when one is named', async () => {
    await open({ memberCid: 'b'.repeat(32) }).check();
    await open().check();
    const forms = fake.vendor.to('/oauth2/token').map(({ form }) => form.get('member_cid'));
    expect(forms).toEqual(['b'.repeat(32), null]);
  });

  it('reads one host anew, and says that it is gone when it is', async () => {
    fleet(1);
    const session = open();
    expect(await session.observeOne(aidOf(1))).toMatchObject({
      kind: 'observation',
      observation: { vendorId: aidOf(1), connector: 'crowdstrike', account: 'main' },
    });
    expect(await session.observeOne(aidOf(9))).toEqual({ kind: 'gone', vendorId: aidOf(9) });
    expect(await session.observeOne('../oauth2')).toEqual({ kind: 'gone', vendorId: '../oauth2' });
  });

  it('tells its audit and its scores', async () => {
    fleet(3);
    fake.pageMost = 2;
    const session = open();
    expect((await session.inquire({ inquiry: 'audit', target: '' })).rows).toEqual([
      { cid: 'cid-1', platform: null, averageScore: 61.5, hosts: 3 },
      { cid: 'cid-1', platform: 'Windows', averageScore: 60, hosts: 1 },
    ]);
    const scores = await session.inquire({ inquiry: 'scores', target: '' });
    expect([scores.whole, scores.rows.length]).toEqual([true, 3]);
    expect(scores.rows[0]).toEqual({ vendorId: aidOf(1), score: 75 });
  });
});

describe('the wrong region', () => {
  let home: FakeFalcon;
  let led: typeof crowdstrike;

  beforeEach(async () => {
    home = await FakeFalcon.start();
    home.now = () => time.now();
    fleet(2, home);
    fake.movedTo = home.vendor.url;
    led = defineCrowdstrike({ 'us-1': fake.vendor.url, 'us-2': home.vendor.url });
  });

  it('leads to the right one, once, and everything is read there', async () => {
    const session = open({}, led);
    const { report } = await collect(session);
    expect(report).toMatchObject({ covers: 'all', observed: 2, checkpoint: { region: 'us-2' } });
    expect(fake.vendor.asked.map(({ path }) => path)).toEqual(['/oauth2/token']);
    expect((await session.check())[0]).toMatchObject({ outcome: 'ok', detail: 'region us-2' });
    expect(fake.vendor.asked.length).toBe(1);
  });

  it('is remembered by the checkpoint, so that the next session starts in the right one', async () => {
    const { report } = await collect(open({}, led));
    const asked = fake.vendor.asked.length;
    expect((await collect(open({}, led), report.checkpoint)).report).toMatchObject({ covers: 'changes' });
    expect(fake.vendor.asked.length).toBe(asked);
  });

  it('that is remembered of another account is left for the one that is set', async () => {
    fake.movedTo = null;
    fleet(1);
    home.vendor.fault({ times: 9, does: falconError(403, 403, 'Not Authorized') });
    const since = { seenUntil: Date.UTC(2026, 0, 1), region: 'us-2' };
    expect((await collect(open({}, led), since)).report).toMatchObject({ covers: 'changes', observed: 1 });
    expect(home.vendor.asked.map(({ path }) => path)).toEqual(['/oauth2/token']);
  });

  it('gets no secret when it leads to a host that is none of the vendor’s regions', async () => {
    const session = open();
    const [line] = await session.check();
    expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-redirect' } });
    expect((await collect(session)).report.problem?.code).toBe('vendor-redirect');
    expect(home.vendor.asked).toEqual([]);
  });

  it.each([
    ['a host whose name only begins like a region’s', (url: string) => `${url}.evil.example/oauth2/token`],
    ['another path of a region', (url: string) => `${url}/oauth2/somewhere`],
    [
      'credentials before a region’s name',
      (url: string) => `${url.replace('://', '://x@')}.evil/oauth2/token`,
    ],
    ['nowhere', () => ''],
    ['something that is no address', () => 'http://['],
  ])('gets no secret when it leads to %s', async (_, location) => {
    fake.vendor.fault({
      times: 9,
      does: { status: 308, headers: { Location: location(home.vendor.url), 'X-Cs-Region': 'us-2' } },
    });
    const [line] = await open({}, led).check();
    expect(line?.problem?.code).toBe('vendor-redirect');
    expect(home.vendor.asked).toEqual([]);
  });

  it('that leads back and forth is not followed for ever', async () => {
    home.movedTo = fake.vendor.url;
    const [line] = await open({}, led).check();
    expect(line?.problem?.code).toBe('vendor-redirect');
    expect(fake.vendor.asked.length + home.vendor.asked.length).toBe(2);
  });

  it('that shows only when data is asked for is left with a new token of the right one', async () => {
    fake.movedTo = null;
    fake.vendor.fault({
      times: 9,
      when: ({ path }) => path !== '/oauth2/token',
      does: asked => ({ status: 308, headers: { Location: `${home.vendor.url}${asked.path}` } }),
    });
    expect((await collect(open({}, led))).report).toMatchObject({ covers: 'all', observed: 2 });
    const [old] = fake.tokens;
    const sent = home.vendor.asked.map(({ headers }) => headers.authorization ?? '');
    expect(sent.some(header => header.includes(String(old)))).toBe(false);
  });

  it('is one of five, all of the vendor’s own and over TLS', () => {
    for (const address of Object.values(FALCON_REGIONS)) {
      expect(address).toMatch(/^https:\/\/api\.([a-z0-9.-]+\.)?crowdstrike\.(com|mil)$/);
    }
    expect(Object.keys(FALCON_REGIONS).length).toBe(5);
  });
});

describe('a check of Falcon', () => {
  it('in order tells what can be told without changing anything', async () => {
    fleet(1);
    expect(await open().check()).toEqual([
      { what: 'Sign-in', outcome: 'ok' },
      { what: 'Hosts: Read', outcome: 'ok' },
      { what: 'Zero Trust Assessment: Read', outcome: 'ok' },
      { what: 'Hosts: Write', outcome: 'unknown', detail: 'can only be told by containing a host' },
    ]);
    expect(fake.actions).toEqual([]);
  });

  it.each([
    ['id', { clientId: 'ffffffffffffffffffffffffffffffff' }],
    ['secret', { clientSecret: 'wrong-secret-of-falcon' }],
  ])('with the wrong %s is one of credentials, without the secret', async (_, settings) => {
    const lines = await open(settings).check();
    expect(lines[0]).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
    expect(lines[1]).toMatchObject({ what: 'Hosts: Read', outcome: 'unknown' });
    for (const secret of ['wrong-secret-of-falcon', FALCON_CLIENT.clientSecret])
      expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('knows a refusal that comes as 500 with 400 inside from a failure', async () => {
    fake.vendor.fault({ does: falconError(500, 400, 'invalid client') });
    expect((await open().check())[0]?.problem?.code).toBe('vendor-credentials');
    fake.vendor.fault({ does: falconError(500, 500, 'oops') });
    expect((await open().check())[0]?.problem?.code).toBe('vendor-failed');
  });

  it('names the right that is missing', async () => {
    fake.granted.delete('zero-trust-assessment:read');
    expect((await open().check())[2]).toMatchObject({
      what: 'Zero Trust Assessment: Read',
      outcome: 'failed',
      problem: { code: 'vendor-permission' },
    });
  });
});

describe('containing a host', () => {
  const ACTION = '/devices/entities/devices-actions/v2';
  const target = aidOf(1);
  const act = (operation = 'contain', aid = target) => open().act({ operation, target: aid, parameters: {} });

  beforeEach(() => {
    fleet(1);
  });

  it('is taken, and followed to its end', async () => {
    const session = open();
    const outcome = await session.act({ operation: 'contain', target, parameters: {} });
    expect(fake.actions).toEqual([{ aid: target, action: 'contain' }]);
    const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    for (const [status, told] of [
      ['containment_pending', 'pending'],
      ['normal', 'pending'],
      ['Contained', 'done'],
      ['lift_containment_pending', 'cancelled'],
      ['asleep', 'unknown'],
    ] as const) {
      fake.hosts.set(target, falconHost(1, { status }));
      expect([status, await session.follow(target, tracking)]).toEqual([status, told]);
    }
    fake.hosts.delete(target);
    expect(await session.follow(target, tracking)).toBe('unknown');
  });

  it('of which nothing is seen for long cannot be told', async () => {
    expect(await open().follow(target, `contain@${time.now() - 3_600_000}`)).toBe('unknown');
    expect(await open().follow(target, 'explode@1')).toBe('unknown');
    expect(await open().follow(target, 'contain')).toBe('unknown');
  });

  it('is lifted again', async () => {
    const session = open();
    const outcome = await session.act({ operation: 'lift_containment', target, parameters: {} });
    const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
    expect(await session.follow(target, tracking)).toBe('pending');
    fake.hosts.set(target, falconHost(1, { status: 'normal' }));
    expect(await session.follow(target, tracking)).toBe('done');
  });

  it('without the right, of an unknown host, of no host at all is refused', async () => {
    expect(await act('contain', aidOf(9))).toMatchObject({
      outcome: 'refused',
      problem: { code: 'vendor-not-found' },
    });
    expect(await act('contain', 'not-an-aid')).toMatchObject({ outcome: 'refused' });
    fake.granted.delete('devices:write');
    expect(await act()).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-permission' } });
    expect(fake.actions).toEqual([]);
  });

  it('that is answered 202 with an error inside is refused', async () => {
    fake.vendor.fault({ ...to(ACTION), does: falconError(202, 409, 'already contained') });
    expect(await act()).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-refused' } });
  });

  it('without an answer may have been taken, and is not sent again', async () => {
    fake.vendor.fault({ ...to(ACTION), does: 'hang-up' });
    fake.vendor.fault({ ...to(ACTION), does: falconError(503, 503, 'later') });
    expect(await act()).toMatchObject({ outcome: 'unknown' });
    expect(await act()).toMatchObject({ outcome: 'unknown' });
    expect(fake.vendor.to(ACTION).length).toBe(2);
  });

  it('that was turned away because of too many is sent again', async () => {
    fake.vendor.fault({ ...to(ACTION), does: falconError(429, 429, 'slow down') });
    expect(await act()).toMatchObject({ outcome: 'accepted' });
    expect(fake.actions.length).toBe(1);
  });

  it('that could not even sign in has not happened', async () => {
    fake.vendor.fault({ times: 9, ...to('/oauth2/token'), does: 'hang-up' });
    expect(await act()).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-unreachable' } });
  });
});
