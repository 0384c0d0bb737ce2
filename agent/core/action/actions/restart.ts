import {
  type Acted,
  type ActionContext,
  commandFailed,
  type DeviceAction,
  notRun,
  printed,
} from '../action.ts';

/** What shutdown(8) of macOS and of systemd say to an account that may not. */
const REFUSED = /not super-user|access denied|authentication required|not permitted|must be root/i;
/** ERROR_ACCESS_DENIED, with which shutdown.exe ends (winerror.h). */
const ACCESS_DENIED = 5;

/**
 * Asks the system to restart in one minute, so that people can save; the system itself announces it to everybody signed in.
 * Arguments: `shutdown /r /t 60` (Windows), `shutdown -r +1` (macOS shutdown(8), Linux shutdown(8)).
 */
async function act({ probe, platform }: ActionContext): Promise<Acted> {
  const ran = await probe.command('shutdown', platform === 'windows' ? ['/r', '/t', '60'] : ['-r', '+1']);
  if (!ran.ok) return notRun(ran);
  if (ran.code === 0) return { state: 'done' };
  const refused = platform === 'windows' ? ran.code === ACCESS_DENIED : REFUSED.test(printed(ran));
  return refused ? { state: 'not-allowed', by: 'rights' } : commandFailed('shutdown', ran.code);
}

/** Whether it helped is asked by the checks after the start. */
export const restart: DeviceAction = { id: 'restart', needsRoot: false, by: null, act };
