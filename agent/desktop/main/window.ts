import { app, BrowserWindow, screen, session } from 'electron';
import type { View } from '../contract.ts';
import { PAGE_ORIGIN } from './page-files.ts';
import { type Box, placeWindow } from './place-window.ts';
import { refuseNavigation, refusePermissions, refuseRequests, servePage } from './security.ts';

const SIZE = { width: 400, height: 640 } as const;
/** A window that lost the focus waits this long before its page is destroyed: whoever comes right back finds it as it was. */
const LINGER_MS = 30_000;

export interface PageWindow {
  /** Opens it near the icon, or brings it forward. */
  open(view: View, icon: Box | null): void;
  close(): void;
  /** What it was opened for last. */
  readonly view: View;
  readonly contents: Electron.WebContents | null;
  tell(name: string, payload: unknown): void;
  /** While held it is not put away for losing the focus: a question of the app's own stands before it. */
  hold(on: boolean): void;
}

export interface PageWindowOptions {
  readonly preload: string;
  /** Folder of the page's files. */
  readonly pages: string;
}

/** The one window. At rest there is none: closing destroys the page and gives its memory back. */
export function createPageWindow({ preload, pages }: PageWindowOptions): PageWindow {
  let window: BrowserWindow | null = null;
  let view: View = { page: 'home' };
  let linger: NodeJS.Timeout | null = null;
  let held = false;
  // In memory only: what a page stores lives as long as the app.
  const own = session.fromPartition('trayline');
  servePage(own, pages);
  refusePermissions(own);
  refuseRequests(own);
  own.setSpellCheckerEnabled(false);

  function create(): BrowserWindow {
    const made = new BrowserWindow({
      ...SIZE,
      show: false,
      frame: false,
      resizable: false,
      maximizable: false,
      minimizable: false,
      fullscreenable: false,
      skipTaskbar: true,
      title: 'Trayline',
      // SECURITY: the page is a web page and nothing more.
      webPreferences: {
        preload,
        session: own,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInSubFrames: false,
        webviewTag: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        spellcheck: false,
        devTools: !app.isPackaged,
      },
    });
    refuseNavigation(made.webContents);
    made.setMenuBarVisibility(false);
    made.once('ready-to-show', () => {
      made.show();
      made.focus();
    });
    made.on('blur', () => {
      // On Linux focus moves without the person doing anything; there the window stays until it is closed.
      if (held || process.platform === 'linux' || made.webContents.isDevToolsOpened()) return;
      made.hide();
      linger ??= setTimeout(() => {
        linger = null;
        if (!made.isDestroyed() && !made.isVisible()) made.destroy();
      }, LINGER_MS);
    });
    made.on('closed', () => {
      if (window === made) window = null;
    });
    void made.loadURL(`${PAGE_ORIGIN}/index.html`);
    return made;
  }

  return {
    open(next, icon) {
      view = next;
      if (linger !== null) clearTimeout(linger);
      linger = null;
      const isNew = window === null;
      window ??= create();
      const pointer = screen.getCursorScreenPoint();
      const known = icon !== null && icon.width > 0 ? icon : null;
      const display =
        known === null ? screen.getDisplayNearestPoint(pointer) : screen.getDisplayMatching(known);
      window.setBounds(placeWindow(SIZE, known, pointer, display.workArea));
      if (isNew) return;
      window.webContents.send('trayline:event', 'app.show', view);
      window.show();
      window.focus();
    },
    close() {
      window?.destroy();
      window = null;
    },
    get view() {
      return view;
    },
    get contents() {
      return window?.webContents ?? null;
    },
    tell(name, payload) {
      if (window !== null && !window.webContents.isDestroyed()) {
        window.webContents.send('trayline:event', name, payload);
      }
    },
    hold(on) {
      held = on;
      // What became of it stands in the window the person came from.
      if (!on && window?.isVisible() === true) window.focus();
    },
  };
}
