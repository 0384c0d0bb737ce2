import { z } from 'zod';
import { platform } from './platform.ts';

/** A network address as it is kept, sent and compared: `aa:bb:cc:dd:ee:ff`. `normaliseMac` brings others into this form. */
export const PLAIN_MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/**
 * What a device says of itself when it connects. None of it proves anything (the key does); it names the device to a
 * person and tells clones apart. Every identifier may be unknown.
 */
export const deviceIdentity = z.object({
  platform,
  hostname: z.string().min(1).max(255),
  /** Operating system's installation id (MachineGuid, IOPlatformUUID, /etc/machine-id), hashed on the device. */
  machineId: z.string().max(128).nullable(),
  serial: z.string().max(128).nullable(),
  /** SMBIOS UUID. */
  hardwareUuid: z.string().max(128).nullable(),
  manufacturer: z.string().max(128).nullable(),
  model: z.string().max(128).nullable(),
  /** Signed-in person as the system names them; null when nobody is or it could not be told. */
  person: z.string().max(128).nullable(),
  /** Physical, not randomised. */
  macs: z.array(z.string().regex(PLAIN_MAC)).max(16),
});
export type DeviceIdentity = z.infer<typeof deviceIdentity>;

/** Serial numbers that makers leave in place of one; matched after normalisation. */
const JUNK_SERIALS = new Set([
  '',
  '0',
  '1',
  '-1',
  'none',
  'null',
  'na',
  'unknown',
  'default',
  'defaultstring',
  'tobefilledbyoem',
  'tobefilled',
  'notapplicable',
  'notspecified',
  'notavailable',
  'systemserialnumber',
  'serialnumber',
  'chassisserialnumber',
  'oem',
  'invalid',
  'empty',
  'filledbyoem',
  '123456789',
  '0123456789',
  '1234567890',
  'xxxxxxx',
]);

/** Upper-case serial without blanks, or null when it is one of the fillers that many machines share. */
export function normaliseSerial(serial: string | null | undefined): string | null {
  if (serial === null || serial === undefined) return null;
  const bare = serial.toLowerCase().replace(/[^a-z0-9-]/g, '');
  const letters = bare.replace(/-/g, '');
  if (JUNK_SERIALS.has(bare) || JUNK_SERIALS.has(letters)) return null;
  if (/^(.)\1*$/.test(letters)) return null;
  return serial.replace(/\s+/g, '').toUpperCase();
}

/** Lower-case UUID, or null for the all-zero, all-ones and other shared fillers. */
export function normaliseUuid(uuid: string | null | undefined): string | null {
  if (uuid === null || uuid === undefined) return null;
  const text = uuid
    .trim()
    .toLowerCase()
    .replace(/^\{|\}$/g, '');
  if (!/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/.test(text)) return null;
  const hex = text.replace(/-/g, '');
  if (/^(.)\1*$/.test(hex)) return null;
  // Firmware vendors' sample UUID, found on many boards (fwupd and Fleet both skip it).
  if (hex === '03000200040005000006000700080009') return null;
  return text;
}

/** `aa:bb:cc:dd:ee:ff`, or null when it is no address or names no adapter (all zero, broadcast). */
export function normaliseMac(mac: string | null | undefined): string | null {
  if (mac === null || mac === undefined) return null;
  const hex = mac.toLowerCase().replace(/[^0-9a-f]/g, '');
  if (hex.length !== 12 || /^(0{12}|f{12})$/.test(hex)) return null;
  return (hex.match(/../g) ?? []).join(':');
}

/** Locally administered addresses (second-lowest bit of the first octet, IEEE 802) are made up and identify nothing. */
export function isRandomisedMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 0b10) !== 0;
}

/**
 * Whether two self-descriptions are of one machine. `different` needs a hardware identifier that both know and that differs;
 * network addresses alone only speak for `same` (adapters come and go with docks and containers).
 */
export function compareIdentity(
  one: DeviceIdentity,
  other: DeviceIdentity,
): 'same' | 'different' | 'unknown' {
  const pairs: [string | null, string | null][] = [
    [normaliseSerial(one.serial), normaliseSerial(other.serial)],
    [normaliseUuid(one.hardwareUuid), normaliseUuid(other.hardwareUuid)],
  ];
  let same = false;
  for (const [a, b] of pairs) {
    if (a === null || b === null) continue;
    if (a !== b) return 'different';
    same = true;
  }
  return same || sharesMac(one, other) ? 'same' : 'unknown';
}

/** Do both say the very same? */
export function isSameIdentity(one: DeviceIdentity, other: DeviceIdentity): boolean {
  return (
    one.platform === other.platform &&
    one.hostname === other.hostname &&
    one.machineId === other.machineId &&
    one.serial === other.serial &&
    one.hardwareUuid === other.hardwareUuid &&
    one.manufacturer === other.manufacturer &&
    one.model === other.model &&
    one.person === other.person &&
    one.macs.length === other.macs.length &&
    one.macs.every((mac, i) => mac === other.macs[i])
  );
}

/** Do both name at least one common network adapter? */
export function sharesMac(one: DeviceIdentity, other: DeviceIdentity): boolean {
  const macs = new Set(one.macs);
  return other.macs.some(mac => macs.has(mac));
}
