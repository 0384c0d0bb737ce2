import { agentSettings } from '../../../shared/device/agent-settings.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { Store } from '../store.ts';
import type { Database } from './database.ts';
import { number, text } from './row.ts';

/** The one row of what agents are told. */
export function agentSettingsOf(db: Database): Pick<Store, 'getAgentSettings' | 'setAgentSettings'> {
  const select = db.prepare('SELECT * FROM agent_settings');
  const put = db.prepare(
    'REPLACE INTO agent_settings (one, settings, hash, changed_at, changed_by) VALUES (1, ?, ?, ?, ?)',
  );
  return {
    getAgentSettings() {
      return db.read(() => {
        const row = select.get();
        if (row === undefined) return null;
        // Checked: it is sent to every device, and a damaged one must not look like "nothing is set".
        const settings = agentSettings.safeParse(parsed(text(row, 'settings')));
        if (!settings.success) {
          throw new Problem('store-unavailable', 'what agents are told cannot be read from the store');
        }
        return {
          settings: settings.data,
          hash: text(row, 'hash'),
          changedAt: number(row, 'changed_at'),
          changedBy: text(row, 'changed_by'),
        };
      });
    },

    setAgentSettings({ settings, hash, changedAt, changedBy }, replaces) {
      return db.write(() => {
        const row = select.get();
        if ((row === undefined ? null : text(row, 'hash')) !== replaces) return false;
        put.run(JSON.stringify(settings), hash, changedAt, changedBy);
        return true;
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
