import { createHash } from 'node:crypto';
import { scanCatalogue } from '../../../agent/core/scan/catalogue.ts';
import { fingerprint } from '../../../agent/core/scan/run.ts';
import { isScanId, type ScanId, type ScanValue, scanValues } from '../../../shared/device/facts.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { snapshot } from '../../../shared/protocol/from-device.ts';
import type { SampleRow } from '../../../shared/protocol/samples.ts';
import { seeded } from './stats.ts';

/*
 * Frames as agents of an ordinary company send them: six Windows laptops, three Macs and one Linux machine of ten, all
 * twelve checks, values in the ranges such machines show. Made from a seed, so that every run carries the same bytes.
 */

const GIB = 1024 ** 3;
const DAY = 86_400_000;

export function platformOf(index: number): Platform {
  const place = index % 10;
  return place < 6 ? 'windows' : place < 9 ? 'macos' : 'linux';
}

const hex = (index: number, width: number): string => index.toString(16).padStart(width, '0');

/** Who device `index` says it is; no two share an identifier. */
export function identityOf(index: number): DeviceIdentity {
  const platform = platformOf(index);
  const mac = `${hex(index >> 16, 2)}:${hex((index >> 8) & 0xff, 2)}:${hex(index & 0xff, 2)}`;
  const models = {
    windows: ['LENOVO', '21HMCTO1WW'],
    macos: ['Apple Inc.', 'Mac14,7'],
    linux: ['Dell Inc.', 'XPS 13 9310'],
  } as const;
  return {
    platform,
    hostname: `${platform === 'macos' ? 'MAC' : 'LT'}-${String(index).padStart(6, '0')}`,
    machineId: createHash('sha256').update(`machine ${index}`).digest('hex').slice(0, 32),
    serial: `PF${String(index).padStart(8, '0')}K`,
    hardwareUuid: `4c4c4544-0051-4c10-8052-${hex(index, 12)}`,
    manufacturer: models[platform][0],
    model: models[platform][1],
    person: `person.${index}`,
    macs: [`3c:52:82:${mac}`, `a4:bb:6d:${mac}`],
  };
}

type Values = { [Id in ScanId]?: ScanValue<Id> };

/**
 * All twelve checks' values on one platform at one moment; `random` moves what moves on a machine in use (load, free space,
 * charge), the rest stays as it is on one machine.
 */
