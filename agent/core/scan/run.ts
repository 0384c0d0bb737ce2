import { createHash } from 'node:crypto';
import type { Clock } from '../../../shared/base/clock.ts';
import { scanValues } from '../../../shared/device/facts.ts';
import type { Finding, FindingReason, Findings } from '../../../shared/device/finding.ts';
import { OS_SUPPORT, type OsSupportTable } from '../../../shared/device/os-support-table.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { NO_SUBJECTS, type Subjects } from '../../../shared/device/subjects.ts';
import { scanCatalogue } from './catalogue.ts';
import type { CommandResult } from './command.ts';
import type { Probe } from './probe.ts';
import { costOn, type ScanDefinition, type Scanner, type ScanOutcome } from './scan.ts';
import { type Shared, share } from './share.ts';

/** JSON with sorted keys, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

/** First 16 hex digits of SHA-256 over what matters in an answer. */
export function fingerprint(
  status: Finding['status'],
  reason: FindingReason | null,
  matters: unknown,
): string {
  const text = canonicalJson({ status, reason, significant: matters ?? null });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

type Judged = Finding extends infer One
  ? One extends Finding
    ? Omit<One, 'at' | 'ms' | 'cpuMs' | 'slowed'>
    : never
  : never;

function withoutValue(
  status: 'absent' | 'unsupported' | 'failed',
  reason: FindingReason,
  detail?: string,
): Judged {
  const hash = fingerprint(status, reason, null);
  return detail === undefined
    ? { status, reason, hash }
    : { status, reason, detail: detail.slice(0, 300), hash };
}

/**
 * A copy that shares no text with what it was read from: a few letters cut out of a program's output would keep all of it in
 * memory (five megabytes of package lists, measured) for as long as the finding lives.
 */
function ownCopy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** The outcome as it may travel: a value that does not fit its schema is an answer that could not be read. */
function judge(definition: ScanDefinition, result: ScanOutcome<unknown>): Judged {
  if (result.status !== 'ok') return withoutValue(result.status, result.reason, result.detail);
  const checked = scanValues[definition.id].safeParse(result.value);
  if (!checked.success) {
    const where = checked.error.issues[0]?.path.join('.') ?? '';
    return withoutValue('failed', 'parse-error', `value does not fit: ${where}`);
  }
  const data = ownCopy(checked.data);
  const matters = definition.significant === undefined ? data : definition.significant(data);
  return { status: 'ok', value: data, hash: fingerprint('ok', null, matters) };
}

/** The signal of callers that do not give up by themselves. */
const never = new AbortController().signal;

/** What one run of a check took, counted while it runs. */
class Meter {
  /** Programs that ran, apart from those another check of the round had asked for already. */
  programs = 0;
  /** Their processor time; null as soon as one did not tell. */
  cpuMs: number | null = 0;
  /** Their share of what the machine may have spent: processor time, else the time they ran. */
  programMs = 0;
  /** How often it asked the machine for anything. */
  touches = 0;
}

interface ProgramCall {
  readonly call: Shared<CommandResult>;
  readonly askers: Set<Meter>;
}

/** The machine as one round sees it: the same program with the same arguments runs once for all checks of the round. */
function oncePerRound(probe: Probe): (meter: Meter) => Probe {
  const calls = new Map<string, ProgramCall>();

  function start(
    key: string,
    run: (signal: AbortSignal) => Promise<CommandResult>,
    first: Meter,
  ): ProgramCall {
    const askers = new Set<Meter>();
    const call = share(run);
    calls.set(key, { call, askers });
    void call.result.then(({ cost }) => {
      if (cost === undefined) return;
      first.programs += 1;
      first.cpuMs = first.cpuMs === null || cost.cpuMs === null ? null : first.cpuMs + cost.cpuMs;
      for (const one of askers) one.programMs += (cost.cpuMs ?? cost.wallMs) / askers.size;
    });
    return { call, askers };
  }

  return meter => {
    const touched = <Args extends unknown[], Result>(ask: (...args: Args) => Result) => {
      return (...args: Args): Result => {
        meter.touches += 1;
        return ask(...args);
      };
    };
    return {
      readFile: touched(probe.readFile),
      file: touched(probe.file),
      list: touched(probe.list),
      exists: touched(probe.exists),
      link: touched(probe.link),
      statfs: touched(probe.statfs),
      facts: probe.facts,
      async command(name, args, options = {}) {
        meter.touches += 1;
        const { signal = never, ...rest } = options;
        const key = JSON.stringify([name, args, rest]);
        let asked = calls.get(key);
        if (asked === undefined || asked.call.abandoned) {
          asked = start(key, own => probe.command(name, args, { ...rest, signal: own }), meter);
        }
        asked.askers.add(meter);
        return (await asked.call.join(signal)) ?? { ok: false, reason: 'other', detail: 'cancelled' };
      },
    };
  };
}

export interface ScannerOptions {
  readonly platform: Platform;
  readonly probe: Probe;
  readonly clock: Clock;
  /** Left out: all checks of the catalogue. */
  readonly definitions?: readonly ScanDefinition[];
  /** What an administrator asks about by name, asked before each check; left out: nothing. */
  readonly subjects?: () => Subjects;
  /** Table of support ends; left out: the shipped one. */
  readonly osSupport?: () => OsSupportTable;
  /** This device's clock less the collector's, milliseconds; left out or null: not known. */
  readonly collectorOffsetMs?: () => number | null;
  /** Processor milliseconds of this process so far, for sharing out what a round took; left out: the process's own. */
  readonly cpuMs?: () => number;
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Runs checks. Each has its own time limit and is given up when it runs over; what it throws, or a value that does not fit,
 * becomes a `failed` finding. A check that is still running is joined, not started again; one that does not end even after
 * being given up starts again only when it has, so a hanging system call costs one waiting call, not one a minute.
 */
export function createScanner({
  platform,
  probe,
  clock,
  definitions,
  subjects = () => NO_SUBJECTS,
  osSupport = () => OS_SUPPORT,
  collectorOffsetMs = () => null,
  cpuMs = ownCpuMs,
}: ScannerOptions): Scanner {
  const all = definitions ?? scanCatalogue();
  /** Who answers, as far as this process knows its own rights. */
  const { root } = probe.facts();
  const part = root === null ? {} : { part: root ? ('service' as const) : ('user' as const) };
  const byId = new Map<string, ScanDefinition>(all.map(one => [one.id, one]));
  const inFlight = new Map<string, Shared<Finding>>();
  /** The latest run of each check that has not ended, given up or not. */
  const unfinished = new Map<string, Promise<Judged>>();
  const meters = new Map<string, Meter>();
  const costs = new Map<string, number>();

  const hasSomethingToLookFor = (one: ScanDefinition): boolean =>
    one.looksFor === undefined || one.looksFor(subjects(), platform).length > 0;

  async function runOne(
    definition: ScanDefinition,
    round: readonly string[],
    roundProbe: (meter: Meter) => Probe,
    given: AbortSignal,
  ): Promise<Finding> {
    const meter = new Meter();
    meters.set(definition.id, meter);
    const at = Math.max(0, Math.round(clock.now()));
    const started = clock.monotonic();
    const stop = new AbortController();
    const timed = (judged: Judged): Finding => ({
      ...judged,
      at,
      ms: Math.max(0, Math.round((clock.monotonic() - started) * 10) / 10),
      ...part,
      ...(meter.programs === 0 || meter.cpuMs === null ? {} : { cpuMs: meter.cpuMs }),
    });

    const before = unfinished.get(definition.id);
    const work = (async (): Promise<Judged> => {
      await before;
      if (stop.signal.aborted) return withoutValue('failed', 'timeout');
      try {
        const context = {
          platform,
          probe: roundProbe(meter),
          clock,
          signal: stop.signal,
          round,
          subjects: subjects(),
          osSupport: osSupport(),
          collectorOffsetMs: collectorOffsetMs(),
        };
        return judge(definition, await definition.run(context));
      } catch (error) {
        return withoutValue('failed', 'other', error instanceof Error ? error.name : 'unknown error');
      }
    })();
    unfinished.set(definition.id, work);
    void work.then(() => {
      if (unfinished.get(definition.id) === work) unfinished.delete(definition.id);
    });

    return await new Promise<Finding>(resolve => {
      const giveUp = (judged: Judged) => (): void => {
        stopTimer();
        stop.abort();
        resolve(timed(judged));
      };
      const stopTimer = clock.after(
        definition.timeoutMs,
        giveUp(withoutValue('failed', 'timeout', `no answer within ${definition.timeoutMs} ms`)),
      );
      const cancelled = giveUp(withoutValue('failed', 'other', 'cancelled'));
      if (given.aborted) cancelled();
      else given.addEventListener('abort', cancelled, { once: true });
      void work.then(judged => {
        stopTimer();
        given.removeEventListener('abort', cancelled);
        resolve(timed(judged));
      });
    });
  }

  async function find(
    id: string,
    round: readonly string[],
    roundProbe: (meter: Meter) => Probe,
    signal: AbortSignal,
  ): Promise<Finding> {
    const unasked = (judged: Judged): Finding => ({
      ...judged,
      at: Math.max(0, Math.round(clock.now())),
      ms: 0,
    });
    const definition = byId.get(id);
    if (definition === undefined) {
      return unasked(withoutValue('unsupported', 'not-supported', 'this agent has no such check'));
    }
    if (!hasSomethingToLookFor(definition)) {
      return unasked(withoutValue('absent', 'not-applicable', 'nothing to look for was configured'));
    }
    let flight = inFlight.get(id);
    if (flight === undefined || flight.abandoned) {
      const fresh = share(given => runOne(definition, round, roundProbe, given));
      inFlight.set(id, fresh);
      void fresh.result.then(() => {
        if (inFlight.get(id) === fresh) inFlight.delete(id);
      });
      flight = fresh;
    }
    return (await flight.join(signal)) ?? unasked(withoutValue('failed', 'other', 'cancelled'));
  }

  /** What the process itself took during a round goes to its checks by how often each asked the machine for something. */
  function shareOut(round: readonly string[], ownMs: number): void {
    const ran = round.flatMap(id => {
      const meter = meters.get(id);
      return meter === undefined ? [] : [{ id, meter }];
    });
    const touches = ran.reduce((sum, { meter }) => sum + meter.touches, 0);
    for (const { id, meter } of ran) {
      const own = touches === 0 ? ownMs / ran.length : (ownMs * meter.touches) / touches;
      costs.set(id, meter.programMs + own);
    }
  }

  return {
    scans: all.map(one => ({
      id: one.id,
      cost: costOn(one, platform),
      byName: one.looksFor !== undefined,
    })),
    async run(ids, signal, answered) {
      const asked = [...new Set(ids)].sort();
      // What has nothing to look for must not make the round's one script ask for it.
      const round = asked.filter(id => {
        const definition = byId.get(id);
        return definition === undefined || hasSomethingToLookFor(definition);
      });
      const roundProbe = oncePerRound(probe);
      const before = cpuMs();
      const found = await Promise.all(
        asked.map(async id => {
          const finding = await find(id, round, roundProbe, signal);
          answered?.(id, finding);
          return [id, finding] as const;
        }),
      );
      shareOut(round, cpuMs() - before);
      return Object.fromEntries(found) satisfies Findings;
    },
    costOf: id => costs.get(id) ?? null,
  };
}
