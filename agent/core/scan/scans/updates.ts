import { MINUTE } from '../../../../shared/base/durations.ts';
import type {
  UpdateAuto,
  UpdateLastCheck,
  UpdateLastInstalled,
  UpdateMissing,
} from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, outcome, type Unanswered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { readSoftwareUpdatePreferences } from '../facts/updates.ts';
import { systemPackages } from '../linux/packages.ts';
import { plistFile } from '../macos/bundles.ts';
import { momentOf } from '../parse/moments.ts';
import { registryNumber } from '../parse/reg.ts';
import { numberIn, textIn } from '../parse/rows.ts';
import { factsOf } from '../parse/told.ts';
import { parseUnits } from '../parse/units.ts';
import {
  aptMissing,
  dnfLastUpgrade,
  dnfMissing,
  dpkgLastUpgrade,
  macAuto,
  macLastInstalled,
  macMissing,
  parseAptPeriodic,
  securityMissing,
  windowsAuto,
  windowsLastInstalled,
  windowsMissing,
} from '../parse/updates.ts';
import type { Probe } from '../probe.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { registryKey } from '../windows/registry.ts';
import { windowsSection } from '../windows/round.ts';

const MAC_PREFERENCES = '/Library/Preferences/com.apple.SoftwareUpdate.plist';
const APT_LISTS = '/var/lib/apt/lists';

// --- update.lastCheck -------------------------------------------------------------------------------------------------

/** What the system has not written down yet has not happened: no answer, and nothing that is absent from the device. */
function notYet(from: Unanswered, why: string): Unanswered {
  return from.reason === 'not-present' ? unanswered('no-output', why) : from;
}

async function macChecked({ probe, signal }: ScanContext): Promise<Answer<UpdateLastCheck>> {
  const file = await plistFile(probe, MAC_PREFERENCES, signal);
  if (!file.ok) return notYet(file, 'no search has ended yet');
  const told = factsOf(
    readSoftwareUpdatePreferences,
    'softwareupdate-preferences',
    file.value,
    'softwareUpdate',
  );
  if (!told.ok) return told;
  const checkedAt = momentOf(textIn(told.value, 'lastSuccessful'));
  return checkedAt === null
    ? unanswered('no-output', 'no search has ended yet')
    : answered({ checkedAt, atLeast: false });
}

/**
 * When lists of packages last came. apt's own mark says it; where apt keeps none, the folder of lists changed when the newest list
 * arrived, and a check that found nothing new may have been later.
 */
async function linuxChecked({ probe }: ScanContext): Promise<Answer<UpdateLastCheck>> {
  for (const [path, atLeast] of [
    ['/var/lib/apt/periodic/update-success-stamp', false],
    [APT_LISTS, true],
    ['/var/cache/dnf/last_makecache', false],
    ['/var/cache/libdnf5', true],
  ] as const) {
    const seen = await probe.file(path);
    if (seen.ok) return answered({ checkedAt: seen.value.modifiedAt, atLeast });
    if (seen.reason !== 'not-present') return seen;
  }
  return unanswered('not-supported', 'neither apt nor dnf');
}

async function windowsChecked({ probe, round, signal }: ScanContext): Promise<Answer<UpdateLastCheck>> {
  const rows = await windowsSection(probe, round, 'updateAgent', signal);
  if (!rows.ok) return rows;
  const [row] = rows.value;
  const checkedAt = row === undefined ? null : momentOf(textIn(row, 'Searched'));
  return checkedAt === null
    ? unanswered('no-output', 'no search has ended yet')
    : answered({ checkedAt, atLeast: false });
}

export function updateLastCheckScan() {
  return defineScan({
    id: 'update.lastCheck',
    timeoutMs: 60_000,
    run: async context =>
      outcome(
        await perPlatform({ windows: windowsChecked, macos: macChecked, linux: linuxChecked })(context),
      ),
  });
}

// --- update.missing -----------------------------------------------------------------------------------------------------

/** "May take over 5 minutes" (osquery's windows_updates and Kolide's measurements of the same search). */
const SEARCH_MS = 10 * MINUTE;

async function windowsSearch({ probe, signal }: ScanContext): Promise<Answer<UpdateMissing>> {
  const rows = await windowsSection(probe, ['own.updates'], 'updates', signal, SEARCH_MS);
  return rows.ok ? windowsMissing(rows.value) : rows;
}

async function macSearch(context: ScanContext): Promise<Answer<UpdateMissing>> {
  const { probe, signal } = context;
  // As `reboot.pending` asks, so that a round asks once; --no-scan tells what the system's own last search found.
  const ran = await probe.command('softwareupdate', ['--list', '--no-scan'], { timeoutMs: 30_000, signal });
  if (!ran.ok) return ran;
  const checked = await macChecked(context);
  // Which of its lines go to stderr differs by version.
  const output = Buffer.concat([ran.stdout, Buffer.from('\n'), ran.stderr]);
  return macMissing(output, checked.ok ? checked.value.checkedAt : null);
}

