import { createHash } from 'node:crypto';
import { type AgentSettings, NO_AGENT_SETTINGS } from '../../shared/device/agent-settings.ts';
import { encodeFrame } from '../../shared/protocol/frame.ts';
import type { Store, StoredAgentSettings } from '../store/store.ts';

/** What agents are told, as the HTTP routes see it. */
export interface AgentSettingsFace {
  /** null when nobody has ever set anything. */
  current(): StoredAgentSettings | null;
  /**
   * Stores these and tells every connected device. null, and nothing changed, when other settings than those with hash
   * `replaces` stand there now.
   */
  replace(
    settings: AgentSettings,
    by: { readonly user: string; readonly replaces: string | null },
  ): Promise<StoredAgentSettings | null>;
  /** They were changed at another collector: reads them, and tells the devices that are connected here. */
  changedElsewhere(): Promise<void>;
  /** How many devices are connected, how many of them hold what is told now, and how many of those not all of it. */
  delivery(): { connected: number; holding: number; refusing: number };
}

export interface AgentSettingsOptions {
  readonly store: Pick<Store, 'getAgentSettings' | 'setAgentSettings'>;
  readonly now: () => number;
  /** Called after they were stored or read anew: the devices must be told. */
  readonly changed: () => void;
  /** They were stored here; the other collectors do not know yet. */
  readonly tellOthers?: () => void;
  readonly delivery: (hash: string | null) => { connected: number; holding: number; refusing: number };
}

/** What agents are told, in memory and ready to send. */
export class AgentSettingsBoard implements AgentSettingsFace {
  readonly #options: AgentSettingsOptions;
  #current: StoredAgentSettings | null = null;
  #frame: Uint8Array = frameOf(null);

  constructor(options: AgentSettingsOptions) {
    this.#options = options;
  }

  /** Reads what is stored. @throws Problem `store-unavailable` */
  async load(): Promise<void> {
    this.#put(await this.#options.store.getAgentSettings());
  }

  /** Its hash and the frame that says it. */
  get told(): { readonly hash: string | null; readonly frame: Uint8Array } {
    return { hash: this.#current?.hash ?? null, frame: this.#frame };
  }

  current(): StoredAgentSettings | null {
    return this.#current;
  }

  async replace(
    settings: AgentSettings,
    { user, replaces }: { readonly user: string; readonly replaces: string | null },
  ): Promise<StoredAgentSettings | null> {
    const { store, now, changed } = this.#options;
    const next: StoredAgentSettings = {
      settings,
      hash: createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16),
      changedAt: now(),
      changedBy: user,
    };
    if (!(await store.setAgentSettings(next, replaces))) {
      // Somebody else was first, perhaps at another collector: know what stands there.
      await this.load();
      return null;
    }
    this.#put(next);
    changed();
    this.#options.tellOthers?.();
    return next;
  }

  async changedElsewhere(): Promise<void> {
    const before = this.told.hash;
    await this.load();
    if (this.told.hash !== before) this.#options.changed();
  }

  delivery(): { connected: number; holding: number; refusing: number } {
    return this.#options.delivery(this.told.hash);
  }

  #put(current: StoredAgentSettings | null): void {
    this.#current = current;
    this.#frame = frameOf(current);
  }
}

function frameOf(current: StoredAgentSettings | null): Uint8Array {
  const { values, subjects, osSupport } = current?.settings ?? NO_AGENT_SETTINGS;
  return Buffer.from(
    encodeFrame({
      type: 'settings',
      values,
      ...(subjects === null ? {} : { subjects }),
      ...(osSupport === null ? {} : { osSupport }),
      ...(current === null ? {} : { hash: current.hash }),
    }),
  );
}
