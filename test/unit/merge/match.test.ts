import { describe, expect, it } from 'vitest';
import { Matcher, matchAll } from '../../../collector/merge/match.ts';
import { recordKey, recordMember } from '../../../collector/merge/member.ts';
import { DAY, HOUR } from '../../../shared/base/durations.ts';
import type { MatchedDevice, Pin } from '../../../shared/device/match.ts';
import type { Observation } from '../../../shared/device/observation.ts';
import { agent, record } from '../../support/members.ts';

const at = 1_800_000_000_000;
const UUID = '4c4c4544-0051-3510-8052-b4c04f4a4d32';
const OTHER_UUID = '11111111-2222-3333-4444-555555555556';
const ENTRA = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee1';
const MAC = '3c:52:82:00:00:01';

const groups = (devices: readonly MatchedDevice[]): string[][] =>
  devices.map(({ members }) => members).sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
const issuesOf = (devices: readonly MatchedDevice[]) =>
  [...new Set(devices.flatMap(({ issues }) => issues))].map(({ kind, members }) => ({ kind, members }));
const joined = (devices: readonly MatchedDevice[]): boolean => devices.length === 1;

describe('matching', () => {
  it('joins an agent and the records of six systems over serial, UUID, Entra id, UDID and Falcon id', () => {
    const devices = matchAll([
      agent('a1', { serial: 'PF-3XK 9A', uuid: UUID, hostname: 'LT-1' }),
      record('intune/x/1', { serial: 'PF3XK9A', entraDeviceId: ENTRA }),
      record('entra/x/1', { entraDeviceId: ENTRA.toUpperCase() }),
      record('citrix/x/1', { udid: UUID.toUpperCase(), falconAid: 'f'.repeat(31) + '1' }),
      record('crowdstrike/x/1', { falconAid: 'f'.repeat(31) + '1' }),
      record('jamf/x/1', { macs: [MAC], hostname: 'lt-1.example' }),
      record('workspace-one/x/1', { serial: 'pf3xk9a', macs: [MAC] }),
    ]);
    expect(devices).toHaveLength(1);
    expect(devices[0]).toMatchObject({ id: 'a1', agent: 'a1', issues: [] });
    expect(Object.fromEntries(devices[0]?.links.map(({ member, by }) => [member, by]) ?? [])).toEqual({
      'agent/a1': 'serial',
      'citrix/x/1': 'hardware',
      'crowdstrike/x/1': 'falcon',
      'entra/x/1': 'entra',
      'intune/x/1': 'serial',
      'jamf/x/1': 'mac',
      'workspace-one/x/1': 'serial',
    });
  });

  it('reads a UUID whose first groups were stored the other way round as the same', () => {
    const swapped = '44454c4c-5100-1035-8052-b4c04f4a4d32';
    expect(joined(matchAll([agent('a', { uuid: UUID }), record('x/y/1', { uuid: swapped })]))).toBe(true);
  });

  it('never joins by name', () => {
    const named = { hostname: 'LT-1' };
    expect(matchAll([agent('a', named), record('x/y/1', named), record('z/y/1', named)])).toHaveLength(3);
  });

  it('takes no filler serial number and no all-zero UUID for an identifier', () => {
    const filler = { serial: 'To Be Filled By O.E.M.', uuid: '00000000-0000-0000-0000-000000000000' };
    expect(matchAll([agent('a', filler), record('x/y/1', filler)])).toHaveLength(2);
  });

  it('never joins different serial numbers, whatever else is the same, and says so', () => {
    const devices = matchAll([
      record('intune/x/1', { serial: 'S1', uuid: UUID, entraDeviceId: ENTRA, macs: [MAC] }),
      record('intune/x/2', { serial: 'S2', uuid: UUID, entraDeviceId: ENTRA, macs: [MAC] }),
    ]);
    expect(devices).toHaveLength(2);
    expect(issuesOf(devices)).toEqual([{ kind: 'other-serial', members: ['intune/x/1', 'intune/x/2'] }]);
  });

  it('takes a serial number on more records than a device can have for a filler, and tells so', () => {
    const many = Array.from({ length: 70 }, (_, i) => record(`x/y/${i}`, { serial: 'NEWFILLER' }));
    const matcher = new Matcher(many);
    expect([...matcher.devices()]).toHaveLength(70);
    expect([...matcher.ignored()]).toMatchObject([{ by: 'serial', value: 'NEWFILLER', why: 'filler' }]);
    for (const { key } of many.slice(10)) matcher.remove(key);
    expect([...matcher.devices()]).toHaveLength(1);
  });
});

