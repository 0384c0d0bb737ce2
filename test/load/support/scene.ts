import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Task } from '../load-client.ts';
import { CLIENT_CORE, type Started, start } from './process.ts';

/** What a part of the bench works with. */
export interface Scene {
  /** Divides times of measuring: 1, or 2 for --quick. */
  readonly divide: number;
  /** Flags for the collector's node, e.g. --cpu-prof. */
  readonly nodeFlags: readonly string[];
  /** A folder of its own, gone after the bench. */
  folder(name: string): string;
  drop(folder: string): void;
  readonly log: string;
  client(task: Task): Started;
  note(text: string): void;
}

export function openScene(options: {
  quick: boolean;
  keep: boolean;
  nodeFlags: readonly string[];
  note: (text: string) => void;
}): Scene & { close(): void } {
  const root = mkdtempSync(join(tmpdir(), 'trayline-bench-'));
  const log = join(root, 'stderr.log');
  let folders = 0;
  const close = (): void => {
    if (!options.keep) rmSync(root, { recursive: true, force: true });
  };
  process.once('exit', close);
  return {
    divide: options.quick ? 2 : 1,
    nodeFlags: options.nodeFlags,
    folder(name) {
      folders += 1;
      const path = join(root, `${name}-${folders}`);
      mkdirSync(path);
      return path;
    },
    drop(folder) {
      if (!options.keep) rmSync(folder, { recursive: true, force: true });
    },
    log,
    client: task =>
      start({
        script: join(import.meta.dirname, '..', 'load-client.ts'),
        args: [JSON.stringify(task)],
        core: CLIENT_CORE,
        log,
      }),
    note: options.note,
    close,
  };
}

export function load(): string {
  return loadavg()
    .map(value => value.toFixed(2))
    .join(' ');
}

/** Field `key` of an answer as the schema wants it, or null when the line has none. */
export function field<T>(key: string, schema: { parse(value: unknown): T }) {
  return (line: Record<string, unknown>): T | null => {
    if (typeof line.failed === 'string') throw new Error(`load client: ${line.failed}`);
    return key in line ? schema.parse(line[key]) : null;
  };
}
