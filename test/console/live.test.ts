import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAgentProcess } from '../support/agent-process.ts';
import { ADMIN_PASSWORD } from '../support/api-client.ts';
import { builtConsole } from '../support/built.ts';
import { ROOT } from '../support/child.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { healthyFindings } from '../support/records.ts';
import { TestDevice } from '../support/test-device.ts';

/*
 * The console as a helpdesk person meets it: a real collector that serves the built page, this machine's real agent and a
 * device that can be told what to report, all seen through a real Chromium.
 */

const shots = join(ROOT, 'dist', 'screenshots');
let browser: Browser;
let page: Page;
let collector: CollectorProcess;
let device: TestDevice;
const complaints: string[] = [];

beforeAll(async () => {
  await builtConsole();
  await mkdir(shots, { recursive: true });
  collector = await startCollector({ env: { TRAYLINE_CONSOLE_DIR: join(ROOT, 'dist', 'console') } });
  const { secret } = await collector.admin.enrolmentToken({});
  startAgentProcess({ collector: collector.url, token: secret, name: 'this-machine' });
  device = new TestDevice({ url: collector.url, token: secret });
  await device.connect();
  device.snapshot(healthyFindings(Date.now()));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
    ],
  });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
  });
  page = await context.newPage();
  page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  page.on('console', message => {
    // The browser itself reports the 401 of the first question "am I signed in?".
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
});

afterAll(async () => {
  await browser?.close();
});

async function seriousFaults(): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
}

describe.sequential('a helpdesk person', () => {
  test('signs in and finds this machine among the devices, live and with its true name', async () => {
    await page.goto(collector.url);
    await page.getByLabel('User name').fill('admin');
    await page.getByLabel('Password', { exact: true }).fill(ADMIN_PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('grid').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('this-machine');
    await page.getByText('this-machine').first().waitFor();
    await page.screenshot({ path: join(shots, 'live-fleet.png') });
    expect(await seriousFaults()).toEqual([]);
    await page.keyboard.press('Escape');
  });

  test('watches this machine: its busiest programs come while somebody looks, and it is told who looks', async () => {
    await page.goto(`${collector.url}/`);
    await page.getByText('this-machine').first().click();
    await page.getByRole('heading', { name: 'this-machine' }).waitFor();
    await page.getByText('Busiest programs').waitFor();
    await page.getByRole('cell', { name: 'node' }).first().waitFor({ timeout: 30_000 });
    await page.getByText('LIVE').first().waitFor();
    await page.screenshot({ path: join(shots, 'live-device.png') });
    expect(await seriousFaults()).toEqual([]);
  });

  test('sees a value change right after it changed on the device', async () => {
    await page.goto(`${collector.url}/devices/${device.id}`);
    await page.getByRole('heading', { name: device.identity.hostname }).waitFor();
    // The page must be watching before the first reading is sent.
    await eventually(
      () =>
        device.socket?.received.some(frame => frame.type === 'watch' && frame.viewers.length > 0) === true,
      {
        what: 'the device told that somebody looks',
        withinMs: 15_000,
      },
    );
    const latencies: number[] = [];
    for (const percent of [37, 64, 91]) {
      device.write({
        type: 'samples',
        at: Date.now(),
        rows: [[Date.now(), percent, 50, 100e9, 0, 0, 0, 0, 80]],
      });
      const sent = performance.now();
      await page.getByText(`${percent} %`, { exact: true }).first().waitFor({ timeout: 10_000 });
      latencies.push(Math.round(performance.now() - sent));
    }
    console.log(`from the device to the page: ${latencies.join(', ')} ms`);
    expect(latencies).toHaveLength(3);
  });

  test('was shown nothing the page complained about', () => {
    expect(complaints).toEqual([]);
  });
});
