import type { TimelineEntry } from '../../../shared/api/schemas.ts';
import { shortDuration } from '../../../shared/base/durations.ts';
import { checkName } from '../../../shared/text/finding-words.ts';
import { sentence } from '../../../shared/text/sentence.ts';
import { humanise } from '../parts/format.ts';
import { LOCALE } from '../parts/locale.ts';

const WORDS: Readonly<Record<string, string>> = {
  connected: 'Connected',
  disconnected: 'Connection ended',
  'agent-started': 'Agent started',
  'agent-stopping': 'Agent stopped',
  boot: 'System started',
  sleep: 'Went to sleep',
  wake: 'Woke up',
  'clock-jump': 'Clock was set',
  'outbox-dropped': 'Stored messages were dropped: the outbox was full',
  'outbox-damaged': 'Stored messages were damaged',
  'scan-failed': 'A check could not be run',
  'watch-started': 'Somebody began to look live',
  'watch-ended': 'Nobody looks live any more',
  viewed: 'Looked at live',
  'scan-requested': 'Asked for a scan',
  'help-open': 'Asked IT for help',
  'help-seen': 'Request seen',
  'help-answered': 'Request answered',
  'help-closed': 'Request closed',
  'help-withdrawn': 'Request withdrawn',
  changed: 'Changed',
  'first-report': 'First report',
  'first-score': 'First score',
  moved: 'Score',
  removed: 'No longer checked',
  asleep: 'Asleep',
  enrolled: 'Enrolled',
  revoked: 'Revoked',
  restored: 'Restored',
};

/** One entry of the timeline as a line. */
export function entryWords(entry: TimelineEntry): string {
  const words = WORDS[entry.kind] ?? humanise(entry.kind);
  const { data } = entry;
  const who = data.name ?? data.by ?? (entry.kind.startsWith('help-') ? data.person : null);
  const name = typeof who === 'string' ? ` by ${who}` : '';
  if (entry.band === 'score') {
    const value = typeof data.value === 'number' ? String(Math.round(data.value)) : 'not known';
    return typeof data.was === 'number' ? `Score ${Math.round(data.was)} → ${value}` : `Score ${value}`;
  }
  if (typeof data.check === 'string') {
    const what = changeWords(entry);
    return `${checkName(LOCALE, data.check)}: ${what === '' ? words.toLowerCase() : what}`;
  }
  if (entry.until !== undefined) {
    const length = shortDuration(entry.until - entry.at);
    const so = data.open === true ? `${words} since then` : `${words} for ${length}`;
    return typeof data.reason === 'string' ? `${so}, then ${humanise(data.reason).toLowerCase()}` : so;
  }
  const rest = Object.entries(data)
    .filter(([key, value]) => key !== 'name' && value !== null)
    .map(([key, value]) => `${humanise(key).toLowerCase()} ${String(value)}`)
    .join(', ');
  return `${words}${name}${rest === '' || entry.band === 'people' ? '' : ` (${rest})`}`;
}

/** `free 10 → 9`, at most three of them; a changed status before all. */
function changeWords({ data }: TimelineEntry): string {
  const parts: string[] = [];
  if (typeof data.status === 'string' && typeof data.was === 'string' && data.status !== data.was) {
    parts.push(`${statusWords(data.was)} → ${statusWords(data.status)}`);
  }
  for (const [key, value] of Object.entries(data)) {
    if (!key.startsWith('to.')) continue;
    const name = key.slice(3);
    const was = data[`was.${name}`];
    parts.push(`${spaced(name)} ${was === undefined ? '' : `${short(was)} → `}${short(value)}`);
  }
  return parts.slice(0, 3).join(', ');
}

function statusWords(status: string): string {
  return status === 'ok' || status === 'absent' || status === 'unsupported' || status === 'failed'
    ? sentence(LOCALE, `status.${status}`).toLowerCase()
    : status;
}

/** `healthPercent` as `health percent`. */
function spaced(name: string): string {
  return name.replace(/([A-Z])/g, ' $1').toLowerCase();
}

function short(value: string | number | boolean | null): string {
  if (typeof value === 'number') return String(Math.round(value * 10) / 10);
  return value === null ? 'not known' : String(value).slice(0, 40);
}

export const BAND_NAMES: Readonly<Record<TimelineEntry['band'], string>> = {
  link: 'Link',
  power: 'Power',
  findings: 'Findings',
  score: 'Score',
  people: 'People',
  agent: 'Agent',
};
