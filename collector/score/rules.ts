import { DAY } from '../../shared/base/durations.ts';
import { CONTRADICTION_RULES, knownContradictions } from '../../shared/device/contradiction.ts';
import type { FieldKey, MergedRecord } from '../../shared/device/device.ts';
import { listOf, numberOf, textOf } from '../../shared/device/read-record.ts';
import type { HazardId, ScoreReason } from '../../shared/score/score.ts';

/*
 * The first score: simple rules, marked as rules. The probabilities are judgements in the order of magnitude that
 * published data supports (annual drive failure about 1.5 %: Backblaze; support ends: exact dates) and have not been
 * validated on outcomes; they are replaced by calibrated models hazard by hazard without changing the shape.
 */
export const RULES_VERSION = 'rules-2';

/** One term of a hazard: adds `p` (probability within 14 days, as if alone) with a reason. */
export interface Term {
  readonly p: number;
  readonly reason: Omit<ScoreReason, 'points'>;
}

export interface HazardRule {
  readonly id: HazardId;
  /** Fleet average, used as far as nothing is known: probability within 14 days. */
  readonly prior: number;
  /** What is left when everything known is good. */
  readonly base: number;
  /** Fields it needs; their share that is known is the coverage. */
  readonly needs: readonly FieldKey[];
  terms(record: MergedRecord, now: number): Term[];
  /** The hazard cannot happen on this device (no battery, no battery failure). */
  excluded?(record: MergedRecord): boolean;
}

const GIB = 1024 ** 3;

/** Contradictions that put a device itself in doubt: protection that may not be there, a manager or sensor that has gone silent. */
const PROTECTION_DOUBTS: ReadonlySet<string> = new Set(
  CONTRADICTION_RULES.filter(({ weight, doubtsMatch }) => weight === 'high' && doubtsMatch !== true).map(
    ({ id }) => id,
  ),
);

