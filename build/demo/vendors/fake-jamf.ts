import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export const JAMF_CLIENT = {
  clientId: 'c0ffee00-1111-2222-3333-444444444444',
  clientSecret: 'jamf-secret/with+odd=signs&more-of-them',
};

/** An answer that refuses, as Jamf Pro writes it. */
export function jamfError(status: number, code: string, description: string): Answer {
  return { status, json: { httpStatus: status, errors: [{ code, field: null, description, id: '0' }] } };
}

/**
 * A Jamf Pro server: tokens that end, the inventory in the versions its own version has, pages by number, filters by last
 * contact, MDM commands that wait to be acknowledged, a cluster's cookie.
 */
export class FakeJamf {
  readonly computers: Properties[] = [];
  readonly mobiles: Properties[] = [];
  readonly commands: { uuid: string; managementId: string; data: Properties; state: string }[] = [];
  readonly renewed: string[] = [];
  readonly granted = new Set([
    'Read Computers',
    'Read Mobile Devices',
    'View MDM command information in Jamf Pro API',
    'Send Command to Renew MDM Profile',
  ]);
  /** What it says its version is; null: the address does not exist. */
  version: string | null = '11.30.0-t1784000000';
  /** Inventories it has. */
  inventories: readonly string[] = ['v1', 'v3', 'v4'];
  tokenPaths: readonly string[] = ['/api/oauth/token', '/api/v1/oauth/token'];
  tokenLivesSeconds = 1199;
  /** However many are asked for, a page has no more. */
  pageMost = 2000;
  now: () => number = () => Date.now();
  readonly #tokens = new Map<string, number>();
  #vendor: FakeVendor | null = null;

  static async start(): Promise<FakeJamf> {
    const fake = new FakeJamf();
    fake.#vendor = await FakeVendor.start(fake.#token, fake.#api);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  get settings(): Record<string, string> {
    return { ...JAMF_CLIENT, serverUrl: this.vendor.url };
  }

  get tokens(): string[] {
    return [...this.#tokens.keys()];
  }

  revokeTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  readonly #token: Handler = asked => {
    if (!asked.path.endsWith('/oauth/token')) return undefined;
    if (!this.tokenPaths.includes(asked.path)) return jamfError(404, 'NOT_FOUND', 'Resource not found');
    const isRight =
      asked.form.get('grant_type') === 'client_credentials' &&
      asked.form.get('client_id') === JAMF_CLIENT.clientId &&
      asked.form.get('client_secret') === JAMF_CLIENT.clientSecret;
    if (!isRight) return { status: 401, json: { error: 'invalid_client' } };
    const token = `jamf-token-${this.#tokens.size + 1}-${'x'.repeat(40)}`;
    this.#tokens.set(token, this.now() + this.tokenLivesSeconds * 1000);
    return {
      headers: { 'Set-Cookie': 'jpro-ingress=node-1; Path=/; Secure; HttpOnly' },
      json: {
        access_token: token,
        scope: 'api-role:2',
        token_type: 'Bearer',
        expires_in: this.tokenLivesSeconds,
      },
    };
  };

