import type { mongo } from 'mongoose';
import { DAY, HOUR } from '../../../shared/base/durations.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type { SampleRow } from '../../../shared/protocol/samples.ts';
import { QUARTER, SERIES_STEPS, type SeriesSource } from '../series.ts';
import type { Series, Store } from '../store.ts';
import type { Mongo, Session } from './connect.ts';
import type { LateDoc, MetaDoc, Metrics, RollDoc, SampleDoc, StrayDoc } from './documents.ts';
import type { Draft } from './draft.ts';
import { counter } from './events.ts';
import { METRIC_KEYS, metricsOf, rowOf, Sums, sumsOf } from './metrics.ts';
import { bare, type Models } from './schema.ts';
import type { States } from './states.ts';
import type { Turns } from './turns.ts';

/*
 * Readings lie in a time-series collection, which takes no part in transactions and knows no unique keys. So a reading carries
 * which frame brought it, and three rules make it count exactly once:
 * - It is written before the state that acknowledges its frame: nothing acknowledged is missing.
 * - A frame of the device's stream that is not acknowledged yet does not count: what a refused or failed commit left is not seen.
 * - A frame that was written twice (it was sent again after such a failure) counts once: readings are told apart by stream,
 *   number and place in the frame, and no content ever travels under a number used before.
 *
 * It has no time-to-live of its own: readings are deleted by `expire`, after they were averaged, never by a clock that does
 * not know whether they were. `m.p`, the day, is part of the bucket's key, so that a day is deleted as whole buckets.
 */

/** Names in `meta`. `…-rolling` is where averages are built to, `…-rolled` where they are complete to. */
const ROLLED = 'rolled-to';
const ROLLING = 'rolling-to';
const RAW_EXPIRED = 'raw-expired-to';
const QUARTERS_EXPIRED = 'quarters-expired-to';

/*
 * A time-series collection prunes by time with 32-bit seconds: readings from beyond 2038 make it give that up for good, and in
 * the first days of 1970, where a clock without a battery stands, a bucket's start is before zero and is not found again
 * (seen with 6.0). Such readings are strays, and the early ones count as expired from the beginning.
 */
const EARLIEST = 7 * DAY;
const LATEST = 2 ** 31 * 1000;

/** Readings in one insert. Measured: 500 to 4,000 differ by a tenth, beyond that the client stalls for longer. */
const INSERT_ROWS = 2000;
/** Averages in one write, and devices asked about in one query: a few milliseconds of the event loop. */
const WRITE_ROLLS = 250;
const DEVICES = 100;
const LATE = 200;

/** The readings of one transaction. */
export interface Keeping {
  /** Outside of the transaction; done once however often the transaction has to be tried. */
  keepOnce(): Promise<void>;
  mark(session: Session): Promise<void>;
}

export interface Samples extends Pick<Store, 'getSeries' | 'rollUp'> {
  /** Reads again how far other collectors have averaged and deleted, so that readings of that time are marked. */
  refresh(): Promise<void>;
  keeping(drafts: readonly Draft[]): Keeping;
  /** Deletes readings older than the given times (collector clock), after rolling them up; gives how many. */
  expire(
    now: number,
    before: { readonly raw: number; readonly quarters: number; readonly days: number },
  ): Promise<number>;
}

const dayOf = (at: number): number => at - (at % DAY);
const quarterOf = (at: number): number => at - (at % QUARTER);

