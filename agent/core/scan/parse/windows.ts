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
import { type RegistryKey, registryNumber, registryText } from './reg.ts';
import { flagIn, numberIn, type Row, textIn } from './rows.ts';

/** Meanings of Windows' own numbers; never of its words, which are translated. */

/** The CurrentVersion key of the registry, or the same properties printed by PowerShell. */
export function windowsVersion(key: RegistryKey, arch: string | null): Answer<OsVersion> {
  const build = registryText(key, 'CurrentBuild') ?? registryText(key, 'CurrentBuildNumber');
  if (build === null || !/^\d+$/.test(build)) return unanswered('parse-error', 'no build number');
  const ubr = registryNumber(key, 'UBR');
  const edition = registryText(key, 'EditionID');
  const installation = registryText(key, 'InstallationType');
  const isServer =
    installation !== null
      ? /^server/i.test(installation)
      : edition !== null
        ? /^server/i.test(edition) && !/^serverrdsh$/i.test(edition)
        : null;
  const major = registryNumber(key, 'CurrentMajorVersionNumber');
  const product = registryText(key, 'ProductName');
  // ProductName still says "Windows 10" on Windows 11: the build decides (22000 is the first of 11).
  const name =
    isServer === false && Number(build) >= 22000
      ? (product ?? 'Windows 11').replace(/^Windows 10\b/, 'Windows 11')
      : (product ?? (isServer === true ? 'Windows Server' : 'Windows'));
  const front =
    major === null && Number(build) < 10240 ? (registryText(key, 'CurrentVersion') ?? '6.1') : '10.0';
  return answered({
    platform: 'windows',
    name,
    version: ubr === null ? `${front}.${build}` : `${front}.${build}.${ubr}`,
    build,
    ubr,
    displayVersion: registryText(key, 'DisplayVersion') ?? registryText(key, 'ReleaseId'),
    edition,
    arch,
    isServer,
    isLtsc: edition === null ? null : /^(iot)?enterprises(n|k|eval|neval)?$/i.test(edition),
  });
}

/** Win32_LogicalDisk: fixed drives (DriveType 3) with a size. */
export function windowsVolumes(rows: readonly Row[]): Answer<DiskFree> {
  const volumes: DiskFree['volumes'] = [];
  for (const row of rows) {
    const mount = textIn(row, 'DeviceID');
    const sizeBytes = numberIn(row, 'Size');
    const freeBytes = numberIn(row, 'FreeSpace');
    const type = numberIn(row, 'DriveType');
    // A locked or unformatted volume has no size.
    if (mount === null || type !== 3 || sizeBytes === null || freeBytes === null) continue;
    if (sizeBytes <= 0 || freeBytes < 0 || volumes.length === 64) continue;
    volumes.push({
      mount,
      fs: textIn(row, 'FileSystem'),
      sizeBytes,
      freeBytes,
      system: flagIn(row, 'SystemDrive') ?? mount.toUpperCase() === 'C:',
    });
  }
  return volumes.length === 0 ? unanswered('parse-error', 'no fixed drive') : answered({ volumes });
}

const MEDIA: Readonly<Record<number, DiskHealth['disks'][number]['media']>> = {
  3: 'hdd',
  4: 'ssd',
  5: 'scm',
};
const BUS: Readonly<Record<number, string>> = {
  1: 'SCSI',
  3: 'ATA',
  7: 'USB',
  8: 'RAID',
  10: 'SAS',
  11: 'SATA',
  12: 'SD',
  13: 'MMC',
  15: 'File-backed virtual',
  16: 'Storage Spaces',
  17: 'NVMe',
};
const HEALTH: Readonly<Record<number, DiskHealth['disks'][number]['health']>> = {
  0: 'healthy',
  1: 'warning',
  2: 'unhealthy',
};
const VIRTUAL_MODEL = /virtual|vmware|vbox|qemu|msft/i;

/**
 * MSFT_PhysicalDisk with MSFT_StorageReliabilityCounter beside it, joined by DeviceId. A virtual disk reports "healthy"
 * because nothing watches it; that is no verdict.
 */
