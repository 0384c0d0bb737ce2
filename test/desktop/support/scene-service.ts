import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { CONTRACT_VERSION, entryOf } from '../../../agent/desktop/contract.ts';
import { createDouble, type Made } from '../../../agent/desktop/double.ts';
import type { Scene } from '../../../agent/desktop/scenes.ts';
import { type FromApp, fromApp, lineReader, type ToApp, WIRE } from '../../../agent/desktop/wire.ts';
import { closeAtEnd, temporaryFolder } from '../../support/teardown.ts';

/**
 * A service that plays a scene on a real socket and keeps what it was asked: for an app whose inside cannot be looked into.
 * Asks for the proof as the service does, so that an app which cannot give it gets no further.
 */
export class SceneService {
  /** Folder of the socket. */
  readonly desk: string;
  readonly #double: ReturnType<typeof createDouble>;

  private constructor(desk: string, scene: Scene) {
    this.desk = desk;
    this.#double = createDouble(scene);
  }

  static async start(scene: Scene): Promise<SceneService> {
    const desk = temporaryFolder('desk');
    mkdirSync(join(desk, 'proof'));
    const service = new SceneService(desk, scene);
    const open = new Set<Socket>();
    const server = createServer(socket => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      service.#serve(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(join(desk, 'agent.sock'), resolve);
    });
    closeAtEnd(async () => {
      for (const socket of open) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    });
    return service;
  }

  /** What was asked, oldest first. */
  get asked(): readonly Made[] {
    return this.#double.made;
  }

  /** How often this call was made. */
  times(name: string): number {
    return this.asked.filter(one => one.name === name).length;
  }

  #serve(socket: Socket): void {
    const send = (frame: ToApp): void => void socket.write(`${JSON.stringify(frame)}\n`);
    const file = join(this.desk, 'proof', randomBytes(16).toString('hex'));
    const text = randomBytes(16).toString('hex');
    const receive = async (frame: FromApp): Promise<void> => {
      if (frame.t === 'hello') send({ t: 'prove', file, text });
      else if (frame.t === 'proved') {
        const proven = existsSync(file) && readFileSync(file, 'utf8') === text;
        send(
          proven
            ? { t: 'ready', contract: CONTRACT_VERSION, agent: 'scene', person: null }
            : { t: 'refused', code: 'sender-refused' },
        );
      } else send({ t: 'answer', id: frame.id, reply: await this.#answer(frame.name, frame.input) });
    };
    const read = lineReader(
      WIRE.lineFromApp,
      line => void receive(fromApp.parse(JSON.parse(line))),
      () => socket.destroy(),
    );
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (chunk: string) => read(chunk));
  }

  async #answer(name: string, input: unknown): Promise<Extract<ToApp, { t: 'answer' }>['reply']> {
    const entry = entryOf(name);
    const group: unknown = entry === null ? null : Reflect.get(this.#double.bridge, entry.group);
    const call: unknown = entry === null ? null : Reflect.get(Object(group), entry.member);
    if (typeof call !== 'function') return { ok: false, code: 'not-found', detail: 'not in the scene' };
    return await call(input);
  }
}
