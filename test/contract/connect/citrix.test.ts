import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ADMINISTRATOR, CUSTOMER } from '../../../build/demo/vendors/fake-citrix.ts';
import { FakeVendor } from '../../../build/demo/vendors/fake-vendor.ts';
import { citrixEndpointManagement as citrix } from '../../../collector/connect/citrix/connector.ts';
import {
  type ContractServer,
  noContracts,
  noRecordings,
  recordedPath,
  startContract,
} from '../../support/contract-server.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

/** What values made up by a schema would never be true of: an envelope's status, and a list that ends. */
function mend(_path: string, body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('status' in body)) return body;
  return { ...body, status: 0 };
}

async function scene(
  mode: 'static' | 'dynamic',
  prefer?: (method: string, path: string) => string | undefined,
) {
  const server = await startContract({
    spec: 'citrix-endpoint-management',
    mode,
    ...(prefer === undefined ? {} : { prefer }),
    ...(mode === 'dynamic' ? { mend } : {}),
  });
  const cloud = await startContract({ spec: 'citrix-cloud-token', mode });
  const around = new SwiftTime().surroundings;
  const open = (settings: Record<string, unknown>) =>
    citrix.open({ id: 'main', settings: { serverUrl: server.url, ...settings } }, around);
  return {
    server,
    cloud,
    inCloud: (cloudSignIn = 'trust') =>
      open({ deployment: 'cloud', cloudSignIn, trustUrl: cloud.url, oauthUrl: cloud.url, ...CUSTOMER }),
    own: () => open({ deployment: 'on-premises', ...ADMINISTRATOR }),
    forbidden: () => [...server.forbidden(), ...cloud.forbidden()],
  };
}

const asked = ({ requests }: ContractServer) =>
  requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

describe.skipIf(noContracts !== null)(`Citrix’ own specification (${noContracts ?? 'at hand'})`, () => {
  describe.each(['static', 'dynamic'] as const)('%s', mode => {
    it('allows signing in in every way, and every check', async () => {
      const { cloud, server, inCloud, own, forbidden } = await scene(mode);
      for (const session of [inCloud('trust'), inCloud('oauth2'), own()]) {
        expect((await session.check()).filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      }
      expect(forbidden()).toEqual([]);
      expect(asked(cloud)).toEqual([
        `POST /${CUSTOMER.customerId}/tokens/clients`,
        `POST /cctrustoauth2/${CUSTOMER.customerId}/tokens/clients`,
      ]);
      expect(asked(server)).toContain('POST /xenmobile/api/v1/authentication/login/cloud');
      expect(asked(server)).toContain('POST /xenmobile/api/v1/authentication/login');
    });

    it('allows a full run, one device and every inquiry', async () => {
      const { own, forbidden } = await scene(mode);
      const session = own();
      const { report } = await collect(session);
      // A mock gives the same page for ever, which is the end of it where counts are made up.
      expect([null, 'vendor-answer']).toContain(report.problem?.code ?? null);
      if (mode === 'static') expect(report).toMatchObject({ problem: null, observed: 1, skipped: 0 });
      expect((await session.observeOne('17')).kind).toBe('observation');
      expect((await session.inquire({ inquiry: 'software', target: '17' })).rows.length).toBeGreaterThan(0);
      for (const inquiry of ['applications', 'deliveryGroups']) {
        const outcome = await session.inquire({ inquiry, target: '' }).then(
          ({ rows }) => rows.length > 0,
          (error: { code: string }) => error.code,
        );
        expect([true, 'vendor-answer']).toContain(outcome);
      }
      expect(forbidden()).toEqual([]);
    });

    it('allows every operation and following it', async () => {
      const { own, forbidden, server } = await scene(mode);
      const session = own();
      const parameters: Record<string, unknown> = {
        notify: { message: 'Hello' },
        lock: { newPinCode: '123456', lockMessage: 'Call us', phoneNumber: '+49 30 1234' },
        wipe: { pinCode: '1234', erasedMemoryCard: false },
        updateApplication: { applicationId: 4, name: 'Word', categories: ['Default'], roles: ['AllUsers'] },
        updateApplicationPlatform: {
          applicationId: 4,
          platform: 'iphone',
          displayName: 'Word',
          faqs: [{ question: 'Why?', answer: 'Because' }],
        },
        deployDeliveryGroups: { groups: [23, 25] },
      };
      for (const [operation, { hasNoTarget }] of Object.entries(citrix.operations)) {
        const target = hasNoTarget === true ? '' : '17';
        const outcome = await session.act({ operation, target, parameters: parameters[operation] ?? {} });
        const expected = operation.startsWith('updateApplication') ? 'done' : 'accepted';
        // Made-up ids of notifications may say that none was made.
        expect([expected, ...(operation === 'notify' ? ['refused'] : [])]).toContain(outcome.outcome);
        const tracking = 'tracking' in outcome ? (outcome.tracking ?? '') : '';
        if (tracking !== '') {
          expect(['pending', 'done', 'unknown']).toContain(await session.follow('17', tracking));
        }
      }
      expect(forbidden()).toEqual([]);
      expect(server.requests.length).toBeGreaterThan(Object.keys(citrix.operations).length);
    });
  });

  it.each(['unlock', 'selwipe', 'wipe', 'locate', 'ring'])(
    'has %s fail inside a 200, which is a refusal in its words',
    async operation => {
      const { own, forbidden } = await scene('static', (_, path) =>
        path.includes(`/device/${operation}`) ? 'example=failure' : undefined,
      );
      const outcome = await own().act({ operation, target: '1', parameters: {} });
      expect(outcome).toMatchObject({ outcome: 'refused', problem: { code: 'vendor-refused' } });
      expect('problem' in outcome && outcome.problem.detail).toMatch(/Unable to/);
      expect(forbidden()).toEqual([]);
    },
  );

  it.each([
    [401, 'vendor-credentials'],
    [403, 'vendor-permission'],
  ])('has a refusal with %i, which is the problem %s after one new session', async (status, code) => {
    const { own, forbidden, server } = await scene('static', (_, path) =>
      path.endsWith('/filter') ? `code=${status}` : undefined,
    );
    const { report } = await collect(own());
    expect([report.covers, report.problem?.code]).toEqual(['broken', code]);
    expect(asked(server).filter(path => path.endsWith('/login')).length).toBe(2);
    expect(forbidden()).toEqual([]);
  });

  it('would not allow a path that does not exist, a missing session or a wrong body', async () => {
    const { server, cloud } = await scene('static');
    await fetch(`${server.url}/api/v1/apps`, { headers: { auth_token: 'x' } });
    await fetch(`${server.url}/xenmobile/api/v1/device/1`);
    await fetch(`${cloud.url}/c/tokens/clients`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"ClientId":"x"}',
    });
    expect([server.forbidden().length, cloud.forbidden().length]).toEqual([2, 1]);
  });
});

