import type { OsVersion } from '../../shared/device/facts.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import type { Platform } from '../../shared/device/platform.ts';
import { type Draw, drawFrom, seedOf, unit } from './random.ts';

/*
 * The invented company: who works where on which machine, and which machine has which trouble. Serial numbers begin with
 * DEMO, names are common first and family names put together at random; nobody and nothing here exists.
 */

const OFFICES = [
  { city: 'Berlin', utcOffsetHours: 0 },
  { city: 'Paris', utcOffsetHours: 0 },
  { city: 'Madrid', utcOffsetHours: 0 },
  { city: 'London', utcOffsetHours: -1 },
  { city: 'Vienna', utcOffsetHours: 0 },
] as const;
/** `utcOffsetHours` is against the company's own clock (Berlin), see rhythm.ts. */
type Office = (typeof OFFICES)[number];

/**
 * What is the matter with a machine. `well` is most of them; the others are told in story.ts, one function of time each.
 */
export const PLOTS = [
  'well',
  'disk-filling-for-days',
  'disk-filling-now',
  'battery-wearing',
  'battery-worn-out',
  'battery-weak',
  'firewall-toggled',
  'firewall-off',
  'crash-storm',
  'away',
  'lost',
  'network-flaps',
  'lid-opens-and-closes',
  'build-newer-than-table',
  'system-ancient',
  'support-ended',
  'two-batteries',
  'encryption-suspended',
  'encryption-off',
  'encrypting-now',
  'drive-warning',
  'drive-failing',
  'drive-worn',
  'restart-pending',
  'memory-short',
  'cloned',
  'agent-without-rights',
  'checks-time-out',
  'battery-not-told',
  'firewall-not-permitted',
  'constrained-shell',
] as const;
export type Plot = (typeof PLOTS)[number];

interface DemoBattery {
  readonly id: string;
  readonly unit: 'mWh' | 'mAh';
  readonly design: number;
  /** Full charge over design at the anchor, percent. */
  readonly health: number;
  readonly cycles: number | null;
}

export interface DemoDevice {
  /** Its host name, unique; names its key file entry and seeds its story. */
  readonly name: string;
  readonly seed: number;
  readonly plot: Plot;
  readonly office: Office;
  readonly department: string;
  readonly form: 'laptop' | 'desktop';
  readonly identity: DeviceIdentity;
  readonly system: OsVersion;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly drive: { readonly model: string; readonly wearPercent: number; readonly hours: number };
  readonly batteries: readonly DemoBattery[];
  /** Wi-Fi address made up per network (macOS, Windows "random hardware addresses"). */
  readonly randomisedWifi: boolean;
}

const DEPARTMENTS = [
  ['FIN', 'Finance'],
  ['SAL', 'Sales'],
  ['MKT', 'Marketing'],
  ['LEG', 'Legal'],
  ['HRM', 'People'],
  ['OPS', 'Operations'],
  ['SUP', 'Support'],
] as const;
const MAKERS = [
  ['DSN', 'Design'],
  ['ENG', 'Engineering'],
] as const;

function words(first: string, rest: string): readonly [string, ...string[]] {
  return [first, ...rest.split(' ')];
}

const FIRST = words(
  'Anna',
  'Jonas Lena Felix Katrin Moritz Camille Hugo Léa Théo Inès Nuria Pablo Lucía Javier Carmen Oliver Amelia Harry Priya ' +
    'Zoe Stefan Magdalena Jakob Eva Tomáš Agnieszka Elif Yusuf Ioana Mirko Sofia Ngozi Kenji',
);
const FAMILY = words(
  'Kovács',
  'Brandt Lindner Vogel Sommer Moreau Lefèvre Girard Rousseau Ortega Navarro Iglesias Serrano Bennett Clarke Hughes ' +
    'Okafor Patel Gruber Steiner Pichler Novák Wiśniewska Yılmaz Popescu Marković Rossi Tanaka Eriksen Haas',
);

