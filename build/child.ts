import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How long a child may take to end by itself before it is killed: its own shutdown deadline is below this. */
const END_MS = 10_000;

export interface Child {
  readonly name: string;
  readonly process: ChildProcess;
  /** Resolves with the exit code (or signal name) when it ends. */
  readonly ended: Promise<string>;
  /** First line it wrote to standard output; rejects when it ends before that. */
  readonly firstLine: Promise<string>;
  /** The last lines of its log file. */
  logTail(): string;
  /** Asks it to end and waits; kills it after ten seconds. Idempotent. */
  stop(): Promise<void>;
}

/** Starts a program of ours with this very Node; its standard error goes to `logFile`. */
export function startChild(
  name: string,
  args: readonly string[],
  options: { env: Readonly<Record<string, string>>; logFile: string; cwd: string },
): Child {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    // Only what a program needs to run here: nothing of the caller's environment is a setting by accident.
    env: { ...inherited(), ...options.env },
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? String(code)));
  });
  const firstLine = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8');
    child.stdout?.on('data', (part: string) => {
      text += part;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
    });
    void ended.then(how => reject(new Error(`${name} ended (${how}) before it was ready`)));
  });
  // A child nobody waits for may end without anybody being surprised.
  firstLine.catch(() => undefined);
  let stopping: Promise<void> | null = null;
  return {
    name,
    process: child,
    ended,
    firstLine,
    logTail: () => readFileSync(options.logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n'),
    stop: () => {
      stopping ??= (async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGTERM');
        const deadline = setTimeout(() => child.kill('SIGKILL'), END_MS);
        await ended;
        clearTimeout(deadline);
      })();
      return stopping;
    },
  };
}

function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const key of [
    'PATH',
    'HOME',
    'USER',
    'LANG',
    'TMPDIR',
    'SystemRoot',
    'TEMP',
    'APPDATA',
    'LOCALAPPDATA',
    'ProgramData',
  ]) {
    const value = process.env[key];
    if (value !== undefined) kept[key] = value;
  }
  return kept;
}
