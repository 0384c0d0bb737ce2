import { isDict } from '../parse/plist.ts';
import { parseRegistry, registryNumber } from '../parse/reg.ts';
import type { Row } from '../parse/rows.ts';
import { type Facts, type Output, type Told, told, unknown, unread } from './answer.ts';
import { Bag, jsonOf, objects } from './objects.ts';
import { dateOrder, fields, lines, only, percentIn, yesNo, zonedTime } from './text.ts';

/** Families `join`, `diskEncryption`, `securityProducts`, `defender`, `firewall` and `tpm` of Windows. */

/** All true, or false as soon as one is; null while one is unknown or there is nothing to judge. */
export function allOf(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false;
  return values.length === 0 || values.includes(null) ? null : true;
}

// --- dsregcmd ---------------------------------------------------------------------------------------------------------

/** `dsregcmd /status` by section: names come again in other sections with other meanings. */
function sections(text: string): Map<string, Map<string, string>> | null {
  const found = new Map<string, Map<string, string>>();
  let section: Map<string, string> | null = null;
  for (const line of lines(text)) {
    const head = /^\s*\|\s*(\S.*?)\s*\|$/.exec(line)?.[1];
    if (head !== undefined) {
      section = found.get(head) ?? new Map();
      found.set(head, section);
      continue;
    }
    const match = /^\s*([A-Za-z][\w ()/.-]*?)\s+:(?:\s+(.*))?$/.exec(line);
    if (match === null) continue;
    // A value above every heading: a heading is lost, and with it whatever else.
    if (section === null) return null;
    const [, key = '', value = ''] = match;
    if (!section.has(key)) section.set(key, value.trim());
  }
  return found;
}

export function readDsregcmd(output: Output): Told {
  const parts = sections(output.text);
  if (parts === null) return unknown('parse-error', 'values above the first heading');
  if (parts.size === 0) return unread(output, 'dsregcmd');
  const value = (section: string, key: string): string | null => {
    const text = parts.get(section)?.get(key) ?? '';
    return text === '' || /^(N\/A|NOT SET|not ?available|ERROR\b)/i.test(text) ? null : text.slice(0, 200);
  };
  const flag = (section: string, key: string): boolean | null => yesNo(value(section, key));
  const device = 'Device State';
  const sso = 'SSO State';
  const entra = flag(device, 'AzureAdJoined');
  const domain = flag(device, 'DomainJoined');
  const workplace = flag('User State', 'WorkplaceJoined');
  const joinType =
    entra === null || domain === null
      ? null
      : entra
        ? domain
          ? 'hybrid'
          : 'entra'
        : domain
          ? 'domain'
          : workplace === null
            ? null
            : workplace
              ? 'registered'
              : 'none';
  const details = 'Device Details';
  const validity = /^\[\s*(.+?)\s+--\s+(.+?)\s*\]$/.exec(value(details, 'DeviceCertificateValidity') ?? '');
  const tenant = 'Tenant Details';
  const diagnostics = (key: string): string | null =>
    value(sso, key) ?? value('Acquire Prt Diagnostics', key) ?? value('Diagnostic Data', key);
  return told('join', {
    entraJoined: entra,
    adDomainJoined: domain,
    enterpriseJoined: flag(device, 'EnterpriseJoined'),
    workplaceJoined: workplace,
    joinType,
    adDomainName: value(device, 'DomainName'),
    deviceId: value(details, 'DeviceId'),
    deviceCertNotBefore: zonedTime(validity?.[1]),
    deviceCertNotAfter: zonedTime(validity?.[2]),
    tpmProtected: flag(details, 'TpmProtected'),
    deviceAuthStatus: value(details, 'DeviceAuthStatus'),
    tenantName: value(tenant, 'TenantName'),
    tenantId: value(tenant, 'TenantId'),
    mdmUrl: value(tenant, 'MdmUrl'),
    // The address of an MDM service is no proof of being enrolled with it.
    mdmEnrolled: null,
    windowsHelloSet: flag('User State', 'NgcSet'),
    azureAdPrt: flag(sso, 'AzureAdPrt'),
    prtUpdated: zonedTime(value(sso, 'AzureAdPrtUpdateTime')),
    prtExpires: zonedTime(value(sso, 'AzureAdPrtExpiryTime')),
    prtLastAttempt: zonedTime(diagnostics('Previous Prt Attempt')),
    prtErrorCode: diagnostics('Attempt Status'),
    prtServerErrorCode: diagnostics('Server Error Code'),
    enterprisePrt: flag(sso, 'EnterprisePrt'),
    onPremTgt: flag(sso, 'OnPremTgt'),
    cloudTgt: flag(sso, 'CloudTgt'),
  });
}

