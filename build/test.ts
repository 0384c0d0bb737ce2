/**
 * `npm test`: check, bundles, then every test. Installs what the machine lacks where it can and says in one line what it
 * cannot; in CI (CI set) a missing part is a failure, elsewhere the tests that need it are left out and named.
 * `-- --only unit,contract` runs only these projects, without the check.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
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

const run = (name: string, command: string, args: readonly string[]): boolean => {
  const started = performance.now();
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env,
    shell: process.platform === 'win32',
  });
  const ok = result.status === 0;
  console.log(
    `test: ${name} ${ok ? 'ok' : 'FAILED'} (${((performance.now() - started) / 1000).toFixed(0)} s)`,
  );
  return ok;
};

let ok = asked !== undefined || run('check', process.execPath, ['build/check.ts']);
await buildIfStale(what => console.log(`test: ${what}`));
mkdirSync(join(root, 'dist'), { recursive: true });
const report = join(root, 'dist', 'test-report.json');
ok =
  run('tests', 'vitest', [
    'run',
    '--config',
    'build/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...projects.filter(project => !leftOut.includes(project)).flatMap(project => ['--project', project]),
  ]) && ok;

const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8')) as {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
};
console.log(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
process.exitCode = ok && numFailedTests === 0 && numPassedTests > 0 ? 0 : 1;
