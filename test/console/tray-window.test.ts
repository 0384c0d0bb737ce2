import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { PAGES } from '../../agent/desktop/contract.ts';
import type { Double } from '../../agent/desktop/double.ts';
import { SCENE_NOW, SCENES, type SceneName } from '../../agent/desktop/scenes.ts';
import { SCAN_IDS } from '../../shared/device/facts.ts';
import { ALL_PROBLEM_CODES } from '../../shared/problem/codes.ts';
import { CATALOGUES, LOCALES, type Locale } from '../../shared/text/sentence.ts';
import { serveTrayPage, type TrayPage } from './serve-tray-page.ts';

/* The tray app's window in a real Chromium, under the app's own policy, played by the double of its contract. */

declare global {
  interface Window {
    /** The scene, when the page was opened with `?scene=`. */
    readonly double?: Double;
  }
}

const shots = fileURLToPath(new URL('../../dist/screenshots', import.meta.url));
let browser: Browser;
let served: TrayPage;

beforeAll(async () => {
  await mkdir(shots, { recursive: true });
  served = await serveTrayPage();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // A scrollbar takes room in the app, so it must in the pictures.
    ignoreDefaultArgs: ['--hide-scrollbars'],
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
  await served?.close();
});

interface Opening {
  readonly scene?: SceneName;
  readonly page?: (typeof PAGES)[number];
  readonly lang?: Locale;
  readonly scheme?: 'light' | 'dark';
  readonly forced?: boolean;
  readonly more?: string;
}

async function open({
  scene = 'well',
  page: at = 'home',
  lang = 'en',
  scheme = 'light',
  forced = false,
  more = '',
}: Opening): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 400, height: 640 },
    colorScheme: scheme,
    forcedColors: forced ? 'active' : 'none',
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
    locale: lang === 'en' ? 'en-GB' : lang,
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(`error: ${error.message}`));
  page.on('console', message => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // A browser looks for an icon in the tab; the app's window has none.
    if (!message.location().url.endsWith('/favicon.ico')) complaints.push(message.text());
  });
  page.on('request', request => {
    if (!request.url().startsWith(served.url)) complaints.push(`left: ${request.url()}`);
  });
  await page.goto(`${served.url}/?scene=${scene}&page=${at}&lang=${lang}${more}`);
  await page.locator(`html[lang=${lang}] h1`).first().waitFor();
  return { page, complaints };
}

