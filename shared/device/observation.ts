import { z } from 'zod';
import { fieldKey, fieldValue, source } from './device.ts';
import { PLAIN_MAC } from './identity.ts';

/**
 * Why an observation has no value for a field the vendor speaks of. Closed on our side; a word of a newer version is read
 * as `other`, never as a value.
 */
export const UNKNOWN_REASONS = [
  /** Left out, null, empty, or the vendor's filler for nothing (`0001-01-01`, all-zero GUID). */
  'not-told',
  /** The vendor itself says that it does not know. */
  'vendor-unknown',
  /** A word we do not know; it is kept as `raw`. */
  'unknown-word',
  /** There was something and it could not be read; it is kept as `raw` where that is short. */
  'unreadable',
  /** The vendor fills this only when asked for one device, or only with a right we do not have. */
  'not-asked',
  'not-permitted',
  'other',
] as const;
export const unknownReason = z.enum(UNKNOWN_REASONS).catch('other');
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];

/** Longest text and longest list a vendor may put into one field; more than a person reads, less than hurts a store. */
const TEXT_MAX = 512;
const LIST_MAX = 64;

/** One field as a vendor sees it: a value, or unknown with the reason. */
export const observedField = z.object({
  value: fieldValue
    .nullable()
    .refine(
      value =>
        (typeof value !== 'string' || value.length <= TEXT_MAX) &&
        (!Array.isArray(value) ||
          (value.length <= LIST_MAX && value.every(entry => entry.length <= TEXT_MAX))),
      'longer than a field may be',
    ),
  /** Set exactly when `value` is null. */
  reason: unknownReason.optional(),
  /** The vendor's own word, where ours says less. */
  raw: z.string().max(120).optional(),
  /** When it was true by the vendor's clock, ms since 1970, where that is not the observation's own time. */
  observedAt: z.number().int().nonnegative().optional(),
});
export type ObservedField = z.infer<typeof observedField>;

/**
 * What a vendor names a device by; every one may be unknown. Already normalised (identity.ts): fillers that many machines
 * share are null. Joining observations to devices goes by these alone.
 */
export const observedIdentifiers = z.object({
  serial: z.string().max(128).nullable(),
  /** SMBIOS UUID; an Apple UDID that has the form of a UUID is in `udid`. */
  uuid: z.string().max(64).nullable(),
  /** Entra `deviceId` (Intune: azureADDeviceId); not the directory object's id. */
  entraDeviceId: z.string().max(64).nullable(),
  /** Apple's hardware UDID, upper case. */
  udid: z.string().max(64).nullable(),
  /** Falcon agent id: 32 hex digits. */
  falconAid: z.string().max(64).nullable(),
  /** `aa:bb:cc:dd:ee:ff`; randomised ones left out. */
  macs: z.array(z.string().regex(PLAIN_MAC)).max(16),
  hostname: z.string().max(255).nullable(),
});
export type ObservedIdentifiers = z.infer<typeof observedIdentifiers>;

/** What kind of machine the vendor says it is; phones and tablets have no agent. */
export const observedKind = z.enum(['computer', 'mobile', 'other', 'unknown']);
export type ObservedKind = z.infer<typeof observedKind>;

/** A connector's account: a tenant, a server, a customer id. Chosen by us and stable for as long as its data is kept. */
export const accountId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/);

/**
 * One vendor record about one device. Its key is (connector, account, vendorId); a later one replaces an earlier one of the
 * same key whole, so a field that is missing here is one the vendor never speaks of.
 */
export const observation = z.object({
  /** Which connector read it; several may share a source. */
  connector: z.string().min(1).max(40),
  source,
  account: accountId,
  /** The vendor's own id of the record as text (numbers and GUIDs alike). */
  vendorId: z.string().min(1).max(128),
  kind: observedKind,
  identifiers: observedIdentifiers,
  fields: z.partialRecord(fieldKey, observedField),
  /**
   * When the vendor last heard of the device, by the vendor's clock, ms since 1970; when it does not say, the time of
   * reading. A stale record is old news, however fresh the reading.
   */
  observedAt: z.number().int().nonnegative(),
});
export type Observation = z.infer<typeof observation>;
