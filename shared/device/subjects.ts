import { z } from 'zod';
import { type Platform, platform } from './platform.ts';

/**
 * What an administrator asks about by name: files, processes, services, registry values, certificates, programs. Sent to
 * devices as data; a device checks it again with this same schema before it looks at anything, so that a collector in wrong hands
 * can ask whether something is there, and not read what must not leave a device.
 *
 * Refused here, whoever asks:
 *
 * - files: Windows' account hives and their copies, NTDS.dit, DPAPI, Credential Manager and machine keys, keychains, shadow and
 *   sudo files, automatic login's password, SSH and GnuPG folders, key containers by their extension, browser profiles,
 *   password managers' vaults, dumps of memory, Wi-Fi profiles, shell histories, and everything under /proc, /sys and /dev;
 * - paths that say something else than they seem to: relative ones, `.` and `..`, wildcards, network (UNC) and device paths, short
 *   names (`PROGRA~1`), streams (`file:stream`), names Windows trims;
 * - registry: SAM, SECURITY (LSA secrets, cached logons), saved sessions and passwords of known programs, SSH keys, networks the device
 *   has been in, what the person opened or typed last; for texts also every value named like a secret;
 * - macOS preferences other than domains and the two machine-wide folders, and those that list Wi-Fi networks.
 *
 * Even so only this is answered: whether it is there, a file's size, date and hash, a program's version, a registry value.
 */

/**
 * How many of each. A finding of 64 rows stays below 24 KiB of the protocol's 64, and the slowest list (one start of reg.exe a
 * value, about 20 ms) below two seconds a round.
 */
export const SUBJECT_LIMITS = {
  files: 64,
  processes: 64,
  /** macOS starts launchctl once for each. */
  services: 32,
  registry: 64,
  /** Every certificate of the store is compared with every issuer. */
  certificates: 16,
  apps: 64,
} as const;

/** The word rules use: `file.<id>.exists`. */
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'small letters, digits and hyphens, 32 at most');

/** Printable, without blanks around it. */
const plain = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine(text => !/\p{C}/u.test(text), 'must not contain control characters')
    .refine(text => text === text.trim(), 'must not begin or end with a blank');

/** As a file system that ignores case may see it: also `ſ` for `s`, the Kelvin sign for `k` and full-width letters. */
function folded(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase();
}

/* ---- files ---- */

/** Where secrets live, as pieces of a path in small letters with `/` between names. */
const SECRET_PLACES: readonly RegExp[] = [
  // Windows: hives and their backups, the directory's database, DPAPI, credentials, vaults, machine and user keys.
  /\/(system32|sysnative|syswow64)\/config(\/|$)/,
  /\/windows\/repair(\/|$)/,
  /\/(ntds\.dit|ntuser\.dat|usrclass\.dat|pagefile\.sys|hiberfil\.sys|swapfile\.sys)([./]|$)/,
  /\/microsoft\/(protect|credentials|vault|crypto|ngc|wlansvc)(\/|$)/,
  /\/windows\/(minidump|panther|ntds)(\/|$)/,
  /\/system volume information(\/|$)/,
  // macOS.
  /\/keychains?(\/|$)/,
  /\/etc\/(kcpassword|master\.passwd)/,
  /\/var\/db\/(dslocal|shadow|configurationprofiles)(\/|$)/,
  // Unix.
  /^\/(proc|sys|dev)(\/|$)/,
  /\/etc\/(g?shadow|sudoers|krb5\.keytab|networkmanager\/system-connections|wpa_supplicant|ssl\/private|wireguard|ipsec\.secrets|ipsec\.d\/private|pki\/tls\/private)/,
  /\/\.(ssh|gnupg|aws|azure|kube|docker|config\/gcloud|password-store|local\/share\/keyrings|netrc|git-credentials|pgpass|npmrc|pypirc)(\/|$)/,
  /\/\.[a-z]*_?history$/,
  // Browsers and password managers.
  /\/(google\/chrome|microsoft\/edge|bravesoftware|chromium|vivaldi|opera software)\/.*(user data|default|profile)/,
  /\/(\.mozilla|mozilla|firefox|thunderbird|\.config\/(google-chrome|chromium|microsoft-edge|bravesoftware))\/.*(profiles?|default|firefox)(\/|$)/,
  /\/(login data|cookies|web data|logins\.json|key[34]\.db|cert9\.db|signons\.sqlite)$/,
  /\/(1password|bitwarden|keepass|keepassxc|lastpass|dashlane)\/.*data/,
  // Containers of keys and dumps of memory, wherever they are.
  /\.(key|pfx|p12|p8|jks|keystore|keytab|kdb|kdbx|ppk|ovpn|rdp|dmp|mdmp|keychain|keychain-db|agilekeychain|opvault)$/,
  /\/(id_(rsa|dsa|ecdsa|ed25519)|ssh_host_[a-z0-9]+_key)$/,
];

