import { describe, expect, it } from 'vitest';
import { environmentKey, readSettings, settingsTable } from '../../../collector/settings/settings.ts';
import { isProblem, type Problem } from '../../../shared/problem/problem.ts';

function refusal(env: Record<string, string>): Problem {
  try {
    readSettings(env);
  } catch (error) {
    if (isProblem(error)) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('settings', () => {
  it('are complete without any variable, and listen on the machine itself only', () => {
    const settings = readSettings({ PATH: '/bin', TRAYLINE_AGENT_URL: 'ws://somewhere' });
    expect(settings).toMatchObject({
      port: 8620,
      host: '127.0.0.1',
      tls: null,
      secure: false,
      behindProxy: [],
      admission: true,
      demo: false,
      retainRawDays: 2,
      retainAuditDays: 730,
    });
    expect(settings.publicUrl).toBeUndefined();
    expect(settings.metricsToken).toBeUndefined();
  });

  it('are read from variables, blank ones counting as not set', () => {
    const settings = readSettings({
      TRAYLINE_PORT: ' 0 ',
      TRAYLINE_DEMO: 'on',
      TRAYLINE_ADMISSION: 'off',
      TRAYLINE_LOG_LEVEL: '',
      TRAYLINE_ALLOWED_ORIGINS: 'https://a.example/, https://b.example:8443',
    });
    expect(settings).toMatchObject({
      port: 0,
      demo: true,
      admission: false,
      logLevel: 'info',
      allowedOrigins: ['https://a.example', 'https://b.example:8443'],
    });
  });

  it('name every wrong key at once and what is allowed, never a value', () => {
    const problem = refusal({
      TRAYLINE_PORT: 'hunter2',
      TRAYLINE_DEMO: 'perhaps-secret',
      TRAYLINE_METRICS_TOKEN: 'short-secret',
      TRAYLINE_BEHIND_PROXY: '10.0.0.0/33',
      TRAYLINE_PROT: '1',
    });
    expect(problem.code).toBe('settings-invalid');
    expect(new Set(problem.fields)).toEqual(
      new Set([
        'TRAYLINE_PORT',
        'TRAYLINE_DEMO',
        'TRAYLINE_METRICS_TOKEN',
        'TRAYLINE_BEHIND_PROXY',
        'TRAYLINE_PROT',
      ]),
    );
    expect(problem.detail).toContain('TRAYLINE_PORT must be a whole number from 0 to 65535');
    expect(problem.detail).toContain('TRAYLINE_PROT is not a setting');
    expect(problem.message).not.toMatch(/hunter2|perhaps-secret|short-secret|\/33/);
  });

  it('take a MongoDB address for the store, and never repeat a wrong one', () => {
    const url = 'mongodb+srv://trayline:secret%20word@cluster.example/fleet';
    expect(readSettings({ TRAYLINE_STORE: url }).store).toBe(url);
    expect(readSettings({}).store).toBeUndefined();
    const problem = refusal({ TRAYLINE_STORE: 'postgres://trayline:hunter2@db/fleet' });
    expect(problem.detail).toContain('TRAYLINE_STORE must be `mongodb://…`');
    expect(problem.message).not.toContain('hunter2');
  });

  it.each(['0.0.0.0', '::', '192.168.1.4', 'fleet.example.com'])(
    'refuse to listen on %s without encryption',
    host => {
      const problem = refusal({ TRAYLINE_HOST: host, TRAYLINE_PUBLIC_URL: 'https://fleet.example.com' });
      expect(problem.code).toBe('tls-required');
      expect(problem.detail).toContain('TRAYLINE_TLS_CERT_FILE');
    },
  );

  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('allow plain HTTP on %s', host => {
    expect(readSettings({ TRAYLINE_HOST: host }).secure).toBe(false);
  });

  it('accept a network address with a certificate and its key', () => {
    const settings = readSettings({
      TRAYLINE_HOST: '10.1.2.3',
      TRAYLINE_TLS_CERT_FILE: '/tls/cert.pem',
      TRAYLINE_TLS_KEY_FILE: '/tls/key.pem',
    });
    expect(settings).toMatchObject({
      tls: { certFile: '/tls/cert.pem', keyFile: '/tls/key.pem' },
      secure: true,
      publicUrl: 'https://10.1.2.3:8620',
    });
  });

  it('need both the certificate and its key', () => {
    expect(refusal({ TRAYLINE_TLS_CERT_FILE: 'cert.pem' }).fields).toEqual(['TRAYLINE_TLS_KEY_FILE']);
  });

  it('need the public address behind a proxy, and an encrypted one', () => {
    const behind = { TRAYLINE_HOST: '0.0.0.0', TRAYLINE_BEHIND_PROXY: 'loopback, 10.0.0.0/8, fd00::1' };
    expect(refusal(behind).fields).toEqual(['TRAYLINE_PUBLIC_URL']);
    expect(refusal({ ...behind, TRAYLINE_PUBLIC_URL: 'http://fleet.example.com' }).code).toBe('tls-required');
    expect(readSettings({ ...behind, TRAYLINE_PUBLIC_URL: 'https://fleet.example.com/' })).toMatchObject({
      secure: true,
      publicUrl: 'https://fleet.example.com',
      behindProxy: ['loopback', '10.0.0.0/8', 'fd00::1'],
    });
  });

  it('do not take an address with credentials', () => {
    const problem = refusal({ TRAYLINE_PUBLIC_URL: 'https://user:pass@fleet.example.com' });
    expect(problem.fields).toEqual(['TRAYLINE_PUBLIC_URL']);
    expect(problem.message).not.toContain('pass');
  });

  it('stand in the table one line each, with a sentence and a default', () => {
    const keys = Object.keys(readSettings({}))
      .filter(name => name !== 'tls' && name !== 'secure')
      .map(environmentKey);
    const lines = settingsTable().trim().split('\n').slice(2);
    const listed = lines.map(line => /^\| `(TRAYLINE_[A-Z_]+)` \|/.exec(line)?.[1]);
    // Those without a default are not among the values read.
    expect(listed).toEqual(expect.arrayContaining(keys));
    expect(listed).toContain('TRAYLINE_METRICS_TOKEN');
    for (const line of lines)
      expect(
        line
          .split('|')
          .map(cell => cell.trim())
          .slice(1, 5),
      ).not.toContain('');
  });
});
