import type { mongo } from 'mongoose';
import type { DeviceCommit, Store } from '../store.ts';
import type { Mongo, Session } from './connect.ts';
import type { DayScoreDoc, DeviceDoc, RecordDoc } from './documents.ts';
import { Draft, type DraftReader } from './draft.ts';
import type { Events } from './events.ts';
import type { History } from './history.ts';
import { isTaken } from './problems.ts';
import type { Keeping, Samples } from './samples.ts';
import { bare, type Models } from './schema.ts';
import type { States } from './states.ts';
import type { Turns } from './turns.ts';

/*
 * One call is one transaction: what every device of it brought, and its new state. README.md has the argument.
 *
 * Before anything is written, what is to be written is drafted from the states as they are remembered. The transaction's
 * first step reads the versions of these states; when one is not what the draft was made from, nothing is written, what is
 * remembered of that device is dropped, and everything is drafted anew. Versions cannot change between that read and the
 * commit: a write by somebody else in between makes one of the two transactions fail with a write conflict.
 */

interface Parts {
  readonly states: States;
  readonly history: History;
  readonly samples: Samples;
  readonly events: Events;
  readonly turns: Turns;
}

/** Another collector wrote these devices since their state was read, or has claimed them. */
class Overtaken extends Error {
  readonly devices: readonly string[];
  /** Refused for good: they are somebody else's. */
  readonly taken: readonly string[];
  constructor(moved: readonly string[], taken: readonly string[]) {
    super('states have changed');
    this.devices = [...moved, ...taken];
    this.taken = taken;
  }
}

/** How often a call is drafted anew because somebody else was faster; after that what is left counts as refused. */
const ATTEMPTS = 5;

