import { DAY, HOUR, MINUTE } from '../../shared/base/durations.ts';

/** What a series is read from: readings as they came, averages over a quarter of an hour, averages over a day. */
export type SeriesSource = 'samples' | 'quarters' | 'days';

export const QUARTER: number = 15 * MINUTE;

/**
 * Steps a series is given in, finest first, by what it is built from. Between the stored resolutions lie ones that are
 * averaged while reading, so that a range does not fall from thousands of points to thirty.
 */
export const SERIES_STEPS: readonly { readonly from: SeriesSource; readonly stepMs: number }[] = [
  { from: 'samples', stepMs: 0 },
  { from: 'samples', stepMs: 5 * MINUTE },
  { from: 'quarters', stepMs: QUARTER },
  { from: 'quarters', stepMs: HOUR },
  { from: 'quarters', stepMs: 6 * HOUR },
  { from: 'days', stepMs: DAY },
];
