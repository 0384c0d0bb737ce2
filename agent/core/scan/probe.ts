import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { readdir, readFile, readlink, stat, statfs } from 'node:fs/promises';
import os from 'node:os';
import { type Answer, answered } from './answer.ts';
import { type CommandOptions, type CommandResult, type ProgramName, runCommand } from './command.ts';
import { type FileFacts, type FileWishes, lookAtFile, unreadable } from './file-facts.ts';

export interface VolumeSpace {
  readonly sizeBytes: number;
  /** What a program without special rights may still use. */
  readonly freeBytes: number;
}

/** What the runtime itself knows of the machine; null where it was not recorded. */
export interface OsFacts {
  readonly hostname: string | null;
  /** `x64`, `arm64`, `ia32`. */
  readonly arch: string | null;
  readonly uptimeSeconds: number | null;
  readonly memoryTotalBytes: number | null;
  /** Windows: available to programs. Elsewhere: unused pages only, which is less. */
  readonly memoryFreeBytes: number | null;
  /** Milliseconds since start, all cores together. */
  readonly cpu: { readonly busyMs: number; readonly totalMs: number } | null;
  /** Do we run with all rights (root, LocalSystem)? null = could not tell. */
  readonly root: boolean | null;
  /** Home folder of the account we run as. */
  readonly home?: string | null;
}

/**
 * The only way a check touches the machine, so that the same check runs over recorded outputs. Nothing here throws.
 * A file that is not there answers `not-present`; one that may not be read answers `not-permitted`.
 */
export interface Probe {
  command(name: ProgramName, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Text of a file, at most 1 MiB: its beginning, or its end where that is asked for (logs). */
  readFile(path: string, part?: 'start' | 'end'): Promise<Answer<string>>;
  /** What a file is, never what is in it. */
  file(path: string, wishes?: FileWishes): Promise<Answer<FileFacts>>;
  /** Names in a folder, unsorted. */
  list(folder: string): Promise<Answer<readonly string[]>>;
  /** Does the path exist? An answer even when it does not; no answer only when it could not be told. */
  exists(path: string): Promise<Answer<boolean>>;
  /** Target of a symbolic link. */
  link(path: string): Promise<Answer<string>>;
  statfs(mount: string): Promise<Answer<VolumeSpace>>;
  facts(): OsFacts;
}

const MAX_FILE_BYTES = 1024 * 1024;

const kernelBuffer = Buffer.alloc(64 * 1024);

/**
 * Files under /proc are made by the kernel while they are read: they do not block, and reading them directly costs a tenth
 * of a trip through the thread pool, which matters for one file per process.
 */
function readKernelFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    let text = '';
    let size = 0;
    for (;;) {
      const read = readSync(file, kernelBuffer, 0, kernelBuffer.length, null);
      if (read === 0) return text;
      text += kernelBuffer.toString('utf8', 0, read);
      size += read;
      if (size > MAX_FILE_BYTES) return text;
    }
  } finally {
    closeSync(file);
  }
}

function kernelFile(path: string): Answer<string> {
  try {
    return answered(readKernelFile(path));
  } catch (error) {
    return unreadable(error);
  }
}

async function attempt<Value>(work: () => Promise<Value> | Value): Promise<Answer<Value>> {
  try {
    return answered(await work());
  } catch (error) {
    return unreadable(error);
  }
}

function cpuTimes(): OsFacts['cpu'] {
  let busyMs = 0;
  let totalMs = 0;
  for (const { times } of os.cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq;
    busyMs += busy;
    totalMs += busy + times.idle;
  }
  return totalMs === 0 ? null : { busyMs, totalMs };
}

/** LocalSystem's home is in the system folder; another account of Windows may have all rights or not, which is not told here. */
function runsWithAllRights(): boolean | null {
  if (process.getuid !== undefined) return process.getuid() === 0;
  return /\\config\\systemprofile$/i.test(os.homedir()) ? true : null;
}

/** The machine this process runs on. */
export function liveProbe(): Probe {
  return {
    command: runCommand,
    readFile: (path, part = 'start') =>
      path.startsWith('/proc/')
        ? Promise.resolve(kernelFile(path))
        : attempt(async () => {
            const bytes = await readFile(path);
            const from = part === 'end' ? Math.max(0, bytes.length - MAX_FILE_BYTES) : 0;
            return bytes.toString('utf8', from, Math.min(bytes.length, from + MAX_FILE_BYTES));
          }),
    file: lookAtFile,
    list: folder => attempt(() => (folder === '/proc' ? readdirSync(folder) : readdir(folder))),
    async exists(path) {
      const found = await attempt(() => stat(path));
      if (found.ok) return answered(true);
      return found.reason === 'not-present' ? answered(false) : found;
    },
    link: path => attempt(() => readlink(path)),
    statfs: mount =>
      attempt(async () => {
        const space = await statfs(mount);
        return { sizeBytes: space.blocks * space.bsize, freeBytes: space.bavail * space.bsize };
      }),
    facts: () => ({
      hostname: os.hostname(),
      arch: os.arch(),
      uptimeSeconds: os.uptime(),
      memoryTotalBytes: os.totalmem(),
      memoryFreeBytes: os.freemem(),
      cpu: cpuTimes(),
      root: runsWithAllRights(),
      home: os.homedir(),
    }),
  };
}
