import { describe, expect, it } from 'vitest';
import { jamfMac, jamfPad } from '../../../build/demo/vendors/fake-jamf.ts';
import {
  computerObservation,
  mobileObservation,
  readRecordName,
} from '../../../collector/connect/jamf/convert.ts';
import { observation } from '../../../shared/device/observation.ts';
import { valuesOf } from '../../support/vendors/collected.ts';

const READ_AT = Date.UTC(2026, 0, 11);

const mac = (changes: Parameters<typeof jamfMac>[1] = {}) =>
  computerObservation({ id: '1', ...jamfMac(1, changes) }, READ_AT);
const pad = (changes: Parameters<typeof jamfPad>[1] = {}, whole: Record<string, unknown> = {}) =>
  mobileObservation({ mobileDeviceId: '1', ...jamfPad(1, changes), ...whole }, READ_AT);

describe('a Jamf computer', () => {
  it('in order says all of this', () => {
    const told = mac();
    const around = { connector: 'jamf', source: 'jamf', account: 'main' };
    expect(observation.safeParse({ ...around, ...told }).success).toBe(true);
    expect({ ...told, fields: valuesOf(told) }).toEqual({
      vendorId: 'computer-1',
      kind: 'computer',
      observedAt: Date.UTC(2026, 0, 10, 1, 30, 0, 123),
      identifiers: {
        serial: 'JAMF1',
        uuid: null,
        entraDeviceId: null,
        udid: 'AAAAAAAA-0000-4000-8000-000000000001',
        falconAid: null,
        macs: ['3c:52:82:00:00:01'],
        hostname: 'MAC-1',
      },
      fields: {
        'identity.hostname': 'MAC-1',
        'identity.person': 'person1@example.com',
        'hardware.serial': 'JAMF1',
        'hardware.manufacturer': 'Apple',
        'hardware.model': 'MacBook Air (M3)',
        'os.platform': 'macos',
        'os.name': 'macOS',
        'os.version': '15.5',
        'os.build': '24F74',
        'perf.memoryTotalBytes': 17_179_869_184,
        'disk.systemSizeBytes': 400_000_000_000,
        'disk.systemFreeBytes': 100_000_000_000,
        'disk.systemFreePercent': 25,
        'battery.percent': 85,
        'encryption.system': 'on',
        'encryption.percent': 100,
        'encryption.keyEscrowed': true,
        'firewall.enabled': true,
        'management.managed': true,
        'management.supervised': true,
        'management.autoEnrolled': true,
        'management.userApproved': true,
        'management.enrolledAt': Date.UTC(2026, 0, 2, 3, 4, 5),
        'management.enrolment': 'PreStage enrollment',
        'management.lastSyncAt': Date.UTC(2026, 0, 10, 1, 30, 0, 123),
        'management.lastInventoryAt': Date.UTC(2026, 0, 10, 4),
        'management.certificateEndsAt': Date.UTC(2028, 0, 2, 3, 4, 5),
        'management.group': 'Berlin',
        'security.sipEnabled': true,
        'security.gatekeeperEnabled': true,
        'security.activationLock': false,
        'security.recoveryLock': true,
        'security.secureBoot': 'full',
      },
    });
  });

  it('has its last contact by the name of version 4 and by the older one', () => {
    const older = mac({ general: { lastContact: undefined, lastContactTime: '2026-01-09T08:00:00Z' } });
    expect(older.fields['management.lastSyncAt']?.value).toBe(Date.UTC(2026, 0, 9, 8));
    expect(older.observedAt).toBe(Date.UTC(2026, 0, 9, 8));
  });

  it('says since when its inventory is true, which is not the last contact', () => {
    const { fields } = mac();
    expect(fields['encryption.system']?.observedAt).toBe(Date.UTC(2026, 0, 10, 4));
    expect(fields['management.managed']?.observedAt).toBeUndefined();
  });

  it('with nothing but a number for an id is all unknown, and nothing is no', () => {
    const told = computerObservation({ id: 7 }, READ_AT);
    expect([told.vendorId, told.observedAt]).toEqual(['computer-7', READ_AT]);
    expect(Object.values(told.fields).filter(({ value }) => value !== null)).toEqual([]);
    expect(new Set(Object.values(told.fields).map(({ reason }) => reason))).toEqual(new Set(['not-told']));
  });

  it.each([
    ['ENCRYPTED', 'ALL_ENCRYPTED', 'on'],
    ['OPTIMIZING', null, 'on'],
    ['ENCRYPTING', 'ALL_ENCRYPTED', 'encrypting'],
    ['DECRYPTING_PAUSED', 'ALL_ENCRYPTED', 'decrypting'],
    ['UNENCRYPTED', 'ALL_ENCRYPTED', 'off'],
    ['UNKNOWN', 'BOOT_ENCRYPTED', 'on'],
    ['RESTART_NEEDED', null, null],
    [null, 'NOT_ENCRYPTED', 'off'],
    [null, 'SOME_ENCRYPTED', null],
    [null, 'NOT_APPLICABLE', null],
    [null, null, null],
    ['QUANTUM_SEALED', null, null],
  ])('whose start volume is %s and whose volumes are %s has its encryption %s', (boot, all, told) => {
    const { fields } = mac({
      diskEncryption: { bootPartitionEncryptionDetails: { partitionFileVault2State: boot } },
      operatingSystem: { fileVault2Status: all },
    });
    expect(fields['encryption.system']?.value).toBe(told);
  });

  it('keeps a word nobody knows', () => {
    const { fields } = mac({ security: { secureBootLevel: 'PARANOID', sipStatus: 'NOT_COLLECTED' } });
    expect(fields['security.secureBoot']).toMatchObject({ reason: 'unknown-word', raw: 'PARANOID' });
    expect(fields['security.sipEnabled']).toMatchObject({ reason: 'vendor-unknown', raw: 'NOT_COLLECTED' });
  });

  it('without a battery, in no site, with times of 1970 and of year 1 does not know them', () => {
    const { fields } = mac({
      hardware: { batteryCapacityPercent: -1 },
      general: {
        site: { id: '-1', name: 'None' },
        mdmProfileExpiration: '1970-01-01T00:00:00Z',
        lastEnrolledDate: '0001-01-01T00:00:00Z',
      },
    });
    for (const key of [
      'battery.percent',
      'management.group',
      'management.certificateEndsAt',
      'management.enrolledAt',
    ] as const)
      expect(fields[key]).toMatchObject({ value: null, reason: 'not-told' });
  });

  it('with a full disk has none free, and one of unknown size no share', () => {
    const full = mac({ storage: { bootDriveAvailableSpaceMegabytes: 0 } }).fields;
    expect([full['disk.systemFreeBytes']?.value, full['disk.systemFreePercent']?.value]).toEqual([0, 0]);
    const sizeless = mac({ storage: { disks: null } }).fields;
    expect(sizeless['disk.systemFreeBytes']?.value).toBe(100_000_000_000);
    expect(sizeless['disk.systemFreePercent']?.value).toBeNull();
  });

  it('with an institutional key has one that can unlock it', () => {
    const { fields } = mac({
      diskEncryption: {
        individualRecoveryKeyValidityStatus: 'INVALID',
        institutionalRecoveryKeyPresent: true,
      },
    });
    expect(fields['encryption.keyEscrowed']?.value).toBe(true);
  });

  it('is not joined by a made-up address', () => {
    expect(mac({ hardware: { macAddress: '6A:2C:4B:B7:65:B5' } }).identifiers.macs).toEqual([]);
  });
});

