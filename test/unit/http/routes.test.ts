import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openApiPath } from '../../../collector/http/openapi.ts';
import { noContent } from '../../../collector/http/route.ts';
import { secretHash } from '../../../collector/http/session.ts';
import {
  apiTokensResponse,
  auditResponse,
  changePersonResponse,
  checksResponse,
  collectorResponse,
  deviceResponse,
  devicesResponse,
  enrolmentTokensResponse,
  momentResponse,
  newApiTokenResponse,
  newEnrolmentTokenResponse,
  newPersonResponse,
  peopleResponse,
  ROLES,
  samplesResponse,
  scanResponse,
  timelineResponse,
  waitingResponse,
} from '../../../shared/api/schemas.ts';
import { HOUR, MINUTE } from '../../../shared/base/durations.ts';
import { CHECK_IDS } from '../../../shared/posture/checks.ts';
import type { SampleRow } from '../../../shared/protocol/samples.ts';
import { identityOf, pageHeaders, type Scene, startScene } from './scene.ts';

const PASSWORD = 'a long enough phrase';
const revoked = z.object({ id: z.string(), revokedAt: z.number().nullable() });

describe('the checks', () => {
  it('are read by every role with the facts and operators of rules, and by nobody who is not signed in', async () => {
    const scene = await startScene();
    const { checks, operators } = await scene.good('/api/v1/checks', checksResponse, {
      headers: await scene.token('viewer'),
    });
    expect(checks.map(check => check.id)).toEqual(CHECK_IDS);
    const free = checks.find(check => check.id === 'disk.free');
    expect(free?.on.linux).toEqual({ cost: 'cheap', privilege: 'user' });
    expect(free?.facts.find(fact => fact.id === 'disk.free.systemFreePercent')?.operators).toContain('>=');
    expect(operators.map(one => one.operator)).toContain('notExists');
    expect((await scene.ask('/api/v1/checks')).status).toBe(401);
  });
});

describe('the fleet', () => {
  it('is read a page at a time without doubles or holes', async () => {
    const scene = await startScene();
    const ids = Array.from({ length: 7 }, (_, n) => `device-${n}`);
    for (const id of ids.toReversed()) await scene.addDevice(id);
    const headers = await scene.token('viewer');
    const seen: string[] = [];
    let after = '';
    for (let page = 0; page < 3; page += 1) {
      const { devices, next, total } = await scene.good(`/api/v1/devices?limit=3${after}`, devicesResponse, {
        headers,
      });
      seen.push(...devices.map(row => row.id));
      expect(total).toBe(7);
      expect(next).toBe(page === 2 ? null : devices.at(-1)?.id);
      after = `&after=${next}`;
    }
    expect(seen).toEqual(ids);
  });

  it('is searched by what the list shows', async () => {
    const scene = await startScene();
    await scene.addDevice('d1', { identity: { ...identityOf('FIN-LT-0231'), person: 'a.kovacs' } });
    await scene.addDevice('d2', { identity: identityOf('HR-LT-0007') });
    const headers = await scene.token('viewer');
    const names = async (search: string) => {
      const answer = await scene.good(`/api/v1/devices?search=${search}`, devicesResponse, { headers });
      return answer.devices.map(row => row.name);
    };
    expect(await names('fin-lt')).toEqual(['FIN-LT-0231']);
    expect(await names('HR')).toEqual(['HR-LT-0007']);
    expect(await names('nothing')).toEqual([]);
  });

  it.each(['limit=0', 'limit=1001', 'limit=many', 'limit=1&limit=2', `search=${'x'.repeat(201)}`])(
    'refuses ?%s',
    async query => {
      const scene = await startScene();
      const answer = await scene.refused(`/api/v1/devices?${query}`, {
        headers: await scene.token('viewer'),
      });
      expect(answer).toMatchObject({ code: 'request-invalid', fields: [`query.${query.split('=')[0]}`] });
      expect(answer.detail).not.toContain('many');
    },
  );
});

