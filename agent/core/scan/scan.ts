import type { Clock } from '../../../shared/base/clock.ts';
import type { ScanId, ScanValue } from '../../../shared/device/facts.ts';
import type { Finding, FindingReason, Findings } from '../../../shared/device/finding.ts';
import type { OsSupportTable } from '../../../shared/device/os-support-table.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import type { Subjects } from '../../../shared/device/subjects.ts';
import { CHECKS, type CheckEntry, type Cost } from '../../../shared/posture/checks.ts';
import type { Probe } from './probe.ts';

/** What a check answers: a value, or why there is none. Could not tell is never no. */
export type ScanOutcome<Value> =
  | { status: 'ok'; value: Value }
  | { status: 'absent' | 'unsupported' | 'failed'; reason: FindingReason; detail?: string };

export type ScanCost = Cost;

export interface ScanContext {
  readonly platform: Platform;
  /** The only way a check touches the machine; live, or a folder of recorded outputs. */
  readonly probe: Probe;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Ids that run side by side in this round, sorted: what one program can answer for several of them is asked once. */
  readonly round: readonly string[];
  /** What an administrator asks about by name, as it stands when the check runs. */
  readonly subjects: Subjects;
  /** Until when makers mend their systems: the shipped table or the collector's newer one. */
  readonly osSupport: OsSupportTable;
  /** This device's clock less the collector's at the latest connection, milliseconds; null before the first. */
  readonly collectorOffsetMs: number | null;
}

export interface ScanDefinition<Id extends ScanId = ScanId> {
  readonly id: Id;
  /**
   * What it costs and which rights it needs on each system; null: the system has no way to answer. Written down in the catalogue only
   * (shared/posture/checks.ts), so that what administrators read is what runs.
   */
  readonly on: CheckEntry['on'];
  readonly timeoutMs: number;
  /**
   * What the check is to look for on this system. Where that is nothing it does not run, costs nothing and answers `absent` with
   * `not-applicable`. Left out: the check looks for nothing by name.
   */
  looksFor?(subjects: Subjects, platform: Platform): readonly unknown[];
  run(context: ScanContext): Promise<ScanOutcome<ScanValue<Id>>>;
  /**
   * The part of the value whose change is worth telling the collector at once; the rest travels with the next snapshot.
   * Left out: the whole value. `null` never triggers (live load goes through samples).
   */
  significant?(value: ScanValue<Id>): unknown;
}

/** Declares one check; the runner gives it its timeout, its cost measurement and catches what it throws. */
export function defineScan<Id extends ScanId>(
  definition: Omit<ScanDefinition<Id>, 'on'>,
): ScanDefinition<Id> {
  return { ...definition, on: CHECKS[definition.id].on };
}

/** A check that its system has no way to answer says so, which does not change from hour to hour. */
export function costOn({ on }: Pick<ScanDefinition, 'on'>, platform: Platform): ScanCost {
  return on[platform]?.cost ?? 'heavy';
}

/** The way of each system as one function; the context says which system this is. */
export function perPlatform<Context extends { readonly platform: Platform }, Result>(
  ways: Readonly<Record<Platform, (context: Context) => Result>>,
): (context: Context) => Result {
  return context => ways[context.platform](context);
}

/** What the rest of the agent sees of scanning: real, replayed from a folder, or scripted for a simulated device. */
export interface Scanner {
  /** Ids of every check this scanner can run, with what each costs, and whether it looks for what was named to it. */
  readonly scans: readonly { readonly id: string; readonly cost: ScanCost; readonly byName?: boolean }[];
  /** Runs the named checks side by side; never rejects, a broken check becomes a `failed` finding. */
  run(
    ids: readonly string[],
    signal: AbortSignal,
    /** Called with each check's answer as it comes. */
    answered?: (id: string, finding: Finding) => void,
  ): Promise<Findings>;
  /**
   * Processor milliseconds that a check's latest run took of this machine, estimated from above where the system does not
   * tell: a program's running time counts for its processor time, what several checks share is divided among them, and so
   * is what the process itself took during the round. null: it has not run. Left out: nothing is known of costs.
   */
  costOf?(id: string): number | null;
}
