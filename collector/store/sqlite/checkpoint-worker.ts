import { setPriority } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

// On Linux a thread has a priority of its own (setpriority(2), "NPTL"): moving pages gives way to the event loop where both
// share a core. Elsewhere this would slow the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(5);
  } catch {
    // A convenience: it works without.
  }
}

/* The thread of checkpoints.ts: one PASSIVE checkpoint for each `round`, until `end`. */

const port = parentPort;
const path: unknown = workerData?.path;
if (port === null || typeof path !== 'string') throw new Error('this file runs as the checkpoint thread');

const connection = new DatabaseSync(path, { timeout: 0 });
connection.exec('PRAGMA synchronous = NORMAL');
connection.exec('PRAGMA wal_autocheckpoint = 0');
if (process.platform === 'darwin') connection.exec('PRAGMA checkpoint_fullfsync = 1');
const checkpoint = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)');

port.on('message', (message: unknown) => {
  if (message === 'end') {
    connection.close();
    port.close();
    return;
  }
  let failed: string | null = null;
  try {
    checkpoint.get();
  } catch (error) {
    failed =
      error instanceof Error && 'errcode' in error ? `result code ${String(error.errcode)}` : 'unknown';
  }
  port.postMessage({ failed });
});
