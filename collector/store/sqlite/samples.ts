import { DAY } from '../../../shared/base/durations.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type { SampleRow } from '../../../shared/protocol/samples.ts';
import { QUARTER, SERIES_STEPS, type SeriesSource } from '../series.ts';
import type { DeviceCommit, Series, Store } from '../store.ts';
import type { Database } from './database.ts';
import type { Devices } from './devices.ts';
import { number, numberOrNull, only, type Row } from './row.ts';

/** Names in `meta`. `…-rolling` is where averages are built to, `…-rolled` where they are complete to. */
const ROLLED = 'rolled-to';
const ROLLING = 'rolling-to';
const RAW_EXPIRED = 'raw-expired-to';
const QUARTERS_EXPIRED = 'quarters-expired-to';

/** Longest time housekeeping holds the event loop in one go, milliseconds. */
const SLICE_MS = 8;

const METRIC_COLUMNS = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'] as const;
const LIST = METRIC_COLUMNS.join(', ');

/** Average of a metric over rows that stand for `n` readings each; a reading that could not be told does not count. */
const weighted = (column: string) =>
  `sum(${column} * n) / sum(CASE WHEN ${column} IS NOT NULL THEN n END) AS ${column}`;
const AVERAGES = METRIC_COLUMNS.map(weighted).join(', ');

/** Below what is `n` (raw rows count one each): what quarters and days hold, and what is not rolled up yet, as one table. */
const RAW = `SELECT at, 1 AS n, ${LIST} FROM samples WHERE device = :device AND at >= :from AND at <= :to`;

export interface Samples extends Pick<Store, 'getSeries' | 'rollUp'> {
  /** Within a transaction. */
  keep(n: number, commit: DeviceCommit): void;
  /** Deletes readings older than the given times (collector clock), after rolling them up; gives how many rows. */
  expire(
    now: number,
    before: { readonly raw: number; readonly quarters: number; readonly days: number },
  ): Promise<number>;
}

