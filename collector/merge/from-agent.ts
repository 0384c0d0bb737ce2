import { DAY, MINUTE } from '../../shared/base/durations.ts';
import type { Claim, FieldKey, FieldValue, MergedRecord } from '../../shared/device/device.ts';
import { type DiskHealth, isScanId, type ScanId, type ScanValue } from '../../shared/device/facts.ts';
import type { Finding } from '../../shared/device/finding.ts';
import { type DeviceIdentity, normaliseSerial, normaliseUuid } from '../../shared/device/identity.ts';
import { listOf } from '../../shared/device/read-record.ts';

/** One system's word on several fields at once. */
export type Claims = Partial<Record<FieldKey, Claim>>;

/** How far back starts and daily disk readings are remembered in the record. */
const RECENT_MS = 14 * DAY;
/** Two boot times closer than this are one start measured twice (clock corrections move `now - uptime`). */
const SAME_BOOT_MS = 3 * MINUTE;

/** Fields each check speaks for: when the check has no value, these become unknown with its reason. The others are kept as findings. */
const FIELDS_OF: Readonly<Partial<Record<ScanId, readonly FieldKey[]>>> = {
  'os.version': ['os.platform', 'os.name', 'os.version', 'os.build', 'os.displayVersion'],
  'os.support': ['os.supported', 'os.supportEnd'],
  'disk.free': ['disk.systemSizeBytes', 'disk.systemFreeBytes', 'disk.systemFreePercent', 'disk.daily'],
  'disk.health': ['disk.health', 'disk.worstWearPercent', 'disk.errors', 'disk.worstName'],
  battery: [
    'battery.present',
    'battery.percent',
    'battery.healthPercent',
    'battery.cycleCount',
    'battery.onAc',
  ],
  'disk.encryption': ['encryption.system', 'encryption.mount'],
  'fw.enabled': ['firewall.enabled'],
  uptime: ['boot.at', 'boot.recent'],
  'reboot.pending': ['reboot.pending'],
  perf: ['perf.cpuPercent', 'perf.memoryUsedPercent', 'perf.memoryTotalBytes'],
  'net.mac': ['network.macs'],
};

type Values = Partial<Record<FieldKey, FieldValue | null>>;

type Reader<Id extends ScanId> = (value: ScanValue<Id>, at: number, before: MergedRecord) => Values;

const READERS: { readonly [Id in ScanId]?: Reader<Id> } = {
  'os.version': value => ({
    'os.platform': value.platform,
    'os.name': value.name,
    'os.version': value.version,
    'os.build': value.build,
    'os.displayVersion': value.displayVersion,
  }),
  'os.support': value => ({ 'os.supported': value.supported, 'os.supportEnd': value.supportEnd }),
  'disk.free': (value, at, before) => {
    const system = value.volumes.find(volume => volume.system);
    if (system === undefined) return {};
    return {
      'disk.systemSizeBytes': system.sizeBytes,
      'disk.systemFreeBytes': system.freeBytes,
      'disk.systemFreePercent': system.sizeBytes > 0 ? (100 * system.freeBytes) / system.sizeBytes : null,
      'disk.daily': dailyWith(before, at, system.freeBytes),
    };
  },
  'disk.health': value => ({
    'disk.health': worstHealth(value.disks.map(disk => disk.health)),
    'disk.worstWearPercent': highest(value.disks.map(disk => disk.wearPercent)),
    'disk.errors': highest(value.disks.map(errorsOf)),
    'disk.worstName': worstName(value.disks),
  }),
  battery: value => ({
    'battery.present': true,
    'battery.percent': value.percent,
    'battery.healthPercent': value.worstHealthPercent ?? value.healthPercent,
    'battery.cycleCount': highest(value.batteries.map(battery => battery.cycleCount)),
    'battery.onAc': value.onAc,
  }),
  'disk.encryption': value => ({
    'encryption.system': value.systemVolume === 'unknown' ? null : value.systemVolume,
    'encryption.mount': value.volumes.find(volume => volume.system)?.mount ?? null,
  }),
  'fw.enabled': value => ({ 'firewall.enabled': value.enabled }),
  uptime: (value, at, before) => ({
    'boot.at': value.bootedAt,
    'boot.recent': boots(listOf(before, 'boot.recent'), value.bootedAt, at),
  }),
  'reboot.pending': value => ({ 'reboot.pending': value.pending }),
  perf: value => ({
    'perf.cpuPercent': value.cpuPercent,
    'perf.memoryTotalBytes': value.memoryTotalBytes,
    'perf.memoryUsedPercent':
      value.memoryUsedBytes === null || value.memoryTotalBytes === 0
        ? null
        : Math.min(100, (100 * value.memoryUsedBytes) / value.memoryTotalBytes),
  }),
  'net.mac': value => ({
    'network.macs': value.adapters.filter(adapter => !adapter.randomised).map(adapter => adapter.mac),
  }),
};

/**
 * What one agent finding says about the merged fields. A finding without a value makes its fields unknown with the
 * reason, except where absence itself is the answer (no battery: `battery.present` is false).
 * `finding.value` must have passed `scanValues[scan]`; `before` is the record so far (two fields are running lists).
 */
