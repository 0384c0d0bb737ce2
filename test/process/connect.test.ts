import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { detailedTablet, FakeCitrix, listedTablet } from '../../build/demo/vendors/fake-citrix.ts';
import {
  directoryLaptop,
  FakeMicrosoft,
  managedLaptop,
  TENANT,
} from '../../build/demo/vendors/fake-microsoft.ts';
import { startChild } from '../support/child.ts';
import { temporaryFolder } from '../support/teardown.ts';

let fake: FakeMicrosoft;
let folder: string;

beforeEach(async () => {
  fake = await FakeMicrosoft.start();
  folder = temporaryFolder('connect');
  for (let i = 1; i <= 3; i += 1) {
    fake.managedDevices.set(String(managedLaptop(i).id), managedLaptop(i));
    fake.devices.set(String(directoryLaptop(i).id), directoryLaptop(i));
  }
});

function settingsFile(settings: unknown): string {
  const path = join(folder, 'settings.json');
  writeFileSync(path, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return path;
}

async function connect(...args: string[]) {
  const child = startChild({ script: 'collector/connect/main.ts', args });
  const { code } = await child.exited;
  return { code, out: child.out(), log: child.log() };
}

const linesOf = (out: string): Record<string, unknown>[] =>
  out
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Record<string, unknown>);

