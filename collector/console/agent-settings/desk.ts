import type { AgentSettingsResponse } from '../../../shared/api/schemas.ts';
import type { AgentSettings } from '../../../shared/device/agent-settings.ts';
import type { Answer, Request, Trouble } from '../source/source.ts';
import type { ConsoleState } from '../state/console-state.ts';
import { Store } from '../state/store.ts';
import { changesBetween, type Draft, draftOf, mergeDrafts } from './draft.ts';

const PATH = 'agent-settings';

export interface DeskState {
  /** What agents are told, as the person began to change it. */
  readonly base: AgentSettingsResponse | null;
  /** What the person has made of it so far. */
  readonly draft: Draft | null;
  /** What somebody else has put there since; null while the page is not behind. */
  readonly newer: AgentSettingsResponse | null;
  /** Why the last question about the state was not answered. */
  readonly trouble: Trouble | null;
  /** Why the last save was not taken, when it was neither a conflict nor about single fields. */
  readonly saveTrouble: Trouble | null;
  /** Addresses of fields the collector has refused (`subjects.files.0.path`), with the draft it refused. */
  readonly refused: { readonly fields: readonly string[]; readonly draft: Draft } | null;
  readonly saving: boolean;
}

export type Saved =
  | { readonly is: 'done'; readonly before: AgentSettings }
  | { readonly is: 'behind' | 'refused' | 'trouble' };

const EMPTY: DeskState = {
  base: null,
  draft: null,
  newer: null,
  trouble: null,
  saveTrouble: null,
  refused: null,
  saving: false,
};

type Ask = <Value>(method: Request['method'], path: string, body?: unknown) => Promise<Answer<Value>>;

/**
 * What is typed about agents' settings and what the collector holds, apart from any page: going to another page and back
 * loses nothing, and neither does somebody else's change.
 */
export class Desk {
  readonly state = new Store<DeskState>(EMPTY);
  readonly #ask: Ask;
  /** Answers to questions asked before a save are of no use after it. */
  #round = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async load(): Promise<void> {
    const round = this.#round;
    const answer = await this.#ask<AgentSettingsResponse>('GET', PATH);
    if (round !== this.#round) return;
    if (answer.ok) this.#receive(answer.value);
    else this.#set({ trouble: answer.trouble });
  }

  #receive(now: AgentSettingsResponse): void {
    const { base, draft } = this.state.get();
    if (base === null || draft === null) this.#adopt(now);
    else if (now.hash === base.hash) this.#set({ base: now, newer: null, trouble: null });
    else if (changesBetween(draftOf(base.settings), draft).length === 0) this.#adopt(now);
    else this.#set({ newer: now, trouble: null });
  }

  #adopt(base: AgentSettingsResponse): void {
    this.state.set({ ...EMPTY, base, draft: draftOf(base.settings) });
  }

  edit(change: (draft: Draft) => Draft): void {
    const { draft } = this.state.get();
    if (draft !== null) this.#set({ draft: change(draft) });
  }

  /** Forgets what was typed and returns it, for an undo. */
  discard(): Draft | null {
    const { base, newer, draft } = this.state.get();
    const from = newer ?? base;
    if (from !== null) this.#adopt(from);
    return draft;
  }

  /** Goes on from what somebody else has put there, with everything typed kept. */
  takeIn(): void {
    const { base, newer, draft } = this.state.get();
    if (base === null || newer === null || draft === null) return;
    const merged = mergeDrafts(draftOf(base.settings), draft, draftOf(newer.settings));
    this.state.set({ ...EMPTY, base: newer, draft: merged });
  }

  async save(settings: AgentSettings): Promise<Saved> {
    const { base, draft } = this.state.get();
    if (base === null || draft === null) return { is: 'trouble' };
    this.#round += 1;
    this.#set({ saving: true, saveTrouble: null, refused: null });
    const { osSupport } = settings;
    // A table that a newer version of the collector has overtaken is used by nobody, and the collector takes none of its age.
    const overtaken = osSupport !== null && osSupport.asOf <= base.shippedOsSupportAsOf;
    const answer = await this.#ask<AgentSettingsResponse>('PUT', PATH, {
      replaces: base.hash,
      settings: overtaken ? { ...settings, osSupport: null } : settings,
    });
    this.#round += 1;
    if (answer.ok) {
      this.#adopt(answer.value);
      return { is: 'done', before: base.settings };
    }
    const { trouble } = answer;
    this.#set({ saving: false });
    if (trouble.code === 'conflict') {
      await this.load();
      // Without the newer settings (the collector is gone meanwhile) the refusal itself is all there is to say.
      if (this.state.get().newer !== null) return { is: 'behind' };
    }
    const fields = trouble.fields.map(field => field.replace(/^body\.settings\./, ''));
    if (trouble.code === 'request-invalid' && fields.length > 0) {
      this.#set({ refused: { fields, draft } });
      return { is: 'refused' };
    }
    this.#set({ saveTrouble: trouble });
    return { is: 'trouble' };
  }

  #set(change: Partial<DeskState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }
}

const desks = new WeakMap<ConsoleState, { readonly user: string; readonly desk: Desk }>();

/** The signed-in person's desk; another person at the same browser gets an empty one. */
export function deskOf(console: ConsoleState): Desk {
  const session = console.session.get();
  const user = session.is === 'signed-in' ? session.session.user : '';
  const known = desks.get(console);
  if (known?.user === user) return known.desk;
  const desk = new Desk((method, path, body) => console.request(method, path, body));
  desks.set(console, { user, desk });
  return desk;
}
