import type { Hello } from '../../shared/protocol/from-device.ts';

/** Small facts of a log line: never a secret, never a value a person typed. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Messages are fixed strings, what varies goes into fields. `error` means somebody must act now. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };

/** What the core needs from its surroundings and cannot know by itself. */
export interface Host {
  readonly agent: Hello['agent'];
  /** Milliseconds since the system started, sleep included; null where it cannot be told. */
  uptimeMs(): number | null;
}
