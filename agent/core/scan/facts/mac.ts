import { parsePlatformExpert } from '../parse/macos.ts';
import { isDict, type PlistDict, parsePlist } from '../parse/plist.ts';
import { type Facts, type Output, type Told, told, unknown, unread } from './answer.ts';
import { Bag } from './objects.ts';
import { profilerItems } from './storage.ts';
import { fields, lines, only, yesNo, zonedTime } from './text.ts';
import { allOf } from './windows-security.ts';

/** macOS: FileVault, firewall, enrolment, extensions and what names the machine. */

/**
 * `fdesetup status`. The lines after the first decide: "On" while it still encrypts is not encrypted, deferred is off until somebody
 * signs in. A line that is not known makes the whole unknown, since it may be the one that decides.
 */
export function readFdesetup(output: Output): Told {
  let fileVault: 'on' | 'off' | null = null;
  let contradiction = false;
  let converting: 'encrypting' | 'decrypting' | null = null;
  let pending = false;
  let deferred = false;
  let percent: number | null = null;
  let known = 0;
  for (const raw of lines(output.text)) {
    const line = raw.trim();
    if (line === '' || /^FileVault master keychain appears to be installed\.?$/.test(line)) continue;
    known += 1;
    const state =
      /^FileVault is (On|Off)(?:\.$|,? but (?:will be (?:enabled|disabled) after the next restart|needs to be restarted to finish)\.?$)/.exec(
        line,
      );
    const progress =
      /^(Encryption|Decryption) in progress: (?:[Pp]ercent complete(?:d)? = (\d{1,3}(?:\.\d+)?)%?|(Pending|Paused))\.?$/.exec(
        line,
      );
    if (state !== null) {
      const now = state[1] === 'On' ? 'on' : 'off';
      contradiction ||= fileVault !== null && fileVault !== now;
      fileVault = now;
      pending ||= line.includes(' but ');
    } else if (progress !== null) {
      converting = progress[1] === 'Encryption' ? 'encrypting' : 'decrypting';
      const number = progress[2] === undefined ? null : Number(progress[2]);
      percent = number !== null && number <= 100 ? number : null;
      pending ||= progress[3] !== undefined;
    } else if (/^Deferred enablement appears to be active for user\b/.test(line)) deferred = true;
    else return unread(output, 'fdesetup');
  }
  if (known === 0) return unread(output, 'fdesetup');
  if (contradiction || (fileVault === null && converting === null && !deferred))
    return unknown('parse-error', 'fdesetup');
  const full =
    converting !== null || deferred || fileVault === 'off'
      ? false
      : fileVault === 'on' && !pending
        ? true
        : null;
  return told('diskEncryption', {
    fileVault,
    converting: converting !== null,
    conversion:
      converting === 'encrypting'
        ? 'encryptionInProgress'
        : converting === 'decrypting'
          ? 'decryptionInProgress'
          : null,
    pending,
    deferred,
    percent,
    fullyEncrypted: full,
    osVolumeProtected: full,
  });
}

/** `diskutil apfs list -plist`: FileVault per volume; helper volumes (Preboot, VM, Recovery) are never encrypted and not judged. */
export function readDiskutilApfs(output: Output): Told {
  const plist = parsePlist(output.text);
  if (!isDict(plist) || !Array.isArray(plist.Containers)) return unread(output, 'diskutil apfs list');
  const volumes: Facts[] = [];
  const system: (boolean | null)[] = [];
  const fixed: (boolean | null)[] = [];
  const converting: (boolean | null)[] = [];
  for (const container of plist.Containers.filter(isDict)) {
    for (const one of (Array.isArray(container.Volumes) ? container.Volumes : []).filter(isDict)) {
      const bag = new Bag(one);
      const roles = (Array.isArray(one.Roles) ? one.Roles : []).filter(role => typeof role === 'string');
      const helper = roles.some(role => !/^(System|Data)$/.test(role));
      const fileVault = bag.flag('FileVault');
      const moving = bag.flag('CryptoMigrationOn');
      const encrypted = fileVault === true && moving === true ? false : fileVault;
      const os = !helper && roles.length > 0;
      if (!helper) {
        fixed.push(encrypted);
        converting.push(moving);
      }
      // The sealed system volume holds no data of anybody: where there is a data volume, that one decides.
      if (
        os &&
        (roles.includes('Data') ||
          !(Array.isArray(container.Volumes) ? container.Volumes : []).some(
            other => isDict(other) && Array.isArray(other.Roles) && other.Roles.includes('Data'),
          ))
      )
        system.push(encrypted);
      volumes.push({
        id: bag.text('DeviceIdentifier'),
        name: bag.text('Name'),
        mount: null,
        kind: helper ? null : os ? 'os' : 'data',
        roles,
        encrypted: bag.flag('Encryption'),
        fileVault,
        protection: fileVault === true ? 'on' : fileVault === false ? 'off' : 'unknown',
        locked: bag.flag('Locked'),
      });
    }
  }
  if (volumes.length === 0) return unread(output, 'no APFS volume');
  const os = allOf(system);
  const moving = converting.includes(true)
    ? true
    : converting.includes(null) || converting.length === 0
      ? null
      : false;
  return told('diskEncryption', {
    volumes,
    fileVault:
      system.length === 0 ? null : os === true || moving === true ? 'on' : os === false ? 'off' : null,
    converting: moving,
    osVolumeProtected: os,
    allFixedVolumesProtected: allOf(fixed),
    fullyEncrypted: os,
  });
}

