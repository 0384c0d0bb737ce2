import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDebianVersions, securityMissing } from '../../../agent/core/scan/parse/updates.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { scanValues } from '../../../shared/device/facts.ts';
import { softwareValues } from '../../../shared/device/facts-software.ts';
import { finding } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { ASKED, bytes, fixture, handClock, mute } from './support.ts';

const quiet = new AbortController().signal;
const IDS = Object.keys(softwareValues);
const machines: Record<Platform, string> = {
  windows: 'windows-laptop',
  macos: 'mac-laptop',
  linux: 'linux-laptop',
};
const platforms: readonly Platform[] = ['windows', 'macos', 'linux'];

async function round(platform: Platform, probe: Probe) {
  return await createScanner({ platform, probe, clock: handClock(), subjects: () => ASKED }).run(IDS, quiet);
}

type Change = readonly [where: number, value: number, how: 'set' | 'cut' | 'double'];
const changes = fc.array(
  fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom<'set' | 'cut' | 'double'>('set', 'cut', 'double')),
  { minLength: 1, maxLength: 4 },
);

function damaged(given: Uint8Array, list: readonly Change[]): Uint8Array {
  let result = [...given];
  for (const [where, value, how] of list) {
    const at = where % Math.max(1, result.length);
    if (how === 'set' && result.length > 0) result[at] = value;
    else if (how === 'cut') result = result.slice(0, at);
    else if (how === 'double')
      result = [...result.slice(0, at), ...result.slice(at, at + 40), ...result.slice(at)];
  }
  return Uint8Array.from(result);
}

/** The recorded machine, with every output and file it gives damaged alike. */
function damagedMachine(platform: Platform, list: readonly Change[]): Probe {
  const whole = replayProbe(fixture(machines[platform]));
  return {
    ...whole,
    async command(name, args, options) {
      const ran = await whole.command(name, args, options);
      return ran.ok ? { ...ran, stdout: damaged(ran.stdout, list) } : ran;
    },
    async readFile(path) {
      const read = await whole.readFile(path);
      return read.ok
        ? { ok: true, value: new TextDecoder().decode(damaged(new TextEncoder().encode(read.value), list)) }
        : read;
    },
  };
}

