import { type Answer, answered, unanswered } from '../answer.ts';
import { parseRegistry, type RegistryKey } from '../parse/reg.ts';
import type { Probe } from '../probe.ts';

/** One key of the 64-bit registry by reg.exe; a key that is not there answers `not-present`. */
export async function registryKey(
  probe: Probe,
  path: string,
  signal?: AbortSignal,
): Promise<Answer<RegistryKey>> {
  const ran = await probe.command('reg', ['query', path, '/reg:64'], signal === undefined ? {} : { signal });
  if (!ran.ok) return ran;
  // reg.exe says 1 both for "no such key" and "access denied"; its words are localised. What we ask is readable by everybody.
  if (ran.code !== 0) return unanswered('not-present', path);
  const full = path.replace(/^HKLM\\/i, 'HKEY_LOCAL_MACHINE\\').toLowerCase();
  const key = parseRegistry(ran.stdout).get(full);
  return key === undefined ? unanswered('parse-error', path) : answered(key);
}
