import { z } from 'zod';

/*
 * Which vendor records and agents are one device, as the matcher says it (collector/merge/match.ts). A member is one
 * record (`connector/account/vendorId`) or one agent (`agent/id`); its key names it for good.
 */

/** Longest key: connector, account and vendor id with their separators. */
const KEY_MAX = 220;
export const memberKey = z.string().min(3).max(KEY_MAX);

/** What tells that two members are one device, strongest first. A name alone never does. */
export const EVIDENCE = ['hand', 'serial', 'hardware', 'entra', 'falcon', 'mac'] as const;
/** `hand`: joined by a person. `hardware`: SMBIOS UUID or UDID. */
export const evidence = z.enum(EVIDENCE);
export type Evidence = z.infer<typeof evidence>;

/**
 * What a person has decided about two members, and what no later matching undoes. `split`: they are never one device;
 * `join`: they are one. Where both are said of the same two, `split` holds.
 */
export const pin = z.object({
  kind: z.enum(['split', 'join']),
  one: memberKey,
  other: memberKey,
  /** Only for `join`: also when the two have different serial numbers (a replaced board). Otherwise such a join waits. */
  despiteSerials: z.boolean().optional(),
});
export type Pin = z.infer<typeof pin>;

/** Why a member is in its device: the strongest thing it shares with another member of it. */
export const matchLink = z.object({
  member: memberKey,
  /** null for the only member of a device. */
  by: evidence.nullable(),
  /** What they share, as it is compared: null for `hand`. */
  value: z.string().nullable(),
});
export type MatchLink = z.infer<typeof matchLink>;

/** Something about the matching that a person should know of, or decide. */
export const MATCH_ISSUES = [
  /** Several records of one account are this device: enrolled again, or entered twice. Newest first. */
  'two-records',
  /** Several agents are this device, one after the other. Newest first. */
  're-enrolled',
  /** Same serial number, another board: the UUID has changed. Newest first. */
  'other-board',
  /** Two that live at the same time claim the same hardware: kept apart. */
  'clone',
  /** Same hardware, directory or sensor id, but different serial numbers: kept apart. */
  'other-serial',
  /** A record's identifiers lead to several devices. The record is first. */
  'one-for-two',
  /** Joined by hand, and yet kept apart. */
  'join-refused',
] as const;
export const matchIssueKind = z.enum(MATCH_ISSUES);
export type MatchIssueKind = z.infer<typeof matchIssueKind>;

export const matchIssue = z.object({
  kind: matchIssueKind,
  /** Whom it is about, in the order the kind says, else by key. */
  members: z.array(memberKey),
  /** The identifier it is about, where there is one. */
  by: evidence.nullable(),
  value: z.string().nullable(),
  /** One sentence for a person. */
  why: z.string(),
});
export type MatchIssue = z.infer<typeof matchIssue>;

/** One device: its members and what was noticed. */
export const matchedDevice = z.object({
  /**
   * The newest agent's device id; where there is none, `v-` and a hash of the leading member's key. It can change when
   * members come and go: `MatchChange.gone` says so.
   */
  id: z.string(),
  /** Device id of the newest agent; null for a device that only vendors know. */
  agent: z.string().nullable(),
  /** Sorted by key. */
  members: z.array(memberKey),
  links: z.array(matchLink),
  issues: z.array(matchIssue),
});
export type MatchedDevice = z.infer<typeof matchedDevice>;

/** An identifier that is not gone by, and why. */
export const ignoredIdentifier = z.object({
  by: evidence,
  value: z.string(),
  /** `shared-adapter`: the address of a dock or adapter that went from device to device. `filler`: on too many records. */
  why: z.enum(['shared-adapter', 'filler']),
  members: z.array(memberKey),
});
export type IgnoredIdentifier = z.infer<typeof ignoredIdentifier>;
