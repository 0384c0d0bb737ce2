import { describe, expect, it } from 'vitest';
import { effectOf, merge, mergeObservations, settle } from '../../../collector/merge/merge.ts';
import { DEFAULT_RULES, rulesWith } from '../../../collector/merge/precedence.ts';
import { DAY } from '../../../shared/base/durations.ts';
import { type Claim, FIELD_KEYS, SOURCES } from '../../../shared/device/device.ts';
import { trustOf } from '../../../shared/device/trust.ts';
import { heard, known } from '../../support/observations.ts';

const at = 1_800_000_000_000;
const agentSays = (value: Claim['value'], receivedAt = at): Claim => ({
  source: 'agent',
  value,
  observedAt: receivedAt,
  receivedAt,
});

describe('merging what vendors say', () => {
  it('keeps value, source and both clocks, and what it won over', () => {
    const record = mergeObservations(
      { 'encryption.system': agentSays('on') },
      [heard('intune', { 'encryption.system': known('off') }, { observedAt: at - DAY, receivedAt: at + 5 })],
      at + 10,
    );
    expect(record).toEqual({
      'encryption.system': {
        ...agentSays('on'),
        rivals: [{ source: 'intune', value: 'off', observedAt: at - DAY, receivedAt: at + 5 }],
      },
    });
  });

  it('keeps unknown apart from no, with its reason, and lets any known value win over it', () => {
    const unknown = heard('intune', { 'compliance.compliant': { value: null, reason: 'unknown-word' } });
    expect(mergeObservations({}, [unknown], at)['compliance.compliant']).toMatchObject({
      value: null,
      reason: 'unknown-word',
    });
    const entra = heard('entra', { 'compliance.compliant': known(false) });
    expect(mergeObservations({}, [unknown, entra], at)['compliance.compliant']).toMatchObject({
      value: false,
      source: 'entra',
      rivals: [{ source: 'intune', value: null, reason: 'unknown-word' }],
    });
  });

  it('takes the time of a field that has its own', () => {
    const field = { value: 1, observedAt: at - 3 * DAY };
    const record = mergeObservations({}, [heard('intune', { 'management.lastSyncAt': field })], at);
    expect(record['management.lastSyncAt']?.observedAt).toBe(at - 3 * DAY);
  });

  it("takes a record's word back when the record is gone, and never the agent's", () => {
    const before = mergeObservations(
      { 'encryption.system': agentSays('on'), 'firewall.enabled': agentSays(true) },
      [heard('intune', { 'encryption.system': known('off'), 'compliance.compliant': known(true) })],
      at,
    );
    expect(mergeObservations(before, [], at)).toEqual({
      'encryption.system': agentSays('on'),
      'firewall.enabled': agentSays(true),
    });
  });

  it('lets an administrator believe another source for one field', () => {
    const rules = rulesWith({ 'encryption.system': ['jamf'] });
    const record = mergeObservations(
      { 'encryption.system': agentSays('on'), 'os.version': agentSays('15.1') },
      [heard('jamf', { 'encryption.system': known('off'), 'os.version': known('15.0') })],
      at,
      rules,
    );
    expect([record['encryption.system']?.source, record['os.version']?.source]).toEqual(['jamf', 'agent']);
    const later = merge(record, { 'encryption.system': agentSays('suspended', at + 1) }, rules);
    expect(later['encryption.system']).toMatchObject({
      source: 'jamf',
      rivals: [{ source: 'agent', value: 'suspended' }],
    });
  });

  it('writes serial numbers as the agent does and knows fillers', () => {
    const serial = (value: string) =>
      mergeObservations({}, [heard('jamf', { 'hardware.serial': known(value) })], at)['hardware.serial'];
    expect(serial('c02 x1')).toMatchObject({ value: 'C02X1' });
    expect(serial('Default string')).toMatchObject({ value: null, reason: 'not-told' });
  });
});

