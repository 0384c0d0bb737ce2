import type { NetVpn } from '../../../../shared/device/facts-software.ts';
import { lines } from '../decode.ts';
import { shortText } from './keys.ts';
import { flagIn, numberIn, type Row, textIn } from './rows.ts';

type Tunnel = NetVpn['tunnels'][number];

/** Words in descriptions of the virtual adapters of VPN clients; names of products are not translated. */
const PRODUCTS: readonly (readonly [RegExp, string])[] = [
  [/citrix|netscaler|deviceTRUST/i, 'Citrix Secure Access'],
  [/anyconnect|cisco secure client|cisco .*vpn/i, 'Cisco Secure Client'],
  [/pangp|globalprotect/i, 'GlobalProtect'],
  [/fortinet|forticlient|fortissl/i, 'FortiClient'],
  [/juniper|pulse secure|ivanti/i, 'Ivanti Secure Access'],
  [/zscaler/i, 'Zscaler'],
  [/check point/i, 'Check Point'],
  [/sonicwall/i, 'SonicWall'],
  [/f5 networks|f5 vpn/i, 'F5'],
  [/tailscale/i, 'Tailscale'],
  [/wireguard/i, 'WireGuard'],
  [/openvpn|tap-windows|wintun/i, 'OpenVPN'],
  [/cloudflare/i, 'Cloudflare WARP'],
];

/** Interface types of the IANA list that Windows uses: 23 PPP (its own VPN), 131 tunnel. */
const PPP = 23;
/** Windows' own transition tunnels are no VPN. */
const TRANSITION = /isatap|teredo|6to4|ip-https/i;

function sorted(tunnels: readonly Tunnel[]): NetVpn {
  const list = [...tunnels]
    .sort((a, b) => Number(b.up) - Number(a.up) || (a.name < b.name ? -1 : 1))
    .slice(0, 32);
  return { connected: list.some(one => one.up), tunnels: list };
}

/** Rows {Name, Description, Type, Up} of all network interfaces of Windows. */
export function windowsVpn(rows: readonly Row[]): NetVpn {
  return sorted(
    rows.flatMap(row => {
      const name = textIn(row, 'Name');
      const description = textIn(row, 'Description') ?? '';
      const type = numberIn(row, 'Type');
      const up = flagIn(row, 'Up');
      if (name === null || up === null || TRANSITION.test(description)) return [];
      const product = PRODUCTS.find(([words]) => words.test(description))?.[1];
      if (product === undefined && type !== PPP) return [];
      return [{ name, kind: product ?? 'Windows', up }];
    }),
  );
}

/**
 * `scutil --nc list`: `* (Connected)  UUID VPN (com.vendor.app) "Name"  [VPN:com.vendor.app]` below a headline. Null when the headline is
 * missing; modems (`[PPP:Modem]`) are no VPN.
 */
export function parseNetworkConnections(text: string): NetVpn | null {
  const rows = lines(text);
  if (!rows.some(line => /^Available network connection services/.test(line))) return null;
  const tunnels: Tunnel[] = [];
  for (const line of rows) {
    const match = /^[* ]\s*\(([A-Za-z]+)\)\s+[0-9A-Fa-f-]{36}\s.*?"(.*)"\s+\[([\w.:-]+)\]$/.exec(line);
    if (match === null) {
      if (line.trim() !== '' && !/^Available/.test(line)) return null;
      continue;
    }
    const [, state, name = '', kind = ''] = match;
    if (kind === 'PPP:Modem' || kind === 'PPP:PPPSerial' || kind === 'PPP:PPPoE') continue;
    tunnels.push({
      name: shortText(name) ?? kind,
      kind: shortText(kind.replace(/^VPN:/, '')),
      up: state === 'Connected',
    });
  }
  return sorted(tunnels);
}

/** Connections of `nmcli -t -f TYPE,STATE,NAME connection show --active` that are tunnels; other kinds carry names of networks and are dropped. */
export function parseActiveConnections(text: string): Tunnel[] {
  return lines(text).flatMap(line => {
    const match = /^(vpn|wireguard|tun|ip-tunnel):([a-z]+):(.*)$/.exec(line);
    if (match === null) return [];
    const [, kind = '', state, name = ''] = match;
    return [{ name: shortText(name.replace(/\\(.)/g, '$1')) ?? kind, kind, up: state === 'activated' }];
  });
}

/** What /sys/class/net says of one interface; null where a file is not there. */
export interface LinuxInterface {
  readonly name: string;
  readonly uevent: string | null;
  readonly tunFlags: string | null;
  readonly type: string | null;
  readonly operstate: string | null;
}

/** IFF_TAP of linux/if_tun.h: an Ethernet cable into a virtual machine, not a tunnel. */
const IFF_TAP = 0x0002;
/** ARPHRD_PPP of linux/if_arp.h. */
const ARPHRD_PPP = '512';

/** A tunnel among Linux' interfaces, or null. `unknown` is how a tunnel without a carrier of its own says that it is up. */
export function linuxTunnel({ name, uevent, tunFlags, type, operstate }: LinuxInterface): Tunnel | null {
  const flags = tunFlags === null ? Number.NaN : Number(tunFlags.trim());
  const kind = /^DEVTYPE=wireguard$/m.test(uevent ?? '')
    ? 'WireGuard'
    : Number.isInteger(flags) && (flags & IFF_TAP) === 0
      ? 'tun'
      : type?.trim() === ARPHRD_PPP
        ? 'PPP'
        : /^DEVTYPE=(ppp|xfrm|vti6?)$/m.test(uevent ?? '')
          ? 'IPsec'
          : null;
  if (kind === null) return null;
  const state = operstate?.trim() ?? '';
  return { name: name.slice(0, 200), kind, up: state === 'up' || state === 'unknown' };
}

export function linuxVpn(tunnels: readonly Tunnel[]): NetVpn {
  const best = new Map<string, Tunnel>();
  for (const one of tunnels) if (best.get(one.name)?.up !== true) best.set(one.name, one);
  return sorted([...best.values()]);
}
