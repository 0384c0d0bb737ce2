import type { Observation, ObservedKind } from '../../../shared/device/observation.ts';
import { vendorTime } from '../dates.ts';
import { Fields, identifiersOf, isNothing, type Words } from '../fields.ts';
import type { JamfComputer, JamfMobile } from './api.ts';

/** An observation without what the framework adds. */
export type Told = Omit<Observation, 'connector' | 'source' | 'account'>;

/** Computers and mobile devices are counted apart and share their numbers; what we call a record says which it is. */
export type RecordKind = 'computer' | 'mobile';

export function recordName(kind: RecordKind, id: string | number): string {
  return `${kind}-${id}`;
}

/** `computer-12` as its two parts; null for anything else. */
export function readRecordName(name: string): { readonly kind: RecordKind; readonly id: string } | null {
  const [, kind, id] = /^(computer|mobile)-([A-Za-z0-9]+)$/.exec(name) ?? [];
  if (id === undefined) return null;
  return { kind: kind === 'mobile' ? 'mobile' : 'computer', id };
}

const PLATFORMS: Words<string> = { Mac: 'macos', Windows: 'windows' };

const MOBILE_SYSTEMS: Words<string> = {
  ios: 'ios',
  ipados: 'ios',
  tvos: 'tvos',
  watchos: 'watchos',
  visionos: 'visionos',
};

/** `fileVault2Status`: of all volumes together. */
const FILEVAULT: Words<string> = {
  ALL_ENCRYPTED: 'on',
  BOOT_ENCRYPTED: 'on',
  NOT_ENCRYPTED: 'off',
  // Which of the volumes is not said here.
  SOME_ENCRYPTED: null,
  NOT_APPLICABLE: null,
};

/** `partitionFileVault2State`: of the volume the computer starts from. */
const BOOT_FILEVAULT: Words<string> = {
  ENCRYPTED: 'on',
  OPTIMIZING: 'on',
  UNENCRYPTED: 'off',
  DECRYPTED: 'off',
  ENCRYPTING: 'encrypting',
  ENCRYPTING_PAUSED: 'encrypting',
  DECRYPTING: 'decrypting',
  DECRYPTING_PAUSED: 'decrypting',
  // Waits for a restart to begin with the one or the other.
  RESTART_NEEDED: null,
  // FileVault cannot be used on it; whether something else encrypts it is not said.
  INELIGIBLE: null,
  UNKNOWN: null,
};

const RECOVERY_KEY: Words<boolean> = { VALID: true, INVALID: false, UNKNOWN: null, NOT_APPLICABLE: null };

const SIP: Words<boolean> = { ENABLED: true, DISABLED: false, NOT_COLLECTED: null, NOT_AVAILABLE: null };

const GATEKEEPER: Words<boolean> = {
  APP_STORE_AND_IDENTIFIED_DEVELOPERS: true,
  APP_STORE: true,
  DISABLED: false,
  NOT_COLLECTED: null,
};

const SECURE_BOOT: Words<string> = {
  FULL_SECURITY: 'full',
  MEDIUM_SECURITY: 'medium',
  NO_SECURITY: 'none',
  NOT_SUPPORTED: null,
  UNKNOWN: null,
};

const OWNERSHIP: Words<string> = {
  Institutional: 'company',
  AccountDrivenDeviceEnrollment: 'company',
  PersonalDeviceProfile: 'personal',
  UserEnrollment: 'personal',
  AccountDrivenUserEnrollment: 'personal',
};

/** Disks are told in decimal megabytes, as macOS counts them; memory in binary ones. */
const DISK_MEGABYTE = 1_000_000;
const MEMORY_MEGABYTE = 1024 * 1024;

/**
 * One record of `computers-inventory`, version 1, 3 or 4. What management knows is as of the last contact, what the
 * inventory holds as of its last report. `readAt`: when the vendor answered, by its clock.
 */
