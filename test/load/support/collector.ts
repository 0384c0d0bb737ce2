import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { COLLECTOR_FLAGS } from '../../../build/node-flags.ts';
import { newEnrolmentTokenResponse, sessionResponse } from '../../../shared/api/schemas.ts';
import { SERVER_CORE, type Started, start } from './process.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** What is started: the TypeScript sources, or the bundle of `npm run build`. */
export type Form = 'source' | 'bundle';

function newest(folder: string, depth = 8): number {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'console' || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) time = Math.max(time, depth > 0 ? newest(path, depth - 1) : 0);
    else if (entry.name.endsWith('.ts')) time = Math.max(time, statSync(path).mtimeMs);
  }
  return time;
}

let built: Promise<boolean> | null = null;

/** Runs `npm run build` once; false when it fails. */
function build(): Promise<boolean> {
  built ??= new Promise(resolve => {
    execFile(process.execPath, [join(ROOT, 'build', 'build.ts')], { timeout: 180_000 }, error =>
      resolve(error === null),
    );
  });
  return built;
}

/**
 * A program as it ships: the bundle, built when there is none or the sources are newer. Where it cannot be built the sources
 * are measured, and the note says so.
 */
export async function programOf(part: 'collector' | 'agent'): Promise<{ script: string; form: Form }> {
  const bundle = join(ROOT, 'dist', part === 'collector' ? 'collector/main.js' : 'agent/service.js');
  const source = join(ROOT, part === 'collector' ? 'collector/main.ts' : 'agent/service/main.ts');
  const sources = Math.max(newest(join(ROOT, part)), newest(join(ROOT, 'shared')));
  const fresh = existsSync(bundle) && statSync(bundle).mtimeMs >= sources;
  if (fresh || (await build())) return { script: bundle, form: 'bundle' };
  return { script: source, form: 'source' };
}

export const COLLECTOR_SOURCE = join(ROOT, 'collector', 'main.ts');

/** A port that was free a moment ago: the collector must come back on the same one. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

const readyLine = z.object({
  url: z.string(),
  firstAdmin: z.object({ user: z.string(), password: z.string() }).optional(),
});
type Ready = z.infer<typeof readyLine>;

export interface RunningCollector {
  readonly process: Started;
  readonly url: string;
  readonly firstAdmin: Ready['firstAdmin'];
}

export interface CollectorOptions {
  readonly folder: string;
  readonly port: number;
  readonly log: string;
  /** Left out: as shipped. Setting up a fleet is not what most parts measure, so they let it in faster. */
  readonly connectsPerS?: number;
  /** MongoDB's address; left out: the embedded store. */
  readonly store?: string;
  readonly script?: string;
  readonly nodeFlags?: readonly string[];
  /** Left out: the server core; null: none. */
  readonly core?: number | null;
}

/** Starts the product's collector on the server core and returns at once; `whenReady` waits for its line. */
export function launchCollector(options: CollectorOptions): Started {
  const {
    folder,
    port,
    log,
    connectsPerS,
    store,
    script = COLLECTOR_SOURCE,
    nodeFlags = [],
    core = SERVER_CORE,
  } = options;
  return start({
    script,
    nodeFlags: [...COLLECTOR_FLAGS, ...nodeFlags],
    core,
    log,
    env: {
      TRAYLINE_PORT: String(port),
      TRAYLINE_DATA_DIR: folder,
      ...(store === undefined ? {} : { TRAYLINE_STORE: store }),
      ...(connectsPerS === undefined ? {} : { TRAYLINE_MAX_CONNECTS_PER_S: String(connectsPerS) }),
    },
  });
}

export async function whenReady(process: Started): Promise<RunningCollector> {
  const ready = await process.line(line => readyLine.safeParse(line).data ?? null, 30_000);
  return { process, url: ready.url, firstAdmin: ready.firstAdmin };
}

export async function startCollector(options: CollectorOptions): Promise<RunningCollector> {
  return whenReady(launchCollector(options));
}

export const ADMIN_PASSWORD = 'a long pass phrase of the load test';

export interface SignedIn {
  readonly cookie: string;
  readonly csrf: string;
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}: ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
}

/** Signs in as a console page does. */
export async function signIn(url: string, user: string, password: string): Promise<SignedIn> {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  const cookie = (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
  const { csrf } = sessionResponse.parse(await answerOf(response));
  return { cookie, csrf };
}

async function post(url: string, path: string, session: SignedIn, body: object): Promise<unknown> {
  return answerOf(
    await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie: session.cookie,
        'x-csrf-token': session.csrf,
      },
      body: JSON.stringify(body),
    }),
  );
}

/** The first administrator's way: one-time password, own password, then an enrolment token without limit. */
export async function enrolmentToken(collector: RunningCollector): Promise<string> {
  const { url, firstAdmin } = collector;
  if (firstAdmin === undefined) throw new Error('the collector has an administrator already');
  const session = await signIn(url, firstAdmin.user, firstAdmin.password);
  await post(url, '/api/v1/session/password', session, {
    current: firstAdmin.password,
    next: ADMIN_PASSWORD,
  });
  const answer = await post(url, '/api/v1/enrolment/tokens', session, {
    label: 'load test',
    validHours: null,
    maxUses: null,
  });
  return newEnrolmentTokenResponse.parse(answer).secret;
}

/** The agents' address of a collector. */
export function agentAddress(url: string): string {
  return `${url.replace(/^http/, 'ws')}/agent`;
}
