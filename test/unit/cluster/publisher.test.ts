import { expect, test } from 'vitest';
import type { DeviceRow } from '../../../collector/cluster/news.ts';
import { Publisher } from '../../../collector/cluster/publisher.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { eventually } from '../../support/eventually.ts';

function publisher() {
  const told: { news: Record<string, unknown>[]; to: string | undefined }[] = [];
  const state = { isAway: false, problems: 0 };
  const one = new Publisher({
    async publish(texts, to) {
      if (state.isAway) throw new Problem('store-unavailable', 'as the test says');
      told.push({ news: texts.map(text => JSON.parse(text)), to });
    },
    onTrouble: () => {
      state.problems += 1;
    },
  });
  return { one, told, state };
}

function row(id: string, cpuPercent: number, isChanged = false): DeviceRow {
  return { id, claim: 1, isUp: true, isChanged, row: { id, cpuPercent } as DeviceRow['row'] };
}

function rowsOf(news: Record<string, unknown>): unknown[] {
  return Array.isArray(news.rows) ? news.rows : [];
}

test('the newest row of each device is told once, and that something changed is not lost with an older row', async () => {
  const { one, told } = publisher();
  one.row(row('a', 1, true));
  one.row(row('b', 2));
  one.row(row('a', 3));
  await eventually(() => told.length > 0, { what: 'the rows' });
  expect(told.flatMap(({ news }) => news.flatMap(rowsOf))).toEqual([row('a', 3, true), row('b', 2)]);
});

test('thousands of rows go in messages of bounded size', async () => {
  const { one, told } = publisher();
  for (let n = 0; n < 1200; n += 1) one.row(row(`d${n}`, n));
  await one.close();
  expect(told.map(({ news }) => news.map(rowsOf).map(({ length }) => length))).toEqual([[500], [500], [200]]);
});

test('what cannot be told waits, in its newest form, until the store is back', async () => {
  const { one, told, state } = publisher();
  state.isAway = true;
  one.row(row('a', 1, true));
  one.row(row('b', 1));
  one.stale('settings');
  one.observed({ connector: 'c', account: 'x' }, ['1'], ['2']);
  one.prompt({ is: 'hello' });
  one.prompt({ is: 'welcome' }, 'somebody');
  await eventually(() => state.problems > 0, { what: 'a failure' });
  one.row(row('a', 2));
  one.observed({ connector: 'c', account: 'x' }, ['2'], ['1']);
  state.isAway = false;
  await eventually(() => told.some(({ to }) => to === 'somebody'), { what: 'everything' });
  const all = told.flatMap(({ news }) => news);
  expect(all.flatMap(rowsOf)).toContainEqual(row('b', 1));
  expect(all.flatMap(rowsOf).filter(one => Reflect.get(Object(one), 'id') === 'a')).toHaveLength(1);
  expect(all.flatMap(rowsOf)).toContainEqual(expect.objectContaining({ id: 'a', row: row('a', 2).row }));
  expect(all).toContainEqual({ is: 'stale', what: ['settings'] });
  expect(all.find(({ is }) => is === 'observed')).toMatchObject({ observed: ['2'], gone: ['1'] });
  expect(all.filter(({ is }) => is === 'hello')).toHaveLength(1);
});

test('of what people wait for the newest is kept, and no more than a bounded number', async () => {
  const { one, told } = publisher();
  for (let n = 0; n < 2010; n += 1) one.prompt({ is: 'given', ask: String(n), isGiven: true });
  await one.close();
  const asks = told.flatMap(({ news }) => news.map(({ ask }) => Number(ask)));
  expect([asks.length, asks[0], asks.at(-1)]).toEqual([2000, 10, 2009]);
});
