import { readFileSync, statSync } from 'node:fs';
import { type Subjects, subjects } from '../../shared/device/subjects.ts';
import { Problem } from '../../shared/problem/problem.ts';

/** Full lists of every kind with the longest names stay below a tenth of this. */
const MAX_BYTES = 1024 * 1024;

/**
 * What to look for by name, from a JSON file shaped like `subjects` of shared/device.
 *
 * @throws Problem `settings-invalid` saying which member is wrong and why, never its value.
 */
export function readSubjectsFile(path: string): Subjects {
  const wrong = (why: string, fields: string[] = []): Problem =>
    new Problem('settings-invalid', `--subjects: ${why}`, { fields: ['subjects', ...fields] });
  let json: unknown;
  try {
    if (statSync(path).size > MAX_BYTES) throw wrong('the file is too large');
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw wrong(error instanceof SyntaxError ? 'the file is not JSON' : 'the file cannot be read');
  }
  const checked = subjects.safeParse(json);
  if (checked.success) return checked.data;
  const issues = checked.error.issues.slice(0, 5);
  const told = issues.map(one => `${one.path.join('.') || 'file'} ${one.message}`);
  throw wrong(
    told.join('; '),
    issues.map(one => one.path.join('.')),
  );
}
