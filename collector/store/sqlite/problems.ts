import { isProblem, Problem, toProblem } from '../../../shared/problem/problem.ts';

const SQLITE_CONSTRAINT = 19;

/** Primary result code of an error thrown by node:sqlite (https://www.sqlite.org/rescode.html); null for any other. */
export function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return null;
  return error.errcode & 0xff;
}

/** Was it refused because something that must be unique is there already? */
export function isTaken(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_CONSTRAINT;
}

/** A failure of the database or its disk as `store-unavailable`; a Problem stays, a mistake of ours becomes `internal`. */
export function storeProblem(error: unknown): Problem {
  if (isProblem(error)) return error;
  const code = sqliteCode(error);
  if (code !== null) {
    return new Problem('store-unavailable', `the database answered with result code ${code}`, {
      cause: error,
    });
  }
  if (error instanceof Error && 'syscall' in error && 'code' in error) {
    return new Problem('store-unavailable', `the disk answered with ${String(error.code)}`, { cause: error });
  }
  return toProblem(error);
}
