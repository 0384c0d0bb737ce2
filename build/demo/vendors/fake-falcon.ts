import { type Answer, type Asked, FakeVendor, type Handler } from './fake-vendor.ts';

type Properties = Record<string, unknown>;

export const FALCON_CLIENT = {
  clientId: '0123456789abcdef0123456789abcdef',
  clientSecret: 'falcon-secret/with+odd=signs&more',
};

/** An error as Falcon writes it, in the envelope of every answer. */
export function falconError(status: number, code: number, message: string): Answer {
  return {
    status,
    json: { meta: { query_time: 0.01, trace_id: 't-1' }, errors: [{ code, message }], resources: null },
  };
}

/**
 * One Falcon cloud: tokens that end, hosts by the combined listing or by scroll, assessments, sensor states, containment.
 * Its lists of errors are null as often as they are empty. With `movedTo` it is the wrong region.
 */
export class FakeFalcon {
  readonly hosts = new Map<string, Properties>();
  readonly assessments = new Map<string, Properties>();
  readonly states = new Map<string, string>();
  readonly actions: { readonly aid: string; readonly action: string }[] = [];
  readonly granted = new Set(['devices:read', 'devices:write', 'zero-trust-assessment:read']);
  /** Base address of the region the account lives in, where it is not this one. */
  movedTo: string | null = null;
  hasCombined = true;
  pageMost = 10_000;
  tokenLivesSeconds = 1799;
  now: () => number = () => Date.now();
  readonly #tokens = new Map<string, number>();
  #vendor: FakeVendor | null = null;

  static async start(): Promise<FakeFalcon> {
    const fake = new FakeFalcon();
    fake.#vendor = await FakeVendor.start(fake.#token, fake.#api);
    return fake;
  }

  get vendor(): FakeVendor {
    if (this.#vendor === null) throw new Error('not started');
    return this.#vendor;
  }

  get settings(): Record<string, string> {
    return { ...FALCON_CLIENT, apiUrl: this.vendor.url };
  }

  get tokens(): string[] {
    return [...this.#tokens.keys()];
  }

  revokeTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  #moved(asked: Asked): Answer | null {
    if (this.movedTo === null) return null;
    return {
      status: 308,
      headers: { Location: `${this.movedTo}${asked.path}`, 'X-Cs-Region': 'us-2', 'X-RateLimit-Limit': '15' },
    };
  }

  readonly #token: Handler = asked => {
    if (asked.path !== '/oauth2/token') return undefined;
    const moved = this.#moved(asked);
    if (moved !== null) return moved;
    if (asked.form.get('client_id') !== FALCON_CLIENT.clientId) {
      return falconError(
        400,
        400,
        `Failed to generate access token for clientID=${asked.form.get('client_id')}`,
      );
    }
    if (asked.form.get('client_secret') !== FALCON_CLIENT.clientSecret) {
      return falconError(403, 403, 'Failed to issue access token - Not Authorized');
    }
    const token = `falcon-token-${this.#tokens.size + 1}-of-${new URL(this.vendor.url).port}-${'x'.repeat(40)}`;
    this.#tokens.set(token, this.now() + this.tokenLivesSeconds * 1000);
    return {
      status: 201,
      json: { access_token: token, expires_in: this.tokenLivesSeconds, token_type: 'bearer' },
    };
  };

