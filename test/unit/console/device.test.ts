import { expect, test } from 'vitest';
import { scoreSpans } from '../../../collector/console/device/score-spans.ts';
import { scoreSteps, splitSteps } from '../../../collector/console/device/score-steps.ts';
import { toColumns, told, withReasons } from '../../../collector/console/device/series.ts';
import { entryWords } from '../../../collector/console/device/timeline-words.ts';
import { inventScore } from '../../../collector/console/scenes/device.ts';
import { scoreOfProbability } from '../../../shared/score/score.ts';
import { someRow } from './some-row.ts';

const MINUTE = 60_000;
const reading = (minute: number, value: number) => ({ at: minute * MINUTE, stepMs: MINUTE, values: [value] });

test('readings up to two steps apart are one curve', () => {
  const { gaps, columns } = toColumns([reading(0, 1), reading(1, 2), reading(3, 3)], 1, 0, 3 * MINUTE);
  expect([gaps, columns]).toEqual([[], [[1, 2, 3]]]);
});

test('more than two steps without a reading is a gap that no curve bridges', () => {
  const { at, columns, gaps } = toColumns([reading(0, 1), reading(5, 2)], 1, 0, 5 * MINUTE);
  expect(columns).toEqual([[1, null, 2]]);
  expect(at).toEqual([0, 1, 5 * MINUTE]);
  expect(gaps).toEqual([{ from: 0, to: 5 * MINUTE, reason: 'unknown' }]);
});

test('missing time at both ends of the window is a gap too', () => {
  const { gaps } = toColumns([reading(10, 1)], 1, 0, 20 * MINUTE);
  expect(gaps.map(gap => [gap.from / MINUTE, gap.to / MINUTE])).toEqual([
    [0, 10],
    [10, 20],
  ]);
});

test('a window without readings is one gap', () => {
  expect(toColumns([], 1, 0, MINUTE).gaps).toEqual([{ from: 0, to: MINUTE, reason: 'unknown' }]);
});

test('the curve enters from the edge when the reading before the window still counts', () => {
  const { columns, gaps } = toColumns([reading(0, 7), reading(1, 8)], 1, MINUTE / 2, MINUTE);
  expect([columns, gaps]).toEqual([[[7, 8]], []]);
});

test('one-minute readings followed by one-second readings leave no gap between them', () => {
  const live = { at: 61_500, stepMs: 1000, values: [2] };
  expect(toColumns([reading(0, 1), live], 1, 0, 62_000).gaps).toEqual([]);
});

test('a gap takes the reason of the known one it overlaps most', () => {
  const gaps = [{ from: 100, to: 200, reason: 'unknown' }];
  const known = [
    { from: 90, to: 120, reason: 'offline' },
    { from: 120, to: 210, reason: 'asleep' },
  ];
  expect(withReasons(gaps, known)[0]?.reason).toBe('asleep');
  expect(withReasons(gaps, [])[0]?.reason).toBe('unknown');
});

test('the waterfall falls from 100 to the score, dearest reason first', () => {
  const row = someRow({ score: 40, why: { key: 'score.disk.full', params: { percent: 4, gib: 9 } } });
  const steps = scoreSteps(inventScore(row, 0));
  expect(steps[0]?.from).toBe(100);
  expect(steps.at(-1)?.to).toBeCloseTo(40, 6);
  expect(steps.map(step => step.reason.points)).toEqual(
    steps.map(step => step.reason.points).toSorted((a, b) => b - a),
  );
});

test('mending everything together would give the full score, and one thing alone less', () => {
  const row = someRow({ score: 40, why: { key: 'score.disk.full', params: { percent: 4, gib: 9 } } });
  const steps = scoreSteps(inventScore(row, 0));
  for (const step of steps) {
    expect(step.gain).toBeGreaterThan(0);
    expect(40 + (step.gain ?? 0)).toBeLessThan(100);
  }
});