/** Lists of the archives that hold security updates, compressed or not; apt's own helper reads either. */
const SECURITY_LIST = /security.*_Packages(\.(lz4|gz|xz|zst|bz2))?$/;
const MAX_LIST_BYTES = 64 * 1024 * 1024;

async function aptSecurity(context: ScanContext, listedAt: number | null): Promise<Answer<UpdateMissing>> {
  const { probe, signal } = context;
  const names = await probe.list(APT_LISTS);
  if (!names.ok) return names;
  const lists = names.value.filter(name => SECURITY_LIST.test(name)).map(name => `${APT_LISTS}/${name}`);
  if (lists.length === 0) return unanswered('no-output', 'apt has no list of security updates');
  const ran = await probe.command('apt-helper', ['cat-file', ...lists.sort()], {
    maxBytes: MAX_LIST_BYTES,
    signal,
  });
  if (!ran.ok) return ran;
  if (ran.code !== 0) return unanswered('command-failed', `apt-helper ended with ${ran.code}`);
  const installed = await systemPackages(probe, signal);
  if (!installed.ok) return installed;
  const missing = securityMissing(decode(ran.stdout), installed.value);
  if (missing === null) return unanswered('parse-error', 'the list of security updates');
  return answered({
    total: null,
    security: missing.length,
    critical: null,
    restart: null,
    listedAt,
    updates: missing.slice(0, 40).map(title => ({ title: title.slice(0, 200), security: true })),
  });
}

/**
 * Where apt keeps its cache `apt list` takes a third of a second; without one (container images switch it off) it builds it anew each
 * time, 1.3 s of processor time measured. There only the security archives are compared.
 */
async function linuxSearch(context: ScanContext): Promise<Answer<UpdateMissing>> {
  const { probe, signal } = context;
  const checked = await linuxChecked(context);
  const listedAt = checked.ok ? checked.value.checkedAt : null;
  const lists = await probe.exists(APT_LISTS);
  if (lists.ok && lists.value) {
    const cache = await probe.exists('/var/cache/apt/pkgcache.bin');
    if (!cache.ok || !cache.value) return await aptSecurity(context, listedAt);
    const ran = await probe.command('apt', ['list', '--upgradable'], { timeoutMs: MINUTE, signal });
    if (!ran.ok) return ran;
    if (ran.code !== 0) return unanswered('command-failed', `apt ended with ${ran.code}`);
    return aptMissing(ran.stdout, listedAt);
  }
  // From its cache: a check is no reason to go to the network.
  const ran = await probe.command('dnf', ['check-update', '-C'], { timeoutMs: MINUTE, signal });
  if (ran.ok) {
    const output = Buffer.concat([ran.stdout, Buffer.from('\n'), ran.stderr]);
    return dnfMissing(output, ran.code, listedAt);
  }
  return ran.reason === 'not-installed' ? unanswered('not-supported', 'neither apt nor dnf') : ran;
}

export function updateMissingScan() {
  return defineScan({
    id: 'update.missing',
    timeoutMs: SEARCH_MS + MINUTE,
    run: async context =>
      outcome(await perPlatform({ windows: windowsSearch, macos: macSearch, linux: linuxSearch })(context)),
    significant: ({ listedAt, ...value }) => value,
  });
}

// --- update.lastInstalled -------------------------------------------------------------------------------------------------

async function windowsInstalled({ probe, round, signal }: ScanContext): Promise<Answer<UpdateLastInstalled>> {
  const rows = await windowsSection(probe, round, 'updateHistory', signal);
  return rows.ok ? windowsLastInstalled(rows.value) : rows;
}

async function macInstalled({ probe, signal }: ScanContext): Promise<Answer<UpdateLastInstalled>> {
  const file = await plistFile(probe, '/Library/Receipts/InstallHistory.plist', signal);
  return file.ok ? macLastInstalled(file.value) : notYet(file, 'no history of installations');
}

async function newestIn(
  probe: Probe,
  paths: readonly string[],
  read: (text: string) => UpdateLastInstalled | null,
): Promise<Answer<UpdateLastInstalled> | null> {
  let there = false;
  for (const path of paths) {
    const log = await probe.readFile(path, 'end');
    if (!log.ok) {
      if (log.reason === 'not-present') continue;
      return log;
    }
    there = true;
    const best = read(log.value);
    if (best !== null) return answered(best);
  }
  return there ? unanswered('no-output', 'no upgrade in the logs') : null;
}

/** Logs are rotated monthly, so early in a month the one before is asked. */
async function linuxInstalled({ probe }: ScanContext): Promise<Answer<UpdateLastInstalled>> {
  return (
    (await newestIn(probe, ['/var/log/dpkg.log', '/var/log/dpkg.log.1'], dpkgLastUpgrade)) ??
    (await newestIn(probe, ['/var/log/dnf.rpm.log'], dnfLastUpgrade)) ??
    unanswered('not-supported', 'neither dpkg nor dnf keeps a log')
  );
}

