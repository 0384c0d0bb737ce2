import type { OsVersion } from '../../../../shared/device/facts.ts';
import { lookUpSupport } from '../../../../shared/device/os-support-table.ts';
import { parseAssignments } from '../parse/keys.ts';
import { parseSwVers } from '../parse/macos.ts';
import { parseOsRelease } from '../parse/os-release.ts';
import { isDict } from '../parse/plist.ts';
import { parseRegistry } from '../parse/reg.ts';
import { type Facts, type Output, type Told, told, unknown, unread } from './answer.ts';
import { Bag, objects } from './objects.ts';
import { dateOrder, type Field, fields, grouped, lines, localTime, only } from './text.ts';

/** Family `os`: which system, which build, since when. */

/** Client and server names by the first build of each release; ProductName and captions lie or are translated. */
const CLIENTS: readonly (readonly [number, string])[] = [
  [22000, 'Windows 11'],
  [10240, 'Windows 10'],
  [9600, 'Windows 8.1'],
  [9200, 'Windows 8'],
  [7600, 'Windows 7'],
  [6000, 'Windows Vista'],
];
const SERVERS: Readonly<Record<number, string>> = {
  6001: 'Windows Server 2008',
  6002: 'Windows Server 2008',
  6003: 'Windows Server 2008',
  7600: 'Windows Server 2008 R2',
  7601: 'Windows Server 2008 R2',
  9200: 'Windows Server 2012',
  9600: 'Windows Server 2012 R2',
  14393: 'Windows Server 2016',
  17763: 'Windows Server 2019',
  20348: 'Windows Server 2022',
  26100: 'Windows Server 2025',
};

function windowsName(build: number | null, isServer: boolean | null): string | null {
  if (build === null || isServer === null) return null;
  if (isServer) return SERVERS[build] ?? null;
  return CLIENTS.find(([first]) => build >= first)?.[1] ?? null;
}

/** x64, arm64 or x86 from the words the tools use; Windows on ARM always says ARM. */
function archOf(text: string | null): string | null {
  if (text === null) return null;
  if (/arm|aarch64/i.test(text)) return /64/.test(text) ? 'arm64' : null;
  if (/amd64|x86_64|x64|em64t|64.?bit/i.test(text)) return 'x64';
  return /\bx86\b|i[3-6]86|32.?bit/i.test(text) ? 'x86' : null;
}

/** OperatingSystemSKU numbers of long-term editions (winnt.h PRODUCT_*): EnterpriseS, its N and evaluation forms, IoTEnterpriseS. */
const LTSC_SKUS: ReadonlySet<number> = new Set([125, 126, 129, 130, 191]);

interface WindowsSays {
  readonly build: number | null;
  readonly ubr: number | null;
  readonly editionId: string | null;
  readonly installationType: string | null;
  readonly isServer: boolean | null;
  readonly sku: number | null;
  readonly displayVersion: string | null;
  readonly arch: string | null;
}

/** Edition and type of installation decide whether it is a server; `ServerRdsh` is the multi-session client. */
function serverBy(installationType: string | null, editionId: string | null): boolean | null {
  if (installationType !== null) return /^server/i.test(installationType);
  if (editionId === null) return null;
  return /^server/i.test(editionId) && !/^serverrdsh$/i.test(editionId);
}

function supportFacts(version: OsVersion | null, today: string): Facts {
  const answer = version === null ? null : lookUpSupport(version, today);
  if (answer === null || !answer.known) return { supportCycle: null, supportEnd: null, supported: null };
  const { cycle, supportEnd, supported } = answer.support;
  return { supportCycle: cycle, supportEnd, supported };
}

function windowsFacts(says: WindowsSays, today: string): Facts {
  const { build, ubr, editionId, isServer, sku } = says;
  const front = build === null ? null : build >= 10_240 ? `10.0.${build}` : null;
  const isLtsc =
    isServer === true
      ? null
      : editionId !== null
        ? /^(iot)?enterprises(n|k|eval|neval)?$/i.test(editionId)
        : sku !== null
          ? LTSC_SKUS.has(sku)
          : null;
  const named = windowsName(build, isServer);
  return {
    platform: 'windows',
    majorName: named,
    version: front,
    build,
    ubr,
    fullVersion: front === null || ubr === null ? null : `${front}.${ubr}`,
    displayVersion: says.displayVersion,
    editionId,
    installationType: says.installationType,
    isServer,
    isLtsc,
    arch: says.arch,
    ...supportFacts(
      build === null || isServer === null || (editionId === null && !isServer)
        ? null
        : {
            platform: 'windows',
            name: named ?? 'Windows',
            version: front ?? String(build),
            build: String(build),
            ubr,
            displayVersion: says.displayVersion,
            edition: editionId,
            arch: says.arch,
            isServer,
            isLtsc,
          },
      today,
    ),
  };
}

