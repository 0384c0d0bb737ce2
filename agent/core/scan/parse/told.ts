import { type Answer, answered, unanswered } from '../answer.ts';
import type { Output, Reader } from '../facts/answer.ts';
import { textOf } from '../facts/text.ts';
import { momentOf } from './moments.ts';
import { type Row, textIn } from './rows.ts';

/**
 * What a reader of facts/ makes of an output, as an answer. Readers work on whole recordings of any origin; the checks here ask only
 * for the family they mean.
 */
export function factsOf(read: Reader, name: string, output: Uint8Array, family: string): Answer<Row> {
  const text = textOf(output);
  if (text.trim() === '') return unanswered('no-output', name);
  const given: Output = { text, bytes: output, name, today: '1970-01-01' };
  try {
    const told = read(given);
    if ('unknown' in told) return unanswered(told.unknown, told.detail ?? name);
    return told.family === family ? answered(told.facts) : unanswered('parse-error', name);
  } catch {
    return unanswered('parse-error', name);
  }
}

/** The same for rows a script printed as JSON. */
export function factsOfRows(read: Reader, name: string, rows: readonly Row[], family: string): Answer<Row> {
  return factsOf(read, name, new TextEncoder().encode(JSON.stringify(rows)), family);
}

/** A moment of the facts (ISO 8601 with its zone) as milliseconds since 1970. */
export function momentIn(facts: Row, name: string): number | null {
  return momentOf(textIn(facts, name));
}
