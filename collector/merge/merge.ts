import type { Claim, FieldKey, MergedField, MergedRecord } from '../../shared/device/device.ts';
import type { Claims } from './from-agent.ts';
import { precedenceOf } from './precedence.ts';

/**
 * Puts new claims into a merged record and returns the record that results; the given one is not changed. Per field the
 * newest claim of each source is kept, the most trusted known one wins, the others stay as rivals. The outcome depends
 * only on the claims, not on their order: a source's older claim (by its own clock) never replaces its newer one, and
 * equal times are decided by the value.
 */
export function merge(record: MergedRecord, claims: Claims): MergedRecord {
  const merged: MergedRecord = { ...record };
  for (const key in claims) {
    const field = key as FieldKey;
    const claim = claims[field];
    if (claim === undefined) continue;
    const current = record[field];
    if (current === undefined || (current.source === claim.source && current.rivals === undefined)) {
      merged[field] = current === undefined || supersedes(claim, current) ? claim : current;
    } else {
      merged[field] = mergeField(field, current, claim);
    }
  }
  return merged;
}

function mergeField(field: FieldKey, current: MergedField, claim: Claim): MergedField {
  const { rivals = [], ...winner } = current;
  const claims = [winner, ...rivals];
  const same = claims.findIndex(existing => existing.source === claim.source);
  const known = claims[same];
  if (known === undefined) claims.push(claim);
  else if (supersedes(claim, known)) claims[same] = claim;
  const order = precedenceOf(field);
  claims.sort(
    (a, b) =>
      Number(a.value === null) - Number(b.value === null) ||
      order.indexOf(a.source) - order.indexOf(b.source),
  );
  const [first, ...others] = claims;
  if (first === undefined) return current;
  return others.length === 0 ? first : { ...first, rivals: others };
}

/**
 * Later by arrival, since a device's clock may have been set back between two claims; for one arrival, later by the
 * source's clock; for both equal, the greater text, so that order of application cannot matter.
 */
function supersedes(claim: Claim, known: Claim): boolean {
  if (claim.receivedAt !== known.receivedAt) return claim.receivedAt > known.receivedAt;
  if (claim.observedAt !== known.observedAt) return claim.observedAt > known.observedAt;
  return JSON.stringify(claim.value) >= JSON.stringify(known.value);
}
