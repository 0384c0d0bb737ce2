import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { TENANT_CODE, UEM_ADMIN, UEM_CLIENT } from '../../../build/demo/vendors/fake-workspace-one.ts';
import { workspaceOne } from '../../../collector/connect/workspace-one/connector.ts';
import { startRouter } from '../../support/contract-router.ts';
import { noContracts, noRecordings, recordedPath, startContract } from '../../support/contract-server.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

/** Which file of the specification speaks of which address and version. */
const FILES = {
  'mdm 1': 'ws1-uem-mdm-v1',
  'mdm 2': 'ws1-uem-mdm-v2',
  'mdm 3': 'ws1-uem-mdm-v3',
  'mam 1': 'ws1-uem-mam-v1',
  'system 1': 'ws1-uem-system-v1',
} as const;

async function scene(
  mode: 'static' | 'dynamic',
  prefer?: (method: string, path: string) => string | undefined,
  mend?: (path: string, body: unknown) => unknown,
) {
  const servers = new Map(
    await Promise.all(
      Object.entries(FILES).map(
        async ([key, spec]) =>
          [
            key,
            await startContract({
              spec,
              mode,
              ...(prefer === undefined ? {} : { prefer }),
              ...(mend === undefined ? {} : { mend }),
            }),
          ] as const,
      ),
    ),
  );
  const login = await startContract({ spec: 'ws1-uem-token', mode });
  const url = await startRouter(({ url: path = '', headers }) => {
    const [, area = '', rest = ''] = /^\/api\/(mdm|mam|system)(\/.*)$/.exec(path) ?? [];
    const version = /version=(\d)/.exec(headers.accept ?? '')?.[1] ?? '1';
    const server = servers.get(`${area} ${version}`);
    return server === undefined ? undefined : { base: server.url, path: rest };
  });
  const open = (settings: Record<string, unknown> = {}) =>
    workspaceOne.open(
      {
        id: 'main',
        settings: {
          apiUrl: `${url}/api`,
          region: 'other',
          tokenUrl: `${login.url}/connect/token`,
          tenantCode: TENANT_CODE,
          ...UEM_CLIENT,
          ...settings,
        },
      },
      new SwiftTime().surroundings,
    );
  return {
    servers,
    open,
    forbidden: () => [...servers.values(), login].flatMap(server => server.forbidden()),
    asked: () =>
      [...servers.values()].flatMap(({ requests }) =>
        requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`),
      ),
  };
}

const UUID = 'dddddddd-0000-4000-8000-000000000001';

/** The mock’s listings never end: their own count is made that of the page, and ids those of a device. */
function oneOfAKind(path: string, body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const record: Record<string, unknown> = { ...body };
  for (const list of [
    'Devices',
    'devices',
    'DeviceProfiles',
    'app_items',
    'Application',
    'SearchResults',
    'SmartGroups',
  ]) {
    const items = record[list];
    if (!Array.isArray(items)) continue;
    const total = {
      Devices: 'Total',
      devices: 'total',
      app_items: 'TotalResults',
      SearchResults: 'RecordCount',
    }[list];
    record[total ?? 'Total'] = items.length;
  }
  if (Array.isArray(record.LocationGroups)) {
    record.Total = 1;
    record.LocationGroups = [{ Uuid: UUID, LgLevel: 0 }];
  }
  if (path.startsWith('/devices?')) return { ...record, Id: { Value: 5 }, Uuid: UUID, Platform: 'WinRT' };
  return record;
}

describe.skipIf(noContracts !== null)(
  `Workspace ONE’s own specification (${noContracts ?? 'at hand'})`,
  () => {
    describe.each(['static', 'dynamic'] as const)('%s', mode => {
      it('allows signing in in both ways, and every check', async () => {
        const { open, forbidden, asked } = await scene(mode);
        for (const settings of [{}, { signIn: 'basic', ...UEM_ADMIN }]) {
          const lines = await open(settings).check();
          expect(lines.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
        }
        expect(forbidden()).toEqual([]);
        expect(asked()).toEqual(Array(2).fill('GET /devices/search'));
      });

      it.each(['1', '2', '3'])(
        'allows a full run and a run from a checkpoint by search version %s',
        async version => {
          const { open, forbidden, asked } = await scene(mode, undefined, oneOfAKind);
          const session = open({ searchVersion: version });
          const runs = [await collect(session), await collect(session, { seenUntil: Date.UTC(2026, 0, 1) })];
          for (const { report } of runs) {
            expect([null, 'vendor-answer']).toContain(report.problem?.code ?? null);
            if (mode === 'static') expect(report).toMatchObject({ problem: null, observed: 1, skipped: 0 });
          }
          expect(forbidden()).toEqual([]);
          expect(asked()).toContain('GET /devices/search');
        },
      );

      it('allows reading one device, and every inquiry', async () => {
        const { open, forbidden, asked } = await scene(mode, undefined, oneOfAKind);
        const session = open();
        expect((await session.observeOne(UUID)).kind).toBe('observation');
        expect((await session.observeOne('5')).kind).toBe('observation');
        for (const [inquiry, { about }] of Object.entries(workspaceOne.inquiries)) {
          const told = await session.inquire({ inquiry, target: about === 'device' ? '5' : '' }).then(
            ({ rows }) => rows.length >= 0,
            (error: { code: string }) => error.code,
          );
          // The specification has no answer to a search for profiles.
          expect([inquiry, told]).toEqual([inquiry, inquiry === 'profiles' ? expect.anything() : true]);
        }
        expect(forbidden()).toEqual([]);
        expect(asked()).toContain(`GET /devices/${UUID}/workflows/status`);
      });

      it('allows every operation and following it', async () => {
        const { open, forbidden } = await scene(mode, undefined, oneOfAKind);
        const session = open();
        const attribute = { applicationGroup: 'trayline', name: 'risk', value: 'high' };
        const parameters: Record<string, unknown> = {
          CustomMdmCommand: { CommandXml: '<dict/>' },
          sendPush: { message: 'Hello' },
          sendEmail: { to: 'person@example.com', subject: 'Hello', message: 'Hello' },
          installProfile: { profileId: 12 },
          removeProfile: { profileId: 12 },
          setCustomAttributes: { attributes: [attribute] },
          addTag: { tagId: 7 },
          assignScript: {
            scriptUuid: UUID,
            name: 'Clean up',
            organizationGroupUuid: UUID,
            smartGroupUuids: [UUID],
            events: ['RUN_IMMEDIATELY'],
            schedule: 'SIX_HOURS',
          },
        };
        for (const [operation, { hasNoTarget }] of Object.entries(workspaceOne.operations)) {
          for (const target of hasNoTarget === true ? [''] : ['5', UUID]) {
            const outcome = await session.act({ operation, target, parameters: parameters[operation] ?? {} });
            const isBulk = operation === 'addTag' || operation === 'setCustomAttributes';
            // Made-up counts of a bulk answer may say anything.
            expect([operation, ['accepted', 'done'].includes(outcome.outcome) || isBulk]).toEqual([
              operation,
              true,
            ]);
            const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
            if (tracking !== '') {
              expect(['pending', 'done', 'failed', 'unknown']).toContain(
                await session.follow(target, tracking),
              );
            }
          }
        }
        expect(forbidden()).toEqual([]);
      });
    });

    it.each([
      [400, 'vendor-refused'],
      [401, 'vendor-credentials'],
      [429, 'vendor-throttled'],
    ])('has a refusal with %i, which is the problem %s', async (status, code) => {
      const { open, forbidden } = await scene('dynamic', () => `code=${status}`);
      const { report } = await collect(open());
      expect([report.covers, report.problem?.code]).toEqual(['broken', code]);
      expect(forbidden()).toEqual([]);
    });

    it('would not allow a path that does not exist, or a missing key', async () => {
      const { servers } = await scene('static');
      const mdm = servers.get('mdm 1');
      const headers = { Authorization: 'Bearer x', 'aw-tenant-code': 'x' };
      await fetch(`${mdm?.url}/devices/5/diagnostics`, { headers });
      await fetch(`${mdm?.url}/devices/search`, { headers: { Authorization: 'Bearer x' } });
      expect(mdm?.forbidden().length).toBe(2);
    });
  },
);

describe.skipIf(noRecordings !== null)(
  `Workspace ONE’s recorded answers (${noRecordings ?? 'at hand'})`,
  () => {
    const recorded = (name: string): unknown =>
      JSON.parse(readFileSync(recordedPath(`ws1-${name}.json`), 'utf8'));

    async function replay(
      answers: Record<string, { status?: number; json?: unknown; headers?: Record<string, string> }>,
    ) {
      const vendor = await FakeVendor.start(({ path }) => {
        if (path.endsWith('/token')) return { json: { access_token: 'a1b2c3d4e5', expires_in: 3600 } };
        return Object.entries(answers).find(([ending]) => path.endsWith(ending))?.[1];
      });
      const settings = {
        apiUrl: `${vendor.url}/api`,
        region: 'other',
        tokenUrl: `${vendor.url}/token`,
        tenantCode: TENANT_CODE,
        ...UEM_CLIENT,
      };
      return workspaceOne.open({ id: 'main', settings }, new SwiftTime().surroundings);
    }

    it('to a search are read, and the same number twice is one device short of its count', async () => {
      const { report, observations } = await collect(
        await replay({
          '/search': { json: recorded('devices-search-v1') },
          'dummy-uuid1': { json: recorded('device-get-uuid') },
        }),
      );
      // Both recorded entries have the number 5614.
      expect(observations.length).toBe(1);
      expect(report.covers).not.toBe('all');
      const [device] = observations;
      expect([device?.vendorId, device?.kind]).toEqual(['5614', 'computer']);
      expect(device?.observedAt).toBe(Date.UTC(2021, 5, 28, 4, 35, 20, 150));
      expect(device?.fields['management.ownership']).toMatchObject({ value: null, raw: 'Undefined' });
      expect(device?.fields['battery.percent']).toEqual({ value: null, reason: 'unreadable', raw: '700' });
      expect(device?.fields['compliance.compliant']?.value).toBe(true);
    });

    it('to a search without a match (204) are an empty whole', async () => {
      const recordedHeaders: Record<string, string> = Object(recorded('devices-search-empty-204-headers'));
      const { connection: _, ...headers } = recordedHeaders;
      const { report } = await collect(await replay({ '/search': { status: 204, headers } }));
      expect(report).toMatchObject({ covers: 'all', observed: 0, problem: null });
    });

    it('to a wrong API key are told in their words', async () => {
      const answer = { status: 403, json: recorded('error-invalid-tenant-code') };
      const [line] = await (await replay({ '/search': answer })).check();
      expect(line).toMatchObject({ outcome: 'failed', problem: { code: 'vendor-credentials' } });
      expect(line?.detail).toContain('1013: Tenant code');
    });

    it('of an event name the device', async () => {
      const session = await replay({});
      const body = JSON.stringify(recorded('event-notification'));
      expect(session.notice({ method: 'POST', authorization: null, body }).status).toBe(401);
      const settings = { noticeUser: 'uem', noticePassword: 'Fake notice pass' };
      const vendor = await FakeVendor.start();
      const listening = workspaceOne.open(
        { id: 'main', settings: { apiUrl: vendor.url, tenantCode: TENANT_CODE, ...UEM_CLIENT, ...settings } },
        new SwiftTime().surroundings,
      );
      const authorization = `Basic ${Buffer.from('uem:Fake notice pass').toString('base64')}`;
      expect(listening.notice({ method: 'POST', authorization, body })).toMatchObject({
        status: 200,
        vendorIds: ['10000'],
      });
    });

    it('of organization groups lead to the scripts of the highest', async () => {
      const session = await replay({
        '/groups/search': { json: recorded('groups-search') },
        '/groups/71b1202a-fc21-4239-bacb-5e74e35a820e/scripts': {
          json: { SearchResults: [], RecordCount: 0 },
        },
      });
      expect(await session.inquire({ inquiry: 'scripts', target: '' })).toEqual({ rows: [], whole: true });
    });
  },
);
