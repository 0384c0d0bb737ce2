import type {
  DiskEncryption,
  DiskFree,
  DiskHealth,
  Firewall,
  NetMac,
  OsVersion,
  ProtectionState,
  RebootPending,
} from '../../../../shared/device/facts.ts';
import { isRandomisedMac, normaliseMac } from '../../../../shared/device/identity.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';
import { shortText, wholeNumber } from './keys.ts';
import { isDict, type PlistDict, parsePlist } from './plist.ts';
import type { Counters } from './proc.ts';
import { numberIn, textIn } from './rows.ts';

/** `sw_vers`, or SystemVersion.plist. An argument old systems do not know prints usage text, which is no version. */
export function parseSwVers(stdout: Uint8Array, arch: string | null): Answer<OsVersion> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('no-output');
  const plist = parsePlist(text);
  const dict: PlistDict = isDict(plist) ? plist : {};
  const value = (key: string, plistKey: string): string | null =>
    shortText(new RegExp(`^${key}:[\\t ]*(.+)$`, 'm').exec(text)?.[1]) ?? textIn(dict, plistKey);
  const version = value('ProductVersion', 'ProductVersion');
  if (version === null || !/^\d+(\.\d+)*$/.test(version))
    return unanswered('parse-error', 'no product version');
  const build = value('BuildVersion', 'ProductBuildVersion');
  const [major = '', minor = '0'] = version.split('.');
  return answered({
    platform: 'macos',
    name: `macOS ${major === '10' ? `10.${minor}` : major}`,
    version,
    build: build !== null && /^\d+[A-Z]\d+[a-z]?$/.test(build) ? build : null,
    ubr: null,
    displayVersion: null,
    edition: null,
    arch,
    isServer: null,
    isLtsc: null,
  });
}

/**
 * `fdesetup status`. The lines after the first decide: "On" while it still encrypts is `encrypting`, deferred enablement is
 * `off` until somebody signs in. Words are English on every macOS.
 */
export function parseFdesetup(
  stdout: Uint8Array,
): Answer<{ state: ProtectionState; percent: number | null }> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('no-output');
  const percentText = /Percent completed = (\d{1,3}(?:\.\d+)?)/.exec(text)?.[1];
  const number = percentText === undefined ? null : Number(percentText);
  const percent = number !== null && number <= 100 ? number : null;
  const known = lines(text).filter(line => line !== '');
  if (known.some(line => line.startsWith('Encryption in progress')))
    return answered({ state: 'encrypting', percent });
  if (known.some(line => line.startsWith('Decryption in progress')))
    return answered({ state: 'decrypting', percent });
  const on = known.includes('FileVault is On.');
  const off = known.includes('FileVault is Off.');
  if (on === off) return unanswered('parse-error', 'fdesetup');
  return answered({ state: on ? 'on' : 'off', percent: null });
}

/** The system volume as FileVault protects it; on Apple silicon the data volume shares its key. */
export function macEncryption(status: { state: ProtectionState; percent: number | null }): DiskEncryption {
  return {
    systemVolume: status.state,
    volumes: [
      {
        mount: '/',
        system: true,
        protection: status.state,
        method: status.state === 'off' ? null : 'FileVault',
        percent: status.percent,
      },
    ],
  };
}

/**
 * `socketfilterfw --getglobalstate --getblockall --getstealthmode`: the state's number decides (1 on, 2 on and blocking), words
 * only where there is no number.
 */
export function parseSocketfilterfw(stdout: Uint8Array): Answer<Firewall> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('no-output');
  const state = /\(State = ([012])\)/.exec(text)?.[1];
  if (state === undefined) return unanswered('parse-error', 'socketfilterfw');
  const word = (pattern: RegExp): boolean | null => {
    const found = pattern.exec(text)?.[1]?.toLowerCase();
    if (found === undefined) return null;
    return found === 'enabled' || found === 'on';
  };
  return answered({
    enabled: state !== '0',
    product: 'macOS Application Firewall',
    profiles: null,
    blockAll: word(/block all state set to (enabled|disabled)\.?$/im),
    stealth: word(/stealth mode (?:is )?(enabled|disabled|on|off)\s*$/im),
  });
}

const storage = (value: unknown): PlistDict[] => (Array.isArray(value) ? value.filter(isDict) : []);

/** `system_profiler SPStorageDataType -json` → its list, or why not. */
function profilerList(stdout: Uint8Array, type: string): Answer<PlistDict[]> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('no-output');
  try {
    const json: unknown = JSON.parse(text);
    if (!isDict(json) || !Array.isArray(json[type])) return unanswered('parse-error', type);
    return answered(storage(json[type]));
  } catch {
    return unanswered('parse-error', type);
  }
}

