import {
  type Claim,
  FIELD_KEYS,
  type FieldKey,
  type FieldValue,
  type MergedField,
  type MergedRecord,
} from '../../shared/device/device.ts';
import type { Observation } from '../../shared/device/observation.ts';
import type { Claims } from './from-agent.ts';
import { claimOf } from './from-vendor.ts';
import { DEFAULT_RULES, type FieldRule, type MergeRules } from './precedence.ts';

/**
 * Puts new claims into a merged record and returns the record that results; the given one is not changed. Per field the
 * newest claim of each source is kept, the most trusted known one wins, the others stay as rivals. The outcome depends
 * only on the claims, not on their order: a source's older claim (by its own clock) never replaces its newer one, and
 * equal times are decided by the value.
 */
export function merge(record: MergedRecord, claims: Claims, rules: MergeRules = DEFAULT_RULES): MergedRecord {
  const merged: MergedRecord = { ...record };
  for (const key in claims) {
    const field = key as FieldKey;
    const claim = claims[field];
    if (claim === undefined) continue;
    const current = record[field];
    if (current === undefined || (current.source === claim.source && current.rivals === undefined)) {
      merged[field] = current === undefined || supersedes(claim, current) ? claim : current;
    } else {
      merged[field] = mergeField(rules[field], current, claim);
    }
  }
  return merged;
}

function mergeField(rule: FieldRule, current: MergedField, claim: Claim): MergedField {
  const { rivals = [], ...winner } = current;
  const claims = [winner, ...rivals];
  const same = claims.findIndex(existing => existing.source === claim.source);
  const known = claims[same];
  if (known === undefined) claims.push(claim);
  else if (supersedes(claim, known)) claims[same] = claim;
  claims.sort(
    (a, b) =>
      Number(a.value === null) - Number(b.value === null) ||
      rule.order.indexOf(a.source) - rule.order.indexOf(b.source),
  );
  return fieldOf(claims) ?? current;
}

