import type { Claim, FieldKey } from '../../shared/device/device.ts';
import type { Processes } from '../../shared/device/facts.ts';
import type { Findings } from '../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import type { DeviceEvent, SequencedFrame } from '../../shared/protocol/from-device.ts';
import { METRICS, type SampleRow } from '../../shared/protocol/samples.ts';
import { type HotDevice, rowOf } from '../fleet/hot-device.ts';
import {
  type Claims,
  claimsOfFinding,
  claimsOfIdentity,
  claimsSeenAgain,
  dailyWith,
} from '../merge/from-agent.ts';
import { merge } from '../merge/merge.ts';
import { scoreOf } from '../score/score.ts';
import type { DeviceCommit, Store, StoredEvent } from '../store/store.ts';
import { checkFindings } from './findings.ts';

/** What ingest asks of a device's connection. */
export interface IngestSession {
  readonly device: HotDevice;
  /** Everything up to `seq` is stored for good. */
  acknowledge(seq: number): void;
  /** A frame, or a part of one, was refused; the stream goes on. */
  refuse(code: ProblemCode, seq: number, detail: string): void;
  /** The store could not take it: the connection ends and the device sends again later. */
  fail(problem: Problem): void;
}

/** One device's news of one commit, for whoever shows it. */
export interface DeviceNews {
  readonly device: HotDevice;
  /** Findings or score changed, not only readings. */
  readonly changed: boolean;
  readonly samples: readonly SampleRow[];
  readonly processes: Processes | null;
  readonly receivedAt: number;
}

export type Accepted =
  | 'queued'
  /** Stored or queued before; acknowledged again where it is stored. */
  | 'duplicate'
  /** Something before it is missing: the device must send again from `device.received + 1`. */
  | 'gap';

interface Pending {
  session: IngestSession;
  readonly device: HotDevice;
  readonly stream: string;
  readonly after: number;
  acked: number;
  receivedAt: number;
  /** A full snapshot came: what is neither changed nor kept is gone. */
  replace: boolean;
  kept: readonly string[];
  findings: Findings | null;
  fresh: Record<string, number> | null;
  identity: DeviceIdentity | null;
  samples: { seq: number; rows: SampleRow[] }[];
  processes: Processes | null;
  events: StoredEvent[];
}

export interface IngestOptions {
  readonly store: Store;
  readonly now: () => number;
  readonly monotonic: () => number;
  /** After a commit is on disk, before its acks leave: rows to show. */
  readonly onStored: (news: readonly DeviceNews[]) => void;
  /** A commit failed; the named devices must be read from the store again before they may connect. */
  readonly onFailed: (devices: readonly HotDevice[], problem: Problem) => Promise<void>;
  /** Devices in a commit, and how long it took from first frame to disk, milliseconds. */
  readonly onCommit?: (devices: number, frames: number, ms: number) => void;
}

const DISK_FREE = 1 + METRICS.indexOf('diskFreeBytes');
const CPU = 1 + METRICS.indexOf('cpuPercent');
const MEMORY = 1 + METRICS.indexOf('memoryUsedPercent');
const BATTERY = 1 + METRICS.indexOf('batteryPercent');

/** Most devices in one commit: bounds how long one transaction holds the event loop (about 60 microseconds each). */
const COMMIT_DEVICES = 128;

/**
 * Takes validated frames in, one device's in order, and stores them in batches: frames that arrive while a commit is on its
 * way to disk wait for the next one, so the batch grows with the load and a lone frame waits for nothing. Merge and score
 * run once per device and batch. Acks leave when the commit is on disk, never before.
 */
