import { describe, expect, it } from 'vitest';
import { combineBatteries, parsePowerSupply } from '../../../agent/core/scan/parse/battery.ts';
import { parseSmartBattery } from '../../../agent/core/scan/parse/battery-macos.ts';
import { parseBatteryReport, windowsBattery } from '../../../agent/core/scan/parse/battery-windows.ts';
import {
  parseActiveUnits,
  parseIptablesSave,
  parseNftRuleset,
  parseUfwConf,
  parseUfwStatus,
} from '../../../agent/core/scan/parse/firewall-linux.ts';
import { compareVersions, parseAssignments, wholeNumber } from '../../../agent/core/scan/parse/keys.ts';
import { parseLsblk } from '../../../agent/core/scan/parse/lsblk.ts';
import {
  parseFdesetup,
  parseHardwarePorts,
  parsePlatformExpert,
  parseSocketfilterfw,
  parseSoftwareUpdate,
  parseStorage,
  parseSwVers,
} from '../../../agent/core/scan/parse/macos.ts';
import { parseInterfaceBytes } from '../../../agent/core/scan/parse/netstat-windows.ts';
import { parseOsRelease } from '../../../agent/core/scan/parse/os-release.ts';
import { parsePlist } from '../../../agent/core/scan/parse/plist.ts';
import {
  parseCpuTimes,
  parseMemory,
  parseMounts,
  parseNetDev,
  parseProcessStat,
} from '../../../agent/core/scan/parse/proc.ts';
import { type Reading, ratesBetween } from '../../../agent/core/scan/parse/rates.ts';
import { newerKernelInstalled, parseNeedrestart } from '../../../agent/core/scan/parse/reboot-linux.ts';
import { parseRegistry } from '../../../agent/core/scan/parse/reg.ts';
import type { Row } from '../../../agent/core/scan/parse/rows.ts';
import { parseRows } from '../../../agent/core/scan/parse/rows.ts';
import { parseLoginSessions } from '../../../agent/core/scan/parse/sessions.ts';
import { parseSmartctl } from '../../../agent/core/scan/parse/smartctl.ts';
import {
  windowsDisks,
  windowsEncryption,
  windowsEncryptionFromShell,
  windowsFirewall,
  windowsReboot,
} from '../../../agent/core/scan/parse/windows.ts';
import { parseWindowsRound } from '../../../agent/core/scan/parse/windows-round.ts';
import { bytes } from './support.ts';

const none = { ok: false, reason: 'not-permitted' } as const;
const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value));

describe('values that look like others', () => {
  it('keeps a value that contains the separator, and the last of equal keys', () => {
    expect(Object.fromEntries(parseAssignments('URL="https://x/?a=b"\nA=1\nA=2\n# no=1\n'))).toEqual({
      URL: 'https://x/?a=b',
      A: '2',
    });
  });

  it('takes no number from a text that only begins with one', () => {
    expect(
      ['12', ' 7 ', '93%', '88,2', '', '-1', 'N/A', '18446744073709541950'].map(text => wholeNumber(text)),
    ).toEqual([12, 7, null, null, null, null, null, null]);
  });

  it('compares versions number by number', () => {
    expect([
      compareVersions('12.9', '12.11'),
      compareVersions('6.1.0-10', '6.1.0-9'),
      compareVersions('1.0', '1'),
    ]).toEqual([-1, 1, 0]);
  });
});

