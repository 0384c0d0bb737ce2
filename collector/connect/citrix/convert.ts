import type { FieldKey } from '../../../shared/device/device.ts';
import type { Observation } from '../../../shared/device/observation.ts';
import type { Row } from '../connector.ts';
import { usTime, vendorTime, type ZoneRule } from '../dates.ts';
import {
  Fields,
  firstTold,
  identifiersOf,
  isNothing,
  kindOfPlatform,
  vendorIdOf,
  type Words,
} from '../fields.ts';
import type { CitrixRecord } from './api.ts';

/** An observation without what the framework adds. */
export type Told = Omit<Observation, 'connector' | 'source' | 'account'>;

export interface CitrixRules {
  /** The zone of the server: its list writes times without one. */
  readonly zone: ZoneRule;
  /** Citrix marks what is out of compliance and says nothing of the rest; whether that is a yes, the administrator decides. */
  readonly unmarked: 'compliant' | 'unknown';
}

/** Is the device among those the server marks as out of compliance? null: that could not be read. */
export type Marked = boolean | null;

/** Names in `platform`, `devicePlatform` and `osFamily`; the console's own come with blanks and slashes. */
const PLATFORMS: Words<string> = {
  Windows: 'windows',
  'Windows Desktop': 'windows',
  'Windows Desktop/Tablet': 'windows',
  'Windows 10': 'windows',
  'Windows 11': 'windows',
  macOS: 'macos',
  'Mac OS': 'macos',
  'Mac OS X': 'macos',
  'OS X': 'macos',
  iOS: 'ios',
  iPadOS: 'ios',
  Android: 'android',
  'Android Enterprise': 'android',
  'Android for Work': 'android',
  'Chrome OS': null,
  Unknown: null,
};

/**
 * `properties[]` that are read, by the names of Citrix' list "Device property names and values". A device has only those its
 * platform reports; one that is not there leaves its field unsaid. Sizes are left out: their units are not documented.
 */
const PROPERTIES = {
  activationLock: 'ACTIVATION_LOCK_ENABLED',
  build: 'SYSTEM_OS_BUILD',
  corporate: 'CORPORATE_OWNED',
  passcode: 'PASSCODE_PRESENT',
  supervised: 'SUPERVISED',
  udid: 'UDID',
} as const;

/** Actions that wait for the device: the console offers to call them off. */
const CANCELLABLE: Readonly<Record<string, string>> = {
  cancelLockEnabled: 'lock',
  cancelUnlockEnabled: 'unlock',
  cancelWipeEnabled: 'wipe',
  cancelCorpWipeEnabled: 'selwipe',
  cancelLocateEnabled: 'locate',
  cancelRingEnabled: 'ring',
};

/**
 * One device of a list, with its details where they were read (null otherwise). `readAt`: when, by our clock; the server
 * gives no other.
 */