export function claimsOfFinding(
  scan: string,
  finding: Finding,
  receivedAt: number,
  before: MergedRecord,
): Claims {
  if (!isScanId(scan)) return {};
  const values =
    finding.status === 'ok'
      ? readValue(scan, finding.value, finding.at, before)
      : valuesOfAbsence(scan, finding);
  const claims: Claims = {};
  for (const field of FIELDS_OF[scan] ?? []) {
    const value = values[field] ?? null;
    claims[field] =
      value === null
        ? {
            source: 'agent',
            value,
            reason: finding.status === 'ok' ? 'not-told' : finding.reason,
            observedAt: finding.at,
            receivedAt,
          }
        : { source: 'agent', value, observedAt: finding.at, receivedAt };
  }
  return claims;
}

function readValue<Id extends ScanId>(scan: Id, value: unknown, at: number, before: MergedRecord): Values {
  // The value was parsed with this very check's schema before it got here (ingest/accept.ts).
  return READERS[scan]?.(value as ScanValue<Id>, at, before) ?? {};
}

function valuesOfAbsence(scan: ScanId, finding: Extract<Finding, { reason: unknown }>): Values {
  return scan === 'battery' && finding.status === 'absent' && finding.reason === 'not-present'
    ? { 'battery.present': false }
    : {};
}

/**
 * The check ran again at `at` with the same answer: its claims, one by one, seen anew. A field that another source has won
 * keeps its winner; the agent's claim among the rivals is then left as old as it is.
 */
export function claimsSeenAgain(scan: string, at: number, receivedAt: number, before: MergedRecord): Claims {
  if (!isScanId(scan)) return {};
  const claims: Claims = {};
  for (const field of FIELDS_OF[scan] ?? []) {
    const claim = before[field];
    if (claim === undefined || claim.source !== 'agent' || claim.observedAt > at) continue;
    const { rivals: _, ...own } = claim;
    claims[field] = { ...own, observedAt: at, receivedAt };
  }
  return claims;
}

/** What the device says of itself. */
export function claimsOfIdentity(identity: DeviceIdentity, receivedAt: number): Claims {
  const claims: Claims = {};
  const say = (field: FieldKey, value: string | null): void => {
    claims[field] =
      value === null
        ? { source: 'agent', value: null, reason: 'not-told', observedAt: receivedAt, receivedAt }
        : { source: 'agent', value, observedAt: receivedAt, receivedAt };
  };
  say('identity.hostname', identity.hostname);
  say('identity.person', identity.person);
  say('hardware.serial', normaliseSerial(identity.serial));
  say('hardware.uuid', normaliseUuid(identity.hardwareUuid));
  say('hardware.manufacturer', identity.manufacturer);
  say('hardware.model', identity.model);
  return claims;
}

function boots(known: readonly string[], bootedAt: number, at: number): string[] {
  const kept = known.filter(entry => at - Number(entry) <= RECENT_MS);
  if (!kept.some(entry => Math.abs(Number(entry) - bootedAt) < SAME_BOOT_MS) && at - bootedAt <= RECENT_MS) {
    kept.push(String(bootedAt));
    kept.sort((a, b) => Number(a) - Number(b));
  }
  return kept.slice(-50);
}

/** One more reading of free bytes at `at` for the running list of days: the last one of each day stays. */
export function dailyWith(record: MergedRecord, at: number, freeBytes: number): string[] {
  return daily(listOf(record, 'disk.daily'), at, freeBytes);
}

function daily(known: readonly string[], at: number, freeBytes: number): string[] {
  const day = new Date(at).toISOString().slice(0, 10);
  const first = new Date(Math.max(0, at - RECENT_MS)).toISOString().slice(0, 10);
  const kept = known.filter(entry => entry.slice(0, 10) >= first && entry.slice(0, 10) !== day);
  kept.push(`${day}=${Math.round(freeBytes)}`);
  kept.sort();
  return kept.slice(-15);
}

function highest(values: readonly (number | null)[]): number | null {
  let best: number | null = null;
  for (const value of values) if (value !== null && (best === null || value > best)) best = value;
  return best;
}

/** Worst of the drives; one that cannot tell makes the whole unknown unless another is known to be bad. */
function worstHealth(values: readonly ('healthy' | 'warning' | 'unhealthy' | 'unknown')[]): string | null {
  for (const verdict of ['unhealthy', 'warning'] as const) if (values.includes(verdict)) return verdict;
  return values.length > 0 && values.every(value => value === 'healthy') ? 'healthy' : null;
}

/** Sectors given up plus errors that could not be mended; null when the drive counts neither. */
function errorsOf(disk: DiskHealth['disks'][number]): number | null {
  if (disk.mediaErrors === null && disk.reallocatedSectors === null) return null;
  return (disk.mediaErrors ?? 0) + (disk.reallocatedSectors ?? 0);
}

const WORST_FIRST = ['unhealthy', 'warning', 'unknown', 'healthy'];

/** The drive to look at first: by its own verdict, then errors, then wear. */
function worstName(disks: DiskHealth['disks']): string | null {
  const [worst] = disks.toSorted(
    (a, b) =>
      WORST_FIRST.indexOf(a.health) - WORST_FIRST.indexOf(b.health) ||
      (errorsOf(b) ?? 0) - (errorsOf(a) ?? 0) ||
      (b.wearPercent ?? 0) - (a.wearPercent ?? 0),
  );
  return worst === undefined ? null : (worst.model ?? worst.device);
}