describe('Linux batteries', () => {
  const uevent = (more: string): string =>
    `POWER_SUPPLY_NAME=BAT9\nPOWER_SUPPLY_TYPE=Battery\nPOWER_SUPPLY_STATUS=Full\n${more}`;

  it('computes health from design and full charge in either unit', () => {
    const energy = parsePowerSupply(
      'BAT9',
      uevent('POWER_SUPPLY_ENERGY_FULL_DESIGN=50000000\nPOWER_SUPPLY_ENERGY_FULL=40000000\n'),
    );
    const charge = parsePowerSupply(
      'BAT9',
      uevent('POWER_SUPPLY_CHARGE_FULL_DESIGN=5000000\nPOWER_SUPPLY_CHARGE_FULL=3425000\n'),
    );
    expect(energy).toMatchObject({ battery: { unit: 'mWh', healthPercent: 80 } });
    expect(charge).toMatchObject({ battery: { unit: 'mAh', healthPercent: 68.5 } });
  });

  it('caps a new battery at 100 percent', () => {
    const grown = parsePowerSupply(
      'BAT9',
      uevent('POWER_SUPPLY_ENERGY_FULL_DESIGN=50000000\nPOWER_SUPPLY_ENERGY_FULL=52000000\n'),
    );
    expect(grown).toMatchObject({ battery: { healthPercent: 100 } });
  });

  it('knows no health without a design capacity', () => {
    const dumb = parsePowerSupply(
      'BAT9',
      uevent('POWER_SUPPLY_ENERGY_FULL_DESIGN=0\nPOWER_SUPPLY_ENERGY_FULL=52000000\n'),
    );
    expect(dumb).toMatchObject({ battery: { healthPercent: null, designCapacity: null } });
  });

  it('skips an empty bay', () => {
    expect(parsePowerSupply('BAT1', uevent('POWER_SUPPLY_PRESENT=0\n'))).toEqual({ kind: 'other' });
  });

  it('does not add milliwatt hours to milliampere hours', () => {
    const one = {
      id: 'a',
      state: 'idle',
      percent: 50,
      designCapacity: 100,
      fullChargeCapacity: 90,
      healthPercent: 90,
      cycleCount: null,
      condition: null,
      minutesRemaining: null,
    } as const;
    const both = combineBatteries(
      [
        { ...one, unit: 'mWh' },
        { ...one, unit: 'mAh', healthPercent: 40 },
      ],
      true,
    );
    expect(both).toMatchObject({ healthPercent: null, percent: null, worstHealthPercent: 40 });
  });
});

describe('Windows batteries', () => {
  it('is absent when every source that answered says so', () => {
    expect(windowsBattery([], [], null)).toMatchObject({ ok: false, reason: 'not-present' });
  });

  it('is unknown when only root/wmi answered with nothing', () => {
    expect(windowsBattery([], null, null)).toMatchObject({ ok: false, reason: 'no-output' });
    expect(windowsBattery(null, null, null)).toMatchObject({ ok: false, reason: 'command-failed' });
  });

  it('does not take "on mains" for charging', () => {
    const battery = windowsBattery(
      null,
      [{ BatteryStatus: 2, EstimatedChargeRemaining: 99, DesignCapacity: '' }],
      null,
    );
    expect(battery).toMatchObject({
      value: { onAc: true, healthPercent: null, batteries: [{ state: 'idle', percent: 99 }] },
    });
  });

  it('reads a report with no battery as an empty list and other XML as no report', () => {
    expect(parseBatteryReport('<BatteryReport><Batteries></Batteries></BatteryReport>')).toEqual([]);
    expect(parseBatteryReport('<html></html>')).toBeNull();
  });
});

describe('Mac batteries', () => {
  it('does not take MaxCapacity 100 for milliampere hours', () => {
    const text =
      '+-o AppleSmartBattery\n  "DesignCapacity" = 5000\n  "MaxCapacity" = 100\n  "CurrentCapacity" = 40\n  "ExternalConnected" = Yes\n  "TimeRemaining" = 65535\n';
    expect(parseSmartBattery(bytes(text))).toMatchObject({
      value: {
        percent: 40,
        healthPercent: null,
        onAc: true,
        batteries: [{ fullChargeCapacity: null, minutesRemaining: null }],
      },
    });
  });

  it('takes MaxCapacity of an Intel Mac as capacity', () => {
    const text = '"DesignCapacity" = 5000\n"MaxCapacity" = 4000\n"CurrentCapacity" = 2000\n';
    expect(parseSmartBattery(bytes(text))).toMatchObject({ value: { percent: 50, healthPercent: 80 } });
  });

  it('finds the capacities of macOS 27 inside BatteryData', () => {
    const text =
      '"BatteryData" = {"Ra"=(1,2),"FullChargeCapacity"=4500,"DesignCapacity"=5000,"MaxCapacity"=100,"CurrentCapacity"=54}';
    expect(parseSmartBattery(bytes(text))).toMatchObject({ value: { percent: 54, healthPercent: 90 } });
  });

  it('reads no output as no battery and a torn list as not read', () => {
    expect(parseSmartBattery(bytes(''))).toMatchObject({ reason: 'not-present' });
    expect(parseSmartBattery(bytes('<?xml version="1.0"?><plist version="1.0"><array><dict>'))).toMatchObject(
      { reason: 'parse-error' },
    );
  });
});