export function samplesOf(db: Database, devices: Devices): Samples {
  const insert = db.prepare(
    `INSERT OR IGNORE INTO samples (device, at, i, ${LIST}) VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertBeside = db.prepare(
    `INSERT INTO samples (device, at, i, ${LIST}) VALUES
     (?1, ?2, (SELECT max(i) + 1 FROM samples WHERE device = ?1 AND at = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
  );
  const insertLate = db.prepare('INSERT OR IGNORE INTO late_quarters (device, at) VALUES (?, ?)');
  const getMeta = db.prepare('SELECT CAST(value AS INTEGER) AS value FROM meta WHERE name = ?');
  const setMeta = db.prepare('REPLACE INTO meta (name, value) VALUES (?, CAST(CAST(? AS INTEGER) AS TEXT))');
  const selectDevices = db.prepare('SELECT n FROM devices WHERE n > ? ORDER BY n');

  const meta = (name: string) => only(getMeta.get(name), 'value');
  let rollingTo = meta(ROLLING);
  db.onRollback(() => {
    rollingTo = meta(ROLLING);
  });

  function keep(n: number, commit: DeviceCommit): void {
    for (const { rows } of commit.samples ?? []) {
      for (const row of rows) {
        const { changes } = insert.run(n, ...row);
        // Two readings of one moment (the clock was set back, or the outbox began anew): both are kept, in order of arrival.
        if (changes === 0) insertBeside.run(n, ...row);
        if (row[0] < rollingTo) insertLate.run(n, row[0] - (row[0] % QUARTER));
      }
    }
  }

  // Reading

  const selectRaw = db.prepare(
    `SELECT at, ${LIST} FROM samples WHERE device = ? AND at >= ? AND at <= ? ORDER BY at, i LIMIT ?`,
  );
  const parts: Record<SeriesSource, string> = {
    samples: RAW,
    quarters: `SELECT at, n, ${LIST} FROM quarters WHERE device = :device AND at >= :from AND at <= :to
      UNION ALL ${RAW.replace(':from', 'max(:from, :rolled)')}`,
    days: `SELECT at, n, ${LIST} FROM days WHERE device = :device AND at >= :from AND at <= :to
      UNION ALL SELECT at, n, ${LIST} FROM quarters WHERE device = :device AND at >= max(:from, :days) AND at <= :to
      UNION ALL ${RAW.replace(':from', 'max(:from, :rolled)')}`,
  };
  const grouped = (source: SeriesSource) =>
    db.prepare(
      `SELECT at / CAST(:step AS INTEGER) * CAST(:step AS INTEGER) AS at, ${AVERAGES} FROM (${parts[source]})
       GROUP BY 1 HAVING 1 ORDER BY 1 LIMIT :limit`,
    );
  const selectGrouped: Record<SeriesSource, ReturnType<typeof grouped>> = {
    samples: grouped('samples'),
    quarters: grouped('quarters'),
    days: grouped('days'),
  };
  const someQuarter = db.prepare(
    'SELECT 1 AS one FROM quarters WHERE device = ? AND at >= ? AND at < ? LIMIT 1',
  );
  const someDay = db.prepare('SELECT 1 AS one FROM days WHERE device = ? AND at >= ? AND at < ? LIMIT 1');

  function series(n: number, from: number, to: number, maxRows: number): Series {
    // A finer table does not answer for a time from which only coarser averages are left.
    const rawGone = Math.min(to + 1, meta(RAW_EXPIRED));
    const quartersGone = Math.min(to + 1, meta(QUARTERS_EXPIRED));
    const daysOnly = someDay.get(n, from, quartersGone) !== undefined;
    const noRaw = daysOnly || someQuarter.get(n, from, rawGone) !== undefined;
    for (const { from: source, stepMs } of SERIES_STEPS) {
      if ((source === 'samples' && noRaw) || (source === 'quarters' && daysOnly)) continue;
      const rows =
        stepMs === 0
          ? selectRaw.all(n, from, to, maxRows + 1)
          : groupedRows(source, n, from, to, stepMs, maxRows + 1);
      if (rows.length <= maxRows) return { stepMs: stepMs || LIMITS.sampleMs, rows: rows.map(sampleOf) };
    }
    for (let step = 2 * DAY; ; step *= 2) {
      const rows = groupedRows('days', n, from, to, step, maxRows + 1);
      if (rows.length <= maxRows || step > to)
        return { stepMs: step, rows: rows.slice(0, maxRows).map(sampleOf) };
    }
  }

  function groupedRows(
    source: SeriesSource,
    n: number,
    from: number,
    to: number,
    step: number,
    limit: number,
  ): Row[] {
    const rolled = meta(ROLLED);
    const range = { device: n, from: Math.ceil(from / step) * step, to, step, limit };
    if (source === 'samples') return selectGrouped.samples.all(range);
    if (source === 'quarters') return selectGrouped.quarters.all({ ...range, rolled });
    return selectGrouped.days.all({ ...range, rolled, days: rolled - (rolled % DAY) });
  }

  // Rolling up

  const rollQuarters = (where: string) => `
    REPLACE INTO quarters (device, at, n, ${LIST})
    SELECT device, at / ${QUARTER} * ${QUARTER}, count(*), ${METRIC_COLUMNS.map(m => `avg(${m})`).join(', ')}
    FROM samples WHERE device = ? AND at >= ? AND at < ? ${where} GROUP BY 2`;
  const rollDays = `
    REPLACE INTO days (device, at, n, ${LIST})
    SELECT device, at / ${DAY} * ${DAY}, sum(n), ${AVERAGES}
    FROM quarters WHERE device = ? AND at >= ? AND at < ? GROUP BY 2`;
  const fillQuarters = db.prepare(rollQuarters(''));
  const fillDays = db.prepare(rollDays);
  const selectLateQuarters = db.prepare('SELECT device, at FROM late_quarters LIMIT 200');
  const deleteLateQuarter = db.prepare('DELETE FROM late_quarters WHERE device = ? AND at = ?');
  const selectLateDays = db.prepare('SELECT device, at FROM late_days LIMIT 200');
  const insertLateDay = db.prepare('INSERT OR IGNORE INTO late_days (device, at) VALUES (?, ?)');
  const deleteLateDay = db.prepare('DELETE FROM late_days WHERE device = ? AND at = ?');
  // Readings for a time whose finer rows have been deleted already: what is left of it is laid together by weight, and
  // the late rows go at once, so that they are not counted again.
  const foldInto = (table: 'quarters' | 'days', source: string, step: number) =>
    db.prepare(`
      REPLACE INTO ${table} (device, at, n, ${LIST})
      SELECT :device, CAST(:at AS INTEGER), sum(n), ${AVERAGES} FROM (
        SELECT n, ${LIST} FROM ${table} WHERE device = :device AND at = :at
        UNION ALL SELECT ${source}, ${LIST} FROM ${table === 'days' ? 'quarters' : 'samples'}
        WHERE device = :device AND at >= :at AND at < :at + ${step}
      ) HAVING count(*) > 0`);
  const foldQuarter = foldInto('quarters', '1', QUARTER);
  const foldDay = foldInto('days', 'n', DAY);
  const deleteRaw = db.prepare('DELETE FROM samples WHERE device = ? AND at >= ? AND at < ?');
  const deleteQuarters = db.prepare('DELETE FROM quarters WHERE device = ? AND at >= ? AND at < ?');
  const deleteDays = db.prepare('DELETE FROM days WHERE device = ? AND at < ?');

  /** Runs work for each device in transactions of at most `SLICE_MS`, letting everything else run in between. */
  async function eachDevice(work: (n: number) => void): Promise<void> {
    const all = await db.read(() => selectDevices.all(0).map(row => number(row, 'n')));
    let next = 0;
    while (next < all.length) {
      await db.write(() => {
        const until = performance.now() + SLICE_MS;
        while (next < all.length && performance.now() < until) {
          const n = all[next];
          next += 1;
          if (n !== undefined) work(n);
        }
      });
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  async function eachLate(select: ReturnType<Database['prepare']>, work: (n: number, at: number) => void) {
    for (;;) {
      const rows = await db.read(() => select.all());
      if (rows.length === 0) return;
      await db.write(() => {
        for (const row of rows) work(number(row, 'device'), number(row, 'at'));
      });
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  async function rollUp(now: number): Promise<{ quarters: number; days: number }> {
    const from = meta(ROLLED);
    const to = Math.max(from, now - (now % QUARTER));
    const dayOf = (at: number) => at - (at % DAY);
    let quarters = 0;
    let days = 0;
    // First of all readings that come from now on for what is being built are noted as late.
    if (to > rollingTo) {
      await db.write(() => {
        setMeta.run(ROLLING, to);
        rollingTo = to;
      });
    }
    if (to > from) {
      await eachDevice(n => {
        quarters += Number(fillQuarters.run(n, from, to).changes);
      });
    }
    const rawGone = meta(RAW_EXPIRED);
    const quartersGone = meta(QUARTERS_EXPIRED);
    await eachLate(selectLateQuarters, (n, at) => {
      if (at < rawGone) {
        quarters += Number(foldQuarter.run({ device: n, at }).changes);
        deleteRaw.run(n, at, at + QUARTER);
      } else {
        quarters += Number(fillQuarters.run(n, at, at + QUARTER).changes);
      }
      deleteLateQuarter.run(n, at);
      if (dayOf(at) < dayOf(from)) insertLateDay.run(n, dayOf(at));
    });
    if (dayOf(to) > dayOf(from)) {
      await eachDevice(n => {
        days += Number(fillDays.run(n, dayOf(from), dayOf(to)).changes);
      });
    }
    await eachLate(selectLateDays, (n, at) => {
      if (at < quartersGone) {
        days += Number(foldDay.run({ device: n, at }).changes);
        deleteQuarters.run(n, at, at + DAY);
      } else {
        days += Number(fillDays.run(n, at, at + DAY).changes);
      }
      deleteLateDay.run(n, at);
    });
    if (to > from) {
      await db.write(() => {
        setMeta.run(ROLLED, to);
      });
    }
    return { quarters, days };
  }

  return {
    keep,

    getSeries(id, from, to, maxRows) {
      return db.read(() => {
        const device = devices.know(id);
        return device === null ? { stepMs: LIMITS.sampleMs, rows: [] } : series(device.n, from, to, maxRows);
      });
    },

    rollUp,

    async expire(now, before) {
      await rollUp(now);
      // Whole quarters and days only: half a one would give a wrong average when it is built again.
      const raw = before.raw - (before.raw % QUARTER);
      const quarters = before.quarters - (before.quarters % DAY);
      await db.write(() => {
        setMeta.run(RAW_EXPIRED, Math.max(raw, meta(RAW_EXPIRED)));
        setMeta.run(QUARTERS_EXPIRED, Math.max(quarters, meta(QUARTERS_EXPIRED)));
      });
      let deleted = 0;
      await eachDevice(n => {
        deleted += Number(deleteRaw.run(n, 0, raw).changes);
        deleted += Number(deleteQuarters.run(n, 0, quarters).changes);
        deleted += Number(deleteDays.run(n, before.days).changes);
      });
      return deleted;
    },
  };
}

function sampleOf(row: Row): SampleRow {
  return [
    number(row, 'at'),
    numberOrNull(row, 'm0'),
    numberOrNull(row, 'm1'),
    numberOrNull(row, 'm2'),
    numberOrNull(row, 'm3'),
    numberOrNull(row, 'm4'),
    numberOrNull(row, 'm5'),
    numberOrNull(row, 'm6'),
    numberOrNull(row, 'm7'),
  ];
}
