import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { within } from './eventually.ts';
import { closeAtEnd } from './teardown.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

const running = new Set<ChildProcess>();
// A test run that is itself ended must not leave its children behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Is a process with this id there (and not a zombie waiting to be read)? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export interface Child {
  readonly pid: number;
  /** Everything written to standard output and standard error so far. */
  readonly out: () => string;
  readonly log: () => string;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  readonly over: () => boolean;
  /** The first line on standard output, or a failure that shows the log when it ends before or says nothing. */
  firstLine(withinMs?: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill9(): Promise<void>;
  /** SIGTERM, and a failure when it does not end by itself. */
  stop(withinMs?: number): Promise<number | null>;
}

export interface ChildOptions {
  readonly script: string;
  /** For node itself, before the script. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Variables of the shell must not change what is tested. */
function cleanEnvironment(own: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(process.env)) {
    if (value === undefined || /^(TRAYLINE_|VITEST|NODE_OPTIONS$|NODE_ENV$|TEST$)/.test(key)) continue;
    kept[key] = value;
  }
  return { ...kept, ...own };
}

/** Starts `node script` from the checkout; ended at the end of the test file at the latest. */
export function startChild({ script, nodeArgs = [], args = [], env = {} }: ChildOptions): Child {
  const child = spawn(process.execPath, [...nodeArgs, join(ROOT, script), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(env),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${script}`);
  running.add(child);
  let out = '';
  let log = '';
  let over = false;
  let firstLine: (() => void) | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (out.includes('\n')) firstLine?.();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
    // `close` comes after both streams have ended: what it wrote last is in the log then.
    child.once('close', (code, signal) => {
      over = true;
      running.delete(child);
      firstLine?.();
      resolve({ code, signal });
    });
  });

  const self: Child = {
    pid,
    out: () => out,
    log: () => log,
    exited,
    over: () => over,
    // A program that reads a database first, on a machine where everybody waits.
    async firstLine(withinMs = 90_000) {
      if (!out.includes('\n') && !over) {
        const line = new Promise<void>(resolve => {
          firstLine = resolve;
        });
        await within(line, { what: `first line of ${script}`, withinMs, state: () => log });
      }
      const end = out.indexOf('\n');
      if (end < 0) throw new Error(`${script} ended without a word; log:\n${log}`);
      return out.slice(0, end);
    },
    signal: signal => child.kill(signal),
    async kill9() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop(withinMs = 20_000) {
      if (!over) child.kill('SIGTERM');
      const { code } = await within(exited, {
        what: `end of ${script} after SIGTERM`,
        withinMs,
        state: () => log,
      });
      forget();
      if (isAlive(pid)) throw new Error(`process ${pid} of ${script} is still there`);
      return code;
    },
  };
  const forget = closeAtEnd(async () => {
    if (!over) await self.kill9();
    if (isAlive(pid)) throw new Error(`process ${pid} of ${script} was left behind`);
  });
  return self;
}
