import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import { wireText } from '../../../agent/core/outbox/outbox.ts';
import type { ScanCost, Scanner } from '../../../agent/core/scan/scan.ts';
import { due, firstCadence, type Periods, untilDue } from '../../../agent/core/snapshot/cadence.ts';
import { gapBetween, startPulse } from '../../../agent/core/snapshot/pulse.ts';
import { createReporter } from '../../../agent/core/snapshot/reporter.ts';
import { createRounds } from '../../../agent/core/snapshot/rounds.ts';
import { isBatteryLow, sampleOf } from '../../../agent/core/snapshot/sample.ts';
import { afterPending, changedFrom, fitting, hashesOf, inParts } from '../../../agent/core/snapshot/state.ts';
import { HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import { decodeFromDevice } from '../../../shared/protocol/frame.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { allHeld } from './outbox.contract.ts';
import { FakeClock } from './support/fake-clock.ts';
import { deltaFrame, hashOf, identity, okFinding, snapshotFrame } from './support/frames.ts';

const periods: Periods = { cheap: MINUTE, posture: 30 * MINUTE, heavy: 24 * HOUR };

const battery = (onAc: boolean | null, percent: number | null): Finding =>
  okFinding({ onAc, percent, healthPercent: null, worstHealthPercent: null, batteries: [] }, 'bat');

describe('the cadence', () => {
  it('runs everything once after the start, the cheap at once and the heavy away from it', () => {
    for (const random of [() => 0, () => 0.999]) {
      const first = firstCadence(1000, random);
      expect(first.cheap).toBe(1000);
      expect(first.posture).toBeLessThanOrEqual(2000);
      expect(first.heavy).toBeGreaterThanOrEqual(4000);
      expect(first.heavy).toBeLessThanOrEqual(31_000);
    }
  });

  it('spreads every period by a fifth to both sides', () => {
    const nextWith = (value: number) =>
      due({ cheap: 0, posture: 0, heavy: 0 }, 0, { periods, random: () => value, lowBattery: false }).next;
    expect(nextWith(0)).toEqual({ cheap: 48_000, posture: 24 * MINUTE, heavy: 19.2 * HOUR });
    expect(nextWith(1)).toEqual({ cheap: 72_000, posture: 36 * MINUTE, heavy: 28.8 * HOUR });
  });

  it('holds heavy checks back while the battery is low, and runs them when it no longer is', () => {
    const cadence = { cheap: 5000, posture: 9000, heavy: 0 };
    const low = due(cadence, 1000, { periods, random: () => 0.5, lowBattery: true });
    expect(low).toEqual({ costs: [], next: cadence });
    expect(untilDue(low.next, 1000, true)).toBe(4000);
    expect(due(low.next, 5000, { periods, random: () => 0.5, lowBattery: false }).costs).toEqual([
      'cheap',
      'heavy',
    ]);
  });
});

describe('rounds', () => {
  function roundsOf(clock: FakeClock, run: (ids: readonly string[]) => Promise<Findings>) {
    const costs: Record<string, ScanCost> = { a: 'cheap', b: 'posture', c: 'heavy' };
    const scanner: Scanner = { scans: Object.entries(costs).map(([id, cost]) => ({ id, cost })), run };
    return createRounds({
      scanner,
      clock,
      random: () => 0.5,
      periods: () => periods,
      lowBattery: () => false,
      found: () => {},
      ended: () => {},
    });
  }
  async function anHour(clock: FakeClock): Promise<void> {
    for (let second = 0; second < 3600; second += 1) {
      clock.advance(SECOND);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }
  }

  it('run each cost at its own pace', async () => {
    const clock = new FakeClock();
    const ran: Record<string, number> = {};
    const rounds = roundsOf(clock, ids => {
      for (const id of ids) ran[id] = (ran[id] ?? 0) + 1;
      return Promise.resolve({});
    });
    rounds.start();
    await anHour(clock);
    rounds.stop();
    expect(ran).toEqual({ a: 61, b: 2, c: 1 });
    expect(clock.waiting).toBe(0);
  });

  it('are not started again while they still run', async () => {
    const clock = new FakeClock();
    const started: string[] = [];
    const rounds = roundsOf(clock, ids => {
      started.push(...ids);
      return new Promise(() => {});
    });
    rounds.start();
    await anHour(clock);
    rounds.stop();
    expect(started).toEqual(['a', 'b', 'c']);
  });
});

describe('samples', () => {
  it('put every series in its place, unknown as null', () => {
    const findings: Findings = {
      perf: okFinding(
        {
          cpuPercent: 12.5,
          memoryTotalBytes: 3000,
          memoryUsedBytes: 1000,
          netRxBytesPerS: 1,
          netTxBytesPerS: 2,
          diskReadBytesPerS: null,
          diskWriteBytesPerS: 4,
        },
        'p',
      ),
      'disk.free': okFinding(
        {
          volumes: [
            { mount: '/data', fs: null, sizeBytes: 9, freeBytes: 8, system: false },
            { mount: '/', fs: 'ext4', sizeBytes: 100, freeBytes: 7, system: true },
          ],
        },
        'd',
      ),
      battery: battery(true, 80),
    };
    expect(sampleOf(5, findings)).toEqual([5, 12.5, 33.3, 7, 1, 2, null, 4, 80]);
    expect(sampleOf(5, { battery: battery(null, 80) })).toEqual([
      5,
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      80,
    ]);
    expect(sampleOf(5, {})).toBe(null);
  });

  it('call a battery low when it is, or may be and the device is not on mains', () => {
    expect(isBatteryLow({ battery: battery(false, 19) }, 20)).toBe(true);
    expect(isBatteryLow({ battery: battery(false, 20) }, 20)).toBe(false);
    expect(isBatteryLow({ battery: battery(true, 5) }, 20)).toBe(false);
    expect(isBatteryLow({ battery: battery(null, 5) }, 20)).toBe(true);
    expect(isBatteryLow({ battery: battery(null, 50) }, 20)).toBe(false);
    expect(isBatteryLow({ battery: battery(false, null) }, 20)).toBe(true);
    expect(isBatteryLow({ battery: battery(null, null) }, 20)).toBe(false);
    expect(isBatteryLow({ battery: battery(true, null) }, 20)).toBe(false);
    expect(isBatteryLow({}, 20)).toBe(false);
  });
});

describe('state', () => {
  it('knows what the collector will hold once everything waiting has arrived', () => {
    const a = okFinding(1, 'a');
    const b = okFinding(2, 'b');
    const held = [snapshotFrame(1, { a }), deltaFrame(2, { b })].map((frame, index) => ({
      seq: index + 1,
      kind: frame.type,
      body: JSON.stringify(frame),
    }));
    expect(afterPending({ old: 'x' }, held)).toEqual({ a: a.hash, b: b.hash });
    expect(afterPending({ old: 'x' }, held.slice(1))).toEqual({ old: 'x', b: b.hash });
  });

  it('divides findings into parts of which none is too large and none is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 500 }), { maxLength: 40 }), sizes => {
        const findings = Object.fromEntries(
          sizes.map((size, n) => [`check.n${n}`, okFinding('x'.repeat(size), `${n}`)]),
        );
        const parts = inParts(findings, 800);
        expect(Object.assign({}, ...parts)).toEqual(findings);
        for (const part of parts) expect(JSON.stringify(part).length).toBeLessThanOrEqual(800);
      }),
    );
  });

  it('says that a value was too large instead of sending it', () => {
    expect(fitting(okFinding('x'.repeat(100), 'x'), 50)).toEqual({
      status: 'failed',
      reason: 'output-too-large',
      at: 1,
      ms: 1,
      hash: hashOf('x'),
    });
  });

  it('finds what changed by hash alone', () => {
    const findings = { a: okFinding(1, 'a'), b: okFinding(2, 'b') };
    expect(changedFrom({ ...hashesOf(findings), a: 'other' }, findings)).toEqual({ a: findings.a });
  });
});

