import { claimsOfFinding, claimsOfIdentity } from '../../../collector/merge/from-agent.ts';
import { Matcher } from '../../../collector/merge/match.ts';
import { agentMember, recordMember } from '../../../collector/merge/member.ts';
import { type Heard, merge as mergeClaims, mergeObservations } from '../../../collector/merge/merge.ts';
import { contradictionsOf } from '../../../shared/device/contradiction.ts';
import type { FieldKey, MergedRecord } from '../../../shared/device/device.ts';
import type { ObservedField } from '../../../shared/device/observation.ts';
import { heard } from '../../support/observations.ts';
import { healthyFindings, identity } from '../../support/records.ts';
import type { Scene } from '../support/scene.ts';
import { percentile, round } from '../support/stats.ts';

const DEVICES = 100_000;
const UPDATES = 5000;
/** Devices whose observations stand in memory at the same time; they are made outside of what is measured. */
const TOGETHER = 1000;
const AT = 1_800_000_000_000;

/** The first one's record is the one that changes; it is believed before the others. */
const VENDORS = ['workspace-one', 'intune', 'entra', 'crowdstrike', 'jamf'] as const;

export interface MergeFigures {
  readonly devices: number;
  /** Members: one agent and one record of each of five systems by device. */
  readonly members: number;
  readonly matchS: number;
  readonly mergeS: number;
  readonly totalS: number;
  /** One changed record matched and its device merged, microseconds. */
  readonly updateP50Us: number;
  readonly updateP99Us: number;
}

/** Time to match and merge a fleet from nothing, and to take in one changed record. One process, no store. */
export async function merge(scene: Scene): Promise<MergeFigures> {
  const devices = Math.round(DEVICES / scene.divide);
  const members = [];
  for (let i = 0; i < devices; i += 1) {
    members.push(agentOf(i), ...VENDORS.map(vendor => recordMember(recordOf(i, vendor, {}).observation)));
  }
  const heapBefore = process.memoryUsage().heapUsed;
  const cpuFrom = process.cpuUsage();
  const matchFrom = performance.now();
  const matcher = new Matcher(members);
  const matchMs = performance.now() - matchFrom;
  const matchCpuMs = cpuMs(cpuFrom);
  const heap = process.memoryUsage().heapUsed - heapBefore;
  let found = 0;
  for (const device of matcher.devices()) if (device.members.length === VENDORS.length + 1) found += 1;
  if (found !== devices) throw new Error(`${found} whole devices of ${devices}`);

  const before = agentRecord();
  let mergeMs = 0;
  let mergeCpuMs = 0;
  let fields = 0;
  let contradictions = 0;
  let contradictionMs = 0;
  for (let i = 0; i < devices; i += TOGETHER) {
    const part = Array.from({ length: Math.min(TOGETHER, devices - i) }, (_, k) => heardOf(i + k));
    const partCpu = process.cpuUsage();
    const from = performance.now();
    const records = part.map(each => mergeObservations(before, each, AT));
    mergeMs += performance.now() - from;
    mergeCpuMs += cpuMs(partCpu);
    const [first] = records;
    if (first === undefined) continue;
    fields += Object.keys(first).length;
    const judgedFrom = performance.now();
    contradictions += contradictionsOf(first).length;
    contradictionMs += performance.now() - judgedFrom;
  }
  const parts = Math.ceil(devices / TOGETHER);

  const updates = new Float64Array(Math.round(UPDATES / scene.divide));
  for (let k = 0; k < updates.length; k += 1) {
    const i = (k * 7919) % devices;
    const all = heardOf(i);
    const record = mergeObservations(before, all, AT);
    const changed = recordOf(i, VENDORS[0], { compliant: false, hostname: `NEW-${k}` });
    const from = performance.now();
    matcher.put(recordMember(changed.observation));
    const own = matcher.deviceOf(`agent/device-${i}`);
    const again = mergeObservations(record, [changed, ...all.slice(1)], AT + 1);
    updates[k] = 1000 * (performance.now() - from);
    if (own?.members.length !== VENDORS.length + 1 || again['compliance.compliant']?.value !== false) {
      throw new Error('the change did not arrive');
    }
  }
  scene.note(
    `${devices} devices, ${members.length} members: ${round(heap / devices / 1024, 1)} KiB of heap by device for matching; processor time ${round(matchCpuMs / 1000, 1)} s matching, ${round(mergeCpuMs / 1000, 1)} s merging, ${round((1000 * mergeCpuMs) / devices, 1)} µs by merged device of ${round(fields / parts)} fields; ${round((1000 * contradictionMs) / parts, 1)} µs for its ${round(contradictions / parts)} contradictions`,
  );
  const p = (share: number): number => round(percentile(updates, share) ?? Number.NaN, 1);
  return {
    devices,
    members: members.length,
    matchS: round(matchMs / 1000, 2),
    mergeS: round(mergeMs / 1000, 2),
    totalS: round((matchMs + mergeMs) / 1000, 2),
    updateP50Us: p(0.5),
    updateP99Us: p(0.99),
  };
}

