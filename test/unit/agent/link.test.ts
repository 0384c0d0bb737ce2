import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryEnrolment } from '../../../agent/core/identity/enrolment.ts';
import { deviceAddress } from '../../../agent/core/link/address.ts';
import { createLink, type LinkOptions, type LinkState } from '../../../agent/core/link/link.ts';
import { planFor, SLOW_RETRY_MS } from '../../../agent/core/link/refusal.ts';
import type { Socket, SocketEvents } from '../../../agent/core/link/socket.ts';
import { memoryOutbox } from '../../../agent/core/outbox/memory.ts';
import { ALL_PROBLEM_CODES, type ProblemCode } from '../../../shared/problem/codes.ts';
import { closeCodeOf } from '../../../shared/protocol/close-codes.ts';
import { decodeFromDevice, encodeFrame, proofMessage } from '../../../shared/protocol/frame.ts';
import type { FromDevice, Hello } from '../../../shared/protocol/from-device.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type { ToDevice, Welcome } from '../../../shared/protocol/to-device.ts';
import { FakeClock } from './support/fake-clock.ts';
import { identity, samplesFrame } from './support/frames.ts';

const NONCE = 'n'.repeat(43);

class FakeSocket implements Socket {
  readonly sent: FromDevice[] = [];
  backlog = 0;
  pings = 0;
  ended: 'closed' | 'dropped' | null = null;
  readonly events: SocketEvents;

  constructor(events: SocketEvents) {
    this.events = events;
  }

  send(text: string): void {
    const decoded = decodeFromDevice(text);
    if (!decoded.ok) throw new Error(`${decoded.code}: ${decoded.detail}`);
    this.sent.push(decoded.frame);
  }
  ping(): void {
    this.pings += 1;
  }
  close(): void {
    this.ended ??= 'closed';
  }
  drop(): void {
    this.ended ??= 'dropped';
  }

  /** From here on: what the other side does. */
  say(frame: ToDevice): void {
    this.events.received(encodeFrame(frame));
  }
  greet(welcome: Partial<Welcome> = {}): void {
    this.events.opened();
    this.say({ type: 'challenge', version: 1, nonce: NONCE, collectorId: 'collector-1' });
    this.say({
      type: 'welcome',
      version: 1,
      deviceId: 'device-1',
      collectorId: 'collector-1',
      at: 0,
      acked: 0,
      have: {},
      inFlight: 8,
      ...welcome,
    });
  }
  get hello(): Hello {
    const first = this.sent[0];
    if (first?.type !== 'hello') throw new Error('no hello');
    return first;
  }
  get numbers(): number[] {
    return this.sent.flatMap(frame => ('seq' in frame ? [frame.seq] : []));
  }
}

function scene({
  token = null,
  admission = false,
  ...options
}: Partial<Omit<LinkOptions, 'admission'>> & { token?: string | null; admission?: boolean } = {}) {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const states: LinkState[] = [];
  const told: [string, unknown][] = [];
  const enrolment = memoryEnrolment();
  const outbox = options.outbox ?? memoryOutbox();
  const note = (name: string) => (value: unknown) => told.push([name, value]);
  const link = createLink({
    address: 'wss://collector.example/agent',
    clock,
    random: () => 0.5,
    connect(_url, events) {
      const socket = new FakeSocket(events);
      sockets.push(socket);
      return socket;
    },
    enrolment,
    outbox,
    describe: () => ({ agent: { version: '1', arch: 'x64', runtime: 'test' }, identity }),
    admission: () => ({ token, admission }),
    events: {
      state: state => states.push(state),
      welcomed: note('welcomed'),
      acked: note('acked'),
      snapshotWanted: () => told.push(['snapshotWanted', null]),
      settings: note('settings'),
      scanRequested: note('scanRequested'),
      watched: note('watched'),
      problem: note('problem'),
      renewed: () => told.push(['renewed', null]),
    },
    ...options,
  });
  const socket = (): FakeSocket => {
    const last = sockets.at(-1);
    if (last === undefined) throw new Error('no socket');
    return last;
  };
  const offline = () => {
    if (link.state.at !== 'offline') throw new Error(`is ${link.state.at}`);
    return link.state;
  };
  return { clock, sockets, states, told, enrolment, outbox, link, socket, offline };
}

