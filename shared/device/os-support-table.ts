import { z } from 'zod';
import type { OsSupport, OsVersion } from './facts.ts';

/**
 * Until when makers mend their systems, as a dated table, and the question asked of it. A system that is newer than the
 * table is unknown, never "unsupported"; one the table does not know is unknown as well.
 *
 * Sources: endoflife.date products/windows.md, windows-server.md, macos.md (snapshot 2026-08-22, commit a70eca3376) and
 * debian.md, ubuntu.md, fedora.md, rhel.md; for macOS 27 also systeminformation pull request 1042; Debian's LTS and ELTS and
 * AlmaLinux from the collected end-of-life list of mayeut/pep600_compliance (EOL.rst). Dates are the makers' own.
 */

/** `YYYY-MM-DD`, a day that exists. */
const day = z.iso.date();
const label = z.string().min(1).max(100);
const build = z.number().int().positive();
const release = z.string().regex(/^\d{1,4}(\.\d{1,4})?$/);
/** More rows than all makers together have published; a table of this size is below 100 KiB. */
const MOST_ROWS = 400;

/** Which of one build's support ends applies. Microsoft keeps Home and Pro apart from Enterprise and Education, and both from LTSC. */
const windowsChannelName = z.enum(['any', 'pro', 'enterprise', 'ltsc', 'iot-ltsc']);
export type WindowsChannel = z.infer<typeof windowsChannelName>;

function newestFirst(rows: readonly (readonly [string, ...unknown[]])[]): boolean {
  return rows.every(([name], at) => {
    const next = rows[at + 1]?.[0];
    return next === undefined || compareReleases(name, next) > 0;
  });
}

/** `10.9` is older than `10.15`, which is older than `11`. */
function compareReleases(a: string, b: string): number {
  const [major = 0, minor = 0] = a.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = b.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}

const linuxFamily = z.strictObject({
  asOf: day,
  /** How much of VERSION_ID names the release. */
  match: z.enum(['major', 'whole']),
  /** `[VERSION_ID or its first part, label, last day of free support, last day of paid support]`, newest first. */
  rows: z
    .array(z.tuple([release, label, day, day.nullable()]))
    .min(1)
    .max(MOST_ROWS)
    .refine(newestFirst, 'must begin with the newest release'),
});

/**
 * The table as data: shipped below, and sent by a collector when it has a newer one. Unknown members are refused, so that an
 * older program does not read half of a table that means more.
 */
export const osSupportTable = z.strictObject({
  /** Day on which the Windows and macOS rows were true; of two tables the one with the later day counts. */
  asOf: day,
  /** `[build, channel, cycle, label, last day of free support, last day of paid support]` */
  windowsClient: z
    .array(z.tuple([build, windowsChannelName, label, label, day, day.nullable()]))
    .min(1)
    .max(MOST_ROWS),
  /** `[build, channel, cycle, label, last day of support]` */
  windowsServer: z
    .array(z.tuple([build, z.enum(['long-term', 'annual']), label, label, day]))
    .min(1)
    .max(MOST_ROWS),
  /** `[major, label, last day of support or null]`, newest first; Apple publishes no dates, the known ones were observed. */
  macos: z
    .array(z.tuple([release, label, day.nullable()]))
    .min(1)
    .max(MOST_ROWS)
    .refine(newestFirst, 'must begin with the newest release'),
  /** How many of the newest macOS majors are counted as supported where no end is known. */
  macosSupportedMajors: z.number().int().min(1).max(20),
  /** By ID of os-release. */
  linux: z
    .record(z.string().regex(/^[a-z][a-z0-9._-]{0,31}$/), linuxFamily)
    .refine(families => Object.keys(families).length <= 64, 'at most 64 distributions'),
});
export type OsSupportTable = z.infer<typeof osSupportTable>;

