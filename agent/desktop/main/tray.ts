import { join } from 'node:path';
import { app, Menu, type MenuItemConstructorOptions, nativeImage, nativeTheme, Tray } from 'electron';
import { assertNever } from '../../../shared/base/assert-never.ts';
import type { Box } from './place-window.ts';
import {
  type Face,
  type MenuAction,
  type MenuItem,
  type TrayInput,
  trayFace,
  trayMenu,
} from './tray-menu.ts';

export interface TrayOptions {
  /** Folder of the drawn icons (build/icons.ts). */
  readonly icons: string;
  readonly clicked: () => void;
  readonly chosen: (action: MenuAction) => void;
  readonly problem: (id: string) => void;
}

export interface TrayIcon {
  show(input: TrayInput): void;
  /** Where the icon is; null where the system does not say (Linux). */
  bounds(): Box | null;
  destroy(): void;
}

/** The icon in the bar. What it shows is decided by tray-menu.ts; here it is only put there, and only when it changed. */
export function createTray({ icons, clicked, chosen, problem }: TrayOptions): TrayIcon {
  let tray: Tray | null = null;
  let shown = '';
  let menuShown = '';

  const image = (face: Face, count: number) => {
    const name = `${face}-${barKind()}${count > 0 ? `-${count > 9 ? 'many' : count}` : ''}`;
    const made = nativeImage.createEmpty();
    for (const scale of [1, 2]) {
      const file = nativeImage.createFromPath(join(icons, `${name}@${scale}.png`));
      made.addRepresentation({ scaleFactor: scale, buffer: file.toPNG() });
    }
    return made;
  };

  const template = (items: readonly MenuItem[]): MenuItemConstructorOptions[] =>
    items.map(item => {
      switch (item.kind) {
        case 'line':
          return { type: 'separator' };
        case 'text':
          return { label: item.label, enabled: false };
        case 'action':
          return { label: item.label, enabled: item.enabled, click: () => chosen(item.id) };
        case 'problem':
          return { label: item.label, click: () => problem(item.problem) };
        case 'menu':
          return { label: item.label, submenu: template(item.items) };
        default:
          return assertNever(item, 'menu item');
      }
    });

  return {
    show(input) {
      const { face, count, tooltip } = trayFace(input);
      const menu = trayMenu(input);
      const look = JSON.stringify([face, count, tooltip, barKind()]);
      if (tray === null) {
        tray = new Tray(image(face, count));
        tray.on('click', clicked);
        shown = '';
      }
      if (look !== shown) {
        shown = look;
        tray.setImage(image(face, count));
        tray.setToolTip(tooltip);
        // The dock's or launcher's own number, where there is such a thing; it says false where there is not.
        app.setBadgeCount(count);
      }
      const menuText = JSON.stringify(menu);
      if (menuText === menuShown) return;
      menuShown = menuText;
      const built = Menu.buildFromTemplate(template(menu));
      // With a context menu set, macOS would open it on a left click too.
      if (process.platform === 'darwin') {
        tray.removeAllListeners('right-click');
        tray.on('right-click', () => tray?.popUpContextMenu(built));
      } else tray.setContextMenu(built);
    },
    bounds() {
      const bounds = tray?.getBounds() ?? null;
      return bounds !== null && bounds.width > 0 ? bounds : null;
    },
    destroy() {
      tray?.destroy();
      tray = null;
    },
  };
}

/**
 * What the bar is like, as far as it is told. Windows has a setting for bars beside the one for programs, which newer
 * Electrons know; on macOS the bar goes with the rest; on Linux it is as the panel likes it.
 */
function barKind(): 'light' | 'dark' | 'any' {
  if (process.platform === 'linux') return 'any';
  const told: unknown = Reflect.get(nativeTheme, 'shouldUseDarkColorsForSystemIntegratedUI');
  return (typeof told === 'boolean' ? told : nativeTheme.shouldUseDarkColors) ? 'dark' : 'light';
}