describe('the greeting', () => {
  it('says who it is, proves that it holds the key, and is live with the welcome', () => {
    const { link, socket, states, enrolment } = scene({ token: 'tle_12345678' });
    link.start();
    socket().greet();
    expect(socket().hello).toEqual({
      type: 'hello',
      versions: [1],
      agent: { version: '1', arch: 'x64', runtime: 'test' },
      publicKey: enrolment.publicKey,
      enrolment: { by: 'token', token: 'tle_12345678' },
      collectorId: null,
      identity,
      stream: expect.stringMatching(/^[0-9a-f]{16}$/),
      at: expect.any(Number),
      nextSeq: 1,
    });
    const { publicKey, stream } = socket().hello;
    const message = proofMessage({ version: 1, nonce: NONCE, collectorId: 'collector-1', publicKey, stream });
    const proof = socket().sent[1];
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    const signature = Buffer.from(proof?.type === 'proof' ? proof.signature : '', 'base64url');
    expect(verify(null, Buffer.from(message), key, signature)).toBe(true);
    expect(states.map(({ at }) => at)).toEqual(['connecting', 'greeting', 'live']);
    expect([enrolment.deviceId, enrolment.collectorId]).toEqual(['device-1', 'collector-1']);
  });

  it('leaves the token out once it is enrolled', () => {
    const { link, socket, clock, offline } = scene({ token: 'tle_12345678' });
    link.start();
    socket().greet();
    socket().events.closed(1006, '');
    clock.advance(offline().retryInMs);
    socket().events.opened();
    expect(socket().hello.enrolment).toBeUndefined();
    expect(socket().hello.collectorId).toBe('collector-1');
  });

  it('proves itself to no other collector than its own', () => {
    const { link, socket, enrolment, offline } = scene();
    enrolment.welcomed('device-1', 'collector-0');
    link.start();
    socket().events.opened();
    socket().say({ type: 'challenge', version: 1, nonce: NONCE, collectorId: 'collector-1' });
    expect(socket().sent.map(({ type }) => type)).toEqual(['hello']);
    expect(offline()).toMatchObject({ code: 'collector-changed', retryInMs: SLOW_RETRY_MS });
  });

  it('takes no welcome before it has proved itself', () => {
    const { link, socket } = scene();
    link.start();
    socket().events.opened();
    socket().say({
      type: 'welcome',
      version: 1,
      deviceId: 'd',
      collectorId: 'c',
      at: 0,
      acked: 0,
      have: {},
      inFlight: 8,
    });
    expect(link.state.at).toBe('greeting');
  });

  it('gives up a collector that never answers', () => {
    const { link, socket, clock, offline } = scene();
    link.start();
    socket().events.opened();
    clock.advance(LIMITS.greetingMs + 10_000);
    expect(socket().ended).toBe('dropped');
    expect(offline().code).toBe('greeting-timeout');
  });

  it('ignores what is not a frame, and says so', () => {
    const { link, socket, told } = scene();
    link.start();
    socket().events.opened();
    for (const text of ['', '{', '[]', '{"type":"nonsense"}', '{"type":"welcome"}'])
      socket().events.received(text);
    expect(link.state.at).toBe('greeting');
    expect(told.map(([name]) => name)).toEqual(Array(5).fill('problem'));
  });
});

