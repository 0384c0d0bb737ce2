import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ROOT } from './child.ts';
import { closeAtEnd } from './teardown.ts';

/** Vendors' specifications are not part of the repository; they lie beside it where they are at hand. */
const CONTRACTS = join(ROOT, '..', 'shared', 'contracts');
const RECORDED = join(ROOT, '..', 'shared', 'data', 'vendors');

/** Why contract tests cannot run here; null when they can. Put it into the title of what is skipped. */
export const noContracts: string | null = existsSync(CONTRACTS) ? null : 'no ../shared/contracts';
export const noRecordings: string | null = existsSync(RECORDED) ? null : 'no ../shared/data/vendors';

export const recordedPath = (name: string): string => join(RECORDED, name);

/** One request as it came, and what the specification says to it. */
export interface Judged {
  readonly method: string;
  /** With query, without the base path. */
  readonly path: string;
  readonly body: string;
  readonly status: number;
  /** What is wrong with the request; empty when the specification allows it. */
  readonly wrong: readonly string[];
}

export interface ContractServer {
  /** Base address, base path included. */
  readonly url: string;
  readonly requests: readonly Judged[];
  /** Every request the specification does not allow, in words: must be empty. */
  forbidden(): string[];
}

export interface ContractOptions {
  /** File name in the contracts folder, without `.json`. */
  readonly spec: string;
  /** What the vendor's real base address has before the specification's paths: `/v1.0`. */
  readonly basePath?: string;
  /** Examples of the specification, or values made up by its schemas (the same in every run). */
  readonly mode: 'static' | 'dynamic';
  /** A `Prefer` header per request (`code=204`, `example=name`), where the first answer is not the one wanted. */
  readonly prefer?: (method: string, path: string) => string | undefined;
  /** Changes an answer on its way back, where the mock says what the vendor never would (dates, lifetimes). */
  readonly mend?: (path: string, body: unknown) => unknown;
}

/** The parts of the mock server's packages that are used; they belong to @stoplight/prism-cli and are found through it. */
interface Prism {
  getHttpOperationsFromSpec(path: string): Promise<unknown[]>;
}
interface PrismServer {
  createServer(
    operations: unknown[],
    options: unknown,
  ): { listen(port: number, address: string): Promise<string>; close(): Promise<void> };
}

const read = new Map<string, unknown[]>();

const throughPrism = createRequire(createRequire(import.meta.url).resolve('@stoplight/prism-cli'));

const silent: Record<string, unknown> = Object.fromEntries(
  ['trace', 'debug', 'info', 'success', 'warn', 'error', 'fatal', 'log'].map(name => [name, () => undefined]),
);
silent.child = () => silent;

/**
 * A mock of the vendor made from its own specification, in this process, on a free loopback port. In front of it every
 * request is written down with what the specification finds wrong with it: unknown path or method, missing or wrong
 * parameter, body, header, or sign-in.
 */
export async function startContract(options: ContractOptions): Promise<ContractServer> {
  const { spec, basePath = '', mode } = options;
  const { getHttpOperationsFromSpec } = throughPrism('@stoplight/prism-http') as Prism;
  const { createServer: createMock } = throughPrism('@stoplight/prism-http-server') as PrismServer;
  // Reading a specification takes seconds; what it gives is not changed by the mock.
  const operations = await (read.get(spec) ?? getHttpOperationsFromSpec(join(CONTRACTS, `${spec}.json`)));
  read.set(spec, operations);
  const mock = createMock(operations, {
    components: { logger: silent },
    config: {
      isProxy: false,
      checkSecurity: true,
      validateRequest: true,
      validateResponse: true,
      errors: false,
      mock: { dynamic: mode === 'dynamic', seed: '42' },
    },
    cors: false,
  });
  const mockUrl = await mock.listen(0, '127.0.0.1');
  const requests: Judged[] = [];
  const front = createServer((request, response) => {
    void judge(request, response).catch((error: unknown) => {
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        body: '',
        status: 0,
        wrong: [String(error)],
      });
      response.destroy();
    });
  });

  const judge = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    request.setEncoding('utf8');
    for await (const chunk of request) body += chunk;
    const method = request.method ?? 'GET';
    const whole = request.url ?? '/';
    const path = whole.startsWith(basePath) ? whole.slice(basePath.length) : `/outside-the-base-path${whole}`;
    const prefer = options.prefer?.(method, path);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) {
      if (value === undefined || ['host', 'connection', 'content-length', 'transfer-encoding'].includes(name))
        continue;
      headers.set(name, String(value));
    }
    if (prefer !== undefined) headers.set('Prefer', prefer);
    const answer = await fetch(mockUrl + path, {
      method,
      headers,
      redirect: 'manual',
      ...(body === '' ? {} : { body }),
    });
    const text = await answer.text();
    requests.push({ method, path, body, status: answer.status, wrong: wrongIn(answer, text) });
    response.writeHead(answer.status, {
      'Content-Type': answer.headers.get('content-type') ?? 'application/octet-stream',
    });
    response.end(mended(path, text));
  };

  const mended = (path: string, text: string): string => {
    if (options.mend === undefined || text === '') return text;
    try {
      return JSON.stringify(options.mend(path, JSON.parse(text)));
    } catch {
      return text;
    }
  };

  await new Promise<void>(resolve => front.listen(0, '127.0.0.1', resolve));
  closeAtEnd(async () => {
    front.closeAllConnections();
    await new Promise(resolve => front.close(resolve));
    await mock.close();
  });
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}${basePath}`,
    requests,
    forbidden: () =>
      requests
        .filter(({ wrong }) => wrong.length > 0)
        .map(({ method, path, wrong }) => `${method} ${path}: ${wrong.join('; ')}`),
  };
}

/** The mock says in a header what it let pass, and in a body of its own what it refused. */
function wrongIn(answer: Response, text: string): string[] {
  const wrong: string[] = [];
  const header = answer.headers.get('sl-violations');
  if (header !== null) {
    if (/^Too many/.test(header)) wrong.push(header.slice(0, 200));
    else {
      const violations = JSON.parse(header) as { location: string[]; message: string; severity: string }[];
      wrong.push(
        ...violations
          .filter(({ location }) => location[0] === 'request')
          .map(({ location, message }) => `${location.join('.')} ${message}`),
      );
    }
  }
  if (/"https:\/\/stoplight\.io\/prism\/errors#/.test(text)) {
    const { title, detail } = JSON.parse(text) as { title: string; detail: string };
    wrong.push(`${title}: ${detail}`);
  }
  return wrong;
}