describe('a device', () => {
  it('is shown whole, revoked ones too', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const headers = await scene.token('admin');
    const device = await scene.good('/api/v1/devices/d1', deviceResponse, { headers });
    expect(device).toMatchObject({ row: { id: 'd1', name: 'd1' }, enrolledBy: 'a label', revokedAt: null });
    await scene.good('/api/v1/devices/d1/revoke', revoked, { method: 'POST', headers });
    const after = await scene.good('/api/v1/devices/d1', deviceResponse, { headers });
    expect(after.revokedAt).not.toBeNull();
  });

  it('is locked out and let in again, each once, dropped at once and written down', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const headers = await scene.token('admin');
    const post = { method: 'POST', headers };
    expect((await scene.refused('/api/v1/devices/d1/restore', post)).code).toBe('conflict');
    await scene.good('/api/v1/devices/d1/revoke', revoked, post);
    expect(scene.dropped).toEqual([{ id: 'd1', code: 'device-revoked' }]);
    expect((await scene.store.getDevice('d1'))?.revokedAt).not.toBeNull();
    expect((await scene.good('/api/v1/devices', devicesResponse, { headers })).devices).toEqual([]);
    expect((await scene.refused('/api/v1/devices/d1/revoke', post)).code).toBe('conflict');

    await scene.good('/api/v1/devices/d1/restore', revoked, post);
    expect((await scene.store.getDevice('d1'))?.revokedAt).toBeNull();
    expect((await scene.good('/api/v1/devices', devicesResponse, { headers })).devices).toHaveLength(1);
    expect((await scene.audited()).map(line => line.split(' by ')[0])).toEqual([
      'device.restored d1',
      'device.revoked d1',
    ]);
  });

  it('is asked for checks; `sent` says whether it was there to hear it', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const headers = await scene.token('helpdesk');
    const away = await scene.good('/api/v1/devices/d1/scan', scanResponse, { body: {}, headers });
    expect(away.sent).toBe(false);
    scene.connected.add('d1');
    const there = await scene.good('/api/v1/devices/d1/scan', scanResponse, {
      body: { scans: ['battery'] },
      headers,
    });
    expect(there.sent).toBe(true);
    expect(there.id).not.toBe('');
    expect(scene.scans).toEqual([{ id: 'd1', scans: ['battery'] }]);
    const [entry] = await scene.store.listAudit({ limit: 1 });
    expect(entry).toMatchObject({
      action: 'device.scan-requested',
      subject: 'd1',
      actor: { kind: 'api-token', name: 'a helpdesk' },
      data: { sent: true, scans: 1 },
    });
  });

  it('gives its readings, could-not-tell staying null', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const at = scene.clock.now() - HOUR;
    const rows: SampleRow[] = [
      [at, 12, 40, 5e9, 0, 0, null, null, null],
      [at + MINUTE, 13, 41, 5e9, 1, 2, null, null, 80],
    ];
    await scene.store.commit([
      {
        device: 'd1',
        stream: 'a'.repeat(16),
        after: 0,
        acked: 1,
        receivedAt: at,
        samples: [{ seq: 1, rows }],
      },
    ]);
    const series = await scene.good(
      `/api/v1/devices/d1/samples?from=${at - MINUTE}&to=${at + HOUR}`,
      samplesResponse,
      { headers: await scene.token('viewer') },
    );
    expect(series.metrics).toHaveLength(9);
    expect(series.rows).toEqual(rows);
  });

  it('gives its timeline from events, links and the times the collector was away', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const now = scene.clock.now();
    const event = (at: number, by: 'device' | 'collector', kind: string, data = {}) => ({
      device: 'd1',
      event: { at, by, kind, data },
    });
    await scene.store.addEvents([
      event(now - 9 * HOUR, 'collector', 'link-up'),
      event(now - 6 * HOUR, 'collector', 'link-down', { reason: 'goodbye-sleeping' }),
      event(now - 5 * HOUR, 'collector', 'link-up'),
      event(now - 1 * HOUR, 'collector', 'link-up'),
      event(now - MINUTE, 'collector', 'viewed', { name: 'Ann' }),
    ]);
    const actor = { kind: 'collector', id: 'collector', name: 'Collector' } as const;
    for (const [hours, action] of [
      [3, 'collector.stopped'],
      [2, 'collector.started'],
    ] as const) {
      await scene.store.addAudit({ at: now - hours * HOUR, actor, action, subject: 'collector', data: {} });
    }
    const timeline = await scene.good(
      `/api/v1/devices/d1/timeline?from=${now - 8 * HOUR}&to=${now}`,
      timelineResponse,
      { headers: await scene.token('viewer') },
    );
    expect(timeline.gaps).toEqual([
      { from: now - 6 * HOUR, to: now - 5 * HOUR, reason: 'asleep' },
      { from: now - 3 * HOUR, to: now - 2 * HOUR, reason: 'collector-stopped' },
      { from: now - 2 * HOUR, to: now - 1 * HOUR, reason: 'offline' },
    ]);
    expect(timeline.entries.map(entry => `${entry.band} ${entry.kind}`)).toEqual([
      'link connected',
      'link connected',
      'link connected',
      'people viewed',
    ]);
  });

  it('gives findings and score of a moment, none before the first report', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const at = scene.clock.now() - HOUR;
    const finding = { status: 'failed', reason: 'timeout', at, ms: 5, hash: '0123456789abcdef' } as const;
    await scene.store.commit([
      {
        device: 'd1',
        stream: 'a'.repeat(16),
        after: 0,
        acked: 1,
        receivedAt: at,
        findings: [{ at, replace: true, changed: { battery: finding }, kept: [] }],
      },
    ]);
    const headers = await scene.token('viewer');
    const moment = (when: number) =>
      scene.good(`/api/v1/devices/d1/moment?at=${when}`, momentResponse, { headers });
    expect((await moment(at + 1)).findings).toEqual({ battery: finding });
    expect(await moment(at - 1)).toEqual({ at: at - 1, findings: {}, score: null });
  });

  it.each([
    'GET /api/v1/devices/none',
    'GET /api/v1/devices/none/samples?from=0&to=1',
    'GET /api/v1/devices/none/timeline?from=0&to=1',
    'GET /api/v1/devices/none/moment?at=1',
    'POST /api/v1/devices/none/scan',
    'POST /api/v1/devices/none/revoke',
    'POST /api/v1/devices/none/restore',
    'POST /api/v1/enrolment/tokens/none/revoke',
    'POST /api/v1/enrolment/waiting/none/admit',
    'POST /api/v1/enrolment/waiting/none/reject',
    'POST /api/v1/api-tokens/none/revoke',
    'PATCH /api/v1/people/none',
  ])('that is not there is told so: %s', async request => {
    const scene = await startScene();
    const [method = '', path = ''] = request.split(' ');
    const headers = await scene.token('admin');
    const body = method === 'GET' ? {} : { body: {} };
    expect(await scene.refused(path, { method, headers, ...body })).toMatchObject({
      status: 404,
      code: 'not-found',
    });
    expect(await scene.audited()).toEqual([]);
  });

  it('has no past in a range that ends before it begins', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const headers = await scene.token('viewer');
    for (const what of ['samples', 'timeline']) {
      const answer = await scene.refused(`/api/v1/devices/d1/${what}?from=2&to=1`, { headers });
      expect(answer).toMatchObject({ code: 'request-invalid', fields: ['query.from', 'query.to'] });
    }
  });
});

