import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answered, unanswered } from '../../../agent/core/scan/answer.ts';
import { windowsDefender, windowsProducts } from '../../../agent/core/scan/parse/products.ts';
import {
  windowsAutoLogon,
  windowsCrashes,
  windowsIntegrity,
  windowsRemoteAccess,
  windowsScreenLock,
  windowsSecureBoot,
  windowsSmartScreen,
  windowsTpm,
} from '../../../agent/core/scan/parse/security-windows.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { parseValues } from '../../../agent/core/scan/windows/values.ts';
import { securityValues } from '../../../shared/device/facts-security.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { bytes, fixture, handClock, mute } from './support.ts';

const IDS = Object.keys(securityValues);
const MACHINES = { windows: 'windows-laptop', macos: 'mac-laptop', linux: 'linux-laptop' } as const;

async function round(platform: Platform, probe: Probe): Promise<Findings> {
  return await createScanner({ platform, probe, clock: handClock() }).run(IDS, new AbortController().signal);
}

/** Which checks say that all is well, in whatever part of their value. */
function passes(found: Findings): string[] {
  const values = Object.fromEntries(
    Object.entries(found).map(([id, one]) => [id, one.status === 'ok' ? one.value : null]),
  );
  const told = <Id extends keyof typeof securityValues>(id: Id) =>
    securityValues[id].safeParse(values[id]).data as Record<string, unknown> | undefined;
  const good: Record<keyof typeof securityValues, boolean> = {
    'av.products': told('av.products')?.enabled === true || told('av.products')?.upToDate === true,
    'av.defender': ['enabled', 'realTimeProtection', 'tamperProtection', 'healthy'].some(
      key => told('av.defender')?.[key] === true,
    ),
    antispyware: told('antispyware')?.enabled === true,
    'boot.secure': told('boot.secure')?.enabled === true,
    tpm: told('tpm')?.present === true || told('tpm')?.ready === true,
    'os.integrity': told('os.integrity')?.enabled === true || told('os.integrity')?.sealedSystem === true,
    gatekeeper: told('gatekeeper')?.enabled === true,
    'screen.lock': told('screen.lock')?.enabled === true,
    'password.policy': Number(told('password.policy')?.minLength ?? 0) > 0,
    'login.auto': told('login.auto')?.automatic === false,
    'remote.access': told('remote.access')?.enabled === false,
    'edr.falcon': told('edr.falcon')?.running === true,
    'crash.count': told('crash.count')?.systemCrashes === 0 || told('crash.count')?.appCrashes === 0,
  };
  return Object.entries(good).flatMap(([id, well]) => (well ? [id] : []));
}

type Change = readonly [where: number, value: number, how: 'set' | 'cut' | 'double'];

function damage(output: Uint8Array, changes: readonly Change[]): Uint8Array {
  let result = [...output];
  for (const [where, to, how] of changes) {
    const at = where % Math.max(1, result.length);
    if (how === 'set' && result.length > 0) result[at] = to;
    else if (how === 'cut') result = result.slice(0, at);
    else if (how === 'double')
      result = [...result.slice(0, at), ...result.slice(at, at + 40), ...result.slice(at)];
  }
  return Uint8Array.from(result);
}

/** A recorded machine of which every answer is damaged the same way, at another place in each. */
function damaged(platform: Platform, changes: readonly Change[]): Probe {
  const whole = replayProbe(fixture(MACHINES[platform]));
  const hit = (text: Uint8Array, seed: string): Uint8Array =>
    damage(
      text,
      changes.map(([where, to, how]) => [where + seed.length * 31, to, how]),
    );
  return {
    ...whole,
    async command(name, args, options) {
      const ran = await whole.command(name, args, options);
      if (!ran.ok) return ran;
      const seed = [name, ...args].join(' ');
      return { ...ran, stdout: hit(ran.stdout, seed), stderr: hit(ran.stderr, `${seed} err`) };
    },
    async readFile(path) {
      const file = await whole.readFile(path);
      return file.ok ? answered(Buffer.from(hit(Buffer.from(file.value), path)).toString()) : file;
    },
    async list(path) {
      const names = await whole.list(path);
      return names.ok
        ? answered(names.value.map(one => Buffer.from(hit(Buffer.from(one), one)).toString()))
        : names;
    },
  };
}

const change = fc.tuple(
  fc.nat(100_000),
  fc.nat(255),
  fc.constantFrom<'set' | 'cut' | 'double'>('set', 'cut', 'double'),
);