describe('the reporter', () => {
  function reporterOf(checks: string[]) {
    const outbox = memoryOutbox();
    const clock = new FakeClock(50);
    const reporter = createReporter({
      outbox,
      clock,
      checks,
      identity,
      written: () => {},
    });
    return {
      outbox,
      clock,
      reporter,
      kinds: () => allHeld(outbox).map(({ body }) => (body as { type: string }).type),
    };
  }

  it('writes nothing before the first round has ended', () => {
    const { reporter, kinds } = reporterOf(['a', 'b']);
    reporter.found({ a: okFinding(1, 'a') });
    reporter.welcomed({});
    expect(kinds()).toEqual([]);
    reporter.settle();
    expect(kinds()).toEqual(['snapshot']);
  });

  it('writes a delta while it has never been welcomed, so that nothing known is taken away', () => {
    const { reporter, kinds } = reporterOf(['a', 'b']);
    reporter.found({ a: okFinding(1, 'a') });
    reporter.settle();
    expect(kinds()).toEqual(['delta']);
    reporter.welcomed({ a: okFinding(1, 'a').hash, b: 'ffffffffffffffff' });
    expect(kinds()).toEqual(['delta']);
  });

  it('gives no new age to live load, whose answers are never compared', () => {
    const { outbox, reporter } = reporterOf(['a', 'perf']);
    reporter.found({ a: okFinding(1, 'a'), perf: okFinding({}, 'p') });
    reporter.settle();
    reporter.found({ a: { ...okFinding(1, 'a'), at: 90 }, perf: { ...okFinding({}, 'p'), at: 90 } });
    reporter.sample();
    expect(allHeld(outbox).at(-1)?.body).toMatchObject({ type: 'samples', fresh: { a: 90 } });
    expect(allHeld(outbox).at(-1)?.body).not.toHaveProperty('fresh.perf');
  });

  it('tells a figure again after six hours although it has hardly moved', () => {
    const { clock, outbox, reporter, kinds } = reporterOf(['a']);
    reporter.found({ a: okFinding(1, 'a') });
    reporter.settle();
    clock.advance(5 * HOUR);
    reporter.found({ a: okFinding(2, 'a') });
    expect(kinds()).toEqual(['delta']);
    clock.advance(2 * HOUR);
    reporter.found({ a: okFinding(3, 'a') });
    expect(kinds()).toEqual(['delta', 'delta']);
    expect(allHeld(outbox).at(-1)?.body).toMatchObject({ findings: { a: { value: 3 } } });
    clock.advance(HOUR);
    reporter.found({ a: okFinding(4, 'a') });
    expect(kinds()).toEqual(['delta', 'delta']);
  });

  it('waits with telling that a check is gone until it knows all the others', () => {
    const { reporter, kinds } = reporterOf(['a', 'b']);
    reporter.settle();
    reporter.welcomed({ a: 'f', gone: 'f' });
    reporter.found({ a: okFinding(1, 'a') });
    expect(kinds()).toEqual(['delta']);
    reporter.found({ b: okFinding(1, 'b') });
    expect(kinds()).toEqual(['delta', 'snapshot']);
  });

  it('tells which checks ran again with the same answer', () => {
    const { reporter, outbox } = reporterOf(['a']);
    reporter.settle();
    reporter.found({ a: okFinding(1, 'a', 10) });
    reporter.found({ a: okFinding(1, 'a', 20) });
    reporter.sample();
    expect(allHeld(outbox).at(-1)?.body).toEqual({ type: 'samples', at: 50, rows: [], fresh: { a: 20 } });
    const before = outbox.frames;
    reporter.sample();
    expect(outbox.frames).toBe(before);
  });

  it('tells a person signing in with the next delta', () => {
    const { reporter, outbox } = reporterOf(['a']);
    reporter.settle();
    reporter.found({ a: okFinding(1, 'a') });
    reporter.identify({ ...identity, person: 'someone' });
    expect(allHeld(outbox).at(-1)?.body).toMatchObject({
      type: 'delta',
      findings: {},
      identity: { person: 'someone' },
    });
  });

  it('writes a state of any size in frames that the protocol accepts', () => {
    const { reporter, outbox } = reporterOf([]);
    const large = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`check.n${n}`, okFinding('ü'.repeat(15_000), `${n}`)]),
    );
    reporter.settle();
    reporter.welcomed({});
    reporter.found(large);
    const kinds: string[] = [];
    for (let frame = outbox.after(0); frame !== null; frame = outbox.after(frame.seq)) {
      const text = wireText(frame, 0);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.frameBytes);
      expect(decodeFromDevice(text).ok).toBe(true);
      kinds.push(frame.kind);
    }
    expect(kinds[0]).toBe('snapshot');
    expect(kinds.length).toBeGreaterThan(4);
  });
});