// --- BitLocker --------------------------------------------------------------------------------------------------------

const CONVERSIONS = [
  'fullyDecrypted',
  'fullyEncrypted',
  'encryptionInProgress',
  'decryptionInProgress',
  'encryptionPaused',
  'decryptionPaused',
] as const;
type Conversion = (typeof CONVERSIONS)[number] | 'usedSpaceOnlyEncrypted';

/** Names of Win32_EncryptableVolume's EncryptionMethod as the BitLocker cmdlets spell them. */
const METHODS = [
  'None',
  'Aes128Diffuser',
  'Aes256Diffuser',
  'Aes128',
  'Aes256',
  'Hardware',
  'XtsAes128',
  'XtsAes256',
];

interface BitLockerVolume {
  readonly mount: string;
  readonly kind: 'os' | 'data' | 'removable' | null;
  readonly conversion: Conversion | null;
  readonly percent: number | null;
  readonly protection: 'on' | 'off' | 'unknown';
  readonly method: string | null;
  readonly locked: boolean | null;
}

/** Encrypted with protection off is suspended, which is not protected. */
function protectedNow(volume: BitLockerVolume): boolean | null {
  if (volume.conversion === 'fullyDecrypted' || volume.protection === 'off') return false;
  if (volume.protection === 'unknown') return null;
  return volume.conversion === 'fullyEncrypted' || volume.conversion === 'usedSpaceOnlyEncrypted'
    ? true
    : null;
}

/** `everyVolume`: whether the listing is known to show all volumes; one that may show a part cannot speak for all. */
function encryptionFacts(volumes: readonly BitLockerVolume[], everyVolume: boolean): Facts {
  const system = volumes.filter(one => one.kind === 'os');
  const fixed = volumes.filter(one => one.kind === 'os' || one.kind === 'data' || one.kind === null);
  const all = allOf(fixed.map(protectedNow));
  return {
    volumes,
    osVolumeProtected: system.length === 1 ? allOf(system.map(protectedNow)) : null,
    allFixedVolumesProtected: all === true && !everyVolume ? null : all,
  };
}

function protectionOf(code: number | null): 'on' | 'off' | 'unknown' {
  return code === 1 ? 'on' : code === 0 ? 'off' : 'unknown';
}

/** Win32_EncryptableVolume from wmic or Get-CimInstance; volumes without a letter are recovery partitions. */
export function readEncryptableVolume(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'Win32_EncryptableVolume');
  const volumes = rows.flatMap((row): BitLockerVolume[] => {
    const bag = new Bag(row);
    const mount = bag.text('DriveLetter');
    if (mount === null || !/^[A-Z]:$/i.test(mount)) return [];
    const type = bag.number('VolumeType');
    return [
      {
        mount,
        kind: type === 0 ? 'os' : type === 1 ? 'data' : type === 2 ? 'removable' : null,
        conversion: CONVERSIONS[bag.number('ConversionStatus') ?? -1] ?? null,
        percent: null,
        protection: protectionOf(bag.number('ProtectionStatus')),
        method: METHODS[bag.number('EncryptionMethod') ?? -1] ?? null,
        locked: null,
      },
    ];
  });
  return volumes.length === 0
    ? unread(output, 'no volume with a letter')
    : told('diskEncryption', encryptionFacts(volumes, true));
}

const CMDLET_STATES: Readonly<Record<string, Conversion>> = {
  FullyDecrypted: 'fullyDecrypted',
  FullyEncrypted: 'fullyEncrypted',
  FullyEncryptedWipeInProgress: 'fullyEncrypted',
  FullyEncryptedWipeSuspended: 'fullyEncrypted',
  UsedSpaceOnlyEncrypted: 'usedSpaceOnlyEncrypted',
  EncryptionInProgress: 'encryptionInProgress',
  DecryptionInProgress: 'decryptionInProgress',
  EncryptionSuspended: 'encryptionPaused',
  EncryptionPaused: 'encryptionPaused',
  DecryptionSuspended: 'decryptionPaused',
  DecryptionPaused: 'decryptionPaused',
};
const CMDLET_NUMBERS: readonly Conversion[] = [...CONVERSIONS, 'fullyEncrypted', 'fullyEncrypted'];

