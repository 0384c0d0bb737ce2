import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { shortDuration } from '../../shared/base/durations.ts';
import type { StatusCommand } from './command-line.ts';
import { defaultDataFolder } from './host.ts';

/** Written by the running service; only what is printed here is read back. */
const statusFile = z.looseObject({
  writtenAt: z.number(),
  pid: z.number(),
  version: z.string(),
  link: z.looseObject({ words: z.string(), since: z.number() }),
  device: z.object({ deviceId: z.string().nullable(), keyFingerprint: z.string() }),
  lastAck: z.object({ seq: z.number(), at: z.number() }).nullable(),
  outbox: z.looseObject({ frames: z.number(), bytes: z.number(), dropped: z.number() }),
  scans: z.record(z.string(), z.looseObject({ status: z.string(), reason: z.string().nullable() })),
  viewers: z.array(z.looseObject({ name: z.string() })),
  problems: z.array(z.object({ code: z.string(), detail: z.string(), at: z.number() })),
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Prints what the agent of a data folder last said of itself. Exit code 3: none is running there. */
export function statusCommand({ folder, json }: StatusCommand): number {
  const path = join(folder ?? defaultDataFolder(), 'status.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    process.stdout.write('No agent has run with this data folder, or it may not be read.\n');
    return 3;
  }
  const parsed = statusFile.safeParse(JSON.parse(text));
  if (!parsed.success) {
    process.stdout.write('The status file is of another version.\n');
    return 3;
  }
  const status = parsed.data;
  const running = isAlive(status.pid);
  if (json) {
    process.stdout.write(`${JSON.stringify({ running, ...status }, null, 2)}\n`);
    return running ? 0 : 3;
  }
  const ago = (at: number): string => `${shortDuration(Date.now() - at)} ago`;
  const failed = Object.entries(status.scans).filter(([, scan]) => scan.status === 'failed');
  const lines = [
    `${running ? status.link.words : 'Not running'} (written ${ago(status.writtenAt)})`,
    `device      ${status.device.deviceId ?? 'not enrolled'}, key ${status.device.keyFingerprint}`,
    `last stored ${status.lastAck === null ? 'nothing yet' : ago(status.lastAck.at)}`,
    `waiting     ${status.outbox.frames} reports, ${status.outbox.bytes} bytes, ${status.outbox.dropped} given up`,
    `checks      ${Object.keys(status.scans).length}, ${failed.length} failed`,
    ...failed.map(([id, scan]) => `  ${id}: ${scan.reason ?? 'unknown'}`),
    ...(status.viewers.length === 0
      ? []
      : [`looking     ${status.viewers.map(viewer => viewer.name).join(', ')}`]),
    ...status.problems
      .slice(-5)
      .map(problem => `problem     ${problem.code} ${problem.detail}, ${ago(problem.at)}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return running ? 0 : 3;
}
