import type {
  AppInstalled,
  BrowserName,
  BrowserScan,
  CitrixWorkspace,
} from '../../../../shared/device/facts-software.ts';
import type { AppSubject } from '../../../../shared/device/subjects.ts';
import { lines } from '../decode.ts';
import { compareVersions, shortText } from './keys.ts';
import { type Row, textIn } from './rows.ts';

/** One program as a system lists it. */
export interface Program {
  readonly name: string;
  readonly version: string | null;
  readonly publisher: string | null;
}

/** Without regard to case; `*` at the end of the pattern stands for any ending. */
export function fitsPattern(pattern: string, text: string): boolean {
  const wanted = pattern.toLowerCase();
  const given = text.trim().toLowerCase();
  return wanted.endsWith('*') ? given.startsWith(wanted.slice(0, -1)) : given === wanted;
}

function newest<One extends { readonly version: string | null }>(all: readonly One[]): One | undefined {
  return all.reduce<One | undefined>(
    (best, one) =>
      best === undefined || compareVersions(one.version ?? '', best.version ?? '') > 0 ? one : best,
    undefined,
  );
}

/** The programs asked for among those listed. Where the maker was asked for and is not told, the answer is open, not yes. */
export function findApps(asked: readonly AppSubject[], listed: readonly Program[]): AppInstalled['apps'] {
  return asked.map(({ id, name, publisher }) => {
    const named = listed.filter(one => fitsPattern(name, one.name));
    const sure =
      publisher === undefined
        ? named
        : named.filter(one => one.publisher !== null && fitsPattern(publisher, one.publisher));
    const best = newest(sure);
    if (best !== undefined) {
      return {
        id,
        installed: true,
        version: shortText(best.version),
        name: shortText(best.name),
        publisher: shortText(best.publisher),
        reason: null,
      };
    }
    const open = named.some(one => one.publisher === null);
    return {
      id,
      installed: open ? null : false,
      version: null,
      name: null,
      publisher: null,
      reason: open ? 'who made it is not told' : null,
    };
  });
}

/** Rows of the script's list of programs. */
export function windowsPrograms(rows: readonly Row[]): Program[] {
  return rows.flatMap(row => {
    const name = textIn(row, 'Name');
    return name === null
      ? []
      : [{ name, version: textIn(row, 'Version'), publisher: textIn(row, 'Publisher') }];
  });
}

/**
 * Citrix Workspace app of Windows: the version the client itself wrote down, else the one in the list of programs. Its parts stand in that
 * list too (`Citrix Workspace(USB)`) and are not the app.
 */
export function windowsCitrix(rows: readonly Row[]): CitrixWorkspace {
  const found = rows.flatMap(row => {
    const client = row.Source === 'client';
    const name = textIn(row, 'Name') ?? '';
    if (!client && !/^Citrix (Workspace|Receiver)( app)?( \d[\d. ]*)?( LTSR.*)?$/i.test(name)) return [];
    const version = textIn(row, 'Version');
    return [
      {
        client,
        version: version !== null && /^\d+(\.\d+)+$/.test(version) ? version : null,
        scope: row.Scope === 'machine' || row.Scope === 'user' ? row.Scope : null,
      } as const,
    ];
  });
  const best = newest(found.filter(one => one.client && one.version !== null)) ?? newest(found);
  return best === undefined
    ? { installed: false, version: null, scope: null }
    : { installed: true, version: best.version, scope: best.scope };
}

/** Upstream's part of a Debian version: `1:128.5.0esr-1~deb12u1` → `128.5.0esr`. */
export function upstreamVersion(version: string): string {
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}

/** One line a package: state, name, version, who made it, with tabs between; null when a line is none. */
export function parsePackages(text: string): Program[] | null {
  const programs: Program[] = [];
  for (const line of lines(text)) {
    if (line === '') continue;
    const [state, name = '', version, publisher, ...more] = line.split('\t');
    if (state === undefined || name === '' || version === undefined || more.length > 0) return null;
    if (state !== 'installed') continue;
    const maker = publisher?.replace(/ <[^>]*>$/, '').trim() ?? '';
    programs.push({ name, version, publisher: maker === '' || maker === '(none)' ? null : maker });
  }
  return programs.length === 0 ? null : programs;
}

/** `flatpak list --app --columns=application,version`: two columns with a tab between. */
export function parseFlatpaks(text: string): Program[] {
  return lines(text).flatMap(line => {
    const [name = '', version = ''] = line.split('\t');
    return /^[\w-]+(\.[\w-]+)+$/.test(name) ? [{ name, version: shortText(version), publisher: null }] : [];
  });
}