describe('refusals', () => {
  function refused(
    code: ProblemCode,
    retryAfterMs: number | null,
    options: Parameters<typeof scene>[0] = {},
  ) {
    const all = scene(options);
    all.enrolment.welcomed('device-1', 'collector-1');
    all.link.start();
    all.socket().events.opened();
    all.socket().say({ type: 'refused', code, retryAfterMs });
    return all;
  }

  it.each(ALL_PROBLEM_CODES)('%s: closes, waits, and tries again', code => {
    const { sockets, offline, clock } = refused(code, null);
    expect(sockets[0]?.ended).toBe('closed');
    expect(offline()).toMatchObject({
      code,
      retryInMs: planFor(code).retry === 'slowly' ? SLOW_RETRY_MS : 500,
    });
    clock.advance(offline().retryInMs);
    expect(sockets.length).toBe(2);
  });

  it.each(ALL_PROBLEM_CODES)('%s: a slot from the collector wins', code => {
    const { offline } = refused(code, 30_000);
    expect(offline().retryInMs).toBeGreaterThanOrEqual(30_000);
    expect(offline().retryInMs).toBeLessThan(35_000);
  });

  it.each(ALL_PROBLEM_CODES.filter(code => closeCodeOf(code) !== 4500))(
    '%s: means the same as a close code',
    code => {
      const { link, socket, offline } = scene();
      link.start();
      socket().events.opened();
      socket().events.closed(closeCodeOf(code), '');
      expect(offline().code).toBe(code);
    },
  );

  it('asks to be let in again with the same key when the collector does not know it', () => {
    const { clock, socket, enrolment, offline } = refused('device-unknown', null, { token: 'tle_12345678' });
    const key = enrolment.publicKey;
    clock.advance(offline().retryInMs);
    socket().events.opened();
    expect(socket().hello).toMatchObject({
      publicKey: key,
      enrolment: { by: 'token', token: 'tle_12345678' },
    });
  });

  it('asks for admission when there is no token', () => {
    const { clock, socket, offline } = refused('device-unknown', null);
    clock.advance(offline().retryInMs);
    socket().events.opened();
    expect(socket().hello.enrolment).toEqual({ by: 'admission' });
  });

  it('makes a new key and stream when its own is in use twice, and lets a person decide', () => {
    const scenery = scene({ token: 'tle_12345678' });
    const { clock, socket, enrolment, outbox, offline, told, link } = scenery;
    const before = { key: enrolment.publicKey, stream: outbox.stream };
    outbox.append(samplesFrame(1));
    link.start();
    socket().events.opened();
    socket().say({ type: 'refused', code: 'device-duplicated', retryAfterMs: null });
    expect(told).toContainEqual(['renewed', null]);
    clock.advance(offline().retryInMs);
    socket().events.opened();
    const { publicKey, stream, enrolment: claim, collectorId, nextSeq } = socket().hello;
    expect(publicKey).not.toBe(before.key);
    expect(stream).not.toBe(before.stream);
    expect({ claim, collectorId, nextSeq }).toEqual({
      claim: { by: 'admission' },
      collectorId: null,
      nextSeq: 1,
    });
  });

  it('turns to admission after a refused token only where that is configured', () => {
    const first = scene({ token: 'tle_12345678', admission: true });
    first.link.start();
    first.socket().events.opened();
    first.socket().say({ type: 'refused', code: 'token-expired', retryAfterMs: null });
    expect(first.offline().retryInMs).toBeLessThan(1000);
    first.clock.advance(first.offline().retryInMs);
    first.socket().events.opened();
    expect(first.socket().hello.enrolment).toEqual({ by: 'admission' });

    const second = scene({ token: 'tle_12345678' });
    second.link.start();
    second.socket().events.opened();
    second.socket().say({ type: 'refused', code: 'token-expired', retryAfterMs: null });
    expect(second.offline().retryInMs).toBe(SLOW_RETRY_MS);
    second.clock.advance(SLOW_RETRY_MS);
    second.socket().events.opened();
    expect(second.socket().hello.enrolment).toEqual({ by: 'token', token: 'tle_12345678' });
  });
});

