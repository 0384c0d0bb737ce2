import { parseRegistry } from '../scan/parse/reg.ts';
import type { Probe } from '../scan/probe.ts';
import { inOurSpelling, type Managed } from './managed.ts';

/** Where Group Policy and Intune's ADMX ingestion write; only administrators may. */
export const POLICY_KEY = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Trayline\\Agent';

export async function readWindowsPolicy(probe: Probe): Promise<Managed> {
  // /reg:64: a 32-bit caller would be shown another branch of the registry.
  const result = await probe.command('reg', ['query', POLICY_KEY, '/reg:64']);
  if (!result.ok) return { status: 'unavailable', reason: result.reason };
  // reg ends with 1 both for "no such key" and "access denied"; the branch is readable by everybody.
  if (result.code !== 0) return { status: 'none' };
  const values = parseRegistry(result.stdout).get(POLICY_KEY.toLowerCase()) ?? new Map();
  return { status: 'values', values: inOurSpelling(Object.fromEntries(values)) };
}
