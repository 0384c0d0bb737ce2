import type { ScanOutcome } from '../../agent/core/scan/scan.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../shared/base/durations.ts';
import type {
  Battery,
  DiskHealth,
  OsVersion,
  ProtectionState,
  ScanId,
  ScanValue,
} from '../../shared/device/facts.ts';
import { lookUpSupport } from '../../shared/device/os-support-table.ts';
import type { SampleRow } from '../../shared/protocol/samples.ts';
import type { DemoDevice } from './company.ts';
import { protectionOf } from './protection.ts';
import { seedOf, unit, wave } from './random.ts';
import { type Rhythm, rhythmOf } from './rhythm.ts';

/** One machine's life as functions of time: the same moment always reads the same, whether past, now or to come. */
export interface Story {
  readonly device: DemoDevice;
  readonly rhythm: Rhythm;
  /** What a check answers at `t`; meaningful while the machine runs. */
  outcome<Id extends ScanId>(id: Id, t: number): ScanOutcome<ScanValue<Id>>;
  /** The live series at `t`, in whole milliseconds. */
  reading(t: number): SampleRow;
}

type Outcome<Id extends ScanId> = ScanOutcome<ScanValue<Id>>;
type Failure = Exclude<ScanOutcome<never>, { status: 'ok' }>;
/** A check that no story tells of yet is one that has not run. */
type Tellers = { readonly [Id in ScanId]?: (t: number) => Outcome<Id> };

const GB = 1000 ** 3;
const MB = 1000 ** 2;

function failed(reason: Failure['reason'], detail?: string): Failure {
  return detail === undefined ? { status: 'failed', reason } : { status: 'failed', reason, detail };
}

/** Checks that cannot tell on some machines. */
const SILENT: Partial<Record<DemoDevice['plot'], Partial<Record<ScanId, Failure>>>> = {
  'agent-without-rights': {
    'disk.health': failed('not-permitted', 'reading the drive needs the service'),
    'disk.encryption': failed('not-permitted', 'asking for encryption needs the service'),
    'fw.enabled': failed('not-permitted', 'only an administrator may read the packet filter'),
    battery: failed('command-failed', 'the power service refused'),
  },
  'checks-time-out': {
    'disk.health': failed('timeout', 'no answer within 60000 ms'),
    'fw.enabled': failed('timeout', 'no answer within 60000 ms'),
    processes: failed('timeout', 'no answer within 60000 ms'),
  },
  'battery-not-told': { battery: failed('no-output') },
  'firewall-not-permitted': { 'fw.enabled': failed('not-permitted', 'only root may read the packet filter') },
  'constrained-shell': {
    'disk.health': failed('constrained-language'),
    'disk.encryption': failed('constrained-language'),
  },
};

const PROGRAMS = {
  windows: [
    ...[
      'msedge.exe',
      'OUTLOOK.EXE',
      'ms-teams.exe',
      'EXCEL.EXE',
      'explorer.exe',
      'MsMpEng.exe',
      'SearchHost.exe',
    ],
    ...['OneDrive.exe', 'dwm.exe', 'svchost.exe', 'Wfica32.exe', 'POWERPNT.EXE'],
  ],
  macos: [
    ...[
      'Safari',
      'Microsoft Outlook',
      'Microsoft Teams',
      'WindowServer',
      'mds_stores',
      'Figma',
      'Slack',
      'Finder',
    ],
    ...['kernel_task', 'Citrix Viewer', 'Google Chrome', 'bird'],
  ],
  linux: [
    ...['firefox', 'code', 'gnome-shell', 'node', 'rust-analyzer', 'dockerd', 'slack', 'systemd-journald'],
    ...['Xwayland', 'postgres', 'wfica', 'tracker-miner-fs-3'],
  ],
} as const;

