import { beforeEach, describe, expect, it } from 'vitest';
import { crowdstrike } from '../../../collector/connect/crowdstrike/connector.ts';
import { intune } from '../../../collector/connect/microsoft/connector.ts';
import type { StoredAccount } from '../../../collector/store/connectors.ts';
import { NEVER_ASKED } from '../../../collector/store/stored.ts';
import {
  decisionsResponse,
  deviceSourcesResponse,
  integrationsResponse,
  matchChangeResponse,
  matchIssuesResponse,
  matchPreviewResponse,
  precedencePreviewResponse,
  precedenceResponse,
} from '../../../shared/api/integrations.ts';
import { deviceResponse, devicesResponse } from '../../../shared/api/schemas.ts';
import { DAY, HOUR } from '../../../shared/base/durations.ts';
import type { Observation } from '../../../shared/device/observation.ts';
import { eventually } from '../../support/eventually.ts';
import { heard } from '../../support/observations.ts';
import { okFinding } from '../../support/records.ts';
import { identityOf, type Scene, startScene } from './scene.ts';

let scene: Scene;
let headers: Record<string, string>;

beforeEach(async () => {
  scene = await startScene({}, [intune, crowdstrike]);
  headers = await scene.token('admin');
  await scene.store.addAccount(accountOf('intune', 'berlin'));
  await scene.store.addAccount(accountOf('crowdstrike', 'eu'));
  await scene.accounts.load();
});

function accountOf(connector: string, account: string): StoredAccount {
  return {
    connector,
    account,
    label: account.toUpperCase(),
    settings: {},
    savedAt: 1,
    savedBy: 'test',
    demo: false,
    standing: NEVER_ASKED,
  };
}

/** A record of Berlin's Intune. */
async function tell(
  vendorId: string,
  identifiers: Partial<Observation['identifiers']>,
  told: Partial<Observation> = {},
): Promise<string> {
  const { account = 'berlin', connector = 'intune', fields = {} } = told;
  const one = heard(
    connector === 'crowdstrike' ? 'crowdstrike' : 'intune',
    { 'os.platform': { value: 'windows' }, ...fields },
    { ...told, account, connector, vendorId, observedAt: told.observedAt ?? scene.clock.now() - HOUR },
  );
  await scene.records.take(
    { connector, account },
    {
      observed: [
        {
          ...one,
          observation: {
            ...one.observation,
            identifiers: { ...one.observation.identifiers, ...identifiers },
          },
        },
      ],
      gone: [],
    },
  );
  return `${connector}/${account}/${vendorId}`;
}

/** An agent's device of this serial number. */
async function addAgent(id: string, serial: string | null): Promise<void> {
  await scene.addDevice(id, { identity: { ...identityOf(id.toUpperCase()), platform: 'windows', serial } });
  await scene.records.settle();
}

async function names(): Promise<string[]> {
  const { devices } = await scene.good('/api/v1/devices', devicesResponse, { headers });
  return devices.map(({ name, noAgent }) => (noAgent === true ? `${name} (no agent)` : name)).sort();
}

async function membersOf(id: string): Promise<string[]> {
  const { members } = await scene.good(`/api/v1/devices/${id}/sources`, deviceSourcesResponse, { headers });
  return members.map(({ key }) => key);
}

const preview = (body: unknown) =>
  scene.good('/api/v1/match/preview', matchPreviewResponse, { headers, body });
const decide = (body: unknown) =>
  scene.good('/api/v1/match/decisions', matchChangeResponse, { method: 'PATCH', headers, body });

