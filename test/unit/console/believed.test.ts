import { describe, expect, it } from 'vitest';
import {
  ageChoices,
  ageIn,
  ageOf,
  ageText,
  changedIn,
  draftOf,
  isSaid,
  orderIn,
  placed,
  stepped,
  withAge,
  withOrder,
  withoutField,
} from '../../../collector/console/integrations/believed.ts';
import { DEFAULT_RULES } from '../../../collector/merge/precedence.ts';
import { type PrecedenceResponse, precedenceResponse } from '../../../shared/api/integrations.ts';
import { DAY, HOUR } from '../../../shared/base/durations.ts';
import { FIELD_KEYS } from '../../../shared/device/device.ts';

const kept = (change: Partial<PrecedenceResponse> = {}): PrecedenceResponse =>
  precedenceResponse.parse({
    order: {},
    maxAgeMs: {},
    defaults: Object.fromEntries(FIELD_KEYS.map(field => [field, [...DEFAULT_RULES[field].order]])),
    defaultMaxAgeMs: Object.fromEntries(FIELD_KEYS.map(field => [field, DEFAULT_RULES[field].maxAgeMs])),
    hash: null,
    changedAt: null,
    changedBy: null,
    ...change,
  });

describe('an order', () => {
  it('has one source moved by a place or to a place, and stays within its ends', () => {
    const order = ['agent', 'intune', 'entra'] as const;
    expect(stepped(order, 'agent', 1)).toEqual(['intune', 'agent', 'entra']);
    expect(stepped(order, 'agent', -1)).toEqual(['agent', 'intune', 'entra']);
    expect(stepped(order, 'entra', 1)).toEqual(['agent', 'intune', 'entra']);
    expect(placed(order, 'entra', 0)).toEqual(['entra', 'agent', 'intune']);
    expect(placed(order, 'agent', 2)).toEqual(['intune', 'entra', 'agent']);
  });

  it('that names only some has the others behind them in their usual order', () => {
    const now = kept({ order: { 'os.name': ['entra'] } });
    expect(orderIn(draftOf(now), now, 'os.name')).toEqual([
      'entra',
      ...now.defaults['os.name'].filter(source => source !== 'entra'),
    ]);
  });

  it('that is the usual one again is nobody’s word', () => {
    const now = kept();
    const usual = now.defaults['os.name'];
    const other = withOrder(draftOf(now), now, 'os.name', placed(usual, 'entra', 0));
    expect([isSaid(other, 'os.name'), changedIn(other, now, FIELD_KEYS)]).toEqual([true, ['os.name']]);
    const back = withOrder(other, now, 'os.name', [...usual]);
    expect([isSaid(back, 'os.name'), changedIn(back, now, FIELD_KEYS)]).toEqual([false, []]);
  });
});

describe('an age', () => {
  it('that is the usual one is nobody’s word, and never is an age too', () => {
    const now = kept();
    const never = withAge(draftOf(now), now, 'firewall.enabled', null);
    expect([ageIn(never, now, 'firewall.enabled'), isSaid(never, 'firewall.enabled')]).toEqual([null, true]);
    expect(isSaid(withAge(never, now, 'firewall.enabled', 7 * DAY), 'firewall.enabled')).toBe(false);
    expect(changedIn(never, now, FIELD_KEYS)).toEqual(['firewall.enabled']);
  });

  it('is chosen among some, with the one that holds and the usual one', () => {
    const choices = ageChoices(11 * HOUR, 5 * DAY);
    expect(choices.map(({ label }) => label)).toContain('11 h');
    expect(choices.map(({ label }) => label)).toContain('5 d (as usual)');
    expect(choices.map(({ value }) => ageOf(value)).toSorted((a, b) => (a ?? 1e15) - (b ?? 1e15))).toEqual(
      choices.map(({ value }) => ageOf(value)),
    );
    expect(ageOf(ageText(null))).toBeNull();
  });
});

it('a fact that goes back to default is left out of what is said', () => {
  const now = kept({ order: { 'os.name': ['entra'] }, maxAgeMs: { 'os.name': DAY, 'os.build': null } });
  const draft = withoutField(draftOf(now), 'os.name');
  expect([draft.order, draft.maxAgeMs, changedIn(draft, now, FIELD_KEYS)]).toEqual([
    {},
    { 'os.build': null },
    ['os.name'],
  ]);
});
