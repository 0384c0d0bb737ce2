import type { FrameKind, OutboxBounds } from './outbox.ts';

/** One held frame; `place` is where its body is. */
export interface Entry<Place> {
  readonly seq: number;
  readonly kind: FrameKind;
  readonly bytes: number;
  place: Place;
}

const isState = (kind: FrameKind): boolean => kind === 'snapshot' || kind === 'delta';

/** The order of held frames and the choice of what a full outbox gives up; where bodies are kept is the caller's matter. */
export class Queue<Place> {
  #entries: Entry<Place>[] = [];
  #bytes = 0;

  get entries(): readonly Entry<Place>[] {
    return this.#entries;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(entry: Entry<Place>): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  #indexAfter(seq: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = this.#entries[middle];
      if (entry !== undefined && entry.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  after(seq: number): Entry<Place> | null {
    return this.#entries[this.#indexAfter(seq)] ?? null;
  }

  /** Takes out everything up to and including `seq`. */
  takeUpTo(seq: number): Entry<Place>[] {
    const taken = this.#entries.splice(0, this.#indexAfter(seq));
    for (const entry of taken) this.#bytes -= entry.bytes;
    return taken;
  }

  take(entries: ReadonlySet<Entry<Place>>): void {
    if (entries.size === 0) return;
    this.#entries = this.#entries.filter(entry => !entries.has(entry));
    for (const entry of entries) this.#bytes -= entry.bytes;
  }

  clear(): Entry<Place>[] {
    return this.takeUpTo(Number.MAX_SAFE_INTEGER);
  }

  pendingState(): Entry<Place>[] {
    const last = this.#entries.findLastIndex(entry => entry.kind === 'snapshot');
    return this.#entries.slice(Math.max(0, last)).filter(entry => isState(entry.kind));
  }

  /**
   * Takes out what must go for the rest to fit: state that a later snapshot replaces, then the oldest samples, the oldest
   * events, the oldest state, and last what a person wrote. The newest frame always stays.
   */
  trim({ maxBytes, maxFrames }: OutboxBounds): Entry<Place>[] {
    if (this.#bytes <= maxBytes && this.#entries.length <= maxFrames) return [];
    const newest = this.#entries.at(-1);
    const lastSnapshot = this.#entries.findLast(entry => entry.kind === 'snapshot')?.seq ?? 0;
    const ranks: ((entry: Entry<Place>) => boolean)[] = [
      entry => isState(entry.kind) && entry.seq < lastSnapshot,
      entry => entry.kind === 'samples',
      entry => entry.kind === 'events',
      entry => isState(entry.kind),
      () => true,
    ];
    const gone = new Set<Entry<Place>>();
    let bytes = this.#bytes;
    let count = this.#entries.length;
    for (const rank of ranks) {
      for (const entry of this.#entries) {
        if (bytes <= maxBytes && count <= maxFrames) break;
        if (entry === newest || gone.has(entry) || !rank(entry)) continue;
        gone.add(entry);
        bytes -= entry.bytes;
        count -= 1;
      }
    }
    this.take(gone);
    return [...gone];
  }
}