function valuesOf(platform: Platform, random: () => number, at: number): Values {
  const between = (low: number, high: number): number => Math.round(low + (high - low) * random());
  const tenth = (low: number, high: number): number => between(low * 10, high * 10) / 10;
  const total = 16 * GIB;
  const free = between(40 * GIB, 180 * GIB);
  const full = 46_700;
  const bootedAt = at - 2 * DAY;
  const names = {
    windows: ['msedge.exe', 'Teams.exe', 'MsMpEng.exe', 'explorer.exe', 'OUTLOOK.EXE', 'svchost.exe'],
    macos: ['WindowServer', 'Google Chrome Helper', 'kernel_task', 'Slack Helper', 'mds_stores', 'Finder'],
    linux: ['gnome-shell', 'firefox', 'Isolated Web Co', 'slack', 'systemd-journald', 'Xwayland'],
  } as const;
  const os = {
    windows: {
      platform,
      name: 'Windows 11 Enterprise',
      version: '10.0.26100.4061',
      build: '26100',
      ubr: 4061,
      displayVersion: '24H2',
      edition: 'Enterprise',
      arch: 'x64',
      isServer: false,
      isLtsc: false,
    },
    macos: {
      platform,
      name: 'macOS 15',
      version: '15.7.1',
      build: '24G231',
      ubr: null,
      displayVersion: null,
      edition: null,
      arch: 'arm64',
      isServer: false,
      isLtsc: null,
    },
    linux: {
      platform,
      name: 'Debian GNU/Linux 12 (bookworm)',
      version: '12.11',
      build: '6.1.0-37-amd64',
      ubr: null,
      displayVersion: 'bookworm',
      edition: 'debian',
      arch: 'x64',
      isServer: null,
      isLtsc: null,
    },
  } as const;
  const system = { windows: 'C:', macos: '/System/Volumes/Data', linux: '/' }[platform];
  const further = { windows: 'D:', macos: '/Volumes/Work', linux: '/home' }[platform];
  const fs = { windows: 'NTFS', macos: 'apfs', linux: 'ext4' }[platform];
  const disk = (device: string, model: string, size: number, wear: number) => ({
    device,
    model,
    media: 'ssd' as const,
    bus: 'NVMe',
    health: 'healthy' as const,
    sizeBytes: size,
    wearPercent: wear,
    temperatureC: between(31, 52),
    mediaErrors: 0,
    reallocatedSectors: null,
    powerOnHours: 4210,
    reason: null,
  });
  const adapter = (name: string, mac: string, kind: 'wifi' | 'ethernet', up: boolean) => ({
    name,
    mac,
    kind,
    randomised: false,
    up,
  });
  return {
    'os.version': os[platform],
    'os.support': {
      cycle: { windows: '11-24h2-e', macos: '15', linux: 'debian-12' }[platform],
      label: { windows: '24H2 (E)', macos: 'Sequoia', linux: '12 (bookworm)' }[platform],
      supported: true,
      supportEnd: { windows: '2027-10-12', macos: null, linux: '2026-06-10' }[platform],
      extendedEnd: null,
      asOf: '2025-11-20',
    },
    'disk.free': {
      volumes: [
        { mount: system, fs, sizeBytes: 476 * GIB, freeBytes: free, system: true },
        {
          mount: further,
          fs,
          sizeBytes: 931 * GIB,
          freeBytes: between(300 * GIB, 600 * GIB),
          system: false,
        },
      ],
    },
    'disk.health': {
      disks: [
        disk('0', 'SAMSUNG MZVL2512HCJQ-00BL7', 512_110_190_592, 7),
        disk('1', 'WD_BLACK SN770 1TB', 1_000_204_886_016, 3),
      ],
    },
    battery: {
      onAc: random() < 0.5,
      percent: between(20, 100),
      healthPercent: Math.round((1000 * full) / 52_000) / 10,
      worstHealthPercent: Math.round((1000 * full) / 52_000) / 10,
      batteries: [
        {
          id: 'BAT0 LGC 5B10W51867',
          state: random() < 0.5 ? 'charging' : 'discharging',
          percent: between(20, 100),
          unit: platform === 'macos' ? 'mAh' : 'mWh',
          designCapacity: 52_000,
          fullChargeCapacity: full,
          healthPercent: Math.round((1000 * full) / 52_000) / 10,
          cycleCount: 212,
          condition: platform === 'macos' ? 'Normal' : null,
          minutesRemaining: between(30, 400),
        },
      ],
    },
    'disk.encryption': {
      systemVolume: 'on',
      volumes: [
        { mount: system, system: true, protection: 'on', method: 'XtsAes256', percent: 100 },
        { mount: further, system: false, protection: 'on', method: 'XtsAes256', percent: 100 },
      ],
    },
    'fw.enabled': {
      enabled: true,
      product: { windows: 'Windows Defender Firewall', macos: 'Application Firewall', linux: 'nftables' }[
        platform
      ],
      profiles: platform === 'windows' ? { domain: true, private: true, public: true } : null,
      blockAll: platform === 'macos' ? false : null,
      stealth: platform === 'macos' ? true : null,
    },
    uptime: {
      seconds: Math.round((at - bootedAt) / 1000),
      bootedAt,
      fastStartup: platform === 'windows' ? true : null,
    },
    'reboot.pending': { pending: false, markers: [] },
    perf: {
      cpuPercent: tenth(1, 90),
      memoryTotalBytes: total,
      memoryUsedBytes: between(5 * GIB, 14 * GIB),
      netRxBytesPerS: between(0, 400_000),
      netTxBytesPerS: between(0, 90_000),
      diskReadBytesPerS: between(0, 2_000_000),
      diskWriteBytesPerS: between(0, 900_000),
    },
    'net.mac': {
      adapters: [
        adapter(
          { windows: 'Wi-Fi', macos: 'en0', linux: 'wlp0s20f3' }[platform],
          '3c:52:82:00:00:01',
          'wifi',
          true,
        ),
        adapter(
          { windows: 'Ethernet', macos: 'en7', linux: 'enp0s31f6' }[platform],
          'a4:bb:6d:00:00:01',
          'ethernet',
          false,
        ),
      ],
    },
    processes: {
      count: between(180, 420),
      busiest: Array.from({ length: 10 }, (_, i) => ({
        pid: between(100, 30_000),
        name: names[platform][i % names[platform].length] ?? 'unknown',
        cpuPercent: tenth(0, 40 / (i + 1)),
        memoryBytes: between(20_000_000, 900_000_000),
      })),
    },
  };
}

