import { FINDING_REASONS } from '../../../shared/device/finding.ts';
import { type Answer, answered, unanswered } from './answer.ts';

/**
 * Rows of a check that looks for things by name. Where not one of them could be told the check has no answer, and says why by its
 * first row; a row that is open beside others that are not stands with its own reason.
 */
export function toldRows<Row extends { readonly reason: string | null }>(
  rows: readonly Row[],
  isOpen: (row: Row) => boolean,
): Answer<Row[]> {
  const [first] = rows;
  if (first === undefined || !rows.every(isOpen)) return answered([...rows]);
  const known = FINDING_REASONS.find(one => one === first.reason);
  return known === undefined ? unanswered('other', first.reason ?? 'not told') : unanswered(known);
}
