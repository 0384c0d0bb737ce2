import type {
  UpdateAuto,
  UpdateLastInstalled,
  UpdateMissing,
} from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode, lines } from '../decode.ts';
import { readAptList, readDnfCheckUpdate, readSoftwareUpdateList } from '../facts/updates.ts';
import { shortText } from './keys.ts';
import { momentOf } from './moments.ts';
import { isDict, parsePlist } from './plist.ts';
import { flagIn, numberIn, type Row, textIn } from './rows.ts';
import type { Program } from './software.ts';
import { factsOf } from './told.ts';

type Update = UpdateMissing['updates'][number];

const MAX_TOLD = 40;

/** Classes of the Windows Update Agent by their identifiers, the same in every language (Microsoft's WSUS classification GUIDs). */
const SECURITY_UPDATES = '0fa1201d-4330-4fa8-8ae9-b877473b6441';
const CRITICAL_UPDATES = 'e6cf1350-c01b-414d-a61f-263d14d133b4';
const DEFINITION_UPDATES = 'e0789628-ce08-4437-be74-2495b842f43b';

function strings(value: unknown): string[] | null {
  const list: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? [value] : [];
  const texts = list.filter(one => typeof one === 'string').map(one => one.toLowerCase());
  return value === undefined || value === null || texts.length !== list.length ? null : texts;
}

/**
 * Rows of the update search: first {Result, Count}, then one a missing update. Anything but a search that succeeded (2,
 * orcSucceeded), or rows that are not as many as it says, is no answer. Virus definitions, missing for some hours of every day,
 * are the antivirus check's business and not counted.
 */
export function windowsMissing(rows: readonly Row[]): Answer<UpdateMissing> {
  const [head, ...list] = rows;
  if (head === undefined) return unanswered('no-output', 'no search result');
  const result = numberIn(head, 'Result');
  const count = numberIn(head, 'Count');
  if (result === null || count === null) return unanswered('parse-error', 'no search result');
  if (result !== 2) return unanswered('command-failed', `the update search ended with ${result}`);
  if (list.length !== count) return unanswered('parse-error', `${list.length} updates of ${count}`);
  let security = 0;
  let critical = 0;
  let classless = false;
  const reboots: (number | null)[] = [];
  const updates: Update[] = [];
  for (const row of list) {
    const classes = strings(row.Categories);
    if (classes?.includes(DEFINITION_UPDATES) === true) continue;
    const isSecurity = classes?.includes(SECURITY_UPDATES) ?? null;
    classless ||= classes === null;
    if (isSecurity === true) security += 1;
    if (classes?.includes(CRITICAL_UPDATES) === true || textIn(row, 'Severity') === 'Critical') critical += 1;
    reboots.push(numberIn(row, 'Reboot'));
    updates.push({ title: textIn(row, 'Title') ?? '', security: isSecurity });
  }
  return answered({
    total: updates.length,
    security: classless ? null : security,
    critical: classless ? null : critical,
    // 1: always, 2: perhaps (InstallationRebootBehavior).
    restart: reboots.includes(1) ? true : reboots.every(one => one === 0) ? false : null,
    listedAt: null,
    updates: updates.slice(0, MAX_TOLD),
  });
}

function listed(facts: Row): Row[] {
  return Array.isArray(facts.updates) ? facts.updates.filter(isDict) : [];
}

function titled(update: Row): Update {
  return {
    title: textIn(update, 'title') ?? textIn(update, 'label') ?? '',
    security: flagIn(update, 'security'),
  };
}

/**
 * `softwareupdate --list --no-scan`: what the last search found. `searchedAt` is when that was; "nothing" from a system that has never
 * searched is no answer. Apple does not tell which updates mend security.
 */
export function macMissing(output: Uint8Array, searchedAt: number | null): Answer<UpdateMissing> {
  const told = factsOf(readSoftwareUpdateList, 'softwareupdate-list', output, 'softwareUpdate');
  if (!told.ok) return told;
  const total = numberIn(told.value, 'count');
  if (told.value.status !== 'ok' || total === null)
    return unanswered('command-failed', 'softwareupdate reports an error');
  if (total === 0 && searchedAt === null) return unanswered('no-output', 'no search has ended yet');
  return answered({
    total,
    security: null,
    critical: null,
    restart: flagIn(told.value, 'restartRequired'),
    listedAt: searchedAt,
    updates: listed(told.value).slice(0, MAX_TOLD).map(titled),
  });
}

