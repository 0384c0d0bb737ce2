import type { SampleRow } from '../../../shared/protocol/samples.ts';
import type { Metrics } from './documents.ts';

export const METRIC_KEYS = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'] as const;

/** A row's readings by key; what could not be told is left out. */
export function metricsOf([, ...values]: SampleRow): Metrics {
  const metrics: Metrics = {};
  for (const [i, key] of METRIC_KEYS.entries()) {
    const value = values[i];
    if (value !== null && value !== undefined) metrics[key] = value;
  }
  return metrics;
}

export function rowOf(at: number, { m0, m1, m2, m3, m4, m5, m6, m7 }: Metrics): SampleRow {
  return [at, m0 ?? null, m1 ?? null, m2 ?? null, m3 ?? null, m4 ?? null, m5 ?? null, m6 ?? null, m7 ?? null];
}

/** Sums of readings and how many of them could be told, by metric: averages of parts laid together by weight. */
export class Sums {
  n = 0;
  readonly #sum = new Float64Array(METRIC_KEYS.length);
  readonly #count = new Float64Array(METRIC_KEYS.length);

  /** Averages (or one reading) that stand for `n` readings. */
  add(metrics: Metrics, n: number): this {
    this.n += n;
    for (const [i, key] of METRIC_KEYS.entries()) {
      const value = metrics[key];
      if (value === undefined || value === null) continue;
      this.#sum[i] = (this.#sum[i] ?? 0) + value * n;
      this.#count[i] = (this.#count[i] ?? 0) + n;
    }
    return this;
  }

  /** Sums and counts that the database has made. */
  addSums(doc: Readonly<Record<string, unknown>>): this {
    for (const i of METRIC_KEYS.keys()) {
      this.#sum[i] = (this.#sum[i] ?? 0) + Number(doc[`s${i}`] ?? 0);
      this.#count[i] = (this.#count[i] ?? 0) + Number(doc[`c${i}`] ?? 0);
    }
    return this;
  }

  averages(): Metrics {
    const metrics: Metrics = {};
    for (const [i, key] of METRIC_KEYS.entries()) {
      const count = this.#count[i] ?? 0;
      if (count > 0) metrics[key] = (this.#sum[i] ?? 0) / count;
    }
    return metrics;
  }
}

/** `$group` members that give `addSums` what it wants; `weight` is the field that says how many readings a document stands for. */
export function sumsOf(weight: string | null): Record<string, object> {
  return Object.fromEntries(
    METRIC_KEYS.flatMap((key, i) => [
      [`s${i}`, { $sum: weight === null ? `$${key}` : { $multiply: [`$${key}`, weight] } }],
      [`c${i}`, { $sum: { $cond: [{ $isNumber: `$${key}` }, weight ?? 1, 0] } }],
    ]),
  );
}
