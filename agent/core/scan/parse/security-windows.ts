import type {
  Crashes,
  Gatekeeper,
  LoginAuto,
  OsIntegrity,
  PasswordPolicy,
  RemoteAccess,
  ScreenLock,
  SecureBoot,
  Tpm,
} from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, type Unanswered, unanswered } from '../answer.ts';
import { readTpm } from '../facts/windows-security.ts';
import { isUnset, numberOf, textOf, type Values } from '../windows/values.ts';
import { baseName, countPrograms } from './crashes.ts';
import { anyOf } from './judge.ts';
import { isDict } from './plist.ts';
import { flagIn, numberIn, type Row, textIn } from './rows.ts';
import { factsOfRows } from './told.ts';

/** Meanings of what Windows keeps in its registry and management classes. */

/**
 * UEFISecureBootEnabled and PEFirmwareType (1 BIOS, 2 UEFI; GetFirmwareType of sysinfoapi.h). A machine that starts the old way has no
 * Secure Boot; one that starts by UEFI and has no such value does not say.
 */
export function windowsSecureBoot(values: Values): Answer<SecureBoot> {
  const on = numberOf(values, 'secureBoot');
  if (on === 0 || on === 1)
    return answered({ enabled: on === 1, firmware: 'uefi', level: null, defeatedBy: null });
  if (!isUnset(values, 'secureBoot')) return unanswered('parse-error', 'UEFISecureBootEnabled');
  return numberOf(values, 'firmware') === 1
    ? answered({ enabled: false, firmware: 'bios', level: null, defeatedBy: null })
    : unanswered('not-supported', 'the firmware does not know Secure Boot');
}

/** Device ids of TPM 2.0 and 1.2; a key left in the registry's Enum branch would not prove that the chip is still there. */
const TPM_DEVICES: Readonly<Record<string, string>> = {
  'ACPI\\MSFT0101': '2.0',
  'ACPI\\PNP0C31': '1.2',
};

/** Get-Tpm and Win32_Tpm where admin rights allow them, else the device manager, which only knows that one is there. */
export function windowsTpm(
  status: Answer<readonly Row[]>,
  spec: Answer<readonly Row[]>,
  devices: Answer<readonly Row[]>,
): Answer<Tpm> {
  const told = status.ok ? factsOfRows(readTpm, 'get-tpm', status.value, 'tpm') : status;
  const listed = (devices.ok ? devices.value : []).find(row => {
    const present = flagIn(row, 'Present');
    return Object.hasOwn(TPM_DEVICES, (textIn(row, 'Id') ?? '').toUpperCase()) && present !== false;
  });
  const device = (listed === undefined ? null : textIn(listed, 'Id'))?.toUpperCase() ?? '';
  const present = told.ok ? flagIn(told.value, 'present') : null;
  if (told.ok && present !== null) {
    const version = spec.ok
      ? textIn(spec.value[0] ?? {}, 'SpecVersion')
          ?.split(',')[0]
          ?.trim()
      : undefined;
    return answered({
      present,
      kind: 'tpm',
      version: version !== undefined && /^\d+\.\d+$/.test(version) ? version : (TPM_DEVICES[device] ?? null),
      ready: flagIn(told.value, 'ready'),
      manufacturer: textIn(told.value, 'manufacturer'),
    });
  }
  if (listed === undefined) return told.ok ? unanswered('parse-error', 'Get-Tpm') : told;
  return answered({
    present: true,
    kind: 'tpm',
    version: TPM_DEVICES[device] ?? null,
    // Whether it is set up is told to administrators only; a driver that failed is not ready.
    ready: (numberIn(listed, 'ConfigManagerErrorCode') ?? 0) > 0 ? false : null,
    manufacturer: null,
  });
}

/** A list of small numbers; PowerShell prints a list of one as the number. */
function numbersIn(row: Row, name: string): number[] | null {
  const value = row[name];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const numbers = list.filter(one => typeof one === 'number');
  // Nothing running is the list [0]; an empty one does not say.
  return numbers.length === list.length && list.length > 0 ? numbers : null;
}

