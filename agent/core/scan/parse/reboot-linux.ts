import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { compareVersions } from './keys.ts';

/** `needrestart -b` (batch mode, README.batch.md): KSTA 1 = the running kernel is the newest, 2 or 3 = a restart waits, 0 = unknown. */
export function parseNeedrestart(stdout: Uint8Array): Answer<boolean> {
  if (stdout.length === 0) return unanswered('no-output');
  const state = /^NEEDRESTART-KSTA: ([0-3])\r?$/m.exec(decode(stdout))?.[1];
  if (state === undefined) return unanswered('parse-error', 'needrestart');
  return state === '0' ? unanswered('other', 'needrestart cannot tell') : answered(state !== '1');
}

/**
 * Compares the running kernel with the installed ones of the same flavour (`-amd64`, `-generic`), from the names in /boot or
 * /lib/modules: true when a newer one waits, null when the running one is not among them and nothing can be said.
 */
export function newerKernelInstalled(running: string, installed: readonly string[]): boolean | null {
  const flavour = (release: string): string => /[A-Za-z][A-Za-z0-9_+-]*$/.exec(release)?.[0] ?? '';
  const own = running.trim();
  if (own === '' || !installed.includes(own)) return null;
  return installed.some(other => flavour(other) === flavour(own) && compareVersions(other, own) > 0);
}
