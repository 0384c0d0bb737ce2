import type { Clock } from '../../shared/base/clock.ts';
import { MINUTE, SECOND } from '../../shared/base/durations.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import { isProblem, Problem } from '../../shared/problem/problem.ts';
import { Gate, type Pause, type RateRules } from './gate.ts';
import { isPassing, waitAsked, waitBefore } from './retry.ts';
import type { Secrets } from './scrub.ts';

/** Longest one request may take, body included. */
const DEADLINE_MS = 60 * SECOND;
/** A page of 1000 large device records is about 5 MiB; more than this is not a page. */
const MAX_BYTES = 32 * 1024 * 1024;
/** How often a request that may be repeated is sent at most. */
const ATTEMPTS = 5;
/** A longer wait than this ends the run instead: the job comes back when the vendor allows it. */
const LONGEST_WAIT_MS = 2 * MINUTE;

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Absolute. Its origin must be one of the account's. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** At most one of the two bodies. */
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /**
   * May it be sent twice? GET always; a POST only when it changes nothing (a search, a token). What may not is only sent
   * again after an answer that says it was not looked at (429).
   */
  readonly repeatable?: boolean;
  readonly deadlineMs?: number;
  readonly maxBytes?: number;
  /** Statuses that are an answer and not a failure, beside 2xx (304, 404, 410, ...). A redirect is one only when named here. */
  readonly accept?: readonly number[];
}

/** A complete answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Where it was asked. */
  readonly url: URL;
  /** Decoded body; `''` for none. */
  readonly text: string;
  /** The body as JSON; null when there is none (204, or 200 with an empty body). */
  readonly json: unknown;
}

/** What a vendor says in an error's body. */
export interface ErrorWords {
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

export interface HttpOptions {
  /** Addresses the account lives at; only their origins are ever asked. */
  readonly origins: readonly (string | URL)[];
  readonly rate: RateRules;
  /** Reads the vendor's error envelope; undefined where the body is none. */
  readonly words?: (body: unknown) => ErrorWords | undefined;
  /**
   * Names of cookies that are kept for as long as the account is open and sent back (a cluster that wants the same node to
   * read what it has just written); none unless named.
   */
  readonly cookies?: readonly string[];
  /** Where a vendor's status means something else than usual; undefined: as usual. */
  readonly codeOf?: (answer: HttpAnswer) => ProblemCode | undefined;
}

export interface HttpSurroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly pause: Pause;
  readonly secrets: Secrets;
  /** Aborted when the account is let go. */
  readonly signal: AbortSignal;
  /** For metrics and the trace of a run; gets no header, no body and no query. */
  readonly onExchange?: (exchange: Exchange) => void;
}

export interface Exchange {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** null: no answer. */
  readonly status: number | null;
  readonly ms: number;
  readonly bytes: number;
}

