import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  directoryLaptop,
  FakeMicrosoft,
  managedLaptop,
  TENANT,
} from '../../../build/demo/vendors/fake-microsoft.ts';
import {
  FakeWorkspaceOne,
  listedLaptop,
  uemEvent,
  uemTime,
  uuidOf,
} from '../../../build/demo/vendors/fake-workspace-one.ts';
import { entra, intune } from '../../../collector/connect/microsoft/connector.ts';
import { workspaceOne } from '../../../collector/connect/workspace-one/connector.ts';
import {
  decision,
  deviceSourcesResponse,
  type IntegrationAccount,
  integrationAccount,
  integrationsResponse,
  integrationTestResponse,
  precedenceResponse,
} from '../../../shared/api/integrations.ts';
import { deviceResponse, devicesResponse } from '../../../shared/api/schemas.ts';
import { eventually } from '../../support/eventually.ts';
import { identityOf, type Scene, startScene } from './scene.ts';

const PATH = '/api/v1/integrations';
const BERLIN = `${PATH}/intune/accounts/berlin`;
let fake: FakeMicrosoft;
let scene: Scene;
let admin: Record<string, string>;

beforeEach(async () => {
  fake = await FakeMicrosoft.start();
  scene = await startScene({}, [intune, entra]);
  admin = await scene.token('admin');
});

function laptop(number: number, changes: Record<string, unknown> = {}): string {
  const record = managedLaptop(number, { lastSyncDateTime: recently(), ...changes });
  fake.managedDevices.set(String(record.id), record);
  return String(record.id);
}

const recently = (): string => new Date(Date.now() - 60_000).toISOString();

/** Connects Berlin's tenant and waits until it was read. */
async function connected(settings: Record<string, unknown> = fake.settings): Promise<IntegrationAccount> {
  await scene.good(`${PATH}/intune/accounts`, integrationAccount, {
    headers: admin,
    body: { account: 'berlin', label: 'Berlin', settings },
  });
  return await eventually(
    async () => {
      const account = await berlin();
      return account.lastRun !== null && account.running === null ? account : null;
    },
    { what: 'the account was read' },
  );
}

async function read(everything = true): Promise<IntegrationAccount> {
  const before = (await berlin()).lastRun?.endedAt ?? 0;
  await scene.ask(`${BERLIN}/run`, { headers: admin, body: { everything } });
  return await eventually(
    async () => {
      const account = await berlin();
      return (account.lastRun?.endedAt ?? 0) > before && account.running === null ? account : null;
    },
    { what: 'the account was read again' },
  );
}

async function berlin(): Promise<IntegrationAccount> {
  const { integrations } = await scene.good(PATH, integrationsResponse, { headers: admin });
  const account = integrations.find(({ id }) => id === 'intune')?.accounts[0];
  if (account === undefined) throw new Error('no account');
  return account;
}

async function names(): Promise<string[]> {
  const { devices } = await scene.good('/api/v1/devices', devicesResponse, { headers: admin });
  return devices.map(({ name, noAgent }) => (noAgent === true ? `${name} (no agent)` : name)).sort();
}

