import fc from 'fast-check';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { within } from './eventually.ts';
import { GOLDEN_FRAMES } from './frames.ts';
import { DeviceSocket, Refused, type TestDevice } from './test-device.ts';

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
type Stage = 'open' | 'hello' | 'live';

/** One connection's worth of broken frames. */
export const brokenConnection: fc.Arbitrary<{ stage: Stage; messages: Message[] }> = fc.record({
  stage: fc.constantFrom<Stage>('open', 'hello', 'live', 'live', 'live'),
  messages: fc.array(message, { minLength: 1, maxLength: 25 }),
});

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

/**
 * Connects a device, sends everything and waits until the collector has read it or hung up. Gives how many frames were
 * sent; null when the collector takes the device for a copy of another (one of its frames claimed other hardware).
 */
export async function sendBroken(
  url: string,
  device: TestDevice,
  { stage, messages }: { readonly stage: Stage; readonly messages: readonly Message[] },
): Promise<number | null> {
  const socket = await reached(stage, url, device).catch((error: unknown) => {
    if (!(error instanceof Refused) || error.code !== 'device-duplicated') throw error;
    return null;
  });
  if (socket === null) return null;
  let sent = 0;
  for (const one of messages) {
    if (socket.isClosed !== null) break;
    if ('text' in one) socket.sendText(one.text);
    else socket.sendBinary(one.bytes);
    sent += 1;
  }
  // The answer to a ping comes after everything before it has been read, if the connection is still there.
  const read = new Promise(resolve => socket.ws.once('pong', resolve));
  if (socket.isClosed === null) socket.ws.ping();
  await within(Promise.race([read, socket.closed]), {
    what: 'the collector has read everything',
    withinMs: 30_000,
    state: () => messages,
  });
  socket.drop();
  return sent;
}
