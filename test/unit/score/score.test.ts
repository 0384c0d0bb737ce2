import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsOfFinding, claimsOfIdentity } from '../../../collector/merge/from-agent.ts';
import { merge } from '../../../collector/merge/merge.ts';
import { daysToFull } from '../../../collector/score/rules.ts';
import { scoreOf } from '../../../collector/score/score.ts';
import { DAY } from '../../../shared/base/durations.ts';
import type { FieldKey, FieldValue, MergedRecord } from '../../../shared/device/device.ts';
import { probabilityOfScore, scoreOfProbability } from '../../../shared/score/score.ts';
import { GIB, healthyFindings, identity } from '../../support/records.ts';

const now = Date.parse('2026-11-22T10:00:00Z');

function healthy(): MergedRecord {
  let record = merge({}, claimsOfIdentity(identity(), now));
  for (const [scan, finding] of Object.entries(healthyFindings(now))) {
    record = merge(record, claimsOfFinding(scan, finding, now, record));
  }
  return record;
}

function having(
  record: MergedRecord,
  changes: Partial<Record<FieldKey, FieldValue | null>>,
  receivedAt = now,
): MergedRecord {
  const changed = { ...record };
  for (const [key, value] of Object.entries(changes) as [FieldKey, FieldValue | null][]) {
    changed[key] = { source: 'agent', value, observedAt: receivedAt, receivedAt };
  }
  return changed;
}

const anyRecord = fc
  .record({
    'disk.health': fc.constantFrom('healthy', 'warning', 'unhealthy', null),
    'disk.worstWearPercent': fc.option(fc.integer({ min: 0, max: 255 })),
    'disk.systemFreePercent': fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
    'disk.systemFreeBytes': fc.option(fc.double({ min: 0, max: 4e12, noNaN: true })),
    'battery.present': fc.option(fc.boolean()),
    'battery.healthPercent': fc.option(fc.integer({ min: 0, max: 100 })),
    'battery.cycleCount': fc.option(fc.integer({ min: 0, max: 3000 })),
    'boot.at': fc.option(fc.integer({ min: now - 400 * DAY, max: now })),
    'perf.memoryUsedPercent': fc.option(fc.double({ min: 0, max: 100, noNaN: true })),
    'reboot.pending': fc.option(fc.boolean()),
    'os.supported': fc.option(fc.boolean()),
    'os.supportEnd': fc.option(fc.constantFrom('2026-11-24', '2026-12-10', '2029-01-01')),
    'encryption.system': fc.constantFrom('on', 'off', 'suspended', 'encrypting', 'decrypting', null),
    'firewall.enabled': fc.option(fc.boolean()),
  })
  .chain(values =>
    fc
      .integer({ min: 0, max: 60 })
      .map(age => having({}, values as Partial<Record<FieldKey, FieldValue>>, now - age * DAY)),
  );

describe('the scale', () => {
  it('is one-to-one between probability and score', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), p => {
        expect(probabilityOfScore(scoreOfProbability(p))).toBeCloseTo(p, 9);
      }),
    );
  });

  it('has the published fixed points', () => {
    const rounded = [0.003, 0.01, 0.022, 0.05, 0.1, 0.117, 0.3].map(p => Math.round(scoreOfProbability(p)));
    expect(rounded).toEqual([94, 85, 75, 61, 48, 45, 26]);
  });
});

