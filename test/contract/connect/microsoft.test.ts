import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TENANT } from '../../../build/demo/vendors/fake-microsoft.ts';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { entra, intune } from '../../../collector/connect/microsoft/connector.ts';
import {
  type ContractServer,
  noContracts,
  noRecordings,
  recordedPath,
  startContract,
} from '../../support/contract-server.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

async function scene(mode: 'static' | 'dynamic', prefer?: string) {
  const graph = await startContract({ spec: 'graph', basePath: '/v1.0', mode, prefer: () => prefer });
  const login = await startContract({ spec: 'entra-token', mode });
  const settings = { ...TENANT, graphUrl: graph.url, loginUrl: login.url };
  const around = new SwiftTime().surroundings;
  return {
    graph,
    login,
    intune: intune.open({ id: 'main', settings }, around),
    entra: entra.open({ id: 'main', settings }, around),
    forbidden: () => [...graph.forbidden(), ...login.forbidden()],
  };
}

const asked = ({ requests }: ContractServer) =>
  requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

describe.skipIf(noContracts !== null)(`Graph’s own specification (${noContracts ?? 'at hand'})`, () => {
  describe.each(['static', 'dynamic'] as const)('%s', mode => {
    it('allows signing in and every check', async () => {
      const { graph, login, forbidden, ...sessions } = await scene(mode);
      const lines = [...(await sessions.intune.check()), ...(await sessions.entra.check())];
      expect(lines.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      expect(forbidden()).toEqual([]);
      expect(asked(login)).toEqual(Array(2).fill(`POST /${TENANT.tenantId}/oauth2/v2.0/token`));
      expect(asked(graph)).toEqual(['GET /deviceManagement/managedDevices', 'GET /devices']);
    });

    it('allows a full run and a run from a checkpoint of Intune', async () => {
      const { graph, forbidden, intune: session } = await scene(mode);
      const runs = [await collect(session), await collect(session, { syncedUntil: Date.UTC(2026, 0, 1) })];
      expect(forbidden()).toEqual([]);
      expect(asked(graph)).toEqual(Array(2).fill('GET /deviceManagement/managedDevices'));
      for (const { report } of runs) {
        // A made-up listing names a next page at a made-up host, which must not be followed.
        if (mode === 'dynamic') expect([null, 'vendor-redirect']).toContain(report.problem?.code ?? null);
        else expect(report).toMatchObject({ problem: null, observed: 2, skipped: 0 });
      }
    });

    it('allows a full run and a run from a checkpoint of Entra ID', async () => {
      const { graph, forbidden, entra: session } = await scene(mode);
      const runs = [
        await collect(session),
        await collect(session, { deltaLink: `${graph.url}/devices/delta()?$deltatoken=abc` }),
      ];
      expect(forbidden()).toEqual([]);
      expect(asked(graph)).toContain('GET /devices/delta()');
      for (const { report } of runs)
        expect([null, 'vendor-redirect']).toContain(report.problem?.code ?? null);
    });

    it('allows every operation and following it', async () => {
      const { graph, forbidden, intune: session } = await scene(mode);
      const parameters: Record<string, unknown> = {
        wipe: { keepUserData: true, macOsUnlockCode: '123456', persistEsimDataPlan: false },
        cleanWindowsDevice: { keepUserData: true },
        deleteUserFromSharedAppleDevice: { userPrincipalName: 'person@example.com' },
      };
      const target = 'aaaaaaaa-0000-4000-8000-000000000001';
      for (const operation of Object.keys(intune.operations)) {
        const outcome = await session.act({ operation, target, parameters: parameters[operation] ?? {} });
        expect([operation, outcome.outcome]).toEqual([operation, 'accepted']);
        const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
        expect(['pending', 'done', 'failed', 'unknown', 'cancelled']).toContain(
          await session.follow(target, tracking),
        );
      }
      expect(forbidden()).toEqual([]);
      expect(graph.requests.length).toBe(2 * Object.keys(intune.operations).length);
    });
  });

  it.each([
    [400, 'vendor-refused'],
    [401, 'vendor-credentials'],
    [403, 'vendor-permission'],
    [404, 'vendor-not-found'],
    [429, 'vendor-throttled'],
    [503, 'vendor-failed'],
  ])('has a refusal with %i, which is the problem %s', async (status, code) => {
    const { forbidden, intune: session } = await scene('dynamic', `code=${status}`);
    const { report } = await collect(session);
    expect([report.covers, report.problem?.code]).toEqual(['broken', code]);
    expect(forbidden()).toEqual([]);
  });

  it('would not allow a path that does not exist, a missing token or a wrong body', async () => {
    const { graph, login } = await scene('static');
    await fetch(`${graph.url}/deviceManagement/nothing`, { headers: { Authorization: 'Bearer x' } });
    await fetch(`${graph.url}/devices`);
    await fetch(`${login.url}/t/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: 'x', scope: 'y' }),
    });
    expect([graph.forbidden().length, login.forbidden().length]).toEqual([2, 1]);
  });
});

describe.skipIf(noRecordings !== null)(`recorded answers (${noRecordings ?? 'at hand'})`, () => {
  const recorded = (name: string): unknown => JSON.parse(readFileSync(recordedPath(name), 'utf8'));

  async function replay(list: unknown, token: unknown = recorded('entra-token-response.json'), status = 200) {
    const vendor = await FakeVendor.start(({ path }) =>
      path.endsWith('/token') ? { json: token, status } : { json: list },
    );
    const settings = { ...TENANT, graphUrl: `${vendor.url}/v1.0`, loginUrl: vendor.url };
    return intune.open({ id: 'main', settings }, new SwiftTime().surroundings);
  }

  it('of Intune are read whole', async () => {
    const { report, observations } = await collect(
      await replay(recorded('graph-intune-manageddevices-beta.json')),
    );
    expect(report).toMatchObject({ covers: 'all', observed: 2, skipped: 0 });
    const [phone, mac] = observations;
    expect([phone?.kind, mac?.kind]).toEqual(['mobile', 'computer']);
    expect(phone?.fields['compliance.compliant']?.value).toBe(false);
    expect(mac?.identifiers.entraDeviceId).toBeNull();
    expect(mac?.fields['os.build']?.value).toBe('20D74');
    expect(mac?.fields['management.state']).toEqual({ value: 'leaving', raw: 'retireIssued' });
    expect(mac?.fields['compliance.compliant']).toMatchObject({ value: null, reason: 'vendor-unknown' });
  });

  it('of a refused sign-in are told in their words', async () => {
    const session = await replay({}, recorded('entra-token-error-400.json'), 400);
    const [line] = await session.check();
    expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
    expect(line?.detail).toContain('AADSTS90002');
    expect(line?.detail).not.toContain('Trace ID');
  });

  it('of a refused request are told in their words', async () => {
    const vendor = await FakeVendor.start(({ path }) =>
      path.endsWith('/token')
        ? { json: recorded('entra-token-response.json') }
        : { status: 401, json: recorded('graph-error-401.json') },
    );
    const settings = { ...TENANT, graphUrl: `${vendor.url}/v1.0`, loginUrl: vendor.url };
    const { problem } = (await collect(intune.open({ id: 'main', settings }, new SwiftTime().surroundings)))
      .report;
    expect(problem?.code).toBe('vendor-credentials');
    expect(problem?.detail).toContain('Authorization_IdentityNotFound');
  });
});