export const OS_SUPPORT: OsSupportTable = {
  asOf: '2026-08-22',
  windowsClient: [
    [28000, 'enterprise', '11-26h1-e', 'Windows 11 26H1', '2029-03-13', null],
    [28000, 'pro', '11-26h1-w', 'Windows 11 26H1', '2028-03-14', null],
    [26200, 'enterprise', '11-25h2-e', 'Windows 11 25H2', '2028-10-10', null],
    [26200, 'pro', '11-25h2-w', 'Windows 11 25H2', '2027-10-12', null],
    [26100, 'iot-ltsc', '11-24h2-iot-lts', 'Windows 11 24H2 IoT LTSC', '2034-10-10', null],
    [26100, 'ltsc', '11-24h2-e-lts', 'Windows 11 24H2 LTSC', '2029-10-09', null],
    [26100, 'enterprise', '11-24h2-e', 'Windows 11 24H2', '2027-10-12', null],
    [26100, 'pro', '11-24h2-w', 'Windows 11 24H2', '2026-10-13', null],
    [22631, 'enterprise', '11-23h2-e', 'Windows 11 23H2', '2026-11-10', null],
    [22631, 'pro', '11-23h2-w', 'Windows 11 23H2', '2025-11-11', null],
    [19045, 'any', '10-22h2', 'Windows 10 22H2', '2025-10-14', '2028-10-10'],
    [22621, 'enterprise', '11-22h2-e', 'Windows 11 22H2', '2025-10-14', null],
    [22621, 'pro', '11-22h2-w', 'Windows 11 22H2', '2024-10-08', null],
    [19044, 'iot-ltsc', '10-21h2-iot-lts', 'Windows 10 21H2 IoT LTSC', '2032-01-13', null],
    [19044, 'ltsc', '10-21h2-e-lts', 'Windows 10 21H2 LTSC', '2027-01-12', null],
    [19044, 'enterprise', '10-21h2-e', 'Windows 10 21H2', '2024-06-11', null],
    [19044, 'pro', '10-21h2-w', 'Windows 10 21H2', '2023-06-13', null],
    [22000, 'enterprise', '11-21h2-e', 'Windows 11 21H2', '2024-10-08', null],
    [22000, 'pro', '11-21h2-w', 'Windows 11 21H2', '2023-10-10', null],
    [19043, 'any', '10-21h1', 'Windows 10 21H1', '2022-12-13', null],
    [19042, 'enterprise', '10-20h2-e', 'Windows 10 20H2', '2023-05-09', null],
    [19042, 'pro', '10-20h2-w', 'Windows 10 20H2', '2022-05-10', null],
    [19041, 'any', '10-2004', 'Windows 10 2004', '2021-12-14', null],
    [18363, 'enterprise', '10-1909-e', 'Windows 10 1909', '2022-05-10', null],
    [18363, 'pro', '10-1909-w', 'Windows 10 1909', '2021-05-11', null],
    [18362, 'any', '10-1903', 'Windows 10 1903', '2020-12-08', null],
    [17763, 'ltsc', '10-1809-e-lts', 'Windows 10 1809 LTSC', '2029-01-09', null],
    [17763, 'enterprise', '10-1809-e', 'Windows 10 1809', '2021-05-11', null],
    [17763, 'pro', '10-1809-w', 'Windows 10 1809', '2020-11-10', null],
    [17134, 'enterprise', '10-1803-e', 'Windows 10 1803', '2021-05-11', null],
    [17134, 'pro', '10-1803-w', 'Windows 10 1803', '2019-11-12', null],
    [16299, 'enterprise', '10-1709-e', 'Windows 10 1709', '2020-10-13', null],
    [16299, 'pro', '10-1709-w', 'Windows 10 1709', '2019-04-09', null],
    [15063, 'enterprise', '10-1703-e', 'Windows 10 1703', '2019-10-08', null],
    [15063, 'pro', '10-1703-w', 'Windows 10 1703', '2018-10-09', null],
    [14393, 'ltsc', '10-1607-e-lts', 'Windows 10 1607 LTSC', '2026-10-13', null],
    [14393, 'enterprise', '10-1607-e', 'Windows 10 1607', '2019-04-09', null],
    [14393, 'pro', '10-1607-w', 'Windows 10 1607', '2018-04-10', null],
    [10586, 'any', '10-1511', 'Windows 10 1511', '2017-10-10', null],
    [10240, 'ltsc', '10-1507-e-lts', 'Windows 10 1507 LTSC', '2025-10-14', null],
    [10240, 'any', '10-1507', 'Windows 10 1507', '2017-05-09', null],
    [9600, 'any', '8.1', 'Windows 8.1', '2023-01-10', null],
    [7601, 'any', '7-sp1', 'Windows 7 SP1', '2020-01-14', null],
  ],
  windowsServer: [
    [26100, 'long-term', 'server-2025', 'Windows Server 2025', '2034-11-14'],
    [25398, 'annual', 'server-23h2-ac', 'Windows Server version 23H2', '2026-05-12'],
    [20348, 'long-term', 'server-2022', 'Windows Server 2022', '2031-10-14'],
    [19042, 'annual', 'server-20h2-sac', 'Windows Server version 20H2', '2022-08-09'],
    [19041, 'annual', 'server-2004-sac', 'Windows Server version 2004', '2021-12-14'],
    [18363, 'annual', 'server-1909-sac', 'Windows Server version 1909', '2021-05-11'],
    [18362, 'annual', 'server-1903-sac', 'Windows Server version 1903', '2020-12-08'],
    [17763, 'annual', 'server-1809-sac', 'Windows Server version 1809', '2020-11-10'],
    [17763, 'long-term', 'server-2019', 'Windows Server 2019', '2029-01-09'],
    [17134, 'annual', 'server-1803-sac', 'Windows Server version 1803', '2019-11-12'],
    [16299, 'annual', 'server-1709-sac', 'Windows Server version 1709', '2019-04-09'],
    [14393, 'long-term', 'server-2016', 'Windows Server 2016', '2027-01-12'],
  ],
  macos: [
    ['27', 'macOS 27 Golden Gate', null],
    ['26', 'macOS 26 Tahoe', null],
    ['15', 'macOS 15 Sequoia', null],
    ['14', 'macOS 14 Sonoma', null],
    ['13', 'macOS 13 Ventura', '2025-09-15'],
    ['12', 'macOS 12 Monterey', '2024-09-16'],
    ['11', 'macOS 11 Big Sur', '2026-02-02'],
    ['10.15', 'macOS 10.15 Catalina', '2026-02-02'],
    ['10.14', 'macOS 10.14 Mojave', '2021-10-25'],
    ['10.13', 'macOS 10.13 High Sierra', '2020-12-01'],
  ],
  macosSupportedMajors: 3,
  // The day of each is that of its newest entry: nothing later can be in it.
  linux: {
    debian: {
      asOf: '2025-08-09',
      match: 'major',
      // Free support ends with LTS, which volunteers and sponsors give to everybody; paid is ELTS.
      rows: [
        ['13', 'Debian 13 (trixie)', '2030-06-30', '2035-06-30'],
        ['12', 'Debian 12 (bookworm)', '2028-06-30', '2033-06-30'],
        ['11', 'Debian 11 (bullseye)', '2026-08-31', '2031-06-30'],
        ['10', 'Debian 10 (buster)', '2024-06-30', '2029-06-30'],
        ['9', 'Debian 9 (stretch)', '2022-07-01', null],
        ['8', 'Debian 8 (jessie)', '2020-06-30', null],
      ],
    },
    ubuntu: {
      asOf: '2026-04-23',
      match: 'whole',
      rows: [
        ['26.04', 'Ubuntu 26.04 LTS', '2031-04-30', '2036-04-30'],
        ['25.10', 'Ubuntu 25.10', '2026-07-01', null],
        ['25.04', 'Ubuntu 25.04', '2026-01-17', null],
        ['24.10', 'Ubuntu 24.10', '2025-07-10', null],
        ['24.04', 'Ubuntu 24.04 LTS', '2029-05-31', '2036-05-31'],
        ['23.10', 'Ubuntu 23.10', '2024-07-12', null],
        ['23.04', 'Ubuntu 23.04', '2024-01-20', null],
        ['22.10', 'Ubuntu 22.10', '2023-07-20', null],
        ['22.04', 'Ubuntu 22.04 LTS', '2027-04-01', '2032-04-09'],
        ['20.04', 'Ubuntu 20.04 LTS', '2025-05-31', '2030-04-02'],
        ['18.04', 'Ubuntu 18.04 LTS', '2023-05-31', '2028-04-01'],
        ['16.04', 'Ubuntu 16.04 LTS', '2021-04-02', '2026-04-02'],
        ['14.04', 'Ubuntu 14.04 LTS', '2019-04-02', '2024-04-02'],
      ],
    },
    fedora: {
      asOf: '2025-10-28',
      match: 'major',
      rows: [
        ['43', 'Fedora 43', '2026-12-09', null],
        ['42', 'Fedora 42', '2026-05-13', null],
        ['41', 'Fedora 41', '2025-12-15', null],
        ['40', 'Fedora 40', '2025-05-13', null],
        ['39', 'Fedora 39', '2024-11-26', null],
        ['38', 'Fedora 38', '2024-05-21', null],
      ],
    },
    rhel: {
      asOf: '2024-11-12',
      match: 'major',
      rows: [
        ['9', 'Red Hat Enterprise Linux 9', '2032-05-31', '2035-05-31'],
        ['8', 'Red Hat Enterprise Linux 8', '2029-05-31', '2032-05-31'],
        ['7', 'Red Hat Enterprise Linux 7', '2024-06-30', '2028-06-30'],
        ['6', 'Red Hat Enterprise Linux 6', '2020-11-30', '2024-06-30'],
      ],
    },
    almalinux: {
      asOf: '2025-05-27',
      match: 'major',
      rows: [
        ['10', 'AlmaLinux 10', '2035-05-31', null],
        ['9', 'AlmaLinux 9', '2032-05-31', null],
        ['8', 'AlmaLinux 8', '2029-03-01', null],
      ],
    },
  },
};

