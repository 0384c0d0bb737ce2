import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HotDevice } from '../../../collector/fleet/hot-device.ts';
import { HotFleet } from '../../../collector/fleet/hot-fleet.ts';
import { type DeviceNews, Ingest, type IngestSession } from '../../../collector/ingest/ingest.ts';
import { openSqliteStore, type SqliteStore } from '../../../collector/store/sqlite/sqlite-store.ts';
import type { Problem } from '../../../shared/problem/problem.ts';
import { identity } from '../../support/records.ts';
import { newDevice } from '../../support/store-facts.ts';

export const NOW = 1_800_000_000_000;
export const STREAM = '0123456789abcdef';

/** A device's connection as ingest sees it; keeps what it was told. */
export interface Session extends IngestSession {
  readonly acks: number[];
  readonly refused: { code: string; seq: number; detail: string }[];
  readonly failed: Problem[];
}

export function sessionOf(device: HotDevice): Session {
  const acks: number[] = [];
  const refused: Session['refused'] = [];
  const failed: Problem[] = [];
  return {
    device,
    acks,
    refused,
    failed,
    acknowledge: seq => acks.push(seq),
    refuse: (code, seq, detail) => refused.push({ code, seq, detail }),
    fail: problem => failed.push(problem),
  };
}

export interface Scene {
  readonly store: SqliteStore;
  readonly fleet: HotFleet;
  readonly ingest: Ingest;
  readonly news: DeviceNews[];
  /** Frames of each commit, successful or not. */
  readonly commits: number[];
  /** Problems of commits that failed. */
  readonly failures: Problem[];
  /** While true the store cannot be read either. */
  readonly broken: { reads: boolean };
  readonly clock: { now: number; monotonic: number };
  /** A device known to the store and connected with `STREAM`. */
  device(id?: string): Promise<{ device: HotDevice; session: Session }>;
  /** What another collector process would find in the same database. */
  afresh(): Promise<HotFleet>;
}

/** Ingest over the real store, in a folder of its own. */
export async function scene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'trayline-ingest-'));
  const store = await openSqliteStore({ folder });
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const clock = { now: NOW, monotonic: 1000 };
  const fleet = new HotFleet(store, () => clock.now);
  const broken = { reads: false };
  const news: DeviceNews[] = [];
  const commits: number[] = [];
  const failures: Problem[] = [];
  const ingest = new Ingest({
    store,
    now: () => clock.now,
    monotonic: () => clock.monotonic,
    onTaken: () => undefined,
    onStored: items => news.push(...items),
    onFailed: async (devices, problem) => {
      failures.push(problem);
      if (broken.reads) throw problem;
      for (const device of devices) await fleet.load(device.id);
    },
    onCommit: (_devices, frames) => commits.push(frames),
  });
  return {
    store,
    fleet,
    ingest,
    news,
    commits,
    failures,
    clock,
    broken,
    async device(id = 'd_one') {
      await store.addDevice({ ...newDevice(id), identity: identity({ hostname: id }) });
      const device = await fleet.load(id);
      if (device === null) throw new Error('not stored');
      await ingest.begin(device, STREAM);
      return { device, session: sessionOf(device) };
    },
    async afresh() {
      const other = new HotFleet(store, () => clock.now);
      await other.loadAll();
      return other;
    },
  };
}
