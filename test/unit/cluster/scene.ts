import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Cluster, type Hears, type LiveNews } from '../../../collector/cluster/cluster.ts';
import type { Stale } from '../../../collector/cluster/news.ts';
import type { HotDevice } from '../../../collector/fleet/hot-device.ts';
import { HotFleet } from '../../../collector/fleet/hot-fleet.ts';
import type { Viewer } from '../../../collector/socket/watching.ts';
import type { Member, Cluster as StoreCluster } from '../../../collector/store/cluster.ts';
import { openSqliteStore, type SqliteStore } from '../../../collector/store/sqlite/sqlite-store.ts';
import type { FleetRow } from '../../../shared/api/schemas.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { ToDevice } from '../../../shared/protocol/to-device.ts';
import { newDevice } from '../../support/store-facts.ts';

export const NOW = 1_800_000_000_000;

/** One of several collectors: its part in the cluster, its fleet, and what it was told. */
export interface Collector {
  readonly cluster: Cluster;
  readonly hot: HotFleet;
  readonly rows: FleetRow[];
  readonly changed: string[];
  readonly live: LiveNews[];
  readonly watched: { collector: string; device: string; viewers: readonly Viewer[] }[];
  readonly given: { device: string; frame: ToDevice }[];
  readonly superseded: string[];
  readonly reloaded: string[];
  readonly stale: Stale[];
  readonly observed: { observed: readonly string[]; gone: readonly string[] }[];
  readonly ended: string[];
  readonly cut: string[];
  readonly problems: Problem[];
  /** How often everything was read again, and how often the lease was only found again. */
  readonly again: { reads: number; backs: number };
  /** Devices that are connected here, as `give` finds them. */
  readonly connected: Set<string>;
  /** Each instance it has been, as the store knows it. */
  readonly members: Member[];
  /** While true no renewal comes through. */
  readonly trouble: { isAway: boolean };
  /** Added to the clock of its lease, milliseconds. */
  readonly clock: { ahead: number };
  device(id: string): HotDevice;
  /** The device connects here. */
  connect(id: string): Promise<HotDevice>;
}

export interface Scene {
  readonly store: SqliteStore;
  /** Starts another collector on the store. */
  collector(options?: { leaseMs?: number }): Promise<Collector>;
}

/** Collectors in one process on one store. The store's own promises are those of the contract suite. */
export async function scene(...ids: string[]): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'trayline-many-'));
  const store = await openSqliteStore({ folder });
  const collectors: Cluster[] = [];
  onTestFinished(async () => {
    for (const cluster of collectors) await cluster.stop();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  for (const id of ids) await store.addDevice(newDevice(id));
  return {
    store,
    async collector({ leaseMs = 600_000 } = {}) {
      const hot = new HotFleet(store, () => NOW);
      const told: Omit<Collector, 'cluster' | 'hot' | 'device' | 'connect'> = {
        ...{ rows: [], changed: [], live: [], watched: [], given: [], superseded: [], reloaded: [] },
        ...{ stale: [], observed: [], ended: [], cut: [], problems: [] },
        again: { reads: 0, backs: 0 },
        connected: new Set(),
        clock: { ahead: 0 },
        members: [],
        trouble: { isAway: false },
      };
      // As if other processes could open it.
      const shared: StoreCluster = {
        isShared: true,
        async join(terms) {
          const member = await store.cluster.join(terms);
          told.members.push(member);
          return {
            ...member,
            async renew(facts) {
              if (told.trouble.isAway) throw new Problem('store-unavailable', 'as the test says');
              return member.renew(facts);
            },
          };
        },
      };
      const hears: Hears = {
        rows(rows, changed) {
          told.rows.push(...rows);
          told.changed.push(...changed);
        },
        live: news => told.live.push(news),
        watched: (collector, device, viewers) => told.watched.push({ collector, device, viewers }),
        give(device, frame) {
          if (!told.connected.has(device)) return false;
          told.given.push({ device, frame });
          return true;
        },
        superseded: ({ id }) => told.superseded.push(id),
        async reload(devices) {
          told.reloaded.push(...devices);
          await hot.loadMany(devices);
        },
        stale: async what => void told.stale.push(what),
        help: async device => void told.reloaded.push(`help of ${device}`),
        observed: async (_account, observed, gone) => void told.observed.push({ observed, gone }),
        ended: collector => told.ended.push(collector),
        tellWatches: () => undefined,
        cut: why => told.cut.push(why),
        back() {
          told.again.backs += 1;
        },
        async readAgain() {
          told.again.reads += 1;
          await hot.readAgain();
        },
        seen: () => undefined,
        lag: () => undefined,
      };
      const cluster = new Cluster({
        ...{ store: shared, hot, hears, leaseMs },
        monotonic: () => performance.now() + told.clock.ahead,
        facts: () => ({}),
        onTrouble: problem => told.problems.push(problem),
      });
      collectors.push(cluster);
      await cluster.start();
      await hot.loadAll();
      await cluster.ready();
      const device = (id: string): HotDevice => {
        const found = hot.get(id);
        if (found === null) throw new Error(`no device ${id}`);
        return found;
      };
      return {
        ...told,
        cluster,
        hot,
        device,
        async connect(id) {
          const one = device(id);
          await cluster.claim(one);
          one.connected = true;
          one.lastSeen = NOW;
          told.connected.add(id);
          hot.show(one);
          cluster.rowChanged(one);
          return one;
        },
      };
    },
  };
}
