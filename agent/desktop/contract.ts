import { z } from 'zod';
import { deviceState } from '../../shared/device/device.ts';
import { finding } from '../../shared/device/finding.ts';
import { HELP_STATES, helpText } from '../../shared/device/help.ts';
import { platform } from '../../shared/device/platform.ts';
import { LOCALES } from '../../shared/text/sentence.ts';

/*
 * The one contract of the endpoint's own face: every call and event between the page (renderer), the app (main) and the
 * service. Handlers, the preload bridge, the socket client, the page's client and the test double are derived from it by
 * wiring.ts, client.ts and double.ts; nobody writes a channel name.
 *
 * Words travel as keys of shared/text with what to put into them, so that two people on one device each read their own
 * language. Times are milliseconds since 1970 by the device's clock.
 */

/** Who answers a call, or tells an event, and who may ask for it. */
export type Via =
  /** The page asks, the service answers; the app passes it on. */
  | 'service'
  /** The page asks, the app answers. */
  | 'app'
  /** Between app and service only: the page does not see it. */
  | 'inner';

export interface Call<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly kind: 'call';
  readonly via: Via;
  readonly input: Input;
  readonly output: Output;
}
export interface Told<Payload extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  readonly via: Via;
  readonly payload: Payload;
}

function call<const V extends Via, Input extends z.ZodType, Output extends z.ZodType>(
  via: V,
  input: Input,
  output: Output,
): Call<Input, Output> & { readonly via: V } {
  return { kind: 'call', via, input, output };
}
function event<const V extends Via, Payload extends z.ZodType>(
  via: V,
  payload: Payload,
): Told<Payload> & { readonly via: V } {
  return { kind: 'event', via, payload };
}

/** Raised when the two sides of the socket would no longer understand each other; new optional members do not count. */
export const CONTRACT_VERSION = 1;

const nothing = z.undefined();
const done = z.null();
const time = z.number().int().nonnegative();
const id = z.string().min(1).max(80);

/** A sentence: a key of shared/text and what to put into it. `reasonSentence(locale, saying)` makes the words. */
export const saying = z.object({
  key: z.string().max(80),
  params: z.record(z.string().max(40), z.union([z.string().max(300), z.number()])),
});
export type Saying = z.infer<typeof saying>;

/** Changes of the device this version can make. Each needs the person's consent, asked by the app and not by the page. */
export const DEVICE_ACTIONS = ['restart', 'turn-on-firewall'] as const;
export const deviceAction = z.enum(DEVICE_ACTIONS);
export type DeviceAction = z.infer<typeof deviceAction>;

/** What is offered beside a problem; pressing it leads to `device.act`, where the person is asked once more. */
export const offeredAction = z.object({
  action: deviceAction,
  title: saying,
  /** How long it takes, in minutes; null when that cannot be told. */
  minutes: z.number().int().positive().nullable(),
  restarts: z.boolean(),
});

/** Something that needs the person: what, why it matters, since when, by when, what to do. */
export const deskProblem = z.object({
  /** The same problem has the same id from start to end, also over a restart of the service. */
  id,
  /** How bad: `attention`, or what a policy does about it. */
  state: z.enum(['attention', 'will-block', 'blocked']),
  what: saying,
  why: saying,
  /** When this device first noticed it. */
  since: time,
  /** When it begins to hurt; null: no date is set. */
  by: time.nullable(),
  /** What to do, in order. */
  steps: z.array(saying).max(10),
  /** Checks that will notice when it is solved: pass them to `checks.run`. */
  checks: z.array(id).max(10),
  action: offeredAction.nullable(),
  /** Who can solve it. */
  who: z.enum(['you', 'helpdesk']),
});
export type DeskProblem = z.infer<typeof deskProblem>;

export const connection = z.object({
  state: z.enum(['stopped', 'connecting', 'live', 'offline']),
  since: time,
  /** Why there is no connection: a code of shared/problem, whose words `tell(code, locale)` has. */
  code: z.string().max(64).nullable(),
  retryAt: time.nullable(),
  /** When the collector last confirmed that it has stored something of this device. */
  storedAt: time.nullable(),
});
export type Connection = z.infer<typeof connection>;

export const viewer = z.object({ name: z.string().max(128), since: time });