describe('the score of a record', () => {
  it('adds up: hazards to 100 minus the score, reasons to their hazard', () => {
    fc.assert(
      fc.property(anyRecord, record => {
        const score = scoreOf(record, now);
        const exact = scoreOfProbability(score.p);
        expect(exact).toBeGreaterThanOrEqual(0);
        expect(exact).toBeLessThanOrEqual(100);
        const lost = score.hazards.reduce((sum, hazard) => sum + hazard.points, 0);
        expect(Math.abs(lost - (100 - exact))).toBeLessThan(1e-9);
        for (const hazard of score.hazards) {
          const reasons = hazard.reasons.reduce((sum, reason) => sum + reason.points, 0);
          expect(Math.abs(reasons - hazard.points)).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('never rises when one thing gets worse', () => {
    const worse: Partial<Record<FieldKey, FieldValue>>[] = [
      { 'disk.health': 'unhealthy' },
      { 'disk.systemFreePercent': 1, 'disk.systemFreeBytes': GIB },
      { 'firewall.enabled': false },
      { 'encryption.system': 'off' },
      { 'os.supported': false },
      { 'reboot.pending': true },
      { 'battery.healthPercent': 20, 'battery.present': true },
    ];
    const base = healthy();
    const before = scoreOf(base, now).value ?? Number.NaN;
    for (const change of worse) {
      expect(scoreOf(having(base, change), now).value ?? Number.NaN, JSON.stringify(change)).toBeLessThan(
        before,
      );
    }
  });

  it('is high for a healthy device and names the dearest reason of a sick one', () => {
    expect(scoreOf(healthy(), now).value).toBeGreaterThan(90);
    const sick = scoreOf(having(healthy(), { 'disk.health': 'unhealthy' }), now);
    expect(sick.value).toBeLessThan(45);
    const reasons = sick.hazards.flatMap(hazard => hazard.reasons).sort((a, b) => b.points - a.points);
    expect(reasons[0]).toMatchObject({ key: 'score.drive.unhealthy', evidence: 'disk.health' });
  });

  it('is withheld when fewer than three hazards are known, and unknown never counts as healthy', () => {
    const empty = scoreOf({}, now);
    expect(empty.value).toBeNull();
    expect(empty.coverage).toEqual({ fresh: 0, of: 5 });
    expect(empty.p).toBeGreaterThan(scoreOf(healthy(), now).p);
  });

  it('fades to the fleet average as knowledge ages', () => {
    const week = 7 * DAY;
    const p = [0, 1, 2, 8].map(weeks => scoreOf(having(healthy(), {}), now + weeks * week).p);
    expect(p).toEqual([...p].sort((a, b) => a - b));
    expect(scoreOf(healthy(), now + 8 * week).value).toBeNull();
  });

  it('holds no battery against a device that has none', () => {
    const desktop = scoreOf(
      having(healthy(), { 'battery.present': false, 'battery.healthPercent': null }),
      now,
    );
    expect(desktop.hazards.find(hazard => hazard.id === 'battery')).toMatchObject({
      p: 0,
      points: 0,
      coverage: 1,
    });
  });

  it('gives the same bytes for the same input', () => {
    expect(JSON.stringify(scoreOf(healthy(), now))).toBe(JSON.stringify(scoreOf(healthy(), now)));
  });
});

describe('days until the disk is full', () => {
  const readings = (freePerDay: readonly number[]): string[] =>
    freePerDay.map(
      (free, i) => `${new Date(now - (freePerDay.length - 1 - i) * DAY).toISOString().slice(0, 10)}=${free}`,
    );

  it('follow the median daily pace', () => {
    expect(daysToFull(readings([100, 90, 80, 70, 60, 50]), now)).toBeCloseTo(5, 5);
  });

  it('are not told from a few days or without a downward trend', () => {
    expect(daysToFull(readings([100, 50, 10]), now)).toBeNull();
    expect(daysToFull(readings([10, 20, 30, 40, 50, 60]), now)).toBeNull();
  });

  it('are not thrown off by one great clean-up', () => {
    expect(daysToFull(readings([100, 90, 80, 95, 85, 75, 65]), now) ?? 0).toBeLessThan(20);
  });
});

describe('what systems contradict each other in', () => {
  const says = (record: MergedRecord, field: FieldKey, value: FieldValue): MergedRecord => {
    const known = record[field];
    const claim = { source: 'intune' as const, value, observedAt: now, receivedAt: now };
    return { ...record, [field]: known === undefined ? claim : { ...known, rivals: [claim] } };
  };
  const reasonsOf = (record: MergedRecord) =>
    scoreOf(record, now).hazards.flatMap(({ id, reasons }) =>
      reasons.map(({ key, params }) => [id, key, params]),
    );

  it('costs points where it puts protection in doubt, more of them the more of it there is', () => {
    const doubted = says(healthy(), 'encryption.system', 'off');
    expect(reasonsOf(doubted)).toContainEqual(['compliance', 'score.compliance.contradicted', { count: 1 }]);
    expect(scoreOf(doubted, now).value ?? 0).toBeLessThan(scoreOf(healthy(), now).value ?? 0);
    const more = says(doubted, 'edr.lastSeenAt', now - 30 * DAY);
    expect(reasonsOf(more)).toContainEqual(['compliance', 'score.compliance.contradicted', { count: 2 }]);
    expect(scoreOf(more, now).value ?? 0).toBeLessThan(scoreOf(doubted, now).value ?? 0);
  });

  it('costs nothing where it only doubts that the records are of one device', () => {
    const doubted = says(healthy(), 'hardware.serial', 'ANOTHER-ONE');
    expect(scoreOf(doubted, now).value).toBe(scoreOf(healthy(), now).value);
  });
});
