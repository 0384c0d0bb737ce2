import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  changeIntegrationAccountRequest,
  type DeviceMember,
  decision,
  decisionsResponse,
  deviceSourcesResponse,
  type Integration,
  type IntegrationAccount,
  type IntegrationProblem,
  integrationAccount,
  integrationRunRequest,
  integrationRunResponse,
  integrationsResponse,
  integrationTestResponse,
  matchIssuesResponse,
  newIntegrationAccountRequest,
  type PrecedenceResponse,
  precedenceRequest,
  precedenceResponse,
} from '../../../shared/api/integrations.ts';
import { hasRole, type Role } from '../../../shared/api/schemas.ts';
import { contradictionsOf } from '../../../shared/device/contradiction.ts';
import { FIELD_KEYS, type FieldKey, type Source } from '../../../shared/device/device.ts';
import { pin } from '../../../shared/device/match.ts';
import { accountId } from '../../../shared/device/observation.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { tell } from '../../../shared/problem/tell.ts';
import type { Connector } from '../../connect/connector.ts';
import { shownSettings } from '../../connect/secrets.ts';
import { accountState, connectorState } from '../../connect/states.ts';
import { recordKey } from '../../merge/member.ts';
import { DEFAULT_RULES } from '../../merge/precedence.ts';
import type { AccountKey, StoredPin } from '../../store/connectors.ts';
import type { AccountNow } from '../../sync/accounts.ts';
import type { DeviceSources } from '../../sync/records.ts';
import type { RouteDeps } from '../deps.ts';
import { idParams, noContent, noInput, publicRoute, type Route, roleRoute } from '../route.ts';

const PATH = '/api/v1/integrations';
const DECISIONS = '/api/v1/match/decisions';
/** Subject of the audit entries about whom to believe. */
const PRECEDENCE_SUBJECT = 'precedence';
/** Most issues of the matching in one answer; what is beyond is told by their number. */
const MAX_ISSUES = 500;

const accountParams = z.object({ connector: z.string().min(1).max(40), account: accountId });

/** Other systems: connectors and their accounts, what is one device, whom to believe. */
export function integrationRoutes(deps: RouteDeps): Route[] {
  return [...accountRoutes(deps), noticeRoute(deps), ...matchRoutes(deps), ...precedenceRoutes(deps)];
}

