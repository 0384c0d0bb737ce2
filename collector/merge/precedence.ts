import { DAY } from '../../shared/base/durations.ts';
import { FIELD_KEYS, type FieldKey, SOURCES, type Source } from '../../shared/device/device.ts';

/*
 * Whom to believe and for how long, as data. A known value always beats an unknown one; among known ones the first source in
 * the field's list wins. What the device sees of itself is the agent's to say; who owns it and whether it is managed is not.
 */

/** What a directory says of anything but its own has been written there by another system, later and with less in it. */
const DEFAULT: readonly Source[] = [
  'agent',
  'citrix',
  'workspace-one',
  'intune',
  'jamf',
  'crowdstrike',
  'entra',
];

const EXCEPTIONS: Partial<Record<FieldKey, readonly Source[]>> = {
  // A directory knows its owner; the agent only sees who is signed in.
  'identity.person': ['intune', 'entra', 'jamf', 'workspace-one', 'citrix', 'agent', 'crowdstrike'],
  'directory.joinType': ['entra', ...DEFAULT],
  'directory.enabled': ['entra', ...DEFAULT],
  'directory.lastSignInAt': ['entra', ...DEFAULT],
};

/**
 * After how long a value is too old to go by, milliseconds; the first pattern that fits holds, and what fits none never
 * ages. Dates age by themselves and so never grow too old.
 */
const MAX_AGES: readonly (readonly [RegExp, number | null])[] = [
  [/At$|\.daily$|\.recent$|^boot\.|^os\.(platform|supportEnd)$/, null],
  [/^identity\.person$/, 90 * DAY],
  [/^(identity|hardware)\./, null],
  // Readings: nothing is known from them after a day.
  [/^perf\.|^battery\.(percent|onAc)$/, DAY],
  [/^disk\.system|^firewall\.|^reboot\.|^security\.threat$|^edr\./, 7 * DAY],
  // A managing system's own patience with a device that does not come (Intune: compliance is valid for 30 days).
  [/^(os|disk|battery|encryption|security|compliance|directory)\./, 30 * DAY],
  [/^(management|network)\./, 90 * DAY],
];

export interface FieldRule {
  /** All sources, most trusted first. */
  readonly order: readonly Source[];
  readonly maxAgeMs: number | null;
}

/** What holds for each field. */
export type MergeRules = Readonly<Record<FieldKey, FieldRule>>;

/** By field, whom to believe, most trusted first; a source that is not named comes after those that are. */
export type PrecedenceChoice = Partial<Readonly<Record<FieldKey, readonly Source[]>>>;
/** By field, after how many milliseconds a value is too old to go by; null: never. */
export type MaxAgeChoice = Partial<Readonly<Record<FieldKey, number | null>>>;

/**
 * What holds by default with an administrator's choice laid over it; whatever is not named stays. Make it once, not for
 * every merge. After a change, `settle` brings a record in line with it.
 */
export function rulesWith(precedence: PrecedenceChoice = {}, maxAgeMs: MaxAgeChoice = {}): MergeRules {
  const rules: Partial<Record<FieldKey, FieldRule>> = {};
  for (const field of FIELD_KEYS) {
    const usual = EXCEPTIONS[field] ?? DEFAULT;
    const chosen = maxAgeMs[field];
    rules[field] = {
      order: [...new Set([...(precedence[field] ?? []), ...usual, ...SOURCES])],
      maxAgeMs: chosen === undefined ? usualAge(field) : chosen,
    };
  }
  return complete(rules);
}

function usualAge(field: FieldKey): number | null {
  return MAX_AGES.find(([fields]) => fields.test(field))?.[1] ?? null;
}

function complete(rules: Partial<Record<FieldKey, FieldRule>>): MergeRules {
  const isWhole = (some: Partial<Record<FieldKey, FieldRule>>): some is Record<FieldKey, FieldRule> =>
    FIELD_KEYS.every(field => some[field] !== undefined);
  if (!isWhole(rules)) throw new Error('every field has a rule');
  return rules;
}

export const DEFAULT_RULES: MergeRules = rulesWith();
