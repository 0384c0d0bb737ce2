import { join } from 'node:path';

/** What the app's process is given: nothing of the caller's session. */
export function appEnvironment(
  desk: string,
  home: string,
  env: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LANG: 'en_GB.UTF-8',
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    DISPLAY: process.env.TRAYLINE_TEST_DISPLAY ?? '',
    DBUS_SESSION_BUS_ADDRESS: process.env.TRAYLINE_TEST_BUS ?? '',
    TRAYLINE_DESK: desk,
    ...env,
  };
}
