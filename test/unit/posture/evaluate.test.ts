import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../shared/base/durations.ts';
import {
  FINDING_REASONS,
  type Finding,
  type Findings,
  isTrulyAbsent,
} from '../../../shared/device/finding.ts';
import { CHECK_IDS } from '../../../shared/posture/checks.ts';
import type { Condition, Rule } from '../../../shared/posture/condition.ts';
import {
  allOf,
  anyOf,
  defaultMaxAge,
  evaluateCondition,
  evaluateRule,
  not,
  type Result,
  unknownsOf,
} from '../../../shared/posture/evaluate.ts';
import type { Fact, FactValue } from '../../../shared/posture/fact.ts';
import { FACTS } from '../../../shared/posture/fact-list.ts';
import { OPERATORS_OF, type Operator } from '../../../shared/posture/operator.ts';
import { SAMPLE_NOW, SAMPLES } from '../../../shared/posture/samples.ts';

const now = SAMPLE_NOW;
const stamp = { at: now - MINUTE, ms: 1, hash: '0123456789abcdef' };

function ok(value: unknown): Finding {
  return { status: 'ok', value, ...stamp };
}
function none(
  status: 'absent' | 'unsupported' | 'failed',
  reason: (typeof FINDING_REASONS)[number],
): Finding {
  return { status, reason, ...stamp };
}
function told(condition: Condition, findings: Findings) {
  const { result, reason } = evaluateCondition(condition, findings, { now });
  return reason === undefined ? result : `${result}: ${reason}`;
}

/** The subjects of the samples by check. */
const SUBJECTS: Readonly<Record<string, string>> = {
  'app.installed': 'seven-zip',
  file: 'vpn-client',
  process: 'citrix-session',
  service: 'spooler',
  'registry.numeric': 'uac',
  'registry.text': 'site',
  'cert.device': 'device-ca',
};
const nameOf = (fact: Fact): string => fact.id.replace('<subject>', SUBJECTS[fact.check] ?? 'nothing');

/** Some value that fits a fact and operator. */
function valueFor(fact: Fact, operator: Operator): Condition['value'] {
  const one = (): string =>
    fact.kind === 'macs'
      ? '8c:04:ba:12:34:56'
      : (fact.words?.[0] ?? (fact.kind === 'version' ? '2.0' : 'some'));
  if (operator === 'exists' || operator === 'notExists') return undefined;
  if (operator === 'anyOf' || operator === 'allOf' || operator === 'noneOf') return [one()];
  if (operator === 'range') return fact.kind === 'number' ? { from: 0, to: 50 } : { from: '1.0', to: '99.0' };
  if (fact.kind === 'boolean') return true;
  return fact.kind === 'number' || fact.kind === 'age' || fact.kind === 'left' ? 7 : one();
}

/** Every condition that can be written, once. */
const EVERY: readonly Condition[] = FACTS.flatMap(fact =>
  OPERATORS_OF[fact.kind].map(operator => {
    const value = valueFor(fact, operator);
    return { fact: nameOf(fact), operator, ...(value === undefined ? {} : { value }) };
  }),
);
const anyCondition = fc.constantFrom(...EVERY);

const reasons = fc.constantFrom(...FINDING_REASONS);
const statuses = fc.constantFrom('absent' as const, 'unsupported' as const, 'failed' as const);
const withoutValue = fc.tuple(statuses, reasons).map(([status, reason]) => none(status, reason));
const checkOf = (condition: Condition): string =>
  FACTS.find(fact => nameOf(fact) === condition.fact)?.check ?? '';

