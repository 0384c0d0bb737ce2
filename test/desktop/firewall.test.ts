import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Ledger, openLedger } from '../../agent/core/action/ledger.ts';
import { createActions } from '../../agent/core/action/run.ts';
import { createAgent } from '../../agent/core/agent.ts';
import { silentLog } from '../../agent/core/host.ts';
import { memoryEnrolment } from '../../agent/core/identity/enrolment.ts';
import { deviceAddress } from '../../agent/core/link/address.ts';
import { webSocket } from '../../agent/core/link/web-socket.ts';
import { memoryOutbox } from '../../agent/core/outbox/memory.ts';
import type { Scanner } from '../../agent/core/scan/scan.ts';
import { createSettings } from '../../agent/core/settings/settings.ts';
import { createServiceLink } from '../../agent/desktop/main/service-link.ts';
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

interface Laptop {
  /** Folder of its socket. */
  readonly desk: string;
  /** `obeys`: does the program that turns it on change anything? */
  readonly firewall: { on: boolean; obeys: boolean };
  /** Programs that were started to change it. */
  readonly started: string[];
  readonly ledger: Ledger;
}

/** A laptop whose firewall can be broken and mended, under the real core, desk and socket. */
async function laptop(url: string, token: string): Promise<Laptop> {
  const firewall = { on: true, obeys: true };
  const started: string[] = [];
  const ledger = openLedger(temporaryFolder('ledger'), Date.now());
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
    actions: createActions({
      probe: {
        command: (name, args) => {
          started.push([name, ...args].join(' '));
          if (firewall.obeys) firewall.on = true;
          return Promise.resolve({ ok: true, code: 0, stdout: new Uint8Array(), stderr: new Uint8Array() });
        },
        facts: () => ({ ...NO_FACTS, root: true }),
      },
      platform: 'windows',
      ledger,
      clock: systemClock,
      recheck: ids => agent.recheck(ids),
      log: silentLog,
    }),
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
  return { desk: folder, firewall, started, ledger };
}

const NO_FACTS = {
  ...{ hostname: null, arch: null, uptimeSeconds: null, memoryTotalBytes: null, memoryFreeBytes: null },
  ...{ cpu: null },
};

