import { mkdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageHeaders, type Scene, startScene } from './scene.ts';

const PASSWORD = 'a long enough phrase';

async function buildConsole(scene: Scene) {
  const folder = join(scene.folder, 'console');
  await mkdir(join(folder, 'assets'), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(join(folder, 'assets', 'main-3f9a.js'), 'export {};');
  await writeFile(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, '.secret'), 'hidden');
}

/** A request as fetch would not send it: raw path, any Host. */
function rawRequest(
  scene: Scene,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: scene.port, path, headers }, response => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', chunk => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.on('error', reject);
    request.end();
  });
}

describe('every answer', () => {
  it('carries the headers that keep the page to itself', async () => {
    const scene = await startScene();
    await buildConsole(scene);
    for (const path of ['/', '/api/v1/devices', '/assets/main-3f9a.js', '/nowhere.png']) {
      const { headers } = await scene.ask(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'self';style-src 'self' 'unsafe-inline';img-src 'self' data:;connect-src 'self' ws: wss:;" +
          "frame-ancestors 'none';base-uri 'none';form-action 'self'",
      );
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{16}$/);
    }
  });

  it('of the interface is not kept by anybody', async () => {
    const scene = await startScene();
    const { headers } = await scene.ask('/api/v1/devices', { headers: await scene.token('viewer') });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('a problem', () => {
  it('tells what happened and what to do, in the language of who asks', async () => {
    const scene = await startScene();
    const english = await scene.refused('/api/v1/nowhere');
    expect(english).toMatchObject({ type: 'urn:trayline:problem:not-found', status: 404, code: 'not-found' });
    expect(english.what.length * english.next.length).toBeGreaterThan(0);
    const german = await scene.refused('/api/v1/nowhere', {
      headers: { 'accept-language': 'fr-CH;q=0.5, de-AT, en;q=0.1' },
    });
    expect(german.headers.get('content-language')).toBe('de');
    expect(german.what).not.toBe(english.what);
    const other = await scene.refused('/api/v1/nowhere', { headers: { 'accept-language': 'ja' } });
    expect(other.what).toBe(english.what);
  });

  it('is found in the log by its trace', async () => {
    const scene = await startScene();
    const { trace, headers } = await scene.refused('/api/v1/devices');
    expect(headers.get('x-request-id')).toBe(trace);
    const line = scene.lines
      .map(text => JSON.parse(text))
      .find(entry => entry.trace === trace && entry.code !== undefined);
    expect(line).toMatchObject({ level: 'info', code: 'signed-out', route: '/api/v1/devices' });
  });

  it('says which methods a known path has', async () => {
    const scene = await startScene();
    const answer = await scene.refused('/api/v1/session', { method: 'PUT' });
    expect(answer).toMatchObject({ status: 405, code: 'method-not-allowed' });
    expect(answer.headers.get('allow')).toBe('POST, GET, DELETE');
  });

  it.each(['/api', '/api/v1', '/api/v2/devices', '/api/v1/devices/a/b/c', '/agent', '/console-socket'])(
    'says that there is nothing at %s, even to a browser',
    async path => {
      const scene = await startScene();
      await buildConsole(scene);
      expect((await scene.refused(path, { headers: { accept: 'text/html' } })).code).toBe('not-found');
    },
  );

  it('of a body that is no JSON, too large or of another kind does not repeat it', async () => {
    const scene = await startScene();
    const path = '/api/v1/session';
    const broken = await scene.refused(path, { raw: '{"password":"hunter2' });
    expect(broken).toMatchObject({ code: 'request-invalid', fields: ['body'] });
    expect(JSON.stringify(broken)).not.toContain('hunter2');
    const large = await scene.refused(path, { body: { user: 'a', password: 'x'.repeat(200_000) } });
    expect(large).toMatchObject({ status: 413, code: 'body-too-large' });
    const form = await scene.refused(path, {
      raw: 'user=a&password=b',
      type: 'application/x-www-form-urlencoded',
    });
    expect(form).toMatchObject({ code: 'request-invalid', fields: ['body'] });
    expect(scene.lines.join('')).not.toContain('hunter2');
  });

  it('of a store that fails says so and no more, and is logged as an error', async () => {
    const scene = await startScene();
    const headers = await scene.token('viewer');
    await scene.store.close();
    const answer = await scene.refused('/api/v1/devices', { headers });
    expect(answer).toMatchObject({ status: 503, code: 'store-unavailable' });
    expect(JSON.stringify(answer)).not.toContain(scene.folder);
    const line = scene.lines.map(text => JSON.parse(text)).find(entry => entry.level === 'error');
    expect(line).toMatchObject({ trace: answer.trace, err: { code: 'store-unavailable' } });
  });
});

describe('the console', () => {
  it('is one page for every address, asked for again each time', async () => {
    const scene = await startScene();
    await buildConsole(scene);
    for (const path of ['/', '/devices/d1?tab=timeline', '/people']) {
      const { status, body, headers } = await scene.ask(path, { headers: { accept: 'text/html' } });
      expect([status, body, headers.get('cache-control')]).toEqual([
        200,
        '<!doctype html><title>console</title>',
        'no-cache',
      ]);
    }
  });

  it('has files that are kept for good when their name carries a hash', async () => {
    const scene = await startScene();
    await buildConsole(scene);
    const asset = await scene.ask('/assets/main-3f9a.js');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect((await scene.ask('/icon.svg')).headers.get('cache-control')).toBe('no-cache');
  });

  it('does not answer for a missing file with its page', async () => {
    const scene = await startScene();
    await buildConsole(scene);
    expect((await scene.refused('/assets/main-0000.js', { headers: { accept: '*/*' } })).code).toBe(
      'not-found',
    );
    expect((await scene.refused('/anything', { headers: { accept: 'application/json' } })).code).toBe(
      'not-found',
    );
  });

  it.each([
    '/../trayline.db',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/.secret',
    '/%c0%ae/x',
    '/%',
    '/a%00b',
  ])('gives nothing outside its folder and nothing hidden: %s', async path => {
    const scene = await startScene();
    await buildConsole(scene);
    const { status, text } = await rawRequest(scene, path, { accept: 'image/png' });
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/root:|hidden|SQLite/);
  });

  it('that is not built says so', async () => {
    const scene = await startScene();
    const answer = await scene.refused('/', { headers: { accept: 'text/html' } });
    expect(answer.detail).toContain('TRAYLINE_CONSOLE_DIR');
  });
});

describe('what machines ask', () => {
  it('is answered without signing in: alive, and ready while the store takes writes and the collector takes devices in', async () => {
    const scene = await startScene();
    expect(await scene.ask('/healthz')).toMatchObject({ status: 200, body: { alive: true } });
    expect(await scene.ask('/readyz')).toMatchObject({ status: 200, body: { ready: true } });
    for (const code of ['collector-stopping', 'store-unavailable'] as const) {
      scene.unready.code = code;
      expect(await scene.refused('/readyz')).toMatchObject({ status: 503, code });
    }
    scene.unready.code = null;
    expect((await scene.ask('/readyz')).status).toBe(200);
    await scene.store.close();
    expect((await scene.refused('/readyz')).status).toBe(503);
    expect((await scene.ask('/healthz')).status).toBe(200);
  });

  it('includes counters, by declared path and never by address', async () => {
    const scene = await startScene();
    await scene.ask('/api/v1/devices/some-device-id', { headers: await scene.token('viewer') });
    await scene.ask('/wp-login.php');
    const { status, body, headers } = await scene.ask('/metrics');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(body).toContain(
      'trayline_http_requests_total{method="GET",route="/api/v1/devices/:id",status="404"} 1',
    );
    expect(body).toContain('trayline_http_requests_total{method="GET",route="other",status="404"} 1');
    expect(body).toContain('trayline_problems_total{code="not-found",where="http"} 2');
    expect(body).not.toMatch(/some-device-id|wp-login/);
    expect(
      String(body)
        .split('\n')
        .filter(line => line !== '' && !line.startsWith('#') && !line.startsWith('trayline_')),
    ).toEqual([]);
  });

  it.each([
    ['through a proxy that was not declared', { 'x-forwarded-for': '192.0.2.1' }],
    ['from a page whose name was made to point here', { host: 'evil.example' }],
    ['with a wrong token', { authorization: 'Bearer wrong' }],
  ])('does not include counters %s', async (_what, headers) => {
    const scene = await startScene({ TRAYLINE_METRICS_TOKEN: 'a-token-of-some-length' });
    expect((await rawRequest(scene, '/metrics', headers)).status).toBe(401);
  });

  it('includes counters behind a proxy only with the token', async () => {
    const scene = await startScene({
      TRAYLINE_BEHIND_PROXY: 'loopback',
      TRAYLINE_PUBLIC_URL: 'https://fleet.example.com',
      TRAYLINE_METRICS_TOKEN: 'a-token-of-some-length',
    });
    expect((await scene.ask('/metrics')).status).toBe(401);
    const headers = { authorization: 'Bearer a-token-of-some-length' };
    expect((await scene.ask('/metrics', { headers })).status).toBe(200);
  });
});

describe('the client address', () => {
  const wrong = (forwarded: string) => ({
    body: { user: 'nobody', password: 'x' },
    headers: { 'x-forwarded-for': forwarded },
  });

  it('is what a declared proxy says', async () => {
    const scene = await startScene({
      TRAYLINE_BEHIND_PROXY: 'loopback',
      TRAYLINE_PUBLIC_URL: 'https://fleet.example.com',
    });
    await scene.refused('/api/v1/session', wrong('203.0.113.9, 192.0.2.44'));
    const [entry] = await scene.store.listAudit({ limit: 1 });
    expect(entry?.data).toEqual({ address: '192.0.2.44' });
  });

  it('is not what just anybody says', async () => {
    const scene = await startScene();
    await scene.refused('/api/v1/session', wrong('192.0.2.44'));
    const [entry] = await scene.store.listAudit({ limit: 1 });
    expect(entry?.data).toEqual({ address: '127.0.0.1' });
  });
});

describe('the log', () => {
  it('never holds a secret or who somebody is, whatever is asked', async () => {
    const scene = await startScene();
    await scene.addPerson('ann.somebody', 'admin', PASSWORD);
    const page = await scene.signIn('ann.somebody', PASSWORD);
    const headers = pageHeaders(page);
    const secrets = [
      PASSWORD,
      page.csrf,
      page.cookie.split('=')[1]!,
      'ann.somebody',
      'Name of ann',
      '127.0.0.1',
    ];
    const token = await scene.ask('/api/v1/api-tokens', {
      body: { label: 'x', role: 'admin', validHours: null },
      headers,
    });
    secrets.push((token.body as { secret: string }).secret);
    const enrolment = await scene.ask('/api/v1/enrolment/tokens', {
      body: { label: 'x', validHours: null, maxUses: null },
      headers,
    });
    secrets.push((enrolment.body as { secret: string }).secret);
    const person = await scene.ask('/api/v1/people', {
      body: { user: 'bob.other', name: 'Bob Other', role: 'viewer' },
      headers,
    });
    secrets.push((person.body as { password: string }).password, 'bob.other', 'Bob Other');
    await scene.ask('/api/v1/session', { body: { user: 'ann.somebody', password: 'a wrong guess' } });
    secrets.push('a wrong guess');
    await scene.ask('/api/v1/session/password', {
      body: { current: 'a bad one', next: 'never to be seen' },
      headers,
    });
    secrets.push('a bad one', 'never to be seen');
    await scene.ask('/api/v1/devices?search=a.kovacs', { headers });
    secrets.push('a.kovacs');
    await scene.store.close();
    await scene.ask('/api/v1/people', { headers });

    const written = scene.lines.join('');
    expect(scene.lines.length).toBeGreaterThan(8);
    expect(secrets.every(secret => secret.length > 5)).toBe(true);
    expect(secrets.filter(secret => written.includes(secret))).toEqual([]);
  });
});
