import type { Observation } from '../../../shared/device/observation.ts';
import type { FollowOutcome, Row } from '../connector.ts';
import { vendorTime } from '../dates.ts';
import { Fields, firstTold, identifiersOf, isNothing, kindOfPlatform, type Words } from '../fields.ts';
import { vendorIdOfDevice } from './api.ts';
import { COMPLIANCE_STATES, COMPLIANT, MANAGED, MANAGEMENT_STATES, OWNERSHIP, PLATFORMS } from './words.ts';

/** An observation without what the framework adds. */
export type Told = Omit<Observation, 'connector' | 'source' | 'account'>;

type Plain = Readonly<Record<string, unknown>>;

/** What manages a device; many bodies have a number here, whose meaning is not documented. */
const MANAGED_BY: Words<string> = {
  MDM: 'mdm',
  Workspace: 'workspace',
  AppCatalog: 'app-catalog',
  AppLevel: 'app-level',
  VmWorkspace: 'vm-workspace',
  HubRegistered: 'hub-registered',
  WorkspaceOneRegistered: 'workspace-one-registered',
  HubManaged: 'hub-managed',
  Offline: 'offline',
  Unknown: null,
};

/** Yes and no as the details say them. */
const YES_NO: Words<boolean> = {
  true: true,
  yes: true,
  y: true,
  present: true,
  compliant: true,
  false: false,
  no: false,
  n: false,
  notpresent: false,
  notcompliant: false,
  unknown: null,
  notavailable: null,
  notapplicable: null,
};

/**
 * A record of any version under one spelling: `DeviceFriendlyName`, `deviceFriendlyName` and `device_friendly_name` are the
 * same property.
 */
export function plainRecord(item: unknown): Plain {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return {};
  return Object.fromEntries(Object.entries(item).map(([key, value]) => [plainKey(key), value]));
}

