import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export const UEM_CLIENT = { clientId: 'a1b2c3d4client', clientSecret: 'Fake_uem/secret+1' };
export const UEM_ADMIN = { username: 'api-admin', password: 'Fake uem pass&1' };
export const TENANT_CODE = 'FakeTenantCode/key=1';
export const TOP_GROUP = 'eeeeeeee-0000-4000-8000-000000000001';

/** A device as the fake keeps it; each version of the API writes it in its own way. */
export interface UemDevice {
  readonly id: number;
  readonly uuid: string;
  /** Properties of the version 1 record, over the usual ones. */
  readonly listed: Properties;
  /** The version 3 record by GUID; null: this server has none. */
  readonly details: Properties | null;
}

export const uuidOf = (id: number): string => `dddddddd-0000-4000-8000-${String(id).padStart(12, '0')}`;

/**
 * A Workspace ONE UEM tenant and its token service: an API key on every call, versions by Accept, pages by number that are
 * cut at the server's own size, 204 for nothing, a day's quota in headers, commands that are queued or held.
 */
export class FakeWorkspaceOne {
  readonly devices = new Map<number, UemDevice>();
  readonly commands: { readonly id: string; readonly command: string; readonly body: unknown }[] = [];
  readonly posted: { readonly path: string; readonly query: Properties; readonly body: unknown }[] = [];
  readonly profiles = new Map<number, Properties[]>();
  readonly applications = new Map<string, Properties[]>();
  readonly workflows = new Map<string, Properties[]>();
  readonly catalogue: Properties[] = [];
  readonly scripts: Properties[] = [];
  /** The server's own page size; a larger wish is cut without a word. */
  pageMost = 500;
  /** Requests left today. */
  quota = 50_000;
  /** How long until the quota is new, seconds. */
  quotaResetSeconds = 3600;
  /** Wipes beyond this many are held. */
  wipeThreshold = 100;
  tokenLivesSeconds = 3600;
  now: () => number = () => Date.now();
  readonly #tokens = new Map<string, number>();
  #vendor: FakeVendor | null = null;

  static async start(): Promise<FakeWorkspaceOne> {
    const fake = new FakeWorkspaceOne();
    fake.#vendor = await FakeVendor.start(fake.#token, fake.#api);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  get settings(): Record<string, unknown> {
    const { url } = this.vendor;
    const where = { apiUrl: `${url}/api`, region: 'other', tokenUrl: `${url}/connect/token` };
    return { ...where, tenantCode: TENANT_CODE, ...UEM_CLIENT };
  }

  get tokens(): string[] {
    return [...this.#tokens.keys()];
  }

  revokeTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  add(id: number, listed: Properties = {}, details: Properties | null = {}): void {
    const uuid = uuidOf(id);
    this.devices.set(id, {
      id,
      uuid,
      listed: listedLaptop(id, listed),
      details: details && detailedLaptop(id, details),
    });
  }

  readonly #token: Handler = asked => {
    if (asked.method !== 'POST' || asked.path !== '/connect/token') return undefined;
    const secret = asked.form.get('client_secret');
    if (asked.form.get('client_id') !== UEM_CLIENT.clientId || secret !== UEM_CLIENT.clientSecret) {
      return {
        status: 400,
        json: { error: 'invalid_client', error_description: `Unknown ${String(secret)}` },
      };
    }
    const token = `uem-token-${this.#tokens.size + 1}-${'u'.repeat(30)}`;
    this.#tokens.set(token, this.now() + this.tokenLivesSeconds * 1000);
    return { json: { access_token: token, expires_in: this.tokenLivesSeconds, token_type: 'Bearer' } };
  };

  readonly #api: Handler = asked => {
    if (!asked.path.startsWith('/api/')) return undefined;
    const version = /application\/json;version=(\d)/.exec(asked.headers.accept ?? '')?.[1] ?? '1';
    const answer = this.#refusal(asked) ?? this.#answer(asked, version);
    return { ...answer, headers: { ...this.#quotaHeaders(version), ...answer.headers } };
  };

  #refusal(asked: Asked): Answer | null {
    this.quota -= 1;
    if (this.quota < 0) return { status: 429, text: '' };
    if (asked.headers['aw-tenant-code'] !== TENANT_CODE) {
      return uemError(403, 1013, 'Tenant code XYZ does not identify an Organization Group.');
    }
    const [scheme, value = ''] = (asked.headers.authorization ?? '').split(' ');
    const admin = Buffer.from(`${UEM_ADMIN.username}:${UEM_ADMIN.password}`).toString('base64');
    const isRight =
      scheme === 'Bearer'
        ? (this.#tokens.get(value) ?? 0) > this.now()
        : scheme === 'Basic' && value === admin;
    return isRight ? null : uemError(401, 1005, 'Invalid credentials.');
  }

  #quotaHeaders(version: string): Record<string, string> {
    return {
      'X-RateLimit-Limit': '50000',
      'X-RateLimit-Remaining': String(Math.max(0, this.quota)),
      'X-RateLimit-Reset': String(Math.floor(this.now() / 1000) + this.quotaResetSeconds),
      'X-Api-Version': `v${version}`,
      Date: new Date(this.now()).toUTCString(),
    };
  }