/** `apt list --upgradable`. */
export function aptMissing(output: Uint8Array, listedAt: number | null): Answer<UpdateMissing> {
  const told = factsOf(readAptList, 'apt-list', output, 'softwareUpdate');
  if (!told.ok) return told;
  const total = numberIn(told.value, 'count');
  if (total === null) return unanswered('parse-error', 'apt');
  const updates = listed(told.value).map(titled);
  return answered({
    total,
    security: numberIn(told.value, 'securityCount'),
    critical: null,
    restart: null,
    listedAt,
    // Security first: what is left out of a long list matters least.
    updates: updates.sort((a, b) => Number(b.security) - Number(a.security)).slice(0, MAX_TOLD),
  });
}

/**
 * `dnf check-update`, whose exit code 100 means "there are some" and 0 "there are none" (dnf(8)). "None" counts only from a dnf that
 * says that it looked into a repository, which it does on either stream: without any enabled it ends with 0 too.
 */
export function dnfMissing(output: Uint8Array, code: number, listedAt: number | null): Answer<UpdateMissing> {
  if (code !== 0 && code !== 100) return unanswered('command-failed', `dnf ended with ${code}`);
  const empty: UpdateMissing = {
    total: 0,
    security: null,
    critical: null,
    restart: null,
    listedAt,
    updates: [],
  };
  const told = factsOf(readDnfCheckUpdate, 'dnf-check-update', output, 'softwareUpdate');
  const total = told.ok ? numberIn(told.value, 'count') : 0;
  if (total === null || (total === 0) !== (code === 0)) return unanswered('parse-error', 'dnf');
  if (told.ok && total > 0) {
    return answered({ ...empty, total, updates: listed(told.value).slice(0, MAX_TOLD).map(titled) });
  }
  return /^(Last metadata expiration check:|Repositories loaded\.)/m.test(decode(output))
    ? answered(empty)
    : unanswered('no-output', 'dnf looked into no repository');
}

// --- Debian versions ----------------------------------------------------------------------------------------------------

/** Order of characters in a version: `~` before the end, the end before letters, letters before the rest. */
function weight(letter: string | undefined): number {
  if (letter === undefined || /\d/.test(letter)) return 0;
  if (letter === '~') return -1;
  return /[A-Za-z]/.test(letter) ? letter.charCodeAt(0) : letter.charCodeAt(0) + 256;
}

function comparePart(one: string, other: string): number {
  let a = 0;
  let b = 0;
  while (a < one.length || b < other.length) {
    while ((a < one.length && !/\d/.test(one[a] ?? '')) || (b < other.length && !/\d/.test(other[b] ?? ''))) {
      const difference = weight(one[a]) - weight(other[b]);
      if (difference !== 0) return Math.sign(difference);
      a += 1;
      b += 1;
    }
    const first = /^\d*/.exec(one.slice(a))?.[0] ?? '';
    const second = /^\d*/.exec(other.slice(b))?.[0] ?? '';
    const x = first.replace(/^0+/, '');
    const y = second.replace(/^0+/, '');
    if (x.length !== y.length) return x.length < y.length ? -1 : 1;
    if (x !== y) return x < y ? -1 : 1;
    a += first.length;
    b += second.length;
  }
  return 0;
}

/** Order of two Debian versions (deb-version(7)): epoch, upstream's version, Debian's revision. */
export function compareDebianVersions(one: string, other: string): number {
  const parts = (version: string): [number, string, string] => {
    const epoch = /^(\d{1,9}):/.exec(version)?.[1];
    const rest = epoch === undefined ? version : version.slice(epoch.length + 1);
    const dash = rest.lastIndexOf('-');
    return [Number(epoch ?? 0), dash < 0 ? rest : rest.slice(0, dash), dash < 0 ? '' : rest.slice(dash + 1)];
  };
  const [epochA, upstreamA, revisionA] = parts(one);
  const [epochB, upstreamB, revisionB] = parts(other);
  return Math.sign(epochA - epochB) || comparePart(upstreamA, upstreamB) || comparePart(revisionA, revisionB);
}

/**
 * Installed packages for which a security archive has a newer version, from the archive's `Packages` lists (deb822 stanzas). Null when the
 * text is none of them.
 */
