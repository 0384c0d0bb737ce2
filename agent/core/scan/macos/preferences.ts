import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { isDict, type PlistDict, parsePlist } from '../parse/plist.ts';
import type { ScanContext } from '../scan.ts';

/**
 * What a configuration profile orders for one domain, for everybody on this Mac; `null` when no profile does. The MDM client keeps it in
 * /Library/Managed Preferences, readable by everybody; NIST's mSCP asks the same by NSUserDefaults.
 */
export async function managedPreferences(
  { probe, signal }: ScanContext,
  domain: string,
): Promise<Answer<PlistDict | null>> {
  const path = `/Library/Managed Preferences/${domain}.plist`;
  const there = await probe.exists(path);
  if (!there.ok) return there;
  if (!there.value) return answered(null);
  const ran = await probe.command('plutil', ['-convert', 'xml1', '-o', '-', path], { signal });
  if (!ran.ok) return ran;
  const plist = parsePlist(decode(ran.stdout));
  return ran.code === 0 && isDict(plist) ? answered(plist) : unanswered('parse-error', domain);
}

/**
 * `defaults VERB DOMAIN KEY`: what it prints, or `null` when the key is not set. defaults ends with 1 for that as for every other failure,
 * so its words (never translated) tell: `The domain/default pair of (..., ...) does not exist`.
 */
export async function defaults(
  { probe, signal }: ScanContext,
  args: readonly string[],
): Promise<Answer<string | null>> {
  const ran = await probe.command('defaults', args, { signal });
  if (!ran.ok) return ran;
  const text = decode(ran.stdout).trim();
  if (ran.code === 0) return text === '' ? unanswered('no-output', 'defaults') : answered(text);
  return /\bdoes not exist\b/.test(decode(ran.stderr))
    ? answered(null)
    : unanswered('command-failed', 'defaults');
}