describe('several records of one source', () => {
  const older = { observedAt: at - 9 * DAY, vendorId: 'old' };

  it('of one account: the one heard of last speaks, what the older one says otherwise is kept', () => {
    const [field] = Object.values(
      mergeObservations(
        {},
        [
          heard('intune', { 'compliance.compliant': known(false) }, older),
          heard('intune', { 'compliance.compliant': known(true) }),
        ],
        at,
      ),
    );
    expect(field).toMatchObject({
      value: true,
      rivals: [{ source: 'intune', value: null, reason: 'superseded', lastValue: false }],
    });
  });

  it('of one account: the newer one’s "I do not know" is not answered by the older one', () => {
    const record = mergeObservations(
      {},
      [
        heard('intune', { 'compliance.compliant': known(true) }, older),
        heard('intune', { 'compliance.compliant': { value: null, reason: 'vendor-unknown' } }),
      ],
      at,
    );
    expect(record['compliance.compliant']).toMatchObject({ value: null, reason: 'vendor-unknown' });
  });

  it('of several accounts: a known value wins, then the newer one', () => {
    const record = mergeObservations(
      {},
      [
        heard('intune', { 'compliance.compliant': known(true) }, { ...older, account: 'paris' }),
        heard('intune', { 'compliance.compliant': { value: null, reason: 'not-told' } }),
        heard('intune', { 'compliance.compliant': known(false) }, { account: 'rome', observedAt: at - DAY }),
      ],
      at,
    );
    expect(record['compliance.compliant']).toMatchObject({
      value: false,
      rivals: [{ value: true }, { value: null, reason: 'not-told' }],
    });
  });

  it('that say the same are told once, by the newest', () => {
    const record = mergeObservations(
      {},
      [
        heard('intune', { 'compliance.compliant': known(true) }, { ...older, account: 'paris' }),
        heard('intune', { 'compliance.compliant': known(true) }),
      ],
      at,
    );
    expect(record['compliance.compliant']).toEqual({
      source: 'intune',
      value: true,
      observedAt: at,
      receivedAt: at,
    });
  });
});

describe('age', () => {
  const old = heard('intune', { 'compliance.compliant': known(true) }, { observedAt: at - 31 * DAY });

  it('makes a value unknown as too old, and keeps it to be seen', () => {
    expect(mergeObservations({}, [old], at)['compliance.compliant']).toEqual({
      source: 'intune',
      value: null,
      reason: 'too-old',
      lastValue: true,
      observedAt: at - 31 * DAY,
      receivedAt: at - 31 * DAY,
    });
  });

  it('goes by what the vendor last heard, however fresh the reading', () => {
    const readNow = heard(
      'intune',
      { 'compliance.compliant': known(true) },
      { observedAt: at - 31 * DAY, receivedAt: at },
    );
    expect(mergeObservations({}, [readNow], at)['compliance.compliant']?.reason).toBe('too-old');
  });

  it('lets the next source win', () => {
    const record = mergeObservations({}, [old, heard('entra', { 'compliance.compliant': known(false) })], at);
    expect(record['compliance.compliant']).toMatchObject({
      source: 'entra',
      value: false,
      rivals: [{ source: 'intune', value: null, lastValue: true }],
    });
  });

  it('comes with time alone, for the agent too, and goes with the next frame', () => {
    const record = merge({}, { 'firewall.enabled': agentSays(true), 'hardware.serial': agentSays('S1') });
    expect(settle(record, at + 6 * DAY)).toBe(record);
    const later = settle(record, at + 8 * DAY);
    expect(later).toMatchObject({
      'firewall.enabled': { value: null, reason: 'too-old', lastValue: true },
      'hardware.serial': { value: 'S1' },
    });
    const again = merge(later, { 'firewall.enabled': agentSays(true, at + 8 * DAY) });
    expect(again['firewall.enabled']).toEqual(agentSays(true, at + 8 * DAY));
  });

  it('of an agent counts from the arrival, since its clock may be wrong', () => {
    const record = merge({}, { 'firewall.enabled': { ...agentSays(true), observedAt: at - 900 * DAY } });
    expect(settle(record, at)).toBe(record);
  });

  it('is undone when the rules allow more', () => {
    const aged = mergeObservations({}, [old], at);
    const fresh = settle(aged, at, rulesWith({}, { 'compliance.compliant': 40 * DAY }));
    expect(fresh['compliance.compliant']).toMatchObject({ value: true });
    expect(fresh['compliance.compliant']).not.toHaveProperty('lastValue');
    const never = rulesWith({}, { 'compliance.compliant': null });
    expect(settle(aged, at + 9000 * DAY, never)['compliance.compliant']?.value).toBe(true);
  });
});

