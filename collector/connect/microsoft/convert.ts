import type { Observation } from '../../../shared/device/observation.ts';
import { vendorTime } from '../dates.ts';
import { Fields, identifiersOf, isNothing, kindOfPlatform, type Words } from '../fields.ts';
import type { GraphRecord } from './api.ts';

/** An observation without what the framework adds. */
export type Told = Omit<Observation, 'connector' | 'source' | 'account'>;

/** Who decides whether states that are neither yes nor no count as compliant: the administrator, by setting. */
export interface ComplianceRules {
  readonly inGracePeriod: 'compliant' | 'noncompliant' | 'unknown';
  readonly configManager: 'compliant' | 'unknown';
}

/**
 * What Intune is asked for. Left out: what is null or 0 in a list and real only when one device is asked
 * (physicalMemoryInBytes, udid, ethernetMacAddress, notes, iccid), what unlocks a device (activationLockBypassCode), and
 * people's telephone numbers.
 */
export const INTUNE_PROPERTIES = [
  'id',
  'azureADDeviceId',
  'complianceGracePeriodExpirationDateTime',
  'complianceState',
  'deviceActionResults',
  'deviceCategoryDisplayName',
  'deviceEnrollmentType',
  'deviceName',
  'emailAddress',
  'enrolledDateTime',
  'freeStorageSpaceInBytes',
  'isEncrypted',
  'isSupervised',
  'jailBroken',
  'lastSyncDateTime',
  'managedDeviceOwnerType',
  'managementAgent',
  'managementCertificateExpirationDate',
  'managementState',
  'manufacturer',
  'model',
  'operatingSystem',
  'osVersion',
  'partnerReportedThreatState',
  'serialNumber',
  'totalStorageSpaceInBytes',
  'userPrincipalName',
  'wiFiMacAddress',
] as const;

/** What the directory is asked for. */
export const ENTRA_PROPERTIES = [
  'id',
  'accountEnabled',
  'approximateLastSignInDateTime',
  'deviceCategory',
  'deviceId',
  'deviceOwnership',
  'displayName',
  'enrollmentType',
  'isCompliant',
  'isManaged',
  'isRooted',
  'managementType',
  'manufacturer',
  'model',
  'operatingSystem',
  'operatingSystemVersion',
  'registrationDateTime',
  'trustType',
] as const;

const OWNERSHIP: Words<string> = { company: 'company', personal: 'personal', unknown: null };

/** Names of systems in Intune and in the directory; the latter has its own for the same. */
const PLATFORMS: Words<string> = {
  Windows: 'windows',
  'Windows Server': 'windows',
  macOS: 'macos',
  MacMDM: 'macos',
  'Mac OS X': 'macos',
  Linux: 'linux',
  Ubuntu: 'linux',
  iOS: 'ios',
  iPadOS: 'ios',
  iPhone: 'ios',
  iPad: 'ios',
  Android: 'android',
  AndroidForWork: 'android',
  AndroidEnterprise: 'android',
  Unknown: null,
};

/** inGracePeriod and configManager are decided by the rules. */
const COMPLIANT: Words<boolean> = {
  compliant: true,
  noncompliant: false,
  conflict: null,
  error: null,
  unknown: null,
};

const COMPLIANCE_STATES: Words<string> = {
  compliant: 'compliant',
  noncompliant: 'noncompliant',
  conflict: 'conflict',
  error: 'error',
  inGracePeriod: 'in-grace',
  configManager: 'other-manager',
  unknown: null,
};

const MANAGEMENT_STATES: Words<string> = {
  managed: 'managed',
  unhealthy: 'unhealthy',
  discovered: 'discovered',
  retirePending: 'leaving',
  retireIssued: 'leaving',
  wipePending: 'leaving',
  wipeIssued: 'leaving',
  deletePending: 'leaving',
  // What was to leave and did not is still managed.
  retireFailed: 'managed',
  retireCanceled: 'managed',
  wipeFailed: 'managed',
  wipeCanceled: 'managed',
  unknownFutureValue: null,
};

/** A device on its way out is neither: whether it still obeys cannot be told. */
const MANAGED: Words<boolean> = {
  managed: true,
  unhealthy: true,
  retireFailed: true,
  retireCanceled: true,
  wipeFailed: true,
  wipeCanceled: true,
  retirePending: true,
  wipePending: true,
  discovered: false,
  retireIssued: null,
  wipeIssued: null,
  deletePending: null,
  unknownFutureValue: null,
};

const THREATS: Words<string> = {
  activated: 'activated',
  deactivated: 'deactivated',
  secured: 'secured',
  lowSeverity: 'low',
  mediumSeverity: 'medium',
  highSeverity: 'high',
  unresponsive: 'unresponsive',
  compromised: 'compromised',
  misconfigured: 'misconfigured',
  unknown: null,
};

const JOIN_TYPES: Words<string> = { Workplace: 'registered', AzureAd: 'entra', ServerAd: 'hybrid' };

