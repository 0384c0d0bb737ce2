import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../shared/problem/problem.ts';

/** Every setting is an environment variable of this prefix. */
const SETTING_PREFIX = 'TRAYLINE_';
/** The agent's own variables share the prefix: both programs may be started from one shell. */
const FOREIGN_PREFIX = 'TRAYLINE_AGENT_';
const FOREIGN_KEYS: ReadonlySet<string> = new Set(['TRAYLINE_ENROLMENT_TOKEN']);

/** What people read about a setting; `allowed` is also what an error says instead of the offending value. */
interface Told {
  readonly sentence: string;
  readonly allowed: string;
  /** Default as the table shows it. */
  readonly fallback: string;
  readonly secret?: boolean;
}

const told = new WeakMap<z.ZodType, Told>();
function setting<S extends z.ZodType>(schema: S, about: Told): S {
  told.set(schema, about);
  return schema;
}

const digits = z.string().regex(/^\d{1,9}$/);

function whole(sentence: string, fallback: number, least: number, most: number) {
  return setting(
    digits.default(String(fallback)).transform(Number).pipe(z.number().int().min(least).max(most)),
    { sentence, allowed: `a whole number from ${least} to ${most}`, fallback: String(fallback) },
  );
}

function flag(sentence: string, fallback: 'on' | 'off') {
  return setting(
    z
      .enum(['on', 'off'])
      .default(fallback)
      .transform(word => word === 'on'),
    { sentence, allowed: '`on` or `off`', fallback },
  );
}

function folder(sentence: string, fallback: string) {
  return setting(
    z
      .string()
      .min(1)
      .default(fallback)
      .transform(path => resolve(path)),
    { sentence, allowed: 'a path', fallback },
  );
}

function file(sentence: string) {
  return setting(
    z
      .string()
      .min(1)
      .transform(path => resolve(path))
      .optional(),
    { sentence, allowed: 'a path to a PEM file', fallback: 'none' },
  );
}

function list<S extends z.ZodType<string, string>>(entry: S, about: Told) {
  return setting(
    z
      .string()
      .default('')
      .transform(text =>
        text
          .split(',')
          .map(part => part.trim())
          .filter(part => part !== ''),
      )
      .pipe(z.array(entry)),
    about,
  );
}

/** An `http:` or `https:` address without credentials, as its origin (`https://host:port`). */
const origin = z
  .string()
  .refine(text => {
    const url = URL.parse(text);
    return (
      url !== null &&
      (url.protocol === 'http:' || url.protocol === 'https:') &&
      url.username === '' &&
      url.password === ''
    );
  })
  .transform(text => new URL(text).origin);

const MONGO_ADDRESS = /^mongodb(?:\+srv)?:\/\/[^\s/]+/;

