/**
 * The collector process: settings from the environment, log lines on standard error, and on standard output one JSON line
 * once it listens: `{"url", "port", "firstAdmin"?: {"user", "password"}}` (the one-time password only at the very first
 * start). `migrate`, `backup` and `restore` (store/transfer) do their work instead and print one JSON line, what was copied
 * by table. Ends with status 1 and a sentence when it cannot start, 0 after SIGINT or SIGTERM.
 */
import { performance } from 'node:perf_hooks';
import pino from 'pino';
import { toProblem } from '../shared/problem/problem.ts';
import { tell } from '../shared/problem/tell.ts';
import { startCollector } from './collector.ts';
import { ensureFirstAdmin } from './http/first-admin.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { readSettings, settingsTable } from './settings/settings.ts';
import { openStore } from './store/open.ts';
import { isTransferCommand, runTransfer, TRANSFER_USAGE } from './store/transfer/commands.ts';
import { VERSION } from './version.ts';

const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs: number, run: () => void) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Longest a stop may take before the process ends anyway: systemd and MDMs kill after 10 s or more. */
const STOP_MS = 8000;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(
      `Trayline collector ${VERSION}. Without a command it listens.\n${TRANSFER_USAGE}\nSettings come from the environment:\n\n${settingsTable()}\n`,
    );
    return;
  }
  if (process.argv.includes('--version')) {
    process.stdout.write(`${VERSION}\n`);
    return;
  }
  const [, , command, ...args] = process.argv;
  if (isTransferCommand(command)) {
    const log = createLog({ level: 'warn', destination: pino.destination({ dest: 2, sync: true }) });
    const tally = await runTransfer(command, args, {
      log,
      env: process.env,
      settings: () => {
        const { store, dataDir } = readSettings(process.env);
        return { store, dataDir };
      },
      tell: what => process.stderr.write(`${command}: ${what}\n`),
    });
    process.stdout.write(`${JSON.stringify(tally)}\n`);
    return;
  }
  const settings = readSettings(process.env);
  const log = createLog({
    level: settings.logLevel,
    destination: pino.destination({ dest: 2, sync: false }),
  });
  const store = await openStore({ store: settings.store, dataDir: settings.dataDir }, log);
  const firstAdmin = await ensureFirstAdmin(store, { clock });
  const metrics = createMetrics({ version: VERSION, process: true });
  const collector = await startCollector({ settings, store, log, metrics, clock }).catch(
    async (error: unknown) => {
      await store.close();
      throw error;
    },
  );

  const stop = (): void => {
    const deadline = setTimeout(() => {
      log.error('shutdown took too long');
      process.exit(1);
    }, STOP_MS);
    collector.stop().then(
      () => clearTimeout(deadline),
      (error: unknown) => {
        log.error({ err: toProblem(error) }, 'shutdown failed');
        process.exitCode = 1;
        clearTimeout(deadline);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);

  // Last of all: whoever reads it may want the collector to stop at once, and properly.
  const ready = { url: collector.url, port: collector.port, ...(firstAdmin === null ? {} : { firstAdmin }) };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

main().catch((error: unknown) => {
  const problem = toProblem(error);
  const { what, next } = tell(problem.code, 'en');
  process.stderr.write(`trayline collector: ${what} ${next}\n  ${problem.code}: ${problem.detail}\n`);
  if (problem.code === 'internal')
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
