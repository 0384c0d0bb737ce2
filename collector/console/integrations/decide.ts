import type {
  Decision,
  MatchChangeResponse,
  MatchIssueEntry,
  MatchMatter,
  MatchMember,
  MatchPreviewResponse,
} from '../../../shared/api/integrations.ts';
import type { Pin } from '../../../shared/device/match.ts';
import { SOURCE_NAMES } from '../device/facts.ts';

/** Decisions to make, and ids of those to take back. */
export interface Change {
  readonly add: readonly Pin[];
  readonly remove: readonly string[];
}

type Decided = Pick<Decision, 'id' | 'pin'>;

/** `member` is another device than the others: split from each, since they may be told apart by nothing else. */
export function apart(member: string, others: readonly string[], decided: readonly Decided[]): Change {
  const rest = others.filter(key => key !== member);
  return {
    add: rest
      .filter(key => !isDecided(decided, 'split', member, key))
      .map(key => pinOf('split', member, key)),
    remove: decisionsOn(decided, 'join', member, rest),
  };
}

/**
 * `member` is the device of `to`. What it is with now is split from it: what they have in common would otherwise bring all of
 * them along. `despiteSerials`: also when their serial numbers differ.
 */
export function moved(
  member: string,
  {
    from,
    to,
    despiteSerials,
  }: { readonly from: readonly string[]; readonly to: readonly string[]; readonly despiteSerials: boolean },
  decided: readonly Decided[],
): Change {
  const lead = leadOf(to);
  if (lead === null) return { add: [], remove: [] };
  const left = from.filter(key => key !== member && !to.includes(key));
  const out = apart(member, left, decided);
  return {
    add: [pinOf('join', member, lead, despiteSerials), ...out.add],
    remove: [...decisionsOn(decided, 'split', member, to), ...out.remove],
  };
}

/** All of them are one device, whatever else was decided between them. */
export function together(
  members: readonly string[],
  despiteSerials: boolean,
  decided: readonly Decided[],
): Change {
  const [first, ...others] = members;
  if (first === undefined) return { add: [], remove: [] };
  return {
    add: others.map(key => pinOf('join', first, key, despiteSerials)),
    remove: members.flatMap((key, i) => decisionsOn(decided, 'split', key, members.slice(i + 1))),
  };
}

/** What takes a change back that was made. */
export function undoOf({ added, removed }: MatchChangeResponse): Change {
  return { add: removed.map(({ pin }) => pin), remove: added.map(({ id }) => id) };
}

export function isNothing({ add, remove }: Change): boolean {
  return add.length + remove.length === 0;
}

function pinOf(kind: Pin['kind'], one: string, other: string, despiteSerials = false): Pin {
  return { kind, one, other, ...(despiteSerials ? { despiteSerials } : {}) };
}

/** An agent before a vendor's record: its device keeps its id. */
function leadOf(members: readonly string[]): string | null {
  return members.find(key => key.startsWith('agent/')) ?? members[0] ?? null;
}

function decisionsOn(
  decided: readonly Decided[],
  kind: Pin['kind'],
  member: string,
  others: readonly string[],
): string[] {
  return decided
    .filter(({ pin }) => pin.kind === kind && others.some(other => isBetween(pin, member, other)))
    .map(({ id }) => id);
}

function isDecided(decided: readonly Decided[], kind: Pin['kind'], one: string, other: string): boolean {
  return decided.some(({ pin }) => pin.kind === kind && isBetween(pin, one, other));
}

function isBetween(pin: Pin, one: string, other: string): boolean {
  return (pin.one === one && pin.other === other) || (pin.one === other && pin.other === one);
}

/** One way to settle an entry of the list. */
export interface Way {
  readonly id: string;
  /** What is decided, as a sentence of whoever decides. */
  readonly words: string;
  /** It stays as it is now, and is no longer listed. */
  readonly leaves: boolean;
  readonly change: Change;
}

