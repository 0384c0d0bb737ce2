import { z } from 'zod';

/** Systems that can tell us something about a device. */
export const SOURCES = [
  'agent',
  'citrix',
  'workspace-one',
  'intune',
  'entra',
  'jamf',
  'crowdstrike',
] as const;
export const source = z.enum(SOURCES);
export type Source = z.infer<typeof source>;

/** What an agent can see for itself, with the unit in the name. Adding one is adding a line here and in merge. */
export const AGENT_FIELD_KEYS = [
  'identity.hostname',
  'identity.person',
  'hardware.serial',
  'hardware.uuid',
  'hardware.manufacturer',
  'hardware.model',
  'os.platform',
  'os.name',
  'os.version',
  'os.build',
  'os.displayVersion',
  'os.supported',
  'os.supportEnd',
  'disk.systemSizeBytes',
  'disk.systemFreeBytes',
  'disk.systemFreePercent',
  /** Last reading of free bytes on each of the last 14 days: `2026-11-22=123456`, oldest first. */
  'disk.daily',
  'disk.health',
  'disk.worstWearPercent',
  /** Errors the drive has counted: sectors given up and errors that could not be mended, on the worst drive. */
  'disk.errors',
  /** The drive the three fields before speak of. */
  'disk.worstName',
  'battery.present',
  'battery.percent',
  'battery.healthPercent',
  'battery.cycleCount',
  'battery.onAc',
  'encryption.system',
  'encryption.mount',
  'firewall.enabled',
  'reboot.pending',
  'boot.at',
  /** Starts of the last 14 days, as milliseconds in text, oldest first. */
  'boot.recent',
  'perf.cpuPercent',
  'perf.memoryUsedPercent',
  'perf.memoryTotalBytes',
  'network.macs',
] as const;

/** What managing systems, directories and sensors say. Adding one is adding a line here and in the connectors that fill it. */
export const VENDOR_FIELD_KEYS = [
  'management.managed',
  /** `managed`, `discovered`, `leaving`, `unhealthy`, `not-managed`. */
  'management.state',
  /** The vendor's word for what manages the device: `mdm`, `configurationManagerClient`, ... */
  'management.agent',
  /** `company`, `personal`, `shared`. */
  'management.ownership',
  /** Milliseconds since 1970, as every field whose name ends in `At`. */
  'management.enrolledAt',
  /** The vendor's word for how it was enrolled. */
  'management.enrolment',
  'management.autoEnrolled',
  'management.userApproved',
  'management.supervised',
  /** Last time the device talked to the managing system. */
  'management.lastSyncAt',
  'management.lastInventoryAt',
  'management.certificateEndsAt',
  'management.category',
  /** Organisation group, site or the like. */
  'management.group',
  'management.tags',
  /** Remote actions and how far they are: `wipe=pending`. */
  'management.actions',
  /** `entra`, `hybrid`, `registered`. */
  'directory.joinType',
  'directory.enabled',
  'directory.lastSignInAt',
  'compliance.compliant',
  /** `compliant`, `noncompliant`, `in-grace`, `conflict`, `error`, `other-manager`. */
  'compliance.state',
  /** Until when a device out of line is let be. */
  'compliance.graceEndsAt',
  /** Jailbroken, rooted or otherwise compromised. */
  'security.jailbroken',
  'security.passcodeSet',
  /** `secured`, `low`, `medium`, `high`, `compromised`, `unresponsive`, `misconfigured`, `deactivated`, `activated`. */
  'security.threat',
  'security.sipEnabled',
  'security.gatekeeperEnabled',
  'security.activationLock',
  'security.recoveryLock',
  /** The vendor's word for how strictly the start is checked. */
  'security.secureBoot',
  'encryption.percent',
  /** A key that can unlock the disk is held by the managing system. */
  'encryption.keyEscrowed',
  'edr.online',
  'edr.sensorVersion',
  'edr.lastSeenAt',
  /** `normal`, `containment-pending`, `contained`, `lift-pending`. */
  'edr.containment',
  'edr.reducedFunctionality',
  'edr.policyApplied',
  /** 1 to 100, higher is better: overall, of the system's settings, of the sensor's. */
  'edr.ztaScore',
  'edr.ztaOsScore',
  'edr.ztaSensorScore',
  'edr.ztaAssessedAt',
  /** Signals the assessment found wanting. */
  'edr.ztaUnmet',
] as const;

/** The merged view's fields. */
export const FIELD_KEYS = [...AGENT_FIELD_KEYS, ...VENDOR_FIELD_KEYS] as const;
export const fieldKey = z.enum(FIELD_KEYS);
export type FieldKey = z.infer<typeof fieldKey>;

export const fieldValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export type FieldValue = z.infer<typeof fieldValue>;

/** One system's word on one field: a value, or unknown with the reason; with both clocks. */
export const claim = z.object({
  source,
  /** null when unknown; then `reason` says why. */
  value: fieldValue.nullable(),
  reason: z.string().max(64).optional(),
  /** What was known before it became `too-old` or `superseded`: shown, but not gone by. */
  lastValue: fieldValue.optional(),
  /** When it was true, by the source's clock, ms since 1970. */
  observedAt: z.number(),
  /** When the collector heard it, by its own clock. */
  receivedAt: z.number(),
});
export type Claim = z.infer<typeof claim>;

/** A merged field: the winning claim, and the claims it won over. */
export const mergedField = claim.extend({ rivals: z.array(claim).optional() });
export type MergedField = z.infer<typeof mergedField>;

export type MergedRecord = Partial<Record<FieldKey, MergedField>>;
export const mergedRecord = z.partialRecord(fieldKey, mergedField);

/** What a person is told in one word and one shape. Worst first is the order of attention. */
export const DEVICE_STATES = ['well', 'attention', 'will-block', 'blocked', 'unknown'] as const;
export const deviceState = z.enum(DEVICE_STATES);
export type DeviceState = z.infer<typeof deviceState>;

/** Is the device talking to us? LIVE: connected; STALE: not heard of lately; GAP (silent): not for a week. */
export const presence = z.enum(['live', 'stale', 'silent']);
export type Presence = z.infer<typeof presence>;
