import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../../agent/core/snapshot/sample.ts';
import { companyOf, type Plot } from '../../../build/demo/company.ts';
import { storyScanner, tellerOf } from '../../../build/demo/findings.ts';
import { type Story, storyOf } from '../../../build/demo/story.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import { isScanId, SCAN_IDS, type ScanId, scanValues } from '../../../shared/device/facts.ts';
import { finding } from '../../../shared/device/finding.ts';
import { sampleRow } from '../../../shared/protocol/samples.ts';

const ANCHOR = Date.UTC(2026, 10, 22, 3, 17, 42);
const { fleet, absent } = companyOf(20);
const stories = [...fleet, ...absent].map(device => storyOf(device, ANCHOR));
const storyIn = (plot: Plot): Story => stories.find(({ device }) => device.plot === plot)!;
const anyStory = fc.constantFrom(...stories);
/** Five weeks around the present of the stories. */
const anyTime = fc.integer({ min: ANCHOR - 21 * DAY, max: ANCHOR + 14 * DAY });

function told<Id extends ScanId>(story: Story, id: Id, t: number) {
  const outcome = story.outcome(id, t);
  if (outcome.status !== 'ok') throw new Error(`${id} has no value: ${outcome.reason}`);
  return outcome.value;
}

/** Every `step` from `from` to `to` after the anchor. */
const during = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) }, (_, i) => ANCHOR + from + i * step);

