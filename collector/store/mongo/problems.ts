import { Error as MongooseError, mongo } from 'mongoose';
import { isProblem, Problem, toProblem } from '../../../shared/problem/problem.ts';

/* Error codes: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const DUPLICATE_KEY = 11_000;
const WRITE_CONFLICT = 112;
/** Answers of a server that is on its way down or no primary (any more): another one will answer. */
const MOVED = new Set([
  6, 7, 89, 91, 112, 134, 189, 262, 9001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
]);
const STREAM_LOST = new Set([136, 260, 280, 286]);

/** Was it refused because something that must be unique is there already? */
export function isTaken(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

/**
 * Does the server no longer know what came after the place where a change stream was left?
 * ChangeStreamHistoryLost, ChangeStreamFatalError, InvalidResumeToken, CappedPositionLost, NoMatchingDocument of an old oplog.
 */
export function isStreamLost(error: unknown): boolean {
  if (!(error instanceof mongo.MongoServerError)) return false;
  return STREAM_LOST.has(Number(error.code)) || error.hasErrorLabel('NonResumableChangeStreamError');
}

/** Does another transaction hold what was to be written? */
export function isConflict(error: unknown): boolean {
  return error instanceof mongo.MongoServerError && Number(error.code) === WRITE_CONFLICT;
}

/** Will the same work, done again, have a chance? Only for work that may be done twice. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof mongo.MongoError)) return false;
  if (error.hasErrorLabel('TransientTransactionError') || error.hasErrorLabel('RetryableWriteError'))
    return true;
  if (error instanceof mongo.MongoNetworkError) return true;
  return error instanceof mongo.MongoServerError && MOVED.has(Number(error.code));
}

/**
 * A failure of the database as a Problem: `store-denied` when it does not let us, else `store-unavailable`. A Problem stays,
 * a mistake of ours becomes `internal`. The driver's own words stay in `cause`: they may name documents and addresses.
 */
export function storeProblem(error: unknown): Problem {
  if (isProblem(error)) return error;
  if (error instanceof mongo.MongoServerError) {
    const code = Number(error.code);
    if (code === UNAUTHORIZED || code === AUTHENTICATION_FAILED) {
      return new Problem(
        'store-denied',
        code === UNAUTHORIZED
          ? 'the database user lacks a right; give it readWrite and dbAdmin on the database'
          : 'the database refused user or password',
        { cause: error },
      );
    }
    return new Problem('store-unavailable', `the database answered with error ${error.code ?? 'unknown'}`, {
      cause: error,
    });
  }
  if (error instanceof mongo.MongoCompatibilityError || isIncompatible(error)) {
    return new Problem('store-unsuitable', 'this MongoDB is too old', { cause: error });
  }
  if (error instanceof mongo.MongoError || error instanceof MongooseError.MongooseServerSelectionError) {
    return new Problem('store-unavailable', `the database cannot be reached (${error.name})`, {
      cause: error,
    });
  }
  return toProblem(error);
}

/** mongoose's error of the first connection has nothing but the driver's words: "… reports maximum wire version 6, but …". */
function isIncompatible(error: unknown): boolean {
  return (
    error instanceof MongooseError.MongooseServerSelectionError &&
    error.message.includes('maximum wire version')
  );
}
