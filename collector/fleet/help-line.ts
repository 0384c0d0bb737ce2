import type { HelpStanding } from '../../shared/device/help.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import type { HelpStandings } from '../../shared/protocol/to-device.ts';
import type { HelpMove, HelpTaken, StoredHelp } from '../store/help.ts';
import type { Store } from '../store/store.ts';

/*
 * The line of requests to IT between devices and the faces: a device is told how its requests stand, the pages that something
 * has changed. The requests themselves are in the store; nothing of them is kept here but how many wait.
 */

export interface HelpLineOptions {
  readonly store: Pick<Store, 'getHelp' | 'listHelpOf' | 'moveHelp' | 'countHelp'>;
  readonly now: () => number;
  /** To a device, if it is connected. */
  readonly send: (device: string, frame: HelpStandings) => void;
  /** Something about a device's requests was stored here; the other collectors do not know yet. */
  readonly tellOthers?: (device: string) => void;
  /** Something about a device's requests is new, and so many of the fleet wait now. */
  readonly onChanged: (device: string, waiting: number) => void;
}

export class HelpLine {
  readonly #options: HelpLineOptions;

  constructor(options: HelpLineOptions) {
    this.#options = options;
  }

  /** A device's people asked or took back, and it is stored: the device is told what became of it. */
  async taken(device: string, taken: readonly HelpTaken[]): Promise<void> {
    const refused = taken.filter(({ outcome }) => outcome === 'too-many').map(({ id }) => id);
    const others = taken.filter(({ id }) => !refused.includes(id)).map(({ id }) => id);
    await this.#tell(device, others, refused);
    if (!taken.some(({ outcome }) => outcome === 'taken')) return;
    this.#options.tellOthers?.(device);
    await this.#changed(device);
  }

  /** A device that has connected asks how these stand. */
  async asked(device: string, ids: readonly string[]): Promise<void> {
    await this.#tell(device, ids, []);
  }

  /** Somebody of IT does something with a request; the device is told. */
  async move(device: string, id: string, move: HelpMove): Promise<StoredHelp | 'not-found' | 'conflict'> {
    const moved = await this.#options.store.moveHelp(device, id, move);
    if (typeof moved === 'string') return moved;
    this.#options.send(device, { type: 'help', requests: [standingOf(moved)] });
    this.#options.tellOthers?.(device);
    await this.#changed(device);
    return moved;
  }

  /** Another collector has stored something about this device's requests: whoever is connected here is told. */
  async changedElsewhere(device: string): Promise<void> {
    const latest = await this.#options.store.listHelpOf(device, LIMITS.helpRows);
    this.#options.send(device, { type: 'help', requests: latest.map(standingOf) });
    await this.#changed(device);
  }

  async #changed(device: string): Promise<void> {
    this.#options.onChanged(device, await this.#options.store.countHelp());
  }

  async #tell(device: string, ids: readonly string[], refused: readonly string[]): Promise<void> {
    const { store, now, send } = this.#options;
    const none = { by: null, answer: null } as const;
    const standings: HelpStanding[] = refused.map(id => ({
      ...{ id, state: 'refused', at: now(), ...none, code: 'help-too-many' },
    }));
    for (const id of new Set(ids)) {
      const help = await store.getHelp(device, id);
      standings.push(help === null ? { id, state: 'unknown', at: now(), ...none } : standingOf(help));
    }
    for (let at = 0; at < standings.length; at += LIMITS.helpRows) {
      send(device, { type: 'help', requests: standings.slice(at, at + LIMITS.helpRows) });
    }
  }
}

function standingOf({ id, state, changedAt, steps, answer }: StoredHelp): HelpStanding {
  return { id, state, at: changedAt, by: steps.at(-1)?.by ?? null, answer };
}
