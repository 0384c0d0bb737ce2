import { randomBytes } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import helmet from 'helmet';
import { SECOND } from '../../shared/base/durations.ts';
import { Problem } from '../../shared/problem/problem.ts';
import { LOCALES } from '../../shared/text/sentence.ts';
import { createAudit } from '../audit/audit.ts';
import { type AddressReader, addressReader } from './client-address.ts';
import { consoleFiles } from './console-files.ts';
import type { RouteDeps } from './deps.ts';
import { createLockout } from './lockout.ts';
import { isLoopbackName, originProblem } from './origin.ts';
import { createPasswords, type Passwords } from './password.ts';
import { PROBLEM_MEDIA_TYPE, problemBody, requestProblem } from './problem-response.ts';
import { type Asked, type Caller, checkAccess, type Route } from './route.ts';
import { allRoutes } from './routes.ts';
import { findCaller, sameSecret } from './session.ts';

export interface AppDeps extends Omit<RouteDeps, 'audit' | 'passwords' | 'lockout'> {
  /** Another cost, for tests. */
  readonly passwords?: Passwords;
}

/**
 * The largest request (what agents are told, with every list of subjects full and a support table) is below 160 KiB, and so
 * is the frame made of it.
 */
const BODY_BYTES = 160 * 1024;

/** The HTTP face of the collector: API, health, metrics, console files. Sockets are upgraded before Express sees them. */
export function createApp(given: AppDeps): Express {
  const deps: RouteDeps = {
    ...given,
    audit: createAudit(given.store, given.clock),
    passwords: given.passwords ?? createPasswords(),
    lockout: createLockout(given.clock),
  };
  const { settings } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');

  app.use(traced(deps));
  app.use(securityHeaders(settings.secure));
  app.use('/api', (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use('/api', knownOrigin(deps));
  const addressOf = addressReader(settings.behindProxy);
  const readBody = express.json({ limit: BODY_BYTES, inflate: false });
  const readText = express.text({ limit: BODY_BYTES, inflate: false, type: () => true });
  for (const [path, routes] of Map.groupBy(allRoutes(deps), route => route.path)) {
    const place = app.route(path);
    for (const route of routes) place[route.method](answer(deps, route, { readBody, readText, addressOf }));
    place.all(wrongMethod(routes));
  }
  app.use(consoleFiles(settings.consoleDir));
  app.use(() => {
    throw new Problem('not-found', 'there is nothing at this address');
  });
  app.use(refuse(deps));
  return app;
}

const TRACE_HEADER = 'X-Request-Id';

function traceOf(response: Response): string {
  return String(response.getHeader(TRACE_HEADER) ?? '');
}

/** The declared path a request was answered by, for logs and metrics; the address as requested is in neither. */
const routeOf = new WeakMap<Response, string>();

function traced({ log, metrics, clock }: RouteDeps): RequestHandler {
  return (request, response, next) => {
    const trace = randomBytes(8).toString('hex');
    const startedAt = clock.monotonic();
    response.setHeader(TRACE_HEADER, trace);
    response.once('finish', () => {
      const ms = clock.monotonic() - startedAt;
      const route = routeOf.get(response) ?? 'other';
      const { method } = request;
      const status = response.statusCode;
      metrics.requestAnswered(method, route, status, ms / SECOND);
      log.debug({ trace, method, route, status, ms: Math.round(ms) }, 'request answered');
    });
    next();
  };
}

/**
 * SECURITY: the page may run only its own scripts and talk only to its own server; nobody may frame it. Inline style
 * attributes are allowed because the component library positions with them.
 */
function securityHeaders(secure: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
      },
    },
    strictTransportSecurity: secure ? { maxAge: 365 * 24 * 3600, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}

function changesSomething(request: Request): boolean {
  return request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'OPTIONS';
}

function knownOrigin({ settings }: RouteDeps): RequestHandler {
  return (request, _response, next) => {
    next(changesSomething(request) ? (originProblem(settings, request.headers) ?? undefined) : undefined);
  };
}

function answer(
  deps: RouteDeps,
  route: Route,
  {
    readBody,
    readText,
    addressOf,
  }: { readBody: RequestHandler; readText: RequestHandler; addressOf: AddressReader },
): RequestHandler {
  return async (request, response) => {
    routeOf.set(response, route.path);
    const caller = route.access === 'public' ? null : await authenticated(deps, route, request);
    checkAccess(route.access, caller);
    if (route.input.shape.body !== undefined) await finished(readBody, request, response);
    else if (route.takesText) await finished(readText, request, response);
    const raw = { params: request.params, query: request.query, body: request.body };
    response.status(route.status);
    const result = await route.run(raw, caller, askedBy(deps, request, response, addressOf(request)));
    if (route.status === 204) response.end();
    else if (route.produces === 'application/json') response.json(result);
    else response.setHeader('Content-Type', route.produces).end(String(result));
  };
}

/** A middleware as a promise. */
function finished(middleware: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void middleware(request, response, (error?: unknown) =>
      error === undefined ? resolve() : reject(error),
    );
  });
}

