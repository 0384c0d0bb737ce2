import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CONNECTORS, findConnector } from '../../../collector/connect/catalogue.ts';
import { defineConnector, type ObserveStep, type Session } from '../../../collector/connect/connector.ts';
import { runAccount, runAccounts, vanished } from '../../../collector/connect/run.ts';
import { addressSettingOr, secretSetting, textSetting } from '../../../collector/connect/setting.ts';
import {
  type AccountHealth,
  accountState,
  afterProblem,
  afterSuccess,
  connectorState,
} from '../../../collector/connect/states.ts';
import { SOURCES } from '../../../shared/device/device.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { collect } from '../../support/vendors/collected.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

type Step = ObserveStep<{ at: number }>;

const record = (vendorId: string): Step => ({
  kind: 'observation',
  observation: {
    vendorId,
    kind: 'computer',
    identifiers: {
      serial: null,
      uuid: null,
      entraDeviceId: null,
      udid: null,
      falconAid: null,
      macs: [],
      hostname: null,
    },
    fields: { 'management.managed': { value: true } },
    observedAt: 1,
  },
});
const complete: Step = { kind: 'complete', covers: 'all', checkpoint: { at: 9 } };

/** A connector that says what it is told to. */
function saying(steps: (since: { at: number } | null) => Iterable<Step>): Session {
  const connector = defineConnector({
    id: 'sample',
    title: 'Sample',
    summary: 'For tests.',
    settings: z.object({
      name: textSetting({ title: 'Name', hint: 'Any.' }),
      secret: secretSetting({ title: 'Secret', hint: 'Hidden.' }),
      address: addressSettingOr('https://vendor.example/api', { title: 'Address', hint: 'Of the vendor.' }),
    }),
    accounts: { max: 1 },
    scopes: [],
    observes: {
      source: 'jamf',
      incremental: null,
      checkpoint: z.object({ at: z.number() }),
      cadence: { fullMs: 1000 },
      async *run(_, since) {
        yield* steps(since);
      },
    },
    open: () => null,
    check: async () => [],
    operations: {},
  });
  return connector.open(
    { id: 'main', settings: { name: 'n', secret: 'sssssssss' } },
    new SwiftTime().surroundings,
  );
}

describe('a run', () => {
  it('that ends with its word covers everything and says where to go on', async () => {
    const { report, observations } = await collect(saying(() => [record('1'), record('2'), complete]));
    expect(report).toEqual({
      connector: 'sample',
      account: 'main',
      covers: 'all',
      observed: 2,
      gone: 0,
      skipped: 0,
      skippedIds: [],
      checkpoint: { at: 9 },
      problem: null,
    });
    expect(observations[0]).toMatchObject({
      connector: 'sample',
      source: 'jamf',
      account: 'main',
      vendorId: '1',
    });
  });

  it('that breaks off keeps what it told and the last checkpoint', async () => {
    const { report } = await collect(
      saying(function* () {
        yield record('1');
        yield { kind: 'checkpoint', checkpoint: { at: 5 } };
        yield record('2');
        throw new Problem('vendor-failed', 'no');
      }),
      { at: 1 },
    );
    expect(report).toMatchObject({
      covers: 'broken',
      observed: 2,
      checkpoint: { at: 5 },
      problem: { code: 'vendor-failed' },
    });
  });

  it('that just stops is broken, not complete', async () => {
    const { report } = await collect(saying(() => [record('1')]));
    expect(report).toMatchObject({ covers: 'broken', checkpoint: null });
    expect(report.problem).not.toBeNull();
  });

  it('does not pass on a record that does not fit, and never takes it for gone', async () => {
    const bad = record('3');
    if (bad.kind === 'observation') bad.observation.fields['os.version'] = { value: 'x'.repeat(10_000) };
    const { report, observations } = await collect(saying(() => [bad, record('4'), complete]));
    expect(observations.map(({ vendorId }) => vendorId)).toEqual(['4']);
    expect(report).toMatchObject({ covers: 'all', skipped: 1, skippedIds: ['3'] });
  });

  it('that skipped a record without an id covers only a part', async () => {
    const { report } = await collect(saying(() => [{ kind: 'skipped', vendorId: null, why: 'x' }, complete]));
    expect(report).toMatchObject({ covers: 'partial', skipped: 1 });
  });

  it('starts anew when the checkpoint is of another version', async () => {
    const seen: unknown[] = [];
    const session = saying(since => {
      seen.push(since);
      return [complete];
    });
    await collect(session, { at: 4 });
    await collect(session, { place: 'old' });
    expect(seen).toEqual([{ at: 4 }, null]);
  });

  it('gives up its checkpoint when the vendor does not know it', async () => {
    const { report, restarts } = await collect(
      saying(function* () {
        yield { kind: 'restart', why: 'forgotten' };
        throw new Problem('vendor-failed', 'no');
      }),
      { at: 3 },
    );
    expect([report.checkpoint, restarts]).toEqual([null, ['forgotten']]);
  });

  it('throws what the taker throws', async () => {
    const run = runAccount(
      saying(() => [record('1'), complete]),
      null,
      {
        observation: () => {
          throw new Error('disk full');
        },
      },
    );
    await expect(run).rejects.toThrow('disk full');
  });

  it('of one account that fails does not touch the others', async () => {
    const sessions = ['1', '2', '3', '4', '5'].map(id =>
      saying(function* () {
        if (id === '3') throw new Problem('vendor-credentials', 'expired');
        yield record(id);
        yield complete;
      }),
    );
    const reports = await runAccounts(
      sessions.map(session => ({ session, since: null, take: { observation: () => undefined } })),
    );
    expect(reports.map(({ covers }) => covers)).toEqual(['all', 'all', 'broken', 'all', 'all']);
  });
});

