import { describe, expect, it } from 'vitest';
import { type TimelineInput, timelineOf } from '../../../collector/http/timeline.ts';
import type { HistoryEntry, StoredEvent } from '../../../collector/store/store.ts';
import { timelineResponse } from '../../../shared/api/schemas.ts';
import type { Finding } from '../../../shared/device/finding.ts';
import type { Score } from '../../../shared/score/score.ts';

const collector = (at: number, kind: string, data: StoredEvent['data'] = {}): StoredEvent => ({
  at,
  by: 'collector',
  kind,
  data,
});
const device = (at: number, kind: string, data: StoredEvent['data'] = {}): StoredEvent => ({
  at,
  by: 'device',
  kind,
  data,
});
const up = (at: number) => collector(at, 'link-up');
const down = (at: number, reason?: string) =>
  collector(at, 'link-down', reason === undefined ? {} : { reason });

/** Times in the tests are minutes, so that the five seconds of tolerance do not blur them. */
const MIN = 60_000;

function timeline(change: Partial<TimelineInput> & { from?: number; to?: number; now?: number }) {
  const { from = 0, to = 100 * MIN, now = 1000 * MIN, ...input } = change;
  return timelineResponse.parse(
    timelineOf({
      events: [],
      history: [],
      before: null,
      collectorGaps: [],
      range: { from, to, now },
      ...input,
    }),
  );
}

function gaps(events: StoredEvent[], change: Parameters<typeof timeline>[0] = {}) {
  return timeline({ events, ...change }).gaps.map(gap => `${gap.from / MIN}-${gap.to / MIN} ${gap.reason}`);
}

function ok(value: unknown, hash: string): Finding {
  return { status: 'ok', value, at: 1, ms: 1, hash: hash.repeat(16) };
}

function scored(value: number | null): Score {
  return { model: 'rules', value, p: 0.1, hazards: [], coverage: { fresh: 5, of: 5 }, at: 1 };
}

function entry(at: number, change: Partial<HistoryEntry>): HistoryEntry {
  return { at, full: false, findings: {}, removed: [], score: null, ...change };
}

describe('links', () => {
  it('are spans from up to down, cut at the range, the last one open', () => {
    const { entries } = timeline({
      events: [up(-10 * MIN), down(20 * MIN, 'silent'), up(30 * MIN)],
    });
    expect(entries).toEqual([
      { at: 0, until: 20 * MIN, band: 'link', kind: 'connected', data: { open: false, reason: 'silent' } },
      { at: 30 * MIN, until: 100 * MIN, band: 'link', kind: 'connected', data: { open: true, reason: null } },
    ]);
  });

  it('say nothing about the future', () => {
    const { entries, gaps: unknown } = timeline({ events: [up(0)], now: 40 * MIN });
    expect(entries).toMatchObject([{ at: 0, until: 40 * MIN }]);
    expect(unknown).toEqual([]);
    expect(gaps([up(0), down(10 * MIN, 'closed')], { now: 40 * MIN })).toEqual(['10-40 offline']);
  });

  it('that are followed by another without an end were taken over', () => {
    const { entries, gaps: unknown } = timeline({ events: [up(0), up(50 * MIN)] });
    expect(entries.map(({ at, until }) => [at, until])).toEqual([
      [0, 50 * MIN],
      [50 * MIN, 100 * MIN],
    ]);
    expect(unknown).toEqual([]);
  });

  it('outside the range are left out', () => {
    const { entries } = timeline({ events: [up(0), down(5 * MIN)], from: 10 * MIN });
    expect(entries).toEqual([]);
  });
});

