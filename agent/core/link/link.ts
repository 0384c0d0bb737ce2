import { assertNever } from '../../../shared/base/assert-never.ts';
import { fullJitter, jittered } from '../../../shared/base/backoff.ts';
import type { Clock } from '../../../shared/base/clock.ts';
import { SECOND } from '../../../shared/base/durations.ts';
import { isProblemCode, type ProblemCode } from '../../../shared/problem/codes.ts';
import { toProblem } from '../../../shared/problem/problem.ts';
import { problemOfClose } from '../../../shared/protocol/close-codes.ts';
import { decodeToDevice, encodeFrame, proofMessage } from '../../../shared/protocol/frame.ts';
import type {
  DeviceGoodbye,
  FromDevice,
  Hello,
  Scanned,
  SettingsTaken,
} from '../../../shared/protocol/from-device.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import type {
  Challenge,
  DeviceSettings,
  HelpStandings,
  ProblemFrame,
  RequestScan,
  Standing,
  ToDevice,
  Watch,
  Welcome,
} from '../../../shared/protocol/to-device.ts';
import { PROTOCOL_VERSIONS } from '../../../shared/protocol/version.ts';
import type { Enrolment } from '../identity/enrolment.ts';
import { type Outbox, wireText } from '../outbox/outbox.ts';
import { planFor, SLOW_RETRY_MS } from './refusal.ts';
import type { Socket, SocketFactory } from './socket.ts';

export type LinkState =
  | { readonly at: 'stopped' }
  /** Waiting for the next attempt. `code` is the collector's word or ours; null: the connection just ended. */
  | {
      readonly at: 'offline';
      readonly retryInMs: number;
      readonly code: ProblemCode | null;
      readonly detail: string;
    }
  | { readonly at: 'connecting' }
  | { readonly at: 'greeting' }
  | { readonly at: 'live' };

/** What the rest of the agent does when the collector says something. Called from the socket's events. */
export interface LinkEvents {
  state(state: LinkState): void;
  /** After the outbox was told what is stored, before its frames are sent. */
  welcomed(welcome: Welcome): void;
  acked(seq: number): void;
  /** A full snapshot is wanted; what it appends is sent after what waits already. */
  snapshotWanted(): void;
  settings(settings: DeviceSettings): void;
  scanRequested(request: RequestScan): void;
  watched(watch: Watch): void;
  /** How the collector sees this device. */
  standing?(standing: Standing): void;
  /** How the collector has requests of this device's people. */
  help?(standings: HelpStandings): void;
  problem(problem: Pick<ProblemFrame, 'code' | 'seq' | 'detail'>): void;
  /** The key was replaced: everything waiting is gone and the stream is new. */
  renewed(): void;
}

export interface LinkOptions {
  readonly address: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly connect: SocketFactory;
  readonly enrolment: Enrolment;
  readonly outbox: Outbox;
  /** Who we say we are, asked anew for every connection. */
  readonly describe: () => Pick<Hello, 'agent' | 'identity' | 'settings' | 'help'>;
  /** How a key the collector does not know asks to be let in. */
  readonly admission: () => { readonly token: string | null; readonly admission: boolean };
  readonly events: LinkEvents;
}

export interface Link {
  start(): void;
  /** Says goodbye, closes, and stays closed. Resolves when the socket has ended, after a second at the latest. */
  stop(reason: DeviceGoodbye['reason']): Promise<void>;
  /** There is something new in the outbox. */
  pump(): void;
  /** The answer to `request-scan` or `settings`; lost when there is no connection, as the request then is. */
  answer(answer: Scanned | SettingsTaken): void;
  /** The system woke up: try at once, or make sure that the connection still carries. */
  wake(): void;
  readonly state: LinkState;
}

