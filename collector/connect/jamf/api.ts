import { z } from 'zod';
import { Problem, toProblem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import { vendorIdOf } from '../fields.ts';
import type { ErrorWords, HttpAnswer } from '../http.ts';
import { type Pages, pagesByNumber } from '../page.ts';
import { addressSetting, choiceSetting, secretSetting, textSetting } from '../setting.ts';
import { grantOf, sendWithToken, TokenCache } from '../token.ts';

/*
 * Jamf Pro API as far as devices and MDM commands go. Paths, sections and fields: the OpenAPI description a Jamf Pro server
 * itself serves (11.7.1); versions 3 and 4 of the inventory and the token's path: developer.jamf.com, changelogs of 11.23 and
 * 11.30.
 */

export const jamfSettings = {
  serverUrl: addressSetting({
    title: 'Jamf Pro address',
    hint: 'As administrators open it, without a path: https://yourcompany.jamfcloud.com.',
  }),
  clientId: textSetting({
    title: 'Client ID',
    hint: 'Settings, System, API roles and clients: the client made for this.',
  }),
  clientSecret: secretSetting({
    title: 'Client secret',
    hint: 'Shown once, when it is generated for the client.',
  }),
  reads: choiceSetting(['computers and mobile devices', 'computers', 'mobile devices'], {
    title: 'What to read',
    hint: 'Each needs a privilege of its own; leave out what the API role may not read.',
  }),
  tokenPath: choiceSetting(['automatic', '/api/oauth/token', '/api/v1/oauth/token'], {
    title: 'Token path',
    hint: 'Automatic tries the first and, where the server does not know it, the second.',
  }),
};

const allSettings = z.object(jamfSettings);
export type JamfSettings = z.output<typeof allSettings>;

/**
 * Jamf sets no rate, but asks for five requests at once at most, and fewer when answers get slow
 * (developer.jamf.com, "Jamf Pro API scalability best practices"). Two are left to others.
 */
const RATE = { concurrent: 3 };

/** Cookies by which a cluster keeps a session on one node, so that what was just written can be read. */
const STICKY = ['jpro-ingress', 'APBALANCEID'];

/** Sections that are asked for make an answer large; clients go up to 2,000 without any. */
const PAGE_SIZE = 200;

const page = z.looseObject({ totalCount: z.number().int().nonnegative(), results: z.array(z.unknown()) });

const computer = z.looseObject({ id: z.union([z.string().min(1), z.number()]) });
export type JamfComputer = z.infer<typeof computer>;
const mobile = z.looseObject({ mobileDeviceId: z.union([z.string().min(1), z.number()]) });
export type JamfMobile = z.infer<typeof mobile>;

const apiError = z.object({
  errors: z.array(
    z.looseObject({
      code: z.string().nullish(),
      description: z.string().nullish(),
      field: z.string().nullish(),
    }),
  ),
});
const tokenError = z.object({ error: z.string(), error_description: z.string().optional() });

/** What is said field by field comes as several errors; two are enough for a person. */
function jamfWords(body: unknown): ErrorWords | undefined {
  const said = apiError.safeParse(body).data?.errors.slice(0, 2) ?? [];
  if (said.length === 0) return undefined;
  const message = said
    .map(({ description, field }) => [field, description].filter(Boolean).join(' '))
    .filter(text => text !== '')
    .join('; ');
  return { code: said[0]?.code ?? undefined, message };
}

function signInWords(body: unknown): ErrorWords | undefined {
  const said = tokenError.safeParse(body).data;
  return said === undefined ? jamfWords(body) : { code: said.error, message: said.error_description };
}

/**
 * Versions of the computer inventory, newest first: the server's version that brought each (v3 11.23, v4 11.30), and the
 * property that tells the last contact, which v4 has renamed. One that is replaced goes on for at least a year.
 */
export const INVENTORIES = [
  { name: 'v4', path: '/v4/computers-inventory', since: [11, 30], contact: 'general.lastContact' },
  { name: 'v3', path: '/v3/computers-inventory', since: [11, 23], contact: 'general.lastContactTime' },
  { name: 'v1', path: '/v1/computers-inventory', since: [0, 0], contact: 'general.lastContactTime' },
] as const;
export type Inventory = (typeof INVENTORIES)[number];

const COMPUTER_SECTIONS = [
  'GENERAL',
  'HARDWARE',
  'OPERATING_SYSTEM',
  'SECURITY',
  'DISK_ENCRYPTION',
  'STORAGE',
  'USER_AND_LOCATION',
];
const MOBILE_SECTIONS = ['GENERAL', 'HARDWARE', 'SECURITY', 'USER_AND_LOCATION'];

/** What a command is addressed by; each may be missing from a record. */
export interface Addressee {
  readonly managementId: string | null;
  readonly udid: string | null;
}

export interface Jamf {
  /** The server's version as it says it (`11.30.0-t1784000000`); null when it does not. */
  version(): Promise<string | null>;
  /** Which version of the inventory is read; found out once. */
  inventory(): Promise<Inventory>;
  /** `contactedAfter`: only what talked to Jamf since, ms since 1970. `onPage` gets the vendor's time of each answer. */
  computers(options?: ListOptions): Pages<unknown>;
  mobiles(options?: ListOptions): Pages<unknown>;
  /** One record; null when there is none of this id. */
  computer(id: string): Promise<Found | null>;
  mobile(id: string): Promise<Found | null>;
  /** Queues an MDM command; gives the id it can be followed by, null when the answer has none. */
  command(managementId: string, data: Readonly<Record<string, unknown>>): Promise<string | null>;
  /** `commandState` of a queued command; null when the server has none of this id. */
  commandState(uuid: string): Promise<string | null>;
  /** Renews the MDM profile; false when the server does not know the UDID. */
  renewProfile(udid: string): Promise<boolean>;
  /** @throws Problem when signing in fails */
  signIn(): Promise<void>;
}

/** One record, not looked at yet. */
export interface Found {
  readonly record: unknown;
  /** The vendor's clock when it answered, ms since 1970. */
  readonly serverNow: number | null;
}

export interface ListOptions {
  readonly contactedAfter?: number;
  readonly size?: number;
  readonly onPage?: (serverNow: number | null) => void;
}

type Query = readonly (readonly [string, string])[];

export function openJamf(settings: JamfSettings, { http, clock, secrets }: ConnectorIo): Jamf {
  const { serverUrl, tokenPath } = settings;
  const login = http({
    origins: [serverUrl],
    rate: { concurrent: 1 },
    cookies: STICKY,
    words: signInWords,
    // Wrong id and wrong secret: 400 or 401 with invalid_client.
    codeOf: ({ status }) => (status === 400 || status === 401 ? 'vendor-credentials' : undefined),
  });
  const grant = (path: string, accept: readonly number[]): Promise<HttpAnswer> =>
    login.send({
      method: 'POST',
      url: `${serverUrl}${path}`,
      form: {
        grant_type: 'client_credentials',
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
      },
      repeatable: true,
      accept,
    });
  const tokens = new TokenCache(
    async () => {
      let answer = await grant(tokenPath === 'automatic' ? '/api/oauth/token' : tokenPath, [404]);
      if (answer.status === 404 && tokenPath === 'automatic') answer = await grant('/api/v1/oauth/token', []);
      if (answer.status === 404) throw login.problemOf(answer);
      return grantOf(answer);
    },
    { clock, secrets },
  );
  const api = http({ origins: [serverUrl], rate: RATE, cookies: STICKY, words: jamfWords });
  const send = sendWithToken(api, tokens);
  const addressOf = (path: string, query: Query = []): URL => {
    const url = new URL(`${serverUrl}/api${path}`);
    url.search = query.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
    return url;
  };

  const version = async (): Promise<string | null> => {
    // A role may lack the right to see it, and it is only a hint.
    const answer = await send({ url: addressOf('/v1/jamf-pro-version'), accept: [403, 404] });
    return z.object({ version: z.string().min(1) }).safeParse(answer.json).data?.version ?? null;
  };

  const probe = async (): Promise<Inventory> => {
    const said = readVersion(await version());
    let refusal: HttpAnswer | null = null;
    for (const candidate of inOrder(said)) {
      const query: Query = [
        ['section', 'GENERAL'],
        ['page', '0'],
        ['page-size', '1'],
      ];
      const answer = await send({ url: addressOf(candidate.path, query), accept: [404, 410] });
      if (answer.status < 300) return candidate;
      refusal = answer;
    }
    throw refusal === null ? new Problem('vendor-answer', 'no version to ask') : api.problemOf(refusal);
  };
  let found: Promise<Inventory> | null = null;
  const forget = (): void => {
    found = null;
  };
  const inventory = (): Promise<Inventory> => {
    found ??= probe().catch((error: unknown) => {
      forget();
      throw error;
    });
    return found;
  };

  const readPage = async (url: URL, onPage: ListOptions['onPage']) => {
    const answer = await send({ url });
    onPage?.(serverTime(answer));
    const read = page.safeParse(answer.json).data;
    if (read === undefined) throw new Problem('vendor-answer', `${url.host} answered without a list`);
    return { items: read.results, total: read.totalCount };
  };
  /**
   * The highest count any page told: a record that is deleted while we read moves another one over the edge of a page we
   * have already read, and what was missed that way must not be taken for gone.
   */
  const highestTotal = () => {
    let most = 0;
    return <Page extends { total: number }>(told: Page): Page => {
      most = Math.max(most, told.total);
      return { ...told, total: most };
    };
  };
  const pageQuery = (number: number, size: number): Query => [
    ['page', String(number)],
    ['page-size', String(size)],
  ];
  const sections = (names: readonly string[]): Query => names.map(name => ['section', name]);
  const after = (property: string, at: number | undefined): Query =>
    at === undefined ? [] : [['filter', `${property}=gt=${new Date(at).toISOString()}`]];

  return {
    version,
    inventory,
    computers: ({ contactedAfter, size = PAGE_SIZE, onPage } = {}) => {
      const highest = highestTotal();
      return pagesByNumber({
        size,
        idOf: item => identityOf(item, 'id'),
        read: async number => {
          const { path, contact } = await inventory();
          const url = addressOf(path, [
            ...sections(COMPUTER_SECTIONS),
            ...pageQuery(number, size),
            // By id: the default, by name, moves records between pages when a computer is renamed.
            ['sort', 'id:asc'],
            ...after(contact, contactedAfter),
          ]);
          try {
            return highest(await readPage(url, onPage));
          } catch (error) {
            // The server was updated and has this version no more: the next run looks anew.
            if (toProblem(error).code === 'vendor-not-found') forget();
            throw error;
          }
        },
      });
    },
    mobiles: ({ contactedAfter, size = PAGE_SIZE, onPage } = {}) => {
      const highest = highestTotal();
      return pagesByNumber({
        size,
        idOf: item => identityOf(item, 'mobileDeviceId'),
        read: async number => {
          const url = addressOf('/v2/mobile-devices/detail', [
            ...sections(MOBILE_SECTIONS),
            ...pageQuery(number, size),
            ['sort', 'mobileDeviceId:asc'],
            ...after('lastInventoryUpdateDate', contactedAfter),
          ]);
          return highest(await readPage(url, onPage));
        },
      });
    },
    computer: async id => {
      const { path } = await inventory();
      const url = addressOf(`${path}/${encodeURIComponent(id)}`, sections(COMPUTER_SECTIONS));
      const answer = await send({ url, accept: [404] });
      return answer.status === 404 ? null : { record: answer.json, serverNow: serverTime(answer) };
    },
    mobile: async id => {
      // The address of one device has another shape than the list.
      let serverNow: number | null = null;
      const url = addressOf('/v2/mobile-devices/detail', [
        ...sections(MOBILE_SECTIONS),
        ['filter', `mobileDeviceId==${id}`],
      ]);
      const { items } = await readPage(url, at => {
        serverNow = at;
      });
      const record = items.find(item => vendorIdOf(readMobile(item)?.mobileDeviceId) === id);
      return record === undefined ? null : { record, serverNow };
    },
    command: async (managementId, data) => {
      const answer = await send({
        method: 'POST',
        url: addressOf('/v2/mdm/commands'),
        json: { clientData: [{ managementId }], commandData: data },
      });
      // A list by the description; some answer with its only entry.
      const [first] = Array.isArray(answer.json) ? answer.json : [answer.json];
      return vendorIdOf(z.looseObject({ id: z.unknown().optional() }).safeParse(first).data?.id);
    },
    commandState: async uuid => {
      const url = addressOf('/v2/mdm/commands', [['filter', `uuid==${uuid}`]]);
      const { items } = await readPage(url, undefined);
      const [first] = items;
      const told = z
        .looseObject({ commandState: z.unknown().optional(), status: z.unknown().optional() })
        .safeParse(first).data;
      const state = told?.commandState ?? told?.status;
      return typeof state === 'string' ? state : null;
    },
    renewProfile: async udid => {
      const url = addressOf('/v1/mdm/renew-profile');
      const answer = await send({ method: 'POST', url, json: { udids: [udid] } });
      const left = renewed.safeParse(answer.json).data?.udidsNotProcessed?.udids ?? [];
      return !left.some(name => name.toUpperCase() === udid.toUpperCase());
    },
    signIn: async () => {
      await tokens.get();
    },
  };
}

/** 202 all the same, with those the server did not know. */
const renewed = z.object({
  udidsNotProcessed: z.object({ udids: z.array(z.string()).nullish() }).nullish(),
});

/** `11.30.1-t1784000000` as [11, 30]; null when it has not this form. */
export function readVersion(text: string | null): readonly [number, number] | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text ?? '') ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

