import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/*
 * The archive an Electron app ships in, read without Electron: two Chromium pickles (sizes, then a JSON header), then the
 * files one after the other. https://github.com/electron/asar#format
 */

export interface AsarFile {
  readonly path: string;
  readonly content: Buffer;
  /** SHA-256 that the header has for it; null: none. */
  readonly sha256: string | null;
}

export interface Asar {
  readonly files: readonly AsarFile[];
  /** SHA-256 of the header's text: what a program is given to recognise its archive by. */
  readonly headerSha256: string;
}

/** @throws Error when the file is no archive. */
export function readAsar(path: string): Asar {
  const bytes = readFileSync(path);
  if (bytes.length < 16 || bytes.readUInt32LE(0) !== 4) throw new Error(`${path}: no asar archive`);
  const start = 8 + bytes.readUInt32LE(4);
  const header = bytes.subarray(16, 16 + bytes.readUInt32LE(12)).toString('utf8');
  const root: unknown = JSON.parse(header);
  return {
    files: filesIn(root, '', bytes, start),
    headerSha256: createHash('sha256').update(header).digest('hex'),
  };
}

/** Does every file have the sum that the header has for it? */
export function isWhole({ files }: Asar): boolean {
  return files.every(
    ({ content, sha256 }) => sha256 !== null && createHash('sha256').update(content).digest('hex') === sha256,
  );
}

function filesIn(node: unknown, path: string, bytes: Buffer, start: number): AsarFile[] {
  const below = field(node, 'files');
  if (typeof below === 'object' && below !== null) {
    return Object.entries(below).flatMap(([name, child]) =>
      filesIn(child, path === '' ? name : `${path}/${name}`, bytes, start),
    );
  }
  const size = field(node, 'size');
  const offset = Number(field(node, 'offset'));
  if (typeof size !== 'number' || !Number.isInteger(offset))
    throw new Error(`${path}: is not in the archive itself`);
  const hash = field(field(node, 'integrity'), 'hash');
  return [
    {
      path,
      content: bytes.subarray(start + offset, start + offset + size),
      sha256: typeof hash === 'string' ? hash : null,
    },
  ];
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
