import { randomUUID } from 'node:crypto';
import {
  type BusListener,
  type Claim,
  type Cluster,
  type InstanceFacts,
  JOB_DUE,
  type JobClaim,
  type Member,
} from './cluster.ts';

interface Place {
  number: number;
  holder: string | null;
  isUp: boolean;
}

interface Seat {
  facts: InstanceFacts;
  leaseMs: number;
  until: number;
  readonly listeners: Set<BusListener>;
}

interface JobState {
  holder: string;
  run: string;
  runningUntil: number;
  ownDueAt: number;
  dueAt: number;
}

export interface LocalCluster extends Cluster {
  /** Is this the newest number given for the device? */
  isCurrent(device: string, claim: number): boolean;
}

export interface LocalClusterOptions {
  /** Where the device stands in the store. */
  readonly placeOf: (device: string) => Promise<{ stream: string | null; acked: number } | null>;
  /** Throws when the store is closed. */
  readonly check: () => Promise<void>;
  readonly monotonic?: () => number;
}

/**
 * The cluster of a database that only this process can open: in memory, as nothing of it outlives the process. Usually
 * there is one instance and nobody to tell anything.
 */
export function localCluster({
  placeOf,
  check,
  monotonic = () => performance.now(),
}: LocalClusterOptions): LocalCluster {
  const seats = new Map<string, Seat>();
  const places = new Map<string, Place>();
  const jobs = new Map<string, JobState>();

  function placeIn(device: string): Place {
    let place = places.get(device);
    if (place === undefined) {
      place = { number: 0, holder: null, isUp: false };
      places.set(device, place);
    }
    return place;
  }

  function free(id: string): void {
    for (const place of places.values()) {
      if (place.holder !== id) continue;
      place.number += 1;
      place.holder = null;
      place.isUp = false;
    }
  }

  function end(id: string): void {
    seats.delete(id);
    free(id);
  }

  async function claimOf(device: string, number: number): Promise<Claim> {
    const place = await placeOf(device);
    return { number, stream: place?.stream ?? null, acked: place?.acked ?? 0 };
  }

  function memberOf(id: string): Member {
    return {
      id,

      async renew(facts) {
        await check();
        const now = monotonic();
        const seat = seats.get(id);
        if (seat === undefined) return null;
        seat.facts = facts;
        seat.until = now + seat.leaseMs;
        const ended = [...seats].filter(([, { until }]) => until < now).map(([other]) => other);
        for (const other of ended) end(other);
        return { instances: [...seats].map(([other, of]) => ({ id: other, facts: of.facts })), ended };
      },

      async leave() {
        end(id);
      },

      async claim(device) {
        await check();
        const place = placeIn(device);
        place.number += 1;
        place.holder = id;
        place.isUp = true;
        return claimOf(device, place.number);
      },

      async claimFree(devices) {
        await check();
        const claims = new Map<string, Claim>();
        for (const device of devices) {
          const place = placeIn(device);
          if (place.isUp) continue;
          place.number += 1;
          place.holder = id;
          claims.set(device, await claimOf(device, place.number));
        }
        return claims;
      },

      async release(device, claim) {
        const place = places.get(device);
        if (place?.holder === id && place.number === claim) place.isUp = false;
      },

      async links() {
        await check();
        return [...places].flatMap(([device, { number, holder, isUp }]) =>
          isUp && holder !== null ? [{ device, instance: holder, claim: number }] : [],
        );
      },

      async publish(texts, to) {
        await check();
        for (const [other, { listeners }] of seats) {
          if (other === id || (to !== undefined && other !== to)) continue;
          for (const listener of listeners) {
            for (const text of texts) queueMicrotask(() => listener.message({ from: id, text, lagMs: 0 }));
          }
        }
      },

      async listen(listener) {
        await check();
        seats.get(id)?.listeners.add(listener);
        return {
          async stop() {
            seats.get(id)?.listeners.delete(listener);
          },
        };
      },

      async claimJob(name, { everyMs, forMs, now: isWanted = false }) {
        await check();
        const now = monotonic();
        const known = jobs.get(name);
        if (known !== undefined) {
          if (known.runningUntil > now) return null;
          const dueAt = known.holder === id ? known.ownDueAt : known.dueAt;
          if (!isWanted && dueAt > now) return null;
        }
        const run = randomUUID();
        const until = now + forMs;
        jobs.set(name, { holder: id, run, runningUntil: until, ownDueAt: until, dueAt: until });
        const mine = (): JobState | null => {
          const job = jobs.get(name);
          return job?.run === run ? job : null;
        };
        return {
          async extend() {
            const job = mine();
            if (job === null) return false;
            job.runningUntil = monotonic() + forMs;
            job.ownDueAt = job.runningUntil;
            job.dueAt = job.runningUntil;
            return true;
          },
          async done() {
            const job = mine();
            if (job === null) return;
            job.runningUntil = 0;
            job.ownDueAt = now + everyMs * JOB_DUE.own;
            job.dueAt = now + everyMs * JOB_DUE.others;
          },
        } satisfies JobClaim;
      },
    };
  }

  return {
    isShared: false,
    isCurrent: (device, claim) => places.get(device)?.number === claim,

    async join({ leaseMs, facts }) {
      await check();
      const id = randomUUID();
      seats.set(id, { facts, leaseMs, until: monotonic() + leaseMs, listeners: new Set() });
      return memberOf(id);
    },
  };
}
