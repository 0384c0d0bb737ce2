import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createAgent } from '../../../agent/core/agent.ts';
import { makeBundle } from '../../../agent/core/diagnostics/bundle.ts';
import { createRedactor } from '../../../agent/core/diagnostics/redact.ts';
import { memoryEnrolment } from '../../../agent/core/identity/enrolment.ts';
import { openFileOutbox } from '../../../agent/core/outbox/file.ts';
import type { CommandResult } from '../../../agent/core/scan/command.ts';
import { decode, encodingOf } from '../../../agent/core/scan/decode.ts';
import { readMachine } from '../../../agent/core/scan/machine.ts';
import { findingsTable } from '../../../agent/core/scan/print.ts';
import type { Probe } from '../../../agent/core/scan/probe.ts';
import { recordingProbe } from '../../../agent/core/scan/record.ts';
import { replayProbe } from '../../../agent/core/scan/replay.ts';
import { createScanner } from '../../../agent/core/scan/run.ts';
import { createSettings } from '../../../agent/core/settings/settings.ts';
import { systemClock } from '../../../agent/service/clock.ts';
import { consoleLog } from '../../../agent/service/log.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import { ASKED, fixture } from './support.ts';

/*
 * Whatever the tools print, what is private in it stays on the device. Nothing here knows single checks: secrets are put
 * into every answer that any check of the catalogue gets, so that a new one is covered when it is added.
 */

const quiet = new AbortController().signal;
const machines: [Platform, string][] = [
  ['windows', 'windows-laptop'],
  ['macos', 'mac-laptop'],
  ['linux', 'linux-laptop'],
];

/** Members that tools print beside what checks ask for, with values that stand nowhere else. */
const PLANTED = {
  RecoveryPassword: '492817-305944-118203-664092-557311-290847-733105-481926',
  PersonalRecoveryKey: 'QZXJ-WVKP-8TRM-3NHD-YB5C-L2GF',
  SSID: 'Zwirbelnetz',
  'Executing Account Name': 'PLONK\\quoxington, quoxington@plonk.example',
  UserName: 'quoxington',
  'Full Name': 'Zaphira Quoxington',
  CommandLine: 'C:\\apps\\grabulator.exe --frobnicate=brzlwix',
  ApiToken: 'tla_kkqzvwplmntyrhsdgfjb',
} as const;
const CONTENT = 'flumdribble memo of the board';
/** What must be found nowhere, in small letters; the mark of each planted value, so that a part of one is found too. */
const MARKS = [
  '492817-305944',
  '557311-290847',
  'qzxj-wvkp',
  'zwirbelnetz',
  'quoxington',
  'zaphira',
  'grabulator',
  'brzlwix',
  'kkqzvwplmntyrhsdgfjb',
  'flumdribble',
];
const LINES = [...Object.entries(PLANTED).map(([name, value]) => `${name} : ${value}`), CONTENT];

function inObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inObjects);
  if (typeof value !== 'object' || value === null) return value;
  const inner = Object.entries(value).map(([name, one]) => [name, inObjects(one)]);
  // Before and behind, and never in place of what the tool says.
  return { ...PLANTED, content: CONTENT, ...Object.fromEntries(inner) };
}

function asJson(text: string): string | null {
  try {
    return JSON.stringify(inObjects(JSON.parse(text)));
  } catch {
    // Perhaps one value a line.
  }
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '');
  if (lines.length === 0 || !lines.every(line => line.startsWith('{'))) return null;
  try {
    return lines.map(line => JSON.stringify(inObjects(JSON.parse(line)))).join('\n');
  } catch {
    return null;
  }
}

