import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../agent/core/scan/facts/read.ts';
import { fixture, RECORDINGS } from '../scan/support.ts';
import { TODAY } from './support.ts';

/** By hand: TRAYLINE_FUZZ_RUNS=200000. */
const RUNS = Number(process.env.TRAYLINE_FUZZ_RUNS ?? 5000);

interface Sample {
  readonly file: string;
  readonly bytes: Uint8Array;
}

function folder(path: string): Sample[] {
  return readdirSync(path).map(file => ({ file, bytes: new Uint8Array(readFileSync(`${path}/${file}`)) }));
}

const samples: readonly Sample[] = [
  ...folder(fixture('parse')),
  ...(RECORDINGS === null ? [] : ['windows', 'macos', 'linux'].flatMap(one => folder(`${RECORDINGS}${one}`))),
];

const read = (sample: Sample) => readFacts(sample.file, sample.bytes, { today: TODAY });

/** Names under which `true` is good news. */
const GOOD =
  /^(running|healthy|healthyFlag|protects|protectionEnabled|osVolumeProtected|allFixedVolumesProtected|fullyEncrypted|anyAntivirusOn|allOnAntivirusUpToDate|allProfilesOn|domain|private|public|enabled|realTimeProtection|tamperProtected|antivirusEnabled|supported|mdmEnrolled|userApproved|synchronized|ready|sipEnabled|cidSet|registered|licensed|connected)$/;
const GOOD_WORDS = new Set(['healthy', 'on', 'upToDate', 'good']);
/** Names under which `false` or 0 is good news. */
const CLEAN = /^(rebootRequired|restartRequired|infected|networkQuarantine)$/;

/** Paths of everything in an answer that a policy could take for a pass. */
function passes(value: unknown, path = '', found = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, one] of Object.entries(value)) {
    const here = `${path}.${key}`;
    if (
      (one === true && GOOD.test(key)) ||
      (typeof one === 'string' && GOOD_WORDS.has(one)) ||
      (one === false && CLEAN.test(key)) ||
      (one === 0 && key === 'count' && path === '')
    )
      found.add(here);
    passes(one, here, found);
  }
  return found;
}

const factsOf = (answer: ReturnType<typeof readFacts>): unknown => ('facts' in answer ? answer.facts : {});

describe('one byte changed', () => {
  const silent = samples.filter(sample => 'unknown' in read(sample));

  it('is tried on outputs that say something and on those that do not', () => {
    expect(silent.length).toBeGreaterThan(5);
    expect(samples.length - silent.length).toBeGreaterThan(5);
  });

  const change = (list: readonly Sample[]) =>
    fc.constantFrom(...list.filter(sample => sample.bytes.length > 0)).chain(sample =>
      fc.record({
        sample: fc.constant(sample),
        at: fc.nat(sample.bytes.length - 1),
        byte: fc.nat(255),
        kind: fc.constantFrom('replace', 'drop', 'cut' as const),
      }),
    );
  const changed = ({ bytes }: Sample, at: number, byte: number, kind: string): Uint8Array => {
    if (kind === 'cut') return bytes.slice(0, at);
    if (kind === 'drop') return new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
    const copy = bytes.slice();
    copy[at] = byte;
    return copy;
  };

  it('never makes a reader throw, and never an answer that is not one', () => {
    fc.assert(
      fc.property(change(samples), ({ sample, at, byte, kind }) => {
        const answer = readFacts(sample.file, changed(sample, at, byte, kind), { today: TODAY });
        expect('unknown' in answer ? answer.detail : '').not.toBe('the reader gave up');
        expect(JSON.parse(JSON.stringify(answer))).toBeTypeOf('object');
      }),
      { numRuns: RUNS },
    );
  });

  it('never turns an output that says nothing into a pass', () => {
    fc.assert(
      fc.property(change(silent), ({ sample, at, byte, kind }) => {
        const answer = readFacts(sample.file, changed(sample, at, byte, kind), { today: TODAY });
        expect([...passes(factsOf(answer))]).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('never turns what is unknown in an answer into a pass', () => {
    const base = new Map(samples.map(sample => [sample, factsOf(read(sample))]));
    const toldAt = (facts: unknown, path: string): unknown =>
      path
        .split('.')
        .slice(1)
        .reduce<unknown>(
          (value, key) =>
            typeof value === 'object' && value !== null
              ? Object.entries(value).find(([name]) => name === key)?.[1]
              : undefined,
          facts,
        );
    fc.assert(
      fc.property(change(samples), ({ sample, at, byte, kind }) => {
        const before = base.get(sample);
        const answer = readFacts(sample.file, changed(sample, at, byte, kind), { today: TODAY });
        const known = new Set([...passes(before)].map(path => path.replace(/.*\./, '')));
        for (const path of passes(factsOf(answer))) {
          // Items of lists move when one of them is damaged: there the name decides, elsewhere the whole path.
          const was = /\.\d/.test(path) ? known.has(path.replace(/.*\./, '')) || null : toldAt(before, path);
          expect(was === null || was === undefined ? path : '').toBe('');
        }
      }),
      { numRuns: RUNS },
    );
  });
});