describe('gaps', () => {
  it('are everything when nothing is known', () => {
    expect(gaps([])).toEqual(['0-100 unknown']);
  });

  it('before the first connection have no reason', () => {
    expect(gaps([up(30 * MIN)])).toEqual(['0-30 unknown']);
  });

  it('are offline when the link just ended', () => {
    expect(gaps([up(0), down(20 * MIN, 'silent'), up(40 * MIN)])).toEqual(['20-40 offline']);
  });

  it('are sleep when the device said so in leaving', () => {
    expect(gaps([up(0), down(20 * MIN, 'goodbye-sleeping'), up(40 * MIN)])).toEqual(['20-40 asleep']);
  });

  it('are sleep when the device told of it only afterwards', () => {
    const events = [
      up(0),
      device(18 * MIN, 'sleep'),
      down(20 * MIN, 'silent'),
      device(39 * MIN, 'wake'),
      up(40 * MIN),
    ];
    expect(gaps(events)).toEqual(['20-40 asleep']);
  });

  it('are not sleep when the device had woken before', () => {
    const events = [
      up(0),
      device(5 * MIN, 'sleep'),
      device(6 * MIN, 'wake'),
      down(20 * MIN, 'silent'),
      up(40 * MIN),
    ];
    expect(gaps(events)).toEqual(['20-40 offline']);
  });

  it.each(['goodbye-stopping', 'goodbye-updating', 'goodbye-re-enrolling'])(
    'are the agent’s after %s',
    reason => {
      expect(gaps([up(0), down(20 * MIN, reason)])).toEqual(['20-100 agent-stopped']);
    },
  );

  it('are the agent’s when it wrote that it stops', () => {
    expect(gaps([up(0), device(19 * MIN, 'agent-stopping'), down(20 * MIN, 'closed')])).toEqual([
      '20-100 agent-stopped',
    ]);
  });

  it('are the collector’s while it did not run, though no link’s end was written down', () => {
    const events = [up(0), up(45 * MIN)];
    expect(gaps(events, { collectorGaps: [{ from: 20 * MIN, to: 44 * MIN }] })).toEqual([
      '20-44 collector-stopped',
      '44-45 offline',
    ]);
  });

  it('are the collector’s from its goodbye on', () => {
    const events = [up(0), down(20 * MIN, 'collector-stopping'), up(45 * MIN)];
    expect(gaps(events, { collectorGaps: [{ from: 20 * MIN + 5, to: 45 * MIN }] })).toEqual([
      '20-45 collector-stopped',
    ]);
  });

  it('stay sleep around a restart of the collector', () => {
    const events = [up(0), down(20 * MIN, 'goodbye-sleeping'), up(60 * MIN)];
    expect(gaps(events, { collectorGaps: [{ from: 30 * MIN, to: 31 * MIN }] })).toEqual([
      '20-30 asleep',
      '30-31 collector-stopped',
      '31-60 asleep',
    ]);
  });

  it('are cut at the range', () => {
    expect(gaps([up(-50 * MIN), down(-20 * MIN, 'closed'), up(30 * MIN), down(90 * MIN, 'closed')])).toEqual([
      '0-30 offline',
      '90-100 offline',
    ]);
  });

  it('together with the links fill the range exactly, without overlap', () => {
    // Deterministic noise: every kind of event in an order nobody would write down.
    const kinds = ['link-up', 'link-down', 'sleep', 'wake', 'boot', 'agent-stopping', 'viewed'];
    for (let seed = 1; seed <= 200; seed += 1) {
      let state = seed;
      const next = (below: number) => {
        state = (state * 1103515245 + 12345) % 2147483648;
        return state % below;
      };
      const times = Array.from({ length: 20 }, () => next(120) * MIN - 10 * MIN).toSorted((a, b) => a - b);
      const events = times.map(at => {
        const kind = kinds[next(kinds.length)] ?? 'boot';
        return kind.startsWith('link') ? collector(at, kind) : device(at, kind);
      });
      const start = next(100) * MIN;
      const answer = timeline({ events, collectorGaps: [{ from: start, to: start + 7 * MIN }] });
      const spans = [
        ...answer.entries
          .filter(one => one.band === 'link')
          .map(one => [one.at, one.until ?? one.at] as const),
        ...answer.gaps.map(gap => [gap.from, gap.to] as const),
      ]
        .filter(([from, to]) => from < to)
        .toSorted((a, b) => a[0] - b[0]);
      let reached = 0;
      for (const [from, to] of spans) {
        expect([seed, from]).toEqual([seed, reached]);
        reached = to;
      }
      expect([seed, reached]).toEqual([seed, 100 * MIN]);
    }
  });
});

describe('power', () => {
  it('shows sleep as a span until the wake', () => {
    const { entries } = timeline({
      events: [device(10 * MIN, 'sleep'), device(30 * MIN, 'wake'), device(50 * MIN, 'boot')],
    });
    expect(entries).toEqual([
      { at: 10 * MIN, until: 30 * MIN, band: 'power', kind: 'asleep', data: { open: false } },
      { at: 50 * MIN, band: 'power', kind: 'boot', data: {} },
    ]);
  });

  it('shows a sleep that began before the range, and one that has not ended', () => {
    const { entries } = timeline({
      events: [device(-5 * MIN, 'sleep'), device(10 * MIN, 'wake'), device(80 * MIN, 'sleep')],
    });
    expect(entries).toEqual([
      { at: 0, until: 10 * MIN, band: 'power', kind: 'asleep', data: { open: false } },
      { at: 80 * MIN, until: 100 * MIN, band: 'power', kind: 'asleep', data: { open: true } },
    ]);
  });

  it('knows a sleep from the wake that tells how long it took', () => {
    const events = [device(50 * MIN, 'wake', { sleptMs: 20 * MIN })];
    expect(timeline({ events }).entries).toEqual([
      { at: 30 * MIN, until: 50 * MIN, band: 'power', kind: 'asleep', data: { open: false } },
    ]);
    const told = [device(30 * MIN, 'sleep'), ...events];
    expect(timeline({ events: told }).entries).toHaveLength(1);
  });

  it('shows a wake whose sleep nobody told of', () => {
    expect(timeline({ events: [device(10 * MIN, 'wake')] }).entries).toEqual([
      { at: 10 * MIN, band: 'power', kind: 'wake', data: {} },
    ]);
  });
});

