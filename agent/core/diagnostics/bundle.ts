import { createHash } from 'node:crypto';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import type { Platform } from '../../../shared/device/platform.ts';
import type { Unanswered } from '../scan/answer.ts';
import { decode, type Encoding, encodingOf } from '../scan/decode.ts';
import type { Recording } from '../scan/record.ts';
import { callName } from '../scan/replay.ts';
import { canonicalJson } from '../scan/run.ts';
import type { Redactor, SecretKind } from './redact.ts';

/** Files of a bundle by their path in it, `/` between names. */
export type BundleFiles = Map<string, Uint8Array>;

/** A single file as large as a program may print; all together what can still be sent by mail when packed. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_TOTAL_BYTES = 48 * 1024 * 1024;
/** One per process on a large server, and room for the rest. */
const MAX_FILES = 20_000;

/** Something that would have gone into the bundle, and why it did not. */
export interface LeftOut {
  readonly path: string;
  readonly why: 'too-large' | 'too-many' | 'unsafe-name';
}

export interface Extra {
  readonly path: string;
  readonly text: string;
}

export interface BundleParts {
  readonly recording: Recording;
  readonly platform: Platform;
  /** The clock's moment during the whole round, milliseconds since 1970. */
  readonly recordedAt: number;
  readonly findings: Findings;
  /** Further texts; redacted like the rest. */
  readonly extras: readonly Extra[];
  readonly redactor: Redactor;
}

export interface Bundle {
  readonly files: BundleFiles;
  readonly findings: Findings;
  readonly leftOut: readonly LeftOut[];
}

function encoded(text: string, encoding: Encoding): Uint8Array {
  switch (encoding) {
    case 'utf-8-bom':
      return Buffer.from(`\ufeff${text}`);
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16le-bom':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf-16be-bom':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
    case 'utf-8':
    case 'other':
      // What came in a code page reads the same in UTF-8, which no code page of ours is taken for.
      return Buffer.from(text);
  }
}

/** Redacted in the encoding it came in. */
function redactedBytes(bytes: Uint8Array, redactor: Redactor): Uint8Array {
  return encoded(redactor.redact(decode(bytes)), encodingOf(bytes));
}

function textsOf({ commands, read, listed, links }: Recording): string[] {
  return [
    ...commands.flatMap(({ args, result }) => [
      args.join('\n'),
      ...(result.ok
        ? [decode(result.stdout), decode(result.stderr)]
        : [decode(result.partial ?? new Uint8Array())]),
    ]),
    ...[...read].flatMap(([path, answer]) => [path, ...(answer.ok ? [answer.value] : [])]),
    ...[...listed].flatMap(([path, answer]) => [
      path,
      ...(answer.ok ? answer.value.map(name => `${path}/${name}`) : []),
    ]),
    ...[...links].flatMap(([path, answer]) => [path, ...(answer.ok ? [answer.value] : [])]),
  ];
}

