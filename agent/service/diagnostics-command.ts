import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { NO_SUBJECTS, type Subjects } from '../../shared/device/subjects.ts';
import { Problem } from '../../shared/problem/problem.ts';
import {
  type BundleFiles,
  differences,
  type Extra,
  makeBundle,
  manifestOf,
  readmeOf,
} from '../core/diagnostics/bundle.ts';
import { createRedactor } from '../core/diagnostics/redact.ts';
import { silentLog } from '../core/host.ts';
import { readMachine } from '../core/scan/machine.ts';
import { liveProbe } from '../core/scan/probe.ts';
import { recordingProbe } from '../core/scan/record.ts';
import { replayProbe } from '../core/scan/replay.ts';
import { createScanner } from '../core/scan/run.ts';
import { createTold } from '../core/settings/told.ts';
import { toldFile } from '../core/settings/told-file.ts';
import type { DiagnosticsCommand } from './command-line.ts';
import { currentPlatform, defaultDataFolder, serviceHost } from './host.ts';
import { replayedFrom, standingClock } from './replayed.ts';
import { readSettings } from './run-command.ts';
import { readSubjectsFile } from './subjects-file.ts';

const never = new AbortController().signal;
/** The end of a log that is worth looking at. */
const LOG_BYTES = 256 * 1024;

function textOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function endOf(path: string): string | null {
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    const { size } = fstatSync(handle);
    const bytes = Buffer.alloc(Math.min(size, LOG_BYTES));
    const read = readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8', 0, read);
  } catch {
    return null;
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

/** The collector this device belongs to, from the identity file, of which nothing else is looked at. */
function collectorOf(folder: string): string | null {
  try {
    const file = z.object({ collectorId: z.string().nullable() });
    return file.parse(JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8'))).collectorId;
  } catch {
    return null;
  }
}

const viewers = z.object({
  viewers: z.array(z.object({ name: z.string() })).default([]),
  receipts: z.array(z.object({ name: z.string() })).default([]),
});

/** Names of people in the status: who looked at this device. */
function peopleIn(status: string): string[] {
  try {
    const told = viewers.parse(JSON.parse(status));
    return [...told.viewers, ...told.receipts].map(({ name }) => name);
  } catch {
    return [];
  }
}

function emptyFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (process.platform !== 'win32') chmodSync(path, 0o700);
    if (readdirSync(path).length === 0) return;
  } catch (error) {
    throw new Problem('settings-invalid', '--out: the folder cannot be made', {
      cause: error,
      fields: ['out'],
    });
  }
  throw new Problem('settings-invalid', '--out: the folder is not empty', { fields: ['out'] });
}

function write(folder: string, files: BundleFiles): void {
  for (const [path, bytes] of files) {
    const file = join(folder, ...path.split('/'));
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, bytes, { mode: 0o600, flag: 'wx' });
  }
}

/**
 * Makes a folder that shows what the checks asked and were answered, without what tells whose computer it is.
 *
 * @throws Problem `settings-invalid` when the folder cannot be used.
 */
export async function diagnosticsCommand(command: DiagnosticsCommand): Promise<number> {
  const { replay } = command;
  const before = replay === null ? null : replayedFrom(replay);
  const recordedAt = before?.recordedAt ?? Date.now();
  const platform = command.platform ?? before?.platform ?? currentPlatform();
  const stamp = new Date(recordedAt).toISOString().replace(/[-:]/g, '').slice(0, 15);
  const out = resolve(command.out ?? `trayline-diagnostics-${stamp}`);
  emptyFolder(out);

  const data = command.folder ?? defaultDataFolder();
  const settings = await readSettings({ settings: {}, tokenFile: null }, data, silentLog);
  const told = createTold({
    settings,
    file: toldFile(join(data, 'told.json')),
    collectorId: collectorOf(data),
    ...(command.subjects === null ? {} : { ownSubjects: readSubjectsFile(command.subjects) }),
  });
  const clock = standingClock(recordedAt);
  const { probe, recording } = recordingProbe(replay === null ? liveProbe() : replayProbe(replay));
  const scannerOver = (asked: typeof probe, subjects: Subjects) =>
    createScanner({
      platform,
      probe: asked,
      clock,
      subjects: () => subjects,
      osSupport: () => told.osSupport,
    });
  const machine = await readMachine(probe, platform);
  const scanner = scannerOver(probe, told.subjects);
  const ids = scanner.scans.map(({ id }) => id);
  const findings = await scanner.run(ids, never);

  // SECURITY: made for this bundle and kept nowhere; without it a pseudonym leads back to nothing.
  const redactor = createRedactor(randomBytes(32));
  redactor.know('person', machine.person);
  redactor.know('host', machine.hostname);
  redactor.know('host', machine.hostname.split('.')[0]);
  redactor.know('serial', machine.serial);
  redactor.know('host', settings.values.name);
  for (const name of [
    os.userInfo().username,
    process.env.SUDO_USER,
    process.env.USERNAME,
    process.env.LOGNAME,
  ]) {
    redactor.know('person', name);
  }
  const status = textOrNull(join(data, 'status.json'));
  if (status !== null) for (const name of peopleIn(status)) redactor.know('person', name);

  const log = endOf(command.log ?? join(data, 'agent.log'));
  const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  const extras: Extra[] = [
    { path: 'settings.json', text: pretty(settings.explain()) },
    { path: 'os-support.json', text: pretty(told.osSupport) },
    { path: 'version.json', text: pretty({ ...serviceHost.agent, system: `${os.type()} ${os.release()}` }) },
    { path: 'subjects.json', text: pretty(told.subjects) },
    ...(status === null ? [] : [{ path: 'status.json', text: status }]),
    ...(log === null ? [] : [{ path: 'log.txt', text: log }]),
  ];
  const bundle = makeBundle({ recording: recording(), platform, recordedAt, findings, extras, redactor });
  write(out, bundle.files);

  // The proof of the bundle: what does somebody find who has nothing but this folder?
  const replayed = await scannerOver(replayProbe(out), replayedFrom(out).subjects ?? NO_SUBJECTS).run(
    ids,
    never,
  );
  const about = {
    platform,
    recordedAt,
    version: serviceHost.agent.version,
    replaced: redactor.counts,
    differences: differences(bundle.findings, replayed),
    leftOut: bundle.leftOut,
  };
  const readme: BundleFiles = new Map([['README.txt', Buffer.from(readmeOf(about))]]);
  write(out, readme);
  write(
    out,
    new Map([['manifest.json', Buffer.from(manifestOf(new Map([...bundle.files, ...readme]), about))]]),
  );

  process.stdout.write(
    `${out}\n${bundle.files.size + 2} files, readable by you only. Nothing was sent. Read README.txt first.\n` +
      (about.differences.length === 0
        ? 'A replay of it gives the same findings.\n'
        : `A replay of it differs in: ${about.differences.map(({ check }) => check).join(', ')}\n`),
  );
  return 0;
}
