import { type Problem, toProblem } from '../../shared/problem/problem.ts';
import type { AccountKey } from '../store/connectors.ts';
import type { DeviceRow, News, Stale } from './news.ts';

export interface PublisherOptions {
  /** Resolves when it cannot be lost any more; rejects while the store is away. */
  readonly publish: (texts: readonly string[], to?: string) => Promise<void>;
  readonly onTrouble: (problem: Problem) => void;
}

/** A device that reports all the time is told of this often: a page shows no more, and a row is 700 bytes. */
const ROWS_MS = 250;
/** What people wait for is told this often: scans, live readings, who watches. */
const PROMPT_MS = 20;
/** Rows in one message: some 350 KB. */
const TOGETHER = 500;
/** Single messages kept while the store is away, the newest ones: what people wait for is soon of no use any more. */
const PROMPT_MAX = 2000;
/** Vendor ids in one message. */
const OBSERVED_TOGETHER = 2000;
const AGAIN_MS = 500;

interface Prompt {
  readonly text: string;
  readonly to: string | undefined;
}

/**
 * What is to be told to the other collectors, laid together: the newest row of each device, each thing once. Nobody waits for
 * it; while the store is away it waits itself, in memory bounded by the fleet.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #rows = new Map<string, DeviceRow>();
  readonly #reload = new Set<string>();
  readonly #help = new Set<string>();
  readonly #stale = new Set<Stale>();
  readonly #observed = new Map<string, { account: AccountKey; observed: Set<string>; gone: Set<string> }>();
  #prompt: Prompt[] = [];
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #sentAt = Number.NEGATIVE_INFINITY;
  #sending: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  row(row: DeviceRow): void {
    const before = this.#rows.get(row.id);
    const isChanged = row.isChanged || before?.isChanged === true;
    this.#rows.set(row.id, isChanged === row.isChanged ? row : { ...row, isChanged });
    this.#plan(ROWS_MS);
  }

  reload(devices: readonly string[]): void {
    for (const device of devices) this.#reload.add(device);
    this.#plan(PROMPT_MS);
  }

  help(device: string): void {
    this.#help.add(device);
    this.#plan(PROMPT_MS);
  }

  stale(what: Stale): void {
    this.#stale.add(what);
    this.#plan(PROMPT_MS);
  }

  observed(account: AccountKey, observed: readonly string[], gone: readonly string[]): void {
    const { connector, account: name } = account;
    const key = `${connector}/${name}`;
    const told = this.#observed.get(key) ?? {
      account: { connector, account: name },
      observed: new Set(),
      gone: new Set(),
    };
    this.#observed.set(key, told);
    for (const vendorId of observed) {
      told.gone.delete(vendorId);
      told.observed.add(vendorId);
    }
    for (const vendorId of gone) {
      told.observed.delete(vendorId);
      told.gone.add(vendorId);
    }
    this.#plan(ROWS_MS);
  }

  /** Something that somebody waits for, by itself. */
  prompt(news: News, to?: string): void {
    if (this.#prompt.length >= PROMPT_MAX) this.#prompt.shift();
    this.#prompt.push({ text: JSON.stringify(news), to });
    this.#plan(PROMPT_MS);
  }

  /** Forgets what is not told yet. */
  clear(): void {
    this.#rows.clear();
    this.#reload.clear();
    this.#help.clear();
    this.#stale.clear();
    this.#observed.clear();
    this.#prompt = [];
  }

  /** Tells what there is, waits for it, and tells nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueAt = Number.POSITIVE_INFINITY;
    await this.#sending;
    await this.#send();
  }

  /** The first thing after a pause goes at once, with what the same turn of the event loop brings; others wait for company. */
  #plan(paceMs: number): void {
    const now = performance.now();
    const at = Math.max(now, this.#sentAt + paceMs);
    if (this.#isClosed || this.#sending !== null || at >= this.#dueAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#dueAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#dueAt = Number.POSITIVE_INFINITY;
      void this.#send();
    }, at - now);
  }

  #planRest(): void {
    if (this.#prompt.length + this.#reload.size + this.#help.size + this.#stale.size > 0)
      this.#plan(PROMPT_MS);
    else if (this.#rows.size + this.#observed.size > 0) this.#plan(ROWS_MS);
  }

  async #send(): Promise<void> {
    const sending = this.#sendAll();
    this.#sending = sending;
    await sending;
    this.#sending = null;
    this.#planRest();
  }

  async #sendAll(): Promise<void> {
    const { publish, onTrouble } = this.#options;
    const rows = [...this.#rows.values()];
    const reload = [...this.#reload];
    const help = [...this.#help];
    const stale = [...this.#stale];
    const observed = [...this.#observed.values()];
    const prompt = this.#prompt;
    this.clear();
    this.#sentAt = performance.now();
    try {
      for (let i = 0; i < rows.length; i += TOGETHER) {
        await publish([textOf({ is: 'rows', rows: rows.slice(i, i + TOGETHER) })]);
      }
      const texts: string[] = [];
      if (reload.length > 0) texts.push(textOf({ is: 'reload', devices: reload }));
      if (help.length > 0) texts.push(textOf({ is: 'help', devices: help }));
      if (stale.length > 0) texts.push(textOf({ is: 'stale', what: stale }));
      for (const one of observed) texts.push(...observedTexts(one));
      for (const { text, to } of prompt) if (to === undefined) texts.push(text);
      if (texts.length > 0) await publish(texts);
      for (const { text, to } of prompt) if (to !== undefined) await publish([text], to);
    } catch (error) {
      onTrouble(toProblem(error));
      // What is newer by now stays; telling the rest twice does no harm.
      for (const row of rows) if (!this.#rows.has(row.id)) this.#rows.set(row.id, row);
      for (const device of reload) this.#reload.add(device);
      for (const device of help) this.#help.add(device);
      for (const what of stale) this.#stale.add(what);
      for (const { account, observed: seen, gone } of observed) this.#observedBefore(account, seen, gone);
      this.#prompt = [...prompt, ...this.#prompt].slice(-PROMPT_MAX);
      this.#sentAt = performance.now() + AGAIN_MS;
    }
  }

  /** Lays what could not be told below what has come since. */
  #observedBefore(account: AccountKey, observed: ReadonlySet<string>, gone: ReadonlySet<string>): void {
    const key = `${account.connector}/${account.account}`;
    const newer = this.#observed.get(key);
    this.#observed.delete(key);
    this.observed(account, [...observed], [...gone]);
    if (newer !== undefined) this.observed(account, [...newer.observed], [...newer.gone]);
  }
}

function textOf(news: News): string {
  return JSON.stringify(news);
}

function observedTexts({
  account,
  observed,
  gone,
}: {
  account: AccountKey;
  observed: ReadonlySet<string>;
  gone: ReadonlySet<string>;
}): string[] {
  const texts: string[] = [];
  const [seen, left] = [[...observed], [...gone]];
  for (let i = 0; i < Math.max(seen.length, left.length); i += OBSERVED_TOGETHER) {
    texts.push(
      textOf({
        is: 'observed',
        account,
        observed: seen.slice(i, i + OBSERVED_TOGETHER),
        gone: left.slice(i, i + OBSERVED_TOGETHER),
      }),
    );
  }
  return texts;
}