describe('retries', () => {
  it('spread over the whole interval, grow, and stop growing at a minute', () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const waits: number[][] = Array.from({ length: 12 }, () => []);
    for (let run = 0; run < 200; run += 1) {
      const { link, socket, clock, offline } = scene({ random });
      link.start();
      for (const list of waits) {
        socket().events.closed(1006, 'ECONNREFUSED');
        list.push(offline().retryInMs);
        clock.advance(offline().retryInMs);
      }
    }
    waits.forEach((list, attempt) => {
      const ceiling = Math.min(60_000, 1000 * 2 ** attempt);
      expect(Math.max(...list)).toBeLessThanOrEqual(ceiling);
      const mean = list.reduce((sum, ms) => sum + ms, 0) / list.length;
      // Half of it, less what is cut off for those whose attempts so far came quickly.
      expect(mean / ceiling).toBeGreaterThan(0.35);
      expect(mean / ceiling).toBeLessThan(0.65);
      // Every quarter of the interval is used: no common beat.
      for (let quarter = 0; quarter < 4; quarter += 1) {
        const inside = list.filter(
          ms => ms >= (ceiling * quarter) / 4 && ms <= (ceiling * (quarter + 1)) / 4,
        );
        expect(inside.length).toBeGreaterThan(20);
      }
    });
  });

  it('never wait more than three times as long as the outage has lasted', () => {
    // Short waits first make many attempts in little time; the long draw after them must not cost half a minute.
    const draws = [0, 0, 0, 0, 0, 0.999];
    const { link, socket, clock, offline } = scene({ random: () => draws.shift() ?? 0.999 });
    link.start();
    const started = clock.monotonic();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      socket().events.closed(1006, 'ECONNREFUSED');
      clock.advance(offline().retryInMs);
    }
    expect(clock.monotonic() - started).toBeLessThan(1000);
    socket().events.closed(1006, 'ECONNREFUSED');
    expect(offline().retryInMs).toBeGreaterThan(1500);
    expect(offline().retryInMs).toBeLessThanOrEqual(2000);
  });

  it('go on growing while connections die young, and start anew after one that lived', () => {
    const { link, socket, clock, offline } = scene();
    link.start();
    const waits: number[] = [];
    for (const lived of [1000, 1000, 1000, 10_000, 1000]) {
      socket().greet();
      clock.advance(lived);
      socket().events.closed(1006, '');
      waits.push(offline().retryInMs);
      clock.advance(offline().retryInMs);
    }
    expect(waits).toEqual([500, 1000, 2000, 500, 1000]);
  });

  it('keep to the slot of an HTTP answer', () => {
    const { link, socket, offline } = scene();
    link.start();
    socket().events.closed(1006, 'HTTP 503', 20_000);
    expect(offline().retryInMs).toBeGreaterThanOrEqual(20_000);
  });

  it('keep to the slot of a goodbye, during the greeting and after it', () => {
    for (const welcomed of [true, false]) {
      const { link, socket, offline } = scene();
      link.start();
      if (welcomed) socket().greet();
      else socket().events.opened();
      socket().say({ type: 'goodbye', code: 'collector-stopping', retryAfterMs: 8000 });
      expect(offline()).toMatchObject({ code: 'collector-stopping' });
      expect(offline().retryInMs).toBeGreaterThanOrEqual(8000);
    }
  });

  it('are not disturbed by late words of an old socket', () => {
    const { link, sockets, socket, clock, offline } = scene();
    link.start();
    socket().greet();
    socket().events.closed(1006, '');
    clock.advance(offline().retryInMs);
    const [old] = sockets;
    old?.events.received('{"type":"goodbye","code":"x","retryAfterMs":0}');
    old?.events.closed(1006, '');
    old?.events.opened();
    expect(link.state.at).toBe('connecting');
    expect(sockets.length).toBe(2);
  });
});