describe('FileVault', () => {
  it.each([
    ['FileVault is On.\n', 'on'],
    ['FileVault is Off.\n', 'off'],
    ['FileVault is On.\nEncryption in progress: Percent completed = 42\n', 'encrypting'],
    ['Encryption in progress: Percent completed = 31.2\n', 'encrypting'],
    ['FileVault is Off.\nDecryption in progress: Percent completed = 3\n', 'decrypting'],
    ["FileVault is Off.\nDeferred enablement appears to be active for user 'x'.\n", 'off'],
  ])('%j is %s', (text, state) => {
    expect(parseFdesetup(bytes(text))).toMatchObject({ value: { state } });
  });

  it.each(['', 'FileVault is On', 'fdesetup: device error', 'FileVault is On.\nFileVault is Off.\n'])(
    '%j is unknown',
    text => {
      expect(parseFdesetup(bytes(text)).ok).toBe(false);
    },
  );
});

describe('BitLocker', () => {
  const volume = (ProtectionStatus: unknown, ConversionStatus: unknown): Row => ({
    DriveLetter: 'C:',
    VolumeType: 0,
    ProtectionStatus,
    ConversionStatus,
    EncryptionMethod: 6,
  });
  it.each([
    [1, 1, 'on'],
    [0, 1, 'suspended'],
    [0, 0, 'off'],
    [0, 2, 'encrypting'],
    [0, 3, 'decrypting'],
    [2, 1, 'unknown'],
    [null, 1, 'unknown'],
    [0, null, 'unknown'],
  ])('protection %s and conversion %s is %s', (protection, conversion, state) => {
    expect(windowsEncryption([volume(protection, conversion)])).toMatchObject({
      value: { systemVolume: state },
    });
  });

  it('leaves portable volumes and those without a letter out', () => {
    const rows = [
      volume(1, 1),
      { ...volume(0, 0), DriveLetter: 'E:', VolumeType: 2 },
      { ...volume(0, 0), DriveLetter: null },
    ];
    expect(windowsEncryption(rows)).toHaveProperty('value.volumes.length', 1);
  });

  it('knows from the shell whether, without admin rights', () => {
    expect(windowsEncryptionFromShell([{ DriveLetter: 'C:', Shell: 5, SystemDrive: true }])).toMatchObject({
      value: { systemVolume: 'suspended' },
    });
    expect(windowsEncryptionFromShell([{ DriveLetter: 'C:', Shell: null, SystemDrive: true }])).toMatchObject(
      { reason: 'not-supported' },
    );
  });
});

describe('LUKS', () => {
  const tree = (root: object): Uint8Array => json({ blockdevices: [root] });

  it('sees an open layer even where the file system types are not told', () => {
    const listing = tree({
      name: 'sda',
      type: 'disk',
      fstype: null,
      children: [{ name: 'x', type: 'crypt', fstype: null, mountpoint: '/' }],
    });
    expect(parseLsblk(listing)).toMatchObject({ value: { systemVolume: 'on' } });
  });

  it('reads the newer list of mount points', () => {
    expect(
      parseLsblk(tree({ name: 'sda', type: 'disk', fstype: 'ext4', mountpoints: [null, '/'] })),
    ).toMatchObject({ value: { systemVolume: 'off' } });
  });

  it('knows nothing of the root when the listing has none', () => {
    expect(parseLsblk(tree({ name: 'sda', type: 'disk' }))).toMatchObject({
      value: { systemVolume: 'unknown' },
    });
    expect(parseLsblk(bytes('[]'))).toMatchObject({ reason: 'parse-error' });
  });
});

