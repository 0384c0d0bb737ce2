import { z } from 'zod';
import {
  changeIntegrationAccountRequest,
  type Integration,
  type IntegrationAccount,
  type IntegrationProblem,
  integrationAccount,
  integrationRunRequest,
  integrationRunResponse,
  integrationsResponse,
  integrationTestResponse,
  newIntegrationAccountRequest,
} from '../../../shared/api/integrations.ts';
import { hasRole, type Role } from '../../../shared/api/schemas.ts';
import { accountId } from '../../../shared/device/observation.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { tell } from '../../../shared/problem/tell.ts';
import type { Connector } from '../../connect/connector.ts';
import { shownSettings } from '../../connect/secrets.ts';
import { accountState, connectorState } from '../../connect/states.ts';
import type { AccountKey } from '../../store/connectors.ts';
import type { AccountNow } from '../../sync/accounts.ts';
import type { RouteDeps } from '../deps.ts';
import { addressKey } from '../lockout.ts';
import { noContent, noInput, publicRoute, type Route, roleRoute } from '../route.ts';

const PATH = '/api/v1/integrations';

const accountParams = z.object({ connector: z.string().min(1).max(40), account: accountId });

/** Other systems: connectors and their accounts, and the calls vendors make. */
export function integrationRoutes(deps: RouteDeps): Route[] {
  return [...accountRoutes(deps), ...noticeRoutes(deps)];
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

/**
 * Where a vendor calls. Who calls is checked by the connector; nothing of what is called is believed, only read again. UEM asks
 * with GET when an administrator tests the connection.
 */
function noticeRoutes({ accounts, lockout }: RouteDeps): Route[] {
  return (['get', 'post'] as const).map(method =>
    publicRoute({
      method,
      path: `${PATH}/:connector/:account/notices`,
      summary:
        method === 'get'
          ? 'A vendor’s test of whether it may call.'
          : 'A vendor’s call that devices have changed (Workspace ONE event notification).',
      input: z.object({ params: accountParams }),
      response: z.string(),
      produces: 'text/plain',
      takesText: true,
      refuses: ['not-found', 'sign-in-locked'],
      handle: ({ params }, _caller, asked) => {
        // SECURITY: the password of these calls is guessed no faster than a person's; counted before it is looked at.
        if (accounts.find(params) === null) throw new Problem('not-found', 'there is no such account');
        const key = `notices ${subjectOf(params)} ${addressKey(asked.address)}`;
        const { wait } = lockout.begin(key);
        if (wait > 0) {
          throw new Problem('sign-in-locked', 'too many calls with wrong credentials', {
            retryAfterMs: wait,
          });
        }
        const { status, headers } = accounts.notice(params, {
          method: asked.method,
          authorization: asked.header('authorization') ?? null,
          body: asked.text,
        });
        if (status !== 401) lockout.clear(key);
        asked.answerWith(status, headers);
        return '';
      },
    }),
  );
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
