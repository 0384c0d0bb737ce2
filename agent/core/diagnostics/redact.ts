import { createHmac } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { redactCertificates } from './certificate.ts';

/** What is taken out of a bundle. */
export const SECRET_KINDS = [
  'person',
  'host',
  'serial',
  'uuid',
  'mac',
  'ip',
  'sid',
  'ssid',
  'email',
  'subject',
  'certificate',
  'recovery-key',
  'token',
  'private-key',
  'command-line',
  'fingerprint',
] as const;
export type SecretKind = (typeof SECRET_KINDS)[number];

/** Kinds of values that are learned first and then replaced wherever they stand. */
type Learned = 'person' | 'host' | 'serial' | 'ssid' | 'subject' | 'command-line' | 'token';

export interface Redactor {
  /** Notes values of this kind, known from elsewhere. */
  know(kind: Learned, value: string | null | undefined): void;
  /** Looks through a text for values that are named there (a serial number, a user, a network). */
  learn(text: string): void;
  /** Notes an identifier (UUID) that names a kind of thing on every machine alike. */
  keep(uuid: string): void;
  /** Every string of a value of JSON, members' names too. */
  redactValue(value: unknown): unknown;
  /** The text with a pseudonym for everything that was learned or shows by its shape what it is. Call after all learning. */
  redact(text: string): string;
  /** How often each kind was replaced. */
  readonly counts: ReadonlyMap<SecretKind, number>;
}

/** Accounts that every machine has: they name nobody, and much output would not read without them. */
const NOBODY =
  /^(root|system|localsystem|local service|network service|localservice|networkservice|administrators?|admin|guest|everyone|users?|public|default|all users|default user|shared|daemon|nobody|wheel|staff|none|null|unknown|n\/a|yes|no|true|false|on|off|enabled|disabled|active|inactive|local|nt authority(\\.*)?|nt service(\\.*)?|builtin(\\.*)?|not set|\(null\)|localhost|_.*|-|)$/i;
/** What makers write where a serial number should be. */
const NO_SERIAL =
  /^(to be filled.*|default string|system serial number|none|null|unknown|n\/a|not specified|not applicable|0+|x+|-+|\(null\)|true|false|\d{1,3}|)$/i;

interface Named {
  readonly key: string;
  readonly value: string;
}

