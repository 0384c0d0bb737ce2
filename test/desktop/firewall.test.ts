import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAgent } from '../../agent/core/agent.ts';
import { silentLog } from '../../agent/core/host.ts';
import { memoryEnrolment } from '../../agent/core/identity/enrolment.ts';
import { deviceAddress } from '../../agent/core/link/address.ts';
import { webSocket } from '../../agent/core/link/web-socket.ts';
import { memoryOutbox } from '../../agent/core/outbox/memory.ts';
import type { Scanner } from '../../agent/core/scan/scan.ts';
import { createSettings } from '../../agent/core/settings/settings.ts';
import { socketPath, systemOf } from '../../agent/desktop/places.ts';
import { systemClock } from '../../agent/service/clock.ts';
import { createDesk } from '../../agent/service/desk/desk.ts';
import { openLocalSocket } from '../../agent/service/local-socket.ts';
import type { Finding, Findings } from '../../shared/device/finding.ts';
import { ROOT } from '../support/child.ts';
import { startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { healthyFindings, okFinding } from '../support/records.ts';
import { closeAtEnd, temporaryFolder } from '../support/teardown.ts';
import { newIdentity } from '../support/test-device.ts';
import { NO_ELECTRON, TrayApp } from './support/app.ts';

/** A laptop whose firewall can be broken and mended, under the real core, desk and socket. */
async function laptop(url: string, token: string): Promise<{ desk: string; firewall: { on: boolean } }> {
  const firewall = { on: true };
  const answers = (): Findings => {
    const at = Date.now();
    const healthy = healthyFindings(at);
    const all: Record<string, Finding> = {};
    for (const [id, finding] of Object.entries(healthy)) {
      if (finding.status === 'ok' && id !== 'fw.enabled') all[id] = okFinding(finding.value, { at });
    }
    const value = {
      enabled: firewall.on,
      product: null,
      profiles: { domain: firewall.on, private: firewall.on, public: firewall.on },
      blockAll: null,
      stealth: null,
    };
    all['fw.enabled'] = okFinding(value, { at, hash: firewall.on ? '00000000000000aa' : '00000000000000bb' });
    return all;
  };
  const scans = Object.keys(answers()).map(id => ({ id, cost: 'posture' as const }));
  const scanner: Scanner = {
    scans,
    run: (ids, _signal, answered) => {
      const found: Record<string, Finding> = {};
      for (const [id, finding] of Object.entries(answers())) {
        if (!ids.includes(id)) continue;
        found[id] = finding;
        answered?.(id, finding);
      }
      return Promise.resolve(found);
    },
  };
  const settings = createSettings();
  settings.apply('command', { collector: url, token });
  const host = {
    agent: { version: '0.1.0', arch: 'x64', runtime: 'test' },
    uptimeMs: () => systemClock.monotonic(),
  };
  const agent = createAgent({
    host,
    scanner,
    identityOf: () => Promise.resolve(newIdentity({ hostname: 'FIN-LT-0231' })),
    enrolment: memoryEnrolment(),
    settings,
    address: deviceAddress(url),
    clock: systemClock,
    random: Math.random,
    socketFactory: webSocket,
    outbox: memoryOutbox(),
    log: silentLog,
  });
  const folder = temporaryFolder('desk');
  const desk = createDesk({
    agent,
    settings,
    host,
    platform: 'windows',
    checks: scans,
    folder: null,
    clock: systemClock,
    actions: { restart: () => Promise.reject(new Error('nothing here restarts')) },
  });
  const socket = await openLocalSocket({
    desk,
    path: socketPath(systemOf(process.platform), folder),
    everybody: false,
    version: host.agent.version,
    log: silentLog,
  });
  closeAtEnd(async () => {
    await socket.stop();
    desk.close();
    await agent.stop('stopping');
  });
  await agent.start();
  return { desk: folder, firewall };
}

describe.skipIf(NO_ELECTRON !== undefined)('a firewall that is switched off and on again', () => {
  test('becomes a problem with steps and a badge, and is told as solved', async () => {
    const collector = await startCollector();
    const { secret } = await collector.admin.enrolmentToken({});
    const { desk, firewall } = await laptop(collector.url, secret);
    const app = await TrayApp.launch({ desk });
    const page = await app.open();
    const shot = (name: string) =>
      page.screenshot({ path: join(ROOT, 'dist', 'screenshots', `${name}.png`) });
    const places = page.getByRole('navigation');
    const slow = { timeout: 60_000 };

    await page.getByRole('heading', { level: 1, name: 'All is well' }).waitFor(slow);
    await places.getByRole('button', { name: 'Problems', exact: true }).waitFor(slow);
    const calm = await (await app.tray()).picture();

    firewall.on = false;
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByRole('heading', { level: 1, name: '1 thing needs you' }).waitFor(slow);
    await places.getByRole('button', { name: 'Problems , 1 problem' }).waitFor(slow);
    await eventually(async () => (await (await app.tray()).picture()) !== calm, {
      what: 'another icon',
      withinMs: 60_000,
    });
    expect(await (await app.tray()).tooltip()).toContain('1 thing needs you');
    await shot('tray-electron-firewall-off');

    await page.getByRole('button', { name: 'What to do' }).click();
    await page.getByRole('button', { name: /Firewall is off/, expanded: true }).waitFor(slow);
    await page.getByText('Open Windows Security').waitFor(slow);
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText(/it is still there/).waitFor(slow);
    await shot('tray-electron-problem');

    firewall.on = true;
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.locator('main').getByText('Solved: Firewall is off').waitFor(slow);
    await page.getByRole('heading', { name: 'No problems' }).waitFor(slow);
    await places.getByRole('button', { name: 'Problems', exact: true }).waitFor(slow);
    await eventually(async () => (await (await app.tray()).picture()) === calm, {
      what: 'the icon as before',
      withinMs: 60_000,
    });
    await shot('tray-electron-solved');
    await app.escape(page);
  });
});
