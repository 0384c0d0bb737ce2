import { createPublicKey, randomBytes, verify } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ProblemCode } from '../../../../shared/problem/codes.ts';
import { closeCodeOf } from '../../../../shared/protocol/close-codes.ts';
import { decodeFromDevice, encodeFrame, proofMessage } from '../../../../shared/protocol/frame.ts';
import {
  type FromDevice,
  type Hello,
  isSequenced,
  type SequencedFrame,
} from '../../../../shared/protocol/from-device.ts';
import type { ToDevice } from '../../../../shared/protocol/to-device.ts';
import { DEVICE_PATH, DEVICE_SUBPROTOCOL } from '../../../../shared/protocol/version.ts';

/** The least a collector must do, written from shared/protocol/README.md: proof, order, acknowledgement. */
export interface MiniCollector {
  readonly url: string;
  readonly collectorId: string;
  readonly hellos: Hello[];
  /** Sequenced frames taken, in order, each once. */
  readonly stored: SequencedFrame[];
  /** Everything that came, also twice. */
  readonly received: FromDevice[];
  /** Numbers a device said will never come. */
  skipped: number;
  have: Record<string, string>;
  acknowledge: boolean;
  /** Answers the next hellos with this instead of letting them in. */
  refuse: { code: ProblemCode; retryAfterMs: number | null } | null;
  readonly live: number;
  send(frame: ToDevice): void;
  /** Cuts every connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

export async function startMiniCollector({
  port = 0,
  collectorId = 'collector-1',
}: {
  port?: number;
  collectorId?: string;
} = {}): Promise<MiniCollector> {
  const server = new WebSocketServer({
    port,
    host: '127.0.0.1',
    path: DEVICE_PATH,
    handleProtocols: offered => (offered.has(DEVICE_SUBPROTOCOL) ? DEVICE_SUBPROTOCOL : false),
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  const live = new Set<WebSocket>();
  const acked = new Map<string, number>();
  const told: Record<string, string> = {};

  const collector: MiniCollector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    collectorId,
    hellos: [],
    stored: [],
    received: [],
    skipped: 0,
    have: told,
    acknowledge: true,
    refuse: null,
    get live() {
      return live.size;
    },
    send(frame) {
      for (const socket of live) socket.send(encodeFrame(frame));
    },
    cut() {
      for (const socket of server.clients) socket.terminate();
    },
    async close() {
      collector.cut();
      await new Promise<void>(resolve => server.close(() => resolve()));
    },
  };

  server.on('connection', socket => {
    const nonce = randomBytes(32).toString('base64url');
    let hello: Hello | null = null;
    const send = (frame: ToDevice): void => socket.send(encodeFrame(frame));
    socket.on('error', () => {});
    socket.on('close', () => live.delete(socket));
    socket.on('message', data => {
      const decoded = decodeFromDevice(String(data));
      if (!decoded.ok) throw new Error(`${decoded.code}: ${decoded.detail}`);
      const { frame } = decoded;
      collector.received.push(frame);
      if (frame.type === 'hello') {
        hello = frame;
        collector.hellos.push(frame);
        if (collector.refuse !== null) {
          send({ type: 'refused', ...collector.refuse });
          socket.close(closeCodeOf(collector.refuse.code));
          return;
        }
        send({ type: 'challenge', version: 1, nonce, collectorId });
        return;
      }
      if (hello === null) throw new Error('frame before hello');
      const { publicKey, stream } = hello;
      if (frame.type === 'proof') {
        const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
        const message = proofMessage({ version: 1, nonce, collectorId, publicKey, stream });
        if (!verify(null, Buffer.from(message), key, Buffer.from(frame.signature, 'base64url'))) {
          throw new Error('signature wrong');
        }
        live.add(socket);
        send({
          type: 'welcome',
          version: 1,
          deviceId: `device-${publicKey.slice(0, 8)}`,
          collectorId,
          at: Date.now(),
          acked: acked.get(stream) ?? 0,
          have: collector.have,
          inFlight: 8,
        });
        return;
      }
      if (!isSequenced(frame)) return;
      const last = acked.get(stream) ?? 0;
      if (!collector.acknowledge || frame.seq <= last) return;
      const gap = frame.skipped ?? 0;
      if (frame.seq - gap !== last + 1) {
        send({ type: 'resync', from: last + 1, snapshot: false });
        return;
      }
      collector.skipped += gap;
      collector.stored.push(frame);
      if (frame.type === 'snapshot') for (const id of Object.keys(told)) delete told[id];
      if (frame.type === 'snapshot' || frame.type === 'delta') {
        for (const [id, { hash }] of Object.entries(frame.findings)) told[id] = hash;
      }
      acked.set(stream, frame.seq);
      send({ type: 'ack', seq: frame.seq });
    });
  });
  return collector;
}
