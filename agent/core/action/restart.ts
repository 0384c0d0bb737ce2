import type { Platform } from '../../../shared/device/platform.ts';
import type { Probe } from '../scan/probe.ts';

/** What became of it: `not-possible` when this account may not, or the system has no such program. */
export type RestartOutcome = 'done' | 'not-possible' | 'failed';

/**
 * Asks the system to restart in one minute, so that people can save; the system itself announces it to everybody signed in.
 * Arguments: `shutdown /r /t 60` (Windows), `shutdown -r +1` (macOS shutdown(8), Linux shutdown(8)).
 */
export async function restartDevice(
  probe: Pick<Probe, 'command'>,
  platform: Platform,
): Promise<RestartOutcome> {
  const args = platform === 'windows' ? ['/r', '/t', '60'] : ['-r', '+1'];
  const result = await probe.command('shutdown', args);
  if (result.ok) return result.code === 0 ? 'done' : 'failed';
  return result.reason === 'not-installed' || result.reason === 'not-permitted' ? 'not-possible' : 'failed';
}
