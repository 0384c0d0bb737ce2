import { lines } from '../decode.ts';
import { wholeNumber } from './keys.ts';

/** Parsers of the kernel's text files; formats: proc(5), Documentation/admin-guide/iostats.rst, sysfs-class-power. */

export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

/** First line of /proc/stat, in clock ticks since start; waiting for a disk counts as idle. */
export function parseCpuTimes(stat: string): CpuTimes | null {
  const match = /^cpu\s+([\d ]+)$/m.exec(stat);
  const ticks = match?.[1]?.trim().split(/\s+/).map(Number) ?? [];
  if (ticks.length < 4) return null;
  // guest and guest_nice (9th, 10th) are already inside user and nice.
  const total = ticks.slice(0, 8).reduce((sum, value) => sum + value, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: total - idle, total };
}

/** `btime` of /proc/stat: seconds since 1970 at which the system started. */
export function parseBootTime(stat: string): number | null {
  return wholeNumber(/^btime (\d+)$/m.exec(stat)?.[1]);
}

/** /proc/meminfo in bytes; `availableBytes` needs kernel 3.14 and is null before. */
export function parseMemory(text: string): { totalBytes: number; availableBytes: number | null } | null {
  const kilobytes = (key: string): number | null =>
    wholeNumber(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]);
  const total = kilobytes('MemTotal');
  const available = kilobytes('MemAvailable');
  if (total === null || total === 0) return null;
  return { totalBytes: total * 1024, availableBytes: available === null ? null : available * 1024 };
}

export interface Counters {
  readonly first: number;
  readonly second: number;
}

/** Interfaces that only pass on what another one already counted. */
const PASSING_ON = /^(lo|veth|docker|br-|virbr|ifb|tap|tun|wg|dummy|bond|team|cni|flannel|cali|vnet)|[.@]/;

/** /proc/net/dev: bytes received and sent since start, by interface; loopback and virtual ones left out. */
export function parseNetDev(text: string): Map<string, Counters> {
  const found = new Map<string, Counters>();
  for (const line of lines(text)) {
    const match = /^\s*([^\s:]+):\s*(\d[\d ]*)$/.exec(line);
    if (match === null) continue;
    const [, name = '', numbers = ''] = match;
    const fields = numbers.trim().split(/\s+/);
    const first = wholeNumber(fields[0]);
    const second = wholeNumber(fields[8]);
    if (first !== null && second !== null && !PASSING_ON.test(name)) found.set(name, { first, second });
  }
  return found;
}

const WHOLE_DISK = /^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|hd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/;

/** /proc/diskstats: bytes read and written since start, by whole disk. A sector is 512 bytes there whatever the disk's own. */
export function parseDiskStats(text: string): Map<string, Counters> {
  const found = new Map<string, Counters>();
  for (const line of lines(text)) {
    const fields = line.trim().split(/\s+/);
    const name = fields[2] ?? '';
    const read = wholeNumber(fields[5]);
    const written = wholeNumber(fields[9]);
    if (WHOLE_DISK.test(name) && read !== null && written !== null) {
      found.set(name, { first: read * 512, second: written * 512 });
    }
  }
  return found;
}

export interface ProcessStat {
  readonly name: string;
  /** User and kernel time in clock ticks (1/100 s on every Linux a desktop runs on). */
  readonly ticks: number;
  /** Start time in ticks after boot: tells a reused process id from the process before. */
  readonly started: number;
  /** Resident pages. */
  readonly pages: number;
}

/** /proc/PID/stat; the name may itself contain blanks and parentheses, so fields count from its last one. */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  const user = Number(fields[11]);
  const system = Number(fields[12]);
  const started = Number(fields[19]);
  const pages = Number(fields[21]);
  if (![user, system, started, pages].every(value => Number.isFinite(value) && value >= 0)) return null;
  return { name: text.slice(open + 1, close), ticks: user + system, started, pages };
}

export interface Mount {
  readonly mount: string;
  readonly fs: string;
  readonly source: string;
  /** Folder of the file system that is mounted; `/` unless it is a bind mount or a subvolume. */
  readonly root: string;
  /** `major:minor` of the device. */
  readonly device: string;
}

/** /proc/self/mountinfo; blanks in paths are written as octal escapes. */
export function parseMounts(text: string): Mount[] {
  const plain = (escaped: string): string =>
    escaped.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  const mounts: Mount[] = [];
  for (const line of lines(text)) {
    const [left, right] = line.split(' - ');
    const [, , device, root, mount] = left?.split(' ') ?? [];
    const [fs, source] = right?.split(' ') ?? [];
    if (device === undefined || root === undefined || mount === undefined) continue;
    if (fs === undefined || source === undefined) continue;
    mounts.push({ mount: plain(mount), fs, source: plain(source), root: plain(root), device });
  }
  return mounts;
}
