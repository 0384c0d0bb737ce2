import { z } from 'zod';

/** What may go wrong within the next 14 days. */
export const HAZARDS = ['drive', 'disk-full', 'battery', 'incident', 'compliance'] as const;
export const hazardId = z.enum(HAZARDS);
export type HazardId = z.infer<typeof hazardId>;

/** Why a hazard costs points: a key of shared/text plus what to put into the sentence. */
export const scoreReason = z.object({
  key: z.string().max(64),
  params: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Check or field the reason rests on. */
  evidence: z.string().max(64),
  /** Points of the score this reason costs. */
  points: z.number(),
});
export type ScoreReason = z.infer<typeof scoreReason>;

export const hazard = z.object({
  id: hazardId,
  /** Probability that it happens within 14 days, 0 to 1. */
  p: z.number().min(0).max(1),
  /** Points this hazard costs: (100 - score) * h / sum(h) with h = -ln(1 - p). */
  points: z.number().min(0).max(100),
  /** `rule`: from simple rules, not validated on outcomes; `model`: calibrated; `prior`: nothing known, fleet average. */
  basis: z.enum(['rule', 'model', 'prior']),
  /** Share of what this hazard needs that is known and fresh, 0 to 1. */
  coverage: z.number().min(0).max(1),
  reasons: z.array(scoreReason),
});
export type Hazard = z.infer<typeof hazard>;

/**
 * A health score with everything that explains it. 100 - score equals the sum of the hazards' points, and a hazard's
 * points equal the sum of its reasons' points.
 */
export const score = z.object({
  model: z.string().max(32),
  /** 0 to 100, not rounded; null when fewer than three hazards have fresh data. */
  value: z.number().min(0).max(100).nullable(),
  /** Probability that any of the hazards happens within 14 days. */
  p: z.number().min(0).max(1),
  hazards: z.array(hazard),
  coverage: z.object({ fresh: z.number().int(), of: z.number().int() }),
  /** Collector's clock, ms since 1970. */
  at: z.number(),
});
export type Score = z.infer<typeof score>;

/**
 * Probability to score: S = 100 * (1 - ln(1 + P / 0.01) / ln(101)), one-to-one on [0, 1]; 1 % costs 15 points, 5 % costs
 * 39. The logarithm spends the scale where fleets live (most devices are below 5 %).
 */
export function scoreOfProbability(p: number): number {
  const clamped = Math.min(1, Math.max(0, p));
  return 100 * (1 - Math.log1p(clamped / 0.01) / Math.log(101));
}

/** The inverse: P = 0.01 * (101^(1 - S/100) - 1). */
export function probabilityOfScore(value: number): number {
  const clamped = Math.min(100, Math.max(0, value));
  return 0.01 * Math.expm1((1 - clamped / 100) * Math.log(101));
}
