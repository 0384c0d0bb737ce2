import type { FleetRow } from '../../../shared/api/schemas.ts';
import { DAY, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import type { DeviceState } from '../../../shared/device/device.ts';
import { chance, pick } from './chance.ts';

const FIRST = [
  'Ada',
  'Ben',
  'Carla',
  'Deniz',
  'Elif',
  'Farid',
  'Greta',
  'Hugo',
  'Ines',
  'Jonas',
  'Katja',
  'Leon',
  'Mira',
  'Nils',
  'Olga',
  'Pavel',
  'Quinn',
  'Rosa',
  'Sami',
  'Tove',
  'Uwe',
  'Vera',
  'Wim',
  'Yara',
  'Zoe',
] as const;
const LAST = [
  'Kovacs',
  'Albers',
  'Brandt',
  'Castillo',
  'Duval',
  'Eriksen',
  'Fischer',
  'Garcia',
  'Haas',
  'Iversen',
  'Janssen',
  'Keller',
  'Lindqvist',
  'Moreau',
  'Novak',
  'Okafor',
  'Petit',
  'Quiroga',
  'Rossi',
  'Schmitt',
  'Tanaka',
  'Ulrich',
  'Varga',
  'Weber',
  'Yilmaz',
  'Zimmer',
] as const;
const PLACES = ['FIN', 'HR', 'ENG', 'SAL', 'LEG', 'OPS', 'MKT', 'LAB'] as const;
const GIB = 1024 ** 3;

interface System {
  readonly platform: FleetRow['platform'];
  readonly os: string;
  readonly version: string;
  readonly supported: boolean;
  readonly end: string;
  readonly models: readonly [string, ...string[]];
}
const THINKPAD = ['ThinkPad T14 Gen 4', 'Latitude 7440', 'EliteBook 840 G10', 'Surface Laptop 5'] as const;
const MACBOOK = ['MacBook Pro 14 (M3)', 'MacBook Air 13 (M2)'] as const;
const WIN11: System = {
  platform: 'windows',
  os: 'Windows 11 Enterprise 24H2',
  version: '10.0.26100.4061',
  supported: true,
  end: '2027-10-12',
  models: THINKPAD,
};
const WIN10: System = {
  platform: 'windows',
  os: 'Windows 10 Pro 22H2',
  version: '10.0.19045.6456',
  supported: false,
  end: '2025-10-14',
  models: THINKPAD,
};
const MAC15: System = {
  platform: 'macos',
  os: 'macOS 15',
  version: '15.7.1',
  supported: true,
  end: '2027-09-14',
  models: MACBOOK,
};
const MAC13: System = {
  platform: 'macos',
  os: 'macOS 13',
  version: '13.7.8',
  supported: false,
  end: '2025-09-15',
  models: MACBOOK,
};
const DEBIAN: System = {
  platform: 'linux',
  os: 'Debian GNU/Linux 12',
  version: '12.11',
  supported: true,
  end: '2026-06-10',
  models: ['ThinkPad X1 Carbon Gen 11', 'Framework Laptop 13'],
};
const SYSTEMS: readonly [System, ...System[]] = [
  WIN11,
  WIN11,
  WIN11,
  WIN11,
  WIN11,
  WIN11,
  WIN11,
  WIN11,
  MAC15,
  MAC15,
  MAC15,
  MAC15,
  DEBIAN,
  WIN10,
  MAC13,
];

type Trait =
  | 'drive'
  | 'disk'
  | 'battery'
  | 'encryption'
  | 'firewall'
  | 'support'
  | 'restart'
  | 'uptime'
  | 'silent'
  | 'unknown';
const TRAITS: readonly [Trait, ...Trait[]] = [
  'disk',
  'disk',
  'battery',
  'battery',
  'restart',
  'restart',
  'uptime',
  'drive',
  'firewall',
  'encryption',
];

/** Stories that stand at the head of every invented fleet, by id. */
const STORIES = {
  'story-drive': 'a failing drive',
  'story-disk': 'a disk that fills up',
  'story-battery': 'a worn battery',
  'story-encryption': 'no disk encryption',
  'story-support': 'a system without security updates',
  'story-silent': 'not heard of for nine days',
  'story-unknown': 'just enrolled, little known',
  'story-well': 'nothing wrong',
  'story-duplicate': 'a clone of another machine',
} as const;
type StoryId = keyof typeof STORIES;

const STORY_TRAIT: Readonly<Record<StoryId, Trait | null>> = {
  'story-drive': 'drive',
  'story-disk': 'disk',
  'story-battery': 'battery',
  'story-encryption': 'encryption',
  'story-support': 'support',
  'story-silent': 'silent',
  'story-unknown': 'unknown',
  'story-well': null,
  'story-duplicate': null,
};

/** An invented company of `size` devices; the first ones are the stories. */
export function inventCompany(size: number, now: number): FleetRow[] {
  const random = chance(20_251);
  const rows: FleetRow[] = [];
  for (const id of Object.keys(STORIES) as StoryId[]) {
    if (rows.length < size) rows.push(inventRow(id, rows.length, STORY_TRAIT[id], random, now));
  }
  while (rows.length < size) {
    const luck = random();
    let trait: Trait | null = null;
    if (luck < 0.01) trait = 'unknown';
    else if (luck < 0.025) trait = 'silent';
    else if (luck < 0.11) trait = pick(random, TRAITS);
    rows.push(inventRow(`d${rows.length.toString(36).padStart(6, '0')}`, rows.length, trait, random, now));
  }
  const last = rows.at(-1);
  if (last !== undefined && size > 100) rows[rows.length - 1] = withoutAgent(last, now);
  return rows;
}

/** A laptop that only the managing system knows. */
function withoutAgent(row: FleetRow, now: number): FleetRow {
  return {
    ...row,
    id: 'story-lone',
    platform: 'windows',
    os: null,
    osVersion: '10.0.26100.4061',
    osSupported: null,
    osSupportEnd: null,
    state: 'unknown',
    why: { key: 'why.unknown', params: {} },
    score: null,
    week: [null, null, null, null, null, null, null],
    presence: 'silent',
    lastSeen: now - 180 * MINUTE,
    diskFreeBytes: null,
    diskFreePercent: null,
    batteryPercent: null,
    batteryHealthPercent: null,
    batteryPresent: null,
    cpuPercent: null,
    memoryUsedPercent: null,
    uptimeSeconds: null,
    encryption: 'on',
    firewall: null,
    rebootPending: null,
    duplicate: false,
    noAgent: true,
  };
}

function inventRow(id: string, n: number, trait: Trait | null, random: () => number, now: number): FleetRow {
  const system = trait === 'support' ? WIN10 : pick(random, SYSTEMS);
  const effective =
    trait === null || trait === 'support' || system.supported
      ? (trait ?? (system.supported ? null : 'support'))
      : trait;
  const first = pick(random, FIRST);
  const last = n === 1 ? 'Kovacs' : pick(random, LAST);
  const unknown = effective === 'unknown';
  const silent = effective === 'silent';
  const stale = !silent && random() < 0.16;
  const size = pick(random, [256, 512, 512, 1024] as const) * GIB;
  const freePercent = effective === 'disk' ? 2 + random() * 7 : 18 + random() * 64;
  const health = effective === 'battery' ? 38 + random() * 20 : 72 + random() * 28;
  const score = unknown ? null : scoreFor(effective, random);
  const uptime = effective === 'uptime' ? (21 + random() * 40) * DAY : random() * 9 * DAY;
  const seen = silent
    ? (7.5 + random() * 30) * DAY
    : stale
      ? 5 * MINUTE + random() * 3 * DAY
      : random() * 50 * SECOND;
  const known = <Value>(value: Value): Value | null => (unknown ? null : value);
  return {
    id,
    name: `${pick(random, PLACES)}-${system.platform === 'macos' ? 'MB' : 'LT'}-${String(n + 1).padStart(4, '0')}`,
    person: random() < 0.03 ? null : `${first.charAt(0)}. ${last}`,
    platform: system.platform,
    os: known(system.os),
    osVersion: known(system.version),
    osSupported: known(system.supported),
    osSupportEnd: known(system.end),
    model: known(pick(random, system.models)),
    state: stateFor(effective, score),
    why: whyFor(effective, { freePercent, health, uptime, size, system }),
    score,
    week: weekFor(effective, score, random),
    presence: silent ? 'silent' : stale ? 'stale' : 'live',
    lastSeen: Math.round(now - seen),
    diskFreeBytes: known(Math.round((size * freePercent) / 100)),
    diskFreePercent: known(freePercent),
    batteryPercent: known(Math.round(20 + random() * 80)),
    batteryHealthPercent: known(health),
    batteryPresent: known(true),
    cpuPercent: known(2 + random() * 40),
    memoryUsedPercent: known(30 + random() * 55),
    uptimeSeconds: known(Math.round(uptime / 1000)),
    encryption: known(effective === 'encryption' ? 'off' : 'on'),
    firewall: known(effective !== 'firewall'),
    rebootPending: known(effective === 'restart'),
    duplicate: id === 'story-duplicate' || random() < 0.001,
    demo: true,
  };
}

function scoreFor(trait: Trait | null, random: () => number): number {
  switch (trait) {
    case 'drive':
      return 8 + random() * 22;
    case 'encryption':
    case 'firewall':
    case 'support':
      return 22 + random() * 24;
    case 'disk':
    case 'battery':
      return 34 + random() * 28;
    case 'restart':
    case 'uptime':
      return 58 + random() * 18;
    case 'silent':
      return 40 + random() * 40;
    case 'unknown':
    case null:
      return 78 + random() * 21;
  }
}

function stateFor(trait: Trait | null, score: number | null): DeviceState {
  if (score === null) return 'unknown';
  if (trait === 'drive' && score < 18) return 'blocked';
  if (trait === 'encryption' || trait === 'firewall') return score < 32 ? 'blocked' : 'will-block';
  if (trait === 'support') return score < 24 ? 'will-block' : 'attention';
  return score < 60 ? 'attention' : 'well';
}

function whyFor(
  trait: Trait | null,
  facts: { freePercent: number; health: number; uptime: number; size: number; system: System },
): FleetRow['why'] {
  const percent = Math.round(facts.freePercent);
  const gib = Math.round((facts.size / GIB) * (facts.freePercent / 100));
  switch (trait) {
    case null:
      return null;
    case 'drive':
      return { key: 'score.drive.unhealthy', params: { device: 'Samsung PM9A1' } };
    case 'disk':
      return { key: 'score.disk.full', params: { percent, gib } };
    case 'battery':
      return { key: 'score.battery.worn', params: { percent: Math.round(facts.health) } };
    case 'encryption':
      return {
        key: 'score.compliance.encryption-off',
        params: { mount: facts.system.platform === 'windows' ? 'C:' : '/' },
      };
    case 'firewall':
      return { key: 'score.compliance.firewall-off', params: {} };
    case 'support':
      return {
        key: 'score.compliance.support-ended',
        params: { name: facts.system.os, date: facts.system.end },
      };
    case 'restart':
      return { key: 'score.incident.reboot', params: {} };
    case 'uptime':
      return { key: 'score.incident.uptime', params: { days: Math.round(facts.uptime / DAY) } };
    case 'silent':
      return { key: 'score.unknown', params: { hazard: 'incident' } };
    case 'unknown':
      return { key: 'why.unknown', params: {} };
  }
}

function weekFor(trait: Trait | null, score: number | null, random: () => number): (number | null)[] {
  return Array.from({ length: 7 }, (_, day) => {
    if (score === null || (trait === 'silent' && day > 0)) return null;
    if (random() < 0.04) return null;
    const slope = trait === null ? 0 : (6 - day) * 2.2;
    return Math.max(0, Math.min(100, score + slope + (random() - 0.5) * 5));
  });
}

/** A live company a second later: a few devices move, the way a real fleet does. */
export function nextChanges(rows: FleetRow[], tick: number, now: number): FleetRow[] {
  const random = chance(tick * 7919 + 13);
  const changed: FleetRow[] = [];
  const count = Math.max(1, Math.min(40, Math.round(rows.length / 60)));
  for (let i = 0; i < count; i++) {
    const at = Math.floor(random() * Math.min(rows.length, 4000));
    const row = rows[at];
    if (row?.presence !== 'live') continue;
    const next: FleetRow = {
      ...row,
      lastSeen: now,
      cpuPercent:
        row.cpuPercent === null ? null : Math.min(100, Math.max(0, row.cpuPercent + (random() - 0.5) * 20)),
      batteryPercent:
        row.batteryPercent === null ? null : Math.max(0, row.batteryPercent - (random() < 0.2 ? 1 : 0)),
      score:
        row.score === null
          ? null
          : Math.max(0, Math.min(100, row.score + (random() < 0.2 ? (random() - 0.5) * 8 : 0))),
    };
    rows[at] = next;
    changed.push(next);
  }
  return changed;
}

export const SCENE_START = Date.UTC(2025, 10, 20, 10, 24, 0);
