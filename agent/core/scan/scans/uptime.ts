import { MINUTE } from '../../../../shared/base/durations.ts';
import type { Uptime } from '../../../../shared/device/facts.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { parseBootTime } from '../parse/proc.ts';
import { registryNumber } from '../parse/reg.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { registryKey } from '../windows/registry.ts';

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

/** Windows with Fast Startup keeps its kernel over a shutdown; HiberbootEnabled says whether it is on. */
async function others({ platform, probe, clock, signal }: ScanContext): Promise<Answer<Uptime>> {
  const seconds = probe.facts().uptimeSeconds;
  if (seconds === null) return unanswered('other', 'uptime is not known');
  const path = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Power';
  const power = platform === 'windows' ? await registryKey(probe, path, signal) : null;
  const hiberboot = power?.ok === true ? registryNumber(power.value, 'HiberbootEnabled') : null;
  return answered({
    seconds,
    bootedAt: Math.max(0, Math.round(clock.now() - seconds * 1000)),
    fastStartup: hiberboot === null ? null : hiberboot === 1,
  });
}

const STEP_MS = 5 * MINUTE;

export function uptimeScan() {
  return defineScan({
    id: 'uptime',
    timeoutMs: 10_000,
    run: async context => outcome(await (context.platform === 'linux' ? linux(context) : others(context))),
    // Time passing is no news, a restart is. In steps: a corrected clock moves the moment of the start by seconds.
    significant: ({ fastStartup, bootedAt }) => ({ fastStartup, started: Math.round(bootedAt / STEP_MS) }),
  });
}