const VBS = ['off', 'enabled', 'running'] as const;

/**
 * Win32_DeviceGuard: SecurityServicesRunning 1 Credential Guard, 2 memory integrity (HVCI); VirtualizationBasedSecurityStatus 0 off, 1
 * switched on and not running, 2 running (learn.microsoft.com, "Enable virtualization-based protection of code integrity"). The
 * settings say what was ordered, which hardware may refuse.
 */
export function windowsIntegrity(
  guard: Answer<readonly Row[]>,
  settings: Answer<Values>,
): Answer<OsIntegrity> {
  const values: Values = settings.ok ? settings.value : new Map();
  const policy = numberOf(values, 'policy');
  const setting = numberOf(values, 'setting');
  // Policy: 1 with and 2 without the UEFI's lock, 0 off, 3 as it is.
  const configured =
    policy === 1 || policy === 2
      ? true
      : setting === 1
        ? true
        : setting === 0 || (isUnset(values, 'setting') && values.has('policy'))
          ? false
          : null;
  const row = guard.ok ? guard.value[0] : undefined;
  const running = row === undefined ? null : numbersIn(row, 'SecurityServicesRunning');
  const vbs =
    row === undefined ? null : (VBS[numberIn(row, 'VirtualizationBasedSecurityStatus') ?? -1] ?? null);
  if (running === null && configured === null)
    return guard.ok ? unanswered('parse-error', 'Win32_DeviceGuard') : guard;
  return answered({
    kind: 'memoryIntegrity',
    enabled: running === null ? null : running.includes(2),
    configured,
    vbs,
    credentialGuard: running === null ? null : running.includes(1),
    sealedSystem: null,
    customised: null,
    lockdown: null,
  });
}

const LEVELS: Readonly<Record<string, { enabled: boolean; level: Gatekeeper['level'] }>> = {
  off: { enabled: false, level: null },
  on: { enabled: true, level: null },
  warn: { enabled: true, level: 'warn' },
  prompt: { enabled: true, level: 'warn' },
  requireadmin: { enabled: true, level: 'block' },
  block: { enabled: true, level: 'block' },
};

/** SmartScreen for programs: EnableSmartScreen and ShellSmartScreenLevel of the policy before Explorer's SmartScreenEnabled. */
export function windowsSmartScreen(values: Values): Answer<Gatekeeper> {
  const told = (one: { enabled: boolean; level: Gatekeeper['level'] }, enforced: boolean) =>
    answered<Gatekeeper>({ product: 'smartScreen', ...one, enforced, sources: null });
  const policy = numberOf(values, 'policy');
  if (policy === 0) return told({ enabled: false, level: null }, true);
  if (policy === 1) {
    const level = LEVELS[textOf(values, 'policyLevel')?.toLowerCase() ?? '']?.level ?? null;
    return told({ enabled: true, level }, true);
  }
  if (!isUnset(values, 'policy')) return unanswered('parse-error', 'EnableSmartScreen');
  const setting = LEVELS[textOf(values, 'setting')?.toLowerCase() ?? ''];
  if (setting !== undefined) return told(setting, false);
  return isUnset(values, 'setting')
    ? unanswered('not-supported', 'neither a policy nor a setting says whether SmartScreen is on')
    : unanswered('parse-error', 'SmartScreenEnabled');
}

/** One signed-in person's screen saver: seconds until it asks for the password, null when it does not. */
function saverSeconds(row: Row, policyOnly: boolean): number | null {
  const value = (name: string): number | null => {
    const own = policyOnly ? null : textIn(row, name);
    const text = textIn(row, `Policy${name}`) ?? own;
    return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
  };
  const saver = flagIn(row, 'PolicySaver') === true || flagIn(row, 'Saver') === true;
  const seconds = value('ScreenSaveTimeOut');
  if (!saver || value('ScreenSaverIsSecure') !== 1 || seconds === null || seconds === 0) return null;
  // Not set: on, wherever a saver is chosen.
  return value('ScreenSaveActive') === 0 ? null : seconds;
}

