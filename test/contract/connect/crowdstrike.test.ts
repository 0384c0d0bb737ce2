import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aidOf, FALCON_CLIENT } from '../../../build/demo/vendors/fake-falcon.ts';
import { type Answer, type Asked, FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { crowdstrike, defineCrowdstrike } from '../../../collector/connect/crowdstrike/connector.ts';
import { noContracts, noRecordings, recordedPath, startContract } from '../../support/contract-server.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

async function scene(mode: 'static' | 'dynamic', prefer?: string) {
  const server = await startContract({
    spec: 'crowdstrike',
    mode,
    prefer: (_, path) => (path.startsWith('/oauth2/') ? undefined : prefer),
    mend: mended,
  });
  const session = crowdstrike.open(
    { id: 'main', settings: { ...FALCON_CLIENT, apiUrl: server.url } },
    new SwiftTime().surroundings,
  );
  return { server, session };
}

/**
 * What the mock makes up and the vendor never would: errors beside a success, a lifetime of nothing, a cursor without end,
 * a count that no page reaches.
 */
function mended(path: string, body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  if (path.startsWith('/oauth2/token') && 'access_token' in body) return { ...body, expires_in: 1799 };
  if (!('resources' in body) || !Array.isArray(body.resources)) return body;
  const pagination = { total: body.resources.length, next: '', offset: '', after: '' };
  return { ...body, errors: null, meta: { query_time: 0.1, trace_id: 't', pagination } };
}

describe.skipIf(noContracts !== null)(`Falcon’s specification (${noContracts ?? 'at hand'})`, () => {
  describe.each(['static', 'dynamic'] as const)('%s', mode => {
    it('allows signing in and every check', async () => {
      const { server, session } = await scene(mode);
      expect((await session.check()).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      expect(server.forbidden()).toEqual([]);
    });

    it('allows a full run, a run from a checkpoint and reading one host', async () => {
      const { server, session } = await scene(mode);
      const full = await collect(session);
      expect(full.report).toMatchObject({ problem: null });
      const since = { seenUntil: Date.UTC(2026, 0, 1), region: null };
      expect((await collect(session, since)).report.problem).toBeNull();
      await session.observeOne(aidOf(1));
      expect(server.forbidden()).toEqual([]);
      if (mode === 'static') expect(full.report.observed).toBeGreaterThan(0);
    });

    it('allows the audit and the scores', async () => {
      const { server, session } = await scene(mode);
      for (const inquiry of Object.keys(crowdstrike.inquiries)) {
        expect((await session.inquire({ inquiry, target: '' })).whole).toBe(true);
      }
      expect(server.forbidden()).toEqual([]);
    });

    it('allows every operation and following it', async () => {
      const { server, session } = await scene(mode);
      for (const operation of Object.keys(crowdstrike.operations)) {
        const outcome = await session.act({ operation, target: aidOf(1), parameters: {} });
        expect([operation, outcome.outcome]).toEqual([operation, 'accepted']);
        await session.follow(aidOf(1), 'tracking' in outcome ? (outcome.tracking ?? '') : '');
      }
      expect(server.forbidden()).toEqual([]);
    });
  });

  it.each([
    [403, 'vendor-permission'],
    [429, 'vendor-throttled'],
    [500, 'vendor-failed'],
  ])('has a refusal with %i, which is the problem %s', async (status, code) => {
    const { server, session } = await scene('dynamic', `code=${status}`);
    const { report } = await collect(session);
    expect([report.covers, report.problem?.code]).toEqual(['broken', code]);
    expect(server.forbidden()).toEqual([]);
  });
});

describe.skipIf(noRecordings !== null)(`recorded answers (${noRecordings ?? 'at hand'})`, () => {
  const text = (name: string): string => readFileSync(recordedPath(name), 'utf8');
  const body = (name: string, status = 200): Answer => ({
    status,
    text: text(name),
    headers: { 'Content-Type': 'application/json' },
  });

  async function replay(answer: (asked: Asked) => Answer | undefined) {
    const vendor = await FakeVendor.start(
      answer,
      ({ path }) => (path === '/oauth2/token' ? body('crowdstrike-token-response.json', 201) : undefined),
      ({ path }) =>
        path.includes('assessments') || path.includes('online-state')
          ? { json: { meta: {}, errors: null, resources: [] } }
          : undefined,
    );
    const settings = { ...FALCON_CLIENT, apiUrl: vendor.url };
    return { vendor, session: crowdstrike.open({ id: 'main', settings }, new SwiftTime().surroundings) };
  }

  it('of a scroll are read to its end, with a number in them that no double holds', async () => {
    const { session } = await replay(({ path, query }) => {
      if (path.includes('devices-scroll')) {
        return body(`crowdstrike-devices-scroll${query.has('offset') ? '-end' : ''}.json`);
      }
      return path === '/devices/entities/devices/v2' ? body('crowdstrike-devices-entities.json') : undefined;
    });
    const { report, observations } = await collect(session);
    // The recording counts two and has one: what is missing is not gone.
    expect(report).toMatchObject({ covers: 'partial', observed: 1, problem: null });
    const [host] = observations;
    expect(host?.identifiers.macs).toEqual(['08:00:27:51:56:d8']);
    expect(host?.fields['edr.policyApplied']?.value).toBe(false);
    expect(host?.fields['edr.containment']?.value).toBe('normal');
  });

  it('of an assessment say the score and what is wanting', async () => {
    const { resources } = JSON.parse(text('crowdstrike-zta-assessment.json')) as {
      resources: { aid: string }[];
    };
    const aid = resources[0]?.aid ?? '';
    const { session } = await replay(({ path }) => {
      if (path.endsWith('/entities/assessments/v1')) return body('crowdstrike-zta-assessment.json');
      if (path !== '/devices/combined/devices/v1') return undefined;
      return { json: { meta: { pagination: { total: 1 } }, errors: null, resources: [{ device_id: aid }] } };
    });
    const { report, observations } = await collect(session);
    expect(report).toMatchObject({ covers: 'all', observed: 1 });
    const [host] = observations;
    expect(host?.fields['edr.ztaScore']?.value).toBe(19);
    expect(host?.fields['edr.ztaUnmet']?.value).toContain('Stealth Mode');
    expect(host?.fields['edr.ztaUnmet']?.value).not.toContain('FileVault');
    expect(host?.identifiers.serial).toBe('C02D91CNPV4M');
  });

  it('of scores, whose errors are null, are whole', async () => {
    const { session } = await replay(({ path }) =>
      path.endsWith('/queries/assessments/v1') ? body('crowdstrike-zta-by-score.json') : undefined,
    );
    expect(await session.inquire({ inquiry: 'scores', target: '' })).toEqual({
      rows: [{ vendorId: '4a027b0c95404062be4148c989dcf4ce', score: 19 }],
      whole: true,
    });
  });

  it.each([
    [400, 'Failed to generate access token'],
    [403, 'Not Authorized'],
  ])('of a sign-in refused with %i are told in their words', async (status, words) => {
    const { session } = await replay(() => body(`crowdstrike-token-error-${status}.json`, status));
    const [line] = await session.check();
    expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
    expect(line?.detail).toContain(words);
  });

  it('of the wrong region lead to the region they name, and nowhere else', async () => {
    const headers = JSON.parse(text('crowdstrike-308-redirect-headers.json')) as Record<string, string>;
    const home = await FakeVendor.start(({ path }) =>
      path === '/oauth2/token' ? body('crowdstrike-token-response.json', 201) : undefined,
    );
    const named = new URL(headers.location ?? '');
    const location = (host: string) => ({ 'X-Cs-Region': headers['x-cs-region'] ?? '', Location: host });
    const { vendor } = await replay(() => ({
      status: 308,
      headers: location(`${home.url}${named.pathname}`),
    }));
    const regions = { 'us-1': vendor.url, 'us-2': home.url };
    const settings = { ...FALCON_CLIENT, apiUrl: vendor.url };
    const session = defineCrowdstrike(regions).open({ id: 'main', settings }, new SwiftTime().surroundings);
    expect((await session.check())[0]).toMatchObject({ outcome: 'ok', detail: 'region us-2' });
    expect(home.to('/oauth2/token').length).toBe(1);
  });
});
