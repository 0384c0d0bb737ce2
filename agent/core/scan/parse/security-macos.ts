import type {
  Falcon,
  Gatekeeper,
  OsIntegrity,
  PasswordPolicy,
  ScreenLock,
  SecureBoot,
  Tpm,
} from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { readIntegrity } from '../facts/mac.ts';
import { isDict, type PlistDict, parsePlist } from './plist.ts';
import { flagIn, numberIn, textIn } from './rows.ts';
import { factsOf } from './told.ts';

/** How macOS says it is protected. What a configuration profile orders comes beside it, as a dictionary of one domain. */

/** The security chip's entry of `system_profiler SPiBridgeDataType -json`; null on a Mac that has none. */
export function parseBridge(stdout: Uint8Array): Answer<PlistDict | null> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('no-output', 'SPiBridgeDataType');
  try {
    const json: unknown = JSON.parse(text);
    const list = isDict(json) ? json.SPiBridgeDataType : undefined;
    if (!Array.isArray(list)) return unanswered('parse-error', 'SPiBridgeDataType');
    const items: unknown[] = list;
    if (items.length === 0) return answered(null);
    const item = items[0];
    return isDict(item) && Object.keys(item).length > 0
      ? answered(item)
      : unanswered('parse-error', 'SPiBridgeDataType');
  } catch {
    return unanswered('parse-error', 'SPiBridgeDataType');
  }
}

/** Words of `ibridge_secure_boot`; osquery's `secureboot` table reads the same. Elsewhere than in English they are translated. */
const BOOT_LEVELS: Readonly<Record<string, NonNullable<SecureBoot['level']>>> = {
  'Full Security': 'full',
  'Medium Security': 'medium',
  'Reduced Security': 'reduced',
  'Permissive Security': 'permissive',
  'No Security': 'none',
};

export function macSecureBoot(bridge: PlistDict | null): Answer<SecureBoot> {
  if (bridge === null) return unanswered('not-supported', 'this Mac has no chip that checks what starts');
  const level = BOOT_LEVELS[textIn(bridge, 'ibridge_secure_boot') ?? ''];
  if (level === undefined)
    return unanswered('not-supported', 'the level of secure boot is not told, or in another language');
  return answered({
    enabled: level !== 'permissive' && level !== 'none',
    firmware: 'apple',
    level,
    defeatedBy: null,
  });
}

/** T1, T2 and Apple silicon have a Secure Enclave; it needs no setting up. */
export function macTpm(bridge: PlistDict | null): Tpm {
  return {
    present: bridge !== null,
    kind: 'secureEnclave',
    version: null,
    ready: bridge !== null,
    manufacturer: bridge === null ? null : 'Apple',
  };
}

/**
 * `csrutil status` and the root's line of `mount`. "unknown (Custom Configuration)" is what csrutil says when parts of the protection are
 * switched off: not enabled. NIST's mSCP reads `sealed` from mount since csrutil's authenticated-root was dropped.
 */
export function macIntegrity(csrutil: Uint8Array, mount: Uint8Array | null): Answer<OsIntegrity> {
  const text = decode(csrutil);
  const customised = /^System Integrity Protection status: \w+ \(Custom Configuration\)\.?\s*$/m.test(text);
  const facts = customised ? null : factsOf(readIntegrity, 'csrutil', csrutil, 'integrity');
  if (facts !== null && !facts.ok) return facts;
  const enabled = facts === null ? false : flagIn(facts.value, 'sipEnabled');
  if (enabled === null) return unanswered('parse-error', 'csrutil');
  const options = mount === null ? undefined : /^\S+ on \/ \(([^()]*)\)/m.exec(decode(mount))?.[1];
  return answered({
    kind: 'sip',
    enabled,
    configured: null,
    vbs: null,
    credentialGuard: null,
    sealedSystem: options === undefined ? null : /(^|, )sealed(,|$)/.test(options),
    customised,
    lockdown: null,
  });
}

