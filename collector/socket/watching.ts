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

/** Who looks at a device on another collector, and until when that holds unless it is said again (monotonic ms). */
interface WatchedElsewhere {
  readonly viewers: readonly Viewer[];
  readonly until: number;
}

export interface WatchingOptions {
  readonly now: () => number;
  readonly monotonic: () => number;
  /** To the device, if it is connected here. */
  readonly send: (device: string, watch: Watch) => void;
  /** Who looks at it here, for the other collectors; nobody: it has ended. */
  readonly tellOthers: (device: string, viewers: readonly Viewer[]) => void;
}

/** A watch on another collector outlives one lost renewal. */
const ELSEWHERE_MS = LIMITS.watchMs;

/**
 * Who looks at which device live, here and on other collectors. A device samples at the high rate only while somebody looks,
 * is told who, and is told again in good time before the watch would end by itself.
 */
export class Watching {
  readonly #devices = new Map<string, Watched>();
  /** By device, then by collector. */
  readonly #elsewhere = new Map<string, Map<string, WatchedElsewhere>>();
  readonly #options: WatchingOptions;
  readonly #timer: NodeJS.Timeout;

  constructor(options: WatchingOptions) {
    this.#options = options;
    // At a third of the term, so that one lost renewal does not end a watch.
    this.#timer = setInterval(() => this.renew(), LIMITS.watchMs / 3);
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
    watched.pages.set(page, this.#options.now());
    this.#changed(device);
    return true;
  }

  /** true when the page was looking. */
  end(device: string, page: WatchingPage): boolean {
    const watched = this.#devices.get(device);
    if (watched === undefined || !watched.pages.delete(page)) return false;
    this.#changed(device);
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

  /** Does a page of this collector show it? */
  isWatched(device: string): boolean {
    return this.#devices.has(device);
  }

  /** Does a page of another collector show it? */
  isWatchedElsewhere(device: string): boolean {
    return this.#elsewhere.size > 0 && this.#viewersElsewhere(device).next().done !== true;
  }

  /** Another collector says who looks at a device there. */
  elsewhere(collector: string, device: string, viewers: readonly Viewer[]): void {
    const known = this.#elsewhere.get(device) ?? new Map<string, WatchedElsewhere>();
    if (viewers.length === 0) known.delete(collector);
    else known.set(collector, { viewers, until: this.#options.monotonic() + ELSEWHERE_MS });
    if (known.size === 0) this.#elsewhere.delete(device);
    else this.#elsewhere.set(device, known);
    this.tell(device);
  }

  /** A collector has ended, and whoever looked there looks no more. */
  ended(collector: string): void {
    for (const [device, known] of [...this.#elsewhere]) {
      if (known.has(collector)) this.elsewhere(collector, device, []);
    }
  }

  /** One entry per person, however many pages they have open, on this collector and on others. */
  viewersOf(device: string): Viewer[] {
    const viewers = new Map<string, number>();
    const add = ({ name, since }: Viewer): void => {
      viewers.set(name, Math.min(since, viewers.get(name) ?? since));
    };
    for (const viewer of this.#viewersHere(device)) add(viewer);
    for (const viewer of this.#viewersElsewhere(device)) add(viewer);
    return [...viewers].map(([name, since]) => ({ name, since })).slice(0, 32);
  }

  /** Tells the device how things stand; also called when it connects while somebody already looks. */
  tell(device: string): void {
    const viewers = this.viewersOf(device);
    this.#options.send(device, {
      type: 'watch',
      everyMs: LIMITS.watchSampleMs,
      forMs: viewers.length > 0 ? LIMITS.watchMs : 0,
      viewers,
    });
  }

  /** Says once more who looks at what, to the devices and to the other collectors. */
  renew(): void {
    const now = this.#options.monotonic();
    for (const [device, known] of [...this.#elsewhere]) {
      for (const [collector, { until }] of known) if (until <= now) known.delete(collector);
      if (known.size === 0) this.#elsewhere.delete(device);
      if (!this.#devices.has(device)) this.tell(device);
    }
    for (const device of this.#devices.keys()) this.#changed(device);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #changed(device: string): void {
    this.tell(device);
    this.#options.tellOthers(device, [...this.#viewersHere(device)].slice(0, 32));
  }

  *#viewersHere(device: string): Generator<Viewer> {
    for (const [page, since] of this.#devices.get(device)?.pages ?? []) yield { name: page.name, since };
  }

  *#viewersElsewhere(device: string): Generator<Viewer> {
    const now = this.#options.monotonic();
    for (const { viewers, until } of this.#elsewhere.get(device)?.values() ?? []) {
      if (until > now) yield* viewers;
    }
  }
}
