import { firewall } from '../../../../shared/device/facts.ts';
import type { Finding } from '../../../../shared/device/finding.ts';
import type { Platform } from '../../../../shared/device/platform.ts';
import type { Probe } from '../../scan/probe.ts';
import { type Acted, commandFailed, type DeviceAction, notRun, printed } from '../action.ts';

const TIMEOUT = { timeoutMs: 30_000 } as const;
const NO_RIGHTS: Acted = { state: 'not-allowed', by: 'rights' };

/** ERROR_ACCESS_DENIED (winerror.h): how our own script ends where the cmdlet was refused. */
const ACCESS_DENIED = 5;
/**
 * Set-NetFirewallProfile writes this machine's own settings; a policy of the organisation that says otherwise wins, which
 * the check then finds. Without the rights it throws a CimException of category PermissionDenied ("Windows System Error 5");
 * the category's name is not translated.
 */
const WINDOWS_SCRIPT = [
  "$ErrorActionPreference = 'Stop'",
  'try { Set-NetFirewallProfile -Profile Domain,Private,Public -Enabled True }',
  `catch { if ($_.CategoryInfo.Category -eq 'PermissionDenied') { exit ${ACCESS_DENIED} } exit 1 }`,
  'exit 0',
].join('; ');

type Runs = Pick<Probe, 'command'>;

async function windows(probe: Runs): Promise<Acted> {
  const ran = await probe.command(
    'powershell',
    ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-Command', WINDOWS_SCRIPT],
    TIMEOUT,
  );
  if (!ran.ok) return notRun(ran);
  if (ran.code === ACCESS_DENIED) return NO_RIGHTS;
  return ran.code === 0 ? { state: 'done' } : commandFailed('Set-NetFirewallProfile', ran.code);
}

/**
 * socketfilterfw says on stdout why it does not: "Must be root to change settings." (ends with 255), or "Firewall settings
 * cannot be modified from command line on managed Mac computers." where a profile decides it.
 */
async function macos(probe: Runs): Promise<Acted> {
  const ran = await probe.command('socketfilterfw', ['--setglobalstate', 'on'], TIMEOUT);
  if (!ran.ok) return notRun(ran);
  const said = printed(ran);
  if (/managed Mac/i.test(said)) return { state: 'not-allowed', by: 'organisation' };
  if (/must be root/i.test(said)) return NO_RIGHTS;
  return ran.code === 0 ? { state: 'done' } : commandFailed('socketfilterfw', ran.code);
}

/** What systemctl(1) says to an account that may not, in the C locale. */
const REFUSED = /access denied|authentication required|not permitted/i;
/** ... and where there is no such unit, or no systemd that runs. */
const NO_UNIT = /does not exist|not found|not been booted with systemd|failed to connect to bus/i;

/**
 * The program that manages the packet filter here: ufw(8) where it is installed (`--force` asks nothing back), else
 * firewalld as a service, now and at every start. Rules of our own are never written.
 */
async function linux(probe: Runs): Promise<Acted> {
  const ufw = await probe.command('ufw', ['--force', 'enable'], TIMEOUT);
  if (ufw.ok) {
    if (ufw.code === 0) return { state: 'done' };
    return /need to be root/i.test(printed(ufw)) ? NO_RIGHTS : commandFailed('ufw', ufw.code);
  }
  if (ufw.reason !== 'not-installed') return notRun(ufw);
  const unit = await probe.command('systemctl', ['enable', '--now', 'firewalld.service'], TIMEOUT);
  if (!unit.ok) return notRun(unit);
  if (unit.code === 0) return { state: 'done' };
  const said = printed(unit);
  if (NO_UNIT.test(said)) return { state: 'not-possible' };
  return REFUSED.test(said) ? NO_RIGHTS : commandFailed('systemctl', unit.code);
}

const WAYS: Readonly<Record<Platform, (probe: Runs) => Promise<Acted>>> = { windows, macos, linux };

function wanted(finding: Finding | undefined): boolean | null {
  if (finding?.status !== 'ok') return null;
  const parsed = firewall.safeParse(finding.value);
  return parsed.success ? !parsed.data.enabled : null;
}

/** Turns the system's own firewall on, for every network. */
export const turnOnFirewall: DeviceAction = {
  id: 'turn-on-firewall',
  needsRoot: true,
  by: { check: 'fw.enabled', wanted },
  act: ({ probe, platform }) => WAYS[platform](probe),
};
