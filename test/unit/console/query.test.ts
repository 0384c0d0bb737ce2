import { expect, test } from 'vitest';
import { entryOf, parseQuery, scoreRange, withField } from '../../../collector/console/fleet/query.ts';
import { someRow } from './some-row.ts';

const NOW = 1_763_600_000_000;
const matches = (text: string, row: Parameters<typeof someRow>[0] = {}) =>
  parseQuery(text).matches(entryOf(someRow(row)), NOW);

test('parts stand side by side and all must match', () => {
  const row = {
    platform: 'windows',
    score: 41,
    diskFreePercent: 8,
    person: 'A. Kovacs',
    presence: 'stale',
  } as const;
  expect(matches('os:windows score<60 disk<10% person:kovacs stale', row)).toBe(true);
  expect(matches('os:windows score<40 disk<10% person:kovacs stale', row)).toBe(false);
});

test('a word that is no field is searched in name, person and model', () => {
  const row = { name: 'FIN-LT-0231', person: 'A. Kovacs', model: 'ThinkPad T14' };
  expect(['0231', 'kovacs', 'thinkpad', 'elsewhere'].map(word => matches(word, row))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('what could not be told matches a comparison neither way round', () => {
  expect(matches('disk<10%', { diskFreePercent: null })).toBe(false);
  expect(matches('-disk<10%', { diskFreePercent: null })).toBe(false);
  expect(matches('disk:unknown', { diskFreePercent: null })).toBe(true);
  expect(matches('firewall:off', { firewall: null })).toBe(false);
});

test('a minus turns a part round', () => {
  expect(matches('-os:windows', { platform: 'macos', os: 'macOS 15' })).toBe(true);
  expect(matches('-os:windows', { platform: 'windows' })).toBe(false);
});

test('a unit chooses what is compared', () => {
  const row = {
    diskFreePercent: 50,
    diskFreeBytes: 16 * 1024 ** 3,
    uptimeSeconds: 3 * 86_400,
    lastSeen: NOW - 7_200_000,
  };
  expect(matches('disk<20gb', row)).toBe(true);
  expect(matches('disk<20%', row)).toBe(false);
  expect(matches('uptime>2d', row)).toBe(true);
  expect(matches('seen>1h', row)).toBe(true);
  expect(matches('seen>3h', row)).toBe(false);
});

test('a decimal comma is read like a point', () => {
  expect(matches('score<41,5', { score: 41.2 })).toBe(true);
});

test('quotes keep blanks together', () => {
  expect(matches('model:"surface laptop"', { model: 'Surface Laptop 5' })).toBe(true);
});

test('an unknown field is told in words and the other parts still filter', () => {
  const query = parseQuery('colour:red score<60');
  expect(query.errors).toHaveLength(1);
  expect(query.errors[0]).toContain('There is no field “colour”');
  expect(query.matches(entryOf(someRow({ score: 80 })), NOW)).toBe(false);
});

test('every mistake in a value is told with an example', () => {
  expect(parseQuery('disk<lots').errors[0]).toContain('disk<10%');
  expect(parseQuery('score<10%').errors[0]).toContain('no unit “%”');
  expect(parseQuery('state:bad').errors[0]).toContain('well, attention');
  expect(parseQuery('person<3').errors[0]).toContain('person:');
});

test('an empty filter matches everything and says so', () => {
  expect(parseQuery('   ').empty).toBe(true);
  expect(matches('')).toBe(true);
});

test('a field is replaced in the filter without touching the rest', () => {
  expect(withField('os:windows score<60 kovacs', 'score', 'score>=20')).toBe('os:windows kovacs score>=20');
  expect(withField('score>=20 score<60', 'score', null)).toBe('');
});

test('the score range is read back from the filter', () => {
  expect(scoreRange('os:windows score>=20 score<60')).toEqual({ from: 20, to: 60 });
  expect(scoreRange('os:windows')).toBeNull();
});

test('what systems contradict each other in is found by its weight, by its rule, and by there being any', () => {
  const contradictions = [
    { rule: 'compliant-unencrypted', weight: 'high' as const },
    { rule: 'name-differs', weight: 'low' as const },
  ];
  const asked = ['yes', 'no', 'high', 'medium', 'unencrypted', 'name-differs', 'sensor-silent', 'unknown'];
  const found = asked.map(word => matches(`contradictions:${word}`, { contradictions }));
  expect(found).toEqual([true, false, true, false, true, true, false, false]);
  expect(asked.map(word => matches(`contradictions:${word}`))).toEqual(asked.map(word => word === 'no'));
  expect(matches('-contradicted:yes')).toBe(true);
});