/** The score as the collector last told it, so that the desk and the helpdesk never show two. */
export const deskScore = z.discriminatedUnion('known', [
  z.object({
    known: z.literal(true),
    /** 0 to 100. */
    value: z.number().min(0).max(100),
    at: time,
    /** Dearest first; points are what the reason takes off. */
    reasons: z.array(saying.extend({ points: z.number() })).max(20),
  }),
  z.object({ known: z.literal(false), why: z.enum(['not-told-yet', 'too-little-known']) }),
]);
export type DeskScore = z.infer<typeof deskScore>;

/** What the company's policies say of this device. */
export const deskVerdict = z.discriminatedUnion('known', [
  z.object({
    known: z.literal(true),
    state: z.enum(['well', 'will-block', 'blocked']),
    what: saying,
    deadline: time.nullable(),
    at: time,
  }),
  z.object({ known: z.literal(false), why: z.enum(['no-policy-yet', 'not-told-yet']) }),
]);
export type DeskVerdict = z.infer<typeof deskVerdict>;

/** A run of checks somebody asked for. */
export const checksRun = z.object({
  run: id,
  startedAt: time,
  endedAt: time.nullable(),
  done: z.number().int().nonnegative(),
  of: z.number().int().nonnegative(),
  /** Checks that have answered, in the order they did. */
  answered: z.array(z.object({ id, status: z.enum(['ok', 'absent', 'unsupported', 'failed']) })).max(128),
  /** Who asked for it: this person, or another one signed in to this device. */
  by: z.enum(['you', 'another']),
});
export type ChecksRun = z.infer<typeof checksRun>;

export const home = z.object({
  at: time,
  device: z.object({ name: z.string().max(255), person: z.string().max(255).nullable(), platform }),
  /** The one word: worst of problems and verdict; `unknown` while too little is known. */
  state: deviceState,
  score: deskScore,
  verdict: deskVerdict,
  /** The problem to begin with; null when there is none. */
  next: deskProblem.nullable(),
  /** Problems there are, by id; snoozing hides notifications, not problems. */
  problems: z.array(id).max(128),
  connection,
  /** Who looks at this device right now. */
  viewers: z.array(viewer).max(32),
  run: checksRun.nullable(),
});
export type Home = z.infer<typeof home>;

/** Something the helpdesk asked this device for. */
export const deskRequest = z.object({
  id,
  at: time,
  /** `checks`: run checks now. */
  kind: z.enum(['checks']),
  /** Who asked; null: the collector did not say. */
  by: z.string().max(128).nullable(),
  state: z.enum(['running', 'done']),
  endedAt: time.nullable(),
  /** How many checks ran, and how many of them could not tell. */
  ran: z.number().int().nonnegative().nullable(),
  failed: z.number().int().nonnegative().nullable(),
});
export type DeskRequest = z.infer<typeof deskRequest>;

/** Something this person asked IT for. Nobody else at this device is told of it. */
export const deskHelp = z.object({
  id,
  at: time,
  text: z.string().max(2000),
  /** The problem it is about, in the words the person read; null: about none. */
  about: saying.nullable(),
  /** `waiting`: kept here, IT does not know of it yet; `refused`: not taken, see `code`. */
  state: z.enum(['waiting', ...HELP_STATES, 'refused']),
  changedAt: time,
  /** Who of IT brought it into this state; null: nobody did. */
  by: z.string().max(128).nullable(),
  answer: z.object({ text: z.string().max(4000), by: z.string().max(128), at: time }).nullable(),
  /** Why it was refused, or why it waits although there is a connection: a code of shared/problem. */
  code: z.string().max(64).nullable(),
  /** May it be taken back now? */
  open: z.boolean(),
});
export type DeskHelp = z.infer<typeof deskHelp>;

export const privacyCheck = z.object({
  id,
  /** The last answer; null: not asked yet since the service started. `findingWords(locale, id, finding)` has the words. */
  finding: finding.nullable(),
  /** How often it is asked: every minute, every half hour, once a day (by the settings of this device). */
  cost: z.enum(['cheap', 'posture', 'heavy']),
  /** When its value last left for the collector (or was put in line for it); null: not since the service started. */
  sentAt: time.nullable(),
});

/** One line of what happened on this device; `about` completes it (the problem that was found). */
export const journalEntry = z.object({ at: time, what: saying, about: saying.nullable() });
export type JournalEntry = z.infer<typeof journalEntry>;

