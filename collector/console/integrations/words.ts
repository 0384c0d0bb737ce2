import type {
  Integration,
  IntegrationAccount,
  IntegrationRun,
  IntegrationState,
} from '../../../shared/api/integrations.ts';
import { shortDuration } from '../../../shared/base/durations.ts';
import type { DeviceState } from '../../../shared/device/device.ts';
import { count } from '../parts/format.ts';

/** A state in the words of every page, and the shape that stands beside them. */
export const STATES: Readonly<
  Record<IntegrationState, { readonly word: string; readonly shape: DeviceState }>
> = {
  configured: { word: 'Configured', shape: 'well' },
  reconnect: { word: 'Reconnect', shape: 'blocked' },
  pending: { word: 'Pending', shape: 'attention' },
  'not-configured': { word: 'Not configured', shape: 'unknown' },
};

/** What comes to a person first: what needs one, then what works, then what could be connected. */
const ORDER: readonly IntegrationState[] = ['reconnect', 'pending', 'configured', 'not-configured'];

export function inOrder(integrations: readonly Integration[]): Integration[] {
  return integrations.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
}

/** Does something stand in the way of this account that somebody should know of? */
export function isTroubled({ problem, workedAt }: IntegrationAccount): boolean {
  return problem !== null && (workedAt === null || problem.at > workedAt);
}

/** How a run went, in a sentence. */
export function runWords(run: IntegrationRun): string {
  const what = run.asked === 'all' ? 'everything' : 'what had changed';
  const told = `${plural(run.observed, 'record')}${run.gone > 0 ? `, ${count(run.gone)} gone` : ''}`;
  const took = `in ${shortDuration(Math.max(1000, run.endedAt - run.startedAt))}`;
  switch (run.covers) {
    case 'broken':
      return `Broke off after ${told}. What was read until then counts; nothing is taken for gone.`;
    case 'partial':
      return `Read ${told} ${took}, fewer than the vendor says there are. Nothing is taken for gone.`;
    case 'all':
    case 'changes':
      return `Read ${what} ${took}: ${told}.`;
  }
}

export function plural(amount: number, what: string): string {
  return `${count(amount)} ${what}${amount === 1 ? '' : 's'}`;
}

/** How often a connector looks. */
export function cadenceWords({ cadence, blindTo }: Integration): string {
  if (cadence === null) return 'Reads no devices; it makes and follows tickets.';
  const full = `everything every ${shortDuration(cadence.fullMs)}`;
  if (cadence.changesMs === null) return `Reads ${full}.`;
  const changes = `Reads what has changed every ${shortDuration(cadence.changesMs)}`;
  return blindTo === null ? `${changes}.` : `${changes}, ${full}. Changes alone do not show ${blindTo}.`;
}
