import type { Tpm } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { macTpm, parseBridge } from '../parse/security-macos.ts';
import { windowsTpm } from '../parse/security-windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<Tpm>> {
  const section = (name: string) => windowsSection(probe, round, name, signal);
  return windowsTpm(await section('tpm'), await section('tpmSpec'), await section('tpmDevice'));
}

/** ACPI's name of a TPM 2.0, by which a chip shows that no driver answers for it. */
const ACPI_TPM = /^(MSFT0101|PNP0C31):/;

async function linux({ probe }: ScanContext): Promise<Answer<Tpm>> {
  const names = await probe.list('/sys/class/tpm');
  if (!names.ok) {
    return names.reason === 'not-present' ? unanswered('not-supported', 'the kernel knows no TPMs') : names;
  }
  const name = names.value.filter(one => /^tpm\d+$/.test(one)).sort()[0];
  const base: Tpm = { present: true, kind: 'tpm', version: null, ready: null, manufacturer: null };
  if (name === undefined) {
    const devices = await probe.list('/sys/bus/acpi/devices');
    if (!devices.ok) return devices;
    return answered(
      devices.value.some(one => ACPI_TPM.test(one))
        ? { ...base, ready: false }
        : { ...base, present: false, ready: false },
    );
  }
  // Documentation/ABI/stable/sysfs-class-tpm: `1` or `2`, since kernel 5.6.
  const major = await probe.readFile(`/sys/class/tpm/${name}/tpm_version_major`);
  if (!major.ok && major.reason !== 'not-present') return major;
  const digit = major.ok ? major.value.trim() : '';
  return answered({
    ...base,
    version: digit === '2' ? '2.0' : digit === '1' ? '1.2' : null,
    // A chip with a driver takes commands; whether anything is set up in it, only root could ask.
    ready: true,
  });
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<Tpm>> {
  const ran = await probe.command('system_profiler', ['SPiBridgeDataType', '-json'], { signal });
  if (!ran.ok) return ran;
  const bridge = parseBridge(ran.stdout);
  return bridge.ok ? answered(macTpm(bridge.value)) : bridge;
}

const read = perPlatform({ windows, macos, linux });

export function tpmScan() {
  return defineScan({
    id: 'tpm',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