/** `socketfilterfw`: the state's number must agree with its words; what stands beside is read line by line. */
export function readSocketfilterfw(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  if (/^Total number of apps = /m.test(text)) return readFirewallApps(output);
  const written = lines(text).map(line => line.trim());
  let enabled: boolean | null = null;
  let blockAll: boolean | null = null;
  let stealth: boolean | null = null;
  let logging: string | null = null;
  let found = 0;
  for (const line of written) {
    const state =
      /^Firewall is (enabled|disabled|on|off|blocking all non-essential incoming connections)\.? ?\(State = ([012])\)\.?$/i.exec(
        line,
      );
    if (state !== null) {
      const [, word = '', code] = state;
      const on = !/^(disabled|off)$/i.test(word);
      if (on !== (code !== '0')) return unknown('parse-error', 'state and words differ');
      enabled = on;
      if (/^blocking/i.test(word)) blockAll = true;
      found += 1;
      continue;
    }
    const block =
      /^(?:Firewall has )?block all (?:state set to |INCOMING connections is |is )?(enabled|disabled)[.!]?$/i.exec(
        line,
      )?.[1];
    if (block !== undefined) {
      blockAll = block.toLowerCase() === 'enabled';
      found += 1;
      continue;
    }
    const hidden = /^(?:Firewall )?stealth mode (?:is )?(enabled|disabled|on|off)[.!]?$/i
      .exec(line)?.[1]
      ?.toLowerCase();
    if (hidden !== undefined) {
      stealth = hidden === 'enabled' || hidden === 'on';
      found += 1;
      continue;
    }
    const log = /^Log mode is (on|off)$/i.exec(line)?.[1]?.toLowerCase();
    if (log !== undefined) {
      logging = log;
      found += 1;
      continue;
    }
    if (/^Firewall is set to block all (non-essential )?incoming connections\.?$/i.test(line)) {
      blockAll = true;
      found += 1;
    } else if (/^Firewall (is|has)\b/i.test(line)) return unknown('parse-error', 'socketfilterfw');
  }
  if (found === 0) return unread(output, 'socketfilterfw');
  return told('firewall', { product: 'macOS Application Firewall', enabled, blockAll, stealth, logging });
}

/** `socketfilterfw --listapps`: `NAME (state: 1)`, 1 lets in and 4 blocks; or the numbered form of later systems. */
function readFirewallApps(output: Output): Told {
  const apps = lines(output.text).flatMap(line => {
    const match = /^(.+?) \(state: ([14])\)$/.exec(line.trim());
    return match === null ? [] : [{ name: match[1] ?? '', allowed: match[2] === '1' }];
  });
  const total = /^Total number of apps = (\d+)/m.exec(output.text)?.[1];
  return told('firewall', {
    product: 'macOS Application Firewall',
    enabled: null,
    blockAll: null,
    stealth: null,
    appCount: total === undefined ? null : Number(total),
    apps,
  });
}

