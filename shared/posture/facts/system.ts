import { scanValues } from '../../device/facts.ts';
import { type Fact, factsOf } from '../fact.ts';

const DAY_MS = 86_400_000;
const GIGABYTE = 1_000_000_000;

/** The end of a day written `YYYY-MM-DD`, ms since 1970 (UTC): what ends on a day still counts on it. */
function endOfDay(day: string | null): number | null {
  const start = day === null ? Number.NaN : Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(start) ? null : start + DAY_MS;
}

/** The volume the system is on; several may be marked (an APFS container), the fullest counts. */
function systemVolume(volumes: readonly { system: boolean; sizeBytes: number; freeBytes: number }[]) {
  const system = volumes.filter(volume => volume.system && volume.sizeBytes > 0);
  return system.reduce<(typeof system)[number] | null>(
    (fullest, volume) =>
      fullest === null || volume.freeBytes / volume.sizeBytes < fullest.freeBytes / fullest.sizeBytes
        ? volume
        : fullest,
    null,
  );
}

const HEALTH_WORDS = ['healthy', 'warning', 'unhealthy'] as const;

/** Worst over the known; null when one is not known and none is bad, because the unknown one may be. */
function worstOf<Word extends string>(
  words: readonly (Word | 'unknown')[],
  order: readonly Word[],
): Word | null {
  const worst = order.findLast(word => words.includes(word));
  const bad = worst !== undefined && worst !== order[0];
  return bad || (worst !== undefined && !words.includes('unknown')) ? worst : null;
}

