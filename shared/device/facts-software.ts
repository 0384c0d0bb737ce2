import { z } from 'zod';

/**
 * Values of the checks about software, updates, management and the network. Where a check asks about several things by name
 * (subjects.ts), each row carries the subject's id, and a row that could not be told is null with its reason.
 */

const short = z.string().max(200);
/** Milliseconds since 1970 by the device's clock. */
const moment = z.number().int().nonnegative();
const subject = z.string().max(32);
/** Why a member of this row is null, in a few words; null when everything was told. */
const reason = short.nullable();

/** `app.citrixWorkspace`: Citrix Workspace app (formerly Receiver). */
export const citrixWorkspace = z.object({
  installed: z.boolean(),
  /** Dotted numbers: `25.8.0.62`. Null when it is not installed or does not tell. */
  version: short.nullable(),
  /** For everybody or for one person only; null when not told. */
  scope: z.enum(['machine', 'user']).nullable(),
});
export type CitrixWorkspace = z.infer<typeof citrixWorkspace>;

/** `app.installed`: the programs asked for by name; nothing else of the list of programs leaves the device. */
export const appInstalled = z.object({
  apps: z
    .array(
      z.object({
        id: subject,
        installed: z.boolean().nullable(),
        /** The highest, where several fit. */
        version: short.nullable(),
        /** As the system lists it. */
        name: short.nullable(),
        publisher: short.nullable(),
        reason,
      }),
    )
    .max(64),
});
export type AppInstalled = z.infer<typeof appInstalled>;

/** `file`: the files asked for. Contents never leave the device, only a hash where one was asked for. */
export const fileScan = z.object({
  files: z
    .array(
      z.object({
        id: subject,
        exists: z.boolean().nullable(),
        kind: z.enum(['file', 'folder', 'other']).nullable(),
        sizeBytes: z.number().nonnegative().nullable(),
        modifiedAt: moment.nullable(),
        /** FileVersion of a Windows program, dotted numbers. */
        version: short.nullable(),
        hash: z
          .object({
            algorithm: z.enum(['sha256', 'md5']),
            hex: z.string().regex(/^([0-9a-f]{32}|[0-9a-f]{64})$/),
          })
          .nullable(),
        reason,
      }),
    )
    .max(64),
});
export type FileScan = z.infer<typeof fileScan>;

/** `process`: whether the programs asked for run, and how many of each. */
export const processScan = z.object({
  processes: z
    .array(
      z.object({
        id: subject,
        running: z.boolean().nullable(),
        count: z.number().int().nonnegative().nullable(),
        reason,
      }),
    )
    .max(64),
});
export type ProcessScan = z.infer<typeof processScan>;

/** `service`: the services asked for. */
export const serviceScan = z.object({
  services: z
    .array(
      z.object({
        id: subject,
        installed: z.boolean().nullable(),
        running: z.boolean().nullable(),
        start: z.enum(['boot', 'system', 'automatic', 'manual', 'disabled']).nullable(),
        reason,
      }),
    )
    .max(64),
});
export type ServiceScan = z.infer<typeof serviceScan>;

/** `registry.numeric`: DWORD and QWORD values, numbers of macOS preferences. */
export const registryNumeric = z.object({
  values: z
    .array(z.object({ id: subject, exists: z.boolean().nullable(), value: z.number().nullable(), reason }))
    .max(64),
});
export type RegistryNumeric = z.infer<typeof registryNumeric>;

/** `registry.text`: texts; several lines where the value is a list (REG_MULTI_SZ). */
export const registryText = z.object({
  values: z
    .array(
      z.object({
        id: subject,
        exists: z.boolean().nullable(),
        value: z.string().max(1000).nullable(),
        reason,
      }),
    )
    .max(64),
});
export type RegistryText = z.infer<typeof registryText>;

/**
 * `cert.device`: certificates in the machine's store by who says to have issued them. Evidence of an enrolment, not a proof of identity:
 * the issuer's name is compared, its signature is not, and the private key is known to be there, not used.
 */
export const certDevice = z.object({
  certificates: z
    .array(
      z.object({
        id: subject,
        found: z.boolean().nullable(),
        /** Begun and not ended. The best of several: valid, with key, ending last. */
        valid: z.boolean().nullable(),
        hasPrivateKey: z.boolean().nullable(),
        notAfter: moment.nullable(),
        issuer: short.nullable(),
        /** SHA-256 over the certificate, 64 hex digits. */
        fingerprint: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .nullable(),
        reason,
      }),
    )
    .max(16),
});
export type CertDevice = z.infer<typeof certDevice>;

/** `join.domain`: which directories know this device. People's names and addresses are never read. */
export const joinDomain = z.object({
  adDomainJoined: z.boolean().nullable(),
  /** DNS name where the system tells it, else the NetBIOS name. */
  adDomain: short.nullable(),
  entraJoined: z.boolean().nullable(),
  /** Registered by the signed-in person (workplace join); null when asked without one. */
  workplaceJoined: z.boolean().nullable(),
  joinType: z.enum(['none', 'registered', 'domain', 'entra', 'hybrid']).nullable(),
  /** Entra's object of this device: what its record there is matched by. */
  entraDeviceId: short.nullable(),
  entraTenantId: short.nullable(),
});
export type JoinDomain = z.infer<typeof joinDomain>;