function smallest(values: readonly (number | null)[]): number | null {
  const known = values.filter(one => one !== null && one > 0);
  return known.length === 0 ? null : Math.min(...known.filter(one => one !== null));
}

/**
 * The machine's own limit (`InactivityTimeoutSecs`, "Interactive logon: Machine inactivity limit"; 0 = none), the MDM's in minutes, and
 * the screen savers of the people signed in. Whoever locks last counts.
 */
export function windowsScreenLock(
  machine: Answer<Values>,
  savers: Answer<readonly Row[]>,
): Answer<ScreenLock> {
  const values: Values = machine.ok ? machine.value : new Map();
  const minutes = numberOf(values, 'mdmMinutes');
  const limit = smallest([numberOf(values, 'limit'), minutes === null ? null : minutes * 60]);
  const rows = savers.ok ? savers.value : null;
  const enforcedBy = (row: Row): number | null => smallest([limit, saverSeconds(row, true)]);
  const laxest = (of: (row: Row) => number | null): number | null => {
    if (rows === null || rows.length === 0) return limit;
    const all = rows.map(of);
    return all.includes(null) ? null : Math.max(...all.filter(one => one !== null));
  };
  const locks = laxest(row => smallest([limit, saverSeconds(row, false)]));
  if (locks === null) {
    if (rows === null) return savers.ok ? unanswered('parse-error', 'screen savers') : savers;
    if (rows.length === 0) return unanswered('not-applicable', 'nobody is signed in');
    if (!machine.ok) return machine;
    // A limit that could not be read might lock what the screen savers do not.
    if (!values.has('limit') || !values.has('mdmMinutes')) return unanswered('parse-error', 'machine limit');
  }
  const enforced = laxest(enforcedBy);
  return answered({
    enabled: locks !== null,
    idleSeconds: locks,
    graceSeconds: locks === null ? null : 0,
    delaySeconds: locks,
    enforced: enforced !== null ? true : rows === null ? null : false,
    enforcedIdleSeconds: enforced,
    enforcedGraceSeconds: null,
  });
}

/**
 * Rules for local accounts: the security policy's export where admin rights allow it (with complexity), else what hangs on an account, and
 * the MDM's DeviceLock policy above both. `DevicePasswordEnabled` is 0 when passwords are ordered (Policy CSP - DeviceLock).
 */
export function windowsPasswordPolicy(
  rules: Answer<readonly Row[]>,
  exported: Answer<readonly Row[]>,
  mdm: Answer<Values>,
): Answer<PasswordPolicy> {
  const row = rules.ok ? (rules.value[0] ?? {}) : {};
  const lines = new Map(
    (exported.ok ? exported.value : []).map(one => [textIn(one, 'Name'), numberIn(one, 'Value')]),
  );
  const values: Values = mdm.ok ? mdm.value : new Map();
  const ordered = numberOf(values, 'off') === 0;
  const least = (name: string, own: string, device: string): number | null => {
    const local = lines.get(name) ?? numberIn(row, own);
    const by = ordered ? numberOf(values, device) : null;
    if (local === null || local < 0) return by;
    return by === null ? local : Math.max(local, by);
  };
  const seconds = numberIn(row, 'MaxAgeSeconds');
  const localDays =
    lines.get('MaximumPasswordAge') ??
    (seconds === null ? null : seconds < 0 || seconds >= 0xffffffff ? -1 : Math.round(seconds / 86_400));
  const mdmDays = ordered ? numberOf(values, 'maxAgeDays') : null;
  const days = smallest([localDays, mdmDays]);
  const localLockout = lines.get('LockoutBadCount') ?? numberIn(row, 'LockoutAfter');
  const mdmLockout = ordered ? numberOf(values, 'lockoutAfter') : null;
  const complexity = lines.get('PasswordComplexity');
  const minLength = least('MinimumPasswordLength', 'MinLength', 'minLength');
  const history = least('PasswordHistorySize', 'History', 'history');
  const lockoutAfter = smallest([localLockout, mdmLockout]) ?? (localLockout === 0 ? 0 : null);
  if (minLength === null && history === null && days === null && lockoutAfter === null)
    return rules.ok ? unanswered('parse-error', 'password rules') : rules;
  return answered({
    minLength,
    history,
    expires: days !== null ? true : localDays !== null ? false : null,
    maxAgeDays: days,
    complexity: complexity === 1 ? true : complexity === 0 ? false : null,
    lockoutAfter,
    enforced: ordered ? true : isUnset(values, 'off') || numberOf(values, 'off') === 1 ? false : null,
  });
}

