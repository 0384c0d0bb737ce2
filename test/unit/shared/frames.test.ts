import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_PROBLEM_CODES, isProblemCode, PROBLEM_CODES } from '../../../shared/problem/codes.ts';
import { closeCodeOf, problemOfClose } from '../../../shared/protocol/close-codes.ts';
import { decodeFromDevice, decodeToDevice, encodeFrame } from '../../../shared/protocol/frame.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { FROM_DEVICE, GOLDEN_FRAMES } from '../../support/frames.ts';

const folder = fileURLToPath(new URL('../../fixtures/frames/', import.meta.url));
const goldenText = (name: string): string => readFileSync(`${folder}${name}.json`, 'utf8');
const compact = (name: string): string => JSON.stringify(JSON.parse(goldenText(name)));

function direction(type: string, name: string): typeof decodeFromDevice | typeof decodeToDevice {
  if (name === 'help-standings') return decodeToDevice;
  return FROM_DEVICE.has(type) || name === 'goodbye-device' ? decodeFromDevice : decodeToDevice;
}

describe('golden frames', () => {
  it('are all there, and nothing else is', () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(GOLDEN_FRAMES)
        .map(name => `${name}.json`)
        .sort(),
    );
  });

  it.each(Object.entries(GOLDEN_FRAMES))('%s is written as it always was', (name, frame) => {
    expect(encodeFrame(frame)).toBe(compact(name));
  });

  it.each(Object.entries(GOLDEN_FRAMES))('%s is read back whole', (name, frame) => {
    expect(direction(frame.type, name)(compact(name))).toEqual({ ok: true, frame });
  });
});

describe('decoding', () => {
  it('never throws, whatever it is given', () => {
    const texts = Object.keys(GOLDEN_FRAMES).map(compact);
    const mutated = fc
      .record({
        text: fc.constantFrom(...texts),
        cut: fc.nat(4000),
        put: fc.string({ maxLength: 6 }),
        drop: fc.nat(6),
      })
      .map(({ text, cut, put, drop }) => {
        const place = cut % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + drop);
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string(), fc.json()), text => {
        for (const decoded of [decodeFromDevice(text), decodeToDevice(text)]) {
          if (!decoded.ok) expect(isProblemCode(decoded.code)).toBe(true);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('says where a frame is wrong without repeating what it holds', () => {
    const frame = JSON.parse(compact('samples')) as { rows: unknown[][] };
    frame.rows[0]![1] = 'a secret of somebody';
    const decoded = decodeFromDevice(JSON.stringify(frame));
    expect(decoded).toEqual({ ok: false, code: 'frame-malformed', detail: 'rows.0.1: invalid_type', seq: 6 });
  });

  it('tells an unknown kind of frame from a broken one', () => {
    expect(decodeFromDevice('{"type":"teleport","seq":3}')).toMatchObject({
      code: 'frame-unsupported',
      seq: 3,
    });
    expect(decodeFromDevice('{"type":"samples","seq":"3"}')).toMatchObject({ code: 'frame-malformed' });
    expect(decodeFromDevice('[]')).toMatchObject({ ok: false });
    expect(decodeFromDevice('')).toMatchObject({ code: 'frame-malformed', detail: 'not JSON' });
  });

  it('refuses a frame above the limit before looking into it', () => {
    expect(decodeFromDevice(' '.repeat(LIMITS.frameBytes + 1))).toMatchObject({ code: 'frame-too-large' });
  });

  it('drops keys a newer agent may add', () => {
    const frame = { ...(JSON.parse(compact('scanned')) as object), moonPhase: 'full' };
    expect(decodeFromDevice(JSON.stringify(frame))).toEqual({ ok: true, frame: GOLDEN_FRAMES.scanned });
  });

  it('reads a reason it does not know as other, never as a value', () => {
    const frame = JSON.parse(compact('delta')) as { findings: Record<string, { reason?: string }> };
    frame.findings['fw.enabled']!.reason = 'eclipsed';
    const decoded = decodeFromDevice(JSON.stringify(frame));
    expect(
      decoded.ok && decoded.frame.type === 'delta' && decoded.frame.findings['fw.enabled'],
    ).toMatchObject({
      status: 'failed',
      reason: 'other',
    });
  });
});

describe('close codes', () => {
  it('stand for exactly one problem each and are in the range left to applications', () => {
    const closes = ALL_PROBLEM_CODES.map(code => PROBLEM_CODES[code].close).filter(close => close !== null);
    expect(new Set(closes).size).toBe(closes.length);
    for (const close of closes) expect(close >= 4000 && close <= 4999).toBe(true);
    for (const code of ALL_PROBLEM_CODES) {
      if (PROBLEM_CODES[code].close !== null) expect(problemOfClose(closeCodeOf(code))).toBe(code);
    }
  });
});