/** Get-BitLockerVolume: words in a list, numbers in JSON. Key protectors are never looked at. */
export function readBitLockerVolume(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'Get-BitLockerVolume');
  const volumes = rows.flatMap((row): BitLockerVolume[] => {
    const bag = new Bag(row);
    const mount = bag.text('MountPoint');
    if (mount === null) return [];
    const status = bag.text('VolumeStatus');
    const protection = bag.text('ProtectionStatus')?.toLowerCase();
    const type = bag.text('VolumeType');
    const lock = bag.text('LockStatus')?.toLowerCase();
    const method = bag.text('EncryptionMethod');
    return [
      {
        mount,
        kind:
          type === 'OperatingSystem' || type === '0' ? 'os' : type === 'Data' || type === '1' ? 'data' : null,
        conversion:
          status === null
            ? null
            : ((/^\d$/.test(status) ? CMDLET_NUMBERS[Number(status)] : CMDLET_STATES[status]) ?? null),
        percent: percentIn(bag.text('EncryptionPercentage')),
        protection:
          protection === 'on' || protection === '1'
            ? 'on'
            : protection === 'off' || protection === '0'
              ? 'off'
              : 'unknown',
        method:
          method === null
            ? null
            : (METHODS.find(one => one === method) ??
              METHODS[/^\d$/.test(method) ? Number(method) : -1] ??
              null),
        locked: lock === 'unlocked' || lock === '0' ? false : lock === 'locked' || lock === '1' ? true : null,
      },
    ];
  });
  return volumes.length === 0
    ? unread(output, 'no volume')
    : told('diskEncryption', encryptionFacts(volumes, volumes.length > 1));
}

const BDE_STATES: Readonly<Record<string, Conversion>> = {
  'Fully Decrypted': 'fullyDecrypted',
  'Fully Encrypted': 'fullyEncrypted',
  'Used Space Only Encrypted': 'usedSpaceOnlyEncrypted',
  'Encryption in Progress': 'encryptionInProgress',
  'Decryption in Progress': 'decryptionInProgress',
  'Encryption Paused': 'encryptionPaused',
  'Decryption Paused': 'decryptionPaused',
};

/** `manage-bde -status` in English only: every word of it is translated elsewhere. */
export function readManageBde(output: Output): Told {
  if (!/^BitLocker Drive Encryption: Configuration Tool version/m.test(output.text))
    return unread(output, 'manage-bde is not in English');
  const blocks = output.text.split(/^Volume (?=[A-Z]:)/m).slice(1);
  const volumes = blocks.map((block): BitLockerVolume => {
    const list = fields(block.replace(/^[A-Z]:.*$/m, ''));
    const kind = /^\[(OS|Data|Removable Data) Volume\]\r?$/m.exec(block)?.[1];
    const method = only(list, 'Encryption Method')
      ?.replace(/^XTS-AES (128|256)$/, 'XtsAes$1')
      .replace(/^AES (128|256)$/, 'Aes$1')
      .replace(/^AES (128|256) with Diffuser$/, 'Aes$1Diffuser');
    const protection = only(list, 'Protection Status');
    const lock = only(list, 'Lock Status');
    return {
      mount: block.slice(0, 2),
      kind: kind === 'OS' ? 'os' : kind === 'Data' ? 'data' : kind === undefined ? null : 'removable',
      conversion: BDE_STATES[only(list, 'Conversion Status') ?? ''] ?? null,
      percent: percentIn(only(list, 'Percentage Encrypted')),
      // `Protection On (2 reboots left)` and the like are suspended protection and not read.
      protection:
        protection === 'Protection On' ? 'on' : protection?.startsWith('Protection Off') ? 'off' : 'unknown',
      method: METHODS.find(one => one === method) ?? null,
      locked: lock === 'Unlocked' ? false : lock === 'Locked' ? true : null,
    };
  });
  return volumes.length === 0
    ? unread(output, 'no volume')
    : told('diskEncryption', encryptionFacts(volumes, volumes.length > 1));
}

// --- Security Center --------------------------------------------------------------------------------------------------

const PRODUCT_STATES = ['off', 'on', 'snoozed', 'expired'] as const;

