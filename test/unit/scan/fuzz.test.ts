import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { decode } from '../../../agent/core/scan/decode.ts';
import { parsePowerSupply } from '../../../agent/core/scan/parse/battery.ts';
import { parseSmartBattery } from '../../../agent/core/scan/parse/battery-macos.ts';
import { parseBatteryReport, windowsBattery } from '../../../agent/core/scan/parse/battery-windows.ts';
import {
  parseActiveUnits,
  parseIptablesSave,
  parseNftRuleset,
  parseUfwConf,
  parseUfwStatus,
} from '../../../agent/core/scan/parse/firewall-linux.ts';
import { parseLsblk } from '../../../agent/core/scan/parse/lsblk.ts';
import {
  macEncryption,
  parseBlockStorage,
  parseFdesetup,
  parseHardwarePorts,
  parseNetstat,
  parsePlatformExpert,
  parsePs,
  parseSocketfilterfw,
  parseSoftwareUpdate,
  parseStorage,
  parseStorageHealth,
  parseSwVers,
  parseVmStat,
} from '../../../agent/core/scan/parse/macos.ts';
import { parseInterfaceBytes } from '../../../agent/core/scan/parse/netstat-windows.ts';
import { parseOsRelease } from '../../../agent/core/scan/parse/os-release.ts';
import { parsePlist } from '../../../agent/core/scan/parse/plist.ts';
import {
  parseBootTime,
  parseCpuTimes,
  parseDiskStats,
  parseMemory,
  parseMounts,
  parseNetDev,
  parseProcessStat,
} from '../../../agent/core/scan/parse/proc.ts';
import { parseNeedrestart } from '../../../agent/core/scan/parse/reboot-linux.ts';
import { parseRegistry } from '../../../agent/core/scan/parse/reg.ts';
import { parseRows } from '../../../agent/core/scan/parse/rows.ts';
import { parseLoginSessions } from '../../../agent/core/scan/parse/sessions.ts';
import { parseSmartctl } from '../../../agent/core/scan/parse/smartctl.ts';
import {
  windowsAdapters,
  windowsDisks,
  windowsEncryption,
  windowsEncryptionFromShell,
  windowsFirewall,
  windowsReboot,
  windowsVersion,
  windowsVolumes,
} from '../../../agent/core/scan/parse/windows.ts';
import { parseWindowsRound } from '../../../agent/core/scan/parse/windows-round.ts';
import { scanValues } from '../../../shared/device/facts.ts';
import { bytes, FIXTURES } from './support.ts';

const none = { ok: false, reason: 'not-permitted' } as const;
const nothing = new Uint8Array();

function rowsOf(input: Uint8Array) {
  const rows = parseRows(input);
  return rows.ok ? rows.value : [];
}
type Outcome = { ok: boolean; value?: unknown };
type Case = [name: string, schema: z.ZodType, parse: (input: Uint8Array) => Outcome];

/** Parsers whose value is (or becomes) a finding's value, with the schema it must fit or be refused by the runner. */
const valued: Case[] = [
  ['battery of a Mac', scanValues.battery, parseSmartBattery],
  ['battery report', scanValues.battery, input => windowsBattery([], [], parseBatteryReport(decode(input)))],
  ['battery rows', scanValues.battery, input => windowsBattery(rowsOf(input), rowsOf(input), null)],
  ['lsblk', scanValues['disk.encryption'], parseLsblk],
  [
    'fdesetup',
    scanValues['disk.encryption'],
    input => {
      const status = parseFdesetup(input);
      return status.ok ? { ok: true, value: macEncryption(status.value) } : status;
    },
  ],
  ['encryptable volumes', scanValues['disk.encryption'], input => windowsEncryption(rowsOf(input))],
  ['shell property', scanValues['disk.encryption'], input => windowsEncryptionFromShell(rowsOf(input))],
  ['socketfilterfw', scanValues['fw.enabled'], parseSocketfilterfw],
  ['firewall profiles', scanValues['fw.enabled'], input => windowsFirewall(rowsOf(input), rowsOf(input))],
  ['softwareupdate', scanValues['reboot.pending'], input => parseSoftwareUpdate(input, nothing)],
  ['restart markers', scanValues['reboot.pending'], input => windowsReboot(rowsOf(input))],
  ['sw_vers', scanValues['os.version'], input => parseSwVers(input, null)],
  ['storage of a Mac', scanValues['disk.free'], parseStorage],
  ['drives of a Mac', scanValues['disk.health'], parseStorageHealth],
  ['logical disks', scanValues['disk.free'], input => windowsVolumes(rowsOf(input))],
  ['physical disks', scanValues['disk.health'], input => windowsDisks(rowsOf(input), none)],
  ['hardware ports', scanValues['net.mac'], parseHardwarePorts],
  ['adapters', scanValues['net.mac'], input => ({ ok: true, value: windowsAdapters(rowsOf(input)) })],
  [
    'registry',
    scanValues['os.version'],
    input => windowsVersion([...parseRegistry(input).values()][0] ?? new Map(), null),
  ],
  [
    'os-release',
    scanValues['os.version'],
    input => {
      const version = parseOsRelease(decode(input), { kernel: null, debianVersion: null, arch: null });
      return version === null ? { ok: false } : { ok: true, value: version };
    },
  ],
];

/** Parsers whose result is used inside a check. */
const others: ((input: Uint8Array) => unknown)[] = [
  parseWindowsRound,
  parseSmartctl,
  parseUfwStatus,
  parseNftRuleset,
  parseIptablesSave,
  parseNeedrestart,
  parseVmStat,
  parseNetstat,
  parseBlockStorage,
  parsePs,
  parsePlatformExpert,
  parseInterfaceBytes,
  input => parseActiveUnits(input, ['a', 'b']),
  ...[
    parseUfwConf,
    parsePlist,
    parseCpuTimes,
    parseBootTime,
    parseMemory,
    parseNetDev,
    parseDiskStats,
    parseProcessStat,
    parseMounts,
    parseLoginSessions,
    (text: string) => parsePowerSupply('BAT0', text),
  ].map(parse => (input: Uint8Array) => parse(decode(input))),
];

