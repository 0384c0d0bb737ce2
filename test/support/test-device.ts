import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import WebSocket from 'ws';
import type { Findings } from '../../shared/device/finding.ts';
import type { DeviceIdentity } from '../../shared/device/identity.ts';
import { proofMessage } from '../../shared/protocol/frame.ts';
import type { DeviceEvent, Hello, SequencedFrame } from '../../shared/protocol/from-device.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import type { SampleRow } from '../../shared/protocol/samples.ts';
import { type Challenge, type ToDevice, toDevice, type Welcome } from '../../shared/protocol/to-device.ts';
import { DEVICE_PATH, DEVICE_SUBPROTOCOL } from '../../shared/protocol/version.ts';
import { eventually, sleepFor, type Waiting, within } from './eventually.ts';
import { identity } from './records.ts';
import { closeAtEnd } from './teardown.ts';

/*
 * A device written for tests, from the protocol's schemas and not from the agent's code, so that a mistake in the agent is
 * not made twice. It follows the protocol as long as it is asked to and breaks it in every way when it is asked to.
 */

/** The HTTP answer that came instead of a WebSocket. */
export class UpgradeRefused extends Error {
  readonly status: number;
  readonly problem: string | null;
  readonly retryAfterMs: number | null;

  constructor(status: number, problem: string | null, retryAfterMs: number | null) {
    super(`upgrade refused with ${status} ${problem ?? ''}`);
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The collector's word instead of a welcome. */
export class Refused extends Error {
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(code: string, retryAfterMs: number | null) {
    super(`refused: ${code}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The connection ended instead of a welcome. */
export class ClosedEarly extends Error {
  readonly code: number;

  constructor({ code, reason }: Closed) {
    super(`closed before welcome: ${code} ${reason}`);
    this.code = code;
  }
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** One WebSocket to the device path: raw sending, everything received is kept. */
export class DeviceSocket {
  readonly ws: WebSocket;
  readonly received: ToDevice[] = [];
  readonly closed: Promise<Closed>;
  #isClosed: Closed | null = null;
  onFrame: (frame: ToDevice) => void = () => undefined;

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('error', () => undefined);
    ws.on('message', data => {
      const frame = toDevice.parse(JSON.parse(String(data)));
      this.received.push(frame);
      this.onFrame(frame);
    });
    this.closed = new Promise(resolve => {
      ws.once('close', (code, reason) => {
        this.#isClosed = { code, reason: String(reason) };
        resolve(this.#isClosed);
      });
    });
  }

  /** @throws UpgradeRefused, or the connection's error. */
  static open(
    url: string,
    {
      protocol = DEVICE_SUBPROTOCOL,
      headers = {},
    }: { protocol?: string | null; headers?: Record<string, string> } = {},
  ): Promise<DeviceSocket> {
    return new Promise((resolve, reject) => {
      const address = `${url.replace(/^http/, 'ws')}${DEVICE_PATH}`;
      const ws = new WebSocket(address, protocol === null ? [] : [protocol], {
        perMessageDeflate: false,
        headers,
        handshakeTimeout: 30_000,
      });
      const socket = new DeviceSocket(ws);
      const forget = closeAtEnd(() => ws.terminate());
      void socket.closed.then(forget);
      ws.once('open', () => resolve(socket));
      ws.once('unexpected-response', (request, response) => {
        const slot = response.headers['trayline-retry-after-ms'];
        const problem = response.headers['trayline-problem'];
        response.resume();
        request.destroy();
        ws.terminate();
        reject(
          new UpgradeRefused(
            response.statusCode ?? 0,
            typeof problem === 'string' ? problem : null,
            typeof slot === 'string' ? Number(slot) : null,
          ),
        );
      });
      ws.once('error', reject);
    });
  }

  get isClosed(): Closed | null {
    return this.#isClosed;
  }

  send(frame: object): void {
    this.ws.send(JSON.stringify(frame));
  }

  sendText(text: string): void {
    this.ws.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    this.ws.send(bytes, { binary: true });
  }

  /** The first frame of this type that fits; also one that came already. */
  frame<Type extends ToDevice['type']>(
    type: Type,
    fits: (frame: Extract<ToDevice, { type: Type }>) => boolean = () => true,
    withinMs = 15_000,
  ): Promise<Extract<ToDevice, { type: Type }>> {
    const isWanted = (frame: ToDevice): frame is Extract<ToDevice, { type: Type }> => frame.type === type;
    return eventually(() => this.received.filter(isWanted).find(fits), {
      what: `a ${type} frame`,
      withinMs,
      state: () => ({ received: this.received.slice(-5), closed: this.#isClosed }),
    });
  }

  end(waiting: Partial<Waiting> = {}): Promise<Closed> {
    return within(this.closed, {
      what: 'the end of the connection',
      state: () => this.received.slice(-5),
      ...waiting,
    });
  }

  drop(): void {
    this.ws.terminate();
  }
}

export interface DeviceKey {
  readonly privateKey: KeyObject;
  /** Raw Ed25519 public key, base64url. */
  readonly publicKey: string;
}

export function newKey(): DeviceKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  if (x === undefined) throw new Error('no public key');
  return { privateKey, publicKey: x };
}

let made = 0;

/** Hardware that no other device of this test run has. */
export function newIdentity(overrides: Partial<DeviceIdentity> = {}): DeviceIdentity {
  made += 1;
  const n = (process.pid * 1000 + made) % 0xffffffff;
  const hex = n.toString(16).padStart(8, '0');
  return identity({
    hostname: `PRIVATE-LT-${hex}`,
    machineId: hex.repeat(4),
    serial: `SER-${hex.toUpperCase()}-X7`,
    hardwareUuid: `${hex}-2222-4333-8444-555555555555`,
    person: `p.private${made}`,
    macs: [`3c:52:${hex.match(/../g)?.join(':') ?? ''}`],
    ...overrides,
  });
}

type NewFrame = SequencedFrame extends infer One
  ? One extends SequencedFrame
    ? Omit<One, 'seq'>
    : never
  : never;

export interface TestDeviceOptions {
  readonly url: string;
  readonly key?: DeviceKey;
  readonly identity?: DeviceIdentity;
  readonly token?: string;
  readonly admission?: boolean;
  readonly stream?: string;
}

/** Below what the collector allows, as a well-behaved device stays. */
const FRAMES_PER_S = LIMITS.framesPerS * 0.7;
const BURST = LIMITS.frameBurst / 2;

interface Held {
  readonly seq: number;
  readonly frame: NewFrame;
}

/** A device with a key, a stream, an outbox and an in-flight window of its own. */
export class TestDevice {
  url: string;
  readonly key: DeviceKey;
  identity: DeviceIdentity;
  readonly token: string | undefined;
  readonly admission: boolean;
  stream: string;
  deviceId: string | null = null;
  collectorId: string | null = null;
  socket: DeviceSocket | null = null;
  /** Highest number ever acknowledged in this stream, and how many acknowledgements came. */
  acked = 0;
  acks = 0;
  /** Welcomes so far. */
  welcomes = 0;
  /** Slots and other waiting times the collector handed out. */
  readonly slots: number[] = [];
  nextSeq = 1;
  /** Numbers of the readings written, in order. */
  readonly written: number[] = [];
  #held: Held[] = [];
  #cursor = 0;
  #window = 64;
  #allowance = BURST;
  #allowanceAt = performance.now();
  #later: NodeJS.Timeout | null = null;
  #staying: Promise<void> | null = null;
  #leaving = false;

  constructor(options: TestDeviceOptions) {
    this.url = options.url;
    this.key = options.key ?? newKey();
    this.identity = options.identity ?? newIdentity();
    this.token = options.token;
    this.admission = options.admission ?? false;
    this.stream = options.stream ?? randomBytes(8).toString('hex');
    closeAtEnd(() => this.leave());
  }

  /** How many of the readings written are acknowledged. */
  get ackedReadings(): number {
    return this.written.length - this.#held.filter(({ frame }) => frame.type === 'samples').length;
  }

  get unacked(): number {
    return this.#held.length;
  }

  get id(): string {
    if (this.deviceId === null) throw new Error('not enrolled');
    return this.deviceId;
  }

  hello(overrides: Partial<Hello> = {}): Hello {
    const by = this.token === undefined ? (this.admission ? 'admission' : null) : 'token';
    return {
      type: 'hello',
      versions: [1],
      agent: { version: '0.1.0', arch: 'x64', runtime: 'test device' },
      publicKey: this.key.publicKey,
      ...(by === null || this.deviceId !== null
        ? {}
        : { enrolment: by === 'token' ? { by, token: this.token ?? '' } : { by } }),
      collectorId: this.collectorId,
      identity: this.identity,
      stream: this.stream,
      at: Date.now(),
      nextSeq: this.#held[0]?.seq ?? this.nextSeq,
      ...overrides,
    };
  }

  proof(challenge: Challenge, key: DeviceKey = this.key): { type: 'proof'; signature: string } {
    const message = proofMessage({
      version: challenge.version,
      nonce: challenge.nonce,
      collectorId: challenge.collectorId,
      publicKey: this.key.publicKey,
      stream: this.stream,
    });
    return {
      type: 'proof',
      signature: sign(null, Buffer.from(message), key.privateKey).toString('base64url'),
    };
  }

  /**
   * One attempt: socket, hello, proof, welcome; then what is held is sent.
   *
   * @throws UpgradeRefused, Refused, or ClosedEarly when the connection ends first.
   */
  async connect(): Promise<Welcome> {
    const socket = await DeviceSocket.open(this.url);
    const answered = new Promise<Welcome>((resolve, reject) => {
      socket.onFrame = frame => {
        if (frame.type === 'challenge') socket.send(this.proof(frame));
        else if (frame.type === 'welcome') {
          this.#welcomed(socket, frame);
          resolve(frame);
        } else if (frame.type === 'refused') reject(new Refused(frame.code, frame.retryAfterMs));
      };
      void socket.closed.then(closed => reject(new ClosedEarly(closed)));
    });
    socket.send(this.hello());
    return within(answered, { what: 'a welcome', withinMs: 30_000, state: () => socket.received });
  }

  #welcomed(socket: DeviceSocket, welcome: Welcome): void {
    this.socket = socket;
    this.deviceId = welcome.deviceId;
    this.collectorId = welcome.collectorId;
    this.welcomes += 1;
    this.#window = welcome.inFlight;
    this.#acknowledged(welcome.acked);
    this.#cursor = welcome.acked;
    socket.onFrame = frame => this.#onFrame(frame);
    this.#pump();
  }

  #onFrame(frame: ToDevice): void {
    if (frame.type === 'ack') {
      this.acks += 1;
      this.#acknowledged(frame.seq);
    } else if (frame.type === 'resync') this.#cursor = frame.from - 1;
    else if (frame.type === 'goodbye') this.slots.push(frame.retryAfterMs);
    this.#pump();
  }

  #acknowledged(seq: number): void {
    if (seq >= this.nextSeq)
      throw new Error(`acknowledged ${seq}, but only ${this.nextSeq - 1} were written`);
    this.acked = Math.max(this.acked, seq);
    this.#held = this.#held.filter(held => held.seq > seq);
  }

  /** Puts a frame into the outbox and sends it when its turn comes. */
  write(frame: NewFrame): number {
    const seq = this.nextSeq;
    this.nextSeq += 1;
    this.#held.push({ seq, frame });
    this.#pump();
    return seq;
  }

  /** A reading that carries `n`, so that it can be told from every other (netRxBytesPerS). */
  sample(n: number = this.written.length + 1, at: number = Date.now()): number {
    this.written.push(n);
    return this.write({ type: 'samples', at, rows: [[at, 5, 40, 1e11, n, 0, 0, 0, null]] });
  }

  rows(rows: SampleRow[]): number {
    return this.write({ type: 'samples', at: Date.now(), rows });
  }

  snapshot(findings: Findings): number {
    return this.write({ type: 'snapshot', at: Date.now(), identity: this.identity, findings });
  }

  event(kind: DeviceEvent['kind'], data: DeviceEvent['data'] = {}, at: number = Date.now()): number {
    return this.write({ type: 'events', at, events: [{ at, kind, data }] });
  }

  #pump(): void {
    const { socket } = this;
    if (socket === null || socket.ws.readyState !== WebSocket.OPEN) return;
    const now = performance.now();
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#allowanceAt) * FRAMES_PER_S) / 1000);
    this.#allowanceAt = now;
    for (const { seq, frame } of this.#held) {
      if (seq <= this.#cursor) continue;
      if (seq > this.acked + this.#window) return;
      if (this.#allowance < 1) {
        this.#later ??= setTimeout(() => {
          this.#later = null;
          this.#pump();
        }, 50);
        return;
      }
      this.#allowance -= 1;
      socket.send({ ...frame, seq });
      this.#cursor = seq;
    }
  }

  /** Waits until everything written is acknowledged. */
  async delivered(withinMs = 20_000): Promise<void> {
    await eventually(() => this.unacked === 0, {
      what: 'everything acknowledged',
      withinMs,
      state: () => ({ acked: this.acked, nextSeq: this.nextSeq, closed: this.socket?.isClosed }),
    });
  }

  /** Keeps connecting, as an agent does: at the slot it was given, else after a short random wait. */
  stay(): void {
    this.#staying ??= (async () => {
      while (!this.#leaving) {
        let wait: number | null = null;
        try {
          const before = this.slots.length;
          await this.connect();
          await this.socket?.closed;
          wait = this.slots.length > before ? (this.slots.at(-1) ?? null) : null;
        } catch (error) {
          if (error instanceof UpgradeRefused || error instanceof Refused) wait = error.retryAfterMs;
          if (wait !== null) this.slots.push(wait);
        }
        if (!this.#leaving) await sleepFor(Math.min(wait ?? 50 + Math.random() * 150, 10_000));
      }
    })();
  }

  /** Cuts the connection without a word. */
  drop(): void {
    this.socket?.drop();
  }

  async leave(): Promise<void> {
    this.#leaving = true;
    if (this.#later !== null) clearTimeout(this.#later);
    this.socket?.drop();
    await this.#staying;
  }
}

/** A device that streams one reading after the other, to see whether somebody else's trouble disturbs it. */
export class Neighbour {
  readonly device: TestDevice;
  #timer: NodeJS.Timeout | null = null;

  private constructor(device: TestDevice) {
    this.device = device;
  }

  static async start(options: TestDeviceOptions, everyMs = 20): Promise<Neighbour> {
    const neighbour = new Neighbour(new TestDevice(options));
    await neighbour.device.connect();
    neighbour.#timer = setInterval(() => neighbour.device.sample(), everyMs);
    closeAtEnd(() => neighbour.stop());
    return neighbour;
  }

  /** Proves that acknowledgements keep coming on the very connection it began with. */
  async undisturbed(): Promise<void> {
    const from = this.device.nextSeq;
    await eventually(() => this.device.acked >= from, {
      what: 'the neighbour is acknowledged',
      state: () => ({ acked: this.device.acked, from, closed: this.device.socket?.isClosed }),
    });
    if (this.device.welcomes !== 1) throw new Error('the neighbour lost its connection');
  }

  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
