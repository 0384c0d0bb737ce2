import type { OsVersion } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseOsRelease } from '../parse/os-release.ts';
import { defineScan, type ScanContext } from '../scan.ts';

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
export function readOsVersion(context: ScanContext): Promise<Answer<OsVersion>> {
  return linux(context);
}

export function osVersionScan() {
  return defineScan({
    id: 'os.version',
    platforms: ['windows', 'macos', 'linux'],
    cost: 'posture',
    privilege: 'user',
    timeoutMs: 15_000,
    run: async context => outcome(await readOsVersion(context)),
  });
}
