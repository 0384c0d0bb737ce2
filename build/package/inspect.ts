import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LINK_SCHEME } from '../../agent/desktop/main/links.ts';
import type { Arch, System } from '../electron-runtime.ts';
import { iconIcns, iconPng } from './app-icon.ts';
import { type Asar, isWhole, readAsar } from './asar.ts';
import { FUSES, type FuseState, readFuses } from './fuses.ts';
import { APP_ID, COPYRIGHT, fuseFileIn, infoPlistIn, PRODUCT, programIn, resourcesIn } from './layout.ts';
import { fixedVersions, machineOf, type Resource, RT, readResources, versionString } from './pe.ts';
import { isDict, type PlistDict, type PlistValue, parsePlist } from './plist.ts';

/*
 * A packaged app looked at as files, with readers of our own and not with what wrote it. Runs on any system for any system;
 * says nothing about whether the program starts.
 */

/** One thing looked at. */
export interface Seen {
  readonly what: string;
  readonly found: string;
  readonly right: boolean;
}

export interface SeenFuse {
  readonly name: string;
  readonly wanted: 'on' | 'off' | 'as it is';
  readonly found: FuseState;
  readonly right: boolean;
  readonly why: string;
}

export interface Inspection {
  readonly seen: readonly Seen[];
  readonly fuses: readonly SeenFuse[];
}

export interface Inspected {
  readonly system: System;
  readonly arch: Arch;
  /** Of the app, as in package.json. */
  readonly version: string;
}

/** @throws Error when a part that every Electron app has is missing or cannot be read. */
export function inspect(folder: string, { system, arch, version }: Inspected): Inspection {
  const archive = readAsar(join(resourcesIn(folder, system), 'app.asar'));
  const own = {
    linux: () => inspectLinux(folder),
    windows: () => inspectWindows(folder, version, archive),
    mac: () => inspectMac(folder, version, archive),
  }[system]();
  const machine = machineIn(folder, system);
  return {
    seen: [
      { what: 'processor', found: machine, right: machine === arch },
      ...inspectArchive(folder, system, version, archive),
      ...own,
    ],
    fuses: inspectFuses(fuseFileIn(folder, system)),
  };
}

function inspectFuses(file: string): readonly SeenFuse[] {
  const states = readFuses(file);
  return FUSES.map(({ name, wanted, why }) => {
    const found = states[name] ?? 'unknown';
    return {
      name,
      wanted: wanted ?? 'as it is',
      found,
      // A fuse that this Electron has not (or no longer) guards nothing in it either.
      right: wanted === null || found === wanted || found === 'absent' || found === 'removed',
      why,
    };
  });
}

const same = (what: string, found: PlistValue | undefined | null, wanted: string | boolean): Seen => ({
  what,
  found: found === undefined || found === null ? 'missing' : String(found),
  right: found === wanted,
});

function inspectArchive(folder: string, system: System, version: string, archive: Asar): readonly Seen[] {
  const names = archive.files.map(({ path }) => path);
  const described: unknown = JSON.parse(
    archive.files.find(({ path }) => path === 'package.json')?.content.toString('utf8') ?? '{}',
  );
  const says = (key: string): string =>
    typeof described === 'object' && described !== null ? String(Reflect.get(described, key)) : 'missing';
  const strange = names.filter(
    name => !/^(package\.json|main\.cjs|preload\.cjs|page\/.+|icons\/[^/]+\.png)$/.test(name),
  );
  const needed = ['main.cjs', 'preload.cjs', 'page/index.html', 'icons/well-light@1.png'];
  const lacking = needed.filter(name => !names.includes(name));
  const resources = resourcesIn(folder, system);
  const beside = ['app', 'default_app.asar', 'app.asar.unpacked'].filter(name =>
    existsSync(join(resources, name)),
  );
  return [
    {
      what: 'app.asar',
      found: isWhole(archive)
        ? `${names.length} files, each with its SHA-256`
        : 'a file differs from its SHA-256',
      right: isWhole(archive),
    },
    {
      what: 'its files',
      found:
        strange.length + lacking.length === 0
          ? 'the app and nothing else'
          : `strange: ${strange.join(', ')}; lacking: ${lacking.join(', ')}`,
      right: strange.length + lacking.length === 0,
    },
    same('its version', says('version'), version),
    same('its name', says('productName'), PRODUCT),
    { what: 'beside it', found: beside.join(', ') || 'no other app', right: beside.length === 0 },
  ];
}

const ELF_MACHINES: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64' };
/** CPU types of a Mach-O header (mach/machine.h). */
const MACH_MACHINES: Readonly<Record<number, string>> = { 16777223: 'x64', 16777228: 'arm64' };

function machineIn(folder: string, system: System): string {
  const program = readFileSync(programIn(folder, system));
  if (system === 'windows') return machineOf(program);
  const id = system === 'linux' ? program.readUInt16LE(18) : program.readUInt32LE(4);
  return (system === 'linux' ? ELF_MACHINES : MACH_MACHINES)[id] ?? `machine ${id}`;
}

function inspectLinux(folder: string): readonly Seen[] {
  const program = programIn(folder, 'linux');
  const executable = (statSync(program).mode & 0o111) === 0o111;
  const sandbox = existsSync(join(folder, 'chrome-sandbox'));
  return [
    { what: 'program', found: executable ? 'everybody may run it' : 'not executable', right: executable },
    { what: 'sandbox helper', found: sandbox ? 'chrome-sandbox' : 'missing', right: sandbox },
  ];
}

