import { DAY } from '../../../../shared/base/durations.ts';
import type { Crashes } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, type Unanswered, unanswered } from '../answer.ts';
import {
  countPrograms,
  countPstore,
  parseCoredumps,
  parseReportName,
  type Report,
} from '../parse/crashes.ts';
import { windowsCrashes } from '../parse/security-windows.ts';
import type { Probe } from '../probe.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

/** The script's window, too. */
const DAYS = 30;

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<Crashes>> {
  const rows = await windowsSection(probe, round, 'crashes', signal);
  return rows.ok ? windowsCrashes(rows.value, DAYS) : rows;
}

/** Panics since `since`, or null when none could have left a trace or the traces may not be seen. */
async function panics(probe: Probe, since: number): Promise<number | null> {
  // `(null)`: the kernel has no place that outlives a crash.
  const backend = await probe.readFile('/sys/module/pstore/parameters/backend');
  if (!backend.ok || /^\(null\)/.test(backend.value.trim())) return null;
  const [fresh, kept] = await Promise.all([
    probe.list('/sys/fs/pstore'),
    // systemd-pstore moves them here at the next start.
    probe.list('/var/lib/systemd/pstore'),
  ]);
  if (!fresh.ok || (!kept.ok && kept.reason !== 'not-present')) return null;
  return countPstore([...fresh.value, ...(kept.ok ? kept.value : [])], since);
}

/** The journal of a crash's own moment rarely reaches the disk: what the kernel keeps in the firmware is asked instead. */
async function linux({ probe, clock, signal }: ScanContext): Promise<Answer<Crashes>> {
  const since = clock.now() - DAYS * DAY;
  const args = ['list', '--json=short', '--no-pager', `--since=-${DAYS}days`];
  const ran = await probe.command('coredumpctl', args, { timeoutMs: 20_000, signal });
  const dumps = ran.ok ? parseCoredumps(ran.stdout, ran.stderr, since) : ran;
  const systemCrashes = await panics(probe, since);
  // To everybody but root the journal shows their own crashes only, which are a part.
  const all = dumps.ok && probe.facts().root === true ? dumps.value : null;
  if (all === null && systemCrashes === null)
    return dumps.ok ? unanswered('not-permitted', 'only root sees everybody’s crashes') : dumps;
  return answered({
    days: DAYS,
    systemCrashes,
    unexpectedShutdowns: null,
    appCrashes: all === null ? null : all.length,
    appHangs: null,
    programs: countPrograms(all ?? []),
  });
}

const REPORTS = 'Library/Logs/DiagnosticReports';

function reportsOf(names: readonly string[], since: number): Report[] {
  return names.flatMap(name => {
    const report = parseReportName(name);
    return report === null || report.at < since ? [] : [report];
  });
}

/**
 * The machine's folder of reports and those of every person with a home here. A folder that may not be seen makes the count unknown: what the
 * others hold is a part.
 */
async function macos({ probe, clock }: ScanContext): Promise<Answer<Crashes>> {
  const since = clock.now() - DAYS * DAY;
  const machine = await probe.list(`/${REPORTS}`);
  const homes = await probe.list('/Users');
  const reports = machine.ok ? reportsOf(machine.value, since) : [];
  let hidden: Unanswered | null = homes.ok ? null : homes;
  for (const name of homes.ok ? homes.value : []) {
    if (name.startsWith('.') || name === 'Shared') continue;
    const own = await probe.list(`/Users/${name}/${REPORTS}`);
    if (own.ok) reports.push(...reportsOf(own.value, since));
    else if (own.reason !== 'not-present') hidden ??= own;
  }
  if (!machine.ok) return unanswered(machine.reason, 'the machine’s crash reports');
  const count = (kind: Report['kind']): number => reports.filter(one => one.kind === kind).length;
  const programs = reports.filter(one => one.kind !== 'panic').map(one => ({ name: one.program, count: 1 }));
  return answered({
    days: DAYS,
    systemCrashes: count('panic'),
    unexpectedShutdowns: null,
    appCrashes: hidden === null ? count('crash') : null,
    appHangs: hidden === null ? count('hang') : null,
    programs: hidden === null ? countPrograms(programs) : [],
  });
}

const read = perPlatform({ windows, macos, linux });

export function crashCountScan() {
  return defineScan({
    id: 'crash.count',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
