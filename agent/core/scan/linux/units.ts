import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { anyOf } from '../parse/judge.ts';
import { parseUnits } from '../parse/units.ts';
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

export type UnitName = (typeof UNITS)[number];
export type Units = ReadonlyMap<UnitName, NonNullable<ReturnType<typeof parseUnits>>[number]>;

/** State of the units above; no answer where systemd does not run the machine. */
export async function linuxUnits({ probe, signal }: ScanContext): Promise<Answer<Units>> {
  // systemctl is there in containers too, where there is nothing to ask (sd_booted(3)).
  const booted = await probe.exists('/run/systemd/system');
  if (!booted.ok) return booted;
  if (!booted.value) return unanswered('not-supported', 'systemd does not run this machine');
  const args = ['show', '--property=LoadState,ActiveState,UnitFileState', ...UNITS];
  const ran = await probe.command('systemctl', args, { signal });
  if (!ran.ok) return ran;
  const states = parseUnits(decode(ran.stdout), UNITS.length);
  if (states === null) return unanswered(ran.code === 0 ? 'parse-error' : 'command-failed', 'systemctl show');
  return answered(
    new Map(
      UNITS.flatMap((name, at) => {
        const state = states[at];
        return state === undefined ? [] : [[name, state] as const];
      }),
    ),
  );
}

/** Does any of the units run, or start by itself the next time? null when none is known to and one does not tell. */
export function anyUnitOn(units: Units, names: readonly UnitName[]): boolean | null {
  return anyOf(
    names.map(name => {
      const { installed, running, start } = units.get(name) ?? {
        installed: null,
        running: null,
        start: null,
      };
      if (installed === false) return false;
      return running === true || start === 'automatic' ? true : running;
    }),
  );
}