describe('a live connection', () => {
  it('is given up when nothing is heard for two and a half ping periods, and kept while pings come', () => {
    const { link, socket, sockets, clock, states } = scene();
    link.start();
    socket().greet();
    for (let beat = 0; beat < 10; beat += 1) {
      clock.advance(LIMITS.pingMs);
      socket().events.alive();
    }
    expect(link.state.at).toBe('live');
    clock.advance(LIMITS.pingMs * 2.5);
    expect(states).toContainEqual(expect.objectContaining({ detail: 'the collector went silent' }));
    expect(sockets[0]?.ended).toBe('dropped');
  });

  it('is probed after waking up, and replaced when nothing answers', () => {
    const { link, socket, clock, offline } = scene();
    link.start();
    socket().greet();
    link.wake();
    expect(socket().pings).toBe(1);
    socket().events.alive();
    clock.advance(10_000);
    expect(link.state.at).toBe('live');
    link.wake();
    clock.advance(10_000);
    expect(offline().detail).toBe('no answer after waking up');
  });

  it('tries at once after waking up offline, but does not shorten a slot', () => {
    const first = scene();
    first.link.start();
    for (let n = 0; n < 8; n += 1) {
      first.socket().events.closed(1006, '');
      if (n < 7) first.clock.advance(first.offline().retryInMs);
    }
    expect(first.offline().retryInMs).toBe(30_000);
    first.link.wake();
    expect(first.offline().retryInMs).toBe(1000);

    const second = scene();
    second.link.start();
    second.socket().events.opened();
    second.socket().say({ type: 'refused', code: 'collector-busy', retryAfterMs: 60_000 });
    const { retryInMs } = second.offline();
    second.link.wake();
    expect(second.offline().retryInMs).toBe(retryInMs);
  });

  it('hands over what the collector asks for', () => {
    const { link, socket, told } = scene();
    link.start();
    socket().greet();
    told.length = 0;
    const watch = {
      type: 'watch' as const,
      everyMs: 1000,
      forMs: 30_000,
      viewers: [{ name: 'Anna', since: 1 }],
    };
    const request = { type: 'request-scan' as const, id: 'r1', scans: ['perf'] };
    socket().say({ type: 'settings', values: { sampleSeconds: 30 } });
    socket().say(request);
    socket().say(watch);
    socket().say({ type: 'problem', code: 'finding-invalid', seq: 3 });
    expect(told).toEqual([
      ['settings', { type: 'settings', values: { sampleSeconds: 30 } }],
      ['scanRequested', request],
      ['watched', watch],
      ['problem', { type: 'problem', code: 'finding-invalid', seq: 3 }],
    ]);
    link.answer({ type: 'scanned', id: 'r1', ran: 1, failed: 0 });
    expect(socket().sent.at(-1)).toEqual({ type: 'scanned', id: 'r1', ran: 1, failed: 0 });
  });

  it('says goodbye when it stops, and stays stopped', async () => {
    const { link, socket, sockets, clock } = scene();
    link.start();
    socket().greet();
    const ended = link.stop('stopping');
    expect(socket().sent.at(-1)).toEqual({ type: 'goodbye', reason: 'stopping' });
    socket().events.closed(1000, '');
    await ended;
    clock.advance(3_600_000);
    expect({ state: link.state.at, sockets: sockets.length, waiting: clock.waiting }).toEqual({
      state: 'stopped',
      sockets: 1,
      waiting: 0,
    });
  });

  it('stops within a second when the other side does not close', async () => {
    const { link, socket, clock } = scene();
    link.start();
    socket().greet();
    const ended = link.stop('stopping');
    clock.advance(1000);
    await ended;
    expect(link.state.at).toBe('stopped');
  });
});

