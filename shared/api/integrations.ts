import { z } from 'zod';
import { contradiction } from '../device/contradiction.ts';
import { fieldKey, source } from '../device/device.ts';
import { evidence, MATCH_ISSUES, matchIssue, memberKey, pin } from '../device/match.ts';
import { accountId } from '../device/observation.ts';

/* Shapes of the REST interface that are about other systems: connectors, their accounts, whom to believe, what is one device. */

const time = z.number().int().describe('milliseconds since 1970-01-01 UTC');

/** A setting of a connector, as a form shows it. */
export const integrationSetting = z.object({
  key: z.string(),
  title: z.string(),
  /** Where to find it in the vendor's own pages, or what it changes. */
  hint: z.string(),
  kind: z.enum(['text', 'secret', 'address', 'choice', 'switch', 'number', 'list']),
  isRequired: z.boolean(),
  /** What counts when nothing is entered; null: there is no default, or it is a secret. */
  fallback: z.unknown(),
  choices: z.array(z.string()).nullable(),
});
export type IntegrationSetting = z.infer<typeof integrationSetting>;

/** How a connector stands, and in the same words each of its accounts. */
export const INTEGRATION_STATES = ['not-configured', 'pending', 'configured', 'reconnect'] as const;
export const integrationState = z.enum(INTEGRATION_STATES);
export type IntegrationState = z.infer<typeof integrationState>;

/** What went wrong with a vendor: its code, what that means for a person, and the vendor's own words. */
export const integrationProblem = z.object({
  code: z.string(),
  what: z.string(),
  next: z.string(),
  /** Without secrets. */
  detail: z.string(),
  at: time,
  since: time,
});
export type IntegrationProblem = z.infer<typeof integrationProblem>;

export const integrationCheckLine = z.object({
  /** A right by the vendor's name for it, or what else was tried. */
  what: z.string(),
  outcome: z.enum(['ok', 'failed', 'unknown']),
  /** The vendor's own words, or a version; without secrets. */
  detail: z.string().nullable(),
  code: z.string().nullable(),
});
export type IntegrationCheckLine = z.infer<typeof integrationCheckLine>;

export const integrationRun = z.object({
  startedAt: time,
  endedAt: time,
  asked: z.enum(['all', 'changes']),
  /** `partial`: the listing ended before its own count; `broken`: it ended with a problem. */
  covers: z.enum(['all', 'changes', 'partial', 'broken']),
  observed: z.number().int(),
  gone: z.number().int(),
  skipped: z.number().int(),
  /** So many are missing at once that a second complete run must say the same before they are taken for gone. */
  doubted: z.number().int(),
});
export type IntegrationRun = z.infer<typeof integrationRun>;

export const integrationAccount = z.object({
  account: z.string(),
  label: z.string(),
  /** Asks a made-up vendor. */
  demo: z.boolean(),
  state: z.enum(['pending', 'configured', 'reconnect']),
  /** Pass as `replaces` to change it. */
  savedAt: time,
  savedBy: z.string(),
  /** Without secrets; null for who may not change them. */
  settings: z.record(z.string(), z.unknown()).nullable(),
  /** Names of the secrets that are there. */
  secretsSet: z.array(z.string()),
  workedAt: time.nullable(),
  /** When everything was last read. */
  fullAt: time.nullable(),
  problem: integrationProblem.nullable(),
  running: z.object({ since: time, observed: z.number().int() }).nullable(),
  lastRun: integrationRun.nullable(),
  lastCheck: z.object({ at: time, lines: z.array(integrationCheckLine) }).nullable(),
  /** When the vendor last asked us to wait, and how often in the last run. */
  throttled: z.object({ at: time, times: z.number().int() }).nullable(),
  /** Records known now; null for a connector that reads none. */
  records: z.number().int().nullable(),
  /** Where the vendor may be told to call; null where it makes no calls. */
  noticePath: z.string().nullable(),
});
export type IntegrationAccount = z.infer<typeof integrationAccount>;