export class Ingest {
  readonly #options: IngestOptions;
  #pending = new Map<HotDevice, Pending>();
  #committing: Promise<void> | null = null;
  #scheduled = false;
  #frames = 0;
  #since = 0;

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  /**
   * A device connected with this stream; a new one starts its numbers anew. Waits until nothing of the device's former
   * connection is on its way to the store, so that `acked` is final.
   */
  async begin(device: HotDevice, stream: string): Promise<void> {
    while (this.#pending.has(device) || (this.#committing !== null && this.#inCommit.has(device))) {
      await (this.#committing ?? this.#flush());
    }
    if (device.stream !== stream) {
      device.stream = stream;
      device.acked = 0;
    }
    device.received = device.acked;
  }

  /** Takes one decoded frame of the device's current stream. */
  accept(session: IngestSession, frame: SequencedFrame): Accepted {
    const { device } = session;
    const { seq } = frame;
    if (seq <= device.received) {
      if (seq <= device.acked) session.acknowledge(device.acked);
      return 'duplicate';
    }
    const first = seq - (frame.skipped ?? 0);
    if (first > device.received + 1) return 'gap';
    const pending = this.#pendingOf(session);
    if (frame.skipped !== undefined) {
      pending.events.push(
        collectorEvent(pending.receivedAt, 'frames-skipped', {
          count: Math.min(frame.skipped, seq - 1 - device.received),
        }),
      );
    }
    this.#take(pending, frame, session);
    this.#advance(pending, seq);
    return 'queued';
  }

  /**
   * A sequenced frame that could not be read still uses up its number: the refusal is stored with it, otherwise the device
   * would have to send the same broken frame for ever.
   */
  acceptRefused(session: IngestSession, seq: number, code: ProblemCode): Accepted {
    const { device } = session;
    if (seq <= device.received) return 'duplicate';
    if (seq !== device.received + 1) return 'gap';
    const pending = this.#pendingOf(session);
    pending.events.push(collectorEvent(pending.receivedAt, 'frame-refused', { code, seq }));
    this.#advance(pending, seq);
    return 'queued';
  }

  /** Waits until everything taken in so far is stored (or has failed). */
  async drain(): Promise<void> {
    while (this.#pending.size > 0 || this.#committing !== null) await (this.#committing ?? this.#flush());
  }

  #pendingOf(session: IngestSession): Pending {
    const { device } = session;
    let pending = this.#pending.get(device);
    if (pending === undefined) {
      if (this.#pending.size === 0) this.#since = this.#options.monotonic();
      pending = {
        session,
        device,
        stream: device.stream ?? '',
        after: device.received,
        acked: device.received,
        receivedAt: this.#options.now(),
        replace: false,
        kept: [],
        findings: null,
        fresh: null,
        identity: null,
        samples: [],
        processes: null,
        events: [],
      };
      this.#pending.set(device, pending);
    }
    pending.session = session;
    return pending;
  }

  #advance(pending: Pending, seq: number): void {
    pending.acked = seq;
    pending.device.received = seq;
    this.#frames += 1;
    if (this.#committing === null && !this.#scheduled) {
      this.#scheduled = true;
      // After the frames that the same turn of the event loop brought.
      setImmediate(() => {
        this.#scheduled = false;
        if (this.#committing === null) void this.#flush();
      });
    }
  }

  #take(pending: Pending, frame: SequencedFrame, session: IngestSession): void {
    switch (frame.type) {
      case 'snapshot':
      case 'delta': {
        const { changed, kept } = split(frame.findings, pending);
        const { findings, refused } = checkFindings(changed);
        for (const { scan, detail } of refused)
          session.refuse('finding-invalid', frame.seq, `${scan}: ${detail}`);
        if (frame.type === 'snapshot') {
          pending.replace = true;
          pending.kept = kept;
          // What an earlier frame of this batch brought and the snapshot repeats is still new to the store.
          for (const scan of kept) {
            const earlier = pending.findings?.[scan];
            if (earlier !== undefined) findings[scan] = earlier;
          }
          pending.findings = findings;
        } else {
          pending.findings = pending.findings === null ? findings : { ...pending.findings, ...findings };
        }
        if (frame.identity !== undefined) pending.identity = frame.identity;
        return;
      }
      case 'samples':
        if (frame.rows.length > 0) pending.samples.push({ seq: frame.seq, rows: frame.rows });
        if (frame.fresh !== undefined) {
          pending.fresh = pending.fresh === null ? frame.fresh : { ...pending.fresh, ...frame.fresh };
        }
        if (frame.processes !== undefined) pending.processes = frame.processes;
        return;
      case 'events':
        for (const event of frame.events) pending.events.push(deviceEventOf(event, pending));
        return;
    }
  }

  #inCommit = new Set<HotDevice>();

  #flush(): Promise<void> {
    if (this.#committing !== null) return this.#committing;
    const batch: Pending[] = [];
    for (const pending of this.#pending.values()) {
      batch.push(pending);
      if (batch.length >= COMMIT_DEVICES) break;
    }
    if (batch.length === 0) return Promise.resolve();
    for (const { device } of batch) {
      this.#pending.delete(device);
      this.#inCommit.add(device);
    }
    const since = this.#since;
    const frames = this.#frames;
    this.#frames = 0;
    this.#since = this.#options.monotonic();
    this.#committing = this.#commit(batch)
      .catch((error: unknown) => this.#failed(batch, toProblem(error)))
      .then(() => {
        this.#committing = null;
        this.#inCommit.clear();
        this.#options.onCommit?.(batch.length, frames, this.#options.monotonic() - since);
        if (this.#pending.size > 0) void this.#flush();
      });
    return this.#committing;
  }

  async #commit(batch: readonly Pending[]): Promise<void> {
    const now = this.#options.now();
    const commits: DeviceCommit[] = [];
    const news: DeviceNews[] = [];
    for (const pending of batch) {
      const { commit, changed } = apply(pending, now);
      commits.push(commit);
      news.push({
        device: pending.device,
        changed,
        samples: pending.samples.flatMap(({ rows }) => rows),
        processes: pending.processes,
        receivedAt: pending.receivedAt,
      });
    }
    const { refused } = await this.#options.store.commit(commits);
    const lost = new Set(refused);
    for (const pending of batch) {
      if (lost.has(pending.device.id)) continue;
      pending.device.acked = pending.acked;
      pending.session.acknowledge(pending.acked);
    }
    this.#options.onStored(lost.size === 0 ? news : news.filter(({ device }) => !lost.has(device.id)));
    if (lost.size > 0) {
      const conflict = new Problem('conflict', 'another collector stored this stream meanwhile');
      await this.#failed(
        batch.filter(({ device }) => lost.has(device.id)),
        conflict,
      );
    }
  }

  async #failed(batch: readonly Pending[], problem: Problem): Promise<void> {
    const devices = batch.map(({ device }) => device);
    for (const device of devices) this.#pending.delete(device);
    await this.#options.onFailed(devices, problem).catch(() => undefined);
    for (const { session } of batch) session.fail(problem);
  }
}