describe('Kleene logic', () => {
  const result = fc.constantFrom<Result>('pass', 'fail', 'unknown');
  const results = fc.array(result, { minLength: 1, maxLength: 6 });

  it('keeps De Morgan’s laws', () => {
    fc.assert(
      fc.property(results, list => {
        expect(not(allOf(list))).toBe(anyOf(list.map(not)));
        expect(not(anyOf(list))).toBe(allOf(list.map(not)));
      }),
    );
  });

  it('takes the opposite of the opposite for the same, and a part alone for itself', () => {
    fc.assert(
      fc.property(result, one => {
        expect([not(not(one)), allOf([one]), anyOf([one]), allOf([one, one])]).toEqual([one, one, one, one]);
      }),
    );
  });

  it('does not mind order or how parts are grouped, and distributes', () => {
    fc.assert(
      fc.property(result, result, result, (a, b, c) => {
        expect(allOf([a, b, c])).toBe(allOf([c, allOf([b, a])]));
        expect(anyOf([a, b, c])).toBe(anyOf([c, anyOf([b, a])]));
        expect(allOf([a, anyOf([b, c])])).toBe(anyOf([allOf([a, b]), allOf([a, c])]));
      }),
    );
  });

  it('never takes a settled answer back when something unknown becomes known', () => {
    const known = fc.constantFrom<Result>('pass', 'fail');
    fc.assert(
      fc.property(fc.array(fc.tuple(result, known), { minLength: 1, maxLength: 6 }), pairs => {
        const before = pairs.map(([one]) => one);
        const after = pairs.map(([one, learnt]) => (one === 'unknown' ? learnt : one));
        for (const join of [allOf, anyOf]) {
          if (join(before) !== 'unknown') expect(join(after)).toBe(join(before));
        }
      }),
    );
  });

  it('judges a whole rule by the same logic', () => {
    const tree: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>(tie => ({
      rule: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        anyCondition,
        fc.array(tie('rule'), { minLength: 1, maxLength: 3 }).map(all => ({ all })),
        fc.array(tie('rule'), { minLength: 1, maxLength: 3 }).map(any => ({ any })),
        tie('rule').map(one => ({ not: one })),
      ),
    })).rule;
    const findings: Findings = Object.fromEntries(CHECK_IDS.map(id => [id, ok(SAMPLES[id])]));
    const model = (rule: Rule): Result => {
      if ('fact' in rule) return evaluateCondition(rule, findings, { now }).result;
      if ('not' in rule) return not(model(rule.not));
      return 'all' in rule ? allOf(rule.all.map(model)) : anyOf(rule.any.map(model));
    };
    fc.assert(
      fc.property(tree, rule => {
        const judged = evaluateRule(rule, findings, { now });
        expect(judged.result).toBe(model(rule));
        if (judged.result === 'unknown') expect(unknownsOf(judged).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('what could not be told', () => {
  it('is never a pass, unless the rule asks for what is truly not there; and never a fail, unless it asks for its being there', () => {
    fc.assert(
      fc.property(anyCondition, withoutValue, (condition, finding) => {
        const { result } = evaluateCondition(condition, { [checkOf(condition)]: finding }, { now });
        const gone = isTrulyAbsent(finding);
        const expected: Result =
          gone && condition.operator === 'notExists'
            ? 'pass'
            : gone && condition.operator === 'exists'
              ? 'fail'
              : 'unknown';
        expect(result).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('is unknown over a device that has sent nothing', () => {
    for (const condition of EVERY) expect(told(condition, {})).toBe('unknown: not-asked');
  });

  it('is unknown over a value of another shape', () => {
    fc.assert(
      fc.property(anyCondition, fc.anything(), (condition, value) => {
        const { result } = evaluateCondition(condition, { [checkOf(condition)]: ok(value) }, { now });
        if (typeof value !== 'object' || value === null) expect(result).toBe('unknown');
      }),
    );
  });

  it('is unknown for a rule of a version to come', () => {
    expect(told({ fact: 'moon.phase', operator: '==', value: 'full' }, {})).toBe('unknown: rule-unknown');
    expect(
      told(
        { fact: 'fw.enabled.enabled', operator: 'contains', value: 'x' },
        { 'fw.enabled': ok(SAMPLES['fw.enabled']) },
      ),
    ).toBe('unknown: rule-unknown');
  });

  it('says of an empty list of subjects that nothing was asked for, not that nothing is there', () => {
    const findings = { file: none('absent', 'not-applicable') };
    expect(told({ fact: 'file.vpn-client.exists', operator: 'notExists' }, findings)).toBe(
      'unknown: not-applicable',
    );
  });
});

describe('evidence', () => {
  const condition: Condition = { fact: 'fw.enabled.enabled', operator: '==', value: true };
  const at = (moment: number): Findings => ({ 'fw.enabled': { ...ok(SAMPLES['fw.enabled']), at: moment } });

  it('travels with the result', () => {
    expect(evaluateCondition(condition, at(now - MINUTE), { now })).toEqual({
      is: 'condition',
      result: 'pass',
      evidence: {
        fact: 'fw.enabled.enabled',
        check: 'fw.enabled',
        status: 'ok',
        value: true,
        at: now - MINUTE,
      },
    });
  });

  it('counts until it is too old for what its check costs, and not a millisecond longer', () => {
    const limit = defaultMaxAge('fw.enabled');
    expect(evaluateCondition(condition, at(now - limit), { now }).result).toBe('pass');
    expect(evaluateCondition(condition, at(now - limit - 1), { now })).toMatchObject({
      result: 'unknown',
      reason: 'too-old',
    });
    expect([defaultMaxAge('uptime'), defaultMaxAge('battery'), defaultMaxAge('update.missing')]).toEqual([
      HOUR,
      3 * HOUR,
      3 * DAY,
    ]);
  });

  it('may be asked to be younger', () => {
    const options = { now, maxAgeMs: () => 30_000 };
    expect(evaluateCondition(condition, at(now - MINUTE), options).reason).toBe('too-old');
  });

  it('from the future tells of a wrong clock, not of the device', () => {
    expect(evaluateCondition(condition, at(now + HOUR), { now }).reason).toBe('clock-wrong');
    expect(evaluateCondition(condition, at(now + MINUTE), { now }).result).toBe('pass');
  });
});

describe('the opposite operators', () => {
  it('give opposite answers over every fact and every answer', () => {
    const opposites: readonly (readonly [Operator, Operator])[] = [
      ['==', '!='],
      ['<', '>='],
      ['>', '<='],
      ['contains', 'notContains'],
      ['exists', 'notExists'],
      ['anyOf', 'noneOf'],
      ['age<=', 'age>'],
      ['left>=', 'left<'],
    ];
    const answer = fc.oneof(withoutValue, fc.constant('sample' as const));
    fc.assert(
      fc.property(anyCondition, answer, (condition, given) => {
        const check = checkOf(condition);
        const sample = CHECK_IDS.find(id => id === check);
        const finding = given === 'sample' ? ok(sample === undefined ? null : SAMPLES[sample]) : given;
        for (const [one, other] of opposites) {
          if (condition.operator !== one) continue;
          const findings = { [check]: finding };
          const here = evaluateCondition(condition, findings, { now });
          const there = evaluateCondition({ ...condition, operator: other }, findings, { now });
          expect([condition.fact, one, there.result]).toEqual([condition.fact, one, not(here.result)]);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('operators over one device', () => {
  const findings: Findings = Object.fromEntries(CHECK_IDS.map(id => [id, ok(SAMPLES[id])]));
  const changed = (check: keyof typeof SAMPLES, more: object): Findings => ({
    ...findings,
    [check]: ok({ ...SAMPLES[check], ...more }),
  });

  it.each([
    ['os.version.version', '>=', '10.0.26100', 'pass'],
    ['os.version.version', '<', '10.0.9999', 'fail'],
    ['os.version.version', 'range', { from: '10.0.26200.1', to: '10.0.26200.9999' }, 'pass'],
    ['os.version.version', '==', '10.0.26200.7171.0', 'pass'],
    ['os.version.build', '>=', '24G830', 'unknown: not-comparable'],
    ['os.version.build', 'range', { from: '24A1', to: '25Z9' }, 'unknown: not-comparable'],
    ['os.version.displayVersion', 'anyOf', ['24h2', ' 25h2 '], 'pass'],
    ['os.version.name', 'contains', 'ENTERPRISE', 'pass'],
    ['os.version.name', 'notContains', 'home', 'pass'],
    ['os.support.end', 'left>=', 90, 'pass'],
    ['os.support.end', 'left<', 90, 'fail'],
    ['os.support.extendedEnd', 'left>=', 1, 'unknown: not-told'],
    ['disk.free.systemFreePercent', '>=', 10, 'pass'],
    ['disk.free.systemFree', '>=', 98, 'pass'],
    ['disk.free.systemFree', '>', 99, 'fail'],
    ['disk.encryption.system', '==', 'on', 'pass'],
    ['disk.encryption.method', 'anyOf', ['xts-aes 256'], 'pass'],
    ['av.products.enabledProducts', 'anyOf', ['microsoft defender antivirus'], 'pass'],
    ['av.products.enabledProducts', 'allOf', ['microsoft defender antivirus', 'other'], 'fail'],
    ['av.products.products', 'noneOf', ['other'], 'pass'],
    ['av.products.products', 'contains', 'defender', 'pass'],
    ['av.products.signaturesAt', 'age<=', 3, 'pass'],
    ['av.defender.fullScanAgeDays', '<=', 30, 'fail'],
    ['av.defender.fullScanAgeDays', '>', 30, 'pass'],
    ['net.mac.addresses', 'anyOf', ['8C-04-BA-12-34-56'], 'pass'],
    ['net.mac.addresses', 'noneOf', ['8C04BA123456'], 'fail'],
    ['browser.edge.version', '>=', '140', 'pass'],
    ['browser.safari.version', '>=', '1', 'unknown: not-present'],
    ['browser.safari.version', 'notExists', undefined, 'pass'],
    ['battery.exists', 'exists', undefined, 'pass'],
    ['file.vpn-client.exists', 'exists', undefined, 'pass'],
    ['file.vpn-client.sha256', '==', '3F'.repeat(32), 'pass'],
    ['file.vpn-client.md5', '==', '3f'.repeat(16), 'unknown: not-told'],
    ['file.never-asked.exists', 'notExists', undefined, 'unknown: not-asked'],
    ['registry.numeric.uac.value', '==', 1, 'pass'],
    ['cert.device.device-ca.notAfter', 'left>=', 30, 'pass'],
    ['edr.ztaScore.overall', '>=', 80, 'pass'],
    ['geo.location.country', 'anyOf', ['DE', 'AT'], 'pass'],
    ['time.skew.offset', '<=', 1, 'pass'],
    ['sso.prt.updatedAt', 'age<=', 240, 'pass'],
  ] as const)('%s %s %j is %s', (fact, operator, value, expected) => {
    const given = value === undefined ? {} : { value: value as Exclude<Condition['value'], undefined> };
    expect(told({ fact, operator, ...given }, findings)).toBe(expected);
  });

  it('does not call a list without an antivirus an antivirus', () => {
    const bare = changed('av.products', { products: [], enabled: false, upToDate: null });
    expect(told({ fact: 'av.products.enabled', operator: '==', value: true }, bare)).toBe('fail');
    expect(told({ fact: 'av.products.products', operator: 'contains', value: 'defender' }, bare)).toBe(
      'fail',
    );
  });

  it('does not settle over a list what an entry that does not tell may change', () => {
    const { products } = SAMPLES['av.products'];
    const unclear = changed('av.products', {
      products: [...products, { ...products[0], name: 'Other', state: 'unknown' }],
    });
    const enabled = { fact: 'av.products.enabledProducts' } as const;
    expect(told({ ...enabled, operator: 'anyOf', value: ['microsoft defender antivirus'] }, unclear)).toBe(
      'pass',
    );
    expect(told({ ...enabled, operator: 'anyOf', value: ['third'] }, unclear)).toBe('unknown: incomplete');
    expect(told({ ...enabled, operator: 'noneOf', value: ['third'] }, unclear)).toBe('unknown: incomplete');
    expect(told({ ...enabled, operator: 'noneOf', value: ['microsoft defender antivirus'] }, unclear)).toBe(
      'fail',
    );
  });

  it('lets a moment of which only the earliest is known pass as young, and never fail as old', () => {
    const earliest = changed('update.lastCheck', { atLeast: true });
    const checked = { fact: 'update.lastCheck.checkedAt' } as const;
    expect(told({ ...checked, operator: 'age<=', value: 1 }, earliest)).toBe('pass');
    expect(told({ ...checked, operator: 'age<=', value: 0.1 }, earliest)).toBe('unknown: incomplete');
    expect(told({ ...checked, operator: 'age>', value: 0.1 }, earliest)).toBe('unknown: incomplete');
  });

  it('is neither well nor ill with a battery that is not there', () => {
    const desktop = { ...findings, battery: none('absent', 'not-present') };
    expect(told({ fact: 'battery.healthPercent', operator: '>=', value: 60 }, desktop)).toBe(
      'unknown: not-present',
    );
    const rule: Rule = {
      any: [
        { fact: 'battery.exists', operator: 'notExists' },
        { fact: 'battery.healthPercent', operator: '>=', value: 60 },
      ],
    };
    expect(evaluateRule(rule, desktop, { now }).result).toBe('pass');
  });

  it('keeps disks that do not tell from being called healthy', () => {
    const [disk] = SAMPLES['disk.health'].disks;
    const with2 = (health: string): Findings =>
      changed('disk.health', { disks: [disk, { ...disk, device: '1', health }] });
    const healthy: Condition = { fact: 'disk.health.worst', operator: '==', value: 'healthy' };
    expect(told(healthy, with2('healthy'))).toBe('pass');
    expect(told(healthy, with2('unknown'))).toBe('unknown: not-told');
    expect(told(healthy, with2('warning'))).toBe('fail');
  });
});

describe('facts', () => {
  it('read something from the sample of their check, or say that the sample leaves it open', () => {
    const left: string[] = [];
    for (const fact of FACTS) {
      const sample = CHECK_IDS.find(id => id === fact.check);
      const reading = fact.read(sample === undefined ? null : SAMPLES[sample], SUBJECTS[fact.check] ?? null);
      if (reading.is !== 'value') left.push(fact.id);
      else expect([fact.id, kindOf(reading.value)]).toEqual([fact.id, KIND_TYPES[fact.kind]]);
    }
    // What a Windows laptop's answers have no word for.
    expect(left.length).toBeLessThan(FACTS.length / 5);
  });

  it('have names of their own, below the name of their check', () => {
    expect(new Set(FACTS.map(fact => fact.id)).size).toBe(FACTS.length);
    for (const fact of FACTS) {
      expect(fact.id.startsWith(`${fact.check}.`)).toBe(true);
      expect(CHECK_IDS).toContain(fact.check);
    }
  });

  it('never throw, whatever the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FACTS), fc.anything(), (fact, value) => {
        expect(['value', 'absent', 'unknown']).toContain(fact.read(value, 'vpn-client').is);
      }),
    );
  });
});

const KIND_TYPES = {
  presence: 'boolean',
  boolean: 'boolean',
  word: 'string',
  text: 'string',
  number: 'number',
  version: 'string',
  age: 'number',
  left: 'number',
  set: 'list',
  macs: 'list',
} as const;
function kindOf(value: FactValue): string {
  return Array.isArray(value) ? 'list' : typeof value;
}
