import type { Store, StoredEvent } from '../store.ts';
import type { Database } from './database.ts';
import type { Devices } from './devices.ts';
import { flag, number, type Row, readJson, text, textOrNull } from './row.ts';

export interface Events extends Pick<Store, 'addEvents' | 'getEvents'> {
  /** Within a transaction. */
  keep(n: number, events: readonly StoredEvent[]): void;
}

export function eventsOf(db: Database, devices: Devices): Events {
  const insert = db.prepare(
    'INSERT OR IGNORE INTO events (device, at, i, by_device, kind, data) VALUES (?, ?, 0, ?, ?, ?)',
  );
  const insertBeside = db.prepare(
    `INSERT INTO events (device, at, i, by_device, kind, data) VALUES
     (?1, ?2, (SELECT max(i) + 1 FROM events WHERE device = ?1 AND at = ?2), ?3, ?4, ?5)`,
  );
  const selectRange = db.prepare(
    `SELECT at, by_device, kind, data FROM events WHERE device = ? AND at >= ? AND at <= ?
     ORDER BY at DESC, i DESC LIMIT ?`,
  );

  function keep(n: number, events: readonly StoredEvent[]): void {
    for (const event of events) {
      const values = [
        n,
        event.at,
        event.by === 'device' ? 1 : 0,
        event.kind,
        Object.keys(event.data).length === 0 ? null : JSON.stringify(event.data),
      ] as const;
      if (insert.run(...values).changes === 0) insertBeside.run(...values);
    }
  }

  function eventOf(row: Row): StoredEvent {
    const data = textOrNull(row, 'data');
    const where = { table: 'events', key: number(row, 'at') };
    return {
      at: number(row, 'at'),
      by: flag(row, 'by_device') ? 'device' : 'collector',
      kind: text(row, 'kind'),
      data: data === null ? {} : (readJson<Record<string, string>>(data, db.log, where) ?? {}),
    };
  }

  return {
    keep,

    addEvents(events) {
      return db.write(() => {
        for (const { device, event } of events) {
          const known = devices.know(device);
          if (known !== null) keep(known.n, [event]);
        }
      });
    },

    getEvents(id, from, to, limit) {
      return db.read(() => {
        const device = devices.know(id);
        return device === null ? [] : selectRange.all(device.n, from, to, limit).reverse().map(eventOf);
      });
    },
  };
}