/** `spctl --status --verbose`: `assessments enabled`, `developer id enabled`. `managed` is com.apple.systempolicy.control. */
export function macGatekeeper(stdout: Uint8Array, managed: Answer<PlistDict | null>): Answer<Gatekeeper> {
  const facts = factsOf(readIntegrity, 'spctl', stdout, 'integrity');
  if (!facts.ok) return facts;
  const enabled = flagIn(facts.value, 'gatekeeperEnabled');
  if (enabled === null) return unanswered('parse-error', 'spctl');
  const developers = /^developer id (enabled|disabled)\s*$/m.exec(decode(stdout))?.[1];
  return answered({
    product: 'gatekeeper',
    enabled,
    enforced: !managed.ok ? null : managed.value === null ? false : managed.value.EnableAssessment === true,
    sources: !enabled
      ? 'anywhere'
      : developers === undefined
        ? null
        : developers === 'enabled'
          ? 'identifiedDevelopers'
          : 'appStore',
    level: null,
  });
}

/** `sysadminctl -screenLock status`, on stderr behind a time stamp: seconds from the dark screen to the password; `null`: never. */
export function parseScreenLock(stderr: Uint8Array): Answer<number | null> {
  const text = decode(stderr);
  if (text.trim() === '') return unanswered('no-output', 'sysadminctl');
  const [, seconds, word] =
    /\bscreenLock (?:delay )?is (?:(\d{1,7}) seconds?|(immediate|off))\b\.?\s*$/m.exec(text) ?? [];
  if (word === 'off') return answered(null);
  if (word === 'immediate') return answered(0);
  return seconds === undefined ? unanswered('parse-error', 'sysadminctl') : answered(Number(seconds));
}

function wholeIn(dict: PlistDict | null, ...names: string[]): number | null {
  for (const name of names) {
    const value = dict === null ? null : numberIn(dict, name);
    if (value !== null && value >= 0) return Math.round(value);
  }
  return null;
}

/**
 * The person's own setting (null: asked from outside their session, which would answer for somebody else) with what a profile of
 * com.apple.screensaver orders (keys of NIST's mSCP and Fleet). The password is asked for `grace` seconds after the screen went dark or the saver
 * began, which is after `idleTime`.
 */
export function macScreenLock(
  own: Answer<{ grace: number | null; idleSeconds: number | null }>,
  managed: Answer<PlistDict | null>,
): Answer<ScreenLock> {
  const dict = managed.ok ? managed.value : null;
  const asks = dict === null ? null : flagIn(dict, 'askForPassword');
  const enforcedGrace = wholeIn(dict, 'askForPasswordDelay');
  const enforcedIdle = wholeIn(dict, 'idleTime');
  const enforced = !managed.ok ? null : asks === true;
  if (!own.ok && enforced !== true) return own;
  // A profile's value cannot be changed by the person, so it also says what is so.
  const grace = asks === true && enforcedGrace !== null ? enforcedGrace : own.ok ? own.value.grace : null;
  const idle = enforcedIdle ?? (own.ok ? own.value.idleSeconds : null);
  const enabled = own.ok ? own.value.grace !== null || asks === true : true;
  return answered({
    enabled,
    // 0: the screen saver never starts; the display may still go dark earlier or later than anybody tells here.
    idleSeconds: idle === 0 ? null : idle,
    graceSeconds: enabled ? grace : null,
    delaySeconds: enabled && grace !== null && idle !== null && idle > 0 ? idle + grace : null,
    enforced,
    enforcedIdleSeconds: enforcedIdle,
    enforcedGraceSeconds: enforcedGrace,
  });
}