describe('Windows firewall', () => {
  const profiles = (...on: (number | null)[]): Row[] =>
    ['Domain', 'Private', 'Public'].map((Name, at) => ({ Name, Enabled: on[at] }));

  it('is on when all three are, off when one is not', () => {
    expect(windowsFirewall(profiles(1, 1, 1), [])).toMatchObject({ value: { enabled: true } });
    expect(windowsFirewall(profiles(1, 1, 0), [])).toMatchObject({ value: { enabled: false } });
  });

  it('is unknown when a profile is missing or not configured', () => {
    expect(windowsFirewall(profiles(1, 1, 1).slice(1), [])).toMatchObject({ ok: false });
    expect(windowsFirewall(profiles(1, 2, 1), [])).toMatchObject({ ok: false });
  });

  it('is on when another product took over and switched the profiles off', () => {
    expect(
      windowsFirewall(profiles(0, 0, 0), [{ displayName: 'Other', productState: 266240 }]),
    ).toMatchObject({ value: { enabled: true, product: 'Other' } });
  });

  it('is not on for a product that is snoozed or expired', () => {
    expect(
      windowsFirewall(profiles(0, 0, 0), [
        { displayName: 'Other', productState: 0x2000 },
        { displayName: 'Old', productState: 0x3000 },
      ]),
    ).toMatchObject({ value: { enabled: false } });
  });
});

describe('macOS firewall', () => {
  it.each([
    ['Firewall is enabled. (State = 1)\n', true],
    ['Firewall is enabled. (State = 2)\n', true],
    ['Firewall is disabled. (State = 0)\n', false],
  ])('%j', (text, enabled) => {
    expect(parseSocketfilterfw(bytes(text))).toMatchObject({ value: { enabled } });
  });

  it('needs the number, not the word', () => {
    expect(parseSocketfilterfw(bytes('Firewall is enabled. (State %# 0)'))).toMatchObject({
      reason: 'parse-error',
    });
    expect(parseSocketfilterfw(bytes(''))).toMatchObject({ reason: 'no-output' });
  });
});

describe('Linux firewall', () => {
  const chain = (hook: string, policy: string) => ({
    chain: { family: 'inet', table: 't', name: hook, type: 'filter', hook, policy },
  });

  it('reads ufw by its status line and its configuration', () => {
    expect(parseUfwStatus(bytes('Status: active\n\nTo  Action\n'))).toEqual({ ok: true, value: true });
    expect(parseUfwStatus(bytes('ERROR: You need to be root to run this script\n'))).toMatchObject({
      ok: false,
    });
    expect(parseUfwConf('ENABLED=yes\n')).toEqual({ ok: true, value: true });
    expect(parseUfwConf('LOGLEVEL=low\n')).toMatchObject({ ok: false });
  });

  it('needs a rule that refuses, not just a table', () => {
    expect(parseNftRuleset(json({ nftables: [chain('input', 'accept')] }))).toEqual({
      ok: true,
      value: false,
    });
    expect(parseNftRuleset(json({ nftables: [chain('input', 'drop')] }))).toEqual({ ok: true, value: true });
    expect(parseNftRuleset(json({ nftables: [chain('forward', 'drop')] }))).toEqual({
      ok: true,
      value: false,
    });
  });

  it('follows jumps of iptables, also in circles', () => {
    const rules =
      '*filter\n:INPUT ACCEPT [0:0]\n:a - [0:0]\n-A INPUT -i eth0 -j a\n-A a -j b\n-A b -j a\n-A b -j DROP\nCOMMIT\n';
    expect(parseIptablesSave(bytes(rules))).toEqual({ ok: true, value: true });
    expect(parseIptablesSave(bytes(rules.replace('-A b -j DROP\n', '')))).toEqual({ ok: true, value: false });
    expect(parseIptablesSave(bytes('iptables-save: Permission denied\n'))).toMatchObject({ ok: false });
  });

  it('takes an answer with the wrong number of words for none', () => {
    expect(parseActiveUnits(bytes('Failed to connect to bus\n'), ['a', 'b'])).toBeNull();
    expect(parseActiveUnits(bytes('active\ninactive\n'), ['a', 'b'])).toEqual(
      new Map([
        ['a', true],
        ['b', false],
      ]),
    );
  });
});