interface Model {
  readonly manufacturer: string;
  readonly model: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** Decimal gigabytes, as drives are sold. */
  readonly diskGb: number;
  readonly drive: string;
  readonly batteryWh: number;
}

type Models = readonly [Model, ...Model[]];

function model(
  manufacturer: string,
  name: string,
  [cores, memoryGib, diskGb, batteryWh]: readonly [number, number, number, number],
  drive: string,
): Model {
  return { manufacturer, model: name, cores, memoryGib, diskGb, drive, batteryWh };
}

const WINDOWS_LAPTOPS: Models = [
  model('LENOVO', 'ThinkPad T14 Gen 5', [14, 16, 512, 52], 'SAMSUNG MZVL8512HELU'),
  model('LENOVO', 'ThinkPad X1 Carbon Gen 12', [14, 32, 1024, 57], 'WD PC SN810 1TB'),
  model('Dell Inc.', 'Latitude 7450', [12, 16, 512, 57], 'KIOXIA KXG80ZNV512G'),
  model('Dell Inc.', 'Latitude 5440', [10, 16, 256, 54], 'SK hynix BC901 256GB'),
  model('HP', 'EliteBook 840 G11', [12, 16, 512, 56], 'Micron 3500 MTFDKBA512'),
  model('HP', 'ProBook 450 G9', [10, 16, 512, 51], 'SAMSUNG MZVL2512HCJQ'),
  model('Microsoft Corporation', 'Surface Laptop 6', [12, 16, 512, 47], 'KIOXIA KBG50ZNS512G'),
];
const WINDOWS_DESKTOPS: Models = [
  model('Dell Inc.', 'OptiPlex 7020', [14, 16, 512, 0], 'WD PC SN740 512GB'),
  model('HP', 'Elite Tower 800 G9', [16, 32, 1024, 0], 'SAMSUNG MZVL21T0HCLR'),
];
const OLD_WINDOWS: Models = [
  model('Dell Inc.', 'Latitude 5490', [8, 8, 256, 51], 'Toshiba KXG50ZNV256G'),
  model('HP', 'EliteBook 840 G5', [8, 8, 256, 50], 'Intel SSDPEKKF256G8'),
];
const TWO_BATTERIES: Models = [model('LENOVO', 'ThinkPad T480', [8, 16, 512, 24], 'SAMSUNG MZVLB512HAJQ')];
const MACBOOKS: Models = [
  model('Apple Inc.', 'Mac15,6', [11, 18, 512, 72], 'APPLE SSD AP0512Z'),
  model('Apple Inc.', 'Mac14,2', [8, 16, 512, 52], 'APPLE SSD AP0512Z'),
  model('Apple Inc.', 'Mac16,1', [10, 24, 1000, 72], 'APPLE SSD AP1024Z'),
];
const OLD_MACBOOKS: Models = [model('Apple Inc.', 'MacBookPro15,2', [8, 16, 512, 58], 'APPLE SSD AP0512M')];
const LINUX_LAPTOPS: Models = [
  model('LENOVO', 'ThinkPad P14s Gen 4', [16, 32, 1024, 52], 'WD PC SN810 1TB'),
  model('Framework', 'Laptop 13', [16, 32, 1000, 61], 'WD_BLACK SN770 1TB'),
];
const LINUX_DESKTOPS: Models = [model('HP', 'Z2 Tower G9', [24, 64, 2048, 0], 'SAMSUNG MZVL22T0HBLB')];

/** Windows by build: revision (UBR) of its cumulative update. */
const WINDOWS_RELEASES = {
  '25H2': [26200, 7171],
  '24H2': [26100, 7171],
  '23H2': [22631, 6199],
  '22H2-11': [22621, 6060],
  '22H2-10': [19045, 6575],
  '1909': [18363, 2274],
  preview: [29512, 1000],
} as const;
type WindowsRelease = keyof typeof WINDOWS_RELEASES;