/** `"key": "value"`, `<key>key</key><string>value</string>`, `"key" = "value"`, `Key : value`, `key=value`. */
const NAMED: readonly RegExp[] = [
  /"((?:[^"\\]|\\.){1,80})"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  /"((?:[^"\\]|\\.){1,80})"\s*:\s*(\d{4,})/g,
  /<key>([^<]{1,80})<\/key>\s*<(?:string|integer)>([^<]*)</g,
  /"([^"\n]{1,80})"\s*=\s*"([^"\n]*)"/g,
  /^[^\S\n]*[|*+-]*[^\S\n]*"?([A-Za-z][\w .()/-]{0,60}?)"?[^\S\n]*[:=][^\S\n]*"?([^\n]+?)"?[^\S\n]*,?[^\S\n]*\r*$/gm,
  // reg.exe: `    AutoAdminLogon    REG_SZ    0`
  /^[^\S\n]+(\S[^\n]{0,80}?)[^\S\n]{2,}REG_[A-Z_]+[^\S\n]+([^\n]+?)[^\S\n]*\r*$/gm,
];

/** Text inside JSON or XML as the person it is about would write it. */
function plain(value: string): string {
  let text = value;
  if (text.includes('\\')) {
    try {
      const parsed: unknown = JSON.parse(`"${text}"`);
      if (typeof parsed === 'string') text = parsed;
    } catch {
      // Not JSON: a path of Windows.
    }
  }
  return text
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&apos;|&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .trim();
}

function* namedIn(text: string): Generator<Named> {
  for (const pattern of NAMED) {
    for (const [, key = '', value = ''] of text.matchAll(pattern)) {
      if (value !== '') yield { key: key.toLowerCase().replace(/[^a-z0-9]/g, ''), value: plain(value) };
    }
  }
}

const IS_SERIAL = /serial(number|no|num)?(system)?$|^(assettag|imei|meid|eid|udid|provisioningudid|wwn)$/;
const IS_PERSON =
  /(user|account|owner|person|upn|login|principal|holder)(name|id|email|principalname|upn|short|full|long)?$|^(fullname|realname|consoleuser|who)$/;
const IS_HOST =
  /^(host|hostname|computername|machinename|localhostname|nodename|dnshostname|devicename|servername|netbiosname|fqdn|statichostname|prettyhostname)$/;
const IS_SSID =
  /^(wifi|wlan|wireless|current|network|last|auto|80211)*(ssid(str|string|name)?|networkname)$|^(wifi|current|preferred)network$/;
const IS_MAC = /(mac|addr(ess)?|hwaddr|bssid)(es|s)?$/;
const IS_SUBJECT = /^subject(name|dn)?$/;
const IS_COMMAND_LINE = /^(commandline|cmdline)$/;
const IS_SECRET =
  /(recoverykey|recoverypassword|personalrecoverykey|password|passwd|passphrase|secret|token|apikey|privatekey|credentials?|psk|presharedkey|cookie)$/;

/** Spellings in which a value may stand in JSON (also PowerShell's), XML, a URL, and with Windows' doubled backslashes. */
function spellings(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[\u0080-\uffff]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const shell = json.replace(/[<>&']/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const xml = value.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const all = [value, json, ascii, shell, xml, xml.replace(/"/g, '&quot;'), xml.replace(/'/g, '&apos;')];
  try {
    all.push(encodeURIComponent(value));
  } catch {
    // Half a surrogate pair has no URL spelling.
  }
  return [...new Set(all.flatMap(one => [one, one.normalize('NFC'), one.normalize('NFD')]))];
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** `"Version":"`, `<key>CFBundleVersion</key><string>`, `Version    REG_SZ    `: what follows is a version, not an address. */
const VERSION_BEFORE = /(version|build)\w*["']?(<\/key>\s*<string>|\s+REG_\w+\s+|\W{0,6})$/i;
const SEPARATED_MAC =
  /(?<![0-9a-fA-F:.-])(?:[0-9a-fA-F]{1,2}([:-]))(?:[0-9a-fA-F]{1,2}\1){4}[0-9a-fA-F]{1,2}(?![0-9a-fA-F:-])/g;

const HEX = '0123456789abcdef';

/**
 * Replaces what tells who or which machine a bundle is from by pseudonyms: the same value always by the same one, made with
 * `key`, which whoever makes the bundle throws away. Shapes stay (a MAC address stays one), so that output still reads.
 */
export function createRedactor(key: Uint8Array): Redactor {
  const learned = new Map<string, Learned>();
  const counts = new Map<SecretKind, number>();
  const kept = new Set(WELL_KNOWN);
  /** Twelve digits each; they also stand without colons. */
  const macs = new Set<string>();
  let pattern: RegExp | null = null;
  let bySpelling = new Map<string, { kind: Learned; value: string }>();

  function digest(kind: string, value: string): Uint8Array {
    return createHmac('sha256', key).update(`${kind}\0${value}`).digest();
  }
  function word(kind: string, value: string): string {
    return Buffer.from(digest(kind, value)).toString('hex').slice(0, 8);
  }
  function count(kind: SecretKind): void {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }

  /** Letters for letters, digits for digits, the rest as it is. */
  function shaped(kind: string, value: string, from = value.toLowerCase()): string {
    let result = '';
    let block: Uint8Array = new Uint8Array();
    let at = 0;
    for (const char of value) {
      if (at >= block.length) {
        block = digest(kind, `${from}\0${result.length}`);
        at = 0;
      }
      const byte = block[at] ?? 0;
      at += 1;
      // A number that begins with another digit than 0 stays one that JSON takes.
      if (/[1-9]/.test(char) && result === '') result += String(1 + (byte % 9));
      else if (/[0-9]/.test(char)) result += String(byte % 10);
      else if (/[a-z]/.test(char)) result += String.fromCharCode(97 + (byte % 26));
      else if (/[A-Z]/.test(char)) result += String.fromCharCode(65 + (byte % 26));
      else if (/\P{ASCII}/u.test(char)) result += 'x';
      else result += char;
    }
    return result;
  }

  function shapedHex(kind: string, value: string): string {
    const bytes = digest(kind, value.toLowerCase().replace(/[^0-9a-f]/g, ''));
    let at = 0;
    return value.replace(/[0-9a-fA-F]/g, char => {
      const nibble = ((bytes[at >> 1] ?? 0) >> (at % 2 === 0 ? 4 : 0)) & 15;
      at = (at + 1) % 64;
      const digit = HEX[nibble] ?? '0';
      return /[A-F]/.test(char) || (/[0-9]/.test(char) && /[A-F]/.test(value)) ? digit.toUpperCase() : digit;
    });
  }

  /** Vendor part and the two bits that say group and made-up are kept apart from the rest: they decide what a check says. */
  function mac(value: string): string {
    const digits = value.toLowerCase().replace(/[^0-9a-f]/g, '');
    if (/^(0{12}|f{12})$/.test(digits)) return value;
    const bits = Number.parseInt(digits.slice(0, 2), 16) & 3;
    const fresh = Buffer.from(digest('mac', digits)).subarray(0, 6);
    fresh[0] = ((fresh[0] ?? 0) & 0xfc) | bits;
    const hex = fresh.toString('hex');
    let at = 0;
    count('mac');
    const upper = /[A-F]/.test(value);
    return value.replace(/[0-9a-fA-F]/g, () => {
      const digit = hex[at] ?? '0';
      at += 1;
      return upper ? digit.toUpperCase() : digit;
    });
  }

  function ipv4(value: string): string {
    if (!isIPv4(value) || /^(127|0|255)\./.test(value)) return value;
    const bytes = digest('ip', value);
    const own = value.split('.').map(Number);
    const [a = 0, b = 0] = own;
    // Private addresses stay private, others go to the range set aside for measurements (RFC 2544).
    const head =
      a === 10
        ? [10]
        : a === 192 && b === 168
          ? [192, 168]
          : a === 172 && b >= 16 && b < 32
            ? [172, b]
            : a === 169 && b === 254
              ? [169, 254]
              : [198, 18];
    count('ip');
    return [0, 1, 2, 3].map(n => head[n] ?? bytes[n] ?? 0).join('.');
  }

  function ipv6(value: string): string {
    if (!isIPv6(value) || !/[0-9a-f]/i.test(value.replace(/^fe80/i, '')) || value === '::1') return value;
    const bytes = Buffer.from(digest('ip', value.toLowerCase())).toString('hex');
    const groups = [0, 4, 8, 12].map(at => bytes.slice(at, at + 4));
    count('ip');
    return `${/^fe80/i.test(value) ? 'fe80:' : '2001:db8:'}:${groups.join(':')}`;
  }

  function pseudonym(kind: Learned, value: string, found: string): string {
    count(kind);
    switch (kind) {
      case 'person':
        return `user-${word('person', value.toLowerCase())}`;
      case 'host':
        return `host-${word('host', value.toLowerCase())}`;
      case 'ssid':
        return `network-${word('ssid', value)}`;
      case 'serial':
        return shaped('serial', found, value.toLowerCase());
      case 'subject':
        return `CN=subject-${word('subject', value)}`;
      case 'command-line':
        return '[command line removed]';
      case 'token':
        return '[removed]';
    }
  }

  function know(kind: Learned, value: string | null | undefined): void {
    const text = value?.trim() ?? '';
    if (text.length < 2 || text.length > 2000) return;
    if (kind === 'person' && (NOBODY.test(text) || /^(0x)?\d+$/.test(text) || /^S-1-/.test(text))) return;
    if (kind === 'host' && NOBODY.test(text)) return;
    if (kind === 'serial' && (NO_SERIAL.test(text) || text.length < 4 || text.length > 128)) return;
    if (
      kind === 'token' &&
      (/^(\d{1,4}|true|false|yes|no|null|none|not set)$/i.test(text) || text.length < 5)
    )
      return;
    if (!learned.has(text)) learned.set(text, kind);
    pattern = null;
  }

  function knowPerson(value: string): void {
    for (const part of value.split(/[,;]\s*/)) {
      know('person', part);
      // What stands before it is a company's domain or this computer, which is known by its own name.
      const user = part.split('\\')[1];
      if (user !== undefined && !NOBODY.test(part)) know('person', user);
      const [mailbox, site] = part.split('@');
      if (site !== undefined && mailbox !== undefined) know('person', mailbox);
      // A full name gives itself away by its parts.
      const words = part.split(/\s+/);
      if (words.length > 1 && words.length < 5 && user === undefined)
        for (const one of words) if (one.length > 2) know('person', one);
    }
  }

  function knowMac(value: string): void {
    const digits = value.toLowerCase().replace(/[^0-9a-f]/g, '');
    if (digits.length === 12 && !/^(0+|f+)$/.test(digits)) macs.add(digits);
  }

  function learnNamed({ key: name, value }: Named): void {
    if (IS_MAC.test(name)) {
      for (const one of value.split(/[,;\s]+/)) if (/^[0-9a-fA-F:.-]{12,17}$/.test(one)) knowMac(one);
    }
    if (IS_COMMAND_LINE.test(name)) know('command-line', value);
    else if (IS_SECRET.test(name)) know('token', value);
    else if (IS_SSID.test(name)) know('ssid', value);
    else if (IS_SERIAL.test(name)) know('serial', value);
    else if (IS_SUBJECT.test(name) && value.includes('=')) know('subject', value);
    else if (IS_HOST.test(name)) {
      know('host', value);
      know('host', value.split('.')[0]);
    } else if (IS_PERSON.test(name)) knowPerson(value);
  }

  function build(): RegExp | null {
    bySpelling = new Map();
    for (const [value, kind] of learned) {
      for (const one of spellings(value)) {
        const lower = one.toLowerCase();
        if (!bySpelling.has(lower)) bySpelling.set(lower, { kind, value });
      }
    }
    const all = [...bySpelling.keys()].sort((a, b) => b.length - a.length);
    if (all.length === 0) return null;
    // Whole words, and their plural or genitive: `sam` is in `sam's` and not in `sample`.
    return new RegExp(
      `(?<![\\p{L}\\p{N}])(?:${all.map(escaped).join('|')})(?=$|'?s(?![\\p{L}\\p{N}])|[^\\p{L}\\p{N}])`,
      'giu',
    );
  }

  function byShape(text: string): string {
    return text
      .replace(/-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(-----END \1-----|$)/g, (_all, what: string) => {
        count('private-key');
        return `-----BEGIN ${what}-----\n[removed]\n-----END ${what}-----`;
      })
      .replace(/\b(?:\d{6}-){7}\d{6}\b/g, found => {
        count('recovery-key');
        return found.replace(/\d/g, '0');
      })
      .replace(/\b(?:[A-Z0-9]{4}-){5}[A-Z0-9]{4}\b/g, found => {
        count('recovery-key');
        return found.replace(/[A-Z0-9]/g, 'X');
      })
      .replace(/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, () => {
        count('token');
        return '[token removed]';
      })
      .replace(/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, (_all, scheme: string) => {
        count('token');
        return `${scheme} [removed]`;
      })
      .replace(/\btl[ea]_[A-Za-z0-9_-]{8,}/g, () => {
        count('token');
        return '[token removed]';
      })
      .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:"']+:[^\s/@"']+@/gi, (_all, scheme: string) => {
        count('token');
        return `${scheme}[removed]@`;
      })
      .replace(/[\p{L}\p{N}_.+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, found => {
        count('email');
        return `person-${word('email', found.toLowerCase())}@removed.example`;
      })
      .replace(/\bS-1-(5-21|12-1)((?:-\d{1,10}){3,5})\b/g, (_all, authority: string, rest: string) => {
        count('sid');
        const [, ...parts] = rest.split('-');
        const last = authority === '5-21' && parts.length > 3 ? parts.pop() : undefined;
        const hidden = shaped('sid', parts.join('-')).replace(/(^|-)0+(?=\d)/g, '$1');
        return `S-1-${authority}-${hidden}${last === undefined ? '' : `-${last}`}`;
      })
      .replace(
        /(?<![0-9a-fA-F-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![0-9a-fA-F-])/g,
        found => {
          if (/^[0f-]+$/i.test(found) || kept.has(found.toLowerCase())) return found;
          count('uuid');
          return shapedHex('uuid', found);
        },
      )
      .replace(SEPARATED_MAC, found => mac(found))
      .replace(/(?<![0-9a-fA-F])[0-9a-fA-F]{12}(?![0-9a-fA-F])/g, found =>
        macs.has(found.toLowerCase()) ? mac(found) : found,
      )
      .replace(/(?<![0-9a-fA-F.])(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}(?![0-9a-fA-F.])/g, mac)
      .replace(/(?<![0-9a-zA-Z.])(?:\d{1,3}\.){3}\d{1,3}(?![0-9.])/g, (found, at: number, whole: string) =>
        VERSION_BEFORE.test(whole.slice(Math.max(0, at - 60), at)) ? found : ipv4(found),
      )
      .replace(/(?<![0-9a-zA-Z:.])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![0-9a-zA-Z:])/g, ipv6)
      .replace(/(?<![0-9a-fA-F])(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40})(?![0-9a-fA-F])/g, found => {
        if (/^(0+|f+)$/i.test(found)) return found;
        count('fingerprint');
        return shapedHex('uuid', found);
      });
  }

  function redact(text: string): string {
    pattern ??= build();
    const withoutCertificates = redactCertificates(text, (what, length) => {
      count('certificate');
      return Buffer.from(shaped('certificate', 'a'.repeat(length), what));
    });
    const known =
      pattern === null
        ? withoutCertificates
        : withoutCertificates.replace(pattern, found => {
            const one = bySpelling.get(found.toLowerCase());
            return one === undefined ? found : pseudonym(one.kind, one.value, found);
          });
    return byShape(known);
  }

  function redactValue(value: unknown, name = ''): unknown {
    // Dotted numbers are addresses unless their name says otherwise.
    if (typeof value === 'string')
      return /version|build/i.test(name) ? redact(`version ${value}`).slice(8) : redact(value);
    if (typeof value === 'number') {
      const hidden = Number(redact(String(value)));
      return Number.isFinite(hidden) ? hidden : value;
    }
    if (Array.isArray(value)) return value.map(inner => redactValue(inner, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([member, inner]) => [redact(member), redactValue(inner, member)]),
    );
  }

  return {
    know(kind, value) {
      if (kind === 'person' && value) knowPerson(value);
      else know(kind, value);
    },
    learn(text) {
      for (const named of namedIn(text)) learnNamed(named);
      for (const [found] of text.matchAll(SEPARATED_MAC)) knowMac(found);
      for (const [, user = ''] of text.matchAll(/(?:\/home|\/Users|\/export\/home)\/([^/\s"'<>:,;|]+)/g))
        know('person', user);
      for (const [, user = ''] of text.matchAll(
        /\\{1,2}(?:Users|Documents and Settings)\\{1,2}([^\\/"'<>:|\r\n]+?)(?=\\|"|'|\s*$|<)/gim,
      )) {
        know('person', user);
      }
    },
    keep(uuid) {
      kept.add(uuid.toLowerCase());
    },
    redact,
    redactValue: value => redactValue(value),
    get counts() {
      return counts;
    },
  };
}

/** Names of kinds of things, the same on every machine: partition types, Microsoft Defender, known protocols. */
const WELL_KNOWN: ReadonlySet<string> = new Set([
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
  'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7',
  'e3c9e316-0b5c-4db8-817d-f92df00215ae',
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac',
  '0fc63daf-8483-4772-8e79-3d69d8477de4',
  '7c3457ef-0000-11aa-aa11-00306543ecac',
  'd68ddc3a-831f-4fae-9e44-da132c1acf46',
  // Classes of Windows updates.
  '0fa1201d-4330-4fa8-8ae9-b877473b6441',
  '28bc880e-0592-4cbf-8f95-c79b17911d5f',
  '68c5b0a3-d1a6-4553-ae49-01d3a7827828',
  'b54e7d24-7add-428f-8b75-90a396fa584f',
  'cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83',
  'e0789628-ce08-4437-be74-2495b842f43b',
  'e6cf1350-c01b-414d-a61f-263d14d133b4',
  'ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0',
]);
