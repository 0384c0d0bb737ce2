import { agentSettings } from '../../../shared/device/agent-settings.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { Store } from '../store.ts';
import type { Mongo } from './connect.ts';
import type { AgentSettingsDoc } from './documents.ts';
import { isTaken } from './problems.ts';
import type { Models } from './schema.ts';

/** `_id` of the one document. */
const ALL = 'all';

export function agentSettingsOf(
  { run, again }: Mongo,
  { agentSettings: model }: Models,
): Pick<Store, 'getAgentSettings' | 'setAgentSettings'> {
  return {
    getAgentSettings() {
      return run(async () => {
        const doc = await again(() => model.findById(ALL).lean<AgentSettingsDoc>());
        if (doc === null) return null;
        // Checked: it is sent to every device, and a damaged one must not look like "nothing is set".
        const settings = agentSettings.safeParse(parsed(doc.settings));
        if (!settings.success) {
          throw new Problem('store-unavailable', 'what agents are told cannot be read from the store');
        }
        const { hash, changedAt, changedBy } = doc;
        return { settings: settings.data, hash, changedAt, changedBy };
      });
    },

    setAgentSettings({ settings, hash, changedAt, changedBy }, replaces) {
      return run(async () => {
        const doc = { settings: JSON.stringify(settings), hash, changedAt, changedBy };
        if (replaces !== null) {
          const { matchedCount } = await model.replaceOne({ _id: ALL, hash: replaces }, doc);
          return matchedCount > 0;
        }
        try {
          await model.create([{ _id: ALL, ...doc }]);
          return true;
        } catch (error) {
          if (isTaken(error)) return false;
          throw error;
        }
      });
    },
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
