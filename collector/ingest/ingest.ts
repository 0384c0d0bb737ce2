import { DAY } from '../../shared/base/durations.ts';
import type { Claim, FieldKey, MergedRecord } from '../../shared/device/device.ts';
import type { Processes } from '../../shared/device/facts.ts';
import type { Findings } from '../../shared/device/finding.ts';
import { compareIdentity, type DeviceIdentity, isSameIdentity } from '../../shared/device/identity.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import { Problem, toProblem } from '../../shared/problem/problem.ts';
import type { DeviceEvent, SequencedFrame } from '../../shared/protocol/from-device.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
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
import { DEFAULT_RULES, type MergeRules } from '../merge/precedence.ts';
import { scoreOf } from '../score/score.ts';
import type { HelpNews, HelpTaken } from '../store/help.ts';
import type { DeviceCommit, FindingsStep, Store, StoredEvent } from '../store/store.ts';
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
  /** As the device was claimed when the first frame came: what is left of a former connection is not stored as of a later one. */
  readonly claim: number | null;
  readonly stream: string;
  readonly after: number;
  acked: number;
  /** When its first frame came, monotonic, and how many there are. */
  readonly since: number;
  frames: number;
  receivedAt: number;
  /** One per frame that brought findings, in order. */
  steps: FindingsStep[];
  /** Hashes as they will be after the steps; null while they are the device's. */
  hashes: Record<string, string> | null;
  fresh: Record<string, number> | null;
  identity: DeviceIdentity | null;
  samples: { seq: number; rows: SampleRow[] }[];
  processes: Processes | null;
  events: StoredEvent[];
  /** What people at the device asked or took back. */
  help: HelpNews[];
}

export interface IngestOptions {
  readonly store: Store;
  readonly now: () => number;
  readonly monotonic: () => number;
  /**
   * Merged and scored, on its way to disk: rows and readings to show. What is shown this early may still fail to be stored;
   * the device then sends it again, since only an ack lets it forget.
   */
  readonly onTaken: (news: readonly DeviceNews[]) => void;
  /** The commit is on disk and its acks are leaving: what the store says of these devices is new. */
  readonly onStored: (news: readonly DeviceNews[]) => void;
  /** What people at a device asked IT for is stored, and its ack is leaving. */
  readonly onHelp?: (device: HotDevice, taken: readonly HelpTaken[]) => void;
  /** A commit failed; the named devices must be read from the store again before they may connect. */
  readonly onFailed: (devices: readonly HotDevice[], problem: Problem) => Promise<void>;
  /** Devices in a commit, and how long it took from first frame to disk, milliseconds. */
  readonly onCommit?: (devices: number, frames: number, ms: number) => void;
  /** Whom to believe; the default when left out. */
  readonly rules?: () => MergeRules;
}

const DISK_FREE = 1 + METRICS.indexOf('diskFreeBytes');
const CPU = 1 + METRICS.indexOf('cpuPercent');
const MEMORY = 1 + METRICS.indexOf('memoryUsedPercent');
const BATTERY = 1 + METRICS.indexOf('batteryPercent');

/**
 * Commits on their way to disk at once: while one waits for the disk, the next is prepared. More would only make them
 * smaller, since syncs run one after the other.
 */
const COMMITS = 2;
/** The same while the disk is slow, such as behind a checkpoint's sync: they share one sync of the log when it is their turn. */
const SLOW_COMMITS = 5;
/** Devices that must have gathered for the second one: below it a commit's fixed cost is better shared... */
const SECOND_COMMIT = 128;
/** ...unless the disk takes its time: what a person watches must not wait for it longer than this. */
const PATIENCE_MS = 4;
/** Devices in a commit from which on the processor is the bottleneck and not the disk: more commits would only cost more. */
const SMALL_COMMIT = 48;

/** Most devices in one commit: bounds how long one transaction holds the event loop (about 50 microseconds each). */
const COMMIT_DEVICES = 256;

/**
 * A device that reports often has its merged record written this often at most: it is the largest thing about it and follows
 * from the findings, from which it is merged anew should the collector be killed in between.
 */
const RECORD_MS = 30_000;

/**
 * Takes validated frames in, one device's in order, and stores them in batches: frames that arrive while a commit is on its
 * way to disk wait for the next one, so the batch grows with the load and a lone frame waits for nothing. Merge and score
 * run once per device and batch. Acks leave when the commit is on disk, never before.
 */