/**
 * Tells what is new from what the collector holds already: equal hash, nothing to store. The held value keeps its own time;
 * that a check ran again is told by `fresh`.
 */
function split(findings: Findings, pending: Pending): { changed: Findings; kept: string[] } {
  const changed: Findings = {};
  const kept: string[] = [];
  for (const scan in findings) {
    const finding = findings[scan];
    if (finding === undefined) continue;
    const held = pending.findings?.[scan]?.hash ?? pending.device.hashes[scan];
    if (held === finding.hash) kept.push(scan);
    else changed[scan] = finding;
  }
  return { changed, kept };
}

/** Applies a device's pending frames to its hot state and says what to store. */
function apply(pending: Pending, now: number): { commit: DeviceCommit; changed: boolean } {
  const { device, receivedAt } = pending;
  let claims: Claims | null = null;
  if (pending.identity !== null) {
    device.identity = pending.identity;
    claims = claimsOfIdentity(pending.identity, receivedAt);
  }
  if (pending.findings !== null) {
    claims ??= {};
    if (pending.replace) {
      const hashes: Record<string, string> = {};
      for (const scan of pending.kept) {
        const held = device.hashes[scan];
        if (held !== undefined) hashes[scan] = held;
      }
      device.hashes = hashes;
    }
    for (const scan in pending.findings) {
      const finding = pending.findings[scan];
      if (finding === undefined) continue;
      device.hashes[scan] = finding.hash;
      Object.assign(claims, claimsOfFinding(scan, finding, receivedAt, device.record));
    }
  }
  if (pending.fresh !== null) {
    claims ??= {};
    for (const scan in pending.fresh) {
      if (pending.findings?.[scan] !== undefined) continue;
      Object.assign(claims, claimsSeenAgain(scan, pending.fresh[scan] ?? 0, receivedAt, device.record));
    }
  }
  const scoreBefore = device.score;
  const lastRows = pending.samples.at(-1)?.rows;
  const latest = lastRows?.at(-1);
  if (latest !== undefined) {
    device.latest = latest;
    claims = Object.assign(claims ?? {}, claimsOfSample(latest, device, receivedAt));
  }
  let scored = false;
  if (claims !== null) {
    device.record = merge(device.record, claims);
    const score = scoreOf(device.record, now);
    // Readings alone move the score by hundredths; storing it then would write a record a minute for nothing.
    scored =
      pending.findings !== null ||
      scoreBefore === null ||
      moved(scoreBefore.value, score.value) ||
      // Each day has a score, also one on which nothing changed.
      dayOf(scoreBefore.at) !== dayOf(now);
    if (scored) device.score = score;
  }
  device.lastSeen = Math.max(device.lastSeen ?? 0, receivedAt);
  device.row = rowOf(device, now);
  const keep = pending.findings !== null || scored;
  return {
    changed: keep || pending.events.length > 0,
    commit: {
      device: device.id,
      stream: pending.stream,
      after: pending.after,
      acked: pending.acked,
      receivedAt,
      ...(pending.findings === null
        ? {}
        : { findings: { replace: pending.replace, changed: pending.findings, kept: pending.kept } }),
      ...(pending.fresh === null ? {} : { fresh: pending.fresh }),
      ...(pending.identity === null ? {} : { identity: pending.identity }),
      ...(keep ? { record: device.record } : {}),
      ...(scored && device.score !== null
        ? { score: device.score, dayScore: { day: dayOf(now), value: device.score.value } }
        : {}),
      ...(pending.samples.length === 0 ? {} : { samples: pending.samples }),
      ...(pending.events.length === 0 ? {} : { events: pending.events }),
    },
  };
}

