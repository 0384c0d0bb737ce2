import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app } from 'electron';
import type { AppInfo } from '../contract.ts';

const ENTRY = 'trayline.desktop';

/** Does the app start with the session, and may the person change it? From a checkout there is nothing to start. */
export function autostart(): AppInfo['autostart'] {
  if (!app.isPackaged) return { on: false, changeable: false };
  if (process.platform === 'linux') return { on: linuxEntry() !== null, changeable: true };
  return { on: app.getLoginItemSettings().openAtLogin, changeable: true };
}

export function setAutostart(on: boolean): void {
  if (!app.isPackaged) return;
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: on });
    return;
  }
  if (!on) {
    rmSync(join(linuxFolder(), ENTRY), { force: true });
    return;
  }
  mkdirSync(linuxFolder(), { recursive: true });
  // Desktop Entry Specification 1.5: quotes around the program, whose path may hold spaces.
  const lines = [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Trayline',
    `Exec="${process.execPath.replace(/(["`$\\])/g, '\\$1')}"`,
    'X-GNOME-Autostart-enabled=true',
    '',
  ];
  writeFileSync(join(linuxFolder(), ENTRY), lines.join('\n'), { mode: 0o644 });
}

function linuxEntry(): string | null {
  try {
    return readFileSync(join(linuxFolder(), ENTRY), 'utf8');
  } catch {
    return null;
  }
}

function linuxFolder(): string {
  return join(process.env.XDG_CONFIG_HOME ?? join(app.getPath('home'), '.config'), 'autostart');
}
