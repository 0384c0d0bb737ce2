import fc from 'fast-check';
import { closeCodeOf } from '../../shared/protocol/close-codes.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { sleepFor, within } from './eventually.ts';
import { GOLDEN_FRAMES } from './frames.ts';
import { ClosedEarly, DeviceSocket, Refused, type TestDevice, UpgradeRefused } from './test-device.ts';

/* Frames that nobody would write by hand, and how they are sent. */

export type Message = { readonly text: string } | { readonly bytes: Uint8Array };

const anyJson = fc.json({ maxDepth: 6 });
const frames = Object.values(GOLDEN_FRAMES).map(frame => JSON.stringify(frame));
const golden = fc.constantFrom(...frames);

/** Names and values that have broken parsers and object merges before. */
const nasty = fc.constantFrom<unknown>(
  null,
  -1,
  0,
  1e308,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  -0.5,
  '',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  '🦊'.repeat(100),
  'a'.repeat(70_000),
  [],
  {},
  [[[[[[]]]]]],
  true,
);

/** A proper frame with one thing in it replaced, left out, or added. */
const mutated = fc
  .record({
    frame: golden,
    at: fc.nat(200),
    value: nasty,
    how: fc.constantFrom('replace', 'delete', 'add', 'proto', 'repeat'),
    seq: fc.oneof(fc.integer({ min: 1, max: 400 }), fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 31, 0)),
  })
  .map(({ frame, at, value, how, seq }) => {
    const root = JSON.parse(frame) as Record<string, unknown>;
    if ('seq' in root) root.seq = seq;
    const places: { holder: Record<string, unknown>; key: string }[] = [];
    const walk = (holder: Record<string, unknown>): void => {
      for (const key of Object.keys(holder)) {
        places.push({ holder, key });
        const inner = holder[key];
        if (typeof inner === 'object' && inner !== null) walk(inner as Record<string, unknown>);
      }
    };
    walk(root);
    const place = places[at % Math.max(1, places.length)];
    if (place !== undefined) {
      const { holder, key } = place;
      if (how === 'replace') holder[key] = value;
      if (how === 'delete') Reflect.deleteProperty(holder, key);
      if (how === 'add') holder[`${key}x`] = value;
      if (how === 'repeat') holder[key] = Array(50).fill(holder[key]);
    }
    const text = JSON.stringify(root);
    return how === 'proto' ? text.replace(/\{/, '{"__proto__":{"polluted":true},') : text;
  });

const cut = fc.tuple(golden, fc.nat(400)).map(([frame, at]) => frame.slice(0, at % frame.length));
const deep = fc.integer({ min: 10, max: 20_000 }).map(depth => `${'['.repeat(depth)}${']'.repeat(depth)}`);
const wide = fc.integer({ min: 100, max: 3000 }).map(count =>
  JSON.stringify({
    type: 'delta',
    seq: 1,
    at: 1,
    findings: Object.fromEntries(
      Array.from({ length: count }, (_, i) => [
        `fuzz.n${i}`,
        { status: 'ok', value: i, at: 1, ms: 1, hash: '0'.repeat(16) },
      ]),
    ),
  }),
);
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 6, arbitrary: mutated.map(text => ({ text })) },
  { weight: 2, arbitrary: golden.map(text => ({ text })) },
  { weight: 2, arbitrary: anyJson.map(text => ({ text })) },
  { weight: 2, arbitrary: cut.map(text => ({ text })) },
  { weight: 1, arbitrary: fc.string({ maxLength: 2000 }).map(text => ({ text })) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2000 }).map(bytes => ({ bytes })) },
  { weight: 1, arbitrary: deep.map(text => ({ text })) },
  { weight: 1, arbitrary: wide.map(text => ({ text })) },
  { weight: 1, arbitrary: fc.constant({ text: `"${'x'.repeat(LIMITS.frameBytes + 10)}"` }) },
);

/** How far a connection gets before it goes wrong. */
export type Stage = 'open' | 'hello' | 'live';

/** One connection's worth of broken frames. */
export const brokenConnection: fc.Arbitrary<{ stage: Stage; messages: Message[] }> = fc.record({
  stage: fc.constantFrom<Stage>('open', 'hello', 'live', 'live', 'live'),
  messages: fc.array(message, { minLength: 1, maxLength: 25 }),
});