/** A connection that lived shorter than this counts as a failed attempt. */
const PROVEN_MS = 10 * SECOND;
/** Longest wait between two attempts on our own account, and the least that is allowed however short the outage was. */
const LONGEST_MS = 60 * SECOND;
const SHORTEST_CAP_MS = 2 * SECOND;
/** From the first packet to the welcome. The collector closes after `greetingMs`; this is for one that does not. */
const GREETING_MS = LIMITS.greetingMs + 10 * SECOND;
const SILENCE_MS = 2.5 * LIMITS.pingMs;
/** After waking up: how long the other side has to answer a ping. */
const WAKE_PROBE_MS = 10 * SECOND;
const STOP_MS = 1000;
/** Below the collector's limits, so that a long replay behind live samples is never cut off for being fast. */
const FRAMES_PER_S = LIMITS.framesPerS * 0.75;
const FRAME_BURST = LIMITS.frameBurst / 2;
const BACKLOG_BYTES = 1024 * 1024;

/**
 * The connection to the collector as a state machine:
 *
 *     stopped → connecting → greeting → live
 *                  ↑            │         │
 *                  └─ offline ←─┴─────────┘
 *
 * Retries wait with capped exponential growth and jitter over the whole interval; a slot given by the collector (in a
 * refusal, a goodbye or the HTTP answer) wins. Nothing here throws; what the collector says wrongly is ignored.
 */