describe('network addresses', () => {
  it('join two that know nothing else, if their names agree or are unknown', () => {
    const known = record('x/y/1', { macs: [MAC], hostname: 'LT-1' });
    expect(joined(matchAll([known, record('z/y/1', { macs: [MAC], hostname: 'lt-1.corp.example' })]))).toBe(
      true,
    );
    expect(joined(matchAll([known, record('z/y/1', { macs: [MAC] })]))).toBe(true);
    expect(joined(matchAll([known, record('z/y/1', { macs: [MAC], hostname: 'LT-2' })]))).toBe(false);
  });

  it('join two of different names that share several', () => {
    const macs = [MAC, '3c:52:82:00:00:02'];
    expect(
      joined(
        matchAll([
          record('x/y/1', { macs, hostname: 'LT-1' }),
          record('z/y/1', { macs, hostname: 'Annas MacBook' }),
        ]),
      ),
    ).toBe(true);
  });

  it('that are randomised or given out by VPN software are none', () => {
    for (const mac of ['02:00:00:00:00:01', '00:05:9a:3c:7a:00', '00:50:56:c0:00:08']) {
      expect(matchAll([record('x/y/1', { macs: [mac] }), record('z/y/1', { macs: [mac] })])).toHaveLength(2);
    }
  });

  it("of a dock join nobody once two serial numbers have been seen with it, not even a guest's own record", () => {
    const matcher = new Matcher([
      agent('a', { serial: 'S1', macs: [MAC], hostname: 'LT-1' }),
      record('falcon/x/1', { macs: [MAC] }),
    ]);
    expect([...matcher.devices()]).toHaveLength(1);
    const { devices } = matcher.put(agent('b', { serial: 'S2', macs: [MAC], hostname: 'LT-2' }));
    expect(groups(devices)).toEqual([['agent/a'], ['agent/b'], ['falcon/x/1']]);
    expect([...matcher.ignored()]).toMatchObject([{ by: 'mac', value: MAC, why: 'shared-adapter' }]);
    matcher.remove('agent/b');
    expect([...matcher.devices()]).toHaveLength(1);
  });
});

