import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FINDING_REASONS } from '../../../shared/device/finding.ts';
import { platform } from '../../../shared/device/platform.ts';
import { type Answer, answered, type Unanswered, unanswered } from './answer.ts';
import type { CommandResult } from './command.ts';
import { lookAtFile } from './file-facts.ts';
import type { OsFacts, Probe } from './probe.ts';

/**
 * A folder of recorded outputs as a machine. Layout, every part optional:
 *
 *     facts.json              what the runtime knows: {hostname, arch, uptimeSeconds, memoryTotalBytes, memoryFreeBytes,
 *                             cpu: {busyMs, totalMs}, root, home}; beside it {platform, recordedAt}
 *     statfs.json             {"/": {"sizeBytes": 1, "freeBytes": 1}, "C:\\": ...}
 *     absent.txt              paths that were looked for and did not exist, one a line
 *     unreadable.txt          questions without an answer, one a line: `reason question path` or
 *                             `reason:detail question path`, the question one of read, list, exists, link, statfs
 *     files.json              what files are without their contents, by path: `FileFacts` or {reason, detail}
 *     links.txt               symbolic links, one a line: `path -> target`
 *     fs/<path>               a file or folder of the machine: fs/proc/stat, fs/etc/os-release
 *     cmd/<call>.out          stdout of a program, any encoding; <call> is `recordingName(program, args)`, or just the
 *                             program when one recording answers every call
 *     cmd/<call>.err          its stderr; cmd/<call>.code its exit code (default 0)
 *     cmd/<call>.failed       why it did not run to its end: one word (not-installed, not-permitted, timeout, ...), then what
 *                             more there is to say; a .out beside it is what it had printed until then
 *
 * What was not recorded is answered with the reason `other` and the words `not recorded`: neither an empty value nor "does
 * not exist".
 */

/** `lsblk --json -o NAME` → `lsblk_--json_-o_NAME`: letters, digits, dot and hyphen stay, every other run becomes `_`. */
export function recordingName(program: string, args: readonly string[]): string {
  return [program, ...args]
    .join(' ')
    .replace(/[^A-Za-z0-9.-]+/g, '_')
    .slice(0, 120);
}

const number = z.number().nonnegative().nullable().default(null);
const factsFile = z.object({
  hostname: z.string().nullable().default(null),
  arch: z.string().nullable().default(null),
  uptimeSeconds: number,
  memoryTotalBytes: number,
  memoryFreeBytes: number,
  cpu: z.object({ busyMs: z.number(), totalMs: z.number() }).nullable().default(null),
  root: z.boolean().nullable().default(null),
  home: z.string().nullable().default(null),
});
const statfsFile = z.record(z.string(), z.object({ sizeBytes: z.number(), freeBytes: z.number() }));
const failedWord = z.enum([
  'other',
  'not-installed',
  'timeout',
  'output-too-large',
  'command-failed',
  'not-permitted',
]);

const recordedFacts = z.object({
  platform: platform.nullable().default(null),
  /** Milliseconds since 1970. */
  recordedAt: z.number().nonnegative().nullable().default(null),
});
const filesFile = z.record(
  z.string(),
  z.union([
    z.object({
      kind: z.enum(['file', 'folder', 'other']),
      sizeBytes: z.number(),
      modifiedAt: z.number(),
      hash: z.string().nullable(),
      hashReason: z.string().nullable(),
      version: z.string().nullable(),
      mark: z.string(),
    }),
    z.object({ reason: z.enum(FINDING_REASONS), detail: z.string().optional() }),
  ]),
);

/**
 * The name under which a call is recorded: `recordingName`, told apart by a hash where that would cut it off, and without
 * the place of our own script, which differs from machine to machine.
 */
export function callName(program: string, args: readonly string[]): string {
  const script = args.indexOf('-File');
  const told = program === 'powershell' && script >= 0 ? args.slice(script + 2) : args;
  const cut = recordingName(program, told);
  if (cut.length < 120) return cut;
  const mark = createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
  return `${cut.slice(0, 103)}-${mark}`;
}

/** Whose recording it is and when it was made; null where it does not say. */
export function recordedOf(folder: string): z.infer<typeof recordedFacts> {
  return parsed(recordedFacts, textOrNull(join(folder, 'facts.json'))) ?? recordedFacts.parse({});
}

function notRecorded(what: string): Unanswered & { reason: 'other' } {
  return { ok: false, reason: 'other', detail: `not recorded: ${what}`.slice(0, 300) };
}

function textOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string | null): z.infer<Schema> | null {
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Reads the small index files once; recordings themselves are read when asked for. Never throws, even over no folder at all. */
export function replayProbe(folder: string): Probe {
  const facts: OsFacts = parsed(factsFile, textOrNull(join(folder, 'facts.json'))) ?? factsFile.parse({});
  const volumes = new Map(Object.entries(parsed(statfsFile, textOrNull(join(folder, 'statfs.json'))) ?? {}));
  const absent = new Set(
    (textOrNull(join(folder, 'absent.txt')) ?? '').split(/\r?\n/).filter(line => line !== ''),
  );
  const unread = new Map<string, Unanswered>();
  for (const line of (textOrNull(join(folder, 'unreadable.txt')) ?? '').split(/\r?\n/)) {
    const [, word, detail, question] =
      /^([a-z-]+)(?::(\S*))? ((?:read|list|exists|link|statfs) .+)$/.exec(line) ?? [];
    const reason = z.enum(FINDING_REASONS).safeParse(word);
    if (question !== undefined && reason.success) unread.set(question, unanswered(reason.data, detail));
  }
  const looked = new Map(Object.entries(parsed(filesFile, textOrNull(join(folder, 'files.json'))) ?? {}));
  const links = new Map<string, string>();
  for (const line of (textOrNull(join(folder, 'links.txt')) ?? '').split(/\r?\n/)) {
    const arrow = line.indexOf(' -> ');
    if (arrow > 0) links.set(line.slice(0, arrow), line.slice(arrow + 4));
  }
  const inside = (path: string): string => join(folder, 'fs', path.replace(/\\/g, '/').replace(/:/g, ''));

  async function from<Value>(
    question: string,
    path: string,
    read: (file: string) => Promise<Value>,
  ): Promise<Answer<Value>> {
    if (absent.has(path)) return unanswered('not-present');
    const why = unread.get(`${question} ${path}`);
    if (why !== undefined) return why;
    try {
      return answered(await read(inside(path)));
    } catch {
      return notRecorded(path);
    }
  }

  async function recorded(call: string): Promise<CommandResult | null> {
    const base = join(folder, 'cmd', call);
    const [word, ...more] = (textOrNull(`${base}.failed`) ?? '').trim().split(' ');
    const failed = failedWord.safeParse(word);
    if (failed.success) {
      const partial = await readFile(`${base}.out`).catch(() => null);
      return {
        ok: false,
        reason: failed.data,
        ...(more.length === 0 ? {} : { detail: more.join(' ') }),
        ...(partial === null ? {} : { partial }),
      };
    }
    try {
      const stdout = await readFile(`${base}.out`);
      const stderr = await readFile(`${base}.err`).catch(() => Buffer.alloc(0));
      const code = Number.parseInt(textOrNull(`${base}.code`) ?? '0', 10);
      return { ok: true, stdout, stderr, code: Number.isNaN(code) ? 1 : code };
    } catch {
      return null;
    }
  }

  return {
    async command(name, args) {
      const call = recordingName(name, args);
      return (
        (await recorded(callName(name, args))) ??
        (await recorded(call)) ??
        (await recorded(name)) ??
        notRecorded(call)
      );
    },
    readFile: path => from('read', path, file => readFile(file, 'utf8')),
    async file(path, wishes) {
      if (absent.has(path)) return unanswered('not-present');
      const known = looked.get(path);
      if (known !== undefined) {
        return 'reason' in known ? unanswered(known.reason, known.detail) : answered(known);
      }
      const seen = await lookAtFile(inside(path), wishes);
      return seen.ok || seen.reason === 'not-permitted' ? seen : notRecorded(path);
    },
    // `.empty` keeps a folder in which there is nothing.
    list: path => from('list', path, async file => (await readdir(file)).filter(name => name !== '.empty')),
    async exists(path) {
      const seen = await from('exists', path, async file => {
        try {
          await readFile(file);
        } catch {
          await readdir(file);
        }
      });
      if (seen.ok) return answered(true);
      return seen.reason === 'not-present' ? answered(false) : seen;
    },
    async link(path) {
      const target = links.get(path);
      if (target !== undefined) return answered(target);
      if (absent.has(path)) return unanswered('not-present');
      return unread.get(`link ${path}`) ?? notRecorded(path);
    },
    async statfs(mount) {
      const space = volumes.get(mount);
      return space === undefined
        ? (unread.get(`statfs ${mount}`) ?? notRecorded(`statfs ${mount}`))
        : answered(space);
    },
    facts: () => facts,
  };
}
