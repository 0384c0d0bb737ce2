import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { z } from 'zod';
import { type SequencedFrame, sequencedFrame } from '../../shared/protocol/from-device.ts';
import { DEVICE_PATH, DEVICE_SUBPROTOCOL } from '../../shared/protocol/version.ts';
import { closeAtEnd } from './teardown.ts';

const helloFrame = z.object({ type: z.literal('hello'), stream: z.string() });
const ackFrame = z.object({
  type: z.enum(['ack', 'welcome']),
  seq: z.number().optional(),
  acked: z.number().optional(),
});

/** What passed between one agent and its collector. */
export interface Tap {
  readonly url: string;
  /** Every sequenced frame as first seen, by `stream/seq`. */
  readonly sent: Map<string, SequencedFrame>;
  /** Frames that came under a number that had carried other content: `stream/seq`. */
  readonly reused: string[];
  /** Highest number acknowledged, by stream. */
  readonly acked: Map<string, number>;
  /** Numbers said to be left out, by stream. */
  readonly skipped: { key: string; count: number }[];
  /** Connections so far. */
  readonly connections: () => number;
}

/** A relay on the way from an agent to its collector: passes everything on, keeps what passed. */
export async function startTap(collectorUrl: string): Promise<Tap> {
  const sent = new Map<string, SequencedFrame>();
  const contents = new Map<string, string>();
  const reused: string[] = [];
  const acked = new Map<string, number>();
  const skipped: { key: string; count: number }[] = [];
  let connections = 0;

  const http = createServer();
  const server = new WebSocketServer({
    server: http,
    path: DEVICE_PATH,
    perMessageDeflate: false,
    handleProtocols: () => DEVICE_SUBPROTOCOL,
  });
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;

  server.on('connection', agent => {
    connections += 1;
    let stream = '';
    const collector = new WebSocket(
      `${collectorUrl.replace(/^http/, 'ws')}${DEVICE_PATH}`,
      DEVICE_SUBPROTOCOL,
    );
    const waiting: string[] = [];
    const ends = [agent, collector];
    for (const end of ends) {
      end.on('error', () => undefined);
      end.on('close', (code, reason) => {
        for (const other of ends) {
          if (other === end) continue;
          if (code >= 3000 || code === 1000) other.close(code, reason);
          else other.terminate();
        }
      });
    }
    collector.on('open', () => {
      for (const text of waiting.splice(0)) collector.send(text);
    });
    agent.on('message', data => {
      const text = String(data);
      const raw: unknown = JSON.parse(text);
      const hello = helloFrame.safeParse(raw).data;
      if (hello !== undefined) stream = hello.stream;
      const frame = sequencedFrame.safeParse(raw).data;
      if (frame !== undefined) {
        const key = `${stream}/${frame.seq}`;
        const { skipped: gap, ...content } = frame;
        if (gap !== undefined) skipped.push({ key, count: gap });
        const known = contents.get(key);
        if (known === undefined) {
          contents.set(key, JSON.stringify(content));
          sent.set(key, frame);
        } else if (known !== JSON.stringify(content)) reused.push(key);
      }
      if (collector.readyState === WebSocket.OPEN) collector.send(text);
      else waiting.push(text);
    });
    collector.on('message', data => {
      const text = String(data);
      const told = ackFrame.safeParse(JSON.parse(text)).data;
      // Noted only when it is on its way to an agent that is still there.
      if (agent.readyState === WebSocket.OPEN) agent.send(text);
      if (told !== undefined)
        acked.set(stream, Math.max(acked.get(stream) ?? 0, told.seq ?? told.acked ?? 0));
    });
  });

  closeAtEnd(async () => {
    for (const client of server.clients) client.terminate();
    server.close();
    await new Promise(resolve => http.close(resolve));
  });
  return { url: `http://127.0.0.1:${port}`, sent, reused, acked, skipped, connections: () => connections };
}