describe('a decision', () => {
  it('is told before it is made, and telling changes nothing', async () => {
    await addAgent('d-1', 'SER-1');
    const key = await tell('r1', { serial: 'SER-1', hostname: 'LT-1' });
    const add = [{ kind: 'split', one: key, other: 'agent/d-1' }];
    const told = await preview({ add });
    expect(
      told.devices.map(({ name, isNew, members }) => [name, isNew, members.map(one => one.key)]),
    ).toEqual(
      expect.arrayContaining([
        ['D-1', false, ['agent/d-1']],
        ['LT-1', true, [key]],
      ]),
    );
    expect([told.gone, told.refused, await names()]).toEqual([[], [], ['D-1']]);
    expect((await scene.good('/api/v1/match/decisions', decisionsResponse, { headers })).decisions).toEqual(
      [],
    );
    await decide({ add });
    expect(await names()).toEqual(['D-1', 'LT-1 (no agent)']);
  });

  it('of several pins at once moves a record to another device and keeps it there, and is undone at once', async () => {
    await addAgent('d-1', 'SER-1');
    await addAgent('d-2', null);
    const key = await tell('r1', { serial: 'SER-1', hostname: 'LT-1' });
    expect(await membersOf('d-1')).toEqual(['agent/d-1', key]);
    const made = await decide({
      add: [
        { kind: 'join', one: key, other: 'agent/d-2' },
        { kind: 'split', one: key, other: 'agent/d-1' },
      ],
    });
    expect([await membersOf('d-1'), await membersOf('d-2')]).toEqual([['agent/d-1'], ['agent/d-2', key]]);
    await tell('r1', { serial: 'SER-1', hostname: 'LT-1 anew' });
    expect(await membersOf('d-2')).toEqual(['agent/d-2', key]);
    expect(made.added.map(({ one, other }) => [one.name, other.name])).toEqual([
      ['LT-1', 'D-2'],
      ['LT-1', 'D-1'],
    ]);
    const undone = await decide({ remove: made.added.map(({ id }) => id) });
    expect(undone.removed.map(({ id }) => id)).toEqual(made.added.map(({ id }) => id));
    expect(await membersOf('d-1')).toEqual(['agent/d-1', key]);
    expect((await scene.audited()).filter(line => line.startsWith('match.')).length).toBe(4);
  });

  it('that would not hold says why before it is made', async () => {
    await addAgent('d-1', 'SER-1');
    const key = await tell('r1', { serial: 'SER-2', hostname: 'LT-1' });
    const join = { kind: 'join', one: key, other: 'agent/d-1' };
    const told = await preview({ add: [join] });
    expect(told.refused.map(({ why }) => why)).toEqual([expect.stringContaining('serial numbers differ')]);
    const sure = await preview({ add: [{ ...join, despiteSerials: true }] });
    expect(sure.refused).toEqual([]);
    expect(sure.gone.map(({ name }) => name)).toEqual(['LT-1']);
  });

  it('that says nothing, or joins one with itself, is refused', async () => {
    const request = { method: 'PATCH', headers };
    for (const body of [
      {},
      { add: [], remove: [] },
      { add: [{ kind: 'join', one: 'a/b/c', other: 'a/b/c' }] },
    ]) {
      expect((await scene.refused('/api/v1/match/decisions', { ...request, body })).code).toBe(
        'request-invalid',
      );
    }
    const viewer = await scene.token('viewer');
    const body = { remove: ['some'] };
    for (const [method, path] of [
      ['PATCH', '/api/v1/match/decisions'],
      ['POST', '/api/v1/match/preview'],
      ['POST', '/api/v1/precedence/preview'],
    ] as const) {
      expect((await scene.refused(path, { method, headers: viewer, body })).code).toBe('role-missing');
    }
  });
});

describe('what there is to look at', () => {
  it('is listed by kind with whom it is about, and no more once it was left as it is', async () => {
    await addAgent('d-1', 'SER-1');
    const old = await tell('r1', { serial: 'SER-1', hostname: 'LT-1' }, { observedAt: 1000 });
    const young = await tell('r2', { serial: 'SER-1', hostname: 'LT-1' });
    const path = '/api/v1/match/issues';
    const { issues, counts } = await scene.good(path, matchIssuesResponse, { headers });
    expect(counts).toMatchObject({ 'two-records': 1, clone: 0, 'no-agent': 0 });
    expect(issues).toMatchObject([
      {
        kind: 'two-records',
        members: [
          { key: young, source: 'intune', accountLabel: 'BERLIN', vendorId: 'r2', device: { id: 'd-1' } },
          { key: old },
        ],
      },
    ]);
    expect((await scene.good(`${path}?kind=clone`, matchIssuesResponse, { headers })).issues).toEqual([]);
    const { added } = await decide({ add: [{ kind: 'join', one: young, other: old }] });
    expect((await scene.good(path, matchIssuesResponse, { headers })).issues).toEqual([]);
    await decide({ remove: added.map(({ id }) => id) });
    expect((await scene.good(path, matchIssuesResponse, { headers })).issues).toHaveLength(1);
  });

  it('holds records that no agent’s device takes in, and those that stand in no list', async () => {
    await tell('r1', { serial: 'SER-1', hostname: 'LT-1' });
    await tell(
      'r2',
      { hostname: 'LT-2' },
      { fields: { 'os.platform': { value: null, reason: 'not-told' } } },
    );
    await tell('r3', { hostname: 'PHONE' }, { kind: 'mobile', fields: { 'os.platform': { value: 'ios' } } });
    const { issues, counts } = await scene.good('/api/v1/match/issues', matchIssuesResponse, { headers });
    expect(counts).toMatchObject({ 'no-agent': 1, 'no-row': 1 });
    expect(issues.map(({ kind, members }) => [kind, members[0]?.name])).toEqual([
      ['no-agent', 'LT-1'],
      ['no-row', 'LT-2'],
    ]);
  });

  it('is answered no longer than asked for, and counted all the same', async () => {
    for (let i = 0; i < 5; i += 1) await tell(`r${i}`, { serial: `SER-${i}`, hostname: `LT-${i}` });
    const { issues, counts } = await scene.good('/api/v1/match/issues?limit=2', matchIssuesResponse, {
      headers,
    });
    expect([issues.length, counts['no-agent']]).toEqual([2, 5]);
  });
});

