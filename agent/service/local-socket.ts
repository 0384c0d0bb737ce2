import { chmodSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { Problem } from '../../shared/problem/problem.ts';
import type { Log } from '../core/host.ts';
import { CONTRACT_VERSION } from '../desktop/contract.ts';
import { type FromApp, fromApp, lineReader, type ToApp, WIRE } from '../desktop/wire.ts';
import { type Answering, answering } from '../desktop/wiring.ts';
import type { Desk, Person } from './desk/desk.ts';
import { type Challenge, challengeFor, personBehind } from './desk/proof.ts';

export interface LocalSocketOptions {
  readonly desk: Desk;
  /** Where the socket is (desktop/places.ts). */
  readonly path: string;
  /** May other accounts of this machine connect, each for itself? For a service that runs for the whole machine. */
  readonly everybody: boolean;
  readonly version: string;
  readonly log: Log;
}

export interface LocalSocket {
  readonly path: string;
  stop(): Promise<void>;
}

/** Longest path of a unix socket that every system takes: `sun_path` has 104 bytes on macOS and 108 on Linux. */
const LONGEST_PATH = 103;

/**
 * Answers the apps of the people signed in to this machine. Who connects has to prove whose app it is before anything is
 * answered; a connection that does not, or that sends what is not in the contract's frames, is closed.
 *
 * @throws Problem when it cannot listen; the agent goes on without a desk then.
 */
export async function openLocalSocket(options: LocalSocketOptions): Promise<LocalSocket> {
  const { desk, path, everybody, version, log } = options;
  const folder = dirname(path);
  const proofs = join(folder, 'proof');
  if (process.platform !== 'win32') prepare(folder, proofs, path, everybody);
  await clear(path);
  const answer = answering<'service' | 'inner', Person>(['service', 'inner'], desk.handlers);
  const open = new Set<Socket>();
  const server = createServer(socket => {
    if (open.size >= WIRE.connections) {
      socket.end(line({ t: 'refused', code: 'too-fast' }));
      return;
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    serve(socket, { desk, answer, proofs, version, log });
  });
  await listen(server, path, everybody);
  return {
    path,
    stop: () =>
      new Promise(resolve => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function prepare(folder: string, proofs: string, path: string, everybody: boolean): void {
  if (Buffer.byteLength(path) > LONGEST_PATH) {
    throw new Problem('settings-invalid', 'the path of the local socket is too long', { fields: ['desk'] });
  }
  // SECURITY: people may enter and connect; making files is allowed only among the proofs, where nobody can list, and nobody
  // can remove or replace another's (the sticky bit).
  try {
    mkdirSync(proofs, { recursive: true });
    chmodSync(folder, everybody ? 0o755 : 0o700);
    chmodSync(proofs, everybody ? 0o1733 : 0o700);
  } catch (error) {
    throw new Problem('data-folder-unwritable', 'the folder of the local socket cannot be made', {
      cause: error,
    });
  }
}

/** Takes a dead service's socket away; a living one's is left alone. */
async function clear(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  const alive = await new Promise<boolean>(resolve => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
  if (alive) throw new Problem('service-already-running', 'another service answers at this socket');
  unlinkSync(path);
}

function listen(server: Server, path: string, everybody: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      reject(new Problem('address-in-use', 'the local socket cannot be opened', { cause: error }));
    });
    server.listen({ path, readableAll: everybody, writableAll: everybody }, () => {
      if (process.platform !== 'win32' && !everybody) chmodSync(path, 0o600);
      resolve();
    });
  });
}

interface Served {
  readonly desk: Desk;
  readonly answer: Answering<Person>;
  readonly proofs: string;
  readonly version: string;
  readonly log: Log;
}

function line(frame: ToApp): string {
  return `${JSON.stringify(frame)}\n`;
}

/** One app from its greeting to its end. */
function serve(socket: Socket, { desk, answer, proofs, version, log }: Served): void {
  let state: 'greeting' | 'proving' | 'ready' | 'over' = 'greeting';
  let challenge: Challenge | null = null;
  let person: Person | null = null;
  let detach: (() => void) | null = null;
  let open = 0;

  const send = (frame: ToApp): void => {
    if (state === 'over') return;
    if (socket.writableLength > WIRE.backlog) {
      log.warn('a tray app does not read; cut off');
      socket.destroy();
      return;
    }
    socket.write(line(frame));
  };
  const refuse = (code: string): void => {
    if (state === 'over') return;
    log.warn('a tray app was refused', { code });
    socket.end(line({ t: 'refused', code }));
    state = 'over';
  };

  async function prove(asked: Challenge): Promise<void> {
    const proven = await personBehind(asked);
    if (state !== 'proving') return;
    if (proven === null) {
      refuse('sender-refused');
      return;
    }
    person = proven;
    state = 'ready';
    clearTimeout(deadline);
    send({ t: 'ready', contract: CONTRACT_VERSION, agent: version, person: proven.name });
    detach = desk.attach(proven, (name, payload) => send({ t: 'event', name, payload }));
  }

  async function ask(id: number, name: string, input: unknown, by: Person): Promise<void> {
    if (open >= WIRE.asks) {
      send({ t: 'answer', id, reply: { ok: false, code: 'too-fast', detail: 'too many calls at once' } });
      return;
    }
    open += 1;
    try {
      const reply = await answer(name, input, by);
      send({ t: 'answer', id, reply: reply.ok ? reply : { ...reply, detail: reply.detail.slice(0, 300) } });
    } finally {
      open -= 1;
    }
  }

  function receive(frame: FromApp): void {
    if (frame.t === 'hello' && state === 'greeting') {
      if (frame.contract !== CONTRACT_VERSION) {
        refuse('version-unsupported');
        return;
      }
      challenge = challengeFor(proofs, frame.proofHome);
      if (challenge === null) {
        refuse('sender-refused');
        return;
      }
      state = 'proving';
      send({ t: 'prove', ...challenge });
    } else if (frame.t === 'proved' && state === 'proving' && challenge !== null) {
      const asked = challenge;
      challenge = null;
      void prove(asked);
    } else if (frame.t === 'ask' && state === 'ready' && person !== null) {
      void ask(frame.id, frame.name, frame.input, person);
    } else refuse('frame-out-of-turn');
  }

  const deadline = setTimeout(() => refuse('greeting-timeout'), WIRE.greetingMs);
  const read = lineReader(
    WIRE.lineFromApp,
    text => {
      if (state === 'over') return;
      const parsed = fromApp.safeParse(parse(text));
      if (parsed.success) receive(parsed.data);
      else refuse('frame-malformed');
    },
    () => refuse('frame-too-large'),
  );
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => read(chunk));
  // A lost app is an ordinary end; `close` follows.
  socket.on('error', () => undefined);
  socket.once('close', () => {
    state = 'over';
    clearTimeout(deadline);
    detach?.();
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
