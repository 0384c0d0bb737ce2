import { z } from 'zod';

/** Live series, in the order of a sample row. Units are in the names; null is "could not tell", never zero. */
export const METRICS = [
  'cpuPercent',
  'memoryUsedPercent',
  'diskFreeBytes',
  'netRxBytesPerS',
  'netTxBytesPerS',
  'diskReadBytesPerS',
  'diskWriteBytesPerS',
  'batteryPercent',
] as const;
export type Metric = (typeof METRICS)[number];

const reading = z.number().nonnegative().nullable();

/** One reading of every series: `[at, cpuPercent, memoryUsedPercent, ...]`, `at` in milliseconds since 1970, device clock. */
export const sampleRow = z.tuple([
  z.number().int().nonnegative(),
  reading,
  reading,
  reading,
  reading,
  reading,
  reading,
  reading,
  reading,
]);
export type SampleRow = z.infer<typeof sampleRow>;
