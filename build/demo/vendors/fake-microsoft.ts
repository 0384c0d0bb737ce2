import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export interface FakeTenant {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Times as Graph writes them. */
export const graphTime = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/**
 * Entra sign-in and Graph v1.0 of one tenant: tokens that end, pages by skip token, the directory's delta with deltas that
 * are forgotten, Intune's filter, remote actions that are taken and reported.
 */
export class FakeMicrosoft {
  readonly tenant: FakeTenant;
  readonly managedDevices = new Map<string, Properties>();
  readonly devices = new Map<string, Properties>();
  /** Permissions the registration was granted. */
  readonly granted = new Set([
    'DeviceManagementManagedDevices.Read.All',
    'DeviceManagementManagedDevices.PrivilegedOperations.All',
    'Device.Read.All',
  ]);
  pageSize = 2;
  tokenLivesSeconds = 3599;
  /** The clock tokens end by; a test gives its own. */
  now: () => number = () => Date.now();
  /** Remote actions taken. */
  readonly actions: { readonly device: string; readonly name: string; readonly body: unknown }[] = [];
  /** false: every delta link given out so far is forgotten. */
  #deltaEpoch = 1;
  /** What has changed in the directory, in order; an entry carries only what changed. */
  readonly #changes: Properties[] = [];
  readonly #tokens = new Map<string, number>();
  #vendor: FakeVendor | null = null;

  constructor(tenant: FakeTenant = TENANT) {
    this.tenant = tenant;
  }

  static async start(tenant: FakeTenant = TENANT): Promise<FakeMicrosoft> {
    const fake = new FakeMicrosoft(tenant);
    fake.#vendor = await FakeVendor.start(fake.#token, fake.#graph);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  /** Settings a connector reaches it with. */
  get settings(): Record<string, string> {
    return { ...this.tenant, graphUrl: `${this.vendor.url}/v1.0`, loginUrl: this.vendor.url };
  }

  /** Bearer tokens handed out so far. */
  get tokens(): string[] {
    return [...this.#tokens.keys()];
  }

  revokeTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  forgetDeltas(): void {
    this.#deltaEpoch += 1;
    this.#changes.length = 0;
  }

  /** Changes a device of the directory; delta then tells only what changed. */
  changeDevice(id: string, properties: Properties): void {
    this.devices.set(id, { ...this.devices.get(id), ...properties, id });
    this.#changes.push({ id, ...properties });
  }

  removeDevice(id: string): void {
    this.devices.delete(id);
    this.#changes.push({ id, '@removed': { reason: 'deleted' } });
  }

  readonly #token: Handler = asked => {
    if (asked.method !== 'POST' || !asked.path.endsWith('/oauth2/v2.0/token')) return undefined;
    const { tenantId, clientId, clientSecret } = this.tenant;
    if (asked.path !== `/${tenantId}/oauth2/v2.0/token`) {
      return signInError(400, 'invalid_request', 90002, `Tenant '${asked.path.split('/')[1]}' not found.`);
    }
    if (asked.form.get('client_id') !== clientId) {
      return signInError(400, 'unauthorized_client', 700016, 'Application was not found in the directory.');
    }
    if (asked.form.get('client_secret') !== clientSecret) {
      // As some identity providers do: what was sent comes back in the words.
      const sent = asked.form.get('client_secret');
      return signInError(401, 'invalid_client', 7000215, `Invalid client secret provided: '${sent}'.`);
    }
    const token = `token-${this.#tokens.size + 1}-${'x'.repeat(40)}`;
    this.#tokens.set(token, this.now() + this.tokenLivesSeconds * 1000);
    const lives = this.tokenLivesSeconds;
    return { json: { token_type: 'Bearer', expires_in: lives, ext_expires_in: lives, access_token: token } };
  };

  readonly #graph: Handler = asked => {
    if (!asked.path.startsWith('/v1.0/')) return undefined;
    const token = /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? '';
    if ((this.#tokens.get(token) ?? 0) <= this.now()) {
      return graphError(
        401,
        'InvalidAuthenticationToken',
        'Lifetime validation failed, the token is expired.',
      );
    }
    const path = asked.path.slice('/v1.0'.length);
    const isAction = asked.method === 'POST';
    const needed = path.startsWith('/devices')
      ? 'Device.Read.All'
      : `DeviceManagementManagedDevices.${isAction ? 'PrivilegedOperations' : 'Read'}.All`;
    if (!this.granted.has(needed)) {
      return graphError(403, 'Forbidden', `Application is not authorized; needed: ${needed}.`);
    }
    if (isAction) return this.#act(path, asked);
    if (path === '/deviceManagement/managedDevices') return this.#listManaged(asked);
    if (path === '/devices') return this.#page(asked, [...this.devices.values()]);
    if (path === '/devices/delta()') return this.#delta(asked);
    return this.#one(path, asked);
  };

  #one(path: string, asked: Asked): Answer {
    const found = /^\/(deviceManagement\/managedDevices|devices)\/([^/]+)$/.exec(path);
    const records = found?.[1] === 'devices' ? this.devices : this.managedDevices;
    const record = records.get(found?.[2] ?? '');
    return record === undefined
      ? graphError(404, 'Request_ResourceNotFound', 'Resource does not exist.')
      : { json: selected(record, asked) };
  }

  #listManaged(asked: Asked): Answer {
    const filter = asked.query.get('$filter');
    const since = /^lastSyncDateTime gt (\d{4}-\d{2}-\d{2}T[\d:.]+Z)$/.exec(filter ?? '')?.[1];
    if (filter !== null && since === undefined)
      return graphError(400, 'BadRequest', `Invalid filter: ${filter}`);
    const records = [...this.managedDevices.values()].filter(
      ({ lastSyncDateTime }) =>
        since === undefined || Date.parse(String(lastSyncDateTime)) > Date.parse(since),
    );
    const answer = this.#page(asked, records);
    // Intune counts the page, not the whole.
    const body = answer.json as { value: unknown[] };
    return { ...answer, json: { ...body, '@odata.count': body.value.length } };
  }

  #delta(asked: Asked): Answer {
    const given = asked.query.get('$deltatoken');
    const select = asked.query.get('$select') ?? '';
    const end = { '@odata.deltaLink': this.#link('/devices/delta()', { $deltatoken: this.#place(select) }) };
    if (given === null) return this.#page(asked, [...this.devices.values()], end);
    const [epoch, position = '0', selectedThen = ''] = Buffer.from(given, 'base64url').toString().split('|');
    if (Number(epoch) !== this.#deltaEpoch) {
      return { ...graphError(410, 'syncStateNotFound', 'The delta token is expired.') };
    }
    const next = {
      '@odata.deltaLink': this.#link('/devices/delta()', { $deltatoken: this.#place(selectedThen) }),
    };
    return { json: { value: this.#changes.slice(Number(position)), ...next } };
  }

  #place(select: string): string {
    return Buffer.from(`${this.#deltaEpoch}|${this.#changes.length}|${select}`).toString('base64url');
  }

  #page(asked: Asked, records: readonly Properties[], end: Properties = {}): Answer {
    const from = Number(asked.query.get('$skiptoken') ?? 0);
    const size = Number(asked.query.get('$top') ?? this.pageSize);
    const value = records.slice(from, from + size).map(record => selected(record, asked));
    const isLast = from + size >= records.length;
    const query = Object.fromEntries([...asked.query].filter(([key]) => key !== '$skiptoken'));
    const path = asked.path.slice('/v1.0'.length);
    const more = { '@odata.nextLink': this.#link(path, { ...query, $skiptoken: String(from + size) }) };
    return {
      json: {
        '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata',
        value,
        ...(isLast ? end : more),
      },
    };
  }

  #link(path: string, query: Record<string, string>): string {
    return `${this.vendor.url}/v1.0${path}?${new URLSearchParams(query)}`;
  }

  #act(path: string, asked: Asked): Answer {
    const [, device = '', name = ''] =
      /^\/deviceManagement\/managedDevices\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const record = this.managedDevices.get(device);
    if (record === undefined) return graphError(404, 'ResourceNotFound', 'Device not found.');
    this.actions.push({ device, name, body: asked.json });
    const reported = { wipe: 'factoryReset', retire: 'removeCompanyData' }[name] ?? name;
    if (name !== 'syncDevice') {
      const at = graphTime(this.now());
      const entry = {
        actionName: reported,
        actionState: 'pending',
        startDateTime: at,
        lastUpdatedDateTime: at,
      };
      const before = Array.isArray(record.deviceActionResults) ? record.deviceActionResults : [];
      this.managedDevices.set(device, { ...record, deviceActionResults: [...before, entry] });
    }
    return { status: 204 };
  }
}