export function computerObservation(device: JamfComputer, readAt: number): Told {
  const general = part(device.general);
  const hardware = part(device.hardware);
  const system = part(device.operatingSystem);
  const security = part(device.security);
  const person = part(device.userAndLocation);
  // Renamed by version 4.
  const contact = general.lastContact ?? general.lastContactTime;
  const contactAt = vendorTime(contact);
  const reportedAt = vendorTime(general.reportDate);
  const fields = new Fields()
    .boolean('management.managed', part(general.remoteManagement).managed)
    .boolean('management.supervised', general.supervised)
    .boolean('management.autoEnrolled', general.enrolledViaAutomatedDeviceEnrollment)
    .boolean('management.userApproved', general.userApprovedMdm)
    .time('management.enrolledAt', general.lastEnrolledDate)
    .text('management.enrolment', part(general.enrollmentMethod).objectType)
    .time('management.lastSyncAt', contact)
    .time('management.lastInventoryAt', general.reportDate)
    .time('management.certificateEndsAt', general.mdmProfileExpiration);
  group(fields, part(general.site));
  fields.at(reportedAt, () => {
    fields
      .text('identity.hostname', general.name)
      .text('identity.person', isNothing(person.email) ? person.username : person.email)
      .text('hardware.serial', hardware.serialNumber)
      .text('hardware.manufacturer', hardware.make)
      .text('hardware.model', hardware.model)
      .word('os.platform', general.platform, PLATFORMS)
      .text('os.name', system.name)
      .text('os.version', system.version)
      .text(
        'os.build',
        isNothing(system.supplementalBuildVersion) ? system.build : system.supplementalBuildVersion,
      )
      .positive('perf.memoryTotalBytes', hardware.totalRamMegabytes, { scale: MEMORY_MEGABYTE })
      .boolean('firewall.enabled', security.firewallEnabled)
      .word('security.sipEnabled', security.sipStatus, SIP)
      .word('security.gatekeeperEnabled', security.gatekeeperStatus, GATEKEEPER)
      .boolean('security.activationLock', security.activationLockEnabled)
      .boolean('security.recoveryLock', security.recoveryLockEnabled)
      .word('security.secureBoot', security.secureBootLevel, SECURE_BOOT);
    encryption(fields, part(device.diskEncryption), system.fileVault2Status);
    startDisk(fields, part(device.storage));
    // A desktop computer has none and a percentage of nothing is -1 or left out.
    if (hardware.batteryCapacityPercent === -1) fields.unknown('battery.percent', 'not-told');
    else fields.number('battery.percent', hardware.batteryCapacityPercent, { most: 100 });
  });
  return {
    vendorId: recordName('computer', device.id),
    kind: 'computer',
    identifiers: identifiersOf({
      serial: hardware.serialNumber,
      udid: device.udid,
      macs: [hardware.macAddress, hardware.altMacAddress],
      hostname: general.name,
    }),
    fields: fields.all(),
    observedAt: contactAt ?? reportedAt ?? readAt,
  };
}