export const integration = z.object({
  id: z.string(),
  title: z.string(),
  summary: z.string(),
  state: integrationState,
  /** Accounts with a problem that stands. */
  withIssues: z.number().int(),
  maxAccounts: z.number().int(),
  /** Whose word its records are; null when it reads none. */
  source: source.nullable(),
  /** How often it looks; `changesMs` null: it always reads everything. */
  cadence: z.object({ fullMs: z.number(), changesMs: z.number().nullable() }).nullable(),
  /** What a look at the changes alone cannot see. */
  blindTo: z.string().nullable(),
  settings: z.array(integrationSetting),
  scopes: z.array(z.object({ name: z.string(), why: z.string(), neededTo: z.enum(['observe', 'act']) })),
  operations: z.array(
    z.object({ name: z.string(), title: z.string(), what: z.string(), isDestructive: z.boolean() }),
  ),
  accounts: z.array(integrationAccount),
});
export type Integration = z.infer<typeof integration>;

export const integrationsResponse = z.object({
  integrations: z.array(integration),
  devices: z.object({
    /** With an agent and known to other systems too. */
    joined: z.number().int(),
    /** Known to other systems only. */
    lone: z.number().int(),
    /** Phones and the like: known, and in no list. */
    notComputers: z.number().int(),
    /** Computers of which not even the family of the system is known; in no list. */
    systemUnknown: z.number().int(),
    /** In the fleet, about which systems contradict each other (`FleetRow.contradictions`). */
    contradicted: z.number().int(),
  }),
  /** Whether something about the matching needs a person. */
  issues: z.number().int(),
});
export type IntegrationsResponse = z.infer<typeof integrationsResponse>;

const label = z.string().trim().min(1).max(100);
/** By the connector's own names; secrets may be left out when an account is changed. */
const entered = z.record(z.string().max(64), z.unknown());
export const newIntegrationAccountRequest = z.object({ account: accountId, label, settings: entered });
export const changeIntegrationAccountRequest = z.object({
  label,
  settings: entered,
  /** `savedAt` of what is being changed. */
  replaces: time,
});
export const integrationTestResponse = z.object({ lines: z.array(integrationCheckLine) });
export const integrationRunRequest = z.object({
  /** Everything, even where looking at the changes would do. */
  everything: z.boolean().default(false),
});
/** false: a run was under way already. */
export const integrationRunResponse = z.object({ started: z.boolean() });

/** One system that speaks of a device. */
export const deviceMember = z.object({
  key: memberKey,
  /** null: an agent. */
  record: z
    .object({
      connector: z.string(),
      account: z.string(),
      accountLabel: z.string(),
      vendorId: z.string(),
      source,
      name: z.string().nullable(),
      /** When the system last heard of the device, by its clock. */
      observedAt: time,
      receivedAt: time,
      demo: z.boolean(),
    })
    .nullable(),
  /** Device id of an agent. */
  agent: z.string().nullable(),
  /** What makes it this device; null for the only one. */
  by: evidence.nullable(),
  value: z.string().nullable(),
});
export type DeviceMember = z.infer<typeof deviceMember>;

/** One record or agent as a person knows it. */
export const matchMember = z.object({
  key: memberKey,
  /** null: a system that this version does not know. */
  source: source.nullable(),
  /** null for an agent. */
  accountLabel: z.string().nullable(),
  /** Id of the record at its vendor; of an agent, its device id. */
  vendorId: z.string(),
  /** What its system calls it. */
  name: z.string().nullable(),
  /** null: nobody speaks of it any more. */
  device: z.object({ id: z.string(), name: z.string() }).nullable(),
});
export type MatchMember = z.infer<typeof matchMember>;

/** What a person has decided about two records or agents. */
export const decision = z.object({
  id: z.string(),
  pin,
  at: time,
  by: z.string(),
  one: matchMember,
  other: matchMember,
});
export type Decision = z.infer<typeof decision>;
export const decisionsResponse = z.object({ decisions: z.array(decision) });
export type DecisionsResponse = z.infer<typeof decisionsResponse>;

/** Most decisions made or taken back in one go: a device has some ten members. */
const DECISIONS_MAX = 64;
/** Decisions to make and to take back (ids), in one go. */
export const matchChangeRequest = z
  .object({
    add: z.array(pin).max(DECISIONS_MAX).default([]),
    remove: z.array(z.string().min(1).max(64)).max(DECISIONS_MAX).default([]),
  })
  .refine(({ add, remove }) => add.length + remove.length > 0, 'says nothing')
  .refine(({ add }) => add.every(({ one, other }) => one !== other), 'names one member twice');
