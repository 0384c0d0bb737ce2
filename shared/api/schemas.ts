import { z } from 'zod';
import { auditEntry } from '../audit/entry.ts';
import { agentSettings } from '../device/agent-settings.ts';
import { contradiction } from '../device/contradiction.ts';
import { deviceState, mergedRecord, presence } from '../device/device.ts';
import { finding } from '../device/finding.ts';
import { deviceIdentity } from '../device/identity.ts';
import { platform } from '../device/platform.ts';
import { FACT_KINDS } from '../posture/fact.ts';
import { OPERATORS } from '../posture/operator.ts';
import { score } from '../score/score.ts';

/*
 * Shapes of the REST interface. Requests and responses are schemas of their own; the OpenAPI document is generated from
 * them, the server checks requests with them, the console takes its types from them.
 */

/** Roles, each including the ones before it: look; ask devices for things; approve what changes them; everything. */
export const ROLES = ['viewer', 'helpdesk', 'approver', 'admin'] as const;
export const role = z.enum(ROLES);
export type Role = z.infer<typeof role>;

/** Does `have` include `need`? */
export function hasRole(have: Role, need: Role): boolean {
  return ROLES.indexOf(have) >= ROLES.indexOf(need);
}

const time = z.number().int().describe('milliseconds since 1970-01-01 UTC');

/** RFC 9457 problem details, with our code and two sentences for a person. */
export const problemResponse = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string(),
  what: z.string(),
  next: z.string(),
  /** Finds the log line. */
  trace: z.string(),
  fields: z.array(z.string()).optional(),
});
export type ProblemResponse = z.infer<typeof problemResponse>;

export const signInRequest = z.object({
  user: z.string().min(1).max(128),
  password: z.string().min(1).max(1024),
});
export const sessionResponse = z.object({
  user: z.string(),
  name: z.string(),
  role,
  /** Send it back as X-CSRF-Token with every request that changes something. */
  csrf: z.string(),
  mustChangePassword: z.boolean(),
  expiresAt: time,
});
export type SessionResponse = z.infer<typeof sessionResponse>;
export const passwordChangeRequest = z.object({
  current: z.string().min(1).max(1024),
  next: z.string().min(1).max(1024),
});

/** Fewest characters of a password; length is what counts (NIST SP 800-63B 3.1.1). */
export const PASSWORD_MIN = 12;

/** One line of the fleet page: everything the list shows, filters and sorts by. null = could not be told. */
export const fleetRow = z.object({
  id: z.string(),
  name: z.string(),
  person: z.string().nullable(),
  platform,
  os: z.string().nullable(),
  osVersion: z.string().nullable(),
  osSupported: z.boolean().nullable(),
  osSupportEnd: z.string().nullable(),
  model: z.string().nullable(),
  state: deviceState,
  /** Dearest reason: key and parameters of a sentence in shared/text. */
  why: z
    .object({ key: z.string(), params: z.record(z.string(), z.union([z.string(), z.number()])) })
    .nullable(),
  score: z.number().nullable(),
  /** Score at the end of each of the last seven days, oldest first; null = no data that day. */
  week: z.array(z.number().nullable()),
  presence,
  lastSeen: time.nullable(),
  diskFreeBytes: z.number().nullable(),
  diskFreePercent: z.number().nullable(),
  batteryPercent: z.number().nullable(),
  batteryHealthPercent: z.number().nullable(),
  batteryPresent: z.boolean().nullable(),
  cpuPercent: z.number().nullable(),
  memoryUsedPercent: z.number().nullable(),
  uptimeSeconds: z.number().nullable(),
  encryption: z.string().nullable(),
  firewall: z.boolean().nullable(),
  rebootPending: z.boolean().nullable(),
  /** The device says who it is, and another device says the same. */
  duplicate: z.boolean(),
  demo: z.boolean(),
  /** What systems say of it that cannot all be true, most urgent first; left out where nothing is. */
  contradictions: z.array(contradiction.pick({ rule: true, weight: true })).optional(),
  /** Known from other systems only: it has never talked to us, and `presence` says nothing about it. */
  noAgent: z.literal(true).optional(),
});
export type FleetRow = z.infer<typeof fleetRow>;

export const devicesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  after: z.string().max(64).optional(),
  search: z.string().max(200).optional(),
});
export const devicesResponse = z.object({
  devices: z.array(fleetRow),
  /** Pass as `after` for the next page; null on the last. */
  next: z.string().nullable(),
  total: z.number().int(),
});
export type DevicesResponse = z.infer<typeof devicesResponse>;

