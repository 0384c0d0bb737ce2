import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export const CUSTOMER = {
  customerId: 'contosocust01',
  clientId: '77777777-8888-9999-aaaa-bbbbbbbbbbbb',
  clientSecret: 'Fake+cloud/secret==',
};
export const ADMINISTRATOR = { login: 'api-reader', password: 'Fake pass/word&more' };

const API = '/xenmobile/api/v1';

/**
 * A XenMobile Server and the Citrix Cloud services before it: sessions that end by inactivity, pages by position, filters
 * as texts, failures inside a 200, actions that wait to be called off.
 */
export class FakeCitrix {
  readonly devices = new Map<string, Properties>();
  readonly details = new Map<string, Properties>();
  readonly applications = new Map<number, Properties>();
  readonly deliveryGroups: Properties[] = [];
  /** Ids marked as out of compliance. */
  readonly marked = new Set<string>();
  readonly actions: { readonly path: string; readonly ids: unknown; readonly query: Properties }[] = [];
  readonly notified: unknown[] = [];
  /** false: an older server, which only has the older address. */
  hasNewFilter = true;
  /** How long a session lives without being used. */
  sessionLivesMs = 30 * 60_000;
  cloudTokenLivesSeconds = 3600;
  now: () => number = () => Date.now();
  readonly #cloudTokens = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  #vendor: FakeVendor | null = null;

  static async start(): Promise<FakeCitrix> {
    const fake = new FakeCitrix();
    fake.#vendor = await FakeVendor.start(fake.#cloud, fake.#login, fake.#api);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  get cloudSettings(): Record<string, unknown> {
    const { url } = this.vendor;
    return { deployment: 'cloud', serverUrl: url, trustUrl: url, oauthUrl: url, ...CUSTOMER };
  }

  get ownSettings(): Record<string, unknown> {
    return { deployment: 'on-premises', serverUrl: this.vendor.url, ...ADMINISTRATOR };
  }

