import { z } from 'zod';
import { MINUTE } from '../../../shared/base/durations.ts';
import type { ProblemCode } from '../../../shared/problem/codes.ts';
import { Problem, toProblem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import { vendorIdOf } from '../fields.ts';
import type { ErrorWords, Http, HttpAnswer, HttpRequest } from '../http.ts';
import { type Pages, pagesByCursor } from '../page.ts';
import { addressSettingOr, secretSetting, switchSetting, textSetting, textSettingOr } from '../setting.ts';
import { grantOf, sendWithToken, TokenCache } from '../token.ts';

/*
 * CrowdStrike Falcon as far as hosts and their zero trust assessment go. Paths, parameters and shapes: the vendor's own
 * clients (CrowdStrike/gofalcon, CrowdStrike/falconpy); what they get wrong about null lists and the region's redirect:
 * recorded answers.
 */

/** The vendor's clouds by the name `X-Cs-Region` gives them; an account lives in one (gofalcon, cloud.go). */
export const FALCON_REGIONS: Regions = {
  'us-1': 'https://api.crowdstrike.com',
  'us-2': 'https://api.us-2.crowdstrike.com',
  'eu-1': 'https://api.eu-1.crowdstrike.com',
  'us-gov-1': 'https://api.laggar.gcw.crowdstrike.com',
  'us-gov-2': 'https://api.us-gov-2.crowdstrike.mil',
};

/** Base addresses by the region's name. */
export type Regions = Readonly<Record<string, string>>;

export const falconSettings = {
  clientId: textSetting(
    { title: 'Client ID', hint: 'Support and resources, API clients and keys: the client made for this.' },
    /^\S{6,200}$/,
  ),
  clientSecret: secretSetting({
    title: 'Client secret',
    hint: 'Shown once, when the API client is made or its secret is reset.',
  }),
  apiUrl: addressSettingOr('https://api.crowdstrike.com', {
    title: 'Base address',
    hint: 'Shown with the API client, by region. A wrong region of the vendor’s is noticed and corrected.',
  }),
  memberCid: textSettingOr(
    '',
    { title: 'Member CID', hint: 'Only for a parent account that reads one of its members.' },
    /^([0-9a-f]{32}(-[0-9a-f]{2})?)?$/i,
  ),
  zeroTrust: switchSetting(true, {
    title: 'Read zero trust assessments',
    hint: 'Scores from 1 to 100. Turn off where the subscription has none.',
  }),
  onlineState: switchSetting(true, {
    title: 'Read whether sensors are online',
    hint: 'One more request for every hundred hosts.',
  }),
};

const allSettings = z.object(falconSettings);
export type FalconSettings = z.output<typeof allSettings>;

/** 6,000 requests a minute are the whole account's (`X-RateLimit-Limit`); half is left to others. */
const RATE = { concurrent: 5, windows: [{ requests: 3000, withinMs: MINUTE }] };
/** 300 a minute for tokens, and 15 where the region is wrong. */
const LOGIN_RATE = { concurrent: 1, windows: [{ requests: 10, withinMs: MINUTE }] };

/** A listing may have 10,000; a whole record is some 10 KiB. */
const PAGE_SIZE = 500;
/** Ids that fit into an address everywhere; the vendor would take 1,000. */
const IDS_IN_ADDRESS = 100;

/** Properties of a host that are asked for. People's names and addresses in the net are not among them. */
const HOST_FIELDS = [
  'device_id',
  'agent_version',
  'build_number',
  'cid',
  'connection_mac_address',
  'device_policies',
  'first_seen',
  'hostname',
  'last_reboot',
  'last_seen',
  'mac_address',
  'os_build',
  'os_product_name',
  'os_version',
  'platform_name',
  'product_type_desc',
  'reduced_functionality_mode',
  'serial_number',
  'status',
  'system_manufacturer',
  'system_product_name',
  'tags',
];

const TOKEN_PATH = '/oauth2/token';

const REDIRECTS = [301, 302, 307, 308];

/**
 * What every answer is: `errors` and `resources` are null as often as they are empty. `expires_at` of the paging is a
 * number of nanoseconds beyond what a double holds and is left alone.
 */
const envelope = z.looseObject({
  errors: z
    .array(
      z.looseObject({
        code: z.coerce.number().nullish().catch(undefined),
        message: z.string().nullish(),
        id: z.unknown().optional(),
      }),
    )
    .nullish(),
  resources: z.array(z.unknown()).nullish(),
  meta: z
    .looseObject({
      pagination: z
        .looseObject({
          total: z.number().nullish().catch(undefined),
          next: z.string().nullish().catch(undefined),
          offset: z.union([z.string(), z.number()]).nullish().catch(undefined),
          after: z.string().nullish().catch(undefined),
        })
        .nullish(),
    })
    .nullish(),
});
type Envelope = z.infer<typeof envelope>;
type Paging = NonNullable<NonNullable<Envelope['meta']>['pagination']>;

const host = z.looseObject({ device_id: z.string().min(1) });
export type FalconHost = z.infer<typeof host>;
const assessment = z.looseObject({ aid: z.string().min(1) });
export type Assessment = z.infer<typeof assessment>;
const onlineState = z.looseObject({ id: z.string().min(1) });
export type OnlineState = z.infer<typeof onlineState>;

function falconWords(body: unknown): ErrorWords | undefined {
  const [first] = envelope.safeParse(body).data?.errors ?? [];
  return first === undefined
    ? undefined
    : {
        ...(first.code === null || first.code === undefined ? {} : { code: String(first.code) }),
        ...(first.message === null || first.message === undefined ? {} : { message: first.message }),
      };
}

/** The code inside an error, where the status does not say it (200, or 500 with 400 inside). */
function codeInside(body: unknown): number | null {
  return envelope.safeParse(body).data?.errors?.[0]?.code ?? null;
}

function problemCode(code: number | null): ProblemCode {
  if (code === 401) return 'vendor-credentials';
  if (code === 403) return 'vendor-permission';
  if (code === 404) return 'vendor-not-found';
  if (code === 429) return 'vendor-throttled';
  if (code !== null && code >= 400 && code < 500) return 'vendor-refused';
  return 'vendor-failed';
}

export interface Falcon {
  /** Name of the region the account was found in, once it has been asked; null for an address that is none of them. */
  readonly region: string | null;
  /** Signs in in this region first instead of the one that is set; an unknown name is passed over. */
  startIn(region: string): void;
  /** Records of hosts; `seenAfter`: only those seen since, ms since 1970. */
  hosts(options?: HostOptions): Pages<unknown>;
  /** One host; null when there is none of this id. */
  host(aid: string): Promise<{ readonly record: unknown; readonly serverNow: number | null } | null>;
  /** By agent id; hosts without an assessment are missing. */
  assessments(aids: readonly string[]): Promise<ReadonlyMap<string, Assessment>>;
  /** By agent id. */
  onlineStates(aids: readonly string[]): Promise<ReadonlyMap<string, OnlineState>>;
  /** The whole account's average, as it comes. */
  audit(): Promise<readonly unknown[]>;
  /** Agent ids with their scores, worst first. */
  scores(options?: { readonly size?: number }): Pages<unknown>;
  /** @returns the vendor's time when it was taken */
  act(aid: string, action: 'contain' | 'lift_containment'): Promise<number | null>;
  /** @throws Problem when signing in fails */
  signIn(): Promise<void>;
}

export interface HostOptions {
  readonly seenAfter?: number;
  readonly size?: number;
  readonly onPage?: (serverNow: number | null) => void;
}

/** `regions`: the only hosts a secret may follow a redirect to. */
export function openFalcon(settings: FalconSettings, io: ConnectorIo, regions: Regions): Falcon {
  let base = settings.apiUrl;
  /** The region is remembered, not found out: the settings may have become another account's since. */
  let isRemembered = false;
  let isSignedIn = false;
  const origins = [settings.apiUrl, ...Object.values(regions)];
  const login = io.http({
    origins,
    rate: LOGIN_RATE,
    words: falconWords,
    // Unknown id 400, wrong secret 403, and now and then 500 with the real code inside.
    codeOf: ({ status, json }) =>
      [400, 401, 403].includes(status) || (status === 500 && isRefusal(codeInside(json)))
        ? 'vendor-credentials'
        : undefined,
  });
  const api = io.http({ origins, rate: RATE, words: falconWords });

  /**
   * SECURITY: the address of a redirect is not followed as it is. Only its origin is taken, and only when it is one of the
   * regions; the path stays ours.
   */
  const movedBy = (client: Http, answer: HttpAnswer, path: string): boolean => {
    if (!REDIRECTS.includes(answer.status)) return false;
    const link = URL.parse(answer.headers.get('location') ?? '', answer.url.href);
    const found = Object.values(regions).find(address => new URL(address).origin === link?.origin);
    const isNew = found !== undefined && new URL(found).origin !== answer.url.origin;
    if (!isNew || link?.pathname !== `${new URL(found).pathname.replace(/\/$/, '')}${path}`) {
      throw client.problemOf(answer, undefined, 'vendor-redirect');
    }
    base = found;
    return true;
  };

  const askForToken = () =>
    login.send({
      method: 'POST',
      url: `${base}${TOKEN_PATH}`,
      form: {
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        ...(settings.memberCid === '' ? {} : { member_cid: settings.memberCid }),
      },
      repeatable: true,
      accept: REDIRECTS,
    });
  const firstAnswer = async (): Promise<HttpAnswer> => {
    try {
      return await askForToken();
    } catch (error) {
      if (!isRemembered || toProblem(error).code !== 'vendor-credentials') throw error;
      base = settings.apiUrl;
      return await askForToken();
    } finally {
      isRemembered = false;
    }
  };
  const tokens = new TokenCache(async () => {
    let answer = await firstAnswer();
    if (movedBy(login, answer, TOKEN_PATH)) answer = await askForToken();
    // One region knows which it is; a second redirect is none of theirs.
    if (REDIRECTS.includes(answer.status)) throw login.problemOf(answer, undefined, 'vendor-redirect');
    const granted = grantOf(answer);
    isSignedIn = true;
    return granted;
  }, io);
  const sendAuthorised = sendWithToken(api, tokens);

  type Query = readonly (readonly [string, string])[];
  const addressOf = (path: string, query: Query): URL => {
    const url = new URL(`${base}${path}`);
    url.search = query.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
    return url;
  };
  const send = async (
    path: string,
    query: Query,
    request: Omit<HttpRequest, 'url'> = {},
  ): Promise<HttpAnswer> => {
    const ask = async () =>
      sendAuthorised({
        ...request,
        url: await placed(path, query),
        accept: [...(request.accept ?? []), ...REDIRECTS],
      });
    const answer = await ask();
    if (!movedBy(api, answer, path)) return answer;
    // A token of one region is none in another.
    tokens.drop(await tokens.get());
    const again = await ask();
    if (REDIRECTS.includes(again.status)) throw api.problemOf(again, undefined, 'vendor-redirect');
    return again;
  };
  // The token comes first: asking for it may show that the account lives elsewhere.
  const placed = async (path: string, query: Query): Promise<URL> => {
    await tokens.get();
    return addressOf(path, query);
  };

  /**
   * @throws Problem when the answer holds an error, whatever its status says; `passOver` names codes that are only about
   *   some of what was asked for
   */
  const read = (answer: HttpAnswer, passOver: readonly number[] = []): Envelope => {
    const said = envelope.safeParse(answer.json).data;
    if (said === undefined || (said.resources === undefined && said.errors === undefined)) {
      throw new Problem('vendor-answer', `${answer.url.host} answered without a list`);
    }
    const errors = (said.errors ?? []).filter(({ code }) => !passOver.includes(code ?? 0));
    if (errors.length > 0) {
      throw api.problemOf(answer, undefined, problemCode(errors[0]?.code ?? null));
    }
    return said;
  };

  /** The highest count of any page: the last one of a scroll tells 0. */
  const highestTotal = () => {
    let most = 0;
    return (paging: Paging | null | undefined): number => {
      most = Math.max(most, paging?.total ?? 0);
      return most;
    };
  };

  let hasCombined = true;
  const seenFilter = (at: number | undefined): Query =>
    at === undefined ? [] : [['filter', `last_seen:>'${new Date(at).toISOString()}'`]];

  /** Whole records, by a cursor. null: this cloud does not have the address. */
  const combinedPage = async (cursor: string | null, { seenAfter, size = PAGE_SIZE }: HostOptions) => {
    const query: Query = [
      ['limit', String(size)],
      ['fields', HOST_FIELDS.join(',')],
      ...(cursor === null ? [] : ([['offset', cursor]] as const)),
      ...seenFilter(seenAfter),
    ];
    const accept = cursor === null ? [404, 405] : [];
    const answer = await send('/devices/combined/devices/v1', query, { accept });
    if (answer.status >= 400) return null;
    const { resources, meta } = read(answer);
    const paging = meta?.pagination;
    return { items: resources ?? [], paging, next: paging?.next, answer };
  };

  /** The older way: ids by a scroll, then their records. */
  const scrollPage = async (cursor: string | null, { seenAfter, size = PAGE_SIZE }: HostOptions) => {
    const answer = await send('/devices/queries/devices-scroll/v1', [
      ['limit', String(size)],
      ...(cursor === null ? [] : ([['offset', cursor]] as const)),
      ...seenFilter(seenAfter),
    ]);
    const { resources, meta } = read(answer);
    const ids = (resources ?? []).map(vendorIdOf).filter(id => id !== null);
    const items = ids.length === 0 ? [] : await records(ids);
    const { offset } = meta?.pagination ?? {};
    return { items, paging: meta?.pagination, next: vendorIdOfCursor(offset), answer };
  };
  const records = async (ids: readonly string[]): Promise<readonly unknown[]> => {
    const answer = await send('/devices/entities/devices/v2', [], {
      method: 'POST',
      json: { ids },
      repeatable: true,
    });
    // One that was deleted in between is not found; the others are there.
    return read(answer, [404]).resources ?? [];
  };

  const byIds = async (path: string, aids: readonly string[]): Promise<unknown[]> => {
    const chunks: string[][] = [];
    for (let i = 0; i < aids.length; i += IDS_IN_ADDRESS) chunks.push(aids.slice(i, i + IDS_IN_ADDRESS));
    const found = await Promise.all(
      chunks.map(async ids => {
        const answer = await send(
          path,
          ids.map(id => ['ids', id]),
          { accept: [404] },
        );
        // None of them has one: said by the status, by an error or by an empty list.
        return answer.status === 404 && answer.json === null ? [] : (read(answer, [404]).resources ?? []);
      }),
    );
    return found.flat();
  };

  return {
    get region() {
      return Object.entries(regions).find(([, address]) => address === base)?.[0] ?? null;
    },
    startIn: region => {
      // What the administrator has set to a place of its own stays there.
      const isOfVendor = Object.values(regions).includes(settings.apiUrl);
      const address = Object.hasOwn(regions, region) ? regions[region] : undefined;
      if (isSignedIn || !isOfVendor || address === undefined || address === base) return;
      base = address;
      isRemembered = true;
    },
    hosts: (options = {}) => {
      const most = highestTotal();
      return pagesByCursor({
        idOf: item => vendorIdOf(readHost(item)?.device_id) ?? `without id: ${JSON.stringify(item)}`,
        read: async cursor => {
          const combined = hasCombined ? await combinedPage(cursor, options) : null;
          if (combined === null) hasCombined = false;
          const { items, paging, next, answer } = combined ?? (await scrollPage(cursor, options));
          options.onPage?.(serverTime(answer));
          return { items, total: most(paging), next };
        },
      });
    },
    host: async aid => {
      const answer = await send('/devices/entities/devices/v2', [['ids', aid]], { accept: [404] });
      if (answer.status === 404 && answer.json === null) return null;
      const [record] = read(answer, [404]).resources ?? [];
      return record === undefined ? null : { record, serverNow: serverTime(answer) };
    },
    assessments: async aids =>
      keyed(
        await byIds('/zero-trust-assessment/entities/assessments/v1', aids),
        assessment,
        ({ aid }) => aid,
      ),
    onlineStates: async aids =>
      keyed(await byIds('/devices/entities/online-state/v1', aids), onlineState, ({ id }) => id),
    audit: async () => read(await send('/zero-trust-assessment/entities/audit/v1', [])).resources ?? [],
    scores: ({ size = 1000 } = {}) => {
      const most = highestTotal();
      return pagesByCursor({
        idOf: item =>
          vendorIdOf(assessment.safeParse(item).data?.aid) ?? `without id: ${JSON.stringify(item)}`,
        read: async cursor => {
          const answer = await send('/zero-trust-assessment/queries/assessments/v1', [
            ['filter', 'score:>=0'],
            ['sort', 'score|asc'],
            ['limit', String(size)],
            ...(cursor === null ? [] : ([['after', cursor]] as const)),
          ]);
          const { resources, meta } = read(answer);
          return {
            items: resources ?? [],
            total: most(meta?.pagination),
            next: meta?.pagination?.after,
          };
        },
      });
    },
    act: async (aid, action) => {
      const answer = await send('/devices/entities/devices-actions/v2', [['action_name', action]], {
        method: 'POST',
        json: { ids: [aid] },
      });
      // 202 all the same when the host was refused.
      read(answer);
      return serverTime(answer);
    },
    signIn: async () => {
      await tokens.get();
    },
  };
}

function isRefusal(code: number | null): boolean {
  return code !== null && code >= 400 && code < 404;
}

/** A scroll's offset is a text; a number would be a position, which this address does not know. */
function vendorIdOfCursor(offset: unknown): string | null {
  return typeof offset === 'string' && offset !== '' ? offset : null;
}

function keyed<Item>(
  items: readonly unknown[],
  schema: z.ZodType<Item>,
  keyOf: (item: Item) => string,
): ReadonlyMap<string, Item> {
  const found = new Map<string, Item>();
  for (const item of items) {
    const parsed = schema.safeParse(item);
    if (parsed.success) found.set(keyOf(parsed.data), parsed.data);
  }
  return found;
}

export function readHost(item: unknown): FalconHost | null {
  return host.safeParse(item).data ?? null;
}

function serverTime({ headers }: HttpAnswer): number | null {
  const at = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(at) ? null : at;
}