/** Pauses by the clock; ends early with the signal's reason. */
export function pauseBy(clock: Clock): Pause {
  return (ms, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = (): void => {
        cancel();
        reject(signal.reason);
      };
      const cancel = clock.after(ms, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
}

/**
 * HTTP as connectors need it, for one account. Every request has a deadline and a size limit, waits for its turn, and is
 * retried when that is safe. A failure is a Problem whose detail holds the vendor's own words without our secrets.
 *
 * SECURITY: redirects are never followed here (fetch would carry a POST body and custom headers to another host), and no
 * request goes to an origin that is not the account's.
 */
export class Http {
  readonly #options: HttpOptions;
  readonly #around: HttpSurroundings;
  readonly #gate: Gate;
  readonly #origins: Set<string>;
  /** By origin, then by name. */
  readonly #cookies = new Map<string, Map<string, string>>();

  constructor(options: HttpOptions, around: HttpSurroundings) {
    this.#options = options;
    this.#around = around;
    this.#gate = new Gate(options.rate, around);
    this.#origins = new Set(options.origins.map(address => new URL(address).origin));
  }

  /** Is this an address of the account? */
  isOurs(url: string | URL): boolean {
    const parsed = URL.parse(String(url));
    return parsed !== null && this.#origins.has(parsed.origin);
  }

  /**
   * Sends a request and gives the answer, its body parsed.
   *
   * @throws Problem `vendor-unreachable` (no answer in time), `vendor-throttled`, `vendor-credentials` (401),
   *   `vendor-permission` (403), `vendor-not-found` (404, 410), `vendor-refused` (other 4xx), `vendor-failed` (5xx),
   *   `vendor-redirect` (3xx, or an address that is not the account's), `vendor-answer` (not JSON, a web page, too large)
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const url = this.#checked(request.url);
    const mayRepeat = request.repeatable ?? (request.method ?? 'GET') === 'GET';
    for (let attempt = 0; ; attempt += 1) {
      const isLast = attempt >= ATTEMPTS - 1;
      let asked: number | null = null;
      let holdsAll = false;
      let failure: Problem;
      try {
        const answer = await this.#gate.pass(() => this.#exchange(url, request), this.#around.signal);
        if (this.#isFine(answer, request)) return answer;
        asked = waitAsked(answer, this.#around.clock.now());
        holdsAll = asked !== null || answer.status === 429;
        failure = this.problemOf(answer, asked ?? undefined);
        const again = isPassing(answer.status) && (mayRepeat || answer.status === 429);
        if (!again || isLast) throw failure;
      } catch (error) {
        if (!isProblem(error)) throw error;
        if (error.code !== 'vendor-unreachable' || !mayRepeat || isLast) throw error;
        failure = error;
      }
      const wait = waitBefore(attempt, asked, this.#around.random);
      if (wait > LONGEST_WAIT_MS) throw failure;
      if (holdsAll) this.#gate.closeFor(wait);
      else await this.#around.pause(wait, this.#around.signal);
    }
  }

  /**
   * Fetches a public, pre-signed address that an answer of the vendor's named, on another host: with no header, no body and
   * no secret of ours, from hosts of the given suffixes only, without retry.
   *
   * @throws Problem `vendor-redirect` for any other host, and what `send` throws
   */
  async fetchBare(address: string, { hosts, maxBytes }: { hosts: readonly string[]; maxBytes?: number }) {
    const url = URL.parse(address);
    const isAllowed =
      url !== null &&
      url.username === '' &&
      (url.protocol === 'https:' || isLoopback(url)) &&
      hosts.some(suffix => url.hostname === suffix || url.hostname.endsWith(`.${suffix}`));
    if (!isAllowed)
      throw new Problem('vendor-redirect', 'the vendor named a download address that is not one of its own');
    const answer = await this.#gate.pass(
      () => this.#exchange(url, { url, ...(maxBytes === undefined ? {} : { maxBytes }) }, { parse: false }),
      this.#around.signal,
    );
    if (answer.status !== 200) throw this.problemOf(answer);
    return answer;
  }

  /** An answer that says no as a Problem, with the vendor's own words, scrubbed. `code` where the caller knows better. */
  problemOf(answer: HttpAnswer, retryAfterMs?: number, code?: ProblemCode): Problem {
    const { secrets } = this.#around;
    const said = this.#options.words?.(answer.json);
    const words = [said?.code, said?.message].filter(part => part !== undefined && part !== '').join(': ');
    const where = `${answer.url.host} answered ${answer.status}`;
    const page = words === '' ? pageTitle(answer.text) : null;
    const tail = words === '' ? (page === null ? '' : ` with a web page (${page})`) : `: ${words}`;
    const wait = retryAfterMs ?? undefined;
    return new Problem(
      code ?? this.#options.codeOf?.(answer) ?? usualCode(answer.status),
      secrets.words(`${where}${tail}`),
      wait === undefined ? {} : { retryAfterMs: wait },
    );
  }

  #checked(address: string | URL): URL {
    const url = URL.parse(String(address));
    if (url === null || !this.#origins.has(url.origin) || url.username !== '' || url.password !== '') {
      throw new Problem(
        'vendor-redirect',
        `${url === null ? 'something that is no address' : url.host} is not an address of this account`,
      );
    }
    return url;
  }

  #isFine(answer: HttpAnswer, { accept = [] }: HttpRequest): boolean {
    return (answer.status >= 200 && answer.status < 300) || accept.includes(answer.status);
  }

  #keepCookies(url: URL, response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^\s*([^=;\s]+)=([^;]*)/.exec(line) ?? [];
      if (!(this.#options.cookies ?? []).includes(name)) continue;
      const jar = this.#cookies.get(url.origin) ?? new Map<string, string>();
      this.#cookies.set(url.origin, jar.set(name, value.trim()));
    }
  }

  #cookieHeader(url: URL): { Cookie?: string } {
    const jar = this.#cookies.get(url.origin);
    return jar === undefined
      ? {}
      : { Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  async #exchange(url: URL, request: HttpRequest, { parse = true } = {}): Promise<HttpAnswer> {
    const { method = 'GET', deadlineMs = DEADLINE_MS, maxBytes = MAX_BYTES } = request;
    const { clock, signal } = this.#around;
    const startedAt = clock.monotonic();
    let status: number | null = null;
    let bytes = 0;
    try {
      const response = await fetch(url, {
        method,
        headers: { ...headersOf(request, parse), ...(parse ? this.#cookieHeader(url) : {}) },
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
        ...bodyOf(request),
      });
      status = response.status;
      if (parse) this.#keepCookies(url, response);
      const text = await readText(response, maxBytes);
      bytes = text.length;
      return {
        status,
        headers: response.headers,
        url,
        text,
        json: parse ? readJson(response, text, url, request) : null,
      };
    } catch (error) {
      if (isProblem(error) || signal.aborted) throw error;
      throw new Problem('vendor-unreachable', `${url.host}: ${this.#around.secrets.words(reasonOf(error))}`, {
        cause: error,
      });
    } finally {
      this.#around.onExchange?.({
        method,
        origin: url.origin,
        path: url.pathname,
        status,
        ms: clock.monotonic() - startedAt,
        bytes,
      });
    }
  }
}