/** Of all threads of this process, so garbage collection is in it. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

const digits = (i: number, length: number): string => i.toString(16).padStart(length, '0');
const uuidOf = (prefix: string, i: number): string => `${prefix}-4c4c-4544-8052-${digits(i + 1, 12)}`;
const macOf = (i: number): string =>
  `3c:52:${digits(i, 8)
    .replace(/../g, pair => `${pair}:`)
    .slice(0, -1)}`;

function agentOf(i: number) {
  return agentMember({
    id: `device-${i}`,
    identity: identity({
      serial: `SER${i}`,
      hardwareUuid: uuidOf('aabbccdd', i),
      hostname: `LT-${i}`,
      macs: [macOf(i)],
    }),
    enrolledAt: AT,
    lastSeen: AT,
  });
}

/** What the agent's checks have said: the same for all, since its values do not matter here. */
function agentRecord(): MergedRecord {
  let record = mergeClaims({}, claimsOfIdentity(identity(), AT));
  for (const [scan, finding] of Object.entries(healthyFindings(AT))) {
    record = mergeClaims(record, claimsOfFinding(scan, finding, AT, record));
  }
  return record;
}

function heardOf(i: number): Heard[] {
  return VENDORS.map(vendor => recordOf(i, vendor, {}));
}

/** Entra knows no serial number and the sensor no directory: they hang together through others, as in life. */
function recordOf(
  i: number,
  vendor: (typeof VENDORS)[number],
  { compliant = true, hostname = `LT-${i}` }: { compliant?: boolean; hostname?: string },
): Heard {
  const isDirectory = vendor === 'entra';
  const knowsEntra = isDirectory || vendor === 'intune';
  return heard(vendor, fieldsOf(i, compliant, hostname), {
    vendorId: `${vendor}-${i}`,
    observedAt: AT - 60_000,
    receivedAt: AT,
    identifiers: {
      serial: isDirectory ? null : `SER${i}`,
      uuid: vendor === 'jamf' ? uuidOf('aabbccdd', i) : null,
      entraDeviceId: knowsEntra ? uuidOf('eeeeeeee', i) : null,
      udid: null,
      falconAid: vendor === 'crowdstrike' ? digits(i + 1, 32) : null,
      macs: isDirectory ? [] : [macOf(i)],
      hostname,
    },
  });
}

/** About as many fields as a managing system tells. */
function fieldsOf(i: number, compliant: boolean, hostname: string): Partial<Record<FieldKey, ObservedField>> {
  return {
    'identity.hostname': { value: hostname },
    'identity.person': { value: `person-${i}@example.com` },
    'hardware.serial': { value: `SER${i}` },
    'hardware.manufacturer': { value: 'Invented' },
    'hardware.model': { value: 'Book 14' },
    'os.platform': { value: 'windows' },
    'os.version': { value: '10.0.26100.4061' },
    'os.build': { value: '26100' },
    'management.managed': { value: true },
    'management.state': { value: 'managed' },
    'management.agent': { value: 'mdm' },
    'management.ownership': { value: 'company' },
    'management.enrolledAt': { value: AT - 1e9 },
    'management.lastSyncAt': { value: AT - 60_000 },
    'management.category': { value: null, reason: 'not-told' },
    'compliance.compliant': { value: compliant },
    'compliance.state': { value: compliant ? 'compliant' : 'noncompliant' },
    'security.jailbroken': { value: null, reason: 'vendor-unknown' },
    'security.threat': { value: 'secured' },
    'encryption.system': { value: 'on' },
    'disk.systemSizeBytes': { value: 5e11 },
    'disk.systemFreeBytes': { value: 2e11 + i },
  };
}
