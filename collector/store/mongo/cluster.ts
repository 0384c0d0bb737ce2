import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { mongo as driver } from 'mongoose';
import { z } from 'zod';
import { Problem } from '../../../shared/problem/problem.ts';
import {
  type BusListener,
  type Claim,
  type Cluster,
  type Instance,
  type InstanceFacts,
  JOB_DUE,
  type JobClaim,
  type Member,
} from '../cluster.ts';
import { readJson } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { BusDoc, InstanceDoc, JobDoc, StateDoc } from './documents.ts';
import { isStreamLost } from './problems.ts';
import { bare, type Models } from './schema.ts';
import { together } from './turns.ts';

/*
 * Who holds a device stands in its state, which every commit writes: a claim and a commit of the same device can only happen
 * one after the other, and a commit under an older number finds the newer one. Leases run by `$$NOW`, the primary's clock.
 */

/** Claims and releases written in one go, when a fleet comes back or leaves at once. */
const TOGETHER = 500;
/** Devices that are taken to be written once, each by a question of its own: so many at the same time. */
const AT_ONCE = 50;
/** The server answers an idle listener after this long; how soon a stop is noticed does not hang on it. */
const AWAIT_MS = 1000;
/** A claim takes milliseconds; one that takes so long waits for somebody who is gone. */
const BLOCKED_MS = 2000;
/** Pause before a broken stream is opened again. */
const AGAIN_MS = 250;

const textsOf = z.object({
  from: z.string(),
  texts: z.array(z.string()),
});

export interface MongoCluster extends Cluster {
  /**
   * How long it takes until every other instance that may still write knows what was put into `meta` before the call,
   * milliseconds; 0 when there is none.
   */
  readonly settlingMs: number;
  close(): Promise<void>;
}

export interface MongoClusterOptions {
  /** Called with every renewal: reads again what other instances may have moved. */
  readonly refresh: () => Promise<void>;
  /** Longest a commit may be under way. */
  readonly patienceMs: number;
}

