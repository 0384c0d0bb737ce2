import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { OS_SUPPORT } from '../../shared/device/os-support-table.ts';
import { builtConsole } from '../support/built.ts';
import { serveConsole } from './serve-console.ts';

const shots = fileURLToPath(new URL('../../dist/screenshots', import.meta.url));
let browser: Browser;
let server: Awaited<ReturnType<typeof serveConsole>>;

beforeAll(async () => {
  await builtConsole();
  await mkdir(shots, { recursive: true });
  server = await serveConsole();
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
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

interface Opened {
  page: Page;
  context: BrowserContext;
  /** What the page complained about: errors, refused scripts, requests that left this machine. */
  complaints: string[];
}

async function open(
  path: string,
  {
    scheme = 'light',
    width = 1280,
    height = 800,
  }: { scheme?: 'light' | 'dark'; width?: number; height?: number } = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('request', request => {
    if (!request.url().startsWith(server.url) && !/^(data|blob):/.test(request.url()))
      complaints.push(`left: ${request.url()}`);
  });
  await page.goto(server.url + path);
  return { page, context, complaints };
}

/** Every face of the console, the text that says it is there, and its picture's name. */
const FACES: readonly { name: string; path: string; ready: string }[] = [
  { name: 'fleet', path: '/?scene=company', ready: 'most urgent first' },
  {
    name: 'fleet-filtered',
    path: '/?scene=company&q=os:windows score<60 disk<12%',
    ready: ' of 1,204 devices',
  },
  { name: 'fleet-filter-error', path: '/?scene=company&q=colour:red disk<lots', ready: 'There is no field' },
  {
    name: 'fleet-no-match',
    path: '/?scene=company&q=nobody-has-this',
    ready: 'No device matches this filter',
  },
  { name: 'fleet-empty', path: '/?scene=empty', ready: 'No devices yet' },
  { name: 'fleet-loading', path: '/?scene=loading', ready: 'Loading the fleet' },
  { name: 'fleet-offline', path: '/?scene=offline', ready: 'What you see is from before' },
  { name: 'fleet-too-old', path: '/?scene=too-old', ready: 'This page is older than the collector' },
  { name: 'requests', path: '/requests?scene=company', ready: 'Answered by Ines Duval' },
  { name: 'requests-over', path: '/requests?scene=company&show=over', ready: 'Withdrawn at the device' },
  { name: 'requests-viewer', path: '/requests?scene=viewer&state=seen', ready: 'Seen by Ines Duval' },
  {
    name: 'requests-no-match',
    path: '/requests?scene=company&q=nobody',
    ready: 'No request fits this filter',
  },
  { name: 'requests-empty', path: '/requests?scene=empty', ready: 'No request is open' },
  { name: 'device-help', path: '/devices/story-drive?scene=company', ready: 'Asked from this device' },
  { name: 'device-drive', path: '/devices/story-drive?scene=company', ready: 'What would raise it' },
  { name: 'device-well', path: '/devices/story-well?scene=company', ready: 'Protection' },
  { name: 'device-unknown', path: '/devices/story-unknown?scene=company', ready: 'no score yet' },
  { name: 'device-silent', path: '/devices/story-silent?scene=company', ready: 'GAP' },
  {
    name: 'device-findings',
    path: '/devices/story-encryption?scene=company&tab=findings&check=disk.encryption',
    ready: 'System disk is not encrypted',
  },
  {
    name: 'device-history',
    path: '/devices/story-disk?scene=company&tab=history',
    ready: 'One point stands for',
  },
  {
    name: 'device-timeline',
    path: '/devices/story-disk?scene=company&tab=timeline',
    ready: 'Click a moment',
  },
  {
    name: 'device-moment',
    path: '/devices/story-disk?scene=company&tab=timeline&at=1763559000000',
    ready: 'As it was on',
  },
  {
    name: 'device-sources',
    path: '/devices/story-encryption?scene=company&tab=sources',
    ready: 'contradicts',
  },
  {
    name: 'device-duplicate',
    path: '/devices/story-duplicate?scene=company&tab=sources',
    ready: 'Another device says it is the same machine',
  },
  { name: 'device-raw', path: '/devices/story-well?scene=company&tab=raw', ready: 'Record as JSON' },
  { name: 'device-not-found', path: '/devices/nobody?scene=company', ready: 'Not found' },
  { name: 'device-error', path: '/devices/story-well?scene=error', ready: 'Storage not available' },
  {
    name: 'device-findings-all',
    path: '/devices/story-well?scene=company&tab=findings',
    ready: 'cannot run on this device',
  },
  {
    name: 'device-cannot',
    path: '/devices/story-support?scene=company&tab=findings&check=tpm',
    ready: 'installed as a service it can ask',
  },
  { name: 'checks', path: '/posture/checks?scene=company', ready: 'facts that a rule can name' },
  {
    name: 'checks-open',
    path: '/posture/checks?scene=company&check=disk.encryption',
    ready: 'disk.encryption.allOn',
  },
  {
    name: 'checks-server',
    path: '/posture/checks?scene=company&q=crowdstrike&check=edr.ztaScore',
    ready: 'once it is connected to the collector',
  },
  { name: 'checks-no-match', path: '/posture/checks?scene=company&q=moon', ready: 'No check matches' },
  { name: 'checks-loading', path: '/posture/checks?scene=loading', ready: 'Loading the checks' },
  { name: 'checks-error', path: '/posture/checks?scene=error', ready: 'Storage not available' },
  {
    name: 'device-sources-well',
    path: '/devices/story-well?scene=company&tab=sources',
    ready: 'same serial number',
  },
  { name: 'device-lone', path: '/devices/story-lone?scene=company', ready: 'No agent runs on it' },
  { name: 'integrations', path: '/integrations?scene=company', ready: 'systems are connected' },
  {
    name: 'integrations-open',
    path: '/integrations?scene=company&open=intune',
    ready: 'Rights to grant there',
  },
  { name: 'integrations-empty', path: '/integrations?scene=empty', ready: 'No other system is connected' },
  { name: 'integrations-viewer', path: '/integrations?scene=viewer', ready: 'systems are connected' },
  { name: 'integrations-loading', path: '/integrations?scene=loading', ready: 'Loading the integrations' },
  { name: 'integrations-error', path: '/integrations?scene=error', ready: 'Storage not available' },
  { name: 'fleet-contradicted', path: '/?scene=company&q=contradictions:high', ready: ' of 1,204 devices' },
  {
    name: 'device-contradictions',
    path: '/devices/story-encryption?scene=company&tab=findings',
    ready: 'cannot be true as',
  },
  { name: 'matches', path: '/integrations/matches?scene=company', ready: 'One record for two' },
  {
    name: 'matches-kind',
    path: '/integrations/matches?scene=company&kind=clone',
    ready: 'two machines, one of them a clone',
  },
  { name: 'matches-empty', path: '/integrations/matches?scene=empty', ready: 'Nothing to look at' },
  {
    name: 'matches-no-match',
    path: '/integrations/matches?scene=company&q=moon',
    ready: 'None of these matches fits',
  },
  {
    name: 'matches-decided',
    path: '/integrations/matches?scene=company&show=decided',
    ready: 'Nothing has been decided by hand',
  },
  { name: 'matches-viewer', path: '/integrations/matches?scene=viewer', ready: 'One record for two' },
  { name: 'matches-loading', path: '/integrations/matches?scene=loading', ready: 'Loading the matches' },
  { name: 'matches-error', path: '/integrations/matches?scene=error', ready: 'Storage not available' },
  { name: 'believed', path: '/integrations/believed?scene=company', ready: '2 facts go by your word' },
  {
    name: 'believed-changed',
    path: '/integrations/believed?scene=company&only=changed',
    ready: 'hardware.model',
  },
  {
    name: 'believed-open',
    path: '/integrations/believed?scene=company&fact=encryption.system',
    ready: 'encryption.system',
  },
  { name: 'believed-viewer', path: '/integrations/believed?scene=viewer', ready: '2 facts go by your word' },
  {
    name: 'believed-loading',
    path: '/integrations/believed?scene=loading',
    ready: 'Loading who is believed',
  },
  { name: 'believed-error', path: '/integrations/believed?scene=error', ready: 'Storage not available' },
  { name: 'enrolment', path: '/enrolment?scene=company', ready: 'Autumn rollout' },
  { name: 'enrolment-empty', path: '/enrolment?scene=empty', ready: 'No tokens yet' },
  { name: 'enrolment-denied', path: '/enrolment?scene=denied', ready: 'Your role does not allow this' },
  { name: 'people', path: '/people?scene=company', ready: 'Former temp' },
  { name: 'audit', path: '/audit?scene=company', ready: 'Unbroken' },
  { name: 'audit-broken', path: '/audit?scene=audit-broken', ready: 'The chain is broken' },
  { name: 'audit-error', path: '/audit?scene=error', ready: 'Trace id' },
  { name: 'settings', path: '/settings/agents?scene=company', ready: '3 have not taken it yet' },
  {
    name: 'settings-row',
    path: '/settings/agents?scene=company&row=files-vpn-client',
    ready: 'file.vpn-client.exists',
  },
  { name: 'settings-empty', path: '/settings/agents?scene=empty', ready: 'Nobody has changed anything' },
  { name: 'settings-loading', path: '/settings/agents?scene=loading', ready: 'Loading what agents are told' },
  { name: 'settings-error', path: '/settings/agents?scene=error', ready: 'Storage not available' },
  {
    name: 'settings-denied',
    path: '/settings/agents?scene=viewer',
    ready: 'Your role does not allow this',
  },
  { name: 'sign-in', path: '/?scene=signed-out', ready: 'Sign in to Trayline' },
  { name: 'new-password', path: '/?scene=new-password', ready: 'Choose your own password' },
  { name: 'unreachable', path: '/?scene=unreachable', ready: 'Collector not reached' },
];

describe.each(FACES)('$name', ({ name, path, ready }) => {
  test.each(['light', 'dark'] as const)(
    'says what it should in %s on a desk and on a phone, with nothing cut off, refused or inaccessible',
    async scheme => {
      const { page, complaints } = await open(path, { scheme });
      for (const [width, height] of [
        [1280, 800],
        [390, 844],
      ] as const) {
        await page.setViewportSize({ width, height });
        await page.getByText(ready).first().waitFor();
        await page.screenshot({ path: `${shots}/${name}-${width}-${scheme}.png` });
        expect(
          await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        ).toBeLessThanOrEqual(0);
        // Each face is examined in both schemes and at both widths, though not in every pairing: an examination takes seconds.
        if ((scheme === 'light') === (width === 1280)) {
          const found = await new AxeBuilder({ page }).analyze();
          const serious = found.violations
            .filter(violation => violation.impact === 'serious' || violation.impact === 'critical')
            .map(
              violation =>
                `${violation.id}: ${violation.nodes
                  .slice(0, 3)
                  .map(node => node.html.slice(0, 160))
                  .join(' | ')}`,
            );
          expect({ width, serious }).toEqual({ width, serious: [] });
        }
      }
      expect(complaints).toEqual([]);
    },
  );
});

const rowCount = (page: Page) => page.getByRole('grid').getAttribute('aria-rowcount');
const viewMs = (page: Page) =>
  page.evaluate(() =>
    performance.getEntriesByName('fleet-view').map(entry => Math.round(entry.duration * 10) / 10),
  );

describe('a fleet of 100,000 devices', () => {
  test('shows its first screen with only a screen of rows in the page, and filters all of them', async () => {
    const { page, complaints } = await open('/?scene=huge');
    await page.getByText('100,000 devices').first().waitFor();
    expect(await rowCount(page)).toBe('100001');
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    const filter = page.getByLabel('Filter', { exact: true });
    await filter.fill('os:windows score<60 disk<10%');
    await page.getByText(/[\d,]+ of 100,000 devices/).waitFor();
    const shown = Number((await rowCount(page)) ?? 0) - 1;
    expect(shown).toBeGreaterThan(10);
    expect(shown).toBeLessThan(20_000);
    await filter.fill('kovacs');
    await page.getByText(/[\d,]+ of 100,000 devices/).waitFor();
    await page.getByRole('button', { name: 'Battery' }).click();
    await page.getByText('sorted by battery').waitFor();
    const times = await viewMs(page);
    console.log(`fleet of 100,000: making the list took ${times.join(', ')} ms`);
    await filter.fill('');
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await page.locator('[aria-rowindex="100001"]').waitFor();
    expect(complaints).toEqual([]);
  });
});

test('rows keep their place while values change, until the reader asks', async () => {
  const { page } = await open('/?scene=moving&sort=score');
  const names = () => page.locator('[role=row] a').allTextContents();
  await page.getByText('sorted by score').waitFor();
  await page.locator('[role=row] a').first().waitFor();
  const before = await names();
  const pending = page.getByRole('button', { name: /changed, show/ });
  await pending.waitFor();
  expect(await names()).toEqual(before);
  await pending.click();
  expect(await page.locator('.row.pending').count()).toBe(0);
});

test('keys walk the list, open a device and go on to the next one of the same list', async () => {
  const { page } = await open('/?scene=company&q=blocked');
  await page.getByText(' of 1,204 devices').waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = await page.locator('[role=row][aria-selected=true] a').textContent();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: second ?? '' }).waitFor();
  await page.keyboard.press(']');
  await page.getByText(/^3 of /).waitFor();
  await page.keyboard.press('[');
  await page.getByRole('heading', { level: 1, name: second ?? '' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
});

test('the checks are searched, walked and opened with the keyboard, and the address keeps the view', async () => {
  const { page } = await open('/posture/checks?scene=company');
  await page.getByText('facts that a rule can name').waitFor();
  await page.keyboard.press('f');
  await page.keyboard.type('encrypt');
  await page.getByText(/^\d+ of 47 checks/).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByText('disk.encryption.allOn').waitFor();
  expect(await page.getByRole('button', { expanded: true }).getAttribute('aria-controls')).toBe(
    'check-disk.encryption-body',
  );
  await page.reload();
  await page.getByText('disk.encryption.allOn').waitFor();
  expect(await page.getByLabel('Search checks and facts').inputValue()).toBe('encrypt');
});

test('a finding leads to what its check asks', async () => {
  const { page } = await open('/devices/story-support?scene=company&tab=findings&check=tpm');
  await page.getByRole('link', { name: 'tpm', exact: true }).click();
  await page.getByText('tpm.ready').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Checks' }).waitFor();
});

test('the slash searches everything and Enter opens what was found', async () => {
  const { page } = await open('/audit?scene=company');
  await page.getByText('Unbroken').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('0008');
  await page.getByRole('option', { name: /0008/ }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: /0008/ }).waitFor();
});

test('the address bar holds the view: filter, sort and columns come back from it', async () => {
  const { page } = await open('/?scene=company');
  await page.getByRole('button', { name: /^Will block/ }).click();
  await page.getByRole('button', { name: 'Person' }).click();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Model' }).click();
  const address = page.url();
  const first = await page.locator('[role=row] a').first().textContent();
  const again = await open(address.replace(server.url, ''));
  await again.page.getByText('sorted by person').waitFor();
  await again.page.getByRole('columnheader', { name: 'Model' }).waitFor();
  expect(await again.page.locator('[role=row] a').first().textContent()).toBe(first);
});

test('the list leaves as a file with what it shows', async () => {
  const { page } = await open('/?scene=company&q=blocked');
  await page.getByText(' of 1,204 devices').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'CSV' }).click(),
  ]);
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(Buffer.from(chunk));
  const lines = Buffer.concat(chunks).toString('utf8').trim().split('\r\n');
  expect(lines[0]).toContain('state,device,id,person,score');
  expect(lines.length).toBe(Number(await rowCount(page)));
  expect(lines.slice(1).every(line => line.startsWith('blocked,'))).toBe(true);
});