export function citrixObservation(
  device: CitrixRecord & { readonly id: unknown },
  details: CitrixRecord | null,
  marked: Marked,
  readAt: number,
  rules: CitrixRules,
): Told | null {
  const vendorId = vendorIdOf(device.id);
  if (vendorId === null) return null;
  const property = propertiesOf(details?.properties, device.properties);
  const platform = firstTold(device.platform, device.devicePlatform, details?.platform, details?.osFamily);
  // The details have a true time; the list has the server's wall clock.
  const seenAt = vendorTime(details?.lastAuthDate) ?? usTime(device.lastAccess, rules.zone);
  const fields = new Fields()
    .text('identity.hostname', device.deviceName)
    .text('identity.person', personOf(firstTold(device.userName, details?.lastUsername)))
    .text('hardware.serial', firstTold(device.serialNumber, details?.serialNumber))
    .text('hardware.model', firstTold(device.deviceModel, device.productName))
    .word('os.platform', platform, PLATFORMS)
    .text('os.version', firstTold(device.osVersion, property.get('SYSTEM_OS_VERSION')))
    .boolean('management.managed', firstTold(device.managed, details?.managed))
    .word('management.state', firstTold(device.managed, details?.managed), {
      true: 'managed',
      false: 'not-managed',
    })
    .boolean('security.jailbroken', device.jailBroken);
  if (seenAt !== null) fields.known('management.lastSyncAt', seenAt);
  else fields.time('management.lastSyncAt', device.lastAccess);
  compliance(fields, device, details, marked, rules);
  ofProperty(fields, 'os.build', property.get(PROPERTIES.build), (key, value) => fields.text(key, value));
  ofProperty(fields, 'management.ownership', property.get(PROPERTIES.corporate), (key, value) =>
    fields.word(key, value, { 1: 'company', true: 'company', 0: 'personal', false: 'personal' }),
  );
  for (const [key, name] of [
    ['management.supervised', PROPERTIES.supervised],
    ['security.passcodeSet', PROPERTIES.passcode],
    ['security.activationLock', PROPERTIES.activationLock],
  ] as const) {
    ofProperty(fields, key, property.get(name), (said, value) => fields.boolean(said, value));
  }
  fromDetails(fields, details);
  return {
    vendorId,
    kind: kindOfPlatform(fields.all()['os.platform']?.value),
    identifiers: identifiersOf({
      serial: firstTold(device.serialNumber, details?.serialNumber),
      udid: property.get(PROPERTIES.udid),
      // The Bluetooth address beside it (`blueToothMacAccress`) is no network's.
      macs: [device.wifiMacAddress, details?.wifimac],
      hostname: device.deviceName,
    }),
    fields: fields.all(),
    observedAt: seenAt ?? readAt,
  };
}

/** The same from the details alone, as when one device is read again. */
export function citrixDetailsObservation(
  details: CitrixRecord,
  vendorId: string,
  marked: Marked,
  readAt: number,
  rules: CitrixRules,
): Told | null {
  const property = propertiesOf(details.properties, undefined);
  const device = {
    id: vendorId,
    deviceName: firstTold(details.deviceName, property.get('DEVICE_NAME')),
    deviceModel: firstTold(details.deviceType, property.get('PRODUCT_NAME')),
    jailBroken: firstTold(details.jailBroken, property.get('ROOT_ACCESS')),
  };
  return citrixObservation(device, details, marked, readAt, rules);
}

function compliance(
  fields: Fields,
  device: CitrixRecord,
  details: CitrixRecord | null,
  marked: Marked,
  rules: CitrixRules,
): void {
  // Forbidden or missing applications; suggested ones bind nobody.
  const broken = ['blacklistCompliant', 'requiredListCompliant'].find(key => details?.[key] === false);
  if (marked === true || broken !== undefined) {
    const raw = marked === true ? 'device.status.out.of.compliance' : broken;
    fields.known('compliance.compliant', false, raw).known('compliance.state', 'noncompliant', raw);
    return;
  }
  const isManaged = firstTold(device.managed, details?.managed) === true;
  if (marked === false && isManaged && rules.unmarked === 'compliant') {
    fields.known('compliance.compliant', true).known('compliance.state', 'compliant');
    return;
  }
  const reason = marked === null ? 'not-asked' : 'vendor-unknown';
  fields.unknown('compliance.compliant', reason).unknown('compliance.state', reason);
}

const DETAIL_KEYS = [
  'management.enrolledAt',
  'management.enrolment',
  'management.lastInventoryAt',
  'management.certificateEndsAt',
  'management.tags',
  'management.actions',
] as const;

function fromDetails(fields: Fields, details: CitrixRecord | null): void {
  if (details === null) {
    for (const key of DETAIL_KEYS) fields.unknown(key, 'not-asked');
    return;
  }
  fields
    .time('management.enrolledAt', details.firstConnectionDate)
    .text('management.enrolment', details.enrollmentMode)
    .time('management.lastInventoryAt', details.lastSoftwareInventoryTime)
    .list('management.tags', namesOf(details.deliveryGroups))
    .list(
      'management.actions',
      pendingOf(details).map(name => `${name}=pending`),
    );
  const ends = entriesOf(details.validCertificates)
    .map(({ endDate }) => vendorTime(endDate))
    .filter(at => at !== null);
  if (ends.length > 0) fields.known('management.certificateEndsAt', Math.min(...ends));
  else fields.unknown('management.certificateEndsAt', 'not-told');
}

