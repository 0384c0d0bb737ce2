import {
  type Finding,
  type FindingReason,
  type Findings,
  isTrulyAbsent,
} from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { CHECK_IDS, type Cost, checkEntry } from '../../../shared/posture/checks.ts';
import { checkName } from '../../../shared/text/finding-words.ts';
import { sentence } from '../../../shared/text/sentence.ts';
import { LOCALE } from '../parts/locale.ts';
import { SOURCE_NAMES } from './facts.ts';

/**
 * `answered`: a value, or that the thing is truly not there. `untold`: the check runs here and brought nothing this time. `cannot`: it cannot
 * run on this device as things are.
 */
export type AnswerGroup = 'answered' | 'untold' | 'cannot';

export interface CheckAnswer {
  readonly id: string;
  readonly group: AnswerGroup;
  /** null when the device has sent none. */
  readonly finding: Finding | null;
  /** Why there is no value and what would change that; null for an answer. */
  readonly why: string | null;
  /** How often it may run here by what it costs; null when it does not run here or is newer than this page. */
  readonly cost: Cost | null;
}

/** Reasons that stay until somebody changes the device or the agent, with the sentence that says what. */
function lasting(reason: FindingReason): string | null {
  switch (reason) {
    case 'not-permitted':
    case 'not-installed':
    case 'constrained-language':
    case 'not-supported':
    case 'not-applicable':
    case 'newer-than-table':
      return sentence(LOCALE, `cannot.${reason}`);
    case 'not-present':
    case 'timeout':
    case 'parse-error':
    case 'no-output':
    case 'command-failed':
    case 'output-too-large':
    case 'invalid-value':
    case 'not-run-yet':
    case 'other':
      return null;
  }
}

function judged(id: string, finding: Finding, platform: Platform): CheckAnswer {
  const entry = checkEntry(id);
  const cost = entry?.on[platform]?.cost ?? null;
  const grouped = (group: AnswerGroup, why: string | null): CheckAnswer => ({
    id,
    group,
    finding,
    why,
    cost,
  });
  if (finding.status === 'ok' || isTrulyAbsent(finding)) return grouped('answered', null);
  if (finding.reason === 'not-applicable' && entry?.subjects !== undefined) {
    return grouped('cannot', sentence(LOCALE, 'cannot.no-subjects'));
  }
  const why = lasting(finding.reason);
  if (why !== null) return grouped('cannot', why);
  return grouped(
    finding.status === 'unsupported' ? 'cannot' : 'untold',
    sentence(LOCALE, `reason.${finding.reason}`),
  );
}

function unsent(id: string, platform: Platform): CheckAnswer {
  const entry = checkEntry(id);
  const none = { id, finding: null, cost: entry?.on[platform]?.cost ?? null };
  if (entry?.server === 'collector') {
    return { ...none, group: 'cannot', why: sentence(LOCALE, 'cannot.collector') };
  }
  if (entry?.server !== undefined) {
    const system = SOURCE_NAMES[entry.server];
    return { ...none, group: 'cannot', why: sentence(LOCALE, 'cannot.server', { system }) };
  }
  if (entry !== null && entry.on[platform] === null) {
    return { ...none, group: 'cannot', why: sentence(LOCALE, 'cannot.not-supported') };
  }
  return { ...none, group: 'untold', why: sentence(LOCALE, 'cannot.not-reported') };
}

/**
 * Every check as it stands on a device, by name: what it sent and, with `whole`, what the catalogue knows beyond that. Of a moment of the past
 * only what was sent then can be said.
 */
export function answersOf(findings: Findings, platform: Platform, whole: boolean): CheckAnswer[] {
  const sent = Object.entries(findings).map(([id, finding]) => judged(id, finding, platform));
  const missing = whole
    ? CHECK_IDS.filter(id => !Object.hasOwn(findings, id)).map(id => unsent(id, platform))
    : [];
  return [...sent, ...missing].sort((one, other) =>
    checkName(LOCALE, one.id).localeCompare(checkName(LOCALE, other.id)),
  );
}
