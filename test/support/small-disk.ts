import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { closeAtEnd, temporaryFolder } from './teardown.ts';

const MIB = 1024 * 1024;

/** Mounted ones; a program that is itself ended must not leave them behind. */
const mounted = new Set<string>();
process.once('exit', () => {
  for (const folder of mounted) spawnSync('umount', ['--lazy', folder], { stdio: 'ignore' });
});

/**
 * A file system of its own: ext4 in a sparse file over a loop device. It can be filled, and it can break down the way a
 * failing drive makes it: the kernel aborts its journal and turns it read-only under the programs that use it
 * (`errors=remount-ro`, https://docs.kernel.org/admin-guide/ext4.html). What they had not synced is gone then.
 */
export class SmallDisk {
  readonly folder: string;
  readonly #image: string;
  readonly #filler: string;

  private constructor(image: string, folder: string) {
    this.#image = image;
    this.folder = folder;
    this.#filler = join(folder, 'filler');
  }

  /** Why there can be none on this machine; null: there can. Asked by mounting one. */
  static async missing(): Promise<string | null> {
    if (process.platform !== 'linux') return 'needs Linux (loop devices, ext4)';
    if (process.getuid?.() !== 0) return 'needs root, to mount a small disk';
    const disk = SmallDisk.#made(8);
    const failure = disk.#format() ?? disk.#mount();
    if (failure !== null) return `a small disk cannot be mounted (${failure})`;
    const canBreak = existsSync(disk.#trigger());
    disk.#unmount();
    return canBreak ? null : 'this kernel has no /sys/fs/ext4/…/trigger_fs_error';
  }

  /** A new one of this many MiB. @throws where there can be none (`missing`). */
  static mount(mebibytes: number): SmallDisk {
    const disk = SmallDisk.#made(mebibytes);
    const failure = disk.#format() ?? disk.#mount();
    if (failure !== null) throw new Error(`a small disk cannot be mounted (${failure})`);
    return disk;
  }

  static #made(mebibytes: number): SmallDisk {
    const place = temporaryFolder('disk');
    const image = join(place, 'image');
    const folder = join(place, 'mounted');
    mkdirSync(folder);
    writeFileSync(image, '');
    truncateSync(image, mebibytes * MIB);
    const disk = new SmallDisk(image, folder);
    closeAtEnd(() => disk.#unmount());
    return disk;
  }

  /** Null, or why not. No reserve for root: it is full for everybody. */
  #format(): string | null {
    return run('mkfs.ext4', '-q', '-F', '-m', '0', this.#image);
  }

  /** Null, or why not. */
  #mount(): string | null {
    const failure = run('mount', '-o', 'loop,errors=remount-ro', this.#image, this.folder);
    if (failure === null) mounted.add(this.folder);
    return failure;
  }

  #unmount(): void {
    if (!mounted.has(this.folder)) return;
    const failure = run('umount', this.folder);
    if (failure !== null) throw new Error(`the small disk cannot be unmounted: ${failure}`);
    mounted.delete(this.folder);
  }

  #trigger(): string {
    const line = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find(mount => mount.split(' ')[1] === this.folder);
    const device = line?.split(' ')[0]?.split('/').at(-1) ?? 'none';
    return `/sys/fs/ext4/${device}/trigger_fs_error`;
  }

  /** Takes all the room there is, to the last byte. */
  fill(): void {
    const file = openSync(this.#filler, 'a');
    try {
      for (let size = MIB; size >= 1; size = Math.floor(size / 4)) {
        const piece = Buffer.alloc(size, 0x5a);
        while (isTaken(() => writeSync(file, piece)));
      }
    } finally {
      closeSync(file);
    }
  }

  /** Gives the room back. */
  empty(): void {
    rmSync(this.#filler);
  }

  /** Turns read-only under whoever uses it. */
  breakDown(): void {
    writeFileSync(this.#trigger(), 'a test\n');
  }

  /** Checked and mounted anew, as after a restart of the machine. Nobody may have a file open on it. */
  repair(): void {
    this.#unmount();
    // 1: errors were corrected (e2fsck(8)).
    run('e2fsck', '-p', this.#image);
    const failure = this.#mount();
    if (failure !== null) throw new Error(`the small disk cannot be mounted again: ${failure}`);
  }
}

/** Was there room for it? */
function isTaken(write: () => number): boolean {
  try {
    return write() > 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
}

/** Null when it ended with 0; else what it said. */
function run(program: string, ...args: string[]): string | null {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) return error.message;
  return status === 0 ? null : `${program}: ${stderr.trim().split('\n')[0] ?? `status ${status}`}`;
}
