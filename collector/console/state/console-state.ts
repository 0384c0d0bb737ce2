import { createContext, useContext } from 'react';
import type { CollectorResponse, Role, SessionResponse } from '../../../shared/api/schemas.ts';
import type { FromConsole, ToConsole } from '../../../shared/protocol/console.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { FleetList } from '../fleet/list.ts';
import type { Answer, ConsoleSource, Link, LinkState, Request, Trouble } from '../source/source.ts';
import { now } from '../time.ts';
import { Store } from './store.ts';

export type SessionState =
  | { readonly is: 'loading' }
  | { readonly is: 'signed-out'; readonly ended: boolean }
  | { readonly is: 'signed-in'; readonly session: SessionResponse }
  | { readonly is: 'trouble'; readonly trouble: Trouble };

/** A short word to the person at the foot of the page, with a way back where there is one. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'done' | 'trouble';
  readonly undo?: () => void;
}

type WatchListener = (message: Extract<ToConsole, { type: 'device' | 'live' | 'viewers' }>) => void;

/** How often the page draws fleet changes at most: a person reads no faster, and a scroll must not wait for them. */
const DRAW_MS = 250;

/**
 * Everything the page knows, once: session, link, collector, fleet. Views read it and never keep a second truth.
 */
export class ConsoleState {
  readonly session = new Store<SessionState>({ is: 'loading' });
  readonly link = new Store<LinkState>({ is: 'connecting' });
  readonly collector = new Store<CollectorResponse | null>(null);
  readonly waiting = new Store<number | null>(null);
  /** Requests to IT that wait for somebody; null: not told yet. */
  readonly helpWaiting = new Store<number | null>(null);
  /** The device whose requests have changed last; `n` grows with every change. */
  readonly helpNews = new Store<{ readonly device: string; readonly n: number }>({ device: '', n: 0 });
  readonly notices = new Store<readonly Notice[]>([]);
  /** Grows with every drawn change of the fleet. */
  readonly fleetVersion = new Store(0);
  readonly fleet = new FleetList(now);

  readonly source: ConsoleSource;
  #link: Link | null = null;
  readonly #watchers = new Map<string, Set<WatchListener>>();
  #renewal: ReturnType<typeof setInterval> | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #lastNotice = 0;

  constructor(source: ConsoleSource) {
    this.source = source;
  }

  /** Asks who is signed in and connects when somebody is. */
  async start(): Promise<void> {
    this.session.set({ is: 'loading' });
    const answer = await this.source.request<SessionResponse>({ method: 'GET', path: 'session' });
    if (answer.ok) this.signedIn(answer.value);
    else if (answer.trouble.code === 'signed-out') this.session.set({ is: 'signed-out', ended: false });
    else this.session.set({ is: 'trouble', trouble: answer.trouble });
  }

  signedIn(session: SessionResponse): void {
    this.session.set({ is: 'signed-in', session });
    if (!session.mustChangePassword) this.#connect(session.csrf);
  }

  async signOut(): Promise<void> {
    await this.request<void>('DELETE', 'session');
    this.#disconnect();
    this.session.set({ is: 'signed-out', ended: false });
  }

  /** A request in the signed-in person's name. */
  async request<Value>(
    method: Request['method'],
    path: string,
    body?: unknown,
    signal?: AbortSignal,
  ): Promise<Answer<Value>> {
    const session = this.session.get();
    const answer = await this.source.request<Value>({
      method,
      path,
      ...(body === undefined ? {} : { body }),
      ...(session.is === 'signed-in' && method !== 'GET' ? { csrf: session.session.csrf } : {}),
      ...(signal ? { signal } : {}),
    });
    if (!answer.ok && answer.trouble.code === 'signed-out' && session.is === 'signed-in') this.#ended();
    return answer;
  }

  /** Does the signed-in person's role include `need`? */
  may(need: Role): boolean {
    const session = this.session.get();
    return session.is === 'signed-in' && RANK[session.session.role] >= RANK[need];
  }

  /** Follows one device live until the returned function is called. */
  watch(device: string, listener: WatchListener): () => void {
    const listeners = this.#watchers.get(device) ?? new Set();
    this.#watchers.set(device, listeners.add(listener));
    this.#send({ type: 'watch', device });
    // Twice within the limit, so that one lost message does not end the watch.
    this.#renewal ??= setInterval(() => this.#renew(), LIMITS.watchMs / 2);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      this.#watchers.delete(device);
      this.#send({ type: 'unwatch', device });
      if (this.#watchers.size === 0) {
        clearInterval(this.#renewal);
        this.#renewal = undefined;
      }
    };
  }

