import { expect, it } from 'vitest';
import { FakeCitrix } from '../../build/demo/vendors/fake-citrix.ts';
import { FakeFalcon } from '../../build/demo/vendors/fake-falcon.ts';
import { FakeIntelligence } from '../../build/demo/vendors/fake-intelligence.ts';
import { FakeJamf } from '../../build/demo/vendors/fake-jamf.ts';
import { FakeJira } from '../../build/demo/vendors/fake-jira.ts';
import { FakeMicrosoft } from '../../build/demo/vendors/fake-microsoft.ts';
import { FakeServiceNow } from '../../build/demo/vendors/fake-servicenow.ts';
import type { Answer, Asked, FakeVendor } from '../../build/demo/vendors/fake-vendor.ts';
import { FakeWorkspaceOne } from '../../build/demo/vendors/fake-workspace-one.ts';
import { CONNECTORS } from '../../collector/connect/catalogue.ts';
import { type IntegrationAccount, integrationsResponse } from '../../shared/api/integrations.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { filesOf, formsOf } from '../support/secret-search.ts';

const PATH = '/api/v1/integrations';
/** Headers that carry what lets one in. */
const LETS_IN = ['authorization', 'aw-tenant-code', 'auth_token'] as const;

/** A vendor that repeats everything it was sent, in whatever envelope its connector reads words from. */
function echo(status: number): (asked: Asked) => Answer {
  return ({ headers, text }) => {
    const words = `You sent ${LETS_IN.map(name => String(headers[name] ?? '')).join(' ')} ${text}`;
    return {
      status,
      json: {
        error: { code: 'Echo', message: words, detail: words },
        error_description: words,
        errors: [{ code: 500, message: words, description: words, errorMessage: words }],
        errorMessage: words,
        errorCode: 1000,
        message: words,
        status: -1,
      },
    };
  };
}

const mayEnter = ({ headers }: Asked): boolean => LETS_IN.some(name => headers[name] !== undefined);

