import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFacts } from '../../../agent/core/scan/facts/read.ts';
import { RECORDINGS } from '../scan/support.ts';
import { type Expected, LINUX, MACOS, WINDOWS } from './expected.ts';
import { differences, TODAY } from './support.ts';

/** Outputs of real machines lie beside the repository, not in it; without them this file has nothing to say. */
describe.skipIf(RECORDINGS === null)(
  'recorded outputs as facts (skipped where ../shared/data/command-output is absent)',
  () => {
    const folders: readonly (readonly [string, Readonly<Record<string, Expected>>])[] = [
      ['windows', WINDOWS],
      ['macos', MACOS],
      ['linux', LINUX],
    ];
    const cases = folders.flatMap(([folder, table]) =>
      Object.entries(table).map(([file, expected]) => [`${folder}/${file}`, file, expected] as const),
    );

    it.each(folders)('expect something of every file in %s', (folder, table) => {
      expect(readdirSync(`${RECORDINGS}${folder}`).sort()).toEqual(Object.keys(table).sort());
    });

    it.each(cases)('reads %s', (path, file, expected) => {
      const answer = readFacts(file, new Uint8Array(readFileSync(`${RECORDINGS}${path}`)), { today: TODAY });
      if ('unknown' in expected) {
        expect(answer).toMatchObject({ unknown: expected.unknown });
        return;
      }
      expect(answer).toMatchObject({ family: expected.family });
      const facts = 'facts' in answer ? answer.facts : {};
      expect(differences(facts, expected.facts)).toEqual([]);
      for (const wrong of expected.mustNot ?? []) expect(differences(facts, wrong)).not.toEqual([]);
    });
  },
);