export const privacy = z.object({
  at: time,
  checks: z.array(privacyCheck).max(128),
  sent: z.object({
    /** Where it goes. */
    collector: z.string().max(2048),
    /** Reports waiting on this device, and their size. */
    waiting: z.number().int().nonnegative(),
    waitingBytes: z.number().nonnegative(),
    storedAt: time.nullable(),
  }),
  /** Who looks now (`until` null) and who did, newest first. */
  views: z.array(viewer.extend({ until: time.nullable() })).max(200),
  /** Newest first. */
  journal: z.array(journalEntry).max(500),
});
export type Privacy = z.infer<typeof privacy>;

export const settingRow = z.object({
  key: z.string().max(64),
  /** null for a secret and for what is not set. */
  value: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  isSet: z.boolean(),
  /** Which layer won; `policy` and `collector` are the organisation's. */
  layer: z.enum(['default', 'file', 'policy', 'command', 'collector']),
  /** What it does, in English: the word of the settings table. */
  sentence: z.string(),
});

export const about = z.object({
  agent: z.object({ version: z.string(), runtime: z.string(), startedAt: time }),
  contract: z.number().int(),
  device: z.object({ id: z.string().nullable(), keyFingerprint: z.string() }),
  connection,
  collector: z.string().max(2048),
  /** Device clock minus collector clock, ms. */
  clockSkewMs: z.number().nullable(),
  settings: z.array(settingRow).max(200),
  /** What went wrong lately; codes of shared/problem. */
  trouble: z.array(z.object({ code: z.string(), at: time })).max(20),
});
export type About = z.infer<typeof about>;

/** An answer of the assistant: sentences, and what they rest on. */
export const answer = z.object({
  kind: z.enum(['problem', 'check', 'overview', 'nothing']),
  says: z.array(saying).max(20),
  /** Problems it speaks of, whole, so that steps and actions can be shown. */
  problems: z.array(deskProblem).max(10),
  /** Answers it rests on. */
  findings: z.array(z.object({ id, finding })).max(20),
  /** What it can and cannot do; shown under every answer. */
  basis: saying,
});
export type Answer = z.infer<typeof answer>;

export const locale = z.enum(LOCALES);

/** `HH:MM`, local time. */
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

export const notificationSettings = z.object({
  on: z.boolean(),
  /** No notification in this time of day, over midnight when `from` is later than `to`. */
  quietHours: z.object({ from: clockTime, to: clockTime }).nullable(),
  /** No notification at all before this moment. */
  snoozedUntil: time.nullable(),
  /** No notification about these problems before their moment. */
  snoozedProblems: z.record(id, time),
});
export type NotificationSettings = z.infer<typeof notificationSettings>;

export const PAGES = ['home', 'problems', 'requests', 'privacy', 'about', 'ask'] as const;
/** What the window shows; `problem` opens that one, `request` that one of this person's requests to IT. */
export const view = z.object({
  page: z.enum(PAGES),
  problem: id.optional(),
  request: id.optional(),
});
export type View = z.infer<typeof view>;

export const appInfo = z.object({
  version: z.string(),
  electron: z.string(),
  chromium: z.string(),
  node: z.string(),
  /** Can the service be asked right now? */
  service: z.enum(['connected', 'connecting', 'absent', 'version-unsupported']),
  autostart: z.object({
    on: z.boolean(),
    /** Somebody else decides it (the organisation, or a system without such a thing). */
    changeable: z.boolean(),
  }),
});
export type AppInfo = z.infer<typeof appInfo>;

/** What became of a change of the device. */
export const actOutcome = z.discriminatedUnion('state', [
  z.object({ state: z.literal('done'), says: saying }),
  /** The person said no. */
  z.object({ state: z.literal('declined') }),
  z.object({ state: z.literal('failed'), says: saying }),
]);
export type ActOutcome = z.infer<typeof actOutcome>;

/** What the person is asked before the device is changed, and the one-time consent that their yes turns it into. */
export const plan = z.object({
  action: deviceAction,
  title: saying,
  /** What will happen, as the person is asked it. */
  what: saying,
  restarts: z.boolean(),
  /** Good once, for this action and this person, until `until`. */
  consent: z.string().min(20).max(128),
  until: time,
});

