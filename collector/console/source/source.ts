import type { FromConsole, ToConsole } from '../../../shared/protocol/console.ts';

/** Something went wrong, in words a person can act on. */
export interface Trouble {
  readonly code: string;
  readonly title: string;
  readonly what: string;
  readonly next: string;
  /** Finds the log line; null when the collector was not reached. */
  readonly trace: string | null;
  /** Names of form fields that were refused. */
  readonly fields: readonly string[];
}

/** What came of a request: expected failures are values. */
export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly trouble: Trouble };

export interface Request {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1/`, without a leading slash. */
  readonly path: string;
  readonly body?: unknown;
  /** Required by everything that is not GET, save signing in. */
  readonly csrf?: string;
  readonly signal?: AbortSignal;
}

/** How the live connection stands. Times by the page's clock. */
export type LinkState =
  | { readonly is: 'connecting' }
  | { readonly is: 'open' }
  | { readonly is: 'offline'; readonly since: number; readonly retryAt: number; readonly why: string }
  | { readonly is: 'signed-out' }
  | { readonly is: 'too-old' };

export interface LinkListener {
  state(state: LinkState): void;
  message(message: ToConsole): void;
}

export interface Link {
  /** Dropped when not open: on every opening the page says again what it wants. */
  send(message: FromConsole): void;
  /** Do not wait for the next try. */
  retryNow(): void;
  close(): void;
}

/**
 * Where the console's data comes from: the collector, or an invented scene with the same words. Nothing else of the page
 * knows which.
 */
export interface ConsoleSource {
  /** Never rejects. The value is our own server's word and carries the type the route promises. */
  request<Value>(request: Request): Promise<Answer<Value>>;
  connect(csrf: string, listener: LinkListener): Link;
}
