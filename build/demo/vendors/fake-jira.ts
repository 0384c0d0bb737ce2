import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export const JIRA_ACCOUNT = {
  email: 'bot@example.com',
  apiToken: 'jira-token/with+odd=signs&more',
  serviceDeskId: '10',
  requestTypeId: '25',
};

export function jiraError(status: number, errorMessage: string): Answer {
  return { status, json: { errorMessage, i18nErrorMessage: { i18nKey: 'k', parameters: [] } } };
}

/** A Jira Service Management site: requests of one type, a search that lags behind, comments. */
export class FakeJira {
  readonly requests: Properties[] = [];
  readonly comments: { readonly key: string; readonly body: string; readonly public: boolean }[] = [];
  /** Keys of requests the search does not know yet. */
  readonly unseen = new Set<string>();
  /** The search always lags: what is made is unseen until the test says otherwise. */
  lags = false;
  pageMost = 50;
  required = ['summary'];
  #vendor: FakeVendor | null = null;

  static async start(): Promise<FakeJira> {
    const fake = new FakeJira();
    fake.#vendor = await FakeVendor.start(fake.#api);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  get settings(): Record<string, string> {
    return { ...JIRA_ACCOUNT, siteUrl: this.vendor.url };
  }

  readonly #api: Handler = asked => {
    const path = asked.path.replace('/rest/servicedeskapi', '');
    if (path === asked.path) return undefined;
    const basic = Buffer.from(`${JIRA_ACCOUNT.email}:${JIRA_ACCOUNT.apiToken}`).toString('base64');
    if (![`Basic ${basic}`, `Bearer ${JIRA_ACCOUNT.apiToken}`].includes(asked.headers.authorization ?? '')) {
      return { status: 401, text: '<html><title>Unauthorized (401)</title></html>' };
    }
    if (path === '/servicedesk/10/requesttype/25/field') {
      const fields = ['summary', 'description', 'customfield_10001'].map(fieldId => ({
        fieldId,
        name: `Field ${fieldId}`,
        required: this.required.includes(fieldId),
      }));
      return { json: { requestTypeFields: fields, canRaiseOnBehalfOf: true } };
    }
    if (path === '/request') return asked.method === 'POST' ? this.#create(asked) : this.#search(asked);
    const [, key, rest] = /^\/request\/([A-Z]+-\d+|\d+)(\/comment)?$/.exec(path) ?? [];
    const request = this.requests.find(({ issueKey, issueId }) => issueKey === key || issueId === key);
    if (request === undefined) return jiraError(404, 'Issue does not exist or you do not have permission.');
    if (rest === undefined) return { json: request };
    const { body, public: isPublic } = asked.json as { body: string; public: boolean };
    this.comments.push({ key: String(request.issueKey), body, public: isPublic });
    return { status: 201, json: { id: '1', body, public: isPublic } };
  };

  #create({ json }: Asked): Answer {
    const { requestFieldValues, serviceDeskId, requestTypeId } = json as {
      requestFieldValues: Record<string, string>;
      serviceDeskId: string;
      requestTypeId: string;
    };
    const number = this.requests.length + 1;
    const request = {
      issueId: String(107_000 + number),
      issueKey: `HELP-${number}`,
      serviceDeskId,
      requestTypeId,
      createdDate: { iso8601: '2026-01-10T14:42:00+0700', epochMillis: Date.UTC(2026, 0, 10, 7, 42) },
      requestFieldValues: Object.entries(requestFieldValues).map(([fieldId, value]) => ({ fieldId, value })),
      currentStatus: {
        status: 'Waiting for support',
        statusCategory: 'NEW',
        statusDate: { iso8601: '2026-01-10T14:42:00+0700' },
      },
      _links: {
        web: `${this.vendor.url}/servicedesk/customer/portal/10/HELP-${number}`,
        agent: `${this.vendor.url}/browse/HELP-${number}`,
      },
    };
    this.requests.push(request);
    if (this.lags) this.unseen.add(request.issueKey);
    return { status: 201, json: request };
  }

  /** By words, as a search does: it finds other requests that have some of them, too. */
  #search({ query }: Asked): Answer {
    const words = (query.get('searchTerm') ?? '').replaceAll('"', '').split(/[\s.-]+/);
    const found = this.requests.filter(({ issueKey, requestFieldValues }) => {
      const text = JSON.stringify(requestFieldValues);
      return !this.unseen.has(String(issueKey)) && words.some(word => text.includes(word));
    });
    const start = Number(query.get('start') ?? 0);
    const limit = Math.min(Number(query.get('limit') ?? 50), this.pageMost);
    const values = found.slice(start, start + limit);
    return {
      json: { size: values.length, start, limit, isLastPage: start + limit >= found.length, values },
    };
  }
}
