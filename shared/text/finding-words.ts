import type { z } from 'zod';
import { isScanId, type ScanId, scanValues } from '../device/facts.ts';
import { FINDING_REASONS, type Finding } from '../device/finding.ts';
import * as security from './finding-security.ts';
import * as software from './finding-software.ts';
import { CATALOGUES, isSentenceKey, type Locale, sentence } from './sentence.ts';

const GIB = 1024 ** 3;

/** A check's name in words; its id where we have no words for it. */
export function checkName(locale: Locale, id: string): string {
  const key = `check.${id}`;
  return isSentenceKey(key) ? CATALOGUES[locale][key] : id;
}

/** One check's answer as a sentence: the value in words, or why there is none. */
export function findingWords(locale: Locale, id: string, finding: Finding): string {
  if (finding.status !== 'ok') {
    const reason = FINDING_REASONS.find(known => known === finding.reason) ?? 'other';
    return sentence(locale, `reason.${reason}`);
  }
  return isScanId(id) ? valueWords(locale, id, finding.value) : sentence(locale, 'value.other');
}

/** A check's value as a sentence; `value.unreadable` when it does not fit the check's schema. */
function valueWords(locale: Locale, id: ScanId, value: unknown): string {
  return WORDS[id](locale, value);
}

/** One function per check; each gets a value its own schema has accepted. */
const WORDS: { [Id in ScanId]: (locale: Locale, value: unknown) => string } = {
  'os.version': reader(scanValues['os.version'], (locale, os) =>
    sentence(locale, 'value.os.version', {
      name: os.displayVersion === null ? os.name : `${os.name} ${os.displayVersion}`,
      version: os.version,
    }),
  ),
  'os.support': reader(scanValues['os.support'], (locale, support) => {
    const date = support.supportEnd;
    if (support.supported) {
      return date === null
        ? sentence(locale, 'value.os.supported')
        : sentence(locale, 'value.os.supported-until', { date });
    }
    return date === null
      ? sentence(locale, 'value.os.ended')
      : sentence(locale, 'value.os.ended-on', { date });
  }),
  'disk.free': reader(scanValues['disk.free'], (locale, { volumes }) => {
    const first = volumes.find(volume => volume.system) ?? volumes[0];
    if (first === undefined) return sentence(locale, 'value.disk.none');
    const words = sentence(locale, 'value.disk.free', {
      percent: first.sizeBytes > 0 ? Math.round((first.freeBytes / first.sizeBytes) * 100) : 0,
      mount: first.mount,
      free: Math.round((first.freeBytes / GIB) * 10) / 10,
      size: Math.round(first.sizeBytes / GIB),
    });
    const more = volumes.length - 1;
    return more > 0 ? `${words}; ${sentence(locale, 'value.disk.more', { count: more })}` : words;
  }),
  'disk.health': reader(scanValues['disk.health'], (locale, { disks }) => {
    for (const health of ['unhealthy', 'warning', 'unknown'] as const) {
      const disk = disks.find(one => one.health === health);
      if (disk) return sentence(locale, `value.drive.${health}`, { device: disk.model ?? disk.device });
    }
    if (disks.length === 0) return sentence(locale, 'value.drive.none');
    return sentence(locale, 'value.drive.healthy', { count: disks.length });
  }),
  battery: reader(scanValues.battery, (locale, value) => {
    const parts: string[] = [];
    if (value.percent !== null) {
      parts.push(sentence(locale, 'value.battery.charge', { percent: Math.round(value.percent) }));
    }
    if (value.healthPercent !== null) {
      parts.push(sentence(locale, 'value.battery.health', { percent: Math.round(value.healthPercent) }));
    }
    if (value.onAc !== null) {
      parts.push(sentence(locale, value.onAc ? 'value.battery.mains' : 'value.battery.battery'));
    }
    return parts.length === 0 ? sentence(locale, 'value.battery.nothing') : capital(parts.join(', '));
  }),
  'disk.encryption': reader(scanValues['disk.encryption'], (locale, value) =>
    sentence(locale, `value.encryption.${value.systemVolume}`),
  ),
  'fw.enabled': reader(scanValues['fw.enabled'], (locale, value) => {
    if (!value.enabled) return sentence(locale, 'value.firewall.off');
    return value.product === null
      ? sentence(locale, 'value.firewall.on')
      : sentence(locale, 'value.firewall.on-product', { product: value.product });
  }),
  uptime: reader(scanValues.uptime, (locale, { seconds }) => {
    const hours = Math.floor(seconds / 3600);
    if (hours >= 48) return sentence(locale, 'value.uptime.days', { days: Math.floor(hours / 24) });
    if (hours >= 1) return sentence(locale, 'value.uptime.hours', { hours });
    return sentence(locale, 'value.uptime.minutes', { minutes: Math.floor(seconds / 60) });
  }),
  'reboot.pending': reader(scanValues['reboot.pending'], (locale, { pending }) =>
    sentence(locale, pending ? 'value.reboot.yes' : 'value.reboot.no'),
  ),
  perf: reader(scanValues.perf, (locale, value) => {
    const parts: string[] = [];
    if (value.cpuPercent !== null) {
      parts.push(sentence(locale, 'value.perf.cpu', { percent: Math.round(value.cpuPercent) }));
    }
    if (value.memoryUsedBytes !== null && value.memoryTotalBytes > 0) {
      const percent = Math.round((value.memoryUsedBytes / value.memoryTotalBytes) * 100);
      parts.push(sentence(locale, 'value.perf.memory', { percent }));
    }
    return parts.length === 0 ? sentence(locale, 'value.perf.nothing') : capital(parts.join(', '));
  }),
  'net.mac': reader(scanValues['net.mac'], (locale, { adapters }) =>
    sentence(locale, 'value.net.count', { count: adapters.length }),
  ),
  processes: reader(scanValues.processes, (locale, { count, busiest }) => {
    const name = busiest[0]?.name;
    return name === undefined
      ? sentence(locale, 'value.processes.count', { count })
      : sentence(locale, 'value.processes', { count, name });
  }),
  'av.products': reader(scanValues['av.products'], security.productsWords),
  'av.defender': reader(scanValues['av.defender'], security.defenderWords),
  antispyware: reader(scanValues.antispyware, security.productsWords),
  'boot.secure': reader(scanValues['boot.secure'], security.secureBootWords),
  tpm: reader(scanValues.tpm, security.tpmWords),
  'os.integrity': reader(scanValues['os.integrity'], security.integrityWords),
  gatekeeper: reader(scanValues.gatekeeper, security.gatekeeperWords),
  'screen.lock': reader(scanValues['screen.lock'], security.screenLockWords),
  'password.policy': reader(scanValues['password.policy'], security.passwordWords),
  'login.auto': reader(scanValues['login.auto'], security.loginWords),
  'remote.access': reader(scanValues['remote.access'], security.remoteWords),
  'edr.falcon': reader(scanValues['edr.falcon'], security.falconWords),
  'crash.count': reader(scanValues['crash.count'], security.crashWords),
  'app.citrixWorkspace': reader(scanValues['app.citrixWorkspace'], software.citrixWords),
  'app.installed': reader(scanValues['app.installed'], software.appsWords),
  file: reader(scanValues.file, software.filesWords),
  process: reader(scanValues.process, software.processesWords),
  service: reader(scanValues.service, software.servicesWords),
  'registry.numeric': reader(scanValues['registry.numeric'], software.registryWords),
  'registry.text': reader(scanValues['registry.text'], software.registryWords),
  'cert.device': reader(scanValues['cert.device'], software.certificatesWords),
  'join.domain': reader(scanValues['join.domain'], software.joinWords),
  'sso.prt': reader(scanValues['sso.prt'], software.prtWords),
  'update.lastCheck': reader(scanValues['update.lastCheck'], software.lastCheckWords),
  'update.missing': reader(scanValues['update.missing'], software.missingWords),
  'update.lastInstalled': reader(scanValues['update.lastInstalled'], software.lastInstalledWords),
  'update.auto': reader(scanValues['update.auto'], software.autoWords),
  'mdm.enrolled': reader(scanValues['mdm.enrolled'], software.enrolledWords),
  'mdm.lastSync': reader(scanValues['mdm.lastSync'], software.lastSyncWords),
  browser: reader(scanValues.browser, software.browserWords),
  'time.skew': reader(scanValues['time.skew'], software.clockWords),
  'net.vpn': reader(scanValues['net.vpn'], software.vpnWords),
};

function reader<Value>(
  schema: z.ZodType<Value>,
  words: (locale: Locale, value: Value) => string,
): (locale: Locale, value: unknown) => string {
  return (locale, value) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? words(locale, parsed.data) : sentence(locale, 'value.unreadable');
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
