import type { CatalogueCheck } from '../../../shared/api/schemas.ts';

/** The checks that have every word somewhere: in name, meaning, facts or needs. Case does not matter; no words find all. */
export function searchChecks(checks: readonly CatalogueCheck[], text: string): CatalogueCheck[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return checks.filter(check => {
    const hay = haystack(check);
    return words.every(word => hay.includes(word));
  });
}

function haystack(check: CatalogueCheck): string {
  return [
    check.id,
    check.title,
    check.meaning,
    check.needs ?? '',
    check.server ?? '',
    check.subjects ?? '',
    ...Object.entries(check.on).map(([system, run]) =>
      run === null ? '' : `${system} ${run.cost} ${run.privilege}`,
    ),
    ...check.facts.flatMap(fact => [fact.id, fact.meaning, ...(fact.words ?? [])]),
  ]
    .join('\n')
    .toLowerCase();
}