export function createLink(options: LinkOptions): Link {
  const { clock, random, enrolment, outbox, events } = options;
  let state: LinkState = { at: 'stopped' };
  let socket: Socket | null = null;
  /** Counts connections, so that a late event of an old socket is told from one of the current. */
  let connection = 0;
  let attempt = 0;
  /** When the last connection that proved itself was lost, or the first one tried; monotonic. */
  let downSince = clock.monotonic();
  let admissionOnly = false;
  let liveSince = 0;
  let heard = 0;
  let version = 0;
  /** Highest number sent or known to be stored, on this connection. */
  let cursor = 0;
  let inFlight: number[] = [];
  let window: number = LIMITS.inFlight;
  let allowance = FRAME_BURST;
  let allowanceAt = 0;
  let pumpAgain: (() => void) | null = null;
  let stopTimer: (() => void) | null = null;
  let stopped: (() => void) | null = null;

  function enter(next: LinkState): void {
    state = next;
    events.state(next);
  }

  function timer(ms: number, run: () => void): void {
    stopTimer?.();
    stopTimer = clock.after(ms, () => {
      stopTimer = null;
      run();
    });
  }

  function quiet(): void {
    stopTimer?.();
    stopTimer = null;
    pumpAgain?.();
    pumpAgain = null;
  }

  /** Leaves the current socket behind; its later events are not ours any more. */
  function abandon(how: 'drop' | 'close'): void {
    connection += 1;
    const old = socket;
    socket = null;
    quiet();
    if (how === 'drop') old?.drop();
    else old?.close(1000);
  }

  function wait(ms: number, code: ProblemCode | null, detail: string): void {
    enter({ at: 'offline', retryInMs: ms, code, detail });
    timer(ms, connect);
  }

  /** Milliseconds to the next attempt; with a slot, the slot and up to a tenth of it more, at most five seconds. */
  function delay(slot: number | null | undefined, retry: 'soon' | 'slowly'): number {
    if (slot !== null && slot !== undefined) {
      return slot + Math.floor(random() * Math.min(5 * SECOND, 100 + slot / 10));
    }
    if (retry === 'slowly') return jittered(SLOW_RETRY_MS, random);
    // An outage of seconds must not cost the unlucky half a minute: nobody waits more than three times as long as it has lasted.
    const down = clock.monotonic() - downSince;
    const ms = fullJitter(attempt, random, {
      capMs: Math.min(LONGEST_MS, Math.max(SHORTEST_CAP_MS, 3 * down)),
    });
    attempt += 1;
    return ms;
  }

  /** Keeping the identity can fail with the disk; the conversation goes on with what is in memory. */
  function keeping(work: () => void): void {
    try {
      work();
    } catch (error) {
      const { code, detail } = toProblem(error);
      events.problem({ code, detail });
    }
  }

  function lost(code: ProblemCode | null, detail: string, slot?: number | null): void {
    if (state.at === 'live' && clock.monotonic() - liveSince >= PROVEN_MS) {
      attempt = 0;
      downSince = clock.monotonic();
    }
    const plan = planFor(code);
    switch (plan.effect) {
      case 'none':
        break;
      case 'enrol-again':
        keeping(() => enrolment.forgotten());
        break;
      case 'new-key':
        keeping(() => enrolment.renew());
        keeping(() => outbox.reset());
        admissionOnly = true;
        events.renewed();
        break;
      case 'admission-instead':
        if (options.admission().admission && !admissionOnly) {
          admissionOnly = true;
          wait(delay(slot, 'soon'), code, detail);
          return;
        }
        break;
      default:
        assertNever(plan.effect, 'refusal effect');
    }
    wait(delay(slot, plan.retry), code, detail);
  }

  function connect(): void {
    abandon('drop');
    connection += 1;
    const mine = connection;
    const current = (): boolean => mine === connection;
    version = 0;
    enter({ at: 'connecting' });
    timer(GREETING_MS, () => {
      abandon('drop');
      lost('greeting-timeout', 'no welcome in time');
    });
    socket = options.connect(options.address, {
      opened() {
        if (!current()) return;
        enter({ at: 'greeting' });
        greet();
      },
      received(text) {
        if (!current()) return;
        heard = clock.monotonic();
        const decoded = decodeToDevice(text);
        if (decoded.ok) receive(decoded.frame);
        else events.problem({ code: decoded.code, detail: decoded.detail });
      },
      alive() {
        if (current()) heard = clock.monotonic();
      },
      closed(code, detail, retryAfterMs) {
        if (!current()) {
          if (socket === null) stopped?.();
          return;
        }
        abandon('drop');
        lost(problemOfClose(code), detail === '' ? `closed with ${code}` : detail, retryAfterMs);
      },
    });
  }

  function send(frame: FromDevice): void {
    socket?.send(encodeFrame(frame));
  }

  function enrolmentClaim(): Hello['enrolment'] {
    if (enrolment.deviceId !== null) return undefined;
    const { token } = options.admission();
    return token !== null && !admissionOnly ? { by: 'token', token } : { by: 'admission' };
  }

  function greet(): void {
    const claim = enrolmentClaim();
    send({
      type: 'hello',
      versions: [...PROTOCOL_VERSIONS],
      ...options.describe(),
      publicKey: enrolment.publicKey,
      ...(claim === undefined ? {} : { enrolment: claim }),
      collectorId: enrolment.collectorId,
      stream: outbox.stream,
      at: Math.max(0, Math.round(clock.now())),
      nextSeq: outbox.firstUnacked,
    });
  }

  function prove(challenge: Challenge): void {
    if (!PROTOCOL_VERSIONS.some(spoken => spoken === challenge.version)) {
      abandon('close');
      lost('version-unsupported', 'the collector picked a version we did not offer');
      return;
    }
    // SECURITY: a device that belongs to one collector proves itself to no other, even if that one would let it in.
    if (enrolment.collectorId !== null && enrolment.collectorId !== challenge.collectorId) {
      abandon('close');
      lost('collector-changed', 'another collector answers at this address');
      return;
    }
    version = challenge.version;
    const message = proofMessage({
      version,
      nonce: challenge.nonce,
      collectorId: challenge.collectorId,
      publicKey: enrolment.publicKey,
      stream: outbox.stream,
    });
    send({ type: 'proof', signature: enrolment.sign(message) });
  }

  function welcomed(welcome: Welcome): void {
    keeping(() => enrolment.welcomed(welcome.deviceId, welcome.collectorId));
    admissionOnly = false;
    outbox.ack(welcome.acked);
    cursor = welcome.acked;
    inFlight = [];
    window = Math.min(welcome.inFlight, LIMITS.inFlight);
    liveSince = clock.monotonic();
    heard = liveSince;
    allowance = FRAME_BURST;
    allowanceAt = liveSince;
    quiet();
    watchSilence();
    enter({ at: 'live' });
    events.welcomed(welcome);
    pump();
  }

  function watchSilence(): void {
    timer(heard + SILENCE_MS - clock.monotonic(), () => {
      if (clock.monotonic() - heard < SILENCE_MS) {
        watchSilence();
        return;
      }
      abandon('drop');
      lost(null, 'the collector went silent');
    });
  }

  function pumpIn(ms: number): void {
    if (pumpAgain !== null) return;
    pumpAgain = clock.after(ms, () => {
      pumpAgain = null;
      pump();
    });
  }

  function pump(): void {
    if (state.at !== 'live' || socket === null) return;
    const now = clock.monotonic();
    allowance = Math.min(FRAME_BURST, allowance + ((now - allowanceAt) / SECOND) * FRAMES_PER_S);
    allowanceAt = now;
    while (inFlight.length < window) {
      if (allowance < 1 || socket.backlog > BACKLOG_BYTES) {
        pumpIn(SECOND / 10);
        return;
      }
      const frame = outbox.after(cursor);
      if (frame === null) return;
      socket.send(wireText(frame, frame.seq - cursor - 1));
      allowance -= 1;
      cursor = frame.seq;
      inFlight.push(frame.seq);
    }
  }

  function receive(frame: ToDevice): void {
    if (frame.type === 'refused') {
      const code = isProblemCode(frame.code) ? frame.code : null;
      abandon('close');
      lost(code, frame.code, frame.retryAfterMs);
      return;
    }
    if (state.at === 'greeting') {
      if (frame.type === 'challenge') prove(frame);
      else if (frame.type === 'welcome' && version > 0) welcomed(frame);
      else if (frame.type === 'goodbye') leave(frame.code, frame.retryAfterMs);
      return;
    }
    if (state.at !== 'live') return;
    switch (frame.type) {
      case 'ack':
        // Never beyond what was sent: an acknowledgement of the future would lose what is still here.
        if (frame.seq > cursor) {
          events.problem({ code: 'sequence-gap', detail: 'acknowledged more than was sent' });
          return;
        }
        outbox.ack(frame.seq);
        inFlight = inFlight.filter(seq => seq > frame.seq);
        events.acked(frame.seq);
        pump();
        return;
      case 'resync':
        cursor = Math.min(cursor, frame.from - 1);
        inFlight = [];
        if (frame.snapshot) events.snapshotWanted();
        pump();
        return;
      case 'settings':
        events.settings(frame);
        return;
      case 'request-scan':
        events.scanRequested(frame);
        return;
      case 'watch':
        events.watched(frame);
        return;
      case 'standing':
        events.standing?.(frame);
        return;
      case 'help':
        events.help?.(frame);
        return;
      case 'problem':
        events.problem(frame);
        return;
      case 'goodbye':
        leave(frame.code, frame.retryAfterMs);
        return;
      case 'challenge':
      case 'welcome':
        return;
      default:
        assertNever(frame, 'frame');
    }
  }

  function leave(code: string, retryAfterMs: number): void {
    abandon('close');
    lost(isProblemCode(code) ? code : null, code, retryAfterMs);
  }

  return {
    get state() {
      return state;
    },
    start() {
      if (state.at === 'stopped') connect();
    },
    async stop(reason) {
      if (state.at === 'stopped') return;
      const open = socket !== null && (state.at === 'live' || state.at === 'greeting');
      if (open) send({ type: 'goodbye', reason });
      const hadSocket = socket !== null;
      const last = socket;
      const ended = new Promise<void>(resolve => {
        stopped = resolve;
        if (!hadSocket) resolve();
      });
      abandon(open ? 'close' : 'drop');
      enter({ at: 'stopped' });
      const cancel = clock.after(STOP_MS, () => {
        last?.drop();
        stopped?.();
      });
      await ended;
      cancel();
    },
    pump,
    answer(answer) {
      if (state.at === 'live') send(answer);
    },
    wake() {
      if (state.at === 'offline') {
        attempt = 0;
        // A slot or a refusal that only a person can lift is not shortened by a nap.
        if (state.code === null) wait(fullJitter(1, random), null, state.detail);
        return;
      }
      if (state.at !== 'live' || socket === null) return;
      const asked = clock.monotonic();
      heard = Math.min(heard, asked - 1);
      socket.ping();
      timer(WAKE_PROBE_MS, () => {
        if (heard >= asked) {
          watchSilence();
          return;
        }
        abandon('drop');
        lost(null, 'no answer after waking up');
      });
    },
  };
}
