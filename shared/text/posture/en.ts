import type { CheckId } from '../../posture/checks.ts';

/** What each check asks of a device, in one sentence for its owner: what is read, and where it matters what is not. */
type Asks = Readonly<Record<`asks.${CheckId}`, string>>;

const asks = {
  'asks.os.version': 'Which system and which version and build of it this device runs.',
  'asks.os.support': 'Whether the maker still gives security updates for this version of the system.',
  'asks.uptime': 'How long ago the device was last started in full.',
  'asks.reboot.pending': 'Whether something, such as an update, waits for a restart.',
  'asks.time.skew': 'Whether the device’s clock is right.',
  'asks.crash.count':
    'How often the system or programs crashed lately. Names of programs are read, no contents.',
  'asks.disk.free': 'How much space is left on the device’s own drives.',
  'asks.disk.health': 'What the drives say of their own condition and wear.',
  'asks.battery':
    'How much the battery holds, how often it was charged and whether the device is on mains power.',
  'asks.perf': 'How busy processor, memory, drive and network are right now.',
  'asks.processes': 'Which programs use most of the processor, by name. What they work on is not read.',
  'asks.disk.encryption': 'Whether the drive is encrypted. Recovery keys are never read.',
  'asks.fw.enabled': 'Whether a firewall is on.',
  'asks.av.products': 'Which programs against viruses are installed, on and up to date.',
  'asks.av.defender':
    'How Microsoft Defender is set and when it last looked through the device. What is excluded is not read.',
  'asks.antispyware': 'Which programs against spyware are installed, on and up to date.',
  'asks.edr.falcon': 'Whether CrowdStrike’s sensor is installed and working.',
  'asks.edr.ztaScore':
    'How CrowdStrike rates this device’s protection. Asked of CrowdStrike, not of the device.',
  'asks.boot.secure': 'Whether the device starts signed systems only.',
  'asks.tpm': 'Whether the device has a chip that keeps keys, and whether it is ready.',
  'asks.os.integrity': 'Whether the system guards its own code from being changed.',
  'asks.gatekeeper': 'Whether programs from the internet are checked before they start.',
  'asks.screen.lock': 'After how long the screen locks when nobody is there.',
  'asks.password.policy': 'What the device demands of passwords. Passwords themselves are never read.',
  'asks.login.auto': 'Whether the device signs somebody in by itself. Whom is not read.',
  'asks.remote.access': 'Whether somebody may sign in to the device from elsewhere.',
  'asks.update.lastCheck': 'When updates were last looked for.',
  'asks.update.missing': 'Which updates of the system are known and not installed.',
  'asks.update.lastInstalled': 'When the system last installed an update.',
  'asks.update.auto': 'Whether the system keeps itself up to date.',
  'asks.join.domain': 'Which company directory the device belongs to. Names of people are not read.',
  'asks.sso.prt': 'Whether the sign-in to the company’s services is fresh. The token itself is never read.',
  'asks.mdm.enrolled': 'Whether the company manages this device.',
  'asks.mdm.lastSync': 'When the device last spoke with its management.',
  'asks.net.mac': 'Addresses of the device’s network adapters. Names of wireless networks are not read.',
  'asks.net.vpn': 'Whether a tunnel to the company is up. Where you go through it is not read.',
  'asks.net.location':
    'Which of the company’s networks the device connects from. The collector sees that from the connection.',
  'asks.geo.location':
    'From which country the device connects. The collector sees that from the connection; no place more exact is known.',
  'asks.app.citrixWorkspace': 'Whether Citrix Workspace app is installed, and its version.',
  'asks.browser': 'Which browsers are installed and which one opens links. What you visit is never read.',
  'asks.app.installed': 'Whether the programs your company asks about are installed, and their versions.',
  'asks.file':
    'Whether the files your company asks about are there, with size, date and fingerprint. Contents never leave the device.',
  'asks.process': 'Whether the programs your company asks about are running.',
  'asks.service': 'Whether the services your company asks about are installed and running.',
  'asks.registry.numeric': 'Numbers your company asks about in the settings of the system.',
  'asks.registry.text':
    'Texts your company asks about in the settings of the system. Places that hold secrets are never read.',
  'asks.cert.device': 'Whether the device holds a certificate of your company. Private keys are never read.',
} as const satisfies Asks;

/** What a device’s owner and the helpdesk read about checks and rules, in English. Merged into the catalogue by ../en.ts. */
export const postureEn = {
  ...asks,

  // Beyond a check’s own reasons: why a rule could not be told
  'reason.not-asked': 'The device has not reported on this',
  'reason.not-told': 'The answer leaves this open',
  'reason.incomplete': 'Not everything could be told, and what is known does not settle it',
  'reason.too-old': 'What is known is too old to count',
  'reason.clock-wrong': 'A clock is wrong, so the age cannot be told',
  'reason.not-comparable': 'The two values have no order',
  'reason.rule-unknown': 'The rule asks for something this version does not know',

  // A rule’s result
  'result.pass': 'Met',
  'result.fail': 'Not met',
  'result.unknown': 'Could not tell',

  // Why a check cannot run on a device, and what would change that
  'cannot.not-permitted':
    'The agent runs here without the rights for this; installed as a service it can ask',
  'cannot.not-installed': 'The program that would answer is not installed on this device',
  'cannot.constrained-language':
    'PowerShell is locked down on this device; the agent’s script must be allowed to run',
  'cannot.not-supported': 'This system has no way to answer',
  'cannot.not-applicable': 'The question does not apply to this device',
  'cannot.no-subjects': 'Nothing to look for has been named',
  'cannot.newer-than-table': 'The system is newer than our table of support dates',
  'cannot.not-reported':
    'Nothing has come from this device: the check has not run yet, or the agent is older than the check',
  'cannot.server': '{system} answers this, not the device; nothing has come from there for this device',
  'cannot.collector':
    'The collector answers this from the connection’s address; it has not done so for this device',

  // Which part of the agent answered
  'part.service': 'Service',
  'part.user': 'User part',
} as const;
