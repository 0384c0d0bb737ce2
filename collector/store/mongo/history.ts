import type { mongo } from 'mongoose';
import type { Findings } from '../../../shared/device/finding.ts';
import { type Check, readChecks } from '../checks.ts';
import { fold, freshen } from '../history.ts';
import type { HistoryEntry, Store } from '../store.ts';
import { readJson, type StoreLog } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { HistoryDoc, StateDoc } from './documents.ts';
import { bare, type Models } from './schema.ts';

type Score = NonNullable<HistoryEntry['score']>;

export interface History extends Pick<Store, 'getFindings' | 'getHistory' | 'getMoment'> {
  readonly collection: mongo.Collection<HistoryDoc>;
  /** Entries `from` to `to` of a device, in order. */
  entries(device: string, from: number, to: number): Promise<HistoryDoc[]>;
  /** Findings after these entries, the first of which is whole, with the newer times of `checks`. */
  current(entries: readonly HistoryDoc[], checks: ReadonlyMap<string, Check>): Findings;
  /** Deletes what is older than the whole entry that the oldest moment kept starts from; gives how many. */
  expire(devices: readonly string[], before: number): Promise<number>;
}

export function historyOf({ db, log, run, again }: Mongo, models: Models): History {
  const collection = bare<HistoryDoc>(db, models.history);
  const states = bare<StateDoc>(db, models.states);

  const between = (d: string, from: number, to: number) => ({
    _id: { $gte: { d, n: from }, $lte: { d, n: to } },
  });

  function entries(device: string, from: number, to: number): Promise<HistoryDoc[]> {
    return again(() =>
      collection
        .find(between(device, from, to))
        .sort({ _id: 1 })
        .toArray(),
    );
  }

  const entriesOf = (docs: readonly HistoryDoc[]) => docs.map(doc => entryOf(doc, log));

  /** The whole entry that reading begins with for moments up to `at`. */
  function baseAt(device: string, at: { $lte: number } | { $lt: number }) {
    return again(() =>
      collection
        .find({ '_id.d': device, whole: true, at }, { projection: { at: 1 } })
        .sort({ at: -1, '_id.n': -1 })
        .limit(1)
        .next(),
    );
  }

  /** Number of the first whole entry after `at`: nothing up to `at` comes after it, unless the clock was set back. */
  async function endFor(device: string, at: number): Promise<number> {
    const after = await again(() =>
      collection
        .find({ '_id.d': device, whole: true, at: { $gt: at } }, { projection: { at: 1 } })
        .sort({ at: 1, '_id.n': 1 })
        .limit(1)
        .next(),
    );
    return after?._id.n ?? Number.MAX_SAFE_INTEGER;
  }

  function current(held: readonly HistoryDoc[], checks: ReadonlyMap<string, Check>): Findings {
    return freshen(entriesOf(held), checks);
  }

  return {
    collection,
    entries,
    current,

    getFindings(id) {
      return run(async () => {
        for (let attempt = 0; ; attempt += 1) {
          const state = await again(() =>
            states.findOne({ _id: id }, { projection: { n: 1, keyframe: 1, checks: 1 } }),
          );
          if (state === null || state.keyframe === 0) return {};
          const held = await entries(id, state.keyframe, state.n);
          // Between the two reads a newer whole entry may have come and the older one gone.
          if (held[0]?._id.n !== state.keyframe && attempt < 3) continue;
          return current(held, readChecks(state.checks, log, id));
        }
      });
    },

    getHistory(id, from, to, limit) {
      return run(async () => {
        const [base, end] = await Promise.all([baseAt(id, { $lt: from }), endFor(id, to)]);
        const first = base === null || base._id.n > end ? 0 : base._id.n;
        const found = await again(() =>
          collection
            .find({ ...between(id, first, end), at: { $gte: from, $lte: to } })
            .sort({ _id: -1 })
            .limit(limit)
            .toArray(),
        );
        found.sort((a, b) => a.at - b.at || a._id.n - b._id.n);
        return entriesOf(found).filter(entry => entry !== null);
      });
    },

    getMoment(id, at) {
      return run(async () => {
        const [base, end] = await Promise.all([baseAt(id, { $lte: at }), endFor(id, at)]);
        if (base === null) return null;
        const last = end < base._id.n ? Number.MAX_SAFE_INTEGER : end;
        const held = await again(() =>
          collection
            .find({ ...between(id, base._id.n, last), at: { $gte: base.at, $lte: at } })
            .sort({ _id: 1 })
            .toArray(),
        );
        return fold(entriesOf(held));
      });
    },

    async expire(devices, before) {
      const bases = await again(() =>
        collection
          .aggregate<{ _id: string; n: number }>([
            { $match: { whole: true, '_id.d': { $in: [...devices] }, at: { $lte: before } } },
            { $sort: { '_id.d': 1, at: 1, '_id.n': 1 } },
            { $group: { _id: '$_id.d', n: { $last: '$_id.n' } } },
          ])
          .toArray(),
      );
      if (bases.length === 0) return 0;
      const found = await again(() =>
        states.find({ _id: { $in: bases.map(({ _id }) => _id) } }, { projection: { keyframe: 1 } }).toArray(),
      );
      const keyframes = new Map(found.map(({ _id, keyframe }) => [_id, keyframe]));
      const { deletedCount } = await again(() =>
        collection.bulkWrite(
          bases.map(({ _id: d, n }) => ({
            deleteMany: {
              filter: { _id: { $gte: { d, n: 0 }, $lt: { d, n: Math.min(n, keyframes.get(d) ?? 0) } } },
            },
          })),
          { ordered: false },
        ),
      );
      return deletedCount;
    },
  };
}

function entryOf(doc: HistoryDoc, log: StoreLog): HistoryEntry | null {
  const where = { table: 'history', key: doc._id.n };
  const findings = readJson<Findings>(doc.findings, log, where);
  if (findings === null) return null;
  return {
    at: doc.at,
    full: doc.whole === true,
    findings,
    removed: doc.removed ?? [],
    score: doc.score === undefined ? null : readJson<Score>(doc.score, log, where),
  };
}
