import type { Clock } from '../../../shared/base/clock.ts';
import { HOUR } from '../../../shared/base/durations.ts';
import { scanValues } from '../../../shared/device/facts.ts';
import type { Findings } from '../../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import type { DeviceEvent } from '../../../shared/protocol/from-device.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type { NewFrame, Outbox } from '../outbox/outbox.ts';
import { sampleOf } from './sample.ts';
import { afterPending, changedFrom, fitting, type Hashes, hashesOf, inParts } from './state.ts';

export interface ReporterOptions {
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Ids of every check this agent has; one the collector holds beyond these is told gone by a snapshot. */
  readonly checks: readonly string[];
  readonly identity: DeviceIdentity;
  /** After something was put into the outbox. */
  readonly written: () => void;
}

export interface Reporter {
  readonly findings: Findings;
  readonly identity: DeviceIdentity;
  /** When each check's value was last written for the collector, wall clock; a check that is not here has not been. */
  readonly sentAt: Readonly<Record<string, number>>;
  /** New answers: what changed is written, what did not is noted as fresh for the next samples frame. */
  found(findings: Findings): void;
  /** Somebody asked for a look now: the next live figures are told although they are never compared. */
  asked(): void;
  /** Writes one reading of the live series (nothing when there is none and nothing is fresh). */
  sample(options?: { processes?: boolean }): void;
  identify(identity: DeviceIdentity): void;
  event(kind: DeviceEvent['kind'], data?: DeviceEvent['data']): void;
  /** The collector told what it holds. */
  welcomed(have: Hashes): void;
  /** Writes the whole state. */
  snapshot(): void;
  /** The first round has ended (or took too long): from now on changes are written as they come. */
  settle(): void;
  /** The stream is new: nothing was told in it. */
  restart(): void;
}

/**
 * Checks whose answers are never compared, because they differ every time: the live series carry them. To say that they
 * were found the same again would give an old figure a new age.
 */
const NEVER_SAME: ReadonlySet<string> = new Set(['perf', 'processes']);
/**
 * A figure that has moved too little to be told is told after this long all the same, so that what the collector shows is
 * never older.
 */
const RETELL_MS = 6 * HOUR;

/** Room for a frame's own members around its findings. */
const FRAME_ROOM = 8 * 1024;

/**
 * Turns answers into frames. It knows what the collector will hold once everything waiting has arrived (`told`) and writes
 * the difference: a delta as a rule; a snapshot when the collector holds nothing, asks for one, or holds checks this agent
 * does not have. Before the first welcome it writes deltas too, because they take nothing away that is not known yet.
 */
export function createReporter({ outbox, clock, checks, identity, written }: ReporterOptions): Reporter {
  let findings: Findings = {};
  let who = identity;
  let toldWho = JSON.stringify(identity);
  let told: Hashes = {};
  /** When each finding was last written whole, by the wall clock. */
  let toldAt: Record<string, number> = {};
  /** The same without what only the collector's word says: `toldAt` also notes what it held already. */
  let sentAt: Record<string, number> = {};
  let fresh: Record<string, number> = {};
  let settled = false;
  let snapshotOwed = false;

  const wall = (): number => Math.max(0, Math.round(clock.now()));

  function append(frame: NewFrame): void {
    outbox.append(frame);
  }

  function whole(): void {
    const [first = {}, ...rest] = inParts(findings, LIMITS.frameBytes - FRAME_ROOM);
    append({ type: 'snapshot', at: wall(), identity: who, findings: first });
    for (const part of rest) append({ type: 'delta', at: wall(), findings: part });
    told = hashesOf(findings);
    for (const id in findings) toldAt[id] = wall();
    sentAt = { ...toldAt };
    toldWho = JSON.stringify(who);
    snapshotOwed = false;
  }

  function difference(): void {
    const changed = changedFrom(told, findings);
    const whoText = JSON.stringify(who);
    const moved = whoText !== toldWho;
    if (Object.keys(changed).length === 0 && !moved) return;
    inParts(changed, LIMITS.frameBytes - FRAME_ROOM).forEach((part, index) => {
      append({
        type: 'delta',
        at: wall(),
        findings: part,
        ...(moved && index === 0 ? { identity: who } : {}),
      });
    });
    told = { ...told, ...hashesOf(changed) };
    for (const id in changed) {
      toldAt[id] = wall();
      sentAt[id] = wall();
    }
    toldWho = whoText;
  }

  /** Writes what is owed, once there is something to tell. */
  function tell(): void {
    if (!settled || Object.keys(findings).length === 0) return;
    const complete = checks.every(id => findings[id] !== undefined);
    const surplus = Object.keys(told).some(id => !checks.includes(id));
    if (snapshotOwed || (complete && surplus)) whole();
    else difference();
    written();
  }

  return {
    get findings() {
      return findings;
    },
    get identity() {
      return who;
    },
    get sentAt() {
      return sentAt;
    },
    found(found) {
      const fitted = Object.fromEntries(
        Object.entries(found).map(([id, finding]) => [id, fitting(finding, LIMITS.findingBytes)]),
      );
      for (const [id, { hash, at }] of Object.entries(fitted)) {
        delete fresh[id];
        if (told[id] !== hash) continue;
        if (Math.abs(wall() - (toldAt[id] ?? wall())) >= RETELL_MS) told = { ...told, [id]: '' };
        else if (!NEVER_SAME.has(id)) fresh[id] = at;
        toldAt[id] ??= wall();
      }
      findings = { ...findings, ...fitted };
      tell();
    },
    asked() {
      for (const id of NEVER_SAME) if (told[id] !== undefined) told = { ...told, [id]: '' };
    },
    sample({ processes = false } = {}) {
      const row = sampleOf(findings.perf?.at ?? wall(), findings);
      if (row === null && Object.keys(fresh).length === 0) return;
      const busiest =
        processes && findings.processes?.status === 'ok'
          ? scanValues.processes.safeParse(findings.processes.value).data
          : undefined;
      append({
        type: 'samples',
        at: wall(),
        rows: row === null ? [] : [row],
        ...(Object.keys(fresh).length === 0 ? {} : { fresh }),
        ...(busiest === undefined ? {} : { processes: busiest }),
      });
      fresh = {};
      written();
    },
    identify(identity) {
      who = identity;
      tell();
    },
    event(kind, data) {
      const event: DeviceEvent = { at: wall(), kind, ...(data === undefined ? {} : { data }) };
      append({ type: 'events', at: event.at, events: [event] });
      written();
    },
    welcomed(have) {
      const pending = outbox.pendingState();
      const holdsSnapshot = pending.some(({ kind }) => kind === 'snapshot');
      told = afterPending(have, pending);
      toldWho = JSON.stringify(who);
      snapshotOwed = Object.keys(have).length === 0 && !holdsSnapshot;
      tell();
    },
    snapshot() {
      snapshotOwed = true;
      tell();
    },
    settle() {
      settled = true;
      tell();
    },
    restart() {
      told = {};
      toldAt = {};
      fresh = {};
      snapshotOwed = false;
    },
  };
}
