import {
  type Bridge,
  type ChecksRun,
  type Contract,
  type DeskHelp,
  ENTRIES,
  entryOf,
  type NotificationSettings,
  type OutputOf,
  type Reply,
} from './contract.ts';
import type { Scene } from './scenes.ts';

/** One call the page made. */
export interface Made {
  readonly name: string;
  readonly input: unknown;
}

/** A bridge without a service behind it, for `?scene=` and for tests of the page. */
export interface Double {
  readonly bridge: Bridge;
  /** What the page asked, oldest first. */
  readonly made: readonly Made[];
  /** Tells an event as the app would; throws when it is not in the contract or does not fit. */
  tell(name: string, payload: unknown): void;
  /** Answers a call differently from now on; a Reply with `ok: false` refuses it. */
  answer(name: string, handler: (input: unknown) => unknown): void;
}

export interface DoubleOptions {
  /** Between two answers of a run of checks, ms. */
  readonly stepMs?: number;
  readonly now?: () => number;
}

/**
 * Plays a scene: answers every call of the contract from it, checks both ways that what passes fits, and moves where a real
 * device would (a run of checks progresses, a snooze and a language stay).
 */
export function createDouble(scene: Scene, { stepMs = 150, now = Date.now }: DoubleOptions = {}): Double {
  const made: Made[] = [];
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let notifications: NotificationSettings = scene.notifications;
  let language: { locale: Scene['language']['locale']; follows: boolean } = scene.language;
  let info = scene.info;
  let help: readonly DeskHelp[] = scene.help;

  function tell(name: string, payload: unknown): void {
    const definition = entryOf(name)?.definition;
    if (definition?.kind !== 'event' || definition.via === 'inner') throw new Error(`no such event: ${name}`);
    const value = definition.payload.parse(payload);
    for (const listener of listeners.get(name) ?? []) listener(value);
  }

  function run(input: { checks?: readonly string[] | undefined }): ChecksRun {
    const checks = input.checks ?? scene.privacy.checks.map(({ id }) => id);
    let state: ChecksRun = {
      run: `run-${made.length}`,
      startedAt: now(),
      endedAt: null,
      done: 0,
      of: checks.length,
      answered: [],
      by: 'you',
    };
    const step = (): void => {
      const next = checks[state.done];
      const status = scene.privacy.checks.find(({ id }) => id === next)?.finding?.status ?? 'ok';
      if (next !== undefined) {
        state = { ...state, done: state.done + 1, answered: [...state.answered, { id: next, status }] };
      }
      if (state.done >= checks.length) state = { ...state, endedAt: now() };
      tell('checks.progress', state);
      if (state.endedAt === null) setTimeout(step, stepMs);
    };
    setTimeout(step, stepMs);
    return state;
  }

  type Given<Name extends string> = Name extends `${infer Group}.${infer Member}`
    ? Group extends keyof Contract
      ? Member extends keyof Contract[Group]
        ? OutputOf<Contract[Group][Member]>
        : never
      : never
    : never;
  const fits = <Name extends string>(_name: Name, value: Given<Name>): Given<Name> => value;

  const answers = new Map<string, (input: unknown) => unknown>();
  const script = (name: string, handler: (input: never) => unknown): void => {
    // The input was parsed by the call's own schema before it gets here.
    answers.set(name, handler as (input: unknown) => unknown);
  };
  script('home.get', () => fits('home.get', scene.home));
  script('problems.list', () => fits('problems.list', scene.problems));
  script('checks.run', run);
  script('assistant.ask', ({ question }: { question: string }) =>
    fits('assistant.ask', scene.answer(question)),
  );
  script('requests.list', () => fits('requests.list', scene.requests));
  script('help.list', () => fits('help.list', [...help]));
  script('help.ask', ({ text, problem }: { text: string; problem?: string }) => {
    const about = scene.problems.find(({ id }) => id === problem)?.what ?? null;
    const isLive = scene.home.connection.state === 'live';
    const at = now();
    const asked: DeskHelp = {
      ...{ id: `help-${made.length}`, at, text, about, state: isLive ? 'open' : 'waiting', changedAt: at },
      ...{ by: null, answer: null, code: null, open: true },
    };
    help = [asked, ...help];
    tell('help.changed', help);
    return fits('help.ask', asked);
  });
  script('help.withdraw', ({ id }: { id: string }) => {
    const found = help.find(one => one.id === id);
    if (found === undefined) return { ok: false, code: 'not-found', detail: 'no such request' };
    const taken: DeskHelp = { ...found, state: 'withdrawn', changedAt: now(), open: false };
    help = help.map(one => (one.id === id ? taken : one));
    tell('help.changed', help);
    return fits('help.withdraw', taken);
  });
  script('privacy.get', () => fits('privacy.get', scene.privacy));
  script('about.get', () => fits('about.get', scene.about));
  script('device.act', () => fits('device.act', scene.outcome));
  script('app.info', () => fits('app.info', info));
  script('app.view', () => fits('app.view', scene.view));
  script('app.setAutostart', ({ on }: { on: boolean }) => {
    info = { ...info, autostart: { ...info.autostart, on } };
    return fits('app.setAutostart', info);
  });
  script('app.openLink', () => fits('app.openLink', null));
  script('app.copyDiagnostics', () => fits('app.copyDiagnostics', { characters: 1234 }));
  script('app.close', () => fits('app.close', null));
  script('language.get', () => fits('language.get', language));
  script('language.set', ({ locale }: { locale: Scene['language']['locale'] | null }) => {
    language = locale === null ? scene.language : { locale, follows: false };
    tell('language.changed', language);
    return fits('language.set', language);
  });
  script('notifications.get', () => fits('notifications.get', notifications));
  script('notifications.set', (change: Partial<NotificationSettings>) => {
    notifications = { ...notifications, ...change };
    tell('notifications.changed', notifications);
    return fits('notifications.set', notifications);
  });
  script('notifications.snooze', ({ problem, until }: { problem?: string; until: number | null }) => {
    const { [problem ?? '']: _before, ...others } = notifications.snoozedProblems;
    notifications =
      problem === undefined
        ? { ...notifications, snoozedUntil: until }
        : {
            ...notifications,
            snoozedProblems: until === null ? others : { ...others, [problem]: until },
          };
    tell('notifications.changed', notifications);
    return fits('notifications.snooze', notifications);
  });

  async function ask(name: string, input: unknown): Promise<Reply<unknown>> {
    made.push({ name, input });
    const definition = entryOf(name)?.definition;
    if (definition?.kind !== 'call') return { ok: false, code: 'not-found', detail: 'no such call' };
    const parsed = definition.input.safeParse(input);
    if (!parsed.success) return { ok: false, code: 'request-invalid', detail: parsed.error.message };
    const refused = scene.refuses[name];
    if (refused !== undefined) return { ok: false, code: refused, detail: 'the scene refuses it' };
    const value = await answers.get(name)?.(parsed.data);
    if (isRefusal(value)) return value;
    return { ok: true, value: definition.output.parse(value) };
  }

  const groups: Record<string, Record<string, unknown>> = {};
  for (const { name, group, member, definition } of ENTRIES) {
    if (definition.via === 'inner') continue;
    groups[group] ??= {};
    if (definition.kind === 'call') groups[group][member] = (input?: unknown) => ask(name, input);
    else {
      groups[group][`on${member.charAt(0).toUpperCase()}${member.slice(1)}`] = (
        listener: (payload: unknown) => void,
      ) => {
        const all = listeners.get(name) ?? new Set();
        listeners.set(name, all.add(listener));
        return () => all.delete(listener);
      };
    }
  }
  // Built from the same entries the type is computed from.
  const bridge: unknown = groups;
  return {
    bridge: bridge as Bridge,
    made,
    tell,
    answer: (name, handler) => {
      if (entryOf(name)?.definition.kind !== 'call') throw new Error(`no such call: ${name}`);
      answers.set(name, handler);
    },
  };
}

function isRefusal(value: unknown): value is Extract<Reply<unknown>, { ok: false }> {
  return typeof value === 'object' && value !== null && 'ok' in value && value.ok === false;
}