describe('enrolment tokens', () => {
  it('are made, shown once, listed without their secret, and revoked once', async () => {
    const scene = await startScene();
    const headers = await scene.token('admin');
    const made = await scene.good('/api/v1/enrolment/tokens', newEnrolmentTokenResponse, {
      body: { label: ' Laptops of autumn ', validHours: 24, maxUses: 50 },
      headers,
    });
    expect(made.secret).toMatch(/^tle_[A-Za-z0-9_-]{43}$/);
    expect(made.token).toMatchObject({ label: 'Laptops of autumn', maxUses: 50, uses: 0, revokedAt: null });
    expect(made.token.expiresAt).toBe(made.token.createdAt + 24 * HOUR);

    const at = scene.clock.now();
    const device = {
      id: 'd1',
      publicKey: 'k'.repeat(43),
      enrolledAt: at,
      enrolledBy: '',
      demo: false,
      identity: identityOf('one'),
    };
    expect(await scene.store.enrolWithToken(secretHash(made.secret), device, at)).toEqual({
      ok: true,
      label: 'Laptops of autumn',
    });

    const listed = await scene.good('/api/v1/enrolment/tokens', enrolmentTokensResponse, { headers });
    expect(listed.tokens).toMatchObject([{ id: made.token.id, uses: 1 }]);

    const path = `/api/v1/enrolment/tokens/${made.token.id}/revoke`;
    await scene.good(path, noContent, { method: 'POST', headers });
    expect((await scene.refused(path, { method: 'POST', headers })).code).toBe('not-found');
    expect((await scene.audited()).map(line => line.split(' ')[0])).toEqual([
      'enrolment-token.revoked',
      'enrolment-token.created',
    ]);
  });

  it.each([
    [{ label: '  ', validHours: 1, maxUses: 1 }, 'body.label'],
    [{ label: 'x', validHours: 0, maxUses: 1 }, 'body.validHours'],
    [{ label: 'x', validHours: 1.5, maxUses: 1 }, 'body.validHours'],
    [{ label: 'x', validHours: 1, maxUses: -1 }, 'body.maxUses'],
    [{ label: 'x', validHours: 1 }, 'body.maxUses'],
  ])('are not made of %j', async (body, field) => {
    const scene = await startScene();
    const answer = await scene.refused('/api/v1/enrolment/tokens', {
      body,
      headers: await scene.token('admin'),
    });
    expect(answer).toMatchObject({ code: 'request-invalid', fields: [field] });
  });
});