  /** Every secret that was handed out. */
  get tokens(): string[] {
    return [...this.#cloudTokens.keys(), ...this.#sessions.keys()];
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  endSessions(): void {
    for (const session of this.#sessions.keys()) this.#sessions.set(session, 0);
  }

  revokeCloudTokens(): void {
    for (const token of this.#cloudTokens.keys()) this.#cloudTokens.set(token, 0);
  }

  add(device: Properties, details?: Properties): void {
    this.devices.set(String(device.id), device);
    if (details !== undefined) this.details.set(String(device.id), details);
  }

  readonly #cloud: Handler = asked => {
    const found = /^\/(cctrustoauth2\/)?([^/]+)\/tokens\/clients$/.exec(asked.path);
    if (found === null || asked.method !== 'POST') return undefined;
    const isOauth = found[1] !== undefined;
    const given: Properties = isOauth ? Object.fromEntries(asked.form) : Object(asked.json);
    const [id, secret] = isOauth
      ? [given.client_id, given.client_secret]
      : [given.ClientId, given.ClientSecret];
    if (found[2] !== CUSTOMER.customerId || id !== CUSTOMER.clientId || secret !== CUSTOMER.clientSecret) {
      return {
        status: 401,
        json: { error: 'invalid_client', error_description: `No client ${String(secret)}` },
      };
    }
    const token = `cloud-token-${this.#cloudTokens.size + 1}-${'c'.repeat(30)}`;
    this.#cloudTokens.set(token, this.now() + this.cloudTokenLivesSeconds * 1000);
    const lives = this.cloudTokenLivesSeconds;
    return isOauth
      ? { json: { token_type: 'bearer', access_token: token, expires_in: String(lives) } }
      : { json: { token, expiresIn: lives } };
  };

  readonly #login: Handler = asked => {
    if (asked.method !== 'POST' || !asked.path.startsWith(`${API}/authentication/`)) return undefined;
    const given: Properties = Object(asked.json);
    const isCloud = asked.path.endsWith('/login/cloud');
    const isRight = isCloud
      ? (this.#cloudTokens.get(String(given.bearerToken)) ?? 0) > this.now()
      : given.login === ADMINISTRATOR.login && given.password === ADMINISTRATOR.password;
    if (!isRight) return { status: 401, text: '<html><head><title>Unauthorized</title></head></html>' };
    const session = `session${this.#sessions.size + 1}:${'s'.repeat(30)}`;
    this.#sessions.set(session, this.now() + this.sessionLivesMs);
    return { json: { auth_token: session } };
  };

  readonly #api: Handler = asked => {
    const session = String(asked.headers.auth_token ?? '');
    if ((this.#sessions.get(session) ?? 0) <= this.now()) {
      return {
        status: 403,
        headers: { 'Content-Type': 'text/html' },
        text: '<html><title>Forbidden</title></html>',
      };
    }
    this.#sessions.set(session, this.now() + this.sessionLivesMs);
    const isNewFilter = asked.path === '/api/endpoint-management/devices/filter';
    if (isNewFilter && !this.hasNewFilter) {
      return {
        status: 404,
        headers: { 'Content-Type': 'text/html' },
        text: '<html><title>Not found</title>',
      };
    }
    if (isNewFilter || asked.path === `${API}/device/filter`) return this.#filter(asked);
    const path = asked.path.slice(API.length);
    if (path === '/application/filter') return this.#listApplications(asked);
    if (path === '/deliverygroups/filter') {
      const dgList = this.deliveryGroups;
      return success({ dgListData: { totalMatchCount: dgList.length, totalCount: dgList.length, dgList } });
    }
    if (path === '/deliverygroups/deploy') {
      this.actions.push({ path: 'deploy', ids: asked.json, query: {} });
      return success({});
    }
    if (path.startsWith('/application/store/')) return this.#application(path, asked);
    if (path === '/device/notify') {
      this.notified.push(asked.json);
      const notificationRequests = {
        smtpNotifRequestId: -1,
        smsNotifRequestId: -1,
        apnsAgentNotifRequestId: 41,
      };
      return success({ notificationRequests });
    }
    if (path.startsWith('/device/') && asked.method === 'POST') return this.#act(path.slice(8), asked);
    return this.#one(path);
  };

  #filter(asked: Asked): Answer {
    const { start, limit, filterIds = '[]', enableCount }: Properties = Object(asked.json);
    if (typeof start !== 'string' || typeof limit !== 'string' || Number(limit) > 100) {
      return { json: { status: 1102, message: 'Bad start or limit.' } };
    }
    const names = [...String(filterIds).matchAll(/'([^']+)'/g)].map(([, name]) => name);
    const records = [...this.devices.values()].filter(
      ({ id }) => !names.includes('device.status.out.of.compliance') || this.marked.has(String(id)),
    );
    const page = records.slice(Number(start), Number(start) + Number(limit));
    const counts = enableCount === 'true' ? records.length : 0;
    return success({
      currentFilter: { detail: [], selectedFilters: names },
      filteredDevicesDataList: page,
      totalCount: counts,
      matchedRecords: counts,
    });
  }

  #one(path: string): Answer {
    const [, id = '', part] = /^\/device\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
    const device = this.details.get(id);
    if (device === undefined) return { status: 404, text: '' };
    if (part === 'softwareinventory')
      return success({ softwareInventories: device.softwareInventory ?? null });
    return success({ device });
  }

  #listApplications(asked: Asked): Answer {
    const { start = '0', limit = '10' }: Properties = Object(asked.json);
    const all = [...this.applications.values()];
    const appList = all.slice(Number(start), Number(start) + Number(limit));
    // As the vendor's own example: 0 in all, although some match.
    return success({ applicationListData: { totalMatchCount: all.length, totalCount: 0, appList } });
  }

  #application(path: string, asked: Asked): Answer {
    const [, id = '', platform] = /^\/application\/store\/([^/]+)(?:\/platform\/(\w+))?$/.exec(path) ?? [];
    const current = this.applications.get(Number(id));
    if (current === undefined) return { status: 404, text: '' };
    if (asked.method === 'PUT') {
      const given: Properties = Object(asked.json);
      // The request replaces: what it does not name is emptied.
      const replaced = { name: '', description: '', categories: [], roles: [], schedule: null, ...given };
      const next = platform === undefined ? { ...current, ...replaced } : { ...current, [platform]: given };
      this.applications.set(Number(id), next);
      return success({ container: next });
    }
    return success({ container: current });
  }

  #act(path: string, asked: Asked): Answer {
    const ids: unknown[] = Array.isArray(asked.json) ? asked.json : [];
    const unknown = ids.filter(id => !this.details.has(String(id)));
    if (ids.length === 0 || unknown.length > 0) return actionError(`Unable to ${path} devices`, unknown);
    this.actions.push({ path, ids, query: Object.fromEntries(asked.query) });
    const flag = CANCEL_FLAGS[path];
    for (const id of ids.map(String)) {
      const device = this.details.get(id);
      if (flag !== undefined) this.details.set(id, { ...device, [flag]: true });
    }
    return success({});
  }
}