function accountRoutes({ accounts, records, audit, clock, settings }: RouteDeps): Route[] {
  const base = settings.publicUrl ?? '';
  const shown = (connector: Connector, now: AccountNow, role: Role): IntegrationAccount =>
    accountOf(connector, now, {
      isAdmin: hasRole(role, 'admin'),
      records: connector.observes === null ? null : records.known(now.stored).size,
      noticePath: connector.takesNotices ? `${base}${PATH}/${subjectOf(now.stored)}/notices` : null,
    });

  function all(role: Role): Integration[] {
    return accounts.connectors.map(connector => {
      const own = accounts.of(connector.id);
      return integrationOf(
        connector,
        own.map(now => shown(connector, now, role)),
        connectorState(own.map(({ stored }) => ({ ...stored.standing, savedAt: stored.savedAt }))),
      );
    });
  }

  return [
    roleRoute({
      method: 'get',
      path: PATH,
      summary: 'Every connector with what it needs, its accounts and how they stand.',
      access: 'viewer',
      input: noInput,
      response: integrationsResponse,
      handle: (_input, caller) => ({
        integrations: all(caller.role),
        devices: records.counts(),
        issues: records.issues().length,
      }),
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/:connector/accounts`,
      summary: 'Connect an account. It is asked at once; secrets are never given back.',
      access: 'admin',
      input: z.object({
        params: z.object({ connector: z.string().min(1).max(40) }),
        body: newIntegrationAccountRequest,
      }),
      response: integrationAccount,
      status: 201,
      refuses: ['not-found', 'conflict'],
      handle: async ({ params, body }, caller) => {
        const connector = accounts.connector(params.connector);
        const key = { connector: connector.id, account: body.account };
        const now = await accounts.add(key, { ...body, by: caller.actor.id });
        await audit.add(caller.actor, 'integration.added', subjectOf(key), { label: body.label });
        return shown(connector, now, caller.role);
      },
    }),
    roleRoute({
      method: 'put',
      path: `${PATH}/:connector/accounts/:account`,
      summary: 'Change an account. A secret that is left out stays, unless an address changes.',
      access: 'admin',
      input: z.object({ params: accountParams, body: changeIntegrationAccountRequest }),
      response: integrationAccount,
      refuses: ['not-found', 'conflict'],
      handle: async ({ params, body }, caller) => {
        const connector = accounts.connector(params.connector);
        const now = await accounts.change(params, { ...body, by: caller.actor.id }, body.replaces);
        const changed = Object.keys(body.settings).filter(key => connector.secrets.includes(key));
        await audit.add(caller.actor, 'integration.changed', subjectOf(params), {
          label: body.label,
          secrets: changed.length,
        });
        return shown(connector, now, caller.role);
      },
    }),
    roleRoute({
      method: 'delete',
      path: `${PATH}/:connector/accounts/:account`,
      summary: 'Disconnect an account. What it has said is forgotten.',
      access: 'admin',
      input: z.object({ params: accountParams }),
      response: noContent,
      refuses: ['not-found'],
      handle: async ({ params }, caller) => {
        const known = records.known(params).size;
        await accounts.remove(params);
        await audit.add(caller.actor, 'integration.removed', subjectOf(params), { records: known });
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/:connector/accounts/:account/test`,
      summary: 'Try sign-in and rights now, changing nothing. What fails is a line, in the vendor’s words.',
      access: 'admin',
      input: z.object({ params: accountParams }),
      response: integrationTestResponse,
      refuses: ['not-found', 'secret-unreadable'],
      handle: async ({ params }, caller) => {
        const lines = await accounts.test(params);
        await audit.add(caller.actor, 'integration.tested', subjectOf(params), {
          failed: lines.filter(({ outcome }) => outcome === 'failed').length,
        });
        return { lines: [...lines] };
      },
    }),
    roleRoute({
      method: 'post',
      path: `${PATH}/:connector/accounts/:account/run`,
      summary: 'Read an account now instead of later.',
      access: 'admin',
      input: z.object({ params: accountParams, body: integrationRunRequest }),
      response: integrationRunResponse,
      refuses: ['not-found'],
      handle: async ({ params, body: { everything } }, caller) => {
        const started = accounts.runNow(params, everything);
        await audit.add(caller.actor, 'integration.run-requested', subjectOf(params), {
          started,
          everything,
          at: clock.now(),
        });
        return { started };
      },
    }),
  ];
}

/** Where a vendor calls. Who calls is checked by the connector; nothing of what is called is believed, only read again. */
function noticeRoute({ accounts }: RouteDeps): Route {
  return publicRoute({
    method: 'post',
    path: `${PATH}/:connector/:account/notices`,
    summary: 'A vendor’s call that devices have changed (Workspace ONE event notification).',
    input: z.object({ params: accountParams }),
    response: z.string(),
    produces: 'text/plain',
    takesText: true,
    refuses: ['not-found'],
    handle: ({ params }, _caller, asked) => {
      const { status, headers } = accounts.notice(params, {
        method: asked.method,
        authorization: asked.header('authorization') ?? null,
        body: asked.text,
      });
      asked.answerWith(status, headers);
      return '';
    },
  });
}

function matchRoutes({ accounts, records, fleet, audit }: RouteDeps): Route[] {
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
      summary: 'What was noticed about which records are one device, and a person should know or decide.',
      access: 'viewer',
      input: noInput,
      response: matchIssuesResponse,
      handle: () => ({
        issues: records
          .issues()
          .slice(0, MAX_ISSUES)
          .map(issue => ({
            issue,
            devices: records.devicesOf(issue.members).map(id => ({ id, name: fleet.row(id)?.name ?? id })),
          })),
      }),
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
        const decided = await records.addPin(body, caller.actor.id);
        const { kind, one, other } = body;
        await audit.add(caller.actor, 'match.decided', decided.id, { kind, one, other });
        return decisionOf(decided);
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
        if (!(await records.removePin(id))) throw new Problem('not-found', 'there is no such decision');
        await audit.add(caller.actor, 'match.decision-removed', id);
      },
    }),
  ];
}