describe('stories', () => {
  it('answer every check at any time with something that fits its schema', () => {
    fc.assert(
      fc.property(anyStory, anyTime, fc.constantFrom(...SCAN_IDS), (story, t, id) => {
        const outcome = story.outcome(id, t);
        if (outcome.status === 'ok') expect(scanValues[id].parse(outcome.value)).toEqual(outcome.value);
      }),
      { numRuns: 3000 },
    );
  });

  it('give readings that fit the live series at any time', () => {
    fc.assert(
      fc.property(anyStory, anyTime, (story, t) => {
        expect(sampleRow.safeParse(story.reading(t)).error).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('say the same of a moment whenever and in whatever order they are asked', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: stories.length - 1 }),
        fc.array(anyTime, { minLength: 1, maxLength: 4 }),
        (n, times) => {
          const { device } = stories[n]!;
          const toldIn = (order: readonly number[]) => {
            const story = storyOf(device, ANCHOR);
            const said = new Map(
              order.map(t => [t, [story.reading(t), SCAN_IDS.map(id => story.outcome(id, t))]]),
            );
            return times.map(t => said.get(t));
          };
          expect(toldIn(times)).toEqual(toldIn(times.toReversed()));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('read the live series from the same numbers as the checks', () => {
    fc.assert(
      fc.property(anyStory, anyTime, (story, t) => {
        expect(sampleOf(t, tellerOf(story).all(t))).toEqual(story.reading(t));
      }),
      { numRuns: 300 },
    );
  });

  it('report only what changed between two moments', () => {
    const teller = tellerOf(storyIn('firewall-toggled'));
    teller.all(ANCHOR + MINUTE);
    expect(teller.changes(ANCHOR + MINUTE)).toEqual({});
    const { 'fw.enabled': firewall } = teller.changes(ANCHOR + 3 * MINUTE);
    expect(finding.parse(firewall)).toMatchObject({ status: 'ok', value: { enabled: false } });
  });

  it('answer the same fingerprints through the real scanner as when the past is told', async () => {
    const t = ANCHOR + 90 * SECOND;
    for (const plot of ['well', 'agent-without-rights', 'build-newer-than-table', 'two-batteries'] as const) {
      const story = storyIn(plot);
      const clock = {
        now: () => t,
        monotonic: () => 0,
        // What waits for its cost goes on at once; time limits, the longer waits, never end.
        after: (ms: number, run: () => void) => {
          if (ms < 5 * SECOND) queueMicrotask(run);
          return () => undefined;
        },
      };
      const scanner = storyScanner(story, clock);
      const scanned = await scanner.run(SCAN_IDS, new AbortController().signal);
      const findings = tellerOf(story).all(t);
      expect(Object.keys(scanned).filter(isScanId)).toHaveLength(SCAN_IDS.length);
      for (const id of SCAN_IDS)
        expect(scanned[id], `${plot} ${id}`).toMatchObject({ hash: findings[id]?.hash });
    }
  });
});

describe('rhythm', () => {
  it('has every machine with an agent at work when the demo begins', () => {
    for (const { device, rhythm } of stories) {
      if (device.plot === 'away' || device.plot === 'lost' || device.plot === 'lid-opens-and-closes')
        continue;
      expect(rhythm.at(ANCHOR), device.name).not.toBeNull();
      expect(rhythm.at(ANCHOR + 2 * MINUTE), device.name).not.toBeNull();
    }
  });

  it('lets laptops sleep at night and desktops run', () => {
    const night = ANCHOR - 8 * HOUR;
    for (const { device, rhythm } of stories) {
      if (device.form === 'laptop') expect(rhythm.at(night), device.name).toBeNull();
      else expect(rhythm.at(night), device.name).not.toBeNull();
    }
  });

  it('never has a machine run twice at once, and knows its last start', () => {
    fc.assert(
      fc.property(anyStory, anyTime, ({ rhythm }, t) => {
        const sessions = rhythm.between(t, t + 3 * DAY);
        sessions.forEach((session, i) => {
          expect(session.to).toBeGreaterThan(session.from);
          if (i > 0) expect(session.from).toBeGreaterThanOrEqual(sessions[i - 1]!.to);
        });
        expect(rhythm.bootAt(t)).toBeLessThanOrEqual(t);
      }),
      { numRuns: 400 },
    );
  });

  it('keeps the charge of a laptop between empty and full', () => {
    fc.assert(
      fc.property(anyStory, anyTime, ({ rhythm }, t) => {
        const { percent } = rhythm.power(t);
        expect(percent).toBeGreaterThanOrEqual(3);
        expect(percent).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('what is the matter', () => {
  it('fills one disk within minutes and another over days', () => {
    const now = storyIn('disk-filling-now');
    const free = during(0, 14 * MINUTE, 10 * SECOND).map(t => now.reading(t)[3] ?? 0);
    expect(Math.max(...free)).toBeGreaterThan(55e9);
    expect(Math.min(...free)).toBeLessThan(3e9);
    const days = storyIn('disk-filling-for-days');
    const daily = [-6, -4, -2, 0].map(day => days.reading(ANCHOR + day * DAY)[3] ?? 0);
    expect(daily).toEqual(daily.toSorted((a, b) => b - a));
    expect((daily[0] ?? 0) - (daily[3] ?? 0)).toBeGreaterThan(40e9);
  });

  it('switches one firewall off and on every few minutes', () => {
    const story = storyIn('firewall-toggled');
    const enabled = during(0, 10 * MINUTE, 10 * SECOND).map(t => told(story, 'fw.enabled', t).enabled);
    const switched = enabled.filter((on, i) => i > 0 && on !== enabled[i - 1]);
    expect(switched.length).toBeGreaterThanOrEqual(3);
  });

  it('wears a battery out over the days', () => {
    const story = storyIn('battery-wearing');
    const before = told(story, 'battery', ANCHOR - 8 * DAY).healthPercent ?? 0;
    const now = told(story, 'battery', ANCHOR).healthPercent ?? 0;
    expect(before - now).toBeGreaterThan(5);
  });

  it('restarts one machine again and again', () => {
    const { rhythm } = storyIn('crash-storm');
    const crashes = (from: number, to: number) =>
      rhythm.between(from, to).filter(({ begin }) => begin === 'boot-after-crash').length;
    expect(crashes(ANCHOR - 10 * DAY, ANCHOR)).toBeGreaterThan(14);
    expect(crashes(ANCHOR, ANCHOR + HOUR)).toBeGreaterThanOrEqual(3);
  });

  it('drops the network of one machine every minute or so', () => {
    const { rhythm } = storyIn('network-flaps');
    const drops = rhythm.linkDrops(ANCHOR, ANCHOR + 10 * MINUTE);
    expect(drops.length).toBeGreaterThanOrEqual(8);
    for (const { from, to } of drops) expect(to - from).toBeLessThan(15 * SECOND);
  });

  it('finishes encrypting a disk within the hour', () => {
    const story = storyIn('encrypting-now');
    expect(told(story, 'disk.encryption', ANCHOR - HOUR).systemVolume).toBe('off');
    expect(told(story, 'disk.encryption', ANCHOR).systemVolume).toBe('encrypting');
    expect(told(story, 'disk.encryption', ANCHOR + HOUR).systemVolume).toBe('on');
  });

  it('has two batteries in one machine and none in a desktop', () => {
    expect(told(storyIn('two-batteries'), 'battery', ANCHOR).batteries).toHaveLength(2);
    expect(storyIn('drive-warning').outcome('battery', ANCHOR)).toEqual({
      status: 'absent',
      reason: 'not-present',
    });
  });

  it('says why where it cannot tell', () => {
    const reason = (plot: Plot, id: ScanId) => {
      const outcome = storyIn(plot).outcome(id, ANCHOR);
      return outcome.status === 'ok' ? 'told' : `${outcome.status}: ${outcome.reason}`;
    };
    expect(reason('build-newer-than-table', 'os.support')).toBe('unsupported: newer-than-table');
    expect(reason('checks-time-out', 'disk.health')).toBe('failed: timeout');
    expect(reason('battery-not-told', 'battery')).toBe('failed: no-output');
    expect(reason('firewall-not-permitted', 'fw.enabled')).toBe('failed: not-permitted');
    expect(reason('constrained-shell', 'disk.encryption')).toBe('failed: constrained-language');
  });
});