export class Ingest {
  readonly #options: IngestOptions;
  #pending = new Map<HotDevice, Pending>();
  /** Devices whose merged record in the store lags behind. */
  readonly #behind = new Set<HotDevice>();
  /** Devices whose memory is ahead of the store after a failed commit, because the store could not be read either. */
  readonly #doubtful = new Map<HotDevice, Problem>();
  /** Commits on their way to disk, oldest first, and the devices in them. */
  readonly #running = new Set<Promise<void>>();
  readonly #inCommit = new Set<HotDevice>();
  #scheduled = false;
  /** When the newest commit was started, monotonic. */
  #startedAt = 0;
  #lastBatch = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: IngestOptions) {
    this.#options = options;
  }

  /**
   * A device connected with this stream; a new one starts its numbers anew. Waits until nothing of the device's former
   * connection is on its way to the store, so that `acked` is final. Rejects when memory does not agree with the store and
   * the store still cannot be read.
   */
  async begin(device: HotDevice, stream: string): Promise<void> {
    while (this.#pending.has(device) || this.#inCommit.has(device)) await this.#flush();
    const failure = this.#doubtful.get(device);
    if (failure !== undefined) {
      await this.#options.onFailed([device], failure);
      this.#doubtful.delete(device);
    }
    if (device.stream !== stream) {
      device.stream = stream;
      device.acked = 0;
    }
    device.received = device.acked;
  }

  /** Fingerprints of what is held of the device, stored or waiting to be. */
  held(device: HotDevice): Readonly<Record<string, string>> {
    return this.#pending.get(device)?.hashes ?? device.hashes;
  }

  /**
   * Takes one decoded frame of the device's current stream. `kept` names findings that were left out of a snapshot because
   * they are the ones `held` names.
   */
  accept(session: IngestSession, frame: SequencedFrame, kept?: readonly string[]): Accepted {
    const { device } = session;
    const { seq } = frame;
    if (seq <= device.received) {
      if (seq <= device.acked) session.acknowledge(device.acked);
      return 'duplicate';
    }
    const first = seq - (frame.skipped ?? 0);
    if (first > device.received + 1) return 'gap';
    const pending = this.#pendingOf(session);
    this.#take(pending, frame, session, kept);
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

  /** Writes the merged records that were kept back; the devices' own news does not wait for it. */
  async keepRecords(): Promise<void> {
    const behind = [...this.#behind].filter(({ isOutdated }) => !isOutdated);
    this.#behind.clear();
    for (let i = 0; i < behind.length; i += COMMIT_DEVICES) {
      const part = behind.slice(i, i + COMMIT_DEVICES);
      // Those that another collector has claimed meanwhile are refused: it merges them anew itself.
      await this.#options.store.keepRecords(
        part.map(({ id: device, record, claim }) => ({
          device,
          record,
          ...(claim === null ? {} : { claim }),
        })),
      );
    }
  }

  /** Waits until everything taken in so far is stored (or has failed). */
  async drain(): Promise<void> {
    while (this.#pending.size > 0 || this.#running.size > 0) await this.#flush();
  }

  #pendingOf(session: IngestSession): Pending {
    const { device } = session;
    let pending = this.#pending.get(device);
    if (pending === undefined) {
      pending = {
        session,
        device,
        claim: device.claim,
        stream: device.stream ?? '',
        after: device.received,
        acked: device.received,
        since: this.#options.monotonic(),
        frames: 0,
        receivedAt: this.#options.now(),
        steps: [],
        hashes: null,
        fresh: null,
        identity: null,
        samples: [],
        processes: null,
        events: [],
        help: [],
      };
      this.#pending.set(device, pending);
    }
    pending.session = session;
    return pending;
  }

  #advance(pending: Pending, seq: number): void {
    pending.acked = seq;
    pending.device.received = seq;
    pending.frames += 1;
    if (!this.#scheduled && (this.#timer === null || this.#worthwhile())) {
      this.#scheduled = true;
      // After the frames that the same turn of the event loop brought.
      setImmediate(() => {
        this.#scheduled = false;
        if (this.#worthwhile()) void this.#flush();
        else this.#lookAgain();
      });
    }
  }

  /** A first commit at once; further ones beside it when enough has gathered, or when the disk is slow. */
  #worthwhile(): boolean {
    const running = this.#running.size;
    if (this.#pending.size === 0) return false;
    if (running === 0) return true;
    if (running < COMMITS && this.#pending.size >= SECOND_COMMIT) return true;
    return (
      running < SLOW_COMMITS &&
      this.#lastBatch < SMALL_COMMIT &&
      this.#options.monotonic() - this.#startedAt >= PATIENCE_MS * running
    );
  }

  /** Looks again when patience is at its end; without it a lone frame would wait for the commit before it. */
  #lookAgain(): void {
    if (this.#timer !== null || this.#pending.size === 0 || this.#running.size >= SLOW_COMMITS) return;
    // Gathers fast: the commit that ends looks again.
    if (this.#lastBatch >= SMALL_COMMIT) return;
    const wait = this.#startedAt + PATIENCE_MS * this.#running.size - this.#options.monotonic();
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        if (this.#worthwhile()) void this.#flush();
        else this.#lookAgain();
      },
      Math.max(1, wait),
    );
  }

  #take(pending: Pending, frame: SequencedFrame, session: IngestSession, left: readonly string[] = []): void {
    switch (frame.type) {
      case 'snapshot':
      case 'delta': {
        // A delta holds what the device wants told; a snapshot repeats what is held already.
        const { changed, kept } =
          frame.type === 'delta'
            ? { changed: frame.findings, kept: [] }
            : split(frame.findings, left, pending.hashes ?? pending.device.hashes);
        const replace = frame.type === 'snapshot';
        const before = pending.hashes ?? pending.device.hashes;
        const { findings, refused } = checkFindings(changed, replace ? only(before, kept) : before);
        for (const { scan, detail } of refused)
          session.refuse('finding-invalid', frame.seq, `${scan}: ${detail}`);
        pending.steps.push({ at: onOurClock(frame.at, pending), replace, changed: findings, kept });
        pending.hashes = hashesAfter(before, replace, findings, kept);
        if (frame.identity !== undefined) takeIdentity(pending, frame.identity, frame.seq);
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
      case 'help': {
        const { change } = frame;
        pending.help.push({ change, at: onOurClock(change.at, pending), receivedAt: pending.receivedAt });
        return;
      }
    }
  }

  /** Starts a commit where there is room for one; resolves when a commit has ended, at once when nothing is under way. */
  #flush(): Promise<void> {
    const [oldest] = this.#running;
    if (oldest !== undefined && this.#running.size >= SLOW_COMMITS) return oldest;
    const batch: Pending[] = [];
    for (const pending of this.#pending.values()) {
      // One commit of a device at a time: when it fails, nothing later of the device is on its way.
      if (this.#inCommit.has(pending.device)) continue;
      batch.push(pending);
      if (batch.length >= COMMIT_DEVICES) break;
    }
    const [first] = batch;
    if (first === undefined) return oldest ?? Promise.resolve();
    let frames = 0;
    for (const pending of batch) {
      this.#pending.delete(pending.device);
      this.#inCommit.add(pending.device);
      frames += pending.frames;
    }
    this.#startedAt = this.#options.monotonic();
    this.#lastBatch = batch.length;
    const run = this.#commit(batch)
      .catch((error: unknown) => this.#failed(batch, toProblem(error)))
      .then(() => {
        this.#running.delete(run);
        for (const { device } of batch) this.#inCommit.delete(device);
        this.#options.onCommit?.(batch.length, frames, this.#options.monotonic() - first.since);
        if (this.#worthwhile()) void this.#flush();
        else this.#lookAgain();
      });
    this.#running.add(run);
    return oldest ?? run;
  }

  async #commit(batch: readonly Pending[]): Promise<void> {
    const now = this.#options.now();
    const commits: DeviceCommit[] = [];
    const news: DeviceNews[] = [];
    const monotonic = this.#options.monotonic();
    const rules = this.#options.rules?.() ?? DEFAULT_RULES;
    for (const pending of batch) {
      const { commit, changed } = apply(pending, { now, monotonic, rules });
      if (commit.recordBehind === true) this.#behind.add(pending.device);
      else if (commit.record !== undefined) this.#behind.delete(pending.device);
      commits.push(commit);
      news.push({
        device: pending.device,
        changed,
        samples: pending.samples.flatMap(({ rows }) => rows),
        processes: pending.processes,
        receivedAt: pending.receivedAt,
      });
    }
    const { store } = this.#options;
    const asking = batch.filter(({ help }) => help.length > 0);
    const helped = asking.length === 0 ? null : this.#takeHelp(asking);
    const stored = helped === null ? store.commit(commits) : helped.then(() => store.commit(commits));
    this.#options.onTaken(news);
    const { refused } = await stored;
    const lost = new Set(refused);
    for (const pending of batch) {
      if (lost.has(pending.device.id)) continue;
      pending.device.acked = pending.acked;
      pending.session.acknowledge(pending.acked);
    }
    this.#options.onStored(lost.size === 0 ? news : news.filter(({ device }) => !lost.has(device.id)));
    for (const [device, taken] of (await helped) ?? []) this.#options.onHelp?.(device, taken);
    if (lost.size > 0) {
      const conflict = new Problem(
        'conflict',
        'another collector has the device now, or stored this stream meanwhile',
      );
      await this.#failed(
        batch.filter(({ device }) => lost.has(device.id)),
        conflict,
      );
    }
  }

  /**
   * Stores what people asked before the number that acknowledges it. A commit that fails afterwards has the device send it
   * again, and what is known by its id is not taken twice.
   */
  async #takeHelp(batch: readonly Pending[]): Promise<ReadonlyMap<HotDevice, readonly HelpTaken[]>> {
    const bounds = { open: LIMITS.helpOpen, perDay: LIMITS.helpPerDay };
    const taken = new Map<HotDevice, readonly HelpTaken[]>();
    for (const { device, help } of batch) {
      taken.set(device, await this.#options.store.takeHelp(device.id, help, bounds));
    }
    return taken;
  }

  async #failed(batch: readonly Pending[], problem: Problem): Promise<void> {
    const devices = batch.map(({ device }) => device);
    for (const device of devices) {
      this.#pending.delete(device);
      this.#behind.delete(device);
    }
    await this.#options.onFailed(devices, problem).catch(() => {
      for (const device of devices) this.#doubtful.set(device, problem);
    });
    for (const { session } of batch) session.fail(problem);
  }
}

