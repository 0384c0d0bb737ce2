import type {
  LoginAuto,
  OsIntegrity,
  PasswordPolicy,
  ScreenLock,
  SecureBoot,
} from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { lines } from '../decode.ts';
import { wholeNumber } from './keys.ts';

/** A one-byte UEFI variable as efivarfs shows it: four bytes of attributes, then the byte; null for anything else. */
export function efiFlag(content: string): boolean | null {
  if (content.length !== 5) return null;
  const value = content.charCodeAt(4);
  return value === 1 ? true : value === 0 ? false : null;
}

/**
 * SecureBoot, SetupMode and shim's MokSBStateRT, judged as the kernel itself does (drivers/firmware/efi/libstub/secureboot.c): off in setup
 * mode, and off where the machine's owner told shim not to check. `null`: the variable does not exist.
 */
export function linuxSecureBoot(
  secureBoot: string,
  setupMode: string | null,
  shim: string | null,
): Answer<SecureBoot> {
  const on = efiFlag(secureBoot);
  const setup = setupMode === null ? false : efiFlag(setupMode);
  const unchecked = shim === null ? false : efiFlag(shim);
  if (on === null) return unanswered('parse-error', 'SecureBoot');
  if (on && (setup === null || unchecked === null)) return unanswered('parse-error', 'SetupMode');
  const defeatedBy = on && setup === true ? 'setupMode' : on && unchecked === true ? 'shim' : null;
  return answered({ enabled: on && defeatedBy === null, firmware: 'uefi', level: null, defeatedBy });
}

/** /sys/kernel/security/lockdown: `none [integrity] confidentiality`, the one in force in brackets (kernel_lockdown(7)). */
export function parseLockdown(text: string): Answer<OsIntegrity> {
  const chosen = /(?:^|\s)\[(none|integrity|confidentiality)\](?:\s|$)/.exec(text)?.[1];
  if (chosen !== 'none' && chosen !== 'integrity' && chosen !== 'confidentiality')
    return unanswered('parse-error', 'lockdown');
  return answered({
    kind: 'lockdown',
    enabled: chosen !== 'none',
    configured: null,
    vbs: null,
    credentialGuard: null,
    sealedSystem: null,
    customised: null,
    lockdown: chosen,
  });
}

/** Values of one section of an INI file by key, the last of equal keys; names are compared without case, comments left out. */
export function iniSection(text: string, section: RegExp): Map<string, string> {
  const values = new Map<string, string>();
  let inside = false;
  for (const line of lines(text)) {
    const head = /^\s*\[([^\]]*)\]\s*$/.exec(line)?.[1];
    if (head !== undefined) {
      inside = section.test(head.trim());
      continue;
    }
    const [, key, value = ''] = /^\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (inside && key !== undefined) values.set(key.toLowerCase(), value);
  }
  return values;
}

const yes = (text: string | undefined): boolean => /^(true|1|yes)$/i.test(text ?? '');

/** Which program shows the sign-in screen, from the target of /etc/systemd/system/display-manager.service. */
export type DisplayManager = 'gdm' | 'lightdm' | 'sddm';

export function displayManagerOf(target: string): DisplayManager | null {
  const unit = target.split('/').pop() ?? '';
  if (/^gdm3?\.service$/.test(unit)) return 'gdm';
  return unit === 'lightdm.service' ? 'lightdm' : unit === 'sddm.service' ? 'sddm' : null;
}

/** The settings of a display manager, its files in the order in which later ones win. Whom it signs in is looked at only for being somebody. */
export function linuxAutoLogin(manager: DisplayManager, files: readonly string[]): LoginAuto {
  const section =
    manager === 'gdm' ? /^daemon$/i : manager === 'lightdm' ? /^(seat:|seatdefaults$)/i : /^autologin$/i;
  const values = new Map(files.flatMap(text => [...iniSection(text, section)]));
  const named = (key: string): boolean => (values.get(key) ?? '').replace(/^"|"$/g, '') !== '';
  const automatic =
    manager === 'gdm'
      ? yes(values.get('automaticloginenable')) || yes(values.get('timedloginenable'))
      : manager === 'lightdm'
        ? named('autologin-user') || yes(values.get('autologin-guest'))
        : named('user');
  return {
    automatic,
    guest: manager === 'lightdm' && values.has('allow-guest') ? yes(values.get('allow-guest')) : null,
    forbidden: null,
  };
}

/** One line of a PAM stack: `password requisite pam_pwquality.so retry=3 minlen=12`. */
interface PamLine {
  readonly facility: string;
  readonly module: string;
  readonly args: ReadonlyMap<string, string>;
}

