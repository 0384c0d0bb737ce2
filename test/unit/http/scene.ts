import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Express } from 'express';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { createAudit } from '../../../collector/audit/audit.ts';
import type { Connector } from '../../../collector/connect/connector.ts';
import { openSecretBox } from '../../../collector/connect/secrets.ts';
import { AgentSettingsBoard } from '../../../collector/fleet/agent-settings.ts';
import { HelpLine } from '../../../collector/fleet/help-line.ts';
import { HotFleet } from '../../../collector/fleet/hot-fleet.ts';
import { LiveFleet } from '../../../collector/fleet/live-fleet.ts';
import { createApp } from '../../../collector/http/app.ts';
import { ensureFirstAdmin } from '../../../collector/http/first-admin.ts';
import { createLockout } from '../../../collector/http/lockout.ts';
import { createPasswords } from '../../../collector/http/password.ts';
import type { Route } from '../../../collector/http/route.ts';
import { allRoutes } from '../../../collector/http/routes.ts';
import { newApiTokenSecret, secretHash } from '../../../collector/http/session.ts';
import { Scheduler } from '../../../collector/job/scheduler.ts';
import { createLog } from '../../../collector/log.ts';
import { createMetrics } from '../../../collector/metrics.ts';
import { readSettings, type Settings } from '../../../collector/settings/settings.ts';
import { openSqliteStore } from '../../../collector/store/sqlite/sqlite-store.ts';
import type { NewDevice, Store } from '../../../collector/store/store.ts';
import { Accounts } from '../../../collector/sync/accounts.ts';
import { Records } from '../../../collector/sync/records.ts';
import { problemResponse, type Role } from '../../../shared/api/schemas.ts';
import type { Clock } from '../../../shared/base/clock.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import type { ProblemCode } from '../../../shared/problem/codes.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { HelpStandings } from '../../../shared/protocol/to-device.ts';
import { aloneOn } from '../../support/alone.ts';

/** Fast, for tests only; the parameters stand in each hash. */
export const quickPasswords = createPasswords({ logN: 4, r: 8, p: 1 });

/** A clock whose wall and monotonic time can be moved on together. */
export interface MovableClock extends Clock {
  move(ms: number): void;
}

