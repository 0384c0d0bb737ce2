import { z } from 'zod';
import { securityValues } from './facts-security.ts';
import { softwareValues } from './facts-software.ts';
import { PLAIN_MAC } from './identity.ts';
import { platform } from './platform.ts';

const bytes = z.number().nonnegative();
const percent = z.number().min(0).max(100);
const short = z.string().max(200);
const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** `os.version`: which system this is. Versions are compared numerically by segment, never as text. */
export const osVersion = z.object({
  platform,
  /** As a person says it: `Windows 11 Enterprise`, `macOS 15`, `Debian GNU/Linux 12 (bookworm)`. */
  name: short,
  /** Dotted numbers: `10.0.26100.4061`, `15.7.1`, `12.11`. */
  version: short,
  /** Windows build number as text, Apple build (`24G830`), kernel release on Linux. */
  build: short.nullable(),
  /** Windows update build revision. */
  ubr: z.number().int().nonnegative().nullable(),
  /** Marketing release: `24H2`. */
  displayVersion: short.nullable(),
  /** Windows EditionID (`Enterprise`, `Core`), Linux distribution id (`debian`). */
  edition: short.nullable(),
  arch: short.nullable(),
  isServer: z.boolean().nullable(),
  isLtsc: z.boolean().nullable(),
});
export type OsVersion = z.infer<typeof osVersion>;

/** `os.support`: whether the maker still mends this system. A build newer than the table is not `ok` but `unsupported`. */
export const osSupport = z.object({
  cycle: short,
  label: short,
  supported: z.boolean(),
  /** Last day of free support; null when the maker has published none. */
  supportEnd: isoDate.nullable(),
  /** Last day of paid support. */
  extendedEnd: isoDate.nullable(),
  /** Date of the table that was asked. */
  asOf: isoDate,
});
export type OsSupport = z.infer<typeof osSupport>;

/** `disk.free`: fixed volumes only; network, removable, image and snapshot mounts are left out. */
export const diskFree = z.object({
  volumes: z
    .array(
      z.object({
        mount: short,
        fs: short.nullable(),
        sizeBytes: bytes,
        freeBytes: bytes,
        system: z.boolean(),
      }),
    )
    .max(64),
});
export type DiskFree = z.infer<typeof diskFree>;

/** `disk.health`: the drive's own verdict and counters. Serial numbers are not collected. */
export const diskHealth = z.object({
  disks: z
    .array(
      z.object({
        device: short,
        model: short.nullable(),
        media: z.enum(['hdd', 'ssd', 'scm', 'unspecified']),
        bus: short.nullable(),
        health: z.enum(['healthy', 'warning', 'unhealthy', 'unknown']),
        sizeBytes: bytes.nullable(),
        /** Share of rated endurance used; drives may report more than 100. */
        wearPercent: z.number().min(0).max(255).nullable(),
        temperatureC: z.number().min(-60).max(200).nullable(),
        mediaErrors: z.number().nonnegative().nullable(),
        reallocatedSectors: z.number().nonnegative().nullable(),
        powerOnHours: z.number().nonnegative().nullable(),
        /** Why `health` is unknown, where it is. */
        reason: short.nullable(),
      }),
    )
    .max(64),
});
export type DiskHealth = z.infer<typeof diskHealth>;

/** `battery`: internal batteries only; a mouse's battery is not a laptop's. No battery: the finding is `absent`. */
export const battery = z.object({
  onAc: z.boolean().nullable(),
  /** Charge over all batteries, weighted by capacity. */
  percent: percent.nullable(),
  /** Full charge over design capacity, all batteries together; capped at 100. */
  healthPercent: percent.nullable(),
  worstHealthPercent: percent.nullable(),
  batteries: z
    .array(
      z.object({
        id: short,
        state: z.enum(['charging', 'discharging', 'full', 'idle', 'unknown']),
        percent: percent.nullable(),
        /** Capacities in `unit`. */
        unit: z.enum(['mWh', 'mAh']),
        designCapacity: z.number().nonnegative().nullable(),
        fullChargeCapacity: z.number().nonnegative().nullable(),
        healthPercent: percent.nullable(),
        /** null = the battery does not report it (some say 0). */
        cycleCount: z.number().int().nonnegative().nullable(),
        condition: short.nullable(),
        minutesRemaining: z.number().nonnegative().nullable(),
      }),
    )
    .max(8),
});
export type Battery = z.infer<typeof battery>;

