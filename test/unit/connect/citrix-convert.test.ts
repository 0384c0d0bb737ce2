import { describe, expect, it } from 'vitest';
import { detailedTablet, listedTablet, property } from '../../../build/demo/vendors/fake-citrix.ts';
import {
  applicationRow,
  type CitrixRules,
  citrixObservation,
  deliveryGroupRow,
  softwareRow,
} from '../../../collector/connect/citrix/convert.ts';
import { observation } from '../../../shared/device/observation.ts';
import { valuesOf } from '../../support/vendors/collected.ts';

const READ_AT = Date.UTC(2026, 0, 11);
const RULES: CitrixRules = { zone: {}, unmarked: 'compliant' };

function convert({
  list = {},
  details = {},
  marked = false,
  rules = RULES,
}: {
  list?: Record<string, unknown>;
  details?: Record<string, unknown> | null;
  marked?: boolean | null;
  rules?: CitrixRules;
} = {}) {
  const device = { id: 7, ...listedTablet(7, list) };
  const told = citrixObservation(device, details && detailedTablet(7, details), marked, READ_AT, rules);
  if (told === null) throw new Error('not told');
  return told;
}

describe('a Citrix device', () => {
  it('in line says all of this', () => {
    const told = convert();
    expect(
      observation.safeParse({ connector: 'citrix', source: 'citrix', account: 'main', ...told }).success,
    ).toBe(true);
    expect({ ...told, fields: valuesOf(told) }).toEqual({
      vendorId: '7',
      kind: 'mobile',
      observedAt: Date.UTC(2026, 0, 10, 9, 30),
      identifiers: {
        serial: 'CTX-7',
        uuid: null,
        entraDeviceId: null,
        udid: '00008101-001A2B3C4D5E6F78',
        falconAid: null,
        macs: ['3c:52:82:00:10:01'],
        hostname: 'Tablet 7',
      },
      fields: {
        'identity.hostname': 'Tablet 7',
        'identity.person': 'person7@example.com',
        'hardware.serial': 'CTX-7',
        'hardware.model': 'iPad',
        'os.platform': 'ios',
        'os.version': '18.5',
        'os.build': null,
        'management.managed': true,
        'management.state': 'managed',
        'management.ownership': null,
        'management.enrolledAt': Date.UTC(2026, 0, 2, 3, 4, 5),
        'management.enrolment': 'CLASSIC',
        'management.supervised': true,
        'management.lastSyncAt': Date.UTC(2026, 0, 10, 9, 30),
        'management.lastInventoryAt': Date.UTC(2026, 0, 9),
        'management.certificateEndsAt': Date.UTC(2027, 0, 1),
        'management.tags': ['Sales'],
        'management.actions': [],
        'compliance.compliant': true,
        'compliance.state': 'compliant',
        'security.jailbroken': false,
        'security.passcodeSet': null,
        'security.activationLock': true,
      },
    });
  });

  it('marked as out of compliance is not compliant', () => {
    expect(convert({ marked: true }).fields['compliance.compliant']).toEqual({
      value: false,
      raw: 'device.status.out.of.compliance',
    });
  });

  it('that is not marked counts as the administrator decided', () => {
    const by = (unmarked: CitrixRules['unmarked']) =>
      convert({ rules: { ...RULES, unmarked } }).fields['compliance.compliant'];
    expect([by('compliant')?.value, by('unknown')?.value]).toEqual([true, null]);
  });

  it('whose mark could not be read is not known to be compliant', () => {
    expect(convert({ marked: null }).fields['compliance.compliant']).toEqual({
      value: null,
      reason: 'not-asked',
    });
  });

  it('that is not managed is not taken for compliant', () => {
    const { fields } = convert({ list: { managed: false } });
    expect([fields['compliance.compliant']?.value, fields['management.state']?.value]).toEqual([
      null,
      'not-managed',
    ]);
  });

  it.each([
    ['blacklistCompliant', false],
    ['requiredListCompliant', false],
    ['suggestedListCompliant', true],
  ])('with %s false is compliant: %s', (key, compliant) => {
    expect(convert({ details: { [key]: false } }).fields['compliance.compliant']?.value).toBe(compliant);
  });

  it('of a list without details has its time in the zone of the server', () => {
    const berlin = { ...RULES, zone: { zoneless: { offsetMinutes: 60 } } };
    expect(convert({ details: null }).observedAt).toBe(Date.UTC(2026, 0, 10, 8, 32));
    expect(convert({ details: null, rules: berlin }).observedAt).toBe(Date.UTC(2026, 0, 10, 7, 32));
  });

  it('whose time cannot be read is as of its reading', () => {
    const told = convert({ details: null, list: { lastAccess: 'yesterday' } });
    expect(told.observedAt).toBe(READ_AT);
    expect(told.fields['management.lastSyncAt']).toMatchObject({ value: null, reason: 'unreadable' });
  });

  it('of a list without details says which fields were not asked for', () => {
    const { fields } = convert({ details: null });
    expect(fields['management.enrolledAt']).toEqual({ value: null, reason: 'not-asked' });
    expect(fields['management.actions']).toEqual({ value: null, reason: 'not-asked' });
  });

  it('says which actions wait for it', () => {
    const { fields } = convert({ details: { cancelWipeEnabled: true, cancelCorpWipeEnabled: true } });
    expect(fields['management.actions']?.value).toEqual(['wipe=pending', 'selwipe=pending']);
  });

  it.each([
    ['Windows Desktop/Tablet', 'windows', 'computer'],
    ['MacOS', 'macos', 'computer'],
    ['ANDROID', 'android', 'mobile'],
    ['Symbian', null, 'unknown'],
  ])('of the platform %s is %s, a %s', (platform, value, kind) => {
    const told = convert({ list: { platform } });
    expect([told.fields['os.platform']?.value, told.kind]).toEqual([value, kind]);
    expect(told.fields['os.platform']?.raw).toBe(platform);
  });

  it('is read by its properties where they are, and encoded ones are left alone', () => {
    const properties = [
      property('CORPORATE_OWNED', '0'),
      property('SYSTEM_OS_BUILD', '22F76'),
      { ...property('PASSCODE_PRESENT', 'MQ=='), b64: true },
    ];
    const { fields } = convert({ list: { properties } });
    expect(fields['management.ownership']).toEqual({ value: 'personal', raw: '0' });
    expect(fields['os.build']?.value).toBe('22F76');
    expect(fields['security.passcodeSet']?.reason).toBe('not-told');
  });

  it('with nothing but an id is all unknown, and nothing is no', () => {
    const told = citrixObservation({ id: 'GUID' }, null, null, READ_AT, RULES);
    const values = Object.values(told?.fields ?? {}).filter(({ value }) => value !== null);
    expect(values).toEqual([]);
  });

  it('without an id is none', () => {
    expect(citrixObservation({ id: null }, null, null, READ_AT, RULES)).toBeNull();
  });
});

describe('rows of Citrix', () => {
  it('leave out what has no name, and a time of 0', () => {
    expect(softwareRow({ name: null })).toBeNull();
    expect(softwareRow({ name: 'Hub', installTimeStamp: 0 })).toMatchObject({ installedAt: null });
    expect(
      deliveryGroupRow({ id: null, name: 'Sales', applications: [{ name: 'A' }, { name: 'B' }] }),
    ).toMatchObject({
      id: null,
      name: 'Sales',
      applications: 'A, B',
    });
    expect(applicationRow({ id: 3, name: 'Notes', nbSuccess: 4 })).toMatchObject({ id: '3', installed: 4 });
  });
});