describe('people and agent', () => {
  it('have their own bands', () => {
    const { entries } = timeline({
      events: [
        collector(1 * MIN, 'viewed', { name: 'Ann', until: 4 * MIN }),
        device(2 * MIN, 'clock-jump', { jumpMs: -3600000 }),
        collector(3 * MIN, 'duplicate-identity', { other: 'd2' }),
      ],
    });
    expect(entries.map(({ band, kind, at, until }) => [band, kind, at, until])).toEqual([
      ['people', 'viewed', 1 * MIN, 4 * MIN],
      ['agent', 'clock-jump', 2 * MIN, undefined],
      ['agent', 'duplicate-identity', 3 * MIN, undefined],
    ]);
  });
});

describe('findings', () => {
  it('show the first report as one entry, then what changed, from what to what', () => {
    const { entries } = timeline({
      history: [
        entry(1 * MIN, {
          full: true,
          findings: { 'fw.enabled': ok({ enabled: true, product: 'pf' }, 'a'), battery: ok({}, 'b') },
        }),
        entry(2 * MIN, { findings: { 'fw.enabled': ok({ enabled: false, product: 'pf' }, 'c') } }),
        entry(3 * MIN, {
          findings: {
            'fw.enabled': { status: 'failed', reason: 'timeout', at: 1, ms: 1, hash: 'd'.repeat(16) },
          },
          removed: ['battery', 'never-there'],
        }),
      ],
    });
    expect(entries.map(({ kind, data }) => [kind, data])).toEqual([
      ['first-report', { checks: 2 }],
      ['changed', { check: 'fw.enabled', status: 'ok', was: 'ok', 'to.enabled': false, 'was.enabled': true }],
      ['changed', { check: 'fw.enabled', status: 'failed', was: 'ok', reason: 'timeout' }],
      ['removed', { check: 'battery' }],
    ]);
  });

  it('do not show a whole state as changes when nothing changed', () => {
    const findings = { battery: ok({ percent: 50 }, 'a') };
    const { entries } = timeline({
      before: { findings, score: null },
      history: [entry(5 * MIN, { full: true, findings })],
    });
    expect(entries).toEqual([]);
  });

  it('that are no longer in a whole state are gone', () => {
    const { entries } = timeline({
      before: { findings: { battery: ok({}, 'a'), perf: ok({}, 'b') }, score: null },
      history: [entry(5 * MIN, { full: true, findings: { perf: ok({}, 'b') } })],
    });
    expect(entries).toEqual([{ at: 5 * MIN, band: 'findings', kind: 'removed', data: { check: 'battery' } }]);
  });
});

describe('the score', () => {
  it('moves by whole points, and could-not-tell is a move too', () => {
    const values = [80.2, 80.4, 71.6, null, 71.6];
    const { entries } = timeline({
      before: { findings: {}, score: scored(80) },
      history: values.map((value, n) => entry((n + 1) * MIN, { score: scored(value) })),
    });
    expect(entries.map(({ at, kind, data }) => [at / MIN, kind, data])).toEqual([
      [3, 'moved', { value: 72, was: 80 }],
      [4, 'moved', { value: null, was: 72 }],
      [5, 'first-score', { value: 72, was: null }],
    ]);
  });
});

describe('entries', () => {
  it('come in the order of time whatever band they are of', () => {
    const { entries } = timeline({
      events: [up(10 * MIN), collector(30 * MIN, 'viewed', { name: 'Ann' })],
      before: { findings: {}, score: null },
      history: [entry(20 * MIN, { findings: { battery: ok({}, 'a') }, score: scored(50) })],
    });
    expect(entries.map(one => one.at)).toEqual([10, 20, 20, 30].map(minutes => minutes * MIN));
  });
});