/** UTC day as `2026-11-22`. */
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function moved(before: number | null, after: number | null): boolean {
  if (before === null || after === null) return before !== after;
  return Math.abs(before - after) >= 0.5;
}

/** Live readings as claims on the merged fields they speak for. */
function claimsOfSample(row: SampleRow, device: HotDevice, receivedAt: number): Claims {
  const claims: Claims = {};
  const [observedAt] = row;
  const say = (field: FieldKey, value: number | string[] | null | undefined): void => {
    // A reading that could not be taken this second does not take back what a check found.
    if (value === null || value === undefined) return;
    const claim: Claim = { source: 'agent', value, observedAt, receivedAt };
    claims[field] = claim;
  };
  say('perf.cpuPercent', row[CPU]);
  say('perf.memoryUsedPercent', row[MEMORY]);
  say('battery.percent', row[BATTERY]);
  const free = row[DISK_FREE];
  const size = device.record['disk.systemSizeBytes']?.value;
  say('disk.systemFreeBytes', free);
  // The check itself reports only large steps; a disk that fills slowly is seen in its readings.
  if (typeof free === 'number') say('disk.daily', dailyWith(device.record, observedAt, free));
  if (typeof free === 'number' && typeof size === 'number' && size > 0) {
    say('disk.systemFreePercent', Math.min(100, (100 * free) / size));
  }
  return claims;
}

function collectorEvent(at: number, kind: string, data: StoredEvent['data']): StoredEvent {
  return { at, by: 'collector', kind, data };
}

/** A device's event on our clock: its own time less its skew, never in our future. */
function deviceEventOf(event: DeviceEvent, pending: Pending): StoredEvent {
  const skew = pending.device.clockSkewMs ?? 0;
  return {
    at: Math.max(0, Math.min(pending.receivedAt, event.at - skew)),
    by: 'device',
    kind: event.kind,
    data: event.data ?? {},
  };
}
