import { createServer, type Socket } from 'node:net';
import { mongo } from 'mongoose';
import { closeAtEnd } from './teardown.ts';

const { BSON } = mongo;
/** Operation codes of the wire protocol: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

/** Answers the two questions a client asks first as a mongod of that version would; gives the port. */
export async function pretendMongod(version: string, maxWireVersion: number): Promise<number> {
  const answers = (command: mongo.Document): mongo.Document =>
    'buildInfo' in command
      ? { version, versionArray: version.split('.').map(Number), ok: 1 }
      : {
          ...{
            isWritablePrimary: true,
            ismaster: true,
            helloOk: true,
            setName: 'old',
            hosts: [`127.0.0.1:${port}`],
          },
          ...{ me: `127.0.0.1:${port}`, minWireVersion: 0, maxWireVersion, maxBsonObjectSize: 16_777_216 },
          ...{ maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000, readOnly: false, ok: 1 },
        };

  function answer(message: Buffer, socket: Socket): void {
    const request = message.readInt32LE(4);
    const operation = message.readInt32LE(12);
    // OP_QUERY: flags, collection name, skip, limit, document. OP_MSG: flags, kind 0, document.
    const start = operation === OP_QUERY ? message.indexOf(0, 20) + 9 : 21;
    const command = BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)));
    const body = Buffer.from(BSON.serialize(answers(command)));
    const before = operation === OP_QUERY ? Buffer.alloc(20) : Buffer.alloc(5);
    if (operation === OP_QUERY) before.writeInt32LE(1, 16);
    const head = Buffer.alloc(16);
    head.writeInt32LE(16 + before.length + body.length, 0);
    head.writeInt32LE(request, 8);
    head.writeInt32LE(operation === OP_QUERY ? OP_REPLY : OP_MSG, 12);
    socket.write(Buffer.concat([head, before, body]));
  }

  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    let held = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', data => {
      held = Buffer.concat([held, data]);
      while (held.length >= 4 && held.length >= held.readInt32LE(0)) {
        const length = held.readInt32LE(0);
        answer(held.subarray(0, length), socket);
        held = held.subarray(length);
      }
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  closeAtEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}
