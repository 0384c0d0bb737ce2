import type { TimelineEntry } from '../../../shared/api/schemas.ts';
import { shortDuration } from '../../../shared/base/durations.ts';
import { checkName } from '../../../shared/text/finding-words.ts';
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
  changed: 'Changed',
  score: 'Score',
  enrolled: 'Enrolled',
  revoked: 'Revoked',
  restored: 'Restored',
};

/** One entry of the timeline as a line. */
export function entryWords(entry: TimelineEntry): string {
  const words = WORDS[entry.kind] ?? humanise(entry.kind);
  const { data } = entry;
  const name = typeof data.name === 'string' ? ` by ${data.name}` : '';
  if (entry.kind === 'score' && typeof data.value === 'number') return `Score ${Math.round(data.value)}`;
  if (typeof data.check === 'string') return `${checkName(LOCALE, data.check)}: ${words.toLowerCase()}`;
  if (entry.kind === 'connected' && entry.until !== undefined)
    return `Connected for ${shortDuration(entry.until - entry.at)}`;
  const rest = Object.entries(data)
    .filter(([key, value]) => key !== 'name' && value !== null)
    .map(([key, value]) => `${humanise(key).toLowerCase()} ${String(value)}`)
    .join(', ');
  return `${words}${name}${rest === '' || entry.band === 'people' ? '' : ` (${rest})`}`;
}

export const BAND_NAMES: Readonly<Record<TimelineEntry['band'], string>> = {
  link: 'Link',
  power: 'Power',
  findings: 'Findings',
  score: 'Score',
  people: 'People',
  agent: 'Agent',
};
