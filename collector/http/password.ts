import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { PASSWORD_MIN } from '../../shared/api/schemas.ts';
import { Problem } from '../../shared/problem/problem.ts';

/** scrypt parameters (RFC 7914): `logN` doubles time and memory, memory is 128 · r · 2^logN bytes. */
export interface PasswordCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/**
 * 32 MiB for each check: one of the equivalent minimum settings of the OWASP Password Storage Cheat Sheet, the one that
 * leaves a small server room for several sign-ins at once.
 */
const PASSWORD_COST: PasswordCost = { logN: 15, r: 8, p: 3 };

/** At once, of Node's four helper threads: the others stay free for files and name look-ups. */
const CONCURRENT = 2;
/** Sign-ins waiting for one of them; more are told to come back. */
const QUEUED = 64;
const HASH_BYTES = 32;
const MAX_MEMORY = 256 * 1024 * 1024;

export interface Passwords {
  /** PHC-like text: `$scrypt$ln=15,r=8,p=3$salt$hash`, both parts base64 without padding. */
  hash(password: string): Promise<string>;
  /** Takes as long for `null` (no such person) as for a wrong password. Unreadable text matches nothing. */
  matches(password: string, stored: string | null): Promise<boolean>;
}

/** Hashing happens on helper threads, a bounded number at a time; rejects with `too-fast` when too many wait. */
export function createPasswords(cost: PasswordCost = PASSWORD_COST): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function derive(password: string, salt: Buffer, { logN, r, p }: PasswordCost): Promise<Buffer> {
    if (running < CONCURRENT) running += 1;
    else {
      if (waiting.length >= QUEUED) {
        throw new Problem('too-fast', 'too many password checks at once', { retryAfterMs: 5000 });
      }
      // The place of the one that finishes is handed over, so `running` stays.
      await new Promise<void>(proceed => waiting.push(proceed));
    }
    try {
      return await new Promise<Buffer>((settle, fail) => {
        const options = { N: 2 ** logN, r, p, maxmem: MAX_MEMORY };
        scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) =>
          error === null ? settle(key) : fail(error),
        );
      });
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    async hash(password) {
      const salt = randomBytes(16);
      const key = await derive(password, salt, cost);
      return `$scrypt$ln=${cost.logN},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(key)}`;
    },
    async matches(password, stored) {
      const parts = stored === null ? null : parse(stored);
      if (parts === null) {
        await derive(password, randomBytes(16), cost);
        return false;
      }
      return timingSafeEqual(await derive(password, parts.salt, parts.cost), parts.key);
    },
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function parse(stored: string): { cost: PasswordCost; salt: Buffer; key: Buffer } | null {
  const match = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    stored,
  );
  if (match === null) return null;
  const [, logN, r, p, salt = '', key = ''] = match;
  const keyBytes = Buffer.from(key, 'base64');
  if (keyBytes.length !== HASH_BYTES) return null;
  return {
    cost: { logN: Number(logN), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    key: keyBytes,
  };
}

/** No 0/O, 1/l/I: a one-time password is read aloud and typed. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Four groups of five characters, 99 bits. */
export function oneTimePassword(): string {
  let text = '';
  while (text.length < 20) {
    for (const byte of randomBytes(32)) {
      // Bytes above the largest multiple would make the first letters likelier.
      if (byte < 256 - (256 % ALPHABET.length) && text.length < 20) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return (text.match(/.{5}/g) ?? []).join('-');
}

/** The words guessed first among passwords long enough for us. */
const COMMON = [
  '123456789012',
  'password',
  'passwort',
  'motdepasse',
  'qwertyuiop',
  'administrator',
  'trayline',
  'letmein',
];

/**
 * Refuses what would be guessed first (NIST SP 800-63B 3.1.1.2: length, blocklist, nothing derived from the user name; no
 * rules about kinds of characters).
 *
 * @throws Problem `password-weak`
 */
export function checkNewPassword(password: string, user: string): void {
  const weak = (why: string) => new Problem('password-weak', why, { fields: ['body.next'] });
  const plain = password.normalize('NFKC').toLowerCase();
  if ([...plain].length < PASSWORD_MIN) throw weak(`needs at least ${PASSWORD_MIN} characters`);
  if (new Set(plain).size < 5) throw weak('repeats too few characters');
  let rest = plain.replaceAll(user.toLowerCase(), '');
  for (const word of COMMON) rest = rest.replaceAll(word, '');
  if (rest.replace(/[\d\W_]/g, '').length === 0 && rest.length < PASSWORD_MIN) {
    throw weak('is made of the user name or of words that are guessed first');
  }
}
