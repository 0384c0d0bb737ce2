import type { Database } from './database.ts';
import { number, numberOrNull, only } from './row.ts';

const SLICE_MS = 8;

/** Deletes what is too old of a device's events and history, and of the fleet's daily scores. */
export function expireTimeline(db: Database): {
  expire(before: {
    readonly events: number;
    readonly history: number;
    readonly dayScores: string;
  }): Promise<number>;
} {
  const selectDevices = db.prepare('SELECT n FROM devices ORDER BY n');
  const deleteEvents = db.prepare('DELETE FROM events WHERE device = ? AND at < ?');
  const selectBase = db.prepare(
    `SELECT id FROM history INDEXED BY history_keyframes
      WHERE device = ? AND whole = 1 AND at <= ? ORDER BY at DESC, id DESC LIMIT 1`,
  );
  const selectPrevious = db.prepare('SELECT previous FROM history WHERE id = ?');
  const selectKeyframe = db.prepare('SELECT keyframe FROM checks WHERE device = ?');
  const deleteEntry = db.prepare('DELETE FROM history WHERE id = ?');
  const deleteDayScores = db.prepare('DELETE FROM day_scores WHERE day < ?');

  /** null: nothing is before it, or what was has been deleted. */
  function previousOf(id: number): number | null {
    const row = selectPrevious.get(id);
    const previous = row === undefined ? null : numberOrNull(row, 'previous');
    return previous === null || selectPrevious.get(previous) === undefined ? null : previous;
  }

  return {
    async expire(before) {
      const all = await db.read(() => selectDevices.all().map(row => number(row, 'n')));
      let deleted = await db.write(() => Number(deleteDayScores.run(before.dayScores).changes));
      let next = 0;
      while (next < all.length) {
        await db.write(() => {
          const until = performance.now() + SLICE_MS;
          while (next < all.length && performance.now() < until) {
            const n = all[next];
            next += 1;
            if (n === undefined) continue;
            deleted += Number(deleteEvents.run(n, before.events).changes);
            // The whole state that the oldest moment still asked for starts from stays, and so does what is current.
            const base = Math.min(
              only(selectBase.get(n, before.history), 'id'),
              only(selectKeyframe.get(n), 'keyframe'),
            );
            let entry = previousOf(base);
            while (entry !== null) {
              const earlier = previousOf(entry);
              deleted += Number(deleteEntry.run(entry).changes);
              entry = earlier;
            }
          }
        });
        await new Promise(resolve => setImmediate(resolve));
      }
      return deleted;
    },
  };
}