/** A table that may replace another, or why it may not. */
export type TableChoice =
  | { readonly ok: true; readonly table: OsSupportTable }
  | {
      readonly ok: false;
      readonly why: 'malformed' | 'older' /** Where it is malformed, or its day; never more. */;
      readonly detail: string;
    };

/** May `given` (unchecked, from the other side or from disk) take the place of `current`? Only a later day may. */
export function replacementFor(given: unknown, current: OsSupportTable = OS_SUPPORT): TableChoice {
  const parsed = osSupportTable.safeParse(given);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.slice(0, 5).map(String).join('.') ?? '';
    return { ok: false, why: 'malformed', detail: where.slice(0, 120) };
  }
  return parsed.data.asOf > current.asOf
    ? { ok: true, table: parsed.data }
    : { ok: false, why: 'older', detail: `of ${parsed.data.asOf}, the one here is of ${current.asOf}` };
}

/** The table's answer, or why it has none. */
export type SupportAnswer =
  | { readonly known: true; readonly support: OsSupport }
  | { readonly known: false; readonly reason: 'newer-than-table' | 'not-supported'; readonly detail: string };

function unknown(reason: 'newer-than-table' | 'not-supported', detail: string): SupportAnswer {
  return { known: false, reason, detail };
}

/** Windows EditionID (registry) to the channel whose dates it follows; null for an edition we do not know. */
export function windowsChannel(edition: string | null): Exclude<WindowsChannel, 'any'> | null {
  if (edition === null) return null;
  const id = edition.toLowerCase();
  if (/^iotenterprises/.test(id)) return 'iot-ltsc';
  if (/^enterprises(n|eval|neval)?$/.test(id)) return 'ltsc';
  // Multi-session (ServerRdsh) is an Enterprise edition of the client.
  if (/^(enterprise|education|iotenterprise|serverrdsh)/.test(id)) return 'enterprise';
  if (/^(core|professional|cloud)/.test(id)) return 'pro';
  return null;
}

