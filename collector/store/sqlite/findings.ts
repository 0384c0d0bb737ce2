import type { Findings } from '../../../shared/device/finding.ts';
import { type Check, readChecks, updateChecks, writeChecks } from '../checks.ts';
import { dropUnkept, fold, freshen, isWholeDue } from '../history.ts';
import type { DeviceCommit, FindingsStep, HistoryEntry, Store } from '../store.ts';
import type { Database } from './database.ts';
import type { Devices } from './devices.ts';
import { flag, number, numberOrNull, type Row, readJson, text, textOrNull } from './row.ts';

type Score = NonNullable<HistoryEntry['score']>;

/** Devices whose place in their history is remembered (about 2 KiB each): those that report are the ones that report again. */
const REMEMBERED = 20_000;

/** Where a device stands: what its `checks` row says, parsed. */
interface Standing {
  keyframe: number;
  newest: number;
  keyframeAt: number;
  changes: number;
  readonly checks: Map<string, Check>;
}

export interface FindingsStore extends Pick<Store, 'getFindings' | 'getHistory' | 'getMoment'> {
  /** Within a transaction: keeps what a commit says of findings, their freshness and the score. */
  keep(n: number, commit: DeviceCommit): void;
}

export function findingsOf(db: Database, devices: Devices): FindingsStore {
  const { log } = db;
  const selectChecks = db.prepare(
    'SELECT keyframe, newest, keyframe_at, changes, checks FROM checks WHERE device = ?',
  );
  const putChecks = db.prepare(
    'REPLACE INTO checks (device, keyframe, newest, keyframe_at, changes, checks) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertHistory = db.prepare(
    'INSERT INTO history (device, at, whole, removed, findings, score, previous) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const putScore = db.prepare('REPLACE INTO scores (device, score) VALUES (?, ?)');
  const selectScore = db.prepare('SELECT score FROM scores WHERE device = ?');
  const selectEntry = db.prepare(
    'SELECT id, at, whole, removed, findings, score, previous FROM history WHERE id = ?',
  );
  const keyframes = 'FROM history INDEXED BY history_keyframes WHERE device = ? AND whole = 1';
  const selectBase = db.prepare(`SELECT id, at ${keyframes} AND at <= ? ORDER BY at DESC, id DESC LIMIT 1`);
  const selectKeyframeAfter = db.prepare(`SELECT id ${keyframes} AND at > ? ORDER BY at, id LIMIT 1`);

  /** The chain from entry `start` back to the first one `last` says yes to (that one included), newest first. */
  function* chain(start: number, last: (row: Row) => boolean): Iterable<Row> {
    let id: number | null = start;
    while (id !== null) {
      const row: Row | undefined = selectEntry.get(id);
      // What came before has been deleted with age.
      if (row === undefined) return;
      yield row;
      if (last(row)) return;
      id = numberOrNull(row, 'previous');
    }
  }

  /** Where to start for entries up to `at`: the first whole state after it, else the end of the chain. */
  function startFor(n: number, at: number): number | null {
    const after = selectKeyframeAfter.get(n, at);
    return after === undefined ? (standingOf(n)?.newest ?? null) : number(after, 'id');
  }

  function entryOf(row: Row): HistoryEntry | null {
    const key = number(row, 'id');
    const findings = readJson<Findings>(text(row, 'findings'), log, { table: 'history', key });
    const removed = textOrNull(row, 'removed');
    const score = textOrNull(row, 'score');
    if (findings === null) return null;
    return {
      at: number(row, 'at'),
      full: flag(row, 'whole'),
      findings,
      removed: removed === null ? [] : (readJson<string[]>(removed, log, { table: 'history', key }) ?? []),
      score: score === null ? null : readJson<Score>(score, log, { table: 'history', key }),
    };
  }

  function current(standing: Standing): Findings {
    const rows = [...chain(standing.newest, row => number(row, 'id') === standing.keyframe)].reverse();
    return freshen(rows.map(entryOf), standing.checks);
  }

  const standings = new Map<number, Standing>();
  db.onRollback(() => standings.clear());

  function standingOf(n: number): Standing | null {
    const held = standings.get(n);
    if (held !== undefined) return held;
    const row = selectChecks.get(n);
    if (row === undefined) return null;
    return remember(n, {
      keyframe: number(row, 'keyframe'),
      newest: number(row, 'newest'),
      keyframeAt: number(row, 'keyframe_at'),
      changes: number(row, 'changes'),
      checks: readChecks(text(row, 'checks'), log, n),
    });
  }

  function remember(n: number, standing: Standing): Standing {
    if (standings.size >= REMEMBERED) {
      const [oldest] = standings.keys();
      if (oldest !== undefined) standings.delete(oldest);
    }
    standings.set(n, standing);
    return standing;
  }

  function scoreNow(n: number): string | null {
    const row = selectScore.get(n);
    return row === undefined ? null : text(row, 'score');
  }

  function append(
    n: number,
    at: number,
    whole: boolean,
    removed: readonly string[],
    findings: Findings,
    score: string | null,
    previous: number | null,
  ): number {
    const { lastInsertRowid } = insertHistory.run(
      n,
      at,
      whole ? 1 : 0,
      removed.length === 0 ? null : JSON.stringify(removed),
      JSON.stringify(findings),
      score,
      previous,
    );
    return Number(lastInsertRowid);
  }

  /** The whole state is what a commit brings: nothing is read. */
  function startOver(
    n: number,
    at: number,
    findings: Findings,
    fresh: DeviceCommit['fresh'],
    score: string | null,
  ): void {
    const checks = new Map<string, Check>();
    updateChecks(checks, findings, fresh);
    const previous = standingOf(n)?.newest ?? null;
    const keyframe = append(n, at, true, [], findings, score ?? scoreNow(n), previous);
    remember(n, { keyframe, newest: keyframe, keyframeAt: at, changes: 0, checks });
    putChecks.run(n, keyframe, keyframe, at, 0, writeChecks(checks));
  }

  function keep(n: number, commit: DeviceCommit): void {
    const { fresh } = commit;
    const score = commit.score === undefined ? null : JSON.stringify(commit.score);
    // The score alone is remembered when it moved; a commit that only repeats it is not an event in a device's life.
    const moved = commit.dayScore === undefined ? null : score;
    const steps = commit.findings ?? [];
    const last = steps.at(-1);
    for (const step of steps) {
      keepStep(n, step, step === last ? fresh : undefined, step === last ? score : null);
    }
    if (last === undefined && (fresh !== undefined || moved !== null)) {
      keepStep(n, { at: commit.receivedAt, replace: false, changed: {}, kept: [] }, fresh, moved);
    }
    // After the steps: a whole state among them carries the score of its own time.
    if (score !== null) putScore.run(n, score);
  }

  function keepStep(n: number, step: FindingsStep, fresh: DeviceCommit['fresh'], score: string | null): void {
    const { at, replace, changed } = step;
    if (replace && step.kept.length === 0) {
      startOver(n, at, changed, fresh, score);
      return;
    }
    const standing = standingOf(n);
    if (standing === null) {
      if (Object.keys(changed).length > 0 || score !== null) startOver(n, at, changed, fresh, score);
      return;
    }

    const { checks } = standing;
    const removed = dropUnkept(checks, step);
    const moved = removed.length > 0 || score !== null || Object.keys(changed).length > 0;
    if (moved && isWholeDue(at, standing.keyframeAt, standing.changes)) {
      const whole = current(standing);
      for (const id of removed) delete whole[id];
      Object.assign(whole, changed);
      standing.newest = append(n, at, true, [], whole, score ?? scoreNow(n), standing.newest);
      standing.keyframe = standing.newest;
      standing.keyframeAt = at;
      standing.changes = 0;
    } else if (moved) {
      standing.newest = append(n, at, false, removed, changed, score, standing.newest);
      standing.changes += 1;
    } else if (fresh === undefined) {
      return;
    }
    updateChecks(checks, changed, fresh);
    const { keyframe, newest, keyframeAt, changes } = standing;
    putChecks.run(n, keyframe, newest, keyframeAt, changes, writeChecks(checks));
  }

  return {
    keep,

    getFindings(id) {
      return db.read(() => {
        const device = devices.know(id);
        const standing = device === null ? null : standingOf(device.n);
        return device === null || standing === null ? {} : current(standing);
      });
    },

    getHistory(id, from, to, limit) {
      return db.read(() => {
        const device = devices.know(id);
        if (device === null) return [];
        const start = startFor(device.n, to);
        if (start === null) return [];
        const entries: { id: number; entry: HistoryEntry }[] = [];
        // A clock set back puts later entries before earlier ones; a whole state before the range ends the search.
        for (const row of chain(start, row => flag(row, 'whole') && number(row, 'at') < from)) {
          const at = number(row, 'at');
          if (at < from || at > to) continue;
          const entry = entryOf(row);
          if (entry !== null) entries.push({ id: number(row, 'id'), entry });
          if (entries.length >= limit) break;
        }
        entries.sort((a, b) => a.entry.at - b.entry.at || a.id - b.id);
        return entries.map(({ entry }) => entry);
      });
    },

    getMoment(id, at) {
      return db.read(() => {
        const device = devices.know(id);
        const base = device === null ? undefined : selectBase.get(device.n, at);
        if (device === null || base === undefined) return null;
        const start = startFor(device.n, at);
        const baseId = number(base, 'id');
        const baseAt = number(base, 'at');
        if (start === null) return null;
        const rows = [...chain(start, row => number(row, 'id') <= baseId)].filter(
          row => number(row, 'id') >= baseId && number(row, 'at') >= baseAt && number(row, 'at') <= at,
        );
        return fold(rows.reverse().map(entryOf));
      });
    },
  };
}
