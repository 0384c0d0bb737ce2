import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../agent/core/scan/answer.ts';
import { decode } from '../../../agent/core/scan/decode.ts';
import { parseSmartBattery } from '../../../agent/core/scan/parse/battery-macos.ts';
import { parseBatteryReport, windowsBattery } from '../../../agent/core/scan/parse/battery-windows.ts';
import { parseUfwStatus } from '../../../agent/core/scan/parse/firewall-linux.ts';
import { parseLsblk } from '../../../agent/core/scan/parse/lsblk.ts';
import {
  parseFdesetup,
  parsePlatformExpert,
  parseSocketfilterfw,
  parseSoftwareUpdate,
  parseStorage,
  parseStorageHealth,
  parseSwVers,
} from '../../../agent/core/scan/parse/macos.ts';
import { parseOsRelease } from '../../../agent/core/scan/parse/os-release.ts';
import { parseNeedrestart } from '../../../agent/core/scan/parse/reboot-linux.ts';
import { parseRegistry } from '../../../agent/core/scan/parse/reg.ts';
import { parseRows, type Row } from '../../../agent/core/scan/parse/rows.ts';
import { parseSmartctl } from '../../../agent/core/scan/parse/smartctl.ts';
import {
  windowsDisks,
  windowsEncryption,
  windowsFirewall,
  windowsFirewallFromRegistry,
  windowsReboot,
  windowsVersion,
  windowsVolumes,
} from '../../../agent/core/scan/parse/windows.ts';
import { RECORDINGS } from './support.ts';

const none = { ok: false, reason: 'not-permitted' } as const;
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(`${RECORDINGS}${name}`));
const rows = (name: string): Row[] => {
  const parsed = parseRows(read(name));
  return parsed.ok ? parsed.value : [];
};
/** Properties of a registry key as PowerShell prints them. */
const key = (name: string): Map<string, string | number> =>
  new Map(
    rows(name).flatMap(row =>
      Object.entries(row).flatMap(([property, value]) =>
        typeof value === 'string' || typeof value === 'number'
          ? [[property.toLowerCase(), value] as const]
          : [],
      ),
    ),
  );