function windows(version: OsVersion, today: string, table: OsSupportTable): SupportAnswer {
  const build = Number(version.build ?? version.version.split('.')[2] ?? Number.NaN);
  if (!Number.isInteger(build)) return unknown('not-supported', 'no build number');
  if (version.isServer === null) return unknown('not-supported', 'client or server is not known');
  if (version.isServer) {
    if (build > Math.max(...table.windowsServer.map(row => row[0]))) {
      return unknown('newer-than-table', `build ${build}`);
    }
    // Annual-channel installations carry `ACor` in their edition.
    const channel = /acor/i.test(version.edition ?? '') ? 'annual' : 'long-term';
    const row = table.windowsServer.find(one => one[0] === build && one[1] === channel);
    if (row === undefined) return unknown('not-supported', `server build ${build} is not in the table`);
    return judged(row[2], row[3], row[4], null, today, table.asOf);
  }
  if (build > Math.max(...table.windowsClient.map(row => row[0]))) {
    return unknown('newer-than-table', `build ${build}`);
  }
  const rows = table.windowsClient.filter(one => one[0] === build);
  if (rows.length === 0) return unknown('not-supported', `build ${build} is not in the table`);
  const channel = windowsChannel(version.edition);
  const row =
    rows.find(one => one[1] === channel) ??
    (longTerm(channel) ? undefined : rows.find(one => one[1] === 'any'));
  if (row === undefined) {
    return unknown(
      'not-supported',
      `build ${build} has no dates for edition ${version.edition ?? 'unknown'}`,
    );
  }
  return judged(row[2], row[3], row[4], row[5], today, table.asOf);
}

