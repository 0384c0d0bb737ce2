import { type Output, type Reader, type Told, unknown } from './answer.ts';
import { READERS } from './catalogue.ts';
import { textOf } from './text.ts';

/** `system_profiler-power 10.11.txt` and `Get-TPM` as names of the catalogue are written. */
function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

const NAMES = Object.keys(READERS).sort((one, other) => other.length - one.length);

function startsWithName(name: string, known: string): boolean {
  return name === known || name.startsWith(`${known}-`) || (known.length > 3 && name.startsWith(known));
}

/** The reader for a recording's or command's name: its longest known front; null when none fits. */
function readerFor(name: string): Reader | null {
  const plain = plainName(name);
  const known = NAMES.find(one => startsWithName(plain, one));
  return known === undefined ? null : (READERS[known] ?? null);
}

export interface ReadOptions {
  /** The command, where the name of the file does not tell. */
  readonly command?: string;
  /** YYYY-MM-DD; decides whether a system is still supported. */
  readonly today: string;
}

/** What an output says. Never throws: what no reader can read is unknown, with the reason. */
export function readFacts(name: string, bytes: Uint8Array, { command, today }: ReadOptions): Told {
  const reader = readerFor(command ?? name);
  const text = textOf(bytes);
  if (text.trim() === '') return unknown('no-output');
  if (reader === null) return unknown('not-supported', 'no reader for this command');
  // NUL bytes: not text in any of the encodings.
  if (text.includes('\0')) return unknown('parse-error', 'not text');
  const output: Output = { text, bytes, name: plainName(command ?? name), today };
  try {
    return reader(output);
  } catch {
    return unknown('parse-error', 'the reader gave up');
  }
}
