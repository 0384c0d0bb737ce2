import type { Claim, FieldKey, FieldValue, Source } from '../../../shared/device/device.ts';
import { date, dateTime } from '../parts/ago.tsx';
import { bytes, humanise, percent } from '../parts/format.ts';

type Format = (value: FieldValue) => string;

/** An empty list or text is an answer too, and a person must be able to see and reach it. */
const text: Format = value => (Array.isArray(value) ? value.join(', ') : String(value)) || 'none';
const amount =
  (format: (value: number) => string): Format =>
  value =>
    typeof value === 'number' ? format(value) : text(value);
const yes =
  (one: string, other: string): Format =>
  value =>
    value === true ? one : value === false ? other : text(value);
const word: Format = value => humanise(text(value));

/** `2026-11-22=123456` for each day, oldest first, as the first and the last of them. */
const daily: Format = value => {
  const days = Array.isArray(value) ? value : [];
  const read = (line: string | undefined) => Number(line?.split('=')[1] ?? Number.NaN);
  const [first, last] = [read(days[0]), read(days.at(-1))];
  if (Number.isNaN(first) || Number.isNaN(last)) return text(value);
  return days.length < 2 ? bytes(last) : `${bytes(first)} → ${bytes(last)} in ${days.length} days`;
};

interface Fact {
  readonly label: string;
  readonly format: Format;
}

/** Every merged field: what it is called and how its value is written, with its unit. */
export const FACTS: Readonly<Record<FieldKey, Fact>> = {
  'identity.hostname': { label: 'Name', format: text },
  'identity.person': { label: 'Person', format: text },
  'hardware.serial': { label: 'Serial number', format: text },
  'hardware.uuid': { label: 'Hardware UUID', format: text },
  'hardware.manufacturer': { label: 'Maker', format: text },
  'hardware.model': { label: 'Model', format: text },
  'os.platform': {
    label: 'Family',
    format: value => ({ windows: 'Windows', macos: 'macOS', linux: 'Linux' })[text(value)] ?? text(value),
  },
  'os.name': { label: 'System', format: text },
  'os.version': { label: 'Version', format: text },
  'os.build': { label: 'Build', format: text },
  'os.displayVersion': { label: 'Release', format: text },
  'os.supported': { label: 'Updates', format: yes('Still gets them', 'Gets none any more') },
  'os.supportEnd': {
    label: 'Updates until',
    format: value => (Number.isNaN(Date.parse(text(value))) ? text(value) : date(Date.parse(text(value)))),
  },
  'disk.systemSizeBytes': { label: 'System disk', format: amount(bytes) },
  'disk.systemFreeBytes': { label: 'Free', format: amount(bytes) },
  'disk.systemFreePercent': { label: 'Free share', format: amount(percent) },
  'disk.health': { label: 'Drive health', format: word },
  'disk.worstWearPercent': { label: 'Drive wear', format: amount(percent) },
  'disk.errors': { label: 'Drive errors', format: amount(value => String(value)) },
  'disk.worstName': { label: 'Drive', format: text },
  'battery.present': { label: 'Battery', format: yes('Present', 'None') },
  'battery.percent': { label: 'Charge', format: amount(percent) },
  'battery.healthPercent': { label: 'Holds of new', format: amount(percent) },
  'battery.cycleCount': { label: 'Charge cycles', format: amount(value => String(value)) },
  'battery.onAc': { label: 'Power', format: yes('Mains', 'Battery') },
  'encryption.system': { label: 'Encryption', format: word },
  'encryption.mount': { label: 'Encrypted volume', format: text },
  'firewall.enabled': { label: 'Firewall', format: yes('On', 'Off') },
  'reboot.pending': { label: 'Restart', format: yes('Waiting', 'Not needed') },
  'boot.at': { label: 'Last start', format: amount(dateTime) },
  'boot.recent': {
    label: 'Starts',
    format: value => (Array.isArray(value) ? `${value.length} in 14 days` : text(value)),
  },
  'disk.daily': { label: 'Free until now', format: daily },
  'perf.cpuPercent': { label: 'Processor', format: amount(percent) },
  'perf.memoryUsedPercent': { label: 'Memory used', format: amount(percent) },
  'perf.memoryTotalBytes': { label: 'Memory', format: amount(bytes) },
  'network.macs': { label: 'MAC addresses', format: text },
  'management.managed': { label: 'Managed', format: yes('Yes', 'No') },
  'management.state': { label: 'Management', format: word },
  'management.agent': { label: 'Managed by', format: word },
  'management.ownership': { label: 'Belongs to', format: word },
  'management.enrolledAt': { label: 'Enrolled', format: amount(dateTime) },
  'management.enrolment': { label: 'Enrolled by', format: word },
  'management.autoEnrolled': { label: 'Enrolled automatically', format: yes('Yes', 'No') },
  'management.userApproved': { label: 'Management approved', format: yes('Yes', 'No') },
  'management.supervised': { label: 'Supervised', format: yes('Yes', 'No') },
  'management.lastSyncAt': { label: 'Last contact', format: amount(dateTime) },
  'management.lastInventoryAt': { label: 'Last inventory', format: amount(dateTime) },
  'management.certificateEndsAt': { label: 'Certificate ends', format: amount(dateTime) },
  'management.category': { label: 'Category', format: text },
  'management.group': { label: 'Group', format: text },
  'management.tags': { label: 'Tags', format: text },
  'management.actions': { label: 'Remote actions', format: text },
  'directory.joinType': { label: 'Joined', format: word },
  'directory.enabled': { label: 'Directory account', format: yes('Enabled', 'Disabled') },
  'directory.lastSignInAt': { label: 'Last sign-in', format: amount(dateTime) },
  'compliance.compliant': { label: 'Compliant', format: yes('Yes', 'No') },
  'compliance.state': { label: 'Compliance', format: word },
  'compliance.graceEndsAt': { label: 'Grace ends', format: amount(dateTime) },
  'security.jailbroken': { label: 'Compromised', format: yes('Yes', 'No') },
  'security.passcodeSet': { label: 'Passcode', format: yes('Set', 'None') },
  'security.threat': { label: 'Threat', format: word },
  'security.sipEnabled': { label: 'System integrity', format: yes('On', 'Off') },
  'security.gatekeeperEnabled': { label: 'Gatekeeper', format: yes('On', 'Off') },
  'security.activationLock': { label: 'Activation lock', format: yes('On', 'Off') },
  'security.recoveryLock': { label: 'Recovery lock', format: yes('On', 'Off') },
  'security.secureBoot': { label: 'Secure boot', format: word },
  'encryption.percent': { label: 'Encrypted share', format: amount(percent) },
  'encryption.keyEscrowed': { label: 'Recovery key', format: yes('Held', 'Not held') },
  'edr.online': { label: 'Sensor', format: yes('Online', 'Offline') },
  'edr.sensorVersion': { label: 'Sensor version', format: text },
  'edr.lastSeenAt': { label: 'Sensor last seen', format: amount(dateTime) },
  'edr.containment': { label: 'Containment', format: word },
  'edr.reducedFunctionality': { label: 'Sensor mode', format: yes('Reduced', 'Full') },
  'edr.policyApplied': { label: 'Sensor policy', format: yes('Applied', 'Not applied') },
  'edr.ztaScore': { label: 'Zero trust score', format: amount(value => String(value)) },
  'edr.ztaOsScore': { label: 'Zero trust, system', format: amount(value => String(value)) },
  'edr.ztaSensorScore': { label: 'Zero trust, sensor', format: amount(value => String(value)) },
  'edr.ztaAssessedAt': { label: 'Zero trust assessed', format: amount(dateTime) },
  'edr.ztaUnmet': { label: 'Zero trust, wanting', format: text },
};