test('a scan is asked for and its answers are counted as they come', async () => {
  const { page } = await open('/devices/story-drive?scene=company');
  await page.getByRole('button', { name: 'Ask for a scan' }).click();
  // On a slow machine the last answer may be there before the first was looked for.
  await page
    .getByText(/\d+ checks answered/)
    .first()
    .waitFor();
  await page.getByText(/All \d+ checks answered/).waitFor();
});

test('a request is answered from the line; the rail counts, and the address holds the filter', async () => {
  const { page } = await open('/requests?scene=company');
  await page.getByRole('link', { name: 'Requests 4 waiting' }).waitFor();
  await page.getByRole('button', { name: 'Open 3' }).click();
  expect(new URL(page.url()).searchParams.get('state')).toBe('open');
  await page.getByLabel('Search in requests').fill('projector');
  const row = page.getByRole('listitem').filter({ hasText: 'The projector in room 4.12' });
  await row.waitFor();
  expect(await page.getByRole('listitem').count()).toBe(1);
  await row.getByRole('button', { name: 'Answer', exact: true }).click();
  const send = row.getByRole('button', { name: 'Send answer' });
  expect(await send.isDisabled()).toBe(true);
  await row.getByLabel('Answer').fill('A new cable lies there now.');
  await send.click();
  await page.getByRole('link', { name: 'Requests 3 waiting' }).waitFor();
  await page.getByRole('button', { name: 'Answered' }).click();
  await page.getByText('A new cable lies there now.').waitFor();
  await page.reload();
  await page.getByRole('button', { name: 'Answered', pressed: true }).waitFor();
  expect(await page.getByLabel('Search in requests').inputValue()).toBe('projector');
});

