import { describe, expect, it } from 'vitest';
import { answered, unanswered } from '../../../agent/core/scan/answer.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { recordingName, replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { registryValue } from '../../../agent/core/scan/windows/values.ts';
import { isScanId } from '../../../shared/device/facts.ts';
import { securityValues } from '../../../shared/device/facts-security.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { findingWords } from '../../../shared/text/finding-words.ts';
import { LOCALES } from '../../../shared/text/sentence.ts';
import { bytes, fixture, handClock, mute } from './support.ts';

const quiet = new AbortController().signal;
const IDS = Object.keys(securityValues);

async function round(platform: Platform, probe: Probe, ids: readonly string[] = IDS) {
  return await createScanner({ platform, probe, clock: handClock() }).run(ids, quiet);
}

/** A machine whose programs print what the test says; arguments as one name, as recordings have it. */
function printing(
  outputs: Record<string, string | { out?: string; err?: string; code?: number }>,
  own: Partial<Probe> = {},
): Probe {
  return mute({
    command: async (program, args) => {
      const given = outputs[recordingName(program, args)] ?? outputs[program];
      if (given === undefined) return { ok: false, reason: 'not-installed' };
      const { out = '', err = '', code = 0 } = typeof given === 'string' ? { out: given } : given;
      return { ok: true, stdout: bytes(out), stderr: bytes(err), code };
    },
    ...own,
  });
}

/** Files and folders by path; the rest does not exist. */
function files(texts: Record<string, string>, more: Partial<Probe> = {}): Partial<Probe> {
  const paths = Object.keys(texts);
  const inside = (folder: string): string[] => [
    ...new Set(
      paths
        .filter(path => path.startsWith(`${folder}/`))
        .map(path => path.slice(folder.length + 1).split('/')[0] ?? ''),
    ),
  ];
  return {
    readFile: async path => {
      const text = texts[path];
      return text === undefined ? unanswered('not-present') : answered(text);
    },
    list: async folder => (inside(folder).length > 0 ? answered(inside(folder)) : unanswered('not-present')),
    exists: async path => answered(path in texts || inside(path).length > 0),
    ...more,
  };
}

const rootFacts = (root: boolean): Partial<Probe> => ({
  facts: () => ({ ...mute().facts(), root }),
});

/** One PowerShell round by section. */
function sections(rows: Record<string, unknown>, failed: Record<string, string> = {}): string {
  return [
    ...Object.entries(rows).map(([id, data]) => JSON.stringify({ id, ok: true, ms: 1, data })),
    ...Object.entries(failed).map(([id, error]) =>
      JSON.stringify({ id, ok: false, ms: 1, category: 'NotSpecified', hresult: 0, error }),
    ),
  ].join('\r\n');
}
const value = (Id: string, Value: string | number | null) => ({ Id, Set: Value !== null, Value });

