import { z } from 'zod';
import { passwordChangeRequest, sessionResponse, signInRequest } from '../../../shared/api/schemas.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { COLLECTOR_ACTOR } from '../../audit/audit.ts';
import type { StoredPerson } from '../../store/store.ts';
import type { RouteDeps } from '../deps.ts';
import { addressKey, FORGET_AFTER, waitAfter } from '../lockout.ts';
import { checkNewPassword } from '../password.ts';
import { type Asked, noContent, noInput, publicRoute, type Route, sessionRoute } from '../route.ts';
import { callerOf, endSession, findSession, sessionAnswer, startSession } from '../session.ts';

const PATH = '/api/v1/session';

/** Signing in and out, and one's own password. */
export function sessionRoutes(deps: RouteDeps): Route[] {
  const { store, clock, passwords, audit } = deps;
  return [
    publicRoute({
      method: 'post',
      path: PATH,
      summary: 'Sign in; the session travels in a cookie.',
      input: z.object({ body: signInRequest }),
      response: sessionResponse,
      status: 201,
      refuses: ['sign-in-wrong', 'sign-in-locked', 'too-fast'],
      handle: async ({ body }, _caller, asked) => {
        const person = await checkSignIn(deps, body, asked);
        const before = await findSession(deps, asked.header('cookie'));
        if (before !== null) await endSession(deps, before);
        const { session, cookie } = await startSession(deps, person);
        await audit.add(callerOf(session).actor, 'person.signed-in', person.user, { address: asked.address });
        asked.setCookie(cookie);
        return sessionAnswer(session);
      },
    }),
    sessionRoute({
      method: 'get',
      path: PATH,
      summary: 'Who is signed in.',
      input: noInput,
      response: sessionResponse,
      handle: (_input, session) => sessionAnswer(session),
    }),
    sessionRoute({
      method: 'delete',
      path: PATH,
      summary: 'Sign out.',
      input: noInput,
      response: noContent,
      handle: async (_input, session, asked) => {
        const { cookie } = await endSession(deps, session);
        await audit.add(callerOf(session).actor, 'person.signed-out', session.user);
        asked.setCookie(cookie);
      },
    }),
    sessionRoute({
      method: 'post',
      path: `${PATH}/password`,
      summary: "Change one's own password; ends every other session of the person.",
      input: z.object({ body: passwordChangeRequest }),
      response: sessionResponse,
      refuses: ['sign-in-wrong', 'sign-in-locked', 'password-weak', 'too-fast'],
      handle: async ({ body }, session) => {
        const { person } = session;
        const key = `change ${person.user}`;
        const { wait } = deps.lockout.begin(key);
        if (wait > 0) throw locked(wait);
        if (!(await passwords.matches(body.current, person.passwordHash))) {
          throw new Problem('sign-in-wrong', 'the current password is not right', {
            fields: ['body.current'],
          });
        }
        deps.lockout.clear(key);
        checkNewPassword(body.next, person.user);
        if (body.next.normalize('NFKC') === body.current.normalize('NFKC')) {
          throw new Problem('password-weak', 'is the password in use', { fields: ['body.next'] });
        }
        const change = { passwordHash: await passwords.hash(body.next), mustChangePassword: false };
        await store.changePerson(person.user, change);
        await store.endSessionsOf(person.user, session.idHash);
        await audit.add(callerOf(session).actor, 'person.password-changed', person.user);
        return sessionAnswer({ ...session, person: { ...person, ...change } });
      },
    }),
  ];

  /**
   * The person whose password this is. Unknown, disabled and wrong look the same and take the same time; repeated failures
   * wait, by user name and by address, whether or not the name exists.
   */
  async function checkSignIn(
    { lockout }: RouteDeps,
    body: z.infer<typeof signInRequest>,
    asked: Asked,
  ): Promise<StoredPerson> {
    const user = body.user.trim();
    const address = `address ${addressKey(asked.address)}`;
    const name = `user ${user.toLowerCase()}`;
    const byAddress = lockout.begin(address);
    if (byAddress.wait > 0) throw locked(byAddress.wait);
    const byName = lockout.begin(name);
    if (byName.wait > 0) throw locked(byName.wait);

    const person = await store.getPerson(user);
    const now = clock.now();
    // Locks survive a restart in the store; the counters in memory do not.
    if (person?.lockedUntil != null && person.lockedUntil > now) throw locked(person.lockedUntil - now);

    const hash = person === null || person.disabled ? null : person.passwordHash;
    const right = await passwords.matches(body.password, hash);
    if (person !== null && right) {
      lockout.clear(name);
      lockout.undo(address);
      const change = { failures: 0, lockedUntil: null, lastSignIn: now };
      await store.changePerson(person.user, change);
      return { ...person, ...change };
    }

    // SECURITY: an unknown name is not written down anywhere; people type passwords into the wrong field.
    const subject = person?.user ?? null;
    await audit.add(COLLECTOR_ACTOR, 'person.sign-in-failed', subject, { address: asked.address });
    if (person !== null) {
      const remembered =
        person.lockedUntil !== null && now - person.lockedUntil < FORGET_AFTER ? person.failures : 0;
      const failures = Math.max(byName.failures, remembered + 1);
      const wait = waitAfter(failures);
      await store.changePerson(person.user, { failures, lockedUntil: wait > 0 ? now + wait : null });
      if (wait > 0)
        await audit.add(COLLECTOR_ACTOR, 'person.locked', person.user, { failures, waitMs: wait });
    }
    throw new Problem('sign-in-wrong', 'user name or password is not right');
  }
}

function locked(wait: number): Problem {
  return new Problem('sign-in-locked', 'too many wrong passwords', { retryAfterMs: wait });
}
