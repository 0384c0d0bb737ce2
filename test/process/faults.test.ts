import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { startChild } from '../support/child.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually, within } from '../support/eventually.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import { compareStored, WHOLE } from '../support/stored.ts';
import { closeAtEnd, temporaryFolder } from '../support/teardown.ts';
import { TestDevice } from '../support/test-device.ts';

const hasPrlimit = spawnSync('prlimit', ['--version'], { stdio: 'ignore' }).status === 0;

/** Largest size a file of this process may grow to; writes above it fail with EFBIG, as on a full disk with ENOSPC. */
function limitFiles(collector: CollectorProcess, bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(collector.pid), `--fsize=${bytes}:`]);
}

/** No file of the folder can grow any more. */
function fillDisk(collector: CollectorProcess): void {
  const sizes = readdirSync(collector.dataDir).map(name => statSync(join(collector.dataDir, name)).size);
  // The log is appended to where it ends, so its own size is what must be the limit; smaller files do not matter.
  const wal = statSync(join(collector.dataDir, 'trayline.sqlite-wal')).size;
  expect(sizes.length).toBeGreaterThan(0);
  limitFiles(collector, wal);
}

const readyz = async (collector: CollectorProcess) => (await fetch(`${collector.url}/readyz`)).status;

describe.skipIf(!hasPrlimit)('a disk that takes nothing any more (prlimit of util-linux)', () => {
  test('is told, nothing unstored is acknowledged, pages are served, and all is stored once there is room', async () => {
    const collector = await startCollector();
    const { secret: token } = await collector.admin.enrolmentToken();
    const devices = Array.from({ length: 3 }, () => new TestDevice({ url: collector.url, token }));
    for (const device of devices) device.stay();
    await eventually(() => devices.every(({ welcomes }) => welcomes > 0), { what: 'everybody in' });
    const streaming = setInterval(() => {
      for (const device of devices) device.sample();
    }, 20);
    closeAtEnd(() => clearInterval(streaming));
    await eventually(() => devices.every(({ acked }) => acked >= 20), { what: 'readings acknowledged' });
    expect(await readyz(collector)).toBe(200);

    fillDisk(collector);
    await eventually(() => devices.every(({ socket }) => socket?.isClosed?.code === 4507), {
      what: 'every device told that nothing can be stored',
      withinMs: 30_000,
      state: () => devices.map(({ socket }) => socket?.isClosed),
    });
    expect(await readyz(collector)).toBe(503);
    expect((await fetch(`${collector.url}/healthz`)).status).toBe(200);
    // Reading goes on.
    expect((await collector.admin.devices()).length).toBe(3);
    expect(await collector.problems('store-unavailable')).toBeGreaterThan(0);
    expect(
      collector.linesOf('store-unavailable').length +
        collector.log().split('frames could not be stored').length,
    ).toBeGreaterThan(1);
    expect(collector.over).toBe(false);
    const acked = devices.map(device => device.acked);

    limitFiles(collector, 'unlimited');
    await eventually(async () => (await readyz(collector)) === 200, {
      what: 'ready again',
      withinMs: 30_000,
    });
    await eventually(() => devices.every((device, i) => device.acked > (acked[i] ?? 0)), {
      what: 'acknowledgements again',
      withinMs: 60_000,
    });
    clearInterval(streaming);
    for (const device of devices) await device.delivered(60_000);
    for (const device of devices) await device.leave();
    await collector.stop();

    const stored = collector.stored();
    expect(stored.integrity).toBe('ok');
    for (const device of devices) {
      const readings = stored.readings(device.id).map(({ values }) => String(values[3]));
      expect(compareStored(device.written.map(String), readings)).toEqual(WHOLE);
    }
  });

  test('does not make the collector believe that it holds findings it could not store', async () => {
    const collector = await startCollector();
    const { secret: token } = await collector.admin.enrolmentToken();
    const device = new TestDevice({ url: collector.url, token });
    await device.connect();
    device.snapshot(healthyFindings(Date.now()));
    await device.delivered();

    fillDisk(collector);
    // Large enough to need room whatever the log has left.
    const changed = okFinding('x'.repeat(40_000), { hash: '00000000000000aa', at: Date.now() });
    device.write({ type: 'delta', at: Date.now(), findings: { 'company.own': changed } });
    expect((await device.socket?.end())?.code).toBe(4507);
    expect(device.unacked).toBe(1);

    limitFiles(collector, 'unlimited');
    const welcome = await device.connect();
    expect(Object.keys(welcome.have)).not.toContain('company.own');
    expect(Object.keys(welcome.have).length).toBe(Object.keys(healthyFindings()).length);
    await device.delivered();
    expect((await collector.admin.device(device.id)).findings['company.own']).toMatchObject({ status: 'ok' });
  });
});

