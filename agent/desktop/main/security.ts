import type { App, IpcMainInvokeEvent, Protocol, Session, WebContents } from 'electron';
import { isPageAddress, PAGE_SCHEME, pageFile } from './page-files.ts';

/*
 * What the page may not do. Every line has a test of its effect in test/desktop/security.test.ts. The list follows
 * Electron's own (https://www.electronjs.org/docs/latest/tutorial/security). Electron's parts are handed in, so that what
 * differs between its versions can be tried without it.
 */

/** Before the app is ready: the page's scheme is like https to the engine (an origin of its own, secure). */
export function registerPageScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false } },
  ]);
}

/** Before the app is ready: Chromium's own services must not reach for the network either. */
export function silenceChromium({ commandLine }: Pick<App, 'commandLine'>): void {
  for (const flag of [
    'disable-background-networking',
    'disable-component-update',
    'disable-domain-reliability',
  ]) {
    commandLine.appendSwitch(flag);
  }
}

/**
 * Before the app is ready. SECURITY: no fuse keeps Chromium's own debugger out, which shows and steers the page to whoever
 * starts the installed program with an argument; from a checkout it is how the tests see.
 */
export function refuseDebuggers({ commandLine, isPackaged }: Pick<App, 'commandLine' | 'isPackaged'>): void {
  if (!isPackaged) return;
  for (const flag of ['remote-debugging-port', 'remote-debugging-pipe']) commandLine.removeSwitch(flag);
}

/** What of a session's protocol serves the page: `handle` is there since Electron 25, and the other deprecated since then. */
export type PageProtocol = Pick<Protocol, 'registerBufferProtocol'> & Partial<Pick<Protocol, 'handle'>>;

/** Serves the page to this session, by the newer way where there is one. */
export function servePage({ protocol }: { readonly protocol: PageProtocol }, folder: string): void {
  if (typeof protocol.handle === 'function') {
    protocol.handle(PAGE_SCHEME, request => {
      const { status, headers, body } = pageFile(folder, request.url);
      return new Response(new Uint8Array(body), { status, headers });
    });
    return;
  }
  // oxlint-disable-next-line typescript/no-deprecated -- Electron 22 to 24 know nothing else.
  protocol.registerBufferProtocol(PAGE_SCHEME, (request, respond) => {
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
