import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildAll } from './build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(root, 'dist', '.built');
/** What the bundles are made of. */
const SOURCES = ['shared', 'agent', 'collector', 'build', 'package.json', 'package-lock.json'];

/** Newest change of any source, as text: path count and time, so that a deleted file counts as a change too. */
function fingerprint(): string {
  let newest = 0;
  let count = 0;
  const look = (path: string): void => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return;
    if (stats.isDirectory()) {
      for (const entry of readdirSync(path)) look(join(path, entry));
    } else {
      newest = Math.max(newest, stats.mtimeMs);
      count += 1;
    }
  };
  for (const source of SOURCES) look(join(root, source));
  return `${count} ${newest}`;
}

/** Builds the bundles unless they are newer than every source; `tell` is called before it begins. */
export async function buildIfStale(tell: (what: string) => void): Promise<void> {
  const now = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === now) return;
  tell('building');
  await buildAll();
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(STAMP, now);
}
