import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { isDict, type PlistDict, parsePlist } from '../parse/plist.ts';
import { textIn } from '../parse/rows.ts';
import type { Probe } from '../probe.ts';

/**
 * A property list file, binary or XML, as XML. Not as JSON: plutil refuses that for lists with dates in them ("invalid object in plist for
 * destination format"), which com.apple.SoftwareUpdate and InstallHistory are.
 */
export async function plistFile(
  probe: Probe,
  path: string,
  signal: AbortSignal,
): Promise<Answer<Uint8Array>> {
  const there = await probe.exists(path);
  if (!there.ok) return there;
  if (!there.value) return unanswered('not-present', path);
  const ran = await probe.command('plutil', ['-convert', 'xml1', '-o', '-', path], { signal });
  if (!ran.ok) return ran;
  return ran.code === 0
    ? answered(ran.stdout)
    : unanswered('command-failed', `plutil ended with ${ran.code}`);
}

export async function plistDict(probe: Probe, path: string, signal: AbortSignal): Promise<Answer<PlistDict>> {
  const file = await plistFile(probe, path, signal);
  if (!file.ok) return file;
  const plist = parsePlist(decode(file.value));
  return isDict(plist) ? answered(plist) : unanswered('parse-error', path);
}

/** Version of the application in a bundle; an application without a readable one is still there. */
export async function bundleVersion(
  probe: Probe,
  bundle: string,
  signal: AbortSignal,
): Promise<string | null> {
  const info = await plistDict(probe, `${bundle}/Contents/Info.plist`, signal);
  return info.ok
    ? (textIn(info.value, 'CFBundleShortVersionString') ?? textIn(info.value, 'CFBundleVersion'))
    : null;
}

/** Home of who sits at the Mac: our own account, or for the service the owner of the console; null at the login window. */
export async function homeOfPerson(probe: Probe, signal: AbortSignal): Promise<string | null> {
  const { root, home } = probe.facts();
  if (root !== true) return home ?? null;
  const owner = await probe.command('stat', ['-f', '%Su', '/dev/console'], { signal });
  const name = owner.ok && owner.code === 0 ? decode(owner.stdout).trim() : '';
  return /^[A-Za-z][\w.-]*$/.test(name) && name !== 'root' ? `/Users/${name}` : null;
}
