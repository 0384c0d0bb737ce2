import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { readManaged } from '../../../agent/core/settings/managed.ts';
import { createSettings } from '../../../agent/core/settings/settings.ts';
import { SETTING_KEYS, SETTINGS } from '../../../agent/core/settings/table.ts';
import { parseCommandLine } from '../../../agent/service/command-line.ts';
import { consoleLog } from '../../../agent/service/log.ts';
import { VERSION } from '../../../agent/service/version.ts';
import { eventually } from './support/eventually.ts';
import { testFolder } from './support/folder.ts';
import { startMiniCollector } from './support/mini-collector.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function program(args: string[], environment: Record<string, string> = {}) {
  const child: ChildProcess = spawn(process.execPath, [join(root, 'agent/service/main.ts'), ...args], {
    cwd: testFolder(),
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    said.out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.err += chunk.toString();
  });
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, said, ended };
}

describe('the agent process', () => {
  it('enrols with a token, reports, says goodbye on SIGTERM, and never shows the token', async () => {
    const mini = await startMiniCollector();
    onTestFinished(() => mini.close());
    const folder = testFolder();
    const token = 'tle_very-secret-token';
    const agent = program(['--collector', mini.url, '--data', folder], { TRAYLINE_ENROLMENT_TOKEN: token });
    const state = () => `${agent.said.err} ${mini.stored.length} frames`;
    await eventually(() => mini.stored.some(({ type }) => type === 'snapshot'), { withinMs: 15_000, state });
    expect(mini.hellos[0]?.enrolment).toEqual({ by: 'token', token });

    const second = program(['--collector', mini.url, '--data', folder]);
    expect(await second.ended).toBe(1);
    expect(second.said.err).toContain('service-already-running');

    const told = program(['status', '--data', folder, '--json']);
    expect(await told.ended).toBe(0);
    expect(JSON.parse(told.said.out)).toMatchObject({ running: true, link: { state: 'live' } });

    agent.child.kill('SIGTERM');
    expect(await agent.ended).toBe(0);
    expect(mini.received.at(-1)).toEqual({ type: 'goodbye', reason: 'stopping' });
    for (const name of ['identity.json', 'status.json']) {
      expect(readFileSync(join(folder, name), 'utf8')).not.toContain(token);
    }
    expect(agent.said.err + agent.said.out).not.toContain(token);
    const after = program(['status', '--data', folder]);
    expect(await after.ended).toBe(3);
    expect(after.said.out).toContain('Not running');
  });

  it('reports once and ends, when asked to', async () => {
    const mini = await startMiniCollector();
    onTestFinished(() => mini.close());
    const agent = program(['--once', '--collector', mini.url, '--data', testFolder(), '--name', 'named']);
    expect(await agent.ended).toBe(0);
    expect(mini.hellos[0]?.identity.hostname).toBe('named');
    expect(mini.stored.map(({ type }) => type)).toContain('snapshot');
  });

  it('continues after a kill with the same key and stream, and repeats no number', async () => {
    const mini = await startMiniCollector();
    onTestFinished(() => mini.close());
    const folder = testFolder();
    const args = ['--collector', mini.url, '--data', folder];
    const first = program(args);
    await eventually(() => mini.stored.some(({ type }) => type === 'snapshot'), { withinMs: 15_000 });
    first.child.kill('SIGKILL');
    await first.ended;
    const stored = mini.stored.length;
    program(args);
    await eventually(() => mini.stored.length > stored, { withinMs: 15_000 });
    const [one, two] = mini.hellos;
    expect(two).toMatchObject({
      publicKey: one?.publicKey,
      stream: one?.stream,
      collectorId: mini.collectorId,
    });
    const numbers = mini.stored.map(({ seq }) => seq);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it.each([
    [['--collector', 'http://collector.example'], 'tls-required'],
    [[], 'settings-invalid'],
    [['--nonsense'], 'settings-invalid'],
  ])('does not start with %j and says why', async (args, code) => {
    const agent = program([...args, '--data', testFolder()]);
    expect(await agent.ended).toBe(1);
    expect(agent.said.err).toContain(code);
  });
});

describe('the command line', () => {
  it('reads the token from the environment, and the option wins', () => {
    const environment = { TRAYLINE_ENROLMENT_TOKEN: 'from-environment' };
    expect(parseCommandLine([], environment)).toMatchObject({ settings: { token: 'from-environment' } });
    expect(parseCommandLine(['--token', 'from-option'], environment)).toMatchObject({
      settings: { token: 'from-option' },
    });
  });

  it('never repeats what it does not understand', () => {
    for (const args of [
      ['tle_secret-in-the-wrong-place'],
      ['--tle_secret'],
      ['scan', 'tle_secret'],
      ['--token'],
    ]) {
      try {
        parseCommandLine(args, {});
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'settings-invalid' });
        expect(String(error)).not.toContain('secret');
      }
    }
  });

  it('knows its commands', () => {
    expect(parseCommandLine(['--help'], {})).toEqual({ command: 'help' });
    expect(parseCommandLine(['--version'], {})).toEqual({ command: 'version' });
    expect(parseCommandLine(['scan', '--replay', 'x', '--platform', 'windows'], {})).toEqual({
      command: 'scan',
      json: false,
      replay: 'x',
      platform: 'windows',
      subjects: null,
    });
    expect(() => parseCommandLine(['scan', '--platform', 'amiga'], {})).toThrow('--platform');
  });

  it('carries the version of the package', () => {
    expect(VERSION).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version);
  });
});

