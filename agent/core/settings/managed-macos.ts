import { isDict, parsePlist } from '../scan/parse/plist.ts';
import type { Probe } from '../scan/probe.ts';
import { inOurSpelling, type Managed } from './managed.ts';

/** Where a configuration profile's payload for us arrives; written by the MDM client only. */
export const MANAGED_PREFERENCES = '/Library/Managed Preferences/com.trayline.agent.plist';

export async function readManagedPreferences(probe: Probe): Promise<Managed> {
  const there = await probe.exists(MANAGED_PREFERENCES);
  if (!there.ok) return { status: 'unavailable', reason: there.reason };
  if (!there.value) return { status: 'none' };
  // The MDM client writes the binary form; plutil prints either as XML.
  const result = await probe.command('plutil', ['-convert', 'xml1', '-o', '-', MANAGED_PREFERENCES]);
  if (!result.ok) return { status: 'unavailable', reason: result.reason };
  if (result.code !== 0) return { status: 'unavailable', reason: 'command-failed' };
  const values = parsePlist(Buffer.from(result.stdout).toString('utf8'));
  if (!isDict(values)) return { status: 'unavailable', reason: 'parse-error' };
  return { status: 'values', values: inOurSpelling(values) };
}