export const contract = {
  /** State, score, verdict, next step. */
  home: {
    get: call('service', nothing, home),
    changed: event('service', home),
  },
  problems: {
    list: call('service', nothing, z.array(deskProblem).max(128)),
    changed: event('service', z.array(deskProblem).max(128)),
  },
  checks: {
    /** Runs these checks now (all, when left out); one run at a time, a second call joins it. */
    run: call('service', z.object({ checks: z.array(id).max(128).optional() }), checksRun),
    progress: event('service', checksRun),
  },
  assistant: {
    ask: call('service', z.object({ question: z.string().trim().min(1).max(500), locale }), answer),
  },
  requests: {
    list: call('service', nothing, z.array(deskRequest).max(50)),
    changed: event('service', z.array(deskRequest).max(50)),
  },
  /** What this person asks IT for. */
  help: {
    list: call('service', nothing, z.array(deskHelp).max(50)),
    /**
     * Sends these words, the words of the problem, the name of the person's account and the name of the device, and nothing else. Refused with
     * `help-too-many`, or `request-invalid` for a problem that is not there.
     */
    ask: call('service', z.object({ text: helpText, problem: id.optional() }), deskHelp),
    /** Takes it back; refused with `help-over` when IT was faster. */
    withdraw: call('service', z.object({ id }), deskHelp),
    changed: event('service', z.array(deskHelp).max(50)),
  },
  privacy: {
    get: call('service', nothing, privacy),
    /** Something of it is new: ask again if you show it. */
    changed: event('service', done),
  },
  about: {
    get: call('service', nothing, about),
  },
  /** Calls that change the device. The page can only ask to be asked: consent is given in the app's own dialog. */
  device: {
    act: call('app', z.object({ action: deviceAction, problem: id.optional() }), actOutcome),
    plan: call('inner', z.object({ action: deviceAction }), plan),
    run: call('inner', z.object({ action: deviceAction, consent: z.string().min(20).max(128) }), actOutcome),
    declined: call('inner', z.object({ action: deviceAction, consent: z.string().min(20).max(128) }), done),
  },
  app: {
    info: call('app', nothing, appInfo),
    infoChanged: event('app', appInfo),
    /** Where to begin; asked once by a new page, which the window may have been opened for. */
    view: call('app', nothing, view),
    show: event('app', view),
    setAutostart: call('app', z.object({ on: z.boolean() }), appInfo),
    /** Opens an allow-listed https address in the browser; any other is refused with `link-refused`. */
    openLink: call('app', z.object({ url: z.string().max(2048) }), done),
    /** Puts what a helpdesk asks for on the clipboard: no secret, no personal data beyond the device's name. */
    copyDiagnostics: call('app', nothing, z.object({ characters: z.number().int() })),
    /** Closes the window; the app stays in the tray. */
    close: call('app', nothing, done),
  },
  language: {
    /** `follows`: no choice was made, the system's language is taken. */
    get: call('app', nothing, z.object({ locale, follows: z.boolean() })),
    /** null: follow the system. */
    set: call('app', z.object({ locale: locale.nullable() }), z.object({ locale, follows: z.boolean() })),
    changed: event('app', z.object({ locale, follows: z.boolean() })),
  },
  notifications: {
    get: call('app', nothing, notificationSettings),
    set: call(
      'app',
      notificationSettings.pick({ on: true, quietHours: true }).partial(),
      notificationSettings,
    ),
    /** Later: about one problem, or about everything when it is left out; `until` null takes it back. */
    snooze: call('app', z.object({ problem: id.optional(), until: time.nullable() }), notificationSettings),
    changed: event('app', notificationSettings),
  },
} as const;

export type Contract = typeof contract;

/* ---- What is derived from it ---- */

type Calls<Group, V extends Via> = {
  [Name in keyof Group as Group[Name] extends { kind: 'call'; via: V } ? Name : never]: Group[Name];
};
type Events<Group, V extends Via> = {
  [Name in keyof Group as Group[Name] extends { kind: 'event'; via: V } ? Name : never]: Group[Name];
};
type InputOf<C> = C extends { input: infer I extends z.ZodType } ? z.input<I> : never;
type ParsedOf<C> = C extends { input: infer I extends z.ZodType } ? z.output<I> : never;
export type OutputOf<C> = C extends { output: infer O extends z.ZodType } ? z.output<O> : never;
export type PayloadOf<E> = E extends { payload: infer P extends z.ZodType } ? z.output<P> : never;

type Asking<C, Answer> =
  undefined extends InputOf<C>
    ? (input?: undefined) => Promise<Answer>
    : (input: InputOf<C>) => Promise<Answer>;
