import type { FieldKey } from '../../../shared/device/device.ts';
import type { Observation } from '../../../shared/device/observation.ts';
import type { Row } from '../connector.ts';
import { vendorTime } from '../dates.ts';
import { Fields, identifiersOf, isNothing, kindOfPlatform } from '../fields.ts';
import {
  COMPLIANCE_STATES,
  COMPLIANT,
  MANAGED,
  MANAGEMENT_STATES,
  OWNERSHIP,
  PLATFORMS,
} from '../workspace-one/words.ts';
import { deviceIdOf } from './api.ts';
import type { Cells } from './table.ts';

/** An observation without what the framework adds. */
export type Told = Omit<Observation, 'connector' | 'source' | 'account'>;

const PREFIX = 'airwatch.device.';

type Say = (fields: Fields, key: FieldKey, value: unknown) => void;

const text: Say = (fields, key, value) => fields.text(key, value);
const time: Say = (fields, key, value) => fields.time(key, value);
const boolean: Say = (fields, key, value) => fields.boolean(key, value);

/**
 * Columns and what they say. Which of them an organisation has, its own list of attributes tells: only those are asked for,
 * and a field whose column is not there is not spoken of. Where two say the same the first with a value counts.
 */
const COLUMNS: readonly (readonly [column: string, FieldKey, Say])[] = [
  ['_device_hostname', 'identity.hostname', text],
  ['device_hostname', 'identity.hostname', text],
  ['device_friendly_name', 'identity.hostname', text],
  ['device_enrollment_user_email', 'identity.person', text],
  ['device_enrollment_user_name', 'identity.person', text],
  ['device_serial_number', 'hardware.serial', text],
  ['device_manufacturer_name', 'hardware.manufacturer', text],
  ['device_model', 'hardware.model', text],
  ['device_platform', 'os.platform', (fields, key, value) => fields.word(key, value, PLATFORMS)],
  ['device_os_version', 'os.version', text],
  ['_device_os_version', 'os.version', text],
  ['device_os_build_version', 'os.build', text],
  [
    'device_battery_percent',
    'battery.percent',
    (fields, key, value) => fields.number(key, value, { most: 100 }),
  ],
  [
    'device_enrollment_status',
    'management.managed',
    (fields, key, value) => fields.word(key, value, MANAGED),
  ],
  [
    'device_enrollment_status',
    'management.state',
    (fields, key, value) => fields.word(key, value, MANAGEMENT_STATES),
  ],
  ['device_ownership', 'management.ownership', (fields, key, value) => fields.word(key, value, OWNERSHIP)],
  ['device_enrollment_date', 'management.enrolledAt', time],
  ['device_last_seen', 'management.lastSyncAt', time],
  ['device_location_group_name', 'management.group', text],
  ['device_organization_group_name', 'management.group', text],
  [
    'device_compliance_status',
    'compliance.compliant',
    (fields, key, value) => fields.word(key, value, COMPLIANT),
  ],
  [
    'device_compliance_status',
    'compliance.state',
    (fields, key, value) => fields.word(key, value, COMPLIANCE_STATES),
  ],
  ['device_is_compromised', 'security.jailbroken', boolean],
  ['device_compromised_status', 'security.jailbroken', boolean],
];

/** Columns that identify a device beside those that say something of it. */
const IDENTIFYING = ['device_id', 'device_udid', 'device_mac_address', 'device_wifi_mac_address'];

/** What a report of devices is made of, as far as the organisation has it. */
export function columnsOf(attributes: ReadonlySet<string>): string[] {
  const names = [...IDENTIFYING, ...COLUMNS.map(([column]) => column)].map(column => `${PREFIX}${column}`);
  return [...new Set(names)].filter(name => attributes.has(name));
}

/** One row of a report of devices; dates are milliseconds since 1970. null: it names no device. */
export function intelligenceObservation(row: Cells, readAt: number): Told | null {
  const vendorId = deviceIdOf(row);
  if (vendorId === null) return null;
  const cell = (column: string): unknown => row[`${PREFIX}${column}`];
  const fields = new Fields();
  for (const [column, key, say] of COLUMNS) {
    const isKnown = (fields.all()[key]?.value ?? null) !== null;
    const isTold = Object.hasOwn(row, `${PREFIX}${column}`);
    if (isTold && !isKnown && !(isNothing(cell(column)) && fields.all()[key] !== undefined))
      say(fields, key, cell(column));
  }
  const platform = fields.all()['os.platform']?.value;
  return {
    vendorId,
    kind: kindOfPlatform(platform),
    identifiers: identifiersOf({
      serial: cell('device_serial_number'),
      udid: platform === 'macos' || platform === 'ios' ? cell('device_udid') : null,
      macs: [cell('device_mac_address'), cell('device_wifi_mac_address')],
      hostname: cell('_device_hostname') ?? cell('device_hostname'),
    }),
    fields: fields.all(),
    observedAt: vendorTime(cell('device_last_seen')) ?? readAt,
  };
}

/** Longest text of a cell that is passed on. */
const CELL_MAX = 2000;

/** A row of any report for people. */
export function reportRow(cells: Cells): Row {
  return Object.fromEntries(
    Object.entries(cells).map(([name, value]) => {
      if (typeof value === 'number' || typeof value === 'boolean') return [name, value];
      if (value === null || value === undefined || value === '') return [name, null];
      const told = typeof value === 'string' ? value : JSON.stringify(value);
      return [name, told.slice(0, CELL_MAX)];
    }),
  );
}
