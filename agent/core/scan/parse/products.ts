import type { Defender, SecurityProducts } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { allOf, readMpComputerStatus, readSecurityProducts } from '../facts/windows-security.ts';
import { shortText } from './keys.ts';
import { isDict } from './plist.ts';
import { flagIn, numberIn, type Row, textIn } from './rows.ts';
import { factsOfRows, momentIn } from './told.ts';

/** Products against malware: from Windows Security Center, from vendors' own tools, from macOS. */

export type SecurityProduct = SecurityProducts['products'][number];

/** Whether any protects, and whether those that do are current. None at all says neither. */
export function judgeProducts(products: readonly SecurityProduct[]): SecurityProducts {
  const on = products.filter(one => one.state === 'on');
  return {
    products: products.slice(0, 16),
    enabled:
      on.length > 0
        ? true
        : products.length === 0 || products.some(one => one.state === 'unknown')
          ? null
          : false,
    upToDate: allOf(on.map(one => (one.signatures === 'unknown' ? null : one.signatures === 'upToDate'))),
  };
}

function stateOf(word: string | null): SecurityProduct['state'] {
  return word === 'on' || word === 'off' || word === 'snoozed' || word === 'expired' ? word : 'unknown';
}

function signaturesOf(word: string | null): SecurityProduct['signatures'] {
  return word === 'upToDate' || word === 'outOfDate' ? word : 'unknown';
}

/**
 * AntiVirusProduct and AntiSpywareProduct of root/SecurityCenter2. An empty list is no answer: the Security Center lists nothing while its
 * service does not run, too.
 */
export function windowsProducts(
  rows: readonly Row[],
  kind: 'antivirus' | 'antispyware',
): Answer<SecurityProducts> {
  if (rows.length === 0) return unanswered('no-output', 'Windows Security Center lists no product');
  const facts = factsOfRows(readSecurityProducts, `${kind}product`, rows, 'securityProducts');
  if (!facts.ok) return facts;
  const list = facts.value[kind];
  const products = (Array.isArray(list) ? list.filter(isDict) : []).flatMap((one): SecurityProduct[] => {
    const name = textIn(one, 'name');
    if (name === null) return [];
    return [
      {
        name,
        state: stateOf(textIn(one, 'state')),
        signatures: signaturesOf(textIn(one, 'signatures')),
        // The time stamp beside it is that of the last change of state, not of the signatures.
        signaturesAt: null,
        version: null,
        builtIn: textIn(one, 'owner') === 'microsoft',
      },
    ];
  });
  return products.length === 0
    ? unanswered('parse-error', 'no product has a name')
    : answered(judgeProducts(products));
}

/** Facts of family `edr` as one product. Running without its kernel module (reduced functionality) is not protecting. */
export function productOf(facts: Row): SecurityProduct {
  const reduced = flagIn(facts, 'reducedFunctionality');
  const running = flagIn(facts, 'running');
  const protects =
    reduced === true
      ? false
      : (flagIn(facts, 'protects') ?? ('reducedFunctionality' in facts && reduced === null ? null : running));
  return {
    name: textIn(facts, 'product') ?? 'unknown product',
    state: protects === true ? 'on' : protects === false ? 'off' : 'unknown',
    signatures: signaturesOf(textIn(facts, 'signatures')),
    signaturesAt: momentIn(facts, 'signatureUpdated'),
    version: textIn(facts, 'version'),
    builtIn: false,
  };
}

