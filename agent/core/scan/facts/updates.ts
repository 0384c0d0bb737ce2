import { isDict, parsePlist } from '../parse/plist.ts';
import { parseNeedrestart } from '../parse/reboot-linux.ts';
import { type Output, type Told, told, unknown, unread } from './answer.ts';
import { Bag, jsonOf, objects } from './objects.ts';
import { dateOrder, fields, lines, only, zonedTime } from './text.ts';

/** Families `hotfixes`, `softwareUpdate` and `reboot`. */

/** Get-HotFix and Win32_QuickFixEngineering, as JSON, list, csv or table. */
export function readHotfixes(output: Output): Told {
  const rows = objects(output);
  if (rows === null) return unread(output, 'hotfixes');
  const order = dateOrder(output.text);
  const bags = rows.map(row => new Bag(row, order)).filter(bag => bag.text('HotFixID') !== null);
  if (bags.length === 0) return unread(output, 'no hotfix');
  const kbs = [
    ...new Set(bags.flatMap(bag => /^KB\d{5,8}$/i.exec(bag.text('HotFixID') ?? '')?.[0].toUpperCase() ?? [])),
  ];
  // Windows tells the day alone: midnight of a text is no time.
  const dates = bags.map(
    bag => bag.moment('InstalledOn') ?? bag.local('InstalledOn')?.replace(/T00:00:00$/, '') ?? null,
  );
  const days = dates.filter(date => date !== null).sort();
  // A date that could not be read might have been the newest.
  const unreadable = bags.some((bag, at) => dates[at] === null && bag.raw('InstalledOn') !== null);
  return told('hotfixes', {
    entries: bags.length,
    kbCount: kbs.length,
    kbsSample: kbs,
    latestInstalledOn: unreadable ? null : (days.at(-1) ?? null),
    hostname: bags[0]?.text('CSName', 'PSComputerName', 'Source') ?? null,
  });
}

interface Update {
  readonly id?: string | null;
  readonly label?: string | null;
  readonly title: string | null;
  readonly version: string | null;
  readonly sizeBytes: number | null;
  readonly recommended: boolean | null;
  readonly restart: boolean | null;
}

/** Updates found by the Windows Update Agent (IUpdate), as JSON or list. */
export function readWuaSearch(output: Output): Told {
  const { text } = output;
  const list = /^\s*\[\s*\]\s*$/.test(text) ? [] : objects(output);
  if (list === null) return unread(output, 'Windows Update Agent');
  const bags = list.map(row => new Bag(row));
  if (!bags.every(bag => bag.has('Title') || bag.has('UpdateID'))) return unread(output, 'no update');
  const updates = bags.map(bag => ({
    id: bag.text('UpdateID'),
    title: bag.text('Title'),
    version: null,
    kbs: (bag.list('KBArticleIDs') ?? []).flatMap(kb =>
      /^(?:KB)?\d{5,8}$/.test(String(kb)) ? [`KB${String(kb).replace(/\D/g, '')}`] : [],
    ),
    severity: bag.text('MsrcSeverity'),
    sizeBytes: bag.number('MaxDownloadSize'),
    recommended: null,
    restart: bag.flag('RebootRequired'),
  }));
  const restarts = updates.map(one => one.restart);
  return told('softwareUpdate', {
    status: 'ok',
    updates,
    count: updates.length,
    restartRequired: restarts.includes(true)
      ? true
      : restarts.includes(null) || restarts.length === 0
        ? null
        : false,
    errorDomain: null,
    errorCode: null,
  });
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  K: 1024,
  KIB: 1024,
  M: 1024 ** 2,
  MIB: 1024 ** 2,
  B: 1,
};

function size(text: string | undefined): number | null {
  const [, digits = '', unit = ''] = /^(\d{1,12})(KiB|K|MiB|M|B)$/i.exec(text ?? '') ?? [];
  const factor = SIZE_UNITS[unit.toUpperCase()];
  return factor === undefined ? null : Number(digits) * factor;
}

/**
 * `softwareupdate --list`, in its form of macOS 10.15 and later (Label, then Title with fields) and the one before (name, then
 * `Title (version), size [recommended] [restart]`). Error texts come with exit code 0 and are never "no updates".
 */
