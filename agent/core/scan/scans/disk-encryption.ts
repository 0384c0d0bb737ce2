import type { DiskEncryption } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseLsblk } from '../parse/lsblk.ts';
import { macEncryption, parseFdesetup } from '../parse/macos.ts';
import { windowsEncryption, windowsEncryptionFromShell } from '../parse/windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

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

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<DiskEncryption>> {
  const rows = await windowsSection(probe, round, 'encryption', signal);
  const full = rows.ok ? windowsEncryption(rows.value) : rows;
  if (full.ok) return full;
  const shell = await windowsSection(probe, round, 'encryptionShell', signal);
  const known = shell.ok ? windowsEncryptionFromShell(shell.value) : shell;
  return known.ok ? known : full;
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<DiskEncryption>> {
  const ran = await probe.command('fdesetup', ['status'], { signal });
  if (!ran.ok) return ran;
  const status = parseFdesetup(ran.stdout);
  return status.ok ? answered(macEncryption(status.value)) : status;
}

const read = perPlatform({ windows, macos, linux });

export function diskEncryptionScan() {
  return defineScan({
    id: 'disk.encryption',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