/** An old-style property list (`{ key = value; list = ( a, b ); }`) as plain values; null when it is broken. */
function oldPlist(text: string): { value: unknown; rest: string } | null {
  let at = 0;
  let depth = 0;
  const blank = (): void => {
    while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  };
  const word = (): string | null => {
    blank();
    if (text[at] === '"') {
      const match = /"((?:[^"\\]|\\.)*)"/y;
      match.lastIndex = at;
      const found = match.exec(text);
      if (found === null) return null;
      at = match.lastIndex;
      return (found[1] ?? '').replace(/\\(.)/g, '$1');
    }
    const match = /[^\s={}();,"]+/y;
    match.lastIndex = at;
    const found = match.exec(text);
    if (found === null) return null;
    at = match.lastIndex;
    return found[0];
  };
  const value = (): unknown => {
    blank();
    if (depth > 40) return undefined;
    if (text[at] === '{') {
      // `{length = 32, bytes = 0x...}`: data that is only described.
      const data = /\{length = \d+, bytes = [^}]*\}/y;
      data.lastIndex = at;
      if (data.test(text)) {
        at = data.lastIndex;
        return null;
      }
      depth += 1;
      at += 1;
      const dict: Record<string, unknown> = {};
      for (;;) {
        blank();
        if (text[at] === '}') break;
        const key = word();
        blank();
        if (key === null || text[at] !== '=') return undefined;
        at += 1;
        const own = value();
        blank();
        if (own === undefined || text[at] !== ';') return undefined;
        at += 1;
        Object.defineProperty(dict, key, {
          value: own,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      at += 1;
      depth -= 1;
      return dict;
    }
    if (text[at] === '(') {
      depth += 1;
      at += 1;
      const list: unknown[] = [];
      for (;;) {
        blank();
        if (text[at] === ')') break;
        const own = value();
        if (own === undefined) return undefined;
        list.push(own);
        blank();
        if (text[at] === ',') at += 1;
        else if (text[at] !== ')') return undefined;
      }
      at += 1;
      depth -= 1;
      return list;
    }
    return word() ?? undefined;
  };
  const found = value();
  return found === undefined ? null : { value: found, rest: text.slice(at) };
}

/** 0/1 as old-style lists write flags. */
function bit(dict: PlistDict | null, key: string): boolean | null {
  const value = dict?.[key];
  return value === '1' || value === 'true' ? true : value === '0' || value === 'false' ? false : null;
}

/** `defaults read /Library/Preferences/com.apple.alf [globalstate]`; the file is gone since macOS 15. */
export function readAlf(output: Output): Told {
  const text = output.text.trim();
  if (text === '') return unknown('no-output');
  if (/does not exist/.test(text)) return unknown('not-present', 'no such preference');
  const dict = text.startsWith('{') ? oldPlist(text)?.value : null;
  const plist = parsePlist(text);
  const whole = isDict(dict) ? dict : isDict(plist) ? plist : null;
  const state = whole === null ? text : String(whole.globalstate ?? '');
  if (!/^[012]$/.test(state)) return unread(output, 'com.apple.alf');
  const stealth = whole === null ? null : String(whole.stealthenabled ?? '');
  return told('firewall', {
    product: 'macOS Application Firewall',
    enabled: state !== '0',
    blockAll: state === '2' ? true : null,
    stealth: stealth === '1' ? true : stealth === '0' ? false : null,
  });
}

/** `profiles status -type enrollment`. */
export function readProfilesStatus(output: Output): Told {
  const list = fields(output.text);
  const dep = yesNo(only(list, 'Enrolled via DEP'));
  const [, word, approved] =
    /^(Yes|No)(?: \((User Approved)\))?$/.exec(only(list, 'MDM enrollment') ?? '') ?? [];
  const server = only(list, 'MDM server');
  if (dep === null && word === undefined) return unread(output, 'profiles status');
  return told('mdmEnrollment', {
    enrolledViaDep: dep,
    mdmEnrolled: word === undefined ? null : word === 'Yes',
    userApproved: word === 'Yes' ? approved !== undefined : null,
    server,
  });
}

/** `profiles -C -o stdout-xml` and `profiles show -output stdout-xml`: which profiles there are; payload contents stay unread. */
export function readProfilesXml(output: Output): Told {
  const plist = parsePlist(output.text);
  if (!isDict(plist)) {
    if (/There are no configuration profiles installed/i.test(output.text))
      return told('mdmEnrollment', { mdmEnrolled: null, profiles: [], profileCount: 0 });
    return readProfilesStatus(output);
  }
  const profiles: Facts[] = [];
  let mdm = false;
  for (const list of Object.values(plist)) {
    for (const one of Array.isArray(list) ? list.filter(isDict) : []) {
      const bag = new Bag(one);
      const types = (Array.isArray(one.ProfileItems) ? one.ProfileItems.filter(isDict) : []).flatMap(
        item => new Bag(item).text('PayloadType') ?? [],
      );
      mdm ||= types.includes('com.apple.mdm');
      profiles.push({
        id: bag.text('ProfileIdentifier'),
        name: bag.text('ProfileDisplayName'),
        organization: bag.text('ProfileOrganization'),
        installed: zonedTime(bag.text('ProfileInstallDate')),
        verification: bag.text('ProfileVerificationState'),
        removalDisallowed:
          yesNo(bag.text('ProfileRemovalDisallowed')) ?? bag.flag('ProfileRemovalDisallowed'),
        payloadTypes: types,
      });
    }
  }
  return told('mdmEnrollment', {
    enrolledViaDep: null,
    mdmEnrolled: mdm ? true : null,
    userApproved: null,
    server: null,
    profileCount: profiles.length,
    profiles: profiles.slice(0, 200),
  });
}

/** The two answers of mdmclient: the daemon's and the agent's, `(null)` where there is none. */
function mdmAnswer(text: string, name: 'Daemon' | 'Agent'): PlistDict | null | undefined {
  const start = text.indexOf(`${name} response:`);
  if (start < 0) return undefined;
  const rest = text.slice(start + name.length + 10);
  if (/^\s*\(null\)/.test(rest)) return null;
  const found = oldPlist(rest);
  return found !== null && isDict(found.value) ? found.value : undefined;
}

/** `mdmclient QueryDeviceInformation`. Addresses, serial numbers, tokens and accounts stay unread. */
export function readMdmDeviceInformation(output: Output): Told {
  const answer = mdmAnswer(output.text, 'Daemon');
  const found = isDict(answer?.QueryResponses) ? answer.QueryResponses : null;
  if (found === null) return unread(output, 'mdmclient');
  const text = (key: string): string | null => {
    const value = found[key];
    return typeof value === 'string' && value !== '' ? value.slice(0, 200) : null;
  };
  const number = (key: string): number | null =>
    /^\d+(\.\d+)?$/.test(text(key) ?? '') ? Number(text(key)) : null;
  const settings = isDict(found.OSUpdateSettings) ? found.OSUpdateSettings : null;
  const scan = settings?.PreviousScanDate;
  return told('mdmDeviceInfo', {
    osVersion: text('OSVersion'),
    build: text('BuildVersion'),
    supplementalBuild: text('SupplementalBuildVersion'),
    supplementalVersionExtra: text('SupplementalOSVersionExtra'),
    model: text('Model') ?? text('ProductName'),
    modelName: text('ModelName'),
    hostname: text('HostName'),
    isAppleSilicon: bit(found, 'IsAppleSilicon'),
    isSupervised: bit(found, 'IsSupervised'),
    hasBattery: bit(found, 'HasBattery'),
    batteryPercent:
      (number('BatteryLevel') ?? -1) < 0 || (number('BatteryLevel') ?? 2) > 1
        ? null
        : Math.round((number('BatteryLevel') ?? 0) * 1000) / 10,
    sipEnabled: bit(found, 'SystemIntegrityProtectionEnabled'),
    activationLockEnabled: bit(found, 'IsActivationLockEnabled'),
    awaitingConfiguration: bit(found, 'AwaitingConfiguration'),
    deviceCapacityGb: number('DeviceCapacity'),
    availableCapacityGb: number('AvailableDeviceCapacity'),
    automaticCheck: bit(settings, 'AutoCheckEnabled'),
    automaticOsInstallation: bit(settings, 'AutomaticOSInstallationEnabled'),
    automaticSecurityUpdates: bit(settings, 'AutomaticSecurityUpdatesEnabled'),
    automaticAppInstallation: bit(settings, 'AutomaticAppInstallationEnabled'),
    backgroundDownload: bit(settings, 'BackgroundDownloadEnabled'),
    previousScan: typeof scan === 'string' ? zonedTime(scan) : null,
    agentAnswered:
      mdmAnswer(output.text, 'Agent') === undefined ? null : mdmAnswer(output.text, 'Agent') !== null,
  });
}

/** `mdmclient QuerySecurityInfo`: the daemon's answer; recovery keys are only told to exist. */
export function readMdmSecurityInfo(output: Output): Told {
  const answer = mdmAnswer(output.text, 'Daemon');
  const found = isDict(answer?.SecurityInfo) ? answer.SecurityInfo : null;
  if (found === null) return unread(output, 'mdmclient');
  const firewall = isDict(found.FirewallSettings) ? found.FirewallSettings : null;
  const management = isDict(found.ManagementStatus) ? found.ManagementStatus : null;
  const boot = isDict(found.SecureBoot) ? found.SecureBoot : null;
  const level = boot?.SecureBootLevel;
  const fde = bit(found, 'FDE_Enabled');
  return told('mdmDeviceInfo', {
    enrolledViaDep: bit(management, 'EnrolledViaDEP'),
    userApproved: bit(management, 'UserApprovedEnrollment'),
    fileVault: fde === null ? null : fde ? 'on' : 'off',
    hasPersonalRecoveryKey: bit(found, 'FDE_HasPersonalRecoveryKey'),
    hasInstitutionalRecoveryKey: bit(found, 'FDE_HasInstitutionalRecoveryKey'),
    firewallEnabled: bit(firewall, 'FirewallEnabled'),
    blockAll: bit(firewall, 'BlockAllIncoming'),
    stealth: bit(firewall, 'StealthMode'),
    sipEnabled: bit(found, 'SystemIntegrityProtectionEnabled'),
    remoteDesktopEnabled: bit(found, 'RemoteDesktopEnabled'),
    firmwarePasswordSet: isDict(found.FirmwarePasswordStatus)
      ? bit(found.FirmwarePasswordStatus, 'PasswordExists')
      : null,
    secureBoot: typeof level === 'string' ? level : null,
  });
}

/** `systemextensionsctl list`: two columns of stars for enabled and active, then team, bundle, name and state. */
export function readSystemExtensions(output: Output): Told {
  const total = /^(\d+) extension\(s\)\s*$/m.exec(output.text)?.[1];
  let category: string | null = null;
  const extensions: Facts[] = [];
  for (const line of lines(output.text)) {
    const head = /^--- (\S+)/.exec(line)?.[1];
    if (head !== undefined) {
      category = head;
      continue;
    }
    const match = /^(\*?)\t(\*?)\t([A-Z\d]{10}|\S*)\t(\S+) \(([^()]*)\)\t(.*?)\t\[([^\]]*)\]$/.exec(line);
    if (match === null) continue;
    const [, enabled, active, teamId, bundleId = '', version, name, state = ''] = match;
    extensions.push({
      id: bundleId,
      bundleId,
      teamId,
      version,
      name,
      category,
      enabled: enabled === '*',
      active: active === '*',
      state,
      running: state === 'activated enabled',
    });
  }
  if (total === undefined) return unread(output, 'systemextensionsctl');
  // Fewer lines than announced: the listing is cut off or in a form not known.
  if (extensions.length < Number(total)) return unknown('parse-error', 'not every extension is listed');
  return told('systemExtensions', { count: Number(total), extensions });
}