describe('connecting a system', () => {
  it('reads it at once, and says how it stands without giving a secret back', async () => {
    laptop(1);
    const { integrations: before } = await scene.good(PATH, integrationsResponse, { headers: admin });
    expect(before.map(({ id, state }) => [id, state])).toEqual([
      ['intune', 'not-configured'],
      ['entra', 'not-configured'],
    ]);
    const account = await connected();
    expect(account).toMatchObject({
      state: 'configured',
      records: 1,
      problem: null,
      secretsSet: ['clientSecret'],
      lastRun: { asked: 'all', covers: 'all', observed: 1, doubted: 0 },
    });
    expect(account.settings).toMatchObject({ tenantId: TENANT.tenantId });
    const everything = await scene.ask(PATH, { headers: admin });
    expect(JSON.stringify(everything.body)).not.toContain(TENANT.clientSecret);
    expect(JSON.stringify(await scene.store.listAccounts())).not.toContain(TENANT.clientSecret);
    expect(scene.lines.join('')).not.toContain(TENANT.clientSecret);
    expect(await scene.audited()).toContain(
      'integration.added intune/berlin by api-token ' + (await tokenId()),
    );
  });

  it('names a wrong setting and keeps nothing', async () => {
    const { code, fields } = await scene.refused(`${PATH}/intune/accounts`, {
      headers: admin,
      body: { account: 'berlin', label: 'Berlin', settings: { ...fake.settings, tenant: 'mistyped' } },
    });
    expect([code, fields]).toEqual(['request-invalid', ['tenant']]);
    expect(await scene.store.listAccounts()).toEqual([]);
  });

  it('tells a wrong secret in the vendor’s words, and goes on when it is right', async () => {
    laptop(1);
    const wrong = 'a-wrong-secret-of-berlin';
    const account = await connected({ ...fake.settings, clientSecret: wrong });
    expect(account).toMatchObject({ state: 'pending', problem: { code: 'vendor-credentials' } });
    const { lines } = await scene.good(`${BERLIN}/test`, integrationTestResponse, {
      method: 'POST',
      headers: admin,
    });
    expect(lines[0]).toMatchObject({ outcome: 'failed', code: 'vendor-credentials' });
    expect(lines[0]?.detail).toContain('Invalid client secret provided');
    expect(JSON.stringify([account, lines, await scene.store.listAccounts()])).not.toContain(wrong);

    await scene.good(BERLIN, integrationAccount, {
      method: 'PUT',
      headers: admin,
      body: {
        label: 'Berlin',
        settings: { clientSecret: TENANT.clientSecret, ...fake.settings },
        replaces: account.savedAt,
      },
    });
    await eventually(async () => (await berlin()).state === 'configured', { what: 'it works' });
    expect(await names()).toEqual(['LT-1 (no agent)']);
  });

  it('keeps a secret that is not entered again, but not for another address', async () => {
    const account = await connected();
    const { clientSecret: _, ...rest } = fake.settings;
    const renamed = await scene.good(BERLIN, integrationAccount, {
      method: 'PUT',
      headers: admin,
      body: { label: 'Renamed', settings: rest, replaces: account.savedAt },
    });
    expect(renamed).toMatchObject({ label: 'Renamed', secretsSet: ['clientSecret'] });
    const elsewhere = await scene.refused(BERLIN, {
      method: 'PUT',
      headers: admin,
      body: {
        label: 'Elsewhere',
        settings: { ...rest, graphUrl: 'https://graph.example.com/v1.0' },
        replaces: renamed.savedAt,
      },
    });
    expect(elsewhere).toMatchObject({ code: 'request-invalid', fields: ['clientSecret'] });
    const late = await scene.refused(BERLIN, {
      method: 'PUT',
      headers: admin,
      body: { label: 'Late', settings: rest, replaces: account.savedAt },
    });
    expect(late.code).toBe('conflict');
  });

  it('forgets what an account has said when it is disconnected', async () => {
    laptop(1);
    await connected();
    expect(await names()).toEqual(['LT-1 (no agent)']);
    await scene.good(BERLIN, z.undefined(), { method: 'DELETE', headers: admin });
    expect([await names(), await scene.store.listAccounts()]).toEqual([[], []]);
    expect(scene.rows.at(-1)).toMatch(/^-v-/);
  });

  it('is for administrators; others see the state without the settings', async () => {
    await connected();
    const viewer = await scene.token('viewer');
    const { integrations } = await scene.good(PATH, integrationsResponse, { headers: viewer });
    expect(integrations[0]?.accounts[0]).toMatchObject({ settings: null, secretsSet: [] });
    expect((await scene.refused(`${BERLIN}/test`, { method: 'POST', headers: viewer })).code).toBe(
      'role-missing',
    );
  });
});

