import { type ApiToken, role } from '../../../shared/api/schemas.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { Store, StoredPerson } from '../store.ts';
import { userKey } from '../stored.ts';
import type { Database } from './database.ts';
import { isTaken } from './problems.ts';
import { flag, number, numberOrNull, type Row, text } from './row.ts';

type PeopleMethods =
  | 'addPerson'
  | 'getPerson'
  | 'listPeople'
  | 'changePerson'
  | 'addSession'
  | 'getSession'
  | 'endSession'
  | 'endSessionsOf'
  | 'addApiToken'
  | 'listApiTokens'
  | 'useApiToken'
  | 'revokeApiToken';

export interface People extends Pick<Store, PeopleMethods> {
  /** Ends sessions that have expired at `now`; gives how many. */
  expireSessions(now: number): Promise<number>;
}

export function peopleOf(db: Database): People {
  const putPerson = (verb: 'INSERT' | 'REPLACE') =>
    db.prepare(
      `${verb} INTO people (user_key, user, name, role, created_at, last_sign_in, disabled, locked_until,
       password_hash, must_change_password, failures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  const insertPerson = putPerson('INSERT');
  const replacePerson = putPerson('REPLACE');
  const selectPerson = db.prepare('SELECT * FROM people WHERE user_key = ?');
  const selectPeople = db.prepare('SELECT * FROM people ORDER BY user_key');
  const insertSession = db.prepare(
    'REPLACE INTO sessions (id_hash, user_key, csrf, created_at, expires_at) VALUES (?, ?, ?, ?, ?)',
  );
  const selectSession = db.prepare(
    `SELECT p.*, s.csrf, s.created_at AS session_at, s.expires_at
     FROM sessions s JOIN people p ON p.user_key = s.user_key
     WHERE s.id_hash = ? AND s.expires_at > ? AND p.disabled = 0`,
  );
  const deleteSession = db.prepare('DELETE FROM sessions WHERE id_hash = ?');
  const deleteSessionsOf = db.prepare('DELETE FROM sessions WHERE user_key = ? AND id_hash IS NOT ?');
  const deleteExpired = db.prepare('DELETE FROM sessions WHERE expires_at <= ?');
  const insertToken = db.prepare(
    `INSERT INTO api_tokens
     (id, secret_hash, label, role, created_at, created_by, expires_at, last_used, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const selectTokens = db.prepare('SELECT * FROM api_tokens ORDER BY created_at DESC, n DESC');
  const selectToken = db.prepare(
    `SELECT * FROM api_tokens
     WHERE secret_hash = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)`,
  );
  const touchToken = db.prepare('UPDATE api_tokens SET last_used = ? WHERE id = ?');
  const revokeToken = db.prepare('UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');

  function columnsOf(person: StoredPerson) {
    return [
      userKey(person.user),
      person.user,
      person.name,
      person.role,
      person.createdAt,
      person.lastSignIn,
      person.disabled ? 1 : 0,
      person.lockedUntil,
      person.passwordHash,
      person.mustChangePassword ? 1 : 0,
      person.failures,
    ] as const;
  }

  function personOf(row: Row): StoredPerson {
    return {
      user: text(row, 'user'),
      name: text(row, 'name'),
      role: roleOf(row),
      createdAt: number(row, 'created_at'),
      lastSignIn: numberOrNull(row, 'last_sign_in'),
      disabled: flag(row, 'disabled'),
      lockedUntil: numberOrNull(row, 'locked_until'),
      passwordHash: text(row, 'password_hash'),
      mustChangePassword: flag(row, 'must_change_password'),
      failures: number(row, 'failures'),
    };
  }

  function tokenOf(row: Row): ApiToken {
    return {
      id: text(row, 'id'),
      label: text(row, 'label'),
      role: roleOf(row),
      createdAt: number(row, 'created_at'),
      createdBy: text(row, 'created_by'),
      expiresAt: numberOrNull(row, 'expires_at'),
      lastUsed: numberOrNull(row, 'last_used'),
      revokedAt: numberOrNull(row, 'revoked_at'),
    };
  }

  return {
    addPerson(person) {
      return db.write(() => {
        try {
          insertPerson.run(...columnsOf(person));
        } catch (error) {
          if (isTaken(error)) throw new Problem('conflict', 'this user name is taken', { cause: error });
          throw error;
        }
      });
    },

    getPerson(user) {
      return db.read(() => {
        const row = selectPerson.get(userKey(user));
        return row === undefined ? null : personOf(row);
      });
    },

    listPeople() {
      return db.read(() => selectPeople.all().map(personOf));
    },

    changePerson(user, change) {
      return db.write(() => {
        const row = selectPerson.get(userKey(user));
        if (row === undefined) return false;
        replacePerson.run(...columnsOf({ ...personOf(row), ...change }));
        return true;
      });
    },

    addSession(session) {
      return db.write(() => {
        insertSession.run(
          session.idHash,
          userKey(session.user),
          session.csrf,
          session.createdAt,
          session.expiresAt,
        );
      });
    },

    getSession(idHash, now) {
      return db.read(() => {
        const row = selectSession.get(idHash, now);
        if (row === undefined) return null;
        const person = personOf(row);
        const session = {
          idHash,
          user: person.user,
          csrf: text(row, 'csrf'),
          createdAt: number(row, 'session_at'),
          expiresAt: number(row, 'expires_at'),
        };
        return { session, person };
      });
    },

    endSession(idHash) {
      return db.write(() => {
        deleteSession.run(idHash);
      });
    },

    endSessionsOf(user, exceptIdHash) {
      return db.write(() => {
        deleteSessionsOf.run(userKey(user), exceptIdHash);
      });
    },

    expireSessions(now) {
      return db.write(() => Number(deleteExpired.run(now).changes));
    },

    addApiToken(token) {
      return db.write(() => {
        try {
          insertToken.run(
            token.id,
            token.secretHash,
            token.label,
            token.role,
            token.createdAt,
            token.createdBy,
            token.expiresAt,
            token.lastUsed,
            token.revokedAt,
          );
        } catch (error) {
          if (isTaken(error))
            throw new Problem('conflict', 'this API token exists already', { cause: error });
          throw error;
        }
      });
    },

    listApiTokens() {
      return db.read(() => selectTokens.all().map(tokenOf));
    },

    useApiToken(secretHash, now) {
      return db.write(() => {
        const row = selectToken.get(secretHash, now);
        if (row === undefined) return null;
        const { id, label, role } = tokenOf(row);
        touchToken.run(now, id);
        return { id, label, role };
      });
    },

    revokeApiToken(id, at) {
      return db.write(() => revokeToken.run(at, id).changes > 0);
    },
  };
}

/** A role that this version does not know is not guessed at. */
function roleOf(row: Row) {
  const known = role.safeParse(text(row, 'role'));
  if (!known.success) throw new Problem('store-unavailable', 'a stored role is not known');
  return known.data;
}
