import type {
  Crashes,
  Defender,
  Falcon,
  Gatekeeper,
  LoginAuto,
  OsIntegrity,
  PasswordPolicy,
  RemoteAccess,
  ScreenLock,
  SecureBoot,
  SecurityProducts,
  Tpm,
} from '../../../shared/device/facts-security.ts';

/** A terminal's words for the checks of a device's protection; `not known` for what is not, never a blank. */

const UNKNOWN = 'not known';

function onOff(value: boolean | null): string {
  return value === null ? UNKNOWN : value ? 'on' : 'off';
}

function join(parts: readonly (string | null)[]): string {
  return parts.filter(part => part !== null && part !== '').join(', ');
}

export function productsLine(value: SecurityProducts): string {
  const words = { upToDate: 'up to date', outOfDate: 'out of date', unknown: null };
  return join(
    value.products.map(one =>
      [one.name, one.state === 'unknown' ? UNKNOWN : one.state, words[one.signatures]]
        .filter(part => part !== null)
        .join(' '),
    ),
  );
}

export function defenderLine(value: Defender): string {
  const age = value.signatureAgeDays;
  return join([
    `real time ${onOff(value.realTimeProtection)}`,
    value.mode,
    `tamper protection ${onOff(value.tamperProtection)}`,
    age === null ? null : age === 'never' ? 'never updated' : `signatures ${age} d old`,
  ]);
}

export function secureBootLine(value: SecureBoot): string {
  return join([onOff(value.enabled), value.firmware, value.level, value.defeatedBy]);
}

export function tpmLine(value: Tpm): string {
  if (!value.present) return 'none';
  const kind = value.kind === 'tpm' ? 'TPM' : 'Secure Enclave';
  const ready = value.ready === null ? `readiness ${UNKNOWN}` : value.ready ? 'ready' : 'not ready';
  return join([value.version === null ? kind : `${kind} ${value.version}`, ready]);
}

export function integrityLine(value: OsIntegrity): string {
  const names = { sip: 'SIP', memoryIntegrity: 'memory integrity', lockdown: 'lockdown' };
  return join([
    `${names[value.kind]} ${onOff(value.enabled)}`,
    value.customised === true ? 'customised' : null,
    value.configured === null ? null : `configured ${onOff(value.configured)}`,
    value.vbs === null ? null : `VBS ${value.vbs}`,
    value.sealedSystem === null ? null : value.sealedSystem ? 'sealed' : 'not sealed',
    value.lockdown,
  ]);
}

export function gatekeeperLine(value: Gatekeeper): string {
  const product = value.product === 'gatekeeper' ? 'Gatekeeper' : 'SmartScreen';
  return join([
    `${product} ${onOff(value.enabled)}`,
    value.sources,
    value.level,
    value.enforced === true ? 'enforced' : null,
  ]);
}

export function screenLockLine(value: ScreenLock): string {
  return join([
    value.enabled === null ? UNKNOWN : value.enabled ? 'locks' : 'does not lock',
    value.delaySeconds === null
      ? value.graceSeconds === null
        ? null
        : `${value.graceSeconds} s after going dark`
      : `after ${value.delaySeconds} s`,
    value.enforced === true ? 'enforced' : null,
  ]);
}

export function passwordLine(value: PasswordPolicy): string {
  const number = (name: string, count: number | null): string => `${name} ${count ?? UNKNOWN}`;
  return join([
    number('length', value.minLength),
    number('history', value.history),
    value.expires === null
      ? null
      : value.expires
        ? `expires after ${value.maxAgeDays ?? UNKNOWN} d`
        : 'does not expire',
    value.complexity === true ? 'complex' : null,
    number('lockout after', value.lockoutAfter),
  ]);
}

export function loginLine(value: LoginAuto): string {
  return join([
    value.automatic ? 'signs in by itself' : 'asks who signs in',
    value.guest === true ? 'guests allowed' : null,
    value.forbidden === true ? 'forbidden by profile' : null,
  ]);
}

export function remoteLine(value: RemoteAccess): string {
  return join([
    onOff(value.enabled),
    value.ssh === null ? null : `SSH ${onOff(value.ssh)}`,
    value.desktop === null ? null : `desktop ${onOff(value.desktop)}`,
    value.management === null ? null : `management ${onOff(value.management)}`,
  ]);
}

export function falconLine(value: Falcon): string {
  if (!value.installed) return 'not installed';
  return join([
    value.running === null ? `running ${UNKNOWN}` : value.running ? 'running' : 'not running',
    value.reducedFunctionality === true ? 'reduced functionality' : null,
    value.version,
  ]);
}

export function crashLine(value: Crashes): string {
  const number = (count: number | null, name: string): string => `${name} ${count ?? UNKNOWN}`;
  return join([
    `${value.days} d`,
    number(value.systemCrashes, 'system'),
    value.unexpectedShutdowns === null ? null : number(value.unexpectedShutdowns, 'unexpected ends'),
    number(value.appCrashes, 'programs'),
    value.appHangs === null ? null : number(value.appHangs, 'hangs'),
  ]);
}
