import type { NewFrame } from '../../../../agent/core/outbox/outbox.ts';
import type { Finding } from '../../../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../../../shared/device/identity.ts';

export const identity: DeviceIdentity = {
  platform: 'linux',
  hostname: 'laptop-1',
  machineId: 'machine-1',
  serial: 'SERIAL1',
  hardwareUuid: '6f1c1f2e-9f2b-4b57-8d55-1f8d5e1b7a11',
  manufacturer: 'Maker',
  model: 'Model',
  person: null,
  macs: ['00:11:22:33:44:55'],
};

/** Sixteen hex digits that differ for different text. */
export function hashOf(text: string): string {
  return Buffer.from(text.padEnd(8, '.').slice(0, 8)).toString('hex');
}

export function okFinding(value: unknown, hash: string, at = 1): Finding {
  return { status: 'ok', value, at, ms: 1, hash: hashOf(hash) };
}

export function samplesFrame(at: number): NewFrame {
  return { type: 'samples', at, rows: [[at, 1, 2, 3, null, null, null, null, null]] };
}

export function eventsFrame(at: number): NewFrame {
  return { type: 'events', at, events: [{ at, kind: 'wake' }] };
}

export function deltaFrame(at: number, findings: Record<string, Finding> = {}): NewFrame {
  return { type: 'delta', at, findings };
}

export function snapshotFrame(at: number, findings: Record<string, Finding> = {}): NewFrame {
  return { type: 'snapshot', at, identity, findings };
}
