import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { lookAtFile } from '../../../agent/core/scan/file-facts.ts';
import { type Readable, readPeVersion } from '../../../agent/core/scan/parse/pe-version.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { liveProbe } from '../../../agent/core/scan/probe.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { subjects } from '../../../shared/device/subjects.ts';
import { handClock } from './support.ts';

const folder = await mkdtemp(join(tmpdir(), 'trayline-file-'));
afterAll(() => rm(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A Windows program of 1 KiB with one section that holds a version resource; `wide`: PE32+. */
function program(version: readonly [number, number, number, number], wide = true): Uint8Array {
  const bytes = new Uint8Array(1024);
  const view = new DataView(bytes.buffer);
  const header = 0x80;
  const optionalBytes = wide ? 240 : 224;
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(0x3c, header, true);
  view.setUint32(header, 0x4550, true);
  view.setUint16(header + 6, 1, true);
  view.setUint16(header + 20, optionalBytes, true);
  const optional = header + 24;
  view.setUint16(optional, wide ? 0x20b : 0x10b, true);
  view.setUint32(optional + (wide ? 112 : 96) + 16, 0x1000, true);
  const section = optional + optionalBytes;
  view.setUint32(section + 8, 0x200, true);
  view.setUint32(section + 12, 0x1000, true);
  view.setUint32(section + 16, 0x200, true);
  view.setUint32(section + 20, 0x200, true);
  // Root → kind 16 → name 1 → language 0x409 → data.
  const base = 0x200;
  for (const [level, id, next] of [
    [0, 16, 0x8000_0018],
    [0x18, 1, 0x8000_0030],
    [0x30, 0x409, 0x48],
  ] as const) {
    view.setUint16(base + level + 14, 1, true);
    view.setUint32(base + level + 16, id, true);
    view.setUint32(base + level + 20, next, true);
  }
  view.setUint32(base + 0x48, 0x1060, true);
  view.setUint32(base + 0x4c, 92, true);
  const resource = base + 0x60;
  view.setUint16(resource, 92, true);
  const [a, b, c, d] = version;
  view.setUint32(resource + 40, 0xfeef04bd, true);
  view.setUint32(resource + 48, a * 0x10000 + b, true);
  view.setUint32(resource + 52, c * 0x10000 + d, true);
  return bytes;
}

function readable(bytes: Uint8Array): Readable {
  return {
    read: async (into, offset, length, position) => {
      const part = bytes.subarray(position, position + length);
      into.set(part, offset);
      return { bytesRead: part.length };
    },
  };
}

describe('a Windows program’s version', () => {
  it('is read from 64 and 32 bit programs', async () => {
    for (const wide of [true, false]) {
      const bytes = program([10, 65535, 26_100, 1], wide);
      expect(await readPeVersion(readable(bytes), bytes.length)).toBe('10.65535.26100.1');
    }
  });

  it('is null for anything else', async () => {
    for (const bytes of [new Uint8Array(), new TextEncoder().encode('MZ no program'), new Uint8Array(2000)]) {
      expect(await readPeVersion(readable(bytes), bytes.length)).toBeNull();
    }
  });

  it('is four numbers or null whatever is damaged, after a bounded number of reads', async () => {
    const change = fc.array(fc.tuple(fc.nat(1023), fc.nat(255)), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(change, fc.integer({ min: 0, max: 1024 }), async (changes, size) => {
        const bytes = program([1, 2, 3, 4]);
        for (const [where, value] of changes) bytes[where] = value;
        const cut = bytes.subarray(0, size);
        let reads = 0;
        const counted: Readable = {
          read: async (...args) => {
            reads += 1;
            return await readable(cut).read(...args);
          },
        };
        const version = await readPeVersion(counted, cut.length);
        if (version !== null) expect(version).toMatch(/^\d{1,5}(\.\d{1,5}){3}$/);
        expect(reads).toBeLessThan(16);
      }),
      { numRuns: 500 },
    );
  });
});

describe.skipIf(process.platform === 'win32')('a file', () => {
  it('tells its size, date and hash', async () => {
    await writeFile(at('plain'), 'hello');
    await utimes(at('plain'), 1000, 1_700_000_000);
    expect(await lookAtFile(at('plain'), { hash: 'sha256' })).toMatchObject({
      value: { kind: 'file', sizeBytes: 5, modifiedAt: 1_700_000_000_000, hash: sha256('hello') },
    });
    expect(await lookAtFile(at('plain'), { hash: 'md5' })).toMatchObject({
      value: { hash: '5d41402abc4b2a76b9719d911017c592' },
    });
  });

  it('that is a folder has no hash', async () => {
    expect(await lookAtFile(folder, { hash: 'sha256' })).toMatchObject({
      value: { kind: 'folder', hash: null, hashReason: 'not a file' },
    });
  });

  it('that is not there is absent, also below a file', async () => {
    await writeFile(at('leaf'), '');
    for (const name of ['missing', 'leaf/below']) {
      expect(await lookAtFile(at(name))).toMatchObject({ ok: false, reason: 'not-present' });
    }
  });

  it('above the limit keeps its hash to itself', async () => {
    await writeFile(at('large'), 'x'.repeat(2000));
    expect(await lookAtFile(at('large'), { hash: 'sha256', maxHashBytes: 1000 })).toMatchObject({
      value: { hash: null, hashReason: 'larger than 0 MiB', sizeBytes: 2000 },
    });
  });

  it('is not read again while its mark stays, and is when it changes', async () => {
    await writeFile(at('marked'), 'one');
    const first = await lookAtFile(at('marked'), { hash: 'sha256' });
    const mark = first.ok ? first.value.mark : '';
    expect(await lookAtFile(at('marked'), { hash: 'sha256', knownMark: mark })).toMatchObject({
      value: { hash: null, hashReason: null, mark },
    });
    await writeFile(at('marked'), 'two');
    // The same date and length: only the time of the change tells.
    if (first.ok) await utimes(at('marked'), 1000, first.value.modifiedAt / 1000);
    const second = await lookAtFile(at('marked'), { hash: 'sha256', knownMark: mark });
    expect(second).toMatchObject({ value: { hash: sha256('two') } });
  });

  it('does not open what a link leads to when that may not be asked for', async () => {
    await mkdir(at('.ssh'));
    await writeFile(at('.ssh/known'), 'secret');
    await symlink(at('.ssh'), at('harmless'));
    await symlink(at('.ssh/known'), at('also-harmless'));
    for (const name of ['harmless/known', 'also-harmless']) {
      expect(await lookAtFile(at(name), { hash: 'sha256' })).toMatchObject({
        ok: false,
        reason: 'not-permitted',
      });
    }
  });

  it('that is a pipe does not hold the check', async () => {
    execFileSync('/usr/bin/mkfifo', [at('pipe')]);
    expect(await lookAtFile(at('pipe'), { hash: 'sha256' })).toMatchObject({
      value: { kind: 'other', hash: null },
    });
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read is there without a hash', async () => {
    await writeFile(at('closed'), 'x');
    await chmod(at('closed'), 0);
    expect(await lookAtFile(at('closed'), { hash: 'sha256' })).toMatchObject({
      value: { kind: 'file', hash: null, hashReason: 'not-permitted' },
    });
  });
});

describe.skipIf(process.platform === 'win32')('the check of files', () => {
  it('hashes a file once, and again when it changes', async () => {
    await writeFile(at('watched'), 'one');
    let hashed = 0;
    const live = liveProbe();
    const probe: Probe = {
      ...live,
      async file(path, wishes) {
        const seen = await live.file(path, wishes);
        if (seen.ok && seen.value.hash !== null) hashed += 1;
        return seen;
      },
    };
    const asked = subjects.parse({
      files: [
        { id: 'a', path: at('watched'), hash: 'sha256' },
        { id: 'b', path: at('nowhere') },
      ],
    });
    const scanner = createScanner({ platform: 'linux', probe, clock: handClock(), subjects: () => asked });
    const run = async () => (await scanner.run(['file'], new AbortController().signal)).file;
    const first = await run();
    expect(first).toMatchObject({
      value: { files: [{ hash: { hex: sha256('one') } }, { id: 'b', exists: false }] },
    });
    expect(await run()).toMatchObject({ status: 'ok', hash: first?.hash });
    expect(hashed).toBe(1);
    await writeFile(at('watched'), 'two');
    expect(await run()).toMatchObject({ value: { files: [{ hash: { hex: sha256('two') } }, {}] } });
    expect(hashed).toBe(2);
  });

  it('says so when not one file could be told', async () => {
    const probe: Probe = { ...liveProbe(), file: async () => ({ ok: false, reason: 'not-permitted' }) };
    const asked = subjects.parse({ files: [{ id: 'a', path: at('watched') }] });
    const scanner = createScanner({ platform: 'linux', probe, clock: handClock(), subjects: () => asked });
    const found = await scanner.run(['file'], new AbortController().signal);
    expect(found.file).toMatchObject({ status: 'failed', reason: 'not-permitted' });
  });
});