export function windowsDisks(rows: readonly Row[], counters: Answer<readonly Row[]>): Answer<DiskHealth> {
  const counted = new Map(counters.ok ? counters.value.map(row => [textIn(row, 'DeviceId'), row]) : []);
  const disks: DiskHealth['disks'] = [];
  const within = (value: number | null, low: number, high: number): number | null =>
    value !== null && value >= low && value <= high ? value : null;
  for (const row of rows.slice(0, 64)) {
    const device = textIn(row, 'DeviceId');
    const code = numberIn(row, 'HealthStatus');
    if (device === null) continue;
    const bus = numberIn(row, 'BusType');
    if (bus === 7) continue; // USB: not this machine's own.
    const model = textIn(row, 'FriendlyName') ?? textIn(row, 'Model');
    const virtual = bus === 15 || bus === 16 || (model !== null && VIRTUAL_MODEL.test(model));
    const health = virtual || code === null ? 'unknown' : (HEALTH[code] ?? 'unknown');
    const counter = counted.get(device) ?? {};
    const errors = [
      numberIn(counter, 'ReadErrorsUncorrected'),
      numberIn(counter, 'WriteErrorsUncorrected'),
    ].filter(one => one !== null);
    const temperature = numberIn(counter, 'Temperature');
    const size = numberIn(row, 'Size');
    disks.push({
      device,
      model,
      media: MEDIA[numberIn(row, 'MediaType') ?? 0] ?? 'unspecified',
      bus: bus === null ? null : (BUS[bus] ?? `bus type ${bus}`),
      health,
      sizeBytes: size === null || size < 0 ? null : size,
      wearPercent: within(numberIn(counter, 'Wear'), 0, 255),
      // 0 °C is what drives without a sensor say.
      temperatureC: temperature === 0 ? null : within(temperature, -60, 200),
      mediaErrors: errors.length === 0 ? null : errors.reduce((sum, one) => sum + Math.max(0, one), 0),
      reallocatedSectors: null,
      powerOnHours: within(numberIn(counter, 'PowerOnHours'), 1, 10_000_000),
      reason:
        health !== 'unknown'
          ? null
          : virtual
            ? 'a virtual disk has no health of its own'
            : 'the drive gives no verdict',
    });
  }
  return disks.length === 0 ? unanswered('not-supported', 'no drive is visible here') : answered({ disks });
}

const METHODS: Readonly<Record<number, string>> = {
  1: 'AES-128 with diffuser',
  2: 'AES-256 with diffuser',
  3: 'AES-128',
  4: 'AES-256',
  5: 'hardware',
  6: 'XTS-AES-128',
  7: 'XTS-AES-256',
};

/** Win32_EncryptableVolume: ProtectionStatus and ConversionStatus together. Encrypted with protection off is `suspended`. */
function protectionOf(protection: number | null, conversion: number | null): ProtectionState {
  if (protection === 2 || protection === null) return 'unknown';
  // Values of ConversionStatus: 4 and 5 are paused conversions.
  if (conversion === 0) return 'off';
  if (conversion === 1) return protection === 1 ? 'on' : 'suspended';
  if (conversion === 2 || conversion === 4) return 'encrypting';
  if (conversion === 3 || conversion === 5) return 'decrypting';
  return protection === 1 ? 'on' : 'unknown';
}

export function windowsEncryption(rows: readonly Row[]): Answer<DiskEncryption> {
  const volumes: DiskEncryption['volumes'] = [];
  for (const row of rows) {
    const type = numberIn(row, 'VolumeType');
    const mount = textIn(row, 'DriveLetter');
    // 2: portable. Volumes without a letter are recovery partitions.
    if (mount === null || type === 2 || volumes.length === 64) continue;
    volumes.push({
      mount,
      system: type === 0,
      protection: protectionOf(numberIn(row, 'ProtectionStatus'), numberIn(row, 'ConversionStatus')),
      method: METHODS[numberIn(row, 'EncryptionMethod') ?? 0] ?? null,
      percent: null,
    });
  }
  if (volumes.length === 0) return unanswered('parse-error', 'no volume');
  return answered({ systemVolume: volumes.find(one => one.system)?.protection ?? 'unknown', volumes });
}

/** Shell property System.Volume.BitLockerProtection, readable without admin rights. */
const SHELL_STATES: Readonly<Record<number, ProtectionState>> = {
  1: 'on',
  2: 'off',
  3: 'encrypting',
  4: 'decrypting',
  5: 'suspended',
};

export function windowsEncryptionFromShell(rows: readonly Row[]): Answer<DiskEncryption> {
  const volumes = rows.slice(0, 64).flatMap(row => {
    const mount = textIn(row, 'DriveLetter');
    if (mount === null) return [];
    const state = numberIn(row, 'Shell');
    const protection: ProtectionState = state === null ? 'unknown' : (SHELL_STATES[state] ?? 'unknown');
    return [{ mount, system: flagIn(row, 'SystemDrive') === true, protection, method: null, percent: null }];
  });
  const system = volumes.find(one => one.system)?.protection ?? 'unknown';
  return system === 'unknown'
    ? unanswered('not-supported', 'Windows does not say whether BitLocker protects the system drive')
    : answered({ systemVolume: system, volumes });
}

const PROFILES = { domain: 'domain', private: 'private', public: 'public' } as const;

/** 0 off, 1 on; 2 (not configured) and everything else is not told. */
function onOff(value: number | null): boolean | null {
  return value === 1 ? true : value === 0 ? false : null;
}