describe('a record that did not come', () => {
  const many = Array.from({ length: 40 }, (_, i) => String(i));

  it('is gone only after a run that covered all, and never when it was merely unreadable', () => {
    const seen = new Set(['1', '2']);
    const known = ['1', '2', '3', '4'];
    expect(vanished(known, seen, { covers: 'all', skippedIds: ['4'] })).toEqual({
      ids: ['3'],
      isSuspicious: false,
    });
    for (const covers of ['changes', 'partial', 'broken'] as const) {
      expect(vanished(known, seen, { covers, skippedIds: [] }).ids).toEqual([]);
    }
  });

  it('is suspicious when half of all did not', () => {
    expect(vanished(many, new Set(many.slice(0, 20)), { covers: 'all', skippedIds: [] }).isSuspicious).toBe(
      true,
    );
    expect(vanished(many, new Set(many.slice(0, 30)), { covers: 'all', skippedIds: [] }).isSuspicious).toBe(
      false,
    );
  });
});

describe('settings', () => {
  const open = (settings: unknown) => () => {
    const connector = findConnector('intune');
    return connector?.checkSettings(settings);
  };

  it('that are wrong are named, and their values are not', () => {
    const wrong = {
      tenantId: 'no tenant!',
      clientId: 'x',
      clientSecret: '',
      graphUrl: 'http://graph.example',
    };
    let problem: unknown;
    try {
      open(wrong)();
    } catch (error) {
      problem = error;
    }
    expect(problem).toMatchObject({
      code: 'request-invalid',
      fields: ['tenantId', 'clientId', 'clientSecret', 'graphUrl'],
    });
    expect(String(problem)).not.toContain('no tenant!');
  });

  it('that do not exist are wrong, since a mistyped address must not mean the default one', () => {
    const mistyped = {
      tenantId: 'contoso.com',
      clientId: '66666666-7777-8888-9999-aaaaaaaaaaaa',
      clientSecret: 'x',
      graphURL: 'https://graph.example',
    };
    expect(open(mistyped)).toThrow('no such setting: graphURL');
  });

  it.each([
    'http://graph.microsoft.com/v1.0',
    'https://user:pass@graph.microsoft.com',
    'ftp://graph.microsoft.com',
    'https://graph.microsoft.com/?a=1',
    'javascript:alert(1)',
  ])('refuse the address %s', graphUrl => {
    expect(open({ graphUrl })).toThrow('graphUrl');
  });
});

describe('every connector', () => {
  it.each(CONNECTORS.map(connector => [connector.id, connector] as const))(
    '%s can be shown whole',
    (_, connector) => {
      expect(connector.settings.every(({ title, hint }) => title.length > 2 && hint.length > 5)).toBe(true);
      expect(connector.secrets.length).toBeGreaterThan(0);
      if (connector.observes !== null) expect(SOURCES).toContain(connector.observes.source);
      const scopes = connector.scopes.map(({ name }) => name);
      for (const operation of Object.values(connector.operations)) {
        expect(scopes).toContain(operation.scope);
        expect(operation.what.length).toBeGreaterThan(10);
      }
      expect(JSON.parse(JSON.stringify(connector.operations))).toEqual(connector.operations);
    },
  );

  it('has an id of its own', () => {
    expect(new Set(CONNECTORS.map(({ id }) => id)).size).toBe(CONNECTORS.length);
  });
});

describe('a state', () => {
  const fresh: AccountHealth = { workedAt: null, savedAt: 100, lastProblem: null };
  const expired = new Problem('vendor-credentials', 'expired');
  const busy = new Problem('vendor-throttled', 'later');

  it('is pending until it has worked with what was saved', () => {
    expect(accountState(fresh)).toBe('pending');
    expect(accountState(afterProblem(fresh, expired, 110))).toBe('pending');
    expect(accountState({ ...fresh, workedAt: 90 })).toBe('pending');
  });

  it('is configured once it worked, and stays so through trouble that passes', () => {
    const worked = afterSuccess(fresh, 200);
    expect(accountState(worked)).toBe('configured');
    expect(accountState(afterProblem(worked, busy, 300))).toBe('configured');
  });

  it('asks to reconnect when only a person can help, and no more once it works again', () => {
    const broken = afterProblem(afterSuccess(fresh, 200), expired, 300);
    expect(accountState(broken)).toBe('reconnect');
    expect(accountState(afterSuccess(broken, 400))).toBe('configured');
  });

  it('of a connector is not configured without accounts, and counts those with issues', () => {
    const works = afterSuccess(fresh, 200);
    const broken = afterProblem(works, expired, 300);
    expect(connectorState([])).toEqual({ state: 'not-configured', withIssues: 0 });
    expect(connectorState([fresh])).toEqual({ state: 'pending', withIssues: 0 });
    expect(connectorState([works, broken, broken])).toEqual({ state: 'configured', withIssues: 2 });
    expect(connectorState([broken])).toEqual({ state: 'reconnect', withIssues: 1 });
  });

  it('remembers since when the same thing has been wrong', () => {
    const twice = afterProblem(afterProblem(afterSuccess(fresh, 200), expired, 300), expired, 400);
    expect(twice.lastProblem).toMatchObject({ at: 400, since: 300 });
  });
});
