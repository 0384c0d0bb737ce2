import fc from 'fast-check';
import { describe, it } from 'vitest';
import { Matcher, matchAll } from '../../../collector/merge/match.ts';
import { comparedSerial, type Member, recordKey } from '../../../collector/merge/member.ts';
import { type Heard, merge, mergeObservations, settle } from '../../../collector/merge/merge.ts';
import { rulesWith } from '../../../collector/merge/precedence.ts';
import { DAY } from '../../../shared/base/durations.ts';
import type { Claim, FieldKey, MergedField, MergedRecord } from '../../../shared/device/device.ts';
import type { MatchedDevice, Pin } from '../../../shared/device/match.ts';
import type { ObservedField } from '../../../shared/device/observation.ts';
import { agent, record } from '../../support/members.ts';
import { heard } from '../../support/observations.ts';

/*
 * TRAYLINE_MERGE_RUNS: how many random record sets each property sees (`npm test`: 2,000); TRAYLINE_MERGE_SEED repeats a run.
 */
const RUNS = Number(process.env.TRAYLINE_MERGE_RUNS ?? 2000);
const SEED = process.env.TRAYLINE_MERGE_SEED;
const PARAMETERS = { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) };
/** Long enough for a million on a slow machine; the default number takes seconds. */
const TIMEOUT_MS = 60_000 + RUNS * 5;

const at = 1_800_000_000_000;

// Few values, so that members meet often: the more they quarrel, the more is proved.
const SERIALS = [null, null, 'S-1', 's1', 'S2', 'Default string'];
const UUIDS = [null, null, '4c4c4544-0051-3510-8052-b4c04f4a4d32', '11111111-2222-3333-4444-555555555556'];
const ENTRAS = [null, null, 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee1', 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee2'];
const FALCONS = [null, null, null, `${'0'.repeat(31)}1`, `${'0'.repeat(31)}2`];
const MACS = [
  [],
  [],
  ['3c:52:82:00:00:01'],
  ['3c:52:82:00:00:02'],
  ['3c:52:82:00:00:01', '3c:52:82:00:00:02'],
  ['02:00:00:00:00:01'],
];
const NAMES = [null, 'LT-1', 'lt-1.corp.example', 'LT-2'];
const TIMES = [null, at, at + DAY, at + 9 * DAY, at + 10 * DAY];
const KEYS = [
  'agent/a',
  'agent/b',
  'agent/c',
  'intune/x/1',
  'intune/x/2',
  'intune/y/1',
  'entra/x/1',
  'entra/x/2',
  'jamf/x/1',
  'crowdstrike/x/1',
];

/** One whole number says all of it, digit by digit: a million sets are made in minutes, and shrinking still works. */
function decode<T extends Record<string, readonly unknown[]>>(
  choices: T,
  code: number,
): { [K in keyof T]: T[K][number] } {
  let rest = code;
  const made = Object.entries(choices).map(([name, values]) => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return [name, value];
  });
  return Object.fromEntries(made);
}
function coded<T extends Record<string, readonly unknown[]>>(
  choices: T,
): fc.Arbitrary<{ [K in keyof T]: T[K][number] }> {
  const ways = Object.values(choices).reduce((product, values) => product * values.length, 1);
  return fc.nat({ max: ways - 1 }).map(code => decode(choices, code));
}

const member = coded({
  key: KEYS,
  serial: SERIALS,
  uuid: UUIDS,
  udid: UUIDS,
  entraDeviceId: ENTRAS,
  falconAid: FALCONS,
  macs: MACS,
  hostname: NAMES,
  since: TIMES,
  until: TIMES,
  kind: ['computer', 'computer', 'mobile', 'unknown'] as const,
}).map(({ key, ...told }): Member => {
  const id = key.slice('agent/'.length);
  return key.startsWith('agent/') ? agent(id, { ...told, kind: 'computer' }) : record(key, told);
});
const members = fc
  .array(member, { maxLength: 14 })
  .map(list => [...new Map(list.map(each => [each.key, each])).values()]);
const pins = fc.array(
  coded({
    kind: ['split', 'join'] as const,
    one: KEYS,
    other: KEYS,
    despiteSerials: [false, false, true],
  }),
  { maxLength: 4 },
);

/** As text, so that a million comparisons take no longer than they must. */
const textOf = (devices: Iterable<MatchedDevice>): string =>
  JSON.stringify([...devices].sort((one, other) => (one.id < other.id ? -1 : 1)));