describe('waiting devices', () => {
  async function wait(scene: Scene, id: string) {
    const at = scene.clock.now();
    await scene.store.noteWaiting({
      id,
      publicKey: id.padEnd(43, 'K'),
      rejected: false,
      identity: identityOf(`host-${id}`),
      fingerprint: '0123456789abcdef',
      firstSeen: at,
      lastSeen: at,
      address: '192.0.2.7',
    });
  }

  it('are listed without their key, and admitted under the name of who did it', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'admin', PASSWORD);
    const headers = pageHeaders(await scene.signIn('ann', PASSWORD));
    await wait(scene, 'w1');
    const { waiting } = await scene.good('/api/v1/enrolment/waiting', waitingResponse, { headers });
    expect(waiting).toMatchObject([
      { id: 'w1', fingerprint: '0123456789abcdef', identity: { hostname: 'host-w1' } },
    ]);

    const admitted = await scene.good(
      '/api/v1/enrolment/waiting/w1/admit',
      z.object({ device: z.string() }),
      {
        method: 'POST',
        headers,
      },
    );
    expect(await scene.store.getDevice(admitted.device)).toMatchObject({
      publicKey: 'w1'.padEnd(43, 'K'),
      enrolledBy: 'Name of ann',
    });
    expect(scene.fleet.row(admitted.device)?.name).toBe('host-w1');
    expect(scene.waitingCounts).toEqual([0]);
    expect((await scene.audited())[0]).toBe(`device.admitted ${admitted.device} by person ann`);
    expect(
      (await scene.refused('/api/v1/enrolment/waiting/w1/admit', { method: 'POST', headers })).code,
    ).toBe('not-found');
  });

  it('are turned away for good', async () => {
    const scene = await startScene();
    const headers = await scene.token('admin');
    await wait(scene, 'w1');
    await scene.good('/api/v1/enrolment/waiting/w1/reject', noContent, { method: 'POST', headers });
    expect((await scene.good('/api/v1/enrolment/waiting', waitingResponse, { headers })).waiting).toEqual([]);
    expect((await scene.store.getWaitingByKey('w1'.padEnd(43, 'K')))?.rejected).toBe(true);
    expect(
      (await scene.refused('/api/v1/enrolment/waiting/w1/admit', { method: 'POST', headers })).code,
    ).toBe('not-found');
  });
});

