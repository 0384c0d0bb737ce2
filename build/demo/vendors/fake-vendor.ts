import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a fake vendor sees it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** Body as a form. */
  readonly form: URLSearchParams;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** `text` wins over `json`; neither: no body. */
  readonly json?: unknown;
  readonly text?: string;
}

/** What goes wrong instead of an answer: the connection ends, in the middle of the body, or nothing ever comes. */
export type Mishap = 'hang-up' | 'half-an-answer' | 'silence';

export interface Fault {
  /** Which requests; any unless said. */
  readonly when?: (asked: Asked) => boolean;
  /** How many of them; one unless said. */
  readonly times?: number;
  readonly does: Answer | Mishap | ((asked: Asked) => Answer | Mishap);
}

/** undefined: not mine. */
export type Handler = (asked: Asked) => Answer | undefined;

/**
 * A vendor on a free loopback port: real HTTP, handlers asked in order, faults before them. Everything it was asked is
 * kept, unless it is told to forget. Does not keep its process alive.
 */
export class FakeVendor {
  /** Those that were started and not closed. */
  static readonly open = new Set<FakeVendor>();

  readonly asked: Asked[] = [];
  /** Keeps nothing of what it is asked: for one that runs for days. */
  forgets = false;
  #close: () => Promise<void> = async () => undefined;
  readonly #faults: { fault: Fault; left: number }[] = [];
  #url = '';
  /** Requests under way, and the most there ever were. */
  running = 0;
  mostAtOnce = 0;

  private constructor() {}

  static async start(...handlers: Handler[]): Promise<FakeVendor> {
    const vendor = new FakeVendor();
    const server = createServer((request, response) => {
      void vendor.#serve(request, response, handlers);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    vendor.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.unref();
    FakeVendor.open.add(vendor);
    vendor.#close = () => {
      FakeVendor.open.delete(vendor);
      server.closeAllConnections();
      return new Promise(resolve => server.close(() => resolve()));
    };
    return vendor;
  }

  close(): Promise<void> {
    return this.#close();
  }

  get url(): string {
    return this.#url;
  }

  /** From now on, before any handler. */
  fault(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  /** Requests whose path ends so. */
  to(ending: string): Asked[] {
    return this.asked.filter(({ path }) => path.endsWith(ending));
  }

  async #serve(
    request: IncomingMessage,
    response: ServerResponse,
    handlers: readonly Handler[],
  ): Promise<void> {
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    response.once('close', () => {
      this.running -= 1;
    });
    const asked = await read(request);
    if (!this.forgets) this.asked.push(asked);
    const entry = this.#faults.find(({ fault, left }) => left > 0 && (fault.when?.(asked) ?? true));
    if (entry !== undefined) {
      entry.left -= 1;
      const { does } = entry.fault;
      tell(response, typeof does === 'function' ? does(asked) : does);
      return;
    }
    for (const handler of handlers) {
      const answer = handler(asked);
      if (answer !== undefined) {
        tell(response, answer);
        return;
      }
    }
    tell(response, { status: 404, json: { error: { code: 'NotFound', message: 'no such path' } } });
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  const url = new URL(request.url ?? '/', 'http://fake');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return {
    method: request.method ?? '',
    path: decodeURI(url.pathname),
    query: url.searchParams,
    headers: request.headers,
    text,
    json,
    form: new URLSearchParams(text),
  };
}

function tell(response: ServerResponse, answer: Answer | Mishap): void {
  if (answer === 'silence') return;
  if (answer === 'hang-up') {
    response.destroy();
    return;
  }
  if (answer === 'half-an-answer') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '1000' });
    response.write('{"value":[', () => response.destroy());
    return;
  }
  const { status = 200, headers = {}, json, text } = answer;
  const body = text ?? (json === undefined ? '' : JSON.stringify(json));
  response.writeHead(status, {
    ...(json === undefined || text !== undefined ? {} : { 'Content-Type': 'application/json' }),
    ...headers,
  });
  response.end(body);
}