interface Product {
  readonly name: string | null;
  readonly state: string | null;
  readonly signatures: string | null;
  readonly owner: string | null;
  readonly stateTime: string | null;
}

/** productState of root/SecurityCenter2 as three digits of hexadecimal: product state, owner, signature state (iwscapi.h). */
function product(row: Row): Product {
  const bag = new Bag(row);
  const state = bag.number('productState');
  const whole = state !== null && Number.isInteger(state) && state >= 0 && state <= 0xffffff ? state : null;
  const signatures = whole === null ? null : whole & 0xf0;
  const stamp = bag.text('timestamp');
  const when =
    stamp !== null && /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(stamp)
      ? Date.parse(stamp)
      : Number.NaN;
  return {
    name: bag.text('displayName'),
    state: whole === null ? null : (PRODUCT_STATES[(whole & 0xf000) >> 12] ?? null),
    signatures: signatures === 0 ? 'upToDate' : signatures === 0x10 ? 'outOfDate' : null,
    owner: whole === null ? null : (whole & 0xf00) === 0x100 ? 'microsoft' : 'other',
    stateTime: Number.isFinite(when) ? new Date(when).toISOString().replace('.000Z', 'Z') : null,
  };
}

/** Objects with antivirus, firewall and antispyware lists, or one class's list; an empty firewall list says nothing about Windows' own. */
export function readSecurityProducts(output: Output): Told {
  const json = jsonOf(output.text);
  let lists: Record<'antivirus' | 'firewall' | 'antispyware', Row[] | null> | null = null;
  const kinds = ['antivirus', 'firewall', 'antispyware'] as const;
  if (isDict(json)) {
    const bag = new Bag(json);
    const of = (name: string): Row[] | null =>
      bag.has(name) || bag.has(`${name}Product`)
        ? (bag.list(bag.has(name) ? name : `${name}Product`) ?? []).filter(isDict)
        : null;
    if (kinds.some(kind => bag.has(kind) || bag.has(`${kind}Product`)))
      lists = { antivirus: of('antivirus'), firewall: of('firewall'), antispyware: of('antispyware') };
  }
  if (lists === null) {
    const rows = objects(output);
    if (
      rows === null ||
      !rows.every(row => new Bag(row).has('productState') || new Bag(row).has('displayName'))
    )
      return unread(output, 'SecurityCenter2');
    const classOf = (row: Row): string => {
      const own = new Bag(row).raw('CimSystemProperties');
      const named =
        isDict(own) && typeof own.ClassName === 'string'
          ? own.ClassName
          : (new Bag(row).text('__CLASS', 'CreationClassName') ?? '');
      return named.toLowerCase();
    };
    const fallback = output.name.includes('firewallproduct')
      ? 'firewall'
      : output.name.includes('antispywareproduct')
        ? 'antispyware'
        : 'antivirus';
    const sorted: Record<(typeof kinds)[number], Row[] | null> = {
      antivirus: null,
      firewall: null,
      antispyware: null,
    };
    for (const row of rows) {
      const kind = kinds.find(one => classOf(row).startsWith(one)) ?? fallback;
      sorted[kind] = [...(sorted[kind] ?? []), row];
    }
    lists = sorted;
  }
  const products = (rows: Row[] | null): Product[] | null => rows?.map(product) ?? null;
  const antivirus = products(lists.antivirus);
  const on = antivirus?.filter(one => one.state === 'on') ?? [];
  return told('securityProducts', {
    antivirus,
    firewall: products(lists.firewall),
    antispyware: products(lists.antispyware),
    anyAntivirusOn:
      antivirus === null || antivirus.length === 0
        ? null
        : on.length > 0
          ? true
          : antivirus.some(one => one.state === null)
            ? null
            : false,
    allOnAntivirusUpToDate: allOf(
      on.map(one => (one.signatures === null ? null : one.signatures === 'upToDate')),
    ),
  });
}

const PROVIDER_HEALTH = ['good', 'notMonitored', 'poor', 'snoozed'] as const;
const PROVIDERS = [
  'firewall',
  'autoUpdate',
  'antiVirus',
  'antiSpyware',
  'internetSettings',
  'uac',
  'securityCenterService',
];

