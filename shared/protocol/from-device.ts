import { z } from 'zod';
import { processes } from '../device/facts.ts';
import { finding } from '../device/finding.ts';
import { helpChange, helpId } from '../device/help.ts';
import { deviceIdentity } from '../device/identity.ts';
import { LIMITS } from './limits.ts';
import { sampleRow } from './samples.ts';
import { settingsHash } from './to-device.ts';

const at = z.number().int().nonnegative();
const base64url = (bytes: number) =>
  z
    .string()
    .regex(
      new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3)}}$`),
      `must be ${bytes} bytes as base64url`,
    );
const scanId = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9]*(\.[a-zA-Z0-9]+)*$/)
  .max(64);

/** First frame of every connection: who I say I am, what I speak, where my stream stands. */
export const hello = z.object({
  type: z.literal('hello'),
  versions: z.array(z.number().int().positive()).min(1).max(16),
  agent: z.object({ version: z.string().max(64), arch: z.string().max(32), runtime: z.string().max(64) }),
  /** Raw Ed25519 public key, 32 bytes. It is the device's identity. */
  publicKey: base64url(32),
  /** How a key that the collector does not know asks to be let in; left out once enrolled. */
  enrolment: z
    .discriminatedUnion('by', [
      z.object({ by: z.literal('token'), token: z.string().min(8).max(128) }),
      z.object({ by: z.literal('admission') }),
    ])
    .optional(),
  /** The collector this device is enrolled at; a different one refuses instead of silently taking over. */
  collectorId: z.string().max(64).nullable(),
  identity: deviceIdentity,
  /** Identifies the outbox; a new one starts a new sequence at 1. */
  stream: z.string().regex(/^[0-9a-f]{16}$/),
  /** Device's clock when this was written: what the collector measures its skew with. Missing: skew not known. */
  at: at.optional(),
  /** Number the next sequenced frame that is not yet acknowledged will carry. */
  nextSeq: z.number().int().positive(),
  /** `hash` of the collector's settings the device holds. Missing: none. */
  settings: settingsHash.optional(),
  /** Requests of this device's people of which it does not know the end. Missing: none. */
  help: z.array(helpId).max(LIMITS.helpKept).optional(),
});
export type Hello = z.infer<typeof hello>;

/** Answer to a challenge: the signature over `proofMessage(...)`, 64 bytes. */
export const proof = z.object({ type: z.literal('proof'), signature: base64url(64) });
export type Proof = z.infer<typeof proof>;

/** What every sequenced frame carries. */
const sequenced = {
  /** Position in the device's stream, starting at 1. */
  seq: z.number().int().positive(),
  /** Sequence numbers directly before this one that will never come (dropped by the full outbox). Missing: none. */
  skipped: z.number().int().positive().optional(),
  /** When it was written, milliseconds since 1970 by the device's clock. */
  at,
};

/** The whole state: every check's latest finding. Replaces all that was known; a check that is not in it is gone. */
export const snapshot = z.object({
  type: z.literal('snapshot'),
  ...sequenced,
  identity: deviceIdentity,
  findings: z.record(scanId, finding),
});
export type Snapshot = z.infer<typeof snapshot>;

/** Only the checks whose hash changed. */
export const delta = z.object({
  type: z.literal('delta'),
  ...sequenced,
  findings: z.record(scanId, finding),
  identity: deviceIdentity.optional(),
});
export type Delta = z.infer<typeof delta>;

/** Readings of the live series, and which checks ran again with the same answer (their age starts anew). */
export const samples = z.object({
  type: z.literal('samples'),
  ...sequenced,
  rows: z.array(sampleRow).max(LIMITS.sampleRows),
  fresh: z.record(scanId, at).optional(),
  /** Busiest processes, only while somebody watches. */
  processes: processes.optional(),
});
export type Samples = z.infer<typeof samples>;

/** Things that happened on the device and belong on its timeline. */
export const DEVICE_EVENTS = [
  'agent-started',
  'agent-stopping',
  'boot',
  'sleep',
  'wake',
  'clock-jump',
  'outbox-dropped',
  'outbox-damaged',
  'scan-failed',
  'watch-started',
  'watch-ended',
] as const;

export const deviceEvent = z.object({
  at,
  kind: z.enum(DEVICE_EVENTS),
  /** Small facts of the event, e.g. `{jumpMs: -3600000}`. */
  data: z
    .record(z.string().max(64), z.union([z.string().max(200), z.number(), z.boolean(), z.null()]))
    .optional(),
});
export type DeviceEvent = z.infer<typeof deviceEvent>;

export const events = z.object({
  type: z.literal('events'),
  ...sequenced,
  events: z.array(deviceEvent).min(1).max(LIMITS.eventRows),
});
export type Events = z.infer<typeof events>;

/**
 * A person at this device asks IT for help, or takes that back. A collector may get it more than once under different numbers;
 * the request's id says that it is the same.
 */
export const help = z.object({ type: z.literal('help'), ...sequenced, change: helpChange });
export type Help = z.infer<typeof help>;

/** Answer to request-scan: done (the findings themselves come as delta or samples), or why not. */
export const scanned = z.object({
  type: z.literal('scanned'),
  id: z.string().max(64),
  ran: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
});
export type Scanned = z.infer<typeof scanned>;

/** Answer to `settings` with a hash: what is in force now, and what of it was not taken. Not numbered. */
export const settingsTaken = z.object({
  type: z.literal('settings-taken'),
  hash: settingsHash,
  /** Keys of `values`, `subjects`, `osSupport`, or `keeping` (in force, but it could not be kept for the next start). */
  refused: z
    .array(
      z.object({ key: z.string().max(64), why: z.string().max(64), detail: z.string().max(300).optional() }),
    )
    .max(32),
});
export type SettingsTaken = z.infer<typeof settingsTaken>;

/** The device leaves on purpose; silence after it is not a fault. */
export const deviceGoodbye = z.object({
  type: z.literal('goodbye'),
  reason: z.enum(['stopping', 'updating', 'sleeping', 're-enrolling']),
});
export type DeviceGoodbye = z.infer<typeof deviceGoodbye>;

export const sequencedFrame = z.discriminatedUnion('type', [snapshot, delta, samples, events, help]);
export type SequencedFrame = z.infer<typeof sequencedFrame>;

export const fromDevice = z.discriminatedUnion('type', [
  hello,
  proof,
  snapshot,
  delta,
  samples,
  events,
  help,
  scanned,
  settingsTaken,
  deviceGoodbye,
]);
export type FromDevice = z.infer<typeof fromDevice>;

export function isSequenced(frame: FromDevice): frame is SequencedFrame {
  return 'seq' in frame;
}
