/**
 * Writes shared/posture/CATALOGUE.md, the reference page of checks and facts, from the catalogue itself: `node build/catalogue.ts`. A test
 * fails while the page and the catalogue differ.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DAY, HOUR } from '../shared/base/durations.ts';
import type { Platform } from '../shared/device/platform.ts';
import { CATALOGUE, type CatalogueEntry, type CatalogueFact } from '../shared/posture/catalogue.ts';
import type { CheckRun } from '../shared/posture/checks.ts';
import { MAX_EVIDENCE_AGE } from '../shared/posture/evaluate.ts';
import { FACT_KINDS } from '../shared/posture/fact.ts';
import { OPERATOR_MEANINGS, OPERATORS, OPERATORS_OF } from '../shared/posture/operator.ts';

export const CATALOGUE_PAGE = fileURLToPath(new URL('../shared/posture/CATALOGUE.md', import.meta.url));

const SYSTEMS: readonly (readonly [Platform, string])[] = [
  ['windows', 'Windows'],
  ['macos', 'macOS'],
  ['linux', 'Linux'],
];

const KIND_MEANINGS: Readonly<Record<(typeof FACT_KINDS)[number], string>> = {
  presence: 'there, or truly not there',
  boolean: 'true or false',
  word: 'one of the words listed with the fact',
  text: 'a text',
  number: 'a number in the unit given',
  version: 'numbers with dots, compared segment by segment',
  age: 'a moment of the past; rules ask how long ago',
  left: 'a moment to come; rules ask how long it still is',
  set: 'a list of texts',
  macs: 'a list of network addresses',
};

function code(text: string): string {
  return `\`${text}\``;
}

/** A cell must not end its column. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function runWords(run: CheckRun | null): string {
  if (run === null) return '–';
  return run.privilege === 'service' ? `${run.cost}, service` : run.cost;
}

function serverWords(entry: CatalogueEntry): string {
  return entry.server === 'collector' ? 'the collector' : 'CrowdStrike, through the collector';
}

function kindWords({ kind, unit, words }: CatalogueFact): string {
  if (words !== null) return words.map(code).join(', ');
  return unit === null || unit === 'count' ? kind : `${kind}, ${unit}`;
}

function overview(): string {
  return table(
    ['Check', 'What it is', ...SYSTEMS.map(([, name]) => name)],
    CATALOGUE.map(entry => [
      `[${code(entry.id)}](#${anchor(entry)})`,
      entry.title,
      ...(entry.server === null
        ? SYSTEMS.map(([system]) => runWords(entry.on[system]))
        : SYSTEMS.map(() => 'server')),
    ]),
  );
}

function heading(entry: CatalogueEntry): string {
  return `${entry.id}: ${entry.title}`;
}

/** As GitHub makes them: small letters, blanks to hyphens, other signs left out. */
function anchor(entry: CatalogueEntry): string {
  return heading(entry)
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

function needsOf(entry: CatalogueEntry): string[] {
  const lines: string[] = [];
  if (entry.server !== null) lines.push(`Answered by ${serverWords(entry)}, not by the device.`);
  if (entry.subjects !== null) {
    lines.push(
      `Looks for what an administrator names (${code(entry.subjects)}); ${code('<subject>')} is the id given there.`,
    );
  }
  if (entry.needs !== null) lines.push(`Needs: ${entry.needs}`);
  return lines;
}

function section(entry: CatalogueEntry): string {
  const parts = [`### ${heading(entry)}`, entry.meaning];
  const needs = needsOf(entry);
  if (needs.length > 0) parts.push(needs.join(' '));
  if (entry.server === null) {
    parts.push(
      SYSTEMS.map(([system, name]) => `${name}: ${runWords(entry.on[system])}`)
        .join(' · ')
        .replaceAll('–', 'cannot be asked'),
    );
  }
  parts.push(
    table(
      ['Fact', 'Kind', 'Meaning', 'Operators'],
      entry.facts.map(fact => [
        code(fact.id),
        kindWords(fact),
        fact.meaning,
        fact.operators.map(code).join(' '),
      ]),
    ),
  );
  parts.push(`\`\`\`json\n${JSON.stringify(entry.sample, null, 2)}\n\`\`\``);
  return parts.join('\n\n');
}

/** The whole page. */
export function cataloguePage(): string {
  const server = CATALOGUE.filter(entry => entry.server !== null).length;
  const facts = CATALOGUE.reduce((sum, entry) => sum + entry.facts.length, 0);
  return `${[
    '# Checks and facts',
    '<!-- Made by `node build/catalogue.ts`; changes made here are lost. -->',
    `${CATALOGUE.length} checks, ${server} of them answered by the collector’s side, with ${facts} facts that a rule can name. The same list is on the console’s page “Checks” and at \`GET /api/v1/checks\`.`,
    '## How a rule is judged',
    'A condition is a fact, an operator and a value: `disk.free.systemFreePercent >= 10`. It is met, not met, or could not be told; what could not be told is never met and never not met. Conditions are joined with `all`, `any` and `not` by Kleene’s strong logic: `all` is not met as soon as one part is not, `any` is met as soon as one part is, and otherwise a part that could not be told keeps the whole from being told.',
    'A thing that is truly not there (a desktop without a battery) meets `notExists`; every comparison with it could not be told, so that `!=` stays the opposite of `==`. A rule that such devices shall pass says so: `any(battery.exists notExists, battery.healthPercent >= 60)`.',
    `Evidence counts for ${MAX_EVIDENCE_AGE.cheap / HOUR} hour when its check is cheap (it runs every minute), for ${MAX_EVIDENCE_AGE.posture / HOUR} hours when it is posture (every half hour) and for ${MAX_EVIDENCE_AGE.heavy / DAY} days when it is heavy (daily, and not while the battery is low).`,
    '## Kinds of facts',
    table(
      ['Kind', 'What it is', 'Operators'],
      FACT_KINDS.map(kind => [code(kind), KIND_MEANINGS[kind], OPERATORS_OF[kind].map(code).join(' ')]),
    ),
    '## Operators',
    table(
      ['Operator', 'Meaning'],
      OPERATORS.map(operator => [code(operator), OPERATOR_MEANINGS[operator]]),
    ),
    '## Checks',
    '`cheap`, `posture` and `heavy` say how often a check may run by what it costs. `service` needs the rights of LocalSystem or root to answer fully; run without them it says that it was not permitted.',
    overview(),
    ...CATALOGUE.map(section),
  ].join('\n\n')}\n`;
}

if (import.meta.main) {
  await writeFile(CATALOGUE_PAGE, cataloguePage());
  console.log(`wrote ${CATALOGUE_PAGE}`);
}