export const matchChangeResponse = z.object({ added: z.array(decision), removed: z.array(decision) });
export type MatchChangeResponse = z.infer<typeof matchChangeResponse>;

/** What such a change would lead to. */
export const matchPreviewResponse = z.object({
  /** Devices that would be new or different, with everybody who would speak of them. */
  devices: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      isNew: z.boolean(),
      hasAgent: z.boolean(),
      members: z.array(matchMember),
    }),
  ),
  /** Devices that would be no more: their members would be in others. */
  gone: z.array(z.object({ id: z.string(), name: z.string() })),
  /** Of what was asked, what would not hold all the same, and why. */
  refused: z.array(z.object({ pin, why: z.string() })),
});
export type MatchPreviewResponse = z.infer<typeof matchPreviewResponse>;

export const deviceSourcesResponse = z.object({
  members: z.array(deviceMember),
  issues: z.array(matchIssue),
  contradictions: z.array(contradiction),
  decisions: z.array(decision),
});
export type DeviceSourcesResponse = z.infer<typeof deviceSourcesResponse>;

/** What stands in the list of matches to look at: what the matching noticed, and records that no agent's device takes in. */
export const MATCH_MATTERS = [...MATCH_ISSUES, 'no-agent', 'no-row'] as const;
export const matchMatter = z.enum(MATCH_MATTERS);
export type MatchMatter = z.infer<typeof matchMatter>;
export const matchIssueEntry = z.object({
  /** The same as long as it is about the same members. */
  id: z.string(),
  kind: matchMatter,
  by: evidence.nullable(),
  value: z.string().nullable(),
  /** One sentence for a person. */
  why: z.string(),
  /** In the order the kind says. */
  members: z.array(matchMember),
});
export type MatchIssueEntry = z.infer<typeof matchIssueEntry>;

/** Most entries of one answer. */
const ISSUES_MAX = 20_000;
export const matchIssuesQuery = z.object({
  kind: matchMatter.optional(),
  limit: z.coerce.number().int().min(1).max(ISSUES_MAX).default(1000),
});
export const matchIssuesResponse = z.object({
  issues: z.array(matchIssueEntry),
  /** How many there are of each kind, whatever was asked for. */
  counts: z.record(matchMatter, z.number().int()),
});
export type MatchIssuesResponse = z.infer<typeof matchIssuesResponse>;

/** Whom to believe about a field, most trusted first. */
const order = z.partialRecord(
  fieldKey,
  z
    .array(source)
    .min(1)
    .refine(sources => new Set(sources).size === sources.length, 'names a system twice'),
);
/** After how many milliseconds a value is too old to go by; null: never. */
const age = z
  .number()
  .int()
  .min(60_000)
  .max(10 * 365 * 86_400_000)
  .nullable();
const ages = z.partialRecord(fieldKey, age);

export const precedenceResponse = z.object({
  /** As administrators have said; what is left out goes by `defaults`. */
  order,
  maxAgeMs: ages,
  defaults: z.record(fieldKey, z.array(source).readonly()),
  defaultMaxAgeMs: z.record(fieldKey, age),
  /** Pass as `replaces` to change it; null: nobody has ever said anything. */
  hash: z.string().nullable(),
  changedAt: time.nullable(),
  changedBy: z.string().nullable(),
});
export type PrecedenceResponse = z.infer<typeof precedenceResponse>;
const believed = z.object({ order, maxAgeMs: ages.default({}) });
export const precedenceRequest = believed.extend({
  replaces: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullable(),
});
export const precedencePreviewRequest = believed;
/** What it would change over the fleet as it stands. */
export const precedencePreviewResponse = z.object({
  /** Devices looked at. */
  of: z.number().int(),
  /** Devices of which at least one value would be another. */
  devices: z.number().int(),
  fields: z.array(
    z.object({
      field: fieldKey,
      /** Devices where another value would win, or none. */
      values: z.number().int(),
      /** Devices where the same value would come from another source. */
      sources: z.number().int(),
    }),
  ),
  /** Some of the devices. */
  examples: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type PrecedencePreviewResponse = z.infer<typeof precedencePreviewResponse>;