export function readSoftwareUpdateList(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const error =
    /Error Domain=(\w+) Code=(-?\d{1,9})/.exec(text) ??
    /\((?:error )?(\w*Error\w*|\w+Domain) error (-?\d{1,9})\.?\)/.exec(text) ??
    /\b(NSURLErrorDomain|SU\w+Domain|\w+ErrorDomain)\b\D{0,20}(-?\d{1,9})/.exec(text);
  if (
    error !== null ||
    /can.t connect|could ?n.t be completed|^Error:|cannot be reached|\bfailed\b.*(scan|catalog)/im.test(text)
  ) {
    return told('softwareUpdate', {
      status: 'error',
      updates: null,
      count: null,
      restartRequired: null,
      errorDomain: error?.[1] ?? null,
      errorCode: error?.[2] === undefined ? null : Number(error[2]),
    });
  }
  const updates: Update[] = [];
  const written = lines(text);
  let broken = false;
  for (const [at, line] of written.entries()) {
    const label = /^\s*\* (?:Label: )?(\S.*)$/.exec(line)?.[1];
    if (label === undefined) continue;
    const next = written[at + 1] ?? '';
    const fielded = /^\s+Title: (.*?), Version: (.*?), Size: (\w+)(?:, (.*))?$/.exec(next);
    if (fielded !== null) {
      const [, title = '', version = '', bytes, rest = ''] = fielded;
      const recommended = /Recommended: (YES|NO)\b/.exec(rest)?.[1];
      updates.push({
        label: label.trim(),
        title: title.trim(),
        version: version.trim() === '' ? null : version.trim(),
        sizeBytes: size(bytes),
        recommended: recommended === undefined ? null : recommended === 'YES',
        restart: /\bAction: (restart|shut ?down)\b/i.test(rest),
      });
      continue;
    }
    const older = /^\s+(\S.*?) \(([^()]*)\), (\d+[KM])((?: \[[\w ]+\])*)\s*$/.exec(next);
    if (older === null) {
      broken = true;
      continue;
    }
    const [, title = '', version = '', bytes, marks = ''] = older;
    updates.push({
      label: label.trim(),
      title,
      version: version.trim() === '' ? null : version.trim(),
      sizeBytes: size(bytes),
      recommended: marks.includes('[recommended]'),
      restart: marks.includes('[restart]') || marks.includes('[shut down]'),
    });
  }
  const none = /^No new software available\.$/m.test(text);
  const announced = /found the following/.test(text);
  // Cut off after its announcement, or saying both: not a list that can be counted.
  if (broken || (updates.length === 0 && (!none || announced)) || (updates.length > 0 && none))
    return unread(output, 'softwareupdate gives no list');
  return told('softwareUpdate', {
    status: 'ok',
    updates,
    count: updates.length,
    restartRequired: updates.some(one => one.restart === true),
    errorDomain: null,
    errorCode: null,
  });
}

/** /Library/Preferences/com.apple.SoftwareUpdate.plist: what the last scan in the background found. */
export function readSoftwareUpdatePreferences(output: Output): Told {
  const plist = parsePlist(output.text);
  if (!isDict(plist)) return unread(output, 'not a property list');
  const list = Array.isArray(plist.RecommendedUpdates) ? plist.RecommendedUpdates.filter(isDict) : null;
  const waiting = plist.LastUpdatesAvailable;
  const moment = (key: string): string | null =>
    typeof plist[key] === 'string' ? zonedTime(plist[key]) : null;
  const result = plist.LastResultCode;
  const updates = list?.map(one => {
    const bag = new Bag(one);
    return {
      label: bag.text('Identifier'),
      title: bag.text('Display Name'),
      version: bag.text('Display Version'),
      sizeBytes: null,
      recommended: true,
      restart: null,
    };
  });
  return told('softwareUpdate', {
    status:
      typeof result === 'number'
        ? result === 0 || result === 2
          ? 'ok'
          : 'error'
        : plist.LastSessionSuccessful === true
          ? 'ok'
          : plist.LastSessionSuccessful === false
            ? 'error'
            : null,
    updates: updates ?? null,
    count: typeof waiting === 'number' && waiting >= 0 ? waiting : (updates?.length ?? null),
    restartRequired: null,
    lastSuccessful: moment('LastSuccessfulDate'),
    lastFullSuccessful: moment('LastFullSuccessfulDate'),
    lastBackgroundSuccessful: moment('LastBackgroundSuccessfulDate'),
    automaticCheck: typeof plist.AutomaticCheckEnabled === 'boolean' ? plist.AutomaticCheckEnabled : null,
  });
}

/** Munki's ManagedInstallReport.plist: what it is asked to install and has not. */
export function readMunkiReport(output: Output): Told {
  const plist = parsePlist(output.text);
  if (!isDict(plist)) return unread(output, 'not a property list');
  const managed = Array.isArray(plist.ManagedInstalls) ? plist.ManagedInstalls.filter(isDict) : null;
  const waiting = managed?.filter(one => one.installed === false) ?? null;
  const count = (key: string): number | null => (Array.isArray(plist[key]) ? plist[key].length : null);
  const bag = new Bag(plist);
  return told('softwareUpdate', {
    status: count('Errors') === null ? null : count('Errors') === 0 ? 'ok' : 'error',
    updates:
      waiting?.map(one => {
        const each = new Bag(one);
        return {
          name: each.text('name'),
          label: each.text('name'),
          title: each.text('display_name'),
          version: each.text('version_to_install'),
          sizeBytes: null,
          recommended: null,
          restart: null,
        };
      }) ?? null,
    count: waiting?.length ?? null,
    installedCount: managed?.filter(one => one.installed === true).length ?? null,
    restartRequired: null,
    errors: count('Errors'),
    warnings: count('Warnings'),
    problems: count('ProblemInstalls'),
    munkiVersion: bag.text('ManagedInstallVersion'),
    lastRun: zonedTime(bag.text('EndTime')?.replace(' +', '+')),
  });
}

