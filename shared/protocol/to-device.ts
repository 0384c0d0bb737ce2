import { z } from 'zod';
import { deviceState } from '../device/device.ts';
import { helpStanding } from '../device/help.ts';
import { LIMITS } from './limits.ts';

const id = z.string().max(64);

/** Names what a collector tells its agents, 16 hex digits; the device only repeats it. */
export const settingsHash = z.string().regex(/^[0-9a-f]{16}$/);

/** Prove that you hold the private key: sign `proofMessage(...)` over this nonce. */
export const challenge = z.object({
  type: z.literal('challenge'),
  version: z.number().int().positive(),
  /** 32 random bytes, base64url. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  collectorId: id,
});
export type Challenge = z.infer<typeof challenge>;

/** You are in. */
export const welcome = z.object({
  type: z.literal('welcome'),
  version: z.number().int().positive(),
  deviceId: id,
  collectorId: id,
  /** Collector's wall clock, milliseconds since 1970: the device measures its skew with it. */
  at: z.number().int().nonnegative(),
  /** Highest sequence number of this stream that is stored; 0 for a new stream. */
  acked: z.number().int().nonnegative(),
  /** Hashes of the findings the collector holds; the device sends a delta against them, a snapshot when empty. */
  have: z.record(z.string(), z.string()),
  inFlight: z.number().int().positive(),
});
export type Welcome = z.infer<typeof welcome>;

/** You are not in. `code` is of shared/problem/codes.ts; the connection closes after it. */
export const refused = z.object({
  type: z.literal('refused'),
  code: z.string().max(64),
  /** Come back after this long (a reconnect slot); null: not before something changes. */
  retryAfterMs: z.number().int().nonnegative().nullable(),
});
export type Refused = z.infer<typeof refused>;

/** Everything up to and including `seq` is stored for good; the device may forget it. */
export const ack = z.object({ type: z.literal('ack'), seq: z.number().int().nonnegative() });
export type Ack = z.infer<typeof ack>;

/** Send again from `from`; what is no longer there is told by `skipped` on the next frame. `snapshot` asks for a full one. */
export const resync = z.object({
  type: z.literal('resync'),
  from: z.number().int().positive(),
  snapshot: z.boolean(),
});
export type Resync = z.infer<typeof resync>;

/**
 * Everything the collector tells its agents to do differently; replaces what it said before. The device keeps it and answers
 * with `settings-taken`.
 */
export const deviceSettings = z.object({
  type: z.literal('settings'),
  /** By key of the agent's settings table; unknown keys are ignored and reported. */
  values: z.record(z.string().max(64), z.union([z.string().max(1000), z.number(), z.boolean(), z.null()])),
  /**
   * What to look for by name (shared/device/subjects.ts). Left out: nothing. Checked by the device member by member, so that
   * one part that it cannot read does not take the others along.
   */
  subjects: z.unknown().optional(),
  /** Table of support ends (shared/device/os-support-table.ts), taken when newer than the shipped one. Left out: the shipped one. */
  osSupport: z.unknown().optional(),
  /** The collector's name for exactly this content; repeated in `hello` and `settings-taken`. Left out: not to be kept. */
  hash: settingsHash.optional(),
});
export type DeviceSettings = z.infer<typeof deviceSettings>;

/** Run these checks now (all, when left out) and answer with `scanned`. */
export const requestScan = z.object({
  type: z.literal('request-scan'),
  id,
  scans: z.array(z.string().max(64)).max(128).optional(),
});
export type RequestScan = z.infer<typeof requestScan>;

/** Somebody looks at this device: sample every `everyMs` for `forMs`. An empty list of viewers ends it. */
export const watch = z.object({
  type: z.literal('watch'),
  everyMs: z.number().int().min(200).max(60_000),
  forMs: z.number().int().nonnegative().max(600_000),
  viewers: z.array(z.object({ name: z.string().max(128), since: z.number().int().nonnegative() })).max(32),
});
export type Watch = z.infer<typeof watch>;

const words = {
  key: z.string().max(80),
  params: z.record(z.string().max(40), z.union([z.string().max(300), z.number()])),
};

/**
 * How the collector sees this device, so that its owner is shown the very score the helpdesk sees. Sent after the welcome and
 * whenever it changes.
 */
export const standing = z.object({
  type: z.literal('standing'),
  /** Collector's clock, milliseconds since 1970. */
  at: z.number().int().nonnegative(),
  state: deviceState,
  /** 0 to 100; null: too little is known. */
  score: z.number().min(0).max(100).nullable(),
  /** What takes points off, dearest first: keys of shared/text. */
  reasons: z.array(z.object({ ...words, points: z.number() })).max(20),
  /** What the policies say. Left out: there is no policy. */
  verdict: z
    .object({
      state: z.enum(['well', 'will-block', 'blocked']),
      what: z.object(words),
      /** When it begins to block, collector's clock; null: no date is set. */
      deadline: z.number().int().nonnegative().nullable(),
    })
    .optional(),
});
export type Standing = z.infer<typeof standing>;

/**
 * How the collector has requests of this device's people: the answer to `help` frames and to `help` of the hello, and sent
 * whenever one changes. Never sent to a device that has asked for nothing.
 */
export const helpStandings = z.object({
  type: z.literal('help'),
  requests: z.array(helpStanding).max(LIMITS.helpRows),
});
export type HelpStandings = z.infer<typeof helpStandings>;

/** Something the device sent was refused; the rest of its stream goes on. */
export const problemFrame = z.object({
  type: z.literal('problem'),
  code: z.string().max(64),
  seq: z.number().int().positive().optional(),
  detail: z.string().max(300).optional(),
});
export type ProblemFrame = z.infer<typeof problemFrame>;

/** The collector leaves; come back in your own slot after `retryAfterMs`. */
export const collectorGoodbye = z.object({
  type: z.literal('goodbye'),
  code: z.string().max(64),
  retryAfterMs: z.number().int().nonnegative(),
});
export type CollectorGoodbye = z.infer<typeof collectorGoodbye>;

export const toDevice = z.discriminatedUnion('type', [
  challenge,
  welcome,
  refused,
  ack,
  resync,
  deviceSettings,
  requestScan,
  watch,
  standing,
  helpStandings,
  problemFrame,
  collectorGoodbye,
]);
export type ToDevice = z.infer<typeof toDevice>;
