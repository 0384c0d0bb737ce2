import { describe, expect, it } from 'vitest';
import { Http } from '../../../collector/connect/http.ts';
import {
  type Pages,
  pagesByCursor,
  pagesByLink,
  pagesByNumber,
  pagesByOffset,
} from '../../../collector/connect/page.ts';
import { Secrets } from '../../../collector/connect/scrub.ts';
import { SwiftTime } from '../../support/vendors/swift-time.ts';

type Item = string | number;

async function all(pages: Pages<Item>) {
  const items: Item[] = [];
  for await (const page of pages) items.push(...page);
  return { items, whole: pages.whole };
}

const list = (count: number) => Array.from({ length: count }, (_, i) => i);
const idOf = (item: Item) => String(item);

describe('pages by link', () => {
  const http = new Http(
    { origins: ['https://api.example/v1'], rate: { concurrent: 1 } },
    { ...new SwiftTime().surroundings, secrets: new Secrets(), signal: new AbortController().signal },
  );
  const first = new URL('https://api.example/v1/items');
  const linked = (pages: Record<string, { items?: Item[]; next?: string | null; total?: number }>) =>
    pagesByLink<Item>({
      http,
      first,
      read: async ({ href }) => ({
        items: pages[href]?.items,
        next: pages[href]?.next,
        total: pages[href]?.total,
      }),
    });

  it('are followed as they are, relative ones too', async () => {
    const pages = linked({
      'https://api.example/v1/items': { items: [1], next: 'https://api.example/v1/items?$skiptoken=a%2Fb' },
      'https://api.example/v1/items?$skiptoken=a%2Fb': { items: [], next: '?page=3' },
      'https://api.example/v1/items?page=3': { items: [2], next: null },
    });
    expect(await all(pages)).toEqual({ items: [1, 2], whole: true });
  });

  it.each([
    'https://evil.example/items',
    'http://api.example/v1/items',
    'https://api.example:8443/x',
    'https://',
  ])('to %s are refused', async next => {
    await expect(all(linked({ [first.href]: { items: [1], next } }))).rejects.toMatchObject({
      code: 'vendor-redirect',
    });
  });

  it('that lead back end the run', async () => {
    await expect(all(linked({ [first.href]: { items: [1], next: first.href } }))).rejects.toMatchObject({
      code: 'vendor-answer',
    });
  });

  it('that end short of the count are not the whole', async () => {
    expect((await all(linked({ [first.href]: { items: list(995), total: 1200 } }))).whole).toBe(false);
  });

  it('that count each page for itself are', async () => {
    const pages = linked({
      [first.href]: { items: [1, 2], total: 2, next: '/v1/items?2' },
      'https://api.example/v1/items?2': { items: [3], total: 1 },
    });
    expect(await all(pages)).toEqual({ items: [1, 2, 3], whole: true });
  });

  it('without a body are none', async () => {
    expect(await all(linked({}))).toEqual({ items: [], whole: true });
  });
});

describe('pages by offset', () => {
  const slice = (count: number, { total = true, from = 0 } = {}) => ({
    size: 100,
    idOf,
    read: async (offset: number, size: number) => ({
      items: list(count).slice(Math.max(0, offset - from), Math.max(0, offset - from) + size),
      ...(total ? { total: count } : {}),
    }),
  });

  it.each([0, 1, 100, 101, 250])('give all of %i with a total and without', async count => {
    expect(await all(pagesByOffset<Item>(slice(count)))).toEqual({ items: list(count), whole: true });
    expect(await all(pagesByOffset<Item>(slice(count, { total: false })))).toEqual({
      items: list(count),
      whole: true,
    });
  });

  it('of a vendor that counts from one give nothing twice', async () => {
    const { items } = await all(pagesByOffset<Item>(slice(250, { from: 1 })));
    expect(items).toEqual(list(250));
  });

  it('of a vendor that ignores the offset end the run', async () => {
    const pages = pagesByOffset<Item>({ size: 3, idOf, read: async () => ({ items: [1, 2, 3] }) });
    await expect(all(pages)).rejects.toMatchObject({ code: 'vendor-answer' });
  });

  it('that stop before the total are not the whole', async () => {
    const read = async (offset: number) => ({ items: offset === 0 ? [1, 2] : [], total: 9 });
    expect(await all(pagesByOffset<Item>({ size: 2, idOf, read }))).toEqual({ items: [1, 2], whole: false });
  });

  it.each([undefined, 0])(
    'whose empty last one counts %s are measured by what was counted before',
    async total => {
      const read = async (place: number) =>
        place === 0 ? { items: [1, 2], total: 9 } : { items: [], total };
      expect((await all(pagesByOffset<Item>({ size: 2, idOf, read }))).whole).toBe(false);
      expect((await all(pagesByNumber<Item>({ size: 2, idOf, read }))).whole).toBe(false);
    },
  );
});

describe('numbered pages', () => {
  it('go on when the vendor gives fewer than asked for', async () => {
    const capped = 500;
    const read = async (page: number) => ({
      items: list(1200).slice(page * capped, (page + 1) * capped),
      total: 1200,
    });
    expect(await all(pagesByNumber<Item>({ size: 2000, idOf, read }))).toEqual({
      items: list(1200),
      whole: true,
    });
  });

  it('without a total end with the first shorter one', async () => {
    const read = async (page: number) => ({ items: list(1200).slice(page * 500, (page + 1) * 500) });
    expect((await all(pagesByNumber<Item>({ size: 2000, idOf, read }))).items.length).toBe(1200);
  });

  it('without a body are none', async () => {
    const read = async () => ({ items: undefined });
    expect(await all(pagesByNumber<Item>({ size: 10, idOf, read }))).toEqual({ items: [], whole: true });
  });
});

describe('pages by cursor', () => {
  it('go on until there is no cursor', async () => {
    const pages: Record<string, { items: Item[]; next?: string }> = {
      '': { items: [1, 2], next: 'b' },
      b: { items: [3], next: '' },
    };
    const read = async (cursor: string | null) => pages[cursor ?? ''] ?? { items: [] };
    expect(await all(pagesByCursor<Item>({ idOf, read }))).toEqual({ items: [1, 2, 3], whole: true });
  });

  it('may keep one cursor while new items come, and end when none do', async () => {
    let turn = 0;
    const read = async () => {
      turn += 1;
      return { items: turn <= 3 ? [turn] : [], next: 'same', total: 3 };
    };
    expect(await all(pagesByCursor<Item>({ idOf, read }))).toEqual({ items: [1, 2, 3], whole: true });
  });

  it('that repeat themselves end the run', async () => {
    const read = async () => ({ items: [1], next: 'same' });
    await expect(all(pagesByCursor<Item>({ idOf, read }))).rejects.toMatchObject({ code: 'vendor-answer' });
  });
});
