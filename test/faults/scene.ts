import { randomBytes } from 'node:crypto';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { eventually } from '../support/eventually.ts';
import { type Kept, keptInFolder, keptInMongo, type Spoiling } from '../support/kept.ts';
import type { ReplicaSet } from '../support/mongod.ts';
import { type Compared, type Streaming, startStreaming } from '../support/streaming.ts';

export type StoreName = 'sqlite' | 'mongodb';

/** Where a fault happens. */
export interface Scene {
  readonly store: StoreName;
  /** The full counts instead of the short ones. */
  readonly long: boolean;
  /** A fault is not begun again after this, milliseconds. */
  readonly budgetMs: number;
  /** Numbers in [0, 1), the same ones for the same seed. */
  readonly random: () => number;
  /** The number that `random` began with. */
  readonly seed: number;
  /** Done to what is stored before it is counted; null: nothing. */
  readonly spoiling: Spoiling | null;
  /** The program of MongoDB's server. @throws with SQLite */
  mongod(): string;
  /** MongoDB's servers that faults share: one, or three for faults of the database itself. @throws with SQLite */
  servers(members: 1 | 3): Promise<ReplicaSet>;
  /** What is going on, for whoever watches a long run. */
  tell(what: string): void;
}

/** What a fault did: readings counted, and the longest time until everything went on. */
export interface Outcome extends Compared {
  /** How often the fault was brought about: kills, jumps, frames. */
  readonly times: number;
  /** Milliseconds. */
  readonly recoverMs: number;
}

/** A way things go wrong. Throws when it could not be brought about, or when something else broke than it breaks itself. */
export interface Fault {
  readonly name: string;
  readonly what: string;
  /** Left out: both. */
  readonly store?: StoreName;
  /** It breaks the set of three servers, so that only one such fault runs at a time. */
  readonly breaksServers?: true;
  /** Why it cannot be brought about on this machine; left out or null: it can. */
  missing?(): Promise<string | null>;
  run(scene: Scene): Promise<Outcome>;
}

/** A short run begins its fault no more after this, milliseconds: the whole must be over in minutes, on a busy machine too. */
const SHORT_MS = 9000;

/** How long a fault is brought about again and again. */
export function budgetOf({ long, minutes }: { long: boolean; minutes: number | null }): number {
  if (minutes !== null) return minutes * 60_000;
  return long ? Number.POSITIVE_INFINITY : SHORT_MS;
}

/** 1, 2, 3… as often as the scene says; where that is more than once, at least twice, whatever its time. */
export function* times(
  { long, budgetMs }: Scene,
  count: { readonly short: number; readonly long: number },
): Iterable<number> {
  const from = performance.now();
  const wanted = long ? count.long : count.short;
  for (let time = 1; time <= wanted && (time <= 2 || performance.now() - from < budgetMs); time += 1) {
    yield time;
  }
}

/** A collector on the scene's store, and how to look at what it has kept once it is over. */
export interface Site {
  readonly collector: CollectorProcess;
  readonly token: string;
  /** Starts another collector on the same database. @throws with SQLite */
  another(): Promise<Another>;
  /** Stops every collector and looks. `counted`: a device whose readings are, should one have to be spoilt. */
  kept(counted: string): Promise<Kept>;
}

export interface Another {
  readonly url: string;
  /** Waits until it sees so many collectors, itself included. */
  sees(collectors: number): Promise<void>;
}

export interface SiteOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Folder of the collector's data; left out: a new one. */
  readonly dataDir?: string;
  /** Servers of its own; left out: the one that faults share. */
  readonly servers?: ReplicaSet;
  readonly clockMoves?: boolean;
}

export async function openSite(scene: Scene, options: SiteOptions = {}): Promise<Site> {
  const { env = {}, servers, ...rest } = options;
  const url =
    scene.store === 'sqlite'
      ? null
      : (servers ?? (await scene.servers(1))).url(`faults-${randomBytes(6).toString('hex')}`);
  const collector = await startCollector({
    ...rest,
    env: { ...env, ...(url === null ? {} : { TRAYLINE_STORE: url }) },
  });
  const { secret: token } = await collector.admin.enrolmentToken();
  let kept: Kept | null = null;
  const others: CollectorProcess[] = [];
  return {
    collector,
    token,
    async another() {
      if (url === null) throw new Error('SQLite has one collector');
      const other = await startCollector({ env: { ...env, TRAYLINE_STORE: url } });
      others.push(other);
      return {
        url: other.url,
        async sees(collectors) {
          const line = new RegExp(`^trayline_collectors ${collectors}$`, 'm');
          await eventually(async () => line.test(await other.metrics()), {
            what: `${collectors} collectors are seen`,
            withinMs: 60_000,
            state: () => other.log().slice(-2000),
          });
        },
      };
    },
    async kept(counted) {
      if (kept !== null) return kept;
      await Promise.all([collector, ...others].map(one => one.stop()));
      kept = url === null ? keptInFolder(collector.dataDir) : await keptInMongo(url);
      if (scene.spoiling !== null) await kept.spoil(scene.spoiling, counted);
      return kept;
    },
  };
}

/**
 * Devices that stream to a site without a pause; `url` when there is something in between, `everyMs` between two readings of
 * one.
 */
export function stream(
  { collector, token }: Site,
  {
    devices = 6,
    url = collector.url,
    everyMs = 25,
  }: { devices?: number; url?: string; everyMs?: number } = {},
): Promise<Streaming> {
  return startStreaming({ url, token, devices, everyMs, changeEvery: 10 });
}

/** Lets everything arrive, stops the collector and compares. */
export async function settle(
  site: Site,
  streaming: Streaming,
  { times, recoverMs }: { times: number; recoverMs: number },
): Promise<Outcome> {
  await streaming.stop();
  for (const device of streaming.devices) await device.leave();
  await streaming.core.agent.stop('stopping');
  const kept = await site.kept(streaming.devices[0]?.id ?? '');
  return { ...(await streaming.compare(kept)), times, recoverMs: Math.round(recoverMs) };
}
