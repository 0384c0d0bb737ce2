import { randomInt } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { Store, StoredEvent } from '../store.ts';
import { readJson } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { EventDoc } from './documents.ts';
import { isTaken } from './problems.ts';
import { bare, type Models } from './schema.ts';
import type { States } from './states.ts';

export interface Events extends Pick<Store, 'addEvents' | 'getEvents'> {
  readonly collection: mongo.Collection<EventDoc>;
  documentOf(device: string, event: StoredEvent): EventDoc;
  expire(devices: readonly string[], before: number): Promise<number>;
}

/** Rising numbers, also after a restart: microseconds, as long as fewer than a thousand are asked for in a millisecond. */
export function counter(now: () => number = Date.now): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now() * 1000);
    return last;
  };
}

export function eventsOf({ db, log, run, again }: Mongo, models: Models, states: States): Events {
  const collection = bare<EventDoc>(db, models.events);
  const next = counter();
  const collector = randomInt(2 ** 31);

  const documentOf = (device: string, { at, by, kind, data }: StoredEvent): EventDoc => ({
    _id: { d: device, at, o: next(), r: collector },
    device: by === 'device',
    kind,
    ...(Object.keys(data).length === 0 ? {} : { data: JSON.stringify(data) }),
  });

  return {
    collection,
    documentOf,

    addEvents(events) {
      return run(async () => {
        const known = await states.known(events.map(({ device }) => device));
        const docs = events
          .filter(({ device }) => known.has(device))
          .map(({ device, event }) => documentOf(device, event));
        if (docs.length === 0) return;
        await again(async () => {
          try {
            await collection.insertMany(docs, { ordered: false });
          } catch (error) {
            // Done before, and only the answer was lost.
            if (!isTaken(error)) throw error;
          }
        });
      });
    },

    getEvents(id, from, to, limit) {
      return run(async () => {
        const found = await again(() =>
          collection
            .find({
              _id: {
                $gte: { d: id, at: from, o: 0, r: 0 },
                $lte: { d: id, at: to, o: Number.MAX_SAFE_INTEGER, r: 0 },
              },
            })
            .sort({ _id: -1 })
            .limit(limit)
            .toArray(),
        );
        return found.reverse().map(({ _id, device, kind, data }) => ({
          at: _id.at,
          by: device ? ('device' as const) : ('collector' as const),
          kind,
          data:
            data === undefined
              ? {}
              : (readJson<StoredEvent['data']>(data, log, { table: 'events', key: _id.at }) ?? {}),
        }));
      });
    },

    async expire(devices, before) {
      const { deletedCount } = await again(() =>
        collection.bulkWrite(
          devices.map(d => ({
            deleteMany: {
              filter: { _id: { $gte: { d, at: 0, o: 0, r: 0 }, $lt: { d, at: before, o: 0, r: 0 } } },
            },
          })),
          { ordered: false },
        ),
      );
      return deletedCount;
    },
  };
}
