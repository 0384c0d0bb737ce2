import type { Pin } from '../../../shared/device/match.ts';
import type { Observation } from '../../../shared/device/observation.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type {
  AccountStanding,
  ConnectorStore,
  PrecedenceOrder,
  StoredAccount,
  StoredObservation,
} from '../connectors.ts';
import { NEVER_ASKED } from '../stored.ts';
import type { Database } from './database.ts';
import { isTaken } from './problems.ts';
import { flag, number, type Row, readJson, text } from './row.ts';

/** Observations in one part of `loadObservations`: about a megabyte of JSON. */
const LOAD_CHUNK = 500;

/** Accounts of connectors, what they observed, and what people decided about it. */
export function connectorsOf(db: Database): ConnectorStore {
  const { log } = db;
  const selectAccounts = db.prepare('SELECT * FROM accounts ORDER BY connector, account');
  const selectSavedAt = db.prepare('SELECT saved_at FROM accounts WHERE connector = ? AND account = ?');
  const insertAccount = db.prepare(
    'INSERT INTO accounts (connector, account, label, settings, saved_at, saved_by, demo, standing) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const updateAccount = db.prepare(
    'UPDATE accounts SET label = ?, settings = ?, saved_at = ?, saved_by = ?, demo = ?, standing = ? WHERE connector = ? AND account = ? AND saved_at = ?',
  );
  const updateStanding = db.prepare(
    'UPDATE accounts SET standing = ? WHERE connector = ? AND account = ? AND saved_at = ?',
  );
  const deleteAccount = db.prepare('DELETE FROM accounts WHERE connector = ? AND account = ?');
  const deleteObservations = db.prepare('DELETE FROM observations WHERE connector = ? AND account = ?');
  const putObservation = db.prepare(
    'INSERT INTO observations (connector, account, vendor_id, received_at, observation) VALUES (?, ?, ?, ?, ?) ' +
      'ON CONFLICT (connector, account, vendor_id) DO UPDATE SET received_at = excluded.received_at, observation = excluded.observation',
  );
  const deleteObservation = db.prepare(
    'DELETE FROM observations WHERE connector = ? AND account = ? AND vendor_id = ?',
  );
  const selectObservations = db.prepare(
    `SELECT n, received_at, observation FROM observations WHERE n > ? ORDER BY n LIMIT ${LOAD_CHUNK}`,
  );
  const selectObservation = db.prepare(
    'SELECT n, received_at, observation FROM observations WHERE connector = ? AND account = ? AND vendor_id = ?',
  );
  const selectPins = db.prepare('SELECT * FROM pins ORDER BY n');
  const insertPin = db.prepare('INSERT INTO pins (id, pin, at, by) VALUES (?, ?, ?, ?)');
  const deletePin = db.prepare('DELETE FROM pins WHERE id = ?');
  const selectPrecedence = db.prepare('SELECT * FROM precedence');
  const putPrecedence = db.prepare(
    'REPLACE INTO precedence (one, field_order, hash, changed_at, changed_by) VALUES (1, ?, ?, ?, ?)',
  );

  function accountOf(row: Row): StoredAccount | null {
    const connector = text(row, 'connector');
    const account = text(row, 'account');
    const where = { table: 'accounts', key: `${connector}/${account}` };
    const settings = readJson<Record<string, unknown>>(text(row, 'settings'), log, where);
    if (settings === null) return null;
    return {
      connector,
      account,
      label: text(row, 'label'),
      settings,
      savedAt: number(row, 'saved_at'),
      savedBy: text(row, 'saved_by'),
      demo: flag(row, 'demo'),
      standing: readJson<AccountStanding>(text(row, 'standing'), log, where) ?? NEVER_ASKED,
    };
  }

  function observationOf(row: Row): StoredObservation | null {
    const observation = readJson<Observation>(text(row, 'observation'), log, {
      table: 'observations',
      key: number(row, 'n'),
    });
    return observation === null ? null : { observation, receivedAt: number(row, 'received_at') };
  }

  return {
    listAccounts: () =>
      db.read(() =>
        selectAccounts
          .all()
          .map(accountOf)
          .filter(account => account !== null),
      ),

    addAccount: ({ connector, account, label, settings, savedAt, savedBy, demo, standing }) =>
      db.write(() => {
        try {
          insertAccount.run(
            ...[connector, account, label, JSON.stringify(settings), savedAt, savedBy],
            ...[demo ? 1 : 0, JSON.stringify(standing)],
          );
        } catch (error) {
          if (!isTaken(error)) throw error;
          throw new Problem('conflict', 'the connector has an account of this name already', {
            cause: error,
          });
        }
      }),

    replaceAccount: ({ connector, account, label, settings, savedAt, savedBy, demo, standing }, replaces) =>
      db.write(() => {
        const { changes } = updateAccount.run(
          ...[label, JSON.stringify(settings), savedAt, savedBy, demo ? 1 : 0, JSON.stringify(standing)],
          ...[connector, account, replaces],
        );
        return changes > 0;
      }),

    noteStanding: ({ connector, account, savedAt }, standing) =>
      db.write(() => updateStanding.run(JSON.stringify(standing), connector, account, savedAt).changes > 0),

    removeAccount: ({ connector, account }) =>
      db.write(() => {
        deleteObservations.run(connector, account);
        return deleteAccount.run(connector, account).changes > 0;
      }),

    keepObservations: ({ connector, account }, { observed, gone }) =>
      db.write(() => {
        if (selectSavedAt.get(connector, account) === undefined) return false;
        for (const vendorId of gone) deleteObservation.run(connector, account, vendorId);
        for (const { observation, receivedAt } of observed) {
          if (observation.connector !== connector || observation.account !== account) continue;
          const json = JSON.stringify(observation);
          putObservation.run(connector, account, observation.vendorId, receivedAt, json);
        }
        return true;
      }),

    async *loadObservations() {
      let after = 0;
      for (;;) {
        const rows = await db.read(() => selectObservations.all(after));
        const last = rows.at(-1);
        if (last === undefined) return;
        after = number(last, 'n');
        yield rows.map(observationOf).filter(observation => observation !== null);
      }
    },

    getObservations: keys =>
      db.read(() =>
        keys.flatMap(({ connector, account, vendorId }) => {
          const row = selectObservation.get(connector, account, vendorId);
          return (row === undefined ? null : observationOf(row)) ?? [];
        }),
      ),

    listPins: () =>
      db.read(() =>
        selectPins.all().flatMap(row => {
          const id = text(row, 'id');
          const pin = readJson<Pin>(text(row, 'pin'), log, { table: 'pins', key: id });
          return pin === null ? [] : { id, pin, at: number(row, 'at'), by: text(row, 'by') };
        }),
      ),

    addPin: ({ id, pin, at, by }) =>
      db.write(() => {
        try {
          insertPin.run(id, JSON.stringify(pin), at, by);
        } catch (error) {
          if (!isTaken(error)) throw error;
          throw new Problem('conflict', 'a decision of this id exists already', { cause: error });
        }
      }),

    removePin: id => db.write(() => deletePin.run(id).changes > 0),

    getPrecedence: () =>
      db.read(() => {
        const row = selectPrecedence.get();
        const order =
          row === undefined
            ? null
            : readJson<PrecedenceOrder>(text(row, 'field_order'), log, { table: 'precedence', key: 1 });
        if (row === undefined || order === null) return null;
        return {
          order,
          hash: text(row, 'hash'),
          changedAt: number(row, 'changed_at'),
          changedBy: text(row, 'changed_by'),
        };
      }),

    setPrecedence: ({ order, hash, changedAt, changedBy }, replaces) =>
      db.write(() => {
        const row = selectPrecedence.get();
        if ((row === undefined ? null : text(row, 'hash')) !== replaces) return false;
        putPrecedence.run(JSON.stringify(order), hash, changedAt, changedBy);
        return true;
      }),
  };
}