export const protectionState = z.enum(['on', 'off', 'suspended', 'encrypting', 'decrypting', 'unknown']);
export type ProtectionState = z.infer<typeof protectionState>;

/** `disk.encryption`: encrypted with protection suspended is `suspended`, not `on`. Recovery keys are never read. */
export const diskEncryption = z.object({
  systemVolume: protectionState,
  volumes: z
    .array(
      z.object({
        mount: short,
        system: z.boolean(),
        protection: protectionState,
        method: short.nullable(),
        percent: percent.nullable(),
      }),
    )
    .max(64),
});
export type DiskEncryption = z.infer<typeof diskEncryption>;

/** `fw.enabled`: is a host firewall on? Windows answers per profile. */
export const firewall = z.object({
  enabled: z.boolean(),
  product: short.nullable(),
  profiles: z
    .object({
      domain: z.boolean().nullable(),
      private: z.boolean().nullable(),
      public: z.boolean().nullable(),
    })
    .nullable(),
  blockAll: z.boolean().nullable(),
  stealth: z.boolean().nullable(),
});
export type Firewall = z.infer<typeof firewall>;

/** `uptime`: since the last full start. */
export const uptime = z.object({
  seconds: z.number().nonnegative(),
  /** Milliseconds since 1970 by the device's clock. */
  bootedAt: z.number().int().nonnegative(),
  /** Windows Fast Startup: shutting down does not end the kernel session, so uptime looks long. */
  fastStartup: z.boolean().nullable(),
});
export type Uptime = z.infer<typeof uptime>;

/** `reboot.pending`: is a restart waiting, and which markers say so. */
export const rebootPending = z.object({ pending: z.boolean(), markers: z.array(short).max(32) });
export type RebootPending = z.infer<typeof rebootPending>;

/** `perf`: load right now. Rates are per second since the previous reading. */
export const perf = z.object({
  cpuPercent: percent.nullable(),
  memoryTotalBytes: bytes,
  /** In use by programs: total minus what the system could hand out at once. */
  memoryUsedBytes: bytes.nullable(),
  netRxBytesPerS: bytes.nullable(),
  netTxBytesPerS: bytes.nullable(),
  diskReadBytesPerS: bytes.nullable(),
  diskWriteBytesPerS: bytes.nullable(),
});
export type Perf = z.infer<typeof perf>;

/** `net.mac`: physical adapters. */
export const netMac = z.object({
  adapters: z
    .array(
      z.object({
        name: short,
        mac: z.string().regex(PLAIN_MAC),
        kind: z.enum(['ethernet', 'wifi', 'other']),
        /** Locally administered: changes from network to network, so it identifies nothing. */
        randomised: z.boolean(),
        up: z.boolean().nullable(),
      }),
    )
    .max(64),
});
export type NetMac = z.infer<typeof netMac>;

/** `processes`: the busiest programs by name. Command lines and paths are not collected. */
export const processes = z.object({
  count: z.number().int().nonnegative(),
  busiest: z
    .array(
      z.object({
        pid: z.number().int().nonnegative(),
        name: short,
        /** Of one core, so a busy program on four cores may say 400. */
        cpuPercent: z.number().nonnegative().nullable(),
        memoryBytes: bytes.nullable(),
      }),
    )
    .max(20),
});
export type Processes = z.infer<typeof processes>;

/** Every check whose value we know, by id. A check that is not here travels and is stored, but feeds nothing. */
export const scanValues = {
  'os.version': osVersion,
  'os.support': osSupport,
  'disk.free': diskFree,
  'disk.health': diskHealth,
  battery,
  'disk.encryption': diskEncryption,
  'fw.enabled': firewall,
  uptime,
  'reboot.pending': rebootPending,
  perf,
  'net.mac': netMac,
  processes,
  ...securityValues,
  ...softwareValues,
} as const;

export type ScanId = keyof typeof scanValues;
export type ScanValue<Id extends ScanId> = z.infer<(typeof scanValues)[Id]>;

export const SCAN_IDS = Object.keys(scanValues) as ScanId[];

/** Is this a check whose value schema we have? */
export function isScanId(id: string): id is ScanId {
  return Object.hasOwn(scanValues, id);
}