describe('an agent', () => {
  it('is matched by the sensor’s id that its own check has found', async () => {
    const aid = 'ab'.repeat(16);
    await scene.addDevice('d-1', { identity: { ...identityOf('D-1'), platform: 'windows' } });
    await found('d-1', 'edr.falcon', {
      installed: true,
      running: true,
      reducedFunctionality: false,
      registered: true,
      connected: true,
      version: '7.1',
      agentId: aid,
    });
    const key = await tell(
      aid,
      { falconAid: aid, hostname: 'ANOTHER-NAME' },
      { connector: 'crowdstrike', account: 'eu' },
    );
    await eventually(async () => (await membersOf('d-1')).includes(key), { what: 'both are one' });
    const { members } = await scene.good('/api/v1/devices/d-1/sources', deviceSourcesResponse, { headers });
    expect(members.map(({ by }) => by)).toEqual(['falcon', 'falcon']);
  });

  it('whose sensor has no id yet is matched with nothing', async () => {
    await scene.addDevice('d-1', { identity: { ...identityOf('D-1'), platform: 'windows' } });
    await found('d-1', 'edr.falcon', {
      installed: true,
      running: null,
      reducedFunctionality: null,
      registered: null,
      connected: null,
      version: null,
      agentId: null,
    });
    await tell(
      'r1',
      { falconAid: 'cd'.repeat(16), hostname: 'D-1' },
      { connector: 'crowdstrike', account: 'eu' },
    );
    await scene.records.settle();
    expect(await names()).toEqual(['D-1', 'D-1 (no agent)']);
  });
});

async function found(device: string, scan: string, value: unknown): Promise<void> {
  await scene.store.commit([
    {
      device,
      stream: 's',
      after: 0,
      acked: 1,
      receivedAt: scene.clock.now(),
      findings: [{ at: scene.clock.now(), replace: false, changed: { [scan]: okFinding(value) }, kept: [] }],
    },
  ]);
}

describe('a contradiction', () => {
  it('stands in the device’s row, costs points with its reason, and is counted where it can be looked up', async () => {
    await addAgent('d-1', 'SER-1');
    await tell('r1', { serial: 'SER-1' }, { fields: { 'compliance.compliant': { value: true } } });
    const calm = await scene.good('/api/v1/devices/d-1', deviceResponse, { headers });
    expect(calm.row.contradictions).toBeUndefined();
    await tell(
      'r1',
      { serial: 'SER-1' },
      { fields: { 'compliance.compliant': { value: true }, 'encryption.system': { value: 'off' } } },
    );
    const { row, score } = await scene.good('/api/v1/devices/d-1', deviceResponse, { headers });
    expect(row.contradictions).toEqual([{ rule: 'compliant-unencrypted', weight: 'high' }]);
    expect(row.state).toBe('attention');
    const reasons = score.hazards.flatMap(hazard => hazard.reasons);
    expect(reasons).toContainEqual({
      key: 'score.compliance.contradicted',
      params: { count: 1 },
      evidence: 'contradictions',
      points: expect.any(Number),
    });
    const { devices } = await scene.good('/api/v1/integrations', integrationsResponse, { headers });
    expect(devices.contradicted).toBe(1);
  });
});

