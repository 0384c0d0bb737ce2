import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian's packages for the browser tests; the fonts because a picture without letters shows nothing. */
const CHROMIUM_PACKAGES = ['chromium', 'fonts-dejavu-core'];
const CHROMIUM_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** What a part is and where it was found, or the one line that says how to get it. */
export type Runtime = { readonly path: string; readonly version: string } | { readonly missing: string };

/**
 * A Chromium for the console's tests: the one CHROMIUM names, else what the system has, else Debian's package (installed
 * here when this is root on a machine with apt).
 */
export function chromium(): Runtime {
  const named = process.env.CHROMIUM;
  if (named !== undefined && named !== '') {
    return isProgram(named) ? found(named) : { missing: `CHROMIUM names ${named}, which is not a program` };
  }
  const onPath = search();
  if (onPath !== null) return found(onPath);
  const line = `apt-get install -y --no-install-recommends ${CHROMIUM_PACKAGES.join(' ')}`;
  if (process.getuid?.() === 0 && isProgram('/usr/bin/apt-get')) {
    console.log(`test: installing ${CHROMIUM_PACKAGES.join(', ')} (Debian packages)`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('/usr/bin/apt-get', ['update', '-qq'], { stdio: 'inherit', env });
    spawnSync('/usr/bin/apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...CHROMIUM_PACKAGES], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
    const installed = search();
    if (installed !== null) return found(installed);
  }
  return { missing: `no Chromium: run \`${line}\` as root, or name one with CHROMIUM=/path` };
}

/**
 * Sees that these Debian packages are there, by a file of each; installs what is missing where this is root on a machine
 * with apt. null: all there; otherwise the one line that would do it.
 */
export function systemPackages(
  wanted: readonly (readonly [file: string, packageName: string])[],
): string | null {
  const missing = (): string[] => wanted.filter(([file]) => !existsSync(file)).map(([, name]) => name);
  let names = missing();
  if (names.length === 0) return null;
  if (process.getuid?.() === 0 && isProgram('/usr/bin/apt-get')) {
    console.log(`test: installing ${names.join(', ')} (Debian packages)`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('/usr/bin/apt-get', ['update', '-qq'], { stdio: 'inherit', env });
    spawnSync('/usr/bin/apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
    names = missing();
  }
  return names.length === 0
    ? null
    : `run \`apt-get install -y --no-install-recommends ${names.join(' ')}\` as root`;
}

function found(path: string): Runtime {
  const asked = spawnSync(path, ['--version', '--no-sandbox'], { encoding: 'utf8', timeout: 20_000 });
  return { path, version: asked.stdout?.trim() || 'version not told' };
}

function search(): string | null {
  for (const folder of ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]) {
    for (const name of CHROMIUM_NAMES) if (isProgram(join(folder, name))) return join(folder, name);
  }
  return null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
