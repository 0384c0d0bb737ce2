import { createHash } from 'node:crypto';
import { constants, type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { readsSecrets } from '../../../shared/device/subjects.ts';
import { type Answer, answered, type Unanswered, unanswered } from './answer.ts';
import { readPeVersion } from './parse/pe-version.ts';

/** What a file is. Its contents are read for the hash and the version only, and stay here. */
export interface FileFacts {
  readonly kind: 'file' | 'folder' | 'other';
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Hexadecimal; null when it was not asked for, or `hashReason` says why not. */
  readonly hash: string | null;
  readonly hashReason: string | null;
  /** FileVersion of a Windows program. */
  readonly version: string | null;
  /** Changes whenever the file does (device, inode, size and both times): equal marks, equal contents. */
  readonly mark: string;
}

export interface FileWishes {
  readonly hash?: 'sha256' | 'md5';
  /** Larger files are not hashed, bytes. */
  readonly maxHashBytes?: number;
  /** A mark for which the caller knows the hash already. */
  readonly knownMark?: string;
  /** Read the version of a Windows program. */
  readonly version?: boolean;
  readonly signal?: AbortSignal;
}

/** 0.3 s a GB measured for SHA-256: a tenth of a second for the largest. */
const MAX_HASH_BYTES = 256 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** Errors of the file system as answers; see `Probe` for their meaning. */
export function unreadable(error: unknown): Unanswered {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENODEV' || code === 'ESRCH') {
    return unanswered('not-present');
  }
  if (code === 'EACCES' || code === 'EPERM') return unanswered('not-permitted');
  return unanswered('other', code);
}

async function hashOf(
  file: FileHandle,
  algorithm: 'sha256' | 'md5',
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const hash = createHash(algorithm);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let position = 0;
  for (;;) {
    if (signal?.aborted === true) return null;
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    position += bytesRead;
    // It grew while it was read.
    if (position > maxBytes) return null;
    hash.update(chunk.subarray(0, bytesRead));
  }
}

async function openToRead(path: string): Promise<Answer<FileHandle>> {
  try {
    // Not waiting for a pipe's other end; `realpath` has followed every link there was.
    return answered(await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW));
  } catch (error) {
    return unreadable(error);
  }
}

/**
 * Looks at one file. Links are followed first and what they lead to is judged again: a link must not open what may not be asked for by
 * name. Pipes and devices are recognised and not read.
 */
export async function lookAtFile(path: string, wishes: FileWishes = {}): Promise<Answer<FileFacts>> {
  const { hash, version = false, maxHashBytes = MAX_HASH_BYTES, knownMark, signal } = wishes;
  let file: FileHandle | null = null;
  try {
    const real = await realpath(path);
    if (readsSecrets(real) || real.startsWith('\\\\'))
      return unanswered('not-permitted', 'leads to a place that is never looked at');
    const opened = await openToRead(real);
    if (!opened.ok && opened.reason !== 'not-permitted') return opened;
    file = opened.ok ? opened.value : null;
    // What may not be read can still be seen to be there.
    const seen = await (file === null ? stat(real, { bigint: true }) : file.stat({ bigint: true }));
    const kind = seen.isFile() ? 'file' : seen.isDirectory() ? 'folder' : 'other';
    const sizeBytes = Number(seen.size);
    const mark = [seen.dev, seen.ino, seen.size, seen.mtimeNs, seen.ctimeNs].join(':');
    let digest: string | null = null;
    let hashReason: string | null = null;
    if (hash !== undefined && kind !== 'file') hashReason = 'not a file';
    else if (hash !== undefined && file === null) hashReason = 'not-permitted';
    else if (hash !== undefined && file !== null && mark !== knownMark) {
      if (sizeBytes > maxHashBytes) hashReason = `larger than ${Math.round(maxHashBytes / 1024 / 1024)} MiB`;
      else {
        digest = await hashOf(file, hash, maxHashBytes, signal);
        if (digest === null) hashReason = 'changed or given up while it was read';
      }
    }
    return answered({
      kind,
      sizeBytes,
      modifiedAt: Math.max(0, Math.round(Number(seen.mtimeNs / 1_000_000n))),
      hash: digest,
      hashReason,
      version: version && kind === 'file' && file !== null ? await readPeVersion(file, sizeBytes) : null,
      mark,
    });
  } catch (error) {
    return unreadable(error);
  } finally {
    await file?.close().catch(() => undefined);
  }
}
