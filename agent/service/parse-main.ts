import { systemClock } from './clock.ts';
import { PARSE_HELP, parseCommandOf, parseRecordings } from './parse-command.ts';

const command = parseCommandOf(process.argv.slice(2));
if (command === null) {
  process.stderr.write(PARSE_HELP);
  process.exitCode = 2;
} else {
  const today = new Date(systemClock.now()).toISOString().slice(0, 10);
  const written: string[] = [];
  try {
    parseRecordings(command, today, line => written.push(line));
  } catch {
    process.stderr.write('parse: no such file or folder\n');
    process.exitCode = 1;
  }
  process.stdout.write(written.map(line => `${line}\n`).join(''));
}
