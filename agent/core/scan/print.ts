import type { z } from 'zod';
import { shortDuration } from '../../../shared/base/durations.ts';
import { isScanId, type ScanId, scanValues } from '../../../shared/device/facts.ts';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import * as security from './print-security.ts';
import * as software from './print-software.ts';

/** Findings as a table for a terminal. Pure: the same findings and the same moment give the same text. */

const UNKNOWN = 'not known';

function size(bytes: number | null): string {
  if (bytes === null) return UNKNOWN;
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let at = 0;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${value >= 100 || at === 0 ? Math.round(value) : value.toFixed(1)} ${units[at] ?? ''}`;
}

function percent(value: number | null): string {
  return value === null ? UNKNOWN : `${Math.round(value * 10) / 10} %`;
}

/** `null` parts are left out, so that a sentence never says "null". */
function join(parts: readonly (string | null)[], by = ', '): string {
  return parts.filter(part => part !== null && part !== '').join(by);
}

function some<Item>(items: readonly Item[], word: (item: Item) => string, most = 3): string {
  const shown = items.slice(0, most).map(word);
  const rest = items.length - shown.length;
  return rest > 0 ? `${shown.join('; ')}; ${rest} more` : shown.join('; ');
}

/** A check's words over its own schema: a value of another version is said to be one, not guessed at. */
function told<Schema extends z.ZodType>(
  schema: Schema,
  words: (value: z.infer<Schema>) => string,
): (value: unknown) => string {
  return value => {
    const checked = schema.safeParse(value);
    return checked.success ? words(checked.data) : 'value of another version';
  };
}

const WORDS: Readonly<Record<ScanId, (value: unknown) => string>> = {
  'os.version': told(scanValues['os.version'], value =>
    join([value.name, value.version, value.build === null ? null : `build ${value.build}`]),
  ),
  'os.support': told(
    scanValues['os.support'],
    value =>
      `${value.label} ${value.supported ? 'supported' : 'no longer supported'}${
        value.supportEnd === null ? '' : ` ${value.supported ? 'until' : 'since'} ${value.supportEnd}`
      }`,
  ),
  'disk.free': told(scanValues['disk.free'], value =>
    some(value.volumes, one => `${one.mount} ${size(one.freeBytes)} free of ${size(one.sizeBytes)}`),
  ),
  'disk.health': told(scanValues['disk.health'], value =>
    some(value.disks, one =>
      join(
        [one.device, one.health, one.wearPercent === null ? null : `${one.wearPercent} % worn`, one.reason],
        ' ',
      ),
    ),
  ),
  battery: told(
    scanValues.battery,
    value =>
      join([
        value.percent === null ? null : `${percent(value.percent)} charged`,
        value.onAc === null ? null : value.onAc ? 'on mains' : 'on battery',
        value.healthPercent === null ? null : `health ${percent(value.healthPercent)}`,
        value.batteries.length > 1 ? `${value.batteries.length} batteries` : null,
      ]) || UNKNOWN,
  ),
  'disk.encryption': told(scanValues['disk.encryption'], value =>
    join([
      `system volume ${value.systemVolume}`,
      value.volumes.find(one => one.system)?.method ?? null,
      value.volumes.length > 1 ? `${value.volumes.length} volumes` : null,
    ]),
  ),
  'fw.enabled': told(scanValues['fw.enabled'], value =>
    join([
      value.enabled ? 'on' : 'off',
      value.product,
      value.profiles === null
        ? null
        : Object.entries(value.profiles)
            .map(([name, on]) => `${name} ${on === null ? UNKNOWN : on ? 'on' : 'off'}`)
            .join(' '),
    ]),
  ),
  uptime: told(scanValues.uptime, value =>
    join([shortDuration(value.seconds * 1000), value.fastStartup === true ? 'fast startup' : null]),
  ),
  'reboot.pending': told(scanValues['reboot.pending'], value =>
    value.pending ? `restart waits: ${value.markers.join(', ')}` : 'no restart waits',
  ),
  perf: told(scanValues.perf, value =>
    join([
      `CPU ${percent(value.cpuPercent)}`,
      `memory ${
        value.memoryUsedBytes === null || value.memoryTotalBytes === 0
          ? UNKNOWN
          : percent((100 * value.memoryUsedBytes) / value.memoryTotalBytes)
      } of ${size(value.memoryTotalBytes)}`,
    ]),
  ),
  'net.mac': told(scanValues['net.mac'], value =>
    value.adapters.length === 0
      ? 'no physical adapter'
      : some(value.adapters, one => `${one.name} ${one.mac}`),
  ),
  processes: told(scanValues.processes, value =>
    join([
      `${value.count} running`,
      value.busiest[0] === undefined ? null : `busiest ${value.busiest[0].name}`,
    ]),
  ),
  'av.products': told(scanValues['av.products'], security.productsLine),
  'av.defender': told(scanValues['av.defender'], security.defenderLine),
  antispyware: told(scanValues.antispyware, security.productsLine),
  'boot.secure': told(scanValues['boot.secure'], security.secureBootLine),
  tpm: told(scanValues.tpm, security.tpmLine),
  'os.integrity': told(scanValues['os.integrity'], security.integrityLine),
  gatekeeper: told(scanValues.gatekeeper, security.gatekeeperLine),
  'screen.lock': told(scanValues['screen.lock'], security.screenLockLine),
  'password.policy': told(scanValues['password.policy'], security.passwordLine),
  'login.auto': told(scanValues['login.auto'], security.loginLine),
  'remote.access': told(scanValues['remote.access'], security.remoteLine),
  'edr.falcon': told(scanValues['edr.falcon'], security.falconLine),
  'crash.count': told(scanValues['crash.count'], security.crashLine),
  'app.citrixWorkspace': told(scanValues['app.citrixWorkspace'], software.citrixLine),
  'app.installed': told(scanValues['app.installed'], software.appsLine),
  file: told(scanValues.file, software.filesLine),
  process: told(scanValues.process, software.processesLine),
  service: told(scanValues.service, software.servicesLine),
  'registry.numeric': told(scanValues['registry.numeric'], software.registryLine),
  'registry.text': told(scanValues['registry.text'], software.registryLine),
  'cert.device': told(scanValues['cert.device'], software.certificatesLine),
  'join.domain': told(scanValues['join.domain'], software.joinLine),
  'sso.prt': told(scanValues['sso.prt'], software.prtLine),
  'update.lastCheck': told(scanValues['update.lastCheck'], software.lastCheckLine),
  'update.missing': told(scanValues['update.missing'], software.missingLine),
  'update.lastInstalled': told(scanValues['update.lastInstalled'], software.lastInstalledLine),
  'update.auto': told(scanValues['update.auto'], software.autoLine),
  'mdm.enrolled': told(scanValues['mdm.enrolled'], software.enrolledLine),
  'mdm.lastSync': told(scanValues['mdm.lastSync'], software.lastSyncLine),
  browser: told(scanValues.browser, software.browserLine),
  'time.skew': told(scanValues['time.skew'], software.clockLine),
  'net.vpn': told(scanValues['net.vpn'], software.vpnLine),
};

function inWords(id: string, one: Finding): string {
  if (one.status !== 'ok') return '-';
  return isScanId(id) ? WORDS[id](one.value) : 'value of a check this version does not know';
}

function reasonOf(one: Finding): string {
  if (one.status === 'ok') return '';
  return one.detail === undefined ? one.reason : `${one.reason}: ${one.detail}`;
}

/** Time to the answer, and processor time of the programs that were started for it. */
function costOf(one: Finding): string {
  const programs = one.cpuMs === undefined ? '' : `, programs ${Math.round(one.cpuMs)} ms`;
  const slowed = one.slowed === undefined ? '' : `, every ${one.slowed}th time only`;
  return `${Math.round(one.ms)} ms${programs}${slowed}`;
}

/** What a whole round took; `cpuMs` null where the system does not tell what programs take. */
export interface RoundCost {
  readonly checks: number;
  readonly wallMs: number;
  readonly ownCpuMs: number;
  readonly programsCpuMs: number | null;
}

/** `12 checks in 130 ms, 60 ms of processor time` */
export function roundCostLine({ checks, wallMs, ownCpuMs, programsCpuMs }: RoundCost): string {
  const ms = Math.round(ownCpuMs + (programsCpuMs ?? 0));
  const without = programsCpuMs === null ? ', that of started programs not counted' : '';
  return `${checks} checks in ${Math.round(wallMs)} ms, ${ms} ms of processor time${without}\n`;
}

/** Control characters (a terminal would obey them) as blanks, and no more than `most` characters. */
function printable(text: string, most: number): string {
  const plain = text.replace(/\p{C}/gu, ' ');
  return plain.length > most ? `${plain.slice(0, most - 1)}…` : plain;
}

/** Columns check, status, value, age, cost, reason; rows in the order of the checks' names. `now` in milliseconds since 1970. */
export function findingsTable(findings: Findings, now: number): string {
  const rows = Object.entries(findings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, one]) => [
      printable(id, 24),
      one.status,
      printable(inWords(id, one), 72),
      shortDuration(now - one.at),
      costOf(one),
      printable(reasonOf(one), 72),
    ]);
  const table = [['check', 'status', 'value', 'age', 'cost', 'reason'], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map(row => (row[column] ?? '').length)),
  );
  return `${table
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}