/** `xprotect version` of macOS 15 and later: `Version: 5297 Installed: 2025-05-20 17:01:24 +0000`. */
export function parseXprotectVersion(
  stdout: Uint8Array,
): { version: string; installedAt: number | null } | null {
  const text = decode(stdout);
  const version = /\bVersion: *(\d{2,8})\b/.exec(text)?.[1];
  if (version === undefined) return null;
  const [, day, time] = /\bInstalled: *(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) \+0000/.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}Z`);
  return { version, installedAt: Number.isFinite(at) ? at : null };
}

/** `xprotect status`: both kinds of scans must be on; NIST's mSCP looks at the same two lines. */
export function parseXprotectStatus(stdout: Uint8Array): boolean | null {
  const text = decode(stdout);
  const scans = (kind: string): boolean | null => {
    const word = new RegExp(`^[^\\S\\n]*(?:XProtect )?${kind} scans: (enabled|disabled)\\s*$`, 'im').exec(
      text,
    )?.[1];
    return word === undefined ? null : word.toLowerCase() === 'enabled';
  };
  return allOf([scans('launch'), scans('background')]);
}

// --- Defender -----------------------------------------------------------------------------------------------------------

const DAY_MS = 86_400_000;

function ageOf(value: number | null): Defender['signatureAgeDays'] {
  if (value === null || value < 0) return null;
  // All bits set, in 16 or 32: never.
  return value === 65_535 || value === 4_294_967_295 ? 'never' : value;
}

/** Whole days since; null when unknown or, by a clock set back, in the future. */
function daysSince(at: number | null, now: number): number | null {
  return at === null || at > now ? null : Math.floor((now - at) / DAY_MS);
}

const MODES: readonly (readonly [RegExp, NonNullable<Defender['mode']>])[] = [
  [/^normal$/i, 'normal'],
  [/^passive( mode)?$/i, 'passive'],
  [/^sxs passive( mode)?$/i, 'sxsPassive'],
  [/^edr (block|blocked)( mode)?$/i, 'edrBlock'],
  [/^not running$/i, 'notRunning'],
];

/** ComputerState of MSFT_MpComputerStatus, bit by bit. */
const WAITS_FOR: readonly (readonly [number, NonNullable<Defender['waitsFor']>[number]])[] = [
  [1, 'fullScan'],
  [2, 'restart'],
  [4, 'manualSteps'],
  [8, 'offlineScan'],
  [16, 'criticalFailure'],
];

/** Get-MpComputerStatus. */
export function windowsDefender(rows: readonly Row[], now: number): Answer<Defender> {
  const row = rows[0];
  if (row === undefined) return unanswered('no-output', 'Get-MpComputerStatus');
  const told = factsOfRows(readMpComputerStatus, 'get-mpcomputerstatus', rows, 'defender');
  if (!told.ok) return told;
  const facts = told.value;
  const mode = textIn(facts, 'amRunningMode');
  const state = numberIn(row, 'ComputerState');
  const signaturesAt = momentIn(facts, 'signatureUpdated');
  return answered({
    mode: MODES.find(([pattern]) => mode !== null && pattern.test(mode))?.[1] ?? null,
    enabled: flagIn(facts, 'antivirusEnabled'),
    realTimeProtection: flagIn(facts, 'realTimeProtection'),
    behaviorMonitoring: flagIn(facts, 'behaviorMonitor'),
    tamperProtection: flagIn(facts, 'tamperProtected'),
    healthy: null,
    licensed: null,
    productVersion: textIn(facts, 'productVersion'),
    engineVersion: textIn(facts, 'engineVersion'),
    signatureVersion: textIn(facts, 'signatureVersion'),
    signaturesAt,
    signatureAgeDays: ageOf(numberIn(row, 'AntivirusSignatureAge')) ?? daysSince(signaturesAt, now),
    quickScanAgeDays: ageOf(numberIn(row, 'QuickScanAge')),
    fullScanAgeDays: ageOf(numberIn(row, 'FullScanAge')),
    waitsFor:
      state === null || state < 0
        ? null
        : WAITS_FOR.flatMap(([bit, what]) => ((state & bit) === 0 ? [] : [what])),
  });
}

/** Facts of `mdatp health`. Protection that only reports (`audit`) is not protection. */
export function mdatpDefender(facts: Row, now: number): Defender {
  const passive = flagIn(facts, 'passiveMode');
  const tamper = textIn(facts, 'tamperProtection');
  const signaturesAt = momentIn(facts, 'signatureUpdated');
  return {
    mode: passive === null ? null : passive ? 'passive' : 'normal',
    enabled: flagIn(facts, 'protects'),
    realTimeProtection: flagIn(facts, 'realTimeProtection'),
    behaviorMonitoring: null,
    tamperProtection: tamper === 'block' ? true : tamper === 'audit' || tamper === 'disabled' ? false : null,
    healthy: flagIn(facts, 'healthyFlag'),
    licensed: flagIn(facts, 'licensed'),
    productVersion: textIn(facts, 'version'),
    engineVersion: null,
    signatureVersion: textIn(facts, 'signatureVersion'),
    signaturesAt,
    signatureAgeDays: daysSince(signaturesAt, now),
    quickScanAgeDays: null,
    fullScanAgeDays: null,
    waitsFor: null,
  };
}

/** Defender as a product, where no Security Center lists it (Windows Server). */
export function defenderProduct(value: Defender): SecurityProduct | null {
  if (value.enabled === null && value.realTimeProtection === null) return null;
  const off = value.enabled === false || value.realTimeProtection === false;
  const on = value.enabled === true && value.realTimeProtection === true;
  return {
    name: 'Microsoft Defender Antivirus',
    state: off ? 'off' : on ? 'on' : 'unknown',
    signatures: 'unknown',
    signaturesAt: value.signaturesAt,
    version: shortText(value.productVersion),
    builtIn: true,
  };
}
