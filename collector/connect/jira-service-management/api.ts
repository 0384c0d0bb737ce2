import { z } from 'zod';
import { Problem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import { basicAuthorization, type ErrorWords, type HttpRequest } from '../http.ts';
import { type Pages, pagesByCursor } from '../page.ts';
import { addressSetting, secretSetting, textSetting, textSettingOr } from '../setting.ts';

/*
 * Jira Service Management's customer requests: Atlassian's own description of /rest/servicedeskapi
 * (developer.atlassian.com/cloud/jira/service-desk/rest).
 */

export const jiraSettings = {
  siteUrl: addressSetting({
    title: 'Site address',
    hint: 'https://yourcompany.atlassian.net; with an access token https://api.atlassian.com/ex/jira/ and the cloud ID.',
  }),
  email: textSettingOr(
    '',
    {
      title: 'Email',
      hint: 'Of the Atlassian account the API token belongs to; empty for an access token of a service account.',
    },
    /^(\S+@\S+)?$/,
  ),
  apiToken: secretSetting({
    title: 'API token',
    hint: 'id.atlassian.com, Security, API tokens; shown once. Or an access token.',
  }),
  serviceDeskId: textSetting(
    { title: 'Service desk ID', hint: 'A number; in the address of the portal after /portal/.' },
    /^\d{1,18}$/,
  ),
  requestTypeId: textSetting(
    { title: 'Request type ID', hint: 'A number; in the address of the portal’s form after /create/.' },
    /^\d{1,18}$/,
  ),
};

const allSettings = z.object(jiraSettings);
export type JiraSettings = z.output<typeof allSettings>;

/** Bursts are limited by a rule that is not told; writing to one issue too. Tickets are few. */
const RATE = { concurrent: 2 };

const PAGE_SIZE = 50;

const serviceDeskError = z.looseObject({ errorMessage: z.string() });
/** What Jira itself answers, below the service desk. */
const platformError = z.looseObject({
  errorMessages: z.array(z.string()).optional(),
  errors: z.record(z.string(), z.string()).optional(),
});

function jiraWords(body: unknown): ErrorWords | undefined {
  const desk = serviceDeskError.safeParse(body).data;
  if (desk !== undefined) return { message: desk.errorMessage };
  const { errorMessages = [], errors = {} } = platformError.safeParse(body).data ?? {};
  const said = [...errorMessages, ...Object.entries(errors).map(([field, text]) => `${field}: ${text}`)];
  return said.length === 0 ? undefined : { message: said.join('; ') };
}

const request = z.looseObject({
  issueId: z.union([z.string().min(1), z.number()]),
  issueKey: z.string().min(1),
});
export type JiraRequest = z.infer<typeof request>;

const page = z.looseObject({
  start: z.number().int().nonnegative().optional(),
  size: z.number().int().nonnegative().optional(),
  isLastPage: z.boolean().optional(),
  values: z.array(z.unknown()),
});

const formFields = z.looseObject({
  requestTypeFields: z
    .array(
      z.looseObject({ fieldId: z.string(), name: z.string().optional(), required: z.boolean().optional() }),
    )
    .nullish(),
});

export interface Jira {
  /** Requests made with this account whose summary has the words; a search, which knows new ones only after a while. */
  search(words: string): Pages<unknown>;
  create(fields: {
    readonly summary: string;
    readonly description: string;
    readonly onBehalfOf?: string | undefined;
  }): Promise<JiraRequest>;
  read(key: string): Promise<JiraRequest | null>;
  comment(key: string, body: string, isPublic: boolean): Promise<void>;
  /** Names of fields the form requires beside summary and description. */
  otherRequired(): Promise<string[]>;
  isOurs(address: string): boolean;
}

export function openJira(settings: JiraSettings, { http, secrets }: ConnectorIo): Jira {
  const { siteUrl, serviceDeskId, requestTypeId } = settings;
  const api = http({ origins: [siteUrl], rate: RATE, words: jiraWords });
  const authorization =
    settings.email === ''
      ? { Authorization: `Bearer ${settings.apiToken}` }
      : basicAuthorization(settings.email, settings.apiToken, secrets);
  const send = (asked: Omit<HttpRequest, 'headers'>) => api.send({ ...asked, headers: authorization });
  const addressOf = (path: string, query: Readonly<Record<string, string>> = {}): URL => {
    const url = new URL(`${siteUrl}/rest/servicedeskapi${path}`);
    url.search = Object.entries(query)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
    return url;
  };
  const requestPath = (key: string, rest = ''): URL =>
    addressOf(`/request/${encodeURIComponent(key)}${rest}`);
  return {
    search: words =>
      pagesByCursor({
        idOf: item => String(readRequest(item)?.issueId ?? `without id: ${JSON.stringify(item)}`),
        read: async cursor => {
          const from = Number(cursor ?? '0');
          const answer = await send({
            url: addressOf('/request', {
              searchTerm: words,
              requestOwnership: 'OWNED_REQUESTS',
              requestStatus: 'ALL_REQUESTS',
              serviceDeskId,
              requestTypeId,
              start: String(from),
              limit: String(PAGE_SIZE),
            }),
          });
          const read = page.safeParse(answer.json).data;
          if (read === undefined) {
            throw new Problem('vendor-answer', `${answer.url.host} answered without a list`);
          }
          // The size that is asked for is not always the one that is given; no count of the whole is told.
          const isLast = read.isLastPage ?? read.values.length < PAGE_SIZE;
          return { items: read.values, next: isLast ? null : String(from + read.values.length) };
        },
      }),
    create: async ({ summary, description, onBehalfOf }) => {
      const answer = await send({
        method: 'POST',
        url: addressOf('/request'),
        json: {
          serviceDeskId,
          requestTypeId,
          requestFieldValues: { summary, description },
          ...(onBehalfOf === undefined ? {} : { raiseOnBehalfOf: onBehalfOf }),
        },
      });
      return requestIn(answer);
    },
    read: async key => {
      const answer = await send({ url: requestPath(key), accept: [404] });
      return answer.status === 404 ? null : requestIn(answer);
    },
    comment: async (key, body, isPublic) => {
      await send({ method: 'POST', url: requestPath(key, '/comment'), json: { body, public: isPublic } });
    },
    otherRequired: async () => {
      const path = `/servicedesk/${serviceDeskId}/requesttype/${requestTypeId}/field`;
      const answer = await send({ url: addressOf(path) });
      const form = formFields.safeParse(answer.json).data;
      if (form === undefined)
        throw new Problem('vendor-answer', `${answer.url.host} answered without a form`);
      return (form.requestTypeFields ?? [])
        .filter(({ fieldId, required }) => required === true && !['summary', 'description'].includes(fieldId))
        .map(({ fieldId, name }) => name ?? fieldId);
    },
    isOurs: address => api.isOurs(address),
  };
}

function requestIn({ json, url }: { readonly json: unknown; readonly url: URL }): JiraRequest {
  const read = readRequest(json);
  if (read === null) throw new Problem('vendor-answer', `${url.host} answered without a request`);
  return read;
}

export function readRequest(item: unknown): JiraRequest | null {
  return request.safeParse(item).data ?? null;
}