it('no secret of any vendor is in anything a collector writes, through success, expiry, failure and refusal', async () => {
  const [microsoft, jamf, falcon, citrix, uem, intelligence, now, jira] = await Promise.all([
    FakeMicrosoft.start(),
    FakeJamf.start(),
    FakeFalcon.start(),
    FakeCitrix.start(),
    FakeWorkspaceOne.start(),
    FakeIntelligence.start(),
    FakeServiceNow.start(),
    FakeJira.start(),
  ]);
  const settingsOf: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    intune: microsoft.settings,
    entra: microsoft.settings,
    jamf: jamf.settings,
    crowdstrike: falcon.settings,
    'citrix-endpoint-management': citrix.ownSettings,
    'workspace-one': { ...uem.settings, noticeUser: 'uem', noticePassword: 'Planted of calls/1+2=3' },
    'workspace-one-intelligence': intelligence.settings,
    servicenow: now.settings,
    'jira-service-management': jira.settings,
  };
  expect(Object.keys(settingsOf).toSorted()).toEqual(CONNECTORS.map(({ id }) => id).toSorted());
  const vendors: readonly FakeVendor[] = [microsoft, jamf, falcon, citrix, uem, intelligence, now, jira].map(
    ({ vendor }) => vendor,
  );

  const collector = await startCollector({ env: { TRAYLINE_LOG_LEVEL: 'trace' } });
  const { secret: token } = await collector.admin.apiToken('admin');
  const answers: string[] = [];
  const ask = async (path: string, method: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${collector.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    answers.push(text);
    return text === '' || !answer.headers.get('content-type')?.includes('json') ? null : JSON.parse(text);
  };
  const accounts = async (): Promise<ReadonlyMap<string, IntegrationAccount>> => {
    const { integrations } = integrationsResponse.parse(await ask(PATH, 'GET'));
    return new Map(integrations.flatMap(({ id, accounts: own }) => own.map(one => [id, one])));
  };
  /** Until every account has been asked again and nothing is under way. */
  const settled = async (
    what: string,
    isSo: (account: IntegrationAccount, connector: string) => boolean,
  ): Promise<void> => {
    let left: string[] = [];
    await eventually(
      async () => {
        left = [...(await accounts())].flatMap(([id, one]) =>
          one.running === null && isSo(one, id) ? [] : [id],
        );
        return left.length === 0;
      },
      { what, withinMs: 120_000, state: () => left },
    );
  };
  const each = async (action: 'test' | 'run'): Promise<void> => {
    for (const { id, observes } of CONNECTORS) {
      if (action === 'run' && observes === null) continue;
      await ask(
        `${PATH}/${id}/accounts/main/${action}`,
        'POST',
        action === 'run' ? { everything: true } : undefined,
      );
    }
  };

  // Success.
  for (const { id } of CONNECTORS) {
    await ask(`${PATH}/${id}/accounts`, 'POST', { account: 'main', label: 'Main', settings: settingsOf[id] });
  }
  await settled('every account works', ({ state, problem }) => state === 'configured' && problem === null);

  // Expiry: the next that comes with what was granted is refused, in words that repeat it.
  for (const vendor of vendors) vendor.fault({ when: mayEnter, times: 1, does: echo(401) });
  await each('test');
  // A name and a password cannot be renewed: with those it is the next try that works.
  await each('test');
  await each('run');
  await settled('every account works again', ({ problem }) => problem === null);

  // Failure: whoever comes is told that it did not work, with everything that was sent.
  for (const vendor of vendors) vendor.fault({ times: 10_000, does: echo(400) });
  await each('test');
  await each('run');
  await settled('every account has a problem', ({ problem, lastCheck }) => {
    const failed = lastCheck?.lines.some(({ outcome }) => outcome === 'failed') === true;
    return failed && problem !== null;
  });

  // Refusal: other secrets, which nobody knows.
  const planted: string[] = [];
  for (const { id, settings } of CONNECTORS) {
    const wrong = settings
      .filter(({ key, kind }) => kind === 'secret' && settingsOf[id]?.[key] !== undefined)
      .map(({ key }): [string, string] => [key, `Planted~wrong/${id}+${key}=1&more`]);
    planted.push(...wrong.map(([, value]) => value));
    const account = (await accounts()).get(id);
    await ask(`${PATH}/${id}/accounts/main`, 'PUT', {
      label: 'Main',
      settings: { ...settingsOf[id], ...Object.fromEntries(wrong) },
      replaces: account?.savedAt,
    });
  }
  await each('test');
  await settled(
    'every account is refused',
    ({ lastCheck, problem }) => lastCheck !== null && problem !== null,
  );
  for (const path of [
    '/api/v1/audit?limit=500',
    '/api/openapi.json',
    '/metrics',
    '/api/v1/devices?limit=1000',
  ]) {
    await ask(path, 'GET');
  }
  await collector.stop();

  for (const { id, settings } of CONNECTORS) {
    for (const { key, kind } of settings) {
      const value = settingsOf[id]?.[key];
      if (kind === 'secret' && typeof value === 'string') planted.push(value);
    }
  }
  for (const { headers } of vendors.flatMap(({ asked }) => asked)) {
    for (const name of LETS_IN) {
      const value = headers[name];
      if (typeof value === 'string') planted.push(value.replace(/^\w+ /, ''));
    }
  }
  const written = [
    { name: 'log', content: Buffer.from(collector.log()) },
    { name: 'answers', content: Buffer.from(answers.join('\n')) },
    ...filesOf(collector.dataDir).filter(({ name }) => name !== 'secret.key'),
  ];
  // What the vendors repeated did arrive, without what must not.
  expect(answers.join('\n')).toContain('You sent');
  expect(written.map(({ name }) => name)).toContain('trayline.sqlite');
  const secrets = [...new Set(planted)];
  expect(secrets.length).toBeGreaterThan(20);
  for (const { name, content } of written) {
    const found = secrets.filter(secret => formsOf(secret).some(form => content.includes(form)));
    expect({ name, found }).toEqual({ name, found: [] });
  }
});
