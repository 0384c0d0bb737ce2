import type { IntegrationAccount } from '../../../shared/api/integrations.ts';
import type {
  ApiToken,
  ChecksResponse,
  CollectorResponse,
  DeviceResponse,
  EnrolmentToken,
  FleetRow,
  Person,
  SessionResponse,
  WaitingDevice,
} from '../../../shared/api/schemas.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import { CATALOGUE } from '../../../shared/posture/catalogue.ts';
import { OPERATOR_MEANINGS, OPERATORS } from '../../../shared/posture/operator.ts';
import type { FromConsole } from '../../../shared/protocol/console.ts';
import { TOO_OLD, UNREACHABLE } from '../source/live.ts';
import type { Answer, ConsoleSource, Link, LinkListener, Request, Trouble } from '../source/source.ts';
import { now, setTimeSource } from '../time.ts';
import { AgentSettingsScene } from './agent-settings.ts';
import { inventAudit } from './audit.ts';
import { inventCompany, nextChanges, SCENE_START } from './company.ts';
import {
  inventDevice,
  inventMoment,
  inventProcesses,
  inventSample,
  inventSamples,
  inventTimeline,
} from './device.ts';
import { inventIntegrations, inventSources } from './elsewhere.ts';
import { HelpScene } from './help.ts';
import { MatchingScene } from './matching.ts';

/** What differs between scenes; everything else is the same invented company. */
interface Scene {
  /** How many devices; 0 is a new collector. */
  readonly size: number;
  readonly moving?: boolean;
  readonly session?: 'signed-out' | 'new-password' | 'viewer' | 'trouble';
  readonly link?: 'loading' | 'offline' | 'too-old';
  /** Every read after signing in meets this. */
  readonly reads?: 'denied' | 'error' | 'never';
  readonly audit?: 'broken';
  /** What meets the first save of agents' settings. */
  readonly settings?: 'conflict' | 'refused' | 'error';
  /** How many matches there are to look at. */
  readonly matches?: number;
  /** What meets a save of who is believed. */
  readonly believed?: 'conflict';
}

const MATCHES = 34;

/** Invented places to look at and to test, by the name in `?scene=`. They hold no real data and reach no server. */
const SCENES: Readonly<Record<string, Scene>> = {
  company: { size: 1204 },
  moving: { size: 1204, moving: true },
  huge: { size: 100_000 },
  empty: { size: 0 },
  loading: { size: 0, link: 'loading', reads: 'never' },
  offline: { size: 1204, link: 'offline' },
  'too-old': { size: 1204, link: 'too-old' },
  denied: { size: 1204, reads: 'denied' },
  error: { size: 1204, reads: 'error' },
  viewer: { size: 1204, session: 'viewer' },
  'signed-out': { size: 0, session: 'signed-out' },
  'new-password': { size: 0, session: 'new-password' },
  unreachable: { size: 0, session: 'trouble' },
  'audit-broken': { size: 1204, audit: 'broken' },
  'settings-conflict': { size: 1204, settings: 'conflict' },
  'settings-refused': { size: 1204, settings: 'refused' },
  'settings-error': { size: 1204, settings: 'error' },
  'many-matches': { size: 20_000, matches: 9000 },
  'believed-conflict': { size: 1204, believed: 'conflict' },
};

const TRACE = '7f3c9a12d0b4';
const trouble = (
  code: string,
  title: string,
  what: string,
  next: string,
  fields: readonly string[] = [],
): Trouble => ({
  code,
  title,
  what,
  next,
  trace: TRACE,
  fields,
});
const DENIED = trouble(
  'role-missing',
  'Your role does not allow this',
  'The page or action needs a role you do not have.',
  'Ask an administrator if you need it.',
);
const FAILED = trouble(
  'store-unavailable',
  'Storage not available',
  'The collector cannot read or write its data, so nothing was changed.',
  'Try again in a minute. If it stays, check the disk or the database of the collector.',
);
const NOT_FOUND = trouble(
  'not-found',
  'Not found',
  'There is nothing at this address, or it is gone.',
  'Go back to the list and choose it there.',
);

