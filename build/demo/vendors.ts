import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONNECTORS } from '../../collector/connect/catalogue.ts';
import { openSecretBox, sealSettings } from '../../collector/connect/secrets.ts';
import type { Store } from '../../collector/store/store.ts';
import { NEVER_ASKED } from '../../collector/store/stored.ts';
import { type Child, startChild } from '../child.ts';
import { DEMO_SEED } from './demo-seed.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The account of the demo at each connector. */
const ACCOUNT = 'demo';
/** As who the accounts were connected. */
const BY = 'demo';

/**
 * Starts the made-up vendors as a child process and connects every connector to its own, marked as demo. Their ports are
 * other ones each time, so the accounts of the last time are replaced. The store's collector must not run yet; its key for
 * secrets is in `collectorData`.
 */
export async function startDemoVendors(
  store: Store,
  { collectorData, logFile, now = Date.now() }: { collectorData: string; logFile: string; now?: number },
): Promise<Child> {
  const child = startChild(
    'vendors',
    [join(root, 'build/demo/vendors-process.ts'), '--seed', String(DEMO_SEED)],
    { cwd: root, logFile, env: {} },
  );
  try {
    const settings = new Map(Object.entries<Record<string, unknown>>(JSON.parse(await child.firstLine)));
    const box = await openSecretBox({ dataDir: collectorData });
    const known = await store.listAccounts();
    for (const connector of CONNECTORS) {
      const own = settings.get(connector.id);
      if (own === undefined) continue;
      const before = known.find(({ connector: id, account }) => id === connector.id && account === ACCOUNT);
      const account = {
        connector: connector.id,
        account: ACCOUNT,
        label: 'Demo',
        settings: sealSettings(box, connector, ACCOUNT, connector.checkSettings(own)),
        savedAt: Math.max(now, (before?.savedAt ?? 0) + 1),
        savedBy: BY,
        demo: true,
        standing: NEVER_ASKED,
      };
      if (before === undefined) await store.addAccount(account);
      else await store.replaceAccount(account, before.savedAt);
    }
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}