/** `loopback`, an address, or an address range in CIDR notation. */
function isProxyAddress(text: string): boolean {
  if (text === 'loopback') return true;
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/*
 * Property `somePart` is read from TRAYLINE_SOME_PART. One row here is all there is to a setting: its type, its check, its
 * error and its line in the documentation follow from it.
 */
const shape = {
  port: whole('Port the collector listens on; 0 takes any free one.', 8620, 0, 65_535),
  host: setting(z.string().min(1).max(255).default('127.0.0.1'), {
    sentence: 'Address to listen on. Anything but a loopback address needs TLS or a declared proxy.',
    allowed: 'an IP address or host name',
    fallback: '127.0.0.1',
  }),
  store: setting(z.string().regex(MONGO_ADDRESS).optional(), {
    sentence:
      'Address of a MongoDB (6.0 or later, replica set or sharded cluster) that keeps everything instead of the built-in database. Its user needs readWrite and dbAdmin on the database named in it.',
    allowed: '`mongodb://…` or `mongodb+srv://…`',
    fallback: 'none: the built-in database in TRAYLINE_DATA_DIR',
    secret: true,
  }),
  leaseS: whole(
    'With MongoDB: seconds without a sign of life after which the other collectors take this one for gone, and it sends its devices away.',
    30,
    4,
    600,
  ),
  dataDir: folder('Folder of the database. Only one collector may use it at a time.', './data'),
  secretKey: setting(z.string().min(40).max(64).optional(), {
    sentence: 'Key that the secrets of other systems are sealed with in the database.',
    allowed: '32 bytes in base64',
    fallback: 'none: the next two, or `secret.key` in TRAYLINE_DATA_DIR, made at the first start',
    secret: true,
  }),
  secretKeyCommand: setting(z.string().min(1).optional(), {
    sentence: 'Program that prints that key (a vault’s), started without a shell and without arguments.',
    allowed: 'the path of a program',
    fallback: 'none',
  }),
  secretKeyFile: setting(
    z
      .string()
      .min(1)
      .transform(path => resolve(path))
      .optional(),
    {
      sentence: 'File that holds that key. Only its owner may be able to read it.',
      allowed: 'a path',
      fallback: 'none',
    },
  ),
  publicUrl: setting(origin.optional(), {
    sentence:
      'Address that agents and browsers use to reach the collector; needed behind a proxy and when listening on every address. Must be https unless it is a loopback address.',
    allowed: 'an http or https address without path or credentials',
    fallback: 'host and port listened on',
  }),
  tlsCertFile: file('Certificate chain, PEM. Together with TRAYLINE_TLS_KEY_FILE it turns TLS on.'),
  tlsKeyFile: file('Private key of the certificate, PEM.'),
  behindProxy: list(z.string().refine(isProxyAddress), {
    sentence:
      'Addresses of the reverse proxy that ends TLS before the collector. Only these may say who the client is (X-Forwarded-For).',
    allowed: 'a comma-separated list of `loopback`, IP addresses and CIDR ranges',
    fallback: 'none',
  }),
  allowedOrigins: list(origin, {
    sentence: 'Further web origins whose pages may use the API and the console socket.',
    allowed: 'a comma-separated list of http or https origins',
    fallback: 'none',
  }),
  consoleDir: folder('Folder of the built console.', 'dist/console'),
  logLevel: setting(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'), {
    sentence: 'Least severe log line that is written.',
    allowed: '`trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`',
    fallback: 'info',
  }),
  sessionHours: whole('A session ends after this many hours without a request.', 12, 1, 24 * 30),
  sessionMaxHours: whole('A session ends after this many hours in any case.', 24 * 7, 1, 24 * 90),
  metricsToken: setting(z.string().min(16).max(256).optional(), {
    sentence: 'Bearer token for /metrics; without it /metrics answers only to the machine itself.',
    allowed: '16 to 256 characters',
    fallback: 'none',
    secret: true,
  }),
  admission: flag('May devices without a token ask to be admitted by an administrator?', 'on'),
  maxConnectsPerS: whole(
    'Agent connections accepted each second; more are given a later slot.',
    500,
    1,
    100_000,
  ),
  retainRawDays: whole('Days to keep one-minute readings.', 2, 1, 400),
  retainQuarterDays: whole('Days to keep fifteen-minute averages.', 30, 1, 4000),
  retainDailyDays: whole('Days to keep daily averages.', 400, 1, 4000),
  retainEventsDays: whole('Days to keep events of the timeline.', 90, 1, 4000),
  retainHistoryDays: whole('Days to keep how findings changed.', 90, 1, 4000),
  retainAuditDays: whole('Days to keep audit entries.', 730, 30, 36_500),
  demo: flag('Start with a made-up company of simulated devices, each marked as such.', 'off'),
};

type Shape = typeof shape;
type SettingName = keyof Shape & string;
const NAMES = Object.keys(shape) as SettingName[];

/** Is this host only reachable from the machine itself? */
export function isLoopbackHost(host: string): boolean {
  const bare = host.toLowerCase().replace(/^\[|\]$/g, '');
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'));
}

/** Everything read from the environment, checked, plus what follows from it. */
export type Settings = Readonly<z.output<z.ZodObject<Shape>>> & {
  /** The collector itself speaks TLS. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Browsers reach the collector by https, so cookies may be `Secure` and HSTS is sent. */
  readonly secure: boolean;
};

/** `sessionMaxHours` → `TRAYLINE_SESSION_MAX_HOURS`. */
export function environmentKey(name: string): string {
  return SETTING_PREFIX + name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase();
}