/** Actions that have been taken and that the device has not answered yet. */
export function pendingOf(details: CitrixRecord): string[] {
  return Object.entries(CANCELLABLE)
    .filter(([flag]) => details[flag] === true)
    .map(([, name]) => name);
}

/** What a device has installed, for people: one row an application. */
export function softwareRow(item: unknown): Row | null {
  const entry = recordOf(item);
  const name = textOf(entry.name);
  if (name === null) return null;
  return {
    name,
    version: textOf(entry.version),
    publisher: textOf(entry.author),
    package: textOf(entry.packageInfo),
    sizeBytes: typeof entry.size === 'number' ? entry.size : null,
    installedAt: vendorTime(entry.installTimeStamp),
    allowed: typeof entry.blacklistCompliant === 'boolean' ? entry.blacklistCompliant : null,
  };
}

export function applicationRow(item: unknown): Row | null {
  const entry = recordOf(item);
  const id = vendorIdOf(entry.id);
  if (id === null) return null;
  return {
    id,
    name: textOf(entry.name),
    type: textOf(entry.appType),
    isDisabled: typeof entry.disabled === 'boolean' ? entry.disabled : null,
    installed: numberOf(entry.nbSuccess),
    pending: numberOf(entry.nbPending),
    failed: numberOf(entry.nbFailure),
    changedAt: vendorTime(entry.lastModificationDate),
  };
}

/** Delivery groups go by their names; an id is null in the vendor's own examples. */
export function deliveryGroupRow(item: unknown): Row | null {
  const entry = recordOf(item);
  const name = textOf(entry.name);
  if (name === null) return null;
  return {
    name,
    id: vendorIdOf(entry.id),
    description: textOf(entry.description),
    isDisabled: typeof entry.disabled === 'boolean' ? entry.disabled : null,
    applications: namesOf(entry.applications)?.join(', ') ?? null,
    policies: Array.isArray(entry.devicePolicies)
      ? entry.devicePolicies.filter(name => typeof name === 'string').join(', ')
      : null,
    changedAt: vendorTime(entry.lastUpdated),
  };
}

/** `abc@example.com "abc"` is the name and, in quotes, what it is shown as. */
function personOf(userName: unknown): unknown {
  return typeof userName === 'string' ? userName.replace(/\s+"[^"]*"\s*$/, '') : userName;
}

/** The details' properties, then the list's: the first of a name that has a value. */
function propertiesOf(...lists: readonly unknown[]): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { name, value, b64 } of lists.flatMap(entriesOf)) {
    // What is encoded is an icon or a certificate, nothing that is read here.
    if (typeof name !== 'string' || b64 === true || isNothing(value) || found.has(name)) continue;
    found.set(name, value);
  }
  return found;
}

function ofProperty(
  fields: Fields,
  key: FieldKey,
  value: unknown,
  say: (key: FieldKey, value: unknown) => void,
): void {
  if (value === undefined) fields.unknown(key, 'not-told');
  else say(key, value);
}

function recordOf(item: unknown): CitrixRecord {
  return typeof item === 'object' && item !== null ? { ...item } : {};
}

function entriesOf(list: unknown): CitrixRecord[] {
  return Array.isArray(list) ? list.map(recordOf) : [];
}

function namesOf(list: unknown): string[] | null {
  if (!Array.isArray(list)) return null;
  return entriesOf(list)
    .map(({ name }) => name)
    .filter(name => typeof name === 'string');
}

function textOf(value: unknown): string | null {
  return isNothing(value) || (typeof value !== 'string' && typeof value !== 'number')
    ? null
    : String(value).trim().slice(0, 512);
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