const CANCEL_FLAGS: Record<string, string> = {
  lock: 'cancelLockEnabled',
  wipe: 'cancelWipeEnabled',
  selwipe: 'cancelCorpWipeEnabled',
  locate: 'cancelLocateEnabled',
};

const success = (more: Properties): Answer => ({ json: { status: 0, message: 'Success', ...more } });

/** A failed action: HTTP says 200. */
export function actionError(description: string, ids: readonly unknown[]): Answer {
  const messageList = ids.map(id => ({ id: String(id), message: `${description} '${String(id)}'` }));
  return {
    json: { status: -1, deviceActionMessages: { devicesActionParameters: { description, messageList } } },
  };
}

/** A tablet as the list has it; `id` is a number on a server of one's own and a GUID in the cloud. */
export function listedTablet(id: unknown, changes: Properties = {}): Properties {
  return {
    id,
    jailBroken: false,
    managed: true,
    gatewayBlocked: false,
    deployFailed: 0,
    mdmKnown: true,
    userName: `person${String(id)}@example.com "Person ${String(id)}"`,
    serialNumber: `CTX-${String(id)}`,
    imeiOrMeid: null,
    wifiMacAddress: '3C:52:82:00:10:01',
    blueToothMacAccress: '3C:52:82:00:10:02',
    devicePlatform: null,
    osVersion: '18.5',
    deviceModel: 'iPad',
    lastAccess: '1/10/26 8:32 AM',
    inactivityDays: '0',
    depRegistered: false,
    deviceName: `Tablet ${String(id)}`,
    deviceType: 'iPad',
    productName: 'iPad14,1',
    platform: 'iOS',
    properties: [
      property('ACTIVATION_LOCK_ENABLED', '1'),
      property('SYSTEM_PLATFORM', 'iOS'),
      property('SYSTEM_OS_VERSION', '18.5'),
    ],
    ...changes,
  };
}

/** The same tablet in detail. */
export function detailedTablet(id: unknown, changes: Properties = {}): Properties {
  return {
    id,
    serialNumber: `CTX-${String(id)}`,
    wifimac: '3C:52:82:00:10:01',
    osFamily: 'iOS',
    platform: 'iOS',
    firstConnectionDate: Date.UTC(2026, 0, 2, 3, 4, 5),
    lastAuthDate: Date.UTC(2026, 0, 10, 9, 30),
    lastSoftwareInventoryTime: Date.UTC(2026, 0, 9),
    lastUsername: `person${String(id)}@example.com "Person ${String(id)}"`,
    blacklistCompliant: true,
    suggestedListCompliant: false,
    requiredListCompliant: true,
    managed: true,
    revoked: false,
    appLock: false,
    appWipe: false,
    enrollmentMode: 'CLASSIC',
    properties: [property('UDID', '00008101-001A2B3C4D5E6F78'), property('SUPERVISED', '1')],
    validCertificates: [{ endDate: Date.UTC(2028, 0, 1) }, { endDate: Date.UTC(2027, 0, 1) }],
    deliveryGroups: [{ linkey: 'Sales', name: 'Sales', status: 'SUCCESS' }],
    softwareInventory: [
      {
        name: 'Hub',
        author: null,
        size: 1000,
        installTimeStamp: 0,
        version: '1.2',
        packageInfo: 'com.example.hub',
      },
      { name: null },
    ],
    ...changes,
  };
}

export const property = (name: string, value: unknown): Properties => ({
  id: 1,
  b64: false,
  name,
  displayName: name.toLowerCase(),
  value,
  group: 'System information',
});