/** What is scribbled over is no longer than this: the many must not be slow. */
const SCRIBBLED_CHARS = 4000;
/** Made at once, and how many are scribbled for each of them. */
const MADE = 250;
const SCRIBBLED = 7;

/** Some frame with a piece left out, repeated, overwritten, or put from another one. */
function scribbled(texts: readonly string[], random: () => number): string {
  const below = (most: number): number => Math.floor(random() * most);
  const text = texts[below(texts.length)] ?? '';
  const other = texts[below(texts.length)] ?? '';
  const from = below(text.length);
  const to = Math.min(text.length, from + 1 + below(12));
  const piece = text.slice(from, to);
  const inserted = [
    '',
    piece + piece,
    String.fromCharCode(below(0x300)),
    '{}[]",:0-'.charAt(below(9)),
    other.slice(below(other.length)).slice(0, 40),
    String(below(2 ** 32) - 2 ** 31),
  ][below(6)];
  return text.slice(0, from) + (inserted ?? '') + text.slice(to);
}

/**
 * Broken frames without an end: what fast-check makes of the protocol, and that scribbled over, which is a hundred times
 * quicker. The same ones for the same seed.
 */
export function* brokenFrames(seed: number, random: () => number): Generator<Message, never> {
  for (let batch = 0; ; batch += 1) {
    const made = fc.sample(message, { numRuns: MADE, seed: seed + batch });
    const texts = made.flatMap(one => ('text' in one && one.text.length < SCRIBBLED_CHARS ? [one.text] : []));
    for (const one of made) {
      yield one;
      for (let n = 0; n < SCRIBBLED; n += 1) yield { text: scribbled(texts, random) };
    }
  }
}

async function reached(at: Stage, url: string, device: TestDevice): Promise<DeviceSocket> {
  if (at === 'live') {
    await device.connect();
    if (device.socket === null) throw new Error('no socket');
    // From here on nothing the collector says is answered.
    device.socket.onFrame = () => undefined;
    return device.socket;
  }
  const socket = await DeviceSocket.open(url);
  if (at === 'hello') {
    socket.send(device.hello());
    await socket.frame('challenge');
  }
  return socket;
}

/** Longest that a device which is asked to come back later waits. */
const LATER_MS = 1000;

/**
 * Connects a device, sends everything and waits until the collector has read it or hung up. Gives how many frames it has
 * read for certain: all of them when it answers to what came after them, one when it hung up before, none when it has no
 * room now and says when to come back (which is waited for), or has not greeted it in time. Null when the collector takes the device for a copy of
 * another (one of its frames claimed other hardware).
 */
export async function sendBroken(
  url: string,
  device: TestDevice,
  { stage, messages }: { readonly stage: Stage; readonly messages: readonly Message[] },
): Promise<number | null> {
  let socket: DeviceSocket;
  try {
    socket = await reached(stage, url, device);
  } catch (error) {
    if (error instanceof Refused && error.code === 'device-duplicated') return null;
    // On a machine so busy that the greeting took longer than it may.
    if (error instanceof ClosedEarly && error.code === closeCodeOf('greeting-timeout')) return 0;
    const isLater =
      error instanceof UpgradeRefused || (error instanceof Refused && error.code === 'too-fast');
    if (!isLater || error.retryAfterMs === null) throw error;
    await sleepFor(Math.min(error.retryAfterMs, LATER_MS));
    return 0;
  }
  if (socket.isClosed !== null) return 0;
  for (const one of messages) {
    if ('text' in one) socket.sendText(one.text);
    else socket.sendBinary(one.bytes);
  }
  // The answer to a ping comes after everything before it has been read, if the connection is still there.
  const all = new Promise<number>(resolve => socket.ws.once('pong', () => resolve(messages.length)));
  socket.ws.ping();
  const read = await within(Promise.race([all, socket.closed.then(() => 1)]), {
    what: 'the collector has read everything',
    withinMs: 60_000,
    state: () => messages,
  });
  socket.drop();
  return read;
}