/** One Intune `managedDevice`. `readAt`: when the vendor answered, by its clock. */
export function intuneObservation(device: GraphRecord, readAt: number, rules: ComplianceRules): Told {
  const fields = new Fields()
    .text('identity.hostname', device.deviceName)
    .text(
      'identity.person',
      isNothing(device.userPrincipalName) ? device.emailAddress : device.userPrincipalName,
    )
    .text('hardware.serial', device.serialNumber)
    .text('hardware.manufacturer', device.manufacturer)
    .text('hardware.model', device.model)
    .word('os.platform', device.operatingSystem, PLATFORMS)
    .boolean('management.supervised', device.isSupervised)
    .word('management.managed', device.managementState, MANAGED)
    .word('management.state', device.managementState, MANAGEMENT_STATES)
    .text('management.agent', device.managementAgent)
    .word('management.ownership', device.managedDeviceOwnerType, OWNERSHIP)
    .time('management.enrolledAt', device.enrolledDateTime)
    .text('management.enrolment', device.deviceEnrollmentType)
    .time('management.lastSyncAt', device.lastSyncDateTime)
    .time('management.certificateEndsAt', device.managementCertificateExpirationDate)
    .text('management.category', device.deviceCategoryDisplayName)
    .word('compliance.state', device.complianceState, COMPLIANCE_STATES)
    .time('compliance.graceEndsAt', device.complianceGracePeriodExpirationDateTime)
    .boolean('security.jailbroken', device.jailBroken)
    .word('security.threat', device.partnerReportedThreatState, THREATS);
  compliant(fields, device.complianceState, rules);
  version(fields, device.osVersion, device.operatingSystem);
  encryption(fields, device.isEncrypted);
  storage(fields, device.totalStorageSpaceInBytes, device.freeStorageSpaceInBytes);
  actions(fields, device.deviceActionResults);
  return {
    vendorId: device.id,
    kind: kindOfPlatform(fields.all()['os.platform']?.value),
    identifiers: identifiersOf({
      serial: device.serialNumber,
      entraDeviceId: device.azureADDeviceId,
      macs: [device.wiFiMacAddress],
      hostname: device.deviceName,
    }),
    fields: fields.all(),
    observedAt: vendorTime(device.lastSyncDateTime) ?? readAt,
  };
}

/**
 * One Entra `device`. Its time is that of reading: the directory is the authority on what it says, and its last sign-in is
 * only written every few days.
 */
export function entraObservation(device: GraphRecord, readAt: number): Told {
  const fields = new Fields()
    .text('identity.hostname', device.displayName)
    .text('hardware.manufacturer', device.manufacturer)
    .text('hardware.model', device.model)
    .word('os.platform', device.operatingSystem, PLATFORMS)
    .boolean('management.managed', device.isManaged)
    .text('management.agent', device.managementType)
    .word('management.ownership', device.deviceOwnership, OWNERSHIP)
    .time('management.enrolledAt', device.registrationDateTime)
    .text('management.enrolment', device.enrollmentType)
    .text('management.category', device.deviceCategory)
    .word('directory.joinType', device.trustType, JOIN_TYPES)
    .boolean('directory.enabled', device.accountEnabled)
    .time('directory.lastSignInAt', device.approximateLastSignInDateTime)
    .boolean('compliance.compliant', device.isCompliant)
    .boolean('security.jailbroken', device.isRooted);
  version(fields, device.operatingSystemVersion, device.operatingSystem);
  return {
    vendorId: device.id,
    kind: kindOfPlatform(fields.all()['os.platform']?.value),
    identifiers: identifiersOf({ entraDeviceId: device.deviceId, hostname: device.displayName }),
    fields: fields.all(),
    observedAt: readAt,
  };
}

function compliant(fields: Fields, state: unknown, rules: ComplianceRules): void {
  const decided = { inGracePeriod: rules.inGracePeriod, configManager: rules.configManager };
  const words: Record<string, boolean | null> = { ...COMPLIANT };
  for (const [word, rule] of Object.entries(decided))
    words[word] = rule === 'unknown' ? null : rule === 'compliant';
  fields.word('compliance.compliant', state, words);
}

/** `11.2.1 (20D74)` is version and build; Windows' third number is its build. */
function version(fields: Fields, osVersion: unknown, system: unknown): void {
  const text = typeof osVersion === 'string' ? osVersion.trim() : '';
  const found = /^(\S+)\s*\(([^)]+)\)$/.exec(text);
  fields.text('os.version', found?.[1] ?? osVersion);
  const windows = /^windows/i.test(String(system)) ? /^\d+\.\d+\.(\d+)/.exec(text)?.[1] : undefined;
  const build = found?.[2] ?? windows;
  if (build !== undefined) fields.text('os.build', build);
}

function encryption(fields: Fields, isEncrypted: unknown): void {
  fields.word('encryption.system', isEncrypted, { true: 'on', false: 'off' });
}

/** A disk of 0 bytes is none that was told; nothing free on a disk that has a size is a full one. */
function storage(fields: Fields, total: unknown, free: unknown): void {
  fields.positive('disk.systemSizeBytes', total);
  if (typeof total !== 'number' || total <= 0) {
    fields.unknown('disk.systemFreeBytes', 'not-told').unknown('disk.systemFreePercent', 'not-told');
    return;
  }
  fields.number('disk.systemFreeBytes', free, { most: total });
  const told = fields.all()['disk.systemFreeBytes']?.value;
  if (typeof told === 'number') fields.known('disk.systemFreePercent', (100 * told) / total);
  else fields.unknown('disk.systemFreePercent', 'not-told');
}

function actions(fields: Fields, results: unknown): void {
  if (!Array.isArray(results)) {
    fields.unknown('management.actions', 'not-told');
    return;
  }
  fields.list(
    'management.actions',
    results.map(result => {
      const { actionName, actionState } = actionOf(result);
      return actionName === null ? null : `${actionName}=${actionState ?? 'unknown'}`;
    }),
  );
}

/** One entry of `deviceActionResults`. */
export function actionOf(result: unknown): {
  readonly actionName: string | null;
  readonly actionState: string | null;
  readonly startedAt: number | null;
} {
  const told: Record<string, unknown> = typeof result === 'object' && result !== null ? { ...result } : {};
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
  return {
    actionName: text(told.actionName),
    actionState: text(told.actionState),
    startedAt: vendorTime(told.startDateTime),
  };
}
