import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { Gate } from './database.ts';
import type { StoreLog } from './row.ts';

/*
 * Moving the write-ahead log into the database file, off the event loop.
 *
 * A checkpoint reads pages from the log, writes them into the database file and syncs both; on the main thread that is a
 * stall of as long as the disk takes. A worker thread with its own connection does it instead, PASSIVE, so that it never
 * blocks the writer. The log starts again from its beginning only when a checkpoint has covered every frame
 * (https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files), and under constant writing new frames always
 * arrive meanwhile. So when the log has grown large, the last and short round is run while writes are held at the gate:
 * they wait, the event loop does not.
 */

/** Frames not yet checkpointed that are worth a round: 4 MiB. */
const ROUND_FRAMES = 1024;
/** Above this length of the log writes are held for the last round: 64 MiB. */
const LONG_FRAMES = 16384;
/** What may be left for the round that holds writes (under a megabyte, some milliseconds); more gets another free round first. */
const SHORT_FRAMES = 192;
const FREE_ROUNDS = 8;

interface Round {
  readonly frames: number;
  readonly done: number;
}

export interface Checkpoints {
  /** Called after writes: starts a round when enough has gathered. */
  look(): void;
  stop(): Promise<void>;
}

export function startCheckpoints(
  path: string,
  connection: DatabaseSync,
  gate: Gate,
  log: StoreLog,
): Checkpoints {
  connection.exec('PRAGMA wal_autocheckpoint = 0');
  // NOOP only counts (SQLite 3.51 and later).
  const count = connection.prepare('PRAGMA wal_checkpoint(NOOP)');
  const worker = new Worker(workerFile(), {
    workerData: { path },
    stdin: false,
  });
  worker.unref();
  let busy = false;
  let rounds = 0;
  let holding = false;
  let ended = false;
  let whenIdle: (() => void) | null = null;

  function left(): Round {
    const row = count.get();
    return { frames: Number(row?.log ?? 0), done: Number(row?.checkpointed ?? 0) };
  }

  function finish(): void {
    busy = false;
    rounds = 0;
    if (holding) {
      holding = false;
      gate.open();
    }
    whenIdle?.();
  }

  worker.on('message', (answer: { readonly failed: string | null }) => {
    if (answer.failed !== null) {
      log.warn('checkpoint failed, the write-ahead log goes on growing', { reason: answer.failed });
      finish();
      return;
    }
    rounds += 1;
    const { frames, done } = left();
    if (holding || ended || frames < LONG_FRAMES || frames === done) {
      finish();
      return;
    }
    if (frames - done <= SHORT_FRAMES || rounds > FREE_ROUNDS) {
      holding = true;
      gate.shut();
    }
    worker.postMessage('round');
  });

  function fallBack(reason: string): void {
    if (ended) return;
    ended = true;
    log.warn('checkpoint thread ended, checkpoints run between writes instead', { reason });
    connection.exec('PRAGMA wal_autocheckpoint = 1000');
    finish();
  }
  worker.on('error', error => fallBack(error instanceof Error ? error.name : 'unknown'));
  worker.on('exit', () => fallBack('exit'));

  return {
    look() {
      if (busy || ended) return;
      const { frames, done } = left();
      if (frames - done < ROUND_FRAMES) return;
      busy = true;
      worker.postMessage('round');
    },

    async stop() {
      if (ended) return;
      ended = true;
      if (busy) {
        await new Promise<void>(resolve => {
          whenIdle = resolve;
        });
      }
      // The worker closes its connection and ends by itself; terminating it in the middle of a write would be untidy.
      await new Promise<void>(resolve => {
        worker.once('exit', () => resolve());
        worker.ref();
        worker.postMessage('end');
      });
    },
  };
}

/** The worker beside this file: TypeScript in a checkout, JavaScript in a bundle. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./checkpoint-worker.${extension}`, import.meta.url);
}
