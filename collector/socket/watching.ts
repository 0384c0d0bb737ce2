import { LIMITS } from '../../shared/protocol/limits.ts';
import type { Watch } from '../../shared/protocol/to-device.ts';

export interface Viewer {
  readonly name: string;
  readonly since: number;
}

/** Somebody who may look: one console connection. */
export interface WatchingPage {
  readonly name: string;
}

interface Watched {
  readonly pages: Map<WatchingPage, number>;
}

/**
 * Who looks at which device live. A device samples at the high rate only while somebody looks, is told who, and is told
 * again in good time before the watch would end by itself.
 */
export class Watching {
  readonly #devices = new Map<string, Watched>();
  readonly #now: () => number;
  readonly #send: (device: string, watch: Watch) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(now: () => number, send: (device: string, watch: Watch) => void) {
    this.#now = now;
    this.#send = send;
    // At a third of the term, so that one lost renewal does not end a watch.
    this.#timer = setInterval(() => this.#renew(), LIMITS.watchMs / 3);
    this.#timer.unref();
  }

  /** true when this page was not looking at the device before. */
  start(device: string, page: WatchingPage): boolean {
    let watched = this.#devices.get(device);
    if (watched === undefined) {
      watched = { pages: new Map() };
      this.#devices.set(device, watched);
    }
    if (watched.pages.has(page)) return false;
    watched.pages.set(page, this.#now());
    this.tell(device);
    return true;
  }

  /** true when the page was looking. */
  end(device: string, page: WatchingPage): boolean {
    const watched = this.#devices.get(device);
    if (watched === undefined || !watched.pages.delete(page)) return false;
    this.tell(device);
    if (watched.pages.size === 0) this.#devices.delete(device);
    return true;
  }

  endAll(page: WatchingPage): string[] {
    const ended: string[] = [];
    for (const [device, watched] of this.#devices) if (watched.pages.has(page)) ended.push(device);
    for (const device of ended) this.end(device, page);
    return ended;
  }

  pagesOf(device: string): Iterable<WatchingPage> {
    return this.#devices.get(device)?.pages.keys() ?? [];
  }

  isWatched(device: string): boolean {
    return this.#devices.has(device);
  }

  /** One entry per person, however many pages they have open. */
  viewersOf(device: string): Viewer[] {
    const viewers = new Map<string, number>();
    for (const [page, since] of this.#devices.get(device)?.pages ?? []) {
      viewers.set(page.name, Math.min(since, viewers.get(page.name) ?? since));
    }
    return [...viewers].map(([name, since]) => ({ name, since })).slice(0, 32);
  }

  /** Tells the device how things stand; also called when it connects while somebody already looks. */
  tell(device: string): void {
    const viewers = this.viewersOf(device);
    this.#send(device, {
      type: 'watch',
      everyMs: LIMITS.watchSampleMs,
      forMs: viewers.length > 0 ? LIMITS.watchMs : 0,
      viewers,
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #renew(): void {
    for (const device of this.#devices.keys()) this.tell(device);
  }
}
