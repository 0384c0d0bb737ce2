import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGE_NAMES } from '../../agent/desktop/contract.ts';
import { ROOT } from '../support/child.ts';
import { temporaryFolder } from '../support/teardown.ts';
import { NO_ELECTRON, TrayApp } from './support/app.ts';

/* Each line of the page's lockdown, by what it does and not by how it is set. There is no service: none is needed. */

describe.skipIf(NO_ELECTRON !== undefined)('the page', () => {
  let app: TrayApp;
  let page: Page;
  let server: Server;
  let address: string;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('reached');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    address = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
    app = await TrayApp.launch({ desk: temporaryFolder('desk') });
    page = await app.open();
  });
  afterAll(() => {
    server?.close();
    server?.closeAllConnections();
  });

  test('runs no inline script', async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return Reflect.get(window, 'ran') === true;
    });
    expect(ran).toBe(false);
  });

  test('loads no script and no picture from elsewhere', async () => {
    const loaded = await page.evaluate(
      async from =>
        await Promise.all(
          (['script', 'img'] as const).map(
            async kind =>
              await new Promise<string>(resolve => {
                const element = document.createElement(kind);
                element.onload = () => resolve('loaded');
                element.onerror = () => resolve('refused');
                element.src = `${from}/${kind}`;
                document.body.append(element);
              }),
          ),
        ),
      address,
    );
    expect(loaded).toEqual(['refused', 'refused']);
    expect(asked).toEqual([]);
  });

  test('reaches no network by itself', async () => {
    const said = await page.evaluate(
      async to =>
        await fetch(to).then(
          () => 'answered',
          () => 'refused',
        ),
      address,
    );
    expect(said).toBe('refused');
    expect(asked).toEqual([]);
  });

  test('has its requests cancelled even where no page policy stands before them', async () => {
    const ended = await app.electron.evaluate(
      async ({ net, session }, to) =>
        await new Promise<string>(resolve => {
          const request = net.request({ url: to, session: session.fromPartition('trayline') });
          request.on('response', () => resolve('answered'));
          request.on('error', error => resolve(error.message));
          request.end();
        }),
      address,
    );
    expect(ended).toContain('ERR_BLOCKED_BY_CLIENT');
    expect(asked).toEqual([]);
  });

  test('goes nowhere', async () => {
    const before = page.url();
    await page.evaluate(to => {
      location.href = to;
    }, address);
    await page.evaluate(to => {
      const link = document.createElement('a');
      link.href = to;
      document.body.append(link);
      link.click();
    }, address);
    // The page is still there and answers: whoever had left would not.
    expect(await page.evaluate(() => document.querySelector('#root') !== null)).toBe(true);
    expect(page.url()).toBe(before);
    expect(asked).toEqual([]);
  });

  test('opens no window', async () => {
    expect(await page.evaluate(to => window.open(to) === null, address)).toBe(true);
    expect(await app.windows()).toBe(1);
    expect(asked).toEqual([]);
  });

  test('gets no permission', async () => {
    const said = await page.evaluate(async () => ({
      notifications: await Notification.requestPermission(),
      camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'refused',
      ),
      place: await new Promise(resolve =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('refused'),
        ),
      ),
    }));
    expect(said).toEqual({ notifications: 'denied', camera: 'refused', place: 'refused' });
  });

  test('sees the contract’s names and nothing of Electron or Node', async () => {
    const seen = await page.evaluate(() => ({
      names: Object.fromEntries(
        Object.entries(window.trayline ?? {}).map(([group, members]) => [group, Object.keys(members).sort()]),
      ),
      others: ['require', 'process', 'module', 'ipcRenderer', 'electron', 'Buffer'].filter(
        name => Reflect.get(window, name) !== undefined,
      ),
    }));
    const expected = Object.fromEntries(
      Object.entries(PAGE_NAMES).map(([group, { calls, events }]) => [
        group,
        [...calls, ...events.map(name => `on${name.charAt(0).toUpperCase()}${name.slice(1)}`)].sort(),
      ]),
    );
    expect(seen).toEqual({ names: expected, others: [] });
  });

  test('is refused with a code when its input does not fit', async () => {
    const reply = await page.evaluate(async () => {
      const open: unknown = Reflect.get(window.trayline?.app ?? {}, 'openLink');
      return typeof open === 'function' ? await open({ url: 5 }) : null;
    });
    expect(reply).toMatchObject({ ok: false, code: 'request-invalid' });
  });

  test('has a call refused that comes from another page with the same bridge', async () => {
    const reply = await app.electron.evaluate(
      async ({ BrowserWindow }, preload) => {
        const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
        await other.loadURL('data:text/html,other');
        const said: unknown = await other.webContents.executeJavaScript('trayline.app.info()');
        other.destroy();
        return said;
      },
      join(ROOT, 'dist', 'desktop', 'preload.cjs'),
    );
    expect(reply).toEqual({ ok: false, code: 'sender-refused', detail: 'not the page of this app' });
  });

  test('has a link opened only when it is https and on the list', async () => {
    await app.electron.evaluate(({ shell }) => {
      const opened: string[] = [];
      Reflect.set(globalThis, 'opened', opened);
      Reflect.set(shell, 'openExternal', (url: string) => {
        opened.push(url);
        return Promise.resolve();
      });
    });
    const replies = await page.evaluate(async () => {
      const codes: string[] = [];
      for (const url of [
        'http://support.apple.com/',
        'https://example.com/',
        'https://support.apple.com.example.com/',
        'https://user@support.apple.com/',
        'file:///etc/passwd',
        'javascript:alert(1)',
        'ms-msdt:/id',
        'https://support.apple.com/guide',
      ]) {
        const reply = await window.trayline?.app.openLink({ url });
        codes.push(reply?.ok === true ? 'opened' : (reply?.code ?? 'none'));
      }
      return codes;
    });
    expect(replies).toEqual([...Array(7).fill('link-refused'), 'opened']);
    expect(await app.electron.evaluate(() => Reflect.get(globalThis, 'opened') as string[])).toEqual([
      'https://support.apple.com/guide',
    ]);
  });
});
