import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { Role, SessionResponse } from '../../shared/api/schemas.ts';
import type { Clock } from '../../shared/base/clock.ts';
import { HOUR, MINUTE } from '../../shared/base/durations.ts';
import { Problem } from '../../shared/problem/problem.ts';
import type { Settings } from '../settings/settings.ts';
import type { Store, StoredPerson, StoredSession } from '../store/store.ts';
import { originProblem } from './origin.ts';
import type { Caller } from './route.ts';

/** A signed-in person's session, as found by its cookie. */
export interface Session extends StoredSession {
  readonly person: StoredPerson;
}

export interface SessionDeps {
  readonly settings: Pick<
    Settings,
    'secure' | 'sessionHours' | 'sessionMaxHours' | 'publicUrl' | 'allowedOrigins'
  >;
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
}

const API_TOKEN_PREFIX = 'tla_';
const ENROLMENT_TOKEN_PREFIX = 'tle_';
/** An expiry is moved at most this often: not every request is a write. */
const EXTEND_EVERY = MINUTE;

/** 32 random bytes, base64url. */
function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
export const newApiTokenSecret = (): string => API_TOKEN_PREFIX + newSecret();
export const newEnrolmentTokenSecret = (): string => ENROLMENT_TOKEN_PREFIX + newSecret();

/** sha256, hex: what is stored of a secret that is itself random (a guess cannot be tried faster than the secret is long). */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares without telling by its time how much was right, nor how long either is. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(
    createHash('sha256').update(one).digest(),
    createHash('sha256').update(other).digest(),
  );
}

/** `__Host-` binds the cookie to this very host and to https (RFC 6265bis 4.1.3); browsers refuse it over http. */
function cookieName(settings: Pick<Settings, 'secure'>): string {
  return settings.secure ? '__Host-trayline' : 'trayline';
}

function setCookie(deps: SessionDeps, value: string, maxAgeSeconds: number): string {
  return stringifySetCookie({
    name: cookieName(deps.settings),
    value,
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    secure: deps.settings.secure,
    maxAge: maxAgeSeconds,
  });
}

function cookieSecret(deps: SessionDeps, header: string | undefined): string | null {
  const value = header === undefined ? undefined : parseCookie(header)[cookieName(deps.settings)];
  return value === undefined || value.length === 0 || value.length > 128 ? null : value;
}

/** Starts a session; the returned `Set-Cookie` value is the only place its secret ever stands. */
export async function startSession(
  deps: SessionDeps,
  person: StoredPerson,
): Promise<{ session: Session; cookie: string }> {
  const now = deps.clock.now();
  const secret = newSecret();
  const stored: StoredSession = {
    idHash: secretHash(secret),
    user: person.user,
    csrf: newSecret(),
    createdAt: now,
    expiresAt: now + deps.settings.sessionHours * HOUR,
  };
  await deps.store.addSession(stored);
  // The cookie may outlive the sliding expiry; the server decides.
  return {
    session: { ...stored, person },
    cookie: setCookie(deps, secret, deps.settings.sessionMaxHours * 3600),
  };
}

export async function endSession(deps: SessionDeps, session: Session): Promise<{ cookie: string }> {
  await deps.store.endSession(session.idHash);
  return { cookie: setCookie(deps, '', 0) };
}

/** Finds the session of a `Cookie` header; null when there is none or it is over. Moves its sliding expiry. */
export async function findSession(
  deps: SessionDeps,
  cookieHeader: string | undefined,
): Promise<Session | null> {
  const secret = cookieSecret(deps, cookieHeader);
  if (secret === null) return null;
  const now = deps.clock.now();
  const found = await deps.store.getSession(secretHash(secret), now);
  if (found === null) return null;
  const { session, person } = found;
  const endsInAnyCase = session.createdAt + deps.settings.sessionMaxHours * HOUR;
  if (now >= endsInAnyCase) {
    await deps.store.endSession(session.idHash);
    return null;
  }
  const expiresAt = Math.min(endsInAnyCase, now + deps.settings.sessionHours * HOUR);
  if (expiresAt - session.expiresAt < EXTEND_EVERY) return { ...session, person };
  await deps.store.addSession({ ...session, expiresAt });
  return { ...session, expiresAt, person };
}

/** Who an `Authorization` or `Cookie` header stands for. A token that is not good is an error, not a reason to try the cookie. */
export async function findCaller(
  deps: SessionDeps,
  headers: { authorization?: string | undefined; cookie?: string | undefined },
): Promise<Caller | Problem | null> {
  if (headers.authorization !== undefined) {
    const token = /^Bearer +(\S{1,256})$/i.exec(headers.authorization)?.[1];
    const found =
      token?.startsWith(API_TOKEN_PREFIX) === true
        ? // biome-ignore lint/correctness/useHookAtTopLevel: a method of the store, not a React hook.
          await deps.store.useApiToken(secretHash(token), deps.clock.now())
        : null;
    if (found === null) return new Problem('signed-out', 'the API token is unknown, expired or revoked');
    return { actor: { kind: 'api-token', id: found.id, name: found.label }, role: found.role, session: null };
  }
  const session = await findSession(deps, headers.cookie);
  return session === null ? null : callerOf(session);
}

export function callerOf(session: Session): Caller {
  const { user, name, role } = session.person;
  return { actor: { kind: 'person', id: user, name }, role, session };
}

export function sessionAnswer(session: Session): SessionResponse {
  const { user, name, role, mustChangePassword } = session.person;
  return { user, name, role, csrf: session.csrf, mustChangePassword, expiresAt: session.expiresAt };
}

/** Who opened a console socket. */
export interface Viewer {
  readonly user: string;
  readonly name: string;
  readonly role: Role;
  /** The page must send this back in its first frame. */
  readonly csrf: string;
  /** To ask again later with `stillSignedIn`. */
  readonly idHash: string;
}

/**
 * Decides a console socket's upgrade request by its session cookie and its origin. A Problem is returned, not thrown:
 * `origin-refused` or `signed-out`. Rejects only with `store-unavailable`.
 */
export async function authenticateUpgrade(
  deps: SessionDeps,
  request: Pick<IncomingMessage, 'headers'>,
): Promise<Viewer | Problem> {
  const refused = originProblem(deps.settings, request.headers);
  if (refused !== null) return refused;
  const session = await findSession(deps, request.headers.cookie);
  if (session === null) return new Problem('signed-out', 'no session');
  const { user, name, role } = session.person;
  return { user, name, role, csrf: session.csrf, idHash: session.idHash };
}

/** Does a viewer's session still stand? A socket outlives the request that opened it, so it has to ask now and then. */
export async function stillSignedIn(deps: SessionDeps, idHash: string): Promise<boolean> {
  return (await deps.store.getSession(idHash, deps.clock.now())) !== null;
}
