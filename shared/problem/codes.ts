/**
 * The one catalogue of everything that can go wrong in a way another program or a person is told about.
 * `http` is the status of an API answer, `close` the WebSocket close code when the connection ends for it (null: the
 * connection goes on), `retry` whether doing the same again can help, `fixedBy` who can do something about it.
 */
type CodeEntry = {
  readonly http: number;
  readonly close: number | null;
  readonly retry: boolean;
  readonly fixedBy: 'user' | 'admin' | 'operator' | 'developer' | 'nobody';
};

export const PROBLEM_CODES = {
  // Frames
  'frame-malformed': { http: 400, close: null, retry: false, fixedBy: 'developer' },
  'frame-too-large': { http: 413, close: 4413, retry: false, fixedBy: 'developer' },
  'frame-unsupported': { http: 400, close: null, retry: false, fixedBy: 'developer' },
  'frame-binary': { http: 400, close: null, retry: false, fixedBy: 'developer' },
  'frame-out-of-turn': { http: 409, close: 4409, retry: true, fixedBy: 'developer' },
  'frame-too-many-bad': { http: 400, close: 4400, retry: true, fixedBy: 'developer' },
  'finding-invalid': { http: 400, close: null, retry: false, fixedBy: 'developer' },
  'sequence-gap': { http: 409, close: null, retry: true, fixedBy: 'nobody' },
  'too-fast': { http: 429, close: 4429, retry: true, fixedBy: 'nobody' },
  // Connecting
  'version-unsupported': { http: 426, close: 4426, retry: false, fixedBy: 'admin' },
  'greeting-timeout': { http: 408, close: 4408, retry: true, fixedBy: 'nobody' },
  'signature-wrong': { http: 401, close: 4401, retry: true, fixedBy: 'admin' },
  'device-unknown': { http: 401, close: 4404, retry: true, fixedBy: 'admin' },
  'device-revoked': { http: 403, close: 4403, retry: true, fixedBy: 'admin' },
  'device-duplicated': { http: 409, close: 4410, retry: true, fixedBy: 'admin' },
  'device-superseded': { http: 409, close: 4411, retry: true, fixedBy: 'nobody' },
  'token-unknown': { http: 401, close: 4420, retry: true, fixedBy: 'admin' },
  'token-expired': { http: 401, close: 4421, retry: true, fixedBy: 'admin' },
  'token-used-up': { http: 401, close: 4422, retry: true, fixedBy: 'admin' },
  'token-revoked': { http: 401, close: 4423, retry: true, fixedBy: 'admin' },
  'admission-waiting': { http: 202, close: 4430, retry: true, fixedBy: 'admin' },
  'admission-rejected': { http: 403, close: 4431, retry: true, fixedBy: 'admin' },
  'collector-changed': { http: 409, close: 4412, retry: true, fixedBy: 'admin' },
  'collector-busy': { http: 503, close: 4503, retry: true, fixedBy: 'operator' },
  'collector-stopping': { http: 503, close: 4504, retry: true, fixedBy: 'nobody' },
  'store-unavailable': { http: 503, close: 4507, retry: true, fixedBy: 'operator' },
  // API and people
  'request-invalid': { http: 400, close: null, retry: false, fixedBy: 'user' },
  'not-found': { http: 404, close: null, retry: false, fixedBy: 'user' },
  'method-not-allowed': { http: 405, close: null, retry: false, fixedBy: 'user' },
  'body-too-large': { http: 413, close: null, retry: false, fixedBy: 'user' },
  'signed-out': { http: 401, close: 4440, retry: false, fixedBy: 'user' },
  'sign-in-wrong': { http: 401, close: null, retry: true, fixedBy: 'user' },
  'sign-in-locked': { http: 429, close: null, retry: true, fixedBy: 'user' },
  'role-missing': { http: 403, close: null, retry: false, fixedBy: 'admin' },
  'origin-refused': { http: 403, close: null, retry: false, fixedBy: 'operator' },
  'csrf-refused': { http: 403, close: null, retry: true, fixedBy: 'user' },
  'password-weak': { http: 400, close: null, retry: false, fixedBy: 'user' },
  'password-change-needed': { http: 403, close: null, retry: false, fixedBy: 'user' },
  conflict: { http: 409, close: null, retry: false, fixedBy: 'user' },
  'device-offline': { http: 409, close: null, retry: true, fixedBy: 'user' },
  // Systems the connectors talk to
  'vendor-unreachable': { http: 502, close: null, retry: true, fixedBy: 'operator' },
  'vendor-credentials': { http: 502, close: null, retry: false, fixedBy: 'admin' },
  'vendor-permission': { http: 502, close: null, retry: false, fixedBy: 'admin' },
  'vendor-throttled': { http: 503, close: null, retry: true, fixedBy: 'nobody' },
  'vendor-refused': { http: 502, close: null, retry: false, fixedBy: 'admin' },
  'vendor-not-found': { http: 404, close: null, retry: false, fixedBy: 'user' },
  'vendor-failed': { http: 502, close: null, retry: true, fixedBy: 'nobody' },
  'vendor-answer': { http: 502, close: null, retry: true, fixedBy: 'admin' },
  'vendor-redirect': { http: 502, close: null, retry: false, fixedBy: 'admin' },
  'secret-unreadable': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  // Running
  'settings-invalid': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'data-folder-unwritable': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'data-folder-in-use': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'store-newer': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'store-denied': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'store-unsuitable': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'tls-required': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'address-in-use': { http: 500, close: null, retry: false, fixedBy: 'operator' },
  'scan-over-budget': { http: 500, close: null, retry: false, fixedBy: 'admin' },
  'outbox-damaged': { http: 500, close: null, retry: false, fixedBy: 'nobody' },
  'identity-unreadable': { http: 500, close: null, retry: false, fixedBy: 'admin' },
  'service-already-running': { http: 500, close: null, retry: false, fixedBy: 'user' },
  // The endpoint's own app
  'sender-refused': { http: 403, close: null, retry: false, fixedBy: 'nobody' },
  'link-refused': { http: 403, close: null, retry: false, fixedBy: 'user' },
  'consent-missing': { http: 403, close: null, retry: true, fixedBy: 'user' },
  'help-too-many': { http: 429, close: null, retry: true, fixedBy: 'user' },
  'help-over': { http: 409, close: null, retry: false, fixedBy: 'nobody' },
  'service-unreachable': { http: 503, close: null, retry: true, fixedBy: 'user' },
  internal: { http: 500, close: null, retry: true, fixedBy: 'developer' },
} as const satisfies Record<string, CodeEntry>;

export type ProblemCode = keyof typeof PROBLEM_CODES;

export const ALL_PROBLEM_CODES = Object.keys(PROBLEM_CODES) as ProblemCode[];

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEM_CODES, text);
}
