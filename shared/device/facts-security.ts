import { z } from 'zod';

/*
 * Values of the checks that tell how a device is protected. `null` is always "the system did not say", never "no" or "none".
 * Where a system knows both what is so and what an administrator enforces, both are told: a screen may lock without anybody having
 * ordered it, and an order may not have been carried out yet.
 */

const short = z.string().max(200);
const told = z.boolean().nullable();
const count = z.number().int().nonnegative().nullable();
/** Milliseconds since 1970. */
const moment = z.number().int().nonnegative().nullable();
/** Whole days ago, or that it never happened. */
const daysAgo = z.union([z.number().nonnegative(), z.literal('never')]).nullable();

/** `av.products` and `antispyware`: what is installed against malware, as the system or the products themselves tell. */
export const securityProducts = z.object({
  products: z
    .array(
      z.object({
        name: short,
        /** `snoozed`: switched off for a while by its user; `expired`: its subscription ended. */
        state: z.enum(['on', 'off', 'snoozed', 'expired', 'unknown']),
        signatures: z.enum(['upToDate', 'outOfDate', 'unknown']),
        signaturesAt: moment,
        version: short.nullable(),
        /** Came with the system. */
        builtIn: z.boolean(),
      }),
    )
    .max(16),
  /** Is at least one on? null when none is known to be and one does not tell. */
  enabled: told,
  /** Are the signatures of every product that is on up to date? null when none is on. */
  upToDate: told,
});
export type SecurityProducts = z.infer<typeof securityProducts>;

/** `av.defender`: Microsoft Defender in detail. Exclusions are not read. */
export const defender = z.object({
  /** `passive` and `sxsPassive`: another product protects; `edrBlock`: passive, but stops what it finds afterwards. */
  mode: z.enum(['normal', 'passive', 'sxsPassive', 'edrBlock', 'notRunning']).nullable(),
  enabled: told,
  realTimeProtection: told,
  behaviorMonitoring: told,
  /** Set so that not even an administrator can switch it off; only reporting attempts (`audit`) is not protection. */
  tamperProtection: told,
  /** What the product says of itself (macOS and Linux); may be true while real-time protection is off. */
  healthy: told,
  licensed: told,
  productVersion: short.nullable(),
  engineVersion: short.nullable(),
  signatureVersion: short.nullable(),
  signaturesAt: moment,
  signatureAgeDays: daysAgo,
  quickScanAgeDays: daysAgo,
  fullScanAgeDays: daysAgo,
  /** What it asks for after a find. */
  waitsFor: z
    .array(z.enum(['fullScan', 'restart', 'manualSteps', 'offlineScan', 'criticalFailure']))
    .nullable(),
});
export type Defender = z.infer<typeof defender>;

/** `boot.secure`: does the firmware start signed systems only? */
export const secureBoot = z.object({
  enabled: z.boolean(),
  firmware: z.enum(['uefi', 'bios', 'apple']),
  /** Macs: `full` and `reduced` of Apple silicon, `full` and `medium` of the T2 chip check what starts; the others do not. */
  level: z.enum(['full', 'medium', 'reduced', 'permissive', 'none']).nullable(),
  /** Linux: why it is off although the firmware's switch says on. */
  defeatedBy: z.enum(['setupMode', 'shim']).nullable(),
});
export type SecureBoot = z.infer<typeof secureBoot>;

/** `tpm`: the chip that keeps keys. A Mac's Secure Enclave stands for it. */
export const tpm = z.object({
  present: z.boolean(),
  kind: z.enum(['tpm', 'secureEnclave']),
  /** `2.0`, `1.2`. */
  version: short.nullable(),
  /** Can the system use it now? */
  ready: told,
  manufacturer: short.nullable(),
});
export type Tpm = z.infer<typeof tpm>;

/** `os.integrity`: does the system keep even administrators from changing its own code? */
export const osIntegrity = z.object({
  kind: z.enum(['sip', 'memoryIntegrity', 'lockdown']),
  /** In force now; a System Integrity Protection of which parts are switched off is not. */
  enabled: told,
  /** Windows: memory integrity is switched on in the settings or by policy, whether it runs or not. */
  configured: told,
  /** Windows: virtualisation-based security. */
  vbs: z.enum(['off', 'enabled', 'running']).nullable(),
  credentialGuard: told,
  /** macOS: the system volume is sealed. */
  sealedSystem: told,
  /** macOS: System Integrity Protection has parts switched off. */
  customised: told,
  lockdown: z.enum(['none', 'integrity', 'confidentiality']).nullable(),
});
export type OsIntegrity = z.infer<typeof osIntegrity>;

