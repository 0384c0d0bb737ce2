import type { MergedRecord } from '../../../shared/device/device.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { type Check, updateChecks, writeChecks } from '../checks.ts';
import { dropUnkept, isWholeDue } from '../history.ts';
import type { DeviceCommit, FindingsStep, StoredEvent } from '../store.ts';
import type { HistoryDoc, StateDoc } from './documents.ts';
import type { State } from './states.ts';

/** What a draft has to ask of the database, now and then. */
export interface DraftReader {
  /** Entries `from` to `to` of a device. */
  entries(device: string, from: number, to: number): Promise<HistoryDoc[]>;
  current(entries: readonly HistoryDoc[], checks: ReadonlyMap<string, Check>): Findings;
  /** The stored score as JSON. */
  score(device: string): Promise<string | null>;
}

/** What one call changes of one device: its state as it was read, and everything to be written in its place. */
export class Draft {
  readonly device: string;
  readonly before: State;
  stream: string | null;
  acked: number;
  seen = 0;
  behind = false;
  n: number;
  keyframe: number;
  keyframeAt: number;
  day: string | null;
  dayScore: number | null;
  checks: Map<string, Check> | null = null;
  score: string | null = null;
  record: MergedRecord | null = null;
  identity: DeviceIdentity | null = null;
  /** The number it is written under; undefined: whoever asks has no part in who holds the device. */
  claim: number | undefined;
  readonly entries: HistoryDoc[] = [];
  readonly events: StoredEvent[] = [];
  readonly samples: {
    stream: string;
    seq: number;
    rows: NonNullable<DeviceCommit['samples']>[number]['rows'];
  }[] = [];
  /** Scores of days that are not the newest any more. */
  readonly pastDays: { day: string; value: number | null }[] = [];
  readonly #reader: DraftReader;

  constructor(device: string, before: State, reader: DraftReader) {
    this.device = device;
    this.before = before;
    this.#reader = reader;
    this.stream = before.stream;
    this.acked = before.acked;
    this.n = before.n;
    this.keyframe = before.keyframe;
    this.keyframeAt = before.keyframeAt;
    this.day = before.day;
    this.dayScore = before.dayScore;
  }

  /** Lays a commit over what is there; false, and nothing is changed, when it does not fit. */
  async take(commit: DeviceCommit): Promise<boolean> {
    const held = this.stream === commit.stream ? this.acked : 0;
    if (commit.after !== held || commit.acked < commit.after) return false;
    this.claim = commit.claim ?? this.claim;
    this.stream = commit.stream;
    this.acked = commit.acked;
    this.seen = commit.receivedAt;
    if (commit.identity !== undefined) this.identity = commit.identity;
    if (commit.recordBehind === true) this.behind = true;
    if (commit.record !== undefined) {
      this.record = commit.record;
      this.behind = false;
    }
    await this.#takeFindings(commit);
    if (commit.dayScore !== undefined) {
      const { day, value } = commit.dayScore;
      if (this.day !== null && this.day !== day) this.pastDays.push({ day: this.day, value: this.dayScore });
      this.day = day;
      this.dayScore = value;
    }
    for (const { seq, rows } of commit.samples ?? []) {
      this.samples.push({ stream: commit.stream, seq, rows });
    }
    if (commit.events !== undefined) this.events.push(...commit.events);
    return true;
  }

  async #takeFindings(commit: DeviceCommit): Promise<void> {
    const { fresh } = commit;
    const score = commit.score === undefined ? null : JSON.stringify(commit.score);
    // The score alone is remembered when it moved; a commit that only repeats it is not an event in a device's life.
    const moved = commit.dayScore === undefined ? null : score;
    const steps = commit.findings ?? [];
    const last = steps.at(-1);
    for (const step of steps) {
      await this.#step(step, step === last ? fresh : undefined, step === last ? score : null);
    }
    if (last === undefined && (fresh !== undefined || moved !== null)) {
      await this.#step({ at: commit.receivedAt, replace: false, changed: {}, kept: [] }, fresh, moved);
    }
    // After the steps: a whole state among them carries the score of its own time.
    if (score !== null) this.score = score;
  }

  async #step(step: FindingsStep, fresh: DeviceCommit['fresh'], score: string | null): Promise<void> {
    const { at, replace, changed } = step;
    const first = this.keyframe === 0;
    if ((replace && step.kept.length === 0) || first) {
      if (!replace && Object.keys(changed).length === 0 && score === null) return;
      this.checks = new Map();
      this.#append(at, true, [], changed, score ?? (await this.#scoreNow()));
      updateChecks(this.checks, changed, fresh);
      return;
    }
    this.checks ??= new Map(this.before.checks);
    const { checks } = this;
    const removed = dropUnkept(checks, step);
    const moved = removed.length > 0 || score !== null || Object.keys(changed).length > 0;
    if (moved && isWholeDue(at, this.keyframeAt, this.n - this.keyframe)) {
      const whole = await this.#current(checks);
      for (const id of removed) delete whole[id];
      Object.assign(whole, changed);
      this.#append(at, true, [], whole, score ?? (await this.#scoreNow()));
    } else if (moved) {
      this.#append(at, false, removed, changed, score);
    }
    updateChecks(checks, changed, fresh);
  }

  #append(at: number, whole: boolean, removed: string[], findings: Findings, score: string | null): void {
    this.n += 1;
    if (whole) {
      this.keyframe = this.n;
      this.keyframeAt = at;
    }
    this.entries.push({
      _id: { d: this.device, n: this.n },
      at,
      ...(whole ? { whole } : {}),
      ...(removed.length === 0 ? {} : { removed }),
      findings: JSON.stringify(findings),
      ...(score === null ? {} : { score }),
    });
  }

  async #current(checks: ReadonlyMap<string, Check>): Promise<Findings> {
    const { n } = this.before;
    const stored = this.keyframe <= n ? await this.#reader.entries(this.device, this.keyframe, n) : [];
    const own = this.entries.filter(({ _id }) => _id.n >= this.keyframe);
    return this.#reader.current([...stored, ...own], checks);
  }

  async #scoreNow(): Promise<string | null> {
    if (this.score !== null || this.before.v === 0) return this.score;
    return this.#reader.score(this.device);
  }

  /** The state after this. */
  get after(): State {
    return {
      v: this.before.v + 1,
      stream: this.stream,
      acked: this.acked,
      n: this.n,
      keyframe: this.keyframe,
      keyframeAt: this.keyframeAt,
      day: this.day,
      dayScore: this.dayScore,
      checks: this.checks ?? this.before.checks,
    };
  }

  /** What changes of the stored document; the first one is written whole. */
  changes(): Partial<Omit<StateDoc, '_id'>> {
    const after = this.after;
    const first = this.before.v === 0;
    return {
      v: after.v,
      stream: after.stream ?? '',
      acked: after.acked,
      seen: this.seen,
      ...(first || this.n !== this.before.n
        ? { n: after.n, keyframe: after.keyframe, keyframeAt: after.keyframeAt }
        : {}),
      ...(first || this.checks !== null ? { checks: writeChecks(after.checks) } : {}),
      ...(this.score === null ? {} : { score: this.score }),
      ...(this.day === null || (this.day === this.before.day && this.dayScore === this.before.dayScore)
        ? {}
        : { day: this.day, dayScore: this.dayScore }),
      ...(this.record !== null || this.behind ? { behind: this.behind } : {}),
    };
  }
}