/** Who asks, having proved that the request comes from where their session is. */
async function authenticated(deps: RouteDeps, route: Route, request: Request): Promise<Caller | null> {
  const caller = await findCaller(deps, request.headers);
  if (caller instanceof Problem) throw caller;
  if (caller?.session == null || !changesSomething(request)) return caller;
  const { session } = caller;
  if (!sameSecret(request.get('X-CSRF-Token') ?? '', session.csrf)) {
    throw new Problem('csrf-refused', 'X-CSRF-Token is missing or not the session’s');
  }
  if (session.person.mustChangePassword && route.access !== 'session') {
    throw new Problem('password-change-needed', 'the one-time password must be changed first');
  }
  return caller;
}

function askedBy({ settings }: RouteDeps, request: Request, response: Response, address: string): Asked {
  const { remoteAddress } = request.socket;
  const forwarded = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some(
    name => request.get(name) !== undefined,
  );
  return {
    address,
    header: name => request.get(name),
    // A proxy on this machine asks from a loopback address for everybody.
    fromThisMachine:
      settings.behindProxy.length === 0 &&
      !forwarded &&
      isLoopbackName(request.get('host')) &&
      remoteAddress !== undefined &&
      /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(remoteAddress),
    setCookie: cookie => response.append('Set-Cookie', cookie),
    method: request.method,
    text: typeof request.body === 'string' ? request.body : '',
    answerWith: (status, headers) => response.status(status).set(headers),
  };
}

function wrongMethod(routes: readonly Route[]): RequestHandler {
  const allowed = routes.map(route => route.method.toUpperCase()).join(', ');
  return (_request, response) => {
    response.setHeader('Allow', allowed);
    throw new Problem('method-not-allowed', `allowed here: ${allowed}`);
  };
}

/** Every refusal and failure as problem details. Only what somebody must mend is logged as an error. */
function refuse({ log, metrics }: RouteDeps): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const problem = requestProblem(error);
    const trace = traceOf(response);
    const route = routeOf.get(response) ?? 'other';
    metrics.problem(problem.code, 'http');
    if (problem.http >= 500) log.error({ trace, route, err: error }, 'request failed');
    else log.info({ trace, route, code: problem.code, fields: problem.fields }, 'request refused');
    if (response.headersSent) {
      next(error);
      return;
    }
    const locale = LOCALES.find(candidate => candidate === request.acceptsLanguages(...LOCALES)) ?? 'en';
    if (problem.retryAfterMs !== undefined)
      response.setHeader('Retry-After', Math.ceil(problem.retryAfterMs / SECOND));
    if (problem.http === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response
      .status(problem.http)
      .setHeader('Content-Type', PROBLEM_MEDIA_TYPE)
      .setHeader('Content-Language', locale)
      .end(JSON.stringify(problemBody(problem, trace, locale)));
  };
}
