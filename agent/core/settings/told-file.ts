import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { type DeviceSettings, deviceSettings } from '../../../shared/protocol/to-device.ts';
import { replaceFile } from '../outbox/durable-file.ts';

/** Where the collector's word outlives the process. */
export interface ToldFile {
  /** What was kept, when it is of this collector, whole and readable; else null, and the collector is asked anew. */
  load(collectorId: string | null): DeviceSettings | null;
  /** @throws the file system's error; what was kept before stays then. */
  save(frame: DeviceSettings, collectorId: string): void;
  clear(): void;
}

const content = z.object({
  format: z.literal(1),
  collectorId: z.string().max(64),
  /** SHA-256 of `frame` as it stands in the file. */
  sha256: z.string(),
  frame: z.string(),
});

/** Twice the largest frame: the text stands in quotes here. */
const MAX_BYTES = 2 * LIMITS.frameBytes;

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** At most `MAX_BYTES` of a file; null when it is longer, is not there or may not be read. */
function shortText(path: string): string | null {
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    const { size } = fstatSync(handle);
    if (size > MAX_BYTES) return null;
    const bytes = Buffer.alloc(size);
    return bytes.toString('utf8', 0, readSync(handle, bytes, 0, size, 0));
  } catch {
    return null;
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

function read(text: string): z.infer<typeof content> | null {
  try {
    return content.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Keeps it in one file, 0600, replaced whole. */
export function toldFile(path: string): ToldFile {
  return {
    load(collectorId) {
      const text = shortText(path);
      const kept = text === null ? null : read(text);
      if (kept === null || collectorId === null || kept.collectorId !== collectorId) return null;
      if (sha256(kept.frame) !== kept.sha256) return null;
      try {
        return deviceSettings.parse(JSON.parse(kept.frame));
      } catch {
        return null;
      }
    },
    save(frame, collectorId) {
      const text = JSON.stringify(frame);
      const file = { format: 1, collectorId, sha256: sha256(text), frame: text } satisfies z.infer<
        typeof content
      >;
      replaceFile(path, `${JSON.stringify(file)}\n`);
    },
    clear() {
      rmSync(path, { force: true });
    },
  };
}
