import type { AuditEntry } from '../../../shared/audit/entry.ts';
import { MINUTE } from '../../../shared/base/durations.ts';
import { chance, pick } from './chance.ts';

const SAM = { kind: 'person', id: 'sam', name: 'Sam Ito' } as const;
const INES = { kind: 'person', id: 'ines', name: 'Ines Duval' } as const;
const COLLECTOR = { kind: 'collector', id: 'c-berlin-1', name: 'collector' } as const;

const DONE: readonly [
  Omit<AuditEntry, 'n' | 'at' | 'previous' | 'hash'>,
  ...Omit<AuditEntry, 'n' | 'at' | 'previous' | 'hash'>[],
] = [
  { actor: INES, action: 'device.viewed', subject: 'story-drive', data: {} },
  { actor: INES, action: 'device.scan-requested', subject: 'story-drive', data: { scans: 'all' } },
  { actor: SAM, action: 'person.signed-in', subject: 'sam', data: { address: '10.20.1.8' } },
  {
    actor: SAM,
    action: 'enrolment-token.created',
    subject: 't2',
    data: { label: 'Lab machines', maxUses: 25 },
  },
  {
    actor: { kind: 'device', id: 'd00001a', name: 'LAB-LT-0047' },
    action: 'device.enrolled',
    subject: 'd00001a',
    data: { token: 'Lab machines' },
  },
  {
    actor: COLLECTOR,
    action: 'device.duplicate-identity',
    subject: 'story-duplicate',
    data: { same: 'serial' },
  },
  {
    actor: { kind: 'person', id: 'jo', name: 'Jo Keller' },
    action: 'person.sign-in-failed',
    subject: 'jo',
    data: {},
  },
  { actor: SAM, action: 'device.revoked', subject: 'd00002k', data: { name: 'SAL-LT-0093' } },
];

/** Invented audit entries, newest first. The hashes are only shaped like hashes: a scene verifies nothing. */
export function inventAudit(now: number): AuditEntry[] {
  const random = chance(77);
  const hex = () => Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('');
  let previous = hex();
  return Array.from({ length: 140 }, (_, index) => {
    const hash = previous;
    previous = hex();
    return { n: 1840 - index, at: now - index * 17 * MINUTE - 40_000, ...pick(random, DONE), previous, hash };
  });
}
