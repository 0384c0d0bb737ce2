import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MINUTE, SECOND } from '../../shared/base/durations.ts';
import {
  compareIdentity,
  type DeviceIdentity,
  isSameIdentity,
  sharesMac,
} from '../../shared/device/identity.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';
import { isProblem } from '../../shared/problem/problem.ts';
import {
  type FromDevice,
  type Hello,
  isSequenced,
  type Scanned,
  type SettingsTaken,
} from '../../shared/protocol/from-device.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { DEVICE_SUBPROTOCOL } from '../../shared/protocol/version.ts';
import type { HotDevice } from '../fleet/hot-device.ts';
import type { HotFleet } from '../fleet/hot-fleet.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Store, StoredEvent } from '../store/store.ts';
import { type Admission, type ConnectionHost, DeviceConnection } from './device-connection.ts';
import { Greetings } from './greetings.ts';
import { ConnectSlots } from './slots.ts';

export interface DeviceSocketsOptions {
  readonly collectorId: string;
  readonly store: Store;
  readonly fleet: HotFleet;
  readonly ingest: Ingest;
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly random: () => number;
  /** New connections let in per second; above it devices get reconnect slots. */
  readonly connectsPerS: number;
  /** May devices without a token ask to be admitted by a person? */
  readonly admission: boolean;
  readonly onProblem: (code: ProblemCode, device: string | null, detail: string) => void;
  readonly onFrame: (type: FromDevice['type']) => void;
  readonly onAudit: (
    action: 'device.enrolled' | 'device.waiting' | 'device.cloned-key' | 'device.duplicate-identity',
    subject: string,
    data: Record<string, string | number | boolean | null>,
  ) => void;
  readonly onScanned: (device: HotDevice, answer: Scanned) => void;
  /** What every agent is told: its hash (null: nobody has set anything), and the frame that says it. */
  readonly agentSettings: () => { readonly hash: string | null; readonly frame: Uint8Array };
  readonly onSettingsRefused: (device: HotDevice, answer: SettingsTaken) => void;
  /** A device that has connected asks how these requests of its people stand. */
  readonly onHelpAsked: (device: HotDevice, ids: readonly string[]) => void;
  /** Presence or identity changed: the row must be shown anew. */
  readonly onPresence: (device: HotDevice) => void;
  readonly onWaiting: () => void;
  /** From now on only this collector may write the device; true when memory was read anew, because others had written it. */
  readonly claim: (device: HotDevice) => Promise<boolean>;
  /** The device has left here. */
  readonly onLeft: (device: HotDevice) => void;
  /** Has this collector the right to promise anything? Asked before each acknowledgement. */
  readonly holds: () => boolean;
  /** Is it connected to another collector, and was heard there only now? */
  readonly isBusyElsewhere: (device: HotDevice) => boolean;
}

/** Who comes while this collector may promise nothing is asked back after this long. */
const AWAY_MS = 2000;
/** How often link events and connection notes are written: one small transaction instead of one per connection. */
const NOTES_MS = 200;
/** Devices told of changed settings between two breaths of the event loop. */
const TOLD_AT_ONCE = 200;
/** Sweeps over all connections: pings and greeting deadlines. */
const SWEEP_MS = SECOND;

/** Every device connection of this collector: lets them in, pings them, finds them by device. */
export class DeviceSockets implements ConnectionHost {
  readonly collectorId: string;
  readonly #options: DeviceSocketsOptions;
  readonly #server: WebSocketServer;
  readonly #slots: ConnectSlots;
  readonly #greetings = new Greetings<DeviceConnection>();
  readonly #connections = new Set<DeviceConnection>();
  readonly #byDevice = new Map<string, DeviceConnection>();
  /** How often each device was let in during this minute. */
  readonly #joins = new Map<string, number>();
  #notes: { device: string; event: StoredEvent }[] = [];
  #notesTimer: NodeJS.Timeout | null = null;
  #notesWritten: Promise<void> = Promise.resolve();
  readonly #sweeper: NodeJS.Timeout;
  #sweeps = 0;
  #stopping = false;
  /** Connections joined since the start, for the status line and the load test. */
  joinedCount = 0;

