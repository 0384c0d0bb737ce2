import type { NewDevice, StoredPerson } from '../../collector/store/store.ts';
import type { NewAuditEntry } from '../../shared/audit/entry.ts';
import type { Finding } from '../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import type { SampleRow } from '../../shared/protocol/samples.ts';
import type { Score } from '../../shared/score/score.ts';

/* Small believable values for store tests. */

export const STREAM = '0123456789abcdef';
export const OTHER_STREAM = 'fedcba9876543210';

export function identityOf(hostname: string): DeviceIdentity {
  return {
    platform: 'windows',
    hostname,
    machineId: null,
    serial: `SN-${hostname}`,
    hardwareUuid: null,
    manufacturer: 'Lenovo',
    model: 'T14',
    person: null,
    macs: ['02:00:00:00:00:01'],
  };
}

export function newDevice(id: string): NewDevice {
  return {
    id,
    publicKey: `key-of-${id}`,
    enrolledAt: 1000,
    enrolledBy: 'pilot',
    demo: false,
    identity: identityOf(`host-${id}`),
  };
}

/** A finding whose value, time and hash all tell `n`. */
export function findingOf(n: number, padding = ''): Finding {
  return { status: 'ok', value: { n, padding }, at: n, ms: 3, hash: n.toString(16).padStart(16, '0') };
}

export function sampleOf(at: number, cpu: number | null, memory: number | null = null): SampleRow {
  return [at, cpu, memory, 123_456_789_012, 0, 0, 0, 0, null];
}

export function scoreOf(value: number | null, at = 0): Score {
  return {
    model: 'rules-1',
    value,
    p: 0.02,
    hazards: [{ id: 'battery', p: 0.01, points: 4.5, basis: 'rule', coverage: 1, reasons: [] }],
    coverage: { fresh: 4, of: 5 },
    at,
  };
}

export function personOf(user: string): StoredPerson {
  return {
    user,
    name: `Person ${user}`,
    role: 'helpdesk',
    createdAt: 1,
    lastSignIn: null,
    disabled: false,
    lockedUntil: null,
    passwordHash: '$scrypt$test',
    mustChangePassword: true,
    failures: 0,
  };
}

export function auditOf(at: number, subject: string | null = null): NewAuditEntry {
  return {
    at,
    actor: { kind: 'person', id: 'anna', name: 'Anna' },
    action: 'device.viewed',
    subject,
    data: { reason: 'ticket', n: at },
  };
}