function windows(release: WindowsRelease, edition: 'Enterprise' | 'Professional'): OsVersion {
  const [build, ubr] = WINDOWS_RELEASES[release];
  const eleven = build >= 22000;
  return {
    platform: 'windows',
    name: `Windows ${eleven ? '11' : '10'} ${edition === 'Enterprise' ? 'Enterprise' : 'Pro'}`,
    version: `10.0.${build}.${ubr}`,
    build: String(build),
    ubr,
    displayVersion: release === 'preview' ? null : release.slice(0, 4),
    edition,
    arch: 'x64',
    isServer: false,
    isLtsc: false,
  };
}

const MACOS_RELEASES = {
  '27': ['27.1', '26B64'],
  '26': ['26.5.1', '25F71'],
  '15': ['15.7.4', '24G510'],
  '14': ['14.8.3', '23J220'],
} as const;

function macos(release: keyof typeof MACOS_RELEASES): OsVersion {
  const [version, build] = MACOS_RELEASES[release];
  return {
    platform: 'macos',
    name: `macOS ${release}`,
    version,
    build,
    ubr: null,
    displayVersion: null,
    edition: null,
    arch: 'arm64',
    isServer: false,
    isLtsc: null,
  };
}

const LINUX_RELEASES = {
  ubuntu: ['Ubuntu 24.04.3 LTS', '24.04', '6.14.0-35-generic'],
  debian: ['Debian GNU/Linux 13 (trixie)', '13.2', '6.12.57+deb13-amd64'],
  fedora: ['Fedora Linux 45 (Workstation Edition)', '45', '7.0.9-300.fc45.x86_64'],
} as const;

function linux(id: keyof typeof LINUX_RELEASES): OsVersion {
  const [name, version, kernel] = LINUX_RELEASES[id];
  return {
    platform: 'linux',
    name,
    version,
    build: kernel,
    ubr: null,
    displayVersion: null,
    edition: id,
    arch: 'x64',
    isServer: false,
    isLtsc: null,
  };
}

interface Casting {
  readonly plot: Plot;
  readonly system: OsVersion;
  readonly models: Models;
}

const w25 = (): OsVersion => windows('25H2', 'Enterprise');
const w24 = (): OsVersion => windows('24H2', 'Enterprise');
const cast = (plot: Plot, system: OsVersion, models: Models): Casting => ({ plot, system, models });

/** Machines with something to tell, always the first of the fleet; two of them are never switched on (`away`, `lost`). */
const ROLES: readonly Casting[] = [
  cast('disk-filling-now', w24(), WINDOWS_LAPTOPS),
  cast('firewall-toggled', w25(), WINDOWS_LAPTOPS),
  cast('encrypting-now', w25(), WINDOWS_LAPTOPS),
  cast('network-flaps', w24(), WINDOWS_LAPTOPS),
  cast('lid-opens-and-closes', macos('26'), MACBOOKS),
  cast('crash-storm', w24(), WINDOWS_LAPTOPS),
  cast('disk-filling-for-days', w24(), WINDOWS_LAPTOPS),
  cast('battery-wearing', w24(), WINDOWS_LAPTOPS),
  cast('battery-worn-out', windows('23H2', 'Enterprise'), OLD_WINDOWS),
  cast('battery-weak', macos('15'), MACBOOKS),
  cast('firewall-off', macos('26'), MACBOOKS),
  cast('build-newer-than-table', windows('preview', 'Enterprise'), WINDOWS_LAPTOPS),
  cast('system-ancient', windows('1909', 'Enterprise'), OLD_WINDOWS),
  cast('support-ended', windows('22H2-10', 'Professional'), OLD_WINDOWS),
  cast('support-ended', windows('22H2-10', 'Enterprise'), OLD_WINDOWS),
  cast('support-ended', windows('23H2', 'Professional'), WINDOWS_LAPTOPS),
  cast('support-ended', macos('14'), OLD_MACBOOKS),
  cast('two-batteries', w24(), TWO_BATTERIES),
  cast('encryption-suspended', w25(), WINDOWS_LAPTOPS),
  cast('encryption-off', windows('24H2', 'Professional'), WINDOWS_LAPTOPS),
  cast('drive-warning', w24(), WINDOWS_DESKTOPS),
  cast('drive-failing', windows('22H2-11', 'Enterprise'), OLD_WINDOWS),
  cast('drive-worn', linux('ubuntu'), LINUX_DESKTOPS),
  cast('restart-pending', w24(), WINDOWS_DESKTOPS),
  cast('memory-short', w25(), WINDOWS_LAPTOPS),
  cast('cloned', w24(), WINDOWS_LAPTOPS),
  cast('cloned', w24(), WINDOWS_LAPTOPS),
  cast('agent-without-rights', linux('fedora'), LINUX_LAPTOPS),
  cast('agent-without-rights', windows('preview', 'Enterprise'), WINDOWS_LAPTOPS),
  cast('checks-time-out', w24(), WINDOWS_LAPTOPS),
  cast('battery-not-told', macos('27'), MACBOOKS),
  cast('firewall-not-permitted', linux('debian'), LINUX_LAPTOPS),
  cast('constrained-shell', w25(), WINDOWS_LAPTOPS),
];