function buildNumber(text: string | null): number | null {
  const build = grouped(text);
  return build !== null && build >= 1000 && build < 1_000_000 ? build : null;
}

/** The registry's CurrentVersion key as PowerShell, reg.exe or an export print it. */
export function readNtCurrentVersion(output: Output): Told {
  let bag: Bag | null = null;
  const keys = parseRegistry(new TextEncoder().encode(output.text));
  const key = [...keys].find(([path]) => /\\windows nt\\currentversion$/.test(path))?.[1];
  if (key !== undefined) bag = new Bag(Object.fromEntries(key));
  else if (keys.size === 0) {
    const row = objects(output)?.[0];
    if (row !== undefined) bag = new Bag(row);
  }
  if (bag === null) return unread(output, 'CurrentVersion');
  const build = buildNumber(bag.text('CurrentBuild', 'CurrentBuildNumber'));
  if (build === null) return unread(output, 'no build number');
  const editionId = bag.text('EditionID');
  const installationType = bag.text('InstallationType');
  const ubr = bag.number('UBR');
  const seconds = bag.number('InstallDate');
  return told('os', {
    ...windowsFacts(
      {
        build,
        ubr: ubr !== null && Number.isInteger(ubr) && ubr >= 0 ? ubr : null,
        editionId,
        installationType,
        isServer: serverBy(installationType, editionId),
        sku: null,
        displayVersion: bag.text('DisplayVersion', 'ReleaseId'),
        arch: archOf(bag.text('Architecture', 'PROCESSOR_ARCHITECTURE')),
      },
      output.today,
    ),
    installDate:
      seconds !== null && seconds > 0 ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : null,
  });
}

/** Windows language identifiers in hexadecimal ([MS-LCID]) of the languages most in use. */
const LCIDS: Readonly<Record<string, string>> = {
  '0405': 'cs-CZ',
  '0406': 'da-DK',
  '0407': 'de-DE',
  '0409': 'en-US',
  '040b': 'fi-FI',
  '040c': 'fr-FR',
  '0410': 'it-IT',
  '0411': 'ja-JP',
  '0413': 'nl-NL',
  '0415': 'pl-PL',
  '0416': 'pt-BR',
  '0419': 'ru-RU',
  '041d': 'sv-SE',
  '041f': 'tr-TR',
  '0804': 'zh-CN',
  '0807': 'de-CH',
  '0809': 'en-GB',
  '080a': 'es-MX',
  '0816': 'pt-PT',
  '0c07': 'de-AT',
  '0c09': 'en-AU',
  '0c0a': 'es-ES',
  '0c0c': 'fr-CA',
  '1009': 'en-CA',
};

function secondsBetween(from: string | null, to: string | null): number | null {
  const seconds = from === null || to === null ? Number.NaN : (Date.parse(to) - Date.parse(from)) / 1000;
  return Number.isFinite(seconds) && seconds >= 0 ? Math.round(seconds) : null;
}

function texts(list: unknown[] | null): string[] | null {
  const found = list?.filter(one => typeof one === 'string');
  return found === undefined || found.length === 0 ? null : found;
}

function versionBuild(version: string | null): number | null {
  return buildNumber(/^\d+\.\d+\.(\d+)/.exec(version ?? '')?.[1] ?? null);
}

