import type { Fact } from './fact.ts';
import { SECURITY_FACTS } from './facts/security.ts';
import { SERVER_FACTS } from './facts/server.ts';
import { SOFTWARE_FACTS } from './facts/software.ts';
import { SYSTEM_FACTS } from './facts/system.ts';

/** Every fact a rule can name. */
export const FACTS: readonly Fact[] = [
  ...SYSTEM_FACTS,
  ...SECURITY_FACTS,
  ...SOFTWARE_FACTS,
  ...SERVER_FACTS,
];

const BY_ID: ReadonlyMap<string, Fact> = new Map(FACTS.map(fact => [fact.id, fact]));

/** Where a fact's id has the administrator's id: `file.<subject>.exists`. */
const SUBJECT = '<subject>';
/** Ids of subjects hold neither dots nor blanks (device/subjects.ts), so the one part that differs is the subject. */
const PATTERNS: readonly { readonly before: string; readonly after: string; readonly fact: Fact }[] =
  FACTS.flatMap(fact => {
    const [before, after] = fact.id.split(SUBJECT);
    return before === undefined || after === undefined ? [] : [{ before, after, fact }];
  });
const SUBJECT_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** The fact of a name as rules write it, with the subject in it; null when there is none. */
export function findFact(name: string): { readonly fact: Fact; readonly subject: string | null } | null {
  const plain = BY_ID.get(name);
  if (plain !== undefined) return name.includes(SUBJECT) ? null : { fact: plain, subject: null };
  for (const { before, after, fact } of PATTERNS) {
    if (name.length <= before.length + after.length || !name.startsWith(before) || !name.endsWith(after))
      continue;
    const subject = name.slice(before.length, name.length - after.length);
    if (SUBJECT_ID.test(subject)) return { fact, subject };
  }
  return null;
}

/** A check's facts, in the order they are written down. */
export function factsOfCheck(check: string): readonly Fact[] {
  return FACTS.filter(fact => fact.check === check);
}