describe('what is not one record to one device', () => {
  it('tells two agents that lived one after the other as one device that enrolled again', () => {
    const devices = matchAll([
      agent('old', { serial: 'S1', since: at, until: at + DAY }),
      agent('new', { serial: 'S1', since: at + DAY, until: at + 2 * DAY }),
    ]);
    expect(devices).toMatchObject([{ id: 'new', agent: 'new', members: ['agent/new', 'agent/old'] }]);
    expect(issuesOf(devices)).toEqual([{ kind: 're-enrolled', members: ['agent/new', 'agent/old'] }]);
  });

  it('keeps two agents apart that claim the same hardware at the same time: clones', () => {
    const devices = matchAll([
      agent('a', { serial: 'S1', uuid: UUID, since: at, until: at + 2 * DAY }),
      agent('b', { serial: 'S1', uuid: UUID, since: at + DAY, until: at + 2 * DAY }),
    ]);
    expect(groups(devices)).toEqual([['agent/a'], ['agent/b']]);
    expect(issuesOf(devices)).toEqual([{ kind: 'clone', members: ['agent/a', 'agent/b'] }]);
  });

  it('gives a record of two clones to the one it has more in common with, and tells so', () => {
    const clones = [
      agent('a', { serial: 'S1', hostname: 'LT-1', since: at, until: at + 2 * DAY }),
      agent('b', { serial: 'S1', hostname: 'LT-2', since: at + DAY, until: at + 2 * DAY }),
    ];
    const told = matchAll([...clones, record('intune/x/1', { serial: 'S1', hostname: 'lt-2' })]);
    expect(groups(told)).toEqual([['agent/a'], ['agent/b', 'intune/x/1']]);
    expect(issuesOf(told)).toContainEqual({
      kind: 'one-for-two',
      members: ['intune/x/1', 'agent/a', 'agent/b'],
    });
  });

  it('leaves a record alone that fits two devices equally, and tells so', () => {
    const devices = matchAll([
      record('intune/x/1', { serial: 'S1', entraDeviceId: ENTRA }),
      record('intune/x/2', { serial: 'S2', entraDeviceId: ENTRA }),
      record('entra/x/1', { entraDeviceId: ENTRA }),
    ]);
    expect(groups(devices)).toEqual([['entra/x/1'], ['intune/x/1'], ['intune/x/2']]);
    expect(issuesOf(devices)).toContainEqual({
      kind: 'one-for-two',
      members: ['entra/x/1', 'intune/x/1', 'intune/x/2'],
    });
  });

  it('tells two records of one account as one device, the newest first, also after a new enrolment', () => {
    const [device] = matchAll([
      record('intune/x/1', { serial: 'S1', entraDeviceId: ENTRA, since: at, until: at + DAY }),
      record('intune/x/2', { serial: 'S1', since: at + 2 * DAY, until: at + 3 * DAY }),
    ]);
    expect(device?.issues).toMatchObject([{ kind: 'two-records', members: ['intune/x/2', 'intune/x/1'] }]);
    expect(device?.issues[0]?.why).toContain('enrolled again');
  });

  it('keeps two records of one account apart that were both in touch under different names', () => {
    const lives = { serial: 'S1', since: at, until: at + 30 * DAY };
    const devices = matchAll([
      record('intune/x/1', { ...lives, hostname: 'VM-1' }),
      record('intune/x/2', { ...lives, hostname: 'VM-2' }),
    ]);
    expect(issuesOf(devices)).toEqual([{ kind: 'clone', members: ['intune/x/1', 'intune/x/2'] }]);
    expect(devices).toHaveLength(2);
  });

  it('joins the same serial number with another board and tells that it was replaced', () => {
    const devices = matchAll([
      agent('a', { serial: 'S1', uuid: OTHER_UUID, since: at, until: at + DAY }),
      record('citrix/x/1', { serial: 'S1', uuid: UUID, until: at }),
    ]);
    expect(devices).toHaveLength(1);
    expect(issuesOf(devices)).toEqual([{ kind: 'other-board', members: ['agent/a', 'citrix/x/1'] }]);
  });

  it('does not join over a directory id when the boards differ: a cloned installation', () => {
    const devices = matchAll([
      agent('a', { uuid: UUID, entraDeviceId: ENTRA }),
      agent('b', { uuid: OTHER_UUID, entraDeviceId: ENTRA }),
    ]);
    expect(issuesOf(devices)).toEqual([{ kind: 'clone', members: ['agent/a', 'agent/b'] }]);
    expect(devices).toHaveLength(2);
  });
});