/** LTSC never follows the dates of the ordinary release of its build. */
function longTerm(channel: WindowsChannel | null): boolean {
  return channel === 'ltsc' || channel === 'iot-ltsc';
}

function judged(
  cycle: string,
  label: string,
  supportEnd: string,
  extendedEnd: string | null,
  today: string,
  asOf: string,
): SupportAnswer {
  return {
    known: true,
    support: { cycle, label, supported: supportEnd >= today, supportEnd, extendedEnd, asOf },
  };
}

/** 10.x releases are majors of their own; from 11 on the first number is the major. */
function macosMajor(version: string): string | null {
  const [first, second] = version.split('.');
  if (first === undefined || !/^\d+$/.test(first)) return null;
  return first === '10' ? (second === undefined ? null : `10.${second}`) : first;
}

function macos(version: OsVersion, today: string, table: OsSupportTable): SupportAnswer {
  const major = macosMajor(version.version);
  if (major === null) return unknown('not-supported', 'no version number');
  const place = table.macos.findIndex(row => row[0] === major);
  const row = table.macos[place];
  if (row === undefined) {
    const newest = Number(table.macos[0]?.[0] ?? Number.NaN);
    return Number(major) > newest && !major.startsWith('10.')
      ? unknown('newer-than-table', `macOS ${major}`)
      : unknown('not-supported', `macOS ${major} is not in the table`);
  }
  const [, label, supportEnd] = row;
  const supported = supportEnd === null ? place < table.macosSupportedMajors : supportEnd >= today;
  return {
    known: true,
    support: { cycle: major, label, supported, supportEnd, extendedEnd: null, asOf: table.asOf },
  };
}

function linux(version: OsVersion, today: string, table: OsSupportTable): SupportAnswer {
  const id = version.edition ?? '';
  const family = Object.hasOwn(table.linux, id) ? table.linux[id] : undefined;
  if (family === undefined) return unknown('not-supported', `distribution ${id === '' ? 'unknown' : id}`);
  const [major = '', minor] = version.version.split('.');
  if (!/^\d+$/.test(major)) return unknown('not-supported', 'a release without a number');
  const name = family.match === 'major' || minor === undefined ? major : `${major}.${minor}`;
  const row = family.rows.find(one => one[0] === name);
  if (row !== undefined) return judged(`${id}-${name}`, row[1], row[2], row[3], today, family.asOf);
  const newest = family.rows[0]?.[0] ?? '';
  return Number(name) > Number(newest)
    ? unknown('newer-than-table', `${id} ${name}`)
    : unknown('not-supported', `${id} ${name} is not in the table`);
}

/**
 * Is this system still mended on `today` (`YYYY-MM-DD`)? Where only paid support is left the answer is `supported: false` with
 * `extendedEnd`: whether it was bought cannot be seen from the version.
 */
export function lookUpSupport(
  version: OsVersion,
  today: string,
  table: OsSupportTable = OS_SUPPORT,
): SupportAnswer {
  switch (version.platform) {
    case 'windows':
      return windows(version, today, table);
    case 'macos':
      return macos(version, today, table);
    case 'linux':
      return linux(version, today, table);
  }
}
