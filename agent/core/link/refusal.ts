import { MINUTE } from '../../../shared/base/durations.ts';
import type { ProblemCode } from '../../../shared/problem/codes.ts';

/** What a refusal changes on our side before the next attempt. */
export type RefusalEffect =
  | 'none'
  /** Ask to be let in again, with the same key. */
  | 'enrol-again'
  /** This key is in use elsewhere: a new one, and a person must admit it. */
  | 'new-key'
  /** The token does not help: wait for admission instead, where that is configured. */
  | 'admission-instead';

export interface RefusalPlan {
  readonly effect: RefusalEffect;
  /** `soon`: with the usual backoff. `slowly`: nothing will change by asking often. A slot from the collector wins over both. */
  readonly retry: 'soon' | 'slowly';
}

/** How often a refusal that only a person can lift is asked about again. */
export const SLOW_RETRY_MS = 15 * MINUTE;

const soon: RefusalPlan = { effect: 'none', retry: 'soon' };
const slowly: RefusalPlan = { effect: 'none', retry: 'slowly' };
const tokenRefused: RefusalPlan = { effect: 'admission-instead', retry: 'slowly' };

const PLANS: Partial<Record<ProblemCode, RefusalPlan>> = {
  'device-unknown': { effect: 'enrol-again', retry: 'soon' },
  'device-duplicated': { effect: 'new-key', retry: 'soon' },
  'token-unknown': tokenRefused,
  'token-expired': tokenRefused,
  'token-used-up': tokenRefused,
  'token-revoked': tokenRefused,
  'admission-waiting': slowly,
  'admission-rejected': slowly,
  'device-revoked': slowly,
  'collector-changed': slowly,
  'version-unsupported': slowly,
  'signature-wrong': slowly,
};

/** What to do about a refusal; a code that names no plan, or none that this build knows, is retried with the usual backoff. */
export function planFor(code: ProblemCode | null): RefusalPlan {
  return (code === null ? undefined : PLANS[code]) ?? soon;
}