export const deviceResponse = z.object({
  row: fleetRow,
  /** 0 and empty for a device without an agent (`row.noAgent`). */
  enrolledAt: time,
  enrolledBy: z.string(),
  revokedAt: time.nullable(),
  agentVersion: z.string().nullable(),
  arch: z.string().nullable(),
  /** Device clock minus collector clock at the last connection, ms; null before the first. */
  clockSkewMs: z.number().nullable(),
  identity: deviceIdentity,
  record: mergedRecord,
  findings: z.record(z.string(), finding),
  score,
  duplicates: z.array(z.object({ id: z.string(), name: z.string(), same: z.array(z.string()) })),
});
export type DeviceResponse = z.infer<typeof deviceResponse>;

export const rangeQuery = z.object({
  from: z.coerce.number().int().nonnegative(),
  to: z.coerce.number().int().nonnegative(),
});
/** One metric's series. A gap of more than two steps is a gap, not a line. */
export const samplesResponse = z.object({
  /** Milliseconds between points at this resolution. */
  stepMs: z.number().int(),
  /** Names of a row's places: `at`, then METRICS of shared/protocol/samples.ts. */
  metrics: z.array(z.string()),
  rows: z.array(z.array(z.number().nullable())),
});
export type SamplesResponse = z.infer<typeof samplesResponse>;

/** Bands of the timeline. */
export const TIMELINE_BANDS = ['link', 'power', 'findings', 'score', 'people', 'agent'] as const;
export const timelineEntry = z.object({
  at: time,
  /** End of a span; left out for a moment. */
  until: time.optional(),
  band: z.enum(TIMELINE_BANDS),
  kind: z.string(),
  data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});
export type TimelineEntry = z.infer<typeof timelineEntry>;
export const timelineResponse = z.object({
  from: time,
  to: time,
  entries: z.array(timelineEntry),
  /** Times in which nothing is known, with the reason where one is. */
  gaps: z.array(
    z.object({
      from: time,
      to: time,
      reason: z.enum(['offline', 'asleep', 'agent-stopped', 'collector-stopped', 'unknown']),
    }),
  ),
});
export type TimelineResponse = z.infer<typeof timelineResponse>;

/** The device's state as it was at a moment: findings and score then. */
export const momentQuery = z.object({ at: z.coerce.number().int().nonnegative() });
export const momentResponse = z.object({
  at: time,
  findings: z.record(z.string(), finding),
  score: score.nullable(),
});
export type MomentResponse = z.infer<typeof momentResponse>;

export const scanRequest = z.object({ scans: z.array(z.string().max(64)).max(128).optional() });
export const scanResponse = z.object({ id: z.string(), sent: z.boolean() });

export const enrolmentToken = z.object({
  id: z.string(),
  label: z.string(),
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  maxUses: z.number().int().nullable(),
  uses: z.number().int(),
  revokedAt: time.nullable(),
});
export type EnrolmentToken = z.infer<typeof enrolmentToken>;
export const enrolmentTokensResponse = z.object({ tokens: z.array(enrolmentToken) });
export const newEnrolmentTokenRequest = z.object({
  label: z.string().trim().min(1).max(100),
  /** Hours from now; null = does not expire. */
  validHours: z
    .number()
    .int()
    .min(1)
    .max(24 * 365)
    .nullable(),
  maxUses: z.number().int().min(1).max(1_000_000).nullable(),
});
/** The secret is shown this once. */
export const newEnrolmentTokenResponse = z.object({ token: enrolmentToken, secret: z.string() });

export const waitingDevice = z.object({
  id: z.string(),
  identity: deviceIdentity,
  /** First and last eight characters of the key's SHA-256, as the agent prints them: compare before admitting. */
  fingerprint: z.string(),
  firstSeen: time,
  lastSeen: time,
  address: z.string(),
});
export type WaitingDevice = z.infer<typeof waitingDevice>;
export const waitingResponse = z.object({ waiting: z.array(waitingDevice) });

export const person = z.object({
  user: z.string(),
  name: z.string(),
  role,
  createdAt: time,
  lastSignIn: time.nullable(),
  disabled: z.boolean(),
  lockedUntil: time.nullable(),
});
export type Person = z.infer<typeof person>;
export const peopleResponse = z.object({ people: z.array(person) });
export const newPersonRequest = z.object({
  user: z
    .string()
    .trim()
    .regex(/^[a-zA-Z0-9._@-]{1,64}$/),
  name: z.string().trim().min(1).max(100),
  role,
});
/** A one-time password the person must change at the first sign-in; shown this once. */
export const newPersonResponse = z.object({ person, password: z.string() });
export const changePersonRequest = z.object({
  name: z.string().trim().min(1).max(100).optional(),
  role: role.optional(),
  disabled: z.boolean().optional(),
  resetPassword: z.literal(true).optional(),
});
export const changePersonResponse = z.object({ person, password: z.string().nullable() });

