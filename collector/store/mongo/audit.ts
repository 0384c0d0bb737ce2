import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type AuditEntry,
  auditEntry,
  auditHashInput,
  type NewAuditEntry,
} from '../../../shared/audit/entry.ts';
import type { Store } from '../store.ts';
import type { Mongo, Session } from './connect.ts';
import type { AuditDoc, MetaDoc } from './documents.ts';
import { isTaken } from './problems.ts';
import { bare, type Models } from './schema.ts';
import { together } from './turns.ts';

const FIRST = '0'.repeat(64);
/** Entries verified between two breaths of the event loop, and appended in one transaction. */
const CHUNK = 500;

export interface Audit extends Pick<Store, 'addAudit' | 'listAudit' | 'verifyAudit'> {
  /** Deletes the oldest entries, those before `before`, but never the newest one; gives how many. */
  expire(before: number): Promise<number>;
}

/** An entry's number and hash: where the chain begins (after expiry) and where it ends. */
const link = z.tuple([z.number(), z.string()]);
type Link = z.infer<typeof link>;

export function auditOf({ db, log, run, again, transaction }: Mongo, models: Models): Audit {
  const collection = bare<AuditDoc>(db, models.audit);
  const meta = bare<MetaDoc>(db, models.meta);

  /** The ends of the chain are kept beside it, so that cutting entries off either end is noticed. */
  async function linkAt(end: 'audit-base' | 'audit-head', session?: Session): Promise<Link> {
    const found = await meta.findOne({ _id: end }, session === undefined ? {} : { session });
    return found === null ? [0, FIRST] : link.parse(JSON.parse(found.value));
  }
  async function putLink(end: 'audit-base' | 'audit-head', value: Link, session: Session): Promise<void> {
    await meta.updateOne({ _id: end }, { $set: { value: JSON.stringify(value) } }, { session, upsert: true });
  }

  /** null when what is stored is no entry any more. */
  function entryOf({ _id, actor, data, ...rest }: AuditDoc): AuditEntry | null {
    try {
      const entry = auditEntry.safeParse({
        ...rest,
        n: _id,
        actor: JSON.parse(actor),
        data: JSON.parse(data),
      });
      if (entry.success) return entry.data;
    } catch {
      // Told below; verifyAudit names it.
    }
    log.warn('audit entry cannot be read', { table: 'audit', key: _id });
    return null;
  }

  /** Appends in order. Two collectors that append at once conflict at the head of the chain, and one does it again. */
  function append(entries: readonly NewAuditEntry[]): Promise<AuditEntry[]> {
    return transaction(async session => {
      let [n, previous] = await linkAt('audit-head', session);
      const chained: AuditEntry[] = [];
      for (const { at, actor, action, subject, data } of entries) {
        n += 1;
        const entry = { at, actor, action, subject, data, n, previous };
        const hash = hashOf(entry);
        chained.push({ ...entry, hash });
        previous = hash;
      }
      await putLink('audit-head', [n, previous], session);
      await collection.insertMany(
        chained.map(({ n: _id, actor, data, ...rest }) => ({
          _id,
          ...rest,
          actor: JSON.stringify(actor),
          data: JSON.stringify(data),
        })),
        { session },
      );
      return chained;
    });
  }

  const add = together(CHUNK, async (entries: readonly NewAuditEntry[]) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await append(entries);
      } catch (error) {
        // Only the very first entry of a database can meet this: two collectors make the head at once.
        if (!isTaken(error) || attempt > 3) throw error;
      }
    }
  });

  return {
    addAudit: entry => run(() => add(entry)),

    listAudit({ before = Number.MAX_SAFE_INTEGER, limit, subject }) {
      return run(async () => {
        const found = await again(() =>
          models.audit
            .find({ _id: { $lt: before }, ...(subject === undefined ? {} : { subject }) })
            .sort({ _id: -1 })
            .limit(limit)
            .lean<AuditDoc[]>(),
        );
        return found.map(entryOf).filter(entry => entry !== null);
      });
    },

    verifyAudit() {
      return run(async () => {
        let [n, hash] = await again(() => linkAt('audit-base'));
        for (;;) {
          // What is appended meanwhile belongs to the chain as well; the head is read first, so that it is not ahead.
          const [headN, headHash] = await again(() => linkAt('audit-head'));
          const after = n;
          const docs = await again(() =>
            collection
              .find({ _id: { $gt: after } })
              .sort({ _id: 1 })
              .limit(CHUNK)
              .toArray(),
          );
          let headSeen = headN === n && headHash === hash;
          for (const doc of docs) {
            const entry = entryOf(doc);
            const fits =
              entry !== null && entry.n === n + 1 && entry.previous === hash && entry.hash === hashOf(entry);
            if (!fits) return Math.min(n + 1, doc._id);
            ({ n, hash } = entry);
            headSeen ||= headN === n && headHash === hash;
          }
          if (docs.length < CHUNK) return headSeen ? null : n + 1;
        }
      });
    },

    expire(before) {
      return transaction(async session => {
        const [headN] = await linkAt('audit-head', session);
        const found = await collection
          .find({ at: { $gte: before } }, { session, projection: { _id: 1 } })
          .sort({ _id: 1 })
          .limit(1)
          .next();
        const kept = found?._id ?? headN;
        const last = await collection.findOne({ _id: kept - 1 }, { session });
        if (last === null) return 0;
        await putLink('audit-base', [last._id, last.hash], session);
        const { deletedCount } = await collection.deleteMany({ _id: { $lt: kept } }, { session });
        return deletedCount;
      });
    },
  };
}

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(auditHashInput(entry)).digest('hex');
}