  readonly #api: Handler = asked => {
    if (!asked.path.startsWith('/api/')) return undefined;
    const token = /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? '';
    if ((this.#tokens.get(token) ?? 0) <= this.now()) return jamfError(401, 'INVALID_TOKEN', 'Unauthorized');
    const path = asked.path.slice('/api'.length);
    if (path === '/v1/jamf-pro-version' && this.version !== null) return { json: { version: this.version } };
    const inventory = /^\/(v\d)\/computers-inventory(?:\/([^/]+))?$/.exec(path);
    if (inventory !== null && this.inventories.includes(inventory[1] ?? '')) {
      return this.#allowed('Read Computers', () =>
        inventory[2] === undefined
          ? this.#list(asked, this.computers, shapeOf(inventory[1] ?? ''))
          : one(this.computers.find(({ id }) => String(id) === inventory[2])),
      );
    }
    if (path === '/v2/mobile-devices/detail') {
      return this.#allowed('Read Mobile Devices', () => this.#list(asked, this.mobiles, record => record));
    }
    if (path === '/v2/mdm/commands') {
      return this.#allowed('View MDM command information in Jamf Pro API', () =>
        asked.method === 'POST' ? this.#queue(asked) : this.#states(asked),
      );
    }
    if (path === '/v1/mdm/renew-profile' && asked.method === 'POST') {
      return this.#allowed('Send Command to Renew MDM Profile', () => this.#renew(asked));
    }
    return jamfError(404, 'NOT_FOUND', 'Resource not found');
  };

  #allowed(privilege: string, answer: () => Answer): Answer {
    return this.granted.has(privilege)
      ? answer()
      : jamfError(403, 'INVALID_PRIVILEGE', 'The client does not have the required privilege');
  }

  #list(asked: Asked, records: readonly Properties[], shape: (record: Properties) => Properties): Answer {
    const filter = asked.query.get('filter');
    const found = filter === null ? records : filtered(records, filter);
    if (found === null) return jamfError(400, 'INVALID_FIELD', `Unknown filter: ${filter}`);
    const size = Math.min(Number(asked.query.get('page-size') ?? 100), this.pageMost);
    const from = Number(asked.query.get('page') ?? 0) * size;
    const wanted = new Set(asked.query.getAll('section'));
    const results = found.slice(from, from + size).map(record => onlySections(shape(record), wanted));
    return { json: { totalCount: found.length, results } };
  }

  #queue(asked: Asked): Answer {
    const body = asked.json as { clientData: { managementId: string }[]; commandData: Properties };
    const [client] = body.clientData;
    const uuid = `99999999-0000-4000-8000-${String(this.commands.length + 1).padStart(12, '0')}`;
    this.commands.push({
      uuid,
      managementId: client?.managementId ?? '',
      data: body.commandData,
      state: 'PENDING',
    });
    return { status: 201, json: [{ id: uuid, href: `/v2/mdm/commands?filter=uuid==${uuid}` }] };
  }

  #states(asked: Asked): Answer {
    const uuid = /^uuid==([0-9a-f-]+)$/.exec(asked.query.get('filter') ?? '')?.[1];
    if (uuid === undefined) return jamfError(400, 'INVALID_FIELD', 'A filter is mandatory');
    const results = this.commands
      .filter(command => command.uuid === uuid)
      .map(({ state, data }) => ({ uuid, commandState: state, commandType: data.commandType }));
    return { json: { totalCount: results.length, results } };
  }

  #renew(asked: Asked): Answer {
    const { udids } = asked.json as { udids: string[] };
    const known = this.computers.map(({ udid }) => udid);
    this.renewed.push(...udids.filter(udid => known.includes(udid)));
    return {
      status: 202,
      json: { udidsNotProcessed: { udids: udids.filter(udid => !known.includes(udid)) } },
    };
  }
}

function one(record: Properties | undefined): Answer {
  return record === undefined ? jamfError(404, 'INVALID_ID', 'No such computer') : { json: record };
}

/** Versions before 4 call the last contact by another name. */
function shapeOf(version: string): (record: Properties) => Properties {
  if (version === 'v4') return record => record;
  return record => {
    const { lastContact, ...general } = record.general as Properties;
    return { ...record, general: { ...general, lastContactTime: lastContact } };
  };
}

const SECTIONS: Readonly<Record<string, string>> = {
  general: 'GENERAL',
  hardware: 'HARDWARE',
  operatingSystem: 'OPERATING_SYSTEM',
  security: 'SECURITY',
  diskEncryption: 'DISK_ENCRYPTION',
  storage: 'STORAGE',
  userAndLocation: 'USER_AND_LOCATION',
};

/** What was not asked for is there, and null. */
function onlySections(record: Properties, wanted: ReadonlySet<string>): Properties {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => {
      const section = SECTIONS[key];
      return [key, section === undefined || wanted.has(section) ? value : null];
    }),
  );
}

/** null: a filter it does not know. */
function filtered(records: readonly Properties[], filter: string): Properties[] | null {
  const after = /^(?:general\.(lastContact|lastContactTime)|(lastInventoryUpdateDate))=gt=(\S+Z)$/.exec(
    filter,
  );
  if (after !== null) {
    const key = after[2] ?? 'lastContact';
    const since = Date.parse(after[3] ?? '');
    return records.filter(({ general }) => Date.parse(String((general as Properties)[key])) > since);
  }
  const id = /^mobileDeviceId==(\w+)$/.exec(filter)?.[1];
  return id === undefined ? null : records.filter(({ mobileDeviceId }) => String(mobileDeviceId) === id);
}