/** Graph gives what is asked for, and `id` always. */
function selected(record: Properties, { query }: Asked): Properties {
  const names = query.get('$select')?.split(',');
  if (names === undefined) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => key === 'id' || names.includes(key)));
}

export function graphError(status: number, code: string, message: string): Answer {
  return {
    status,
    json: { error: { code, message, innerError: { date: '2026-01-01T00:00:00', 'request-id': 'r-1' } } },
  };
}

function signInError(status: number, error: string, code: number, words: string): Answer {
  return {
    status,
    json: {
      error,
      error_description: `AADSTS${code}: ${words}\r\nTrace ID: t-1\r\nTimestamp: 2026-01-01 00:00:00Z`,
      error_codes: [code],
    },
  };
}

export const TENANT: FakeTenant = {
  tenantId: '11111111-2222-3333-4444-555555555555',
  clientId: '66666666-7777-8888-9999-aaaaaaaaaaaa',
  clientSecret: 'Fake~secret/with+odd=signs&more',
};

/** A well-behaved laptop in Intune; ids are GUIDs made of `number`. */
export function managedLaptop(number: number, changes: Properties = {}): Properties {
  const tail = String(number).padStart(12, '0');
  return {
    id: `aaaaaaaa-0000-4000-8000-${tail}`,
    azureADDeviceId: `bbbbbbbb-0000-4000-8000-${tail}`,
    complianceGracePeriodExpirationDateTime: '9999-12-31T23:59:59Z',
    complianceState: 'compliant',
    deviceActionResults: [],
    deviceCategoryDisplayName: 'Office',
    deviceEnrollmentType: 'windowsAutoEnrollment',
    deviceName: `LT-${number}`,
    emailAddress: `person${number}@example.com`,
    enrolledDateTime: '2026-01-02T03:04:05Z',
    freeStorageSpaceInBytes: 100_000_000_000,
    isEncrypted: true,
    isSupervised: false,
    jailBroken: 'False',
    lastSyncDateTime: graphTime(Date.UTC(2026, 0, 10, number)),
    managedDeviceOwnerType: 'company',
    managementAgent: 'mdm',
    managementCertificateExpirationDate: '2027-01-02T03:04:05Z',
    managementState: 'managed',
    manufacturer: 'Contoso',
    model: 'Book 5',
    operatingSystem: 'Windows',
    osVersion: '10.0.26100.4061',
    partnerReportedThreatState: 'secured',
    physicalMemoryInBytes: 0,
    serialNumber: `SER-${number}`,
    totalStorageSpaceInBytes: 400_000_000_000,
    userPrincipalName: `person${number}@example.com`,
    wiFiMacAddress: `3C5282${tail.slice(-6)}`,
    ...changes,
  };
}

/** The same laptop in the directory. */
export function directoryLaptop(number: number, changes: Properties = {}): Properties {
  const tail = String(number).padStart(12, '0');
  return {
    id: `cccccccc-0000-4000-8000-${tail}`,
    accountEnabled: true,
    approximateLastSignInDateTime: '2026-01-09T08:07:06Z',
    deviceId: `bbbbbbbb-0000-4000-8000-${tail}`,
    deviceOwnership: 'Company',
    displayName: `LT-${number}`,
    enrollmentType: 'AzureDomainJoined',
    isCompliant: true,
    isManaged: true,
    isRooted: false,
    managementType: 'MDM',
    manufacturer: 'Contoso',
    model: 'Book 5',
    operatingSystem: 'Windows',
    operatingSystemVersion: '10.0.26100.4061',
    registrationDateTime: '2026-01-02T03:04:05Z',
    trustType: 'AzureAd',
    ...changes,
  };
}
