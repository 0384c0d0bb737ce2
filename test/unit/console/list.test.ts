import { expect, test } from 'vitest';
import { FleetList } from '../../../collector/console/fleet/list.ts';
import { parseQuery } from '../../../collector/console/fleet/query.ts';
import { DEFAULT_SORT } from '../../../collector/console/fleet/sort.ts';
import { someRow } from './some-row.ts';

function listOf(...rows: Parameters<typeof someRow>[0][]): FleetList {
  const list = new FleetList(() => 1_763_600_000_000);
  list.arrive(
    rows.map(row => someRow(row)),
    true,
  );
  return list;
}
const names = (list: FleetList) => list.view.map(entry => entry.id);
const BY_SCORE = { by: 'score', descending: false } as const;

test('the most urgent stand first, then the lower score', () => {
  const list = listOf(
    { id: 'well', state: 'well', score: 90 },
    { id: 'blocked', state: 'blocked', score: 30 },
    { id: 'attention', state: 'attention', score: 20 },
    { id: 'attention-worse', state: 'attention', score: 10 },
  );
  expect(names(list)).toEqual(['blocked', 'attention-worse', 'attention', 'well']);
});

test('a changed value shows in its place and the order waits to be asked', () => {
  const list = listOf({ id: 'a', score: 10 }, { id: 'b', score: 50 }, { id: 'c', score: 90 });
  list.setView(parseQuery(''), BY_SCORE);
  list.change([someRow({ id: 'a', score: 99 })], []);
  expect(names(list)).toEqual(['a', 'b', 'c']);
  expect(list.view[0]?.row.score).toBe(99);
  expect([list.pending, list.isPending('a')]).toEqual([1, true]);
  list.show();
  expect(names(list)).toEqual(['b', 'c', 'a']);
  expect(list.pending).toBe(0);
});

test('a change that keeps the order leaves nothing to show', () => {
  const list = listOf({ id: 'a', score: 10 }, { id: 'b', score: 50 });
  list.setView(parseQuery(''), BY_SCORE);
  list.change([someRow({ id: 'a', score: 12 })], []);
  expect(list.pending).toBe(0);
});

test('a row that stops matching stays until it is asked to go', () => {
  const list = listOf({ id: 'a', score: 10 }, { id: 'b', score: 50 });
  list.setView(parseQuery('score<60'), DEFAULT_SORT);
  list.change([someRow({ id: 'b', score: 70 })], []);
  expect(names(list)).toEqual(['a', 'b']);
  list.show();
  expect(names(list)).toEqual(['a']);
});

test('a new row that matches waits, one that does not is not counted', () => {
  const list = listOf({ id: 'a', score: 10 });
  list.setView(parseQuery('score<60'), DEFAULT_SORT);
  list.change([someRow({ id: 'new', score: 20 }), someRow({ id: 'other', score: 95 })], []);
  expect([names(list), list.pending]).toEqual([['a'], 1]);
  list.show();
  expect(names(list)).toEqual(['a', 'new']);
});

test('a device that is gone is marked, leaves on request, and is not counted any more', () => {
  const list = listOf({ id: 'a' }, { id: 'b' });
  list.change([], ['a']);
  expect([names(list), list.isGone('a'), list.counts().total]).toEqual([['a', 'b'], true, 1]);
  list.show();
  expect(names(list)).toEqual(['b']);
});

test('a device that comes back before anybody looked is there once', () => {
  const list = listOf({ id: 'a' }, { id: 'b' });
  list.change([], ['a']);
  list.change([someRow({ id: 'a', score: 1 })], []);
  list.show();
  expect(names(list).sort()).toEqual(['a', 'b']);
});

test('what a new whole fleet does not name is gone', () => {
  const list = listOf({ id: 'a' }, { id: 'b' });
  list.arrive([someRow({ id: 'b' })], false);
  list.arrive([someRow({ id: 'c' })], true);
  expect(names(list).sort()).toEqual(['b', 'c']);
});

test('unknown scores stand last whichever way the list is sorted', () => {
  const list = listOf({ id: 'none', score: null }, { id: 'low', score: 1 }, { id: 'high', score: 99 });
  list.setView(parseQuery(''), BY_SCORE);
  expect(names(list)).toEqual(['low', 'high', 'none']);
  list.setView(parseQuery(''), { by: 'score', descending: true });
  expect(names(list)).toEqual(['high', 'low', 'none']);
});

test('counts are over the whole fleet, whatever is filtered', () => {
  const list = listOf(
    { id: 'a', state: 'blocked', score: 3 },
    { id: 'b', presence: 'stale', score: 100 },
    { id: 'c', score: null },
  );
  list.setView(parseQuery('blocked'), DEFAULT_SORT);
  const counts = list.counts();
  expect([counts.total, counts.states.blocked, counts.presence.stale, counts.unscored]).toEqual([3, 1, 1, 1]);
  expect([counts.bins[0], counts.bins[19]]).toEqual([1, 1]);
});
