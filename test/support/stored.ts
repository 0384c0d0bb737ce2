import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A reading as it stands in the database: device time and the eight series. */
export interface StoredReading {
  readonly at: number;
  readonly values: readonly (number | null)[];
}

export interface StoredEventRow {
  readonly at: number;
  readonly kind: string;
  readonly byDevice: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What a collector's data folder holds, told by the database itself and not by the collector. */
export interface Stored {
  readonly integrity: string;
  readonly devices: readonly { id: string; publicKey: string; stream: string | null; acked: number }[];
  readings(deviceId: string): StoredReading[];
  events(deviceId: string): StoredEventRow[];
}

/** Opens the SQLite file of a data folder read-only, reads it and closes it again. The collector must not run. */
export function readStored(dataDir: string): Stored {
  const path = join(dataDir, 'trayline.sqlite');
  const query = <Row>(sql: string, ...values: (string | number)[]): Row[] => {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return database.prepare(sql).all(...values) as Row[];
    } finally {
      database.close();
    }
  };
  const [check] = query<{ integrity_check: string }>('PRAGMA integrity_check');
  return {
    integrity: check?.integrity_check ?? 'no answer',
    devices: query(
      `SELECT id, public_key AS publicKey, stream, coalesce(acked, 0) AS acked
       FROM devices LEFT JOIN streams ON streams.device = devices.n ORDER BY n`,
    ),
    readings: id =>
      query<Record<string, number | null>>(
        `SELECT at, m0, m1, m2, m3, m4, m5, m6, m7 FROM samples
         WHERE device = (SELECT n FROM devices WHERE id = ?) ORDER BY at, i`,
        id,
      ).map(row => ({
        at: Number(row.at),
        values: [row.m0, row.m1, row.m2, row.m3, row.m4, row.m5, row.m6, row.m7].map(value => value ?? null),
      })),
    events: id =>
      query<{ at: number; kind: string; by_device: number; data: string | null }>(
        `SELECT at, kind, by_device, data FROM events
         WHERE device = (SELECT n FROM devices WHERE id = ?) ORDER BY at, i`,
        id,
      ).map(row => ({
        at: row.at,
        kind: row.kind,
        byDevice: row.by_device === 1,
        data: row.data === null ? {} : (JSON.parse(row.data) as Record<string, unknown>),
      })),
  };
}

/** How often each text occurs. */
export function countOf(texts: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** What is in `sent` and not stored, stored twice, or stored without having been sent; all empty when all is well. */
export function compareStored(
  sent: readonly string[],
  stored: readonly string[],
): { lost: string[]; doubled: string[]; invented: string[] } {
  const expected = countOf(sent);
  const found = countOf(stored);
  const of = (keep: (text: string) => boolean, texts: Iterable<string>): string[] => [...texts].filter(keep);
  return {
    lost: of(text => (found.get(text) ?? 0) < (expected.get(text) ?? 0), expected.keys()),
    doubled: of(
      text => expected.has(text) && (found.get(text) ?? 0) > (expected.get(text) ?? 0),
      found.keys(),
    ),
    invented: of(text => !expected.has(text), found.keys()),
  };
}

/** Nothing lost, nothing doubled, nothing invented. */
export const WHOLE = { lost: [], doubled: [], invented: [] };
