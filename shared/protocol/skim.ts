/*
 * A snapshot repeats what the collector holds already, nearly all of it. What is held need not be read: each finding carries
 * the fingerprint of what matters in it, and equal fingerprints mean that there is nothing to store. So the held findings are
 * cut out of the text before anything is built from it.
 *
 * This knows the layout our agents write (JSON.stringify of a frame as snapshot/reporter.ts makes it) and looks for the few
 * places that delimit findings in it. A quote inside a JSON string is escaped, so `"hash":"` is always a key. What it does not
 * cut out is decoded and checked as every other frame; where the layout is another one, the frame is left whole. A device that
 * wrote a value so as to look like the end of a finding would only mislead us about itself, as it could more simply.
 */

export interface Skimmed {
  /** The frame without the findings that are held. */
  readonly text: string;
  /** Ids of those, in the frame's order. */
  readonly kept: readonly string[];
}

const HEAD = /\{"seq":\d{1,16},(?:"skipped":\d{1,16},)?"type":"snapshot","at":\d{1,16},"identity":\{/y;
const FINDINGS = '},"findings":{';
const START = /"([a-zA-Z0-9.]{1,64})":\{"status":"/y;
const HASH = '"hash":"';
const HASH_CHARS = 16;
/** What follows the fingerprint up to the end of the finding. */
const END =
  /","at":\d{1,16},"ms":[\d.]{1,24}(?:,"cpuMs":[\d.]{1,24})?(?:,"slowed":\d{1,3})?(?:,"part":"[a-z]{1,8}")?\}/y;

/** Place after what `pattern` finds at `at`; -1 when it is not there. */
function past(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/**
 * Cuts the findings out of a snapshot that `held` names with the same fingerprint. null: not a snapshot, nothing of it is
 * held, or laid out in another way; the frame is then read as a whole.
 */
export function skimSnapshot(text: string, held: Readonly<Record<string, string>>): Skimmed | null {
  const head = past(HEAD, text, 0);
  if (head < 0) return null;
  const findings = text.indexOf(FINDINGS, head);
  if (findings < 0) return null;
  const first = findings + FINDINGS.length;

  const kept: string[] = [];
  let rest = '';
  let at = first;
  while (text[at] === '"') {
    START.lastIndex = at;
    const id = START.exec(text)?.[1];
    if (id === undefined) return null;
    let hash = START.lastIndex;
    let after = -1;
    while (after < 0) {
      hash = text.indexOf(HASH, hash);
      if (hash < 0) return null;
      hash += HASH.length;
      after = past(END, text, hash + HASH_CHARS);
    }
    const known = Object.hasOwn(held, id) ? held[id] : undefined;
    if (known !== undefined && known.length === HASH_CHARS && text.startsWith(known, hash)) kept.push(id);
    else rest += (rest === '' ? '' : ',') + text.slice(at, after);
    at = after;
    if (text[at] === ',') at += 1;
    else break;
  }
  if (kept.length === 0 || at !== text.length - 2 || !text.endsWith('}}')) return null;
  return { text: `${text.slice(0, first)}${rest}}}`, kept };
}
