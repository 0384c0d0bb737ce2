import { createContext, useContext, useSyncExternalStore } from 'react';
import { LIMITS } from '../../../../shared/protocol/limits.ts';
import { DeskError } from '../../client.ts';
import type {
  About,
  AppInfo,
  ChecksRun,
  Desk,
  DeskHelp,
  DeskProblem,
  DeskRequest,
  Home,
  NotificationSettings,
  Privacy,
  View,
} from '../../contract.ts';
import { now } from '../time.ts';
import { type Draft, keepDraft, keptDraft } from './kept.ts';

/** Something the service is asked for. */
export type Part<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'known'; readonly value: Value }
  /** `code` is one of shared/problem. */
  | { readonly state: 'failed'; readonly code: string };

/** Everything the pages show. */
export interface DeskFacts {
  readonly info: AppInfo | null;
  readonly home: Part<Home>;
  readonly problems: Part<readonly DeskProblem[]>;
  readonly requests: Part<readonly DeskRequest[]>;
  readonly help: Part<readonly DeskHelp[]>;
  readonly privacy: Part<Privacy>;
  readonly about: Part<About>;
  /** The last run of checks this window knows of; ended or not. */
  readonly run: ChecksRun | null;
  /** Problems this window has seen, by id, so that it can say that one is solved. */
  readonly seen: Readonly<Record<string, DeskProblem>>;
  readonly notifications: NotificationSettings | null;
  readonly language: Awaited<ReturnType<Desk['language']['get']>>;
  readonly view: View;
  readonly draft: Draft;
}

const LOADING = { state: 'loading' } as const;

/**
 * The page's one truth: asks once for the whole, then applies what the service tells. Where the service is lost nothing old
 * is kept: absence of news must not look like good news.
 */