describe('what a system says', () => {
  it('joins the device whose agent has the same serial number, with its source and its age', async () => {
    await scene.addDevice('d-1', {
      identity: { ...identityOf('LT-1'), platform: 'windows', serial: 'ser 1' },
    });
    laptop(1, { serialNumber: 'SER1' });
    laptop(2);
    await connected();
    expect(await names()).toEqual(['LT-1', 'LT-2 (no agent)']);
    const device = await scene.good('/api/v1/devices/d-1', deviceResponse, { headers: admin });
    expect(device.record['compliance.compliant']).toMatchObject({ source: 'intune', value: true });
    const sources = await scene.good('/api/v1/devices/d-1/sources', deviceSourcesResponse, {
      headers: admin,
    });
    expect(sources.members.map(({ agent, by, record }) => [agent, by, record?.accountLabel])).toEqual([
      ['d-1', 'serial', undefined],
      [null, 'serial', 'Berlin'],
    ]);
    expect((await scene.store.getDevice('d-1'))?.record['compliance.compliant']?.source).toBe('intune');
  });

  it('is taken for gone only when a complete run no longer tells it', async () => {
    const [first] = [1, 2, 3].map(number => laptop(number));
    await connected();
    fake.managedDevices.delete(first ?? '');
    let isBroken = true;
    const when = ({ path }: { path: string }): boolean => isBroken && path.endsWith('/managedDevices');
    fake.vendor.fault({ when, times: 99, does: { status: 403, json: {} } });
    expect(await read()).toMatchObject({ lastRun: { covers: 'broken' }, records: 3 });
    isBroken = false;
    expect(await read()).toMatchObject({ lastRun: { covers: 'all' }, records: 2 });
    expect(await names()).toEqual(['LT-2 (no agent)', 'LT-3 (no agent)']);
  });

  it('is doubted when half of it is missing at once, until a second complete run agrees', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => laptop(i + 1));
    await connected();
    for (const id of ids.slice(0, 15)) fake.managedDevices.delete(id);
    expect(await read()).toMatchObject({ records: 20, lastRun: { covers: 'all', doubted: 15 } });
    expect(await read()).toMatchObject({ records: 5, lastRun: { covers: 'all', doubted: 0 } });
  });

  it('is split from a device by hand, stays so, and is joined again when that is taken back', async () => {
    await scene.addDevice('d-1', {
      identity: { ...identityOf('LT-1'), platform: 'windows', serial: 'SER-1' },
    });
    const id = laptop(1);
    await connected();
    const body = { kind: 'split', one: 'agent/d-1', other: `intune/berlin/${id}` };
    const decided = await scene.good('/api/v1/match/decisions', decision, { headers: admin, body });
    expect(await names()).toEqual(['LT-1', 'LT-1 (no agent)']);
    const apart = await scene.good('/api/v1/devices/d-1', deviceResponse, { headers: admin });
    expect(apart.record['compliance.compliant']).toBeUndefined();
    await read();
    expect(await names()).toEqual(['LT-1', 'LT-1 (no agent)']);
    await scene.good(`/api/v1/match/decisions/${decided.id}`, z.undefined(), {
      method: 'DELETE',
      headers: admin,
    });
    expect(await names()).toEqual(['LT-1']);
  });

  it('counts as administrators say, field by field', async () => {
    await scene.addDevice('d-1', {
      identity: { ...identityOf('LT-1'), platform: 'windows', serial: 'SER-1' },
    });
    laptop(1, { model: 'Book 5 by Intune' });
    await connected();
    const before = await scene.good('/api/v1/precedence', precedenceResponse, { headers: admin });
    expect(before.hash).toBeNull();
    const request = { method: 'PUT', headers: admin };
    const body = { order: { 'hardware.model': ['entra', 'intune', 'agent'] }, replaces: null };
    const after = await scene.good('/api/v1/precedence', precedenceResponse, { ...request, body });
    expect(after.order).toEqual(body.order);
    const device = await scene.good('/api/v1/devices/d-1', deviceResponse, { headers: admin });
    expect(device.record['hardware.model']).toMatchObject({ source: 'intune', value: 'Book 5 by Intune' });
    expect((await scene.refused('/api/v1/precedence', { ...request, body })).code).toBe('conflict');
  });

  it('is known again after a start, devices without an agent too', async () => {
    laptop(1);
    await connected();
    const other = await startScene({}, [intune]);
    for (const account of await scene.store.listAccounts()) await other.store.addAccount(account);
    for await (const observed of scene.store.loadObservations()) {
      await other.store.keepObservations({ connector: 'intune', account: 'berlin' }, { observed, gone: [] });
    }
    await other.records.load();
    await other.records.mergeAll();
    expect([...other.records.rows()].map(({ name }) => name)).toEqual(['LT-1']);
  });
});

