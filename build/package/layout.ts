import { join } from 'node:path';
import type { System } from '../electron-runtime.ts';

/*
 * What the packaged program is called and where its parts lie: for the one who packs, the one who looks at the result, and
 * the installers.
 */

/** Name people see. */
export const PRODUCT = 'Trayline';
/** Bundle identifier, and the id notifications on Windows are kept under; the app says the same (desktop/main/main.ts). */
export const APP_ID = 'com.trayline.desktop';
export const COPYRIGHT = 'Copyright Trayline contributors, Apache License 2.0';

/** The program in its folder; on macOS the folder holds the bundle. */
export function programIn(folder: string, system: System): string {
  if (system === 'mac') return join(folder, `${PRODUCT}.app`, 'Contents', 'MacOS', PRODUCT);
  return join(folder, system === 'windows' ? `${PRODUCT}.exe` : PRODUCT.toLowerCase());
}

export function resourcesIn(folder: string, system: System): string {
  return system === 'mac'
    ? join(folder, `${PRODUCT}.app`, 'Contents', 'Resources')
    : join(folder, 'resources');
}

/** The binary that holds the fuses. */
export function fuseFileIn(folder: string, system: System): string {
  if (system !== 'mac') return programIn(folder, system);
  const frameworks = join(folder, `${PRODUCT}.app`, 'Contents', 'Frameworks');
  return join(frameworks, 'Electron Framework.framework', 'Electron Framework');
}

/** macOS only. */
export function infoPlistIn(folder: string): string {
  return join(folder, `${PRODUCT}.app`, 'Contents', 'Info.plist');
}