export class DeskState {
  readonly desk: Desk;
  readonly #listeners = new Set<() => void>();
  #facts: DeskFacts = {
    info: null,
    home: LOADING,
    problems: LOADING,
    requests: LOADING,
    help: LOADING,
    privacy: LOADING,
    about: LOADING,
    run: null,
    seen: {},
    notifications: null,
    language: { locale: 'en', follows: true },
    view: { page: 'home' },
    draft: keptDraft(),
  };

  constructor(desk: Desk) {
    this.desk = desk;
  }

  get facts(): DeskFacts {
    return this.#facts;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly snapshot = (): DeskFacts => this.#facts;

  change(change: Partial<DeskFacts>): void {
    this.#facts = { ...this.#facts, ...change };
    for (const listener of this.#listeners) listener();
  }

  /** Listens first, then asks: nothing told in between is missed. */
  start(): void {
    const { desk } = this;
    desk.home.onChanged(home => this.#takeHome(home));
    desk.problems.onChanged(problems => this.#takeProblems(problems));
    desk.requests.onChanged(requests => this.change({ requests: { state: 'known', value: requests } }));
    desk.help.onChanged(help => this.change({ help: { state: 'known', value: help } }));
    desk.privacy.onChanged(() => {
      if (this.#facts.privacy.state !== 'loading') void this.loadPrivacy();
    });
    desk.checks.onProgress(run => this.change({ run }));
    desk.notifications.onChanged(notifications => this.change({ notifications }));
    desk.language.onChanged(language => this.change({ language }));
    desk.app.onShow(view => this.change({ view }));
    desk.app.onInfoChanged(info => this.#takeInfo(info));
    const none = (): undefined => undefined;
    void desk.language.get().then(language => this.change({ language }), none);
    void desk.app.view().then(view => this.change({ view }), none);
    void desk.notifications.get().then(notifications => this.change({ notifications }), none);
    void desk.app.info().then(info => this.#takeInfo(info), none);
    this.load();
  }

  /** Asks the service for everything. */
  load(): void {
    const { desk } = this;
    void this.#ask(desk.home.get(), home => this.#takeHome(home), 'home');
    void this.#ask(desk.problems.list(), problems => this.#takeProblems(problems), 'problems');
    void this.#ask(
      desk.requests.list(),
      value => this.change({ requests: { state: 'known', value } }),
      'requests',
    );
    void this.#ask(desk.help.list(), value => this.change({ help: { state: 'known', value } }), 'help');
    void this.loadPrivacy();
    void this.loadAbout();
  }

  async loadPrivacy(): Promise<void> {
    await this.#ask(
      this.desk.privacy.get(),
      value => this.change({ privacy: { state: 'known', value } }),
      'privacy',
    );
  }

  async loadAbout(): Promise<void> {
    await this.#ask(
      this.desk.about.get(),
      value => this.change({ about: { state: 'known', value } }),
      'about',
    );
  }

  go(view: View): void {
    this.change({ view });
    if (view.page === 'about') void this.loadAbout();
    if (view.page === 'privacy' || view.page === 'requests') void this.loadPrivacy();
  }

  /** Runs checks (all, when left out). @returns the code of what went wrong, or null */
  async check(checks?: readonly string[]): Promise<string | null> {
    try {
      const run = await this.desk.checks.run(checks === undefined ? {} : { checks: [...checks] });
      // The service tells how far it is as well, and may have done so before it answers.
      if (this.#facts.run?.run !== run.run) this.change({ run });
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  setDraft(change: Partial<Draft>): void {
    const draft = { ...this.#facts.draft, ...change };
    keepDraft(draft);
    this.change({ draft });
  }

  /** Leads to the form of a request to IT; what was written there before stays. */
  beginHelp({ text = '', problem = null }: { text?: string; problem?: string | null } = {}): void {
    const before = this.#facts.draft.help;
    const kept = before === null || before.text.trim() === '' ? text : before.text;
    this.setDraft({ help: { text: kept.slice(0, LIMITS.helpTextChars), problem } });
    this.go({ page: 'requests' });
  }

  /** Sends the request that is being written. @returns the code of what went wrong, or null */
  async sendHelp(): Promise<string | null> {
    const { help } = this.#facts.draft;
    if (help === null) return null;
    const { text, problem } = help;
    try {
      const sent = await this.desk.help.ask({
        text: text.replace(/\r\n?/g, '\n').replace(/\t/g, ' '),
        ...(problem === null ? {} : { problem }),
      });
      const { help: known } = this.#facts;
      const others = known.state === 'known' ? known.value.filter(({ id }) => id !== sent.id) : [];
      this.setDraft({ help: null });
      this.change({ help: { state: 'known', value: [sent, ...others] } });
      return null;
    } catch (error) {
      return codeOf(error);
    }
  }

  /** Asks the assistant; the question is part of the conversation at once. */
  async ask(question: string): Promise<void> {
    const asked = now();
    const before = this.#facts.draft.turns.slice(-19);
    this.setDraft({ question: '', turns: [...before, { at: asked, question, answer: null, code: null }] });
    const { locale } = this.#facts.language;
    const settle = (change: Partial<Draft['turns'][number]>): void => {
      const turns = this.#facts.draft.turns.map(turn => (turn.at === asked ? { ...turn, ...change } : turn));
      this.setDraft({ turns });
    };
    try {
      settle({ answer: await this.desk.assistant.ask({ question, locale }) });
    } catch (error) {
      settle({ code: codeOf(error) });
    }
  }

  async #ask<Value>(
    asking: Promise<Value>,
    take: (value: Value) => void,
    part: 'home' | 'problems' | 'requests' | 'help' | 'privacy' | 'about',
  ): Promise<void> {
    try {
      take(await asking);
    } catch (error) {
      this.change({ [part]: { state: 'failed', code: codeOf(error) } });
    }
  }

  #takeHome(home: Home): void {
    // A service that was started anew knows of no run.
    const run = home.run ?? (this.#facts.run?.endedAt === null ? null : this.#facts.run);
    this.change({ home: { state: 'known', value: home }, run });
  }

  #takeProblems(problems: readonly DeskProblem[]): void {
    const seen = { ...this.#facts.seen };
    for (const problem of problems) seen[problem.id] = problem;
    this.change({ problems: { state: 'known', value: problems }, seen });
  }

  #takeInfo(info: AppInfo): void {
    const before = this.#facts.info?.service;
    this.change({ info });
    if (info.service === 'connected') {
      if (before !== undefined && before !== 'connected') this.load();
      return;
    }
    this.change({
      home: LOADING,
      problems: LOADING,
      requests: LOADING,
      help: LOADING,
      privacy: LOADING,
      about: LOADING,
      run: null,
    });
  }
}

/** The code of a refused call; whatever else went wrong is `internal`. */
export function codeOf(error: unknown): string {
  return error instanceof DeskError ? error.code : 'internal';
}

const context = createContext<DeskState | null>(null);
export const DeskProvider = context.Provider;

export function useDeskState(): DeskState {
  const state = useContext(context);
  if (state === null) throw new Error('no desk around this component');
  return state;
}

/** What is known; drawn again when it changes. */
export function useFacts(): DeskFacts {
  const state = useDeskState();
  return useSyncExternalStore(state.subscribe, state.snapshot);
}

/** Problems that were there while this window was open and are gone; one whose check has not answered yet is not. */
export function solvedOf({ home, problems, seen }: DeskFacts): readonly DeskProblem[] {
  if (home.state !== 'known' || problems.state !== 'known') return [];
  return Object.values(seen).filter(
    ({ id }) => !home.value.problems.includes(id) && !problems.value.some(one => one.id === id),
  );
}
