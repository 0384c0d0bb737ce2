import { type Role, role } from '../../../shared/api/schemas.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { Store, StoredPerson } from '../store.ts';
import { userKey } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { ApiTokenDoc, PersonDoc, SessionDoc } from './documents.ts';
import { counter } from './events.ts';
import { isTaken } from './problems.ts';
import type { Models } from './schema.ts';

type PeopleMethods =
  | 'addPerson'
  | 'getPerson'
  | 'listPeople'
  | 'changePerson'
  | 'addSession'
  | 'getSession'
  | 'endSession'
  | 'endSessionsOf'
  | 'addApiToken'
  | 'listApiTokens'
  | 'useApiToken'
  | 'revokeApiToken';

export interface People extends Pick<Store, PeopleMethods> {
  /** Ends sessions that have expired at `now`; gives how many. */
  expireSessions(now: number): Promise<number>;
}

export function peopleOf({ run, again }: Mongo, models: Models): People {
  const { people, sessions, apiTokens } = models;
  const next = counter();

  function personOf({ _id, role: word, ...person }: PersonDoc): StoredPerson {
    return { ...person, role: roleOf(word) };
  }

  async function findPerson(key: string): Promise<StoredPerson | null> {
    const doc = await again(() => people.findById(key).lean<PersonDoc>());
    return doc === null ? null : personOf(doc);
  }

  return {
    addPerson(person) {
      return run(async () => {
        try {
          await people.create([{ _id: userKey(person.user), ...person }]);
        } catch (error) {
          if (isTaken(error)) throw new Problem('conflict', 'this user name is taken', { cause: error });
          throw error;
        }
      });
    },

    getPerson: user => run(() => findPerson(userKey(user))),

    listPeople() {
      return run(async () => {
        const found = await again(() => people.find().sort({ _id: 1 }).lean<PersonDoc[]>());
        return found.map(personOf);
      });
    },

    changePerson(user, change) {
      return run(async () => {
        const { matchedCount } = await again(() =>
          people.updateOne({ _id: userKey(user) }, { $set: change }, { runValidators: true }),
        );
        return matchedCount > 0;
      });
    },

    addSession({ idHash, user, csrf, createdAt, expiresAt }) {
      return run(async () => {
        const session = { person: userKey(user), csrf, createdAt, expiresAt };
        await again(() => sessions.replaceOne({ _id: idHash }, session, { upsert: true }));
      });
    },

    getSession(idHash, now) {
      return run(async () => {
        const doc = await again(() =>
          sessions.findOne({ _id: idHash, expiresAt: { $gt: now } }).lean<SessionDoc>(),
        );
        const person = doc === null ? null : await findPerson(doc.person);
        if (doc === null || person === null || person.disabled) return null;
        const { csrf, createdAt, expiresAt } = doc;
        return { session: { idHash, user: person.user, csrf, createdAt, expiresAt }, person };
      });
    },

    endSession(idHash) {
      return run(async () => {
        await again(() => sessions.deleteOne({ _id: idHash }));
      });
    },

    endSessionsOf(user, exceptIdHash) {
      return run(async () => {
        const others = exceptIdHash === null ? {} : { _id: { $ne: exceptIdHash } };
        await again(() => sessions.deleteMany({ person: userKey(user), ...others }));
      });
    },

    async expireSessions(now) {
      const { deletedCount } = await again(() => sessions.deleteMany({ expiresAt: { $lte: now } }));
      return deletedCount;
    },

    addApiToken({ id, ...token }) {
      return run(async () => {
        try {
          await apiTokens.create([{ _id: id, ...token, o: next() }]);
        } catch (error) {
          if (isTaken(error))
            throw new Problem('conflict', 'this API token exists already', { cause: error });
          throw error;
        }
      });
    },

    listApiTokens() {
      return run(async () => {
        const found = await again(() =>
          apiTokens.find().sort({ createdAt: -1, o: -1 }).lean<ApiTokenDoc[]>(),
        );
        return found.map(({ _id, secretHash: _secret, o: _order, role: word, ...token }) => ({
          id: _id,
          ...token,
          role: roleOf(word),
        }));
      });
    },

    useApiToken(secretHash, now) {
      return run(async () => {
        const doc = await again(() =>
          apiTokens
            .findOneAndUpdate(
              { secretHash, revokedAt: null, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] },
              { $set: { lastUsed: now } },
            )
            .lean<ApiTokenDoc>(),
        );
        return doc === null ? null : { id: doc._id, label: doc.label, role: roleOf(doc.role) };
      });
    },

    revokeApiToken(id, at) {
      return run(async () => {
        const { modifiedCount } = await again(() =>
          apiTokens.updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: at } }),
        );
        return modifiedCount > 0;
      });
    },
  };
}

/** A role that this version does not know is not guessed at. */
function roleOf(word: string): Role {
  const known = role.safeParse(word);
  if (!known.success) throw new Problem('store-unavailable', 'a stored role is not known');
  return known.data;
}