/** What the device says of itself now. Hardware does not turn into other hardware: that is a copied key's doing. */
function takeIdentity(pending: Pending, identity: DeviceIdentity, seq: number): void {
  const known = pending.identity ?? pending.device.identity;
  if (isSameIdentity(identity, known)) return;
  if (compareIdentity(identity, known) === 'different') {
    pending.session.refuse('device-duplicated', seq, 'identity: other hardware');
  } else {
    pending.identity = identity;
  }
}

/**
 * Tells what is new from what the collector holds already: equal hash, nothing to store. The held value keeps its own time;
 * that a check ran again is told by `fresh`.
 */
function split(
  findings: Findings,
  left: readonly string[],
  hashes: Readonly<Record<string, string>>,
): { changed: Findings; kept: string[] } {
  const changed: Findings = {};
  // Named twice in one frame: what was read counts.
  const kept = left.filter(scan => !Object.hasOwn(findings, scan));
  for (const scan in findings) {
    const finding = findings[scan];
    if (finding === undefined) continue;
    if (hashes[scan] === finding.hash) kept.push(scan);
    else changed[scan] = finding;
  }
  return { changed, kept };
}

function only(hashes: Readonly<Record<string, string>>, scans: readonly string[]): Record<string, string> {
  const some: Record<string, string> = {};
  for (const scan of scans) some[scan] = hashes[scan] ?? '';
  return some;
}

