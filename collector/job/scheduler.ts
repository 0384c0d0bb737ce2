import { type Problem, toProblem } from '../../shared/problem/problem.ts';

/** One background job. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** The first run comes after this; left out: after a random share of the period, so that jobs do not start together. */
  readonly firstMs?: number;
  run(): Promise<void>;
}

export interface SchedulerOptions {
  readonly random: () => number;
  readonly onDone: (job: string, ms: number) => void;
  readonly onFailed: (job: string, problem: Problem) => void;
}

/** Share of the period by which each run is moved either way. */
const JITTER = 0.1;

/**
 * Runs jobs for ever: never two runs of one job at once, a failure (of the first run too) is reported and the next run comes
 * as planned. `stop` waits for what is running.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(jobs: readonly Job[]): void {
    for (const job of jobs) this.#plan(job, job.firstMs ?? job.everyMs * this.#options.random());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    await Promise.all(this.#running.values());
  }

  #plan(job: Job, delayMs: number): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      const run = this.#run(job).then(() => {
        this.#running.delete(job.name);
        this.#plan(job, job.everyMs * (1 - JITTER + 2 * JITTER * this.#options.random()));
      });
      this.#running.set(job.name, run);
    }, delayMs);
    timer.unref();
    this.#timers.set(job.name, timer);
  }

  async #run(job: Job): Promise<void> {
    const started = performance.now();
    try {
      await job.run();
      this.#options.onDone(job.name, performance.now() - started);
    } catch (error) {
      this.#options.onFailed(job.name, toProblem(error));
    }
  }
}
