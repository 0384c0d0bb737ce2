/**
 * The bare floor that the product is compared with: one process with a WebSocket server that parses JSON, parses once with
 * zod, inserts the frame's text into SQLite and acknowledges when it is on disk. No merge, no score, no sequence rules.
 *
 *     node test/load/floor.ts FOLDER            the floor
 *     node test/load/floor.ts FOLDER --sink     acknowledges without reading: how fast the load client itself can be
 *     node test/load/floor.ts URL --mongo       the same with mongoose and `insertMany`, confirmed by the majority
 *
 * It stores with the product's own `openDatabase`: WAL, synchronous=NORMAL, one asynchronous fdatasync of the log for each
 * group of commits, checkpoints on a thread. Frames that arrive while a transaction is on its way to disk wait for the next.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createConnection, Schema } from 'mongoose';
import { type WebSocket, WebSocketServer } from 'ws';
import { openDatabase } from '../../collector/store/sqlite/database.ts';
import { fromDevice, isSequenced } from '../../shared/protocol/from-device.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';
import { DEVICE_SUBPROTOCOL } from '../../shared/protocol/version.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: floor.ts FOLDER [--sink] | URL --mongo');
const sink = process.argv.includes('--sink');

interface Waiting {
  readonly ws: WebSocket;
  readonly device: number;
  readonly seq: number;
  readonly text: string;
}

interface Keeper {
  save(batch: readonly Waiting[]): Promise<unknown>;
  close(): Promise<void>;
}

async function inSqlite(path: string): Promise<Keeper> {
  const db = openDatabase(path, { warn: () => undefined });
  await db.write(() =>
    db.prepare('CREATE TABLE frames (n INTEGER PRIMARY KEY, device INTEGER, seq INTEGER, body TEXT)').run(),
  );
  const insert = db.prepare('INSERT INTO frames (device, seq, body) VALUES (?, ?, ?)');
  return {
    save: batch =>
      db.write(() => {
        for (const { device, seq, text } of batch) insert.run(device, seq, text);
      }),
    close: db.close,
  };
}

async function inMongo(url: string): Promise<Keeper> {
  const connection = await createConnection(url, { writeConcern: { w: 'majority' } }).asPromise();
  const frames = connection.model(
    'frames',
    new Schema({ device: Number, seq: Number, body: String }, { collection: 'frames', versionKey: false }),
  );
  await frames.createCollection();
  return {
    save: batch =>
      frames.insertMany(
        batch.map(({ device, seq, text }) => ({ device, seq, body: text })),
        { ordered: false },
      ),
    close: () => connection.close(),
  };
}

const keeper = process.argv.includes('--mongo')
  ? await inMongo(folder)
  : await inSqlite(join(folder, 'floor.sqlite'));

let waiting: Waiting[] = [];
let writing = false;
let scheduled = false;

async function flush(): Promise<void> {
  writing = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    await keeper.save(batch);
    for (const { ws, seq } of batch) ws.send(`{"type":"ack","seq":${seq}}`);
  }
  writing = false;
}

function take(frame: Waiting): void {
  waiting.push(frame);
  if (writing || scheduled) return;
  scheduled = true;
  setImmediate(() => {
    scheduled = false;
    if (!writing) void flush();
  });
}

const collectorId = 'floor';
let devices = 0;
const server = createServer();
const sockets = new WebSocketServer({
  noServer: true,
  maxPayload: LIMITS.frameBytes,
  perMessageDeflate: false,
  clientTracking: false,
  handleProtocols: () => DEVICE_SUBPROTOCOL,
});

function accept(ws: WebSocket): void {
  devices += 1;
  const device = devices;
  let live = false;
  ws.on('error', () => ws.terminate());
  ws.on('message', (data: Buffer) => {
    if (sink && live) {
      // The number stands at a fixed place in what our client sends: {"seq":N,
      const head = data.toString('latin1', 7, 22);
      ws.send(`{"type":"ack","seq":${Number.parseInt(head, 10)}}`);
      return;
    }
    const text = data.toString('utf8');
    const parsed = fromDevice.safeParse(JSON.parse(text));
    if (!parsed.success) {
      ws.close(4400, 'not a frame');
      return;
    }
    const frame = parsed.data;
    if (frame.type === 'hello') {
      ws.send(JSON.stringify({ type: 'challenge', version: 1, nonce: 'A'.repeat(43), collectorId }));
    } else if (frame.type === 'proof') {
      live = true;
      const welcome = { deviceId: `d_${device}`, collectorId, at: Date.now(), acked: 0, have: {} };
      ws.send(JSON.stringify({ type: 'welcome', version: 1, inFlight: LIMITS.inFlight, ...welcome }));
    } else if (isSequenced(frame)) {
      take({ ws, device, seq: frame.seq, text });
    }
  });
}

server.on('upgrade', (request, socket, head) => sockets.handleUpgrade(request, socket, head, accept));
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});
process.once('SIGTERM', () => {
  server.closeAllConnections();
  void keeper.close().finally(() => process.exit(0));
});
