import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { NewDevice, Store, StoredDevice, StoredWaiting, TokenRefusal } from '../store.ts';
import { readJson, WAITING_MAX } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { Devices } from './devices.ts';
import type { DeviceDoc, EnrolmentTokenDoc, WaitingDoc } from './documents.ts';
import { counter } from './events.ts';
import { isTaken } from './problems.ts';
import { bare, type Models } from './schema.ts';
import { together } from './turns.ts';

/** Devices let in by one transaction. */
const ARRIVALS = 200;

type EnrolmentMethods =
  | 'addDevice'
  | 'addEnrolmentToken'
  | 'listEnrolmentTokens'
  | 'revokeEnrolmentToken'
  | 'enrolWithToken'
  | 'noteWaiting'
  | 'getWaitingByKey'
  | 'listWaiting'
  | 'admit'
  | 'reject';

/** A device that wants in, and by which door. */
type Arrival =
  | { readonly by: 'word'; readonly device: NewDevice }
  | { readonly by: 'token'; readonly device: NewDevice; readonly secretHash: string; readonly at: number }
  | {
      readonly by: 'admission';
      readonly waiting: string;
      readonly device: Pick<NewDevice, 'id' | 'enrolledAt' | 'enrolledBy'>;
    };

type Outcome =
  | { readonly in: true; readonly label: string }
  | { readonly in: false; readonly why: TokenRefusal | 'taken' | 'not-waiting' };

/** Something that was read before the transaction is not so any more: decide again. */
class Moved extends Error {}