describe('people', () => {
  it('are added with a one-time password that signs them in', async () => {
    const scene = await startScene();
    const headers = await scene.token('admin');
    const made = await scene.good('/api/v1/people', newPersonResponse, {
      body: { user: 'bob', name: 'Bob', role: 'helpdesk' },
      headers,
    });
    expect(made.person).toMatchObject({ user: 'bob', role: 'helpdesk', disabled: false, lastSignIn: null });
    await scene.signIn('bob', made.password);
    const listed = await scene.good('/api/v1/people', peopleResponse, { headers });
    expect(listed.people).toMatchObject([{ user: 'bob', lastSignIn: expect.any(Number) }]);

    const again = { body: { user: 'BOB', name: 'Other', role: 'admin' }, headers };
    expect((await scene.refused('/api/v1/people', again)).code).toBe('conflict');
    expect(await scene.audited()).toContainEqual(expect.stringMatching(/^person\.created bob by api-token /));
  });

  it('lose what they may do at once', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'admin', PASSWORD);
    await scene.addPerson('bob', 'admin', PASSWORD);
    const ann = pageHeaders(await scene.signIn('ann', PASSWORD));
    const bob = pageHeaders(await scene.signIn('bob', PASSWORD));
    expect((await scene.ask('/api/v1/people', { headers: bob })).status).toBe(200);
    await scene.good('/api/v1/people/bob', changePersonResponse, {
      method: 'PATCH',
      body: { role: 'viewer' },
      headers: ann,
    });
    expect((await scene.refused('/api/v1/people', { headers: bob })).code).toBe('role-missing');
    await scene.good('/api/v1/people/bob', changePersonResponse, {
      method: 'PATCH',
      body: { disabled: true },
      headers: ann,
    });
    expect((await scene.refused('/api/v1/devices', { headers: bob })).code).toBe('signed-out');
    expect((await scene.refused('/api/v1/session', { body: { user: 'bob', password: PASSWORD } })).code).toBe(
      'sign-in-wrong',
    );
  });

  it('get a new one-time password, which ends their sessions and their lock', async () => {
    const scene = await startScene();
    await scene.addPerson('bob', 'viewer', PASSWORD);
    const bob = pageHeaders(await scene.signIn('bob', PASSWORD));
    const { password, person } = await scene.good('/api/v1/people/bob', changePersonResponse, {
      method: 'PATCH',
      body: { resetPassword: true, name: 'Robert' },
      headers: await scene.token('admin'),
    });
    expect(person.name).toBe('Robert');
    expect((await scene.refused('/api/v1/session', { headers: bob })).code).toBe('signed-out');
    await scene.signIn('bob', password!);
    expect((await scene.store.getPerson('bob'))?.mustChangePassword).toBe(true);
  });

  it('always include an administrator who may sign in, even when two demote each other at once', async () => {
    const scene = await startScene();
    await scene.addPerson('ann', 'admin', PASSWORD);
    const headers = await scene.token('admin');
    for (const body of [{ role: 'viewer' }, { disabled: true }]) {
      const answer = await scene.refused('/api/v1/people/ann', { method: 'PATCH', body, headers });
      expect(answer.code).toBe('conflict');
    }
    await scene.addPerson('bob', 'admin', PASSWORD);
    const statuses = await Promise.all(
      ['ann', 'bob'].map(async user => {
        const answer = await scene.ask(`/api/v1/people/${user}`, {
          method: 'PATCH',
          body: { role: 'viewer' },
          headers,
        });
        return answer.status;
      }),
    );
    expect(statuses.toSorted()).toEqual([200, 409]);
    const people = await scene.store.listPeople();
    expect(people.filter(person => person.role === 'admin')).toHaveLength(1);
  });

  it.each([
    { user: 'a b', name: 'x', role: 'admin' },
    { user: 'ok', name: '', role: 'admin' },
    { user: 'ok', name: 'x', role: 'god' },
  ])('are not made of %j', async body => {
    const scene = await startScene();
    expect((await scene.refused('/api/v1/people', { body, headers: await scene.token('admin') })).code).toBe(
      'request-invalid',
    );
  });
});

describe('API tokens', () => {
  it('act with their role until they expire or are revoked', async () => {
    const scene = await startScene();
    const admin = await scene.token('admin');
    const made = await scene.good('/api/v1/api-tokens', newApiTokenResponse, {
      body: { label: 'report', role: 'viewer', validHours: 1 },
      headers: admin,
    });
    expect(made.secret).toMatch(/^tla_[A-Za-z0-9_-]{43}$/);
    const headers = { authorization: `Bearer ${made.secret}` };
    expect((await scene.ask('/api/v1/devices', { headers })).status).toBe(200);
    const listed = await scene.good('/api/v1/api-tokens', apiTokensResponse, { headers: admin });
    expect(listed.tokens.find(token => token.id === made.token.id)?.lastUsed).not.toBeNull();

    scene.clock.move(HOUR + 1);
    expect((await scene.refused('/api/v1/devices', { headers })).code).toBe('signed-out');

    const other = await scene.good('/api/v1/api-tokens', newApiTokenResponse, {
      body: { label: 'forever', role: 'viewer', validHours: null },
      headers: admin,
    });
    await scene.good(`/api/v1/api-tokens/${other.token.id}/revoke`, noContent, {
      method: 'POST',
      headers: admin,
    });
    const revokedToken = { authorization: `Bearer ${other.secret}` };
    expect((await scene.refused('/api/v1/devices', { headers: revokedToken })).code).toBe('signed-out');
    expect((await scene.audited()).map(line => line.split(' ')[0])).toEqual([
      'api-token.revoked',
      'api-token.created',
      'api-token.created',
    ]);
  });
});

