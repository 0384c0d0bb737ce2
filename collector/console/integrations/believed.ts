import type { PrecedenceResponse } from '../../../shared/api/integrations.ts';
import { DAY, HOUR, shortDuration } from '../../../shared/base/durations.ts';
import { FIELD_KEYS, type FieldKey, type Source } from '../../../shared/device/device.ts';

/** What is said otherwise than by default; a field that is left out goes by it. */
export interface Draft {
  readonly order: PrecedenceResponse['order'];
  readonly maxAgeMs: PrecedenceResponse['maxAgeMs'];
}

/** What is said now, each order with everybody named: those left out come in their usual order. */
export function draftOf(kept: PrecedenceResponse): Draft {
  const order: Draft['order'] = {};
  for (const field of FIELD_KEYS) {
    const said = kept.order[field];
    if (said !== undefined) order[field] = [...new Set([...said, ...kept.defaults[field]])];
  }
  return { order, maxAgeMs: kept.maxAgeMs };
}

/** Whom to believe about a field. */
export function orderIn(draft: Draft, kept: PrecedenceResponse, field: FieldKey): readonly Source[] {
  return draft.order[field] ?? kept.defaults[field];
}

export function ageIn(draft: Draft, kept: PrecedenceResponse, field: FieldKey): number | null {
  const said = draft.maxAgeMs[field];
  return said === undefined ? kept.defaultMaxAgeMs[field] : said;
}

/** Another order for a field; its usual one is as good as none. */
export function withOrder(
  draft: Draft,
  kept: PrecedenceResponse,
  field: FieldKey,
  order: readonly Source[],
): Draft {
  const { [field]: _, ...rest } = draft.order;
  return isSameOrder(order, kept.defaults[field])
    ? { ...draft, order: rest }
    : { ...draft, order: { ...rest, [field]: [...order] } };
}

/** Another age; the usual one is as good as none. */
export function withAge(
  draft: Draft,
  kept: PrecedenceResponse,
  field: FieldKey,
  ageMs: number | null,
): Draft {
  const { [field]: _, ...rest } = draft.maxAgeMs;
  return ageMs === kept.defaultMaxAgeMs[field]
    ? { ...draft, maxAgeMs: rest }
    : { ...draft, maxAgeMs: { ...rest, [field]: ageMs } };
}

export function withoutField(draft: Draft, field: FieldKey): Draft {
  const { [field]: _, ...order } = draft.order;
  const { [field]: __, ...maxAgeMs } = draft.maxAgeMs;
  return { order, maxAgeMs };
}

/** Moves one source by so many places; at either end it stays. */
export function stepped(order: readonly Source[], source: Source, by: number): readonly Source[] {
  return placed(order, source, order.indexOf(source) + by);
}

/** Puts one source at a place. */
export function placed(order: readonly Source[], source: Source, place: number): readonly Source[] {
  const rest = order.filter(one => one !== source);
  const at = Math.max(0, Math.min(rest.length, place));
  return [...rest.slice(0, at), source, ...rest.slice(at)];
}

/** Does the draft say something about this field that does not go by default? */
export function isSaid({ order, maxAgeMs }: Draft, field: FieldKey): boolean {
  return order[field] !== undefined || maxAgeMs[field] !== undefined;
}

/** Fields about which the draft says something else than what holds now. */
export function changedIn(draft: Draft, kept: PrecedenceResponse, fields: readonly FieldKey[]): FieldKey[] {
  const now = draftOf(kept);
  return fields.filter(
    field =>
      ageIn(draft, kept, field) !== ageIn(now, kept, field) ||
      !isSameOrder(orderIn(draft, kept, field), orderIn(now, kept, field)),
  );
}

function isSameOrder(one: readonly Source[], other: readonly Source[]): boolean {
  return one.length === other.length && one.every((source, place) => source === other[place]);
}

const AGES: readonly number[] = [
  HOUR,
  6 * HOUR,
  DAY,
  3 * DAY,
  7 * DAY,
  14 * DAY,
  30 * DAY,
  90 * DAY,
  180 * DAY,
  365 * DAY,
];

/** The ages to choose from, with the usual one and the one that holds among them; `never` stands for no limit. */
export function ageChoices(current: number | null, usual: number | null): { value: string; label: string }[] {
  const ages = [
    ...new Set([...AGES, ...(current === null ? [] : [current]), ...(usual === null ? [] : [usual])]),
  ];
  const label = (ageMs: number | null): string => (ageMs === null ? 'never' : shortDuration(ageMs));
  return [...ages.toSorted((one, other) => one - other), null].map(ageMs => ({
    value: ageText(ageMs),
    label: ageMs === usual ? `${label(ageMs)} (as usual)` : label(ageMs),
  }));
}

export function ageText(ageMs: number | null): string {
  return ageMs === null ? 'never' : String(ageMs);
}

export function ageOf(text: string): number | null {
  return text === 'never' ? null : Number(text);
}
