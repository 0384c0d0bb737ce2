import { PROBLEM_CODES, type ProblemCode } from './codes.ts';

/**
 * The only error the product throws on purpose. `code` is for programs, `detail` for the person who reads the log (never a
 * secret, never a value a user typed), `fields` names what was wrong.
 */
export class Problem extends Error {
  override readonly name = 'Problem' as const;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly fields: readonly string[];
  /** How long to wait before trying again, where that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ProblemCode,
    detail: string,
    options: { cause?: unknown; fields?: readonly string[]; retryAfterMs?: number } = {},
  ) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = detail;
    this.fields = options.fields ?? [];
    this.retryAfterMs = options.retryAfterMs;
  }

  get http(): number {
    return PROBLEM_CODES[this.code].http;
  }
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

/** Any thrown thing as a Problem; what we did not throw ourselves becomes `internal` with the original as cause. */
export function toProblem(error: unknown): Problem {
  if (isProblem(error)) return error;
  return new Problem('internal', error instanceof Error ? error.name : 'unknown error', { cause: error });
}