/** The ways to settle an entry, the likeliest first; none where a device must be chosen first (`no-agent`, `no-row`). */
export function waysOf({ kind, members }: MatchIssueEntry, decided: readonly Decided[]): Way[] {
  const keys = members.map(({ key }) => key);
  const [first, ...others] = members;
  if (first === undefined) return [];
  const split = apart(first.key, keys, decided);
  const isPlural = members.length > 2;
  switch (kind) {
    case 'clone':
    case 'other-serial':
      return [
        { id: 'two', words: 'They are two machines. Keep them apart.', leaves: true, change: split },
        {
          id: 'one',
          words: 'They are one machine. Join them.',
          leaves: false,
          change: together(keys, true, decided),
        },
      ];
    case 'one-for-two': {
      const from = new Set(others.map(({ device }) => device?.id ?? null));
      const ways = [...from].map((id, place): Way => {
        const there = others.filter(({ device }) => (device?.id ?? null) === id);
        const stays = id !== null && first.device?.id === id;
        return {
          id: `to-${place}`,
          words: `It is ${there[0]?.device?.name ?? memberWords(there[0] ?? first)}${stays ? ', as it is now' : ''}.`,
          leaves: stays,
          change: moved(
            first.key,
            { from: keys, to: there.map(({ key }) => key), despiteSerials: false },
            decided,
          ),
        };
      });
      return [
        ...ways.toSorted((one, other) => Number(other.leaves) - Number(one.leaves)),
        {
          id: 'none',
          words: 'It is none of them, but a device of its own.',
          leaves: false,
          change: split,
        },
      ];
    }
    case 'join-refused':
      return [
        {
          id: 'one',
          words: 'They are one machine although their serial numbers differ: its board was replaced.',
          leaves: false,
          change: merged(together(keys, true, decided), decisionsOn(decided, 'join', first.key, keys)),
        },
        {
          id: 'back',
          words: 'The decision was wrong. Take it back.',
          leaves: true,
          change: { add: [], remove: decisionsOn(decided, 'join', first.key, keys) },
        },
      ];
    case 'two-records':
    case 're-enrolled':
    case 'other-board':
      return [
        {
          id: 'one',
          words: 'It is one machine. Leave it as it is.',
          leaves: true,
          change: together(keys, false, decided),
        },
        {
          id: 'two',
          words: isPlural
            ? 'The newest is a machine of its own. Split it from the others.'
            : 'They are two machines. Split them.',
          leaves: false,
          change: split,
        },
      ];
    case 'no-agent':
    case 'no-row':
      return [];
  }
}

function merged(change: Change, remove: readonly string[]): Change {
  return { add: change.add, remove: [...new Set([...change.remove, ...remove])] };
}

/** What each kind is called, in the order in which they are listed. */
export const MATTERS: Readonly<Record<MatchMatter, { readonly word: string; readonly about: string }>> = {
  clone: { word: 'Clone', about: 'Two that live at the same time claim the same hardware.' },
  'other-serial': {
    word: 'Other serial number',
    about: 'An identifier in common, but not the serial number.',
  },
  'one-for-two': { word: 'One record for two', about: 'A record that leads to several devices.' },
  'join-refused': { word: 'Join that does not hold', about: 'Joined by hand, and kept apart all the same.' },
  'two-records': { word: 'Two records', about: 'One account has several records of a device.' },
  're-enrolled': { word: 'Enrolled again', about: 'Several agents, one after the other.' },
  'other-board': { word: 'Replaced board', about: 'The same serial number, another hardware UUID.' },
  'no-agent': { word: 'No agent', about: 'Other systems know it; no agent’s device takes it in.' },
  'no-row': { word: 'In no list', about: 'A computer of which no system says what runs on it.' },
};

/** The kinds in the order of their list: what may be wrong, what is only to be known, what merely has no agent. */
export const MATTER_ORDER: readonly MatchMatter[] = [
  'clone',
  'other-serial',
  'one-for-two',
  'join-refused',
  'two-records',
  're-enrolled',
  'other-board',
  'no-row',
  'no-agent',
];

export function memberWords({ source, accountLabel, name, vendorId }: MatchMember): string {
  const system = source === null ? 'A system' : source === 'agent' ? 'Agent' : SOURCE_NAMES[source];
  return `${system}${accountLabel === null ? '' : ` (${accountLabel})`}: ${name ?? vendorId}`;
}

/** What a change would lead to, a sentence a line. */
export function previewWords({ devices, gone, refused }: MatchPreviewResponse): string[] {
  const lines = devices
    .toSorted((one, other) => Number(one.isNew) - Number(other.isNew))
    .map(({ name, isNew, members }) => {
      const who = members
        .map(({ source }) =>
          source === null ? 'a system' : source === 'agent' ? 'its agent' : SOURCE_NAMES[source],
        )
        .join(', ');
      return isNew ? `${name} becomes a device of its own, known to ${who}.` : `${name} is known to ${who}.`;
    });
  for (const { name } of gone) lines.push(`${name} is no device of its own any more.`);
  for (const { why } of refused) lines.push(`This will not hold: ${why}`);
  return lines.length > 0 ? lines : ['No device changes by it.'];
}
