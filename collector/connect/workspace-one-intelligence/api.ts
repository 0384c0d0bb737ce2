import { z } from 'zod';
import { HOUR, SECOND } from '../../../shared/base/durations.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import type { ConnectorIo } from '../connector.ts';
import { vendorIdOf } from '../fields.ts';
import { basicAuthorization, type ErrorWords, type HttpAnswer } from '../http.ts';
import { type Pages, pagesByOffset } from '../page.ts';
import { addressSetting, listSetting, secretSetting, textSetting } from '../setting.ts';
import { grantOf, sendWithToken, TokenCache } from '../token.ts';
import { readTable, type Table } from './table.ts';

/*
 * Workspace ONE (Omnissa) Intelligence, REST API V2: the vendor's swagger and the PDF beside it. There is no list of
 * devices; everything is a report, of columns that are named `integration.entity.attribute`.
 */

export const signInSettings = {
  apiUrl: addressSetting({
    title: 'API address',
    hint: 'Of your region: https://api.na1.data.workspaceone.com, https://api.eu1.data.workspaceone.com, ...',
  }),
  tokenUrl: addressSetting({
    title: 'Token address',
    hint: 'tokenEndpoint of the service account’s file: https://auth.na1.data.workspaceone.com/oauth/token.',
  }),
  clientId: textSetting({
    title: 'Client ID',
    hint: 'Intelligence, Settings, Service Accounts: clientId of the file.',
  }),
  clientSecret: secretSetting({ title: 'Client secret', hint: 'clientSecret of the file.' }),
  downloadHosts: listSetting({
    title: 'Hosts of downloads',
    hint: 'Finished reports are fetched from Amazon’s storage. Add a domain only if yours come from elsewhere.',
  }),
};

const signIn = z.object(signInSettings);
export type SignIn = z.output<typeof signIn>;

/** Where the vendor keeps finished reports; a signed address there is fetched without anything of ours. */
const STORAGE = ['amazonaws.com'];

/**
 * 100 requests a second, 1,000 an hour and 15,000 a day for a whole organisation (table 1 of the vendor's PDF); half is
 * left to others.
 */
const RATE = {
  concurrent: 2,
  windows: [
    { requests: 50, withinMs: SECOND },
    { requests: 500, withinMs: HOUR },
    { requests: 7500, withinMs: 24 * HOUR },
  ],
};

/** The most a page may hold. */
const PAGE_SIZE = 1000;
const DOWNLOAD_MAX_BYTES = 128 * 1024 * 1024;

const tokenError = z.looseObject({
  error: z.string().optional().catch(undefined),
  error_description: z.string().optional().catch(undefined),
});

const apiError = z.looseObject({
  errors: z.array(
    z.looseObject({
      code: z.union([z.number(), z.string()]).nullish().catch(undefined),
      message: z.string().nullish().catch(undefined),
      violated_property: z.string().nullish().catch(undefined),
    }),
  ),
});

export function intelligenceWords(body: unknown): ErrorWords | undefined {
  const [first] = apiError.safeParse(body).data?.errors ?? [];
  if (first === undefined) return undefined;
  const property = first.violated_property ?? '';
  const code = first.code === undefined || first.code === null ? undefined : `${first.code}`;
  return { code, message: `${first.message ?? ''}${property === '' ? '' : ` (${property})`}` };
}

const created = z.looseObject({ data: z.looseObject({ id: z.string().min(1) }) });
const page = z.looseObject({
  data: z.looseObject({
    total_count: z.number().int().nonnegative().nullish().catch(undefined),
    results: z.array(z.unknown()).nullish(),
  }),
});
const attributes = z.looseObject({
  data: z.array(z.looseObject({ attribute: z.string().optional().catch(undefined) })),
});

const download = z.looseObject({
  id: z.string().min(1),
  status: z.string().nullish().catch(undefined),
  start_time: z.unknown().optional(),
  created_at: z.unknown().optional(),
});
export type Download = z.infer<typeof download>;

export interface Intelligence {
  /** @throws Problem when signing in fails */
  signIn(): Promise<void>;
  /** Names of an entity's columns. */
  attributes(entity: string): Promise<ReadonlySet<string>>;
  /** Makes a report of devices and gives its id. */
  createReport(name: string, columns: readonly string[]): Promise<string>;
  /** Rows of a report as it is now. @throws Problem `vendor-not-found` for a report that is not there */
  preview(reportId: string, idOf: (row: unknown) => string): Pages<unknown>;
  /** Has a report made for download. */
  run(reportId: string): Promise<HttpAnswer>;
  /** What was made of a report, in no particular order. */
  downloads(reportId: string): Pages<unknown>;
  /** A finished report, by the id of its download. */
  fetch(trackingId: string): Promise<Table>;
}

