import { parseIptablesSave, parseNftRuleset } from '../parse/firewall-linux.ts';
import { isDict } from '../parse/plist.ts';
import { type Facts, type Output, type Told, told, unknown, unread } from './answer.ts';
import { jsonOf } from './objects.ts';
import { decimal, fields, grouped, lines, only, yesNo } from './text.ts';
import { allOf } from './windows-security.ts';

/** Linux: firewall, disk encryption and clock. */

/** `ufw status [verbose|numbered]` in English. Without `verbose` the defaults are not told. */
export function readUfw(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const states = lines(text).flatMap(line => /^Status: (active|inactive)$/.exec(line)?.[1] ?? []);
  const [state] = states;
  if (state === undefined || states.length > 1) return unread(output, 'ufw');
  const defaults = /^Default: (\w+) \(incoming\), (\w+) \(outgoing\)/m.exec(text);
  const logging = /^Logging: (on|off)(?: \((\w+)\))?\s*$/m.exec(text);
  const policy = (word: string | undefined): string | null =>
    word === 'deny' || word === 'allow' || word === 'reject' ? word : null;
  return told('firewall', {
    product: 'ufw',
    running: state === 'active',
    enabledAtBoot: null,
    defaultIncoming: policy(defaults?.[1]),
    defaultOutgoing: policy(defaults?.[2]),
    logging: logging?.[1] ?? null,
    loggingLevel: logging?.[2] ?? null,
  });
}

/** `firewall-cmd --state`, `systemctl is-active firewalld`. */
export function readFirewalld(output: Output): Told {
  const words = lines(output.text).filter(line => line.trim() !== '');
  const state = /^(running|not running|active|inactive|failed)$/.exec(words[0]?.trim() ?? '')?.[1];
  if (words.length !== 1 || state === undefined) return unread(output, 'firewalld');
  return told('firewall', {
    product: 'firewalld',
    running: state === 'running' || state === 'active',
    enabledAtBoot: null,
    defaultIncoming: null,
    defaultOutgoing: null,
    logging: null,
  });
}

/** `nft -j list ruleset` or `iptables-save`: does anything that comes in get refused? */
export function readRuleset(output: Output): Told {
  if (output.text.trim() === '') return unknown('no-output');
  const bytes = new TextEncoder().encode(output.text);
  const nft = output.name.startsWith('nft');
  const answer = nft ? parseNftRuleset(bytes) : parseIptablesSave(bytes);
  if (!answer.ok) return unread(output, answer.detail ?? 'ruleset');
  return told('firewall', {
    product: nft ? 'nftables' : 'iptables',
    running: null,
    filtersIncoming: answer.value,
  });
}

/** `cryptsetup status NAME`. */
export function readCryptsetupStatus(output: Output): Told {
  const { text } = output;
  const [, mapper, state, use] =
    /^(\/dev\/mapper\/\S+) is (active|inactive)( and is in use)?\.\s*$/m.exec(text) ?? [];
  if (mapper === undefined) {
    if (/^Device \S+ (not found|does not exist)/m.test(text)) return unknown('not-present', 'no such device');
    return unread(output, 'cryptsetup');
  }
  const list = fields(text);
  const type = only(list, 'type');
  const bits = /^(\d+)(?: (?:bits|\[bits\]))?$/.exec(only(list, 'keysize') ?? '')?.[1];
  const active = state === 'active';
  return told('diskEncryption', {
    mapper,
    active,
    inUse: active ? use !== undefined : false,
    type,
    isLuks: type === null ? null : /^LUKS/.test(type),
    cipher: only(list, 'cipher'),
    keyBits: bits === undefined ? null : Number(bits),
    device: only(list, 'device'),
  });
}