describe.skipIf(noRecordings !== null)(`Citrix’ recorded answers (${noRecordings ?? 'at hand'})`, () => {
  const recorded = (name: string): unknown =>
    JSON.parse(readFileSync(recordedPath(`cem-${name}.json`), 'utf8'));

  async function replay() {
    const vendor = await FakeVendor.start(({ path }) => {
      if (path.endsWith('/login')) return { json: { auth_token: 'a1b2c3d4:a1b2c3d4' } };
      if (path.endsWith('/devices/filter')) return { json: recorded('devices-filter') };
      if (path.endsWith('/application/filter')) return { json: recorded('application-filter') };
      if (path.endsWith('/deliverygroups/filter')) return { json: recorded('deliverygroups-filter') };
      if (path.endsWith('/selwipe')) return { json: recorded('action-error') };
      if (path.includes('/device/')) return { json: recorded('device-details') };
      return undefined;
    });
    const settings = { deployment: 'on-premises', serverUrl: vendor.url, ...ADMINISTRATOR };
    return citrix.open({ id: 'main', settings }, new SwiftTime().surroundings);
  }

  it('about devices are read whole', async () => {
    const { report, observations } = await collect(await replay());
    expect(report).toMatchObject({ covers: 'all', observed: 1, skipped: 0 });
    const [device] = observations;
    expect([device?.vendorId, device?.kind]).toEqual(['GUID', 'mobile']);
    expect(device?.observedAt).toBe(1479921911405);
    expect(device?.identifiers.serial).toBe('G7NLCDEQF146');
    expect(device?.fields['security.activationLock']?.value).toBe(true);
    expect(device?.fields['management.certificateEndsAt']?.value).toBe(1542990522000);
    // The recorded list was filtered by something else.
    expect(device?.fields['compliance.compliant']?.value).toBeNull();
  });

  it('about applications and delivery groups are read', async () => {
    const session = await replay();
    const apps = await session.inquire({ inquiry: 'applications', target: '' });
    expect(apps.rows.map(({ id, name }) => [id, name])).toEqual([
      ['3', 'WorxNotes'],
      ['4', 'Skype'],
    ]);
    expect(apps.whole).toBe(true);
  });

  it('about a failed action are told in their words', async () => {
    const outcome = await (await replay()).act({ operation: 'selwipe', target: '1', parameters: {} });
    expect(outcome).toMatchObject({ outcome: 'refused' });
    expect('problem' in outcome && outcome.problem.detail).toContain('Unable to perform selective wipe');
  });
});
