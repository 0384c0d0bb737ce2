import { fileURLToPath } from 'node:url';
import { type Answer, unanswered } from '../answer.ts';
import type { Row } from '../parse/rows.ts';
import { parseWindowsRound } from '../parse/windows-round.ts';
import type { Probe } from '../probe.ts';

/** Sections of scan.ps1 by the check that needs them. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  'disk.free': ['volumes'],
  'disk.health': ['disks'],
  battery: ['battery'],
  'disk.encryption': ['encryption'],
  'fw.enabled': ['firewall'],
  'reboot.pending': ['reboot'],
  'net.mac': ['adapters'],
  processes: ['processes'],
  'av.products': ['antivirus', 'defender'],
  'av.defender': ['defender'],
  antispyware: ['antispyware'],
  'boot.secure': ['secureBoot'],
  tpm: ['tpm'],
  'os.integrity': ['deviceGuard'],
  gatekeeper: ['smartScreen'],
  'screen.lock': ['screenLock'],
  'password.policy': ['passwordPolicy'],
  'login.auto': ['autoLogon'],
  'remote.access': ['remoteAccess'],
  'edr.falcon': ['falcon'],
  'crash.count': ['crashes'],
  'app.citrixWorkspace': ['citrix'],
  'app.installed': ['apps'],
  process: ['processes'],
  'cert.device': ['certificates'],
  'join.domain': ['domain'],
  'update.lastCheck': ['updateAgent'],
  'update.auto': ['updateAgent'],
  'update.lastInstalled': ['updateHistory'],
  'mdm.enrolled': ['mdm'],
  'mdm.lastSync': ['mdm'],
  browser: ['browsers'],
  'net.vpn': ['vpn'],
  identity: ['identity', 'adapters'],
  // Not checks: what runs in a process of its own, because it may take minutes or is asked for rarely.
  'own.updates': ['updates'],
  'own.processPaths': ['processPaths'],
};

/** Starting PowerShell on a cold laptop takes seconds, reading a sleeping disk's counters more. */
const TIMEOUT_MS = 50_000;

/**
 * Answers of the one PowerShell process that a round starts: every check of the round asks with the same arguments, and the
 * scanner runs equal commands once. `section` is one the script prints.
 */
export async function windowsSection(
  probe: Probe,
  round: readonly string[],
  section: string,
  signal?: AbortSignal,
  timeoutMs: number = TIMEOUT_MS,
): Promise<Answer<readonly Row[]>> {
  const checks = [...new Set(round.flatMap(id => SECTIONS[id] ?? []))].sort();
  const script = fileURLToPath(new URL('scan.ps1', import.meta.url));
  const ran = await probe.command(
    'powershell',
    [
      '-NoProfile',
      '-NonInteractive',
      '-ExecutionPolicy',
      'Bypass',
      '-File',
      script,
      '-Checks',
      checks.join(','),
    ],
    signal === undefined ? { timeoutMs } : { timeoutMs, signal },
  );
  const printed = ran.ok ? ran.stdout : ran.partial;
  const answers = printed === undefined ? null : parseWindowsRound(printed);
  const session = answers?.get('session');
  if (session !== undefined && !session.ok) return session;
  const answer = answers?.get(section);
  if (answer !== undefined) return answer;
  if (!ran.ok) return unanswered(ran.reason, ran.detail);
  if (ran.code !== 0) return unanswered('command-failed', `PowerShell ended with ${ran.code}`);
  return unanswered('no-output', section);
}