const ABSENT: readonly Casting[] = [
  cast('away', w25(), WINDOWS_LAPTOPS),
  cast('away', macos('27'), MACBOOKS),
  cast('lost', w24(), WINDOWS_LAPTOPS),
];

const NEWCOMERS: readonly Casting[] = [
  cast('well', w25(), WINDOWS_LAPTOPS),
  cast('well', macos('27'), MACBOOKS),
];

function ordinary(draw: Draw): Casting {
  const x = draw.next();
  if (x < 0.34) return cast('well', w25(), WINDOWS_LAPTOPS);
  if (x < 0.58) return cast('well', w24(), WINDOWS_LAPTOPS);
  if (x < 0.7) return cast('well', w25(), WINDOWS_DESKTOPS);
  if (x < 0.8) return cast('well', macos('26'), MACBOOKS);
  if (x < 0.88) return cast('well', macos('27'), MACBOOKS);
  if (x < 0.93) return cast('well', macos('15'), MACBOOKS);
  return cast('well', linux(draw.chance(0.5) ? 'ubuntu' : 'debian'), LINUX_LAPTOPS);
}

/** No I, O, 0, 1: as on the stickers of real machines. */
const SERIAL_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

function text(draw: Draw, letters: string, length: number): string {
  return Array.from({ length }, () => letters[draw.whole(0, letters.length - 1)] ?? '').join('');
}

function macOf(draw: Draw): string {
  // IANA's own prefix (RFC 7042): looks like a maker's address, is in no machine.
  return `00:00:5e:${text(draw, '0123456789abcdef', 6).match(/../g)?.join(':') ?? ''}`;
}

function uuidOf(draw: Draw): string {
  const hex = (length: number) => text(draw, '0123456789abcdef', length);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}

function batteriesOf(draw: Draw, plot: Plot, platform: Platform, { batteryWh }: Model): DemoBattery[] {
  if (batteryWh === 0) return [];
  const health =
    plot === 'battery-wearing'
      ? 61
      : plot === 'battery-worn-out'
        ? 36
        : plot === 'battery-weak'
          ? 76
          : 86 + draw.whole(0, 13);
  const cycles = plot === 'battery-worn-out' ? 1187 : Math.round((100 - health) * 11 + draw.whole(5, 90));
  const apple = platform === 'macos';
  const one: DemoBattery = {
    id: apple ? 'InternalBattery-0' : platform === 'linux' ? 'BAT0' : 'Battery 0',
    unit: apple ? 'mAh' : 'mWh',
    design: apple ? Math.round((batteryWh * 1000) / 11.4) : batteryWh * 1000,
    health,
    cycles: draw.chance(0.85) || apple || plot === 'battery-worn-out' ? cycles : null,
  };
  if (plot !== 'two-batteries') return [one];
  return [one, { id: 'Battery 1', unit: 'mWh', design: 48_000, health: 74, cycles: 512 }];
}