/** Starts a collector that must not come up; gives how it ended. */
async function refusal(env: Record<string, string>): Promise<{ code: number | null; told: string }> {
  const child = startChild({
    script: 'collector/main.ts',
    env: { TRAYLINE_PORT: '0', TRAYLINE_DATA_DIR: temporaryFolder('data'), ...env },
  });
  const { code } = await within(child.exited, { what: 'the end of the collector', withinMs: 30_000 });
  expect(child.out()).toBe('');
  return { code, told: child.log() };
}

describe('a collector that cannot start ends with one sentence and its reason', () => {
  test('wrong settings: every wrong key is named, no value is', async () => {
    const { code, told } = await refusal({
      TRAYLINE_PORT: 'eighty-VALUE',
      TRAYLINE_LOG_LEVEL: 'shouting-VALUE',
      TRAYLINE_METRICS_TOKEN: 'short-VALUE',
      TRAYLINE_RETAIN_RAW_DAYS: '-1',
      TRAYLINE_PROT: 'typo-VALUE',
    });
    expect(code).toBe(1);
    expect(told).toContain('settings-invalid');
    for (const key of ['PORT', 'LOG_LEVEL', 'METRICS_TOKEN', 'RETAIN_RAW_DAYS', 'PROT']) {
      expect(told).toContain(`TRAYLINE_${key}`);
    }
    expect(told).not.toContain('VALUE');
  });

  test('a network address without TLS', async () => {
    const { code, told } = await refusal({ TRAYLINE_HOST: '192.0.2.7', TRAYLINE_PORT: '8620' });
    expect(code).toBe(1);
    expect(told).toContain('tls-required');
  });

  test('a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    closeAtEnd(() => other.close());
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { code, told } = await refusal({ TRAYLINE_PORT: String(port) });
    expect(code).toBe(1);
    expect(told).toContain('address-in-use');
  });

  test('a data folder that is no folder', async () => {
    const file = join(temporaryFolder('data'), 'file');
    writeFileSync(file, 'not a folder');
    const { code, told } = await refusal({ TRAYLINE_DATA_DIR: join(file, 'data') });
    expect(code).toBe(1);
    expect(told).toContain('data-folder-unwritable');
  });

  test.skipIf(process.platform !== 'linux')('a data folder where nothing can be made', async () => {
    // In /sys not even root makes a folder.
    const { code, told } = await refusal({ TRAYLINE_DATA_DIR: '/sys/trayline' });
    expect(code).toBe(1);
    expect(told).toContain('data-folder-unwritable');
  });

  test.skipIf(process.getuid?.() === 0)('a data folder it may not write (not as root, who may)', async () => {
    const folder = join(temporaryFolder('data'), 'locked');
    mkdirSync(folder, { mode: 0o500 });
    const { code, told } = await refusal({ TRAYLINE_DATA_DIR: folder });
    chmodSync(folder, 0o700);
    expect(code).toBe(1);
    expect(told).toContain('data-folder-unwritable');
  });

  test('a data folder that another collector uses, which is not disturbed', async () => {
    const collector = await startCollector();
    const { code, told } = await refusal({ TRAYLINE_DATA_DIR: collector.dataDir });
    expect(code).toBe(1);
    expect(told).toContain('data-folder-in-use');
    expect(await readyz(collector)).toBe(200);
    // A killed one leaves no lock behind.
    await collector.kill9();
    await collector.restart();
    expect(await readyz(collector)).toBe(200);
  });

  test('a database that a later version wrote, which is left as it is', async () => {
    const collector = await startCollector();
    await collector.stop();
    const path = join(collector.dataDir, 'trayline.sqlite');
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 999');
    database.close();
    const { code, told } = await refusal({ TRAYLINE_DATA_DIR: collector.dataDir });
    expect(code).toBe(1);
    expect(told).toContain('store-newer');
    const after = new DatabaseSync(path, { readOnly: true });
    expect(after.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 999 });
    after.close();
  });

  test('a database that is damaged', async () => {
    const folder = temporaryFolder('data');
    writeFileSync(
      join(folder, 'trayline.sqlite'),
      'this is not a database, it only has its name'.repeat(100),
    );
    const { code, told } = await refusal({ TRAYLINE_DATA_DIR: folder });
    expect(code).toBe(1);
    expect(told).toContain('store-unavailable');
  });
});
