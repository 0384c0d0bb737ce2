import type { Finding, Findings } from '../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';

/** A finding with a value, as an agent would send it; `hash` must be told when two of one check are to differ. */
export function okFinding(
  value: unknown,
  overrides: Partial<Pick<Finding, 'at' | 'ms' | 'hash'>> = {},
): Finding {
  return { status: 'ok', value, at: 1_800_000_000_000, ms: 3, hash: '0123456789abcdef', ...overrides };
}

/** A finding without one. */
export function toldFinding(
  status: 'absent' | 'unsupported' | 'failed',
  reason: Extract<Finding, { reason: unknown }>['reason'],
  overrides: Partial<Pick<Finding, 'at' | 'ms' | 'hash'>> = {},
): Finding {
  return { status, reason, at: 1_800_000_000_000, ms: 3, hash: 'fedcba9876543210', ...overrides };
}

export const GIB = 1024 ** 3;

/** A healthy Windows laptop: every check of the main set answers. */
export function healthyFindings(at = 1_800_000_000_000): Findings {
  const values: Record<string, unknown> = {
    'os.version': {
      platform: 'windows',
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
    'os.support': {
      cycle: '11-24h2-e',
      label: '11 24H2 (E)',
      supported: true,
      supportEnd: '2029-10-12',
      extendedEnd: null,
      asOf: '2026-08-22',
    },
    'disk.free': {
      volumes: [{ mount: 'C:', fs: 'NTFS', sizeBytes: 512 * GIB, freeBytes: 256 * GIB, system: true }],
    },
    'disk.health': {
      disks: [
        {
          device: '0',
          model: 'Invented NVMe 512',
          media: 'ssd',
          bus: 'NVMe',
          health: 'healthy',
          sizeBytes: 512 * GIB,
          wearPercent: 4,
          temperatureC: 41,
          mediaErrors: 0,
          reallocatedSectors: null,
          powerOnHours: 2100,
          reason: null,
        },
      ],
    },
    battery: {
      onAc: false,
      percent: 81,
      healthPercent: 93,
      worstHealthPercent: 93,
      batteries: [
        {
          id: 'BAT0',
          state: 'discharging',
          percent: 81,
          unit: 'mWh',
          designCapacity: 57_000,
          fullChargeCapacity: 53_010,
          healthPercent: 93,
          cycleCount: 211,
          condition: null,
          minutesRemaining: 240,
        },
      ],
    },
    'disk.encryption': {
      systemVolume: 'on',
      volumes: [{ mount: 'C:', system: true, protection: 'on', method: 'XTS-AES 256', percent: 100 }],
    },
    'fw.enabled': {
      enabled: true,
      product: 'Windows Defender Firewall',
      profiles: { domain: true, private: true, public: true },
      blockAll: null,
      stealth: null,
    },
    uptime: { seconds: 86_400, bootedAt: at - 86_400_000, fastStartup: false },
    'reboot.pending': { pending: false, markers: [] },
    perf: {
      cpuPercent: 12,
      memoryTotalBytes: 16 * GIB,
      memoryUsedBytes: 8 * GIB,
      netRxBytesPerS: 1000,
      netTxBytesPerS: 500,
      diskReadBytesPerS: 0,
      diskWriteBytesPerS: 4096,
    },
    'net.mac': {
      adapters: [
        { name: 'Ethernet', mac: '3c:52:82:00:00:01', kind: 'ethernet', randomised: false, up: true },
      ],
    },
    processes: {
      count: 210,
      busiest: [{ pid: 4120, name: 'msedge.exe', cpuPercent: 4.5, memoryBytes: 400_000_000 }],
    },
  };
  return Object.fromEntries(Object.entries(values).map(([scan, value]) => [scan, okFinding(value, { at })]));
}

export function identity(overrides: Partial<DeviceIdentity> = {}): DeviceIdentity {
  return {
    platform: 'windows',
    hostname: 'FIN-LT-0231',
    machineId: '4f1c'.repeat(8),
    serial: 'INV-0001-AB',
    hardwareUuid: '11111111-2222-3333-4444-555555555555',
    manufacturer: 'Invented',
    model: 'Book 14',
    person: 'a.kovacs',
    macs: ['3c:52:82:00:00:01'],
    ...overrides,
  };
}
