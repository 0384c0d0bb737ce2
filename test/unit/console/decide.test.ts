import { describe, expect, it } from 'vitest';
import {
  apart,
  type Change,
  MATTER_ORDER,
  MATTERS,
  moved,
  previewWords,
  together,
  undoOf,
  waysOf,
} from '../../../collector/console/integrations/decide.ts';
import { Matcher } from '../../../collector/merge/match.ts';
import type { Decision, MatchIssueEntry, MatchMember } from '../../../shared/api/integrations.ts';
import { MATCH_MATTERS } from '../../../shared/api/integrations.ts';
import type { Pin } from '../../../shared/device/match.ts';
import { agent, record } from '../../support/members.ts';

const A = 'agent/a1';
const B = 'agent/b1';
const INTUNE = 'intune/x/1';
const ENTRA = 'entra/x/1';

/** One laptop that three speak of, and another that only its agent knows. */
function fleet(): Matcher {
  return new Matcher([
    agent('a1', { serial: 'SER-1' }),
    agent('b1', { serial: 'SER-2' }),
    record(INTUNE, { serial: 'SER-1', entraDeviceId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee1' }),
    record(ENTRA, { entraDeviceId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee1' }),
  ]);
}

function groupsAfter(change: Change, before: readonly Pin[] = []): string[][] {
  const matcher = fleet();
  matcher.setPins([...before, ...change.add]);
  return [...matcher.devices()].map(({ members }) => [...members]).toSorted();
}

function decided(...pins: Pin[]): Pick<Decision, 'id' | 'pin'>[] {
  return pins.map((pin, i) => ({ id: `d${i}`, pin }));
}

function member(key: string, device: MatchMember['device'] = null): MatchMember {
  const source = key.startsWith('agent') ? ('agent' as const) : ('intune' as const);
  return {
    key,
    source,
    accountLabel: source === 'agent' ? null : 'Contoso',
    vendorId: '1',
    name: 'LT-1',
    device,
  };
}

function entry(kind: MatchIssueEntry['kind'], members: MatchMember[]): MatchIssueEntry {
  return { id: 'i1', kind, by: null, value: null, why: 'because', members };
}

describe('a record that is another device', () => {
  it('is split from everybody, so that nobody keeps it by what they share', () => {
    const change = apart(INTUNE, [A, INTUNE, ENTRA], []);
    expect(groupsAfter(change)).toEqual([[A], [B], [ENTRA], [INTUNE]].toSorted());
  });

  it('takes back a join of before, and is not split twice', () => {
    const before = decided(
      { kind: 'join', one: A, other: INTUNE },
      { kind: 'split', one: ENTRA, other: INTUNE },
      { kind: 'join', one: A, other: B },
    );
    expect(apart(INTUNE, [A, ENTRA], before)).toEqual({
      add: [{ kind: 'split', one: INTUNE, other: A }],
      remove: ['d0'],
    });
  });
});

describe('a record that belongs to another device', () => {
  it('leaves whom it was with, and brings nobody of them along', () => {
    const change = moved(ENTRA, { from: [A, INTUNE, ENTRA], to: [B], despiteSerials: false }, []);
    expect(groupsAfter(change)).toEqual([
      [A, INTUNE],
      [B, ENTRA],
    ]);
  });

  it('with another serial number goes there only when that is confirmed', () => {
    const ask = { from: [A, INTUNE, ENTRA], to: [B] };
    expect(groupsAfter(moved(INTUNE, { ...ask, despiteSerials: false }, []))).toContainEqual([B]);
    expect(groupsAfter(moved(INTUNE, { ...ask, despiteSerials: true }, []))).toContainEqual([B, INTUNE]);
  });

  it('takes back that it was split from there', () => {
    const before = decided({ kind: 'split', one: B, other: ENTRA });
    const { remove } = moved(ENTRA, { from: [ENTRA], to: [B], despiteSerials: false }, before);
    expect(remove).toEqual(['d0']);
  });
});

it('a change is undone by its opposite', () => {
  const [made] = decided({ kind: 'join', one: A, other: B });
  const [gone] = decided({ kind: 'split', one: A, other: INTUNE });
  const full = (one: Pick<Decision, 'id' | 'pin'> | undefined, id: string): Decision[] =>
    one === undefined ? [] : [{ ...one, id, at: 1, by: 'sam', one: member(A), other: member(B) }];
  expect(undoOf({ added: full(made, 'new'), removed: full(gone, 'old') })).toEqual({
    add: [gone?.pin],
    remove: ['new'],
  });
});

describe('the ways to settle what was noticed', () => {
  it('are there for every kind but those where a device must be chosen first', () => {
    const members = [member(INTUNE, { id: 'a1', name: 'LT-1' }), member(A), member(B)];
    const without = MATCH_MATTERS.filter(kind => waysOf(entry(kind, members), []).length === 0);
    expect(without).toEqual(['no-agent', 'no-row']);
    expect([...MATTER_ORDER].toSorted()).toEqual([...MATCH_MATTERS].toSorted());
    expect(Object.keys(MATTERS).toSorted()).toEqual([...MATCH_MATTERS].toSorted());
  });

  it('of several records of one device leave them together, for good', () => {
    const keys = ['intune/x/1', 'intune/x/2', 'intune/x/3'];
    const matcher = new Matcher(keys.map((key, i) => record(key, { serial: 'SER-1', until: i })));
    const [noticed] = [...matcher.issues()];
    expect(noticed?.kind).toBe('two-records');
    const [leave] = waysOf(
      entry(
        'two-records',
        (noticed?.members ?? []).map(key => member(key)),
      ),
      [],
    );
    expect(leave?.leaves).toBe(true);
    matcher.setPins(leave?.change.add ?? []);
    expect([[...matcher.issues()], [...matcher.devices()].length]).toEqual([[], 1]);
  });

  it('of a clone keep them apart, or make them one', () => {
    const times = { since: 0, until: 10 * 86_400_000 };
    const matcher = new Matcher([
      agent('a1', { serial: 'S1', ...times }),
      agent('b1', { serial: 'S1', ...times }),
    ]);
    const [noticed] = [...matcher.issues()];
    expect(noticed?.kind).toBe('clone');
    const [two, one] = waysOf(entry('clone', [member(A), member(B)]), []);
    matcher.setPins(two?.change.add ?? []);
    expect([[...matcher.issues()], [...matcher.devices()].length]).toEqual([[], 2]);
    matcher.setPins(one?.change.add ?? []);
    expect([...matcher.devices()].length).toBe(1);
  });

  it('of a record for two name each device, the present one first', () => {
    const there = { id: 'a1', name: 'LT-A' };
    const ways = waysOf(
      entry('one-for-two', [member(INTUNE, there), member(B, { id: 'b1', name: 'LT-B' }), member(A, there)]),
      [],
    );
    expect(ways.map(({ words, leaves }) => [words, leaves])).toEqual([
      ['It is LT-A, as it is now.', true],
      ['It is LT-B.', false],
      ['It is none of them, but a device of its own.', false],
    ]);
    expect(ways[1]?.change.add).toEqual([
      { kind: 'join', one: INTUNE, other: B },
      { kind: 'split', one: INTUNE, other: A },
    ]);
  });

  it('of a join that does not hold confirm it or take it back', () => {
    const before = decided({ kind: 'join', one: A, other: INTUNE });
    const [sure, back] = waysOf(entry('join-refused', [member(A), member(INTUNE)]), before);
    expect(sure?.change).toEqual({
      add: [{ kind: 'join', one: A, other: INTUNE, despiteSerials: true }],
      remove: ['d0'],
    });
    expect(back?.change).toEqual({ add: [], remove: ['d0'] });
  });
});

describe('what will happen, in words', () => {
  it('tells what stays, what is new, what is no more and what will not hold', () => {
    const pin: Pin = { kind: 'join', one: A, other: B };
    expect(
      previewWords({
        devices: [
          { id: 'v-1', name: 'LT-2', isNew: true, hasAgent: false, members: [member(INTUNE)] },
          { id: 'a1', name: 'LT-1', isNew: false, hasAgent: true, members: [member(A)] },
        ],
        gone: [{ id: 'v-2', name: 'LT-3' }],
        refused: [{ pin, why: 'Their serial numbers differ.' }],
      }),
    ).toEqual([
      'LT-1 is known to its agent.',
      'LT-2 becomes a device of its own, known to Intune.',
      'LT-3 is no device of its own any more.',
      'This will not hold: Their serial numbers differ.',
    ]);
    expect(previewWords({ devices: [], gone: [], refused: [] })).toEqual(['No device changes by it.']);
  });
});

it('joining all of some members takes back every split between them', () => {
  const before = decided({ kind: 'split', one: INTUNE, other: ENTRA }, { kind: 'split', one: A, other: B });
  expect(together([A, INTUNE, ENTRA], false, before).remove).toEqual(['d0']);
});
