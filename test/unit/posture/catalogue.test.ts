import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { scanCatalogue } from '../../../agent/core/scan/catalogue.ts';
import { replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { CATALOGUE_PAGE, cataloguePage } from '../../../build/catalogue.ts';
import { SCAN_IDS } from '../../../shared/device/facts.ts';
import { SERVER_FACTS } from '../../../shared/device/server-facts.ts';
import { NO_SUBJECTS } from '../../../shared/device/subjects.ts';
import { CATALOGUE, checkMeaning } from '../../../shared/posture/catalogue.ts';
import { CHECK_IDS, CHECKS, checkEntry } from '../../../shared/posture/checks.ts';
import { EVALUATION_REASONS } from '../../../shared/posture/fact.ts';
import { FACTS } from '../../../shared/posture/fact-list.ts';
import { CHECK_VALUES, SAMPLES } from '../../../shared/posture/samples.ts';
import { checkName, findingWords } from '../../../shared/text/finding-words.ts';
import { isSentenceKey, LOCALES } from '../../../shared/text/sentence.ts';
import { fixture, handClock } from '../scan/support.ts';

const checksFile = fileURLToPath(new URL('../../../../shared/data/scans/checks.json', import.meta.url));
const listed = existsSync(checksFile)
  ? z.array(z.object({ id: z.string() })).parse(JSON.parse(readFileSync(checksFile, 'utf8')))
  : null;
if (listed === null) console.log('skipped: the list of checks is not beside this repository');

describe('the catalogue', () => {
  it('has every check an agent runs, and every agent runs every check that is not left to the server', () => {
    const left = CHECK_IDS.filter(id => checkEntry(id).server === undefined);
    expect(
      scanCatalogue()
        .map(one => one.id)
        .sort(),
    ).toEqual(left.toSorted());
  });

  it('is where every check of the agent has its systems, cost and rights from', () => {
    for (const { id, on } of scanCatalogue()) expect(on).toBe(checkEntry(id).on);
  });

  it.each([
    ['windows', 'windows-laptop'],
    ['macos', 'mac-laptop'],
    ['linux', 'linux-laptop'],
  ] as const)('says of %s exactly what a machine of it cannot answer', async (system, folder) => {
    const unanswerable = CHECK_IDS.filter(
      id => checkEntry(id).on[system] === null && checkEntry(id).server === undefined,
    );
    const scanner = createScanner({
      platform: system,
      probe: replayProbe(fixture(folder)),
      clock: handClock(),
    });
    const findings = await scanner.run(unanswerable, new AbortController().signal);
    for (const id of unanswerable) {
      const found = findings[id];
      if (found === undefined || found.status === 'ok') throw new Error(`${id} has an answer on ${system}`);
      expect([id, ['not-supported', 'not-applicable'].includes(found.reason)]).toEqual([id, true]);
    }
  });

  it('has every check whose value has a schema, and no other', () => {
    expect([...SCAN_IDS, ...SERVER_FACTS].sort()).toEqual(CHECK_IDS.toSorted());
  });

  it('leaves to the server exactly what no device can answer', () => {
    const server = CHECK_IDS.filter(id => checkEntry(id).server !== undefined);
    expect(server.toSorted()).toEqual([...SERVER_FACTS].sort());
    for (const id of server) expect(Object.values(CHECKS[id].on)).toEqual([null, null, null]);
  });

  it.skipIf(listed === null)('has every check of the posture products it is to replace', () => {
    expect((listed ?? []).map(one => one.id).filter(id => !CHECK_IDS.some(known => known === id))).toEqual(
      [],
    );
  });

  it('shows a sample of every check that its own schema accepts, in words in every language', () => {
    for (const id of CHECK_IDS) {
      const sample = CHECK_VALUES[id].safeParse(SAMPLES[id]);
      expect([id, sample.success && sample.data]).toEqual([id, SAMPLES[id]]);
      for (const locale of LOCALES) {
        const words = findingWords(locale, id, { status: 'ok', value: SAMPLES[id], at: 0, ms: 0, hash: '' });
        expect([
          id,
          words === findingWords(locale, id, { status: 'ok', value: null, at: 0, ms: 0, hash: '' }),
        ]).toEqual([id, checkEntry(id).server !== undefined]);
      }
    }
  });

  it('names and explains every check to its owner in every language', () => {
    for (const id of CHECK_IDS) {
      for (const locale of LOCALES) {
        expect([id, checkName(locale, id) === id]).toEqual([id, false]);
        expect(checkMeaning(locale, id)).toMatch(/\.$/);
      }
    }
    expect(checkMeaning('en', 'moon.phase')).toBeNull();
  });

  it('has a sentence for every reason why a rule could not be told', () => {
    for (const reason of EVALUATION_REASONS) expect(isSentenceKey(`reason.${reason}`)).toBe(true);
  });

  it('gives every check that has facts operators for each, and leaves none without facts', () => {
    for (const entry of CATALOGUE) {
      expect([entry.id, entry.facts.length > 0]).toEqual([entry.id, true]);
      for (const fact of entry.facts) expect([fact.id, fact.operators.length > 0]).toEqual([fact.id, true]);
    }
    expect(CATALOGUE.flatMap(entry => entry.facts)).toHaveLength(FACTS.length);
  });

  it('has a list to name things in for every check that looks for names, and only there facts with a subject', () => {
    for (const entry of CATALOGUE) {
      if (entry.subjects !== null) expect(Object.keys(NO_SUBJECTS)).toContain(entry.subjects);
      for (const fact of entry.facts) {
        expect([fact.id, fact.id.includes('<subject>')]).toEqual([fact.id, entry.subjects !== null]);
      }
    }
  });
});

describe('the reference page', () => {
  it('says what the catalogue says; run `node build/catalogue.ts` to write it anew', async () => {
    expect(await readFile(CATALOGUE_PAGE, 'utf8')).toBe(cataloguePage());
  });

  it('links only to headings it has', () => {
    const page = cataloguePage();
    const headings = [...page.matchAll(/^### (.*)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...page.matchAll(/\(#([^)]*)\)/g)].map(([, link]) => link);
    expect(links.toSorted()).toEqual(headings.toSorted());
  });
});