describe.skipIf(NO_ELECTRON !== undefined)('a firewall that is off', () => {
  let device: Laptop;
  let app: TrayApp;
  const slow = { timeout: 60_000 };

  beforeAll(async () => {
    const collector = await startCollector();
    const { secret } = await collector.admin.enrolmentToken({});
    device = await laptop(collector.url, secret);
    app = await TrayApp.launch({ desk: device.desk });
  });

  const shot = (page: Page, name: string) =>
    page.screenshot({ path: join(ROOT, 'dist', 'screenshots', `${name}.png`) });
  const untilPicture = async (is: (picture: string) => boolean, what: string): Promise<void> => {
    await eventually(async () => is(await (await app.tray()).picture()), { what, withinMs: 60_000 });
  };
  const headline = (page: Page, name: string): Promise<void> =>
    page.getByRole('heading', { level: 1, name }).waitFor(slow);
  /** The page, with the firewall switched off by somebody and noticed. */
  const broken = async (): Promise<Page> => {
    const page = await app.open();
    await headline(page, 'All is well');
    device.firewall.on = false;
    await page.getByRole('button', { name: 'Check now' }).click();
    await headline(page, '1 thing needs you');
    return page;
  };

  /** Puts the test in the place of the dialog; gives what it shows, and `answer` presses a button. */
  const dialog = async (): Promise<{
    shown: () => Promise<string[]>;
    answer: (button: 0 | 1) => Promise<void>;
  }> => {
    await app.electron.evaluate(({ dialog: own }) => {
      const shown: { message: string; detail: string; press: (response: number) => void }[] = [];
      Reflect.set(globalThis, 'shownDialogs', shown);
      Reflect.set(own, 'showMessageBox', ({ message, detail }: { message: string; detail: string }) => {
        return new Promise(resolve => {
          shown.push({ message, detail, press: response => resolve({ response, checkboxChecked: false }) });
        });
      });
    });
    const shown = (): Promise<string[]> =>
      app.electron.evaluate(() => {
        const all = Reflect.get(globalThis, 'shownDialogs') as { message: string; detail: string }[];
        return all.map(({ message, detail }) => `${message}\n${detail}`);
      });
    return {
      shown,
      answer: async button => {
        await eventually(async () => (await shown()).length > 0, { what: 'the dialog' });
        await app.electron.evaluate((_electron, response) => {
          const all = Reflect.get(globalThis, 'shownDialogs') as { press: (response: number) => void }[];
          for (const { press } of all.splice(0)) press(response);
        }, button);
      },
    };
  };
  const doIt = (page: Page) => page.getByRole('button', { name: 'Do it for me: Turn on the firewall' });

  test('becomes a problem with steps and a badge, and is told as solved', async () => {
    const page = await app.open();
    const places = page.getByRole('navigation');
    await headline(page, 'All is well');
    await places.getByRole('button', { name: 'Problems', exact: true }).waitFor(slow);
    const calm = await (await app.tray()).picture();

    device.firewall.on = false;
    await page.getByRole('button', { name: 'Check now' }).click();
    await headline(page, '1 thing needs you');
    await places.getByRole('button', { name: 'Problems , 1 problem' }).waitFor(slow);
    await untilPicture(picture => picture !== calm, 'another icon');
    expect(await (await app.tray()).tooltip()).toContain('1 thing needs you');
    await shot(page, 'tray-electron-firewall-off');

    await page.getByRole('button', { name: 'What to do' }).click();
    await page.getByRole('button', { name: /Firewall is off/, expanded: true }).waitFor(slow);
    await page.getByText('Open Windows Security').waitFor(slow);
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText(/it is still there/).waitFor(slow);
    await shot(page, 'tray-electron-problem');

    device.firewall.on = true;
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.locator('main').getByText('Solved: Firewall is off').waitFor(slow);
    await page.getByRole('heading', { name: 'No problems' }).waitFor(slow);
    await places.getByRole('button', { name: 'Problems', exact: true }).waitFor(slow);
    await untilPicture(picture => picture === calm, 'the icon as before');
    await shot(page, 'tray-electron-solved');
    await app.escape(page);
    expect(device.started).toEqual([]);
  });

  test('stays off while the question is open, when it is asked again, and when the person says no', async () => {
    const page = await broken();
    const { shown, answer } = await dialog();
    await doIt(page).click();
    await page.getByText(/Waiting for your answer/).waitFor(slow);
    expect(await eventually(async () => (await shown())[0], { what: 'the dialog' })).toMatch(
      /^Turn on the firewall\nTrayline turns this device’s own firewall on, for every network/,
    );
    // The page has no other way than to ask, and cannot ask a second time meanwhile.
    expect(await page.evaluate(() => Object.keys(window.trayline?.device ?? {}))).toEqual(['act']);
    expect(
      await page.evaluate(async () => await window.trayline?.device.act({ action: 'turn-on-firewall' })),
    ).toMatchObject({ ok: false, code: 'too-fast' });
    expect(await shown()).toHaveLength(1);
    expect(device.started).toEqual([]);
    await answer(1);
    await page.getByText('You said no. Nothing was changed.').waitFor(slow);
    expect({ started: device.started, on: device.firewall.on }).toEqual({ started: [], on: false });
    expect(device.ledger.entries).toEqual([]);
    device.firewall.on = true;
    await page.getByRole('button', { name: 'Check now' }).click();
    await headline(page, 'All is well');
    await app.escape(page);
  });

  test('is turned on when the person agrees, and the problem is gone', async () => {
    const calm = await (await app.tray()).picture();
    const page = await broken();
    await untilPicture(picture => picture !== calm, 'another icon');
    const { answer } = await dialog();
    await doIt(page).click();
    await answer(0);
    await headline(page, 'All is well');
    await untilPicture(picture => picture === calm, 'the icon as before');
    expect(device.started).toEqual([
      expect.stringMatching(
        /^powershell .*Set-NetFirewallProfile -Profile Domain,Private,Public -Enabled True/,
      ),
    ]);
    await eventually(() => device.ledger.entries[0]?.endedAt != null, { what: 'the end in the ledger' });
    expect(device.ledger.entries).toMatchObject([
      { action: 'turn-on-firewall', before: { enabled: false }, outcome: 'done' },
    ]);
    const told = await page.evaluate(async () => await window.trayline?.privacy.get());
    expect(told?.ok === true ? told.value.journal.map(({ what }) => what.key) : null).toEqual(
      expect.arrayContaining(['journal.consented', 'act.turn-on-firewall.done']),
    );
    await app.escape(page);
  });

  test('is told as not helped when it stays off all the same', async () => {
    device.firewall.obeys = false;
    const page = await broken();
    const { answer } = await dialog();
    await doIt(page).click();
    await answer(0);
    await page.getByText('It was done, but the check still finds the problem.').waitFor(slow);
    await shot(page, 'tray-electron-did-not-help');
    await headline(page, '1 thing needs you');
    device.firewall.obeys = true;
    device.firewall.on = true;
    await page.getByRole('button', { name: 'Check now' }).click();
    await headline(page, 'All is well');
    await app.escape(page);
  });

  test('is not turned on by whoever reaches the socket without a consent, or with one that was used', async () => {
    const before = device.started.length;
    let link: ReturnType<typeof createServiceLink> | undefined;
    const connected = new Promise<void>(resolve => {
      link = createServiceLink({
        paths: [socketPath(systemOf(process.platform), device.desk)],
        version: 'test',
        changed: state => {
          if (state === 'connected') resolve();
        },
        event: () => undefined,
      });
      link.start();
    });
    closeAtEnd(() => link?.stop());
    await connected;
    device.firewall.on = false;
    const action = 'turn-on-firewall';
    const ask = (name: string, input: unknown) => link?.ask(name, input);
    const missing = { ok: false, code: 'consent-missing' };
    expect(await ask('device.run', { action, consent: 'A'.repeat(32) })).toMatchObject(missing);
    const plan = await ask('device.plan', { action });
    const consent = plan?.ok === true ? (plan.value as { consent: string }).consent : '';
    expect(await ask('device.declined', { action, consent })).toEqual({ ok: true, value: null });
    expect(await ask('device.run', { action, consent })).toMatchObject(missing);
    expect({ started: device.started.length - before, on: device.firewall.on }).toEqual({
      started: 0,
      on: false,
    });
  });
});
