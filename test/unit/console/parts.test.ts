import { expect, test } from 'vitest';
import { toCsv } from '../../../collector/console/fleet/csv.ts';
import {
  columnsFromText,
  DEFAULT_COLUMNS,
  sortFromText,
  sortToText,
} from '../../../collector/console/fleet/sort.ts';
import { installLine } from '../../../collector/console/pages/install-line.ts';
import { bytes, percent, span } from '../../../collector/console/parts/format.ts';
import { sparkPaths } from '../../../collector/console/parts/sparkline.tsx';

test('a file for spreadsheets quotes what must be quoted and leaves the unknown empty', () => {
  const text = toCsv(
    ['a', 'b'],
    [
      ['one, "two"', null],
      [3, true],
    ],
  );
  expect(text).toBe('\uFEFFa,b\r\n"one, ""two""",\r\n3,true\r\n');
});

test('a text that a spreadsheet would run is defused', () => {
  expect(toCsv(['a'], [['=HYPERLINK("http://x")']])).toContain(`"'=HYPERLINK(""http://x"")"`);
});

test('sort and columns survive the address bar', () => {
  expect(sortFromText(sortToText({ by: 'disk', descending: true }))).toEqual({
    by: 'disk',
    descending: true,
  });
  expect(sortFromText('nonsense')).toEqual({ by: 'state', descending: false });
  expect(columnsFromText('score,state')).toEqual(['state', 'name', 'score']);
  expect(columnsFromText('nonsense')).toEqual(DEFAULT_COLUMNS);
});

test('a missing day is a hole in the sparkline', () => {
  expect(sparkPaths([0, 100, null, 50], 30, 10)).toEqual(['M0.0 10.0L10.0 0.0', 'M30.0 5.0h0.01']);
  expect(sparkPaths([null, null], 30, 10)).toEqual([]);
});

test('the install line names collector and token for each system', () => {
  const url = 'wss://collector.example.com/agent';
  expect(installLine('Linux', url, 'tle_abc')).toBe(`npm run agent -- --collector ${url} --token tle_abc`);
  expect(installLine('Windows', url, 'tle_abc')).toBe(
    `npm.cmd run agent -- --collector ${url} --token tle_abc`,
  );
});

test('an address with characters a shell would read is quoted', () => {
  expect(installLine('macOS', 'wss://h/agent?a=1&b=2', 't')).toContain(`'wss://h/agent?a=1&b=2'`);
});

test('a value that could not be told is a dash, never a zero', () => {
  expect([percent(null), bytes(null), span(null), percent(0)]).toEqual(['–', '–', '–', '0 %']);
});

test('sizes are powers of 1024 with the unit that says so', () => {
  expect([bytes(512), bytes(16.4 * 1024 ** 3), bytes(512 * 1024 ** 3)]).toEqual([
    '512 B',
    '16.4 GiB',
    '512 GiB',
  ]);
});
