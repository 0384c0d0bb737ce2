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
} from '../device/facts-security.ts';
import { type Locale, sentence } from './sentence.ts';

/** What a device's protection looks like, as a sentence for each check. What is not known is said to be, never left out. */

export function productsWords(locale: Locale, value: SecurityProducts): string {
  const named = (products: SecurityProducts['products']): string => products.map(one => one.name).join(', ');
  if (value.products.length === 0) return sentence(locale, 'value.products.none');
  if (value.enabled === true)
    return sentence(locale, value.upToDate === false ? 'value.products.outdated' : 'value.products.on', {
      names: named(value.products.filter(one => one.state === 'on')),
    });
  return sentence(locale, value.enabled === false ? 'value.products.off' : 'value.products.unknown', {
    names: named(value.products),
  });
}

export function defenderWords(locale: Locale, value: Defender): string {
  const { realTimeProtection: on, signatureAgeDays: days } = value;
  const state = on === true ? 'on' : on === false ? 'off' : 'unknown';
  const words = sentence(locale, `value.defender.${state}`);
  return typeof days === 'number' ? `${words}, ${sentence(locale, 'value.defender.age', { days })}` : words;
}

export function secureBootWords(locale: Locale, value: SecureBoot): string {
  if (value.enabled) return sentence(locale, 'value.secure-boot.on');
  return sentence(locale, value.firmware === 'bios' ? 'value.secure-boot.bios' : 'value.secure-boot.off');
}

export function tpmWords(locale: Locale, { present, kind, ready, version }: Tpm): string {
  if (!present) return sentence(locale, 'value.tpm.none');
  if (ready === false) return sentence(locale, 'value.tpm.not-ready');
  if (kind === 'secureEnclave') return sentence(locale, 'value.tpm.enclave');
  return version === null
    ? sentence(locale, 'value.tpm.present')
    : sentence(locale, 'value.tpm.version', { version });
}

export function integrityWords(locale: Locale, { enabled, customised }: OsIntegrity): string {
  if (customised === true) return sentence(locale, 'value.integrity.customised');
  const state = enabled === true ? 'on' : enabled === false ? 'off' : 'unknown';
  return sentence(locale, `value.integrity.${state}`);
}

export function gatekeeperWords(locale: Locale, { enabled }: Gatekeeper): string {
  return sentence(locale, enabled ? 'value.gatekeeper.on' : 'value.gatekeeper.off');
}

export function screenLockWords(locale: Locale, { enabled, delaySeconds }: ScreenLock): string {
  if (enabled === null) return sentence(locale, 'value.lock.unknown');
  if (!enabled) return sentence(locale, 'value.lock.off');
  return delaySeconds === null
    ? sentence(locale, 'value.lock.on')
    : sentence(locale, 'value.lock.after', { minutes: delaySeconds / 60 });
}

export function passwordWords(locale: Locale, { minLength: count }: PasswordPolicy): string {
  if (count === null) return sentence(locale, 'value.password.unknown');
  return count === 0
    ? sentence(locale, 'value.password.none')
    : sentence(locale, 'value.password.length', { count });
}

export function loginWords(locale: Locale, { automatic, guest }: LoginAuto): string {
  if (automatic) return sentence(locale, 'value.auto-login.on');
  return sentence(locale, guest === true ? 'value.auto-login.guest' : 'value.auto-login.off');
}

export function remoteWords(locale: Locale, value: RemoteAccess): string {
  if (value.enabled === null) return sentence(locale, 'value.remote.unknown');
  if (!value.enabled) return sentence(locale, 'value.remote.off');
  const names = (['ssh', 'desktop', 'management'] as const)
    .filter(one => value[one] === true)
    .map(one => sentence(locale, `value.remote.${one}`));
  return sentence(locale, 'value.remote.on', { names: names.join(', ') });
}

export function falconWords(locale: Locale, value: Falcon): string {
  if (!value.installed) return sentence(locale, 'value.falcon.none');
  if (value.running === false) return sentence(locale, 'value.falcon.stopped');
  if (value.reducedFunctionality === true) return sentence(locale, 'value.falcon.reduced');
  return sentence(locale, value.running === null ? 'value.falcon.unknown' : 'value.falcon.running');
}

export function crashWords(locale: Locale, value: Crashes): string {
  const { days, systemCrashes } = value;
  // Only what is known can be added up; that the rest is none is not said.
  const count = [systemCrashes, value.unexpectedShutdowns, value.appCrashes, value.appHangs]
    .filter(one => one !== null)
    .reduce((sum, one) => sum + one, 0);
  if (count === 0) {
    const all = systemCrashes !== null && value.appCrashes !== null;
    return sentence(locale, all ? 'value.crashes.none' : 'value.crashes.unseen', { days });
  }
  const words = sentence(locale, 'value.crashes.count', { count, days });
  return systemCrashes === null || systemCrashes === 0
    ? words
    : `${words}, ${sentence(locale, 'value.crashes.system', { count: systemCrashes })}`;
}
