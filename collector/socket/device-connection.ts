import { createPublicKey, randomBytes, verify } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import type { Problem } from '../../shared/problem/problem.ts';
import { closeCodeOf } from '../../shared/protocol/close-codes.ts';
import { decodeFromDevice, proofMessage } from '../../shared/protocol/frame.ts';
import type { FromDevice, Hello } from '../../shared/protocol/from-device.ts';
import { isSequenced } from '../../shared/protocol/from-device.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { skimSnapshot } from '../../shared/protocol/skim.ts';
import type { ToDevice } from '../../shared/protocol/to-device.ts';
import { PROTOCOL_VERSIONS } from '../../shared/protocol/version.ts';
import type { HotDevice } from '../fleet/hot-device.ts';
import type { IngestSession } from '../ingest/ingest.ts';

/** What a connection asks of its surroundings; device-sockets.ts is the only implementation. */
export interface ConnectionHost {
  readonly collectorId: string;
  now(): number;
  monotonic(): number;
  /** The proof was right: find or enrol the device, or say why not. */
  admit(connection: DeviceConnection, hello: Hello): Promise<Admission>;
  /** Welcomed: from now on the device's frames come through. */
  joined(connection: DeviceConnection): void;
  /** It was let in, and was gone before it could be told so. */
  abandoned(device: HotDevice): void;
  /** Has this collector still the right to promise that something is stored for good? */
  mayAcknowledge(): boolean;
  /** The socket is gone; called once. */
  left(connection: DeviceConnection, reason: string): void;
  /** Fingerprints of the findings that are held of the connection's device, stored or on their way. */
  held(connection: DeviceConnection): Readonly<Record<string, string>>;
  /** `kept`: findings of a snapshot that repeat what is held and were cut out of it. */
  frame(connection: DeviceConnection, frame: FromDevice, kept?: readonly string[]): 'ok' | 'gap';
  refusedFrame(connection: DeviceConnection, code: ProblemCode, seq: number): void;
  problem(code: ProblemCode, connection: DeviceConnection, detail: string): void;
}

export type Admission =
  | { readonly ok: true; readonly device: HotDevice }
  | { readonly ok: false; readonly code: ProblemCode; readonly retryAfterMs: number | null };

/** `greeting` waits for hello, `proving` for the signature, `admitting` for the store; only `live` carries data. */
type State = 'greeting' | 'proving' | 'admitting' | 'live' | 'closed';

/**
 * One device's WebSocket. Parses, checks turn and pace, answers; what the frames mean is decided behind `host`. Kept small:
 * tens of thousands of these live in one process.
 */
export class DeviceConnection implements IngestSession {
  readonly #ws: WebSocket;
  readonly #host: ConnectionHost;
  readonly address: string;
  readonly openedAt: number;
  #state: State = 'greeting';
  #hello: Hello | null = null;
  #nonce = '';
  #device: HotDevice | null = null;
  #badFrames = 0;
  #tokens: number = LIMITS.frameBurst;
  #refilledAt: number;
  /** Told to resend and waiting for it: frames above the gap are dropped without another answer. */
  #resyncFrom = 0;
  /** Numbers of the frames taken in and not acknowledged yet, ascending: frames are counted, not numbers, which may leap. */
  readonly #inFlight: number[] = [];
  /** The settings the device holds, by their hash; null: none, or it has not said. */
  settingsHash: string | null = null;
  /** Requests of its people of which the device does not know the end. */
  help: readonly string[] = [];
  /** It did not take a part of them. */
  settingsRefused = false;
  /** Pings sent since the device was last heard. */
  pingsUnanswered = 0;
  #leaving = '';