export const FACT_GROUPS: readonly { readonly title: string; readonly keys: readonly FieldKey[] }[] = [
  {
    title: 'Protection',
    keys: ['encryption.system', 'firewall.enabled', 'os.supported', 'os.supportEnd', 'reboot.pending'],
  },
  {
    title: 'Disk',
    keys: [
      'disk.systemSizeBytes',
      'disk.systemFreeBytes',
      'disk.systemFreePercent',
      'disk.daily',
      'disk.health',
      'disk.worstWearPercent',
    ],
  },
  {
    title: 'Battery',
    keys: [
      'battery.present',
      'battery.percent',
      'battery.healthPercent',
      'battery.cycleCount',
      'battery.onAc',
    ],
  },
  {
    title: 'System',
    keys: ['os.platform', 'os.name', 'os.displayVersion', 'os.version', 'os.build', 'boot.at', 'boot.recent'],
  },
  {
    title: 'Management',
    keys: [
      'management.managed',
      'management.state',
      'management.agent',
      'management.ownership',
      'management.lastSyncAt',
      'management.lastInventoryAt',
      'management.enrolledAt',
      'management.enrolment',
      'management.autoEnrolled',
      'management.userApproved',
      'management.supervised',
      'management.certificateEndsAt',
      'management.category',
      'management.group',
      'management.tags',
      'management.actions',
    ],
  },
  {
    title: 'Compliance',
    keys: [
      'compliance.compliant',
      'compliance.state',
      'compliance.graceEndsAt',
      'directory.joinType',
      'directory.enabled',
      'directory.lastSignInAt',
    ],
  },
  {
    title: 'Security',
    keys: [
      'edr.online',
      'edr.sensorVersion',
      'edr.lastSeenAt',
      'edr.containment',
      'edr.reducedFunctionality',
      'edr.policyApplied',
      'edr.ztaScore',
      'edr.ztaOsScore',
      'edr.ztaSensorScore',
      'edr.ztaAssessedAt',
      'edr.ztaUnmet',
      'security.threat',
      'security.jailbroken',
      'security.passcodeSet',
      'security.sipEnabled',
      'security.gatekeeperEnabled',
      'security.activationLock',
      'security.recoveryLock',
      'security.secureBoot',
      'encryption.percent',
      'encryption.keyEscrowed',
    ],
  },
  { title: 'Load', keys: ['perf.cpuPercent', 'perf.memoryUsedPercent', 'perf.memoryTotalBytes'] },
  {
    title: 'Identity',
    keys: [
      'identity.hostname',
      'identity.person',
      'hardware.manufacturer',
      'hardware.model',
      'hardware.serial',
      'hardware.uuid',
      'network.macs',
    ],
  },
];

export const SOURCE_NAMES: Readonly<Record<Source, string>> = {
  agent: 'agent',
  citrix: 'Citrix',
  'workspace-one': 'Workspace ONE',
  intune: 'Intune',
  entra: 'Entra',
  jamf: 'Jamf',
  crowdstrike: 'CrowdStrike',
};

/** A claim's value in words and unit; null when it is unknown. */
export function claimText(key: FieldKey, claim: Claim): string | null {
  return claim.value === null ? null : FACTS[key].format(claim.value);
}