/** A source that answers from an invented scene. */
export function sceneSource(name: string): ConsoleSource {
  const scene = SCENES[name] ?? { size: 1204 };
  const loaded = performance.now();
  setTimeSource(() => SCENE_START + Math.round(performance.now() - loaded));
  const world = new World(scene);
  return {
    request: async <Value>(request: Request): Promise<Answer<Value>> => {
      const answer = await world.answer(request);
      // The invented world speaks the routes' types; the seam is generic over them.
      return answer as Answer<Value>;
    },
    connect: (_csrf, listener) => world.connect(listener),
  };
}

class World {
  readonly #scene: Scene;
  readonly #rows: FleetRow[];
  readonly #byId: Map<string, number>;
  readonly #revoked = new Map<string, number>();
  /** When each check of a device that was asked for a scan last answered. */
  readonly #answers = new Map<string, ReadonlyMap<string, number>>();
  #tokens: EnrolmentToken[];
  #waiting: WaitingDevice[];
  #people: Person[];
  #apiTokens: ApiToken[];
  #made = 0;
  /** Accounts that were connected here, by connector. */
  readonly #connected = new Map<string, IntegrationAccount[]>();
  #signedIn: boolean;
  #listener: LinkListener | null = null;
  readonly #settings: AgentSettingsScene;
  readonly #help: HelpScene;
  readonly #matching: MatchingScene;