/** What no person should see: text that is cut off, scrolls sideways, is a code, or a target too small to hit. */
async function faults(page: Page): Promise<string[]> {
  return await page.evaluate(
    ({ codes, checks }) => {
      const found: string[] = [];
      const seen = (element: Element): boolean => element.checkVisibility() && !element.closest('.sr');
      const name = (element: Element): string =>
        `${element.tagName.toLowerCase()} “${(element.textContent ?? '').trim().slice(0, 40)}”`;
      for (const element of document.querySelectorAll('*')) {
        if (!seen(element) || element.closest('svg')) continue;
        const own = [...element.childNodes].some(
          node => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
        );
        const box = element.getBoundingClientRect();
        const scrolls = element.matches('main') || element === document.scrollingElement;
        if (scrolls && element.scrollWidth > element.clientWidth)
          found.push(`scrolls sideways: ${name(element)}`);
        if (!own) continue;
        if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline')
          found.push(`wider than its box: ${name(element)}`);
        if (box.right > innerWidth + 0.5 || box.left < -0.5)
          found.push(`out of the window: ${name(element)}`);
        const size = Number.parseFloat(getComputedStyle(element).fontSize);
        if (size < 12) found.push(`${size} px: ${name(element)}`);
      }
      for (const target of document.querySelectorAll(
        'button, summary, select, textarea, input:not([type=checkbox])',
      )) {
        if (!seen(target)) continue;
        const { width, height } = target.getBoundingClientRect();
        if (height < 40 || width < 40) found.push(`${width} × ${height}: ${name(target)}`);
      }
      for (const label of document.querySelectorAll('.mantine-Switch-label')) {
        if (label.getBoundingClientRect().height < 38) found.push(`low switch: ${name(label)}`);
      }
      // What a person put in and what was set as a value is not ours to word.
      const words = document.body.innerText;
      for (const code of codes) {
        if (code.includes('-') && words.includes(code)) found.push(`code: ${code}`);
      }
      for (const id of checks) if (words.includes(id)) found.push(`check id: ${id}`);
      if (/[{}]|\bundefined\b|\bnull\b|\bNaN\b|(?:^|\s)\?(?:\s|$)/.test(words.replaceAll(/\S\s\?/g, '')))
        found.push(`not filled in: ${words.match(/.{0,30}([{}]|undefined|null|NaN).{0,30}/)?.[0] ?? '?'}`);
      return found;
    },
    { codes: ALL_PROBLEM_CODES, checks: SCAN_IDS.filter(id => id.includes('.')) },
  );
}

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(' | ')}`,
    );
}

/** Opens every part that is folded, so that all of a page is looked at. */
async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

/** Every face of the window, and what it must say (in English). */
const FACES: readonly (Opening & { name: string; says: string })[] = [
  { name: 'home-well', says: 'All is well' },
  { name: 'home-attention', scene: 'attention', says: '3 things need you' },
  { name: 'home-will-block', scene: 'will-block', says: 'Needs you before Thursday 26 Nov, 14:00' },
  { name: 'home-blocked', scene: 'blocked', says: 'Your access stays blocked until this is solved.' },
  { name: 'home-unknown', scene: 'unknown', says: 'Not known yet' },
  { name: 'home-offline', scene: 'offline', says: 'Not connected since 09:42.' },
  { name: 'home-waiting', scene: 'waiting', says: 'Your helpdesk has to let this device in first.' },
  { name: 'home-watched', scene: 'watched', says: 'Sam Ortiz is looking at this device, since 11:39' },
  { name: 'home-checking', scene: 'checking', says: '5 of 12 checks have answered' },
  { name: 'home-many', scene: 'many', says: 'Show all 7 problems' },
  { name: 'home-loading', more: '&silent', says: 'Loading' },
  { name: 'home-no-service', scene: 'no-service', says: 'Trayline’s service is not running' },
  { name: 'home-old-service', scene: 'old-service', says: 'of different versions' },
  { name: 'home-error', scene: 'will-not-answer', says: 'Try again' },
  { name: 'problems', scene: 'will-block', page: 'problems', says: 'Open Windows Security' },
  {
    name: 'problems-action',
    scene: 'attention',
    page: 'problems',
    more: '&problem=restart-waiting',
    says: 'Do it for me: Restart',
  },
  { name: 'problems-many', scene: 'many', page: 'problems', says: 'Battery is worn out' },
  {
    name: 'problems-snoozed',
    scene: 'snoozed',
    page: 'problems',
    more: '&problem=drive-warning',
    says: 'No notifications about this until',
  },
  { name: 'problems-none', page: 'problems', says: 'No problems' },
  { name: 'problems-unknown', scene: 'unknown', page: 'problems', says: 'Not all checks have answered' },
  { name: 'ask', page: 'ask', says: 'Is the firewall on?' },
  { name: 'requests', scene: 'asked-twice', page: 'requests', says: 'Asked by Sam Ortiz' },
  { name: 'requests-empty', scene: 'first-start', page: 'requests', says: 'Nobody has asked anything' },
  { name: 'privacy', scene: 'watched', page: 'privacy', says: 'Looking now, since 11:39' },
  { name: 'privacy-offline', scene: 'offline', page: 'privacy', says: '131 reports (48 kB)' },
  { name: 'privacy-empty', scene: 'unknown', page: 'privacy', says: 'Nobody has looked' },
  { name: 'about', scene: 'asked-twice', page: 'about', says: 'Managed by your organisation' },
  { name: 'about-no-service', scene: 'no-service', page: 'about', says: 'Does not answer' },
];

describe.each(FACES)('$name', face => {
  test('says what it should, and nothing of it is cut off, too small, a code or inaccessible in either theme', async () => {
    for (const scheme of ['light', 'dark'] as const) {
      const { page, complaints } = await open({ ...face, scheme });
      await page.getByText(face.says).first().waitFor();
      await page.screenshot({ path: `${shots}/tray-${face.name}-${scheme}.png` });
      await unfold(page);
      expect({ scheme, faults: await faults(page) }).toEqual({ scheme, faults: [] });
      expect({ scheme, serious: await serious(page) }).toEqual({ scheme, serious: [] });
      expect(complaints).toEqual([]);
    }
  });

  test('fits the window in German, French and Spanish', async () => {
    for (const lang of LOCALES.filter(one => one !== 'en')) {
      const { page, complaints } = await open({ ...face, lang });
      await page.screenshot({ path: `${shots}/tray-${face.name}-${lang}.png` });
      await unfold(page);
      expect({ lang, faults: await faults(page) }).toEqual({ lang, faults: [] });
      expect(complaints).toEqual([]);
    }
  });
});

describe.each(LOCALES)('in %s', lang => {
  test.each(['light', 'dark'] as const)('every page is accessible in %s', async scheme => {
    for (const at of PAGES) {
      const { page } = await open({ scene: 'many', page: at, lang, scheme });
      await unfold(page);
      expect({ at, serious: await serious(page) }).toEqual({ at, serious: [] });
    }
  });
});

test('an answer of the assistant shows steps, what it rests on, and what it can do', async () => {
  const { page } = await open({ page: 'ask' });
  await page.getByLabel('Your question').fill('Is the firewall on?');
  await page.keyboard.press('Enter');
  await page.getByText('On (Windows Defender Firewall)').waitFor();
  await page.getByText('I answer from this device’s own checks').waitFor();
  expect(await page.getByLabel('Your question').inputValue()).toBe('');
  expect(await faults(page)).toEqual([]);
  expect(await serious(page)).toEqual([]);
  await page.screenshot({ path: `${shots}/tray-ask-answered-light.png` });
  const other = await open({ scene: 'attention', page: 'ask', scheme: 'dark' });
  await other.page.getByRole('button', { name: 'Is anything wrong?' }).click();
  await other.page.getByText('The checks found 3 things that need you.').waitFor();
  expect(await faults(other.page)).toEqual([]);
  expect(await serious(other.page)).toEqual([]);
  await other.page.screenshot({ path: `${shots}/tray-ask-answered-dark.png` });
  await other.page.getByRole('button', { name: 'What to do: A restart is waiting' }).click();
  await other.page.getByRole('button', { name: 'Do it for me: Restart' }).waitFor();
});

test('a question that no check speaks of is answered with that', async () => {
  const { page } = await open({ page: 'ask' });
  await page.getByLabel('Your question').fill('Who won the match?');
  await page.getByRole('button', { name: 'Ask', exact: true }).first().click();
  await page.getByText('I found nothing about that among the checks').waitFor();
});

test('Escape closes the window, and the next one has the half-written question and the conversation', async () => {
  const { page } = await open({ page: 'ask' });
  await page.getByLabel('Your question').fill('Is the firewall on?');
  await page.keyboard.press('Enter');
  await page.getByText('On (Windows Defender Firewall)').waitFor();
  await page.getByLabel('Your question').fill('And what about the batt');
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => window.double?.made.at(-1)?.name)).toBe('app.close');
  await page.reload();
  await page.getByText('On (Windows Defender Firewall)').waitFor();
  expect(await page.getByLabel('Your question').inputValue()).toBe('And what about the batt');
  await page.getByRole('button', { name: 'Start over' }).click();
  await page.getByText('Ask in your own words').waitFor();
});

test('checking again shows how far it is and says how it ended', async () => {
  const { page } = await open({ scene: 'attention', page: 'problems', more: '&step=400' });
  await page.getByRole('button', { name: 'Check again' }).click();
  await page.getByRole('progressbar', { name: '0 of 1 checks have answered' }).waitFor();
  await page
    .getByRole('status')
    .getByText(/^Checked at 11:4\d: it is still there\.$/)
    .waitFor();
  expect(
    await page.evaluate(() => window.double?.made.find(({ name }) => name === 'checks.run')?.input),
  ).toEqual({ checks: ['fw.enabled'] });
});

test('a check that could not tell is not told as solved', async () => {
  const { page } = await open({ scene: 'attention', page: 'problems', more: '&problem=drive-warning' });
  await page.getByRole('button', { name: 'Check again' }).click();
  await page.getByText(/^Checked at 11:4\d: the check could not tell\.$/).waitFor();
});

test('a problem that is gone is told as solved, and the badge goes with it', async () => {
  const { page } = await open({ scene: 'will-block', page: 'problems' });
  await page.getByRole('button', { name: 'Problems , 2 problems' }).waitFor();
  const left = SCENES['will-block'].problems.filter(({ id }) => id === 'restart-waiting');
  await page.evaluate(
    ([problems, home]) => {
      window.double?.tell('problems.changed', problems);
      window.double?.tell('home.changed', home);
    },
    [left, { ...SCENES.attention.home, problems: ['restart-waiting'], next: left[0] ?? null }] as const,
  );
  await page.locator('main').getByText('Solved: Firewall is off').waitFor();
  await page.getByRole('button', { name: 'Problems , 1 problem' }).waitFor();
});

test('a change of the device goes through the app’s own question, and a no changes nothing', async () => {
  const { page } = await open({ scene: 'declined', page: 'problems', more: '&problem=restart-waiting' });
  await page.getByRole('button', { name: 'Do it for me: Restart' }).click();
  await page.getByRole('status').getByText('You said no. Nothing was changed.').waitFor();
  expect(
    await page.evaluate(() => window.double?.made.find(({ name }) => name === 'device.act')?.input),
  ).toEqual({ action: 'restart', problem: 'restart-waiting' });
});

test('a change that failed says so', async () => {
  const { page } = await open({ scene: 'failed', page: 'problems', more: '&problem=restart-waiting' });
  await page.getByRole('button', { name: 'Do it for me: Restart' }).click();
  await page.getByText('That did not work. Nothing was changed.').waitFor();
});

test('reminding later quiets one problem’s notifications, and can be taken back', async () => {
  const { page } = await open({ scene: 'attention', page: 'problems' });
  await page.getByRole('button', { name: 'Remind me later' }).click();
  await page.getByRole('button', { name: 'Tomorrow morning' }).click();
  await page.getByText('No notifications about this until Wednesday 25 Nov, 07:00').waitFor();
  await page.getByRole('button', { name: 'Notify me again' }).click();
  await page.getByRole('button', { name: 'Remind me later' }).waitFor();
});

test('who looks stands on every page for as long as it lasts', async () => {
  const { page } = await open({ scene: 'watched' });
  for (const name of ['Home', 'Problems', 'Ask', 'Requests', 'Privacy']) {
    await page.getByRole('navigation').getByRole('button', { name }).click();
    await page.getByText('Sam Ortiz is looking at this device, since 11:39').waitFor();
  }
  await page.evaluate(home => window.double?.tell('home.changed', home), SCENES.well.home);
  await page.getByText('is looking at this device').waitFor({ state: 'detached' });
});

test('a service that goes takes all that was known with it, and brings it back', async () => {
  const { page } = await open({ scene: 'well' });
  await page.getByText('All is well').waitFor();
  const { info } = SCENES.well;
  await page.evaluate(next => window.double?.tell('app.infoChanged', next), { ...info, service: 'absent' });
  await page.getByRole('heading', { name: 'Trayline’s service is not running' }).waitFor();
  expect(await page.getByText('All is well').count()).toBe(0);
  await page.evaluate(next => window.double?.tell('app.infoChanged', next), info);
  await page.getByText('All is well').waitFor();
});

test('an empty list is not told as no problem while checks have not answered', async () => {
  const { page } = await open({ scene: 'unknown', page: 'problems' });
  await page.getByRole('heading', { name: 'Not known yet' }).waitFor();
  expect(await page.getByText('No problems').count()).toBe(0);
});

test('the keyboard alone reaches every page and begins at its headline', async () => {
  const { page } = await open({ scene: 'attention' });
  const words = CATALOGUES.en;
  const visited: (string | null)[] = [];
  for (const name of [
    words['page.problems'],
    words['page.requests'],
    words['page.privacy'],
    words['page.home'],
  ]) {
    const target = page.getByRole('navigation').getByRole('button', { name });
    for (let i = 0; i < 60 && !(await target.evaluate(one => one === document.activeElement)); i++)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('h1:focus').waitFor();
    visited.push(await page.locator('h1:focus').textContent());
  }
  expect(visited).toEqual(['Problems', 'Requests', 'Privacy', '3 things need you']);
  // The last place is the way to the question, which is where the writing begins.
  const ask = page.getByRole('navigation').getByRole('button', { name: 'Ask' });
  for (let i = 0; i < 60 && !(await ask.evaluate(one => one === document.activeElement)); i++)
    await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await page.locator('textarea:focus').waitFor();
  await page.keyboard.press('Shift+Tab');
  for (let i = 0; i < 60; i++) {
    if (
      (await page
        .locator(':focus')
        .getAttribute('aria-label')
        .catch(() => null)) === 'About and settings'
    )
      break;
    await page.keyboard.press('Shift+Tab');
  }
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'About and settings' }).waitFor();
});

test('the app can show a problem of its choice, opened', async () => {
  const { page } = await open({ scene: 'attention' });
  await page.getByText('3 things need you').waitFor();
  await page.evaluate(() => window.double?.tell('app.show', { page: 'problems', problem: 'drive-warning' }));
  await page.getByRole('button', { name: /Drive NVMe/, expanded: true }).waitFor();
  expect(await page.getByRole('button', { expanded: true }).count()).toBe(1);
});

test('the language is switched at once and for everything, and can follow the system again', async () => {
  const { page } = await open({ page: 'about' });
  await page.getByLabel('Language').selectOption('de');
  await page.getByRole('heading', { level: 1, name: 'Info und Einstellungen' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await page.getByLabel('Sprache').selectOption('fr');
  await page.getByRole('heading', { level: 1, name: 'À propos et réglages' }).waitFor();
  await page.getByLabel('Langue').selectOption('es');
  await page.getByRole('heading', { level: 1, name: 'Acerca de y ajustes' }).waitFor();
  await page.getByLabel('Idioma').selectOption('system');
  expect(await page.evaluate(() => window.double?.made.at(-1)?.input)).toEqual({ locale: null });
});

test('notifications, their quiet hours and the diagnostics answer to the person', async () => {
  const { page } = await open({ page: 'about' });
  await page.getByRole('switch', { name: 'Notifications' }).click({ force: true });
  await page.getByRole('switch', { name: 'Quiet hours' }).click({ force: true });
  await page.getByLabel('From').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Copy diagnostics' }).click();
  await page.getByRole('status').getByText('Copied.').waitFor();
  const asked = await page.evaluate(() =>
    window.double?.made.filter(({ name }) => name === 'notifications.set' || name === 'app.copyDiagnostics'),
  );
  expect(asked?.map(({ input }) => input)).toEqual([{ on: false }, { quietHours: null }, undefined]);
});

test('in forced colours shapes, borders and the chosen page are still told apart', async () => {
  const { page, complaints } = await open({ scene: 'will-block', forced: true });
  await page.getByText('Needs you before').waitFor();
  await page.screenshot({ path: `${shots}/tray-home-will-block-forced.png` });
  const place = page.locator('.place[aria-current=page]');
  expect(await place.evaluate(one => getComputedStyle(one).outlineStyle)).toBe('solid');
  const button = page.getByRole('button', { name: 'What to do' });
  expect(await button.evaluate(one => getComputedStyle(one).borderTopStyle)).toBe('solid');
  expect(complaints).toEqual([]);
});

test('nothing moves where motion is unwanted', async () => {
  const { page } = await open({ scene: 'checking' });
  expect(
    await page
      .locator('.bar-fill')
      .first()
      .evaluate(one => getComputedStyle(one).transitionDuration),
  ).toBe('0s');
});

test('the page is at most 350 kB on the wire', async () => {
  const folder = join(served.folder, 'assets');
  let total = 0;
  for (const name of await readdir(folder)) {
    // Scenes are fetched in a browser only, never by the app.
    if (!name.startsWith('scene-'))
      total += gzipSync(await readFile(join(folder, name)), { level: 9 }).length;
  }
  console.log(`tray page: ${(total / 1000).toFixed(1)} kB gzipped`);
  expect(total).toBeLessThan(350_000);
});

test('the window has the console’s colours', () => {
  const tokens = (path: string): Map<string, string> => {
    const css = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
    const found = new Map<string, string>();
    let theme = '';
    for (const line of css.split('\n')) {
      if (line.endsWith('{')) theme = line;
      const [, name, value] = /^\s+(--[a-z-]+): (#[0-9a-f]+);$/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) found.set(`${theme} ${name}`, value);
    }
    return found;
  };
  const console = tokens('collector/console/style/tokens.css');
  const own = [...tokens('agent/desktop/renderer/style/tokens.css')];
  expect(own.length).toBeGreaterThan(30);
  expect(own.filter(([name, value]) => console.get(name) !== value)).toEqual([]);
});

test('scenes play at their moment', async () => {
  const { page } = await open({ scene: 'attention', page: 'problems' });
  expect(await page.locator('dd[title]').first().getAttribute('title')).toBe('Sunday 22 Nov, 11:42');
  expect(SCENE_NOW).toBe(Date.UTC(2026, 10, 24, 10, 42));
});
