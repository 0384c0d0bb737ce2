import { z } from 'zod';

/**
 * Why a check has no value. The list is closed on our side; a newer agent's word that is not in it is read as
 * `other`, never as a value.
 */
export const FINDING_REASONS = [
  /** The account the agent runs as may not ask. */
  'not-permitted',
  /** This system has no way to answer. */
  'not-supported',
  /** The program or feature that would answer is not there. */
  'not-installed',
  /** The thing asked about does not exist on this device (a desktop PC has no battery). */
  'not-present',
  /** The question makes no sense here (domain profile on a machine in no domain). */
  'not-applicable',
  /** No answer within the check's time limit. */
  'timeout',
  /** There was an answer and it could not be read. */
  'parse-error',
  /** The program ended well and said nothing. */
  'no-output',
  /** The program ended with an error. */
  'command-failed',
  /** PowerShell runs in Constrained Language Mode. */
  'constrained-language',
  /** The system is newer than the table that would judge it. */
  'newer-than-table',
  /** More output than the limit allows. */
  'output-too-large',
  /** Sent by the device, refused by the collector because it does not fit the check's schema. */
  'invalid-value',
  /** Not asked yet since the agent started. */
  'not-run-yet',
  'other',
] as const;

export const findingReason = z.enum(FINDING_REASONS).catch('other');
export type FindingReason = (typeof FINDING_REASONS)[number];

/** `ok` has a value; the three others have a reason. Could not tell is never no. */
export const FINDING_STATUS = ['ok', 'absent', 'unsupported', 'failed'] as const;
export type FindingStatus = (typeof FINDING_STATUS)[number];

const common = {
  /** When the check ran, milliseconds since 1970 by the device's clock. */
  at: z.number().int().nonnegative(),
  /** What it cost: wall-clock milliseconds. */
  ms: z.number().nonnegative(),
  /**
   * Processor milliseconds of the programs this check started (what several checks share counts for the first that asked).
   * Left out: it started none, or the system does not tell.
   */
  cpuMs: z.number().nonnegative().optional(),
  /** It costs this device too much and runs only every so many times. Left out: as often as planned. */
  slowed: z.number().int().min(2).max(64).optional(),
  /** Which part of the agent answered: the one with all rights, or one with a person's. Left out: not told. */
  part: z.enum(['service', 'user']).optional(),
  /** Fingerprint of what matters in the answer (16 hex digits): equal hash, nothing to resend. */
  hash: z.string().regex(/^[0-9a-f]{16}$/),
};
const told = { reason: findingReason, detail: z.string().max(300).optional() };

/** One check's answer as it travels and is stored. The value's own schema is `scanValues[id]` in facts.ts. */
export const finding = z.discriminatedUnion('status', [
  z.object({ status: z.literal('ok'), value: z.unknown(), ...common }),
  z.object({ status: z.literal('absent'), ...told, ...common }),
  z.object({ status: z.literal('unsupported'), ...told, ...common }),
  z.object({ status: z.literal('failed'), ...told, ...common }),
]);
export type Finding = z.infer<typeof finding>;

/** Findings by check id. */
export type Findings = Record<string, Finding>;

/** Does this finding say that the thing asked about is not there, rather than that nobody could or would look? */
export function isTrulyAbsent(finding: Finding): boolean {
  return (
    finding.status === 'absent' && (finding.reason === 'not-present' || finding.reason === 'not-installed')
  );
}
