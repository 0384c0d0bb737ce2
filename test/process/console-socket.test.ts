import { beforeAll, describe, expect, test } from 'vitest';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { ADMIN_PASSWORD, ApiClient } from '../support/api-client.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { ConsolePage } from '../support/console-page.ts';
import { eventually, sleepFor } from '../support/eventually.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import { closeAtEnd } from '../support/teardown.ts';
import { TestDevice } from '../support/test-device.ts';

let collector: CollectorProcess;
let token: string;

beforeAll(async () => {
  collector = await startCollector({ env: { TRAYLINE_MAX_CONNECTS_PER_S: '2000' } });
  token = (await collector.admin.enrolmentToken()).secret;
});

async function connected(): Promise<TestDevice> {
  const device = new TestDevice({ url: collector.url, token });
  await device.connect();
  return device;
}

const opened = (): Promise<ConsolePage> => ConsolePage.opened(collector.url, collector.admin.session);

describe('the fleet page', () => {
  test('gets the whole fleet, then every change', async () => {
    const before = await connected();
    before.snapshot(healthyFindings(Date.now()));
    await before.delivered();
    const page = await opened();
    page.send({ type: 'fleet', on: true });
    const fleet = await page.frame('fleet', ({ done }) => done);
    expect(fleet.total).toBe((await collector.admin.devices()).length);
    expect(page.rows.get(before.id)).toMatchObject({ presence: 'live', firewall: true });

    const after = await connected();
    await eventually(() => page.rows.get(after.id)?.presence === 'live', {
      what: 'the new device on the page',
    });
    const delta = {
      'fw.enabled': okFinding(
        { ...(healthyFindings()['fw.enabled'] as { value: object }).value, enabled: false },
        { hash: '00000000000000f0', at: Date.now() },
      ),
    };
    before.write({ type: 'delta', at: Date.now(), findings: delta });
    await eventually(() => page.rows.get(before.id)?.firewall === false, {
      what: 'the firewall off on the page',
      state: () => page.rows.get(before.id),
    });
    after.drop();
    await eventually(() => page.rows.get(after.id)?.presence === 'stale', {
      what: 'the device gone on the page',
    });
    await collector.admin.post(`/api/v1/devices/${after.id}/revoke`);
    await eventually(() => !page.rows.has(after.id), { what: 'the revoked device off the page' });
    page.drop();
  });

  test('that reads slowly is spared the steps in between, and ends with the same rows as one that does not', async () => {
    const devices = await Promise.all(Array.from({ length: 40 }, connected));
    const fast = await opened();
    const slow = await opened();
    for (const page of [fast, slow]) {
      page.send({ type: 'fleet', on: true });
      await page.frame('fleet', ({ done }) => done);
    }
    slow.ws.pause();
    const memory = collector.residentMiB();
    const changesOf = (page: ConsolePage): number =>
      page.received.filter(({ type }) => type === 'changes').length;
    let fastBytes = 0;
    fast.ws.on('message', data => {
      fastBytes += String(data).length;
    });
    const streaming = setInterval(() => {
      for (const device of devices) device.sample();
    }, 10);
    closeAtEnd(() => clearInterval(streaming));
    // More than the kernel's buffers of both ends take, by far.
    await eventually(() => fastBytes > 20 * 1024 * 1024, {
      what: 'enough changes',
      withinMs: 60_000,
      state: () => fastBytes,
    });
    clearInterval(streaming);
    for (const device of devices) await device.delivered();
    if (memory !== null) expect((collector.residentMiB() ?? 0) - memory).toBeLessThan(150);
    slow.ws.resume();
    const last = (page: ConsolePage): string => JSON.stringify(devices.map(({ id }) => page.rows.get(id)));
    const current = async (): Promise<string> => {
      const rows = new Map((await collector.admin.devices()).map(row => [row.id, row]));
      return JSON.stringify(devices.map(({ id }) => rows.get(id)));
    };
    await eventually(async () => last(slow) === (await current()) && last(fast) === (await current()), {
      what: 'the same rows on both pages',
      withinMs: 30_000,
    });
    expect(changesOf(slow)).toBeLessThan(changesOf(fast) * 0.9);
    fast.drop();
    slow.drop();
    for (const device of devices) await device.leave();
  });
});

