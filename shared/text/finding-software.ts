import type {
  AppInstalled,
  BrowserName,
  BrowserScan,
  CertDevice,
  CitrixWorkspace,
  FileScan,
  JoinDomain,
  MdmEnrolled,
  MdmLastSync,
  NetVpn,
  ProcessScan,
  RegistryNumeric,
  RegistryText,
  ServiceScan,
  SsoPrt,
  TimeSkew,
  UpdateAuto,
  UpdateLastCheck,
  UpdateLastInstalled,
  UpdateMissing,
} from '../device/facts-software.ts';
import { type Locale, sentence } from './sentence.ts';

/** What a device's software and management look like, as a sentence for each check. What is not known is said to be, never left out. */

/** The day of a moment, as the sentences take it; times of day would be in nobody's zone. */
function day(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString().slice(0, 10);
}

export function citrixWords(locale: Locale, { installed, version }: CitrixWorkspace): string {
  if (!installed) return sentence(locale, 'value.app.absent');
  return version === null
    ? sentence(locale, 'value.app.installed')
    : sentence(locale, 'value.app.version', { version });
}

/** `2 of 5 found, 1 could not be told`. */
function counted(
  locale: Locale,
  key: 'value.asked.found' | 'value.asked.running' | 'value.certificates.valid',
  answers: readonly (boolean | null)[],
): string {
  const found = answers.filter(one => one === true).length;
  const open = answers.filter(one => one === null).length;
  const words = sentence(locale, key, { found, count: answers.length });
  return open === 0 ? words : `${words}, ${sentence(locale, 'value.asked.open', { count: open })}`;
}

export function appsWords(locale: Locale, { apps }: AppInstalled): string {
  return counted(
    locale,
    'value.asked.found',
    apps.map(one => one.installed),
  );
}

export function filesWords(locale: Locale, { files }: FileScan): string {
  return counted(
    locale,
    'value.asked.found',
    files.map(one => one.exists),
  );
}

export function processesWords(locale: Locale, { processes }: ProcessScan): string {
  return counted(
    locale,
    'value.asked.running',
    processes.map(one => one.running),
  );
}

export function servicesWords(locale: Locale, { services }: ServiceScan): string {
  return counted(
    locale,
    'value.asked.running',
    services.map(one => one.running),
  );
}

export function registryWords(locale: Locale, { values }: RegistryNumeric | RegistryText): string {
  return counted(
    locale,
    'value.asked.found',
    values.map(one => one.exists),
  );
}

export function certificatesWords(locale: Locale, { certificates }: CertDevice): string {
  return counted(
    locale,
    'value.certificates.valid',
    certificates.map(one => one.valid),
  );
}

export function joinWords(locale: Locale, value: JoinDomain): string {
  const { joinType, adDomain } = value;
  if (joinType === 'domain' || (joinType === null && value.adDomainJoined === true)) {
    return adDomain === null
      ? sentence(locale, 'value.join.domain')
      : sentence(locale, 'value.join.domain-named', { domain: adDomain });
  }
  return sentence(locale, `value.join.${joinType ?? 'unknown'}`);
}

export function prtWords(locale: Locale, { present, updatedAt }: SsoPrt): string {
  if (!present) return sentence(locale, 'value.prt.no');
  return updatedAt === null
    ? sentence(locale, 'value.prt.yes')
    : sentence(locale, 'value.prt.since', { date: day(updatedAt) });
}

export function lastCheckWords(locale: Locale, { checkedAt, atLeast }: UpdateLastCheck): string {
  const key = atLeast ? 'value.updates.checked-since' : 'value.updates.checked';
  return sentence(locale, key, { date: day(checkedAt) });
}