/** `apt list --upgradable`: a security update's suite ends in `-security`. */
export function readAptList(output: Output): Told {
  const { text } = output;
  if (text.trim() === '') return unknown('no-output');
  const updates: (Update & { name: string; security: boolean; installed: string | null })[] = [];
  let headed = false;
  for (const line of lines(text)) {
    if (/^Listing\.\.\./.test(line)) headed = true;
    const match = /^([a-z\d][a-z\d+.:-]*)\/(\S+) (\S+) (\S+) \[upgradable from: (\S+)\]$/i.exec(line);
    if (match !== null) {
      const [, name = '', suites = '', version = '', , installed = ''] = match;
      updates.push({
        name,
        label: name,
        title: name,
        version,
        installed,
        security: suites.split(',').some(suite => /-security$/.test(suite)),
        sizeBytes: null,
        recommended: null,
        restart: null,
      });
    } else if (/^\S+\/\S+ \S+ \S+ \[/.test(line) && !/\[(installed|residual)/.test(line)) {
      return unknown('parse-error', 'apt is not in English');
    } else if (/^(E|Err):/.test(line)) return unknown('command-failed', 'apt');
    else if (
      line.trim() !== '' &&
      !/^(Listing|WARNING|W:|N:)/.test(line) &&
      !/ \[installed/.test(line) &&
      headed
    )
      return unknown('parse-error', 'a line that is no package');
  }
  if (!headed && updates.length === 0) return unread(output, 'apt');
  return told('softwareUpdate', {
    status: 'ok',
    updates,
    count: updates.length,
    securityCount: updates.filter(one => one.security).length,
    restartRequired: null,
    errorDomain: null,
    errorCode: null,
  });
}

/** `dnf check-update`: `name.arch  version  repository` lines; nothing printed but the metadata line means none. */
export function readDnfCheckUpdate(output: Output): Told {
  if (output.text.trim() === '') return unknown('no-output');
  const updates = lines(output.text).flatMap(line => {
    const match = /^(\S+)\.(x86_64|noarch|i686|aarch64)\s+(\S+)\s+(\S+)$/.exec(line);
    const name = match?.[1];
    return name === undefined
      ? []
      : [
          {
            name,
            label: name,
            title: name,
            version: match?.[3] ?? null,
            sizeBytes: null,
            recommended: null,
            restart: null,
          },
        ];
  });
  if (updates.length === 0 && !/^Last metadata expiration check:/m.test(output.text))
    return unread(output, 'dnf');
  return told('softwareUpdate', { status: 'ok', updates, count: updates.length, restartRequired: null });
}

/** `needrestart -b`. */
export function readNeedrestart(output: Output): Told {
  if (output.text.trim() === '') return unknown('no-output');
  const list = fields(output.text);
  const count = (key: string): number => list.filter(one => one.key === key).length;
  if (!list.some(one => one.key.startsWith('NEEDRESTART-'))) return unread(output, 'needrestart');
  const state = parseNeedrestart(new TextEncoder().encode(output.text));
  const whole = /^NEEDRESTART-VER: /m.test(output.text);
  return told('reboot', {
    rebootRequired: state.ok ? state.value : null,
    kernelRunning: only(list, 'NEEDRESTART-KCUR'),
    kernelExpected: only(list, 'NEEDRESTART-KEXP'),
    kernelState: state.ok || /KSTA: 0/.test(output.text) ? Number(only(list, 'NEEDRESTART-KSTA')) : null,
    services: whole ? list.filter(one => one.key === 'NEEDRESTART-SVC').map(one => one.value) : null,
    serviceCount: whole ? count('NEEDRESTART-SVC') : null,
    containerCount: whole ? count('NEEDRESTART-CONT') : null,
    sessionCount: whole ? count('NEEDRESTART-SESS') : null,
  });
}

/** Session Manager's PendingFileRenameOperations. Waiting renames alone are no reason to restart: some are left for ever. */
export function readPendingRenames(output: Output): Told {
  const json = jsonOf(output.text);
  if (!isDict(json)) return unread(output, 'PendingFileRenameOperations');
  const list = new Bag(json).list('PendingFileRenameOperations');
  return told('reboot', {
    rebootRequired: null,
    // Pairs of source and target; an empty target deletes.
    pendingFileRenames: list === null ? null : Math.ceil(list.length / 2),
  });
}

/** Test-Path and COM markers printed as one object of booleans. */
export function readRebootMarkers(output: Output): Told {
  if (/^\*\*\* System restart required \*\*\*$/m.test(output.text))
    return told('reboot', { rebootRequired: true });
  const row = objects(output)?.[0];
  if (row === undefined) return unread(output, 'restart markers');
  const bag = new Bag(row);
  const flags = ['RebootRequired', 'RebootPending', 'ComponentServicing', 'WindowsUpdate', 'UpdateAgent'].map(
    name => bag.flag(name),
  );
  if (flags.every(flag => flag === null)) return unread(output, 'restart markers');
  return told('reboot', { rebootRequired: flags.includes(true) ? true : null });
}
