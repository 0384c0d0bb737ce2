import type { MergedRecord } from '../../../shared/device/device.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { readChecks } from '../checks.ts';
import type { NewDevice, Store, StoredDevice } from '../store.ts';
import type { Database } from './database.ts';
import { isTaken } from './problems.ts';
import { flag, jsonOrNull, number, numberOrNull, type Row, readJson, text, textOrNull } from './row.ts';

/** A device's place in its stream; kept in memory because the folder has one owner, and dropped when a write is taken back. */
export interface KnownDevice {
  readonly n: number;
  stream: string | null;
  acked: number;
}

/** Devices in one part of `loadDevices`: a few megabytes of JSON. */
const LOAD_CHUNK = 500;

const DEVICE_COLUMNS = `
  d.n, d.id, d.public_key, d.enrolled_at, d.enrolled_by, d.revoked_at, d.demo, d.identity, d.agent, d.clock_skew_ms,
  s.stream, s.acked, s.last_seen, s.record_behind, c.checks, r.record, v.score
  FROM devices d JOIN streams s ON s.device = d.n
  LEFT JOIN checks c ON c.device = d.n LEFT JOIN records r ON r.device = d.n LEFT JOIN scores v ON v.device = d.n`;

type DeviceMethods =
  | 'loadDevices'
  | 'getDevice'
  | 'getDevices'
  | 'getDeviceByKey'
  | 'addDevice'
  | 'setRevoked'
  | 'noteConnection';

export interface Devices extends Pick<Store, DeviceMethods> {
  /** null for a device that is not in the store. */
  know(id: string): KnownDevice | null;
  /** Within a transaction; throws `conflict` when the id or the key is taken. */
  insert(device: NewDevice): void;
  /** Within a transaction or a read. */
  find(id: string): StoredDevice | null;
}

export function devicesOf(db: Database): Devices {
  const { log } = db;
  const known = new Map<string, KnownDevice>();
  db.onRollback(() => known.clear());

  const selectKnown = db.prepare(
    'SELECT d.n, s.stream, s.acked FROM devices d JOIN streams s ON s.device = d.n WHERE d.id = ?',
  );
  const selectById = db.prepare(`SELECT ${DEVICE_COLUMNS} WHERE d.id = ?`);
  const selectByKey = db.prepare(`SELECT ${DEVICE_COLUMNS} WHERE d.public_key = ?`);
  const selectAfter = db.prepare(`SELECT ${DEVICE_COLUMNS} WHERE d.n > ? ORDER BY d.n LIMIT ${LOAD_CHUNK}`);
  const insertDevice = db.prepare(
    'INSERT INTO devices (id, public_key, enrolled_at, enrolled_by, demo, identity) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertStream = db.prepare('INSERT INTO streams (device, acked) VALUES (?, 0)');
  const deleteWaiting = db.prepare('DELETE FROM waiting WHERE public_key = ?');
  const updateRevoked = db.prepare('UPDATE devices SET revoked_at = ? WHERE id = ?');
  const updateConnection = db.prepare(
    'UPDATE devices SET identity = ?, agent = ?, clock_skew_ms = ? WHERE n = ?',
  );
  const updateSeen = db.prepare('UPDATE streams SET last_seen = ? WHERE device = ?');

  function know(id: string): KnownDevice | null {
    const held = known.get(id);
    if (held !== undefined) return held;
    const row = selectKnown.get(id);
    if (row === undefined) return null;
    const found = { n: number(row, 'n'), stream: textOrNull(row, 'stream'), acked: number(row, 'acked') };
    known.set(id, found);
    return found;
  }

  function insert(device: NewDevice): void {
    try {
      const { lastInsertRowid } = insertDevice.run(
        device.id,
        device.publicKey,
        device.enrolledAt,
        device.enrolledBy,
        device.demo ? 1 : 0,
        JSON.stringify(device.identity),
      );
      insertStream.run(lastInsertRowid);
      deleteWaiting.run(device.publicKey);
    } catch (error) {
      if (isTaken(error)) {
        throw new Problem('conflict', 'a device with this id or key exists already', { cause: error });
      }
      throw error;
    }
  }

  /** null when its identity cannot be read: there is nothing left to show. Other damaged parts are empty. */
  function deviceOf(row: Row): StoredDevice | null {
    const id = text(row, 'id');
    const identity = readJson<DeviceIdentity>(text(row, 'identity'), log, { table: 'devices', key: id });
    if (identity === null) return null;
    const part = <T extends object>(column: string, table: string): T | null => {
      const json = textOrNull(row, column);
      return json === null ? null : readJson<T>(json, log, { table, key: id });
    };
    const hashes: Record<string, string> = {};
    const fresh: Record<string, number> = {};
    for (const [check, { hash, fresh: again }] of readChecks(textOrNull(row, 'checks') ?? '', log, id)) {
      hashes[check] = hash;
      if (again !== null) fresh[check] = again;
    }
    return {
      id,
      publicKey: text(row, 'public_key'),
      enrolledAt: number(row, 'enrolled_at'),
      enrolledBy: text(row, 'enrolled_by'),
      revokedAt: numberOrNull(row, 'revoked_at'),
      demo: flag(row, 'demo'),
      identity,
      agent: part<NonNullable<StoredDevice['agent']>>('agent', 'devices'),
      clockSkewMs: numberOrNull(row, 'clock_skew_ms'),
      stream: textOrNull(row, 'stream'),
      acked: number(row, 'acked'),
      lastSeen: numberOrNull(row, 'last_seen'),
      record: part<MergedRecord>('record', 'records') ?? {},
      recordBehind: flag(row, 'record_behind'),
      score: part<NonNullable<StoredDevice['score']>>('score', 'scores'),
      hashes,
      fresh,
    };
  }

  function find(id: string): StoredDevice | null {
    const row = selectById.get(id);
    return row === undefined ? null : deviceOf(row);
  }

  return {
    know,
    insert,
    find,

    async *loadDevices() {
      let after = 0;
      for (;;) {
        // Parts by key instead of one open cursor: a cursor would hold the log back from starting again.
        const rows = await db.read(() => selectAfter.all(after));
        const last = rows.at(-1);
        if (last === undefined) return;
        after = number(last, 'n');
        const devices = await db.read(() => rows.map(deviceOf));
        yield devices.filter(device => device !== null);
      }
    },

    getDevice(id) {
      return db.read(() => find(id));
    },

    getDevices(ids) {
      return db.read(() => [...new Set(ids)].map(find).filter(device => device !== null));
    },

    getDeviceByKey(publicKey) {
      return db.read(() => {
        const row = selectByKey.get(publicKey);
        return row === undefined ? null : deviceOf(row);
      });
    },

    addDevice(device) {
      return db.write(() => insert(device));
    },

    setRevoked(id, at) {
      return db.write(() => {
        updateRevoked.run(at, id);
      });
    },

    noteConnection(id, change) {
      return db.write(() => {
        const device = know(id);
        if (device === null) return;
        updateConnection.run(
          JSON.stringify(change.identity),
          jsonOrNull(change.agent),
          change.clockSkewMs,
          device.n,
        );
        updateSeen.run(change.at, device.n);
      });
    },
  };
}
