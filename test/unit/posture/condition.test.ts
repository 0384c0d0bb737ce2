import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { condition, RULE_LIMITS, readCondition, readRule } from '../../../shared/posture/condition.ts';
import { FACTS, findFact } from '../../../shared/posture/fact-list.ts';
import { OPERATORS, OPERATORS_OF } from '../../../shared/posture/operator.ts';
import { isProblem, type Problem } from '../../../shared/problem/problem.ts';

function refused(run: () => unknown): Problem {
  try {
    run();
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('a condition', () => {
  it('keeps what fits as it was written', () => {
    const given = { fact: 'disk.free.systemFreePercent', operator: '>=', value: 10 };
    expect(readCondition(given)).toEqual(given);
  });

  it('is refused with an operator that does not fit the kind of its fact, and the refusal says which do', () => {
    const problem = refused(() =>
      readCondition({ fact: 'disk.free.systemFreePercent', operator: 'contains', value: '10' }),
    );
    expect(problem).toMatchObject({ code: 'request-invalid', fields: ['operator'] });
    expect(problem.detail).toBe(
      'operator: does not fit disk.free.systemFreePercent, which is a number (percent); use ==, !=, <, <=, >, >=, range, exists, notExists',
    );
  });

  it('accepts for every fact exactly the operators of its kind', () => {
    for (const fact of FACTS) {
      const name = fact.id.replace('<subject>', 'some-thing');
      for (const operator of OPERATORS) {
        const refusal = condition
          .safeParse({ fact: name, operator })
          .error?.issues.find(issue => issue.path[0] === 'operator');
        expect([name, operator, refusal === undefined]).toEqual([
          name,
          operator,
          OPERATORS_OF[fact.kind].includes(operator),
        ]);
      }
    }
  });

  it.each([
    ['a fact that does not exist', { fact: 'disk.free.colour', operator: '==', value: 1 }, 'fact'],
    ['a subject that is no id', { fact: 'file.Not An Id.exists', operator: 'exists' }, 'fact'],
    ['the placeholder itself', { fact: 'file.<subject>.exists', operator: 'exists' }, 'fact'],
    ['an operator nobody knows', { fact: 'uptime.bootedAt', operator: '~', value: 1 }, 'operator'],
    ['a value where none belongs', { fact: 'battery.exists', operator: 'exists', value: true }, 'value'],
    ['no value', { fact: 'fw.enabled.enabled', operator: '==' }, 'value'],
    ['a text for a number', { fact: 'battery.healthPercent', operator: '>=', value: '60' }, 'value'],
    ['a share above 100', { fact: 'battery.healthPercent', operator: '>=', value: 600 }, 'value'],
    ['a word outside the list', { fact: 'disk.encryption.system', operator: '==', value: 'maybe' }, 'value'],
    ['what is no version', { fact: 'os.version.version', operator: '>=', value: 'newest' }, 'value'],
    [
      'a range upside down',
      { fact: 'os.version.version', operator: 'range', value: { from: '15', to: '14' } },
      'value',
    ],
    ['half a range', { fact: 'battery.percent', operator: 'range', value: { from: 1 } }, 'value'],
    ['an empty list', { fact: 'av.products.products', operator: 'anyOf', value: [] }, 'value'],
    ['what is no address', { fact: 'net.mac.addresses', operator: 'anyOf', value: ['12:34'] }, 'value'],
    ['an age below zero', { fact: 'update.lastCheck.checkedAt', operator: 'age<=', value: -1 }, 'value'],
    ['a member we do not know', { fact: 'battery.exists', operator: 'exists', colour: 1 }, 'condition'],
  ])('is refused with %s', (_what, given, field) => {
    const problem = refused(() => readCondition(given));
    expect(problem.code).toBe('request-invalid');
    expect(problem.fields).toEqual([field]);
  });

  it('takes network addresses however they are written', () => {
    const value = ['8C-04-BA-12-34-56', '8c04.ba12.3456'];
    expect(readCondition({ fact: 'net.mac.addresses', operator: 'anyOf', value }).value).toEqual(value);
  });

  it('never says what a person typed into a value', () => {
    const problem = refused(() =>
      readCondition({ fact: 'battery.healthPercent', operator: '>=', value: 'hunter2' }),
    );
    expect(`${problem.detail} ${problem.fields.join()}`).not.toContain('hunter2');
  });

  it('is refused, never thrown at, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), given => {
        expect(refused(() => readCondition(given)).code).toBe('request-invalid');
      }),
    );
  });
});

describe('a rule', () => {
  const on = { fact: 'fw.enabled.enabled', operator: '==', value: true };

  it('joins conditions with all, any and not', () => {
    const given = { all: [on, { any: [on, { not: on }] }] };
    expect(readRule(given)).toEqual(given);
  });

  it('names the innermost place that is wrong', () => {
    const problem = refused(() => readRule({ all: [on, { not: { ...on, operator: '<' } }] }));
    expect(problem.fields).toEqual(['all.1.not.operator']);
  });

  it('needs at least one part', () => {
    expect(refused(() => readRule({ all: [] })).fields).toEqual(['all']);
  });

  it('is refused when it is nested too deep, however deep that is', () => {
    let deep: unknown = on;
    for (let i = 0; i < 50_000; i += 1) deep = { not: deep };
    expect(refused(() => readRule(deep)).detail).toContain(`more than ${RULE_LIMITS.depth} deep`);
  });

  it('is refused when it has too many parts', () => {
    expect(refused(() => readRule({ any: Array.from({ length: 300 }, () => on) })).detail).toContain('parts');
  });

  it('is refused, never thrown at, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), given => {
        expect(refused(() => readRule(given)).code).toBe('request-invalid');
      }),
    );
  });
});

describe('finding a fact', () => {
  it('finds every fact by its name, with the subject in it', () => {
    for (const fact of FACTS) {
      const name = fact.id.replace('<subject>', 'vpn-client');
      const found = findFact(name);
      expect(found?.fact.id).toBe(fact.id);
      expect(found?.subject).toBe(fact.id.includes('<subject>') ? 'vpn-client' : null);
    }
  });
});