describe('a Jamf mobile device', () => {
  it('in order says this, and is not confused with the computer of the same number', () => {
    const told = pad();
    const around = { connector: 'jamf', source: 'jamf', account: 'main' };
    expect(observation.safeParse({ ...around, ...told }).success).toBe(true);
    expect([told.vendorId, told.kind, told.observedAt]).toEqual([
      'mobile-1',
      'mobile',
      Date.UTC(2026, 0, 10, 5, 0, 0, 307),
    ]);
    expect(told.identifiers).toMatchObject({
      serial: 'PAD1X',
      udid: '00008103-0000000000000001',
      macs: ['3c:52:83:00:00:01'],
    });
    expect(valuesOf(told)).toMatchObject({
      'identity.person': 'person1',
      'os.platform': 'ios',
      'battery.percent': 60,
      'disk.systemFreePercent': 25,
      'encryption.system': 'on',
      'management.managed': true,
      'management.autoEnrolled': true,
      'management.ownership': 'company',
      'management.lastInventoryAt': Date.UTC(2026, 0, 10, 5, 0, 0, 307),
      'management.lastSyncAt': null,
      'security.jailbroken': false,
      'security.passcodeSet': true,
    });
  });

  it('without a prestage may have had one: that it did not enrol by itself is not said', () => {
    const { fields } = pad({ general: { enrollmentMethodPrestage: null } });
    expect(fields['management.autoEnrolled']).toEqual({ value: null, reason: 'not-told' });
  });

  it.each([
    ['tvos', 'other'],
    ['visionOS', 'mobile'],
    ['toaster', 'unknown'],
  ])('of type %s is of kind %s', (deviceType, kind) => {
    expect(pad({}, { deviceType }).kind).toBe(kind);
  });

  it('whose sections were not filled is all unknown', () => {
    const told = mobileObservation(
      { mobileDeviceId: 3, deviceType: 'ios', general: null, hardware: null, security: null },
      READ_AT,
    );
    const known = Object.entries(valuesOf(told)).filter(([, value]) => value !== null);
    expect(known).toEqual([['os.platform', 'ios']]);
  });
});

describe('a record’s name', () => {
  it.each(['computer-', 'laptop-1', 'computer-1;DROP', '../1', 'mobile-1/../2', ''])('%j is none', name => {
    expect(readRecordName(name)).toBeNull();
  });

  it('tells computers and mobile devices apart', () => {
    expect(readRecordName('mobile-12')).toEqual({ kind: 'mobile', id: '12' });
    expect(readRecordName('computer-12')).toEqual({ kind: 'computer', id: '12' });
  });
});