export function updateLastInstalledScan() {
  return defineScan({
    id: 'update.lastInstalled',
    timeoutMs: 60_000,
    run: async context =>
      outcome(
        await perPlatform({ windows: windowsInstalled, macos: macInstalled, linux: linuxInstalled })(context),
      ),
  });
}

// --- update.auto ------------------------------------------------------------------------------------------------------------

async function windowsAutomatic({ probe, round, signal }: ScanContext): Promise<Answer<UpdateAuto>> {
  const [policy, mdm, service, agent] = await Promise.all([
    registryKey(probe, 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU', signal),
    registryKey(probe, 'HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\Update', signal),
    registryKey(probe, 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\wuauserv', signal),
    windowsSection(probe, round, 'updateAgent', signal),
  ]);
  // A policy that could not be looked for is not the same as none.
  for (const key of [policy, mdm]) if (!key.ok && key.reason !== 'not-present') return key;
  const [row] = agent.ok ? agent.value : [];
  return windowsAuto({
    noAutoUpdate: policy.ok ? registryNumber(policy.value, 'NoAutoUpdate') : null,
    auOptions: policy.ok ? registryNumber(policy.value, 'AUOptions') : null,
    allowAutoUpdate: mdm.ok ? registryNumber(mdm.value, 'AllowAutoUpdate') : null,
    serviceStart: service.ok ? registryNumber(service.value, 'Start') : null,
    level: row === undefined ? null : numberIn(row, 'Level'),
  });
}

async function macAutomatic({ probe, signal }: ScanContext): Promise<Answer<UpdateAuto>> {
  const managed = await plistFile(
    probe,
    '/Library/Managed Preferences/com.apple.SoftwareUpdate.plist',
    signal,
  );
  if (!managed.ok && managed.reason !== 'not-present') return managed;
  const own = await plistFile(probe, MAC_PREFERENCES, signal);
  return macAuto(managed.ok ? managed.value : null, own.ok ? own.value : null);
}

/** What apt is told to do in the background counts only where the timers that do it run. */
async function aptAutomatic({ probe, signal }: ScanContext): Promise<Answer<UpdateAuto> | null> {
  const asked = [
    'shell',
    'LISTS',
    'APT::Periodic::Update-Package-Lists',
    'UPGRADE',
    'APT::Periodic::Unattended-Upgrade',
  ];
  const ran = await probe.command('apt-config', asked, { signal });
  if (!ran.ok) return ran.reason === 'not-installed' ? null : ran;
  if (ran.code !== 0) return unanswered('command-failed', `apt-config ended with ${ran.code}`);
  const periodic = parseAptPeriodic(decode(ran.stdout));
  if (periodic === null) return unanswered('parse-error', 'apt-config');
  if (!periodic.lists) return answered({ enabled: false, installs: false, enforced: null });
  const args = ['show', '--no-pager', '-p', 'LoadState,ActiveState,UnitFileState', '--', 'apt-daily.timer'];
  const timer = await probe.command('systemctl', args, { signal });
  const state = timer.ok && timer.code === 0 ? parseUnits(decode(timer.stdout), 1)?.[0] : undefined;
  if (state?.running === undefined || state.running === null) {
    return unanswered('not-supported', 'whether the timer runs is not told');
  }
  return answered({ enabled: state.running, installs: state.running && periodic.upgrade, enforced: null });
}

async function dnfAutomatic({ probe, signal }: ScanContext): Promise<Answer<UpdateAuto>> {
  const timers = ['dnf-automatic.timer', 'dnf-automatic-install.timer', 'dnf5-automatic.timer'];
  const args = ['show', '--no-pager', '-p', 'LoadState,ActiveState,UnitFileState', '--', ...timers];
  const ran = await probe.command('systemctl', args, { signal });
  if (!ran.ok) return ran;
  const states = ran.code === 0 ? parseUnits(decode(ran.stdout), timers.length) : null;
  if (states === null) return unanswered('not-supported', 'neither apt nor a timer of dnf');
  const enabled = states.some(one => one.running === true);
  const settings = await probe.readFile('/etc/dnf/automatic.conf');
  const applies = settings.ok
    ? /^\s*apply_updates\s*=\s*(yes|true|1|no|false|0)\s*$/im.exec(settings.value)?.[1]
    : undefined;
  const installs = applies === undefined ? null : /^(yes|true|1)$/i.test(applies);
  return answered({
    enabled,
    installs: enabled ? states[1]?.running === true || installs : false,
    enforced: null,
  });
}

async function linuxAutomatic(context: ScanContext): Promise<Answer<UpdateAuto>> {
  return (await aptAutomatic(context)) ?? (await dnfAutomatic(context));
}

export function updateAutoScan() {
  return defineScan({
    id: 'update.auto',
    timeoutMs: 60_000,
    run: async context =>
      outcome(
        await perPlatform({ windows: windowsAutomatic, macos: macAutomatic, linux: linuxAutomatic })(context),
      ),
  });
}