export function openIntelligence(settings: SignIn, { http, clock, secrets }: ConnectorIo): Intelligence {
  const { apiUrl, tokenUrl, clientId, clientSecret } = settings;
  const login = http({
    origins: [tokenUrl],
    rate: { concurrent: 1 },
    words: body => {
      const said = tokenError.safeParse(body).data;
      return said === undefined ? undefined : { code: said.error, message: said.error_description };
    },
    codeOf: ({ status }) => (status === 400 || status === 401 ? 'vendor-credentials' : undefined),
  });
  const tokens = new TokenCache(
    async () => {
      const answer = await login.send({
        method: 'POST',
        url: `${tokenUrl}?grant_type=client_credentials`,
        headers: basicAuthorization(clientId, clientSecret, secrets),
        repeatable: true,
      });
      return grantOf(answer);
    },
    { clock, secrets },
  );
  const api = http({ origins: [apiUrl], rate: RATE, words: intelligenceWords });
  const send = sendWithToken(api, tokens);
  const reportUrl = (id: string, what: string): string =>
    `${apiUrl}/v2/reports/${encodeURIComponent(id)}/${what}`;

  const pages = (url: string, idOf: (row: unknown) => string): Pages<unknown> =>
    pagesByOffset<unknown>({
      size: PAGE_SIZE,
      idOf,
      read: async (offset, size) => {
        const json = { offset, page_size: size };
        const answer = await send({ method: 'POST', url, json, repeatable: true });
        if (answer.status === 204) return { items: undefined };
        const read = page.safeParse(answer.json).data?.data;
        if (read === undefined)
          throw new Problem('vendor-answer', `${answer.url.host} answered without a list`);
        const items = read.results ?? [];
        const total = read.total_count;
        return {
          items,
          total: total === null || total === undefined || total < items.length ? undefined : total,
        };
      },
    });

  return {
    signIn: async () => {
      await tokens.get();
    },
    attributes: async entity => {
      const answer = await send({
        url: `${apiUrl}/v2/meta/integration/airwatch/entity/${encodeURIComponent(entity)}/attributes`,
      });
      const read = attributes.safeParse(answer.json).data;
      if (read === undefined) throw new Problem('vendor-answer', `${answer.url.host} named no attributes`);
      return new Set(read.data.map(({ attribute }) => attribute).filter(name => name !== undefined));
    },
    createReport: async (name, columns) => {
      const answer = await send({
        method: 'POST',
        url: `${apiUrl}/v2/reports`,
        json: {
          name,
          description: 'Devices, as the collector reads them. It is used again; leave it where it is.',
          integration: 'airwatch',
          entity: 'device',
          column_names: columns,
          report_type: 'SNAPSHOT',
          report_format: 'CSV',
        },
      });
      const read = created.safeParse(answer.json).data;
      if (read === undefined) throw new Problem('vendor-answer', `${answer.url.host} made no report`);
      return read.data.id;
    },
    preview: (reportId, idOf) => pages(reportUrl(reportId, 'preview'), idOf),
    run: reportId => send({ method: 'POST', url: reportUrl(reportId, 'run') }),
    downloads: reportId =>
      pages(reportUrl(reportId, 'downloads/search'), item => readDownload(item)?.id ?? JSON.stringify(item)),
    fetch: async trackingId => {
      const url = `${apiUrl}/v2/reports/tracking/${encodeURIComponent(trackingId)}/download`;
      const answer = await send({ url, accept: [302] });
      const location = answer.headers.get('location');
      if (answer.status !== 302 || location === null)
        throw new Problem('vendor-answer', `${answer.url.host} named no download`);
      // SECURITY: the address is signed; our token must not go there.
      const { text } = await api.fetchBare(location, {
        hosts: [...STORAGE, ...settings.downloadHosts],
        maxBytes: DOWNLOAD_MAX_BYTES,
      });
      const table = readTable(text);
      if (table === null) throw new Problem('vendor-answer', 'the downloaded report cannot be read');
      return table;
    },
  };
}

export function readDownload(item: unknown): Download | null {
  return download.safeParse(item).data ?? null;
}

/** A row's device, by the column for it. */
export function deviceIdOf(row: unknown): string | null {
  const cells: Record<string, unknown> = typeof row === 'object' && row !== null ? { ...row } : {};
  return vendorIdOf(cells['airwatch.device.device_id']);
}