describe('five accounts of one system', () => {
  it('are read beside one of them that fails, each with its own standing, and what that one said stays', async () => {
    const tenants = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map(async name => [name, await FakeMicrosoft.start()] as const),
    );
    for (const [i, [name, tenant]] of tenants.entries()) {
      const record = managedLaptop(i + 1, { lastSyncDateTime: recently() });
      tenant.managedDevices.set(String(record.id), record);
      await scene.good(`${PATH}/intune/accounts`, integrationAccount, {
        headers: admin,
        body: { account: name, label: name, settings: tenant.settings },
      });
    }
    const accounts = async () => {
      const { integrations } = await scene.good(PATH, integrationsResponse, { headers: admin });
      return integrations.find(({ id }) => id === 'intune');
    };
    await eventually(async () => (await names()).length === 5, { what: 'all five were read' });
    const failing = tenants.find(([name]) => name === 'c')?.[1];
    failing?.vendor.fault({ times: 9999, does: { status: 401, json: {} } });
    const before = Date.now();
    for (const [name] of tenants) {
      await scene.ask(`${PATH}/intune/accounts/${name}/run`, { headers: admin, body: { everything: true } });
    }
    await eventually(
      async () =>
        (await accounts())?.accounts.every(
          ({ lastRun, running }) => running === null && (lastRun?.endedAt ?? 0) >= before,
        ),
      { what: 'all five were asked again' },
    );
    const after = await accounts();
    expect(
      after?.accounts.map(({ account, state, records, lastRun }) => [
        account,
        state,
        records,
        lastRun?.covers,
      ]),
    ).toEqual([
      ['a', 'configured', 1, 'all'],
      ['b', 'configured', 1, 'all'],
      ['c', 'reconnect', 1, 'broken'],
      ['d', 'configured', 1, 'all'],
      ['e', 'configured', 1, 'all'],
    ]);
    expect([after?.state, after?.withIssues]).toEqual(['configured', 1]);
    expect(await names()).toHaveLength(5);
  });
});

describe('two systems that know one device', () => {
  it('are one row, and what they contradict each other in is told', async () => {
    laptop(1, { complianceState: 'compliant', isEncrypted: false });
    const record = directoryLaptop(1, { approximateLastSignInDateTime: recently(), isCompliant: false });
    fake.devices.set(String(record.id), record);
    await connected();
    await scene.good(`${PATH}/entra/accounts`, integrationAccount, {
      headers: admin,
      body: { account: 'berlin', label: 'Berlin directory', settings: fake.settings },
    });
    const id = await eventually(
      async () => {
        const { devices } = await scene.good('/api/v1/devices', devicesResponse, { headers: admin });
        const sources = await scene.ask(`/api/v1/devices/${devices[0]?.id}/sources`, { headers: admin });
        const { data } = deviceSourcesResponse.safeParse(sources.body);
        return data?.members.length === 2 ? devices[0]?.id : null;
      },
      { what: 'both are one' },
    );
    expect(await names()).toEqual(['LT-1 (no agent)']);
    const { contradictions } = await scene.good(`/api/v1/devices/${id}/sources`, deviceSourcesResponse, {
      headers: admin,
    });
    expect(contradictions.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['compliant-unencrypted', 'compliance-differs']),
    );
  });
});

async function tokenId(): Promise<string> {
  const [token] = await scene.store.listApiTokens();
  return token?.id ?? '';
}