const UUID = /[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/g;

/** Identifiers that we asked with and that no other answer names: they are in our program, not of this machine. */
function ownUuids({ commands }: Recording): string[] {
  const uuidsIn = (text: string): string[] => (text.match(UUID) ?? []).map(uuid => uuid.toLowerCase());
  const printed = commands.map(({ result }) => {
    const bytes = result.ok ? result.stdout : result.partial;
    return new Set(bytes === undefined ? [] : uuidsIn(decode(bytes)));
  });
  return commands.flatMap(({ args }, at) =>
    uuidsIn(args.join(' ')).filter(uuid => !printed.some((others, n) => n !== at && others.has(uuid))),
  );
}

/** `C:\a\b` and `/a/b` as names below `fs/`; null when a part of it would lead elsewhere or cannot be a name. */
function below(path: string): string | null {
  const names = path
    .replace(/\\/g, '/')
    .replace(/:/g, '')
    .split('/')
    .filter(name => name !== '');
  const bad = names.some(
    name => name === '.' || name === '..' || /[\p{Cc}<>"|?*]/u.test(name) || name.length > 200,
  );
  return bad ? null : ['fs', ...names].join('/');
}

function why({ reason, detail }: Unanswered): string {
  return detail === undefined || /\s/.test(detail) ? reason : `${reason}:${detail}`;
}

/**
 * Everything of a bundle but its README and manifest: the recording in the layout that `replayProbe` reads, the findings, and what
 * else was given, all redacted with the same pseudonyms. Looks through every text first, so that a name learned from one is
 * replaced in all.
 */
export function makeBundle({
  recording,
  platform,
  recordedAt,
  findings,
  extras,
  redactor,
}: BundleParts): Bundle {
  const files: BundleFiles = new Map();
  const leftOut: LeftOut[] = [];
  let total = 0;

  const findingsText = `${JSON.stringify(findings, null, 2)}\n`;
  redactor.know('host', recording.facts.hostname);
  redactor.know('host', recording.facts.hostname?.split('.')[0]);
  for (const text of [...textsOf(recording), findingsText, ...extras.map(({ text: one }) => one)])
    redactor.learn(text);
  if (recording.facts.home) redactor.learn(`${recording.facts.home}/`);
  for (const uuid of ownUuids(recording)) redactor.keep(uuid);
  for (const [path, answer] of recording.read) {
    if (answer.ok && /(serial|_uuid|machine-id)/.test(path)) redactor.know('serial', answer.value);
    if (answer.ok && /\/(cmdline|environ)$/.test(path))
      redactor.know('command-line', answer.value.replaceAll('\0', ' '));
  }

  function put(path: string, bytes: Uint8Array): void {
    if (bytes.length > MAX_FILE_BYTES || total + bytes.length > MAX_TOTAL_BYTES)
      leftOut.push({ path, why: 'too-large' });
    else if (files.size >= MAX_FILES) leftOut.push({ path, why: 'too-many' });
    else {
      total += bytes.length;
      files.set(path, bytes);
    }
  }
  const text = (value: string): Uint8Array => Buffer.from(redactor.redact(value));
  const json = (value: unknown): Uint8Array => text(`${JSON.stringify(value, null, 2)}\n`);

  for (const { program, args, result } of recording.commands) {
    const base = `cmd/${callName(
      program,
      args.map(arg => redactor.redact(arg)),
    )}`;
    if (files.has(`${base}.out`) || files.has(`${base}.failed`)) continue;
    const stdout = result.ok ? result.stdout : result.partial;
    if (stdout !== undefined) put(`${base}.out`, redactedBytes(stdout, redactor));
    if (!result.ok) put(`${base}.failed`, text(`${result.reason} ${result.detail ?? ''}`.trim()));
    else {
      if (result.stderr.length > 0) put(`${base}.err`, redactedBytes(result.stderr, redactor));
      if (result.code !== 0) put(`${base}.code`, Buffer.from(String(result.code)));
    }
  }

  const absent = new Set<string>();
  const unreadable: string[] = [];
  const oneLine = (path: string): boolean => !/[\r\n]/.test(path);
  function missing(question: string, path: string, answer: Unanswered): void {
    const hidden = redactor.redact(path);
    if (!oneLine(hidden)) leftOut.push({ path: 'unreadable.txt', why: 'unsafe-name' });
    else if (answer.reason === 'not-present') absent.add(hidden);
    else unreadable.push(`${why(answer)} ${question} ${hidden}`);
  }
  /** Names that must be there, as empty files unless something is below them. */
  const there = new Set<string>();
  function place(path: string): string | null {
    const hidden = below(redactor.redact(path));
    if (hidden === null) leftOut.push({ path: 'fs', why: 'unsafe-name' });
    return hidden;
  }

  for (const [path, answer] of recording.read) {
    if (!answer.ok) missing('read', path, answer);
    else {
      const at = place(path);
      if (at !== null) put(at, text(answer.value));
    }
  }
  const folders = new Set<string>();
  for (const [path, answer] of recording.listed) {
    if (!answer.ok) missing('list', path, answer);
    else {
      const at = place(path);
      if (at === null) continue;
      folders.add(at);
      for (const name of answer.value) {
        const inner = place(`${path}/${name}`);
        if (inner !== null) there.add(inner);
      }
    }
  }
  for (const [path, answer] of recording.exist) {
    if (!answer.ok) missing('exists', path, answer);
    else if (!answer.value) absent.add(redactor.redact(path));
    else {
      const at = place(path);
      if (at !== null) there.add(at);
    }
  }
  const links: string[] = [];
  for (const [path, answer] of recording.links) {
    if (!answer.ok) missing('link', path, answer);
    else {
      const line = `${redactor.redact(path)} -> ${redactor.redact(answer.value)}`;
      if (oneLine(line)) links.push(line);
    }
  }
  const parents = new Set<string>(folders);
  for (const path of [...files.keys(), ...there]) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
      parents.add(path.slice(0, at));
  }
  for (const path of there) if (!files.has(path) && !parents.has(path)) put(path, new Uint8Array());
  // A folder with nothing in it is kept by a file that git and archives keep too.
  for (const folder of folders) {
    if (![...files.keys()].some(path => path.startsWith(`${folder}/`)))
      put(`${folder}/.empty`, new Uint8Array());
  }

  const statfs: Record<string, unknown> = {};
  for (const [mount, answer] of recording.volumes) {
    if (answer.ok) statfs[mount] = answer.value;
    else missing('statfs', mount, answer);
  }
  const looked = [...recording.files].map(([path, answer]) => [
    path,
    answer.ok
      ? answer.value
      : { reason: answer.reason, ...(answer.detail === undefined ? {} : { detail: answer.detail }) },
  ]);
  if (looked.length > 0) put('files.json', json(Object.fromEntries(looked)));
  put('facts.json', json({ platform, recordedAt, ...recording.facts }));
  put('statfs.json', json(statfs));
  if (absent.size > 0) put('absent.txt', Buffer.from(`${[...absent].join('\n')}\n`));
  if (unreadable.length > 0) put('unreadable.txt', Buffer.from(`${unreadable.join('\n')}\n`));
  if (links.length > 0) put('links.txt', Buffer.from(`${links.join('\n')}\n`));

  const hidden = Object.fromEntries(
    Object.entries(findings).map(([id, finding]) => [id, hiddenFinding(finding, redactor)]),
  );
  put('findings.json', Buffer.from(`${JSON.stringify(hidden, null, 2)}\n`));
  for (const extra of extras) put(extra.path, text(extra.text));
  return { files, findings: hidden, leftOut };
}

/** Only what a check said: its own words (status, reason, hash) tell nothing of anybody. */
function hiddenFinding(finding: Finding, redactor: Redactor): Finding {
  if (finding.status === 'ok') return { ...finding, value: redactor.redactValue(finding.value) };
  return finding.detail === undefined
    ? finding
    : { ...finding, detail: redactor.redact(finding.detail).slice(0, 300) };
}

/** One place in which the replayed findings are not the recorded ones. */
export interface Difference {
  readonly check: string;
  readonly recorded: string;
  readonly replayed: string;
}

/**
 * Where a replay of the bundle finds something else than was found (both redacted). When it ran, what it took and the fingerprint are
 * not compared.
 */
export function differences(recorded: Findings, replayed: Findings): Difference[] {
  const told = (findings: Findings, id: string): string => {
    const one = findings[id];
    if (one === undefined) return 'not run';
    const { at: _at, ms: _ms, hash: _hash, cpuMs: _cpuMs, slowed: _slowed, ...rest } = one;
    return canonicalJson(rest);
  };
  return [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])]
    .sort()
    .map(check => ({ check, recorded: told(recorded, check), replayed: told(replayed, check) }))
    .filter(one => one.recorded !== one.replayed)
    .map(one => ({ ...one, recorded: one.recorded.slice(0, 4000), replayed: one.replayed.slice(0, 4000) }));
}