describe('frames in flight', () => {
  it('are never more than the collector allows, and go on with each acknowledgement', () => {
    const { link, socket, outbox } = scene();
    for (let at = 1; at <= 12; at += 1) outbox.append(samplesFrame(at));
    link.start();
    socket().greet({ inFlight: 3 });
    expect(socket().numbers).toEqual([1, 2, 3]);
    socket().say({ type: 'ack', seq: 2 });
    expect(socket().numbers).toEqual([1, 2, 3, 4, 5]);
    expect(outbox.firstUnacked).toBe(3);
  });

  it('begin above what the welcome says is stored', () => {
    const { link, socket, outbox } = scene();
    for (let at = 1; at <= 4; at += 1) outbox.append(samplesFrame(at));
    link.start();
    socket().greet({ acked: 2 });
    expect(socket().numbers).toEqual([3, 4]);
    expect(outbox.firstUnacked).toBe(3);
  });

  it('tell numbers that will never come', () => {
    const outbox = memoryOutbox({ maxFrames: 2 });
    for (let at = 1; at <= 5; at += 1) outbox.append(samplesFrame(at));
    const { link, socket } = scene({ outbox });
    link.start();
    socket().greet({ acked: 1 });
    expect(socket().sent.slice(2)).toMatchObject([{ seq: 4, skipped: 2 }, { seq: 5 }]);
    expect(socket().sent.at(-1)).not.toHaveProperty('skipped');
  });

  it('are sent again from where the collector asks, with the gap when that is gone', () => {
    const { link, socket, outbox, told } = scene();
    for (let at = 1; at <= 5; at += 1) outbox.append(samplesFrame(at));
    link.start();
    socket().greet();
    socket().say({ type: 'ack', seq: 2 });
    const before = socket().sent.length;
    socket().say({ type: 'resync', from: 4, snapshot: false });
    expect(socket().sent.slice(before)).toMatchObject([{ seq: 4 }, { seq: 5 }]);
    socket().say({ type: 'resync', from: 2, snapshot: true });
    expect(socket().sent.slice(before + 2)).toMatchObject([{ seq: 3, skipped: 1 }, { seq: 4 }, { seq: 5 }]);
    expect(told).toContainEqual(['snapshotWanted', null]);
  });

  it('are not forgotten on an acknowledgement of more than was sent', () => {
    const { link, socket, outbox } = scene();
    for (let at = 1; at <= 5; at += 1) outbox.append(samplesFrame(at));
    link.start();
    socket().greet({ inFlight: 2 });
    socket().say({ type: 'ack', seq: 5 });
    expect(outbox.frames).toBe(5);
  });

  it('stay below the rate the collector allows, however fast it acknowledges', () => {
    const { link, socket, outbox, clock } = scene();
    for (let at = 1; at <= 3000; at += 1) outbox.append(samplesFrame(at));
    link.start();
    socket().greet({ inFlight: 64 });
    const sentIn = (ms: number): number => {
      const before = socket().numbers.length;
      for (let passed = 0; passed < ms; passed += 10) {
        clock.advance(10);
        socket().say({ type: 'ack', seq: socket().numbers.at(-1) ?? 0 });
      }
      return socket().numbers.length - before;
    };
    expect(sentIn(3000)).toBeLessThanOrEqual(LIMITS.frameBurst + 3 * LIMITS.framesPerS);
    const steady = sentIn(5000);
    expect(steady).toBeGreaterThan(LIMITS.framesPerS * 5 * 0.5);
    expect(steady).toBeLessThanOrEqual(LIMITS.framesPerS * 5);
  });

  it('wait while the system has not taken what was sent before', () => {
    const { link, socket, outbox, clock } = scene();
    link.start();
    socket().greet();
    socket().backlog = 2 * 1024 * 1024;
    outbox.append(samplesFrame(1));
    link.pump();
    expect(socket().numbers).toEqual([]);
    socket().backlog = 0;
    clock.advance(200);
    expect(socket().numbers).toEqual([1]);
  });
});

describe('the collector address', () => {
  it.each([
    ['https://collector.example', 'wss://collector.example/agent'],
    ['wss://collector.example:8443/', 'wss://collector.example:8443/agent'],
    ['collector.example', 'wss://collector.example/agent'],
    ['https://collector.example/base', 'wss://collector.example/base/agent'],
    ['wss://collector.example/agent', 'wss://collector.example/agent'],
    ['http://127.0.0.1:8620', 'ws://127.0.0.1:8620/agent'],
    ['http://[::1]:8620', 'ws://[::1]:8620/agent'],
    ['ws://localhost', 'ws://localhost/agent'],
  ])('%s becomes %s', (given, address) => {
    expect(deviceAddress(given)).toBe(address);
  });

  it.each([
    'http://collector.example',
    'ws://10.0.0.1',
    'http://127.0.0.1.example',
    'http://localhost.example',
  ])('%s is refused without TLS, unless asked for by name', given => {
    expect(() => deviceAddress(given)).toThrow(expect.objectContaining({ code: 'tls-required' }));
    expect(deviceAddress(given, { insecure: true })).toMatch(/^ws:/);
  });

  it.each(['ftp://collector.example', 'https://user:secret@collector.example', '', 'https://'])(
    '%s is no address',
    given => {
      expect(() => deviceAddress(given)).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
    },
  );
});