/** `3:28`, `2 days 3:04`, `15 minutes`, `1 hour, 5 minutes` since boot, in seconds. */
function sinceBoot(text: string | null): number | null {
  if (text === null) return null;
  const clock = /^(?:(\d+) days?,? )?(\d+):(\d{2})$/.exec(text);
  if (clock !== null) return Number(clock[1] ?? 0) * 86_400 + Number(clock[2]) * 3600 + Number(clock[3]) * 60;
  const words = /^(?:(\d+) days?)?(?:,? ?(\d+) hours?)?(?:,? ?(\d+) minutes?)?$/.exec(text);
  if (words === null || text === '') return null;
  return Number(words[1] ?? 0) * 86_400 + Number(words[2] ?? 0) * 3600 + Number(words[3] ?? 0) * 60;
}

const GIB = 1024 ** 3;

/** `system_profiler SPHardwareDataType [SPSoftwareDataType]`, text, JSON or XML. Names of people and serial numbers stay unread. */
export function readProfilerHardware(output: Output): Told {
  const list = fields(output.text);
  const hard = new Bag(profilerItems(output.text, 'SPHardwareDataType')?.[0] ?? {});
  const soft = new Bag(profilerItems(output.text, 'SPSoftwareDataType')?.[0] ?? {});
  const value = (key: string, name: string): string | null =>
    only(list, key) ?? hard.text(name) ?? soft.text(name);
  const model = value('Model Identifier', 'machine_model');
  const system = value('System Version', 'os_version');
  if (model === null && system === null) return unread(output, 'hardware overview');
  const [, version, build] =
    /^(?:macOS|Mac OS X|OS X) (\d+(?:\.\d+)*)(?: \S+)? \(([\dA-Za-z]+)\)$/.exec(system ?? '') ?? [];
  const memory = /^(\d+) GB$/.exec(value('Memory', 'physical_memory') ?? '')?.[1];
  const chip = value('Chip', 'chip_type');
  const cpu = value('Processor Name', 'cpu_type');
  const sip = value('System Integrity Protection', 'system_integrity');
  const lock = value('Activation Lock Status', 'activation_lock_status');
  const cores = /^(\d+)/.exec(
    value('Total Number of Cores', 'number_processors')?.replace(/^proc /, '') ?? '',
  )?.[1];
  return told('hardware', {
    manufacturer: 'Apple Inc.',
    model,
    modelName: value('Model Name', 'machine_name'),
    processor: chip ?? cpu,
    cores: cores === undefined ? null : Number(cores),
    memoryBytes: memory === undefined ? null : Number(memory) * GIB,
    uuid: value('Hardware UUID', 'platform_UUID'),
    bootRom: value('Boot ROM Version', 'boot_rom_version') ?? only(list, 'System Firmware Version'),
    activationLock:
      lock === null ? null : /enabled$/i.test(lock) ? true : /disabled$/i.test(lock) ? false : null,
    osVersion: version ?? null,
    osBuild: build ?? null,
    kernel: value('Kernel Version', 'kernel_version'),
    sipEnabled:
      sip === null ? null : /(^|_)enabled$/i.test(sip) ? true : /(^|_)disabled$/i.test(sip) ? false : null,
    secureVirtualMemory: onWord(value('Secure Virtual Memory', 'secure_vm')),
    bootMode: value('Boot Mode', 'boot_mode'),
    uptimeSeconds: sinceBoot(only(list, 'Time since boot')),
  });
}