function filesUnder(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesUnder(path) : [path];
  });
}
const outputs = filesUnder(FIXTURES)
  .map(path => new Uint8Array(readFileSync(path)))
  .filter(output => output.length > 0);

/** One of our recordings with a few bytes changed, cut out or doubled. */
const damaged = fc
  .tuple(
    fc.constantFrom(...outputs),
    fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'double')), { maxLength: 8 }),
  )
  .map(([output, changes]) => {
    let result = [...output];
    for (const [where, value, how] of changes) {
      const at = where % Math.max(1, result.length);
      if (how === 'set') result[at] = value;
      else if (how === 'cut') result = result.slice(0, at);
      else result = [...result.slice(0, at), ...result.slice(at, at + 40), ...result.slice(at)];
    }
    return Uint8Array.from(result);
  });
const anyBytes = fc.uint8Array({ maxLength: 400 });

describe('damaged output', () => {
  it('never throws out of a parser, and what a parser calls a value fits its schema', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: damaged }, { weight: 1, arbitrary: anyBytes }), input => {
        for (const [name, schema, parse] of valued) {
          const result = parse(input);
          if (result.ok) expect(schema.safeParse(result.value).error?.issues, name).toBeUndefined();
        }
        for (const parse of others) parse(input);
      }),
      { numRuns: 400 },
    );
  });
});

/** Does this outcome say that all is well? */
function isPass(result: Outcome): boolean {
  const text = JSON.stringify(result.value ?? null);
  return result.ok && /"systemVolume":"on"|"enabled":true|"health":"healthy"|"pending":false/.test(text);
}

/** What programs print when they cannot tell. */
const helpless = [
  '',
  'Error: access is denied.',
  'You must be root to use this tool',
  'FileVault is',
  'Firewall is enabled.',
  'Status:',
  '{"nftables":',
  '{"smart_status":{}}',
  '{"blockdevices":[]}',
  'ProtectionStatus=2\nVolumeType=0\nDriveLetter=C:\nConversionStatus=1',
  '[{"Name":"Domain","Enabled":2},{"Name":"Private","Enabled":2},{"Name":"Public","Enabled":2}]',
  "Can't connect to the Apple Software Update server",
].map(bytes);

describe('output that tells nothing', () => {
  it('is a pass for no parser', () => {
    for (const input of helpless) {
      for (const [name, , parse] of valued)
        expect(isPass(parse(input)), `${name} over ${decode(input)}`).toBe(false);
    }
  });

  it('does not become a pass by changed letters', () => {
    const changed = fc
      .tuple(
        fc.constantFrom(...helpless),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0x3a, max: 0xff })), { maxLength: 6 }),
      )
      .map(([input, changes]) => {
        const result = Uint8Array.from(input);
        for (const [where, value] of changes) if (result.length > 0) result[where % result.length] = value;
        return result;
      });
    fc.assert(
      fc.property(changed, input => {
        for (const [name, , parse] of valued) expect(isPass(parse(input)), name).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('any values in the rows of Windows', () => {
  const cell = fc.oneof(
    fc.constantFrom<unknown>(0, 1, 2, 3, '', '0', '1', '2', null, true, false, 'On', 'True', {}, []),
    fc.integer(),
    fc.double(),
    fc.string(),
  );

  it('call the firewall on only when all three profiles say 1', () => {
    const profile = fc.record({ Name: fc.constantFrom('Domain', 'Private', 'Public', 'x'), Enabled: cell });
    fc.assert(
      fc.property(fc.array(profile, { maxLength: 5 }), rows => {
        const result = windowsFirewall(rows, []);
        if (!result.ok || !result.value.enabled) return;
        for (const name of ['Domain', 'Private', 'Public']) {
          expect(rows.findLast(row => row.Name === name)?.Enabled).toSatisfy(
            (on: unknown) => on === 1 || String(on).trim() === '1',
          );
        }
      }),
    );
  });

  it('call the system drive protected only when its protection says 1', () => {
    const volume = fc.record({
      DriveLetter: fc.constant('C:'),
      VolumeType: fc.constant(0),
      ProtectionStatus: cell,
      ConversionStatus: cell,
    });
    fc.assert(
      fc.property(volume, row => {
        const result = windowsEncryption([row]);
        if (result.ok && result.value.systemVolume === 'on')
          expect(String(row.ProtectionStatus).trim()).toBe('1');
      }),
    );
  });

  it('call a drive healthy only when its status says 0', () => {
    fc.assert(
      fc.property(fc.record({ DeviceId: fc.constant('0'), HealthStatus: cell, BusType: cell }), row => {
        const result = windowsDisks([row], none);
        // Minus zero is zero, though not the same to `toBe`.
        if (result.ok && result.value.disks[0]?.health === 'healthy')
          expect(Number(row.HealthStatus) === 0).toBe(true);
      }),
    );
  });

  it('call no restart waiting only when both markers say so', () => {
    const markers = fc.record({
      ComponentServicing: cell,
      WindowsUpdate: cell,
      UpdateAgent: cell,
      FileRenames: cell,
    });
    fc.assert(
      fc.property(markers, row => {
        const result = windowsReboot([row]);
        if (!result.ok || result.value.pending) return;
        for (const marker of [row.ComponentServicing, row.WindowsUpdate])
          expect(String(marker).toLowerCase()).toBe('false');
      }),
    );
  });
});
