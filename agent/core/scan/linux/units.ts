import { type Answer, answered, unanswered } from '../answer.ts';
import { parseUnits, type Unit } from '../parse/security-linux.ts';
import type { ScanContext } from '../scan.ts';

/** Every unit a check here asks about, so that one call answers all of them in a round. */
const UNITS = [
  'ssh.service',
  'ssh.socket',
  'sshd.service',
  'sshd.socket',
  'xrdp.service',
  'gnome-remote-desktop.service',
  'falcon-sensor.service',
] as const;

export type Units = ReadonlyMap<(typeof UNITS)[number], Unit>;

/** State of the units above; no answer where systemd does not run the machine. */
export async function linuxUnits({ probe, signal }: ScanContext): Promise<Answer<Units>> {
  // systemctl is there in containers too, where there is nothing to ask (sd_booted(3)).
  const booted = await probe.exists('/run/systemd/system');
  if (!booted.ok) return booted;
  if (!booted.value) return unanswered('not-supported', 'systemd does not run this machine');
  const args = ['show', '--property=Id,LoadState,ActiveState,UnitFileState', ...UNITS];
  const ran = await probe.command('systemctl', args, { signal });
  if (!ran.ok) return ran;
  const units = parseUnits(ran.stdout, UNITS);
  if (units !== null) return answered(units);
  return unanswered(ran.code === 0 ? 'parse-error' : 'command-failed', 'systemctl show');
}