/** `sso.prt`: is there a fresh primary refresh token (Windows) or platform single sign-on token (macOS)? Never the token. */
export const ssoPrt = z.object({
  present: z.boolean(),
  updatedAt: moment.nullable(),
  expiresAt: moment.nullable(),
});
export type SsoPrt = z.infer<typeof ssoPrt>;

/** `update.lastCheck`: when updates were last looked for with success. */
export const updateLastCheck = z.object({
  checkedAt: moment,
  /** The system only tells a moment before which it cannot have been. */
  atLeast: z.boolean(),
});
export type UpdateLastCheck = z.infer<typeof updateLastCheck>;

/** `update.missing`: updates that are known and not installed. A class the system does not tell is null, not 0. */
export const updateMissing = z.object({
  /** Null where only security updates were counted. */
  total: z.number().int().nonnegative().nullable(),
  security: z.number().int().nonnegative().nullable(),
  critical: z.number().int().nonnegative().nullable(),
  restart: z.boolean().nullable(),
  /** When the list they were compared with is from; null when it was made for this answer or not told. */
  listedAt: moment.nullable(),
  /** The first of them by name. */
  updates: z.array(z.object({ title: short, security: z.boolean().nullable() })).max(40),
});
export type UpdateMissing = z.infer<typeof updateMissing>;

/** `update.lastInstalled`: when the system last installed an update. Virus definitions, which come daily, do not count. */
export const updateLastInstalled = z.object({
  installedAt: moment,
  /** Its name where the system tells it. */
  title: short.nullable(),
});
export type UpdateLastInstalled = z.infer<typeof updateLastInstalled>;

/** `update.auto`: does the system keep itself up to date? */
export const updateAuto = z.object({
  /** Looks for updates by itself. */
  enabled: z.boolean(),
  /** Installs them without being asked. */
  installs: z.boolean().nullable(),
  /** Set by a policy or profile, so that the person cannot change it. */
  enforced: z.boolean().nullable(),
});
export type UpdateAuto = z.infer<typeof updateAuto>;

/** `mdm.enrolled`: is the device under management, as the device itself sees it. */
export const mdmEnrolled = z.object({
  enrolled: z.boolean(),
  userApproved: z.boolean().nullable(),
  /** By Apple's or Microsoft's automated enrolment. */
  automated: z.boolean().nullable(),
  /** Name of the management server's host. */
  server: short.nullable(),
  provider: short.nullable(),
});
export type MdmEnrolled = z.infer<typeof mdmEnrolled>;

/** `mdm.lastSync`: when the device last spoke with its management with success. */
export const mdmLastSync = z.object({
  syncedAt: moment,
  /** Did the latest try go well? */
  lastTryOk: z.boolean().nullable(),
  provider: short.nullable(),
});
export type MdmLastSync = z.infer<typeof mdmLastSync>;

export const BROWSERS = [
  'chrome',
  'edge',
  'firefox',
  'safari',
  'brave',
  'chromium',
  'opera',
  'vivaldi',
  'internet-explorer',
  'citrix-enterprise-browser',
  'other',
] as const;
const browserName = z.enum(BROWSERS);
export type BrowserName = z.infer<typeof browserName>;

/** `browser`: known browsers on this device and the one that opens links for the signed-in person. */
export const browserScan = z.object({
  /** Null when nobody's choice could be read. */
  default: browserName.nullable(),
  browsers: z.array(z.object({ name: browserName, version: short.nullable() })).max(16),
});
export type BrowserScan = z.infer<typeof browserScan>;

/** `time.skew`: is the clock right? Each of the two ways to know may be missing, not both. */
export const timeSkew = z.object({
  /** Device's clock less the collector's at the latest connection, milliseconds; null before the first. */
  collectorOffsetMs: z.number().nullable(),
  /** Does the system say its clock follows a time source? */
  synchronised: z.boolean().nullable(),
  /** Is the system set to follow one? */
  configured: z.boolean().nullable(),
});
export type TimeSkew = z.infer<typeof timeSkew>;

/** `net.vpn`: tunnels of this device. Addresses and servers are not told. */
export const netVpn = z.object({
  connected: z.boolean(),
  tunnels: z.array(z.object({ name: short, kind: short.nullable(), up: z.boolean() })).max(32),
});
export type NetVpn = z.infer<typeof netVpn>;

export const softwareValues = {
  'app.citrixWorkspace': citrixWorkspace,
  'app.installed': appInstalled,
  file: fileScan,
  process: processScan,
  service: serviceScan,
  'registry.numeric': registryNumeric,
  'registry.text': registryText,
  'cert.device': certDevice,
  'join.domain': joinDomain,
  'sso.prt': ssoPrt,
  'update.lastCheck': updateLastCheck,
  'update.missing': updateMissing,
  'update.lastInstalled': updateLastInstalled,
  'update.auto': updateAuto,
  'mdm.enrolled': mdmEnrolled,
  'mdm.lastSync': mdmLastSync,
  browser: browserScan,
  'time.skew': timeSkew,
  'net.vpn': netVpn,
} as const;