/** Every file of the bundle with its size and SHA-256, what was left out, what a replay finds differently. */
export function manifestOf(
  files: BundleFiles,
  about: {
    readonly version: string;
    readonly platform: Platform;
    readonly recordedAt: number;
    readonly leftOut: readonly LeftOut[];
    readonly replaced: ReadonlyMap<SecretKind, number>;
    readonly differences: readonly Difference[];
  },
): string {
  const { version, platform, recordedAt, leftOut, replaced } = about;
  const manifest = {
    format: 'trayline-diagnostics-1',
    version,
    platform,
    recordedAt: new Date(recordedAt).toISOString(),
    replaced: Object.fromEntries([...replaced].sort()),
    replayDiffersIn: about.differences,
    leftOut,
    files: [...files]
      .map(([path, bytes]) => ({
        path,
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** What the person who is asked to send it reads first. */
export function readmeOf(about: {
  readonly platform: Platform;
  readonly recordedAt: number;
  readonly replaced: ReadonlyMap<SecretKind, number>;
  readonly differences: readonly Difference[];
  readonly leftOut: readonly LeftOut[];
}): string {
  const count = (kind: SecretKind): string => String(about.replaced.get(kind) ?? 0).padStart(6);
  return `Trayline diagnostics of ${new Date(about.recordedAt).toISOString()}

This folder shows what the Trayline agent asked this computer and what it was answered, so that somebody
can find out why a check says what it says. It was made here and has not been sent anywhere. Everything in it
is text: open any file and look before you pass it on.

What is in it
  findings.json    what each check found
  cmd/             what programs of the system printed (.out), complained (.err) and ended with (.code)
  fs/              files of the system that checks read, and names of files they looked for
  facts.json, statfs.json, files.json, absent.txt, unreadable.txt, links.txt
                   memory, processors, disk sizes, and what else checks asked
  settings.json    settings of the agent and who set them; secrets are not in it
  subjects.json, os-support.json
                   what an administrator asks about by name, and until when systems are supported
  status.json      what the running agent last said of itself, if it runs
  log.txt          the end of the agent's log, if there is one
  version.json     versions of the agent and of what it runs on
  manifest.json    every file with its SHA-256, and what was left out

What was taken out
Each value was replaced by a made-up one of the same shape. The same value always has the same replacement in
this folder and another one in the next; the key to it was thrown away. How often each kind was replaced:
${count('person')}  names of users, also in paths of home folders
${count('host')}  names of computers
${count('serial')}  serial numbers
${count('uuid')}  identifiers of devices, disks and so on (UUID)
${count('fingerprint')}  other identifiers and fingerprints of 32 or 40 hexadecimal digits
${count('mac')}  addresses of network adapters
${count('ip')}  IP addresses
${count('ssid')}  names of wireless networks
${count('sid')}  Windows security identifiers
${count('email')}  e-mail addresses
${count('subject')}  holders of certificates by name
${count('certificate')}  parts of certificates that name the holder
${count('recovery-key')}  recovery keys
${count('private-key')}  private keys
${count('token')}  passwords, tokens and other secrets
${count('command-line')}  command lines
Kept, because it is what the checks are about: versions, dates, sizes, names of programs, services and
packages, models of hardware, issuers of certificates, and paths other than home folders.
Nobody can promise that a name which stands in an unexpected place was recognised: please look.

How to use it
  trayline-agent scan --replay THIS-FOLDER
gives the same findings on any other computer${about.differences.length === 0 ? '.' : `, except in ${about.differences.map(({ check }) => check).join(', ')}\n(see replayDiffersIn in manifest.json).`}
${about.leftOut.length === 0 ? '' : `\n${about.leftOut.length} things were left out because they were too large or could not be named; manifest.json lists them.\n`}`;
}
