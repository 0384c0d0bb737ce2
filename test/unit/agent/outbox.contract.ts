import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewFrame, Outbox, OutboxBounds } from '../../../agent/core/outbox/outbox.ts';
import { wireText } from '../../../agent/core/outbox/outbox.ts';
import { decodeFromDevice } from '../../../shared/protocol/frame.ts';
import { deltaFrame, eventsFrame, samplesFrame, snapshotFrame } from './support/frames.ts';

export function allHeld(outbox: Outbox): { seq: number; body: unknown }[] {
  const held: { seq: number; body: unknown }[] = [];
  for (let frame = outbox.after(0); frame !== null; frame = outbox.after(frame.seq)) {
    held.push({ seq: frame.seq, body: JSON.parse(frame.body) });
  }
  return held;
}

const anyFrame: fc.Arbitrary<NewFrame> = fc.oneof(
  fc.nat().map(samplesFrame),
  fc.nat().map(eventsFrame),
  fc.nat().map(at => deltaFrame(at)),
  fc.nat().map(at => snapshotFrame(at)),
);

/** What every outbox promises, run on each implementation. */
export function outboxContract(name: string, open: (bounds?: Partial<OutboxBounds>) => Outbox): void {
  describe(`${name}: the promises of every outbox`, () => {
    it('numbers frames from 1 and gives them back in order', () => {
      const outbox = open();
      expect(outbox.firstUnacked).toBe(1);
      expect([samplesFrame(10), eventsFrame(11), deltaFrame(12)].map(frame => outbox.append(frame))).toEqual([
        1, 2, 3,
      ]);
      expect(allHeld(outbox)).toEqual([
        { seq: 1, body: samplesFrame(10) },
        { seq: 2, body: eventsFrame(11) },
        { seq: 3, body: deltaFrame(12) },
      ]);
    });

    it('makes a frame that the protocol accepts', () => {
      const outbox = open();
      outbox.append(samplesFrame(10));
      const frame = outbox.after(0);
      const decoded = decodeFromDevice(wireText(frame!, 4));
      expect(decoded).toEqual({ ok: true, frame: { ...samplesFrame(10), seq: 1, skipped: 4 } });
    });

    it('forgets what is acknowledged, and only that', () => {
      const outbox = open();
      for (let at = 1; at <= 5; at += 1) outbox.append(samplesFrame(at));
      outbox.ack(3);
      expect(allHeld(outbox).map(({ seq }) => seq)).toEqual([4, 5]);
      expect(outbox.firstUnacked).toBe(4);
      outbox.ack(2);
      expect(outbox.frames).toBe(2);
    });

    it('goes on above an acknowledgement of numbers it has not given yet', () => {
      const outbox = open();
      outbox.append(samplesFrame(1));
      outbox.ack(40);
      expect(outbox.firstUnacked).toBe(41);
      expect(outbox.append(samplesFrame(2))).toBe(41);
    });

    it('gives up state that a later snapshot replaces before anything else', () => {
      const outbox = open({ maxFrames: 4 });
      outbox.append(samplesFrame(1));
      outbox.append(snapshotFrame(2));
      outbox.append(deltaFrame(3));
      outbox.append(snapshotFrame(4));
      outbox.append(eventsFrame(5));
      expect(allHeld(outbox).map(({ seq }) => seq)).toEqual([1, 3, 4, 5]);
      outbox.append(eventsFrame(6));
      outbox.append(eventsFrame(7));
      expect(allHeld(outbox).map(({ seq }) => seq)).toEqual([4, 5, 6, 7]);
      expect(outbox.report().dropped).toBe(3);
    });

    it('keeps the newest frame even when it alone is above the bound', () => {
      const outbox = open({ maxBytes: 10 });
      outbox.append(samplesFrame(1));
      outbox.append(samplesFrame(2));
      expect(allHeld(outbox).map(({ seq }) => seq)).toEqual([2]);
    });

    it('starts a new stream at 1 after a reset', () => {
      const outbox = open();
      const before = outbox.stream;
      outbox.append(samplesFrame(1));
      outbox.reset();
      expect(outbox.stream).toMatch(/^[0-9a-f]{16}$/);
      expect(outbox.stream).not.toBe(before);
      expect(outbox.frames).toBe(0);
      expect(outbox.append(samplesFrame(2))).toBe(1);
    });

    it('tells the state that still waits from the last snapshot on', () => {
      const outbox = open();
      outbox.append(deltaFrame(1));
      outbox.append(snapshotFrame(2));
      outbox.append(samplesFrame(3));
      outbox.append(deltaFrame(4));
      expect(outbox.pendingState().map(({ seq }) => seq)).toEqual([2, 4]);
    });

    it('agrees with a plain list whatever is appended, acknowledged and looked up', () => {
      const step = fc.oneof(
        { weight: 4, arbitrary: anyFrame.map(frame => ({ do: 'append' as const, frame })) },
        { weight: 2, arbitrary: fc.nat({ max: 12 }).map(back => ({ do: 'ack' as const, back })) },
        { weight: 1, arbitrary: fc.nat({ max: 30 }).map(seq => ({ do: 'after' as const, seq })) },
      );
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), steps => {
          const outbox = open();
          let model: { seq: number; body: unknown }[] = [];
          let next = 1;
          for (const one of steps) {
            if (one.do === 'append') {
              expect(outbox.append(one.frame)).toBe(next);
              model.push({ seq: next, body: one.frame });
              next += 1;
            } else if (one.do === 'ack') {
              const seq = Math.max(0, next - 1 - one.back);
              outbox.ack(seq);
              model = model.filter(frame => frame.seq > seq);
            } else {
              const found = outbox.after(one.seq);
              expect(found?.seq).toBe(model.find(frame => frame.seq > one.seq)?.seq);
            }
          }
          expect(allHeld(outbox)).toEqual(model);
          expect(outbox.frames).toBe(model.length);
          expect(outbox.firstUnacked).toBe(model[0]?.seq ?? next);
        }),
        { numRuns: 60 },
      );
    });

    it('never holds more than its bounds, keeps order, and counts every frame it gave up', () => {
      fc.assert(
        fc.property(
          fc.array(anyFrame, { minLength: 1, maxLength: 80 }),
          fc.integer({ min: 1, max: 20 }),
          fc.integer({ min: 200, max: 4000 }),
          (frames, maxFrames, maxBytes) => {
            const outbox = open({ maxFrames, maxBytes });
            for (const frame of frames) {
              outbox.append(frame);
              expect(outbox.frames).toBeLessThanOrEqual(maxFrames);
              expect(outbox.frames === 1 || outbox.bytes <= maxBytes).toBe(true);
            }
            const held = allHeld(outbox);
            expect(held.map(({ seq }) => seq)).toEqual(held.map(({ seq }) => seq).toSorted((a, b) => a - b));
            for (const { seq, body } of held) expect(body).toEqual(frames[seq - 1]);
            expect(held.length + outbox.report().dropped).toBe(frames.length);
            expect(held.at(-1)?.seq).toBe(frames.length);
          },
        ),
        { numRuns: 60 },
      );
    });
  });
}
