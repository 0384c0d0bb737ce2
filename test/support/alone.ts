import { Cluster, type Hears } from '../../collector/cluster/cluster.ts';
import type { HotFleet } from '../../collector/fleet/hot-fleet.ts';
import type { Store } from '../../collector/store/store.ts';

/** The only collector on a store: nobody is there to be heard. */
export async function aloneOn(store: Store, hot: HotFleet): Promise<Cluster> {
  const nobody = (): never => {
    throw new Error('nobody else is there');
  };
  const hears: Hears = {
    ...{ rows: nobody, live: nobody, watched: nobody, give: nobody, superseded: nobody, reload: nobody },
    ...{ stale: nobody, help: nobody, observed: nobody, ended: nobody, tellWatches: nobody, cut: nobody },
    ...{ back: nobody, readAgain: nobody, lag: nobody },
    seen: () => undefined,
  };
  const cluster = new Cluster({
    ...{ store: store.cluster, hot, hears, leaseMs: 30_000, facts: () => ({}), onTrouble: nobody },
    monotonic: () => performance.now(),
  });
  await cluster.start();
  await cluster.ready();
  return cluster;
}
