import { mongo as bson } from 'mongoose';
import type { Pin } from '../../../shared/device/match.ts';
import type { Observation } from '../../../shared/device/observation.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type {
  AccountKey,
  AccountStanding,
  ConnectorStore,
  PrecedenceOrder,
  StoredAccount,
  StoredObservation,
} from '../connectors.ts';
import { NEVER_ASKED, readJson } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { AccountDoc, ObservationDoc, PinDoc, PrecedenceDoc } from './documents.ts';
import { counter } from './events.ts';
import { isTaken } from './problems.ts';
import { bare, type Models } from './schema.ts';

/** Observations in one part of `loadObservations`: about a megabyte of JSON. */
const LOAD_CHUNK = 500;
/** `_id` of the one document. */
const ALL = 'all';

/** Accounts of connectors, what they observed, and what people decided about it. */
export function connectorsOf(mongo: Mongo, models: Models): ConnectorStore {
  const { db, log, run, again, transaction } = mongo;
  const accounts = bare<AccountDoc>(db, models.accounts);
  const observations = bare<ObservationDoc>(db, models.observations);
  const pins = bare<PinDoc>(db, models.pins);
  const next = counter();

  function accountOf(doc: AccountDoc): StoredAccount | null {
    const { c: connector, a: account } = doc._id;
    const where = { table: 'accounts', key: `${connector}/${account}` };
    const settings = readJson<Record<string, unknown>>(doc.settings, log, where);
    if (settings === null) return null;
    const { label, savedAt, savedBy, demo } = doc;
    const standing = readJson<AccountStanding>(doc.standing, log, where) ?? NEVER_ASKED;
    return { connector, account, label, settings, savedAt, savedBy, demo, standing };
  }

  function observationOf({ _id, receivedAt, observation: json }: ObservationDoc): StoredObservation | null {
    const key = `${_id.c}/${_id.a}/${_id.id}`;
    const observation = readJson<Observation>(json, log, { table: 'observations', key });
    return observation === null ? null : { observation, receivedAt };
  }

  return {
    listAccounts: () =>
      run(async () => {
        const docs = await again(() => accounts.find({}).sort({ _id: 1 }).toArray());
        return docs.map(accountOf).filter(account => account !== null);
      }),

    addAccount: account =>
      run(async () => {
        try {
          await models.accounts.create([{ _id: idOf(account), writes: 0, ...contentOf(account) }]);
        } catch (error) {
          if (!isTaken(error)) throw error;
          throw new Problem('conflict', 'the connector has an account of this name already', {
            cause: error,
          });
        }
      }),

    replaceAccount: (account, replaces) =>
      run(async () => {
        const { matchedCount } = await accounts.updateOne(
          { _id: idOf(account), savedAt: replaces },
          { $set: contentOf(account) },
        );
        return matchedCount > 0;
      }),

    noteStanding: (account, standing) =>
      run(async () => {
        const { matchedCount } = await again(() =>
          accounts.updateOne(
            { _id: idOf(account), savedAt: account.savedAt },
            { $set: { standing: JSON.stringify(standing) } },
          ),
        );
        return matchedCount > 0;
      }),

    removeAccount: account =>
      run(() =>
        transaction(async session => {
          const { deletedCount } = await accounts.deleteOne({ _id: idOf(account) }, { session });
          await observations.deleteMany({ _id: within(account) }, { session });
          return deletedCount > 0;
        }),
      ),

    keepObservations: (account, { observed, gone }) =>
      run(() =>
        transaction(async session => {
          const { matchedCount } = await accounts.updateOne(
            { _id: idOf(account) },
            { $inc: { writes: 1 } },
            { session },
          );
          if (matchedCount === 0) return false;
          if (gone.length > 0) {
            const ids = gone.map(id => ({ ...idOf(account), id }));
            await observations.deleteMany({ _id: { $in: ids } }, { session });
          }
          const own = observed.filter(
            ({ observation: { connector, account: name } }) =>
              connector === account.connector && name === account.account,
          );
          if (own.length > 0) {
            await observations.bulkWrite(
              own.map(({ observation, receivedAt }) => ({
                replaceOne: {
                  filter: { _id: { ...idOf(account), id: observation.vendorId } },
                  replacement: { receivedAt, observation: JSON.stringify(observation) },
                  upsert: true,
                },
              })),
              { session },
            );
          }
          return true;
        }),
      ),

    async *loadObservations() {
      let after: ObservationDoc['_id'] | null = null;
      for (;;) {
        const filter: object = after === null ? {} : { _id: { $gt: after } };
        const docs: ObservationDoc[] = await run(() =>
          again(() => observations.find(filter).sort({ _id: 1 }).limit(LOAD_CHUNK).toArray()),
        );
        const last = docs.at(-1);
        if (last === undefined) return;
        after = last._id;
        yield docs.map(observationOf).filter(observation => observation !== null);
      }
    },

    getObservations: keys =>
      run(async () => {
        if (keys.length === 0) return [];
        const ids = keys.map(key => ({ ...idOf(key), id: key.vendorId }));
        const docs = await again(() => observations.find({ _id: { $in: ids } }).toArray());
        const byKey = new Map(docs.map(doc => [JSON.stringify([doc._id.c, doc._id.a, doc._id.id]), doc]));
        return ids.flatMap(({ c, a, id }) => {
          const doc = byKey.get(JSON.stringify([c, a, id]));
          return (doc === undefined ? null : observationOf(doc)) ?? [];
        });
      }),

    listPins: () =>
      run(async () => {
        const docs = await again(() => pins.find({}).sort({ o: 1 }).toArray());
        return docs.flatMap(({ _id: id, pin: json, at, by }) => {
          const pin = readJson<Pin>(json, log, { table: 'pins', key: id });
          return pin === null ? [] : { id, pin, at, by };
        });
      }),

    addPin: ({ id, pin, at, by }) =>
      run(async () => {
        try {
          await models.pins.create([{ _id: id, pin: JSON.stringify(pin), at, by, o: next() }]);
        } catch (error) {
          if (!isTaken(error)) throw error;
          throw new Problem('conflict', 'a decision of this id exists already', { cause: error });
        }
      }),

    removePin: id => run(async () => (await pins.deleteOne({ _id: id })).deletedCount > 0),

    getPrecedence: () =>
      run(async () => {
        const doc = await again(() => models.precedence.findById(ALL).lean<PrecedenceDoc>());
        if (doc === null) return null;
        const order = readJson<PrecedenceOrder>(doc.order, log, { table: 'precedence', key: ALL });
        if (order === null) return null;
        const { hash, changedAt, changedBy } = doc;
        return { order, hash, changedAt, changedBy };
      }),

    setPrecedence: ({ order, hash, changedAt, changedBy }, replaces) =>
      run(async () => {
        const doc = { order: JSON.stringify(order), hash, changedAt, changedBy };
        if (replaces !== null) {
          const { matchedCount } = await models.precedence.replaceOne({ _id: ALL, hash: replaces }, doc);
          return matchedCount > 0;
        }
        try {
          await models.precedence.create([{ _id: ALL, ...doc }]);
          return true;
        } catch (error) {
          if (isTaken(error)) return false;
          throw error;
        }
      }),
  };
}

/** Field order counts: keys are compared as they are written. */
function idOf({ connector, account }: AccountKey): AccountDoc['_id'] {
  return { c: connector, a: account };
}

/** Every observation's key of an account. */
function within(account: AccountKey): object {
  return {
    $gt: { ...idOf(account), id: new bson.MinKey() },
    $lt: { ...idOf(account), id: new bson.MaxKey() },
  };
}

function contentOf({ label, settings, savedAt, savedBy, demo, standing }: StoredAccount) {
  return {
    label,
    settings: JSON.stringify(settings),
    savedAt,
    savedBy,
    demo,
    standing: JSON.stringify(standing),
  };
}