/**
 * SecurityCenter2 productState: `& 0xF000` 0x1000 = on (0x0000 off, 0x2000 snoozed, 0x3000 expired). Windows' own firewall is
 * never in that list: an empty one says nothing.
 */
export function otherFirewall(rows: readonly Row[]): string | null {
  for (const row of rows) {
    const state = numberIn(row, 'productState');
    if (state !== null && (state & 0xf000) === 0x1000)
      return textIn(row, 'displayName') ?? 'another firewall';
  }
  return null;
}

/** Get-NetFirewallProfile by name of the profile. A profile that is missing is not told, which is neither on nor off. */
export function windowsFirewall(rows: readonly Row[], products: readonly Row[] | null): Answer<Firewall> {
  const profiles: NonNullable<Firewall['profiles']> = { domain: null, private: null, public: null };
  for (const row of rows) {
    const name = (textIn(row, 'Name') ?? textIn(row, 'Profile') ?? '').toLowerCase();
    if (name !== 'domain' && name !== 'private' && name !== 'public') continue;
    profiles[PROFILES[name]] = onOff(numberIn(row, 'Enabled'));
  }
  return judgeProfiles(profiles, products);
}

function judgeProfiles(
  profiles: NonNullable<Firewall['profiles']>,
  products: readonly Row[] | null,
): Answer<Firewall> {
  const other = products === null ? null : otherFirewall(products);
  const states = Object.values(profiles);
  if (other !== null)
    return answered({ enabled: true, product: other, profiles, blockAll: null, stealth: null });
  if (states.includes(false)) {
    return answered({ enabled: false, product: 'Windows Firewall', profiles, blockAll: null, stealth: null });
  }
  // All that are told are on, but one is not told: whether the firewall is on cannot be said.
  if (states.includes(null)) return unanswered('parse-error', 'not every profile is told');
  return answered({ enabled: true, product: 'Windows Firewall', profiles, blockAll: null, stealth: null });
}

/** The registry's answer, policy before local setting; used where the cmdlet is missing. */
export function windowsFirewallFromRegistry(
  keys: Readonly<
    Record<'domain' | 'private' | 'public', { policy: RegistryKey | null; local: RegistryKey | null }>
  >,
): Answer<Firewall> {
  const of = (profile: 'domain' | 'private' | 'public'): boolean | null =>
    onOff(
      registryNumber(keys[profile].policy ?? undefined, 'EnableFirewall') ??
        registryNumber(keys[profile].local ?? undefined, 'EnableFirewall'),
    );
  return judgeProfiles({ domain: of('domain'), private: of('private'), public: of('public') }, null);
}

/** Markers that a restart waits. Pending file renames alone are not one: printer drivers and updaters leave them for ever. */
export function windowsReboot(rows: readonly Row[]): Answer<RebootPending> {
  const row = rows[0];
  if (row === undefined) return unanswered('no-output', 'reboot markers');
  const flags = {
    'component-servicing': flagIn(row, 'ComponentServicing'),
    'windows-update': flagIn(row, 'WindowsUpdate'),
    'update-agent': flagIn(row, 'UpdateAgent'),
  };
  const markers = Object.entries(flags).flatMap(([name, on]) => (on === true ? [name] : []));
  const renames = numberIn(row, 'FileRenames');
  if (markers.length > 0) {
    return answered({
      pending: true,
      markers: renames !== null && renames > 0 ? [...markers, 'file-renames'] : markers,
    });
  }
  if (flags['component-servicing'] === null || flags['windows-update'] === null) {
    return unanswered('parse-error', 'reboot markers');
  }
  return answered({ pending: false, markers: renames !== null && renames > 0 ? ['file-renames'] : [] });
}

/** Get-NetAdapter -Physical; NdisPhysicalMedium 9 = native 802.11, 1 = wireless LAN, 14 = 802.3. */
export function windowsAdapters(rows: readonly Row[]): NetMac {
  const adapters: NetMac['adapters'] = [];
  for (const row of rows) {
    const name = textIn(row, 'Name');
    // The permanent address is the hardware's own, whatever the connection pretends.
    const burned = normaliseMac(textIn(row, 'PermanentAddress'));
    const mac = burned ?? normaliseMac(textIn(row, 'MacAddress'));
    if (name === null || mac === null || flagIn(row, 'Virtual') === true || adapters.length === 64) continue;
    const medium = numberIn(row, 'Medium');
    const connected = numberIn(row, 'Connected');
    adapters.push({
      name,
      mac,
      kind: medium === 9 || medium === 1 ? 'wifi' : medium === 14 || medium === 0 ? 'ethernet' : 'other',
      randomised: isRandomisedMac(mac),
      up: connected === 1 ? true : connected === 2 ? false : null,
    });
  }
  return { adapters };
}
