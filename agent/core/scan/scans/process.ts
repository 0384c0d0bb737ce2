import type { ProcessScan } from '../../../../shared/device/facts-software.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import { type ProcessSubject, pathStyle, type Subjects } from '../../../../shared/device/subjects.ts';
import { type Answer, answered, cannotAsk, outcome, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';
import { parseProcessStat } from '../parse/proc.ts';
import { textIn } from '../parse/rows.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

type Row = ProcessScan['processes'][number];

/**
 * One running program. `path` null: it has one that may not be seen. `cut`: the name may be longer than the system keeps. Paths are
 * compared with what was asked for and go no further.
 */
interface Running {
  readonly name: string;
  readonly path: string | null;
  readonly cut: boolean;
}

function asked(subjects: Subjects, platform: Platform): ProcessSubject[] {
  return subjects.processes.filter(
    one =>
      (one.platform === undefined || one.platform === platform) &&
      (one.path === undefined || (pathStyle(one.path) === 'windows') === (platform === 'windows')),
  );
}

/** Yes, no, or null: it could be. */
function isAsked(running: Running, subject: ProcessSubject, platform: Platform): boolean | null {
  const fold = (text: string): string => (platform === 'windows' ? text.toLowerCase() : text);
  const bare = (name: string): string => (platform === 'windows' ? fold(name).replace(/\.exe$/, '') : name);
  const file = running.path?.split(/[\\/]/).pop() ?? null;
  const names = [running.name, ...(file === null ? [] : [file])].map(bare);
  const named = names.includes(bare(subject.name))
    ? true
    : running.cut && file === null && subject.name.startsWith(running.name)
      ? null
      : false;
  if (named === false || subject.path === undefined) return named;
  if (running.path === null) return null;
  return fold(running.path) === fold(subject.path) ? named : false;
}

/** Each subject among the running programs: sure ones are counted; only where there is none do unclear ones leave it open. */
export function findProcesses(
  subjects: readonly ProcessSubject[],
  running: readonly Running[],
  platform: Platform,
): Row[] {
  return subjects.map(subject => {
    const verdicts = running.map(one => isAsked(one, subject, platform));
    const count = verdicts.filter(one => one === true).length;
    if (count > 0) return { id: subject.id, running: true, count, reason: null };
    return verdicts.includes(null)
      ? { id: subject.id, running: null, count: null, reason: 'whose file it is may not be seen' }
      : { id: subject.id, running: false, count: 0, reason: null };
  });
}

async function linux({ probe }: ScanContext): Promise<Answer<readonly Running[]>> {
  const names = await probe.list('/proc');
  if (!names.ok) return cannotAsk(names, 'no /proc');
  const running: Running[] = [];
  for (const pid of names.value) {
    if (!/^\d+$/.test(pid)) continue;
    const stat = await probe.readFile(`/proc/${pid}/stat`);
    const parsed = stat.ok ? parseProcessStat(stat.value) : null;
    // Ended between listing and reading.
    if (parsed === null) continue;
    const exe = await probe.link(`/proc/${pid}/exe`);
    const path = exe.ok ? exe.value.replace(/ \(deleted\)$/, '') : null;
    running.push({ name: parsed.name, path, cut: parsed.name.length >= 15 });
  }
  return running.length === 0 ? unanswered('parse-error', 'no process') : answered(running);
}

/** `comm` without `-c` is the whole path on macOS; the name is its last part. */
async function macos({ probe, signal }: ScanContext): Promise<Answer<readonly Running[]>> {
  const ran = await probe.command('ps', ['-axo', 'comm='], { signal });
  if (!ran.ok) return ran;
  const running = lines(decode(ran.stdout)).flatMap(line =>
    line === ''
      ? []
      : [{ name: line.split('/').pop() ?? line, path: line.startsWith('/') ? line : null, cut: false }],
  );
  return running.length === 0 || ran.code !== 0 ? unanswered('parse-error', 'ps') : answered(running);
}

async function windows({ probe, round, subjects, signal }: ScanContext): Promise<Answer<readonly Running[]>> {
  const withPaths = asked(subjects, 'windows').some(one => one.path !== undefined);
  const rows = withPaths
    ? await windowsSection(probe, ['own.processPaths'], 'processPaths', signal)
    : await windowsSection(probe, round, 'processes', signal);
  if (!rows.ok) return rows;
  const running = rows.value.flatMap(row => {
    const name = textIn(row, 'Name');
    return name === null ? [] : [{ name, path: textIn(row, 'ExecutablePath', 1000), cut: false }];
  });
  return running.length === 0 ? unanswered('parse-error', 'no process') : answered(running);
}

async function read(context: ScanContext): Promise<Answer<ProcessScan>> {
  const { platform, subjects } = context;
  const running = await { windows, macos, linux }[platform](context);
  return running.ok
    ? answered({ processes: findProcesses(asked(subjects, platform), running.value, platform) })
    : running;
}

export function processScan() {
  return defineScan({
    id: 'process',
    timeoutMs: 60_000,
    looksFor: asked,
    run: async context => outcome(await read(context)),
    // How many windows of a browser are open is no news; whether it runs is.
    significant: ({ processes }) => processes.map(one => [one.id, one.running]),
  });
}