function fieldOf(claims: readonly Claim[]): MergedField | null {
  const [first] = claims;
  if (first === undefined) return null;
  return claims.length === 1 ? first : { ...first, rivals: claims.slice(1) };
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

/** An observation as it is kept: with the collector's own time of reading it, ms since 1970. */
export interface Heard {
  readonly observation: Observation;
  readonly receivedAt: number;
}

/** Why a value is not gone by although there is one; it stays to be seen in `lastValue`. */
export const TOO_OLD = 'too-old';
/** The same account has a newer record of the same device. */
export const SUPERSEDED = 'superseded';

/**
 * A device's record from what its agent has said and from everything vendors say of it. `before` is the record so far, `{}`
 * for a device without an agent: the agent's claims in it stay, all others are made anew from `heard`, so a record that is
 * not among them any more takes its word with it. Doing it twice changes nothing, the order of `heard` does not matter, and
 * nor does it whether an agent's claims come before or after.
 *
 * Of several records of one account the one heard of last speaks; what an older one says otherwise is kept as a rival, as
 * SUPERSEDED. A value older than its field allows is unknown, TOO_OLD.
 */
export function mergeObservations(
  before: MergedRecord,
  heard: readonly Heard[],
  now: number,
  rules: MergeRules = DEFAULT_RULES,
): MergedRecord {
  const newest = newestOf(heard);
  const merged: MergedRecord = {};
  for (const field of FIELD_KEYS) {
    const claims: Claim[] = [];
    const own = agentClaim(before[field]);
    if (own !== null) claims.push(own);
    for (const { observation, receivedAt } of heard) {
      const told = observation.fields[field];
      if (told === undefined) continue;
      const claim = claimOf(observation, field, told, receivedAt);
      claims.push(isOutdone(newest, observation, field) ? supersede(claim) : claim);
    }
    if (claims.length === 0) continue;
    const found = fieldOf(rank(rules[field], distinct(claims), now));
    if (found !== null) merged[field] = found;
  }
  return merged;
}

/**
 * The record at a later time: values that have grown too old become unknown, and the next one wins. One that is not too old
 * after all, because the rules have changed, is taken up again. Returns the very same record when nothing is different.
 */
export function settle(record: MergedRecord, now: number, rules: MergeRules = DEFAULT_RULES): MergedRecord {
  let settled: MergedRecord | null = null;
  for (const key in record) {
    const field = key as FieldKey;
    const current = record[field];
    if (current === undefined) continue;
    const { rivals, ...winner } = current;
    const claims = rivals === undefined ? [winner] : [winner, ...rivals];
    const ranked = rank(rules[field], claims, now);
    if (isSameOrder(ranked, claims)) continue;
    settled ??= { ...record };
    const found = fieldOf(ranked);
    if (found !== null) settled[field] = found;
  }
  return settled ?? record;
}

/** What other rules would change of a record. */
export interface RuleEffect {
  /** Another value would win, or none. */
  readonly values: readonly FieldKey[];
  /** The same value would win, from another source. */
  readonly sources: readonly FieldKey[];
}

/** What `rules` would change of these fields of a record at `now`, if they held instead of those it was merged by. */
export function effectOf(
  record: MergedRecord,
  fields: readonly FieldKey[],
  rules: MergeRules,
  now: number,
): RuleEffect {
  const values: FieldKey[] = [];
  const sources: FieldKey[] = [];
  for (const field of fields) {
    const current = record[field];
    if (current === undefined) continue;
    const { rivals = [], ...winner } = current;
    const [first] = rank(rules[field], [winner, ...rivals], now);
    if (first === undefined || first === winner) continue;
    if (textOf(first.value) !== textOf(winner.value)) values.push(field);
    else if (first.source !== winner.source) sources.push(field);
  }
  return { values, sources };
}

function isSameOrder(one: readonly Claim[], other: readonly Claim[]): boolean {
  return one.every((claim, i) => claim === other[i]);
}

function agentClaim(field: MergedField | undefined): Claim | null {
  if (field === undefined) return null;
  if (field.source !== 'agent') return field.rivals?.find(({ source }) => source === 'agent') ?? null;
  const { rivals: _, ...own } = field;
  return own;
}

/** By account, its newest record, where it has several. */
function newestOf(heard: readonly Heard[]): ReadonlyMap<string, Heard> | null {
  let found: Map<string, Heard> | null = null;
  for (const [i, one] of heard.entries()) {
    for (let j = 0; j < i; j += 1) {
      const other = heard[j];
      if (other === undefined || !isOneAccount(one.observation, other.observation)) continue;
      found ??= new Map();
      const scope = scopeOf(one.observation);
      const best = isNewer(one, other) ? one : other;
      const known = found.get(scope);
      if (known === undefined || isNewer(best, known)) found.set(scope, best);
    }
  }
  return found;
}

function isOneAccount(one: Observation, other: Observation): boolean {
  return one.connector === other.connector && one.account === other.account;
}

function scopeOf({ connector, account }: Observation): string {
  return `${connector}/${account}`;
}

function isNewer(one: Heard, other: Heard): boolean {
  if (one.observation.observedAt !== other.observation.observedAt) {
    return one.observation.observedAt > other.observation.observedAt;
  }
  if (one.receivedAt !== other.receivedAt) return one.receivedAt > other.receivedAt;
  return one.observation.vendorId > other.observation.vendorId;
}

function isOutdone(
  newest: ReadonlyMap<string, Heard> | null,
  observation: Observation,
  field: FieldKey,
): boolean {
  const best = newest?.get(scopeOf(observation))?.observation;
  return best !== undefined && best !== observation && best.fields[field] !== undefined;
}

function supersede(claim: Claim): Claim {
  const { value, ...rest } = claim;
  return { ...rest, value: null, reason: SUPERSEDED, ...(value === null ? {} : { lastValue: value }) };
}

/** Of a source that says the same several times, the one that counts, or else the newest. */
function distinct(claims: Claim[]): Claim[] {
  if (!hasTwoOfOneSource(claims)) return claims;
  const kept: Claim[] = [];
  for (const claim of claims) {
    const same = kept.findIndex(other => saysTheSame(claim, other));
    const other = kept[same];
    if (other === undefined) kept.push(claim);
    else if (countsMore(claim, other)) kept[same] = claim;
  }
  return kept;
}

function hasTwoOfOneSource(claims: readonly Claim[]): boolean {
  for (let i = 1; i < claims.length; i += 1) {
    for (let j = 0; j < i; j += 1) if (claims[i]?.source === claims[j]?.source) return true;
  }
  return false;
}

function saysTheSame(one: Claim, other: Claim): boolean {
  return one.source === other.source && textOf(lastKnown(one)) === textOf(lastKnown(other));
}

function countsMore(one: Claim, other: Claim): boolean {
  const outdone = Number(one.reason === SUPERSEDED) - Number(other.reason === SUPERSEDED);
  return outdone < 0 || (outdone === 0 && byNews(one, other) < 0);
}

/** The value, or the one there was before it grew too old or was superseded. */
function lastKnown(claim: Claim): FieldValue | null {
  return claim.value ?? claim.lastValue ?? null;
}

function textOf(value: FieldValue | null): string | FieldValue | null {
  return Array.isArray(value) ? JSON.stringify(value) : value;
}

/**
 * Best first: known before unknown, then by trust, then the newer. A total order, so that nothing depends on arrival. Sorted
 * by insertion: a field has a handful of claims, and this is done for every field of every device.
 */
function rank(rule: FieldRule, claims: readonly Claim[], now: number): Claim[] {
  const ranked: Claim[] = [];
  for (const each of claims) {
    const claim = ageOne(rule, each, now);
    let place = ranked.length;
    for (; place > 0; place -= 1) {
      const before = ranked[place - 1];
      if (before === undefined || compare(rule, before, claim) <= 0) break;
      ranked[place] = before;
    }
    ranked[place] = claim;
  }
  return ranked;
}

function compare(rule: FieldRule, a: Claim, b: Claim): number {
  if ((a.value === null) !== (b.value === null)) return a.value === null ? 1 : -1;
  if (a.source !== b.source) return rule.order.indexOf(a.source) - rule.order.indexOf(b.source);
  return byNews(a, b);
}

function byNews(a: Claim, b: Claim): number {
  if (a.observedAt !== b.observedAt) return b.observedAt - a.observedAt;
  if (a.receivedAt !== b.receivedAt) return b.receivedAt - a.receivedAt;
  const one = JSON.stringify(lastKnown(a));
  const other = JSON.stringify(lastKnown(b));
  if (one !== other) return one < other ? -1 : 1;
  const why = a.reason ?? '';
  const theirs = b.reason ?? '';
  return why < theirs ? -1 : why > theirs ? 1 : 0;
}

function ageOne(rule: FieldRule, claim: Claim, now: number): Claim {
  const value = claim.reason === TOO_OLD ? lastKnown(claim) : claim.value;
  if (value === null) return claim;
  const isTooOld = rule.maxAgeMs !== null && now - heardAt(claim) > rule.maxAgeMs;
  if (isTooOld === (claim.reason === TOO_OLD)) return claim;
  const { source, observedAt, receivedAt } = claim;
  return isTooOld
    ? { source, value: null, reason: TOO_OLD, lastValue: value, observedAt, receivedAt }
    : { source, value, observedAt, receivedAt };
}

/**
 * What age counts from. A vendor's record may be old news however fresh the reading; an agent tells what it sees, and its
 * clock may be wrong, so the arrival counts.
 */
function heardAt(claim: Claim): number {
  return claim.source === 'agent' ? claim.receivedAt : Math.min(claim.observedAt, claim.receivedAt);
}
