import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import WebSocket from 'ws';
import type { DeviceIdentity } from '../../../shared/device/identity.ts';
import { decodeToDevice, proofMessage } from '../../../shared/protocol/frame.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { DEVICE_SUBPROTOCOL } from '../../../shared/protocol/version.ts';

/** A key and a stream: what makes a device the same device after a reconnect. */
export interface RawIdentity {
  readonly key: KeyObject;
  readonly publicKey: string;
  readonly stream: string;
  readonly identity: DeviceIdentity;
}

export function rawIdentity(identity: DeviceIdentity): RawIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { x } = publicKey.export({ format: 'jwk' });
  if (x === undefined) throw new Error('no public key');
  return { key: privateKey, publicKey: x, stream: randomBytes(8).toString('hex'), identity };
}

export interface RawEvents {
  /** `acked`: highest number of the stream that is stored. */
  welcomed(acked: number): void;
  acked(seq: number): void;
  /** Anything else the other side says after the welcome, and the end. */
  other(text: string): void;
  closed(code: number, detail: string): void;
}

const ACK = '{"type":"ack","seq":';

/**
 * A device that speaks the protocol with as little work of its own as can be: hello, signature, then texts as they are given.
 * It does not reconnect. For what agent/core/link does besides, see agents.ts.
 */
export class RawDevice {
  readonly #ws: WebSocket;

  constructor(address: string, me: RawIdentity, token: string | null, nextSeq: number, events: RawEvents) {
    const ws = new WebSocket(address, DEVICE_SUBPROTOCOL, {
      perMessageDeflate: false,
      maxPayload: LIMITS.frameBytes,
      skipUTF8Validation: true,
    });
    this.#ws = ws;
    let live = false;
    ws.on('open', () =>
      ws.send(
        JSON.stringify({
          type: 'hello',
          versions: [1],
          agent: { version: '0.1.0', arch: 'x64', runtime: 'load test' },
          publicKey: me.publicKey,
          ...(token === null ? {} : { enrolment: { by: 'token', token } }),
          collectorId: null,
          identity: me.identity,
          stream: me.stream,
          nextSeq,
        }),
      ),
    );
    ws.on('message', (data: Buffer) => {
      const text = data.toString('latin1');
      if (live && text.startsWith(ACK)) {
        events.acked(Number.parseInt(text.slice(ACK.length), 10));
        return;
      }
      const decoded = decodeToDevice(text);
      const frame = decoded.ok ? decoded.frame : null;
      if (frame?.type === 'challenge') {
        const { version, nonce, collectorId } = frame;
        const { publicKey, stream } = me;
        const message = proofMessage({ version, nonce, collectorId, publicKey, stream });
        const signature = sign(null, Buffer.from(message), me.key).toString('base64url');
        ws.send(JSON.stringify({ type: 'proof', signature }));
      } else if (frame?.type === 'welcome') {
        live = true;
        events.welcomed(frame.acked);
      } else {
        events.other(text);
      }
    });
    let detail = '';
    ws.on('error', error => {
      detail ||= error.message;
    });
    ws.on('close', (code, reason) => events.closed(code, detail || reason.toString()));
  }

  send(text: string): void {
    this.#ws.send(text);
  }

  end(): void {
    this.#ws.terminate();
  }
}
