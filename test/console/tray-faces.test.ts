import { describe, expect, test } from 'vitest';
import { PAGES } from '../../agent/desktop/contract.ts';
import { LOCALES } from '../../shared/text/sentence.ts';
import { faults, inLanguage, inScheme, type Opening, open, serious, shots, unfold } from './tray-browser.ts';

const OTHERS = LOCALES.filter(locale => locale !== 'en');

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
  { name: 'home-error', more: '&refused', says: 'Try again' },
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
  { name: 'requests-helped', scene: 'helped', page: 'requests', says: 'Answer of Sam Ortiz' },
  {
    name: 'requests-help-offline',
    scene: 'help-offline',
    page: 'requests',
    says: 'Waiting for the connection',
  },
  {
    name: 'requests-help-old-collector',
    scene: 'help-old-collector',
    page: 'requests',
    says: 'does not take requests yet',
  },
  {
    name: 'requests-writing',
    scene: 'attention',
    page: 'requests',
    more: '&write',
    says: 'Sent to IT is this',
  },
  {
    name: 'requests-writing-offline',
    scene: 'help-offline',
    page: 'requests',
    more: '&write',
    says: 'There is no connection right now.',
  },
  { name: 'privacy', scene: 'watched', page: 'privacy', says: 'Looking now, since 11:39' },
  { name: 'privacy-offline', scene: 'offline', page: 'privacy', says: '131 reports (48 kB)' },
  { name: 'privacy-empty', scene: 'unknown', page: 'privacy', says: 'Nobody has looked' },
  { name: 'about', scene: 'asked-twice', page: 'about', says: 'Managed by your organisation' },
  { name: 'about-no-service', scene: 'no-service', page: 'about', says: 'Does not answer' },
];

describe.each(FACES)('$name', face => {
  test('says what it should in both themes and four languages, with nothing cut off, too small, a code or inaccessible', async () => {
    const { page, complaints } = await open(face);
    await page.getByText(face.says).first().waitFor();
    for (const scheme of ['light', 'dark'] as const) {
      await inScheme(page, scheme);
      await page.screenshot({ path: `${shots}/tray-${face.name}-${scheme}.png` });
    }
    await unfold(page);
    expect(await faults(page)).toEqual([]);
    for (const scheme of ['light', 'dark'] as const) {
      await inScheme(page, scheme);
      expect({ scheme, serious: await serious(page) }).toEqual({ scheme, serious: [] });
    }
    await inScheme(page, 'light');
    for (const lang of OTHERS) {
      await inLanguage(page, lang);
      await page.screenshot({ path: `${shots}/tray-${face.name}-${lang}.png` });
      expect({ lang, faults: await faults(page) }).toEqual({ lang, faults: [] });
    }
    expect(complaints).toEqual([]);
  });
});

describe.each(PAGES)('the page %s', at => {
  test('is accessible in the other languages and both themes', async () => {
    const { page, complaints } = await open({ scene: 'many', page: at });
    await unfold(page);
    for (const lang of OTHERS) {
      await inLanguage(page, lang);
      for (const scheme of ['light', 'dark'] as const) {
        await inScheme(page, scheme);
        expect({ lang, scheme, serious: await serious(page) }).toEqual({ lang, scheme, serious: [] });
      }
    }
    expect(complaints).toEqual([]);
  });
});
