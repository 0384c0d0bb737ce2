import type { EnrolmentToken } from '../../../shared/api/schemas.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { Store, StoredWaiting } from '../store.ts';
import { WAITING_MAX } from '../stored.ts';
import type { Database } from './database.ts';
import type { Devices } from './devices.ts';
import { isTaken } from './problems.ts';
import { flag, number, numberOrNull, only, type Row, readJson, text } from './row.ts';

type EnrolmentMethods =
  | 'addEnrolmentToken'
  | 'listEnrolmentTokens'
  | 'revokeEnrolmentToken'
  | 'enrolWithToken'
  | 'noteWaiting'
  | 'getWaitingByKey'
  | 'listWaiting'
  | 'admit'
  | 'reject';

export function enrolmentOf(db: Database, devices: Devices): Pick<Store, EnrolmentMethods> {
  const insertToken = db.prepare(
    `INSERT INTO enrolment_tokens
     (id, secret_hash, label, created_at, created_by, expires_at, max_uses, uses, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectTokens = db.prepare('SELECT * FROM enrolment_tokens ORDER BY created_at DESC, n DESC');
  const selectToken = db.prepare('SELECT * FROM enrolment_tokens WHERE secret_hash = ?');
  const countUse = db.prepare('UPDATE enrolment_tokens SET uses = uses + 1 WHERE id = ?');
  const revokeToken = db.prepare(
    'UPDATE enrolment_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL',
  );
  const putWaiting = db.prepare(
    `INSERT INTO waiting (id, public_key, identity, fingerprint, first_seen, last_seen, address, rejected)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (public_key) DO UPDATE SET identity = excluded.identity, fingerprint = excluded.fingerprint,
     last_seen = excluded.last_seen, address = excluded.address, rejected = max(rejected, excluded.rejected)`,
  );
  const countWaiting = db.prepare('SELECT count(*) AS n FROM waiting');
  const dropOldestWaiting = db.prepare(
    'DELETE FROM waiting WHERE rowid IN (SELECT rowid FROM waiting ORDER BY last_seen, rowid LIMIT ?)',
  );
  const selectWaitingByKey = db.prepare('SELECT * FROM waiting WHERE public_key = ?');
  const selectWaitingById = db.prepare('SELECT * FROM waiting WHERE id = ? AND rejected = 0');
  const selectWaiting = db.prepare('SELECT * FROM waiting WHERE rejected = 0 ORDER BY first_seen, rowid');
  const rejectWaiting = db.prepare('UPDATE waiting SET rejected = 1 WHERE id = ? AND rejected = 0');

  function tokenOf(row: Row): EnrolmentToken {
    return {
      id: text(row, 'id'),
      label: text(row, 'label'),
      createdAt: number(row, 'created_at'),
      createdBy: text(row, 'created_by'),
      expiresAt: numberOrNull(row, 'expires_at'),
      maxUses: numberOrNull(row, 'max_uses'),
      uses: number(row, 'uses'),
      revokedAt: numberOrNull(row, 'revoked_at'),
    };
  }

  function waitingOf(row: Row): StoredWaiting | null {
    const id = text(row, 'id');
    const identity = readJson<DeviceIdentity>(text(row, 'identity'), db.log, { table: 'waiting', key: id });
    if (identity === null) return null;
    return {
      id,
      identity,
      fingerprint: text(row, 'fingerprint'),
      firstSeen: number(row, 'first_seen'),
      lastSeen: number(row, 'last_seen'),
      address: text(row, 'address'),
      publicKey: text(row, 'public_key'),
      rejected: flag(row, 'rejected'),
    };
  }

  return {
    addEnrolmentToken(token) {
      return db.write(() => {
        try {
          insertToken.run(
            token.id,
            token.secretHash,
            token.label,
            token.createdAt,
            token.createdBy,
            token.expiresAt,
            token.maxUses,
            token.uses,
            token.revokedAt,
          );
        } catch (error) {
          if (isTaken(error))
            throw new Problem('conflict', 'this enrolment token exists already', { cause: error });
          throw error;
        }
      });
    },

    listEnrolmentTokens() {
      return db.read(() => selectTokens.all().map(tokenOf));
    },

    revokeEnrolmentToken(id, at) {
      return db.write(() => revokeToken.run(at, id).changes > 0);
    },

    enrolWithToken(secretHash, device, at) {
      return db.write(() => {
        const row = selectToken.get(secretHash);
        if (row === undefined) return { ok: false, why: 'token-unknown' } as const;
        const token = tokenOf(row);
        if (token.revokedAt !== null) return { ok: false, why: 'token-revoked' } as const;
        if (token.expiresAt !== null && token.expiresAt <= at)
          return { ok: false, why: 'token-expired' } as const;
        if (token.maxUses !== null && token.uses >= token.maxUses) {
          return { ok: false, why: 'token-used-up' } as const;
        }
        countUse.run(token.id);
        devices.insert(device);
        return { ok: true, label: token.label } as const;
      });
    },

    noteWaiting(waiting) {
      return db.write(() => {
        if (selectWaitingByKey.get(waiting.publicKey) === undefined) {
          const over = only(countWaiting.get(), 'n') + 1 - WAITING_MAX;
          if (over > 0) dropOldestWaiting.run(over);
        }
        putWaiting.run(
          waiting.id,
          waiting.publicKey,
          JSON.stringify(waiting.identity),
          waiting.fingerprint,
          waiting.firstSeen,
          waiting.lastSeen,
          waiting.address,
          waiting.rejected ? 1 : 0,
        );
      });
    },

    getWaitingByKey(publicKey) {
      return db.read(() => {
        const row = selectWaitingByKey.get(publicKey);
        return row === undefined ? null : waitingOf(row);
      });
    },

    listWaiting() {
      return db.read(() =>
        selectWaiting
          .all()
          .map(waitingOf)
          .filter(waiting => waiting !== null),
      );
    },

    admit(id, device) {
      return db.write(() => {
        const row = selectWaitingById.get(id);
        const waiting = row === undefined ? null : waitingOf(row);
        if (waiting === null) return null;
        devices.insert({
          ...device,
          publicKey: waiting.publicKey,
          identity: waiting.identity,
          demo: false,
        });
        return devices.find(device.id);
      });
    },

    reject(id) {
      return db.write(() => rejectWaiting.run(id).changes > 0);
    },
  };
}
