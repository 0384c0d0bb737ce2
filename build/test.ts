/**
 * `npm test`: check, bundles, then every test. Installs what the machine lacks where it can and says in one line what it
 * cannot; in CI (CI set) a missing part is a failure, elsewhere the tests that need it are left out and named.
 * `-- --only unit,contract` runs only these projects, without the check. Every runner tells its own results; the last line
 * has the sum.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { electron, electronSurroundings } from './electron-runtime.ts';
import { buildIfStale } from './fresh.ts';
import { mongod } from './runtime/mongod.ts';
import { chromium } from './runtimes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const PROJECTS = ['unit', 'contract', 'process', 'console', 'desktop'] as const;

const { values } = parseArgs({ options: { only: { type: 'string' } }, strict: true });
const asked = values.only?.split(',').map(name => name.trim());
const unknown = asked?.filter(name => !PROJECTS.some(project => project === name)) ?? [];
if (unknown.length > 0) {
  console.error(`test: no such project: ${unknown.join(', ')}; there are ${PROJECTS.join(', ')}`);
  process.exit(2);
}
const projects = PROJECTS.filter(project => asked === undefined || asked.includes(project));

console.log(`test: node ${process.version} on ${process.platform} ${process.arch}`);
const env: NodeJS.ProcessEnv = { ...process.env };
const leftOut: string[] = [];
if (projects.includes('console')) {
  const browser = chromium();
  if ('path' in browser) {
    console.log(`test: ${browser.version} (${browser.path})`);
    env.CHROMIUM = browser.path;
  } else if (process.env.CI !== undefined) {
    console.error(`test: ${browser.missing}`);
    process.exit(1);
  } else {
    console.warn(`test: console tests left out: ${browser.missing}`);
    leftOut.push('console');
  }
}
if (projects.includes('desktop')) {
  const found = electron();
  const missing = 'missing' in found ? found.missing : electronSurroundings();
  if (missing === null && 'path' in found) console.log(`test: ${found.version} (${found.path})`);
  else if (process.env.CI !== undefined) {
    console.error(`test: ${missing}`);
    process.exit(1);
  } else {
    console.warn(`test: desktop tests left out: ${missing}`);
    leftOut.push('desktop');
  }
}

if (projects.includes('contract') || projects.includes('process')) {
  const database = await mongod();
  if ('path' in database) {
    console.log(`test: ${database.version} (${database.path})`);
    env.MONGOD = database.path;
  } else if (process.env.CI !== undefined) {
    console.error(`test: ${database.missing}`);
    process.exit(1);
  } else {
    console.warn(`test: tests on MongoDB left out: ${database.missing}`);
  }
}

/**
 * Tests that fill both cores run first and by themselves. The rest stand in two lines: the console's wait for a browser's drawing,
 * the others for processes to start, fall and come back, so the two together take little longer than the longer one.
 */
const LINES: readonly (readonly (readonly (typeof PROJECTS)[number][])[])[] = [
  [['unit', 'contract']],
  [['console'], ['process', 'desktop']],
];

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(0)} s`;

/** Runs a program to its end; what it says is kept back until then when `quiet`, so that two at once stay readable. */
function run(name: string, command: string, args: readonly string[], quiet = false): Promise<boolean> {
  const started = performance.now();
  const said: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(command, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    env,
    shell: process.platform === 'win32',
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => said.push(part));
  child.once('error', error => {
    console.error(`test: ${name} cannot be started: ${error.message}`);
    resolve(false);
  });
  child.once('close', code => {
    if (said.length > 0) process.stdout.write(Buffer.concat(said));
    console.log(`test: ${name} ${code === 0 ? 'ok' : 'FAILED'} (${seconds(started)})`);
    resolve(code === 0);
  });
  return promise;
}

interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

/** Runs these projects with a report of their own; null: there is none, the runner itself broke. */
async function tests(
  names: readonly string[],
  quiet: boolean,
): Promise<{ ok: boolean; counts: Counts | null }> {
  const report = join(root, 'dist', `test-report-${names.join('-')}.json`);
  rmSync(report, { force: true });
  const ok = await run(
    names.join(', '),
    'vitest',
    [
      'run',
      ...['--config', 'build/vitest.config.ts', '--reporter=default', '--reporter=json'],
      `--outputFile.json=${report}`,
      ...names.flatMap(name => ['--project', name]),
    ],
    quiet,
  );
  return { ok, counts: existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as Counts) : null };
}

let ok = asked !== undefined || (await run('check', process.execPath, ['build/check.ts']));
await buildIfStale(what => console.log(`test: ${what}`));
env.TRAYLINE_TEST_BUILT = '1';
mkdirSync(join(root, 'dist'), { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
for (const side of LINES) {
  const lines = side
    .map(names => names.filter(name => projects.includes(name) && !leftOut.includes(name)))
    .filter(names => names.length > 0);
  for (const { ok: passed, counts } of await Promise.all(
    lines.map((names, index) => tests(names, index > 0)),
  )) {
    ok = ok && passed && counts !== null;
    total.passed += counts?.numPassedTests ?? 0;
    total.failed += counts?.numFailedTests ?? 0;
    total.skipped += counts?.numPendingTests ?? 0;
  }
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = ok && total.failed === 0 && total.passed > 0 ? 0 : 1;
