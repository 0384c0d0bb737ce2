import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimsOfFinding, claimsOfIdentity } from '../../../collector/merge/from-agent.ts';
import { merge } from '../../../collector/merge/merge.ts';
import { DAY } from '../../../shared/base/durations.ts';
import {
  AGENT_FIELD_KEYS,
  type Claim,
  type FieldKey,
  type MergedRecord,
  SOURCES,
} from '../../../shared/device/device.ts';
import { GIB, healthyFindings, identity, okFinding, toldFinding } from '../../support/records.ts';

const at = 1_800_000_000_000;

describe('claims of an agent finding', () => {
  it('carry value, source and both clocks', () => {
    const finding = okFinding({ pending: true, markers: ['/run/reboot-required'] }, { at });
    expect(claimsOfFinding('reboot.pending', finding, at + 50, {})).toEqual({
      'reboot.pending': { source: 'agent', value: true, observedAt: at, receivedAt: at + 50 },
    });
  });

  it('make every field of a check unknown with its reason when the check failed', () => {
    const claims = claimsOfFinding('fw.enabled', toldFinding('failed', 'not-permitted', { at }), at, {});
    expect(claims['firewall.enabled']).toEqual({
      source: 'agent',
      value: null,
      reason: 'not-permitted',
      observedAt: at,
      receivedAt: at,
    });
  });

  it('read an absent battery as known to be absent, but a failed battery check as unknown', () => {
    const absent = claimsOfFinding('battery', toldFinding('absent', 'not-present'), at, {});
    expect(absent['battery.present']?.value).toBe(false);
    const failed = claimsOfFinding('battery', toldFinding('failed', 'timeout'), at, {});
    expect(failed['battery.present']).toMatchObject({ value: null, reason: 'timeout' });
  });

  it('never call several drives healthy when one of them cannot tell', () => {
    const disk = (health: string) => ({
      device: 'x',
      model: null,
      media: 'ssd',
      bus: null,
      health,
      sizeBytes: null,
      wearPercent: null,
      temperatureC: null,
      mediaErrors: null,
      reallocatedSectors: null,
      powerOnHours: null,
      reason: null,
    });
    const of = (...verdicts: string[]) =>
      claimsOfFinding('disk.health', okFinding({ disks: verdicts.map(disk) }), at, {})['disk.health']
        ?.value ?? null;
    expect([
      of('healthy', 'healthy'),
      of('healthy', 'unknown'),
      of('unknown', 'warning'),
      of('warning', 'unhealthy'),
      of(),
    ]).toEqual(['healthy', null, 'warning', 'unhealthy', null]);
  });

  it('leave out randomised network addresses', () => {
    const adapters = [
      { name: 'en0', mac: '3c:52:82:00:00:01', kind: 'wifi', randomised: false, up: true },
      { name: 'en1', mac: '02:00:00:00:00:01', kind: 'wifi', randomised: true, up: true },
    ];
    expect(claimsOfFinding('net.mac', okFinding({ adapters }), at, {})['network.macs']?.value).toEqual([
      '3c:52:82:00:00:01',
    ]);
  });

  it('count a start once although the clock was corrected in between, and forget starts after 14 days', () => {
    let record: MergedRecord = {};
    const boot = (bootedAt: number, seenAt: number): void => {
      const value = { seconds: (seenAt - bootedAt) / 1000, bootedAt, fastStartup: null };
      record = merge(record, claimsOfFinding('uptime', okFinding(value, { at: seenAt }), seenAt, record));
    };
    boot(at, at + 1000);
    boot(at + 2000, at + 5000);
    boot(at + DAY, at + DAY + 1000);
    expect(record['boot.recent']?.value).toEqual([String(at), String(at + DAY)]);
    boot(at + 15 * DAY, at + 15 * DAY + 1000);
    expect(record['boot.recent']?.value).toEqual([String(at + 15 * DAY)]);
  });

  it('do not take a filler serial number for one', () => {
    const claims = claimsOfIdentity(identity({ serial: 'To Be Filled By O.E.M.' }), at);
    expect(claims['hardware.serial']).toMatchObject({ value: null });
  });
});

describe('merge', () => {
  const value = fc.oneof(fc.boolean(), fc.integer(), fc.constantFrom('a', 'b'), fc.constant(null));
  const claims = fc.array(
    fc.record({
      field: fc.constantFrom<FieldKey>('identity.person', 'os.version', 'firewall.enabled'),
      source: fc.constantFrom(...SOURCES),
      value,
      observedAt: fc.integer({ min: 0, max: 5 }),
      receivedAt: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 12 },
  );
  const applied = (list: readonly (Claim & { field: FieldKey })[]): MergedRecord =>
    list.reduce<MergedRecord>((record, { field, ...claim }) => merge(record, { [field]: claim }), {});

  it('gives the same record whatever the order of the claims', () => {
    fc.assert(
      fc.property(claims, fc.integer(), (list, seed) => {
        const shuffled = list
          .map((claim, i) => ({ claim, key: Math.sin(seed + i * 7919) }))
          .sort((a, b) => a.key - b.key)
          .map(({ claim }) => claim);
        expect(applied(shuffled)).toEqual(applied(list));
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing when a claim comes twice', () => {
    fc.assert(
      fc.property(claims, list => {
        expect(applied([...list, ...list])).toEqual(applied(list));
      }),
    );
  });

  it('prefers any known value to an unknown one and keeps what disagreed', () => {
    const unknown: Claim = { source: 'agent', value: null, reason: 'timeout', observedAt: 2, receivedAt: 2 };
    const known: Claim = { source: 'intune', value: true, observedAt: 1, receivedAt: 1 };
    const record = merge(merge({}, { 'firewall.enabled': unknown }), { 'firewall.enabled': known });
    expect(record['firewall.enabled']).toEqual({ ...known, rivals: [unknown] });
  });

  it('does not change the record it was given', () => {
    const before = merge({}, claimsOfIdentity(identity(), at));
    const copy = structuredClone(before);
    merge(before, claimsOfIdentity(identity({ hostname: 'OTHER' }), at + 1));
    expect(before).toEqual(copy);
  });

  it('fills every agent field from a healthy device', () => {
    let record = merge({}, claimsOfIdentity(identity(), at));
    for (const [scan, finding] of Object.entries(healthyFindings(at))) {
      record = merge(record, claimsOfFinding(scan, finding, at, record));
    }
    expect(AGENT_FIELD_KEYS.filter(key => (record[key]?.value ?? null) === null)).toEqual([]);
    expect(record['disk.systemFreePercent']?.value).toBe(50);
    expect(record['disk.systemFreeBytes']?.value).toBe(256 * GIB);
  });
});