  constructor(ws: WebSocket, address: string, host: ConnectionHost) {
    this.#ws = ws;
    this.#host = host;
    this.address = address;
    this.openedAt = host.monotonic();
    this.#refilledAt = this.openedAt;
    ws.on('message', (data: Buffer, isBinary: boolean) => this.#onMessage(data, isBinary));
    ws.on('pong', () => {
      this.pingsUnanswered = 0;
    });
    ws.on('error', error => {
      // ws reports an oversized or broken frame here and closes by itself (1009, 1002, 1007).
      const tooLarge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      host.problem(tooLarge ? 'frame-too-large' : 'frame-malformed', this, 'websocket');
      this.#leaving ||= 'protocol-error';
    });
    ws.on('close', () => this.#leave('lost'));
  }

  /** Set once admitted; throws before that, which no caller may do. */
  get device(): HotDevice {
    if (this.#device === null) throw new Error('connection has no device yet');
    return this.#device;
  }

  get admitted(): boolean {
    return this.#device !== null;
  }

  get live(): boolean {
    return this.#state === 'live';
  }

  get greeting(): boolean {
    return this.#state !== 'live' && this.#state !== 'closed';
  }

  acknowledge(seq: number): void {
    const open = this.#inFlight.findIndex(waiting => waiting > seq);
    this.#inFlight.splice(0, open < 0 ? this.#inFlight.length : open);
    if (this.#state === 'live' && this.#host.mayAcknowledge()) {
      this.#ws.send(`{"type":"ack","seq":${seq}}`);
    }
  }

  refuse(code: ProblemCode, seq: number, detail: string): void {
    this.#host.problem(code, this, detail);
    this.send({ type: 'problem', code, seq, detail: detail.slice(0, 300) });
  }

  fail(problem: Problem): void {
    if (this.#state === 'closed') return;
    const code = problem.code === 'conflict' ? 'device-superseded' : 'store-unavailable';
    this.#host.problem(code, this, 'not stored');
    this.goodbye(code, problem.retryAfterMs ?? 5000);
  }

  send(frame: ToDevice): void {
    if (this.#state !== 'closed') this.#ws.send(JSON.stringify(frame));
  }

  /** A frame that many devices get, encoded once. */
  sendEncoded(frame: Uint8Array): void {
    if (this.#state !== 'closed') this.#ws.send(frame, { binary: false });
  }

  ping(): void {
    this.pingsUnanswered += 1;
    this.#ws.ping();
  }

  /** Ends a live connection for our own reasons, telling the device when to come back. */
  goodbye(code: ProblemCode, retryAfterMs: number): void {
    this.send({ type: 'goodbye', code, retryAfterMs });
    this.close(code);
  }

  /** Turns the device away. */
  turnAway(code: ProblemCode, retryAfterMs: number | null): void {
    this.#host.problem(code, this, 'refused');
    this.send({ type: 'refused', code, retryAfterMs });
    this.close(code);
  }

  close(code: ProblemCode): void {
    if (this.#state === 'closed') return;
    this.#ws.close(closeCodeOf(code), code);
    this.#leave(code);
  }

  /** Cuts the socket without a word: the other side does not answer any more. */
  terminate(reason: string): void {
    this.#leaving ||= reason;
    this.#ws.terminate();
  }

  /** Once, whichever comes first: our own close or the socket's end. */
  #leave(reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#host.left(this, this.#leaving || reason);
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (this.#state === 'closed') return;
    this.pingsUnanswered = 0;
    if (!this.#withinPace()) {
      this.#host.problem('too-fast', this, 'frames per second');
      this.goodbye('too-fast', 10_000);
      return;
    }
    if (isBinary) {
      this.#bad('frame-binary', 'binary frame', undefined);
      return;
    }
    if (this.#state !== 'live' && data.length > LIMITS.greetingFrameBytes) {
      this.#host.problem('frame-too-large', this, 'before hello');
      this.close('frame-too-large');
      return;
    }
    const text = data.toString('utf8');
    const skimmed = this.#state === 'live' ? skimSnapshot(text, this.#host.held(this)) : null;
    let decoded = decodeFromDevice(skimmed?.text ?? text);
    // The refusal of a frame names its place in what was sent, not in what was left of it.
    if (!decoded.ok && skimmed !== null) decoded = decodeFromDevice(text);
    if (!decoded.ok) {
      this.#bad(decoded.code, decoded.detail, decoded.seq);
      return;
    }
    this.#onFrame(decoded.frame, skimmed?.kept);
  }

  #onFrame(frame: FromDevice, kept?: readonly string[]): void {
    if (frame.type === 'hello') {
      if (this.#state === 'greeting') this.#onHello(frame);
      else this.#outOfTurn(frame.type);
      return;
    }
    if (frame.type === 'proof') {
      if (this.#state === 'proving') this.#onProof(frame.signature);
      else this.#outOfTurn(frame.type);
      return;
    }
    if (this.#state !== 'live') {
      this.#outOfTurn(frame.type);
      return;
    }
    if (frame.type === 'goodbye') {
      this.#leaving = `goodbye-${frame.reason}`;
      this.#ws.close(1000, 'goodbye');
      return;
    }
    if (isSequenced(frame)) {
      if (this.#resyncFrom > 0) {
        if (frame.seq - (frame.skipped ?? 0) > this.#resyncFrom) return;
        this.#resyncFrom = 0;
      }
      const isNew = frame.seq > this.device.received;
      if (isNew && this.#inFlight.length >= LIMITS.inFlight) {
        this.#host.problem('too-fast', this, 'frames in flight');
        this.goodbye('too-fast', 10_000);
        return;
      }
      if (this.#host.frame(this, frame, kept) === 'gap') this.#askAgain();
      else if (isNew) this.#inFlight.push(frame.seq);
      return;
    }
    this.#host.frame(this, frame);
  }

  #askAgain(): void {
    const from = this.device.received + 1;
    this.#resyncFrom = from;
    this.#host.problem('sequence-gap', this, 'resync');
    this.send({ type: 'resync', from, snapshot: false });
  }

  #onHello(hello: Hello): void {
    const version = PROTOCOL_VERSIONS.find(known => hello.versions.includes(known));
    if (version === undefined) {
      this.turnAway('version-unsupported', null);
      return;
    }
    if (hello.collectorId !== null && hello.collectorId !== this.#host.collectorId) {
      this.turnAway('collector-changed', null);
      return;
    }
    this.#hello = hello;
    this.settingsHash = hello.settings ?? null;
    this.help = hello.help ?? [];
    this.#nonce = randomBytes(32).toString('base64url');
    this.#state = 'proving';
    this.send({ type: 'challenge', version, nonce: this.#nonce, collectorId: this.#host.collectorId });
  }

  #onProof(signature: string): void {
    const hello = this.#hello;
    if (hello === null) return;
    const message = proofMessage({
      version: PROTOCOL_VERSIONS[0],
      nonce: this.#nonce,
      collectorId: this.#host.collectorId,
      publicKey: hello.publicKey,
      stream: hello.stream,
    });
    if (!signatureFits(hello.publicKey, message, signature)) {
      this.turnAway('signature-wrong', 30_000);
      return;
    }
    this.#state = 'admitting';
    this.#host.admit(this, hello).then(
      admission => this.#onAdmission(admission),
      () => this.turnAway('store-unavailable', 10_000),
    );
  }

  #onAdmission(admission: Admission): void {
    // The socket may have closed while the store was asked.
    if (this.#state !== 'admitting') {
      if (admission.ok) this.#host.abandoned(admission.device);
      return;
    }
    if (!admission.ok) {
      this.turnAway(admission.code, admission.retryAfterMs);
      return;
    }
    const { device } = admission;
    this.#device = device;
    this.#state = 'live';
    this.send({
      type: 'welcome',
      version: PROTOCOL_VERSIONS[0],
      deviceId: device.id,
      collectorId: this.#host.collectorId,
      at: this.#host.now(),
      acked: device.acked,
      have: device.hashes,
      inFlight: LIMITS.inFlight,
    });
    this.#hello = null;
    this.#nonce = '';
    this.#host.joined(this);
  }

  #outOfTurn(type: string): void {
    this.#host.problem('frame-out-of-turn', this, type);
    if (this.#state === 'live') this.goodbye('frame-out-of-turn', 10_000);
    else this.close('frame-out-of-turn');
  }

  #bad(code: ProblemCode, detail: string, seq: number | undefined): void {
    this.#badFrames += 1;
    this.#host.problem(code, this, detail);
    if (this.#state !== 'live') {
      this.close('frame-out-of-turn');
      return;
    }
    if (this.#badFrames > LIMITS.badFrames) {
      this.#host.problem('frame-too-many-bad', this, 'bad frames');
      this.close('frame-too-many-bad');
      return;
    }
    this.send({ type: 'problem', code, detail: detail.slice(0, 300), ...(seq === undefined ? {} : { seq }) });
    if (seq !== undefined) this.#host.refusedFrame(this, code, seq);
  }

  #withinPace(): boolean {
    const now = this.#host.monotonic();
    this.#tokens = Math.min(
      LIMITS.frameBurst,
      this.#tokens + ((now - this.#refilledAt) * LIMITS.framesPerS) / 1000,
    );
    this.#refilledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

function signatureFits(publicKey: string, message: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(message, 'utf8'), key, Buffer.from(signature, 'base64url'));
  } catch {
    // A key that is no point on the curve: as wrong as a wrong signature.
    return false;
  }
}
