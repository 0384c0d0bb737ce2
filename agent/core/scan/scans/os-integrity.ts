import type { OsIntegrity } from '../../../../shared/device/facts-security.ts';
import { type Answer, outcome, unanswered } from '../answer.ts';
import { parseLockdown } from '../parse/security-linux.ts';
import { macIntegrity } from '../parse/security-macos.ts';
import { windowsIntegrity } from '../parse/security-windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';
import { windowsValues } from '../windows/values.ts';

const HVCI = 'HypervisorEnforcedCodeIntegrity';

async function windows(context: ScanContext): Promise<Answer<OsIntegrity>> {
  const guard = await windowsSection(context.probe, context.round, 'deviceGuard', context.signal);
  const settings = await windowsValues(context, 'deviceGuardSettings', [
    { id: 'policy', key: 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\DeviceGuard', name: HVCI },
    {
      id: 'setting',
      key: `HKLM\\SYSTEM\\CurrentControlSet\\Control\\DeviceGuard\\Scenarios\\${HVCI}`,
      name: 'Enabled',
    },
  ]);
  return windowsIntegrity(guard, settings);
}

async function linux({ probe }: ScanContext): Promise<Answer<OsIntegrity>> {
  const file = await probe.readFile('/sys/kernel/security/lockdown');
  if (file.ok) return parseLockdown(file.value);
  return file.reason === 'not-present' ? unanswered('not-supported', 'a kernel without lockdown') : file;
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<OsIntegrity>> {
  const [sip, mounts] = await Promise.all([
    probe.command('csrutil', ['status'], { signal }),
    probe.command('mount', [], { signal }),
  ]);
  return sip.ok ? macIntegrity(sip.stdout, mounts.ok && mounts.code === 0 ? mounts.stdout : null) : sip;
}

const read = perPlatform({ windows, macos, linux });

export function osIntegrityScan() {
  return defineScan({
    id: 'os.integrity',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
