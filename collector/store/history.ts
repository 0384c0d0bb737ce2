import { DAY } from '../../shared/base/durations.ts';
import type { Findings } from '../../shared/device/finding.ts';
import type { Check } from './checks.ts';
import type { FindingsStep, HistoryEntry } from './store.ts';

/*
 * How every store keeps findings: entries that are whole states, and changes to them. What a device has now is its newest
 * whole entry and the changes after it; any moment is read from one whole entry and few changes.
 */

/** A whole state is written when the newest is older than this, so that any moment is read from few entries... */
const WHOLE_MS = DAY;
/** ...or when this many changes follow it, which a device that changes its mind every minute reaches within the hour. */
const WHOLE_CHANGES = 512;

/** Is a whole state to be written at `at`, after `changes` changes to the one of `wholeAt` (both ms)? */
export function isWholeDue(at: number, wholeAt: number, changes: number): boolean {
  return at - wholeAt > WHOLE_MS || changes >= WHOLE_CHANGES;
}

/** Takes the checks out of `checks` that a replacing step neither keeps nor changes; gives their ids. */
export function dropUnkept(checks: Map<string, Check>, { replace, kept, changed }: FindingsStep): string[] {
  if (!replace) return [];
  const keep = new Set(kept);
  const dropped = [...checks.keys()].filter(id => !keep.has(id) && !Object.hasOwn(changed, id));
  for (const id of dropped) checks.delete(id);
  return dropped;
}

/** A whole entry and the changes after it, laid over each other; null when the whole entry is not there (or unreadable). */
export function fold(
  entries: readonly (HistoryEntry | null)[],
): { findings: Findings; score: HistoryEntry['score'] } | null {
  const [first, ...changes] = entries;
  if (first === null || first === undefined) return null;
  const findings = { ...first.findings };
  let { score } = first;
  for (const change of changes) {
    if (change === null) continue;
    for (const id of change.removed) delete findings[id];
    Object.assign(findings, change.findings);
    score = change.score ?? score;
  }
  return { findings, score };
}

/** The findings that entries come to, with the newer times of checks that gave the same answer again. */
export function freshen(
  entries: readonly (HistoryEntry | null)[],
  checks: ReadonlyMap<string, Check>,
): Findings {
  const findings = fold(entries)?.findings ?? {};
  for (const [id, { fresh }] of checks) {
    const finding = Object.hasOwn(findings, id) ? findings[id] : undefined;
    if (fresh !== null && finding !== undefined && fresh > finding.at) {
      findings[id] = { ...finding, at: fresh };
    }
  }
  return findings;
}
