import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { readFacts } from '../core/scan/facts/read.ts';

/** Larger recordings are no command's output. */
const MAX_BYTES = 16 * 1024 * 1024;

export const PARSE_HELP = `Reads recorded output of the tools that the checks use and prints what it says.

  npm run -s parse -- DIR                   one line of JSON for every file in DIR and below
  npm run -s parse -- FILE                  the same for one file
  npm run -s parse -- --command NAME FILE   when the file's name does not begin with the command's

Each line is {"file","family","facts"} or {"file","unknown":reason}; null and a missing key both mean that the command did not say.
`;

export interface ParseCommand {
  readonly paths: readonly string[];
  readonly command: string | null;
}

/** Null when the line asks for help or for something that does not exist. */
export function parseCommandOf(args: readonly string[]): ParseCommand | null {
  const paths: string[] = [];
  let command: string | null = null;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--command') {
      at += 1;
      command = args[at] ?? null;
      if (command === null) return null;
    } else if (arg.startsWith('--command=')) command = arg.slice('--command='.length);
    else if (arg.startsWith('-') && arg !== '-') return null;
    else paths.push(arg);
  }
  return paths.length === 0 ? null : { paths, command };
}

/** Files of a folder and the folders in it, in the order of their names, as it and they are called from there; or the file itself. */
function filesOf(path: string): { path: string; file: string }[] {
  if (!statSync(path).isDirectory()) return [{ path, file: basename(path) }];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(inner => ({ path: inner, file: relative(path, inner) }));
}

/** One line of JSON per file. A file that cannot be opened is a line too: the others are read all the same. */
export function parseRecordings(
  { paths, command }: ParseCommand,
  today: string,
  print: (line: string) => void,
): void {
  for (const { path, file } of paths.flatMap(filesOf)) {
    let bytes: Uint8Array;
    try {
      if (statSync(path).size > MAX_BYTES) {
        print(JSON.stringify({ file, unknown: 'output-too-large' }));
        continue;
      }
      bytes = readFileSync(path);
    } catch {
      print(JSON.stringify({ file, unknown: 'not-permitted' }));
      continue;
    }
    const told = readFacts(basename(path), bytes, command === null ? { today } : { today, command });
    print(JSON.stringify('unknown' in told ? { file, unknown: told.unknown } : { file, ...told }));
  }
}
