import { DAY } from '../../../shared/base/durations.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import type { DeviceCommit, FindingsStep, HistoryEntry, Store } from '../store.ts';
import { type Check, readChecks, updateChecks, writeChecks } from './checks.ts';
import type { Database } from './database.ts';
import type { Devices } from './devices.ts';
import { flag, number, type Row, readJson, text, textOrNull } from './row.ts';

type Score = NonNullable<HistoryEntry['score']>;

/** A whole state is written when the newest is older than this, so that any moment is read from few rows... */
const KEYFRAME_MS = DAY;
/** ...or when this many changes follow it, which a device that changes its mind every minute reaches within the hour. */
const KEYFRAME_CHANGES = 256;
/** Devices whose place in their history is remembered (about 2 KiB each): those that report are the ones that report again. */
const REMEMBERED = 20_000;

/** Where a device stands: what its `checks` row says, parsed. */
interface Standing {
  keyframe: number;
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
    'SELECT keyframe, keyframe_at, changes, checks FROM checks WHERE device = ?',
  );
  const putChecks = db.prepare(
    'REPLACE INTO checks (device, keyframe, keyframe_at, changes, checks) VALUES (?, ?, ?, ?, ?)',
  );
  const insertHistory = db.prepare(
    'INSERT INTO history (device, at, whole, removed, findings, score) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const putScore = db.prepare('REPLACE INTO scores (device, score) VALUES (?, ?)');
  const selectScore = db.prepare('SELECT score FROM scores WHERE device = ?');
  const columns = 'id, at, whole, removed, findings, score';
  const selectSince = db.prepare(
    `SELECT ${columns} FROM history INDEXED BY history_of_device WHERE device = ? AND id >= ? ORDER BY id`,
  );
  const selectRange = db.prepare(
    `SELECT ${columns} FROM history WHERE device = ? AND at >= ? AND at <= ? ORDER BY at DESC, id DESC LIMIT ?`,
  );
  const selectBase = db.prepare(
    'SELECT id, at FROM history WHERE device = ? AND whole = 1 AND at <= ? ORDER BY at DESC, id DESC LIMIT 1',
  );
  const selectUpTo = db.prepare(
    `SELECT ${columns} FROM history WHERE device = ? AND at >= ? AND at <= ? AND id >= ? ORDER BY id`,
  );

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

  /** A whole entry and the changes after it, laid over each other; null when the whole entry is not there. */
  function fold(rows: readonly Row[]): { findings: Findings; score: Score | null } | null {
    const [first, ...changes] = rows.map(entryOf);
    if (first === null || first === undefined) return null;
    const findings = { ...first.findings };
    let { score } = first;
    for (const change of changes) {
      if (change === null) continue;
      for (const id of change.removed) delete findings[id];
      Object.assign(findings, change.findings);
      score = change.score ?? score;
    }
    return { findings, score };
  }

  function current(n: number, standing: Standing): Findings {
    const held = fold(selectSince.all(n, standing.keyframe))?.findings ?? {};
    for (const [id, { fresh }] of standing.checks) {
      const finding = Object.hasOwn(held, id) ? held[id] : undefined;
      if (fresh !== null && finding !== undefined && fresh > finding.at) held[id] = { ...finding, at: fresh };
    }
    return held;
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
  ): number {
    const { lastInsertRowid } = insertHistory.run(
      n,
      at,
      whole ? 1 : 0,
      removed.length === 0 ? null : JSON.stringify(removed),
      JSON.stringify(findings),
      score,
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
    const keyframe = append(n, at, true, [], findings, score ?? scoreNow(n));
    remember(n, { keyframe, keyframeAt: at, changes: 0, checks });
    putChecks.run(n, keyframe, at, 0, writeChecks(checks));
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
    const removed: string[] = [];
    if (replace) {
      const kept = new Set(step.kept);
      for (const id of checks.keys()) {
        if (kept.has(id) || Object.hasOwn(changed, id)) continue;
        removed.push(id);
        checks.delete(id);
      }
    }
    const moved = removed.length > 0 || score !== null || Object.keys(changed).length > 0;
    if (moved && (at - standing.keyframeAt > KEYFRAME_MS || standing.changes >= KEYFRAME_CHANGES)) {
      const whole = current(n, standing);
      for (const id of removed) delete whole[id];
      Object.assign(whole, changed);
      standing.keyframe = append(n, at, true, [], whole, score ?? scoreNow(n));
      standing.keyframeAt = at;
      standing.changes = 0;
    } else if (moved) {
      append(n, at, false, removed, changed, score);
      standing.changes += 1;
    } else if (fresh === undefined) {
      return;
    }
    updateChecks(checks, changed, fresh);
    putChecks.run(n, standing.keyframe, standing.keyframeAt, standing.changes, writeChecks(checks));
  }

  return {
    keep,

    getFindings(id) {
      return db.read(() => {
        const device = devices.know(id);
        const standing = device === null ? null : standingOf(device.n);
        return device === null || standing === null ? {} : current(device.n, standing);
      });
    },

    getHistory(id, from, to, limit) {
      return db.read(() => {
        const device = devices.know(id);
        if (device === null) return [];
        return selectRange
          .all(device.n, from, to, limit)
          .reverse()
          .map(entryOf)
          .filter(entry => entry !== null);
      });
    },

    getMoment(id, at) {
      return db.read(() => {
        const device = devices.know(id);
        const base = device === null ? undefined : selectBase.get(device.n, at);
        if (device === null || base === undefined) return null;
        return fold(selectUpTo.all(device.n, number(base, 'at'), at, number(base, 'id')));
      });
    },
  };
}
