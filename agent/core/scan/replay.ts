import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Answer, answered, type Unanswered, unanswered } from './answer.ts';
import type { CommandResult } from './command.ts';
import { lookAtFile } from './file-facts.ts';
import type { OsFacts, Probe } from './probe.ts';

/**
 * A folder of recorded outputs as a machine. Layout, every part optional:
 *
 *     facts.json              what the runtime knows: {hostname, arch, uptimeSeconds, memoryTotalBytes, memoryFreeBytes,
 *                             cpu: {busyMs, totalMs}, root, home}
 *     statfs.json             {"/": {"sizeBytes": 1, "freeBytes": 1}, "C:\\": ...}
 *     absent.txt              paths that were looked for and did not exist, one a line
 *     links.txt               symbolic links, one a line: `path -> target`
 *     fs/<path>               a file or folder of the machine: fs/proc/stat, fs/etc/os-release
 *     cmd/<call>.out          stdout of a program, any encoding; <call> is `recordingName(program, args)`, or just the
 *                             program when one recording answers every call
 *     cmd/<call>.err          its stderr; cmd/<call>.code its exit code (default 0)
 *     cmd/<call>.failed       instead of .out: one word, why it did not run (not-installed, not-permitted, timeout, ...)
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
  'not-installed',
  'timeout',
  'output-too-large',
  'command-failed',
  'not-permitted',
]);

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
  const links = new Map<string, string>();
  for (const line of (textOrNull(join(folder, 'links.txt')) ?? '').split(/\r?\n/)) {
    const arrow = line.indexOf(' -> ');
    if (arrow > 0) links.set(line.slice(0, arrow), line.slice(arrow + 4));
  }
  const inside = (path: string): string => join(folder, 'fs', path.replace(/\\/g, '/').replace(/:/g, ''));

  async function from<Value>(path: string, read: (file: string) => Promise<Value>): Promise<Answer<Value>> {
    if (absent.has(path)) return unanswered('not-present');
    try {
      return answered(await read(inside(path)));
    } catch {
      return notRecorded(path);
    }
  }

  async function recorded(call: string): Promise<CommandResult | null> {
    const base = join(folder, 'cmd', call);
    const failed = failedWord.safeParse(textOrNull(`${base}.failed`)?.trim());
    if (failed.success) return { ok: false, reason: failed.data };
    try {
      const stdout = await readFile(`${base}.out`);
      const stderr = Buffer.from(textOrNull(`${base}.err`) ?? '');
      const code = Number.parseInt(textOrNull(`${base}.code`) ?? '0', 10);
      return { ok: true, stdout, stderr, code: Number.isNaN(code) ? 1 : code };
    } catch {
      return null;
    }
  }

  return {
    async command(name, args) {
      const call = recordingName(name, args);
      return (await recorded(call)) ?? (await recorded(name)) ?? notRecorded(call);
    },
    readFile: path => from(path, file => readFile(file, 'utf8')),
    async file(path, wishes) {
      if (absent.has(path)) return unanswered('not-present');
      const seen = await lookAtFile(inside(path), wishes);
      return seen.ok || seen.reason === 'not-permitted' ? seen : notRecorded(path);
    },
    list: path => from(path, file => readdir(file)),
    async exists(path) {
      const seen = await from(path, async file => {
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
      return absent.has(path) ? unanswered('not-present') : notRecorded(path);
    },
    async statfs(mount) {
      const space = volumes.get(mount);
      return space === undefined ? notRecorded(`statfs ${mount}`) : answered(space);
    },
    facts: () => facts,
  };
}
