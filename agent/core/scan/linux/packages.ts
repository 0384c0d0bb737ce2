import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { type Program, parseFlatpaks, parsePackages } from '../parse/software.ts';
import type { Probe } from '../probe.ts';

/** One line a package, tabs between: whether it is installed, name, version, who made it. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own notation for its fields
const DPKG = ['-W', '-f', '${db:Status-Status}\\t${Package}\\t${Version}\\t${Maintainer}\\n'];
const RPM = ['-qa', '--qf', 'installed\\t%{NAME}\\t%{VERSION}-%{RELEASE}\\t%{VENDOR}\\n'];

/** Packages of the system's own package manager, dpkg's or rpm's, versions as it writes them. */
export async function systemPackages(probe: Probe, signal: AbortSignal): Promise<Answer<readonly Program[]>> {
  for (const [program, args] of [
    ['dpkg-query', DPKG],
    ['rpm', RPM],
  ] as const) {
    const ran = await probe.command(program, args, { signal });
    if (!ran.ok) {
      if (ran.reason === 'not-installed') continue;
      return ran;
    }
    if (ran.code !== 0) return unanswered('command-failed', `${program} ended with ${ran.code}`);
    const packages = parsePackages(decode(ran.stdout));
    return packages === null ? unanswered('parse-error', program) : answered(packages);
  }
  return unanswered('not-supported', 'neither dpkg nor rpm');
}

/** Programs from outside the package manager: flatpaks and snaps. What cannot be listed is left out. */
export async function sideloaded(probe: Probe, signal: AbortSignal): Promise<Program[]> {
  const flatpak = await probe.command('flatpak', ['list', '--app', '--columns=application,version'], {
    signal,
  });
  const programs = flatpak.ok && flatpak.code === 0 ? parseFlatpaks(decode(flatpak.stdout)) : [];
  const snaps = await probe.list('/snap');
  for (const name of snaps.ok ? snaps.value : []) {
    if (!/^[a-z\d][a-z\d-]*$/.test(name) || name === 'bin') continue;
    const meta = await probe.readFile(`/snap/${name}/current/meta/snap.yaml`);
    if (!meta.ok) continue;
    const version = /^version: '?([^'\n]+)'?$/m.exec(meta.value)?.[1] ?? null;
    programs.push({ name, version, publisher: null });
  }
  return programs;
}
