import { Problem } from '../../shared/problem/problem.ts';
import type { Http } from './http.ts';

/** More pages than any fleet has: a vendor that never ends is stopped here. */
const PAGES_MAX = 20_000;

/**
 * A listing that comes in pages. `whole` is true once it has been read to an end that the vendor vouches for: only then is
 * something that did not come no longer there.
 */
export interface Pages<Item> extends AsyncIterable<readonly Item[]> {
  readonly whole: boolean;
  /** Items read so far, repeated ones counted once where the paging can tell. */
  readonly seen: number;
}

/** `undefined` items: the vendor had no body (204), which is how some say "none". */
interface Read<Item> {
  readonly items: readonly Item[] | undefined;
  /** How many there are in all, where the vendor says. */
  readonly total?: number | undefined;
}

/** One page, and where the next is; `broken`: why it may not be gone to, thrown once the page itself has been told. */
interface Step<Item, Place> {
  readonly items: readonly Item[];
  readonly next: Place | null;
  readonly whole: boolean;
  readonly broken?: Problem;
}

class PagedList<Item, Place> implements Pages<Item> {
  whole = false;
  seen = 0;
  readonly #first: Place;
  readonly #step: (place: Place) => Promise<Step<Item, Place>>;

  constructor(first: Place, step: (place: Place) => Promise<Step<Item, Place>>) {
    this.#first = first;
    this.#step = step;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Item[]> {
    let place = this.#first;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { items, next, whole, broken } = await this.#step(place);
      this.seen += items.length;
      if (items.length > 0) yield items;
      if (broken !== undefined) throw broken;
      if (next === null) {
        this.whole = whole;
        return;
      }
      place = next;
    }
    throw endless();
  }
}

function endless(): Problem {
  return new Problem('vendor-answer', 'the listing does not end: the same page came again');
}

/**
 * Pages that name the next one by its whole address (`@odata.nextLink`, `Link: rel=next`). The link is followed as it is,
 * but only on the account's own origin; the same link twice ends the run.
 *
 * @throws Problem `vendor-redirect` for a link to another origin, `vendor-answer` for a listing without end
 */
export function pagesByLink<Item>({
  http,
  first,
  read,
}: {
  readonly http: Http;
  readonly first: URL;
  /** `next` may be relative. */
  readonly read: (url: URL) => Promise<Read<Item> & { readonly next?: string | null | undefined }>;
}): Pages<Item> {
  const followed = new Set([first.href]);
  let seen = 0;
  // Some tell the whole count on the first page only, some each page's own.
  let most = 0;
  return new PagedList<Item, URL>(first, async url => {
    const { items = [], total, next } = await read(url);
    seen += items.length;
    most = Math.max(most, total ?? 0);
    if (next === undefined || next === null || next === '') {
      return { items, next: null, whole: seen >= most };
    }
    const link = URL.parse(next, url.href);
    if (link === null || !http.isOurs(link)) {
      const where = link === null ? 'something that is no address' : link.host;
      const broken = new Problem('vendor-redirect', `the next page is said to be at ${where}`);
      return { items, next: null, whole: false, broken };
    }
    if (followed.has(link.href)) return { items, next: null, whole: false, broken: endless() };
    followed.add(link.href);
    return { items, next: link, whole: false };
  });
}

/**
 * Pages by position: `offset` counts items (ServiceNow, Citrix, Jira). Items that come twice, because the listing moved
 * underneath or because the vendor counts from one where it says zero, are left out by their id.
 */
export function pagesByOffset<Item>({
  size,
  first = 0,
  idOf,
  read,
}: {
  readonly size: number;
  readonly first?: number;
  readonly idOf: (item: Item) => string;
  readonly read: (offset: number, size: number) => Promise<Read<Item>>;
}): Pages<Item> {
  const fresh = freshOnly(idOf);
  const highest = highestTotal();
  return new PagedList<Item, number>(first, async offset => {
    const { items = [], total: said } = await read(offset, size);
    const total = highest(said);
    const added = fresh.of(items);
    // A full page of old acquaintances: the vendor ignores the offset.
    if (items.length > 0 && added.length === 0 && (total === undefined || fresh.count < total))
      throw endless();
    const isEnd = items.length === 0 || (total === undefined ? items.length < size : fresh.count >= total);
    const whole = total === undefined || fresh.count >= total;
    return { items: added, next: isEnd ? null : offset + items.length, whole };
  });
}

/**
 * Numbered pages (Jamf and Workspace ONE count from 0). A vendor may cap the size silently, so the end is an empty page or
 * the total, and a short page only where no total is told and the first page was longer.
 */
export function pagesByNumber<Item>({
  size,
  first = 0,
  idOf,
  read,
}: {
  readonly size: number;
  readonly first?: 0 | 1;
  readonly idOf: (item: Item) => string;
  readonly read: (page: number, size: number) => Promise<Read<Item>>;
}): Pages<Item> {
  const fresh = freshOnly(idOf);
  const highest = highestTotal();
  let actual: number | null = null;
  return new PagedList<Item, number>(first, async page => {
    const { items = [], total: said } = await read(page, size);
    const total = highest(said);
    actual ??= items.length;
    const added = fresh.of(items);
    if (items.length > 0 && added.length === 0 && (total === undefined || fresh.count < total))
      throw endless();
    const isEnd = items.length === 0 || (total === undefined ? items.length < actual : fresh.count >= total);
    const whole = total === undefined || fresh.count >= total;
    return { items: added, next: isEnd ? null : page + 1, whole };
  });
}

/**
 * Pages by a cursor the vendor hands out (CrowdStrike's scroll offset and `next`). No cursor, an empty one or an empty page
 * is the end; the same cursor twice in a row with nothing new ends the run.
 */
export function pagesByCursor<Item>({
  idOf,
  read,
}: {
  readonly idOf: (item: Item) => string;
  /** null asks for the first page. */
  readonly read: (
    cursor: string | null,
  ) => Promise<Read<Item> & { readonly next?: string | null | undefined }>;
}): Pages<Item> {
  const fresh = freshOnly(idOf);
  return new PagedList<Item, string | null>(null, async cursor => {
    const { items = [], total, next } = await read(cursor);
    const added = fresh.of(items);
    const isEnd = items.length === 0 || next === undefined || next === null || next === '';
    if (isEnd) return { items: added, next: null, whole: total === undefined || fresh.count >= total };
    // A scroll may keep one cursor and move underneath; then new items come, and that is the end's only sign.
    if (added.length === 0) throw endless();
    return { items: added, next, whole: false };
  });
}

/** Some tell the whole count on the first page only, and nothing or 0 with an empty last one: the highest told stands. */
function highestTotal(): (said: number | undefined) => number | undefined {
  let most: number | undefined;
  return said => {
    if (said !== undefined) most = Math.max(most ?? 0, said);
    return most;
  };
}

function freshOnly<Item>(idOf: (item: Item) => string) {
  const known = new Set<string>();
  return {
    get count(): number {
      return known.size;
    },
    of(items: readonly Item[]): Item[] {
      return items.filter(item => {
        const id = idOf(item);
        if (known.has(id)) return false;
        known.add(id);
        return true;
      });
    },
  };
}
