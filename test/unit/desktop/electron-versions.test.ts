import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { describe, expect, test } from 'vitest';
import { PAGE_ORIGIN, PAGE_SCHEME } from '../../../agent/desktop/main/page-files.ts';
import { isOwnPage, type PageProtocol, servePage } from '../../../agent/desktop/main/security.ts';
import { temporaryFolder } from '../../support/teardown.ts';

/*
 * What differs between the Electrons the app runs on, taken both ways. That nothing else is missing in the oldest is seen by
 * test/desktop running there; that nothing is on its way out in the newest, by the types it is compiled against and the rule
 * about deprecated names (build/oxlint.json).
 */

function pageFolder(): string {
  const folder = join(temporaryFolder('page'), 'page');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  return folder;
}

describe('the page is served', () => {
  test('by protocol.handle where there is one (Electron 25 and later)', async () => {
    const handlers: Record<string, (request: Request) => unknown> = {};
    const protocol: PageProtocol = {
      handle: (scheme, handler) => {
        handlers[scheme] = handler;
      },
      registerBufferProtocol: () => {
        throw new Error('the older way was taken');
      },
    };
    servePage({ protocol }, pageFolder());
    // The engine makes a request of any scheme; Node's own takes it by its address.
    const answer = await handlers[PAGE_SCHEME]?.(new Request(`${PAGE_ORIGIN}/index.html`));
    if (!(answer instanceof Response)) throw new Error('no response');
    expect({
      status: answer.status,
      type: answer.headers.get('content-type'),
      policy: answer.headers.get('content-security-policy')?.includes("default-src 'none'"),
      body: await answer.text(),
    }).toEqual({ status: 200, type: 'text/html; charset=utf-8', policy: true, body: '<p>page</p>' });
  });

  test('by registerBufferProtocol where there is nothing newer (Electron 22 to 24)', async () => {
    const handlers: Record<string, Parameters<PageProtocol['registerBufferProtocol']>[1]> = {};
    const protocol: PageProtocol = {
      registerBufferProtocol: (scheme, handler) => {
        handlers[scheme] = handler;
        return true;
      },
    };
    servePage({ protocol }, pageFolder());
    const request = {
      url: `${PAGE_ORIGIN}/index.html`,
      headers: {},
      method: 'GET',
      referrer: '',
    };
    const answer = await new Promise<object>(resolve => {
      handlers[PAGE_SCHEME]?.(request, response => resolve(Object(response)));
    });
    expect(answer).toMatchObject({
      statusCode: 200,
      mimeType: 'text/html',
      data: Buffer.from('<p>page</p>'),
      headers: { 'Content-Security-Policy': expect.stringContaining("default-src 'none'") },
    });
  });
});

describe('a call counts as the own page’s', () => {
  // Only what is looked at; the rest of these objects is Electron's.
  const contents = (destroyed: boolean) => ({ isDestroyed: () => destroyed }) as WebContents;
  const event = (sender: WebContents, frame: object | null) =>
    ({ sender, senderFrame: frame }) as IpcMainInvokeEvent;

  test('from its main frame', () => {
    const own = contents(false);
    expect(isOwnPage(event(own, { parent: null, url: `${PAGE_ORIGIN}/index.html` }), own)).toBe(true);
  });

  test('but not from a frame that is gone already, which Electron may say by null', () => {
    const own = contents(false);
    expect(isOwnPage(event(own, null), own)).toBe(false);
  });

  test('but not from a frame inside it, another address or a page that is destroyed', () => {
    const own = contents(false);
    const gone = contents(true);
    const main = { parent: null, url: `${PAGE_ORIGIN}/index.html` };
    expect([
      isOwnPage(event(own, { ...main, parent: main }), own),
      isOwnPage(event(own, { ...main, url: 'file:///index.html' }), own),
      isOwnPage(event(gone, main), gone),
      isOwnPage(event(contents(false), main), own),
      isOwnPage(event(own, main), null),
    ]).toEqual([false, false, false, false, false]);
  });
});
