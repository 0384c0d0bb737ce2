import { describe, expect, it } from 'vitest';
import { detailedLaptop, listedLaptop } from '../../../build/demo/vendors/fake-workspace-one.ts';
import {
  plainRecord,
  profileRow,
  uemObservation,
  workflowRow,
} from '../../../collector/connect/workspace-one/convert.ts';
import { observation } from '../../../shared/device/observation.ts';
import { valuesOf } from '../../support/vendors/collected.ts';

const READ_AT = Date.UTC(2026, 0, 11);

function convert(listed: Record<string, unknown> = {}, details: Record<string, unknown> | null = {}) {
  const told = uemObservation(listedLaptop(1, listed), details && detailedLaptop(1, details), READ_AT);
  if (told === null) throw new Error('not told');
  return told;
}

describe('a Workspace ONE device', () => {
  it('of a healthy laptop says all of this', () => {
    const told = convert();
    expect(
      observation.safeParse({ connector: 'x', source: 'workspace-one', account: 'main', ...told }).success,
    ).toBe(true);
    expect({ ...told, fields: valuesOf(told) }).toEqual({
      vendorId: '1',
      kind: 'computer',
      observedAt: Date.UTC(2026, 0, 10, 1),
      identifiers: {
        serial: 'WS1-1',
        uuid: null,
        entraDeviceId: null,
        udid: null,
        falconAid: null,
        macs: ['3c:52:82:00:00:01'],
        hostname: 'WS-1',
      },
      fields: {
        'identity.hostname': 'WS-1',
        'identity.person': 'person1@example.com',
        'hardware.serial': 'WS1-1',
        'hardware.manufacturer': 'Contoso',
        'hardware.model': 'Book 5',
        'os.platform': 'windows',
        'os.version': '10.0.26100',
        'os.build': '26100.4061',
        'disk.systemSizeBytes': 400_000_000_000,
        'disk.systemFreeBytes': 100_000_000_000,
        'disk.systemFreePercent': 25,
        'perf.memoryTotalBytes': 17_179_869_184,
        'battery.percent': 80,
        'encryption.system': 'on',
        'reboot.pending': true,
        'boot.at': Date.UTC(2026, 0, 9, 8),
        'management.managed': true,
        'management.state': 'managed',
        'management.agent': null,
        'management.ownership': 'company',
        'management.enrolledAt': Date.UTC(2026, 0, 2, 3, 4, 5),
        'management.supervised': false,
        'management.lastSyncAt': Date.UTC(2026, 0, 10, 1),
        'management.lastInventoryAt': null,
        'management.group': 'Sales',
        'compliance.compliant': true,
        'compliance.state': 'compliant',
        'security.jailbroken': false,
        'security.activationLock': false,
        'security.passcodeSet': null,
      },
    });
  });

  it.each([
    ['Compliant', true, 'compliant'],
    ['NonCompliant', false, 'noncompliant'],
    ['NOT_COMPLIANT', false, 'noncompliant'],
    ['QUARANTINED', false, 'noncompliant'],
    ['PENDING_COMPLIANCE_CHECK_FOR_A_POLICY', null, null],
    ['NotAvailable', null, null],
    ['Splendid', null, null],
    [3, null, null],
  ])('that is %s is compliant: %s', (ComplianceStatus, compliant, state) => {
    const { fields } = convert({ ComplianceStatus });
    expect([fields['compliance.compliant']?.value, fields['compliance.state']?.value]).toEqual([
      compliant,
      state,
    ]);
    expect(fields['compliance.compliant']?.raw).toBe(String(ComplianceStatus));
  });

  it('keeps a word nobody knows as it came, and does not guess what a number stands for', () => {
    expect(convert({ ComplianceStatus: 'Splendid' }).fields['compliance.compliant']).toEqual({
      value: null,
      reason: 'unknown-word',
      raw: 'Splendid',
    });
    expect(convert({ ComplianceStatus: 4 }).fields['compliance.compliant']).toMatchObject({
      reason: 'unknown-word',
      raw: '4',
    });
  });

  it.each([
    ['Enrolled', true, 'managed'],
    ['ENTERPRISE_WIPE_PENDING', true, 'leaving'],
    ['ENTERPRISEWIPEPENDING', true, 'leaving'],
    ['WipeInitiated', null, 'leaving'],
    ['Unenrolled', false, 'not-managed'],
    ['Discovered', false, 'discovered'],
    [4, null, null],
  ])('of enrolment %s is managed: %s', (EnrollmentStatus, managed, state) => {
    const { fields } = convert({ EnrollmentStatus });
    expect([fields['management.managed']?.value, fields['management.state']?.value]).toEqual([
      managed,
      state,
    ]);
  });

  it('that says nothing of being compromised does not say no', () => {
    expect(convert({ CompromisedStatus: undefined }).fields['security.jailbroken']).toEqual({
      value: null,
      reason: 'not-told',
    });
    expect(convert({ CompromisedStatus: '' }).fields['security.jailbroken']?.reason).toBe('not-told');
  });

  it('of 700 percent battery has none that can be read, and an empty one none that is told', () => {
    expect(convert({}, { battery_level_percentage: '700' }).fields['battery.percent']).toEqual({
      value: null,
      reason: 'unreadable',
      raw: '700',
    });
    expect(convert({}, null).fields['battery.percent']).toEqual({ value: null, reason: 'not-told' });
    expect(convert({ BatteryLevel: '42%' }, null).fields['battery.percent']?.value).toBe(42);
  });

  it.each([
    ['MDM', 'mdm'],
    ['HUB_REGISTERED', 'hub-registered'],
    [1, null],
  ])('managed by %s is told as %s, with the vendor’s word', (ManagedBy, value) => {
    expect(convert({ ManagedBy }).fields['management.agent']).toMatchObject({
      value,
      raw: String(ManagedBy),
    });
  });

  it('of year 1 was never seen', () => {
    const told = convert({ LastSeen: '0001-01-01T00:00:00.000' });
    expect(told.observedAt).toBe(READ_AT);
    expect(told.fields['management.lastSyncAt']).toEqual({ value: null, reason: 'not-told' });
  });

  it.each([
    ['AppleOsX', 'macos', 'computer'],
    ['APPLE_OS_X', 'macos', 'computer'],
    ['Apple', 'ios', 'mobile'],
    ['Android', 'android', 'mobile'],
    [12, 'windows', 'computer'],
    ['ZEBRA_PRINTER', null, 'unknown'],
    [3, null, 'unknown'],
  ])('of platform %s is %s, a %s', (Platform, platform, kind) => {
    const told = convert({ Platform });
    expect([told.fields['os.platform']?.value, told.kind]).toEqual([platform, kind]);
  });

  it('of Apple is known by its UDID, and only a Mac speaks of its integrity protection', () => {
    const Udid = '827BE1C5-AEC0-5C37-8C61-C44103E9D3FC';
    const mac = convert({ Platform: 'AppleOsX', Udid, SystemIntegrityProtectionEnabled: true });
    expect(mac.identifiers.udid).toBe(Udid);
    expect(mac.fields['security.sipEnabled']?.value).toBe(true);
    expect(convert().fields['security.sipEnabled']).toBeUndefined();
  });

  it('without details says what was not asked for', () => {
    const { fields } = convert({}, null);
    expect(fields['disk.systemFreeBytes']).toEqual({ value: null, reason: 'not-asked' });
    expect(fields['reboot.pending']?.reason).toBe('not-asked');
  });

  it('is kept under its number, or under its GUID where that is missing', () => {
    expect(convert({ Id: { Value: 0 } }).vendorId).toBe('dddddddd-0000-4000-8000-000000000001');
    expect(convert({ Id: 17 }).vendorId).toBe('17');
    expect(
      uemObservation({ Id: { Value: 0 }, Uuid: '00000000-0000-0000-0000-000000000000' }, null, READ_AT),
    ).toBeNull();
  });

  it('of version 2 by its GUID is read like the others', () => {
    const told = uemObservation(
      {
        uuid: 'dddddddd-0000-4000-8000-000000000005',
        serialNumber: 'WS1-5',
        friendlyName: 'five',
        enrollmentInfo: {},
      },
      {
        batteryLevelPercentage: '55',
        dataEncrypted: false,
        enrollmentInfo: { compliant: false, enrollmentStatus: 'ENROLLED', ownership: 'EMPLOYEE' },
        platformInfo: { deviceType: 'WinRT', modelName: 'Book 5', osVersion: '10.0.19042' },
      },
      READ_AT,
    );
    expect(valuesOf(told ?? { fields: {} })).toMatchObject({
      'battery.percent': 55,
      'encryption.system': 'off',
      'compliance.compliant': false,
      'management.ownership': 'personal',
      'hardware.model': 'Book 5',
      'os.platform': 'windows',
    });
  });

  it('spells its properties alike in every version', () => {
    const spellings = [
      'OSBuildVersion',
      'MACAddress',
      'SmartGroupID',
      'DataEncryptionYN',
      'batteryLevelPercentage',
      'Uuid',
    ];
    expect(Object.keys(plainRecord(Object.fromEntries(spellings.map(key => [key, 1]))))).toEqual([
      'os_build_version',
      'mac_address',
      'smart_group_id',
      'data_encryption_yn',
      'battery_level_percentage',
      'uuid',
    ]);
  });

  it('with nothing but an id is all unknown, and nothing is no', () => {
    const told = uemObservation({ Id: { Value: 5 } }, null, READ_AT);
    expect(Object.values(told?.fields ?? {}).filter(({ value }) => value !== null)).toEqual([]);
  });
});

describe('rows of Workspace ONE', () => {
  it('say how far a workflow is, and which step failed', () => {
    const steps = [
      { step_name: 'Install', status: 'Completed' },
      { step_name: 'Restart', status: 'Failed', reason: 'No power' },
    ];
    expect(workflowRow({ workflow_uuid: 'w', name: 'Onboard', status: 'Failed', steps })).toMatchObject({
      outcome: 'failed',
      failedStep: 'Restart',
      reason: 'No power',
    });
    expect(workflowRow({ workflow_uuid: 'w', status: 'InProgress' })?.outcome).toBe('pending');
    expect(workflowRow({ workflow_uuid: 'w', status: 7 })).toMatchObject({ outcome: 'unknown', status: '7' });
  });

  it('have a profile’s number out of its envelope', () => {
    expect(profileRow({ Id: { Value: 12 }, Name: 'WLAN', Status: 'ConfirmedInstall' })).toMatchObject({
      id: '12',
      status: 'ConfirmedInstall',
    });
  });
});
