import { DAY } from '../../shared/base/durations.ts';
import type { MergedRecord } from '../../shared/device/device.ts';
import { type Hazard, type Score, type ScoreReason, scoreOfProbability } from '../../shared/score/score.ts';
import { HAZARD_RULES, type HazardRule, RULES_VERSION } from './rules.ts';

/** Knowledge fades: after this long without news, half of what is known gives way to the fleet's average. */
const HALF_LIFE_MS = 7 * DAY;
/** Hazards with fresh data below which no score is shown. */
const FEWEST_FRESH = 3;

/**
 * The health score of a merged record at `now` (collector's clock, ms). Pure: same record, same minute, same answer.
 *
 * Per hazard k a cumulative hazard h_k = -ln(1 - p_k); P = 1 - exp(-sum h_k); the score is the logarithmic scale of
 * shared/score. Points lost to k are (100 - S) * h_k / sum h, so they add up to 100 - S exactly, and a hazard's points are
 * split over its terms in the same way. What is unknown or old counts as the fleet's average, never as healthy.
 */
export function scoreOf(record: MergedRecord, now: number): Score {
  const parts = HAZARD_RULES.map(rule => assess(rule, record, now));
  const total = parts.reduce((sum, part) => sum + part.h, 0);
  const p = -Math.expm1(-total);
  const value = scoreOfProbability(p);
  const lost = 100 - value;
  let fresh = 0;
  const hazards: Hazard[] = [];
  for (const part of parts) {
    if (part.fresh) fresh += 1;
    const reasons: ScoreReason[] = [];
    for (const { h, reason } of part.terms) {
      if (h > 0) reasons.push({ ...reason, points: total > 0 ? (lost * h) / total : 0 });
    }
    reasons.sort((a, b) => b.points - a.points);
    hazards.push({
      id: part.id,
      p: -Math.expm1(-part.h),
      points: total > 0 ? (lost * part.h) / total : 0,
      basis: part.basis,
      coverage: part.coverage,
      reasons,
    });
  }
  return {
    model: RULES_VERSION,
    value: fresh >= FEWEST_FRESH ? value : null,
    p,
    hazards,
    coverage: { fresh, of: parts.length },
    at: now,
  };
}

interface Assessed {
  readonly id: Hazard['id'];
  readonly h: number;
  readonly terms: { h: number; reason: Omit<ScoreReason, 'points'> }[];
  readonly basis: Hazard['basis'];
  readonly coverage: number;
  readonly fresh: boolean;
}

function assess(rule: HazardRule, record: MergedRecord, now: number): Assessed {
  if (rule.excluded?.(record) === true) {
    return { id: rule.id, h: 0, terms: [], basis: 'rule', coverage: 1, fresh: true };
  }
  let known = 0;
  let newest = 0;
  for (const field of rule.needs) {
    const claim = record[field];
    if (claim === undefined || claim.value === null) continue;
    known += 1;
    newest = Math.max(newest, claim.receivedAt);
  }
  const coverage = known / rule.needs.length;
  // Share of the verdict that rests on what we know: less with missing fields, fading with age.
  const trust = known === 0 ? 0 : coverage * 0.5 ** (Math.max(0, now - newest) / HALF_LIFE_MS);
  const terms = rule.terms(record, now).map(({ p, reason }) => ({ h: trust * hazardOf(p), reason }));
  terms.push({
    h: trust * hazardOf(rule.base),
    reason: { key: 'score.ordinary', params: { hazard: rule.id }, evidence: rule.id },
  });
  terms.push({
    h: (1 - trust) * hazardOf(rule.prior),
    reason: { key: 'score.unknown', params: { hazard: rule.id }, evidence: rule.id },
  });
  let h = 0;
  for (const part of terms) h += part.h;
  return { id: rule.id, h, terms, basis: known === 0 ? 'prior' : 'rule', coverage, fresh: trust >= 0.3 };
}

function hazardOf(p: number): number {
  return -Math.log1p(-p);
}