  retryLink(): void {
    this.#link?.retryNow();
  }

  notify(text: string, tone: Notice['tone'] = 'done', undo?: () => void): void {
    this.#lastNotice += 1;
    const notice: Notice = { id: this.#lastNotice, text, tone, ...(undo ? { undo } : {}) };
    this.notices.set([...this.notices.get().slice(-2), notice]);
    setTimeout(() => this.dismiss(notice.id), tone === 'done' ? 8000 : 15_000);
  }

  dismiss(id: number): void {
    this.notices.set(this.notices.get().filter(notice => notice.id !== id));
  }

  /** Draw the fleet now, e.g. after the reader changed the filter. */
  drawFleet(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.fleetVersion.set(this.fleetVersion.get() + 1);
  }

  #connect(csrf: string): void {
    this.#link?.close();
    this.#link = this.source.connect(csrf, {
      state: state => {
        this.link.set(state);
        if (state.is === 'signed-out') this.#ended();
      },
      message: message => this.#receive(message),
    });
  }

  #disconnect(): void {
    this.#link?.close();
    this.#link = null;
    clearInterval(this.#renewal);
    this.#renewal = undefined;
  }

  #ended(): void {
    this.#disconnect();
    this.session.set({ is: 'signed-out', ended: true });
  }

  #send(message: FromConsole): void {
    this.#link?.send(message);
  }

  #renew(): void {
    // A hidden tab looks at nothing: the device may go back to its slow rate and its owner is told nobody looks.
    if (document.visibilityState === 'hidden') return;
    for (const device of this.#watchers.keys()) this.#send({ type: 'watch', device });
  }

  #receive(message: ToConsole): void {
    switch (message.type) {
      case 'opened':
        this.#send({ type: 'fleet', on: true });
        this.#renew();
        void this.#countWaiting();
        void this.#countHelp();
        return;
      case 'fleet':
        this.fleet.arrive(message.rows, message.done);
        if (message.done || this.fleetVersion.get() === 0) this.drawFleet();
        else this.#drawSoon();
        return;
      case 'changes':
        this.fleet.change(message.rows, message.gone);
        this.#drawSoon();
        return;
      case 'collector':
        this.collector.set(message.status);
        return;
      case 'waiting':
        this.waiting.set(message.count);
        return;
      case 'help':
        this.helpWaiting.set(message.waiting);
        this.helpNews.set({ device: message.device, n: this.helpNews.get().n + 1 });
        return;
      case 'device':
      case 'live':
      case 'viewers':
        for (const listener of this.#watchers.get(message.id) ?? []) listener(message);
        return;
      case 'problem':
        // A watched device that is revoked or gone: its page has already been told by the route.
        if (message.code === 'not-found') return;
        this.notify(`The collector could not do that (${message.code}). ${message.detail}`, 'trouble');
        return;
    }
  }

  /** The socket tells of changes only: how many wait already is asked once, by those who may know. */
  async #countWaiting(): Promise<void> {
    if (!this.may('admin')) return;
    const answer = await this.request<{ waiting: unknown[] }>('GET', 'enrolment/waiting');
    if (answer.ok) this.waiting.set(answer.value.waiting.length);
  }

  /** The same for requests, and what is shown of them may have changed while there was no connection. */
  async #countHelp(): Promise<void> {
    const answer = await this.request<{ waiting: number }>('GET', 'help?limit=1');
    if (!answer.ok) return;
    this.helpWaiting.set(answer.value.waiting);
    this.helpNews.set({ device: '', n: this.helpNews.get().n + 1 });
  }

  #drawSoon(): void {
    this.#drawing ??= setTimeout(() => this.drawFleet(), DRAW_MS);
  }
}

/** Each role includes the ones before it. Spelt out so that the page needs no schema at run time. */
const RANK: Readonly<Record<Role, number>> = { viewer: 0, helpdesk: 1, approver: 2, admin: 3 };
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'Viewer: looks',
  helpdesk: 'Helpdesk: looks and asks devices',
  approver: 'Approver: also approves changes',
  admin: 'Administrator: everything',
};
export const ROLE_NAMES: Readonly<Record<Role, string>> = {
  viewer: 'Viewer',
  helpdesk: 'Helpdesk',
  approver: 'Approver',
  admin: 'Administrator',
};

const Context = createContext<ConsoleState | null>(null);
export const ConsoleStateProvider = Context.Provider;

export function useConsole(): ConsoleState {
  const state = useContext(Context);
  if (state === null) throw new Error('useConsole outside ConsoleStateProvider');
  return state;
}
