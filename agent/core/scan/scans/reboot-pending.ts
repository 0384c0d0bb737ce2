import type { RebootPending } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { newerKernelInstalled, parseNeedrestart } from '../parse/reboot-linux.ts';
import { defineScan, type ScanContext } from '../scan.ts';

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

export function rebootPendingScan() {
  return defineScan({
    id: 'reboot.pending',
    platforms: ['windows', 'macos', 'linux'],
    cost: 'posture',
    privilege: 'user',
    timeoutMs: 60_000,
    run: async context => outcome(await linux(context)),
  });
}
