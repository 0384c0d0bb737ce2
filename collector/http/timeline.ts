import type { TimelineEntry, TimelineResponse } from '../../shared/api/schemas.ts';
import type { Finding, Findings } from '../../shared/device/finding.ts';
import type { Score } from '../../shared/score/score.ts';
import type { StoredHelp } from '../store/help.ts';
import type { HistoryEntry, StoredEvent } from '../store/store.ts';

type Gap = TimelineResponse['gaps'][number];
type Reason = Gap['reason'];
type Data = TimelineEntry['data'];

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface TimelineInput {
  /** Ascending. Those before the range say how things stood at its start. */
  readonly events: readonly StoredEvent[];
  /** Ascending, within the range. */
  readonly history: readonly HistoryEntry[];
  /** Findings and score just before the range; null when there were none. */
  readonly before: { readonly findings: Findings; readonly score: Score | null } | null;
  /** `now`: nothing is said about the future. */
  readonly range: { readonly from: number; readonly to: number; readonly now: number };
  /** What people at the device asked IT for. */
  readonly help?: readonly StoredHelp[];
  /** Times in which no collector ran. */
  readonly collectorGaps: readonly Span[];
}

/**
 * A device's past in bands, and the times of which nothing is known. A device counts as known from a `link-up` to the
 * next `link-down`, to the collector's end, or to the next `link-up` when neither was written down.
 */
export function timelineOf(input: TimelineInput): TimelineResponse {
  const { from, to, now } = input.range;
  const end = Math.max(from, Math.min(to, now));
  const events = withSleeps(input.events);
  const links = linkSpans(events, input.collectorGaps, end);
  const entries = [
    ...links.filter(link => overlaps(link, { from, to: end })).map(link => linkEntry(link, from, end)),
    ...eventEntries(events, from, to, end),
    ...historyEntries(input),
    ...helpEntries(input),
  ];
  entries.sort((a, b) => a.at - b.at);
  return { from, to, entries, gaps: gapsOf(links, { ...input, events }, end) };
}

/**
 * A system that does not announce its sleep is told of it by the wake, which knows how long it took: the sleep is put where it
 * began, unless one is told of there already.
 */
function withSleeps(events: readonly StoredEvent[]): readonly StoredEvent[] {
  const sleeps: StoredEvent[] = [];
  let lastSleep = Number.NEGATIVE_INFINITY;
  for (const event of events) {
    if (event.by !== 'device') continue;
    if (event.kind === 'sleep') lastSleep = event.at;
    const { sleptMs } = event.data;
    if (event.kind !== 'wake' || typeof sleptMs !== 'number' || sleptMs <= 0) continue;
    const at = event.at - sleptMs;
    if (lastSleep < at - SAME_MOMENT) sleeps.push({ at, by: 'device', kind: 'sleep', data: {} });
  }
  return sleeps.length === 0 ? events : [...events, ...sleeps].toSorted((a, b) => a.at - b.at);
}

function overlaps(one: Span, other: Span): boolean {
  return one.from <= other.to && one.to >= other.from;
}

interface Link extends Span {
  /** Still up at the end of what is known. */
  readonly open: boolean;
  /** What the collector said when the link went down; null when nobody was there to say. */
  readonly reason: string | null;
}

function linkSpans(events: readonly StoredEvent[], collectorGaps: readonly Span[], end: number): Link[] {
  const links: Link[] = [];
  let up: number | null = null;
  const close = (at: number, reason: string | null) => {
    if (up !== null) links.push({ from: up, to: Math.max(up, at), open: false, reason });
    up = null;
  };
  const cut = (before: number) => {
    const since = up;
    const gap =
      since === null ? undefined : collectorGaps.find(one => one.from >= since && one.from < before);
    if (gap !== undefined) close(gap.from, 'collector-stopped');
  };
  for (const event of events) {
    if (event.by !== 'collector') continue;
    if (event.kind === 'link-up') {
      cut(event.at);
      close(event.at, null);
      up = event.at;
    } else if (event.kind === 'link-down') {
      cut(event.at);
      const { reason } = event.data;
      close(event.at, typeof reason === 'string' ? reason : null);
    }
  }
  cut(end);
  if (up !== null) links.push({ from: up, to: Math.max(up, end), open: true, reason: null });
  return links;
}