function onWord(text: string | null): boolean | null {
  return text === null
    ? null
    : /(^|_)enabled$/i.test(text)
      ? true
      : /(^|_)disabled$/i.test(text)
        ? false
        : null;
}

/** `ioreg -c IOPlatformExpertDevice`. */
export function readPlatformExpert(output: Output): Told {
  const { uuid, model, serial } = parsePlatformExpert(new TextEncoder().encode(output.text));
  if (uuid === null && model === null && serial === null) return unread(output, 'IOPlatformExpertDevice');
  const maker = /"manufacturer" = <"([^"]*)">/.exec(output.text)?.[1];
  return told('hardware', { manufacturer: maker ?? null, model, uuid });
}

/** `bputil -d`: the policy's lines below the warning. */
export function readBputil(output: Output): Told {
  const start = output.text.indexOf('Local policy for volume group');
  if (start < 0) return unread(output, 'bputil');
  const list = fields(output.text.slice(start));
  const mode = only(list, 'Security Mode');
  return told('bootPolicy', {
    osType: only(list, 'OS Type'),
    osVersion: only(list, 'OS Version'),
    securityMode: mode?.replace(/\s*\(.*\)$/, '') ?? null,
    sipStatus: only(list, 'SIP Status')?.replace(/\s*\(.*\)$/, '') ?? null,
  });
}

/** `csrutil status`, `spctl --status`: one sentence each. */
export function readIntegrity(output: Output): Told {
  const sip = /^System Integrity Protection status: (enabled|disabled)\.?\s*$/m.exec(output.text)?.[1];
  const gate = /^assessments (enabled|disabled)\s*$/m.exec(output.text)?.[1];
  if (sip === undefined && gate === undefined) return unread(output, 'integrity');
  return told('integrity', {
    sipEnabled: sip === undefined ? null : sip === 'enabled',
    gatekeeperEnabled: gate === undefined ? null : gate === 'enabled',
  });
}

/** `security dump-trust-settings`: how many certificates, and whether any has settings of its own. */
export function readTrustSettings(output: Output): Told {
  if (/No Trust Settings were found/i.test(output.text)) return told('trustSettings', { certificates: 0 });
  const count = /^Number of trusted certs = (\d+)\s*$/m.exec(output.text)?.[1];
  if (count === undefined) return unread(output, 'trust settings');
  const settings = [...output.text.matchAll(/Number of trust settings : (\d+)/g)].map(([, one]) =>
    Number(one),
  );
  return told('trustSettings', {
    certificates: Number(count),
    withSettings: settings.filter(one => one > 0).length,
  });
}
