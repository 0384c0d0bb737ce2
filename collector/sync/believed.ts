import { FIELD_KEYS, type FieldKey, type Source } from '../../shared/device/device.ts';
import type { MaxAgeChoice, PrecedenceChoice } from '../merge/precedence.ts';
import type { FieldPrecedence, PrecedenceOrder } from '../store/connectors.ts';

/** What administrators have said about whom to believe, as the merge takes it. */
export interface Believed {
  readonly order: PrecedenceChoice;
  readonly maxAgeMs: MaxAgeChoice;
}

export function believedOf(kept: PrecedenceOrder): Believed {
  const order: Partial<Record<FieldKey, readonly Source[]>> = {};
  const maxAgeMs: Partial<Record<FieldKey, number | null>> = {};
  for (const field of FIELD_KEYS) {
    const said = kept[field];
    if (said === undefined) continue;
    const one: FieldPrecedence = isOrder(said) ? { order: said } : said;
    if (one.order !== undefined) order[field] = one.order;
    if (one.maxAgeMs !== undefined) maxAgeMs[field] = one.maxAgeMs;
  }
  return { order, maxAgeMs };
}

/** As it is kept: an order alone stays the list it has always been. */
export function keptOf({ order, maxAgeMs }: Believed): PrecedenceOrder {
  const kept: Partial<Record<FieldKey, readonly Source[] | FieldPrecedence>> = {};
  for (const field of FIELD_KEYS) {
    const sources = order[field];
    const age = maxAgeMs[field];
    if (age === undefined) {
      if (sources !== undefined) kept[field] = sources;
    } else kept[field] = { ...(sources === undefined ? {} : { order: sources }), maxAgeMs: age };
  }
  return kept;
}

function isOrder(said: readonly Source[] | FieldPrecedence): said is readonly Source[] {
  return Array.isArray(said);
}
