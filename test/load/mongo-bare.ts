/**
 * Bare bulk inserts with mongoose of the documents that the collector has written: nothing is received, checked, merged or
 * scored, nothing is a transaction. `node test/load/mongo-bare.ts '{"url": …, "into": …, "ms": …}'` takes one history entry
 * and one state of every device in `url`, inserts them again and again under new keys, two batches at a time as the collector
 * has two commits under way, and says how many pairs a second a majority confirmed.
 */
import { createConnection, Schema } from 'mongoose';
import { z } from 'zod';
import { say } from './support/commands.ts';

const { url, into, ms } = z
  .object({ url: z.string(), into: z.string(), ms: z.number() })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const source = await createConnection(url).asPromise();
const take = async (name: string): Promise<Record<string, unknown>[]> =>
  (await source.db?.collection(name).find().sort({ $natural: -1 }).limit(256).toArray()) ?? [];
const [entries, states] = await Promise.all([take('history'), take('states')]);
await source.close();

const target = await createConnection(into, { writeConcern: { w: 'majority' } }).asPromise();
const options = { versionKey: false } as const;
const modelOf = (name: string, shape: object) =>
  target.model(name, new Schema({ _id: Schema.Types.Mixed, ...shape }, { collection: name, ...options }));
const history = modelOf('history', {
  at: Number,
  whole: Boolean,
  removed: [String],
  findings: String,
  score: String,
});
const state = modelOf('states', {
  ...{ v: Number, stream: String, acked: Number, seen: Number, behind: Boolean, n: Number, keyframe: Number },
  ...{ keyframeAt: Number, checks: String, score: String, day: String, dayScore: Number },
});
await Promise.all([history.createCollection(), state.createCollection()]);

let turn = 0;
let pairs = 0;
async function insertUntil(end: number): Promise<void> {
  while (performance.now() < end) {
    turn += 1;
    const n = turn;
    await history.insertMany(
      entries.map((doc, i) => ({ ...doc, _id: { d: `d_${i}`, n } })),
      { ordered: false },
    );
    await state.insertMany(
      states.map((doc, i) => ({ ...doc, _id: `d_${i} ${n}` })),
      { ordered: false },
    );
    pairs += entries.length;
  }
}
await Promise.all([insertUntil(performance.now() + ms / 5), insertUntil(performance.now() + ms / 5)]);
pairs = 0;
const from = performance.now();
await Promise.all([insertUntil(from + ms), insertUntil(from + ms)]);
say({ perS: (1000 * pairs) / (performance.now() - from), batch: entries.length });
await target.close();
process.exit(0);
