import type { RemoteAccess } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';
import { readScQuery } from '../facts/edr.ts';
import { anyUnitOn, linuxUnits } from '../linux/units.ts';
import { anyOf } from '../parse/judge.ts';
import { flagIn } from '../parse/rows.ts';
import { listeningPorts } from '../parse/security-linux.ts';
import { windowsRemoteAccess } from '../parse/security-windows.ts';
import { factsOf } from '../parse/told.ts';
import { parseDisabled } from '../parse/units.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { numberOf, windowsValues } from '../windows/values.ts';

const DENY = 'fDenyTSConnections';

async function windows(context: ScanContext): Promise<Answer<RemoteAccess>> {
  const { probe, signal } = context;
  const values = await windowsValues(context, 'remoteAccess', [
    { id: 'policy', key: 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services', name: DENY },
    { id: 'setting', key: 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server', name: DENY },
    { id: 'sshd', key: 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\sshd', name: 'Start' },
  ]);
  if (!values.ok) return values;
  let runs: boolean | null = null;
  // Started by hand: only the service itself knows whether somebody did.
  if (numberOf(values.value, 'sshd') === 3) {
    const ran = await probe.command('sc', ['query', 'sshd'], { signal });
    const facts = ran.ok ? factsOf(readScQuery, 'sc-query-sshd', ran.stdout, 'service') : ran;
    runs = facts.ok ? flagIn(facts.value, 'running') : null;
  }
  return windowsRemoteAccess(values.value, runs);
}

async function linux(context: ScanContext): Promise<Answer<RemoteAccess>> {
  const units = await linuxUnits(context);
  if (units.ok) {
    const ssh = anyUnitOn(units.value, ['ssh.service', 'ssh.socket', 'sshd.service', 'sshd.socket']);
    const desktop = anyUnitOn(units.value, ['xrdp.service', 'gnome-remote-desktop.service']);
    return answered({ enabled: anyOf([ssh, desktop]), ssh, desktop, management: null });
  }
  // Without systemd: what listens on the usual ports is on; that nothing does is not said to be off, since ports can be others.
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map(path => context.probe.readFile(path)),
  );
  const ports = new Set(tables.flatMap(one => (one.ok ? [...listeningPorts(one.value)] : [])));
  const ssh = ports.has(22) ? true : null;
  const desktop = ports.has(3389) ? true : null;
  return ssh === null && desktop === null
    ? units
    : answered({ enabled: true, ssh, desktop, management: null });
}

/** Written while Remote Management is on; `kickstart` of the same folder does it. */
const REMOTE_MANAGEMENT = '/Library/Application Support/Apple/Remote Desktop/RemoteManagement.launchd';

async function macos({ probe, signal }: ScanContext): Promise<Answer<RemoteAccess>> {
  const [ran, marker] = await Promise.all([
    probe.command('launchctl', ['print-disabled', 'system'], { signal }),
    probe.readFile(REMOTE_MANAGEMENT),
  ]);
  if (!ran.ok) return ran;
  const text = decode(ran.stdout);
  if (!/^\s*disabled services = \{/m.test(text)) return unanswered('parse-error', 'launchctl');
  // What a service does that is not listed stands in its own file: not told.
  const on = (label: string): boolean | null => {
    const disabled = parseDisabled(text, label);
    return disabled === null ? null : !disabled;
  };
  const ssh = on('com.openssh.sshd');
  const desktop = on('com.apple.screensharing');
  const management = marker.ok
    ? marker.value.trim() === 'enabled'
      ? true
      : null
    : marker.reason === 'not-present'
      ? false
      : null;
  return answered({ enabled: anyOf([ssh, desktop, management]), ssh, desktop, management });
}

const read = perPlatform({ windows, macos, linux });

export function remoteAccessScan() {
  return defineScan({
    id: 'remote.access',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