export function clusterOf(
  mongo: Mongo,
  models: Models,
  { refresh, patienceMs }: MongoClusterOptions,
): MongoCluster {
  const { db, log, run, again } = mongo;
  const states = bare<StateDoc>(db, models.states);
  const instances = bare<InstanceDoc>(db, models.instances);
  const bus = bare<BusDoc>(db, models.bus);
  const jobs = bare<JobDoc>(db, models.jobs);
  const listeners = new Set<() => Promise<void>>();
  const jobsKnown = new Set<string>();
  /** The database's clock less ours, as of the last renewal. */
  let ahead: number | null = null;
  /** The longest lease of another instance that was there at the last renewal. */
  let othersLeaseMs = 0;

  async function free(id: string): Promise<void> {
    await again(() =>
      states.updateMany({ holder: id }, { $inc: { claim: 1 }, $unset: { holder: '', up: '' } }),
    );
  }

  /** Ends an instance whose lease is out; false when it has renewed it meanwhile. */
  async function sweep(id: string): Promise<boolean> {
    const { matchedCount } = await again(() =>
      instances.updateOne({ _id: id, $expr: { $lt: ['$until', '$$NOW'] } }, { $set: { over: true } }),
    );
    if (matchedCount === 0) return false;
    // What it had begun to write may be locked still, and would hold up everybody who frees or claims its devices.
    await again(() => mongo.endLeftTransactions());
    await free(id);
    await again(() => instances.deleteOne({ _id: id }));
    return true;
  }

  /** Of a device that somebody else has claimed since, the number before theirs: the first commit under it is refused. */
  async function readPlaces(id: string, devices: readonly string[]): Promise<Map<string, Claim>> {
    const found = await again(() =>
      states
        .find(
          { _id: { $in: [...devices] } },
          { projection: { claim: 1, holder: 1, stream: 1, acked: 1, v: 1 } },
        )
        .toArray(),
    );
    return new Map(
      found.map(doc => {
        const place = claimOf(doc);
        return [doc._id, doc.holder === id ? place : { ...place, number: place.number - 1 }];
      }),
    );
  }

  function memberOf(id: string, leaseMs: number): Member {
    let isLeft = false;
    /** Since when this instance has renewed without a gap: a judgement needs a whole lease of watching. */
    let steadySince = performance.now();
    let renewedAt = steadySince;

    const claims = together(TOGETHER, async (devices: readonly string[]) => {
      // A collector that was killed may have left some of them locked; they come here before it is missed.
      const blocked = setTimeout(() => void mongo.unblock().catch(() => undefined), BLOCKED_MS);
      await again(() =>
        states.bulkWrite(
          devices.map(device => ({
            updateOne: {
              filter: { _id: device },
              update: { $inc: { claim: 1 }, $set: { holder: id, up: true }, $setOnInsert: UNWRITTEN },
              upsert: true,
            },
          })),
          { ordered: false },
        ),
      ).finally(() => clearTimeout(blocked));
      const places = await readPlaces(id, devices);
      return devices.map(device => {
        const place = places.get(device);
        if (place === undefined) throw new Problem('store-unavailable', 'a claimed device is not there');
        return place;
      });
    });

    const releases = together(
      TOGETHER,
      async (released: readonly { readonly device: string; readonly claim: number }[]) => {
        await again(() =>
          states.bulkWrite(
            released.map(({ device, claim }) => ({
              updateOne: {
                filter: { _id: device, holder: id, claim },
                update: { $unset: { up: '' } },
              },
            })),
            { ordered: false },
          ),
        );
        return released.map(() => undefined);
      },
    );

    async function takeFree(device: string): Promise<[string, Claim] | null> {
      await again(() => states.updateOne({ _id: device }, { $setOnInsert: UNWRITTEN }, { upsert: true }));
      const taken = await again(() =>
        states.findOneAndUpdate(
          { _id: device, up: { $ne: true } },
          { $inc: { claim: 1 }, $set: { holder: id } },
          { returnDocument: 'after', projection: { claim: 1, stream: 1, acked: 1, v: 1 } },
        ),
      );
      return taken === null ? null : [device, claimOf(taken)];
    }

    return {
      id,

      renew: facts =>
        run(async () => {
          const asked = performance.now();
          const renewed = await again(() =>
            instances.findOneAndUpdate({ _id: id, over: { $ne: true } }, [leaseOf(leaseMs, facts)], {
              projection: { _id: 1 },
            }),
          );
          if (renewed === null || isLeft) return null;
          await refresh();
          const before = Date.now();
          const there = await again(() =>
            instances
              .find({})
              .sort({ _id: 1 })
              .project<Omit<InstanceDoc, 'until'> & { now: Date; isOut: boolean }>({
                ...{ facts: 1, leaseMs: 1, over: 1, now: '$$NOW' },
                isOut: { $lt: ['$until', '$$NOW'] },
              })
              .toArray(),
          );
          const now = there[0]?.now;
          if (now !== undefined) ahead = now.getTime() - (before + Date.now()) / 2;

          if (asked - renewedAt > leaseMs / 2) steadySince = asked;
          renewedAt = asked;
          const living: Instance[] = [];
          const ended: string[] = [];
          let longest = 0;
          for (const doc of there) {
            // When the database was away nobody could renew: whoever is back first must not judge the others by that.
            const isJudged =
              doc._id !== id && (doc.over === true || (doc.isOut && asked - steadySince >= doc.leaseMs));
            if (isJudged && (await sweep(doc._id))) {
              ended.push(doc._id);
              continue;
            }
            const told = readJson<InstanceFacts>(doc.facts, log, { table: 'instances', key: doc._id });
            living.push({ id: doc._id, facts: told ?? {} });
            if (doc._id !== id) longest = Math.max(longest, doc.leaseMs);
          }
          othersLeaseMs = longest;
          return { instances: living, ended };
        }),

      leave: () =>
        run(async () => {
          if (isLeft) return;
          isLeft = true;
          await free(id);
          await again(() => instances.deleteOne({ _id: id }));
        }),

      claim: device => run(() => claims(device)),

      claimFree: devices =>
        run(async () => {
          const taken = new Map<string, Claim>();
          for (let i = 0; i < devices.length; i += AT_ONCE) {
            const part = await Promise.all(devices.slice(i, i + AT_ONCE).map(takeFree));
            for (const one of part) if (one !== null) taken.set(...one);
          }
          return taken;
        }),

      release: (device, claim) => run(() => releases({ device, claim })),

      links: () =>
        run(async () => {
          const found = await again(() =>
            states.find({ holder: { $gt: '' }, up: true }, { projection: { holder: 1, claim: 1 } }).toArray(),
          );
          return found.map(({ _id, holder, claim }) => ({
            ...{ device: _id, instance: holder ?? '', claim: claim ?? 0 },
          }));
        }),

      publish: (texts, to) =>
        run(async () => {
          if (texts.length === 0) return;
          const doc: BusDoc = {
            _id: new driver.ObjectId(),
            // Only says when it may be swept away.
            at: new Date(),
            from: id,
            ...(to === undefined ? {} : { to }),
            texts: [...texts],
          };
          // Under its own key: written again after a lost answer it is there once.
          await again(() => bus.replaceOne({ _id: doc._id }, doc, { upsert: true }));
        }),

      listen: listener => run(() => listen(id, listener)),

      claimJob: (name, terms) =>
        run(async () => {
          if (!jobsKnown.has(name)) {
            await again(() => jobs.updateOne({ _id: name }, { $setOnInsert: NEVER_RUN }, { upsert: true }));
            jobsKnown.add(name);
          }
          return claimJob(id, name, terms);
        }),
    };
  }

  async function claimJob(
    id: string,
    name: string,
    { everyMs, forMs, now = false }: Parameters<Member['claimJob']>[1],
  ): Promise<JobClaim | null> {
    const runId = randomUUID();
    const isDue = { $lte: [{ $cond: [{ $eq: ['$holder', id] }, '$ownDueAt', '$dueAt'] }, '$$NOW'] };
    const isIdle = { $lte: ['$runningUntil', '$$NOW'] };
    const until = { $add: ['$$NOW', forMs] };
    const taken = await again(() =>
      jobs.findOneAndUpdate(
        // Taken already, and the answer was lost.
        { _id: name, $or: [{ run: runId }, { $expr: now ? isIdle : { $and: [isIdle, isDue] } }] },
        [
          {
            $set: {
              holder: id,
              run: runId,
              startedAt: '$$NOW',
              runningUntil: until,
              ownDueAt: until,
              dueAt: until,
            },
          },
        ],
        { projection: { _id: 1 } },
      ),
    );
    if (taken === null) return null;
    const mine = { _id: name, run: runId };
    return {
      extend: () =>
        run(async () => {
          const { matchedCount } = await again(() =>
            jobs.updateOne(mine, [{ $set: { runningUntil: until, ownDueAt: until, dueAt: until } }]),
          );
          return matchedCount > 0;
        }),
      done: () =>
        run(async () => {
          await again(() =>
            jobs.updateOne(mine, [
              {
                $set: {
                  runningUntil: NEVER,
                  ownDueAt: { $add: ['$startedAt', everyMs * JOB_DUE.own] },
                  dueAt: { $add: ['$startedAt', everyMs * JOB_DUE.others] },
                },
              },
            ]),
          );
        }),
    };
  }

  /** The moment after everything that the database has done so far: a stream followed from there has no gap. */
  async function operationTime(): Promise<driver.Timestamp> {
    const answer = await again(() => db.command({ ping: 1 }));
    const { operationTime: time } = answer;
    if (!(time instanceof driver.Timestamp)) {
      throw new Problem('store-unsuitable', 'the database does not tell its time');
    }
    return new driver.Timestamp({ t: time.getHighBitsUnsigned(), i: time.getLowBitsUnsigned() + 1 });
  }

  async function listen(id: string, listener: BusListener): Promise<{ stop(): Promise<void> }> {
    let from: { startAtOperationTime: driver.Timestamp } | { resumeAfter: driver.ResumeToken } = {
      startAtOperationTime: await operationTime(),
    };
    let isStopped = false;
    let stream: driver.ChangeStream<BusDoc> | null = null;
    const mine = [
      {
        $match: {
          operationType: 'insert',
          'fullDocument.from': { $ne: id },
          $or: [{ 'fullDocument.to': id }, { 'fullDocument.to': { $exists: false } }],
        },
      },
    ];

    const deliver = (event: driver.ChangeStreamDocument<BusDoc>): void => {
      if (event.operationType !== 'insert') return;
      const told = textsOf.safeParse(event.fullDocument).data;
      if (told === undefined) {
        log.warn('a message of another collector cannot be read', { table: 'bus', key: 'message' });
        return;
      }
      const { wallTime } = event;
      const lagMs =
        wallTime instanceof Date && ahead !== null
          ? Math.max(0, Date.now() + ahead - wallTime.getTime())
          : null;
      for (const text of told.texts) listener.message({ from: told.from, text, lagMs });
    };

    const follow = async (): Promise<void> => {
      while (!isStopped) {
        const following = bus.watch(mine, { ...from, maxAwaitTimeMS: AWAIT_MS });
        stream = following;
        try {
          while (!isStopped) deliver(await following.next());
        } catch (error) {
          if (isStopped) return;
          // Not the last message's: that may be so long ago that the server knows it no more.
          if (following.resumeToken !== null && following.resumeToken !== undefined) {
            from = { resumeAfter: following.resumeToken };
          }
          if (isStreamLost(error)) {
            log.warn('messages of other collectors were missed; everything is read again', {});
            from = { startAtOperationTime: await operationTime() };
            listener.lost();
          }
          await pause(AGAIN_MS);
        } finally {
          await following.close().catch(() => undefined);
        }
      }
    };

    let following = Promise.resolve();
    const stop = async (): Promise<void> => {
      isStopped = true;
      listeners.delete(stop);
      await stream?.close().catch(() => undefined);
      await following;
    };
    const begin = async (): Promise<void> => {
      while (!isStopped) {
        try {
          await follow();
        } catch {
          // The database is away for longer than work waits for it.
          await pause(AGAIN_MS);
        }
      }
    };
    following = begin();
    listeners.add(stop);
    return { stop };
  }

  return {
    isShared: true,

    get settlingMs() {
      return othersLeaseMs === 0 ? 0 : othersLeaseMs + patienceMs;
    },

    join: ({ leaseMs, facts }) =>
      run(async () => {
        const id = randomUUID();
        await again(() => instances.updateOne({ _id: id }, [leaseOf(leaseMs, facts)], { upsert: true }));
        return memberOf(id, leaseMs);
      }),

    async close() {
      await Promise.all([...listeners].map(stop => stop()));
    },
  };
}

const NEVER = new Date(0);
const NEVER_RUN = {
  holder: '',
  run: '',
  startedAt: NEVER,
  runningUntil: NEVER,
  ownDueAt: NEVER,
  dueAt: NEVER,
};

/** The state of a device that has claims and nothing else: its first commit writes the rest. */
const UNWRITTEN = { v: 0, stream: '', acked: 0, seen: 0, n: 0, keyframe: 0, keyframeAt: 0, checks: '' };

function leaseOf(leaseMs: number, facts: InstanceFacts): { $set: Record<string, unknown> } {
  return {
    $set: {
      until: { $add: ['$$NOW', leaseMs] },
      leaseMs,
      // A literal: a fact that begins with a dollar is no field.
      facts: { $literal: JSON.stringify(facts) },
    },
  };
}

function claimOf({ claim, v, stream, acked }: Pick<StateDoc, 'claim' | 'v' | 'stream' | 'acked'>): Claim {
  return { number: claim ?? 0, stream: v === 0 ? null : stream, acked };
}