test('the gain of a reason that is its whole hazard is the score without that hazard', () => {
  const hazard = (id: 'drive' | 'battery', p: number, points: number) => ({
    id,
    p,
    points,
    basis: 'rule' as const,
    coverage: 1,
    reasons: [{ key: 'score.incident.reboot', params: {}, evidence: 'uptime', points }],
  });
  const p = 1 - 0.9 * 0.98;
  const value = scoreOfProbability(p);
  const lost = 100 - value;
  const steps = scoreSteps({
    model: 'm',
    value,
    p,
    at: 0,
    coverage: { fresh: 5, of: 5 },
    hazards: [hazard('drive', 0.1, lost * 0.8), hazard('battery', 0.02, lost * 0.2)],
  });
  expect(value + (steps[0]?.gain ?? 0)).toBeCloseTo(scoreOfProbability(0.02), 6);
});

test('what is only unknown promises no gain', () => {
  const steps = scoreSteps(inventScore(someRow({ score: null, state: 'unknown' }), 0));
  expect(steps.every(step => step.gain === null)).toBe(true);
});

const moved = (at: number, value: number, was: number | null) => ({
  at,
  band: 'score' as const,
  kind: 'moved',
  data: { value, was },
});

test('a score holds until it moves, and the first move tells what held before', () => {
  expect(scoreSpans([moved(10, 60, 80), moved(20, 50, 60)], [], 0, 30, 50)).toEqual([
    { from: 0, to: 10, value: 80 },
    { from: 10, to: 20, value: 60 },
    { from: 20, to: 30, value: 50 },
  ]);
});

test('a score is not drawn across missing time', () => {
  const gaps = [{ from: 12, to: 25, reason: 'asleep' as const }];
  expect(scoreSpans([moved(10, 60, null)], gaps, 0, 30, 60)).toEqual([
    { from: 10, to: 12, value: 60 },
    { from: 25, to: 30, value: 60 },
  ]);
});

test('an entry of the timeline is a line a person reads', () => {
  expect(entryWords(moved(0, 61.4, 82))).toBe('Score 82 → 61');
  const changed = { at: 0, band: 'findings' as const, kind: 'changed' };
  expect(
    entryWords({
      ...changed,
      data: { check: 'fw.enabled', status: 'ok', was: 'ok', 'to.enabled': false, 'was.enabled': true },
    }),
  ).toBe('Firewall: enabled true → false');
  expect(
    entryWords({ ...changed, data: { check: 'battery', status: 'failed', was: 'ok', reason: 'timeout' } }),
  ).toBe('Battery: answered → could not tell');
  expect(
    entryWords({
      at: 0,
      until: 7_200_000,
      band: 'link',
      kind: 'connected',
      data: { open: false, reason: null },
    }),
  ).toBe('Connected for 2 h');
});

test('a score that never moved in the range held all the time', () => {
  expect(scoreSpans([], [], 0, 30, 70)).toEqual([{ from: 0, to: 30, value: 70 }]);
});

test('a metric that stops being told is a gap of its own curve, not of the others', () => {
  const readings = [0, 1, 2, 3, 4, 5].map(minute => ({
    at: minute * MINUTE,
    stepMs: MINUTE,
    values: [5, minute === 0 || minute === 5 ? 90 : null],
  }));
  expect(toColumns(told(readings, [0]), 2, 0, 5 * MINUTE).gaps).toEqual([]);
  expect(toColumns(told(readings, [1]), 2, 0, 5 * MINUTE).gaps).toEqual([
    { from: 0, to: 5 * MINUTE, reason: 'unknown' },
  ]);
});

test('a metric read once a minute among one-second readings has no gap', () => {
  const readings = Array.from({ length: 121 }, (_, second) => ({
    at: second * 1000,
    stepMs: 1000,
    values: [second % 60 === 0 ? 80 : null],
  }));
  expect(toColumns(told(readings, [0]), 1, 0, 120_000).gaps).toEqual([]);
});

test('reasons too small to be seen stand together after the large ones', () => {
  const step = (points: number) => ({
    reason: { key: 'score.ordinary', params: {}, evidence: 'x', points },
    hazard: 'drive' as const,
    basis: 'rule' as const,
    from: 0,
    to: 0,
    gain: null,
  });
  const { large, small } = splitSteps([step(20), step(0.4), step(0.1)]);
  expect([large.length, small.length]).toEqual([1, 2]);
  expect(splitSteps([step(20), step(0.4)]).small).toEqual([]);
});
