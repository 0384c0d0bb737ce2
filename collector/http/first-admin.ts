import type { Clock } from '../../shared/base/clock.ts';
import { COLLECTOR_ACTOR, createAudit } from '../audit/audit.ts';
import type { Store } from '../store/store.ts';
import { createPasswords, oneTimePassword, type Passwords } from './password.ts';

/**
 * Makes the person `admin` when there is nobody yet and returns the one-time password, which stands nowhere else: the
 * caller shows it once. null when somebody exists.
 */
export async function ensureFirstAdmin(
  store: Store,
  { clock, passwords = createPasswords() }: { clock: Pick<Clock, 'now'>; passwords?: Passwords },
): Promise<{ user: string; password: string } | null> {
  if ((await store.listPeople()).length > 0) return null;
  const user = 'admin';
  const password = oneTimePassword();
  await store.addPerson({
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
  });
  await createAudit(store, clock).add(COLLECTOR_ACTOR, 'person.created', user, { role: 'admin' });
  return { user, password };
}