describe('settings', () => {
  it('let the later layer win and say which did', () => {
    const settings = createSettings();
    expect([settings.values.sampleSeconds, settings.layerOf('sampleSeconds')]).toEqual([60, 'default']);
    settings.apply('collector', { sampleSeconds: 120 });
    settings.apply('file', { sampleSeconds: 30 });
    settings.apply('policy', { sampleSeconds: '45' });
    expect([settings.values.sampleSeconds, settings.layerOf('sampleSeconds')]).toEqual([120, 'collector']);
    settings.apply('collector', { sampleSeconds: null });
    expect([settings.values.sampleSeconds, settings.layerOf('sampleSeconds')]).toEqual([45, 'policy']);
  });

  it('keep the previous value when a bad one comes, and name the key but not the value', () => {
    const settings = createSettings();
    settings.apply('policy', { heavyHours: 12, admission: 1 });
    expect(settings.apply('policy', { heavyHours: 'soon-secret', admission: 'true' })).toEqual([
      { key: 'heavyHours', layer: 'policy', why: 'invalid' },
    ]);
    expect([settings.values.heavyHours, settings.values.admission]).toEqual([12, true]);
    expect(JSON.stringify(settings.problems)).not.toContain('secret');
  });

  it('refuse what a layer may not set', () => {
    const settings = createSettings();
    expect(settings.apply('collector', { token: 'tle_12345678', insecure: true })).toEqual([
      { key: 'token', layer: 'collector', why: 'not-allowed-here' },
      { key: 'insecure', layer: 'collector', why: 'not-allowed-here' },
    ]);
    expect(settings.apply('policy', { insecure: true })).toHaveLength(1);
    expect(settings.values.insecure).toBe(false);
  });

  it('never show a secret', () => {
    const settings = createSettings();
    settings.apply('file', { token: 'tle_12345678' });
    expect(settings.explain().find(({ key }) => key === 'token')).toMatchObject({
      value: null,
      isSet: true,
      layer: 'file',
    });
    expect(JSON.stringify(settings.explain())).not.toContain('tle_12345678');
  });

  it('have defaults that fit their own bounds', () => {
    for (const key of SETTING_KEYS)
      expect(SETTINGS[key].schema.safeParse(SETTINGS[key].fallback).success).toBe(true);
  });

  it('tell those who listen, only when something changed', () => {
    const settings = createSettings();
    const seen: number[] = [];
    const end = settings.onChange(values => seen.push(values.postureMinutes));
    settings.apply('collector', { postureMinutes: 5 });
    settings.apply('collector', { postureMinutes: 5 });
    end();
    settings.apply('collector', { postureMinutes: 6 });
    expect(seen).toEqual([5]);
  });
});

describe('managed settings', () => {
  const output = (text: string, code = 0) =>
    Promise.resolve({ ok: true as const, stdout: Buffer.from(text), stderr: Buffer.alloc(0), code });
  function probe(part: Partial<Probe>): Probe {
    const unused = (): never => {
      throw new Error('not asked for');
    };
    return {
      command: unused,
      readFile: unused,
      file: unused,
      list: unused,
      exists: unused,
      link: unused,
      statfs: unused,
      facts: unused,
      ...part,
    };
  }

  it('come from the registry policy on Windows, whatever the case of their names', async () => {
    const text = [
      '',
      'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Trayline\\Agent',
      '    Collector    REG_SZ    https://collector.example',
      '    samplesECONDS    REG_DWORD    0x1e',
      '    admission    REG_DWORD    0x1',
      '',
    ].join('\r\n');
    const managed = await readManaged('windows', probe({ command: () => output(text) }));
    expect(managed).toEqual({
      status: 'values',
      values: { collector: 'https://collector.example', sampleSeconds: 30, admission: 1 },
    });
    const settings = createSettings();
    expect(settings.apply('policy', managed.status === 'values' ? managed.values : {})).toEqual([]);
    expect(settings.values).toMatchObject({ sampleSeconds: 30, admission: true });
  });

  it('come from the managed preferences on macOS', async () => {
    const text = `<?xml version="1.0"?><plist version="1.0"><dict>
      <key>collector</key><string>https://collector.example/?a&amp;b</string>
      <key>heavyHours</key><integer>12</integer><key>admission</key><true/></dict></plist>`;
    const there = probe({
      exists: () => Promise.resolve({ ok: true, value: true }),
      command: () => output(text),
    });
    expect(await readManaged('macos', there)).toEqual({
      status: 'values',
      values: { collector: 'https://collector.example/?a&b', heavyHours: 12, admission: true },
    });
  });

  it('that are not there are told from those that cannot be read', async () => {
    expect(await readManaged('windows', probe({ command: () => output('', 1) }))).toEqual({ status: 'none' });
    const missing = probe({ exists: () => Promise.resolve({ ok: true, value: false }) });
    expect(await readManaged('macos', missing)).toEqual({ status: 'none' });
    const refused = probe({
      command: () => Promise.resolve({ ok: false as const, reason: 'not-permitted' as const }),
    });
    expect(await readManaged('windows', refused)).toEqual({ status: 'unavailable', reason: 'not-permitted' });
    const broken = probe({
      exists: () => Promise.resolve({ ok: true, value: true }),
      command: () => output('bplist'),
    });
    expect(await readManaged('macos', broken)).toEqual({ status: 'unavailable', reason: 'parse-error' });
  });
});

describe('the log', () => {
  it('writes one line each and no secret', () => {
    const lines: string[] = [];
    consoleLog(true, line => lines.push(line)).warn('something', { detail: 'token=abcdef tle_12345678' });
    writeFileSync(join(testFolder(), 'x'), lines.join(''));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', message: 'something' });
    expect(lines[0]).not.toMatch(/abcdef|12345678/);
  });
});