describe('a vendor’s call', () => {
  const path = `${PATH}/workspace-one/main/notices`;
  const basic = (user: string, password: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  });
  const right = basic('uem', 'a password of calls');
  let uem: FakeWorkspaceOne;

  /** One device at the vendor, which calls us about it. */
  async function called(env: Readonly<Record<string, string>> = {}): Promise<void> {
    uem = await FakeWorkspaceOne.start();
    put({ DeviceReportedName: 'BEFORE' });
    scene = await startScene(env, [workspaceOne]);
    admin = await scene.token('admin');
    const settings = { ...uem.settings, noticeUser: 'uem', noticePassword: 'a password of calls' };
    await scene.good(`${PATH}/workspace-one/accounts`, integrationAccount, {
      headers: admin,
      body: { account: 'main', label: 'Main', settings },
    });
    await eventually(async () => (await names()).includes('BEFORE (no agent)'), { what: 'it was read' });
  }

  function put(changes: Record<string, unknown>): void {
    const listed = listedLaptop(1, { LastSeen: uemTime(Date.now() - 60_000), ...changes });
    uem.devices.set(1, { id: 1, uuid: uuidOf(1), listed, details: null });
  }

  const call = (headers: Record<string, string>, body: unknown = uemEvent(1)) =>
    scene.ask(path, { raw: JSON.stringify(body), type: 'application/json', headers });

  it('is answered as the connector says, and has what it names read again', async () => {
    await called();
    put({ DeviceReportedName: 'AFTER' });
    const stranger = await call({});
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('Basic'),
    ]);
    expect((await call(right)).status).toBe(200);
    await eventually(async () => (await names()).includes('AFTER (no agent)'), { what: 'it was read again' });
    expect((await scene.ask(`${PATH}/intune/main/notices`, { raw: '{}', headers: right })).status).toBe(404);
  });

  it('by GET is an administrator’s test of the connection', async () => {
    await called();
    expect((await scene.ask(path, { headers: right })).status).toBe(200);
    expect((await scene.ask(path)).status).toBe(401);
  });

  it('with wrong credentials is made to wait longer each time, whatever it then brings, and others are not', async () => {
    await called({ TRAYLINE_BEHIND_PROXY: 'loopback', TRAYLINE_PUBLIC_URL: 'https://trayline.example.com' });
    const from = (address: string, headers: Record<string, string>) =>
      call({ ...headers, 'x-forwarded-for': address });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1)
      statuses.push((await from('203.0.113.9', basic('uem', `guess ${i}`))).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const asked = uem.vendor.asked.length;
    const locked = await from('203.0.113.9', right);
    expect([locked.status, Number(locked.headers.get('retry-after'))]).toEqual([429, 5]);
    expect(uem.vendor.asked.length).toBe(asked);
    expect((await from('203.0.113.10', right)).status).toBe(200);
    scene.clock.move(6000);
    expect((await from('203.0.113.9', right)).status).toBe(200);
    expect(scene.lines.join('')).not.toContain('guess 1');
  });

  it('with the right credentials is never made to wait, however often it comes', async () => {
    await called();
    for (let i = 0; i < 20; i += 1) expect((await call(right, uemEvent(1, { EventId: i }))).status).toBe(200);
  });

  it('that is too large is refused before anything of it is read', async () => {
    await called();
    const { status } = await call(right, { ...uemEvent(1), more: 'x'.repeat(300_000) });
    expect(status).toBe(413);
  });

  it('that comes again has the device read once', async () => {
    await called();
    const reads = () =>
      uem.vendor.asked.filter(({ path: to }) => /\/devices\/(1|[0-9a-f-]{36})$/.test(to)).length;
    const before = reads();
    const event = uemEvent(1);
    for (let i = 0; i < 4; i += 1) expect((await call(right, event)).status).toBe(200);
    await eventually(() => reads() > before, { what: 'it was read again' });
    put({ DeviceReportedName: 'LAST' });
    await call(right, uemEvent(1, { EventId: 999 }));
    await eventually(async () => (await names()).includes('LAST (no agent)'), { what: 'the last was read' });
    expect(reads() - before).toBe(2);
  });
});
