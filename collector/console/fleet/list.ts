import type { FleetRow } from '../../../shared/api/schemas.ts';
import { DEVICE_STATE_ORDER, PRESENCE_ORDER } from '../parts/state-order.ts';
import { type Entry, entryOf, hayOf, parseQuery, type Query } from './query.ts';
import { compareKeys, DEFAULT_SORT, type Sort, sortKey } from './sort.ts';

export const SCORE_BINS = 20;

/** Numbers over the whole fleet, whatever is filtered. */
export interface Counts {
  readonly total: number;
  readonly states: Readonly<Record<FleetRow['state'], number>>;
  readonly presence: Readonly<Record<FleetRow['presence'], number>>;
  /** Devices per 5 points of score. */
  readonly bins: readonly number[];
  readonly unscored: number;
}

/**
 * The fleet as a list somebody reads. Values change in place; the order and who is in it change only when the reader
 * asks (`show`), edits the filter or sorts. What would move, come or go in between is `pending`.
 */
export class FleetList {
  readonly #entries = new Map<string, Entry>();
  /** Everything in the current order; nearly sorted input sorts in about linear time, so it is kept and sorted again. */
  #sorted: Entry[] = [];
  #sortedIsOld = false;
  #view: Entry[] = [];
  /** Null: the view is the whole fleet, and its bins are those of the counts. */
  #viewBins: readonly number[] | null = null;
  /** Number of the current view; an entry with the same number stands in it. */
  #made = 0;
  #pending = new Set<string>();
  /** Left the fleet and still stand in the view. */
  #gone = new Map<string, Entry>();
  #query: Query = parseQuery('');
  #sort: Sort = DEFAULT_SORT;
  #counts: Counts | null = null;
  /** Ids of a whole fleet that is just arriving; what is not among them by its end is gone. */
  #arriving: Set<string> | null = null;
  #complete = false;

  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Rows as they are shown. Not to be changed. */
  get view(): readonly Entry[] {
    return this.#view;
  }
  /** Devices per 5 points of score among the rows shown, as they were when the list was made. */
  get bins(): readonly number[] {
    return this.#viewBins ?? this.counts().bins;
  }
  get size(): number {
    return this.#entries.size;
  }
  /** Has a whole fleet arrived since the last connection? */
  get complete(): boolean {
    return this.#complete;
  }
  get query(): Query {
    return this.#query;
  }
  get sort(): Sort {
    return this.#sort;
  }
  /** How many rows would move, come or go if the list were made anew. */
  get pending(): number {
    return this.#pending.size;
  }
  isPending(id: string): boolean {
    return this.#pending.has(id);
  }
  isGone(id: string): boolean {
    return this.#gone.has(id);
  }
  get(id: string): FleetRow | undefined {
    return this.#entries.get(id)?.row;
  }
  positionOf(id: string): number | undefined {
    const entry = this.#entries.get(id) ?? this.#gone.get(id);
    return entry?.list === this.#made ? entry.position : undefined;
  }

  /** The first `limit` devices whose name, person, model or id contains `text` (lower case). */
  find(text: string, limit: number): FleetRow[] {
    const found: FleetRow[] = [];
    for (const entry of this.#entries.values()) {
      if (!entry.hay.includes(text)) continue;
      found.push(entry.row);
      if (found.length === limit) break;
    }
    return found;
  }

  setView(query: Query, sort: Sort): void {
    const sameOrder = sort.by === this.#sort.by && sort.descending === this.#sort.descending;
    this.#query = query;
    this.#sort = sort;
    if (!sameOrder) this.#sortedIsOld = true;
    this.show();
  }

  /** Makes the list anew: nothing is pending afterwards. */
  show(): void {
    if (this.#gone.size > 0) {
      this.#sorted = this.#sorted.filter(entry => !this.#gone.has(entry.id));
      this.#gone.clear();
    }
    this.#order();
    const now = this.#now();
    const query = this.#query;
    const view: Entry[] = [];
    const bins = query.empty ? null : new Array<number>(SCORE_BINS).fill(0);
    this.#made += 1;
    // One pass does it all: over 100,000 rows fetching each from memory is what costs, not what is done with it.
    for (const entry of this.#sorted) {
      if (bins !== null) {
        if (!query.matches(entry, now)) continue;
        count(bins, entry.row.score);
      }
      entry.position = view.length;
      entry.list = this.#made;
      view.push(entry);
    }
    this.#view = view;
    this.#viewBins = bins;
    this.#pending.clear();
  }

