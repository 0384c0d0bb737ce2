import type { FollowOutcome, Row } from '../connector.ts';
import { vendorTime } from '../dates.ts';

/**
 * A value of the Table API, where every scalar is a text and a reference is `{link, value}`; null when there is none (an
 * empty text).
 */
export function plain(value: unknown): string | null {
  if (typeof value === 'object' && value !== null && 'value' in value) return plain(value.value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** `incident.state` as every instance has it from the start; instances may add their own. */
const STATES: Readonly<Record<string, { readonly state: string; readonly outcome: FollowOutcome }>> = {
  '1': { state: 'new', outcome: 'pending' },
  '2': { state: 'in-progress', outcome: 'pending' },
  '3': { state: 'on-hold', outcome: 'pending' },
  '6': { state: 'resolved', outcome: 'done' },
  '7': { state: 'closed', outcome: 'done' },
  '8': { state: 'cancelled', outcome: 'cancelled' },
};

function stateOf(record: Readonly<Record<string, unknown>>) {
  const word = plain(record.state) ?? '';
  return Object.hasOwn(STATES, word) ? STATES[word] : undefined;
}

/** Whether what a ticket is about has been dealt with. A state of the instance's own counts by whether it is active. */
export function outcomeOfTicket(record: Readonly<Record<string, unknown>>): FollowOutcome {
  const known = stateOf(record)?.outcome;
  if (known !== undefined) return known;
  const active = plain(record.active);
  if (active === 'true') return 'pending';
  return active === 'false' ? 'done' : 'unknown';
}

/** A ticket for a person to read. Times come without a zone and are UTC. `url`: where to open it. */
export function ticketRow(record: Readonly<Record<string, unknown>>, url: string): Row {
  return {
    id: plain(record.sys_id),
    number: plain(record.number),
    key: plain(record.correlation_id),
    title: plain(record.short_description),
    state: stateOf(record)?.state ?? null,
    vendorState: plain(record.state),
    priority: plain(record.priority),
    assignedTo: plain(record.assigned_to),
    group: plain(record.assignment_group),
    openedAt: vendorTime(record.opened_at),
    changedAt: vendorTime(record.sys_updated_on),
    resolvedAt: vendorTime(record.resolved_at) ?? vendorTime(record.closed_at),
    url,
  };
}
