import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ApiClient } from './api-client.ts';
import { type Child, ROOT, startChild } from './child.ts';
import { eventually } from './eventually.ts';
import { readStored, type Stored } from './stored.ts';
import { temporaryFolder } from './teardown.ts';

const readyLine = z.object({
  url: z.string(),
  port: z.number().int(),
  firstAdmin: z.object({ user: z.string(), password: z.string() }).optional(),
});

export interface CollectorOptions {
  /** Beside port, host and data folder; e.g. `{TRAYLINE_ADMISSION: 'off'}`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  /** Can its wall clock be moved (`moveClock`)? */
  readonly clockMoves?: boolean;
}

/** A real collector process, `node collector/main.ts`, on a free loopback port and a folder of its own. */
export class CollectorProcess {
  readonly dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  /** Holds by how much its clock is off; null: it cannot be moved. */
  readonly #clockFile: string | null;
  #child: Child;
  #url = '';
  #port = 0;
  #logBefore = '';
  /** Signed in with a password of their own. */
  admin: ApiClient = new ApiClient('');

  private constructor(
    dataDir: string,
    { env, clockMoves }: { env: Readonly<Record<string, string>>; clockMoves: boolean },
  ) {
    this.dataDir = dataDir;
    this.#env = env;
    this.#clockFile = clockMoves ? join(temporaryFolder('clock'), 'off') : null;
    if (this.#clockFile !== null) writeFileSync(this.#clockFile, '0');
    this.#child = this.#launch();
  }

  static async start({
    env = {},
    dataDir = temporaryFolder('data'),
    clockMoves = false,
  }: CollectorOptions): Promise<CollectorProcess> {
    const collector = new CollectorProcess(dataDir, { env, clockMoves });
    const { firstAdmin } = await collector.#ready();
    if (firstAdmin !== undefined) collector.admin = await ApiClient.firstAdmin(collector.url, firstAdmin);
    return collector;
  }

  #launch(): Child {
    const clock = this.#clockFile;
    return startChild({
      script: 'collector/main.ts',
      ...(clock === null
        ? {}
        : { nodeArgs: ['--import', join(ROOT, 'test', 'support', 'moved-clock-process.ts')] }),
      env: {
        ...(clock === null ? {} : { MOVED_CLOCK_FILE: clock }),
        TRAYLINE_HOST: '127.0.0.1',
        TRAYLINE_DATA_DIR: this.dataDir,
        TRAYLINE_PORT: String(this.#port),
        ...this.#env,
      },
    });
  }

  async #ready(): Promise<z.infer<typeof readyLine>> {
    const ready = readyLine.parse(JSON.parse(await this.#child.firstLine()));
    this.#url = ready.url;
    this.#port = ready.port;
    return ready;
  }

  get url(): string {
    return this.#url;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get over(): boolean {
    return this.#child.over();
  }

  /** Everything every process of this collector has logged. */
  log(): string {
    return this.#logBefore + this.#child.log();
  }

  /** Log lines (JSON objects) that name this problem code. */
  linesOf(code: string): { device: string | null; level: string }[] {
    return this.log()
      .split('\n')
      .flatMap(text => {
        if (!text.startsWith('{')) return [];
        const line = z
          .object({ code: z.string(), level: z.string(), device: z.string().nullable().default(null) })
          .safeParse(JSON.parse(text)).data;
        return line?.code === code ? [line] : [];
      });
  }

  /**
   * Sets its wall clock off by so many milliseconds from ours, which also holds after a restart; resolves when it goes by it.
   * Only with `clockMoves`.
   */
  async moveClock(offMs: number): Promise<void> {
    if (this.#clockFile === null) throw new Error('this clock cannot be moved');
    const line = `clock moved by ${offMs} ms`;
    const before = this.#child.log().split(line).length;
    writeFileSync(this.#clockFile, String(offMs));
    this.#child.signal('SIGUSR2');
    await eventually(() => this.#child.log().split(line).length > before, { what: line });
  }

  /** SIGKILL: nothing is finished, nothing is said. */
  kill9(): Promise<void> {
    return this.#child.kill9();
  }

  /** SIGTERM; fails when it does not end by itself with status 0. */
  async stop(): Promise<void> {
    if (this.#child.over()) return;
    const code = await this.#child.stop();
    if (code !== 0) throw new Error(`the collector ended with ${code}; log:\n${this.log().slice(-4000)}`);
  }

  /** The same folder and port again; the process before must be over. */
  async restart(): Promise<void> {
    if (!this.#child.over()) throw new Error('the collector still runs');
    this.#logBefore += this.#child.log();
    this.#child = this.#launch();
    await this.#ready();
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  /** How often a problem was counted, everywhere together. */
  async problems(code: string): Promise<number> {
    const found = (await this.metrics()).matchAll(
      new RegExp(`^trayline_problems_total\\{[^}]*code="${code}"[^}]*\\} (\\S+)$`, 'gm'),
    );
    return [...found].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** Resident memory in MiB, from /proc; null where that cannot be told. */
  residentMiB(): number | null {
    try {
      const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
      return found === null ? null : Number(found[1]) / 1024;
    } catch {
      return null;
    }
  }

  /** What is on disk, after the process is over. */
  stored(): Stored {
    if (!this.#child.over()) throw new Error('stop the collector first');
    return readStored(this.dataDir);
  }
}

/** Starts a collector with an administrator signed in; ended at the end of the test file at the latest. */
export function startCollector(options: CollectorOptions = {}): Promise<CollectorProcess> {
  return CollectorProcess.start(options);
}