/** A device of the company; `n` is its place in the inventory. */
function machine(
  draw: Draw,
  companySeed: number,
  n: number,
  { plot, system, models }: Casting,
  taken: Set<string>,
): DemoDevice {
  const office = draw.pick(OFFICES);
  const kind = draw.pick(models);
  const form = kind.batteryWh === 0 ? 'desktop' : 'laptop';
  const { platform } = system;
  const [code, department] =
    platform === 'linux' ? MAKERS[1] : platform === 'macos' ? draw.pick(MAKERS) : draw.pick(DEPARTMENTS);
  const type = platform === 'macos' ? 'MB' : platform === 'linux' ? 'LX' : form === 'laptop' ? 'LT' : 'WS';
  const name = `${code}-${type}-${String(100 + n * 7 + draw.whole(0, 6)).padStart(4, '0')}`;
  let person = '';
  do person = `${draw.pick(FIRST)} ${draw.pick(FAMILY)}`;
  while (taken.has(person));
  taken.add(person);
  const seed = seedOf(companySeed, name);
  return {
    name,
    seed,
    plot,
    office,
    department,
    form,
    identity: {
      platform,
      hostname: name,
      machineId: text(draw, '0123456789abcdef', 32),
      serial: `DEMO-${text(draw, SERIAL_LETTERS, 7)}`,
      hardwareUuid: uuidOf(draw),
      manufacturer: kind.manufacturer,
      model: kind.model,
      person,
      macs: form === 'laptop' ? [macOf(draw), macOf(draw)] : [macOf(draw)],
    },
    system,
    cores: kind.cores,
    memoryBytes: kind.memoryGib * 1024 ** 3,
    diskBytes: kind.diskGb * 1000 ** 3,
    drive: {
      model: kind.drive,
      wearPercent: plot === 'drive-worn' ? 91 : plot === 'drive-failing' ? 64 : draw.whole(1, 22),
      hours: draw.whole(400, plot === 'drive-failing' ? 24_000 : 9000),
    },
    batteries: batteriesOf(draw, plot, platform, kind),
    randomisedWifi: form === 'laptop' && unit(seed, 77) < 0.4,
  };
}

export interface Company {
  /** Machines with a running agent. */
  readonly fleet: readonly DemoDevice[];
  /** Known machines that are switched off: on holiday, in a drawer. They have a past and no agent. */
  readonly absent: readonly DemoDevice[];
  /** Machines whose agents ask to be admitted. */
  readonly newcomers: readonly DemoDevice[];
}

/** The company of a seed: the same seed and count give the same machines. The first ones of the fleet have the stories. */
export function companyOf(seed: number, count = 60): Company {
  const draw = drawFrom(seedOf(seed, 'company'));
  const taken = new Set<string>();
  let n = 0;
  const next = (casting: Casting): DemoDevice => {
    n += 1;
    return machine(draw, seed, n, casting, taken);
  };
  const fleet: DemoDevice[] = [];
  for (let i = 0; i < count; i += 1) fleet.push(next(ROLES[i] ?? ordinary(draw)));
  const absent = ABSENT.map(next);
  const newcomers = NEWCOMERS.map(next);
  return { fleet: clonePairs(fleet), absent, newcomers };
}

/** Machines set up from a copied image: the later one of a pair carries the serial number of the first. */
function clonePairs(fleet: readonly DemoDevice[]): DemoDevice[] {
  const original = fleet.find(({ plot }) => plot === 'cloned');
  if (original === undefined) return [...fleet];
  return fleet.map(device =>
    device.plot === 'cloned' && device !== original
      ? { ...device, identity: { ...device.identity, serial: original.identity.serial } }
      : device,
  );
}