describe('the connect command', () => {
  it('reads everything as JSON lines, ends with a report, and goes on from its checkpoint', async () => {
    const settings = settingsFile(fake.settings);
    const first = await connect('entra', '--settings', settings, '--json', '--observe');
    const lines = linesOf(first.out);
    expect(first).toMatchObject({ code: 0, log: '' });
    expect(lines.map(({ kind }) => kind)).toEqual([...Array(3).fill('observation'), 'checkpoint', 'report']);
    const report = lines.at(-1);
    expect(report).toMatchObject({ account: 'main', covers: 'all', observed: 3, problem: null });
    fake.removeDevice(String(directoryLaptop(2).id));
    const since = JSON.stringify(report?.checkpoint);
    const next = await connect('entra', '--settings', settings, '--json', '--observe', '--since', since);
    expect(linesOf(next.out).map(({ kind }) => kind)).toEqual(['gone', 'checkpoint', 'report']);
  });

  it('checks every account, and ends with 1 when one of them fails', async () => {
    const settings = settingsFile({
      accounts: [
        { id: 'berlin', ...fake.settings },
        { id: 'paris', ...fake.settings, clientSecret: 'a-wrong-secret-of-paris' },
      ],
    });
    const { code, out } = await connect('intune', '--settings', settings, '--json', '--check');
    const failed = linesOf(out).filter(({ outcome }) => outcome === 'failed');
    expect([code, failed.length, failed[0]?.account, failed[0]?.code]).toEqual([
      1,
      1,
      'paris',
      'vendor-credentials',
    ]);
    expect((await connect('intune', '--settings', settings, '--account', 'berlin')).code).toBe(0);
  });

  it('has an operation done, and follows it', async () => {
    const settings = settingsFile(fake.settings);
    const target = String(managedLaptop(1).id);
    const act = await connect(
      'intune',
      '--settings',
      settings,
      '--json',
      '--act',
      'rebootNow',
      '--target',
      target,
    );
    const [line] = linesOf(act.out);
    expect([act.code, line?.outcome]).toEqual([0, 'accepted']);
    expect(fake.actions).toEqual([{ device: target, name: 'rebootNow', body: undefined }]);
    const args = ['--follow', String(line?.tracking), '--target', target, '--json'];
    expect(linesOf((await connect('intune', '--settings', settings, ...args)).out)[0]?.outcome).toBe(
      'pending',
    );
  });

  it('asks beside the devices, a line a row', async () => {
    const citrix = await FakeCitrix.start();
    citrix.add(listedTablet(1), detailedTablet(1));
    const settings = settingsFile(citrix.ownSettings);
    const args = ['citrix-endpoint-management', '--settings', settings, '--json', '--inquire', 'software'];
    const asked = await connect(...args, '--target', '1');
    expect([asked.code, linesOf(asked.out)]).toMatchObject([
      0,
      [
        { kind: 'row', account: 'main', row: { name: 'Hub' } },
        { kind: 'inquired', inquiry: 'software', rows: 1, whole: true },
      ],
    ]);
    expect((await connect(...args)).code).toBe(2);
  });

  it('ends with 3 when it cannot be told whether an operation was taken, and with 1 when it was refused', async () => {
    const settings = settingsFile(fake.settings);
    const args = ['intune', '--settings', settings, '--json', '--act', 'rebootNow', '--target'];
    fake.vendor.fault({ when: ({ path }) => path.endsWith('/rebootNow'), does: 'hang-up' });
    expect((await connect(...args, String(managedLaptop(1).id))).code).toBe(3);
    expect((await connect(...args, 'nobody')).code).toBe(1);
  });

  it('says what is wrong with its arguments and settings and ends with 2', async () => {
    const settings = settingsFile(fake.settings);
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, `{"clientSecret": "${TENANT.clientSecret}" oops`);
    const results = await Promise.all([
      connect(),
      connect('nothing', '--settings', settings),
      connect('intune'),
      connect('intune', '--settings', join(folder, 'missing.json')),
      connect('intune', '--settings', broken),
      connect('intune', '--settings', settings, '--observe', '--check'),
      connect('intune', '--settings', settings, '--act', 'fly', '--target', 'x'),
      connect('intune', '--settings', settings, '--frobnicate'),
    ]);
    expect(results.map(({ code }) => code)).toEqual(Array(results.length).fill(2));
    expect(results.filter(({ log }) => !log.startsWith('connect: '))).toEqual([]);
    expect(results.map(({ log, out }) => log + out).join('')).not.toContain(TENANT.clientSecret);
  });

  it('lists every connector with its settings, scopes and operations', async () => {
    const { code, out } = await connect('--list', '--json');
    expect([
      code,
      linesOf(out)
        .map(({ id }) => id)
        .includes('intune'),
    ]).toEqual([0, true]);
  });

  it('writes no secret and no token, whatever happens', async () => {
    const wrongSecret = 'Mistyped~secret/9+x=y';
    const good = settingsFile(fake.settings);
    const wrong = join(folder, 'wrong.json');
    writeFileSync(wrong, JSON.stringify({ ...fake.settings, clientSecret: wrongSecret }));
    // A vendor that repeats what it was sent, in an error and in a record.
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/managedDevices'),
      does: ({ headers }) => ({
        status: 400,
        json: {
          error: { code: 'Echo', message: `You sent ${headers.authorization} and ${TENANT.clientSecret}` },
        },
      }),
    });
    fake.vendor.fault({
      when: ({ path }) => path.endsWith('/managedDevices'),
      does: ({ headers }) => ({
        json: {
          value: [managedLaptop(1, { deviceName: `x ${headers.authorization} ${TENANT.clientSecret}` })],
        },
      }),
    });
    const runs = [
      await connect('intune', '--settings', good, '--json', '--observe'),
      await connect('intune', '--settings', good, '--json', '--observe'),
      await connect('intune', '--settings', good, '--observe'),
      await connect('intune', '--settings', wrong, '--json', '--check'),
      await connect('intune', '--settings', wrong, '--observe'),
    ];
    const written = runs.map(({ out, log }) => out + log).join('\n');
    expect(written).toContain('[redacted]');
    const secrets = [TENANT.clientSecret, wrongSecret].flatMap(secret => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ]);
    expect(fake.tokens.length).toBeGreaterThan(0);
    expect([...secrets, ...fake.tokens].filter(secret => written.includes(secret))).toEqual([]);
  });
});
