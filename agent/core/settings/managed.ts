import type { Platform } from '../../../shared/device/platform.ts';
import type { Probe } from '../scan/probe.ts';
import type { LayerValues } from './settings.ts';
import { SETTING_KEYS } from './table.ts';

/** What device management says: values, that it says nothing, or that it could not be asked. */
export type Managed =
  | { readonly status: 'values'; readonly values: LayerValues }
  | { readonly status: 'none' }
  | { readonly status: 'unavailable'; readonly reason: string };

const spelling = new Map(SETTING_KEYS.map(key => [key.toLowerCase(), key]));

/** Names as our table spells them: the registry does not tell upper from lower case. Others stay, to be reported. */
export function inOurSpelling(values: LayerValues): LayerValues {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [spelling.get(key.toLowerCase()) ?? key, value]),
  );
}

/** Asks the platform's device management for our settings. Linux has none that we read. */
export async function readManaged(platform: Platform, probe: Probe): Promise<Managed> {
  switch (platform) {
    case 'windows':
      return (await import('./managed-windows.ts')).readWindowsPolicy(probe);
    case 'macos':
      return (await import('./managed-macos.ts')).readManagedPreferences(probe);
    case 'linux':
      return { status: 'none' };
  }
}
