import { randomBytes, timingSafeEqual } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, readFile, realpath, unlink } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join, win32 } from 'node:path';
import type { Person } from './desk.ts';

/*
 * Who sits at the other end of the socket? Node cannot ask the kernel (SO_PEERCRED, GetNamedPipeClientProcessId), so the app
 * proves whose it is by a deed only that person can do: it writes a text that nobody could know before into a new file.
 *
 * Linux and macOS: the file lies in a folder where everybody may make files and nobody may touch another's; its owner, which
 * the kernel sets, is the person. A hard link to somebody else's file fails twice: it has two names, and it does not hold the
 * text. Windows has no owner in Node's stat; there the file lies in the person's own profile, which only they (and the
 * machine's administrators) may write to.
 */

export interface Challenge {
  readonly file: string;
  readonly text: string;
}

/** Folder of an app's proofs inside a Windows profile. */
const PROFILE_FOLDER = ['AppData', 'Local', 'Trayline', 'Proof'] as const;

/**
 * A proof to ask for; null when this app cannot be asked (on Windows: it names no folder inside a profile).
 *
 * @param folder where proofs are made on Linux and macOS
 * @param proofHome the folder a Windows app offers
 */
export function challengeFor(folder: string, proofHome: string | undefined): Challenge | null {
  const name = randomBytes(16).toString('hex');
  const text = randomBytes(32).toString('base64url');
  if (process.platform !== 'win32') return { file: join(folder, name), text };
  return proofHome !== undefined && profileName(proofHome, usersFolder()) !== null
    ? { file: win32.join(proofHome, name), text }
    : null;
}

/** The person whose proof lies there, or null. The file is gone afterwards. */
export async function personBehind({ file, text }: Challenge): Promise<Person | null> {
  try {
    return process.platform === 'win32' ? await inProfile(file, text) : await byOwner(file, text);
  } catch {
    return null;
  } finally {
    await unlink(file).catch(() => undefined);
  }
}

async function byOwner(file: string, text: string): Promise<Person | null> {
  // SECURITY: no link is followed, and what is judged is what was opened. A pipe in the file's place must not hold us.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.nlink !== 1 || stats.size > 200) return null;
    if (!isSame(await handle.readFile('utf8'), text)) return null;
    return { key: String(stats.uid), name: await nameOf(stats.uid) };
  } finally {
    await handle.close();
  }
}

async function inProfile(file: string, text: string): Promise<Person | null> {
  const folder = win32.dirname(file);
  const name = profileName(folder, usersFolder());
  // SECURITY: a junction anywhere on the way would lead out of the profile.
  if (name === null || (await realpath(folder)).toLowerCase() !== folder.toLowerCase()) return null;
  const stats = await lstat(file);
  if (!stats.isFile() || stats.nlink !== 1 || stats.size > 200) return null;
  if (!isSame(await readFile(file, 'utf8'), text)) return null;
  return { key: name.toLowerCase(), name };
}

/** Whose profile a proof folder is in; null when it is in none. */
export function profileName(folder: string, users: string): string | null {
  const parts = win32.normalize(folder).split('\\');
  const root = win32.normalize(users).split('\\');
  const name = parts[root.length];
  if (name === undefined || name === '' || name === '..') return null;
  const expected = [...root, name, ...PROFILE_FOLDER];
  const same =
    parts.length === expected.length &&
    parts.every((part, index) => part.toLowerCase() === expected[index]?.toLowerCase());
  return same ? name : null;
}

function usersFolder(): string {
  // The public profile is the sibling of everybody's, also where an organisation has moved them.
  return dirname(process.env.PUBLIC ?? 'C:\\Users\\Public');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** An account's name; null where it cannot be told. */
async function nameOf(uid: number): Promise<string | null> {
  const own = userInfo();
  if (own.uid === uid) return own.username;
  if (process.platform === 'linux') {
    const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
    const found = lines.map(line => line.split(':')).find(fields => fields[2] === String(uid));
    return found?.[0] ?? null;
  }
  // Directory services are not in /etc/passwd on macOS; whose home folder it is, is.
  for (const entry of await readdir('/Users').catch(() => [])) {
    const home = await lstat(join('/Users', entry)).catch(() => null);
    if (home?.uid === uid) return basename(entry);
  }
  return null;
}