/** Win32_OperatingSystem from wmic or Get-CimInstance. Without a version there is nothing to say. */
export function readOperatingSystem(output: Output): Told {
  const row = objects(output)?.[0];
  if (row === undefined) return unread(output, 'Win32_OperatingSystem');
  const bag = new Bag(row, dateOrder(output.text));
  const version = bag.text('Version');
  const build = buildNumber(bag.text('BuildNumber')) ?? versionBuild(version);
  const type = bag.number('ProductType');
  const lastBoot = bag.moment('LastBootUpTime');
  const facts = windowsFacts(
    {
      build,
      ubr: null,
      editionId: null,
      installationType: null,
      isServer: type === 1 ? false : type === 2 || type === 3 ? true : null,
      sku: bag.number('OperatingSystemSKU'),
      displayVersion: null,
      arch: archOf(bag.text('OSArchitecture')),
    },
    output.today,
  );
  const packed = bag.number('ServicePackMajorVersion');
  return told('os', {
    ...facts,
    platform: version === null && build === null ? null : 'windows',
    caption: bag.text('Caption'),
    version,
    locale: LCIDS[bag.text('Locale')?.toLowerCase() ?? ''] ?? null,
    uiLanguages: texts(bag.list('MUILanguages')),
    hostname: bag.text('CSName', 'PSComputerName'),
    installDate: bag.moment('InstallDate'),
    lastBoot,
    lastBootLocal: lastBoot === null ? bag.local('LastBootUpTime') : null,
    uptimeSeconds: secondsBetween(lastBoot, bag.moment('LocalDateTime')),
    servicePack: bag.text('CSDVersion') ?? (packed !== null && packed > 0 ? `Service Pack ${packed}` : null),
  });
}

const ROLES = [
  'Standalone Workstation',
  'Member Workstation',
  'Standalone Server',
  'Member Server',
  'Backup Domain Controller',
  'Primary Domain Controller',
];

/** Get-ComputerInfo, as list or JSON. */
export function readComputerInfo(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'Get-ComputerInfo');
  // Format-List may leave blank lines between groups of properties of the one object.
  const order = dateOrder(output.text);
  const bag = new Bag(Object.assign({}, ...rows.slice(0, 50)), order);
  const version = bag.text('OsVersion');
  const build = buildNumber(bag.text('OsBuildNumber')) ?? versionBuild(version);
  if (build === null && bag.text('OsName', 'CsName') === null) return unread(output, 'Get-ComputerInfo');
  const editionId = bag.text('WindowsEditionId');
  const installationType = bag.text('WindowsInstallationType');
  const product = bag.text('OsProductType');
  const type = product === 'WorkStation' || product === '1' ? false : product === null ? null : true;
  const lastBoot = bag.moment('OsLastBootUpTime');
  const roleText = bag.text('CsDomainRole');
  const role =
    roleText === null
      ? -1
      : /^\d$/.test(roleText)
        ? Number(roleText)
        : ROLES.findIndex(one => one.replace(/ /g, '') === roleText);
  const uptime = bag.raw('OsUptime');
  const fixes = bag.list('OsHotFixes');
  const fixDates = fixes?.flatMap(one => {
    if (!isDict(one)) return [];
    const fix = new Bag(one, order);
    return [fix.moment('InstalledOn') ?? fix.local('InstalledOn')];
  });
  const known = fixDates?.filter(date => date !== null).sort();
  const joined = bag.flag('CsPartOfDomain');
  return told('os', {
    ...windowsFacts(
      {
        build,
        ubr: bag.number('WindowsUBR', 'OsUBR'),
        editionId,
        installationType,
        isServer: serverBy(installationType, editionId) ?? type,
        sku: null,
        displayVersion: bag.text('OSDisplayVersion', 'WindowsDisplayVersion') ?? bag.text('WindowsVersion'),
        arch: archOf(bag.text('OsArchitecture')),
      },
      output.today,
    ),
    caption: bag.text('OsName'),
    version,
    locale: bag.text('OsLocale'),
    uiLanguages: texts(bag.list('OsMuiLanguages')),
    hostname: bag.text('CsDNSHostName', 'CsName', 'CsCaption'),
    installDate: bag.moment('OsInstallDate'),
    installDateLocal: bag.local('OsInstallDate'),
    lastBoot,
    lastBootLocal: bag.local('OsLastBootUpTime'),
    uptimeSeconds:
      isDict(uptime) && typeof uptime.TotalSeconds === 'number' ? Math.floor(uptime.TotalSeconds) : null,
    hotfixCount: fixes === null || fixDates?.length !== fixes.length ? null : fixes.length,
    latestHotfixDate: known === undefined || known.length === 0 ? null : (known.at(-1) ?? null),
    manufacturer: bag.text('CsManufacturer'),
    model: bag.text('CsModel'),
    systemFamily: bag.text('CsSystemFamily'),
    adDomainJoined: joined,
    adDomain: joined === true ? bag.text('CsDomain') : null,
    workgroup: joined === false ? bag.text('CsWorkgroup', 'CsDomain') : null,
    domainRole: role >= 0 && role <= 5 ? role : null,
    hypervisorPresent: bag.flag('CsHypervisorPresent', 'HyperVisorPresent'),
    memoryBytes: bag.number('CsTotalPhysicalMemory', 'CsPhyicallyInstalledMemory'),
  });
}