describe('the audit trail', () => {
  it('is read newest first, by page and by subject, and says whether it is whole', async () => {
    const scene = await startScene();
    const actor = { kind: 'collector', id: 'collector', name: 'Collector' } as const;
    for (let n = 1; n <= 5; n += 1) {
      await scene.store.addAudit({ at: n, actor, action: 'device.enrolled', subject: `d${n % 2}`, data: {} });
    }
    const headers = await scene.token('admin');
    const first = await scene.good('/api/v1/audit?limit=2', auditResponse, { headers });
    expect(first.entries.map(entry => entry.n)).toEqual([5, 4]);
    expect(first.verified).toBe(true);
    const second = await scene.good('/api/v1/audit?limit=2&before=4', auditResponse, { headers });
    expect(second.entries.map(entry => entry.n)).toEqual([3, 2]);
    const subject = await scene.good('/api/v1/audit?subject=d0', auditResponse, { headers });
    expect(subject.entries.map(entry => entry.n)).toEqual([4, 2]);
  });
});

describe('the collector', () => {
  it('says how it is doing', async () => {
    const scene = await startScene();
    await scene.addDevice('d1');
    const status = await scene.good('/api/v1/collector', collectorResponse, {
      headers: await scene.token('viewer'),
    });
    expect(status).toMatchObject({ version: '1.2.3', devices: { total: 1, live: 0 }, demo: false });
  });
});

describe('who may do what', () => {
  it('is what each route declares, for every role and for nobody', async () => {
    const scene = await startScene();
    const told: string[] = [];
    const expected: string[] = [];
    const tokens = new Map(
      await Promise.all(ROLES.map(async role => [role, await scene.token(role)] as const)),
    );
    for (const route of scene.routes) {
      if (route.access === 'public' || route.access === 'session') continue;
      const method = route.method.toUpperCase();
      const path = route.path.replace(/:[a-z]+/, 'none');
      // An unfit body, so that nothing happens where the role is enough.
      const request = { method, ...(method === 'GET' ? {} : { body: 0 }) };
      const nobody = await scene.ask(path, request);
      told.push(`${method} ${path} nobody ${nobody.status}`);
      expected.push(`${method} ${path} nobody 401`);
      for (const [role, headers] of tokens) {
        const { status } = await scene.ask(path, { ...request, headers });
        told.push(`${method} ${path} ${role} ${status === 403 ? 'refused' : 'allowed'}`);
        const allowed = ROLES.indexOf(role) >= ROLES.indexOf(route.access);
        expected.push(`${method} ${path} ${role} ${allowed ? 'allowed' : 'refused'}`);
      }
    }
    expect(told).toEqual(expected);
    expect(told.length).toBeGreaterThan(100);
  });

  it('keeps everything that locks people or devices in or out to administrators', async () => {
    const { routes } = await startScene();
    const adminOnly = /people|api-tokens|enrolment|audit|revoke|restore/;
    for (const route of routes)
      if (adminOnly.test(route.path)) expect([route.path, route.access]).toEqual([route.path, 'admin']);
    const open = routes
      .filter(route => route.access === 'public')
      .map(route => `${route.method} ${openApiPath(route.path)}`);
    expect(open.toSorted()).toEqual([
      'get /api/openapi.json',
      'get /api/v1/integrations/{connector}/{account}/notices',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      // Who calls is checked by the connector, with the account's own name and password.
      'post /api/v1/integrations/{connector}/{account}/notices',
      'post /api/v1/session',
    ]);
  });
});