describe.each(['windows', 'macos', 'linux'] as const)('damaged answers of %s', platform => {
  it('break no check, and what a check calls a value fits its schema', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async changes => {
        for (const [id, one] of Object.entries(await round(platform, damaged(platform, changes)))) {
          // The runner turns a throw into `other` with the error's name, a misfit into `parse-error` with the place.
          if (one.status === 'ok') continue;
          expect(one.detail ?? '', `${id}: ${one.reason}`).not.toMatch(/Error$|^value does not fit/);
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** What programs print, and files hold, when they cannot tell. */
const helpless = [
  '',
  '\n',
  'Error: access is denied.',
  'You must be root to use this tool',
  'System Integrity Protection status:',
  'assessments',
  'screenLock delay is',
  'Getting',
  'disabled services = {',
  '{"SPiBridgeDataType":[{}]}',
  '{"healthy":',
  '{}',
  'null',
  'SERVICE_NAME: csagent\r\n    TYPE               : 2  FILE_SYSTEM_DRIVER\r\n',
  '1 extension(s)',
  'none integrity confidentiality',
  '[daemon',
  '{"id":"secureBoot","ok":true,"ms":1,"data":[{"Id":"secureBoot","Set":true,"Value":null}]}',
  '{"id":"autoLogon","ok":true,"ms":1,"data":[{"Id":"automatic"}]}',
  '{"id":"antivirus","ok":true,"ms":1,"data":[]}',
  '{"id":"crashes","ok":true,"ms":1,"data":[{"Kind":"bugcheck","Count":null},{"Kind":"crash","Count":null}]}',
];

/** A machine on which everything is there and tells nothing. */
function tellingNothing(text: string, code: number): Probe {
  return mute({
    command: async () => ({ ok: true, stdout: bytes(text), stderr: bytes(text), code }),
    readFile: async () => answered(text),
    list: async () => unanswered('not-permitted'),
    exists: async () => answered(true),
    link: async () => answered(text),
    facts: () => ({ ...mute().facts(), root: true }),
  });
}

describe.each(['windows', 'macos', 'linux'] as const)('answers of %s that tell nothing', platform => {
  it('are a pass for no check', async () => {
    for (const text of helpless) {
      for (const code of [0, 1]) {
        const found = await round(platform, tellingNothing(text, code));
        expect(passes(found), `${JSON.stringify(text)} and code ${code}`).toEqual([]);
      }
    }
  });

  it('do not become a pass by changed letters', async () => {
    const letters = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0x3a, max: 0xff })), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...helpless), letters, async (text, changed) => {
        const output = Uint8Array.from(bytes(text));
        for (const [where, to] of changed) if (output.length > 0) output[where % output.length] = to;
        const probe = tellingNothing(Buffer.from(output).toString(), 0);
        expect(passes(await round(platform, probe))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('are a pass for no check when nothing may be asked', async () => {
    const denied = unanswered('not-permitted');
    const probe = mute({
      command: async () => ({ ...denied, reason: 'not-permitted' }),
      readFile: async () => denied,
      list: async () => denied,
      exists: async () => denied,
      link: async () => denied,
    });
    const found = await round(platform, probe);
    expect(passes(found)).toEqual([]);
    expect(Object.entries(found).filter(([, one]) => one.status === 'ok')).toEqual([]);
  });
});

describe('any values in what Windows tells of its protection', () => {
  const cell = fc.oneof(
    fc.constantFrom<unknown>(0, 1, 2, 3, 4, '', '0', '1', '2', null, true, false, 'On', 'True', {}, []),
    fc.integer(),
    fc.double(),
    fc.string(),
  );
  const registryRow = (id: string) =>
    fc.record({ Id: fc.constant(id), Set: fc.oneof(fc.boolean(), cell), Value: cell });
  const is = (value: unknown, number: number): boolean =>
    (typeof value === 'number' || typeof value === 'string') && String(value).trim() === String(number);

  it('call Secure Boot on only when its value says 1', () => {
    fc.assert(
      fc.property(registryRow('secureBoot'), registryRow('firmware'), (secure, firmware) => {
        const result = windowsSecureBoot(parseValues([secure, firmware]));
        if (result.ok && result.value.enabled)
          expect(secure).toSatisfy((one: typeof secure) => one.Set === true && is(one.Value, 1));
      }),
    );
  });

  it('call automatic sign-in off only when it is not set or says 0', () => {
    fc.assert(
      fc.property(registryRow('automatic'), one => {
        const result = windowsAutoLogon(parseValues([one]));
        if (!result.ok || result.value.automatic) return;
        expect(one.Set === false || is(one.Value, 0)).toBe(true);
      }),
    );
  });

  it('call remote access off only when both services are told to be', () => {
    fc.assert(
      fc.property(
        registryRow('policy'),
        registryRow('setting'),
        registryRow('sshd'),
        fc.constantFrom(true, false, null),
        (policy, setting, sshd, runs) => {
          const result = windowsRemoteAccess(parseValues([policy, setting, sshd]), runs);
          if (!result.ok || result.value.enabled !== false) return;
          expect(is(policy.Value, 1) || (policy.Set === false && is(setting.Value, 1))).toBe(true);
          expect(sshd.Set === false || is(sshd.Value, 4) || (is(sshd.Value, 3) && runs === false)).toBe(true);
        },
      ),
    );
  });

  it('call SmartScreen on only by a policy of 1 or, without policy, by a known word', () => {
    fc.assert(
      fc.property(registryRow('policy'), registryRow('setting'), (policy, setting) => {
        const result = windowsSmartScreen(parseValues([policy, setting]));
        if (!result.ok || !result.value.enabled) return;
        expect((policy.Set === true && is(policy.Value, 1)) || policy.Set === false).toBe(true);
        if (policy.Set === false)
          expect(String(setting.Value)).toMatch(/^\s*(on|warn|block|prompt|requireadmin)\s*$/i);
      }),
    );
  });

  it('call memory integrity in force only when the services that run hold a 2', () => {
    fc.assert(
      fc.property(fc.oneof(cell, fc.array(cell, { maxLength: 4 })), cell, (services, vbs) => {
        const row = { SecurityServicesRunning: services, VirtualizationBasedSecurityStatus: vbs };
        const result = windowsIntegrity(answered([row]), unanswered('no-output'));
        if (result.ok && result.value.enabled === true) expect([services].flat()).toContain(2);
      }),
    );
  });

  it('call a screen locked only when a limit or every person’s saver says so', () => {
    const saver = fc.record({
      ScreenSaveActive: cell,
      ScreenSaverIsSecure: cell,
      ScreenSaveTimeOut: cell,
      Saver: cell,
      PolicySaver: cell,
      PolicyScreenSaverIsSecure: cell,
      PolicyScreenSaveTimeOut: cell,
      PolicyScreenSaveActive: cell,
    });
    fc.assert(
      fc.property(registryRow('limit'), fc.array(saver, { maxLength: 3 }), (limit, savers) => {
        const result = windowsScreenLock(answered(parseValues([limit])), answered(savers));
        if (!result.ok || result.value.enabled !== true) return;
        const limited = limit.Set === true && Number(limit.Value) > 0;
        const saved =
          savers.length > 0 &&
          savers.every(one => is(one.ScreenSaverIsSecure, 1) || is(one.PolicyScreenSaverIsSecure, 1));
        expect(limited || saved).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('call a TPM ready only when Get-Tpm says so', () => {
    fc.assert(
      fc.property(
        fc.record({ TpmPresent: cell, TpmReady: cell }),
        fc.record({ Id: cell, Present: cell }),
        (row, device) => {
          const result = windowsTpm(answered([row]), unanswered('not-permitted'), answered([device]));
          if (result.ok && result.value.ready === true)
            expect(String(row.TpmReady).trim().toLowerCase()).toBe('true');
        },
      ),
    );
  });

  it('call a product on only by the digit that says so', () => {
    fc.assert(
      fc.property(fc.record({ displayName: fc.constant('x'), productState: cell }), row => {
        const result = windowsProducts([row], 'antivirus');
        if (result.ok && result.value.enabled === true)
          expect(Number(row.productState) & 0xf000).toBe(0x1000);
      }),
    );
  });

  it('call real-time protection on only when it is told to be', () => {
    fc.assert(
      fc.property(
        fc.record({ RealTimeProtectionEnabled: cell, AMRunningMode: cell, QuickScanAge: cell }),
        row => {
          const result = windowsDefender([row], Date.UTC(2026, 10, 22));
          if (result.ok && result.value.realTimeProtection === true)
            expect(String(row.RealTimeProtectionEnabled).trim().toLowerCase()).toBe('true');
        },
      ),
    );
  });

  it('count no crash only when the log counted none', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ Kind: fc.constantFrom('bugcheck', 'crash', 'hang', 'x'), Count: cell })),
        rows => {
          const result = windowsCrashes(rows, 30);
          if (result.ok && result.value.systemCrashes === 0)
            expect(Number(rows.find(one => one.Kind === 'bugcheck')?.Count) === 0).toBe(true);
        },
      ),
    );
  });
});
