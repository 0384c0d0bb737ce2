import type { DeviceResponse, FleetRow } from '../../shared/api/schemas.ts';
import type { MergedRecord } from '../../shared/device/device.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import type { MatchedDevice } from '../../shared/device/match.ts';
import { type Platform, platform } from '../../shared/device/platform.ts';
import { listOf, textOf } from '../../shared/device/read-record.ts';
import { rowOfFacts } from '../fleet/hot-device.ts';
import { scoreOf } from '../score/score.ts';
import type { StoredObservation } from '../store/connectors.ts';

/** A computer that other systems know and no agent runs on. */
export interface LoneDevice {
  readonly matched: MatchedDevice;
  readonly record: MergedRecord;
  readonly identity: DeviceIdentity;
  /** When any of the systems last heard of it, by their clocks. */
  readonly lastSeen: number;
  readonly demo: boolean;
  readonly row: FleetRow;
}

/** Why records of a device stand in no row of the fleet. */
export type Unshown = 'not-a-computer' | 'system-unknown';

/**
 * What the fleet page can say of it. A phone has no place there, nor has a machine of which not even the family of its
 * system is known: they are counted instead.
 */
export function loneDeviceOf(
  matched: MatchedDevice,
  record: MergedRecord,
  { heard, demo, now }: { heard: readonly StoredObservation[]; demo: boolean; now: number },
): LoneDevice | Unshown {
  const observations = heard.map(({ observation }) => observation);
  const kinds = new Set(observations.map(({ kind }) => kind));
  if (!kinds.has('computer') && !kinds.has('unknown')) return 'not-a-computer';
  const family = platform.safeParse(textOf(record, 'os.platform'));
  if (!family.success) return kinds.has('computer') ? 'system-unknown' : 'not-a-computer';
  const lastSeen = Math.min(now, Math.max(0, ...observations.map(({ observedAt }) => observedAt)));
  const identity = identityOf(record, family.data, observations);
  const row = rowOfFacts({ id: matched.id, identity, record, score: scoreOf(record, now), lastSeen, demo });
  return { matched, record, identity, lastSeen, demo, row: { ...row, noAgent: true } };
}

function identityOf(
  record: MergedRecord,
  family: Platform,
  observations: readonly StoredObservation['observation'][],
): DeviceIdentity {
  const first = (of: 'serial' | 'uuid' | 'hostname'): string | null =>
    observations.find(({ identifiers }) => identifiers[of] !== null)?.identifiers[of] ?? null;
  const serial = textOf(record, 'hardware.serial') ?? first('serial');
  return {
    platform: family,
    hostname:
      textOf(record, 'identity.hostname') ?? first('hostname') ?? serial ?? observations[0]?.vendorId ?? '?',
    machineId: null,
    serial,
    hardwareUuid: textOf(record, 'hardware.uuid') ?? first('uuid'),
    manufacturer: textOf(record, 'hardware.manufacturer'),
    model: textOf(record, 'hardware.model'),
    person: textOf(record, 'identity.person'),
    macs: listOf(record, 'network.macs').slice(0, 16),
  };
}

export function loneDetail({ record, identity, row }: LoneDevice, now: number): DeviceResponse {
  return {
    row,
    enrolledAt: 0,
    enrolledBy: '',
    revokedAt: null,
    agentVersion: null,
    arch: null,
    clockSkewMs: null,
    identity,
    record,
    findings: {},
    score: scoreOf(record, now),
    duplicates: [],
  };
}