export function securityMissing(packages: string, installed: readonly Program[]): string[] | null {
  if (!/^Package: /m.test(packages)) return null;
  const versions = new Map<string, string>();
  for (const one of installed) if (one.version !== null) versions.set(one.name, one.version);
  const missing = new Set<string>();
  for (const [, name = '', stanza = ''] of packages.matchAll(/^Package: (\S+)\n((?:.+\n)*)/gm)) {
    const has = versions.get(name);
    if (has === undefined || missing.has(name)) continue;
    const offered = /^Version: (\S+)$/m.exec(stanza)?.[1];
    if (offered !== undefined && compareDebianVersions(offered, has) > 0) missing.add(name);
  }
  return [...missing].sort();
}

// --- When an update was last installed ------------------------------------------------------------------------------------

/** Defender's definitions and platform, Security Essentials and the removal tool come all the time and are no patch. */
const NOT_A_PATCH = /KB(2267602|4052623|915597|2310138|890830|5007651)\b/i;

/** Rows {Date, Result, Title} of the update history; 2 and 3 are successes (OperationResultCode). */
export function windowsLastInstalled(rows: readonly Row[]): Answer<UpdateLastInstalled> {
  let best: UpdateLastInstalled | null = null;
  for (const row of rows) {
    const result = numberIn(row, 'Result');
    const title = textIn(row, 'Title');
    const installedAt = momentOf(textIn(row, 'Date'));
    if ((result !== 2 && result !== 3) || installedAt === null || NOT_A_PATCH.test(title ?? '')) continue;
    if (best === null || installedAt > best.installedAt) best = { installedAt, title };
  }
  return best === null ? unanswered('no-output', 'no update in the history') : answered(best);
}

/** Titles of what mends the system; its updater also brings lists, voices and configuration data, several a week. */
const MAC_UPDATE = /^(macOS|OS X|Mac OS X|Security Update|Safari|Rapid Security|Background Security)\b/i;

/** InstallHistory.plist: the updates among the entries of the system's own updater. */
export function macLastInstalled(output: Uint8Array): Answer<UpdateLastInstalled> {
  const list = parsePlist(decode(output));
  if (!Array.isArray(list)) return unanswered('parse-error', 'InstallHistory.plist');
  let best: UpdateLastInstalled | null = null;
  for (const one of list.filter(isDict)) {
    const process = textIn(one, 'processName') ?? '';
    const title = textIn(one, 'displayName');
    const installedAt = momentOf(textIn(one, 'date'));
    if (!/^(softwareupdated|softwareupdate|macOS Installer|OS X Installer)$/i.test(process)) continue;
    if (installedAt === null || !MAC_UPDATE.test(title ?? '')) continue;
    if (best === null || installedAt > best.installedAt) best = { installedAt, title };
  }
  return best === null ? unanswered('no-output', 'no update in the history') : answered(best);
}

/** The newest upgrade of /var/log/dpkg.log (`2026-11-20 10:00:01 upgrade openssl:amd64 3.0.1 3.0.2`, local time); null: none in it. */
export function dpkgLastUpgrade(text: string): UpdateLastInstalled | null {
  let best: UpdateLastInstalled | null = null;
  for (const line of lines(text)) {
    const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) upgrade ([a-z\d][a-z\d+.-]*)/.exec(line);
    if (match === null) continue;
    const [, day = '', time = '', name = ''] = match;
    // Without a zone: the log is written in the machine's own.
    const installedAt = Date.parse(`${day}T${time}`);
    if (Number.isFinite(installedAt) && installedAt >= 0 && (best === null || installedAt > best.installedAt))
      best = { installedAt, title: shortText(name) };
  }
  return best;
}

/** The newest upgrade of /var/log/dnf.rpm.log (`2026-11-20T10:00:01+0000 SUBDEBUG Upgrade: openssl-3.0.2-1.x86_64`). */
export function dnfLastUpgrade(text: string): UpdateLastInstalled | null {
  let best: UpdateLastInstalled | null = null;
  for (const line of lines(text)) {
    const match =
      /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})([+-]\d{2}):?(\d{2}|)(?:Z)? SUBDEBUG Upgraded?: (\S+)/.exec(
        line,
      );
    if (match === null) continue;
    const [, time = '', hours = '', minutes = '', name = ''] = match;
    const installedAt = momentOf(`${time}${hours}:${minutes === '' ? '00' : minutes}`);
    if (installedAt !== null && (best === null || installedAt > best.installedAt))
      best = { installedAt, title: shortText(name) };
  }
  return best;
}

