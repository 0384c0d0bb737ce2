import { PROBLEM_CODES, type ProblemCode } from '../../shared/problem/codes.ts';
import type { Problem } from '../../shared/problem/problem.ts';

/** What is remembered about one account, enough to say how it is. Times are milliseconds since 1970 by our clock. */
export interface AccountHealth {
  /** When it last worked: a check without a failed line, or a run that ended. */
  readonly workedAt: number | null;
  /** When its settings were last saved; what was before that says nothing about them. */
  readonly savedAt: number;
  readonly lastProblem: {
    readonly code: ProblemCode;
    /** The vendor's own words, clean. */
    readonly detail: string;
    readonly at: number;
    /** Since when it has been so without a success in between. */
    readonly since: number;
  } | null;
}

/**
 * - `pending`: saved, but it has not worked with these settings yet;
 * - `configured`: it works, or did so lately and what is wrong will pass;
 * - `reconnect`: it worked, and now a person must do something (new secret, permission, address).
 */
export type AccountState = 'pending' | 'configured' | 'reconnect';

export type ConnectorState = 'not-configured' | AccountState;

/** Can only a person help? A passing trouble (busy, unreachable) is told, but changes no state. */
export function needsPerson(code: ProblemCode): boolean {
  return !PROBLEM_CODES[code].retry;
}

export function accountState({ workedAt, savedAt, lastProblem }: AccountHealth): AccountState {
  if (workedAt === null || workedAt < savedAt) return 'pending';
  if (lastProblem === null || lastProblem.at <= workedAt) return 'configured';
  return needsPerson(lastProblem.code) ? 'reconnect' : 'configured';
}

/** The whole connector in one word, and how many of its accounts have a problem that stands. */
export function connectorState(accounts: readonly AccountHealth[]): {
  readonly state: ConnectorState;
  readonly withIssues: number;
} {
  const states = accounts.map(accountState);
  const withIssues = accounts.filter(hasIssue).length;
  const [first] = (['reconnect', 'pending', 'configured'] as const).filter(state => states.includes(state));
  // One account that works is a connector that works; its others are counted, not hidden.
  const state = states.includes('configured') ? 'configured' : (first ?? 'not-configured');
  return { state, withIssues };
}

function hasIssue(account: AccountHealth): boolean {
  const { lastProblem, workedAt } = account;
  return lastProblem !== null && (workedAt === null || lastProblem.at > workedAt);
}

/** What is remembered after something went well. */
export function afterSuccess(health: AccountHealth, at: number): AccountHealth {
  return { ...health, workedAt: at, lastProblem: null };
}

/** What is remembered after something failed. */
export function afterProblem(health: AccountHealth, problem: Problem, at: number): AccountHealth {
  const since = health.lastProblem?.code === problem.code ? health.lastProblem.since : at;
  return { ...health, lastProblem: { code: problem.code, detail: problem.detail, at, since } };
}
