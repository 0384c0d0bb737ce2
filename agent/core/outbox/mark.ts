import { crc32 } from 'node:zlib';
import { z } from 'zod';

/** Where numbering stands. `next` counts when `clean`; after a kill numbering goes on above `reserved`. */
export interface Mark {
  readonly stream: string;
  readonly next: number;
  readonly reserved: number;
  readonly clean: boolean;
}

const shape = z.object({
  stream: z.string().regex(/^[0-9a-f]{16}$/),
  next: z.number().int().positive(),
  reserved: z.number().int().nonnegative(),
  clean: z.boolean(),
  crc: z.number(),
});

function checksum({ stream, next, reserved, clean }: Mark): number {
  return crc32(`${stream} ${next} ${reserved} ${clean}`);
}

export function encodeMark(mark: Mark): string {
  return `${JSON.stringify({ ...mark, crc: checksum(mark) })}\n`;
}

/** null when the text is not a whole, unchanged mark. */
export function decodeMark(text: string): Mark | null {
  try {
    const parsed = shape.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    const { crc, ...mark } = parsed.data;
    return checksum(mark) === crc ? mark : null;
  } catch {
    return null;
  }
}