export function movableClock(): MovableClock {
  let moved = 0;
  return {
    now: () => Math.floor(Date.now() + moved),
    monotonic: () => performance.now() + moved,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    move: ms => {
      moved += ms;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, with `type` as its media type. */
  readonly raw?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A signed-in page: its cookie and its CSRF token. */
export interface Page {
  readonly cookie: string;
  readonly csrf: string;
}

export type Scene = Awaited<ReturnType<typeof startScene>>;

/** A real server on a free port over a real store in a folder of its own; everything is gone after the test. */
export async function startScene(
  env: Readonly<Record<string, string>> = {},
  connectors: readonly Connector[] = [],
) {
  const folder = await mkdtemp(join(tmpdir(), 'trayline-http-'));
  const settings: Settings = readSettings({
    TRAYLINE_DATA_DIR: folder,
    TRAYLINE_CONSOLE_DIR: join(folder, 'console'),
    TRAYLINE_LOG_LEVEL: 'trace',
    ...env,
  });
  const clock = movableClock();
  const lines: string[] = [];
  const log = createLog({ level: settings.logLevel, destination: { write: line => lines.push(line) } });
  const store: Store = await openSqliteStore({ folder });
  const metrics = createMetrics({ version: '1.2.3', process: false });
  const hot = new HotFleet(store, () => clock.now());
  const dropped: { id: string; code: ProblemCode }[] = [];
  const scans: { id: string; scans: readonly string[] | undefined }[] = [];
  const connected = new Set<string>();
  const waitingCounts: number[] = [];
  const rows: string[] = [];
  const cluster = await aloneOn(store, hot);
  const scheduler = new Scheduler({ random: () => 0.5, onDone: () => {}, onFailed: () => {} });
  const records: Records = new Records({
    store,
    hot,
    now: () => clock.now(),
    isDemo: account => accounts.isDemo(account),
    onRow: row => rows.push(row.id),
    onGone: id => rows.push(`-${id}`),
    writable: devices => cluster.writable(devices),
    tellObserved: () => undefined,
    tellDecided: () => undefined,
    tellIdentity: () => undefined,
    onFailed: problem => {
      throw problem;
    },
  });
  const accounts: Accounts = new Accounts({
    store,
    box: await openSecretBox({ dataDir: folder }),
    connectors,
    records,
    scheduler,
    clock,
    random: () => 0.5,
    log,
    once: (name, everyMs, run, how) => cluster.once(name, everyMs, run, how),
    tellOthers: () => undefined,
  });
  const fleet = new LiveFleet({
    hot,
    store,
    now: () => clock.now(),
    version: '1.2.3',
    collectorId: await store.collectorId(),
    startedAt: clock.now(),
    demo: false,
    agentUrl: () => 'http://127.0.0.1',
    messagesPerS: () => 0,
    lastMessageAt: () => null,
    storageBytes: () => 0,
    sendScanRequest: (id, request) => {
      if (!connected.has(id)) return false;
      scans.push({ id, scans: request.scans });
      return true;
    },
    drop: (id, code) => dropped.push({ id, code }),
    onGone: () => {},
    onRow: () => {},
    onWaiting: count => waitingCounts.push(count),
    lone: records,
    onChanged: device => records.agentChanged(device, true),
  });
  const unready: { code: ProblemCode | null } = { code: null };
  let settingsTold = 0;
  const agentSettings = new AgentSettingsBoard({
    store,
    now: () => clock.now(),
    changed: () => {
      settingsTold += 1;
    },
    delivery: () => ({ connected: connected.size, holding: 0, refusing: 0 }),
  });
  await agentSettings.load();
  const helpSent: { device: string; frame: HelpStandings }[] = [];
  const helpTold: { device: string; waiting: number }[] = [];
  const help = new HelpLine({
    store,
    now: () => clock.now(),
    send: (device, frame) => helpSent.push({ device, frame }),
    onChanged: (device, waiting) => helpTold.push({ device, waiting }),
  });
  const deps = {
    settings,
    store,
    fleet,
    agentSettings,
    help,
    accounts,
    records,
    log,
    metrics,
    clock,
    version: '1.2.3',
    passwords: quickPasswords,
    unready: () => (unready.code === null ? null : new Problem(unready.code, 'as the test says')),
  };
  const app: Express = createApp(deps);
  const routes: Route[] = allRoutes({
    ...deps,
    audit: createAudit(store, clock),
    lockout: createLockout(clock),
  });

  const server = createServer(app);
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;

  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    server.closeAllConnections();
    await new Promise<void>(done => server.close(() => done()));
    await accounts.stop();
    await scheduler.stop();
    await records.stop();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  onTestFinished(close);

  async function ask(path: string, { method, body, raw, type, headers }: Ask = {}): Promise<Answer> {
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(url + path, {
      method: method ?? (text === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: { ...(text === undefined ? {} : { 'content-type': type ?? 'application/json' }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(answer) : answer };
  }

  /** The route that answers `path`, so that an answer can be held against what is declared. */
  function declared(method: string, path: string): Route {
    const [bare = ''] = path.split('?');
    const found = routes.find(
      route =>
        route.method === method.toLowerCase() &&
        new RegExp(`^${route.path.replace(/:[a-z]+/g, '[^/]+')}$`).test(bare),
    );
    if (found === undefined) throw new Error(`no route for ${method} ${path}`);
    return found;
  }

  return {
    url,
    port,
    folder,
    settings,
    clock,
    store,
    hot,
    fleet,
    accounts,
    records,
    rows,
    app,
    routes,
    lines,
    log,
    dropped,
    scans,
    connected,
    waitingCounts,
    helpSent,
    helpTold,
    unready,
    get settingsTold() {
      return settingsTold;
    },
    close,
    ask,

    /** Asks and expects what the route declares: its status, its shape and nothing beyond it. */
    async good<S extends z.ZodType>(path: string, schema: S, request: Ask = {}): Promise<z.output<S>> {
      const answer = await ask(path, request);
      const method = request.method ?? (request.body === undefined ? 'GET' : 'POST');
      const route = declared(method, path);
      if (answer.status !== route.status) {
        throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      if (route.status === 204) return schema.parse(undefined);
      const byRoute = route.response.parse(answer.body);
      if (JSON.stringify(sorted(byRoute)) !== JSON.stringify(sorted(answer.body))) {
        throw new Error(`${method} ${path} says more than it declares: ${JSON.stringify(answer.body)}`);
      }
      return schema.parse(answer.body);
    },

    /** Asks and expects problem details. */
    async refused(path: string, request: Ask = {}) {
      const answer = await ask(path, request);
      if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) {
        throw new Error(`no problem but ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      const problem = problemResponse.strict().parse(answer.body);
      if (problem.status !== answer.status) throw new Error('status of the body differs from the answer');
      return { ...problem, headers: answer.headers };
    },

    async addPerson(
      user: string,
      role: Role,
      password: string,
      change: { mustChangePassword?: boolean } = {},
    ) {
      await store.addPerson({
        user,
        name: `Name of ${user}`,
        role,
        createdAt: clock.now(),
        lastSignIn: null,
        disabled: false,
        lockedUntil: null,
        passwordHash: await quickPasswords.hash(password),
        mustChangePassword: false,
        failures: 0,
        ...change,
      });
    },

    firstAdmin: () => ensureFirstAdmin(store, { clock, passwords: quickPasswords }),

    async signIn(user: string, password: string): Promise<Page> {
      const answer = await ask('/api/v1/session', { body: { user, password } });
      const { csrf } = (answer.body as { csrf?: string }) ?? {};
      const cookie = answer.headers.getSetCookie()[0]?.split(';')[0];
      if (answer.status !== 201 || csrf === undefined || cookie === undefined) {
        throw new Error(`not signed in: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
      return { cookie, csrf };
    },

    /** Headers of an API token of this role. */
    async token(role: Role): Promise<Record<string, string>> {
      const secret = newApiTokenSecret();
      await store.addApiToken({
        id: `token-${role}-${secret.slice(-6)}`,
        label: `a ${role}`,
        role,
        createdAt: clock.now(),
        createdBy: 'test',
        expiresAt: null,
        lastUsed: null,
        revokedAt: null,
        secretHash: secretHash(secret),
      });
      return { authorization: `Bearer ${secret}` };
    },

    async addDevice(id: string, change: Partial<NewDevice> = {}) {
      await store.addDevice({
        id,
        publicKey: id.padEnd(43, 'A'),
        enrolledAt: clock.now(),
        enrolledBy: 'a label',
        demo: false,
        identity: identityOf(id),
        ...change,
      });
      const device = await hot.load(id);
      if (device !== null) records.agentChanged(device, true);
    },

    async audited(): Promise<string[]> {
      const entries = await store.listAudit({ limit: 100 });
      return entries.map(
        entry => `${entry.action} ${entry.subject} by ${entry.actor.kind} ${entry.actor.id}`,
      );
    },
  };
}

export function identityOf(hostname: string): DeviceIdentity {
  return {
    platform: 'linux',
    hostname,
    machineId: null,
    serial: null,
    hardwareUuid: null,
    manufacturer: null,
    model: null,
    person: null,
    macs: [],
  };
}

/** Headers of a page that changes something. */
export function pageHeaders({ cookie, csrf }: Page): Record<string, string> {
  return { cookie, 'x-csrf-token': csrf };
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