export function missingWords(locale: Locale, { total, security }: UpdateMissing): string {
  if (total === null) {
    if (security === null) return sentence(locale, 'value.unreadable');
    return security === 0
      ? sentence(locale, 'value.updates.security-none')
      : sentence(locale, 'value.updates.security-missing', { count: security });
  }
  if (total === 0) return sentence(locale, 'value.updates.none');
  const words = sentence(locale, 'value.updates.missing', { count: total });
  return security === null
    ? words
    : `${words}, ${sentence(locale, 'value.updates.security', { count: security })}`;
}

export function lastInstalledWords(locale: Locale, { installedAt, title }: UpdateLastInstalled): string {
  const date = day(installedAt);
  return title === null
    ? sentence(locale, 'value.updates.checked', { date })
    : sentence(locale, 'value.updates.installed', { date, title });
}

export function autoWords(locale: Locale, { enabled, installs }: UpdateAuto): string {
  if (!enabled) return sentence(locale, 'value.updates.auto-off');
  if (installs === null) return sentence(locale, 'value.updates.auto-on');
  return sentence(locale, installs ? 'value.updates.auto' : 'value.updates.auto-asks');
}

export function enrolledWords(locale: Locale, { enrolled, server, provider }: MdmEnrolled): string {
  if (!enrolled) return sentence(locale, 'value.mdm.no');
  const by = server ?? provider;
  return by === null ? sentence(locale, 'value.mdm.yes') : sentence(locale, 'value.mdm.by', { server: by });
}

export function lastSyncWords(locale: Locale, { syncedAt, lastTryOk }: MdmLastSync): string {
  const key = lastTryOk === false ? 'value.mdm.failing' : 'value.mdm.synced';
  return sentence(locale, key, { date: day(syncedAt) });
}

/** Names of products, which are the same in every language. */
const BROWSER_NAMES: Readonly<Record<Exclude<BrowserName, 'other'>, string>> = {
  chrome: 'Google Chrome',
  edge: 'Microsoft Edge',
  firefox: 'Firefox',
  safari: 'Safari',
  brave: 'Brave',
  chromium: 'Chromium',
  opera: 'Opera',
  vivaldi: 'Vivaldi',
  'internet-explorer': 'Internet Explorer',
  'citrix-enterprise-browser': 'Citrix Enterprise Browser',
};

export function browserWords(locale: Locale, value: BrowserScan): string {
  const name = (browser: BrowserName): string =>
    browser === 'other' ? sentence(locale, 'value.browser.other') : BROWSER_NAMES[browser];
  const list = value.browsers.map(one =>
    one.version === null ? name(one.name) : `${name(one.name)} ${one.version}`,
  );
  const names = list.length === 0 ? sentence(locale, 'value.browser.none') : list.join(', ');
  return value.default === null
    ? names
    : `${names}; ${sentence(locale, 'value.browser.default', { name: name(value.default) })}`;
}

/** Offsets below this are the way to the collector and back. */
const RIGHT_MS = 2000;

export function clockWords(
  locale: Locale,
  { collectorOffsetMs, synchronised, configured }: TimeSkew,
): string {
  if (collectorOffsetMs !== null) {
    return Math.abs(collectorOffsetMs) < RIGHT_MS
      ? sentence(locale, 'value.clock.right')
      : sentence(locale, 'value.clock.off', { seconds: Math.round(Math.abs(collectorOffsetMs) / 1000) });
  }
  if (synchronised === true) return sentence(locale, 'value.clock.synchronised');
  if (synchronised === false || configured === false) return sentence(locale, 'value.clock.alone');
  return sentence(locale, configured === true ? 'value.clock.set' : 'value.unreadable');
}

export function vpnWords(locale: Locale, { connected, tunnels }: NetVpn): string {
  if (connected) {
    const names = tunnels.filter(one => one.up).map(one => one.name);
    return sentence(locale, 'value.vpn.connected', { names: names.join(', ') });
  }
  return tunnels.length === 0
    ? sentence(locale, 'value.vpn.none')
    : sentence(locale, 'value.vpn.idle', { count: tunnels.length });
}