/** `cryptsetup luksDump DEVICE`: header data; no key material is in it, and digests and salts stay unread. */
export function readLuksDump(output: Output): Told {
  const version = /^Version:\s+([12])\s*$/m.exec(output.text)?.[1];
  if (!/^LUKS header information/m.test(output.text) || version === undefined)
    return unread(output, 'luksDump');
  const list = fields(output.text);
  const name = only(list, 'Cipher name');
  const mode = only(list, 'Cipher mode');
  const bits = only(list, 'MK bits') ?? /^\s*Cipher key:\s+(\d+) bits\s*$/m.exec(output.text)?.[1] ?? null;
  return told('diskEncryption', {
    type: `LUKS${version}`,
    isLuks: true,
    active: null,
    inUse: null,
    cipher:
      name !== null && mode !== null
        ? `${name}-${mode}`
        : (/^\s*cipher: (\S+)\s*$/m.exec(output.text)?.[1] ?? null),
    keyBits: grouped(bits),
    device: /^LUKS header information for (\S+)/m.exec(output.text)?.[1] ?? null,
  });
}

interface Block {
  readonly name: string;
  readonly type: string | null;
  readonly fstype: string | null;
  readonly fsver: string | null;
  readonly mounts: readonly string[];
  readonly children: readonly Block[];
}

function blockOf(value: unknown, depth = 0): Block | null {
  if (!isDict(value) || typeof value.name !== 'string' || depth > 20) return null;
  const text = (key: string): string | null => {
    const one = value[key];
    return typeof one === 'string' && one !== '' ? one : null;
  };
  const several = Array.isArray(value.mountpoints)
    ? value.mountpoints.filter(one => typeof one === 'string')
    : [];
  const single = text('mountpoint');
  const children: Block[] = [];
  for (const child of Array.isArray(value.children) ? value.children : []) {
    const block = blockOf(child, depth + 1);
    if (block === null) return null;
    children.push(block);
  }
  return {
    name: value.name,
    type: text('type'),
    fstype: text('fstype'),
    fsver: text('fsver'),
    mounts: single === null || several.includes(single) ? several : [single, ...several],
    children,
  };
}

