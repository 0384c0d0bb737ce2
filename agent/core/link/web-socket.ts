import type { IncomingHttpHeaders } from 'node:http';
import WebSocket from 'ws';
import { SECOND } from '../../../shared/base/durations.ts';
import { LIMITS } from '../../../shared/protocol/limits.ts';
import { DEVICE_SUBPROTOCOL } from '../../../shared/protocol/version.ts';
import type { SocketFactory } from './socket.ts';

const HANDSHAKE_MS = 15 * SECOND;

/**
 * How long the HTTP answer asks us to wait: our collector's own header in milliseconds, because whole seconds would bring
 * everybody of a second back at once; else `Retry-After` in seconds (RFC 9110, 10.2.3), not its date form.
 */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const exact = headers['trayline-retry-after-ms'];
  if (typeof exact === 'string' && /^\d{1,9}$/.test(exact)) return Number(exact);
  const header = headers['retry-after'];
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) * SECOND : undefined;
}

/** What went wrong below WebSocket, in the runtime's own word (`ECONNREFUSED`, `CERT_HAS_EXPIRED`). */
function wordOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : error.name;
}

/** The real socket. Certificates are checked against the system's and Node's roots; there is no way to switch that off. */
export const webSocket: SocketFactory = (url, events) => {
  const socket = new WebSocket(url, DEVICE_SUBPROTOCOL, {
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
    handshakeTimeout: HANDSHAKE_MS,
    followRedirects: false,
  });
  let detail = '';
  let slot: number | undefined;
  socket.on('open', () => events.opened());
  socket.on('message', (data, isBinary) => {
    // The collector speaks text only.
    if (isBinary) return;
    events.received(
      Array.isArray(data) ? Buffer.concat(data).toString() : Buffer.from(data as Buffer).toString(),
    );
  });
  socket.on('ping', () => events.alive());
  socket.on('pong', () => events.alive());
  socket.on('unexpected-response', (request, response) => {
    detail = `HTTP ${response.statusCode ?? 0}`;
    slot = retryAfter(response.headers);
    response.destroy();
    request.destroy();
    socket.terminate();
  });
  socket.on('error', error => {
    if (detail === '') detail = wordOf(error);
  });
  socket.once('close', (code, reason) => {
    const said = detail === '' ? reason.toString().slice(0, 100) : detail;
    if (slot === undefined) events.closed(code, said);
    else events.closed(code, said, slot);
  });
  return {
    send: text => socket.send(text),
    ping: () => socket.ping(),
    close: code => socket.close(code),
    drop: () => socket.terminate(),
    get backlog() {
      return socket.bufferedAmount;
    },
  };
};
