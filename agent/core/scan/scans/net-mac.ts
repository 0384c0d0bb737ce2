import type { NetMac } from '../../../../shared/device/facts.ts';
import { isRandomisedMac, normaliseMac } from '../../../../shared/device/identity.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import type { Probe } from '../probe.ts';
import { defineScan } from '../scan.ts';

type Adapter = NetMac['adapters'][number];

async function linux(probe: Probe): Promise<Answer<NetMac>> {
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

/** Physical adapters; also asked for the device's identity. */
export function readAdapters(
  probe: Probe,
  _platform: Platform,
  _signal?: AbortSignal,
): Promise<Answer<NetMac>> {
  return linux(probe);
}

export function netMacScan() {
  return defineScan({
    id: 'net.mac',
    platforms: ['windows', 'macos', 'linux'],
    cost: 'posture',
    privilege: 'user',
    timeoutMs: 60_000,
    run: async ({ probe, platform, signal }) => outcome(await readAdapters(probe, platform, signal)),
    // Cables and radios come and go all day; which adapters there are is what is worth telling.
    significant: ({ adapters }) =>
      adapters.map(({ name, mac, kind, randomised }) => [name, mac, kind, randomised]),
  });
}
