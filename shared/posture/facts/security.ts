import { type SecurityProducts, securityValues } from '../../device/facts-security.ts';
import { ABSENT, type Fact, factsOf, NEVER, partialSet, type Reading } from '../fact.ts';

/** Names of the products that meet something, and whether there may be others that do. */
function named(
  products: SecurityProducts['products'],
  meets: (product: SecurityProducts['products'][number]) => boolean | null,
): Reading {
  return partialSet(
    products.filter(product => meets(product) === true).map(product => product.name),
    products.some(product => meets(product) === null),
  );
}

const isOn = ({ state }: { state: string }): boolean | null => (state === 'unknown' ? null : state === 'on');
const isCurrent = ({ signatures }: { signatures: string }): boolean | null =>
  signatures === 'unknown' ? null : signatures === 'upToDate';

/** Kleene's and. */
function both(one: boolean | null, other: boolean | null): boolean | null {
  if (one === false || other === false) return false;
  return one === null || other === null ? null : true;
}

/** Of what protects against `what`: viruses, spyware. */
function productFacts(check: 'av.products' | 'antispyware', what: string): Fact[] {
  return factsOf(check, securityValues[check], {
    enabled: {
      kind: 'boolean',
      meaning: `Is at least one product against ${what} on?`,
      read: value => value.enabled,
    },
    upToDate: {
      kind: 'boolean',
      meaning: 'Are the signatures of every product that is on up to date? Unknown when none is on.',
      read: value => value.upToDate,
    },
    products: {
      kind: 'set',
      meaning: 'Names of the products that are installed, on or off.',
      read: ({ products }) => products.map(product => product.name),
    },
    enabledProducts: {
      kind: 'set',
      meaning: 'Names of the products that are on.',
      read: ({ products }) => named(products, isOn),
    },
    currentProducts: {
      kind: 'set',
      meaning: 'Names of the products that are on and whose signatures are up to date.',
      read: ({ products }) => named(products, product => both(isOn(product), isCurrent(product))),
    },
    signaturesAt: {
      kind: 'age',
      unit: 'days',
      meaning: 'Age of the signatures of the product that is on; the oldest, where several are.',
      read: ({ products }) => {
        if (products.some(product => isOn(product) === null)) return null;
        const moments = products.filter(product => isOn(product) === true).map(one => one.signaturesAt);
        const known = moments.filter(one => one !== null);
        return known.length === 0 || known.length < moments.length ? null : Math.min(...known);
      },
    },
  });
}

const daysAgo = (days: number | 'never' | null): number | null => (days === 'never' ? NEVER : days);