/** Outputs of real machines lie beside the repository, not in it; without them this file has nothing to say. */
describe.skipIf(RECORDINGS === null)(
  'recorded outputs (skipped where ../shared/data/command-output is absent)',
  () => {
    describe('battery', () => {
      it('reads a battery report with a byte order mark, whose 0 cycles mean not reported', () => {
        const report = parseBatteryReport(decode(read('windows/batteryreport-xps13-cycle0-bom.xml')));
        expect(windowsBattery([], [], report)).toMatchObject({
          value: {
            healthPercent: 84.8,
            batteries: [{ designCapacity: 57_532, fullChargeCapacity: 48_807, cycleCount: null }],
          },
        });
      });

      it('finds no batteries element in the HTML form', () => {
        expect(parseBatteryReport(decode(read('windows/batteryreport.html')))).toBeNull();
      });

      it('does not invent a design capacity that Windows leaves empty', () => {
        expect(
          windowsBattery(null, rows('windows/win32-battery-wmic-designcapacity-empty.txt'), null),
        ).toMatchObject({
          value: { onAc: false, percent: 80, healthPercent: null },
        });
      });

      it('reads ioreg of an M1 in its text form', () => {
        expect(parseSmartBattery(read('macos/ioreg-smartbattery-m1max-text.txt'))).toMatchObject({
          value: { percent: 100, onAc: false, batteries: [{ designCapacity: 8694, minutesRemaining: null }] },
        });
      });

      it('reads ioreg as a property list, on battery', () => {
        expect(parseSmartBattery(read('macos/ioreg-smartbattery-on-battery.plist'))).toMatchObject({
          value: {
            percent: 78,
            healthPercent: 87.2,
            batteries: [{ cycleCount: 338, state: 'discharging', minutesRemaining: 296 }],
          },
        });
      });

      it('reads the layout of macOS 27 and caps health at 100', () => {
        expect(
          parseSmartBattery(read('macos/ioreg-smartbattery-macos27-batterydata-excerpt.txt')),
        ).toMatchObject({
          value: {
            percent: 54,
            healthPercent: 100,
            batteries: [{ designCapacity: 5760, fullChargeCapacity: 5793 }],
          },
        });
      });
    });

    describe('disk encryption', () => {
      it('reads a protected drive from UTF-16 with doubled line ends', () => {
        expect(
          windowsEncryption(rows('windows/encryptablevolume-wmic-utf16-c-protected.wmi.txt')),
        ).toMatchObject({
          value: { systemVolume: 'on', volumes: [{ mount: 'C:', method: 'AES-256' }] },
        });
      });

      it.each([
        ['on', 'on'],
        ['off', 'off'],
        ['on-encrypting', 'encrypting'],
        ['encrypting-no-first-line', 'encrypting'],
      ])('reads fdesetup %s', (name, state) => {
        expect(parseFdesetup(read(`macos/fdesetup-status-${name}.txt`))).toMatchObject({ value: { state } });
      });

      it('reads lsblk: a plain root beside an encrypted disk', () => {
        expect(parseLsblk(read('linux/lsblk-json.json'))).toMatchObject({ value: { systemVolume: 'off' } });
      });

      it.each([
        'manage-bde-status-de-not-encrypted.txt',
        'manage-bde-status-de-not-encrypted.cp850.txt',
        'get-bitlockervolume-list-comma-decimal.txt',
        'empty.txt',
      ])('knows nothing from %s', name => {
        expect(windowsEncryption(rows(`windows/${name}`))).toMatchObject({ ok: false });
      });
    });

    describe('firewall', () => {
      it('does not judge two of three profiles', () => {
        expect(windowsFirewall(rows('windows/get-netfirewallprofile-two-of-three.json'), [])).toMatchObject({
          ok: false,
        });
      });

      it('reads the profiles from exported registry files', () => {
        const profile = (name: string) => {
          const path = `hkey_local_machine\\system\\currentcontrolset\\services\\sharedaccess\\parameters\\firewallpolicy\\${name}profile`;
          return {
            policy: null,
            local:
              parseRegistry(read(`windows/firewall-registry-win10-${name}profile.reg`)).get(path) ?? null,
          };
        };
        expect(
          windowsFirewallFromRegistry({
            domain: profile('domain'),
            private: profile('standard'),
            public: profile('public'),
          }),
        ).toMatchObject({
          value: { enabled: true, profiles: { domain: true, private: true, public: true } },
        });
      });

      it('reads socketfilterfw state 2, and neither empty nor damaged output', () => {
        expect(parseSocketfilterfw(read('macos/socketfilterfw-state2.txt'))).toMatchObject({
          value: { enabled: true, blockAll: false, stealth: true },
        });
        expect(parseSocketfilterfw(read('macos/socketfilterfw-empty.txt'))).toMatchObject({
          reason: 'no-output',
        });
        expect(parseSocketfilterfw(read('macos/socketfilterfw-malformed.txt'))).toMatchObject({
          reason: 'parse-error',
        });
      });

      it('reads ufw', () => {
        expect(parseUfwStatus(read('linux/ufw-status-active-short.txt'))).toMatchObject({ value: true });
        expect(parseUfwStatus(read('linux/ufw-status-inactive.txt'))).toMatchObject({ value: false });
      });
    });

    describe('systems', () => {
      it('reads a Windows 11 and a server', () => {
        expect(
          windowsVersion(key('windows/ntcurrentversion-26100-enterprise-hotpatch.json'), null),
        ).toMatchObject({
          value: {
            version: '10.0.26100.3000',
            displayVersion: '24H2',
            isServer: false,
            edition: 'Enterprise',
          },
        });
        expect(windowsVersion(key('windows/ntcurrentversion-17763-server-eval.json'), null)).toMatchObject({
          value: { build: '17763', ubr: 720, isServer: true, displayVersion: null },
        });
      });

      it('knows no version from an answer with one other key', () => {
        expect(windowsVersion(key('windows/operatingsystem-wmic-almost-empty.wmi.txt'), null)).toMatchObject({
          ok: false,
        });
      });

      it('reads macOS from sw_vers and from its property list', () => {
        expect(parseSwVers(read('macos/sw_vers-10.14.5.txt'), null)).toMatchObject({
          value: { version: '10.14.5', build: '18F132' },
        });
        expect(parseSwVers(read('macos/systemversion-13.3.1.plist'), null)).toMatchObject({
          value: { version: '13.3.1', build: '22E261' },
        });
      });

      it('reads os-release', () => {
        expect(
          parseOsRelease(decode(read('linux/os-release-debian11')), {
            kernel: null,
            debianVersion: null,
            arch: null,
          }),
        ).toMatchObject({ version: '11', edition: 'debian' });
      });

      it('names a Mac', () => {
        expect(parsePlatformExpert(read('macos/ioreg-platformexpert-macbookpro12.txt'))).toEqual({
          uuid: 'CE3A2773-AF9E-515B-918B-5EE5C09372D7',
          serial: 'C02QM3FSFVH8',
          model: 'MacBookPro12,1',
        });
      });
    });

    describe('storage', () => {
      it('reads a fixed Windows drive', () => {
        expect(windowsVolumes(rows('windows/logicaldisk-wmic-utf16-win10.wmi.txt'))).toMatchObject({
          value: {
            volumes: [{ mount: 'C:', fs: 'NTFS', sizeBytes: 510_462_619_648, freeBytes: 271_162_613_760 }],
          },
        });
      });

      it('counts a Mac container once and leaves the USB disk out', () => {
        const storage = parseStorage(read('macos/system_profiler-storage-1tb-with-usb.json'));
        expect(storage).toMatchObject({
          value: { volumes: [{ mount: '/', freeBytes: 437_436_678_144, system: true }] },
        });
        expect(storage).toHaveProperty('value.volumes.length', 1);
        expect(parseStorageHealth(read('macos/system_profiler-storage-1tb-with-usb.json'))).toMatchObject({
          value: { disks: [{ model: 'APPLE SSD AP1024Z', health: 'healthy' }] },
        });
      });

      it('reads an NVMe drive and counters whose wear is empty', () => {
        expect(
          windowsDisks(rows('windows/physicaldisk-wmic-utf16-nvme-healthy.wmi.txt'), none),
        ).toMatchObject({
          value: { disks: [{ health: 'healthy', media: 'ssd', bus: 'NVMe', sizeBytes: 512_110_190_592 }] },
        });
        const counters: Answer<Row[]> = parseRows(read('windows/get-storagereliabilitycounter-list.txt'));
        expect(windowsDisks([{ DeviceId: '8', HealthStatus: 0 }], counters)).toMatchObject({
          value: { disks: [{ wearPercent: null, temperatureC: 28, mediaErrors: 0 }] },
        });
      });

      it('reads no verdict from smartctl output that has none', () => {
        expect(parseSmartctl(read('linux/smartctl-i-ssd.txt'))).toMatchObject({ ok: false });
      });
    });

    describe('restarts', () => {
      it('reads needrestart and softwareupdate', () => {
        expect(parseNeedrestart(read('linux/needrestart-b.txt'))).toMatchObject({ value: false });
        const update = (name: string) =>
          parseSoftwareUpdate(read(`macos/softwareupdate-list-${name}.txt`), new Uint8Array());
        expect(
          ['one-update-noscan', 'one-update-scan', 'none-noscan', 'none-scan'].map(name => update(name)),
        ).toMatchObject([
          { value: { pending: true } },
          { value: { pending: true } },
          { value: { pending: false } },
          { value: { pending: false } },
        ]);
      });

      it('reports invalid JSON instead of throwing', () => {
        expect(parseRows(read('windows/pending-file-rename-operations-invalid-json.json'))).toMatchObject({
          reason: 'parse-error',
        });
        expect(windowsReboot(rows('windows/pending-file-rename-operations-invalid-json.json'))).toMatchObject(
          { ok: false },
        );
      });
    });
  },
);