/** The tree that `lsblk` draws (`├─sda1`): depth by the place where the name starts, columns by their headings. */
function blocksOfTree(text: string): Block[] | null {
  const written = lines(text).filter(line => line.trim() !== '');
  const head = written[0] ?? '';
  if (!/^NAME\s/.test(head)) return null;
  const column = (name: string): number => head.search(new RegExp(`(?<=\\s)${name}(?=\\s|$)`));
  const mountAt = Math.max(column('MOUNTPOINTS'), column('MOUNTPOINT'));
  const typeAt = column('TYPE');
  const fsAt = column('FSTYPE');
  if (mountAt < 0 || (typeAt < 0 && fsAt < 0)) return null;
  type Open = {
    depth: number;
    block: { -readonly [Key in keyof Block]: Block[Key] } & { children: Block[]; mounts: string[] };
  };
  const roots: Block[] = [];
  const stack: Open[] = [];
  const cell = (line: string, at: number): string | null => {
    if (at < 0 || at >= line.length || (at > 0 && line[at - 1] !== ' ')) return null;
    return /^\S+/.exec(line.slice(at))?.[0] ?? null;
  };
  for (const line of written.slice(1)) {
    const start = line.search(/[A-Za-z\d]/);
    const further = start >= mountAt ? null : /^[\s│├└─|`-]*([A-Za-z\d][^\s]*)/.exec(line);
    const mount = /^(\/.*|\[SWAP\])$/.exec(line.slice(mountAt).trim())?.[1] ?? null;
    // A column that is cut through a word is not where its heading stands: nothing can be said.
    if (
      [mountAt, typeAt, fsAt].some(
        at => at > 0 && at < line.length && line[at] !== ' ' && line[at - 1] !== ' ',
      )
    )
      return null;
    if ((mount === null && line.slice(mountAt).trim() !== '') || / \//.test(line.slice(0, mountAt)))
      return null;
    if (further === null) {
      // Another mount point of the same device, alone in its column.
      const open = stack.at(-1);
      if (mount === null || open === undefined || line.slice(0, mountAt).replace(/[│\s|]/g, '') !== '')
        return null;
      open.block.mounts.push(mount);
      continue;
    }
    const block: Open['block'] = {
      name: further[1] ?? '',
      type: cell(line, typeAt),
      fstype: cell(line, fsAt),
      fsver: null,
      mounts: mount === null ? [] : [mount],
      children: [],
    };
    while ((stack.at(-1)?.depth ?? -1) >= start) stack.pop();
    const parent = stack.at(-1);
    if (parent === undefined) roots.push(block);
    else parent.block.children.push(block);
    stack.push({ depth: start, block });
  }
  return roots.length === 0 ? null : roots;
}

const BOOT = /^\/(boot|efi)(\/|$)/;

/** `lsblk` with file systems, JSON or drawn: is a LUKS layer under each mounted volume? A plain mount of a listing without types is not told. */
export function readLsblk(output: Output): Told {
  const json = jsonOf(output.text);
  let roots: Block[] | null = null;
  if (isDict(json) && Array.isArray(json.blockdevices)) {
    const blocks = json.blockdevices.map(one => blockOf(one));
    if (blocks.includes(null)) return unknown('parse-error', 'lsblk');
    roots = blocks.filter(one => one !== null);
  } else if (json === undefined) roots = blocksOfTree(output.text);
  if (roots === null) return unread(output, 'lsblk');
  const all: Block[] = [];
  const gather = (block: Block): void => {
    all.push(block);
    for (const child of block.children) gather(child);
  };
  for (const root of roots) gather(root);
  // A listing with neither types nor file systems cannot show a layer.
  const shows = all.some(one => one.fstype !== null) || all.some(one => one.type !== null);
  const volumes: Facts[] = [];
  const system: (boolean | null)[] = [];
  const fixed: (boolean | null)[] = [];
  const seen = new Set<string>();
  const walk = (one: Block, above: string | null): void => {
    const opened = one.type === 'crypt';
    const luks =
      one.fstype === 'crypto_LUKS'
        ? `LUKS${one.fsver ?? ''}`
        : one.fstype === 'BitLocker'
          ? 'BitLocker'
          : null;
    const layer = luks ?? (opened ? (above ?? 'dm-crypt') : above);
    if (luks !== null)
      volumes.push({
        name: one.name,
        mount: null,
        kind: null,
        method: luks,
        protection: 'on',
        isLuks: one.fstype === 'crypto_LUKS',
        locked: one.children.length === 0,
      });
    for (const mount of one.mounts) {
      if (!mount.startsWith('/') || /^(loop|rom)$/.test(one.type ?? '') || seen.has(mount)) continue;
      seen.add(mount);
      const boot = BOOT.test(mount);
      const covered = layer !== null ? true : shows ? false : null;
      if (mount === '/') system.push(covered);
      if (!boot) fixed.push(covered);
      volumes.push({
        mount,
        name: one.name,
        kind: mount === '/' ? 'os' : boot ? null : 'data',
        fs: one.fstype,
        method: layer,
        protection: covered === null ? 'unknown' : covered ? 'on' : 'off',
        locked: false,
      });
    }
    for (const child of one.children) walk(child, layer);
  };
  for (const root of roots) walk(root, null);
  return told('diskEncryption', {
    volumes,
    osVolumeProtected: allOf(system),
    allFixedVolumesProtected: system.length === 0 ? null : allOf(fixed),
  });
}

/** `8min 32s`, `34min 8s`, `1h 2min`, in seconds. */
function span(text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^(?:(\d+)d )?(?:(\d+)h ?)?(?:(\d+)min ?)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text.trim());
  if (match === null || text.trim() === '') return null;
  const [, days = '0', hours = '0', mins = '0', seconds = '0'] = match;
  return Number(days) * 86_400 + Number(hours) * 3600 + Number(mins) * 60 + Number(seconds);
}

/** `-5.224ms`, `91us`, `+1.2s`, in milliseconds. */
function milliseconds(text: string | null): number | null {
  const [, number, unit = ''] = /^([+-]?\d+(?:\.\d+)?)(ns|us|µs|ms|s)$/.exec(text?.trim() ?? '') ?? [];
  const factor = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000 }[unit];
  const value = number === undefined ? null : decimal(number);
  return value === null || factor === undefined ? null : Math.round(value * factor * 1e6) / 1e6;
}

/** `timedatectl` (`status`, `show`, `timesync-status`), in English as the C locale prints it. */
export function readTimedatectl(output: Output): Told {
  const { text } = output;
  const pairs = new Map(
    lines(text).flatMap(line => {
      const match = /^(\w+)=(.*)$/.exec(line);
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
    }),
  );
  if (pairs.has('NTPSynchronized') || pairs.has('Timezone')) {
    return told('timeSync', {
      synchronized: yesNo(pairs.get('NTPSynchronized')),
      ntpEnabled: yesNo(pairs.get('NTP')),
      timeZone: pairs.get('Timezone') ?? null,
      rtcLocal: yesNo(pairs.get('LocalRTC')),
    });
  }
  const list = fields(text);
  const server = only(list, 'Server');
  if (server !== null || only(list, 'Stratum') !== null || only(list, 'Packet count') !== null) {
    const [, address, name] = /^(\S+)(?: \((\S+)\))?$/.exec(server ?? '') ?? [];
    return told('timeSync', {
      synchronized: null,
      server: name ?? address ?? null,
      serverAddress: name === undefined ? null : (address ?? null),
      stratum: grouped(only(list, 'Stratum')),
      leap: only(list, 'Leap'),
      reference: only(list, 'Reference'),
      offsetMs: milliseconds(only(list, 'Offset')),
      delayMs: milliseconds(only(list, 'Delay')),
      jitterMs: milliseconds(only(list, 'Jitter')),
      pollIntervalSeconds: span(/^([^(]+?)(?: \(|$)/.exec(only(list, 'Poll interval') ?? '')?.[1]),
      packetCount: grouped(only(list, 'Packet count')),
    });
  }
  const synchronized = yesNo(only(list, 'System clock synchronized') ?? only(list, 'NTP synchronized'));
  const service = only(list, 'NTP service') ?? only(list, 'systemd-timesyncd.service active');
  const zone = only(list, 'Time zone');
  if (synchronized === null && zone === null) return unread(output, 'timedatectl');
  return told('timeSync', {
    synchronized,
    ntpEnabled:
      service === 'active' || service === 'yes'
        ? true
        : service === 'inactive' || service === 'no'
          ? false
          : yesNo(only(list, 'NTP enabled') ?? only(list, 'Network time on')),
    timeZone: zone?.split(' ')[0] ?? null,
    rtcLocal: yesNo(only(list, 'RTC in local TZ')),
  });
}

/** `chronyc tracking`. */
export function readChrony(output: Output): Told {
  const list = fields(output.text);
  const leap = only(list, 'Leap status');
  const [, seconds, way] =
    /^(\d+(?:\.\d+)?) seconds (slow|fast) of NTP time$/.exec(only(list, 'System time') ?? '') ?? [];
  if (leap === null && seconds === undefined) return unread(output, 'chronyc');
  return told('timeSync', {
    synchronized:
      leap === null ? null : leap === 'Normal' ? true : leap === 'Not synchronised' ? false : null,
    server: /\((\S+)\)$/.exec(only(list, 'Reference ID') ?? '')?.[1] ?? null,
    stratum: grouped(only(list, 'Stratum')),
    leap: leap?.toLowerCase() ?? null,
    offsetMs:
      seconds === undefined ? null : Math.round(Number(seconds) * (way === 'fast' ? 1 : -1) * 1e9) / 1e6,
  });
}
