import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { type CollectorProcess, startCollector } from '../support/collector-process.ts';
import { within } from '../support/eventually.ts';
import { GOLDEN_FRAMES } from '../support/frames.ts';
import { healthyFindings } from '../support/records.ts';
import { DeviceSocket, Neighbour, Refused, TestDevice } from '../support/test-device.ts';

/*
 * Frames that nobody would write by hand, against a real collector. Few by default, so that every run has some; a longer
 * search by hand: TRAYLINE_FUZZ_RUNS=20000 (and TRAYLINE_FUZZ_SEED to repeat one).
 */
const RUNS = Number(process.env.TRAYLINE_FUZZ_RUNS ?? 150);
const SEED = process.env.TRAYLINE_FUZZ_SEED;

let collector: CollectorProcess;
let neighbour: Neighbour;
let token: string;

beforeAll(async () => {
  collector = await startCollector({ env: { TRAYLINE_MAX_CONNECTS_PER_S: '5000' } });
  token = (await collector.admin.enrolmentToken()).secret;
  neighbour = await Neighbour.start({ url: collector.url, token });
});

type Message = { readonly text: string } | { readonly bytes: Uint8Array };

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
const stage = fc.constantFrom('open', 'hello', 'live', 'live', 'live');

async function reached(at: 'open' | 'hello' | 'live', device: TestDevice): Promise<DeviceSocket> {
  if (at === 'live') {
    await device.connect();
    if (device.socket === null) throw new Error('no socket');
    // From here on nothing the collector says is answered.
    device.socket.onFrame = () => undefined;
    return device.socket;
  }
  const socket = await DeviceSocket.open(collector.url);
  if (at === 'hello') {
    socket.send(device.hello());
    await socket.frame('challenge');
  }
  return socket;
}

test(
  `${RUNS} runs of broken frames neither end the collector, nor disturb a neighbour, nor fill its memory`,
  async () => {
    // A dozen devices take turns, so that what one run left behind meets the next.
    const devices = Array.from({ length: 12 }, () => new TestDevice({ url: collector.url, token }));
    let run = 0;
    let memory = 0;
    await fc.assert(
      fc.asyncProperty(stage, fc.array(message, { minLength: 1, maxLength: 25 }), async (at, messages) => {
        run += 1;
        const device = devices[run % devices.length];
        if (device === undefined) throw new Error('no device');
        // The number of acknowledgements is the fuzzer's doing: the device starts a stream of its own every time.
        device.stream = (run + 2 ** 40).toString(16).padStart(16, '0');
        const socket = await reached(at, device).catch((error: unknown) => {
          // One of its frames has claimed other hardware, so it is taken for a copy of itself from now on.
          if (!(error instanceof Refused) || error.code !== 'device-duplicated') throw error;
          devices[run % devices.length] = new TestDevice({ url: collector.url, token });
          return null;
        });
        if (socket === null) return;
        for (const one of messages) {
          if (socket.isClosed !== null) break;
          if ('text' in one) socket.sendText(one.text);
          else socket.sendBinary(one.bytes);
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
        if (run % 25 === 0) {
          expect(collector.over, collector.log().slice(-4000)).toBe(false);
          await neighbour.undisturbed();
        }
        if (run === Math.ceil(RUNS / 2)) memory = collector.residentMiB() ?? 0;
      }),
      { numRuns: RUNS, endOnFailure: true, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
    );

    await neighbour.undisturbed();
    expect(collector.over).toBe(false);
    expect((await fetch(`${collector.url}/readyz`)).status).toBe(200);
    expect(await collector.problems('internal')).toBe(0);
    expect(
      collector
        .log()
        .split('\n')
        .filter(line => line.includes('"level":"error"')),
    ).toEqual([]);
    // Caches have filled in the first half (64 MiB of the database's, and V8's heap); the second must not go on like that.
    if (memory > 0) expect((collector.residentMiB() ?? 0) - memory).toBeLessThan(100);

    // A device that was fuzzed through is a proper one again as soon as it behaves.
    let again: TestDevice | null = null;
    for (const { key, identity } of devices) {
      const candidate = new TestDevice({ url: collector.url, key, identity, token });
      const isIn = await candidate.connect().then(
        () => true,
        () => false,
      );
      if (isIn) again ??= candidate;
    }
    if (again === null) throw new Error('no device was let in again');
    again.snapshot(healthyFindings(Date.now()));
    again.sample();
    await again.delivered();
    const detail = await collector.admin.device(again.id);
    expect(detail.row).toMatchObject({ presence: 'live', firewall: true });
    expect(Object.keys(detail.findings).toSorted()).toEqual(Object.keys(healthyFindings()).toSorted());
  },
  Math.max(180_000, RUNS * 400),
);
