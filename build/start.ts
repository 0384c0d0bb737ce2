/**
 * `npm start`: a collector on the embedded store and this machine's own agent, enrolled and streaming. Prints the address
 * and the sign-in; with `--json` as one line `{"url","user","password","enrolmentToken"}` on standard output. `--demo`
 * (`npm run demo`) adds a made-up company with simulated devices. Ends cleanly on Ctrl-C with nothing left running.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { firstSignIn } from '../collector/http/first-admin.ts';
import { newEnrolmentTokenSecret, secretHash } from '../collector/http/session.ts';
import { openSqliteStore } from '../collector/store/sqlite/sqlite-store.ts';
import type { Store } from '../collector/store/store.ts';
import { DAY, SECOND } from '../shared/base/durations.ts';
import { Problem, toProblem } from '../shared/problem/problem.ts';
import { type Child, startChild } from './child.ts';
import { startDemo } from './demo/demo.ts';
import { startDemoVendors } from './demo/vendors.ts';
import { buildIfStale } from './fresh.ts';
import { AGENT_FLAGS, COLLECTOR_FLAGS } from './node-flags.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const OPTIONS = {
  json: { type: 'boolean', default: false },
  demo: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  port: { type: 'string' },
  data: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const HELP = `npm start -- [options]
  --json       print {"url","user","password","enrolmentToken"} as one line
  --port N     port to listen on (default 8620; 0 takes any free one)
  --data DIR   folder for the database and this machine's agent (default ./data; the demo uses ./data/demo)
  --demo       add a made-up company with 60 simulated devices (npm run demo)
  --keep       demo: go on with the company of the last time instead of making it anew
`;

/** Stands in a demo's folder, so that nothing else is ever deleted. */
const DEMO_MARK = 'DEMO';
/** Longest this machine may take to appear on the console. */
const LIVE_MS = 60 * SECOND;
/** Log of the store while it is prepared: what matters is thrown. */
const quietLog = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
};

interface SignIn {
  user: string;
  /** null: the administrator has set a password of their own. */
  password: string | null;
  enrolmentToken: string;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS, strict: true });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const tell = (text: string): void => {
    process.stderr.write(`${text}\n`);
  };
  await buildIfStale(what => tell(`Trayline: ${what} …`));
  const data = values.data ?? join(root, 'data', ...(values.demo ? ['demo'] : []));
  const collectorData = join(data, 'collector');
  if (values.demo) {
    if (!values.keep) clearDemo(data);
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, DEMO_MARK), 'This folder is made anew by every npm run demo.\n');
  }

  const store = await openSqliteStore({ folder: collectorData, log: quietLog });
  let signIn: SignIn;
  let demo: Awaited<ReturnType<typeof startDemo>> | null;
  let vendors: Child | null;
  try {
    signIn = await prepareSignIn(store);
    demo = values.demo ? await startDemo(store, { data }) : null;
    vendors = values.demo
      ? await startDemoVendors(store, { collectorData, logFile: join(data, 'vendors.log') })
      : null;
  } finally {
    await store.close();
  }

  const children: Child[] = [];
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    // Agents first, so that they say goodbye to a collector that still listens.
    stopping ??= (async () => {
      const [collector, ...agents] = children;
      await Promise.all(agents.map(child => child.stop()));
      await collector?.stop();
    })();
    return stopping;
  };
  const onSignal = (): void => {
    tell('\nTrayline stops …');
    void stop();
  };
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);

  const collector = startChild('collector', [...COLLECTOR_FLAGS, join(root, 'dist/collector/main.js')], {
    cwd: root,
    logFile: join(data, 'collector.log'),
    env: {
      TRAYLINE_DATA_DIR: collectorData,
      TRAYLINE_CONSOLE_DIR: join(root, 'dist/console'),
      ...(values.port === undefined ? {} : { TRAYLINE_PORT: values.port }),
      ...(values.demo ? { TRAYLINE_DEMO: 'on' } : {}),
    },
  });
  children.push(collector);
  if (vendors !== null) children.push(vendors);
  let url: string;
  try {
    ({ url } = JSON.parse(await collector.firstLine) as { url: string });
  } catch (error) {
    tell(collector.logTail());
    await vendors?.stop();
    throw error;
  }
  const agent = startChild(
    'agent',
    [
      ...AGENT_FLAGS,
      join(root, 'dist/agent/service.js'),
      '--collector',
      url,
      '--data',
      join(data, 'agent'),
      '--json-log',
    ],
    {
      cwd: root,
      logFile: join(data, 'agent.log'),
      env: { TRAYLINE_ENROLMENT_TOKEN: signIn.enrolmentToken },
    },
  );
  children.push(agent);
  if (demo !== null) children.push(demo.startFleet(url, join(data, 'fleet.log')));

  for (const child of children) {
    void child.ended.then(how => {
      if (stopping !== null) return;
      tell(`Trayline: the ${child.name} ended unexpectedly (${how}):\n${child.logTail()}`);
      process.exitCode = 1;
      void stop();
    });
  }

  if (values.json) {
    process.stdout.write(`${JSON.stringify({ url, ...signIn })}\n`);
  } else {
    process.stdout.write(
      [
        '',
        `  Console          ${url}`,
        `  User             ${signIn.user}`,
        `  Password         ${signIn.password ?? '(the one you set)'}`,
        `  Enrolment token  ${signIn.enrolmentToken}`,
        '',
        `  Another machine  npm run agent -- --collector ${url} --token ${signIn.enrolmentToken}`,
        ...(demo === null
          ? []
          : [
              '',
              ...demo.people.map(({ user, password, role }) => `  ${role.padEnd(15)}  ${user} / ${password}`),
            ]),
        '',
        '',
      ].join('\n'),
    );
    if (signIn.password !== null) {
      const live = await waitUntilLive(
        url,
        { user: signIn.user, password: signIn.password },
        () => stopping !== null,
      );
      tell(
        live === null
          ? `This machine (${hostname()}) has not appeared yet; see ${join(data, 'agent.log')}`
          : `This machine is live as ${live}. Ctrl-C stops everything.`,
      );
    }
  }
  await Promise.all(children.map(child => child.ended));
  await stop();
}