/** The same output with secrets in every place where its format has room for more. */
function planted(text: string): string {
  const json = asJson(text);
  if (json !== null) return json;
  if (text.includes('<dict>')) {
    const members = Object.entries(PLANTED).map(
      ([name, value]) => `<key>${name}</key><string>${value}</string>`,
    );
    return text.replaceAll(
      '<dict>',
      `<dict>${members.join('')}<key>content</key><string>${CONTENT}</string>`,
    );
  }
  if (/\sREG_[A-Z]+\s/.test(text)) {
    const rows = Object.entries(PLANTED).map(([name, value]) => `    ${name}    REG_SZ    ${value}`);
    return text.replace(/\r?\n/, end => `${end}${rows.join(end)}${end}`).concat('\r\n', rows.join('\r\n'));
  }
  const lines = text.split('\n');
  const half = Math.floor(lines.length / 2);
  return [...lines.slice(0, half), ...LINES, ...lines.slice(half), ...LINES].join('\n');
}

function plantedBytes(bytes: Uint8Array): Uint8Array {
  const text = planted(decode(bytes));
  return encodingOf(bytes).startsWith('utf-16le')
    ? Buffer.from(`\ufeff${text}`, 'utf16le')
    : Buffer.from(text);
}

/** How secrets come: beside what was recorded, instead of it, or with an error. */
const WAYS = ['beside', 'instead', 'error', 'failure'] as const;

interface Asked {
  answers: number;
}

/** Preferences that are asked for by name: `defaults read DOMAIN NAME`. */
const BY_NAME = new Set(ASKED.registry.filter(one => one.platform === 'macos').map(one => one.name));