export function commitsOf(
  mongo: Mongo,
  models: Models,
  parts: Parts,
): Pick<Store, 'commit' | 'keepRecords' | 'getDayScores'> {
  const { db, run, again, transaction } = mongo;
  const { states, history, samples, events, turns } = parts;
  const records = bare<RecordDoc>(db, models.records);
  const devices = bare<DeviceDoc>(db, models.devices);
  const dayScores = bare<DayScoreDoc>(db, models.dayScores);

  const reader: DraftReader = {
    entries: history.entries,
    current: history.current,
    async score(device) {
      const found = await again(() =>
        states.collection.findOne({ _id: device }, { projection: { score: 1 } }),
      );
      return found?.score ?? null;
    },
  };

  async function draft(
    commits: readonly DeviceCommit[],
    refused: Set<string>,
  ): Promise<ReadonlyMap<string, Draft>> {
    const ids = commits.map(({ device }) => device);
    const [known, held] = await Promise.all([states.known(ids), states.of(ids)]);
    const drafts = new Map<string, Draft>();
    for (const commit of commits) {
      const before = held.get(commit.device);
      if (before === undefined || !known.has(commit.device)) {
        refused.add(commit.device);
        continue;
      }
      const one = drafts.get(commit.device) ?? new Draft(commit.device, before, reader);
      if (await one.take(commit)) drafts.set(commit.device, one);
      else refused.add(commit.device);
    }
    return drafts;
  }

  async function write(drafts: readonly Draft[], keeping: Keeping, session: Session): Promise<void> {
    const { moved, taken } = await states.compare(drafts, session);
    if (moved.length + taken.length > 0) throw new Overtaken(moved, taken);
    // Readings lie outside of transactions; they are there before the state that makes them count, and known by their frame.
    const kept = keeping.keepOnce();
    // A failure is met below; until then the transaction's own statements run beside it.
    kept.catch(() => undefined);
    const options = { session, ordered: false } as const;
    const entries = drafts.flatMap(one => one.entries);
    if (entries.length > 0) await history.collection.insertMany(entries, options);
    await states.collection.bulkWrite(
      drafts.map(one => ({
        updateOne: { filter: { _id: one.device }, update: { $set: one.changes() }, upsert: true },
      })),
      options,
    );
    const newRecords = drafts.flatMap(({ device, record }) =>
      record === null ? [] : [recordOperation(device, JSON.stringify(record))],
    );
    if (newRecords.length > 0) await records.bulkWrite(newRecords, options);
    const newEvents = drafts.flatMap(one => one.events.map(event => events.documentOf(one.device, event)));
    if (newEvents.length > 0) await events.collection.insertMany(newEvents, options);
    const identities = drafts.flatMap(({ device, identity }) =>
      identity === null
        ? []
        : [
            {
              updateOne: {
                filter: { _id: device },
                update: { $set: { identity: JSON.stringify(identity) } },
              },
            },
          ],
    );
    if (identities.length > 0) await devices.bulkWrite(identities, options);
    const pastDays = drafts.flatMap(({ device, pastDays: past }) =>
      past.map(({ day, value }) => ({
        updateOne: { filter: { _id: { day, d: device } }, update: { $set: { value } }, upsert: true },
      })),
    );
    // In order: the same day may be there twice, and the later one counts.
    if (pastDays.length > 0) await dayScores.bulkWrite(pastDays, { session, ordered: true });
    await keeping.mark(session);
    await kept;
  }

  async function commitAll(commits: readonly DeviceCommit[]): Promise<{ refused: string[] }> {
    for (let attempt = 1; ; attempt += 1) {
      const refused = new Set<string>();
      const drafted = await draft(commits, refused);
      // A refusal for a state that was only remembered is no refusal yet: somebody else may have moved it on.
      if (refused.size > 0 && attempt === 1) {
        states.forget([...refused]);
        continue;
      }
      const drafts = [...drafted.values()];
      if (drafts.length === 0) return { refused: [...refused] };
      const keeping = samples.keeping(drafts);
      try {
        await transaction(session => write(drafts, keeping, session));
        for (const one of drafts) states.remember(one.device, one.after);
        return { refused: [...refused] };
      } catch (error) {
        states.forget(drafts.map(({ device }) => device));
        const overtaken = error instanceof Overtaken || isTaken(error);
        if (!overtaken) throw error;
        if (error instanceof Overtaken && error.taken.length > 0) {
          const taken = new Set([...refused, ...error.taken]);
          const rest = commits.filter(({ device }) => !taken.has(device));
          const others = rest.length === 0 ? { refused: [] } : await commitAll(rest);
          return { refused: [...taken, ...others.refused] };
        }
        if (attempt > ATTEMPTS) {
          const devicesLeft = error instanceof Overtaken ? error.devices : drafts.map(({ device }) => device);
          const left = new Set([...refused, ...devicesLeft]);
          const rest = commits.filter(({ device }) => !left.has(device));
          const others = rest.length === 0 ? { refused: [] } : await commitAll(rest);
          return { refused: [...left, ...others.refused] };
        }
      }
    }
  }

  return {
    commit(commits) {
      return run(async () => {
        if (commits.length === 0) return { refused: [] };
        const names = commits.map(({ device }) => device);
        return turns.take(names, () => commitAll(commits));
      });
    },

    keepRecords(kept) {
      return run(() =>
        turns.take(
          kept.map(({ device }) => device),
          async () => {
            const ids = kept.map(({ device }) => device);
            const known = await states.known(ids);
            const held = kept.filter(({ device }) => known.has(device));
            if (held.length === 0) return { refused: ids };
            const refused = await transaction(async session => {
              const stored = await states.collection
                .find({ _id: { $in: ids } }, { projection: { claim: 1 }, session })
                .toArray();
              const newest = new Map(stored.map(({ _id, claim }) => [_id, claim ?? 0]));
              const mine = held.filter(
                ({ device, claim }) => claim === undefined || claim === (newest.get(device) ?? 0),
              );
              if (mine.length === 0) return ids;
              await states.collection.updateMany(
                { _id: { $in: mine.map(({ device }) => device) } },
                // Always a change, so that it cannot pass by a claim that is made meanwhile.
                { $set: { behind: false }, $inc: { r: 1 } },
                { session },
              );
              await records.bulkWrite(
                mine.map(({ device, record }) => recordOperation(device, JSON.stringify(record))),
                { session, ordered: false },
              );
              const done = new Set(mine.map(({ device }) => device));
              return ids.filter(id => !done.has(id));
            });
            return { refused };
          },
        ),
      );
    },

    getDayScores(days, only) {
      return run(async () => {
        const scores = new Map<string, Map<string, number | null>>();
        const put = (device: string, day: string, value: number | null): void => {
          const ofDevice = scores.get(device) ?? new Map<string, number | null>();
          ofDevice.set(day, value);
          scores.set(device, ofDevice);
        };
        // The states are read first: a day that ends meanwhile is then found in at least one place.
        const newest = await again(() =>
          states.collection
            .find(
              only === undefined
                ? { day: { $in: [...days] } }
                : { _id: { $in: [...only] }, day: { $in: [...days] } },
              { projection: { day: 1, dayScore: 1 } },
            )
            .toArray(),
        );
        const wanted = new Set(days);
        for (const day of wanted) {
          const keys =
            only === undefined
              ? { $gte: { day, d: '' }, $lt: { day: `${day}\u0000`, d: '' } }
              : { $in: only.map(d => ({ day, d })) };
          const past = await again(() => dayScores.find({ _id: keys }).toArray());
          for (const { _id, value } of past) put(_id.d, day, value);
        }
        for (const { _id, day, dayScore } of newest) {
          if (day !== undefined) put(_id, day, dayScore ?? null);
        }
        return scores;
      });
    },
  };
}

function recordOperation(device: string, record: string): mongo.AnyBulkWriteOperation<RecordDoc> {
  return { replaceOne: { filter: { _id: device }, replacement: { record }, upsert: true } };
}
