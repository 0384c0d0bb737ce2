import type { Processes } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parsePs } from '../parse/macos.ts';
import { parseProcessStat } from '../parse/proc.ts';
import { numberIn, textIn } from '../parse/rows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

/** One running program at one moment. */
export interface Running {
  readonly pid: number;
  readonly name: string;
  /** CPU seconds used since it started; null = not told. */
  readonly cpuSeconds: number | null;
  /** Tells a reused process id from the process before. */
  readonly started: string;
  /** For ordering; bytes on Windows and macOS, pages on Linux. */
  readonly memory: number;
}

export interface Listed {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly running: readonly Running[];
}

const BUSIEST = 10;

/**
 * The busiest programs between two listings, most CPU first and then most memory; before there is a second listing, the
 * largest. Percentages are of one core.
 */
export function busiest(
  before: Listed | null,
  now: Listed,
): { process: Running; cpuPercent: number | null }[] {
  const seconds = before === null ? 0 : (now.at - before.at) / 1000;
  const earlier = new Map(before?.running.map(one => [`${one.pid} ${one.started}`, one]));
  const all = now.running.map(process => {
    const then = earlier.get(`${process.pid} ${process.started}`);
    const used =
      then === undefined || then.cpuSeconds === null || process.cpuSeconds === null
        ? null
        : process.cpuSeconds - then.cpuSeconds;
    const cpuPercent =
      seconds > 0 && used !== null && used >= 0 ? Math.round((1000 * used) / seconds) / 10 : null;
    return { process, cpuPercent };
  });
  all.sort((a, b) => (b.cpuPercent ?? 0) - (a.cpuPercent ?? 0) || b.process.memory - a.process.memory);
  return all.slice(0, BUSIEST);
}

async function linux({ probe, clock }: ScanContext): Promise<Answer<Listed>> {
  const names = await probe.list('/proc');
  if (!names.ok) return names;
  const running: Running[] = [];
  for (const name of names.value) {
    if (!/^\d+$/.test(name)) continue;
    const file = await probe.readFile(`/proc/${name}/stat`);
    const stat = file.ok ? parseProcessStat(file.value) : null;
    if (stat === null) continue;
    running.push({
      pid: Number(name),
      name: stat.name,
      cpuSeconds: stat.ticks / 100,
      started: String(stat.started),
      memory: stat.pages,
    });
  }
  return answered({ at: clock.monotonic(), running });
}

async function windows({ probe, round, clock, signal }: ScanContext): Promise<Answer<Listed>> {
  const rows = await windowsSection(probe, round, 'processes', signal);
  if (!rows.ok) return rows;
  const running = rows.value.flatMap(row => {
    const pid = numberIn(row, 'Id');
    const name = textIn(row, 'Name');
    if (pid === null || name === null) return [];
    const memory = numberIn(row, 'WorkingSet') ?? 0;
    return [
      { pid, name, cpuSeconds: numberIn(row, 'Seconds'), started: textIn(row, 'Started') ?? '', memory },
    ];
  });
  return running.length === 0
    ? unanswered('parse-error', 'no process')
    : answered({ at: clock.monotonic(), running });
}

async function macos({ probe, clock, signal }: ScanContext): Promise<Answer<Listed>> {
  const ran = await probe.command('ps', ['-axco', 'pid=,rss=,time=,lstart=,comm='], { signal });
  if (!ran.ok) return ran;
  const running = parsePs(ran.stdout);
  return running.length === 0
    ? unanswered('parse-error', 'ps')
    : answered({ at: clock.monotonic(), running });
}

const read = perPlatform({ windows, macos, linux });

async function memoryBytes(
  { probe, platform }: ScanContext,
  { pid, memory }: Running,
): Promise<number | null> {
  if (platform !== 'linux') return memory;
  if (memory === 0) return 0;
  // In kilobytes whatever the size of a page is on this machine.
  const status = await probe.readFile(`/proc/${pid}/status`);
  const kilobytes = status.ok ? /^VmRSS:\s+(\d+) kB$/m.exec(status.value)?.[1] : undefined;
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/**
 * The kernel keeps 15 characters of a program's name and lets it rename itself (Node calls itself `MainThread`); the name of
 * its file is better where it is the longer form of the same or the program hides behind such a word.
 */
async function fullName({ probe, platform }: ScanContext, { pid, name }: Running): Promise<string> {
  if (platform !== 'linux' || (name.length < 15 && name !== 'MainThread')) return name;
  const file = await probe.link(`/proc/${pid}/exe`);
  const base = file.ok
    ? (file.value
        .replace(/ \(deleted\)$/, '')
        .split('/')
        .pop() ?? '')
    : '';
  return base.startsWith(name) || (name === 'MainThread' && base !== '') ? base : name;
}

/** Remembers the listing before, so that nothing has to wait for a second one. */
export function processesScan() {
  let before: Listed | null = null;
  return defineScan({
    id: 'processes',
    timeoutMs: 60_000,
    async run(context) {
      const listed = await read(context);
      if (!listed.ok) return outcome(listed);
      const top = busiest(before, listed.value);
      before = listed.value;
      const value: Processes = { count: listed.value.running.length, busiest: [] };
      for (const { process, cpuPercent } of top) {
        value.busiest.push({
          pid: process.pid,
          name: (await fullName(context, process)).slice(0, 200),
          cpuPercent,
          memoryBytes: await memoryBytes(context, process),
        });
      }
      return { status: 'ok', value };
    },
    significant: () => null,
  });
}
