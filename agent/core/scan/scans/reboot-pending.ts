import type { RebootPending } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseSoftwareUpdate } from '../parse/macos.ts';
import { newerKernelInstalled, parseNeedrestart } from '../parse/reboot-linux.ts';
import { windowsReboot } from '../parse/windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function linux({ probe, signal }: ScanContext): Promise<Answer<RebootPending>> {
  const markers: string[] = [];
  const marked = await probe.exists('/run/reboot-required');
  if (marked.ok && marked.value) markers.push('reboot-required');

  const running = await probe.readFile('/proc/sys/kernel/osrelease');
  const [boot, modules] = await Promise.all([probe.list('/boot'), probe.list('/lib/modules')]);
  const images = boot.ok
    ? boot.value.flatMap(name => (name.startsWith('vmlinuz-') ? [name.slice('vmlinuz-'.length)] : []))
    : [];
  const installed = images.length > 0 ? images : modules.ok ? modules.value : [];
  const newer = running.ok ? newerKernelInstalled(running.value, installed) : null;
  if (newer === true) markers.push('newer-kernel');
  if (markers.length > 0) return answered({ pending: true, markers });
  if (newer === false) return answered({ pending: false, markers });

  // No marker and nothing to compare with is not "no": most systems write no marker at all.
  const asked = await probe.command('needrestart', ['-b'], { signal });
  if (!asked.ok) {
    return unanswered('not-supported', 'this system has neither a restart marker nor kernels to compare');
  }
  const waits = parseNeedrestart(asked.stdout);
  return waits.ok ? answered({ pending: waits.value, markers: waits.value ? ['needrestart'] : [] }) : waits;
}

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<RebootPending>> {
  const rows = await windowsSection(probe, round, 'reboot', signal);
  return rows.ok ? windowsReboot(rows.value) : rows;
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<RebootPending>> {
  const ran = await probe.command('softwareupdate', ['--list', '--no-scan'], { timeoutMs: 30_000, signal });
  return ran.ok ? parseSoftwareUpdate(ran.stdout, ran.stderr) : ran;
}

const read = perPlatform({ windows, macos, linux });

export function rebootPendingScan() {
  return defineScan({
    id: 'reboot.pending',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
