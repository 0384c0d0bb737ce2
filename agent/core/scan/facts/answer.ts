import type { FindingReason } from '../../../../shared/device/finding.ts';

/** Facts by name; `null` is "the command did not say". The names are those of the recordings' vocabulary. */
export type Facts = Record<string, unknown>;

/** What one output says, in which family of facts, or why nothing can be said. */
export type Told =
  | { readonly family: string; readonly facts: Facts }
  | { readonly unknown: FindingReason; readonly detail?: string };

/** The output of one tool as a reader gets it. */
export interface Output {
  /** Decoded, without byte order mark. */
  readonly text: string;
  /** As recorded, for the parsers that decode themselves. */
  readonly bytes: Uint8Array;
  /** The recording's name or the command's, in lower case with `-` between words: says which class a list is of. */
  readonly name: string;
  /** Day (YYYY-MM-DD) for which support of a system is told. */
  readonly today: string;
}

export type Reader = (output: Output) => Told;

export function told(family: string, facts: Facts): Told {
  return { family, facts };
}

export function unknown(reason: FindingReason, detail?: string): Told {
  return detail === undefined ? { unknown: reason } : { unknown: reason, detail: detail.slice(0, 200) };
}

/**
 * Error texts that many tools print in place of an answer, in English and as numbers; null when the text holds none. Only for
 * short outputs: inside a long listing such a line belongs to one entry.
 */
function refusal(text: string): Told | null {
  const start = text.slice(0, 1500);
  if (
    /permission denied|access is denied|access denied|operation not permitted|must be (?:run as |an )?(?:root|admin)|requires? root|need to be root|not authorized|administrative rights|requires? elevation|run as root|0x80070005|0x80041003|\bFAILED 5\b|administrator privileges/i.test(
      start,
    )
  )
    return unknown('not-permitted');
  if (/constrained ?language|language mode/i.test(start)) return unknown('constrained-language');
  if (
    /invalid namespace|0x8004100e|0x80041010|invalid class|not supported|unknown (?:option|usb bridge)|illegal option|unrecognized (?:option|verb)/i.test(
      start,
    )
  )
    return unknown('not-supported');
  if (
    /command not found|is not recognized as|no such file or directory|CommandNotFoundException/i.test(start)
  )
    return unknown('not-installed');
  if (/timed? ?out/i.test(start)) return unknown('timeout');
  return null;
}

/** Nothing to read: empty output, a refusal, or text no reader understands. */
export function unread(output: Output, what: string): Told {
  if (output.text.trim() === '') return unknown('no-output');
  return refusal(output.text) ?? unknown('parse-error', what);
}
