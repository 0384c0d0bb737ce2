import { z } from 'zod';
import { MINUTE, SECOND } from '../../../shared/base/durations.ts';
import { isProblem, Problem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import { vendorIdOf } from '../fields.ts';
import type { ErrorWords, Http, HttpAnswer, HttpRequest } from '../http.ts';
import { type Pages, pagesByOffset } from '../page.ts';
import {
  addressSetting,
  addressSettingOr,
  choiceSetting,
  secretSettingOptional,
  textSettingOptional,
} from '../setting.ts';
import { type Grant, TokenCache } from '../token.ts';

/*
 * Public API for REST Services of Citrix Endpoint Management and XenMobile Server: Citrix' document of 2021-04-15, to which
 * the product documentation still points. Every answer is an envelope with a `status`; a failure is often HTTP 200 with a
 * status that is not 0.
 */

export const signInSettings = {
  deployment: choiceSetting(['cloud', 'on-premises'], {
    title: 'Deployment',
    hint: 'Endpoint Management in Citrix Cloud, or a XenMobile Server of your own.',
  }),
  serverUrl: addressSetting({
    title: 'Server address',
    hint: 'With its port, without a path: https://xms.example.com:4443.',
  }),
  customerId: textSettingOptional({
    title: 'Citrix Cloud customer ID',
    hint: 'Cloud only. Citrix Cloud, Identity and Access Management, API Access.',
  }),
  clientId: textSettingOptional({
    title: 'Secure client ID',
    hint: 'Cloud only. API Access, Secure Clients.',
  }),
  clientSecret: secretSettingOptional({
    title: 'Secure client secret',
    hint: 'Cloud only. Shown once, when the secure client is made.',
  }),
  login: textSettingOptional({
    title: 'Administrator',
    hint: 'On-premises only. An account of its own whose role has the right PUBLIC_API_ACCESS.',
  }),
  password: secretSettingOptional({ title: 'Password', hint: 'On-premises only.' }),
  cloudSignIn: choiceSetting(['trust', 'oauth2'], {
    title: 'Citrix Cloud sign-in',
    hint: 'trust: the trust service. oauth2: the newer service of your region.',
  }),
  trustUrl: addressSettingOr('https://trust.citrixworkspacesapi.net', {
    title: 'Trust service address',
    hint: 'Used when sign-in is trust.',
  }),
  oauthUrl: addressSettingOr('https://api-us.cloud.com', {
    title: 'Region address',
    hint: 'Used when sign-in is oauth2: https://api-us.cloud.com, https://api-eu.cloud.com, https://api-ap-s.cloud.com.',
  }),
};

/** Which settings each kind of deployment cannot do without. */
export const NEEDED = {
  cloud: ['customerId', 'clientId', 'clientSecret'],
  'on-premises': ['login', 'password'],
} as const;

const signIn = z.object(signInSettings);
export type SignIn = z.output<typeof signIn>;

/** A status is 0 for success; it comes as a number, in some answers as text. */
const envelope = z.looseObject({ status: z.union([z.number(), z.string()]).optional() });

const failure = z.looseObject({
  status: z.union([z.number(), z.string()]).nullish().catch(undefined),
  message: z.string().nullish().catch(undefined),
  deviceActionMessages: z
    .looseObject({
      devicesActionParameters: z
        .looseObject({
          description: z.string().nullish().catch(undefined),
          messageList: z
            .array(z.looseObject({ message: z.string().nullish().catch(undefined) }))
            .nullish()
            .catch(undefined),
        })
        .nullish()
        .catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

const count = z.number().int().nonnegative().nullish().catch(undefined);

const devicePage = z.looseObject({
  filteredDevicesDataList: z.array(z.unknown()).nullish(),
  matchedRecords: count,
  totalCount: count,
  currentFilter: z
    .looseObject({ selectedFilters: z.array(z.string()).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
});
const list = z.looseObject({
  totalMatchCount: count,
  appList: z.array(z.unknown()).nullish(),
  dgList: z.array(z.unknown()).nullish(),
});
const applicationPage = z.looseObject({ applicationListData: list.nullish() });
const groupPage = z.looseObject({ dgListData: list.nullish() });

const details = z.looseObject({ device: z.looseObject({}) });
const container = z.looseObject({ container: z.looseObject({}) });
const software = z.looseObject({ softwareInventories: z.array(z.unknown()).nullish() });

const sessionAnswer = z.looseObject({ auth_token: z.string().min(1) });
const trustAnswer = z.looseObject({
  token: z.string().min(1),
  expiresIn: z.coerce.number().optional().catch(undefined),
});
const oauthAnswer = z.looseObject({
  access_token: z.string().min(1),
  /** A number in a text. */
  expires_in: z.coerce.number().optional().catch(undefined),
});

/** The most a page may hold. */
const PAGE_SIZE = 100;

/** The console of the product runs on the same server and no limit is documented: little at once. */
const RATE = { concurrent: 3 };

/**
 * A session ends by a fixed time or by inactivity, as two server properties say that cannot be read beforehand
 * (`xms.publicapi.static.timeout`, `xms.publicapi.inactivity.timeout`). It is renewed after so long, and whenever it is
 * refused before that.
 */
const SESSION_SECONDS = (10 * MINUTE) / SECOND;

const API = '/xenmobile/api/v1';
const DEVICE_FILTER = '/api/endpoint-management/devices/filter';
/** As older servers have it. */
const DEVICE_FILTER_LEGACY = `${API}/device/filter`;

export type CitrixRecord = Readonly<Record<string, unknown>>;

export interface DeviceQuery {
  /** Ids of the console's filters: `device.status.out.of.compliance`. */
  readonly filters?: readonly string[];
  readonly limit?: number;
  /** Gets what each page says of itself. */
  readonly onPage?: (page: DevicePage) => void;
}

export interface DevicePage {
  /** What the server says it filtered by; null where it does not say. */
  readonly filteredBy: readonly string[] | null;
}

export interface Citrix {
  /** Signs in, and tells where it failed. @throws Problem */
  signIn(): Promise<void>;
  devices(query?: DeviceQuery): Pages<unknown>;
  /** null: there is no such device. */
  device(id: string): Promise<CitrixRecord | null>;
  /** What is installed on a device; null: there is no such device. */
  software(id: string): Promise<readonly unknown[] | null>;
  applications(): Pages<unknown>;
  deliveryGroups(): Pages<unknown>;
  /** An application of a public store; null: there is none of this id. */
  storeApplication(id: string): Promise<CitrixRecord | null>;
  updateStoreApplication(id: string, change: unknown): Promise<void>;
  updateStorePlatform(id: string, platform: string, change: unknown): Promise<void>;
  /** One action on one device; `path` after `/device/`. @throws Problem `vendor-refused` also for a failure inside a 200 */
  act(path: string, id: string, query?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  /** Ids of the notifications that were made. */
  notify(message: unknown): Promise<readonly number[]>;
  deploy(groups: readonly (string | number)[]): Promise<void>;
}

/** What went wrong, from wherever the envelope holds it. */
export function citrixWords(body: unknown): ErrorWords | undefined {
  const said = failure.safeParse(body).data;
  if (said === undefined) return undefined;
  const { description, messageList } = said.deviceActionMessages?.devicesActionParameters ?? {};
  const parts = [said.message, description, ...(messageList ?? []).map(({ message }) => message)];
  const message = [...new Set(parts.filter(part => typeof part === 'string' && part !== ''))].join('; ');
  return { code: said.status === undefined || said.status === null ? undefined : `${said.status}`, message };
}

export function openCitrix(settings: SignIn, { http, clock, secrets }: ConnectorIo): Citrix {
  const { serverUrl } = settings;
  const server = http({ origins: [serverUrl], rate: RATE, words: citrixWords });
  const login = http({
    origins: [serverUrl],
    rate: { concurrent: 1 },
    words: citrixWords,
    codeOf: ({ status }) => (status === 400 || status === 401 ? 'vendor-credentials' : undefined),
  });
  const askSession = async (path: string, json: unknown): Promise<Grant> => {
    const url = `${serverUrl}${API}/authentication/${path}`;
    const answer = await login.send({ method: 'POST', url, json, repeatable: true });
    const granted = sessionAnswer.safeParse(answer.json).data;
    if (granted !== undefined) return { token: granted.auth_token, livesSeconds: SESSION_SECONDS };
    // Refused inside a 200.
    if (isFailure(answer.json)) throw login.problemOf(answer, undefined, 'vendor-credentials');
    throw new Problem('vendor-answer', `${answer.url.host} gave no session`);
  };
  const cloud = new TokenCache(cloudGrant(settings, { http }), { clock, secrets });
  const grantByCloud = async (): Promise<Grant> => {
    const bearerToken = await cloud.get();
    try {
      return await askSession('login/cloud', { bearerToken });
    } catch (error) {
      // The server may refuse a cloud token before its time is over: once more with a new one.
      if (!isProblem(error) || error.code !== 'vendor-credentials') throw error;
      cloud.drop(bearerToken);
      return askSession('login/cloud', { bearerToken: await cloud.get() });
    }
  };
  const { login: name, password } = settings;
  const sessions = new TokenCache(
    settings.deployment === 'cloud' ? grantByCloud : () => askSession('login', { login: name, password }),
    { clock, secrets },
  );

  /**
   * With the session's token. An ended session is refused with 401 or 403, and so is a missing right: after one new session
   * the refusal stands.
   */
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    const sendOnce = (token: string, accept: readonly number[]): Promise<HttpAnswer> =>
      server.send({
        ...request,
        headers: { ...request.headers, auth_token: token },
        accept: [...(request.accept ?? []), ...accept],
      });
    const token = await sessions.get();
    const answer = await sendOnce(token, [401, 403]);
    if (answer.status !== 401 && answer.status !== 403) return answer;
    sessions.drop(token);
    return sendOnce(await sessions.get(), []);
  };

  /**
   * The envelope of a success; null where the answer's status says that there is nothing (404 for a record, 204 for a list).
   *
   * @throws Problem `vendor-refused` for an envelope's status that is not 0
   */
  const read = async <Shape extends z.ZodType>(
    request: HttpRequest,
    shape: Shape,
    nothing: 204 | 404 = 204,
  ): Promise<z.output<Shape> | null> => {
    const answer = await send(nothing === 404 ? { ...request, accept: [404] } : request);
    if (answer.status === nothing) return null;
    if (isFailure(answer.json)) throw server.problemOf(answer, undefined, 'vendor-refused');
    const parsed = shape.safeParse(answer.json);
    if (!parsed.success)
      throw new Problem('vendor-answer', `${answer.url.host} answered without what was asked for`);
    return parsed.data;
  };

  const url = (path: string, query: Readonly<Record<string, string>> = {}): URL => {
    const address = new URL(`${serverUrl}${path}`);
    address.search = Object.entries(query)
      .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
      .join('&');
    return address;
  };

  /** Which of the two addresses this server has; found out once. */
  let deviceFilter = DEVICE_FILTER;
  const filterDevices = async (json: unknown): Promise<z.output<typeof devicePage> | null> => {
    const request = { method: 'POST', json, repeatable: true } as const;
    if (deviceFilter !== DEVICE_FILTER_LEGACY) {
      try {
        return await read({ ...request, url: url(deviceFilter) }, devicePage);
      } catch (error) {
        if (!isProblem(error) || error.code !== 'vendor-not-found') throw error;
        deviceFilter = DEVICE_FILTER_LEGACY;
      }
    }
    return read({ ...request, url: url(deviceFilter) }, devicePage);
  };

  /** Numbers and truths are sent as texts, as the document has them. */
  const filterBody = (offset: number, size: number, sortBy: string) => ({
    start: String(offset),
    limit: String(size),
    sortOrder: 'ASC',
    [sortBy]: sortBy === 'sortColumn' ? 'ID' : 'name',
    enableCount: 'true',
  });

  const changed = async (request: HttpRequest): Promise<HttpAnswer> => {
    const answer = await send(request);
    if (isFailure(answer.json)) throw server.problemOf(answer, undefined, 'vendor-refused');
    if (!isSuccess(answer.json))
      throw new Problem('vendor-answer', `${answer.url.host} did not say whether it was taken`);
    return answer;
  };

  return {
    signIn: async () => {
      await sessions.get();
    },
    devices: ({ filters = [], limit = PAGE_SIZE, onPage } = {}) =>
      pagesByOffset<unknown>({
        size: limit,
        idOf: identity,
        read: async (offset, size) => {
          const page = await filterDevices({
            ...filterBody(offset, size, 'sortColumn'),
            // A list in a text, in single quotes: so the document has it.
            ...(filters.length === 0 ? {} : { filterIds: `[${filters.map(id => `'${id}'`).join(',')}]` }),
          });
          const items = page?.filteredDevicesDataList ?? [];
          onPage?.({ filteredBy: page?.currentFilter?.selectedFilters ?? null });
          return { items, total: told(page?.matchedRecords, items) ?? told(page?.totalCount, items) };
        },
      }),
    device: async id =>
      (await read({ url: url(`${API}/device/${encodeURIComponent(id)}`) }, details, 404))?.device ?? null,
    software: async id => {
      const path = `${API}/device/${encodeURIComponent(id)}/softwareinventory`;
      const found = await read({ url: url(path) }, software, 404);
      return found === null ? null : (found.softwareInventories ?? []);
    },
    applications: () =>
      pagesByOffset<unknown>({
        size: PAGE_SIZE,
        idOf: identity,
        read: async (offset, size) => {
          const json = filterBody(offset, size, 'applicationSortColumn');
          const found = await read(
            { method: 'POST', url: url(`${API}/application/filter`), json, repeatable: true },
            applicationPage,
          );
          const items = found?.applicationListData?.appList ?? [];
          // `totalCount` beside it is 0 in the vendor's own example of two.
          return { items, total: told(found?.applicationListData?.totalMatchCount, items) };
        },
      }),
    deliveryGroups: () =>
      pagesByOffset<unknown>({
        size: PAGE_SIZE,
        idOf: identity,
        read: async (offset, size) => {
          const { enableCount: _, ...json } = filterBody(offset, size, 'deliveryGroupSortColumn');
          const found = await read(
            { method: 'POST', url: url(`${API}/deliverygroups/filter`), json, repeatable: true },
            groupPage,
          );
          const items = found?.dgListData?.dgList ?? [];
          return { items, total: told(found?.dgListData?.totalMatchCount, items) };
        },
      }),
    storeApplication: async id =>
      (await read({ url: url(`${API}/application/store/${encodeURIComponent(id)}`) }, container, 404))
        ?.container ?? null,
    updateStoreApplication: async (id, json) => {
      await changed({ method: 'PUT', url: url(`${API}/application/store/${encodeURIComponent(id)}`), json });
    },
    updateStorePlatform: async (id, platform, json) => {
      const path = `${API}/application/store/${encodeURIComponent(id)}/platform/${encodeURIComponent(platform)}`;
      await changed({ method: 'PUT', url: url(path), json });
    },
    act: (path, id, query) =>
      changed({ method: 'POST', url: url(`${API}/device/${path}`, query), json: [sentId(id)] }),
    notify: async json => {
      const answer = await changed({ method: 'POST', url: url(`${API}/device/notify`), json });
      const made = z
        .looseObject({ notificationRequests: z.record(z.string(), z.unknown()) })
        .safeParse(answer.json).data;
      return Object.values(made?.notificationRequests ?? {}).filter(
        (id): id is number => typeof id === 'number',
      );
    },
    deploy: async groups => {
      await changed({ method: 'POST', url: url(`${API}/deliverygroups/deploy`), json: groups });
    },
  };
}

/** A server of one's own numbers its devices, the cloud gives them GUIDs; each wants its own form back. */
export function sentId(id: string): string | number {
  return /^\d{1,15}$/.test(id) ? Number(id) : id;
}

/** A count that cannot be true is none: some say 0 beside a page that holds something. */
function told(total: number | null | undefined, items: readonly unknown[]): number | undefined {
  return total === null || total === undefined || total < items.length ? undefined : total;
}

/** By its id, else by its name (delivery groups have no id), else by everything it is. */
function identity(item: unknown): string {
  const { id, name }: { id?: unknown; name?: unknown } = Object(item);
  return vendorIdOf(id) ?? (typeof name === 'string' ? `name ${name}` : JSON.stringify(item));
}

function isFailure(body: unknown): boolean {
  const status = envelope.safeParse(body).data?.status;
  return status !== undefined && Number(status) !== 0;
}

function isSuccess(body: unknown): boolean {
  const status = envelope.safeParse(body).data?.status;
  return status !== undefined && Number(status) === 0;
}

/** Citrix Cloud's token for a secure client; it lives an hour. */
function cloudGrant(settings: SignIn, { http }: Pick<ConnectorIo, 'http'>) {
  const { customerId = '', clientId = '', clientSecret = '', trustUrl, oauthUrl } = settings;
  const isOauth = settings.cloudSignIn === 'oauth2';
  const base = isOauth ? oauthUrl : trustUrl;
  const service: Http = http({
    origins: [base],
    rate: { concurrent: 1 },
    words: cloudWords,
    codeOf: ({ status }) =>
      status === 400 || status === 401 || status === 403 ? 'vendor-credentials' : undefined,
  });
  const path = `${encodeURIComponent(customerId)}/tokens/clients`;
  return async () => {
    const answer = await service.send({
      method: 'POST',
      url: isOauth ? `${base}/cctrustoauth2/${path}` : `${base}/${path}`,
      ...(isOauth
        ? { form: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret } }
        : { json: { ClientId: clientId, ClientSecret: clientSecret } }),
      repeatable: true,
    });
    const trust = trustAnswer.safeParse(answer.json).data;
    if (trust !== undefined) return { token: trust.token, livesSeconds: trust.expiresIn };
    const oauth = oauthAnswer.safeParse(answer.json).data;
    if (oauth !== undefined) return { token: oauth.access_token, livesSeconds: oauth.expires_in };
    throw new Problem('vendor-answer', `${answer.url.host} gave no token`);
  };
}

const cloudError = z.looseObject({
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
  errorMessage: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

function cloudWords(body: unknown): ErrorWords | undefined {
  const said = cloudError.safeParse(body).data;
  return said === undefined
    ? undefined
    : { code: said.error, message: said.error_description ?? said.errorMessage ?? said.message };
}