describe('drives', () => {
  it('believes the drive, and warns with it', () => {
    expect(parseSmartctl(json({ smart_status: { passed: true } }))).toMatchObject({
      value: { health: 'healthy' },
    });
    expect(parseSmartctl(json({ smart_status: { passed: false } }))).toMatchObject({
      value: { health: 'unhealthy' },
    });
    expect(
      parseSmartctl(
        json({ smart_status: { passed: true }, nvme_smart_health_information_log: { critical_warning: 2 } }),
      ),
    ).toMatchObject({ value: { health: 'warning' } });
    expect(
      parseSmartctl(
        json({ smart_status: { passed: true }, nvme_smart_health_information_log: { critical_warning: 8 } }),
      ),
    ).toMatchObject({ value: { health: 'unhealthy' } });
  });

  it('is unknown without a verdict, whatever the counters', () => {
    expect(parseSmartctl(json({ power_on_time: { hours: 3 } }))).toMatchObject({
      value: { health: 'unknown', powerOnHours: 3 },
    });
    expect(
      parseSmartctl(json({ smartctl: { messages: [{ string: 'open device failed: Permission denied' }] } })),
    ).toMatchObject({ reason: 'not-permitted' });
  });

  it('reads the counters of a SATA drive', () => {
    const table = [
      { id: 5, raw: { value: 8 } },
      { id: 187, raw: { value: 2 } },
    ];
    expect(
      parseSmartctl(json({ smart_status: { passed: true }, ata_smart_attributes: { table } })),
    ).toMatchObject({ value: { reallocatedSectors: 8, mediaErrors: 2 } });
  });

  it('does not believe a virtual disk that calls itself healthy', () => {
    expect(
      windowsDisks(
        [{ DeviceId: '0', FriendlyName: 'Msft Virtual Disk', HealthStatus: 0, BusType: 10 }],
        none,
      ),
    ).toMatchObject({ value: { disks: [{ health: 'unknown' }] } });
  });

  it('takes an empty counter for not told', () => {
    const counters = {
      ok: true,
      value: [{ DeviceId: '0', Wear: '', Temperature: 0, PowerOnHours: 0 }],
    } as const;
    expect(windowsDisks([{ DeviceId: '0', FriendlyName: 'x', HealthStatus: 0 }], counters)).toMatchObject({
      value: { disks: [{ health: 'healthy', wearPercent: null, temperatureC: null, powerOnHours: null }] },
    });
  });
});

describe('waiting restarts', () => {
  it('does not read an error of softwareupdate as "no updates"', () => {
    expect(
      parseSoftwareUpdate(
        bytes("Software Update Tool\n\nCan't connect to the Apple Software Update server\n"),
        bytes(''),
      ),
    ).toMatchObject({ ok: false });
    expect(parseSoftwareUpdate(bytes(''), bytes(''))).toMatchObject({ reason: 'no-output' });
    expect(
      parseSoftwareUpdate(bytes('Software Update Tool\n\n'), bytes('No new software available.\n')),
    ).toMatchObject({ value: { pending: false } });
  });

  it('does not take pending file renames alone for a restart', () => {
    expect(
      windowsReboot([{ ComponentServicing: false, WindowsUpdate: false, UpdateAgent: null, FileRenames: 4 }]),
    ).toMatchObject({ value: { pending: false, markers: ['file-renames'] } });
    expect(windowsReboot([{ ComponentServicing: false, UpdateAgent: false }])).toMatchObject({
      reason: 'parse-error',
    });
    expect(windowsReboot([])).toMatchObject({ reason: 'no-output' });
  });

  it('compares kernels of one flavour only', () => {
    expect(newerKernelInstalled('6.1.0-9-amd64\n', ['6.1.0-9-amd64', '6.1.0-10-amd64'])).toBe(true);
    expect(newerKernelInstalled('6.1.0-9-amd64', ['6.1.0-9-amd64', '6.8.0-1-cloud-amd64'])).toBe(false);
    expect(newerKernelInstalled('6.18.44-custom', ['6.1.0-9-amd64'])).toBeNull();
  });

  it('reads needrestart, whose 0 is unknown', () => {
    expect([0, 1, 2, 3].map(state => parseNeedrestart(bytes(`NEEDRESTART-KSTA: ${state}\n`)))).toMatchObject([
      { ok: false },
      { value: false },
      { value: true },
      { value: true },
    ]);
  });
});

