import type { DiskEncryption } from '../../../../shared/device/facts.ts';
import { type Answer, outcome, unanswered } from '../answer.ts';
import { parseLsblk } from '../parse/lsblk.ts';
import { defineScan, type ScanContext } from '../scan.ts';

async function linux({ probe, signal }: ScanContext): Promise<Answer<DiskEncryption>> {
  const args = ['--json', '-o', 'NAME,TYPE,FSTYPE,MOUNTPOINT'];
  const ran = await probe.command('lsblk', args, { signal });
  if (!ran.ok) return ran;
  if (ran.code !== 0) return unanswered('command-failed', `lsblk ended with ${ran.code}`);
  const parsed = parseLsblk(ran.stdout);
  // Containers and exotic pools (zfs) mount a root that lsblk does not know: nothing is known then, not "off".
  if (parsed.ok && parsed.value.systemVolume === 'unknown') {
    return unanswered('not-supported', 'the root file system is on no block device lsblk knows');
  }
  return parsed;
}

export function diskEncryptionScan() {
  return defineScan({
    id: 'disk.encryption',
    platforms: ['windows', 'macos', 'linux'],
    cost: 'posture',
    privilege: 'service',
    timeoutMs: 60_000,
    run: async context => outcome(await linux(context)),
  });
}