/** One record of `mobile-devices/detail`: a telephone, a tablet, a television, a watch. */
export function mobileObservation(device: JamfMobile, readAt: number): Told {
  const general = part(device.general);
  const hardware = part(device.hardware);
  const security = part(device.security);
  const person = part(device.userAndLocation);
  const inventoryAt = vendorTime(general.lastInventoryUpdateDate);
  const contactAt = vendorTime(general.lastContactDate);
  const fields = new Fields()
    .text('identity.hostname', general.displayName)
    .text('identity.person', isNothing(person.emailAddress) ? person.username : person.emailAddress)
    .text('hardware.serial', hardware.serialNumber)
    .text('hardware.model', hardware.model)
    .word('os.platform', device.deviceType, MOBILE_SYSTEMS)
    .text('os.version', general.osVersion)
    .text(
      'os.build',
      isNothing(general.osSupplementalBuildVersion) ? general.osBuild : general.osSupplementalBuildVersion,
    )
    .boolean('management.managed', general.managed)
    .boolean('management.supervised', general.supervised)
    .word('management.ownership', general.deviceOwnershipType, OWNERSHIP)
    .time('management.enrolledAt', general.lastEnrolledDate)
    .time('management.lastSyncAt', general.lastContactDate)
    .time('management.lastInventoryAt', general.lastInventoryUpdateDate)
    .time('management.certificateEndsAt', general.mdmProfileExpirationDate)
    .number('battery.percent', hardware.batteryLevel, { most: 100 })
    .boolean('security.jailbroken', security.jailBreakDetected)
    .boolean('security.passcodeSet', security.passcodePresent)
    .boolean('security.activationLock', security.activationLockEnabled);
  dataProtection(fields, security.dataProtected);
  autoEnrolled(fields, general.enrollmentMethodPrestage);
  disk(fields, hardware.capacityMb, hardware.availableSpaceMb);
  return {
    vendorId: recordName('mobile', device.mobileDeviceId),
    kind: kindOf(fields),
    identifiers: identifiersOf({
      serial: hardware.serialNumber,
      udid: general.udid,
      macs: [hardware.wifiMacAddress],
      hostname: general.displayName,
    }),
    fields: fields.all(),
    observedAt: newest(contactAt, inventoryAt) ?? readAt,
  };
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The site with id -1, "None", is none. */
function group(fields: Fields, site: Record<string, unknown>): void {
  fields.text('management.group', String(site.id) === '-1' ? null : site.name);
}

/** What the start volume itself says goes before what is said of all volumes together. */
function encryption(fields: Fields, told: Record<string, unknown>, ofAll: unknown): void {
  const boot = part(told.bootPartitionEncryptionDetails);
  fields.word('encryption.system', boot.partitionFileVault2State, BOOT_FILEVAULT);
  if (fields.all()['encryption.system']?.value === null && !isNothing(ofAll)) {
    fields.word('encryption.system', ofAll, FILEVAULT);
  }
  fields.number('encryption.percent', boot.partitionFileVault2Percent, { most: 100 });
  fields.word('encryption.keyEscrowed', told.individualRecoveryKeyValidityStatus, RECOVERY_KEY);
  if (told.institutionalRecoveryKeyPresent === true) fields.known('encryption.keyEscrowed', true);
}

function startDisk(fields: Fields, storage: Record<string, unknown>): void {
  const disks = Array.isArray(storage.disks) ? storage.disks.map(part) : [];
  const partitions = disks.flatMap(({ partitions: all }) => (Array.isArray(all) ? all.map(part) : []));
  const start = partitions.find(({ partitionType }) => partitionType === 'BOOT') ?? {};
  disk(fields, start.sizeMegabytes, storage.bootDriveAvailableSpaceMegabytes ?? start.availableMegabytes);
}

/** A disk of 0 bytes is none that was told. */
function disk(fields: Fields, total: unknown, free: unknown): void {
  fields.positive('disk.systemSizeBytes', total, { scale: DISK_MEGABYTE });
  const size = fields.all()['disk.systemSizeBytes']?.value;
  if (typeof size !== 'number') {
    // Free space is worth knowing without the size; 0 of nothing known is not.
    fields.positive('disk.systemFreeBytes', free, { scale: DISK_MEGABYTE });
    fields.unknown('disk.systemFreePercent', 'not-told');
    return;
  }
  fields.number('disk.systemFreeBytes', free, { scale: DISK_MEGABYTE, most: size / DISK_MEGABYTE });
  const told = fields.all()['disk.systemFreeBytes']?.value;
  if (typeof told === 'number') fields.known('disk.systemFreePercent', (100 * told) / size);
  else fields.unknown('disk.systemFreePercent', 'not-told');
}

function dataProtection(fields: Fields, isProtected: unknown): void {
  fields.word('encryption.system', isProtected, { true: 'on', false: 'off' });
}

/** A device that came by automated enrolment names its prestage; one without may have, and had it deleted since. */
function autoEnrolled(fields: Fields, prestage: unknown): void {
  const { mobileDevicePrestageId: id } = part(prestage);
  if (isNothing(id)) fields.unknown('management.autoEnrolled', 'not-told');
  else fields.known('management.autoEnrolled', true);
}

const KINDS: Readonly<Record<string, ObservedKind>> = {
  ios: 'mobile',
  visionos: 'mobile',
  tvos: 'other',
  watchos: 'other',
};

function kindOf(fields: Fields): ObservedKind {
  return KINDS[String(fields.all()['os.platform']?.value)] ?? 'unknown';
}

function newest(...times: readonly (number | null)[]): number | null {
  const known = times.filter(time => time !== null);
  return known.length === 0 ? null : Math.max(...known);
}