describe('rules', () => {
  it('name every source for every field, the chosen ones first', () => {
    const rules = rulesWith({ 'os.version': ['entra', 'jamf'] });
    expect(rules['os.version'].order.slice(0, 3)).toEqual(['entra', 'jamf', 'agent']);
    for (const field of FIELD_KEYS) expect(rules[field].order.toSorted()).toEqual(SOURCES.toSorted());
  });

  it('never let a date or a serial number grow too old, and let readings go after a day', () => {
    expect([
      DEFAULT_RULES['management.lastSyncAt'].maxAgeMs,
      DEFAULT_RULES['hardware.serial'].maxAgeMs,
      DEFAULT_RULES['perf.cpuPercent'].maxAgeMs,
      DEFAULT_RULES['compliance.compliant'].maxAgeMs,
    ]).toEqual([null, null, DAY, 30 * DAY]);
  });

  it('tell how a source knows what it says', () => {
    expect([
      trustOf('encryption.system', 'agent'),
      trustOf('compliance.compliant', 'intune'),
      trustOf('encryption.system', 'intune'),
      trustOf('compliance.compliant', 'entra'),
      trustOf('directory.joinType', 'entra'),
      trustOf('edr.ztaScore', 'crowdstrike'),
    ]).toEqual(['measured', 'own', 'reported', 'relayed', 'own', 'own']);
  });
});

describe('what other rules would change', () => {
  const record = mergeObservations(
    { 'firewall.enabled': agentSays(true), 'os.name': agentSays('Windows 11') },
    [
      heard(
        'intune',
        { 'firewall.enabled': known(false), 'os.name': known('Windows 11') },
        { observedAt: at - DAY, receivedAt: at },
      ),
    ],
    at,
  );
  const fields = ['firewall.enabled', 'os.name', 'disk.health'] as const;

  it('is the value where another would win, and only the source where it says the same', () => {
    const rules = rulesWith({
      'firewall.enabled': ['intune'],
      'os.name': ['intune'],
      'disk.health': ['intune'],
    });
    expect(effectOf(record, fields, rules, at)).toEqual({
      values: ['firewall.enabled'],
      sources: ['os.name'],
    });
    expect(effectOf(record, ['os.name'], rules, at)).toEqual({ values: [], sources: ['os.name'] });
  });

  it('is that a value becomes too old, and is nothing where the rules say what holds', () => {
    const rules = rulesWith({ 'firewall.enabled': ['intune'] }, { 'firewall.enabled': DAY / 2 });
    expect(effectOf(record, fields, rules, at)).toEqual({ values: [], sources: [] });
    const short = rulesWith({}, { 'os.name': 1 });
    expect(effectOf(record, fields, short, at + DAY).values).toEqual(['os.name']);
    expect(effectOf(record, fields, DEFAULT_RULES, at)).toEqual({ values: [], sources: [] });
  });

  it('is what settling by them would then change', () => {
    const rules = rulesWith({ 'firewall.enabled': ['intune'] });
    const settled = settle(record, at, rules);
    const { values } = effectOf(record, FIELD_KEYS, rules, at);
    const changed = FIELD_KEYS.filter(field => settled[field]?.value !== record[field]?.value);
    expect(values).toEqual(changed);
  });
});
