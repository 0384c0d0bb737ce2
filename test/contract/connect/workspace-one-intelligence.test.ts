import { describe, expect, it } from 'vitest';
import { SERVICE_ACCOUNT } from '../../../build/demo/vendors/fake-intelligence.ts';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { workspaceOneIntelligence as connector } from '../../../collector/connect/workspace-one-intelligence/connector.ts';
import { noContracts, startContract } from '../../support/contract-server.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

/** The mock’s attributes are one of people, its listings never end, and its rows name no device. */
function mend(path: string, body: unknown): unknown {
  const { data }: { data?: Record<string, unknown> } = Object(body);
  if (path.endsWith('/attributes')) return { data: [{ attribute: 'airwatch.device.device_id' }] };
  if (path.endsWith('/preview')) {
    return { data: { ...data, total_count: 1, results: [{ 'airwatch.device.device_id': 7 }] } };
  }
  if (path.endsWith('/downloads/search')) {
    return {
      data: {
        ...data,
        total_count: 1,
        results: [{ id: '416c1890-70d5-4261-a440-d2dc402e52cf', status: 'COMPLETED' }],
      },
    };
  }
  // Made-up ids may have characters of any kind, which is well, or none at all, which no id is.
  if (path === '/v2/reports') return { data: { ...data, id: '20602124-f68b-4dd5-949a-0e45b3d265b0' } };
  return body;
}

async function scene(mode: 'static' | 'dynamic', prefer?: string) {
  const api = await startContract({ spec: 'ws1-intelligence', mode, mend, prefer: () => prefer });
  const login = await FakeVendor.start(() => ({ json: { access_token: 'a1b2c3d4e5', expires_in: 3599 } }));
  const settings = { apiUrl: api.url, tokenUrl: `${login.url}/oauth/token`, ...SERVICE_ACCOUNT };
  return { api, session: connector.open({ id: 'main', settings }, new SwiftTime().surroundings) };
}

describe.skipIf(noContracts !== null)(
  `Intelligence’s own specification (${noContracts ?? 'at hand'})`,
  () => {
    describe.each(['static', 'dynamic'] as const)('%s', mode => {
      it('allows a check and a full run', async () => {
        const { api, session } = await scene(mode);
        expect((await session.check()).map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
        expect((await collect(session)).report).toMatchObject({ covers: 'all', observed: 1, problem: null });
        expect(api.forbidden()).toEqual([]);
        expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toContain('POST /v2/reports');
      });

      it('allows running a report, following it, and asking for its download', async () => {
        const { api, session } = await scene(mode);
        const outcome = await session.act({ operation: 'runReport', target: '', parameters: {} });
        expect(outcome.outcome).toBe('accepted');
        const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
        expect(['pending', 'done']).toContain(await session.follow('', tracking));
        // The mock's redirect leads nowhere that may be gone to.
        await expect(session.inquire({ inquiry: 'download', target: '' })).rejects.toMatchObject({
          code: expect.stringMatching(/^vendor-(redirect|answer)$/),
        });
        expect((await session.inquire({ inquiry: 'report', target: '' })).rows.length).toBe(1);
        expect(api.forbidden()).toEqual([]);
      });
    });

    it('has a refusal with 401, which is wrong credentials', async () => {
      const { api, session } = await scene('dynamic', 'code=401');
      expect((await collect(session)).report.problem?.code).toBe('vendor-credentials');
      expect(api.forbidden()).toEqual([]);
    });

    it('would not allow a path that does not exist, a missing token or a wrong body', async () => {
      const { api } = await scene('static');
      await fetch(`${api.url}/v2/devices`, { headers: { Authorization: 'Bearer x' } });
      await fetch(`${api.url}/v2/reports/1/run`, { method: 'POST' });
      await fetch(`${api.url}/v2/reports`, {
        method: 'POST',
        headers: { Authorization: 'Bearer x', 'Content-Type': 'application/json' },
        body: '{"name":"x"}',
      });
      expect(api.forbidden().length).toBeGreaterThanOrEqual(2);
    });
  },
);
