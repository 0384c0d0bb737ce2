import { describe, expect, it } from 'vitest';
import { filtered, filterOf } from '../../../collector/console/help/help-words.ts';
import type { HelpRequest } from '../../../shared/api/schemas.ts';

function request(id: string, change: Partial<HelpRequest> = {}): HelpRequest {
  return {
    ...{ id, device: `d-${id}`, deviceName: `HOST-${id}`, person: 'kim', text: 'No sound', about: null },
    ...{ askedAt: 1, receivedAt: 1, state: 'open', changedAt: 1, steps: [], answer: null },
    ...change,
  };
}

describe('the filter of requests', () => {
  it('is read from the address bar, and what it cannot mean is left out', () => {
    expect(filterOf(new URLSearchParams('state=seen&q=Printer'))).toEqual({
      state: 'seen',
      search: 'Printer',
    });
    expect(filterOf(new URLSearchParams('state=closed'))).toEqual({ state: null, search: '' });
  });

  it('looks for words in what was asked, who asked, where, about what and what was answered', () => {
    const all = [
      request('1', { text: 'The printer is stuck' }),
      request('2', { person: 'Printer Paul' }),
      request('3', { deviceName: 'PRINTER-LT-1' }),
      request('4', {
        about: { problem: 'firewall-off', what: { key: 'score.compliance.firewall-off', params: {} } },
      }),
      request('5', { answer: { text: 'Use the other printer', by: 'Sam', at: 2 } }),
      request('6'),
    ];
    const ids = (search: string) => filtered(all, { state: null, search }).map(({ id }) => id);
    expect(ids('printer')).toEqual(['1', '2', '3', '5']);
    expect(ids('firewall')).toEqual(['4']);
    expect(ids('  ')).toHaveLength(6);
  });

  it('keeps one state only, and the order', () => {
    const all = [request('1'), request('2', { state: 'seen' }), request('3')];
    expect(filtered(all, { state: 'open', search: '' }).map(({ id }) => id)).toEqual(['1', '3']);
  });
});