function largest(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter(one => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}

export const SYSTEM_FACTS: readonly Fact[] = [
  ...factsOf('os.version', scanValues['os.version'], {
    version: {
      kind: 'version',
      meaning:
        'Version of the system: 10.0.26100.4061 on Windows (with the update build revision), 15.7.1 on macOS, 12.11 on Linux.',
      read: os => os.version,
    },
    build: {
      kind: 'version',
      meaning:
        'Build: 26100 on Windows, 24G830 on macOS (Apple changes only the build for some security updates), the kernel on Linux.',
      read: os => os.build,
    },
    revision: {
      kind: 'number',
      unit: 'count',
      meaning: 'Update build revision (UBR) of Windows.',
      read: os => os.ubr,
    },
    displayVersion: {
      kind: 'text',
      meaning: 'Release as it is sold: 24H2.',
      read: os => os.displayVersion,
    },
    name: { kind: 'text', meaning: 'Name of the system.', read: os => os.name },
    platform: {
      kind: 'word',
      words: ['windows', 'macos', 'linux'],
      meaning: 'Family of the system.',
      read: os => os.platform,
    },
    edition: {
      kind: 'text',
      meaning: 'Windows edition (Enterprise, Core), Linux distribution (debian).',
      read: os => os.edition,
    },
    arch: { kind: 'text', meaning: 'Processor architecture: x64, arm64.', read: os => os.arch },
    isServer: { kind: 'boolean', meaning: 'Is it a server edition?', read: os => os.isServer },
    isLtsc: { kind: 'boolean', meaning: 'Is it a long-term servicing edition?', read: os => os.isLtsc },
  }),
  ...factsOf('os.support', scanValues['os.support'], {
    supported: {
      kind: 'boolean',
      meaning:
        'Does the maker still give free security updates? A system newer than our table is unknown, not unsupported.',
      read: support => support.supported,
    },
    end: {
      kind: 'left',
      unit: 'days',
      meaning: 'Time until the last day of free security updates.',
      read: support => endOfDay(support.supportEnd),
    },
    extendedEnd: {
      kind: 'left',
      unit: 'days',
      meaning: 'Time until the last day of paid security updates; whether they were bought cannot be seen.',
      read: support => endOfDay(support.extendedEnd),
    },
  }),
  ...factsOf('uptime', scanValues.uptime, {
    bootedAt: {
      kind: 'age',
      unit: 'days',
      meaning: 'Last full start. With Fast Startup, shutting Windows down does not count as one.',
      read: value => value.bootedAt,
    },
    fastStartup: {
      kind: 'boolean',
      meaning: 'Is Fast Startup of Windows on?',
      read: value => value.fastStartup,
    },
  }),
  ...factsOf('reboot.pending', scanValues['reboot.pending'], {
    pending: {
      kind: 'boolean',
      meaning: 'Does anything wait for a restart?',
      read: value => value.pending,
    },
  }),
  ...factsOf('disk.free', scanValues['disk.free'], {
    systemFreePercent: {
      kind: 'number',
      unit: 'percent',
      meaning: 'Free share of the volume the system is on.',
      read: ({ volumes }) => {
        const volume = systemVolume(volumes);
        return volume === null ? null : (volume.freeBytes / volume.sizeBytes) * 100;
      },
    },
    systemFree: {
      kind: 'number',
      unit: 'gigabytes',
      meaning: 'Free space of the volume the system is on, in units of 1,000,000,000 bytes.',
      read: ({ volumes }) => {
        const volume = systemVolume(volumes);
        return volume === null ? null : volume.freeBytes / GIGABYTE;
      },
    },
    systemSize: {
      kind: 'number',
      unit: 'gigabytes',
      meaning: 'Size of the volume the system is on, in units of 1,000,000,000 bytes.',
      read: ({ volumes }) => {
        const volume = systemVolume(volumes);
        return volume === null ? null : volume.sizeBytes / GIGABYTE;
      },
    },
  }),
  ...factsOf('disk.health', scanValues['disk.health'], {
    worst: {
      kind: 'word',
      words: HEALTH_WORDS,
      meaning:
        "The drives' own verdict, the worst of them. Unknown while one does not tell and no other is bad.",
      read: ({ disks }) =>
        worstOf(
          disks.map(disk => disk.health),
          HEALTH_WORDS,
        ),
    },
    worstWearPercent: {
      kind: 'number',
      unit: 'percent',
      meaning: 'Rated endurance used, of the most worn drive that tells; drives may report more than 100.',
      read: ({ disks }) => largest(disks.map(disk => disk.wearPercent)),
    },
    errors: {
      kind: 'number',
      unit: 'count',
      meaning: 'Errors that could not be mended and sectors given up, on the worst drive that tells.',
      read: ({ disks }) =>
        largest(
          disks.map(({ mediaErrors, reallocatedSectors }) =>
            mediaErrors === null && reallocatedSectors === null
              ? null
              : (mediaErrors ?? 0) + (reallocatedSectors ?? 0),
          ),
        ),
    },
    hottest: {
      kind: 'number',
      unit: 'degrees Celsius',
      meaning: 'Temperature of the hottest drive that tells.',
      read: ({ disks }) => largest(disks.map(disk => disk.temperatureC)),
    },
  }),
  ...factsOf('battery', scanValues.battery, {
    exists: {
      kind: 'presence',
      meaning: 'Does the device have a battery of its own?',
      read: () => true,
    },
    healthPercent: {
      kind: 'number',
      unit: 'percent',
      meaning: 'What all batteries together hold of what they held when new.',
      read: value => value.healthPercent,
    },
    worstHealthPercent: {
      kind: 'number',
      unit: 'percent',
      meaning: 'The same for the weakest battery.',
      read: value => value.worstHealthPercent,
    },
    percent: { kind: 'number', unit: 'percent', meaning: 'Charge.', read: value => value.percent },
    cycleCount: {
      kind: 'number',
      unit: 'count',
      meaning: 'Charge cycles of the battery that has most. Unknown where the battery does not count.',
      read: ({ batteries }) => largest(batteries.map(one => one.cycleCount)),
    },
    condition: {
      kind: 'text',
      meaning: "The system's own word for the first battery: Normal, Service Recommended.",
      read: ({ batteries }) => batteries[0]?.condition ?? null,
    },
    onAc: { kind: 'boolean', meaning: 'Is it on mains power?', read: value => value.onAc },
  }),
  ...factsOf('perf', scanValues.perf, {
    cpuPercent: {
      kind: 'number',
      unit: 'percent',
      meaning: 'Load of all processors at the moment of the check.',
      read: value => value.cpuPercent,
    },
    memoryUsedPercent: {
      kind: 'number',
      unit: 'percent',
      meaning: 'Memory in use by programs.',
      read: ({ memoryUsedBytes, memoryTotalBytes }) =>
        memoryUsedBytes === null || memoryTotalBytes === 0
          ? null
          : Math.min(100, (memoryUsedBytes / memoryTotalBytes) * 100),
    },
    memoryTotal: {
      kind: 'number',
      unit: 'gigabytes',
      meaning: 'Memory in units of 1,000,000,000 bytes.',
      read: ({ memoryTotalBytes }) => (memoryTotalBytes === 0 ? null : memoryTotalBytes / GIGABYTE),
    },
  }),
  ...factsOf('processes', scanValues.processes, {
    count: {
      kind: 'number',
      unit: 'count',
      meaning: 'How many programs run.',
      read: value => value.count,
    },
  }),
  ...factsOf('disk.encryption', scanValues['disk.encryption'], {
    system: {
      kind: 'word',
      words: ['on', 'off', 'suspended', 'encrypting', 'decrypting'],
      meaning:
        'Encryption of the volume the system is on. Encrypted with its protection suspended is “suspended”, not “on”.',
      read: ({ systemVolume: state }) => (state === 'unknown' ? null : state),
    },
    allOn: {
      kind: 'boolean',
      meaning: 'Are all fixed volumes encrypted and protected?',
      read: ({ volumes }) => {
        if (volumes.some(({ protection }) => protection !== 'on' && protection !== 'unknown')) return false;
        if (volumes.length === 0 || volumes.some(({ protection }) => protection === 'unknown')) return null;
        return true;
      },
    },
    method: {
      kind: 'text',
      meaning: 'How the volume the system is on is encrypted: XTS-AES 256.',
      read: ({ volumes }) => volumes.find(volume => volume.system)?.method ?? null,
    },
    systemPercent: {
      kind: 'number',
      unit: 'percent',
      meaning: 'How much of the volume the system is on is encrypted by now.',
      read: ({ volumes }) => volumes.find(volume => volume.system)?.percent ?? null,
    },
  }),
  ...factsOf('fw.enabled', scanValues['fw.enabled'], {
    enabled: {
      kind: 'boolean',
      meaning: 'Is a host firewall on? On Windows all profiles, or the product that has taken over.',
      read: value => value.enabled,
    },
    product: { kind: 'text', meaning: 'Which firewall.', read: value => value.product },
    domain: {
      kind: 'boolean',
      meaning: 'Is it on in the domain profile of Windows?',
      read: ({ profiles }) => profiles?.domain ?? null,
    },
    private: {
      kind: 'boolean',
      meaning: 'Is it on in the private profile of Windows?',
      read: ({ profiles }) => profiles?.private ?? null,
    },
    public: {
      kind: 'boolean',
      meaning: 'Is it on in the public profile of Windows?',
      read: ({ profiles }) => profiles?.public ?? null,
    },
    blockAll: {
      kind: 'boolean',
      meaning: 'Are all incoming connections blocked?',
      read: value => value.blockAll,
    },
    stealth: {
      kind: 'boolean',
      meaning: 'Does it keep silent to probes (stealth mode of macOS)?',
      read: value => value.stealth,
    },
  }),
  ...factsOf('net.mac', scanValues['net.mac'], {
    addresses: {
      kind: 'macs',
      meaning:
        'Addresses of the physical adapters. Randomised ones are left out: they change from network to network and identify nothing.',
      read: ({ adapters }) => adapters.filter(one => !one.randomised).map(one => one.mac),
    },
  }),
];