describe('decisions by hand', () => {
  const one = agent('a', { serial: 'S1', hostname: 'LT-1' });
  const wrong = record('jamf/x/1', { serial: 'S1', udid: UUID.toUpperCase() });
  const split: Pin = { kind: 'split', one: wrong.key, other: one.key };

  it('split what was joined, and the split holds when the record changes', () => {
    const matcher = new Matcher([one, wrong]);
    expect(matcher.setPins([split]).devices).toHaveLength(2);
    matcher.put({ ...wrong, macs: [MAC], hostname: 'LT-1' });
    matcher.put({ ...one, macs: [MAC], uuid: UUID });
    expect(groups([...matcher.devices()])).toEqual([['agent/a'], ['jamf/x/1']]);
    expect([...matcher.issues()]).toEqual([]);
    expect(matcher.setPins([])).toMatchObject({ devices: [{ id: 'a', members: ['agent/a', 'jamf/x/1'] }] });
  });

  it('split one from another, and a third that was split from the first goes with the second', () => {
    const other = agent('b', { serial: 'S1' });
    const pins: Pin[] = [
      { kind: 'split', one: one.key, other: other.key },
      { kind: 'split', one: one.key, other: wrong.key },
    ];
    expect(groups(matchAll([one, other, wrong], pins))).toEqual([['agent/a'], ['agent/b', 'jamf/x/1']]);
  });

  it('join what shares nothing, and the join holds when a record comes back', () => {
    const lone = record('citrix/x/1', { hostname: 'other' });
    const matcher = new Matcher([one, lone], [{ kind: 'join', one: lone.key, other: one.key }]);
    expect([...matcher.devices()]).toMatchObject([
      { id: 'a', links: [{ by: 'hand' }, { member: 'citrix/x/1', by: 'hand', value: null }] },
    ]);
    expect(matcher.remove(lone.key).devices).toMatchObject([{ id: 'a', members: ['agent/a'] }]);
    expect(matcher.put(lone)).toMatchObject({ gone: [], devices: [{ id: 'a' }] });
  });

  it('join different serial numbers only when that is confirmed', () => {
    const moved = record('intune/x/1', { serial: 'S2' });
    const join: Pin = { kind: 'join', one: one.key, other: moved.key };
    const waiting = matchAll([one, moved], [join]);
    expect(waiting).toHaveLength(2);
    expect(issuesOf(waiting)).toEqual([{ kind: 'join-refused', members: ['agent/a', 'intune/x/1'] }]);
    const devices = matchAll(
      [one, moved, record('jamf/x/2', { serial: 'S2' })],
      [{ ...join, despiteSerials: true }],
    );
    expect(groups(devices)).toEqual([['agent/a', 'intune/x/1', 'jamf/x/2']]);
  });

  it('let a split hold where the same two are also joined', () => {
    const devices = matchAll([one, wrong], [split, { ...split, kind: 'join' }]);
    expect(issuesOf(devices)).toEqual([{ kind: 'join-refused', members: ['agent/a', 'jamf/x/1'] }]);
    expect(devices).toHaveLength(2);
  });
});

describe('a look at other decisions', () => {
  it('tells what they would lead to and leaves everything as it was', () => {
    const members = [
      agent('a1', { serial: 'S1' }),
      record('intune/x/1', { serial: 'S1' }),
      record('entra/x/1'),
    ];
    const pins: Pin[] = [{ kind: 'join', one: 'agent/a1', other: 'entra/x/1' }];
    const matcher = new Matcher(members, pins);
    const before = JSON.stringify([...matcher.devices()]);
    const seen = matcher.preview([{ kind: 'split', one: 'agent/a1', other: 'intune/x/1' }], change => ({
      groups: groups(change.devices),
      of: matcher.deviceOf('intune/x/1')?.members,
    }));
    expect(seen).toEqual({
      groups: [['agent/a1'], ['entra/x/1'], ['intune/x/1']],
      of: ['intune/x/1'],
    });
    expect(JSON.stringify([...matcher.devices()])).toBe(before);
    // The decisions there were still hold for whoever comes.
    matcher.remove('entra/x/1');
    matcher.put(record('entra/x/1'));
    expect(matcher.deviceOf('entra/x/1')?.id).toBe('a1');
  });

  it('leaves everything as it was also when whoever looks fails', () => {
    const matcher = new Matcher([
      record('intune/x/1', { serial: 'S1' }),
      record('jamf/x/1', { serial: 'S1' }),
    ]);
    const fail = (): never => {
      throw new Error('looked away');
    };
    const pin: Pin = { kind: 'split', one: 'intune/x/1', other: 'jamf/x/1' };
    expect(() => matcher.preview([pin], fail)).toThrow('looked away');
    expect(joined([...matcher.devices()])).toBe(true);
  });
});