/** What the agent's own check says matters in a value; the hash is made from it, as the agent makes it. */
function hashOf(scan: string, value: unknown): string {
  const definition = catalogue.find(({ id }) => id === scan);
  if (definition === undefined) throw new Error(`no such check: ${scan}`);
  const parsed = scanValues[definition.id].parse(value);
  return fingerprint(
    'ok',
    null,
    definition.significant === undefined ? parsed : definition.significant(parsed),
  );
}

const catalogue = scanCatalogue();

/** Every check's finding of one machine at `at`; another `variant` has other values in the checks that move. */
export function findingsOf(platform: Platform, variant: number, at: number): Findings {
  const random = seeded(variant * 3 + (platform === 'windows' ? 1 : platform === 'macos' ? 2 : 3));
  const findings: Findings = {};
  for (const [scan, value] of Object.entries(valuesOf(platform, random, at))) {
    findings[scan] = {
      status: 'ok',
      value,
      hash: hashOf(scan, value),
      at: at - Math.round(random() * 50_000),
      ms: Math.round(random() * 900) / 10,
    };
  }
  return findings;
}

/** Different whole states prepared for each platform. A device's next frame takes the next one. */
const VARIANTS = 48;

/**
 * Texts of findings prepared once, so that sending a snapshot costs the client no more than laying strings together.
 * @throws when a prepared frame does not fit the protocol's own schemas: then the bench would measure refusals.
 */
export class PreparedSnapshots {
  readonly #findings = new Map<Platform, string[]>();

  constructor(at: number) {
    for (const platform of ['windows', 'macos', 'linux'] as const) {
      const texts: string[] = [];
      for (let variant = 0; variant < VARIANTS; variant += 1) {
        const findings = findingsOf(platform, variant, at);
        for (const [id, finding] of Object.entries(findings)) {
          if (finding.status !== 'ok' || !isScanId(id)) throw new Error(`no value for ${id}`);
          scanValues[id].parse(finding.value);
        }
        texts.push(JSON.stringify(findings));
      }
      this.#findings.set(platform, texts);
    }
    const first = JSON.parse(this.text(identityText(0), 'windows', 1, 0, at));
    snapshot.parse(first);
  }

  /** A snapshot frame of a device: `identity` is its identity's JSON. */
  text(identity: string, platform: Platform, seq: number, turn: number, at: number): string {
    const findings = this.#findings.get(platform)?.[turn % VARIANTS] ?? '{}';
    return `{"seq":${seq},"type":"snapshot","at":${at},"identity":${identity},"findings":${findings}}`;
  }

  /** How many of the twelve hashes differ between a frame and the one before it, on average. */
  averageChanges(): number {
    let changes = 0;
    for (const texts of this.#findings.values()) {
      for (let turn = 0; turn < VARIANTS; turn += 1) {
        const one = JSON.parse(texts[turn] ?? '{}') as Findings;
        const next = JSON.parse(texts[(turn + 1) % VARIANTS] ?? '{}') as Findings;
        changes += Object.keys(one).filter(id => one[id]?.hash !== next[id]?.hash).length;
      }
    }
    return Math.round((10 * changes) / (this.#findings.size * VARIANTS)) / 10;
  }

  /** Average size of a frame in bytes, with a device's identity. */
  averageBytes(): number {
    let bytes = 0;
    for (let index = 0; index < 10; index += 1) {
      bytes += this.text(identityText(index), platformOf(index), 1000, index, Date.now()).length;
    }
    return Math.round(bytes / 10);
  }
}

export function identityText(index: number): string {
  return JSON.stringify(identityOf(index));
}

/** One reading of the live series. */
export function sampleOf(at: number, random: () => number, cpuPercent?: number): SampleRow {
  const tenth = (high: number): number => Math.round(random() * high * 10) / 10;
  return [
    at,
    cpuPercent ?? tenth(90),
    tenth(90),
    Math.round(90e9 + random() * 1e9),
    Math.round(random() * 400_000),
    Math.round(random() * 90_000),
    Math.round(random() * 2_000_000),
    Math.round(random() * 900_000),
    Math.round(random() * 100),
  ];
}