function precedenceRoutes({ records, audit, clock }: RouteDeps): Route[] {
  const path = '/api/v1/precedence';
  function answer(): PrecedenceResponse {
    const current = records.precedence;
    return {
      order: orderOf(current?.order ?? {}),
      defaults: DEFAULTS,
      hash: current?.hash ?? null,
      changedAt: current?.changedAt ?? null,
      changedBy: current?.changedBy ?? null,
    };
  }
  return [
    roleRoute({
      method: 'get',
      path,
      summary: 'Whom to believe about each fact, most trusted first.',
      access: 'viewer',
      input: noInput,
      response: precedenceResponse,
      handle: answer,
    }),
    roleRoute({
      method: 'put',
      path,
      summary: 'Change whom to believe. Every device is merged anew.',
      access: 'admin',
      input: z.object({ body: precedenceRequest }),
      response: precedenceResponse,
      refuses: ['conflict'],
      handle: async ({ body: { order, replaces } }, caller) => {
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

const DEFAULTS = Object.fromEntries(
  FIELD_KEYS.map(field => [field, [...DEFAULT_RULES[field].order]]),
) as Record<FieldKey, Source[]>;

function orderOf(
  order: Partial<Readonly<Record<FieldKey, readonly Source[]>>>,
): Partial<Record<FieldKey, Source[]>> {
  const copy: Partial<Record<FieldKey, Source[]>> = {};
  for (const field of FIELD_KEYS) {
    const sources = order[field];
    if (sources !== undefined) copy[field] = [...sources];
  }
  return copy;
}

function subjectOf({ connector, account }: AccountKey): string {
  return `${connector}/${account}`;
}

function integrationOf(
  connector: Connector,
  accounts: IntegrationAccount[],
  { state, withIssues }: { state: Integration['state']; withIssues: number },
): Integration {
  const { id, title, summary, observes, scopes, settings, operations } = connector;
  return {
    id,
    title,
    summary,
    state,
    withIssues,
    maxAccounts: connector.accounts.max,
    source: observes?.source ?? null,
    cadence:
      observes === null
        ? null
        : { fullMs: observes.cadence.fullMs, changesMs: observes.cadence.changesMs ?? null },
    blindTo: observes?.incremental?.blindTo ?? null,
    settings: settings.map(({ key, title: name, hint, kind, isRequired, fallback, choices }) => ({
      key,
      title: name,
      hint,
      kind,
      isRequired,
      fallback: fallback ?? null,
      choices: choices === undefined ? null : [...choices],
    })),
    scopes: scopes.map(({ name, why, neededTo }) => ({ name, why, neededTo })),
    operations: Object.entries(operations).map(([name, { title: words, what, isDestructive }]) => ({
      name,
      title: words,
      what,
      isDestructive,
    })),
    accounts,
  };
}

function accountOf(
  connector: Connector,
  { stored, running, unusable }: AccountNow,
  about: { isAdmin: boolean; records: number | null; noticePath: string | null },
): IntegrationAccount {
  const { account, label, demo, savedAt, savedBy, standing } = stored;
  const { workedAt, fullAt, lastProblem, lastRun, lastCheck, throttled } = standing;
  const health = { savedAt, workedAt, lastProblem };
  const { settings, secretsSet } = shownSettings(connector, stored.settings);
  const problem: IntegrationProblem | null =
    unusable !== null
      ? problemOf({ code: unusable.code, detail: unusable.detail, at: savedAt, since: savedAt })
      : lastProblem === null
        ? null
        : problemOf(lastProblem);
  return {
    account,
    label,
    demo,
    state: unusable === null ? accountState(health) : 'reconnect',
    savedAt,
    savedBy,
    settings: about.isAdmin ? settings : null,
    secretsSet: about.isAdmin ? [...secretsSet] : [],
    workedAt,
    fullAt,
    problem,
    running: running === null ? null : { since: running.since, observed: running.observed },
    lastRun,
    lastCheck: lastCheck === null ? null : { at: lastCheck.at, lines: [...lastCheck.lines] },
    throttled,
    records: about.records,
    noticePath: about.isAdmin ? about.noticePath : null,
  };
}

function problemOf({
  code,
  detail,
  at,
  since,
}: Omit<IntegrationProblem, 'what' | 'next'> & { code: Problem['code'] }) {
  const { what, next } = tell(code, 'en');
  return { code, what, next, detail, at, since };
}

function decisionOf({ id, pin: decided, at, by }: StoredPin): z.infer<typeof decision> {
  return { id, pin: decided, at, by };
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
