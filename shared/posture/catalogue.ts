import type { Platform } from '../device/platform.ts';
import type { Subjects } from '../device/subjects.ts';
import { checkName } from '../text/finding-words.ts';
import { type Locale, sentence } from '../text/sentence.ts';
import { CHECK_IDS, type CheckId, type CheckRun, checkEntry, isCheckId, type ServerSide } from './checks.ts';
import type { FactKind, FactUnit } from './fact.ts';
import { factsOfCheck } from './fact-list.ts';
import { OPERATORS_OF, type Operator } from './operator.ts';
import { SAMPLES } from './samples.ts';

/** What a check asks of a device, for its owner; null for a check that only a newer version knows. */
export function checkMeaning(locale: Locale, id: string): string | null {
  return isCheckId(id) ? sentence(locale, `asks.${id}`) : null;
}

/** A fact as the catalogue lists it, with the operators that fit. */
export interface CatalogueFact {
  readonly id: string;
  readonly kind: FactKind;
  readonly unit: FactUnit | null;
  readonly words: readonly string[] | null;
  readonly meaning: string;
  readonly operators: readonly Operator[];
}

/** One check as administrators see it. */
export interface CatalogueEntry {
  readonly id: CheckId;
  readonly title: string;
  readonly meaning: string;
  /** How it runs on each system; null where the system has no way to answer. */
  readonly on: Readonly<Record<Platform, CheckRun | null>>;
  /** Who answers when no device does; null when devices do. */
  readonly server: ServerSide | null;
  /** The list of device/subjects.ts an administrator fills; null when the check needs none. */
  readonly subjects: keyof Subjects | null;
  readonly needs: string | null;
  readonly facts: readonly CatalogueFact[];
  readonly sample: unknown;
}

function entryOf(id: CheckId): CatalogueEntry {
  const entry = checkEntry(id);
  return {
    id,
    title: checkName('en', id),
    meaning: sentence('en', `asks.${id}`),
    on: entry.on,
    server: entry.server ?? null,
    subjects: entry.subjects ?? null,
    needs: entry.needs ?? null,
    facts: factsOfCheck(id).map(({ id: fact, kind, unit, words, meaning }) => ({
      id: fact,
      kind,
      unit,
      words,
      meaning,
      operators: OPERATORS_OF[kind],
    })),
    sample: SAMPLES[id],
  };
}

/** Every check, in the order of checks.ts. */
export const CATALOGUE: readonly CatalogueEntry[] = CHECK_IDS.map(entryOf);
