import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { eventually } from '../../support/eventually.ts';
import { closeAtEnd, temporaryFolder } from '../../support/teardown.ts';
import { TrayItem } from './bus.ts';
import { appEnvironment } from './environment.ts';

export interface StartOptions {
  readonly program: string;
  /** Folder of the service's socket; left out: one where no service is. */
  readonly desk?: string;
  readonly home?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A packaged app, started as a person's session starts it and seen only from outside. */
export class PackagedApp {
  readonly pid: number;
  readonly home: string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(child: ChildProcess, home: string) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.home = home;
    const keep = (part: Buffer): void => {
      this.#said += part.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.ended = new Promise(resolve => {
      child.once('error', () => resolve(null));
      child.once('exit', (code, signal) => resolve(code ?? signal));
    });
  }

  /** Ended at the end of the test file at the latest. */
  static start(options: StartOptions): PackagedApp {
    const {
      program,
      desk = temporaryFolder('desk'),
      home = temporaryFolder('home'),
      args = [],
      env,
    } = options;
    // As root Chromium's sandbox cannot be set up; the argument is the harness's, never the product's.
    const child = spawn(program, [...args, '--no-sandbox', '--disable-gpu'], {
      env: appEnvironment(desk, home, env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const app = new PackagedApp(child, home);
    closeAtEnd(() => app.kill());
    return app;
  }

  /** Everything it wrote. */
  get said(): string {
    return this.#said;
  }

  get over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Its icon: there once the app itself has started. */
  async tray(): Promise<TrayItem> {
    return await TrayItem.of(this.pid);
  }

  /** TCP ports that it or a process of its own listens on. */
  listening(): readonly number[] {
    const family = [this.pid, ...descendants(this.pid)];
    const inodes = new Set(family.flatMap(socketInodes));
    return ['tcp', 'tcp6'].flatMap(table =>
      readFileSync(`/proc/net/${table}`, 'utf8')
        .split('\n')
        .slice(1)
        .flatMap(line => {
          const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
          // 0A is LISTEN (include/net/tcp_states.h).
          return state === '0A' && inodes.has(inode) ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : [];
        }),
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What the organisation installed does not end when it is asked to. */
  async kill(): Promise<void> {
    if (!this.over) this.#child.kill('SIGKILL');
    await this.ended;
  }

  /**
   * What came of it: `marked` once the file `mark` is there, `running` once its icon is (the app itself has started by then),
   * `ended` when it is over with neither.
   */
  async outcome(mark: string): Promise<'marked' | 'running' | 'ended'> {
    return await eventually(
      async () => {
        if (existsSync(mark)) return 'marked';
        if (this.over) return existsSync(mark) ? 'marked' : 'ended';
        return (await TrayItem.find(this.pid)) === null ? null : 'running';
      },
      { what: `mark, icon or end of process ${this.pid}`, withinMs: 60_000, state: () => this.#said },
    );
  }
}

function descendants(pid: number): readonly number[] {
  const parents = readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // After the name in brackets: state, parent (proc(5)).
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      return [[Number(name), Number(parent)] as const];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
  const below = (of: number): number[] =>
    parents.filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)]);
  return below(pid);
}

function socketInodes(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