export const SECURITY_FACTS: readonly Fact[] = [
  ...productFacts('av.products', 'viruses'),
  ...productFacts('antispyware', 'spyware'),
  ...factsOf('av.defender', securityValues['av.defender'], {
    exists: { kind: 'presence', meaning: 'Is Microsoft Defender there?', read: () => true },
    mode: {
      kind: 'word',
      words: ['normal', 'passive', 'sxsPassive', 'edrBlock', 'notRunning'],
      meaning: 'How it runs. In the passive modes another product protects.',
      read: value => value.mode,
    },
    enabled: { kind: 'boolean', meaning: 'Is the antivirus on?', read: value => value.enabled },
    realTimeProtection: {
      kind: 'boolean',
      meaning: 'Does it look at files as they are opened (NetScaler: RTP)?',
      read: value => value.realTimeProtection,
    },
    behaviorMonitoring: {
      kind: 'boolean',
      meaning: 'Does it watch what programs do?',
      read: value => value.behaviorMonitoring,
    },
    tamperProtection: {
      kind: 'boolean',
      meaning: 'Is it guarded from being switched off? Only reporting attempts does not count.',
      read: value => value.tamperProtection,
    },
    healthy: {
      kind: 'boolean',
      meaning:
        'What the product says of itself on macOS and Linux. It may be true while real-time protection is off.',
      read: value => value.healthy,
    },
    licensed: { kind: 'boolean', meaning: 'Does it have a licence?', read: value => value.licensed },
    productVersion: {
      kind: 'version',
      meaning: 'Version of the product.',
      read: value => value.productVersion,
    },
    engineVersion: {
      kind: 'version',
      meaning: 'Version of the engine.',
      read: value => value.engineVersion,
    },
    signatureVersion: {
      kind: 'version',
      meaning: 'Version of the signatures.',
      read: value => value.signatureVersion,
    },
    signaturesAt: {
      kind: 'age',
      unit: 'days',
      meaning: 'Age of the signatures by their time.',
      read: value => value.signaturesAt,
    },
    signatureAgeDays: {
      kind: 'number',
      unit: 'days',
      meaning: 'Age of the signatures as the product counts it, in whole days.',
      read: value => daysAgo(value.signatureAgeDays),
    },
    quickScanAgeDays: {
      kind: 'number',
      unit: 'days',
      meaning: 'Whole days since the last quick scan; more than any number when there was none.',
      read: value => daysAgo(value.quickScanAgeDays),
    },
    fullScanAgeDays: {
      kind: 'number',
      unit: 'days',
      meaning: 'Whole days since the last full scan; more than any number when there was none.',
      read: value => daysAgo(value.fullScanAgeDays),
    },
    waitsFor: {
      kind: 'set',
      meaning:
        'What it asks for after a find, of: fullScan, restart, manualSteps, offlineScan, criticalFailure.',
      read: value => value.waitsFor,
    },
  }),
  ...factsOf('boot.secure', securityValues['boot.secure'], {
    enabled: {
      kind: 'boolean',
      meaning: 'Does the firmware start signed systems only?',
      read: value => value.enabled,
    },
    firmware: {
      kind: 'word',
      words: ['uefi', 'bios', 'apple'],
      meaning: 'Kind of firmware. A BIOS has no Secure Boot.',
      read: value => value.firmware,
    },
    level: {
      kind: 'word',
      words: ['full', 'medium', 'reduced', 'permissive', 'none'],
      meaning: "A Mac's security level.",
      read: value => value.level,
    },
  }),
  ...factsOf('tpm', securityValues.tpm, {
    present: {
      kind: 'boolean',
      meaning: 'Is there a chip that keeps keys?',
      read: value => value.present,
    },
    kind: {
      kind: 'word',
      words: ['tpm', 'secureEnclave'],
      meaning: 'Which: a Trusted Platform Module or the Secure Enclave of a Mac.',
      read: ({ present, kind }) => (present ? kind : ABSENT),
    },
    version: {
      kind: 'version',
      meaning: 'Version of the TPM specification: 2.0.',
      read: ({ present, version }) => (present ? version : ABSENT),
    },
    ready: {
      kind: 'boolean',
      meaning: 'Can the system use it now?',
      read: ({ present, ready }) => (present ? ready : ABSENT),
    },
  }),
  ...factsOf('os.integrity', securityValues['os.integrity'], {
    enabled: {
      kind: 'boolean',
      meaning:
        'Is it in force: System Integrity Protection without parts switched off (macOS), memory integrity (Windows), lockdown (Linux)?',
      read: value => value.enabled,
    },
    configured: {
      kind: 'boolean',
      meaning:
        'Windows: is memory integrity switched on in the settings or by policy, whether it runs or not?',
      read: value => value.configured,
    },
    vbs: {
      kind: 'word',
      words: ['off', 'enabled', 'running'],
      meaning: 'Windows: virtualisation-based security.',
      read: value => value.vbs,
    },
    credentialGuard: {
      kind: 'boolean',
      meaning: 'Windows: does Credential Guard run?',
      read: value => value.credentialGuard,
    },
    sealedSystem: {
      kind: 'boolean',
      meaning: 'macOS: is the system volume sealed?',
      read: value => value.sealedSystem,
    },
    lockdown: {
      kind: 'word',
      words: ['none', 'integrity', 'confidentiality'],
      meaning: 'Linux: kernel lockdown.',
      read: value => value.lockdown,
    },
  }),
  ...factsOf('gatekeeper', securityValues.gatekeeper, {
    enabled: {
      kind: 'boolean',
      meaning: 'Are programs from the net checked before they start (Gatekeeper, SmartScreen)?',
      read: value => value.enabled,
    },
    enforced: {
      kind: 'boolean',
      meaning: 'Is that set by profile or policy?',
      read: value => value.enforced,
    },
    sources: {
      kind: 'word',
      words: ['appStore', 'identifiedDevelopers', 'anywhere'],
      meaning: 'macOS: who may have made a program.',
      read: value => value.sources,
    },
    level: {
      kind: 'word',
      words: ['warn', 'block'],
      meaning: 'Windows: is a person warned, or stopped?',
      read: value => value.level,
    },
  }),
  ...factsOf('screen.lock', securityValues['screen.lock'], {
    enabled: {
      kind: 'boolean',
      meaning: 'Does the screen lock by itself?',
      read: value => value.enabled,
    },
    delay: {
      kind: 'number',
      unit: 'seconds',
      meaning: 'From the last key press until the password is asked for; the laxest of the people signed in.',
      read: value => value.delaySeconds,
    },
    idle: {
      kind: 'number',
      unit: 'seconds',
      meaning: 'From the last key press until the screen goes dark.',
      read: value => value.idleSeconds,
    },
    grace: {
      kind: 'number',
      unit: 'seconds',
      meaning: 'From there until the password is asked for.',
      read: value => value.graceSeconds,
    },
    enforced: {
      kind: 'boolean',
      meaning: 'Does a policy or profile order it?',
      read: value => value.enforced,
    },
    enforcedIdle: {
      kind: 'number',
      unit: 'seconds',
      meaning: 'The longest time until the screen goes dark that the order allows.',
      read: value => value.enforcedIdleSeconds,
    },
    enforcedGrace: {
      kind: 'number',
      unit: 'seconds',
      meaning: 'The longest time until the password that the order allows.',
      read: value => value.enforcedGraceSeconds,
    },
  }),
  ...factsOf('password.policy', securityValues['password.policy'], {
    minLength: {
      kind: 'number',
      unit: 'count',
      meaning: 'Fewest characters; 0 when nothing is demanded.',
      read: value => value.minLength,
    },
    history: {
      kind: 'number',
      unit: 'count',
      meaning: 'How many earlier passwords may not come again.',
      read: value => value.history,
    },
    expires: { kind: 'boolean', meaning: 'Do passwords expire?', read: value => value.expires },
    maxAgeDays: {
      kind: 'number',
      unit: 'days',
      meaning: 'After how long; unknown where they do not.',
      read: value => value.maxAgeDays,
    },
    complexity: {
      kind: 'boolean',
      meaning: 'Are several kinds of characters demanded?',
      read: value => value.complexity,
    },
    lockoutAfter: {
      kind: 'number',
      unit: 'count',
      meaning: 'Wrong passwords until the account is locked; 0 when it never is.',
      read: value => value.lockoutAfter,
    },
    enforced: {
      kind: 'boolean',
      meaning: "Is a managing system's policy among what was read?",
      read: value => value.enforced,
    },
  }),
  ...factsOf('login.auto', securityValues['login.auto'], {
    automatic: {
      kind: 'boolean',
      meaning: 'Does the device sign somebody in by itself?',
      read: value => value.automatic,
    },
    guest: {
      kind: 'boolean',
      meaning: 'May guests sign in without a password?',
      read: value => value.guest,
    },
    forbidden: {
      kind: 'boolean',
      meaning: 'Does a profile or policy forbid signing in by itself?',
      read: value => value.forbidden,
    },
  }),
  ...factsOf('remote.access', securityValues['remote.access'], {
    enabled: {
      kind: 'boolean',
      meaning: 'May somebody sign in from elsewhere, by any of the ways below?',
      read: value => value.enabled,
    },
    ssh: { kind: 'boolean', meaning: 'By SSH?', read: value => value.ssh },
    desktop: {
      kind: 'boolean',
      meaning: 'By Remote Desktop or Screen Sharing?',
      read: value => value.desktop,
    },
    management: {
      kind: 'boolean',
      meaning: 'By Remote Management (macOS) or Remote Assistance (Windows)?',
      read: value => value.management,
    },
  }),
  ...factsOf('edr.falcon', securityValues['edr.falcon'], {
    exists: {
      kind: 'presence',
      meaning: "Is CrowdStrike's sensor installed?",
      read: ({ installed }) => (installed ? true : ABSENT),
    },
    running: {
      kind: 'boolean',
      meaning: 'Does it run?',
      read: ({ installed, running }) => (installed ? running : ABSENT),
    },
    reducedFunctionality: {
      kind: 'boolean',
      meaning: 'Does it run without protecting, because it does not know the kernel (RFM)?',
      read: ({ installed, reducedFunctionality }) => (installed ? reducedFunctionality : ABSENT),
    },
    registered: {
      kind: 'boolean',
      meaning: 'Has the cloud given it an agent id?',
      read: ({ installed, registered }) => (installed ? registered : ABSENT),
    },
    connected: {
      kind: 'boolean',
      meaning: 'Is it connected to the cloud?',
      read: ({ installed, connected }) => (installed ? connected : ABSENT),
    },
    version: {
      kind: 'version',
      meaning: 'Its version.',
      read: ({ installed, version }) => (installed ? version : ABSENT),
    },
  }),
  ...factsOf('crash.count', securityValues['crash.count'], {
    systemCrashes: {
      kind: 'number',
      unit: 'count',
      meaning: 'Blue screens and kernel panics in the days looked at.',
      read: value => value.systemCrashes,
    },
    unexpectedShutdowns: {
      kind: 'number',
      unit: 'count',
      meaning: 'Starts after an end that was none, without those a system crash explains.',
      read: value => value.unexpectedShutdowns,
    },
    appCrashes: {
      kind: 'number',
      unit: 'count',
      meaning: 'Crashes of programs.',
      read: value => value.appCrashes,
    },
    appHangs: {
      kind: 'number',
      unit: 'count',
      meaning: 'Programs that stopped answering.',
      read: value => value.appHangs,
    },
    days: {
      kind: 'number',
      unit: 'days',
      meaning: 'How many days were looked at.',
      read: value => value.days,
    },
  }),
];
