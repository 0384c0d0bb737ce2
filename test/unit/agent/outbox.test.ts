import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileOutbox } from '../../../agent/core/outbox/file.ts';
import { lockFolder } from '../../../agent/core/outbox/folder-lock.ts';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import type { Outbox, OutboxBounds } from '../../../agent/core/outbox/outbox.ts';
import { allHeld, outboxContract } from './outbox.contract.ts';
import { FakeClock } from './support/fake-clock.ts';
import { testFolder } from './support/folder.ts';
import { deltaFrame, eventsFrame, samplesFrame, snapshotFrame } from './support/frames.ts';

const scratch = mkdtempSync(join(tmpdir(), 'trayline-outbox-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;
function anotherFolder(): string {
  folders += 1;
  return join(scratch, String(folders));
}

function openIn(folder: string, bounds: Partial<OutboxBounds> = {}, segmentBytes = 600): Outbox {
  return openFileOutbox({ folder, clock: new FakeClock(), segmentBytes, ...bounds });
}

outboxContract('in memory', bounds => memoryOutbox(bounds));
outboxContract('on disk', bounds => openIn(anotherFolder(), bounds));

const seqs = (outbox: Outbox): number[] => allHeld(outbox).map(({ seq }) => seq);
const logs = (folder: string): string[] =>
  readdirSync(folder)
    .filter(name => name.endsWith('.log'))
    .sort();

/** The folder as a killed process leaves it: whatever was written, nothing closed. */
function killed(folder: string): string {
  const copy = anotherFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

describe('the outbox on disk', () => {
  it('has everything again after a kill', () => {
    const folder = testFolder();
    const before = openIn(folder);
    for (let at = 1; at <= 9; at += 1) before.append(samplesFrame(at));
    before.ack(4);
    const after = openIn(killed(folder));
    expect(after.stream).toBe(before.stream);
    expect(allHeld(after)).toEqual(allHeld(before));
    expect(after.report().damaged).toBe(0);
  });

  it('goes on above the reserved numbers after a kill, and without a gap after a clean end', async () => {
    const folder = testFolder();
    const before = openIn(folder);
    expect(before.append(samplesFrame(1))).toBe(1);
    expect(openIn(killed(folder)).append(samplesFrame(2))).toBe(257);
    await before.close();
    expect(openIn(folder).append(samplesFrame(2))).toBe(2);
  });

  it('keeps its folder small when everything is acknowledged', () => {
    const folder = testFolder();
    const outbox = openIn(folder);
    for (let at = 1; at <= 400; at += 1) outbox.ack(outbox.append(samplesFrame(at)));
    expect(outbox.frames).toBe(0);
    expect(logs(folder).length).toBeLessThanOrEqual(1);
  });

  it('rewrites a segment of which little is left, and finds the rest after a kill', () => {
    const folder = testFolder();
    const outbox = openIn(folder, { maxFrames: 12 }, 4000);
    outbox.append(eventsFrame(1));
    for (let at = 2; at <= 60; at += 1) outbox.append(samplesFrame(at));
    expect(seqs(outbox)[0]).toBe(1);
    const after = openIn(killed(folder), { maxFrames: 100 }, 4000);
    expect(seqs(after)).toContain(1);
    expect(seqs(after).slice(-11)).toEqual(seqs(outbox).slice(-11));
    expect(allHeld(after).find(({ seq }) => seq === 1)?.body).toEqual(eventsFrame(1));
  });

  it('survives its log being cut at any byte: every whole record before the cut is there', () => {
    const folder = testFolder();
    const before = openIn(folder, {}, 1_000_000);
    const frames = [snapshotFrame(1), samplesFrame(2), deltaFrame(3), eventsFrame(4)];
    const ends: number[] = [];
    before.append(frames[0]!);
    const [log = ''] = logs(folder);
    const size = (): number => readFileSync(join(folder, log)).length;
    ends.push(size());
    for (const frame of frames.slice(1)) {
      before.append(frame);
      ends.push(size());
    }
    const whole = size();
    for (let cut = 0; cut <= whole; cut += 1) {
      const copy = killed(folder);
      truncateSync(join(copy, log), cut);
      const after = openIn(copy);
      const expected = ends.filter(end => end <= cut).length;
      expect({ cut, held: allHeld(after) }).toEqual({
        cut,
        held: frames.slice(0, expected).map((body, index) => ({ seq: index + 1, body })),
      });
      expect(after.append(samplesFrame(9))).toBe(257);
      expect(after.stream).toBe(before.stream);
      rmSync(copy, { recursive: true });
    }
  });

  it('survives any byte of its log being changed: only the record it is in can be lost, never altered', () => {
    const folder = testFolder();
    const before = openIn(folder, {}, 1_000_000);
    const frames = [snapshotFrame(1), samplesFrame(2), eventsFrame(3)];
    for (const frame of frames) before.append(frame);
    const [log = ''] = logs(folder);
    const bytes = readFileSync(join(folder, log));
    for (let at = 0; at < bytes.length; at += 1) {
      const copy = killed(folder);
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0x41;
      writeFileSync(join(copy, log), changed);
      const after = openIn(copy);
      const held = allHeld(after);
      expect(held.length).toBeGreaterThanOrEqual(frames.length - 1);
      for (const { body } of held) expect(frames).toContainEqual(body);
      expect(after.append(samplesFrame(9))).toBeGreaterThan(frames.length);
      rmSync(copy, { recursive: true });
    }
  });

  it('counts damage in the middle once, and not again at the next start', () => {
    const folder = testFolder();
    const before = openIn(folder, {}, 1_000_000);
    for (let at = 1; at <= 3; at += 1) before.append(samplesFrame(at));
    const [log = ''] = logs(folder);
    const bytes = readFileSync(join(folder, log));
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(join(folder, log), bytes);
    const after = openIn(folder);
    expect(seqs(after)).toEqual([1, 3]);
    expect(after.report().damaged).toBe(1);
    expect(openIn(killed(folder)).report().damaged).toBe(0);
  });

  it('starts a new stream with what is left when its mark is changed or cut at any byte', () => {
    const folder = testFolder();
    const before = openIn(folder);
    for (let at = 1; at <= 3; at += 1) before.append(samplesFrame(at));
    before.ack(1);
    const mark = readFileSync(join(folder, 'mark.json'));
    for (let at = 0; at < mark.length - 1; at += 1) {
      for (const broken of [
        mark.subarray(0, at),
        Buffer.from(mark.map((byte, i) => (i === at ? byte ^ 1 : byte))),
      ]) {
        const copy = killed(folder);
        writeFileSync(join(copy, 'mark.json'), broken);
        const after = openIn(copy);
        expect(after.stream).not.toBe(before.stream);
        expect(after.report().damaged).toBeGreaterThan(0);
        const held = allHeld(after);
        expect(held.map(({ seq }) => seq)).toEqual(held.map((_, index) => index + 1));
        expect(held.slice(-2).map(({ body }) => body)).toEqual([samplesFrame(2), samplesFrame(3)]);
        expect(allHeld(openIn(killed(copy)))).toEqual(held);
        rmSync(copy, { recursive: true });
      }
    }
  });

  it('never gives a number twice and never loses an unacknowledged frame, whatever kills and ends it', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant('append' as const) },
      { weight: 2, arbitrary: fc.constant('ack' as const) },
      { weight: 1, arbitrary: fc.constant('kill' as const) },
      { weight: 1, arbitrary: fc.constant('close' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async steps => {
        let folder = anotherFolder();
        let outbox = openIn(folder);
        const given = new Set<number>();
        let model: { seq: number; body: unknown }[] = [];
        let at = 0;
        for (const one of steps) {
          if (one === 'append') {
            at += 1;
            const seq = outbox.append(samplesFrame(at));
            expect(given.has(seq)).toBe(false);
            given.add(seq);
            model.push({ seq, body: samplesFrame(at) });
          } else if (one === 'ack') {
            const upTo = model[Math.floor(model.length / 2)]?.seq ?? 0;
            outbox.ack(upTo);
            model = model.filter(({ seq }) => seq > upTo);
          } else {
            if (one === 'close') await outbox.close();
            else folder = killed(folder);
            outbox = openIn(folder);
          }
          expect(allHeld(outbox)).toEqual(model);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a folder it cannot use, by a code', () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    expect(() => openIn(file)).toThrow(expect.objectContaining({ code: 'data-folder-unwritable' }));
  });
});

describe('a data folder', () => {
  it('belongs to one process at a time and is free again afterwards', async () => {
    const folder = testFolder();
    const unlock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'service-already-running' });
    unlock();
    unlock();
    (await lockFolder(folder))();
  });
});
