import { describe, expect, it } from 'vitest';
import { mergeObservations } from '../../../collector/merge/merge.ts';
import { DAY, HOUR } from '../../../shared/base/durations.ts';
import {
  CONTRADICTION_RULES,
  type ContradictionRule,
  contradictionsOf,
} from '../../../shared/device/contradiction.ts';
import type { Claim, FieldKey, FieldValue, MergedRecord, Source } from '../../../shared/device/device.ts';
import { heard, known } from '../../support/observations.ts';

const at = 1_800_000_000_000;
const says = (source: Source, value: FieldValue | null, time = at): Claim => ({
  source,
  value,
  observedAt: time,
  receivedAt: time,
});
const rulesOf = (record: MergedRecord): string[] => contradictionsOf(record).map(({ rule }) => rule);
const both = (field: FieldKey, one: Claim, other: Claim): MergedRecord => ({
  [field]: { ...one, rivals: [other] },
});

describe('contradictions', () => {
  it('are found between what a managing system says and what the agent sees, with who says what', () => {
    const record = mergeObservations(
      { 'encryption.system': says('agent', 'off') },
      [
        heard('intune', { 'compliance.compliant': known(true) }),
        heard('entra', { 'compliance.compliant': known(true) }),
      ],
      at,
    );
    expect(contradictionsOf(record)).toEqual([
      {
        rule: 'compliant-unencrypted',
        weight: 'high',
        title: 'Said to be compliant, but the system disk is not encrypted.',
        sides: [
          { field: 'encryption.system', source: 'agent', value: 'off', observedAt: at },
          { field: 'compliance.compliant', source: 'intune', value: true, observedAt: at },
          { field: 'compliance.compliant', source: 'entra', value: true, observedAt: at },
        ],
      },
    ]);
  });

  it('are none where anything is unknown or too old to go by', () => {
    const unknown = {
      'compliance.compliant': says('intune', true),
      'encryption.system': says('agent', null),
    };
    expect(rulesOf(unknown)).toEqual([]);
    const aged = mergeObservations(
      { 'encryption.system': says('agent', 'off') },
      [heard('intune', { 'compliance.compliant': known(true) }, { observedAt: at - 40 * DAY })],
      at,
    );
    expect(rulesOf(aged)).toEqual([]);
  });

  it('go by what counts for the device, not by a rival that lost', () => {
    const record = mergeObservations(
      { 'encryption.system': says('agent', 'on') },
      [heard('intune', { 'encryption.system': known('off'), 'compliance.compliant': known(true) })],
      at,
    );
    expect(rulesOf(record)).toEqual(['encryption-differs']);
  });

  it('are none when the news is so far apart that both may have been true', () => {
    const apart = (ms: number) =>
      rulesOf(both('encryption.system', says('agent', 'on'), says('jamf', 'off', at - ms)));
    expect([apart(6 * DAY), apart(9 * DAY)]).toEqual([['encryption-differs'], []]);
  });

  it('are told the most urgent first', () => {
    const record: MergedRecord = {
      ...both('identity.hostname', says('agent', 'LT-1'), says('jamf', 'LT-2')),
      ...both('os.platform', says('agent', 'windows'), says('jamf', 'macos')),
      'compliance.compliant': says('intune', true),
      'firewall.enabled': says('agent', false),
    };
    expect(contradictionsOf(record).map(({ weight }) => weight)).toEqual(['high', 'medium', 'low']);
  });

  it.each<[FieldKey, FieldValue, FieldValue]>([
    ['hardware.serial', 'PF-3XK9A', 'pf3xk9a'],
    ['hardware.serial', 'PF3XK9A', 'To Be Filled By O.E.M.'],
    ['os.version', '10.0.26100.4061', '10.0.26100'],
    ['os.version', '10.0.26100', 'Windows 11'],
    ['os.version', '15.1', '15.1.0'],
    ['identity.hostname', 'LT-1.corp.example', 'lt-1'],
    ['identity.hostname', 'Annas-MacBook', 'Anna’s MacBook'],
    ['identity.person', 'a.kovacs', 'anna.kovacs@example.com'],
    ['encryption.system', 'suspended', 'on'],
    ['encryption.system', 'encrypting', 'off'],
  ])('are none where systems only write %s differently: %s, %s', (field, one, other) => {
    expect(rulesOf(both(field, says('agent', one), says('intune', other)))).toEqual([]);
  });

  it('do not take it that every system manages every device', () => {
    expect(rulesOf(both('management.managed', says('jamf', false), says('intune', true)))).toEqual([]);
    expect(rulesOf(both('management.managed', says('intune', true), says('entra', false)))).toEqual([
      'managed-differs',
    ]);
  });

  it('are found when a manager or a sensor is silent while the device is in use', () => {
    const record: MergedRecord = {
      'perf.cpuPercent': says('agent', 4),
      'management.lastSyncAt': says('intune', at - 20 * DAY),
      'edr.lastSeenAt': says('crowdstrike', at - HOUR),
    };
    expect(rulesOf(record)).toEqual(['manager-silent']);
    expect(rulesOf({ 'management.lastSyncAt': says('intune', at - 20 * DAY) })).toEqual([]);
  });

  it.each(CONTRADICTION_RULES.map(rule => [rule.id, rule] as const))(
    'are found by the rule %s',
    (id, rule) => {
      expect(rulesOf(breaking(rule))).toContain(id);
    },
  );

  it('have one name each', () => {
    const ids = CONTRADICTION_RULES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

/** A record that the rule speaks of. */
function breaking(rule: ContradictionRule): MergedRecord {
  if (rule.kind === 'clash') {
    const [one = null] = rule.says.is;
    const [other = null] = rule.but.is;
    return { [rule.says.field]: says('intune', one), [rule.but.field]: says('jamf', other) };
  }
  if (rule.kind === 'silence') {
    return { [rule.field]: says('intune', at - rule.lagMs - 1), 'os.name': says('agent', 'x') };
  }
  const pairs: readonly [FieldValue, FieldValue][] = [
    [true, false],
    ['on', 'off'],
    ['a@example.com', 'b@example.com'],
    ['1.1', '1.2'],
    ['SERIAL1', 'SERIAL2'],
    ['11111111-2222-3333-4444-555555555556', '11111111-2222-3333-4444-555555555557'],
  ];
  const differing = pairs.find(([one, other]) => !rule.same(one, other));
  if (differing === undefined) throw new Error(`${rule.id} agrees with everything`);
  return both(rule.field, says('intune', differing[0]), says('entra', differing[1]));
}
