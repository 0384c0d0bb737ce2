import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export const SERVICE_ACCOUNT = { clientId: 'trayline@fake.data', clientSecret: 'Fake:intel/secret+1' };

/**
 * Workspace ONE Intelligence of one organisation: attributes, reports that are made, read by offset, run and downloaded
 * from a storage on another address, which a 302 leads to.
 */
export class FakeIntelligence {
  /** Names of the attributes of a device. */
  readonly attributes = new Set(
    [
      'device_id',
      'device_serial_number',
      'device_friendly_name',
      'device_platform',
      'device_enrollment_status',
      'device_last_seen',
      'device_battery_percent',
    ].map(name => `airwatch.device.${name}`),
  );
  /** Rows with every attribute; a report gives its columns of them. */
  readonly devices: Properties[] = [];
  readonly reports = new Map<string, readonly string[]>();
  readonly downloads = new Map<string, Properties[]>();
  /** Finished reports by the id of their download. */
  readonly files = new Map<string, string>();
  tokenLivesSeconds = 3599;
  now: () => number = () => Date.now();
  readonly #tokens = new Map<string, number>();
  #vendor: FakeVendor | null = null;
  #storage: FakeVendor | null = null;

  static async start(): Promise<FakeIntelligence> {
    const fake = new FakeIntelligence();
    fake.#vendor = await FakeVendor.start(fake.#token, fake.#api);
    fake.#storage = await FakeVendor.start(fake.#file);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  get storage(): FakeVendor {
    if (this.#storage === null) throw new Error('not started');
    return this.#storage;
  }

  get settings(): Record<string, unknown> {
    const { url } = this.vendor;
    return { apiUrl: url, tokenUrl: `${url}/oauth/token`, downloadHosts: ['127.0.0.1'], ...SERVICE_ACCOUNT };
  }

  get tokens(): string[] {
    return [...this.#tokens.keys()];
  }

  revokeTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  readonly #token: Handler = asked => {
    if (asked.path !== '/oauth/token' || asked.method !== 'POST') return undefined;
    const given = Buffer.from(
      /^Basic (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? '',
      'base64',
    ).toString();
    if (asked.query.get('grant_type') !== 'client_credentials')
      return { status: 400, json: { error: 'invalid_grant' } };
    if (given !== `${SERVICE_ACCOUNT.clientId}:${SERVICE_ACCOUNT.clientSecret}`) {
      return { status: 401, json: { error: 'unauthorized', error_description: `Bad credentials ${given}` } };
    }
    const token = `intel-token-${this.#tokens.size + 1}-${'i'.repeat(30)}`;
    this.#tokens.set(token, this.now() + this.tokenLivesSeconds * 1000);
    return { json: { access_token: token, token_type: 'bearer', expires_in: this.tokenLivesSeconds } };
  };

  readonly #api: Handler = asked => {
    const token = /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? '';
    if ((this.#tokens.get(token) ?? 0) <= this.now()) return { status: 401, text: '' };
    if (asked.path === '/v2/meta/integration/airwatch/entity/device/attributes') {
      return { json: { data: [...this.attributes].map(attribute => ({ attribute, data_type: 'STRING' })) } };
    }
    if (asked.path === '/v2/reports' && asked.method === 'POST') return this.#create(asked);
    const [, trackingId] = /^\/v2\/reports\/tracking\/([^/]+)\/download$/.exec(asked.path) ?? [];
    if (trackingId !== undefined) {
      return this.files.has(trackingId)
        ? { status: 302, headers: { Location: `${this.storage.url}/files/${trackingId}?Signature=secret` } }
        : intelligenceError(404, 1001, 'No such download.');
    }
    const [, id = '', what] = /^\/v2\/reports\/([^/]+)\/(.+)$/.exec(asked.path) ?? [];
    const columns = this.reports.get(id);
    if (columns === undefined) return intelligenceError(404, 1002, 'No such report.', 'id');
    if (what === 'preview') {
      const rows = this.devices.map(device =>
        Object.fromEntries(Object.entries(device).filter(([name]) => columns.includes(name))),
      );
      return this.#page(asked, rows);
    }
    if (what === 'downloads/search') return this.#page(asked, this.downloads.get(id) ?? []);
    if (what === 'run') {
      const at = new Date(this.now());
      const entry = {
        id: `download-${this.files.size + 1}-${id}`,
        report_id: id,
        status: 'STARTED',
        start_time: at.toISOString(),
      };
      this.downloads.set(id, [...(this.downloads.get(id) ?? []), entry]);
      return { headers: { Date: at.toUTCString() }, json: { data: { id: 'schedule-1', report_id: id } } };
    }
    return undefined;
  };

  readonly #file: Handler = ({ path }) => {
    const file = this.files.get(path.replace('/files/', ''));
    return file === undefined ? undefined : { headers: { 'Content-Type': 'text/csv' }, text: file };
  };

  #create(asked: Asked): Answer {
    const { name, column_names, report_format }: Properties = Object(asked.json);
    if (typeof name !== 'string' || !Array.isArray(column_names) || report_format === undefined) {
      return intelligenceError(400, 2001, 'Missing property.', 'column_names');
    }
    const unknown = column_names.filter(column => !this.attributes.has(column));
    if (unknown.length > 0)
      return intelligenceError(400, 2002, `Unknown: ${unknown.join(', ')}`, 'column_names');
    const id = `report-${this.reports.size + 1}`;
    this.reports.set(id, column_names);
    return { json: { data: { id, name, column_names } } };
  }

  #page(asked: Asked, all: readonly unknown[]): Answer {
    const { offset = 0, page_size = 100 }: Properties = Object(asked.json);
    if (Number(page_size) > 1000) return intelligenceError(400, 2003, 'Too large.', 'page_size');
    const results = all.slice(Number(offset), Number(offset) + Number(page_size));
    return { json: { data: { offset, page_size, total_count: all.length, results } } };
  }
}

export function intelligenceError(status: number, code: number, message: string, property?: string): Answer {
  const violated = property === undefined ? {} : { violated_property: property };
  return { status, json: { errors: [{ code, message, ...violated }] } };
}

/** A device as a row of a report: qualified names, milliseconds for dates. */
export function reportedLaptop(id: number, changes: Properties = {}): Properties {
  const row: Properties = {
    device_id: id,
    device_serial_number: `WS1-${id}`,
    device_friendly_name: `person${id} Book 5`,
    device_platform: 'WinRT',
    device_enrollment_status: 'Enrolled',
    device_last_seen: Date.UTC(2026, 0, 10, id % 24),
    device_battery_percent: 80,
    ...changes,
  };
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [`airwatch.device.${name}`, value]));
}