export const apiToken = z.object({
  id: z.string(),
  label: z.string(),
  role,
  createdAt: time,
  createdBy: z.string(),
  expiresAt: time.nullable(),
  lastUsed: time.nullable(),
  revokedAt: time.nullable(),
});
export type ApiToken = z.infer<typeof apiToken>;
export const apiTokensResponse = z.object({ tokens: z.array(apiToken) });
export const newApiTokenRequest = z.object({
  label: z.string().trim().min(1).max(100),
  role,
  validHours: z
    .number()
    .int()
    .min(1)
    .max(24 * 365)
    .nullable(),
});
export const newApiTokenResponse = z.object({ token: apiToken, secret: z.string() });

/** What every agent is told to do differently, and how far it has got round. */
export const agentSettingsResponse = z.object({
  settings: agentSettings,
  /** Names exactly this content; pass it as `replaces` to change it. null: nobody has ever set anything. */
  hash: z.string().nullable(),
  changedAt: time.nullable(),
  changedBy: z.string().nullable(),
  /** Day of the support table that this version brings along; only a later one may be set. */
  shippedOsSupportAsOf: z.string(),
  delivery: z.object({
    /** Devices connected now, and how many of them have confirmed these settings. */
    connected: z.number().int(),
    holding: z.number().int(),
    /** Of those, how many did not take a part of them. */
    refusing: z.number().int(),
  }),
});
export type AgentSettingsResponse = z.infer<typeof agentSettingsResponse>;
export const agentSettingsRequest = z.object({
  /** `hash` of what is being replaced; null when nothing was set. Refused as `conflict` when others stand there now. */
  replaces: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullable(),
  settings: agentSettings,
});

export const auditQuery = z.object({
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  subject: z.string().max(128).optional(),
});
export const auditResponse = z.object({ entries: z.array(auditEntry), verified: z.boolean() });
export type AuditResponse = z.infer<typeof auditResponse>;

export const collectorResponse = z.object({
  id: z.string(),
  version: z.string(),
  startedAt: time,
  store: z.string(),
  devices: z.object({
    total: z.number().int(),
    live: z.number().int(),
    stale: z.number().int(),
    silent: z.number().int(),
  }),
  messagesPerS: z.number(),
  /** Collectors at work on this database, this one included. */
  collectors: z.number().int(),
  /** When the last message of any device was stored. */
  lastMessageAt: time.nullable(),
  storageBytes: z.number(),
  demo: z.boolean(),
  /** Address agents connect to, for the install line. */
  agentUrl: z.string(),
});
export type CollectorResponse = z.infer<typeof collectorResponse>;

/** How a check runs on one system; null where that system has no way to answer. */
const checkRun = z
  .object({
    /** How often it may run by what it costs: every minute, every half hour, once a day. */
    cost: z.enum(['cheap', 'posture', 'heavy']),
    /** `service` needs the rights of LocalSystem or root to answer fully. */
    privilege: z.enum(['user', 'service']),
  })
  .nullable();
export const catalogueCheck = z.object({
  id: z.string(),
  title: z.string(),
  meaning: z.string(),
  on: z.object({ windows: checkRun, macos: checkRun, linux: checkRun }),
  /** Who answers when no device does: the collector itself or a connected system. */
  server: z.string().nullable(),
  /** Which list of things to look for an administrator fills. */
  subjects: z.string().nullable(),
  /** What else must be there for an answer, in words. */
  needs: z.string().nullable(),
  facts: z
    .array(
      z.object({
        /** As rules name it; `<subject>` stands for the id of what was asked for. */
        id: z.string(),
        kind: z.enum(FACT_KINDS),
        unit: z.string().nullable(),
        words: z.array(z.string()).readonly().nullable(),
        meaning: z.string(),
        operators: z.array(z.enum(OPERATORS)).readonly(),
      }),
    )
    .readonly(),
  /** A believable value of the check, invented. */
  sample: z.unknown(),
});
/** Every check, the facts rules can name, and the operators that fit them. */
export const checksResponse = z.object({
  checks: z.array(catalogueCheck).readonly(),
  operators: z.array(z.object({ operator: z.enum(OPERATORS), meaning: z.string() })),
});
export type ChecksResponse = z.infer<typeof checksResponse>;
export type CatalogueCheck = z.infer<typeof catalogueCheck>;

export * from './help.ts';
export * from './integrations.ts';
