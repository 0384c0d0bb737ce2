import type { ProblemResponse } from '../../shared/api/schemas.ts';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import { tell } from '../../shared/problem/tell.ts';
import type { Locale } from '../../shared/text/sentence.ts';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** A problem as RFC 9457 problem details, with our code and two sentences for a person. */
export function problemBody(problem: Problem, trace: string, locale: Locale): ProblemResponse {
  const { title, what, next } = tell(problem.code, locale);
  return {
    type: `urn:trayline:problem:${problem.code}`,
    title,
    status: problem.http,
    code: problem.code,
    detail: problem.detail,
    what,
    next,
    trace,
    ...(problem.fields.length === 0 ? {} : { fields: [...problem.fields] }),
  };
}

/**
 * Anything thrown while answering as a Problem. What Express and its body parser throw carries parts of the request in its
 * message, so only its kind is kept.
 */
export function requestProblem(error: unknown): Problem {
  if (!(error instanceof Error) || error instanceof Problem) return toProblem(error);
  const type = 'type' in error ? error.type : undefined;
  if (type === 'entity.too.large') return new Problem('body-too-large', 'the body is larger than the limit');
  if (type === 'entity.parse.failed') {
    return new Problem('request-invalid', 'body: is not a JSON object', { fields: ['body'] });
  }
  const status = 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return status === 404
      ? new Problem('not-found', 'there is nothing at this address')
      : new Problem('request-invalid', 'the request could not be read');
  }
  return toProblem(error);
}
