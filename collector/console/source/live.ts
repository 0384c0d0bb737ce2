import type { ProblemResponse } from '../../../shared/api/schemas.ts';
import { fullJitter } from '../../../shared/base/backoff.ts';
import { problemOfClose } from '../../../shared/protocol/close-codes.ts';
import type { ToConsole } from '../../../shared/protocol/console.ts';
import { CONSOLE_PATH, CONSOLE_SUBPROTOCOL } from '../../../shared/protocol/version.ts';
import { now, setCollectorTime } from '../time.ts';
import type { Answer, ConsoleSource, Link, LinkListener, Request, Trouble } from './source.ts';

const BASE = '/api/v1/';
/** A request that takes longer has lost its collector; the person is told instead of left waiting. */
const REQUEST_MS = 20_000;

/** Nobody answered at all. */
export const UNREACHABLE: Trouble = {
  code: 'unreachable',
  title: 'Collector not reached',
  what: 'The collector did not answer. Nothing was changed by this.',
  next: 'Check that it runs and that this machine is on its network, then try again.',
  trace: null,
  fields: [],
};

/** Something answered that is not a collector of this version. */
export const TOO_OLD: Trouble = {
  code: 'version-unsupported',
  title: 'This page is older than the collector',
  what: 'The collector speaks a newer version than this page.',
  next: 'Reload the page to get the matching version.',
  trace: null,
  fields: [],
};

/** The collector this page was loaded from. */
export const liveSource: ConsoleSource = {
  async request<Value>(request: Request): Promise<Answer<Value>> {
    const limit = AbortSignal.timeout(REQUEST_MS);
    try {
      const response = await fetch(BASE + request.path, {
        method: request.method,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: request.signal ? anyOf(request.signal, limit) : limit,
        headers: {
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(request.csrf === undefined ? {} : { 'x-csrf-token': request.csrf }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
      if (response.status === 204) return { ok: true, value: undefined as Value };
      const body: unknown = await response.json().catch(() => undefined);
      if (response.ok && body !== undefined) return { ok: true, value: body as Value };
      return { ok: false, trouble: troubleOf(body) };
    } catch {
      return { ok: false, trouble: UNREACHABLE };
    }
  },

  connect(csrf: string, listener: LinkListener): Link {
    let socket: WebSocket | null = null;
    let attempt = 0;
    let closed = false;
    let offlineSince: number | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const open = () => {
      clearTimeout(timer);
      if (offlineSince === null) listener.state({ is: 'connecting' });
      const address = new URL(CONSOLE_PATH, location.href);
      address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
      const mine = new WebSocket(address, CONSOLE_SUBPROTOCOL);
      socket = mine;
      let opened = false;
      mine.onopen = () => mine.send(JSON.stringify({ type: 'open', csrf }));
      mine.onmessage = event => {
        const message = parse(event.data);
        if (message === null) return;
        if (message.type === 'opened') {
          opened = true;
          attempt = 0;
          offlineSince = null;
          setCollectorTime(message.at);
          listener.state({ is: 'open' });
        }
        listener.message(message);
      };
      mine.onclose = event => {
        if (closed || socket !== mine) return;
        socket = null;
        const problem = problemOfClose(event.code);
        if (problem === 'signed-out' || problem === 'role-missing')
          return listener.state({ is: 'signed-out' });
        if (problem === 'version-unsupported') return listener.state({ is: 'too-old' });
        // A refused upgrade tells a browser no more than that it failed: ask the session whether that is why.
        if (!opened) void askSession();
        offlineSince ??= now();
        const wait = fullJitter(attempt, Math.random, { baseMs: 1000, capMs: 20_000, floorMs: 500 });
        attempt += 1;
        listener.state({
          is: 'offline',
          since: offlineSince,
          retryAt: now() + wait,
          why:
            problem === 'collector-stopping'
              ? 'The collector is restarting.'
              : 'The collector does not answer.',
        });
        timer = setTimeout(open, wait);
      };
    };
    const askSession = async () => {
      const answer = await liveSource.request<unknown>({ method: 'GET', path: 'session' });
      if (answer.ok || answer.trouble.code !== 'signed-out' || closed) return;
      clearTimeout(timer);
      listener.state({ is: 'signed-out' });
    };
    open();

    return {
      send(message) {
        if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
      },
      retryNow() {
        if (socket === null && !closed) open();
      },
      close() {
        closed = true;
        clearTimeout(timer);
        socket?.close(1000);
      },
    };
  },
};

function parse(data: unknown): ToConsole | null {
  if (typeof data !== 'string') return null;
  try {
    const message: unknown = JSON.parse(data);
    return typeof message === 'object' && message !== null && 'type' in message
      ? (message as ToConsole)
      : null;
  } catch {
    return null;
  }
}

function troubleOf(body: unknown): Trouble {
  if (!isProblemResponse(body)) return TOO_OLD;
  const { code, title, what, next, trace, fields = [] } = body;
  return { code, title, what, next, trace, fields };
}

function isProblemResponse(body: unknown): body is ProblemResponse {
  return (
    typeof body === 'object' &&
    body !== null &&
    ['code', 'title', 'what', 'next', 'trace'].every(
      key => typeof Object.getOwnPropertyDescriptor(body, key)?.value === 'string',
    )
  );
}

/** `AbortSignal.any`, which the oldest browser we build for does not have yet. */
function anyOf(one: AbortSignal, other: AbortSignal): AbortSignal {
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort(signal.reason);
    else signal.addEventListener('abort', () => both.abort(signal.reason), { once: true });
  }
  return both.signal;
}
