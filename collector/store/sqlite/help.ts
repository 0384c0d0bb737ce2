import { DAY } from '../../../shared/base/durations.ts';
import { HELP_WAITING, helpState, isHelpOver } from '../../../shared/device/help.ts';
import type { HelpStore, HelpTaken, StoredHelp } from '../help.ts';
import { contentOf, type HelpContent, movedHelp, newHelp } from '../help-steps.ts';
import type { Database } from './database.ts';
import type { Devices } from './devices.ts';
import { number, only, type Row, readJson, text } from './row.ts';

export interface Help extends HelpStore {
  /** Deletes requests that have been over since before this. */
  expire(before: number): Promise<number>;
}

const WAITING = HELP_WAITING.map(state => `'${state}'`).join(', ');
const COLUMNS = 'd.id AS device, h.id, h.received_at, h.state, h.changed_at, h.content';
const FROM = 'FROM help h JOIN devices d ON d.n = h.device';

/** What people at devices ask IT for. */
export function helpOf(db: Database, devices: Devices): Help {
  const insert = db.prepare(
    `INSERT INTO help (device, id, received_at, state, over, changed_at, content) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const update = db.prepare(
    'UPDATE help SET state = ?, over = ?, changed_at = ?, content = ? WHERE device = ? AND id = ?',
  );
  const selectOne = db.prepare(`SELECT ${COLUMNS} ${FROM} WHERE h.device = ? AND h.id = ?`);
  const selectOf = db.prepare(
    `SELECT ${COLUMNS} ${FROM} WHERE h.device = ? ORDER BY h.received_at DESC, h.id DESC LIMIT ?`,
  );
  const countWaiting = db.prepare(`SELECT count(*) AS n FROM help WHERE over = 0 AND state IN (${WAITING})`);
  const countOfDevice = db.prepare(
    `SELECT count(*) FILTER (WHERE state IN (${WAITING})) AS waiting,
            count(*) FILTER (WHERE received_at > ?) AS fresh
     FROM help WHERE device = ?`,
  );
  const selectLine = db.prepare(
    `SELECT ${COLUMNS} ${FROM} WHERE h.over = 0 AND (h.received_at, h.device, h.id) > (?, ?, ?)
     ORDER BY h.received_at, h.device, h.id LIMIT ?`,
  );
  const selectOver = db.prepare(
    `SELECT ${COLUMNS} ${FROM} WHERE h.over = 1 AND (h.received_at, h.device, h.id) < (?, ?, ?)
     ORDER BY h.received_at DESC, h.device DESC, h.id DESC LIMIT ?`,
  );
  const deleteOver = db.prepare('DELETE FROM help WHERE over = 1 AND received_at < ?1 AND changed_at < ?1');

  function helpOfRow(row: Row): StoredHelp | null {
    const [device, id] = [text(row, 'device'), text(row, 'id')];
    const state = helpState.safeParse(text(row, 'state'));
    const content = readJson<HelpContent>(text(row, 'content'), db.log, { table: 'help', key: id });
    if (content === null || !state.success) return null;
    return {
      device,
      id,
      ...content,
      receivedAt: number(row, 'received_at'),
      state: state.data,
      changedAt: number(row, 'changed_at'),
    };
  }

  function find(n: number, id: string): StoredHelp | null {
    const row = selectOne.get(n, id);
    return row === undefined ? null : helpOfRow(row);
  }

  function put(n: number, help: StoredHelp): void {
    update.run(
      help.state,
      isHelpOver(help.state) ? 1 : 0,
      help.changedAt,
      JSON.stringify(contentOf(help)),
      n,
      help.id,
    );
  }

  return {
    takeHelp(device, news, bounds) {
      return db.write(() => {
        const known = devices.know(device);
        if (known === null) return [];
        const { n } = known;
        return news.map((one): HelpTaken => {
          const { id } = one.change;
          const held = selectOne.get(n, id);
          const fresh = newHelp(device, one);
          if (fresh === null) {
            const help = held === undefined ? null : helpOfRow(held);
            if (help === null) return { id, outcome: 'unknown' };
            const moved = movedHelp(help, {
              state: 'withdrawn',
              at: one.at,
              by: null,
              noticedAt: one.receivedAt,
            });
            if (moved === null) return { id, outcome: help.state === 'withdrawn' ? 'known' : 'over' };
            put(n, moved);
            return { id, outcome: 'taken' };
          }
          if (held !== undefined) return { id, outcome: 'known' };
          const counted = countOfDevice.get(one.receivedAt - DAY, n);
          if (only(counted, 'waiting') >= bounds.open || only(counted, 'fresh') >= bounds.perDay) {
            return { id, outcome: 'too-many' };
          }
          const content = JSON.stringify(contentOf(fresh));
          insert.run(n, id, fresh.receivedAt, fresh.state, 0, fresh.changedAt, content);
          return { id, outcome: 'taken' };
        });
      });
    },

    getHelp: (device, id) =>
      db.read(() => {
        const known = devices.know(device);
        return known === null ? null : find(known.n, id);
      }),

    listHelpOf: (device, limit) =>
      db.read(() => {
        const known = devices.know(device);
        if (known === null) return [];
        return selectOf
          .all(known.n, limit)
          .map(helpOfRow)
          .filter(help => help !== null);
      }),

    listHelp: ({ over, limit, after }) =>
      db.read(() => {
        const n = after === undefined ? undefined : devices.know(after.device)?.n;
        const from: [number, number, string] =
          after === undefined || n === undefined
            ? over
              ? [Number.MAX_SAFE_INTEGER, 0, '']
              : [-1, 0, '']
            : [after.receivedAt, n, after.id];
        return (over ? selectOver : selectLine)
          .all(...from, limit)
          .map(helpOfRow)
          .filter(help => help !== null);
      }),

    countHelp: () => db.read(() => only(countWaiting.get(), 'n')),

    moveHelp: (device, id, move) =>
      db.write(() => {
        const known = devices.know(device);
        const help = known === null ? null : find(known.n, id);
        if (known === null || help === null) return 'not-found';
        const moved = movedHelp(help, move);
        if (moved === null) return 'conflict';
        put(known.n, moved);
        return moved;
      }),

    expire: before => db.write(() => Number(deleteOver.run(before).changes)),
  };
}