/**
 * `system_profiler SPStorageDataType -json`: internal volumes. `/` and the data volume share one APFS container and show the
 * same space, so only the data volume (where space is used up) stands for both, under the name `/`.
 */
export function parseStorage(stdout: Uint8Array): Answer<DiskFree> {
  const list = profilerList(stdout, 'SPStorageDataType');
  if (!list.ok) return list;
  const volumes: DiskFree['volumes'] = [];
  for (const one of list.value) {
    const mount = textIn(one, 'mount_point');
    const sizeBytes = numberIn(one, 'size_in_bytes');
    const freeBytes = numberIn(one, 'free_space_in_bytes');
    const drive = isDict(one.physical_drive) ? one.physical_drive : {};
    if (mount === null || sizeBytes === null || freeBytes === null || sizeBytes <= 0 || freeBytes < 0)
      continue;
    if (drive.is_internal_disk !== 'yes' || drive.protocol === 'Disk Image') continue;
    if (mount.startsWith('/System/Volumes/') && mount !== '/System/Volumes/Data') continue;
    const system = mount === '/' || mount === '/System/Volumes/Data';
    const already = volumes.findIndex(volume => system && volume.system);
    const volume = {
      mount: system ? '/' : mount,
      fs: textIn(one, 'file_system'),
      sizeBytes,
      freeBytes,
      system,
    };
    if (already < 0) volumes.push(volume);
    else if (mount === '/System/Volumes/Data') volumes[already] = volume;
    if (volumes.length === 64) break;
  }
  return volumes.some(one => one.system)
    ? answered({ volumes })
    : unanswered('parse-error', 'no system volume');
}

/** The drives behind the internal volumes of the same listing, each once, with their SMART verdict. */
export function parseStorageHealth(stdout: Uint8Array): Answer<DiskHealth> {
  const list = profilerList(stdout, 'SPStorageDataType');
  if (!list.ok) return list;
  const disks = new Map<string, DiskHealth['disks'][number]>();
  for (const one of list.value) {
    const drive = isDict(one.physical_drive) ? one.physical_drive : {};
    const model = textIn(drive, 'device_name');
    if (drive.is_internal_disk !== 'yes' || drive.protocol === 'Disk Image' || disks.size === 64) continue;
    const device = model ?? textIn(one, 'bsd_name')?.replace(/s\d.*$/, '') ?? 'disk';
    const smart = textIn(drive, 'smart_status');
    const medium = textIn(drive, 'medium_type');
    const health =
      smart === 'Verified'
        ? 'healthy'
        : smart === 'Failing' || smart === 'Failed'
          ? 'unhealthy'
          : ('unknown' as const);
    disks.set(device, {
      device,
      model,
      media: medium === 'ssd' ? 'ssd' : medium === 'rotational' ? 'hdd' : 'unspecified',
      bus: textIn(drive, 'protocol'),
      health,
      // The container's size, not the drive's, is what stands here.
      sizeBytes: null,
      wearPercent: null,
      temperatureC: null,
      mediaErrors: null,
      reallocatedSectors: null,
      powerOnHours: null,
      reason: health === 'unknown' ? (smart ?? 'the drive gives no verdict') : null,
    });
  }
  return disks.size === 0
    ? unanswered('not-supported', 'no internal drive is visible here')
    : answered({ disks: [...disks.values()] });
}

/**
 * `softwareupdate --list --no-scan`: is an update waiting whose action is a restart? Its error text comes with exit code 0 and
 * must not read as "no updates".
 */
export function parseSoftwareUpdate(stdout: Uint8Array, stderr: Uint8Array): Answer<RebootPending> {
  const text = `${decode(stdout)}\n${decode(stderr)}`;
  if (text.trim() === '') return unanswered('no-output');
  if (/^\s*Title:.*\bAction: restart\b/m.test(text))
    return answered({ pending: true, markers: ['update-restart'] });
  if (/^No new software available\.$/m.test(text) || /^\* Label: /m.test(text)) {
    return answered({ pending: false, markers: [] });
  }
  return unanswered('command-failed', 'softwareupdate gives no list');
}

/** `networksetup -listallhardwareports`; ports are blocks of three lines, the words in them are not translated. */
export function parseHardwarePorts(stdout: Uint8Array): Answer<NetMac> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('no-output');
  const adapters: NetMac['adapters'] = [];
  let port = '';
  let device: string | null = null;
  let blocks = 0;
  for (const line of lines(text)) {
    const [, key, value = ''] = /^(Hardware Port|Device|Ethernet Address): ?(.*)$/.exec(line) ?? [];
    if (key === 'Hardware Port') {
      port = value;
      device = null;
      blocks += 1;
    } else if (key === 'Device') device = shortText(value);
    else if (key === 'Ethernet Address') {
      const mac = normaliseMac(value);
      // Thunderbolt bridges and the like borrow an address.
      if (mac === null || device === null || !/^en\d+$/.test(device) || /bridge/i.test(port)) continue;
      if (adapters.length === 64) continue;
      adapters.push({
        name: device,
        mac,
        kind: /wi-?fi|airport/i.test(port) ? 'wifi' : /ethernet|lan/i.test(port) ? 'ethernet' : 'other',
        randomised: isRandomisedMac(mac),
        up: null,
      });
    }
  }
  return blocks === 0 ? unanswered('parse-error', 'networksetup') : answered({ adapters });
}

