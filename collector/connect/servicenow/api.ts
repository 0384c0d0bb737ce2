import { z } from 'zod';
import { Problem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import { basicAuthorization, type ErrorWords, type HttpAnswer } from '../http.ts';
import { addressSetting, choiceSetting, secretSetting, textSetting, textSettingOr } from '../setting.ts';
import type { TicketName } from '../ticket.ts';
import { grantOf, type Send, sendWithToken, TokenCache } from '../token.ts';
import { plain } from './convert.ts';

/*
 * ServiceNow's Table API as far as incidents go: docs.servicenow.com, "Table API"; bodies by recorded answers of a
 * developer instance.
 */

const WORD = /^[\w .,:/()-]{0,100}$/u;

export const serviceNowSettings = {
  instanceUrl: addressSetting({
    title: 'Instance address',
    hint: 'As people open it: https://yourcompany.service-now.com.',
  }),
  signIn: choiceSetting(['user and password', 'client credentials'], {
    title: 'Sign-in',
    hint: 'A user made for this, or an OAuth application with the client credentials grant.',
  }),
  user: textSetting({ title: 'User name or client ID', hint: 'Of the user or the OAuth application.' }),
  secret: secretSetting({
    title: 'Password or client secret',
    hint: 'Of the user or the OAuth application.',
  }),
  table: textSettingOr(
    'incident',
    { title: 'Table', hint: 'Where tickets are made: incident, or a table extended from it.' },
    /^[a-z][a-z0-9_]{0,79}$/,
  ),
  assignmentGroup: textSettingOr(
    '',
    { title: 'Assignment group', hint: 'Name or sys_id; empty leaves it to the instance’s rules.' },
    WORD,
  ),
  category: textSettingOr('', { title: 'Category', hint: 'As the instance calls it; may be empty.' }, WORD),
};

const allSettings = z.object(serviceNowSettings);
export type ServiceNowSettings = z.output<typeof allSettings>;

/** Limits are rules each instance sets by the hour; 429 names the rule and when it ends. Tickets are few. */
const RATE = { concurrent: 2 };

const apiError = z.looseObject({
  error: z.union([
    z.looseObject({ message: z.string().nullish(), detail: z.string().nullish() }),
    z.string(),
  ]),
});

const record = z.looseObject({ sys_id: z.string().min(1) });
export type NowRecord = z.infer<typeof record>;

const tokenError = z.object({ error: z.string(), error_description: z.string().optional() });

function nowWords(body: unknown): ErrorWords | undefined {
  const error = apiError.safeParse(body).data?.error;
  if (error === undefined) return undefined;
  if (typeof error === 'string') return { message: error };
  return { code: error.message ?? undefined, message: error.detail ?? undefined };
}

function signInWords(body: unknown): ErrorWords | undefined {
  const said = tokenError.safeParse(body).data;
  return said === undefined ? undefined : { code: said.error, message: said.error_description };
}

/** What is read of a ticket. */
const FIELDS = [
  'sys_id',
  'number',
  'active',
  'assigned_to',
  'assignment_group',
  'closed_at',
  'correlation_id',
  'opened_at',
  'priority',
  'resolved_at',
  'short_description',
  'state',
  'sys_updated_on',
];

export interface ServiceNow {
  /**
   * The ticket with our key. An instance that does not know a field of a query leaves that part out and gives everything:
   * an answer with anything else in it is none.
   *
   * @throws Problem `vendor-answer` when the instance does not filter
   */
  find(by: 'correlation_id' | 'number', value: string): Promise<TicketName | null>;
  create(fields: Readonly<Record<string, string>>): Promise<TicketName & { readonly record: NowRecord }>;
  read(sysId: string): Promise<NowRecord | null>;
  change(sysId: string, fields: Readonly<Record<string, string>>): Promise<void>;
  /** Reads at most one record, to see whether that is allowed. */
  tryReading(): Promise<void>;
  signIn(): Promise<void>;
}

type Query = Readonly<Record<string, string>>;

export function openServiceNow(settings: ServiceNowSettings, io: ConnectorIo): ServiceNow {
  const { instanceUrl, table } = settings;
  const http = io.http({ origins: [instanceUrl], rate: RATE, words: nowWords });
  const { send, signIn } = signedIn(settings, io, http);
  const addressOf = (path: string, query: Query = {}): URL => {
    const url = new URL(`${instanceUrl}/api/now/table/${table}${path}`);
    url.search = Object.entries({ ...query, sysparm_exclude_reference_link: 'true' })
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
    return url;
  };
  /** 200 with an error in it: a query that took too long is cut off, and what came so far is beside the error. */
  const resultOf = (answer: HttpAnswer): unknown => {
    const body = z.looseObject({ result: z.unknown().optional() }).safeParse(answer.json).data;
    if (body === undefined)
      throw new Problem('vendor-answer', `${answer.url.host} answered without a result`);
    if (body.status === 'failure' || (body.error !== undefined && body.error !== null)) {
      throw http.problemOf(answer, undefined, 'vendor-failed');
    }
    return body.result;
  };
  const one = (answer: HttpAnswer): NowRecord => {
    const read = record.safeParse(resultOf(answer)).data;
    if (read === undefined)
      throw new Problem('vendor-answer', `${answer.url.host} answered without a record`);
    return read;
  };
  const list = async (query: Query): Promise<NowRecord[]> => {
    const answer = await send({ url: addressOf('', query), accept: [404] });
    if (answer.status === 404) {
      // Older releases say so when there is none.
      if (/no record/i.test(nowWords(answer.json)?.code ?? '')) return [];
      throw http.problemOf(answer);
    }
    const result = resultOf(answer);
    if (!Array.isArray(result)) {
      throw new Problem('vendor-answer', `${answer.url.host} answered without a list`);
    }
    return result.map(item => record.safeParse(item).data).filter(item => item !== undefined);
  };
  const fields = FIELDS.join(',');
  return {
    find: async (by, value) => {
      const found = await list({
        sysparm_query: `${by}=${value}^ORDERBYsys_created_on`,
        sysparm_fields: fields,
        sysparm_limit: '10',
      });
      if (found.some(item => plain(item[by])?.toLowerCase() !== value.toLowerCase())) {
        throw new Problem('vendor-answer', `the instance does not find records of ${table} by ${by}`);
      }
      const [first] = found;
      return first === undefined ? null : nameOf(first);
    },
    create: async given => {
      const answer = await send({
        method: 'POST',
        url: addressOf('', { sysparm_fields: fields }),
        json: given,
      });
      const made = one(answer);
      return { ...nameOf(made), record: made };
    },
    read: async sysId => {
      const url = addressOf(`/${encodeURIComponent(sysId)}`, { sysparm_fields: fields });
      const answer = await send({ url, accept: [404] });
      return answer.status === 404 ? null : one(answer);
    },
    change: async (sysId, given) => {
      const url = addressOf(`/${encodeURIComponent(sysId)}`, { sysparm_fields: 'sys_id' });
      one(await send({ method: 'PATCH', url, json: given }));
    },
    tryReading: async () => {
      await list({ sysparm_limit: '1', sysparm_fields: 'sys_id' });
    },
    signIn,
  };
}

function nameOf(item: NowRecord): TicketName {
  return { id: item.sys_id, number: plain(item.number) ?? item.sys_id };
}

function signedIn(
  settings: ServiceNowSettings,
  { http, clock, secrets }: ConnectorIo,
  api: ReturnType<ConnectorIo['http']>,
): { readonly send: Send; readonly signIn: () => Promise<void> } {
  const { instanceUrl, user, secret } = settings;
  if (settings.signIn === 'user and password') {
    const headers = basicAuthorization(user, secret, secrets);
    return {
      send: request => api.send({ ...request, headers: { ...request.headers, ...headers } }),
      // Basic credentials are only seen with a request.
      signIn: () => Promise.resolve(),
    };
  }
  const login = http({
    origins: [instanceUrl],
    rate: { concurrent: 1 },
    words: signInWords,
    codeOf: ({ status }) => (status === 400 || status === 401 ? 'vendor-credentials' : undefined),
  });
  const tokens = new TokenCache(
    async () => {
      const answer = await login.send({
        method: 'POST',
        url: `${instanceUrl}/oauth_token.do`,
        form: { grant_type: 'client_credentials', client_id: user, client_secret: secret },
        repeatable: true,
      });
      return grantOf(answer);
    },
    { clock, secrets },
  );
  return {
    send: sendWithToken(api, tokens),
    signIn: async () => {
      await tokens.get();
    },
  };
}
