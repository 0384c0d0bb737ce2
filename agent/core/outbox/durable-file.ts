import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes names in a folder durable. Windows cannot open a folder for this and journals names by itself. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function writeAll(handle: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(handle, bytes, done);
}

/**
 * Replaces a file so that after a kill or a power loss it holds either the old or the new content, never a part: written
 * beside it, synced, renamed over it, and the name synced. Readable by its owner only.
 *
 * @throws the file system's error; the old file is untouched then.
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const beside = `${path}.new`;
  const handle = openSync(beside, 'w', 0o600);
  try {
    if (process.platform !== 'win32') fchmodSync(handle, 0o600);
    writeAll(handle, typeof content === 'string' ? Buffer.from(content) : content);
    fsyncSync(handle);
  } catch (error) {
    closeSync(handle);
    rmSync(beside, { force: true });
    throw error;
  }
  closeSync(handle);
  renameSync(beside, path);
  syncFolder(dirname(path));
}