describe('whom to believe', () => {
  const put = (body: unknown) =>
    scene.good('/api/v1/precedence', precedenceResponse, { method: 'PUT', headers, body });

  it('is told in devices before it is changed, and telling changes nothing', async () => {
    await addAgent('d-1', 'SER-1');
    await addAgent('d-2', 'SER-2');
    await tell('r1', { serial: 'SER-1' }, { fields: { 'identity.hostname': { value: 'BY-INTUNE' } } });
    await tell('r2', { serial: 'SER-2' }, { fields: { 'identity.hostname': { value: 'D-2' } } });
    const order = { 'identity.hostname': ['intune', 'agent'] };
    const told = await scene.good('/api/v1/precedence/preview', precedencePreviewResponse, {
      headers,
      body: { order },
    });
    expect(told).toEqual({
      of: 2,
      devices: 1,
      fields: [{ field: 'identity.hostname', values: 1, sources: 1 }],
      examples: [{ id: 'd-1', name: 'D-1' }],
    });
    const before = await scene.good('/api/v1/devices/d-1', deviceResponse, { headers });
    expect(before.record['identity.hostname']?.value).toBe('D-1');
    await put({ order, replaces: null });
    const after = await scene.good('/api/v1/devices/d-1', deviceResponse, { headers });
    expect(after.record['identity.hostname']).toMatchObject({ source: 'intune', value: 'BY-INTUNE' });
  });

  it('is said with an age beyond which a value counts no more, and taken back by leaving it out', async () => {
    await addAgent('d-1', 'SER-1');
    await tell(
      'r1',
      { serial: 'SER-1' },
      { observedAt: scene.clock.now() - 2 * DAY, fields: { 'firewall.enabled': { value: true } } },
    );
    const value = async () =>
      (await scene.good('/api/v1/devices/d-1', deviceResponse, { headers })).record['firewall.enabled'];
    const { hash, defaultMaxAgeMs } = await scene.good('/api/v1/precedence', precedenceResponse, { headers });
    expect([hash, defaultMaxAgeMs['firewall.enabled'], (await value())?.value]).toEqual([
      null,
      7 * DAY,
      true,
    ]);
    const maxAgeMs = { 'firewall.enabled': DAY };
    const told = await scene.good('/api/v1/precedence/preview', precedencePreviewResponse, {
      headers,
      body: { order: {}, maxAgeMs },
    });
    expect(told.fields).toEqual([{ field: 'firewall.enabled', values: 1, sources: 0 }]);
    const changed = await put({ order: {}, maxAgeMs, replaces: null });
    expect(changed).toMatchObject({ order: {}, maxAgeMs });
    expect(await value()).toMatchObject({ value: null, reason: 'too-old', lastValue: true });
    const back = await put({ order: {}, replaces: changed.hash });
    expect(back.maxAgeMs).toEqual({});
    expect((await value())?.value).toBe(true);
  });

  it('is known again after a start, ages too, and as it was kept before there were ages', async () => {
    const order = { 'hardware.model': ['entra', 'agent'] };
    const maxAgeMs = { 'hardware.model': HOUR, 'firewall.enabled': null };
    await put({ order, maxAgeMs, replaces: null });
    await scene.records.load();
    expect(scene.records.rules['hardware.model'].maxAgeMs).toBe(HOUR);
    expect(scene.records.rules['firewall.enabled'].maxAgeMs).toBeNull();
    const { hash } = await scene.good('/api/v1/precedence', precedenceResponse, { headers });
    const older = {
      order: { 'os.name': ['jamf'] as const },
      hash: 'a'.repeat(16),
      changedAt: 1,
      changedBy: 'sam',
    };
    await scene.store.setPrecedence(older, hash);
    await scene.records.load();
    expect(await scene.good('/api/v1/precedence', precedenceResponse, { headers })).toMatchObject({
      order: { 'os.name': ['jamf'] },
      maxAgeMs: {},
    });
  });

  it('with an age that is none is refused', async () => {
    for (const age of [0, -1, 0.5, 'a day']) {
      const body = { order: {}, maxAgeMs: { 'firewall.enabled': age }, replaces: null };
      const request = { method: 'PUT', headers, body };
      expect((await scene.refused('/api/v1/precedence', request)).code).toBe('request-invalid');
    }
    expect(scene.records.precedence).toBeNull();
  });
});
