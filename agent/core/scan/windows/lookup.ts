import { type Answer, answered, unanswered } from '../answer.ts';
import { parseTypedRegistry, type TypedKey } from '../parse/reg.ts';
import type { Probe } from '../probe.ts';

const FULL: Readonly<Record<string, string>> = { hklm: 'HKEY_LOCAL_MACHINE', hkcu: 'HKEY_CURRENT_USER' };

function fullName(path: string): string {
  const [hive = '', ...rest] = path.split('\\');
  return [FULL[hive.toLowerCase()] ?? hive, ...rest].join('\\').toLowerCase();
}

/**
 * A key of the registry by reg.exe in the 32 or 64 bit view, told apart: it is not there, or it is and may not be read. reg.exe says 1 and a
 * translated sentence for both, so the folder above is asked: it lists the key when it is there. `path` begins with HKLM or HKCU.
 */
export async function lookUpKey(
  probe: Probe,
  path: string,
  view: 32 | 64,
  signal: AbortSignal,
): Promise<Answer<TypedKey>> {
  const ran = await probe.command('reg', ['query', path, `/reg:${view}`], { signal });
  if (!ran.ok) return ran;
  const full = fullName(path);
  if (ran.code === 0) {
    const keys = parseTypedRegistry(ran.stdout);
    // Of a key without values only the keys below are printed, or nothing.
    const known = keys.get(full);
    if (known !== undefined) return answered(known);
    return [...keys.keys()].every(one => one.startsWith(`${full}\\`))
      ? answered(new Map())
      : unanswered('parse-error', path);
  }
  if (ran.code !== 1) return unanswered('command-failed', `reg ended with ${ran.code}`);
  const names = path.split('\\');
  for (let depth = names.length - 1; depth >= 1; depth -= 1) {
    const above = await probe.command('reg', ['query', names.slice(0, depth).join('\\'), `/reg:${view}`], {
      signal,
    });
    if (!above.ok) return above;
    if (above.code !== 0) continue;
    const below = fullName(names.slice(0, depth + 1).join('\\'));
    return parseTypedRegistry(above.stdout).has(below)
      ? unanswered('not-permitted', path)
      : unanswered('not-present', path);
  }
  return unanswered('not-permitted', path);
}