describe('the clocks', () => {
  const at = (wall: number, monotonic: number, uptime: number | null) => ({ wall, monotonic, uptime });

  it.each([
    ['nothing happened', at(30_000, 30_000, 30_000), { sleptMs: 0, jumpMs: 0 }],
    ['sleep, monotonic clock stood still', at(630_000, 30_000, 630_000), { sleptMs: 600_000, jumpMs: 0 }],
    ['sleep, monotonic clock ran on', at(630_000, 630_000, 630_000), { sleptMs: 600_000, jumpMs: 0 }],
    ['the clock was set forward', at(630_000, 30_000, 30_000), { sleptMs: 0, jumpMs: 600_000 }],
    ['the clock was set back', at(-3_570_000, 30_000, 30_000), { sleptMs: 0, jumpMs: -3_600_000 }],
    ['sleep, uptime unknown', at(630_000, 30_000, null), { sleptMs: 600_000, jumpMs: 0 }],
    ['the clock was set back, uptime unknown', at(0, 30_000, null), { sleptMs: 0, jumpMs: -30_000 }],
  ])('%s', (_name, after, gap) => {
    expect(gapBetween(at(0, 0, after.uptime === null ? null : 0), after, 30_000)).toEqual(gap);
  });

  it('are looked at every half minute until told to stop', () => {
    const clock = new FakeClock();
    const gaps: unknown[] = [];
    const stop = startPulse({ clock, uptimeMs: () => null, noticed: gap => gaps.push(gap) });
    clock.advance(10 * MINUTE);
    expect(gaps).toEqual([]);
    clock.jumpWall(HOUR);
    clock.advance(30 * SECOND);
    expect(gaps).toEqual([{ sleptMs: HOUR, jumpMs: 0 }]);
    stop();
    expect(clock.waiting).toBe(0);
  });
});