describe('what a person has confirmed', () => {
  const several = [1, 2, 3].map(i => record(`intune/x/${i}`, { serial: 'S1', until: at + i }));
  const join = (one: number, other: number): Pin => ({
    kind: 'join',
    one: `intune/x/${one}`,
    other: `intune/x/${other}`,
  });

  it('is told no more when all of it was, in whatever order', () => {
    expect(issuesOf(matchAll(several))).toHaveLength(1);
    expect(issuesOf(matchAll(several, [join(1, 2)]))).toHaveLength(1);
    expect(issuesOf(matchAll(several, [join(1, 2), join(3, 2)]))).toEqual([]);
  });

  it('is told again when another record comes', () => {
    const pins = [join(1, 2), join(3, 2)];
    const more = record('intune/x/4', { serial: 'S1', until: at + 9 });
    expect(issuesOf(matchAll([...several, more], pins))).toHaveLength(1);
  });

  it('of a replaced board is told no more either', () => {
    const members = [
      agent('a1', { serial: 'S1', uuid: UUID }),
      record('intune/x/1', { serial: 'S1', uuid: OTHER_UUID }),
    ];
    expect(issuesOf(matchAll(members)).map(({ kind }) => kind)).toEqual(['other-board']);
    expect(issuesOf(matchAll(members, [{ kind: 'join', one: 'agent/a1', other: 'intune/x/1' }]))).toEqual([]);
  });
});

describe('a change', () => {
  it('says which devices are new or different and which are gone, and nothing of the others', () => {
    const matcher = new Matcher([
      agent('a', { serial: 'S1' }),
      agent('far', { serial: 'S9' }),
      record('intune/x/1', { serial: 'S1' }),
    ]);
    const vendorOnly = matcher.put(record('entra/x/1', { entraDeviceId: ENTRA })).devices[0]?.id ?? '';
    expect(vendorOnly).toMatch(/^v-[0-9a-f]{20}$/);
    const change = matcher.put(record('intune/x/1', { serial: 'S1', entraDeviceId: ENTRA }));
    expect(change.gone).toEqual([vendorOnly]);
    expect(change.devices.map(({ id }) => id)).toEqual(['a']);
    expect(matcher.put(record('intune/x/1', { serial: 'S1', entraDeviceId: ENTRA }))).toEqual({
      gone: [],
      devices: [],
    });
    expect(matcher.deviceOf('entra/x/1')?.id).toBe('a');
    expect(matcher.deviceOf('nobody/x/1')).toBeNull();
  });

  it('that only moves the last contact changes no device', () => {
    const matcher = new Matcher([agent('a', { serial: 'S1' }), record('intune/x/1', { serial: 'S1' })]);
    expect(matcher.put(record('intune/x/1', { serial: 'S1', until: at + HOUR }))).toEqual({
      gone: [],
      devices: [],
    });
  });

  it('of the last contact can show that an agent taken for enrolled again is a clone', () => {
    const old = agent('old', { serial: 'S1', since: at, until: at + DAY });
    const matcher = new Matcher([
      old,
      agent('new', { serial: 'S1', since: at + DAY, until: at + DAY + HOUR }),
    ]);
    expect(matcher.rivalAgents().sort()).toEqual(['new', 'old']);
    expect([...matcher.devices()]).toHaveLength(1);
    matcher.put({ ...old, until: at + DAY + HOUR });
    expect([...matcher.issues()]).toMatchObject([{ kind: 'clone' }]);
  });
});

describe('a record as a member', () => {
  it('has its key, its account, its identifiers and its life from the observation', () => {
    const observation: Observation = {
      connector: 'intune',
      source: 'intune',
      account: 'berlin',
      vendorId: 'a/b',
      kind: 'computer',
      identifiers: {
        serial: 'S1',
        uuid: null,
        entraDeviceId: ENTRA,
        udid: null,
        falconAid: null,
        macs: [MAC],
        hostname: 'LT-1',
      },
      fields: { 'management.enrolledAt': { value: at } },
      observedAt: at + DAY,
    };
    expect(recordKey(observation)).toBe('intune/berlin/a/b');
    expect(recordMember(observation)).toEqual(
      record('intune/berlin/a/b', {
        scope: 'intune/berlin',
        serial: 'S1',
        entraDeviceId: ENTRA,
        macs: [MAC],
        hostname: 'LT-1',
        since: at,
        until: at + DAY,
      }),
    );
  });
});