  /** A part of the whole fleet, after connecting. */
  arrive(rows: readonly FleetRow[], done: boolean): void {
    if (this.#arriving === null) {
      this.#arriving = new Set();
      this.#complete = false;
    }
    const first = this.#view.length === 0;
    for (const row of rows) {
      this.#arriving.add(row.id);
      this.#put(row);
    }
    if (done) {
      const gone = [...this.#entries.keys()].filter(id => !this.#arriving?.has(id));
      this.#remove(gone);
      this.#arriving = null;
      this.#complete = true;
    }
    this.#counts = null;
    // Nobody reads a list that is still filling: the first screen and the whole are shown as they come.
    if (first || done) this.show();
  }

  /** Changed rows and ids that are gone. */
  change(rows: readonly FleetRow[], gone: readonly string[]): void {
    this.#counts = null;
    const now = this.#now();
    for (const row of rows) {
      const before = this.#entries.get(row.id);
      const keyBefore = before ? sortKey(before.row, this.#sort.by) : null;
      const entry = this.#put(row);
      const position = this.positionOf(row.id);
      const belongs = this.#query.empty || this.#query.matches(entry, now);
      if ((position !== undefined) !== belongs) {
        this.#pending.add(row.id);
      } else if (position !== undefined && keyBefore !== sortKey(row, this.#sort.by)) {
        if (this.#inPlace(position, entry)) this.#pending.delete(row.id);
        else this.#pending.add(row.id);
      } else if (position === undefined) {
        this.#pending.delete(row.id);
      }
    }
    this.#remove(gone);
    // An empty page has nothing that could jump.
    if (this.#view.length === 0 && this.#pending.size > 0) this.show();
  }

  /** Counts over the whole fleet; made once per change. */
  counts(): Counts {
    if (this.#counts) return this.#counts;
    const states = { well: 0, attention: 0, 'will-block': 0, blocked: 0, unknown: 0 };
    const presence = { live: 0, stale: 0, silent: 0 };
    for (const state of DEVICE_STATE_ORDER) states[state] = 0;
    for (const one of PRESENCE_ORDER) presence[one] = 0;
    const bins = new Array<number>(SCORE_BINS).fill(0);
    let unscored = 0;
    for (const { row } of this.#entries.values()) {
      states[row.state] += 1;
      presence[row.presence] += 1;
      if (!count(bins, row.score)) unscored += 1;
    }
    this.#counts = { total: this.#entries.size, states, presence, bins, unscored };
    return this.#counts;
  }

  #put(row: FleetRow): Entry {
    const known = this.#entries.get(row.id);
    if (known) {
      if (known.row.name !== row.name || known.row.person !== row.person || known.row.model !== row.model) {
        known.hay = hayOf(row);
      }
      if (known.row !== row && sortKey(known.row, this.#sort.by) !== sortKey(row, this.#sort.by)) {
        this.#sortedIsOld = true;
      }
      known.row = row;
      return known;
    }
    const entry = entryOf(row);
    this.#entries.set(row.id, entry);
    // It was gone and has come back before anybody looked: the old line must not be there twice.
    if (this.#gone.delete(row.id)) this.#sorted = this.#sorted.filter(old => old.id !== row.id);
    this.#sorted.push(entry);
    this.#sortedIsOld = true;
    return entry;
  }

  #remove(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (!entry) continue;
      this.#entries.delete(id);
      this.#gone.set(id, entry);
      if (this.positionOf(id) === undefined) this.#pending.delete(id);
      else this.#pending.add(id);
    }
  }

  #inPlace(position: number, entry: Entry): boolean {
    const key = sortKey(entry.row, this.#sort.by);
    const above = this.#view[position - 1];
    const below = this.#view[position + 1];
    const order = (one: Entry) => sortKey(one.row, this.#sort.by);
    return (
      (above === undefined || compareKeys(order(above), key, this.#sort.descending) <= 0) &&
      (below === undefined || compareKeys(key, order(below), this.#sort.descending) <= 0)
    );
  }

  #order(): void {
    if (!this.#sortedIsOld) return;
    const { by, descending } = this.#sort;
    const keyed = this.#sorted.map(entry => ({ entry, key: sortKey(entry.row, by) }));
    keyed.sort((one, other) => compareKeys(one.key, other.key, descending));
    this.#sorted = keyed.map(({ entry }) => entry);
    this.#sortedIsOld = false;
  }
}

/** Puts a score into its bin; false when there is none. */
function count(bins: number[], score: number | null): boolean {
  if (score === null) return false;
  const bin = Math.min(SCORE_BINS - 1, Math.floor((score / 100) * SCORE_BINS));
  bins[bin] = (bins[bin] ?? 0) + 1;
  return true;
}