/** WscGetSecurityProviderHealth by provider (WSC_SECURITY_PROVIDER_HEALTH). */
export function readProviderHealth(output: Output): Told {
  const row = objects(output)?.[0];
  if (row === undefined) return unread(output, 'provider health');
  const bag = new Bag(row);
  const providers: Facts = {};
  for (const name of PROVIDERS) {
    const code = bag.number(name);
    if (code !== null) providers[name] = PROVIDER_HEALTH[code] ?? null;
  }
  return Object.keys(providers).length === 0
    ? unread(output, 'provider health')
    : told('securityProducts', { providers });
}

// --- Defender ---------------------------------------------------------------------------------------------------------

function days(age: number | null): number | null {
  // All bits set, in 16 or 32: never.
  return age === null || age < 0 || age === 65_535 || age === 4_294_967_295 ? null : age;
}

function versionIn(text: string | null): string | null {
  return text !== null && /^\d+(\.\d+)+$/.test(text) && !/^0(\.0)+$/.test(text) ? text : null;
}

/** Get-MpComputerStatus as list, table of properties or JSON. */
export function readMpComputerStatus(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'Get-MpComputerStatus');
  const bag = new Bag(Object.assign({}, ...rows.slice(0, 20)), dateOrder(output.text));
  const facts: Facts = {
    amRunningMode: bag.text('AMRunningMode'),
    serviceEnabled: bag.flag('AMServiceEnabled'),
    antivirusEnabled: bag.flag('AntivirusEnabled'),
    realTimeProtection: bag.flag('RealTimeProtectionEnabled'),
    behaviorMonitor: bag.flag('BehaviorMonitorEnabled'),
    onAccess: bag.flag('OnAccessProtectionEnabled'),
    ioav: bag.flag('IoavProtectionEnabled'),
    networkInspection: bag.flag('NISEnabled'),
    tamperProtected: bag.flag('IsTamperProtected'),
    isVirtualMachine: bag.flag('IsVirtualMachine'),
    engineVersion: versionIn(bag.text('AMEngineVersion')),
    productVersion: versionIn(bag.text('AMProductVersion')),
    signatureVersion: versionIn(bag.text('AntivirusSignatureVersion')),
    signatureAgeDays: days(bag.number('AntivirusSignatureAge')),
    signatureUpdated: bag.moment('AntivirusSignatureLastUpdated', 'SigUtc'),
    signatureUpdatedLocal: bag.local('AntivirusSignatureLastUpdated'),
    quickScanAgeDays: days(bag.number('QuickScanAge')),
    fullScanAgeDays: days(bag.number('FullScanAge')),
  };
  return Object.values(facts).every(value => value === null)
    ? unread(output, 'Get-MpComputerStatus')
    : told('defender', facts);
}

/** Get-MpPreference: settings, of which the exclusions are hidden from everybody but administrators. */
export function readMpPreference(output: Output): Told {
  const row = objects(output)?.[0];
  if (row === undefined) return unread(output, 'Get-MpPreference');
  const bag = new Bag(row);
  const exclusions = ['ExclusionPath', 'ExclusionProcess', 'ExclusionExtension'].filter(name =>
    bag.has(name),
  );
  const hidden = exclusions.some(name => /must be an administrator/i.test(String(bag.raw(name))));
  const counted = hidden ? null : exclusions.reduce((sum, name) => sum + (bag.list(name)?.length ?? 0), 0);
  const network = bag.flag('DisableScanningNetworkFiles');
  return told('defender', {
    realTimeProtection: null,
    exclusionCount: exclusions.length === 0 ? null : counted,
    exclusionsReadable: exclusions.length === 0 ? null : !hidden,
    scansNetworkFiles: network === null ? null : !network,
    scanCpuLoadPercent: bag.number('ScanAvgCPULoadFactor'),
  });
}

// --- Firewall ---------------------------------------------------------------------------------------------------------

type Profiles = Record<'domain' | 'private' | 'public', boolean | null>;

function firewallFacts(profiles: Profiles): Facts {
  return { profiles, allProfilesOn: allOf(Object.values(profiles)) };
}