/** `{15,}` of `policyAttributePassword matches '.{15,}+'`: any characters, so many of them. */
const LENGTH = /matches\s+'\^?(?:\(\?=\.\*[^)]*\))*\.\{(\d{1,4}),(?:\d{1,4})?\}\+?\$?'/;
/** A class of characters that must occur: `'.*[0-9].*'`, `'(.*[A-Z].*){1,}+'`. */
const CLASS = /matches\s+'[^']*\[(?:0-9|A-Z|a-z|a-zA-Z|A-Za-z|\^a-zA-Z0-9)\][^']*'/;

/**
 * `pwpolicy -getaccountpolicies`: a line of text, then a property list of policies; without the list none is set. `managed` is
 * com.apple.mobiledevice.passwordpolicy. Of several rules the strictest holds.
 */
export function macPasswordPolicy(
  stdout: Uint8Array,
  managed: Answer<PlistDict | null>,
): Answer<PasswordPolicy> {
  const text = decode(stdout);
  if (text.trim() === '') return unanswered('no-output', 'pwpolicy');
  const start = text.indexOf('<?xml');
  if (start < 0 && !/^Getting (global )?account policies/.test(text.trim()))
    return unanswered('parse-error', 'pwpolicy');
  const plist = start < 0 ? {} : parsePlist(text.slice(start));
  if (!isDict(plist)) return unanswered('parse-error', 'pwpolicy');
  const lengths: number[] = [];
  const histories: number[] = [];
  const ages: number[] = [];
  const lockouts: number[] = [];
  let complexity = false;
  let unread = false;
  for (const [category, list] of Object.entries(plist)) {
    if (!/^policyCategory/.test(category)) continue;
    if (!Array.isArray(list)) {
      unread = true;
      continue;
    }
    for (const one of list) {
      if (!isDict(one)) {
        unread = true;
        continue;
      }
      const content = textIn(one, 'policyContent', 2000) ?? '';
      const given = isDict(one.policyParameters) ? one.policyParameters : {};
      const take = (into: number[], name: string): void => {
        const value = wholeIn(given, name);
        if (value !== null && value > 0) into.push(value);
      };
      const length = LENGTH.exec(content)?.[1];
      if (length !== undefined) lengths.push(Number(length));
      take(lengths, 'minimumLength');
      take(histories, 'policyAttributePasswordHistoryDepth');
      take(ages, 'policyAttributeExpiresEveryNDays');
      take(lockouts, 'policyAttributeMaximumFailedAuthentications');
      complexity ||=
        CLASS.test(content) ||
        ['minimumLetters', 'minimumNumericCharacters', 'minimumSymbols', 'minimumMixedCaseCharacters'].some(
          name => (wholeIn(given, name) ?? 0) > 0,
        );
    }
  }
  const dict = managed.ok ? managed.value : null;
  const add = (into: number[], name: string): void => {
    const value = wholeIn(dict, name);
    if (value !== null && value > 0) into.push(value);
  };
  add(lengths, 'minLength');
  add(histories, 'pinHistory');
  add(ages, 'maxPINAgeInDays');
  add(lockouts, 'maxFailedAttempts');
  complexity ||=
    dict !== null && (dict.requireAlphanumeric === true || (wholeIn(dict, 'minComplexChars') ?? 0) > 0);
  // What a rule that could not be read demands is not "nothing".
  const strictest = (values: readonly number[], of: 'most' | 'least'): number | null =>
    values.length > 0 ? (of === 'most' ? Math.max(...values) : Math.min(...values)) : unread ? null : 0;
  const maxAge = strictest(ages, 'least');
  return answered({
    minLength: strictest(lengths, 'most'),
    history: strictest(histories, 'most'),
    expires: maxAge === null ? null : maxAge > 0,
    maxAgeDays: maxAge === 0 ? null : maxAge,
    complexity: complexity ? true : unread ? null : false,
    lockoutAfter: strictest(lockouts, 'least'),
    enforced: managed.ok ? dict !== null : null,
  });
}

/** Facts of `falconctl` and of `systemextensionsctl list` as one value. Ids that are not 32 hexadecimal digits are dropped. */
export function falconOf(facts: Readonly<Record<string, unknown>>): Falcon {
  const id = textIn(facts, 'agentId')?.replace(/-/g, '').toLowerCase() ?? '';
  const version = textIn(facts, 'version');
  return {
    installed: flagIn(facts, 'installed') ?? true,
    running: flagIn(facts, 'running'),
    reducedFunctionality: flagIn(facts, 'reducedFunctionality'),
    registered: flagIn(facts, 'registered'),
    connected: flagIn(facts, 'connected'),
    version: version !== null && /^\d+(\.\d+)+$/.test(version) ? version : null,
    agentId: /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id) ? id : null,
  };
}
