import type { Gatekeeper } from '../../../../shared/device/facts-security.ts';
import { type Answer, outcome, unanswered } from '../answer.ts';
import { managedPreferences } from '../macos/preferences.ts';
import { macGatekeeper } from '../parse/security-macos.ts';
import { windowsSmartScreen } from '../parse/security-windows.ts';
import { defineScan, type ScanContext } from '../scan.ts';
import { windowsValues } from '../windows/values.ts';

const EXPLORER = 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Explorer';
const POLICY = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\System';

async function windows(context: ScanContext): Promise<Answer<Gatekeeper>> {
  const values = await windowsValues(context, 'smartScreen', [
    { id: 'setting', key: EXPLORER, name: 'SmartScreenEnabled' },
    { id: 'policy', key: POLICY, name: 'EnableSmartScreen' },
    { id: 'policyLevel', key: POLICY, name: 'ShellSmartScreenLevel' },
  ]);
  return values.ok ? windowsSmartScreen(values.value) : values;
}

async function macos(context: ScanContext): Promise<Answer<Gatekeeper>> {
  const ran = await context.probe.command('spctl', ['--status', '--verbose'], { signal: context.signal });
  if (!ran.ok) return ran;
  return macGatekeeper(ran.stdout, await managedPreferences(context, 'com.apple.systempolicy.control'));
}

async function read(context: ScanContext): Promise<Answer<Gatekeeper>> {
  switch (context.platform) {
    case 'windows':
      return await windows(context);
    case 'macos':
      return await macos(context);
    case 'linux':
      return unanswered('not-applicable', 'Linux does not judge programs before they start');
  }
}

export function gatekeeperScan() {
  return defineScan({
    id: 'gatekeeper',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
