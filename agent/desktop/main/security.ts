import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { app, type IpcMainInvokeEvent, protocol, type Session, type WebContents } from 'electron';

/*
 * What the page may not do. Every line has a test of its effect in test/desktop/security.test.ts. The list follows
 * Electron's own (https://www.electronjs.org/docs/latest/tutorial/security).
 */

/** The page comes from here and nowhere else; not `file:`, which could read the disk. */
export const PAGE_SCHEME = 'trayline-page';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://app`;

/** SECURITY: nothing inline, nothing from elsewhere, no connection at all: the page talks through its bridge only. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "frame-src 'none'",
  "object-src 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Before the app is ready: the page's scheme is like https to the engine (an origin of its own, secure). */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false } },
  ]);
}

/** Before the app is ready: Chromium's own services must not reach for the network either. */
export function silenceChromium(): void {
  for (const flag of [
    'disable-background-networking',
    'disable-component-update',
    'disable-domain-reliability',
  ]) {
    app.commandLine.appendSwitch(flag);
  }
}

interface PageFile {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** A file of the page; 404 for everything that is not one. `folder` holds the page and nothing else. */
export function pageFile(folder: string, address: string): PageFile {
  const headers = {
    'Content-Security-Policy': PAGE_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
  };
  const none = {
    status: 404,
    headers: { ...headers, 'Content-Type': 'text/plain' },
    body: Buffer.from('not found'),
  };
  const { host, pathname } = new URL(address);
  const path = pathname === '/' ? '/index.html' : pathname;
  const type = TYPES[extname(path)];
  // SECURITY: plain names below the folder only: no way up, no escapes, no hidden files.
  if (host !== 'app' || type === undefined || !/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/.test(path)) return none;
  try {
    return {
      status: 200,
      headers: { ...headers, 'Content-Type': type },
      body: readFileSync(join(folder, path)),
    };
  } catch {
    return none;
  }
}

/** Serves the page to this session. `protocol.handle` is Electron's way since 25; before it there is only the older one. */
export function servePage(session: Session, folder: string): void {
  if (typeof session.protocol.handle === 'function') {
    session.protocol.handle(PAGE_SCHEME, request => {
      const { status, headers, body } = pageFile(folder, request.url);
      return new Response(new Uint8Array(body), { status, headers });
    });
    return;
  }
  session.protocol.registerBufferProtocol(PAGE_SCHEME, (request, respond) => {
    const { status, headers, body } = pageFile(folder, request.url);
    respond({
      statusCode: status,
      headers: { ...headers },
      mimeType: (headers['Content-Type'] ?? '').split(';')[0] ?? '',
      data: body,
    });
  });
}

/** SECURITY: no permission (camera, notifications, clipboard...) and no device is ever granted to the page. */
export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
}

/** SECURITY: the page has no network: every request that is not for its own files is cancelled. */
export function refuseRequests(session: Session): void {
  session.webRequest.onBeforeRequest((details, decide) => {
    decide({ cancel: !isPageAddress(details.url) && !details.url.startsWith('devtools://') });
  });
  session.on('will-download', event => event.preventDefault());
}

/** SECURITY: the page goes nowhere and opens nothing; links go through `app.openLink` and its list. */
export function refuseNavigation(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', event => event.preventDefault());
  contents.on('will-redirect', event => event.preventDefault());
  contents.on('will-attach-webview', event => event.preventDefault());
}

/** SECURITY: only the page's own main frame may call, and only while it shows our page. */
export function isOwnPage(event: IpcMainInvokeEvent, own: WebContents | null): boolean {
  const frame = event.senderFrame;
  return (
    own !== null &&
    !own.isDestroyed() &&
    event.sender === own &&
    frame !== null &&
    frame.parent === null &&
    isPageAddress(frame.url)
  );
}

function isPageAddress(address: string): boolean {
  return address === PAGE_ORIGIN || address.startsWith(`${PAGE_ORIGIN}/`);
}
