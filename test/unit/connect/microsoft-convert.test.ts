import { describe, expect, it } from 'vitest';
import { directoryLaptop, managedLaptop } from '../../../build/demo/vendors/fake-microsoft.ts';
import {
  entraObservation,
  INTUNE_PROPERTIES,
  intuneObservation,
} from '../../../collector/connect/microsoft/convert.ts';
import { observation } from '../../../shared/device/observation.ts';
import { valuesOf } from '../../support/vendors/collected.ts';

const READ_AT = Date.UTC(2026, 0, 11);
const RULES = { inGracePeriod: 'compliant', configManager: 'unknown' } as const;

const intune = (
  changes: Record<string, unknown> = {},
  rules: Parameters<typeof intuneObservation>[2] = RULES,
) => intuneObservation({ id: 'x', ...managedLaptop(1, changes) }, READ_AT, rules);
const entra = (changes: Record<string, unknown> = {}) =>
  entraObservation({ id: 'x', ...directoryLaptop(1, changes) }, READ_AT);

describe('an Intune record', () => {
  it('of a healthy laptop says all of this', () => {
    const told = intune();
    expect(
      observation.safeParse({ connector: 'intune', source: 'intune', account: 'main', ...told }).success,
    ).toBe(true);
    expect({ ...told, fields: valuesOf(told) }).toEqual({
      vendorId: 'aaaaaaaa-0000-4000-8000-000000000001',
      kind: 'computer',
      observedAt: Date.UTC(2026, 0, 10, 1),
      identifiers: {
        serial: 'SER-1',
        uuid: null,
        entraDeviceId: 'bbbbbbbb-0000-4000-8000-000000000001',
        udid: null,
        falconAid: null,
        macs: ['3c:52:82:00:00:01'],
        hostname: 'LT-1',
      },
      fields: {
        'identity.hostname': 'LT-1',
        'identity.person': 'person1@example.com',
        'hardware.serial': 'SER-1',
        'hardware.manufacturer': 'Contoso',
        'hardware.model': 'Book 5',
        'os.platform': 'windows',
        'os.version': '10.0.26100.4061',
        'os.build': '26100',
        'disk.systemSizeBytes': 400_000_000_000,
        'disk.systemFreeBytes': 100_000_000_000,
        'disk.systemFreePercent': 25,
        'encryption.system': 'on',
        'management.managed': true,
        'management.state': 'managed',
        'management.agent': 'mdm',
        'management.ownership': 'company',
        'management.enrolledAt': Date.UTC(2026, 0, 2, 3, 4, 5),
        'management.enrolment': 'windowsAutoEnrollment',
        'management.supervised': false,
        'management.lastSyncAt': Date.UTC(2026, 0, 10, 1),
        'management.certificateEndsAt': Date.UTC(2027, 0, 2, 3, 4, 5),
        'management.category': 'Office',
        'management.actions': [],
        'compliance.state': 'compliant',
        'compliance.compliant': true,
        'compliance.graceEndsAt': null,
        'security.jailbroken': false,
        'security.threat': 'secured',
      },
    });
  });

  it.each([
    ['compliant', 'compliant', true],
    ['noncompliant', 'noncompliant', false],
    ['conflict', 'conflict', null],
    ['error', 'error', null],
    ['unknown', null, null],
    ['inGracePeriod', 'in-grace', true],
    ['configManager', 'other-manager', null],
    ['quantumCompliant', null, null],
    [3, null, null],
  ])('that is %s is %s, and compliant: %s', (complianceState, state, compliant) => {
    const { fields } = intune({ complianceState });
    expect([fields['compliance.state']?.value, fields['compliance.compliant']?.value]).toEqual([
      state,
      compliant,
    ]);
    expect(fields['compliance.compliant']?.raw).toBe(String(complianceState));
  });

  it('in its grace period counts as the administrator decided', () => {
    const compliantBy = (inGracePeriod: 'compliant' | 'noncompliant' | 'unknown') =>
      intune({ complianceState: 'inGracePeriod' }, { ...RULES, inGracePeriod }).fields['compliance.compliant']
        ?.value;
    expect([compliantBy('compliant'), compliantBy('noncompliant'), compliantBy('unknown')]).toEqual([
      true,
      false,
      null,
    ]);
  });

  it('judged by Configuration Manager counts as the administrator decided', () => {
    const told = intune({ complianceState: 'configManager' }, { ...RULES, configManager: 'compliant' });
    expect(told.fields['compliance.compliant']).toEqual({ value: true, raw: 'configManager' });
  });

  it('on its way out is neither managed nor not', () => {
    const told = intune({ managementState: 'wipeIssued' });
    expect(told.fields['management.managed']).toEqual({
      value: null,
      reason: 'vendor-unknown',
      raw: 'wipeIssued',
    });
    expect(told.fields['management.state']?.value).toBe('leaving');
  });

  it('of year 1 and of the end of time has no such time', () => {
    const told = intune({
      enrolledDateTime: '0001-01-01T00:00:00Z',
      complianceGracePeriodExpirationDateTime: '9999-12-31T23:59:59Z',
      lastSyncDateTime: '0001-01-01T00:00:00Z',
    });
    expect(told.fields['management.enrolledAt']).toEqual({ value: null, reason: 'not-told' });
    expect(told.fields['compliance.graceEndsAt']).toEqual({ value: null, reason: 'not-told' });
    expect(told.observedAt).toBe(READ_AT);
  });

  it('without an Entra device, with the all-zero id, has none', () => {
    expect(
      intune({ azureADDeviceId: '00000000-0000-0000-0000-000000000000' }).identifiers.entraDeviceId,
    ).toBeNull();
  });

  it('of a Mac has its build beside its version', () => {
    const { fields, kind } = intune({ operatingSystem: 'macOS', osVersion: '11.2.1 (20D74)' });
    expect([
      fields['os.platform']?.value,
      fields['os.version']?.value,
      fields['os.build']?.value,
      kind,
    ]).toEqual(['macos', '11.2.1', '20D74', 'computer']);
  });

  it('of a telephone is no computer', () => {
    expect(intune({ operatingSystem: 'iOS' }).kind).toBe('mobile');
    expect(intune({ operatingSystem: 'Toaster' }).kind).toBe('unknown');
  });

  it('of a disk of 0 bytes says nothing of its disk, and a full one is full', () => {
    const none = intune({ totalStorageSpaceInBytes: 0, freeStorageSpaceInBytes: 0 }).fields;
    expect([none['disk.systemSizeBytes']?.value, none['disk.systemFreeBytes']?.value]).toEqual([null, null]);
    const full = intune({ freeStorageSpaceInBytes: 0 }).fields;
    expect([full['disk.systemFreeBytes']?.value, full['disk.systemFreePercent']?.value]).toEqual([0, 0]);
  });

  it('with nothing but an id is all unknown, and nothing is no', () => {
    const told = intuneObservation({ id: 'only' }, READ_AT, RULES);
    expect(Object.entries(told.fields).filter(([, field]) => field.value !== null)).toEqual([]);
    expect(new Set(Object.values(told.fields).map(field => field.reason))).toEqual(new Set(['not-told']));
  });

  it('says which remote actions are under way', () => {
    const deviceActionResults = [
      { actionName: 'factoryReset', actionState: 'pending', startDateTime: '2026-01-10T00:00:00Z' },
      { actionName: null },
      'nonsense',
    ];
    expect(intune({ deviceActionResults }).fields['management.actions']?.value).toEqual([
      'factoryReset=pending',
    ]);
  });

  it('is asked for neither what a list leaves empty nor what unlocks a device', () => {
    const forbidden = [
      'physicalMemoryInBytes',
      'udid',
      'ethernetMacAddress',
      'notes',
      'iccid',
      'activationLockBypassCode',
    ];
    expect(INTUNE_PROPERTIES.filter(name => forbidden.includes(name))).toEqual([]);
  });
});