function plainKey(key: string): string {
  return key
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/**
 * One device of a search of any version, with its details (version 2 or 3) where they were read. `readAt`: when the vendor
 * answered. Times without a zone are UTC. null: the record has no id.
 */
export function uemObservation(item: unknown, detailsItem: unknown, readAt: number): Told | null {
  const vendorId = vendorIdOfDevice(item);
  if (vendorId === null) return null;
  const device = plainRecord(item);
  const details = detailsItem === null ? null : plainRecord(detailsItem);
  const enrolment = plainRecord(details?.enrollment_info);
  const platformInfo = plainRecord(details?.platform_info);
  const platformId = plainRecord(plainRecord(device.platform_id).id).value;
  const lastSeen = firstTold(device.last_seen, enrolment.last_seen_timestamp);
  const status = firstTold(device.enrollment_status, enrolment.enrollment_status);
  const compliance = firstTold(device.compliance_status, enrolment.compliance_status, enrolment.compliant);
  const hostname = firstTold(
    device.host_name,
    details?.computer_name,
    device.device_reported_name,
    details?.device_reported_name,
  );
  const serial = firstTold(device.serial_number, details?.serial_number);
  const fields = new Fields()
    .text('identity.hostname', firstTold(hostname, device.device_friendly_name, details?.friendly_name))
    .text(
      'identity.person',
      firstTold(
        device.user_email_address,
        device.enrollment_user_email_address,
        enrolment.enrollment_user_email_address,
        device.user_name,
        device.enrollment_user_name,
      ),
    )
    .text('hardware.serial', serial)
    .text('hardware.manufacturer', firstTold(device.oem_info, platformInfo.oem_info))
    .text('hardware.model', firstTold(device.model, platformInfo.model, platformInfo.model_name))
    .word(
      'os.platform',
      firstTold(
        device.platform,
        device.platform_name,
        device.device_type,
        platformInfo.device_type,
        platformId,
      ),
      PLATFORMS,
    )
    .text('os.version', firstTold(device.operating_system, platformInfo.os_version))
    .text('os.build', firstTold(details?.os_build_version, device.os_build_version))
    .word('management.managed', status, MANAGED)
    .word('management.state', status, MANAGEMENT_STATES)
    .word('management.agent', firstTold(device.managed_by, enrolment.managed_by), MANAGED_BY)
    .word('management.ownership', firstTold(device.ownership, enrolment.ownership), OWNERSHIP)
    .time('management.enrolledAt', firstTold(device.last_enrolled_on, enrolment.enrollment_timestamp))
    .boolean('management.supervised', firstTold(device.is_supervised, details?.supervised))
    .time('management.lastSyncAt', lastSeen)
    .time('management.lastInventoryAt', device.last_system_sample_time)
    .text(
      'management.group',
      firstTold(device.location_group_name, device.organization_group_name, details?.organization_group_name),
    )
    .word('compliance.compliant', compliance, COMPLIANT)
    .word('compliance.state', compliance, COMPLIANCE_STATES)
    .boolean('security.jailbroken', device.compromised_status)
    .boolean('security.activationLock', device.is_activation_lock_enabled)
    .word('encryption.system', firstTold(details?.data_encrypted, device.data_encryption_yn), {
      true: 'on',
      yes: 'on',
      y: 'on',
      false: 'off',
      no: 'off',
      n: 'off',
    })
    // Ranges are the vendor's to break: a recorded battery has 700 percent.
    .number(
      'battery.percent',
      firstTold(details?.battery_level_percentage, percentOf(device.battery_level)),
      {
        most: 100,
      },
    );
  if (device.enrolled_via_dep !== undefined)
    fields.boolean('management.autoEnrolled', device.enrolled_via_dep);
  if (device.user_approved_enrollment !== undefined)
    fields.boolean('management.userApproved', device.user_approved_enrollment);
  if (
    fields.all()['os.platform']?.value === 'macos' &&
    device.system_integrity_protection_enabled !== undefined
  )
    fields.boolean('security.sipEnabled', device.system_integrity_protection_enabled);
  fromDetails(fields, details);
  return {
    vendorId,
    kind: kindOfPlatform(fields.all()['os.platform']?.value),
    identifiers: identifiersOf({
      serial,
      // Of Windows it is the vendor's own number, not the hardware's.
      udid: isApple(fields) ? firstTold(device.udid, details?.udid) : null,
      macs: [device.mac_address, details?.mac_address, ...macsOf(device.device_network_info)],
      hostname,
    }),
    fields: fields.all(),
    observedAt: vendorTime(lastSeen) ?? readAt,
  };
}

const DETAIL_KEYS = [
  'disk.systemSizeBytes',
  'disk.systemFreeBytes',
  'disk.systemFreePercent',
  'perf.memoryTotalBytes',
  'reboot.pending',
  'boot.at',
  'security.passcodeSet',
] as const;

/** Numbers come as texts. */
function fromDetails(fields: Fields, details: Plain | null): void {
  if (details === null) {
    for (const key of DETAIL_KEYS) fields.unknown(key, 'not-asked');
    return;
  }
  const total = firstTold(details.total_storage_bytes, details.total_internal_storage_bytes);
  const free = firstTold(details.available_storage_bytes, details.available_internal_storage_bytes);
  fields
    .positive('disk.systemSizeBytes', total)
    .positive('perf.memoryTotalBytes', details.total_physical_memory_bytes)
    .boolean('reboot.pending', details.reboot_pending)
    .time('boot.at', details.last_reboot)
    .word('security.passcodeSet', details.passcode_present, YES_NO);
  const size = fields.all()['disk.systemSizeBytes']?.value;
  if (typeof size !== 'number') {
    fields.unknown('disk.systemFreeBytes', 'not-told').unknown('disk.systemFreePercent', 'not-told');
    return;
  }
  fields.number('disk.systemFreeBytes', free, { most: size });
  const told = fields.all()['disk.systemFreeBytes']?.value;
  if (typeof told === 'number') fields.known('disk.systemFreePercent', (100 * told) / size);
  else fields.unknown('disk.systemFreePercent', 'not-told');
}

/** `"80%"` and `"80"`. */
function percentOf(level: unknown): unknown {
  return typeof level === 'string' ? level.replace(/\s*%$/, '') : level;
}

function macsOf(list: unknown): unknown[] {
  return Array.isArray(list) ? list.map(entry => plainRecord(entry).mac_address) : [];
}

export function applicationRow(item: unknown): Row | null {
  const app = plainRecord(item);
  const name = textOf(firstTold(app.name, app.application_name, app.display_name));
  if (name === null) return null;
  return {
    name,
    bundle: textOf(app.bundle_id),
    installedVersion: textOf(app.installed_version),
    assignedVersion: textOf(app.assigned_version),
    installed: textOf(app.installed_status),
    assigned: textOf(app.assignment_status),
    sizeText: textOf(app.size),
  };
}

export function catalogueRow(item: unknown): Row | null {
  const app = plainRecord(item);
  const name = textOf(firstTold(app.application_name, app.display_name));
  if (name === null) return null;
  return {
    id: textOf(plainRecord(app.id).value ?? app.id),
    uuid: textOf(app.uuid),
    name,
    version: textOf(firstTold(app.app_version, app.actual_file_version)),
    bundle: textOf(app.bundle_id),
    status: textOf(app.status),
    assignedDevices: numberOf(app.assigned_device_count),
    installedDevices: numberOf(app.installed_device_count),
  };
}

export function profileRow(item: unknown): Row | null {
  const profile = plainRecord(item);
  const name = textOf(firstTold(profile.name, profile.profile_name));
  if (name === null) return null;
  return {
    id: textOf(plainRecord(profile.id).value ?? profile.profile_id ?? profile.id),
    name,
    status: textOf(firstTold(profile.status, profile.profile_status)),
    version: numberOf(profile.current_version),
    installedVersion: numberOf(profile.installed_profile_version),
    assignment: textOf(profile.assignment_type),
  };
}

export function scriptRow(item: unknown): Row | null {
  const script = plainRecord(item);
  const uuid = textOf(script.script_uuid);
  if (uuid === null) return null;
  return {
    uuid,
    name: textOf(script.name),
    platform: textOf(script.platform),
    kind: textOf(script.script_type),
    assignments: numberOf(script.assignment_count),
    changedAt: vendorTime(script.created_or_modified_on),
  };
}

export function smartGroupRow(item: unknown): Row | null {
  const group = plainRecord(item);
  const name = textOf(group.name);
  if (name === null) return null;
  return {
    id: textOf(group.smart_group_id),
    uuid: textOf(group.smart_group_uuid),
    name,
    devices: numberOf(group.devices),
  };
}

/** How far a workflow is on a device: ours, `null` where the vendor's word is none of an outcome. */
const WORKFLOW: Words<FollowOutcome> = {
  NotEvaluated: 'pending',
  InProgress: 'pending',
  Completed: 'done',
  CompletedWithException: 'failed',
  Failed: 'failed',
  Blocked: 'failed',
  ConditionNotMet: 'cancelled',
  Unknown: null,
};

export function workflowRow(item: unknown): Row | null {
  const workflow = plainRecord(item);
  const uuid = textOf(workflow.workflow_uuid);
  if (uuid === null) return null;
  const status = textOf(workflow.status);
  const word = Object.entries(WORKFLOW).find(([theirs]) => theirs.toLowerCase() === status?.toLowerCase());
  const steps = Array.isArray(workflow.steps) ? workflow.steps.map(plainRecord) : [];
  const failed = steps.find(step => /fail|block/i.test(String(step.status)));
  return {
    uuid,
    name: textOf(workflow.name),
    status,
    outcome: word?.[1] ?? 'unknown',
    changedAt: vendorTime(workflow.status_updated_on),
    steps: steps.length,
    failedStep: textOf(failed?.step_name),
    reason: textOf(failed?.reason),
  };
}

function textOf(value: unknown): string | null {
  return isNothing(value) || (typeof value !== 'string' && typeof value !== 'number')
    ? null
    : String(value).trim().slice(0, 512);
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

function isApple(fields: Fields): boolean {
  return ['macos', 'ios'].includes(String(fields.all()['os.platform']?.value));
}
