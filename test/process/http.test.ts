import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { sessionResponse } from '../../shared/api/schemas.ts';

const MAIN = fileURLToPath(new URL('../../collector/main.ts', import.meta.url));
const ready = z.object({
  url: z.string(),
  port: z.number(),
  firstAdmin: z.object({ user: z.string(), password: z.string() }).optional(),
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trayline-process-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

interface Process {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly ended: Promise<number | null>;
}

function startProcess(env: Record<string, string>): Process {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    err += text;
  });
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, out: () => out, err: () => err, ended };
}

async function startCollector(env: Record<string, string>) {
  const running = startProcess({ TRAYLINE_PORT: '0', ...env });
  const line = await new Promise<string>((resolve, reject) => {
    running.child.stdout?.on('data', () => {
      const [first, ...rest] = running.out().split('\n');
      if (rest.length > 0) resolve(first ?? '');
    });
    void running.ended.then(code => reject(new Error(`ended with ${code}: ${running.err()}`)));
  });
  return {
    ...ready.parse(JSON.parse(line)),
    log: running.err,
    async stop() {
      running.child.kill('SIGTERM');
      return running.ended;
    },
  };
}

async function signIn(url: string, user: string, password: string) {
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ user, password }),
  });
  if (response.status !== 201) throw new Error(`not signed in: ${response.status} ${await response.text()}`);
  const session = sessionResponse.parse(await response.json());
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return { session, headers: { cookie, 'x-csrf-token': session.csrf, 'content-type': 'application/json' } };
}

describe('the collector process', () => {
  it('prints a first sign-in that works, once, and keeps people and sessions over a restart', async () => {
    const folder = await temporaryFolder();
    const first = await startCollector({ TRAYLINE_DATA_DIR: folder });
    const { user, password } = first.firstAdmin!;
    const { session, headers } = await signIn(first.url, user, password);
    expect(session).toMatchObject({ role: 'admin', mustChangePassword: true });
    const devices = await fetch(`${first.url}/api/v1/devices`, { headers });
    expect(await devices.json()).toEqual({ devices: [], next: null, total: 0 });
    const next = 'a phrase of my own';
    const changed = await fetch(`${first.url}/api/v1/session/password`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ current: password, next }),
    });
    expect(changed.status).toBe(200);
    expect(await first.stop()).toBe(0);
    expect(first.log()).not.toContain(password);
    expect(first.log()).not.toContain(next);

    const second = await startCollector({ TRAYLINE_DATA_DIR: folder });
    expect(second.firstAdmin).toBeUndefined();
    expect((await fetch(`${second.url}/api/v1/session`, { headers })).status).toBe(200);
    await expect(signIn(second.url, user, password)).rejects.toThrow('sign-in-wrong');
    expect((await signIn(second.url, user, next)).session.mustChangePassword).toBe(false);
    expect(await second.stop()).toBe(0);
  });

  it('does not start with wrong settings, and names all of them without their values', async () => {
    const { ended, err, out } = startProcess({
      TRAYLINE_PORT: 'hunter2',
      TRAYLINE_DEMO: 'hunter3',
      TRAYLINE_TYPO: 'hunter4',
    });
    expect(await ended).toBe(1);
    for (const key of ['TRAYLINE_PORT', 'TRAYLINE_DEMO', 'TRAYLINE_TYPO']) expect(err()).toContain(key);
    expect(err() + out()).not.toContain('hunter');
  });

  it('does not start unencrypted on a network address, and says what to do', async () => {
    const { ended, err } = startProcess({
      TRAYLINE_HOST: '0.0.0.0',
      TRAYLINE_PUBLIC_URL: 'https://fleet.example.com',
      TRAYLINE_DATA_DIR: await temporaryFolder(),
    });
    expect(await ended).toBe(1);
    expect(err()).toContain('tls-required');
    expect(err()).toContain('TRAYLINE_BEHIND_PROXY');
  });

  it('speaks only TLS when given a certificate, with a cookie bound to it', async context => {
    const folder = await temporaryFolder();
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const made = spawnSync('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
      ],
      ...[
        '-keyout',
        keyFile,
        '-out',
        certFile,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
    ]);
    if (made.status !== 0) context.skip('openssl is not here to make a certificate with');
    const collector = await startCollector({
      TRAYLINE_DATA_DIR: join(folder, 'data'),
      TRAYLINE_TLS_CERT_FILE: certFile,
      TRAYLINE_TLS_KEY_FILE: keyFile,
      TRAYLINE_PUBLIC_URL: 'https://127.0.0.1',
    });
    const ca = await readFile(certFile);
    const answer = await new Promise<{ status: number; cookie: string; hsts: unknown }>((resolve, reject) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port: collector.port,
          path: '/api/v1/session',
          method: 'POST',
          ca,
          headers: { 'content-type': 'application/json' },
        },
        response => {
          response.resume();
          resolve({
            status: response.statusCode ?? 0,
            cookie: response.headers['set-cookie']?.[0] ?? '',
            hsts: response.headers['strict-transport-security'],
          });
        },
      );
      request.on('error', reject);
      request.end(JSON.stringify(collector.firstAdmin));
    });
    expect(answer.status).toBe(201);
    expect(answer.cookie).toMatch(/^__Host-trayline=.*; Secure; SameSite=Strict$/);
    expect(answer.hsts).toBe('max-age=31536000');
    await expect(fetch(`http://127.0.0.1:${collector.port}/healthz`)).rejects.toThrow();
    expect(await collector.stop()).toBe(0);
  });
});