type Listening<E> = (listener: (payload: PayloadOf<E>) => void) => () => void;
type OnName<Name> = Name extends string ? `on${Capitalize<Name>}` : never;

/** Answer of a call as it crosses a process: an error would lose its code on the way. */
export type Reply<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: string; readonly detail: string };

type PageVia = 'service' | 'app';

/** `window.trayline`: what the preload exposes and nothing else. Pages use `deskOf(window.trayline)` of client.ts. */
export type Bridge = {
  readonly [Group in keyof Contract]: {
    readonly [Name in keyof Calls<Contract[Group], PageVia>]: Asking<
      Contract[Group][Name & keyof Contract[Group]],
      Reply<OutputOf<Contract[Group][Name & keyof Contract[Group]]>>
    >;
  } & {
    readonly [Name in keyof Events<Contract[Group], PageVia> as OnName<Name>]: Listening<
      Contract[Group][Name & keyof Contract[Group]]
    >;
  };
};

/** The same for a page: calls resolve with the value and reject with a `DeskError`. */
export type Desk = {
  readonly [Group in keyof Contract]: {
    readonly [Name in keyof Calls<Contract[Group], PageVia>]: Asking<
      Contract[Group][Name & keyof Contract[Group]],
      OutputOf<Contract[Group][Name & keyof Contract[Group]]>
    >;
  } & {
    readonly [Name in keyof Events<Contract[Group], PageVia> as OnName<Name>]: Listening<
      Contract[Group][Name & keyof Contract[Group]]
    >;
  };
};

/** What answers the calls of one side; a missing handler does not compile. */
export type Handlers<V extends Via, Asker> = {
  readonly [Group in keyof Contract as keyof Calls<Contract[Group], V> extends never ? never : Group]: {
    readonly [Name in keyof Calls<Contract[Group], V>]: (
      input: ParsedOf<Contract[Group][Name & keyof Contract[Group]]>,
      asker: Asker,
    ) =>
      | Promise<OutputOf<Contract[Group][Name & keyof Contract[Group]]>>
      | OutputOf<Contract[Group][Name & keyof Contract[Group]]>;
  };
};

/** What the app asks the service with: every call the service answers. Values are checked on arrival. */
export type Service = {
  readonly [Group in keyof Contract as keyof Calls<Contract[Group], 'service' | 'inner'> extends never
    ? never
    : Group]: {
    readonly [Name in keyof Calls<Contract[Group], 'service' | 'inner'>]: Asking<
      Contract[Group][Name & keyof Contract[Group]],
      OutputOf<Contract[Group][Name & keyof Contract[Group]]>
    >;
  };
};

/** Every event's name with what it carries, for whoever tells it. */
export type Payloads<V extends Via> = {
  [Group in keyof Contract]: {
    [Name in keyof Events<Contract[Group], V> as `${Group & string}.${Name & string}`]: PayloadOf<
      Contract[Group][Name & keyof Contract[Group]]
    >;
  };
}[keyof Contract] extends infer Each
  ? { [Name in Each extends unknown ? keyof Each : never]: Each extends { [K in Name]: infer P } ? P : never }
  : never;

/** Names as `group.call`, with what they are: for loops over the contract. */
export interface Entry {
  readonly name: string;
  readonly group: string;
  readonly member: string;
  readonly definition: Call | Told;
}

/** Every call and event of the contract. */
export const ENTRIES: readonly Entry[] = Object.entries(contract).flatMap(([group, members]) =>
  Object.entries<Call | Told>(members).map(([member, definition]) => ({
    name: `${group}.${member}`,
    group,
    member,
    definition,
  })),
);

/** What the preload exposes, by group: the page's calls and events. The build writes it into the preload bundle. */
export const PAGE_NAMES: Readonly<Record<string, { calls: readonly string[]; events: readonly string[] }>> =
  Object.fromEntries(
    Object.entries(contract).map(([group, members]) => {
      const open = Object.entries<Call | Told>(members).filter(([, { via }]) => via !== 'inner');
      return [
        group,
        {
          calls: open.filter(([, { kind }]) => kind === 'call').map(([name]) => name),
          events: open.filter(([, { kind }]) => kind === 'event').map(([name]) => name),
        },
      ];
    }),
  );

/** The definition behind a name, or null: names that arrive from another process are looked up here and nowhere else. */
export function entryOf(name: string): Entry | null {
  return ENTRIES.find(entry => entry.name === name) ?? null;
}
