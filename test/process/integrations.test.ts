import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  directoryLaptop,
  FakeMicrosoft,
  managedLaptop,
  TENANT,
} from '../../build/demo/vendors/fake-microsoft.ts';
import { integrationsResponse, integrationTestResponse } from '../../shared/api/integrations.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { filesOf, formsOf } from '../support/secret-search.ts';

const PATH = '/api/v1/integrations';
/** Planted: nothing the collector writes may hold one, in any form a program might write it in. */
const WRONG_SECRET = 'Planted~wrong/secret+of=berlin&more';
const SECRETS = [TENANT.clientSecret, WRONG_SECRET];

let fake: FakeMicrosoft;
let collector: CollectorProcess;
let token: string;
/** Every body of an answer. */
let answers: string[];

beforeEach(async () => {
  fake = await FakeMicrosoft.start();
  for (let i = 1; i <= 3; i += 1) {
    const lastSyncDateTime = new Date(Date.now() - 60_000).toISOString();
    fake.managedDevices.set(String(managedLaptop(i).id), managedLaptop(i, { lastSyncDateTime }));
    fake.devices.set(String(directoryLaptop(i).id), directoryLaptop(i));
  }
  collector = await startCollector({ env: { TRAYLINE_LOG_LEVEL: 'trace' } });
  ({ secret: token } = await collector.admin.apiToken('admin'));
  answers = [];
});

async function ask(path: string, method: string, body?: unknown, url = collector.url): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  answers.push(text);
  return text === '' ? null : JSON.parse(text);
}

async function accounts(url = collector.url) {
  const { integrations } = integrationsResponse.parse(await ask(PATH, 'GET', undefined, url));
  return integrations.flatMap(one => one.accounts.map(account => ({ connector: one.id, ...account })));
}

describe('secrets of other systems', () => {
  it('are in nothing that the collector writes: log, answers, database', async () => {
    const wrong = { ...fake.settings, clientSecret: WRONG_SECRET };
    await ask(`${PATH}/entra/accounts`, 'POST', { account: 'berlin', label: 'Berlin', settings: wrong });
    const right = { account: 'paris', label: 'Paris', settings: fake.settings };
    await ask(`${PATH}/intune/accounts`, 'POST', right);
    await ask(`${PATH}/entra/accounts`, 'POST', {
      ...right,
      settings: { ...fake.settings, oops: WRONG_SECRET },
    });
    await eventually(
      async () => {
        const all = await accounts();
        const one = all.find(({ connector }) => connector === 'intune');
        const other = all.find(({ connector }) => connector === 'entra');
        return one?.lastRun?.observed === 3 && other?.problem?.code === 'vendor-credentials';
      },
      { what: 'one account was read, the other refused' },
    );
    const test = await ask(`${PATH}/entra/accounts/berlin/test`, 'POST');
    // The vendor repeats what it was sent; its words arrive without it.
    expect(integrationTestResponse.parse(test).lines[0]?.detail).toMatch(
      /^.*Invalid client secret.*redacted/,
    );
    await ask('/api/v1/audit?limit=100', 'GET');
    await ask('/api/v1/openapi.json', 'GET');
    await collector.stop();

    const secrets = [...SECRETS, ...fake.tokens].flatMap(formsOf);
    expect(fake.tokens.length).toBeGreaterThan(0);
    const files = filesOf(collector.dataDir).filter(({ name }) => name !== 'secret.key');
    expect(files.map(({ name }) => name)).toContain('trayline.sqlite');
    const key = readFileSync(join(collector.dataDir, 'secret.key'), 'utf8').trim();
    const written = [
      { name: 'log', content: Buffer.from(collector.log()) },
      { name: 'answers', content: Buffer.from(answers.join('\n')) },
      ...files,
    ];
    for (const { name, content } of written) {
      const found = [...secrets, key].filter(form => content.includes(form));
      expect({ name, found }).toEqual({ name, found: [] });
    }
    if (process.platform !== 'win32') {
      expect(statSync(join(collector.dataDir, 'secret.key')).mode & 0o777).toBe(0o600);
    }
  });

  it('are opened again after a start with the same key, and told to be unreadable with another', async () => {
    await ask(`${PATH}/intune/accounts`, 'POST', {
      account: 'berlin',
      label: 'Berlin',
      settings: fake.settings,
    });
    await eventually(async () => (await accounts())[0]?.state === 'configured', { what: 'it was read' });
    await collector.kill9();
    await collector.restart();
    const asked = fake.vendor.asked.length;
    await ask(`${PATH}/intune/accounts/berlin/run`, 'POST', { everything: true });
    await eventually(async () => fake.vendor.asked.length > asked, { what: 'it is asked again' });
    await collector.stop();

    const other = await startCollector({
      dataDir: collector.dataDir,
      env: { TRAYLINE_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') },
    });
    expect(other.log()).not.toContain(TENANT.clientSecret);
    const [account] = await accounts(other.url);
    expect(account).toMatchObject({ state: 'reconnect', problem: { code: 'secret-unreadable' } });
  });
});