/** AutoAdminLogon: `1` signs in whoever stands beside it, which is not read. Not set is off. */
export function windowsAutoLogon(values: Values): Answer<LoginAuto> {
  const on = isUnset(values, 'automatic') ? 0 : numberOf(values, 'automatic');
  return on === 0 || on === 1
    ? answered({ automatic: on === 1, guest: null, forbidden: null })
    : unanswered('parse-error', 'AutoAdminLogon');
}

/**
 * fDenyTSConnections (1 = Remote Desktop off) of the policy before the setting; OpenSSH's service by its start type (4 = disabled) and,
 * where it may start, whether it runs.
 */
export function windowsRemoteAccess(values: Values, sshdRuns: boolean | null): Answer<RemoteAccess> {
  const denied =
    numberOf(values, 'policy') ?? (isUnset(values, 'policy') ? numberOf(values, 'setting') : null);
  const desktop = denied === 1 ? false : denied === 0 ? true : null;
  const start = numberOf(values, 'sshd');
  const ssh =
    isUnset(values, 'sshd') || start === 4 ? false : start === 2 ? true : start === 3 ? sshdRuns : null;
  if (desktop === null && ssh === null) return unanswered('parse-error', 'remote access');
  return answered({ enabled: anyOf([desktop, ssh]), ssh, desktop, management: null });
}

/** Counts by kind as the script prints them; a count that is null could not be read, which is not 0. */
export function windowsCrashes(rows: readonly Row[], days: number): Answer<Crashes> {
  const of = (kind: string): Row | undefined => rows.find(row => textIn(row, 'Kind') === kind);
  const count = (kind: string): number | null => {
    const row = of(kind);
    const value = row === undefined ? null : numberIn(row, 'Count');
    return value !== null && value >= 0 && Number.isInteger(value) ? value : null;
  };
  const bugchecks = count('bugcheck');
  // Kernel-Power 41 and EventLog 6008 tell the same end from two sides, and both tell it after a blue screen, too.
  const ends = [count('power'), count('unexpected')].filter(one => one !== null);
  const names = ['crash', 'hang'].flatMap(kind => {
    const list = of(kind)?.Programs;
    return (Array.isArray(list) ? list : [list]).filter(isDict).flatMap(one => {
      const name = baseName(textIn(one, 'Name') ?? '');
      return name === null ? [] : [{ name, count: Math.max(0, Math.round(numberIn(one, 'Count') ?? 0)) }];
    });
  });
  const value: Crashes = {
    days,
    systemCrashes: bugchecks,
    unexpectedShutdowns:
      bugchecks === null || ends.length === 0 ? null : Math.max(0, Math.max(...ends) - bugchecks),
    appCrashes: count('crash'),
    appHangs: count('hang'),
    programs: countPrograms(names),
  };
  const nothing: Unanswered = unanswered(
    rows.length === 0 ? 'no-output' : 'not-permitted',
    'the event logs could not be read',
  );
  return value.systemCrashes === null && value.appCrashes === null && value.appHangs === null
    ? nothing
    : answered(value);
}