/** A Mac in order, as version 4 of the inventory tells it. */
export function jamfMac(number: number, changes: Record<string, Properties> = {}): Properties {
  const tail = String(number).padStart(12, '0');
  return {
    id: String(number),
    udid: `AAAAAAAA-0000-4000-8000-${tail}`,
    general: {
      name: `MAC-${number}`,
      platform: 'Mac',
      supervised: true,
      remoteManagement: { managed: true },
      reportDate: '2026-01-10T04:00:00Z',
      lastContact: `2026-01-10T${String(number % 24).padStart(2, '0')}:30:00.123Z`,
      lastEnrolledDate: '2026-01-02T03:04:05Z',
      mdmProfileExpiration: '2028-01-02T03:04:05Z',
      enrollmentMethod: { id: '3', objectName: 'Office', objectType: 'PreStage enrollment' },
      site: { id: '4', name: 'Berlin' },
      enrolledViaAutomatedDeviceEnrollment: true,
      userApprovedMdm: true,
      managementId: `bbbbbbbb-0000-4000-8000-${tail}`,
      ...changes.general,
    },
    hardware: {
      make: 'Apple',
      model: 'MacBook Air (M3)',
      serialNumber: `JAMF${number}`,
      macAddress: `3C:52:82:00:00:0${number % 10}`,
      altMacAddress: null,
      totalRamMegabytes: 16384,
      batteryCapacityPercent: 85,
      ...changes.hardware,
    },
    operatingSystem: {
      name: 'macOS',
      version: '15.5',
      build: '24F74',
      supplementalBuildVersion: '24F74',
      fileVault2Status: 'ALL_ENCRYPTED',
      ...changes.operatingSystem,
    },
    security: {
      sipStatus: 'ENABLED',
      gatekeeperStatus: 'APP_STORE_AND_IDENTIFIED_DEVELOPERS',
      activationLockEnabled: false,
      recoveryLockEnabled: true,
      firewallEnabled: true,
      secureBootLevel: 'FULL_SECURITY',
      ...changes.security,
    },
    diskEncryption: {
      bootPartitionEncryptionDetails: {
        partitionName: 'Macintosh HD',
        partitionFileVault2State: 'ENCRYPTED',
        partitionFileVault2Percent: 100,
      },
      individualRecoveryKeyValidityStatus: 'VALID',
      institutionalRecoveryKeyPresent: false,
      ...changes.diskEncryption,
    },
    storage: {
      bootDriveAvailableSpaceMegabytes: 100_000,
      disks: [
        {
          device: 'disk0',
          partitions: [
            { partitionType: 'OTHER', sizeMegabytes: 5000 },
            { partitionType: 'BOOT', sizeMegabytes: 400_000 },
          ],
        },
      ],
      ...changes.storage,
    },
    userAndLocation: {
      username: `person${number}`,
      email: `person${number}@example.com`,
      ...changes.userAndLocation,
    },
  };
}

/** An iPad in order. */
export function jamfPad(number: number, changes: Record<string, Properties> = {}): Properties {
  const tail = String(number).padStart(12, '0');
  return {
    mobileDeviceId: String(number),
    deviceType: 'iOS',
    general: {
      udid: `00008103-${String(number).padStart(16, '0')}`,
      displayName: `PAD-${number}`,
      lastInventoryUpdateDate: '2026-01-10T05:00:00.307Z',
      osVersion: '18.5',
      osBuild: '22F76',
      managed: true,
      supervised: true,
      deviceOwnershipType: 'Institutional',
      enrollmentMethodPrestage: { mobileDevicePrestageId: '1', profileName: 'Pads' },
      lastEnrolledDate: '2026-01-02T03:04:05Z',
      mdmProfileExpirationDate: '2028-01-02T03:04:05Z',
      managementId: `dddddddd-0000-4000-8000-${tail}`,
      ...changes.general,
    },
    hardware: {
      capacityMb: 128_000,
      availableSpaceMb: 32_000,
      batteryLevel: 60,
      serialNumber: `PAD${number}X`,
      wifiMacAddress: `3C:52:83:00:00:0${number % 10}`,
      model: 'iPad (10th generation)',
      ...changes.hardware,
    },
    security: {
      dataProtected: true,
      passcodePresent: true,
      jailBreakDetected: false,
      activationLockEnabled: true,
      ...changes.security,
    },
    userAndLocation: { username: `person${number}`, emailAddress: '', ...changes.userAndLocation },
  };
}
