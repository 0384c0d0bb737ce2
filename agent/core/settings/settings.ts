import { z } from 'zod';
import {
  isSettingKey,
  LAYERS,
  type Layer,
  SETTING_KEYS,
  SETTINGS,
  type SettingKey,
  type SettingValues,
} from './table.ts';

/** A setting that was not taken: which one, from where, and why. The value is not repeated: it may be a secret. */
export interface SettingProblem {
  readonly key: string;
  readonly layer: Layer;
  readonly why: 'unknown' | 'not-allowed-here' | 'invalid';
}

export interface SettingRow {
  readonly key: SettingKey;
  /** Null for a secret that is set as for anything unset: see `isSet`. */
  readonly value: string | number | boolean | null;
  readonly isSet: boolean;
  readonly layer: Layer;
  readonly sentence: string;
}

/** Values as a layer gives them; what is not a setting of ours is reported, not guessed. */
export type LayerValues = Readonly<Record<string, unknown>>;

export interface Settings {
  readonly values: SettingValues;
  layerOf(key: SettingKey): Layer;
  /**
   * Replaces one layer. A bad value keeps what that layer said before. `null` takes the layer's word on that key back.
   * Returns what was not taken.
   */
  apply(layer: Exclude<Layer, 'default'>, values: LayerValues): readonly SettingProblem[];
  readonly problems: readonly SettingProblem[];
  /** Every setting with the layer that won; secrets hidden. */
  explain(): readonly SettingRow[];
  onChange(listener: (values: SettingValues) => void): () => void;
}

const shape = z.object({
  collector: SETTINGS.collector.schema,
  token: SETTINGS.token.schema,
  admission: SETTINGS.admission.schema,
  insecure: SETTINGS.insecure.schema,
  name: SETTINGS.name.schema,
  sampleSeconds: SETTINGS.sampleSeconds.schema,
  postureMinutes: SETTINGS.postureMinutes.schema,
  heavyHours: SETTINGS.heavyHours.schema,
  lowBatteryPercent: SETTINGS.lowBatteryPercent.schema,
  scanBudgetSeconds: SETTINGS.scanBudgetSeconds.schema,
  outboxMiB: SETTINGS.outboxMiB.schema,
}) satisfies z.ZodType<SettingValues>;

type LayerMap = Map<SettingKey, string | number | boolean>;

function mayset(key: SettingKey, layer: Layer): boolean {
  if (layer === 'policy') return SETTINGS[key].policy;
  if (layer === 'collector') return SETTINGS[key].collector;
  return true;
}

/** Settings with nothing but their defaults; layers are put on with `apply`. */
export function createSettings(): Settings {
  const layers = new Map<Layer, LayerMap>();
  const listeners = new Set<(values: SettingValues) => void>();
  const problems = new Map<Layer, readonly SettingProblem[]>();
  let values: SettingValues = resolve();

  function winner(key: SettingKey): { layer: Layer; value: string | number | boolean | null } {
    for (const layer of LAYERS.toReversed()) {
      const value = layers.get(layer)?.get(key);
      if (value !== undefined) return { layer, value };
    }
    return { layer: 'default', value: SETTINGS[key].fallback };
  }

  function resolve(): SettingValues {
    return shape.parse(Object.fromEntries(SETTING_KEYS.map(key => [key, winner(key).value])));
  }

  return {
    get values() {
      return values;
    },
    layerOf: key => winner(key).layer,
    apply(layer, given) {
      const before: LayerMap = layers.get(layer) ?? new Map();
      const after: LayerMap = new Map();
      const refused: SettingProblem[] = [];
      for (const [key, value] of Object.entries(given)) {
        if (value === null || value === undefined) continue;
        if (!isSettingKey(key)) {
          refused.push({ key: key.slice(0, 64), layer, why: 'unknown' });
          continue;
        }
        if (!mayset(key, layer)) {
          refused.push({ key, layer, why: 'not-allowed-here' });
          continue;
        }
        const parsed = SETTINGS[key].schema.safeParse(value);
        if (parsed.success && parsed.data !== null) {
          after.set(key, parsed.data);
          continue;
        }
        refused.push({ key, layer, why: 'invalid' });
        const kept = before.get(key);
        if (kept !== undefined) after.set(key, kept);
      }
      layers.set(layer, after);
      problems.set(layer, refused);
      const old = JSON.stringify(values);
      values = resolve();
      if (JSON.stringify(values) !== old) for (const listener of listeners) listener(values);
      return refused;
    },
    get problems() {
      return [...problems.values()].flat();
    },
    explain: () =>
      SETTING_KEYS.map(key => {
        const { layer, value } = winner(key);
        const { secret, sentence } = SETTINGS[key];
        return { key, value: secret ? null : value, isSet: value !== null, layer, sentence };
      }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
