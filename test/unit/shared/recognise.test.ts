import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromDevice } from '../../../shared/protocol/from-device.ts';
import { isPlainSequenced } from '../../../shared/protocol/recognise.ts';
import { GOLDEN_FRAMES } from '../../support/frames.ts';

const SEQUENCED = ['snapshot', 'delta', 'samples'] as const;
/** With members that are rare: left to the schemas or not, never taken for more than they say. */
const MUTATED = [...SEQUENCED, 'delta-costs'] as const;

/** Everything a mutated member may become. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    'x',
    -1,
    0,
    0.5,
    2 ** 53,
    2 ** 53 - 1,
    1e308,
    true,
    [],
    {},
    'ok',
    'failed',
    'timeout',
    'eclipsed',
    '0123456789abcdef',
    '0123456789ABCDEF',
    [1],
    { a: 1 },
  ),
  fc.string({ maxLength: 400 }),
  fc.double(),
);

/** Paths of every member of a value. */
function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function changed(frame: unknown, path: readonly string[], to: unknown, drop: boolean): unknown {
  if (path.length === 0) return to;
  const copy = structuredClone(frame) as Record<string, unknown>;
  let place = copy;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>;
  const last = path.at(-1)!;
  if (drop) delete place[last];
  else place[last] = to;
  return copy;
}

/** The frame as it comes off the wire. */
const wire = (frame: unknown): unknown => JSON.parse(JSON.stringify(frame) ?? 'null') as unknown;

describe('recognising a plain frame', () => {
  it.each(SEQUENCED)('accepts %s as it is written', name => {
    expect(isPlainSequenced(wire(GOLDEN_FRAMES[name]))).toBe(true);
  });

  it('leaves every other kind of frame to the schemas', () => {
    for (const [name, frame] of Object.entries(GOLDEN_FRAMES)) {
      if (!SEQUENCED.some(kind => kind === name)) expect(isPlainSequenced(wire(frame)), name).toBe(false);
    }
  });

  it('never accepts what the schemas refuse, and what it accepts means the same', () => {
    let accepted = 0;
    let refused = 0;
    const cases = MUTATED.flatMap(name => pathsOf(GOLDEN_FRAMES[name]).map(path => ({ name, path })));
    fc.assert(
      fc.property(
        fc.constantFrom(...cases),
        junk,
        fc.boolean(),
        fc.option(fc.tuple(fc.constantFrom(...cases), junk)),
        ({ name, path }, to, drop, second) => {
          let frame = changed(GOLDEN_FRAMES[name], path, to, drop);
          if (second !== null && second[0].name === name) {
            try {
              frame = changed(frame, second[0].path, second[1], false);
            } catch {
              // The first change took the second one's place away.
            }
          }
          const raw = wire(frame);
          const parsed = fromDevice.safeParse(raw);
          if (isPlainSequenced(raw)) {
            accepted += 1;
            expect(parsed.success).toBe(true);
            // Dropped keys aside, the schemas read the very same: nothing is coerced or caught.
            expect(raw).toMatchObject(parsed.data as object);
          } else {
            refused += 1;
          }
        },
      ),
      { numRuns: 6000 },
    );
    expect(Math.min(accepted, refused)).toBeGreaterThan(300);
  });

  it('is not fooled by keys that mean something to the language', () => {
    const text = JSON.stringify(GOLDEN_FRAMES.delta).replace('"fw.enabled"', '"__proto__"');
    expect(isPlainSequenced(JSON.parse(text))).toBe(false);
  });
});