function inspectWindows(folder: string, version: string, archive: Asar): readonly Seen[] {
  const resources = readResources(readFileSync(programIn(folder, 'windows')));
  const one = (type: Resource['type']): Buffer =>
    resources.find(resource => resource.type === type)?.data ?? Buffer.alloc(0);
  const info = one(RT.version);
  const fixed = fixedVersions(info);
  const largest = iconPng(256);
  const icon = resources.some(({ type, data }) => type === RT.icon && data.equals(largest));
  const group = one(RT.iconGroup);
  const sizes = Array.from({ length: group.length < 6 ? 0 : group.readUInt16LE(4) }, (_, index) => {
    const edge = group[6 + index * 14] ?? 0;
    return edge === 0 ? 256 : edge;
  });
  const level = /requestedExecutionLevel[^>]*level=["'](\w+)/.exec(one(RT.manifest).toString('utf8'))?.[1];
  return [
    same('product', versionString(info, 'ProductName'), PRODUCT),
    same('description', versionString(info, 'FileDescription'), PRODUCT),
    same('company', versionString(info, 'CompanyName'), PRODUCT),
    same('copyright', versionString(info, 'LegalCopyright'), COPYRIGHT),
    same('file version', fixed?.file, `${version}.0`),
    same('product version', fixed?.product, `${version}.0`),
    { what: 'icon', found: icon ? `own, ${sizes.join(', ')} px` : 'not our own', right: icon },
    same('asks for the rights of', level, 'asInvoker'),
    {
      what: 'sum of app.asar',
      ...sumSeen(integrityOf(resources), archive),
    },
  ];
}

/** The sum of the archive's header that a Windows program carries (resource INTEGRITY, JSON). */
function integrityOf(resources: readonly Resource[]): string | null {
  const raw = resources.find(({ type, name }) => type === 'INTEGRITY' && name === 'ELECTRONASAR');
  if (raw === undefined) return null;
  const list: unknown = JSON.parse(raw.data.toString('utf8'));
  if (!Array.isArray(list)) return null;
  const entry: unknown = list.find(one => Reflect.get(Object(one), 'file') === 'resources\\app.asar');
  return entry === undefined ? null : String(Reflect.get(Object(entry), 'value'));
}

function sumSeen(sum: string | null, archive: Asar): Pick<Seen, 'found' | 'right'> {
  if (sum === null) return { found: 'missing', right: false };
  const right = sum === archive.headerSha256;
  return { found: right ? `in the program, ${sum.slice(0, 12)}…` : 'of another archive', right };
}

function inspectMac(folder: string, version: string, archive: Asar): readonly Seen[] {
  const info = parsePlist(readFileSync(infoPlistIn(folder), 'utf8'));
  const resources = resourcesIn(folder, 'mac');
  const iconFile = info.CFBundleIconFile;
  const icon =
    typeof iconFile === 'string' &&
    existsSync(join(resources, iconFile)) &&
    readFileSync(join(resources, iconFile)).equals(iconIcns());
  const purposes = Object.keys(info).filter(key => key.endsWith('UsageDescription'));
  const transport = dict(info.NSAppTransportSecurity);
  const sum = dict(dict(info.ElectronAsarIntegrity)['Resources/app.asar']);
  const helpers = readdirSync(join(folder, `${PRODUCT}.app`, 'Contents', 'Frameworks')).filter(name =>
    name.endsWith('.app'),
  );
  const strangers = helpers.filter(name => !name.startsWith(`${PRODUCT} Helper`));
  const schemes = Array.isArray(info.CFBundleURLTypes)
    ? info.CFBundleURLTypes.flatMap((one: PlistValue) => dict(one).CFBundleURLSchemes ?? [])
    : [];
  return [
    same('bundle identifier', info.CFBundleIdentifier, APP_ID),
    same('name', info.CFBundleName, PRODUCT),
    same('version', info.CFBundleShortVersionString, version),
    same('build', info.CFBundleVersion, version),
    same('copyright', info.NSHumanReadableCopyright, COPYRIGHT),
    { what: 'icon', found: icon ? 'own' : 'not our own', right: icon },
    same('only in the menu bar (LSUIElement)', info.LSUIElement, true),
    same('plain HTTP anywhere (NSAllowsArbitraryLoads)', transport.NSAllowsArbitraryLoads, false),
    {
      what: 'other exceptions for connections',
      found: Object.keys(transport).length > 1 ? Object.keys(transport).join(', ') : 'none',
      right: Object.keys(transport).length === 1,
    },
    { what: 'purposes named', found: purposes.join(', ') || 'none', right: purposes.length === 0 },
    same('links', schemes.map(String).join(', '), LINK_SCHEME),
    {
      what: 'helpers',
      found: strangers.length > 0 ? strangers.join(', ') : `${helpers.length} under our name`,
      right: helpers.length > 0 && strangers.length === 0,
    },
    {
      what: 'sum of app.asar',
      ...sumSeen(typeof sum.hash === 'string' ? sum.hash : null, archive),
    },
  ];
}

const NOTHING: PlistDict = {};

function dict(value: PlistValue | undefined): PlistDict {
  return isDict(value) ? value : NOTHING;
}