  readonly #api: Handler = asked => {
    const moved = this.#moved(asked);
    if (moved !== null) return moved;
    const token = /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? '';
    if ((this.#tokens.get(token) ?? 0) <= this.now()) {
      return falconError(401, 401, 'access denied, invalid bearer token');
    }
    const needed = asked.path.startsWith('/zero-trust')
      ? 'zero-trust-assessment:read'
      : asked.path.includes('devices-actions')
        ? 'devices:write'
        : 'devices:read';
    if (!this.granted.has(needed)) return falconError(403, 403, 'access denied, authorization failed');
    switch (asked.path) {
      case '/devices/combined/devices/v1':
        return this.hasCombined ? this.#combined(asked) : undefined;
      case '/devices/queries/devices-scroll/v1':
        return this.#scroll(asked);
      case '/devices/entities/devices/v2': {
        const ids =
          asked.method === 'POST' ? (asked.json as { ids: string[] }).ids : asked.query.getAll('ids');
        return this.#byIds(ids, id => this.hosts.get(id));
      }
      case '/devices/entities/online-state/v1':
        return this.#byIds(asked.query.getAll('ids'), id =>
          this.states.has(id) ? { id, state: this.states.get(id) } : undefined,
        );
      case '/zero-trust-assessment/entities/assessments/v1':
        return this.#byIds(asked.query.getAll('ids'), id => this.assessments.get(id));
      case '/zero-trust-assessment/entities/audit/v1':
        return this.#audit();
      case '/zero-trust-assessment/queries/assessments/v1':
        return this.#scores(asked);
      case '/devices/entities/devices-actions/v2':
        return this.#act(asked);
      default:
        return undefined;
    }
  };

  #seen({ query }: Asked): Properties[] {
    const since = /^last_seen:>'(.+)'$/.exec(query.get('filter') ?? '')?.[1];
    return [...this.hosts.values()].filter(
      ({ last_seen: seen }) => since === undefined || Date.parse(String(seen)) > Date.parse(since),
    );
  }

  #slice(asked: Asked, all: readonly unknown[], cursor: string | null) {
    const size = Math.min(Number(asked.query.get('limit') ?? 100), this.pageMost);
    const from = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64').toString());
    const next = from + size < all.length ? Buffer.from(String(from + size)).toString('base64') : '';
    return { resources: all.slice(from, from + size), next, isOver: from >= all.length };
  }

  #combined(asked: Asked): Answer {
    const all = this.#seen(asked);
    const { resources, next } = this.#slice(asked, all, asked.query.get('offset'));
    // A number of nanoseconds that no double can hold comes as it is.
    const text = JSON.stringify({
      meta: { query_time: 0.1, pagination: { total: all.length, next, expires_at: 0 } },
      errors: null,
      resources,
    }).replace('"expires_at":0', '"expires_at":1576457999942133070');
    return { text, headers: { 'Content-Type': 'application/json' } };
  }

  /** Goes on naming a place as long as there was anything, and ends with a page of nothing that counts nothing. */
  #scroll(asked: Asked): Answer {
    const all = this.#seen(asked).map(({ device_id: id }) => id);
    const size = Math.min(Number(asked.query.get('limit') ?? 100), this.pageMost);
    const cursor = asked.query.get('offset');
    const from = cursor === null ? 0 : Number(Buffer.from(cursor, 'base64').toString());
    const isOver = from >= all.length;
    return {
      json: {
        meta: {
          query_time: 0.1,
          pagination: {
            total: isOver ? 0 : all.length,
            offset: isOver ? '' : Buffer.from(String(from + size)).toString('base64'),
          },
        },
        errors: [],
        resources: all.slice(from, from + size),
      },
    };
  }

  #byIds(ids: readonly string[], find: (id: string) => Properties | undefined): Answer {
    const missing = ids.filter(id => find(id) === undefined);
    return {
      json: {
        meta: { query_time: 0.1 },
        errors: missing.length === 0 ? null : missing.map(id => ({ code: 404, id, message: 'not found' })),
        resources: ids.map(find).filter(found => found !== undefined),
      },
    };
  }

  #audit(): Answer {
    return {
      json: {
        meta: { query_time: 0.1 },
        errors: null,
        resources: [
          {
            cid: 'cid-1',
            average_overall_score: 61.5,
            num_aids: this.assessments.size,
            platforms: [{ name: 'Windows', average_overall_score: 60, num_aids: 1, audit: {} }],
          },
        ],
      },
    };
  }

  #scores(asked: Asked): Answer {
    if (!asked.query.has('filter')) return falconError(400, 400, 'filter is required');
    const all = [...this.assessments.values()].map(({ aid, assessment }) => ({
      aid,
      score: (assessment as Properties).overall,
    }));
    const { resources, next } = this.#slice(asked, all, asked.query.get('after'));
    return {
      json: {
        meta: { query_time: 0.1, pagination: { limit: 1000, total: all.length, after: next } },
        resources,
        errors: null,
      },
    };
  }

  #act(asked: Asked): Answer {
    const action = asked.query.get('action_name') ?? '';
    const { ids } = asked.json as { ids: string[] };
    const [aid = ''] = ids;
    const record = this.hosts.get(aid);
    if (record === undefined) return falconError(404, 404, 'No matching device found');
    this.actions.push({ aid, action });
    const status = action === 'contain' ? 'containment_pending' : 'lift_containment_pending';
    this.hosts.set(aid, { ...record, status });
    return {
      status: 202,
      json: {
        meta: { query_time: 0.1 },
        errors: null,
        resources: [{ id: aid, path: `/devices/entities/devices/v1?ids=${aid}` }],
      },
    };
  }
}

/** Agent id of a fake host. */
export const aidOf = (number: number): string => String(number).padStart(32, 'a');

/** A host in order. */
export function falconHost(number: number, changes: Properties = {}): Properties {
  return {
    device_id: aidOf(number),
    cid: 'c'.repeat(32),
    agent_version: '7.20.19003.0',
    hostname: `PC-${number}`,
    serial_number: `FAL-${number}`,
    mac_address: `3c-52-82-00-00-0${number % 10}`,
    platform_name: 'Windows',
    os_version: 'Windows 11',
    os_build: '26100',
    build_number: '26100',
    first_seen: '2026-01-01T00:00:00Z',
    last_seen: `2026-01-10T${String(number % 24).padStart(2, '0')}:00:00Z`,
    last_reboot: '2026-01-09T06:00:00Z',
    status: 'normal',
    reduced_functionality_mode: 'no',
    product_type_desc: 'Workstation',
    system_manufacturer: 'Contoso',
    system_product_name: 'Book 5',
    tags: ['FalconGroupingTags/Office'],
    device_policies: {
      prevention: {
        policy_type: 'prevention',
        applied: true,
        applied_date: null,
        assigned_date: '2026-01-01T00:00:00.123456789Z',
      },
    },
    ...changes,
  };
}

/** Its assessment. */
export function falconAssessment(number: number, changes: Properties = {}): Properties {
  return {
    aid: aidOf(number),
    cid: 'c'.repeat(32),
    system_serial_number: `FAL-${number}`,
    event_platform: 'Win',
    modified_time: '2026-01-10T00:30:00Z',
    sensor_file_status: 'deployed',
    assessment: { sensor_config: 70, os: 80, overall: 75, version: '3.6.1' },
    assessment_items: {
      os_signals: [
        { signal_id: 'secure_boot', signal_name: 'Secure Boot', meets_criteria: 'no' },
        { signal_id: 'bitlocker', signal_name: 'BitLocker', meets_criteria: 'unknown' },
      ],
      sensor_signals: [{ signal_id: 'rtr', signal_name: 'Real Time Response', meets_criteria: 'yes' }],
    },
    ...changes,
  };
}
