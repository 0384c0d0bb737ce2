import type { HazardId, Score, ScoreReason } from '../../../shared/score/score.ts';
import { scoreOfProbability } from '../../../shared/score/score.ts';

/** One bar of the waterfall: it starts where the one before ended and takes its points away. */
export interface Step {
  readonly reason: ScoreReason;
  readonly hazard: HazardId;
  readonly basis: 'rule' | 'model' | 'prior';
  /** Score before and after this reason. */
  readonly from: number;
  readonly to: number;
  /** What the score would gain if this reason alone were gone; null for what nobody can mend. */
  readonly gain: number | null;
}

/** Not a fault of the device: what is not known about it, and the risk every device has. */
const NOBODY_MENDS: ReadonlySet<string> = new Set(['score.unknown', 'score.ordinary']);

/** Reasons below this stand together in one line: each alone would be a bar nobody can see. */
const SMALL_POINTS = 0.5;

/** The steps worth a line of their own, and the small rest that follows them. */
export function splitSteps(steps: readonly Step[]): { large: Step[]; small: Step[] } {
  const large = steps.filter(step => step.reason.points >= SMALL_POINTS);
  const small = steps.filter(step => step.reason.points < SMALL_POINTS);
  // A single small one takes no more room as itself.
  return small.length < 2 ? { large: [...steps], small: [] } : { large, small };
}

/** The way from 100 down to the score, dearest reason first. */
export function scoreSteps(score: Score): Step[] {
  const all = score.hazards.flatMap(hazard => hazard.reasons.map(reason => ({ hazard, reason })));
  all.sort((one, other) => other.reason.points - one.reason.points);
  let left = 100;
  return all.map(({ hazard, reason }) => {
    const from = left;
    left = Math.max(0, left - reason.points);
    return {
      reason,
      hazard: hazard.id,
      basis: hazard.basis,
      from,
      to: left,
      gain: NOBODY_MENDS.has(reason.key) ? null : gainOf(score, hazard.id, reason),
    };
  });
}

/**
 * What the score would be without one reason, minus what it is. Hazards add up as h = -ln(1 - p), and a reason's part of
 * its hazard is its part of the hazard's points (shared/score), so leaving it out leaves P' = 1 - exp(-(H - h)).
 */
function gainOf(score: Score, id: HazardId, reason: ScoreReason): number | null {
  if (score.value === null) return null;
  let total = 0;
  let removed = 0;
  for (const hazard of score.hazards) {
    const h = -Math.log(1 - Math.min(0.999999, hazard.p));
    total += h;
    if (hazard.id === id && hazard.points > 0) removed = h * Math.min(1, reason.points / hazard.points);
  }
  return Math.max(0, scoreOfProbability(1 - Math.exp(-(total - removed))) - score.value);
}
