import { execFile } from 'node:child_process';
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Problem } from '../../shared/problem/problem.ts';
import type { Connector } from './connector.ts';

/*
 * Secrets at rest. A copy of the database alone must not give them away, so the key lives outside it: in a file beside it
 * that only the collector's account may read, or wherever the environment or a command takes it from (a vault).
 */

/** AES-256 key. */
const KEY_BYTES = 32;
/** Nonce of GCM; random, which is safe for far more than the 2^32 messages one key may seal (NIST SP 800-38D §8.3). */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'tls1';
const KEY_FILE = 'secret.key';
const COMMAND_MS = 10_000;

/** Where the key comes from; the first that is given wins. */
export interface KeySource {
  /** 32 bytes, base64 or base64url. */
  readonly key?: string | undefined;
  /** Path of a program that prints the key; started without a shell and without arguments. */
  readonly command?: string | undefined;
  /** Path of a file that holds the key. Must not be readable by others. */
  readonly file?: string | undefined;
  /** Where `secret.key` is looked for, and made at the first start. */
  readonly dataDir: string;
}

/** Seals and opens secrets with one key. */
export class SecretBox {
  readonly #key: Buffer;
  /** First bytes of the key's hash, so that the wrong key is told from a damaged secret. */
  readonly keyId: string;

  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new Problem('settings-invalid', 'the secret key has not 32 bytes');
    this.#key = key;
    this.keyId = createHash('sha256').update(key).digest('hex').slice(0, 8);
  }

  /** `place` says what the secret is for; sealed text that is put into another place does not open there. */
  seal(secret: string, place: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return [
      FORMAT,
      this.keyId,
      Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url'),
    ].join('.');
  }

  /** @throws Problem `secret-unreadable`: sealed with another key, damaged, or for another place */
  open(sealed: string, place: string): string {
    const [format, keyId, body = ''] = sealed.split('.');
    if (format !== FORMAT || keyId === undefined) throw unreadable(place, 'is not sealed');
    if (keyId !== this.keyId) throw unreadable(place, `was sealed with key ${keyId}, this is ${this.keyId}`);
    const bytes = Buffer.from(body, 'base64url');
    try {
      const tagEnd = NONCE_BYTES + TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(NONCE_BYTES, tagEnd));
      return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString('utf8');
    } catch (error) {
      throw unreadable(place, 'is damaged or belongs elsewhere', error);
    }
  }
}

function unreadable(place: string, why: string, cause?: unknown): Problem {
  return new Problem('secret-unreadable', `the secret of ${place} ${why}`, { cause });
}

/**
 * The collector's box.
 *
 * @throws Problem `settings-invalid` for a key that cannot be read, has not the right length, or lies open to others
 */
export async function openSecretBox({ key, command, file, dataDir }: KeySource): Promise<SecretBox> {
  if (key !== undefined) return new SecretBox(decoded(key));
  if (command !== undefined) return new SecretBox(decoded(await printedBy(command)));
  if (file !== undefined) return new SecretBox(decoded(await readKeyFile(file)));
  const own = join(dataDir, KEY_FILE);
  await ensureKeyFile(own);
  return new SecretBox(decoded(await readKeyFile(own)));
}

function decoded(text: string): Buffer {
  return Buffer.from(text.trim(), 'base64url');
}

async function printedBy(command: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, [], { timeout: COMMAND_MS, maxBuffer: 4096 });
    return stdout;
  } catch (error) {
    // What it printed may be the key: nothing of the error is passed on.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw new Problem('settings-invalid', `the command for the secret key failed (${code})`);
  }
}

async function readKeyFile(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    // Windows has no such bits; there the data folder's own access list guards the file.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Problem(
        'settings-invalid',
        `the key file ${path} can be read by others; its mode must be 0600`,
      );
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('settings-invalid', `the key file ${path} cannot be read`, { cause: error });
  }
}

/** Makes the key at the first start: written and on disk under another name first, so that no half key is ever read. */
async function ensureKeyFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(KEY_BYTES).toString('base64url')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Fails when another start was quicker; its key is the one then.
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Settings as they go into the store: every secret sealed in its place. */
export function sealSettings(
  box: SecretBox,
  connector: Pick<Connector, 'id' | 'secrets'>,
  account: string,
  settings: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return mapSecrets(connector, settings, (secret, key) =>
    box.seal(secret, `${connector.id}/${account}/${key}`),
  );
}

/** The way back, for opening a session. */
export function unsealSettings(
  box: SecretBox,
  connector: Pick<Connector, 'id' | 'secrets'>,
  account: string,
  stored: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return mapSecrets(connector, stored, (sealed, key) =>
    box.open(sealed, `${connector.id}/${account}/${key}`),
  );
}

/** Settings as an interface may show them: secrets are left out, and which ones are there is said beside. */
export function shownSettings(
  connector: Pick<Connector, 'secrets'>,
  stored: Readonly<Record<string, unknown>>,
): { readonly settings: Record<string, unknown>; readonly secretsSet: readonly string[] } {
  const settings = Object.fromEntries(
    Object.entries(stored).filter(([key]) => !connector.secrets.includes(key)),
  );
  return { settings, secretsSet: connector.secrets.filter(key => typeof stored[key] === 'string') };
}

/**
 * Settings a person has entered over those that are there: a secret that is left out or empty stays what it was. All
 * unsealed. When an address changes, no secret is taken over: it would be sent to a place it was not entered for.
 */
export function enteredOver(
  connector: Pick<Connector, 'secrets' | 'settings'>,
  known: Readonly<Record<string, unknown>>,
  entered: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const addresses = connector.settings.filter(({ kind }) => kind === 'address');
  const moved = addresses.some(
    ({ key, fallback }) => (entered[key] ?? fallback ?? null) !== (known[key] ?? fallback ?? null),
  );
  const result = { ...entered };
  for (const key of connector.secrets) {
    const isEntered = typeof result[key] === 'string' && result[key] !== '';
    if (isEntered) continue;
    delete result[key];
    if (!moved && typeof known[key] === 'string') result[key] = known[key];
  }
  return result;
}

function mapSecrets(
  { secrets }: Pick<Connector, 'secrets'>,
  settings: Readonly<Record<string, unknown>>,
  change: (text: string, key: string) => string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      key,
      secrets.includes(key) && typeof value === 'string' ? change(value, key) : value,
    ]),
  );
}
