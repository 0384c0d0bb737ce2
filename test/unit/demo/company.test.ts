import { describe, expect, it } from 'vitest';
import { companyOf, PLOTS } from '../../../build/demo/company.ts';
import {
  deviceIdentity,
  normaliseMac,
  normaliseSerial,
  normaliseUuid,
} from '../../../shared/device/identity.ts';

const { fleet, absent, newcomers } = companyOf(20);
const all = [...fleet, ...absent, ...newcomers];

describe('the made-up company', () => {
  it('is the same for the same seed and another for another', () => {
    expect(companyOf(20)).toEqual(companyOf(20));
    expect(companyOf(21).fleet[0]).not.toEqual(fleet[0]);
  });

  it('has sixty machines at work, a few switched off and two at the door', () => {
    expect(fleet).toHaveLength(60);
    expect(absent.map(({ plot }) => plot)).toEqual(['away', 'away', 'lost']);
    expect(newcomers).toHaveLength(2);
  });

  it('plays every story, and most machines are simply well', () => {
    expect(new Set([...fleet, ...absent].map(({ plot }) => plot))).toEqual(new Set(PLOTS));
    expect(fleet.filter(({ plot }) => plot === 'well').length).toBeGreaterThanOrEqual(25);
    expect(companyOf(20, 200).fleet.filter(({ plot }) => plot === 'well')).toHaveLength(167);
  });

  it('gives every machine identifiers that pass as real ones and are told as invented', () => {
    for (const { identity } of all) {
      expect(deviceIdentity.parse(identity)).toEqual(identity);
      expect(normaliseSerial(identity.serial)).toMatch(/^DEMO-/);
      expect(normaliseUuid(identity.hardwareUuid)).not.toBeNull();
      for (const mac of identity.macs) expect(normaliseMac(mac)).toBe(mac);
    }
  });

  it('shares a serial number only between the two cloned machines', () => {
    const serials = Map.groupBy(all, ({ identity }) => identity.serial);
    const shared = [...serials.values()].filter(machines => machines.length > 1);
    expect(shared).toHaveLength(1);
    expect(shared[0]?.map(({ plot }) => plot)).toEqual(['cloned', 'cloned']);
    for (const key of ['hardwareUuid', 'machineId', 'hostname', 'person'] as const) {
      expect(new Set(all.map(({ identity }) => identity[key])).size, key).toBe(all.length);
    }
    expect(new Set(all.flatMap(({ identity }) => identity.macs)).size).toBe(
      all.reduce((sum, { identity }) => sum + identity.macs.length, 0),
    );
  });
});