describe('a person who looks at a device', () => {
  test('sees it live; the device is told who looks and how often to read, and when it is over', async () => {
    const device = await connected();
    device.snapshot(healthyFindings(Date.now()));
    await device.delivered();
    const page = await opened();
    page.send({ type: 'watch', device: device.id });

    const { socket } = device;
    if (socket === null) throw new Error('no socket');
    const { name } = (await collector.admin.get('/api/v1/session')) as { name: string };
    const watch = await socket.frame('watch', ({ viewers }) => viewers.length > 0);
    expect(watch).toMatchObject({ everyMs: LIMITS.watchSampleMs, forMs: LIMITS.watchMs });
    expect(watch.viewers.map(viewer => viewer.name)).toEqual([name]);
    expect((await page.frame('device', ({ id }) => id === device.id)).device.findings).toHaveProperty(
      'fw.enabled',
    );
    expect((await page.frame('viewers', ({ id }) => id === device.id)).viewers).toHaveLength(1);

    device.sample(4242);
    const live = await page.frame(
      'live',
      ({ id, rows }) => id === device.id && rows.some(row => row[4] === 4242),
    );
    expect(live.rows).toHaveLength(1);

    page.send({ type: 'unwatch', device: device.id });
    const over = await socket.frame('watch', ({ viewers }) => viewers.length === 0);
    expect(over.forMs).toBe(0);
    expect(
      (await collector.admin.audit(device.id)).entries.filter(({ action }) => action === 'device.viewed'),
    ).toHaveLength(1);
    page.drop();
  });

  test('who closes the page without a word is not shown as looking any more', async () => {
    const device = await connected();
    const page = await opened();
    page.send({ type: 'watch', device: device.id });
    await device.socket?.frame('watch', ({ viewers }) => viewers.length === 1);
    page.drop();
    await device.socket?.frame('watch', ({ viewers }) => viewers.length === 0);
  });

  test('is told to a device that connects while somebody already looks', async () => {
    const device = await connected();
    const page = await opened();
    page.send({ type: 'watch', device: device.id });
    await device.socket?.frame('watch');
    device.drop();
    await device.socket?.closed;
    await device.connect();
    await device.socket?.frame('watch', ({ viewers }) => viewers.length === 1);
    page.drop();
  });

  test('whose page reads slowly is spared the steps in between, and ends with the device as it is', async () => {
    const device = await connected();
    const fast = await opened();
    const slow = await opened();
    for (const page of [fast, slow]) {
      page.send({ type: 'watch', device: device.id });
      await page.frame('device', ({ id }) => id === device.id);
    }
    slow.ws.pause();
    let fastBytes = 0;
    fast.ws.on('message', data => {
      fastBytes += String(data).length;
    });
    let n = 0;
    const change = (): void => {
      n += 1;
      const own = okFinding(`${n} ${'x'.repeat(60_000)}`, {
        at: Date.now(),
        hash: n.toString(16).padStart(16, '0'),
      });
      device.write({ type: 'delta', at: Date.now(), findings: { 'company.own': own } });
    };
    const streaming = setInterval(change, 10);
    closeAtEnd(() => clearInterval(streaming));
    await eventually(() => fastBytes > 30 * 1024 * 1024, {
      what: 'enough changes',
      withinMs: 90_000,
      state: () => fastBytes,
    });
    clearInterval(streaming);
    await device.delivered();
    slow.ws.resume();
    const told = (page: ConsolePage) => page.received.filter(frame => frame.type === 'device');
    const last = n.toString(16).padStart(16, '0');
    for (const page of [fast, slow]) {
      await eventually(() => told(page).at(-1)?.device.findings['company.own']?.hash === last, {
        what: 'the device as it is, on both pages',
        withinMs: 30_000,
        state: () => told(page).length,
      });
    }
    expect(told(slow).length).toBeLessThan(told(fast).length * 0.9);
    fast.drop();
    slow.drop();
  });

  test('a device that is not there is told as such', async () => {
    const page = await opened();
    page.send({ type: 'watch', device: 'd_nowhere' });
    expect((await page.frame('problem')).code).toBe('not-found');
    page.drop();
  });
});

describe('who is let in', () => {
  test('nobody without a session', async () => {
    await expect(ConsolePage.open({ url: collector.url })).rejects.toMatchObject({
      status: 401,
      problem: 'signed-out',
    });
    await expect(
      ConsolePage.open({ url: collector.url, cookie: `trayline=${'A'.repeat(43)}` }),
    ).rejects.toMatchObject({ status: 401 });
    expect(await collector.problems('signed-out')).toBeGreaterThanOrEqual(2);
  });

  test('no page of another origin, with whatever cookie', async () => {
    await expect(
      ConsolePage.open({
        url: collector.url,
        cookie: collector.admin.session.cookie,
        origin: 'https://evil.example',
      }),
    ).rejects.toMatchObject({ status: 403, problem: 'origin-refused' });
    expect(await collector.problems('origin-refused')).toBeGreaterThanOrEqual(1);
  });

  test('no page with a wrong CSRF token, and nothing is told to it', async () => {
    const page = await ConsolePage.open({ url: collector.url, cookie: collector.admin.session.cookie });
    page.send({ type: 'open', csrf: 'wrong' });
    expect(await page.end()).toMatchObject({ code: 4440, reason: 'csrf-refused' });
    expect(page.received).toEqual([]);
  });

  test('no page that asks before it has proved itself', async () => {
    const page = await ConsolePage.open({ url: collector.url, cookie: collector.admin.session.cookie });
    page.send({ type: 'fleet', on: true });
    expect((await page.end()).code).toBe(4440);
    expect(page.received).toEqual([]);
  });

  test('an open page is told nothing any more after its person has signed out', async () => {
    const { password } = await collector.admin.addPerson('sam', 'Sam from IT', 'helpdesk');
    const first = await ApiClient.signIn(collector.url, 'sam', password);
    await first.post('/api/v1/session/password', { current: password, next: `${ADMIN_PASSWORD} of Sam` });
    const page = await ConsolePage.opened(collector.url, first.session);
    const other = await opened();
    await first.signOut();
    // Asked with every ping.
    expect((await page.end(LIMITS.pingMs + 15_000)).code).toBe(4440);
    await sleepFor(50);
    expect(other.ws.readyState).toBe(other.ws.OPEN);
    other.drop();
  });
});
