import { Problem } from '../../../shared/problem/problem.ts';
import { Counting, type Source, TABLE_NAMES, type Tally, type Target } from './tables.ts';

/**
 * Copies everything, goes on where an unfinished copy stopped, reads both sides again and compares them.
 *
 * @returns rows and hashes of each table, the same on both sides.
 * @throws Problem `conflict` when the two differ afterwards: the source was written meanwhile, or something was not kept as
 *   it was written. The target stays unfinished then, and no collector opens it.
 */
export async function transfer(
  source: Source,
  target: Target,
  tell: (what: string) => void = () => undefined,
): Promise<Tally> {
  const { doneUpTo } = target;
  if (doneUpTo !== undefined)
    tell(`going on after ${doneUpTo === null ? 'what belongs to no device' : `device ${doneUpTo}`}`);
  let written = 0;
  for await (const piece of source.pieces()) {
    const { device } = piece;
    const there = doneUpTo !== undefined && (device === null || (doneUpTo !== null && device <= doneUpTo));
    if (there) continue;
    await target.write(piece);
    written += 1;
    if (written % 500 === 0) tell(`${written} devices`);
  }
  tell('comparing both sides');
  const [from, to] = [await tallyOf(source), await tallyOf(target)];
  const different = TABLE_NAMES.filter(
    name => from[name].rows !== to[name].rows || from[name].hash !== to[name].hash,
  );
  if (different.length > 0) {
    const told = different.map(name => `${name} (${from[name].rows} and ${to[name].rows} rows)`).join(', ');
    throw new Problem(
      'conflict',
      `the copy is not the same as what it was made from: ${told}; stop every collector of the source, empty the target and begin again`,
    );
  }
  await target.finish(to);
  return to;
}

async function tallyOf(side: Pick<Source, 'pieces'>): Promise<Tally> {
  const counting = new Counting();
  for await (const piece of side.pieces()) counting.add(piece);
  return counting.tally();
}
