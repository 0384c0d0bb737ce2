import { type DestinationStream, type Logger, pino } from 'pino';
import { redact } from '../shared/base/redact.ts';
import { isProblem } from '../shared/problem/problem.ts';

/**
 * Log lines are JSON: a fixed message plus fields. ERROR means somebody must act now. Device ids may be logged; names of
 * people, user names and network addresses may not.
 */
export type Log = Logger;

/** Fields whose value is never written, whatever it is. */
const SECRET_FIELDS = new Set([
  'password',
  'current',
  'next',
  'passwordhash',
  'secret',
  'secrethash',
  'token',
  'authorization',
  'cookie',
  'csrf',
  'idhash',
  'signature',
  'metricstoken',
]);
const MAX_DEPTH = 6;

/** A copy that may be written: secret fields blanked, texts redacted, errors as type, code, message and stack. */
function scrub(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[too deep]';
  if (value instanceof Error) {
    return {
      type: value.name,
      ...(isProblem(value) ? { code: value.code } : {}),
      message: redact(value.message),
      stack: redact(value.stack ?? ''),
      ...(value.cause === undefined ? {} : { cause: scrub(value.cause, depth + 1) }),
    };
  }
  if (Array.isArray(value)) return value.map(entry => scrub(entry, depth + 1));
  if (value instanceof Date) return value.toISOString();
  return scrubFields(value, depth);
}

function scrubFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      SECRET_FIELDS.has(key.toLowerCase()) ? '[redacted]' : scrub(value, depth + 1),
    ]),
  );
}

/** Writes to standard output unless given another destination. */
export function createLog(options: { level: string; destination?: DestinationStream }): Log {
  const settings = {
    level: options.level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: {
      level: (label: string) => ({ level: label }),
      log: (fields: Record<string, unknown>) => scrubFields(fields, 0),
    },
    // The error serializer of pino would run after the scrubbing and find no error any more.
    serializers: { err: (scrubbed: unknown) => scrubbed },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}
