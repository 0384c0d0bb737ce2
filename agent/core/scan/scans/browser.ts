import type { BrowserName, BrowserScan } from '../../../../shared/device/facts-software.ts';
import { type Answer, answered, cannotAsk, outcome } from '../answer.ts';
import { sideloaded, systemPackages } from '../linux/packages.ts';
import { bundleVersion, homeOfPerson, plistDict } from '../macos/bundles.ts';
import { isDict } from '../parse/plist.ts';
import { textIn } from '../parse/rows.ts';
import {
  browserList,
  browserOf,
  linuxBrowsers,
  parseMimeApps,
  upstreamVersion,
  windowsBrowsers,
} from '../parse/software.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<BrowserScan>> {
  const rows = await windowsSection(probe, round, 'browsers', signal);
  return rows.ok ? answered(windowsBrowsers(rows.value)) : rows;
}

const BUNDLES: readonly (readonly [string, BrowserName])[] = [
  ['Google Chrome', 'chrome'],
  ['Microsoft Edge', 'edge'],
  ['Firefox', 'firefox'],
  ['Safari', 'safari'],
  ['Brave Browser', 'brave'],
  ['Chromium', 'chromium'],
  ['Opera', 'opera'],
  ['Vivaldi', 'vivaldi'],
  ['Citrix Enterprise Browser', 'citrix-enterprise-browser'],
];

/** The person's choice for https; who chose nothing gets Safari, but only where their list could be read. */
async function macDefault({ probe, signal }: ScanContext): Promise<BrowserName | null> {
  const home = await homeOfPerson(probe, signal);
  if (home === null) return null;
  const folder = `${home}/Library/Preferences/com.apple.LaunchServices`;
  const list = await plistDict(probe, `${folder}/com.apple.launchservices.secure.plist`, signal);
  if (!list.ok) return null;
  const handlers = Array.isArray(list.value.LSHandlers) ? list.value.LSHandlers.filter(isDict) : null;
  if (handlers === null) return null;
  const chosen = handlers.find(one => one.LSHandlerURLScheme === 'https');
  return chosen === undefined ? 'safari' : browserOf(textIn(chosen, 'LSHandlerRoleAll'));
}

async function macos(context: ScanContext): Promise<Answer<BrowserScan>> {
  const { probe, signal } = context;
  const names = await probe.list('/Applications');
  if (!names.ok) return cannotAsk(names, 'no /Applications');
  const found: { name: BrowserName; version: string | null }[] = [];
  for (const [bundle, name] of BUNDLES) {
    // Safari is part of the system and shown in this folder without being in it.
    if (name !== 'safari' && !names.value.includes(`${bundle}.app`)) continue;
    found.push({ name, version: await bundleVersion(probe, `/Applications/${bundle}.app`, signal) });
  }
  return answered({ default: await macDefault(context), browsers: browserList(found) });
}

/** The person's list before the system's, as the mimeapps specification orders them; xdg-settings would take 0.2 s to do the same. */
async function linuxDefault({ probe }: ScanContext): Promise<BrowserName | null> {
  const { root, home } = probe.facts();
  const own = root === true || home === undefined || home === null ? [] : [`${home}/.config/mimeapps.list`];
  for (const path of [...own, '/etc/xdg/mimeapps.list', '/usr/share/applications/mimeapps.list']) {
    const list = await probe.readFile(path);
    const handler = list.ok ? parseMimeApps(list.value) : null;
    if (handler !== null) return browserOf(handler);
  }
  return null;
}

async function linux(context: ScanContext): Promise<Answer<BrowserScan>> {
  const { probe, signal } = context;
  const packages = await systemPackages(probe, signal);
  if (!packages.ok) return packages;
  const found = [...packages.value, ...(await sideloaded(probe, signal))].map(one => ({
    ...one,
    version: one.version === null ? null : upstreamVersion(one.version),
  }));
  return answered({ default: await linuxDefault(context), browsers: linuxBrowsers(found) });
}

export function browserScan() {
  return defineScan({
    id: 'browser',
    timeoutMs: 60_000,
    run: async context => outcome(await perPlatform({ windows, macos, linux })(context)),
  });
}