/** `gatekeeper`: are programs from the net checked before they start? Gatekeeper on macOS, SmartScreen on Windows. */
export const gatekeeper = z.object({
  product: z.enum(['gatekeeper', 'smartScreen']),
  enabled: z.boolean(),
  /** Set by profile or policy; null when that cannot be told. */
  enforced: told,
  /** macOS: who may have made a program. */
  sources: z.enum(['appStore', 'identifiedDevelopers', 'anywhere']).nullable(),
  /** Windows: whether a person may start a warned-of program all the same. */
  level: z.enum(['warn', 'block']).nullable(),
});
export type Gatekeeper = z.infer<typeof gatekeeper>;

/** `screen.lock`: after how long alone does the screen ask for the password? With several people signed in, the laxest. */
export const screenLock = z.object({
  enabled: told,
  /** From the last key press to the screen saver or the dark screen. */
  idleSeconds: count,
  /** From there until the password is asked for. */
  graceSeconds: count,
  /** Both together. */
  delaySeconds: count,
  /** A policy or profile orders the lock; null when that cannot be told. */
  enforced: told,
  enforcedIdleSeconds: count,
  enforcedGraceSeconds: count,
});
export type ScreenLock = z.infer<typeof screenLock>;

/** `password.policy`: what the device itself demands of local accounts' passwords. 0 says that nothing is demanded. */
export const passwordPolicy = z.object({
  minLength: count,
  /** How many earlier passwords may not come again. */
  history: count,
  expires: told,
  /** null when it does not expire, too. */
  maxAgeDays: count,
  complexity: told,
  /** Wrong passwords until the account is locked. */
  lockoutAfter: count,
  /** An MDM's policy is among what was read; null when that cannot be told. */
  enforced: told,
});
export type PasswordPolicy = z.infer<typeof passwordPolicy>;

/** `login.auto`: does the device sign somebody in by itself? Whom is never read. */
export const loginAuto = z.object({
  automatic: z.boolean(),
  /** May guests sign in without a password? */
  guest: told,
  /** A profile or policy forbids it; null when that cannot be told. */
  forbidden: told,
});
export type LoginAuto = z.infer<typeof loginAuto>;

/** `remote.access`: services by which somebody may sign in from elsewhere. */
export const remoteAccess = z.object({
  /** Is any of them on? null when none is known to be and one does not tell. */
  enabled: told,
  ssh: told,
  /** Remote Desktop, Screen Sharing. */
  desktop: told,
  /** Remote Management of macOS, Remote Assistance of Windows. */
  management: told,
});
export type RemoteAccess = z.infer<typeof remoteAccess>;

/** `edr.falcon`: CrowdStrike's sensor. Its customer number and tokens are not read. */
export const falcon = z.object({
  installed: z.boolean(),
  running: told,
  /** Runs without protecting, because it does not know the kernel. */
  reducedFunctionality: told,
  /** Has been given an agent id by the cloud. */
  registered: told,
  connected: told,
  version: short.nullable(),
  /** The agent id, by which CrowdStrike's own records are matched. */
  agentId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .nullable(),
});
export type Falcon = z.infer<typeof falcon>;

/** `crash.count`: what went down in the last `days`. Names of programs only, no paths, no persons. */
export const crashes = z.object({
  days: z.number().int().positive(),
  /** Blue screens, kernel panics. */
  systemCrashes: count,
  /** Starts after an end that was none, without those that a system crash explains. */
  unexpectedShutdowns: count,
  appCrashes: count,
  appHangs: count,
  /** Most crashes and hangs first. */
  programs: z.array(z.object({ name: short, count: z.number().int().positive() })).max(10),
});
export type Crashes = z.infer<typeof crashes>;

export const securityValues = {
  'av.products': securityProducts,
  'av.defender': defender,
  antispyware: securityProducts,
  'boot.secure': secureBoot,
  tpm,
  'os.integrity': osIntegrity,
  gatekeeper,
  'screen.lock': screenLock,
  'password.policy': passwordPolicy,
  'login.auto': loginAuto,
  'remote.access': remoteAccess,
  'edr.falcon': falcon,
  'crash.count': crashes,
} as const;
