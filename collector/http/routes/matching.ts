import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  type Decision,
  type DeviceMember,
  decision,
  decisionsResponse,
  deviceSourcesResponse,
  type MatchIssueEntry,
  type MatchMatter,
  type MatchMember,
  matchChangeRequest,
  matchChangeResponse,
  matchIssuesQuery,
  matchIssuesResponse,
  matchPreviewResponse,
  type PrecedenceResponse,
  precedencePreviewRequest,
  precedencePreviewResponse,
  precedenceRequest,
  precedenceResponse,
} from '../../../shared/api/integrations.ts';
import { contradictionsOf } from '../../../shared/device/contradiction.ts';
import { FIELD_KEYS, type FieldKey, type Source } from '../../../shared/device/device.ts';
import { type MatchedDevice, type Pin, pin } from '../../../shared/device/match.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { recordKey } from '../../merge/member.ts';
import { DEFAULT_RULES, type MergeRules, rulesWith } from '../../merge/precedence.ts';
import type { AccountKey, StoredPin } from '../../store/connectors.ts';
import type { AccountNow } from '../../sync/accounts.ts';
import { type Believed, keptOf } from '../../sync/believed.ts';
import type { DeviceSources } from '../../sync/records.ts';
import type { RouteDeps } from '../deps.ts';
import { type Caller, idParams, noContent, noInput, type Route, roleRoute } from '../route.ts';

const DECISIONS = '/api/v1/match/decisions';
const PRECEDENCE = '/api/v1/precedence';
/** Subject of the audit entries about whom to believe. */
const PRECEDENCE_SUBJECT = 'precedence';

/** Which records are one device and who says so, and whom to believe about it. */
export function matchingRoutes(deps: RouteDeps): Route[] {
  return [...matchRoutes(deps), ...precedenceRoutes(deps)];
}

