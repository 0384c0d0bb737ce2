import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export const NOW_USER = { user: 'trayline.bot', secret: 'now-secret/with+odd=signs&more' };

export function nowError(status: number, message: string, detail: string): Answer {
  return { status, json: { error: { message, detail }, status: 'failure' } };
}

/** A ServiceNow instance: one table, its query language as far as it is used, references, rights by column. */
export class FakeServiceNow {
  readonly records: Properties[] = [];
  /** Columns a query or a write may name; others are passed over without a word. */
  readonly columns = new Set([
    'correlation_id',
    'number',
    'short_description',
    'description',
    'urgency',
    'impact',
  ]);
  canRead = true;
  canWrite = true;
  #vendor: FakeVendor | null = null;

  static async start(): Promise<FakeServiceNow> {
    const fake = new FakeServiceNow();
    fake.#vendor = await FakeVendor.start(fake.#token, fake.#api);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  get settings(): Record<string, string> {
    return { ...NOW_USER, instanceUrl: this.vendor.url };
  }

  readonly #token: Handler = ({ path, form }) => {
    if (path !== '/oauth_token.do') return undefined;
    const isRight =
      form.get('grant_type') === 'client_credentials' &&
      form.get('client_id') === NOW_USER.user &&
      form.get('client_secret') === NOW_USER.secret;
    return isRight
      ? { json: { access_token: 'now-token-1234567890', token_type: 'Bearer', expires_in: 1799 } }
      : { status: 401, json: { error: 'access_denied', error_description: 'access_denied' } };
  };

  readonly #api: Handler = asked => {
    const found = /^\/api\/now\/table\/incident(?:\/([0-9a-f]+))?$/.exec(asked.path);
    if (found === null) return undefined;
    const basic = Buffer.from(`${NOW_USER.user}:${NOW_USER.secret}`).toString('base64');
    if (![`Basic ${basic}`, 'Bearer now-token-1234567890'].includes(asked.headers.authorization ?? '')) {
      return nowError(401, 'User Not Authenticated', 'Required to provide Auth information');
    }
    const isWrite = asked.method !== 'GET';
    if (isWrite ? !this.canWrite : !this.canRead) {
      return nowError(403, 'Operation Failed', 'ACL Exception: insufficient rights');
    }
    if (found[1] === undefined) return isWrite ? this.#insert(asked) : this.#list(asked);
    const record = this.records.find(({ sys_id: id }) => id === found[1]);
    if (record === undefined)
      return nowError(404, 'No Record found', 'Record doesn’t exist or ACL restricts');
    if (isWrite) Object.assign(record, asked.json);
    return { json: { result: record } };
  };

  #list({ query }: Asked): Answer {
    const conditions = (query.get('sysparm_query') ?? '')
      .split('^')
      .map(part => /^([a-z_]+)=(.*)$/.exec(part))
      .filter(part => part !== null)
      // What the instance does not know is left out of the query, and everything is found.
      .filter(([, column]) => this.columns.has(column ?? ''));
    const result = this.records.filter(record =>
      conditions.every(([, column = '', value]) => record[column] === value),
    );
    return {
      json: { result: result.slice(0, Number(query.get('sysparm_limit') ?? 10_000)) },
      headers: { 'X-Total-Count': String(result.length) },
    };
  }

  #insert({ json }: Asked): Answer {
    const number = this.records.length + 1;
    const kept = Object.entries(json as Properties).filter(([column]) => this.columns.has(column));
    const record = {
      sys_id: String(number).padStart(32, '0'),
      number: `INC${String(number).padStart(7, '0')}`,
      active: 'true',
      state: '1',
      priority: '5',
      correlation_id: '',
      opened_at: '2026-01-10 10:59:39',
      sys_updated_on: '2026-01-10 11:00:00',
      resolved_at: '',
      closed_at: '',
      assigned_to: '',
      assignment_group: { link: `${this.vendor.url}/api/now/table/sys_user_group/g`, value: 'g'.repeat(8) },
      ...Object.fromEntries(kept),
    };
    this.records.push(record);
    return { status: 201, json: { result: record } };
  }
}