describe('systems', () => {
  it('does not take the usage text of an old sw_vers for a version', () => {
    expect(
      parseSwVers(bytes('Usage: sw_vers [-productName|-productVersion|-buildVersion]\n'), null),
    ).toMatchObject({ reason: 'parse-error' });
    expect(
      parseSwVers(bytes('ProductName:\tMac OS X\nProductVersion:\t10.14.6\nBuildVersion:\t18G103\n'), 'x64'),
    ).toMatchObject({ value: { name: 'macOS 10.14', build: '18G103' } });
  });

  it('names a rolling distribution without inventing a number', () => {
    expect(
      parseOsRelease('ID=arch\nNAME="Arch Linux"\n', { kernel: null, debianVersion: null, arch: null }),
    ).toMatchObject({ version: 'rolling' });
    expect(parseOsRelease('NAME="x"\n', { kernel: null, debianVersion: null, arch: null })).toBeNull();
  });

  it('does not take the words of a testing Debian for a point release', () => {
    expect(
      parseOsRelease('ID=debian\nVERSION_ID="13"\n', {
        kernel: null,
        debianVersion: 'trixie/sid\n',
        arch: null,
      }),
    ).toMatchObject({ version: '13' });
  });
});

describe('notations', () => {
  it('reads one object, a list and the wrapped list of PowerShell alike', () => {
    for (const value of [{ a: 1 }, [{ a: 1 }], { value: [{ a: 1 }], Count: 1 }])
      expect(parseRows(json(value))).toEqual({ ok: true, value: [{ a: 1 }] });
  });

  it('does not take JSON that is no object for one', () => {
    expect(parseRows(bytes('1'))).toMatchObject({ reason: 'parse-error' });
    expect(parseRows(bytes('{"a":1,}'))).toMatchObject({ reason: 'parse-error' });
    expect(parseRows(bytes('  \r\n'))).toMatchObject({ reason: 'no-output' });
  });

  it('reads lists of key and value with separators inside the value', () => {
    expect(parseRows(bytes('Volume : C: "Win"\r\r\nWear :\r\r\n\r\r\nVolume : D:\r\r\n'))).toEqual({
      ok: true,
      value: [{ Volume: 'C: "Win"', Wear: '' }, { Volume: 'D:' }],
    });
  });

  it('reads registry values of several types and passes binary ones over', () => {
    const text =
      '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\X\r\n    (Standard)    REG_SZ    d\r\n    A B    REG_DWORD    0x10\r\n    C    REG_SZ    two  words\r\n    D    REG_BINARY    00\r\n';
    expect(parseRegistry(bytes(text)).get('hkey_local_machine\\software\\x')).toEqual(
      new Map<string, string | number>([
        ['(standard)', 'd'],
        ['a b', 16],
        ['c', 'two  words'],
      ]),
    );
  });

  it('keeps the answers before a cut line of the Windows round', () => {
    const round = parseWindowsRound(
      bytes('Welcome!\r\n{"id":"a","ok":true,"ms":1,"data":[]}\r\n{"id":"b","ok":tr'),
    );
    expect([...round.keys()]).toEqual(['a']);
  });

  it('knows refused and missing by number, not by word', () => {
    const failed = (category: string, hresult: number) =>
      parseWindowsRound(json({ id: 'a', ok: false, ms: 1, category, hresult, error: 'x' })).get('a');
    expect(failed('NotSpecified', -2147024891)).toMatchObject({ reason: 'not-permitted' });
    expect(failed('PermissionDenied', 0)).toMatchObject({ reason: 'not-permitted' });
    expect(failed('MetadataError', -2147217394)).toMatchObject({ reason: 'not-supported' });
    expect(failed('ConstrainedLanguage', 0)).toMatchObject({ reason: 'constrained-language' });
    expect(failed('InvalidOperation', 1)).toMatchObject({ reason: 'command-failed' });
  });

  it('reads property lists with nesting, empty elements and entities', () => {
    expect(
      parsePlist(
        '<plist version="1.0"><dict><key>a&amp;b</key><array><true/><integer>-3</integer><string/></array></dict></plist>',
      ),
    ).toEqual({ 'a&b': [true, -3, ''] });
    expect(parsePlist('<plist><dict><string>no key</string></dict></plist>')).toBeUndefined();
    expect(parsePlist('no list')).toBeUndefined();
  });

  it('reads the platform expert in its text form', () => {
    expect(
      parsePlatformExpert(
        bytes(
          '"IOPlatformUUID" = "564D1C2A-3B4C-5D6E-7F80-91A2B3C4D5E6"\n"IOPlatformSerialNumber" = "C02ABC"\n"model" = <"MacBookPro12,1">\n',
        ),
      ),
    ).toEqual({
      uuid: '564D1C2A-3B4C-5D6E-7F80-91A2B3C4D5E6',
      serial: 'C02ABC',
      model: 'MacBookPro12,1',
    });
  });

  it('needs a system volume among the internal ones', () => {
    expect(parseStorage(json({ SPStorageDataType: [] }))).toMatchObject({ reason: 'parse-error' });
    expect(parseStorage(json([]))).toMatchObject({ reason: 'parse-error' });
  });

  it('needs the shape of networksetup', () => {
    expect(parseHardwarePorts(bytes('error'))).toMatchObject({ reason: 'parse-error' });
  });

  it('finds the bytes of netstat in any language', () => {
    expect(
      parseInterfaceBytes(
        bytes('Interface Statistics\n\n   Received   Sent\n\nBytes      10      20\nUnicast packets  1  2\n'),
      ),
    ).toEqual({ first: 10, second: 20 });
    expect(parseInterfaceBytes(bytes('The request is not supported.'))).toBeNull();
  });

  it('names the person only when it is clear who', () => {
    expect(parseLoginSessions(' 2 1000 kim seat0 tty2\n 3 1001 lee - pts/0\n')).toBe('kim');
    expect(parseLoginSessions(' 2 1000 kim - pts/1\n 3 1001 lee - pts/0\n')).toBeNull();
    expect(parseLoginSessions(' c1 114 gdm seat0 tty1\n')).toBeNull();
    expect(parseLoginSessions('')).toBeNull();
  });
});