// --- Automatic updates ------------------------------------------------------------------------------------------------------

/** What Windows' policies and services say; each null when it is not set or could not be read. */
export interface WindowsAutoUpdate {
  /** Group policy NoAutoUpdate and AUOptions (Microsoft, "Manage additional Windows Update settings"). */
  readonly noAutoUpdate: number | null;
  readonly auOptions: number | null;
  /** MDM policy AllowAutoUpdate (Policy CSP - Update): 0 to 4 differ in how much they ask, 5 is off. */
  readonly allowAutoUpdate: number | null;
  /** Start type of the update service; 4 is disabled. */
  readonly serviceStart: number | null;
  /** IAutomaticUpdatesSettings.NotificationLevel: 1 is disabled, 0 not configured, 2 to 4 ask less and less. */
  readonly level: number | null;
}

export function windowsAuto(says: WindowsAutoUpdate): Answer<UpdateAuto> {
  const { noAutoUpdate, auOptions, allowAutoUpdate, serviceStart, level } = says;
  const off = (enforced: boolean): Answer<UpdateAuto> =>
    answered({ enabled: false, installs: false, enforced });
  if (serviceStart === 4) return off(false);
  if (noAutoUpdate === 1 || auOptions === 1) return off(true);
  if (allowAutoUpdate === 5) return off(true);
  if (noAutoUpdate === 0 || auOptions !== null) {
    // 4: install as scheduled, 7: and notify before the restart; 2 and 3 ask first, 5 leaves it to the administrator at the device.
    const installs = auOptions === null || auOptions === 5 ? null : auOptions === 4 || auOptions === 7;
    return answered({ enabled: true, installs, enforced: true });
  }
  if (allowAutoUpdate !== null)
    return answered({ enabled: true, installs: allowAutoUpdate > 0, enforced: true });
  if (level === 1) return off(false);
  if (level !== null && level >= 2 && level <= 4)
    return answered({ enabled: true, installs: level === 4, enforced: false });
  // Nothing set is Windows' own behaviour, which is to update; but only where the service is known to be able to.
  if (serviceStart === 2 || serviceStart === 3)
    return answered({ enabled: true, installs: true, enforced: false });
  return unanswered('no-output', 'neither policy nor service could be read');
}

/** com.apple.SoftwareUpdate as XML: of the profile where there is one, else of the machine. A key that is not set tells nothing. */
export function macAuto(managed: Uint8Array | null, own: Uint8Array | null): Answer<UpdateAuto> {
  const read = (bytes: Uint8Array | null, key: string): boolean | null => {
    const plist = bytes === null ? null : parsePlist(decode(bytes));
    const value = isDict(plist) ? plist[key] : undefined;
    return value === true || value === 1 ? true : value === false || value === 0 ? false : null;
  };
  const enforced = read(managed, 'AutomaticCheckEnabled');
  const enabled = enforced ?? read(own, 'AutomaticCheckEnabled');
  if (enabled === null) return unanswered('no-output', 'AutomaticCheckEnabled is not set');
  const key = 'AutomaticallyInstallMacOSUpdates';
  return answered({ enabled, installs: read(managed, key) ?? read(own, key), enforced: enforced !== null });
}

/** `apt-config shell LISTS APT::Periodic::Update-Package-Lists UPGRADE APT::Periodic::Unattended-Upgrade`: a line for each that is set. */
export function parseAptPeriodic(text: string): { lists: boolean; upgrade: boolean } | null {
  const days = { LISTS: false, UPGRADE: false };
  for (const line of lines(text)) {
    if (line === '') continue;
    const match = /^(LISTS|UPGRADE)='([^']*)'$/.exec(line);
    if (match === null) return null;
    const [, name, value = ''] = match;
    // Days between two runs, `always`, or 0 for never.
    if (!/^(\d{1,9}[smhd]?|always)$/.test(value)) return null;
    if (name === 'LISTS' || name === 'UPGRADE') days[name] = !/^0+[smhd]?$/.test(value);
  }
  return { lists: days.LISTS, upgrade: days.UPGRADE };
}
