import type { Clock } from '../../shared/base/clock.ts';
import { isProblem } from '../../shared/problem/problem.ts';
import { COLLECTOR_ACTOR, createAudit } from '../audit/audit.ts';
import type { Store, StoredPerson } from '../store/store.ts';
import { createPasswords, oneTimePassword, type Passwords } from './password.ts';

const FIRST_USER = 'admin';

/**
 * Makes the person `admin` when there is nobody yet and returns the one-time password, which stands nowhere else: the
 * caller shows it once. null when somebody exists.
 */
export async function ensureFirstAdmin(
  store: Store,
  { clock, passwords = createPasswords() }: { clock: Pick<Clock, 'now'>; passwords?: Passwords },
): Promise<{ user: string; password: string } | null> {
  if ((await store.listPeople()).length > 0) return null;
  const user = FIRST_USER;
  const password = oneTimePassword();
  const person: StoredPerson = {
    user,
    name: 'Administrator',
    role: 'admin',
    createdAt: clock.now(),
    lastSignIn: null,
    disabled: false,
    lockedUntil: null,
    passwordHash: await passwords.hash(password),
    mustChangePassword: true,
    failures: 0,
  };
  try {
    await store.addPerson(person);
  } catch (error) {
    // Another collector has started on the same empty database, and shows its password.
    if (isProblem(error) && error.code === 'conflict') return null;
    throw error;
  }
  await createAudit(store, clock).add(COLLECTOR_ACTOR, 'person.created', user, { role: 'admin' });
  return { user, password };
}

/**
 * The same for a start from a checkout, which shows the sign-in every time: as long as nobody has chosen a password of their
 * own, the one-time password is made anew (the old one stands nowhere). `password` is null once somebody has.
 */
export async function firstSignIn(
  store: Store,
  { clock, passwords = createPasswords() }: { clock: Pick<Clock, 'now'>; passwords?: Passwords },
): Promise<{ user: string; password: string | null }> {
  const made = await ensureFirstAdmin(store, { clock, passwords });
  if (made !== null) return made;
  const admin = await store.getPerson(FIRST_USER);
  if (admin === null || !admin.mustChangePassword) return { user: FIRST_USER, password: null };
  const password = oneTimePassword();
  await store.changePerson(FIRST_USER, {
    passwordHash: await passwords.hash(password),
    failures: 0,
    lockedUntil: null,
  });
  await createAudit(store, clock).add(COLLECTOR_ACTOR, 'person.password-changed', FIRST_USER, {
    by: 'start',
  });
  return { user: FIRST_USER, password };
}
