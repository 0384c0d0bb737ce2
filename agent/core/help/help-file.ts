import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { helpAbout, helpId, helpStanding, helpText } from '../../../shared/device/help.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { replaceFile } from '../outbox/durable-file.ts';

/** Where a frame went: its number in which stream. */
const sentFrame = z.object({ stream: z.string(), seq: z.number().int().positive() });
export type SentFrame = z.infer<typeof sentFrame>;

/** One request of a person at this device. Times are by the device's clock, those of `standing` by the collector's. */
const keptHelp = z.object({
  id: helpId,
  /** `key` tells people of this device apart and stays here; `name` is what IT sees. */
  person: z.object({ key: z.string(), name: z.string().nullable() }),
  text: helpText,
  about: helpAbout.nullable(),
  at: z.number().int().nonnegative(),
  /** When the person took it back. */
  withdrawnAt: z.number().int().nonnegative().nullable(),
  /** How the collector has it; null: it has not said yet that it does. */
  standing: helpStanding.nullable(),
  /** The collector could not take the frame, and why: a code of shared/problem. It is told again when it asks. */
  held: z.string().nullable(),
  sent: z.object({ asked: sentFrame.nullable(), withdrawn: sentFrame.nullable() }),
});
export type KeptHelp = z.infer<typeof keptHelp>;

const content = z.object({ format: z.literal(1), requests: z.array(keptHelp).max(LIMITS.helpKept) });

/** Where requests outlive the process. */
export interface HelpFile {
  /** What was kept; empty when there is nothing or it cannot be read. */
  load(): readonly KeptHelp[];
  /** @throws the file system's error; what was kept before stays then. */
  save(requests: readonly KeptHelp[]): void;
}

/** Keeps them in one file, 0600, replaced whole. */
export function helpFile(path: string): HelpFile {
  return {
    load() {
      try {
        return content.parse(JSON.parse(readFileSync(path, 'utf8'))).requests;
      } catch {
        return [];
      }
    },
    save(requests) {
      const file = { format: 1, requests: [...requests] } satisfies z.infer<typeof content>;
      replaceFile(path, `${JSON.stringify(file)}\n`);
    },
  };
}
