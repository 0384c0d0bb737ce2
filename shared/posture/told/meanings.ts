import type { CheckId } from '../checks.ts';

/** What each check asks of a device, in one sentence for its owner: what is read, and where it matters what is not. */
export type CheckMeanings = Readonly<Record<CheckId, string>>;
