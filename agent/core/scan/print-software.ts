import type {
  AppInstalled,
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
} from '../../../shared/device/facts-software.ts';

/** A terminal's words for the checks of software, updates, management and the network; `not known` for what is not, never a blank. */

const UNKNOWN = 'not known';

function yesNo(value: boolean | null, yes: string, no: string): string {
  return value === null ? UNKNOWN : value ? yes : no;
}

function join(parts: readonly (string | null)[]): string {
  return parts.filter(part => part !== null && part !== '').join(', ');
}

function when(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? UNKNOWN : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `a yes; b not known`. */
function each<One extends { readonly id: string }>(rows: readonly One[], word: (row: One) => string): string {
  return rows.map(row => `${row.id} ${word(row)}`).join('; ');
}

export function citrixLine({ installed, version, scope }: CitrixWorkspace): string {
  return installed
    ? join([version ?? 'version not known', scope === 'user' ? 'for one person' : null])
    : 'not installed';
}

export function appsLine({ apps }: AppInstalled): string {
  return each(apps, one => yesNo(one.installed, one.version ?? 'installed', 'not installed'));
}

export function filesLine({ files }: FileScan): string {
  return each(files, one => {
    if (one.exists !== true) return yesNo(one.exists, '', 'not there');
    return join([one.version, one.hash === null ? one.reason : `${one.hash.hex.slice(0, 12)}…`]) || 'there';
  });
}

export function processesLine({ processes }: ProcessScan): string {
  return each(processes, one => yesNo(one.running, `runs ${one.count ?? ''}`.trim(), 'does not run'));
}

export function servicesLine({ services }: ServiceScan): string {
  return each(services, one =>
    one.installed === false ? 'not installed' : join([yesNo(one.running, 'runs', 'does not run'), one.start]),
  );
}

export function registryLine({ values }: RegistryNumeric | RegistryText): string {
  return each<(typeof values)[number]>(values, one =>
    one.exists === true ? String(one.value ?? one.reason ?? UNKNOWN) : yesNo(one.exists, '', 'not there'),
  );
}

export function certificatesLine({ certificates }: CertDevice): string {
  return each(certificates, one =>
    one.found === true
      ? join([yesNo(one.valid, 'valid', 'not valid'), yesNo(one.hasPrivateKey, 'with key', 'without key')])
      : yesNo(one.found, '', 'none'),
  );
}

export function joinLine(value: JoinDomain): string {
  return join([
    value.joinType ??
      `domain ${yesNo(value.adDomainJoined, 'joined', 'not joined')}, Entra ${yesNo(value.entraJoined, 'joined', 'not joined')}`,
    value.adDomain,
  ]);
}

export function prtLine({ present, updatedAt }: SsoPrt): string {
  return join([present ? 'present' : 'none', updatedAt === null ? null : `renewed ${when(updatedAt)}`]);
}

export function lastCheckLine({ checkedAt, atLeast }: UpdateLastCheck): string {
  return `${when(checkedAt)}${atLeast ? ' or later' : ''}`;
}

export function missingLine({ total, security, critical, restart }: UpdateMissing): string {
  return join([
    total === null ? null : `${total} missing`,
    security === null ? null : `${security} for security`,
    critical === null ? null : `${critical} critical`,
    restart === true ? 'restart needed' : null,
  ]);
}

export function lastInstalledLine({ installedAt, title }: UpdateLastInstalled): string {
  return join([when(installedAt), title]);
}

export function autoLine({ enabled, installs, enforced }: UpdateAuto): string {
  return join([
    enabled ? 'on' : 'off',
    installs === null ? null : installs ? 'installs' : 'asks first',
    enforced === true ? 'by policy' : null,
  ]);
}

export function enrolledLine({ enrolled, userApproved, server, provider }: MdmEnrolled): string {
  return enrolled
    ? join(['enrolled', userApproved === false ? 'not approved by the person' : null, provider, server])
    : 'not enrolled';
}

export function lastSyncLine({ syncedAt, lastTryOk }: MdmLastSync): string {
  return join([when(syncedAt), lastTryOk === false ? 'latest try failed' : null]);
}

export function browserLine(value: BrowserScan): string {
  return (
    join([
      ...value.browsers.map(one => `${one.name} ${one.version ?? ''}`.trim()),
      value.default === null ? null : `default ${value.default}`,
    ]) || 'no known browser'
  );
}

export function clockLine({ collectorOffsetMs, synchronised, configured }: TimeSkew): string {
  return join([
    collectorOffsetMs === null ? null : `${collectorOffsetMs} ms from the collector`,
    synchronised === null ? null : synchronised ? 'synchronised' : 'not synchronised',
    configured === null ? null : configured ? 'follows a time source' : 'follows none',
  ]);
}

export function vpnLine({ connected, tunnels }: NetVpn): string {
  return connected
    ? `connected: ${tunnels
        .filter(one => one.up)
        .map(one => one.name)
        .join(', ')}`
    : `not connected, ${tunnels.length} set up`;
}
