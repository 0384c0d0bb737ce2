import { z } from 'zod';

/*
 * How app and service talk over the local socket: one JSON object a line. The service says which contract it speaks, has the
 * app prove whose it is, and answers calls by name; what a name means is said by contract.ts.
 */

/** From the app to the service. */
export const fromApp = z.discriminatedUnion('t', [
  z.object({
    t: z.literal('hello'),
    contract: z.number().int(),
    app: z.string().max(40),
    proofHome: z.string().max(512).optional(),
  }),
  /** The proof asked for lies where it was asked for. */
  z.object({ t: z.literal('proved') }),
  z.object({
    t: z.literal('ask'),
    id: z.number().int().nonnegative(),
    name: z.string().max(80),
    input: z.unknown().optional(),
  }),
]);
export type FromApp = z.infer<typeof fromApp>;

/** From the service to the app. */
export const toApp = z.discriminatedUnion('t', [
  /** Write `text` into the new file `file`, readable by yourself; that only this person can is the proof. */
  z.object({ t: z.literal('prove'), file: z.string().max(1024), text: z.string().max(200) }),
  z.object({
    t: z.literal('ready'),
    contract: z.number().int(),
    agent: z.string().max(40),
    person: z.string().max(255).nullable(),
  }),
  z.object({ t: z.literal('refused'), code: z.string().max(64) }),
  z.object({
    t: z.literal('answer'),
    id: z.number().int().nonnegative(),
    reply: z.discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.unknown() }),
      z.object({ ok: z.literal(false), code: z.string().max(64), detail: z.string().max(300) }),
    ]),
  }),
  z.object({ t: z.literal('event'), name: z.string().max(80), payload: z.unknown() }),
]);
export type ToApp = z.infer<typeof toApp>;

export const WIRE = {
  /** Longest line an app may send, characters: a question of 500 letters and its frame stay far below. */
  lineFromApp: 16 * 1024,
  /** Longest line the service sends: 128 checks with their values. */
  lineToApp: 2 * 1024 * 1024,
  /** From the connection to the proof. Traffic does not extend it. */
  greetingMs: 10_000,
  /** Apps at once: people signed in to one device, with room. */
  connections: 32,
  /** Calls of one app that are not answered yet. */
  asks: 32,
  /** Bytes an app may be behind before it is cut off: it comes back and asks for the whole. */
  backlog: 4 * 1024 * 1024,
} as const;

/** Lines out of chunks; `tooLong` once a line exceeds the limit, and nothing after it. */
export function lineReader(
  maxChars: number,
  line: (text: string) => void,
  tooLong: () => void,
): (chunk: string) => void {
  let held = '';
  let over = false;
  return chunk => {
    if (over) return;
    held += chunk;
    for (let end = held.indexOf('\n'); end >= 0; end = held.indexOf('\n')) {
      const text = held.slice(0, end);
      held = held.slice(end + 1);
      if (text.length > maxChars) {
        held = text;
        break;
      }
      line(text);
    }
    if (held.length > maxChars) {
      over = true;
      held = '';
      tooLong();
    }
  };
}
