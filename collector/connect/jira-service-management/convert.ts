import type { FollowOutcome, Row } from '../connector.ts';
import { vendorTime } from '../dates.ts';
import type { JiraRequest } from './api.ts';

/** Longest summary Jira takes. */
const SUMMARY_MAX = 255;

/**
 * A summary that carries our key at its end, in brackets: the customer's side of Jira can be searched by nothing else that
 * every request type has.
 */
export function summaryWith(title: string, key: string): string {
  const tail = ` [${key}]`;
  return title.slice(0, SUMMARY_MAX - tail.length).trimEnd() + tail;
}

/** Does this request carry the key? A search finds words, also within other keys. */
export function hasKey(request: JiraRequest, key: string): boolean {
  return summaryOf(request)?.endsWith(`[${key}]`) ?? false;
}

function summaryOf(request: JiraRequest): string | null {
  const values = Array.isArray(request.requestFieldValues) ? request.requestFieldValues.map(part) : [];
  const { value } = values.find(({ fieldId }) => fieldId === 'summary') ?? {};
  return typeof value === 'string' ? value : null;
}

const CATEGORIES: Readonly<Record<string, { readonly state: string; readonly outcome: FollowOutcome }>> = {
  NEW: { state: 'new', outcome: 'pending' },
  INDETERMINATE: { state: 'in-progress', outcome: 'pending' },
  DONE: { state: 'resolved', outcome: 'done' },
};

function categoryOf(request: JiraRequest) {
  const word = String(part(request.currentStatus).statusCategory ?? '').toUpperCase();
  return Object.hasOwn(CATEGORIES, word) ? CATEGORIES[word] : undefined;
}

/** Names of statuses are each project's own; the category is Jira's. `UNDEFINED` and words of a later day are unknown. */
export function outcomeOfRequest(request: JiraRequest): FollowOutcome {
  return categoryOf(request)?.outcome ?? 'unknown';
}

/** `{iso8601: '2015-10-08T14:42:00+0700', epochMillis}`: the number where there is one. */
function dateOf(value: unknown): number | null {
  const { epochMillis, iso8601 } = part(value);
  return vendorTime(epochMillis) ?? vendorTime(iso8601);
}

/** A request for a person to read. `isOurs`: a link to elsewhere is not shown. */
export function requestRow(request: JiraRequest, isOurs: (address: string) => boolean): Row {
  const status = part(request.currentStatus);
  const { web, agent } = part(request._links);
  const url = [agent, web].find((link): link is string => typeof link === 'string' && isOurs(link));
  const state = categoryOf(request)?.state ?? null;
  return {
    id: String(request.issueId),
    number: request.issueKey,
    key: /\[([A-Za-z0-9._-]+)\]$/.exec(summaryOf(request) ?? '')?.[1] ?? null,
    title: summaryOf(request),
    state,
    vendorState: typeof status.status === 'string' ? status.status : null,
    openedAt: dateOf(request.createdDate),
    changedAt: dateOf(status.statusDate),
    resolvedAt: state === 'resolved' ? dateOf(status.statusDate) : null,
    url: url ?? null,
  };
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
