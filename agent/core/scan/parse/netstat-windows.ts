import { decode, lines } from '../decode.ts';
import { wholeNumber } from './keys.ts';
import type { Counters } from './proc.ts';

/**
 * `netstat -e`: bytes received and sent over all interfaces. Its words are translated, its shape is not: the first line that
 * ends in exactly two whole numbers is the one of bytes.
 */
export function parseInterfaceBytes(stdout: Uint8Array): Counters | null {
  for (const line of lines(decode(stdout))) {
    const match = /^\D+?\s{2,}(\d+)\s+(\d+)$/.exec(line);
    if (match === null) continue;
    const first = wholeNumber(match[1]);
    const second = wholeNumber(match[2]);
    return first === null || second === null ? null : { first, second };
  }
  return null;
}