describe('the protection of a recorded Windows laptop', async () => {
  const found = await round('windows', replayProbe(fixture('windows-laptop')));

  it('tells each product’s state and signatures from its number', () => {
    expect(found['av.products']).toMatchObject({
      value: {
        enabled: true,
        upToDate: false,
        products: [
          { name: 'Windows Defender', state: 'off', signatures: 'upToDate', builtIn: true },
          { name: 'Contoso Shield', state: 'on', signatures: 'outOfDate', builtIn: false },
        ],
      },
    });
    expect(found.antispyware).toMatchObject({ value: { enabled: true, upToDate: true } });
  });

  it('knows that Defender is passive, what it waits for, and that "never" is not an age', () => {
    expect(found['av.defender']).toMatchObject({
      value: {
        mode: 'passive',
        enabled: false,
        realTimeProtection: false,
        tamperProtection: true,
        signatureAgeDays: 'never',
        quickScanAgeDays: 3,
        fullScanAgeDays: 'never',
        waitsFor: ['restart', 'manualSteps'],
        signaturesAt: Date.UTC(2026, 10, 20, 4, 30, 11),
      },
    });
  });

  it('finds the TPM in the device manager where Get-Tpm is for administrators', () => {
    expect(found.tpm).toMatchObject({ value: { present: true, version: '2.0', ready: null } });
  });

  it('does not take memory integrity that is switched on for one that runs', () => {
    expect(found['os.integrity']).toMatchObject({
      value: { enabled: false, configured: true, vbs: 'running', credentialGuard: true },
    });
  });

  it('puts the policy before the setting', () => {
    expect(found.gatekeeper).toMatchObject({ value: { enabled: true, enforced: true, level: 'block' } });
  });

  it('counts the person whose screen saver asks for no password by the machine’s limit', () => {
    expect(found['screen.lock']).toMatchObject({
      value: { enabled: true, delaySeconds: 900, enforced: true },
    });
  });

  it('takes the stricter of the local and the MDM’s password rules', () => {
    expect(found['password.policy']).toMatchObject({
      value: { minLength: 12, history: 5, maxAgeDays: 42, lockoutAfter: 5, complexity: null, enforced: true },
    });
  });

  it('asks a service that is started by hand whether it runs', () => {
    expect(found['remote.access']).toMatchObject({ value: { enabled: false, ssh: false, desktop: false } });
  });

  it('takes the agent’s id and leaves the customer’s number', () => {
    expect(found['edr.falcon']).toMatchObject({
      value: { running: true, registered: true, agentId: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' },
    });
  });

  it('counts an end after a blue screen once, and programs by name only', () => {
    expect(found['crash.count']).toMatchObject({
      value: {
        systemCrashes: 1,
        unexpectedShutdowns: 2,
        appCrashes: 4,
        appHangs: 1,
        programs: [
          { name: 'planner.exe', count: 4 },
          { name: 'tool.exe', count: 1 },
        ],
      },
    });
  });

  it('signs nobody in by itself', () => {
    expect(found['login.auto']).toMatchObject({ value: { automatic: false } });
    expect(found['boot.secure']).toMatchObject({ value: { enabled: true, firmware: 'uefi' } });
  });
});

describe('the protection of a recorded Mac', async () => {
  const found = await round('macos', replayProbe(fixture('mac-laptop')));

  it('does not call a product unwell for a daemon that starts when needed', () => {
    expect(found['av.products']).toMatchObject({
      value: {
        enabled: true,
        products: [
          { name: 'SentinelOne', state: 'on' },
          { name: 'CrowdStrike Falcon', state: 'unknown' },
          { name: 'XProtect', state: 'on', version: '5340', signaturesAt: Date.UTC(2026, 10, 10, 18, 2, 31) },
        ],
      },
    });
  });

  it('sees the Falcon extension without root, and nothing more', () => {
    expect(found['edr.falcon']).toMatchObject({
      value: { installed: true, running: true, version: '7.30', agentId: null, reducedFunctionality: null },
    });
  });

  it('reads level, chip and seal', () => {
    expect(found['boot.secure']).toMatchObject({ value: { enabled: true, level: 'reduced' } });
    expect(found.tpm).toMatchObject({ value: { present: true, kind: 'secureEnclave' } });
    expect(found['os.integrity']).toMatchObject({ value: { enabled: true, sealedSystem: true } });
  });

  it('keeps what is so and what is ordered apart', () => {
    expect(found['screen.lock']).toMatchObject({
      value: {
        enabled: true,
        idleSeconds: 1200,
        graceSeconds: 5,
        delaySeconds: 1205,
        enforced: true,
        enforcedIdleSeconds: null,
        enforcedGraceSeconds: 5,
      },
    });
    expect(found.gatekeeper).toMatchObject({
      value: { enabled: true, enforced: false, sources: 'identifiedDevelopers' },
    });
  });

  it('adds the profile’s password rules to the account policies', () => {
    expect(found['password.policy']).toMatchObject({
      value: {
        minLength: 14,
        history: 4,
        expires: true,
        maxAgeDays: 180,
        complexity: true,
        lockoutAfter: 8,
        enforced: true,
      },
    });
  });

  it('asks whether somebody is signed in by itself, not who', () => {
    expect(found['login.auto']).toMatchObject({
      value: { automatic: false, guest: false, forbidden: false },
    });
  });

  it('tells the services apart', () => {
    expect(found['remote.access']).toMatchObject({
      value: { enabled: true, ssh: false, desktop: true, management: false },
    });
  });

  it('counts crashes of the last thirty days by the names of their reports', () => {
    expect(found['crash.count']).toMatchObject({
      value: {
        systemCrashes: 1,
        appCrashes: 4,
        appHangs: 1,
        programs: [
          { name: 'Planner', count: 2 },
          { name: 'Mail', count: 1 },
          { name: 'Safari', count: 1 },
          { name: 'WindowServer', count: 1 },
        ],
      },
    });
    expect(JSON.stringify(found)).not.toContain('sams-mac');
  });
});

describe('the protection of a recorded Linux laptop', async () => {
  const found = await round('linux', replayProbe(fixture('linux-laptop')));

  it('does not take "healthy" of a passive product for protection', () => {
    expect(found['av.defender']).toMatchObject({
      value: {
        healthy: true,
        enabled: false,
        realTimeProtection: false,
        mode: 'passive',
        tamperProtection: false,
      },
    });
    expect(found['av.products']).toMatchObject({
      value: { enabled: false, products: [{ state: 'off' }, { name: 'CrowdStrike Falcon', state: 'off' }] },
    });
  });

  it('calls a sensor without its kernel module running and reduced', () => {
    expect(found['edr.falcon']).toMatchObject({
      value: { running: true, reducedFunctionality: true, agentId: '0a1b2c3d4e5f60718293a4b5c6d7e8f9' },
    });
  });

  it('sees through a firmware switch that shim was told to ignore', () => {
    expect(found['boot.secure']).toMatchObject({ value: { enabled: false, defeatedBy: 'shim' } });
  });

  it('answers for everybody where the settings are locked', () => {
    expect(found['screen.lock']).toMatchObject({
      value: { enabled: true, delaySeconds: 630, enforced: true, enforcedIdleSeconds: 600 },
    });
  });

  it('lets a module’s own argument win over its file', () => {
    expect(found['password.policy']).toMatchObject({
      value: { minLength: 12, history: 5, maxAgeDays: 365, complexity: true, lockoutAfter: 4 },
    });
  });

  it('finds the sign-in without a person, and does not say whose', () => {
    expect(found['login.auto']).toMatchObject({ value: { automatic: true } });
    expect(JSON.stringify(found)).not.toContain('robin');
  });

  it('leaves old crashes out and counts a panic of two records once', () => {
    expect(found['crash.count']).toMatchObject({
      value: {
        systemCrashes: 1,
        appCrashes: 2,
        appHangs: null,
        programs: [
          { name: 'planner', count: 1 },
          { name: 'tool', count: 1 },
        ],
      },
    });
  });
});

describe('words for the protection of recorded machines', () => {
  it.each([
    ['windows', 'windows-laptop'],
    ['macos', 'mac-laptop'],
    ['linux', 'linux-laptop'],
  ] as const)('are whole sentences in every language on %s', async (platform, folder) => {
    for (const [id, one] of Object.entries(await round(platform, replayProbe(fixture(folder))))) {
      expect(isScanId(id)).toBe(true);
      for (const locale of LOCALES)
        expect(findingWords(locale, id, one), `${id} ${locale}`).toMatch(/^[^{}?]{2,}$/);
    }
  });
});

describe('Windows where PowerShell is locked down', () => {
  const locked =
    '{"id":"session","ok":false,"ms":0,"category":"ConstrainedLanguage","hresult":0,"error":"x"}';
  const reg = (key: string, name: string, type: string, text: string) => ({
    [recordingName('reg', [
      'query',
      key,
      '/v',
      name,
      '/reg:64',
    ])]: `\r\n${key.replace('HKLM', 'HKEY_LOCAL_MACHINE')}\r\n    ${name}    REG_${type}    ${text}\r\n\r\n`,
  });
  const proof = reg('HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion', 'CurrentBuild', 'SZ', '26100');
  const notThere = { reg: { err: 'ERREUR : clé introuvable', code: 1 } };

  it('answers from the registry what stands there, and says why where nothing does', async () => {
    const control = 'HKLM\\SYSTEM\\CurrentControlSet\\Control';
    const probe = printing({
      powershell: locked,
      ...notThere,
      ...proof,
      ...reg(`${control}\\SecureBoot\\State`, 'UEFISecureBootEnabled', 'DWORD', '0x1'),
      ...reg(`${control}\\Terminal Server`, 'fDenyTSConnections', 'DWORD', '0x0'),
      sc: { out: '[SC] EnumQueryServicesStatus:OpenService ÉCHEC 1060 :\r\n', code: 1060 },
    });
    const found = await round('windows', probe);
    expect(found['boot.secure']).toMatchObject({ value: { enabled: true } });
    expect(found['remote.access']).toMatchObject({ value: { enabled: true, desktop: true, ssh: false } });
    expect(found['login.auto']).toMatchObject({ value: { automatic: false } });
    expect(found['edr.falcon']).toMatchObject({ value: { installed: false, running: false } });
    for (const id of ['av.products', 'av.defender', 'antispyware', 'tpm', 'screen.lock', 'crash.count'])
      expect(found[id], id).toMatchObject({ status: 'failed', reason: 'constrained-language' });
  });

  it('believes no "not there" of a reg.exe that is forbidden', async () => {
    const found = await round('windows', printing({ powershell: locked, ...notThere }));
    for (const [id, one] of Object.entries(found)) expect(one.status, id).not.toBe('ok');
  });

  it('reads numbers and texts of a single value', async () => {
    const key = 'HKLM\\SOFTWARE\\Example';
    const probe = printing({
      ...reg(key, 'A', 'DWORD', '0x1f'),
      ...reg(key, 'B', 'SZ', ''),
      ...proof,
      ...notThere,
    });
    const ask = (name: string) => registryValue(probe, { id: 'x', key, name }, quiet);
    expect(await ask('A')).toEqual(answered(31));
    expect(await ask('B')).toEqual(answered(''));
    expect(await ask('C')).toEqual(answered(null));
  });
});

describe('Windows’ protection in unusual places', () => {
  const windows = (rows: Record<string, unknown>, failed: Record<string, string> = {}) =>
    round('windows', printing({ powershell: sections(rows, failed) }));

  it('takes Defender’s own word on a server, which has no Security Center', async () => {
    const found = await windows(
      { defender: [{ AMRunningMode: 'Normal', AntivirusEnabled: true, RealTimeProtectionEnabled: true }] },
      { antivirus: 'HRESULT 0x8004100e,Get-CimInstance' },
    );
    expect(found['av.products']).toMatchObject({
      value: { enabled: true, products: [{ name: 'Microsoft Defender Antivirus', state: 'on' }] },
    });
  });

  it('does not take an empty list for "no antivirus"', async () => {
    const found = await windows({ antivirus: [] });
    expect(found['av.products']).toMatchObject({ status: 'failed', reason: 'no-output' });
  });

  it('calls an old BIOS without Secure Boot off, and UEFI that says nothing unknown', async () => {
    const bios = await windows({ secureBoot: [value('secureBoot', null), value('firmware', 1)] });
    expect(bios['boot.secure']).toMatchObject({ value: { enabled: false, firmware: 'bios' } });
    const uefi = await windows({ secureBoot: [value('secureBoot', null), value('firmware', 2)] });
    expect(uefi['boot.secure']).toMatchObject({ status: 'unsupported', reason: 'not-supported' });
  });

  it('says that a screen does not lock when one person’s saver asks for nothing and no limit is set', async () => {
    const saver = { ScreenSaveActive: '1', ScreenSaverIsSecure: '0', ScreenSaveTimeOut: '60', Saver: true };
    const found = await windows({
      screenLock: [value('limit', 0), value('mdmMinutes', null)],
      screenSavers: [{ ...saver, ScreenSaverIsSecure: '1' }, saver],
    });
    expect(found['screen.lock']).toMatchObject({
      value: { enabled: false, enforced: false, delaySeconds: null },
    });
  });

  it('lets a policy win over the person’s own screen saver', async () => {
    const found = await windows({
      screenLock: [value('limit', null), value('mdmMinutes', null)],
      screenSavers: [
        {
          ScreenSaverIsSecure: '0',
          ScreenSaveTimeOut: '9000',
          Saver: true,
          PolicyScreenSaveActive: '1',
          PolicyScreenSaverIsSecure: '1',
          PolicyScreenSaveTimeOut: '300',
          PolicySaver: true,
        },
      ],
    });
    expect(found['screen.lock']).toMatchObject({
      value: { enabled: true, delaySeconds: 300, enforced: true },
    });
  });

  it('says that other people’s settings may not be read, and guesses at none', async () => {
    const machine = [value('limit', null), value('mdmMinutes', null)];
    const found = await windows({ screenLock: machine }, { screenSavers: 'SecurityException' });
    expect(found['screen.lock']).toMatchObject({ status: 'failed', reason: 'not-permitted' });
    const limited = await windows(
      { screenLock: [value('limit', 600), value('mdmMinutes', null)] },
      { screenSavers: 'SecurityException' },
    );
    expect(limited['screen.lock']).toMatchObject({
      value: { enabled: true, delaySeconds: 600, enforced: true },
    });
  });

  it('cannot tell a lock while nobody is signed in and no limit is set', async () => {
    const found = await windows({
      screenLock: [value('limit', null), value('mdmMinutes', null)],
      screenSavers: [],
    });
    expect(found['screen.lock']).toMatchObject({ status: 'unsupported', reason: 'not-applicable' });
  });

  it('calls passwords that never expire what they are', async () => {
    const found = await windows({
      passwordRules: [{ MinLength: 0, History: 0, MaxAgeSeconds: -1, LockoutAfter: 0 }],
      passwordExport: [{ Name: 'PasswordComplexity', Value: 1 }],
      passwordMdm: [value('off', 1)],
    });
    expect(found['password.policy']).toMatchObject({
      value: {
        minLength: 0,
        history: 0,
        expires: false,
        maxAgeDays: null,
        complexity: true,
        lockoutAfter: 0,
        enforced: false,
      },
    });
  });

  it('counts no event as 0 and an unreadable log as unknown', async () => {
    const kinds = (counts: Record<string, number | null>) =>
      Object.entries(counts).map(([Kind, Count]) => ({ Kind, Count, Programs: null }));
    const none = await windows({
      crashes: kinds({ bugcheck: 0, power: 0, unexpected: 0, crash: 0, hang: 0 }),
    });
    expect(none['crash.count']).toMatchObject({
      value: { systemCrashes: 0, unexpectedShutdowns: 0, appCrashes: 0, appHangs: 0, programs: [] },
    });
    const part = await windows({
      crashes: kinds({ bugcheck: null, power: 2, unexpected: null, crash: 0, hang: null }),
    });
    expect(part['crash.count']).toMatchObject({
      value: { systemCrashes: null, unexpectedShutdowns: null, appCrashes: 0, appHangs: null },
    });
    const denied = await windows({ crashes: kinds({ bugcheck: null, crash: null, hang: null }) });
    expect(denied['crash.count']).toMatchObject({ status: 'failed', reason: 'not-permitted' });
  });

  it('needs the driver and the service of Falcon to run', async () => {
    const state = (code: number, word: string) =>
      `SERVICE_NAME: x\r\n    TYPE               : 2  FILE_SYSTEM_DRIVER\r\n    STATE              : ${code}  ${word}\r\n`;
    const found = await round(
      'windows',
      printing({
        powershell: sections({ falcon: [] }),
        sc_query_csagent: state(4, 'RUNNING').replace('x', 'csagent'),
        sc_query_csfalconservice: state(1, 'STOPPED').replace('x', 'csfalconservice'),
        reg: { code: 1 },
      }),
      ['edr.falcon'],
    );
    expect(found['edr.falcon']).toMatchObject({ value: { installed: true, running: false, agentId: null } });
  });
});

describe('a Mac’s protection in unusual places', () => {
  const bridge = (level: string) =>
    JSON.stringify({ SPiBridgeDataType: [{ _name: 'x', ibridge_secure_boot: level }] });
  const mac = (outputs: Parameters<typeof printing>[0], own: Partial<Probe> = {}) =>
    round('macos', printing(outputs, { ...files({}), ...rootFacts(false), ...own }));

  it('calls a partly switched off System Integrity Protection not enabled', async () => {
    const found = await mac({
      csrutil:
        'System Integrity Protection status: unknown (Custom Configuration).\n\nConfiguration:\n\tKext Signing: enabled\n',
    });
    expect(found['os.integrity']).toMatchObject({ value: { enabled: false, customised: true } });
  });

  it.each([
    ['Full Security', true],
    ['Medium Security', true],
    ['Permissive Security', false],
    ['No Security', false],
  ])('judges %s', async (level, enabled) => {
    const found = await mac({ system_profiler: bridge(level) });
    expect(found['boot.secure']).toMatchObject({ value: { enabled } });
  });

  it('does not guess at a level in another language, or on a Mac without the chip', async () => {
    const translated = await mac({ system_profiler: bridge('Sécurité maximale') });
    expect(translated['boot.secure']).toMatchObject({ status: 'unsupported' });
    expect(translated.tpm).toMatchObject({ value: { present: true } });
    const old = await mac({ system_profiler: '{"SPiBridgeDataType":[]}' });
    expect(old['boot.secure']).toMatchObject({ status: 'unsupported', reason: 'not-supported' });
    expect(old.tpm).toMatchObject({ value: { present: false, ready: false } });
  });

  it.each([
    ['screenLock delay is immediate', { enabled: true, graceSeconds: 0 }],
    ['screenLock delay is 3600 seconds', { enabled: true, graceSeconds: 3600 }],
    ['screenLock is off', { enabled: false, graceSeconds: null }],
  ])('reads "%s" behind its time stamp', async (words, lock) => {
    const found = await mac({ sysadminctl: { err: `2026-11-22 09:14:03.128 sysadminctl[1:2] ${words}\n` } });
    expect(found['screen.lock']).toMatchObject({ value: { ...lock, enforced: false, delaySeconds: null } });
  });

  it('does not take root’s own screen lock for the person’s', async () => {
    const found = await mac({ sysadminctl: { err: 'screenLock delay is immediate\n' } }, rootFacts(true));
    expect(found['screen.lock']).toMatchObject({ status: 'failed', reason: 'not-permitted' });
  });

  it('signs nobody in by itself while FileVault is on', async () => {
    const type = {
      'defaults_read-type_Library_Preferences_com.apple.loginwindow_autoLoginUser': 'Type is string\n',
    };
    const found = await mac({ ...type, fdesetup: 'FileVault is On.\n' });
    expect(found['login.auto']).toMatchObject({ value: { automatic: false } });
    const open = await mac({ ...type, fdesetup: 'FileVault is Off.\n' });
    expect(open['login.auto']).toMatchObject({ value: { automatic: true } });
  });

  it('does not take a failing defaults for "not set"', async () => {
    const found = await mac({ defaults: { err: 'Could not connect to cfprefsd\n', code: 1 } });
    expect(found['login.auto']).toMatchObject({ status: 'failed', reason: 'command-failed' });
  });

  it('leaves a service that launchctl does not list open', async () => {
    const found = await mac({ launchctl: 'disabled services = {\n\t"com.openssh.sshd" => true\n}\n' });
    expect(found['remote.access']).toMatchObject({
      value: { enabled: null, ssh: false, desktop: null, management: false },
    });
  });

  it('takes no policies for no demands, and no output for no answer', async () => {
    const none = await mac({ pwpolicy: 'Getting global account policies\n' });
    expect(none['password.policy']).toMatchObject({
      value: { minLength: 0, history: 0, lockoutAfter: 0, expires: false, complexity: false },
    });
    const silent = await mac({ pwpolicy: '' });
    expect(silent['password.policy']).toMatchObject({ status: 'failed', reason: 'no-output' });
  });

  it('knows no crash count when a person’s reports may not be seen', async () => {
    const found = await mac(
      {},
      {
        list: async folder => {
          if (folder === '/Users') return answered(['sam', 'kim']);
          return folder.startsWith('/Users/kim') ? unanswered('not-permitted') : answered([]);
        },
      },
    );
    expect(found['crash.count']).toMatchObject({
      value: { systemCrashes: 0, appCrashes: null, appHangs: null, programs: [] },
    });
  });

  it('calls the machine’s own reports that may not be seen unknown', async () => {
    const found = await mac({}, { list: async () => unanswered('not-permitted') });
    expect(found['crash.count']).toMatchObject({ status: 'failed', reason: 'not-permitted' });
  });
});

describe('Linux’ protection in unusual places', () => {
  const linux = (
    texts: Record<string, string>,
    outputs: Parameters<typeof printing>[0] = {},
    own: Partial<Probe> = {},
  ) => round('linux', printing(outputs, { ...files(texts), ...rootFacts(true), ...own }));
  const efi = '/sys/firmware/efi/efivars';
  const guid = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

  it.each([
    ['\u0006\0\0\0\u0001', { enabled: true, defeatedBy: null }],
    ['\u0006\0\0\0\0', { enabled: false, defeatedBy: null }],
  ])('reads the firmware’s switch', async (content, secure) => {
    const found = await linux({ [`${efi}/SecureBoot-${guid}`]: content });
    expect(found['boot.secure']).toMatchObject({ value: secure });
  });

  it('calls Secure Boot in setup mode off, and a variable of another shape unreadable', async () => {
    const on = '\u0006\0\0\0\u0001';
    const setup = await linux({ [`${efi}/SecureBoot-${guid}`]: on, [`${efi}/SetupMode-${guid}`]: on });
    expect(setup['boot.secure']).toMatchObject({ value: { enabled: false, defeatedBy: 'setupMode' } });
    const cut = await linux({ [`${efi}/SecureBoot-${guid}`]: '\u0006\0\0' });
    expect(cut['boot.secure']).toMatchObject({ status: 'failed', reason: 'parse-error' });
  });

  it('tells a PC that started by BIOS from a container that hides its firmware', async () => {
    const pc = await linux({ '/sys/firmware/dmi/tables/DMI': '', '/sys/firmware/memmap/0/end': '' });
    expect(pc['boot.secure']).toMatchObject({ value: { enabled: false, firmware: 'bios' } });
    const container = await linux({});
    expect(container['boot.secure']).toMatchObject({ status: 'unsupported' });
  });

  it('sees a chip that no driver answers for', async () => {
    const acpi = '/sys/bus/acpi/devices';
    const list = (devices: readonly string[]): Partial<Probe> => ({
      list: async folder =>
        folder === '/sys/class/tpm'
          ? answered([])
          : folder === acpi
            ? answered(devices)
            : unanswered('not-present'),
    });
    const dead = await linux({}, {}, list(['PNP0C0A:00', 'MSFT0101:00']));
    expect(dead.tpm).toMatchObject({ value: { present: true, ready: false } });
    const none = await linux({}, {}, list(['PNP0C0A:00']));
    expect(none.tpm).toMatchObject({ value: { present: false, ready: false } });
  });

  it('asks no GNOME settings where another desktop runs', async () => {
    const settings = 'org.gnome.desktop.screensaver lock-enabled true\n';
    const kde = await linux({ '/proc/7/comm': 'kwin_wayland\n' }, { gsettings: settings }, rootFacts(false));
    expect(kde['screen.lock']).toMatchObject({ status: 'unsupported', reason: 'not-applicable' });
  });

  it('knows that a screen that never goes dark does not lock', async () => {
    const outputs = {
      'gsettings_list-recursively_org.gnome.desktop.screensaver':
        'org.gnome.desktop.screensaver lock-delay uint32 0\norg.gnome.desktop.screensaver lock-enabled true\n',
      'gsettings_list-recursively_org.gnome.desktop.session':
        'org.gnome.desktop.session idle-delay uint32 0\n',
    };
    const found = await linux({ '/proc/7/comm': 'gnome-shell\n' }, outputs, rootFacts(false));
    expect(found['screen.lock']).toMatchObject({ value: { enabled: false, delaySeconds: null } });
  });

  it('believes no file of a module that is not in the stack', async () => {
    const found = await linux({
      '/etc/pam.d/common-password': 'password [success=1 default=ignore] pam_unix.so obscure yescrypt\n',
      '/etc/pam.d/common-auth': 'auth [success=1 default=ignore] pam_unix.so nullok\n',
      '/etc/security/pwquality.conf': 'minlen = 20\n',
      '/etc/security/faillock.conf': 'deny = 3\n',
      '/etc/login.defs': 'PASS_MAX_DAYS\t99999\n',
    });
    expect(found['password.policy']).toMatchObject({
      value: {
        minLength: 6,
        history: 0,
        complexity: false,
        lockoutAfter: 0,
        expires: false,
        maxAgeDays: null,
      },
    });
  });

  it('leaves open what a checker demands that only warns or is not known', async () => {
    const auth = { '/etc/pam.d/common-auth': 'auth required pam_unix.so\n' };
    const warns = await linux({
      ...auth,
      '/etc/pam.d/common-password':
        'password requisite pam_pwquality.so\npassword required pam_unix.so minlen=7\n',
      '/etc/security/pwquality.conf': 'minlen = 20\nenforcing = 0\n',
    });
    expect(warns['password.policy']).toMatchObject({ value: { minLength: 7, complexity: false } });
    const foreign = await linux({
      ...auth,
      '/etc/pam.d/common-password':
        'password requisite pam_passwdqc.so min=disabled,24,11,8,7\npassword required pam_unix.so\n',
    });
    expect(foreign['password.policy']).toMatchObject({ value: { minLength: null, complexity: null } });
  });

  it('does not take a file it may not read for an empty one', async () => {
    const found = await linux(
      {},
      {},
      {
        readFile: async path =>
          path.startsWith('/etc/pam.d')
            ? answered('password required pam_pwquality.so\n')
            : unanswered('not-permitted'),
      },
    );
    expect(found['password.policy']).toMatchObject({ status: 'failed', reason: 'not-permitted' });
  });

  it.each([
    ['lightdm', '/etc/lightdm/lightdm.conf', '[Seat:*]\nautologin-user=robin\n', true],
    ['lightdm', '/etc/lightdm/lightdm.conf', '[Seat:*]\n#autologin-user=robin\nautologin-user=\n', false],
    ['sddm', '/etc/sddm.conf', '[Autologin]\nUser=robin\nSession=plasma\n', true],
    ['sddm', '/etc/sddm.conf', '[Users]\nUser=robin\n', false],
    ['gdm', '/etc/gdm/custom.conf', '[daemon]\nTimedLoginEnable=true\nTimedLogin=robin\n', true],
  ])('reads automatic sign-in of %s', async (manager, path, text, automatic) => {
    const found = await linux(
      { '/run/systemd/system/x': '', [path]: text },
      {},
      { link: async () => answered(`/usr/lib/systemd/system/${manager}.service`) },
    );
    expect(found['login.auto']).toMatchObject({ value: { automatic } });
    expect(JSON.stringify(found)).not.toContain('robin');
  });

  it('finds a console that signs somebody in', async () => {
    const found = await linux({
      '/run/systemd/system/x': '',
      '/etc/systemd/system/getty@tty1.service.d/auto.conf':
        '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin kiosk --noclear %I $TERM\n',
    });
    expect(found['login.auto']).toMatchObject({ value: { automatic: true } });
  });

  it('calls what listens on when there is no systemd to ask, and never calls silence off', async () => {
    const line = (address: string, state: string) =>
      `  sl  local_address rem_address   st\n   0: ${address} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 1 1\n`;
    const open = await linux({ '/proc/net/tcp': line('00000000:0016', '0A') });
    expect(open['remote.access']).toMatchObject({ value: { enabled: true, ssh: true, desktop: null } });
    for (const quietLine of [line('0100007F:0016', '0A'), line('00000000:0016', '01')]) {
      const found = await linux({ '/proc/net/tcp': quietLine });
      expect(found['remote.access']).toMatchObject({ status: 'unsupported' });
    }
  });

  it('counts no core dump as none, and an old coredumpctl as no answer', async () => {
    const none = await linux({}, { coredumpctl: { err: 'No coredumps found.\n', code: 1 } });
    expect(none['crash.count']).toMatchObject({ value: { appCrashes: 0, systemCrashes: null } });
    const old = await linux(
      {},
      { coredumpctl: { err: "coredumpctl: unrecognized option '--json=short'\n", code: 1 } },
    );
    expect(old['crash.count']).toMatchObject({ status: 'unsupported', reason: 'not-supported' });
  });

  it('does not call a person’s own crashes everybody’s', async () => {
    const found = await linux(
      {},
      { coredumpctl: { err: 'No coredumps found.\n', code: 1 } },
      rootFacts(false),
    );
    expect(found['crash.count']).toMatchObject({ status: 'failed', reason: 'not-permitted' });
  });

  it('calls a sensor that is not there not installed, which is an answer', async () => {
    const found = await linux({});
    expect(found['edr.falcon']).toMatchObject({ status: 'ok', value: { installed: false, running: false } });
    expect(found['av.products']).toMatchObject({ status: 'unsupported', reason: 'not-installed' });
  });

  it('keeps a product whose tool does not answer in the list, with nothing known', async () => {
    const found = await linux({}, { mdatp: { err: 'Could not connect to the daemon\n', code: 1 } });
    expect(found['av.products']).toMatchObject({
      value: { enabled: null, products: [{ name: 'Microsoft Defender for Endpoint', state: 'unknown' }] },
    });
  });
});