/** Basic credentials (RFC 7617) as a header; what travels is a secret of its own and is added to them. */
export function basicAuthorization(
  user: string,
  password: string,
  secrets: Secrets,
): { readonly Authorization: string } {
  const encoded = Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
  secrets.add(encoded);
  return { Authorization: `Basic ${encoded}` };
}

/** What we are called by vendors. */
const USER_AGENT = 'Trayline';

/** Is the host this very machine? Only there may an address do without TLS. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

function headersOf({ headers, json, form }: HttpRequest, isApi: boolean): Record<string, string> {
  return {
    'User-Agent': USER_AGENT,
    ...(isApi ? { Accept: 'application/json' } : {}),
    ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...headers,
  };
}

function bodyOf({ json, form }: HttpRequest): { body?: string } {
  if (json !== undefined) return { body: JSON.stringify(json) };
  if (form !== undefined) return { body: new URLSearchParams(form).toString() };
  return {};
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder('utf-8');
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      // Leaving the loop cancels the rest.
      throw new Problem('vendor-answer', `the answer is larger than ${Math.round(maxBytes / 1024)} KiB`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Some send JSON and call it html; what a body is, it says itself. */
function isWebPage(response: Response, text: string): boolean {
  return /html/i.test(response.headers.get('content-type') ?? '') || /^\s*<(!doctype|html)/i.test(text);
}

/** JSON of a success must be JSON; of a failure it is a bonus. */
function readJson(response: Response, text: string, url: URL, { accept = [] }: HttpRequest): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!response.ok || accept.includes(response.status)) return null;
    const what = isWebPage(response, text)
      ? `a web page (${pageTitle(text) ?? 'without a title'})`
      : 'something that is no JSON';
    throw new Problem('vendor-answer', `${url.host} answered ${response.status} with ${what}`, {
      cause: error,
    });
  }
}

function pageTitle(text: string): string | null {
  const title = /<title[^>]*>([^<]{1,200})/i.exec(text)?.[1]?.trim();
  return title === undefined || title === '' ? null : title.slice(0, 80);
}

function usualCode(status: number): ProblemCode {
  if (status === 401) return 'vendor-credentials';
  if (status === 403) return 'vendor-permission';
  if (status === 404 || status === 410) return 'vendor-not-found';
  if (status === 429) return 'vendor-throttled';
  if (status >= 500) return 'vendor-failed';
  if (status >= 300 && status < 400) return 'vendor-redirect';
  return 'vendor-refused';
}

/** What fetch says is "fetch failed"; why is in its causes. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  if (cause instanceof Error) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    return [code, cause.message].filter(part => part !== '').join(': ');
  }
  return error.message;
}
