import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { FakeMicrosoft, managedLaptop } from '../../build/demo/vendors/fake-microsoft.ts';
import { integrationsResponse } from '../../shared/api/integrations.ts';
import { ADMIN_PASSWORD, ApiClient } from '../support/api-client.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { ConsolePage } from '../support/console-page.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { keptInMongo, numberIn } from '../support/kept.ts';
import { findMongod, ReplicaSet } from '../support/mongod.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import { compareStored } from '../support/stored.ts';
import { hashOf } from '../support/streaming.ts';
import { newIdentity, Refused, TestDevice } from '../support/test-device.ts';

const program = await findMongod();
/** Seconds; short, so that a frozen collector is missed soon. */
const LEASE_S = 6;

interface Pair {
  readonly url: string;
  readonly one: CollectorProcess;
  readonly other: CollectorProcess;
  readonly token: string;
}

describe.skipIf(program === null)('several collectors on one MongoDB', () => {
  let set: ReplicaSet;
  beforeAll(async () => {
    set = await ReplicaSet.start(program ?? '');
  });

  async function start(url: string): Promise<CollectorProcess> {
    const collector = await startCollector({
      env: {
        TRAYLINE_STORE: url,
        TRAYLINE_LEASE_S: String(LEASE_S),
        TRAYLINE_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
        TRAYLINE_LOG_LEVEL: 'debug',
      },
    });
    onTestFinished(() => collector.kill9());
    return collector;
  }

  async function pair(): Promise<Pair> {
    const url = set.url(`many-${randomBytes(4).toString('hex')}`);
    const one = await start(url);
    const { secret: token } = await one.admin.enrolmentToken();
    const other = await start(url);
    other.admin = await ApiClient.signIn(other.url, 'admin', ADMIN_PASSWORD);
    return { url, one, other, token };
  }

  /** A page of this collector that shows the fleet. */
  async function fleetPage(collector: CollectorProcess): Promise<ConsolePage> {
    const page = await ConsolePage.opened(collector.url, collector.admin.session);
    page.send({ type: 'fleet', on: true });
    await page.frame('fleet', ({ done }) => done);
    return page;
  }

  function rowOn(page: ConsolePage, device: TestDevice, presence: 'live' | 'stale' | null = 'live') {
    return eventually(
      () => {
        const row = page.rows.get(device.id);
        return presence === null || row?.presence === presence ? row : null;
      },
      {
        what: `the row of ${device.id} as ${presence}`,
        withinMs: 40_000,
        state: () => page.rows.get(device.id) ?? 'no row',
      },
    );
  }

  test('each shows the devices of all: rows, findings, presence, and how many are live', async () => {
    const { url, one, other, token } = await pair();
    const here = await fleetPage(one);
    const device = new TestDevice({ url: other.url, token });
    await device.connect();
    expect((await rowOn(here, device)).name).toBe(device.identity.hostname);

    const findings = healthyFindings(Date.now());
    device.snapshot(findings);
    await eventually(() => here.rows.get(device.id)?.encryption === 'on', {
      what: 'what it found, at the other collector',
      state: () => here.rows.get(device.id),
    });
    const { row, findings: held, record } = await one.admin.device(device.id);
    expect(Object.keys(held).sort()).toEqual(Object.keys(findings).sort());
    expect(record['firewall.enabled']?.value).toBe(true);
    expect(row.firewall).toBe(true);
    await here.frame('collector', ({ status }) => status.devices.live === 1 && status.collectors === 2);

    const { 'fw.enabled': firewall } = findings;
    const value = firewall?.status === 'ok' ? (firewall.value as object) : {};
    device.write({
      type: 'delta',
      at: Date.now(),
      findings: {
        'fw.enabled': okFinding({ ...value, enabled: false }, { at: Date.now(), hash: hashOf(7) }),
      },
    });
    await eventually(() => here.rows.get(device.id)?.firewall === false, { what: 'the change' });
    expect((await one.admin.device(device.id)).record['firewall.enabled']?.value).toBe(false);

    // Started later, one knows as much.
    device.sample();
    const third = await start(url);
    third.admin = await ApiClient.signIn(third.url, 'admin', ADMIN_PASSWORD);
    expect((await rowOn(await fleetPage(third), device)).firewall).toBe(false);
    await here.frame('collector', ({ status }) => status.collectors === 3);
    device.drop();
    await rowOn(here, device, 'stale');
  });

  test('a page watches a device of another collector live, and its people are told who looks', async () => {
    const { one, other, token } = await pair();
    const device = new TestDevice({ url: other.url, token });
    await device.connect();
    device.snapshot(healthyFindings(Date.now()));
    await device.delivered();
    const page = await fleetPage(one);
    await rowOn(page, device);
    page.send({ type: 'watch', device: device.id });
    const watch = await device.socket?.frame('watch', ({ forMs }) => forMs > 0);
    expect(watch?.viewers.map(({ name }) => name)).toEqual(['Administrator']);
    await page.frame('device', ({ id }) => id === device.id);
    for (let n = 0; n < 5; n += 1) device.sample(1000 + n);
    await page.frame('live', ({ rows }) => rows.some(row => row[4] === 1004));

    const findings = healthyFindings(Date.now());
    const { uptime } = findings;
    if (uptime !== undefined) {
      device.write({ type: 'delta', at: Date.now(), findings: { uptime: { ...uptime, hash: hashOf(9) } } });
    }
    await page.frame('device', ({ device: told }) => told.findings.uptime?.hash === hashOf(9));

    const second = await ConsolePage.opened(other.url, other.admin.session);
    second.send({ type: 'watch', device: device.id });
    await second.frame('viewers', ({ viewers }) => viewers.length === 1);
    page.drop();
    second.send({ type: 'unwatch', device: device.id });
    await device.socket?.frame('watch', ({ forMs, viewers }) => forMs === 0 && viewers.length === 0);
  });

  test('a request for a scan, settings and a revocation reach the device wherever it is', async () => {
    const { one, other, token } = await pair();
    const device = new TestDevice({ url: other.url, token });
    await device.connect();
    const page = await fleetPage(one);
    await rowOn(page, device);

    expect(await one.admin.post(`/api/v1/devices/${device.id}/scan`, { scans: ['uptime'] })).toMatchObject({
      sent: true,
    });
    expect((await device.socket?.frame('request-scan'))?.scans).toEqual(['uptime']);

    await one.admin.put('/api/v1/agent-settings', {
      settings: { values: {}, subjects: null, osSupport: null },
      replaces: null,
    });
    const settings = await device.socket?.frame('settings', ({ hash }) => hash !== undefined);
    expect(settings?.hash).toMatch(/^[0-9a-f]{16}$/);

    await one.admin.post(`/api/v1/devices/${device.id}/revoke`);
    expect((await device.socket?.end())?.reason).toBe('device-revoked');
    await expect(device.connect()).rejects.toBeInstanceOf(Refused);
    expect(await other.admin.devices()).toEqual([]);
    await one.admin.post(`/api/v1/devices/${device.id}/restore`);
    await eventually(() => device.connect(), { what: 'it is let in again' });
    await rowOn(page, device);
    expect(await one.admin.post(`/api/v1/devices/${device.id}/scan`, {})).toMatchObject({ sent: true });
    device.drop();
    await rowOn(page, device, 'stale');
    expect(await one.admin.post(`/api/v1/devices/${device.id}/scan`, {})).toMatchObject({ sent: false });
  });

  test('a device that waits at one is seen, and admitted, at another', async () => {
    const { one, other } = await pair();
    const page = await ConsolePage.opened(one.url, one.admin.session);
    const device = new TestDevice({ url: other.url, admission: true });
    await expect(device.connect()).rejects.toMatchObject({ code: 'admission-waiting' });
    await page.frame('waiting', ({ count }) => count === 1);
    const [waiting] = await one.admin.waiting();
    await one.admin.post(`/api/v1/enrolment/waiting/${waiting?.id}/admit`);
    await device.connect();
    device.sample();
    await device.delivered();
    // And goes to the one that never saw it without being taken for a stranger.
    device.drop();
    device.url = one.url;
    await device.connect();
  });

  test('a device that moves leaves its old connection behind, which can write nothing any more', async () => {
    const { url, one, other, token } = await pair();
    const device = new TestDevice({ url: one.url, token });
    await device.connect();
    for (let n = 0; n < 20; n += 1) device.sample();
    await device.delivered();
    const old = device.socket;
    device.url = other.url;
    await device.connect();
    // What the half-open connection still brings would be the next number.
    old?.send({
      type: 'samples',
      seq: device.nextSeq,
      at: Date.now(),
      rows: [[Date.now(), 5, 40, 1e11, 999_999, 0, 0, 0, null]],
    });
    for (let n = 0; n < 20; n += 1) device.sample();
    await device.delivered();
    expect((await old?.end())?.reason).toBe('device-superseded');
    expect(old?.received.filter(({ type }) => type === 'ack').at(-1)).toMatchObject({ seq: 20 });
    for (let move = 0; move < 6; move += 1) {
      device.url = move % 2 === 0 ? one.url : other.url;
      await device.connect();
      device.sample();
      device.snapshot(healthyFindings(Date.now()));
      await device.delivered();
    }
    await one.stop();
    await other.stop();
    await expectWhole(url, [device]);
  });

  async function expectWhole(url: string, devices: readonly TestDevice[]): Promise<void> {
    const kept = await keptInMongo(url);
    for (const device of devices) {
      const stored = (await kept.readings(device.id)).map(numberIn);
      const compared = compareStored(device.written.map(String), stored);
      expect({ device: device.id, ...compared }).toEqual({
        device: device.id,
        lost: [],
        doubled: [],
        invented: [],
      });
    }
  }

  /** Devices that write all the time and come back to whichever of these collectors answers. */
  async function streaming(urls: readonly string[], token: string, count: number) {
    const devices = Array.from(
      { length: count },
      (_, n) => new TestDevice({ url: urls[n % urls.length] ?? '', token }),
    );
    let turn = 0;
    let going = true;
    const streams = devices.map(async device => {
      while (going) {
        if (device.deviceId !== null || device.written.length < 50) device.sample();
        await sleepFor(15);
      }
    });
    // As a balancer would: whoever has lost its connection is given the next one.
    const balancing = devices.map(async device => {
      while (going) {
        await device.connect().catch(() => undefined);
        if (device.socket?.isClosed === null) await device.socket.closed;
        turn += 1;
        device.url = urls[turn % urls.length] ?? '';
        if (going) await sleepFor(50);
      }
    });
    await eventually(() => devices.every(({ welcomes }) => welcomes > 0), {
      what: 'everybody is in',
      withinMs: 60_000,
    });
    return {
      devices,
      /** Waits until all have been acknowledged what they write from now on. */
      async resumed(what: string): Promise<void> {
        const from = devices.map(({ nextSeq }) => nextSeq);
        await eventually(() => devices.every(({ acked }, i) => acked >= (from[i] ?? 0)), {
          what: `acknowledgements after ${what}`,
          withinMs: 90_000,
          state: () => devices.map(({ acked, nextSeq, url }) => ({ acked, nextSeq, url })),
        });
      },
      async stop(): Promise<void> {
        going = false;
        await Promise.all(streams);
        for (const device of devices) await device.delivered(60_000);
        for (const device of devices) device.drop();
        await Promise.all(balancing);
      },
    };
  }

  test('restarted one after the other under load they lose and double nothing', async () => {
    const { url, one, other, token } = await pair();
    const scene = await streaming([one.url, other.url], token, 6);
    for (const collector of [one, other, one, other]) {
      await scene.resumed('the beginning');
      await collector.stop();
      await collector.restart();
      await scene.resumed('a restart');
    }
    await scene.stop();
    await one.stop();
    await other.stop();
    await expectWhole(url, scene.devices);
  });

  test('when one is killed its devices are taken in by the other, and shown so', async () => {
    const { url, one, other, token } = await pair();
    const scene = await streaming([one.url, other.url], token, 6);
    const page = await fleetPage(other);
    await scene.resumed('the beginning');
    await one.kill9();
    await scene.resumed('the kill');
    for (const device of scene.devices) await rowOn(page, device);
    await eventually(async () => /^trayline_collectors 1$/m.test(await other.metrics()), {
      what: 'the killed one is missed',
      withinMs: 60_000,
    });
    for (const device of scene.devices) await rowOn(page, device);
    await scene.stop();
    await other.stop();
    await expectWhole(url, scene.devices);
  });

  test('the devices of a killed one that come back nowhere are shown as not connected when its lease is out', async () => {
    const { one, other, token } = await pair();
    const device = new TestDevice({ url: one.url, token });
    await device.connect();
    device.sample();
    const page = await fleetPage(other);
    await rowOn(page, device);
    await one.kill9();
    await rowOn(page, device, 'stale');
  });

  test('one that was frozen for longer than its lease acknowledges nothing, sends its devices away and begins anew', async () => {
    const { url, one, other, token } = await pair();
    const scene = await streaming([one.url, other.url], token, 6);
    await scene.resumed('the beginning');
    const page = await fleetPage(other);
    process.kill(one.pid, 'SIGSTOP');
    const frozen = scene.devices.filter(({ socket }) => socket?.ws.url.includes(`:${one.port}/`));
    expect(frozen.length).toBeGreaterThan(0);
    const sockets = frozen.map(({ socket }) => socket);
    // What they write now lies in the frozen one's socket; half of them give up waiting and go to the other.
    await sleepFor(500);
    const staying = frozen.slice(0, Math.floor(frozen.length / 2));
    for (const device of frozen.slice(staying.length)) device.drop();
    await eventually(async () => /^trayline_collectors 1$/m.test(await other.metrics()), {
      what: 'the frozen one is missed',
      withinMs: 60_000,
    });
    for (const device of staying) await rowOn(page, device, 'stale');
    const acks = sockets.map(socket => socket?.received.filter(({ type }) => type === 'ack').length);
    process.kill(one.pid, 'SIGCONT');
    for (const device of staying) expect((await device.socket?.end())?.reason).toBe('store-unavailable');
    expect(sockets.map(socket => socket?.received.filter(({ type }) => type === 'ack').length)).toEqual(acks);
    await scene.resumed('waking');
    await eventually(async () => /^trayline_collectors 2$/m.test(await other.metrics()), {
      what: 'it is back as a new one',
      withinMs: 60_000,
    });
    await eventually(async () => (await fetch(`${one.url}/readyz`)).status === 200, { what: 'it is ready' });
    await scene.stop();
    await one.stop();
    await other.stop();
    await expectWhole(url, scene.devices);
  });

  test('an account of another system is read by one of them, and what it says is known to all', async () => {
    const { one, other, token } = await pair();
    const fake = await FakeMicrosoft.start();
    for (let i = 1; i <= 3; i += 1) {
      const lastSyncDateTime = new Date(Date.now() - 60_000).toISOString();
      fake.managedDevices.set(String(managedLaptop(i).id), managedLaptop(i, { lastSyncDateTime }));
    }
    const serial = String(managedLaptop(1).serialNumber);
    const device = new TestDevice({ url: other.url, token, identity: newIdentity({ serial }) });
    await device.connect();
    device.snapshot(healthyFindings(Date.now()));
    await device.delivered();
    const account = async (collector: CollectorProcess) => {
      const { integrations } = integrationsResponse.parse(await collector.admin.get('/api/v1/integrations'));
      return integrations.find(({ id }) => id === 'intune')?.accounts[0];
    };
    const isTold = async (collector: CollectorProcess): Promise<boolean> => {
      const { record } = await collector.admin.device(device.id);
      return Object.values(record).some(
        ({ source, rivals = [] }) => source === 'intune' || rivals.some(rival => rival.source === 'intune'),
      );
    };

    await one.admin.post('/api/v1/integrations/intune/accounts', {
      account: 'berlin',
      label: 'Berlin',
      settings: fake.settings,
    });
    for (const collector of [one, other]) {
      await eventually(async () => (await account(collector))?.lastRun?.observed === 3, {
        what: 'the account was read',
        state: () => collector.log().slice(-2000),
      });
      await eventually(async () => (await account(collector))?.records === 3, {
        what: 'its records are known',
      });
      // Two have no agent; the third is a device of the other collector, which merges what is said of it.
      await eventually(
        async () => (await collector.admin.devices()).filter(row => row.noAgent).length === 2,
        {
          what: 'computers without an agent',
        },
      );
      await eventually(() => isTold(collector), { what: 'what Intune says of the connected device' });
    }
    const asked = fake.vendor.asked.length;
    await eventually(
      () =>
        other
          .log()
          .split('\n')
          .some(line => line.includes('look at intune/berlin') && line.includes('job done')),
      { what: 'the other collector would have looked at it too', withinMs: 40_000 },
    );
    expect(fake.vendor.asked.length).toBe(asked);
    // The agent's next word does not take the other's away.
    device.snapshot(healthyFindings(Date.now()));
    await device.delivered();
    expect(await isTold(other)).toBe(true);

    await other.admin.post('/api/v1/integrations/intune/accounts/berlin/run', { everything: true });
    await eventually(() => fake.vendor.asked.length > asked, { what: 'the other reads it when asked to' });
    await other.admin.remove('/api/v1/integrations/intune/accounts/berlin');
    for (const collector of [one, other]) {
      await eventually(async () => (await account(collector)) === undefined, { what: 'it is gone' });
      await eventually(async () => (await collector.admin.devices()).length === 1, {
        what: 'what it said is gone',
      });
    }
  });
});