function matchRoutes(deps: RouteDeps): Route[] {
  const { accounts, records, fleet, audit } = deps;
  const memberOf = memberReader(deps);
  const decisionOf = ({ id, pin: decided, at, by }: StoredPin): Decision => ({
    id,
    pin: decided,
    at,
    by,
    one: memberOf(decided.one),
    other: memberOf(decided.other),
  });
  const decide = async (
    change: { readonly add: readonly Pin[]; readonly remove: readonly string[] },
    { actor }: Caller,
  ): Promise<{ added: Decision[]; removed: Decision[] }> => {
    const { added, removed } = await records.changePins(change, actor.id);
    for (const { id } of removed) await audit.add(actor, 'match.decision-removed', id);
    for (const { id, pin: made } of added) {
      const { kind, one, other } = made;
      await audit.add(actor, 'match.decided', id, { kind, one, other });
    }
    return { added: added.map(decisionOf), removed: removed.map(decisionOf) };
  };

  return [
    roleRoute({
      method: 'get',
      path: '/api/v1/devices/:id/sources',
      summary: 'Everybody who speaks of a device, why they are taken for one, and what cannot all be true.',
      access: 'viewer',
      input: z.object({ params: idParams }),
      response: deviceSourcesResponse,
      refuses: ['not-found'],
      handle: async ({ params: { id } }) => {
        const sources = await records.sourcesOf(id);
        if (sources === null) throw new Problem('not-found', 'no such device in the fleet');
        return {
          members: membersOf(sources, key => accounts.find(key)),
          issues: sources.matched.issues,
          contradictions: contradictionsOf(sources.record),
          decisions: sources.pins.map(decisionOf),
        };
      },
    }),
    roleRoute({
      method: 'get',
      path: '/api/v1/match/issues',
      summary:
        'What was noticed about which records are one device and a person should know or decide, and what no agent’s device takes in.',
      access: 'viewer',
      input: z.object({ query: matchIssuesQuery }),
      response: matchIssuesResponse,
      handle: ({ query: { kind, limit } }) => {
        const counts = noMatters();
        const issues: MatchIssueEntry[] = [];
        const tell = (what: MatchMatter, entry: () => Omit<MatchIssueEntry, 'kind'>): void => {
          counts[what] += 1;
          if ((kind === undefined || kind === what) && issues.length < limit) {
            issues.push({ kind: what, ...entry() });
          }
        };
        for (const { kind: what, members, by, value, why } of records.issues()) {
          tell(what, () => ({
            id: idOf(what, members),
            by,
            value,
            why,
            members: members.map(key => memberOf(key)),
          }));
        }
        for (const { matched, as } of records.agentless()) {
          const what = as === 'listed' ? 'no-agent' : 'no-row';
          tell(what, () => ({
            id: idOf(what, matched.members),
            by: null,
            value: null,
            why: AGENTLESS[what],
            members: matched.members.map(key => memberOf(key)),
          }));
        }
        return { issues, counts };
      },
    }),
    roleRoute({
      method: 'get',
      path: DECISIONS,
      summary: 'What people have decided about which records are one device.',
      access: 'viewer',
      input: noInput,
      response: decisionsResponse,
      handle: () => ({ decisions: records.pins.map(decisionOf) }),
    }),
    roleRoute({
      method: 'post',
      path: DECISIONS,
      summary: 'Decide that two records or agents are never one device (split), or that they are one (join).',
      access: 'admin',
      input: z.object({ body: pin }),
      response: decision,
      status: 201,
      handle: async ({ body }, caller) => {
        if (body.one === body.other) {
          throw new Problem('request-invalid', 'one and other are the same', { fields: ['body.other'] });
        }
        const { added } = await decide({ add: [body], remove: [] }, caller);
        const [made] = added;
        if (made === undefined) throw new Problem('internal', 'the decision was not made');
        return made;
      },
    }),
    roleRoute({
      method: 'patch',
      path: DECISIONS,
      summary: 'Make decisions and take others back in one go; `removed` are those there were.',
      access: 'admin',
      input: z.object({ body: matchChangeRequest }),
      response: matchChangeResponse,
      handle: ({ body }, caller) => decide(body, caller),
    }),
    roleRoute({
      method: 'post',
      path: '/api/v1/match/preview',
      summary: 'Which devices such a change of the decisions would lead to. Changes nothing.',
      access: 'admin',
      input: z.object({ body: matchChangeRequest }),
      response: matchPreviewResponse,
      handle: ({ body }) => {
        const { devices, isNew, gone, refused } = records.previewPins(body);
        return {
          devices: devices.map(device => ({
            id: device.id,
            name: fleet.row(device.id)?.name ?? nameOf(device, memberOf),
            isNew: isNew.has(device.id),
            hasAgent: device.agent !== null,
            members: device.members.map(key => memberOf(key)),
          })),
          gone: gone.map(id => ({ id, name: fleet.row(id)?.name ?? id })),
          refused: [...refused],
        };
      },
    }),
    roleRoute({
      method: 'delete',
      path: `${DECISIONS}/:id`,
      summary: 'Take a decision back.',
      access: 'admin',
      input: z.object({ params: idParams }),
      response: noContent,
      refuses: ['not-found'],
      handle: async ({ params: { id } }, caller) => {
        const { removed } = await decide({ add: [], remove: [id] }, caller);
        if (removed.length === 0) throw new Problem('not-found', 'there is no such decision');
      },
    }),
  ];
}

const AGENTLESS = {
  'no-agent': 'No agent runs on it, or none that has a serial number, UUID, id or address in common with it.',
  'no-row': 'A computer, but no system says what runs on it: it stands in no list.',
} as const;

function noMatters(): Record<MatchMatter, number> {
  return {
    clone: 0,
    'other-serial': 0,
    'one-for-two': 0,
    'join-refused': 0,
    'two-records': 0,
    're-enrolled': 0,
    'other-board': 0,
    'no-agent': 0,
    'no-row': 0,
  };
}

function idOf(kind: MatchMatter, members: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, ...members]))
    .digest('hex')
    .slice(0, 16);
}

/** Members by their keys, in the words of the account they come from. */
function memberReader({ accounts, records, fleet }: RouteDeps): (key: string) => MatchMember {
  const sources = new Map(accounts.connectors.map(({ id, observes }) => [id, observes?.source]));
  return key => {
    const [connector = '', account = '', ...rest] = key.split('/');
    const isAgent = connector === 'agent';
    const known = records.member(key);
    const device = records.deviceOf(key);
    return {
      key,
      source: isAgent ? 'agent' : (sources.get(connector) ?? null),
      accountLabel: isAgent ? null : (accounts.find({ connector, account })?.stored.label ?? account),
      vendorId: isAgent ? account : rest.join('/'),
      name: (isAgent ? fleet.row(account)?.name : null) ?? known?.hostname ?? null,
      device:
        device === null
          ? null
          : { id: device.id, name: fleet.row(device.id)?.name ?? known?.hostname ?? device.id },
    };
  };
}

/** What a device that does not stand in the fleet yet would be called. */
function nameOf({ id, members }: MatchedDevice, memberOf: (key: string) => MatchMember): string {
  for (const key of members) {
    const { name } = memberOf(key);
    if (name !== null) return name;
  }
  return id;
}

