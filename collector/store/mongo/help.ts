import { mongo as bson } from 'mongoose';
import { DAY } from '../../../shared/base/durations.ts';
import { HELP_WAITING, helpState, isHelpOver } from '../../../shared/device/help.ts';
import type { HelpStore, HelpTaken, StoredHelp } from '../help.ts';
import { contentOf, type HelpContent, movedHelp, newHelp } from '../help-steps.ts';
import { readJson } from '../stored.ts';
import type { Mongo } from './connect.ts';
import type { HelpDoc } from './documents.ts';
import { bare, type Models } from './schema.ts';
import type { States } from './states.ts';

export interface Help extends HelpStore {
  /** Deletes requests that have been over since before this. */
  expire(before: number): Promise<number>;
}

const WAITING = [...HELP_WAITING];

/** What people at devices ask IT for. */
export function helpOf(mongo: Mongo, models: Models, states: States): Help {
  const { db, log, run, again, transaction } = mongo;
  const requests = bare<HelpDoc>(db, models.help);

  function helpOfDoc({ _id, receivedAt, state: word, changedAt, content: json }: HelpDoc): StoredHelp | null {
    const state = helpState.safeParse(word);
    const content = readJson<HelpContent>(json, log, { table: 'help', key: _id.id });
    if (content === null || !state.success) return null;
    return { device: _id.d, id: _id.id, ...content, receivedAt, state: state.data, changedAt };
  }

  function docOf(help: StoredHelp): HelpDoc {
    const { device, id, receivedAt, state, changedAt } = help;
    const content = JSON.stringify(contentOf(help));
    return { _id: { d: device, id }, receivedAt, state, over: isHelpOver(state), changedAt, content };
  }

  return {
    takeHelp: (device, news, bounds) =>
      run(async () => {
        if (!(await states.known([device])).has(device)) return [];
        return transaction(async session => {
          const taken: HelpTaken[] = [];
          for (const one of news) {
            const { id } = one.change;
            const held = await requests.findOne({ _id: { d: device, id } }, { session });
            const fresh = newHelp(device, one);
            if (fresh === null) {
              const help = held === null ? null : helpOfDoc(held);
              const moved =
                help === null
                  ? null
                  : movedHelp(help, {
                      state: 'withdrawn',
                      at: one.at,
                      by: null,
                      noticedAt: one.receivedAt,
                    });
              if (help === null) taken.push({ id, outcome: 'unknown' });
              else if (moved === null) {
                taken.push({ id, outcome: help.state === 'withdrawn' ? 'known' : 'over' });
              } else {
                await requests.replaceOne({ _id: { d: device, id } }, docOf(moved), { session });
                taken.push({ id, outcome: 'taken' });
              }
              continue;
            }
            if (held !== null) {
              taken.push({ id, outcome: 'known' });
              continue;
            }
            const own = within(device);
            const waiting = await requests.countDocuments({ _id: own, state: { $in: WAITING } }, { session });
            const today = await requests.countDocuments(
              { _id: own, receivedAt: { $gt: one.receivedAt - DAY } },
              { session },
            );
            if (waiting >= bounds.open || today >= bounds.perDay) {
              taken.push({ id, outcome: 'too-many' });
              continue;
            }
            await requests.insertOne(docOf(fresh), { session });
            taken.push({ id, outcome: 'taken' });
          }
          return taken;
        });
      }),

    getHelp: (device, id) =>
      run(async () => {
        const doc = await again(() => requests.findOne({ _id: { d: device, id } }));
        return doc === null ? null : helpOfDoc(doc);
      }),

    listHelpOf: (device, limit) =>
      run(async () => {
        const docs = await again(() => requests.find({ _id: within(device) }).toArray());
        return docs
          .toSorted((a, b) => b.receivedAt - a.receivedAt || (a._id.id < b._id.id ? 1 : -1))
          .slice(0, limit)
          .map(helpOfDoc)
          .filter(help => help !== null);
      }),

    listHelp: ({ over, limit, after }) =>
      run(async () => {
        const way = over ? '$lt' : '$gt';
        const from: object =
          after === undefined
            ? {}
            : {
                $or: [
                  { receivedAt: { [way]: after.receivedAt } },
                  { receivedAt: after.receivedAt, _id: { [way]: { d: after.device, id: after.id } } },
                ],
              };
        const docs = await again(() =>
          requests
            .find({ over, ...from })
            .sort({ receivedAt: over ? -1 : 1, _id: over ? -1 : 1 })
            .limit(limit)
            .toArray(),
        );
        return docs.map(helpOfDoc).filter(help => help !== null);
      }),

    countHelp: () =>
      run(() => again(() => requests.countDocuments({ over: false, state: { $in: WAITING } }))),

    moveHelp: (device, id, move) =>
      run(async () => {
        const doc = await again(() => requests.findOne({ _id: { d: device, id } }));
        const help = doc === null ? null : helpOfDoc(doc);
        if (doc === null || help === null) return 'not-found';
        const moved = movedHelp(help, move);
        if (moved === null) return 'conflict';
        // What was read is what is replaced: of two people at once the second finds something else there.
        const { matchedCount } = await requests.replaceOne(
          { _id: doc._id, state: doc.state, content: doc.content },
          docOf(moved),
        );
        return matchedCount > 0 ? moved : 'conflict';
      }),

    expire: async before => {
      const old = { over: true, receivedAt: { $lt: before }, changedAt: { $lt: before } };
      return (await again(() => requests.deleteMany(old))).deletedCount;
    },
  };
}

/** Every request's key of a device. */
function within(d: string): object {
  return { $gt: { d, id: new bson.MinKey() }, $lt: { d, id: new bson.MaxKey() } };
}