/** `vm_stat`: bytes the system could hand out at once (free, inactive, speculative and purgeable pages). */
export function parseVmStat(stdout: Uint8Array): number | null {
  const text = decode(stdout);
  const size = wholeNumber(/page size of (\d+) bytes/.exec(text)?.[1]);
  const pages = (name: string): number | null =>
    wholeNumber(new RegExp(`^${name}:\\s+(\\d+)\\.$`, 'm').exec(text)?.[1]);
  const free = pages('Pages free');
  const inactive = pages('Pages inactive');
  if (size === null || free === null || inactive === null) return null;
  return size * (free + inactive + (pages('Pages speculative') ?? 0) + (pages('Pages purgeable') ?? 0));
}

/** `netstat -ibn`: bytes in and out by interface, from the rows of the link layer (`<Link#4>`), physical ones only. */
export function parseNetstat(stdout: Uint8Array): Map<string, Counters> {
  const found = new Map<string, Counters>();
  for (const line of lines(decode(stdout))) {
    const match = /^(en\d+)\*?\s+\d+\s+<Link#\d+>\s+(.*)$/.exec(line);
    if (match === null) continue;
    // The address column is empty for some interfaces, so columns count from the right: ... Ibytes Opkts Oerrs Obytes Coll
    const columns = (match[2] ?? '').trim().split(/\s+/);
    const first = wholeNumber(columns.at(-5));
    const second = wholeNumber(columns.at(-2));
    if (first !== null && second !== null) found.set(match[1] ?? '', { first, second });
  }
  return found;
}

/** `ioreg -c IOBlockStorageDriver -r -w0 -d1`: bytes read and written by driver, in the order listed. */
export function parseBlockStorage(stdout: Uint8Array): Map<string, Counters> {
  const found = new Map<string, Counters>();
  for (const line of lines(decode(stdout))) {
    if (!line.includes('"Statistics"')) continue;
    const first = wholeNumber(/"Bytes \(Read\)"=(\d+)/.exec(line)?.[1]);
    const second = wholeNumber(/"Bytes \(Write\)"=(\d+)/.exec(line)?.[1]);
    if (first !== null && second !== null) found.set(String(found.size), { first, second });
  }
  return found;
}

/** `ps -axco pid=,rss=,time=,lstart=,comm=` in the C locale. Time is `M:SS.cc`, memory kilobytes, the start five words. */
export function parsePs(
  stdout: Uint8Array,
): { pid: number; name: string; cpuSeconds: number | null; started: string; memory: number }[] {
  return lines(decode(stdout)).flatMap(line => {
    const match =
      /^\s*(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d{2}(?:\.\d+)?)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s+(.+)$/.exec(
        line,
      );
    if (match === null) return [];
    const [
      ,
      pid = '',
      rss = '',
      days = '0',
      hours = '0',
      minutes = '',
      seconds = '',
      started = '',
      name = '',
    ] = match;
    const cpuSeconds = Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return [{ pid: Number(pid), name, cpuSeconds, started, memory: Number(rss) * 1024 }];
  });
}

/** `ioreg -rd1 -c IOPlatformExpertDevice -a` (or its text form): what names the machine. */
export function parsePlatformExpert(stdout: Uint8Array): {
  uuid: string | null;
  serial: string | null;
  model: string | null;
} {
  const text = decode(stdout);
  const plist = parsePlist(text);
  const dict = Array.isArray(plist) ? plist.find(isDict) : isDict(plist) ? plist : undefined;
  const value = (key: string): string | null => {
    if (dict !== undefined) return textIn(dict, key, 128);
    return shortText(new RegExp(`"${key}" = <?"([^"]*)"`).exec(text)?.[1], 128);
  };
  return {
    uuid: value('IOPlatformUUID'),
    serial: value('IOPlatformSerialNumber'),
    model: macModel(value('model')),
  };
}

/** In the XML form the model is data: base64 of a zero-ended string. */
function macModel(model: string | null): string | null {
  if (model === null || /^[A-Za-z]+\d*,\d+$/.test(model)) return model;
  const plain = Buffer.from(model.replace(/\s+/g, ''), 'base64').toString('latin1').replace(/\0.*$/s, '');
  return /^[A-Za-z]+\d*,\d+$/.test(plain) ? plain : null;
}