/** A machine whose every answer holds secrets. */
function plantingProbe(probe: Probe, how: (typeof WAYS)[number], asked: Asked): Probe {
  const only = Buffer.from(LINES.join('\n'));
  const withSecrets = (result: CommandResult): CommandResult => {
    switch (how) {
      case 'beside':
        return result.ok
          ? { ...result, stdout: plantedBytes(result.stdout), stderr: plantedBytes(result.stderr) }
          : { ...result, partial: only };
      case 'instead':
        return { ok: true, stdout: only, stderr: only, code: 0 };
      case 'error':
        return { ok: true, stdout: only, stderr: only, code: 1 };
      case 'failure':
        return { ok: false, reason: 'timeout', detail: 'no end within 8000 ms', partial: only };
    }
  };
  return {
    ...probe,
    async command(name, args, options) {
      asked.answers += 1;
      // The whole of what is printed then is the one value that an administrator asked for by its name.
      if (BY_NAME.has(args.at(-1) ?? '')) return await probe.command(name, args, options);
      return withSecrets(await probe.command(name, args, options));
    },
    async readFile(path, part) {
      asked.answers += 1;
      const read = await probe.readFile(path, part);
      // The kernel writes one value into each of these and nothing beside it.
      if (/^\/(sys|proc\/sys)\//.test(path)) return read;
      if (how === 'beside') return read.ok ? { ok: true, value: planted(read.value) } : read;
      return { ok: true, value: LINES.join('\n') };
    },
    async link(path) {
      const link = await probe.link(path);
      return path.startsWith('/proc/') ? { ok: true, value: '/home/quoxington/bin/tool' } : link;
    },
  };
}

function search(text: string): string[] {
  const lower = text.toLowerCase();
  return MARKS.filter(mark => lower.includes(mark));
}

/** A file's bytes read as text in every encoding that anything is written in. */
function everyReading(bytes: Uint8Array): string {
  // Not Buffer's own: Node 24.21 writes beside its memory for an odd number of bytes from an odd address on.
  const utf16 = new TextDecoder('utf-16le');
  return [Buffer.from(bytes).toString('utf8'), utf16.decode(bytes), utf16.decode(bytes.subarray(1))].join(
    '\n',
  );
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trayline-privacy-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe.each(machines)('secrets in every output of a %s laptop', (platform, name) => {
  const ids = createScanner({ platform, probe: replayProbe(fixture(name)), clock: systemClock }).scans.map(
    ({ id }) => id,
  );

  function scene(how: (typeof WAYS)[number]) {
    const asked: Asked = { answers: 0 };
    const probe = plantingProbe(replayProbe(fixture(name)), how, asked);
    const scanner = createScanner({ platform, probe, clock: systemClock, subjects: () => ASKED });
    return { asked, probe, scanner };
  }

  it.each(ids)('are in no finding of %s', async id => {
    for (const how of WAYS) {
      const { scanner } = scene(how);
      const findings = await scanner.run([id], quiet);
      const told = JSON.stringify(findings) + findingsTable(findings, Date.now());
      expect([how, search(told)], told).toEqual([how, []]);
    }
  });

  it('do reach the checks', async () => {
    const { scanner, asked } = scene('beside');
    const findings = await scanner.run(ids, quiet);
    // Else the test would prove nothing.
    expect(asked.answers).toBeGreaterThan(10);
    const answered = Object.values(findings).filter(one => one.status === 'ok').length;
    expect(answered).toBeGreaterThan(ids.length / 3);
  });

  it('are in no frame, no file of the outbox, no log line and no status of the agent', async () => {
    for (const how of WAYS) {
      const folder = await newFolder();
      const { scanner } = scene(how);
      const lines: string[] = [];
      const outbox = openFileOutbox({
        folder: join(folder, 'outbox'),
        clock: systemClock,
        maxBytes: 8_000_000,
      });
      const sent: string[] = [];
      const append = outbox.append.bind(outbox);
      const agent = createAgent({
        host: { agent: { version: '1', arch: 'x64', runtime: 'test' }, uptimeMs: () => null },
        scanner,
        // Who is signed in is told on purpose; what else stands in the outputs is not.
        identityOf: () => readMachine(replayProbe(fixture(name)), platform),
        enrolment: memoryEnrolment(),
        settings: createSettings(),
        address: 'ws://127.0.0.1:9/agent',
        clock: systemClock,
        random: Math.random,
        socketFactory: () => ({
          send: text => sent.push(text),
          ping() {},
          close() {},
          drop() {},
          backlog: 0,
        }),
        outbox: Object.assign(Object.create(outbox), {
          append(frame: Parameters<typeof append>[0]) {
            sent.push(JSON.stringify(frame));
            return append(frame);
          },
        }),
        log: consoleLog(true, line => lines.push(line)),
      });
      await agent.start();
      await agent.recheck();
      const status = JSON.stringify(agent.status.current);
      await agent.stop('stopping');
      expect(sent.some(frame => frame.includes('"findings"'))).toBe(true);
      expect([how, 'frames', search(sent.join('\n'))]).toEqual([how, 'frames', []]);
      expect([how, 'log', search(lines.join('\n'))]).toEqual([how, 'log', []]);
      expect([how, 'status', search(status)]).toEqual([how, 'status', []]);
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      for (const file of files.filter(one => one.isFile())) {
        const bytes = await readFile(join(file.parentPath, file.name));
        expect([how, file.name, search(everyReading(bytes))]).toEqual([how, file.name, []]);
      }
    }
  });

  it('are in no file of the diagnostics, as far as they can be told by their names and shapes', async () => {
    for (const how of WAYS) {
      const { probe } = scene(how);
      const recorded = recordingProbe(probe);
      const scanner = createScanner({
        platform,
        probe: recorded.probe,
        clock: systemClock,
        subjects: () => ASKED,
      });
      await readMachine(recorded.probe, platform);
      const findings = await scanner.run(ids, quiet);
      const bundle = makeBundle({
        recording: recorded.recording(),
        platform,
        recordedAt: 1_800_000_000_000,
        findings,
        extras: [],
        redactor: createRedactor(Buffer.alloc(32, 5)),
      });
      for (const [path, bytes] of bundle.files) {
        // A sentence that nothing marks cannot be recognised; the README says so.
        const found = search(`${path}\n${everyReading(bytes)}`).filter(mark => mark !== 'flumdribble');
        expect([how, path, found]).toEqual([how, path, []]);
      }
    }
  });
});
