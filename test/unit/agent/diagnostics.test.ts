import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { redactCertificates } from '../../../agent/core/diagnostics/certificate.ts';
import { createRedactor } from '../../../agent/core/diagnostics/redact.ts';
import { diagnosticsCommand } from '../../../agent/service/diagnostics-command.ts';
import { scanCommand } from '../../../agent/service/scan-command.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { ASKED, fixture } from '../scan/support.ts';

const machines: [Platform, string][] = [
  ['windows', 'windows-laptop'],
  ['macos', 'mac-laptop'],
  ['linux', 'linux-laptop'],
];
const manifestFile = z.object({
  replayDiffersIn: z.array(z.object({ check: z.string() })),
  replaced: z.record(z.string(), z.number()),
  leftOut: z.array(z.unknown()),
  files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trayline-diagnostics-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What is printed while `work` runs. */
async function printed(work: () => Promise<unknown>): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(chunk => {
    text += String(chunk);
    return true;
  });
  try {
    await work();
  } finally {
    write.mockRestore();
  }
  return text;
}

async function bundleOf(
  replay: string,
  platform: Platform,
  more: { data?: string; log?: string; subjects?: string } = {},
) {
  const out = join(await newFolder(), 'bundle');
  await printed(() =>
    diagnosticsCommand({
      command: 'diagnostics',
      out,
      folder: more.data ?? join(out, '..', 'nothing'),
      log: more.log ?? null,
      replay,
      platform,
      subjects: more.subjects ?? null,
    }),
  );
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  const manifest = manifestFile.parse(JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')));
  return { out, entries, files, manifest };
}

async function allText(files: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    files.map(async file => {
      const bytes = await readFile(file);
      return `${file}\n${bytes.toString('utf8')}\n${bytes.toString('latin1')}\n${new TextDecoder('utf-16le').decode(bytes)}`;
    }),
  );
  return parts.join('\n');
}

describe.each(machines)('the diagnostics of a recorded %s laptop', (platform, name) => {
  async function asked(): Promise<string> {
    const file = join(await newFolder(), 'subjects.json');
    await writeFile(file, JSON.stringify(ASKED));
    return file;
  }

  it('give the same findings when they are replayed, up to what was redacted', async () => {
    const { manifest, out } = await bundleOf(fixture(name), platform, { subjects: await asked() });
    expect(manifest.leftOut).toEqual([]);
    // A certificate without its holder has another fingerprint; nothing else may differ.
    const differs = manifest.replayDiffersIn.map(({ check }) => check);
    expect(differs.filter(check => check !== 'cert.device')).toEqual([]);
    const again = await printed(() =>
      scanCommand({ command: 'scan', json: true, replay: out, platform: null, subjects: null }),
    );
    const values = (text: string) =>
      Object.entries(JSON.parse(text) as Record<string, { status: string; value?: unknown; reason?: string }>)
        .filter(([id]) => id !== 'cert.device')
        .map(([id, one]) => [id, one.status, one.value, one.reason])
        .toSorted(([a], [b]) => String(a).localeCompare(String(b)));
    expect(values(again)).toEqual(values(await readFile(join(out, 'findings.json'), 'utf8')));
  });

  it('differ from what was found in identities only', async () => {
    const subjects = await asked();
    const { out } = await bundleOf(fixture(name), platform, { subjects });
    const plain = await printed(() =>
      scanCommand({ command: 'scan', json: true, replay: fixture(name), platform, subjects }),
    );
    const found = JSON.parse(plain) as Record<string, { status: string; reason?: string }>;
    const bundled = JSON.parse(await readFile(join(out, 'findings.json'), 'utf8')) as typeof found;
    const verdicts = (one: typeof found) =>
      Object.entries(one)
        .map(([id, { status, reason }]) => `${id} ${status} ${reason ?? ''}`)
        .toSorted();
    expect(verdicts(bundled)).toEqual(verdicts(found));
  });

  it('are readable by their owner only, and the manifest names each file with its hash', async () => {
    const { out, entries, files, manifest } = await bundleOf(fixture(name), platform);
    const named = new Map(manifest.files.map(file => [file.path, file]));
    for (const file of files) {
      const path = relative(out, file).replaceAll('\\', '/');
      if (process.platform !== 'win32')
        expect([path, (await stat(file)).mode & 0o777]).toEqual([path, 0o600]);
      if (path === 'manifest.json') continue;
      const bytes = await readFile(file);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      expect(named.get(path)).toEqual({ path, bytes: bytes.length, sha256 });
    }
    expect(named.size).toBe(files.length - 1);
    for (const entry of [
      out,
      ...entries.filter(one => one.isDirectory()).map(one => join(one.parentPath, one.name)),
    ]) {
      if (process.platform !== 'win32') expect((await stat(entry)).mode & 0o777).toBe(0o700);
    }
  });

  it('hold nothing that names the machine or the person', async () => {
    const { files } = await bundleOf(fixture(name), platform);
    const text = (await allText(files)).toLowerCase();
    const names = {
      windows: ['0c-9a-3c-20-30-40', '0c9a3c203040', 'pf0042xy'],
      macos: [
        'fvfxk0aaq6l4',
        '564d1c2a-3b4c-5d6e-7f80-91a2b3c4d5e6',
        '3c:22:fb:10:20:30',
        'macbook-7',
        '/users/sam',
      ],
      linux: ['pf0042xy', 'robin', '0c:9a:3c:20:30:40'],
    }[platform];
    for (const one of names) expect([one, text.includes(one)]).toEqual([one, false]);
  });
});

describe('a diagnostics folder', () => {
  it('tells of settings, status and log without secrets and without the people who looked', async () => {
    const data = await newFolder();
    await writeFile(
      join(data, 'settings.json'),
      JSON.stringify({
        token: 'tle_a-very-secret-enrolment-token',
        collector: 'https://u:pw12345@c.example',
        name: 'LT-SAM-7',
      }),
    );
    await writeFile(
      join(data, 'status.json'),
      JSON.stringify({
        link: { words: 'Connected' },
        viewers: [{ name: 'Nora Quist', since: 1 }],
        receipts: [],
      }),
    );
    await writeFile(
      join(data, 'agent.log'),
      'started as robin.quist@corp.example on lt-sam-7, Nora Quist looks\n',
    );
    const { out, files } = await bundleOf(fixture('linux-laptop'), 'linux', { data });
    const text = await allText(files);
    for (const secret of ['very-secret', 'pw12345', 'quist', 'Quist', 'LT-SAM-7', 'lt-sam-7']) {
      expect([secret, text.includes(secret)]).toEqual([secret, false]);
    }
    const settings = JSON.parse(await readFile(join(out, 'settings.json'), 'utf8')) as {
      key: string;
      layer: string;
    }[];
    expect(settings.find(({ key }) => key === 'token')).toMatchObject({
      isSet: true,
      value: null,
      layer: 'file',
    });
    expect(await readFile(join(out, 'log.txt'), 'utf8')).toContain('started as');
    expect(await readFile(join(out, 'README.txt'), 'utf8')).toContain('What was taken out');
  });

  it('is never made in a folder that holds something', async () => {
    const out = await newFolder();
    await writeFile(join(out, 'mine.txt'), 'mine');
    const making = diagnosticsCommand({
      command: 'diagnostics',
      out,
      folder: out,
      log: null,
      replay: fixture('linux-laptop'),
      platform: 'linux',
      subjects: null,
    });
    await expect(making).rejects.toMatchObject({ code: 'settings-invalid', fields: ['out'] });
    expect(await readdir(out)).toEqual(['mine.txt']);
  });

  it('writes nowhere else, whatever names a recording holds', async () => {
    const evil = await newFolder();
    await mkdir(join(evil, 'fs', 'sys', 'block', '..%2f..'), { recursive: true });
    await writeFile(join(evil, 'links.txt'), '/sys/block/../../../../etc -> ../../../../etc\n');
    const { out, files } = await bundleOf(evil, 'linux');
    for (const file of files) expect(relative(out, file).startsWith('..')).toBe(false);
  });
});

describe('pseudonyms', () => {
  const one = createRedactor(Buffer.alloc(32, 1));
  const text =
    'serial_number: AB12-CD34\nhostname=lt-042\nlt-042 has AB12-CD34 at 0c:9a:3c:20:30:40, 192.168.7.9 and 8.8.4.4';
  one.learn(text);

  it('are the same for the same value in one bundle, and others in the next', () => {
    const hidden = one.redact(text);
    expect(one.redact(text)).toBe(hidden);
    const other = createRedactor(Buffer.alloc(32, 2));
    other.learn(text);
    expect(other.redact(text)).not.toBe(hidden);
    const [serial] = /(?<=serial_number: )\S+/.exec(hidden) ?? [];
    expect(hidden.split(serial ?? '?')).toHaveLength(3);
  });

  it('keep the shape of what they replace', () => {
    const hidden = one.redact(text);
    expect(hidden).toMatch(
      /^serial_number: [A-Z]{2}\d\d-[A-Z]{2}\d\d\nhostname=host-[0-9a-f]{8}\nhost-[0-9a-f]{8} has .* at ([0-9a-f]{2}:){5}[0-9a-f]{2}, 192\.168\.\d+\.\d+ and 198\.18\.\d+\.\d+$/,
    );
    expect(hidden).not.toMatch(/AB12|CD34|lt-042|0c:9a|7\.9|8\.8/);
  });

  it('leave versions, fillers and what every machine has alone', () => {
    const same =
      'Version: 10.0.19.1\nMAC 00:00:00:00:00:00\nuser=root\nloopback 127.0.0.1\nat 12:34:56\nnvme0n1 5.10.0-9-amd64\n{"Serial":"To be filled by O.E.M."}';
    const redactor = createRedactor(Buffer.alloc(32, 1));
    redactor.learn(same);
    expect(redactor.redact(same)).toBe(same);
  });
});

describe('planted secrets', () => {
  const letters = (alphabet: string, min: number, max: number) =>
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });
  const lower = 'bcdfghjklmnpqrtvwxzäöéß';
  const hex = (length: number) => letters('0123456789abcdef', length, length);
  const digits = (length: number) => letters('123456789', length, length);
  /** Each kind with the ways in which tools print it. */
  const planted = fc.oneof(
    fc.tuple(
      letters(lower, 6, 14),
      fc.constantFrom(
        (v: string) => `UserName : ${v}`,
        (v: string) => `Executing Account Name : CORP\\${v}, ${v}@corp.example`,
        (v: string) => `"userName":${JSON.stringify(v)}`,
        (v: string) => `/home/${v}/.cache/x`,
        (v: string) => `/Users/${v}/Library`,
        (v: string) => `"C:\\\\Users\\\\${v}\\\\AppData"`,
        (v: string) => `    LastUser    REG_SZ    ${v}`,
        (v: string) => `<key>ownerName</key><string>${v}</string>`,
        (v: string) => `Hostname: ${v}`,
        (v: string) => `SSID : ${v}`,
        (v: string) => `"SSID" = "${v}"`,
        (v: string) => `mail ${v.replace(/[^a-z]/g, 'q')}@site.example`,
        (v: string) => `CommandLine: run ${v} --now`,
        (v: string) => `password=${v}`,
      ),
    ),
    fc.tuple(
      letters('ABCDEFGHJKLMNP23456789', 8, 16),
      fc.constantFrom(
        (v: string) => `Serial Number: ${v}`,
        (v: string) => `"serial_number": "${v}"`,
        (v: string) => `"IOPlatformSerialNumber" = "${v}"`,
        (v: string) => `SERIAL="${v}"`,
      ),
    ),
    fc.tuple(
      fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map(parts => parts.join('-')),
      fc.constant((v: string) => `id {${v}} x`),
    ),
    fc.tuple(
      fc.array(hex(2), { minLength: 6, maxLength: 6 }).map(parts => parts.join(':')),
      fc.constant((v: string) => `link/ether ${v} brd`),
    ),
    fc.tuple(
      fc.array(digits(6), { minLength: 8, maxLength: 8 }).map(parts => parts.join('-')),
      fc.constant((v: string) => `Password:\n  ${v}`),
    ),
    fc.tuple(
      fc
        .array(fc.integer({ min: 11, max: 250 }), { minLength: 4, maxLength: 4 })
        .filter(([a]) => a !== 127)
        .map(parts => parts.join('.')),
      fc.constant((v: string) => `inet ${v}/24`),
    ),
    fc.tuple(
      letters('abcdefghijklmnopqrstuvwxyzABCDEFGH0123456789', 24, 40),
      fc.constantFrom(
        (v: string) => `Authorization: Bearer ${v}`,
        (v: string) => `token tla_${v}`,
      ),
    ),
    fc.tuple(
      fc.array(digits(9), { minLength: 3, maxLength: 3 }).map(parts => `S-1-5-21-${parts.join('-')}`),
      fc.constant((v: string) => `SID ${v}-1001`),
    ),
  );
  const noise = fc.constantFrom(
    'NAME="Debian"',
    '{"a":[1,2]}',
    'State : running',
    '<dict/>',
    '  ',
    'disk0 500 GB',
  );

  it('survive in no encoding, wherever they stand and wherever they are repeated', () => {
    fc.assert(
      fc.property(
        fc.array(planted, { minLength: 1, maxLength: 4 }),
        fc.array(noise, { maxLength: 4 }),
        (plants, around) => {
          const lines = [...around, ...plants.map(([value, form]) => form(value)), ...around];
          const text = lines.join('\n');
          const repeated = plants
            .map(([value]) => `seen ${value}${value.startsWith('S-1') ? '-500' : ''}, again`)
            .join('\n');
          const redactor = createRedactor(Buffer.alloc(32, 7));
          redactor.learn(text);
          for (const whole of [text, `${text}\r\n${repeated}`]) {
            const hidden = redactor.redact(whole);
            const bytes = [Buffer.from(hidden), Buffer.from(hidden, 'utf16le')];
            for (const [value, form] of plants) {
              // A token and a mail address are known by the words around them.
              if (whole !== text && /Bearer|tla_|mail|CommandLine/.test(form(''))) continue;
              const shown = form(value).startsWith('mail') ? `${value.replace(/[^a-z]/g, 'q')}@` : value;
              expect(bytes[0]?.includes(Buffer.from(shown)), `${shown} in ${hidden}`).toBe(false);
              expect(bytes[1]?.includes(Buffer.from(shown, 'utf16le'))).toBe(false);
            }
          }
        },
      ),
      { numRuns: Number(process.env.TRAYLINE_FUZZ_RUNS ?? 1500) },
    );
  });

  it('never make the redactor throw, whatever a program prints', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.json()), text => {
        const redactor = createRedactor(Buffer.alloc(32, 7));
        redactor.learn(text);
        expect(typeof redactor.redact(text)).toBe('string');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a certificate', () => {
  it('that is none goes as a whole', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nc2VjcmV0IG5hbWU=\n-----END CERTIFICATE-----';
    const hidden = redactCertificates(broken, (_what, length) => Buffer.alloc(length, 0x61));
    expect(hidden).not.toContain('c2Vj');
    expect(hidden).toContain('[removed]');
  });

  it('still reads, with its issuer and dates, and names its holder no more', async () => {
    const pem = await readFile(fixture('parse/device-certificate.pem'), 'utf8');
    const before = new X509Certificate(pem);
    const redactor = createRedactor(Buffer.alloc(32, 7));
    for (const text of [pem, JSON.stringify({ pem })]) {
      redactor.learn(text);
      const hidden = redactor.redact(text);
      const inner = text === pem ? hidden : (JSON.parse(hidden) as { pem: string }).pem;
      const after = new X509Certificate(inner);
      expect(after.issuer).toBe(before.issuer);
      expect([after.validFrom, after.validTo]).toEqual([before.validFrom, before.validTo]);
      expect(after.subject).not.toBe(before.subject);
      expect(after.serialNumber).not.toBe(before.serialNumber);
      expect(after.fingerprint256).not.toBe(before.fingerprint256);
      for (const word of ['lt-042', 'robin']) {
        expect(Buffer.from(after.raw).toString('latin1')).not.toContain(word);
      }
    }
  });

  it('leaves no private key behind', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const redactor = createRedactor(Buffer.alloc(32, 7));
    const body = pem.split('\n')[1] ?? '';
    expect(redactor.redact(`before\n${pem}after`)).not.toContain(body.slice(0, 20));
  });
});
