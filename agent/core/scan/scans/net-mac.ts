import type { NetMac } from '../../../../shared/device/facts.ts';
import { isRandomisedMac, normaliseMac } from '../../../../shared/device/identity.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseHardwarePorts } from '../parse/macos.ts';
import { windowsAdapters } from '../parse/windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

type Adapter = NetMac['adapters'][number];

/** What reading adapters needs of a round; the device's identity is read outside of one. */
export type AdapterContext = Pick<ScanContext, 'platform' | 'probe' | 'round' | 'signal'>;

async function linux({ probe }: AdapterContext): Promise<Answer<NetMac>> {
  const names = await probe.list('/sys/class/net');
  if (!names.ok) {
    return names.reason === 'not-present' ? unanswered('not-supported', 'no /sys/class/net') : names;
  }
  const adapters: Adapter[] = [];
  for (const name of [...names.value].sort().slice(0, 256)) {
    const at = `/sys/class/net/${name}`;
    // Only hardware has a device behind it; bridges, tunnels and container pairs do not.
    const device = await probe.link(`${at}/device`);
    if (!device.ok) continue;
    const [address, type, assigned, state, wireless] = await Promise.all([
      probe.readFile(`${at}/address`),
      probe.readFile(`${at}/type`),
      probe.readFile(`${at}/addr_assign_type`),
      probe.readFile(`${at}/operstate`),
      probe.exists(`${at}/wireless`),
    ]);
    const mac = address.ok ? normaliseMac(address.value) : null;
    if (mac === null || adapters.length === 64) continue;
    // ARPHRD_ETHER of if_arp.h; Wi-Fi says 1 as well.
    const ethernet = type.ok && type.value.trim() === '1';
    const word = state.ok ? state.value.trim() : '';
    adapters.push({
      name: name.slice(0, 200),
      mac,
      kind: wireless.ok && wireless.value ? 'wifi' : ethernet ? 'ethernet' : 'other',
      // addr_assign_type 1: made up by the kernel.
      randomised: isRandomisedMac(mac) || (assigned.ok && assigned.value.trim() === '1'),
      up: word === 'up' ? true : word === 'down' ? false : null,
    });
  }
  return answered({ adapters });
}

async function windows({ probe, round, signal }: AdapterContext): Promise<Answer<NetMac>> {
  const rows = await windowsSection(probe, round, 'adapters', signal);
  return rows.ok ? answered(windowsAdapters(rows.value)) : rows;
}

async function macos({ probe, signal }: AdapterContext): Promise<Answer<NetMac>> {
  const ran = await probe.command('networksetup', ['-listallhardwareports'], { signal });
  return ran.ok ? parseHardwarePorts(ran.stdout) : ran;
}

/** Physical adapters; also asked for the device's identity. */
export const readAdapters = perPlatform({ windows, macos, linux });

export function netMacScan() {
  return defineScan({
    id: 'net.mac',
    timeoutMs: 60_000,
    run: async context => outcome(await readAdapters(context)),
    // Cables and radios come and go all day; which adapters there are is what is worth telling.
    significant: ({ adapters }) =>
      adapters.map(({ name, mac, kind, randomised }) => [name, mac, kind, randomised]),
  });
}
