import type { Actor, AuditAction, AuditEntry } from '../../shared/audit/entry.ts';
import type { Clock } from '../../shared/base/clock.ts';
import type { Store } from '../store/store.ts';

/** The collector acting by itself, and nobody known acting on it. */
export const COLLECTOR_ACTOR: Actor = { kind: 'collector', id: 'collector', name: 'Collector' };

/** Small facts of an entry. No secrets; what somebody typed only once it is known to be a user name. */
type AuditData = AuditEntry['data'];

export interface Audit {
  /** Resolves when the entry is stored; rejects with `store-unavailable`. */
  add(actor: Actor, action: AuditAction, subject: string | null, data?: AuditData): Promise<void>;
}

/** Appends to the store's hash chain with the collector's clock. */
export function createAudit(store: Pick<Store, 'addAudit'>, clock: Pick<Clock, 'now'>): Audit {
  return {
    async add(actor, action, subject, data = {}) {
      await store.addAudit({ at: clock.now(), actor, action, subject, data });
    },
  };
}

/** Subject of the entries that say when the collector ran. */
export const COLLECTOR_SUBJECT = 'collector';

/**
 * Times in which no collector ran, from `collector.started` and `collector.stopped` entries (any order). One that comes or
 * goes while others run (`data.others`) begins and ends none. After a crash there is no `stopped`; then the `started` entry's
 * `data.aliveUntil` (ms, the last sign of life of any collector before) says when the time without a collector began, and
 * without it that time cannot be told and is left out.
 */
export function collectorGaps(
  entries: readonly Pick<AuditEntry, 'at' | 'action' | 'data'>[],
): { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = [];
  let stoppedAt: number | null = null;
  for (const entry of entries.toSorted((a, b) => a.at - b.at)) {
    if (Number(entry.data.others ?? 0) > 0) {
      stoppedAt = null;
      continue;
    }
    if (entry.action === 'collector.stopped') stoppedAt = entry.at;
    if (entry.action !== 'collector.started') continue;
    const { aliveUntil } = entry.data;
    const from = stoppedAt ?? (typeof aliveUntil === 'number' ? aliveUntil : null);
    if (from !== null && from < entry.at) gaps.push({ from, to: entry.at });
    stoppedAt = null;
  }
  return gaps;
}