describe('an Entra record', () => {
  it('says how the directory sees the device, as of its reading', () => {
    const told = entra();
    expect(told.observedAt).toBe(READ_AT);
    expect(told.identifiers.entraDeviceId).toBe('bbbbbbbb-0000-4000-8000-000000000001');
    expect(told.vendorId).toBe('cccccccc-0000-4000-8000-000000000001');
    expect(valuesOf(told)).toMatchObject({
      'compliance.compliant': true,
      'management.managed': true,
      'directory.joinType': 'entra',
      'directory.enabled': true,
      'directory.lastSignInAt': Date.UTC(2026, 0, 9, 8, 7, 6),
      'os.platform': 'windows',
      'os.build': '26100',
    });
  });

  it('that is silent about compliance does not say no', () => {
    const { fields } = entra({ isCompliant: null, isManaged: undefined });
    expect(fields['compliance.compliant']).toEqual({ value: null, reason: 'not-told' });
    expect(fields['management.managed']).toEqual({ value: null, reason: 'not-told' });
  });

  it.each([
    ['Workplace', 'registered'],
    ['ServerAd', 'hybrid'],
    ['Telepathic', null],
  ])('joined by %s is %s', (trustType, joined) => {
    expect(entra({ trustType }).fields['directory.joinType']).toMatchObject({
      value: joined,
      raw: trustType,
    });
  });

  it('of a Mac goes by the directory’s own name for it', () => {
    expect(entra({ operatingSystem: 'MacMDM' }).fields['os.platform']?.value).toBe('macos');
  });
});