/**
 * Reads the settings. Empty variables count as not set.
 *
 * @throws Problem `settings-invalid` naming every wrong key at once and what is allowed, never a value; `tls-required`
 *   when the settings would send passwords over a network in the clear.
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const raw: Partial<Record<SettingName, string>> = {};
  const known = new Map(NAMES.map(name => [environmentKey(name), name]));
  const wrong = new Map<string, string>();
  for (const [key, value] of Object.entries(env)) {
    if (!key.startsWith(SETTING_PREFIX) || key.startsWith(FOREIGN_PREFIX) || FOREIGN_KEYS.has(key)) continue;
    const name = known.get(key);
    if (name === undefined) wrong.set(key, 'is not a setting of the collector');
    else if (value !== undefined && value.trim() !== '') raw[name] = value.trim();
  }
  const parsed = z.object(shape).safeParse(raw);
  for (const issue of parsed.error?.issues ?? []) {
    const name = NAMES.find(candidate => candidate === issue.path[0]);
    if (name !== undefined) wrong.set(environmentKey(name), `must be ${aboutSetting(name).allowed}`);
  }
  const values = parsed.data;
  if (values !== undefined) {
    if ((values.tlsCertFile === undefined) !== (values.tlsKeyFile === undefined)) {
      wrong.set(
        environmentKey(values.tlsCertFile === undefined ? 'tlsCertFile' : 'tlsKeyFile'),
        'must be set too',
      );
    }
    if (values.publicUrl === undefined && publicUrlIsUnclear(values)) {
      wrong.set(
        environmentKey('publicUrl'),
        'must be set behind a proxy, and when listening on every address or any port',
      );
    }
    if (values.sessionMaxHours < values.sessionHours) {
      wrong.set(environmentKey('sessionMaxHours'), `must not be less than ${environmentKey('sessionHours')}`);
    }
  }
  if (values === undefined || wrong.size > 0) {
    throw new Problem('settings-invalid', [...wrong].map(([key, why]) => `${key} ${why}`).join('; '), {
      fields: [...wrong.keys()],
    });
  }

  const { tlsCertFile: certFile, tlsKeyFile: keyFile, behindProxy, host, port } = values;
  const tls = certFile !== undefined && keyFile !== undefined ? { certFile, keyFile } : null;
  // SECURITY: passwords, session cookies and device data never cross a network unencrypted.
  if (tls === null && behindProxy.length === 0 && !isLoopbackHost(host)) {
    throw new Problem(
      'tls-required',
      'the collector would listen on a network without encryption; set TRAYLINE_TLS_CERT_FILE and TRAYLINE_TLS_KEY_FILE, ' +
        'or declare the proxy that ends TLS in TRAYLINE_BEHIND_PROXY, or listen on 127.0.0.1 only',
      { fields: [environmentKey('host'), environmentKey('tlsCertFile'), environmentKey('behindProxy')] },
    );
  }
  const publicUrl =
    values.publicUrl ??
    (isLoopbackHost(host)
      ? undefined
      : `https://${isIP(host) === 6 ? `[${host}]` : host}${port === 443 ? '' : `:${port}`}`);
  if (publicUrl?.startsWith('http:') === true && !isLoopbackHost(new URL(publicUrl).hostname)) {
    throw new Problem(
      'tls-required',
      'TRAYLINE_PUBLIC_URL would send browsers and agents over a network without encryption; use its https address',
      { fields: [environmentKey('publicUrl')] },
    );
  }
  return { ...values, publicUrl, tls, secure: tls !== null || publicUrl?.startsWith('https:') === true };
}

/** On a loopback address browsers use a loopback name; else the one name that counts must be known. */
function publicUrlIsUnclear(values: { behindProxy: readonly string[]; host: string; port: number }): boolean {
  if (values.behindProxy.length > 0) return true;
  if (isLoopbackHost(values.host)) return false;
  return values.host === '0.0.0.0' || values.host === '::' || values.port === 0;
}

function aboutSetting(name: SettingName): Told {
  const about = told.get(shape[name]);
  if (about === undefined) throw new Error(`setting without a description: ${name}`);
  return about;
}

/** The settings as a Markdown table for the documentation. */
export function settingsTable(): string {
  const rows = NAMES.map(name => {
    const { sentence, allowed, fallback, secret } = aboutSetting(name);
    return `| \`${environmentKey(name)}\` | ${sentence}${secret === true ? ' Secret.' : ''} | ${allowed} | ${fallback} |`;
  });
  return ['| Variable | What it does | Allowed | Default |', '|---|---|---|---|', ...rows, ''].join('\n');
}
