import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { JAMF_CLIENT } from '../../../build/demo/vendors/fake-jamf.ts';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { jamf } from '../../../collector/connect/jamf/connector.ts';
import { noContracts, noRecordings, recordedPath, startContract } from '../../support/contract-server.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

const SERVER_VERSIONS = ['11.30.0', '11.25.0', '11.7.1'];

async function scene(mode: 'static' | 'dynamic', version = '11.30.0', prefer?: string) {
  const server = await startContract({
    spec: 'jamf-pro',
    basePath: '/api',
    mode,
    prefer: (_, path) => (path.includes('/oauth/') ? undefined : prefer),
    mend: (path, body) => {
      if (path.startsWith('/v1/jamf-pro-version')) return { version };
      // A made-up lifetime, and a made-up count that no made-up list ever reaches.
      if (path.includes('/oauth/token')) return { ...(body as object), expires_in: 1200 };
      const list = body as { results?: unknown[]; totalCount?: number };
      return Array.isArray(list?.results) ? { ...list, totalCount: list.results.length } : body;
    },
  });
  const settings = { ...JAMF_CLIENT, serverUrl: server.url.replace(/\/api$/, '') };
  return { server, session: jamf.open({ id: 'main', settings }, new SwiftTime().surroundings) };
}

describe.skipIf(noContracts !== null)(`Jamf Pro’s own description (${noContracts ?? 'at hand'})`, () => {
  describe.each(['static', 'dynamic'] as const)('%s', mode => {
    it('allows signing in and every check', async () => {
      const { server, session } = await scene(mode);
      const lines = await session.check();
      expect(lines.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      expect(server.forbidden()).toEqual([]);
    });

    it.each(SERVER_VERSIONS)('allows a full run and a run from a checkpoint of version %s', async version => {
      const { server, session } = await scene(mode, version);
      const full = await collect(session);
      expect(full.report.problem).toBeNull();
      const since = { computersUntil: Date.UTC(2026, 0, 1), mobilesUntil: Date.UTC(2026, 0, 1) };
      expect((await collect(session, since)).report.problem).toBeNull();
      expect(server.forbidden()).toEqual([]);
    });

    it('allows every operation and following it', async () => {
      const { server, session } = await scene(mode);
      const parameters: Record<string, unknown> = {
        DEVICE_INFORMATION: { queries: ['OSVersion'] },
        DEVICE_LOCK: { message: 'Locked', phoneNumber: '555', pin: '123456' },
        DELETE_USER: { userName: 'person', forceDeletion: true },
        ERASE_DEVICE: { pin: '123456', obliterationBehavior: 'Default' },
        ENABLE_LOST_MODE: { lostModeMessage: 'Lost' },
        RESTART_DEVICE: { notifyUser: true },
      };
      for (const operation of Object.keys(jamf.operations)) {
        const outcome = await session.act({
          operation,
          target: 'computer-1',
          parameters: parameters[operation] ?? {},
        });
        // The made-up record may lack what a command is addressed by; nothing may be left open.
        expect([operation, outcome.outcome]).not.toContain('unknown');
      }
      await session.observeOne('mobile-1');
      await session.follow('computer-1', 'b5e01b4e-7a6f-4c35-a4e9-2ac1f0b5a2f1');
      expect(server.forbidden()).toEqual([]);
      expect(
        server.requests.some(({ method, path }) => method === 'POST' && path === '/v2/mdm/commands'),
      ).toBe(true);
    });
  });

  it('has a refusal with 401, which is a problem of the credentials', async () => {
    const { server, session } = await scene('static', '11.30.0', 'code=401');
    expect((await collect(session)).report.problem?.code).toBe('vendor-credentials');
    expect(server.forbidden()).toEqual([]);
  });
});

describe.skipIf(noRecordings !== null)(`recorded answers (${noRecordings ?? 'at hand'})`, () => {
  const recorded = (name: string): unknown => JSON.parse(readFileSync(recordedPath(name), 'utf8'));
  const replay = async (computers: unknown, mobiles: unknown, rest: Record<string, unknown> = {}) => {
    const vendor = await FakeVendor.start(({ path }) => {
      if (path.endsWith('/token')) return { json: { access_token: 'recorded-token', expires_in: 1199 } };
      if (path.endsWith('/jamf-pro-version')) return { json: { version: '11.30.0' } };
      if (path.endsWith('/computers-inventory')) return { json: computers };
      if (path.endsWith('/mobile-devices/detail')) return { json: mobiles };
      const body = Object.entries(rest).find(([ending]) => path.endsWith(ending));
      return body === undefined ? undefined : { json: body[1] };
    });
    return jamf.open(
      { id: 'main', settings: { ...JAMF_CLIENT, serverUrl: vendor.url } },
      new SwiftTime().surroundings,
    );
  };
  const listOf = (...results: unknown[]) => ({ totalCount: results.length, results });

  it('of both kinds of device are read whole', async () => {
    const session = await replay(
      recorded('jamf-computers-inventory-list-v3.json'),
      recorded('jamf-mobile-devices-detail-list.json'),
    );
    const { report, of } = await collect(session);
    expect(report).toMatchObject({ covers: 'all', observed: 3, skipped: 0 });
    expect(of('computer-2').identifiers.serial).toBe('C02XYZ789GHI');
    expect(of('mobile-1').fields).toMatchObject({
      'management.managed': { value: true },
      'management.lastSyncAt': { value: Date.UTC(2022, 9, 17, 11, 48, 56, 307) },
      'battery.percent': { value: 60 },
    });
  });

  it.each(['v3', 'v4'])('of a computer by inventory %s tell its last contact', async version => {
    const session = await replay(listOf(recorded(`jamf-computer-inventory-${version}.json`)), listOf());
    const { report, of } = await collect(session);
    expect(report).toMatchObject({ covers: 'all', observed: 1 });
    expect(of('computer-1').fields['management.lastSyncAt']?.value).toBe(Date.UTC(2018, 9, 31, 18, 4, 13));
  });

  it('of a whole computer say how it is encrypted', async () => {
    const session = await replay(listOf(recorded('jamf-computer-inventory-v3.json')), listOf());
    const { fields } = (await collect(session)).of('computer-1');
    expect(fields['encryption.system']).toMatchObject({ value: 'encrypting', raw: 'ENCRYPTING' });
    expect(fields['encryption.keyEscrowed']?.value).toBe(true);
    expect(fields['management.autoEnrolled']?.value).toBe(true);
  });

  it('of a command that was sent and of commands that are listed are understood', async () => {
    const session = await replay(listOf(), listOf(), {
      '/computers-inventory/1': recorded('jamf-computer-inventory-v3.json'),
      '/mdm/commands': recorded('jamf-mdm-command-send.json'),
    });
    const outcome = await session.act({ operation: 'DEVICE_LOCK', target: 'computer-1', parameters: {} });
    expect(outcome).toEqual({ outcome: 'accepted', tracking: 'cmd-12345' });
    const listed = await replay(listOf(), listOf(), {
      '/mdm/commands': recorded('jamf-mdm-commands-list.json'),
    });
    expect(await listed.follow('computer-1', 'cmd-uuid-001')).toBe('done');
  });
});