function linkEntry(link: Link, from: number, end: number): TimelineEntry {
  return {
    at: Math.max(link.from, from),
    until: Math.min(link.to, end),
    band: 'link',
    kind: 'connected',
    data: { open: link.open, reason: link.reason },
  };
}

/** Bands of the events that are not links; whatever is not named here is the agent's. */
const POWER = new Set(['boot', 'sleep', 'wake']);
const PEOPLE = new Set(['viewed', 'scan-requested']);

function eventEntries(
  events: readonly StoredEvent[],
  from: number,
  to: number,
  end: number,
): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  let asleepSince: StoredEvent | null = null;
  const sleepUntil = (at: number, known: boolean) => {
    if (asleepSince === null) return;
    if (at >= from && asleepSince.at <= to) {
      entries.push({
        at: Math.max(asleepSince.at, from),
        until: Math.min(at, end),
        band: 'power',
        kind: 'asleep',
        data: { ...asleepSince.data, open: !known },
      });
    }
    asleepSince = null;
  };
  for (const event of events) {
    const { at, kind, data } = event;
    if (event.by === 'collector' && (kind === 'link-up' || kind === 'link-down')) continue;
    if (kind === 'sleep') {
      sleepUntil(at, true);
      asleepSince = event;
      continue;
    }
    if (kind === 'wake' && asleepSince !== null) {
      sleepUntil(at, true);
      continue;
    }
    // A machine that starts was not asleep any more; when it stopped being so is not known better than this.
    if (kind === 'boot') sleepUntil(at, true);
    if (at < from || at > to) continue;
    const until = data.until;
    entries.push({
      at,
      ...(typeof until === 'number' && until > at ? { until: Math.min(until, to) } : {}),
      band: POWER.has(kind) ? 'power' : PEOPLE.has(kind) ? 'people' : 'agent',
      kind,
      data: { ...data },
    });
  }
  sleepUntil(end, false);
  return entries;
}

/** Each step of a request is a moment of the device's past; what was written stays in the request. */
function helpEntries({ help = [], range: { from, to } }: TimelineInput): TimelineEntry[] {
  return help.flatMap(({ id, person, steps }) =>
    steps
      .filter(({ at }) => at >= from && at <= to)
      .map(({ state, at, by }) => ({
        ...{ at, band: 'people' as const, kind: `help-${state}` },
        data: { request: id, person, by },
      })),
  );
}

/** Scalars of a value that are named in an entry; the rest is read from the moment itself. */
const NAMED_CHANGES = 6;

function historyEntries({ history, before, range }: TimelineInput): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const known = new Map<string, Finding>(Object.entries(before?.findings ?? {}));
  let started = before !== null;
  let points = before?.score?.value ?? null;
  for (const entry of history) {
    if (entry.at < range.from || entry.at > range.to) continue;
    const gone = entry.full
      ? [...known.keys()].filter(check => entry.findings[check] === undefined)
      : entry.removed.filter(check => known.has(check));
    if (!started) {
      // The first report is not a change of everything.
      entries.push({
        at: entry.at,
        band: 'findings',
        kind: 'first-report',
        data: { checks: Object.keys(entry.findings).length },
      });
    }
    for (const [check, finding] of Object.entries(entry.findings)) {
      const was = known.get(check);
      known.set(check, finding);
      if (started && was?.hash !== finding.hash) {
        entries.push({
          at: entry.at,
          band: 'findings',
          kind: 'changed',
          data: changeOf(check, was, finding),
        });
      }
    }
    for (const check of gone) {
      known.delete(check);
      entries.push({ at: entry.at, band: 'findings', kind: 'removed', data: { check } });
    }
    started = true;
    const value = entry.score?.value ?? null;
    if (entry.score !== null && rounded(value) !== rounded(points)) {
      entries.push({
        at: entry.at,
        band: 'score',
        kind: points === null ? 'first-score' : 'moved',
        data: { value: rounded(value), was: rounded(points) },
      });
      points = value;
    }
  }
  return entries;
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

