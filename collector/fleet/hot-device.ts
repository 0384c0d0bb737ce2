import type { FleetRow } from '../../shared/api/schemas.ts';
import { knownContradictions } from '../../shared/device/contradiction.ts';
import type { DeviceState, MergedRecord, Presence } from '../../shared/device/device.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import { booleanOf, numberOf, textOf } from '../../shared/device/read-record.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { METRICS, type SampleRow } from '../../shared/protocol/samples.ts';
import type { Score } from '../../shared/score/score.ts';
import type { StoredDevice } from '../store/store.ts';

const CPU = 1 + METRICS.indexOf('cpuPercent');
const MEMORY = 1 + METRICS.indexOf('memoryUsedPercent');
const DISK_FREE = 1 + METRICS.indexOf('diskFreeBytes');
const BATTERY = 1 + METRICS.indexOf('batteryPercent');

/** Scores of the last seven days, oldest first. */
export type Week = readonly (number | null)[];
const NO_WEEK: Week = [null, null, null, null, null, null, null];

/**
 * What the collector keeps in memory of one device: enough to check sequence numbers, merge, score and draw a fleet row
 * without asking the store. The findings themselves stay in the store.
 */
export class HotDevice {
  readonly id: string;
  readonly publicKey: string;
  readonly demo: boolean;
  readonly enrolledAt: number;
  identity: DeviceIdentity;
  agentVersion: string | null;
  record: MergedRecord;
  score: Score | null;
  hashes: Record<string, string>;
  /** The score as last stored, and when the merged record was (monotonic ms): what has hardly moved is not written again. */
  scoreKept: { readonly value: number | null; readonly day: string } | null;
  recordKeptAt = Number.NEGATIVE_INFINITY;
  week: Week;
  stream: string | null;
  /** Highest sequence number of `stream` taken in, and the highest that is stored. */
  received: number;
  acked: number;
  lastSeen: number | null;
  /** When its newest claim arrived, as the merged record counts it: never less than any before. */
  arrival: number;
  /** Device clock minus ours at the last connection. */
  clockSkewMs: number | null;
  connected = false;
  /** The number under which this collector may write it; null: somebody else may, or nobody has asked yet. */
  claim: number | null = null;
  /** The highest such number that anybody was heard to have. */
  newest = 0;
  /** The collector it is connected to, when that is another one. */
  elsewhere: { readonly instance: string; readonly claim: number } | null = null;
  /** Others have written it since it was read: its row is what they told last, and the rest must be read before it is used. */
  isOutdated = false;
  /** Newest reading of the live series, for the row only. */
  latest: SampleRow | null = null;
  /** Another device claims the same hardware. */
  duplicate = false;
  revoked: boolean;
  /** The row as last sent to the consoles. */
  row: FleetRow;

  constructor(stored: StoredDevice, week: Week, now: number) {
    this.id = stored.id;
    this.publicKey = stored.publicKey;
    this.demo = stored.demo;
    this.enrolledAt = stored.enrolledAt;
    this.identity = stored.identity;
    this.agentVersion = stored.agent?.version ?? null;
    this.record = stored.record;
    this.score = stored.score;
    this.scoreKept = keptOf(stored.score);
    this.hashes = { ...stored.hashes };
    this.week = week;
    this.stream = stored.stream;
    this.received = stored.acked;
    this.acked = stored.acked;
    this.lastSeen = stored.lastSeen;
    this.arrival = newestArrival(stored);
    this.clockSkewMs = stored.clockSkewMs;
    this.revoked = stored.revokedAt !== null;
    this.row = rowOf(this, now);
  }

  /** Takes everything from the store again, after a commit that failed; the connection is gone by then. */
  reset(stored: StoredDevice, week: Week, now: number): void {
    this.identity = stored.identity;
    this.agentVersion = stored.agent?.version ?? null;
    this.record = stored.record;
    this.score = stored.score;
    this.scoreKept = keptOf(stored.score);
    this.hashes = { ...stored.hashes };
    this.week = week;
    this.stream = stored.stream;
    this.received = stored.acked;
    this.acked = stored.acked;
    this.lastSeen = stored.lastSeen;
    this.arrival = Math.max(this.arrival, newestArrival(stored));
    this.latest = null;
    this.isOutdated = false;
    this.revoked = stored.revokedAt !== null;
    this.row = rowOf(this, now);
  }

  presence(now: number): Presence {
    const age = this.lastSeen === null ? Number.POSITIVE_INFINITY : now - this.lastSeen;
    if ((this.connected || this.elsewhere !== null) && age <= LIMITS.staleMs) return 'live';
    return age <= LIMITS.silentMs ? 'stale' : 'silent';
  }
}

function newestArrival({ record, lastSeen }: StoredDevice): number {
  let newest = lastSeen ?? 0;
  for (const field of Object.values(record)) newest = Math.max(newest, field.receivedAt);
  return newest;
}

