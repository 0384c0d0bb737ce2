import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../support/teardown.ts';
import { TrayApp } from './app.ts';

/** An account that is nobody else's; it need not be listed anywhere. */
const ACCOUNT = 4711;

/** Somebody else who is signed in to this machine: an account and a home of their own, the same display. */
export class SecondPerson {
  readonly app: TrayApp;

  private constructor(app: TrayApp) {
    this.app = app;
  }

  /** Starts their app, with its window open. Only root can do that. */
  static async signIn(desk: string): Promise<SecondPerson> {
    const home = temporaryFolder('second-home');
    chownSync(home, ACCOUNT, ACCOUNT);
    const program = join(temporaryFolder('second-program'), 'electron');
    // The one right that is left: to read files, since Electron and the app may lie in root's own folders.
    const rights = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search'].join(' ');
    const account = `--reuid=${ACCOUNT} --regid=${ACCOUNT} --clear-groups`;
    writeFileSync(
      program,
      `#!/bin/sh\nexec setpriv ${account} ${rights} '${process.env.TRAYLINE_TEST_ELECTRON ?? ''}' "$@"\n`,
      { mode: 0o755 },
    );
    const app = await TrayApp.launch({
      desk,
      home,
      program,
      args: ['trayline://home'],
      // A session bus lets nobody in but its own account.
      env: { DBUS_SESSION_BUS_ADDRESS: 'disabled:' },
    });
    return new SecondPerson(app);
  }
}
