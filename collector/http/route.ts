import { z } from 'zod';
import { hasRole, type Role } from '../../shared/api/schemas.ts';
import type { Actor } from '../../shared/audit/entry.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import { Problem } from '../../shared/problem/problem.ts';
import type { Session } from './session.ts';

/** Who asks: a signed-in person or an API token. */
export interface Caller {
  readonly actor: Actor;
  readonly role: Role;
  /** null for an API token. */
  readonly session: Session | null;
}

/** What a handler may know of the request besides its checked input. */
export interface Asked {
  /** Client address; behind a declared proxy what that proxy says. */
  readonly address: string;
  readonly header: (name: string) => string | undefined;
  /** Asked from this very machine, not through a proxy and not from a page of another site. */
  readonly fromThisMachine: boolean;
  readonly setCookie: (cookie: string) => void;
  /** Request method, upper case. */
  readonly method: string;
  /** Body as text, of a route that takes it so; else empty. */
  readonly text: string;
  /** Answers with another status than the declared one, and with these headers, where a vendor prescribes it. */
  readonly answerWith: (status: number, headers: Readonly<Record<string, string>>) => void;
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** `public`: everybody; `session`: any signed-in person, but no API token; else the least role. */
export type Access = 'public' | 'session' | Role;

/** Path, query and body of a request as one schema; a part that is left out is not looked at. */
type InputSchema = z.ZodObject<{ params?: z.ZodType; query?: z.ZodType; body?: z.ZodType }>;
export const noInput = z.object({});
/** Answers without a body (204). */
export const noContent = z.void();

interface About<I extends InputSchema, R extends z.ZodType> {
  readonly method: Method;
  /** In Express notation, `/api/v1/devices/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly input: I;
  readonly response: R;
  /** Media type when it is not JSON. */
  readonly produces?: string;
  /** 200 unless said otherwise; 204 for `noContent`. */
  readonly status?: 200 | 201;
  /** What it can refuse with beyond what its input and access imply. */
  readonly refuses?: readonly ProblemCode[];
  /** The body as text, whatever its media type; `Asked.text` has it. */
  readonly takesText?: true;
}

type Handle<I extends InputSchema, R extends z.ZodType, Who> = (
  input: z.output<I>,
  who: Who,
  asked: Asked,
) => Promise<z.input<R>> | z.input<R>;

/** A route as the server and the OpenAPI document use it. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly status: number;
  readonly produces: string;
  readonly input: InputSchema;
  readonly response: z.ZodType;
  readonly refuses: readonly ProblemCode[];
  readonly takesText: boolean;
  /** Rejects with `request-invalid` naming the wrong fields, before the handler runs. */
  run(raw: RawInput, caller: Caller | null, asked: Asked): Promise<unknown>;
}

interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

function withRole(role: Role, caller: Caller | null): Caller {
  if (caller === null) throw new Problem('signed-out', 'no session and no API token');
  if (!hasRole(caller.role, role)) throw new Problem('role-missing', `needs the role ${role}`);
  return caller;
}

function withSession(caller: Caller | null): Session {
  if (caller === null || caller.session === null) throw new Problem('signed-out', 'no session');
  return caller.session;
}

/**
 * Is the caller let in? Asked before the body is read, so that nobody unknown gets us to parse one.
 *
 * @throws Problem `signed-out`, `role-missing`
 */
export function checkAccess(access: Access, caller: Caller | null): void {
  if (access === 'session') withSession(caller);
  else if (access !== 'public') withRole(access, caller);
}

/** A route that needs no identity. */
export function publicRoute<I extends InputSchema, R extends z.ZodType>(
  about: About<I, R> & { handle: Handle<I, R, Caller | null> },
): Route {
  return {
    ...described(about),
    access: 'public',
    run: async (raw, caller, asked) => about.handle(checked(about.input, raw), caller, asked),
  };
}

/** A route that needs a role; the handler gets who asks. */
export function roleRoute<I extends InputSchema, R extends z.ZodType>(
  about: About<I, R> & { readonly access: Role; handle: Handle<I, R, Caller> },
): Route {
  return {
    ...described(about),
    access: about.access,
    run: async (raw, caller, asked) => {
      const admitted = withRole(about.access, caller);
      return about.handle(checked(about.input, raw), admitted, asked);
    },
  };
}

/** A route about the session itself; an API token has none. */
export function sessionRoute<I extends InputSchema, R extends z.ZodType>(
  about: About<I, R> & { handle: Handle<I, R, Session> },
): Route {
  return {
    ...described(about),
    access: 'session',
    run: async (raw, caller, asked) => {
      const session = withSession(caller);
      return about.handle(checked(about.input, raw), session, asked);
    },
  };
}

function described<I extends InputSchema, R extends z.ZodType>(
  about: About<I, R>,
): Omit<Route, 'access' | 'run'> {
  return {
    method: about.method,
    path: about.path,
    summary: about.summary,
    status: about.response instanceof z.ZodVoid ? 204 : (about.status ?? 200),
    produces: about.produces ?? 'application/json',
    input: about.input,
    response: about.response,
    refuses: about.refuses ?? [],
    takesText: about.takesText ?? false,
  };
}

function checked<I extends InputSchema>(schema: I, raw: RawInput): z.output<I> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  throw new Problem(
    'request-invalid',
    issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '),
    { fields: [...new Set(issues.map(issue => issue.path.join('.')))] },
  );
}

/** An id as it stands in a path. */
export const idParams = z.object({ id: z.string().min(1).max(64) });
