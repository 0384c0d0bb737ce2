import type { PasswordPolicy } from '../../../../shared/device/facts-security.ts';
import { type Answer, answered, outcome, unanswered } from '../answer.ts';
import { managedPreferences } from '../macos/preferences.ts';
import { linuxPasswordPolicy } from '../parse/security-linux.ts';
import { macPasswordPolicy } from '../parse/security-macos.ts';
import { windowsPasswordPolicy } from '../parse/security-windows.ts';
import type { Probe } from '../probe.ts';
import { defineScan, perPlatform, type ScanContext } from '../scan.ts';
import { windowsSection } from '../windows/round.ts';
import { windowsValues } from '../windows/values.ts';

const DEVICE_LOCK = 'HKLM\\SOFTWARE\\Microsoft\\PolicyManager\\current\\device\\DeviceLock';

async function windows(context: ScanContext): Promise<Answer<PasswordPolicy>> {
  const { probe, round, signal } = context;
  const rules = await windowsSection(probe, round, 'passwordRules', signal);
  const exported = await windowsSection(probe, round, 'passwordExport', signal);
  const mdm = await windowsValues(
    context,
    'passwordMdm',
    [
      ['off', 'DevicePasswordEnabled'],
      ['minLength', 'MinDevicePasswordLength'],
      ['history', 'DevicePasswordHistory'],
      ['maxAgeDays', 'DevicePasswordExpiration'],
      ['lockoutAfter', 'MaxDevicePasswordFailedAttempts'],
    ].map(([id = '', name = '']) => ({ id, key: DEVICE_LOCK, name })),
  );
  return windowsPasswordPolicy(rules, exported, mdm);
}

/** A file's text, '' when it does not exist. */
async function textOf(probe: Probe, path: string): Promise<Answer<string>> {
  const file = await probe.readFile(path);
  return !file.ok && file.reason === 'not-present' ? answered('') : file;
}

/** Several files' texts, or why one of them could not be read. */
async function textsOf(probe: Probe, paths: readonly string[]): Promise<Answer<string[]>> {
  const texts: string[] = [];
  for (const file of await Promise.all(paths.map(path => textOf(probe, path)))) {
    if (!file.ok) return file;
    texts.push(file.value);
  }
  return answered(texts);
}

/** Debian keeps one stack per facility, Red Hat and Arch one for all. */
const STACKS = [['/etc/pam.d/common-password', '/etc/pam.d/common-auth'], ['/etc/pam.d/system-auth']];

async function linux({ probe }: ScanContext): Promise<Answer<PasswordPolicy>> {
  let pam = '';
  for (const stack of STACKS) {
    const texts = await textsOf(probe, stack);
    if (!texts.ok) return texts;
    pam = texts.value.join('\n');
    if (pam.trim() !== '') break;
  }
  if (pam.trim() === '') return unanswered('not-supported', 'no PAM stack that this check knows');
  const more = await probe.list('/etc/security/pwquality.conf.d');
  if (!more.ok && more.reason !== 'not-present') return more;
  // A file that may not be read might demand more or less than its default.
  const settings = await textsOf(probe, [
    '/etc/security/faillock.conf',
    '/etc/security/pwhistory.conf',
    '/etc/login.defs',
    '/etc/security/pwquality.conf',
    ...(more.ok ? more.value.filter(one => one.endsWith('.conf')).sort() : []).map(
      one => `/etc/security/pwquality.conf.d/${one}`,
    ),
  ]);
  if (!settings.ok) return settings;
  const [faillock = '', pwhistory = '', loginDefs = '', ...pwquality] = settings.value;
  return linuxPasswordPolicy({ pam, pwquality, faillock, pwhistory, loginDefs });
}

async function macos(context: ScanContext): Promise<Answer<PasswordPolicy>> {
  const ran = await context.probe.command('pwpolicy', ['-getaccountpolicies'], { signal: context.signal });
  if (!ran.ok) return ran;
  if (ran.code !== 0) return unanswered('command-failed', `pwpolicy ended with ${ran.code}`);
  return macPasswordPolicy(
    ran.stdout,
    await managedPreferences(context, 'com.apple.mobiledevice.passwordpolicy'),
  );
}

const read = perPlatform({ windows, macos, linux });

export function passwordPolicyScan() {
  return defineScan({
    id: 'password.policy',
    timeoutMs: 60_000,
    run: async context => outcome(await read(context)),
  });
}
