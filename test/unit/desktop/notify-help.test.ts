import { describe, expect, it } from 'vitest';
import type { DeskHelp, NotificationSettings } from '../../../agent/desktop/contract.ts';
import { afterAnswer, answerDue } from '../../../agent/desktop/main/notify-help.ts';

const NOON = new Date(2026, 10, 24, 12).getTime();
const SETTINGS: NotificationSettings = {
  on: true,
  quietHours: { from: '19:00', to: '07:00' },
  snoozedUntil: null,
  snoozedProblems: {},
};

function request(id: string, answeredAt: number | null): DeskHelp {
  const answer = answeredAt === null ? null : { text: 'Done', by: 'Sam', at: answeredAt };
  return {
    ...{ id, at: 1, text: 'Help', about: null, changedAt: 1, by: null, code: null, open: answer === null },
    ...{ state: answer === null ? 'open' : 'answered', answer },
  };
}

describe('the notification of an answer', () => {
  it('is one for all that are new, about the newest, and each is told once', () => {
    const help = [request('a', 10), request('b', 20), request('c', null)];
    const due = answerDue(help, SETTINGS, [], NOON);
    expect([due?.request.id, due?.covers]).toEqual(['b', ['b', 'a']]);
    const told = afterAnswer([], due, help);
    expect(told).toEqual(['a', 'b']);
    expect(answerDue(help, SETTINGS, told, NOON)).toBeNull();
    // What is kept no longer need not be remembered.
    expect(afterAnswer(told, null, help.slice(1))).toEqual(['b']);
  });

  it.each([
    ['notifications are off', { on: false }, NOON],
    ['they are paused', { snoozedUntil: NOON + 1 }, NOON],
    ['it is a quiet hour', {}, new Date(2026, 10, 24, 21).getTime()],
  ])('waits while %s', (_when, change, now) => {
    expect(answerDue([request('a', 10)], { ...SETTINGS, ...change }, [], now)).toBeNull();
  });
});