  constructor(scene: Scene) {
    this.#scene = scene;
    const at = now();
    this.#rows = inventCompany(scene.size, at).map(withContradictions);
    this.#byId = new Map(this.#rows.map((row, index) => [row.id, index]));
    this.#signedIn = scene.session !== 'signed-out';
    this.#help = new HelpScene(this.#rows);
    const full = scene.size > 0;
    this.#settings = new AgentSettingsScene(full, scene.settings ?? null);
    this.#matching = new MatchingScene({
      rows: this.#rows,
      many: scene.matches ?? MATCHES,
      conflict: scene.believed === 'conflict',
    });
    this.#tokens = full
      ? [
          {
            id: 't1',
            label: 'Autumn rollout',
            createdAt: at - 143 * DAY,
            createdBy: 'sam',
            expiresAt: null,
            maxUses: null,
            uses: 1181,
            revokedAt: null,
          },
          {
            id: 't2',
            label: 'Lab machines',
            createdAt: at - 2 * DAY,
            createdBy: 'sam',
            expiresAt: at + 5 * HOUR,
            maxUses: 25,
            uses: 22,
            revokedAt: null,
          },
          {
            id: 't3',
            label: 'Pilot',
            createdAt: at - 210 * DAY,
            createdBy: 'ines',
            expiresAt: at - 180 * DAY,
            maxUses: 10,
            uses: 10,
            revokedAt: null,
          },
          {
            id: 't4',
            label: 'Mistaken mail',
            createdAt: at - 9 * DAY,
            createdBy: 'sam',
            expiresAt: null,
            maxUses: 5,
            uses: 0,
            revokedAt: at - 9 * DAY + 4 * MINUTE,
          },
        ]
      : [];
    this.#waiting = full
      ? ['LAB-LT-0931', 'MKT-MB-0410'].map((hostname, index) => ({
          id: `w${index}`,
          identity: {
            platform: index === 0 ? ('windows' as const) : ('macos' as const),
            hostname,
            machineId: null,
            serial: index === 0 ? 'PF4K2M9Q' : 'C02ZK1JYMD6T',
            hardwareUuid: null,
            manufacturer: index === 0 ? 'Lenovo' : 'Apple',
            model: index === 0 ? 'ThinkPad T14 Gen 4' : 'MacBook Air 13 (M2)',
            person: index === 0 ? 'M. Petit' : null,
            macs: [],
          },
          fingerprint: index === 0 ? '3f9a01c4…b77e20d1' : 'e0417b9c…4ad2f310',
          firstSeen: at - (index + 1) * 13 * MINUTE,
          lastSeen: at - 20 * SECOND,
          address: `10.20.4.${31 + index}`,
        }))
      : [];
    this.#people = [
      {
        user: 'sam',
        name: 'Sam Ito',
        role: 'admin',
        createdAt: at - 200 * DAY,
        lastSignIn: at - 3 * MINUTE,
        disabled: false,
        lockedUntil: null,
      },
      {
        user: 'ines',
        name: 'Ines Duval',
        role: 'helpdesk',
        createdAt: at - 180 * DAY,
        lastSignIn: at - 2 * DAY,
        disabled: false,
        lockedUntil: null,
      },
      {
        user: 'jo',
        name: 'Jo Keller',
        role: 'viewer',
        createdAt: at - 90 * DAY,
        lastSignIn: null,
        disabled: false,
        lockedUntil: at + 9 * MINUTE,
      },
      {
        user: 'old.temp',
        name: 'Former temp',
        role: 'helpdesk',
        createdAt: at - 300 * DAY,
        lastSignIn: at - 120 * DAY,
        disabled: true,
        lockedUntil: null,
      },
    ];
    this.#apiTokens = full
      ? [
          {
            id: 'a1',
            label: 'Grafana',
            role: 'viewer',
            createdAt: at - 60 * DAY,
            createdBy: 'sam',
            expiresAt: null,
            lastUsed: at - 12 * SECOND,
            revokedAt: null,
          },
          {
            id: 'a2',
            label: 'Ticket bridge',
            role: 'helpdesk',
            createdAt: at - 40 * DAY,
            createdBy: 'sam',
            expiresAt: at + 20 * DAY,
            lastUsed: null,
            revokedAt: null,
          },
        ]
      : [];
  }

  async answer(request: Request): Promise<Answer<unknown>> {
    // As a network would: never in the same tick.
    await new Promise(resolve => setTimeout(resolve, 40));
    const [path = '', search = ''] = request.path.split('?');
    const query = new URLSearchParams(search);
    const number = (key: string) => Number(query.get(key) ?? '0');
    const route = `${request.method} ${path}`;
    if (path === 'session' || path === 'session/password') return this.#session(request);
    if (!this.#signedIn) {
      return no(
        trouble(
          'signed-out',
          'You are signed out',
          'The session has ended or was never there.',
          'Sign in to go on.',
        ),
      );
    }
    if (this.#scene.reads === 'never') return new Promise(() => undefined);
    if (this.#scene.reads === 'denied') return no(DENIED);
    if (this.#scene.reads === 'error') return no(FAILED);
    if (this.#scene.link === 'offline') return no(UNREACHABLE);
    if (this.#scene.link === 'too-old') return no(TOO_OLD);

    if (/^(match\/|precedence)/.test(path)) {
      if (request.method !== 'GET' && this.#scene.session === 'viewer') return no(DENIED);
      return this.#matching.answer(request, query);
    }
    const help = /^(?:devices\/([^/]+)\/)?help(?:\/([0-9a-f]{24}))?$/.exec(path);
    if (help) return this.#asked(request, query.get('over') === 'true', help[1], help[2]);
    const device = /^devices\/([^/]+)(?:\/(\w+))?$/.exec(path);
    if (device) return this.#device(request.method, device[1] ?? '', device[2] ?? '', number);
    const word = (key: string): string => {
      const value: unknown = Object.getOwnPropertyDescriptor(request.body ?? {}, key)?.value;
      return typeof value === 'string' ? value : '';
    };
    const amount = (key: string): number | null => {
      const value: unknown = Object.getOwnPropertyDescriptor(request.body ?? {}, key)?.value;
      return typeof value === 'number' ? value : null;
    };
    const hours = amount('validHours');
    const expiresAt = hours === null ? null : now() + hours * HOUR;
    switch (route) {
      case 'GET devices':
        return yes({
          devices: this.#rows
            .filter(row => row.name.toLowerCase().includes((query.get('search') ?? '').toLowerCase()))
            .slice(0, number('limit') || 20),
          next: null,
          total: this.#rows.length,
        });
      case 'GET checks':
        return yes({
          checks: CATALOGUE,
          operators: OPERATORS.map(operator => ({ operator, meaning: OPERATOR_MEANINGS[operator] })),
        } satisfies ChecksResponse);
      case 'GET integrations':
        return yes(this.#integrations());
      case 'GET enrolment/tokens':
        return yes({ tokens: this.#tokens });
      case 'POST enrolment/tokens': {
        this.#made += 1;
        const token: EnrolmentToken = {
          id: `new${this.#made}`,
          label: word('label'),
          createdAt: now(),
          createdBy: 'sam',
          expiresAt,
          maxUses: amount('maxUses'),
          uses: 0,
          revokedAt: null,
        };
        this.#tokens = [token, ...this.#tokens];
        return yes({ token, secret: 'tle_EXAMPLE-not-a-real-token-4Kd9' });
      }
      case 'GET enrolment/waiting':
        return yes({ waiting: this.#waiting });
      case 'GET people':
        return yes({ people: this.#people });
      case 'POST people': {
        const made: Person = {
          user: word('user'),
          name: word('name'),
          role: roleOf(word('role')),
          createdAt: now(),
          lastSignIn: null,
          disabled: false,
          lockedUntil: null,
        };
        if (this.#people.some(person => person.user === made.user)) {
          return no(
            trouble(
              'conflict',
              'Somebody was faster',
              'It has changed since this page showed it, or it exists already.',
              'Reload to see how it is now, then try again.',
              ['user'],
            ),
          );
        }
        this.#people = [...this.#people, made];
        return yes({ person: made, password: 'example-orbit-lantern-42' });
      }
      case 'GET api-tokens':
        return yes({ tokens: this.#apiTokens });
      case 'POST api-tokens': {
        this.#made += 1;
        const token: ApiToken = {
          id: `api${this.#made}`,
          label: word('label'),
          role: roleOf(word('role')),
          createdAt: now(),
          createdBy: 'sam',
          expiresAt,
          lastUsed: null,
          revokedAt: null,
        };
        this.#apiTokens = [token, ...this.#apiTokens];
        return yes({ token, secret: 'tla_EXAMPLE-not-a-real-token-9Qx2' });
      }
      case 'GET audit': {
        const before = number('before');
        const entries = inventAudit(now()).filter(entry => before === 0 || entry.n < before);
        return yes({
          entries: entries.slice(0, number('limit') || 100),
          verified: this.#scene.audit !== 'broken',
        });
      }
      case 'GET agent-settings':
      case 'PUT agent-settings':
        return this.#scene.session === 'viewer'
          ? no(DENIED)
          : this.#settings.answer(request, this.#collector().devices.live);
      case 'GET collector':
        return yes(this.#collector());
    }
    const token = /^POST enrolment\/tokens\/(\w+)\/revoke$/.exec(route);
    if (token) {
      this.#tokens = this.#tokens.map(one => (one.id === token[1] ? { ...one, revokedAt: now() } : one));
      return yes(undefined);
    }
    const api = /^POST api-tokens\/(\w+)\/revoke$/.exec(route);
    if (api) {
      this.#apiTokens = this.#apiTokens.map(one => (one.id === api[1] ? { ...one, revokedAt: now() } : one));
      return yes(undefined);
    }
    const account =
      /^(POST|PUT|DELETE) integrations\/([\w-]+)\/accounts(?:\/([\w-]+)(?:\/(test|run))?)?$/.exec(route);
    if (account) return this.#account(request, account);
    const waiting = /^POST enrolment\/waiting\/(\w+)\/(admit|reject)$/.exec(route);
    if (waiting) {
      this.#waiting = this.#waiting.filter(one => one.id !== waiting[1]);
      this.#listener?.message({ type: 'waiting', count: this.#waiting.length });
      return yes(undefined);
    }
    const person = /^PATCH people\/(.+)$/.exec(route);
    if (person) {
      const changes = Object.fromEntries(
        Object.entries(request.body ?? {}).filter(([key]) => key !== 'resetPassword'),
      );
      this.#people = this.#people.map(one => (one.user === person[1] ? { ...one, ...changes } : one));
      const changed = this.#people.find(one => one.user === person[1]);
      const reset = Object.hasOwn(request.body ?? {}, 'resetPassword');
      return changed
        ? yes({ person: changed, password: reset ? 'example-river-paper-77' : null })
        : no(NOT_FOUND);
    }
    return no(NOT_FOUND);
  }

  connect(listener: LinkListener): Link {
    const timers = new Set<ReturnType<typeof setInterval>>();
    this.#listener = listener;
    let watched: FleetRow | null = null;
    let tick = 0;
    const every = (ms: number, run: () => void) => timers.add(setInterval(run, ms));
    const send = (message: FromConsole) => {
      if (message.type === 'fleet') {
        const total = this.#rows.length;
        for (let from = 0; from < Math.max(1, total); from += 5000) {
          const rows = this.#rows.slice(from, from + 5000);
          setTimeout(() => listener.message({ type: 'fleet', rows, done: from + 5000 >= total, total }), 20);
        }
      }
      if (message.type === 'watch') {
        const row = this.#rows[this.#byId.get(message.device) ?? -1] ?? null;
        if (watched?.id === row?.id) return;
        watched = row;
        if (row) {
          listener.message({
            type: 'viewers',
            id: row.id,
            viewers: [
              { name: 'Sam Ito', since: now() - 4 * MINUTE },
              { name: 'Ines Duval', since: now() - 40 * SECOND },
            ],
          });
        }
      }
      if (message.type === 'unwatch') watched = null;
    };
    setTimeout(() => {
      if (this.#scene.link === 'loading') return;
      if (this.#scene.link === 'too-old') return listener.state({ is: 'too-old' });
      if (this.#scene.link === 'offline') {
        // It was there a moment ago: the page still shows what it knew.
        listener.message({ type: 'collector', status: this.#collector() });
        listener.message({ type: 'fleet', rows: this.#rows, done: true, total: this.#rows.length });
        return listener.state({
          is: 'offline',
          since: now() - 95 * SECOND,
          retryAt: now() + 12 * SECOND,
          why: 'The collector does not answer.',
        });
      }
      listener.state({ is: 'open' });
      listener.message({ type: 'opened', at: now() });
      listener.message({ type: 'collector', status: this.#collector() });
      listener.message({ type: 'waiting', count: this.#waiting.length });
      listener.message({ type: 'help', device: '', waiting: this.#help.waiting });
      every(1000, () => {
        tick += 1;
        listener.message({ type: 'collector', status: this.#collector() });
        if (this.#scene.moving)
          listener.message({
            type: 'changes',
            at: now(),
            rows: nextChanges(this.#rows, tick, now()),
            gone: [],
          });
        if (watched?.presence === 'live') {
          const at = Math.round(now() / 1000) * 1000;
          listener.message({
            type: 'live',
            id: watched.id,
            rows: [inventSample(watched, at)],
            receivedAt: now(),
            processes: inventProcesses(watched, tick),
          });
        }
      });
    }, 30);
    return {
      send,
      retryNow: () =>
        listener.state({
          is: 'offline',
          since: now() - 95 * SECOND,
          retryAt: now() + 15 * SECOND,
          why: 'The collector does not answer.',
        }),
      close: () => {
        for (const timer of timers) clearInterval(timer);
      },
    };
  }

  #session(request: Request): Answer<unknown> {
    if (this.#scene.session === 'trouble') return no(UNREACHABLE);
    if (request.method === 'DELETE') {
      this.#signedIn = false;
      return yes(undefined);
    }
    if (request.method === 'POST' && request.path === 'session') {
      const body = JSON.stringify(request.body ?? {});
      if (body.includes('wrong')) {
        return no(
          trouble(
            'sign-in-wrong',
            'That did not match',
            'User name or password is not right.',
            'Try again, or ask an administrator for a new password.',
          ),
        );
      }
      this.#signedIn = true;
    }
    if (!this.#signedIn)
      return no(
        trouble(
          'signed-out',
          'You are signed out',
          'The session has ended or was never there.',
          'Sign in to go on.',
        ),
      );
    const session: SessionResponse = {
      user: 'sam',
      name: 'Sam Ito',
      role: this.#scene.session === 'viewer' ? 'viewer' : 'admin',
      csrf: 'scene',
      mustChangePassword: this.#scene.session === 'new-password' && request.path !== 'session/password',
      expiresAt: now() + 8 * HOUR,
    };
    return yes(session);
  }

  #asked(request: Request, over: boolean, device?: string, id?: string): Answer<unknown> {
    if (device === undefined) return yes(this.#help.list(over));
    if (id === undefined) return yes(this.#help.of(device));
    if (this.#scene.session === 'viewer') return no(DENIED);
    const told = (key: string): unknown => Object.getOwnPropertyDescriptor(request.body ?? {}, key)?.value;
    const moved = this.#help.move(device, id, told('do'), told('answer'));
    if (moved === null) return no(NOT_FOUND);
    this.#listener?.message({ type: 'help', device, waiting: this.#help.waiting });
    return yes(moved);
  }

  #device(method: string, id: string, part: string, number: (key: string) => number): Answer<unknown> {
    const row = this.#rows[this.#byId.get(id) ?? -1];
    if (!row) return no(NOT_FOUND);
    const at = now();
    if (method === 'POST' && part === 'scan') {
      if (row.presence === 'live') this.#answerScan(row);
      return yes({ id: 'scan-1', sent: row.presence === 'live' });
    }
    if (method === 'POST' && part === 'revoke') {
      this.#revoked.set(id, at);
      return yes(undefined);
    }
    if (method === 'POST' && part === 'restore') {
      this.#revoked.delete(id);
      return yes(undefined);
    }
    if (part === 'samples') return yes(inventSamples(row, number('from'), number('to'), at));
    if (part === 'timeline') return yes(inventTimeline(row, number('from'), number('to'), at));
    if (part === 'moment') return yes(inventMoment(row, number('at'), at));
    const device = this.#invent(row);
    if (part === 'sources') {
      return yes(
        inventSources(row, device.record, {
          serial: device.identity.serial,
          now: at,
          decisions: this.#matching.decisionsOn(id),
        }),
      );
    }
    return yes(device);
  }

  #integrations() {
    const lone = this.#rows.filter(({ noAgent }) => noAgent === true).length;
    const all = inventIntegrations(now(), lone);
    if (this.#rows.length === 0) {
      return {
        integrations: all.integrations.map(one => ({
          ...one,
          state: 'not-configured' as const,
          withIssues: 0,
          accounts: [],
        })),
        devices: { joined: 0, lone: 0, notComputers: 0, systemUnknown: 0, contradicted: 0 },
        issues: 0,
      };
    }
    const integrations = all.integrations.map(one => {
      const more = this.#connected.get(one.id) ?? [];
      return more.length === 0
        ? one
        : { ...one, state: 'pending' as const, accounts: [...one.accounts, ...more] };
    });
    return { ...all, integrations };
  }

  #account({ body }: Request, [, method, connector = '', name, action]: RegExpExecArray): Answer<unknown> {
    if (method === 'DELETE') return yes(undefined);
    if (action === 'run') return yes({ started: true });
    if (action === 'test') {
      const refused = {
        what: 'Sign in',
        outcome: 'failed',
        detail:
          'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the secret value.',
        code: 'vendor-credentials',
      };
      return yes({ lines: [refused] });
    }
    const [first] = inventIntegrations(now(), 0).integrations.flatMap(one => one.accounts);
    if (first === undefined) return no(NOT_FOUND);
    const text = (key: string): string => {
      const value: unknown = Object.getOwnPropertyDescriptor(body ?? {}, key)?.value;
      return typeof value === 'string' ? value : '';
    };
    const made: IntegrationAccount = {
      ...first,
      account: name ?? text('account'),
      label: text('label'),
      state: 'pending',
      savedAt: now(),
      workedAt: null,
      fullAt: null,
      lastRun: null,
      lastCheck: null,
      throttled: null,
      records: 0,
    };
    if (name === undefined) this.#connected.set(connector, [made]);
    return yes(made);
  }

  /** A third of the checks each half second, as a device would send them; what was answered stays answered. */
  #answerScan(row: FleetRow): void {
    const ids = Object.keys(inventDevice(row, now()).findings);
    const answers = new Map<string, number>();
    this.#answers.set(row.id, answers);
    for (const part of [1, 2, 3]) {
      setTimeout(() => {
        for (const id of ids.slice(0, Math.ceil((ids.length * part) / 3))) answers.set(id, now());
        this.#listener?.message({ type: 'device', id: row.id, device: this.#invent(row) });
      }, 500 * part);
    }
  }

  #invent(row: FleetRow): DeviceResponse {
    const device = inventDevice(row, now(), this.#revoked.get(row.id) ?? null);
    const answers = this.#answers.get(row.id);
    if (answers === undefined) return device;
    const findings = Object.entries(device.findings).map(
      ([id, finding]) => [id, { ...finding, at: Math.max(finding.at, answers.get(id) ?? 0) }] as const,
    );
    return { ...device, findings: Object.fromEntries(findings) };
  }

  #collector(): CollectorResponse {
    const count = (presence: FleetRow['presence']) =>
      this.#rows.filter(row => row.presence === presence).length;
    this.#counted ??= {
      total: this.#rows.length,
      live: count('live'),
      stale: count('stale'),
      silent: count('silent'),
    };
    return {
      id: 'c-berlin-1',
      version: '0.1.0',
      startedAt: SCENE_START - 12 * DAY,
      store: 'SQLite',
      devices: this.#counted,
      messagesPerS: this.#rows.length === 0 ? 0 : Math.round(this.#counted.live / 2.4),
      lastMessageAt: this.#rows.length === 0 ? null : now() - 300,
      storageBytes: 812 * 1024 * 1024,
      collectors: 1,
      demo: true,
      agentUrl: 'wss://trayline.example.com/agent',
    };
  }
  #counted: CollectorResponse['devices'] | null = null;
}

/** As the collector finds them in what systems say of it (`inventElsewhere`). */
function withContradictions(row: FleetRow): FleetRow {
  if (row.encryption !== 'off' || row.platform === 'linux') return row;
  return {
    ...row,
    contradictions: [
      { rule: 'compliant-unencrypted', weight: 'high' },
      ...(row.platform === 'windows' ? [{ rule: 'compliance-differs', weight: 'medium' as const }] : []),
    ],
  };
}

function yes(value: unknown): Answer<unknown> {
  return { ok: true, value };
}
function no(reason: Trouble): Answer<unknown> {
  return { ok: false, trouble: reason };
}
function roleOf(word: string): Person['role'] {
  return word === 'admin' || word === 'approver' || word === 'helpdesk' ? word : 'viewer';
}