const shuffled = <T>(list: readonly T[], seed: number): T[] =>
  list
    .map((item, i) => ({ item, key: Math.sin(seed + i * 7919) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

const isTogether = (devices: readonly MatchedDevice[], one: string, other: string): boolean =>
  devices.some(({ members: keys }) => keys.includes(one) && keys.includes(other));

function serialsOf(device: MatchedDevice, all: readonly Member[]): Set<string> {
  const found = new Set<string>();
  for (const { key, serial } of all) {
    const compared = comparedSerial(serial);
    if (compared !== null && device.members.includes(key)) found.add(compared);
  }
  return found;
}

/** Fails with what was broken; `true` of a property says too little. */
function holds(what: Record<string, boolean>): void {
  const broken = Object.keys(what).filter(name => what[name] !== true);
  if (broken.length > 0) throw new Error(broken.join(', '));
}

function isOneEach(devices: readonly MatchedDevice[], list: readonly Member[]): boolean {
  const keys = devices.flatMap(({ members: own }) => own);
  return (
    keys.length === list.length &&
    new Set(keys).size === list.length &&
    new Set(devices.map(({ id }) => id)).size === devices.length
  );
}

function hasOneSerial(device: MatchedDevice, list: readonly Member[], decided: readonly Pin[]): boolean {
  const confirmed = decided.filter(
    ({ kind, despiteSerials, one, other }) =>
      kind === 'join' && despiteSerials && one !== other && isTogether([device], one, other),
  );
  return serialsOf(device, list).size <= 1 + confirmed.length;
}

function isKept(devices: readonly MatchedDevice[], { kind, one, other }: Pin): boolean {
  if (one === other) return true;
  if (kind === 'split') return !isTogether(devices, one, other);
  return (
    isTogether(devices, one, other) ||
    devices.some(({ issues }) =>
      issues.some(
        issue =>
          issue.kind === 'join-refused' && issue.members.includes(one) && issue.members.includes(other),
      ),
    )
  );
}

describe('matching, whatever the records', () => {
  it(
    'depends on no order, never joins different serial numbers unconfirmed, keeps what was decided by hand',
    () => {
      fc.assert(
        fc.property(members, pins, fc.integer(), (list, decided, seed) => {
          const devices = matchAll(list, decided);
          const here = new Set(list.map(({ key }) => key));
          const about = decided.filter(({ one, other }) => here.has(one) && here.has(other));
          holds({
            'order does not matter':
              textOf(devices) === textOf(matchAll(shuffled(list, seed), shuffled(decided, seed + 1))),
            'every member is in exactly one device': isOneEach(devices, list),
            'members of a device share something': devices.every(
              ({ links }) => links.length === 1 || links.every(({ by }) => by !== null),
            ),
            'one serial number, unless confirmed': devices.every(device =>
              hasOneSerial(device, list, decided),
            ),
            'splits stay split, joins joined or told why not': about.every(each => isKept(devices, each)),
          });
        }),
        PARAMETERS,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'comes to the same record by record, with changes, removals and decisions in between, as all at once',
    () => {
      const step = fc.oneof(
        { weight: 5, arbitrary: member.map(put => ({ put: [put] })) },
        { weight: 2, arbitrary: fc.constantFrom(...KEYS).map(key => ({ remove: [key] })) },
        { weight: 1, arbitrary: pins.map(decided => ({ pins: decided })) },
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 25 }), steps => {
          const matcher = new Matcher();
          const now = new Map<string, Member>();
          let decided: readonly Pin[] = [];
          const shown = new Map<string, MatchedDevice>();
          for (const one of steps) {
            const { gone, devices } = matcher.update(one);
            for (const id of gone) shown.delete(id);
            for (const device of devices) shown.set(device.id, device);
            if ('put' in one) for (const put of one.put) now.set(put.key, put);
            if ('remove' in one) for (const key of one.remove) now.delete(key);
            if ('pins' in one) decided = one.pins;
          }
          const wanted = textOf(matchAll(now.values(), decided));
          holds({
            'the matcher is where a fresh one would be': textOf(matcher.devices()) === wanted,
            'who follows the changes sees what is there': textOf(shown.values()) === wanted,
          });
        }),
        PARAMETERS,
      );
    },
    TIMEOUT_MS,
  );
});

const FIELDS: readonly FieldKey[] = [
  'identity.person',
  'compliance.compliant',
  'firewall.enabled',
  'hardware.serial',
];
const VALUES: readonly Claim['value'][] = [true, false, 'S1', 's1', null];
const DAYS = Array.from({ length: 12 }, (_, i) => at + 5 * i * DAY);

const agentClaims = fc
  .array(
    coded({ field: FIELDS, value: VALUES, observedAt: DAYS, receivedAt: DAYS }).map(
      ({ field, value, ...times }): [FieldKey, Claim] => [
        field,
        { source: 'agent', value, ...(value === null ? { reason: 'timeout' } : {}), ...times },
      ],
    ),
    { maxLength: 4 },
  )
  .map(list => Object.fromEntries(list));
const observedField = coded({ field: FIELDS, value: VALUES, own: [null, ...DAYS] }).map(
  ({ field, value, own }): [FieldKey, ObservedField] => [
    field,
    {
      value,
      ...(value === null ? { reason: 'not-told' } : {}),
      ...(own === null ? {} : { observedAt: own }),
    },
  ],
);
const VENDORS = ['citrix', 'workspace-one', 'intune', 'entra', 'jamf', 'crowdstrike'] as const;
const observations = fc
  .array(
    fc
      .tuple(
        coded({
          source: VENDORS,
          account: ['x', 'y'],
          vendorId: ['1', '2'],
          observedAt: DAYS,
          receivedAt: DAYS,
        }),
        fc.array(observedField, { maxLength: 4 }),
      )
      .map(
        // Two sources of one connector, and one source of two.
        ([{ source, ...told }, fields]): Heard =>
          heard(source, Object.fromEntries(fields), {
            ...told,
            connector: source === 'entra' ? 'intune' : source,
          }),
      ),
    { maxLength: 8 },
  )
  .map(list => [...new Map(list.map(each => [recordKey(each.observation), each])).values()]);
/** Later than everything above, so that some of it has grown too old and some has not. */
const NOW = at + 60 * DAY;
const RULES = [
  rulesWith(),
  rulesWith(
    { 'compliance.compliant': ['entra'], 'firewall.enabled': ['jamf', 'agent'] },
    { 'compliance.compliant': 20 * DAY, 'firewall.enabled': null, 'hardware.serial': 40 * DAY },
  ),
];
const rules = fc.constantFrom(...RULES);

describe('merging, whatever the records', () => {
  it(
    'depends on no order, is the same twice, and lets no unknown value win over a known one',
    () => {
      fc.assert(
        fc.property(
          agentClaims,
          observations,
          observations,
          rules,
          fc.integer(),
          (claims, list, earlier, held, seed) => {
            const own = settle(merge({}, claims, held), NOW, held);
            const once = mergeObservations(own, list, NOW, held);
            const vendorsFirst = settle(
              merge(mergeObservations({}, list, NOW, held), claims, held),
              NOW,
              held,
            );
            const others = merge(mergeObservations({}, earlier, NOW, held), claims, held);
            const text = JSON.stringify(once);
            holds({
              'order does not matter':
                text === JSON.stringify(mergeObservations(own, shuffled(list, seed), NOW, held)),
              'twice is once': text === JSON.stringify(mergeObservations(once, list, NOW, held)),
              'nothing to settle': settle(once, NOW, held) === once,
              'agent and vendors may come in either order': sorted(vendorsFirst) === sorted(once),
              'what vendors said before is forgotten':
                text === JSON.stringify(mergeObservations(others, list, NOW, held)),
              'a known value wins, an unknown one has its reason': Object.values(once).every(isSound),
            });
          },
        ),
        PARAMETERS,
      );
    },
    TIMEOUT_MS,
  );

  it(
    'at a later time is the same as growing old until then, also under other rules',
    () => {
      fc.assert(
        fc.property(
          agentClaims,
          observations,
          rules,
          rules,
          fc.nat(60),
          (claims, list, held, later, days) => {
            const then = NOW - days * DAY;
            const before = mergeObservations(merge({}, claims, held), list, then, held);
            return (
              sorted(settle(before, NOW, later)) ===
              sorted(mergeObservations(merge({}, claims, later), list, NOW, later))
            );
          },
        ),
        PARAMETERS,
      );
    },
    TIMEOUT_MS,
  );
});

function isSound({ rivals = [], ...winner }: MergedField): boolean {
  if (winner.value === null && rivals.some(rival => rival.value !== null)) return false;
  return [winner, ...rivals].every(({ value, reason }) => value !== null || reason !== undefined);
}

function sorted(merged: MergedRecord): string {
  return JSON.stringify(Object.entries(merged).sort(([one], [other]) => (one < other ? -1 : 1)));
}
