import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { PAGES } from '../../agent/desktop/contract.ts';
import type { Double } from '../../agent/desktop/double.ts';
import type { SceneName } from '../../agent/desktop/scenes.ts';
import { SCAN_IDS } from '../../shared/device/facts.ts';
import { ALL_PROBLEM_CODES } from '../../shared/problem/codes.ts';
import type { Locale } from '../../shared/text/sentence.ts';
import { serveTrayPage, type TrayPage } from './serve-tray-page.ts';

/* The tray app's window in a real Chromium, under the app's own policy, played by the double of its contract. */

declare global {
  interface Window {
    /** The scene, when the page was opened with `?scene=`. */
    readonly double?: Double;
  }
}

export const shots = fileURLToPath(new URL('../../dist/screenshots', import.meta.url));
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

/** Folder the page was built into. */
export const builtPage = (): string => served.folder;

export interface Opening {
  readonly scene?: SceneName;
  readonly page?: (typeof PAGES)[number];
  readonly lang?: Locale;
  readonly scheme?: 'light' | 'dark';
  readonly forced?: boolean;
  readonly more?: string;
}

export async function open({
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
export async function faults(page: Page): Promise<string[]> {
  return await page.evaluate(
    ({ codes, checks }) => {
      const found: string[] = [];
      const seen = (element: Element): boolean => element.checkVisibility() && !element.closest('.sr');
      const name = (element: Element): string =>
        `${element.tagName.toLowerCase()} “${(element.textContent ?? '').trim().slice(0, 40)}”`;
      const whole = document.documentElement;
      if (whole.scrollHeight > innerHeight) found.push(`the window itself scrolls: ${whole.scrollHeight} px`);
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

export async function serious(page: Page): Promise<string[]> {
  // Its other mode opens a page of its own for every examination.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
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

/** Changes the system's colour scheme under the open page. */
export async function inScheme(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.locator(`html[data-mantine-color-scheme=${scheme}]`).waitFor();
}

/** Changes the language under the open page, as the app tells it. */
export async function inLanguage(page: Page, locale: Locale): Promise<void> {
  await page.evaluate(to => window.double?.tell('language.changed', { locale: to, follows: false }), locale);
  await page.locator(`html[lang=${locale}]`).waitFor();
}

/** Opens every part that is folded, so that all of a page is looked at. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}