/**
 * `systeminfo` in English, as list or CSV. Its words and dates are translated: in any other language it stays unknown. The number of
 * updates is the one it states, because the list below may be cut off.
 */
export function readSystemInfo(output: Output): Told {
  let list: Field[] = fields(output.text).filter(one => one.indent === 0);
  if (/^"Host Name","OS Name"/m.test(output.text)) {
    const row = objects(output)?.[0] ?? {};
    list = Object.entries(row).map(([key, value]) => ({ indent: 0, key, value: String(value) }));
  }
  const version = only(list, 'OS Version');
  const match = /^(\d+\.\d+\.\d+)\s+(?:(N\/A)|(Service Pack \d+))?\s*Build (\d+)$/.exec(version ?? '');
  if (match === null) return unread(output, 'systeminfo is not in English');
  const build = buildNumber(match[4] ?? null);
  const caption = only(list, 'OS Name');
  const role = ROLES.indexOf(only(list, 'OS Configuration') ?? '');
  const order = dateOrder(output.text);
  const fixes = /^(\d+) Hotfix\(s\) Installed/.exec(only(list, 'Hotfix(s)') ?? '')?.[1];
  const domain = only(list, 'Domain');
  const joined = role === 1 || role === 3 || role >= 4 ? true : role === 0 || role === 2 ? false : null;
  const server = role >= 2 ? true : role >= 0 ? false : caption === null ? null : /\bServer\b/.test(caption);
  const hypervisor = only(list, 'Hyper-V Requirements');
  return told('os', {
    ...windowsFacts(
      {
        build,
        ubr: null,
        editionId: null,
        installationType: null,
        isServer: server,
        sku: null,
        displayVersion: null,
        arch: archOf(only(list, 'System Type')),
      },
      output.today,
    ),
    isLtsc: caption !== null && /\bLTS[CB]\b/.test(caption) ? true : null,
    caption,
    version: match[1],
    servicePack: match[3] ?? null,
    hostname: only(list, 'Host Name'),
    locale: only(list, 'System Locale')?.split(';')[0] ?? null,
    installDate: null,
    installDateLocal: localTime(only(list, 'Original Install Date'), order),
    lastBoot: null,
    lastBootLocal: localTime(only(list, 'System Boot Time'), order),
    hotfixCount: fixes === undefined ? null : Number(fixes),
    manufacturer: only(list, 'System Manufacturer'),
    model: only(list, 'System Model'),
    adDomainJoined: joined,
    adDomain: joined === true ? domain : null,
    workgroup: joined === false ? domain : null,
    domainRole: role < 0 ? null : role,
    hypervisorPresent: hypervisor?.startsWith('A hypervisor has been detected') === true ? true : null,
  });
}

/** Win32_ComputerSystem. Membership in Entra is nothing it knows. */
export function readComputerSystem(output: Output): Told {
  const row = objects(output)?.[0];
  if (row === undefined) return unread(output, 'Win32_ComputerSystem');
  const bag = new Bag(row);
  const known = [
    'Name',
    'DNSHostName',
    'Model',
    'Manufacturer',
    'PartOfDomain',
    'Domain',
    'DomainRole',
    'TotalPhysicalMemory',
  ];
  if (!known.some(name => bag.has(name))) return unread(output, 'Win32_ComputerSystem');
  const joined = bag.flag('PartOfDomain');
  const role = bag.number('DomainRole');
  const type = bag.number('PCSystemTypeEx', 'PCSystemType');
  const memory = bag.number('TotalPhysicalMemory');
  return told('computerSystem', {
    hostname: bag.text('DNSHostName', 'Name', 'Caption'),
    manufacturer: bag.text('Manufacturer'),
    model: bag.text('Model'),
    systemFamily: bag.text('SystemFamily'),
    // 2: mobile, 8: slate; 0 is unspecified.
    isLaptop: type === null || type === 0 ? null : type === 2 || type === 8,
    adDomainJoined: joined,
    adDomain: joined === true ? bag.text('Domain') : null,
    workgroup: joined === false ? bag.text('Workgroup', 'Domain') : null,
    domainRole: role !== null && role >= 0 && role <= 5 ? role : null,
    entraJoined: null,
    hypervisorPresent: bag.flag('HypervisorPresent'),
    memoryBytes: memory !== null && memory > 0 ? memory : null,
    utcOffsetMinutes: bag.number('CurrentTimeZone'),
    loggedOnUser: bag.text('UserName'),
  });
}