export async function samplesOf(
  { db, run, again, transaction }: Mongo,
  models: Models,
  {
    states,
    turns,
    devices,
    others,
  }: {
    states: States;
    turns: Turns;
    devices: () => AsyncIterable<readonly string[]>;
    /** Resolves when every other collector that may still write has read `meta` again. */
    others: () => Promise<void>;
  },
): Promise<Samples> {
  const collection = bare<SampleDoc>(db, models.samples);
  const strays = bare<StrayDoc>(db, models.strays);
  const quarters = bare<RollDoc>(db, models.quarters);
  const days = bare<RollDoc>(db, models.days);
  const lateQuarters = bare<LateDoc>(db, models.lateQuarters);
  const lateDays = bare<LateDoc>(db, models.lateDays);
  const meta = bare<MetaDoc>(db, models.meta);
  const next = counter();

  async function readMeta(name: string): Promise<number> {
    const found = await again(() => meta.findOne({ _id: name }));
    return found === null ? 0 : Number(found.value);
  }
  async function writeMeta(name: string, value: number): Promise<void> {
    await again(() => meta.updateOne({ _id: name }, { $set: { value: String(value) } }, { upsert: true }));
  }

  let rollingTo = await readMeta(ROLLING);
  let rawGone = Math.max(EARLIEST, await readMeta(RAW_EXPIRED));

  // Writing

  function keeping(drafts: readonly Draft[]): Keeping {
    const kept: SampleDoc[] = [];
    const stray: StrayDoc[] = [];
    const late = new Map<string, { d: string; at: number }>();
    for (const { device: d, before, samples } of drafts) {
      const v = before.v + 1;
      for (const { stream: s, seq: q, rows } of samples) {
        for (const [i, row] of rows.entries()) {
          const [at] = row;
          if (at < rawGone || at >= LATEST) {
            stray.push({ _id: { d, at, s, q, i }, v, ...metricsOf(row) });
          } else {
            kept.push({ t: new Date(at), m: { d, p: Math.floor(at / DAY) }, s, q, i, v, ...metricsOf(row) });
          }
          if (at < rollingTo) late.set(`${quarterOf(at)} ${d}`, { d, at: quarterOf(at) });
        }
      }
    }
    let written = 0;
    return {
      async keepOnce() {
        while (written < kept.length) {
          const part = kept.slice(written, written + INSERT_ROWS);
          await collection.insertMany(part, { ordered: false });
          written += part.length;
        }
      },
      async mark(session) {
        const options = { session, ordered: false } as const;
        if (stray.length > 0) {
          await strays.bulkWrite(
            stray.map(({ _id, ...replacement }) => ({
              replaceOne: { filter: { _id }, replacement, upsert: true },
            })),
            options,
          );
        }
        if (late.size > 0) await lateQuarters.bulkWrite(marks(late.values()), options);
      },
    };
  }

  function marks(places: Iterable<{ d: string; at: number }>): mongo.AnyBulkWriteOperation<LateDoc>[] {
    return Array.from(places, ({ d, at }) => ({
      updateOne: { filter: { _id: { d, at } }, update: { $set: { c: next() } }, upsert: true },
    }));
  }

  // Reading

  /** What counts of a device's readings in a range. */
  async function counting(d: string, from: number, to: number): Promise<mongo.Filter<SampleDoc>> {
    const state = (await again(() =>
      states.collection.findOne({ _id: d }, { projection: { stream: 1, acked: 1 } }),
    )) ?? { stream: '', acked: 0 };
    const since = Math.min(Math.max(from, EARLIEST), LATEST);
    const until = Math.min(to, LATEST - 1);
    return {
      'm.p': { $gte: Math.floor(since / DAY), $lte: Math.floor(until / DAY) },
      'm.d': d,
      t: { $gte: new Date(since), $lte: new Date(until) },
      $nor: [{ s: state.stream, q: { $gt: state.acked } }],
    };
  }

  function straysIn(d: string, from: number, to: number): Promise<StrayDoc[]> {
    return again(() =>
      strays
        .find({
          _id: { $gte: { d, at: from, s: '', q: 0, i: 0 }, $lt: { d, at: to + 1, s: '', q: 0, i: 0 } },
        })
        .sort({ _id: 1 })
        .toArray(),
    );
  }

  /** Readings as they came, ascending, at most `most`. */
  async function raw(d: string, from: number, to: number, most: number): Promise<SampleRow[]> {
    const filter = await counting(d, from, to);
    for (let limit = most; ; limit *= 2) {
      const found = await again(() =>
        collection.find(filter).sort({ t: 1, v: 1, q: 1, i: 1 }).limit(limit).toArray(),
      );
      const seen = new Set<string>();
      const rows: { at: number; v: number; row: SampleRow }[] = [];
      for (const doc of found) {
        const origin = `${doc.s} ${doc.q} ${doc.i}`;
        if (seen.has(origin)) continue;
        seen.add(origin);
        const at = doc.t.getTime();
        rows.push({ at, v: doc.v, row: rowOf(at, doc) });
      }
      // Some were there twice, and others may come after the last one read.
      if (found.length === limit && rows.length < most) continue;
      for (const doc of await straysIn(d, from, to)) {
        rows.push({ at: doc._id.at, v: doc.v, row: rowOf(doc._id.at, doc) });
      }
      rows.sort((a, b) => a.at - b.at || a.v - b.v);
      return rows.slice(0, most).map(({ row }) => row);
    }
  }

  /** Members of `$group` that carry the readings of one frame's row on, once. */
  const once = {
    $group: {
      _id: { d: '$m.d', t: '$t', s: '$s', q: '$q', i: '$i' },
      ...Object.fromEntries(METRIC_KEYS.map(key => [key, { $first: `$${key}` }])),
    },
  };
  const stepStart = (at: string | object, step: number) => ({ $subtract: [at, { $mod: [at, step] }] });

  async function addRaw(
    sums: Map<number, Sums>,
    d: string,
    range: { from: number; to: number; step: number; limit: number },
  ): Promise<void> {
    const { from, to, step, limit } = range;
    if (from > to) return;
    const $match = await counting(d, from, to);
    const found = await again(() =>
      collection
        .aggregate<{ _id: number }>([
          { $match },
          once,
          { $group: { _id: stepStart({ $toLong: '$_id.t' }, step), ...sumsOf(null) } },
          { $sort: { _id: 1 } },
          { $limit: limit },
        ])
        .toArray(),
    );
    for (const doc of found) sumsAt(sums, doc._id).addSums(doc);
    for (const doc of await straysIn(d, from, to)) {
      sumsAt(sums, doc._id.at - (doc._id.at % step)).add(doc, 1);
    }
  }

  async function addRolled(
    sums: Map<number, Sums>,
    from: mongo.Collection<RollDoc>,
    d: string,
    range: { from: number; to: number; step: number; limit: number },
  ): Promise<void> {
    if (range.from > range.to) return;
    const found = await again(() =>
      from
        .aggregate<{ _id: number }>([
          { $match: { _id: { $gte: { d, at: range.from }, $lte: { d, at: range.to } } } },
          { $group: { _id: stepStart('$_id.at', range.step), ...sumsOf('$n') } },
          { $sort: { _id: 1 } },
          { $limit: range.limit },
        ])
        .toArray(),
    );
    for (const doc of found) sumsAt(sums, doc._id).addSums(doc);
  }

  async function grouped(
    source: SeriesSource,
    d: string,
    asked: { from: number; to: number; step: number; limit: number },
    rolled: number,
  ): Promise<SampleRow[]> {
    const range = { ...asked, from: Math.ceil(asked.from / asked.step) * asked.step };
    const sums = new Map<number, Sums>();
    const unrolled = { ...range, from: Math.max(range.from, rolled) };
    if (source === 'samples') {
      await addRaw(sums, d, range);
    } else {
      const quartersFrom = source === 'quarters' ? range.from : Math.max(range.from, dayOf(rolled));
      await addRaw(sums, d, unrolled);
      await addRolled(sums, quarters, d, { ...range, from: quartersFrom });
      if (source === 'days') await addRolled(sums, days, d, range);
    }
    return [...sums]
      .sort(([a], [b]) => a - b)
      .slice(0, range.limit)
      .map(([at, sum]) => rowOf(at, sum.averages()));
  }

  async function some(
    from: mongo.Collection<RollDoc>,
    d: string,
    start: number,
    end: number,
  ): Promise<boolean> {
    if (end <= start) return false;
    const found = await again(() =>
      from.findOne({ _id: { $gte: { d, at: start }, $lt: { d, at: end } } }, { projection: { _id: 1 } }),
    );
    return found !== null;
  }

  async function series(d: string, from: number, to: number, maxRows: number): Promise<Series> {
    // A finer collection does not answer for a time from which only coarser averages are left.
    const [rolled, quartersGone] = await Promise.all([readMeta(ROLLED), readMeta(QUARTERS_EXPIRED)]);
    const daysOnly = await some(days, d, from, Math.min(to + 1, quartersGone));
    const noRaw = daysOnly || (await some(quarters, d, from, Math.min(to + 1, rawGone)));
    const limit = maxRows + 1;
    for (const { from: source, stepMs } of SERIES_STEPS) {
      if ((source === 'samples' && noRaw) || (source === 'quarters' && daysOnly)) continue;
      const rows =
        stepMs === 0
          ? await raw(d, from, to, limit)
          : await grouped(source, d, { from, to, step: stepMs, limit }, rolled);
      if (rows.length <= maxRows) return { stepMs: stepMs || LIMITS.sampleMs, rows };
    }
    for (let step = 2 * DAY; ; step *= 2) {
      const rows = await grouped('days', d, { from, to, step, limit }, rolled);
      if (rows.length <= maxRows || step > to) return { stepMs: step, rows: rows.slice(0, maxRows) };
    }
  }

  // Rolling up

  /** Quarters of the readings that `match` selects. */
  const quartersPipeline = (match: object) => [
    { $match: match },
    once,
    {
      $group: {
        _id: { d: '$_id.d', at: stepStart({ $toLong: '$_id.t' }, QUARTER) },
        n: { $sum: 1 },
        ...Object.fromEntries(METRIC_KEYS.map(key => [key, { $avg: `$${key}` }])),
      },
    },
  ];

  /** Writes averages in parts, so that neither side holds a whole fleet's; gives how many. */
  async function replaceRolls(
    into: mongo.Collection<RollDoc>,
    found: AsyncIterable<RollDoc>,
  ): Promise<number> {
    let count = 0;
    let part: RollDoc[] = [];
    const flush = async (): Promise<void> => {
      const operations = part.map(({ _id: { d, at }, n, ...metrics }) => ({
        replaceOne: { filter: { _id: { d, at } }, replacement: { n, ...told(metrics) }, upsert: true },
      }));
      part = [];
      if (operations.length > 0) await again(() => into.bulkWrite(operations, { ordered: false }));
      count += operations.length;
    };
    for await (const doc of found) {
      part.push(doc);
      if (part.length >= WRITE_ROLLS) await flush();
    }
    await flush();
    return count;
  }

  async function fillQuarters(from: number, to: number): Promise<number> {
    let count = 0;
    let at = Math.max(from, EARLIEST);
    while (at < to) {
      // Time without readings is passed over: the clocks of devices may be years apart.
      const first = await again(() =>
        collection
          .find({ 'm.p': { $gte: Math.floor(at / DAY) } }, { projection: { m: 1 } })
          .sort({ 'm.p': 1 })
          .limit(1)
          .next(),
      );
      if (first === null) break;
      at = Math.max(at, first.m.p * DAY);
      for (const end = Math.min(to, dayOf(at) + DAY); at < end; at = Math.min(end, at - (at % HOUR) + HOUR)) {
        const until = Math.min(end, at - (at % HOUR) + HOUR);
        const match = {
          'm.p': Math.floor(at / DAY),
          t: { $gte: new Date(at), $lt: new Date(until) },
        };
        count += await again(() =>
          replaceRolls(
            quarters,
            collection.aggregate<RollDoc>(quartersPipeline(match), {
              allowDiskUse: true,
              batchSize: WRITE_ROLLS,
            }),
          ),
        );
      }
    }
    return count;
  }

  /** Days of the quarters of some devices from `from` up to `to`. */
  function fillDays(ids: readonly string[], from: number, to: number): Promise<number> {
    return again(() =>
      replaceRolls(
        days,
        quarters
          .aggregate<{ _id: { d: string; at: number }; n: number }>([
            { $match: { $or: ids.map(d => ({ _id: { $gte: { d, at: from }, $lt: { d, at: to } } })) } },
            {
              $group: {
                _id: { d: '$_id.d', at: stepStart('$_id.at', DAY) },
                n: { $sum: '$n' },
                ...sumsOf('$n'),
              },
            },
          ])
          .map(doc => ({ _id: doc._id, n: doc.n, ...new Sums().addSums(doc).averages() })),
      ),
    );
  }

  /** Lays readings that came for an expired time into what is left of their quarter; they go at once. */
  async function foldStrays(d: string, at: number): Promise<number> {
    return transaction(async session => {
      const range = {
        _id: { $gte: { d, at, s: '', q: 0, i: 0 }, $lt: { d, at: at + QUARTER, s: '', q: 0, i: 0 } },
      };
      const found = await strays.find(range, { session }).toArray();
      if (found.length === 0) return 0;
      const sums = new Sums();
      const held = await quarters.findOne({ _id: { d, at } }, { session });
      if (held !== null) sums.add(held, held.n);
      for (const doc of found) sums.add(doc, 1);
      await quarters.replaceOne(
        { _id: { d, at } },
        { n: sums.n, ...sums.averages() },
        { session, upsert: true },
      );
      await strays.deleteMany(range, { session });
      return 1;
    });
  }

  async function foldDay(d: string, at: number): Promise<number> {
    return transaction(async session => {
      const range = { _id: { $gte: { d, at }, $lt: { d, at: at + DAY } } };
      const found = await quarters.find(range, { session }).toArray();
      if (found.length === 0) return 0;
      const sums = new Sums();
      const held = await days.findOne({ _id: { d, at } }, { session });
      for (const doc of held === null ? found : [held, ...found]) sums.add(doc, doc.n);
      await days.replaceOne({ _id: { d, at } }, { n: sums.n, ...sums.averages() }, { session, upsert: true });
      await quarters.deleteMany(range, { session });
      return 1;
    });
  }

  /** Works off what is marked, a part at a time; a mark made anew meanwhile stays. */
  async function eachLate(
    from: mongo.Collection<LateDoc>,
    work: (places: readonly LateDoc['_id'][]) => Promise<void>,
  ): Promise<void> {
    const past = next();
    for (;;) {
      // Only what was marked before this began: under constant late readings it would never end.
      const found = await again(() => from.find({}).sort({ _id: 1 }).limit(LATE).toArray());
      const due = found.filter(({ c }) => c < past);
      if (due.length === 0) return;
      await work(due.map(({ _id }) => _id));
      await again(() =>
        from.bulkWrite(
          due.map(({ _id, c }) => ({ deleteOne: { filter: { _id, c } } })),
          { ordered: false },
        ),
      );
    }
  }

  async function rollLateQuarters(gone: number, complete: number): Promise<number> {
    let count = 0;
    await eachLate(lateQuarters, async places => {
      const byDevice = Map.groupBy(places, ({ d }) => d);
      for (const [d, own] of byDevice) {
        const starts = own.map(({ at }) => at).filter(at => at >= gone && at < LATEST);
        const wanted = new Set(starts);
        if (wanted.size > 0) {
          const first = Math.min(...starts);
          const last = Math.max(...starts) + QUARTER;
          const match = {
            'm.p': { $gte: Math.floor(first / DAY), $lte: Math.floor(last / DAY) },
            'm.d': d,
            t: { $gte: new Date(first), $lt: new Date(last) },
          };
          count += await again(() =>
            replaceRolls(
              quarters,
              only(collection.aggregate<RollDoc>(quartersPipeline(match)), ({ _id }) => wanted.has(_id.at)),
            ),
          );
        }
        for (const { at } of own) count += await foldStrays(d, at);
      }
      const lateDaysToMark = new Map<string, { d: string; at: number }>();
      for (const { d, at } of places) {
        if (dayOf(at) < dayOf(complete)) lateDaysToMark.set(`${dayOf(at)} ${d}`, { d, at: dayOf(at) });
      }
      if (lateDaysToMark.size > 0) {
        await again(() => lateDays.bulkWrite(marks(lateDaysToMark.values()), { ordered: false }));
      }
    });
    return count;
  }

  async function rollLateDays(gone: number): Promise<number> {
    let count = 0;
    await eachLate(lateDays, async places => {
      for (const { d, at } of places) {
        count += at < gone ? await foldDay(d, at) : await fillDays([d], at, at + DAY);
      }
    });
    return count;
  }

  async function rollUp(now: number): Promise<{ quarters: number; days: number }> {
    const from = await readMeta(ROLLED);
    const to = Math.max(from, now - (now % QUARTER));
    // First of all readings that come from now on for what is being built are noted as late, and those under way are let in.
    if (to > rollingTo) {
      rollingTo = to;
      await writeMeta(ROLLING, to);
      await turns.settled();
      await others();
    }
    let quartersWritten = to > from ? await fillQuarters(from, to) : 0;
    quartersWritten += await rollLateQuarters(rawGone, from);
    let daysWritten = 0;
    if (dayOf(to) > dayOf(from)) {
      for await (const part of devices()) {
        for (let i = 0; i < part.length; i += DEVICES) {
          daysWritten += await fillDays(part.slice(i, i + DEVICES), dayOf(from), dayOf(to));
        }
      }
    }
    daysWritten += await rollLateDays(await readMeta(QUARTERS_EXPIRED));
    if (to > from) await writeMeta(ROLLED, to);
    return { quarters: quartersWritten, days: daysWritten };
  }

  return {
    keeping,
    async refresh() {
      const found = await again(() => meta.find({ _id: { $in: [ROLLING, RAW_EXPIRED] } }).toArray());
      for (const { _id, value } of found) {
        if (_id === ROLLING) rollingTo = Math.max(rollingTo, Number(value));
        else rawGone = Math.max(rawGone, Number(value));
      }
    },
    getSeries: (id, from, to, maxRows) => run(() => series(id, from, to, maxRows)),
    rollUp: now => run(() => rollUp(now)),

    async expire(now, before) {
      await rollUp(now);
      // Whole days only: they are what is deleted in one go, and half a one would give a wrong average when built again.
      const goneBefore = rawGone;
      rawGone = Math.max(dayOf(Math.max(0, before.raw)), rawGone);
      await writeMeta(RAW_EXPIRED, rawGone);
      const quartersGone = Math.max(dayOf(Math.max(0, before.quarters)), await readMeta(QUARTERS_EXPIRED));
      await writeMeta(QUARTERS_EXPIRED, quartersGone);
      // Commits under way may still have written readings of the time that is about to go.
      await turns.settled();
      if (rawGone > goneBefore) await others();
      await rollLateQuarters(goneBefore, await readMeta(ROLLED));
      const { deletedCount } = await again(() => collection.deleteMany({ 'm.p': { $lt: rawGone / DAY } }));
      let deleted = deletedCount;
      for await (const part of devices()) {
        deleted += await deleteRolls(quarters, part, quartersGone);
        deleted += await deleteRolls(days, part, before.days);
      }
      return deleted;
    },
  };

  async function deleteRolls(
    from: mongo.Collection<RollDoc>,
    ids: readonly string[],
    before: number,
  ): Promise<number> {
    const { deletedCount } = await again(() =>
      from.bulkWrite(
        ids.map(d => ({ deleteMany: { filter: { _id: { $gte: { d, at: 0 }, $lt: { d, at: before } } } } })),
        { ordered: false },
      ),
    );
    return deletedCount;
  }
}

function sumsAt(sums: Map<number, Sums>, at: number): Sums {
  let held = sums.get(at);
  if (held === undefined) {
    held = new Sums();
    sums.set(at, held);
  }
  return held;
}

async function* only<T>(all: AsyncIterable<T>, wanted: (one: T) => boolean): AsyncIterable<T> {
  for await (const one of all) if (wanted(one)) yield one;
}

/** An average of nothing is null in the database's answer, and left out here. */
function told(metrics: { readonly [Key in keyof Metrics]: Metrics[Key] | null }): Metrics {
  const found: Metrics = {};
  for (const key of METRIC_KEYS) {
    const value = metrics[key];
    if (value !== null && value !== undefined) found[key] = value;
  }
  return found;
}
