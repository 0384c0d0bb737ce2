import { createHash } from 'node:crypto';

/*
 * What a collector keeps, in a form that belongs to no database: tables of flat rows. Both databases can be read into it and
 * written from it, and a backup is a file of it. Inner numbers (rows, chain links, orders of arrival) are not carried over:
 * rows come in order, and each database gives its own.
 */

export type Value = string | number | boolean | null;
/** Values in the order of the table's columns. */
export type Row = readonly Value[];

const METRICS = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'] as const;

/**
 * All tables, in the order they are written, with their columns. `of: 'device'`: read and written for one device at a time.
 * A table or collection that is in a database and neither here nor among `LEFT_BEHIND` fails a test.
 */
export const TABLES = {
  meta: { of: 'all', columns: ['name', 'value'] },
  notes: { of: 'all', columns: ['name', 'value'] },
  enrolmentTokens: {
    of: 'all',
    columns: [
      ...['id', 'secretHash', 'label', 'createdAt', 'createdBy', 'expiresAt', 'maxUses', 'uses', 'revokedAt'],
    ],
  },
  waiting: {
    of: 'all',
    columns: [
      ...['publicKey', 'id', 'identity', 'fingerprint', 'firstSeen', 'lastSeen', 'address', 'rejected'],
    ],
  },
  people: {
    of: 'all',
    columns: [
      ...['key', 'user', 'name', 'role', 'createdAt', 'lastSignIn', 'disabled', 'lockedUntil'],
      ...['passwordHash', 'mustChangePassword', 'failures'],
    ],
  },
  sessions: { of: 'all', columns: ['idHash', 'person', 'csrf', 'createdAt', 'expiresAt'] },
  apiTokens: {
    of: 'all',
    columns: [
      ...[
        'id',
        'secretHash',
        'label',
        'role',
        'createdAt',
        'createdBy',
        'expiresAt',
        'lastUsed',
        'revokedAt',
      ],
    ],
  },
  agentSettings: { of: 'all', columns: ['settings', 'hash', 'changedAt', 'changedBy'] },
  accounts: {
    of: 'all',
    columns: ['connector', 'account', 'label', 'settings', 'savedAt', 'savedBy', 'demo', 'standing'],
  },
  observations: {
    of: 'all',
    columns: ['connector', 'account', 'vendorId', 'receivedAt', 'observation'],
  },
  pins: { of: 'all', columns: ['id', 'pin', 'at', 'by'] },
  precedence: { of: 'all', columns: ['order', 'hash', 'changedAt', 'changedBy'] },
  audit: {
    of: 'all',
    columns: ['n', 'at', 'actor', 'action', 'subject', 'data', 'previous', 'hash'],
  },
  devices: {
    of: 'device',
    columns: [
      ...['publicKey', 'enrolledAt', 'enrolledBy', 'revokedAt', 'demo', 'identity', 'agent', 'clockSkewMs'],
      ...['lastSeen'],
    ],
  },
  /** `keyframe` counts a device's history rows from 1; 0: there are none. */
  states: {
    of: 'device',
    columns: ['stream', 'acked', 'behind', 'keyframe', 'keyframeAt', 'checks', 'score'],
  },
  records: { of: 'device', columns: ['record'] },
  dayScores: { of: 'device', columns: ['day', 'value'] },
  history: { of: 'device', columns: ['at', 'whole', 'removed', 'findings', 'score'] },
  events: { of: 'device', columns: ['at', 'byDevice', 'kind', 'data'] },
  samples: { of: 'device', columns: ['at', ...METRICS] },
  quarters: { of: 'device', columns: ['at', 'n', ...METRICS] },
  days: { of: 'device', columns: ['at', 'n', ...METRICS] },
  lateQuarters: { of: 'device', columns: ['at'] },
  lateDays: { of: 'device', columns: ['at'] },
  help: { of: 'device', columns: ['id', 'receivedAt', 'state', 'over', 'changedAt', 'content'] },
} as const satisfies Record<string, { of: 'all' | 'device'; columns: readonly string[] }>;

export type Table = keyof typeof TABLES;
const isTable = (name: string): name is Table => Object.hasOwn(TABLES, name);
export const TABLE_NAMES: readonly Table[] = Object.keys(TABLES).filter(isTable);
export const TABLES_OF_ALL = TABLE_NAMES.filter(name => TABLES[name].of === 'all');
export const TABLES_OF_DEVICE = TABLE_NAMES.filter(name => TABLES[name].of === 'device');

/** Everything of one piece: the tables of the whole (`device` null), or those of one device. Written whole or not at all. */
export interface Piece {
  readonly device: string | null;
  readonly tables: Readonly<Partial<Record<Table, readonly Row[]>>>;
}

/** Rows and their hash, by table. */
export type Tally = Readonly<Record<Table, { readonly rows: number; readonly hash: string }>>;

/** Somewhere pieces come from: the whole first, then device by device, in order of their ids. */
export interface Source {
  /** Names the collector this is of; stays the same for its whole life. */
  readonly collectorId: string;
  pieces(): AsyncIterable<Piece>;
  close(): Promise<void>;
}

/** Somewhere pieces are written to. */
export interface Target {
  /** The last piece written by a transfer that was not finished; undefined: none was. Pieces up to it need not come again. */
  readonly doneUpTo: string | null | undefined;
  /** Writes a piece; one that was written in part before is replaced. Resolves when it is durable. */
  write(piece: Piece): Promise<void>;
  /** What has been written, read back, in order. */
  pieces(): AsyncIterable<Piece>;
  /** From now on it is what a collector may open. */
  finish(tally: Tally): Promise<void>;
  close(): Promise<void>;
}

/**
 * Counts rows and adds up their hashes (SHA-256 over table, device, place in the table and values; sum modulo 2^256), so that
 * the same rows give the same tally whatever order the devices come in.
 */
export class Counting {
  readonly #tables = new Map<Table, { rows: number; sum: bigint }>();

  add({ device, tables }: Piece): void {
    for (const table of TABLE_NAMES) {
      const rows = tables[table];
      if (rows === undefined) continue;
      const held = this.#tables.get(table) ?? { rows: 0, sum: 0n };
      this.#tables.set(table, held);
      for (const [place, row] of rows.entries()) {
        const digest = createHash('sha256')
          .update(JSON.stringify([table, device, place, row]))
          .digest('hex');
        held.rows += 1;
        held.sum = BigInt.asUintN(256, held.sum + BigInt(`0x${digest}`));
      }
    }
  }

  tally(): Tally {
    const empty = { rows: 0, sum: 0n };
    const of = (table: Table) => {
      const { rows, sum } = this.#tables.get(table) ?? empty;
      return [table, { rows, hash: sum.toString(16).padStart(64, '0') }] as const;
    };
    return Object.fromEntries(TABLE_NAMES.map(of)) as Tally;
  }
}
