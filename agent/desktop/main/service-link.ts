import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { fullJitter } from '../../../shared/base/backoff.ts';
import { isProblemCode } from '../../../shared/problem/codes.ts';
import { Problem } from '../../../shared/problem/problem.ts';
import { CONTRACT_VERSION, type Reply, type Service } from '../contract.ts';
import { type FromApp, lineReader, type ToApp, toApp, WIRE } from '../wire.ts';
import { serviceOf } from '../wiring.ts';

export type LinkState = 'connecting' | 'connected' | 'absent' | 'version-unsupported';

export interface ServiceLinkOptions {
  /** Sockets to try, in order (desktop/places.ts). */
  readonly paths: readonly string[];
  readonly version: string;
  /** Folder for proofs inside the profile; Windows only. */
  readonly proofHome?: string;
  readonly changed: (state: LinkState) => void;
  /** An event of the service, not checked yet. */
  readonly event: (name: string, payload: unknown) => void;
}

export interface ServiceLink {
  readonly state: LinkState;
  readonly service: Service;
  /** A call by its name, as the page made it. */
  ask(name: string, input: unknown): Promise<Reply<unknown>>;
  start(): void;
  stop(): void;
}

/** Longest wait for an answer: a call that starts checks answers at once, and hardly anything else takes long. */
const ANSWER_MS = 15_000;
/** A change of the device answers when it is done and the checks before and after it have answered too. */
const CHANGE_MS = 10 * 60_000;
const RETRY = { baseMs: 500, capMs: 10_000, floorMs: 200 } as const;

/** The app's side of the local socket: finds the service, proves whose app it is, asks and listens; comes back by itself. */
export function createServiceLink(options: ServiceLinkOptions): ServiceLink {
  let state: LinkState = 'connecting';
  let socket: Socket | null = null;
  let stopped = false;
  let attempt = 0;
  let nextId = 1;
  let retry: NodeJS.Timeout | null = null;
  const waiting = new Map<number, { resolve: (reply: Reply<unknown>) => void; timer: NodeJS.Timeout }>();

  function enter(next: LinkState): void {
    if (state === next) return;
    state = next;
    options.changed(next);
  }

  function failAll(code: string): void {
    for (const [id, { resolve, timer }] of waiting) {
      clearTimeout(timer);
      waiting.delete(id);
      resolve({ ok: false, code, detail: 'the service went away' });
    }
  }

  function open(): void {
    if (stopped) return;
    const path = options.paths.find(isTrustworthy);
    if (path === undefined) {
      enter('absent');
      again();
      return;
    }
    const mine = connect(path);
    socket = mine;
    const send = (frame: FromApp): void => {
      mine.write(`${JSON.stringify(frame)}\n`);
    };
    const read = lineReader(
      WIRE.lineToApp,
      text => {
        const parsed = toApp.safeParse(parse(text));
        if (parsed.success) receive(parsed.data, path, send, mine);
        else mine.destroy();
      },
      () => mine.destroy(),
    );
    mine.setEncoding('utf8');
    mine.on('data', (chunk: string) => read(chunk));
    mine.on('error', () => undefined);
    mine.once('connect', () => {
      const { proofHome } = options;
      send({
        t: 'hello',
        contract: CONTRACT_VERSION,
        app: options.version,
        ...(proofHome === undefined ? {} : { proofHome }),
      });
    });
    mine.once('close', () => {
      if (socket === mine) socket = null;
      failAll('service-unreachable');
      if (stopped) return;
      if (state !== 'version-unsupported') enter('absent');
      again();
    });
  }

  function again(): void {
    if (stopped || retry !== null) return;
    retry = setTimeout(
      () => {
        retry = null;
        open();
      },
      fullJitter(attempt, Math.random, RETRY),
    );
    attempt += 1;
  }

  function receive(frame: ToApp, path: string, send: (frame: FromApp) => void, from: Socket): void {
    switch (frame.t) {
      case 'prove':
        // SECURITY: a file is written only where proofs belong, so that nobody can have one written elsewhere.
        if (!isProofPlace(frame.file, path, options.proofHome)) {
          from.destroy();
          return;
        }
        try {
          mkdirSync(options.proofHome ?? dirname(frame.file), { recursive: true });
          // `wx`: only a new file is ours.
          writeFileSync(frame.file, frame.text, { flag: 'wx', mode: 0o600 });
        } catch {
          from.destroy();
          return;
        }
        send({ t: 'proved' });
        return;
      case 'ready':
        attempt = 0;
        enter('connected');
        return;
      case 'refused':
        if (frame.code === 'version-unsupported') enter('version-unsupported');
        return;
      case 'answer': {
        const one = waiting.get(frame.id);
        if (one === undefined) return;
        waiting.delete(frame.id);
        clearTimeout(one.timer);
        one.resolve(frame.reply);
        return;
      }
      case 'event':
        options.event(frame.name, frame.payload);
    }
  }

  function ask(name: string, input: unknown): Promise<Reply<unknown>> {
    const to = socket;
    if (to === null || state !== 'connected') {
      const code = state === 'version-unsupported' ? 'version-unsupported' : 'service-unreachable';
      return Promise.resolve({ ok: false, code, detail: 'not connected to the service' });
    }
    const id = nextId;
    nextId += 1;
    return new Promise(resolve => {
      const timer = setTimeout(
        () => {
          waiting.delete(id);
          resolve({ ok: false, code: 'service-unreachable', detail: 'no answer in time' });
        },
        name === 'device.run' ? CHANGE_MS : ANSWER_MS,
      );
      waiting.set(id, { resolve, timer });
      to.write(`${JSON.stringify({ t: 'ask', id, name, input } satisfies FromApp)}\n`);
    });
  }

  return {
    get state() {
      return state;
    },
    service: serviceOf(ask, (code, detail) => new Problem(isProblemCode(code) ? code : 'internal', detail)),
    ask,
    start: open,
    stop() {
      stopped = true;
      if (retry !== null) clearTimeout(retry);
      socket?.destroy();
    },
  };
}

/**
 * SECURITY: on Linux and macOS the socket must belong to root or to this very person; another account's program could
 * otherwise play the service to us. On Windows the first to open a pipe's name owns it, and the service opens it at boot.
 */
function isTrustworthy(path: string): boolean {
  if (process.platform === 'win32') return true;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isSocket() === true && (stats.uid === 0 || stats.uid === process.getuid?.());
}

function isProofPlace(file: string, socketPath: string, proofHome: string | undefined): boolean {
  if (!/^[0-9a-f]{32}$/.test(basename(file))) return false;
  return dirname(file) === (proofHome ?? join(dirname(socketPath), 'proof'));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
