import { redact } from '../../shared/base/redact.ts';
import type { Log, LogFields } from '../core/host.ts';

/** Log lines on stderr: one JSON object each for machines, or `time level message key=value` for people. */
export function consoleLog(
  json: boolean,
  write: (line: string) => void = line => process.stderr.write(line),
): Log {
  function line(level: 'info' | 'warn' | 'error', message: string, fields: LogFields = {}): void {
    const time = new Date().toISOString();
    const text = json
      ? JSON.stringify({ time, level, message, ...fields })
      : [
          time,
          level.padEnd(5),
          message,
          ...Object.entries(fields).map(([key, value]) => `${key}=${value}`),
        ].join(' ');
    write(`${redact(text)}\n`);
  }
  return {
    info: (message, fields) => line('info', message, fields),
    warn: (message, fields) => line('warn', message, fields),
    error: (message, fields) => line('error', message, fields),
  };
}
