import { createHash } from 'node:crypto';
import { type AuditEntry, auditEntry, auditHashInput } from '../../../shared/audit/entry.ts';
import type { Store } from '../store.ts';
import type { Database } from './database.ts';
import { number, type Row, text, textOrNull } from './row.ts';

const FIRST = '0'.repeat(64);
/** Entries verified between two breaths of the event loop. */
const CHUNK = 500;

export interface Audit extends Pick<Store, 'addAudit' | 'listAudit' | 'verifyAudit'> {
  /** Deletes the oldest entries, those before `before`, but never the newest one; gives how many. */
  expire(before: number): Promise<number>;
}

/** An entry's number and hash: where the chain begins (after expiry) and where it ends. */
interface Link {
  readonly n: number;
  readonly hash: string;
}

export function auditOf(db: Database): Audit {
  const insert = db.prepare(
    'INSERT INTO audit (n, at, actor, action, subject, data, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const selectMeta = db.prepare('SELECT value FROM meta WHERE name = ?');
  const putMeta = db.prepare('REPLACE INTO meta (name, value) VALUES (?, ?)');
  const selectBefore = db.prepare('SELECT * FROM audit WHERE n < ? ORDER BY n DESC LIMIT ?');
  const selectOfSubject = db.prepare(
    'SELECT * FROM audit WHERE subject = ? AND n < ? ORDER BY n DESC LIMIT ?',
  );
  const selectAfter = db.prepare(`SELECT * FROM audit WHERE n > ? ORDER BY n LIMIT ${CHUNK}`);
  const selectKept = db.prepare('SELECT min(n) AS n FROM audit WHERE at >= ?');
  const selectHash = db.prepare('SELECT hash FROM audit WHERE n = ?');
  const deleteUpTo = db.prepare('DELETE FROM audit WHERE n <= ?');

  /** The ends of the chain are kept beside it, so that cutting entries off either end is noticed. */
  function linkAt(end: 'audit-base' | 'audit-head'): Link {
    const row = selectMeta.get(end);
    if (row === undefined) return { n: 0, hash: FIRST };
    const [n = '0', hash = FIRST] = text(row, 'value').split(' ');
    return { n: Number(n), hash };
  }

  /** null when what is stored is no entry any more. */
  function entryOf(row: Row): AuditEntry | null {
    try {
      const entry = auditEntry.safeParse({
        n: number(row, 'n'),
        at: number(row, 'at'),
        actor: JSON.parse(text(row, 'actor')),
        action: text(row, 'action'),
        subject: textOrNull(row, 'subject'),
        data: JSON.parse(text(row, 'data')),
        previous: text(row, 'previous'),
        hash: text(row, 'hash'),
      });
      if (entry.success) return entry.data;
    } catch {
      // Told below; verifyAudit names it.
    }
    db.log.warn('audit entry cannot be read', { table: 'audit', key: Number(row.n) });
    return null;
  }

  return {
    addAudit(entry) {
      return db.write(() => {
        const last = linkAt('audit-head');
        const chained = { ...entry, n: last.n + 1, previous: last.hash };
        const hash = hashOf(chained);
        insert.run(
          chained.n,
          entry.at,
          JSON.stringify(entry.actor),
          entry.action,
          entry.subject,
          JSON.stringify(entry.data),
          last.hash,
          hash,
        );
        putMeta.run('audit-head', `${chained.n} ${hash}`);
        return { ...chained, hash };
      });
    },

    listAudit({ before = Number.MAX_SAFE_INTEGER, limit, subject }) {
      return db.read(() => {
        const rows =
          subject === undefined
            ? selectBefore.all(before, limit)
            : selectOfSubject.all(subject, before, limit);
        return rows.map(entryOf).filter(entry => entry !== null);
      });
    },

    async verifyAudit() {
      let last = linkAt('audit-base');
      for (;;) {
        const after = last.n;
        // What is appended meanwhile belongs to the chain as well, so its end is read with the last part.
        const part = await db.read(() => ({ rows: selectAfter.all(after), head: linkAt('audit-head') }));
        for (const row of part.rows) {
          const entry = entryOf(row);
          const fits =
            entry !== null &&
            entry.n === last.n + 1 &&
            entry.previous === last.hash &&
            entry.hash === hashOf(entry);
          if (!fits) return Math.min(last.n + 1, number(row, 'n'));
          last = entry;
        }
        if (part.rows.length < CHUNK) {
          return part.head.n === last.n && part.head.hash === last.hash ? null : last.n + 1;
        }
        await new Promise(resolve => setImmediate(resolve));
      }
    },

    expire(before) {
      return db.write(() => {
        const head = linkAt('audit-head');
        const row = selectKept.get(before);
        const kept = row === undefined || row.n === null ? head.n : number(row, 'n');
        const link = selectHash.get(kept - 1);
        if (link === undefined) return 0;
        putMeta.run('audit-base', `${kept - 1} ${text(link, 'hash')}`);
        return Number(deleteUpTo.run(kept - 1).changes);
      });
    },
  };
}

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(auditHashInput(entry)).digest('hex');
}
