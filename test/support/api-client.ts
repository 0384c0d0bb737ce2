import type { z } from 'zod';
import {
  type apiToken,
  auditResponse,
  deviceResponse,
  devicesResponse,
  type enrolmentToken,
  newApiTokenResponse,
  newEnrolmentTokenResponse,
  newPersonResponse,
  problemResponse,
  type Role,
  sessionResponse,
  timelineResponse,
  waitingResponse,
} from '../../shared/api/schemas.ts';

/** Who the client is for the server: a session with its cookie and CSRF token, an API token, or nobody. */
type Credential =
  | { readonly kind: 'session'; readonly cookie: string; readonly csrf: string }
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'nobody' };

/** An answer that was not good, with the problem it told. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, what: string) {
    super(`HTTP ${status} ${code}: ${what}`);
    this.status = status;
    this.code = code;
  }
}

export const ADMIN_PASSWORD = 'a long pass phrase of the tests';

/** A program or a page that uses the collector's API. Every answer is checked against its schema. */
export class ApiClient {
  readonly url: string;
  readonly #credential: Credential;

  constructor(url: string, credential: Credential = { kind: 'nobody' }) {
    this.url = url;
    this.#credential = credential;
  }

  /** Signs in as a page does. */
  static async signIn(url: string, user: string, password: string): Promise<ApiClient> {
    const response = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, password }),
    });
    const cookie = (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    const { csrf } = sessionResponse.parse(await answerOf(response));
    return new ApiClient(url, { kind: 'session', cookie, csrf });
  }

  /** The first administrator's way in: the one-time password, then one of their own. */
  static async firstAdmin(url: string, admin: { user: string; password: string }): Promise<ApiClient> {
    const client = await ApiClient.signIn(url, admin.user, admin.password);
    await client.post('/api/v1/session/password', { current: admin.password, next: ADMIN_PASSWORD });
    return client;
  }

  withToken(token: string): ApiClient {
    return new ApiClient(this.url, { kind: 'token', token });
  }

  get session(): { cookie: string; csrf: string } {
    if (this.#credential.kind !== 'session') throw new Error('no session');
    return this.#credential;
  }

  #headers(): Record<string, string> {
    switch (this.#credential.kind) {
      case 'session':
        return { cookie: this.#credential.cookie, 'x-csrf-token': this.#credential.csrf };
      case 'token':
        return { authorization: `Bearer ${this.#credential.token}` };
      case 'nobody':
        return {};
    }
  }

  async get(path: string): Promise<unknown> {
    return answerOf(await fetch(`${this.url}${path}`, { headers: this.#headers() }));
  }

  async post(path: string, body: object = {}): Promise<unknown> {
    return this.#send('POST', path, body);
  }

  async remove(path: string): Promise<unknown> {
    return this.#send('DELETE', path);
  }

  async put(path: string, body: object): Promise<unknown> {
    return this.#send('PUT', path, body);
  }

  async #send(method: string, path: string, body?: object): Promise<unknown> {
    return answerOf(
      await fetch(`${this.url}${path}`, {
        method,
        headers: {
          ...this.#headers(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
  }

  async signOut(): Promise<void> {
    await this.#send('DELETE', '/api/v1/session');
  }

  async enrolmentToken(
    limits: { maxUses?: number | null; validHours?: number | null; label?: string } = {},
  ): Promise<{ token: z.infer<typeof enrolmentToken>; secret: string }> {
    const { maxUses = null, validHours = null, label = 'tests' } = limits;
    return newEnrolmentTokenResponse.parse(
      await this.post('/api/v1/enrolment/tokens', { label, validHours, maxUses }),
    );
  }

  async apiToken(role: Role): Promise<{ token: z.infer<typeof apiToken>; secret: string }> {
    return newApiTokenResponse.parse(
      await this.post('/api/v1/api-tokens', { label: `test ${role}`, role, validHours: 1 }),
    );
  }

  async addPerson(user: string, name: string, role: Role): Promise<{ password: string }> {
    return newPersonResponse.parse(await this.post('/api/v1/people', { user, name, role }));
  }

  async devices(search?: string): Promise<z.infer<typeof devicesResponse>['devices']> {
    const query = search === undefined ? '' : `&search=${encodeURIComponent(search)}`;
    return devicesResponse.parse(await this.get(`/api/v1/devices?limit=1000${query}`)).devices;
  }

  async device(id: string): Promise<z.infer<typeof deviceResponse>> {
    return deviceResponse.parse(await this.get(`/api/v1/devices/${id}`));
  }

  async timeline(id: string, from = 0, to = Date.now() + 1000): Promise<z.infer<typeof timelineResponse>> {
    return timelineResponse.parse(await this.get(`/api/v1/devices/${id}/timeline?from=${from}&to=${to}`));
  }

  async waiting(): Promise<z.infer<typeof waitingResponse>['waiting']> {
    return waitingResponse.parse(await this.get('/api/v1/enrolment/waiting')).waiting;
  }

  async audit(subject?: string): Promise<z.infer<typeof auditResponse>> {
    const query = subject === undefined ? '' : `&subject=${encodeURIComponent(subject)}`;
    return auditResponse.parse(await this.get(`/api/v1/audit?limit=500${query}`));
  }
}

async function answerOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (response.ok) return text === '' ? null : JSON.parse(text);
  let told: z.infer<typeof problemResponse> | undefined;
  try {
    told = problemResponse.safeParse(JSON.parse(text)).data;
  } catch {
    // Not our answer.
  }
  throw new ApiProblem(response.status, told?.code ?? 'none', told?.detail ?? text.slice(0, 300));
}