/** Deletes what an earlier demo left; a folder that no demo has marked as its own is left alone. */
function clearDemo(data: string): void {
  if (!existsSync(data) || readdirSync(data).length === 0) return;
  if (!existsSync(join(data, DEMO_MARK))) {
    throw new Problem(
      'settings-invalid',
      `${data} holds something that is not a demo's; name another folder with --data`,
    );
  }
  rmSync(data, { recursive: true, force: true });
}

/** The first administrator's one-time password (made anew as long as nobody has changed it), and a token for agents. */
async function prepareSignIn(store: Store): Promise<SignIn> {
  const clock = { now: () => Date.now() };
  const { user, password } = await firstSignIn(store, { clock });
  const enrolmentToken = newEnrolmentTokenSecret();
  await store.addEnrolmentToken({
    id: `t_${randomUUID().slice(0, 13)}`,
    label: 'npm start',
    createdAt: Date.now(),
    createdBy: user,
    expiresAt: Date.now() + DAY,
    maxUses: 1000,
    uses: 0,
    revokedAt: null,
    secretHash: secretHash(enrolmentToken),
  });
  return { user, password, enrolmentToken };
}

/** The name under which this machine's agent appears, or null when it does not within a minute. */
async function waitUntilLive(
  url: string,
  signIn: { user: string; password: string },
  stopped: () => boolean,
): Promise<string | null> {
  const api = `${url}/api/v1`;
  const session = await fetch(`${api}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(signIn),
  });
  const cookie = session.headers.get('set-cookie')?.split(';')[0];
  if (!session.ok || cookie === undefined) return null;
  const { csrf } = (await session.json()) as { csrf: string };
  const deadline = Date.now() + LIVE_MS;
  let name: string | null = null;
  while (name === null && Date.now() < deadline && !stopped()) {
    const answer = await fetch(`${api}/devices?limit=1000`, { headers: { cookie } });
    const { devices } = (await answer.json()) as {
      devices: { name: string; presence: string; demo: boolean; os: string | null }[];
    };
    name =
      devices.find(device => device.presence === 'live' && !device.demo && device.os !== null)?.name ?? null;
    if (name === null) await new Promise(resolve => setTimeout(resolve, 300));
  }
  await fetch(`${api}/session`, { method: 'DELETE', headers: { cookie, origin: url, 'x-csrf-token': csrf } });
  return name;
}

main().catch((error: unknown) => {
  const problem = toProblem(error);
  process.stderr.write(
    `Trayline could not start: ${problem.detail}${error instanceof Error ? ` (${error.message})` : ''}\n`,
  );
  process.exitCode = 1;
});
