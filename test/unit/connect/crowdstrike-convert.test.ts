import { describe, expect, it } from 'vitest';
import { aidOf, falconAssessment, falconHost } from '../../../build/demo/vendors/fake-falcon.ts';
import { auditRows, hostObservation, scoreRow } from '../../../collector/connect/crowdstrike/convert.ts';
import { observation } from '../../../shared/device/observation.ts';
import { valuesOf } from '../../support/vendors/collected.ts';

const READ_AT = Date.UTC(2026, 0, 11);
const AID = aidOf(1);

type Beside = Parameters<typeof hostObservation>[1];

const host = (changes: Record<string, unknown> = {}, beside: Partial<Beside> = {}) =>
  hostObservation(
    { device_id: AID, ...falconHost(1, changes) },
    {
      assessment: { aid: AID, ...falconAssessment(1) },
      online: { id: AID, state: 'online' },
      ...beside,
    },
    READ_AT,
  );
const assessed = (changes: Record<string, unknown>) =>
  host({}, { assessment: { aid: AID, ...falconAssessment(1, changes) } });

describe('a Falcon host', () => {
  it('in order says all of this', () => {
    const told = host();
    const around = { connector: 'crowdstrike', source: 'crowdstrike', account: 'main' };
    expect(observation.safeParse({ ...around, ...told }).success).toBe(true);
    expect({ ...told, fields: valuesOf(told) }).toEqual({
      vendorId: AID,
      kind: 'computer',
      observedAt: Date.UTC(2026, 0, 10, 1),
      identifiers: {
        serial: 'FAL-1',
        uuid: null,
        entraDeviceId: null,
        udid: null,
        falconAid: AID,
        macs: ['3c:52:82:00:00:01'],
        hostname: 'PC-1',
      },
      fields: {
        'identity.hostname': 'PC-1',
        'hardware.serial': 'FAL-1',
        'hardware.manufacturer': 'Contoso',
        'hardware.model': 'Book 5',
        'os.platform': 'windows',
        'os.name': 'Windows 11',
        'os.build': '26100',
        'boot.at': Date.UTC(2026, 0, 9, 6),
        'management.tags': ['FalconGroupingTags/Office'],
        'edr.sensorVersion': '7.20.19003.0',
        'edr.lastSeenAt': Date.UTC(2026, 0, 10, 1),
        'edr.containment': 'normal',
        'edr.reducedFunctionality': false,
        'edr.policyApplied': true,
        'edr.online': true,
        'edr.ztaScore': 75,
        'edr.ztaOsScore': 80,
        'edr.ztaSensorScore': 70,
        'edr.ztaAssessedAt': Date.UTC(2026, 0, 10, 0, 30),
        'edr.ztaUnmet': ['Secure Boot'],
      },
    });
  });

  it.each([
    ['normal', 'normal'],
    ['Normal', 'normal'],
    ['containment_pending', 'containment-pending'],
    ['contained', 'contained'],
    ['lift_containment_pending', 'lift-pending'],
    ['quarantined', null],
  ])('that is %s is %s, and keeps the word', (status, told) => {
    expect(host({ status }).fields['edr.containment']).toMatchObject({ value: told, raw: status });
  });

  it.each([
    ['online', true],
    ['offline', false],
    ['unknown', null],
    ['dreaming', null],
  ])('whose sensor is %s is online: %s', (state, told) => {
    expect(host({}, { online: { id: AID, state } }).fields['edr.online']?.value).toBe(told);
  });

  it('whose sensor nobody was asked about says nothing of it, and one that is not known says so', () => {
    expect(Object.keys(host({}, { online: undefined }).fields)).not.toContain('edr.online');
    expect(host({}, { online: null }).fields['edr.online']).toMatchObject({
      value: null,
      reason: 'not-told',
    });
  });

  it('without an assessment has no score, which is not a low one', () => {
    const { fields } = host({}, { assessment: null });
    for (const key of ['edr.ztaScore', 'edr.ztaUnmet', 'edr.ztaAssessedAt'] as const)
      expect(fields[key]).toEqual({ value: null, reason: 'not-told' });
    expect(Object.keys(host({}, { assessment: undefined }).fields)).not.toContain('edr.ztaScore');
  });

  it.each([0, 101, -5, 'high', null])('with a score of %j has none', overall => {
    expect(assessed({ assessment: { overall } }).fields['edr.ztaScore']?.value).toBeNull();
  });

  it('is judged as of its assessment, not as of when it was seen', () => {
    expect(host().fields['edr.ztaScore']?.observedAt).toBe(Date.UTC(2026, 0, 10, 0, 30));
  });

  it('does not take a signal that is unknown for one that is wanting', () => {
    const signal = (name: string, meets: unknown) => ({ signal_name: name, meets_criteria: meets });
    const told = assessed({
      assessment_items: {
        os_signals: [signal('A', 'no'), signal('B', 'unknown'), signal('C', null), null, 'nonsense'],
        sensor_signals: null,
      },
    });
    expect(told.fields['edr.ztaUnmet']?.value).toEqual(['A']);
    expect(assessed({ assessment_items: null }).fields['edr.ztaUnmet']).toMatchObject({
      value: null,
      reason: 'not-told',
    });
  });

  it('without a serial number has the one of its assessment', () => {
    expect(host({ serial_number: '' }).identifiers.serial).toBe('FAL-1');
  });

  it('with nothing but its id is all unknown, and nothing is no', () => {
    const told = hostObservation({ device_id: AID }, { assessment: null, online: null }, READ_AT);
    expect(Object.values(told.fields).filter(({ value }) => value !== null)).toEqual([]);
    expect([told.kind, told.observedAt]).toEqual(['unknown', READ_AT]);
  });

  it('whose policy has not been applied says so, and one without policies does not', () => {
    const prevention = { applied: false, applied_date: null };
    expect(host({ device_policies: { prevention } }).fields['edr.policyApplied']?.value).toBe(false);
    expect(host({ device_policies: null }).fields['edr.policyApplied']?.value).toBeNull();
  });

  it.each([
    ['Mac', 'Workstation', 'computer'],
    ['Android', 'Mobile', 'mobile'],
    ['Linux', 'Pod', 'other'],
    ['Toaster', 'Appliance', 'unknown'],
  ])('of %s, a %s, is of kind %s', (platform, product, kind) => {
    expect(host({ platform_name: platform, product_type_desc: product }).kind).toBe(kind);
  });
});

describe('an audit', () => {
  it('is the whole account first, then each platform; what is not told is not 0', () => {
    expect(
      auditRows([
        { cid: 'c-1', average_overall_score: 61.5, num_aids: 2, platforms: [{ name: 'Mac', num_aids: 1 }] },
      ]),
    ).toEqual([
      { cid: 'c-1', platform: null, averageScore: 61.5, hosts: 2 },
      { cid: 'c-1', platform: 'Mac', averageScore: null, hosts: 1 },
    ]);
    expect(auditRows([null])).toEqual([{ cid: null, platform: null, averageScore: null, hosts: null }]);
  });

  it('of one host is its id and its score', () => {
    expect(scoreRow({ aid: AID, score: 19 })).toEqual({ vendorId: AID, score: 19 });
    expect(scoreRow('nonsense')).toEqual({ vendorId: null, score: null });
  });
});