  constructor(options: DeviceSocketsOptions) {
    this.#options = options;
    this.collectorId = options.collectorId;
    this.#slots = new ConnectSlots(options.connectsPerS, options.random);
    this.#server = new WebSocketServer({
      noServer: true,
      maxPayload: LIMITS.frameBytes,
      // Compression costs about 300 KiB a connection and the frames are small.
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: offered => (offered.has(DEVICE_SUBPROTOCOL) ? DEVICE_SUBPROTOCOL : false),
    });
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  get size(): number {
    return this.#byDevice.size;
  }

  now(): number {
    return this.#options.now();
  }

  monotonic(): number {
    return this.#options.monotonic();
  }

  /** An HTTP upgrade on the device path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): void {
    const now = this.monotonic();
    const place = this.#greetings.place(address, now);
    const isAway = !this.#stopping && !this.#options.holds();
    const retryAfterMs =
      this.#stopping || isAway ? AWAY_MS : this.#slots.ask(now, this.#greetings.pressing(now));
    if (retryAfterMs > 0 || place === null) {
      const wait = Math.max(retryAfterMs, 500);
      const code: ProblemCode = this.#stopping
        ? 'collector-stopping'
        : isAway
          ? 'store-unavailable'
          : 'collector-busy';
      this.#options.onProblem(code, null, 'reconnect slot');
      // Before the upgrade: the cheapest possible answer, so that a storm costs less than it brings.
      socket.end(
        `HTTP/1.1 503 Service Unavailable\r\nRetry-After: ${Math.ceil(wait / 1000)}\r\nTrayline-Retry-After-Ms: ${wait}\r\nTrayline-Problem: ${code}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    // A browser always sends Origin; an agent never does. A web page has no business here.
    if (request.headers.origin !== undefined) {
      this.#options.onProblem('origin-refused', null, 'device socket');
      socket.end(
        'HTTP/1.1 403 Forbidden\r\nTrayline-Problem: origin-refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
      return;
    }
    if (place !== 'free') {
      this.#options.onProblem('greeting-timeout', null, 'gave its place to another');
      place.close('greeting-timeout');
    }
    this.#server.handleUpgrade(request, socket, head, ws => {
      const connection = new DeviceConnection(ws, address, this);
      this.#connections.add(connection);
      this.#greetings.add(connection);
      if (ws.protocol !== DEVICE_SUBPROTOCOL) connection.turnAway('version-unsupported', null);
    });
  }

  async admit(connection: DeviceConnection, hello: Hello): Promise<Admission> {
    const { fleet, ingest, store } = this.#options;
    let device = fleet.byKey(hello.publicKey);
    // Another collector may have let it in a moment ago.
    if (device === null && store.cluster.isShared) {
      const known = await store.getDeviceByKey(hello.publicKey);
      if (known !== null) device = await fleet.load(known.id);
    }
    if (device === null) {
      const enrolled = await this.#enrol(connection, hello);
      if (!enrolled.ok) return enrolled;
      device = enrolled.device;
    }
    // What it says of its machine is compared with what it last said, wherever that was.
    if (device.isOutdated) await fleet.load(device.id);
    if (device.revoked) return { ok: false, code: 'device-revoked', retryAfterMs: 10 * 60 * SECOND };
    const joins = (this.#joins.get(device.id) ?? 0) + 1;
    if (joins > LIMITS.joinsPerMin) return { ok: false, code: 'too-fast', retryAfterMs: 30 * SECOND };
    this.#joins.set(device.id, joins);
    const other = this.#byDevice.get(device.id);
    if (this.#isClone(device, hello.identity, other)) {
      this.#note(device.id, 'cloned-key', {});
      this.#options.onAudit('device.cloned-key', device.id, {});
      return { ok: false, code: 'device-duplicated', retryAfterMs: 5 * SECOND };
    }
    // Same machine, second connection: the old one is a half-open leftover of a lost network.
    if (other !== undefined) this.#supersede(other);
    await ingest.begin(device, hello.stream);
    if (await this.#options.claim(device)) {
      if (device.revoked) {
        this.#options.onLeft(device);
        return { ok: false, code: 'device-revoked', retryAfterMs: 10 * 60 * SECOND };
      }
      await ingest.begin(device, hello.stream);
    }
    await this.#noteConnection(device, hello, store);
    return { ok: true, device };
  }

  /** Same key, other machine: another hardware id, or no adapter in common with one that is connected right now. */
  #isClone(device: HotDevice, identity: DeviceIdentity, other: DeviceConnection | undefined): boolean {
    if (compareIdentity(device.identity, identity) === 'different') return true;
    const isBusy = other === undefined ? this.#options.isBusyElsewhere(device) : other.pingsUnanswered === 0;
    return (
      isBusy &&
      identity.macs.length > 0 &&
      device.identity.macs.length > 0 &&
      !sharesMac(device.identity, identity)
    );
  }

  async #enrol(
    connection: DeviceConnection,
    hello: Hello,
  ): Promise<{ ok: true; device: HotDevice } | Extract<Admission, { ok: false }>> {
    const { store, fleet, onAudit } = this.#options;
    const { enrolment, publicKey, identity } = hello;
    if (enrolment === undefined) return { ok: false, code: 'device-unknown', retryAfterMs: 30 * SECOND };
    const now = this.now();
    const id = `d_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
    if (enrolment.by === 'token') {
      const secretHash = createHash('sha256').update(enrolment.token).digest('hex');
      const result = await store.enrolWithToken(
        secretHash,
        { id, publicKey, enrolledAt: now, enrolledBy: 'token', demo: fleet.isDemoKey(publicKey), identity },
        now,
      );
      if (!result.ok) return { ok: false, code: result.why, retryAfterMs: 5 * 60 * SECOND };
      const device = await fleet.load(id);
      if (device === null) return { ok: false, code: 'store-unavailable', retryAfterMs: 10 * SECOND };
      onAudit('device.enrolled', id, { by: result.label });
      return { ok: true, device };
    }
    const waiting = await store.getWaitingByKey(publicKey);
    if (waiting?.rejected === true)
      return { ok: false, code: 'admission-rejected', retryAfterMs: 60 * 60 * SECOND };
    if (!this.#options.admission) return { ok: false, code: 'device-unknown', retryAfterMs: 5 * 60 * SECOND };
    const key = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
    await store.noteWaiting({
      id: waiting?.id ?? `w_${randomUUID().replaceAll('-', '').slice(0, 20)}`,
      publicKey,
      identity,
      fingerprint: `${key.slice(0, 8)}…${key.slice(-8)}`,
      firstSeen: waiting?.firstSeen ?? now,
      lastSeen: now,
      address: connection.address,
      rejected: false,
    });
    if (waiting === null) onAudit('device.waiting', key.slice(0, 16), {});
    this.#options.onWaiting();
    // Short, so that the machine is live soon after somebody admits it; a person is looking at both.
    return { ok: false, code: 'admission-waiting', retryAfterMs: 5 * SECOND };
  }

  async #noteConnection(device: HotDevice, hello: Hello, store: Store): Promise<void> {
    const changed = !isSameIdentity(device.identity, hello.identity);
    const agent = hello.agent;
    // Taken at the greeting only: later frames may have waited on the device for days.
    if (hello.at !== undefined) device.clockSkewMs = hello.at - this.now();
    if (changed || device.agentVersion !== agent.version) {
      await store.noteConnection(device.id, {
        identity: hello.identity,
        agent,
        clockSkewMs: device.clockSkewMs,
        at: this.now(),
      });
      device.identity = hello.identity;
      device.agentVersion = agent.version;
    }
    for (const twin of this.#options.fleet.noteIdentity(device)) {
      this.#note(device.id, 'duplicate-identity', { other: twin.id });
      this.#note(twin.id, 'duplicate-identity', { other: device.id });
      this.#options.onAudit('device.duplicate-identity', device.id, { other: twin.id });
      this.#options.onPresence(twin);
    }
  }

  joined(connection: DeviceConnection): void {
    this.#greetings.delete(connection);
    this.joinedCount += 1;
    const { device } = connection;
    // Another one may have been let in while the store was asked.
    const other = this.#byDevice.get(device.id);
    if (other !== undefined) this.#supersede(other);
    this.#byDevice.set(device.id, connection);
    device.connected = true;
    device.lastSeen = Math.max(device.lastSeen ?? 0, this.now());
    this.#note(device.id, 'link-up', {});
    const told = this.#options.agentSettings();
    if (connection.settingsHash !== told.hash) connection.sendEncoded(told.frame);
    if (connection.help.length > 0) this.#options.onHelpAsked(device, connection.help);
    connection.help = [];
    this.#options.onPresence(device);
  }

  /** Says goodbye to everybody and goes on: whoever comes back is told what holds then. */
  sendAway(code: ProblemCode, retryAfterMs: number): void {
    let n = 0;
    for (const connection of [...this.#connections]) {
      n += 1;
      connection.goodbye(code, Math.round(retryAfterMs + (1000 * n) / this.#options.connectsPerS));
    }
  }

  /** Says once more up to where everything is stored: what was to be said while nothing could be promised was left out. */
  acknowledgeAgain(): void {
    for (const [, connection] of this.#byDevice) connection.acknowledge(connection.device.acked);
  }

  /** The device has connected to another collector since; what is left here is half-open. */
  superseded(device: HotDevice): void {
    const connection = this.#byDevice.get(device.id);
    if (connection !== undefined) this.#supersede(connection);
  }

  #supersede(connection: DeviceConnection): void {
    this.problem('device-superseded', connection, 'a newer connection of this device');
    connection.goodbye('device-superseded', 10 * SECOND);
  }

  left(connection: DeviceConnection, reason: string): void {
    this.#connections.delete(connection);
    this.#greetings.delete(connection);
    if (!connection.admitted) return;
    const { device } = connection;
    if (this.#byDevice.get(device.id) !== connection) return;
    this.#byDevice.delete(device.id);
    device.connected = false;
    this.#options.onLeft(device);
    // Where it is now says so itself.
    if (device.elsewhere === null) this.#note(device.id, 'link-down', { reason });
    this.#options.onPresence(device);
  }

  abandoned(device: HotDevice): void {
    if (!device.connected) this.#options.onLeft(device);
  }

  mayAcknowledge(): boolean {
    return this.#options.holds();
  }

  held(connection: DeviceConnection): Readonly<Record<string, string>> {
    return this.#options.ingest.held(connection.device);
  }

  frame(connection: DeviceConnection, frame: FromDevice, kept?: readonly string[]): 'ok' | 'gap' {
    this.#options.onFrame(frame.type);
    if (isSequenced(frame)) {
      return this.#options.ingest.accept(connection, frame, kept) === 'gap' ? 'gap' : 'ok';
    }
    if (frame.type === 'scanned') this.#options.onScanned(connection.device, frame);
    if (frame.type === 'settings-taken') {
      connection.settingsHash = frame.hash;
      connection.settingsRefused = frame.refused.length > 0;
      if (connection.settingsRefused) this.#options.onSettingsRefused(connection.device, frame);
    }
    return 'ok';
  }

  refusedFrame(connection: DeviceConnection, code: ProblemCode, seq: number): void {
    this.#options.ingest.acceptRefused(connection, seq, code);
  }

  problem(code: ProblemCode, connection: DeviceConnection, detail: string): void {
    this.#options.onProblem(code, connection.admitted ? connection.device.id : null, detail);
  }

  /** Tells every connected device what agents are told now; in parts, so that a large fleet holds nothing else up. */
  async tellSettings(): Promise<void> {
    const { hash, frame } = this.#options.agentSettings();
    let n = 0;
    for (const connection of [...this.#byDevice.values()]) {
      // Changed again meanwhile: whoever changed it tells them all.
      if (this.#options.agentSettings().hash !== hash) return;
      if (connection.live) connection.sendEncoded(frame);
      n += 1;
      if (n % TOLD_AT_ONCE === 0) await new Promise(setImmediate);
    }
  }

  /** How many connected devices hold the settings of this hash, and how many of those did not take a part of them. */
  settingsDelivery(hash: string | null): { connected: number; holding: number; refusing: number } {
    let holding = 0;
    let refusing = 0;
    for (const connection of this.#byDevice.values()) {
      if (connection.settingsHash !== hash) continue;
      holding += 1;
      if (connection.settingsRefused) refusing += 1;
    }
    return { connected: this.#byDevice.size, holding, refusing };
  }

  /** The live connection of a device, if it is connected here. */
  of(deviceId: string): DeviceConnection | null {
    return this.#byDevice.get(deviceId) ?? null;
  }

  /** Writes what is noted and waits for it. */
  async flushNotes(): Promise<void> {
    if (this.#notesTimer !== null) clearTimeout(this.#notesTimer);
    this.#writeNotes();
    await this.#notesWritten;
  }

  /** Says goodbye to everybody, each with a slot of its own, and lets nobody in. Idempotent. */
  stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    clearInterval(this.#sweeper);
    const perMs = this.#options.connectsPerS / 1000;
    let n = 0;
    for (const connection of this.#connections) {
      // Spread over the time it takes to greet them all, after the time a restart takes.
      n += 1;
      connection.goodbye('collector-stopping', Math.round(1000 + n / perMs));
    }
    this.#server.close();
  }

  #note(device: string, kind: string, data: StoredEvent['data']): void {
    this.#notes.push({ device, event: { at: this.now(), by: 'collector', kind, data } });
    this.#notesTimer ??= setTimeout(() => this.#writeNotes(), NOTES_MS);
  }

  #writeNotes(): void {
    this.#notesTimer = null;
    const notes = this.#notes;
    if (notes.length === 0) return;
    this.#notes = [];
    this.#notesWritten = this.#options.store.addEvents(notes).catch((error: unknown) => {
      this.#options.onProblem(isProblem(error) ? error.code : 'internal', null, 'link events');
    });
  }

  #sweep(): void {
    const now = this.monotonic();
    const turn = this.#sweeps % Math.round(LIMITS.pingMs / SWEEP_MS);
    const turns = Math.round(LIMITS.pingMs / SWEEP_MS);
    this.#sweeps += 1;
    if (this.#sweeps % (MINUTE / SWEEP_MS) === 0) this.#joins.clear();
    let n = 0;
    for (const connection of this.#connections) {
      n += 1;
      if (connection.greeting) {
        if (now - connection.openedAt > LIMITS.greetingMs) {
          this.#options.onProblem('greeting-timeout', null, 'no valid proof in time');
          connection.close('greeting-timeout');
        }
        continue;
      }
      // Every connection has its turn once per ping period; two unanswered pings end it.
      if (n % turns !== turn) continue;
      if (connection.pingsUnanswered >= 2) connection.terminate('silent');
      else connection.ping();
    }
  }
}
