import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createConnection } from 'mongoose';
import { freePort } from './collector.ts';
import { until } from './process.ts';

/** A database server of the bench's own. */
export interface DatabaseServer {
  readonly pid: number;
  url(database: string): string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A replica set of one, on both cores as everything else on the machine. */
export async function startMongod(program: string, folder: string, log: string): Promise<DatabaseServer> {
  const port = await freePort();
  const out = openSync(log, 'a');
  const child = spawn(
    program,
    [
      ...['--replSet', 'bench', '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'],
      ...['--dbpath', folder, '--wiredTigerCacheSizeGB', '1', '--quiet'],
    ],
    { stdio: ['ignore', out, out] },
  );
  running.add(child);
  const ended = new Promise<void>(resolve => {
    child.once('exit', () => {
      running.delete(child);
      resolve();
    });
  });
  const connection = createConnection(`mongodb://127.0.0.1:${port}/admin?directConnection=true`, {
    serverSelectionTimeoutMS: 30_000,
  });
  const { db } = await connection.asPromise();
  await db?.command({ replSetInitiate: { _id: 'bench', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
  let primary = false;
  void (async () => {
    while (!primary) primary = (await db?.command({ hello: 1 }))?.isWritablePrimary === true;
  })();
  await until(() => primary, 30_000, 'a primary');
  await connection.close();
  return {
    pid: child.pid ?? 0,
    url: database => `mongodb://127.0.0.1:${port}/${database}?replicaSet=bench`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
