import type { Uptime } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseBootTime } from '../parse/proc.ts';
import { defineScan, type ScanContext } from '../scan.ts';

async function linux({ probe, clock }: ScanContext): Promise<Answer<Uptime>> {
  const file = await probe.readFile('/proc/uptime');
  if (!file.ok) return file;
  const seconds = Number(/^(\d+(?:\.\d+)?) /.exec(file.value)?.[1] ?? Number.NaN);
  if (!Number.isFinite(seconds)) return unanswered('parse-error', '/proc/uptime');
  const stat = await probe.readFile('/proc/stat');
  const booted = stat.ok ? parseBootTime(stat.value) : null;
  const bootedAt = booted === null ? Math.round(clock.now() - seconds * 1000) : booted * 1000;
  return answered({ seconds, bootedAt: Math.max(0, bootedAt), fastStartup: null });
}

export function uptimeScan() {
  return defineScan({
    id: 'uptime',
    platforms: ['windows', 'macos', 'linux'],
    cost: 'cheap',
    privilege: 'user',
    timeoutMs: 10_000,
    run: async context => outcome(await linux(context)),
    // Time passing is no news; a restart starts the agent, whose first snapshot says it.
    significant: ({ fastStartup }) => ({ fastStartup }),
  });
}
