import type { FindingReason } from '../../../shared/device/finding.ts';
import type { ScanOutcome } from './scan.ts';

/** No answer, and why. `detail` is for the person who reads the report: never a secret, never file contents. */
export interface Unanswered {
  readonly ok: false;
  readonly reason: FindingReason;
  readonly detail?: string;
}

/** A value, or why there is none; the shape in which everything below a check reports. */
export type Answer<Value> = { readonly ok: true; readonly value: Value } | Unanswered;

export function answered<Value>(value: Value): Answer<Value> {
  return { ok: true, value };
}

export function unanswered(reason: FindingReason, detail?: string): Unanswered {
  return detail === undefined ? { ok: false, reason } : { ok: false, reason, detail: detail.slice(0, 300) };
}

/**
 * For what every system of a kind has: where it is missing this one cannot be asked, which is not the same as "what was asked
 * about is not there".
 */
export function cannotAsk(from: Unanswered, what: string): Unanswered {
  return from.reason === 'not-present' ? unanswered('not-supported', what) : from;
}

/** Reasons that mean "this system cannot answer" rather than "something went wrong while it answered". */
const UNSUPPORTED: ReadonlySet<FindingReason> = new Set([
  'not-supported',
  'not-installed',
  'not-applicable',
  'newer-than-table',
]);

/** The check's outcome for an answer that never came. */
export function noValue(from: Unanswered): ScanOutcome<never> {
  const status =
    from.reason === 'not-present' ? 'absent' : UNSUPPORTED.has(from.reason) ? 'unsupported' : 'failed';
  return from.detail === undefined
    ? { status, reason: from.reason }
    : { status, reason: from.reason, detail: from.detail };
}

/** The check's outcome for an answer. */
export function outcome<Value>(from: Answer<Value>): ScanOutcome<Value> {
  return from.ok ? { status: 'ok', value: from.value } : noValue(from);
}