/** Is this path (absolute, of either system) one that is never looked at? Also asked for what a link leads to. */
export function readsSecrets(path: string): boolean {
  const plainPath = folded(path)
    .replace(/\\/g, '/')
    .replace(/^[a-z]:/, '');
  return SECRET_PLACES.some(place => place.test(plainPath));
}

/** Which kind of absolute path this is; null when it is not one we would look at. */
export function pathStyle(path: string): 'windows' | 'unix' | null {
  if (/^[A-Za-z]:\\/.test(path)) {
    const names = path.slice(3).split('\\');
    const fine = names.every(
      name =>
        name !== '' &&
        !/[<>:"/|?*]|~\d/.test(name) &&
        !/[. ]$/.test(name) &&
        !/^(con|prn|aux|nul|(com|lpt)\d)(\.|$)/i.test(name),
    );
    return fine ? 'windows' : null;
  }
  if (!path.startsWith('/')) return null;
  const names = path.slice(1).split('/');
  return names.every(name => name !== '' && name !== '.' && name !== '..' && !/[*?\\]/.test(name))
    ? 'unix'
    : null;
}

const absolutePath = plain(260)
  .refine(
    path => pathStyle(path) !== null,
    'must be absolute, without wildcards, dots, short names or network paths',
  )
  .refine(path => !readsSecrets(path), 'is where secrets are kept and is never looked at');

const fits = (path: string, on: Platform | undefined): boolean =>
  on === undefined || (pathStyle(path) === 'windows') === (on === 'windows');
const wrongSystem = { message: 'is a path of another system', path: ['path'] };

export const fileSubject = z
  .strictObject({
    id,
    /** `C:\Program Files\Contoso\agent.exe` or `/Library/Contoso/agent`. */
    path: absolutePath,
    /** Also tell the file's hash; MD5 only for rules taken over from older products. */
    hash: z.enum(['sha256', 'md5']).optional(),
    /** Left out: wherever the path makes sense. */
    platform: platform.optional(),
  })
  .refine(one => fits(one.path, one.platform), wrongSystem);
export type FileSubject = z.infer<typeof fileSubject>;

export const processSubject = z
  .strictObject({
    id,
    /** File name of the program: `wfica32.exe` (the ending may be left out), `Citrix Viewer`, `sshd`. */
    name: plain(128).refine(
      name => !/[\\/*?"<>|]/.test(name),
      'must be a file name; give the folder as path',
    ),
    /** Counts only when it runs from here. */
    path: absolutePath.optional(),
    platform: platform.optional(),
  })
  .refine(one => one.path === undefined || fits(one.path, one.platform), wrongSystem);
export type ProcessSubject = z.infer<typeof processSubject>;

export const serviceSubject = z.strictObject({
  id,
  /** Windows service name (not the displayed one), launchd label, systemd unit. */
  name: plain(200).regex(/^[A-Za-z0-9_{(][A-Za-z0-9 _.@:$(){}-]*$/, 'must be the name of a service'),
  platform: platform.optional(),
});
export type ServiceSubject = z.infer<typeof serviceSubject>;

/* ---- registry and preferences ---- */

const HIVES: Readonly<Record<string, string>> = {
  hklm: 'HKLM',
  hkey_local_machine: 'HKLM',
  hkcu: 'HKCU',
  hkey_current_user: 'HKCU',
};

/** `HKLM\SOFTWARE\Contoso` whatever way the hive was written; null for another hive or no key. */
export function registryPath(key: string): string | null {
  const at = key.indexOf('\\');
  const hive = HIVES[key.slice(0, at < 0 ? 0 : at).toLowerCase()];
  const rest = at < 0 ? '' : key.slice(at + 1);
  if (hive === undefined || rest === '' || rest.split('\\').some(name => name === '' || /["*?]/.test(name)))
    return null;
  return `${hive}\\${rest}`;
}

/** Keys in small letters without the hive. */
const SECRET_KEYS: readonly RegExp[] = [
  /^(sam|security)(\\|$)/,
  /\\policy\\secrets(\\|$)/,
  /\\(intelliforms|protected storage|unattendsettings|autologon)(\\|$)/,
  /\\(putty|winscp 2)\\sessions(\\|$)/,
  /\\(realvnc|tightvnc|tigervnc|ultravnc|orl|winvnc\d?)(\\|$)/,
  /\\openssh\\agent(\\|$)/,
  /\\services\\snmp\\/,
  /\\csagent\\sim(\\|$)/,
  /\\systemcertificates\\.*\\keys(\\|$)/,
  // Networks the device has been in, and what the person did last.
  /\\(networklist|wlansvc)(\\|$)/,
  /\\(recentdocs|runmru|typedpaths|typedurls|userassist|comdlg32|bagmru|mountpoints2|terminal server client)(\\|$)/,
];
const SECRET_NAME =
  /pass(word|wd|phrase)|pwd|secret|token|credential|private.?key|api.?key|recovery.?key|\bcid\b/i;

/** Folders of machine-wide preferences; a bare domain is read for the account the agent runs as. */
const PREFERENCE_PATH = /^\/Library\/(Managed Preferences|Preferences)\/[A-Za-z0-9][A-Za-z0-9._ -]*$/;
const PREFERENCE_DOMAIN = /^[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9_-]+)+$/;
const SECRET_DOMAIN = /airport|wifi|known-networks|keychain|accounts|recentitems|\.recent/i;

export const registrySubject = z
  .strictObject({
    id,
    /** Windows: a key below HKLM or HKCU. macOS: a preference domain or the path of a machine-wide preference file. */
    key: plain(255),
    /** Name of the value; on macOS the preference's key. */
    name: plain(255).regex(/^[^/"\\*?-][^"*?]*$/, 'must be the name of one value'),
    /** Which half of the registry a 64-bit Windows answers with; nothing on macOS. */
    view: z.union([z.literal(32), z.literal(64)]).default(64),
    kind: z.enum(['numeric', 'text']),
    platform: z.enum(['windows', 'macos']).default('windows'),
  })
  .superRefine((one, context) => {
    const refuse = (message: string, path: 'key' | 'name' = 'key'): void => {
      context.addIssue({ code: 'custom', path: [path], message });
    };
    if (one.platform === 'windows') {
      const key = registryPath(one.key);
      if (key === null) refuse('must be a key below HKLM or HKCU');
      else {
        const inner = folded(key.slice(5));
        if (SECRET_KEYS.some(secret => secret.test(inner)))
          refuse('is where secrets are kept and is never read');
      }
    } else {
      if (!PREFERENCE_PATH.test(one.key) && !PREFERENCE_DOMAIN.test(one.key)) {
        refuse(
          'must be a preference domain or a file in /Library/Preferences or /Library/Managed Preferences',
        );
      }
      if (SECRET_DOMAIN.test(folded(one.key))) refuse('is where secrets are kept and is never read');
    }
    // A number holds a policy (MinimumPasswordLength), a text may hold the password.
    if (one.kind === 'text' && SECRET_NAME.test(folded(one.name))) refuse('is named like a secret', 'name');
  });
export type RegistrySubject = z.infer<typeof registrySubject>;

/* ---- certificates and programs ---- */

export const certificateSubject = z.strictObject({
  id,
  /**
   * Who issued it: a common name (`Contoso Device CA`), or attributes of which each must be among the issuer's
   * (`CN=Contoso Device CA, O=Contoso`). Case does not matter, nor does the order.
   */
  issuer: plain(256),
  /** Linux has no machine store: the PEM file that holds the device's certificate. */
  path: absolutePath.refine(path => pathStyle(path) === 'unix', 'must be a path of Linux').optional(),
});
export type CertificateSubject = z.infer<typeof certificateSubject>;

const pattern = plain(128).refine(
  text => !text.slice(0, -1).includes('*') && text !== '*',
  'may have one * at its end',
);

export const appSubject = z.strictObject({
  id,
  /** As the system lists it, or the package's name on Linux; case does not matter, `*` at the end stands for any ending. */
  name: pattern,
  /** The same for who made it; where a system does not tell the maker, the answer is unknown, not yes. */
  publisher: pattern.optional(),
  platform: platform.optional(),
});
export type AppSubject = z.infer<typeof appSubject>;

function listOf<One extends z.ZodType<{ id: string }>>(one: One, max: number) {
  return z
    .array(one)
    .max(max)
    .refine(all => new Set(all.map(each => each.id)).size === all.length, 'ids must be unique')
    .default([]);
}

/**
 * Everything asked for by name. Unknown keys are refused: an older agent asks nothing that it half understands, and a typing error does
 * not silently ask for less. A list that is empty makes its check answer `absent` with `not-applicable`.
 */
export const subjects = z.strictObject({
  files: listOf(fileSubject, SUBJECT_LIMITS.files),
  processes: listOf(processSubject, SUBJECT_LIMITS.processes),
  services: listOf(serviceSubject, SUBJECT_LIMITS.services),
  registry: listOf(registrySubject, SUBJECT_LIMITS.registry),
  certificates: listOf(certificateSubject, SUBJECT_LIMITS.certificates),
  apps: listOf(appSubject, SUBJECT_LIMITS.apps),
});
export type Subjects = z.infer<typeof subjects>;

export const NO_SUBJECTS: Subjects = {
  files: [],
  processes: [],
  services: [],
  registry: [],
  certificates: [],
  apps: [],
};
