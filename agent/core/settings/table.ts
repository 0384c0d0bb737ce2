import { z } from 'zod';
import { COLLECTOR_SETTINGS, type CollectorSettingKey } from '../../../shared/device/agent-settings.ts';

/** Who may set a setting, lowest first; the later layer wins. */
export const LAYERS = ['default', 'file', 'policy', 'command', 'collector'] as const;
export type Layer = (typeof LAYERS)[number];

interface Row<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly fallback: z.infer<Schema>;
  /** May an administrator set it through MDM (registry policy, managed preferences)? */
  readonly policy: boolean;
  /** May the collector set it over the link? */
  readonly collector: boolean;
  /** Never shown, logged or reported. */
  readonly secret: boolean;
  /** What it does, for the person who sets it. */
  readonly sentence: string;
}

function row<Schema extends z.ZodType>(definition: Row<Schema>): Row<Schema> {
  return definition;
}

const text = (max: number) => z.string().trim().min(1).max(max).nullable();

/** Whole numbers, also as text: managed preferences and environment variables have no numbers. */
const whole = (min: number, max: number) =>
  z.preprocess(
    value => (typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : value),
    z.number().int().min(min).max(max),
  );

/** A number that the collector may set too: bounds, default and sentence are shared with it. */
function shared(key: CollectorSettingKey) {
  const { min, max, fallback, sentence } = COLLECTOR_SETTINGS[key];
  return row({ schema: whole(min, max), fallback, policy: true, collector: true, secret: false, sentence });
}

/** The registry says 0 and 1, people write true and false. */
const yesNo = z.preprocess(value => {
  if (value === 1 || value === '1' || value === 'true') return true;
  if (value === 0 || value === '0' || value === 'false') return false;
  return value;
}, z.boolean());

/** Every setting of the agent: its name, bounds, default, who may set it. Nothing else reads settings. */
export const SETTINGS = {
  collector: row({
    schema: text(2048),
    fallback: null,
    policy: true,
    collector: false,
    secret: false,
    sentence: 'Address of the collector, for example https://collector.example.com.',
  }),
  token: row({
    schema: z.string().trim().min(8).max(128).nullable(),
    fallback: null,
    policy: true,
    collector: false,
    secret: true,
    sentence: 'Enrolment token. Needed once; may be removed when the device is enrolled.',
  }),
  admission: row({
    schema: yesNo,
    fallback: false,
    policy: true,
    collector: false,
    secret: false,
    sentence: 'Wait for a person to admit this device when there is no token or the token is refused.',
  }),
  insecure: row({
    schema: yesNo,
    fallback: false,
    policy: false,
    collector: false,
    secret: false,
    sentence: 'Allow an unencrypted connection to a collector on another machine. For trials only.',
  }),
  name: row({
    schema: text(255),
    fallback: null,
    policy: true,
    collector: false,
    secret: false,
    sentence: 'Name to report instead of the host name.',
  }),
  sampleSeconds: shared('sampleSeconds'),
  postureMinutes: shared('postureMinutes'),
  heavyHours: shared('heavyHours'),
  lowBatteryPercent: shared('lowBatteryPercent'),
  scanBudgetSeconds: shared('scanBudgetSeconds'),
  outboxMiB: row({
    schema: whole(1, 1024),
    fallback: 32,
    policy: true,
    collector: false,
    secret: false,
    sentence:
      'Space for reports waiting for the collector; when full, the least useful go first. Counts from the next start.',
  }),
} as const;

export type SettingKey = keyof typeof SETTINGS;
export type SettingValues = { readonly [Key in SettingKey]: z.infer<(typeof SETTINGS)[Key]['schema']> };

export const SETTING_KEYS = Object.keys(SETTINGS) as SettingKey[];

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}