function osOf(version: OsVersion, today: string): Facts {
  return {
    platform: version.platform,
    majorName: version.name,
    version: version.version,
    build: version.build,
    arch: version.arch,
    ...supportFacts(version, today),
  };
}

/** `sw_vers` (whole, or one value alone) and SystemVersion.plist. Usage text of an unknown argument is no version. */
export function readMacVersion(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const alone = /^\s*(\d{2}(?:\.\d+){1,2})\s*$/.exec(text)?.[1];
  const source = alone === undefined ? text : `ProductVersion:\t${alone}`;
  const parsed = parseSwVers(new TextEncoder().encode(source), null);
  if (!parsed.ok) {
    if (/usage:/i.test(text)) return unknown('not-supported', 'sw_vers prints its usage');
    return unread(output, 'no product version');
  }
  const line = (key: string): string | null =>
    new RegExp(`^${key}:[\\t ]+(\\S.*?)\\s*$`, 'm').exec(text)?.[1] ?? null;
  const extra =
    line('ProductVersionExtra') ??
    /<key>ProductVersionExtra<\/key>\s*<string>([^<]{1,20})</.exec(text)?.[1] ??
    null;
  return told('os', {
    ...osOf(parsed.value, output.today),
    caption: line('ProductName') ?? /<key>ProductName<\/key>\s*<string>([^<]{1,60})</.exec(text)?.[1] ?? null,
    versionExtra: extra,
    fullVersion: extra === null ? parsed.value.version : `${parsed.value.version} ${extra}`,
    isServer: null,
  });
}

/** /etc/os-release of any distribution. */
export function readOsRelease(output: Output): Told {
  const version = parseOsRelease(output.text, { kernel: null, debianVersion: null, arch: null });
  if (version === null) return unread(output, 'os-release names no system');
  const values = parseAssignments(output.text);
  const id = values.get('VERSION_ID') ?? '';
  const facts = osOf({ ...version, version: id === '' ? 'rolling' : version.version }, output.today);
  return told('os', {
    ...facts,
    version: id === '' ? null : id,
    caption: values.get('PRETTY_NAME') ?? null,
    name: values.get('NAME') ?? null,
    id: values.get('ID') ?? null,
    idLike: values.get('ID_LIKE')?.split(/\s+/) ?? null,
    codename: values.get('VERSION_CODENAME') ?? values.get('UBUNTU_CODENAME') ?? null,
    variantId: values.get('VARIANT_ID') ?? null,
    build: values.get('BUILD_ID') ?? null,
    isServer: values.get('VARIANT_ID') === 'server' ? true : null,
  });
}

/** `lsb_release -a`, `hostnamectl`: the few lines that name the system. */
export function readLinuxNames(output: Output): Told {
  const list = fields(output.text);
  const id = only(list, 'Distributor ID');
  const caption = only(list, 'Description') ?? only(list, 'Operating System');
  if (id === null && caption === null) return unread(output, 'no system named');
  return told('os', {
    platform: 'linux',
    majorName: caption,
    caption,
    id: id?.toLowerCase() ?? null,
    version: only(list, 'Release'),
    codename: only(list, 'Codename'),
    arch: archOf(only(list, 'Architecture')),
    hostname: only(list, 'Static hostname'),
  });
}

/** `ver`, `cmd /c ver`: `Microsoft Windows [Version 10.0.19045.3570]`, the word in brackets translated. */
export function readVer(output: Output): Told {
  const [, version, build, ubr] =
    /^Microsoft Windows \[\S+ ((?:10\.0|6\.\d)\.(\d+))(?:\.(\d+))?\]$/m.exec(lines(output.text).join('\n')) ??
    [];
  if (version === undefined || build === undefined) return unread(output, 'ver');
  return told('os', {
    platform: 'windows',
    version,
    build: Number(build),
    ubr: ubr === undefined ? null : Number(ubr),
    fullVersion: ubr === undefined ? null : `${version}.${ubr}`,
    isServer: null,
  });
}