function pamLines(text: string): PamLine[] {
  return lines(text).flatMap(line => {
    const [, facility, module, rest = ''] =
      /^\s*-?(auth|account|password|session)\s+(?:\[[^\]]*\]|\w+)\s+(?:\S*\/)?(pam_\w+)\.so\b(.*)$/.exec(
        line.replace(/#.*$/, ''),
      ) ?? [];
    if (facility === undefined || module === undefined) return [];
    const args = new Map(
      rest
        .trim()
        .split(/\s+/)
        .filter(word => word !== '')
        .map(word => {
          const at = word.indexOf('=');
          return at < 0 ? ([word, ''] as const) : ([word.slice(0, at), word.slice(at + 1)] as const);
        }),
    );
    return [{ facility, module, args }];
  });
}

/** `key = value` and bare `key` lines of pwquality.conf(5), faillock.conf(5) and pwhistory.conf(5). */
function confValues(texts: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const text of texts) {
    for (const line of lines(text)) {
      const [, key, value = ''] = /^\s*([a-z_]+)\s*(?:=\s*(\S*))?\s*$/.exec(line.replace(/#.*$/, '')) ?? [];
      if (key !== undefined) values.set(key, value);
    }
  }
  return values;
}

export interface PasswordFiles {
  /** The stacks that every program includes, one after the other. */
  readonly pam: string;
  /** pwquality.conf and what lies in pwquality.conf.d, later ones win. */
  readonly pwquality: readonly string[];
  /** Each '' when it does not exist. */
  readonly faillock: string;
  readonly pwhistory: string;
  readonly loginDefs: string;
}

/** The least length of pam_pwquality and pam_unix where nothing is set (their manuals; libpwquality's pwqprivate.h). */
const PWQUALITY_LENGTH = 8;
const UNIX_LENGTH = 6;

/**
 * What the PAM stack demands of a new password. Files of modules that are not in the stack demand nothing, whatever stands in them; a
 * checker this does not know (pam_passwdqc) leaves its part open.
 */
export function linuxPasswordPolicy(files: PasswordFiles): Answer<PasswordPolicy> {
  const stack = pamLines(files.pam);
  const password = stack.filter(one => one.facility === 'password');
  if (password.length === 0) return unanswered('parse-error', 'no password line in the PAM stack');
  const find = (module: string): PamLine | undefined => password.find(one => one.module === module);
  const unix = find('pam_unix');
  const quality = find('pam_pwquality');
  const conf = confValues(files.pwquality);
  const set = (key: string): string | undefined => quality?.args.get(key) ?? conf.get(key);
  const checked = quality !== undefined && set('enforcing') !== '0';
  const number = (text: string | undefined): number | null =>
    text !== undefined && /^-?\d{1,6}$/.test(text) ? Number(text) : null;
  const foreign = find('pam_passwdqc') !== undefined || find('pam_cracklib') !== undefined;

  const unixLength = unix === undefined ? null : (number(unix.args.get('minlen')) ?? UNIX_LENGTH);
  const minLength = foreign
    ? null
    : checked
      ? Math.max(number(set('minlen')) ?? PWQUALITY_LENGTH, UNIX_LENGTH, unixLength ?? 0)
      : unixLength;
  const complexity = foreign
    ? null
    : checked
      ? (number(set('minclass')) ?? 0) >= 2 ||
        ['dcredit', 'ucredit', 'lcredit', 'ocredit'].some(key => (number(set(key)) ?? 0) < 0)
      : unix === undefined
        ? null
        : false;

  const kept = find('pam_pwhistory');
  const remembered = kept?.args.get('remember') ?? confValues([files.pwhistory]).get('remember');
  const history = Math.max(
    kept === undefined ? 0 : (number(remembered) ?? 10),
    number(unix?.args.get('remember')) ?? 0,
  );

  const auth = stack.filter(one => one.facility === 'auth');
  const tally = auth.find(one => one.module === 'pam_faillock' || one.module === 'pam_tally2');
  const deny = tally?.args.get('deny') ?? confValues([files.faillock]).get('deny');
  const maxDays = wholeNumber(/^\s*PASS_MAX_DAYS\s+(-?\d+)\s*$/m.exec(files.loginDefs)?.[1]);

  return answered({
    minLength,
    history,
    // 99999 days are what systems write for "never"; -1 and nothing mean the same.
    expires: files.loginDefs.trim() === '' ? null : maxDays !== null && maxDays < 99_999,
    maxAgeDays: maxDays !== null && maxDays < 99_999 ? maxDays : null,
    complexity,
    lockoutAfter: auth.length === 0 ? null : tally === undefined ? 0 : (number(deny) ?? 3),
    enforced: null,
  });
}

/** Ports on which /proc/net/tcp and tcp6 show something listening to others than this machine itself (state 0A). */
export function listeningPorts(text: string): Set<number> {
  const ports = new Set<number>();
  for (const line of lines(text)) {
    const [, address = '', port = ''] =
      /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /.exec(line) ?? [];
    // 127.0.0.0/8 and ::1 as the kernel writes them on little-endian machines.
    if (address === '' || /^[0-9A-F]{6}7F$/.test(address) || /^0{24}01000000$/.test(address)) continue;
    ports.add(Number.parseInt(port, 16));
  }
  return ports;
}

/** What `gsettings list-recursively` and a dconf key file say of one schema: `lock-delay uint32 30`, `lock-delay=uint32 30`. */
export function settingsOf(text: string, schema: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of lines(text)) {
    const front = `${schema} `;
    if (!line.startsWith(front)) continue;
    const [, key, value = ''] = /^(\S+) (.*)$/.exec(line.slice(front.length)) ?? [];
    if (key !== undefined) values.set(key, value.trim());
  }
  return values;
}