describe('load', () => {
  const reading = (at: number, busy: number, rx: number): Reading => ({
    at,
    cpu: { busy, total: at },
    net: new Map([['eth0', { first: rx, second: 0 }]]),
    disk: null,
  });

  it('is the growth between two readings, per second', () => {
    expect(ratesBetween(reading(1000, 100, 5000), reading(3000, 600, 9000))).toMatchObject({
      cpuPercent: 25,
      netRxBytesPerS: 2000,
      netTxBytesPerS: 0,
      diskReadBytesPerS: null,
    });
  });

  it('is unknown, not negative, when a counter went back', () => {
    expect(ratesBetween(reading(1000, 100, 5000), reading(3000, 50, 10))).toMatchObject({
      cpuPercent: null,
      netRxBytesPerS: null,
    });
  });

  it('counts no interface that was not there before', () => {
    const after = { ...reading(2000, 0, 0), net: new Map([['vpn', { first: 1e9, second: 1e9 }]]) };
    expect(ratesBetween(reading(1000, 0, 0), after).netRxBytesPerS).toBeNull();
  });

  it('counts waiting for disks as idle and guests once', () => {
    expect(parseCpuTimes('cpu  100 0 100 700 100 0 0 0 50 0\n')).toEqual({ busy: 200, total: 1000 });
  });

  it('does not know what is available on an old kernel', () => {
    expect(parseMemory('MemTotal:  1000 kB\nMemFree: 10 kB\n')).toEqual({
      totalBytes: 1_024_000,
      availableBytes: null,
    });
    expect(parseMemory('')).toBeNull();
  });

  it('leaves loopback and container interfaces out', () => {
    const row = '1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0';
    expect([
      ...parseNetDev(`lo: ${row}\nveth1a: ${row}\neth0:${row}\nbr-12: ${row}\nwlan0: ${row}\n`).keys(),
    ]).toEqual(['eth0', 'wlan0']);
  });

  it('reads mounts with blanks and optional fields', () => {
    expect(
      parseMounts('36 35 98:0 /mnt1 /a\\040b rw,noatime master:1 shared:2 - ext3 /dev/root rw\n'),
    ).toEqual([{ mount: '/a b', fs: 'ext3', source: '/dev/root', root: '/mnt1', device: '98:0' }]);
  });

  it('reads no process from a torn line', () => {
    expect(parseProcessStat('12 (x) S 1')).toBeNull();
  });
});
