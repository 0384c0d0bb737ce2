import { expect, test } from 'vitest';
import { usTime, vendorTime } from '../../../collector/connect/dates.ts';

const at = Date.UTC(2021, 5, 28, 4, 35, 20, 150);

test.each([
  ['with a zone', '2021-06-28T04:35:20.150Z'],
  ['without one, taken for UTC', '2021-06-28T04:35:20.150'],
  ['with seven decimals', '2021-06-28T04:35:20.1509999Z'],
  ['with a blank in the middle', '2021-06-28 04:35:20.150Z'],
  ['with an offset', '2021-06-28T06:35:20.150+02:00'],
  ['with an offset without a colon', '2021-06-28T11:35:20.150+0700'],
  ['west of Greenwich', '2021-06-27T23:05:20.150-05:30'],
  ['as epoch milliseconds', at],
  ['as digits of epoch milliseconds', String(at)],
])('a time is read %s', (_, text) => {
  expect(vendorTime(text)).toBe(at);
});

test('epoch seconds are told from milliseconds by their magnitude', () => {
  expect(vendorTime(1_624_854_920)).toBe(1_624_854_920_000);
});

test('a day without a time is its beginning', () => {
  expect(vendorTime('2021-06-28')).toBe(Date.UTC(2021, 5, 28));
});

test.each([
  '0001-01-01T00:00:00Z',
  '0001-01-01T00:00:00.000',
  // A year of two digits is none of the last century, as JavaScript would have it.
  '0085-01-01T00:00:00Z',
  '1601-01-01T00:00:00Z',
  '1970-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  0,
  -62_135_596_800_000,
  '',
  null,
  undefined,
  'never',
  '2021-02-31T00:00:00Z',
  '2021-06-28T25:00:00Z',
  Number.NaN,
  {},
])('%s is no time', value => {
  expect(vendorTime(value)).toBeNull();
});

test('a vendor that means local time can be read with its offset', () => {
  expect(vendorTime('2021-06-28T06:35:20.150', { zoneless: { offsetMinutes: 120 } })).toBe(at);
});

test('an American time is read with both halves of the day', () => {
  expect(usTime('11/23/16 8:32 AM')).toBe(Date.UTC(2016, 10, 23, 8, 32));
  expect(usTime('11/23/16 12:05 AM')).toBe(Date.UTC(2016, 10, 23, 0, 5));
  expect(usTime('7/4/2021 1:05 PM')).toBe(Date.UTC(2021, 6, 4, 13, 5));
  expect(usTime('7/4/2021 13:05')).toBe(Date.UTC(2021, 6, 4, 13, 5));
});

test('what is no American time is none', () => {
  expect(
    ['23/11/16 8:32 AM', '11/23/16 13:32 PM', '2021-06-28', '', null].map(value => usTime(value)),
  ).toEqual([null, null, null, null, null]);
});
