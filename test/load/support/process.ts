import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';

/** The core each side is pinned to. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;

/** Sockets of one process: 5,000 connections and room. */
const OPEN_FILES = 20_000;

/** Is `taskset` (util-linux) there and are there two cores to keep apart? */
export const PINNED =
  process.platform === 'linux' &&
  spawnSync('taskset', ['-c', String(CLIENT_CORE), 'true'], { stdio: 'ignore' }).status === 0;

/** Keeps this process away from the server's core. */
export function pinSelf(): void {
  if (PINNED) spawnSync('taskset', ['-apc', String(CLIENT_CORE), String(process.pid)], { stdio: 'ignore' });
}

/** Lets this process and what it starts from now on run on every core again. */
export function unpinSelf(): void {
  const all = `0-${cpus().length - 1}`;
  if (PINNED) spawnSync('taskset', ['-apc', all, String(process.pid)], { stdio: 'ignore' });
}

export interface Started {
  readonly pid: number;
  /** Resolves with the first JSON line on standard output that `wanted` accepts; rejects when the process ends before. */
  line<T>(wanted: (line: Record<string, unknown>) => T | null, timeoutMs: number): Promise<T>;
  /** Writes a JSON line to its standard input. */
  tell(message: object): void;
  /** Asks it to end (SIGTERM), then makes it end. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  readonly ended: Promise<number | null>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Variables of the shell must not change what is measured. */
function cleanEnvironment(own: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(process.env)) {
    if (value === undefined || key.startsWith('TRAYLINE_') || key === 'NODE_OPTIONS') continue;
    kept[key] = value;
  }
  return { ...kept, ...own };
}

export interface ProcessOptions {
  readonly script: string;
  readonly args?: readonly string[];
  readonly nodeFlags?: readonly string[];
  readonly core: number | null;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard error goes here. */
  readonly log: string;
}

/**
 * Starts `node script` on one core. The shell and taskset replace themselves (`exec`), so the process id is node's own.
 */
export function start(options: ProcessOptions): Started {
  const { script, args = [], nodeFlags = [], core, env = {}, log } = options;
  const node = [process.execPath, ...nodeFlags, script, ...args];
  const pinned = PINNED && core !== null ? ['taskset', '-c', String(core), ...node] : node;
  const stderr = openSync(log, 'a');
  const shell = process.platform !== 'win32';
  const child = shell
    ? spawn('sh', ['-c', `ulimit -n ${OPEN_FILES} 2>/dev/null; exec "$@"`, 'sh', ...pinned], {
        stdio: ['pipe', 'pipe', stderr],
        env: cleanEnvironment(env),
      })
    : spawn(process.execPath, node.slice(1), {
        stdio: ['pipe', 'pipe', stderr],
        env: cleanEnvironment(env),
      });
  closeSync(stderr);
  running.add(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${script}`);

  const seen: Record<string, unknown>[] = [];
  const listeners = new Set<() => void>();
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', text => {
      try {
        const value: unknown = JSON.parse(text);
        if (typeof value === 'object' && value !== null) seen.push({ ...value });
      } catch {
        // Not for us.
      }
      for (const listener of listeners) listener();
    });
  }
  child.stdin?.on('error', () => undefined);
  let over = false;
  const ended = new Promise<number | null>(resolve => {
    child.once('exit', code => {
      over = true;
      running.delete(child);
      resolve(code);
      setImmediate(() => {
        for (const listener of listeners) listener();
      });
    });
  });

  return {
    pid,
    ended,
    tell: message => child.stdin?.write(`${JSON.stringify(message)}\n`),
    line(wanted, timeoutMs) {
      let next = 0;
      return new Promise((resolve, reject) => {
        const done = (): void => {
          clearTimeout(timer);
          listeners.delete(look);
        };
        const look = (): void => {
          for (; next < seen.length; next += 1) {
            const line = seen[next];
            const found = line === undefined ? null : wanted(line);
            if (found !== null) {
              done();
              resolve(found);
              return;
            }
          }
          if (over) {
            done();
            reject(new Error(`${script} ended; see ${log}:\n${tail(log)}`));
          }
        };
        const timer = setTimeout(() => {
          done();
          reject(new Error(`${script} said nothing of it within ${timeoutMs} ms; see ${log}:\n${tail(log)}`));
        }, timeoutMs);
        listeners.add(look);
        look();
      });
    },
    async stop() {
      if (over) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function tail(log: string): string {
  try {
    return readFileSync(log, 'utf8').slice(-1500);
  } catch {
    return '';
  }
}

/** Resident memory of a process in KiB (VmRSS of /proc); null where that cannot be told. */
export function residentKiB(pid: number): number | null {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}

/** CPU seconds a process and its ended children have used (user and system); null where that cannot be told. */
export function cpuSeconds(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name stands in brackets and may hold blanks: fields are counted after the last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [utime, stime, cutime, cstime] = fields.slice(11, 15).map(Number);
    if (utime === undefined || stime === undefined || cutime === undefined || cstime === undefined)
      return null;
    // USER_HZ is 100 on every Linux that node runs on.
    return (utime + stime + cutime + cstime) / 100;
  } catch {
    return null;
  }
}

/** CPU seconds that everything together has used on one core; null where that cannot be told. */
function coreSeconds(core: number): number | null {
  try {
    const line = readFileSync('/proc/stat', 'utf8')
      .split('\n')
      .find(text => text.startsWith(`cpu${core} `));
    const [user, nice, system, , , irq, softirq, steal] = (line ?? '').split(/\s+/).slice(1).map(Number);
    const parts = [user, nice, system, irq, softirq, steal];
    return line === undefined ? null : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0) / 100;
  } catch {
    return null;
  }
}

/** What a process used of the server core since `watchCore`, and what others took of it: the noise of a measurement. */
export interface CoreUse {
  /** Share of a core, 0 to 1; NaN where it cannot be told. */
  readonly own: number;
  readonly others: number;
}

/** Starts watching; the returned function tells the use since then. */
export function watchCore(pid: number): () => CoreUse {
  const from = performance.now();
  const own = cpuSeconds(pid) ?? Number.NaN;
  const all = coreSeconds(SERVER_CORE) ?? Number.NaN;
  return () => {
    const seconds = (performance.now() - from) / 1000;
    const mine = ((cpuSeconds(pid) ?? Number.NaN) - own) / seconds;
    const total = ((coreSeconds(SERVER_CORE) ?? Number.NaN) - all) / seconds;
    return { own: mine, others: Math.max(0, total - mine) };
  };
}

/** `server core 97 %, others 2 %`. */
export function told({ own, others }: CoreUse): string {
  const percent = (share: number): string =>
    Number.isFinite(share) ? `${Math.round(100 * share)} %` : 'unknown';
  return `server core ${percent(own)}, others on it ${percent(others)}`;
}

export function sleep(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}

/** Waits until `check` holds; says what did not happen otherwise. */
export async function until(check: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!check()) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await sleep(20);
  }
}
