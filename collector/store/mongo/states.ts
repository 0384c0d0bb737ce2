import type { mongo } from 'mongoose';
import { type Check, readChecks } from '../checks.ts';
import type { Mongo, Session } from './connect.ts';
import type { DeviceDoc, StateDoc } from './documents.ts';
import { bare, type Models } from './schema.ts';

/** Where a device stands, parsed. `v` 0: it has never sent anything and there is no document. */
export interface State {
  readonly v: number;
  readonly stream: string | null;
  readonly acked: number;
  readonly n: number;
  readonly keyframe: number;
  readonly keyframeAt: number;
  readonly day: string | null;
  readonly dayScore: number | null;
  readonly checks: ReadonlyMap<string, Check>;
}

const NEW: State = {
  v: 0,
  stream: null,
  acked: 0,
  n: 0,
  keyframe: 0,
  keyframeAt: 0,
  day: null,
  dayScore: null,
  checks: new Map(),
};

/** Devices whose state is remembered (about 2 KiB each): those that report are the ones that report again. */
const REMEMBERED = 20_000;

/** All that is remembered of the database; nothing of it is trusted without the version it was read at. */
export interface States {
  readonly collection: mongo.Collection<StateDoc>;
  /** Which of these ids are devices. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** States as remembered or read. */
  of(ids: readonly string[]): Promise<ReadonlyMap<string, State>>;
  /**
   * Compares these drafts' devices with the store: `moved` are those whose version is another one, because somebody else has
   * written them; `taken` those whose claim is not the one they are written under any more.
   */
  compare(
    drafts: readonly {
      readonly device: string;
      readonly before: State;
      readonly claim: number | undefined;
    }[],
    session: Session,
  ): Promise<{ readonly moved: string[]; readonly taken: string[] }>;
  remember(id: string, state: State): void;
  forget(ids: readonly string[]): void;
}

export function statesOf({ db, log, again }: Mongo, models: Models): States {
  const collection = bare<StateDoc>(db, models.states);
  const devices = bare<DeviceDoc>(db, models.devices);
  const exist = new Set<string>();
  const held = new Map<string, State>();

  function remember(id: string, state: State): void {
    held.delete(id);
    if (held.size >= REMEMBERED) {
      const [oldest] = held.keys();
      if (oldest !== undefined) held.delete(oldest);
    }
    held.set(id, state);
  }

  return {
    collection,
    remember,

    async known(ids) {
      const asked = [...new Set(ids.filter(id => !exist.has(id)))];
      if (asked.length > 0) {
        const found = await again(() =>
          devices.find({ _id: { $in: asked } }, { projection: { _id: 1 } }).toArray(),
        );
        // Devices are never deleted: one that is there stays there.
        for (const { _id } of found) exist.add(_id);
      }
      return new Set(ids.filter(id => exist.has(id)));
    },

    async of(ids) {
      const states = new Map<string, State>();
      const missing: string[] = [];
      for (const id of new Set(ids)) {
        const state = held.get(id);
        if (state === undefined) missing.push(id);
        else states.set(id, state);
      }
      if (missing.length > 0) {
        const found = await again(() =>
          collection.find({ _id: { $in: missing } }, { projection: { score: 0 } }).toArray(),
        );
        const docs = new Map(found.map(doc => [doc._id, doc]));
        for (const id of missing) {
          const doc = docs.get(id);
          const state: State =
            doc === undefined || doc.v === 0
              ? NEW
              : {
                  v: doc.v,
                  stream: doc.stream,
                  acked: doc.acked,
                  n: doc.n,
                  keyframe: doc.keyframe,
                  keyframeAt: doc.keyframeAt,
                  day: doc.day ?? null,
                  dayScore: doc.dayScore ?? null,
                  checks: readChecks(doc.checks, log, id),
                };
          states.set(id, state);
          remember(id, state);
        }
      }
      return states;
    },

    async compare(drafts, session) {
      const stored = await collection
        .find(
          { _id: { $in: drafts.map(({ device }) => device) } },
          { projection: { v: 1, claim: 1 }, session },
        )
        .toArray();
      const found = new Map(stored.map(doc => [doc._id, doc]));
      const moved: string[] = [];
      const taken: string[] = [];
      for (const { device, before, claim } of drafts) {
        const { v = 0, claim: newest = 0 } = found.get(device) ?? {};
        if (claim !== undefined && claim !== newest) taken.push(device);
        else if (v !== before.v) moved.push(device);
      }
      return { moved, taken };
    },

    forget(ids) {
      for (const id of ids) held.delete(id);
    },
  };
}