const BROWSER_FILES: Readonly<Record<string, BrowserName>> = {
  'chrome.exe': 'chrome',
  'msedge.exe': 'edge',
  'firefox.exe': 'firefox',
  'brave.exe': 'brave',
  'chromium.exe': 'chromium',
  'opera.exe': 'opera',
  'vivaldi.exe': 'vivaldi',
  'iexplore.exe': 'internet-explorer',
  'citrixenterprisebrowser.exe': 'citrix-enterprise-browser',
};

/** Beginnings of what systems call the program that opens links: ProgId, bundle identifier, desktop file. */
const HANDLERS: readonly (readonly [RegExp, BrowserName])[] = [
  [/^(chromehtml|com\.google\.chrome|google-chrome)/i, 'chrome'],
  [/^(msedge|appxq0fevzme2pys62n3e0fbqa7peapykr8v|com\.microsoft\.edgemac|microsoft-edge)/i, 'edge'],
  [/^(firefox|org\.mozilla\.firefox|org\.mozilla\.nightly)/i, 'firefox'],
  [/^(com\.apple\.safari)/i, 'safari'],
  [/^(brave|com\.brave\.browser)/i, 'brave'],
  [/^(chromium|org\.chromium|chromehtm\.)/i, 'chromium'],
  [/^(opera|com\.operasoftware)/i, 'opera'],
  [/^(vivaldi|com\.vivaldi)/i, 'vivaldi'],
  [/^ie\.https?$/i, 'internet-explorer'],
  [/^(citrixenterprisebrowser|com\.citrix\.(receiver|enterprise).*browser)/i, 'citrix-enterprise-browser'],
];

/** Which browser a system's word for it means; null for no word at all. */
export function browserOf(handler: string | null): BrowserName | null {
  if (handler === null || handler.trim() === '') return null;
  return HANDLERS.find(([begins]) => begins.test(handler.trim()))?.[1] ?? 'other';
}

/** Known browsers once each, the newest of several, in a steady order. */
export function browserList(
  found: readonly { name: BrowserName; version: string | null }[],
): BrowserScan['browsers'] {
  const best = new Map<BrowserName, string | null>();
  for (const { name, version } of found) {
    const before = best.get(name);
    if (before === undefined || compareVersions(version ?? '', before ?? '') > 0) best.set(name, version);
  }
  return [...best]
    .map(([name, version]) => ({ name, version }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, 16);
}

/** Rows {Exe, Version} and {Default: ProgId}; people who chose differently leave the default open. */
export function windowsBrowsers(rows: readonly Row[]): BrowserScan {
  const chosen = new Set(rows.map(row => browserOf(textIn(row, 'Default'))).filter(one => one !== null));
  const [only] = chosen;
  return {
    default: chosen.size === 1 ? (only ?? null) : null,
    browsers: browserList(
      rows.flatMap(row => {
        const name = BROWSER_FILES[textIn(row, 'Exe')?.toLowerCase() ?? ''];
        return name === undefined ? [] : [{ name, version: textIn(row, 'Version') }];
      }),
    ),
  };
}

const PACKAGES: Readonly<Record<string, BrowserName>> = {
  'google-chrome-stable': 'chrome',
  'com.google.chrome': 'chrome',
  'microsoft-edge-stable': 'edge',
  'com.microsoft.edge': 'edge',
  firefox: 'firefox',
  'firefox-esr': 'firefox',
  'org.mozilla.firefox': 'firefox',
  'brave-browser': 'brave',
  'com.brave.browser': 'brave',
  chromium: 'chromium',
  'chromium-browser': 'chromium',
  'org.chromium.chromium': 'chromium',
  'opera-stable': 'opera',
  'vivaldi-stable': 'vivaldi',
};

/** Browsers among packages. A package that only fetches a snap (`1snap1`) is no browser. */
export function linuxBrowsers(programs: readonly Program[]): BrowserScan['browsers'] {
  return browserList(
    programs.flatMap(one => {
      const name = PACKAGES[one.name.toLowerCase()];
      if (name === undefined || /snap\d/.test(one.version ?? '')) return [];
      return [{ name, version: shortText(one.version) }];
    }),
  );
}

/** `x-scheme-handler/https` of a mimeapps.list (freedesktop.org, "Association between MIME types and applications"). */
export function parseMimeApps(text: string): string | null {
  let section = '';
  for (const line of lines(text)) {
    section = /^\[(.+)\]$/.exec(line)?.[1] ?? section;
    const handlers = /^x-scheme-handler\/https=(.*)$/.exec(line)?.[1];
    if (section === 'Default Applications' && handlers !== undefined) {
      return handlers.split(';').find(one => one.trim() !== '') ?? null;
    }
  }
  return null;
}