  #answer(asked: Asked, version: string): Answer {
    const path = asked.path.slice('/api'.length);
    if (path === '/mdm/devices/search') return this.#search(asked, version);
    if (path === '/mdm/devices') return this.#one(asked.query.get('searchby'), asked.query.get('id'));
    if (path === '/mdm/devices/commands') return this.#command(asked);
    if (path === '/system/groups/search') {
      const groups = [
        { Id: 2, Uuid: 'ffffffff-0000-4000-8000-000000000002', Name: 'Child', LgLevel: 1 },
        { Id: 1, Uuid: TOP_GROUP, Name: 'Top', LgLevel: 0 },
      ];
      return this.#page(
        asked,
        groups,
        'OrganizationGroups',
        { page: 'page', size: 'pagesize' },
        'TotalResults',
      );
    }
    if (path === '/mam/apps/search') {
      return this.#page(asked, this.catalogue, 'Application', { page: 'page', size: 'pagesize' }, 'Total');
    }
    if (path === `/mdm/groups/${TOP_GROUP}/scripts`) {
      return this.#page(
        asked,
        this.scripts,
        'SearchResults',
        { page: 'page', size: 'page_size' },
        'RecordCount',
      );
    }
    if (asked.method !== 'GET') return this.#write(path, asked);
    const [, what = '', id = ''] = /^\/mdm\/devices\/([^/]+)(?:\/(.+))?$/.exec(path) ?? [];
    const device = [...this.devices.values()].find(({ uuid, id }) => uuid === what || String(id) === what);
    if (device === undefined || (id === '' && device.details === null)) {
      // Some of its 404 are web pages.
      return {
        status: 404,
        headers: { 'Content-Type': 'text/html' },
        text: '<html><title>404</title></html>',
      };
    }
    if (id === '') return { json: device.details };
    if (id === 'profiles') {
      return this.#page(
        asked,
        this.profiles.get(device.id) ?? [],
        'DeviceProfiles',
        { page: 'page', size: 'pagesize' },
        'Total',
      );
    }
    if (id === 'apps/search') {
      const apps = this.applications.get(device.uuid) ?? [];
      return this.#page(asked, apps, 'app_items', { page: 'page', size: 'pagesize' }, 'TotalResults');
    }
    if (id === 'workflows/status') {
      const all = this.workflows.get(device.uuid) ?? [];
      return all.length === 0 ? { status: 204 } : { json: all };
    }
    return uemError(404, 404, 'No such path.');
  }

  #search(asked: Asked, version: string): Answer {
    const sinceKey = version === '1' ? 'seensince' : 'seen_since';
    const since = asked.query.get(sinceKey);
    const unknown = [...asked.query.keys()].filter(
      key => ![sinceKey, 'page', version === '3' ? 'page_size' : 'pagesize'].includes(key),
    );
    if (unknown.length > 0) return uemError(400, 400, `Unknown parameter: ${unknown.join(', ')}`);
    const found = [...this.devices.values()].filter(
      ({ listed }) => since === null || Date.parse(`${String(listed.LastSeen)}Z`) > Date.parse(since),
    );
    const records = found.map(({ listed }) => (version === '3' ? snakeRecord(listed) : listed));
    return version === '3'
      ? this.#page(asked, records, 'devices', { page: 'page', size: 'page_size' }, 'total')
      : this.#page(asked, records, 'Devices', { page: 'page', size: 'pagesize' }, 'Total');
  }

  #page(
    asked: Asked,
    all: readonly unknown[],
    list: string,
    keys: { page: string; size: string },
    total: string,
  ): Answer {
    const page = Number(asked.query.get(keys.page) ?? 0);
    const size = Math.min(Number(asked.query.get(keys.size) ?? 500), this.pageMost);
    const items = all.slice(page * size, (page + 1) * size);
    if (items.length === 0) return { status: 204 };
    return { json: { [list]: items, Page: page, PageSize: size, [total]: all.length } };
  }

  #one(searchBy: string | null, id: string | null): Answer {
    const device = [...this.devices.values()].find(device =>
      searchBy === 'Uuid' ? device.uuid === id : searchBy === 'DeviceId' && String(device.id) === id,
    );
    return device === undefined ? uemError(404, 404, 'Device not found.') : { json: device.listed };
  }

  #command(asked: Asked): Answer {
    const { searchby = '', id = '', command = '' } = Object.fromEntries(asked.query);
    const found = this.#one(searchby, id);
    if (found.status === 404) return found;
    this.commands.push({ id, command, body: asked.json });
    const wipes = this.commands.filter(({ command }) => command === 'EnterpriseWipe').length;
    if (command === 'EnterpriseWipe' && wipes > this.wipeThreshold) {
      return uemError(403, 5057, 'Command is queued but held due to wipe threshold.');
    }
    return { status: 202 };
  }

  #write(path: string, asked: Asked): Answer {
    this.posted.push({ path, query: Object.fromEntries(asked.query), body: asked.json });
    if (path.endsWith('/assignments')) {
      const location = `${this.vendor.url}${asked.path}/99999999-0000-4000-8000-000000000001`;
      return { status: 201, headers: { Location: location } };
    }
    if (path.endsWith('/customattributes') || path.endsWith('/adddevices')) {
      return { json: { TotalItems: 1, AcceptedItems: 1, FailedItems: 0, Faults: { Fault: [] } } };
    }
    return { status: path.includes('/messages/') ? 202 : 200 };
  }
}

