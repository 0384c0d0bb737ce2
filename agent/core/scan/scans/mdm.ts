import type { MdmEnrolled, MdmLastSync } from '../../../../shared/device/facts-software.ts';
import { type Answer, outcome, unanswered } from '../answer.ts';
import { jamfLastSync, macEnrolled, windowsEnrolled, windowsLastSync } from '../parse/join.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';

async function windows({ probe, round, signal }: ScanContext): Promise<Answer<MdmEnrolled>> {
  const rows = await windowsSection(probe, round, 'mdm', signal);
  return rows.ok ? windowsEnrolled(rows.value) : rows;
}

/** `profiles status` needs no rights; `profiles show` does, and answers "Request too soon" when asked twice. */
async function macos({ probe, signal }: ScanContext): Promise<Answer<MdmEnrolled>> {
  const ran = await probe.command('profiles', ['status', '-type', 'enrollment'], { signal });
  if (!ran.ok) return ran;
  return ran.code === 0
    ? macEnrolled(ran.stdout)
    : unanswered('command-failed', `profiles ended with ${ran.code}`);
}

/** Linux has no enrolment of its own: the presence of a management agent says that one was installed, not that it is enrolled. */
async function linux({ probe }: ScanContext): Promise<Answer<MdmEnrolled>> {
  for (const [path, name] of [
    ['/opt/vmware/ws1-hub', 'Workspace ONE Intelligent Hub'],
    ['/opt/omnissa/ws1-hub', 'Workspace ONE Intelligent Hub'],
    ['/opt/microsoft/intune', 'Microsoft Intune'],
  ] as const) {
    const there = await probe.exists(path);
    if (there.ok && there.value)
      return unanswered('not-supported', `${name} is installed and does not tell whether it is enrolled`);
  }
  return unanswered('not-installed', 'no management agent that is known here');
}

export function mdmEnrolledScan() {
  return defineScan({
    id: 'mdm.enrolled',
    timeoutMs: 60_000,
    run: async context => outcome(await perPlatform({ windows, macos, linux })(context)),
  });
}

async function windowsSync({ probe, round, signal }: ScanContext): Promise<Answer<MdmLastSync>> {
  const rows = await windowsSection(probe, round, 'mdmSync', signal);
  return rows.ok ? windowsLastSync(rows.value) : rows;
}

/** Only Jamf leaves a trace that can be read; of the others the management server knows. */
async function macSync({ probe, clock }: ScanContext): Promise<Answer<MdmLastSync>> {
  const log = await probe.readFile('/var/log/jamf.log', 'end');
  if (log.ok) return jamfLastSync(log.value, clock.now());
  return log.reason === 'not-present' ? unanswered('not-supported', 'the management server knows') : log;
}

function linuxSync(): Promise<Answer<MdmLastSync>> {
  return Promise.resolve(unanswered('not-supported', 'the management server knows'));
}

export function mdmLastSyncScan() {
  return defineScan({
    id: 'mdm.lastSync',
    timeoutMs: 60_000,
    run: async context =>
      outcome(await perPlatform({ windows: windowsSync, macos: macSync, linux: linuxSync })(context)),
  });
}
