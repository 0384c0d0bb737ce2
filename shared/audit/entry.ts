import { z } from 'zod';

/** Who did it: a signed-in person, an API token, a device, or the collector itself. */
export const actor = z.object({
  kind: z.enum(['person', 'api-token', 'device', 'collector']),
  id: z.string().max(128),
  name: z.string().max(128),
});
export type Actor = z.infer<typeof actor>;

/** Things worth an audit entry. */
export const AUDIT_ACTIONS = [
  'collector.started',
  'collector.stopped',
  'person.created',
  'person.changed',
  'person.signed-in',
  'person.sign-in-failed',
  'person.locked',
  'person.signed-out',
  'person.password-changed',
  'api-token.created',
  'api-token.revoked',
  'enrolment-token.created',
  'enrolment-token.revoked',
  'device.enrolled',
  'device.waiting',
  'device.admitted',
  'device.rejected',
  'device.revoked',
  'device.restored',
  'device.duplicate-identity',
  'device.cloned-key',
  'device.viewed',
  'device.scan-requested',
  'help.seen',
  'help.answered',
  'help.closed',
  'agent-settings.changed',
  'integration.added',
  'integration.changed',
  'integration.removed',
  'integration.tested',
  'integration.run-requested',
  'match.decided',
  'match.decision-removed',
  'precedence.changed',
] as const;

export const auditEntry = z.object({
  /** Position in the chain, from 1. */
  n: z.number().int().positive(),
  at: z.number().int(),
  actor,
  action: z.enum(AUDIT_ACTIONS),
  /** What it was done to, e.g. a device id. */
  subject: z.string().max(128).nullable(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  /** Hash of the entry before; 64 zeros for the first. */
  previous: z.string().length(64),
  /** sha256 over the canonical JSON of everything above. */
  hash: z.string().length(64),
});
export type AuditEntry = z.infer<typeof auditEntry>;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What the caller supplies; the store chains it. */
export type NewAuditEntry = Pick<AuditEntry, 'at' | 'actor' | 'action' | 'subject' | 'data'>;

/** The text that is hashed: fixed key order, so that any verifier can rebuild it byte for byte. */
export function auditHashInput(entry: Omit<AuditEntry, 'hash'>): string {
  const data = Object.fromEntries(
    Object.entries(entry.data).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
  return JSON.stringify([
    entry.n,
    entry.at,
    entry.actor.kind,
    entry.actor.id,
    entry.actor.name,
    entry.action,
    entry.subject,
    data,
    entry.previous,
  ]);
}