/** `uint32 300`, `300`, `int64 300`: a whole number of GVariant; null for anything else. */
export function gvariantNumber(text: string | undefined): number | null {
  const digits = /^(?:(?:u?int(?:16|32|64)|byte) )?(\d{1,9})$/.exec(text?.trim() ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

/** `true` and `false` of GVariant. */
export function gvariantFlag(text: string | undefined): boolean | null {
  const word = text?.trim();
  return word === 'true' ? true : word === 'false' ? false : null;
}

/** Names of the databases in a dconf profile: `system-db:local`. */
export function systemDatabases(profile: string): string[] {
  return lines(profile).flatMap(line => {
    const name = /^\s*system-db:([\w-]{1,64})\s*$/.exec(line)?.[1];
    return name === undefined ? [] : [name];
  });
}

/** Key files of dconf as values by path: `[org/gnome/desktop/session]` with `idle-delay=uint32 300` is `/org/gnome/desktop/session/idle-delay`. */
export function dconfValues(files: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const text of files) {
    let folder: string | null = null;
    for (const line of lines(text)) {
      const head = /^\s*\[([\w/.-]*)\]\s*$/.exec(line)?.[1];
      if (head !== undefined) {
        folder = head === '/' || head === '' ? '' : `/${head}`;
        continue;
      }
      const [, key, value = ''] = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (folder !== null && key !== undefined) values.set(`${folder}/${key}`, value);
    }
  }
  return values;
}

/** Paths that dconf's lock files name, one a line. */
export function dconfLocks(files: readonly string[]): string[] {
  return files
    .flatMap(text => lines(text).map(line => line.trim()))
    .filter(line => /^\/[\w/-]+[\w-]$/.test(line));
}

export interface GnomeSettings {
  readonly saver: ReadonlyMap<string, string>;
  readonly session: ReadonlyMap<string, string>;
}

/**
 * GNOME's `lock-enabled`, `lock-delay` (from the dark screen to the lock) and the session's `idle-delay` (0 = never dark). Where
 * an administrator has locked a setting, its value holds for everybody.
 */
export function linuxScreenLock(
  own: Answer<GnomeSettings>,
  locked: Answer<ReadonlyMap<string, string>>,
): Answer<ScreenLock> {
  const desktop = '/org/gnome/desktop';
  const by = (path: string): string | undefined =>
    locked.ok ? locked.value.get(`${desktop}/${path}`) : undefined;
  const orderedLock = gvariantFlag(by('screensaver/lock-enabled'));
  const orderedGrace = gvariantNumber(by('screensaver/lock-delay'));
  const orderedIdle = gvariantNumber(by('session/idle-delay'));
  if (!own.ok && orderedLock === null) return own;
  const on = orderedLock ?? (own.ok ? gvariantFlag(own.value.saver.get('lock-enabled')) : null);
  const grace = orderedGrace ?? (own.ok ? gvariantNumber(own.value.saver.get('lock-delay')) : null);
  const idle = orderedIdle ?? (own.ok ? gvariantNumber(own.value.session.get('idle-delay')) : null);
  // Lock switched on, and a screen that never goes dark by itself: nothing locks.
  const enabled = on === false || idle === 0 ? false : on === true && idle !== null ? true : null;
  if (on === null) return unanswered('parse-error', 'lock-enabled');
  return answered({
    enabled,
    idleSeconds: idle === 0 ? null : idle,
    graceSeconds: enabled === true ? grace : null,
    delaySeconds: enabled === true && idle !== null && grace !== null ? idle + grace : null,
    enforced: locked.ok ? orderedLock === true : null,
    enforcedIdleSeconds: orderedIdle,
    enforcedGraceSeconds: orderedGrace,
  });
}
