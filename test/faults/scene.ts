import { randomBytes } from 'node:crypto';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { type Kept, keptInFolder, keptInMongo } from '../support/kept.ts';
import type { ReplicaSet } from '../support/mongod.ts';
import { type Compared, type Streaming, startStreaming } from '../support/streaming.ts';

export type StoreName = 'sqlite' | 'mongodb';

/** Where a fault happens. */
export interface Scene {
  readonly store: StoreName;
  /** The full counts instead of the short ones. */
  readonly long: boolean;
  /** MongoDB's servers: one, or three for faults of the database itself; null with SQLite. */
  readonly servers: ReplicaSet | null;
  /** What is going on, for whoever watches a long run. */
  tell(what: string): void;
}

/** What a fault did: readings counted, and the longest time until everything went on. */
export interface Outcome extends Compared {
  /** Milliseconds. */
  readonly recoverMs: number;
}

/** A way things go wrong. Throws when it could not be brought about, or when something else broke than it breaks itself. */
export interface Fault {
  readonly name: string;
  readonly what: string;
  /** Left out: both. */
  readonly store?: StoreName;
  /** Members of the replica set it needs. */
  readonly members?: number;
  run(scene: Scene): Promise<Outcome>;
}

/** A short run repeats its fault no longer than this: the whole must be over in minutes, on a busy machine with less in it. */
export const SHORT_MS = 9000;

/** 1, 2, 3… as often as the scene says, at least twice; told in the end. */
export function* times(
  scene: Scene,
  count: { readonly short: number; readonly long: number },
): Iterable<number> {
  const from = performance.now();
  const wanted = scene.long ? count.long : count.short;
  let done = 0;
  while (done < wanted && (scene.long || done < 2 || performance.now() - from < SHORT_MS)) {
    done += 1;
    yield done;
  }
  scene.tell(`${done} times`);
}

/** A collector on the scene's store, and how to look at what it has kept once it is over. */
export interface Site {
  readonly collector: CollectorProcess;
  readonly token: string;
  kept(): Promise<Kept>;
}

export async function openSite({ servers }: Scene, env: Record<string, string> = {}): Promise<Site> {
  const url = servers?.url(`faults-${randomBytes(6).toString('hex')}`);
  const collector = await startCollector({
    env: { ...env, ...(url === undefined ? {} : { TRAYLINE_STORE: url }) },
  });
  const { secret: token } = await collector.admin.enrolmentToken();
  return {
    collector,
    token,
    async kept() {
      await collector.stop();
      return url === undefined ? keptInFolder(collector.dataDir) : keptInMongo(url);
    },
  };
}

/** Devices that stream to a site without a pause; `url` when there is something in between. */
export function stream(
  { collector, token }: Site,
  { devices = 6, url = collector.url }: { devices?: number; url?: string } = {},
): Promise<Streaming> {
  return startStreaming({ url, token, devices, changeEvery: 10 });
}

/** Lets everything arrive, stops the collector and compares. */
export async function settle(site: Site, streaming: Streaming, recoverMs: number): Promise<Outcome> {
  await streaming.stop();
  for (const device of streaming.devices) await device.leave();
  await streaming.core.agent.stop('stopping');
  return { ...(await streaming.compare(await site.kept())), recoverMs: Math.round(recoverMs) };
}