test('a viewer reads requests and is offered nothing to do with them', async () => {
  const { page } = await open('/requests?scene=viewer');
  await page.getByText('The projector in room 4.12').waitFor();
  const offered = page.getByRole('listitem').getByRole('button');
  expect(await offered.allInnerTexts()).toEqual([]);
});

test('a device is revoked only after its name was typed, and can be restored', async () => {
  const { page } = await open('/devices/story-well?scene=company');
  await page.getByRole('button', { name: 'Revoke' }).click();
  const name = await page.locator('h1').textContent();
  const dialog = page.getByRole('dialog');
  const revoke = dialog.getByRole('button', { name: 'Revoke this device' });
  expect(await revoke.isDisabled()).toBe(true);
  await dialog.getByRole('textbox').fill(`${name}`);
  await revoke.click();
  await page.getByText('it may not connect').waitFor();
  await page.getByRole('button', { name: 'Restore' }).click();
  await page.getByText('may connect again').waitFor();
});

test('a token’s secret and its install lines are shown once', async () => {
  const { page } = await open('/enrolment?scene=company');
  await page.getByLabel('What it is for').fill('Berlin laptops');
  await page.getByRole('button', { name: 'Create token' }).click();
  const line =
    'npm run agent -- --collector wss://trayline.example.com/agent --token tle_EXAMPLE-not-a-real-token-4Kd9';
  await page.getByText(line).first().waitFor();
  await page.screenshot({ path: `${shots}/enrolment-secret-1280-light.png` });
  await page.getByRole('button', { name: 'Copy the line for Linux' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(line);
  await page.getByRole('button', { name: 'I have copied it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await page.getByText('tle_EXAMPLE').count()).toBe(0);
  await page.getByText('Berlin laptops').waitFor();
});

test('a moment picked on the timeline sets the page back to it, and back again', async () => {
  const { page } = await open('/devices/story-disk?scene=company&tab=timeline');
  const moment = page.getByRole('slider', { name: 'Moment' });
  await moment.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.getByText(/^As it was on/).waitFor();
  expect(page.url()).toContain('at=');
  await page.getByRole('heading', { name: 'Then' }).waitFor();
  await page.getByRole('button', { name: 'Back to now' }).click();
  await page.getByRole('heading', { name: 'Now' }).waitFor();
});

test('a value opens where it came from, also with the keyboard', async () => {
  const { page } = await open('/devices/story-encryption?scene=company');
  const value = page.getByRole('button', { name: /contradicted/ }).first();
  await value.focus();
  await page.getByText('Intune says').waitFor();
});

test('the colour scheme is remembered', async () => {
  const { page } = await open('/?scene=company');
  await page.getByRole('button', { name: /Sam Ito/ }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await page.reload();
  await page.getByText('1,204 devices').first().waitFor();
  expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
});

test('a wrong password says what to do next, the right one opens the console', async () => {
  const { page } = await open('/?scene=signed-out');
  await page.getByLabel('User name').fill('sam');
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('Try again, or ask an administrator').waitFor();
  await page.getByLabel('Password', { exact: true }).fill('anything else');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('No devices yet').waitFor();
});

test('a viewer sees no page and no button that needs more', async () => {
  const { page } = await open('/devices/story-drive?scene=viewer');
  await page.getByText('What would raise it').waitFor();
  expect(await page.getByRole('button', { name: 'Ask for a scan' }).count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Revoke' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'People & tokens' }).count()).toBe(0);
});

const SETTINGS = '/settings/agents?scene=';
const LOAD = 'Load, disk space, battery';

/** Both pictures of a face that is reached by doing something, and what an examination finds in it. */
async function picture(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [390, 844],
    [1280, 800],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${shots}/${name}-${width}-light.png` });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    );
  }
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.filter(one => one.impact === 'serious' || one.impact === 'critical')).toEqual([]);
}

test('what agents are told is changed with the keyboard, reviewed, saved in one step and undone', async () => {
  const { page, complaints } = await open(`${SETTINGS}company`);
  const load = page.getByLabel(LOAD, { exact: true });
  await load.fill('20');
  await page.getByRole('button', { name: 'Add an application' }).press('Enter');
  await page.keyboard.type('office');
  await page.keyboard.press('Tab');
  await page.keyboard.type('Contoso Office*');
  await page.getByText('app.installed.office.exists').waitFor();
  await page.getByText('2 changes not saved').waitFor();
  await page.getByRole('button', { name: 'Review and save' }).press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Applications: office').waitFor();
  await dialog.getByText(/30 s$/).waitFor();
  await picture(page, 'settings-review');
  await dialog.getByRole('button', { name: 'Save and tell the agents' }).press('Enter');
  await page.getByText('being told now').waitFor();
  await page.getByText('Nothing to save').waitFor();
  expect(await load.inputValue()).toBe('20');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Agents are told what they were told before').waitFor();
  expect(await load.inputValue()).toBe('30');
  expect(await page.getByText('office', { exact: true }).count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('what may not be asked is said at its field, which gets the focus, and is not saved', async () => {
  const { page } = await open(`${SETTINGS}company`);
  await page.getByRole('button', { name: 'Add a file' }).click();
  await page.keyboard.type('hosts');
  const path = page.getByLabel('Path', { exact: true });
  await path.fill('/etc/shadow');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByText('Agents never look at this place').waitFor();
  expect(await path.evaluate(field => field === document.activeElement)).toBe(true);
  expect(await path.getAttribute('aria-invalid')).toBe('true');
  expect(await page.getByRole('dialog').count()).toBe(0);
  await picture(page, 'settings-wrong');
  await path.fill('/etc/hosts');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByText('Files: hosts').waitFor();
});

test('what the collector refuses is marked where it was typed', async () => {
  const { page } = await open(`${SETTINGS}settings-refused`);
  await page.getByLabel(LOAD, { exact: true }).fill('20');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('button', { name: 'Save and tell the agents' }).click();
  await page.getByText('The collector does not take this').waitFor();
  expect(await page.getByLabel('Path', { exact: true }).getAttribute('aria-invalid')).toBe('true');
  await picture(page, 'settings-refused');
});

test('a page that is behind says so, loses nothing that was typed, and goes on from what is there', async () => {
  const { page } = await open(`${SETTINGS}settings-conflict`);
  const load = page.getByLabel(LOAD, { exact: true });
  await load.fill('20');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('button', { name: 'Save and tell the agents' }).click();
  await page.getByText('ines has changed this meanwhile').waitFor();
  await page.getByText(`You both changed “${LOAD}”`).waitFor();
  expect(await load.inputValue()).toBe('20');
  expect(await page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
  await picture(page, 'settings-conflict');
  await page.getByRole('button', { name: 'Take this in and keep mine' }).click();
  await page.getByRole('button', { name: /office/ }).waitFor();
  expect(await load.inputValue()).toBe('20');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByText(/45 s$/).waitFor();
  await page.getByRole('button', { name: 'Save and tell the agents' }).click();
  await page.getByText('being told now').waitFor();
});

test('a save that fails keeps everything and can be tried again', async () => {
  const { page } = await open(`${SETTINGS}settings-error`);
  await page.getByLabel(LOAD, { exact: true }).fill('20');
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('button', { name: 'Save and tell the agents' }).click();
  await page.getByRole('dialog').getByText('Storage not available').waitFor();
  await picture(page, 'settings-save-error');
  await page.getByRole('button', { name: 'Save and tell the agents' }).click();
  await page.getByText('being told now').waitFor();
});

test('what is typed about agents outlives a look at another page', async () => {
  const { page } = await open(`${SETTINGS}company`);
  await page.getByLabel(LOAD, { exact: true }).fill('20');
  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByText('Unbroken').waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('1 change not saved').waitFor();
  expect(await page.getByLabel(LOAD, { exact: true }).inputValue()).toBe('20');
});

test('a table of support ends is refused in words, or shown with what it changes', async () => {
  const { page } = await open(`${SETTINGS}company`);
  const chosen = (name: string, table: unknown) =>
    page
      .getByLabel('File with a newer table')
      .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(table)) });
  await chosen('old.json', { ...OS_SUPPORT, asOf: '2026-01-01' });
  await page.getByText('old.json was not taken').waitFor();
  await page.getByText('Only a later one may be given').waitFor();
  await picture(page, 'settings-table-refused');
  await chosen('new.json', {
    ...OS_SUPPORT,
    asOf: '2026-11-01',
    macos: [['28', 'macOS 28', null], ...OS_SUPPORT.macos],
  });
  await page.getByText('After saving: the table of 1 Nov 2026').waitFor();
  await page.getByText('1 row added, 1 row with other days').waitFor();
  await picture(page, 'settings-table');
  await page.getByRole('button', { name: 'Keep the one in use' }).click();
  await page.getByText('Nothing to save').waitFor();
});

test('a system is connected: its settings are titled, and what the vendor says to them is shown', async () => {
  const { page, complaints } = await open('/integrations?scene=company');
  await page.getByRole('button', { name: 'Connect Workspace ONE UEM' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Berlin');
  await dialog.getByLabel('API address').fill('https://as1.awmdm.com');
  await dialog.getByLabel('API key').fill('tenant-code');
  await dialog.getByLabel('Client secret', { exact: true }).fill('a secret of the scene');
  await dialog.getByRole('button', { name: 'Connect', exact: true }).click();
  await dialog.getByText('Invalid client secret provided').waitFor();
  await page.screenshot({ path: `${shots}/integrations-form-1280-light.png` });
  const found = await new AxeBuilder({ page }).analyze();
  expect(
    found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id }) => id),
  ).toEqual([]);
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await page.getByRole('article', { name: 'Workspace ONE UEM: Berlin' }).waitFor();
  expect(complaints).toEqual([]);
});

/** Serious findings about what the page shows now. */
async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
}

test('a record is split off a device after what will happen was said, stays listed, and is taken back', async () => {
  const { page, complaints } = await open('/devices/story-well?scene=company&tab=sources');
  const buttons = page.getByRole('button', { name: /is another device$/ });
  await buttons.first().waitFor();
  const before = await buttons.count();
  await buttons.last().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('becomes a device of its own').waitFor();
  await page.screenshot({ path: `${shots}/device-split-1280-light.png` });
  expect(await serious(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Split it off' }).click();
  await page.getByText('Never one device').first().waitFor();
  expect(await buttons.count()).toBe(before - 1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Never one device').first().waitFor({ state: 'detached' });
  expect(await buttons.count()).toBe(before);
  expect(complaints).toEqual([]);
});

test('a record is put to another device with the keyboard alone, and what does not hold is said before', async () => {
  const { page } = await open('/devices/story-well?scene=company&tab=sources');
  const button = page.getByRole('button', { name: /belongs to…$/ }).last();
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Device' }).waitFor();
  await page.keyboard.type('story-disk');
  await dialog.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await dialog.getByText('This will not hold').waitFor();
  await dialog.getByLabel('Also if their serial numbers differ').focus();
  await page.keyboard.press('Space');
  await dialog.getByText('This will not hold').waitFor({ state: 'detached' });
  await page.screenshot({ path: `${shots}/device-belongs-1280-light.png` });
  await dialog.getByRole('button', { name: 'Join them' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('and stays there').waitFor();
});

describe('who is believed', () => {
  const orderOf = (page: Page, fact: string) =>
    page.getByRole('list', { name: `Who is believed about ${fact}, first to last` });
  const first = (page: Page, fact: string) => orderOf(page, fact).getByRole('button').first();

  test('is reordered with the keyboard, told in devices before it is saved, and undone', async () => {
    const { page, complaints } = await open('/integrations/believed?scene=company');
    await page.getByRole('button', { name: 'Change Encryption (encryption.system)' }).press('Enter');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-source'))).toBe('agent');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.getByText('Agent is now 3 of 7 for Encryption.').waitFor();
    await page.keyboard.press('Escape');
    expect(await first(page, 'Encryption').textContent()).toContain('Agent');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    expect(await orderOf(page, 'Encryption').getByRole('button').nth(1).textContent()).toContain('Agent');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-source'))).toBe('agent');
    await page.getByText('1 fact changed, not saved').waitFor();
    await page.getByText(/Another value would count for [\d,]+ devices? of 1,204/).waitFor();
    await page.screenshot({ path: `${shots}/believed-draft-1280-light.png` });
    expect(await serious(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('3 facts go by your word').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 facts go by your word').waitFor();
    expect(complaints).toEqual([]);
  });

  test('is reordered by dragging and by touch, and goes back to default', async () => {
    const { page } = await open('/integrations/believed?scene=company&fact=firewall.enabled');
    const buttons = orderOf(page, 'Firewall').getByRole('button');
    await buttons.nth(3).dragTo(buttons.nth(0));
    await page.getByText('Intune is now 1 of 7 for Firewall.').waitFor();
    await buttons.filter({ hasText: 'Jamf' }).click();
    await buttons.nth(0).click();
    await page.getByText('Jamf is now 1 of 7 for Firewall.').waitFor();
    await page.getByRole('button', { name: 'Firewall: back to default' }).click();
    expect(await first(page, 'Firewall').textContent()).toContain('Agent');
    await page.getByLabel('Firewall: too old after').selectOption({ label: 'never' });
    await page.getByText('1 fact changed, not saved').waitFor();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('1 fact changed, not saved').waitFor({ state: 'detached' });
  });

  test('that somebody else has changed meanwhile is not overwritten', async () => {
    const { page } = await open('/integrations/believed?scene=believed-conflict&fact=hardware.model');
    await page.getByLabel('Model: too old after').selectOption({ label: '30 d' });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Somebody was faster').waitFor();
    await page.getByRole('button', { name: 'Show what is there now' }).click();
    await page.getByText('Last changed by ines').waitFor();
    await page.getByText('1 fact goes by your word').waitFor();
  });
});

describe('matches to look at', () => {
  test('are listed by thousands a screen at a time, filtered by kind and text', async () => {
    const { page, complaints } = await open('/integrations/matches?scene=many-matches');
    const list = page.getByRole('list', { name: 'Matches to look at' });
    await page.getByText('5,000 of 9,000; the first 5,000 are here').waitFor();
    expect(await list.getByRole('listitem').count()).toBeLessThan(60);
    await list.focus();
    await page.keyboard.press('End');
    await list.locator('[aria-posinset="5000"]').waitFor();
    await page.getByRole('button', { name: /^Replaced board/ }).click();
    await page.getByText('1,125 of 1,125').waitFor();
    await page.getByLabel('Search matches').fill('000000000005');
    await page.getByText(/^\d+ of 1,125$/).waitFor();
    expect(complaints).toEqual([]);
  });

  test('are walked and settled with the keyboard, and what was decided can be taken back', async () => {
    const { page } = await open('/integrations/matches?scene=company&kind=clone');
    await page
      .getByRole('button', { name: /^Settle clone/ })
      .first()
      .waitFor();
    const counted = page.getByText(/^4 of 4$/);
    await counted.waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('They are two machines. Keep them apart.').focus();
    await page.keyboard.press('Space');
    await dialog
      .getByText(/is known to/)
      .first()
      .waitFor();
    await page.screenshot({ path: `${shots}/matches-settle-1280-light.png` });
    expect(await serious(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Decide' }).click();
    await page.getByText(/^3 of 3$/).waitFor();
    await page.getByRole('button', { name: 'Decided' }).click();
    await page.getByText('Never one device').waitFor();
    await page.screenshot({ path: `${shots}/matches-decided-one-1280-light.png` });
    await page.getByRole('button', { name: /^Take back/ }).click();
    await page.getByText('Nothing has been decided by hand').waitFor();
    await page.getByRole('button', { name: 'To look at' }).click();
    await page.getByRole('button', { name: /^Clone/ }).click();
    await counted.waitFor();
  });

  test('without an agent are put to the device they belong to', async () => {
    const { page } = await open('/integrations/matches?scene=company&kind=no-agent');
    await page
      .getByRole('button', { name: /^Settle no agent/ })
      .first()
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Device' }).fill('story-well');
    await dialog.getByRole('option').first().click();
    await dialog
      .getByText(/is known to/)
      .first()
      .waitFor();
    await dialog.getByLabel('Also if their serial numbers differ').check();
    await dialog.getByRole('button', { name: 'Join them' }).click();
    await page.getByText('and stays there').waitFor();
  });
});

test('what contradicts stands among the findings and leads to who says what; the fleet is filtered by it', async () => {
  const { page } = await open('/?scene=company&q=contradictions:high');
  await page.getByText(/of 1,204 devices/).waitFor();
  expect(Number(await rowCount(page))).toBeGreaterThan(1);
  await page.goto(`${server.url}/devices/story-encryption?scene=company&tab=findings`);
  const card = page.getByRole('region', { name: 'What matters' });
  await card.getByText('Said to be compliant, but the system disk is not encrypted.').waitFor();
  await page.getByRole('tabpanel').getByText('cannot be true as').waitFor();
  await page.getByRole('tabpanel').getByRole('button', { name: 'Who says what' }).click();
  await page.getByRole('heading', { name: 'Systems that know it' }).waitFor();
});

test('devices without an agent are found by a filter and say so', async () => {
  const { page } = await open('/?scene=company&q=agent:no');
  await page.getByText('1 of 1,204 devices').waitFor();
  await page.getByText('no agent', { exact: true }).first().waitFor();
});