/** What changed, in scalars: `status`, `reason`, and for readings `to.<name>` with `was.<name>`. */
function changeOf(check: string, was: Finding | undefined, now: Finding): Data {
  const data: Data = { check, status: now.status, was: was?.status ?? null };
  if (now.status !== 'ok') return { ...data, reason: now.reason };
  const after = scalars(now.value);
  const before = was?.status === 'ok' ? scalars(was.value) : {};
  let named = 0;
  for (const [name, value] of Object.entries(after)) {
    if (before[name] === value || named >= NAMED_CHANGES) continue;
    named += 1;
    data[`to.${name}`] = value;
    if (before[name] !== undefined) data[`was.${name}`] = before[name];
  }
  return data;
}

function scalars(value: unknown): Data {
  const found: Data = {};
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, part] of Object.entries(value)) {
    if (part === null || typeof part === 'string' || typeof part === 'number' || typeof part === 'boolean') {
      found[name] = part;
    }
  }
  return found;
}

/** A device says that it goes to sleep or stops within this of the link's end, by whichever clock came first. */
const SAME_MOMENT = 5000;
/** Reasons of a device's own goodbye but sleep. */
const STOPPED = new Set(['goodbye-stopping', 'goodbye-updating', 'goodbye-re-enrolling']);
const COLLECTOR_LEFT = new Set(['collector-stopping', 'collector-stopped']);

function gapsOf(links: readonly Link[], { events, collectorGaps, range }: TimelineInput, end: number): Gap[] {
  const gaps: Gap[] = [];
  let known = Number.NEGATIVE_INFINITY;
  let last: Link | null = null;
  for (const link of links) {
    if (link.from > known) gaps.push(...gapBetween(known, link.from, last, events, collectorGaps));
    known = Math.max(known, link.to);
    last = link;
  }
  if (end > known) gaps.push(...gapBetween(known, end, last, events, collectorGaps));
  return gaps
    .map(gap => ({ ...gap, from: Math.max(gap.from, range.from), to: Math.min(gap.to, end) }))
    .filter(gap => gap.from < gap.to);
}

/** One time without a link, cut where the collector itself was not there to see. */
function gapBetween(
  from: number,
  to: number,
  before: Link | null,
  events: readonly StoredEvent[],
  collectorGaps: readonly Span[],
): Gap[] {
  const reason = before === null ? 'unknown' : silenceReason(before, to, events);
  const gaps: Gap[] = [];
  const add = (gap: Gap) => {
    const previous = gaps.at(-1);
    if (previous?.reason === gap.reason) gaps[gaps.length - 1] = { ...previous, to: gap.to };
    else gaps.push(gap);
  };
  let at = from;
  let afterwards = reason;
  for (const gap of collectorGaps.toSorted((a, b) => a.from - b.from)) {
    if (gap.to <= at || gap.from >= to) continue;
    if (gap.from > at) add({ from: at, to: gap.from, reason: afterwards });
    add({ from: Math.max(gap.from, at), to: Math.min(gap.to, to), reason: 'collector-stopped' });
    at = Math.min(gap.to, to);
    // The collector is back: from here on its end explains nothing any more.
    if (reason === 'collector-stopped') afterwards = 'offline';
  }
  if (at < to) add({ from: at, to, reason: afterwards });
  return gaps;
}

function silenceReason(link: Link, until: number, events: readonly StoredEvent[]): Reason {
  if (link.reason === 'goodbye-sleeping') return 'asleep';
  if (link.reason !== null && STOPPED.has(link.reason)) return 'agent-stopped';
  if (link.reason !== null && COLLECTOR_LEFT.has(link.reason)) return 'collector-stopped';
  // The device tells of its sleep only after it, when it is back; then the event lies where the link ended.
  let state: Reason | null = null;
  for (const event of events) {
    if (event.by !== 'device' || event.at < link.from || event.at > Math.min(until, link.to + SAME_MOMENT))
      continue;
    if (event.kind === 'sleep') state = 'asleep';
    else if (event.kind === 'agent-stopping') state = 'agent-stopped';
    else if (event.kind === 'wake' || event.kind === 'boot' || event.kind === 'agent-started') state = null;
  }
  return state ?? 'offline';
}
