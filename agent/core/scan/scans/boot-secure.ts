import type { SecureBoot } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { linuxSecureBoot } from '../parse/security-linux.ts';
import { macSecureBoot, parseBridge } from '../parse/security-macos.ts';
import { windowsSecureBoot } from '../parse/security-windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsValues } from '../windows/values.ts';

const CONTROL = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';

async function windows(context: ScanContext): Promise<Answer<SecureBoot>> {
  const values = await windowsValues(context, 'secureBoot', [
    { id: 'secureBoot', key: `${CONTROL}\\SecureBoot\\State`, name: 'UEFISecureBootEnabled' },
    { id: 'firmware', key: CONTROL, name: 'PEFirmwareType' },
  ]);
  return values.ok ? windowsSecureBoot(values.value) : values;
}

const EFIVARS = '/sys/firmware/efi/efivars';
/** Vendor GUIDs: EFI_GLOBAL_VARIABLE of the UEFI specification, and shim's. */
const GLOBAL = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const SHIM = '605dab50-e046-4300-abb6-3dd810dd8b23';

/** The variables themselves, readable by everybody; mokutil prints what it reads from the same files. */
async function linux({ probe }: ScanContext): Promise<Answer<SecureBoot>> {
  const secure = await probe.readFile(`${EFIVARS}/SecureBoot-${GLOBAL}`);
  if (secure.ok) {
    const [setup, shim] = await Promise.all([
      probe.readFile(`${EFIVARS}/SetupMode-${GLOBAL}`),
      probe.readFile(`${EFIVARS}/MokSBStateRT-${SHIM}`),
    ]);
    for (const one of [setup, shim]) if (!one.ok && one.reason !== 'not-present') return one;
    return linuxSecureBoot(secure.value, setup.ok ? setup.value : null, shim.ok ? shim.value : null);
  }
  if (secure.reason !== 'not-present') return secure;
  const [uefi, firmware] = await Promise.all([
    probe.exists('/sys/firmware/efi'),
    probe.list('/sys/firmware'),
  ]);
  if (!uefi.ok) return uefi;
  if (uefi.value) return unanswered('not-supported', 'the firmware tells nothing of Secure Boot');
  // Containers hide the firmware, and boards with a device tree have another one: only a PC's own tables say that it started by BIOS.
  const { arch } = probe.facts();
  return firmware.ok && firmware.value.includes('dmi') && (arch === 'x64' || arch === 'ia32')
    ? answered({ enabled: false, firmware: 'bios', level: null, defeatedBy: null })
    : unanswered('not-supported', 'the firmware cannot be seen from here');
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<SecureBoot>> {
  const ran = await probe.command('system_profiler', ['SPiBridgeDataType', '-json'], { signal });
  if (!ran.ok) return ran;
  const bridge = parseBridge(ran.stdout);
  return bridge.ok ? macSecureBoot(bridge.value) : bridge;
}

const read = perPlatform({ windows, macos, linux });

export function bootSecureScan() {
  return defineScan({
    id: 'boot.secure',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