describe('damaged recordings', () => {
  it.each(platforms)('give a value that fits or a reason, and never an exception, on %s', async platform => {
    await fc.assert(
      fc.asyncProperty(changes, async list => {
        for (const [id, one] of Object.entries(await round(platform, damagedMachine(platform, list)))) {
          expect(finding.safeParse(one).error?.issues, id).toBeUndefined();
          // What a check throws becomes `other` with the name of the error.
          expect(one, id).not.toMatchObject({ detail: expect.stringMatching(/Error$/) });
          expect(one, id).not.toMatchObject({ detail: expect.stringContaining('value does not fit') });
          if (one.status !== 'ok') continue;
          const schema = scanValues[id as keyof typeof softwareValues];
          expect(schema.safeParse(one.value).error?.issues, id).toBeUndefined();
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** Words by which a value would let a rule pass that asks for something good. */
const GOOD =
  /"(enabled|installs|enrolled|present|connected|valid|found|installed|running|synchronised|configured|entraJoined|adDomainJoined|hasPrivateKey)":true|"(total|security|critical)":0/;

/** A machine of which every program prints the same and every file holds the same. */
function saying(text: string, code: number, there: boolean): Probe {
  return mute({
    command: async () => ({ ok: true, stdout: bytes(text), stderr: bytes(text), code }),
    readFile: async () => ({ ok: true, value: text }),
    list: async () => ({ ok: true, value: [] }),
    exists: async path => ({ ok: true, value: there && !/Citrix|ICAClient|LaunchDaemons/.test(path) }),
  });
}

const helpless = [
  '',
  '\n',
  'Error: access is denied.',
  'ERROR: The system was unable to find the specified registry key or value.',
  'You must be root to use this tool',
  'error: operation not permitted',
  "System has not been booted with systemd as init system (PID 1). Can't operate.",
  'Failed to connect to bus: Host is down',
  "Can't connect to the Apple Software Update server",
  'MDM enrollment:',
  'AzureAdPrt :',
  '{"id":"session","ok":false,"ms":0,"category":"ConstrainedLanguage","hresult":0,"error":"LanguageMode"}',
  ...['updates', 'mdm', 'mdmSync', 'updateAgent', 'certificates', 'domain'].map(
    id =>
      `{"id":"${id}","ok":false,"ms":1,"category":"PermissionDenied","hresult":-2147024891,"error":"denied"}`,
  ),
  '{"id":"updates","ok":true,"ms":1,"data":[]}',
  '{"id":"certificates","ok":true,"ms":1,"data":[{}]}',
  '{"id":"vpn","ok":true,"ms":1,"data":[]}',
  '<plist version="1.0"><dict/></plist>',
  '[]',
  '1',
];

describe('machines that cannot tell', () => {
  const codes = fc.constantFrom(0, 1, 5, 44, 100, 113, 1060);

  it.each(platforms)('let no rule pass on %s', async platform => {
    for (const text of helpless) {
      for (const code of [0, 1]) {
        for (const there of [true, false]) {
          for (const [id, one] of Object.entries(await round(platform, saying(text, code, there)))) {
            if (one.status === 'ok') expect(JSON.stringify(one.value), `${id}: ${text}`).not.toMatch(GOOD);
          }
        }
      }
    }
  });

  it.each(platforms)('let no rule pass on %s whatever they print', async platform => {
    const text = fc.oneof(fc.string({ maxLength: 80 }), fc.constantFrom(...helpless));
    await fc.assert(
      fc.asyncProperty(text, codes, fc.boolean(), async (printed, code, there) => {
        for (const [id, one] of Object.entries(await round(platform, saying(printed, code, there)))) {
          if (one.status !== 'ok') continue;
          // A preference or setting may be any text; that it is there is all it says.
          expect(JSON.stringify(one.value), `${id}: ${printed}`).not.toMatch(GOOD);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a machine on which nothing exists', () => {
  // A program that is not there cannot say that what it would tell of is not there either.
  it.each(platforms)('has no check that takes that for "there is none" on %s', async platform => {
    const probe = mute();
    for (const [id, one] of Object.entries(await round(platform, probe))) {
      if (platform === 'linux' && id.startsWith('registry.')) continue;
      expect(one.status, id).not.toBe('absent');
    }
  });
});

describe('rows of Windows', () => {
  const cell = fc.oneof(
    fc.constantFrom<unknown>(0, 1, 2, 3, '', '0', '1', '2', null, true, false, 'True', {}, []),
    fc.integer(),
    fc.string(),
  );
  const windows = async (id: string, section: string, data: unknown) => {
    const line = JSON.stringify({ id: section, ok: true, ms: 1, data });
    const probe = mute({
      command: async program =>
        program === 'powershell'
          ? { ok: true, stdout: bytes(line), stderr: bytes(''), code: 0 }
          : { ok: false, reason: 'not-installed' },
    });
    return (
      await createScanner({ platform: 'windows', probe, clock: handClock(), subjects: () => ASKED }).run(
        [id],
        quiet,
      )
    )[id];
  };

  it('say that nothing is missing only when the search succeeded and counted none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ Result: cell, Count: cell, Title: cell }), { maxLength: 3 }),
        async rows => {
          const found = await windows('update.missing', 'updates', rows);
          if (found?.status !== 'ok' || !/"total":0/.test(JSON.stringify(found.value))) return;
          expect(String(rows[0]?.Result).trim()).toBe('2');
          expect(Number(rows[0]?.Count)).toBe(rows.length - 1);
        },
      ),
    );
  });

  it('say "enrolled" only where a state is 1', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ Provider: cell, State: cell, Server: cell }), { maxLength: 3 }),
        async rows => {
          const found = await windows('mdm.enrolled', 'mdm', rows);
          if (found?.status !== 'ok' || !/"enrolled":true/.test(JSON.stringify(found.value))) return;
          expect(rows.map(one => String(one.State).trim())).toContain('1');
        },
      ),
    );
  });

  it('call a certificate valid only when it is one of the issuer asked for', async () => {
    const good = JSON.parse(
      readFileSync(join(fixture('windows-laptop'), 'cmd/powershell.out'), 'utf8')
        .split('\n')
        .find(line => line.startsWith('{"id":"certificates"')) ?? '{}',
    ).data[1];
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(255), async (where, value) => {
        const raw = Buffer.from(good.Raw, 'base64');
        const at = where % raw.length;
        const before = raw[at];
        raw[at] = value;
        const found = await windows('cert.device', 'certificates', [
          { Raw: raw.toString('base64'), Key: true },
        ]);
        expect(found?.status).toBe('ok');
        const text = JSON.stringify(found?.status === 'ok' ? found.value : null);
        if (before === value) expect(text).toContain('"valid":true');
        // Beside what is asked for, any byte may change: the name is compared, and the dates.
        expect(text).not.toContain('"id":"other","found":true');
      }),
      { numRuns: 200 },
    );
  });
});

describe('Debian versions', () => {
  // Pairs in ascending order, after the examples of Debian's policy manual, section 5.6.12.
  const ascending = [
    '1.0~~',
    '1.0~~a',
    '1.0~',
    '1.0',
    '1.0-1',
    '1.0-1+b1',
    '1.0-2',
    '1.0a',
    '1.0+x',
    '1.1',
    '1.10',
    '1:0.1',
    '2:0',
  ];

  it('are ordered as dpkg orders them', () => {
    ascending.forEach((one, a) => {
      ascending.forEach((other, b) => {
        expect(compareDebianVersions(one, other), `${one} ${other}`).toBe(Math.sign(a - b));
      });
    });
    expect(compareDebianVersions('1.01', '1.1')).toBe(0);
  });

  it('have one order, whichever is named first', () => {
    const version = fc.string({ unit: fc.constantFrom(...'0129azA~+.-:'), maxLength: 12 });
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareDebianVersions(a, b) + compareDebianVersions(b, a)).toBe(0);
        if (compareDebianVersions(a, b) < 0 && compareDebianVersions(b, c) < 0)
          expect(compareDebianVersions(a, c)).toBe(-1);
      }),
      { numRuns: 2000 },
    );
  });

  it('miss an update only for a package that is installed and older', () => {
    const installed = [{ name: 'a', version: '1-1', publisher: null }];
    expect(securityMissing('Package: a\nVersion: 1-2\n\n', installed)).toEqual(['a']);
    expect(securityMissing('Package: a\nVersion: 1-1\n\n', installed)).toEqual([]);
    expect(securityMissing('Package: b\nVersion: 9\n\n', installed)).toEqual([]);
    expect(securityMissing('E: could not open file', installed)).toBeNull();
  });
});