function membersOf(
  { matched, heard }: DeviceSources,
  accountBy: (key: AccountKey) => AccountNow | null,
): DeviceMember[] {
  const byKey = new Map(heard.map(one => [recordKey(one.observation), one]));
  return matched.links.map(({ member, by, value }) => {
    const found = byKey.get(member);
    if (found === undefined) {
      return { key: member, record: null, agent: member.replace(/^agent\//, ''), by, value };
    }
    const { connector, account, vendorId, source, identifiers, observedAt } = found.observation;
    const stored = accountBy({ connector, account })?.stored;
    return {
      key: member,
      agent: null,
      by,
      value,
      record: {
        connector,
        account,
        accountLabel: stored?.label ?? account,
        vendorId,
        source,
        name: identifiers.hostname,
        observedAt,
        receivedAt: found.receivedAt,
        demo: stored?.demo ?? false,
      },
    };
  });
}

function precedenceRoutes({ records, fleet, audit, clock }: RouteDeps): Route[] {
  function answer(): PrecedenceResponse {
    const current = records.precedence;
    const { order, maxAgeMs } = records.believed;
    return {
      order: orderOf(order),
      maxAgeMs: { ...maxAgeMs },
      defaults: DEFAULTS,
      defaultMaxAgeMs: DEFAULT_AGES,
      hash: current?.hash ?? null,
      changedAt: current?.changedAt ?? null,
      changedBy: current?.changedBy ?? null,
    };
  }
  return [
    roleRoute({
      method: 'get',
      path: PRECEDENCE,
      summary: 'Whom to believe about each fact, most trusted first, and for how long.',
      access: 'viewer',
      input: noInput,
      response: precedenceResponse,
      handle: answer,
    }),
    roleRoute({
      method: 'post',
      path: `${PRECEDENCE}/preview`,
      summary: 'Of how many devices another value would count if others were believed. Changes nothing.',
      access: 'admin',
      input: z.object({ body: precedencePreviewRequest }),
      response: precedencePreviewResponse,
      handle: async ({ body }) => {
        const fields = different(body, records.rules);
        const { of, devices, fields: counted, examples } = await records.previewBelieved(body, fields);
        return {
          of,
          devices,
          fields: [...counted].map(([field, { values, sources }]) => ({ field, values, sources })),
          examples: examples.map(id => ({ id, name: fleet.row(id)?.name ?? id })),
        };
      },
    }),
    roleRoute({
      method: 'put',
      path: PRECEDENCE,
      summary: 'Change whom to believe. Every device is merged anew.',
      access: 'admin',
      input: z.object({ body: precedenceRequest }),
      response: precedenceResponse,
      refuses: ['conflict'],
      handle: async ({ body: { replaces, ...believed } }, caller) => {
        const order = keptOf(believed);
        const hash = createHash('sha256').update(JSON.stringify(order)).digest('hex').slice(0, 16);
        const next = { order, hash, changedAt: clock.now(), changedBy: caller.actor.id };
        if (!(await records.setPrecedence(next, replaces))) {
          throw new Problem('conflict', 'somebody else has changed it meanwhile');
        }
        await audit.add(caller.actor, 'precedence.changed', PRECEDENCE_SUBJECT, {
          hash,
          fields: Object.keys(order).length,
        });
        return answer();
      },
    }),
  ];
}

/** Fields about which this says something else than the rules there are. */
function different(believed: Believed, rules: MergeRules): FieldKey[] {
  const next = rulesWith(believed.order, believed.maxAgeMs);
  return FIELD_KEYS.filter(
    field =>
      next[field].maxAgeMs !== rules[field].maxAgeMs ||
      next[field].order.some((source, place) => source !== rules[field].order[place]),
  );
}

const DEFAULTS = Object.fromEntries(
  FIELD_KEYS.map(field => [field, [...DEFAULT_RULES[field].order]]),
) as Record<FieldKey, Source[]>;
const DEFAULT_AGES = Object.fromEntries(
  FIELD_KEYS.map(field => [field, DEFAULT_RULES[field].maxAgeMs]),
) as Record<FieldKey, number | null>;

function orderOf(order: Believed['order']): Partial<Record<FieldKey, Source[]>> {
  const copy: Partial<Record<FieldKey, Source[]>> = {};
  for (const field of FIELD_KEYS) {
    const sources = order[field];
    if (sources !== undefined) copy[field] = [...sources];
  }
  return copy;
}