function keptOf(score: Score | null): HotDevice['scoreKept'] {
  return score === null ? null : { value: score.value, day: new Date(score.at).toISOString().slice(0, 10) };
}

/** What a line is made of when the device has never talked to us. */
export type RowFacts = Pick<HotDevice, 'id' | 'identity' | 'record' | 'score' | 'lastSeen' | 'demo'>;

/** The fleet page's line for a device at `now`. Pure. */
export function rowOf(device: HotDevice, now: number): FleetRow {
  if (!device.isOutdated) return lineOf(device, device, now);
  const { row, duplicate, lastSeen } = device;
  return { ...row, duplicate: row.duplicate || duplicate, lastSeen, presence: device.presence(now) };
}

/** The line of a device that has never talked to us: as much as follows from what is known of it. Pure. */
export function rowOfFacts(facts: RowFacts): FleetRow {
  return lineOf(facts, null, 0);
}

function lineOf(
  { id, record, identity, score, lastSeen, demo }: RowFacts,
  live: HotDevice | null,
  now: number,
): FleetRow {
  const latest = live?.latest;
  const size = numberOf(record, 'disk.systemSizeBytes');
  const free = latest?.[DISK_FREE] ?? numberOf(record, 'disk.systemFreeBytes');
  const bootAt = numberOf(record, 'boot.at');
  const contradictions = knownContradictions(record).map(({ rule, weight }) => ({ rule, weight }));
  return {
    id,
    name: identity.hostname,
    // Who owns it is rather the directory's to say than the agent's.
    person: textOf(record, 'identity.person') ?? identity.person,
    platform: identity.platform,
    os: textOf(record, 'os.name'),
    osVersion: textOf(record, 'os.version'),
    osSupported: booleanOf(record, 'os.supported'),
    osSupportEnd: textOf(record, 'os.supportEnd'),
    model: identity.model,
    state: stateOf(record, score, contradictions[0]?.weight === 'high'),
    why: dearestReason(score),
    score: score?.value ?? null,
    // Today's place shows where the score stands now.
    week:
      live === null ? [...NO_WEEK] : [...live.week.slice(0, -1), score?.value ?? live.week.at(-1) ?? null],
    presence: live?.presence(now) ?? 'silent',
    lastSeen,
    diskFreeBytes: free,
    diskFreePercent:
      free !== null && size !== null && size > 0
        ? Math.min(100, (100 * free) / size)
        : numberOf(record, 'disk.systemFreePercent'),
    batteryPercent: latest?.[BATTERY] ?? numberOf(record, 'battery.percent'),
    batteryHealthPercent: numberOf(record, 'battery.healthPercent'),
    batteryPresent: booleanOf(record, 'battery.present'),
    cpuPercent: latest?.[CPU] ?? numberOf(record, 'perf.cpuPercent'),
    memoryUsedPercent: latest?.[MEMORY] ?? numberOf(record, 'perf.memoryUsedPercent'),
    uptimeSeconds:
      live === null || bootAt === null || lastSeen === null ? null : Math.max(0, (lastSeen - bootAt) / 1000),
    encryption: textOf(record, 'encryption.system'),
    firewall: booleanOf(record, 'firewall.enabled'),
    rebootPending: booleanOf(record, 'reboot.pending'),
    duplicate: live?.duplicate ?? false,
    demo,
    ...(contradictions.length === 0 ? {} : { contradictions }),
  };
}

/**
 * One word for a device. Blocking states come from posture policies; without one the worst a device can be told is that it
 * needs attention. Too little known is `unknown`, never `well`; nor is it well while systems contradict each other about
 * something urgent, whoever is right.
 */
function stateOf(record: MergedRecord, score: Score | null, isContradicted: boolean): DeviceState {
  const bad =
    isContradicted ||
    record['os.supported']?.value === false ||
    record['firewall.enabled']?.value === false ||
    ['off', 'decrypting', 'suspended'].includes(textOf(record, 'encryption.system') ?? '') ||
    ['warning', 'unhealthy'].includes(textOf(record, 'disk.health') ?? '');
  if (bad) return 'attention';
  if (score === null || score.value === null) return 'unknown';
  return score.value < 75 ? 'attention' : 'well';
}

function dearestReason(score: Score | null): FleetRow['why'] {
  if (score === null || score.value === null) return { key: 'why.unknown', params: {} };
  let dearest: Score['hazards'][number]['reasons'][number] | null = null;
  for (const hazard of score.hazards) {
    for (const reason of hazard.reasons) {
      if (reason.key === 'score.ordinary') continue;
      if (dearest === null || reason.points > dearest.points) dearest = reason;
    }
  }
  // Below two points nobody would act on it, and the line is better left empty.
  return dearest === null || dearest.points < 2 ? null : { key: dearest.key, params: dearest.params };
}