/** The newest the version should have, then older ones, then those it should not have yet; all where it is not known. */
function inOrder(version: readonly [number, number] | null): readonly Inventory[] {
  if (version === null) return INVENTORIES;
  const has = ({ since: [major, minor] }: Inventory): boolean =>
    version[0] > major || (version[0] === major && version[1] >= minor);
  return [...INVENTORIES.filter(has), ...INVENTORIES.filter(candidate => !has(candidate)).reverse()];
}

export function readComputer(item: unknown): JamfComputer | null {
  return computer.safeParse(item).data ?? null;
}

export function readMobile(item: unknown): JamfMobile | null {
  return mobile.safeParse(item).data ?? null;
}

/** Something to tell records of a listing apart by, also where one has no id. */
function identityOf(item: unknown, key: string): string {
  const id = z.looseObject({ [key]: z.unknown().optional() }).safeParse(item).data?.[key];
  return vendorIdOf(id) ?? `without id: ${JSON.stringify(item)}`;
}

const addressed = z.looseObject({
  udid: z.unknown().optional(),
  general: z.looseObject({ managementId: z.unknown().optional(), udid: z.unknown().optional() }).nullish(),
});

export function readAddressee(record: unknown): Addressee {
  const told = addressed.safeParse(record).data;
  return {
    managementId: vendorIdOf(told?.general?.managementId),
    udid: vendorIdOf(told?.udid) ?? vendorIdOf(told?.general?.udid),
  };
}

function serverTime({ headers }: HttpAnswer): number | null {
  const at = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(at) ? null : at;
}
