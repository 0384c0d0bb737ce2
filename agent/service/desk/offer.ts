import type { ActionId } from '../../core/action/action.ts';
import type { ActionOutcome } from '../../core/action/run.ts';
import type { ActOutcome, DeskProblem, Saying } from '../../desktop/contract.ts';

/** What is offered beside a problem. */
export function offer(action: ActionId): NonNullable<DeskProblem['action']> {
  const restarts = action === 'restart';
  return { action, title: say(`act.${action}.title`), minutes: restarts ? 5 : 1, restarts };
}

/** What became of an action, in words for the person who agreed to it. */
export function outcomeWords(
  action: ActionId,
  outcome: ActionOutcome,
): Exclude<ActOutcome, { state: 'declined' }> {
  if (outcome.state === 'done') return { state: 'done', says: say(`act.${action}.done`) };
  if (outcome.state === 'already-so') return { state: 'done', says: say('act.already-so') };
  return { state: 'failed', says: say(reason(outcome)) };
}

function reason(outcome: Exclude<ActionOutcome, { state: 'done' | 'already-so' }>): string {
  switch (outcome.state) {
    case 'not-allowed':
      return `act.not-allowed.${outcome.by}`;
    case 'failed':
      return `act.failed.${outcome.reason}`;
    case 'did-not-help':
    case 'unsure-before':
    case 'unsure-after':
    case 'not-possible':
      return `act.${outcome.state}`;
  }
}

function say(key: string): Saying {
  return { key, params: {} };
}
