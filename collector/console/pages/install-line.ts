/** Systems an agent can be installed on, as the Enrolment page lists them. */
export const INSTALL_SYSTEMS = ['Windows', 'macOS', 'Linux'] as const;
export type InstallSystem = (typeof INSTALL_SYSTEMS)[number];

/**
 * The line that starts an agent from a checkout and enrols it. `npm.cmd` on Windows because PowerShell's own `npm`
 * swallows the `--` that parts npm's options from ours.
 */
export function installLine(system: InstallSystem, collectorUrl: string, token: string): string {
  const npm = system === 'Windows' ? 'npm.cmd' : 'npm';
  const quote = system === 'Windows' ? quoteWindows : quotePosix;
  return `${npm} run agent -- --collector ${quote(collectorUrl)} --token ${quote(token)}`;
}

const PLAIN = /^[A-Za-z0-9_./:@%+=-]+$/;

function quotePosix(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function quoteWindows(text: string): string {
  return PLAIN.test(text) ? text : `"${text.replaceAll('"', '')}"`;
}
