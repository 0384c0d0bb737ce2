import type { OsVersion } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseSwVers } from '../parse/macos.ts';
import { parseOsRelease } from '../parse/os-release.ts';
import { windowsVersion } from '../parse/windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { registryKey } from '../windows/registry.ts';

async function windows({ probe, signal }: ScanContext): Promise<Answer<OsVersion>> {
  const key = await registryKey(probe, 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion', signal);
  if (key.ok) return windowsVersion(key.value, probe.facts().arch);
  // This key is always there: that it cannot be read says nothing about the system.
  return key.reason === 'not-present' ? unanswered('command-failed', 'CurrentVersion') : key;
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<OsVersion>> {
  const ran = await probe.command('sw_vers', [], { signal });
  return ran.ok ? parseSwVers(ran.stdout, probe.facts().arch) : ran;
}

async function linux({ probe }: ScanContext): Promise<Answer<OsVersion>> {
  const etc = await probe.readFile('/etc/os-release');
  const release = etc.ok ? etc : await probe.readFile('/usr/lib/os-release');
  if (!release.ok) {
    return unanswered(release.reason === 'not-present' ? 'not-supported' : release.reason, release.detail);
  }
  const [kernel, debian] = await Promise.all([
    probe.readFile('/proc/sys/kernel/osrelease'),
    probe.readFile('/etc/debian_version'),
  ]);
  const version = parseOsRelease(release.value, {
    kernel: kernel.ok ? kernel.value : null,
    debianVersion: debian.ok ? debian.value : null,
    arch: probe.facts().arch,
  });
  return version === null ? unanswered('parse-error', 'os-release names no system') : answered(version);
}

/** Which system this is; also asked by the support check. */
export const readOsVersion = perPlatform({ windows, macos, linux });

export function osVersionScan() {
  return defineScan({
    id: 'os.version',
    timeoutMs: 15_000,
    run: async context => outcome(await readOsVersion(context)),
  });
}
