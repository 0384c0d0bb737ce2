import type { MergedRecord } from '../../../shared/device/device.ts';
import type { LocalCluster } from '../alone.ts';
import type { DeviceCommit, Store } from '../store.ts';
import type { Database } from './database.ts';
import type { Devices } from './devices.ts';
import type { Events } from './events.ts';
import type { FindingsStore } from './findings.ts';
import { numberOrNull, text } from './row.ts';
import type { Samples } from './samples.ts';

/** The hot path: what a device's frames change, written without reading back what it replaces. */
export function commitsOf(
  db: Database,
  parts: {
    devices: Devices;
    findings: FindingsStore;
    samples: Samples;
    events: Events;
    claims: Pick<LocalCluster, 'isCurrent'>;
  },
): Pick<Store, 'commit' | 'keepRecords' | 'getDayScores'> {
  const { devices, findings, samples, events, claims } = parts;
  const updateStream = db.prepare(
    'UPDATE streams SET stream = ?, acked = ?, last_seen = ?, record_behind = max(record_behind, ?) WHERE device = ?',
  );
  const updateIdentity = db.prepare('UPDATE devices SET identity = ? WHERE n = ?');
  const caughtUp = db.prepare('UPDATE streams SET record_behind = 0 WHERE device = ? AND record_behind = 1');
  const putRecord = db.prepare('REPLACE INTO records (device, record) VALUES (?, ?)');
  const putDayScore = db.prepare('REPLACE INTO day_scores (day, device, value) VALUES (?, ?, ?)');
  const selectDayScores = db.prepare(
    'SELECT d.id, s.value FROM day_scores s JOIN devices d ON d.n = s.device WHERE s.day = ?',
  );
  const selectDayScore = db.prepare('SELECT value FROM day_scores WHERE day = ? AND device = ?');

  function apply(commit: DeviceCommit): boolean {
    const device = devices.know(commit.device);
    if (device === null || commit.acked < commit.after) return false;
    const held = device.stream === commit.stream ? device.acked : 0;
    if (commit.after !== held) return false;
    if (commit.claim !== undefined && !claims.isCurrent(commit.device, commit.claim)) return false;
    updateStream.run(
      commit.stream,
      commit.acked,
      commit.receivedAt,
      commit.recordBehind === true ? 1 : 0,
      device.n,
    );
    device.stream = commit.stream;
    device.acked = commit.acked;
    if (commit.identity !== undefined) updateIdentity.run(JSON.stringify(commit.identity), device.n);
    if (commit.record !== undefined) keepRecord(device.n, commit.record);
    findings.keep(device.n, commit);
    if (commit.dayScore !== undefined) {
      putDayScore.run(commit.dayScore.day, device.n, commit.dayScore.value);
    }
    if (commit.samples !== undefined) samples.keep(device.n, commit);
    if (commit.events !== undefined) events.keep(device.n, commit.events);
    return true;
  }

  function keepRecord(n: number, record: MergedRecord): void {
    putRecord.run(n, JSON.stringify(record));
    caughtUp.run(n);
  }

  return {
    keepRecords(records) {
      return db.write(() => {
        const refused: string[] = [];
        for (const { device, record, claim } of records) {
          const known = devices.know(device);
          const isMine = claim === undefined || claims.isCurrent(device, claim);
          if (known !== null && isMine) keepRecord(known.n, record);
          else refused.push(device);
        }
        return { refused };
      });
    },

    commit(commits) {
      return db.write(() => {
        const refused = new Set<string>();
        for (const commit of commits) {
          if (!apply(commit)) refused.add(commit.device);
        }
        return { refused: [...refused] };
      });
    },

    getDayScores(days, only) {
      return db.read(() => {
        const scores = new Map<string, Map<string, number | null>>();
        const put = (id: string, day: string, value: number | null): void => {
          const ofDevice = scores.get(id) ?? new Map<string, number | null>();
          ofDevice.set(day, value);
          scores.set(id, ofDevice);
        };
        for (const day of days) {
          if (only === undefined) {
            for (const row of selectDayScores.all(day)) put(text(row, 'id'), day, numberOrNull(row, 'value'));
            continue;
          }
          for (const id of only) {
            const row = selectDayScore.get(day, devices.know(id)?.n ?? -1);
            if (row !== undefined) put(id, day, numberOrNull(row, 'value'));
          }
        }
        return scores;
      });
    },
  };
}