/** The story of a device whose present begins at `anchor` (milliseconds since 1970). */
export function storyOf(device: DemoDevice, anchor: number): Story {
  const { seed, plot, system, identity } = device;
  const { platform } = system;
  const rhythm = rhythmOf(device, anchor);
  const seeds = {
    cpu: seedOf(seed, 'cpu'),
    burst: seedOf(seed, 'burst'),
    memory: seedOf(seed, 'memory'),
    disk: seedOf(seed, 'disk'),
    net: seedOf(seed, 'net'),
    meeting: seedOf(seed, 'meeting'),
    programs: seedOf(seed, 'programs'),
  };
  const trait = (n: number): number => unit(seed, n);
  const sinceAnchor = (t: number): number => t - anchor;
  /** Grows from 0 at `from` to 1 at `to`. */
  const share = (t: number, from: number, to: number): number =>
    Math.min(1, Math.max(0, (t - from) / (to - from)));
  /** Around zero, from -0.5 to 0.5. */
  const drift = (of: number, t: number, period: number): number => wave(of, t / period) - 0.5;

  // Load

  const inMeeting = (t: number): boolean => {
    const slot = Math.floor(t / (30 * MINUTE));
    return unit(seeds.meeting, slot) < 0.22 && rhythm.activity(t) > 0.35;
  };

  function cpuPercent(t: number): number {
    const work = rhythm.activity(t);
    const slot = Math.floor(t / (25 * SECOND));
    const burst = unit(seeds.burst, slot) < 0.03 + 0.05 * work ? 30 + 55 * unit(seeds.burst, slot + 0.5) : 0;
    const bell = Math.sin(Math.PI * ((t / (25 * SECOND)) % 1));
    const percent =
      1.5 +
      26 * work * wave(seeds.cpu, t / (4 * MINUTE)) ** 1.4 +
      9 * wave(seeds.cpu ^ 1, t / (11 * SECOND)) ** 2 +
      3 * wave(seeds.cpu ^ 2, t / (1.7 * SECOND)) +
      (inMeeting(t) ? 13 : 0) +
      (plot === 'crash-storm' ? 12 : plot === 'memory-short' ? 9 : 0) +
      burst * bell * (0.3 + 0.7 * work);
    return Math.round(Math.min(100, percent) * 10) / 10;
  }

  function memoryUsedBytes(t: number): number {
    const sinceBoot = Math.max(0, t - rhythm.bootAt(t));
    const short = plot === 'memory-short';
    const base = short ? 95.3 : 38 + 20 * trait(3);
    const grown = short ? 0 : 7 * (1 - Math.exp(-sinceBoot / (30 * HOUR)));
    const percent =
      base +
      grown +
      (short ? 2.4 : 6) * drift(seeds.memory, t, 17 * MINUTE) +
      (short ? 0.8 : 1.6) * drift(seeds.memory ^ 1, t, 40 * SECOND) +
      (inMeeting(t) && !short ? 3 : 0);
    return Math.round((device.memoryBytes * Math.min(99, percent)) / 100);
  }

  function rates(t: number): { rx: number; tx: number; read: number; write: number } {
    const work = rhythm.activity(t);
    const meeting = inMeeting(t);
    const spike = wave(seeds.net ^ 1, t / (9 * SECOND)) ** 6;
    const calm = wave(seeds.net, t / (3 * SECOND));
    const copying = plot === 'disk-filling-now' && filling(t) ? 1 : 0;
    return {
      rx: Math.round(900 + 9000 * calm + work * spike * 4.2 * MB + (meeting ? 260e3 + 90e3 * calm : 0)),
      tx: Math.round(500 + 4200 * calm + work * spike * 0.5 * MB + (meeting ? 210e3 + 60e3 * calm : 0)),
      read: Math.round(
        4096 * Math.floor(6 * calm) + work * wave(seeds.disk ^ 5, t / (7 * SECOND)) ** 5 * 60 * MB,
      ),
      write: Math.round(
        24e3 +
          160e3 * calm +
          work * wave(seeds.disk ^ 6, t / (8 * SECOND)) ** 5 * 35 * MB +
          copying * (70 + 20 * calm) * MB,
      ),
    };
  }

  // Disk

  /** Usable bytes of the system volume: less than the drive, which also carries recovery and firmware partitions. */
  const systemBytes = Math.round(device.diskBytes * 0.976);
  const FILL_CYCLE = 14 * MINUTE;
  const filling = (t: number): boolean => {
    const since = sinceAnchor(t);
    return since >= 0 && since % FILL_CYCLE < 11.5 * MINUTE;
  };

  function systemFreeBytes(t: number): number {
    const noise = 0.2 * GB * drift(seeds.disk ^ 1, t, HOUR) + 9 * MB * drift(seeds.disk ^ 2, t, 20 * SECOND);
    if (plot === 'disk-filling-for-days') {
      const free = 17.5 * GB - (sinceAnchor(t) / DAY) * 8.4 * GB;
      return Math.round(Math.max(0.35 * GB, free + noise / 2));
    }
    if (plot === 'disk-filling-now') {
      const full = 61 * GB + noise;
      const since = sinceAnchor(t);
      if (since < 0) return Math.round(full);
      const phase = since % FILL_CYCLE;
      const used =
        phase < 11.5 * MINUTE
          ? share(phase, 0, 11.5 * MINUTE) * 59.3
          : (1 - share(phase, 12.5 * MINUTE, 13 * MINUTE)) * 59.3;
      return Math.round(full - used * GB);
    }
    const free = systemBytes * (0.32 + 0.4 * trait(5)) + 1.6 * GB * drift(seeds.disk, t, 3 * DAY) + noise;
    return Math.round(free);
  }

  function drive(t: number): DiskHealth['disks'][number] {
    const failing = plot === 'drive-failing';
    const warned = plot === 'drive-warning';
    const days = sinceAnchor(t) / DAY;
    const health = failing
      ? days > -2.3
        ? 'unhealthy'
        : 'warning'
      : warned && days > -4.6
        ? 'warning'
        : 'healthy';
    return {
      device: platform === 'windows' ? '0' : platform === 'macos' ? 'disk0' : 'nvme0n1',
      model: device.drive.model,
      media: 'ssd',
      bus: platform === 'macos' ? 'Apple Fabric' : 'NVMe',
      health,
      sizeBytes: device.diskBytes,
      wearPercent: device.drive.wearPercent,
      temperatureC: Math.round(31 + 9 * rhythm.activity(t) + 6 * trait(8) + (failing ? 11 : 0)),
      mediaErrors: failing ? Math.max(0, Math.floor(61 + days * 5.5)) : warned && days > -4.6 ? 3 : 0,
      reallocatedSectors: null,
      powerOnHours: Math.floor(device.drive.hours + days * 11),
      reason: null,
    };
  }

  // Protection

  const ENCRYPTS_FOR = 45 * MINUTE;

  function protection(t: number): { state: ProtectionState; percent: number } {
    if (plot === 'encryption-off') return { state: 'off', percent: 0 };
    if (plot === 'encryption-suspended' && sinceAnchor(t) > -5.2 * DAY)
      return { state: 'suspended', percent: 100 };
    if (plot !== 'encrypting-now') return { state: 'on', percent: 100 };
    const begun = anchor - 4 * MINUTE;
    if (t < begun) return { state: 'off', percent: 0 };
    // In steps: each one is a change that is told.
    const percent = 5 * Math.floor(20 * share(t, begun, begun + ENCRYPTS_FOR));
    return { state: percent < 100 ? 'encrypting' : 'on', percent };
  }

  function firewallOn(t: number): boolean {
    const since = sinceAnchor(t);
    if (plot === 'firewall-off') return since < -1.8 * DAY;
    if (plot !== 'firewall-toggled') return true;
    if (since >= 0) return since % (5 * MINUTE) < 2.5 * MINUTE;
    // Before today he did it for a demonstration now and then.
    const hour = rhythm.hour(t);
    return !([-1, -2, -6].includes(rhythm.day(t)) && hour > 14.1 && hour < 15.4);
  }

  // Battery

  function batteries(t: number): Battery['batteries'] {
    const { onAc, percent } = rhythm.power(t);
    const total = device.batteries.reduce((sum, one) => sum + one.design, 0);
    // The later battery (the one that can be pulled out) is emptied first.
    let left = (percent / 100) * total;
    return device.batteries.map(one => {
      const charge = Math.min(one.design, left);
      left -= charge;
      const health = healthOf(one.health, t);
      const full = Math.round((one.design * health) / 100 / 10) * 10;
      const own = Math.round((100 * charge) / one.design);
      return {
        id: one.id,
        state: own === 100 ? 'full' : onAc ? 'charging' : own > 0 ? 'discharging' : 'idle',
        percent: own,
        unit: one.unit,
        designCapacity: one.design,
        fullChargeCapacity: full,
        healthPercent: Math.round((1000 * full) / one.design) / 10,
        cycleCount:
          one.cycles === null ? null : Math.max(0, one.cycles + Math.floor(sinceAnchor(t) / (1.7 * DAY))),
        condition: platform === 'macos' ? (health < 80 ? 'Service Recommended' : 'Normal') : null,
        minutesRemaining: onAc ? null : Math.round((percent / 11) * 60),
      };
    });
  }

  function healthOf(atAnchor: number, t: number): number {
    const days = Math.floor(sinceAnchor(t) / DAY);
    const perDay = plot === 'battery-wearing' ? 1.15 : 0.012;
    return Math.max(20, Math.min(100, atAnchor - days * perDay));
  }

  // System

  /** The start with which this month's update came into effect; null: before everything that is told here. */
  let patched: number | null | undefined;
  function patchedAt(): number | null {
    if (patched === undefined) {
      const from = anchor - (7 - 2 * trait(11)) * DAY;
      const first = rhythm.between(from, anchor).find(({ begin, from: at }) => begin === 'boot' && at > from);
      patched = platform === 'windows' && plot !== 'system-ancient' ? (first?.from ?? null) : null;
    }
    return patched;
  }

  function version(t: number): OsVersion {
    const at = patchedAt();
    if (at === null || t >= at || system.ubr === null) return system;
    const ubr = Math.max(1, system.ubr - 272);
    return { ...system, ubr, version: `10.0.${system.build ?? ''}.${ubr}` };
  }

  function restartMarkers(t: number): string[] {
    if (plot === 'restart-pending') {
      return sinceAnchor(t) > -23 * DAY ? ['component-based-servicing', 'windows-update'] : [];
    }
    const next = rhythm.nextBoot(t);
    const soon = next !== null && next - t < 20 * HOUR && unit(seed, Math.floor(next / HOUR)) < 0.6;
    if (!soon) return [];
    return [platform === 'linux' ? 'reboot-required' : 'windows-update'];
  }

  function running(t: number): ScanValue<'processes'> {
    const names = PROGRAMS[platform];
    const boot = Math.floor(rhythm.bootAt(t) / MINUTE);
    const total = cpuPercent(t) * device.cores;
    const slot = Math.floor(t / (40 * SECOND));
    const weighted = names
      .map((name, i) => ({
        name,
        i,
        weight: unit(seeds.programs, slot * 31 + i) ** 3 * (0.8 + 0.2 * wave(seeds.programs ^ i, t / 2000)),
      }))
      .sort((a, b) => b.weight - a.weight);
    const sum = weighted.reduce((all, { weight }) => all + weight, 0);
    return {
      count: Math.round(210 + 90 * trait(12) + 14 * drift(seeds.programs, t, 5 * MINUTE)),
      busiest: weighted.slice(0, 10).map(({ name, i, weight }) => ({
        pid: 600 + Math.floor(unit(seeds.programs ^ boot, i) * 22_000),
        name,
        cpuPercent: Math.round((total * 0.85 * weight * 10) / sum) / 10,
        memoryBytes: Math.round(
          (90 + 900 * unit(seeds.programs, i + 900) ** 2) * MB * (1 + 0.1 * drift(i, t, MINUTE)),
        ),
      })),
    };
  }

  function adapters(t: number): ScanValue<'net.mac'>['adapters'] {
    const { onAc } = rhythm.power(t);
    const names = {
      windows: ['Ethernet', 'Wi-Fi'],
      macos: ['en7', 'en0'],
      linux: ['enp0s31f6', 'wlp0s20f3'],
    }[platform];
    const desktop = device.form === 'desktop';
    const list: ScanValue<'net.mac'>['adapters'] = identity.macs.map((mac, i) => ({
      name: names[i] ?? `Adapter ${i}`,
      mac,
      kind: i === 0 ? 'ethernet' : 'wifi',
      randomised: false,
      up: i === 0 ? desktop || onAc : !onAc,
    }));
    if (device.randomisedWifi) {
      const hex = Math.floor(trait(14) * 0x1_0000_0000)
        .toString(16)
        .padStart(8, '0');
      const mac = `02:1f:${hex.match(/../g)?.join(':') ?? ''}`;
      list.push({
        name: platform === 'macos' ? 'awdl0' : 'Wi-Fi 2',
        mac,
        kind: 'wifi',
        randomised: true,
        up: true,
      });
    }
    return list;
  }

  const ok = <Value>(value: Value): { status: 'ok'; value: Value } => ({ status: 'ok', value });
  const systemMount = platform === 'windows' ? 'C:' : platform === 'macos' ? '/System/Volumes/Data' : '/';

  const tellers: Tellers = {
    'os.version': t => ok(version(t)),
    'os.support': t => {
      const answer = lookUpSupport(version(t), new Date(t).toISOString().slice(0, 10));
      return answer.known
        ? ok(answer.support)
        : { status: 'unsupported', reason: answer.reason, detail: answer.detail };
    },
    'disk.free': t =>
      ok({
        volumes: [
          {
            mount: systemMount,
            fs: platform === 'windows' ? 'NTFS' : platform === 'macos' ? 'apfs' : 'ext4',
            sizeBytes: systemBytes,
            freeBytes: systemFreeBytes(t),
            system: true,
          },
        ],
      }),
    'disk.health': t => ok({ disks: [drive(t)] }),
    battery: t => {
      if (device.batteries.length === 0) return { status: 'absent', reason: 'not-present' };
      const { onAc, percent } = rhythm.power(t);
      const list = batteries(t);
      const design = list.reduce((sum, one) => sum + (one.designCapacity ?? 0), 0);
      const full = list.reduce((sum, one) => sum + (one.fullChargeCapacity ?? 0), 0);
      return ok({
        onAc,
        percent: Math.round(percent),
        healthPercent: Math.round((1000 * full) / design) / 10,
        worstHealthPercent: Math.min(...list.map(({ healthPercent }) => healthPercent ?? 100)),
        batteries: list,
      });
    },
    'disk.encryption': t => {
      const { state, percent } = protection(t);
      const method = platform === 'windows' ? 'XTS-AES 128' : platform === 'macos' ? 'FileVault' : 'LUKS2';
      return ok({
        systemVolume: state,
        volumes: [
          {
            mount: systemMount,
            system: true,
            protection: state,
            method: state === 'off' ? null : method,
            percent,
          },
        ],
      });
    },
    'fw.enabled': t => {
      const enabled = firewallOn(t);
      return ok({
        enabled,
        product:
          platform === 'windows'
            ? 'Windows Defender Firewall'
            : platform === 'macos'
              ? 'Application Firewall'
              : 'nftables',
        profiles: platform === 'windows' ? { domain: enabled, private: enabled, public: enabled } : null,
        blockAll: platform === 'macos' ? false : null,
        stealth: platform === 'macos' ? trait(15) < 0.5 : null,
      });
    },
    uptime: t => {
      const bootedAt = Math.round(rhythm.bootAt(t));
      return ok({
        seconds: Math.max(0, Math.round((t - bootedAt) / SECOND)),
        bootedAt,
        fastStartup: platform === 'windows' ? trait(16) < 0.4 : null,
      });
    },
    'reboot.pending': t => {
      if (platform === 'macos') return { status: 'unsupported', reason: 'not-supported' };
      const markers = restartMarkers(t);
      return ok({ pending: markers.length > 0, markers });
    },
    perf: t => {
      const { rx, tx, read, write } = rates(t);
      return ok({
        cpuPercent: cpuPercent(t),
        memoryTotalBytes: device.memoryBytes,
        memoryUsedBytes: memoryUsedBytes(t),
        netRxBytesPerS: rx,
        netTxBytesPerS: tx,
        diskReadBytesPerS: read,
        diskWriteBytesPerS: write,
      });
    },
    'net.mac': t => ok({ adapters: adapters(t) }),
    processes: t => ok(running(t)),
    ...protectionOf(device),
  };

  const silent = SILENT[plot] ?? {};

  return {
    device,
    rhythm,
    outcome(id, t) {
      return silent[id] ?? tellers[id]?.(t) ?? failed('not-run-yet');
    },
    reading(t) {
      const { rx, tx, read, write } = rates(t);
      const memory = Math.round((memoryUsedBytes(t) / device.memoryBytes) * 1000) / 10;
      const battery =
        device.batteries.length === 0 || silent.battery !== undefined
          ? null
          : Math.round(rhythm.power(t).percent);
      return [t, cpuPercent(t), memory, systemFreeBytes(t), rx, tx, read, write, battery];
    },
  };
}
