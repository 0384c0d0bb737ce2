import type { NetVpn } from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, cannotAsk, outcome, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import {
  linuxTunnel,
  linuxVpn,
  parseActiveConnections,
  parseNetworkConnections,
  windowsVpn,
} from '../parse/vpn.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<NetVpn>> {
  const rows = await windowsSection(probe, round, 'vpn', signal);
  if (!rows.ok) return rows;
  // Every Windows has at least its loopback interface.
  return rows.value.length === 0 ? unanswered('no-output', 'no interface') : answered(windowsVpn(rows.value));
}

async function macos({ probe, signal }: ScanContext): Promise<Answer<NetVpn>> {
  const ran = await probe.command('scutil', ['--nc', 'list'], { signal });
  if (!ran.ok) return ran;
  if (ran.code !== 0) return unanswered('command-failed', `scutil ended with ${ran.code}`);
  const told = parseNetworkConnections(decode(ran.stdout));
  return told === null ? unanswered('parse-error', 'scutil') : answered(told);
}

/**
 * Interfaces from the kernel, and NetworkManager's tunnels that have none of their own (IPsec by policy). IPsec set up past
 * NetworkManager is not seen without root.
 */
async function linux({ probe, signal }: ScanContext): Promise<Answer<NetVpn>> {
  const names = await probe.list('/sys/class/net');
  if (!names.ok) return cannotAsk(names, 'the kernel lists no interfaces');
  const seen = await Promise.all(
    names.value.map(async name => {
      const text = async (file: string): Promise<string | null> => {
        const read = await probe.readFile(`/sys/class/net/${name}/${file}`);
        return read.ok ? read.value : null;
      };
      const [uevent, tunFlags, type, operstate] = await Promise.all([
        text('uevent'),
        text('tun_flags'),
        text('type'),
        text('operstate'),
      ]);
      return linuxTunnel({ name, uevent, tunFlags, type, operstate });
    }),
  );
  const args = ['-t', '-f', 'TYPE,STATE,NAME', 'connection', 'show', '--active'];
  const ran = await probe.command('nmcli', args, { signal });
  const managed = ran.ok && ran.code === 0 ? parseActiveConnections(decode(ran.stdout)) : [];
  return answered(linuxVpn([...seen.filter(one => one !== null), ...managed]));
}

export function netVpnScan() {
  return defineScan({
    id: 'net.vpn',
    timeoutMs: 60_000,
    run: async context => outcome(await perPlatform({ windows, macos, linux })(context)),
  });
}
