import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { SCENES } from '../../agent/desktop/scenes.ts';
import { CATALOGUES } from '../../shared/text/sentence.ts';
import { builtPage, faults, open, serious, shots } from './tray-browser.ts';

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
  await other.page.getByRole('button', { name: 'Go to “A restart is waiting”' }).click();
  await other.page.getByRole('button', { name: 'Do it for me: Restart' }).waitFor();
});

test('a question that no check speaks of is answered with that', async () => {
  const { page } = await open({ page: 'ask' });
  await page.getByLabel('Your question').fill('Who won the match?');
  await page.getByRole('button', { name: 'Ask', exact: true }).first().click();
  await page.getByText('I found nothing about that among the checks').waitFor();
});

test('IT is asked about a problem after it was shown what is sent, and the request can be taken back', async () => {
  const { page } = await open({ scene: 'attention', page: 'problems' });
  await page.getByRole('button', { name: 'Ask IT for help' }).click();
  const form = page.getByRole('form', { name: 'New request to IT' });
  const text = form.getByLabel('What do you need?');
  // Whoever came here to write begins to write.
  await expect.poll(() => text.evaluate(field => field === document.activeElement)).toBe(true);
  await text.fill('May I turn it on\nduring a call?');
  const sent = form.getByRole('definition');
  expect(await sent.allInnerTexts()).toEqual([
    ...['May I turn it on\nduring a call?', 'Firewall is off', 'A. Kovacs', 'FIN-LT-0231'],
  ]);
  await form.getByRole('button', { name: 'Send to IT' }).click();
  await page.getByText('With IT').waitFor();
  const asked = await page.evaluate(() => window.double?.made.find(({ name }) => name === 'help.ask')?.input);
  expect(asked).toEqual({ text: 'May I turn it on\nduring a call?', problem: 'firewall-off' });
  expect(await form.count()).toBe(0);
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('Withdrawn', { exact: true }).waitFor();
  expect(await faults(page)).toEqual([]);
  expect(await serious(page)).toEqual([]);
});

test('what the assistant cannot answer is taken along to IT, and outlives a closed window', async () => {
  const { page } = await open({ page: 'ask' });
  await page.getByLabel('Your question').fill('Who repairs the projector?');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Ask IT for help' }).click();
  const text = page.getByLabel('What do you need?');
  expect(await text.inputValue()).toBe('Who repairs the projector?');
  await text.fill('Who repairs the projector in 4.12?');
  await page.reload();
  await page.getByRole('button', { name: 'Requests' }).click();
  expect(await page.getByLabel('What do you need?').inputValue()).toBe('Who repairs the projector in 4.12?');
});

test('a request that is not taken says why, and what was written stays', async () => {
  const { page } = await open({ page: 'requests', more: '&write' });
  await page.evaluate(() =>
    window.double?.answer('help.ask', () => ({ ok: false, code: 'help-too-many', detail: '' })),
  );
  await page.getByRole('button', { name: 'Send to IT' }).click();
  await page.getByRole('alert').getByText('as many as are taken at once').waitFor();
  expect(await page.getByLabel('What do you need?').inputValue()).toContain('again and again.');
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
  await page.getByText('That did not work.').waitFor();
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
  await page.getByRole('switch', { name: 'Notifications', exact: true }).click({ force: true });
  await page.getByRole('switch', { name: /^Quiet hours/ }).click({ force: true });
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
  const folder = join(builtPage(), 'assets');
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
});
