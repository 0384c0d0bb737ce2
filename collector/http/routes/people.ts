import { z } from 'zod';
import {
  changePersonRequest,
  changePersonResponse,
  newPersonRequest,
  newPersonResponse,
  type Person,
  peopleResponse,
} from '../../../shared/api/schemas.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { StoredPerson } from '../../store/store.ts';
import type { RouteDeps } from '../deps.ts';
import { oneTimePassword } from '../password.ts';
import { noInput, type Route, roleRoute } from '../route.ts';

const PATH = '/api/v1/people';

/** Leaves out everything that never leaves the server. */
function shown({ user, name, role, createdAt, lastSignIn, disabled, lockedUntil }: StoredPerson): Person {
  return { user, name, role, createdAt, lastSignIn, disabled, lockedUntil };
}

/** People who may sign in. */
export function peopleRoutes(deps: RouteDeps): Route[] {
  const { store, clock, passwords, audit } = deps;

  /** Changes come one after the other: two admins who demote each other at once must not leave none. */
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work, work);
    last = result.catch(() => undefined);
    return result;
  }

  return [
    roleRoute({
      method: 'get',
      path: PATH,
      summary: 'People who may sign in.',
      access: 'admin',
      input: noInput,
      response: peopleResponse,
      handle: async () => ({ people: (await store.listPeople()).map(shown) }),
    }),
    roleRoute({
      method: 'post',
      path: PATH,
      summary: 'Add a person with a one-time password, shown this once.',
      access: 'admin',
      input: z.object({ body: newPersonRequest }),
      response: newPersonResponse,
      status: 201,
      refuses: ['conflict', 'too-fast'],
      handle: async ({ body }, caller) => {
        const password = oneTimePassword();
        const person: StoredPerson = {
          ...body,
          createdAt: clock.now(),
          lastSignIn: null,
          disabled: false,
          lockedUntil: null,
          passwordHash: await passwords.hash(password),
          mustChangePassword: true,
          failures: 0,
        };
        await store.addPerson(person);
        await audit.add(caller.actor, 'person.created', person.user, { role: person.role });
        return { person: shown(person), password };
      },
    }),
    roleRoute({
      method: 'patch',
      path: `${PATH}/:user`,
      summary: 'Change a person; a reset or a block ends their sessions.',
      access: 'admin',
      input: z.object({ params: z.object({ user: newPersonRequest.shape.user }), body: changePersonRequest }),
      response: changePersonResponse,
      refuses: ['not-found', 'conflict', 'too-fast'],
      handle: ({ params, body }, caller) =>
        inTurn(async () => {
          const before = await store.getPerson(params.user);
          if (before === null) throw new Problem('not-found', 'no such person');
          const role = body.role ?? before.role;
          const disabled = body.disabled ?? before.disabled;
          if ((role !== 'admin' || disabled) && before.role === 'admin' && !before.disabled) {
            const people = await store.listPeople();
            const others = people.filter(
              one => one.user !== before.user && one.role === 'admin' && !one.disabled,
            );
            if (others.length === 0) throw new Problem('conflict', 'somebody must stay administrator');
          }
          const password = body.resetPassword === true ? oneTimePassword() : null;
          const after: StoredPerson = {
            ...before,
            name: body.name ?? before.name,
            role,
            disabled,
            ...(password === null
              ? {}
              : {
                  passwordHash: await passwords.hash(password),
                  mustChangePassword: true,
                  failures: 0,
                  lockedUntil: null,
                }),
          };
          const { user, createdAt: _createdAt, ...change } = after;
          await store.changePerson(user, change);
          if (disabled || password !== null) await store.endSessionsOf(user, null);
          await audit.add(caller.actor, 'person.changed', user, {
            ...(body.role === undefined ? {} : { role }),
            ...(body.disabled === undefined ? {} : { disabled }),
            ...(body.name === undefined ? {} : { name: true }),
            ...(password === null ? {} : { passwordReset: true }),
          });
          return { person: shown(after), password };
        }),
    }),
  ];
}
