import type { ScreenLock } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { enforcedByDconf, gnomeRuns } from '../linux/desktop.ts';
import { defaults, managedPreferences } from '../macos/preferences.ts';
import { wholeNumber } from '../parse/keys.ts';
import { linuxScreenLock, settingsOf } from '../parse/security-linux.ts';
import { macScreenLock, parseScreenLock } from '../parse/security-macos.ts';
import { windowsScreenLock } from '../parse/security-windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';
import { windowsValues } from '../windows/values.ts';

async function windows(context: ScanContext): Promise<Answer<ScreenLock>> {
  const machine = await windowsValues(context, 'screenLock', [
    {
      id: 'limit',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System',
      name: 'InactivityTimeoutSecs',
    },
    {
      id: 'mdmMinutes',
      key: 'HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\DeviceLock',
      name: 'MaxInactivityTimeDeviceLock',
    },
  ]);
  const { probe, round, signal } = context;
  return windowsScreenLock(machine, await windowsSection(probe, round, 'screenSavers', signal));
}

const NOT_OURS = unanswered('not-permitted', 'only the signed-in person’s own session tells their settings');

async function macos(context: ScanContext): Promise<Answer<ScreenLock>> {
  const { probe, signal } = context;
  const managed = await managedPreferences(context, 'com.apple.screensaver');
  // Asked by a service, sysadminctl answers for root.
  if (probe.facts().root !== false) return macScreenLock(NOT_OURS, managed);
  const ran = await probe.command('sysadminctl', ['-screenLock', 'status'], { signal });
  const grace = ran.ok ? parseScreenLock(ran.stderr) : ran;
  if (!grace.ok) return macScreenLock(grace, managed);
  const idle = await defaults(context, ['-currentHost', 'read', 'com.apple.screensaver', 'idleTime']);
  return macScreenLock(
    answered({ grace: grace.value, idleSeconds: idle.ok ? wholeNumber(idle.value) : null }),
    managed,
  );
}

const SCREENSAVER = 'org.gnome.desktop.screensaver';
const SESSION = 'org.gnome.desktop.session';

/** GNOME only: its settings stay readable where another desktop is used, and say nothing there. */
async function linux(context: ScanContext): Promise<Answer<ScreenLock>> {
  const { probe, signal } = context;
  const gnome = await gnomeRuns(probe);
  if (!gnome.ok) return gnome;
  if (!gnome.value) return unanswered('not-applicable', 'no desktop runs that this check knows');
  const enforced = await enforcedByDconf(probe);
  if (probe.facts().root !== false) return linuxScreenLock(NOT_OURS, enforced);
  const [saver, session] = await Promise.all([
    probe.command('gsettings', ['list-recursively', SCREENSAVER], { signal }),
    probe.command('gsettings', ['list-recursively', SESSION], { signal }),
  ]);
  if (!saver.ok) return linuxScreenLock(saver, enforced);
  if (saver.code !== 0) return linuxScreenLock(unanswered('not-installed', SCREENSAVER), enforced);
  return linuxScreenLock(
    answered({
      saver: settingsOf(decode(saver.stdout), SCREENSAVER),
      session: session.ok ? settingsOf(decode(session.stdout), SESSION) : new Map(),
    }),
    enforced,
  );
}

const read = perPlatform({ windows, macos, linux });

export function screenLockScan() {
  return defineScan({
    id: 'screen.lock',
    // On Windows a service sees everybody's settings; on macOS and Linux only the person's own session does.
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