export function enrolmentOf(mongo: Mongo, models: Models, devices: Devices): Pick<Store, EnrolmentMethods> {
  const { db, log, run, again, transaction } = mongo;
  const tokens = bare<EnrolmentTokenDoc>(db, models.enrolmentTokens);
  const waitingKeys = bare<WaitingDoc>(db, models.waiting);
  const deviceDocs = bare<DeviceDoc>(db, models.devices);
  const next = counter();

  function waitingOf(doc: WaitingDoc): StoredWaiting | null {
    const identity = readJson<DeviceIdentity>(doc.identity, log, { table: 'waiting', key: doc.id });
    if (identity === null) return null;
    const { id, fingerprint, firstSeen, lastSeen, address, rejected } = doc;
    return { id, identity, fingerprint, firstSeen, lastSeen, address, publicKey: doc._id, rejected };
  }

  /**
   * Lets devices in, one after the other as if each had come alone, in one transaction: the device, the use of its token, the
   * end of its waiting. A whole fleet enrols with one token, and single transactions would all fight for that one document.
   */
  const letIn = together(ARRIVALS, async (arrivals: readonly Arrival[]): Promise<Outcome[]> => {
    for (;;) {
      try {
        return await letAllIn(arrivals);
      } catch (error) {
        if (!(error instanceof Moved) && !isTaken(error)) throw error;
      }
    }
  });

  async function letAllIn(arrivals: readonly Arrival[]): Promise<Outcome[]> {
    const hashes = arrivals.flatMap(one => (one.by === 'token' ? [one.secretHash] : []));
    const admitted = arrivals.flatMap(one => (one.by === 'admission' ? [one.waiting] : []));
    const [tokenDocs, waitingDocs] = await Promise.all([
      hashes.length === 0 ? [] : again(() => tokens.find({ secretHash: { $in: hashes } }).toArray()),
      admitted.length === 0
        ? []
        : again(() => waitingKeys.find({ id: { $in: admitted }, rejected: false }).toArray()),
    ]);
    const tokenOf = new Map(tokenDocs.map(doc => [doc.secretHash, { doc, uses: doc.uses }]));
    const waitingBy = new Map(waitingDocs.map(doc => [doc.id, doc]));

    const wanted = arrivals.map(one => {
      if (one.by !== 'admission') return one.device;
      const doc = waitingBy.get(one.waiting);
      const waiting = doc === undefined ? null : waitingOf(doc);
      if (waiting === null) return null;
      return { ...one.device, publicKey: waiting.publicKey, identity: waiting.identity, demo: false };
    });
    const some = wanted.filter(device => device !== null);
    const [byId, byKey] = await Promise.all([
      again(() =>
        deviceDocs.find({ _id: { $in: some.map(({ id }) => id) } }, { projection: { _id: 1 } }).toArray(),
      ),
      again(() =>
        deviceDocs
          .find(
            { publicKey: { $in: some.map(({ publicKey }) => publicKey) } },
            { projection: { publicKey: 1 } },
          )
          .toArray(),
      ),
    ]);
    const ids = new Set(byId.map(({ _id }) => _id));
    const keys = new Set(byKey.map(({ publicKey }) => publicKey));

    const added: NewDevice[] = [];
    const outcomes = arrivals.map((one, i): Outcome => {
      const device = wanted[i];
      if (device === null || device === undefined) return { in: false, why: 'not-waiting' };
      const token = one.by === 'token' ? tokenOf.get(one.secretHash) : undefined;
      if (one.by === 'token') {
        if (token === undefined) return { in: false, why: 'token-unknown' };
        const { revokedAt, expiresAt, maxUses } = token.doc;
        if (revokedAt !== null) return { in: false, why: 'token-revoked' };
        if (expiresAt !== null && expiresAt <= one.at) return { in: false, why: 'token-expired' };
        if (maxUses !== null && token.uses >= maxUses) return { in: false, why: 'token-used-up' };
      }
      if (ids.has(device.id) || keys.has(device.publicKey)) return { in: false, why: 'taken' };
      ids.add(device.id);
      keys.add(device.publicKey);
      added.push(device);
      if (token !== undefined) token.uses += 1;
      return { in: true, label: token?.doc.label ?? '' };
    });
    if (added.length === 0) return outcomes;

    await transaction(async session => {
      await deviceDocs.insertMany(added.map(documentOf), { session });
      await waitingKeys.deleteMany({ _id: { $in: added.map(({ publicKey }) => publicKey) } }, { session });
      for (const { doc, uses } of tokenOf.values()) {
        if (uses === doc.uses) continue;
        const { matchedCount } = await tokens.updateOne(
          { _id: doc._id, uses: doc.uses, revokedAt: null },
          { $set: { uses } },
          { session },
        );
        if (matchedCount === 0) throw new Moved();
      }
    });
    return outcomes;
  }

  function conflict(): Problem {
    return new Problem('conflict', 'a device with this id or key exists already');
  }

  /** Many greetings of one moment are written together; the bound is kept after each such part. */
  const wait = together(1000, async (all: readonly StoredWaiting[]) => {
    const operations = all.map(waiting => ({
      updateOne: {
        filter: { _id: waiting.publicKey },
        update: {
          $setOnInsert: { id: waiting.id, firstSeen: waiting.firstSeen, o: next() },
          $set: {
            identity: JSON.stringify(waiting.identity),
            fingerprint: waiting.fingerprint,
            lastSeen: waiting.lastSeen,
            address: waiting.address,
          },
          // false is less than true: once rejected stays rejected.
          $max: { rejected: waiting.rejected },
        },
        upsert: true,
      },
    }));
    await again(() => waitingKeys.bulkWrite(operations, { ordered: true }));
    const over = (await again(() => waitingKeys.estimatedDocumentCount())) - WAITING_MAX;
    if (over > 0) {
      const oldest = await again(() =>
        waitingKeys
          .find({}, { projection: { _id: 1 } })
          .sort({ lastSeen: 1, o: 1 })
          .limit(over)
          .toArray(),
      );
      await again(() => waitingKeys.deleteMany({ _id: { $in: oldest.map(({ _id }) => _id) } }));
    }
    return all.map(() => undefined);
  });

  return {
    addDevice(device) {
      return run(async () => {
        const outcome = await letIn({ by: 'word', device });
        if (!outcome.in) throw conflict();
      });
    },

    addEnrolmentToken(token) {
      return run(async () => {
        const { id, ...rest } = token;
        try {
          await models.enrolmentTokens.create([{ _id: id, ...rest, o: next() }]);
        } catch (error) {
          if (isTaken(error))
            throw new Problem('conflict', 'this enrolment token exists already', { cause: error });
          throw error;
        }
      });
    },

    listEnrolmentTokens() {
      return run(async () => {
        const found = await again(() =>
          models.enrolmentTokens.find().sort({ createdAt: -1, o: -1 }).lean<EnrolmentTokenDoc[]>(),
        );
        return found.map(({ _id, secretHash: _secret, o: _order, ...token }) => ({ id: _id, ...token }));
      });
    },

    revokeEnrolmentToken(id, at) {
      return run(async () => {
        const { modifiedCount } = await again(() =>
          models.enrolmentTokens.updateOne({ _id: id, revokedAt: null }, { $set: { revokedAt: at } }),
        );
        return modifiedCount > 0;
      });
    },

    enrolWithToken(secretHash, device, at) {
      return run(async () => {
        const outcome = await letIn({ by: 'token', secretHash, device, at });
        if (outcome.in) return { ok: true, label: outcome.label } as const;
        const { why } = outcome;
        if (why === 'taken' || why === 'not-waiting') throw conflict();
        return { ok: false, why } as const;
      });
    },

    noteWaiting: waiting => run(() => wait(waiting)),

    getWaitingByKey(publicKey) {
      return run(async () => {
        const doc = await again(() => waitingKeys.findOne({ _id: publicKey }));
        return doc === null ? null : waitingOf(doc);
      });
    },

    listWaiting() {
      return run(async () => {
        const found = await again(() =>
          waitingKeys.find({ rejected: false }).sort({ firstSeen: 1, o: 1 }).toArray(),
        );
        return found.map(waitingOf).filter(waiting => waiting !== null);
      });
    },

    admit(id, device) {
      return run(async (): Promise<StoredDevice | null> => {
        const outcome = await letIn({ by: 'admission', waiting: id, device });
        if (outcome.in) return devices.find(device.id);
        if (outcome.why === 'taken') throw conflict();
        return null;
      });
    },

    reject(id) {
      return run(async () => {
        const { modifiedCount } = await again(() =>
          models.waiting.updateOne({ id, rejected: false }, { $set: { rejected: true } }),
        );
        return modifiedCount > 0;
      });
    },
  };
}

function documentOf(device: NewDevice): DeviceDoc {
  return {
    _id: device.id,
    publicKey: device.publicKey,
    enrolledAt: device.enrolledAt,
    enrolledBy: device.enrolledBy,
    revokedAt: null,
    demo: device.demo,
    identity: JSON.stringify(device.identity),
    agent: null,
    clockSkewMs: null,
    connectedAt: null,
  };
}