/** Get-NetFirewallProfile: Enabled is 0, 1 or 2 (not configured), or the same as words. A profile that is missing is unknown. */
export function readNetFirewallProfile(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'Get-NetFirewallProfile');
  const profiles: Profiles = { domain: null, private: null, public: null };
  let found = 0;
  const seen = new Set<string>();
  for (const row of rows) {
    const bag = new Bag(row);
    const name = bag.text('Name', 'Profile', 'Profiles')?.toLowerCase();
    if (name !== 'domain' && name !== 'private' && name !== 'public') continue;
    const enabled = bag.number('Enabled', 'on');
    const on = bag.flag('Enabled', 'on') ?? (enabled === 1 ? true : enabled === 0 ? false : null);
    // The same profile told twice and differently is told by neither.
    profiles[name] = seen.has(name) && profiles[name] !== on ? null : on;
    seen.add(name);
    found += 1;
  }
  return found === 0 ? unread(output, 'no profile') : told('firewall', firewallFacts(profiles));
}

/** Get-NetFirewallSetting: global settings, in which no profile's state stands. */
export function readNetFirewallSetting(output: Output): Told {
  const row = objects(output)?.[0];
  if (row === undefined || !new Bag(row).has('ActiveProfile'))
    return unread(output, 'Get-NetFirewallSetting');
  return told('firewall', firewallFacts({ domain: null, private: null, public: null }));
}

const REGISTRY_PROFILES: readonly (readonly [RegExp, keyof Profiles])[] = [
  [/\\firewallpolicy\\domainprofile$|\\windowsfirewall\\domainprofile$/, 'domain'],
  [/\\firewallpolicy\\(standard|private)profile$|\\windowsfirewall\\(standard|private)profile$/, 'private'],
  [/\\firewallpolicy\\publicprofile$|\\windowsfirewall\\publicprofile$/, 'public'],
];

/** Exported or queried FirewallPolicy keys; a policy's value stands before the local one. */
export function readFirewallRegistry(output: Output): Told {
  const profiles: Profiles = { domain: null, private: null, public: null };
  const byPolicy = new Set<string>();
  let found = 0;
  for (const [path, key] of parseRegistry(new TextEncoder().encode(output.text))) {
    const profile = REGISTRY_PROFILES.find(([pattern]) => pattern.test(path))?.[1];
    if (profile === undefined) continue;
    found += 1;
    const value = registryNumber(key, 'EnableFirewall');
    const policy = path.includes('\\policies\\');
    if (value === null || (byPolicy.has(profile) && !policy)) continue;
    profiles[profile] = value === 1 ? true : value === 0 ? false : null;
    if (policy) byPolicy.add(profile);
  }
  return found === 0 ? unread(output, 'no firewall profile') : told('firewall', firewallFacts(profiles));
}

/** `netsh advfirewall show allprofiles [state]` in English only. */
export function readNetsh(output: Output): Told {
  const profiles: Profiles = { domain: null, private: null, public: null };
  let current: keyof Profiles | null = null;
  let found = 0;
  for (const line of lines(output.text)) {
    const head = /^(Domain|Private|Public) Profile Settings:$/.exec(line.trim())?.[1]?.toLowerCase();
    if (head === 'domain' || head === 'private' || head === 'public') current = head;
    const state = /^State\s+(ON|OFF)$/.exec(line.trim())?.[1];
    if (state === undefined || current === null) continue;
    profiles[current] = state === 'ON';
    found += 1;
  }
  return found === 0 ? unread(output, 'netsh is not in English') : told('firewall', firewallFacts(profiles));
}

// --- TPM --------------------------------------------------------------------------------------------------------------

/** Get-Tpm and Win32_Tpm. The owner's authorisation is never looked at. */
export function readTpm(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'TPM');
  // Get-Tpm prints a blank line inside the object.
  const bag = new Bag(Object.assign({}, ...rows.slice(0, 10)));
  const present = bag.flag('TpmPresent');
  const facts: Facts = {
    present,
    ready: bag.flag('TpmReady'),
    enabled: bag.flag('TpmEnabled', 'IsEnabled_InitialValue'),
    activated: bag.flag('TpmActivated', 'IsActivated_InitialValue'),
    owned: bag.flag('TpmOwned', 'IsOwned_InitialValue'),
    restartPending: bag.flag('RestartPending'),
    manufacturer: bag.text('ManufacturerIdTxt')?.replace(/\0/g, '') ?? null,
    manufacturerVersion: bag.text('ManufacturerVersion'),
    specVersion: bag.text('SpecVersion')?.split(',')[0] ?? null,
    lockedOut: bag.flag('LockedOut'),
    lockoutCount: bag.number('LockoutCount'),
  };
  return Object.values(facts).every(value => value === null) ? unread(output, 'TPM') : told('tpm', facts);
}
