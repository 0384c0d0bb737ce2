import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, isVersion } from '../../../shared/posture/version.ts';

/** Dotted numbers compared the naive way: as lists of numbers, padded with zeros. */
function naive(one: readonly number[], other: readonly number[]): number {
  for (let i = 0; i < Math.max(one.length, other.length); i += 1) {
    const difference = (one[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const numbers = fc.array(fc.nat({ max: 30_000 }), { minLength: 1, maxLength: 5 });
const anyVersion = fc.oneof(
  numbers.map(list => list.join('.')),
  fc.stringMatching(/^\d{1,3}(\.\d{1,3}){0,2}(-(rc|beta)\d|p\d|\+\w{1,3})?$/),
  fc.stringMatching(/^2[0-9][A-Z]\d{1,4}[a-z]?$/),
);

describe('comparing versions', () => {
  it('orders dotted numbers as lists of numbers', () => {
    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        expect(compareVersions(one.join('.'), other.join('.'))).toBe(naive(one, other));
      }),
    );
  });

  it('turns around when its sides are, whatever they are', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, (one, other) => {
        const there = compareVersions(one, other);
        const back = compareVersions(other, one);
        expect(back).toBe(there === null ? null : there === 0 ? 0 : -there);
      }),
    );
  });

  it('never orders three versions in a circle', () => {
    fc.assert(
      fc.property(anyVersion, anyVersion, anyVersion, (a, b, c) => {
        const [ab, bc, ac] = [compareVersions(a, b), compareVersions(b, c), compareVersions(a, c)];
        if (ab === -1 && bc === -1) expect(ac).not.toBe(1);
        if (ab === -1 && bc === -1) expect(ac).not.toBe(0);
      }),
    );
  });

  it('never throws, and finds a version equal to itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        compareVersions(one, other);
        if (isVersion(one)) expect(compareVersions(one, one)).toBe(0);
      }),
    );
  });

  it.each([
    ['10.0.26100.4061', '10.0.26100.863', 1],
    ['9', '10', -1],
    ['15.7', '15.7.0', 0],
    ['v24.11', '24.11.0.0', 0],
    ['131.0.6778.85-1', '131.0.6778.85', 1],
    ['24.1-beta2', '24.1', -1],
    ['2.39-0ubuntu8.3', '2.39', 1],
    ['1:9.6p1', '9.6', 1],
    ['9.6p1', '9.7', -1],
    ['22E261', '22E772610a', -1],
    ['22E772610a', '22F66', -1],
    ['24G830', '24G830', 0],
    ['99999999999999999999.1', '99999999999999999998.9', 1],
  ] as const)('finds %s beside %s to be %i', (one, other, order) => {
    expect(compareVersions(one, other)).toBe(order);
  });

  it.each([
    ['1.0-alpha', '1.0-beta'],
    ['24G830', '26100'],
    ['unknown', '1.0'],
    ['', '1'],
  ])('does not claim to know the order of %s and %s', (one, other) => {
    expect(compareVersions(one, other)).toBeNull();
  });
});
