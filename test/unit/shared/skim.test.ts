import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFromDevice } from '../../../shared/protocol/frame.ts';
import { skimSnapshot } from '../../../shared/protocol/skim.ts';

const hash = (n: number): string => n.toString(16).padStart(16, '0');
const identity = {
  platform: 'windows',
  hostname: 'FIN-1',
  serial: null,
  hardwareUuid: null,
  manufacturer: null,
  model: null,
  person: null,
  macs: [],
};
const ok = (value: unknown, n: number) => ({ status: 'ok', value, hash: hash(n), at: 1, ms: 1 });
const frame = (findings: unknown): string =>
  JSON.stringify({ seq: 7, type: 'snapshot', at: 5, identity, findings });

describe('skimming a snapshot', () => {
  it('cuts out what is held with the same fingerprint', () => {
    const text = frame({
      uptime: ok({ seconds: 1 }, 1),
      perf: { status: 'failed', reason: 'timeout', hash: hash(2), at: 1, ms: 1.5, cpuMs: 0.1, part: 'user' },
      battery: ok({ a: [{ b: '}],"hash":"' }] }, 3),
    });
    const skimmed = skimSnapshot(text, { uptime: hash(1), perf: hash(2), battery: hash(9) });
    expect(skimmed?.kept).toEqual(['uptime', 'perf']);
    const rest = JSON.parse(skimmed?.text ?? '');
    expect(rest).toEqual({ ...JSON.parse(text), findings: { battery: JSON.parse(text).findings.battery } });
  });

  it('goes by the finding’s own fingerprint, not by one inside its value or in a text', () => {
    const inner = { hash: hash(1), size: 1 };
    const text = frame({ file: ok({ files: [inner], said: `"hash":"${hash(1)}"` }, 2) });
    expect(skimSnapshot(text, { file: hash(1) })).toBeNull();
    expect(skimSnapshot(text, { file: hash(2) })?.kept).toEqual(['file']);
  });

  it('leaves whole what it cannot make sense of, and what is no snapshot', () => {
    const held = { uptime: hash(1) };
    const text = frame({ uptime: ok({}, 1) });
    for (const broken of [
      '',
      '{',
      '{"type":"snapshot"',
      text.slice(0, -1),
      `${text} `,
      text.replace('snapshot', 'delta'),
      text.replace('"findings":{', '"findings":['),
      text.replace('"hash"', '"hush"'),
      text.replace(',"identity":{', ',"identity":{"x":{},"findings":{},'),
      frame({ uptime: { hash: hash(1), at: 1, ms: 1, status: 'ok', value: {} } }),
      JSON.stringify(JSON.parse(text), null, 1),
    ]) {
      expect(skimSnapshot(broken, held), broken).toBeNull();
    }
    expect(skimSnapshot(text, {})).toBeNull();
    expect(skimSnapshot(frame({ __proto__x: ok({}, 1) }), held)).toBeNull();
  });

  it('for any frame, what it leaves and what it names are together what was sent', () => {
    const id = fc.constantFrom('uptime', 'perf', 'battery', 'os.version', 'x', 'y.z');
    const finding = fc.record({ value: fc.jsonValue(), n: fc.integer({ min: 0, max: 3 }) });
    fc.assert(
      fc.property(
        fc.dictionary(id, finding),
        fc.dictionary(id, fc.integer({ min: 0, max: 3 })),
        (sent, known) => {
          const findings = Object.fromEntries(
            Object.entries(sent).map(([key, { value, n }]) => [key, ok(value, n)]),
          );
          const held = Object.fromEntries(Object.entries(known).map(([key, n]) => [key, hash(n)]));
          const text = frame(findings);
          const same = Object.keys(findings).filter(key => findings[key]?.hash === held[key]);
          const skimmed = skimSnapshot(text, held);
          expect(skimmed?.kept ?? []).toEqual(same);
          const whole = JSON.parse(text);
          for (const key of same) delete whole.findings[key];
          expect(JSON.parse(skimmed?.text ?? text)).toEqual(whole);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads a frame whole where a value looks like a finding', () => {
    const text = frame({ file: ok({ x: { hash: hash(1), at: 1, ms: 1 }, y: 2 }, 2) });
    expect(skimSnapshot(text, { file: hash(1) })).toBeNull();
  });

  it('knows what the agent writes', () => {
    const written = frame({ uptime: ok({}, 1) }).replace('{"seq":7,', '{"seq":7,"skipped":2,');
    expect(skimSnapshot(written, { uptime: hash(1) })?.kept).toEqual(['uptime']);
  });

  it('never throws, and what is left of a broken frame is refused or is a frame', () => {
    const text = frame({ uptime: ok({ seconds: 1 }, 1), perf: ok({ a: 'b\\"' }, 2) });
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 0, max: 255 }), (at, code) => {
        const broken = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        const skimmed = skimSnapshot(broken, { uptime: hash(1), perf: hash(2) });
        if (skimmed === null) return;
        const decoded = decodeFromDevice(skimmed.text);
        if (decoded.ok && decoded.frame.type === 'snapshot') {
          for (const kept of skimmed.kept) expect(['uptime', 'perf']).toContain(kept);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