function hashesAfter(
  before: Readonly<Record<string, string>>,
  replace: boolean,
  changed: Findings,
  kept: readonly string[],
): Record<string, string> {
  const after: Record<string, string> = replace ? only(before, kept) : { ...before };
  for (const scan in changed) after[scan] = changed[scan]?.hash ?? '';
  return after;
}

/** Applies a device's pending frames to its hot state and says what to store; `now` is the wall clock. */
function apply(
  pending: Pending,
  { now, monotonic, rules }: { now: number; monotonic: number; rules: MergeRules },
): { commit: DeviceCommit; changed: boolean } {
  const { device, receivedAt } = pending;
  let record = device.record;
  // Merging goes by arrival. A clock counts milliseconds and may be set back, ours too: arrivals of one device always rise.
  let arrival = Math.max(receivedAt, device.arrival);
  const arrives = (): number => {
    arrival += 1;
    return arrival;
  };
  if (pending.identity !== null) {
    device.identity = pending.identity;
    record = merge(record, claimsOfIdentity(pending.identity, arrives()), rules);
  }
  for (const { changed } of pending.steps) {
    const claims: Claims = {};
    const at = arrives();
    for (const scan in changed) {
      const finding = changed[scan];
      if (finding !== undefined) Object.assign(claims, claimsOfFinding(scan, finding, at, record));
    }
    record = merge(record, claims, rules);
  }
  if (pending.hashes !== null) device.hashes = pending.hashes;
  if (pending.fresh !== null) {
    const claims: Claims = {};
    const at = arrives();
    for (const scan in pending.fresh) {
      Object.assign(claims, claimsSeenAgain(scan, pending.fresh[scan] ?? 0, at, record));
    }
    record = merge(record, claims, rules);
  }
  for (const { rows } of pending.samples) {
    const newest = rows.at(-1);
    if (newest === undefined) continue;
    device.latest = newest;
    record = merge(record, claimsOfSample(newest, record, arrives()), rules);
  }
  const known = record !== device.record;
  device.record = record;
  device.arrival = arrival;
  if (known) device.score = scoreOf(record, now);
  device.lastSeen = Math.max(device.lastSeen ?? 0, receivedAt);
  device.row = rowOf(device, now);

  // Readings alone move the score by hundredths; storing each would write the whole score a minute for nothing.
  const score = device.score;
  const kept = device.scoreKept;
  const scoreMoved =
    score !== null && (kept === null || kept.day !== dayOf(now) || moved(kept.value, score.value));
  if (scoreMoved) device.scoreKept = { value: score.value, day: dayOf(now) };
  const findingsMoved = pending.steps.length > 0 || pending.identity !== null;
  const due = monotonic - device.recordKeptAt >= RECORD_MS;
  if (findingsMoved && due) device.recordKeptAt = monotonic;
  return {
    changed: findingsMoved || scoreMoved || pending.events.length > 0,
    commit: {
      device: device.id,
      ...(pending.claim === null ? {} : { claim: pending.claim }),
      stream: pending.stream,
      after: pending.after,
      acked: pending.acked,
      receivedAt,
      ...(pending.steps.length === 0 ? {} : { findings: pending.steps }),
      ...(pending.fresh === null ? {} : { fresh: pending.fresh }),
      ...(pending.identity === null ? {} : { identity: pending.identity }),
      ...(findingsMoved ? (due ? { record } : { recordBehind: true }) : {}),
      ...(scoreMoved ? { score, dayScore: { day: dayOf(now), value: score.value } } : {}),
      ...(pending.samples.length === 0 ? {} : { samples: pending.samples }),
      ...(pending.events.length === 0 ? {} : { events: pending.events }),
    },
  };
}

