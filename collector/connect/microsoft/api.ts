import { z } from 'zod';
import { SECOND } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import type { ErrorWords, HttpAnswer } from '../http.ts';
import { type Pages, pagesByLink } from '../page.ts';
import { addressSettingOr, secretSetting, textSetting, textSettingOr } from '../setting.ts';
import { grantOf, sendWithToken, TokenCache } from '../token.ts';

/*
 * Microsoft Graph v1.0 as far as devices go. Paths, properties and permissions: microsoftgraph/msgraph-metadata
 * schemas/v1.0-Prod.csdl and the api-reference pages of microsoft-graph-docs-contrib.
 */

const TENANT = /^([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)$/i;
const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** What both Microsoft connectors need to sign in; each has its own registration, so that each has only its own rights. */
export const signInSettings = {
  tenantId: textSetting(
    { title: 'Directory (tenant) ID', hint: 'Entra admin center, Overview: a GUID, or a verified domain.' },
    TENANT,
  ),
  clientId: textSetting(
    {
      title: 'Application (client) ID',
      hint: 'App registrations, Overview of the registration made for this.',
    },
    GUID,
  ),
  clientSecret: secretSetting({
    title: 'Client secret',
    hint: 'Certificates & secrets: the secret’s value, not its ID. Shown there only once.',
  }),
  graphUrl: addressSettingOr('https://graph.microsoft.com/v1.0', {
    title: 'Graph address',
    hint: 'Only national clouds have another, such as https://graph.microsoft.us/v1.0.',
  }),
  loginUrl: addressSettingOr('https://login.microsoftonline.com', {
    title: 'Sign-in address',
    hint: 'Only national clouds have another, such as https://login.microsoftonline.us.',
  }),
  scope: textSettingOr('https://graph.microsoft.com/.default', {
    title: 'Token scope',
    hint: 'The Graph host with /.default; goes with the Graph address.',
  }),
};

const signIn = z.object(signInSettings);
export type SignIn = z.output<typeof signIn>;

/** ids are GUIDs, but nothing hangs on it; every property is looked at by convert.ts. */
const record = z.looseObject({ id: z.string().min(1) });
export type GraphRecord = z.infer<typeof record>;

/** One page. Records are checked one by one, so that a bad one costs only itself. */
const page = z.looseObject({
  value: z.array(z.unknown()),
  '@odata.count': z.number().optional(),
  '@odata.nextLink': z.string().nullish(),
  '@odata.deltaLink': z.string().nullish(),
});

const odataError = z.object({
  error: z.object({ code: z.string().optional(), message: z.string().optional() }),
});
const signInError = z.object({ error: z.string(), error_description: z.string().optional() });

function graphWords(body: unknown): ErrorWords | undefined {
  return odataError.safeParse(body).data?.error;
}

/** The description carries trace ids and a time on further lines; the first says what is wrong. */
function signInWords(body: unknown): ErrorWords | undefined {
  const said = signInError.safeParse(body).data;
  return said === undefined
    ? undefined
    : { code: said.error, message: said.error_description?.split(/\r?\n/)[0] };
}

/**
 * Intune allows 2,000 requests in 20 s per app and tenant and sends 429 without a word about waiting; the directory counts
 * 3,500 resource units in 10 s for the smallest tenants. Both are shared with whatever else the registration does, so half
 * is left to others.
 */
const RATE = { concurrent: 4, windows: [{ requests: 1000, withinMs: 20 * SECOND }] };

export interface Graph {
  /**
   * A collection, page after page by `@odata.nextLink`. `onPage` sees each whole page. `whole` is false where the vendor's
   * count is higher than what came: pages that end early are a known defect of Intune.
   */
  list(path: string, options?: { query?: Query; onPage?: (page: GraphPage) => void }): Pages<unknown>;
  /** The same, from a link the vendor gave out before. */
  listFrom(link: string, options?: { onPage?: (page: GraphPage) => void }): Pages<unknown>;
  /** Is this an address of Graph as it is set? */
  isOurs(link: string): boolean;
  /** One record, or null when there is none of this id. */
  get(path: string, query?: Query): Promise<{ record: GraphRecord; serverNow: number | null } | null>;
  /** An action; resolves with the vendor's time when it was taken. */
  post(path: string, body?: unknown): Promise<number | null>;
  /** @throws Problem when signing in fails */
  signIn(): Promise<void>;
}

export interface GraphPage {
  readonly deltaLink: string | null;
  /** The vendor's clock when it answered, ms since 1970. */
  readonly serverNow: number | null;
  /** The link stands for a place in the changes that the vendor no longer knows; the page is empty. */
  readonly isPlaceLost: boolean;
}

/** Statuses that may mean a lost place. */
const LOST = [400, 404, 410];

type Query = Readonly<Record<string, string>>;

export function openGraph(settings: SignIn, { http, clock, secrets }: ConnectorIo): Graph {
  const { graphUrl, loginUrl, tenantId } = settings;
  const login = http({
    origins: [loginUrl],
    rate: { concurrent: 1 },
    words: signInWords,
    // Wrong tenant, unknown app, wrong or expired secret: 400 or 401, all mended in the same place.
    codeOf: ({ status }) => (status === 400 || status === 401 ? 'vendor-credentials' : undefined),
  });
  const tokens = new TokenCache(
    async () => {
      const answer = await login.send({
        method: 'POST',
        url: `${loginUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
        form: {
          grant_type: 'client_credentials',
          client_id: settings.clientId,
          client_secret: settings.clientSecret,
          scope: settings.scope,
        },
        repeatable: true,
      });
      return grantOf(answer);
    },
    { clock, secrets },
  );
  const graph = http({ origins: [graphUrl], rate: RATE, words: graphWords });
  const send = sendWithToken(graph, tokens);
  const addressOf = (path: string, query: Query = {}): URL => {
    const url = new URL(`${graphUrl}${path}`);
    // Blanks as %20: Graph reads a plus sign in $filter as itself.
    url.search = Object.entries(query)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
    return url;
  };
  const list = (first: URL, onPage?: (page: GraphPage) => void): Pages<unknown> =>
    pagesByLink({
      http: graph,
      first,
      read: async url => {
        const answer = await send({ url, accept: LOST });
        if (LOST.includes(answer.status)) {
          if (!isPlaceLost(answer)) throw graph.problemOf(answer);
          onPage?.({ deltaLink: null, serverNow: serverTime(answer), isPlaceLost: true });
          return { items: undefined };
        }
        // No body at all is how some answer "none".
        const read = answer.json === null ? null : page.safeParse(answer.json);
        if (read === null) return { items: undefined };
        if (!read.success) throw new Problem('vendor-answer', `${url.host} answered without a list`);
        onPage?.({
          deltaLink: read.data['@odata.deltaLink'] ?? null,
          serverNow: serverTime(answer),
          isPlaceLost: false,
        });
        return {
          items: read.data.value,
          total: read.data['@odata.count'],
          next: read.data['@odata.nextLink'],
        };
      },
    });
  return {
    list: (path, { query, onPage } = {}) => list(addressOf(path, query), onPage),
    listFrom: (link, { onPage } = {}) => list(new URL(link), onPage),
    isOurs: link => graph.isOurs(link),
    get: async (path, query) => {
      const answer = await send({ url: addressOf(path, query), accept: [404] });
      if (answer.status === 404) return null;
      const read = record.safeParse(answer.json).data;
      if (read === undefined)
        throw new Problem('vendor-answer', `${answer.url.host} answered without a record`);
      return { record: read, serverNow: serverTime(answer) };
    },
    post: async (path, body) =>
      serverTime(
        await send({ method: 'POST', url: addressOf(path), ...(body === undefined ? {} : { json: body }) }),
      ),
    signIn: async () => {
      await tokens.get();
    },
  };
}

/** An entry of a page as a record, or null when it is none. */
export function readRecord(item: unknown): GraphRecord | null {
  return record.safeParse(item).data ?? null;
}

function serverTime({ headers }: HttpAnswer): number | null {
  const at = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(at) ? null : at;
}

/**
 * Has the vendor forgotten our place in the changes? 410 as documented, or 400 and 404 with the code `syncStateNotFound`
 * or one that asks for a resync (delta links of the directory live seven days).
 */
function isPlaceLost({ status, json }: HttpAnswer): boolean {
  return status === 410 || /syncState|resync/i.test(graphWords(json)?.code ?? '');
}