export function uemError(status: number, errorCode: number, message: string): Answer {
  return { status, json: { errorCode, message, activityId: 'cccccccc-0000-4000-8000-00000000000a' } };
}

/** `DeviceFriendlyName` as version 3 writes it; ids stay as they are. */
function snakeRecord(record: Properties): Properties {
  const renamed: Record<string, string> = {
    LocationGroupName: 'organization_group_name',
    UserName: 'enrollment_user_name',
    UserEmailAddress: 'enrollment_user_email_address',
    Platform: 'device_type',
  };
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key === 'Id' || key === 'Uuid'
        ? key
        : (renamed[key] ??
          key
            .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
            .replace(/([a-z\d])([A-Z])/g, '$1_$2')
            .toLowerCase()),
      value,
    ]),
  );
}

/** A time as UEM writes it: no zone, three decimals. */
export const uemTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23);

/** A well-behaved laptop as versions 1 and 2 list it. */
export function listedLaptop(id: number, changes: Properties = {}): Properties {
  return {
    Id: { Value: id },
    Uuid: uuidOf(id),
    Udid: `AB${String(id).padStart(30, '0')}`,
    SerialNumber: `WS1-${id}`,
    MacAddress: `3C528200${String(id).padStart(4, '0')}`,
    DeviceFriendlyName: `person${id} Book 5 Windows Desktop`,
    DeviceReportedName: `WS-${id}`,
    LocationGroupName: 'Sales',
    UserName: `person${id}`,
    UserEmailAddress: `person${id}@example.com`,
    Ownership: 'C',
    PlatformId: { Id: { Value: 12 }, Name: 'WinRT' },
    Platform: 'WinRT',
    Model: 'Book 5',
    OEMInfo: 'Contoso',
    OperatingSystem: '10.0.26100',
    OSBuildVersion: '4061',
    LastSeen: uemTime(Date.UTC(2026, 0, 10, id % 24)),
    EnrollmentStatus: 'Enrolled',
    ComplianceStatus: 'Compliant',
    CompromisedStatus: false,
    LastEnrolledOn: '2026-01-02T03:04:05.000',
    LastComplianceCheckOn: '0001-01-01T00:00:00.000',
    IsSupervised: false,
    IsActivationLockEnabled: false,
    SystemIntegrityProtectionEnabled: false,
    BatteryLevel: '',
    ManagedBy: 1,
    ...changes,
  };
}

/** The same laptop by its GUID, version 3: numbers as texts. */
export function detailedLaptop(id: number, changes: Properties = {}): Properties {
  return {
    id,
    uuid: uuidOf(id),
    serial_number: `WS1-${id}`,
    friendly_name: `person${id} Book 5`,
    computer_name: `WS-${id}`,
    battery_level_percentage: '80',
    available_storage_bytes: '100000000000',
    total_storage_bytes: '400000000000',
    total_physical_memory_bytes: '17179869184',
    last_reboot: '2026-01-09T08:00:00',
    reboot_pending: true,
    os_build_version: '26100.4061',
    data_encrypted: true,
    passcode_present: 'UNKNOWN',
    enrollment_info: { compliance_status: 'COMPLIANT', enrollment_status: 'ENROLLED' },
    platform_info: { device_type: 'WIN_RT' },
    ...changes,
  };
}

/** An event as UEM posts it. */
export function uemEvent(id: number, changes: Properties = {}): Properties {
  return {
    EventId: 178,
    EventType: 'Compliance Status Changed',
    DeviceId: id,
    DeviceUUID: uuidOf(id),
    EventTime: '2026-01-10T09:13:59.5720125Z',
    ComplianceStatus: 'NonCompliant',
    CompromisedStatus: '',
    SerialNumber: `WS1-${id}`,
    ...changes,
  };
}
