import type { Observation, ObservedKind } from '../../../shared/device/observation.ts';
import type { Row } from '../connector.ts';
import { vendorTime } from '../dates.ts';
import { Fields, identifiersOf, isNothing, type Words } from '../fields.ts';
import type { Assessment, FalconHost, OnlineState } from './api.ts';

/** An observation without what the framework adds. */
export type Told = Omit<Observation, 'connector' | 'source' | 'account'>;

const PLATFORMS: Words<string> = {
  Windows: 'windows',
  Mac: 'macos',
  Linux: 'linux',
  iOS: 'ios',
  Android: 'android',
  ChromeOS: 'chromeos',
};

const CONTAINMENT: Words<string> = {
  normal: 'normal',
  containment_pending: 'containment-pending',
  contained: 'contained',
  lift_containment_pending: 'lift-pending',
};

const ONLINE: Words<boolean> = { online: true, offline: false, unknown: null };

/** A host without its own word on a thing that was asked after. */
export interface Beside {
  /** undefined: not asked; null: asked, and the vendor has none. */
  readonly assessment: Assessment | null | undefined;
  readonly online: OnlineState | null | undefined;
}

/** One Falcon host, with its assessment and its sensor's state. `readAt`: when the vendor answered, by its clock. */
export function hostObservation(device: FalconHost, { assessment, online }: Beside, readAt: number): Told {
  const serial = isNothing(device.serial_number) ? assessment?.system_serial_number : device.serial_number;
  const fields = new Fields()
    .text('identity.hostname', device.hostname)
    .text('hardware.serial', serial)
    .text('hardware.manufacturer', device.system_manufacturer)
    .text('hardware.model', device.system_product_name)
    .word('os.platform', device.platform_name, PLATFORMS)
    .text('os.name', isNothing(device.os_product_name) ? device.os_version : device.os_product_name)
    .text('os.build', isNothing(device.os_build) ? device.build_number : device.os_build)
    .time('boot.at', device.last_reboot)
    .list('management.tags', device.tags)
    .text('edr.sensorVersion', device.agent_version)
    .time('edr.lastSeenAt', device.last_seen)
    .word('edr.containment', device.status, CONTAINMENT)
    .boolean('edr.reducedFunctionality', device.reduced_functionality_mode)
    .boolean('edr.policyApplied', part(part(device.device_policies).prevention).applied);
  if (online !== undefined) {
    fields.at(readAt, () => {
      fields.word('edr.online', online?.state, ONLINE);
    });
  }
  if (assessment !== undefined) assessed(fields, assessment);
  return {
    vendorId: device.device_id,
    kind: kindOf(fields, device.product_type_desc),
    identifiers: identifiersOf({
      serial,
      falconAid: device.device_id,
      macs: [device.mac_address, device.connection_mac_address],
      hostname: device.hostname,
    }),
    fields: fields.all(),
    observedAt: vendorTime(device.last_seen) ?? readAt,
  };
}

function assessed(fields: Fields, assessment: Assessment | null): void {
  const scores = part(assessment?.assessment);
  const score = { least: 1, most: 100 };
  fields
    .time('edr.ztaAssessedAt', assessment?.modified_time)
    .at(vendorTime(assessment?.modified_time), () => {
      fields
        .number('edr.ztaScore', scores.overall, score)
        .number('edr.ztaOsScore', scores.os, score)
        .number('edr.ztaSensorScore', scores.sensor_config, score)
        .list('edr.ztaUnmet', unmet(assessment?.assessment_items));
    });
}

/** Names of signals that the assessment says no to; what it does not know (`unknown`) is not among them. */
function unmet(items: unknown): string[] | null {
  const { os_signals: os, sensor_signals: sensor } = part(items);
  if (!Array.isArray(os) && !Array.isArray(sensor)) return null;
  const signals = [...(Array.isArray(os) ? os : []), ...(Array.isArray(sensor) ? sensor : [])].map(part);
  return signals
    .filter(({ meets_criteria: meets }) => String(meets).toLowerCase() === 'no')
    .map(({ signal_name: name, signal_id: id }) => String(name ?? id ?? ''))
    .filter(name => name !== '');
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

const KINDS: Readonly<Record<string, ObservedKind>> = {
  windows: 'computer',
  macos: 'computer',
  linux: 'computer',
  chromeos: 'computer',
  ios: 'mobile',
  android: 'mobile',
};

/** Containers and their nodes are hosts too, and nobody's device. */
function kindOf(fields: Fields, productType: unknown): ObservedKind {
  if (/^(pod|kubernetes)/i.test(String(productType))) return 'other';
  return KINDS[String(fields.all()['os.platform']?.value)] ?? 'unknown';
}

/** The account's audit as rows: the whole first, then each platform. */
export function auditRows(resources: readonly unknown[]): Row[] {
  return resources.map(part).flatMap(account => {
    const cid = textOr(account.cid);
    const platforms = Array.isArray(account.platforms) ? account.platforms.map(part) : [];
    return [
      { cid, platform: null, ...averages(account) },
      ...platforms.map(platform => ({ cid, platform: textOr(platform.name), ...averages(platform) })),
    ];
  });
}

function averages(told: Record<string, unknown>) {
  return { averageScore: numberOr(told.average_overall_score), hosts: numberOr(told.num_aids) };
}

export function scoreRow(item: unknown): Row {
  const { aid, score } = part(item);
  return { vendorId: textOr(aid), score: numberOr(score) };
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
