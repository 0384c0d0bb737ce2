import { z } from 'zod';
import { Problem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import { isNothing, vendorIdOf } from '../fields.ts';
import { basicAuthorization, type ErrorWords, type HttpAnswer, type HttpRequest } from '../http.ts';
import { type Pages, pagesByNumber } from '../page.ts';
import {
  addressSetting,
  addressSettingOptional,
  choiceSetting,
  secretSetting,
  secretSettingOptional,
  textSettingOptional,
} from '../setting.ts';
import { grantOf, type Send, sendWithToken, TokenCache } from '../token.ts';

/*
 * Workspace ONE UEM's REST API as a tenant's own API explorer describes it (UEM 2511). The same path has several versions,
 * which differ in the names of parameters and properties; `Accept: application/json;version=N` chooses.
 */

const REGIONS = ['na', 'emea', 'apac', 'uat', 'other'] as const;

export const signInSettings = {
  apiUrl: addressSetting({
    title: 'API address',
    hint: 'Groups & Settings, All Settings, System, Advanced, Site URLs: the REST API URL, ending in /api.',
  }),
  tenantCode: secretSetting({
    title: 'API key',
    hint: 'System, Advanced, API, REST API: the key of an admin API service; sent as aw-tenant-code.',
  }),
  signIn: choiceSetting(['oauth', 'basic'], {
    title: 'Sign-in',
    hint: 'oauth: an OAuth client (Configurations, OAuth Client Management). basic: an administrator, where there is no OAuth.',
  }),
  region: choiceSetting(REGIONS, {
    title: 'Region of the token service',
    hint: 'na: United States, Canada. emea: United Kingdom, Germany. apac: India, Japan, Singapore, Australia.',
  }),
  tokenUrl: addressSettingOptional({
    title: 'Token address',
    hint: 'For the region other: the whole address, such as https://uem.example.com/oauth/token.',
  }),
  clientId: textSettingOptional({ title: 'Client ID', hint: 'For oauth.' }),
  clientSecret: secretSettingOptional({ title: 'Client secret', hint: 'For oauth. Shown only once.' }),
  username: textSettingOptional({ title: 'Administrator', hint: 'For basic.' }),
  password: secretSettingOptional({ title: 'Password', hint: 'For basic.' }),
};

const signIn = z.object(signInSettings);
export type SignIn = z.output<typeof signIn>;

/** Which settings a sign-in cannot do without. */
export function neededSettings({ signIn: way, region }: Pick<SignIn, 'signIn' | 'region'>) {
  if (way === 'basic') return ['username', 'password'] as const;
  return region === 'other'
    ? (['clientId', 'clientSecret', 'tokenUrl'] as const)
    : (['clientId', 'clientSecret'] as const);
}

export function tokenAddress({ region, tokenUrl }: Pick<SignIn, 'region' | 'tokenUrl'>): string {
  return region === 'other' && tokenUrl !== undefined
    ? tokenUrl
    : `https://${region}.uemauth.workspaceone.com/connect/token`;
}

export type SearchVersion = '1' | '2' | '3';

/** What each version of the device search calls things; what it answers with is read alike (convert.ts). */
const SEARCH = {
  1: { seenSince: 'seensince', pageSize: 'pagesize', list: 'Devices' },
  2: { seenSince: 'seen_since', pageSize: 'pagesize', list: 'Devices' },
  3: { seenSince: 'seen_since', pageSize: 'page_size', list: 'devices' },
} as const satisfies Record<SearchVersion, object>;

/** The most a page may hold; a larger wish is cut silently. */
const PAGE_SIZE = 500;

/**
 * The documented limit is a day's quota (50,000 requests and up), which answers tell in headers and which is shared with
 * whatever else asks this tenant; few at once keep the console quick.
 */
const RATE = { concurrent: 4 };

const tokenError = z.looseObject({
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
});

const apiError = z.looseObject({
  errorCode: z.union([z.number(), z.string()]).nullish().catch(undefined),
  message: z.string().nullish().catch(undefined),
});

export function uemWords(body: unknown): ErrorWords | undefined {
  const said = apiError.safeParse(body).data;
  if (said === undefined) return undefined;
  const code = said.errorCode === undefined || said.errorCode === null ? undefined : `${said.errorCode}`;
  return { code, message: said.message ?? undefined };
}

const record = z.looseObject({});
export type UemRecord = z.infer<typeof record>;

const bulkAnswer = z.looseObject({
  AcceptedItems: z.number().nullish().catch(undefined),
  FailedItems: z.number().nullish().catch(undefined),
  Faults: z
    .looseObject({
      Fault: z
        .array(z.looseObject({ Message: z.string().nullish().catch(undefined) }))
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

/** How much of a bulk request was taken. */
export interface BulkResult {
  readonly accepted: number;
  readonly failed: number;
  readonly faults: string;
}

/** A device by what the vendor knows it by: a number in some places, a GUID in others. */
export interface DeviceRef {
  /** null: this server did not say. */
  readonly id: number | null;
  readonly uuid: string | null;
}

export interface Commanded {
  readonly isHeld: boolean;
  readonly words: string;
  /** The vendor's clock when it was taken, ms since 1970; null: it did not say. */
  readonly takenAt: number | null;
}

type Query = Readonly<Record<string, string | number | boolean>>;

interface ListShape {
  /** Properties the entries may be under: some servers have another name than the specification. */
  readonly list: string | readonly string[];
  readonly pageSize?: string;
  readonly idOf: (item: unknown) => string;
}

/** What a listing may call its whole count. */
const TOTALS = ['Total', 'total', 'TotalResults', 'RecordCount'];

export interface Uem {
  /** @throws Problem when signing in fails */
  signIn(): Promise<void>;
  devices(options?: { seenSince?: number; pageSize?: number }): Pages<unknown>;
  /** By number or GUID; null: there is none. */
  device(vendorId: string): Promise<UemRecord | null>;
  /** What only newer servers know (battery, storage, restart); null: none of this GUID. */
  details(uuid: string): Promise<UemRecord | null>;
  /** Entries of a list, page after page; `path` after `/api`. */
  list(path: string, shape: ListShape, query?: Query): Pages<unknown>;
  /** One answer as it is, of a list that is not paged; null: nothing (204, 404). */
  get(path: string, query?: Query): Promise<unknown>;
  /** A command for one device; `isHeld`: queued, but not before an administrator lets it go. */
  command(vendorId: string, command: string, body?: unknown): Promise<Commanded>;
  post(path: string, body: unknown, query?: Query): Promise<HttpAnswer>;
  putBulk(path: string, body: unknown): Promise<BulkResult>;
  postBulk(path: string, body: unknown): Promise<BulkResult>;
}

const GUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** How a device is asked for by its id, whichever kind that is. */
export function searchBy(vendorId: string): { readonly searchby: 'Uuid' | 'DeviceId'; readonly id: string } {
  return { searchby: GUID.test(vendorId) ? 'Uuid' : 'DeviceId', id: vendorId };
}

/** A wipe beyond the wipe threshold: it is queued, and held until an administrator lets it go. */
const HELD = '5057';

/** The API key belongs to nobody. */
const WRONG_KEY = '1013';

export function openUem(
  settings: SignIn & { readonly searchVersion: SearchVersion },
  { http, clock, secrets }: ConnectorIo,
): Uem {
  const { apiUrl, tenantCode } = settings;
  const api = http({
    origins: [apiUrl],
    rate: RATE,
    words: uemWords,
    codeOf: ({ json }) => (uemWords(json)?.code === WRONG_KEY ? 'vendor-credentials' : undefined),
  });
  const tokenUrl = tokenAddress(settings);
  const tokens = new TokenCache(
    async () => {
      const { clientId = '', clientSecret = '' } = settings;
      const answer = await login.send({
        method: 'POST',
        url: tokenUrl,
        form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret },
        repeatable: true,
      });
      return grantOf(answer);
    },
    { clock, secrets },
  );
  const login = http({
    origins: [tokenUrl],
    rate: { concurrent: 1 },
    words: body => {
      const said = tokenError.safeParse(body).data;
      return said === undefined ? undefined : { code: said.error, message: said.error_description };
    },
    codeOf: ({ status }) => (status === 400 || status === 401 ? 'vendor-credentials' : undefined),
  });
  const isBasic = settings.signIn === 'basic';
  const sendSigned: Send = isBasic
    ? request => {
        const { username = '', password = '' } = settings;
        const basic = basicAuthorization(username, password, secrets);
        return api.send({ ...request, headers: { ...request.headers, ...basic } });
      }
    : sendWithToken(api, tokens);

  const send = (version: SearchVersion, request: HttpRequest): Promise<HttpAnswer> =>
    sendSigned({
      ...request,
      headers: { 'aw-tenant-code': tenantCode, Accept: `application/json;version=${version}` },
    });

  const url = (path: string, query: Query = {}): URL => {
    const address = new URL(`${apiUrl}${path}`);
    address.search = Object.entries(query)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
    return address;
  };

  const one = async (version: SearchVersion, path: string, query?: Query): Promise<UemRecord | null> => {
    const answer = await send(version, { url: url(path, query), accept: [404] });
    // 204 is how a search without a match is answered; some 404 are web pages.
    if (answer.status === 404 || answer.status === 204) return null;
    const read = record.safeParse(answer.json).data;
    if (read === undefined)
      throw new Problem('vendor-answer', `${answer.url.host} answered without a record`);
    return read;
  };

  const list = (
    version: SearchVersion,
    path: string,
    { list: keys, pageSize: sizeKey = 'pagesize', idOf }: ListShape,
    { size = PAGE_SIZE, query = {} }: { size?: number; query?: Query } = {},
  ): Pages<unknown> =>
    pagesByNumber<unknown>({
      size,
      idOf,
      read: async (page, pageSize) => {
        const asked = { ...query, page, [sizeKey]: pageSize };
        const answer = await send(version, { url: url(path, asked) });
        // No match, or a page after the last: 204 without a body.
        if (answer.status === 204) return { items: undefined };
        const envelope = record.safeParse(answer.json).data;
        if (envelope === undefined)
          throw new Problem('vendor-answer', `${answer.url.host} answered without a list`);
        const items = [keys]
          .flat()
          .map(key => envelope[key])
          .find(found => !isNothing(found));
        // A list without entries may be left out; anything else is none.
        if (items !== undefined && !Array.isArray(items)) {
          throw new Problem('vendor-answer', `${answer.url.host} answered without a list`);
        }
        const total = TOTALS.map(key => envelope[key]).find(found => typeof found === 'number');
        if (items === undefined && total === undefined) {
          throw new Problem('vendor-answer', `${answer.url.host} answered without a list`);
        }
        const entries: unknown[] = items ?? [];
        return { items: entries, total: countOf(total, entries) };
      },
    });

  const bulk = async (request: HttpRequest): Promise<BulkResult> => {
    const { json } = await send('1', request);
    const read = bulkAnswer.safeParse(json).data;
    const faults = (read?.Faults?.Fault ?? [])
      .map(({ Message }) => Message ?? '')
      .filter(text => text !== '');
    return {
      accepted: read?.AcceptedItems ?? 0,
      failed: read?.FailedItems ?? faults.length,
      faults: secrets.words(faults.join('; ')),
    };
  };

  const search = SEARCH[settings.searchVersion];
  return {
    signIn: async () => {
      if (!isBasic) await tokens.get();
    },
    devices: ({ seenSince, pageSize } = {}) =>
      list(
        settings.searchVersion,
        '/mdm/devices/search',
        { ...search, idOf: deviceIdentity },
        {
          ...(pageSize === undefined ? {} : { size: pageSize }),
          query: seenSince === undefined ? {} : { [search.seenSince]: wholeSeconds(seenSince) },
        },
      ),
    device: vendorId => one('1', '/mdm/devices', searchBy(vendorId)),
    details: uuid => one('3', `/mdm/devices/${encodeURIComponent(uuid)}`),
    list: (path, shape, query = {}) => list('1', path, shape, { query }),
    get: async (path, query) => {
      const answer = await send('1', { url: url(path, query), accept: [404] });
      return answer.status === 404 || answer.status === 204 ? null : answer.json;
    },
    command: async (vendorId, command, body = {}) => {
      const answer = await send('1', {
        method: 'POST',
        url: url('/mdm/devices/commands', { ...searchBy(vendorId), command }),
        json: body,
        accept: [403],
      });
      const words = answer.status === 403 ? uemWords(answer.json) : undefined;
      if (answer.status === 403 && words?.code !== HELD) throw api.problemOf(answer);
      const takenAt = Date.parse(answer.headers.get('date') ?? '');
      return {
        isHeld: answer.status === 403,
        words: secrets.words(words?.message ?? ''),
        takenAt: Number.isNaN(takenAt) ? null : takenAt,
      };
    },
    post: (path, json, query) => send('1', { method: 'POST', url: url(path, query), json }),
    putBulk: (path, json) => bulk({ method: 'PUT', url: url(path), json }),
    postBulk: (path, json) => bulk({ method: 'POST', url: url(path), json }),
  };
}

/** A time with its zone, as the specification wants to be asked, though it answers without one. */
function wholeSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A count that is less than what came is none. */
function countOf(total: unknown, items: readonly unknown[]): number | undefined {
  return typeof total === 'number' && total >= items.length ? total : undefined;
}

/** `Id` is a number, `{Value: number}` or missing; `Uuid` a GUID in either case of its first letter. */
export function refOf(item: unknown): DeviceRef {
  const entry: Record<string, unknown> = typeof item === 'object' && item !== null ? { ...item } : {};
  const id = entry.Id ?? entry.id ?? entry.DeviceId;
  const value: unknown = typeof id === 'object' && id !== null ? Reflect.get(id, 'Value') : id;
  const uuid = entry.Uuid ?? entry.uuid;
  const digits = vendorIdOf(value);
  return {
    id: digits !== null && /^[1-9]\d{0,14}$/.test(digits) ? Number(digits) : null,
    uuid: isNothing(uuid) ? null : vendorIdOf(uuid),
  };
}

/** What a device is kept under: its number, which every version has; its GUID where that is missing. */
export function vendorIdOfDevice(item: unknown): string | null {
  const { id, uuid } = refOf(item);
  return id === null ? uuid : String(id);
}

function deviceIdentity(item: unknown): string {
  return vendorIdOfDevice(item) ?? JSON.stringify(item);
}