export const HAZARD_RULES: readonly HazardRule[] = [
  {
    id: 'drive',
    prior: 0.0015,
    base: 0.0005,
    needs: ['disk.health', 'disk.worstWearPercent'],
    terms: record => {
      const terms: Term[] = [];
      const health = textOf(record, 'disk.health');
      const device = textOf(record, 'disk.worstName') ?? '';
      if (health === 'unhealthy') terms.push(term(0.25, 'score.drive.unhealthy', { device }, 'disk.health'));
      if (health === 'warning') terms.push(term(0.08, 'score.drive.warning', { device }, 'disk.health'));
      const wear = numberOf(record, 'disk.worstWearPercent');
      if (wear !== null && wear >= 80) {
        const p = wear >= 100 ? 0.03 : 0.008;
        terms.push(term(p, 'score.drive.wear', { device, percent: Math.round(wear) }, 'disk.health'));
      }
      const errors = numberOf(record, 'disk.errors');
      // Backblaze: drives with any count fail several times as often as those with none; most of them still live long.
      if (errors !== null && errors > 0) {
        terms.push(
          term(errors > 100 ? 0.03 : 0.006, 'score.drive.errors', { device, count: errors }, 'disk.health'),
        );
      }
      return terms;
    },
  },
  {
    id: 'disk-full',
    prior: 0.004,
    base: 0.0002,
    needs: ['disk.systemFreePercent', 'disk.systemFreeBytes'],
    terms: (record, now) => {
      const percent = numberOf(record, 'disk.systemFreePercent');
      const bytes = numberOf(record, 'disk.systemFreeBytes');
      if (percent === null || bytes === null) return [];
      const terms: Term[] = [];
      const gib = bytes / GIB;
      // Both must be low: 5 % of a 4 TB disk is plenty, 20 GiB of a 64 GB tablet too.
      const level =
        percent < 2 && gib < 10 ? 0.5 : percent < 5 && gib < 15 ? 0.2 : percent < 10 && gib < 25 ? 0.05 : 0;
      if (level > 0) {
        terms.push(
          term(
            level,
            'score.disk.full',
            { percent: Math.round(percent), gib: Math.round(gib * 10) / 10 },
            'disk.free',
          ),
        );
      }
      const days = daysToFull(listOf(record, 'disk.daily'), now);
      if (days !== null && days < 60) {
        const p = days < 14 ? 0.35 : days < 30 ? 0.08 : 0.02;
        terms.push(
          term(
            p,
            'score.disk.filling',
            { days: Math.round(days), percent: Math.round(percent) },
            'disk.free',
          ),
        );
      }
      return terms;
    },
  },
  {
    id: 'battery',
    prior: 0.004,
    base: 0.0004,
    needs: ['battery.present', 'battery.healthPercent'],
    excluded: record => record['battery.present']?.value === false,
    terms: record => {
      const terms: Term[] = [];
      const health = numberOf(record, 'battery.healthPercent');
      if (health !== null && health < 80) {
        const worn = health < 60;
        const key = worn ? 'score.battery.worn' : 'score.battery.weak';
        terms.push(
          term(health < 40 ? 0.12 : worn ? 0.05 : 0.012, key, { percent: Math.round(health) }, 'battery'),
        );
      }
      const cycles = numberOf(record, 'battery.cycleCount');
      // 1,000 cycles is the design figure Apple and most business lines publish.
      if (cycles !== null && cycles > 1000)
        terms.push(term(0.006, 'score.battery.cycles', { count: cycles }, 'battery'));
      return terms;
    },
  },
  {
    id: 'incident',
    prior: 0.01,
    base: 0.002,
    needs: ['boot.at', 'perf.memoryUsedPercent', 'reboot.pending'],
    terms: (record, now) => {
      const terms: Term[] = [];
      const starts = listOf(record, 'boot.recent').filter(at => now - Number(at) <= 14 * DAY).length;
      // A start a working day is ordinary; more than 14 in a fortnight is a machine that does not stay up.
      if (starts > 14) {
        terms.push(
          term(starts > 25 ? 0.35 : 0.1, 'score.incident.restarts', { count: starts, days: 14 }, 'uptime'),
        );
      }
      const bootAt = numberOf(record, 'boot.at');
      if (bootAt !== null) {
        const days = (now - bootAt) / DAY;
        if (days > 30)
          terms.push(
            term(days > 90 ? 0.02 : 0.008, 'score.incident.uptime', { days: Math.floor(days) }, 'uptime'),
          );
      }
      if (record['reboot.pending']?.value === true)
        terms.push(term(0.008, 'score.incident.reboot', {}, 'reboot.pending'));
      const memory = numberOf(record, 'perf.memoryUsedPercent');
      if (memory !== null && memory > 92) {
        terms.push(term(0.01, 'score.incident.memory', { percent: Math.round(memory) }, 'perf'));
      }
      return terms;
    },
  },
  {
    id: 'compliance',
    prior: 0.006,
    base: 0.0003,
    needs: ['os.supported', 'encryption.system', 'firewall.enabled'],
    terms: (record, now) => {
      const terms: Term[] = [];
      const name = textOf(record, 'os.name') ?? 'The system';
      const end = textOf(record, 'os.supportEnd');
      if (record['os.supported']?.value === false) {
        terms.push(term(0.1, 'score.compliance.support-ended', { name, date: end ?? '' }, 'os.support'));
      } else if (end !== null) {
        const days = Math.ceil((Date.parse(`${end}T00:00:00Z`) + DAY - now) / DAY);
        if (Number.isFinite(days) && days <= 60) {
          const p = days <= 14 ? 0.09 : days <= 30 ? 0.02 : 0.008;
          terms.push(term(p, 'score.compliance.support-ending', { name, date: end, days }, 'os.support'));
        }
      }
      const encryption = textOf(record, 'encryption.system');
      const mount =
        textOf(record, 'encryption.mount') ?? (textOf(record, 'os.platform') === 'windows' ? 'C:' : '/');
      if (encryption === 'off' || encryption === 'decrypting') {
        terms.push(term(0.06, 'score.compliance.encryption-off', { mount }, 'disk.encryption'));
      } else if (encryption === 'suspended') {
        terms.push(term(0.03, 'score.compliance.encryption-suspended', { mount }, 'disk.encryption'));
      }
      if (record['firewall.enabled']?.value === false) {
        terms.push(term(0.05, 'score.compliance.firewall-off', {}, 'fw.enabled'));
      }
      // One side is wrong, and which is open: about a third of what the bad side alone would count, for each of them.
      const doubts = knownContradictions(record).filter(({ rule }) => PROTECTION_DOUBTS.has(rule)).length;
      if (doubts > 0) {
        const p = 1 - 0.98 ** doubts;
        terms.push(term(p, 'score.compliance.contradicted', { count: doubts }, CONTRADICTIONS));
      }
      return terms;
    },
  },
];

/** What the reason about contradictions rests on: no check, but what systems say. */
const CONTRADICTIONS = 'contradictions';

function term(p: number, key: string, params: Record<string, string | number>, evidence: string): Term {
  return { p, reason: { key, params, evidence } };
}

/**
 * Days until the free space is used up at the median daily pace (Theil-Sen slope over the last fortnight's daily
 * readings), or null: fewer than five days known, or no downward trend.
 */
export function daysToFull(dailyReadings: readonly string[], now: number): number | null {
  const points: { day: number; free: number }[] = [];
  for (const reading of dailyReadings) {
    const at = Date.parse(`${reading.slice(0, 10)}T00:00:00Z`);
    const free = Number(reading.slice(11));
    if (Number.isFinite(at) && Number.isFinite(free)) points.push({ day: at / DAY, free });
  }
  if (points.length < 5) return null;
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1))
      if (b.day !== a.day) slopes.push((b.free - a.free) / (b.day - a.day));
  }
  slopes.sort((a, b) => a - b);
  const slope = slopes[Math.floor(slopes.length / 2)];
  const last = points.at(-1);
  if (slope === undefined || last === undefined || slope >= 0) return null;
  const sinceLast = Math.max(0, now / DAY - last.day - 1);
  return Math.max(0, last.free / -slope - sinceLast);
}
