import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createConnection } from 'mongoose';
import { mongod } from '../../build/runtime/mongod.ts';
import { eventually } from './eventually.ts';
import { closeAtEnd, temporaryFolder } from './teardown.ts';

/** The mongod of the tests, or null where there is none; in CI that is a failure. What runs is told. */
export async function findMongod(): Promise<string | null> {
  const runtime = await mongod();
  if ('path' in runtime) {
    console.log(`${runtime.version} (${runtime.path})`);
    return runtime.path;
  }
  if (process.env.CI !== undefined) throw new Error(runtime.missing);
  console.warn(`left out: ${runtime.missing}`);
  return null;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/** One real mongod on a free loopback port with a folder of its own. */
export class Mongod {
  readonly port: number;
  readonly #program: string;
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;

  private constructor(program: string, port: number, folder: string, args: readonly string[]) {
    this.#program = program;
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  /** `place`: where its folder is made; left out: among the temporary ones. */
  static async start(program: string, args: readonly string[], place?: string): Promise<Mongod> {
    const folder = place === undefined ? temporaryFolder('mongod') : join(place, 'mongod');
    mkdirSync(join(folder, 'db'), { recursive: true });
    const server = new Mongod(program, await freePort(), folder, args);
    closeAtEnd(() => server.stop());
    await server.launch();
    return server;
  }

  /** Starts it (again) on the same port and folder; resolves when it answers. */
  async launch(): Promise<void> {
    const log = openSync(join(this.#folder, 'mongod.log'), 'a');
    const child = spawn(
      this.#program,
      [
        ...[
          '--port',
          String(this.port),
          '--bind_ip',
          '127.0.0.1',
          '--nounixsocket',
          '--dbpath',
          join(this.#folder, 'db'),
        ],
        ...['--wiredTigerCacheSizeGB', '0.5', '--setParameter', 'diagnosticDataCollectionEnabled=false'],
        // For failures made on purpose (failCommand).
        ...['--setParameter', 'enableTestCommands=1', ...this.#args],
      ],
      { stdio: ['ignore', log, log] },
    );
    // The server has its own by now.
    closeSync(log);
    running.add(child);
    let over = false;
    child.once('exit', () => {
      over = true;
      running.delete(child);
    });
    this.#child = child;
    await eventually(
      async () => {
        if (over) return true;
        await this.command({ ping: 1 });
        return true;
      },
      { what: 'mongod answers', withinMs: 60_000, state: () => this.log().slice(-2000) },
    );
    if (over) throw new Error(`mongod ended: ${this.log().slice(-2000)}`);
  }

  log(): string {
    return readFileSync(join(this.#folder, 'mongod.log'), 'utf8');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get over(): boolean {
    const child = this.#child;
    return child === null || child.exitCode !== null || child.signalCode !== null;
  }

  /** Asks this very server, whatever its part in the replica set. */
  async command(command: Record<string, unknown>, database = 'admin'): Promise<Record<string, unknown>> {
    const connection = createConnection(
      `mongodb://127.0.0.1:${this.port}/${database}?directConnection=true`,
      {
        serverSelectionTimeoutMS: 1000,
        connectTimeoutMS: 1000,
        autoCreate: false,
        autoIndex: false,
      },
    );
    connection.on('error', () => undefined);
    try {
      const { db } = await connection.asPromise();
      return (await db?.command(command)) ?? {};
    } finally {
      await connection.close(true);
    }
  }

  async signal(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null || this.over) return;
    const ended = new Promise(resolve => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** SIGKILL; resolves when it is gone. */
  kill9(): Promise<void> {
    return this.signal('SIGKILL');
  }

  stop(): Promise<void> {
    return this.signal('SIGKILL');
  }
}

export interface ReplicaSetOptions {
  /** Where the folders are made; left out: among the temporary ones. Only for a set of one. */
  readonly place?: string;
  /** The port by which others reach a server; left out: its own. */
  readonly reachedAt?: (port: number) => Promise<number>;
}

/** A replica set of real servers, with the settings MongoDB ships. */
export class ReplicaSet {
  readonly members: readonly Mongod[];
  readonly #hosts: readonly string[];

  private constructor(members: readonly Mongod[], hosts: readonly string[]) {
    this.members = members;
    this.#hosts = hosts;
  }

  static async start(
    program: string,
    size = 1,
    args: readonly string[] = [],
    { place, reachedAt = async port => port }: ReplicaSetOptions = {},
  ): Promise<ReplicaSet> {
    const members = await Promise.all(
      Array.from({ length: size }, () => Mongod.start(program, ['--replSet', 'trayline', ...args], place)),
    );
    const ports = await Promise.all(members.map(({ port }) => reachedAt(port)));
    const hosts = ports.map(port => `127.0.0.1:${port}`);
    const set = new ReplicaSet(members, hosts);
    await members[0]?.command({
      replSetInitiate: { _id: 'trayline', members: hosts.map((host, _id) => ({ _id, host })) },
    });
    await set.primary();
    return set;
  }

  url(database: string): string {
    return `mongodb://${this.#hosts.join(',')}/${database}?replicaSet=trayline`;
  }

  /** The primary, once there is one. */
  primary(): Promise<Mongod> {
    return eventually(
      async () => {
        for (const member of this.members) {
          const hello = await member.command({ hello: 1 }).catch(() => null);
          if (hello?.isWritablePrimary === true) return member;
        }
        return null;
      },
      { what: 'a primary', withinMs: 60_000 },
    );
  }
}
