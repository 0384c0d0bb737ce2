import { z } from 'zod';
import { osSupportTable } from './os-support-table.ts';
import { subjects } from './subjects.ts';

/** A whole number that a collector may set on its agents. */
interface Bounds {
  readonly min: number;
  readonly max: number;
  /** What an agent does that nobody told otherwise. */
  readonly fallback: number;
  /** What it does, for the person who sets it. */
  readonly sentence: string;
}

/**
 * Every setting that a collector may set. The agent's table (agent/core/settings/table.ts) takes bounds and sentences from
 * here and adds who else may set them; it holds no other row that a collector may set.
 */
export const COLLECTOR_SETTINGS = {
  sampleSeconds: {
    min: 15,
    max: 3600,
    fallback: 60,
    sentence: 'Seconds between two readings of load, disk space and battery.',
  },
  postureMinutes: {
    min: 5,
    max: 1440,
    fallback: 30,
    sentence: 'Minutes between two runs of the posture checks (encryption, firewall, system version).',
  },
  heavyHours: {
    min: 1,
    max: 168,
    fallback: 24,
    sentence: 'Hours between two runs of the costly checks (drive health, search for updates).',
  },
  lowBatteryPercent: {
    min: 0,
    max: 100,
    fallback: 20,
    sentence: 'On battery below this charge, costly checks wait.',
  },
  scanBudgetSeconds: {
    min: 5,
    max: 3600,
    fallback: 36,
    sentence:
      'Seconds of one processor that all checks together may take in an hour; above it the costliest run less often.',
  },
} as const satisfies Record<string, Bounds>;

export type CollectorSettingKey = keyof typeof COLLECTOR_SETTINGS;

/** A whole number within the bounds of a setting. */
export function withinBounds(key: CollectorSettingKey) {
  const { min, max } = COLLECTOR_SETTINGS[key];
  return z.number().int().min(min).max(max);
}

/** Values by key; one that is left out is none of the collector's business. */
export const collectorValues = z.strictObject({
  sampleSeconds: withinBounds('sampleSeconds').exactOptional(),
  postureMinutes: withinBounds('postureMinutes').exactOptional(),
  heavyHours: withinBounds('heavyHours').exactOptional(),
  lowBatteryPercent: withinBounds('lowBatteryPercent').exactOptional(),
  scanBudgetSeconds: withinBounds('scanBudgetSeconds').exactOptional(),
} satisfies Record<CollectorSettingKey, z.ZodType>);

/** Everything a collector tells its agents to do differently. It is told whole: what is left out is not said. */
export const agentSettings = z.strictObject({
  values: collectorValues,
  /** What to look for by name; null: nothing. */
  subjects: subjects.nullable(),
  /** A table newer than the shipped one; null: the shipped one. */
  osSupport: osSupportTable.nullable(),
});
export type AgentSettings = z.infer<typeof agentSettings>;

/** A collector at which nobody has set anything. */
export const NO_AGENT_SETTINGS: AgentSettings = { values: {}, subjects: null, osSupport: null };
