import type { FleetRow } from '../../../shared/api/schemas.ts';
import type { DeviceState, Presence } from '../../../shared/device/device.ts';

/** Columns of the fleet list, in the order they stand. */
export const COLUMN_IDS = [
  'state',
  'name',
  'person',
  'score',
  'week',
  'why',
  'os',
  'disk',
  'battery',
  'health',
  'cpu',
  'memory',
  'uptime',
  'model',
  'encryption',
  'firewall',
  'restart',
  'contradictions',
  'seen',
] as const;
export type ColumnId = (typeof COLUMN_IDS)[number];

export const DEFAULT_COLUMNS: readonly ColumnId[] = [
  'state',
  'name',
  'person',
  'score',
  'week',
  'why',
  'os',
  'disk',
  'battery',
  'seen',
];

export interface Sort {
  readonly by: ColumnId;
  readonly descending: boolean;
}
export const DEFAULT_SORT: Sort = { by: 'state', descending: false };

/** Who needs a person first. */
const URGENCY: Readonly<Record<DeviceState, number>> = {
  blocked: 0,
  'will-block': 1,
  attention: 2,
  unknown: 3,
  well: 4,
};
const NEARNESS: Readonly<Record<Presence, number>> = { live: 0, stale: 1, silent: 2 };

type Key = number | string | null;

/** What a column is ordered by. `state` is urgency, then the lower score: one number, so that it sorts fast. */
export function sortKey(row: FleetRow, by: ColumnId): Key {
  switch (by) {
    case 'state':
      return URGENCY[row.state] * 1000 + (row.score ?? 500);
    case 'name':
      return row.name.toLowerCase();
    case 'person':
      return row.person?.toLowerCase() ?? null;
    case 'score':
      return row.score;
    case 'week':
      return weekChange(row.week);
    case 'why':
      return row.why?.key ?? null;
    case 'os':
      return row.os === null ? null : `${row.os} ${row.osVersion ?? ''}`.toLowerCase();
    case 'disk':
      return row.diskFreePercent;
    case 'battery':
      return row.batteryPercent;
    case 'health':
      return row.batteryHealthPercent;
    case 'cpu':
      return row.cpuPercent;
    case 'memory':
      return row.memoryUsedPercent;
    case 'uptime':
      return row.uptimeSeconds;
    case 'model':
      return row.model?.toLowerCase() ?? null;
    case 'encryption':
      return row.encryption;
    case 'firewall':
      return row.firewall === null ? null : Number(row.firewall);
    case 'contradictions':
      return contradictedness(row);
    case 'restart':
      return row.rebootPending === null ? null : Number(row.rebootPending);
    case 'seen':
      return row.lastSeen === null ? null : NEARNESS[row.presence] * 1e14 - row.lastSeen;
  }
}

/** Whatever is urgent outweighs any number of lesser ones. */
function contradictedness({ contradictions = [] }: FleetRow): number {
  const weights = { high: 10_000, medium: 100, low: 1 } as const;
  return contradictions.reduce((sum, { weight }) => sum + weights[weight], 0);
}

/** Last day's score minus the first known one; null when fewer than two days are known. */
function weekChange(week: readonly (number | null)[]): number | null {
  const known = week.filter(value => value !== null);
  const first = known[0];
  const last = known.at(-1);
  return known.length < 2 || first === undefined || last === undefined ? null : last - first;
}

/** Order of two keys; what is not known stands last either way round. */
export function compareKeys(one: Key, other: Key, descending: boolean): number {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return (one < other ? -1 : 1) * (descending ? -1 : 1);
}

/** `sort` as it stands in the address bar: `score`, `-score`. */
export function sortToText(sort: Sort): string {
  return `${sort.descending ? '-' : ''}${sort.by}`;
}

export function sortFromText(text: string | null): Sort {
  if (text === null) return DEFAULT_SORT;
  const descending = text.startsWith('-');
  const by = COLUMN_IDS.find(id => id === (descending ? text.slice(1) : text));
  return by ? { by, descending } : DEFAULT_SORT;
}

export function columnsFromText(text: string | null): readonly ColumnId[] {
  if (text === null) return DEFAULT_COLUMNS;
  const wanted = text.split(',');
  const chosen = COLUMN_IDS.filter(id => id === 'name' || wanted.includes(id));
  return chosen.length > 1 ? chosen : DEFAULT_COLUMNS;
}
