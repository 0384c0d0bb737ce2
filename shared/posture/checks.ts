import type { Source } from '../device/device.ts';
import type { Platform } from '../device/platform.ts';
import type { Subjects } from '../device/subjects.ts';

/** How often a check may run by what it costs: every minute, every half hour, once a day. */
export type Cost = 'cheap' | 'posture' | 'heavy';

/** `service` needs the rights of LocalSystem or root to answer fully; `user` does not. */
export type Privilege = 'user' | 'service';

/** How a check runs on one system. */
export interface CheckRun {
  readonly cost: Cost;
  readonly privilege: Privilege;
}

/** Who answers a check that no device can: the collector, from the connection's address, or a system it is connected to. */
export type ServerSide = 'collector' | Exclude<Source, 'agent'>;

export interface CheckEntry {
  /** null: this system has no way to answer; its agent only says so, once a day. */
  readonly on: Readonly<Record<Platform, CheckRun | null>>;
  /** Set when the answer comes from the collector's side and agents do not run the check at all. */
  readonly server?: ServerSide;
  /** What an administrator must name before there is something to look for. */
  readonly subjects?: keyof Subjects;
  /** What else must be there for an answer, in words; left out when nothing. */
  readonly needs?: string;
}

const run = (cost: Cost, privilege: Privilege = 'user'): CheckRun => ({ cost, privilege });

/** The same on all three systems. */
function everywhere(cost: Cost, privilege: Privilege = 'user'): CheckEntry['on'] {
  const same = run(cost, privilege);
  return { windows: same, macos: same, linux: same };
}

const nowhere: CheckEntry['on'] = { windows: null, macos: null, linux: null };

/**
 * Every check: on which systems it runs, what it costs and which rights it needs there. The agent takes platforms, cost and privilege from
 * here (agent/core/scan/scan.ts) and nowhere else, so what the catalogue promises is what runs.
 */
export const CHECKS = {
  // System
  'os.version': { on: everywhere('posture') },
  'os.support': { on: everywhere('posture') },
  uptime: { on: everywhere('cheap') },
  'reboot.pending': { on: everywhere('posture') },
  'time.skew': { on: everywhere('posture') },
  'crash.count': { on: everywhere('heavy', 'service') },

  // Health
  // A system call on Linux, a program of its own on the others.
  'disk.free': { on: { windows: run('posture'), macos: run('posture'), linux: run('cheap') } },
  'disk.health': { on: everywhere('heavy', 'service'), needs: 'On Linux smartmontools.' },
  // On Windows the capacities come from a report that takes seconds, elsewhere everything from one look.
  battery: { on: { windows: run('posture'), macos: run('cheap'), linux: run('cheap') } },
  perf: { on: everywhere('cheap') },
  // Windows lists processes through PowerShell.
  processes: { on: { windows: run('posture'), macos: run('cheap'), linux: run('cheap') } },

  // Protection
  'disk.encryption': { on: everywhere('posture', 'service') },
  'fw.enabled': { on: everywhere('posture') },
  'av.products': { on: everywhere('posture', 'service') },
  'av.defender': { on: everywhere('posture'), needs: 'Microsoft Defender.' },
  antispyware: { on: { windows: run('posture'), macos: null, linux: null } },
  'edr.falcon': { on: everywhere('posture', 'service') },
  'edr.ztaScore': { on: nowhere, server: 'crowdstrike' },
  'boot.secure': { on: everywhere('posture') },
  tpm: { on: everywhere('posture', 'service') },
  'os.integrity': { on: everywhere('posture') },
  gatekeeper: { on: { windows: run('posture'), macos: run('posture'), linux: null } },
  'screen.lock': { on: everywhere('posture') },
  'password.policy': { on: everywhere('posture', 'service') },
  'login.auto': { on: everywhere('posture') },
  'remote.access': { on: everywhere('posture') },

  // Updates
  'update.lastCheck': { on: everywhere('posture') },
  'update.missing': { on: everywhere('heavy') },
  'update.lastInstalled': { on: everywhere('posture') },
  'update.auto': { on: everywhere('posture') },

  // Management and network
  'join.domain': { on: everywhere('posture') },
  'sso.prt': { on: { windows: run('posture'), macos: run('posture'), linux: null } },
  'mdm.enrolled': { on: everywhere('posture') },
  'mdm.lastSync': {
    on: { windows: run('posture', 'service'), macos: run('posture', 'service'), linux: null },
  },
  'net.mac': { on: everywhere('posture') },
  'net.vpn': { on: everywhere('posture') },
  'net.location': { on: nowhere, server: 'collector', needs: 'Networks configured on the collector.' },
  'geo.location': {
    on: nowhere,
    server: 'collector',
    needs: 'A table of countries by address on the collector.',
  },

  // Software, and what an administrator asks about by name
  'app.citrixWorkspace': { on: everywhere('posture') },
  browser: { on: everywhere('posture') },
  'app.installed': { on: everywhere('posture'), subjects: 'apps' },
  file: { on: everywhere('posture', 'service'), subjects: 'files' },
  process: { on: everywhere('posture', 'service'), subjects: 'processes' },
  service: { on: everywhere('posture'), subjects: 'services' },
  'registry.numeric': {
    on: { windows: run('posture', 'service'), macos: run('posture', 'service'), linux: null },
    subjects: 'registry',
  },
  'registry.text': {
    on: { windows: run('posture', 'service'), macos: run('posture', 'service'), linux: null },
    subjects: 'registry',
  },
  'cert.device': { on: everywhere('posture'), subjects: 'certificates' },
} as const satisfies Readonly<Record<string, CheckEntry>>;

export type CheckId = keyof typeof CHECKS;
export const CHECK_IDS = Object.keys(CHECKS).filter(isCheckId);

export function isCheckId(id: string): id is CheckId {
  return Object.hasOwn(CHECKS, id);
}

/** A check's entry; null for one that only a newer version knows. */
export function checkEntry(id: CheckId): CheckEntry;
export function checkEntry(id: string): CheckEntry | null;
export function checkEntry(id: string): CheckEntry | null {
  return isCheckId(id) ? CHECKS[id] : null;
}

const RANK = ['cheap', 'posture', 'heavy'] as const satisfies readonly Cost[];

const DEAREST: ReadonlyMap<string, Cost> = new Map(
  CHECK_IDS.flatMap(id => {
    const runs = Object.values(checkEntry(id).on).filter(one => one !== null);
    const cost = RANK.findLast(one => runs.some(run => run.cost === one));
    return cost === undefined ? [] : [[id, cost] as const];
  }),
);

/** The dearest cost of a check over all systems; null for a check that no agent runs. */
export function costOf(id: string): Cost | null {
  return DEAREST.get(id) ?? null;
}
