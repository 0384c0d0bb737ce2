import { describe, expect, it } from 'vitest';
import type { OsVersion } from '../../../shared/device/facts.ts';
import { osSupport } from '../../../shared/device/facts.ts';
import { lookUpSupport, OS_SUPPORT, windowsChannel } from '../../../shared/device/os-support-table.ts';

const base: OsVersion = {
  platform: 'windows',
  name: 'x',
  version: '10.0.26100.1',
  build: '26100',
  ubr: 1,
  displayVersion: null,
  edition: 'Enterprise',
  arch: 'x64',
  isServer: false,
  isLtsc: false,
};
const windows = (build: number, edition: string | null, isServer: boolean | null = false) =>
  lookUpSupport({ ...base, build: String(build), version: `10.0.${build}`, edition, isServer }, '2026-11-22');
const mac = (version: string) =>
  lookUpSupport({ ...base, platform: 'macos', version, build: null, edition: null }, '2026-11-22');
const linux = (edition: string, version: string, today = '2026-11-22') =>
  lookUpSupport({ ...base, platform: 'linux', version, build: null, edition }, today);

describe('support of Windows', () => {
  it.each([
    ['Core', false, '2026-10-13'],
    ['Professional', false, '2026-10-13'],
    ['Enterprise', true, '2027-10-12'],
    ['Education', true, '2027-10-12'],
    ['ServerRdsh', true, '2027-10-12'],
    ['EnterpriseS', true, '2029-10-09'],
    ['IoTEnterpriseS', true, '2034-10-10'],
  ])('24H2 %s has its own end', (edition, supported, supportEnd) => {
    expect(windows(26100, edition)).toMatchObject({ known: true, support: { supported, supportEnd } });
  });

  it('tells Server 2025 from the client of the same build', () => {
    expect(windows(26100, 'ServerStandard', true)).toMatchObject({
      support: { cycle: 'server-2025', supportEnd: '2034-11-14' },
    });
  });

  it('tells Server 2019 from the annual release of the same build', () => {
    expect(windows(17763, 'ServerDatacenter', true)).toMatchObject({
      support: { cycle: 'server-2019', supported: true },
    });
    expect(windows(17763, 'ServerDatacenterACor', true)).toMatchObject({
      support: { cycle: 'server-1809-sac', supported: false },
    });
  });

  it('says that only paid support is left', () => {
    expect(windows(19045, 'Professional')).toMatchObject({
      support: { supported: false, extendedEnd: '2028-10-10' },
    });
  });

  it('does not give LTSC the dates of the ordinary release', () => {
    expect(windows(19045, 'EnterpriseS')).toMatchObject({ known: false, reason: 'not-supported' });
  });

  it('does not judge a build that is newer than the table', () => {
    expect(windows(29000, 'Enterprise')).toMatchObject({ known: false, reason: 'newer-than-table' });
    expect(windows(30000, 'ServerStandard', true)).toMatchObject({
      known: false,
      reason: 'newer-than-table',
    });
  });

  it('does not guess for an insider build between two releases, an unknown edition or an unknown kind', () => {
    expect(windows(27842, 'Enterprise')).toMatchObject({ known: false, reason: 'not-supported' });
    expect(windows(26100, 'SomethingNew')).toMatchObject({ known: false });
    expect(windows(26100, null)).toMatchObject({ known: false });
    expect(windows(26100, 'Enterprise', null)).toMatchObject({ known: false });
  });

  it('supports a system on its last day and not the day after', () => {
    const version = { ...base, edition: 'Core' };
    expect(lookUpSupport(version, '2026-10-13')).toMatchObject({ support: { supported: true } });
    expect(lookUpSupport(version, '2026-10-14')).toMatchObject({ support: { supported: false } });
  });

  it('knows editions by their registry names', () => {
    expect(
      ['CoreSingleLanguage', 'EnterpriseN', 'IoTEnterprise', 'EnterpriseSN', null].map(windowsChannel),
    ).toEqual(['pro', 'enterprise', 'enterprise', 'ltsc', null]);
  });
});

describe('support of macOS', () => {
  it('counts the newest three majors as supported', () => {
    expect(['27.0', '26.6.2', '15.7.9', '14.8.9', '13.7.8'].map(version => mac(version))).toMatchObject([
      { support: { supported: true } },
      { support: { supported: true } },
      { support: { supported: true } },
      { support: { supported: false, supportEnd: null } },
      { support: { supported: false, supportEnd: '2025-09-15' } },
    ]);
  });

  it('takes 10.x releases as majors', () => {
    expect(mac('10.14.5')).toMatchObject({ support: { cycle: '10.14', supported: false } });
  });

  it('does not judge a major that is newer than the table', () => {
    expect(mac('28.0')).toMatchObject({ known: false, reason: 'newer-than-table' });
  });

  it('does not judge one it never knew', () => {
    expect(mac('10.4')).toMatchObject({ known: false, reason: 'not-supported' });
    expect(mac('garbage')).toMatchObject({ known: false, reason: 'not-supported' });
  });
});

describe('support of Linux', () => {
  it('knows Debian by its major, whatever the point release', () => {
    expect(linux('debian', '12.11')).toMatchObject({ support: { cycle: 'debian-12', supported: true } });
    expect(linux('debian', '11')).toMatchObject({ support: { supported: false } });
  });

  it('knows Ubuntu by year and month', () => {
    expect(linux('ubuntu', '24.04')).toMatchObject({
      support: { label: 'Ubuntu 24.04 LTS', supported: true },
    });
    expect(linux('ubuntu', '25.04')).toMatchObject({ support: { supported: false } });
  });

  it('does not judge a release newer than the table, a rolling one or an unknown distribution', () => {
    expect(linux('ubuntu', '26.10')).toMatchObject({ known: false, reason: 'newer-than-table' });
    expect(linux('debian', 'rolling')).toMatchObject({ known: false, reason: 'not-supported' });
    expect(linux('nixos', '26.05')).toMatchObject({ known: false, reason: 'not-supported' });
    expect(linux('constructor', '1')).toMatchObject({ known: false, reason: 'not-supported' });
  });
});

describe('the table', () => {
  it('answers in the shape findings carry', () => {
    const answer = linux('rhel', '9.3');
    expect(answer.known && osSupport.safeParse(answer.support).success).toBe(true);
  });

  it('has one row per build and channel', () => {
    const keys = OS_SUPPORT.windowsClient.map(([build, channel]) => `${build} ${channel}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
