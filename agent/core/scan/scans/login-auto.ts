import type { LoginAuto } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { defaults, managedPreferences } from '../macos/preferences.ts';
import { parseFdesetup } from '../parse/macos.ts';
import { type DisplayManager, displayManagerOf, linuxAutoLogin } from '../parse/security-linux.ts';
import { windowsAutoLogon } from '../parse/security-windows.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsValues } from '../windows/values.ts';

async function windows(context: ScanContext): Promise<Answer<LoginAuto>> {
  const values = await windowsValues(context, 'autoLogon', [
    {
      id: 'automatic',
      key: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon',
      name: 'AutoAdminLogon',
    },
  ]);
  return values.ok ? windowsAutoLogon(values.value) : values;
}

const LOGIN_WINDOW = '/Library/Preferences/com.apple.loginwindow';

/** Asks for the type of the setting, since its value is somebody's name. With FileVault on, nobody is signed in by themselves. */
async function macos(context: ScanContext): Promise<Answer<LoginAuto>> {
  const { probe, signal } = context;
  const [type, guest, managed] = await Promise.all([
    defaults(context, ['read-type', LOGIN_WINDOW, 'autoLoginUser']),
    defaults(context, ['read', LOGIN_WINDOW, 'GuestEnabled']),
    managedPreferences(context, 'com.apple.loginwindow'),
  ]);
  if (!type.ok) return type;
  if (type.value !== null && !/^Type is string$/.test(type.value))
    return unanswered('parse-error', 'autoLoginUser');
  let automatic = type.value !== null;
  if (automatic) {
    const ran = await probe.command('fdesetup', ['status'], { signal });
    const vault = ran.ok ? parseFdesetup(ran.stdout) : ran;
    automatic = !(vault.ok && vault.value.state === 'on');
  }
  return answered({
    automatic,
    // Not set: off, as since OS X 10.13 on every new Mac.
    guest: !guest.ok
      ? null
      : guest.value === null || guest.value === '0'
        ? false
        : guest.value === '1'
          ? true
          : null,
    forbidden: !managed.ok ? null : managed.value?.['com.apple.login.mcx.DisableAutoLoginClient'] === true,
  });
}

/** Folders of snippets before the file itself, in the order in which later ones win (each program's own manual). */
const FILES: Readonly<Record<DisplayManager, { folders: readonly string[]; files: readonly string[] }>> = {
  gdm: { folders: [], files: ['/etc/gdm/custom.conf', '/etc/gdm3/custom.conf', '/etc/gdm3/daemon.conf'] },
  lightdm: {
    folders: ['/usr/share/lightdm/lightdm.conf.d', '/etc/lightdm/lightdm.conf.d'],
    files: ['/etc/lightdm/lightdm.conf'],
  },
  sddm: { folders: ['/usr/lib/sddm/sddm.conf.d', '/etc/sddm.conf.d'], files: ['/etc/sddm.conf'] },
};

async function linux({ probe }: ScanContext): Promise<Answer<LoginAuto>> {
  const booted = await probe.exists('/run/systemd/system');
  if (!booted.ok) return booted;
  if (!booted.value) return unanswered('not-supported', 'systemd does not run this machine');
  const unit = await probe.link('/etc/systemd/system/display-manager.service');
  if (!unit.ok && unit.reason !== 'not-present') return unit;
  const manager = unit.ok ? displayManagerOf(unit.value) : null;
  if (unit.ok && manager === null)
    return unanswered('not-supported', 'a sign-in screen this check does not know');
  if (manager === null) {
    // Text consoles: a drop-in of getty's own unit is how one signs in by itself (systemd's documentation of agetty --autologin).
    const getty = await probe.list('/etc/systemd/system/getty@tty1.service.d');
    if (!getty.ok && getty.reason !== 'not-present') return getty;
    let automatic = false;
    for (const name of getty.ok ? getty.value : []) {
      const file = await probe.readFile(`/etc/systemd/system/getty@tty1.service.d/${name}`);
      if (!file.ok) return file;
      automatic ||= /^\s*ExecStart=.*\bagetty\b.*\s(--autologin|-a)\s/m.test(file.value);
    }
    return answered({ automatic, guest: null, forbidden: null });
  }
  const paths: string[] = [];
  for (const folder of FILES[manager].folders) {
    const names = await probe.list(folder);
    if (names.ok)
      paths.push(
        ...[...names.value]
          .filter(one => one.endsWith('.conf'))
          .sort()
          .map(one => `${folder}/${one}`),
      );
    else if (names.reason !== 'not-present') return names;
  }
  const texts: string[] = [];
  for (const path of [...paths, ...FILES[manager].files]) {
    const file = await probe.readFile(path);
    if (file.ok) texts.push(file.value);
    else if (file.reason !== 'not-present') return file;
  }
  return answered(linuxAutoLogin(manager, texts));
}

const read = perPlatform({ windows, macos, linux });

export function loginAutoScan() {
  return defineScan({
    id: 'login.auto',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