let lastDay = { number: Number.NaN, text: '' };

/** UTC day as `2026-11-22`; asked several times for each commit and nearly always the same. */
function dayOf(at: number): string {
  const number = Math.floor(at / DAY);
  if (number !== lastDay.number) lastDay = { number, text: new Date(at).toISOString().slice(0, 10) };
  return lastDay.text;
}

function moved(before: number | null, after: number | null): boolean {
  if (before === null || after === null) return before !== after;
  return Math.abs(before - after) >= 0.5;
}

/** Live readings as claims on the merged fields they speak for. */
function claimsOfSample(row: SampleRow, record: MergedRecord, receivedAt: number): Claims {
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
  const size = record['disk.systemSizeBytes']?.value;
  say('disk.systemFreeBytes', free);
  // The check itself reports only large steps; a disk that fills slowly is seen in its readings.
  if (typeof free === 'number') say('disk.daily', dailyWith(record, observedAt, free));
  if (typeof free === 'number' && typeof size === 'number' && size > 0) {
    say('disk.systemFreePercent', Math.min(100, (100 * free) / size));
  }
  return claims;
}

function collectorEvent(at: number, kind: string, data: StoredEvent['data']): StoredEvent {
  return { at, by: 'collector', kind, data };
}

/** A device's time on our clock: less its skew, never in our future. */
function onOurClock(at: number, pending: Pending): number {
  return Math.max(0, Math.min(pending.receivedAt, Math.round(at - (pending.device.clockSkewMs ?? 0))));
}

function deviceEventOf(event: DeviceEvent, pending: Pending): StoredEvent {
  return {
    at: onOurClock(event.at, pending),
    by: 'device',
    kind: event.kind,
    data: event.data ?? {},
  };
}
