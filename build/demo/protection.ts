import type { ScanOutcome } from '../../agent/core/scan/scan.ts';
import { DAY, HOUR } from '../../shared/base/durations.ts';
import type { ScanValue } from '../../shared/device/facts.ts';
import type { securityValues } from '../../shared/device/facts-security.ts';
import type { DemoDevice } from './company.ts';
import { seedOf, unit } from './random.ts';

type SecurityId = keyof typeof securityValues;
type Tellers = { readonly [Id in SecurityId]: (t: number) => ScanOutcome<ScanValue<Id>> };

/** How a machine of the company is protected: what its maker and its administrators made of it, seldom changing. */
export function protectionOf(device: DemoDevice): Tellers {
  const { platform } = device.identity;
  const seed = seedOf(device.seed, 'protection');
  /** Is this one of the few (`share` of all) of which it is so? */
  const few = (n: number, share: number): boolean => unit(seed, n) < share;
  const ok = <Value>(value: Value): { status: 'ok'; value: Value } => ({ status: 'ok', value });
  const windows = platform === 'windows';
  const mac = platform === 'macos';
  const lenient = few(1, 0.06);
  /** Signatures come every few hours; on a few machines they stopped coming. */
  const signaturesAt = (t: number): number => {
    const stuck = few(2, 0.05) ? 9 * DAY : 0;
    return Math.floor((t - stuck) / (4 * HOUR)) * 4 * HOUR;
  };
  const ageDays = (t: number): number => Math.floor((t - signaturesAt(t)) / DAY);
  const realTime = !few(3, 0.03);
  const name = windows
    ? 'Microsoft Defender Antivirus'
    : mac
      ? 'XProtect'
      : 'Microsoft Defender for Endpoint';
  const products = (t: number): ScanValue<'av.products'> => {
    const current = ageDays(t) < 7;
    return {
      products: [
        {
          name,
          state: realTime ? 'on' : 'off',
          signatures: mac ? 'unknown' : current ? 'upToDate' : 'outOfDate',
          signaturesAt: windows ? null : signaturesAt(t),
          version: mac ? '5340' : null,
          builtIn: platform !== 'linux',
        },
      ],
      enabled: realTime,
      upToDate: mac || !realTime ? null : current,
    };
  };
  const hexOf = (n: number): string =>
    Math.floor(unit(seed, n) * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');

  return {
    'av.products': t => ok(products(t)),
    'av.defender': t =>
      mac
        ? { status: 'unsupported', reason: 'not-installed', detail: 'mdatp' }
        : ok({
            mode: 'normal',
            enabled: realTime,
            realTimeProtection: realTime,
            behaviorMonitoring: windows ? realTime : null,
            tamperProtection: !lenient,
            healthy: windows ? null : realTime,
            licensed: windows ? null : true,
            productVersion: windows ? '4.18.26100.9' : '101.26092.0004',
            engineVersion: windows ? '1.1.26100.5' : null,
            signatureVersion: '1.441.212.0',
            signaturesAt: signaturesAt(t),
            signatureAgeDays: ageDays(t),
            quickScanAgeDays: windows ? Math.floor(3 * unit(seed, 5)) : null,
            fullScanAgeDays: windows ? 'never' : null,
            waitsFor: windows ? [] : null,
          }),
    antispyware: t =>
      windows
        ? ok(products(t))
        : {
            status: 'unsupported',
            reason: 'not-applicable',
            detail: 'only Windows keeps a list of its own for antispyware',
          },
    'boot.secure': () =>
      ok({
        enabled: mac || !few(6, 0.05),
        firmware: mac ? 'apple' : 'uefi',
        level: mac ? 'full' : null,
        defeatedBy: null,
      }),
    tpm: () =>
      ok({
        present: true,
        kind: mac ? 'secureEnclave' : 'tpm',
        version: mac ? null : '2.0',
        ready: windows ? !few(7, 0.02) : true,
        manufacturer: mac ? 'Apple' : windows ? 'INTC' : null,
      }),
    'os.integrity': () =>
      ok({
        kind: mac ? 'sip' : windows ? 'memoryIntegrity' : 'lockdown',
        enabled: !few(8, mac ? 0.02 : 0.15),
        configured: windows ? true : null,
        vbs: windows ? 'running' : null,
        credentialGuard: windows ? !few(9, 0.2) : null,
        sealedSystem: mac ? true : null,
        customised: mac ? false : null,
        lockdown: platform === 'linux' ? (few(8, 0.15) ? 'none' : 'integrity') : null,
      }),
    gatekeeper: () =>
      platform === 'linux'
        ? {
            status: 'unsupported',
            reason: 'not-applicable',
            detail: 'Linux does not judge programs before they start',
          }
        : ok({
            product: mac ? 'gatekeeper' : 'smartScreen',
            enabled: true,
            enforced: !lenient,
            sources: mac ? 'identifiedDevelopers' : null,
            level: windows ? 'warn' : null,
          }),
    'screen.lock': () => {
      const idle = lenient ? 1800 : 600;
      return ok({
        enabled: true,
        idleSeconds: idle,
        graceSeconds: mac ? 5 : 0,
        delaySeconds: idle + (mac ? 5 : 0),
        enforced: !lenient,
        enforcedIdleSeconds: lenient ? null : idle,
        enforcedGraceSeconds: mac && !lenient ? 5 : null,
      });
    },
    'password.policy': () =>
      ok({
        minLength: lenient ? 8 : 14,
        history: 24,
        expires: false,
        maxAgeDays: null,
        complexity: true,
        lockoutAfter: 10,
        enforced: platform === 'linux' ? null : !lenient,
      }),
    'login.auto': () =>
      ok({ automatic: few(10, 0.01), guest: mac ? false : null, forbidden: mac ? !lenient : null }),
    'remote.access': () => {
      const ssh = platform === 'linux' || few(11, 0.04);
      const desktop = few(12, 0.05);
      return ok({ enabled: ssh || desktop, ssh, desktop, management: mac ? false : null });
    },
    'edr.falcon': () =>
      ok({
        installed: true,
        running: !few(13, 0.03),
        reducedFunctionality: windows ? null : platform === 'linux' && few(14, 0.3),
        registered: true,
        connected: null,
        version: windows ? '7.29.20108.0' : '7.29.20103.0',
        agentId: hexOf(15) + hexOf(16) + hexOf(17) + hexOf(18),
      }),
    'crash.count': () => {
      const apps = Math.floor(5 * unit(seed, 19) ** 3);
      return ok({
        days: 30,
        systemCrashes: few(20, 0.05) ? 1 : 0,
        unexpectedShutdowns: windows ? (few(21, 0.1) ? 1 : 0) : null,
        appCrashes: apps,
        appHangs: platform === 'linux' ? null : Math.floor(3 * unit(seed, 22) ** 3),
        programs:
          apps === 0
            ? []
            : [{ name: windows ? 'OUTLOOK.EXE' : mac ? 'Microsoft Outlook' : 'gnome-shell', count: apps }],
      });
    },
  };
}
